/* http/limits_test.c — sizes, many connections, places, deadlines. Rules H5, T6, D7. */
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

/* ---- limits ---- */

static void body_of(rig_server *s, size_t n, const char *path, int want)
{
    rig_client *c = rig_dial(s, false);
    char       *body = malloc(n);
    char        head[160];
    assert_non_null(body);
    memset(body, 'b', n);
    snprintf(head, sizeof head, "POST %s HTTP/1.1\r\n" HOST "Content-Length: %zu\r\n\r\n", path, n);
    assert_true(rig_say(c, head));
    (void)rig_say_n(c, body, n);
    assert_int_equal(rig_status(c), want);
    if (want != 200)
        rig_expect_end(c);
    free(body);
    rig_hang_up(c);
}

static void a_body_of_1_mib_is_read_and_one_byte_more_refused(void **state)
{
    rig_server s;
    (void)state;
    rig_start(&s, false);
    body_of(&s, KS_MAX_BODY_BYTES, "/size", 200);
    assert_non_null(strstr(rig_last, "{\"size\":1048576"));
    body_of(&s, KS_MAX_BODY_BYTES + 1, "/size", 413);
    body_of(&s, KS_INLINE_BODY_BYTES + 1, "/worker", 200);
    body_of(&s, 3000000, "/count", 200);
    assert_non_null(strstr(rig_last, "3000000"));
    body_of(&s, 9, "/drop", 200);
    assert_non_null(strstr(rig_last, "{\"size\":0"));
    body_of(&s, 9, "/nope", 404);
    rig_stop(&s);
}

static void long_targets_and_header_blocks_are_refused(void **state)
{
    rig_server s;
    char      *big = calloc(1, 40000);
    (void)state;
    assert_non_null(big);
    rig_start(&s, false);
    for (int i = 0; i < 2; i++) {
        rig_client *c = rig_dial(&s, false);
        memset(big, 'a', 20000);
        big[20000] = '\0';
        assert_true(rig_say(c, i ? GET_ "x: " : "GET /"));
        (void)rig_say(c, big);
        (void)rig_say(c, i ? "\r\n\r\n" : " HTTP/1.1\r\n" HOST "\r\n");
        assert_int_equal(rig_status(c), i ? 431 : 414);
        rig_expect_end(c);
        rig_hang_up(c);
    }
    rig_client *c = rig_dial(&s, false); /* the largest that passes */
    memset(big, 'a', 16000);
    big[16000] = '\0';
    assert_true(rig_say(c, GET_ "x: ") && rig_say(c, big) && rig_say(c, "\r\n\r\n"));
    assert_int_equal(rig_status(c), 200);
    rig_hang_up(c);
    free(big);
    rig_stop(&s);
}

static void many_at_once(rig_server *s, size_t n)
{
    int               *fds = calloc(n, sizeof *fds);
    struct sockaddr_in a = {
        .sin_family = AF_INET, .sin_port = htons(s->port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    struct timeval    limit = {.tv_sec = RIG_WAIT_MS / 1000};
    static const char text[] = "GET /parked HTTP/1.1\r\n" HOST "\r\n" GET_ "\r\n";
    assert_non_null(fds);
    for (size_t i = 0; i < n; i++) {
        fds[i] = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        assert_true(fds[i] >= 0);
        setsockopt(fds[i], SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
        assert_int_equal(connect(fds[i], (struct sockaddr *)&a, sizeof a), 0);
    }
    for (int round = 0; round < 2; round++) {
        for (size_t i = 0; i < n; i++)
            assert_int_equal(send(fds[i], text, sizeof text - 1, MSG_NOSIGNAL), sizeof text - 1);
        for (size_t i = 0; i < n; i++) {
            rig_client c = {.fd = fds[i]};
            assert_int_equal(rig_status(&c), 200);
            assert_int_equal(rig_status(&c), 200);
            assert_int_equal(c.n, 0);
        }
    }
    for (size_t i = 0; i < n; i++)
        close(fds[i]);
    free(fds);
}

static void all_of_1000_connections_ready_at_once_are_answered(void **state)
{
    rig_server    s;
    struct rlimit files;
    (void)state;
    getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
    rig_start(&s, false);
    many_at_once(&s, 128);
    many_at_once(&s, 512);
    many_at_once(&s, 1000);
    rig_stop(&s);
}

static void clients_over_the_limit_wait_for_a_place(void **state)
{
    rig_server s;
    (void)state;
    rig_start_with(&s, (ks_listener_options){.max_conns = 2, .header_ms = 100}, false);
    rig_client *c[4];
    for (int i = 0; i < 4; i++)
        c[i] = rig_dial(&s, false);
    for (int i = 0; i < 4; i++) {
        assert_true(rig_say(c[i], GET_ "Connection: close\r\n\r\n"));
        assert_int_equal(rig_status(c[i]), 200);
        rig_hang_up(c[i]);
    }
    rig_stop(&s);
}

static void behind_a_proxy_the_forwarded_address_is_counted(void **state)
{
    rig_server s;
    (void)state;
    rig_start_with(&s, (ks_listener_options){.behind_proxy = true, .max_per_addr = 1}, false);
    rig_client *a = rig_dial(&s, false), *b = rig_dial(&s, false);
    const char *one = GET_ "X-Forwarded-For: 9.9.9.9, 203.0.113.7\r\n\r\n";
    assert_true(rig_say(a, one));
    assert_int_equal(rig_status(a), 200);
    assert_true(rig_say(b, one));
    assert_int_equal(rig_status(b), 429);
    rig_expect_end(b);
    assert_true(rig_say(a, one));
    assert_int_equal(rig_status(a), 200);
    rig_hang_up(a);
    rig_hang_up(b);
    rig_stop(&s);
}

static void an_ipv6_neighbour_counts_as_the_same_address(void **state)
{
    static const char *const lines[][3] = {
        {"X-Forwarded-For: 2001:db8:1:2::1\r\n\r\n", "X-Forwarded-For: 2001:db8:1:2:ffff::9\r\n\r\n",
         "X-Forwarded-For: 2001:db8:1:3::1\r\n\r\n"},
        {"X-Forwarded-For: 203.0.113.7\r\n\r\n", "X-Forwarded-For: ::ffff:203.0.113.7\r\n\r\n",
         "X-Forwarded-For: 203.0.113.8\r\n\r\n"}};
    rig_server s;
    (void)state;
    rig_start_with(&s, (ks_listener_options){.behind_proxy = true, .max_per_addr = 1}, false);
    for (size_t i = 0; i < KS_COUNT(lines); i++) {
        rig_client *a = rig_dial(&s, false), *b = rig_dial(&s, false), *c = rig_dial(&s, false);
        assert_true(rig_say(a, GET_) && rig_say(a, lines[i][0]));
        assert_int_equal(rig_status(a), 200);
        assert_true(rig_say(b, GET_) && rig_say(b, lines[i][1]));
        assert_int_equal(rig_status(b), 429);
        assert_true(rig_say(c, GET_) && rig_say(c, lines[i][2]));
        assert_int_equal(rig_status(c), 200);
        rig_hang_up(a);
        rig_hang_up(b);
        rig_hang_up(c);
    }
    rig_stop(&s);
}

/* ---- deadlines ---- */

static void slow_over(bool tls)
{
    rig_server s;
    rig_start_with(&s, (ks_listener_options){.header_ms = 200, .body_ms = 200}, tls);
    rig_client *half = rig_dial(&s, tls), *none = rig_dial(&s, tls), *second = rig_dial(&s, tls),
               *body = rig_dial(&s, tls);
    assert_true(rig_say(second, GET_ "\r\n"));
    assert_int_equal(rig_status(second), 200);
    assert_true(rig_say(second, "GET /he"));
    assert_true(rig_say(half, GET_));
    assert_true(rig_say(body, POST "Content-Length: 5\r\n\r\nab"));
    assert_int_equal(rig_status(half), 408);
    rig_expect_end(half);
    rig_expect_end(none);
    assert_int_equal(rig_status(second), 408);
    rig_expect_end(second);
    rig_expect_end(body);
    rig_hang_up(half), rig_hang_up(none), rig_hang_up(second), rig_hang_up(body);
    rig_stop(&s);
}

static void slow_clients_are_answered_408_or_cut(void **state)
{
    (void)state;
    slow_over(false);
    slow_over(true);
}

static void a_handshake_that_does_not_end_is_cut_and_costs_nothing(void **state)
{
    rig_server s;
    (void)state;
    rig_start_with(&s, (ks_listener_options){.header_ms = 150}, true);
    rig_client     *c = rig_dial(&s, false);
    clockid_t       cpu;
    struct timespec before, after;
    assert_int_equal(pthread_getcpuclockid(s.thread, &cpu), 0);
    clock_gettime(cpu, &before);
    assert_true(rig_say_n(c, "\x16\x03\x01\x02", 4));
    rig_expect_end(c);
    clock_gettime(cpu, &after); /* the library by itself spins all of the 150 ms */
    assert_true((after.tv_sec - before.tv_sec) * 1000000000L + after.tv_nsec - before.tv_nsec < 50000000L);
    rig_hang_up(c);
    rig_stop(&s);
}

KS_TESTS_WITH(NULL, rig_forget_certificate, a_body_of_1_mib_is_read_and_one_byte_more_refused,
              long_targets_and_header_blocks_are_refused, all_of_1000_connections_ready_at_once_are_answered,
              clients_over_the_limit_wait_for_a_place, behind_a_proxy_the_forwarded_address_is_counted,
              an_ipv6_neighbour_counts_as_the_same_address, slow_clients_are_answered_408_or_cut,
              a_handshake_that_does_not_end_is_cut_and_costs_nothing)
