/* features/dash/frame.c — see frame.h: what stands around a page, posted forms, and failures. */
#include "features/dash/frame.h"

#include "features/dash/page_error.h"
#include "features/dash/sign_in.h"
#include "features/links/assets.h"
#include "features/links/connect_page.h"
#include "features/links/page.h"
#include "upstream/url.h"

#define PAGE_MAX (2 * 1024 * 1024)

/* ---- around a page ---- */

static const struct {
    const char *path, *name;
} menu[] = {
    [KS_DASH_OVERVIEW] = {"", "Overview"},
    [KS_DASH_CONNECTIONS] = {"connections", "Connections"},
    [KS_DASH_INTEGRATIONS] = {"integrations", "Integrations"},
    [KS_DASH_APPS] = {"apps", "Apps"},
    [KS_DASH_LINKS] = {"links", "Links"},
    [KS_DASH_CALLS] = {"calls", "Calls"},
    [KS_DASH_AUDIT] = {"audit", "Audit"},
    [KS_DASH_KEYS] = {"keys", "API keys"},
    [KS_DASH_SETTINGS] = {"settings", "Settings"},
};

static const char *const done_words[] = {
    [KS_DONE_NOTHING] = "",
    [KS_DONE_CHECKED] = "Checked just now. What the vendor said is shown here.",
    [KS_DONE_ENABLED] = "Enabled: it can be used again.",
    [KS_DONE_DISABLED] = "Disabled: it is kept, and nobody can use it.",
    [KS_DONE_DELETED] = "Deleted. Its credential is erased.",
    [KS_DONE_REVOKED] = "Revoked. It opens nothing any more.",
    [KS_DONE_UNFROZEN] = "The key works again.",
    [KS_DONE_SAVED] = "Saved.",
    [KS_DONE_MADE] = "Made.",
};

ks_status ks_dash_root(ks_ctx *cx, ks_str *out)
{
    ks_url url;
    *out = KS_S("");
    if (cx->env->settings->public_url.n == 0)
        return KS_OK;
    KS_TRY(ks_url_parse(cx, NULL, cx->env->settings->public_url, &url));
    *out = ks_str_trim(url.path, "/");
    if (out->n > 0)
        *out = ks_fmt(cx, "/" KS_FMT, KS_ARG(*out));
    return out->p != NULL ? KS_OK : ks_no_memory(cx);
}

ks_status ks_dash_open(ks_ctx *cx, const ks_req *rq, ks_res *rs, int status, ks_str title, ks_dash *d)
{
    const ks_asset *css = &ks_asset_dash_css, *js = &ks_asset_dash_js;
    *d = (ks_dash){.cx = cx, .rq = rq, .rs = rs};
    KS_TRY(ks_dash_root(cx, &d->root));
    KS_TRY(ks_res_fixed(cx, rs, status, "text/html; charset=utf-8", KS_S("")));
    KS_TRY(ks_page_secure(cx, rs, KS_NO_STR, KS_NO_STR));
    rs->body = ks_ctx_buf(cx, PAGE_MAX);
    if (rs->body == NULL)
        return KS_NO_MEMORY;
    d->h = ks_html_new(rs->body);
    KS_HTML_WITH(&d->h,
                 "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
                 "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
                 "<title>{} - Keysteward</title>\n"
                 "<link rel=\"stylesheet\" href=\"{}/a/{}\" integrity=\"{}\">\n"
                 "<script src=\"{}/a/{}\" integrity=\"{}\" defer></script>\n</head>\n"
                 "<body data-states=\"{}/dash/states\">\n",
                 title, d->root, css->name, css->integrity, d->root, js->name, js->integrity, d->root);
    return KS_OK;
}

static void project_form(ks_dash *d)
{
    const ks_session *s = ks_session_of(d->cx);
    if (s->scopes & KS_SCOPE_ADMIN)
        KS_HTML_WITH(&d->h, "<a class=\"project\" href=\"{}/dash/project\"><bdi>{}</bdi></a>\n", d->root,
                     s->project);
    else
        KS_HTML_WITH(&d->h, "<span class=\"project\"><bdi>{}</bdi></span>\n", s->project);
    KS_HTML_WITH(&d->h, "<form method=\"post\" action=\"{}/dash/logout\">", d->root);
    ks_dash_csrf(d);
    KS_HTML(&d->h, "<button class=\"plain\">Sign out</button></form>\n");
}

static void put_menu(ks_dash *d, ks_dash_place place)
{
    ks_html *h = &d->h;
    KS_HTML_WITH(h, "<header><div class=\"bar\"><a class=\"brand\" href=\"{}/dash\">Keysteward</a>\n",
                 d->root);
    KS_HTML_WITH(
        h,
        "<form class=\"find\" role=\"search\" action=\"{}/dash/find\"><label for=\"find\">Find</label>"
        "<input id=\"find\" name=\"q\" type=\"search\" maxlength=\"200\"></form>\n",
        d->root);
    project_form(d);
    KS_HTML(h, "</div><nav aria-label=\"Dashboard\"><ul>\n");
    for (size_t i = 0; i < KS_DASH_PLACES; i++) {
        KS_HTML_WITH(h, "<li><a href=\"{}/dash", d->root);
        if (menu[i].path[0] != '\0')
            KS_HTML_WITH(h, "/{}", ks_str_of(menu[i].path));
        KS_HTML(h, "\"");
        if (i == (size_t)place)
            KS_HTML(h, " aria-current=\"page\"");
        KS_HTML_WITH(h, ">{}</a></li>\n", ks_str_of(menu[i].name));
    }
    KS_HTML(h, "</ul></nav></header>\n");
}

static void put_done(ks_dash *d)
{
    uint64_t n = 0;
    ks_str   done = ks_req_query(d->cx, d->rq, "done");
    if (done.n == 0 || !ks_str_u64(done, &n) || n == KS_DONE_NOTHING || n >= KS_DONES)
        return;
    KS_HTML_WITH(&d->h, "<p class=\"box ok\" role=\"status\">{}</p>\n", ks_str_of(done_words[n]));
}

ks_status ks_dash_begin(ks_ctx *cx, const ks_req *rq, ks_res *rs, ks_dash_place place, ks_str title,
                        ks_dash *d)
{
    KS_TRY(ks_dash_open(cx, rq, rs, 200, title, d));
    put_menu(d, place);
    KS_HTML(&d->h, "<main>\n");
    put_done(d);
    KS_HTML_WITH(&d->h, "<h1><bdi>{}</bdi></h1>\n", title);
    return cx->starved ? ks_no_memory(cx) : KS_OK;
}

ks_status ks_dash_close(ks_dash *d)
{
    KS_HTML(&d->h, "</main>\n</body>\n</html>\n");
    return ks_html_ok(&d->h) && !d->cx->starved ? KS_OK : ks_no_memory(d->cx);
}

ks_status ks_dash_finish(ks_dash *d, const ks_str *commands, size_t n)
{
    KS_HTML(&d->h, "<details class=\"terminal\"><summary>Same in the terminal</summary>\n");
    for (size_t i = 0; i < n; i++)
        ks_dash_copy(d, commands[i]);
    KS_HTML(&d->h, "</details>\n");
    return ks_dash_close(d);
}

/* ---- forms ---- */

void ks_dash_csrf(ks_dash *d)
{
    KS_HTML_WITH(&d->h, "<input type=\"hidden\" name=\"csrf\" value=\"{}\">", ks_session_csrf(d->cx));
}

ks_status ks_dash_posted(ks_ctx *cx, const ks_req *rq, ks_form *out)
{
    KS_TRY(ks_form_read(cx, rq, out));
    ks_str sent = ks_form_get(out, KS_S("csrf")), want = ks_session_csrf(cx);
    if (want.p == NULL)
        return ks_no_memory(cx);
    if (!ks_form_own(cx, rq) || sent.n != want.n || !ks_same(sent.p, want.p, want.n))
        return ks_fail_code(
            cx, KS_FORBIDDEN, "form_stale", NULL,
            "This form was not sent from a page of this session. Open the page again and repeat.");
    return KS_OK;
}

ks_status ks_dash_go(ks_ctx *cx, ks_res *rs, ks_str path, ks_dash_done done)
{
    ks_str root;
    KS_TRY(ks_dash_root(cx, &root));
    ks_str to = done == KS_DONE_NOTHING
                    ? ks_fmt(cx, KS_FMT KS_FMT, KS_ARG(root), KS_ARG(path))
                    : ks_fmt(cx, KS_FMT KS_FMT "?done=%d", KS_ARG(root), KS_ARG(path), (int)done);
    if (to.p == NULL)
        return ks_no_memory(cx);
    KS_TRY(ks_res_fixed(cx, rs, 303, "text/html; charset=utf-8", KS_S("")));
    KS_TRY(ks_res_header(cx, rs, "referrer-policy", KS_S("no-referrer")));
    return ks_res_header(cx, rs, "location", to);
}

/* ---- failures ---- */

static ks_status tell(ks_ctx *cx, const ks_req *rq, ks_res *rs, const ks_err *why)
{
    ks_dash d;
    KS_TRY(ks_dash_open(cx, rq, rs, ks_status_http(why->status), KS_S("Error"), &d));
    if (cx->session != NULL)
        put_menu(&d, KS_DASH_PLACES);
    KS_HTML(&d.h, "<main>\n<h1>That did not work</h1>\n");
    KS_HTML_WITH(&d.h, "<div class=\"box bad\" role=\"alert\" tabindex=\"-1\" autofocus><p>{}</p></div>\n",
                 why->message);
    KS_HTML_WITH(&d.h, "<p><a href=\"{}/dash\">Overview</a></p>\n", d.root);
    return ks_dash_close(&d);
}

ks_status ks_page_error(ks_ctx *cx, const ks_req *rq, ks_res *rs)
{
    ks_err why = cx->err;
    if (!ks_str_starts(rq->path, KS_S("/dash")))
        return ks_connect_page_error(cx, rq, rs);
    if (ks_sign_in_failed(rq))
        return ks_sign_in_again(cx, rq, rs, &why);
    if (why.status == KS_UNAUTHORIZED)
        return ks_sign_in_first(cx, rq, rs);
    return tell(cx, rq, rs, &why);
}
