/* features/actions/execute_v1.c — wire shapes and routes of execute, proxy and logs; the rules are in act.c.
 * docs/api.md ACT-1..8. A proxied call: see proxy_body.h. */
#include "features/routes.h"

#include "features/actions/act.h"
#include "features/actions/proxy_body.h"
#include "features/apps/view.h"
#include "features/v1.h"

/* {"data","error","successfull","successful","vendorStatus","logId"}: both spellings of success, because each
 * SDK reads another one; vendorStatus is null when there was no answer. */
static ks_status encode(ks_ctx *cx, ks_res *rs, const ks_act *act, const ks_answer *a)
{
    ks_str error = ks_act_error(cx, act, a);
    ks_jw  w;
    KS_TRY(ks_res_begin(cx, rs, 200, &w));
    ks_jw_obj(&w, NULL);
    ks_act_data(cx, &w, "data", act, a);
    ks_jw_str(&w, "error", error);
    ks_jw_bool(&w, "successfull", error.p == NULL);
    ks_jw_bool(&w, "successful", error.p == NULL);
    if (a->status > 0)
        ks_jw_int(&w, "vendorStatus", a->status);
    else
        ks_jw_null(&w, "vendorStatus");
    ks_jw_str(&w, "logId", cx->request_id);
    if (act->connected)
        ks_jw_str(&w, "connectedAccountId", act->connection.id); /* which one it was, when none was named */
    ks_jw_end(&w, '}');
    return ks_res_end(cx, rs);
}

/* ---- POST /v2/actions/{action}/execute ---- */

struct execute_body {
    ks_str   connectedAccountId, entityId, text;
    ks_json *input, *authConfig;
};
static const ks_field execute_fields[] = {
    KS_FIELD(struct execute_body, connectedAccountId, STR, 0),
    KS_FIELD(struct execute_body, entityId, STR, 0),
    KS_FIELD(struct execute_body, text, STR, 0),
    KS_FIELD(struct execute_body, input, OBJ, 0),
    KS_FIELD(struct execute_body, authConfig, OBJ, 0),
    KS_FIELDS_END,
};

static ks_status execute(ks_ctx *cx, const ks_req *rq, ks_res *rs)
{
    struct execute_body  b;
    ks_act              *act;
    ks_own_auth         *own;
    const ks_app        *app;
    const ks_app_action *action;
    KS_TRY(ks_catalog_need_action(cx, ks_catalog_of(cx), ks_req_param(rq, "action"), &app, &action));
    KS_TRY(ks_req_body(cx, rq, execute_fields, &b));
    if (b.text.n > 0 && ks_json_count(b.input) == 0) /* beside arguments it is a remark */
        return ks_fail_code(cx, KS_INVALID, "text_not_understood", "text", KS_NO_TEXT, "input");
    KS_TRY(ks_own_auth_parse(cx, b.authConfig, &own));
    KS_TRY(ks_act_new(cx, "action.execute", action->name, encode, &act));
    act->app = app;
    act->action = action;
    act->own = own;
    KS_TRY(ks_act_prepare(cx, act, b.connectedAccountId, b.entityId));
    KS_TRY(ks_act_build(cx, act, b.input));
    return ks_act_send(cx, rq, rs, act);
}

/* ---- POST /v2/actions/proxy ---- */

struct proxy_body {
    ks_str   connectedAccountId, entityId, appName, endpoint, method;
    ks_json *parameters;
};
static const ks_field proxy_fields[] = {
    KS_FIELD(struct proxy_body, connectedAccountId, STR, 0),
    KS_FIELD(struct proxy_body, entityId, STR, 0),
    KS_FIELD(struct proxy_body, appName, STR, 0),
    KS_FIELD(struct proxy_body, endpoint, STR, KS_REQUIRED),
    KS_FIELD(struct proxy_body, method, STR, KS_REQUIRED),
    KS_FIELD(struct proxy_body, parameters, ANY, 0),
    KS_FIELDS_END,
};

static ks_status proxy(ks_ctx *cx, const ks_req *rq, ks_res *rs)
{
    struct proxy_body b;
    ks_act           *act;
    ks_raw_request    raw = {0};
    KS_TRY(ks_proxy_envelope(cx, rq, proxy_fields, &b, &raw.body));
    if (b.connectedAccountId.n == 0 && b.appName.n == 0)
        return ks_fail(cx, KS_INVALID, "connectedAccountId",
                       "connectedAccountId is required (or appName with entityId).");
    KS_TRY(ks_act_new(cx, "proxy", b.connectedAccountId, encode, &act));
    if (b.appName.n)
        KS_TRY(ks_catalog_need_app(cx, ks_catalog_of(cx), "appName", b.appName, &act->app));
    KS_TRY(ks_proxy_params(cx, b.parameters, "in", &raw));
    KS_TRY(ks_act_prepare(cx, act, b.connectedAccountId, b.entityId));
    raw.method = b.method;
    raw.endpoint = b.endpoint;
    KS_TRY(ks_act_request(cx, act, &raw));
    act->audit_object = act->app->key;
    return ks_act_send(cx, rq, rs, act);
}

/* ---- logs: taken and not kept, because they may hold what a user typed ---- */

static ks_status post_logs(ks_ctx *cx, const ks_req *rq, ks_res *rs)
{
    ks_json *body;
    KS_TRY(ks_req_json(cx, rq, &body));
    return ks_res_fixed(cx, rs, 200, "application/json", KS_S("{\"isIngested\":true,\"traceLogs\":{}}"));
}

static ks_status get_logs(ks_ctx *cx, const ks_req *rq, ks_res *rs)
{
    (void)rq;
    return ks_res_fixed(cx, rs, 200, "application/json", KS_S("{\"data\":[],\"nextCursor\":null}"));
}

#define R(method, path, scope, run, flags, text)                                                             \
    {                                                                                                        \
        method, path, KS_SCOPE_##scope, run, KS_VIEW_V1, flags, text                                         \
    }
const ks_route ks_execute_v1_routes[] = {
    R("POST", "/v2/actions/proxy", ACT, proxy, KS_FILES | KS_ACTS,
      "a request of one's own with a stored credential"),
    R("POST", "/v2/actions/{action}/execute", ACT, execute, KS_FILES | KS_ACTS,
      "run an action for an entity or connected account"),
    R("POST", "/v1/logs", ACT, post_logs, 0, "accepted, not kept"),
    R("POST", "/v1/logs/", ACT, post_logs, 0, "accepted, not kept"),
    R("GET", "/v1/logs/", READ, get_logs, 0, "always empty"),
    {0},
};
