/* features/apps/own_apps.h — which apps of a list are the project's own (project_apps.h). Threads: the
 * caller's. */
#pragma once
#include "features/apps/project_apps.h"

/* The project's own apps, to be told apart from the catalogue's. */
typedef struct ks_own_apps {
    ks_project_app *at;
    size_t          n;
    bool            any; /* this call sees apps of the project, whatever rows there are by now */
} ks_own_apps;

/* Those of the calling project, in the arena.  STORE  NO_MEMORY */
KS_MUST ks_status ks_own_apps_of(ks_ctx *cx, ks_own_apps *out);

/* The row of `app`; NULL when it is the catalogue's. */
const ks_project_app *ks_own_app(const ks_own_apps *own, const ks_app *app);

/* The view of this call may have an app of the project that was removed since: then it has no row any more,
 * and the server's catalogue does not know it either. */
bool ks_own_app_gone(ks_ctx *cx, const ks_own_apps *own, const ks_app *app);
