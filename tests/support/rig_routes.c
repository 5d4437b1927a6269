/* tests/support/rig_routes.c — handlers of the rig: replies, tails woken by threads, streams both ways. */
#include <stdlib.h>

#include "http/reply.h"
#include "tests/support/rig.h"

static ks_status hello(ks_ctx *cx, const ks_req *rq, ks_res *rs)
{
    (void)rq;
    return ks_res_fixed(cx, rs, 200, "application/json", KS_S("{\"hello\":true}"));
}

static ks_status size(ks_ctx *cx, const ks_req *rq, ks_res *rs)
{
    ks_jw w;
    KS_TRY(ks_res_begin(cx, rs, 200, &w));
    ks_jw_obj(&w, NULL);
    ks_jw_int(&w, "size", (int64_t)rq->body.n);
    ks_jw_str(&w, "key", ks_req_header(rq, "x-api-key"));
    ks_jw_end(&w, '}');
    return ks_res_end(cx, rs);
}

static ks_status item(ks_ctx *cx, const ks_req *rq, ks_res *rs)
{
    ks_str text = ks_fmt(cx, "<" KS_FMT ">", KS_ARG(ks_req_param(rq, "id")));
    return ks_res_fixed(cx, rs, 200, "text/plain", text);
}

/* A tail that is woken by a thread, as the writer does. */
typedef struct later {
    ks_tail      tail;
    ks_exchange *x;
    pthread_t    thread;
} later;

static void *wake_it(void *arg)
{
    later *l = arg;
    ks_exchange_wake(l->x);
    return NULL;
}

static void later_start(ks_tail *t, ks_exchange *x)
{
    later *l = (later *)t;
    l->x = x;
    if (pthread_create(&l->thread, NULL, wake_it, l) != 0)
        abort();
}

static ks_status later_finish(ks_tail *t, ks_ctx *cx, const ks_req *rq, ks_res *rs)
{
    pthread_join(((later *)t)->thread, NULL);
    return ks_res_fixed(cx, rs, 200, "application/json", rq->body.n ? rq->body : KS_S("{\"later\":true}"));
}

static ks_status parked(ks_ctx *cx, const ks_req *rq, ks_res *rs)
{
    later *l = ks_zalloc(cx, sizeof *l);
    (void)rq;
    if (l == NULL)
        return KS_NO_MEMORY;
    l->tail = (ks_tail){.start = later_start, .finish = later_finish};
    rs->tail = &l->tail;
    return KS_OK;
}

/* Parked until the test says go: held[] is walked in the loop. */
static ks_exchange *held[8];
static size_t       held_n;

static void hold_start(ks_tail *t, ks_exchange *x)
{
    (void)t;
    held[held_n++ % KS_COUNT(held)] = x;
}

static ks_status held_route(ks_ctx *cx, const ks_req *rq, ks_res *rs)
{
    KS_TRY(parked(cx, rq, rs));
    rs->tail->start = hold_start;
    rs->tail->finish = NULL;
    return KS_OK;
}

static ks_status hold_finish(ks_tail *t, ks_ctx *cx, const ks_req *rq, ks_res *rs)
{
    (void)t;
    return hello(cx, rq, rs);
}

void rig_release_held(rig_server *s)
{
    (void)s;
    for (size_t i = 0; i < held_n; i++) {
        held[i]->rs.tail->finish = hold_finish;
        ks_exchange_wake(held[i]);
    }
    held_n = 0;
}

/* Streams: what goes in comes out, through one pipe of bounded size each way. */
typedef struct echo {
    ks_pipe *in, *out;
    size_t   most, total;
} echo;

static void pump(void *arg)
{
    echo *e = arg;
    char  part[16 * 1024];
    for (size_t n; ks_pipe_held(e->out) < KS_PIPE_HIGH && (n = ks_pipe_read(e->in, part, sizeof part)) > 0;) {
        (void)ks_pipe_write(e->out, part, n);
        e->total += n;
    }
    if (ks_pipe_held(e->out) > e->most)
        e->most = ks_pipe_held(e->out);
    if (ks_pipe_ended(e->in))
        ks_pipe_close(e->out);
    if (ks_pipe_broken(e->in))
        ks_pipe_break(e->out);
}

static void echo_end(void *arg)
{
    echo *e = arg;
    ks_pipe_on_data(e->in, NULL, NULL);
    ks_pipe_on_space(e->out, NULL, NULL);
    ks_pipe_unref(e->in);
    ks_pipe_unref(e->out);
}

static _Atomic size_t counted; /* bytes of the rig_last counted upload */

static ks_status count_finish(ks_tail *t, ks_ctx *cx, const ks_req *rq, ks_res *rs);

typedef struct counter {
    ks_tail      tail;
    ks_exchange *x;
    ks_pipe     *in;
    bool         woken;
} counter;

static void count_pump(void *arg)
{
    counter *c = arg;
    char     part[8 * 1024];
    for (size_t n; (n = ks_pipe_read(c->in, part, sizeof part)) > 0;)
        counted += n;
    if ((ks_pipe_ended(c->in) || ks_pipe_broken(c->in)) && !c->woken) {
        c->woken = true;
        ks_exchange_wake(c->x);
    }
}

static void count_start(ks_tail *t, ks_exchange *x)
{
    counter *c = (counter *)t;
    c->x = x;
    ks_pipe_on_data(c->in, count_pump, c);
    count_pump(c);
}

static ks_status count_finish(ks_tail *t, ks_ctx *cx, const ks_req *rq, ks_res *rs)
{
    (void)rq;
    ks_pipe_on_data(((counter *)t)->in, NULL, NULL);
    return ks_res_fixed(cx, rs, 200, "text/plain", ks_fmt(cx, "%zu", (size_t)counted));
}

static ks_status count_upload(ks_ctx *cx, const ks_req *rq, ks_res *rs)
{
    counter *c = ks_zalloc(cx, sizeof *c);
    if (c == NULL)
        return KS_NO_MEMORY;
    counted = 0;
    *c = (counter){.tail = {.start = count_start, .finish = count_finish}, .in = rq->body_pipe};
    rs->tail = &c->tail;
    return KS_OK;
}

static ks_status echo_upload(ks_ctx *cx, const ks_req *rq, ks_res *rs)
{
    echo *e = ks_zalloc(cx, sizeof *e);
    if (e == NULL || rq->body_pipe == NULL)
        return ks_fail(cx, KS_INVALID, NULL, "Send a body.");
    *e = (echo){.in = ks_pipe_ref(rq->body_pipe), .out = ks_pipe_new()};
    if (e->out == NULL || !ks_arena_defer(cx->arena, echo_end, e))
        return ks_no_memory(cx);
    ks_pipe_on_data(e->in, pump, e);
    ks_pipe_on_space(e->out, pump, e);
    rs->status = 200;
    rs->content_type = KS_S("application/octet-stream");
    rs->stream = e->out;
    rs->stream_size = rq->body_size;
    return KS_OK;
}

/* A download of `size` bytes, written when there is space. */
_Atomic size_t rig_most_held;

typedef struct source {
    ks_pipe *out;
    size_t   left;
} source;

static void fill(void *arg)
{
    source *s = arg;
    char    part[16 * 1024];
    memset(part, 'x', sizeof part);
    while (s->left > 0 && ks_pipe_write(s->out, part, s->left < sizeof part ? s->left : sizeof part))
        s->left -= s->left < sizeof part ? s->left : sizeof part;
    if (ks_pipe_held(s->out) > rig_most_held)
        rig_most_held = ks_pipe_held(s->out);
    if (s->left == 0)
        ks_pipe_close(s->out);
}

static void source_end(void *arg)
{
    source *s = arg;
    ks_pipe_on_space(s->out, NULL, NULL);
    ks_pipe_unref(s->out);
}

static ks_status download(ks_ctx *cx, const ks_req *rq, ks_res *rs)
{
    source  *s = ks_zalloc(cx, sizeof *s);
    uint64_t n = 0;
    if (s == NULL || !ks_str_u64(ks_req_query(cx, rq, "n"), &n))
        return ks_fail(cx, KS_INVALID, "n", "must be a number");
    *s = (source){.out = ks_pipe_new(), .left = n};
    if (s->out == NULL || !ks_arena_defer(cx->arena, source_end, s))
        return ks_no_memory(cx);
    rig_most_held = 0;
    ks_pipe_on_space(s->out, fill, s);
    fill(s);
    rs->status = 200;
    rs->stream = s->out;
    rs->stream_size = -1;
    return KS_OK;
}

static const ks_route routes[] = {
    {"GET", "/hello", 0, hello, KS_VIEW_NATIVE, KS_PUBLIC, ""},
    {"GET", "/v1/hello", 0, hello, KS_VIEW_V1, KS_PUBLIC, ""},
    {"POST", "/size", 0, size, KS_VIEW_NATIVE, KS_PUBLIC, ""},
    {"POST", "/worker", 0, size, KS_VIEW_NATIVE, KS_PUBLIC | KS_WORKER, ""},
    {"POST", "/drop", 0, size, KS_VIEW_V1, KS_PUBLIC | KS_NO_BODY, ""},
    {"GET", "/items/{id}", 0, item, KS_VIEW_NATIVE, KS_PUBLIC, ""},
    {"POST", "/parked", 0, parked, KS_VIEW_NATIVE, KS_PUBLIC, ""},
    {"GET", "/parked", 0, parked, KS_VIEW_NATIVE, KS_PUBLIC, ""},
    {"GET", "/held", 0, held_route, KS_VIEW_NATIVE, KS_PUBLIC, ""},
    {"POST", "/count", 0, count_upload, KS_VIEW_NATIVE, KS_PUBLIC | KS_STREAM, ""},
    {"POST", "/ignore", 0, hello, KS_VIEW_NATIVE, KS_PUBLIC | KS_STREAM, ""},
    {"POST", "/echo", 0, echo_upload, KS_VIEW_NATIVE, KS_PUBLIC | KS_STREAM, ""},
    {"GET", "/download", 0, download, KS_VIEW_NATIVE, KS_PUBLIC | KS_STREAM, ""},
    {"GET", "/local", 0, hello, KS_VIEW_NATIVE, KS_LOCAL, ""},
    {0}};
const ks_route *const rig_tables[] = {routes, NULL};
