/* http/stream_test.c — streamed bodies both ways, stopping, running out of descriptors, addresses. Rules D5,
 * D7, D11. */
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

#include "base/alloc.h"
#include "base/time.h"

#define HOST "Host: a\r\n"
#define GET_ "GET /hello HTTP/1.1\r\n" HOST
#define POST "POST /size HTTP/1.1\r\n" HOST

/* ---- streams ---- */

static void a_slow_reader_does_not_fill_memory(void **state)
{
    rig_server s;
    (void)state;
    rig_start(&s, false);
    rig_client *c = rig_dial(&s, false);
    int         small = 64 * 1024;
    setsockopt(c->fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
    assert_true(rig_say(c, "GET /download?n=8000000 HTTP/1.1\r\n" HOST "Connection: close\r\n\r\n"));
    size_t total = 0;
    while (rig_hear(c)) {
        total += c->n;
        c->n = 0;
    }
    assert_true(total > 8000000 && total < 8200000);
    assert_true(rig_most_held < KS_PIPE_HIGH + 16 * 1024);
    rig_hang_up(c);
    rig_stop(&s);
}

static void a_client_that_leaves_a_stream_ends_it(void **state)
{
    rig_server s;
    (void)state;
    rig_start(&s, false);
    rig_client *c = rig_dial(&s, false);
    assert_true(rig_say(c, "GET /download?n=200000000 HTTP/1.1\r\n" HOST "\r\n"));
    assert_true(rig_hear(c));
    rig_hang_up(c);
    rig_client *d = rig_dial(&s, false);
    assert_true(rig_say(d, "POST /count HTTP/1.1\r\n" HOST "Content-Length: 100000\r\n\r\nabc"));
    rig_in_loop(&s, rig_ask_counts);
    rig_hang_up(d);
    do
        rig_in_loop(&s, rig_ask_counts);
    while (s.conns > 0 || s.busy > 0);
    rig_stop(&s);
}

static void chunked_uploads_stream_into_the_handler(void **state)
{
    rig_server s;
    (void)state;
    rig_start(&s, false);
    rig_client *c = rig_dial(&s, false);
    assert_true(rig_say(c, "POST /count HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n"));
    char part[0x1000 + 8];
    memset(part, 'p', sizeof part);
    memcpy(part, "1000\r\n", 6);
    memcpy(part + 6 + 0x1000, "\r\n", 2);
    for (int i = 0; i < 1000; i++)
        assert_true(rig_say_n(c, part, sizeof part));
    assert_true(rig_say(c, "0\r\n\r\n"));
    assert_int_equal(rig_status(c), 200);
    assert_non_null(strstr(rig_last, "\r\n\r\n4096000"));
    assert_true(rig_say(c, GET_ "\r\n"));
    assert_int_equal(rig_status(c), 200);
    rig_hang_up(c);
    rig_stop(&s);
}

static void a_streamed_body_nobody_reads_is_dropped(void **state)
{
    rig_server s;
    char      *body = calloc(1, 3000000);
    (void)state;
    assert_non_null(body);
    rig_start(&s, false);
    rig_client *c = rig_dial(&s, false);
    assert_true(rig_say(c, "POST /ignore HTTP/1.1\r\nHost: a\r\nContent-Length: 3000000\r\n\r\n"));
    assert_true(rig_say_n(c, body, 3000000));
    assert_int_equal(rig_status(c), 200);
    assert_true(rig_say(c, "GET /hello HTTP/1.1\r\nHost: a\r\n\r\n"));
    assert_int_equal(rig_status(c), 200);
    free(body);
    rig_hang_up(c);
    rig_stop(&s);
}

static void a_body_echoed_by_a_stream_comes_back(void **state)
{
    rig_server s;
    (void)state;
    rig_start(&s, false);
    rig_client *c = rig_dial(&s, false);
    assert_true(rig_say(c, "POST /echo HTTP/1.1\r\n" HOST "Content-Length: 30000\r\n\r\n"));
    char *body = malloc(30000);
    assert_non_null(body);
    memset(body, 'e', 30000);
    assert_true(rig_say_n(c, body, 30000));
    assert_int_equal(rig_status(c), 200);
    assert_int_equal(strlen(strstr(rig_last, "\r\n\r\n") + 4), 30000);
    free(body);
    rig_hang_up(c);
    rig_stop(&s);
}

/* ---- stopping, descriptors, self-check ---- */

static void quiesce(rig_server *s)
{
    ks_listener_quiesce(s->listener);
}

static void a_quiet_server_finishes_parked_requests_and_stops(void **state)
{
    rig_server s;
    (void)state;
    rig_start(&s, false);
    rig_client *c = rig_dial(&s, false), *d = rig_dial(&s, false);
    assert_true(rig_say(c, "GET /held HTTP/1.1\r\n" HOST "\r\n"));
    assert_true(rig_say(d, "GET /held HTTP/1.1\r\n" HOST "\r\n"));
    do
        rig_in_loop(&s, rig_ask_counts);
    while (s.busy < 2);
    rig_in_loop(&s, quiesce);
    rig_in_loop(&s, rig_release_held);
    assert_int_equal(rig_status(c), 200);
    assert_non_null(strcasestr(rig_last, "connection: close"));
    assert_int_equal(rig_status(d), 200);
    rig_hang_up(c), rig_hang_up(d);
    rig_stop(&s);
}

static void a_server_that_is_cut_short_lets_parked_requests_end(void **state)
{
    rig_server s;
    (void)state;
    rig_start(&s, false);
    rig_client *c = rig_dial(&s, false);
    assert_true(rig_say(c, "GET /held HTTP/1.1\r\n" HOST "\r\n"));
    do
        rig_in_loop(&s, rig_ask_counts);
    while (s.busy < 1);
    ks_loop_stop(s.loop);
    pthread_join(s.thread, NULL);
    ks_listener_free(s.listener);
    rig_release_held(&s);
    for (int i = 0; i < 3; i++)
        ks_loop_turn(s.loop, 0);
    ks_workers_free(s.workers);
    ks_loop_free(s.loop);
    ks_arena_free(s.arena);
    close(s.fd);
    rig_expect_end(c);
    rig_hang_up(c);
}

static void without_descriptors_clients_are_told_and_the_loop_rests(void **state)
{
    rig_server    s;
    struct rlimit before, few;
    (void)state;
    rig_start(&s, false);
    rig_client *c = rig_dial(&s, false), *d = rig_dial(&s, false);
    assert_true(rig_say(c, GET_ "\r\n"));
    assert_int_equal(rig_status(c), 200);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    getrlimit(RLIMIT_NOFILE, &before);
    few = before;
    few.rlim_cur = (rlim_t)fd + 1; /* nothing above the last one */
    int fill[1024], n = 0;
    setrlimit(RLIMIT_NOFILE, &few);
    while (n < 1024 && (fill[n] = open("/dev/null", O_RDONLY | O_CLOEXEC)) >= 0)
        n++;
    struct sockaddr_in a = {
        .sin_family = AF_INET, .sin_port = htons(s.port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    struct timeval limit = {.tv_sec = RIG_WAIT_MS / 1000};
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    assert_int_equal(connect(fd, (struct sockaddr *)&a, sizeof a), 0);
    rig_client e = {.fd = fd};
    assert_int_equal(rig_status(&e), 503);
    assert_true(rig_say(c, GET_ "\r\n"));
    assert_int_equal(rig_status(c), 200);
    setrlimit(RLIMIT_NOFILE, &before);
    while (n > 0)
        close(fill[--n]);
    close(fd);
    assert_true(rig_say(d, GET_ "\r\n"));
    assert_int_equal(rig_status(d), 200);
    rig_hang_up(c), rig_hang_up(d);
    rig_stop(&s);
}

static void without_memory_one_request_suffers_and_the_next_is_served(void **state)
{
    static const char body[] = "POST /size HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\n{ }";
    rig_server        s;
    (void)state;
    rig_start(&s, false);
    for (uint64_t n = 1; n < 30; n++) {
        rig_client *c = rig_dial(&s, false);
        ks_alloc_fail_at(n, n % 2 == 0);
        (void)rig_say(c, body);
        int st = rig_status(c); /* 0: cut */
        ks_alloc_fail_at(0, false);
        assert_true(st == 200 || st == 503 || st == 0);
        rig_hang_up(c);
        rig_client *d = rig_dial(&s, false);
        assert_true(rig_say(d, body));
        assert_int_equal(rig_status(d), 200);
        rig_hang_up(d);
    }
    rig_stop(&s);
}

static void addresses_are_listened_on_as_written(void **state)
{
    ks_arena *arena = ks_arena_new(KS_ARENA_MAX);
    ks_ctx    cx = ks_ctx_new(arena, NULL);
    int       fd = -1, again = -1;
    uint16_t  port = 0;
    (void)state;
    static const char *const wrong[] = {
        "", "9899", ":9899", "127.0.0.1:", "127.0.0.1:99999", "example.com:80", "1.2.3:80", "unix:"};
    for (size_t i = 0; i < KS_COUNT(wrong); i++)
        assert_int_equal(ks_listen_socket(&cx, ks_str_of(wrong[i]), false, &fd, &port), KS_INVALID);
    assert_int_equal(ks_listen_socket(&cx, KS_S("localhost:0"), false, &fd, &port), KS_OK);
    assert_true(port != 0);
    ks_str same = ks_fmt(&cx, "127.0.0.1:%d", (int)port);
    assert_int_equal(ks_listen_socket(&cx, same, false, &again, &port), KS_CONFLICT);
    close(fd);
    char dir[] = "/tmp/ks_listen_XXXXXX";
    assert_non_null(mkdtemp(dir));
    ks_str where = ks_fmt(&cx, "unix:%s/s", dir);
    for (int i = 0; i < 2; i++) { /* the second time over a stale file */
        struct stat st;
        assert_int_equal(ks_listen_socket(&cx, where, false, &fd, &port), KS_OK);
        assert_int_equal(stat(where.p + 5, &st), 0);
        assert_int_equal(st.st_mode & 0777, 0600);
        if (i == 1)
            assert_int_equal(ks_listen_socket(&cx, where, false, &again, &port), KS_CONFLICT);
        close(fd);
    }
    unlink(where.p + 5);
    rmdir(dir);
    ks_arena_free(arena);
}

KS_TESTS_WITH(NULL, rig_forget_certificate, a_streamed_body_nobody_reads_is_dropped,
              without_memory_one_request_suffers_and_the_next_is_served, a_slow_reader_does_not_fill_memory,
              a_client_that_leaves_a_stream_ends_it, chunked_uploads_stream_into_the_handler,
              a_body_echoed_by_a_stream_comes_back, a_quiet_server_finishes_parked_requests_and_stops,
              a_server_that_is_cut_short_lets_parked_requests_end,
              without_descriptors_clients_are_told_and_the_loop_rests, addresses_are_listened_on_as_written)
