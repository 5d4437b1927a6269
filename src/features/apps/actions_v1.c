/* features/apps/actions_v1.c — routes of /v2/actions that look and do not act, and the Action object. Running
 * actions: features/actions. Contract: docs/api.md "Discover". Threads: the loop's. */
#include "features/apps/action_schema.h"
#include "features/apps/action_search.h"
#include "features/apps/apps_v1.h"
#include "features/apps/kept_list.h"
#include "features/apps/view.h"
#include "features/env.h"
#include "features/reach.h"
#include "features/routes.h"
#include "features/v1.h"

enum {
    TASK_ACTIONS = 5, /* actions named for one app by the advanced search, unless asked otherwise */
    TASKS = 20        /* apps it names */
};

/* ---- the Action object ---- */

void ks_v1_put_action(ks_jw *w, const ks_app *app, const ks_app_action *a)
{
    ks_jw_obj(w, NULL);
    ks_jw_str(w, "name", a->name);
    ks_jw_str(w, "enum", a->name);
    ks_jw_str(w, "display_name", a->title);
    ks_jw_str(w, "displayName", a->title);
    ks_jw_str(w, "description", a->about);
    ks_jw_str(w, "appKey", app->key);
    ks_jw_str(w, "appName", app->key);
    ks_jw_str(w, "appId", app->id);
    ks_jw_null(w, "logo");
    ks_put_list(w, "tags", a->tags);
    ks_jw_bool(w, "enabled", true);
    ks_jw_bool(w, "no_auth", ks_app_no_auth(app));
    ks_jw_bool(w, "deprecated", false);
    ks_jw_z(w, "version", "1_0");
    ks_jw_arr(w, "available_versions");
    ks_jw_z(w, NULL, "1_0");
    ks_jw_end(w, ']');
    ks_action_put_parameters(w, "parameters", app, a);
    ks_action_put_response(w, "response", app, a);
    ks_jw_end(w, '}');
}

/* ---- lists ---- */

static ks_status put_actions(ks_ctx *cx, ks_jw *w, const ks_catalog *c, ks_gzip *out)
{
    ks_page       all = {.page = 1, .size = INT32_MAX};
    ks_apps       apps;
    ks_action_ref r;
    size_t        n = ks_catalog_actions_n(c);
    KS_TRY(
        ks_apps_open_window(cx, c, &apps)); /* names of actions begin with the app's key: it changes rarely */
    ks_jw_obj(w, NULL);
    ks_jw_arr(w, "items");
    for (size_t i = 0; i < n; i++) {
        KS_TRY(ks_apps_action(&apps, i, &r));
        ks_v1_put_action(w, r.app, r.action);
        ks_gzip_pour(out);
    }
    ks_jw_end(w, ']');
    ks_v1_pages(w, &all, (int64_t)n);
    ks_jw_end(w, '}');
    return KS_OK;
}

static ks_action_ask ask_of(ks_ctx *cx, const ks_req *rq)
{
    ks_str apps = ks_req_query(cx, rq, "apps");
    return (ks_action_ask){
        .apps = apps.n > 0 ? apps : ks_req_query(cx, rq, "appNames"),
        .names = ks_req_query(cx, rq, "actions"),
        .tags = ks_req_query(cx, rq, "tags"),
        .words = ks_req_query(cx, rq, "useCase"),
        .important = ks_v1_flag(cx, rq, "filterImportantActions"),
    };
}

static ks_status list_actions(ks_ctx *cx, const ks_req *rq, ks_res *rs)
{
    ks_action_ask  ask = ask_of(cx, rq);
    ks_action_ref *refs;
    ks_page        page;
    size_t         n;
    int64_t        most = INT32_MAX;
    ks_jw          w;
    KS_TRY(ks_v1_page(cx, rq, "limit", &page));
    KS_TRY(ks_v1_count(cx, rq, "usecaseLimit", &most));
    if (ks_action_ask_empty(&ask) && page.page == 1 && page.size == INT32_MAX && !ks_reach_by_app(cx))
        return ks_res_kept(cx, rq, rs, ks_catalog_of(cx), KS_KEPT_V1_ACTIONS, put_actions);
    KS_TRY(ks_action_search(cx, ks_catalog_of(cx), &ask, &refs, &n));
    n = ask.words.n > 0 && n > (size_t)most ? (size_t)most : n;
    KS_TRY(ks_res_begin(cx, rs, 200, &w));
    ks_jw_obj(&w, NULL);
    ks_jw_arr(&w, "items");
    for (int64_t i = page.offset; i < (int64_t)n && i - page.offset < page.size; i++)
        ks_v1_put_action(&w, refs[i].app, refs[i].action);
    ks_jw_end(&w, ']');
    ks_v1_pages(&w, &page, (int64_t)n);
    ks_jw_end(&w, '}');
    return ks_res_end(cx, rs);
}

/* There is one version of each action; its name and the words for "newest" are taken. */
static ks_status known_version(ks_ctx *cx, const ks_req *rq)
{
    static const char *const known[] = {"", "latest", "latest:base", "1_0", "1.0"};
    ks_str                   version = ks_req_query(cx, rq, "version");
    for (size_t i = 0; i < KS_COUNT(known); i++) {
        if (ks_str_ieq(version, ks_str_of(known[i])))
            return KS_OK;
    }
    return ks_fail_code(cx, KS_NOT_FOUND, "action_not_found", "version",
                        "The action has no such version. Leave `version` out, or send latest.");
}

static ks_status get_action(ks_ctx *cx, const ks_req *rq, ks_res *rs)
{
    const ks_app        *app;
    const ks_app_action *a;
    ks_jw                w;
    KS_TRY(ks_catalog_need_action(cx, ks_catalog_of(cx), ks_req_param(rq, "action"), &app, &a));
    KS_TRY(known_version(cx, rq));
    KS_TRY(ks_res_begin(cx, rs, 200, &w));
    ks_v1_put_action(&w, app, a);
    return ks_res_end(cx, rs);
}

ks_status ks_list_action_names(ks_ctx *cx, const ks_req *rq, ks_res *rs)
{
    const ks_catalog *c = ks_catalog_of(cx);
    size_t            n = ks_catalog_actions_n(c);
    ks_jw             w;
    (void)rq;
    KS_TRY(ks_res_begin(cx, rs, 200, &w));
    ks_jw_arr(&w, NULL);
    for (size_t i = 0; i < n; i++) {
        if (ks_catalog_reached(cx, c, ks_catalog_action_app(c, i)))
            ks_jw_str(&w, NULL, ks_catalog_action_name_at(c, i));
    }
    ks_jw_end(&w, ']');
    return ks_res_end(cx, rs);
}

static bool tag_known(const ks_str *tags, size_t n, ks_str tag)
{
    for (size_t i = 0; i < n; i++) {
        if (ks_str_eq(tags[i], tag))
            return true;
    }
    return false;
}

/* Every tag once, in the order of first use; a few hundred at most, so a plain search will do. */
static ks_status all_tags(ks_ctx *cx, const ks_catalog *c, ks_str **out, size_t *n)
{
    size_t         total, found = 0;
    ks_action_ask  all = {0};
    ks_action_ref *refs;
    *n = 0;
    KS_TRY(ks_action_search(cx, c, &all, &refs, &found));
    total = 1;
    for (size_t i = 0; i < found; i++)
        total += refs[i].action->tags.n;
    *out = ks_alloc(cx, total * sizeof **out);
    if (*out == NULL)
        return KS_NO_MEMORY;
    for (size_t i = 0; i < found; i++) {
        ks_list tags = refs[i].action->tags;
        for (size_t j = 0; j < tags.n; j++) {
            if (!tag_known(*out, *n, tags.at[j]))
                (*out)[(*n)++] = tags.at[j];
        }
    }
    return KS_OK;
}

static ks_status list_tags(ks_ctx *cx, const ks_req *rq, ks_res *rs)
{
    ks_str *tags;
    size_t  n;
    ks_jw   w;
    (void)rq;
    KS_TRY(all_tags(cx, ks_catalog_of(cx), &tags, &n));
    KS_TRY(ks_res_begin(cx, rs, 200, &w));
    ks_jw_obj(&w, NULL);
    ks_jw_arr(&w, "items");
    for (size_t i = 0; i < n; i++)
        ks_jw_str(&w, NULL, tags[i]);
    ks_jw_end(&w, ']');
    ks_jw_end(&w, '}');
    return ks_res_end(cx, rs);
}

/* ---- advanced search: one item an app, best first ---- */

typedef struct tasks {
    ks_action_ask ask;
    int64_t       limit, per_task;
} tasks;

/* A list of names as a body may carry it: "a,b" or ["a","b"]. */
static ks_str comma_list(ks_ctx *cx, const ks_json *v)
{
    if (ks_json_kind(v) != KS_JSON_ARR)
        return ks_json_scalar(cx, v);
    ks_buf *b = ks_ctx_buf(cx, KS_MAX_BODY_BYTES);
    for (size_t i = 0; b != NULL && i < ks_json_count(v); i++) {
        ks_buf_z(b, i > 0 ? "," : "");
        ks_buf_str(b, ks_json_str(ks_json_at(v, i)));
    }
    return b != NULL ? ks_buf_view(b) : KS_NO_STR;
}

/* A count in a body; *out stays as it is without one. */
static ks_status count_in(ks_ctx *cx, const ks_json *body, const char *name, int64_t *out)
{
    const ks_json *v = ks_json_get(body, name);
    if (ks_json_kind(v) == KS_JSON_NULL)
        return KS_OK;
    return ks_v1_positive(cx, name, ks_json_scalar(cx, v), out);
}

/* The question stands in the query (Python) or in a JSON body of a GET (TypeScript). */
static ks_status tasks_of(ks_ctx *cx, const ks_req *rq, tasks *t)
{
    ks_json *body;
    *t = (tasks){.ask = ask_of(cx, rq), .limit = TASKS, .per_task = TASK_ACTIONS};
    KS_TRY(ks_v1_count(cx, rq, "limit", &t->limit));
    KS_TRY(ks_v1_count(cx, rq, "maxActionsPerTask", &t->per_task));
    KS_TRY(ks_req_json(cx, rq, &body));
    KS_TRY(count_in(cx, body, "limit", &t->limit));
    KS_TRY(count_in(cx, body, "maxActionsPerTask", &t->per_task));
    if (t->ask.words.n == 0)
        t->ask.words = ks_json_str(ks_json_get(body, "useCase"));
    if (t->ask.apps.n == 0 && ks_json_get(body, "apps") != NULL)
        t->ask.apps = comma_list(cx, ks_json_get(body, "apps"));
    return KS_OK;
}

static void put_task(ks_jw *w, const ks_action_ref *refs, size_t n, size_t first, int64_t per_task,
                     int64_t order)
{
    const ks_app *app = refs[first].app;
    int64_t       left = per_task;
    ks_jw_obj(w, NULL);
    ks_jw_str(w, "app", app->key);
    ks_jw_arr(w, "actions");
    for (size_t i = first; i < n && left > 0; i++) {
        if (refs[i].app == app) {
            ks_jw_str(w, NULL, refs[i].action->name);
            left--;
        }
    }
    ks_jw_end(w, ']');
    ks_jw_str(w, "description", refs[first].action->about);
    ks_jw_int(w, "order", order);
    ks_jw_end(w, '}');
}

static bool first_of_app(const ks_action_ref *refs, size_t i)
{
    for (size_t j = 0; j < i; j++) {
        if (refs[j].app == refs[i].app)
            return false;
    }
    return true;
}

static ks_status search(ks_ctx *cx, const ks_req *rq, ks_res *rs)
{
    ks_action_ref *refs;
    tasks          t;
    size_t         n;
    int64_t        order = 0;
    ks_jw          w;
    KS_TRY(tasks_of(cx, rq, &t));
    KS_TRY(ks_action_search(cx, ks_catalog_of(cx), &t.ask, &refs, &n));
    KS_TRY(ks_res_begin(cx, rs, 200, &w));
    ks_jw_obj(&w, NULL);
    ks_jw_arr(&w, "items");
    for (size_t i = 0; i < n && order < t.limit; i++) {
        if (first_of_app(refs, i))
            put_task(&w, refs, n, i, t.per_task, order++);
    }
    ks_jw_end(&w, ']');
    ks_jw_end(&w, '}');
    return ks_res_end(cx, rs);
}

const ks_route ks_actions_v1_routes[] = {
    {"GET", "/v2/actions", KS_SCOPE_READ, list_actions, KS_VIEW_V1, 0, "actions, all or those asked for"},
    {"GET", "/v2/actions/list/all", KS_SCOPE_READ, list_actions, KS_VIEW_V1, 0, "as /v2/actions"},
    {"GET", "/v2/actions/list/enums", KS_SCOPE_READ, ks_list_action_names, KS_VIEW_V1, 0,
     "names of all actions"},
    {"GET", "/v1/actions/list/enums", KS_SCOPE_READ, ks_list_action_names, KS_VIEW_V1, 0,
     "names of all actions"},
    {"GET", "/v2/actions/list/tags", KS_SCOPE_READ, list_tags, KS_VIEW_V1, 0, "tags of all actions"},
    {"GET", "/v2/actions/search/advanced", KS_SCOPE_READ, search, KS_VIEW_V1, 0,
     "actions for a use case, grouped by app; query or JSON body"},
    {"GET", "/v2/actions/{action}", KS_SCOPE_READ, get_action, KS_VIEW_V1, 0, "one action with its schemas"},
    {0},
};
