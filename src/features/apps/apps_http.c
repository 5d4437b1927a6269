/* features/apps/apps_http.c — /ks/apps: the catalogue as the native API shows it, and what to ask a person
 * for before connecting. Changes nothing. Contract: docs/api.md NAT-3. Threads: the loop's. */
#include "features/apps/action_schema.h"
#include "features/apps/apps_v1.h"
#include "features/apps/catalog.h"
#include "features/apps/own_apps.h"
#include "features/apps/view.h"
#include "features/env.h"
#include "features/routes.h"
#include "http/reply.h"

/* `name` only when there is a text. */
static void put_some(ks_jw *w, const char *name, ks_str s)
{
    if (s.p != NULL)
        ks_jw_str(w, name, s);
}

static void put_field(ks_jw *w, const ks_app_field *f)
{
    static const char *const kinds[] = {"text", "utf8", "blob", "label", "url", "host", "choice"};
    ks_jw_obj(w, NULL);
    ks_jw_str(w, "name", f->name);
    ks_jw_str(w, "label", f->label);
    ks_jw_str(w, "help", f->help);
    put_some(w, "example", f->example);
    ks_jw_z(w, "kind", kinds[f->kind]);
    ks_jw_bool(w, "secret", f->secret);
    ks_jw_bool(w, "required", f->required && f->fallback.p == NULL);
    ks_jw_bool(w, "to_act", f->to_act);
    ks_jw_bool(w, "developer", f->developer);
    put_some(w, "default", f->fallback);
    put_some(w, "pattern", f->pattern);
    put_some(w, "prefix", f->prefix);
    put_some(w, "suffix", f->suffix);
    if (f->values.n > 0)
        ks_put_list(w, "values", f->values);
    if (f->aliases.n > 0)
        ks_put_list(w, "aliases", f->aliases);
    ks_jw_end(w, '}');
}

/* What to ask for, and where the person finds it. */
static void put_asking(ks_jw *w, const ks_app_scheme *s)
{
    ks_jw_str(w, "scheme", s->scheme);
    ks_jw_arr(w, "fields");
    for (size_t i = 0; i < s->fields_n; i++)
        put_field(w, &s->fields[i]);
    ks_jw_end(w, ']');
    if (s->find_url.p == NULL) {
        ks_jw_null(w, "find");
        return;
    }
    ks_jw_obj(w, "find");
    ks_jw_str(w, "url", s->find_url);
    ks_put_list(w, "steps", s->find_steps);
    ks_jw_end(w, '}');
}

static void put_puts(ks_jw *w, const char *name, ks_app_puts puts)
{
    ks_jw_obj(w, name);
    for (size_t i = 0; i < puts.n; i++)
        ks_jw_str(w, puts.at[i].name.p, puts.at[i].value);
    ks_jw_end(w, '}');
}

static void put_scheme(ks_jw *w, const ks_app_scheme *s)
{
    const char *check = s->check.method.p == NULL ? "none" : s->check.trusted ? "trusted" : "reports";
    ks_jw_obj(w, NULL);
    put_asking(w, s);
    ks_jw_str(w, "base_url", s->base);
    ks_put_list(w, "hosts", s->hosts);
    ks_jw_z(w, "check", check);
    const char *lacks = ks_scheme_lacks(s);
    ks_jw_bool(w, "available", lacks == NULL);
    if (lacks != NULL)
        ks_jw_z(w, "unavailable_because", lacks);
    ks_jw_end(w, '}');
}

static void put_summary(ks_jw *w, const ks_app *app)
{
    ks_jw_str(w, "key", app->key);
    ks_jw_str(w, "id", app->id);
    ks_jw_str(w, "name", app->name);
    ks_jw_str(w, "about", app->about);
    ks_put_list(w, "categories", app->categories);
    ks_put_list(w, "aliases", app->aliases);
    ks_jw_str(w, "home", app->home);
    ks_jw_str(w, "docs", app->docs);
    ks_jw_bool(w, "no_auth", ks_app_no_auth(app));
    ks_jw_bool(w, "available", ks_app_available(app));
    ks_jw_bool(w, "ghost_only", app->ghost_only);
    ks_jw_int(w, "actions_count", (int64_t)app->actions_n);
}

static void put_own(ks_jw *w, const ks_project_app *own)
{
    if (own == NULL)
        return;
    ks_jw_obj(w, "own");
    ks_jw_int(w, "version", own->version);
    ks_jw_time(w, "created_at", own->created_at);
    ks_jw_time(w, "updated_at", own->updated_at);
    ks_jw_bool(w, "replaces", own->replaces);
    ks_jw_end(w, '}');
}

static void put_action(ks_jw *w, const ks_app *app, const ks_app_action *a)
{
    ks_jw_obj(w, NULL);
    ks_jw_str(w, "name", a->name);
    ks_jw_str(w, "title", a->title);
    ks_jw_str(w, "about", a->about);
    ks_put_list(w, "tags", a->tags);
    put_some(w, "docs", a->docs);
    ks_action_put_parameters(w, "parameters", app, a);
    ks_jw_end(w, '}');
}

static void put_item(ks_jw *w, const ks_app *app, const ks_project_app *own)
{
    ks_jw_obj(w, NULL);
    put_summary(w, app);
    put_own(w, own);
    ks_jw_arr(w, "schemes");
    for (size_t i = 0; i < app->schemes_n; i++)
        ks_jw_str(w, NULL, app->schemes[i].scheme);
    ks_jw_end(w, ']');
    ks_jw_end(w, '}');
}

static ks_status list_apps(ks_ctx *cx, const ks_req *rq, ks_res *rs)
{
    bool        only_own = ks_str_ieq(ks_req_query(cx, rq, "own"), KS_S("true"));
    ks_own_apps own;
    ks_apps     apps;
    ks_jw       w;
    KS_TRY(ks_own_apps_of(cx, &own));
    KS_TRY(ks_apps_open_window(cx, ks_catalog_of(cx), &apps));
    KS_TRY(ks_res_begin(cx, rs, 200, &w));
    ks_jw_obj(&w, NULL);
    ks_jw_arr(&w, "items");
    for (size_t i = 0; i < apps.n && !(only_own && own.n == 0); i++) {
        const ks_app *app;
        if (!ks_catalog_reached(cx, apps.c, i))
            continue;
        KS_TRY(ks_apps_at(&apps, i, &app));
        if (ks_own_app_gone(cx, &own, app))
            continue;
        if (!only_own || ks_own_app(&own, app) != NULL)
            put_item(&w, app, ks_own_app(&own, app));
    }
    ks_jw_end(&w, ']');
    ks_jw_end(&w, '}');
    return ks_res_end(cx, rs);
}

static ks_status get_app(ks_ctx *cx, const ks_req *rq, ks_res *rs)
{
    const ks_app *app;
    ks_own_apps   own;
    ks_jw         w;
    KS_TRY(ks_catalog_need_app(cx, ks_catalog_of(cx), NULL, ks_req_param(rq, "app"), &app));
    KS_TRY(ks_own_apps_of(cx, &own));
    if (ks_own_app_gone(cx, &own, app)) /* answered as the catalogue answers: unknown */
        return ks_catalog_need_app(cx, cx->env->catalog, NULL, app->key, &app);
    KS_TRY(ks_res_begin(cx, rs, 200, &w));
    ks_jw_obj(&w, NULL);
    put_summary(&w, app);
    put_own(&w, ks_own_app(&own, app));
    if (app->pages.n > 0)
        put_puts(&w, "pages", app->pages);
    ks_jw_arr(&w, "schemes");
    for (size_t i = 0; i < app->schemes_n; i++)
        put_scheme(&w, &app->schemes[i]);
    ks_jw_end(&w, ']');
    ks_jw_arr(&w, "actions");
    for (size_t i = 0; i < app->actions_n; i++)
        put_action(&w, app, &app->actions[i]);
    ks_jw_end(&w, ']');
    ks_jw_end(&w, '}');
    return ks_res_end(cx, rs);
}

static ks_status get_fields(ks_ctx *cx, const ks_req *rq, ks_res *rs)
{
    const ks_app        *app;
    const ks_app_scheme *s;
    ks_str               asked = ks_req_query(cx, rq, "scheme");
    ks_jw                w;
    KS_TRY(ks_catalog_need_app(cx, ks_catalog_of(cx), NULL, ks_req_param(rq, "app"), &app));
    s = ks_app_scheme_find(app, asked.n > 0 ? asked : KS_NO_STR);
    if (s == NULL && (asked.n > 0 || app->schemes_n > 0))
        return ks_fail(cx, KS_INVALID, "scheme",
                       "The app has no such scheme. GET /ks/apps/" KS_FMT " lists them.", KS_ARG(app->key));
    KS_TRY(ks_res_begin(cx, rs, 200, &w));
    ks_jw_obj(&w, NULL);
    ks_jw_str(&w, "app", app->key);
    if (s != NULL)
        put_asking(&w, s);
    else
        ks_jw_raw(&w, "fields", KS_S("[]")); /* an app without credentials asks for nothing */
    ks_jw_end(&w, '}');
    return ks_res_end(cx, rs);
}

const ks_route ks_apps_routes[] = {
    {"GET", "/ks/apps", KS_SCOPE_READ, list_apps, KS_VIEW_NATIVE, 0, "all apps in short"},
    {"GET", "/ks/apps/{app}", KS_SCOPE_READ, get_app, KS_VIEW_NATIVE, 0,
     "one app with schemes, fields and actions"},
    {"GET", "/ks/apps/{app}/fields", KS_SCOPE_READ, get_fields, KS_VIEW_NATIVE, 0,
     "what to ask a person for, and where it is found"},
    {0},
};
