/* features/connections/connect_v3.h — what the two files of v3's connected accounts share. Views only; the
 * rules are in connection.h. Threads: as the handler. */
#pragma once
#include "features/connections/connection.h"
#include "http/reply.h"

/* POST /connected_accounts: connect, answered with what was made. */
KS_MUST ks_status ks_v3_account_post(ks_ctx *cx, const ks_req *rq, ks_res *rs);
/* PATCH /connected_accounts/{id}: its alias; new values, checked before the swap. */
KS_MUST ks_status ks_v3_account_patch(ks_ctx *cx, const ks_req *rq, ks_res *rs);

/* {"name": masked, ..., "status"} in *out, in the arena. Values that cannot be opened (revoked, app gone) are
 * left out. NO_MEMORY */
KS_MUST ks_status ks_v3_account_val(ks_ctx *cx, const ks_connection *c, ks_str *out);
/* The member `name`: its scheme as the wire calls it, and `val`. */
void ks_v3_account_state(ks_jw *w, const char *name, const ks_connection *c, ks_str val);
