/* features/dash/connection_page.c — /dash/connections/ID: one connection, and what can be done with it. The
 * changes are those of connection.h, with its records. docs/dashboard.md DASH-8 to DASH-10. */
#include "features/apps/view.h"
#include "features/dash/calls.h"
#include "features/dash/connections.h"
#include "features/dash/inputs.h"
#include "features/links/link.h"
#include "features/routes.h"

#define LAST_CALLS     20
#define USED_LATELY_US (7 * INT64_C(86400000000)) /* then its name is asked for before it goes */

static ks_str path_of(ks_ctx *cx, ks_str id)
{
    return ks_fmt(cx, "/dash/connections/" KS_FMT, KS_ARG(id));
}

/* A heading for it: who, with what. */
static ks_str name_of(ks_ctx *cx, const ks_connection *c)
{
    ks_str app = ks_dash_app_name(cx, c->app);
    return ks_fmt(cx, KS_FMT ", " KS_FMT, KS_ARG(app), KS_ARG(c->entity_id));
}

/* ---- what is known of it ---- */

static void put_facts(ks_dash *d, const ks_connection *c)
{
    ks_html *h = &d->h;
    ks_str   word;
    KS_HTML(h, "<dl class=\"facts\">\n");
    KS_HTML_WITH(h, "<dt>Status</dt><dd data-state=\"{}\">", c->id);
    ks_dash_mark mark = ks_dash_connection_state(d->cx, c, &word);
    ks_dash_mark_put(d, mark, word);
    KS_HTML(h, "</dd>\n");
    ks_dash_fact(d, "Account", ks_dash_account(d->cx, c));
    KS_HTML_WITH(h, "<dt>Id</dt><dd><code>{}</code></dd>\n", c->id);
    KS_HTML_WITH(h, "<dt>App</dt><dd><a href=\"{}/dash/apps/{}\">{}</a></dd>\n", d->root, c->app,
                 ks_dash_app_name(d->cx, c->app));
    KS_HTML_WITH(h, "<dt>Integration</dt><dd><a href=\"{}/dash/integrations/{}\"><code>{}</code></a></dd>\n",
                 d->root, c->integration_id, c->integration_id);
    ks_dash_fact(d, "Scheme", c->scheme);
    ks_dash_fact_time(d, "Connected", c->created_at);
    ks_dash_fact_time(d, "Checked", c->verified_at);
    ks_dash_fact_time(d, "Used", c->used_at);
    ks_dash_fact(d, "Uses", ks_fmt(d->cx, "%lld", (long long)c->uses));
    KS_HTML(h, "</dl>\n");
}

/* Secrets as their first characters at most (rule S4); an absent value is told, too. */
static void put_fields(ks_dash *d, const ks_credential *values)
{
    KS_DASH_TABLE(d, "Fields", "Field", "Value", "Secret");
    for (size_t i = 0; i < values->scheme->fields_n; i++) {
        const ks_app_field *f = &values->scheme->fields[i];
        ks_secret          *secret = ks_credential_get(values, f->name);
        ks_str              shown = f->secret ? KS_NO_STR : ks_credential_text(values, f->name);
        if (shown.p == NULL && secret != NULL)
            shown = ks_secret_mask(d->cx, secret);
        KS_HTML_WITH(&d->h, "<tr><th scope=\"row\">{}</th><td>", f->label);
        if (shown.p != NULL)
            KS_HTML_WITH(&d->h, "<code dir=\"ltr\">{}</code>", shown);
        else
            KS_HTML(&d->h, "<span class=\"muted\">not given</span>");
        KS_HTML_WITH(&d->h, "</td><td>{}</td></tr>\n", f->secret ? KS_S("yes") : KS_S("no"));
    }
    ks_dash_table_end(d);
}

/* ---- what can be done ---- */

static void put_action(ks_dash *d, ks_str id, const char *verb, const char *text)
{
    KS_HTML_WITH(&d->h, "<form method=\"post\" action=\"{}/dash/connections/{}/{}\">", d->root, id,
                 ks_str_of(verb));
    ks_dash_csrf(d);
    KS_HTML_WITH(&d->h, "<button class=\"plain\">{}</button></form>\n", ks_str_of(text));
}

static void put_actions(ks_dash *d, const ks_connection *c)
{
    if (!(d->cx->scopes & KS_SCOPE_CONNECT))
        return;
    KS_HTML(&d->h, "<div class=\"actions\">\n");
    if (!ks_str_eq(c->status, KS_S("REVOKED")) && !ks_str_eq(c->status, KS_S("INITIATED")))
        put_action(d, c->id, "check", "Check now");
    put_action(d, c->id, "replace", "Replace key");
    if (c->enabled)
        put_action(d, c->id, "disable", "Disable");
    else
        put_action(d, c->id, "enable", "Enable");
    KS_HTML_WITH(&d->h,
                 "<a class=\"button danger\" href=\"{}/dash/connections/{}/delete\">Delete...</a>\n</div>\n",
                 d->root, c->id);
}

static void put_calls(ks_dash *d, const ks_connection *c, const ks_call_line *calls, size_t n, bool more)
{
    KS_HTML(&d->h, "<h2>Calls</h2>\n");
    if (n == 0)
        ks_dash_empty(d, "No call was made with it, or none that is still kept.",
                      ks_fmt(d->cx, "keysteward call " KS_FMT " GET /", KS_ARG(c->id)));
    else
        ks_dash_calls_table(d, "Its last calls", calls, n);
    KS_HTML(&d->h, "<p>");
    if (more)
        KS_HTML_WITH(&d->h, "<a href=\"{}/dash/calls?connection={}\">All its calls</a>, ", d->root, c->id);
    KS_HTML_WITH(&d->h, "<a href=\"{}/dash/audit?object={}\">its audit records</a></p>\n", d->root, c->id);
}

/* A credential that was revoked, damaged, or whose app is gone is shown as none. */
static ks_status read_values(ks_ctx *cx, const ks_connection *c, ks_credential *out, bool *readable)
{
    ks_status st = c->sealed.ct.n > 0 ? ks_connection_open(cx, c, out) : KS_INVALID;
    *readable = st == KS_OK;
    return st == KS_INVALID || st == KS_INTERNAL ? KS_OK : st;
}

static ks_status get_one(ks_ctx *cx, const ks_req *rq, ks_res *rs)
{
    ks_connection c;
    bool          readable;
    ks_credential values;
    ks_dash       d;
    ks_call_line *calls;
    size_t        n;
    bool          more;
    KS_TRY(ks_connection_read(cx, ks_req_param(rq, "id"), &c));
    KS_TRY(read_values(cx, &c, &values, &readable));
    ks_call_filter of_it = {.connection_id = c.id, .limit = LAST_CALLS};
    KS_TRY(ks_calls_list(cx, &of_it, &calls, &n, &more));
    KS_TRY(ks_dash_begin(cx, rq, rs, KS_DASH_CONNECTIONS, name_of(cx, &c), &d));
    put_actions(&d, &c);
    put_facts(&d, &c);
    KS_HTML(&d.h, "<h2>Fields</h2>\n");
    if (readable)
        put_fields(&d, &values);
    else
        ks_dash_empty(&d, "There is no credential here that could be read.", KS_NO_STR);
    put_calls(&d, &c, calls, n, more);
    return KS_DASH_END(&d, ks_fmt(cx, "keysteward connection show " KS_FMT, KS_ARG(c.id)),
                       ks_fmt(cx, "keysteward connection verify " KS_FMT, KS_ARG(c.id)),
                       ks_fmt(cx, "keysteward connection replace " KS_FMT, KS_ARG(c.id)),
                       ks_fmt(cx, "keysteward connection delete " KS_FMT, KS_ARG(c.id)));
}

/* ---- changes ---- */

static ks_status checked(ks_ctx *cx, ks_res *rs, const ks_connect *in, const ks_connection *made)
{
    (void)in;
    return ks_dash_go(cx, rs, path_of(cx, made->id), KS_DONE_CHECKED);
}

static ks_status check(ks_ctx *cx, const ks_req *rq, ks_res *rs)
{
    ks_form       form;
    ks_connection c;
    KS_TRY(ks_dash_posted(cx, rq, &form));
    KS_TRY(ks_connection_get(cx, ks_req_param(rq, "id"), &c));
    return ks_connection_verify(cx, rq, rs, &c, checked);
}

static ks_status set_enabled(ks_ctx *cx, const ks_req *rq, ks_res *rs, bool on)
{
    ks_form    form;
    ks_change *change;
    ks_str     id = ks_req_param(rq, "id");
    KS_TRY(ks_dash_posted(cx, rq, &form));
    KS_TRY(ks_dash_go(cx, rs, path_of(cx, id), on ? KS_DONE_ENABLED : KS_DONE_DISABLED));
    KS_TRY(ks_change_new(cx, &change));
    return ks_res_commit_built(cx, rq, rs, change, ks_connection_enable_add(cx, change, id, on));
}

static ks_status enable(ks_ctx *cx, const ks_req *rq, ks_res *rs)
{
    return set_enabled(cx, rq, rs, true);
}

static ks_status disable(ks_ctx *cx, const ks_req *rq, ks_res *rs)
{
    return set_enabled(cx, rq, rs, false);
}

/* A link for its owner; the page that shows it is drawn before the link is stored. */
static ks_status replace(ks_ctx *cx, const ks_req *rq, ks_res *rs)
{
    ks_form       form;
    ks_connection old;
    ks_connect    in = {0};
    ks_change    *change;
    KS_TRY(ks_dash_posted(cx, rq, &form));
    KS_TRY(ks_connection_get(cx, ks_req_param(rq, "id"), &old));
    KS_TRY(ks_connect_again(cx, &old, &in));
    ks_link_wish wish = {.app = in.app, .integration = in.integration, .replace = &old, .path = "data."};
    KS_TRY(ks_change_new(cx, &change));
    return ks_res_commit_built(cx, rq, rs, change, ks_dash_link_made(cx, rq, rs, change, &wish));
}

/* ---- deletion ---- */

static bool used_lately(const ks_ctx *cx, const ks_connection *c)
{
    return c->used_at != 0 && c->used_at > cx->now_us - USED_LATELY_US;
}

static ks_status get_delete(ks_ctx *cx, const ks_req *rq, ks_res *rs)
{
    ks_connection c;
    ks_dash       d;
    KS_TRY(ks_connection_read(cx, ks_req_param(rq, "id"), &c));
    KS_TRY(ks_dash_begin(cx, rq, rs, KS_DASH_CONNECTIONS,
                         ks_fmt(cx, "Delete " KS_FMT "?", KS_ARG(name_of(cx, &c))), &d));
    KS_HTML(&d.h,
            "<div class=\"box warn\"><p>The credential is erased at once and cannot be brought back; whoever "
            "needs it again has to connect anew. Calls with this connection fail from then on.</p>\n<p>");
    if (c.used_at != 0) {
        KS_HTML(&d.h, "It was used ");
        ks_dash_when(&d, c.used_at);
        KS_HTML_WITH(&d.h, ". Uses in all: {}.", ks_fmt(cx, "%lld", (long long)c.uses));
    } else {
        KS_HTML(&d.h, "It was never used.");
    }
    KS_HTML_WITH(&d.h, "</p></div>\n<form method=\"post\" action=\"{}/dash/connections/{}/delete\">", d.root,
                 c.id);
    ks_dash_csrf(&d);
    if (used_lately(cx, &c))
        ks_dash_confirm(&d, "the entity", c.entity_id);
    KS_HTML_WITH(&d.h,
                 "<p class=\"actions\"><button class=\"danger\">Delete</button> <a class=\"button plain\" "
                 "href=\"{}/dash/connections/{}\">Keep it</a></p></form>\n",
                 d.root, c.id);
    return KS_DASH_END(&d, ks_fmt(cx, "keysteward connection delete " KS_FMT, KS_ARG(c.id)));
}

static ks_status post_delete(ks_ctx *cx, const ks_req *rq, ks_res *rs)
{
    ks_form       form;
    ks_connection c;
    ks_change    *change;
    KS_TRY(ks_dash_posted(cx, rq, &form));
    KS_TRY(ks_connection_read(cx, ks_req_param(rq, "id"), &c));
    if (used_lately(cx, &c))
        KS_TRY(ks_dash_confirmed(cx, &form, c.entity_id));
    KS_TRY(ks_dash_go(cx, rs, KS_S("/dash/connections"), KS_DONE_DELETED));
    KS_TRY(ks_change_new(cx, &change));
    return ks_res_commit_built(cx, rq, rs, change, ks_connection_delete_add(cx, change, c.id));
}

#define P(method, path, scope, run, flags, text)                                                             \
    {                                                                                                        \
        method, "/dash/connections/{id}" path, KS_SCOPE_##scope, run, KS_VIEW_PAGE, KS_SESSION | (flags),    \
            text                                                                                             \
    }
const ks_route ks_dash_connection_routes[] = {
    P("GET", "", READ, get_one, KS_WORKER, "one connection, its secrets masked"),
    P("POST", "/check", CONNECT, check, KS_ONCE, "ask the vendor now"),
    P("POST", "/replace", CONNECT, replace, KS_ONCE, "make a link for another credential"),
    P("POST", "/enable", CONNECT, enable, KS_ONCE, "let it be used again"),
    P("POST", "/disable", CONNECT, disable, KS_ONCE, "keep it, but let nobody use it"),
    P("GET", "/delete", CONNECT, get_delete, 0, "what its deletion would do"),
    P("POST", "/delete", CONNECT, post_delete, KS_ONCE, "delete it"),
    {0},
};
