/* base/ctx_test.c — how a call says why it failed. */
#include "tests/support/test.h"

static int setup(void **state)
{
    ks_arena *a = ks_arena_new(8 * 1024);
    *state = a;
    return a ? 0 : -1;
}

static int teardown(void **state)
{
    ks_arena_free(*state);
    return 0;
}

static void a_failure_carries_status_message_and_field(void **state)
{
    ks_ctx cx = ks_ctx_new(*state, NULL);
    assert_int_equal(ks_fail(&cx, KS_INVALID, "data.api_key", "Give %d to %d bytes.", 1, 9), KS_INVALID);
    assert_int_equal(cx.err.status, KS_INVALID);
    assert_null(cx.err.code.p);
    assert_str(cx.err.message, "Give 1 to 9 bytes.");
    assert_int_equal(cx.err.n, 1);
    assert_str(cx.err.details[0].field, "data.api_key");
    assert_str(cx.err.details[0].reason, "Give 1 to 9 bytes.");
}

static void a_later_failure_replaces_an_earlier_one(void **state)
{
    ks_ctx cx = ks_ctx_new(*state, NULL);
    assert_int_equal(ks_fail(&cx, KS_INVALID, "a", "First."), KS_INVALID);
    assert_int_equal(ks_fail_code(&cx, KS_NOT_FOUND, "thing_not_found", NULL, "Second."), KS_NOT_FOUND);
    assert_str(cx.err.code, "thing_not_found");
    assert_str(cx.err.message, "Second.");
    assert_int_equal(cx.err.n, 0);
}

static void details_stop_at_their_limit(void **state)
{
    ks_ctx cx = ks_ctx_new(*state, NULL);
    assert_int_equal(ks_fail(&cx, KS_INVALID, "a", "No."), KS_INVALID);
    for (int i = 1; i < KS_MAX_DETAILS; i++)
        ks_fail_also(&cx, KS_S("b"), KS_S("no"));
    assert_int_equal(cx.err.n, KS_MAX_DETAILS);
    ks_fail_also(&cx, KS_S("c"), KS_S("no"));
    assert_int_equal(cx.err.n, KS_MAX_DETAILS);
    assert_str(cx.err.details[KS_MAX_DETAILS - 1].field, "b");
}

static void an_exhausted_arena_still_gives_a_whole_failure_D7(void **state)
{
    ks_ctx cx = ks_ctx_new(*state, NULL);
    while (ks_arena_alloc(cx.arena, 16) != NULL)
        ;
    assert_int_equal(ks_fail(&cx, KS_INVALID, "a", "Some text."), KS_INVALID);
    assert_true(cx.err.message.n > 0);
    assert_null(ks_copy(&cx, KS_S("x")).p);
    assert_int_equal(cx.err.status, KS_NO_MEMORY);
    assert_int_equal(cx.err.retry_after_s, 1);
    assert_null(ks_fmt(&cx, "%d", 1).p);
    assert_null(ks_zalloc(&cx, 1));
    assert_null(ks_ctx_buf(&cx, 10));
}

static void copies_are_terminated_and_buffers_end_with_the_arena(void **state)
{
    ks_ctx cx = ks_ctx_new(*state, NULL);
    ks_str s = ks_copy(&cx, ks_str_sub(KS_S("abcdef"), 1, 3));
    assert_string_equal(s.p, "bcd");
    assert_string_equal(ks_copy(&cx, KS_NO_STR).p, "");
    ks_buf *b = ks_ctx_buf(&cx, 100); /* the leak check of the sanitized build sees it when it is not freed */
    assert_non_null(b);
    ks_buf_z(b, "text");
    assert_true(cx.now_us > 0);
}

KS_TESTS_WITH(setup, teardown, a_failure_carries_status_message_and_field,
              a_later_failure_replaces_an_earlier_one, details_stop_at_their_limit,
              an_exhausted_arena_still_gives_a_whole_failure_D7,
              copies_are_terminated_and_buffers_end_with_the_arena)
