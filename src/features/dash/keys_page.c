/* features/dash/keys_page.c — /dash/keys: the API keys of the project, and what administrators do with them.
 * What is made, revoked and unfrozen waits for the store, so it runs on workers. docs/dashboard.md DASH-30 to
 * DASH-33. */
#include "features/dash/frame.h"
#include "features/dash/inputs.h"
#include "features/routes.h"
#include "features/tokens/tokens.h"

#define LIST_ROWS 1000
#define MAX_DAYS  36500

static bool may_change(const ks_ctx *cx)
{
    return (cx->scopes & KS_SCOPE_ADMIN) != 0;
}

/* ---- the list ---- */

static bool is_over(const ks_ctx *cx, const ks_key *k)
{
    return k->expires_at != 0 && k->expires_at <= cx->now_us;
}

static void put_state(ks_dash *d, const ks_key *k)
{
    if (k->revoked_at != 0) {
        ks_dash_mark_put(d, KS_MARK_OFF, KS_S("Revoked"));
        KS_HTML(&d->h, " ");
        ks_dash_when(d, k->revoked_at);
    } else if (is_over(d->cx, k)) {
        ks_dash_mark_put(d, KS_MARK_OFF, KS_S("Ended"));
    } else if (k->frozen_at != 0) {
        ks_dash_mark_put(d, KS_MARK_BAD, ks_fmt(d->cx, "Frozen: " KS_FMT, KS_ARG(k->frozen_why)));
    } else {
        ks_dash_mark_put(d, KS_MARK_OK, KS_S("Works"));
    }
}

static ks_str rights_of(ks_ctx *cx, const ks_key *k)
{
    ks_str all = KS_S("");
    for (unsigned one = 1; one <= KS_SCOPE_KEY; one <<= 1) {
        if (k->scopes & KS_SCOPE_KEY & one)
            all = ks_fmt(cx, KS_FMT "%s" KS_FMT, KS_ARG(all), all.n > 0 ? ", " : "",
                         KS_ARG(ks_scope_name(one)));
    }
    return all;
}

static void put_actions(ks_dash *d, const ks_key *k)
{
    ks_html *h = &d->h;
    if (!may_change(d->cx) || k->revoked_at != 0)
        return;
    if (k->frozen_at != 0) {
        KS_HTML_WITH(h, "<form method=\"post\" action=\"{}/dash/keys/{}/unfreeze\">", d->root, k->id);
        ks_dash_csrf(d);
        KS_HTML_WITH(h, "<button class=\"plain\" aria-label=\"Unfreeze {}\">Unfreeze</button></form> ",
                     k->name);
    }
    KS_HTML_WITH(h,
                 "<a class=\"button danger\" href=\"{}/dash/keys/{}/revoke\" aria-label=\"Revoke {}\">"
                 "Revoke...</a>",
                 d->root, k->id, k->name);
}

static void put_row(ks_dash *d, const ks_key *k)
{
    ks_html *h = &d->h;
    ks_str   limits = ks_key_limits(d->cx, k);
    KS_HTML_WITH(h, "<tr><th scope=\"row\"><bdi>{}</bdi></th><td><code>{}...</code></td><td>{}</td>", k->name,
                 k->prefix, rights_of(d->cx, k));
    KS_HTML_WITH(h, "<td><bdi>{}</bdi></td><td>", limits.n > 0 ? limits : KS_S("none"));
    ks_dash_when(d, k->created_at);
    KS_HTML(h, "</td><td>");
    ks_dash_when(d, k->used_at);
    KS_HTML(h, "</td><td>");
    ks_dash_when(d, k->expires_at);
    KS_HTML(h, "</td><td>");
    put_state(d, k);
    KS_HTML(h, "</td><td>");
    put_actions(d, k);
    KS_HTML(h, "</td></tr>\n");
}

static void put_lead(ks_dash *d)
{
    if (may_change(d->cx))
        KS_HTML_WITH(
            &d->h, "<p class=\"actions\"><a class=\"button\" href=\"{}/dash/keys/new\">New API key</a></p>\n",
            d->root);
    else
        KS_HTML(&d->h,
                "<p class=\"box\">You have signed in with an API key, and an API key never makes, revokes or "
                "unfreezes another. Whoever may use the machine of the server can: "
                "<code>keysteward dash</code> signs them in.</p>\n");
}

static ks_status get_list(ks_ctx *cx, const ks_req *rq, ks_res *rs)
{
    ks_key *all;
    size_t  n;
    ks_dash d;
    KS_TRY(ks_key_list(cx, ks_session_of(cx)->project, LIST_ROWS, &all, &n));
    KS_TRY(ks_dash_begin(cx, rq, rs, KS_DASH_KEYS, KS_S("API keys"), &d));
    put_lead(&d);
    if (n == 0) {
        ks_dash_empty(&d, "This project has no API key. One lets your program speak to Keysteward:",
                      KS_S("keysteward key create --project NAME"));
    } else {
        KS_DASH_TABLE(&d, "API keys, the oldest first", "Name", "Key", "Rights", "Limits", "Made", "Used",
                      "Ends", "State", "");
        for (size_t i = 0; i < n; i++)
            put_row(&d, &all[i]);
        ks_dash_table_end(&d);
        if (n == LIST_ROWS)
            KS_HTML(&d.h, "<p class=\"hint\">Later ones are not shown here.</p>\n");
    }
    return KS_DASH_END(&d, KS_S("keysteward key list"), KS_S("keysteward key create --project NAME"),
                       KS_S("keysteward key revoke ID"), KS_S("keysteward key unfreeze ID"));
}

/* ---- a new one ---- */

static const struct {
    const char *name, *label;
    bool        usual;
} rights[] = {
    {"read", "read: look at anything, never at a credential", true},
    {"connect", "connect: make, change and delete integrations and connections", true},
    {"act", "act: use connections", true},
    {"dashboard", "dashboard: sign in to these pages", false},
};

static ks_str shown(const ks_form *posted, const char *name)
{
    return posted != NULL ? ks_form_get(posted, ks_str_of(name)) : KS_NO_STR;
}

static void put_rights(ks_dash *d, const ks_form *posted)
{
    KS_HTML(&d->h, "<fieldset><legend>Rights</legend>\n");
    ks_dash_reason(d, "scopes");
    for (size_t i = 0; i < KS_COUNT(rights); i++)
        ks_dash_check_field(d, rights[i].name, rights[i].label,
                            posted != NULL ? shown(posted, rights[i].name).n > 0 : rights[i].usual);
    KS_HTML(&d->h, "</fieldset>\n");
}

static void put_entities(ks_dash *d, const ks_form *posted)
{
    KS_HTML(&d->h,
            "<div class=\"field\"><label for=\"entities\">Entities (optional)</label>"
            "<p class=\"hint\" id=\"h-entities\">Only these, one a line; <code>team_a:*</code> is all that "
            "begin so.</p>");
    ks_dash_reason(d, "entities");
    KS_HTML(&d->h, "<textarea id=\"entities\" name=\"entities\" rows=\"3\" autocapitalize=\"none\" "
                   "spellcheck=\"false\" aria-describedby=\"h-entities\"");
    if (ks_dash_refused(d, "entities"))
        KS_HTML(&d->h, " aria-invalid=\"true\"");
    KS_HTML_WITH(&d->h, ">{}</textarea></div>\n", shown(posted, "entities"));
}

static ks_status draw_new(ks_ctx *cx, const ks_req *rq, ks_res *rs, const ks_form *posted)
{
    ks_dash d;
    KS_TRY(ks_dash_begin(cx, rq, rs, KS_DASH_KEYS, KS_S("New API key"), &d));
    if (posted != NULL)
        KS_TRY(ks_dash_again(&d));
    KS_HTML_WITH(&d.h, "<form class=\"card\" method=\"post\" action=\"{}/dash/keys/new\">\n", d.root);
    ks_dash_csrf(&d);
    ks_dash_text_field(&d, "name", "Name", "What it is for, shown in lists.", shown(posted, "name"));
    put_rights(&d, posted);
    ks_dash_check_field(&d, "read_only", "read-only: acts with what reads, and changes nothing here",
                        shown(posted, "read_only").n > 0);
    ks_dash_text_field(&d, "apps", "Apps (optional)", "Only these, by key, with commas: stripe, github",
                       shown(posted, "apps"));
    put_entities(&d, posted);
    ks_dash_text_field(&d, "expires_in_s", "Ends after days (optional)", "Left empty, it does not end.",
                       shown(posted, "expires_in_s"));
    KS_HTML(&d.h, "<button>Make the key</button>\n</form>\n");
    return KS_DASH_END(
        &d, KS_S("keysteward key create --project NAME --name TEXT --scopes read,act --expires DAYS"));
}

static ks_status get_new(ks_ctx *cx, const ks_req *rq, ks_res *rs)
{
    return draw_new(cx, rq, rs, NULL);
}

/* The parts of `text`, without those that are empty. */
static ks_status parts_of(ks_ctx *cx, ks_str text, char separator, ks_strs *out)
{
    ks_str part;
    *out = (ks_strs){ks_alloc(cx, (text.n + 1) * sizeof *out->at), 0};
    if (out->at == NULL)
        return KS_NO_MEMORY;
    while (ks_str_cut(&text, separator, &part)) {
        part = ks_str_trim(part, " \r");
        if (part.n > 0)
            out->at[out->n++] = part;
    }
    return KS_OK;
}

static ks_status wish_of(ks_ctx *cx, const ks_form *form, ks_key_wish *wish)
{
    uint64_t days = 0;
    ks_str   ends = ks_str_trim(ks_form_get(form, KS_S("expires_in_s")), " ");
    *wish = (ks_key_wish){.project = ks_session_of(cx)->project,
                          .name = ks_str_trim(ks_form_get(form, KS_S("name")), " "),
                          .read_only = ks_form_get(form, KS_S("read_only")).n > 0};
    for (size_t i = 0; i < KS_COUNT(rights); i++) {
        if (ks_form_get(form, ks_str_of(rights[i].name)).n > 0)
            wish->scopes |= ks_scope_parse(ks_str_of(rights[i].name));
    }
    if (wish->scopes == 0)
        return ks_fail(cx, KS_INVALID, "scopes", "Choose at least one right.");
    if (ends.n > 0 && (!ks_str_u64(ends, &days) || days < 1 || days > MAX_DAYS))
        return ks_fail(cx, KS_INVALID, "expires_in_s", "The end is a number of days from 1 to %d.", MAX_DAYS);
    wish->expires_in_s = (int64_t)days * 86400;
    KS_TRY(parts_of(cx, ks_form_get(form, KS_S("apps")), ',', &wish->apps));
    return parts_of(cx, ks_form_get(form, KS_S("entities")), '\n', &wish->entities);
}

static ks_status show_made(ks_ctx *cx, const ks_req *rq, ks_res *rs, const ks_key *k, ks_str key)
{
    ks_dash d;
    KS_TRY(ks_dash_begin(cx, rq, rs, KS_DASH_KEYS, KS_S("The API key"), &d));
    KS_HTML_WITH(&d.h,
                 "<div class=\"card\"><p>It is called <bdi>{}</bdi>. It is shown this once: keep it like a "
                 "password.</p>\n",
                 k->name);
    ks_dash_copy(&d, key);
    KS_HTML(&d.h, "<p>For a shell:</p>\n");
    ks_dash_copy(&d, ks_fmt(cx, "export KEYSTEWARD_API_KEY=" KS_FMT, KS_ARG(key)));
    KS_HTML_WITH(
        &d.h,
        "<p class=\"actions\"><a class=\"button plain\" href=\"{}/dash/keys\">All API keys</a></p></div>\n",
        d.root);
    return KS_DASH_END(&d, ks_fmt(cx, "keysteward key revoke " KS_FMT, KS_ARG(k->id)));
}

static ks_status post_new(ks_ctx *cx, const ks_req *rq, ks_res *rs)
{
    ks_form          form;
    ks_key_wish      wish;
    ks_key           made;
    ks_api_key_parts parts;
    KS_TRY(ks_dash_posted(cx, rq, &form));
    ks_status st = wish_of(cx, &form, &wish);
    if (st == KS_OK)
        st = ks_key_create(cx, &wish, &made, &parts);
    if (st == KS_INVALID)
        return draw_new(cx, rq, rs, &form);
    KS_TRY(st);
    return show_made(cx, rq, rs, &made, ks_api_key_once(&parts));
}

/* ---- revoke and unfreeze ---- */

static ks_status get_revoke(ks_ctx *cx, const ks_req *rq, ks_res *rs)
{
    ks_key  k;
    ks_dash d;
    KS_TRY(ks_key_get(cx, ks_req_param(rq, "id"), &k));
    KS_TRY(ks_dash_begin(cx, rq, rs, KS_DASH_KEYS, ks_fmt(cx, "Revoke " KS_FMT "?", KS_ARG(k.name)), &d));
    KS_HTML(&d.h, "<div class=\"box warn\"><p>It was used ");
    ks_dash_when(&d, k.used_at);
    KS_HTML_WITH(
        &d.h,
        ". Whatever calls with <code>{}...</code> is refused from then on, and browsers that signed in "
        "with it are signed out. It cannot be undone.</p></div>\n",
        k.prefix);
    KS_HTML_WITH(&d.h, "<form method=\"post\" action=\"{}/dash/keys/{}/revoke\">\n", d.root, k.id);
    ks_dash_csrf(&d);
    KS_HTML_WITH(&d.h,
                 "<p class=\"actions\"><button class=\"danger\">Revoke</button> "
                 "<a class=\"button plain\" href=\"{}/dash/keys\">Keep it</a></p></form>\n",
                 d.root);
    return KS_DASH_END(&d, ks_fmt(cx, "keysteward key revoke " KS_FMT, KS_ARG(k.id)));
}

static ks_status post_revoke(ks_ctx *cx, const ks_req *rq, ks_res *rs)
{
    ks_form form;
    ks_key  k;
    KS_TRY(ks_dash_posted(cx, rq, &form));
    KS_TRY(ks_key_get(cx, ks_req_param(rq, "id"), &k));
    KS_TRY(ks_key_revoke(cx, k.id));
    return ks_dash_go(cx, rs, KS_S("/dash/keys"), KS_DONE_REVOKED);
}

static ks_status post_unfreeze(ks_ctx *cx, const ks_req *rq, ks_res *rs)
{
    ks_form form;
    ks_key  k;
    KS_TRY(ks_dash_posted(cx, rq, &form));
    KS_TRY(ks_key_get(cx, ks_req_param(rq, "id"), &k));
    KS_TRY(ks_key_unfreeze(cx, k.id));
    return ks_dash_go(cx, rs, KS_S("/dash/keys"), KS_DONE_UNFROZEN);
}

#define P(method, path, scope, run, flags, text)                                                             \
    {                                                                                                        \
        method, path, KS_SCOPE_##scope, run, KS_VIEW_PAGE, KS_SESSION | (flags), text                        \
    }
const ks_route ks_dash_keys_routes[] = {
    P("GET", "/dash/keys", READ, get_list, KS_WORKER, "API keys of the project, never the keys"),
    P("GET", "/dash/keys/new", ADMIN, get_new, 0, "a form for a new one"),
    P("POST", "/dash/keys/new", ADMIN, post_new, KS_WORKER | KS_ONCE, "make it; shown this once"),
    P("GET", "/dash/keys/{id}/revoke", ADMIN, get_revoke, 0, "what revoking it would do"),
    P("POST", "/dash/keys/{id}/revoke", ADMIN, post_revoke, KS_WORKER | KS_ONCE, "revoke it"),
    P("POST", "/dash/keys/{id}/unfreeze", ADMIN, post_unfreeze, KS_WORKER | KS_ONCE, "let it work again"),
    {0},
};
