/* features/links/page_form.c — the form of a link (see page.h): one block a field, and what was wrong with
 * what was sent. Values of secret fields are never written, wherever they come from (rule S4). */
#include "features/links/paste.h"
#include "features/links/wrong.h"

#include "http/reply.h"

/* One rendering. */
typedef struct drawing {
    ks_ctx             *cx;
    ks_html            *h;
    const ks_page_view *v;
    const ks_lang      *lang;
    const ks_form      *posted;
    const ks_wrong     *wrong; /* NULL: nothing */
} drawing;

/* ---- what was wrong ---- */

/* The error of one field as a sentence; absent when there is none. */
static ks_str field_error(const drawing *d, const ks_app_field *f)
{
    for (size_t i = 0; d->wrong != NULL && i < d->wrong->n; i++) {
        if (d->wrong->fields[i].field == f)
            return d->wrong->fields[i].text;
    }
    return KS_NO_STR;
}

static void paragraph(const drawing *d, ks_str text)
{
    if (text.n > 0)
        KS_HTML_WITH(d->h, "<p>{}</p>\n", text);
}

static void failure(const drawing *d)
{
    const ks_wrong *w = d->wrong;
    KS_HTML_WITH(d->h, "<div class=\"box\" role=\"alert\" tabindex=\"-1\" autofocus>\n<h2>{}</h2>\n",
                 w->title);
    paragraph(d, w->cause);
    if (w->cause_en.n > 0)
        KS_HTML_WITH(d->h, "<p lang=\"en\" dir=\"ltr\">{}</p>\n", w->cause_en);
    paragraph(d, w->text);
    paragraph(d, w->look);
    if (w->n > 0)
        KS_HTML(d->h, "<ul>\n");
    for (size_t i = 0; i < w->n; i++)
        KS_HTML_WITH(d->h, "<li><a href=\"#f-{}\">{}</a></li>\n", w->fields[i].field->name,
                     w->fields[i].entry);
    if (w->n > 0)
        KS_HTML(d->h, "</ul>\n");
    KS_HTML(d->h, "</div>\n");
}

/* ---- fields ---- */

/* What stands in the input: what was sent, else what is known, else the default. Secrets: nothing. */
static ks_str shown(const drawing *d, const ks_app_field *f)
{
    if (f->secret)
        return KS_S("");
    ks_str sent = d->posted != NULL ? ks_form_field(d->cx, d->posted, f->name) : KS_NO_STR;
    if (sent.p != NULL)
        return sent;
    ks_str known = ks_credential_text(&d->v->stored, f->name);
    return known.p != NULL ? known : KS_S("");
}

/* id, name, what describes it, whether it must be filled in, and what connect.js needs to clean a paste. */
static void common(const drawing *d, const ks_app_field *f, bool wrong)
{
    ks_html *h = d->h;
    ks_str   shapes = ks_wrong_shapes(d->cx, d->v, f), part = ks_paste_part(d->v->scheme, f);
    KS_HTML_WITH(h, " id=\"f-{}\" name=\"f.{}\" aria-describedby=\"", f->name, f->name);
    if (wrong)
        KS_HTML_WITH(h, "e-{} ", f->name);
    KS_HTML_WITH(h, "h-{}\"", f->name);
    if (wrong)
        KS_HTML(h, " aria-invalid=\"true\"");
    if (ks_page_needed(f))
        KS_HTML(h, " required");
    KS_HTML(h, " autocapitalize=\"none\" spellcheck=\"false\"");
    KS_HTML_WITH(h, " data-clean=\"{}\"", ks_paste_manner(f));
    if (f->pattern.n > 0)
        KS_HTML_WITH(h, " data-pattern=\"{}\"", f->pattern);
    if (shapes.n > 0)
        KS_HTML_WITH(h, " data-shapes=\"{}\"", shapes);
    if (part.n > 0)
        KS_HTML_WITH(h, " data-part=\"{}\"", part);
    ks_str prefix = ks_paste_prefix(d->v->scheme, f);
    if (prefix.n > 0)
        KS_HTML_WITH(h, " data-prefix=\"{}\"", prefix);
}

static void choice(const drawing *d, const ks_app_field *f, bool wrong)
{
    ks_str now = shown(d, f);
    KS_HTML(d->h, "<select");
    common(d, f, wrong);
    KS_HTML(d->h, ">\n");
    if (!ks_page_needed(f) || now.n == 0)
        KS_HTML(d->h, "<option value=\"\"></option>\n");
    for (size_t i = 0; i < f->values.n; i++) {
        KS_HTML_WITH(d->h, "<option value=\"{}\"", f->values.at[i]);
        if (ks_str_eq(now, f->values.at[i]))
            KS_HTML(d->h, " selected");
        KS_HTML_WITH(d->h, ">{}</option>\n", f->values.at[i]);
    }
    KS_HTML(d->h, "</select>\n");
}

/* Managers are told to stay away: the key is no password of this site. */
static void input(const drawing *d, const ks_app_field *f, bool wrong)
{
    bool affix = f->prefix.n > 0 || f->suffix.n > 0;
    if (affix)
        KS_HTML(d->h, "<div class=\"affix\" dir=\"ltr\">");
    if (f->prefix.n > 0)
        KS_HTML_WITH(d->h, "<span>{}</span>", f->prefix);
    KS_HTML(d->h, "<input");
    if (f->secret)
        KS_HTML(d->h, " type=\"password\" autocomplete=\"new-password\" dir=\"ltr\" data-1p-ignore "
                      "data-lpignore=\"true\" data-bwignore=\"true\"");
    else
        KS_HTML(d->h, " type=\"text\" autocomplete=\"off\"");
    if (f->kind == KS_APP_URL || f->kind == KS_APP_HOST || f->kind == KS_APP_LABEL)
        KS_HTML(d->h, " inputmode=\"url\" dir=\"ltr\"");
    common(d, f, wrong);
    if (!f->secret)
        KS_HTML_WITH(d->h, " value=\"{}\"", shown(d, f));
    KS_HTML(d->h, ">");
    if (f->suffix.n > 0)
        KS_HTML_WITH(d->h, "<span>{}</span>", f->suffix);
    if (affix)
        KS_HTML(d->h, "</div>");
    KS_HTML(d->h, "\n");
}

static void area(const drawing *d, const ks_app_field *f, bool wrong)
{
    KS_HTML(d->h,
            "<textarea rows=\"6\" autocomplete=\"off\" dir=\"ltr\" data-1p-ignore data-lpignore=\"true\" "
            "data-bwignore=\"true\"");
    common(d, f, wrong);
    KS_HTML_WITH(d->h, ">\n{}</textarea>\n", shown(d, f)); /* the line break behind the tag is dropped */
}

static void toggle(const drawing *d, const ks_app_field *f, bool wrong)
{
    KS_HTML(d->h, "<input type=\"checkbox\" role=\"switch\" value=\"true\"");
    common(d, f, wrong);
    if (ks_str_eq(shown(d, f), KS_S("true")))
        KS_HTML(d->h, " checked");
    KS_HTML(d->h, ">\n");
}

static void label(const drawing *d, const ks_app_field *f)
{
    ks_str text = ks_page_label(d->v, f);
    bool   same = text.p == f->label.p;
    KS_HTML_WITH(d->h, "<label for=\"f-{}\"><bdi lang=\"{}\">{}</bdi>", f->name,
                 same ? KS_S("en") : d->lang->code, text);
    if (!ks_page_needed(f) && !ks_page_switch(f))
        KS_HTML_WITH(d->h, " <span class=\"opt\">{}</span>", d->lang->text[KS_MSG_OPTIONAL]);
    KS_HTML(d->h, "</label>\n");
}

static void field(const drawing *d, const ks_app_field *f)
{
    ks_str wrong = field_error(d, f);
    KS_HTML(d->h, "<div class=\"field\">\n");
    label(d, f);
    ks_page_hint(d->cx, d->v, f, d->h);
    if (wrong.p != NULL)
        KS_HTML_WITH(d->h, "<p class=\"wrong\" id=\"e-{}\">{}</p>\n", f->name, wrong);
    if (f->kind == KS_APP_BLOB)
        area(d, f, wrong.p != NULL);
    else if (ks_page_switch(f))
        toggle(d, f, wrong.p != NULL);
    else if (f->kind == KS_APP_CHOICE)
        choice(d, f, wrong.p != NULL);
    else
        input(d, f, wrong.p != NULL);
    KS_HTML(d->h, "</div>\n");
}

/* ---- around them ---- */

/* The project's logo, or the first character of the app's name on a tile: we show no marks of others. */
static void heading(const drawing *d)
{
    ks_str app = d->v->app->name;
    bool   named = !ks_str_eq(d->v->link->project, KS_S("default"));
    size_t n = 1;
    while (n < app.n && ((unsigned char)app.p[n] & 0xc0) == 0x80)
        n++;
    if (d->v->look.logo.n > 0)
        KS_HTML_WITH(d->h, "<img class=\"logo\" src=\"../a/{}\" alt=\"{}\">\n", d->v->look.logo,
                     named ? d->v->link->project : KS_S(""));
    KS_HTML_WITH(d->h, "<header>\n<span class=\"mark\" aria-hidden=\"true\">{}</span>\n<h1>",
                 ks_str_sub(app, 0, n));
    ks_say(d->h, d->lang, named ? KS_MSG_CONNECT_TO : KS_MSG_CONNECT, &d->v->places);
    KS_HTML(d->h, "</h1>\n</header>\n");
}

static void lead(const drawing *d)
{
    KS_HTML(d->h, "<p class=\"lead\">");
    if (!ks_str_eq(d->v->link->project, KS_S("default"))) {
        ks_say(d->h, d->lang, KS_MSG_ACTS, &d->v->places);
        KS_HTML_WITH(d->h, "{}", ks_say_gap(d->lang));
    }
    ks_say(d->h, d->lang, ks_page_checks(d->v) ? KS_MSG_IS_CHECKED : KS_MSG_IS_STORED, &d->v->places);
    KS_HTML(d->h, "</p>\n");
}

/* What connect.js says, in the language of the page; labels go where "{label}" stands. */
static ks_str script_words(const drawing *d)
{
    static const ks_msg wanted[] = {KS_MSG_CHECKING,     KS_MSG_BUTTON_SHOW,  KS_MSG_BUTTON_HIDE,
                                    KS_MSG_SHOW_LABEL,   KS_MSG_HIDE_LABEL,   KS_MSG_IS_SHOWN,
                                    KS_MSG_IS_HIDDEN,    KS_MSG_CHOOSE_FILE,  KS_MSG_CLEAN_INVISIBLE,
                                    KS_MSG_CLEAN_BLANKS, KS_MSG_CLEAN_QUOTES, KS_MSG_CLEAN_PREFIX,
                                    KS_MSG_CLEAN_JOINED, KS_MSG_CLEAN_SPLIT,  KS_MSG_ERROR_TITLE};
    ks_places           at = d->v->places;
    ks_buf             *b = ks_ctx_buf(d->cx, 16384);
    if (b == NULL)
        return KS_NO_STR;
    at.at[KS_AT_LABEL] = KS_S("{label}");
    at.at[KS_AT_TITLE] = KS_S("{title}");
    ks_jw w = ks_jw_new(b);
    ks_jw_arr(&w, NULL);
    for (size_t i = 0; i < KS_COUNT(wanted); i++)
        ks_jw_str(&w, NULL, ks_say_text(d->cx, d->lang, wanted[i], &at));
    ks_jw_end(&w, ']');
    return ks_buf_view(b);
}

static void languages(const drawing *d)
{
    KS_HTML_WITH(d->h, "<details class=\"langs\">\n<summary aria-label=\"{}: {}\">{}</summary>\n<ul>\n",
                 d->lang->text[KS_MSG_LANGUAGES], d->lang->name, d->lang->name);
    for (size_t i = 0; i < ks_langs_n; i++)
        KS_HTML_WITH(d->h, "<li><a href=\"?lang={}\" lang=\"{}\" hreflang=\"{}\">{}</a></li>\n",
                     ks_langs[i].code, ks_langs[i].code, ks_langs[i].code, ks_langs[i].name);
    KS_HTML(d->h, "</ul>\n</details>\n");
}

/* The way on with a key that looks wrong: a second button, which counts until the link is used. Secrets are
 * not written, so the key is entered again. */
static void anyway(const drawing *d)
{
    if (d->wrong != NULL && d->wrong->anyway.n > 0)
        KS_HTML_WITH(d->h,
                     "<p class=\"hint\">{}</p>\n<button type=\"submit\" class=\"plain\" name=\"anyway\" "
                     "value=\"1\">{}</button>\n",
                     d->lang->text[KS_MSG_KIND_AGAIN], d->wrong->anyway);
    else if (d->posted != NULL && ks_form_get(d->posted, KS_S("anyway")).n > 0)
        KS_HTML(d->h, "<input type=\"hidden\" name=\"anyway\" value=\"1\">\n");
}

static void body(const drawing *d, ks_str csrf)
{
    heading(d);
    if (d->wrong != NULL)
        failure(d);
    lead(d);
    KS_HTML_WITH(d->h,
                 "<form method=\"post\" novalidate data-words=\"{}\">\n<input type=\"hidden\" name=\"csrf\" "
                 "value=\"{}\">\n",
                 script_words(d), csrf);
    for (size_t i = 0; i < d->v->scheme->fields_n; i++) {
        if (ks_page_asks(d->v, &d->v->scheme->fields[i]))
            field(d, &d->v->scheme->fields[i]);
    }
    ks_page_find(d->v, d->h);
    KS_HTML_WITH(d->h, "<button type=\"submit\">{}</button>\n",
                 d->lang->text[ks_page_checks(d->v) ? KS_MSG_BUTTON_CHECK : KS_MSG_BUTTON_CONNECT]);
    anyway(d);
    KS_HTML(d->h, "<p class=\"status\" role=\"status\"></p>\n</form>\n");
    KS_HTML(d->h, "<p class=\"foot\">");
    ks_say(d->h, d->lang, KS_MSG_ENDS, &d->v->places);
    KS_HTML(d->h, "</p>\n");
    languages(d);
}

ks_status ks_page_form(ks_ctx *cx, ks_res *rs, const ks_page_view *v, const ks_form *posted,
                       const ks_err *why)
{
    ks_html  h;
    ks_wrong wrong;
    drawing  d = {cx, &h, v, v->lang, posted, why != NULL ? &wrong : NULL};
    bool     named = !ks_str_eq(v->link->project, KS_S("default"));
    ks_str   csrf = ks_link_csrf(cx, v->link);
    if (why != NULL)
        KS_TRY(ks_wrong_tell(cx, v, posted, why, &wrong));
    ks_page_frame f = {
        .status = why != NULL ? wrong.status : 200,
        .lang = v->lang,
        .title = ks_say_text(cx, v->lang, named ? KS_MSG_CONNECT_TO : KS_MSG_CONNECT, &v->places),
        .error = why != NULL,
        .view = v,
        .form_to = v->link->return_url,
        .state = KS_S("form")};
    if (csrf.p == NULL || f.title.p == NULL)
        return ks_no_memory(cx);
    KS_TRY(ks_page_begin(cx, rs, &f, &h));
    if (why != NULL && why->status == KS_RATE)
        KS_TRY(ks_res_header(cx, rs, "retry-after", KS_S("60")));
    body(&d, csrf);
    return ks_page_end(cx, &h);
}
