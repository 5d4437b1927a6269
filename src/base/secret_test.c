/* base/secret_test.c — what a secret may hold (T1), what may be shown of it (S4), and its end (S1). */
#include <stdlib.h>

#include "base/alloc.h"
#include "base/secret.h"
#include "tests/support/test.h"

static int setup(void **state)
{
    ks_arena *a = ks_arena_new(KS_ARENA_MAX);
    *state = a;
    return a ? 0 : -1;
}

static int teardown(void **state)
{
    ks_alloc_fail_at(0, false);
    ks_arena_free(*state);
    return 0;
}

static ks_secret *make(ks_ctx *cx, const char *z)
{
    ks_secret *s = NULL;
    assert_int_equal(ks_secret_new(cx, z, strlen(z), &s), KS_OK);
    return s;
}

static void at_most_four_characters_are_shown_and_none_below_sixteen_S4(void **state)
{
    ks_ctx cx = ks_ctx_new(*state, NULL);
    assert_str(ks_secret_mask(&cx, make(&cx, "sk_live_4567890")), "********"); /* 15 */
    assert_str(ks_secret_mask(&cx, make(&cx, "sk_live_45678901")), "sk_l********");
    assert_str(ks_secret_mask(&cx, make(&cx, "")), "********");
    assert_str(ks_secret_mask(&cx, make(&cx, "a\xc3\xbc_live_45678901")),
               "a********"); /* no half characters */
    assert_str(ks_secret_mask(&cx, make(&cx, "a\nb_live_456789012")), "a********");
    assert_int_equal(ks_secret_mask(&cx, make(&cx, "x123456789012345678901234567890")).n,
                     12); /* length hidden */
}

static void header_values_take_printable_ascii_only_T1(void **state)
{
    ks_ctx cx = ks_ctx_new(*state, NULL);
    for (int c = 1; c < 256; c++) {
        char        z[] = {'a', (char)c, 'b', '\0'};
        const char *fault = ks_secret_fault(make(&cx, z), KS_SECRET_HEADER);
        if ((fault == NULL) != (c >= 0x20 && c < 0x7f))
            fail_msg("byte %d", c);
    }
    ks_secret *nul = NULL;
    assert_int_equal(ks_secret_new(&cx, "a\0b", 3, &nul), KS_OK);
    for (int kind = KS_SECRET_HEADER; kind <= KS_SECRET_TEXT; kind++) {
        assert_non_null(ks_secret_fault(nul, (ks_secret_kind)kind));
        assert_non_null(ks_secret_fault(make(&cx, ""), (ks_secret_kind)kind));
    }
}

static void utf8_and_text_take_what_their_kind_says_T1(void **state)
{
    ks_ctx cx = ks_ctx_new(*state, NULL);
    assert_null(ks_secret_fault(make(&cx, "p\xc3\xa4ss"), KS_SECRET_UTF8));
    assert_non_null(ks_secret_fault(make(&cx, "p\xc3ss"), KS_SECRET_UTF8));
    assert_non_null(ks_secret_fault(make(&cx, "a\nb"), KS_SECRET_UTF8));
    assert_null(ks_secret_fault(make(&cx, "a\r\n\tb\xc3\xa4"), KS_SECRET_TEXT));
    assert_non_null(ks_secret_fault(make(&cx, "a\x1b"), KS_SECRET_TEXT));
    assert_non_null(ks_secret_fault(make(&cx, "a\xff"), KS_SECRET_TEXT));
}

static void lengths_are_held_at_the_limit_and_one_past_T1(void **state)
{
    ks_ctx     cx = ks_ctx_new(*state, NULL);
    ks_secret *s;
    char      *big = malloc(KS_MAX_SECRET_TEXT + 1);
    assert_non_null(big);
    memset(big, 'k', KS_MAX_SECRET_TEXT + 1);
    assert_int_equal(ks_secret_new(&cx, big, KS_MAX_SECRET, &s), KS_OK);
    assert_null(ks_secret_fault(s, KS_SECRET_HEADER));
    assert_int_equal(ks_secret_new(&cx, big, KS_MAX_SECRET + 1, &s), KS_OK);
    assert_non_null(ks_secret_fault(s, KS_SECRET_HEADER));
    assert_non_null(ks_secret_fault(s, KS_SECRET_UTF8));
    assert_null(ks_secret_fault(s, KS_SECRET_TEXT));
    assert_int_equal(ks_secret_new(&cx, big, KS_MAX_SECRET_TEXT, &s), KS_OK);
    assert_null(ks_secret_fault(s, KS_SECRET_TEXT));
    assert_int_equal(ks_secret_new(&cx, big, KS_MAX_SECRET_TEXT + 1, &s), KS_TOO_LARGE);
    assert_null(ks_secret_heap(big, KS_MAX_SECRET_TEXT + 1));
    free(big);
}

static void pasted_values_lose_outer_blanks_and_one_line_break_T1(void **state)
{
    static const char *const rows[][2] = {
        {"key", "key"},   {" \tkey\t ", "key"}, {"key\n", "key"},   {"key\r\n", "key"}, {"key \r\n", "key"},
        {"key\r", "key"}, {"key\n\n", "key\n"}, {"\nkey", "\nkey"}, {"a b", "a b"},     {"", ""},
        {" \n", ""}};
    (void)state;
    for (size_t i = 0; i < KS_COUNT(rows); i++)
        assert_str(ks_secret_trim(ks_str_of(rows[i][0])), rows[i][1]);
}

static void equality_compares_every_byte_and_the_length(void **state)
{
    ks_ctx cx = ks_ctx_new(*state, NULL);
    assert_true(ks_secret_equal(make(&cx, "abc"), make(&cx, "abc")));
    assert_false(ks_secret_equal(make(&cx, "abc"), make(&cx, "abd")));
    assert_false(ks_secret_equal(make(&cx, "abc"), make(&cx, "ab")));
    assert_false(ks_secret_equal(make(&cx, "ab"), make(&cx, "abc")));
    assert_true(ks_secret_equal(make(&cx, ""), make(&cx, "")));
}

static void bytes_are_wiped_when_the_call_ends_S1(void **state)
{
    (void)state;
    ks_arena *a = ks_arena_new(KS_ARENA_MAX);
    assert_non_null(a);
    ks_ctx      cx = ks_ctx_new(a, NULL);
    ks_secret  *s = make(&cx, "canary-0123456789");
    const char *at = ks_secret_reveal(s).p;
    assert_memory_equal(at, "canary-0123456789", 17);
    ks_arena_free(a);
    for (int i = 0; i < 17; i++)
        assert_int_equal(at[i], 0); /* the pool keeps its pages */
}

static void short_memory_is_said_and_costs_nothing(void **state)
{
    ks_ctx     cx = ks_ctx_new(*state, NULL);
    ks_secret *s = NULL;
    ks_alloc_fail_at(1, true);
    assert_null(ks_secret_heap("a", 1));
    assert_int_equal(ks_secret_new(&cx, "a", 1, &s), KS_NO_MEMORY);
    assert_null(s);
}

static void patterns_match_and_a_bad_one_matches_nothing(void **state)
{
    ks_ctx cx = ks_ctx_new(*state, NULL);
    assert_true(ks_secret_matches(make(&cx, "sk_live_1"), "^sk_(live|test)_"));
    assert_false(ks_secret_matches(make(&cx, "pk_live_1"), "^sk_(live|test)_"));
    assert_false(ks_secret_matches(make(&cx, "sk_live_1"), "("));
}

KS_TESTS_WITH(setup, teardown, at_most_four_characters_are_shown_and_none_below_sixteen_S4,
              header_values_take_printable_ascii_only_T1, utf8_and_text_take_what_their_kind_says_T1,
              lengths_are_held_at_the_limit_and_one_past_T1,
              pasted_values_lose_outer_blanks_and_one_line_break_T1,
              equality_compares_every_byte_and_the_length, bytes_are_wiped_when_the_call_ends_S1,
              short_memory_is_said_and_costs_nothing, patterns_match_and_a_bad_one_matches_nothing)
