/* http/wire_scan_test.c — every way of writing a request that two parsers may read differently, fed whole,
 * byte by byte and cut at every position. Rule T5. */
#include "http/wire_scan.h"

#include <stdio.h>
#include <stdlib.h>

#include "tests/support/test.h"

#define H    "Host: a\r\n"
#define GET_ "GET / HTTP/1.1\r\n" H
#define POST "POST / HTTP/1.1\r\n" H
#define TE   "Transfer-Encoding: chunked\r\n"

typedef struct row {
    const char *name;
    ks_str      bytes;
    ks_status   want;
    unsigned    heads; /* accepted before the verdict */
} row;

static const row rows[] = {
    /* what must pass */
    {"plain GET", KS_S_INIT(GET_ "\r\n"), KS_OK, 1},
    {"1.0 without Host", KS_S_INIT("GET / HTTP/1.0\r\n\r\n"), KS_OK, 1},
    {"body by length", KS_S_INIT(POST "Content-Length: 3\r\n\r\nabc"), KS_OK, 1},
    {"length zero", KS_S_INIT(POST "Content-Length: 0\r\n\r\n" GET_ "\r\n"), KS_OK, 2},
    {"chunked", KS_S_INIT(POST TE "\r\n1a\r\nabcdefghijklmnopqrstuvwxyz\r\n0\r\n\r\n" GET_ "\r\n"), KS_OK, 2},
    {"three in a row", KS_S_INIT(GET_ "\r\n" POST "Content-Length: 2\r\n\r\nab" GET_ "\r\n"), KS_OK, 3},
    {"one empty line first", KS_S_INIT("\r\n" GET_ "\r\n"), KS_OK, 1},
    {"JSON in a value", KS_S_INIT(GET_ "common: {\"X-API-KEY\":\"k\", \"a\":1}\r\n\r\n"), KS_OK, 1},
    {"bytes over 0x7f in a value", KS_S_INIT(GET_ "x: \xc3\xa4\r\n\r\n"), KS_OK, 1},
    {"empty value", KS_S_INIT(GET_ "x-runtime:\r\n\r\n"), KS_OK, 1},
    {"blanks around values", KS_S_INIT("GET / HTTP/1.1\r\nHost: \t a:80 \t\r\nContent-Length:  0\r\n\r\n"),
     KS_OK, 1},
    {"IPv6 host", KS_S_INIT("GET / HTTP/1.1\r\nHost: [::1]:9899\r\n\r\n"), KS_OK, 1},
    {"escapes and odd but harmless bytes in the target",
     KS_S_INIT("GET /a%2Fb%20c/?x={y}|[z]&c=a%2C%09b HTTP/1.1\r\n" H "\r\n"), KS_OK, 1},
    {"encoded NUL, for the router to answer", KS_S_INIT("GET /a%00 HTTP/1.1\r\n" H "\r\n"), KS_OK, 1},
    {"coding in capitals", KS_S_INIT(POST "transfer-encoding: CHUNKED\r\n\r\n0\r\n\r\n"), KS_OK, 1},
    /* the parsing table */
    {"length and chunked, a request hidden",
     KS_S_INIT(POST "Content-Length: 5\r\n" TE "\r\n0\r\n\r\n" GET_ "\r\n"), KS_INVALID, 0},
    {"chunked and length", KS_S_INIT(POST TE "Content-Length: 5\r\n\r\n0\r\n\r\n"), KS_INVALID, 0},
    {"length twice, different", KS_S_INIT(POST "Content-Length: 5\r\nContent-Length: 6\r\n\r\nabcde"),
     KS_INVALID, 0},
    {"length twice, equal", KS_S_INIT(POST "Content-Length: 5\r\ncontent-length: 5\r\n\r\nabcde"), KS_INVALID,
     0},
    {"length with plus", KS_S_INIT(POST "Content-Length: +26\r\n\r\n"), KS_INVALID, 0},
    {"gzip, chunked", KS_S_INIT(POST "Transfer-Encoding: gzip, chunked\r\n\r\n"), KS_INVALID, 0},
    {"chunk size 0x1a", KS_S_INIT(POST TE "\r\n0x1a\r\n"), KS_INVALID, 1},
    {"blank before colon", KS_S_INIT("GET / HTTP/1.1\r\nHost : a\r\n\r\n"), KS_INVALID, 0},
    {"no Host", KS_S_INIT("GET / HTTP/1.1\r\nx: y\r\n\r\n"), KS_INVALID, 0},
    {"Host twice", KS_S_INIT(GET_ H "\r\n"), KS_INVALID, 0},
    {"NUL in a value", KS_S_INIT(GET_ "x: a\0b\r\n\r\n"), KS_INVALID, 0},
    {"obs-fold", KS_S_INIT(GET_ "x-api-k: v\r\n ey: w\r\n\r\n"), KS_INVALID, 0},
    {"fold by TAB", KS_S_INIT(GET_ "x: v\r\n\tw\r\n\r\n"), KS_INVALID, 0},
    {"blank before the first header", KS_S_INIT("GET / HTTP/1.1\r\n Host: a\r\n\r\n"), KS_INVALID, 0},
    /* what the library hides */
    {"NUL in the target", KS_S_INIT("GET /a\0b HTTP/1.1\r\n" H "\r\n"), KS_INVALID, 0},
    {"NUL in a name", KS_S_INIT(GET_ "x\0y: a\r\n\r\n"), KS_INVALID, 0},
    {"NUL in the method", KS_S_INIT("G\0ET / HTTP/1.1\r\n" H "\r\n"), KS_INVALID, 0},
    {"empty header name", KS_S_INIT(GET_ ": v\r\n\r\n"), KS_INVALID, 0},
    {"bare LF after the request line", KS_S_INIT("GET / HTTP/1.1\nHost: a\r\n\r\n"), KS_INVALID, 0},
    {"bare LF after a header", KS_S_INIT("GET / HTTP/1.1\r\nHost: a\n\r\n"), KS_INVALID, 0},
    {"bare LF ends the block", KS_S_INIT(GET_ "\n"), KS_INVALID, 0},
    {"bare CR in a value", KS_S_INIT(GET_ "x: a\rb\r\n\r\n"), KS_INVALID, 0},
    {"bare CR before the end", KS_S_INIT(GET_ "\r\r\n"), KS_INVALID, 0},
    {"bell in a value", KS_S_INIT(GET_ "x: a\x07\r\n\r\n"), KS_INVALID, 0},
    {"DEL in a value", KS_S_INIT(GET_ "x: a\x7f\r\n\r\n"), KS_INVALID, 0},
    {"name that is no token", KS_S_INIT(GET_ "x@y: a\r\n\r\n"), KS_INVALID, 0},
    {"line without colon", KS_S_INIT(GET_ "xy\r\n\r\n"), KS_INVALID, 0},
    {"name over 0x7f", KS_S_INIT(GET_ "x\xc3\xa4: a\r\n\r\n"), KS_INVALID, 0},
    {"coding twice", KS_S_INIT(POST TE TE "\r\n0\r\n\r\n"), KS_INVALID, 0},
    {"coding identity", KS_S_INIT(POST "Transfer-Encoding: identity\r\n\r\n"), KS_INVALID, 0},
    {"coding cut", KS_S_INIT(POST "Transfer-Encoding: chunke\r\n\r\n"), KS_INVALID, 0},
    {"coding with more", KS_S_INIT(POST "Transfer-Encoding: chunked, chunked\r\n\r\n"), KS_INVALID, 0},
    {"coding with a blank inside", KS_S_INIT(POST "Transfer-Encoding: chun ked\r\n\r\n"), KS_INVALID, 0},
    {"coding with a vertical tab",
     KS_S_INIT(POST "Transfer-Encoding: \x0b"
                    "chunked\r\n\r\n"),
     KS_INVALID, 0},
    {"coding empty", KS_S_INIT(POST "Transfer-Encoding:\r\n\r\n"), KS_INVALID, 0},
    {"chunked in 1.0", KS_S_INIT("POST / HTTP/1.0\r\n" TE "\r\n0\r\n\r\n"), KS_INVALID, 0},
    {"length empty", KS_S_INIT(POST "Content-Length:\r\n\r\n"), KS_INVALID, 0},
    {"length as list", KS_S_INIT(POST "Content-Length: 5, 5\r\n\r\n"), KS_INVALID, 0},
    {"length negative", KS_S_INIT(POST "Content-Length: -1\r\n\r\n"), KS_INVALID, 0},
    {"length in hex", KS_S_INIT(POST "Content-Length: 0x5\r\n\r\n"), KS_INVALID, 0},
    {"length with a blank behind", KS_S_INIT(POST "Content-Length: 5 \r\n\r\nabcde"), KS_INVALID, 0},
    {"length with a tab behind", KS_S_INIT(POST "Content-Length: 5\t\r\n\r\nabcde"), KS_INVALID, 0},
    {"coding with a blank behind, a request hidden",
     KS_S_INIT(POST "Transfer-Encoding: chunked \r\n\r\n0\r\n\r\n" GET_ "\r\n"), KS_INVALID, 0},
    {"length with a blank inside", KS_S_INIT(POST "Content-Length: 1 0\r\n\r\n"), KS_INVALID, 0},
    {"length that does not fit", KS_S_INIT(POST "Content-Length: 99999999999999999999\r\n\r\n"), KS_INVALID,
     0},
    {"Host empty", KS_S_INIT("GET / HTTP/1.1\r\nHost: \r\n\r\n"), KS_INVALID, 0},
    {"Host with a blank", KS_S_INIT("GET / HTTP/1.1\r\nHost: a b\r\n\r\n"), KS_INVALID, 0},
    {"Host with a path", KS_S_INIT("GET / HTTP/1.1\r\nHost: a/b\r\n\r\n"), KS_INVALID, 0},
    {"Host with user info", KS_S_INIT("GET / HTTP/1.1\r\nHost: u@a\r\n\r\n"), KS_INVALID, 0},
    /* chunks */
    {"chunk extension", KS_S_INIT(POST TE "\r\n1;a=b\r\n"), KS_INVALID, 1},
    {"blank after a chunk size", KS_S_INIT(POST TE "\r\n1 \r\n"), KS_INVALID, 1},
    {"bare LF after a chunk size", KS_S_INIT(POST TE "\r\n1\n"), KS_INVALID, 1},
    {"no chunk size", KS_S_INIT(POST TE "\r\n\r\n"), KS_INVALID, 1},
    {"chunk longer than its size", KS_S_INIT(POST TE "\r\n1\r\nab\r\n"), KS_INVALID, 1},
    {"bare LF after a chunk", KS_S_INIT(POST TE "\r\n1\r\na\n"), KS_INVALID, 1},
    {"chunk of 16 MiB + 1", KS_S_INIT(POST TE "\r\n1000001\r\n"), KS_INVALID, 1},
    {"chunk of 4 GiB", KS_S_INIT(POST TE "\r\n100000000\r\n"), KS_INVALID, 1},
    {"chunk size of 20 digits", KS_S_INIT(POST TE "\r\n00000000000000000001\r\n"), KS_INVALID, 1},
    {"trailer", KS_S_INIT(POST TE "\r\n0\r\nx: y\r\n\r\n"), KS_INVALID, 1},
    /* request lines */
    {"HTTP/2.0", KS_S_INIT("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), KS_INVALID, 0},
    {"HTTP/1.2", KS_S_INIT("GET / HTTP/1.2\r\n" H "\r\n"), KS_INVALID, 0},
    {"HTTP/1.11", KS_S_INIT("GET / HTTP/1.11\r\n" H "\r\n"), KS_INVALID, 0},
    {"http/1.1", KS_S_INIT("GET / http/1.1\r\n" H "\r\n"), KS_INVALID, 0},
    {"no version", KS_S_INIT("GET /\r\n\r\n"), KS_INVALID, 0},
    {"two blanks", KS_S_INIT("GET  / HTTP/1.1\r\n" H "\r\n"), KS_INVALID, 0},
    {"blank behind the version", KS_S_INIT("GET / HTTP/1.1 \r\n" H "\r\n"), KS_INVALID, 0},
    {"TAB for a blank", KS_S_INIT("GET\t/ HTTP/1.1\r\n" H "\r\n"), KS_INVALID, 0},
    {"absolute form", KS_S_INIT("GET http://a/ HTTP/1.1\r\n" H "\r\n"), KS_INVALID, 0},
    {"asterisk form", KS_S_INIT("OPTIONS * HTTP/1.1\r\n" H "\r\n"), KS_INVALID, 0},
    {"authority form", KS_S_INIT("CONNECT a:443 HTTP/1.1\r\n" H "\r\n"), KS_INVALID, 0},
    {"bad escape", KS_S_INIT("GET /a%2g HTTP/1.1\r\n" H "\r\n"), KS_INVALID, 0},
    {"cut escape", KS_S_INIT("GET /a%2 HTTP/1.1\r\n" H "\r\n"), KS_INVALID, 0},
    {"byte over 0x7f in the target", KS_S_INIT("GET /\xc3\xa4 HTTP/1.1\r\n" H "\r\n"), KS_INVALID, 0},
    {"fragment in the target", KS_S_INIT("GET /a#b HTTP/1.1\r\n" H "\r\n"), KS_INVALID, 0},
    {"two empty lines first", KS_S_INIT("\r\n\r\n" GET_ "\r\n"), KS_INVALID, 0},
    {"a TLS hello", KS_S_INIT("\x16\x03\x01\x02"), KS_INVALID, 0},
    {"good, then bad", KS_S_INIT(GET_ "\r\n" GET_ H "\r\n"), KS_INVALID, 1},
};

/* Feed `b` in two parts and check the verdict and what is passed on. */
static ks_scan fed(ks_str b, size_t cut, size_t *passed)
{
    ks_scan s = {0};
    *passed = ks_scan_feed(&s, ks_str_sub(b, 0, cut));
    if (s.status == KS_OK && cut < b.n) {
        size_t more = ks_scan_feed(&s, ks_str_sub(b, cut, SIZE_MAX));
        if (more > 0)
            *passed = cut + more;
    }
    return s;
}

static void check(const row *r, ks_scan s, ks_scan whole, const char *how)
{
    if (s.status == r->want && s.heads == r->heads && (s.message == whole.message))
        return;
    fail_msg("%s, %s: status %d, %u heads, \"%s\"", r->name, how, (int)s.status, (unsigned)s.heads,
             s.message ? s.message : "-");
}

static void every_row_has_its_verdict_however_it_is_cut(void **state)
{
    (void)state;
    for (size_t i = 0; i < KS_COUNT(rows); i++) {
        const row *r = &rows[i];
        size_t     passed, passed_whole;
        ks_scan    whole = fed(r->bytes, r->bytes.n, &passed_whole), one = {0};
        check(r, whole, whole, "whole");
        for (size_t cut = 0; cut < r->bytes.n; cut++)
            check(r, fed(r->bytes, cut, &passed), whole, "cut in two");
        for (size_t at = 0; at < r->bytes.n; at++)
            (void)ks_scan_feed(&one, ks_str_sub(r->bytes, at, 1));
        check(r, one, whole, "byte by byte");
        if (r->want == KS_OK)
            assert_int_equal(passed_whole, r->bytes.n);
    }
}

static void nothing_of_an_unfinished_or_bad_header_block_is_passed_on(void **state)
{
    (void)state;
    ks_str good = KS_S(GET_ "\r\n"), bad = KS_S(GET_ "\r\n" GET_ H "\r\n");
    for (size_t cut = 0; cut < good.n; cut++) {
        ks_scan s = {0};
        assert_int_equal(ks_scan_feed(&s, ks_str_sub(good, 0, cut)), 0);
        assert_int_equal(ks_scan_where(&s), cut ? KS_SCAN_HEAD : KS_SCAN_IDLE);
        assert_int_equal(ks_scan_feed(&s, ks_str_sub(good, cut, SIZE_MAX)), good.n - cut);
    }
    ks_scan s = {0};
    assert_int_equal(ks_scan_feed(&s, bad), good.n);
    assert_int_equal(ks_scan_feed(&s, good), 0); /* a verdict is final */
}

static void bodies_are_passed_on_as_they_come(void **state)
{
    (void)state;
    ks_scan s = {0};
    ks_str  head = KS_S(POST "Content-Length: 10\r\n\r\n");
    assert_int_equal(ks_scan_feed(&s, head), head.n);
    assert_int_equal(ks_scan_feed(&s, KS_S("\r\n\0ab")), 5);
    assert_int_equal(ks_scan_where(&s), KS_SCAN_BODY);
    assert_int_equal(ks_scan_feed(&s, KS_S("12345GET /")), 5);
    assert_int_equal(ks_scan_where(&s), KS_SCAN_HEAD);
}

/* A request whose target, header lines and padding have these sizes. */
static ks_buf sized(size_t target, size_t lines, size_t total)
{
    ks_buf b = ks_buf_new(64 * 1024);
    ks_buf_z(&b, "GET /");
    for (size_t i = 1; i < target; i++)
        ks_buf_c(&b, 'a');
    ks_buf_z(&b, " HTTP/1.1\r\n" H);
    for (size_t i = 1; i < lines; i++)
        ks_buf_z(&b, "a:b\r\n");
    if (total > 0) {
        ks_buf_z(&b, "p:");
        while (b.n + 4 < total)
            ks_buf_c(&b, 'x');
        ks_buf_z(&b, "\r\n");
    }
    ks_buf_z(&b, "\r\n");
    assert_true(ks_buf_ok(&b));
    return b;
}

static ks_status verdict(size_t target, size_t lines, size_t total)
{
    ks_buf    b = sized(target, lines, total);
    size_t    passed;
    ks_status whole = fed(ks_buf_view(&b), b.n, &passed).status;
    for (size_t cut = 0; cut < b.n; cut += 97)
        assert_int_equal(fed(ks_buf_view(&b), cut, &passed).status, whole);
    ks_buf_done(&b);
    return whole;
}

static void limits_hold_at_the_limit_and_one_past(void **state)
{
    (void)state;
    assert_int_equal(verdict(KS_MAX_TARGET_BYTES, 1, 0), KS_OK);
    assert_int_equal(verdict(KS_MAX_TARGET_BYTES + 1, 1, 0), KS_URI_TOO_LONG);
    assert_int_equal(verdict(1, KS_MAX_HEADERS, 0), KS_OK);
    assert_int_equal(verdict(1, KS_MAX_HEADERS + 1, 0), KS_HEADERS);
    assert_int_equal(verdict(1, 1, KS_MAX_HEADER_BYTES), KS_OK);
    assert_int_equal(verdict(1, 1, KS_MAX_HEADER_BYTES + 1), KS_HEADERS);
}

static void more_than_128_query_separators_are_too_long_a_target(void **state)
{
    (void)state;
    for (size_t extra = 0; extra < 2; extra++) {
        ks_buf  b = ks_buf_new(4096);
        ks_scan s = {0};
        ks_buf_z(&b, "GET /?");
        for (size_t i = 0; i < KS_MAX_PAIRS + extra; i++)
            ks_buf_z(&b, "a&");
        ks_buf_z(&b, " HTTP/1.1\r\n" H "\r\n");
        (void)ks_scan_feed(&s, ks_buf_view(&b));
        assert_int_equal(s.status, extra ? KS_URI_TOO_LONG : KS_OK);
        ks_buf_done(&b);
    }
}

static void a_chunk_of_16_mib_is_the_largest(void **state)
{
    (void)state;
    ks_scan s = {0};
    ks_str  head = KS_S(POST TE "\r\n1000000\r\n");
    assert_int_equal(ks_scan_feed(&s, head), head.n);
    assert_int_equal(s.status, KS_OK);
    assert_int_equal(s.left, KS_MAX_CHUNK_BYTES);
}

/* Each byte value in each place, against the grammar written out. */
static bool token(unsigned char c)
{
    return c < 0x80 && c > 0x20 && (ks_str_chr(KS_S("\"(),/:;<=>?@[\\]{}\x7f"), (char)c) == SIZE_MAX);
}

static ks_status with_byte(const char *before, unsigned char c, const char *after)
{
    ks_buf  b = ks_buf_new(256);
    ks_scan s = {0};
    ks_buf_z(&b, before);
    ks_buf_c(&b, (char)c);
    ks_buf_z(&b, after);
    (void)ks_scan_feed(&s, ks_buf_view(&b));
    ks_buf_done(&b);
    return s.status == KS_OK && s.heads == 0 ? KS_BUSY : s.status;
}

static void every_byte_value_is_judged_by_its_place(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 256; i++) {
        unsigned char c = (unsigned char)i;
        bool          target = c > 0x20 && c < 0x7f && c != '#' && c != '%';
        bool          value = c == '\t' || (c >= 0x20 && c != 0x7f);
        assert_int_equal(with_byte("G", c, "T / HTTP/1.1\r\n" H "\r\n") == KS_OK, token(c));
        assert_int_equal(with_byte("GET /", c, "a HTTP/1.1\r\n" H "\r\n") == KS_OK, target);
        assert_int_equal(with_byte(GET_ "x", c, "y: z\r\n\r\n") == KS_OK, token(c) || c == ':');
        assert_int_equal(with_byte(GET_ "x: y", c, "z\r\n\r\n") == KS_OK, value);
    }
}

static void random_bytes_never_pass_a_head_that_a_cut_would_refuse(void **state)
{
    (void)state;
    static const char alphabet[] = "GET /aA1%0:;,\r\n\r\n \tHTTP/1.1Host\0chunked";
    uint64_t          x = 88172645463325252u;
    for (int round = 0; round < 20000; round++) {
        char   text[96];
        size_t n = 0, passed, again;
        memcpy(text, "POST / HTTP/1.1\r\nHost: a\r\n", 26);
        for (n = 26; n < sizeof text; n++) {
            x ^= x << 13, x ^= x >> 7, x ^= x << 17;
            text[n] = alphabet[x % (sizeof alphabet - 1)];
        }
        ks_str  b = {text + (x >> 32) % 26 * (round % 2), sizeof text - 26};
        ks_scan whole = fed(b, b.n, &passed), cut = fed(b, (size_t)(x >> 40) % b.n, &again);
        assert_int_equal(whole.status, cut.status);
        assert_int_equal(whole.heads, cut.heads);
        assert_ptr_equal(whole.message, cut.message);
    }
}

KS_TESTS(more_than_128_query_separators_are_too_long_a_target, every_row_has_its_verdict_however_it_is_cut,
         nothing_of_an_unfinished_or_bad_header_block_is_passed_on, bodies_are_passed_on_as_they_come,
         limits_hold_at_the_limit_and_one_past, a_chunk_of_16_mib_is_the_largest,
         every_byte_value_is_judged_by_its_place, random_bytes_never_pass_a_head_that_a_cut_would_refuse)
