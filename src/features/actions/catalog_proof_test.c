/* features/actions/catalog_proof_test.c — what every field and scheme of the built-in catalogue must hold,
 * app by app: it says what it is, a value cannot lead a call astray (rules T3, N1), and no explanation shows
 * a secret (rule S6). Where credentials are taken from is proved against ghosts: ghosts/ghost_test.c. */
#include <stdio.h>

#include "features/actions/build.h"
#include "features/apps/catalog.h"
#include "tests/support/test.h"

static const ks_str secret = KS_S_INIT("s3cr3t-0123456789-abcdef");

static ks_arena   *arena;
static ks_catalog *catalog;
static ks_ctx      cx;
static size_t      faults;

static int setup(void **state)
{
    ks_arena *keep = ks_arena_new(64 * 1024 * 1024);
    ks_ctx    own = ks_ctx_new(keep, NULL);
    *state = keep;
    arena = ks_arena_new(64 * 1024 * 1024);
    cx = ks_ctx_new(arena, NULL);
    faults = 0;
    return ks_catalog_open(&own, KS_NO_STR, &catalog) != KS_OK;
}

static int teardown(void **state)
{
    ks_catalog_free(catalog);
    ks_arena_free(arena);
    ks_arena_free(*state);
    return 0;
}

static void fault(const ks_app *app, ks_str field, const char *why)
{
    fprintf(stderr, KS_FMT "." KS_FMT ": %s\n", KS_ARG(app->key), KS_ARG(field), why);
    faults++;
}

static void each_scheme(void (*fn)(const ks_app *app, const ks_app_scheme *s))
{
    assert_true(ks_catalog_apps_n(catalog) > 0);
    for (size_t i = 0; i < ks_catalog_apps_n(catalog); i++) {
        const ks_app *app = ks_catalog_app(&cx, catalog, ks_catalog_key_at(catalog, i));
        assert_non_null(app);
        for (size_t j = 0; j < app->schemes_n; j++)
            fn(app, &app->schemes[j]);
        cx.err = (ks_err){0};
        ks_arena_reset(arena);
    }
    assert_int_equal(faults, 0);
}

/* ---- texts and flags ---- */

/* The last word of a field's name says what it holds. */
static bool sounds_secret(ks_str name)
{
    static const char *const words[] = {"key", "token", "secret", "password", "passphrase"};
    static const char *const open[] = {"public_key", "project_key", "publishable_key"};
    for (size_t i = 0; i < KS_COUNT(open); i++) {
        if (ks_str_eq(name, ks_str_of(open[i])))
            return false;
    }
    for (size_t i = 0; i < KS_COUNT(words); i++) {
        ks_str word = ks_str_of(words[i]);
        if (ks_str_ends(name, word) && (name.n == word.n || name.p[name.n - word.n - 1] == '_'))
            return true;
    }
    return false;
}

static bool in_host(const ks_app_field *f)
{
    return f->kind == KS_APP_LABEL || f->kind == KS_APP_HOST || f->kind == KS_APP_URL ||
           f->kind == KS_APP_CHOICE;
}

static void check_texts(const ks_app *app, const ks_app_scheme *s)
{
    bool any = s->fields_n == 0;
    for (size_t i = 0; i < s->fields_n; i++) {
        const ks_app_field *f = &s->fields[i];
        char                last = f->help.n ? f->help.p[f->help.n - 1] : '\0';
        any |= f->secret;
        if (f->label.n == 0 || f->label.n > 60)
            fault(app, f->name, "has no label, or a long one");
        if (f->help.n < 12 || f->help.n > 300 || (last != '.' && last != ')'))
            fault(app, f->name, "has no sentence of help");
        if (sounds_secret(f->name) && !f->secret && f->fallback.p == NULL && !in_host(f))
            fault(app, f->name, "sounds secret and is not marked so");
    }
    if (!any)
        fault(app, s->scheme, "asks for nothing that is secret");
    if ((s->find_url.p != NULL) != (s->find_steps.n > 0))
        fault(app, s->scheme, "says where to look but not how, or how but not where");
}

static void every_field_says_what_it_is_and_secrets_are_marked(void **state)
{
    (void)state;
    each_scheme(check_texts);
}

/* ---- values that would lead astray ---- */

static ks_status take_one(const ks_app *app, const ks_app_scheme *s, const ks_app_field *f, const char *value,
                          ks_credential *c)
{
    ks_buf  *b = ks_ctx_buf(&cx, 4096);
    ks_json *values;
    assert_non_null(b);
    ks_jw w = ks_jw_new(b);
    ks_jw_obj(&w, NULL);
    ks_jw_str(&w, f->name.p, ks_str_of(value));
    ks_jw_end(&w, '}');
    assert_int_equal(ks_json_parse(&cx, ks_buf_view(b), &values), KS_OK);
    assert_int_equal(ks_credential_new(&cx, app, s, c), KS_OK);
    return ks_credential_take(&cx, c, values, "data.");
}

static void refuse_hostile(const ks_app *app, const ks_app_scheme *s)
{
    static const char *const hostile[][6] = {
        [KS_APP_LABEL] = {"evil.example/", "a.b", "a@b", "-a", "a#", "%2e"},
        [KS_APP_HOST] = {"evil.example/x", "u@evil.example", "a b", "evil.example?x", "evil.example#x",
                         "https://a"},
        [KS_APP_URL] = {"//evil.example", "https://u:p@evil.example", "ftp://evil.example",
                        "https://evil.example?x=1", "https://evil.example#x", "evil.example"},
        [KS_APP_CHOICE] = {"evil.example", "x", "*", "@evil.example", "../", "evil.example/"},
    };
    for (size_t i = 0; i < s->fields_n; i++) {
        const ks_app_field *f = &s->fields[i];
        ks_credential       c;
        for (size_t k = 0; in_host(f) && k < KS_COUNT(hostile[0]); k++) {
            if (take_one(app, s, f, hostile[f->kind][k], &c) != KS_INVALID)
                fault(app, f->name, hostile[f->kind][k]);
            cx.err = (ks_err){0};
        }
    }
}

static void values_that_lead_astray_are_refused_T3(void **state)
{
    (void)state;
    each_scheme(refuse_hostile);
}

/* ---- calls ---- */

/* A host that the rules allow, or one that they do not. */
static ks_str host_value(const ks_app_scheme *s, bool stray)
{
    if (stray || s->hosts.n == 0)
        return KS_S("own.example.com");
    ks_str rule = s->hosts.at[0];
    return ks_str_starts(rule, KS_S("*.")) ? ks_fmt(&cx, "own" KS_FMT, KS_ARG(ks_str_sub(rule, 1, SIZE_MAX)))
                                           : rule;
}

static ks_str sample(const ks_app_scheme *s, const ks_app_field *f, bool stray)
{
    if (f->kind == KS_APP_CHOICE)
        return f->values.at[f->values.n - 1];
    if (f->kind == KS_APP_URL)
        return ks_fmt(&cx, "https://" KS_FMT "/sub", KS_ARG(host_value(s, stray)));
    if (f->kind == KS_APP_HOST)
        return host_value(s, stray);
    return f->secret ? secret : KS_S("acme");
}

static ks_subject connect_to(const ks_app *app, const ks_app_scheme *s, bool stray, ks_credential *c)
{
    ks_buf  *b = ks_ctx_buf(&cx, 64 * 1024);
    ks_json *values;
    assert_non_null(b);
    ks_jw w = ks_jw_new(b);
    ks_jw_obj(&w, NULL);
    for (size_t i = 0; i < s->fields_n; i++)
        ks_jw_str(&w, s->fields[i].name.p, sample(s, &s->fields[i], stray));
    ks_jw_end(&w, '}');
    assert_int_equal(ks_json_parse(&cx, ks_buf_view(b), &values), KS_OK);
    assert_int_equal(ks_credential_new(&cx, app, s, c), KS_OK);
    assert_int_equal(ks_credential_take(&cx, c, values, "data."), KS_OK);
    return (ks_subject){
        .credential = c, .app = app, .project_id = KS_S("pr_1"), .connection_id = KS_S("ca_1")};
}

static bool shows(const ks_text *t)
{
    return ks_str_find(ks_text_explain(&cx, t), secret) != SIZE_MAX;
}

/* What a call says of itself, and where it goes. */
static void judge_call(const ks_app *app, const ks_app_scheme *s, const ks_call *call)
{
    bool shown = shows(&call->path) || shows(&call->query) || shows(&call->body), held = s->hosts.n == 0;
    for (size_t i = 0; i < call->headers_n; i++)
        shown |= shows(&call->headers[i].value);
    for (size_t i = 0; i < s->hosts.n; i++)
        held |= ks_host_matches(call->origin.host, s->hosts.at[i]);
    if (shown)
        fault(app, s->scheme, "an explanation shows the secret");
    if (!held)
        fault(app, s->scheme, "a call goes to a host that is not in `hosts`");
    if (call->secrets_n == 0 && s->fields_n > 0)
        fault(app, s->scheme, "no secret is looked for in answers");
}

static void explain_calls(const ks_app *app, const ks_app_scheme *s)
{
    const ks_raw_request raw = {.method = KS_S("POST"), .endpoint = KS_S("/x")};
    ks_credential        c;
    ks_subject           subject = connect_to(app, s, false, &c);
    ks_call             *call = NULL;
    if (ks_scheme_lacks(s) != NULL || s->dsn.n > 0)
        return;
    if (ks_build_request(&cx, &subject, &raw, NULL, &call) != KS_OK)
        fault(app, s->scheme, cx.err.message.p);
    else
        judge_call(app, s, call);
    if (ks_build_check(&cx, &subject, &call) != KS_OK)
        fault(app, s->scheme, cx.err.message.p);
    else if (call != NULL)
        judge_call(app, s, call);
}

static void explanations_hide_secrets_and_calls_stay_within_hosts_S6_N1(void **state)
{
    (void)state;
    each_scheme(explain_calls);
}

/* An address that a person types is held against `hosts` where there is such a list. */
static void refuse_stray(const ks_app *app, const ks_app_scheme *s)
{
    const ks_raw_request raw = {.method = KS_S("GET"), .endpoint = KS_S("/x")};
    ks_credential        c;
    ks_call             *call = NULL;
    bool                 typed = false;
    for (size_t i = 0; i < s->fields_n; i++)
        typed |= s->fields[i].kind == KS_APP_HOST || s->fields[i].kind == KS_APP_URL;
    if (!typed || s->hosts.n == 0 || ks_scheme_lacks(s) != NULL)
        return;
    ks_subject subject = connect_to(app, s, true, &c);
    if (ks_build_request(&cx, &subject, &raw, NULL, &call) != KS_INVALID)
        fault(app, s->scheme, "a call to a host beside `hosts` was built");
}

static void an_address_beside_the_list_is_refused_N1(void **state)
{
    (void)state;
    each_scheme(refuse_stray);
}

KS_TESTS_WITH(setup, teardown, every_field_says_what_it_is_and_secrets_are_marked,
              values_that_lead_astray_are_refused_T3,
              explanations_hide_secrets_and_calls_stay_within_hosts_S6_N1,
              an_address_beside_the_list_is_refused_N1)
