/* features/apps/toolkits_v3.c — routes of toolkits, which are apps, and their categories. Changes nothing.
 * docs/api.md V3-1. Threads: the loop's. */
#include <stdlib.h>

#include "features/apps/apps_v1.h"
#include "features/apps/view.h"
#include "features/routes.h"
#include "features/v3.h"

/* ---- shapes ---- */

/* developer-tools gives "Developer Tools". */
static void put_label(ks_jw *w, ks_str id)
{
    char   text[64];
    size_t n = id.n < sizeof text ? id.n : sizeof text;
    for (size_t i = 0; i < n; i++) {
        char c = id.p[i];
        bool first = i == 0 || id.p[i - 1] == '-' || id.p[i - 1] == '_' || id.p[i - 1] == ' ';
        text[i] = c == '-' || c == '_' ? ' ' : first && c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
    }
    ks_jw_str(w, "name", (ks_str){text, n});
}

static void put_meta(ks_jw *w, const ks_app *app, const char *category_id, bool whole)
{
    ks_jw_obj(w, "meta");
    ks_jw_z(w, "created_at", KS_V3_CATALOG_TIME);
    ks_jw_z(w, "updated_at", KS_V3_CATALOG_TIME);
    ks_jw_str(w, "description", app->about.p ? app->about : KS_S(""));
    ks_jw_z(w, "logo", KS_V3_LOGO);
    ks_jw_str(w, "app_url", app->home);
    ks_jw_arr(w, "categories");
    for (size_t i = 0; i < app->categories.n; i++) {
        ks_jw_obj(w, NULL);
        ks_jw_str(w, category_id, app->categories.at[i]);
        put_label(w, app->categories.at[i]);
        ks_jw_end(w, '}');
    }
    ks_jw_end(w, ']');
    ks_jw_int(w, "triggers_count", 0);
    ks_jw_int(w, "tools_count", (int64_t)app->actions_n);
    ks_jw_z(w, "version", KS_V3_VERSION);
    if (whole)
        ks_jw_raw(w, "available_versions", KS_S("[\"" KS_V3_VERSION "\"]"));
    ks_jw_end(w, '}');
}

static void put_item(ks_jw *w, const ks_app *app)
{
    ks_jw_obj(w, NULL);
    ks_jw_str(w, "slug", app->key);
    ks_jw_str(w, "name", app->name);
    ks_jw_z(w, "type", "native");
    ks_jw_arr(w, "auth_schemes");
    for (size_t i = 0; i < app->schemes_n; i++) {
        if (!ks_scheme_hidden(app, &app->schemes[i]))
            ks_jw_str(w, NULL, ks_scheme_wire(app->schemes[i].scheme));
    }
    if (app->schemes_n == 0)
        ks_jw_z(w, NULL, "NO_AUTH");
    ks_jw_end(w, ']');
    ks_jw_raw(w, "composio_managed_auth_schemes", KS_S("[]"));
    ks_jw_bool(w, "is_local_toolkit", false);
    ks_jw_bool(w, "no_auth", ks_app_no_auth(app));
    ks_jw_obj(w, "deprecated");
    ks_v3_uuid(w, "toolkitId", app->id);
    ks_jw_end(w, '}');
    put_meta(w, app, "id", false);
    ks_jw_end(w, '}');
}

/* "required" and "optional" of the fields asked of the developer, or of the user. */
static void put_fields(ks_ctx *cx, ks_jw *w, const char *name, const ks_app_scheme *s, bool developer)
{
    ks_jw_obj(w, name);
    for (int required = 1; required >= 0; required--) {
        ks_jw_arr(w, required ? "required" : "optional");
        for (size_t i = 0; i < s->fields_n; i++) {
            const ks_app_field *f = &s->fields[i];
            bool                needed = f->required && f->fallback.p == NULL;
            if (f->developer == developer && needed == (required == 1))
                ks_v3_field(cx, w, f, needed);
        }
        ks_jw_end(w, ']');
    }
    ks_jw_end(w, '}');
}

/* The base URL, when it does not depend on the connection. */
static ks_str fixed_base(ks_str base)
{
    return ks_str_find(base, KS_S("{{")) == SIZE_MAX ? base : KS_NO_STR;
}

static void put_scheme(ks_ctx *cx, ks_jw *w, const ks_app_scheme *s)
{
    ks_jw_obj(w, NULL);
    ks_jw_str(w, "name", ks_scheme_wire(s->scheme));
    ks_jw_str(w, "mode", ks_scheme_wire(s->scheme));
    ks_jw_obj(w, "fields");
    put_fields(cx, w, "auth_config_creation", s, true);
    put_fields(cx, w, "connected_account_initiation", s, false);
    ks_jw_end(w, '}');
    if (fixed_base(s->base).n > 0) {
        ks_jw_obj(w, "proxy");
        ks_jw_str(w, "base_url", s->base);
        ks_jw_end(w, '}');
    }
    ks_jw_raw(w, "required_scopes", KS_S("[]"));
    if (s->find_url.p != NULL)
        ks_jw_str(w, "auth_hint_url", s->find_url);
    ks_jw_end(w, '}');
}

static void put_toolkit(ks_ctx *cx, ks_jw *w, const ks_app *app)
{
    ks_str base = fixed_base(app->schemes_n ? app->schemes[0].base : app->open_base);
    ks_jw_obj(w, NULL);
    ks_jw_str(w, "slug", app->key);
    ks_jw_str(w, "name", app->name);
    ks_jw_z(w, "type", "native");
    ks_jw_bool(w, "enabled", true);
    ks_jw_bool(w, "is_local_toolkit", false);
    ks_jw_raw(w, "composio_managed_auth", KS_S("[]"));
    ks_jw_raw(w, "composio_managed_auth_schemes", KS_S("[]"));
    if (base.p != NULL)
        ks_jw_str(w, "base_url", base);
    ks_jw_obj(w, "deprecated");
    ks_v3_uuid(w, "toolkitId", app->id);
    ks_jw_raw(w, "rawProxyInfoByAuthSchemes", KS_S("[]"));
    ks_jw_end(w, '}');
    put_meta(w, app, "slug", true);
    ks_jw_arr(w, "auth_config_details");
    for (size_t i = 0; i < app->schemes_n; i++) {
        if (!ks_scheme_hidden(app, &app->schemes[i]))
            put_scheme(cx, w, &app->schemes[i]);
    }
    ks_jw_end(w, ']');
    ks_jw_end(w, '}');
}

/* ---- lists ---- */

typedef struct ask {
    ks_str category, search;
    bool   none, by_name;
} ask;

static ask ask_of(ks_ctx *cx, const ks_req *rq)
{
    return (ask){.category = ks_req_query(cx, rq, "category"),
                 .search = ks_req_query(cx, rq, "search"),
                 .none = ks_str_eq(ks_req_query(cx, rq, "managed_by"), KS_S("composio")) ||
                         ks_str_eq(ks_req_query(cx, rq, "type"), KS_S("custom")),
                 .by_name = ks_str_eq(ks_req_query(cx, rq, "sort_by"), KS_S("alphabetically"))};
}

/* Is every app wanted, in the order of the catalogue? Then those beside the page need not be read. */
static bool takes_all(const ask *a)
{
    return a->category.n == 0 && a->search.n == 0 && !a->none && !a->by_name;
}

static bool wanted(const ask *a, const ks_app *app)
{
    return !a->none && ks_app_in_category(app, a->category) &&
           (a->search.n == 0 || ks_str_iholds(app->key, a->search) || ks_str_iholds(app->name, a->search) ||
            ks_str_iholds(app->about, a->search));
}

/* One that is wanted: its number in the catalogue, and its name, which outlives the list. */
typedef struct found_app {
    size_t i;
    ks_str name;
} found_app;

static int by_name(const void *a, const void *b)
{
    ks_str x = ((const found_app *)a)->name, y = ((const found_app *)b)->name;
    for (size_t i = 0; i < x.n && i < y.n; i++) {
        if (ks_lower(x.p[i]) != ks_lower(y.p[i]))
            return ks_lower(x.p[i]) < ks_lower(y.p[i]) ? -1 : 1;
    }
    return x.n < y.n ? -1 : x.n > y.n;
}

static ks_status put_page(ks_ctx *cx, ks_res *rs, ks_apps *apps, const found_app *found, size_t n,
                          const ks_v3_page *page)
{
    const ks_app *app;
    ks_jw         w;
    KS_TRY(ks_res_begin(cx, rs, 200, &w));
    ks_jw_obj(&w, NULL);
    ks_jw_arr(&w, "items");
    for (int64_t i = page->offset; i < (int64_t)n && i - page->offset < page->limit; i++) {
        KS_TRY(ks_apps_at(apps, found[i].i, &app));
        put_item(&w, app);
    }
    ks_jw_end(&w, ']');
    ks_v3_page_end(cx, &w, page, (int64_t)n);
    ks_jw_end(&w, '}');
    return ks_res_end(cx, rs);
}

static ks_status list(ks_ctx *cx, const ks_req *rq, ks_res *rs)
{
    ks_v3_page page;
    ks_apps    apps;
    size_t     n = 0;
    ask        a = ask_of(cx, rq);
    KS_TRY(ks_v3_page_of(cx, rq, "toolkits", &page));
    KS_TRY(ks_apps_open_window(cx, ks_catalog_of(cx), &apps));
    found_app *found = ks_alloc(cx, (apps.n + 1) * sizeof *found);
    if (found == NULL)
        return KS_NO_MEMORY;
    for (size_t i = 0; i < apps.n; i++) {
        const ks_app *app = NULL;
        if (!ks_catalog_reached(cx, apps.c, i))
            continue;
        if (!takes_all(&a))
            KS_TRY(ks_apps_at(&apps, i, &app));
        if (app == NULL || wanted(&a, app))
            found[n++] = (found_app){i, app != NULL ? app->name : KS_NO_STR};
    }
    if (a.by_name)
        qsort(found, n, sizeof *found, by_name);
    return put_page(cx, rs, &apps, found, n, &page);
}

struct multi_body {
    ks_strs  toolkits;
    ks_json *limit; /* a number, or one as text */
    ks_str   cursor;
};
static const ks_field multi_fields[] = {
    KS_FIELD(struct multi_body, toolkits, STRS, 0),
    KS_FIELD(struct multi_body, limit, ANY, 0),
    KS_FIELD(struct multi_body, cursor, STR, 0),
    KS_FIELDS_END,
};

/* Toolkits by slug; unknown ones are missing in the answer. */
static ks_status multi(ks_ctx *cx, const ks_req *rq, ks_res *rs)
{
    struct multi_body b;
    ks_v3_page        page = {.list = "toolkits/multi"};
    size_t            n = 0;
    KS_TRY(ks_req_body(cx, rq, multi_fields, &b));
    if (ks_json_kind(b.limit) == KS_JSON_ARR || ks_json_kind(b.limit) == KS_JSON_OBJ)
        return ks_fail(cx, KS_INVALID, "limit", "limit must be a whole number.");
    page.filter = rq->body.n ? ks_json_slice(rq->body, KS_S("toolkits")) : KS_NO_STR;
    KS_TRY(ks_v3_page_at(cx, ks_json_scalar(cx, b.limit), b.cursor, &page));
    ks_apps    apps;
    found_app *found = ks_alloc(cx, (b.toolkits.n + 1) * sizeof *found);
    KS_TRY(ks_apps_open_window(cx, ks_catalog_of(cx), &apps));
    if (found == NULL)
        return KS_NO_MEMORY;
    for (size_t i = 0; i < b.toolkits.n; i++) {
        size_t at = ks_catalog_number(ks_catalog_of(cx), b.toolkits.at[i]);
        if (at != SIZE_MAX && ks_catalog_reached(cx, apps.c, at))
            found[n++] = (found_app){.i = at};
    }
    return put_page(cx, rs, &apps, found, n, &page);
}

static ks_status get_one(ks_ctx *cx, const ks_req *rq, ks_res *rs)
{
    const ks_app *app;
    ks_jw         w;
    KS_TRY(ks_catalog_need_app(cx, ks_catalog_of(cx), NULL, ks_req_param(rq, "slug"), &app));
    KS_TRY(ks_v3_version_asked(cx, rq, "app_not_found", app));
    KS_TRY(ks_res_begin(cx, rs, 200, &w));
    put_toolkit(cx, &w, app);
    return ks_res_end(cx, rs);
}

/* ---- categories ---- */

/* Room for every category at least; a few dozen different ones, so a plain search will do. */
static ks_status categories_room(ks_apps *apps, ks_str **out)
{
    size_t room = 1;
    for (size_t i = 0; i < apps->n; i++) {
        const ks_app *app;
        KS_TRY(ks_apps_at(apps, i, &app));
        room += app->categories.n;
    }
    *out = ks_alloc(apps->cx, room * sizeof **out);
    return *out != NULL ? KS_OK : KS_NO_MEMORY;
}

ks_status ks_app_categories(ks_ctx *cx, const ks_catalog *c, ks_str **out, size_t *n)
{
    ks_apps apps;
    *n = 0;
    KS_TRY(ks_apps_open_window(cx, c, &apps));
    KS_TRY(categories_room(&apps, out)); /* reads all apps twice, and holds one */
    for (size_t i = 0; i < apps.n; i++) {
        const ks_app *app;
        if (!ks_catalog_reached(cx, c, i))
            continue;
        KS_TRY(ks_apps_at(&apps, i, &app));
        for (size_t j = 0; j < app->categories.n; j++) {
            size_t at = 0;
            while (at < *n && !ks_str_eq((*out)[at], app->categories.at[j]))
                at++;
            if (at == *n)
                (*out)[(*n)++] = app->categories.at[j];
        }
    }
    return KS_OK;
}

static int by_text(const void *a, const void *b)
{
    const ks_str *x = a, *y = b;
    return ks_str_cmp(*x, *y);
}

static ks_status list_categories(ks_ctx *cx, const ks_req *rq, ks_res *rs)
{
    ks_v3_page page;
    ks_str    *all;
    size_t     n;
    ks_jw      w;
    KS_TRY(ks_v3_page_of(cx, rq, "categories", &page));
    KS_TRY(ks_app_categories(cx, ks_catalog_of(cx), &all, &n));
    qsort(all, n, sizeof *all, by_text);
    KS_TRY(ks_res_begin(cx, rs, 200, &w));
    ks_jw_obj(&w, NULL);
    ks_jw_arr(&w, "items");
    for (int64_t i = page.offset; i < (int64_t)n && i - page.offset < page.limit; i++) {
        ks_jw_obj(&w, NULL);
        ks_jw_str(&w, "id", all[i]);
        put_label(&w, all[i]);
        ks_jw_end(&w, '}');
    }
    ks_jw_end(&w, ']');
    ks_v3_page_end(cx, &w, &page, (int64_t)n);
    ks_jw_end(&w, '}');
    return ks_res_end(cx, rs);
}

#define R KS_V3_ROUTE
const ks_route ks_toolkits_v3_routes[] = {
    R("GET", "/toolkits", READ, list, 0, "list toolkits"),
    R("GET", "/toolkits/categories", READ, list_categories, 0, "categories of toolkits"),
    R("POST", "/toolkits/multi", READ, multi, 0, "several toolkits by slug"),
    R("GET", "/toolkits/{slug}", READ, get_one, 0, "one toolkit with the fields of its schemes"),
    {0},
};
