/* features/apps/apps_v1.c — routes of /v1/apps, /v1/triggers and client_info, and the App object. Changes
 * nothing. Contract: docs/api.md "Discover". Threads: the loop's. */
#include "features/apps/apps_v1.h"

#include "features/apps/kept_list.h"
#include "features/apps/view.h"
#include "features/env.h"
#include "features/reach.h"
#include "features/routes.h"
#include "features/v1.h"

/* ---- the App object ---- */

static void put_lower(ks_ctx *cx, ks_jw *w, const char *name, ks_str s)
{
    char *p = ks_alloc(cx, s.n + 1);
    for (size_t i = 0; p != NULL && i < s.n; i++)
        p[i] = s.p[i] >= 'A' && s.p[i] <= 'Z' ? (char)(s.p[i] - 'A' + 'a') : s.p[i];
    ks_jw_str(w, name, p != NULL ? (ks_str){p, s.n} : s);
}

static void put_puts(ks_jw *w, const char *name, ks_app_puts puts)
{
    ks_jw_obj(w, name);
    for (size_t i = 0; i < puts.n; i++) {
        ks_jw_name(w, puts.at[i].name);
        ks_jw_str(w, NULL, puts.at[i].value);
    }
    ks_jw_end(w, '}');
}

/* Where values go, as templates: what people of that era read to build requests of their own. */
static void put_proxy(ks_jw *w, const ks_app_scheme *s)
{
    ks_jw_obj(w, "proxy");
    ks_jw_str(w, "base_url", s->base.p != NULL ? s->base : KS_S("")); /* a database has none */
    put_puts(w, "headers", s->headers);
    if (s->query.n > 0)
        put_puts(w, "queryParams", s->query);
    ks_jw_end(w, '}');
}

static void put_scheme(ks_ctx *cx, ks_jw *w, const ks_app_scheme *s)
{
    static const char *const absent[] = {"authorization_url",       "token_url", "default_scopes",
                                         "token_response_metadata", "client_id", "client_secret"};
    ks_jw_obj(w, NULL);
    ks_str mode = ks_scheme_wire(s->scheme);
    put_lower(cx, w, "scheme_name", mode);
    put_lower(cx, w, "name", mode);
    ks_jw_str(w, "auth_mode", mode);
    ks_jw_str(w, "mode", mode);
    ks_jw_arr(w, "fields");
    for (size_t i = 0; i < s->fields_n; i++)
        ks_v1_field(cx, w, &s->fields[i], s->fields[i].required && s->fields[i].fallback.p == NULL);
    ks_jw_end(w, ']');
    put_proxy(w, s);
    for (size_t i = 0; i < KS_COUNT(absent); i++)
        ks_jw_null(w, absent[i]);
    ks_jw_end(w, '}');
}

void ks_put_list(ks_jw *w, const char *name, ks_list l)
{
    ks_jw_arr(w, name);
    for (size_t i = 0; i < l.n; i++)
        ks_jw_str(w, NULL, l.at[i]);
    ks_jw_end(w, ']');
}

static void put_meta(ks_jw *w, const ks_app *app)
{
    ks_jw_obj(w, "meta");
    ks_jw_bool(w, "is_custom_app", false);
    ks_jw_int(w, "actionsCount", (int64_t)app->actions_n);
    ks_jw_int(w, "triggersCount", 0);
    ks_jw_end(w, '}');
}

bool ks_app_no_auth(const ks_app *app)
{
    for (size_t i = 0; i < app->schemes_n; i++) {
        if (!ks_str_eq(app->schemes[i].scheme, KS_S("NO_AUTH")))
            return false;
    }
    return true;
}

void ks_v1_put_app(ks_ctx *cx, ks_jw *w, const ks_app *app)
{
    ks_jw_obj(w, NULL);
    ks_jw_str(w, "appId", app->id);
    ks_jw_str(w, "key", app->key);
    ks_jw_str(w, "name", app->key); /* clients compare it with the key */
    ks_jw_str(w, "displayName", app->name);
    ks_jw_str(w, "description", app->about);
    ks_jw_null(w, "logo");
    ks_put_list(w, "categories", app->categories);
    ks_put_list(w, "tags", app->categories);
    ks_jw_str(w, "docs", app->docs);
    ks_jw_null(w, "group");
    ks_jw_null(w, "status");
    ks_jw_bool(w, "enabled", true);
    ks_jw_bool(w, "no_auth", ks_app_no_auth(app));
    ks_jw_arr(w, "auth_schemes");
    for (size_t i = 0; i < app->schemes_n; i++) {
        if (!ks_scheme_hidden(app, &app->schemes[i]))
            put_scheme(cx, w, &app->schemes[i]);
    }
    ks_jw_end(w, ']');
    ks_jw_arr(w, "testConnectors"); /* empty: no credentials are lent */
    ks_jw_end(w, ']');
    put_meta(w, app);
    ks_jw_null(w, "documentation_doc_text");
    ks_jw_null(w, "configuration_docs_text");
    ks_jw_z(w, "createdAt", KS_V1_CATALOG_TIME);
    ks_jw_z(w, "updatedAt", KS_V1_CATALOG_TIME);
    ks_jw_end(w, '}');
}

/* ---- lists ---- */

static ks_status put_apps(ks_ctx *cx, ks_jw *w, const ks_catalog *c, ks_str category, const ks_page *page,
                          ks_gzip *out)
{
    int64_t i_wanted = 0;
    ks_apps apps;
    KS_TRY(ks_apps_open_window(cx, c, &apps));
    ks_jw_obj(w, NULL);
    ks_jw_arr(w, "items");
    for (size_t i = 0; i < apps.n; i++) {
        const ks_app *app;
        if (!ks_catalog_reached(cx, c, i))
            continue;
        KS_TRY(ks_apps_at(&apps, i, &app));
        if (!ks_app_in_category(app, category))
            continue;
        if (i_wanted >= page->offset && i_wanted - page->offset < page->size)
            ks_v1_put_app(cx, w, app);
        i_wanted++;
        ks_gzip_pour(out);
    }
    ks_jw_end(w, ']');
    ks_v1_pages(w, page, i_wanted);
    ks_jw_end(w, '}');
    return KS_OK;
}

static ks_status put_all(ks_ctx *cx, ks_jw *w, const ks_catalog *c, ks_gzip *out)
{
    ks_page all = {.page = 1, .size = INT32_MAX};
    return put_apps(cx, w, c, KS_NO_STR, &all, out);
}

static ks_status list_apps(ks_ctx *cx, const ks_req *rq, ks_res *rs)
{
    ks_str  category = ks_req_query(cx, rq, "category");
    ks_page page;
    ks_jw   w;
    KS_TRY(ks_v1_page(cx, rq, "pageSize", &page));
    if (category.n == 0 && page.page == 1 && page.size == INT32_MAX && !ks_reach_by_app(cx))
        return ks_res_kept(cx, rq, rs, ks_catalog_of(cx), KS_KEPT_V1_APPS, put_all);
    KS_TRY(ks_res_begin(cx, rs, 200, &w));
    KS_TRY(put_apps(cx, &w, ks_catalog_of(cx), category, &page, NULL));
    return ks_res_end(cx, rs);
}

static ks_status get_app(ks_ctx *cx, const ks_req *rq, ks_res *rs)
{
    const ks_app *app;
    ks_jw         w;
    KS_TRY(ks_catalog_need_app(cx, ks_catalog_of(cx), NULL, ks_req_param(rq, "app"), &app));
    KS_TRY(ks_res_begin(cx, rs, 200, &w));
    ks_v1_put_app(cx, &w, app);
    return ks_res_end(cx, rs);
}

static ks_status list_keys(ks_ctx *cx, const ks_req *rq, ks_res *rs)
{
    const ks_catalog *c = ks_catalog_of(cx);
    ks_jw             w;
    (void)rq;
    KS_TRY(ks_res_begin(cx, rs, 200, &w));
    ks_jw_arr(&w, NULL);
    for (size_t i = 0; i < ks_catalog_apps_n(c); i++) {
        if (ks_catalog_reached(cx, c, i))
            ks_jw_str(&w, NULL, ks_catalog_key_at(c, i));
    }
    ks_jw_end(&w, ']');
    return ks_res_end(cx, rs);
}

static ks_status list_categories(ks_ctx *cx, const ks_req *rq, ks_res *rs)
{
    ks_str *all;
    size_t  n;
    ks_jw   w;
    (void)rq;
    KS_TRY(ks_app_categories(cx, ks_catalog_of(cx), &all, &n));
    KS_TRY(ks_res_begin(cx, rs, 200, &w));
    ks_jw_obj(&w, NULL);
    ks_jw_arr(&w, "items");
    for (size_t i = 0; i < n; i++)
        ks_jw_str(&w, NULL, all[i]);
    ks_jw_end(&w, ']');
    ks_jw_end(&w, '}');
    return ks_res_end(cx, rs);
}

/* ---- what clients ask for beside the catalogue ---- */

static ks_status list_triggers(ks_ctx *cx, const ks_req *rq, ks_res *rs)
{
    (void)rq;
    return ks_res_fixed(cx, rs, 200, "application/json", KS_S("[]"));
}

static ks_status list_active_triggers(ks_ctx *cx, const ks_req *rq, ks_res *rs)
{
    (void)rq;
    return ks_res_fixed(
        cx, rs, 200, "application/json",
        KS_S("{\"triggers\":[],\"pageInfo\":{\"currentPage\":1,\"perPage\":10,\"totalPages\":1}}"));
}

static ks_status client_info(ks_ctx *cx, const ks_req *rq, ks_res *rs)
{
    ks_jw w;
    (void)rq;
    KS_TRY(ks_res_begin(cx, rs, 200, &w));
    ks_jw_obj(&w, NULL);
    ks_jw_obj(&w, "client");
    ks_jw_int(&w, "autoId", 1);
    ks_jw_str(&w, "id", cx->project_id.p != NULL ? cx->project_id : KS_S(""));
    ks_jw_z(&w, "name", "keysteward");
    ks_jw_z(&w, "email", "owner@keysteward.example");
    ks_jw_z(&w, "createdAt", KS_V1_CATALOG_TIME);
    ks_jw_z(&w, "updatedAt", KS_V1_CATALOG_TIME);
    ks_jw_bool(&w, "triggersEnabled", false);
    ks_jw_z(&w, "plan", "SELF_HOSTED");
    ks_jw_bool(&w, "isNewWebhook", false);
    ks_jw_end(&w, '}');
    ks_jw_obj(&w, "apiKey");
    ks_jw_str(&w, "id", cx->actor.p != NULL ? cx->actor : KS_S(""));
    ks_jw_z(&w, "name", "default");
    ks_jw_end(&w, '}');
    ks_jw_end(&w, '}');
    return ks_res_end(cx, rs);
}

const ks_route ks_apps_v1_routes[] = {
    {"GET", "/v1/apps", KS_SCOPE_READ, list_apps, KS_VIEW_V1, 0, "all apps"},
    {"GET", "/v1/apps/list/enums", KS_SCOPE_READ, list_keys, KS_VIEW_V1, 0, "keys of all apps"},
    {"GET", "/v1/apps/list/categories", KS_SCOPE_READ, list_categories, KS_VIEW_V1, 0, "categories of apps"},
    {"GET", "/v1/apps/{app}", KS_SCOPE_READ, get_app, KS_VIEW_V1, 0, "one app by key, alias or appId"},
    {"GET", "/v1/triggers", KS_SCOPE_READ, list_triggers, KS_VIEW_V1, 0, "triggers: none"},
    {"GET", "/v1/triggers/active_triggers", KS_SCOPE_READ, list_active_triggers, KS_VIEW_V1, 0,
     "active triggers: none"},
    {"GET", "/v1/client/auth/client_info", KS_SCOPE_READ, client_info, KS_VIEW_V1, 0,
     "whose API key this is; clients use it to check the key"},
    {0},
};
