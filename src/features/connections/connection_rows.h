/* features/connections/connection_rows.h — the only SQL of connections. Every statement filters by project
 * (rule T7), but the one that finds due checks for the server itself. */
#pragma once
#include "features/connections/connection.h"

/* The failure for a row that is not there, looked for or changed: code, field, message. */
#define KS_NO_CONNECTION                                                                                     \
    "connection_not_found", "connectedAccountId", "There is no connected account with this id."

/* Read one connection of the caller's project, or a page of them; no row is not an error here.  STORE
 * NO_MEMORY */
KS_MUST ks_status ks_connection_row_get(ks_ctx *cx, ks_str id, ks_connection *out, bool *found);
/* One page, newest first, and in *total how many there are without the page's limits. */
KS_MUST ks_status ks_connection_rows(ks_ctx *cx, const ks_connection_filter *f, ks_connection **out,
                                     size_t *n, int64_t *total);
/* ks_connection_troubled, and how many there are of a status at all. */
KS_MUST ks_status ks_connection_rows_troubled(ks_ctx *cx, ks_str status, int64_t since, size_t limit,
                                              ks_connection **out, size_t *n);
KS_MUST ks_status ks_connection_rows_count(ks_ctx *cx, ks_str status, int64_t *out);
/* ks_connection_page. */
KS_MUST ks_status ks_connection_rows_page(ks_ctx *cx, const ks_connection_look *look, ks_connection **out,
                                          size_t *n, bool *more);
/* Newest first, ACTIVE and enabled ones of one entity and app, whose integration is enabled, too; at most
 * `limit`. */
KS_MUST ks_status ks_connection_rows_usable(ks_ctx *cx, ks_str entity, ks_str app, int64_t limit,
                                            ks_connection **out, size_t *n);
/* Does an integration of one of those refuse to guess (its own setting, or `by_default` where it has none)?
 * STORE NO_MEMORY */
KS_MUST ks_status ks_connection_rows_refuse(ks_ctx *cx, ks_str entity, ks_str app, bool by_default,
                                            bool *refuse);
/* The connection of any project whose planned check is due first, and its project. */
KS_MUST ks_status ks_connection_row_due(ks_ctx *cx, ks_connection *out, ks_str *project_id, bool *found);

/* created_at is made to grow by at least 1 ms within the entity (both SDKs order by it). NOT_FOUND when the
 * integration was deleted or disabled meanwhile. */
KS_MUST ks_status ks_connection_row_put(ks_ctx *cx, ks_change *ch, const ks_connection *c,
                                        int64_t next_check_at);
/* New sealed values under the same id; CONFLICT when replaced meanwhile. */
KS_MUST ks_status ks_connection_row_swap(ks_ctx *cx, ks_change *ch, const ks_connection *c,
                                         uint64_t old_version, int64_t next_check_at);
/* For the small changes of connection.h. The change fails with NOT_FOUND when there is no such row. */
KS_MUST ks_status ks_connection_row_enable(ks_ctx *cx, ks_change *ch, ks_str id, bool enabled);
/* `labels` as ks_labels_check gives them; the rest as above. */
KS_MUST ks_status ks_connection_row_labels(ks_ctx *cx, ks_change *ch, ks_str id, ks_str labels);
/* The row goes, and its sealed values with it; the rest as above. */
KS_MUST ks_status ks_connection_row_delete(ks_ctx *cx, ks_change *ch, ks_str id);
/* REVOKED; sealed values are erased and no check is planned any more. */
KS_MUST ks_status ks_connection_row_revoke(ks_ctx *cx, ks_change *ch, ks_str id);
/* CONFLICT when another one of this entity and app has the label. */
KS_MUST ks_status ks_connection_row_label_free(ks_ctx *cx, ks_change *ch, ks_str entity, ks_str app,
                                               ks_str own_id, ks_str label);
/* So many 401s in a row; a row that is gone is no failure. */
KS_MUST ks_status ks_connection_row_failures(ks_ctx *cx, ks_change *ch, ks_str id, int64_t failures);
/* status_reason absent: NULL; account absent: kept. Only while the version is still the one judged. */
KS_MUST ks_status ks_connection_row_judged(ks_ctx *cx, ks_change *ch, const ks_connection *c,
                                           int64_t next_check_at);
/* EXPIRED when it is still INITIATED; nothing otherwise. */
KS_MUST ks_status ks_connection_row_lapse(ks_ctx *cx, ks_change *ch, ks_str id);
/* The next planned check of this connection is at that time. */
KS_MUST ks_status ks_connection_row_put_off(ks_ctx *cx, ks_change *ch, ks_str id, int64_t next_check_at);
