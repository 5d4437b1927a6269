/* features/dash/settings_page.c — /dash/settings: how the server is set, what the project decides, and what
 * ends things for all of it at once. The look of connect pages: look_page.c. docs/dashboard.md DASH-34,
 * DASH-35, DASH-38, DASH-39. */
#include "features/dash/frame.h"
#include "features/dash/inputs.h"
#include "features/integrations/integration.h"
#include "features/routes.h"
#include "features/settings/settings.h"
#include "features/tokens/tokens.h"

#define FORM_JSON (2 * KS_MAX_FORM_BYTES) /* bytes of a form as JSON */

/* ---- how the server is set ---- */

static void put_fact(ks_dash *d, const char *name, ks_str value, const char *flag)
{
    KS_HTML_WITH(&d->h, "<tr><th scope=\"row\">{}</th><td><bdi>{}</bdi></td><td>", ks_str_of(name), value);
    if (flag[0] != '\0')
        KS_HTML_WITH(&d->h, "<code>{}</code>", ks_str_of(flag));
    else
        KS_HTML(&d->h, "<span class=\"muted\">none</span>");
    KS_HTML(&d->h, "</td></tr>\n");
}

static ks_str size_text(ks_ctx *cx, int64_t bytes)
{
    if (bytes < 1024 * 1024)
        return ks_fmt(cx, "%lld kB", (long long)(bytes + 1023) / 1024);
    return ks_fmt(cx, "%lld MB", (long long)bytes / (1024 * 1024));
}

static void put_since(ks_dash *d, int64_t started_at)
{
    KS_HTML(&d->h, "<tr><th scope=\"row\">Started</th><td>");
    ks_dash_when(d, started_at);
    KS_HTML(&d->h, "</td><td><span class=\"muted\">none</span></td></tr>\n");
}

static ks_status put_server(ks_dash *d)
{
    const ks_settings *s = d->cx->env->settings;
    ks_store_facts     facts;
    KS_TRY(ks_store_look(d->cx, d->cx->env->store, &facts));
    KS_HTML(&d->h,
            "<h2>Server</h2>\n<p class=\"hint\">Set when it is started, by flags, environment or file: "
            "<code>keysteward serve --help</code></p>\n");
    KS_DASH_TABLE(d, "Settings of the server", "What", "Now", "Flag of serve");
    put_fact(d, "Version", KS_S(KS_VERSION), "");
    put_since(d, s->started_at);
    put_fact(d, "Listens on", s->listen.n > 0 ? s->listen : KS_S("-"), "--listen");
    put_fact(d, "Public address", s->public_url.n > 0 ? s->public_url : KS_S("as callers address it"),
             "--public-url");
    put_fact(d, "Keys are checked", ks_str_of(ks_verify_word(s->verify)), "--verify");
    put_fact(d, "Records of uses",
             s->strict_uses ? KS_S("strict: before the answer") : KS_S("batched: within a second"),
             "--audit-uses");
    put_fact(d, "Log of calls",
             s->calls_keep > 0 ? ks_fmt(d->cx, "kept for %lld days", (long long)s->calls_keep) : KS_S("none"),
             "--calls-keep");
    put_fact(d, "Several connections, none named",
             s->ambiguous_refuse ? KS_S("refused") : KS_S("the newest is used"), "--ambiguous");
    put_fact(d, "Vendors", s->ghost ? KS_S("simulated") : KS_S("real"), "--ghost");
    put_fact(d, "Database", size_text(d->cx, facts.bytes), "--data");
    put_fact(d, "Schema", ks_fmt(d->cx, "version %d", facts.schema), "");
    ks_dash_table_end(d);
    return KS_OK;
}

/* ---- what the project decides ---- */

/* What was typed, else what is stored. */
static ks_str shown(const ks_form *posted, const char *name, ks_str stored)
{
    ks_str typed = posted != NULL ? ks_form_get(posted, ks_str_of(name)) : KS_NO_STR;
    return typed.p != NULL ? typed : stored;
}

static void put_verify(ks_dash *d, ks_str now)
{
    ks_str values[KS_VERIFY_REQUIRED + 1], words[KS_VERIFY_REQUIRED + 1];
    for (ks_verify_mode m = KS_VERIFY_DEFAULT; m <= KS_VERIFY_REQUIRED; m++) {
        values[m] = ks_str_of(ks_verify_word(m));
        words[m] = m == KS_VERIFY_DEFAULT ? KS_S("as the server is set") : values[m];
    }
    const ks_dash_input in = {.name = KS_S("verify"),
                              .label = KS_S("Check keys when a user connects"),
                              .value = now,
                              .wrong = d->wrong};
    ks_dash_input_choice(d, &in, values, words, KS_COUNT(values));
}

static ks_status put_project(ks_dash *d, const ks_form *posted)
{
    ks_project_settings s;
    KS_TRY(ks_project_settings_get(d->cx, &s));
    KS_HTML(&d->h, "<h2>This project</h2>\n");
    if (!(d->cx->scopes & KS_SCOPE_CONNECT))
        KS_HTML(&d->h, "<p class=\"box\">Your API key has not the right <code>connect</code>, so this is for "
                       "reading.</p>\n");
    KS_HTML_WITH(&d->h, "<form class=\"card\" method=\"post\" action=\"{}/dash/settings/project\">\n",
                 d->root);
    ks_dash_csrf(d);
    put_verify(d, shown(posted, "verify", ks_str_of(ks_verify_word(s.verify))));
    ks_dash_text_field(d, "allowed_origins", "Sites that may show new links in a frame",
                       "With blanks between: https://app.example.com. A link that names its own has those.",
                       shown(posted, "allowed_origins", s.origins));
    ks_dash_text_field(d, "return_origins", "Sites that new links may lead back to",
                       "With blanks between. Left empty, a return URL may lead anywhere.",
                       shown(posted, "return_origins", s.return_origins));
    if (d->cx->scopes & KS_SCOPE_CONNECT)
        KS_HTML(&d->h, "<button>Save</button>\n");
    KS_HTML(&d->h, "</form>\n");
    KS_HTML_WITH(
        &d->h,
        "<p class=\"actions\"><a class=\"button plain\" href=\"{}/dash/settings/look\">Look of connect "
        "pages</a></p>\n",
        d->root);
    return KS_OK;
}

/* ---- what ends things for all ---- */

static void put_end(ks_dash *d, const char *what, const char *title, ks_str effect, const ks_form *posted)
{
    KS_HTML_WITH(
        &d->h,
        "<form class=\"card\" method=\"post\" action=\"{}/dash/settings/{}\">\n<h3>{}</h3>\n<p>{}</p>\n",
        d->root, ks_str_of(what), ks_str_of(title), effect);
    ks_dash_csrf(d);
    ks_dash_text_field(d, what, "Type the project's name", "", shown(posted, what, KS_NO_STR));
    KS_HTML_WITH(&d->h, "<button class=\"danger\">{}</button>\n</form>\n", ks_str_of(title));
}

static ks_status put_danger(ks_dash *d, const ks_form *posted)
{
    ks_ctx         *cx = d->cx;
    int64_t         sessions, keys, integrations;
    ks_integration *none;
    size_t          n;
    if (!(cx->scopes & KS_SCOPE_ADMIN))
        return KS_OK;
    KS_TRY(ks_session_count(cx, &sessions));
    KS_TRY(ks_key_count(cx, &keys));
    KS_TRY(ks_integration_list(cx, KS_NO_STR, false, 0, 1, &none, &n, &integrations));
    KS_HTML_WITH(&d->h, "<h2>Danger zone</h2>\n<p>For all of the project <bdi>{}</bdi>, at once.</p>\n",
                 ks_session_of(cx)->project);
    put_end(
        d, "end-sessions", "Sign everybody out",
        ks_fmt(cx,
               "Browsers that are signed in: %lld, this one among them. Addresses of keysteward dash that "
               "nobody has used open nothing any more.",
               (long long)sessions),
        posted);
    put_end(
        d, "revoke-keys", "Revoke all API keys",
        ks_fmt(cx,
               "Keys that were not revoked: %lld. Every program that calls with one is refused from then on. "
               "It cannot be undone.",
               (long long)keys),
        posted);
    put_end(d, "disable-integrations", "Disable all integrations",
            ks_fmt(cx,
                   "Integrations that are enabled: %lld. Nobody connects or acts through them until they are "
                   "enabled again. Credentials are kept.",
                   (long long)integrations),
            posted);
    return KS_OK;
}

/* ---- the page ---- */

static ks_status draw(ks_ctx *cx, const ks_req *rq, ks_res *rs, const ks_form *posted)
{
    ks_dash d;
    KS_TRY(ks_dash_begin(cx, rq, rs, KS_DASH_SETTINGS, KS_S("Settings"), &d));
    if (posted != NULL)
        KS_TRY(ks_dash_again(&d));
    KS_TRY(put_project(&d, posted));
    KS_TRY(put_server(&d));
    KS_TRY(put_danger(&d, posted));
    return KS_DASH_END(&d, KS_S("keysteward settings show"),
                       KS_S("keysteward settings set --verify required --origin URL --return-origin URL"),
                       KS_S("keysteward serve --help"), KS_S("keysteward key revoke ID"));
}

static ks_status get_settings(ks_ctx *cx, const ks_req *rq, ks_res *rs)
{
    return draw(cx, rq, rs, NULL);
}

/* "a b" as a list. */
static void put_list(ks_jw *w, const char *name, const ks_form *form)
{
    ks_str text = ks_form_get(form, ks_str_of(name)), one;
    ks_jw_arr(w, name);
    while (ks_str_cut(&text, ' ', &one)) {
        if (one.n > 0)
            ks_jw_str(w, NULL, one);
    }
    ks_jw_end(w, ']');
}

static ks_status given_of(ks_ctx *cx, const ks_form *form, ks_json **out)
{
    ks_str  verify = ks_form_get(form, KS_S("verify"));
    ks_buf *b = ks_ctx_buf(cx, FORM_JSON);
    if (b == NULL)
        return KS_NO_MEMORY;
    ks_jw w = ks_jw_new(b);
    ks_jw_obj(&w, NULL);
    ks_jw_str(&w, "verify", ks_str_eq(verify, KS_S("default")) ? KS_NO_STR : verify);
    put_list(&w, "allowed_origins", form);
    put_list(&w, "return_origins", form);
    ks_jw_end(&w, '}');
    return ks_buf_ok(b) ? ks_json_parse(cx, ks_buf_view(b), out) : ks_no_memory(cx);
}

static ks_status post_project(ks_ctx *cx, const ks_req *rq, ks_res *rs)
{
    ks_form             form;
    ks_json            *given;
    ks_project_settings now;
    ks_change          *change;
    KS_TRY(ks_dash_posted(cx, rq, &form));
    KS_TRY(given_of(cx, &form, &given));
    KS_TRY(ks_change_new(cx, &change));
    ks_status st = ks_project_settings_set_add(cx, change, given, &now);
    if (st == KS_INVALID) {
        ks_change_free(change);
        return draw(cx, rq, rs, &form);
    }
    if (st == KS_OK)
        st = ks_dash_go(cx, rs, KS_S("/dash/settings"), KS_DONE_SAVED);
    return ks_res_commit_built(cx, rq, rs, change, st);
}

/* Was the project's name typed? INVALID naming the field `what`. */
static ks_status typed(ks_ctx *cx, const ks_form *form, const char *what)
{
    ks_str name = ks_str_trim(ks_form_get(form, ks_str_of(what)), " ");
    if (ks_str_eq(name, ks_str_trim(ks_session_of(cx)->project, " ")))
        return KS_OK;
    return ks_fail(cx, KS_INVALID, what,
                   "That is not the name of this project, so nothing was done. Type the name that is shown.");
}

/* One of the three: `add` puts it into a change, then the browser goes to `path`. */
static ks_status end_all(ks_ctx *cx, const ks_req *rq, ks_res *rs, const char *what,
                         ks_status (*add)(ks_ctx *cx, ks_change *change), ks_str path, ks_dash_done done)
{
    ks_form    form;
    ks_change *change;
    KS_TRY(ks_dash_posted(cx, rq, &form));
    ks_status st = typed(cx, &form, what);
    if (st == KS_INVALID)
        return draw(cx, rq, rs, &form);
    KS_TRY(st);
    KS_TRY(ks_dash_go(cx, rs, path, done));
    KS_TRY(ks_change_new(cx, &change));
    return ks_res_commit_built(cx, rq, rs, change, add(cx, change));
}

static ks_status post_sessions(ks_ctx *cx, const ks_req *rq, ks_res *rs)
{
    return end_all(cx, rq, rs, "end-sessions", ks_session_end_all_add, KS_S("/dash/login"), KS_DONE_NOTHING);
}

static ks_status post_keys(ks_ctx *cx, const ks_req *rq, ks_res *rs)
{
    return end_all(cx, rq, rs, "revoke-keys", ks_key_revoke_all_add, KS_S("/dash/keys"), KS_DONE_REVOKED);
}

static ks_status post_integrations(ks_ctx *cx, const ks_req *rq, ks_res *rs)
{
    return end_all(cx, rq, rs, "disable-integrations", ks_integration_disable_all_add, KS_S("/dash/settings"),
                   KS_DONE_DISABLED);
}

#define P(method, path, scope, run, flags, text)                                                             \
    {                                                                                                        \
        method, "/dash/settings" path, KS_SCOPE_##scope, run, KS_VIEW_PAGE,                                  \
            KS_SESSION | KS_WORKER | (flags), text                                                           \
    }
const ks_route ks_dash_settings_routes[] = {
    P("GET", "", READ, get_settings, 0, "how the server is set, and what the project decides"),
    P("POST", "/project", CONNECT, post_project, KS_ONCE, "set what the project decides"),
    P("POST", "/end-sessions", ADMIN, post_sessions, KS_ONCE, "sign all browsers of the project out"),
    P("POST", "/revoke-keys", ADMIN, post_keys, KS_ONCE, "revoke all its API keys"),
    P("POST", "/disable-integrations", ADMIN, post_integrations, KS_ONCE, "disable all its integrations"),
    {0},
};
