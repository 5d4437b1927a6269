/* features/dash/integrations_page.c — /dash/integrations: all of them, page by page, and what deleting one
 * would do. docs/dashboard.md DASH-40, DASH-43. */
#include "features/dash/connections.h"
#include "features/dash/inputs.h"
#include "features/dash/integrations.h"
#include "features/routes.h"
#include "features/settings/settings.h"

#define PAGE_ROWS 50

/* ---- the table ---- */

ks_status ks_dash_integration_uses(ks_ctx *cx, const ks_integration *all, size_t n, int64_t **out)
{
    *out = ks_zalloc(cx, (n + 1) * sizeof **out);
    if (*out == NULL)
        return KS_NO_MEMORY;
    for (size_t i = 0; i < n; i++)
        KS_TRY(ks_integration_uses(cx, all[i].id, &(*out)[i]));
    return KS_OK;
}

void ks_dash_integration_mark(ks_dash *d, const ks_integration *in)
{
    ks_dash_mark_put(d, in->enabled ? KS_MARK_OK : KS_MARK_OFF,
                     in->enabled ? KS_S("Enabled") : KS_S("Disabled"));
}

/* How many entries a stored list has. */
static size_t count_of(ks_ctx *cx, ks_str list)
{
    ks_json *all = NULL;
    return ks_json_parse(cx, list, &all) == KS_OK ? ks_json_count(all) : 0;
}

/* "all", or how much. */
static ks_str allowed_text(ks_ctx *cx, const ks_integration *in)
{
    if (in->limited.p == NULL && in->requests.p == NULL)
        return KS_S("all");
    ks_str actions = in->limited.p == NULL ? KS_S("all actions")
                                           : ks_fmt(cx, "%zu actions", count_of(cx, in->limited));
    if (in->requests.p == NULL)
        return in->limited.p == NULL ? actions : ks_fmt(cx, KS_FMT ", no requests", KS_ARG(actions));
    return ks_fmt(cx, KS_FMT ", %zu requests", KS_ARG(actions), count_of(cx, in->requests));
}

static void put_row(ks_dash *d, const ks_integration *in, int64_t uses)
{
    ks_html *h = &d->h;
    KS_HTML_WITH(h, "<tr><th scope=\"row\"><a href=\"{}/dash/integrations/{}\"><bdi>{}</bdi></a></th>",
                 d->root, in->id, in->name);
    KS_HTML_WITH(h, "<td>{}</td><td>{}</td><td>", ks_dash_app_name(d->cx, in->app), in->scheme);
    ks_dash_integration_mark(d, in);
    KS_HTML_WITH(h, "</td><td>{}</td>", ks_str_of(ks_verify_word(in->verify)));
    KS_HTML_WITH(h, "<td class=\"num\"><a href=\"{}/dash/connections?integration={}\">{}</a></td>", d->root,
                 in->id, ks_fmt(d->cx, "%lld", (long long)uses));
    KS_HTML_WITH(h, "<td>{}</td><td>", allowed_text(d->cx, in));
    ks_dash_when(d, in->created_at);
    KS_HTML(h, "</td></tr>\n");
}

void ks_dash_integrations_table(ks_dash *d, const char *caption, const ks_integration *all,
                                const int64_t *uses, size_t n)
{
    KS_DASH_TABLE(d, caption, "Name", "App", "Scheme", "State", "Checks keys", "Connections", "Allowed",
                  "Made");
    for (size_t i = 0; i < n; i++)
        put_row(d, &all[i], uses[i]);
    ks_dash_table_end(d);
}

/* ---- the list ---- */

enum { APP, WORDS, FILTERS };

static void put_filters(ks_dash *d, const ks_dash_param *f)
{
    KS_HTML(&d->h, "<form class=\"filters\">\n");
    ks_dash_text_filter(d, "App", &f[APP]);
    ks_dash_text_filter(d, "Name or id", &f[WORDS]);
    KS_HTML(&d->h, "<button class=\"plain\">Filter</button>\n</form>\n");
    if (d->cx->scopes & KS_SCOPE_CONNECT)
        KS_HTML_WITH(
            &d->h, "<p class=\"hint\">A new one begins with its app: <a href=\"{}/dash/apps\">Apps</a></p>\n",
            d->root);
}

static void put_none(ks_dash *d, const ks_dash_param *f)
{
    if (f[APP].value.n > 0 || f[WORDS].value.n > 0)
        ks_dash_empty(d, "No integration is like that. Apps are matched exactly, names and ids by a part.",
                      KS_NO_STR);
    else
        ks_dash_empty(d,
                      "There is no integration yet. One is a set-up of an app for your users; connecting "
                      "somebody makes it by the way, and so does this:",
                      KS_S("keysteward integration create demo"));
}

/* One page; *more: there are others behind it, in the direction of `at`. */
static ks_status read_page(ks_ctx *cx, const ks_dash_param *f, const ks_dash_at *at, ks_integration **all,
                           size_t *n, bool *more)
{
    int64_t               total;
    ks_integration_filter look = {.apps = f[APP].value,
                                  .words = f[WORDS].value,
                                  .disabled_too = true,
                                  .limit = PAGE_ROWS + 1,
                                  .after_id = at->id,
                                  .after_us = at->us,
                                  .newer = at->newer};
    KS_TRY(ks_integration_search(cx, &look, all, n, &total));
    *more = *n > PAGE_ROWS;
    *n -= *more;
    *all += *more && at->newer; /* the one too many is the farthest */
    return KS_OK;
}

static ks_status get_list(ks_ctx *cx, const ks_req *rq, ks_res *rs)
{
    ks_dash_param   f[FILTERS] = {[APP] = {"app", ks_str_trim(ks_req_query(cx, rq, "app"), " ")},
                                  [WORDS] = {"q", ks_str_trim(ks_req_query(cx, rq, "q"), " ")}};
    ks_dash_at      at, first = {0}, last = {0};
    ks_integration *all;
    int64_t        *uses;
    size_t          n;
    bool            more;
    ks_dash         d;
    KS_TRY(ks_dash_at_get(cx, rq, &at));
    KS_TRY(read_page(cx, f, &at, &all, &n, &more));
    KS_TRY(ks_dash_integration_uses(cx, all, n, &uses));
    KS_TRY(ks_dash_begin(cx, rq, rs, KS_DASH_INTEGRATIONS, KS_S("Integrations"), &d));
    put_filters(&d, f);
    if (n == 0)
        put_none(&d, f);
    else
        ks_dash_integrations_table(&d, "Integrations", all, uses, n);
    if (n > 0) {
        last = (ks_dash_at){.us = all[n - 1].created_at, .id = all[n - 1].id};
        first = (ks_dash_at){.us = all[0].created_at, .id = all[0].id};
    }
    ks_dash_pager(&d, f, FILTERS, &at, &first, &last, more);
    return KS_DASH_END(&d, KS_S("keysteward integration list"), KS_S("keysteward integration create APP"));
}

/* ---- deletion ---- */

static void put_effect(ks_dash *d, int64_t uses, int64_t used_at)
{
    KS_HTML(&d->h, "<div class=\"box warn\"><p>");
    if (uses == 0) {
        KS_HTML(&d->h, "No connection uses it. Open links of it end.</p></div>\n");
        return;
    }
    KS_HTML_WITH(
        &d->h,
        "Its connections ({}) go with it: their credentials are erased at once and cannot be brought "
        "back, and calls with them fail from then on.</p>\n<p>Last used: ",
        ks_fmt(d->cx, "%lld", (long long)uses));
    ks_dash_when(d, used_at);
    KS_HTML(&d->h, ".</p></div>\n");
}

static ks_status get_delete(ks_ctx *cx, const ks_req *rq, ks_res *rs)
{
    ks_integration in;
    int64_t        uses, used_at;
    ks_dash        d;
    KS_TRY(ks_integration_get(cx, ks_req_param(rq, "id"), &in));
    KS_TRY(ks_integration_uses(cx, in.id, &uses));
    KS_TRY(ks_integration_used(cx, in.id, &used_at));
    KS_TRY(ks_dash_begin(cx, rq, rs, KS_DASH_INTEGRATIONS, ks_fmt(cx, "Delete " KS_FMT "?", KS_ARG(in.name)),
                         &d));
    put_effect(&d, uses, used_at);
    KS_HTML_WITH(&d.h, "<form method=\"post\" action=\"{}/dash/integrations/{}/delete\">", d.root, in.id);
    ks_dash_csrf(&d);
    if (uses > 0)
        ks_dash_confirm(&d, "the name", in.name);
    KS_HTML_WITH(&d.h,
                 "<p class=\"actions\"><button class=\"danger\">Delete</button> <a class=\"button plain\" "
                 "href=\"{}/dash/integrations/{}\">Keep it</a></p></form>\n",
                 d.root, in.id);
    return KS_DASH_END(&d, ks_fmt(cx, "keysteward integration delete " KS_FMT, KS_ARG(in.id)));
}

static ks_status post_delete(ks_ctx *cx, const ks_req *rq, ks_res *rs)
{
    ks_form        form;
    ks_integration in;
    int64_t        uses;
    ks_change     *change;
    KS_TRY(ks_dash_posted(cx, rq, &form));
    KS_TRY(ks_integration_get(cx, ks_req_param(rq, "id"), &in));
    KS_TRY(ks_integration_uses(cx, in.id, &uses));
    if (uses > 0)
        KS_TRY(ks_dash_confirmed(cx, &form, in.name));
    KS_TRY(ks_dash_go(cx, rs, KS_S("/dash/integrations"), KS_DONE_DELETED));
    KS_TRY(ks_change_new(cx, &change));
    return ks_res_commit_built(cx, rq, rs, change, ks_integration_delete_add(cx, change, in.id));
}

#define P(method, path, scope, run, flags, text)                                                             \
    {                                                                                                        \
        method, "/dash/integrations" path, KS_SCOPE_##scope, run, KS_VIEW_PAGE, KS_SESSION | (flags), text   \
    }
const ks_route ks_dash_integrations_routes[] = {
    P("GET", "", READ, get_list, KS_WORKER, "integrations, page by page"),
    P("GET", "/{id}/delete", CONNECT, get_delete, KS_WORKER, "what its deletion would do"),
    P("POST", "/{id}/delete", CONNECT, post_delete, KS_ONCE | KS_WORKER, "delete it and its connections"),
    {0},
};
