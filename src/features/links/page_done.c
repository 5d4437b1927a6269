/* features/links/page_done.c — the page that says how it went: five verdicts and their next steps (see
 * page.h). */
#include "features/links/page.h"

#include "http/reply.h"

/* A verdict in words. */
typedef struct outcome {
    ks_msg title, text;
    bool   good;  /* nothing is left to be done */
    bool   again; /* another key may do better */
} outcome;

static outcome outcome_of(ks_str verdict, bool account)
{
    if (ks_str_eq(verdict, KS_S("verified")))
        return (outcome){KS_MSG_DONE_TITLE, account ? KS_MSG_DONE_ACCOUNT : KS_MSG_DONE, true, false};
    if (ks_str_eq(verdict, KS_S("limited")))
        return (outcome){KS_MSG_LIMITED_TITLE, KS_MSG_LIMITED, false, true};
    if (ks_str_eq(verdict, KS_S("unreachable")))
        return (outcome){KS_MSG_UNREACHABLE_TITLE, KS_MSG_UNREACHABLE, false, true};
    if (ks_str_eq(verdict, KS_S("uncheckable")))
        return (outcome){KS_MSG_SAVED_TITLE, KS_MSG_UNCHECKABLE, false, true};
    return (outcome){KS_MSG_SAVED_TITLE, KS_MSG_UNCHECKED, false, true};
}

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

/* What the app file says besides: in English, for people who develop. */
static void reason(const ks_page_view *v, ks_html *h)
{
    if (ks_str_eq(v->connection.verdict, KS_S("limited")) && v->connection.status_reason.n > 0)
        KS_HTML_WITH(h, "<p lang=\"en\" dir=\"ltr\">{}</p>\n", v->connection.status_reason);
}

static void next_steps(ks_ctx *cx, const ks_page_view *v, const outcome *o, ks_html *h)
{
    ks_str back = ks_link_return(cx, v->link, "success");
    if (back.p != NULL)
        KS_HTML_WITH(h, "<p><a class=\"button\" href=\"{}\">{}</a></p>\n", back,
                     v->lang->text[KS_MSG_BUTTON_CONTINUE]);
    if (o->again && ks_link_again_may(v->link))
        KS_HTML_WITH(h, "<p><a class=\"button plain\" href=\"../connect/{}\">{}</a></p>\n",
                     ks_link_again_token(cx, v->link), v->lang->text[KS_MSG_BUTTON_ANOTHER]);
    if (back.p == NULL)
        KS_HTML_WITH(h, "<p>{}</p>\n", v->lang->text[KS_MSG_CLOSE]);
}

ks_status ks_page_done(ks_ctx *cx, ks_res *rs, const ks_page_view *v)
{
    ks_html   h;
    ks_str    account;
    ks_places at = v->places;
    KS_TRY(account_of(cx, &v->connection, &account));
    at.at[KS_AT_ACCOUNT] = account;
    outcome             o = outcome_of(v->connection.verdict, account.n > 0);
    const ks_page_frame f = {
        .status = 200, .lang = v->lang, .title = v->lang->text[o.title], .view = v, .state = KS_S("done")};
    KS_TRY(ks_page_begin(cx, rs, &f, &h));
    KS_HTML_WITH(&h, "<div class=\"box {}\" role=\"status\" data-account=\"{}\">\n<h1>{}</h1>\n<p>",
                 o.good ? KS_S("done") : KS_S("note"), account.p ? account : KS_S(""), f.title);
    ks_say(&h, v->lang, o.text, &at);
    KS_HTML(&h, "</p>\n");
    reason(v, &h);
    KS_HTML(&h, "</div>\n");
    next_steps(cx, v, &o, &h);
    return ks_page_end(cx, &h);
}
