/* features/integrations/integration_rows.h — the only SQL of integrations. Every statement filters by project
 * (rule T7). */
#pragma once
#include "features/integrations/integration.h"

/* The failure for a row that is not there, looked for or changed: code, field, message. */
#define KS_NO_INTEGRATION                                                                                    \
    "integration_not_found", "integrationId", "There is no integration with this id. List them, or make one."

/* *found false: no such row in this project. */
KS_MUST ks_status ks_integration_row_get(ks_ctx *cx, ks_str id, ks_integration *out, bool *found);
/* The newest enabled one of this app and scheme that holds no values of its own; *found as above. */
KS_MUST ks_status ks_integration_row_find(ks_ctx *cx, ks_str app, ks_str scheme, ks_integration *out,
                                          bool *found);
/* A page (offset, limit) of the integrations that pass the filter; *total without the page. */
KS_MUST ks_status ks_integration_rows(ks_ctx *cx, const ks_integration_filter *f, ks_integration **out,
                                      size_t *n, int64_t *total);
/* How many connections it has. */
KS_MUST ks_status ks_integration_row_uses(ks_ctx *cx, ks_str id, int64_t *n);
/* When one of them was used last; 0: never. */
KS_MUST ks_status ks_integration_row_used(ks_ctx *cx, ks_str id, int64_t *used_at);
/* A new row, appended to the change. */
KS_MUST ks_status ks_integration_row_put(ks_ctx *cx, ks_change *c, const ks_integration *in);
/* Replaces the row of the same id and version; CONFLICT when it changed meanwhile. */
KS_MUST ks_status ks_integration_row_update(ks_ctx *cx, ks_change *c, const ks_integration *in,
                                            uint64_t old_version);
/* The row goes, and its connections with it. The change fails with NOT_FOUND when there is none. */
KS_MUST ks_status ks_integration_row_delete(ks_ctx *cx, ks_change *c, ks_str id);
