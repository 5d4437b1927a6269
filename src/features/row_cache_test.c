/* features/row_cache_test.c — the cache against a store that is only a commit counter. */
#include "features/row_cache.h"

#include <stdio.h>

#include "base/alloc.h"
#include "tests/support/test.h"

/* The one function of the store the cache uses: a counter the test moves. Defined here, so the linker takes
 * this one and leaves the store's object file in the library alone. */
static uint64_t counter;

uint64_t ks_epoch(const ks_store *s, ks_str id)
{
    (void)s;
    (void)id;
    return counter;
}

static void a_row_is_served_until_its_counter_moves(void **state)
{
    (void)state;
    ks_row_cache *c = ks_row_cache_new(4, 4096);
    ks_row_cache_put(c, KS_S("ca_1"), ks_epoch(NULL, KS_S("ca_1")), KS_S("sealed"));
    assert_str(ks_row_cache_get(c, NULL, KS_S("ca_1")), "sealed");
    counter++;
    assert_null(ks_row_cache_get(c, NULL, KS_S("ca_1")).p);
    assert_int_equal(ks_row_cache_count(c), 0);
    ks_row_cache_free(c);
}

static void a_row_read_before_a_commit_is_never_served_after_it(void **state)
{
    (void)state;
    ks_row_cache *c = ks_row_cache_new(4, 4096);
    uint64_t      before = ks_epoch(NULL, KS_S("ca_1"));
    counter++; /* the commit falls between the read and the put */
    ks_row_cache_put(c, KS_S("ca_1"), before, KS_S("old"));
    assert_null(ks_row_cache_get(c, NULL, KS_S("ca_1")).p);
    ks_row_cache_free(c);
}

static void the_longest_unused_row_makes_room(void **state)
{
    (void)state;
    ks_row_cache *c = ks_row_cache_new(2, 4096);
    ks_row_cache_put(c, KS_S("a"), counter, KS_S("1"));
    ks_row_cache_put(c, KS_S("b"), counter, KS_S("2"));
    assert_str(ks_row_cache_get(c, NULL, KS_S("a")), "1");
    ks_row_cache_put(c, KS_S("c"), counter, KS_S("3"));
    assert_null(ks_row_cache_get(c, NULL, KS_S("b")).p);
    assert_str(ks_row_cache_get(c, NULL, KS_S("a")), "1");
    assert_str(ks_row_cache_get(c, NULL, KS_S("c")), "3");
    ks_row_cache_free(c);
}

static void bytes_are_bounded_and_a_huge_row_is_not_kept(void **state)
{
    (void)state;
    static const char big[1024];
    ks_row_cache     *c = ks_row_cache_new(1000, 4096);
    for (int i = 0; i < 500; i++) {
        char key[16];
        int  n = snprintf(key, sizeof key, "row%d", i);
        ks_row_cache_put(c, (ks_str){key, (size_t)n}, counter, (ks_str){big, 100});
    }
    assert_in_range(ks_row_cache_count(c), 5, 40);
    ks_row_cache_put(c, KS_S("big"), counter, (ks_str){big, sizeof big});
    assert_null(ks_row_cache_get(c, NULL, KS_S("big")).p);
    ks_row_cache_free(c);
}

static void putting_again_replaces_the_row(void **state)
{
    (void)state;
    ks_row_cache *c = ks_row_cache_new(8, 4096);
    ks_row_cache_put(c, KS_S("k"), counter, KS_S("one"));
    ks_row_cache_put(c, KS_S("k"), counter, KS_S("two"));
    assert_str(ks_row_cache_get(c, NULL, KS_S("k")), "two");
    assert_int_equal(ks_row_cache_count(c), 1);
    ks_row_cache_free(c);
}

static void no_memory_means_no_row_and_nothing_worse(void **state)
{
    (void)state;
    ks_row_cache *c = ks_row_cache_new(8, 4096);
    ks_alloc_fail_at(1, true);
    ks_row_cache_put(c, KS_S("k"), counter, KS_S("one"));
    ks_row_cache *none = ks_row_cache_new(8, 4096);
    ks_alloc_fail_at(0, false);
    assert_null(none);
    assert_null(ks_row_cache_get(c, NULL, KS_S("k")).p);
    assert_null(ks_row_cache_get(NULL, NULL, KS_S("k")).p);
    ks_row_cache_free(c);
}

KS_TESTS(a_row_is_served_until_its_counter_moves, a_row_read_before_a_commit_is_never_served_after_it,
         the_longest_unused_row_makes_room, bytes_are_bounded_and_a_huge_row_is_not_kept,
         putting_again_replaces_the_row, no_memory_means_no_row_and_nothing_worse)
