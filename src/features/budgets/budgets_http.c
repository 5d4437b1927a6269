/* features/budgets/budgets_http.c — budgets on the wire. A project's own is set by the operator, over the
 * control socket; its keys can read it. The rules are in budget.c. docs/api.md BUD-1..3. */
#include "features/budgets/budget.h"
#include "features/integrations/integration.h"
#include "features/routes.h"
#include "features/tails.h"
#include "features/tokens/tokens.h"

static ks_status reply(ks_ctx *cx, ks_res *rs, ks_str owner, const ks_budget *b, bool each)
{
    int64_t used[KS_BUDGET_WINDOWS] = {0};
    ks_jw   w;
    if (cx->env->budgets != NULL)
        ks_budget_used(cx->env->budgets, owner, cx->now_us, used);
    KS_TRY(ks_res_begin(cx, rs, 200, &w));
    ks_budget_write(&w, b, each, used);
    return ks_res_end(cx, rs);
}

static ks_status set(ks_ctx *cx, const ks_req *rq, ks_res *rs, ks_str owner, bool each)
{
    ks_json   *sent;
    ks_budget  b;
    ks_change *change;
    KS_TRY(ks_req_json(cx, rq, &sent));
    KS_TRY(ks_budget_get(cx, owner, &b));
    KS_TRY(ks_budget_read(cx, sent, each, &b));
    KS_TRY(reply(cx, rs, owner, &b, each));
    KS_TRY(ks_change_new(cx, &change));
    return ks_res_commit_built(cx, rq, rs, change, ks_budget_put(cx, change, owner, &b));
}

/* ---- routes ---- */

static ks_status get_own(ks_ctx *cx, const ks_req *rq, ks_res *rs)
{
    ks_budget b;
    (void)rq;
    KS_TRY(ks_budget_get(cx, cx->project_id, &b));
    return reply(cx, rs, cx->project_id, &b, false);
}

static ks_status get_of_integration(ks_ctx *cx, const ks_req *rq, ks_res *rs)
{
    ks_integration in;
    ks_budget      b;
    KS_TRY(ks_integration_get(cx, ks_req_param(rq, "id"), &in));
    KS_TRY(ks_budget_get(cx, in.id, &b));
    return reply(cx, rs, in.id, &b, true);
}

static ks_status put_of_integration(ks_ctx *cx, const ks_req *rq, ks_res *rs)
{
    ks_integration in;
    KS_TRY(ks_integration_shared(cx));
    KS_TRY(ks_integration_get(cx, ks_req_param(rq, "id"), &in));
    return set(cx, rq, rs, in.id, true);
}

static ks_status get_of_project(ks_ctx *cx, const ks_req *rq, ks_res *rs)
{
    KS_TRY(ks_project_need(cx, ks_req_param(rq, "project"), &cx->project_id));
    return get_own(cx, rq, rs);
}

static ks_status put_of_project(ks_ctx *cx, const ks_req *rq, ks_res *rs)
{
    KS_TRY(ks_project_need(cx, ks_req_param(rq, "project"), &cx->project_id));
    return set(cx, rq, rs, cx->project_id, false);
}

#define OF_INTEGRATION "/ks/integrations/{id}/budget"
#define OF_PROJECT     "/ks/admin/projects/{project}/budget"
const ks_route ks_budgets_routes[] = {
    {"GET", "/ks/budget", KS_SCOPE_READ, get_own, KS_VIEW_NATIVE, KS_WHOLE,
     "calls the project may make, and has made"},
    {"GET", OF_INTEGRATION, KS_SCOPE_READ, get_of_integration, KS_VIEW_NATIVE, 0,
     "calls an integration may make, and has made"},
    {"PUT", OF_INTEGRATION, KS_SCOPE_CONNECT, put_of_integration, KS_VIEW_NATIVE, 0,
     "limit the calls of an integration, and of each of its connections"},
    {"GET", OF_PROJECT, KS_SCOPE_ADMIN, get_of_project, KS_VIEW_NATIVE, KS_LOCAL, "calls a project may make"},
    {"PUT", OF_PROJECT, KS_SCOPE_ADMIN, put_of_project, KS_VIEW_NATIVE, KS_LOCAL,
     "limit the calls of a project"},
    {0},
};
