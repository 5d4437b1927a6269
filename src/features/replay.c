/* features/replay.c — answers kept for a day under the caller's Idempotency-Key (rule D3). What a vendor
 * answered is sealed; all else is our own words. Threads: as the handler. */
#include "features/replay.h"

#include "crypto/envelope.h"
#include "features/env.h"
#include "features/reach.h"

#define DAY_US       INT64_C(86400000000)
#define UNDER_WAY_US INT64_C(180000000) /* longer than any act may take: then its server has ended */

/* The caller's Idempotency-Key, on routes that change something of ours or act; elsewhere absent. Answers
 * that show a token this once are left out. */
static ks_str idempotency_key(const ks_req *rq)
{
    const ks_route *r = rq->route;
    bool            reads = ks_str_eq(rq->method, KS_S("GET")) || ks_str_eq(rq->method, KS_S("HEAD"));
    if (reads || (r->flags & (KS_PUBLIC | KS_LOCAL | KS_ONCE)))
        return KS_NO_STR;
    if ((r->scope & KS_SCOPE_ACT) && !(r->flags & KS_ACTS))
        return KS_NO_STR;
    return ks_req_header(rq, "idempotency-key");
}

bool ks_replay_acts(const ks_req *rq)
{
    return rq->route != NULL && (rq->route->flags & KS_ACTS) && idempotency_key(rq).n > 0;
}

/* What makes two requests the same: method, path, body, and the limits of the key that sends them, hashed
 * with a key of ours. */
static void request_hash(ks_ctx *cx, const ks_req *rq, unsigned char out[KS_MAC_LEN])
{
    const ks_str parts[] = {cx->project_id, rq->method, rq->path, rq->query, rq->body, ks_reach_text(cx)};
    ks_mac(cx->env->keys, KS_FOR_IDEMPOTENCY, parts, KS_COUNT(parts) - (cx->reach == NULL), out);
}

static const ks_sql remember_answer = {
    "INSERT INTO idempotency(project_id, key, request, status, answer, created_at, begun) VALUES($1, $2, $3, "
    "$4, $5, $6, $8) "
    "ON CONFLICT(project_id, key) DO UPDATE SET request = excluded.request, status = excluded.status, "
    "answer = excluded.answer, created_at = excluded.created_at, begun = excluded.begun, kek_id = NULL, "
    "alg = NULL, nonce = NULL, ct = NULL WHERE idempotency.created_at < $7"};
static const ks_guard in_use = {
    1, KS_CONFLICT, "idempotency_key_in_use", "idempotency-key",
    "A request with this Idempotency-Key is being handled. Repeat it in a moment."};

static ks_status remember(ks_ctx *cx, const ks_req *rq, int status, ks_str answer, bool begun,
                          ks_change *change)
{
    unsigned char hash[KS_MAC_LEN];
    request_hash(cx, rq, hash);
    return ks_change_add(cx, change, &remember_answer,
                         KS_VALS(KS_V(cx->project_id), KS_V(idempotency_key(rq)),
                                 KS_VB(((ks_str){(const char *)hash, sizeof hash})), KS_VI(status),
                                 KS_V(answer), KS_VI(cx->now_us), KS_VI(cx->now_us - DAY_US), KS_VI(begun)),
                         in_use);
}

ks_status ks_replay_keep(ks_ctx *cx, const ks_req *rq, const ks_res *rs, ks_change *change)
{
    if (idempotency_key(rq).n == 0 || (rq->route->flags & KS_ACTS))
        return KS_OK;
    return remember(cx, rq, rs->status, rs->body ? ks_buf_view(rs->body) : rs->fixed, false, change);
}

/* ---- acts ---- */

static const ks_sql done_answer = {
    "UPDATE idempotency SET begun = 0, status = $3, kek_id = $4, alg = $5, nonce = $6, ct = $7 "
    "WHERE project_id = $1 AND key = $2 AND begun = 1 AND created_at = $8"};
static const ks_sql forget_begun = {
    "DELETE FROM idempotency WHERE project_id = $1 AND key = $2 AND begun = 1 AND created_at = $3"};

/* The key and the request are part of the seal: an answer opens for no other. */
static ks_place place_of(const ks_ctx *cx, ks_str key, ks_str hash, int64_t created_at)
{
    return (ks_place){KS_S("idempotency"), cx->project_id, key, hash, (uint64_t)created_at};
}

ks_status ks_replay_begin_add(ks_ctx *cx, const ks_req *rq, ks_change *change)
{
    return remember(cx, rq, 0, KS_S(""), true, change);
}

ks_status ks_replay_done_add(ks_ctx *cx, const ks_req *rq, const ks_res *rs, ks_change *change)
{
    unsigned char hash[KS_MAC_LEN];
    ks_sealed     sealed = {0};
    ks_str        answer = rs->body ? ks_buf_view(rs->body) : rs->fixed, key = idempotency_key(rq);
    request_hash(cx, rq, hash);
    ks_place place = place_of(cx, key, (ks_str){(const char *)hash, sizeof hash}, cx->now_us);
    if (answer.n <= KS_MAX_KEPT_ANSWER)
        KS_TRY(ks_envelope_seal_bytes(cx, cx->env->keys, &place, answer, &sealed));
    return ks_change_add(cx, change, &done_answer,
                         KS_VALS(KS_V(cx->project_id), KS_V(key), KS_VI(rs->status), KS_V(sealed.kek_id),
                                 KS_V(sealed.alg), KS_VB(sealed.nonce), KS_VB(sealed.ct), KS_VI(cx->now_us)),
                         KS_ANY_ROWS);
}

void ks_replay_forget(ks_ctx *cx, const ks_req *rq)
{
    ks_change *change;
    if (!ks_replay_acts(rq) || ks_change_new(cx, &change) != KS_OK)
        return;
    if (ks_change_add(cx, change, &forget_begun,
                      KS_VALS(KS_V(cx->project_id), KS_V(idempotency_key(rq)), KS_VI(cx->now_us)),
                      KS_ANY_ROWS) != KS_OK) {
        ks_change_free(change);
        return;
    }
    (void)!ks_store_note(cx, cx->env->store, change);
}

/* ---- looking ---- */

static const ks_sql find_answer = {
    "SELECT request, status, answer, begun, created_at, kek_id, alg, nonce, ct FROM idempotency "
    "WHERE project_id = $1 AND key = $2 AND created_at >= $3"};

typedef struct kept {
    ks_str    request, answer;
    int       status;
    bool      begun;
    int64_t   created_at;
    ks_sealed sealed;
} kept;

static ks_status find(ks_ctx *cx, ks_str key, kept *out, bool *found)
{
    ks_rows *rows;
    KS_TRY(ks_query(cx, cx->env->reader, &find_answer,
                    KS_VALS(KS_V(cx->project_id), KS_V(key), KS_VI(cx->now_us - DAY_US)), &rows));
    KS_TRY(ks_rows_next(rows, found));
    if (!*found)
        return KS_OK;
    *out = (kept){
        .request = ks_row_str(rows, 0),
        .status = (int)ks_row_int(rows, 1),
        .answer = ks_row_str(rows, 2),
        .begun = ks_row_int(rows, 3) != 0,
        .created_at = ks_row_int(rows, 4),
        .sealed = {ks_row_str(rows, 5), ks_row_str(rows, 6), ks_row_str(rows, 7), ks_row_str(rows, 8)}};
    ks_rows_close(rows);
    return cx->starved ? ks_no_memory(cx) : KS_OK;
}

/* An act without a known answer: saying "again" could do it twice. */
static ks_status undecided(ks_ctx *cx, const kept *k)
{
    if (k->begun && cx->now_us < k->created_at + UNDER_WAY_US)
        return ks_fail_code(
            cx, KS_CONFLICT, "idempotency_key_in_use", "idempotency-key",
            "A request with this Idempotency-Key was begun and has no answer yet; it may have "
            "been carried out. Repeat it in a moment.");
    if (k->begun)
        return ks_fail_code(cx, KS_CONFLICT, "outcome_unknown", "idempotency-key",
                            "A request with this Idempotency-Key was begun and interrupted; it may have been "
                            "carried out. Look at the vendor, then use a fresh key.");
    return ks_fail_code(
        cx, KS_CONFLICT, "answer_not_kept", "idempotency-key",
        "The request with this Idempotency-Key was carried out. Its answer was too large to be "
        "kept.");
}

static ks_status open_answer(ks_ctx *cx, ks_str key, kept *k)
{
    ks_place place = place_of(cx, key, k->request, k->created_at);
    return ks_envelope_open_bytes(cx, cx->env->keys, &place, &k->sealed, &k->answer);
}

ks_status ks_replay(ks_ctx *cx, const ks_req *rq, ks_res *rs, bool *replayed)
{
    unsigned char hash[KS_MAC_LEN];
    ks_str        key = idempotency_key(rq);
    kept          k;
    bool          found;
    *replayed = false;
    if (key.n == 0)
        return KS_OK;
    if (key.n > KS_MAX_NAME)
        return ks_fail(cx, KS_INVALID, "idempotency-key", "Use at most %d bytes.", KS_MAX_NAME);
    KS_TRY(find(cx, key, &k, &found));
    if (!found)
        return KS_OK;
    request_hash(cx, rq, hash);
    if (k.request.n != sizeof hash || !ks_same(k.request.p, hash, sizeof hash))
        return ks_fail_code(cx, KS_CONFLICT, "idempotency_key_reused", "idempotency-key",
                            "This Idempotency-Key was used with another request. Use a fresh one.");
    if ((rq->route->flags & KS_ACTS) && (k.begun || k.sealed.ct.p == NULL))
        return undecided(cx, &k);
    if (k.sealed.ct.p != NULL)
        KS_TRY(open_answer(cx, key, &k));
    *replayed = true;
    KS_TRY(ks_res_fixed(cx, rs, k.status, "application/json", k.answer));
    return ks_res_header(cx, rs, "idempotency-replayed", KS_S("true"));
}
