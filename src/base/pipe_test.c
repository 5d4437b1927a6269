/* base/pipe_test.c — order, marks and wake-ups. */
#include <stdlib.h>

#include "base/alloc.h"
#include "base/pipe.h"
#include "tests/support/test.h"

static int setup(void **state)
{
    *state = ks_pipe_new();
    return *state ? 0 : -1;
}

static int teardown(void **state)
{
    ks_alloc_fail_at(0, false);
    ks_pipe_unref(*state);
    return 0;
}

static void count(void *arg)
{
    ++*(int *)arg;
}

static void bytes_come_out_as_they_went_in(void **state)
{
    ks_pipe  *p = *state;
    unsigned  seed = 3;
    uint8_t   in = 0, out = 0;
    char      part[40000];
    size_t    written = 0, taken = 0;
    const int rounds = 400;
    for (int i = 0; i < rounds; i++) {
        size_t n = (size_t)rand_r(&seed) % sizeof part;
        if (ks_pipe_held(p) < KS_PIPE_HIGH) {
            for (size_t k = 0; k < n; k++)
                part[k] = (char)in++;
            assert_true(ks_pipe_write(p, part, n));
            written += n;
        }
        n = ks_pipe_read(p, part, (size_t)rand_r(&seed) % sizeof part);
        for (size_t k = 0; k < n; k++)
            assert_int_equal((uint8_t)part[k], out++);
        taken += n;
        assert_int_equal(ks_pipe_held(p), written - taken);
    }
}

static void an_append_that_begins_below_the_mark_is_taken_whole(void **state)
{
    ks_pipe *p = *state;
    char    *big = calloc(1, KS_PIPE_HIGH);
    assert_non_null(big);
    assert_true(ks_pipe_write(p, big, KS_PIPE_HIGH - 1));
    assert_true(ks_pipe_write(p, big, KS_PIPE_HIGH));
    assert_int_equal(ks_pipe_held(p), 2 * KS_PIPE_HIGH - 1);
    assert_false(ks_pipe_write(p, big, 1));
    assert_int_equal(ks_pipe_held(p), 2 * KS_PIPE_HIGH - 1);
    assert_false(ks_pipe_broken(p));
    free(big);
}

static void the_writer_is_woken_once_when_the_low_mark_is_passed(void **state)
{
    ks_pipe *p = *state;
    char    *big = calloc(1, KS_PIPE_HIGH);
    int      space = 0;
    assert_non_null(big);
    ks_pipe_on_space(p, count, &space);
    assert_true(ks_pipe_write(p, big, KS_PIPE_HIGH - 1));
    assert_int_equal(ks_pipe_read(p, big, KS_PIPE_HIGH), KS_PIPE_HIGH - 1);
    assert_int_equal(space, 0); /* it never had to pause */
    assert_true(ks_pipe_write(p, big, KS_PIPE_HIGH));
    assert_int_equal(ks_pipe_read(p, big, KS_PIPE_HIGH - KS_PIPE_LOW), KS_PIPE_HIGH - KS_PIPE_LOW);
    assert_int_equal(space, 0); /* at the mark, not below */
    assert_int_equal(ks_pipe_read(p, big, 1), 1);
    assert_int_equal(space, 1);
    assert_int_equal(ks_pipe_read(p, big, 1), 1);
    assert_int_equal(space, 1);
    free(big);
}

static void the_reader_is_woken_by_data_and_by_the_end(void **state)
{
    ks_pipe *p = *state;
    int      data = 0;
    char     c[4];
    ks_pipe_on_data(p, count, &data);
    assert_int_equal(ks_pipe_read(p, c, sizeof c), 0);
    assert_true(ks_pipe_write(p, "ab", 2));
    assert_int_equal(data, 1);
    ks_pipe_close(p);
    assert_int_equal(data, 2);
    assert_false(ks_pipe_ended(p)); /* two bytes are still to come */
    assert_false(ks_pipe_write(p, "c", 1));
    assert_int_equal(ks_pipe_read(p, c, sizeof c), 2);
    assert_true(ks_pipe_ended(p));
    assert_false(ks_pipe_broken(p));
}

static void a_break_is_seen_by_both_sides_and_drops_what_was_held(void **state)
{
    ks_pipe *p = *state;
    int      data = 0, space = 0;
    char     c[4];
    assert_true(ks_pipe_write(p, "ab", 2));
    ks_pipe_on_data(p, count, &data);
    ks_pipe_on_space(p, count, &space);
    ks_pipe_break(p);
    ks_pipe_break(p);
    assert_int_equal(data, 1);
    assert_int_equal(space, 1);
    assert_true(ks_pipe_broken(p));
    assert_false(ks_pipe_ended(p));
    assert_int_equal(ks_pipe_read(p, c, sizeof c), 0);
    assert_false(ks_pipe_write(p, "c", 1));
}

static void forgotten_wakers_are_not_called(void **state)
{
    ks_pipe *p = *state;
    int      data = 0;
    ks_pipe_on_data(p, count, &data);
    ks_pipe_on_data(p, NULL, NULL);
    assert_true(ks_pipe_write(p, "ab", 2));
    assert_int_equal(data, 0);
}

static void short_memory_breaks_the_pipe(void **state)
{
    ks_pipe *p = *state;
    ks_alloc_fail_at(1, true);
    assert_false(ks_pipe_write(p, "ab", 2));
    assert_true(ks_pipe_broken(p));
    assert_null(ks_pipe_new());
}

static void either_side_may_leave_first(void **state)
{
    ks_pipe *p = ks_pipe_ref(*state);
    assert_true(ks_pipe_write(p, "ab", 2));
    ks_pipe_unref(p);
    assert_int_equal(ks_pipe_held(p), 2);
}

KS_TESTS_WITH(setup, teardown, bytes_come_out_as_they_went_in,
              an_append_that_begins_below_the_mark_is_taken_whole,
              the_writer_is_woken_once_when_the_low_mark_is_passed,
              the_reader_is_woken_by_data_and_by_the_end,
              a_break_is_seen_by_both_sides_and_drops_what_was_held, forgotten_wakers_are_not_called,
              short_memory_breaks_the_pipe, either_side_may_leave_first)
