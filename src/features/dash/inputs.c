/* features/dash/inputs.c — see inputs.h. */
#include "features/dash/inputs.h"

ks_str ks_dash_wrong_of(const ks_err *wrong, ks_str name)
{
    for (size_t i = 0; wrong != NULL && i < wrong->n; i++) {
        if (ks_str_eq(wrong->details[i].field, name))
            return wrong->details[i].reason;
    }
    return KS_NO_STR;
}

void ks_dash_wrong_put(ks_dash *d, const ks_err *wrong)
{
    if (wrong == NULL)
        return;
    d->rs->status = ks_status_http(wrong->status);
    KS_HTML_WITH(&d->h,
                 "<div class=\"box bad\" role=\"alert\" tabindex=\"-1\" autofocus><p>Nothing was changed. "
                 "{}</p></div>\n",
                 wrong->message);
}

static void put_reason(ks_dash *d, ks_str name, ks_str reason)
{
    if (reason.p != NULL)
        KS_HTML_WITH(&d->h, "<p class=\"wrong\" id=\"e-{}\">{}</p>", name, reason);
}

/* Label, hint and error, then the attributes that belong to them behind the `<input` that comes next. */
static void begin(ks_dash *d, const ks_dash_input *in)
{
    ks_str wrong = ks_dash_wrong_of(in->wrong, in->name);
    KS_HTML_WITH(&d->h, "<div class=\"field\"><label for=\"{}\">{}</label>", in->name, in->label);
    if (in->hint.n > 0)
        KS_HTML_WITH(&d->h, "<p class=\"hint\" id=\"h-{}\">{}</p>", in->name, in->hint);
    put_reason(d, in->name, wrong);
    KS_HTML(&d->h, "\n");
}

static void attributes(ks_dash *d, const ks_dash_input *in)
{
    bool wrong = ks_dash_wrong_of(in->wrong, in->name).p != NULL;
    KS_HTML_WITH(&d->h, " id=\"{}\" name=\"{}\"", in->name, in->name);
    if (wrong && in->hint.n > 0)
        KS_HTML_WITH(&d->h, " aria-invalid=\"true\" aria-describedby=\"e-{} h-{}\"", in->name, in->name);
    else if (wrong)
        KS_HTML_WITH(&d->h, " aria-invalid=\"true\" aria-describedby=\"e-{}\"", in->name);
    else if (in->hint.n > 0)
        KS_HTML_WITH(&d->h, " aria-describedby=\"h-{}\"", in->name);
    if (in->need)
        KS_HTML(&d->h, " required");
}

void ks_dash_input_put(ks_dash *d, const ks_dash_input *in)
{
    begin(d, in);
    if (in->rows > 0)
        KS_HTML(&d->h, "<textarea");
    else
        KS_HTML(&d->h, "<input");
    attributes(d, in);
    KS_HTML(&d->h, " autocapitalize=\"none\" spellcheck=\"false\"");
    if (in->rows > 0)
        KS_HTML_WITH(&d->h, " dir=\"ltr\" rows=\"{}\">\n{}</textarea>", /* that line break is dropped */
                     ks_fmt(d->cx, "%u", in->rows), in->secret ? KS_S("") : ks_form_lines(d->cx, in->value));
    else if (in->secret)
        KS_HTML(&d->h,
                " type=\"password\" autocomplete=\"new-password\" data-1p-ignore data-lpignore=\"true\" "
                "data-bwignore=\"true\">");
    else
        KS_HTML_WITH(&d->h, " autocomplete=\"off\" value=\"{}\">", in->value);
    KS_HTML(&d->h, "</div>\n");
}

void ks_dash_input_choice(ks_dash *d, const ks_dash_input *in, const ks_str *values, const ks_str *words,
                          size_t n)
{
    begin(d, in);
    KS_HTML(&d->h, "<select");
    attributes(d, in);
    KS_HTML(&d->h, ">");
    for (size_t i = 0; i < n; i++) {
        KS_HTML_WITH(&d->h, "<option value=\"{}\"", values[i]);
        if (ks_str_eq(values[i], in->value))
            KS_HTML(&d->h, " selected");
        KS_HTML_WITH(&d->h, ">{}</option>", words[i]);
    }
    KS_HTML(&d->h, "</select></div>\n");
}

/* ---- the form whose failure is in cx->err ---- */

ks_status ks_dash_again(ks_dash *d)
{
    ks_err *why = ks_alloc(d->cx, sizeof *why);
    if (why == NULL)
        return KS_NO_MEMORY;
    *why = d->cx->err;
    d->wrong = why;
    ks_dash_wrong_put(d, why);
    return KS_OK;
}

bool ks_dash_refused(const ks_dash *d, const char *name)
{
    return ks_dash_wrong_of(d->wrong, ks_str_of(name)).p != NULL;
}

void ks_dash_reason(ks_dash *d, const char *name)
{
    put_reason(d, ks_str_of(name), ks_dash_wrong_of(d->wrong, ks_str_of(name)));
}

void ks_dash_text_field(ks_dash *d, const char *name, const char *label, const char *hint, ks_str value)
{
    ks_dash_input_put(d, &(ks_dash_input){.name = ks_str_of(name),
                                          .label = ks_str_of(label),
                                          .hint = ks_str_of(hint),
                                          .value = value,
                                          .wrong = d->wrong});
}

void ks_dash_confirm(ks_dash *d, const char *what, ks_str value)
{
    KS_HTML_WITH(&d->h,
                 "<div class=\"field\"><label for=\"name\">Type {}, <bdi>{}</bdi>, to go on</label>\n"
                 "<input id=\"name\" name=\"name\" required autocomplete=\"off\" autocapitalize=\"none\" "
                 "spellcheck=\"false\"></div>\n",
                 ks_str_of(what), value);
}

ks_status ks_dash_confirmed(ks_ctx *cx, const ks_form *form, ks_str value)
{
    if (ks_str_eq(ks_str_trim(ks_form_get(form, KS_S("name")), " "), ks_str_trim(value, " ")))
        return KS_OK;
    return ks_fail(cx, KS_INVALID, "name",
                   "The name that was typed is another one, so nothing was deleted. Go back and type the one "
                   "that is shown.");
}

void ks_dash_check_field(ks_dash *d, const char *name, const char *label, bool checked)
{
    KS_HTML_WITH(&d->h, "<label class=\"check\"><input type=\"checkbox\" name=\"{}\"", ks_str_of(name));
    if (checked)
        KS_HTML(&d->h, " checked");
    KS_HTML_WITH(&d->h, "> {}</label>\n", ks_str_of(label));
}
