/* features/dash/app_page.c — /dash/apps/KEY: one app: what it asks for and where that is found, how a key is
 * checked and where it may go, its actions, and the project's integrations of it. docs/dashboard.md DASH-45,
 * DASH-46. */
#include "features/apps/own_apps.h"
#include "features/apps/view.h"
#include "features/dash/apps.h"
#include "features/dash/integrations.h"
#include "features/routes.h"

#define ACTION_ROWS      100
#define INTEGRATION_ROWS 20

/* ---- about it ---- */

/* An address of the vendor's; templates and addresses of another kind are text. */
static void put_away(ks_dash *d, ks_str url)
{
    if (ks_str_starts(url, KS_S("https://")) && ks_str_find(url, KS_S("{{")) == SIZE_MAX)
        KS_HTML_WITH(&d->h, "<a href=\"{}\" target=\"_blank\" rel=\"noopener noreferrer\">{}</a>", url, url);
    else
        KS_HTML_WITH(&d->h, "{}", url.n > 0 ? url : KS_S("-"));
}

static void put_words(ks_dash *d, const char *name, ks_list words)
{
    if (words.n == 0)
        return;
    KS_HTML_WITH(&d->h, "<dt>{}</dt><dd>", ks_str_of(name));
    for (size_t i = 0; i < words.n; i++)
        KS_HTML_WITH(&d->h, "{}{}", i > 0 ? KS_S(", ") : KS_S(""), words.at[i]);
    KS_HTML(&d->h, "</dd>\n");
}

static void put_facts(ks_dash *d, const ks_app *app, const ks_project_app *own)
{
    ks_html *h = &d->h;
    KS_HTML_WITH(h, "<p>{}</p>\n<dl class=\"facts\">\n<dt>Key</dt><dd><code>{}</code> ", app->about,
                 app->key);
    ks_dash_own_mark(d, own);
    KS_HTML(h, "</dd>\n");
    put_words(d, "Also called", app->aliases);
    put_words(d, "Categories", app->categories);
    KS_HTML_WITH(h, "<dt>Schemes</dt><dd>{}</dd>\n<dt>Home</dt><dd>", ks_dash_schemes(d->cx, app));
    put_away(d, app->home);
    KS_HTML(h, "</dd>\n<dt>Documentation</dt><dd>");
    put_away(d, app->docs);
    KS_HTML(h, "</dd>\n");
    if (own != NULL) {
        KS_HTML(h, "<dt>Changed</dt><dd>");
        ks_dash_when(d, own->updated_at);
        KS_HTML(h, "</dd>\n");
    }
    KS_HTML(h, "</dl>\n");
}

/* ---- schemes ---- */

static void put_fields(ks_dash *d, const ks_app_scheme *s)
{
    ks_str caption = ks_fmt(d->cx, "Fields of " KS_FMT, KS_ARG(s->scheme));
    KS_DASH_TABLE(d, caption.p, "Field", "Name", "Needed", "Secret", "Asked of", "What it is");
    for (size_t i = 0; i < s->fields_n; i++) {
        const ks_app_field *f = &s->fields[i];
        KS_HTML_WITH(&d->h, "<tr><th scope=\"row\">{}</th><td><code>{}</code></td><td>{}</td><td>{}</td>",
                     f->label, f->name, f->required && f->fallback.p == NULL ? KS_S("yes") : KS_S("no"),
                     f->secret ? KS_S("yes") : KS_S("no"));
        KS_HTML_WITH(&d->h, "<td>{}</td><td>{}", f->developer ? KS_S("the integration") : KS_S("the user"),
                     f->help);
        if (f->example.n > 0)
            KS_HTML_WITH(&d->h, " For example <code>{}</code>", f->example);
        if (f->fallback.n > 0)
            KS_HTML_WITH(&d->h, " Default: <code>{}</code>", f->fallback);
        KS_HTML(&d->h, "</td></tr>\n");
    }
    ks_dash_table_end(d);
}

static void put_find(ks_dash *d, const ks_app_scheme *s)
{
    if (s->find_url.n == 0 && s->find_steps.n == 0)
        return;
    KS_HTML(&d->h, "<p>Where it is found: ");
    put_away(d, s->find_url);
    KS_HTML(&d->h, "</p>\n<ol>\n");
    for (size_t i = 0; i < s->find_steps.n; i++)
        KS_HTML_WITH(&d->h, "<li>{}</li>\n", s->find_steps.at[i]);
    KS_HTML(&d->h, "</ol>\n");
}

/* What is asked of the vendor to check a key: templates, as the app file has them. */
static void put_check(ks_dash *d, const ks_app_scheme *s)
{
    const ks_app_check *c = &s->check;
    bool                run = s->dsn.n > 0; /* a database: its statement is the body */
    if (c->method.p == NULL) {
        KS_HTML(&d->h, "<dt>Check</dt><dd>none: the first call shows whether a key works</dd>\n");
        return;
    }
    bool whole = ks_str_starts(c->path, KS_S("https://"));
    KS_HTML_WITH(&d->h, "<dt>Check</dt><dd><code>{} {}{}</code>, {}</dd>\n", c->method,
                 whole || run ? KS_S("") : s->base, run ? c->body : c->path,
                 c->trusted ? KS_S("and a key that is refused there is not taken")
                            : KS_S("and what comes of it is told, but refuses no key"));
}

static void put_scheme(ks_dash *d, const ks_app *app, const ks_app_scheme *s)
{
    const char *lacks = ks_scheme_lacks(s);
    KS_HTML_WITH(&d->h, "<h2>{}</h2>\n", s->scheme);
    if (lacks != NULL)
        KS_HTML_WITH(&d->h, "<div class=\"box warn\"><p>Not usable yet: it {}.</p></div>\n",
                     ks_str_of(lacks));
    if (d->cx->scopes & KS_SCOPE_CONNECT)
        KS_HTML_WITH(
            &d->h,
            "<p class=\"actions\"><a class=\"button\" href=\"{}/dash/apps/{}/integration?scheme={}\">"
            "New integration</a></p>\n",
            d->root, app->key, s->scheme);
    put_fields(d, s);
    put_find(d, s);
    KS_HTML(&d->h, "<dl class=\"facts\">\n");
    put_check(d, s);
    put_words(d, "Credentials go to", s->hosts);
    if (s->hosts.n == 0)
        KS_HTML(&d->h, "<dt>Credentials go to</dt><dd>the address in its own fields</dd>\n");
    KS_HTML(&d->h, "</dl>\n");
}

/* ---- integrations of it ---- */

static void put_integrations(ks_dash *d, const ks_app *app, const ks_integration *all, const int64_t *uses,
                             size_t n)
{
    if (app->schemes_n == 0)
        return;
    KS_HTML(&d->h, "<h2>Integrations</h2>\n");
    if (n == 0) {
        ks_dash_empty(d, "The project has no integration of this app yet.",
                      ks_fmt(d->cx, "keysteward integration create " KS_FMT, KS_ARG(app->key)));
        return;
    }
    if ((d->cx->scopes & KS_SCOPE_CONNECT) && all[0].enabled)
        KS_HTML_WITH(&d->h,
                     "<p class=\"actions\"><a class=\"button plain\" "
                     "href=\"{}/dash/links/new?integration={}\">New link</a></p>\n",
                     d->root, all[0].id);
    ks_dash_integrations_table(d, "Integrations", all, uses, n);
    KS_HTML_WITH(&d->h,
                 "<p><a href=\"{}/dash/integrations?app={}\">All its integrations</a>, "
                 "<a href=\"{}/dash/connections?app={}\">its connections</a></p>\n",
                 d->root, app->key, d->root, app->key);
}

/* ---- actions ---- */

static bool says(const ks_app_action *a, ks_str words)
{
    ks_str one;
    while (ks_str_cut(&words, ' ', &one)) {
        bool found = ks_str_iholds(a->name, one) || ks_str_iholds(a->title, one) ||
                     ks_str_iholds(a->about, one) || ks_str_iholds(a->path, one);
        for (size_t i = 0; i < a->tags.n && !found; i++)
            found = ks_str_ieq(a->tags.at[i], one);
        if (!found)
            return false;
    }
    return true;
}

static void put_action(ks_dash *d, const ks_app_action *a)
{
    KS_HTML_WITH(&d->h,
                 "<tr><th scope=\"row\"><code>{}</code></th><td>{}</td><td><code>{} {}</code></td><td>",
                 a->name, a->about, a->method, a->path);
    for (size_t i = 0; i < a->tags.n; i++)
        KS_HTML_WITH(&d->h, "{}{}", i > 0 ? KS_S(", ") : KS_S(""), a->tags.at[i]);
    KS_HTML(&d->h, "</td></tr>\n");
}

static void put_actions(ks_dash *d, const ks_app *app, const ks_dash_param *words, size_t page)
{
    size_t total = 0;
    for (size_t i = 0; i < app->actions_n; i++)
        total += says(&app->actions[i], words->value);
    KS_HTML(&d->h, "<h2 id=\"actions\">Actions</h2>\n");
    if (app->actions_n == 0) {
        ks_dash_empty(d, "It has no actions; requests of one's own go through all the same:",
                      ks_fmt(d->cx, "keysteward call " KS_FMT " GET /PATH", KS_ARG(app->key)));
        return;
    }
    KS_HTML(&d->h, "<form class=\"filters\">\n");
    ks_dash_text_filter(d, "Words in actions", words);
    KS_HTML(&d->h, "<button class=\"plain\">Filter</button>\n</form>\n");
    if (total <= page * ACTION_ROWS) {
        ks_dash_empty(d, "No action of this app is like that.", KS_NO_STR);
        return;
    }
    KS_DASH_TABLE(d, "Actions", "Action", "What it does", "Request", "Tags");
    for (size_t i = 0, at = 0; i < app->actions_n; i++) {
        if (says(&app->actions[i], words->value) && at++ / ACTION_ROWS == page)
            put_action(d, &app->actions[i]);
    }
    ks_dash_table_end(d);
    ks_dash_numbered(d, words, 1, page, ACTION_ROWS, total);
}

/* ---- the page ---- */

static ks_status need_app(ks_ctx *cx, const ks_req *rq, const ks_app **out, const ks_project_app **own)
{
    ks_own_apps all;
    KS_TRY(ks_catalog_need_app(cx, ks_catalog_of(cx), NULL, ks_req_param(rq, "app"), out));
    KS_TRY(ks_own_apps_of(cx, &all));
    *own = ks_own_app(&all, *out);
    return ks_own_app_gone(cx, &all, *out) /* answered as the catalogue answers: unknown */
               ? ks_catalog_need_app(cx, cx->env->catalog, NULL, (*out)->key, out)
               : KS_OK;
}

static ks_status get_one(ks_ctx *cx, const ks_req *rq, ks_res *rs)
{
    ks_dash_param         words = {"q", ks_str_trim(ks_req_query(cx, rq, "q"), " ")};
    const ks_app         *app;
    const ks_project_app *own;
    ks_integration       *all;
    int64_t              *uses, total;
    size_t                n, page;
    ks_dash               d;
    KS_TRY(need_app(cx, rq, &app, &own));
    KS_TRY(ks_dash_page_number(cx, rq, &page));
    KS_TRY(ks_integration_list(cx, app->key, true, 0, INTEGRATION_ROWS, &all, &n, &total));
    KS_TRY(ks_dash_integration_uses(cx, all, n, &uses));
    KS_TRY(ks_dash_begin(cx, rq, rs, KS_DASH_APPS, app->name, &d));
    put_facts(&d, app, own);
    put_integrations(&d, app, all, uses, n);
    for (size_t i = 0; i < app->schemes_n; i++)
        put_scheme(&d, app, &app->schemes[i]);
    put_actions(&d, app, &words, page);
    return KS_DASH_END(&d, ks_fmt(cx, "keysteward app show " KS_FMT, KS_ARG(app->key)),
                       ks_fmt(cx, "keysteward action list --app " KS_FMT, KS_ARG(app->key)),
                       ks_fmt(cx, "keysteward integration create " KS_FMT, KS_ARG(app->key)),
                       ks_fmt(cx, "keysteward link create " KS_FMT " --entity ENTITY", KS_ARG(app->key)));
}

const ks_route ks_dash_app_routes[] = {
    {"GET", "/dash/apps/{app}", KS_SCOPE_READ, get_one, KS_VIEW_PAGE, KS_SESSION | KS_WORKER,
     "one app: what it asks for, its actions, the integrations of it"},
    {0},
};
