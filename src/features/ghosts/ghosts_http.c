/* features/ghosts/ghosts_http.c — the ghosts on their own loopback listener: every path and method is theirs.
 * Knows no key of ours, and of a project only its apps. Threads: the loop's. */
#include "base/ids.h"
#include "features/apps/view.h"
#include "features/env.h"
#include "features/ghosts/ghost.h"
#include "features/routes.h"
#include "http/reply.h"

/* A slow vendor: the answer is ready, and leaves when the timer says so. */
typedef struct nap {
    ks_tail      tail;
    ks_timer     timer;
    ks_exchange *x;
} nap;

static void wake_up(void *arg)
{
    nap *n = arg;
    ks_exchange_wake(n->x);
}

static void fall_asleep(ks_tail *t, ks_exchange *x)
{
    nap *n = (nap *)t; /* first member */
    n->x = x;
    n->timer = (ks_timer){.fn = wake_up, .arg = n};
    if (!ks_timer_set(x->app->loop, &n->timer, KS_GHOST_SLOW_MS))
        ks_exchange_wake(x);
}

static ks_status get_up(ks_tail *t, ks_ctx *cx, const ks_req *rq, ks_res *rs)
{
    (void)t;
    (void)cx;
    (void)rq;
    rs->tail = NULL;
    return KS_OK;
}

static ks_status answer(ks_ctx *cx, const ks_req *rq, ks_res *rs)
{
    ks_ghost_answer    a;
    const ks_ghost_ask ask = {.name = ks_req_header(rq, "ks-ghost"),
                              .method = rq->method,
                              .path = rq->path,
                              .raw_path = rq->raw_path,
                              .query = rq->query,
                              .headers = rq->headers,
                              .headers_n = rq->headers_n,
                              .body = rq->body};
    ks_str             project = ks_req_header(rq, "ks-ghost-project");
    if (ks_id_valid(project, KS_ID_PROJECT))
        cx->project_id = project; /* whose own apps are meant; nothing else is looked at */
    KS_TRY(ks_ghost_judge(cx, ks_catalog_of(cx), &ask, &a));
    KS_TRY(ks_res_fixed(cx, rs, a.status, "application/json", a.body));
    if (a.challenge.n > 0)
        KS_TRY(ks_res_header(cx, rs, "WWW-Authenticate", a.challenge));
    if (!a.slow)
        return KS_OK;
    nap *n = ks_zalloc(cx, sizeof *n);
    if (n == NULL)
        return KS_NO_MEMORY;
    n->tail = (ks_tail){.start = fall_asleep, .finish = get_up};
    rs->tail = &n->tail;
    return KS_OK;
}

#define GHOST(method)                                                                                        \
    {                                                                                                        \
        method, "/{rest...}", 0, answer, KS_VIEW_NATIVE, KS_PUBLIC, "a simulated vendor"                     \
    }
const ks_route ks_ghost_routes[] = {
    GHOST("GET"), GHOST("POST"), GHOST("PUT"), GHOST("PATCH"), GHOST("DELETE"), GHOST("HEAD"), {0},
};
