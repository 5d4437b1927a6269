/* features/audit/audit.h — the audit trail as a project sees it, and the keys that chain it (rules A1-A3).
 * The records themselves are written by the store in the transaction of the change; this reads them. Threads:
 * the caller's. */
#pragma once
#include "crypto/keyring.h"
#include "features/env.h"

typedef struct ks_audit_row {
    int64_t seq, time; /* time in us since the Unix epoch */
    ks_str  actor, action, object, result, request_id;
} ks_audit_row;

/* The newest signed head: whoever keeps it can prove later that nothing before it was cut off. */
typedef struct ks_audit_head {
    int64_t seq, time; /* seq 0: nothing has been signed yet */
    ks_str  mac, sig;  /* raw bytes */
} ks_audit_head;

/* Functions by which the store chains and signs. `holder` points at the keyring, which must be there before
 * the store is opened, and outlive it. */
ks_chain ks_audit_chain(ks_keyring *const *holder);

/* Records of cx->project_id, newest first, with seq below `before` (0: from the end), at most `max`. STORE.
 */
KS_MUST ks_status ks_audit_list(ks_ctx *cx, int64_t before, size_t max, ks_audit_row **out, size_t *n);

/* What to page through, newest first. Absent members do not filter; they are matched record by record. */
typedef struct ks_audit_look {
    ks_str  actor, action;
    ks_str  object; /* of a use: the connection's id is enough */
    int64_t behind; /* begin behind the record with this seq; 0: at the newest */
    bool    newer;  /* go towards the newer ones; what is found is newest first all the same */
    size_t  limit;
} ks_audit_look;

/* One page; *more: there are others in this direction.  STORE  NO_MEMORY */
KS_MUST ks_status ks_audit_page(ks_ctx *cx, const ks_audit_look *look, ks_audit_row **out, size_t *n,
                                bool *more);

/* STORE. */
KS_MUST ks_status ks_audit_head_get(ks_ctx *cx, ks_audit_head *out);

/* Check the whole chain, of all projects (rule A3). OK: *count records, all sound. CONFLICT: the message
 * names the first seq that was changed, dropped, inserted, swapped or cut. STORE. */
KS_MUST ks_status ks_audit_check(ks_ctx *cx, int64_t *count);
