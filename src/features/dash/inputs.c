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

/* Label, hint and error, then the attributes that belong to them behind the `<input` that comes next. */
static void begin(ks_dash *d, const ks_dash_input *in)
{
    ks_str wrong = ks_dash_wrong_of(in->wrong, in->name);
    KS_HTML_WITH(&d->h, "<div class=\"field\"><label for=\"{}\">{}</label>", in->name, in->label);
    if (in->hint.n > 0)
        KS_HTML_WITH(&d->h, "<p class=\"hint\" id=\"h-{}\">{}</p>", in->name, in->hint);
    if (wrong.p != NULL)
        KS_HTML_WITH(&d->h, "<p class=\"wrong\" id=\"e-{}\">{}</p>", in->name, wrong);
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
