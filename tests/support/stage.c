/* tests/support/stage.c — see world.h. */
#include "tests/support/stage.h"

#include "base/alloc.h"
#include "base/time.h"

#define PATIENCE_US 10000000

ks_stage *stage_new(const ks_route *const *tables)
{
    ks_stage *w = ks_calloc(1, sizeof *w);
    if (w == NULL)
        return NULL;
    w->loop = ks_loop_new();
    w->arena = ks_arena_new(KS_ARENA_MAX);
    w->body = ks_buf_new(64 * 1024 * 1024);
    w->text = ks_buf_new(4 * 1024 * 1024);
    w->peer = KS_S("127.0.0.1");
    w->app = (ks_http_app){.routes = tables, .loop = w->loop, .metrics = &w->metrics};
    if (w->loop != NULL && w->arena != NULL)
        return w;
    stage_free(w);
    return NULL;
}

static void end_call(ks_stage *w)
{
    if (w->x.app != NULL && !w->x.ended)
        ks_exchange_end(&w->x, (int64_t)w->body.n);
    while (w->x.app != NULL && !w->gone)
        ks_loop_turn(w->loop, 100);
    w->x.app = NULL;
    ks_buf_clear(&w->body);
    ks_buf_clear(&w->text);
}

void stage_free(ks_stage *w)
{
    if (w == NULL)
        return;
    end_call(w);
    ks_loop_free(w->loop);
    ks_arena_free(w->arena);
    ks_buf_done(&w->body);
    ks_buf_done(&w->text);
    ks_free(w);
}

static void on_done(ks_exchange *x, void *arg)
{
    ks_stage *w = arg;
    (void)x;
    w->done = true;
}

static void on_gone(ks_exchange *x, void *arg)
{
    ks_stage *w = arg;
    (void)x;
    w->gone = true;
}

/* `text` as a view of w->text, which has room for all of a call from the start. */
static ks_str keep(ks_stage *w, const char *text)
{
    size_t at = w->text.n;
    ks_buf_z(&w->text, text);
    return ks_str_sub(ks_buf_view(&w->text), at, SIZE_MAX);
}

static void describe(ks_stage *w, const char *method, const char *target, const char *headers,
                     const char *body)
{
    ks_req *rq = &w->x.rq;
    ks_str  line;
    if (ks_buf_reserve(&w->text, 1024 + strlen(target) + strlen(headers) + strlen(body)) == NULL)
        return;
    ks_str whole = keep(w, target), lines = keep(w, headers);
    size_t mark = ks_str_chr(whole, '?');
    rq->method = keep(w, method);
    rq->path = ks_str_sub(whole, 0, mark);
    rq->query = mark == SIZE_MAX ? KS_S("") : ks_str_sub(whole, mark + 1, SIZE_MAX);
    rq->body = keep(w, body);
    rq->body_size = (int64_t)rq->body.n;
    rq->peer = w->peer;
    rq->local = w->local;
    rq->headers = w->headers;
    while (ks_str_cut(&lines, '\n', &line) && rq->headers_n < KS_COUNT(w->headers)) {
        size_t colon = ks_str_chr(line, ':');
        w->headers[rq->headers_n++] = (ks_req_pair){ks_str_sub(line, 0, colon),
                                                    ks_str_trim(ks_str_sub(line, colon + 1, SIZE_MAX), " ")};
    }
}

/* Turn until the answer is there, and a streamed body has come to its end. */
static bool finish(ks_stage *w)
{
    int64_t until = ks_mono_us() + PATIENCE_US;
    char    part[4096];
    while (!w->done && ks_mono_us() < until)
        ks_loop_turn(w->loop, 100);
    ks_pipe *p = w->done ? w->x.rs.stream : NULL;
    while (p != NULL && !ks_pipe_ended(p) && !ks_pipe_broken(p) && ks_mono_us() < until) {
        size_t n = ks_pipe_read(p, part, sizeof part);
        ks_buf_put(&w->body, part, n);
        if (n == 0)
            ks_loop_turn(w->loop, 10);
    }
    return w->done;
}

int stage_call(ks_stage *w, const char *method, const char *target, const char *headers, const char *body)
{
    end_call(w);
    w->done = w->gone = false;
    w->status = 0;
    if (!ks_exchange_begin(&w->x, &w->app, w->arena, on_done, w))
        return 0;
    w->x.on_gone = on_gone;
    describe(w, method, target, headers ? headers : "", body ? body : "");
    if (ks_exchange_headers(&w->x) == KS_OK)
        ks_exchange_run(&w->x);
    else
        w->done = true;
    if (!finish(w))
        return 0;
    if (w->x.rs.body != NULL)
        ks_buf_str(&w->body, ks_buf_view(w->x.rs.body));
    ks_buf_str(&w->body, w->x.rs.fixed);
    w->status = w->x.rs.status;
    return w->status;
}

ks_str stage_header(const ks_stage *w, const char *name)
{
    for (size_t i = 0; i < w->x.rs.headers_n; i++)
        if (ks_str_ieq(w->x.rs.headers[i].name, ks_str_of(name)))
            return w->x.rs.headers[i].value;
    return KS_NO_STR;
}

bool stage_says(const ks_stage *w, const char *text)
{
    return ks_str_find(ks_buf_view(&w->body), ks_str_of(text)) != SIZE_MAX;
}
