/* features/databases/target.c — from the values of a connection to the call: where, as whom, with which
 * rights. Secrets stay references. Threads: none shared. */
#include "features/apps/catalog.h"
#include "features/apps/template.h"
#include "features/databases/database.h"
#include "features/databases/statement.h"

bool ks_scheme_is_database(const ks_app_scheme *s)
{
    return s != NULL && s->dsn.n > 0;
}

static ks_str member(const ks_app_scheme *s, const char *name)
{
    for (size_t i = 0; i < s->dsn.n; i++) {
        if (ks_str_eq(s->dsn.at[i].name, ks_str_of(name)))
            return s->dsn.at[i].value;
    }
    return KS_NO_STR;
}

/* The text of a member of `dsn`; absent when a value it uses is not there, or is a secret. */
static ks_str text_of(ks_ctx *cx, const ks_credential *c, const char *name)
{
    ks_str      tpl = member(c->scheme, name);
    ks_tpl_part part;
    ks_buf     *b = tpl.n > 0 ? ks_ctx_buf(cx, KS_MAX_SECRET_TEXT) : NULL;
    while (b != NULL && ks_tpl_next(&tpl, &part)) {
        ks_str value = part.is_value ? ks_credential_text(c, part.text) : part.text;
        if (value.p == NULL)
            return KS_NO_STR;
        ks_buf_str(b, value);
    }
    return b != NULL && ks_buf_ok(b) && b->n > 0 ? ks_buf_view(b) : KS_NO_STR;
}

/* The value behind a member that is one field alone; NULL: not given. */
static const ks_secret *secret_of(const ks_credential *c, const char *name)
{
    ks_str      tpl = member(c->scheme, name);
    ks_tpl_part part;
    if (!ks_tpl_next(&tpl, &part) || !part.is_value)
        return NULL;
    return ks_credential_get(c, part.text);
}

/* Words of the field and those that were stored before it was a choice. What would fall back to plain text is
 * not among them: it counts as encrypting. */
static ks_db_tls tls_of(ks_str word)
{
    static const struct mode {
        const char *word;
        ks_db_tls   tls;
    } modes[] = {
        {"disable", KS_DB_TLS_OFF},     {"off", KS_DB_TLS_OFF},        {"false", KS_DB_TLS_OFF},
        {"require", KS_DB_TLS_ENCRYPT}, {"true", KS_DB_TLS_ENCRYPT},   {"on", KS_DB_TLS_ENCRYPT},
        {"allow", KS_DB_TLS_ENCRYPT},   {"prefer", KS_DB_TLS_ENCRYPT}, {"verify-ca", KS_DB_TLS_CA},
        {"verify_ca", KS_DB_TLS_CA},
    };
    for (size_t i = 0; i < KS_COUNT(modes); i++) {
        if (ks_str_ieq(word, ks_str_of(modes[i].word)))
            return modes[i].tls;
    }
    return KS_DB_TLS_FULL;
}

static bool is_yes(ks_str s)
{
    return ks_str_eq(s, KS_S("yes")) || ks_str_eq(s, KS_S("true"));
}

/* Writing, and a superuser, are the integration's to allow: what a user's own values say of it counts for
 * nothing. */
static ks_status rights(ks_ctx *cx, const ks_credential *own, const ks_integration *in, ks_db_target *t)
{
    ks_credential c = *own;
    if (in != NULL) {
        KS_TRY(ks_credential_new(cx, own->app, own->scheme, &c));
        KS_TRY(ks_integration_fill(cx, in, &c));
    }
    t->write = ks_str_eq(text_of(cx, &c, "access"), KS_S("write"));
    t->superuser = is_yes(text_of(cx, &c, "superuser"));
    return KS_OK;
}

static ks_status target(ks_ctx *cx, const ks_credential *c, const ks_integration *in, ks_db_target *t)
{
    uint64_t port = 0;
    ks_str   text = text_of(cx, c, "port");
    t->driver = ks_db_driver_find(member(c->scheme, "driver"));
    const char *lacks = ks_scheme_lacks(c->scheme);
    if (t->driver == NULL || lacks != NULL)
        return ks_fail_code(cx, KS_INVALID, "scheme_unavailable", NULL,
                            KS_FMT " %s. The credential is kept; no call was made.", KS_ARG(c->app->name),
                            lacks ? lacks : "is a database for which this build has no driver");
    if (text.n > 0 && (!ks_str_u64(text, &port) || port == 0 || port > UINT16_MAX))
        return ks_fail_code(cx, KS_INVALID, "value_unusable", "port",
                            "The port must be a number from 1 to 65535.");
    t->port = port > 0 ? (uint16_t)port : ks_db_driver_port(t->driver);
    t->host = text_of(cx, c, "host");
    t->database = text_of(cx, c, "database");
    t->user = text_of(cx, c, "user");
    t->password = secret_of(c, "password");
    t->tls = tls_of(text_of(cx, c, "tls"));
    t->ca = text_of(cx, c, "ca");
    t->certificate = text_of(cx, c, "certificate");
    t->key = secret_of(c, "key");
    if (t->host.n == 0)
        return ks_fail_code(cx, KS_INVALID, "field_missing", "host",
                            "This connection lacks the host of its database. Connect again with it.");
    return rights(cx, c, in, t);
}

/* Every value that is marked secret must not come back. */
static ks_status secrets(ks_ctx *cx, const ks_credential *c, ks_db_call *call)
{
    const ks_secret **list = ks_alloc(cx, (c->n + 1) * sizeof *list);
    if (list == NULL)
        return KS_NO_MEMORY;
    for (size_t i = 0; i < c->n; i++) {
        const ks_app_field *f = ks_app_field_find(c->scheme, c->values[i].name);
        if (f == NULL || f->secret)
            list[call->secrets_n++] = c->values[i].secret;
    }
    call->secrets = list;
    return KS_OK;
}

static ks_status call_new(ks_ctx *cx, const ks_subject *s, const ks_integration *in, ks_statement *st,
                          ks_db_call **out)
{
    ks_db_call *call = ks_zalloc(cx, sizeof *call);
    if (call == NULL)
        return KS_NO_MEMORY;
    call->app = s->app->key;
    call->project_id = s->project_id;
    KS_TRY(target(cx, s->credential, in, &call->target));
    KS_TRY(secrets(cx, s->credential, call));
    *st = (ks_statement){.cx = cx,
                         .text = ks_ctx_buf(cx, KS_MAX_ACT_BODY_BYTES),
                         .numbered = ks_str_eq(member(s->credential->scheme, "driver"), KS_S("postgresql"))};
    *out = call;
    return st->text != NULL ? KS_OK : KS_NO_MEMORY;
}

static void take_statement(ks_db_call *call, const ks_statement *st)
{
    call->statement = ks_buf_view(st->text);
    call->params = st->params;
    call->params_n = st->n;
}

/* Actions tagged `read` never write, whatever stands in their arguments; those that can do nothing but write
 * are told at once that they may not. */
static ks_status judge_write(ks_ctx *cx, const ks_app_action *action, ks_db_call *call)
{
    bool writes = ks_list_holds(action->tags, KS_S("write"));
    bool open = ks_str_eq(action->path, KS_S("query")) || ks_str_eq(action->path, KS_S("*"));
    if (writes && !open && !call->target.write)
        return ks_fail_code(
            cx, KS_INVALID, "read_only", "action",
            "This action changes data, and the integration gives read access only. Who runs the "
            "integration can set its `access` to write.");
    call->target.write = call->target.write && writes;
    return KS_OK;
}

ks_status ks_database_action(ks_ctx *cx, const ks_subject *s, const ks_integration *in,
                             const ks_app_action *action, const ks_json *input, ks_db_call **out)
{
    ks_statement st;
    ks_db_call  *call;
    ks_arguments a = {.action = action};
    if (s->credential == NULL)
        return ks_fail_code(cx, KS_INVALID, "scheme_unavailable", NULL,
                            "A database is reached with a connection, not with parameters of a request.");
    const ks_app_field *lacks = ks_credential_lacks(s->credential);
    if (lacks != NULL)
        return ks_fail_code(cx, KS_INVALID, "field_missing", lacks->name.p,
                            "This connection lacks `" KS_FMT "`. Connect again with it.",
                            KS_ARG(lacks->name));
    KS_TRY(call_new(cx, s, in, &st, &call));
    KS_TRY(ks_build_arguments(cx, s, action, input, &a.values));
    KS_TRY(judge_write(cx, action, call));
    KS_TRY(ks_str_eq(action->method, KS_S("COMMAND")) ? ks_statement_command(&st, &a)
                                                      : ks_statement_sql(&st, &a));
    take_statement(call, &st);
    *out = call;
    return KS_OK;
}

ks_status ks_database_check(ks_ctx *cx, const ks_subject *s, const ks_integration *in, ks_db_call **out)
{
    const ks_app_check *check = &s->credential->scheme->check;
    ks_statement        st;
    *out = NULL;
    if (check->method.p == NULL || ks_credential_lacks(s->credential) != NULL ||
        ks_scheme_lacks(s->credential->scheme) != NULL)
        return KS_OK;
    KS_TRY(call_new(cx, s, in, &st, out));
    ks_buf_str(st.text, check->body);
    take_statement(*out, &st);
    (*out)->target.write = false;
    (*out)->connect_ms = KS_UP_VERIFY_MS;
    (*out)->run_ms = KS_UP_VERIFY_MS;
    (*out)->max_bytes = KS_MAX_BODY_BYTES;
    return ks_buf_ok(st.text) ? KS_OK : ks_no_memory(cx);
}

ks_str ks_database_error(ks_ctx *cx, const ks_app *app, const ks_answer *a)
{
    ks_ctx   probe = *cx;
    ks_json *body = NULL;
    if (a->outcome != KS_UP_ANSWERED)
        return ks_fmt(cx, KS_FMT " could not be used: %s.", KS_ARG(app->name), a->why);
    if (a->status < 400)
        return KS_NO_STR;
    if (ks_json_parse(&probe, a->body, &body) == KS_NO_MEMORY)
        (void)!ks_no_memory(cx);
    const ks_json *e = ks_json_get(body, "error");
    ks_str         code = ks_json_str(ks_json_get(e, "code"));
    return ks_fmt(cx, code.n > 0 ? KS_FMT ": " KS_FMT " (" KS_FMT ")" : KS_FMT ": " KS_FMT, KS_ARG(app->name),
                  KS_ARG(ks_json_str(ks_json_get(e, "message"))), KS_ARG(code));
}
