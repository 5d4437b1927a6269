/* features/connections/connections_http.c — native shapes and routes: verdict, account, check now, replace
 * the credential. docs/api.md CRED-1 to CRED-3. */
#include "features/routes.h"

#include "features/connections/connection.h"
#include "features/v1.h"

static void encode(ks_jw *w, const ks_connection *c)
{
    ks_jw_obj(w, NULL);
    ks_jw_str(w, "id", c->id);
    ks_jw_str(w, "app", c->app);
    ks_jw_str(w, "scheme", c->scheme);
    ks_jw_str(w, "integration_id", c->integration_id);
    ks_jw_str(w, "entity_id", c->entity_id);
    ks_jw_str(w, "status", c->status);
    ks_jw_str(w, "status_reason", c->status_reason);
    ks_jw_bool(w, "enabled", c->enabled);
    ks_jw_str(w, "verdict", c->verdict);
    if (c->verified_at)
        ks_jw_time(w, "verified_at", c->verified_at);
    else
        ks_jw_null(w, "verified_at");
    ks_jw_raw(w, "account", c->account.p ? c->account : KS_S("null"));
    ks_jw_raw(w, "labels", c->labels);
    ks_jw_int(w, "version", (int64_t)c->version);
    ks_jw_int(w, "uses", c->uses);
    ks_jw_time(w, "created_at", c->created_at);
    ks_jw_time(w, "updated_at", c->updated_at);
    ks_jw_raw(w, "shown", c->display);
    ks_jw_end(w, '}');
}

static ks_status reply(ks_ctx *cx, ks_res *rs, const ks_connect *in, const ks_connection *made)
{
    ks_jw w;
    (void)in;
    KS_TRY(ks_res_begin(cx, rs, 200, &w));
    encode(&w, made);
    return ks_res_end(cx, rs);
}

static ks_status get_one(ks_ctx *cx, const ks_req *rq, ks_res *rs)
{
    ks_connection c;
    KS_TRY(ks_connection_get(cx, ks_req_param(rq, "id"), &c));
    return reply(cx, rs, NULL, &c);
}

static ks_status get_list(ks_ctx *cx, const ks_req *rq, ks_res *rs)
{
    ks_page        page;
    ks_connection *all;
    size_t         n;
    int64_t        total;
    ks_jw          w;
    KS_TRY(ks_v1_page(cx, rq, "limit", &page));
    ks_connection_filter f = {.entity = ks_req_query(cx, rq, "entity_id"),
                              .apps = ks_req_query(cx, rq, "app"),
                              .statuses = ks_req_query(cx, rq, "status"),
                              .disabled_too = true,
                              .offset = page.size == INT32_MAX ? 0 : page.offset,
                              .limit = page.size == INT32_MAX ? 100 : page.size};
    KS_TRY(ks_connection_list(cx, &f, &all, &n, &total));
    KS_TRY(ks_res_begin(cx, rs, 200, &w));
    ks_jw_obj(&w, NULL);
    ks_jw_arr(&w, "items");
    for (size_t i = 0; i < n; i++)
        encode(&w, &all[i]);
    ks_jw_end(&w, ']');
    ks_jw_int(&w, "total", total);
    ks_jw_end(&w, '}');
    return ks_res_end(cx, rs);
}

static ks_status verify(ks_ctx *cx, const ks_req *rq, ks_res *rs)
{
    ks_connection c;
    KS_TRY(ks_connection_get(cx, ks_req_param(rq, "id"), &c));
    return ks_connection_verify(cx, rq, rs, &c, reply);
}

/* The body is the new credential: {"api_key": "..."}; the id stays, the old one works until the new one is
 * accepted. */
static ks_status put_credential(ks_ctx *cx, const ks_req *rq, ks_res *rs)
{
    ks_connection old;
    ks_connect    in = {.path = ""};
    ks_json      *body;
    KS_TRY(ks_connection_get(cx, ks_req_param(rq, "id"), &old));
    KS_TRY(ks_req_json(cx, rq, &body));
    KS_TRY(ks_connect_again(cx, &old, &in));
    in.values = ks_json_get(body, "data");
    in.path = in.values != NULL ? "data." : "";
    if (in.values == NULL)
        in.values = body;
    return ks_connection_make(cx, rq, rs, &in, reply);
}

#define R(method, path, scope, run, flags, text)                                                             \
    {                                                                                                        \
        method, path, scope, run, KS_VIEW_NATIVE, flags, text                                                \
    }
const ks_route ks_connections_routes[] = {
    R("GET", "/ks/connections", KS_SCOPE_READ, get_list, KS_WORKER,
      "list connections with verdict and account"),
    R("GET", "/ks/connections/{id}", KS_SCOPE_READ, get_one, 0, "one connection with verdict and account"),
    R("POST", "/ks/connections/{id}/verify", KS_SCOPE_CONNECT, verify, KS_NO_BODY,
      "check the credential with its vendor now"),
    R("PUT", "/ks/connections/{id}/credential", KS_SCOPE_CONNECT, put_credential, 0,
      "replace the credential, checked before the swap"),
    R("POST", "/ks/admin/recheck", 0, ks_connection_recheck, KS_LOCAL,
      "check the connection that is due first"),
    {0},
};
