/* features/replay.h — a request that is repeated with its Idempotency-Key is answered as before (rule D3).
 * Threads: as the handler. */
#pragma once
#include "http/reply.h"
#include "store/store.h"

/* If the request carries an Idempotency-Key that was used within 24 h: the stored answer goes into rs and
 * *replayed is true; the same key with another request is CONFLICT. The hook of ks_http_app: it runs before
 * every handler. Reads and streamed calls are left alone. An act (KS_ACTS) that was begun and whose answer is
 * not known is CONFLICT: idempotency_key_in_use while it may still be under way, outcome_unknown after that,
 * answer_not_kept when it was too large to keep. */
KS_MUST ks_status ks_replay(ks_ctx *cx, const ks_req *rq, ks_res *rs, bool *replayed);

/* Keep the answer in `rs` in the transaction of `change`, when the request carries a key. It fails with
 * CONFLICT when another request with that key is committed first. NO_MEMORY */
KS_MUST ks_status ks_replay_keep(ks_ctx *cx, const ks_req *rq, const ks_res *rs, ks_change *change);

/* ---- acts, whose answers are a vendor's: kept sealed with the project's key ---- */

/* Does this request act under an Idempotency-Key? */
bool ks_replay_acts(const ks_req *rq);
/* Add to `change`: the act begins. It fails with CONFLICT when it was begun already. NO_MEMORY */
KS_MUST ks_status ks_replay_begin_add(ks_ctx *cx, const ks_req *rq, ks_change *change);
/* Add to `change`: it is done, and `rs` is the answer; too large a one is not kept. NO_MEMORY  INTERNAL */
KS_MUST ks_status ks_replay_done_add(ks_ctx *cx, const ks_req *rq, const ks_res *rs, ks_change *change);
/* Nothing was sent: the key may be used again. Best effort; without it the key counts as begun. */
void ks_replay_forget(ks_ctx *cx, const ks_req *rq);
