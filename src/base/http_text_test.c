/* base/http_text_test.c — every byte in every part. */
#include "base/http_text.h"
#include "tests/support/test.h"

static void each_part_takes_its_own_bytes_and_no_others(void **state)
{
    (void)state;
    for (int c = 0; c < 256; c++) {
        char   text[] = {'a', (char)c, 'b'};
        ks_str s = {text, sizeof text};
        bool   visible = c > 0x20 && c < 0x7f, delimiter = c != 0 && strchr("\"(),/:;<=>?@[\\]{}", c) != NULL;
        assert_int_equal(ks_http_name(s), visible && !delimiter);
        assert_int_equal(ks_http_value(s), c == '\t' || (c >= 0x20 && c != 0x7f));
        assert_int_equal(ks_http_target(s), visible && c != '#' && c != '\\');
    }
}

static void a_name_has_a_character_and_the_others_may_be_empty(void **state)
{
    (void)state;
    assert_false(ks_http_name(KS_S("")));
    assert_true(ks_http_value(KS_S("")));
    assert_true(ks_http_target(KS_NO_STR));
}

static void framing_and_forwarding_headers_are_reserved_in_any_case(void **state)
{
    (void)state;
    assert_true(ks_http_reserved(KS_S("Content-Length")) && ks_http_reserved(KS_S("TE")));
    assert_true(ks_http_reserved(KS_S("Forwarded")) && ks_http_reserved(KS_S("X-Forwarded-For")));
    assert_true(ks_http_reserved(KS_S("Proxy-Authorization")));
    assert_false(ks_http_reserved(KS_S("Authorization")) || ks_http_reserved(KS_S("X-Forward")));
    assert_true(ks_http_reserved(KS_S("KS-Ghost")) && ks_http_reserved(KS_S("ks-ghost-project")));
    assert_false(ks_http_reserved(KS_S("")));
}

KS_TESTS(each_part_takes_its_own_bytes_and_no_others, a_name_has_a_character_and_the_others_may_be_empty,
         framing_and_forwarding_headers_are_reserved_in_any_case)
