/* features/links/page_find.c — where the key is found (see page.h): the link of the app file, and its steps.
 * A dozen sentences serve nearly all apps and are said in the reader's language; "Open X." and "Choose X."
 * keep the vendor's words; what else an app file says is shown as it stands, in English. */
#include "features/links/page.h"

static void put_step(const ks_page_view *v, ks_str step, ks_html *h)
{
    ks_places at = v->places;
    ks_msg    m = ks_say_known(step, KS_MSG_STEP_SIGN_IN, KS_MSG_STEP_CHOOSE, &at);
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
