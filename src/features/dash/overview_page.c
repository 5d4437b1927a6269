/* features/dash/overview_page.c — /dash: what needs somebody, and what went on. docs/dashboard.md DASH-24. */
#include "features/calls/calls.h"
#include "features/connections/connection.h"
#include "features/dash/calls.h"
#include "features/routes.h"

#define DAY_US INT64_C(86400000000)
#define NEEDS  20 /* connections shown of each status */
#define LATEST 10 /* calls shown */

/* Connections that cannot be used until somebody connects again, and what is said of them. */
static const struct {
    const char *status, *word;
} troubles[] = {{"EXPIRED", "expired"}, {"FAILED", "failed"}};

typedef struct overview {
    ks_connection *needs[KS_COUNT(troubles)];
    size_t         needs_n[KS_COUNT(troubles)];
    int64_t        troubled[KS_COUNT(troubles)], active, calls, failed;
    ks_call_line  *lines;
    size_t         lines_n;
} overview;

static ks_status look(ks_ctx *cx, overview *o)
{
    const ks_call_filter latest = {.limit = LATEST};
    int64_t              yesterday = cx->now_us - DAY_US;
    bool                 more;
    for (size_t i = 0; i < KS_COUNT(troubles); i++) {
        ks_str status = ks_str_of(troubles[i].status);
        KS_TRY(ks_connection_count(cx, status, &o->troubled[i]));
        KS_TRY(ks_connection_troubled(cx, status, yesterday, NEEDS, &o->needs[i], &o->needs_n[i]));
    }
    KS_TRY(ks_connection_count(cx, KS_S("ACTIVE"), &o->active));
    KS_TRY(ks_calls_count(cx, yesterday, &o->calls, &o->failed));
    return ks_calls_list(cx, &latest, &o->lines, &o->lines_n, &more);
}

/* A number that leads to the list it counts: `path`, where `filter` is `value`. */
static void put_tile(ks_dash *d, int64_t n, const char *what, const char *path, const ks_dash_param *filter)
{
    KS_HTML_WITH(&d->h, "<li><a href=\"{}/dash/{}", d->root, ks_str_of(path));
    if (filter != NULL)
        KS_HTML_WITH(&d->h, "?{}={}", ks_str_of(filter->name), filter->value);
    KS_HTML_WITH(&d->h, "\"><strong>{}</strong> {}</a></li>\n", ks_fmt(d->cx, "%lld", (long long)n),
                 ks_str_of(what));
}

static void put_tiles(ks_dash *d, const overview *o)
{
    KS_HTML(&d->h, "<ul class=\"tiles\">\n");
    put_tile(d, o->active, "active connections", "connections", &(ks_dash_param){"status", KS_S("ACTIVE")});
    for (size_t i = 0; i < KS_COUNT(troubles); i++)
        put_tile(d, o->troubled[i], troubles[i].word, "connections",
                 &(ks_dash_param){"status", ks_str_of(troubles[i].status)});
    put_tile(d, o->calls, "calls in 24 h", "calls", NULL);
    put_tile(d, o->failed, "of them failed", "calls", &(ks_dash_param){"result", KS_S("failed")});
    KS_HTML(&d->h, "</ul>\n");
}

static void put_needs(ks_dash *d, const overview *o)
{
    size_t n = 0;
    for (size_t i = 0; i < KS_COUNT(troubles); i++)
        n += o->needs_n[i];
    KS_HTML(&d->h, "<h2>Needs you</h2>\n");
    if (n == 0) {
        KS_HTML(&d->h, "<p>Nothing: no connection has expired or failed since yesterday.</p>\n");
        return;
    }
    KS_DASH_TABLE(d, "Connections that stopped working since yesterday", "Entity", "App", "Status", "Why",
                  "Since");
    for (size_t i = 0; i < KS_COUNT(troubles); i++) {
        for (size_t k = 0; k < o->needs_n[i]; k++) {
            const ks_connection *c = &o->needs[i][k];
            KS_HTML_WITH(&d->h,
                         "<tr><th scope=\"row\"><a href=\"{}/dash/connections/{}\"><bdi>{}</bdi></a></th>"
                         "<td>{}</td><td>",
                         d->root, c->id, c->entity_id, c->app);
            ks_dash_mark_put(d, KS_MARK_BAD, ks_str_of(troubles[i].word));
            KS_HTML_WITH(&d->h, "</td><td>{}</td><td>",
                         c->status_reason.n > 0 ? c->status_reason : KS_S("-"));
            ks_dash_when(d, c->updated_at);
            KS_HTML(&d->h, "</td></tr>\n");
        }
    }
    ks_dash_table_end(d);
}

static ks_status get(ks_ctx *cx, const ks_req *rq, ks_res *rs)
{
    overview o = {.active = 0};
    ks_dash  d;
    KS_TRY(look(cx, &o));
    KS_TRY(ks_dash_begin(cx, rq, rs, KS_DASH_OVERVIEW, KS_S("Overview"), &d));
    put_tiles(&d, &o);
    put_needs(&d, &o);
    KS_HTML(&d.h, "<h2>Latest calls</h2>\n");
    if (o.lines_n > 0)
        ks_dash_calls_table(&d, "Latest calls", o.lines, o.lines_n);
    else
        ks_dash_empty(&d, "Nothing was called yet. Connect somebody, then call something for them:",
                      KS_S("keysteward connect demo --entity user_42"));
    return KS_DASH_END(&d, KS_S("keysteward connection list --status EXPIRED"),
                       KS_S("keysteward calls --failed"));
}

const ks_route ks_dash_overview_routes[] = {
    {"GET", "/dash", KS_SCOPE_READ, get, KS_VIEW_PAGE, KS_SESSION | KS_WORKER,
     "what needs somebody, and what went on"},
    {0},
};
