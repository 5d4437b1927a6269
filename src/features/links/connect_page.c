/* features/links/connect_page.c — GET /connect/TOKEN shows the form and changes nothing; POST checks and
 * stores; GET /connect/done tells how it went. What a submission does: count it (committed, so that nobody
 * tests keys with many at a time), then the same rule as every other connect, whose commit also uses the link
 * up. Rules K4, H4, D3, S5. */
#include "features/links/connect_page.h"

#include "features/links/assets.h"
#include "features/links/page.h"
#include "features/routes.h"
#include "http/reply.h"

/* ---- GET ---- */

static ks_status show(ks_ctx *cx, const ks_req *rq, ks_res *rs)
{
    ks_link      l;
    ks_page_view v;
    KS_TRY(ks_link_look(cx, ks_req_param(rq, "token"), &l));
    if (l.state != KS_LINK_OPEN)
        return ks_link_dead(cx);
    KS_TRY(ks_page_load(cx, &l, &v));
    return ks_page_form(cx, rs, &v, NULL, NULL);
}

static ks_status show_done(ks_ctx *cx, const ks_req *rq, ks_res *rs)
{
    ks_link      l;
    ks_page_view v;
    ks_str       receipt = ks_req_query(cx, rq, "r");
    KS_TRY(ks_link_by_receipt(cx, receipt.p ? receipt : KS_S(""), &l));
    KS_TRY(ks_page_load(cx, &l, &v));
    return ks_page_done(cx, rs, &v);
}

static ks_status get_asset(ks_ctx *cx, const ks_req *rq, ks_res *rs)
{
    const ks_asset *a = &ks_asset_connect_css;
    if (!ks_str_eq(ks_req_param(rq, "file"), a->name))
        return ks_fail(cx, KS_NOT_FOUND, NULL, "There is nothing at this path.");
    KS_TRY(ks_res_fixed(cx, rs, 200, a->type.p, a->bytes));
    KS_TRY(ks_res_header(cx, rs, "cross-origin-resource-policy", KS_S("same-origin")));
    return ks_res_header(cx, rs, "cache-control", KS_S("public, max-age=31536000, immutable"));
}

/* ---- where a submission may come from ---- */

/* "https://host:port" of the header against where the request was sent to, and against the public address. */
static bool own_origin(const ks_ctx *cx, const ks_req *rq, ks_str origin)
{
    ks_str base = cx->env->settings->public_url;
    size_t at = ks_str_find(origin, KS_S("://"));
    if (at == SIZE_MAX)
        return false;
    if (base.n > origin.n && base.p[origin.n] == '/')
        base.n = origin.n;
    return ks_str_ieq(ks_str_sub(origin, at + 3, SIZE_MAX), ks_req_header(rq, "host")) ||
           ks_str_ieq(origin, base);
}

/* Under no-referrer browsers send "null" with a form, so that alone says nothing; then Sec-Fetch-Site must.
 * What is no browser sends neither. */
static bool origin_ok(const ks_ctx *cx, const ks_req *rq)
{
    ks_str origin = ks_req_header(rq, "origin"), site = ks_req_header(rq, "sec-fetch-site");
    bool   same = ks_str_eq(site, KS_S("same-origin"));
    if (origin.p == NULL)
        return site.p == NULL || same;
    if (ks_str_eq(origin, KS_S("null")))
        return same;
    return own_origin(cx, rq, origin) && (site.p == NULL || same);
}

static ks_status stale(ks_ctx *cx)
{
    return ks_fail_code(cx, KS_FORBIDDEN, "form_stale", NULL, "This form was not sent from its own page.");
}

static ks_status check_source(ks_ctx *cx, const ks_req *rq, const ks_link *l, const ks_form *form)
{
    ks_str sent = ks_form_get(form, KS_S("csrf")), want = ks_link_csrf(cx, l);
    if (want.p == NULL)
        return ks_no_memory(cx);
    if (!origin_ok(cx, rq) || sent.n != want.n || !ks_same(sent.p, want.p, want.n))
        return stale(cx);
    return KS_OK;
}

static ks_status read_form(ks_ctx *cx, const ks_req *rq, ks_form *out)
{
    ks_str type = ks_req_header(rq, "content-type");
    type = ks_str_trim(ks_str_sub(type, 0, ks_str_chr(type, ';')), " \t");
    if (!ks_str_ieq(type, KS_S("application/x-www-form-urlencoded")))
        return ks_fail(cx, KS_MEDIA, NULL, "Send the form as application/x-www-form-urlencoded.");
    return ks_form_parse(cx, rq->body, out);
}

/* ---- POST ---- */

/* Where the person goes when it worked, now and when the same is sent again. */
static ks_status see_other(ks_ctx *cx, ks_res *rs, const ks_link *l, ks_str verdict)
{
    ks_str to = ks_str_eq(verdict, KS_S("verified")) ? ks_link_return(cx, l, "success") : KS_NO_STR;
    if (to.p == NULL) {
        ks_str receipt = ks_link_receipt(cx, l);
        to = receipt.p ? ks_fmt(cx, "done?r=" KS_FMT, KS_ARG(receipt)) : KS_NO_STR;
    }
    if (to.p == NULL)
        return ks_no_memory(cx);
    KS_TRY(ks_res_fixed(cx, rs, 303, "text/html; charset=utf-8", KS_S("")));
    KS_TRY(ks_res_header(cx, rs, "referrer-policy", KS_S("no-referrer")));
    return ks_res_header(cx, rs, "location", to);
}

static ks_status connected(ks_ctx *cx, ks_res *rs, const ks_connect *in, const ks_connection *made)
{
    return see_other(cx, rs, in->arg, made->verdict);
}

/* A browser makes CR LF of every line break in a text area. */
static ks_str line_breaks(ks_ctx *cx, ks_str s)
{
    ks_buf *b = ks_ctx_buf(cx, s.n + 1);
    if (b == NULL)
        return KS_NO_STR;
    ks_buf_str(b, KS_S(""));
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] != '\r' || i + 1 == s.n || s.p[i + 1] != '\n')
            ks_buf_c(b, s.p[i]);
    }
    return ks_buf_view(b);
}

/* The form as the object the rule wants: every field that is asked, null where nothing was entered. */
static ks_status values_of(ks_ctx *cx, const ks_page_view *v, const ks_form *form, ks_json **out)
{
    ks_buf *b = ks_ctx_buf(cx, KS_MAX_FORM_BYTES * 6);
    if (b == NULL)
        return KS_NO_MEMORY;
    ks_jw w = ks_jw_new(b);
    ks_jw_obj(&w, NULL);
    for (size_t i = 0; i < v->scheme->fields_n; i++) {
        const ks_app_field *f = &v->scheme->fields[i];
        ks_str              sent = ks_form_get(form, ks_fmt(cx, "f." KS_FMT, KS_ARG(f->name)));
        if (!ks_page_asks(v, f))
            continue;
        if (ks_str_eq(sent, f->fallback)) /* not kept: it follows the catalogue */
            sent = KS_NO_STR;
        ks_jw_name(&w, f->name);
        ks_jw_str(&w, NULL, sent.n == 0 ? KS_NO_STR : f->kind == KS_APP_BLOB ? line_breaks(cx, sent) : sent);
    }
    ks_jw_end(&w, '}');
    return ks_buf_ok(b) ? ks_json_parse(cx, ks_buf_view(b), out) : ks_no_memory(cx);
}

/* What was sent, read before it is counted: by a worker when it is large. */
typedef struct submission {
    ks_link link;
    ks_form form;
} submission;

/* The submission is counted: now as everybody connects. */
static ks_status counted(ks_ctx *cx, const ks_req *rq, ks_res *rs, void *arg)
{
    submission  *s = arg;
    ks_page_view v;
    ks_json     *values;
    ks_connect   in = {.path = "", .merge = true, .arg = &s->link};
    KS_TRY(ks_page_load(cx, &s->link, &v));
    KS_TRY(values_of(cx, &v, &s->form, &values));
    KS_TRY(ks_connect_again(cx, &v.connection, &in));
    in.values = values;
    KS_TRY(ks_change_new(cx, &in.change));
    ks_status st = ks_link_use_add(cx, in.change, &s->link);
    if (st != KS_OK) {
        ks_change_free(in.change);
        return st;
    }
    return ks_connection_make(cx, rq, rs, &in, connected);
}

static ks_status submit(ks_ctx *cx, const ks_req *rq, ks_res *rs)
{
    ks_change  *change;
    submission *s = ks_alloc(cx, sizeof *s);
    if (s == NULL)
        return KS_NO_MEMORY;
    KS_TRY(ks_link_look(cx, ks_req_param(rq, "token"), &s->link));
    if (s->link.state != KS_LINK_OPEN && !ks_link_just_used(cx, &s->link))
        return ks_link_dead(cx);
    KS_TRY(read_form(cx, rq, &s->form));
    KS_TRY(check_source(cx, rq, &s->link, &s->form));
    if (s->link.state != KS_LINK_OPEN)
        return ks_link_dead(cx); /* ks_connect_page_error knows that it was just used */
    KS_TRY(ks_change_new(cx, &change));
    ks_status st = ks_link_try_add(cx, change, &s->link);
    if (st != KS_OK) {
        ks_change_free(change);
        return st;
    }
    return ks_res_commit_then(cx, rs, change, counted, s);
}

/* ---- when something failed ---- */

/* What is left to say when the link itself cannot be shown. */
static ks_status say(ks_ctx *cx, ks_res *rs, const ks_err *why)
{
    if (why->status == KS_NOT_FOUND)
        return ks_page_dead(cx, rs);
    if (why->status == KS_METHOD || why->status == KS_MEDIA || why->status == KS_TOO_LARGE ||
        why->status == KS_INVALID)
        return ks_page_plain(cx, rs, ks_status_http(why->status), KS_S("This did not work"), why->message);
    return ks_page_plain(cx, rs, ks_status_http(why->status), KS_S("This page cannot be shown now"),
                         KS_S("Nothing was stored. Load it again in a moment."));
}

ks_status ks_connect_page_error(ks_ctx *cx, const ks_req *rq, ks_res *rs)
{
    ks_err       why = cx->err;
    ks_page_view v;
    ks_link     *l = ks_alloc(cx, sizeof *l);
    ks_form     *form = ks_alloc(cx, sizeof *form);
    ks_str       token = ks_req_param(rq, "token");
    if (l == NULL || form == NULL)
        return KS_NO_MEMORY;
    bool posted = ks_str_eq(rq->method, KS_S("POST"));
    if (token.p == NULL || !posted || rq->body.n == 0 || read_form(cx, rq, form) != KS_OK)
        return say(cx, rs, &why);
    ks_status st = ks_link_look(cx, token, l);
    bool      genuine = st == KS_OK && check_source(cx, rq, l, form) == KS_OK;
    if (st == KS_OK && genuine && ks_link_just_used(cx, l) && ks_page_load(cx, l, &v) == KS_OK)
        return see_other(cx, rs, l, v.connection.verdict);
    if (st == KS_NOT_FOUND || (st == KS_OK && l->state != KS_LINK_OPEN))
        return ks_page_dead(cx, rs);
    if (st != KS_OK || ks_page_load(cx, l, &v) != KS_OK)
        return say(cx, rs, &why);
    /* what somebody else's page sent is not shown as if the person had typed it */
    return ks_page_form(cx, rs, &v, genuine ? form : NULL, &why);
}

#define P(method, path, run, text)                                                                           \
    {                                                                                                        \
        method, path, 0, run, KS_VIEW_PAGE, KS_PUBLIC, text                                                  \
    }
const ks_route ks_connect_page_routes[] = {
    P("GET", "/connect/{token}", show, "the form of a link; changes nothing"),
    P("POST", "/connect/{token}", submit, "check what was entered and store it"),
    P("GET", "/connect/done", show_done, "how it went, for ten minutes"),
    {"GET", "/a/{file}", 0, get_asset, KS_VIEW_NATIVE, KS_PUBLIC, "a file that pages link to"},
    {0},
};
