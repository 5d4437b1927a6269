/* features/apps/project_apps_rows.h — the only SQL of a project's own apps. Threads: as the reader of
 * cx->env. */
#pragma once
#include "features/apps/project_apps.h"

enum { KS_PROJECT_APPS_ID = 64 }; /* room for ks_project_apps_id */

/* The id whose commit counter moves when the apps of the project change. Written to `out`. */
ks_str ks_project_apps_id(ks_str project_id, char out[KS_PROJECT_APPS_ID]);

/* One row but for its text. */
typedef struct ks_project_app_row {
    ks_str  key, stamp;
    int64_t version, created_at, updated_at, size; /* size: bytes of the text */
} ks_project_app_row;

/* All of the caller's project, by key. STORE. */
KS_MUST ks_status ks_project_app_rows(ks_ctx *cx, ks_project_app_row **out, size_t *n);

/* The text of one, in the arena; absent when there is none of this key. STORE. */
KS_MUST ks_status ks_project_app_text(ks_ctx *cx, ks_str key, ks_str *out);

/* Connections and integrations of the project that name the app. STORE. */
KS_MUST ks_status ks_project_app_uses(ks_ctx *cx, ks_str key, int64_t *connections, int64_t *integrations);

/* Schemes of the app that connections or integrations of the project have, each once. STORE. */
KS_MUST ks_status ks_project_app_schemes(ks_ctx *cx, ks_str key, ks_str **out, size_t *n);

/* Append the writing of `row` with `text`; `seen` are the rows that were judged with it: CONFLICT when they
 * have changed meanwhile. */
KS_MUST ks_status ks_project_app_put(ks_ctx *cx, ks_change *c, const ks_project_app_row *row, ks_str text,
                                     const ks_project_app_row *seen, size_t seen_n);

/* Append that nothing of the project uses the app, or the scheme of it (absent: any). CONFLICT otherwise. */
KS_MUST ks_status ks_project_app_unused(ks_ctx *cx, ks_change *c, ks_str key, ks_str scheme);

/* Append the deletion of all connections and integrations of the app. CONFLICT when some come in meanwhile.
 */
KS_MUST ks_status ks_project_app_erase(ks_ctx *cx, ks_change *c, ks_str key);

/* Append the removal of the row. NOT_FOUND when it is gone meanwhile. */
KS_MUST ks_status ks_project_app_drop(ks_ctx *cx, ks_change *c, ks_str key);
