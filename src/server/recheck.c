/* server/recheck.c — see recheck.h. The check is an exchange like any other, that came by no socket, so it
 * ends in the same tails as a request does. */
#include "server/recheck.h"

#include "base/ids.h"

#define IDLE_MS 10000 /* nothing was due */
#define NEXT_MS 100   /* something was: at most ten checks a second */

static void look(void *arg);

static void plan(ks_recheck *r, int64_t ms)
{
    uint16_t jitter; /* several servers on one machine must not march in step */
    ks_random(&jitter, sizeof jitter);
    r->timer.fn = look;
    r->timer.arg = r;
    if (!r->stopping)
        ks_timer_set(r->app.loop, &r->timer, ms + jitter % (ms / 4 + 1)); /* no memory: checks pause */
}

static bool was_due(const ks_res *rs)
{
    return rs->status == 200 && ks_str_eq(rs->fixed, KS_S("{\"checked\":1}"));
}

static void end(void *arg)
{
    ks_recheck *r = arg;
    int64_t     wait = was_due(&r->x.rs) ? NEXT_MS : IDLE_MS;
    ks_exchange_end(&r->x, 0);
    r->busy = false;
    plan(r, wait);
}

static void on_done(ks_exchange *x, void *arg)
{
    ks_recheck *r = arg;
    (void)x;
    r->end = (ks_post){.fn = end, .arg = r};
    ks_loop_post(r->app.loop, &r->end);
}

static void look(void *arg)
{
    ks_recheck *r = arg;
    if (r->stopping)
        return;
    if (!ks_exchange_begin(&r->x, &r->app, r->arena, on_done, r)) {
        plan(r, IDLE_MS);
        return;
    }
    r->busy = true;
    r->x.rq.method = KS_S("POST");
    r->x.rq.path = KS_S("/ks/admin/recheck");
    r->x.rq.peer = KS_S("");
    r->x.rq.local = true;
    if (ks_exchange_headers(&r->x) == KS_OK)
        ks_exchange_run(&r->x);
    else
        on_done(&r->x, r);
}

ks_status ks_recheck_start(ks_ctx *cx, ks_recheck *r, const ks_http_app *app)
{
    r->arena = ks_arena_new(KS_ARENA_MAX);
    if (r->arena == NULL)
        return ks_no_memory(cx);
    r->app = *app;
    r->app.access_log = false;
    r->app.metrics = NULL;
    plan(r, IDLE_MS / 4);
    return KS_OK;
}

void ks_recheck_stop(ks_recheck *r)
{
    r->stopping = true;
    if (r->app.loop != NULL)
        ks_timer_clear(r->app.loop, &r->timer);
}

bool ks_recheck_busy(const ks_recheck *r)
{
    return r->busy;
}

void ks_recheck_done(ks_recheck *r)
{
    ks_arena_free(r->arena);
    r->arena = NULL;
}
