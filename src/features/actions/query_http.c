/* features/actions/query_http.c — POST /ks/query/{connection}: one SQL statement whose rows leave as lines
 * while the database sends them. It is the act of the app's own action for statements, so all that holds for
 * that one holds here. docs/api.md QRY-1..5. Threads: the loop's. */
#include "features/routes.h"

#include "features/actions/act.h"
#include "features/apps/catalog.h"
#include "http/reply.h"

struct query_body {
    ks_str   sql;
    ks_json *params, *max_rows, *seconds;
};
static const ks_field query_fields[] = {
    KS_FIELD(struct query_body, sql, STR, KS_REQUIRED),
    KS_FIELD(struct query_body, params, ANY, 0),
    KS_FIELD(struct query_body, max_rows, ANY, 0),
    KS_FIELD(struct query_body, seconds, ANY, 0),
    KS_FIELDS_END,
};

/* ---- the action it stands for ---- */

static const ks_app_action *action_of(const ks_app *app, const char *method, const char *path)
{
    for (size_t i = 0; i < app->actions_n; i++) {
        const ks_app_action *a = &app->actions[i];
        if (ks_str_eq(a->method, ks_str_of(method)) && ks_str_eq(a->path, ks_str_of(path)))
            return a;
    }
    return NULL;
}

static ks_status no_sql(ks_ctx *cx, const ks_act *act)
{
    const ks_app_action *command = action_of(act->app, "COMMAND", "*");
    const char *lacks = act->credential.scheme != NULL ? ks_scheme_lacks(act->credential.scheme) : NULL;
    if (command != NULL)
        return ks_fail_code(cx, KS_INVALID, "no_sql", "connection",
                            KS_FMT " takes commands, not SQL: run the action " KS_FMT ".",
                            KS_ARG(act->app->name), KS_ARG(command->name));
    if (lacks != NULL)
        return ks_fail_code(cx, KS_INVALID, "scheme_unavailable", "connection",
                            KS_FMT " %s. The credential is kept; no call was made.", KS_ARG(act->app->name),
                            lacks);
    return ks_fail_code(cx, KS_INVALID, "no_sql", "connection",
                        KS_FMT " is no database that takes SQL. Use its actions, or /ks/call.",
                        KS_ARG(act->app->name));
}

/* ---- what is asked ---- */

/* A whole number from 1 to `most`; absent: 0. */
static ks_status number_of(ks_ctx *cx, const ks_json *v, const char *field, int64_t most, int64_t *out)
{
    *out = 0;
    if (v == NULL || ks_json_kind(v) == KS_JSON_NULL)
        return KS_OK;
    if (ks_json_kind(v) == KS_JSON_INT)
        *out = ks_json_int(v);
    if (*out >= 1 && *out <= most)
        return KS_OK;
    return ks_fail(cx, KS_INVALID, field, "%s must be a whole number from 1 to %lld.", field,
                   (long long)most);
}

/* The arguments of the action. */
static ks_status input_of(ks_ctx *cx, const struct query_body *b, ks_json **out)
{
    ks_buf *text = ks_ctx_buf(cx, 2 * KS_MAX_ACT_BODY_BYTES);
    if (text == NULL)
        return KS_NO_MEMORY;
    if (b->params != NULL && ks_json_kind(b->params) != KS_JSON_ARR &&
        ks_json_kind(b->params) != KS_JSON_NULL)
        return ks_fail(cx, KS_INVALID, "params", "params must be a list of values, in their order.");
    ks_jw w = ks_jw_new(text);
    ks_jw_obj(&w, NULL);
    ks_jw_str(&w, "query", b->sql);
    if (b->params != NULL)
        ks_jw_value(&w, "parameters", b->params);
    ks_jw_end(&w, '}');
    return ks_buf_ok(text) ? ks_json_parse(cx, ks_buf_view(text), out) : ks_no_memory(cx);
}

static ks_status set_limits(ks_ctx *cx, const struct query_body *b, ks_db_call *db)
{
    int64_t rows, seconds, most = ks_databases_run_ms(cx->env->databases) / 1000;
    KS_TRY(number_of(cx, b->max_rows, "max_rows", INT64_C(9007199254740991), &rows));
    KS_TRY(number_of(cx, b->seconds, "seconds", most, &seconds));
    db->max_rows = (size_t)rows;
    db->run_ms = (unsigned)seconds * 1000;
    return KS_OK;
}

/* ---- what is answered ---- */

static bool may_have_happened(ks_ctx *cx, const ks_answer *a)
{
    ks_ctx   probe = *cx;
    ks_json *body = NULL;
    if (a->body.n == 0 || ks_json_parse(&probe, a->body, &body) != KS_OK)
        return false;
    return ks_json_true(ks_json_get(ks_json_get(body, "error"), "may_have_happened"));
}

static ks_status why_not(ks_ctx *cx, const ks_act *act, const ks_answer *a)
{
    ks_str      why = ks_act_error(cx, act, a);
    const char *more = may_have_happened(cx, a) ? " It may have been carried out all the same." : "";
    if (why.p == NULL)
        return ks_no_memory(cx);
    if (a->outcome != KS_UP_ANSWERED)
        return ks_fail_code(cx, KS_UPSTREAM, "database_unreachable", NULL, KS_FMT, KS_ARG(why));
    if (a->status == 401)
        return ks_fail_code(cx, KS_UPSTREAM, "login_refused", NULL, KS_FMT, KS_ARG(why));
    if (a->status == 403)
        return ks_fail_code(cx, KS_FORBIDDEN, "rights_missing", "sql", KS_FMT, KS_ARG(why));
    if (a->status == 504)
        return ks_fail_code(cx, KS_UPSTREAM_TIMEOUT, "statement_timeout", "sql", KS_FMT "%s", KS_ARG(why),
                            more);
    return ks_fail_code(cx, KS_INVALID, "statement_failed", "sql", KS_FMT "%s", KS_ARG(why), more);
}

/* An error is encoded here and not returned: the act goes on to note the use and to count refused logins. */
static ks_status encode(ks_ctx *cx, ks_res *rs, const ks_act *act, const ks_answer *a)
{
    if (rs->stream != NULL) {
        rs->status = 200;
        rs->content_type = KS_S("application/x-ndjson");
        return KS_OK;
    }
    if (why_not(cx, act, a) == KS_NO_MEMORY)
        return KS_NO_MEMORY;
    ks_res_error(cx, rs, KS_VIEW_NATIVE);
    cx->err = (ks_err){0};
    return KS_OK;
}

static ks_status query(ks_ctx *cx, const ks_req *rq, ks_res *rs)
{
    struct query_body b;
    ks_act           *act;
    ks_json          *input;
    KS_TRY(ks_req_body(cx, rq, query_fields, &b));
    KS_TRY(ks_act_new(cx, "query", KS_NO_STR, encode, &act));
    KS_TRY(ks_act_prepare(cx, act, ks_req_param(rq, "connection"), KS_NO_STR));
    if (act->canary)
        return ks_act_tripped(cx, rs, act);
    if (ks_req_header(rq, "idempotency-key").p != NULL)
        return ks_fail(cx, KS_INVALID, "idempotency-key",
                       "A streamed answer is not kept to be given again. Leave the key out, or run the "
                       "statement as an action.");
    act->action = action_of(act->app, "SQL", "query");
    if (act->action == NULL || ks_scheme_lacks(act->credential.scheme) != NULL)
        return no_sql(cx, act);
    act->audit_object = act->action->name;
    KS_TRY(input_of(cx, &b, &input));
    KS_TRY(ks_act_build(cx, act, input));
    if (act->db == NULL)
        return no_sql(cx, act);
    KS_TRY(set_limits(cx, &b, act->db));
    act->lines = true;
    return ks_act_send(cx, rq, rs, act);
}

const ks_route ks_query_routes[] = {
    {"POST", "/ks/query/{connection}", KS_SCOPE_ACT, query, KS_VIEW_NATIVE, KS_FILES,
     "run one SQL statement, its rows streamed as lines of JSON"},
    {0},
};
