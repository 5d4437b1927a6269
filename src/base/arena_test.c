/* base/arena_test.c — memory of one request: its cap, its wiping, its clean-ups. */
#include "base/alloc.h"
#include "tests/support/test.h"

static int teardown(void **state)
{
    (void)state;
    ks_alloc_fail_at(0, false);
    return 0;
}

static void the_cap_holds_to_the_byte(void **state)
{
    (void)state;
    ks_arena *a = ks_arena_new(4096);
    assert_non_null(a);
    assert_non_null(ks_arena_alloc(a, 4080));
    assert_non_null(ks_arena_alloc(a, 16));
    assert_int_equal(ks_arena_used(a), 4096);
    assert_null(ks_arena_alloc(a, 1));
    ks_arena_reset(a);
    assert_null(ks_arena_alloc(a, 4097));
    assert_null(ks_arena_alloc(a, SIZE_MAX));
    assert_null(ks_arena_alloc(a, SIZE_MAX - 8));
    assert_non_null(ks_arena_alloc(a, 4096));
    ks_arena_free(a);
}

static void pieces_are_aligned_and_do_not_overlap(void **state)
{
    (void)state;
    ks_arena *a = ks_arena_new(KS_ARENA_MAX);
    char     *p[300];
    assert_non_null(a);
    for (size_t i = 0; i < KS_COUNT(p); i++) {
        p[i] = ks_arena_alloc(a, i + 1);
        assert_non_null(p[i]);
        assert_int_equal((uintptr_t)p[i] % 16, 0);
        memset(p[i], (int)i, i + 1);
    }
    for (size_t i = 0; i < KS_COUNT(p); i++) {
        for (size_t k = 0; k <= i; k++)
            assert_int_equal((unsigned char)p[i][k], i & 255);
    }
    ks_arena_free(a);
}

static void reset_wipes_what_was_handed_out_S1(void **state)
{
    (void)state;
    ks_arena *a = ks_arena_new(KS_ARENA_MAX);
    assert_non_null(a);
    char *p = ks_arena_alloc(a, 64);
    assert_non_null(p);
    memset(p, 'k', 64);
    ks_arena_reset(a);
    for (int i = 0; i < 64; i++)
        assert_int_equal(p[i], 0); /* the first block stays, so this memory is still ours */
    assert_int_equal(ks_arena_used(a), 0);
    ks_arena_free(a);
}

typedef struct order {
    char  name;
    char *log;
} order;

static void note(void *arg)
{
    order *o = arg;
    o->log[strlen(o->log)] = o->name;
}

static void clean_ups_run_once_and_the_last_first(void **state)
{
    (void)state;
    char      log[8] = {0};
    order     x = {'x', log}, y = {'y', log};
    ks_arena *a = ks_arena_new(KS_ARENA_MAX);
    assert_non_null(a);
    assert_true(ks_arena_defer(a, note, &x));
    assert_true(ks_arena_defer(a, note, &y));
    ks_arena_reset(a);
    assert_string_equal(log, "yx");
    ks_arena_free(a);
    assert_string_equal(log, "yx");
}

static void short_memory_gives_null_and_leaves_the_arena_usable(void **state)
{
    (void)state;
    ks_alloc_fail_at(1, true);
    assert_null(ks_arena_new(KS_ARENA_MAX));
    ks_alloc_fail_at(2, false);
    assert_null(ks_arena_new(KS_ARENA_MAX));
    ks_alloc_fail_at(0, false);
    ks_arena *a = ks_arena_new(KS_ARENA_MAX);
    assert_non_null(a);
    ks_alloc_fail_at(1, false);
    assert_null(ks_arena_alloc(a, 100000));
    assert_non_null(ks_arena_alloc(a, 100000));
    ks_arena_free(a);
}

KS_TESTS_WITH(NULL, teardown, the_cap_holds_to_the_byte, pieces_are_aligned_and_do_not_overlap,
              reset_wipes_what_was_handed_out_S1, clean_ups_run_once_and_the_last_first,
              short_memory_gives_null_and_leaves_the_arena_usable)
