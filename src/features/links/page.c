/* features/links/page.c — see page.h: what all pages share, and the pages without a form. */
#include "features/links/page.h"
#include "features/apps/view.h"

#include "features/links/assets.h"
#include "http/reply.h"
#include "upstream/url.h"

#define PAGE_MAX (2 * 1024 * 1024)

/* ---- what a page needs ---- */

ks_status ks_page_load(ks_ctx *cx, const ks_link *l, ks_page_view *out)
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
    KS_TRY(ks_credential_new(cx, out->app, out->scheme, &out->stored));
    if (!ks_str_eq(out->connection.status, KS_S("REVOKED")))
        KS_TRY(ks_connection_open(cx, &out->connection, &out->stored));
    return KS_OK;
}

bool ks_page_asks(const ks_page_view *v, const ks_app_field *f)
{
    return !f->developer && !ks_integration_gives(&v->integration, f->name);
}

/* ---- around every page ---- */

ks_status ks_page_policy(ks_ctx *cx, ks_res *rs, ks_str to)
{
    ks_url url;
    ks_str more = KS_S("");
    if (to.n > 0) { /* form-action stops redirects, too: the return URL must be among its sources */
        KS_TRY(ks_url_parse(cx, NULL, to, &url));
        more = ks_origin_text(cx, &url.origin);
        if (more.p == NULL)
            return ks_no_memory(cx);
    }
    ks_str text = ks_fmt(
        cx,
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src "
        "'self'; form-action 'self'%s" KS_FMT "; base-uri 'none'; require-trusted-types-for "
        "'script'; frame-ancestors 'none'",
        more.n ? " " : "", KS_ARG(more));
    return text.p != NULL ? ks_res_header(cx, rs, "content-security-policy", text) : ks_no_memory(cx);
}

static ks_status headers(ks_ctx *cx, ks_res *rs)
{
    static const char *const fixed[][2] = {
        {"referrer-policy", "no-referrer"},
        {"x-frame-options", "DENY"},
        {"cross-origin-opener-policy", "same-origin"},
        {"cross-origin-resource-policy", "same-origin"},
        {"permissions-policy", "camera=(), geolocation=(), microphone=()"},
        {"x-robots-tag", "noindex"},
    };
    for (size_t i = 0; i < KS_COUNT(fixed); i++)
        KS_TRY(ks_res_header(cx, rs, fixed[i][0], ks_str_of(fixed[i][1])));
    return KS_OK;
}

ks_status ks_page_begin(ks_ctx *cx, ks_res *rs, int status, bool error, ks_str title, ks_html *h)
{
    const ks_asset *css = &ks_asset_connect_css;
    KS_TRY(ks_res_fixed(cx, rs, status, "text/html; charset=utf-8", KS_S("")));
    rs->body = ks_ctx_buf(cx, PAGE_MAX);
    if (rs->body == NULL)
        return KS_NO_MEMORY;
    KS_TRY(headers(cx, rs));
    *h = ks_html_new(rs->body);
    KS_HTML_WITH(h,
                 "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
                 "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
                 "<title>{}{}</title>\n"
                 "<link rel=\"stylesheet\" href=\"../a/{}\" integrity=\"{}\">\n</head>\n<body>\n<main>\n",
                 error ? KS_S("Error: ") : KS_S(""), title, css->name, css->integrity);
    return KS_OK;
}

ks_status ks_page_end(ks_ctx *cx, ks_res *rs, ks_html *h)
{
    (void)rs;
    KS_HTML(h, "</main>\n</body>\n</html>\n");
    return ks_html_ok(h) ? KS_OK : ks_no_memory(cx);
}

ks_status ks_page_plain(ks_ctx *cx, ks_res *rs, int status, ks_str title, ks_str text)
{
    ks_html h;
    KS_TRY(ks_page_begin(cx, rs, status, true, title, &h));
    KS_TRY(ks_page_policy(cx, rs, KS_NO_STR));
    KS_HTML_WITH(&h, "<h1>{}</h1>\n<p>{}</p>\n", title, text);
    return ks_page_end(cx, rs, &h);
}

ks_status ks_page_dead(ks_ctx *cx, ks_res *rs)
{
    return ks_page_plain(
        cx, rs, 404, KS_S("This link can no longer be used"),
        KS_S("If you have just connected, you are done. If not, ask whoever sent it to you for a new link."));
}

/* ---- how it went ---- */

/* Who the vendor said it is: its name, or what else it told. Absent when it told nothing. */
static ks_status account_of(ks_ctx *cx, const ks_connection *c, ks_str *out)
{
    static const char *const members[] = {"name", "account", "email", "id"};
    ks_json                 *told;
    *out = KS_NO_STR;
    if (c->account.p == NULL)
        return KS_OK;
    KS_TRY(ks_json_parse(cx, c->account, &told));
    for (size_t i = 0; i < KS_COUNT(members) && out->p == NULL; i++)
        *out = ks_json_str(ks_json_get(told, members[i]));
    return KS_OK;
}

static void say_result(const ks_page_view *v, ks_str account, ks_html *h)
{
    ks_str verdict = v->connection.verdict, app = v->app->name;
    if (ks_str_eq(verdict, KS_S("verified")) && account.p != NULL)
        KS_HTML_WITH(h, "<h1>Connected</h1>\n<p>{} accepted the key for <bdi>{}</bdi>.</p>\n", app, account);
    else if (ks_str_eq(verdict, KS_S("verified")))
        KS_HTML_WITH(h, "<h1>Connected</h1>\n<p>{} accepted the key.</p>\n", app);
    else if (ks_str_eq(verdict, KS_S("limited")))
        KS_HTML_WITH(h, "<h1>Connected, with limits</h1>\n<p>{} accepted the key, but: {}</p>\n", app,
                     v->connection.status_reason);
    else if (ks_str_eq(verdict, KS_S("unreachable")))
        KS_HTML_WITH(h,
                     "<h1>Saved, not checked yet</h1>\n<p>{} did not answer. We will try again by "
                     "ourselves; you need not wait.</p>\n",
                     app);
    else if (ks_str_eq(verdict, KS_S("uncheckable")))
        KS_HTML_WITH(h,
                     "<h1>Saved</h1>\n<p>There is no safe way to try out a key of {}. If it is wrong, that "
                     "will show at its first use.</p>\n",
                     app);
    else
        KS_HTML_WITH(
            h, "<h1>Saved</h1>\n<p>The key of {} was not checked; that is how it is set up here.</p>\n", app);
}

ks_status ks_page_done(ks_ctx *cx, ks_res *rs, const ks_page_view *v)
{
    ks_html h;
    ks_str  account, back = ks_link_return(cx, v->link, "success");
    KS_TRY(account_of(cx, &v->connection, &account));
    KS_TRY(ks_page_begin(cx, rs, 200, false, KS_S("Connected"), &h));
    KS_TRY(ks_page_policy(cx, rs, KS_NO_STR));
    KS_HTML(&h, "<div class=\"box done\" role=\"status\">\n");
    say_result(v, account, &h);
    KS_HTML(&h, "</div>\n");
    if (back.p != NULL)
        KS_HTML_WITH(&h, "<p><a class=\"button\" href=\"{}\">Continue</a></p>\n", back);
    else
        KS_HTML(&h, "<p>You can close this page.</p>\n");
    return ks_page_end(cx, rs, &h);
}
