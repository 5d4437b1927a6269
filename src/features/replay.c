/* features/replay.c — answers kept for a day under the caller's Idempotency-Key (rule D3). Does not keep what
 * a vendor answered. Threads: as the handler. */
#include "features/replay.h"

#include "features/env.h"

/* The caller's Idempotency-Key, on routes that change something of ours; elsewhere absent. Acting is left
 * out: a vendor's answer must not come to lie in the store; so are answers that show a token this once. */
static ks_str idempotency_key(const ks_req *rq)
{
    const ks_route *r = rq->route;
    bool            reads = ks_str_eq(rq->method, KS_S("GET")) || ks_str_eq(rq->method, KS_S("HEAD"));
    if (reads || (r->flags & (KS_PUBLIC | KS_LOCAL | KS_ONCE)) || (r->scope & KS_SCOPE_ACT))
        return KS_NO_STR;
    return ks_req_header(rq, "idempotency-key");
}

/* What makes two requests the same: method, path and body, hashed with a key of ours. */
static void request_hash(const ks_ctx *cx, const ks_req *rq, unsigned char out[KS_MAC_LEN])
{
    const ks_str parts[] = {cx->project_id, rq->method, rq->path, rq->query, rq->body};
    ks_mac(cx->env->keys, KS_FOR_IDEMPOTENCY, parts, KS_COUNT(parts), out);
}

static const ks_sql remember_answer = {
    "INSERT INTO idempotency(project_id, key, request, status, answer, created_at) VALUES($1, $2, $3, $4, "
    "$5, $6) "
    "ON CONFLICT(project_id, key) DO UPDATE SET request = excluded.request, status = excluded.status, "
    "answer = excluded.answer, created_at = excluded.created_at WHERE idempotency.created_at < $7"};

#define DAY_US INT64_C(86400000000)

ks_status ks_replay_keep(ks_ctx *cx, const ks_req *rq, const ks_res *rs, ks_change *change)
{
    unsigned char hash[KS_MAC_LEN];
    ks_guard      guard = {1, KS_CONFLICT, "idempotency_key_in_use", "idempotency-key",
                           "A request with this Idempotency-Key is being handled. Repeat it in a moment."};
    if (idempotency_key(rq).n == 0)
        return KS_OK;
    request_hash(cx, rq, hash);
    return ks_change_add(cx, change, &remember_answer,
                         KS_VALS(KS_V(cx->project_id), KS_V(idempotency_key(rq)),
                                 KS_VB(((ks_str){(const char *)hash, sizeof hash})), KS_VI(rs->status),
                                 KS_V(rs->body ? ks_buf_view(rs->body) : rs->fixed), KS_VI(cx->now_us),
                                 KS_VI(cx->now_us - DAY_US)),
                         guard);
}

static const ks_sql find_answer = {"SELECT request, status, answer FROM idempotency WHERE project_id = $1 "
                                   "AND key = $2 AND created_at >= $3"};

ks_status ks_replay(ks_ctx *cx, const ks_req *rq, ks_res *rs, bool *replayed)
{
    unsigned char hash[KS_MAC_LEN];
    ks_str        key = idempotency_key(rq);
    ks_rows      *rows;
    bool          more;
    *replayed = false;
    if (key.n == 0)
        return KS_OK;
    if (key.n > KS_MAX_NAME)
        return ks_fail(cx, KS_INVALID, "idempotency-key", "Use at most %d bytes.", KS_MAX_NAME);
    KS_TRY(ks_query(cx, cx->env->reader, &find_answer,
                    KS_VALS(KS_V(cx->project_id), KS_V(key), KS_VI(cx->now_us - DAY_US)), &rows));
    KS_TRY(ks_rows_next(rows, &more));
    if (!more)
        return KS_OK;
    ks_str was = ks_row_str(rows, 0), answer = ks_row_str(rows, 2);
    int    status = (int)ks_row_int(rows, 1);
    ks_rows_close(rows);
    request_hash(cx, rq, hash);
    if (was.n != sizeof hash || !ks_same(was.p, hash, sizeof hash))
        return ks_fail_code(cx, KS_CONFLICT, "idempotency_key_reused", "idempotency-key",
                            "This Idempotency-Key was used with another request. Use a fresh one.");
    *replayed = true;
    KS_TRY(ks_res_fixed(cx, rs, status, "application/json", answer));
    return ks_res_header(cx, rs, "idempotency-replayed", KS_S("true"));
}
