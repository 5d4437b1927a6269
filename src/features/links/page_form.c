/* features/links/page_form.c — the form of a link (see page.h): one block a field, and what was wrong with
 * what was sent. Values of secret fields are never written, wherever they come from (rule S4). */
#include "features/links/page.h"

#include "http/reply.h"

/* One rendering. */
typedef struct drawing {
    ks_ctx             *cx;
    ks_html            *h;
    const ks_page_view *v;
    const ks_form      *posted;
    const ks_err       *why;
} drawing;

static bool is(const ks_err *why, const char *code)
{
    return why != NULL && ks_str_eq(why->code, ks_str_of(code));
}

/* ---- what was wrong ---- */

/* The error of one field as a sentence; absent when there is none. */
static ks_str field_error(const drawing *d, const ks_app_field *f)
{
    if (d->why == NULL)
        return KS_NO_STR;
    for (size_t i = 0; i < d->why->n; i++) {
        if (!ks_str_eq(d->why->details[i].field, f->name))
            continue;
        if (is(d->why, "field_missing"))
            return ks_fmt(d->cx, "Enter the " KS_FMT ".", KS_ARG(f->label));
        if (is(d->why, "value_unusable"))
            return ks_fmt(d->cx, KS_FMT " " KS_FMT ".", KS_ARG(f->label), KS_ARG(d->why->details[i].reason));
        if (is(d->why, "credential_rejected"))
            return ks_fmt(d->cx, KS_FMT " did not accept this. Copy the whole of it and paste it again.",
                          KS_ARG(d->v->app->name));
    }
    return KS_NO_STR;
}

/* Our sentence for why the vendor refused, out of the message that has more around it. */
static ks_str cause_of(const ks_err *why)
{
    size_t at = ks_str_find(why->message, KS_S(": "));
    return at == SIZE_MAX ? why->message : ks_str_sub(why->message, at + 2, SIZE_MAX);
}

static ks_str title_of(const drawing *d)
{
    const ks_err *why = d->why;
    ks_str        app = d->v->app->name;
    if (is(why, "credential_rejected"))
        return ks_fmt(d->cx, KS_FMT " did not accept this key", KS_ARG(app));
    if (is(why, "field_missing") || is(why, "value_unusable"))
        return KS_S("Something is missing or cannot be used");
    if (is(why, "vendor_unreachable"))
        return KS_S("Not connected");
    if (is(why, "link_tries"))
        return KS_S("Too many tries");
    if (is(why, "form_stale"))
        return KS_S("This form was not sent from its own page");
    return why->status == KS_INVALID ? KS_S("This did not work") : KS_S("We could not save this");
}

static ks_str text_of(const drawing *d)
{
    const ks_err *why = d->why;
    if (is(why, "credential_rejected"))
        return cause_of(why);
    if (is(why, "vendor_unreachable"))
        return ks_fmt(d->cx,
                      KS_FMT " did not answer, and only checked keys are taken here. Nothing was stored. Try "
                             "again in a moment.",
                      KS_ARG(d->v->app->name));
    if (is(why, "link_tries"))
        return KS_S("Wait a minute, then try again. Nothing was stored.");
    if (is(why, "form_stale"))
        return KS_S("Nothing was stored. Enter the values here again.");
    if (why->status == KS_INVALID)
        return why->message;
    return KS_S("Nothing was stored. Your link still works; try again in a moment.");
}

static void failure(const drawing *d)
{
    bool fields = is(d->why, "field_missing") || is(d->why, "value_unusable");
    bool listed = fields || is(d->why, "credential_rejected");
    KS_HTML_WITH(d->h, "<div class=\"box\" role=\"alert\" tabindex=\"-1\" autofocus>\n<h2>{}</h2>\n",
                 title_of(d));
    if (!fields)
        KS_HTML_WITH(d->h, "<p>{}</p>\n", text_of(d));
    if (listed)
        KS_HTML(d->h, "<ul>\n");
    for (size_t i = 0; listed && i < d->v->scheme->fields_n; i++) {
        const ks_app_field *f = &d->v->scheme->fields[i];
        ks_str              wrong = ks_page_asks(d->v, f) ? field_error(d, f) : KS_NO_STR;
        if (wrong.p != NULL)
            KS_HTML_WITH(d->h, "<li><a href=\"#f-{}\">{}</a></li>\n", f->name,
                         fields ? wrong : ks_fmt(d->cx, "Enter it again: " KS_FMT, KS_ARG(f->label)));
    }
    if (listed)
        KS_HTML(d->h, "</ul>\n");
    KS_HTML(d->h, "</div>\n");
}

/* ---- fields ---- */

/* What stands in the input: what was sent, else what is known, else the default. Secrets: nothing. */
static ks_str shown(const drawing *d, const ks_app_field *f)
{
    if (f->secret)
        return KS_S("");
    if (d->posted != NULL) {
        ks_str sent = ks_form_get(d->posted, ks_fmt(d->cx, "f." KS_FMT, KS_ARG(f->name)));
        if (sent.p != NULL)
            return sent;
    }
    ks_str known = ks_credential_text(&d->v->stored, f->name);
    return known.p != NULL ? known : KS_S("");
}

/* Optional at connect, but useless without: a person is asked for it all the same. */
static bool needed(const ks_app_field *f)
{
    return f->required || f->to_act;
}

/* id, name, what describes it, and whether it must be filled in. */
static void common(const drawing *d, const ks_app_field *f, bool wrong)
{
    ks_html *h = d->h;
    KS_HTML_WITH(h, " id=\"f-{}\" name=\"f.{}\"", f->name, f->name);
    if (wrong)
        KS_HTML_WITH(h, " aria-invalid=\"true\" aria-describedby=\"e-{} h-{}\"", f->name, f->name);
    else
        KS_HTML_WITH(h, " aria-describedby=\"h-{}\"", f->name);
    if (needed(f))
        KS_HTML(h, " required");
    KS_HTML(h, " autocapitalize=\"none\" spellcheck=\"false\"");
}

static void choice(const drawing *d, const ks_app_field *f, bool wrong)
{
    ks_str now = shown(d, f);
    KS_HTML(d->h, "<select");
    common(d, f, wrong);
    KS_HTML(d->h, ">\n");
    if (!needed(f) || now.n == 0)
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

static void field(const drawing *d, const ks_app_field *f)
{
    ks_str wrong = field_error(d, f);
    KS_HTML_WITH(d->h, "<div class=\"field\">\n<label for=\"f-{}\">{}", f->name, f->label);
    if (!needed(f))
        KS_HTML(d->h, " <span class=\"opt\">(optional)</span>");
    KS_HTML_WITH(d->h, "</label>\n<p class=\"hint\" id=\"h-{}\">{}", f->name, f->help);
    if (f->example.n > 0)
        KS_HTML_WITH(d->h, " Example: <code dir=\"ltr\">{}</code>", f->example);
    KS_HTML(d->h, "</p>\n");
    if (wrong.p != NULL)
        KS_HTML_WITH(d->h, "<p class=\"wrong\" id=\"e-{}\">{}</p>\n", f->name, wrong);
    if (f->kind == KS_APP_BLOB)
        area(d, f, wrong.p != NULL);
    else if (f->kind == KS_APP_CHOICE)
        choice(d, f, wrong.p != NULL);
    else
        input(d, f, wrong.p != NULL);
    KS_HTML(d->h, "</div>\n");
}

/* ---- around them ---- */

static void where_to_find(const drawing *d)
{
    const ks_app_scheme *s = d->v->scheme;
    bool                 plain = ks_str_starts(s->find_url, KS_S("https://")) &&
                 ks_str_find(s->find_url, KS_S("{{")) == SIZE_MAX;
    if (!plain && s->find_steps.n == 0)
        return;
    KS_HTML(d->h, "<details>\n<summary>Where do I find this?</summary>\n<ol>\n");
    if (plain)
        KS_HTML_WITH(d->h,
                     "<li><a href=\"{}\" target=\"_blank\" rel=\"noopener noreferrer\">Open {}</a> (in a new "
                     "tab)</li>\n",
                     s->find_url, d->v->app->name);
    for (size_t i = 0; i < s->find_steps.n; i++)
        KS_HTML_WITH(d->h, "<li>{}</li>\n", s->find_steps.at[i]);
    KS_HTML(d->h, "</ol>\n</details>\n");
}

static void heading(const drawing *d)
{
    ks_str app = d->v->app->name;
    KS_HTML_WITH(d->h, "<header>\n<span class=\"mark\" aria-hidden=\"true\">{}</span>\n<h1>Connect {}",
                 ks_str_sub(app, 0, (unsigned char)app.p[0] < 0x80 ? 1 : 0), app);
    if (!ks_str_eq(d->v->link->project, KS_S("default")))
        KS_HTML_WITH(d->h, " to <bdi>{}</bdi>", d->v->link->project);
    KS_HTML(d->h, "</h1>\n</header>\n");
}

static ks_str ends_in(const drawing *d)
{
    int64_t minutes = (d->v->link->left_us + 59999999) / 60000000;
    if (minutes > 120)
        return ks_fmt(d->cx, "%lld hours", (long long)((minutes + 30) / 60));
    return ks_fmt(d->cx, "%lld %s", (long long)minutes, minutes == 1 ? "minute" : "minutes");
}

static bool checks(const drawing *d)
{
    ks_verify_mode mode = d->v->integration.verify ? d->v->integration.verify : d->cx->env->settings->verify;
    return d->v->scheme->check.method.p != NULL && mode != KS_VERIFY_OFF;
}

static void body(const drawing *d, ks_str csrf)
{
    ks_str app = d->v->app->name;
    heading(d);
    if (d->why != NULL)
        failure(d);
    if (checks(d))
        KS_HTML_WITH(
            d->h,
            "<p class=\"lead\">What you enter is checked with {} now and then stored encrypted. It is "
            "used to act for you in {}.</p>\n",
            app, app);
    else
        KS_HTML_WITH(d->h,
                     "<p class=\"lead\">What you enter is stored encrypted. It is used to act for you in "
                     "{}.</p>\n",
                     app);
    KS_HTML_WITH(d->h, "<form method=\"post\">\n<input type=\"hidden\" name=\"csrf\" value=\"{}\">\n", csrf);
    for (size_t i = 0; i < d->v->scheme->fields_n; i++) {
        if (ks_page_asks(d->v, &d->v->scheme->fields[i]))
            field(d, &d->v->scheme->fields[i]);
    }
    where_to_find(d);
    KS_HTML_WITH(d->h, "<button type=\"submit\">{}</button>\n</form>\n",
                 checks(d) ? KS_S("Check and connect") : KS_S("Connect"));
    KS_HTML_WITH(d->h, "<p class=\"foot\">This link is for you alone and ends in {}.</p>\n", ends_in(d));
}

ks_status ks_page_form(ks_ctx *cx, ks_res *rs, const ks_page_view *v, const ks_form *posted,
                       const ks_err *why)
{
    ks_html h;
    drawing d = {cx, &h, v, posted, why};
    ks_str  csrf = ks_link_csrf(cx, v->link);
    ks_str  title = ks_fmt(cx, "Connect " KS_FMT, KS_ARG(v->app->name));
    if (csrf.p == NULL || title.p == NULL)
        return ks_no_memory(cx);
    KS_TRY(ks_page_begin(cx, rs, why ? ks_status_http(why->status) : 200, why != NULL, title, &h));
    KS_TRY(ks_page_policy(cx, rs, v->link->return_url));
    if (why != NULL && why->status == KS_RATE)
        KS_TRY(ks_res_header(cx, rs, "retry-after", KS_S("60")));
    body(&d, csrf);
    return ks_page_end(cx, rs, &h);
}
