/* upstream/db_stream.c — see db_stream.h. Holds one piece for the loop beside what the pipe holds; knows
 * neither rows nor databases. Threads: as the header says. */
#include "upstream/db_stream.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

/* A piece, one more at the end, and marks in place of secrets. */
#define MOST (4 * (size_t)KS_UP_MAX_ANSWER)

/* Have the loop look again. Under the lock. */
static void announce(ks_db_stream *s, bool *post)
{
    *post = !s->posted;
    s->posted = true;
}

/* The pipe has room again, or its reader has left. */
static void moved(void *arg)
{
    ks_db_stream *s = arg;
    bool          post;
    pthread_mutex_lock(&s->lock);
    announce(s, &post);
    pthread_mutex_unlock(&s->lock);
    if (post)
        ks_loop_post(s->loop, &s->post);
}

/* ---- the loop ---- */

static bool nobody_reads(const ks_db_stream *s)
{
    return s->headed && (s->pipe == NULL || ks_pipe_broken(s->pipe));
}

static void begin(ks_db_stream *s)
{
    s->headed = true;
    s->pipe = s->taker.head(s->taker.arg);
    if (s->pipe != NULL)
        ks_pipe_on_space(s->pipe, moved, s);
}

static void end(ks_db_stream *s, bool lost)
{
    if (s->pipe != NULL) {
        ks_pipe_on_space(s->pipe, NULL, NULL);
        if (lost)
            ks_pipe_break(s->pipe);
        else
            ks_pipe_close(s->pipe);
        ks_pipe_unref(s->pipe);
        s->pipe = NULL;
    }
    s->taker.over(s->taker.arg); /* may end what `s` lies in */
}

static void hand_on(ks_db_stream *s, ks_buf *piece)
{
    const uint64_t one = 1;
    if (piece->n > 0 && !nobody_reads(s))
        (void)ks_pipe_write(s->pipe, piece->p, piece->n); /* false: it is broken, which `moved` was told */
    if (piece->n > 0)
        (void)!write(s->taken_fd, &one, sizeof one);
    ks_buf_done(piece);
}

static void take(void *arg)
{
    ks_db_stream *s = arg;
    ks_buf        piece = ks_buf_new(MOST);
    pthread_mutex_lock(&s->lock);
    bool first = s->piece.n > 0 && !s->headed;
    pthread_mutex_unlock(&s->lock);
    if (first)
        begin(s);
    if (nobody_reads(s))
        s->taker.gone(s->taker.arg);
    bool room = nobody_reads(s) || (s->headed && ks_pipe_held(s->pipe) < KS_PIPE_HIGH);
    pthread_mutex_lock(&s->lock);
    s->posted = false;
    if (room) {
        piece = s->piece;
        s->piece = ks_buf_new(MOST);
    }
    bool last = s->over && s->piece.n == 0, lost = s->lost;
    pthread_mutex_unlock(&s->lock);
    hand_on(s, &piece);
    if (last)
        end(s, lost);
}

/* ---- the worker ---- */

static bool wait_until_taken(ks_db_stream *s, const ks_db_limit *l, ks_db_error *e)
{
    uint64_t times;
    for (;;) {
        pthread_mutex_lock(&s->lock);
        bool taken = s->piece.n == 0;
        pthread_mutex_unlock(&s->lock);
        if (taken)
            return true;
        if (!ks_db_wait(l, s->taken_fd, POLLIN, "the rows were not read in the time of the statement", e))
            return false;
        (void)!read(s->taken_fd, &times, sizeof times);
    }
}

static bool add(ks_db_stream *s, ks_str clean)
{
    bool post = false;
    pthread_mutex_lock(&s->lock);
    ks_buf_str(&s->piece, clean);
    s->lost |= clean.p == NULL || !ks_buf_ok(&s->piece);
    bool fine = !s->lost;
    if (s->piece.n > 0)
        announce(s, &post);
    pthread_mutex_unlock(&s->lock);
    s->begun |= clean.n > 0;
    if (post)
        ks_loop_post(s->loop, &s->post);
    return fine;
}

bool ks_db_stream_put(ks_db_stream *s, ks_str bytes, const ks_db_limit *l, ks_db_error *e)
{
    ks_str clean = ks_scrub_feed(s->scrub, bytes, false);
    bool   waited = clean.n == 0 || wait_until_taken(s, l, e);
    /* once more than one piece, when nothing is put after it: whoever reads on finds every row */
    if (!add(s, clean))
        return ks_db_fail(e, KS_DB_MEMORY, "memory is short", NULL);
    return waited;
}

void ks_db_stream_last(ks_db_stream *s, ks_str bytes)
{
    (void)add(s, ks_scrub_feed(s->scrub, bytes, true));
}

void ks_db_stream_over(ks_db_stream *s)
{
    bool post;
    pthread_mutex_lock(&s->lock);
    s->over = true;
    announce(s, &post);
    pthread_mutex_unlock(&s->lock);
    if (post) /* else the loop is on its way already, and `s` may be gone */
        ks_loop_post(s->loop, &s->post);
}

/* ---- making ---- */

static void forget(void *arg)
{
    ks_db_stream *s = arg;
    ks_pipe_unref(s->pipe);
    ks_buf_done(&s->piece);
    ks_scrub_free(s->scrub);
    pthread_mutex_destroy(&s->lock);
    close(s->taken_fd);
}

ks_db_stream *ks_db_stream_new(ks_ctx *cx, const ks_db_call *call, ks_loop *loop, const ks_db_taker *taker)
{
    ks_db_stream *s = ks_zalloc(cx, sizeof *s);
    int           fd = s != NULL ? eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK) : -1;
    if (fd < 0)
        return NULL;
    *s = (ks_db_stream){.loop = loop, .taker = *taker, .taken_fd = fd, .piece = ks_buf_new(MOST)};
    s->post = (ks_post){.fn = take, .arg = s};
    s->scrub = ks_scrub_new(call->secrets, call->secrets_n, KS_NO_STR);
    pthread_mutex_init(&s->lock, NULL);
    if (s->scrub != NULL && ks_arena_defer(cx->arena, forget, s))
        return s;
    forget(s);
    return NULL;
}
