/* features/apps/app_file_actions.c — rules for the actions of an app file beside their shape. Opens nothing.
 * Format: docs/formats.md "App files". Threads: none shared. */
#include "base/json.h"
#include "features/apps/app_file_tree.h"
#include "features/apps/catalog.h"
#include "features/apps/template.h"

static bool is_upper(ks_str s)
{
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        if (!((c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_'))
            return false;
    }
    return s.n > 0 && s.n <= 64 && s.p[0] >= 'A' && s.p[0] <= 'Z';
}

/* NAME begins with the key in capitals and '_'. */
static bool named_after(ks_str name, ks_str key)
{
    return name.n > key.n + 1 && name.p[key.n] == '_' && ks_str_ieq(ks_str_sub(name, 0, key.n), key);
}

/* Names become members of schemas and names of Python parameters; only what is never asked may hold '-'. */
static bool is_param_name(ks_str s, bool asked)
{
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
              (c == '-' && !asked)))
            return false;
    }
    return s.n > 0 && s.n <= 64;
}

/* Take the next {name} off *path. False when there is none; an unclosed one gives an absent name. */
static bool next_place(ks_str *path, ks_str *name)
{
    size_t at = ks_str_chr(*path, '{');
    if (at == SIZE_MAX)
        return false;
    ks_str rest = ks_str_sub(*path, at + 1, SIZE_MAX);
    size_t end = ks_str_chr(rest, '}');
    *name = end == SIZE_MAX ? KS_NO_STR : ks_str_sub(rest, 0, end);
    *path = end == SIZE_MAX ? KS_NO_STR : ks_str_sub(rest, end + 1, SIZE_MAX);
    return true;
}

static const ks_app_param *param_find(const ks_app_action *a, ks_str name)
{
    for (size_t i = 0; i < a->params_n; i++) {
        if (ks_str_eq(a->params[i].name, name))
            return &a->params[i];
    }
    return NULL;
}

/* What stands behind the host of a whole URL, or the path as it is. */
static ks_str below_host(ks_str path)
{
    ks_str rest = ks_str_sub(path, KS_FILE_HTTPS.n, SIZE_MAX);
    if (!ks_str_starts(path, KS_FILE_HTTPS))
        return path;
    size_t slash = ks_str_chr(rest, '/');
    return slash == SIZE_MAX ? KS_S("/") : ks_str_sub(rest, slash, SIZE_MAX);
}

static bool in_path(const ks_app_action *a, ks_str name)
{
    ks_str rest = below_host(a->path), place;
    while (next_place(&rest, &place)) {
        if (ks_str_eq(place, name))
            return true;
    }
    return false;
}

static void check_places(ks_app_reader *r, const ks_app_action *a)
{
    ks_str rest = below_host(a->path), place;
    while (next_place(&rest, &place)) {
        const ks_app_param *p = param_find(a, place);
        if (p == NULL || p->in != KS_IN_PATH)
            ks_file_fault_at(r, a, "path",
                             "each {name} of `path` needs a parameter of that name with in: path");
        else if (!p->required && p->from.p == NULL && p->fixed.p == NULL)
            ks_file_fault_at(r, p, "required", "a path parameter is required, or has `from` or `fixed`");
    }
}

static bool some_field(const ks_app *app, ks_str name)
{
    for (size_t i = 0; i < app->schemes_n; i++) {
        if (ks_app_field_find(&app->schemes[i], name) != NULL)
            return true;
    }
    return false;
}

/* What the encoding of the action takes. */
static void check_body_param(ks_app_reader *r, const ks_app_action *a, const ks_app_param *p)
{
    bool body = p->in == KS_IN_BODY, form = p->in == KS_IN_FORM, argument = p->in == KS_IN_ARGUMENT;
    bool parts = a->encoding == KS_ENCODE_MULTIPART, raw = a->encoding == KS_ENCODE_RAW;
    if (body && a->encoding != KS_ENCODE_JSON && !raw && a->graphql.p == NULL)
        ks_file_fault_at(r, p, "in", "body parameters need encoding: json or raw");
    if (form && a->encoding != KS_ENCODE_FORM && !parts)
        ks_file_fault_at(r, p, "in", "form parameters need encoding: form or multipart");
    if (!body && !form && !argument && p->type == KS_T_OBJECT)
        ks_file_fault_at(r, p, "type", "an object can only stand in a body or form");
    if (p->type == KS_T_FILE && !(form && parts) && !(body && raw))
        ks_file_fault_at(r, p, "type",
                         "a file is a part of encoding: multipart, or the body of encoding: raw");
    if (p->items == KS_T_FILE)
        ks_file_fault_at(r, p, "items", "a list holds no files; give each its own parameter");
}

/* Allowed values stand in schemas as values of the type. */
static void check_values(ks_app_reader *r, const ks_app_param *p)
{
    bool number = p->type == KS_T_INTEGER || p->type == KS_T_NUMBER;
    if (p->type == KS_T_ARRAY && p->values.n > 0)
        ks_file_fault_at(r, p, "values",
                         "`values` are for one value; name those of a list's elements in `about`");
    for (size_t i = 0; i < p->values.n; i++) {
        ks_str v = p->values.at[i];
        bool   digits = v.n > 0 && (v.p[0] == '-' || (v.p[0] >= '0' && v.p[0] <= '9')) &&
                      ks_json_fault(v) == NULL;
        if ((number && !digits) ||
            (p->type == KS_T_BOOLEAN && !ks_str_eq(v, KS_S("true")) && !ks_str_eq(v, KS_S("false"))))
            ks_file_fault_at(r, p, "values", "each of `values` is of the parameter's type");
    }
}

static void check_param(ks_app_reader *r, const ks_app *app, const ks_app_action *a, const ks_app_param *p)
{
    if (!is_param_name(p->name, p->fixed.p == NULL))
        ks_file_fault_at(r, p, "name", "the name of a parameter is [A-Za-z0-9_]+, at most 64; see `target`");
    check_values(r, p);
    if (param_find(a, p->name) != p)
        ks_file_fault_at(r, p, "name", "an earlier parameter has this name");
    if (p->in == KS_IN_PATH && !in_path(a, p->name))
        ks_file_fault_at(r, p, "in", "`path` has no {name} for this parameter");
    if (p->in == KS_IN_PATH && p->target.p != NULL)
        ks_file_fault_at(r, p, "target", "a path parameter stands in `path` under its own name");
    check_body_param(r, a, p);
    if (p->fixed.p != NULL && (p->required || p->fallback.p != NULL || p->from.p != NULL))
        ks_file_fault_at(r, p, "fixed", "`fixed` excludes `required`, `default` and `from`");
    if (p->fixed.p == NULL && p->about.p == NULL)
        ks_file_fault_at(r, p, NULL, "a parameter that is asked for needs `about`");
    if (p->from.p != NULL && !some_field(app, p->from))
        ks_file_fault_at(r, p, "from", "`from` names no field of any scheme");
}

/* A raw body is one value with a type of its own. */
static void check_raw(ks_app_reader *r, const ks_app_action *a)
{
    size_t bodies = 0;
    for (size_t i = 0; i < a->params_n; i++)
        bodies += a->params[i].in == KS_IN_BODY;
    bool raw = a->encoding == KS_ENCODE_RAW;
    if (a->form != KS_FORM_REPEAT && a->encoding != KS_ENCODE_FORM && a->encoding != KS_ENCODE_MULTIPART)
        ks_file_fault_at(r, a, "form", "`form` needs encoding: form or multipart");
    if (raw && bodies != 1)
        ks_file_fault_at(r, a, "encoding", "encoding: raw takes exactly one parameter with in: body");
    if (raw != (a->content_type.p != NULL))
        ks_file_fault_at(r, a, "content_type", "`content_type` and encoding: raw belong together");
    if (raw && a->graphql.p != NULL)
        ks_file_fault_at(r, a, "graphql", "a GraphQL document is sent as JSON");
}

static void check_tags(ks_app_reader *r, const ks_app_action *a)
{
    bool read = a->tags.n > 0 && ks_str_eq(a->tags.at[0], KS_S("read"));
    if (!read && (a->tags.n == 0 || !ks_str_eq(a->tags.at[0], KS_S("write"))))
        ks_file_fault_at(r, a, "tags", "the first tag is read or write");
}

static bool url_allowed(const ks_app *app, ks_str url)
{
    ks_str host = ks_file_host(url);
    for (size_t i = 0; i < app->schemes_n; i++) {
        if (ks_file_host_held(app->schemes[i].hosts, host))
            return true;
    }
    return app->schemes_n == 0 && ks_str_eq(host, ks_file_host(app->open_base));
}

/* The host of a whole URL takes fields that are made for it, {{region}}, and nothing a caller says. */
static void check_host(ks_app_reader *r, const ks_app *app, const ks_app_action *a)
{
    ks_str      host = ks_file_host(a->path);
    ks_tpl_part part;
    while (ks_tpl_next(&host, &part)) {
        bool fine = part.is_value || ks_str_chr(part.text, '{') == SIZE_MAX;
        for (size_t i = 0; part.is_value && i < app->schemes_n; i++) {
            const ks_app_field *f = ks_app_field_find(&app->schemes[i], part.text);
            fine &= f != NULL && !f->secret && (f->kind == KS_APP_LABEL || f->kind == KS_APP_CHOICE);
        }
        if (!fine)
            ks_file_fault_at(r, a, "path",
                             "the host of `path` takes {{field}} of kind label or choice, and no parameter");
    }
}

static void check_http(ks_app_reader *r, const ks_app *app, const ks_app_action *a)
{
    static const char *const methods[] = {"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD"};
    bool                     known = false;
    for (size_t i = 0; i < KS_COUNT(methods); i++)
        known |= ks_str_eq(a->method, ks_str_of(methods[i]));
    if (!known)
        ks_file_fault_at(r, a, "method", "`method` is GET, POST, PUT, PATCH, DELETE or HEAD");
    if (ks_str_starts(a->path, KS_FILE_HTTPS) ? !url_allowed(app, a->path)
                                              : a->path.n == 0 || a->path.p[0] != '/')
        ks_file_fault_at(r, a, "path", "`path` begins with '/', or is a whole https URL on `hosts`");
    check_host(r, app, a);
    if (ks_str_find(below_host(a->path), KS_S("{{")) != SIZE_MAX)
        ks_file_fault_at(r, a, "path", "`path` takes {param}, not {{field}}; a parameter may have `from`");
    if (a->graphql.p != NULL && !ks_str_eq(a->method, KS_S("POST")))
        ks_file_fault_at(r, a, "graphql", "a GraphQL document is sent with method: POST");
    if (a->encoding != KS_ENCODE_NONE &&
        (ks_str_eq(a->method, KS_S("GET")) || ks_str_eq(a->method, KS_S("HEAD"))))
        ks_file_fault_at(r, a, "encoding", "GET and HEAD send no body");
    for (size_t i = 0; i < a->params_n; i++) {
        if (a->params[i].in == KS_IN_ARGUMENT)
            ks_file_fault_at(r, &a->params[i], "in", "arguments belong to method: SQL or COMMAND");
    }
}

/* What a database runs: the word in `path` says what, the arguments with what. */
static void check_statement(ks_app_reader *r, const ks_app *app, const ks_app_action *a)
{
    bool database = false, word = a->path.n > 0;
    for (size_t i = 0; i < app->schemes_n; i++)
        database |= app->schemes[i].dsn.n > 0;
    for (size_t i = 0; i < a->path.n; i++) {
        char c = a->path.p[i];
        word &= (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '*';
    }
    if (!database)
        ks_file_fault_at(r, a, "method", "method: SQL or COMMAND needs a scheme with `dsn`");
    if (!word)
        ks_file_fault_at(r, a, "path", "`path` is the one word that names what is run");
    if (a->encoding != KS_ENCODE_NONE || a->graphql.p != NULL)
        ks_file_fault_at(r, a, "encoding", "a database call has no body");
    for (size_t i = 0; i < a->params_n; i++) {
        if (a->params[i].in != KS_IN_ARGUMENT)
            ks_file_fault_at(r, &a->params[i], "in", "parameters of SQL and COMMAND are arguments");
    }
}

static void check_action(ks_app_reader *r, const ks_app *app, const ks_app_action *a)
{
    if (!is_upper(a->name) || !named_after(a->name, app->key))
        ks_file_fault_at(r, a, "name",
                         "the name is [A-Z][A-Z0-9_]{0,63} and begins with the app's key in capitals and _");
    for (const ks_app_action *b = app->actions; b < a; b++) {
        if (ks_str_eq(a->name, b->name))
            ks_file_fault_at(r, a, "name", "an earlier action has this name");
    }
    if (ks_file_is_statement(a->method))
        check_statement(r, app, a);
    else
        check_http(r, app, a);
    check_tags(r, a);
    check_raw(r, a);
    check_places(r, a);
    for (size_t i = 0; i < a->params_n; i++)
        check_param(r, app, a, &a->params[i]);
}

void ks_file_check_actions(ks_app_reader *r, const ks_app *app)
{
    for (size_t i = 0; i < app->actions_n; i++)
        check_action(r, app, &app->actions[i]);
}
