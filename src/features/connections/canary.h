/* features/connections/canary.h — connections that nobody has a reason to use: whoever does has a key that is
 * not theirs. They look like all others to API keys; only the control socket sets, clears and lists them
 * (docs/api.md CAN-1 to CAN-3). Rules A2, S4. Threads: as the caller; functions that say "waits" not from a
 * loop. */
#pragma once
#include "features/connections/connection.h"

/* `c` was used (`how`: a literal): log it, count it, and commit the alarm record together with the freezing
 * of the key that did it; then answer as a busy server does. Nothing is sent to the vendor. Last line of a
 * handler. STORE when that cannot be committed */
KS_MUST ks_status ks_canary_trip(ks_ctx *cx, ks_res *rs, const ks_connection *c, const char *how);

/* Make the connection of this id, of any project, a canary, or none again (waits). It is not checked on a
 * schedule any more. NOT_FOUND   STORE */
KS_MUST ks_status ks_canary_set(ks_ctx *cx, ks_str id, bool on);

typedef struct ks_canary {
    ks_str id, project_id, app, entity_id;
} ks_canary;

/* All canaries of all projects, by id, at most `max`. STORE */
KS_MUST ks_status ks_canary_list(ks_ctx *cx, size_t max, ks_canary **out, size_t *n);
