/* http/exchange.c — see exchange.h: from the end of the headers to the complete answer, and the one log line
 * about it. Knows no socket. Threads: the loop's; only run_on_worker and ks_exchange_wake run elsewhere. */
#include "http/exchange.h"

#include "base/enc.h"
#include "base/ids.h"
#include "base/log.h"
#include "base/time.h"
#include "http/limiter.h"
#include "http/reply.h"
#include "http/route.h"

#define REQUEST_ID_MAX 128 /* bytes of a caller's x-request-id */

/* ---- the request as handlers see it ---- */

ks_str ks_req_header(const ks_req *rq, const char *name)
{
    ks_str want = ks_str_of(name);
    for (size_t i = 0; i < rq->headers_n; i++)
        if (ks_str_ieq(rq->headers[i].name, want))
            return rq->headers[i].value;
    return KS_NO_STR;
}

ks_str ks_req_param(const ks_req *rq, const char *name)
{
    ks_str want = ks_str_of(name);
    for (size_t i = 0; i < rq->params_n; i++)
        if (ks_str_eq(rq->params[i].name, want))
            return rq->params[i].value;
    return KS_NO_STR;
}

/* Decoded once, in the arena; absent when malformed. */
static ks_str decoded(ks_ctx *cx, ks_str raw, bool plus)
{
    ks_buf *b = ks_ctx_buf(cx, raw.n + 1);
    if (b == NULL || !ks_dec_percent(b, raw, plus))
        return KS_NO_STR;
    return ks_buf_view(b);
}

ks_str ks_req_query(ks_ctx *cx, const ks_req *rq, const char *name)
{
    ks_str rest = rq->query, pair, want = ks_str_of(name);
    while (ks_str_cut(&rest, '&', &pair)) {
        size_t eq = ks_str_chr(pair, '=');
        ks_str key = ks_str_sub(pair, 0, eq);
        ks_str value = eq == SIZE_MAX ? KS_S("") : ks_str_sub(pair, eq + 1, SIZE_MAX);
        if (ks_str_chr(key, '%') != SIZE_MAX || ks_str_chr(key, '+') != SIZE_MAX)
            key = decoded(cx, key, true);
        if (key.p != NULL && ks_str_eq(key, want))
            return decoded(cx, value, true);
    }
    return KS_NO_STR;
}

ks_status ks_req_number(ks_ctx *cx, const ks_req *rq, const char *name, int64_t *out)
{
    uint64_t v;
    ks_str   s = ks_req_query(cx, rq, name);
    if (s.p == NULL)
        return KS_OK;
    if (!ks_str_u64(s, &v) || v == 0 || v > INT64_MAX)
        return ks_fail(cx, KS_INVALID, name, "%s: a whole number from 1 on.", name);
    *out = (int64_t)v;
    return KS_OK;
}

/* ---- beginning ---- */

bool ks_exchange_begin(ks_exchange *x, const ks_http_app *app, ks_arena *arena,
                       void (*on_done)(ks_exchange *x, void *arg), void *arg)
{
    *x = (ks_exchange){.app = app, .arena = arena, .on_done = on_done, .arg = arg};
    x->cx = ks_ctx_new(arena, app->env);
    x->began_us = ks_mono_us();
    x->rs.stream_size = -1;
    return arena != NULL;
}

static bool good_request_id(ks_str s)
{
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
              c == '.' || c == '-'))
            return false;
    }
    return s.n >= 1 && s.n <= REQUEST_ID_MAX;
}

static void give_request_id(ks_exchange *x)
{
    ks_str id = ks_req_header(&x->rq, "x-request-id");
    if (x->cx.request_id.p != NULL)
        return;
    x->cx.request_id = good_request_id(id) ? id : ks_id_new(&x->cx, KS_ID_REQUEST);
    if (x->cx.request_id.p == NULL)
        x->cx.request_id = KS_S("rq_none"); /* memory is so short that the answer will say so */
}

static ks_view view_of(const ks_exchange *x)
{
    return x->rq.route != NULL ? x->rq.route->view : ks_path_view(x->rq.path);
}

/* People are told in a page. cx->err stays what it was: the log names it. */
static bool tell_page(ks_exchange *x)
{
    ks_err had = x->cx.err;
    if (view_of(x) != KS_VIEW_PAGE || x->app->page_error == NULL || x->cx.starved)
        return false;
    x->rs = (ks_res){.stream_size = -1};
    bool told = x->app->page_error(&x->cx, &x->rq, &x->rs) == KS_OK && !x->cx.starved;
    if (!x->cx.starved)
        x->cx.err = had;
    return told;
}

/* The error body for `status` into x->rs. A callee that failed without saying why gets a general sentence;
 * whatever was concluded while memory was short (a name not found, a value missing) is not to be trusted. */
static void fail(ks_exchange *x, ks_status status)
{
    if (x->rs.stream != NULL)
        ks_pipe_break(x->rs.stream); /* nobody will read it: its writer must not wait for that */
    if (x->cx.starved)
        (void)!ks_no_memory(&x->cx);
    else if (x->cx.err.status != status)
        (void)!ks_fail(&x->cx, status, NULL, "The request could not be served (%s).", ks_status_slug(status));
    if (!tell_page(x))
        ks_res_error(&x->cx, &x->rs, view_of(x));
}

/* ---- headers ---- */

/* Parameters of the path, decoded. False: one of them can be no id of anything. */
static bool take_params(ks_exchange *x, const ks_route_hit *hit)
{
    for (size_t i = 0; i < hit->params_n; i++) {
        ks_str v = hit->params[i].value;
        if (!hit->rest[i] && ks_str_chr(v, '%') != SIZE_MAX)
            v = decoded(&x->cx, v, false);
        else if (!hit->rest[i] && !ks_str_utf8(v))
            return false;
        if (v.p == NULL)
            return false;
        x->rq.params[i] = (ks_req_pair){hit->params[i].name, v};
    }
    x->rq.params_n = hit->params_n;
    return true;
}

static ks_status find_route(ks_exchange *x)
{
    ks_route_hit hit;
    ks_status st = ks_route_find(x->app->routes, x->app->index, x->rq.method, x->rq.path, x->rq.local, &hit);
    if (st == KS_METHOD)
        return ks_fail(&x->cx, st, NULL,
                       "This path has no such method. The Allow header names those it has.");
    if (st != KS_OK)
        return ks_fail(&x->cx, KS_NOT_FOUND, NULL, "There is nothing at this path.");
    x->rq.route = hit.route;
    if (!take_params(x, &hit))
        return ks_fail(&x->cx, KS_NOT_FOUND, NULL, "Nothing has this id.");
    return KS_OK;
}

void ks_exchange_refuse(ks_exchange *x, ks_status status, const char *message)
{
    give_request_id(x);
    x->rq.raw_path = x->rq.path;
    x->rq.path = x->rq.path.p != NULL ? ks_path_strip(x->rq.path) : KS_S("/");
    (void)!ks_fail(&x->cx, status, NULL, "%s", message);
    fail(x, status);
    ks_metric_add(x->app->metrics, KS_M_REFUSED_WIRE, 1);
    x->refused_early = true;
    x->done = true;
}

/* ---- who is it ---- */

static bool loopback(ks_str peer)
{
    return peer.n == 0 || ks_str_starts(peer, KS_S("127.")) || ks_str_eq(peer, KS_S("::1")) ||
           ks_str_starts(peer, KS_S("::ffff:127."));
}

/* Rule H5: ten wrong keys a minute and address, then 429. No key at all is no guess; loopback has no limit.
 */
static ks_status bad_key(ks_exchange *x)
{
    struct ks_limiter *l = x->app->limiter;
    bool tried = (x->rq.route->flags & KS_SIGN_IN) || ks_req_header(&x->rq, "x-api-key").n > 0 ||
                 ks_req_header(&x->rq, "authorization").n > 0;
    if (!tried)
        return KS_UNAUTHORIZED;
    ks_metric_add(x->app->metrics, KS_M_BAD_KEYS, 1);
    if (l == NULL || loopback(x->rq.peer))
        return KS_UNAUTHORIZED;
    int wait = ks_limiter_wait(l, x->rq.peer, x->began_us);
    if (wait == 0) {
        ks_limiter_fail(l, x->rq.peer, x->began_us);
        return KS_UNAUTHORIZED;
    }
    (void)!ks_fail(&x->cx, KS_RATE, NULL,
                   "Too many wrong API keys from this address. Wait, then send a valid key.");
    x->cx.err.retry_after_s = wait;
    return KS_RATE;
}

static ks_status admit(ks_exchange *x)
{
    const ks_route *r = x->rq.route;
    if (r->flags & KS_LOCAL) {
        x->cx.actor = KS_S("cli");
        x->cx.scopes = KS_SCOPE_ALL | KS_SCOPE_ADMIN;
        return KS_OK;
    }
    if ((r->flags & KS_PUBLIC) || x->app->authenticate == NULL)
        return KS_OK;
    ks_status st = x->app->authenticate(&x->cx, &x->rq);
    if (st == KS_UNAUTHORIZED)
        return bad_key(x);
    if (st == KS_OK && (x->cx.scopes & r->scope) != r->scope)
        return ks_fail(
            &x->cx, KS_FORBIDDEN, NULL,
            "This API key lacks the scope `%s`. Use one that has it; keysteward key create makes one.",
            r->scope & KS_SCOPE_ACT       ? "act"
            : r->scope & KS_SCOPE_CONNECT ? "connect"
                                          : "read");
    return st;
}

/* ---- the headers are there ---- */

/* More than other routes take is kept for callers with a key alone, so the key is asked for before the body
 * comes. */
static ks_status check_size(ks_exchange *x)
{
    unsigned flags = x->rq.route->flags;
    int64_t  most = flags & KS_FILES ? KS_MAX_ACT_BODY_BYTES : KS_MAX_BODY_BYTES;
    if (flags & KS_STREAM)
        return KS_OK;
    if (x->rq.body_size < 0)
        return ks_fail(&x->cx, KS_INVALID, NULL,
                       "Send the body with Content-Length. Chunked bodies are not read here.");
    if (x->rq.body_size > most)
        return ks_fail(&x->cx, KS_TOO_LARGE, NULL, "The body is larger than %lld bytes.", (long long)most);
    return x->rq.body_size > KS_MAX_BODY_BYTES ? admit(x) : KS_OK;
}

static void add_allow(ks_exchange *x)
{
    ks_buf b = ks_buf_new(256);
    ks_route_allow(x->app->routes, x->rq.path, x->rq.local, &b);
    if (x->rs.status == 405 && ks_buf_ok(&b))
        (void)!ks_res_header(&x->cx, &x->rs, "allow", ks_buf_view(&b));
    ks_buf_done(&b);
}

ks_status ks_exchange_headers(ks_exchange *x)
{
    give_request_id(x);
    x->rq.raw_path = x->rq.path;
    x->rq.path = ks_path_strip(x->rq.path);
    ks_status st = find_route(x);
    if (st == KS_OK)
        st = check_size(x);
    if (st == KS_OK)
        return KS_OK;
    fail(x, st);
    if (st == KS_METHOD)
        add_allow(x);
    x->refused_early = true;
    x->done = true;
    return st;
}

/* ---- running ---- */

/* A stream that nobody took, or will read on: its writer must not wait for that. */
static void drop_stream(ks_exchange *x)
{
    if (x->rs.stream != NULL && !ks_pipe_ended(x->rs.stream))
        ks_pipe_break(x->rs.stream);
}

static void settle(ks_exchange *x)
{
    x->done = true;
    if (x->ended)
        drop_stream(x);
    else
        x->on_done(x, x->arg);
}

/* After a handler or a tail: the answer is there, or waits for a tail. */
static void go_on(ks_exchange *x, ks_status st)
{
    if (st == KS_OK && x->rs.tail == NULL && x->rs.status == 0)
        st = ks_fail(&x->cx, KS_INTERNAL, NULL, "The server gave no answer.");
    if (st == KS_OK && x->cx.starved)
        st = KS_NO_MEMORY; /* a piece of the answer, of the change or of the call is missing */
    if (st != KS_OK)
        fail(x, st);
    if (st == KS_OK && x->rs.tail != NULL) {
        ks_exchange_hold(x);
        x->rs.tail->start(x->rs.tail, x);
        if (x->left)
            ks_exchange_leave(x);
        return;
    }
    settle(x);
}

static void back_in_loop(void *arg)
{
    ks_exchange *x = arg;
    x->cx.env = x->app->env;
    go_on(x, x->result);
    ks_exchange_release(x);
}

/* The handler, unless this request has its answer already. */
static ks_status handle(ks_exchange *x)
{
    bool replayed = false;
    if (x->app->replay != NULL)
        KS_TRY(x->app->replay(&x->cx, &x->rq, &x->rs, &replayed));
    if (replayed)
        return KS_OK;
    ks_status st = x->rq.route->run(&x->cx, &x->rq, &x->rs);
    return st == KS_UNAUTHORIZED && (x->rq.route->flags & KS_SIGN_IN) ? bad_key(x) : st;
}

static void run_on_worker(void *arg, unsigned worker)
{
    ks_exchange *x = arg;
    if (x->app->worker_envs != NULL)
        x->cx.env = x->app->worker_envs[worker];
    x->result = handle(x);
    ks_loop_post(x->app->loop, &x->post);
}

static void submit(ks_exchange *x)
{
    x->job = (ks_job){.fn = run_on_worker, .arg = x};
    x->post = (ks_post){.fn = back_in_loop, .arg = x};
    ks_exchange_hold(x);
    if (ks_workers_submit(x->app->workers, &x->job))
        return;
    (void)!ks_fail(&x->cx, KS_BUSY, NULL, "The server is busy. Try again in a moment.");
    x->cx.err.retry_after_s = 1;
    go_on(x, KS_BUSY);
    ks_exchange_release(x);
}

void ks_exchange_run(ks_exchange *x)
{
    ks_status st = admit(x);
    if (x->rq.route->flags & KS_NO_BODY)
        x->rq.body = KS_S("");
    if (st != KS_OK)
        go_on(x, st);
    else if (x->app->workers != NULL &&
             ((x->rq.route->flags & KS_WORKER) || x->rq.body.n > KS_INLINE_BODY_BYTES))
        submit(x);
    else
        go_on(x, handle(x));
}

static void finish_tail(void *arg)
{
    ks_exchange *x = arg;
    ks_tail     *t = x->rs.tail;
    x->rs.tail = NULL;
    go_on(x, t->finish(t, &x->cx, &x->rq, &x->rs));
    ks_exchange_release(x);
}

void ks_exchange_wake(ks_exchange *x)
{
    ks_tail *t = x->rs.tail;
    t->wake = (ks_post){.fn = finish_tail, .arg = x};
    ks_loop_post(x->app->loop, &t->wake);
}

void ks_exchange_leave(ks_exchange *x)
{
    ks_tail *t = x->rs.tail;
    x->left = true;
    if (!x->done && t != NULL && t->leave != NULL)
        t->leave(t, x);
}

/* ---- the end ---- */

static void give_back(ks_exchange *x)
{
    if (!x->ended || x->holds > 0)
        return;
    ks_arena_reset(x->arena);
    if (x->on_gone != NULL)
        x->on_gone(x, x->arg);
}

void ks_exchange_hold(ks_exchange *x)
{
    x->holds++;
}

void ks_exchange_release(ks_exchange *x)
{
    x->holds--;
    give_back(x);
}

/* A method a client made up could be anything; only known ones are logged (rule S3). */
static ks_str log_method(ks_str m)
{
    static const ks_str known[] = {KS_S_INIT("GET"),    KS_S_INIT("POST"),   KS_S_INIT("PUT"),
                                   KS_S_INIT("PATCH"),  KS_S_INIT("DELETE"), KS_S_INIT("HEAD"),
                                   KS_S_INIT("OPTIONS")};
    for (size_t i = 0; i < KS_COUNT(known); i++)
        if (ks_str_eq(m, known[i]))
            return known[i];
    return KS_NO_STR;
}

static void write_log(const ks_exchange *x, int64_t us, int64_t bytes_out)
{
    bool   bad = x->rs.status >= 400;
    ks_str slug = x->cx.err.code.n ? x->cx.err.code : ks_str_of(ks_status_slug(x->cx.err.status));
    KS_LOG(x->rs.status >= 500 ? KS_LOG_WARN : KS_LOG_INFO, "request", KS_LSTR(REQUEST_ID, x->cx.request_id),
           KS_LSTR(METHOD, log_method(x->rq.method)),
           KS_LSTR(ROUTE, ks_str_of(x->rq.route != NULL ? x->rq.route->path : NULL)),
           KS_LINT(STATUS, x->done ? x->rs.status : 0), KS_LSTR(SLUG, bad ? slug : KS_NO_STR),
           KS_LINT(DURATION_US, us), KS_LINT(BYTES_IN, x->rq.body_size > 0 ? x->rq.body_size : 0),
           KS_LINT(BYTES_OUT, bytes_out), KS_LSTR(PROJECT, x->cx.project_id), KS_LSTR(KEY, x->cx.actor));
}

void ks_exchange_end(ks_exchange *x, int64_t bytes_out)
{
    int64_t us = ks_mono_us() - x->began_us;
    ks_metric_add(x->app->metrics, KS_M_REQUESTS, 1);
    if (x->rs.status >= 400)
        ks_metric_add(x->app->metrics, x->rs.status >= 500 ? KS_M_ERRORS_5XX : KS_M_ERRORS_4XX, 1);
    if (x->app->metrics != NULL)
        ks_metric_duration(x->app->metrics, us);
    if (x->app->access_log)
        write_log(x, us, bytes_out);
    x->ended = true;
    drop_stream(x);
    ks_exchange_leave(x);
    give_back(x);
}
