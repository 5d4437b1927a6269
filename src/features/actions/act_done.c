/* features/actions/act_done.c — what an act leaves behind: its record of use, the count of 401s in a row, and
 * its answer for an Idempotency-Key, in one change. A 401 may have reasons of its own, so only a refusal by
 * the app's trusted check moves a connection to EXPIRED, and that check starts after two 401s in a row
 * (docs/api.md CON-14). Rules A2, D3. Threads: as the handler. */
#include "features/actions/act.h"
#include "features/replay.h"

#define EXPIRE_AFTER 2

/* After the check that a second 401 started: the caller gets the vendor's answer, encoded before. */
static ks_status keep_reply(ks_ctx *cx, ks_res *rs, const ks_connect *in, const ks_connection *made)
{
    (void)cx, (void)rs, (void)in, (void)made;
    return KS_OK;
}

/* What the count of 401s in a row is after this answer. */
static int64_t failures_after(const ks_act *act, const ks_answer *a, bool expired)
{
    bool unauthorized = expired || (a->outcome == KS_UP_ANSWERED && a->status == 401);
    return unauthorized ? act->connection.failures + 1 : 0;
}

static ks_status count_add(ks_ctx *cx, ks_change *change, const ks_act *act, int64_t failures)
{
    if (!act->connected || failures == act->connection.failures)
        return KS_OK;
    return ks_connection_failures_add(cx, change, act->connection.id, failures);
}

/* The use is written down: ask the vendor's check. When no check can be made the count says so, and the
 * vendor's answer stands. */
static ks_status check(ks_ctx *cx, const ks_req *rq, ks_res *rs, void *arg)
{
    const ks_act *act = arg;
    ks_change    *change;
    if (ks_connection_verify(cx, rq, rs, &act->connection, keep_reply) == KS_OK)
        return KS_OK;
    cx->err = (ks_err){0};
    KS_TRY(ks_change_new(cx, &change));
    return ks_res_commit_built(cx, rq, rs, change, count_add(cx, change, act, act->connection.failures + 1));
}

static ks_status built(ks_ctx *cx, const ks_req *rq, const ks_res *rs, const ks_act *act, int64_t failures,
                       ks_change *change)
{
    KS_TRY(count_add(cx, change, act, failures));
    if (act->file != NULL)
        KS_TRY(ks_file_keep_add(cx, change, act->file));
    return ks_replay_acts(rq) ? ks_replay_done_add(cx, rq, rs, change) : KS_OK;
}

ks_status ks_act_done(ks_ctx *cx, const ks_req *rq, ks_res *rs, ks_act *act, const ks_answer *a, bool expired)
{
    ks_change  *change;
    int64_t     failures = failures_after(act, a, expired);
    bool        due = act->connected && failures >= EXPIRE_AFTER && act->credential.scheme->check.method.p;
    const char *result = a->outcome != KS_UP_ANSWERED ? "unreached" : a->status < 400 ? "ok" : "refused";
    KS_TRY(ks_act_use(cx, act, a, result, &change));
    ks_status st = built(cx, rq, rs, act, due ? act->connection.failures : failures, change);
    if (st != KS_OK) {
        ks_change_free(change);
        return st;
    }
    /* A new 401 is committed before the answer leaves, so that the next one finds it. */
    bool wait = cx->env->settings->strict_uses || ks_replay_acts(rq) || act->file != NULL ||
                (act->connected && failures > 0);
    if (due)
        return ks_res_commit_then(cx, rs, change, check, act);
    return wait ? ks_res_commit(cx, rq, rs, change) : ks_store_note(cx, cx->env->store, change);
}
