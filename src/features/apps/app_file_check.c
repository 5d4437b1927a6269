/* features/apps/app_file_check.c — rules of an app file beside its shape: the app, its schemes, where a
 * credential may go. Actions: app_file_actions.c. Opens nothing, resolves nothing. Format: docs/formats.md.
 */
#include "base/http_text.h"
#include "base/json.h"
#include "features/apps/app_file_tree.h"
#include "features/apps/catalog.h"
#include "features/apps/template.h"

bool ks_file_is_key(ks_str s)
{
    return s.n <= 64 && ks_str_only(s, "abcdefghijklmnopqrstuvwxyz0123456789_");
}

bool ks_file_is_statement(ks_str method)
{
    return ks_str_eq(method, KS_S("SQL")) || ks_str_eq(method, KS_S("COMMAND"));
}

void ks_file_template(ks_app_reader *r, const void *at, const char *member, const ks_app_scheme *s,
                      size_t derived, ks_str tpl, bool header)
{
    const char *fault = ks_tpl_fault(tpl);
    ks_tpl_part part;
    if (fault != NULL) {
        ks_file_fault_at(r, at, member, "a template of `%s` %s", member, fault);
        return;
    }
    while (ks_tpl_next(&tpl, &part)) {
        const ks_app_field *f = part.is_value ? ks_app_field_find(s, part.text) : NULL;
        bool                known = (f != NULL && ks_str_eq(f->name, part.text)) ||
                     ks_file_derived(s, derived, part.text) != NULL;
        if (part.is_value && !known)
            ks_file_fault_at(r, at, member, "`%s` uses {{" KS_FMT "}}, which is no field of this scheme",
                             member, KS_ARG(part.text));
        else if (f != NULL && header && f->kind == KS_APP_BLOB)
            ks_file_fault_at(r, at, member, "`%s` uses {{" KS_FMT "}}, a blob; a header value is one line",
                             member, KS_ARG(part.text));
    }
}

static void check_template(ks_app_reader *r, const void *at, const char *member, const ks_app_scheme *s,
                           ks_str tpl, bool header)
{
    ks_file_template(r, at, member, s, s->derive_n, tpl, header);
}

static void check_puts(ks_app_reader *r, const void *at, const char *member, const ks_app_scheme *s,
                       ks_app_puts puts, bool header)
{
    for (size_t i = 0; i < puts.n; i++) {
        if (header && !(puts.at[i].name.n <= KS_HTTP_NAME_MAX && ks_http_name(puts.at[i].name)))
            ks_file_fault_at(r, at, member,
                             "the name of a header may hold letters, digits and !#$%%&'*+-.^_`|~");
        for (size_t j = 0; j < i; j++) {
            if (header && ks_str_ieq(puts.at[i].name, puts.at[j].name))
                ks_file_fault_at(r, at, member, "a header stands here twice; its case does not matter");
        }
        check_template(r, at, member, s, puts.at[i].value, header);
    }
}

/* ---- fields ---- */

static void check_pattern(ks_app_reader *r, const ks_app_field *f)
{
    const char *fault = f->pattern.p != NULL ? ks_file_pattern_fault(f->pattern) : NULL;
    if (fault != NULL)
        ks_file_fault_at(r, f, "pattern", "`pattern` %s", fault);
}

static void check_field(ks_app_reader *r, const ks_app_scheme *s, const ks_app_field *f)
{
    bool choice = f->kind == KS_APP_CHOICE;
    if (!ks_file_is_key(f->name))
        ks_file_fault_at(r, f, "name", "the name of a field is [a-z0-9_]+, at most 64");
    for (const ks_app_field *g = s->fields; g < f; g++) {
        if (ks_str_eq(f->name, g->name) || ks_list_holds(g->aliases, f->name) ||
            ks_list_holds(f->aliases, g->name))
            ks_file_fault_at(r, f, "name", "an earlier field has this name or alias");
    }
    if (choice != (f->values.n > 0))
        ks_file_fault_at(r, f, "values", "`values` and `kind: choice` belong together");
    if (choice && f->fallback.p != NULL && !ks_list_holds(f->values, f->fallback))
        ks_file_fault_at(r, f, "default", "`default` must be one of `values`");
    if (choice && f->example.p != NULL && !ks_list_holds(f->values, f->example))
        ks_file_fault_at(r, f, "example", "`example` must be one of `values`; a choice needs none");
    if (f->to_act && f->required)
        ks_file_fault_at(r, f, "to_act", "`to_act` is for fields with `required: false`");
    if (f->secret && f->fallback.p != NULL)
        ks_file_fault_at(r, f, "default", "a secret has no default");
    check_pattern(r, f);
}

/* ---- base ---- */

static void check_base(ks_app_reader *r, const ks_app_scheme *s)
{
    if (s->base.p == NULL) {
        if (s->dsn.n == 0)
            ks_file_fault_at(r, s, NULL, "a scheme lacks `base`");
        return;
    }
    check_template(r, s, "base", s, s->base, true);
    if (ks_str_ends(s->base, KS_S("/")) || ks_str_chr(s->base, '?') != SIZE_MAX)
        ks_file_fault_at(r, s, "base", "`base` ends without '/' and holds no query");
    ks_file_check_url(r, s, "base", s, s->derive_n, s->base);
}

/* ---- check and find ---- */

static void check_pointer(ks_app_reader *r, const void *at, ks_str pointer)
{
    if (pointer.n > 0 && pointer.p[0] != '/')
        ks_file_fault_at(r, at, NULL, "a pointer begins with '/' (RFC 6901)");
}

static void check_answers(ks_app_reader *r, ks_app_answers list, bool cause)
{
    for (size_t i = 0; i < list.n; i++) {
        const ks_app_answer *a = &list.at[i];
        if (a->status != 0 && (a->status < 100 || a->status > 599))
            ks_file_fault_at(r, a, "status", "an HTTP status (100 to 599) is wanted here");
        if (a->status == 0 && a->pointer.p == NULL)
            ks_file_fault_at(r, a, NULL, "an answer needs `status`, or `pointer` and `value`");
        if ((a->pointer.p == NULL) != (a->value.p == NULL))
            ks_file_fault_at(r, a, NULL, "`pointer` and `value` belong together");
        if (cause && a->cause.p == NULL)
            ks_file_fault_at(r, a, NULL, "`cause` is wanted: one sentence that tells the person what to do");
        check_pointer(r, a, a->pointer);
    }
}

/* What `send` adds is not written once more: a vendor would see it twice. */
static bool repeats_query(const ks_app_scheme *s, ks_str path)
{
    ks_str query = ks_str_sub(path, ks_str_chr(path, '?'), SIZE_MAX), pair;
    query = ks_str_sub(query, 1, SIZE_MAX);
    while (ks_str_cut(&query, '&', &pair)) {
        for (size_t i = 0; i < s->query.n; i++) {
            if (ks_str_eq(s->query.at[i].name, ks_str_sub(pair, 0, ks_str_chr(pair, '='))))
                return true;
        }
    }
    return false;
}

/* The request of a check over HTTP. */
static void check_request(ks_app_reader *r, const ks_app_scheme *s, const ks_app_check *c)
{
    bool whole = ks_str_starts(c->path, KS_FILE_HTTPS), form = c->encoding == KS_ENCODE_FORM;
    if (!whole && (c->path.n == 0 || c->path.p[0] != '/'))
        ks_file_fault_at(r, c, "path", "`path` begins with '/', or is a whole https URL");
    if (whole && !ks_file_host_held(s->hosts, ks_file_host(c->path)))
        ks_file_fault_at(r, c, "path", "the host of `path` is not in `hosts`");
    check_template(r, c, "path", s, c->path, true);
    check_puts(r, c, "headers", s, c->headers, true);
    check_template(r, c, "body", s, c->body, false);
    if (c->encoding > KS_ENCODE_FORM)
        ks_file_fault_at(r, c, "encoding", "the body of a check is json or form");
    if (c->body.p != NULL && !form && ks_json_fault(c->body) != NULL)
        ks_file_fault_at(r, c, "body", "`body` %s", ks_json_fault(c->body));
    if (repeats_query(s, c->path))
        ks_file_fault_at(r, c, "path", "`send` adds this query member already; leave it out of `path`");
    if (c->good.n == 0)
        ks_file_fault_at(r, c, NULL, "the check lacks `good`");
}

static void check_check(ks_app_reader *r, const ks_app_scheme *s)
{
    const ks_app_check *c = &s->check;
    if (c->method.p == NULL)
        return;
    bool statement = ks_file_is_statement(c->method);
    if (!ks_http_method(c->method) && !statement)
        ks_file_fault_at(r, c, "method", "`method` is GET, POST, PUT, PATCH, DELETE or HEAD");
    if (statement != (s->dsn.n > 0) || (statement && (c->body.p == NULL || c->path.p != NULL)))
        ks_file_fault_at(r, c, "method",
                         "method: SQL or COMMAND, with the statement in `body`, is the check of a `dsn`");
    if (!statement)
        check_request(r, s, c);
    check_answers(r, c->good, false);
    check_answers(r, c->limited, true);
    check_answers(r, c->bad, true);
    if (c->trusted && c->bad.n == 0)
        ks_file_fault_at(r, c, "trusted", "a trusted check needs `bad` answers");
    const ks_str ids[] = {c->identity.id, c->identity.name, c->identity.email, c->identity.account,
                          c->identity.plan};
    for (size_t i = 0; i < KS_COUNT(ids); i++)
        check_pointer(r, c, ids[i]);
}

/* ---- schemes and the app ---- */

static bool is_scheme(ks_str s)
{
    static const char *const known[] = {
        "API_KEY", "BEARER_TOKEN", "BASIC",   "BASIC_WITH_JWT", "GOOGLE_SERVICE_ACCOUNT",
        "NO_AUTH", "CUSTOM",       "DATABASE"};
    for (size_t i = 0; i < KS_COUNT(known); i++) {
        if (ks_str_eq(s, ks_str_of(known[i])))
            return true;
    }
    return false;
}

static void check_scheme(ks_app_reader *r, const ks_app *app, const ks_app_scheme *s)
{
    if (!is_scheme(s->scheme))
        ks_file_fault_at(r, s, "scheme",
                         "`scheme` is API_KEY, BEARER_TOKEN, BASIC, BASIC_WITH_JWT, "
                         "GOOGLE_SERVICE_ACCOUNT, NO_AUTH, CUSTOM or DATABASE");
    for (const ks_app_scheme *t = app->schemes; t < s; t++) {
        if (ks_str_eq(s->scheme, t->scheme))
            ks_file_fault_at(r, s, "scheme", "the app has this scheme already");
    }
    if (s->fields_n > KS_MAX_FIELDS)
        ks_file_fault_at(r, s, "fields", "at most %d fields", KS_MAX_FIELDS);
    for (size_t i = 0; i < s->fields_n; i++)
        check_field(r, s, &s->fields[i]);
    if (ks_str_eq(s->scheme, KS_S("DATABASE")) != (s->dsn.n > 0))
        ks_file_fault_at(r, s, "scheme", "scheme: DATABASE and `dsn` belong together");
    check_base(r, s);
    ks_file_check_hosts(r, s);
    ks_file_check_ways(r, s);
    check_puts(r, s, "send", s, s->headers, true);
    check_puts(r, s, "send", s, s->query, false);
    check_puts(r, s, "send", s, s->body, false);
    for (size_t i = 0; i < s->headers.n; i++) {
        if (ks_str_ieq(s->headers.at[i].name, KS_S("authorization")) && s->basic_user.p != NULL)
            ks_file_fault_at(r, s, "send", "`basic` is the header Authorization; name one of them");
    }
    check_template(r, s, "send", s, s->basic_user, true);
    check_template(r, s, "send", s, s->basic_password, true);
    check_check(r, s);
    ks_file_check_used(r, app, s);
    if (s->find_url.p != NULL && ks_file_host(s->find_url).p == NULL &&
        !ks_file_begins_with(s, s->find_url, KS_APP_URL))
        ks_file_fault_at(r, s, "find", "`url` of find is an https URL; or write find: none");
}

static bool file_named(ks_str file, ks_str key)
{
    for (size_t slash; (slash = ks_str_chr(file, '/')) != SIZE_MAX;)
        file = ks_str_sub(file, slash + 1, SIZE_MAX);
    return file.n == key.n + 5 && ks_str_starts(file, key) && ks_str_ends(file, KS_S(".yaml"));
}

static void check_url(ks_app_reader *r, const ks_app *app, const char *member, ks_str url)
{
    if (url.p != NULL && ks_file_host(url).p == NULL)
        ks_file_fault_at(r, app, member, "`%s` is an https URL", member);
}

void ks_file_check(ks_app_reader *r, const ks_app *app)
{
    if (!ks_file_is_key(app->key) || !file_named(r->file, app->key))
        ks_file_fault_at(r, app, "app", "`app` is [a-z0-9_]+ and equal to the file's name without .yaml");
    if (app->categories.n == 0)
        ks_file_fault_at(r, app, "categories", "name at least one category");
    check_url(r, app, "home", app->home);
    check_url(r, app, "docs", app->docs);
    check_url(r, app, "openapi", app->openapi);
    check_url(r, app, "base", app->open_base);
    if ((app->schemes_n == 0) != (app->open_base.p != NULL))
        ks_file_fault_at(r, app, NULL, "an app has either `schemes` or, when it needs no credential, `base`");
    if (ks_str_ends(app->open_base, KS_S("/")) || ks_str_find(app->open_base, KS_S("{{")) != SIZE_MAX)
        ks_file_fault_at(r, app, "base", "`base` ends without '/' and holds no template");
    ks_file_check_pages(r, app);
    for (size_t i = 0; i < app->schemes_n; i++)
        check_scheme(r, app, &app->schemes[i]);
}
