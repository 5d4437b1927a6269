/* features/apps/app_file_schema.c — the shape of an app file as tables: members, kinds, where they go in the
 * structs of app.h. Rules that join several members: app_file_check.c. Format: docs/formats.md. */
#include "features/apps/app_file_shape.h"

#include <stddef.h>

static void begin_field(void *out);
static void end_derived(ks_app_reader *r, const ks_node *map, void *out);
static void end_scheme(ks_app_reader *r, const ks_node *map, void *out);
static void end_param(ks_app_reader *r, const ks_node *map, void *out);

#define AT(type, m) .at = offsetof(type, m)
#define MEMBER(n, k, ...)                                                                                    \
    {                                                                                                        \
        .name = n, .kind = k, __VA_ARGS__                                                                    \
    }
#define SHAPE(w, s, table) SHAPE_WITH(w, s, table, .begin = NULL)
#define SHAPE_WITH(w, s, table, ...)                                                                         \
    {                                                                                                        \
        .what = w, .size = s, .members = table, .n = KS_COUNT(table), __VA_ARGS__                            \
    }
#define LIST_OF(type, p, sh) .at = offsetof(type, p), .count = offsetof(type, p##_n), .shape = &(sh)

static const char *const kinds[] = {"text", "utf8", "blob", "label", "url", "host", "choice", NULL};
static const char *const places[] = {"path", "query", "header", "body", "form", "argument", NULL};
static const char *const types[] = {"string", "integer", "number", "boolean",
                                    "array",  "object",  "file",   NULL};
static const char *const answers[] = {"data", "file", NULL};
static const char *const encodings[] = {"none", "json", "form", "multipart", "raw", NULL};
static const char *const forms[] = {"repeat", "brackets", "indices", "dots", NULL};
static const char *const makes[] = {"base64", "token", "jwt",         "member", "before", "after",
                                    "upper",  "label", "fingerprint", "date",   NULL};
static const char *const only[] = {"only", NULL};

static const ks_member field_members[] = {
    MEMBER("name", TEXT, AT(ks_app_field, name), .required = true),
    MEMBER("label", TEXT, AT(ks_app_field, label), .required = true),
    MEMBER("help", TEXT, AT(ks_app_field, help), .required = true),
    MEMBER("example", TEXT, AT(ks_app_field, example)),
    MEMBER("pattern", TEXT, AT(ks_app_field, pattern)),
    MEMBER("secret", FLAG, AT(ks_app_field, secret)),
    MEMBER("required", FLAG, AT(ks_app_field, required)),
    MEMBER("to_act", FLAG, AT(ks_app_field, to_act)),
    MEMBER("developer", FLAG, AT(ks_app_field, developer)),
    MEMBER("kind", WORD, AT(ks_app_field, kind), .words = kinds),
    MEMBER("default", TEXT, AT(ks_app_field, fallback), .empty = true),
    MEMBER("values", TEXTS, AT(ks_app_field, values)),
    MEMBER("aliases", TEXTS, AT(ks_app_field, aliases)),
    MEMBER("prefix", TEXT, AT(ks_app_field, prefix)),
    MEMBER("suffix", TEXT, AT(ks_app_field, suffix)),
};
static const ks_shape field_shape = SHAPE_WITH("a field", sizeof(ks_app_field), field_members,
                                               .begin = begin_field);

static const ks_member answer_members[] = {
    MEMBER("status", NUMBER, AT(ks_app_answer, status)),
    MEMBER("pointer", TEXT, AT(ks_app_answer, pointer), .empty = true),
    MEMBER("value", TEXT, AT(ks_app_answer, value), .empty = true),
    MEMBER("cause", TEXT, AT(ks_app_answer, cause)),
};
static const ks_shape answer_shape = SHAPE("an answer", sizeof(ks_app_answer), answer_members);

static const ks_member identity_members[] = {
    MEMBER("id", TEXT, AT(ks_app_check, identity.id)),
    MEMBER("name", TEXT, AT(ks_app_check, identity.name)),
    MEMBER("email", TEXT, AT(ks_app_check, identity.email)),
    MEMBER("account", TEXT, AT(ks_app_check, identity.account)),
    MEMBER("plan", TEXT, AT(ks_app_check, identity.plan)),
};
static const ks_shape identity_shape = SHAPE("the identity", 0, identity_members);

#define ANSWERS(m)                                                                                           \
    .at = offsetof(ks_app_check, m.at), .count = offsetof(ks_app_check, m.n), .shape = &answer_shape
static const ks_member check_members[] = {
    MEMBER("method", TEXT, AT(ks_app_check, method), .required = true),
    MEMBER("path", TEXT, AT(ks_app_check, path)),
    MEMBER("headers", PUTS, AT(ks_app_check, headers)),
    MEMBER("encoding", WORD, AT(ks_app_check, encoding), .words = encodings),
    MEMBER("body", LINES, AT(ks_app_check, body)),
    MEMBER("trusted", FLAG, AT(ks_app_check, trusted)),
    MEMBER("good", PARTS, ANSWERS(good)),
    MEMBER("limited", PARTS, ANSWERS(limited)),
    MEMBER("bad", PARTS, ANSWERS(bad)),
    MEMBER("identity", PART, .shape = &identity_shape),
};
static const ks_shape check_shape = SHAPE("the check", 0, check_members);

static const ks_member basic_members[] = {
    MEMBER("user", TEXT, AT(ks_app_scheme, basic_user), .required = true, .empty = true),
    MEMBER("password", TEXT, AT(ks_app_scheme, basic_password), .empty = true),
};
static const ks_shape basic_shape = SHAPE("basic", 0, basic_members);

static const ks_member send_members[] = {
    MEMBER("headers", PUTS, AT(ks_app_scheme, headers)),
    MEMBER("query", PUTS, AT(ks_app_scheme, query)),
    MEMBER("body", PUTS, AT(ks_app_scheme, body)),
    MEMBER("basic", PART, .shape = &basic_shape),
};
static const ks_shape send_shape = SHAPE("send", 0, send_members);

static const ks_member derived_basic_members[] = {
    MEMBER("user", TEXT, AT(ks_app_derived, basic_user), .required = true, .empty = true),
    MEMBER("password", TEXT, AT(ks_app_derived, basic_password), .empty = true),
};
static const ks_shape derived_basic_shape = SHAPE("basic", 0, derived_basic_members);

static const ks_member refresh_members[] = {
    MEMBER("pointer", TEXT, AT(ks_app_derived, refresh_pointer), .required = true),
    MEMBER("url", TEXT, AT(ks_app_derived, refresh_url), .required = true),
    MEMBER("body", JSON, .required = true),
};
static const ks_shape refresh_shape = SHAPE("refresh", 0, refresh_members);

static const ks_member derived_members[] = {
    MEMBER("name", TEXT, AT(ks_app_derived, name), .required = true),
    MEMBER("make", WORD, AT(ks_app_derived, make), .words = makes, .required = true),
    MEMBER("text", TEXT, AT(ks_app_derived, text)),
    MEMBER("at", TEXT, AT(ks_app_derived, at)),
    MEMBER("method", TEXT, AT(ks_app_derived, method)),
    MEMBER("url", TEXT, AT(ks_app_derived, url)),
    MEMBER("headers", PUTS, AT(ks_app_derived, headers)),
    MEMBER("basic", PART, .shape = &derived_basic_shape),
    MEMBER("encoding", WORD, AT(ks_app_derived, encoding), .words = encodings),
    MEMBER("body", JSON, AT(ks_app_derived, body)),
    MEMBER("pointer", TEXT, AT(ks_app_derived, pointer), .empty = true),
    MEMBER("lasts", TEXT, AT(ks_app_derived, lasts)),
    MEMBER("until", TEXT, AT(ks_app_derived, until)),
    MEMBER("refresh", PART, .shape = &refresh_shape),
    MEMBER("alg", TEXT, AT(ks_app_derived, alg)),
    MEMBER("key", TEXT, AT(ks_app_derived, key)),
    MEMBER("key_as", TEXT, AT(ks_app_derived, key_as)),
    MEMBER("header", JSON, AT(ks_app_derived, header)),
    MEMBER("claims", JSON, AT(ks_app_derived, claims)),
    MEMBER("stamps", TEXTS, AT(ks_app_derived, stamps)),
    MEMBER("from", TEXT, AT(ks_app_derived, from)),
};
static const ks_shape derived_shape = SHAPE_WITH("a derived value", sizeof(ks_app_derived), derived_members,
                                                 .end = end_derived);

static const ks_member sign_members[] = {
    MEMBER("how", TEXT, AT(ks_app_scheme, sign), .required = true),
    MEMBER("with", PUTS, AT(ks_app_scheme, sign_with), .required = true),
};
static const ks_shape sign_shape = SHAPE("sign", 0, sign_members);

static const ks_member find_members[] = {
    MEMBER("url", TEXT, AT(ks_app_scheme, find_url), .required = true),
    MEMBER("steps", TEXTS, AT(ks_app_scheme, find_steps), .required = true),
};
static const ks_shape find_shape = SHAPE("find", 0, find_members);

static const ks_member scheme_members[] = {
    MEMBER("scheme", TEXT, AT(ks_app_scheme, scheme), .required = true),
    MEMBER("fields", PARTS, LIST_OF(ks_app_scheme, fields, field_shape)),
    MEMBER("base", TEXT, AT(ks_app_scheme, base)),
    MEMBER("hosts", TEXTS, AT(ks_app_scheme, hosts)),
    MEMBER("derive", PARTS, LIST_OF(ks_app_scheme, derive, derived_shape)),
    MEMBER("send", PART, .shape = &send_shape),
    MEMBER("sign", PART, .shape = &sign_shape),
    MEMBER("dsn", PUTS, AT(ks_app_scheme, dsn)),
    MEMBER("check", PART, AT(ks_app_scheme, check), .shape = &check_shape, .required = true, .none = true),
    MEMBER("find", PART, .shape = &find_shape, .required = true, .none = true),
};
static const ks_shape scheme_shape = SHAPE_WITH("a scheme", sizeof(ks_app_scheme), scheme_members,
                                                .end = end_scheme);

static const ks_member param_members[] = {
    MEMBER("name", TEXT, AT(ks_app_param, name), .required = true),
    MEMBER("in", WORD, AT(ks_app_param, in), .words = places, .required = true),
    MEMBER("type", WORD, AT(ks_app_param, type), .words = types),
    MEMBER("items", WORD, AT(ks_app_param, items), .words = types),
    MEMBER("required", FLAG, AT(ks_app_param, required)),
    MEMBER("about", TEXT, AT(ks_app_param, about)),
    MEMBER("default", JSON, AT(ks_app_param, fallback)),
    MEMBER("fixed", JSON, AT(ks_app_param, fixed)),
    MEMBER("schema", JSON, AT(ks_app_param, schema)),
    MEMBER("values", TEXTS, AT(ks_app_param, values)),
    MEMBER("target", TEXT, AT(ks_app_param, target)),
    MEMBER("from", TEXT, AT(ks_app_param, from)),
};
static const ks_shape param_shape = SHAPE_WITH("a parameter", sizeof(ks_app_param), param_members,
                                               .end = end_param);

static const ks_member action_members[] = {
    MEMBER("name", TEXT, AT(ks_app_action, name), .required = true),
    MEMBER("title", TEXT, AT(ks_app_action, title), .required = true),
    MEMBER("about", TEXT, AT(ks_app_action, about), .required = true),
    MEMBER("method", TEXT, AT(ks_app_action, method), .required = true),
    MEMBER("path", TEXT, AT(ks_app_action, path), .required = true),
    MEMBER("encoding", WORD, AT(ks_app_action, encoding), .words = encodings),
    MEMBER("form", WORD, AT(ks_app_action, form), .words = forms),
    MEMBER("content_type", TEXT, AT(ks_app_action, content_type)),
    MEMBER("answer", WORD, AT(ks_app_action, answer), .words = answers),
    MEMBER("tags", TEXTS, AT(ks_app_action, tags), .required = true),
    MEMBER("docs", TEXT, AT(ks_app_action, docs)),
    MEMBER("graphql", LINES, AT(ks_app_action, graphql)),
    MEMBER("params", PARTS, LIST_OF(ks_app_action, params, param_shape)),
};
static const ks_shape action_shape = SHAPE("an action", sizeof(ks_app_action), action_members);

static const ks_member rate_members[] = {
    MEMBER("after", TEXTS, AT(ks_app, rate_after)),
    MEMBER("at", TEXTS, AT(ks_app, rate_at)),
    MEMBER("left", TEXTS, AT(ks_app, rate_left)),
};
static const ks_shape rate_shape = SHAPE("rate", 0, rate_members);

static const ks_member app_members[] = {
    MEMBER("app", TEXT, AT(ks_app, key), .required = true),
    MEMBER("name", TEXT, AT(ks_app, name), .required = true),
    MEMBER("about", TEXT, AT(ks_app, about), .required = true),
    MEMBER("categories", TEXTS, AT(ks_app, categories), .required = true),
    MEMBER("aliases", TEXTS, AT(ks_app, aliases)),
    MEMBER("home", OR_NONE, AT(ks_app, home), .required = true),
    MEMBER("docs", OR_NONE, AT(ks_app, docs), .required = true),
    MEMBER("openapi", TEXT, AT(ks_app, openapi)),
    MEMBER("rate", PART, .shape = &rate_shape),
    MEMBER("idempotency", TEXT, AT(ks_app, idempotency)),
    MEMBER("pages", PUTS, AT(ks_app, pages)),
    MEMBER("ghost", ONLY, AT(ks_app, ghost_only), .words = only),
    MEMBER("base", TEXT, AT(ks_app, open_base)),
    MEMBER("schemes", PARTS, LIST_OF(ks_app, schemes, scheme_shape)),
    MEMBER("actions", PARTS, LIST_OF(ks_app, actions, action_shape)),
};
static const ks_shape app_shape = SHAPE("the file", sizeof(ks_app), app_members);

static void begin_field(void *out)
{
    ((ks_app_field *)out)->required = true;
}

/* A base without templates needs no `hosts`: exactly its own. */
static void end_scheme(ks_app_reader *r, const ks_node *map, void *out)
{
    ks_app_scheme *s = out;
    ks_str         host = ks_file_host(s->base);
    (void)map;
    if (s->hosts.n > 0 || host.p == NULL || ks_str_find(host, KS_S("{{")) != SIZE_MAX)
        return;
    ks_str *own = ks_file_alloc(r, sizeof *own);
    if (own == NULL)
        return;
    *own = host;
    s->hosts = (ks_list){own, 1};
}

static void end_derived(ks_app_reader *r, const ks_node *map, void *out)
{
    ks_app_derived *d = out;
    d->body = ks_file_json(r, ks_node_get(map, "body"), KS_T_OBJECT);
    d->header = ks_file_json(r, ks_node_get(map, "header"), KS_T_OBJECT);
    d->claims = ks_file_json(r, ks_node_get(map, "claims"), KS_T_OBJECT);
    d->refresh_body = ks_file_json(r, ks_node_get(ks_node_get(map, "refresh"), "body"), KS_T_OBJECT);
}

static void end_param(ks_app_reader *r, const ks_node *map, void *out)
{
    ks_app_param *p = out;
    p->fallback = ks_file_json(r, ks_node_get(map, "default"), p->type);
    p->fixed = ks_file_json(r, ks_node_get(map, "fixed"), p->type);
    p->schema = ks_file_schema_json(r, ks_node_get(map, "schema"), p);
}

ks_app *ks_file_shape(ks_app_reader *r, const ks_node *top)
{
    ks_app *app = ks_file_alloc(r, sizeof *app);
    if (app == NULL)
        return NULL;
    ks_file_note(r, app, top);
    ks_file_map(r, &app_shape, top, app);
    app->id = ks_fmt(r->cx, "app_" KS_FMT, KS_ARG(app->key));
    r->no_memory |= app->id.p == NULL;
    return app;
}
