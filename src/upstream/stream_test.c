/* upstream/stream_test.c — bodies that run through pipes: both ways at once, of any size, with flat memory.
 */
#include <malloc.h>

#include "base/gzip.h"
#include "base/pipe.h"
#include "upstream/test_world.h"

#define TOTAL ((size_t)64 * 1024 * 1024)

static world w;

/* Send the chunked body of the request straight back. */
static void mirror(vendor_conn *c)
{
    static char part[65536];
    vendor_say(c, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
    ks_buf tail = ks_buf_new(16);
    ks_buf_put(&tail, c->text + (c->n > c->head + 7 ? c->n - 7 : c->head),
               c->n > c->head + 7 ? 7 : c->n - c->head);
    bool whole = vendor_write(c, c->text + c->head, c->n - c->head);
    while (whole && !(tail.n >= 7 && memcmp(tail.p + tail.n - 7, "\r\n0\r\n\r\n", 7) == 0)) {
        ssize_t got = vendor_read(c, part, sizeof part);
        if (got <= 0 || !vendor_write(c, part, (size_t)got))
            break;
        char last[14];
        memcpy(last, tail.p ? tail.p : "", tail.n);
        size_t n = tail.n, add = got > 7 ? 7 : (size_t)got;
        memcpy(last + n, part + got - add, add);
        size_t keep = n + add > 7 ? 7 : n + add;
        ks_buf_clear(&tail);
        ks_buf_put(&tail, last + n + add - keep, keep);
    }
    ks_buf_done(&tail);
}

/* "sk-canary-0123456789 is packed", whether gzip was asked for or not. */
static void packed(vendor_conn *c)
{
    ks_buf  in = ks_buf_new(65536), out = ks_buf_new(65536);
    ks_gzip g;
    bool    made = ks_gzip_begin(&g, &in, &out);
    ks_buf_z(&in, "sk-canary-0123456789 is packed");
    if (ks_gzip_end(&g) && made)
        vendor_ok(c, "Content-Encoding: gzip\r\n", out.p, out.n);
    ks_buf_done(&in);
    ks_buf_done(&out);
}

static void answer(vendor_conn *c)
{
    char byte;
    if (strstr(c->text, " /mirror"))
        mirror(c);
    else if (strstr(c->text, " /endless")) {
        vendor_say(c, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
        while (vendor_write(c, "10\r\n0123456789abcdef\r\n", 22))
            continue;
    } else if (strstr(c->text, " /events")) {
        vendor_say(c, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\ndata: a\n\n\r\n");
        vendor_read(c, &byte, 1);
    } else if (strstr(c->text, " /cut")) {
        vendor_say(c, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf");
        vendor_close(c);
    } else if (strstr(c->text, " /early")) {
        vendor_say(c, "HTTP/1.1 401 No\r\nContent-Length: 2\r\n\r\nno");
        vendor_close(c);
    } else if (strstr(c->text, " /packed"))
        packed(c);
    else if (strstr(c->text, " /echo"))
        vendor_ok(c, "", c->text, c->n);
    else
        vendor_ok(c, "", "hello", 5);
}

static int setup(void **state)
{
    (void)state;
    world_begin(&w, vendor_start(answer, NULL), true, (ks_upstream_options){0});
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    world_end(&w);
    return 0;
}

/* Both ends of a streamed call. */
typedef struct both {
    waiting  x;
    ks_pipe *in, *out;
    unsigned headed;
    int      status;
    size_t   written, read, most; /* most: ever held in a pipe */
    uint64_t sum_in, sum_out;
    ks_buf   text; /* the first bytes read */
    bool     drop; /* on_head gives no pipe */
    ks_timer again;
} both;

static ks_pipe *on_head(void *arg, const ks_answer *a)
{
    both *b = arg;
    assert_int_equal(b->headed, 0);
    b->headed = 1;
    b->status = a->status;
    if (b->drop)
        return NULL;
    b->out = ks_pipe_new();
    return ks_pipe_ref(b->out);
}

static void stream(both *b, ks_call *c)
{
    c->stream = true;
    b->text = ks_buf_new(1 << 20);
    b->x.inside = true;
    ks_upstream_send(w.up, &w.cx, c, on_head, on_done, &b->x);
    b->x.inside = false;
    assert_int_equal(b->headed, 0);
}

/* `arg` of both callbacks is the same object: on_done's record is its first member. */
_Static_assert(offsetof(both, x) == 0, "on_done and on_head share their argument");

static uint64_t mix(uint64_t sum, const char *p, size_t n)
{
    for (size_t i = 0; i < n; i++)
        sum = sum * 31 + (unsigned char)p[i];
    return sum;
}

static void feed(both *b)
{
    static char part[50000];
    while (b->in != NULL && b->written < TOTAL && ks_pipe_held(b->in) < KS_PIPE_HIGH) {
        size_t n = TOTAL - b->written < sizeof part ? TOTAL - b->written : sizeof part;
        for (size_t i = 0; i < n; i += 8)
            memcpy(part + i, &(uint64_t){(b->written + i) * 0x9e3779b97f4a7c15u}, 8);
        if (!ks_pipe_write(b->in, part, n))
            return;
        b->sum_in = mix(b->sum_in, part, n);
        b->written += n;
        if (b->written == TOTAL)
            ks_pipe_close(b->in);
    }
}

static void drain(both *b, size_t at_most)
{
    static char part[32768];
    size_t      n;
    if (b->out == NULL)
        return;
    if (ks_pipe_held(b->out) > b->most)
        b->most = ks_pipe_held(b->out);
    while (at_most > 0 &&
           (n = ks_pipe_read(b->out, part, at_most < sizeof part ? at_most : sizeof part)) > 0) {
        b->sum_out = mix(b->sum_out, part, n);
        b->read += n;
        at_most -= n;
        if (b->text.n < 4096)
            ks_buf_put(&b->text, part, n < 4096 ? n : 4096);
    }
}

static void finish(both *b)
{
    ks_pipe_unref(b->in);
    ks_pipe_unref(b->out);
    ks_buf_done(&b->text);
}

static void turn_until_done(both *b)
{
    int64_t end = ks_mono_us() + 60 * INT64_C(1000000);
    while (b->x.done == 0 && ks_mono_us() < end) {
        ks_loop_turn(w.loop, 10);
        drain(b, SIZE_MAX);
    }
    assert_int_equal(b->x.done, 1);
    drain(b, SIZE_MAX);
}

static void sixty_four_megabytes_go_both_ways_at_once_in_flat_memory(void **state)
{
    (void)state;
    both     b = {.in = ks_pipe_new()};
    ks_call *c = call_of(&w, "POST", "/mirror");
    with_secret(&w, c, "sk-canary-0123456789");
    c->body_pipe = b.in;
    stream(&b, c);
    size_t before = mallinfo2().uordblks, most = 0;
    while (b.x.done == 0) {
        feed(&b);
        ks_loop_turn(w.loop, 1000);
        drain(&b, SIZE_MAX);
        size_t now = mallinfo2().uordblks;
        most = now > before && now - before > most ? now - before : most;
    }
    drain(&b, SIZE_MAX);
    assert_int_equal(b.x.answer->outcome, KS_UP_ANSWERED);
    assert_int_equal(b.written, TOTAL);
    assert_int_equal(b.read, TOTAL);
    assert_true(b.sum_in == b.sum_out);
    assert_true(b.most <= KS_PIPE_HIGH + 65536);
    assert_true(most < 2 * 1024 * 1024);
    assert_true(ks_pipe_ended(b.out));
    finish(&b);
}

static void a_full_pipe_pauses_the_vendor_until_it_is_read(void **state)
{
    (void)state;
    both b = {0};
    stream(&b, call_of(&w, "GET", "/endless"));
    turn_until(&w, &b.headed);
    while (ks_pipe_held(b.out) < KS_PIPE_HIGH)
        ks_loop_turn(w.loop, 1000);
    for (unsigned i = 0; i < 50; i++)
        ks_loop_turn(w.loop, 1);
    size_t held = ks_pipe_held(b.out);
    assert_true(held <= KS_PIPE_HIGH + 65536);
    for (unsigned i = 0; i < 50; i++)
        ks_loop_turn(w.loop, 1);
    assert_int_equal(ks_pipe_held(b.out), held);
    drain(&b, SIZE_MAX);
    while (ks_pipe_held(b.out) < KS_PIPE_HIGH)
        ks_loop_turn(w.loop, 1000);
    ks_pipe_break(b.out); /* the reader leaves */
    turn_until(&w, &b.x.done);
    assert_int_equal(b.x.answer->outcome, KS_UP_BROKEN);
    finish(&b);
}

static void events_pass_at_once_although_secrets_are_searched(void **state)
{
    (void)state;
    both     b = {0};
    ks_call *c = call_of(&w, "GET", "/events");
    with_secret(&w, c, "sk-canary-0123456789");
    stream(&b, c);
    while (b.read < 9) {
        ks_loop_turn(w.loop, 1000);
        drain(&b, SIZE_MAX);
    }
    assert_str(ks_buf_view(&b.text), "data: a\n\n");
    assert_int_equal(b.x.done, 0);
    ks_pipe_break(b.out);
    turn_until(&w, &b.x.done);
    finish(&b);
}

static void a_vendor_that_leaves_breaks_the_pipe(void **state)
{
    (void)state;
    both b = {0};
    stream(&b, call_of(&w, "GET", "/cut"));
    turn_until_done(&b);
    assert_int_equal(b.x.answer->outcome, KS_UP_BROKEN);
    assert_int_equal(b.status, 200);
    assert_true(ks_pipe_broken(b.out));
    finish(&b);
}

static void an_early_answer_ends_the_upload(void **state)
{
    (void)state;
    both     b = {.in = ks_pipe_new()};
    ks_call *c = call_of(&w, "POST", "/early");
    c->body_pipe = b.in;
    c->body_size = (int64_t)TOTAL;
    stream(&b, c);
    ks_pipe_write(b.in, "some", 4);
    turn_until_done(&b);
    if (b.status != 401)
        fail_msg("no early answer: %s", b.x.answer->why);
    assert_true(ks_pipe_broken(b.in));
    assert_true(b.x.answer->took_us < 5000000); /* not by the low-speed rule */
    finish(&b);
}

static void a_client_that_leaves_ends_the_call(void **state)
{
    (void)state;
    both     b = {.in = ks_pipe_new()};
    ks_call *c = call_of(&w, "POST", "/mirror");
    c->body_pipe = b.in;
    stream(&b, c);
    ks_pipe_write(b.in, "some", 4);
    turn_until(&w, &b.headed);
    ks_pipe_break(b.in);
    turn_until(&w, &b.x.done);
    assert_int_equal(b.x.answer->outcome, KS_UP_BROKEN);
    assert_true(ks_pipe_broken(b.out));
    finish(&b);
}

static void a_body_of_known_size_travels_with_its_length_and_secrets_do_not_return(void **state)
{
    (void)state;
    both     b = {.in = ks_pipe_new()};
    ks_call *c = call_of(&w, "PUT", "/echo");
    with_secret(&w, c, "sk-canary-0123456789");
    c->body_pipe = b.in;
    c->body_size = 7;
    ks_pipe_write(b.in, "payload", 7);
    ks_pipe_close(b.in);
    stream(&b, c);
    turn_until_done(&b);
    assert_int_equal(b.x.answer->outcome, KS_UP_ANSWERED);
    assert_true(b.x.answer->redacted);
    assert_non_null(strstr(w.v->seen[0], "Content-Length: 7\r\n"));
    assert_non_null(strstr(w.v->seen[0], "\r\n\r\npayload"));
    assert_non_null(strstr(w.v->seen[0], "X-Api-Key: sk-canary-0123456789\r\n"));
    assert_true(ks_str_find(ks_buf_view(&b.text), KS_S("X-Api-Key: [redacted]\r\n")) != SIZE_MAX);
    assert_non_null(strstr(w.v->seen[0], "Accept-Encoding: identity\r\n"));
    finish(&b);
}

static void
a_packed_stream_is_unpacked_and_searched_and_passes_whole_when_there_is_nothing_to_search(void **state)
{
    (void)state;
    both     b = {0};
    ks_call *c = call_of(&w, "GET", "/packed");
    c->accept_encoding = KS_S("br, gzip");
    stream(&b, c);
    turn_until_done(&b);
    assert_int_equal(b.x.answer->outcome, KS_UP_ANSWERED);
    assert_str(ks_answer_header(b.x.answer, KS_S("content-encoding")), "gzip");
    assert_memory_equal(b.text.p, "\x1f\x8b", 2);
    assert_non_null(strstr(w.v->seen[0], "Accept-Encoding: br, gzip\r\n"));
    finish(&b);
    b = (both){0};
    with_secret(&w, c, "sk-canary-0123456789");
    stream(&b, c);
    turn_until_done(&b);
    assert_int_equal(b.x.answer->outcome, KS_UP_ANSWERED);
    assert_true(b.x.answer->redacted);
    assert_str(ks_buf_view(&b.text), "[redacted] is packed");
    assert_null(ks_answer_header(b.x.answer, KS_S("content-encoding")).p);
    assert_non_null(strstr(w.v->seen[1], "Accept-Encoding: gzip\r\n"));
    finish(&b);
}

static void an_answer_nobody_wants_is_dropped_and_streams_may_be_cut_off_by_the_stop(void **state)
{
    (void)state;
    both b = {.drop = true};
    stream(&b, call_of(&w, "GET", "/plain"));
    turn_until_done(&b);
    assert_int_equal(b.x.answer->outcome, KS_UP_ANSWERED);
    finish(&b);
    both c = {0};
    stream(&c, call_of(&w, "GET", "/endless"));
    turn_until(&w, &c.headed);
    ks_upstream_free(w.up);
    w.up = NULL;
    assert_int_equal(c.x.done, 1);
    assert_true(ks_pipe_broken(c.out));
    finish(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
        T(sixty_four_megabytes_go_both_ways_at_once_in_flat_memory),
        T(a_full_pipe_pauses_the_vendor_until_it_is_read),
        T(events_pass_at_once_although_secrets_are_searched),
        T(a_vendor_that_leaves_breaks_the_pipe),
        T(an_early_answer_ends_the_upload),
        T(a_client_that_leaves_ends_the_call),
        T(a_body_of_known_size_travels_with_its_length_and_secrets_do_not_return),
        T(a_packed_stream_is_unpacked_and_searched_and_passes_whole_when_there_is_nothing_to_search),
        T(an_answer_nobody_wants_is_dropped_and_streams_may_be_cut_off_by_the_stop),
    };
    ks_log_set_fd(-1);
    return ks_upstream_start() ? cmocka_run_group_tests(tests, NULL, NULL) : 1;
}
