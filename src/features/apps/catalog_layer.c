/* features/apps/catalog_layer.c — apps over a catalogue: the operator's files over the built-in ones, a
 * project's own over both. The catalogue below stays as it is and is not read, but for its names. Threads:
 * the maker's; immutable once filled. */
#include <stdlib.h>

#include "features/apps/catalog_handle.h"

enum { LAYER_ARENA = 512 * 1024 * 1024 }; /* bytes; a bound against a wrong folder, not a budget */

ks_status ks_catalog_layer_new(ks_ctx *cx, const ks_catalog *base, ks_catalog **out)
{
    ks_catalog *c = ks_calloc(1, sizeof *c);
    if (c == NULL)
        return ks_no_memory(cx);
    c->base = base;
    c->kept = ks_kept_new();
    c->words = ks_kept_words_new();
    c->arena = ks_arena_new(LAYER_ARENA);
    if (c->kept == NULL || c->words == NULL || c->arena == NULL) {
        ks_catalog_free(c);
        return ks_no_memory(cx);
    }
    *out = c;
    return KS_OK;
}

/* ---- what must not be there twice ---- */

static bool replaces(const ks_catalog *c, ks_str key)
{
    for (size_t i = 0; i < c->own_n; i++) {
        if (ks_str_eq(c->own[i]->key, key))
            return true;
    }
    return false;
}

static ks_status check_below(ks_ctx *own, const ks_catalog *c)
{
    for (size_t i = 0; i < c->names_n; i++) {
        ks_app_place p = ks_catalog_place(c->base, c->names[i].name);
        if (p.c != NULL && !replaces(c, ks_catalog_place_key(p)))
            return ks_fail(
                own, KS_CONFLICT, NULL,
                KS_FMT ".yaml and " KS_FMT ".yaml: both answer to the name " KS_FMT "; change an alias",
                KS_ARG(c->names[i].app->key), KS_ARG(ks_catalog_place_key(p)), KS_ARG(c->names[i].name));
    }
    for (size_t i = 0; i < c->refs_n; i++) {
        ks_app_place p = ks_catalog_action_place(c->base, c->refs[i].action->name);
        if (p.c != NULL && !replaces(c, ks_catalog_place_key(p)))
            return ks_fail(own, KS_CONFLICT, NULL,
                           KS_FMT ".yaml and " KS_FMT ".yaml: both have an action " KS_FMT,
                           KS_ARG(c->refs[i].app->key), KS_ARG(ks_catalog_place_key(p)),
                           KS_ARG(c->refs[i].action->name));
    }
    return KS_OK;
}

/* ---- the order of all ---- */

/* `moved`: where each app of the base stands in the layer; UINT32_MAX: replaced. `mine`: the same of own
 * ones. */
typedef struct weave {
    ks_layer_ref *apps, *actions;
    uint32_t     *moved, *mine;
} weave;

static void weave_apps(ks_catalog *c, weave *w)
{
    size_t below = ks_catalog_apps_n(c->base), b = 0, o = 0, n = 0;
    while (b < below || o < c->own_n) {
        int order = b == below ? 1 : -1;
        if (b < below && o < c->own_n)
            order = ks_str_cmp(ks_catalog_key_at(c->base, b), c->own[o]->key);
        if (order < 0) {
            w->moved[b] = (uint32_t)n;
            w->apps[n++].at = (uint32_t)b++;
            continue;
        }
        if (order == 0)
            w->moved[b++] = UINT32_MAX;
        w->mine[o] = (uint32_t)n;
        w->apps[n++].at = (uint32_t)o++ | KS_LAYER_OWN;
    }
    c->apps_n = n;
}

static void weave_actions(ks_catalog *c, weave *w)
{
    size_t below = ks_catalog_actions_n(c->base), b = 0, o = 0, n = 0;
    while (b < below || o < c->refs_n) {
        size_t of = b < below ? ks_catalog_action_app(c->base, b) : SIZE_MAX;
        if (b < below && (of == SIZE_MAX || w->moved[of] == UINT32_MAX)) {
            b++;
            continue;
        }
        int order = b == below ? 1 : -1;
        if (b < below && o < c->refs_n)
            order = ks_str_cmp(ks_catalog_action_name_at(c->base, b), c->refs[o].action->name);
        b += order == 0; /* ours goes first */
        if (order >= 0) {
            const ks_app *const *app = bsearch(&c->refs[o].app, c->own, c->own_n, sizeof *c->own,
                                               ks_app_order);
            w->actions[n++] = (ks_layer_ref){(uint32_t)o++ | KS_LAYER_OWN, w->mine[app - c->own]};
        } else {
            w->actions[n++] = (ks_layer_ref){(uint32_t)b++, w->moved[of]};
        }
    }
    c->actions_n = n;
}

static ks_status weave_all(ks_ctx *own, ks_catalog *c)
{
    size_t apps = ks_catalog_apps_n(c->base), actions = ks_catalog_actions_n(c->base);
    weave  w = {.apps = ks_alloc(own, (apps + c->own_n + 1) * sizeof *w.apps),
                .actions = ks_alloc(own, (actions + c->refs_n + 1) * sizeof *w.actions),
                .moved = ks_alloc(own, (apps + 1) * sizeof *w.moved),
                .mine = ks_alloc(own, (c->own_n + 1) * sizeof *w.mine)};
    if (w.apps == NULL || w.actions == NULL || w.moved == NULL || w.mine == NULL)
        return KS_NO_MEMORY;
    weave_apps(c, &w);
    weave_actions(c, &w);
    c->apps = w.apps;
    c->actions = w.actions;
    return KS_OK;
}

ks_status ks_catalog_layer_fill(ks_ctx *own, ks_catalog *c, const ks_app **apps, size_t n, bool strict)
{
    size_t names = 0, refs = 0;
    for (size_t i = 0; i < n; i++) {
        names += 2 + apps[i]->aliases.n;
        refs += apps[i]->actions_n;
    }
    ks_app_name   *name = ks_alloc(own, (names + 1) * sizeof *name);
    ks_action_ref *ref = ks_alloc(own, (refs + 1) * sizeof *ref);
    if (name == NULL || ref == NULL)
        return KS_NO_MEMORY;
    qsort(apps, n, sizeof *apps, ks_app_order);
    KS_TRY(ks_catalog_index(own, apps, n, name, &c->names_n, ref, &c->refs_n));
    c->own = apps;
    c->own_n = n;
    c->names = name;
    c->refs = ref;
    if (strict)
        KS_TRY(check_below(own, c));
    return weave_all(own, c);
}
