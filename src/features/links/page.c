/* features/links/page.c — see page.h: what all pages share, and the pages without a form. */
#include "features/links/page.h"

#include "base/time.h"
#include "features/apps/view.h"
#include "features/links/assets.h"
#include "features/settings/settings.h"
#include "http/reply.h"
#include "upstream/url.h"

#define PAGE_MAX (2 * 1024 * 1024)

/* ---- what a page needs ---- */

static ks_status fill_places(ks_ctx *cx, const ks_link *l, ks_page_view *v)
{
    char iso[KS_ISO_LEN];
    ks_time_iso(l->life.expires_at, iso);
    v->places.at[KS_AT_APP] = v->app->name;
    v->places.at[KS_AT_CLIENT] = l->project;
    v->places.at[KS_AT_TIME] = ks_copy(cx, ks_str_of(iso));
    return v->places.at[KS_AT_TIME].p != NULL ? KS_OK : ks_no_memory(cx);
}

ks_status ks_page_load(ks_ctx *cx, const ks_req *rq, const ks_link *l, ks_page_view *out)
{
    *out = (ks_page_view){.link = l};
    ks_status st = ks_integration_get(cx, l->integration_id, &out->integration);
    if (st == KS_OK)
        st = ks_connection_get(cx, l->connection_id, &out->connection);
    if (st == KS_OK)
        out->app = ks_catalog_app(cx, ks_catalog_of(cx), out->integration.app);
    out->scheme = out->app ? ks_app_scheme_find(out->app, out->integration.scheme) : NULL;
    if (st == KS_NOT_FOUND || (st == KS_OK && (out->scheme == NULL || !out->integration.enabled)))
        return ks_link_dead(cx);
    KS_TRY(st);
    KS_TRY(ks_verify_of(cx, out->integration.verify, &out->verify));
    KS_TRY(ks_look_get(cx, &out->look));
    out->lang = ks_lang_choose(cx, rq, l->lang, out->look.lang);
    KS_TRY(fill_places(cx, l, out));
    KS_TRY(ks_credential_new(cx, out->app, out->scheme, &out->stored));
    if (!ks_str_eq(out->connection.status, KS_S("REVOKED")))
        KS_TRY(ks_connection_open(cx, &out->connection, &out->stored));
    return KS_OK;
}

bool ks_page_asks(const ks_page_view *v, const ks_app_field *f)
{
    return !f->developer && !ks_integration_gives(&v->integration, f->name);
}

bool ks_page_switch(const ks_app_field *f)
{
    return f->kind == KS_APP_CHOICE && f->values.n == 2 && ks_list_holds(f->values, KS_S("true")) &&
           ks_list_holds(f->values, KS_S("false"));
}

bool ks_page_needed(const ks_app_field *f)
{
    return f->required || f->to_act;
}

bool ks_page_checks(const ks_page_view *v)
{
    return v->scheme->check.method.p != NULL && v->verify != KS_VERIFY_OFF;
}

ks_str ks_page_label(const ks_page_view *v, const ks_app_field *f)
{
    ks_places at = v->places;
    ks_msg    m = ks_say_known(f->label, KS_MSG_LABEL_API_KEY, KS_MSG_LABEL_PORT, &at);
    return m == KS_MSGS ? f->label : v->lang->text[m];
}

bool ks_page_scripted(const ks_req *rq)
{
    return ks_str_eq(ks_req_header(rq, "accept"), KS_S("application/json"));
}

/* ---- headers ---- */

/* form-action stops redirects, too: the return URL must be among its sources. */
static ks_status policy(ks_ctx *cx, ks_res *rs, ks_str form_to, ks_str origins)
{
    ks_url url;
    ks_str more = KS_S("");
    if (form_to.n > 0) {
        KS_TRY(ks_url_parse(cx, NULL, form_to, &url));
        more = ks_origin_text(cx, &url.origin);
        if (more.p == NULL)
            return ks_no_memory(cx);
    }
    ks_str text = ks_fmt(
        cx,
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src "
        "'self'; form-action 'self'%s" KS_FMT "; base-uri 'none'; require-trusted-types-for "
        "'script'; trusted-types 'none'; frame-ancestors " KS_FMT,
        more.n ? " " : "", KS_ARG(more), KS_ARG(origins.n > 0 ? origins : KS_S("'none'")));
    return text.p != NULL ? ks_res_header(cx, rs, "content-security-policy", text) : ks_no_memory(cx);
}

static ks_status headers(ks_ctx *cx, ks_res *rs, bool framed)
{
    static const char *const fixed[][2] = {
        {"referrer-policy", "no-referrer"},
        {"cross-origin-opener-policy", "same-origin"},
        {"permissions-policy", "camera=(), geolocation=(), microphone=()"},
        {"x-robots-tag", "noindex"},
        {"vary", "accept-language"},
    };
    for (size_t i = 0; i < KS_COUNT(fixed); i++)
        KS_TRY(ks_res_header(cx, rs, fixed[i][0], ks_str_of(fixed[i][1])));
    if (!framed)
        KS_TRY(ks_res_header(cx, rs, "x-frame-options", KS_S("DENY")));
    return ks_res_header(cx, rs, "cross-origin-resource-policy",
                         framed ? KS_S("cross-origin") : KS_S("same-origin"));
}

/* ---- around every page ---- */

/* What connect.js tells the page around it, if that is one of these origins. */
static void body_tag(const ks_page_frame *f, ks_html *h)
{
    const ks_page_view *v = f->view;
    KS_HTML_WITH(h, "<body data-state=\"{}\"", f->state);
    if (v != NULL && v->link->origins.n > 0)
        KS_HTML_WITH(h, " data-origins=\"{}\" data-connection=\"{}\" data-verdict=\"{}\"", v->link->origins,
                     v->link->connection_id,
                     ks_str_eq(f->state, KS_S("done")) ? v->connection.verdict : KS_S(""));
    KS_HTML(h, ">\n<main>\n");
}

static void head(const ks_page_frame *f, ks_str title, ks_html *h)
{
    const ks_asset *css = &ks_asset_connect_css, *js = &ks_asset_connect_js;
    KS_HTML_WITH(h,
                 "<!doctype html>\n<html lang=\"{}\" dir=\"{}\">\n<head>\n<meta charset=\"utf-8\">\n"
                 "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
                 "<title>{}</title>\n"
                 "<link rel=\"stylesheet\" href=\"../a/{}\" integrity=\"{}\">\n",
                 f->lang->code, f->lang->rtl ? KS_S("rtl") : KS_S("ltr"), title, css->name, css->integrity);
    if (f->view != NULL && f->view->look.sheet.n > 0)
        KS_HTML_WITH(h, "<link rel=\"stylesheet\" href=\"../a/{}\">\n", f->view->look.sheet);
    KS_HTML_WITH(h, "<script src=\"../a/{}\" integrity=\"{}\" defer></script>\n</head>\n", js->name,
                 js->integrity);
}

ks_status ks_page_secure(ks_ctx *cx, ks_res *rs, ks_str form_to, ks_str origins)
{
    KS_TRY(headers(cx, rs, origins.n > 0));
    return policy(cx, rs, form_to, origins);
}

ks_status ks_page_begin(ks_ctx *cx, ks_res *rs, const ks_page_frame *f, ks_html *h)
{
    ks_str    origins = f->view != NULL ? f->view->link->origins : KS_NO_STR;
    ks_places at = {{{0}}};
    KS_TRY(ks_res_fixed(cx, rs, f->status, "text/html; charset=utf-8", KS_S("")));
    rs->body = ks_ctx_buf(cx, PAGE_MAX);
    if (rs->body == NULL)
        return KS_NO_MEMORY;
    KS_TRY(ks_page_secure(cx, rs, f->form_to, origins));
    at.at[KS_AT_TITLE] = f->title;
    ks_str title = f->error ? ks_say_text(cx, f->lang, KS_MSG_ERROR_TITLE, &at) : f->title;
    *h = ks_html_new(rs->body);
    head(f, title, h);
    body_tag(f, h);
    return cx->starved ? ks_no_memory(cx) : KS_OK;
}

ks_status ks_page_end(ks_ctx *cx, ks_html *h)
{
    KS_HTML(h, "</main>\n</body>\n</html>\n");
    return ks_html_ok(h) ? KS_OK : ks_no_memory(cx);
}

ks_status ks_page_plain(ks_ctx *cx, ks_res *rs, int status, const ks_lang *l, ks_msg title, ks_str text)
{
    ks_html             h;
    const ks_page_frame f = {
        .status = status, .lang = l, .title = l->text[title], .error = true, .state = KS_S("dead")};
    KS_TRY(ks_page_begin(cx, rs, &f, &h));
    KS_HTML_WITH(&h, "<h1>{}</h1>\n<p>{}</p>\n", l->text[title], text);
    return ks_page_end(cx, &h);
}

ks_status ks_page_dead(ks_ctx *cx, const ks_req *rq, ks_res *rs)
{
    const ks_lang *l = ks_lang_choose(cx, rq, KS_NO_STR, KS_NO_STR);
    return ks_page_plain(cx, rs, 404, l, KS_MSG_DEAD_TITLE, l->text[KS_MSG_DEAD]);
}
