/* features/apps/catalog.c — the catalogue as a handle: look-ups by binary search over sorted tables. An app
 * of the image becomes structs when it is first looked up, and stays. Lists: catalog_walk.c. Threads: any
 * once opened. */
#include <stdlib.h>

#include "features/apps/catalog_handle.h"
#include "features/reach.h"

static ks_status open_image(ks_ctx *cx, ks_str bytes, ks_catalog **out)
{
    ks_image im;
    if (!ks_image_open(bytes, &im))
        return ks_fail(cx, KS_INTERNAL, NULL,
                       "The built-in catalogue is damaged. Install the program again.");
    ks_catalog *c = ks_calloc(1, sizeof *c);
    if (c == NULL)
        return ks_no_memory(cx);
    c->image = im;
    c->apps_n = im.apps_n;
    c->actions_n = im.actions_n;
    c->kept = ks_kept_new();
    c->words = ks_kept_words_new();
    c->touched = ks_calloc(im.apps_n + 1, sizeof *c->touched);
    if (c->kept == NULL || c->words == NULL || c->touched == NULL) {
        ks_catalog_free(c);
        return ks_no_memory(cx);
    }
    *out = c;
    return KS_OK;
}

ks_status ks_catalog_open_image(ks_ctx *cx, ks_str bytes, ks_catalog **out)
{
    return open_image(cx, bytes, out);
}

ks_status ks_catalog_open(ks_ctx *cx, ks_str dir, ks_catalog **out)
{
    ks_str      bytes = {(const char *)ks_builtin_image, ks_builtin_image_n};
    ks_catalog *image = NULL, *layer = NULL;
    ks_status   status = open_image(cx, bytes, &image);
    if (status == KS_OK && dir.p != NULL)
        status = ks_catalog_read_dir(cx, image, dir, &layer);
    if (status != KS_OK) {
        ks_catalog_free(image);
        return status;
    }
    if (layer != NULL)
        layer->owned = image;
    *out = layer != NULL ? layer : image;
    return KS_OK;
}

void ks_catalog_free(ks_catalog *c)
{
    if (c == NULL)
        return;
    ks_kept_free(c->kept);
    ks_kept_words_free(c->words);
    for (size_t i = 0; c->touched != NULL && i < c->image.apps_n; i++)
        ks_free((void *)(uintptr_t)atomic_load_explicit(&c->touched[i], memory_order_acquire));
    ks_free(c->touched);
    if (c->arena != NULL)
        ks_arena_free(c->arena);
    ks_catalog_free(c->owned);
    ks_free(c);
}

/* ---- places ---- */

ks_str ks_catalog_place_key(ks_app_place p)
{
    return p.c->base == NULL ? ks_image_key(&p.c->image, p.i) : p.c->own[p.i]->key;
}

static const ks_app_name *own_name(const ks_catalog *c, ks_str norm)
{
    const ks_app_name key = {norm, NULL};
    return c->names_n == 0 ? NULL : bsearch(&key, c->names, c->names_n, sizeof key, ks_app_name_order);
}

static size_t own_number(const ks_catalog *c, const ks_app *app)
{
    const ks_app *const *hit = bsearch(&app, c->own, c->own_n, sizeof *c->own, ks_app_order);
    return (size_t)(hit - c->own);
}

/* Nowhere when the layer has an app of the same key. */
static ks_app_place unless_replaced(const ks_catalog *layer, ks_app_place below)
{
    const ks_app_name *n = below.c != NULL ? own_name(layer, ks_catalog_place_key(below)) : NULL;
    bool               replaced = n != NULL && ks_str_eq(n->app->key, n->name);
    return replaced ? (ks_app_place){0} : below;
}

ks_app_place ks_catalog_place(const ks_catalog *c, ks_str norm)
{
    if (c->base == NULL) {
        size_t i = ks_image_find(&c->image, norm);
        return i != SIZE_MAX ? (ks_app_place){c, i, 0} : (ks_app_place){0};
    }
    const ks_app_name *n = own_name(c, norm);
    if (n != NULL)
        return (ks_app_place){c, own_number(c, n->app), 0};
    return unless_replaced(c, ks_catalog_place(c->base, norm));
}

static ks_app_place own_action(const ks_catalog *c, const ks_action_ref *r)
{
    return (ks_app_place){c, own_number(c, r->app), (size_t)(r->action - r->app->actions)};
}

ks_app_place ks_catalog_action_place(const ks_catalog *c, ks_str upper)
{
    ks_app_place p = {.c = c};
    if (c->base == NULL) {
        size_t i = ks_image_find_action(&c->image, upper);
        return i != SIZE_MAX && ks_image_action_place(&c->image, i, &p.i, &p.within) ? p : (ks_app_place){0};
    }
    const ks_app_action  wanted = {.name = upper};
    const ks_action_ref  key = {NULL, &wanted};
    const ks_action_ref *hit = c->refs_n == 0
                                   ? NULL
                                   : bsearch(&key, c->refs, c->refs_n, sizeof key, ks_action_ref_order);
    if (hit != NULL)
        return own_action(c, hit);
    return unless_replaced(c, ks_catalog_action_place(c->base, upper));
}

ks_app_place ks_catalog_place_at(const ks_catalog *c, size_t i)
{
    if (i >= c->apps_n)
        return (ks_app_place){0};
    if (c->base == NULL)
        return (ks_app_place){c, i, 0};
    uint32_t at = c->apps[i].at;
    return at & KS_LAYER_OWN ? (ks_app_place){c, at & ~KS_LAYER_OWN, 0} : ks_catalog_place_at(c->base, at);
}

ks_app_place ks_catalog_action_place_at(const ks_catalog *c, size_t i)
{
    ks_app_place p = {.c = c};
    if (i >= c->actions_n)
        return (ks_app_place){0};
    if (c->base == NULL)
        return ks_image_action_place(&c->image, i, &p.i, &p.within) ? p : (ks_app_place){0};
    uint32_t at = c->actions[i].at;
    return at & KS_LAYER_OWN ? own_action(c, &c->refs[at & ~KS_LAYER_OWN])
                             : ks_catalog_action_place_at(c->base, at);
}

/* ---- look-ups ---- */

/* The app of the image as structs, made by whoever comes first. */
static ks_status touch(ks_ctx *cx, const ks_catalog *c, size_t i, const ks_app **out)
{
    const ks_app *made = NULL, *seen = atomic_load_explicit(&c->touched[i], memory_order_acquire);
    if (seen == NULL) {
        KS_TRY(ks_image_app_new(cx, &c->image, i, &made));
        if (atomic_compare_exchange_strong_explicit(&c->touched[i], &seen, made, memory_order_acq_rel,
                                                    memory_order_acquire))
            seen = made;
        else
            ks_free((void *)(uintptr_t)made); /* another thread was faster */
    }
    *out = seen;
    return KS_OK;
}

static ks_status app_of(ks_ctx *cx, ks_app_place p, const ks_app **out)
{
    if (p.c == NULL)
        *out = NULL;
    else if (p.c->base == NULL)
        return touch(cx, p.c, p.i, out);
    else
        *out = p.c->own[p.i];
    return KS_OK;
}

/* There is no catalogue because the project's own apps could not be read: that failure stands. */
static ks_status unreadable(ks_ctx *cx)
{
    return cx->err.status != KS_OK ? cx->err.status : ks_fail(cx, KS_STORE, NULL, "The apps cannot be read.");
}

static ks_status find_app(ks_ctx *cx, const ks_catalog *c, ks_str ref, const ks_app **out)
{
    char room[KS_APP_NAME_MAX];
    if (c == NULL)
        return unreadable(cx);
    return app_of(cx, ks_catalog_place(c, ks_app_name_norm(ref, room)), out);
}

static ks_status find_action(ks_ctx *cx, const ks_catalog *c, ks_str name, const ks_app **app,
                             const ks_app_action **out)
{
    char upper[64];
    *out = NULL;
    if (c == NULL)
        return unreadable(cx);
    if (name.n == 0 || name.n > sizeof upper)
        return KS_OK;
    for (size_t i = 0; i < name.n; i++)
        upper[i] = name.p[i] >= 'a' && name.p[i] <= 'z' ? (char)(name.p[i] - 'a' + 'A') : name.p[i];

    ks_app_place  p = ks_catalog_action_place(c, (ks_str){upper, name.n});
    const ks_app *of;
    KS_TRY(app_of(cx, p, &of));
    if (of == NULL || p.within >= of->actions_n)
        return KS_OK;
    *app = of;
    *out = &of->actions[p.within];
    return KS_OK;
}

const ks_app *ks_catalog_app(ks_ctx *cx, const ks_catalog *c, ks_str ref)
{
    const ks_app *app = NULL;
    return find_app(cx, c, ref, &app) == KS_OK ? app : NULL;
}

const ks_app_action *ks_catalog_action(ks_ctx *cx, const ks_catalog *c, ks_str name, const ks_app **app)
{
    const ks_app_action *action = NULL;
    return find_action(cx, c, name, app, &action) == KS_OK ? action : NULL;
}

ks_status ks_catalog_need_app(ks_ctx *cx, const ks_catalog *c, const char *field, ks_str ref,
                              const ks_app **out)
{
    const ks_app *app = NULL;
    KS_TRY(find_app(cx, c, ref, &app));
    if (app == NULL || !ks_reach_app(cx, app->key))
        return ks_fail_code(cx, KS_NOT_FOUND, "app_not_found", field,
                            "No app has this name. The list of apps shows the names, e.g. shopify.");
    *out = app;
    return KS_OK;
}

ks_status ks_catalog_need_action(ks_ctx *cx, const ks_catalog *c, ks_str name, const ks_app **app,
                                 const ks_app_action **out)
{
    const ks_app_action *action = NULL;
    KS_TRY(find_action(cx, c, name, app, &action));
    if (action == NULL || !ks_reach_app(cx, (*app)->key))
        return ks_fail_code(cx, KS_NOT_FOUND, "action_not_found", NULL,
                            "No action has this name. The list of actions shows the names of each app.");
    *out = action;
    return KS_OK;
}

ks_str ks_catalog_key(const ks_catalog *c, ks_str ref)
{
    char         room[KS_APP_NAME_MAX];
    ks_app_place p = {0};
    if (c != NULL)
        p = ks_catalog_place(c, ks_app_name_norm(ref, room));
    return p.c != NULL ? ks_catalog_place_key(p) : KS_NO_STR;
}
