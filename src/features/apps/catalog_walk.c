/* features/apps/catalog_walk.c — the catalogue as a list: names without reading apps, and apps read into the
 * memory of the one who lists, so that a list leaves nothing behind. Threads: any; a walk belongs to one
 * call.
 */
#include "features/apps/catalog_handle.h"

size_t ks_catalog_apps_n(const ks_catalog *c)
{
    return c->apps_n;
}

size_t ks_catalog_actions_n(const ks_catalog *c)
{
    return c->actions_n;
}

ks_str ks_catalog_key_at(const ks_catalog *c, size_t i)
{
    ks_app_place p = ks_catalog_place_at(c, i);
    return p.c != NULL ? ks_catalog_place_key(p) : KS_NO_STR;
}

ks_str ks_catalog_action_name_at(const ks_catalog *c, size_t i)
{
    if (i >= c->actions_n)
        return KS_NO_STR;
    if (c->base == NULL)
        return ks_image_action(&c->image, i);
    uint32_t at = c->actions[i].at;
    return at & KS_LAYER_OWN ? c->refs[at & ~KS_LAYER_OWN].action->name
                             : ks_catalog_action_name_at(c->base, at);
}

size_t ks_catalog_action_app(const ks_catalog *c, size_t i)
{
    size_t app, within;
    if (c->base == NULL)
        return ks_image_action_place(&c->image, i, &app, &within) ? app : SIZE_MAX;
    return i < c->actions_n ? c->actions[i].app : SIZE_MAX;
}

ks_status ks_apps_open(ks_ctx *cx, const ks_catalog *c, ks_apps *out)
{
    *out = (ks_apps){.cx = cx, .c = c, .n = c->apps_n};
    out->seen = ks_zalloc(cx, (c->apps_n + 1) * sizeof *out->seen);
    return out->seen != NULL ? KS_OK : KS_NO_MEMORY;
}

ks_status ks_apps_at(ks_apps *a, size_t i, const ks_app **out)
{
    ks_app_place p = ks_catalog_place_at(a->c, i);
    if (p.c == NULL)
        return ks_fail(a->cx, KS_INTERNAL, NULL, "There is no app of this number.");
    if (p.c->base != NULL)
        a->seen[i] = p.c->own[p.i];
    if (a->seen[i] == NULL)
        a->seen[i] = atomic_load_explicit(&p.c->touched[p.i], memory_order_acquire);
    if (a->seen[i] == NULL)
        KS_TRY(ks_image_app_in(a->cx, &p.c->image, p.i, &a->seen[i]));
    *out = a->seen[i];
    return KS_OK;
}

ks_status ks_apps_action(ks_apps *a, size_t i, ks_action_ref *out)
{
    ks_app_place p = ks_catalog_action_place_at(a->c, i);
    size_t       app = ks_catalog_action_app(a->c, i);
    if (p.c == NULL || app == SIZE_MAX)
        return ks_fail(a->cx, KS_INTERNAL, NULL, "There is no action of this number.");
    KS_TRY(ks_apps_at(a, app, &out->app));
    if (p.within >= out->app->actions_n)
        return ks_fail(a->cx, KS_INTERNAL, NULL, "There is no action of this number.");
    out->action = &out->app->actions[p.within];
    return KS_OK;
}
