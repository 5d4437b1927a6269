/* features/dash/integration_page.c — /dash/integrations/ID: one integration, its settings and its budget. The
 * changes are those of integration.h and budget.h; a form that is refused comes back as it was filled in.
 * docs/dashboard.md DASH-41, DASH-42. */
#include "features/apps/view.h"
#include "features/budgets/budget.h"
#include "features/dash/connections.h"
#include "features/dash/inputs.h"
#include "features/dash/integrations.h"
#include "features/integrations/requests.h"
#include "features/routes.h"
#include "features/settings/settings.h"

#define LIST_ROWS 6 /* of a text area */

/* One rendering. */
typedef struct page {
    ks_dash               d;
    const ks_integration *in;
    const ks_app         *app;   /* NULL: the catalogue has it no more */
    const ks_form        *form;  /* what was sent and is shown again; NULL: nothing */
    const ks_err         *wrong; /* why it was refused; NULL: it was not */
    ks_budget             budget;
    int64_t               uses, used_at, used[KS_BUDGET_WINDOWS];
} page;

static const struct {
    const char *all, *each, *word;
} windows[KS_BUDGET_WINDOWS] = {
    [KS_BUDGET_MINUTE] = {"calls.minute", "each_connection.minute", "Minute"},
    [KS_BUDGET_HOUR] = {"calls.hour", "each_connection.hour", "Hour"},
    [KS_BUDGET_DAY] = {"calls.day", "each_connection.day", "Day"},
};

static ks_str path_of(ks_ctx *cx, ks_str id)
{
    return ks_fmt(cx, "/dash/integrations/" KS_FMT, KS_ARG(id));
}

/* ---- lists as lines ---- */

/* A stored list, an entry a line; "none" for an empty one, "" for no list. */
static ks_str lines_of(ks_ctx *cx, ks_str list)
{
    ks_json *all;
    ks_buf  *b = ks_ctx_buf(cx, KS_MAX_BODY_BYTES);
    if (list.p == NULL)
        return KS_S("");
    if (b == NULL || ks_json_parse(cx, list, &all) != KS_OK)
        return KS_NO_STR;
    for (size_t i = 0; i < ks_json_count(all); i++)
        ks_buf_fmt(b, i ? "\n" KS_FMT : KS_FMT, KS_ARG(ks_json_str(ks_json_at(all, i))));
    return b->n > 0 ? ks_buf_view(b) : KS_S("none");
}

/* The next line that says something. */
static bool next_line(ks_str *rest, ks_str *line)
{
    while (ks_str_cut(rest, '\n', line)) {
        *line = ks_str_trim(*line, " \t\r");
        if (line->n > 0)
            return true;
    }
    return false;
}

/* Allowed requests: no line is no list, "none" an empty one; the rest is for ks_requests_check. */
static ks_status requests_of(ks_ctx *cx, ks_str text, ks_str *out)
{
    ks_str   line, rest = text;
    ks_json *list = NULL;
    ks_buf  *b = ks_ctx_buf(cx, KS_MAX_FORM_BYTES * 6);
    if (b == NULL)
        return KS_NO_MEMORY;
    ks_jw w = ks_jw_new(b);
    ks_jw_arr(&w, NULL);
    bool none = ks_str_ieq(ks_str_trim(text, " \t\r\n"), KS_S("none"));
    while (!none && next_line(&rest, &line))
        ks_jw_str(&w, NULL, line);
    ks_jw_end(&w, ']');
    if (none || b->n > 2)
        KS_TRY(ks_json_parse(cx, ks_buf_view(b), &list));
    return ks_requests_check(cx, "allowed_requests", list, out);
}

/* Allowed actions: no line allows all. Each must be one of the app: a misspelt name would allow nothing. */
static ks_status actions_of(ks_ctx *cx, const ks_integration *in, ks_str text, ks_str *out)
{
    ks_str  line;
    ks_buf *b = ks_ctx_buf(cx, KS_MAX_BODY_BYTES);
    if (b == NULL)
        return KS_NO_MEMORY;
    ks_jw w = ks_jw_new(b);
    ks_jw_arr(&w, NULL);
    for (size_t n = 1; next_line(&text, &line); n++) {
        const ks_app        *app = NULL;
        const ks_app_action *known = ks_catalog_action(cx, ks_catalog_of(cx), line, &app);
        if (known == NULL || !ks_str_eq(app->key, in->app))
            return ks_fail(cx, KS_INVALID, "allowed_actions",
                           "allowed_actions: entry %zu is no action of this app. The app's page lists them.",
                           n);
        ks_jw_str(&w, NULL, known->name);
    }
    ks_jw_end(&w, ']');
    *out = b->n > 2 ? ks_buf_view(b) : KS_NO_STR;
    return ks_buf_ok(b) ? KS_OK : ks_fail(cx, KS_INVALID, "allowed_actions", "allowed_actions is too long.");
}

/* ---- what is known of it ---- */

static void put_list(ks_dash *d, const char *name, ks_str list, ks_str without)
{
    ks_str line, rest = lines_of(d->cx, list);
    KS_HTML_WITH(&d->h, "<dt>{}</dt><dd>", ks_str_of(name));
    if (list.p == NULL)
        KS_HTML_WITH(&d->h, "{}", without);
    while (next_line(&rest, &line))
        KS_HTML_WITH(&d->h, "<code>{}</code><br>", line);
    KS_HTML(&d->h, "</dd>\n");
}

static void put_facts(page *p)
{
    ks_dash              *d = &p->d;
    const ks_integration *in = p->in;
    KS_HTML(&d->h, "<dl class=\"facts\">\n<dt>State</dt><dd>");
    ks_dash_integration_mark(d, in);
    KS_HTML_WITH(&d->h, "</dd>\n<dt>Id</dt><dd><code>{}</code></dd>\n", in->id);
    KS_HTML_WITH(&d->h, "<dt>App</dt><dd><a href=\"{}/dash/apps/{}\">{}</a></dd>\n", d->root, in->app,
                 ks_dash_app_name(d->cx, in->app));
    ks_dash_fact(d, "Scheme", in->scheme);
    KS_HTML_WITH(&d->h,
                 "<dt>Connections</dt><dd><a href=\"{}/dash/connections?integration={}\">{}</a></dd>\n",
                 d->root, in->id, ks_fmt(d->cx, "%lld", (long long)p->uses));
    ks_dash_fact_time(d, "Used", p->used_at);
    ks_dash_fact(d, "Checks keys", ks_str_of(ks_verify_word(in->verify)));
    ks_dash_fact(d, "Several connections", ks_str_of(ks_ambiguous_word(in->ambiguous)));
    put_list(d, "Allowed actions", in->limited, KS_S("all"));
    put_list(d, "Allowed requests", in->requests, in->limited.p != NULL ? KS_S("none") : KS_S("all"));
    ks_dash_fact_time(d, "Made", in->created_at);
    ks_dash_fact_time(d, "Changed", in->updated_at);
    KS_HTML(&d->h, "</dl>\n");
}

/* Who gives which field: the integration, with its value masked, or each user. */
static ks_status put_fields(page *p)
{
    ks_json             *own = NULL;
    const ks_app_scheme *scheme = p->app != NULL ? ks_app_scheme_find(p->app, p->in->scheme) : NULL;
    KS_HTML(&p->d.h, "<h2>Fields</h2>\n");
    if (scheme == NULL) {
        ks_dash_empty(&p->d, "The catalogue has this app no more, or not with this scheme.", KS_NO_STR);
        return KS_OK;
    }
    if (p->in->display.n > 0)
        KS_TRY(ks_json_parse(p->d.cx, p->in->display, &own));
    KS_DASH_TABLE(&p->d, "Fields", "Field", "Name", "Given by", "Value", "Secret");
    for (size_t i = 0; i < scheme->fields_n; i++) {
        const ks_app_field *f = &scheme->fields[i];
        ks_str              value = ks_json_str(ks_json_get(own, f->name.p));
        KS_HTML_WITH(&p->d.h, "<tr><th scope=\"row\">{}</th><td><code>{}</code></td><td>{}</td><td>",
                     f->label, f->name,
                     value.p != NULL                         ? KS_S("the integration")
                     : f->developer && f->fallback.p != NULL ? KS_S("its default")
                     : f->developer                          ? KS_S("nobody yet")
                                                             : KS_S("each connection"));
        if (value.p != NULL)
            KS_HTML_WITH(&p->d.h, "<code dir=\"ltr\">{}</code>", value);
        KS_HTML_WITH(&p->d.h, "</td><td>{}</td></tr>\n", f->secret ? KS_S("yes") : KS_S("no"));
    }
    ks_dash_table_end(&p->d);
    return KS_OK;
}

/* ---- forms ---- */

/* What stands in an input: what was sent, else what is stored. */
static ks_str typed(const page *p, const char *name, ks_str stored)
{
    ks_str sent = p->form != NULL ? ks_form_get(p->form, ks_str_of(name)) : KS_NO_STR;
    return sent.p != NULL ? sent : stored;
}

static void put_form(page *p, const char *verb)
{
    KS_HTML_WITH(&p->d.h, "<form class=\"card\" method=\"post\" action=\"{}/dash/integrations/{}/{}\">\n",
                 p->d.root, p->in->id, ks_str_of(verb));
    ks_dash_csrf(&p->d);
}

static void put_actions(page *p)
{
    ks_dash *d = &p->d;
    KS_HTML(&d->h, "<div class=\"actions\">\n");
    if (p->in->enabled)
        KS_HTML_WITH(&d->h, "<a class=\"button\" href=\"{}/dash/links/new?integration={}\">New link</a>\n",
                     d->root, p->in->id);
    KS_HTML_WITH(&d->h, "<form method=\"post\" action=\"{}/dash/integrations/{}/{}\">", d->root, p->in->id,
                 p->in->enabled ? KS_S("disable") : KS_S("enable"));
    ks_dash_csrf(d);
    KS_HTML_WITH(&d->h, "<button class=\"plain\">{}</button></form>\n",
                 p->in->enabled ? KS_S("Disable") : KS_S("Enable"));
    KS_HTML_WITH(&d->h,
                 "<a class=\"button danger\" href=\"{}/dash/integrations/{}/delete\">Delete...</a>\n</div>\n",
                 d->root, p->in->id);
}

static void put_settings(page *p)
{
    static const ks_str verify_words[] = {
        KS_S_INIT("as the server does"),
        KS_S_INIT("when one is connected"),
        KS_S_INIT("never"),
        KS_S_INIT("and refuse a connection when the vendor cannot be reached"),
    };
    static const ks_str   rules[] = {KS_S_INIT("default"), KS_S_INIT("newest"), KS_S_INIT("refuse")};
    static const ks_str   rule_words[] = {KS_S_INIT("as the server does"), KS_S_INIT("take the newest"),
                                          KS_S_INIT("refuse the call")};
    const ks_integration *in = p->in;
    ks_str                modes[KS_COUNT(verify_words)];
    for (ks_verify_mode m = KS_VERIFY_DEFAULT; m <= KS_VERIFY_REQUIRED; m++)
        modes[m] = ks_str_of(ks_verify_word(m));
    put_form(p, "settings");
    ks_dash_input_choice(&p->d,
                         &(ks_dash_input){.name = KS_S("verify"),
                                          .label = KS_S("Check keys with the vendor"),
                                          .value = typed(p, "verify", ks_str_of(ks_verify_word(in->verify))),
                                          .wrong = p->wrong},
                         modes, verify_words, KS_COUNT(verify_words));
    ks_dash_input_choice(
        &p->d,
        &(ks_dash_input){.name = KS_S("ambiguous"),
                         .label = KS_S("A user has several connections and a call names none"),
                         .value = typed(p, "ambiguous", ks_str_of(ks_ambiguous_word(in->ambiguous))),
                         .wrong = p->wrong},
        rules, rule_words, KS_COUNT(rules));
    ks_dash_input_put(&p->d,
                      &(ks_dash_input){.name = KS_S("allowed_actions"),
                                       .label = KS_S("Allowed actions"),
                                       .hint = KS_S("A name a line. Empty: all."),
                                       .value = typed(p, "allowed_actions", lines_of(p->d.cx, in->limited)),
                                       .wrong = p->wrong,
                                       .rows = LIST_ROWS});
    ks_dash_input_put(
        &p->d, &(ks_dash_input){
                   .name = KS_S("allowed_requests"),
                   .label = KS_S("Allowed requests of one's own"),
                   .hint = KS_S("A method and a path a line, * for a segment: GET /v1/customers/*. The word "
                                "none: no request. Empty: all, but none while actions are limited."),
                   .value = typed(p, "allowed_requests", lines_of(p->d.cx, in->requests)),
                   .wrong = p->wrong,
                   .rows = LIST_ROWS});
    KS_HTML(&p->d.h, "<button>Save settings</button>\n</form>\n");
}

/* A limit as a person types it; nothing for none. */
static ks_str limit_text(ks_ctx *cx, int64_t most)
{
    return most > 0 ? ks_fmt(cx, "%lld", (long long)most) : KS_S("");
}

static void put_limit(page *p, const char *name, const char *what, const char *window, int64_t most)
{
    ks_str id = ks_str_of(name), wrong = ks_dash_wrong_of(p->wrong, id);
    bool   writes = (p->d.cx->scopes & KS_SCOPE_CONNECT) != 0;
    KS_HTML(&p->d.h, "<td>");
    if (!writes)
        KS_HTML_WITH(&p->d.h, "{}", most > 0 ? limit_text(p->d.cx, most) : KS_S("any number"));
    if (wrong.p != NULL)
        KS_HTML_WITH(&p->d.h, "<p class=\"wrong\" id=\"e-{}\">{}</p>", id, wrong);
    if (writes) {
        KS_HTML_WITH(&p->d.h,
                     "<input name=\"{}\" value=\"{}\" inputmode=\"numeric\" autocomplete=\"off\" "
                     "placeholder=\"any number\" aria-label=\"{}\"",
                     id, typed(p, name, limit_text(p->d.cx, most)),
                     ks_fmt(p->d.cx, "%s, calls in a %s", what, window));
        if (wrong.p != NULL)
            KS_HTML_WITH(&p->d.h, " aria-invalid=\"true\" aria-describedby=\"e-{}\"", id);
        KS_HTML(&p->d.h, ">");
    }
    KS_HTML(&p->d.h, "</td>");
}

static void put_budget(page *p)
{
    bool writes = (p->d.cx->scopes & KS_SCOPE_CONNECT) != 0;
    KS_HTML(&p->d.h,
            "<h2>Budget</h2>\n<p class=\"hint\">The most calls in a minute, an hour and a day of the "
            "clock (UTC). Empty: any number.</p>\n");
    if (writes)
        put_form(p, "budget");
    KS_DASH_TABLE(&p->d, "Budget", "In a", "Made so far", "All connections together", "Each connection");
    for (int i = 0; i < KS_BUDGET_WINDOWS; i++) {
        KS_HTML_WITH(&p->d.h, "<tr><th scope=\"row\">{}</th><td class=\"num\">{}</td>",
                     ks_str_of(windows[i].word), ks_fmt(p->d.cx, "%lld", (long long)p->used[i]));
        put_limit(p, windows[i].all, "All together", windows[i].word, p->budget.all.most[i]);
        put_limit(p, windows[i].each, "Each connection", windows[i].word, p->budget.each.most[i]);
        KS_HTML(&p->d.h, "</tr>\n");
    }
    ks_dash_table_end(&p->d);
    if (writes)
        KS_HTML(&p->d.h, "<button>Save budget</button>\n</form>\n");
}

/* ---- the page ---- */

static ks_status load(ks_ctx *cx, page *p)
{
    p->app = ks_catalog_app(cx, ks_catalog_of(cx), p->in->app);
    KS_TRY(ks_budget_get(cx, p->in->id, &p->budget));
    KS_TRY(ks_integration_uses(cx, p->in->id, &p->uses));
    KS_TRY(ks_integration_used(cx, p->in->id, &p->used_at));
    if (cx->env->budgets != NULL)
        ks_budget_used(cx->env->budgets, p->in->id, cx->now_us, p->used);
    return KS_OK;
}

/* `form`, `wrong`: as in page. */
static ks_status draw(ks_ctx *cx, const ks_req *rq, ks_res *rs, const ks_integration *in, const ks_form *form,
                      const ks_err *wrong)
{
    page p = {.in = in, .form = form, .wrong = wrong};
    KS_TRY(load(cx, &p));
    KS_TRY(ks_dash_begin(cx, rq, rs, KS_DASH_INTEGRATIONS, in->name, &p.d));
    ks_dash_wrong_put(&p.d, wrong);
    if (cx->scopes & KS_SCOPE_CONNECT)
        put_actions(&p);
    put_facts(&p);
    KS_TRY(put_fields(&p));
    if (cx->scopes & KS_SCOPE_CONNECT) {
        KS_HTML(&p.d.h, "<h2>Settings</h2>\n");
        put_settings(&p);
    }
    put_budget(&p);
    KS_HTML_WITH(&p.d.h, "<p><a href=\"{}/dash/audit?object={}\">Its audit records</a></p>\n", p.d.root,
                 in->id);
    return KS_DASH_END(
        &p.d, ks_fmt(cx, "keysteward integration show " KS_FMT, KS_ARG(in->id)),
        ks_fmt(cx, "keysteward integration set " KS_FMT " --ambiguous MODE --allow REQUEST", KS_ARG(in->id)),
        ks_fmt(cx, "keysteward integration budget " KS_FMT " --minute N", KS_ARG(in->id)),
        ks_fmt(cx, "keysteward integration delete " KS_FMT, KS_ARG(in->id)));
}

static ks_status get_one(ks_ctx *cx, const ks_req *rq, ks_res *rs)
{
    ks_integration in;
    KS_TRY(ks_integration_get(cx, ks_req_param(rq, "id"), &in));
    return draw(cx, rq, rs, &in, NULL, NULL);
}

/* The page once more, when what was sent cannot be taken; other failures have a page of their own. */
static ks_status again(ks_ctx *cx, const ks_req *rq, ks_res *rs, const ks_integration *in,
                       const ks_form *form, ks_status st)
{
    ks_err why = cx->err;
    return st == KS_INVALID ? draw(cx, rq, rs, in, form, &why) : st;
}

/* ---- changes ---- */

static ks_status save(ks_ctx *cx, const ks_req *rq, ks_res *rs, const ks_integration *old,
                      const ks_integration_patch *p, ks_dash_done done)
{
    ks_change *change;
    KS_TRY(ks_dash_go(cx, rs, path_of(cx, old->id), done));
    KS_TRY(ks_change_new(cx, &change));
    return ks_res_commit_built(cx, rq, rs, change, ks_integration_patch_add(cx, change, old, p));
}

static ks_status posted(ks_ctx *cx, const ks_req *rq, ks_form *form, ks_integration *in)
{
    KS_TRY(ks_dash_posted(cx, rq, form));
    return ks_integration_get(cx, ks_req_param(rq, "id"), in);
}

static ks_status set_enabled(ks_ctx *cx, const ks_req *rq, ks_res *rs, bool on)
{
    ks_form              form;
    ks_integration       old;
    ks_integration_patch p = {.enabled = &on};
    KS_TRY(posted(cx, rq, &form, &old));
    return save(cx, rq, rs, &old, &p, on ? KS_DONE_ENABLED : KS_DONE_DISABLED);
}

static ks_status enable(ks_ctx *cx, const ks_req *rq, ks_res *rs)
{
    return set_enabled(cx, rq, rs, true);
}

static ks_status disable(ks_ctx *cx, const ks_req *rq, ks_res *rs)
{
    return set_enabled(cx, rq, rs, false);
}

/* The settings of the form, in members of `to`. */
static ks_status settings_of(ks_ctx *cx, const ks_form *form, const ks_integration *old, ks_integration *to)
{
    *to = *old;
    KS_TRY(ks_verify_parse(cx, "verify", ks_form_get(form, KS_S("verify")), &to->verify));
    KS_TRY(ks_ambiguous_parse(cx, "ambiguous", ks_form_get(form, KS_S("ambiguous")), &to->ambiguous));
    KS_TRY(actions_of(cx, old, ks_form_get(form, KS_S("allowed_actions")), &to->limited));
    return requests_of(cx, ks_form_get(form, KS_S("allowed_requests")), &to->requests);
}

static ks_status post_settings(ks_ctx *cx, const ks_req *rq, ks_res *rs)
{
    ks_form              form;
    ks_integration       old, to;
    ks_integration_patch p = {
        .verify = &to.verify, .ambiguous = &to.ambiguous, .limited = &to.limited, .requests = &to.requests};
    KS_TRY(posted(cx, rq, &form, &old));
    ks_status st = settings_of(cx, &form, &old, &to);
    return st == KS_OK ? save(cx, rq, rs, &old, &p, KS_DONE_SAVED) : again(cx, rq, rs, &old, &form, st);
}

static ks_status limit_of(ks_ctx *cx, const ks_form *form, const char *name, int64_t *out)
{
    uint64_t n = 0;
    ks_str   text = ks_str_trim(ks_form_get(form, ks_str_of(name)), " ");
    if (text.n > 0 && (!ks_str_u64(text, &n) || n > KS_BUDGET_MOST))
        return ks_fail(cx, KS_INVALID, name, "Give a number of calls from 0 (no limit) to %lld.",
                       (long long)KS_BUDGET_MOST);
    *out = (int64_t)n;
    return KS_OK;
}

static ks_status budget_of(ks_ctx *cx, const ks_form *form, ks_budget *out)
{
    for (int i = 0; i < KS_BUDGET_WINDOWS; i++) {
        KS_TRY(limit_of(cx, form, windows[i].all, &out->all.most[i]));
        KS_TRY(limit_of(cx, form, windows[i].each, &out->each.most[i]));
    }
    return KS_OK;
}

static ks_status post_budget(ks_ctx *cx, const ks_req *rq, ks_res *rs)
{
    ks_form        form;
    ks_integration in;
    ks_budget      b = {0};
    ks_change     *change;
    KS_TRY(ks_integration_shared(cx));
    KS_TRY(posted(cx, rq, &form, &in));
    ks_status st = budget_of(cx, &form, &b);
    if (st != KS_OK)
        return again(cx, rq, rs, &in, &form, st);
    KS_TRY(ks_dash_go(cx, rs, path_of(cx, in.id), KS_DONE_SAVED));
    KS_TRY(ks_change_new(cx, &change));
    return ks_res_commit_built(cx, rq, rs, change, ks_budget_put(cx, change, in.id, &b));
}

#define P(method, path, scope, run, flags, text)                                                             \
    {                                                                                                        \
        method, "/dash/integrations/{id}" path, KS_SCOPE_##scope, run, KS_VIEW_PAGE, KS_SESSION | (flags),   \
            text                                                                                             \
    }
/* On workers: a page counts connections, of which there may be a million. */
const ks_route ks_dash_integration_routes[] = {
    P("GET", "", READ, get_one, KS_WORKER, "one integration, its own values masked"),
    P("POST", "/enable", CONNECT, enable, KS_ONCE, "let it be used again"),
    P("POST", "/disable", CONNECT, disable, KS_ONCE, "keep it, but let nobody use it"),
    P("POST", "/settings", CONNECT, post_settings, KS_ONCE | KS_WORKER,
      "how it checks, chooses, and what it allows"),
    P("POST", "/budget", CONNECT, post_budget, KS_ONCE | KS_WORKER, "limit its calls"),
    {0},
};
