/* base/alloc_test.c — allocations that fail on request, and freed memory that is wiped. */
#include "base/alloc.h"
#include "tests/support/test.h"

static int teardown(void **state)
{
    (void)state;
    ks_alloc_fail_at(0, false);
    return 0;
}

/* Is there memory? Frees it at once. */
static bool works(void)
{
    void *p = ks_malloc(8);
    ks_free(p);
    return p != NULL;
}

static void exactly_the_nth_allocation_fails(void **state)
{
    (void)state;
    ks_alloc_fail_at(3, false);
    assert_true(works());
    assert_true(works());
    assert_false(works());
    assert_true(works());
    assert_int_equal(ks_alloc_count(), 4);
}

static void all_after_the_nth_fail_when_asked(void **state)
{
    (void)state;
    ks_alloc_fail_at(2, true);
    assert_true(works());
    assert_false(works());
    assert_false(works());
    assert_null(ks_calloc(1, 1));
    assert_null(ks_strdup("x"));
    assert_null(ks_realloc(NULL, 1));
    ks_alloc_fail_at(0, false);
    assert_true(works());
}

static void a_failed_realloc_leaves_the_block_as_it_was(void **state)
{
    (void)state;
    char *p = ks_strdup("kept");
    assert_non_null(p);
    ks_alloc_fail_at(1, false);
    assert_null(ks_realloc(p, 100000));
    assert_string_equal(p, "kept");
    ks_free(p);
}

static void realloc_keeps_the_content_both_ways(void **state)
{
    (void)state;
    char *p = ks_malloc(1000);
    assert_non_null(p);
    memset(p, 'a', 1000);
    p = ks_realloc(p, 5000);
    assert_non_null(p);
    assert_int_equal(p[999], 'a');
    p = ks_realloc(p, 10);
    assert_non_null(p);
    assert_int_equal(p[9], 'a');
    assert_null(ks_realloc(p, 0)); /* frees */
}

/* S1: wherever the last byte stands, and however little else does */
static void every_byte_is_wiped_in_small_and_large_blocks(void **state)
{
    static char  block[5 * 4096 + 100], none[sizeof block];
    const size_t sizes[] = {1, 100, 4096, 2 * 4096, 2 * 4096 + 1, 3 * 4096 - 1, sizeof block};
    (void)state;
    for (size_t s = 0; s < KS_COUNT(sizes); s++) {
        for (size_t at = 0; at<sizes[s]; at += at % 4096> 4090 ? 1 : 1 + at % 61) {
            block[at] = 'x';
            ks_wipe(block, sizes[s]);
            assert_memory_equal(block, none, sizeof block);
        }
        memset(block, 'z', sizeof block);
        ks_wipe(block, sizes[s]);
        assert_memory_equal(block, none, sizes[s]);
        assert_true(sizes[s] == sizeof block || block[sizes[s]] == 'z');
        memset(block, 0, sizeof block);
    }
}

static void nothing_is_still_something_that_can_be_freed(void **state)
{
    (void)state;
    void *p = ks_malloc(0), *q = ks_calloc(0, 8);
    assert_non_null(p);
    assert_non_null(q);
    ks_free(p);
    ks_free(q);
    ks_free(NULL);
}

KS_TESTS_WITH(NULL, teardown, exactly_the_nth_allocation_fails, all_after_the_nth_fail_when_asked,
              a_failed_realloc_leaves_the_block_as_it_was, realloc_keeps_the_content_both_ways,
              every_byte_is_wiped_in_small_and_large_blocks, nothing_is_still_something_that_can_be_freed)
