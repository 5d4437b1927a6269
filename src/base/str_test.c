/* base/str_test.c — views and growing text. */
#include "tests/support/test.h"

static void cut_gives_every_part_and_stops(void **state)
{
    (void)state;
    ks_str rest = KS_S("a,,b"), part;
    assert_true(ks_str_cut(&rest, ',', &part));
    assert_str(part, "a");
    assert_true(ks_str_cut(&rest, ',', &part));
    assert_str(part, "");
    assert_true(ks_str_cut(&rest, ',', &part));
    assert_str(part, "b");
    assert_false(ks_str_cut(&rest, ',', &part));
}

static void utf8_refuses_surrogates_overlong_forms_and_cut_sequences(void **state)
{
    (void)state;
    assert_true(ks_str_utf8(KS_S("gr\xc3\xbc\xc3\x9f \xf0\x9f\x94\x91")));
    assert_false(ks_str_utf8(KS_S("\xed\xa0\x80")));
    assert_false(ks_str_utf8(KS_S("\xc0\xaf")));
    assert_false(ks_str_utf8(KS_S("\xe0\x80\xaf")));
    assert_false(ks_str_utf8(KS_S("\xf4\x90\x80\x80")));
    assert_false(ks_str_utf8(KS_S("\xc3")));
}

static void u64_takes_digits_that_fit_and_nothing_else(void **state)
{
    (void)state;
    uint64_t v;
    assert_true(ks_str_u64(KS_S("18446744073709551615"), &v));
    assert_true(v == UINT64_MAX);
    assert_false(ks_str_u64(KS_S("18446744073709551616"), &v));
    assert_false(ks_str_u64(KS_S("+1"), &v));
    assert_false(ks_str_u64(KS_S(" 1"), &v));
    assert_false(ks_str_u64(KS_S(""), &v));
}

static void only_and_iholds_know_the_empty_text(void **state)
{
    (void)state;
    assert_true(ks_str_only(KS_S("a-b"), "ab-"));
    assert_false(ks_str_only(KS_S("a_b"), "ab-"));
    assert_false(ks_str_only(KS_S("a\0"), "a"));
    assert_false(ks_str_only(KS_S(""), "a"));
    assert_true(ks_str_iholds(KS_S("Send Mail"), KS_S("d mAIL")));
    assert_true(ks_str_iholds(KS_S(""), KS_S("")));
    assert_false(ks_str_iholds(KS_S("mai"), KS_S("mail")));
}

static void letters_and_digits_are_those_of_ascii(void **state)
{
    (void)state;
    static const char fine[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    for (int c = -128; c < 128; c++) {
        bool expected = c != 0 && strchr(fine, c) != NULL;
        assert_int_equal(ks_is_alnum((char)c), expected);
        assert_int_equal(ks_lower((char)c), c >= 'A' && c <= 'Z' ? c + 32 : c);
    }
}

static void a_full_buffer_fails_once_and_stays_as_it_was(void **state)
{
    (void)state;
    ks_buf b = ks_buf_new(4);
    ks_buf_z(&b, "abcd");
    assert_true(ks_buf_ok(&b));
    ks_buf_c(&b, 'e');
    assert_false(ks_buf_ok(&b));
    assert_str(ks_buf_view(&b), "abcd");
    ks_buf_done(&b);
}

KS_TESTS(cut_gives_every_part_and_stops, utf8_refuses_surrogates_overlong_forms_and_cut_sequences,
         u64_takes_digits_that_fit_and_nothing_else, only_and_iholds_know_the_empty_text,
         letters_and_digits_are_those_of_ascii, a_full_buffer_fails_once_and_stays_as_it_was)
