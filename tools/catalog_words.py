"""tools/catalog_words.py - the sentences of a generated app file: what the app is, what a field holds and where it is
found, what a refusal means. Built from the kind of field and what is known of it; nothing is copied from anywhere.
"""
import re

import catalog_links as links

# ------------------------------------------------------------------------------------------------ what the app is

# category: (words that the facts use for it, what such an app deals with)
CATEGORIES = {
    "accounting": ("accounting invoicing finance-accounting proposal-invoice-management bookkeeping",
                   "invoices, expenses and books"),
    "analytics": ("analytics data-analytics analytics-data business-intelligence data-analysis data data-science",
                  "events, reports and metrics"),
    "artificial-intelligence": (
        "artificial-intelligence ai ai-machine-learning machine-learning ai-chatbot chatbot-development "
        "conversational-ai ai-automation ai-aggregator ai-content-generation ai-agentic-browser-automation",
        "AI models and agents"),
    "audio": ("audio voice text-to-speech ai-voice-generator podcasts", "speech and sound"),
    "automation": ("automation workflow-automation integration api-integration no-code-development no-code-tools "
                   "job-scheduling creative-automation", "workflows and automation"),
    "cloud": ("cloud backend-as-a-service mobile-backend web-backend", "cloud infrastructure"),
    "cms": ("cms content-management-system headless-cms", "content of websites"),
    "communication": ("communication messaging communication-tools collaboration-communication",
                      "messages, calls and chats"),
    "community": ("community", "communities and their members"),
    "compliance": ("compliance security-compliance risk-management audit-management", "compliance and risk"),
    "crm": ("crm contact-management customer-relationship-management", "contacts, companies and deals"),
    "crypto": ("crypto cryptocurrency blockchain", "crypto assets and chains"),
    "databases": ("databases database-management", "stored data"),
    "data-enrichment": ("data-enrichment data-validation address-verification", "checking and completing of data"),
    "design": ("design design-creative-tools ad-makers visual-content-generation", "designs and their files"),
    "developer-tools": ("developer-tools dev-tools api-services api apis developer-tools-devops web-development "
                        "continuous-integration continuous-delivery mobile-development", "tools for developers"),
    "documents": ("documents content-files document-file-management document-management document-processing "
                  "document-generation printing text proposals", "documents and files"),
    "e-commerce": ("e-commerce e-commerce-tools e-commerce-integration order-management inventory-management",
                   "orders, products and stock"),
    "education": ("education-technology online-courses education digital-credentials", "courses and learners"),
    "email": ("email email-verification", "email"),
    "email-marketing": ("email-marketing", "mailing lists and campaigns"),
    "erp": ("erp business-management", "business processes and resources"),
    "events": ("event-management events", "events and attendees"),
    "finance": ("finance banking", "accounts, transactions and financial data"),
    "forms": ("form-backend form-builder data-collection", "forms and their answers"),
    "fundraising": ("fundraising", "donations and donors"),
    "games": ("gaming games", "games and players"),
    "health": ("health", "patients and their care"),
    "hospitality": ("hospitality", "guests and stays"),
    "hr": ("hr human-resources hr-workforce", "employees and time off"),
    "identity": ("iam security-identity-tools", "users, access and identity"),
    "images": ("images image-processing image-generation screenshots", "images"),
    "insurance": ("insurance", "policies and claims"),
    "it-management": ("it-operations administration internet-of-things-iot iot", "devices and IT operations"),
    "knowledge-base": ("knowledge-base", "shared knowledge"),
    "lead-generation": ("lead-generation sales-prospecting b2b-sales-intelligence", "leads and prospects"),
    "legal": ("legal", "legal matters and contracts"),
    "logistics": ("transportation public-transit shipping logistics", "shipments and transport"),
    "maps": ("maps location geolocation", "maps and places"),
    "marketing": ("marketing marketing-automation advertising link-management url-shortening customer-engagement "
                  "user-engagement qr-codes proximity-marketing direct-mail-automation", "campaigns and audiences"),
    "media": ("media", "media and their metadata"),
    "monitoring": ("monitoring", "checks, alerts and incidents"),
    "news": ("news", "news and articles"),
    "notes": ("notes", "notes"),
    "payments": ("payments payment-processing subscriptions", "payments and customers"),
    "productivity": ("productivity collaboration", "daily work of teams"),
    "project-management": ("project-management productivity-project-management product-management",
                           "projects and tasks"),
    "real-estate": ("real-estate property-management", "properties and tenants"),
    "recruiting": ("ats recruitment hr-recruiting video-interviewing", "jobs and candidates"),
    "research": ("research books environmental-data climate-intelligence", "data for research"),
    "sales": ("sales sales-automation sales-engagement", "sales and outreach"),
    "scheduling": ("scheduling scheduling-booking appointment-scheduling field-service-management",
                   "appointments and bookings"),
    "search": ("search", "search results"),
    "security": ("security", "threats and protection"),
    "seo": ("seo search-engine-optimization", "rankings in search engines"),
    "signatures": ("signatures", "documents to be signed"),
    "social-media": ("social social-media marketing-social-media", "posts and followers"),
    "sports": ("sports", "sports data"),
    "storage": ("storage", "stored files"),
    "support": ("support ticketing customer-support sales-customer-support", "tickets and conversations"),
    "surveys": ("surveys survey-tools customer-feedback", "surveys and their answers"),
    "time-tracking": ("time-tracking", "working time"),
    "video": ("video video-subtitling captioning subtitle-translation", "videos"),
    "weather": ("weather", "weather data"),
    "web-scraping": ("web-scraping data-extraction search-scraping browser-automation web-automation browser",
                     "data taken from websites"),
}
OURS = {word: ours for ours, (words, _) in CATEGORIES.items() for word in words.split()}


def categories(words):
    """Our categories for theirs, at most three, in their order; `other` when none is known."""
    found = []
    for word in words:
        ours = word if word in CATEGORIES else OURS.get(word)
        if ours and ours not in found:
            found.append(ours)
    return found[:3] or ["other"]


def about(facts):
    """One sentence: the one that came with the facts, or what apps of these categories deal with."""
    if facts.get("about"):
        return facts["about"]
    known = [CATEGORIES[c][1] for c in categories(facts["categories"])[:2] if c in CATEGORIES]
    if not known:
        return f"An online service, reached through the API of {facts['name']}."
    if len(known) == 2 and " and " in known[0]:
        return sentence(f"{known[0]}, along with {known[1]}")
    return sentence(" and ".join(known))


def sentence(text):
    return text[0].upper() + text[1:] + ("" if text[-1] in ".!?" else ".")


# --------------------------------------------------------------------------------------------------------- labels

KEPT = re.compile(r"[A-Z].*[A-Z]|[0-9.&/()+]|^I$")


def label(text, app_name):
    """The vendor's word in sentence case; abbreviations and the app's own name stay as they are."""
    own = {w.strip("()").lower() for w in app_name.split()} | {"odata", "entra", "microsoft", "azure", "atlas", "sap"}
    words = text.replace("_", " ").replace("Enrivonment", "Environment").split()
    out = []
    for i, word in enumerate(words):
        upper = {"api": "API", "url": "URL", "id": "ID", "uri": "URI", "oauth": "OAuth", "pem": "PEM", "tls": "TLS",
                 "json": "JSON", "http": "HTTP", "ip": "IP", "dns": "DNS"}.get(word.lower())
        if upper:
            out.append(upper)
        elif word.lower() in own or KEPT.search(word):
            out.append(word)
        else:
            out.append(word if i == 0 else word.lower())
    text = " ".join(out)
    return text[0].upper() + text[1:]


# ----------------------------------------------------------------------------------------------------------- help

def begins(field):
    """The fixed beginning that a pattern or an example gives away, at least three characters with a mark in it."""
    found = re.match(r"\^([A-Za-z0-9]+[-_.:]?(?:[A-Za-z0-9]+[-_])?)(?=[\[(.\\]|$)", field.get("pattern", ""))
    head = found.group(1) if found else ""
    if re.match(r"\^\(([a-z]+(\|[a-z]+)+)\)_", field.get("pattern", "")):
        both = re.match(r"\^\(([a-z|]+)\)", field["pattern"]).group(1).split("|")
        return "_ or ".join(both) + "_"
    return head if len(head) >= 3 and re.search(r"[-_.:]$|^eyJ$|^[A-Z]{3,}", head) else ""


SET_NAMES = {"0-9": "digits", "0-9a-f": "hexadecimal digits", "a-f0-9": "hexadecimal digits",
             "a-fA-F0-9": "hexadecimal digits", "0-9a-fA-F": "hexadecimal digits", "A-Fa-f0-9": "hexadecimal digits",
             "A-Za-z0-9": "letters and digits", "a-zA-Z0-9": "letters and digits", "0-9A-Za-z": "letters and digits",
             "A-Z0-9": "capitals and digits", "a-z0-9": "small letters and digits"}
HEX_WORD = r"\[(?:0-9a-f|a-f0-9|0-9a-fA-F|a-fA-F0-9)\]"
UUID = re.compile(rf"^\^{HEX_WORD}\{{8\}}-{HEX_WORD}\{{4\}}-{HEX_WORD}\{{4\}}-{HEX_WORD}\{{4\}}-{HEX_WORD}\{{12\}}\$$")


def shape(field):
    """What a key looks like, as a sentence with a blank before it, or nothing."""
    head, pattern = begins(field), field.get("pattern", "")
    if head:
        return f" Begins with {head}."
    whole = re.fullmatch(r"\^\[([^\]]+)\]\{(\d+)\}\$", pattern)
    if whole and whole.group(1) in SET_NAMES:
        return f" It has {whole.group(2)} {SET_NAMES[whole.group(1)]}."
    if UUID.match(pattern):
        return " It has the form of a UUID, xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx."
    return ""


COUNTED = re.compile(r"^(\d+) (?:(hex|alphanumeric|upper-case|lower-case) )?(?:characters|letters)(-\w+)?$")
PROSE = re.compile(r"(?i)\b(characters?|digits|letters|alphanumeric|hex|string|example of)\b|, ")


def example_of(field):
    """A shape to show in the input; none for a choice, where the values are to be seen."""
    if field.get("kind") == "choice" or field.get("values") or field.get("enum"):
        return None
    counted = COUNTED.match(field.get("example_format", ""))
    if counted:
        letter = "X" if counted.group(2) == "upper-case" else "x"
        return letter * int(counted.group(1)) + (counted.group(3) or "")
    if field.get("example_format") and not PROSE.search(field["example_format"]):
        return field["example_format"]
    head = begins(field).split(" or ")[0]
    return head + "xxxxxxxx" if head and field.get("secret") else None


MADE = "Made in your {app} account, as a rule under API or Developers in its settings."

PLAIN = {
    "username": "The name you sign in to {app} with.",
    "user_name": "The name you sign in to {app} with.",
    "user_agent": "How calls introduce themselves to {app}: the name of your program, with an address to reach you.",
    "user_id": "Identifier of your user in {app}.",
    "email": "The email address of your {app} account.",
    "user_email": "The email address of your {app} user.",
    "account_id": "Identifier of your {app} account, shown in its settings or in the address bar.",
    "account_name": "The name of your {app} account as it stands in the address.",
    "account_number": "The number of your {app} account.",
    "app_id": "Identifier of the application in {app}, shown beside its key.",
    "application_id": "Identifier of the application in {app}, shown beside its key.",
    "api_version": "The version of the {app} API that requests are made for.",
    "version": "The version of the {app} API that requests are made for.",
    "client_id": "Identifies the API client; {app} shows it together with its secret.",
    "company_id": "Identifier of your company in {app}.",
    "consumer_key": "Identifies the application that you registered with {app}.",
    "customer_id": "Identifier of your customer account in {app}.",
    "database": "The name of the database.",
    "environment_id": "Identifier of the environment in {app}.",
    "key_id": "Identifies the key; {app} shows it beside the key itself.",
    "key_name": "The name that {app} gave the key.",
    "organization_id": "Identifier of your organisation in {app}.",
    "organization": "The name of your organisation as {app} writes it in addresses.",
    "port": "The port the server listens on; leave it if you do not know of another.",
    "project_id": "Identifier of the project in {app}, found in the project's settings.",
    "public_key": "The public half of the pair; the private one is asked for as well.",
    "scope": "What the token may be used for, in the words of {app}, separated by blanks.",
    "scopes": "What the token may be used for, in the words of {app}, separated by blanks.",
    "ssl_mode": "Whether the connection is encrypted; leave it as it is unless your server cannot.",
    "store_id": "Identifier of your store in {app}.",
    "team_id": "Identifier of your team in {app}.",
    "tenant": "The name of your tenant in {app}.",
    "tenant_id": "Identifier of your tenant in {app}.",
    "workspace_id": "Identifier of the workspace in {app}, found in its settings or its address.",
}

SECRET = [
    (r"client_secret|consumer_secret|app_secret|api_secret|token_secret|^secret$|secret_key|secret_access_key",
     "Belongs to the identifier beside it. {app} often shows it only once, when it is created."),
    (r"certificate", "The certificate in PEM form, from -----BEGIN CERTIFICATE----- to the end line."),
    (r"^private_api_key$", "The private half of the pair. {app} shows it only once, when it is created."),
    (r"private_key|client_private_key",
     "The private key in PEM form, from -----BEGIN to the end line, as {app} handed it out."),
    (r"credentials_json", "The whole JSON file of the service account key, pasted as it is."),
    (r"password", "The password of that user. A user made for this alone is the safer choice."),
    (r"refresh_token", "The long-lived token that {app} hands out for API access."),
]


def host_help(field, base, app):
    """Fields that are a part of the address."""
    here = "{{" + field["name"] + "}}"
    host = re.sub(r"^https?://", "", base).split("/")[0]
    before, _, after = host.partition(here)
    literal = re.sub(r"\{\{.*", "", after)
    if field["kind"] == "url":
        return f"The whole address of your {app}, beginning with https:// and without a slash at the end."
    if field["kind"] == "host":
        return f"The host name of your {app}, without https:// and without a path."
    if literal and not before:
        return f"The part of your {app} address before {literal}."
    if literal:
        return f"The part of the {app} address between {re.sub(r'.*}}', '', before) or before} and {literal}."
    return f"The part of the {app} address that is your own."


PLACES = {"us": "US", "eu": "EU", "au": "Australia", "ca": "Canada", "uk": "UK", "in": "India", "sg": "Singapore",
          "asia": "Asia", "de": "Germany", "jp": "Japan", "ap": "Asia-Pacific", "oc": "Oceania", "na": "North America",
          "aus": "Australia", "euplatform": "Europe", "auplatform": "Australia"}
PLACE_PART = re.compile(r"(?:^|[.-])(us|eu|au|ca|uk|in|sg|asia|de|jp|ap|oc|na|aus|euplatform|auplatform)\d*"
                        r"(?:-[a-z]+(?:-\d)?)?(?=[.-]|$)")
TESTS = re.compile(r"(sandbox|preview|preprod|stage|demo|test|uat|-dev|training)")


def told(value):
    """What a value says of itself: "us1 (US)", "api.preview (for tests)"."""
    if TESTS.search(value):
        return f"{value} (for tests)"
    place = PLACE_PART.search(value)
    if place and value.lower() not in PLACES:
        return f"{value} ({PLACES[place.group(1)]})"
    if place and PLACES[value.lower()] != value.upper():
        return f"{value} ({PLACES[value.lower()]})"
    return value


def listed(words):
    return words[0] if len(words) == 1 else ", ".join(words[:-1]) + " or " + words[-1]


def choice_help(field, app):
    """What to choose by: the values tell which is for whom, or nothing is claimed of them."""
    values = field.get("values") or field.get("enum")
    choices = listed([told(v) for v in values])
    if any(TESTS.search(v) for v in values):
        return f"The system of {app} that the key was made in: {choices}. A key of one does not work in another."
    if "region" in field["name"] or any(PLACE_PART.search(v) for v in values):
        return f"Where your {app} account is kept: {choices}. A key of one place does not work in another."
    return f"Which of the addresses of {app} your account uses: {choices}."


def label_name(text):
    """A label as the subject of a sentence: without what stands in brackets."""
    return re.sub(r"\s*\([^)]*\)", "", text)


def field_help(field, base, app):
    """One or two sentences on what a field is and where it is found."""
    name, words = field["name"], field["label"].lower()
    if field["kind"] == "choice":
        return choice_help(field, app)
    if field["kind"] in ("label", "host", "url"):
        return host_help(field, base, app)
    if not field.get("secret"):
        if "any value" in words:
            return "Any value will do; it is not looked at."
        if "leave empty" in words:
            return f"Leave it empty: {app} looks at the key alone."
        if name == "username" and re.search(r"\b(id|sid|cid|public key|subdomain)\b", words):
            return f"{field['label']} of your {app} account, shown beside the secret that belongs to it."
        if name == "username" and "mail" in words:
            return f"The email address you sign in to {app} with."
        if name in PLAIN:
            return PLAIN[name].format(app=app)
        if re.search(r"(_|^)(id|key|code|number|guid)$", name):
            return f"{field['label']} of your {app} account, shown in its settings or beside the key."
        return f"{label_name(field['label'])} as {app} shows it in the settings of your account."
    if "jwk" in words:
        return f"The private key as a JSON Web Key, from {{ to }}, as {app} handed it out."
    if name == "private_key" and field["kind"] != "blob":
        name = "private_api_key"
    if "leave empty" in words:
        return f"Leave it empty: {app} looks at the key alone."
    tail = shape(field)
    if not (name == "password" and re.search(r"key|token|secret", words)):
        for pattern, text in SECRET:
            if re.search(pattern, name):
                return text.format(app=app) + tail
    return MADE.format(app=app) + tail


UNUSED = "Your {what} in {app}, for calls that hold it in their path or body; it may stay empty."


def unused_help(label_text, app):
    """A value that no request of the scheme holds, because callers write it themselves."""
    return UNUSED.format(what=label_name(label_text)[0].lower() + label_name(label_text)[1:]
                         if not KEPT.search(label_name(label_text).split()[0]) else label_name(label_text), app=app)


# ------------------------------------------------------------------------------------------ finding and refusing

def credential_word(fields):
    """What the person copies, in a word."""
    secrets = [f for f in fields if f.get("secret")]
    if not secrets:
        return "values"
    words = (secrets[0]["name"] + " " + secrets[0]["label"]).lower()
    if len(secrets) == 1 and "client_secret" in words:
        return "client"
    if secrets[0]["name"] == "password" and not re.search(r"key|token", secrets[0]["label"].lower()):
        return "password"
    return "token" if "token" in words else "key"


STEPS = {
    "token": ["Sign in to {app} and open the settings of your account.",
              "Look for API tokens or access tokens; the page behind the link says where they are.",
              "Create a token with the rights that the work needs, and copy it."],
    "key": ["Sign in to {app} and open the settings of your account.",
            "Look for API, Developers or Integrations; the page behind the link says where the key is.",
            "Create a key, or show the one there is, and copy it."],
    "client": ["Sign in to {app} as someone who may register API clients.",
               "Register a client or open an existing one, as the page behind the link describes.",
               "Copy its identifier and its secret."],
    "password": ["Make a user for API access in {app}, or take one that may use the API.",
                 "The page behind the link says what such a user needs.",
                 "Enter its name and password here."],
    "values": ["Sign in to {app} and open the settings of your account.",
               "The page behind the link says where these values are shown."],
}


KEY_PAGE_STEPS = {
    "token": ["Open the link and sign in to {app}; it leads to the page with the tokens.",
              "Create a token with the rights that the work needs, and copy it."],
    "key": ["Open the link and sign in to {app}; it leads to the page with the keys.",
            "Create a key, or show the one there is, and copy it."],
    "client": ["Open the link and sign in to {app}; it leads to the page with the API clients.",
               "Create a client, or open an existing one, and copy its identifier and its secret."],
    "password": ["Open the link and sign in to {app}.", "Copy the name and the password that are shown there."],
    "values": ["Open the link and sign in to {app}.", "Copy the values that are shown there."],
}

# Where nothing is known but the vendor's site.
HOME_STEPS = {
    "token": "Open the link and sign in to {app}, look for API tokens in the settings, create one and copy it.",
    "key": "Open the link and sign in to {app}, look for API keys in the settings, create one and copy it.",
    "client": "Open the link and sign in to {app}, register an API client in the settings, and copy its identifier and its secret.",
    "password": "Open the link and sign in to {app}, make a user for API access, and enter its name and password here.",
    "values": "Open the link and sign in to {app}, and look for API access in the settings.",
}

# What is made at the vendor where no key is: by how requests are signed.
SIGNED_STEPS = {
    "mtls": ["Sign in to {app} as someone who may register API clients.",
             "Make a private key and a certificate signing request, and have {app} sign it; the page behind the link says "
             "where.",
             "Paste the signed certificate and the private key here, both in PEM form, and copy the client's identifier "
             "and secret."],
    "jwt": ["Sign in to {app} as someone who may make API keys.",
            "Make a key pair for the API, as the page behind the link describes; {app} keeps the public half.",
            "Copy the identifiers that are shown beside it, and paste the private key here."],
    "jwt-shared": ["Sign in to {app} as someone who may make API keys.",
                   "Make a key for the API, as the page behind the link describes.",
                   "Copy its identifier and its secret; the secret signs the tokens that calls carry."],
    "service-account": ["Make a service account in the console of the vendor, for this alone.",
                        "Give it the rights that the work needs, and no more.",
                        "Add a key of type JSON to it, and paste the whole file here."],
    "hmac": ["Sign in to {app} and open its API settings, as the page behind the link describes.",
             "Make a pair of a public key and a secret; the secret signs every call.",
             "Copy both halves."],
    "pair": ["Sign in to {app} and open its API access, as the page behind the link describes.",
             "Make a pair of keys; the secret half signs every call and is often shown only once.",
             "Copy both halves."],
}


def way(scheme):
    """Which of SIGNED_STEPS fits a scheme (as in an app file), or None where a key is a key."""
    made = [d for d in scheme.get("derive") or [] if d["make"] == "jwt"]
    how = (scheme.get("sign") or {}).get("how")
    if scheme["scheme"] == "GOOGLE_SERVICE_ACCOUNT":
        return "service-account"
    if how in ("mtls", "hmac"):
        return how
    if how in ("aws-sigv4", "http-digest", "oauth1"):
        return "pair"
    if made:
        return "jwt-shared" if made[0]["alg"].startswith("HS") else "jwt"
    return None


def find(scheme, app, docs, home):
    """`find` of a scheme (as in an app file): the best link there is, and what to do there."""
    word = credential_word(scheme["fields"])
    signed = way(scheme)
    if not docs and not home:
        return "none"
    if not docs:
        return {"url": home, "steps": [HOME_STEPS[word].format(app=app)]}
    if signed:
        told_steps = SIGNED_STEPS[signed]
    else:
        told_steps = (KEY_PAGE_STEPS if links.is_key_page(docs) else STEPS)[word]
    return {"url": docs, "steps": [s.format(app=app) for s in told_steps]}


def bad_cause(fields, app):
    return {"token": "{app} does not know this token, or it was revoked.",
            "client": "{app} does not know this client, or the secret is wrong.",
            "password": "{app} does not know this user, or the password is wrong.",
            "values": "{app} refused these values.",
            "key": "{app} does not know this key, or it was deleted."}[credential_word(fields)].format(app=app)


WORKS = {"token": "The token works", "client": "The client works", "password": "The user may sign in",
         "values": "The key works", "key": "The key works"}


def limited_cause(fields, method, path):
    """What a key may not do that is known to the vendor, in words of the person."""
    works, who = WORKS[credential_word(fields)], "it"
    asked = links.asked(method, path)
    if works.startswith("The user"):
        return f"{works}, but not {asked}." if asked else f"{works}, but not read the account."
    if asked:
        return f"{works}, but {who} may not {asked}."
    if links.of_account(path):
        return f"{works}, but not for reading the account."
    return f"{works}, but {who} may not make the call that checks it."
