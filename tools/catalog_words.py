"""tools/catalog_words.py - the sentences of a generated app file: what the app is, what a field holds and where it is
found, what a refusal means. Built from the kind of field and what is known of it; nothing is copied from anywhere.
"""
import re

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


def example_of(field):
    if field.get("example_format"):
        return field["example_format"]
    head = begins(field).split(" or ")[0]
    return head + "xxxxxxxx" if head and field.get("secret") else None


WHERE = [
    "Created in the settings of your {app} account, usually under API or Integrations.",
    "Made in {app}, as a rule under Settings and then API or Developers.",
    "From the API or developer section of your {app} account.",
    "{app} makes it for your account; look for API access in its settings.",
]

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
        return f"The address of your {app}, from https:// on and without a path of its own unless it has one."
    if field["kind"] == "host":
        return f"The host name of your {app}, without https:// and without a path."
    if literal and not before:
        return f"The part of your {app} address before {literal}."
    if literal:
        return f"The part of the {app} address between {re.sub(r'.*}}', '', before) or before} and {literal}."
    return f"The part of the {app} address that is your own."


def choice_help(field, app):
    name = field["name"]
    if "region" in name or "tld" in name:
        return f"The region in which your {app} account is kept; a key of one region does not work in another."
    if "environment" in name or "type" in name:
        return f"Which of the systems of {app} the key is for, the live one or the one for tests."
    return f"Which of the addresses of {app} your account uses."


def field_help(field, base, app, turn):
    """One or two sentences on what a field is and where it is found. `turn` varies the wording between apps."""
    name, words = field["name"], field["label"].lower()
    if field["kind"] == "choice":
        return choice_help(field, app)
    if field["kind"] in ("label", "host", "url"):
        return host_help(field, base, app)
    if not field.get("secret"):
        if "any value" in words:
            return "Any value will do; it is not looked at."
        if name == "username" and re.search(r"\b(id|sid|cid|public key|subdomain)\b", words):
            return f"{field['label']} of your {app} account, shown beside the secret that belongs to it."
        if name == "username" and "mail" in words:
            return f"The email address you sign in to {app} with."
        if name in PLAIN:
            return PLAIN[name].format(app=app)
        if re.search(r"(_|^)(id|key|code|number|guid)$", name):
            return f"{field['label']} of your {app} account, shown in its settings or beside the key."
        return f"{field['label']} as {app} shows it in the settings of your account."
    if "jwk" in words:
        return f"The private key as a JSON Web Key, from {{ to }}, as {app} handed it out."
    if name == "private_key" and field["kind"] != "blob":
        name = "private_api_key"
    head = begins(field)
    tail = f" Begins with {head}." if head else ""
    if not (name == "password" and re.search(r"key|token|secret", words)):
        for pattern, text in SECRET:
            if re.search(pattern, name):
                return text.format(app=app) + tail
    return WHERE[turn % len(WHERE)].format(app=app) + tail


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


def steps(fields, app):
    return [s.format(app=app) for s in STEPS[credential_word(fields)]]


def bad_cause(fields, app):
    return {"token": "{app} does not know this token, or it was revoked.",
            "client": "{app} does not know this client, or the secret is wrong.",
            "password": "{app} does not know this user, or the password is wrong.",
            "values": "{app} refused these values.",
            "key": "{app} does not know this key, or it was deleted."}[credential_word(fields)].format(app=app)


def limited_cause(fields, app):
    word = {"values": "key"}.get(credential_word(fields), credential_word(fields))
    return f"{app} knows the {word}, but it lacks the right that the check needs."
