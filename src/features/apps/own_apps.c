/* features/apps/own_apps.c — see own_apps.h. */
#include "features/apps/own_apps.h"

#include "features/apps/view.h"
#include "features/env.h"

ks_status ks_own_apps_of(ks_ctx *cx, ks_own_apps *out)
{
    *out = (ks_own_apps){.any = ks_catalog_has_own(cx)};
    return out->any ? ks_project_app_list(cx, &out->at, &out->n) : KS_OK;
}

const ks_project_app *ks_own_app(const ks_own_apps *own, const ks_app *app)
{
    for (size_t i = 0; i < own->n; i++) {
        if (ks_str_eq(own->at[i].key, app->key))
            return &own->at[i];
    }
    return NULL;
}

bool ks_own_app_gone(ks_ctx *cx, const ks_own_apps *own, const ks_app *app)
{
    return own->any && ks_own_app(own, app) == NULL && ks_catalog_key(cx->env->catalog, app->key).p == NULL;
}
