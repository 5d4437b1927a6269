/* features/dash/audit_page.c — /dash/audit: who did what, page by page, and the check of the chain.
 * docs/dashboard.md DASH-22, DASH-23. */
#include "features/audit/audit.h"
#include "features/dash/frame.h"
#include "features/routes.h"

#define PAGE_ROWS 50

/* The filters of the query, in the order of the form. */
enum { ACTOR, ACTION, OBJECT, FILTERS };

static void read_filters(ks_ctx *cx, const ks_req *rq, ks_dash_param out[FILTERS])
{
    static const char *const names[] = {[ACTOR] = "actor", [ACTION] = "action", [OBJECT] = "object"};
    for (size_t i = 0; i < FILTERS; i++)
        out[i] = (ks_dash_param){names[i], ks_str_trim(ks_req_query(cx, rq, names[i]), " ")};
}

static void put_filters(ks_dash *d, const ks_dash_param *f)
{
    KS_HTML(&d->h, "<form class=\"filters\">\n");
    ks_dash_text_filter(d, "Actor", &f[ACTOR]);
    ks_dash_text_filter(d, "Action", &f[ACTION]);
    ks_dash_text_filter(d, "Object", &f[OBJECT]);
    KS_HTML(&d->h, "<button class=\"plain\">Filter</button>\n</form>\n");
}

/* How far the chain is signed, and for administrators the button that checks all of it: it is that of all
 * projects. */
static ks_status put_chain(ks_dash *d)
{
    ks_audit_head head;
    KS_TRY(ks_audit_head_get(d->cx, &head));
    if (head.seq > 0) {
        KS_HTML_WITH(&d->h, "<p>Signed up to record {}, ", ks_fmt(d->cx, "%lld", (long long)head.seq));
        ks_dash_when(d, head.time);
        KS_HTML(&d->h, ".</p>\n");
    } else {
        KS_HTML(&d->h, "<p>Nothing is signed yet; that happens within a minute of the first record.</p>\n");
    }
    if (!(d->cx->scopes & KS_SCOPE_ADMIN))
        return KS_OK;
    KS_HTML_WITH(&d->h, "<form method=\"post\" action=\"{}/dash/audit/verify\">", d->root);
    ks_dash_csrf(d);
    KS_HTML(&d->h, "<button class=\"plain\">Verify the whole chain</button></form>\n");
    return KS_OK;
}

static void put_table(ks_dash *d, const ks_audit_row *all, size_t n)
{
    KS_DASH_TABLE(d, "Audit records", "Record", "Time", "Actor", "Action", "Object", "Result");
    for (size_t i = 0; i < n; i++) {
        KS_HTML_WITH(&d->h, "<tr><th scope=\"row\">{}</th><td>",
                     ks_fmt(d->cx, "%lld", (long long)all[i].seq));
        ks_dash_when(d, all[i].time);
        KS_HTML_WITH(&d->h,
                     "</td><td><code>{}</code></td><td><code>{}</code></td><td><bdi>{}</bdi></td><td>{}</td>"
                     "</tr>\n",
                     all[i].actor, all[i].action, all[i].object, all[i].result);
    }
    ks_dash_table_end(d);
}

static ks_dash_at at_row(ks_ctx *cx, const ks_audit_row *r)
{
    return (ks_dash_at){.us = r->seq, .id = ks_fmt(cx, "%lld", (long long)r->seq)};
}

static ks_status get_list(ks_ctx *cx, const ks_req *rq, ks_res *rs)
{
    ks_dash_param f[FILTERS];
    ks_dash_at    at, first = {0}, last = {0};
    ks_audit_row *all;
    size_t        n;
    bool          more;
    ks_dash       d;
    read_filters(cx, rq, f);
    KS_TRY(ks_dash_at_get(cx, rq, &at));
    const ks_audit_look look = {.actor = f[ACTOR].value,
                                .action = f[ACTION].value,
                                .object = f[OBJECT].value,
                                .behind = at.id.n > 0 ? at.us : 0,
                                .newer = at.newer,
                                .limit = PAGE_ROWS};
    KS_TRY(ks_audit_page(cx, &look, &all, &n, &more));
    KS_TRY(ks_dash_begin(cx, rq, rs, KS_DASH_AUDIT, KS_S("Audit"), &d));
    KS_TRY(put_chain(&d));
    put_filters(&d, f);
    if (n > 0)
        put_table(&d, all, n);
    else
        ks_dash_empty(&d, "No record is like that. An object is matched whole, or up to its first blank.",
                      KS_NO_STR);
    if (n > 0) {
        last = at_row(cx, &all[n - 1]);
        first = at_row(cx, &all[0]);
    }
    ks_dash_pager(&d, f, FILTERS, &at, &first, &last, more);
    return KS_DASH_END(&d, KS_S("keysteward audit list"), KS_S("keysteward audit verify"));
}

/* A broken chain is told by the page of failures. */
static ks_status verify(ks_ctx *cx, const ks_req *rq, ks_res *rs)
{
    ks_form form;
    int64_t count;
    ks_dash d;
    KS_TRY(ks_dash_posted(cx, rq, &form));
    KS_TRY(ks_audit_check(cx, &count));
    KS_TRY(ks_dash_begin(cx, rq, rs, KS_DASH_AUDIT, KS_S("Audit"), &d));
    KS_HTML_WITH(&d.h,
                 "<div class=\"box ok\" role=\"status\"><p>Chain intact to record {}: nothing was changed, "
                 "dropped, inserted, swapped or cut.</p></div>\n",
                 ks_fmt(cx, "%lld", (long long)count));
    KS_HTML_WITH(&d.h, "<p><a href=\"{}/dash/audit\">Back to the records</a></p>\n", d.root);
    return KS_DASH_END(&d, KS_S("keysteward audit verify"));
}

const ks_route ks_dash_audit_routes[] = {
    {"GET", "/dash/audit", KS_SCOPE_READ, get_list, KS_VIEW_PAGE, KS_SESSION | KS_WORKER,
     "audit records, page by page"},
    {"POST", "/dash/audit/verify", KS_SCOPE_ADMIN, verify, KS_VIEW_PAGE, KS_SESSION | KS_WORKER | KS_ONCE,
     "check the whole chain"},
    {0},
};
