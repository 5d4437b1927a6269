/* features/import/security.c — the document's security to the schemes of an app: keys in headers and queries,
 * Basic, bearer tokens; a token of OAuth is one that a person pastes. Cookies, signatures and certificates
 * are refused. OpenAPI 3.1 "Security Scheme Object", "Security Requirement Object"; rule T4. Threads: none
 * shared. */
#include "base/http_text.h"
#include "features/import/importer.h"
#include "features/import/site.h"
#include "features/import/text.h"

enum { PUTS = 8, HELP = 240 };

/* A scheme being made of one alternative: all its members are needed together. */
typedef struct maker {
    ks_importer       *im;
    const ks_doc_node *alternative;
    ks_app_field       fields[PUTS + 2];
    ks_app_put         headers[PUTS], query[PUTS];
    size_t             fields_n, headers_n, query_n;
    bool               basic, bearer;
    const char        *unfit;
} maker;

static const ks_doc_node *declared(const ks_importer *im)
{
    return im->swagger ? ks_doc_get(im->doc->root, "securityDefinitions")
                       : ks_doc_get(ks_doc_get(im->doc->root, "components"), "securitySchemes");
}

/* ---- parts of a scheme ---- */

static bool field_taken(const maker *m, ks_str name)
{
    for (size_t i = 0; i < m->fields_n; i++) {
        if (ks_str_eq(m->fields[i].name, name))
            return true;
    }
    for (size_t i = 0; i < m->im->server_fields_n; i++) {
        if (ks_str_eq(m->im->server_fields[i].name, name))
            return true;
    }
    return false;
}

/* A field that the person fills in; its name as it was possible. */
static ks_str put_field(maker *m, ks_str name, const char *label, ks_str help, bool secret)
{
    ks_ctx *cx = m->im->cx;
    if (field_taken(m, name))
        name = ks_fmt(cx, "credential_" KS_FMT, KS_ARG(ks_str_sub(name, 0, 40)));
    if (field_taken(m, name) || m->fields_n == PUTS)
        m->unfit = "it asks for too many values";
    else
        m->fields[m->fields_n++] = (ks_app_field){
            .name = name, .label = ks_str_of(label), .help = help, .secret = secret, .required = true};
    return name;
}

static ks_str help_of(const maker *m, const ks_doc_node *def, const char *otherwise)
{
    ks_str own = ks_prose(m->im->cx, ks_doc_text(def, "description"), HELP);
    return own.n > 0 ? own : ks_str_of(otherwise);
}

static void put_header(maker *m, ks_str name, ks_str value)
{
    bool fits = name.n <= KS_HTTP_NAME_MAX && ks_http_name(name) && !ks_http_reserved(name);
    for (size_t i = 0; i < m->headers_n; i++)
        fits &= !ks_str_ieq(m->headers[i].name, name);
    if (!fits || m->headers_n == PUTS)
        m->unfit = "it sends a header that only the transport may set, or one header twice";
    else
        m->headers[m->headers_n++] = (ks_app_put){name, value};
}

static ks_str template_of(const maker *m, const char *before, ks_str field)
{
    return ks_fmt(m->im->cx, "%s{{" KS_FMT "}}", before, KS_ARG(field));
}

/* A key in a header or a query. `name`: how the document calls the scheme. */
static void put_key(maker *m, ks_str name, const ks_doc_node *def)
{
    ks_ctx *cx = m->im->cx;
    ks_str  in = ks_doc_text(def, "in"), wire = ks_doc_text(def, "name"), words = ks_words(cx, name, false);
    bool    header = ks_str_eq(in, KS_S("header")), alone = m->alternative->n == 1;
    bool    plain = ks_str_ieq(wire, KS_S("authorization"));
    if (!header && !ks_str_eq(in, KS_S("query"))) {
        m->unfit = "it sends a key in a cookie, which is never sent";
        return;
    }
    ks_str help = help_of(m, def,
                          header ? "The key that the service gave out; it is sent in a header."
                                 : "The key that the service gave out; it is sent in the query.");
    if (plain && m->im->opt->auth.n == 0)
        help = ks_fmt(
            cx,
            KS_FMT
            " It is sent as it stands here: with the word before it, such as Bearer, where the service "
            "wants one.",
            KS_ARG(help));
    ks_str field = put_field(m, alone || words.n == 0 || words.n > 40 ? KS_S("api_key") : words,
                             alone ? "API key" : ks_prose(cx, name, 60).p, help, true);
    if (header)
        put_header(m, wire, template_of(m, "", field));
    else if (wire.n > 0 && wire.n < 128 && m->query_n < PUTS && ks_site_clean(wire))
        m->query[m->query_n++] = (ks_app_put){wire, template_of(m, "", field)};
    else
        m->unfit = "its key has no proper name in the query";
}

static void put_bearer(maker *m, const ks_doc_node *def, const char *otherwise)
{
    if (m->bearer)
        return; /* several flows of OAuth end in one token */
    ks_str field = put_field(m, KS_S("token"), "Access token", help_of(m, def, otherwise), true);
    m->bearer = true;
    put_header(m, KS_S("Authorization"), template_of(m, "Bearer ", field));
}

static void put_basic(maker *m, const ks_doc_node *def)
{
    ks_str help = help_of(m, def, "The user name, or what the service takes in its place.");
    /* a key often stands where the user name does, so both are secret; and then the password stays empty */
    put_field(m, KS_S("username"), "User name", help, true);
    put_field(m, KS_S("password"), "Password",
              KS_S("The password. Leave it empty where the service takes a key alone."), true);
    m->fields[m->fields_n - 1].required = false;
    m->basic = true;
}

static bool is(ks_str s, const char *word)
{
    return ks_str_ieq(s, ks_str_of(word));
}

static void put_declared(maker *m, ks_str name)
{
    const ks_doc_node *def = ks_doc_follow(m->im->doc, ks_doc_find(declared(m->im), name));
    ks_str             type = ks_doc_text(def, "type"), http = ks_doc_text(def, "scheme");
    if (def == NULL)
        m->unfit = "it names a scheme that is not declared";
    else if (is(type, "apiKey"))
        put_key(m, name, def);
    else if (is(type, "basic") || (is(type, "http") && is(http, "basic")))
        put_basic(m, def);
    else if (is(type, "http") && is(http, "bearer"))
        put_bearer(m, def, "The token that the service gave out.");
    else if (is(type, "oauth2") || is(type, "openIdConnect"))
        put_bearer(
            m, NULL,
            "An access token of the service, made there and pasted here; it is not renewed by itself.");
    else
        m->unfit = "it signs requests in a way that is not known here";
}

/* ---- alternatives ---- */

/* Are all names of `a` among those of `b`? */
static bool within(const ks_doc_node *a, const ks_doc_node *b)
{
    for (const ks_doc_node *n = ks_doc_first(a); n != NULL; n = n->next) {
        if (ks_doc_find(b, n->name) == NULL)
            return false;
    }
    return true;
}

static void *keep(ks_importer *im, const void *from, size_t n)
{
    void *to = ks_alloc(im->cx, n + 1);
    if (to != NULL)
        memcpy(to, from, n);
    return to;
}

/* The finished scheme in the arena. */
static void finish(maker *m, ks_app_scheme *out)
{
    ks_importer *im = m->im;
    *out = (ks_app_scheme){.scheme = m->basic    ? KS_S("BASIC")
                                     : m->bearer ? KS_S("BEARER_TOKEN")
                                                 : KS_S("API_KEY"),
                           .base = im->base};
    ks_app_field *fields = ks_alloc(im->cx, (m->fields_n + im->server_fields_n) * sizeof *fields + 1);
    if (fields == NULL)
        return;
    if (m->fields_n > 0)
        memcpy(fields, m->fields, m->fields_n * sizeof *fields);
    if (im->server_fields_n > 0)
        memcpy(fields + m->fields_n, im->server_fields, im->server_fields_n * sizeof *fields);
    out->fields = fields;
    out->fields_n = m->fields_n + im->server_fields_n;
    out->headers = (ks_app_puts){keep(im, m->headers, m->headers_n * sizeof *m->headers), m->headers_n};
    out->query = (ks_app_puts){keep(im, m->query, m->query_n * sizeof *m->query), m->query_n};
    if (m->basic) {
        out->basic_user = template_of(m, "", m->fields[0].name);
        out->basic_password = template_of(m, "", m->fields[1].name);
    }
}

static ks_app_scheme *scheme_named(ks_importer *im, ks_str word)
{
    ks_app_scheme *all = (ks_app_scheme *)(uintptr_t)im->app.schemes;
    for (size_t i = 0; i < im->app.schemes_n; i++) {
        if (ks_str_eq(all[i].scheme, word))
            return &all[i];
    }
    return NULL;
}

/* Do both send their values in the same places? */
static bool same_places(const ks_app_scheme *a, const ks_app_scheme *b)
{
    bool same = a->headers.n == b->headers.n && a->query.n == b->query.n;
    for (size_t i = 0; same && i < a->headers.n; i++)
        same = ks_str_ieq(a->headers.at[i].name, b->headers.at[i].name);
    for (size_t i = 0; same && i < a->query.n; i++)
        same = ks_str_eq(a->query.at[i].name, b->query.at[i].name);
    return same;
}

/* One more scheme of the app, unless it has one of this kind; of two, the one that sends more stays. */
static void add(maker *m)
{
    ks_importer  *im = m->im;
    ks_app_scheme made, *all = (ks_app_scheme *)(uintptr_t)im->app.schemes;
    finish(m, &made);
    ks_app_scheme *had = scheme_named(im, made.scheme);
    if (had == NULL) {
        im->kept[im->app.schemes_n] = m->alternative;
        all[im->app.schemes_n++] = made;
    } else if (within(im->kept[had - all], m->alternative)) {
        im->kept[had - all] = m->alternative;
        *had = made;
    } else if (same_places(had, &made)) {
        im->alike[im->alike_n++] = m->alternative;
    } else if (!within(m->alternative, im->kept[had - all])) {
        ks_import_note_at(
            im, m->alternative->line,
            "this security is left out: the app has another scheme of the same kind; --auth chooses");
    }
}

static void take(ks_importer *im, maker *m, const ks_doc_node *alternative)
{
    for (size_t i = 0; i < im->seen_n; i++) {
        if (within(im->seen[i], alternative) && within(alternative, im->seen[i]))
            return;
    }
    if (alternative->kind != KS_DOC_MAP || alternative->n == 0 || im->seen_n == KS_COUNT(im->seen))
        return;
    im->seen[im->seen_n++] = alternative;
    *m = (maker){.im = im, .alternative = alternative};
    for (const ks_doc_node *n = ks_doc_first(alternative); n != NULL && m->unfit == NULL; n = n->next)
        put_declared(m, n->name);
    for (size_t i = 0; i < m->headers_n && m->basic; i++) {
        if (ks_str_ieq(m->headers[i].name, KS_S("authorization")))
            m->unfit = "it wants Basic and another credential in one header";
    }
    if (m->unfit != NULL)
        ks_import_note_at(im, alternative->line, "this security is left out: %s", m->unfit);
    else
        add(m);
}

static void take_list(ks_importer *im, maker *m, const ks_doc_node *list)
{
    for (const ks_doc_node *a = ks_doc_first(list); a != NULL; a = a->next)
        take(im, m, a);
}

static void take_operations(ks_importer *im, maker *m)
{
    static const char *const methods[] = {"get", "post", "put", "patch", "delete", "head"};
    for (const ks_doc_node *p = ks_doc_first(ks_doc_get(im->doc->root, "paths")); p != NULL; p = p->next) {
        const ks_doc_node *item = ks_doc_follow(im->doc, p);
        for (size_t i = 0; i < KS_COUNT(methods); i++)
            take_list(im, m, ks_doc_get(ks_doc_get(item, methods[i]), "security"));
    }
}

/* Nothing says which of the declared schemes is wanted: each is offered. */
static void take_declared(ks_importer *im, maker *m)
{
    for (const ks_doc_node *d = ks_doc_first(declared(im)); d != NULL; d = d->next) {
        ks_doc_node *alternative = ks_zalloc(im->cx, sizeof *alternative),
                    *name = ks_zalloc(im->cx, sizeof *name);
        if (alternative == NULL || name == NULL)
            return;
        *name = (ks_doc_node){.kind = KS_DOC_LIST, .line = d->line, .name = d->name};
        *alternative = (ks_doc_node){
            .kind = KS_DOC_MAP, .line = d->line, .n = 1, .first = name, .last = name};
        take(im, m, alternative);
    }
}

/* ---- what the person says instead ---- */

static bool from_option(ks_importer *im, maker *m)
{
    ks_str       auth = im->opt->auth, name = ks_str_sub(auth, ks_str_chr(auth, ':') + 1, SIZE_MAX);
    ks_doc_node  wire = {.kind = KS_DOC_TEXT, .name = KS_S("name"), .text = name};
    ks_doc_node  in = {.kind = KS_DOC_TEXT, .name = KS_S("in"), .text = KS_S("header"), .next = &wire};
    ks_doc_node  def = {.kind = KS_DOC_MAP, .n = 2, .first = &in, .last = &wire};
    ks_doc_node *one = ks_zalloc(im->cx, sizeof *one);
    if (one == NULL)
        return false;
    one->n = 1;
    *m = (maker){.im = im, .alternative = one};
    if (is(auth, "none"))
        return true;
    if (is(auth, "bearer"))
        put_bearer(m, NULL, "The token that the service gave out.");
    else if (is(auth, "basic"))
        put_basic(m, NULL);
    else if (ks_str_starts(auth, KS_S("header:")) || ks_str_starts(auth, KS_S("query:"))) {
        if (auth.p[0] == 'q')
            in.text = KS_S("query");
        put_key(m, KS_S("api_key"), &def);
    } else
        m->unfit = "it is none of them";
    if (m->unfit == NULL)
        add(m);
    return m->unfit == NULL;
}

void ks_import_security(ks_importer *im)
{
    maker             *m = ks_alloc(im->cx, sizeof *m);
    const ks_doc_node *root = ks_doc_get(im->doc->root, "security");
    im->app.schemes = ks_zalloc(im->cx, 4 * sizeof *im->app.schemes); /* three kinds and NO_AUTH */
    if (m == NULL || im->app.schemes == NULL)
        return;
    if (im->opt->auth.n > 0) {
        if (!from_option(im, m) && im->doc->status == KS_OK)
            im->doc->status = ks_fail(
                im->cx, KS_INVALID, "auth",
                "The way to send the credential is bearer, basic, none, header:NAME or query:NAME.");
        return;
    }
    take_list(im, m, root);
    take_operations(im, m);
    if (im->seen_n == 0)
        take_declared(im, m);
    if (im->app.schemes_n == 0 && im->seen_n == 0)
        ks_import_note_at(
            im, 0, "the document says nothing of credentials; --auth adds one, for example --auth bearer");
}

static bool satisfied(const ks_importer *im, const ks_doc_node *alternative)
{
    for (size_t i = 0; i < im->app.schemes_n; i++) {
        if (im->kept[i] != NULL && within(alternative, im->kept[i]))
            return true;
    }
    for (size_t i = 0; i < im->alike_n; i++) {
        if (within(alternative, im->alike[i]))
            return true;
    }
    return alternative->n == 0;
}

bool ks_import_signable(ks_importer *im, const ks_doc_node *operation)
{
    const ks_doc_node *list = ks_doc_get(operation, "security");
    if (list == NULL)
        list = ks_doc_get(im->doc->root, "security");
    if (im->opt->auth.n > 0 || list == NULL || list->n == 0)
        return true;
    for (const ks_doc_node *a = ks_doc_first(list); a != NULL; a = a->next) {
        if (satisfied(im, a))
            return true;
    }
    return false;
}
