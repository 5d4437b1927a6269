/* features/links/connect_page.c — GET /connect/TOKEN shows the form and changes nothing; POST checks and
 * stores; GET /connect/done tells how it went. What a submission does: count it (committed, so that nobody
 * tests keys with many at a time), then the same rule as every other connect, whose commit also uses the link
 * up. Rules K4, H4, D3, S5. */
#include "features/links/connect_page.h"

#include "features/links/paste.h"
#include "features/links/wrong.h"
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
    KS_TRY(ks_page_load(cx, rq, &l, &v));
    return ks_page_form(cx, rs, &v, NULL, NULL);
}

static ks_status show_done(ks_ctx *cx, const ks_req *rq, ks_res *rs)
{
    ks_link      l;
    ks_page_view v;
    ks_str       receipt = ks_req_query(cx, rq, "r");
    KS_TRY(ks_link_by_receipt(cx, receipt.p ? receipt : KS_S(""), &l));
    KS_TRY(ks_page_load(cx, rq, &l, &v));
    return ks_page_done(cx, rs, &v);
}

/* ---- where a submission may come from ---- */

static ks_status stale(ks_ctx *cx)
{
    return ks_fail_code(cx, KS_FORBIDDEN, "form_stale", NULL, "This form was not sent from its own page.");
}

static ks_status check_source(ks_ctx *cx, const ks_req *rq, const ks_link *l, const ks_form *form)
{
    ks_str sent = ks_form_get(form, KS_S("csrf")), want = ks_link_csrf(cx, l);
    if (want.p == NULL)
        return ks_no_memory(cx);
    if (!ks_form_own(cx, rq) || sent.n != want.n || !ks_same(sent.p, want.p, want.n))
        return stale(cx);
    return KS_OK;
}

/* ---- POST ---- */

/* What was sent, read before it is counted: by a worker when it is large. */
typedef struct submission {
    ks_link        link;
    ks_form        form;
    const ks_lang *lang;     /* the person's choice; NULL: none was made */
    bool           scripted; /* connect.js wants JSON */
} submission;

static void choose(ks_ctx *cx, const ks_req *rq, submission *s)
{
    ks_str asked = ks_req_query(cx, rq, "lang");
    s->lang = asked.n > 0 ? ks_lang_find(asked) : NULL;
    s->scripted = ks_page_scripted(rq);
}

/* The page that says how it went, in the language that was chosen. */
static ks_str done_address(ks_ctx *cx, const submission *s)
{
    ks_str receipt = ks_link_receipt(cx, &s->link);
    if (receipt.p == NULL)
        return KS_NO_STR;
    return ks_fmt(cx, "done?r=" KS_FMT "%s" KS_FMT, KS_ARG(receipt), s->lang != NULL ? "&lang=" : "",
                  KS_ARG(s->lang != NULL ? s->lang->code : KS_NO_STR));
}

/* For connect.js, which goes there by itself: `done` when it is shown in a frame. */
static ks_status tell_where(ks_ctx *cx, ks_res *rs, ks_str to, ks_str done)
{
    ks_jw w;
    KS_TRY(ks_res_begin(cx, rs, 200, &w));
    ks_jw_obj(&w, NULL);
    ks_jw_str(&w, "go", to);
    ks_jw_str(&w, "done", done);
    ks_jw_end(&w, '}');
    return ks_res_end(cx, rs);
}

/* Where the person goes when it worked, now and when the same is sent again. */
static ks_status see_other(ks_ctx *cx, ks_res *rs, const submission *s, ks_str verdict)
{
    ks_str to = ks_str_eq(verdict, KS_S("verified")) ? ks_link_return(cx, &s->link, "success") : KS_NO_STR;
    ks_str done = done_address(cx, s);
    if (to.p == NULL)
        to = done;
    if (to.p == NULL || done.p == NULL)
        return ks_no_memory(cx);
    if (s->scripted)
        return tell_where(cx, rs, to, done);
    KS_TRY(ks_res_fixed(cx, rs, 303, "text/html; charset=utf-8", KS_S("")));
    KS_TRY(ks_res_header(cx, rs, "referrer-policy", KS_S("no-referrer")));
    return ks_res_header(cx, rs, "location", to);
}

static ks_status connected(ks_ctx *cx, ks_res *rs, const ks_connect *in, const ks_connection *made)
{
    const submission *s = in->arg;
    if (!ks_str_eq(made->verdict, KS_S("verified"))) /* then the page offers to use another key */
        KS_TRY(ks_link_again_add(cx, in->change, &s->link));
    return see_other(cx, rs, s, made->verdict);
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
        if (sent.n == 0 && ks_page_switch(f))
            sent = KS_S("false");         /* what a browser sends for a switch that is off: nothing */
        if (ks_str_eq(sent, f->fallback)) /* not kept: it follows the catalogue */
            sent = KS_NO_STR;
        ks_jw_name(&w, f->name);
        ks_jw_str(&w, NULL,
                  sent.n == 0              ? KS_NO_STR
                  : f->kind == KS_APP_BLOB ? ks_form_lines(cx, sent)
                                           : sent);
    }
    ks_jw_end(&w, '}');
    return ks_buf_ok(b) ? ks_json_parse(cx, ks_buf_view(b), out) : ks_no_memory(cx);
}

/* A key of another kind that no check would refuse comes back once, before anything is stored. */
static ks_status check_kind(ks_ctx *cx, const ks_page_view *v, const ks_form *form)
{
    bool refusable = ks_page_checks(v) && v->scheme->check.trusted;
    if (refusable || ks_form_get(form, KS_S("anyway")).n > 0)
        return KS_OK;
    const ks_app_field *f = ks_wrong_kind(cx, v, form);
    if (cx->starved)
        return ks_no_memory(cx);
    return f == NULL ? KS_OK
                     : ks_fail_code(cx, KS_INVALID, "key_kind", ks_copy(cx, f->name).p,
                                    "This looks like a key of another kind.");
}

/* The submission is counted: now as everybody connects. */
static ks_status counted(ks_ctx *cx, const ks_req *rq, ks_res *rs, void *arg)
{
    submission  *s = arg;
    ks_page_view v;
    ks_json     *values;
    ks_connect   in = {.path = "", .merge = true, .arg = s};
    KS_TRY(ks_page_load(cx, rq, &s->link, &v));
    KS_TRY(ks_paste_form(cx, v.scheme, &s->form));
    KS_TRY(check_kind(cx, &v, &s->form));
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
    choose(cx, rq, s);
    KS_TRY(ks_link_look(cx, ks_req_param(rq, "token"), &s->link));
    if (s->link.state != KS_LINK_OPEN && !ks_link_just_used(cx, &s->link))
        return ks_link_dead(cx);
    KS_TRY(ks_form_read(cx, rq, &s->form));
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
static ks_status say(ks_ctx *cx, const ks_req *rq, ks_res *rs, const ks_err *why)
{
    const ks_lang *l = ks_lang_choose(cx, rq, KS_NO_STR, KS_NO_STR);
    int            status = ks_status_http(why->status);
    if (why->status == KS_NOT_FOUND)
        return ks_page_dead(cx, rq, rs);
    if (why->status == KS_METHOD || why->status == KS_MEDIA || why->status == KS_TOO_LARGE ||
        why->status == KS_INVALID)
        return ks_page_plain(cx, rs, status, l, KS_MSG_FAILED_TITLE, why->message);
    return ks_page_plain(cx, rs, status, l, KS_MSG_CANNOT_TITLE, l->text[KS_MSG_CANNOT]);
}

/* The form again, or for connect.js what is wrong with it. */
static ks_status again(ks_ctx *cx, ks_res *rs, const ks_page_view *v, submission *s, bool genuine,
                       const ks_err *why)
{
    ks_wrong wrong;
    /* what somebody else's page sent is not shown as if the person had typed it */
    ks_form *form = genuine ? &s->form : NULL;
    if (form != NULL && ks_paste_form(cx, v->scheme, form) == KS_NO_MEMORY)
        return KS_NO_MEMORY;
    if (!s->scripted)
        return ks_page_form(cx, rs, v, form, why);
    KS_TRY(ks_wrong_tell(cx, v, form, why, &wrong));
    return ks_wrong_answer(cx, rs, &wrong);
}

ks_status ks_connect_page_error(ks_ctx *cx, const ks_req *rq, ks_res *rs)
{
    ks_err       why = cx->err;
    ks_page_view v;
    submission  *s = ks_zalloc(cx, sizeof *s);
    ks_str       token = ks_req_param(rq, "token");
    if (s == NULL)
        return KS_NO_MEMORY;
    bool posted = ks_str_eq(rq->method, KS_S("POST"));
    if (token.p == NULL || !posted || rq->body.n == 0 || ks_form_read(cx, rq, &s->form) != KS_OK)
        return say(cx, rq, rs, &why);
    choose(cx, rq, s);
    ks_status st = ks_link_look(cx, token, &s->link);
    bool      genuine = st == KS_OK && check_source(cx, rq, &s->link, &s->form) == KS_OK;
    bool      known = st == KS_OK && ks_page_load(cx, rq, &s->link, &v) == KS_OK;
    if (known && genuine && ks_link_just_used(cx, &s->link))
        return see_other(cx, rs, s, v.connection.verdict);
    if (st == KS_NOT_FOUND || (st == KS_OK && s->link.state != KS_LINK_OPEN))
        return ks_page_dead(cx, rq, rs);
    return known ? again(cx, rs, &v, s, genuine, &why) : say(cx, rq, rs, &why);
}

#define P(method, path, run, text)                                                                           \
    {                                                                                                        \
        method, path, 0, run, KS_VIEW_PAGE, KS_PUBLIC, text                                                  \
    }
const ks_route ks_connect_page_routes[] = {
    P("GET", "/connect/{token}", show, "the form of a link; changes nothing"),
    P("POST", "/connect/{token}", submit, "check what was entered and store it"),
    P("GET", "/connect/done", show_done, "how it went, for ten minutes"),
    {0},
};
