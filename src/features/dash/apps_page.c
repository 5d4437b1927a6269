/* features/dash/apps_page.c — /dash/apps: the catalogue as the project sees it, searched by words and
 * category, page by page. docs/dashboard.md DASH-44. */
#include <stdlib.h>

#include "features/apps/apps_v1.h"
#include "features/apps/own_apps.h"
#include "features/apps/view.h"
#include "features/dash/apps.h"
#include "features/routes.h"

#define PAGE_ROWS 50

enum { WORDS, CATEGORY, OWN, FILTERS };

/* ---- pages by number ---- */

ks_status ks_dash_page_number(ks_ctx *cx, const ks_req *rq, size_t *out)
{
    ks_str   text = ks_req_query(cx, rq, "page");
    uint64_t n = 1;
    if (text.n > 0 && (!ks_str_u64(text, &n) || n < 1 || n > 1000000))
        return ks_fail(cx, KS_INVALID, "page", "Pages are numbered from 1. Begin the list anew.");
    *out = (size_t)n - 1;
    return KS_OK;
}

static void page_link(ks_dash *d, const ks_dash_param *filters, size_t n, size_t page, const char *text)
{
    KS_HTML(&d->h, "<a href=\"?");
    for (size_t i = 0; i < n; i++) {
        if (filters[i].value.n > 0)
            KS_HTML_WITH(&d->h, "{}={}&amp;", ks_str_of(filters[i].name), filters[i].value);
    }
    KS_HTML_WITH(&d->h, "page={}\">{}</a>\n", ks_fmt(d->cx, "%zu", page + 1), ks_str_of(text));
}

void ks_dash_numbered(ks_dash *d, const ks_dash_param *filters, size_t n, size_t page, size_t rows,
                      size_t total)
{
    if (total == 0)
        return;
    KS_HTML_WITH(
        &d->h, "<nav class=\"pager\" aria-label=\"Pages\"><p>{} of {}</p>\n",
        ks_fmt(d->cx, "%zu to %zu", page * rows + 1, (page + 1) * rows < total ? (page + 1) * rows : total),
        ks_fmt(d->cx, "%zu", total));
    if (page > 0)
        page_link(d, filters, n, page - 1, "Previous");
    if ((page + 1) * rows < total)
        page_link(d, filters, n, page + 1, "Next");
    KS_HTML(&d->h, "</nav>\n");
}

/* ---- the list ---- */

/* One search under way. */
typedef struct hunt {
    const ks_dash_param *f;
    const ks_own_apps   *own;
    const ks_app        *found[PAGE_ROWS]; /* those of the page */
    size_t               n, total, page;
} hunt;

/* Every word stands in its name, key or aliases, or with `about` in its description. */
static bool says(const ks_app *app, ks_str words, bool about)
{
    ks_str one;
    while (ks_str_cut(&words, ' ', &one)) {
        bool found = ks_str_iholds(app->key, one) || ks_str_iholds(app->name, one) ||
                     (about && ks_str_iholds(app->about, one));
        for (size_t i = 0; i < app->aliases.n && !found; i++)
            found = ks_str_iholds(app->aliases.at[i], one);
        if (!found)
            return false;
    }
    return true;
}

static bool wanted(ks_ctx *cx, const hunt *h, const ks_app *app)
{
    return !ks_own_app_gone(cx, h->own, app) && ks_app_in_category(app, h->f[CATEGORY].value) &&
           (h->f[OWN].value.n == 0 || ks_own_app(h->own, app) != NULL) && says(app, h->f[WORDS].value, true);
}

/* Those that are called so, or those of which it is only said. */
static ks_status look_at(ks_ctx *cx, hunt *h, ks_apps *all, ks_apps *kept, bool called)
{
    const ks_app *app;
    for (size_t i = 0; i < all->n; i++) {
        KS_TRY(ks_apps_at(all, i, &app));
        if (!wanted(cx, h, app) || says(app, h->f[WORDS].value, false) != called)
            continue;
        if (h->total++ / PAGE_ROWS == h->page)
            KS_TRY(ks_apps_at(kept, i, &h->found[h->n++]));
    }
    return KS_OK;
}

/* All apps are read one after the other; those of the page once more, to stay as long as the arena. */
static ks_status look(ks_ctx *cx, hunt *h)
{
    ks_apps all, kept;
    KS_TRY(ks_apps_open_window(cx, ks_catalog_of(cx), &all));
    KS_TRY(ks_apps_open(cx, ks_catalog_of(cx), &kept));
    KS_TRY(look_at(cx, h, &all, &kept, true));
    return h->f[WORDS].value.n > 0 ? look_at(cx, h, &all, &kept, false) : KS_OK;
}

static int by_text(const void *a, const void *b)
{
    const ks_str *x = a, *y = b;
    return ks_str_cmp(*x, *y);
}

static void put_filters(ks_dash *d, const ks_dash_param *f, ks_str *categories, size_t n)
{
    static const char *const own[] = {"yes"};
    const char             **names = ks_zalloc(d->cx, (n + 1) * sizeof *names);
    qsort(categories, n, sizeof *categories, by_text);
    for (size_t i = 0; names != NULL && i < n; i++)
        names[i] = ks_copy(d->cx, categories[i]).p;
    KS_HTML(&d->h, "<form class=\"filters\">\n");
    ks_dash_text_filter(d, "Words", &f[WORDS]);
    if (names != NULL)
        ks_dash_choice_filter(d, "Category", &f[CATEGORY], names, n);
    ks_dash_choice_filter(d, "The project's own", &f[OWN], own, KS_COUNT(own));
    KS_HTML(&d->h, "<button class=\"plain\">Filter</button>\n</form>\n");
}

ks_str ks_dash_schemes(ks_ctx *cx, const ks_app *app)
{
    ks_buf *b = ks_ctx_buf(cx, 4096);
    if (b == NULL || app->schemes_n == 0)
        return KS_S("none needed");
    for (size_t i = 0; i < app->schemes_n; i++)
        ks_buf_fmt(b, i ? ", " KS_FMT : KS_FMT, KS_ARG(app->schemes[i].scheme));
    return ks_buf_view(b);
}

void ks_dash_own_mark(ks_dash *d, const ks_project_app *own)
{
    if (own != NULL)
        ks_dash_mark_put(
            d, KS_MARK_INFO,
            ks_fmt(d->cx,
                   own->replaces ? "Own, version %lld, instead of the catalogue's" : "Own, version %lld",
                   (long long)own->version));
}

static void put_row(ks_dash *d, const ks_app *app, const ks_own_apps *own)
{
    KS_HTML_WITH(&d->h, "<tr><th scope=\"row\"><a href=\"{}/dash/apps/{}\">{}</a></th><td><code>{}</code> ",
                 d->root, app->key, app->name, app->key);
    ks_dash_own_mark(d, ks_own_app(own, app));
    if (!ks_app_available(app))
        ks_dash_mark_put(d, KS_MARK_WARN, KS_S("Not usable yet"));
    KS_HTML_WITH(&d->h, "</td><td>{}</td><td>{}</td><td class=\"num\">{}</td></tr>\n", app->about,
                 ks_dash_schemes(d->cx, app), ks_fmt(d->cx, "%zu", app->actions_n));
}

static ks_status get_list(ks_ctx *cx, const ks_req *rq, ks_res *rs)
{
    ks_dash_param f[FILTERS] = {[WORDS] = {"q", ks_str_trim(ks_req_query(cx, rq, "q"), " ")},
                                [CATEGORY] = {"category", ks_req_query(cx, rq, "category")},
                                [OWN] = {"own", ks_req_query(cx, rq, "own")}};
    ks_own_apps   own;
    hunt          h = {.f = f, .own = &own};
    ks_str       *categories;
    size_t        n;
    ks_dash       d;
    KS_TRY(ks_dash_page_number(cx, rq, &h.page));
    KS_TRY(ks_own_apps_of(cx, &own));
    KS_TRY(look(cx, &h));
    KS_TRY(ks_app_categories(cx, ks_catalog_of(cx), &categories, &n));
    KS_TRY(ks_dash_begin(cx, rq, rs, KS_DASH_APPS, KS_S("Apps"), &d));
    put_filters(&d, f, categories, n);
    if (h.n == 0) {
        ks_dash_empty(&d, "No app is like that. Make an app file of an API's OpenAPI document and add it:",
                      KS_S("keysteward app import FILE --add"));
    } else {
        KS_DASH_TABLE(&d, "Apps", "App", "Key", "About", "Schemes", "Actions");
        for (size_t i = 0; i < h.n; i++)
            put_row(&d, h.found[i], &own);
        ks_dash_table_end(&d);
    }
    ks_dash_numbered(&d, f, FILTERS, h.page, PAGE_ROWS, h.total);
    return KS_DASH_END(&d, KS_S("keysteward app list --search WORDS"), KS_S("keysteward app list --own"),
                       KS_S("keysteward app add FILE"));
}

const ks_route ks_dash_apps_routes[] = {
    {"GET", "/dash/apps", KS_SCOPE_READ, get_list, KS_VIEW_PAGE, KS_SESSION | KS_WORKER,
     "apps, searched by words and category"},
    {0},
};
