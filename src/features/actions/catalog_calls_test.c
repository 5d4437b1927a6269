/* features/actions/catalog_calls_test.c — every check and every action of the built-in catalogue makes a
 * request to a host that its app file allows, from made-up values alone. It does not send anything. */
#include "features/actions/build.h"

#include "features/apps/catalog.h"
#include "tests/support/sample.h"
#include "tests/support/test.h"

#include <stdio.h>

typedef struct world {
    ks_ctx        cx;
    ks_credential c;
    ks_subject    s;
    size_t        faults;
} world;

static int setup(void **state)
{
    static world w;
    w.cx = ks_ctx_new(ks_arena_new(KS_ARENA_MAX), NULL);
    w.faults = 0;
    *state = &w;
    return w.cx.arena != NULL ? 0 : -1;
}

static int teardown(void **state)
{
    ks_arena_free(((world *)*state)->cx.arena);
    return 0;
}

/* A host that the rules of the app allow. */
static ks_str sample_host(world *w, const ks_app_scheme *s)
{
    if (s->hosts.n == 0)
        return KS_S("own.example.com");
    return ks_str_starts(s->hosts.at[0], KS_S("*."))
               ? ks_fmt(&w->cx, "own" KS_FMT, KS_ARG(ks_str_sub(s->hosts.at[0], 1, SIZE_MAX)))
               : s->hosts.at[0];
}

/* A value that passes: what is a list takes its first. */
static ks_str sample_field(world *w, const ks_app_scheme *s, const ks_app_field *f)
{
    if (f->fallback.p != NULL)
        return f->fallback;
    if (f->kind == KS_APP_CHOICE)
        return f->values.at[0];
    if (f->kind == KS_APP_URL)
        return ks_fmt(&w->cx, "https://" KS_FMT, KS_ARG(sample_host(w, s)));
    if (f->kind == KS_APP_HOST)
        return sample_host(w, s);
    return KS_S("made-up-0123456789");
}

static void connect_to(world *w, const ks_app *app, const ks_app_scheme *scheme)
{
    ks_buf  *b = ks_ctx_buf(&w->cx, 64 * 1024);
    ks_json *values;
    assert_non_null(b);
    ks_jw jw = ks_jw_new(b);
    ks_jw_obj(&jw, NULL);
    for (size_t i = 0; i < scheme->fields_n; i++)
        ks_jw_str(&jw, scheme->fields[i].name.p, sample_field(w, scheme, &scheme->fields[i]));
    ks_jw_end(&jw, '}');
    assert_int_equal(ks_json_parse(&w->cx, ks_buf_view(b), &values), KS_OK);
    assert_int_equal(ks_credential_new(&w->cx, app, scheme, &w->c), KS_OK);
    assert_int_equal(ks_credential_take(&w->cx, &w->c, values, ""), KS_OK);
    assert_int_equal(ks_credential_complete(&w->cx, &w->c, ""), KS_OK);
    w->s = (ks_subject){
        .credential = &w->c, .app = app, .project_id = KS_S("pr_1"), .connection_id = KS_S("ca_1")};
}

static void fault(world *w, ks_str what, ks_str why)
{
    fprintf(stderr, KS_FMT ": " KS_FMT "\n", KS_ARG(what), KS_ARG(why));
    w->faults++;
}

static void try_action(world *w, const ks_app_action *a, bool all)
{
    ks_call *call = NULL;
    if (ks_build_action(&w->cx, &w->s, a, sample_input(&w->cx, a, all), NULL, &call) != KS_OK) {
        fault(w, a->name, w->cx.err.message);
        return;
    }
    ks_json *body = NULL;
    ks_str   text = ks_text_explain(&w->cx, &call->body);
    if (call->host_rule.n == 0)
        fault(w, a->name, KS_S("goes to a host that no rule names"));
    if (call->has_body && a->encoding == KS_ENCODE_JSON && ks_json_parse(&w->cx, text, &body) != KS_OK)
        fault(w, a->name, KS_S("has a body that is no JSON"));
    if (!ks_str_starts(ks_text_explain(&w->cx, &call->path), KS_S("/")))
        fault(w, a->name, KS_S("has a path without a '/' in front"));
}

static void try_scheme(world *w, const ks_app *app, const ks_app_scheme *scheme)
{
    ks_call *call = NULL;
    if (ks_scheme_lacks(scheme) != NULL || scheme->dsn.n > 0)
        return; /* databases: features/databases/statement_test.c */
    connect_to(w, app, scheme);
    if (ks_build_check(&w->cx, &w->s, &call) != KS_OK)
        fault(w, app->key, w->cx.err.message);
    if (scheme->check.method.p != NULL && call == NULL)
        fault(w, app->key, KS_S("has a check that made no request"));
    for (size_t i = 0; i < app->actions_n; i++) {
        try_action(w, &app->actions[i], true);
        try_action(w, &app->actions[i], false);
    }
}

static void every_check_and_action_of_the_catalogue_makes_a_request(void **state)
{
    world      *w = *state;
    ks_catalog *catalog;
    assert_int_equal(ks_catalog_open(&w->cx, KS_NO_STR, &catalog), KS_OK);
    assert_true(ks_catalog_apps_n(catalog) > 0);
    for (size_t i = 0; i < ks_catalog_apps_n(catalog); i++) {
        const ks_app *app = ks_catalog_app(&w->cx, catalog, ks_catalog_key_at(catalog, i));
        assert_non_null(app);
        for (size_t j = 0; j < app->schemes_n; j++)
            try_scheme(w, app, &app->schemes[j]);
    }
    ks_catalog_free(catalog);
    assert_int_equal(w->faults, 0);
}

KS_TESTS_WITH(setup, teardown, every_check_and_action_of_the_catalogue_makes_a_request)
