/* features/apps/catalog_test.c — look-ups of the built-in catalogue, and the operator's files over it. */
#include "features/apps/app_image.h"
#include "features/apps/catalog.h"
#include "tests/support/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

typedef struct world {
    ks_arena   *arena;
    ks_ctx      cx;
    ks_catalog *c;
    char        dir[64];
} world;

static int setup(void **state)
{
    world *w = calloc(1, sizeof *w);
    assert_non_null(w);
    w->arena = ks_arena_new(32 * 1024 * 1024);
    w->cx = ks_ctx_new(w->arena, NULL);
    memcpy(w->dir, "/tmp/ks-apps-XXXXXX", sizeof "/tmp/ks-apps-XXXXXX");
    assert_non_null(mkdtemp(w->dir));
    assert_int_equal(ks_catalog_open(&w->cx, KS_NO_STR, &w->c), KS_OK);
    *state = w;
    return 0;
}

static const char *file_in(const world *w, const char *name)
{
    static char path[128];
    snprintf(path, sizeof path, "%s/%s", w->dir, name);
    return path;
}

static int teardown(void **state)
{
    world *w = *state;
    ks_catalog_free(w->c);
    ks_arena_free(w->arena);
    unlink(file_in(w, "acme.yaml"));
    unlink(file_in(w, "demo.yaml"));
    rmdir(w->dir);
    free(w);
    return 0;
}

static void put_file(const world *w, const char *name, const char *rest)
{
    FILE *f = fopen(file_in(w, name), "w");
    assert_non_null(f);
    fprintf(f,
            "app: %.4s\nname: Acme\nabout: Things.\ncategories: [tools]\nhome: https://acme.example\n"
            "docs: none\nbase: https://acme.example\n%s",
            name, rest);
    assert_int_equal(fclose(f), 0);
}

static void apps_answer_to_key_alias_and_id_in_any_spelling(void **state)
{
    world        *w = *state;
    const ks_app *hn = ks_catalog_app(&w->cx, w->c, KS_S("hackernews"));
    assert_non_null(hn);
    assert_ptr_equal(ks_catalog_app(&w->cx, w->c, KS_S("HACKERNEWS")), hn);
    assert_ptr_equal(ks_catalog_app(&w->cx, w->c, KS_S("Hacker-News")), hn);
    assert_ptr_equal(ks_catalog_app(&w->cx, w->c, KS_S("hacker news")), hn);
    assert_ptr_equal(ks_catalog_app(&w->cx, w->c, hn->id), hn);
    assert_null(ks_catalog_app(&w->cx, w->c, KS_S("")));
    assert_null(ks_catalog_app(&w->cx, w->c, KS_NO_STR));
    assert_null(ks_catalog_app(&w->cx, w->c, KS_S("nothing_of_this_name")));
    char long_name[200];
    memset(long_name, 'a', sizeof long_name);
    assert_null(ks_catalog_app(&w->cx, w->c, (ks_str){long_name, sizeof long_name}));
}

static void every_built_in_name_finds_its_app_and_every_action_itself(void **state)
{
    world *w = *state;
    size_t n = ks_catalog_apps_n(w->c);
    assert_true(n >= 2);
    for (size_t i = 0; i < n; i++) {
        ks_str        key = ks_catalog_key_at(w->c, i);
        const ks_app *app = ks_catalog_app(&w->cx, w->c, key);
        assert_true(i == 0 || ks_str_cmp(ks_catalog_key_at(w->c, i - 1), key) < 0);
        assert_true(ks_str_eq(app->key, key));
        assert_ptr_equal(ks_catalog_app(&w->cx, w->c, app->id), app);
        for (size_t j = 0; j < app->aliases.n; j++)
            assert_ptr_equal(ks_catalog_app(&w->cx, w->c, app->aliases.at[j]), app);
        for (size_t j = 0; j < app->actions_n; j++) {
            const ks_app *of;
            assert_ptr_equal(ks_catalog_action(&w->cx, w->c, app->actions[j].name, &of), &app->actions[j]);
            assert_ptr_equal(of, app);
        }
    }
}

static void unknown_names_say_where_to_look(void **state)
{
    world               *w = *state;
    const ks_app        *app;
    const ks_app_action *action;
    assert_int_equal(ks_catalog_need_app(&w->cx, w->c, "app", KS_S("nope"), &app), KS_NOT_FOUND);
    assert_str(w->cx.err.code, "app_not_found");
    assert_int_equal(ks_catalog_need_action(&w->cx, w->c, KS_S("DEMO_NOPE"), &app, &action), KS_NOT_FOUND);
    assert_str(w->cx.err.code, "action_not_found");
    assert_int_equal(ks_catalog_need_action(&w->cx, w->c, KS_S("demo_echo"), &app, &action), KS_OK);
    assert_str(app->key, "demo");
}

static void the_demo_app_is_found_by_scheme_and_field_alias(void **state)
{
    world               *w = *state;
    const ks_app        *demo = ks_catalog_app(&w->cx, w->c, KS_S("demo"));
    const ks_app_scheme *s = ks_app_scheme_find(demo, KS_NO_STR);
    assert_true(demo->ghost_only);
    assert_ptr_equal(ks_app_scheme_find(demo, KS_S("api_key")), s);
    assert_null(ks_app_scheme_find(demo, KS_S("BASIC")));
    assert_ptr_equal(ks_app_field_find(s, KS_S("generic_api_key")), ks_app_field_find(s, KS_S("api_key")));
    assert_null(ks_app_field_find(s, KS_S("other")));
}

/* The list of a catalogue has every app and action once, by name, and each is the one that look-ups find. */
static void assert_in_order(world *w, const ks_catalog *c)
{
    ks_apps apps;
    size_t  of_apps = 0;
    assert_int_equal(ks_apps_open(&w->cx, c, &apps), KS_OK);
    for (size_t i = 0; i < apps.n; i++) {
        const ks_app *app;
        assert_int_equal(ks_apps_at(&apps, i, &app), KS_OK);
        assert_true(ks_str_eq(app->key, ks_catalog_key_at(c, i)));
        assert_true(i == 0 || ks_str_cmp(ks_catalog_key_at(c, i - 1), app->key) < 0);
        assert_true(ks_image_same(&ks_image_app, app, ks_catalog_app(&w->cx, c, app->key)));
        of_apps += app->actions_n;
    }
    assert_int_equal(of_apps, ks_catalog_actions_n(c));
    for (size_t i = 0; i < of_apps; i++) {
        ks_str        name = ks_catalog_action_name_at(c, i);
        const ks_app *app;
        ks_action_ref r;
        assert_int_equal(ks_apps_action(&apps, i, &r), KS_OK);
        assert_true(ks_str_eq(r.action->name, name));
        assert_true(i == 0 || ks_str_cmp(ks_catalog_action_name_at(c, i - 1), name) < 0);
        assert_true(ks_str_eq(ks_catalog_action(&w->cx, c, name, &app)->title, r.action->title));
        assert_true(ks_str_eq(ks_catalog_key_at(c, ks_catalog_action_app(c, i)), app->key));
        assert_true(ks_str_eq(r.app->key, app->key));
    }
    ks_apps window;
    assert_int_equal(ks_apps_open_window(&w->cx, c, &window), KS_OK);
    for (size_t i = apps.n; i-- > 0;) {
        const ks_app *app;
        assert_int_equal(ks_apps_at(&window, i, &app), KS_OK);
        assert_true(ks_str_eq(app->key, ks_catalog_key_at(c, i)));
        assert_int_equal(ks_catalog_number(c, app->id), i);
    }
    assert_null(ks_catalog_key_at(c, apps.n).p);
    assert_null(ks_catalog_action_name_at(c, of_apps).p);
}

static void every_list_is_in_order(void **state)
{
    world *w = *state;
    assert_in_order(w, w->c);
}

static void the_operators_files_come_in_and_replace(void **state)
{
    world *w = *state;
    put_file(w, "acme.yaml",
             "aliases: [acme_corp]\nactions:\n  - {name: ACME_A, title: A, about: A., "
             "method: GET, path: /a, tags: [read]}\n");
    put_file(w, "demo.yaml", "");
    ks_catalog *c;
    assert_int_equal(ks_catalog_open(&w->cx, ks_str_of(w->dir), &c), KS_OK);
    assert_int_equal(ks_catalog_apps_n(c), ks_catalog_apps_n(w->c) + 1);
    assert_in_order(w, c);
    assert_str(ks_catalog_app(&w->cx, c, KS_S("Acme-Corp"))->key, "acme");
    assert_str(ks_catalog_app(&w->cx, c, KS_S("demo"))->name, "Acme");
    const ks_app *app;
    assert_non_null(ks_catalog_action(&w->cx, c, KS_S("acme_a"), &app));
    assert_null(ks_catalog_action(&w->cx, c, KS_S("DEMO_ECHO"), &app));
    assert_non_null(ks_catalog_action(&w->cx, c, KS_S("HACKERNEWS_GET_ITEM"), &app));
    ks_catalog_free(c);
}

static void a_wrong_file_stops_the_opening_and_is_named(void **state)
{
    world *w = *state;
    put_file(w, "acme.yaml", "colour: red\n");
    ks_catalog *c = NULL;
    assert_int_equal(ks_catalog_open(&w->cx, ks_str_of(w->dir), &c), KS_INVALID);
    assert_null(c);
    assert_non_null(strstr(w->cx.err.message.p, "acme.yaml:8: "));
}

static void two_apps_with_one_name_are_refused(void **state)
{
    world *w = *state;
    put_file(w, "acme.yaml", "aliases: [Hacker-News]\n");
    ks_catalog *c = NULL;
    assert_int_equal(ks_catalog_open(&w->cx, ks_str_of(w->dir), &c), KS_INVALID);
    assert_non_null(strstr(w->cx.err.message.p, "hackernews.yaml"));
}

static void a_missing_folder_is_told(void **state)
{
    world      *w = *state;
    ks_catalog *c = NULL;
    assert_int_equal(ks_catalog_open(&w->cx, KS_S("/nonexistent/apps"), &c), KS_INVALID);
}

static int  made;
static void encode_once(const ks_catalog *c, ks_buf *b, const void *arg)
{
    (void)c;
    (void)arg;
    made++;
    ks_buf_z(b, "kept");
}

static void kept_texts_are_made_once(void **state)
{
    const world *w = *state;
    made = 0;
    assert_str(ks_catalog_kept(w->c, KS_KEPT_V1_APPS, encode_once, NULL), "kept");
    assert_str(ks_catalog_kept(w->c, KS_KEPT_V1_APPS, encode_once, NULL), "kept");
    assert_int_equal(made, 1);
    assert_str(ks_catalog_kept(w->c, KS_KEPT_V1_ACTIONS, encode_once, NULL), "kept");
    assert_int_equal(made, 2);
}

KS_TESTS_WITH(setup, teardown, apps_answer_to_key_alias_and_id_in_any_spelling,
              every_built_in_name_finds_its_app_and_every_action_itself, unknown_names_say_where_to_look,
              the_demo_app_is_found_by_scheme_and_field_alias, every_list_is_in_order,
              the_operators_files_come_in_and_replace, a_wrong_file_stops_the_opening_and_is_named,
              two_apps_with_one_name_are_refused, a_missing_folder_is_told, kept_texts_are_made_once)
