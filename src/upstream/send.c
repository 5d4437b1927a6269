/* upstream/send.c — the life of a call: judged, put together, sent, told. Waiting and sending once more is in
 * upstream/again.c, what libcurl hears in upstream/options.c, what happens while it runs in
 * upstream/transfer.c. Logs nothing: the edge does. Threads: the loop's own; ks_upstream_start before there
 * are any. */
#include "upstream/send.h"

#include <assert.h>
#include <openssl/crypto.h>
#include <signal.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/http_text.h"
#include "base/time.h"
#include "upstream/reserve.h"
#include "upstream/transfer.h"

#define NO_MEMORY "memory is short; try again in a moment"

/* ---- the process ---- */

static void *openssl_malloc(size_t n, const char *file, int line)
{
    (void)file, (void)line;
    return ks_malloc(n);
}

static void *openssl_realloc(void *p, size_t n, const char *file, int line)
{
    (void)file, (void)line;
    return ks_realloc(p, n);
}

static void openssl_free(void *p, const char *file, int line)
{
    (void)file, (void)line;
    ks_free(p);
}

bool ks_upstream_start(void)
{
    unsetenv("SSLKEYLOGFILE");               /* libcurl would write the keys of every connection there */
    if (signal(SIGPIPE, SIG_IGN) == SIG_ERR) /* OpenSSL writes without MSG_NOSIGNAL */
        return false;
    if (!ks_reserve_start() || CRYPTO_set_mem_functions(openssl_malloc, openssl_realloc, openssl_free) != 1)
        return false;
    return curl_global_init_mem(CURL_GLOBAL_DEFAULT, ks_reserve_malloc, ks_reserve_free, ks_reserve_realloc,
                                ks_reserve_strdup, ks_reserve_calloc) == CURLE_OK;
}

/* ---- one loop's upstream ---- */

ks_status ks_upstream_new(ks_ctx *cx, ks_loop *loop, const ks_upstream_options *o, ks_upstream **out)
{
    const char  *built_in = curl_version_info(CURLVERSION_NOW)->cainfo;
    ks_upstream *u = ks_calloc(1, sizeof *u);
    if (u == NULL)
        return ks_no_memory(cx);
    u->loop = loop;
    u->o = *o;
    u->o.ca_file = KS_NO_STR; /* borrowed for this call only */
    u->o.per_project = o->per_project ? o->per_project : KS_UP_PER_PROJECT;
    u->o.per_loop = o->per_loop ? o->per_loop : KS_UP_PER_LOOP;
    ks_str file = o->ca_file.n ? ks_copy(cx, o->ca_file)
                               : ks_str_of(built_in ? built_in : "/etc/ssl/certs/ca-certificates.crt");
    u->ca_file = file.p ? ks_strdup(file.p) : NULL;
    u->lost = ks_malloc(KS_LOST_MAX * sizeof *u->lost);
    if (u->o.gate == NULL)
        u->o.gate = u->own_gate = ks_gate_new();
    if (!ks_engine_init(u) || u->ca_file == NULL || u->lost == NULL || u->o.gate == NULL) {
        ks_upstream_free(u);
        return ks_no_memory(cx);
    }
    *out = u;
    return KS_OK;
}

void ks_upstream_free(ks_upstream *u)
{
    if (u == NULL)
        return;
    while (u->first != NULL) {
        ks_transfer_fail(u->first, KS_UP_BROKEN, "the server is stopping");
        u->first->outcome = KS_UP_BROKEN;
        ks_transfer_end(u->first);
    }
    ks_engine_done(u);
    ks_gate_free(u->own_gate);
    ks_free(u->lost);
    ks_free(u->ca_file);
    ks_free(u);
}

void ks_upstream_leave(ks_upstream *u, const void *arg)
{
    for (ks_transfer *t = u->first; t != NULL; t = t->next) {
        if (t->arg != arg)
            continue;
        ks_transfer_fail(t, KS_UP_LEFT, "its caller left before the answer came");
        ks_metric_add(u->o.metrics, KS_M_LEFT, 1);
        ks_engine_due(t, KS_DUE_END);
        return;
    }
}

size_t ks_upstream_busy(const ks_upstream *u)
{
    return u->busy;
}

/* ---- may it go, and where? ---- */

/* The place where this origin is remembered once it was judged. */
static char *judged_place(ks_upstream *u, ks_str origin)
{
    uint32_t h = 2166136261u; /* FNV-1a; a collision only costs another parse */
    for (size_t i = 0; i < origin.n; i++)
        h = (h ^ (unsigned char)origin.p[i]) * 16777619u;
    return u->judged[h % KS_COUNT(u->judged)];
}

/* The origin must be one that ks_url_parse gives for itself: nothing unjudged is dialled, however the call
 * was made. Its text, without base path, goes to *dial. What was found good is good again. */
static bool judge_origin(ks_transfer *t, ks_str *dial)
{
    ks_origin bare = t->call->origin;
    ks_ctx    own = ks_ctx_new(t->cx->arena, NULL); /* its failure is not the call's */
    ks_url    url;
    bare.base_path = KS_S("");
    *dial = ks_origin_text(&own, &bare);
    char     *place = judged_place(t->u, *dial);
    bool      known = dial->p != NULL && ks_str_eq(*dial, ks_str_of(place));
    ks_status status = known ? KS_OK : dial->p ? ks_url_parse(&own, NULL, *dial, &url) : KS_NO_MEMORY;
    if (status == KS_NO_MEMORY)
        ks_transfer_fail(t, KS_UP_BUSY, NO_MEMORY);
    else if (status != KS_OK || !ks_http_method(t->call->method) || (!known && !ks_origin_holds(&bare, &url)))
        ks_transfer_fail(t, KS_UP_REFUSED, "the address of the vendor is not one that may be called");
    else if (!known && dial->n < sizeof t->u->judged[0])
        memcpy(place, dial->p, dial->n + 1);
    return !t->failed;
}

/* Which listener of the ghosts, if any? With ghosts on, nothing else is dialled but what the operator listed.
 */
static bool choose_ghost(ks_transfer *t)
{
    const ks_call *call = t->call;
    uint16_t       port = t->u->o.ghost_port;
    bool           listed = ks_host_listed(t->u->o.exceptions, call->origin.host, call->origin.port);
    if (call->ghost_only) {
        t->ghost_port = port ? port : t->u->o.ghost_only_port;
        if (t->ghost_port == 0)
            ks_transfer_fail(t, KS_UP_UNREACHED, "the demo app's ghost is not running");
    } else if (port != 0 && !listed) {
        t->ghost_port = port;
        if (call->own_origin || call->app.n == 0)
            ks_transfer_fail(t, KS_UP_UNREACHED, "not a vendor of the catalogue (ghost mode)");
    } else if (!listed && !ks_str_eq(call->origin.scheme, KS_S("https"))) {
        ks_transfer_fail(
            t, KS_UP_REFUSED,
            "plain http goes only to addresses that the operator listed (serve --allow-private)");
    }
    return !t->failed;
}

static bool take_place(ks_transfer *t)
{
    ks_upstream *u = t->u;
    bool         full;
    if (u->busy > u->o.per_loop) {
        ks_transfer_fail(t, KS_UP_BUSY, "too many calls are under way; try again in a moment");
        return false;
    }
    t->project = ks_reuse_hold(u->reuse, t->call->project_id, u->o.per_project, &full);
    if (t->project == NULL)
        ks_transfer_fail(t, KS_UP_BUSY,
                         full ? "too many calls of this project are under way; try again in a moment"
                              : NO_MEMORY);
    return t->project != NULL;
}

/* Sign the finished bytes, and look for the signature in the answer as for the secrets. */
static bool seal(ks_transfer *t)
{
    const char *fault = ks_wire_sign(t->call, &t->wire);
    if (fault != NULL) {
        bool memory = fault == KS_WIRE_MEMORY;
        ks_transfer_fail(t, memory ? KS_UP_BUSY : KS_UP_REFUSED, memory ? NO_MEMORY : fault);
        return false;
    }
    ks_scrub_free(t->scrub);
    t->scrub = ks_scrub_new(t->call->secrets, t->call->secrets_n,
                            t->call->secrets_n ? ks_buf_view(&t->wire.tokens) : KS_S(""));
    if (t->scrub == NULL)
        ks_transfer_fail(t, KS_UP_BUSY, NO_MEMORY);
    return t->scrub != NULL;
}

/* Everything before the first byte. False: the transfer has failed. */
static bool prepare(ks_transfer *t)
{
    ks_str dial;
    if (t->call->unready)
        ks_transfer_fail(t, KS_UP_REFUSED, "values that the call needs were not made yet");
    if (t->failed || !judge_origin(t, &dial) || !choose_ghost(t))
        return false;
    if (t->ghost_port != 0)
        dial = ks_fmt(t->cx, "http://127.0.0.1:%u", t->ghost_port);
    const char *fault = dial.p ? ks_wire_build(t->call, dial, t->ghost_port != 0, &t->wire) : KS_WIRE_MEMORY;
    if (fault != NULL) {
        bool memory = fault == KS_WIRE_MEMORY;
        ks_transfer_fail(t, memory ? KS_UP_BUSY : KS_UP_REFUSED, memory ? NO_MEMORY : fault);
        return false;
    }
    if (!seal(t))
        return false;
    size_t max = t->call->max_answer ? t->call->max_answer : KS_UP_MAX_ANSWER;
    t->body = t->call->stream ? NULL : ks_ctx_buf(t->cx, 2 * max + sizeof KS_SCRUB_MARK);
    if ((t->body == NULL && !t->call->stream))
        ks_transfer_fail(t, KS_UP_BUSY, NO_MEMORY);
    return !t->failed;
}

/* ---- sending ---- */

/* Now, or when a wait is over: may it go? Only then it is put together, so one that waits holds no secret. */
static void go(void *arg)
{
    ks_transfer *t = arg;
    if (t->project == NULL && !take_place(t))
        ks_engine_due(t, KS_DUE_END);
    else if (ks_transfer_admit(t))
        ks_engine_due(t, t->scrub != NULL || prepare(t) ? KS_DUE_START : KS_DUE_END);
}

static void link_transfer(ks_transfer *t)
{
    t->next = t->u->first;
    if (t->next != NULL)
        t->next->prev = t;
    t->u->first = t;
    t->u->busy++;
}

/* Not even memory to remember the call by: room for this is set aside beforehand (never touched, so never
 * resident). */
static void lose(ks_upstream *u, void (*done)(void *arg, ks_answer *a), void *arg)
{
    assert(u->lost_n < KS_LOST_MAX);
    u->lost[u->lost_n++] = (ks_lost){done, arg};
    (void)!ks_timer_set(u->loop, &u->tick, 0); /* is set already: needs no memory */
}

void ks_upstream_send(ks_upstream *u, ks_ctx *cx, const ks_call *call,
                      ks_pipe *(*on_head)(void *arg, const ks_answer *a),
                      void (*done)(void *arg, ks_answer *a), void *arg)
{
    ks_transfer *t = ks_calloc(1, sizeof *t);
    ks_answer   *a = ks_zalloc(cx, sizeof *a);
    ks_metric_add(u->o.metrics, KS_M_CALLS, 1);
    if (t == NULL || a == NULL) {
        ks_free(t);
        lose(u, done, arg);
        return;
    }
    *t = (ks_transfer){
        .u = u, .cx = cx, .call = call, .on_head = on_head, .done = done, .arg = arg, .answer = a};
    t->head = ks_buf_new(KS_UP_MAX_HEADERS);
    t->wait = (ks_timer){.fn = go, .arg = t};
    t->began_us = ks_mono_us();
    if (!call->stream)
        t->deadline_us = t->began_us + (int64_t)(call->total_ms > 0 ? call->total_ms : KS_UP_TOTAL_MS) * 1000;
    if (call->stream && call->body_pipe != NULL)
        t->in = ks_pipe_ref(call->body_pipe);
    link_transfer(t);
    go(t);
}

/* Forget what an earlier attempt left. */
static void begin_again(ks_transfer *t)
{
    ks_buf_clear(&t->head);
    if (t->body != NULL)
        ks_buf_clear(t->body);
    (void)ks_scrub_feed(t->scrub, KS_S(""), true);
    t->head_bytes = t->head_lines = t->decoded = 0;
    t->tries = 0;
    t->attempts++;
    t->attempt_us = ks_mono_us();
    t->short_of = ks_reserve_short();
    t->headed = t->denied = t->dialled = t->sent = t->stale = t->held = t->challenged = false;
    t->paused = 0;
    *t->answer = (ks_answer){.why = "answered"};
}

void ks_transfer_start(ks_transfer *t)
{
    begin_again(t);
    if (t->in != NULL)
        ks_transfer_watch_in(t);
    if (t->call->sign != NULL && t->starts++ > 0 && !seal(t)) { /* another time, another nonce */
        ks_engine_due(t, KS_DUE_END);
        return;
    }
    if (t->easy == NULL)
        t->easy = curl_easy_init();
    if (t->easy == NULL || !ks_options_set(t) || !ks_engine_add(t)) {
        ks_transfer_fail(t, KS_UP_BUSY, NO_MEMORY);
        ks_engine_due(t, KS_DUE_END);
    }
}

/* ---- ending ---- */

static void judge_result(ks_transfer *t, CURLcode rc)
{
    bool before = !t->headed;
    switch (rc) {
    case CURLE_OK:
        if (before)
            ks_transfer_fail(t, KS_UP_BROKEN, "the connection ended without an answer");
        break;
    case CURLE_COULDNT_RESOLVE_HOST:
        ks_transfer_fail(t, KS_UP_UNREACHED, "the name of the host cannot be resolved");
        break;
    case CURLE_COULDNT_CONNECT:
        if (t->denied && !t->dialled)
            ks_transfer_fail(t, KS_UP_REFUSED, "the host has an address that must not be called from here");
        ks_transfer_fail(t, KS_UP_UNREACHED, "no connection to the host could be made");
        break;
    case CURLE_OPERATION_TIMEDOUT:
        ks_transfer_fail(t, before ? KS_UP_UNREACHED : KS_UP_BROKEN, "the host took too long");
        break;
    case CURLE_PEER_FAILED_VERIFICATION:
        ks_transfer_fail(t, KS_UP_UNREACHED, "the certificate of the host is not trusted");
        break;
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_SSL_CACERT_BADFILE:
        ks_transfer_fail(t, KS_UP_UNREACHED, "no secure connection to the host could be made");
        break;
    case CURLE_SSL_CERTPROBLEM:
        ks_transfer_fail(
            t, KS_UP_REFUSED,
            "the client certificate and its key cannot be used; connect again with the right ones");
        break;
    case CURLE_OUT_OF_MEMORY: /* also what libcurl says of a line over its limit of 100 kB */
        if (before && t->tries > 0 && ks_reserve_short() == t->short_of)
            ks_transfer_fail(t, KS_UP_TOO_LARGE, "the answer has more than 64 kB or 200 lines of headers");
        ks_transfer_fail(t, KS_UP_BUSY, NO_MEMORY);
        break;
    default:
        ks_transfer_fail(t, KS_UP_BROKEN,
                         before ? "the connection broke before an answer came"
                                : "the answer ended early or is malformed");
    }
}

void ks_transfer_over(ks_transfer *t, CURLcode rc)
{
    ks_engine_remove(t);
    ks_engine_forget(t);
    if (t->held && rc == CURLE_OK)
        (void)ks_transfer_unhold(t);
    if (!t->over && ks_transfer_again(t, rc))
        return;
    if (!t->over)
        ks_transfer_blame(t, rc);
    judge_result(t, rc);
    if (!t->failed && !ks_transfer_flush(t)) {
        t->over = true; /* the pipe says when it has room */
        return;
    }
    ks_transfer_end(t);
}

static void end_pipes(ks_transfer *t)
{
    if (t->in != NULL) {
        ks_pipe_on_data(t->in, NULL, NULL);
        if (!ks_pipe_ended(t->in))
            ks_pipe_break(t->in); /* nobody reads on */
        ks_pipe_unref(t->in);
    }
    if (t->out != NULL) {
        ks_pipe_on_space(t->out, NULL, NULL);
        if (t->failed)
            ks_pipe_break(t->out);
        else
            ks_pipe_close(t->out);
        ks_pipe_unref(t->out);
    }
}

/* Give everything back; the buffers that held secrets are wiped by their allocator. */
static void give_back(ks_transfer *t)
{
    ks_upstream *u = t->u;
    ks_engine_remove(t);
    ks_engine_forget(t);
    ks_timer_clear(u->loop, &t->wait);
    ks_transfer_leave_line(t);
    if (t->easy != NULL)
        curl_easy_cleanup(
            t->easy); /* not kept: libcurl remembers URL and query beyond curl_easy_reset (S1) */
    ks_reuse_release(u->reuse, t->project);
    ks_wire_done(&t->wire);
    ks_scrub_free(t->scrub);
    ks_buf_done(&t->head);
    if (t->next != NULL)
        t->next->prev = t->prev;
    if (t->prev != NULL)
        t->prev->next = t->next;
    else
        u->first = t->next;
    u->busy--;
}

void ks_transfer_end(ks_transfer *t)
{
    ks_upstream *u = t->u;
    ks_answer   *a = t->answer;
    void (*done)(void *arg, ks_answer *a) = t->done;
    void *arg = t->arg;
    a->outcome = t->failed ? t->outcome : KS_UP_ANSWERED;
    a->why = t->failed ? t->why : "answered";
    a->redacted = t->scrub != NULL && ks_scrub_found(t->scrub);
    a->sent = t->left;
    a->took_us = ks_mono_us() - t->began_us;
    a->body = t->body != NULL && !t->failed ? ks_buf_view(t->body) : KS_S("");
    if (t->failed && t->outcome != KS_UP_LEFT)
        ks_metric_add(u->o.metrics, KS_M_CALL_FAILURES, 1);
    if (a->redacted)
        ks_metric_add(u->o.metrics, KS_M_REDACTIONS, 1);
    end_pipes(t);
    give_back(t);
    ks_free(t);
    done(arg, a);
}
