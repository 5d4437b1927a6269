/* features/dash/look_page.c — /dash/settings/look: the look of the project's connect pages, and what it makes
 * of a page. It is judged by look.h; what cannot be read is refused at its field, with the ratio.
 * docs/dashboard.md DASH-36, DASH-37. */
#include "base/enc.h"
#include "features/dash/frame.h"
#include "features/dash/inputs.h"
#include "features/links/page.h"
#include "features/routes.h"

#define THEME_JSON (256 * 1024) /* bytes of a theme with its logo */

static const char *const modes[] = {"light", "dark"};
static const struct {
    const char *name, *label, *hint;
} texts[] = {
    {"radius", "Radius of corners", "8px or 0.5rem"},
    {"gap", "Gap between fields", "1.25rem"},
    {"width", "Width of the form", "28rem"},
    {"font", "Fonts", "Names that the reader's machine may have, with commas between"},
};

/* ---- the form ---- */

typedef struct drawing {
    ks_dash        d;
    const ks_form *posted; /* NULL: what is stored is shown */
    const ks_json *stored; /* NULL: nothing is */
    ks_look        look;
} drawing;

static ks_str shown(const drawing *w, ks_str field, ks_str stored)
{
    ks_str typed = w->posted != NULL ? ks_form_get(w->posted, field) : KS_NO_STR;
    return typed.p != NULL ? typed : stored;
}

static void put_colour(drawing *w, size_t mode, const ks_look_colour *c)
{
    ks_dash *d = &w->d;
    ks_html *h = &d->h;
    ks_str   name = ks_str_of(c->name);
    ks_str   field = ks_fmt(d->cx, "%s.%s", modes[mode], c->name);
    ks_str   stored = ks_json_str(ks_json_get(ks_json_get(w->stored, modes[mode]), c->name));
    if (field.p == NULL)
        return; /* starved: the page is not sent */
    KS_HTML(h, "<td>");
    ks_dash_reason(d, field.p);
    KS_HTML_WITH(h,
                 "<input name=\"{}\" value=\"{}\" placeholder=\"{}\" aria-label=\"{}, {}\" maxlength=\"7\" "
                 "autocapitalize=\"none\" spellcheck=\"false\"",
                 field, shown(w, field, stored), ks_fmt(d->cx, "#%06x", (unsigned)c->mode[mode]), name,
                 ks_str_of(modes[mode]));
    if (ks_dash_refused(d, field.p))
        KS_HTML_WITH(h, " aria-invalid=\"true\" aria-describedby=\"e-{}\"", field);
    KS_HTML(h, "></td>");
}

static void put_colours(drawing *w)
{
    KS_DASH_TABLE(&w->d, "Colours", "Colour", "Light", "Dark");
    for (size_t i = 0; i < KS_LOOK_COLOURS; i++) {
        KS_HTML_WITH(&w->d.h, "<tr><th scope=\"row\">{}</th>", ks_str_of(ks_look_colours[i].name));
        for (size_t m = 0; m < KS_COUNT(modes); m++)
            put_colour(w, m, &ks_look_colours[i]);
        KS_HTML(&w->d.h, "</tr>\n");
    }
    ks_dash_table_end(&w->d);
}

static void put_language(drawing *w)
{
    ks_html *h = &w->d.h;
    ks_str   now = shown(w, KS_S("language"), w->look.lang);
    KS_HTML(h, "<div class=\"field\"><label for=\"language\">Language, when the browser asks for none of "
               "ours</label>"
               "<select id=\"language\" name=\"language\"><option value=\"\">English</option>");
    for (size_t i = 1; i < ks_langs_n; i++) {
        KS_HTML_WITH(h, "<option value=\"{}\"", ks_langs[i].code);
        if (ks_str_eq(ks_langs[i].code, now))
            KS_HTML(h, " selected");
        KS_HTML_WITH(h, ">{}</option>", ks_langs[i].name);
    }
    KS_HTML(h, "</select></div>\n");
}

static void put_logo(drawing *w)
{
    ks_dash *d = &w->d;
    KS_HTML(&d->h, "<fieldset><legend>Logo</legend>\n");
    if (w->look.logo.n > 0) {
        KS_HTML_WITH(&d->h, "<p><img class=\"logo\" src=\"{}/a/{}\" alt=\"The logo as it is\"></p>\n",
                     d->root, w->look.logo);
        ks_dash_check_field(d, "keep", "Keep it",
                            w->posted == NULL || ks_form_get(w->posted, KS_S("keep")).n > 0);
    }
    KS_HTML(
        &d->h,
        "<label for=\"logo\">Another one</label><p class=\"hint\" id=\"h-logo\">PNG or WebP, at most 64 kB, "
        "in base64 or as a <code>data:</code> address. From a file: <code>keysteward theme set THEME.json "
        "--logo FILE</code></p>");
    ks_dash_reason(d, "logo");
    KS_HTML(
        &d->h,
        "<textarea id=\"logo\" name=\"logo\" rows=\"2\" spellcheck=\"false\" aria-describedby=\"h-logo\"");
    if (ks_dash_refused(d, "logo"))
        KS_HTML(&d->h, " aria-invalid=\"true\"");
    KS_HTML(&d->h, "></textarea></fieldset>\n");
}

static void put_form(drawing *w)
{
    ks_dash *d = &w->d;
    KS_HTML_WITH(&d->h, "<form method=\"post\" action=\"{}/dash/settings/look\">\n", d->root);
    ks_dash_csrf(d);
    KS_HTML(
        &d->h,
        "<p>Colours as <code>#rrggbb</code>; an empty field is the built-in one, shown in grey. Text under a "
        "contrast of 4.5:1 to its ground, and edges under 3:1, are refused.</p>\n");
    put_colours(w);
    for (size_t i = 0; i < KS_COUNT(texts); i++)
        ks_dash_text_field(
            d, texts[i].name, texts[i].label, texts[i].hint,
            shown(w, ks_str_of(texts[i].name), ks_json_str(ks_json_get(w->stored, texts[i].name))));
    put_language(w);
    put_logo(w);
    if (d->cx->scopes & KS_SCOPE_CONNECT)
        KS_HTML(&d->h, "<button>Save</button>\n");
    KS_HTML(&d->h, "</form>\n");
}

static void put_others(drawing *w)
{
    ks_dash *d = &w->d;
    KS_HTML_WITH(
        &d->h,
        "<div class=\"actions\">\n<a class=\"button plain\" href=\"{}/dash/preview\">See a page with "
        "the look that is saved</a>\n",
        d->root);
    if (w->look.updated_at != 0 && (d->cx->scopes & KS_SCOPE_CONNECT)) {
        KS_HTML_WITH(&d->h, "<form method=\"post\" action=\"{}/dash/settings/look/reset\">", d->root);
        ks_dash_csrf(d);
        KS_HTML(&d->h, "<button class=\"danger\">Back to the built-in look</button></form>\n");
    }
    KS_HTML(&d->h, "</div>\n");
}

static ks_status draw(ks_ctx *cx, const ks_req *rq, ks_res *rs, const ks_form *posted)
{
    drawing  w = {.posted = posted};
    ks_json *stored;
    ks_err   why = cx->err; /* what follows may write over it */
    KS_TRY(ks_look_get(cx, &w.look));
    if (w.look.given.n > 0) {
        KS_TRY(ks_json_parse(cx, w.look.given, &stored));
        w.stored = stored;
    }
    KS_TRY(ks_dash_begin(cx, rq, rs, KS_DASH_SETTINGS, KS_S("Look of connect pages"), &w.d));
    cx->err = why;
    if (posted != NULL)
        KS_TRY(ks_dash_again(&w.d));
    put_others(&w);
    put_form(&w);
    return KS_DASH_END(&w.d, KS_S("keysteward theme show"),
                       KS_S("keysteward theme set THEME.json --logo FILE"), KS_S("keysteward theme reset"));
}

static ks_status get_look(ks_ctx *cx, const ks_req *rq, ks_res *rs)
{
    return draw(cx, rq, rs, NULL);
}

/* ---- what was posted ---- */

/* The picture that is there, in base64 again. */
static ks_status keep_logo(ks_ctx *cx, ks_jw *w)
{
    ks_look      now;
    ks_look_file file;
    KS_TRY(ks_look_get(cx, &now));
    if (now.logo.n == 0)
        return KS_OK;
    KS_TRY(ks_look_file_get(cx, now.logo, &file));
    ks_buf *text = ks_ctx_buf(cx, 2 * KS_MAX_LOGO);
    if (text == NULL)
        return KS_NO_MEMORY;
    ks_enc_base64(text, file.bytes);
    ks_jw_str(w, "logo", ks_buf_view(text));
    return ks_buf_ok(text) ? KS_OK : ks_no_memory(cx);
}

static ks_status put_logo_given(ks_ctx *cx, const ks_form *form, ks_jw *w)
{
    ks_str logo = ks_str_trim(ks_form_get(form, KS_S("logo")), " \r\n");
    if (logo.n == 0)
        return ks_form_get(form, KS_S("keep")).n > 0 ? keep_logo(cx, w) : KS_OK;
    size_t comma = ks_str_starts(logo, KS_S("data:")) ? ks_str_chr(logo, ',') : SIZE_MAX;
    ks_jw_str(w, "logo", comma == SIZE_MAX ? logo : ks_str_sub(logo, comma + 1, SIZE_MAX));
    return KS_OK;
}

static void put_given(ks_jw *w, const char *name, ks_str text)
{
    text = ks_str_trim(text, " ");
    if (text.n > 0)
        ks_jw_str(w, name, text);
}

static ks_status given_of(ks_ctx *cx, const ks_form *form, ks_json **out)
{
    ks_buf *b = ks_ctx_buf(cx, THEME_JSON);
    if (b == NULL)
        return KS_NO_MEMORY;
    ks_jw w = ks_jw_new(b);
    ks_jw_obj(&w, NULL);
    for (size_t m = 0; m < KS_COUNT(modes); m++) {
        ks_jw_obj(&w, modes[m]);
        for (size_t i = 0; i < KS_LOOK_COLOURS; i++)
            put_given(&w, ks_look_colours[i].name,
                      ks_form_get(form, ks_fmt(cx, "%s.%s", modes[m], ks_look_colours[i].name)));
        ks_jw_end(&w, '}');
    }
    for (size_t i = 0; i < KS_COUNT(texts); i++)
        put_given(&w, texts[i].name, ks_form_get(form, ks_str_of(texts[i].name)));
    put_given(&w, "language", ks_form_get(form, KS_S("language")));
    KS_TRY(put_logo_given(cx, form, &w));
    ks_jw_end(&w, '}');
    if (!ks_buf_ok(b))
        return cx->starved ? ks_no_memory(cx) : ks_fail(cx, KS_INVALID, "logo", "A logo has at most 64 kB.");
    return ks_json_parse(cx, ks_buf_view(b), out);
}

static ks_status post_look(ks_ctx *cx, const ks_req *rq, ks_res *rs)
{
    ks_form    form;
    ks_json   *given;
    ks_look    now;
    ks_change *change;
    KS_TRY(ks_dash_posted(cx, rq, &form));
    ks_status st = given_of(cx, &form, &given);
    if (st == KS_INVALID)
        return draw(cx, rq, rs, &form);
    KS_TRY(st);
    KS_TRY(ks_change_new(cx, &change));
    st = ks_look_set_add(cx, change, given, &now);
    if (st == KS_INVALID) {
        ks_change_free(change);
        return draw(cx, rq, rs, &form);
    }
    if (st == KS_OK)
        st = ks_dash_go(cx, rs, KS_S("/dash/settings/look"), KS_DONE_SAVED);
    return ks_res_commit_built(cx, rq, rs, change, st);
}

static ks_status post_reset(ks_ctx *cx, const ks_req *rq, ks_res *rs)
{
    ks_form    form;
    ks_change *change;
    KS_TRY(ks_dash_posted(cx, rq, &form));
    KS_TRY(ks_dash_go(cx, rs, KS_S("/dash/settings/look"), KS_DONE_SAVED));
    KS_TRY(ks_change_new(cx, &change));
    return ks_res_commit_built(cx, rq, rs, change, ks_look_drop_add(cx, change));
}

/* ---- what it makes of a page ---- */

/* Every kind of text a connect page has, with nothing behind it. */
static void put_sample(ks_html *h, const ks_look *look)
{
    if (look->logo.n > 0)
        KS_HTML_WITH(h, "<img class=\"logo\" src=\"../a/{}\" alt=\"\">\n", look->logo);
    KS_HTML(
        h,
        "<header>\n<span class=\"mark\" aria-hidden=\"true\">S</span>\n<h1>Connect to "
        "Sample</h1>\n</header>\n"
        "<p class=\"lead\">This page shows the look of your connect pages. It is connected to nothing.</p>\n"
        "<div class=\"field\"><label for=\"a\">API key</label><p class=\"hint\">In your account, under "
        "<a href=\"#a\">Developers</a>.</p><input id=\"a\" value=\"sk_sample\"></div>\n"
        "<div class=\"field\"><label for=\"b\">Region <span class=\"opt\">(optional)</span></label>"
        "<p class=\"wrong\" id=\"e-b\">This is what a mistake looks like.</p>"
        "<input id=\"b\" aria-invalid=\"true\" aria-describedby=\"e-b\"></div>\n"
        "<button type=\"button\">Check and connect</button>\n"
        "<button type=\"button\" class=\"plain\">Another button</button>\n"
        "<p class=\"foot\">The link ends in 15 minutes.</p>\n"
        "<div class=\"box done\"><h1>Connected</h1><p>The key works.</p></div>\n"
        "<div class=\"box note\"><h1>Connected, unchecked</h1><p>Nobody could say whether it "
        "works.</p></div>\n");
}

static ks_status get_preview(ks_ctx *cx, const ks_req *rq, ks_res *rs)
{
    const ks_link       none = {.id = KS_NO_STR};
    ks_page_view        view = {.link = &none};
    ks_html             h;
    const ks_page_frame f = {.status = 200,
                             .lang = &ks_langs[0],
                             .title = KS_S("Look of connect pages"),
                             .view = &view,
                             .state = KS_S("preview")};
    (void)rq;
    KS_TRY(ks_look_get(cx, &view.look));
    KS_TRY(ks_page_begin(cx, rs, &f, &h));
    put_sample(&h, &view.look);
    return ks_page_end(cx, &h);
}

#define P(method, path, scope, run, flags, text)                                                             \
    {                                                                                                        \
        method, path, KS_SCOPE_##scope, run, KS_VIEW_PAGE, KS_SESSION | (flags), text                        \
    }
const ks_route ks_dash_look_routes[] = {
    P("GET", "/dash/settings/look", READ, get_look, 0, "the look of connect pages"),
    P("POST", "/dash/settings/look", CONNECT, post_look, KS_ONCE, "set it"),
    P("POST", "/dash/settings/look/reset", CONNECT, post_reset, KS_ONCE, "back to the built-in one"),
    P("GET", "/dash/preview", READ, get_preview, 0, "a page with the look that is saved"),
    {0},
};
