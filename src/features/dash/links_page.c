/* features/dash/links_page.c — /dash/links: what became of links, and new ones. Their addresses are shown
 * once, in the answer to the form that made them. docs/dashboard.md DASH-11. */
#include "features/apps/view.h"
#include "features/dash/connections.h"
#include "features/dash/inputs.h"
#include "features/links/link.h"
#include "features/links/say.h"
#include "features/routes.h"

#define LIST_ROWS       100
#define CHOICES         200 /* integrations to choose from */
#define MINUTES_AT_MOST (KS_LINK_MAX_LIFE_S / 60)

/* ---- the list ---- */

static ks_dash_mark mark_of(ks_link_state s)
{
    return s == KS_LINK_USED ? KS_MARK_OK : s == KS_LINK_OPEN ? KS_MARK_INFO : KS_MARK_OFF;
}

static void put_row(ks_dash *d, const ks_link *l)
{
    ks_html *h = &d->h;
    KS_HTML_WITH(h, "<tr><th scope=\"row\"><bdi>{}</bdi></th><td>", l->entity_id);
    ks_dash_mark_put(d, mark_of(l->state), ks_str_of(ks_link_state_word(l->state)));
    KS_HTML_WITH(h, "</td><td><a href=\"{}/dash/connections/{}\">{}</a></td><td>", d->root, l->connection_id,
                 l->replaces ? KS_S("new key for one") : KS_S("new"));
    ks_dash_when(d, l->life.created_at);
    KS_HTML(h, "</td><td>");
    ks_dash_when(d, l->life.expires_at);
    KS_HTML_WITH(h, "</td><td class=\"num\">{}</td><td>", ks_fmt(d->cx, "%lld", (long long)l->tries));
    if (l->state == KS_LINK_OPEN && (d->cx->scopes & KS_SCOPE_CONNECT)) {
        KS_HTML_WITH(h, "<form method=\"post\" action=\"{}/dash/links/{}/revoke\">", d->root, l->id);
        ks_dash_csrf(d);
        KS_HTML_WITH(h,
                     "<button class=\"danger\" aria-label=\"Revoke the link of {}\">Revoke</button></form>",
                     l->entity_id);
    }
    KS_HTML(h, "</td></tr>\n");
}

static ks_status get_list(ks_ctx *cx, const ks_req *rq, ks_res *rs)
{
    ks_link *all;
    size_t   n;
    int64_t  total;
    ks_dash  d;
    KS_TRY(ks_link_list(cx, 0, LIST_ROWS, &all, &n, &total));
    KS_TRY(ks_dash_begin(cx, rq, rs, KS_DASH_LINKS, KS_S("Links"), &d));
    if (cx->scopes & KS_SCOPE_CONNECT)
        KS_HTML_WITH(&d.h,
                     "<p class=\"actions\"><a class=\"button\" href=\"{}/dash/links/new\">New link</a></p>\n",
                     d.root);
    if (n == 0) {
        ks_dash_empty(&d,
                      "No link was made yet. One lets a person type a credential into a page of yours, once:",
                      KS_S("keysteward link create demo --entity user_42"));
    } else {
        KS_DASH_TABLE(&d, "Links, the newest first", "Entity", "State", "For", "Made", "Ends", "Tries", "");
        for (size_t i = 0; i < n; i++)
            put_row(&d, &all[i]);
        ks_dash_table_end(&d);
        if (total > (int64_t)n)
            KS_HTML_WITH(&d.h, "<p class=\"hint\">The newest {} of {}.</p>\n", ks_fmt(cx, "%zu", n),
                         ks_fmt(cx, "%lld", (long long)total));
    }
    return KS_DASH_END(&d, KS_S("keysteward link list"), KS_S("keysteward link create APP --entity ENTITY"),
                       KS_S("keysteward link revoke ID"));
}

/* ---- a new one ---- */

static void put_integrations(ks_dash *d, const ks_integration *all, size_t n, ks_str chosen)
{
    KS_HTML(&d->h, "<div class=\"field\"><label for=\"integration\">Integration</label>"
                   "<select id=\"integration\" name=\"integration\">\n");
    for (size_t i = 0; i < n; i++) {
        KS_HTML_WITH(&d->h, "<option value=\"{}\"", all[i].id);
        if (ks_str_eq(all[i].id, chosen))
            KS_HTML(&d->h, " selected");
        KS_HTML_WITH(&d->h, ">{}: {} ({})</option>\n", ks_dash_app_name(d->cx, all[i].app), all[i].name,
                     all[i].scheme);
    }
    KS_HTML(&d->h, "</select></div>\n");
}

static void put_languages(ks_dash *d)
{
    KS_HTML(&d->h,
            "<div class=\"field\"><label for=\"language\">Language</label>"
            "<select id=\"language\" name=\"language\"><option value=\"\">as the browser asks</option>");
    for (size_t i = 0; i < ks_langs_n; i++)
        KS_HTML_WITH(&d->h, "<option value=\"{}\">{}</option>", ks_langs[i].code, ks_langs[i].name);
    KS_HTML(&d->h, "</select></div>\n");
}

static ks_status get_new(ks_ctx *cx, const ks_req *rq, ks_res *rs)
{
    ks_integration       *all;
    size_t                n;
    int64_t               total;
    ks_dash               d;
    ks_integration_filter filter = {.limit = CHOICES};
    KS_TRY(ks_integration_search(cx, &filter, &all, &n, &total));
    KS_TRY(ks_dash_begin(cx, rq, rs, KS_DASH_LINKS, KS_S("New link"), &d));
    if (n == 0) {
        ks_dash_empty(&d, "A link belongs to an integration, and there is none. This makes both:",
                      KS_S("keysteward link create APP --entity user_42"));
        return KS_DASH_END(&d, KS_S("keysteward integration create APP"));
    }
    KS_HTML_WITH(&d.h, "<form class=\"card\" method=\"post\" action=\"{}/dash/links/new\">\n", d.root);
    ks_dash_csrf(&d);
    put_integrations(&d, all, n, ks_req_query(cx, rq, "integration"));
    ks_dash_text_field(&d, "entity", "Entity", "Your name for the person who will open it.",
                       ks_req_query(cx, rq, "entity"));
    ks_dash_text_field(&d, "life", "Life in minutes", "How long it can be opened; a day at most.",
                       KS_S("15"));
    ks_dash_text_field(&d, "return_url", "Return URL (optional)", "Where the person goes when the key works.",
                       KS_NO_STR);
    ks_dash_text_field(&d, "origins", "Allowed origins (optional)",
                       "Sites that may show the form in a frame, with blanks between: "
                       "https://app.example.com. Left empty, those of the settings.",
                       KS_NO_STR);
    put_languages(&d);
    KS_HTML(&d.h, "<button>Make the link</button>\n</form>\n");
    return KS_DASH_END(&d, KS_S("keysteward link create --integration ID --entity ENTITY --life MINUTES"));
}

/* "https://a.example https://b.example" as a JSON array; NULL for none. */
static ks_status origins_of(ks_ctx *cx, ks_str text, ks_json **out)
{
    ks_str  one;
    ks_buf *b = ks_ctx_buf(cx, 6 * text.n + 64);
    *out = NULL;
    if (b == NULL)
        return KS_NO_MEMORY;
    if (ks_str_trim(text, " ").n == 0)
        return KS_OK;
    ks_jw w = ks_jw_new(b);
    ks_jw_arr(&w, NULL);
    while (ks_str_cut(&text, ' ', &one)) {
        if (one.n > 0)
            ks_jw_str(&w, NULL, one);
    }
    ks_jw_end(&w, ']');
    return ks_json_parse(cx, ks_buf_view(b), out);
}

static ks_status wish_of(ks_ctx *cx, const ks_form *form, ks_link_wish *wish)
{
    ks_json *origins;
    uint64_t minutes = 0;
    ks_str   life = ks_str_trim(ks_form_get(form, KS_S("life")), " ");
    if (life.n > 0 && (!ks_str_u64(life, &minutes) || minutes < 1 || minutes > MINUTES_AT_MOST))
        return ks_fail(cx, KS_INVALID, "life", "Life is a number of minutes from 1 to %d.", MINUTES_AT_MOST);
    KS_TRY(origins_of(cx, ks_form_get(form, KS_S("origins")), &origins));
    *wish = (ks_link_wish){.entity_id = ks_str_trim(ks_form_get(form, KS_S("entity")), " "),
                           .entity_field = "entity",
                           .return_url = ks_str_trim(ks_form_get(form, KS_S("return_url")), " "),
                           .return_field = "return_url",
                           .lang = ks_form_get(form, KS_S("language")),
                           .origins = origins,
                           .path = "data.",
                           .life_s = (int64_t)minutes * 60};
    KS_TRY(ks_integration_get(cx, ks_form_get(form, KS_S("integration")), &wish->integration));
    return ks_catalog_need_app(cx, ks_catalog_of(cx), "integration", wish->integration.app, &wish->app);
}

ks_status ks_dash_link_made(ks_ctx *cx, const ks_req *rq, ks_res *rs, ks_change *change,
                            const ks_link_wish *wish)
{
    ks_link l;
    ks_str  token, url;
    ks_dash d;
    KS_TRY(ks_link_add(cx, change, wish, &l, &token));
    KS_TRY(ks_link_url(cx, rq, token, &url));
    KS_TRY(ks_dash_begin(cx, rq, rs, KS_DASH_LINKS, KS_S("The link"), &d));
    KS_HTML_WITH(&d.h, "<div class=\"card\"><p>For <bdi>{}</bdi> and one use; it ends ", l.entity_id);
    ks_dash_when(&d, l.life.expires_at);
    KS_HTML(&d.h, ". It is shown this once.</p>\n");
    ks_dash_copy(&d, url);
    KS_HTML_WITH(&d.h, "<p class=\"actions\"><a class=\"button plain\" href=\"{}\">Open it yourself</a> ",
                 url);
    KS_HTML_WITH(&d.h,
                 "<a class=\"button plain\" href=\"{}/dash/connections/{}\">Its connection</a></p></div>\n",
                 d.root, l.connection_id);
    return KS_DASH_END(&d, KS_S("keysteward link list"),
                       ks_fmt(cx, "keysteward link revoke " KS_FMT, KS_ARG(l.id)));
}

static ks_status post_new(ks_ctx *cx, const ks_req *rq, ks_res *rs)
{
    ks_form      form;
    ks_link_wish wish;
    ks_change   *change;
    KS_TRY(ks_dash_posted(cx, rq, &form));
    KS_TRY(wish_of(cx, &form, &wish));
    KS_TRY(ks_change_new(cx, &change));
    return ks_res_commit_built(cx, rq, rs, change, ks_dash_link_made(cx, rq, rs, change, &wish));
}

static ks_status post_revoke(ks_ctx *cx, const ks_req *rq, ks_res *rs)
{
    ks_form    form;
    ks_change *change;
    KS_TRY(ks_dash_posted(cx, rq, &form));
    KS_TRY(ks_dash_go(cx, rs, KS_S("/dash/links"), KS_DONE_REVOKED));
    KS_TRY(ks_change_new(cx, &change));
    return ks_res_commit_built(cx, rq, rs, change, ks_link_revoke_add(cx, change, ks_req_param(rq, "id")));
}

#define P(method, path, scope, run, flags, text)                                                             \
    {                                                                                                        \
        method, path, KS_SCOPE_##scope, run, KS_VIEW_PAGE, KS_SESSION | (flags), text                        \
    }
const ks_route ks_dash_links_routes[] = {
    P("GET", "/dash/links", READ, get_list, KS_WORKER, "links and what became of them"),
    P("GET", "/dash/links/new", CONNECT, get_new, KS_WORKER, "a form for a new one"),
    P("POST", "/dash/links/new", CONNECT, post_new, KS_ONCE, "make it; its address, this once"),
    P("POST", "/dash/links/{id}/revoke", CONNECT, post_revoke, KS_ONCE, "end one now"),
    {0},
};
