/* features/actions/acting_http.c — POST /ks/explain shows a call with every secret as ‹name›; ANY
 * /ks/call/{connection}/{path...} passes method, headers and bytes straight through, of any size. docs/api.md
 * NAT-1..4. */
#include "features/routes.h"

#include "features/actions/act.h"
#include "features/actions/derive.h"
#include "features/actions/ready.h"
#include "features/apps/view.h"
#include "upstream/sign.h"

/* ---- explain ---- */

struct explain_body {
    ks_str   action, app, connectedAccountId, entityId, method, endpoint;
    ks_json *input;
};
static const ks_field explain_fields[] = {
    KS_FIELD(struct explain_body, action, STR, 0),
    KS_FIELD(struct explain_body, app, STR, 0),
    KS_FIELD(struct explain_body, connectedAccountId, STR, 0),
    KS_FIELD(struct explain_body, entityId, STR, 0),
    KS_FIELD(struct explain_body, method, STR, 0),
    KS_FIELD(struct explain_body, endpoint, STR, 0),
    KS_FIELD(struct explain_body, input, OBJ, 0),
    KS_FIELDS_END,
};

static ks_status explained_call(ks_ctx *cx, const struct explain_body *b, ks_act *act)
{
    if (b->action.n > 0)
        KS_TRY(ks_catalog_need_action(cx, ks_catalog_of(cx), b->action, &act->app, &act->action));
    else if (b->endpoint.n == 0 || (b->connectedAccountId.n == 0 && b->app.n == 0))
        return ks_fail(cx, KS_INVALID, "action",
                       "Give an action, or app or connectedAccountId with method and endpoint.");
    else if (b->app.n > 0)
        KS_TRY(ks_catalog_need_app(cx, ks_catalog_of(cx), "app", b->app, &act->app));
    KS_TRY(ks_act_prepare(cx, act, b->connectedAccountId, b->entityId));
    if (act->action != NULL)
        return ks_act_build(cx, act, b->input);
    ks_raw_request raw = {.method = b->method.n ? b->method : KS_S("GET"), .endpoint = b->endpoint};
    return ks_act_request(cx, act, &raw);
}

/* The requests that come before it, for the tokens it needs; a token that is kept already is not asked for.
 */
static ks_status explain_tokens(ks_ctx *cx, const ks_subject *s, ks_jw *w)
{
    bool any = false;
    if (s->credential == NULL)
        return KS_OK;
    KS_TRY(ks_derive_stand_in(cx, &s));
    for (size_t i = 0; i < s->credential->scheme->derive_n; i++) {
        const ks_app_derived *t = &s->credential->scheme->derive[i];
        ks_call              *call;
        if (t->make != KS_MAKE_TOKEN)
            continue;
        KS_TRY(ks_build_token(cx, s, t, NULL, &call));
        if (!any)
            ks_jw_arr(w, "tokens");
        any = true;
        ks_jw_obj(w, NULL);
        ks_jw_str(w, "name", t->name);
        ks_call_explain(cx, call, w, "request");
        ks_jw_end(w, '}');
    }
    if (any)
        ks_jw_end(w, ']');
    return KS_OK;
}

static ks_status explain(ks_ctx *cx, const ks_req *rq, ks_res *rs)
{
    struct explain_body b;
    ks_act              act = {0};
    ks_jw               w;
    KS_TRY(ks_req_body(cx, rq, explain_fields, &b));
    KS_TRY(explained_call(cx, &b, &act));
    if (act.canary)
        return ks_act_tripped(cx, rs, &act);
    KS_TRY(ks_res_begin(cx, rs, 200, &w));
    ks_jw_obj(&w, NULL);
    ks_jw_str(&w, "connectedAccountId", act.connected ? act.connection.id : KS_NO_STR);
    ks_jw_str(&w, "app", act.app->key);
    if (act.db != NULL)
        ks_db_call_explain(cx, act.db, &w, "request");
    else
        ks_call_explain(cx, act.call, &w, "request");
    if (act.db == NULL)
        KS_TRY(explain_tokens(cx, &act.subject, &w));
    ks_jw_end(&w, '}');
    return ks_res_end(cx, rs);
}

/* ---- the streamed call ---- */

/* Headers of the request that are ours or frame the message stay here; all others go along (rule T4 refuses
 * what is dangerous). `common` is how the TypeScript SDK leaks its own defaults, the API key among them. */
static bool is_ours(ks_str name)
{
    static const char *const ours[] = {"x-api-key",
                                       "common",
                                       "ks-max-wait",
                                       "host",
                                       "content-length",
                                       "transfer-encoding",
                                       "connection",
                                       "keep-alive",
                                       "te",
                                       "trailer",
                                       "upgrade",
                                       "expect",
                                       "cookie",
                                       "accept-encoding",
                                       "x-request-id",
                                       "content-type",
                                       "user-agent",
                                       "via",
                                       "proxy-connection",
                                       "proxy-authorization"};
    for (size_t i = 0; i < KS_COUNT(ours); i++) {
        if (ks_str_ieq(name, ks_str_of(ours[i])))
            return true;
    }
    return (name.n >= 9 && ks_str_ieq(ks_str_sub(name, 0, 9), KS_S("forwarded"))) ||
           (name.n >= 12 && ks_str_ieq(ks_str_sub(name, 0, 12), KS_S("x-forwarded-")));
}

/* A client's own Authorization is meant for us or for nobody: many set it by themselves (rule T4). */
static ks_status headers_of(ks_ctx *cx, const ks_req *rq, ks_raw_request *raw)
{
    ks_param *all = ks_alloc(cx, (rq->headers_n + 1) * sizeof *all);
    if (all == NULL)
        return KS_NO_MEMORY;
    raw->params = all;
    if (ks_req_header(rq, "authorization").p != NULL)
        return ks_fail(cx, KS_INVALID, "authorization",
                       "Leave the header Authorization out: the connection brings its own credential.");
    for (size_t i = 0; i < rq->headers_n; i++) {
        if (!is_ours(rq->headers[i].name))
            all[raw->params_n++] = (ks_param){KS_PARAM_HEADER, rq->headers[i].name, rq->headers[i].value};
    }
    return KS_OK;
}

/* Where no answer can be passed through because the call could not be made ready. */
static ks_status encode_unready(ks_ctx *cx, ks_res *rs, const ks_act *act, const ks_answer *a)
{
    (void)rs;
    ks_act_log(cx, act, a);
    return ks_fail_code(cx, KS_UPSTREAM, "credential_not_ready", NULL, KS_FMT " could not be used: %s.",
                        KS_ARG(act->app->name), a->why);
}

static ks_status no_answer(ks_ctx *cx, const ks_req *rq, ks_res *rs, const ks_answer *a, void *arg)
{
    const ks_act *act = arg;
    (void)rq, (void)rs;
    if (a->outcome == KS_UP_REFUSED)
        return ks_fail_code(cx, KS_INVALID, "host_not_allowed", "path", "This address may not be called: %s.",
                            a->why);
    if (a->outcome == KS_UP_BUSY || a->outcome == KS_UP_HELD)
        return ks_unsent(cx, act->app, a);
    (void)!ks_fail_code(cx, KS_UPSTREAM, "vendor_unreachable", NULL, "The vendor gave no answer: %s.",
                        a->why);
    cx->err.retry_after_s = a->retry_after_s;
    return KS_UPSTREAM;
}

/* All of the answer is through, or there is none. */
static void ended(ks_ctx *cx, const ks_answer *a, void *arg)
{
    ks_act_log(cx, arg, a);
}

/* A streamed body cannot be sent twice: the caller gets the 401, and the next call a fresh token. */
static void refused(ks_ctx *cx, void *arg)
{
    const ks_act *act = arg;
    if (act->cached)
        ks_ready_drop(cx, &act->subject);
}

static ks_status pass(ks_ctx *cx, ks_res *rs, ks_act *act)
{
    KS_TRY(ks_res_passthrough(cx, rs, act->call, no_answer, act));
    ks_res_on_401(rs, refused);
    ks_res_on_end(rs, ended);
    return KS_OK;
}

static ks_status call(ks_ctx *cx, const ks_req *rq, ks_res *rs)
{
    ks_act        *act = ks_zalloc(cx, sizeof *act);
    ks_str         type = ks_req_header(rq, "content-type");
    ks_raw_request raw = {.method = rq->method, .content_type = type};
    if (act == NULL)
        return KS_NO_MEMORY;
    act->encode = encode_unready;
    act->audit_action = "call";
    KS_TRY(ks_act_prepare(cx, act, ks_req_param(rq, "connection"), KS_NO_STR));
    if (act->canary)
        return ks_act_tripped(cx, rs, act);
    raw.endpoint = ks_fmt(cx, rq->query.n ? "/" KS_FMT "?" KS_FMT : "/" KS_FMT KS_FMT,
                          KS_ARG(ks_req_param(rq, "path")), KS_ARG(rq->query));
    if (raw.endpoint.p == NULL)
        return KS_NO_MEMORY;
    if (act->credential.scheme->body.n > 0 && rq->body_size != 0)
        return ks_fail(cx, KS_INVALID, "body",
                       "This app takes its credential inside the body: use an action or the proxy.");
    KS_TRY(headers_of(cx, rq, &raw));
    KS_TRY(ks_act_request(cx, act, &raw));
    act->call->body_pipe = rq->body_pipe;
    act->call->body_size = rq->body_size;
    act->call->accept_encoding = ks_req_header(rq, "accept-encoding");
    act->call->has_body = rq->body_pipe != NULL;
    act->call->content_type = rq->body_pipe != NULL && type.n ? type : KS_NO_STR;
    if (act->call->body_pipe != NULL && ks_sign_needs_body(act->call, type))
        return ks_fail_code(cx, KS_INVALID, "body_must_be_signed", "body",
                            KS_FMT
                            " wants the whole body signed, so it cannot be streamed. Use an action or the "
                            "proxy.",
                            KS_ARG(act->app->name));
    KS_TRY(ks_act_charge(cx, act));
    KS_TRY(ks_note_use(cx, act->connection.id, "call", act->app->key, "sent"));
    return ks_act_ready(cx, rs, act, pass);
}

#define CALL(method)                                                                                         \
    {                                                                                                        \
        method, "/ks/call/{connection}/{path...}", KS_SCOPE_ACT, call, KS_VIEW_NATIVE, KS_STREAM,            \
            "pass a request through, streamed both ways"                                                     \
    }
const ks_route ks_acting_routes[] = {
    {"POST", "/ks/explain", KS_SCOPE_ACT, explain, KS_VIEW_NATIVE, KS_FILES,
     "show a call without sending it, secrets as names"},
    CALL("GET"),
    CALL("POST"),
    CALL("PUT"),
    CALL("PATCH"),
    CALL("DELETE"),
    CALL("HEAD"),
    {0},
};
