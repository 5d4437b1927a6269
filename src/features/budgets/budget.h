/* features/budgets/budget.h — how many calls a project, an integration, and each connection of an integration
 * may make: the settings, and the charge when a call is admitted. What has been used is in budget_count.h.
 * Knows nothing of vendors' own limits (upstream/again.c). docs/limits.md. Threads: as the handler. */
#pragma once
#include "base/json.h"
#include "features/budgets/budget_count.h"
#include "features/env.h"
#include "store/store.h"

#define KS_BUDGET_MOST INT64_C(1000000000) /* calls; larger numbers are refused */

typedef struct ks_budget {
    ks_rate all;  /* calls of the owner together */
    ks_rate each; /* of each of its connections */
} ks_budget;

/* The budget of an owner of the calling project: an integration's id, or the project's own id; no limits when
 * nothing was set. From the row cache where there is one.  STORE  NO_MEMORY */
KS_MUST ks_status ks_budget_get(ks_ctx *cx, ks_str owner, ks_budget *out);

/* Add to `change` what sets it, with its audit record.  NO_MEMORY */
KS_MUST ks_status ks_budget_put(ks_ctx *cx, ks_change *change, ks_str owner, const ks_budget *b);

/* Set it, with its audit record, and wait for the commit: for the command line.  STORE  NO_MEMORY */
KS_MUST ks_status ks_budget_set(ks_ctx *cx, ks_str owner, const ks_budget *b);

/* Add to `change` what takes it away, when there is one: its owner ends with the same change.  NO_MEMORY */
KS_MUST ks_status ks_budget_drop(ks_ctx *cx, ks_change *change, ks_str owner);

/* Take over into *b the members that `body`, a JSON object, names: `calls`, and `each_connection` where there
 * is `each`.  INVALID naming the member.  NO_MEMORY */
KS_MUST ks_status ks_budget_read(ks_ctx *cx, const ks_json *body, bool each, ks_budget *b);

/* As JSON: the same members, and what was `used` of them. */
void ks_budget_write(ks_jw *w, const ks_budget *b, bool each, const int64_t used[KS_BUDGET_WINDOWS]);

/* A call of the calling project is about to be sent. `integration` and `connection` absent: all credentials
 * came with it. RATE (code budget_exceeded, with the time it begins anew) when something is used up, and then
 * nothing is charged. BUSY when there is no room to count. */
KS_MUST ks_status ks_budget_take(ks_ctx *cx, ks_str integration, ks_str connection);
