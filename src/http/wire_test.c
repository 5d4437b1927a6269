/* http/wire_test.c — recv as libmicrohttpd sees it, on a socket pair: what is kept back, what is handed out,
 * and that neither a short count nor EAGAIN is returned while there is more (its epoll is edge-triggered). */
#include "http/wire.h"

#include <errno.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/support/test.h"

#define HOST "Host: a\r\n"
#define ONE  "GET /1 HTTP/1.1\r\n" HOST "\r\n"
#define TWO  "POST /2 HTTP/1.1\r\n" HOST "Content-Length: 10\r\n\r\n0123456789"
#define BAD  "GET /3 HTTP/1.1\r\n" HOST HOST "\r\n"

typedef struct fixture {
    int      here, there;
    ks_wire *w;
} fixture;

static int set_up(void **state)
{
    static fixture f;
    int            pair[2];
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, pair), 0);
    f = (fixture){pair[0], pair[1], ks_wire_open(pair[0], false, 0)};
    assert_non_null(f.w);
    *state = &f;
    return 0;
}

static int tear_down(void **state)
{
    fixture *f = *state;
    ks_wire_close(f->w);
    close(f->here);
    close(f->there);
    return 0;
}

static void put(fixture *f, const char *p, size_t n)
{
    assert_int_equal(write(f->there, p, n), n);
}

/* Read as libmicrohttpd does, with `room` bytes at a time, until it would wait for the next edge. */
static ks_buf read_all(fixture *f, size_t room)
{
    ks_buf out = ks_buf_new(1024 * 1024);
    for (;;) {
        char    part[4096];
        int     left = 0;
        ssize_t r = recv(f->here, part, room, 0);
        if (r > 0)
            ks_buf_put(&out, part, (size_t)r);
        if (r == (ssize_t)room)
            continue;
        if (f->w->scan.status == KS_OK && !f->w->cut) {
            ioctl(f->here, FIONREAD, &left);
            assert_int_equal(left, 0);               /* else no edge would come for it */
            assert_int_equal(f->w->at, f->w->clear); /* nor for this */
        }
        if (r < 0)
            assert_int_equal(errno, EAGAIN);
        return out;
    }
}

static void calls_of_shared_libraries_arrive_here(void **state)
{
    (void)state;
    assert_true(ks_wire_linked());
}

static void descriptors_that_are_not_ours_pass_straight_through(void **state)
{
    fixture *f = *state;
    char     part[8];
    assert_int_equal(write(f->here, "a\nb", 3), 3);
    assert_int_equal(recv(f->there, part, sizeof part, 0), 3);
    assert_int_equal(recv(-1, part, sizeof part, 0), -1);
    assert_int_equal(errno, EBADF);
}

static void all_of_good_requests_comes_out_whatever_the_room(void **state)
{
    fixture          *f = *state;
    static const char text[] = ONE TWO ONE TWO TWO;
    for (size_t room = 1; room < 200; room++) {
        put(f, text, sizeof text - 1);
        ks_buf got = read_all(f, room);
        assert_int_equal(got.n, sizeof text - 1);
        assert_memory_equal(got.p, text, got.n);
        ks_buf_done(&got);
    }
    assert_int_equal(f->w->scan.heads, 5 * 199);
    assert_null(f->w->hold);
}

static void an_unfinished_header_block_stays_back(void **state)
{
    fixture          *f = *state;
    static const char text[] = ONE TWO;
    for (size_t room = 1; room < 100; room++) {
        put(f, text, sizeof text - 1 - 12); /* all but the last LF and the body */
        put(f, text + sizeof text - 1 - 12, 1);
        ks_buf first = read_all(f, room);
        assert_int_equal(first.n, sizeof ONE - 1);
        put(f, text + sizeof text - 1 - 11, 11);
        ks_buf second = read_all(f, room);
        assert_int_equal(second.n, sizeof TWO - 1);
        assert_memory_equal(second.p, TWO, second.n);
        ks_buf_done(&first);
        ks_buf_done(&second);
    }
}

static void kept_bytes_do_not_pile_up(void **state)
{
    fixture *f = *state;
    for (int i = 0; i < 2000; i++) { /* every read ends inside a header block */
        put(f, i == 0 ? ONE "GET /1 " : "HTTP/1.1\r\n" HOST "\r\n" ONE "GET /1 ",
            i == 0 ? sizeof ONE + 6 : sizeof ONE * 2 - 2);
        ks_buf got = read_all(f, 4096);
        assert_true(got.n > 0);
        ks_buf_done(&got);
    }
    assert_true(f->w->room < 32 * 1024);
}

static void for_a_bad_request_a_stand_in_comes_after_the_good_ones(void **state)
{
    fixture    *f = *state;
    ks_status   st = KS_OK;
    const char *message = NULL;
    put(f, ONE TWO BAD ONE, sizeof(ONE TWO BAD ONE) - 1);
    ks_buf got = read_all(f, 16);
    assert_memory_equal(got.p, ONE TWO, sizeof(ONE TWO) - 1);
    ks_str rest = ks_str_sub(ks_buf_view(&got), sizeof(ONE TWO) - 1, SIZE_MAX);
    assert_true(ks_str_starts(rest, KS_S("GET /-/refused HTTP/1.1\r\n")));
    assert_true(ks_str_ends(rest, KS_S("\r\n\r\n")));
    assert_false(ks_wire_refused(f->w, 2, &st, &message));
    assert_true(ks_wire_refused(f->w, 3, &st, &message));
    assert_int_equal(st, KS_INVALID);
    assert_string_equal(message, "Host is given twice.");
    put(f, ONE, sizeof ONE - 1);
    char one;
    assert_int_equal(recv(f->here, &one, 1, 0), -1); /* and nothing more is read */
    assert_int_equal(errno, EAGAIN);
    ks_buf_done(&got);
}

static void a_request_nobody_judged_is_refused(void **state)
{
    fixture    *f = *state;
    ks_status   st = KS_OK;
    const char *message = NULL;
    assert_true(ks_wire_refused(f->w, 1, &st, &message));
    assert_int_equal(st, KS_INTERNAL);
}

static void a_fault_in_a_body_cuts_the_connection(void **state)
{
    fixture          *f = *state;
    static const char text[] = ONE "POST / HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n1;x\r\n";
    char              part[512];
    put(f, text, sizeof text - 1);
    assert_true(recv(f->here, part, sizeof part, 0) > 0);
    assert_int_equal(recv(f->here, part, sizeof part, 0), -1);
    assert_int_equal(errno, ECONNRESET);
}

static void a_late_header_block_is_refused_and_a_silent_client_cut(void **state)
{
    fixture *f = *state;
    char     part[512];
    put(f, "GET / HT", 8);
    assert_int_equal(recv(f->here, part, sizeof part, 0), -1);
    ks_wire_late(f->w);
    assert_int_equal(f->w->scan.status, KS_TIMEOUT);
    ssize_t r = recv(f->here, part, sizeof part, 0);
    assert_true(r > 0 && ks_str_starts((ks_str){part, (size_t)r}, KS_S("GET /-/refused ")));
    tear_down(state);
    set_up(state);
    ks_wire_late(f->w);
    assert_true(f->w->cut);
    assert_int_equal(send(f->there, "x", 1, MSG_NOSIGNAL), -1);
}

static void the_end_of_a_connection_is_passed_on(void **state)
{
    fixture *f = *state;
    char     part[64];
    put(f, ONE "GET", sizeof ONE + 2);
    shutdown(f->there, SHUT_WR);
    assert_int_equal(recv(f->here, part, sizeof part, 0), sizeof ONE - 1);
    assert_int_equal(recv(f->here, part, sizeof part, 0), 0);
}

KS_TESTS_WITH(set_up, tear_down, calls_of_shared_libraries_arrive_here,
              descriptors_that_are_not_ours_pass_straight_through,
              all_of_good_requests_comes_out_whatever_the_room, an_unfinished_header_block_stays_back,
              kept_bytes_do_not_pile_up, for_a_bad_request_a_stand_in_comes_after_the_good_ones,
              a_request_nobody_judged_is_refused, a_fault_in_a_body_cuts_the_connection,
              a_late_header_block_is_refused_and_a_silent_client_cut, the_end_of_a_connection_is_passed_on)
