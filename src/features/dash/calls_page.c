/* features/dash/calls_page.c — /dash/calls: what was called, page by page, and one call with what the app's
 * declarations say of where its credential went. docs/dashboard.md DASH-20, DASH-21. */
#include "features/apps/places.h"
#include "features/apps/view.h"
#include "features/calls/calls.h"
#include "features/connections/connection.h"
#include "features/dash/calls.h"
#include "features/routes.h"

#define PAGE_ROWS 50

/* ---- the list ---- */

/* The filters of the query, in the order of the form. */
enum { ENTITY, APP, CONNECTION, FAILED, FILTERS };

static void read_filters(ks_ctx *cx, const ks_req *rq, ks_dash_param out[FILTERS])
{
    static const char *const names[] = {
        [ENTITY] = "entity", [APP] = "app", [CONNECTION] = "connection", [FAILED] = "result"};
    for (size_t i = 0; i < FILTERS; i++)
        out[i] = (ks_dash_param){names[i], ks_str_trim(ks_req_query(cx, rq, names[i]), " ")};
}

static void put_filters(ks_dash *d, const ks_dash_param *f)
{
    static const char *const results[] = {"failed"};
    KS_HTML(&d->h, "<form class=\"filters\">\n");
    ks_dash_text_filter(d, "Entity", &f[ENTITY]);
    ks_dash_text_filter(d, "App", &f[APP]);
    ks_dash_text_filter(d, "Connection", &f[CONNECTION]);
    ks_dash_choice_filter(d, "Result", &f[FAILED], results, KS_COUNT(results));
    KS_HTML(&d->h, "<button class=\"plain\">Filter</button>\n</form>\n");
}

static ks_str milliseconds(ks_ctx *cx, int64_t us)
{
    return ks_fmt(cx, us < 10000 ? "%.1f ms" : "%.0f ms", (double)us / 1000);
}

/* The word, and the vendor's status with it where there was an answer. */
static void put_result(ks_dash *d, const ks_call_line *l)
{
    bool         ok = ks_str_eq(l->result, KS_S("ok"));
    ks_dash_mark mark = ok                                          ? KS_MARK_OK
                        : ks_str_eq(l->result, KS_S("caller_left")) ? KS_MARK_WARN
                                                                    : KS_MARK_BAD;
    ks_dash_mark_put(
        d, mark, l->status != 0 ? ks_fmt(d->cx, KS_FMT " (%d)", KS_ARG(l->result), l->status) : l->result);
}

static ks_str or_dash(ks_str s)
{
    return s.n > 0 ? s : KS_S("-");
}

static void put_row(ks_dash *d, const ks_call_line *l)
{
    ks_html *h = &d->h;
    KS_HTML_WITH(h, "<tr><th scope=\"row\"><a href=\"{}/dash/calls/{}\">", d->root,
                 ks_fmt(d->cx, "%lld", (long long)l->id));
    ks_dash_when(d, l->time);
    KS_HTML_WITH(h, "</a></th><td><bdi>{}</bdi></td><td>{}</td><td><code>{}</code></td><td>",
                 or_dash(l->entity_id), l->app, l->what);
    put_result(d, l);
    KS_HTML_WITH(h, "</td><td>{}</td></tr>\n", milliseconds(d->cx, l->took_us));
}

void ks_dash_calls_table(ks_dash *d, const char *caption, const ks_call_line *all, size_t n)
{
    KS_DASH_TABLE(d, caption, "Time", "Entity", "App", "Call", "Result", "Took");
    for (size_t i = 0; i < n; i++)
        put_row(d, &all[i]);
    ks_dash_table_end(d);
}

static void put_none(ks_dash *d, const ks_dash_param *f)
{
    if (ks_dash_filtered(f, FILTERS))
        ks_dash_empty(d, "No call is like that. Entities and connections are matched exactly.", KS_NO_STR);
    else if (d->cx->env->settings->calls_keep == 0)
        ks_dash_empty(d, "This server keeps no log of calls (calls-keep is 0). With one:",
                      KS_S("keysteward serve --calls-keep 30"));
    else
        ks_dash_empty(d, "Nothing was called yet. Call something with a connection:",
                      KS_S("keysteward call demo /v1/me --entity user_42"));
}

/* Ids are times enough for the address of a page. */
static ks_dash_at at_line(ks_ctx *cx, const ks_call_line *l)
{
    return (ks_dash_at){.us = l->id, .id = ks_fmt(cx, "%lld", (long long)l->id)};
}

/* What a search for a request's id wants. */
static ks_status go_to_request(ks_ctx *cx, ks_res *rs, ks_str request_id)
{
    ks_call_line l;
    KS_TRY(ks_calls_find(cx, request_id, &l));
    ks_str to = ks_fmt(cx, "/dash/calls/%lld", (long long)l.id);
    return to.p != NULL ? ks_dash_go(cx, rs, to, KS_DONE_NOTHING) : ks_no_memory(cx);
}

static ks_status get_list(ks_ctx *cx, const ks_req *rq, ks_res *rs)
{
    ks_dash_param f[FILTERS];
    ks_dash_at    at, first = {0}, last = {0};
    ks_call_line *all;
    size_t        n;
    bool          more;
    ks_dash       d;
    ks_str        request = ks_str_trim(ks_req_query(cx, rq, "request"), " ");
    if (request.n > 0)
        return go_to_request(cx, rs, request);
    read_filters(cx, rq, f);
    KS_TRY(ks_dash_at_get(cx, rq, &at));
    const ks_call_filter look = {.entity_id = f[ENTITY].value,
                                 .connection_id = f[CONNECTION].value,
                                 .app = f[APP].value,
                                 .failed = f[FAILED].value.n > 0,
                                 .behind = at.id.n > 0 ? at.us : 0,
                                 .newer = at.newer,
                                 .limit = PAGE_ROWS};
    KS_TRY(ks_calls_list(cx, &look, &all, &n, &more));
    KS_TRY(ks_dash_begin(cx, rq, rs, KS_DASH_CALLS, KS_S("Calls"), &d));
    put_filters(&d, f);
    if (n == 0)
        put_none(&d, f);
    else
        ks_dash_calls_table(&d, "Calls", all, n);
    if (n > 0) {
        last = at_line(cx, &all[n - 1]);
        first = at_line(cx, &all[0]);
    }
    ks_dash_pager(&d, f, FILTERS, &at, &first, &last, more);
    return KS_DASH_END(&d, KS_S("keysteward calls --entity ENTITY --app APP --connection ID --failed"));
}

/* ---- one call ---- */

static void put_facts(ks_dash *d, const ks_call_line *l)
{
    ks_html *h = &d->h;
    KS_HTML(h, "<dl class=\"facts\">\n<dt>Result</dt><dd>");
    put_result(d, l);
    KS_HTML(h, "</dd>\n<dt>Time</dt><dd>");
    ks_dash_when(d, l->time);
    KS_HTML_WITH(h, "</dd>\n<dt>Took</dt><dd>{}</dd>\n<dt>Entity</dt><dd><bdi>{}</bdi></dd>\n",
                 milliseconds(d->cx, l->took_us), or_dash(l->entity_id));
    KS_HTML_WITH(h, "<dt>App</dt><dd><a href=\"{}/dash/apps/{}\">{}</a></dd>\n", d->root, l->app, l->app);
    if (l->connection_id.n > 0)
        KS_HTML_WITH(h,
                     "<dt>Connection</dt><dd><a href=\"{}/dash/connections/{}\"><code>{}</code></a></dd>\n",
                     d->root, l->connection_id, l->connection_id);
    else
        KS_HTML(h, "<dt>Connection</dt><dd>none: credentials came with the call, or none are needed</dd>\n");
    KS_HTML_WITH(
        h, "<dt>API key</dt><dd><code>{}</code></dd>\n<dt>Request</dt><dd><code>{}</code></dd>\n</dl>\n",
        l->actor, l->request_id);
}

/* The scheme that the call used, when its connection is still there; else the app's first. */
static ks_status scheme_of(ks_ctx *cx, const ks_app *app, const ks_call_line *l, const ks_app_scheme **out)
{
    ks_connection c;
    ks_status     st = l->connection_id.n > 0 ? ks_connection_get(cx, l->connection_id, &c) : KS_NOT_FOUND;
    if (st != KS_OK && st != KS_NOT_FOUND)
        return st;
    *out = ks_app_scheme_find(app, st == KS_OK ? c.scheme : KS_NO_STR);
    return KS_OK;
}

static void put_origins(ks_dash *d, const ks_app_scheme *s)
{
    if (s->base.n > 0)
        KS_HTML_WITH(&d->h, "<p>They go to <code>{}</code> and nowhere else", s->base);
    else
        KS_HTML(&d->h, "<p>They go to the database of the connection and nowhere else");
    for (size_t i = 0; i < s->hosts.n; i++) {
        if (i == 0)
            KS_HTML(&d->h, "; allowed hosts:");
        KS_HTML_WITH(&d->h, " <code>{}</code>", s->hosts.at[i]);
    }
    KS_HTML(&d->h, ".</p>\n");
}

static void put_places(ks_dash *d, const ks_app_place *all, size_t n)
{
    KS_DASH_TABLE(d, "Where its values go", "Field", "Secret", "Where", "Name", "Written as");
    for (size_t i = 0; i < n; i++)
        KS_HTML_WITH(
            &d->h,
            "<tr><th scope=\"row\"><code>{}</code></th><td>{}</td><td>{}</td><td><code>{}</code></td>"
            "<td><code>{}</code></td></tr>\n",
            all[i].field, all[i].secret ? KS_S("yes") : KS_S("no"), all[i].where, or_dash(all[i].name),
            or_dash(all[i].value));
    ks_dash_table_end(d);
}

/* By the declarations of today: what was sent is kept nowhere. */
static ks_status put_explained(ks_dash *d, const ks_call_line *l)
{
    ks_ctx              *cx = d->cx;
    const ks_app_scheme *s = NULL;
    const ks_app        *app = ks_catalog_app(cx, ks_catalog_of(cx), l->app), *other;
    ks_app_place        *places;
    size_t               n;
    if (app != NULL)
        KS_TRY(scheme_of(cx, app, l, &s));
    if (s == NULL)
        return KS_OK;
    KS_TRY(ks_app_places(cx, s, ks_catalog_action(cx, ks_catalog_of(cx), l->what, &other), &places, &n));
    KS_HTML_WITH(&d->h, "<h2>What {} declares for {}</h2>\n", app->name, s->scheme);
    put_places(d, places, n);
    put_origins(d, s);
    return KS_OK;
}

static ks_status get_one(ks_ctx *cx, const ks_req *rq, ks_res *rs)
{
    uint64_t     id;
    ks_call_line l;
    ks_dash      d;
    if (!ks_str_u64(ks_req_param(rq, "id"), &id) || id > INT64_MAX)
        id = 0;
    KS_TRY(ks_calls_get(cx, (int64_t)id, &l));
    KS_TRY(ks_dash_begin(cx, rq, rs, KS_DASH_CALLS, l.what, &d));
    put_facts(&d, &l);
    KS_TRY(put_explained(&d, &l));
    return KS_DASH_END(&d, ks_fmt(cx, "keysteward calls --before %lld --limit 1 --json", (long long)l.id + 1),
                       KS_S("keysteward explain ACTION --entity ENTITY"));
}

#define P(path, run, text)                                                                                   \
    {                                                                                                        \
        "GET", path, KS_SCOPE_READ, run, KS_VIEW_PAGE, KS_SESSION | KS_WORKER, text                          \
    }
const ks_route ks_dash_calls_routes[] = {
    P("/dash/calls", get_list, "the log of calls, page by page"),
    P("/dash/calls/{id}", get_one, "one call, and where its credential goes"),
    {0},
};
