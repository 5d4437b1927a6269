/* features/replay.h — a request that is repeated with its Idempotency-Key is answered as before (rule D3).
 * Threads: as the handler. */
#pragma once
#include "http/reply.h"
#include "store/store.h"

/* If the request carries an Idempotency-Key that was used within 24 h: the stored answer goes into rs and
 * *replayed is true; the same key with another request is CONFLICT. The hook of ks_http_app: it runs before
 * every handler. Reads and acting are left alone: what a vendor answered is never kept. */
KS_MUST ks_status ks_replay(ks_ctx *cx, const ks_req *rq, ks_res *rs, bool *replayed);

/* Keep the answer in `rs` in the transaction of `change`, when the request carries a key. It fails with
 * CONFLICT when another request with that key is committed first. NO_MEMORY */
KS_MUST ks_status ks_replay_keep(ks_ctx *cx, const ks_req *rq, const ks_res *rs, ks_change *change);
