/* features/import/servers.c — servers of a document: the base URL of the app, the fields it asks for, and the
 * hosts a credential may go to, as few as the document allows. Resolves and calls nothing. OpenAPI 3.1
 * "Server Object", Swagger 2.0 host, basePath, schemes; rules N1, T3. Threads: none shared. */
#include "features/import/importer.h"
#include "features/import/site.h"
#include "features/import/text.h"

enum { VARIABLES = 8, VALUES = 32 };

/* A server being looked at. */
typedef struct server {
    ks_importer       *im;
    const ks_doc_node *variables;
    unsigned           line;
    ks_buf            *base; /* the template so far */
    ks_app_field       fields[VARIABLES];
    size_t             fields_n;
    const char        *unfit; /* why it cannot be the app's server */
} server;

/* ---- variables ---- */

static const ks_doc_node *variable(const server *s, ks_str name)
{
    return ks_doc_follow(s->im->doc, ks_doc_find(s->variables, name));
}

static bool is_label(ks_str s)
{
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
              (c == '-' && i > 0 && i + 1 < s.n)))
            return false;
    }
    return s.n > 0 && s.n <= 63;
}

/* Values that may stand in a host or path as they are. */
static ks_list choices(server *s, const ks_doc_node *v)
{
    const ks_doc_node *list = ks_doc_get(v, "enum");
    ks_str *at = list != NULL && list->n > 1 && list->n <= VALUES ? ks_alloc(s->im->cx, VALUES * sizeof *at)
                                                                  : NULL;
    ks_list all = {at, 0};
    for (const ks_doc_node *e = at != NULL ? ks_doc_first(list) : NULL; e != NULL; e = e->next) {
        bool fits = e->kind < KS_DOC_LIST && e->text.n > 0 && e->text.n < 128;
        for (size_t i = 0; i < e->text.n && fits; i++) {
            char c = e->text.p[i];
            fits = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_';
        }
        if (!fits)
            return (ks_list){NULL, 0};
        at[all.n++] = e->text;
    }
    return all;
}

/* {name} becomes a field of the connection. */
static void put_field(server *s, ks_str wire, ks_app_kind kind, ks_list values, ks_str fallback)
{
    ks_ctx *cx = s->im->cx;
    ks_str  name = ks_words(cx, wire, false), words = ks_prose(cx, wire, 60);
    ks_str  about = ks_prose(cx, ks_doc_text(variable(s, wire), "description"), 200);
    if (name.n == 0 || name.n > 60)
        name = ks_fmt(cx, "server_%zu", s->fields_n + 1);
    ks_buf_fmt(s->base, "{{" KS_FMT "}}", KS_ARG(name));
    for (size_t i = 0; i < s->fields_n; i++) {
        if (ks_str_eq(s->fields[i].name, name))
            return;
    }
    if (s->fields_n == VARIABLES) {
        s->unfit = "a server has too many variables; give the address with --base";
        return;
    }
    s->fields[s->fields_n++] = (ks_app_field){
        .name = name,
        .label = words.n > 0 ? words : name,
        .help = about.n > 0 ? about
                            : ks_fmt(cx, "The part of the server's address called " KS_FMT ".", KS_ARG(name)),
        .kind = kind,
        .values = values,
        .fallback = fallback,
        .required = fallback.p == NULL,
    };
}

/* A variable that may not be asked for: its default stands there for good. */
static void put_default(server *s, const ks_doc_node *v, const char *otherwise)
{
    ks_str text = ks_doc_text(v, "default");
    if (text.n > 0 && ks_site_clean(text))
        ks_buf_str(s->base, text);
    else
        s->unfit = otherwise;
}

static void put_variable(server *s, ks_str name, bool in_host, bool whole_host)
{
    const ks_doc_node *v = variable(s, name);
    ks_str             fallback = ks_doc_text(v, "default");
    ks_list            values = choices(s, v);
    const ks_doc_node *list = ks_doc_get(v, "enum");
    if (values.n > 1) {
        put_field(s, name, KS_APP_CHOICE, values, ks_list_holds(values, fallback) ? fallback : KS_NO_STR);
    } else if (list != NULL && list->n > 0) {
        put_default(s, v,
                    "a server variable has values that an address cannot hold; give the address with --base");
        ks_import_note_at(s->im, list->line, "this server variable stays at its default");
    } else if (whole_host) {
        put_field(s, name, KS_APP_HOST, values, ks_site_is_host(fallback) ? fallback : KS_NO_STR);
    } else if (in_host && (v == NULL || fallback.n == 0 || is_label(fallback))) {
        put_field(s, name, KS_APP_LABEL, values, fallback.n > 0 ? fallback : KS_NO_STR);
    } else if (in_host || fallback.n > 0) {
        put_default(s, v, "a server variable has no default; give the address with --base");
    } else {
        put_field(s, name, KS_APP_TEXT, values, KS_NO_STR);
    }
}

/* ---- from a URL to a base ---- */

/* "{protocol}://..." and "{+basePath}" style beginnings: what stands before the host. */
static ks_str take_scheme(server *s, ks_str url)
{
    size_t close = ks_str_chr(url, '}');
    ks_str name = ks_str_sub(url, 1, close - 1), rest = ks_str_sub(url, close + 1, SIZE_MAX);
    if (url.n == 0 || url.p[0] != '{' || close == SIZE_MAX)
        return url;
    if (ks_str_starts(rest, KS_S("://"))) {
        ks_import_note_at(s->im, s->line, "the server's protocol is a variable; https is taken");
        return ks_fmt(s->im->cx, "https" KS_FMT, KS_ARG(rest));
    }
    ks_str fallback = ks_doc_text(variable(s, name), "default");
    if (ks_str_find(fallback, KS_S("://")) != SIZE_MAX)
        return ks_fmt(s->im->cx, KS_FMT KS_FMT, KS_ARG(ks_site_cut(fallback)), KS_ARG(rest));
    return ks_fmt(s->im->cx, "https://" KS_FMT, KS_ARG(url));
}

/* Copy `url` to s->base with its variables as fields. */
static void put_url(server *s, ks_str url)
{
    ks_str host = ks_site_host(url), rest = url;
    size_t host_end = host.p != NULL ? (size_t)(host.p + host.n - url.p) : 0;
    bool   whole = host.n > 2 && host.p[0] == '{' && ks_str_chr(host, '}') == host.n - 1;
    while (rest.n > 0 && s->unfit == NULL) {
        size_t open = ks_str_chr(rest, '{'), from = (size_t)(rest.p - url.p);
        ks_buf_str(s->base, ks_str_sub(rest, 0, open));
        if (open == SIZE_MAX)
            return;
        ks_str tail = ks_str_sub(rest, open + 1, SIZE_MAX);
        size_t close = ks_str_chr(tail, '}');
        bool   port = from + open == host_end + 1 && host_end > 0 && url.p[host_end] == ':';
        if (close == SIZE_MAX || close == 0)
            s->unfit = "a server's address has an open brace; give the address with --base";
        else if (port)
            put_default(s, variable(s, ks_str_sub(tail, 0, close)),
                        "a server's port has no default; use --base");
        else
            put_variable(s, ks_str_sub(tail, 0, close), from + open < host_end,
                         whole && from + open < host_end);
        rest = ks_str_sub(tail, close + 1, SIZE_MAX);
    }
}

/* The one choice field of the host when nothing else varies in it, or NULL. */
static const ks_app_field *only_choice(const server *s, ks_str host)
{
    const ks_app_field *found = NULL;
    size_t              open = ks_str_find(host, KS_S("{{"));
    if (open == SIZE_MAX || ks_str_find(ks_str_sub(host, open + 2, SIZE_MAX), KS_S("{{")) != SIZE_MAX)
        return NULL;
    for (size_t i = 0; i < s->fields_n; i++) {
        ks_str name = s->fields[i].name;
        if (s->fields[i].kind == KS_APP_CHOICE && ks_str_starts(ks_str_sub(host, open + 2, SIZE_MAX), name) &&
            host.p[open + 2 + name.n] == '}')
            found = &s->fields[i];
    }
    return found;
}

/* Hosts of a host with templates: every choice written out, or "*." for the labels that vary. */
static void put_hosts(server *s, ks_str host)
{
    ks_importer        *im = s->im;
    const ks_app_field *f = only_choice(s, host);
    size_t              open = ks_str_find(host, KS_S("{{")), close = ks_str_find(host, KS_S("}}"));
    for (size_t i = 0; f != NULL && i < f->values.n && i < KS_IMPORT_HOSTS; i++) {
        ks_str one = ks_fmt(im->cx, "%.*s" KS_FMT KS_FMT, (int)open, host.p, KS_ARG(f->values.at[i]),
                            KS_ARG(ks_str_sub(host, close + 2, SIZE_MAX)));
        if (!ks_site_is_host(one))
            s->unfit = "a server variable makes a host that is none; give the address with --base";
        im->hosts[im->hosts_n++] = one;
    }
    if (f != NULL)
        return;
    size_t last = host.n;
    while (last > 0 && host.p[last - 1] != '}')
        last--;
    size_t dot = ks_str_chr(ks_str_sub(host, last, SIZE_MAX), '.');
    ks_str own = dot == SIZE_MAX ? KS_NO_STR : ks_str_sub(host, last + dot + 1, SIZE_MAX);
    if (!ks_site_is_host(own))
        s->unfit = "a server's host could be anywhere; give its address with --base";
    im->hosts[im->hosts_n++] = ks_fmt(im->cx, "*." KS_FMT, KS_ARG(own));
}

/* The host with every template as "x", to be judged as a whole. */
static ks_str sample(server *s, ks_str base)
{
    ks_buf *b = ks_ctx_buf(s->im->cx, 2 * KS_SITE_MAX);
    while (b != NULL && base.n > 0) {
        size_t open = ks_str_find(base, KS_S("{{"));
        ks_buf_str(b, ks_str_sub(base, 0, open));
        base = ks_str_sub(base, open, SIZE_MAX);
        if (open != SIZE_MAX) {
            ks_buf_z(b, "x.x");
            base = ks_str_sub(base, ks_str_find(base, KS_S("}}")) + 2, SIZE_MAX);
        }
    }
    return b != NULL ? ks_buf_view(b) : KS_NO_STR;
}

/* Try to make `url` the server of the app. */
static bool settle(server *s, ks_str url)
{
    ks_importer *im = s->im;
    s->base = ks_ctx_buf(im->cx, 4 * KS_SITE_MAX);
    s->unfit = NULL;
    s->fields_n = 0;
    im->hosts_n = 0;
    if (s->base == NULL)
        return false;
    url = ks_site_small(im->cx, take_scheme(s, ks_site_cut(url)));
    put_url(s, url);
    ks_str base = ks_site_cut(ks_buf_view(s->base));
    if (s->unfit == NULL)
        s->unfit = ks_site_fault(sample(s, base));
    ks_str host = ks_site_host(base);
    bool   whole = s->fields_n > 0 && ks_str_starts(host, KS_S("{{")) && s->fields[0].kind == KS_APP_HOST;
    if (s->unfit == NULL && ks_str_find(host, KS_S("{{")) == SIZE_MAX)
        im->hosts[im->hosts_n++] = host;
    else if (s->unfit == NULL && !whole)
        put_hosts(s, host);
    if (s->unfit != NULL)
        return false;
    im->base = base;
    im->server_fields = ks_alloc(im->cx, (s->fields_n + 1) * sizeof *im->server_fields);
    im->server_fields_n = im->server_fields != NULL ? s->fields_n : 0;
    if (im->server_fields != NULL)
        memcpy(im->server_fields, s->fields, s->fields_n * sizeof *s->fields);
    return true;
}

/* ---- where the URL comes from ---- */

/* A relative server seen from where the document was. */
static ks_str whole_url(ks_importer *im, ks_str url)
{
    ks_str origin = im->opt->origin;
    size_t end = origin.n;
    if (origin.n == 0 || ks_str_find(url, KS_S("://")) != SIZE_MAX || ks_str_starts(url, KS_S("{")))
        return url;
    if (ks_str_starts(url, KS_S("//")))
        return ks_fmt(im->cx, "https:" KS_FMT, KS_ARG(url));
    ks_str host = ks_site_host(origin);
    size_t root = (size_t)(host.p + host.n - origin.p);
    while (root < origin.n && origin.p[root] != '/')
        root++; /* the port */
    if (!ks_str_starts(url, KS_S("/"))) {
        while (end > root && origin.p[end - 1] != '/')
            end--;
        return ks_fmt(im->cx, "%.*s" KS_FMT, (int)end, origin.p, KS_ARG(url));
    }
    return ks_fmt(im->cx, "%.*s" KS_FMT, (int)root, origin.p, KS_ARG(url));
}

static ks_str swagger_url(ks_importer *im)
{
    const ks_doc_node *root = im->doc->root, *schemes = ks_doc_get(root, "schemes");
    ks_str             host = ks_doc_text(root, "host"), path = ks_doc_text(root, "basePath");
    bool               https = schemes == NULL || schemes->n == 0;
    for (const ks_doc_node *e = ks_doc_first(schemes); e != NULL; e = e->next)
        https |= e->kind == KS_DOC_TEXT && ks_str_eq(e->text, KS_S("https"));
    if (host.n == 0)
        return whole_url(im, path.n > 0 ? path : KS_S("/"));
    return ks_fmt(im->cx, "%s://" KS_FMT "%s" KS_FMT, https ? "https" : "http", KS_ARG(host),
                  path.n > 0 && path.p[0] != '/' ? "/" : "", KS_ARG(path));
}

static unsigned line_of(const ks_importer *im, const char *member)
{
    const ks_doc_node *n = ks_doc_get(im->doc->root, member);
    return n != NULL ? n->line : im->doc->root->line;
}

static void from_list(ks_importer *im, server *s)
{
    const ks_doc_node *list = ks_doc_get(im->doc->root, "servers");
    const char        *first = NULL;
    unsigned           line = line_of(im, "servers");
    size_t             looked = 0;
    for (const ks_doc_node *e = ks_doc_first(list); e != NULL && looked++ < KS_IMPORT_SERVERS; e = e->next) {
        ks_str url = ks_doc_text(e, "url");
        s->variables = ks_doc_get(e, "variables");
        s->line = e->line;
        if (settle(s, whole_url(im, url.n > 0 ? url : KS_S("/")))) {
            if (list->n > 1)
                ks_import_note_at(im, e->line, "of %zu servers this one is taken; --base names another",
                                  list->n);
            return;
        }
        if (first == NULL) {
            first = s->unfit;
            line = e->line;
        }
    }
    if (first == NULL && settle(s, whole_url(im, KS_S("/"))))
        return;
    ks_doc_fail(im->doc, line, "%s", first != NULL ? first : s->unfit);
}

void ks_import_servers(ks_importer *im)
{
    server *s = ks_zalloc(im->cx, sizeof *s);
    if (s == NULL)
        return;
    s->im = im;
    if (im->opt->base.n > 0) {
        const char *fault = ks_site_fault(ks_site_cut(im->opt->base));
        if (fault != NULL)
            im->doc->status = ks_fail(im->cx, KS_INVALID, "base",
                                      "The base is https://host/path, without query; plain http "
                                      "only with an IPv4 address.");
        else
            (void)settle(s, im->opt->base);
    } else if (!im->swagger) {
        from_list(im, s);
    } else if (!settle(s, swagger_url(im))) {
        ks_doc_fail(im->doc, line_of(im, ks_doc_get(im->doc->root, "host") ? "host" : "swagger"), "%s",
                    s->unfit);
    }
}

bool ks_import_own_server(ks_importer *im, const ks_doc_node *servers, ks_str *url)
{
    ks_str own = ks_site_cut(ks_doc_text(ks_doc_first(servers), "url")), host = ks_site_host(own);
    *url = KS_NO_STR;
    if (ks_str_eq(own, im->base) || servers->n == 0)
        return true;
    if (ks_site_fault(own) != NULL || !ks_str_starts(own, KS_S("https://")) || im->server_fields_n > 0)
        return false;
    *url = own;
    for (size_t i = 0; i < im->hosts_n; i++) {
        if (ks_str_eq(im->hosts[i], host))
            return true;
    }
    if (!ks_site_sisters(host, ks_site_host(im->base)) || im->hosts_n == KS_IMPORT_HOSTS)
        return false;
    im->hosts[im->hosts_n++] = host;
    return true;
}
