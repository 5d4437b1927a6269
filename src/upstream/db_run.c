/* upstream/db_run.c — one statement from its call to its answer: its turn (db_turns.h), a worker, a
 * connection (an old one, or name, address, TCP, TLS, login), the statement, the search for secrets. Knows no
 * protocol. Rules N4, S3, S6. Threads: begun in a loop, run on a worker, stopped from anywhere. */
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/time.h"
#include "upstream/db_name.h"
#include "upstream/db_pool.h"
#include "upstream/db_sink.h"
#include "upstream/scrub.h"

#define SYSTEM_CA  "/etc/ssl/certs/ca-certificates.crt"
#define ERROR_TEXT 4096 /* bytes of what a server says of a statement */

struct ks_db_run {
    ks_databases     *d;
    ks_ctx           *cx;
    const ks_db_call *call;
    void (*done)(void *arg, ks_answer *a);
    void      *arg;
    ks_db_turn turn;
    ks_db_run *next, **before; /* among d->runs */
    int        stop_fd;
    /* a streamed result */
    ks_db_stream *stream; /* NULL: it is collected */
    ks_pipe *(*head)(void *arg, const ks_answer *a);
    ks_answer *answer; /* made by the worker; the loop's from the first bytes on */
};

static const ks_db_driver *const drivers[] = {&ks_db_postgresql, &ks_db_mysql, &ks_db_redis};

const ks_db_driver *ks_db_driver_find(ks_str name)
{
    for (size_t i = 0; i < KS_COUNT(drivers); i++) {
        if (ks_str_eq(name, ks_str_of(drivers[i]->name)))
            return drivers[i];
    }
    return NULL;
}

uint16_t ks_db_driver_port(const ks_db_driver *d)
{
    return d->port;
}

bool ks_databases_start(void)
{
    for (size_t i = 0; i < KS_COUNT(drivers); i++) {
        if (drivers[i]->start != NULL && !drivers[i]->start())
            return false;
    }
    return true;
}

/* ---- the pool ---- */

ks_status ks_databases_new(ks_ctx *cx, const ks_db_options *o, ks_databases **out)
{
    ks_databases *d = ks_calloc(1, sizeof *d);
    if (d == NULL)
        return ks_no_memory(cx);
    d->o = *o;
    if (d->o.run_ms == 0)
        d->o.run_ms = KS_DB_RUN_MS;
    pthread_mutex_init(&d->lock, NULL);
    ks_buf path = ks_buf_new(KS_MAX_TARGET_BYTES);
    ks_buf_str(&path, o->ca_file.n > 0 ? o->ca_file : KS_S(SYSTEM_CA));
    d->ca_file = ks_buf_ok(&path) ? ks_strdup(path.p) : NULL;
    ks_buf_done(&path);
    d->workers = ks_workers_new(KS_DB_WORKERS, KS_DB_QUEUE + 2 * KS_DB_WORKERS);
    d->turns = d->workers != NULL ? ks_db_turns_new(d->workers) : NULL;
    d->names = ks_db_names_new(getaddrinfo);
    if (d->ca_file == NULL || d->turns == NULL || d->names == NULL) {
        ks_databases_free(d);
        return ks_no_memory(cx);
    }
    *out = d;
    return KS_OK;
}

unsigned ks_databases_run_ms(const ks_databases *d)
{
    return d != NULL ? d->o.run_ms : KS_DB_RUN_MS;
}

static void stop(const ks_db_run *r)
{
    const uint64_t one = 1;
    (void)!write(r->stop_fd, &one, sizeof one); /* fails only when it is readable already */
}

void ks_databases_free(ks_databases *d)
{
    if (d == NULL)
        return;
    pthread_mutex_lock(&d->lock);
    d->stopping = true;
    for (const ks_db_run *r = d->runs; r != NULL; r = r->next)
        stop(r);
    pthread_mutex_unlock(&d->lock);
    if (d->turns != NULL)
        ks_db_turns_stop(d->turns);
    ks_workers_free(d->workers);
    ks_db_turns_free(d->turns);
    ks_databases_unwatch(d);
    ks_db_pool_sweep(d, INT64_MAX);
    ks_db_names_free(d->names);
    pthread_mutex_destroy(&d->lock);
    ks_free(d->ca_file);
    ks_free(d);
}

/* Among those that the end stops. False: it has come. */
static bool enter(ks_databases *d, ks_db_run *r)
{
    pthread_mutex_lock(&d->lock);
    bool fits = !d->stopping;
    if (fits) {
        r->next = d->runs;
        r->before = &d->runs;
        if (r->next != NULL)
            r->next->before = &r->next;
        d->runs = r;
    }
    pthread_mutex_unlock(&d->lock);
    return fits;
}

static void forget(ks_databases *d, ks_db_run *r)
{
    pthread_mutex_lock(&d->lock);
    *r->before = r->next;
    if (r->next != NULL)
        r->next->before = r->before;
    pthread_mutex_unlock(&d->lock);
}

static void leave(ks_databases *d, ks_db_run *r)
{
    forget(d, r);
    ks_db_turn_end(d->turns, &r->turn);
}

/* ---- answers ---- */

static const char *step_word(ks_db_step s)
{
    static const char *const words[] = {
        [KS_DB_FINE] = "",         [KS_DB_REFUSED] = "address", [KS_DB_NAME] = "name",
        [KS_DB_TCP] = "tcp",       [KS_DB_TLS] = "tls",         [KS_DB_LOGIN] = "login",
        [KS_DB_RIGHTS] = "rights", [KS_DB_STATEMENT] = "run",   [KS_DB_TIMEOUT] = "run",
        [KS_DB_STOPPED] = "run",   [KS_DB_BROKEN] = "run",      [KS_DB_MEMORY] = ""};
    return words[s];
}

static int status_of(ks_db_step s)
{
    return s == KS_DB_FINE      ? 200
           : s == KS_DB_LOGIN   ? 401
           : s == KS_DB_RIGHTS  ? 403
           : s == KS_DB_TIMEOUT ? 504
                                : 400;
}

static ks_outcome outcome_of(ks_db_step s)
{
    if (s == KS_DB_NAME || s == KS_DB_TCP || s == KS_DB_TLS)
        return KS_UP_UNREACHED;
    if (s == KS_DB_BROKEN || s == KS_DB_STOPPED)
        return s == KS_DB_STOPPED ? KS_UP_LEFT : KS_UP_BROKEN;
    return s == KS_DB_REFUSED ? KS_UP_REFUSED : KS_UP_ANSWERED;
}

/* {"error": {...}}: our words first, then those of the server. */
static void put_error(ks_buf *b, const ks_db_error *e)
{
    ks_jw w = ks_jw_new(b);
    ks_jw_obj(&w, NULL);
    ks_jw_obj(&w, "error");
    ks_jw_z(&w, "step", step_word(e->step));
    ks_jw_z(&w, "code", e->code);
    ks_jw_str(&w, "message",
              e->text.n > 0 && ks_str_utf8(ks_buf_view(&e->text)) ? ks_buf_view(&e->text)
                                                                  : ks_str_of(e->why));
    if (e->unknown)
        ks_jw_bool(&w, "may_have_happened", true);
    ks_jw_end(&w, '}');
    ks_jw_end(&w, '}');
}

/* Known secrets do not leave in answers (rule S6): a password may stand in a table, or in what a server
 * quotes. */
static void put_body(const ks_db_run *r, ks_answer *a, const ks_buf *b)
{
    ks_ctx   *cx = r->cx;
    ks_scrub *s = ks_scrub_new(r->call->secrets, r->call->secrets_n, KS_NO_STR);
    ks_str    clean = s != NULL && ks_buf_ok(b) ? ks_scrub_feed(s, ks_buf_view(b), true) : KS_NO_STR;
    a->redacted = s != NULL && ks_scrub_found(s);
    a->body = clean.p == b->p && r->stream == NULL ? clean : ks_copy(cx, clean); /* of a stream `b` goes */
    a->type = KS_S("application/json");
    if (a->body.p == NULL)
        (void)!ks_no_memory(cx);
    ks_scrub_free(s);
}

/* In place of what else `b` holds. */
static void only_error(ks_buf *b, const ks_db_error *e)
{
    ks_buf_clear(b);
    b->failed = false;
    b->cap = 2 * ERROR_TEXT * 6;
    put_error(b, e);
}

static void answer(ks_db_run *r, ks_answer *a, ks_buf *b, const ks_db_error *e)
{
    a->outcome = outcome_of(e->step);
    a->why = e->why;
    if (e->step == KS_DB_MEMORY)
        (void)!ks_no_memory(r->cx);
    if (a->outcome != KS_UP_ANSWERED)
        return;
    a->status = status_of(e->step);
    if (e->step != KS_DB_FINE)
        only_error(b, e);
    put_body(r, a, b);
    ks_metric_add(r->d->o.metrics, KS_M_REDACTIONS, a->redacted);
}

/* ---- running ---- */

static ks_db_limit limit(const ks_db_run *r, unsigned ms)
{
    return (ks_db_limit){.deadline_us = ks_mono_us() + ms * INT64_C(1000), .stop_fd = r->stop_fd};
}

static ks_db_rest *fresh(const ks_db_run *r, ks_db_error *e)
{
    const ks_db_call *call = r->call;
    ks_db_address     at[KS_DB_ADDRESSES];
    size_t            n;
    ks_db_limit       l = limit(r, call->connect_ms ? call->connect_ms : KS_DB_CONNECT_MS);
    ks_db_rest       *rest = ks_calloc(1, sizeof *rest);
    if (rest == NULL)
        ks_db_fail(e, KS_DB_MEMORY, "memory is short", NULL);
    if (rest != NULL && ks_db_resolve(&r->d->o, r->d->names, &call->target, &l, at, &n, e) &&
        call->target.driver->open(&call->target, at, n, r->d->ca_file, &l, &rest->conn, e)) {
        rest->driver = call->target.driver;
        rest->born_us = ks_mono_us();
        return rest;
    }
    ks_free(rest);
    return NULL;
}

/* Back to the others, or closed. */
static void put_back(const ks_db_run *r, ks_db_rest *rest, ks_buf *owner, const ks_db_error *e)
{
    ks_db_limit l = limit(r, KS_UP_VERIFY_MS);
    if (rest->owner.p == NULL) { /* else it comes out of the pool, where it had one */
        rest->owner = ks_buf_new(owner->cap);
        ks_buf_str(&rest->owner, ks_buf_view(owner));
    }
    if (e->dead || r->call->connection_id.n == 0 || !ks_buf_ok(&rest->owner) || !ks_buf_ok(owner) ||
        !rest->driver->reset(rest->conn, &l))
        ks_db_rest_close(rest);
    else
        ks_db_pool_put(r->d, rest);
}

/* Before it begins: it may have waited longer than its caller. */
static bool is_stopped(const ks_db_run *r)
{
    struct pollfd p = {.fd = r->stop_fd, .events = POLLIN};
    return poll(&p, 1, 0) > 0;
}

static void begin_sink(const ks_db_run *r, ks_db_sink *s, ks_buf *b, const ks_db_limit *l, ks_db_error *e)
{
    size_t rows = r->call->max_rows, bytes = r->call->max_bytes ? r->call->max_bytes : KS_UP_MAX_ANSWER;
    ks_buf_clear(b);
    if (r->stream != NULL)
        ks_db_sink_stream(s, b, rows ? rows : SIZE_MAX, bytes, r->stream, l, e);
    else
        ks_db_sink_begin(s, b, rows ? rows : KS_DB_MAX_ROWS, bytes);
}

/* With an old connection first, when there is one; one that had died unnoticed is replaced, if nothing can
 * happen twice. */
static bool attempt(const ks_db_run *r, ks_db_sink *s, ks_buf *owner, ks_db_limit *l, ks_db_error *e)
{
    const ks_db_call *call = r->call;
    ks_db_rest       *rest = NULL;
    if (is_stopped(r)) {
        ks_db_fail(e, KS_DB_STOPPED, "the caller left", "stopped");
        return true;
    }
    if (call->connection_id.n > 0 && ks_buf_ok(owner))
        rest = ks_db_pool_take(r->d, call->target.driver, ks_buf_view(owner));
    bool old = rest != NULL;
    if (rest == NULL)
        rest = fresh(r, e);
    if (rest == NULL)
        return true;
    *l = limit(r, call->run_ms ? call->run_ms : r->d->o.run_ms);
    rest->driver->run(rest->conn, call, l, s, e);
    bool again = old && e->unsent && e->step == KS_DB_BROKEN;
    put_back(r, rest, owner, e);
    return !again;
}

/* What is left of a stream: the last lines. Once bytes have left, an error is one of them. */
static void end_stream(const ks_db_run *r, ks_db_sink *s, int64_t took_ms, const ks_db_error *e)
{
    if (e->step == KS_DB_FINE) {
        ks_db_sink_end(s, took_ms);
    } else {
        ks_db_sink_cut(s);
        s->b->cap += 2 * ERROR_TEXT * 6;
        put_error(s->b, e);
        ks_buf_c(s->b, '\n');
    }
    ks_db_stream_last(r->stream, ks_buf_ok(s->b) ? ks_buf_view(s->b) : KS_NO_STR);
    ks_metric_add(r->d->o.metrics, KS_M_REDACTIONS, ks_scrub_found(r->stream->scrub));
}

static void conclude(ks_db_run *r, ks_answer *a, ks_db_sink *s, int64_t took_us, ks_db_error *e)
{
    if (r->stream != NULL && e->step == KS_DB_FINE && !ks_buf_ok(s->b))
        ks_db_fail(e, KS_DB_MEMORY, "memory is short", NULL);
    if (r->stream != NULL && (r->stream->begun || e->step == KS_DB_FINE)) {
        end_stream(r, s, took_us / 1000, e); /* `a` may be the loop's by now */
        return;
    }
    *a = (ks_answer){.took_us = took_us};
    ks_db_sink_end(s, took_us / 1000);
    answer(r, a, s->b, e);
}

static void execute(ks_db_run *r, ks_answer *a, ks_buf *b)
{
    ks_db_error e = {.why = "", .text = ks_buf_new(ERROR_TEXT)};
    ks_buf      owner = ks_buf_new(2 * KS_MAX_SECRET_TEXT + KS_MAX_TARGET_BYTES);
    ks_db_sink  s;
    ks_db_limit l;
    int64_t     began = ks_mono_us();
    ks_db_owner(&owner, r->call);
    do {
        e.step = KS_DB_FINE;
        e.dead = e.unsent = false;
        begin_sink(r, &s, b, &l, &e);
    } while (!attempt(r, &s, &owner, &l, &e));
    conclude(r, a, &s, ks_mono_us() - began, &e);
    ks_metric_add(r->d->o.metrics, KS_M_CALLS, 1);
    ks_metric_add(r->d->o.metrics, KS_M_CALL_FAILURES, outcome_of(e.step) != KS_UP_ANSWERED);
    ks_buf_done(&owner);
    ks_buf_done(&e.text);
}

/* The worker is through. */
static void tell(ks_db_run *r, ks_answer *a)
{
    if (r->stream == NULL)
        r->done(r->arg, a);
    else
        ks_db_stream_over(r->stream);
}

/* cx->starved, when memory is short: what is made of this answer is not sent. */
static const ks_answer no_answer = {.outcome = KS_UP_BUSY, .why = "memory is short"};

static ks_answer *made(const ks_db_run *r, ks_answer as)
{
    ks_answer *a = ks_zalloc(r->cx, sizeof *a);
    if (a == NULL)
        return (ks_answer *)(uintptr_t)&no_answer;
    *a = as;
    return a;
}

static void work_collected(ks_db_run *r)
{
    ks_answer *a = made(r, no_answer);
    ks_buf    *b = a != &no_answer ? ks_ctx_buf(r->cx, KS_UP_MAX_ANSWER) : NULL;
    if (b != NULL)
        execute(r, a, b);
    leave(r->d, r);
    tell(r, a);
}

/* Nothing of `cx` is touched once bytes have left: the loop uses it from then on. */
static void work_streamed(ks_db_run *r)
{
    ks_answer *a = made(r, (ks_answer){.outcome = KS_UP_ANSWERED, .status = 200, .why = "answered"});
    ks_buf     b = ks_buf_new(0);
    r->answer = a;
    if (a != &no_answer)
        execute(r, a, &b);
    ks_buf_done(&b);
    leave(r->d, r);
    tell(r, a);
}

static void work(void *arg, unsigned worker)
{
    ks_db_run *r = arg;
    (void)worker;
    if (r->stream != NULL)
        work_streamed(r);
    else
        work_collected(r);
}

static void give(ks_db_run *r, ks_outcome outcome, const char *why)
{
    r->done(r->arg, made(r, (ks_answer){.outcome = outcome, .why = why}));
}

static void shut(void *arg)
{
    const ks_db_run *r = arg;
    close(r->stop_fd);
}

ks_db_run *ks_db_run_new(ks_databases *d, ks_ctx *cx, const ks_db_call *call,
                         void (*done)(void *arg, ks_answer *a), void *arg)
{
    ks_db_run *r = ks_zalloc(cx, sizeof *r);
    if (r == NULL)
        return NULL;
    *r = (ks_db_run){.d = d, .cx = cx, .call = call, .done = done, .arg = arg};
    r->turn.job = (ks_job){.fn = work, .arg = r};
    r->stop_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (r->stop_fd >= 0 && !ks_arena_defer(cx->arena, shut, r)) {
        close(r->stop_fd);
        (void)!ks_no_memory(cx);
        return NULL;
    }
    return r;
}

/* ---- streamed, in the loop ---- */

static ks_pipe *stream_head(void *arg)
{
    ks_db_run *r = arg;
    return r->head(r->arg, r->answer);
}

static void stream_gone(void *arg)
{
    ks_db_run_stop(arg);
}

static void stream_over(void *arg)
{
    ks_db_run *r = arg;
    r->done(r->arg, r->answer);
}

bool ks_db_run_stream(ks_db_run *r, ks_loop *loop, ks_pipe *(*head)(void *arg, const ks_answer *a))
{
    const ks_db_taker taker = {.head = stream_head, .gone = stream_gone, .over = stream_over, .arg = r};
    r->head = head;
    r->stream = ks_db_stream_new(r->cx, r->call, loop, &taker);
    return r->stream != NULL;
}

void ks_db_run_start(ks_db_run *r)
{
    if (r->stop_fd < 0 || !enter(r->d, r)) {
        give(r, KS_UP_BUSY, "no statement can begin");
        return;
    }
    if (ks_db_turn_take(r->d->turns, &r->turn, r->call->project_id))
        return;
    forget(r->d, r);
    give(r, KS_UP_BUSY, "too many statements of this project wait for their turn");
}

void ks_db_run_stop(ks_db_run *r)
{
    if (r->stop_fd < 0)
        return;
    stop(r);
    ks_db_turn_hurry(r->d->turns, &r->turn);
}
