/* features/apps/app_image_test.c — the built-in image against the app files it was made of, member by member,
 * and broken images, which fail and do not crash. */
#include "features/apps/app_image.h"
#include "tests/support/test.h"

#include <dirent.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "features/apps/app_file.h"
#include "features/apps/catalog.h"

static ks_arena *arena;
static ks_ctx    cx;

static int setup(void **state)
{
    (void)state;
    arena = ks_arena_new((size_t)1 << 30);
    cx = ks_ctx_new(arena, NULL);
    return arena == NULL;
}

static int teardown(void **state)
{
    (void)state;
    ks_arena_free(arena);
    return 0;
}

static ks_str builtin(void)
{
    return (ks_str){(const char *)ks_builtin_image, ks_builtin_image_n};
}

/* ---- the round trip ---- */

/* The folder the image was made of; run by hand, the test stands in the root of the repository. */
static const char *folder(void)
{
    const char *dir = getenv("KS_CATALOG");
    return dir != NULL ? dir : "catalog";
}

static const ks_app *parsed(const char *name)
{
    char          path[512];
    const ks_app *app = NULL;
    char         *text = ks_alloc(&cx, KS_APP_FILE_MAX);
    snprintf(path, sizeof path, "%s/%s", folder(), name);
    FILE *f = fopen(path, "r");
    assert_non_null(f);
    size_t n = fread(text, 1, KS_APP_FILE_MAX, f);
    fclose(f);
    assert_int_equal(ks_app_file_parse(&cx, ks_str_of(name), (ks_str){text, n}, &app), KS_OK);
    return app;
}

static int is_app_file(const struct dirent *e)
{
    return ks_str_ends(ks_str_of(e->d_name), KS_S(".yaml"));
}

static void every_app_of_the_image_is_what_its_file_says(void **state)
{
    (void)state;
    ks_image        im;
    struct dirent **files;
    int             n = scandir(folder(), &files, is_app_file, alphasort);
    assert_true(ks_image_open(builtin(), &im));
    assert_int_equal(im.apps_n, n);
    for (int i = 0; i < n; i++) {
        const ks_app *file = parsed(files[i]->d_name), *app = NULL;
        size_t        at = ks_image_find(&im, file->key);
        assert_true(at < im.apps_n);
        assert_true(ks_str_eq(ks_image_key(&im, at), file->key));
        assert_int_equal(ks_image_app_in(&cx, &im, at, &app), KS_OK);
        assert_true(ks_image_same(&ks_image_app, app, file));
        assert_true(ks_image_same(&ks_image_app, file, app));
        free(files[i]);
        ks_arena_reset(arena);
    }
    free(files);
}

/* The bytes of a struct that its table reads, marked in `seen`. */
static void mark(const ks_image_shape *shape, unsigned char *seen)
{
    for (size_t i = 0; i < shape->n; i++) {
        const ks_image_member *m = &shape->members[i];
        static const size_t    sizes[] = {sizeof(ks_str), sizeof(bool), sizeof(int), sizeof(void *)};
        memset(seen + m->at, 0, sizes[m->kind]);
        if (m->kind == KS_IMAGE_ITEMS)
            memset(seen + m->count, 0, sizeof(size_t));
    }
}

static const ks_image_shape *shape_at(const ks_image_shape *shape, size_t at)
{
    for (size_t i = 0; i < shape->n; i++) {
        if (shape->members[i].kind == KS_IMAGE_ITEMS && shape->members[i].at == at)
            return shape->members[i].shape;
    }
    fail_msg("no list at %zu", at);
    abort(); /* fail_msg does not come back, which compilers are not told */
}

#if defined(__has_builtin)
#if __has_builtin(__builtin_clear_padding)
#define KS_HAS_CLEAR_PADDING 1
#endif
#endif
#ifdef KS_HAS_CLEAR_PADDING
/* Bytes that are no padding and that no member reads. */
#define assert_complete(type, shape_)                                                                        \
    do {                                                                                                     \
        union {                                                                                              \
            type          value;                                                                             \
            unsigned char bytes[sizeof(type)];                                                               \
        } u;                                                                                                 \
        memset(u.bytes, 0xff, sizeof u.bytes);                                                               \
        __builtin_clear_padding(&u.value);                                                                   \
        assert_int_equal(sizeof(type), (shape_)->size);                                                      \
        mark(shape_, u.bytes);                                                                               \
        for (size_t k = 0; k < sizeof u.bytes; k++)                                                          \
            if (u.bytes[k] != 0)                                                                             \
                fail_msg("%s: byte %zu is in no line of app_image_shape.c", #type, k);                       \
    } while (0)
#else /* clang 14 knows no padding: the sizes must do */
#define assert_complete(type, shape_)                                                                        \
    do {                                                                                                     \
        unsigned char bytes[sizeof(type)];                                                                   \
        assert_int_equal(sizeof(type), (shape_)->size);                                                      \
        mark(shape_, bytes);                                                                                 \
    } while (0)
#endif

static void every_member_of_every_struct_has_its_line(void **state)
{
    (void)state;
    const ks_image_shape *app = &ks_image_app;
    const ks_image_shape *scheme = shape_at(app, offsetof(ks_app, schemes));
    const ks_image_shape *action = shape_at(app, offsetof(ks_app, actions));
    assert_complete(ks_app, app);
    assert_complete(ks_app_scheme, scheme);
    assert_complete(ks_app_field, shape_at(scheme, offsetof(ks_app_scheme, fields)));
    assert_complete(ks_app_put, shape_at(scheme, offsetof(ks_app_scheme, headers.at)));
    assert_complete(ks_app_answer, shape_at(scheme, offsetof(ks_app_scheme, check.good.at)));
    assert_complete(ks_app_derived, shape_at(scheme, offsetof(ks_app_scheme, derive)));
    assert_complete(ks_app_action, action);
    assert_complete(ks_app_param, shape_at(action, offsetof(ks_app_action, params)));
}

/* ---- broken images ---- */

/* Open what can be opened and go through all of it. */
static void walk(ks_str bytes)
{
    ks_catalog *c;
    ks_apps     apps;
    if (ks_catalog_open_image(&cx, bytes, &c) != KS_OK)
        return;
    for (size_t i = 0; i < ks_catalog_apps_n(c) && i < 200; i++)
        (void)!ks_catalog_app(&cx, c, ks_catalog_key_at(c, i));
    if (ks_apps_open(&cx, c, &apps) == KS_OK) {
        const ks_app *app;
        ks_action_ref ref;
        for (size_t i = 0; i < apps.n && ks_apps_at(&apps, i, &app) == KS_OK; i++)
            ;
        for (size_t i = 0; i < ks_catalog_actions_n(c) && ks_apps_action(&apps, i, &ref) == KS_OK; i++) {
            const ks_app *of;
            (void)!ks_catalog_action(&cx, c, ks_catalog_action_name_at(c, i), &of);
        }
    }
    ks_catalog_free(c);
}

/* A copy on the heap, so that a sanitizer sees every byte past its end. */
static void walk_copy(size_t n, size_t at, unsigned char value)
{
    char *copy = malloc(n > 0 ? n : 1);
    memcpy(copy, ks_builtin_image, n);
    if (at < n)
        copy[at] = (char)value;
    if (n < ks_builtin_image_n && n >= 16) /* the head agrees with the cut */
        memcpy(copy + 12, &(uint32_t){(uint32_t)n}, 4);
    walk((ks_str){copy, n});
    free(copy);
    ks_arena_reset(arena);
}

static void a_cut_image_is_refused_or_fails_where_it_is_cut(void **state)
{
    (void)state;
    for (size_t n = 0; n < 100; n++)
        walk_copy(n, SIZE_MAX, 0);
    for (size_t n = 100; n < ks_builtin_image_n; n += ks_builtin_image_n / 50)
        walk_copy(n, SIZE_MAX, 0);
    walk_copy(ks_builtin_image_n - 1, SIZE_MAX, 0);
}

static void a_changed_byte_never_crashes(void **state)
{
    (void)state;
    uint32_t seed = 1;
    for (size_t i = 0; i < 48; i++) /* the whole head */
        walk_copy(ks_builtin_image_n, i, 0xff);
    for (int i = 0; i < 300; i++) {
        seed = seed * 1664525u + 1013904223u;
        walk_copy(ks_builtin_image_n, seed % ks_builtin_image_n, (unsigned char)(seed >> 24));
    }
}

static void what_is_no_image_of_this_build_is_told(void **state)
{
    (void)state;
    ks_catalog *c = NULL;
    char       *copy = malloc(ks_builtin_image_n);
    memcpy(copy, ks_builtin_image, ks_builtin_image_n);
    copy[8]++; /* the version of the layout */
    assert_int_equal(ks_catalog_open_image(&cx, (ks_str){copy, ks_builtin_image_n}, &c), KS_INTERNAL);
    assert_int_equal(ks_catalog_open_image(&cx, KS_S("nothing"), &c), KS_INTERNAL);
    assert_int_equal(ks_catalog_open_image(&cx, KS_NO_STR, &c), KS_INTERNAL);
    assert_null(c);
    free(copy);
}

/* ---- memory and threads ---- */

static void an_app_that_cannot_be_read_for_memory_can_be_later(void **state)
{
    (void)state;
    ks_catalog *c;
    assert_int_equal(ks_catalog_open_image(&cx, builtin(), &c), KS_OK);
    ks_alloc_fail_at(1, false);
    assert_null(ks_catalog_app(&cx, c, KS_S("demo")));
    ks_alloc_fail_at(0, false);
    assert_true(cx.starved);
    cx.starved = false;
    assert_non_null(ks_catalog_app(&cx, c, KS_S("demo")));
    ks_catalog_free(c);
}

typedef struct seeker {
    pthread_t         thread;
    const ks_catalog *c;
    const ks_app    **found;
} seeker;

static void *seek(void *arg)
{
    seeker   *s = arg;
    ks_arena *own = ks_arena_new(1 << 20);
    ks_ctx    mine = ks_ctx_new(own, NULL);
    for (size_t i = 0; i < ks_catalog_apps_n(s->c); i++)
        s->found[i] = ks_catalog_app(&mine, s->c, ks_catalog_key_at(s->c, i));
    ks_arena_free(own);
    return NULL;
}

static void threads_that_touch_an_app_at_once_get_one_and_the_same(void **state)
{
    (void)state;
    ks_catalog *c;
    seeker      s[4];
    assert_int_equal(ks_catalog_open_image(&cx, builtin(), &c), KS_OK);
    size_t n = ks_catalog_apps_n(c);
    for (size_t i = 0; i < KS_COUNT(s); i++) {
        s[i] = (seeker){.c = c, .found = ks_zalloc(&cx, n * sizeof(void *))};
        assert_int_equal(pthread_create(&s[i].thread, NULL, seek, &s[i]), 0);
    }
    for (size_t i = 0; i < KS_COUNT(s); i++)
        pthread_join(s[i].thread, NULL);
    for (size_t i = 0; i < n; i++) {
        assert_non_null(s[0].found[i]);
        for (size_t k = 1; k < KS_COUNT(s); k++)
            assert_ptr_equal(s[k].found[i], s[0].found[i]);
    }
    ks_catalog_free(c);
}

KS_TESTS_WITH(setup, teardown, every_app_of_the_image_is_what_its_file_says,
              every_member_of_every_struct_has_its_line, a_cut_image_is_refused_or_fails_where_it_is_cut,
              a_changed_byte_never_crashes, what_is_no_image_of_this_build_is_told,
              an_app_that_cannot_be_read_for_memory_can_be_later,
              threads_that_touch_an_app_at_once_get_one_and_the_same)
