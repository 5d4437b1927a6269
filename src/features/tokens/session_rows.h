/* features/tokens/session_rows.h — the only SQL of sessions. Used by session.c alone. They are found by
 * digest before the project is known (rule K2). */
#pragma once
#include "features/tokens/session.h"

/* A session that has been signed in, with its API key's state. */
typedef struct ks_session_row {
    ks_session s;
    ks_str     digest;
    unsigned   key_scopes;
    bool       key_bad; /* revoked, frozen or over */
    bool       read_only;
} ks_session_row;

/* The signed-in session with this digest.  STORE  NO_MEMORY */
KS_MUST ks_status ks_session_row_get(ks_ctx *cx, ks_str digest, ks_session_row *out, bool *found);
/* Id and project of the session that an unused code with this digest begins; absent when there is none that
 * lives.  STORE  NO_MEMORY */
KS_MUST ks_status ks_session_row_code(ks_ctx *cx, ks_str code, ks_str *id, ks_str *project_id);
/* A row with a code, or with the digest of a session at once; sessions that are over go on the way. */
KS_MUST ks_status ks_session_row_add(ks_ctx *cx, ks_change *ch, const ks_session *s, ks_str code,
                                     ks_str digest);
/* The row of the code becomes a session. */
KS_MUST ks_status ks_session_row_redeem(ks_ctx *cx, ks_change *ch, ks_str code, ks_str digest,
                                        int64_t expires_at);
/* Sessions of the project of this call that are signed in and not over. */
KS_MUST ks_status ks_session_row_count(ks_ctx *cx, int64_t *n);
/* None of its sessions and codes is there any more. */
KS_MUST ks_status ks_session_row_drop_all(ks_ctx *cx, ks_change *ch);
/* It was used now; it looks at this project; it is over. */
KS_MUST ks_status ks_session_row_seen(ks_ctx *cx, ks_change *ch, ks_str id);
KS_MUST ks_status ks_session_row_project(ks_ctx *cx, ks_change *ch, ks_str id, ks_str project_id);
KS_MUST ks_status ks_session_row_drop(ks_ctx *cx, ks_change *ch, ks_str id);
