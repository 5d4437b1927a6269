/* features/dash/connections_page.c — /dash/connections: who is connected to what, page by page, as a file,
 * and what a search for an id, an app or an entity finds. docs/dashboard.md DASH-5 to DASH-7. */
#include "base/enc.h"
#include "base/ids.h"
#include "base/time.h"
#include "features/apps/view.h"
#include "features/dash/connections.h"
#include "features/routes.h"

#define PAGE_ROWS   50
#define EXPORT_ROWS 10000             /* of one file */
#define EXPORT_MAX  (8 * 1024 * 1024) /* bytes of it */
#define STATES_MAX  PAGE_ROWS         /* ids that a page asks for at once */

/* ---- what a connection looks like in short ---- */

static bool needs_key(const ks_connection *c)
{
    return ks_str_eq(c->status, KS_S("EXPIRED")) || ks_str_eq(c->status, KS_S("FAILED"));
}

ks_dash_mark ks_dash_connection_state(ks_ctx *cx, const ks_connection *c, ks_str *word)
{
    *word = c->status_reason.n > 0 ? ks_fmt(cx, "%s: " KS_FMT, needs_key(c) ? "Needs a new key" : "Waits",
                                            KS_ARG(c->status_reason))
                                   : KS_S("Needs a new key");
    if (needs_key(c))
        return KS_MARK_BAD;
    if (ks_str_eq(c->status, KS_S("REVOKED"))) {
        *word = KS_S("Revoked");
        return KS_MARK_OFF;
    }
    if (ks_str_eq(c->status, KS_S("INITIATED"))) {
        *word = KS_S("Waits for its user");
        return KS_MARK_INFO;
    }
    if (!c->enabled) {
        *word = KS_S("Disabled");
        return KS_MARK_OFF;
    }
    *word = ks_fmt(cx, "Active, " KS_FMT, KS_ARG(c->verdict));
    if (ks_str_eq(c->verdict, KS_S("verified")))
        return KS_MARK_OK;
    return ks_str_eq(c->verdict, KS_S("uncheckable")) || ks_str_eq(c->verdict, KS_S("unchecked"))
               ? KS_MARK_OK
               : KS_MARK_WARN;
}

ks_str ks_dash_account(ks_ctx *cx, const ks_connection *c)
{
    static const char *const members[] = {"name", "account", "email", "id"};
    ks_json                 *account;
    if (c->account.p == NULL || ks_json_parse(cx, c->account, &account) != KS_OK)
        return KS_NO_STR;
    for (size_t i = 0; i < KS_COUNT(members); i++) {
        ks_str s = ks_json_str(ks_json_get(account, members[i]));
        if (s.n > 0)
            return s;
    }
    return KS_NO_STR;
}

ks_str ks_dash_app_name(ks_ctx *cx, ks_str key)
{
    const ks_app *app = ks_catalog_app(cx, ks_catalog_of(cx), key);
    return app != NULL ? app->name : key;
}

/* ---- the list ---- */

static const char *const statuses[] = {"ACTIVE", "INACTIVE", "INITIATED", "EXPIRED", "FAILED", "REVOKED"};

/* The filters of the query, in the order of the form. */
enum { ENTITY, APP, STATUS, INTEGRATION, FILTERS };

static void read_filters(ks_ctx *cx, const ks_req *rq, ks_dash_param out[FILTERS])
{
    static const char *const names[] = {
        [ENTITY] = "entity", [APP] = "app", [STATUS] = "status", [INTEGRATION] = "integration"};
    for (size_t i = 0; i < FILTERS; i++)
        out[i] = (ks_dash_param){names[i], ks_str_trim(ks_req_query(cx, rq, names[i]), " ")};
}

/* An app is found by all its names, as everywhere. */
static ks_connection_look look_of(ks_ctx *cx, const ks_dash_param f[FILTERS], const ks_dash_at *at)
{
    const ks_app *app = f[APP].value.n ? ks_catalog_app(cx, ks_catalog_of(cx), f[APP].value) : NULL;
    return (ks_connection_look){.entity = f[ENTITY].value,
                                .app = app != NULL ? app->key : f[APP].value,
                                .status = f[STATUS].value,
                                .integration_id = f[INTEGRATION].value,
                                .behind_id = at->id,
                                .behind_us = at->us,
                                .newer = at->newer,
                                .limit = PAGE_ROWS};
}

static void put_query(ks_dash *d, const ks_dash_param *f)
{
    for (size_t i = 0; i < FILTERS; i++) {
        if (f[i].value.n > 0)
            KS_HTML_WITH(&d->h, "{}={}&amp;", ks_str_of(f[i].name), f[i].value);
    }
}

static void put_filters(ks_dash *d, const ks_dash_param *f)
{
    KS_HTML(&d->h, "<form class=\"filters\">\n");
    ks_dash_text_filter(d, "Entity", &f[ENTITY]);
    ks_dash_text_filter(d, "App", &f[APP]);
    ks_dash_choice_filter(d, "Status", &f[STATUS], statuses, KS_COUNT(statuses));
    if (f[INTEGRATION].value.n > 0)
        KS_HTML_WITH(&d->h, "<input type=\"hidden\" name=\"integration\" value=\"{}\">",
                     f[INTEGRATION].value);
    KS_HTML(&d->h, "<button class=\"plain\">Filter</button>\n</form>\n");
    KS_HTML(&d->h, "<p class=\"actions\">");
    if (d->cx->scopes & KS_SCOPE_CONNECT)
        KS_HTML_WITH(&d->h, "<a class=\"button\" href=\"{}/dash/links/new\">New link</a> ", d->root);
    KS_HTML_WITH(&d->h, "<a class=\"button plain\" href=\"{}/dash/connections.csv?", d->root);
    put_query(d, f);
    KS_HTML(&d->h,
            "\">Export CSV</a> <span class=\"hint\">of the newest 10,000 that pass the filter</span></p>\n");
}

static void put_row(ks_dash *d, const ks_connection *c)
{
    ks_html *h = &d->h;
    ks_str   word, account = ks_dash_account(d->cx, c);
    KS_HTML_WITH(h, "<tr><th scope=\"row\"><a href=\"{}/dash/connections/{}\"><bdi>{}</bdi></a></th>",
                 d->root, c->id, c->entity_id);
    KS_HTML_WITH(h, "<td>{}</td><td><bdi>{}</bdi></td>", ks_dash_app_name(d->cx, c->app),
                 account.n > 0 ? account : KS_S("-"));
    KS_HTML_WITH(h, "<td data-state=\"{}\">", c->id);
    ks_dash_mark mark = ks_dash_connection_state(d->cx, c, &word);
    ks_dash_mark_put(d, mark, word);
    KS_HTML(h, "</td><td>");
    ks_dash_when(d, c->verified_at);
    KS_HTML(h, "</td><td>");
    ks_dash_when(d, c->used_at);
    KS_HTML(h, "</td></tr>\n");
}

void ks_dash_connections_table(ks_dash *d, const char *caption, const ks_connection *all, size_t n)
{
    KS_DASH_TABLE(d, caption, "Entity", "App", "Account", "Status", "Checked", "Used");
    for (size_t i = 0; i < n; i++)
        put_row(d, &all[i]);
    ks_dash_table_end(d);
}

static void put_none(ks_dash *d, const ks_dash_param *f)
{
    if (ks_dash_filtered(f, FILTERS))
        ks_dash_empty(d, "No connection is like that. Entities and apps are matched exactly.", KS_NO_STR);
    else
        ks_dash_empty(d, "Nobody is connected yet. Connect somebody yourself, or send them a link:",
                      KS_S("keysteward connect demo --entity user_42"));
}

static ks_status get_list(ks_ctx *cx, const ks_req *rq, ks_res *rs)
{
    ks_dash_param  f[FILTERS];
    ks_dash_at     at, first = {0}, last = {0};
    ks_connection *all;
    size_t         n;
    bool           more;
    ks_dash        d;
    read_filters(cx, rq, f);
    KS_TRY(ks_dash_at_get(cx, rq, &at));
    ks_connection_look look = look_of(cx, f, &at);
    KS_TRY(ks_connection_page(cx, &look, &all, &n, &more));
    KS_TRY(ks_dash_begin(cx, rq, rs, KS_DASH_CONNECTIONS, KS_S("Connections"), &d));
    put_filters(&d, f);
    if (n == 0)
        put_none(&d, f);
    else
        ks_dash_connections_table(&d, "Connections", all, n);
    if (n > 0) {
        last = (ks_dash_at){.us = all[n - 1].created_at, .id = all[n - 1].id};
        first = (ks_dash_at){.us = all[0].created_at, .id = all[0].id};
    }
    ks_dash_pager(&d, f, FILTERS, &at, &first, &last, more);
    return KS_DASH_END(&d, KS_S("keysteward connection list --app APP --entity ENTITY --status STATUS"),
                       KS_S("keysteward link create APP --entity ENTITY"));
}

/* ---- the list as a file (RFC 4180) ---- */

/* A spreadsheet takes a text that begins so for a formula. */
static bool like_formula(ks_str s)
{
    return s.n > 0 && strchr("=+-@\t\r", s.p[0]) != NULL;
}

static void put_cell(ks_buf *b, ks_str s, bool last)
{
    ks_buf_z(b, like_formula(s) ? "\"'" : "\"");
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] == '"')
            ks_buf_c(b, '"');
        ks_buf_c(b, s.p[i]);
    }
    ks_buf_z(b, last ? "\"\r\n" : "\",");
}

static void put_time(ks_buf *b, int64_t us, bool last)
{
    char iso[KS_ISO_LEN] = "";
    if (us != 0)
        ks_time_iso(us, iso);
    put_cell(b, ks_str_of(iso), last);
}

static void put_line(ks_ctx *cx, ks_buf *b, const ks_connection *c)
{
    const ks_str cells[] = {c->id,      c->entity_id,          c->app,
                            c->scheme,  c->integration_id,     ks_connection_status(c),
                            c->verdict, ks_dash_account(cx, c)};
    for (size_t i = 0; i < KS_COUNT(cells); i++)
        put_cell(b, cells[i], false);
    put_time(b, c->created_at, false);
    put_time(b, c->verified_at, false);
    put_time(b, c->used_at, true);
}

static ks_status get_csv(ks_ctx *cx, const ks_req *rq, ks_res *rs)
{
    static const char head[] =
        "id,entity,app,scheme,integration,status,verdict,account,created_at,checked_at,used_at\r\n";
    ks_dash_param  f[FILTERS];
    ks_connection *all;
    size_t         n = 0;
    bool           more = true;
    read_filters(cx, rq, f);
    ks_connection_look look = look_of(cx, f, &(ks_dash_at){0});
    KS_TRY(ks_res_fixed(cx, rs, 200, "text/csv; charset=utf-8", KS_S("")));
    rs->body = ks_ctx_buf(cx, EXPORT_MAX);
    if (rs->body == NULL)
        return KS_NO_MEMORY;
    ks_buf_z(rs->body, head);
    for (size_t rows = 0; more && rows < EXPORT_ROWS; rows += n) {
        KS_TRY(ks_connection_page(cx, &look, &all, &n, &more));
        for (size_t i = 0; i < n; i++)
            put_line(cx, rs->body, &all[i]);
        if (n > 0) {
            look.behind_id = all[n - 1].id;
            look.behind_us = all[n - 1].created_at;
        }
    }
    if (!ks_buf_ok(rs->body))
        return ks_no_memory(cx);
    return ks_res_header(cx, rs, "content-disposition", KS_S("attachment; filename=\"connections.csv\""));
}

/* ---- states, for the script that keeps a page true ---- */

static ks_status get_states(ks_ctx *cx, const ks_req *rq, ks_res *rs)
{
    ks_str        ids = ks_req_query(cx, rq, "ids"), id, word;
    ks_connection c;
    ks_jw         w;
    KS_TRY(ks_res_begin(cx, rs, 200, &w));
    ks_jw_obj(&w, NULL);
    for (size_t n = 0; n < STATES_MAX && ks_str_cut(&ids, ',', &id); n++) {
        ks_status st = ks_connection_get(cx, id, &c);
        if (st == KS_NOT_FOUND)
            continue;
        KS_TRY(st);
        ks_dash_mark mark = ks_dash_connection_state(cx, &c, &word);
        ks_jw_name(&w, c.id);
        ks_jw_obj(&w, NULL);
        ks_jw_str(&w, "word", word);
        ks_jw_z(&w, "mark", ks_dash_mark_css(mark));
        ks_jw_z(&w, "shape", ks_dash_mark_shape(mark));
        ks_jw_end(&w, '}');
    }
    ks_jw_end(&w, '}');
    return ks_res_end(cx, rs);
}

/* ---- find ---- */

/* By what it looks like: an id leads to its page, the name of an app to the app's, all else is an entity. */
static ks_status find(ks_ctx *cx, const ks_req *rq, ks_res *rs)
{
    ks_str q = ks_str_trim(ks_req_query(cx, rq, "q"), " \t"), to;
    ks_buf text = ks_buf_new(3 * KS_MAX_TARGET_BYTES);
    if (q.n == 0 || q.n > KS_MAX_TARGET_BYTES)
        return ks_dash_go(cx, rs, KS_S("/dash/connections"), KS_DONE_NOTHING);
    const ks_app *app = ks_catalog_app(cx, ks_catalog_of(cx), q);
    ks_enc_percent(&text, q);
    ks_str coded = ks_buf_view(&text);
    if (ks_id_valid(q, KS_ID_CONNECTION))
        to = ks_fmt(cx, "/dash/connections/" KS_FMT, KS_ARG(coded));
    else if (ks_id_valid(q, KS_ID_INTEGRATION))
        to = ks_fmt(cx, "/dash/integrations/" KS_FMT, KS_ARG(coded));
    else if (ks_id_valid(q, KS_ID_REQUEST))
        to = ks_fmt(cx, "/dash/calls?request=" KS_FMT, KS_ARG(coded));
    else if (app != NULL)
        to = ks_fmt(cx, "/dash/apps/" KS_FMT, KS_ARG(app->key));
    else
        to = ks_fmt(cx, "/dash/connections?entity=" KS_FMT, KS_ARG(coded));
    ks_buf_done(&text);
    return to.p != NULL ? ks_dash_go(cx, rs, to, KS_DONE_NOTHING) : ks_no_memory(cx);
}

#define P(path, run, flags, text)                                                                            \
    {                                                                                                        \
        "GET", path, KS_SCOPE_READ, run, KS_VIEW_PAGE, KS_SESSION | (flags), text                            \
    }
const ks_route ks_dash_connections_routes[] = {
    P("/dash/connections", get_list, KS_WORKER, "connections, page by page"),
    P("/dash/connections.csv", get_csv, KS_WORKER, "the same as a file"),
    {"GET", "/dash/states", KS_SCOPE_READ, get_states, KS_VIEW_NATIVE, KS_SESSION,
     "states of connections on a page that is open"},
    P("/dash/find", find, 0, "to what an id, an app or an entity is the name of"),
    {0},
};
