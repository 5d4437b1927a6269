/* features/links/page_find.c — where the key is found (see page.h): the link of the app file, and its steps.
 * Two dozen sentences serve nearly all apps and are said in the reader's language. `Open "X".`, `Choose "X".`
 * and `Copy "X".` keep the vendor's words between the quotes; what else an app file says is shown as it
 * stands, in English. */
#include "features/links/page.h"

/* Is `step` the English sentence `m` around words of the vendor, which stand in quotes? */
static bool around(ks_str step, ks_msg m, ks_str *words)
{
    ks_str pattern = ks_langs[0].text[m];
    size_t at = ks_str_chr(pattern, ks_say_bytes[KS_AT_WORDS]);
    ks_str head = ks_str_sub(pattern, 0, at), tail = ks_str_sub(pattern, at + 1, SIZE_MAX);
    if (step.n < head.n + tail.n + 3 || !ks_str_starts(step, head) || !ks_str_ends(step, tail))
        return false;
    ks_str quoted = ks_str_sub(step, head.n, step.n - head.n - tail.n);
    *words = ks_str_sub(quoted, 1, quoted.n - 2);
    return quoted.p[0] == '"' && ks_str_chr(ks_str_sub(quoted, 1, SIZE_MAX), '"') == words->n;
}

/* The sentence that `step` is in English, with the vendor's words in their place; KS_MSGS: none. */
static ks_msg known(ks_str step, ks_places *at)
{
    for (int m = KS_MSG_STEP_OPEN; m <= (int)KS_MSG_STEP_COPY_ONCE; m++) {
        if (around(step, (ks_msg)m, &at->at[KS_AT_WORDS]))
            return (ks_msg)m;
    }
    return ks_say_known(step, KS_MSG_STEP_SIGN_IN, KS_MSG_STEP_ENTER_USER, at);
}

static void put_known(const ks_page_view *v, ks_msg m, const ks_places *at, ks_html *h)
{
    KS_HTML(h, "<li>");
    ks_say(h, v->lang, m, at);
    KS_HTML(h, "</li>\n");
}

static void put_step(const ks_page_view *v, ks_str step, ks_html *h)
{
    ks_places at = v->places;
    ks_msg    m = known(step, &at);
    if (m != KS_MSGS)
        put_known(v, m, &at, h);
    else
        KS_HTML_WITH(h, "<li lang=\"en\" dir=\"ltr\">{}</li>\n", step);
}

/* Nothing is known of this vendor: what holds of nearly all of them, by what is asked for. */
static void put_general(const ks_page_view *v, ks_html *h)
{
    static const struct {
        const char *field;
        ks_msg      first, then;
    } rows[] = {
        {"client_id", KS_MSG_STEP_SIGN_IN_CLIENTS, KS_MSG_STEP_COPY_PAIR},
        {"password", KS_MSG_STEP_MAKE_USER, KS_MSG_STEP_ENTER_USER},
        {"token", KS_MSG_STEP_SIGN_IN, KS_MSG_STEP_CREATE_TOKEN},
    };
    ks_msg first = KS_MSG_STEP_SIGN_IN, then = KS_MSG_STEP_CREATE_KEY;
    for (size_t i = KS_COUNT(rows); i-- > 0;) {
        if (ks_app_field_find(v->scheme, ks_str_of(rows[i].field)) == NULL)
            continue;
        first = rows[i].first;
        then = rows[i].then;
    }
    put_known(v, first, &v->places, h);
    put_known(v, then, &v->places, h);
}

void ks_page_find(const ks_page_view *v, ks_html *h)
{
    const ks_app_scheme *s = v->scheme;
    bool                 plain = ks_str_starts(s->find_url, KS_S("https://")) &&
                 ks_str_find(s->find_url, KS_S("{{")) == SIZE_MAX;
    if (s->fields_n == 0 || v->app->ghost_only)
        return;
    KS_HTML_WITH(h, "<details>\n<summary>{}</summary>\n<ol>\n", v->lang->text[KS_MSG_WHERE]);
    if (plain) {
        KS_HTML_WITH(h, "<li><a href=\"{}\" target=\"_blank\" rel=\"noopener noreferrer\">", s->find_url);
        ks_say(h, v->lang, KS_MSG_FIND_OPEN, &v->places);
        KS_HTML(h, "</a></li>\n");
    }
    for (size_t i = 0; i < s->find_steps.n; i++)
        put_step(v, s->find_steps.at[i], h);
    if (!plain && s->find_steps.n == 0)
        put_general(v, h);
    KS_HTML(h, "</ol>\n</details>\n");
}
