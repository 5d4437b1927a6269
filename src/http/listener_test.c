/* http/listener_test.c — malformed requests end to end, plain and behind TLS; keep-alive and headers. Rule
 * T5. */
#include "tests/support/rig.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/time.h"

#define HOST "Host: a\r\n"
#define GET_ "GET /hello HTTP/1.1\r\n" HOST
#define POST "POST /size HTTP/1.1\r\n" HOST

/* ---- wire rows end to end ---- */

static const struct {
    const char *name;
    ks_str      bytes;
    int         good, bad; /* answers 200 first, then this status and the end; 0: cut */
} wire_rows[] = {
    {"length and chunked, a request hidden",
     KS_S_INIT(POST "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" GET_ "\r\n"), 0, 400},
    {"length twice", KS_S_INIT(POST "Content-Length: 5\r\nContent-Length: 6\r\n\r\nabcdef"), 0, 400},
    {"length +26", KS_S_INIT(POST "Content-Length: +26\r\n\r\n"), 0, 400},
    {"gzip, chunked", KS_S_INIT(POST "Transfer-Encoding: gzip, chunked\r\n\r\n"), 0, 400},
    {"chunked where it is not read", KS_S_INIT(POST "Transfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n"),
     0, 400},
    {"chunk size 0x1a on a streaming route",
     KS_S_INIT("POST /count HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n0x1a\r\n"), 0, 0},
    {"blank before colon", KS_S_INIT("GET /hello HTTP/1.1\r\nHost : a\r\n\r\n"), 0, 400},
    {"no Host", KS_S_INIT("GET /hello HTTP/1.1\r\nx: y\r\n\r\n"), 0, 400},
    {"Host twice", KS_S_INIT(GET_ HOST "\r\n"), 0, 400},
    {"NUL in a value", KS_S_INIT(GET_ "x-api-key: a\0b\r\n\r\n"), 0, 400},
    {"obs-fold", KS_S_INIT(GET_ "x-api-k: v\r\n ey: w\r\n\r\n"), 0, 400},
    {"empty name", KS_S_INIT(GET_ ": v\r\n\r\n"), 0, 400},
    {"bare LF", KS_S_INIT("GET /hello HTTP/1.1\nHost: a\n\n"), 0, 400},
    {"bare CR", KS_S_INIT(GET_ "x: a\rb\r\n\r\n"), 0, 400},
    {"NUL in the target", KS_S_INIT("GET /hello\0x HTTP/1.1\r\n" HOST "\r\n"), 0, 400},
    {"bad escape", KS_S_INIT("GET /hello%zz HTTP/1.1\r\n" HOST "\r\n"), 0, 400},
    {"encoded NUL is no id", KS_S_INIT("GET /items/%00 HTTP/1.1\r\n" HOST "Connection: close\r\n\r\n"), 0,
     404},
    {"absolute form", KS_S_INIT("GET http://a/hello HTTP/1.1\r\n" HOST "\r\n"), 0, 400},
    {"HTTP/2 preface", KS_S_INIT("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), 0, 400},
    {"good, good, bad", KS_S_INIT(GET_ "\r\n" POST "Content-Length: 2\r\n\r\nab" GET_ HOST "\r\n"), 2, 400},
    {"good, bad, good", KS_S_INIT(GET_ "\r\n" GET_ "x y: z\r\n\r\n" GET_ "\r\n"), 1, 400},
    {"bad while the one before is parked", KS_S_INIT("GET /parked HTTP/1.1\r\n" HOST "\r\n" GET_ HOST "\r\n"),
     1, 400},
    {"three good ones and an end",
     KS_S_INIT(GET_ "\r\n" GET_ "\r\n"
                    "GET /nope HTTP/1.1\r\n" HOST "Connection: close\r\n\r\n"),
     2, 404},
};

static void check_row(const rig_server *s, bool tls, size_t i, size_t cut)
{
    rig_client *c = rig_dial(s, tls);
    ks_str      b = wire_rows[i].bytes;
    bool        more = rig_say_n(c, b.p, cut);
    if (more && cut < b.n)
        (void)rig_say_n(c, b.p + cut, b.n - cut);
    for (int k = 0; k < wire_rows[i].good; k++) {
        int st = rig_status(c);
        if (st != 200)
            fail_msg("%s, cut at %zu: answer %d was %d", wire_rows[i].name, cut, k, st);
    }
    int st = rig_status(c);
    if (st != wire_rows[i].bad)
        fail_msg("%s, cut at %zu: %d instead of %d", wire_rows[i].name, cut, st, wire_rows[i].bad);
    if (st != 0)
        assert_non_null(strstr(rig_last, "request_id"));
    rig_expect_end(c);
    rig_hang_up(c);
}

static void rows_over(bool tls)
{
    rig_server s;
    rig_start(&s, tls);
    for (size_t i = 0; i < KS_COUNT(wire_rows); i++) {
        check_row(&s, tls, i, wire_rows[i].bytes.n);
        check_row(&s, tls, i, 1);
        check_row(&s, tls, i, wire_rows[i].bytes.n / 2);
        check_row(&s, tls, i, wire_rows[i].bytes.n - 1);
    }
    rig_stop(&s);
}

static void malformed_requests_are_answered_and_closed(void **state)
{
    (void)state;
    rows_over(false);
}

static void malformed_requests_are_answered_and_closed_behind_tls(void **state)
{
    (void)state;
    rows_over(true);
}

/* ---- keep-alive ---- */

static void trickle_over(bool tls)
{
    rig_server s;
    const char text[] = POST "Content-Length: 4\r\nx-api-key: k\r\n\r\nabcd";
    rig_start(&s, tls);
    rig_client *c = rig_dial(&s, tls);
    for (int round = 0; round < 2; round++) {
        for (size_t i = 0; i < sizeof text - 1; i++)
            assert_true(rig_say_n(c, text + i, 1));
        assert_int_equal(rig_status(c), 200);
        assert_non_null(strstr(rig_last, "{\"size\":4,\"key\":\"k\"}"));
    }
    rig_hang_up(c);
    rig_stop(&s);
}

static void a_request_may_come_byte_by_byte(void **state)
{
    (void)state;
    trickle_over(false);
    trickle_over(true);
}

static void one_connection_serves_parked_and_quiet_requests(void **state)
{
    rig_server s;
    (void)state;
    rig_start(&s, false);
    rig_client *c = rig_dial(&s, false);
    for (int i = 0; i < 50; i++) {
        assert_true(rig_say(c, i % 2 ? "GET /parked HTTP/1.1\r\n" HOST "\r\n"
                                     : "POST /parked HTTP/1.1\r\n" HOST "Content-Length: 3\r\n\r\n{ }"));
        assert_int_equal(rig_status(c), 200);
        assert_null(strcasestr(rig_last, "connection: close"));
    }
    rig_in_loop(&s, rig_ask_counts);
    assert_int_equal(s.conns, 1);
    rig_hang_up(c);
    rig_stop(&s);
}

static void pipelined_requests_are_answered_in_order(void **state)
{
    rig_server s;
    ks_buf     b = ks_buf_new(1024 * 1024);
    (void)state;
    rig_start(&s, false);
    for (int i = 0; i < 500; i++)
        ks_buf_fmt(&b, "GET /items/%d HTTP/1.1\r\n" HOST "x-pad: %0*d\r\n\r\n", i, i % 300 + 1, 0);
    rig_client *c = rig_dial(&s, false);
    assert_true(rig_say_n(c, b.p, b.n));
    for (int i = 0; i < 500; i++) {
        char want[16];
        snprintf(want, sizeof want, "<%d>", i);
        assert_int_equal(rig_status(c), 200);
        assert_non_null(strstr(rig_last, want));
    }
    ks_buf_done(&b);
    rig_hang_up(c);
    rig_stop(&s);
}

static void every_answer_has_the_standard_headers(void **state)
{
    rig_server s;
    (void)state;
    rig_start(&s, false);
    rig_client *c = rig_dial(&s, false);
    assert_true(rig_say(c, "GET /api/api/hello HTTP/1.1\r\n" HOST "X-Request-Id: abc-1\r\n\r\n"));
    assert_int_equal(rig_status(c), 200);
    assert_non_null(strcasestr(rig_last, "x-request-id: abc-1\r\n"));
    assert_non_null(strcasestr(rig_last, "Cache-Control: no-store\r\n"));
    assert_non_null(strcasestr(rig_last, "X-Content-Type-Options: nosniff\r\n"));
    assert_non_null(strcasestr(rig_last, "Content-Type: application/json\r\n"));
    assert_true(rig_say(c, "GET /items/a%2Fb%20%C3%A4 HTTP/1.1\r\n" HOST "\r\n"));
    assert_int_equal(rig_status(c), 200);
    assert_non_null(strstr(rig_last, "<a/b \xc3\xa4>"));
    assert_true(rig_say(c, "GET /local HTTP/1.1\r\n" HOST "\r\n"));
    assert_int_equal(rig_status(c), 404);
    rig_hang_up(c);
    rig_stop(&s);
}

static void head_is_get_without_a_body(void **state)
{
    rig_server s;
    (void)state;
    rig_start(&s, false);
    rig_client *c = rig_dial(&s, false);
    assert_true(rig_say(c, "HEAD /hello HTTP/1.1\r\n" HOST "\r\n"));
    while (strstr(c->got, "\r\n\r\n") == NULL)
        assert_true(rig_hear(c));
    assert_non_null(strcasestr(c->got, "Content-Length: 14\r\n"));
    assert_string_equal(strstr(c->got, "\r\n\r\n"), "\r\n\r\n");
    rig_hang_up(c);
    rig_stop(&s);
}

static void a_client_that_expects_100_gets_it_unless_refused(void **state)
{
    rig_server s;
    (void)state;
    rig_start(&s, false);
    rig_client *c = rig_dial(&s, false);
    assert_true(rig_say(c, POST "Content-Length: 2\r\nExpect: 100-continue\r\n\r\n"));
    assert_int_equal(rig_status(c), 100);
    assert_true(rig_say(c, "ab"));
    assert_int_equal(rig_status(c), 200);
    assert_true(rig_say(c, POST "Content-Length: 99999999\r\nExpect: 100-continue\r\n\r\n"));
    assert_int_equal(rig_status(c), 413);
    rig_expect_end(c);
    rig_hang_up(c);
    rig_stop(&s);
}

/* What the library has read on the one connection there is, and what was judged of it. */
static uint64_t judged_heads, read_calls;

static void ask_wire(rig_server *s)
{
    judged_heads = s->listener->conns->wire->scan.heads;
    read_calls = s->listener->conns->wire->reads;
}

static void pretend_bypass(rig_server *s)
{
    s->listener->conns->seq++; /* as if the library had begun a request that was never judged */
}

static void bypass_over(bool tls)
{
    rig_server s;
    rig_start(&s, tls);
    rig_client *c = rig_dial(&s, tls);
    for (unsigned i = 1; i <= 3; i++) {
        assert_true(rig_say(c, GET_ "\r\n"));
        assert_int_equal(rig_status(c), 200);
        rig_in_loop(&s, ask_wire);
        assert_int_equal(judged_heads, i);
        assert_true(read_calls >= i);
    }
    rig_in_loop(&s, pretend_bypass);
    assert_true(rig_say(c, GET_ "\r\n"));
    assert_int_equal(rig_status(c), 500);
    rig_expect_end(c);
    rig_hang_up(c);
    rig_stop(&s);
}

static void no_request_goes_round_the_scanner(void **state)
{
    (void)state;
    bypass_over(false);
    bypass_over(true);
}

KS_TESTS_WITH(NULL, rig_forget_certificate, malformed_requests_are_answered_and_closed,
              malformed_requests_are_answered_and_closed_behind_tls, a_request_may_come_byte_by_byte,
              one_connection_serves_parked_and_quiet_requests, pipelined_requests_are_answered_in_order,
              every_answer_has_the_standard_headers, head_is_get_without_a_body,
              a_client_that_expects_100_gets_it_unless_refused, no_request_goes_round_the_scanner)
