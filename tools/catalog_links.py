"""tools/catalog_links.py - which page of a vendor an app file links to, and what a path says of a check.

The facts often name the page of one endpoint, because that is where somebody looked the request up. A person who
searches for a key is better served by the page in front of it. Nothing here is fetched: a link is only ever cut.
"""
import re

GENERAL = re.compile(r"how-to-create|developer$|Documentation|auth|key|token|credential|secur|introduc|getting|start|"
                     r"setting|general|overview|account|access|"
                     r"user-api|oauth|portal|api-reference$|nocrm-io-api|UUID-|whatis|api-url|documentation.html", re.I)
ENDPOINT = re.compile(r"^(create|get|list|post|put|patch|delete|update|upsert|search|find|insert|add|edit|send|set|new|"
                      r"retrieve|fetch|convert|verify|verifying|submit|upload|insert|manipulating|lookup|export)"
                      r"([-_]|$)|^(post|get|put|delete|create|add|edit|lookup|upsert|find)[a-z0-9]+$|[a-z](controller|"
                      r"Controller)_|[-_](create|post|get|list)(-\d+)?$", re.I)
NO_ENDPOINT = re.compile(r"key|token|auth|credential|secret|access|permission|account|start|app-with|internal-apps|"
                         r"^(introduction|intro|overview|index|guide|rest|http|apis?|reference|api-reference|verify|"
                         r"api-overview|rest-api|llm-apis|api-documentation|first-request|external_api|create|connection-string"
                         r"|v[0-9.]+)(\.html|\.md)?$", re.I)
JUNK = re.compile(r"\.(mkv|mp3|mp4|wav|xsd)$|/signup|/trial$|/login$|request-a-demo|/\.default$|/authen/|"
                  r"/download_spec$|\.translate\.goog|/ref/X|://\d+\.app\.|//pipedream\.")
DOCS_HOST = re.compile(r"^(docs?|developers?|apidocs?|api-docs?|dev|documentation|reference|developer|help|learn|support|"
                       r"dev-docs)\.|\.readme\.io$|\.stoplight\.io$|\.docs\.apiary\.io$|\.apimatic\.dev$")
ROOTS = re.compile(r"^(docs?|documentation|developers?|api-docs?|apidocs?|api|apis|reference|help)$", re.I)
DEEP = re.compile(r"/(api-)?reference/|/endpoints?/|/operations?/")


REQUEST = re.compile(r"operation/|/paths/|search-for-|endpoint$|_post$|AccountsBy|GetAn|create-authenticated")


def cut_anchor(url):
    """The page without the anchor of one endpoint; an anchor that is about keys or the start stays."""
    page, mark, anchor = url.partition("#")
    anchor = anchor.split(":~:")[0]
    return url if not mark or GENERAL.search(anchor) and not REQUEST.search(anchor) else page


def parts(url):
    """(host, list of path segments) of an https URL without its query."""
    host, _, path = re.sub(r"[?#].*", "", url[8:]).partition("/")
    return host, [p for p in path.split("/") if p]


def of_endpoint(url):
    """Is this the page of one endpoint?"""
    _, path = parts(url)
    if not path or NO_ENDPOINT.search(path[-1]) or "#" in url:
        return False
    return ENDPOINT.search(path[-1]) is not None or (DEEP.search(url) is not None and len(path) > 2)


def page(url):
    """The link that serves a person who searches for a key: the page itself, or the front of its documentation. None
    for what is no page about an API at all: a form to sign up, somebody's file, an example of an address."""
    if JUNK.search(url):
        return None
    url = cut_anchor(url)
    if not of_endpoint(url):
        return url
    host, path = parts(url)
    if DOCS_HOST.search(host):
        space = host.endswith(".stoplight.io") and path[:1] == ["docs"]
        return f"https://{host}/" + ("/".join(path[:2]) if space else "")
    for number, name in enumerate(path[:-1]):
        if ROOTS.search(name):
            return f"https://{host}/" + "/".join(path[:number + 1])
    return url


KEY_PAGE = re.compile(r"(^|[/#:?&=_-])(api[-_]?keys?|apikeys?|keys|(api|access|auth|personal_access|cma|user)?[-_]?tokens?|"
                      r"settings?|api_?settings|apisettings|account_settings|user_settings|api_credentials|credentials|"
                      r"access-?token|api-dashboard|external-api|app/api|integrations/api|"
                      r"developers?(?=/?$|/dashboard)|manage-api-keys?|developer-tools|settingsapi)([/?#:&=_-]|$)", re.I)
NOT_KEY_PAGE = re.compile(r"^(docs?[-.]|developers?\.|apidocs?\.|api-docs?\.|dev\.|documentation\.|help\.|learn\.|"
                          r"support\.|reference\.|knowledge\.)|/(docs?|documentation|help|guides?|articles?|reference|"
                          r"manuals|manual|web|api/api-keys|swagger|api-reference|request-api-key|api-documentation|support|"
                          r"subpackages|doc_root)(/|$|#)|docs\.|\.md|\.html?$|readme\.io", re.I)
SIGNED_IN = re.compile(r"^(app|dashboard|console|my|account|portal|platform|admin|dash|cloud|studio|web|manage)\.|"
                       r"/(account|settings|dashboard|profile|user|console|admin|-)(/|$|#)", re.I)


def is_key_page(url):
    """Does the link open the very page where keys are made and shown?"""
    bare = url[8:]
    host, path = parts(url)
    if NOT_KEY_PAGE.search(bare):
        return False
    if not KEY_PAGE.search(bare[len(host):]):
        return False
    return SIGNED_IN.search(bare) is not None or (bool(path) and path[-1].lower() in ("api-keys", "apikeys", "apikey",
                                                                                       "api_keys"))


# ------------------------------------------------------------------------------------------------- what a check asks

OPEN = re.compile(r"/(status|ping|models|health|healthz|version|languages|currencies|countries|time)/?(\?|$)|^/sites$")
READS = re.compile(r"(?i)(^|[/._-])(list[a-z-]*|info|account-information|getaccountdetails|me|get|get[-_]?current[-_]account|validate"
                   r"[a-z.-]*|verify|ping|summary|auth\.test|graphql(\.json)?|statements|webinars|v2|apikey\.info|"
                   r"users/ping|connector\.php|customers/search)/?(\?|$)")


def may_be_open(path):
    """Does a vendor often answer this without a key?"""
    return OPEN.search(path) is not None


def only_reads(method, path):
    """Does the request of a check leave everything as it is, and cost nothing?"""
    return method in ("GET", "HEAD") or READS.search(path) is not None


KNOWN = {"sms": "SMS", "api": "API", "apis": "APIs", "url": "URL", "urls": "URLs", "ids": "IDs", "crm": "CRM",
         "pdfs": "PDFs", "sso": "SSO", "dns": "DNS", "id": "ID", "iam": "IAM", "ip": "IP", "rfqs": "RFQs",
         "dids": "DIDs", "ips": "IPs", "faqs": "FAQs", "nfts": "NFTs", "ai": "AI", "seo": "SEO", "http": "HTTP",
         "gpts": "GPTs", "sdk": "SDK", "csv": "CSV", "html": "HTML", "os": "OS"}
NO_PLURAL = re.compile(r"(ss|us|is|ous|as|os)$|^(news|sms|stats|details|status|settings|canvas|analytics|metrics|"
                       r"credits|basics|limits|quotas|https|dns|gps)$")
ODD = {"autocompletes", "codes", "storages", "ingredients", "terms", "capabilities", "langs", "jwks", "comparisons",
       "indices", "contentmodels", "getcredits", "getremainingcredits", "getusers", "pingbells", "staffs"}
SPELLED = {"apikeys": "API keys", "qrcodes": "QR codes", "datasources": "data sources", "sobjects": "objects",
           "orgs": "organisations", "organizations": "organisations", "publicapps": "public apps"}
LISTING = ("list", "all", "mine", "index")
ACCOUNT = re.compile(r"(?i)(^|[/._-])(me|my|users?|accounts?|profile|who_?am_?i|self|current|auth[a-z_-]*|tokens?|verify"
                     r"[a-z-]*|validate|ping|info|identity|session|tenant|myself|getmyaccounts|getuserinfo|token-?info|"
                     r"userinfo|personal_info|get-self|myprofile|merchant|agents/by-api-key|api-?keys?)([/._?-]|$)")
VERBS = {"list", "get", "all", "my", "query", "fetch", "retrieve", "search", "find", "show", "view", "user"}
READABLE = {"settings": "read the settings", "credits": "read how many credits are left", "stats": "read the statistics",
            "usage": "read the usage", "balance": "read the balance", "quota": "read the quota",
            "analytics": "read the statistics", "metrics": "read the metrics", "limits": "read the limits",
            "credit": "read how many credits are left", "inbox": "read the inbox", "status": "read the status",
            "subscription": "read the subscription", "billing": "read the billing", "plan": "read the plan",
            "organization": "read the organisation", "company": "read the company", "workspace": "read the workspace",
            "team": "read the team", "store": "read the store", "site": "read the site", "models": "list models",
            "statuses": "list statuses", "campuses": "list campuses", "addresses": "list addresses",
            "businesses": "list businesses", "classes": "list classes", "processes": "list processes",
            "aliases": "list aliases", "bonuses": "list bonuses", "inboxes": "list inboxes", "people": "list people",
            "statistics": "read the statistics", "search": "search", "contatos": "list contacts", "todos": "list to-dos",
            "news": "read the news", "weather": "read the weather"}


def split_words(segment):
    text = re.sub(r"\.(json|php|aspx|xml|ashx|do|svc)$", "", segment)
    text = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", text)
    return [w.lower() for w in re.split(r"[-_. ]+", text) if w]


def asked(method, path):
    """What a check asks for, as what somebody may or may not do ("list projects"), or None."""
    whole = re.sub(r"^https://[^/]+", "", path)
    names = [p for p in whole.split("?")[0].split("/") if p]
    names = [p for p in names if "{{" not in p and not re.fullmatch(r"v?[\d.]+(beta|alpha)?\d*", p)]
    if len(names) > 1 and split_words(names[-1]) in ([word] for word in LISTING):
        names = names[:-1]
    if method != "GET" or not names:
        return None
    found = split_words(names[-1])
    while len(found) > 1 and found[0] in VERBS:
        found = found[1:]
    if len(found) == 1 and found[0] in READABLE:
        return READABLE[found[0]]
    if not found or len(found) > 3 or not all(re.fullmatch(r"[a-z]+", w) for w in found):
        return None
    if found[-1] in ODD or not found[-1].endswith("s") or NO_PLURAL.search(found[-1]) or len(found[-1]) < 4 and found[-1] not in KNOWN:
        return None
    return "list " + " ".join(SPELLED.get(w, KNOWN.get(w, w)) for w in found)


def of_account(path):
    """Does a check ask who the key belongs to?"""
    return ACCOUNT.search(path.split("?")[0]) is not None
