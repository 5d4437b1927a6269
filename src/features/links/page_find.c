/* features/links/page_find.c — where the key is found (see page.h): the link of the app file, and its steps.
 * A dozen sentences serve nearly all apps and are said in the reader's language; "Open X." and "Choose X."
 * keep the vendor's words; what else an app file says is shown as it stands, in English. */
#include "features/links/page.h"

#define WORDS_MAX 60 /* bytes: more than that is a sentence, no name of a menu */

/* Are these the words of a button or a menu: each begins with a capital, and no sentence goes on? */
static bool vendor_words(ks_str words)
{
    ks_str rest = words, one;
    while (ks_str_cut(&rest, ' ', &one)) {
        if (one.n == 0 || (!(one.p[0] >= 'A' && one.p[0] <= 'Z') && !ks_str_eq(one, KS_S("keys")) &&
                           !ks_str_eq(one, KS_S("tokens"))))
            return false;
    }
    return words.n > 0 && words.n <= WORDS_MAX && ks_str_chr(words, ',') == SIZE_MAX;
}

/* Is `step` the English sentence `m` around words of the vendor? */
static bool around(ks_str step, ks_msg m, ks_str *words)
{
    ks_str pattern = ks_langs[0].text[m];
    size_t at = ks_str_chr(pattern, ks_say_bytes[KS_AT_WORDS]);
    ks_str head = ks_str_sub(pattern, 0, at), tail = ks_str_sub(pattern, at + 1, SIZE_MAX);
    if (step.n <= head.n + tail.n || !ks_str_starts(step, head) || !ks_str_ends(step, tail))
        return false;
    *words = ks_str_sub(step, head.n, step.n - head.n - tail.n);
    return vendor_words(*words);
}

static void put_step(const ks_page_view *v, ks_str step, ks_html *h)
{
    ks_places at = v->places;
    ks_msg    m = ks_say_known(step, KS_MSG_STEP_SIGN_IN, KS_MSG_STEP_ENTER_USER, &v->places);
    if (m == KS_MSGS && around(step, KS_MSG_STEP_OPEN, &at.at[KS_AT_WORDS]))
        m = KS_MSG_STEP_OPEN;
    if (m == KS_MSGS && around(step, KS_MSG_STEP_CHOOSE, &at.at[KS_AT_WORDS]))
        m = KS_MSG_STEP_CHOOSE;
    if (m == KS_MSGS) {
        KS_HTML_WITH(h, "<li lang=\"en\" dir=\"ltr\">{}</li>\n", step);
        return;
    }
    KS_HTML(h, "<li>");
    ks_say(h, v->lang, m, &at);
    KS_HTML(h, "</li>\n");
}

void ks_page_find(const ks_page_view *v, ks_html *h)
{
    const ks_app_scheme *s = v->scheme;
    bool                 plain = ks_str_starts(s->find_url, KS_S("https://")) &&
                 ks_str_find(s->find_url, KS_S("{{")) == SIZE_MAX;
    if (!plain && s->find_steps.n == 0)
        return;
    KS_HTML_WITH(h, "<details>\n<summary>{}</summary>\n<ol>\n", v->lang->text[KS_MSG_WHERE]);
    if (plain) {
        KS_HTML_WITH(h, "<li><a href=\"{}\" target=\"_blank\" rel=\"noopener noreferrer\">", s->find_url);
        ks_say(h, v->lang, KS_MSG_FIND_OPEN, &v->places);
        KS_HTML(h, "</a></li>\n");
    }
    for (size_t i = 0; i < s->find_steps.n; i++)
        put_step(v, s->find_steps.at[i], h);
    KS_HTML(h, "</ol>\n</details>\n");
}
