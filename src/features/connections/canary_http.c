/* features/connections/canary_http.c — canaries on the wire, for the control socket alone: an API key must
 * not be able to tell which they are. They wait for the store, so they run on workers. docs/api.md
 * "Canaries". */
#include "features/routes.h"

#include "features/connections/canary.h"

#define LIST_MAX 1000 /* canaries in one answer */

static ks_status set(ks_ctx *cx, const ks_req *rq, ks_res *rs)
{
    KS_TRY(ks_canary_set(cx, ks_req_param(rq, "id"), true));
    return ks_res_fixed(cx, rs, 200, "application/json", KS_S("{\"canary\":true}"));
}

static ks_status clear(ks_ctx *cx, const ks_req *rq, ks_res *rs)
{
    KS_TRY(ks_canary_set(cx, ks_req_param(rq, "id"), false));
    return ks_res_fixed(cx, rs, 200, "application/json", KS_S("{\"canary\":false}"));
}

static ks_status list(ks_ctx *cx, const ks_req *rq, ks_res *rs)
{
    ks_canary *all;
    size_t     n;
    ks_jw      w;
    (void)rq;
    KS_TRY(ks_canary_list(cx, LIST_MAX, &all, &n));
    KS_TRY(ks_res_begin(cx, rs, 200, &w));
    ks_jw_obj(&w, NULL);
    ks_jw_arr(&w, "items");
    for (size_t i = 0; i < n; i++) {
        ks_jw_obj(&w, NULL);
        ks_jw_str(&w, "id", all[i].id);
        ks_jw_str(&w, "project_id", all[i].project_id);
        ks_jw_str(&w, "app", all[i].app);
        ks_jw_str(&w, "entity_id", all[i].entity_id);
        ks_jw_end(&w, '}');
    }
    ks_jw_end(&w, ']');
    ks_jw_end(&w, '}');
    return ks_res_end(cx, rs);
}

#define R(method, path, run, flags, text)                                                                    \
    {                                                                                                        \
        method, path, KS_SCOPE_ADMIN, run, KS_VIEW_NATIVE, KS_LOCAL | KS_WORKER | (flags), text              \
    }
const ks_route ks_canary_routes[] = {
    R("POST", "/ks/admin/connections/{id}/canary", set, KS_NO_BODY, "Make a connection a canary."),
    R("DELETE", "/ks/admin/connections/{id}/canary", clear, KS_NO_BODY,
      "Make it a connection like all others."),
    R("GET", "/ks/admin/canaries", list, 0, "Canaries of all projects."),
    {0},
};
