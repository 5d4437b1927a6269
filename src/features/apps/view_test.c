/* features/apps/view_test.c — what projects see of their own apps: swapped under those who hold a view,
 * dropped when too many are held, read by threads while versions come in. */
#include "features/apps/view.h"

#include <pthread.h>
#include <stdio.h>

#include "base/alloc.h"
#include "features/apps/project_apps.h"
#include "tests/support/test.h"
#include "tests/support/world.h"

enum { VERSIONS = 60, READERS = 4, PROJECTS = 20 };

static ks_world *w;

static int setup(void **state)
{
    (void)state;
    w = world_new();
    return w == NULL;
}

static int teardown(void **state)
{
    (void)state;
    world_free(w);
    return 0;
}

/* A call's ctx in the name of `project`. */
static ks_ctx call_of(ks_arena *arena, const ks_env *env, ks_str project)
{
    ks_ctx cx = ks_ctx_new(arena, env);
    cx.project_id = project;
    cx.actor = KS_S("test");
    return cx;
}

static ks_status add(ks_str project, const char *key, int n)
{
    char           text[512];
    ks_arena      *arena = ks_arena_new(32 << 20);
    ks_ctx         cx = call_of(arena, &w->env, project);
    ks_project_app made;
    ks_change     *c;
    snprintf(
        text, sizeof text,
        "app: %s\nname: Own\nabout: Number %d.\ncategories: [tools]\nhome: https://own.example\ndocs: none\n"
        "base: https://api.own.example\n",
        key, n);
    const ks_project_app_ask ask = {.text = ks_str_of(text)};
    ks_status                status = ks_change_new(&cx, &c);
    if (status == KS_OK) {
        status = ks_project_app_add(&cx, c, &ask, &made);
        if (status == KS_OK)
            status = ks_store_apply(&cx, w->vault.store, c);
        else
            ks_change_free(c);
    }
    ks_arena_free(arena);
    return status;
}

/* The number in the app's `about`; 0 when the project does not see the app. */
static int number_seen(ks_ctx *cx, const char *key)
{
    const ks_app *app = ks_catalog_app(cx, ks_catalog_of(cx), ks_str_of(key));
    uint64_t      n = 0;
    if (app != NULL)
        assert_true(ks_str_u64(ks_str_trim(app->about, "Number ."), &n));
    return (int)n;
}

static void project_named(const char *name, char id[48])
{
    char body[64];
    snprintf(body, sizeof body, "{\"project\":\"%s\"}", name);
    w->local = true;
    assert_int_equal(world_call(w, "POST", "/ks/admin/keys", NULL, body), 200);
    world_member(w, "project_id", id, 48);
    w->local = false;
}

static void a_request_keeps_the_apps_it_began_with(void **state)
{
    (void)state;
    char id[48];
    project_named("keeps", id);
    ks_arena *a = ks_arena_new(1 << 20), *b = ks_arena_new(1 << 20);
    ks_ctx    old = call_of(a, &w->env, ks_str_of(id)), fresh = call_of(b, &w->env, ks_str_of(id));
    assert_ptr_equal(ks_catalog_of(&old), w->catalog); /* no own apps: the server's catalogue itself */
    ks_arena_reset(a);
    old = call_of(a, &w->env, ks_str_of(id));
    assert_int_equal(add(ks_str_of(id), "own", 1), KS_OK);
    assert_int_equal(number_seen(&old, "own"), 1);
    const ks_app *held = ks_catalog_app(&old, ks_catalog_of(&old), KS_S("own"));
    assert_int_equal(add(ks_str_of(id), "own", 2), KS_OK);
    assert_int_equal(number_seen(&fresh, "own"), 2);
    assert_int_equal(number_seen(&old, "own"), 1);
    assert_str(held->about, "Number 1.");
    ks_arena_free(a);
    ks_arena_free(b);
}

static void few_views_are_held_and_every_project_sees_its_own_T7(void **state)
{
    (void)state;
    char ids[PROJECTS][48];
    for (int i = 0; i < PROJECTS; i++) {
        char name[16];
        snprintf(name, sizeof name, "p%d", i);
        project_named(name, ids[i]);
        assert_int_equal(add(ks_str_of(ids[i]), "own", i + 1), KS_OK);
    }
    for (int round = 0; round < 2; round++) {
        for (int i = 0; i < PROJECTS; i++) {
            ks_arena *a = ks_arena_new(1 << 20);
            ks_ctx    cx = call_of(a, &w->env, ks_str_of(ids[i]));
            assert_int_equal(number_seen(&cx, "own"), i + 1);
            ks_arena_free(a);
        }
    }
    assert_true(ks_views_count(w->views) < PROJECTS);
    ks_arena *a = ks_arena_new(1 << 20);
    ks_ctx    nobody = call_of(a, &w->env, KS_NO_STR);
    assert_ptr_equal(ks_catalog_of(&nobody), w->catalog);
    ks_arena_free(a);
}

static void a_view_that_cannot_be_made_fails_that_request_alone(void **state)
{
    (void)state;
    char id[48];
    project_named("poor", id);
    assert_int_equal(add(ks_str_of(id), "own", 1), KS_OK);
    bool done = false;
    for (uint64_t n = 1; !done && n < 500; n++) {
        ks_arena *a = ks_arena_new(1 << 20);
        ks_ctx    cx = call_of(a, &w->env, ks_str_of(id));
        ks_apps   apps;
        assert_int_equal(add(ks_str_of(id), "own", (int)n + 1), KS_OK); /* the view is to be made anew */
        ks_alloc_fail_at(n, false);
        const ks_catalog *c = ks_catalog_of(&cx);
        ks_alloc_fail_at(0, false);
        done = c != NULL;
        if (!done) {
            assert_true(cx.starved);
            assert_null(ks_catalog_app(&cx, c, KS_S("own")));
            assert_int_equal(ks_apps_open(&cx, c, &apps), KS_NO_MEMORY);
            assert_int_equal(ks_catalog_actions_n(c), 0);
        }
        cx.starved = false;
        assert_int_equal(number_seen(&cx, "own"), (int)n + 1);
        ks_arena_free(a);
    }
    assert_true(done);
}

/* ---- threads ---- */

typedef struct looker {
    pthread_t    thread;
    ks_env       env;
    ks_arena    *arena;
    ks_str       project;
    _Atomic int *committed;
    bool         wrong;
} looker;

static void *look(void *arg)
{
    looker *l = arg;
    int     seen = 0;
    while (seen < VERSIONS && !l->wrong) {
        int    least = *l->committed;
        ks_ctx cx = call_of(l->arena, &l->env, l->project);
        seen = number_seen(&cx, "own");
        l->wrong = seen < least || ks_catalog_number(ks_catalog_of(&cx), KS_S("own")) == SIZE_MAX;
        ks_arena_reset(l->arena);
    }
    return NULL;
}

static void threads_see_a_version_once_it_is_committed(void **state)
{
    (void)state;
    char        id[48];
    looker      l[READERS];
    _Atomic int committed = 1;
    project_named("busy", id);
    assert_int_equal(add(ks_str_of(id), "own", 1), KS_OK);
    for (size_t i = 0; i < READERS; i++) {
        l[i] = (looker){.env = w->env, .project = ks_str_of(id), .committed = &committed};
        l[i].arena = ks_arena_new(1 << 20);
        l[i].env.cache = ks_row_cache_new(100, 1 << 20);
        assert_int_equal(ks_reader_open(&w->cx, w->vault.store, &l[i].env.reader), KS_OK);
        assert_int_equal(pthread_create(&l[i].thread, NULL, look, &l[i]), 0);
    }
    for (int n = 2; n <= VERSIONS; n++) {
        assert_int_equal(add(ks_str_of(id), "own", n), KS_OK);
        committed = n;
    }
    for (size_t i = 0; i < READERS; i++) {
        pthread_join(l[i].thread, NULL);
        assert_false(l[i].wrong);
        ks_arena_free(l[i].arena);
        ks_reader_close(l[i].env.reader);
        ks_row_cache_free(l[i].env.cache);
    }
}

KS_TESTS_WITH(setup, teardown, a_request_keeps_the_apps_it_began_with,
              few_views_are_held_and_every_project_sees_its_own_T7,
              a_view_that_cannot_be_made_fails_that_request_alone, threads_see_a_version_once_it_is_committed)
