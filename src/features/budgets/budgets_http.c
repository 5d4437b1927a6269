/* features/budgets/budgets_http.c — budgets on the wire. A project's own is set by the operator, over the
 * control socket; its keys can read it. The rules are in budget.c. docs/api.md BUD-1..3. */
#include "features/budgets/budget.h"
#include "features/integrations/integration.h"
#include "features/routes.h"
#include "features/tails.h"
#include "features/tokens/tokens_rows.h"

static const char *const window_names[] = {"minute", "hour", "day"};

static void write_rate(ks_jw *w, const char *name, const ks_rate *r)
{
    ks_jw_obj(w, name);
    for (int i = 0; i < KS_BUDGET_WINDOWS; i++) {
        if (r->most[i] > 0)
            ks_jw_int(w, window_names[i], r->most[i]);
    }
    ks_jw_end(w, '}');
}

static ks_status reply(ks_ctx *cx, ks_res *rs, ks_str owner, const ks_budget *b, bool each)
{
    int64_t used[KS_BUDGET_WINDOWS] = {0};
    ks_jw   w;
    if (cx->env->budgets != NULL)
        ks_budget_used(cx->env->budgets, owner, cx->now_us, used);
    KS_TRY(ks_res_begin(cx, rs, 200, &w));
    ks_jw_obj(&w, NULL);
    write_rate(&w, "calls", &b->all);
    if (each)
        write_rate(&w, "each_connection", &b->each);
    ks_jw_obj(&w, "used");
    for (int i = 0; i < KS_BUDGET_WINDOWS; i++)
        ks_jw_int(&w, window_names[i], used[i]);
    ks_jw_end(&w, '}');
    ks_jw_end(&w, '}');
    return ks_res_end(cx, rs);
}

/* ---- what is sent ---- */

struct rate_body {
    int64_t minute, hour, day;
};
static const ks_field rate_fields[] = {
    KS_FIELD(struct rate_body, minute, I64, 0),
    KS_FIELD(struct rate_body, hour, I64, 0),
    KS_FIELD(struct rate_body, day, I64, 0),
    KS_FIELDS_END,
};

struct budget_body {
    ks_json *calls, *each_connection;
};
static const ks_field budget_fields[] = {
    KS_FIELD(struct budget_body, calls, OBJ, 0),
    KS_FIELD(struct budget_body, each_connection, OBJ, 0),
    KS_FIELDS_END,
};

/* A window that is not named has no limit; so has 0. A member that is not there stays as it was. */
static ks_status take_rate(ks_ctx *cx, const ks_json *sent, const char *path, ks_rate *out)
{
    struct rate_body b = {0};
    if (sent == NULL)
        return KS_OK;
    KS_TRY(ks_shape_decode(cx, sent, path, rate_fields, &b));
    *out = (ks_rate){{b.minute, b.hour, b.day}};
    for (int i = 0; i < KS_BUDGET_WINDOWS; i++) {
        if (out->most[i] < 0 || out->most[i] > KS_BUDGET_MOST)
            return ks_fail(cx, KS_INVALID, ks_fmt(cx, "%s%s", path, window_names[i]).p,
                           "Give a number of calls from 0 (no limit) to %lld.", (long long)KS_BUDGET_MOST);
    }
    return KS_OK;
}

static ks_status set(ks_ctx *cx, const ks_req *rq, ks_res *rs, ks_str owner, bool each)
{
    struct budget_body sent;
    ks_budget          b;
    ks_change         *change;
    KS_TRY(ks_req_body(cx, rq, budget_fields, &sent));
    KS_TRY(ks_budget_get(cx, owner, &b));
    KS_TRY(take_rate(cx, sent.calls, "calls.", &b.all));
    if (sent.calls == NULL && sent.each_connection == NULL)
        return ks_fail(cx, KS_INVALID, "calls", "Say how many calls, e.g. {\"calls\": {\"minute\": 60}}.");
    if (sent.each_connection != NULL && !each)
        return ks_fail(cx, KS_INVALID, "each_connection", "Only integrations have this: set it there.");
    KS_TRY(take_rate(cx, sent.each_connection, "each_connection.", &b.each));
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
    KS_TRY(ks_integration_get(cx, ks_req_param(rq, "id"), &in));
    return set(cx, rq, rs, in.id, true);
}

static ks_status project_named(ks_ctx *cx, const ks_req *rq)
{
    KS_TRY(ks_project_row_named(cx, ks_req_param(rq, "project"), &cx->project_id));
    return cx->project_id.n > 0 ? KS_OK
                                : ks_fail(cx, KS_NOT_FOUND, "project", "There is no project of this name.");
}

static ks_status get_of_project(ks_ctx *cx, const ks_req *rq, ks_res *rs)
{
    KS_TRY(project_named(cx, rq));
    return get_own(cx, rq, rs);
}

static ks_status put_of_project(ks_ctx *cx, const ks_req *rq, ks_res *rs)
{
    KS_TRY(project_named(cx, rq));
    return set(cx, rq, rs, cx->project_id, false);
}

#define OF_INTEGRATION "/ks/integrations/{id}/budget"
#define OF_PROJECT     "/ks/admin/projects/{project}/budget"
const ks_route ks_budgets_routes[] = {
    {"GET", "/ks/budget", KS_SCOPE_READ, get_own, KS_VIEW_NATIVE, 0,
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
