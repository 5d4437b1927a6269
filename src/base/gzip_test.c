/* base/gzip_test.c — what is compressed in steps comes back whole; headers that allow gzip or not. */
#include "base/gzip.h"

#include "base/alloc.h"
#include "tests/support/test.h"

static bool compress_lines(int lines, ks_buf *plain, ks_buf *gz)
{
    ks_buf  in = ks_buf_new(1 << 20);
    ks_gzip g;
    bool    began = ks_gzip_begin(&g, &in, gz);
    for (int i = 0; began && i < lines; i++) {
        ks_buf_fmt(&in, "line %d of many\n", i * 7919);
        ks_buf_fmt(plain, "line %d of many\n", i * 7919);
        ks_gzip_pour(&g);
    }
    bool ok = ks_gzip_end(&g);
    ks_buf_done(&in);
    return ok;
}

static void what_goes_in_comes_out(void **state)
{
    (void)state;
    const int sizes[] = {0, 1, 2000, 100000};
    for (size_t i = 0; i < KS_COUNT(sizes); i++) {
        ks_buf plain = ks_buf_new(1 << 24), gz = ks_buf_new(1 << 24), back = ks_buf_new(1 << 24);
        assert_true(compress_lines(sizes[i], &plain, &gz));
        assert_true(ks_gunzip(ks_buf_view(&gz), &back));
        assert_true(ks_str_eq(ks_buf_view(&plain), ks_buf_view(&back)));
        assert_true(sizes[i] < 2000 || gz.n < plain.n / 3);
        ks_buf_done(&plain), ks_buf_done(&gz), ks_buf_done(&back);
    }
}

static void a_broken_text_is_told(void **state)
{
    (void)state;
    ks_buf plain = ks_buf_new(1 << 20), gz = ks_buf_new(1 << 20), back = ks_buf_new(1 << 20);
    assert_true(compress_lines(100, &plain, &gz));
    gz.p[gz.n / 2] ^= 0x55;
    assert_false(ks_gunzip(ks_buf_view(&gz), &back));
    ks_buf_done(&back);
    assert_false(ks_gunzip(KS_S("short"), &back));
    ks_buf_done(&plain), ks_buf_done(&gz), ks_buf_done(&back);
}

static void every_allocation_may_fail(void **state)
{
    (void)state;
    bool ok = false;
    for (uint64_t n = 1; !ok && n < 100; n++) {
        ks_buf plain = ks_buf_new(1 << 20), gz = ks_buf_new(1 << 20), back = ks_buf_new(1 << 20);
        ks_alloc_fail_at(n, false);
        bool made = compress_lines(3000, &plain, &gz);
        ok = made && ks_gunzip(ks_buf_view(&gz), &back) && ks_buf_ok(&plain);
        ks_alloc_fail_at(0, false);
        assert_true(n > 1 || !ok);
        ks_buf_done(&plain), ks_buf_done(&gz), ks_buf_done(&back);
    }
    assert_true(ok);
}

static void accept_encoding_is_read_as_rfc_9110_says(void **state)
{
    (void)state;
    static const char *const yes[] = {"gzip", "gzip, deflate", "br;q=1.0, gzip;q=0.8, *;q=0.1",
                                      "*",    "GZIP",          "deflate , x-gzip"};
    static const char *const no[] = {
        "", "identity", "br", "gzip;q=0", "gzip; q=0.000", "*;q=0", "gzipped", "deflate, gzip;q=0, *"};
    for (size_t i = 0; i < KS_COUNT(yes); i++)
        assert_true(ks_gzip_accepted(ks_str_of(yes[i])));
    for (size_t i = 0; i < KS_COUNT(no); i++)
        assert_false(ks_gzip_accepted(ks_str_of(no[i])));
    assert_false(ks_gzip_accepted(KS_NO_STR));
}

KS_TESTS(what_goes_in_comes_out, a_broken_text_is_told, every_allocation_may_fail,
         accept_encoding_is_read_as_rfc_9110_says)
