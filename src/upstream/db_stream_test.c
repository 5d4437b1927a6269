/* upstream/db_stream_test.c — bytes from a worker to a loop: in order, searched, as fast as they are read,
 * and what becomes of them when one side ends. The whole way with real databases:
 * tests/databases/test_query.py. */
#include "upstream/db_stream.h"

#include <pthread.h>
#include <unistd.h>

#include "base/time.h"
#include "tests/support/arena.h"

typedef struct reader {
    ks_pipe *pipe;
    unsigned heads, gone, over;
    bool     refuses;
    ks_buf   got;
} reader;

static ks_loop *loop;
static reader   r;

static ks_pipe *on_head(void *arg)
{
    reader *to = arg;
    to->heads++;
    if (to->refuses)
        return NULL;
    to->pipe = ks_pipe_new();
    return to->pipe != NULL ? ks_pipe_ref(to->pipe) : NULL;
}

static void on_gone(void *arg)
{
    ((reader *)arg)->gone++;
}

static void on_over(void *arg)
{
    ((reader *)arg)->over++;
}

static ks_db_stream *begin(const char *secret)
{
    ks_db_call        call = {0};
    const ks_db_taker taker = {.head = on_head, .gone = on_gone, .over = on_over, .arg = &r};
    ks_secret        *s;
    r = (reader){.got = ks_buf_new(64 << 20)};
    assert_int_equal(ks_secret_new(&cx, secret, strlen(secret), &s), KS_OK);
    const ks_secret *const all[] = {s};
    call.secrets = all;
    call.secrets_n = 1;
    ks_db_stream *made = ks_db_stream_new(&cx, &call, loop, &taker);
    assert_non_null(made);
    return made;
}

static void read_all(void)
{
    char   chunk[64 * 1024];
    size_t n;
    while (r.pipe != NULL && (n = ks_pipe_read(r.pipe, chunk, sizeof chunk)) > 0)
        ks_buf_put(&r.got, chunk, n);
}

static void turn(void)
{
    for (int i = 0; i < 4; i++)
        ks_loop_turn(loop, 0);
}

static void end(void)
{
    ks_pipe_unref(r.pipe);
    ks_buf_done(&r.got);
}

static const ks_db_limit past = {.deadline_us = 0, .stop_fd = -1};

static bool put(ks_db_stream *s, ks_str bytes)
{
    ks_db_error e = {.why = ""};
    return ks_db_stream_put(s, bytes, &past, &e);
}

static void a_secret_is_found_across_two_pieces(void **state)
{
    (void)state;
    ks_db_stream *s = begin("sesame-0123456789");
    assert_true(put(s, KS_S("[\"open sesame-01")));
    turn();
    assert_true(put(s, KS_S("23456789\"]\n[\"ses")));
    turn();
    ks_db_stream_last(s, KS_S("ame\"]\n"));
    ks_db_stream_over(s);
    turn();
    read_all();
    assert_str(ks_buf_view(&r.got), "[\"open [redacted]\"]\n[\"sesame\"]\n");
    assert_true(ks_pipe_ended(r.pipe));
    assert_int_equal(r.heads, 1);
    assert_int_equal(r.over, 1);
    end();
}

static void without_bytes_there_is_no_head(void **state)
{
    (void)state;
    ks_db_stream *s = begin("sesame-0123456789");
    ks_db_stream_over(s);
    turn();
    assert_int_equal(r.heads, 0);
    assert_int_equal(r.over, 1);
    end();
}

static void a_piece_that_is_not_taken_ends_the_waiting_with_its_time_and_is_kept(void **state)
{
    (void)state;
    ks_db_error   e = {.why = ""};
    ks_db_stream *s = begin("sesame-0123456789");
    assert_true(put(s, KS_S("[1]\n")));
    assert_false(ks_db_stream_put(s, KS_S("[2]\n"), &past, &e)); /* the loop has not turned */
    assert_int_equal(e.step, KS_DB_TIMEOUT);
    ks_db_stream_last(s, KS_S("{}\n"));
    ks_db_stream_over(s);
    turn();
    read_all();
    assert_str(ks_buf_view(&r.got), "[1]\n[2]\n{}\n");
    assert_int_equal(r.over, 1);
    end();
}

static void a_full_pipe_holds_the_worker_and_not_the_end(void **state)
{
    (void)state;
    static char   much[KS_PIPE_HIGH];
    ks_db_error   e = {.why = ""};
    ks_db_stream *s = begin("sesame-0123456789");
    memset(much, 'x', sizeof much);
    assert_true(put(s, (ks_str){much, sizeof much}));
    turn();
    assert_true(put(s, KS_S("a"))); /* waits for the pipe, not yet for the worker */
    turn();
    assert_false(ks_db_stream_put(s, KS_S("b"), &past, &e));
    turn();
    assert_int_equal(ks_pipe_held(r.pipe), sizeof much);
    ks_db_stream_last(s, KS_S("c"));
    ks_db_stream_over(s);
    turn();
    assert_int_equal(r.over, 0);
    read_all();
    turn();
    read_all();
    assert_int_equal(r.over, 1);
    assert_int_equal(r.got.n, sizeof much + 3);
    assert_str(ks_str_sub(ks_buf_view(&r.got), sizeof much, 3), "abc");
    end();
}

static void a_reader_who_leaves_is_told_and_the_rest_is_dropped(void **state)
{
    (void)state;
    ks_db_stream *s = begin("sesame-0123456789");
    assert_true(put(s, KS_S("[1]\n")));
    turn();
    ks_pipe_break(r.pipe);
    turn();
    assert_true(r.gone > 0);
    assert_true(put(s, KS_S("[2]\n")));
    turn();
    assert_true(put(s, KS_S("[3]\n"))); /* nothing piles up */
    ks_db_stream_over(s);
    turn();
    assert_int_equal(r.over, 1);
    end();
}

static void what_nobody_wants_is_dropped(void **state)
{
    (void)state;
    ks_db_stream *s = begin("sesame-0123456789");
    r.refuses = true;
    assert_true(put(s, KS_S("[1]\n")));
    turn();
    assert_true(put(s, KS_S("[2]\n")));
    ks_db_stream_over(s);
    turn();
    assert_true(r.gone > 0);
    assert_int_equal(r.over, 1);
    end();
}

/* ---- with a thread of its own ---- */

#define PIECES 2000

static void *worker(void *arg)
{
    ks_db_stream     *s = arg;
    char              row[4096];
    ks_db_error       e = {.why = ""};
    const ks_db_limit l = {.deadline_us = ks_mono_us() + INT64_C(60000000), .stop_fd = -1};
    bool              fine = true;
    for (unsigned i = 0; i < PIECES && fine; i++) {
        memset(row, (int)('a' + i % 26), sizeof row);
        fine = ks_db_stream_put(s, (ks_str){row, sizeof row}, &l, &e);
    }
    ks_db_stream_last(s, KS_S("end"));
    ks_db_stream_over(s);
    return NULL;
}

static void all_of_it_comes_through_in_order(void **state)
{
    (void)state;
    pthread_t     t;
    ks_db_stream *s = begin("sesame-0123456789");
    assert_int_equal(pthread_create(&t, NULL, worker, s), 0);
    while (r.over == 0) {
        ks_loop_turn(loop, 100);
        read_all();
    }
    pthread_join(t, NULL);
    read_all();
    assert_int_equal(r.got.n, PIECES * 4096 + 3);
    for (unsigned i = 0; i < PIECES; i++) {
        assert_int_equal(r.got.p[i * 4096], 'a' + i % 26);
        assert_int_equal(r.got.p[i * 4096 + 4095], 'a' + i % 26);
    }
    end();
}

static int set_up(void **state)
{
    (void)state;
    loop = ks_loop_new();
    return loop != NULL ? arena_setup(state) : -1;
}

static int tear_down(void **state)
{
    int done = arena_teardown(state);
    ks_loop_free(loop);
    return done;
}

KS_TESTS_WITH(set_up, tear_down, a_secret_is_found_across_two_pieces, without_bytes_there_is_no_head,
              a_piece_that_is_not_taken_ends_the_waiting_with_its_time_and_is_kept,
              a_full_pipe_holds_the_worker_and_not_the_end,
              a_reader_who_leaves_is_told_and_the_rest_is_dropped, what_nobody_wants_is_dropped,
              all_of_it_comes_through_in_order)
