/* features/tails.c — the three endings, made of tails: a commit, a call, a call passed through. A tail lives
 * in the arena of its exchange, which stays until the tail has woken it (and, for streams, until the transfer
 * is over: ks_exchange_hold). Threads: start and finish in the loop; the writer's callback only copies an
 * outcome and wakes. */
#include "features/tails.h"

#include "features/env.h"
#include "features/replay.h"

/* ---- commit ---- */

typedef struct commit_tail {
    ks_tail      tail;
    ks_ctx      *cx;
    ks_change   *change;
    ks_exchange *x;
    ks_err       err;  /* literals only, see ks_store_submit */
    ks_next      next; /* NULL: the answer is there already */
    void        *arg;
} commit_tail;

static void committed(void *arg, const ks_err *err)
{
    commit_tail *t = arg;
    t->err = *err;
    ks_exchange_wake(t->x);
}

static void commit_start(ks_tail *tail, ks_exchange *x)
{
    commit_tail *t = (commit_tail *)tail;
    t->x = x;
    ks_change *change = t->change;
    t->change = NULL;
    if (ks_store_submit(t->cx, t->cx->env->store, change, committed, t) != KS_OK) {
        t->err = t->cx->err;
        ks_exchange_wake(x);
    }
}

static ks_status commit_finish(ks_tail *tail, ks_ctx *cx, const ks_req *rq, ks_res *rs)
{
    const commit_tail *t = (const commit_tail *)tail;
    rs->tail = NULL;
    if (t->err.status != KS_OK)
        cx->err = t->err;
    return t->err.status == KS_OK && t->next != NULL ? t->next(cx, rq, rs, t->arg) : t->err.status;
}

/* An exchange that ends before its tail began must not leak the change. */
static void commit_forget(void *arg)
{
    commit_tail *t = arg;
    ks_change_free(t->change);
}

/* A tail that takes the change. NULL when memory is short; then the change is freed. */
static commit_tail *commit_new(ks_ctx *cx, ks_change *change)
{
    commit_tail *t = ks_zalloc(cx, sizeof *t);
    if (t == NULL || !ks_arena_defer(cx->arena, commit_forget, t)) {
        ks_change_free(change);
        (void)!ks_no_memory(cx);
        return NULL;
    }
    *t = (commit_tail){.tail = {.start = commit_start, .finish = commit_finish}, .cx = cx, .change = change};
    return t;
}

ks_status ks_res_commit(ks_ctx *cx, const ks_req *rq, ks_res *rs, ks_change *change)
{
    commit_tail *t = commit_new(cx, change);
    if (t == NULL)
        return KS_NO_MEMORY;
    KS_TRY(ks_replay_keep(cx, rq, rs, change));
    rs->tail = &t->tail;
    return KS_OK;
}

ks_status ks_res_commit_then(ks_ctx *cx, ks_res *rs, ks_change *change, ks_next next, void *arg)
{
    commit_tail *t = commit_new(cx, change);
    if (t == NULL)
        return KS_NO_MEMORY;
    t->next = next;
    t->arg = arg;
    rs->tail = &t->tail;
    return KS_OK;
}

ks_status ks_res_commit_built(ks_ctx *cx, const ks_req *rq, ks_res *rs, ks_change *change, ks_status built)
{
    if (built == KS_OK)
        return ks_res_commit(cx, rq, rs, change);
    ks_change_free(change);
    return built;
}

/* ---- a worker ---- */

typedef struct worker_tail {
    ks_tail      tail, *inner; /* inner: what `next` itself waits for */
    ks_exchange *x;
    ks_job       job;
    ks_next      next;
    void        *arg;
    ks_status    status;
} worker_tail;

/* The exchange waits, so this thread has it to itself. */
static void run_next(void *arg, unsigned worker)
{
    worker_tail *t = arg;
    ks_exchange *x = t->x;
    x->rs.tail = NULL;
    if (x->app->worker_envs != NULL)
        x->cx.env = x->app->worker_envs[worker];
    t->status = t->next(&x->cx, &x->rq, &x->rs, t->arg);
    x->cx.env = x->app->env;
    t->inner = x->rs.tail;
    x->rs.tail = &t->tail;
    ks_exchange_wake(x);
}

static void worker_start(ks_tail *tail, ks_exchange *x)
{
    worker_tail *t = (worker_tail *)tail;
    t->x = x;
    t->job = (ks_job){.fn = run_next, .arg = t};
    if (x->app->workers == NULL)
        run_next(t, 0);
    if (x->app->workers == NULL || ks_workers_submit(x->app->workers, &t->job))
        return;
    t->status = ks_fail(&x->cx, KS_BUSY, NULL, "The server is busy. Try again in a moment.");
    x->cx.err.retry_after_s = 1;
    ks_exchange_wake(x);
}

static ks_status worker_finish(ks_tail *tail, ks_ctx *cx, const ks_req *rq, ks_res *rs)
{
    const worker_tail *t = (const worker_tail *)tail;
    (void)cx;
    (void)rq;
    rs->tail = t->inner;
    return t->status;
}

ks_status ks_res_worker(ks_ctx *cx, ks_res *rs, ks_next next, void *arg)
{
    worker_tail *t = ks_zalloc(cx, sizeof *t);
    if (t == NULL)
        return KS_NO_MEMORY;
    *t = (worker_tail){.tail = {.start = worker_start, .finish = worker_finish}, .next = next, .arg = arg};
    rs->tail = &t->tail;
    return KS_OK;
}

/* ---- a call to a vendor ---- */

#define MAX_WAIT_S 60 /* as long as a caller may wish */

typedef struct call_tail {
    ks_tail          tail;
    ks_ctx          *cx;
    const ks_call   *call;
    ks_call         *waited_for; /* the same, when it ends with its caller; else NULL */
    ks_finish        finish;
    void            *arg;
    ks_exchange     *x;
    const ks_answer *answer;
    ks_res          *rs;     /* passthrough only */
    ks_pipe         *pipe;   /* passthrough: the body on its way */
    bool             headed; /* passthrough: the answer has begun */
    void (*refused)(ks_ctx *cx, void *arg);
    void (*ended)(ks_ctx *cx, const ks_answer *a, void *arg);
} call_tail;

static void answered(void *arg, ks_answer *a)
{
    call_tail *t = arg;
    t->answer = a;
    ks_exchange_wake(t->x);
}

/* ks-max-wait in seconds, at most a minute; anything else counts as not given. */
static void take_max_wait(const ks_req *rq, ks_call *call)
{
    uint64_t s;
    ks_str   given = ks_req_header(rq, "ks-max-wait");
    if (call != NULL && given.n > 0 && ks_str_u64(given, &s) && s <= MAX_WAIT_S)
        call->max_wait_ms = s > 0 ? (int)s * 1000 : -1;
}

static void call_left(ks_tail *tail, ks_exchange *x)
{
    call_tail *t = (call_tail *)tail;
    (void)x;
    ks_upstream_leave(t->cx->env->upstream, t);
}

static void call_start(ks_tail *tail, ks_exchange *x)
{
    call_tail *t = (call_tail *)tail;
    t->x = x;
    take_max_wait(&x->rq, t->waited_for);
    ks_upstream_send(t->cx->env->upstream, t->cx, t->call, NULL, answered, t);
}

static ks_status call_finish(ks_tail *tail, ks_ctx *cx, const ks_req *rq, ks_res *rs)
{
    call_tail *t = (call_tail *)tail;
    rs->tail = NULL;
    return t->finish(cx, rq, rs, t->answer, t->arg);
}

ks_status ks_res_upstream(ks_ctx *cx, ks_res *rs, const ks_call *call, ks_finish finish, void *arg)
{
    call_tail *t = ks_zalloc(cx, sizeof *t);
    if (t == NULL)
        return KS_NO_MEMORY;
    *t = (call_tail){.tail = {.start = call_start, .finish = call_finish},
                     .cx = cx,
                     .call = call,
                     .finish = finish,
                     .arg = arg};
    rs->tail = &t->tail;
    return KS_OK;
}

ks_status ks_res_acted(ks_ctx *cx, ks_res *rs, ks_call *call, ks_finish finish, void *arg)
{
    KS_TRY(ks_res_upstream(cx, rs, call, finish, arg));
    call_tail *t = (call_tail *)rs->tail;
    t->tail.leave = call_left;
    t->waited_for = call;
    return KS_OK;
}

/* ---- a statement in a database ---- */

typedef struct statement_tail {
    ks_tail           tail;
    ks_ctx           *cx;
    const ks_db_call *call;
    ks_finish         finish;
    void             *arg;
    ks_exchange      *x;
    ks_db_run        *run;
    const ks_answer  *answer;
    bool              streams, headed;
    ks_pipe          *pipe;
} statement_tail;

static void ran(void *arg, ks_answer *a)
{
    statement_tail *t = arg;
    t->answer = a;
    ks_exchange_wake(t->x);
}

/* The first lines are there: the answer begins. */
static ks_pipe *statement_head(void *arg, const ks_answer *a)
{
    statement_tail *t = arg;
    t->headed = true;
    t->answer = a;
    t->pipe = ks_pipe_new();
    ks_exchange_wake(t->x);
    return t->pipe != NULL ? ks_pipe_ref(t->pipe) : NULL;
}

static void streamed(void *arg, ks_answer *a)
{
    statement_tail *t = arg;
    if (!t->headed)
        ran(t, a);
    ks_exchange_release(t->x);
}

static ks_db_run *statement_run(statement_tail *t, ks_databases *d)
{
    ks_db_run *run = ks_db_run_new(d, t->cx, t->call, t->streams ? streamed : ran, t);
    if (run == NULL || !t->streams)
        return run;
    return ks_db_run_stream(run, t->x->app->loop, statement_head) ? run : NULL;
}

static void statement_start(ks_tail *tail, ks_exchange *x)
{
    static const ks_answer none = {.outcome = KS_UP_BUSY, .why = "databases cannot be reached here"};
    statement_tail        *t = (statement_tail *)tail;
    ks_databases          *d = t->cx->env->databases;
    t->x = x;
    t->answer = &none;
    t->run = d != NULL ? statement_run(t, d) : NULL;
    if (t->run == NULL) {
        ks_exchange_wake(x);
        return;
    }
    if (t->streams)
        ks_exchange_hold(x);
    ks_db_run_start(t->run);
}

static void statement_leave(ks_tail *tail, ks_exchange *x)
{
    const statement_tail *t = (const statement_tail *)tail;
    (void)x;
    if (t->run != NULL)
        ks_db_run_stop(t->run);
}

static void drop_statement_pipe(void *arg)
{
    const statement_tail *t = arg;
    ks_pipe_unref(t->pipe);
}

static ks_status statement_finish(ks_tail *tail, ks_ctx *cx, const ks_req *rq, ks_res *rs)
{
    statement_tail *t = (statement_tail *)tail;
    rs->tail = NULL;
    if (t->headed && (t->pipe == NULL || !ks_arena_defer(cx->arena, drop_statement_pipe, t))) {
        if (t->pipe != NULL)
            ks_pipe_break(t->pipe);
        ks_pipe_unref(t->pipe);
        return ks_no_memory(cx);
    }
    if (t->headed) {
        rs->stream = t->pipe;
        rs->stream_size = -1;
    }
    return t->finish(cx, rq, rs, t->answer, t->arg);
}

ks_status ks_res_database_stream(ks_ctx *cx, ks_res *rs, const ks_db_call *call, ks_finish finish, void *arg)
{
    KS_TRY(ks_res_database(cx, rs, call, finish, arg));
    ((statement_tail *)rs->tail)->streams = true;
    return KS_OK;
}

ks_status ks_res_database(ks_ctx *cx, ks_res *rs, const ks_db_call *call, ks_finish finish, void *arg)
{
    statement_tail *t = ks_zalloc(cx, sizeof *t);
    if (t == NULL)
        return KS_NO_MEMORY;
    *t = (statement_tail){
        .tail = {.start = statement_start, .finish = statement_finish, .leave = statement_leave},
        .cx = cx,
        .call = call,
        .finish = finish,
        .arg = arg};
    rs->tail = &t->tail;
    return KS_OK;
}

/* ---- a call passed through ---- */

#define WHOLE_MAX                                                                                            \
    ((size_t)64 * 1024) /* bytes; a larger answer is sent as it comes even if it is all there                \
                         */

/* The answer has begun: let the exchange send it while the body still comes in. */
static ks_pipe *head(void *arg, const ks_answer *a)
{
    call_tail *t = arg;
    t->headed = true;
    t->answer = a;
    t->pipe = ks_pipe_new();
    ks_exchange_wake(t->x);
    return t->pipe != NULL ? ks_pipe_ref(t->pipe) : NULL;
}

static void passed(void *arg, ks_answer *a)
{
    call_tail   *t = arg;
    ks_exchange *x = t->x;
    if (t->ended != NULL)
        t->ended(t->cx, a, t->arg);
    if (t->headed && t->pipe != NULL && a->outcome != KS_UP_ANSWERED)
        ks_pipe_break(t->pipe); /* the length is wrong already: cut the answer, do not end it politely */
    if (!t->headed) {
        t->answer = a;
        ks_exchange_wake(x);
    }
    ks_exchange_release(x);
}

static void pass_start(ks_tail *tail, ks_exchange *x)
{
    call_tail *t = (call_tail *)tail;
    t->x = x;
    take_max_wait(&x->rq, t->waited_for);
    ks_exchange_hold(x);
    ks_upstream_send(t->cx->env->upstream, t->cx, t->call, head, passed, t);
}

static void pipe_forget(void *arg)
{
    call_tail *t = arg;
    ks_pipe_unref(t->pipe);
}

/* Headers of the vendor that we say ourselves, or that are of its connection to us. */
static bool stays_here(ks_str name)
{
    static const char *const own[] = {"content-type",
                                      "content-length",
                                      "connection",
                                      "transfer-encoding",
                                      "keep-alive",
                                      "date",
                                      "server",
                                      "cache-control",
                                      "x-content-type-options",
                                      "x-request-id",
                                      "strict-transport-security",
                                      "alt-svc"};
    for (size_t i = 0; i < KS_COUNT(own); i++)
        if (ks_str_eq(name, ks_str_of(own[i])))
            return true;
    return false;
}

/* All or none: an answer that silently lacks a header may mean something else. */
static ks_status pass_headers(ks_ctx *cx, ks_res *rs, const ks_answer *a)
{
    size_t       bytes = 0;
    ks_req_pair *pairs = ks_alloc(cx, (a->headers_n + 1) * sizeof *pairs);
    if (pairs == NULL)
        return KS_NO_MEMORY;
    rs->passed = pairs;
    for (size_t i = 0; i < a->headers_n; i++) {
        if (stays_here(a->headers[i].name))
            continue;
        bytes += a->headers[i].name.n + a->headers[i].value.n;
        pairs[rs->passed_n++] = (ks_req_pair){a->headers[i].name, a->headers[i].value};
    }
    if (bytes > KS_MAX_PASSED_HEADERS)
        return ks_fail_code(
            cx, KS_UPSTREAM, "vendor_unreachable", NULL,
            "The vendor's answer has more than %d bytes of headers, which cannot be handed on.",
            KS_MAX_PASSED_HEADERS);
    return KS_OK;
}

/* The whole body is there already: one buffer with its true length, in one segment with the head. */
static ks_status pass_whole(ks_ctx *cx, ks_res *rs, ks_pipe *pipe)
{
    size_t  n = ks_pipe_held(pipe);
    ks_buf *b = ks_ctx_buf(cx, n);
    char   *to = b != NULL ? ks_buf_reserve(b, n) : NULL;
    if (to == NULL)
        return ks_no_memory(cx);
    b->n = ks_pipe_read(pipe, to, n);
    rs->body = b;
    return KS_OK;
}

static ks_status pass_finish(ks_tail *tail, ks_ctx *cx, const ks_req *rq, ks_res *rs)
{
    call_tail *t = (call_tail *)tail;
    uint64_t   size;
    rs->tail = NULL;
    if (!t->headed)
        return t->finish(cx, rq, rs, t->answer, t->arg);
    if (t->pipe == NULL)
        return ks_no_memory(cx);
    if (!ks_arena_defer(cx->arena, pipe_forget, t)) {
        ks_pipe_break(t->pipe); /* or the transfer would wait for a reader for ever */
        ks_pipe_unref(t->pipe);
        return ks_no_memory(cx);
    }
    if (t->answer->status == 401 && t->refused != NULL)
        t->refused(cx, t->arg);
    rs->status = t->answer->status;
    rs->content_type = t->answer->type.p ? t->answer->type : KS_S("application/octet-stream");
    if (ks_pipe_closed(t->pipe) && ks_pipe_held(t->pipe) > 0 && ks_pipe_held(t->pipe) <= WHOLE_MAX) {
        KS_TRY(pass_whole(cx, rs, t->pipe));
        return pass_headers(cx, rs, t->answer);
    }
    rs->stream = t->pipe;
    rs->stream_size = -1; /* chunked, where the length is not that of what is handed on (upstream/answer.c) */
    if (ks_str_u64(ks_answer_header(t->answer, KS_S("content-length")), &size) && size <= INT64_MAX)
        rs->stream_size = (int64_t)size;
    return pass_headers(cx, rs, t->answer);
}

ks_status ks_res_passthrough(ks_ctx *cx, ks_res *rs, ks_call *call, ks_finish finish, void *arg)
{
    call_tail *t = ks_zalloc(cx, sizeof *t);
    if (t == NULL)
        return KS_NO_MEMORY;
    *t = (call_tail){.tail = {.start = pass_start, .finish = pass_finish, .leave = call_left},
                     .cx = cx,
                     .call = call,
                     .waited_for = call,
                     .finish = finish,
                     .arg = arg,
                     .rs = rs};
    call->stream = true;
    rs->tail = &t->tail;
    return KS_OK;
}

void ks_res_on_401(ks_res *rs, void (*refused)(ks_ctx *cx, void *arg))
{
    ((call_tail *)rs->tail)->refused = refused;
}

void ks_res_on_end(ks_res *rs, void (*ended)(ks_ctx *cx, const ks_answer *a, void *arg))
{
    ((call_tail *)rs->tail)->ended = ended;
}

/* ---- uses ---- */

static const ks_sql count_use = {
    "UPDATE connections SET uses = uses + $4, used_at = $3 WHERE project_id = $1 AND id = $2"};

ks_status ks_use_change(ks_ctx *cx, ks_str connection_id, const char *action, ks_str object,
                        const char *result, ks_change **out)
{
    if (connection_id.n) /* whose credential it was must be read off the trail alone */
        object = ks_fmt(cx, KS_FMT " " KS_FMT, KS_ARG(connection_id), KS_ARG(object));
    if (object.p == NULL)
        return KS_NO_MEMORY;
    KS_TRY(ks_change_new(cx, out));
    ks_status st = KS_OK;
    if (connection_id.n)
        st = ks_change_count(cx, *out, &count_use, cx->project_id, connection_id, cx->now_us);
    if (st == KS_OK)
        st = ks_change_note(cx, *out, action, object, ks_str_of(result));
    if (st != KS_OK)
        ks_change_free(*out);
    return st;
}

ks_status ks_note_use(ks_ctx *cx, ks_str connection_id, const char *action, ks_str object, const char *result)
{
    ks_change *change;
    KS_TRY(ks_use_change(cx, connection_id, action, object, result, &change));
    return ks_store_note(cx, cx->env->store, change);
}
