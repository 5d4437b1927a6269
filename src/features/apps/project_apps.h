/* features/apps/project_apps.h — a project's own apps: added at run time as the text of an app file, seen by
 * this project alone and by all its APIs. Rules only; the SQL is project_apps_rows.c, the wire
 * project_apps_http.c, how they are seen view.c. Contract: docs/api.md NAT-20 to NAT-25. Threads: the
 * caller's. */
#pragma once
#include "base/json.h"
#include "features/apps/catalog.h"
#include "store/store.h"

enum {
    KS_PROJECT_APPS_MAX = 200,              /* apps of one project */
    KS_PROJECT_APPS_BYTES = 4 * 1024 * 1024 /* of all their texts: reading them takes time after a start */
};

/* What is asked when an app file is added. */
typedef struct ks_project_app_ask {
    ks_str text;    /* the app file, YAML, at most KS_APP_FILE_MAX bytes */
    bool   replace; /* it may take the place of a built-in (or the operator's) app of the same key */
    bool   force;   /* what cannot go on with it, connections and integrations, is deleted */
} ks_project_app_ask;

/* One app of a project as it is stored. */
typedef struct ks_project_app {
    ks_str        key;
    int64_t       version;    /* 1 at first, +1 for each text */
    int64_t       created_at; /* us since the epoch, of the first version */
    int64_t       updated_at;
    bool          replaces;                  /* an app of the catalogue has this key, too */
    bool          erased;                    /* what used it is deleted by the change */
    int64_t       connections, integrations; /* of the project, that name the app */
    const ks_app *app;                       /* in the arena of the call; after ks_project_app_add only */
} ks_project_app;

/* Check the app file and append to `change` what makes it the project's app (a new one, or the next version
 * of its own), with an audit record and the touch that makes other threads see it. Nothing is changed until
 * the change is committed (ks_res_commit_built). Use it for every way an app comes in: a posted file, an
 * import. INVALID    "FILE:LINE: ...", with a detail a fault; code app_file_invalid CONFLICT   the key or an
 * action name is taken (app_taken), a field in use would go (app_in_use), the project has too many apps
 * (too_many_apps), others were added at the same time (apps_changed) TOO_LARGE  over KS_APP_FILE_MAX
 * NO_MEMORY    STORE */
KS_MUST ks_status ks_project_app_add(ks_ctx *cx, ks_change *change, const ks_project_app_ask *ask,
                                     ks_project_app *out);

/* Append the removal of the project's own app `ref`, likewise. With `force` what uses it is deleted: a
 * credential stays with the app it was given for, and does not go on with another of the same key. *out: as
 * it was. NOT_FOUND  no app of the project's own    CONFLICT  something uses it (app_in_use), unless `force`
 */
KS_MUST ks_status ks_project_app_remove(ks_ctx *cx, ks_change *change, ks_str ref, bool force,
                                        ks_project_app *out);

/* The project's own apps, by key, in the arena; counts are left 0. STORE. */
KS_MUST ks_status ks_project_app_list(ks_ctx *cx, ks_project_app **out, size_t *n);

/* The text that was added last. NOT_FOUND when the project has no such app of its own. */
KS_MUST ks_status ks_project_app_file(ks_ctx *cx, ks_str ref, ks_str *out);
