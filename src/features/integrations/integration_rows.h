/* features/integrations/integration_rows.h — the only SQL of integrations. Every statement filters by project
 * (rule T7). */
#pragma once
#include "features/integrations/integration.h"

/* *found false: no such row in this project. */
KS_MUST ks_status ks_integration_row_get(ks_ctx *cx, ks_str id, ks_integration *out, bool *found);
KS_MUST ks_status ks_integration_row_find(ks_ctx *cx, ks_str app, ks_str scheme, ks_integration *out,
                                          bool *found);
KS_MUST ks_status ks_integration_rows(ks_ctx *cx, const ks_integration_filter *f, ks_integration **out,
                                      size_t *n, int64_t *total);
KS_MUST ks_status ks_integration_row_uses(ks_ctx *cx, ks_str id, int64_t *n);
KS_MUST ks_status ks_integration_row_put(ks_ctx *cx, ks_change *c, const ks_integration *in);
/* Replaces the row of the same id and version; CONFLICT when it changed meanwhile. */
KS_MUST ks_status ks_integration_row_update(ks_ctx *cx, ks_change *c, const ks_integration *in,
                                            uint64_t old_version);
KS_MUST ks_status ks_integration_row_delete(ks_ctx *cx, ks_change *c, ks_str id);
