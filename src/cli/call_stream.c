/* cli/call_stream.c — bytes of `keysteward call` both ways at once: the body from its files and standard
 * input as the server takes it, the answer to its file as it comes. Threads: one. */
#include <errno.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "base/http_text.h"
#include "base/time.h"
#include "cli/call.h"
#include "cli/client_in.h"

#define CHUNK    ((size_t)64 * 1024)
#define QUIET_US 1000000 /* shorter transfers show no progress */
#define SHOW_US  200000

typedef struct flow {
    ks_cli          *c;
    ks_client       *cl;
    const ks_stream *s;
    int              status;
    FILE            *to;       /* of the answer; NULL: dropped */
    ks_pipe         *in, *out; /* request and answer */
    size_t           part;     /* of the body, being read */
    size_t           from;     /* of its text */
    ks_watch        *watch;    /* of a descriptor that may have nothing now */
    bool             watched, ready, failed;
    int64_t          began_us, shown_us, sent, got, size; /* size: of the answer, -1 unknown */
} flow;

/* ---- the request's body ---- */

static void on_ready(void *arg, uint32_t events)
{
    flow *f = arg;
    (void)events;
    f->ready = true;
    ks_watch_set(f->watch, 0); /* until it was read */
}

static void next_part(flow *f)
{
    ks_watch_del(f->watch);
    f->watch = NULL;
    f->watched = f->ready = false;
    f->part++;
    f->from = 0;
}

static bool push(flow *f, const char *p, size_t n)
{
    f->sent += (int64_t)n;
    return ks_pipe_write(f->in, p, n);
}

/* Some bytes of a descriptor. False: there are none now. Files are always ready (they cannot be watched). */
static bool read_part(flow *f, int fd)
{
    char chunk[CHUNK];
    if (!f->watched) {
        f->watched = true;
        f->watch = ks_watch_add(f->cl->loop, fd, EPOLLIN, on_ready, f);
    }
    if (f->watch != NULL && !f->ready)
        return false;
    ssize_t n = read(fd, chunk, sizeof chunk);
    if (n > 0 && f->watch != NULL) {
        f->ready = false;
        ks_watch_set(f->watch, EPOLLIN);
    }
    if (n == 0)
        next_part(f);
    else if (n < 0 && errno != EINTR)
        f->failed = true;
    return n < 0 ? errno == EINTR : n == 0 || push(f, chunk, (size_t)n);
}

/* Fill the pipe as far as it takes and there is something. */
static void feed(flow *f)
{
    bool more = f->in != NULL;
    while (more && !ks_pipe_broken(f->in) && !ks_pipe_closed(f->in) && ks_pipe_held(f->in) < KS_PIPE_HIGH) {
        const ks_part *p = &f->s->body->parts[f->part];
        if (f->failed) {
            ks_pipe_break(f->in);
        } else if (f->part == f->s->body->n) {
            ks_pipe_close(f->in);
        } else if (p->fd >= 0) {
            more = read_part(f, p->fd);
        } else {
            ks_str rest = ks_str_sub(ks_str_sub(p->text, f->from, SIZE_MAX), 0, CHUNK);
            f->from += rest.n;
            if (rest.n == 0)
                next_part(f);
            else
                more = push(f, rest.p, rest.n);
        }
    }
}

/* ---- the answer ---- */

static ks_pipe *on_head(void *arg, const ks_answer *a)
{
    flow    *f = arg;
    uint64_t size;
    f->status = a->status;
    f->to = f->s->on_head(f->s->arg, a);
    f->size = ks_str_u64(ks_answer_header(a, KS_S("content-length")), &size) ? (int64_t)size : -1;
    f->out = f->to != NULL ? ks_pipe_new() : NULL;
    return f->out != NULL ? ks_pipe_ref(f->out) : NULL;
}

static void on_done(void *arg, ks_answer *a)
{
    flow *f = arg;
    f->cl->done = a;
}

/* A terminal gets no control characters of others but line breaks and tabs: they could move its cursor. */
static void for_terminal(char *p, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        unsigned char ch = (unsigned char)p[i];
        bool          c1 = i > 0 && (unsigned char)p[i - 1] == 0xc2 && ch >= 0x80 && ch < 0xa0;
        if ((ch < 0x20 && ch != '\n' && ch != '\t') || ch == 0x7f || c1)
            p[i] = '?';
    }
}

static bool put(const flow *f, char *p, size_t n, bool tty)
{
    if (f->s->on_bytes != NULL)
        return f->s->on_bytes(f->s->arg, (ks_str){p, n});
    if (tty)
        for_terminal(p, n);
    return fwrite(p, 1, n, f->to) == n;
}

static void drain(flow *f)
{
    char   chunk[CHUNK];
    size_t n;
    bool   any = false, tty = f->to != NULL && isatty(fileno(f->to));
    while (f->out != NULL && (n = ks_pipe_read(f->out, chunk, sizeof chunk)) > 0) {
        f->got += (int64_t)n;
        any = true;
        if (!put(f, chunk, n, tty)) {
            f->failed = true;
            ks_pipe_break(f->out);
        }
    }
    if (any && fflush(f->to) != 0) { /* events are of use when they come */
        f->failed = true;
        ks_pipe_break(f->out);
    }
}

/* ---- progress ---- */

static void put_bytes(FILE *to, int64_t n)
{
    static const char *const units[] = {"B", "kB", "MB", "GB", "TB"};
    double                   v = (double)n;
    size_t                   u = 0;
    for (; v >= 1000 && u + 1 < KS_COUNT(units); u++)
        v /= 1000;
    fprintf(to, u ? "%.1f %s" : "%.0f %s", v, units[u]);
}

static void show(flow *f, bool last)
{
    int64_t now = ks_mono_us(), moved = f->got > 0 ? f->got : f->sent;
    int64_t size = f->got > 0 ? f->size : f->s->body != NULL ? ks_body_size(f->s->body) : -1;
    if (!f->s->progress || now - f->began_us < QUIET_US || (!last && now - f->shown_us < SHOW_US))
        return;
    if (last) {
        if (f->shown_us > 0)
            fputs("\r\033[K", f->c->err);
        return;
    }
    f->shown_us = now;
    fputs("\r\033[K  ", f->c->err);
    put_bytes(f->c->err, moved);
    if (size > 0) {
        fputs(" of ", f->c->err);
        put_bytes(f->c->err, size);
    }
    fputs(", ", f->c->err);
    put_bytes(f->c->err, moved * 1000000 / (now - f->began_us));
    fputs("/s", f->c->err);
    fflush(f->c->err);
}

/* ---- the call ---- */

static bool set_headers(flow *f, ks_call *call)
{
    for (size_t i = 0; i < f->s->headers_n && i < KS_CALL_HEADERS; i++) {
        size_t    colon = ks_str_chr(f->s->headers[i], ':');
        ks_str    value = ks_str_trim(ks_str_sub(f->s->headers[i], colon + 1, SIZE_MAX), " \t");
        ks_piece *p = ks_zalloc(&f->c->cx, sizeof *p);
        if (p == NULL)
            return false;
        p->text = value;
        call->headers[call->headers_n++] = (ks_out_header){.name = ks_str_sub(f->s->headers[i], 0, colon),
                                                           .value = {.pieces = p, .n = 1}};
    }
    return true;
}

static bool set_body(flow *f, ks_call *call)
{
    if (f->s->text != NULL) {
        call->body = f->s->text->text;
        call->has_body = true;
        call->content_type = KS_S("application/json");
        return !f->s->text->failed;
    }
    if (f->s->body == NULL)
        return true;
    f->in = ks_pipe_new();
    call->body_pipe = f->in;
    call->body_size = ks_body_size(f->s->body);
    call->has_body = true;
    return f->in != NULL;
}

static int run(flow *f, ks_call *call)
{
    f->cl->done = NULL;
    f->began_us = ks_mono_us();
    ks_upstream_send(f->cl->upstream, &f->c->cx, call, on_head, on_done, f);
    while (f->cl->done == NULL) {
        feed(f);
        ks_loop_turn(f->cl->loop, f->s->progress ? SHOW_US / 1000 : 1000);
        drain(f);
        show(f, false);
    }
    drain(f);
    show(f, true);
    if (f->failed)
        return f->to != NULL && ferror(f->to) && errno == EPIPE
                   ? KS_EXIT_FAILED /* a reader that has seen enough wants no words */
                   : ks_cli_fail(f->c, KS_EXIT_FAILED, "A file could not be read or written to its end.");
    if (f->cl->done->outcome == KS_UP_ANSWERED)
        return KS_EXIT_OK;
    if (f->status != 0)
        return ks_cli_fail(f->c, KS_EXIT_VENDOR, "The answer ended early: %s.", f->cl->done->why);
    return ks_client_unreached(f->c, f->cl);
}

int ks_client_stream(ks_cli *c, const ks_stream *s, int *status)
{
    flow f = {.c = c, .s = s, .size = -1};
    int  code = ks_client_open(c, &f.cl);
    if (code != KS_EXIT_OK)
        return code;
    ks_call *call = ks_client_call(c, f.cl, s->method, s->target);
    if (call == NULL || !set_headers(&f, call) || !set_body(&f, call)) {
        ks_pipe_unref(f.in);
        return ks_cli_fail(c, KS_EXIT_FAILED, "No memory.");
    }
    call->stream = true;
    code = run(&f, call);
    ks_watch_del(f.watch);
    ks_pipe_unref(f.in);
    ks_pipe_unref(f.out);
    *status = f.status;
    return code;
}
