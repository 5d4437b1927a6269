/* base/enc_test.c — encoders, and decoders that refuse what is not theirs. */
#include "base/enc.h"
#include "tests/support/test.h"

static void percent_keeps_unreserved_characters_only(void **state)
{
    (void)state;
    ks_buf b = ks_buf_new(256);
    ks_enc_percent(&b, KS_S("aZ09-._~ /?&=%+\xc3\xbc"));
    assert_str(ks_buf_view(&b), "aZ09-._~%20%2F%3F%26%3D%25%2B%C3%BC");
    ks_buf_done(&b);
}

static void every_byte_survives_percent_encoding_or_is_refused(void **state)
{
    (void)state;
    for (int c = 1; c < 128; c++) {
        ks_buf b = ks_buf_new(16), back = ks_buf_new(16);
        ks_enc_percent(&b, (ks_str){(char[]){(char)c}, 1});
        assert_true(ks_dec_percent(&back, ks_buf_view(&b), true));
        assert_int_equal(ks_buf_view(&back).p[0], c);
        ks_buf_done(&b);
        ks_buf_done(&back);
    }
}

static void bad_escapes_nul_and_bad_utf8_are_refused(void **state)
{
    static const char *const bad[] = {"%", "%4", "%g1", "%1g", "a%00", "%ff", "%c3", "%c0%af", "x%ed%a0%80"};
    (void)state;
    for (size_t i = 0; i < KS_COUNT(bad); i++) {
        ks_buf b = ks_buf_new(64);
        if (ks_dec_percent(&b, ks_str_of(bad[i]), false))
            fail_msg("%s", bad[i]);
        ks_buf_done(&b);
    }
    ks_buf b = ks_buf_new(4);
    assert_false(ks_dec_percent(&b, KS_S("a\0b"), false));
    ks_buf_clear(&b);
    assert_true(ks_dec_percent(&b, KS_S("a%2b+c"), true));
    assert_str(ks_buf_view(&b), "a+ c");
    ks_buf_clear(&b);
    assert_true(ks_dec_percent(&b, KS_S("%2520"), false)); /* undone once */
    assert_str(ks_buf_view(&b), "%20");
    ks_buf_clear(&b);
    assert_false(ks_dec_percent(&b, KS_S("abcde"), false)); /* no room */
    ks_buf_done(&b);
}

static void base64_gives_the_vectors_of_rfc_4648(void **state)
{
    static const char *const rows[][3] = {{"", "", ""},
                                          {"f", "Zg==", "Zg"},
                                          {"fo", "Zm8=", "Zm8"},
                                          {"foo", "Zm9v", "Zm9v"},
                                          {"foob", "Zm9vYg==", "Zm9vYg"},
                                          {"\xfb\xff", "+/8=", "-_8"}};
    (void)state;
    for (size_t i = 0; i < KS_COUNT(rows); i++) {
        ks_buf b = ks_buf_new(64);
        ks_enc_base64(&b, ks_str_of(rows[i][0]));
        assert_str(ks_buf_view(&b), rows[i][1]);
        ks_buf_clear(&b);
        ks_enc_base64url(&b, ks_str_of(rows[i][0]));
        assert_str(ks_buf_view(&b), rows[i][2]);
        ks_buf_clear(&b);
        assert_true(ks_dec_base64(&b, ks_str_of(rows[i][1])));
        assert_str(ks_buf_view(&b), rows[i][0]);
        ks_buf_done(&b);
    }
}

static void malformed_base64_is_refused(void **state)
{
    static const char *const bad[] = {"Z",    "Zg",   "Zg=",      "Zg===",  "=Zg=", "Zh==", "Zm9=",
                                      "Z===", "====", "Zg==Zg==", "Zm9v\n", "Zm 9", "Zm-_"};
    (void)state;
    for (size_t i = 0; i < KS_COUNT(bad); i++) {
        ks_buf b = ks_buf_new(64);
        if (ks_dec_base64(&b, ks_str_of(bad[i])))
            fail_msg("%s", bad[i]);
        ks_buf_done(&b);
    }
}

static void hex_goes_both_ways_for_exactly_the_bytes_asked(void **state)
{
    (void)state;
    unsigned char out[3];
    ks_buf        b = ks_buf_new(64);
    ks_enc_hex(&b, "\x00\xab\xff", 3);
    assert_str(ks_buf_view(&b), "00abff");
    assert_true(ks_dec_hex(KS_S("00aBfF"), out, 3));
    assert_memory_equal(out, "\x00\xab\xff", 3);
    assert_false(ks_dec_hex(KS_S("00abf"), out, 3));
    assert_false(ks_dec_hex(KS_S("00abff00"), out, 3));
    assert_false(ks_dec_hex(KS_S("00abfg"), out, 3));
    ks_buf_done(&b);
}

KS_TESTS(percent_keeps_unreserved_characters_only, every_byte_survives_percent_encoding_or_is_refused,
         bad_escapes_nul_and_bad_utf8_are_refused, base64_gives_the_vectors_of_rfc_4648,
         malformed_base64_is_refused, hex_goes_both_ways_for_exactly_the_bytes_asked)
