/* features/tails.h — how a handler ends when the answer must wait: for a commit, or for a vendor. This is
 * where http/, store/ and upstream/ meet; plain functions downwards, no other callbacks. Threads: as the
 * handler. */
#pragma once
#include "http/reply.h"
#include "store/store.h"
#include "upstream/call.h"
#include "upstream/database.h"

/* Queue `change` (taken) and let the answer already in `rs` leave after COMMIT. With an Idempotency-Key
 * header the answer is stored in the same transaction (rule D3). Use as: return ks_res_commit(cx, rq, rs,
 * change); */
KS_MUST ks_status ks_res_commit(ks_ctx *cx, const ks_req *rq, ks_res *rs, ks_change *change);

/* Queue `change` (taken) and go on with `next`, a plain function again, once it is durable; nothing is
 * answered yet. `arg` is the handler's own, in the arena. */
typedef ks_status (*ks_next)(ks_ctx *cx, const ks_req *rq, ks_res *rs, void *arg);
KS_MUST ks_status ks_res_commit_then(ks_ctx *cx, ks_res *rs, ks_change *change, ks_next next, void *arg);

/* As ks_res_commit, for a change that was just built: with `built` not KS_OK the change is freed and that
 * status returned. Use as return ks_res_commit_built(cx, rq, rs, change, ks_thing_add(cx, change, ...)); */
KS_MUST ks_status ks_res_commit_built(ks_ctx *cx, const ks_req *rq, ks_res *rs, ks_change *change,
                                      ks_status built);

/* After the vendor's answer: fill in the reply, or end in ks_res_commit or another ks_res_upstream. `arg` is
 * the handler's own, in the arena. */
typedef ks_status (*ks_finish)(ks_ctx *cx, const ks_req *rq, ks_res *rs, const ks_answer *a, void *arg);

/* Send `call` (in the arena) and go on with `finish`. */
KS_MUST ks_status ks_res_upstream(ks_ctx *cx, ks_res *rs, const ks_call *call, ks_finish finish, void *arg);

/* The same for a call that somebody waits for: it ends when they leave (`finish` gets KS_UP_LEFT), and their
 * header ks-max-wait says how many seconds it may wait for a vendor that asks for it. */
KS_MUST ks_status ks_res_acted(ks_ctx *cx, ks_res *rs, ks_call *call, ks_finish finish, void *arg);

/* Run `call` (in the arena) in its database and go on with `finish`. A caller who leaves has it cancelled
 * there. */
KS_MUST ks_status ks_res_database(ks_ctx *cx, ks_res *rs, const ks_db_call *call, ks_finish finish,
                                  void *arg);

/* The same, its rows as lines while they come: `finish` runs at the first of them with a 200, and rs->stream
 * is set then; or with the answer that says why none came. A caller who stops reading has the statement
 * cancelled, too. */
KS_MUST ks_status ks_res_database_stream(ks_ctx *cx, ks_res *rs, const ks_db_call *call, ks_finish finish,
                                         void *arg);

/* Go on with `next`, a plain function again, on a worker: what takes long after an answer has come. BUSY when
 * the workers have too much to do. */
KS_MUST ks_status ks_res_worker(ks_ctx *cx, ks_res *rs, ks_next next, void *arg);

/* Send `call` and pass the vendor's status, headers and body straight through as the answer (/ks/call).
 * `finish` runs when there is no answer to pass (it then makes the error), and may be NULL. */
KS_MUST ks_status ks_res_passthrough(ks_ctx *cx, ks_res *rs, ks_call *call, ks_finish finish, void *arg);

/* For a call just set to be passed through: `refused` hears of it, with the same `arg`, when the vendor's
 * answer that is passed on is a 401. */
void ks_res_on_401(ks_res *rs, void (*refused)(ks_ctx *cx, void *arg));

/* Likewise: `ended` hears what became of it when all of the answer is through, or when there is none. */
void ks_res_on_end(ks_res *rs, void (*ended)(ks_ctx *cx, const ks_answer *a, void *arg));

/* The change that writes down a use of a connection (rule A2), for those who add to it. connection_id absent:
 * credentials came with the call. Freed or submitted by the caller.  NO_MEMORY */
KS_MUST ks_status ks_use_change(ks_ctx *cx, ks_str connection_id, const char *action, ks_str object,
                                const char *result, ks_change **out);

/* The same record without an answer waiting for it: before a streamed call. */
KS_MUST ks_status ks_note_use(ks_ctx *cx, ks_str connection_id, const char *action, ks_str object,
                              const char *result);
