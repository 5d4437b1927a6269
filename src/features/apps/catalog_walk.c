/* features/apps/catalog_walk.c — the catalogue as a list: names without reading apps, and apps read into the
 * memory of the one who lists, so that a list leaves nothing behind. Threads: any; a walk belongs to one
 * call.
 */
#include "features/apps/catalog_handle.h"
#include "features/reach.h"

size_t ks_catalog_apps_n(const ks_catalog *c)
{
    return c != NULL ? c->apps_n : 0;
}

size_t ks_catalog_actions_n(const ks_catalog *c)
{
    return c != NULL ? c->actions_n : 0;
}

ks_str ks_catalog_key_at(const ks_catalog *c, size_t i)
{
    ks_app_place p = {0};
    if (c != NULL)
        p = ks_catalog_place_at(c, i);
    return p.c != NULL ? ks_catalog_place_key(p) : KS_NO_STR;
}

bool ks_catalog_reached(const ks_ctx *cx, const ks_catalog *c, size_t i)
{
    return !ks_reach_by_app(cx) || ks_reach_app(cx, ks_catalog_key_at(c, i));
}

size_t ks_catalog_number(const ks_catalog *c, ks_str ref)
{
    ks_str key = ks_catalog_key(c, ref);
    size_t low = 0, high = key.n > 0 ? c->apps_n : 0;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        int    order = ks_str_cmp(ks_catalog_key_at(c, mid), key);
        if (order == 0)
            return mid;
        if (order < 0)
            low = mid + 1;
        else
            high = mid;
    }
    return SIZE_MAX;
}

ks_str ks_catalog_action_name_at(const ks_catalog *c, size_t i)
{
    if (c == NULL || i >= c->actions_n)
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
    if (c == NULL)
        return SIZE_MAX;
    if (c->base == NULL)
        return ks_image_action_place(&c->image, i, &app, &within) ? app : SIZE_MAX;
    return i < c->actions_n ? c->actions[i].app : SIZE_MAX;
}

ks_status ks_apps_open(ks_ctx *cx, const ks_catalog *c, ks_apps *out)
{
    if (c == NULL) /* see ks_catalog_of */
        return cx->err.status != KS_OK ? cx->err.status : KS_STORE;
    *out = (ks_apps){.cx = cx, .c = c, .n = c->apps_n};
    out->seen = ks_zalloc(cx, (c->apps_n + 1) * sizeof *out->seen);
    return out->seen != NULL ? KS_OK : KS_NO_MEMORY;
}

static void close_window(void *arena)
{
    ks_arena_free(arena);
}

ks_status ks_apps_open_window(ks_ctx *cx, const ks_catalog *c, ks_apps *out)
{
    if (c == NULL)
        return cx->err.status != KS_OK ? cx->err.status : KS_STORE;
    *out = (ks_apps){.cx = cx, .c = c, .n = c->apps_n, .window = ks_arena_new(KS_ARENA_MAX)};
    if (out->window == NULL)
        return ks_no_memory(cx);
    if (ks_arena_defer(cx->arena, close_window, out->window))
        return KS_OK;
    ks_arena_free(out->window);
    return ks_no_memory(cx);
}

static ks_status through_window(ks_apps *a, ks_app_place p, size_t i, const ks_app **out)
{
    if (a->held == NULL || a->last != i) {
        ks_ctx own = ks_ctx_new(a->window, NULL);
        a->held = NULL;
        ks_arena_reset(a->window);
        ks_status status = ks_image_app_in(&own, &p.c->image, p.i, &a->held);
        if (status == KS_NO_MEMORY)
            return ks_no_memory(a->cx);
        if (status != KS_OK)
            return ks_fail(a->cx, status, NULL, KS_FMT, KS_ARG(own.err.message));
        a->last = i;
    }
    *out = a->held;
    return KS_OK;
}

ks_status ks_apps_at(ks_apps *a, size_t i, const ks_app **out)
{
    ks_app_place p = ks_catalog_place_at(a->c, i);
    if (p.c == NULL)
        return ks_fail(a->cx, KS_INTERNAL, NULL, "There is no app of this number.");
    if (p.c->base != NULL) {
        *out = p.c->own[p.i];
        return KS_OK;
    }
    *out = atomic_load_explicit(&p.c->touched[p.i], memory_order_acquire);
    if (*out != NULL)
        return KS_OK;
    if (a->seen == NULL)
        return through_window(a, p, i, out);
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
