/* features/apps/catalog.c — the catalogue as a handle: look-ups by binary search over sorted tables, and
 * texts kept with it. Reading the operator's files: catalog_dir.c. Threads: any once opened. */
#include "features/apps/catalog_handle.h"

#include <stdlib.h>

enum { KEPT_MAX = 64 * 1024 * 1024 }; /* bytes of one kept text */

static ks_kept_texts *kept_new(void)
{
    ks_kept_texts *k = ks_calloc(1, sizeof *k);
    if (k == NULL)
        return NULL;
    if (pthread_mutex_init(&k->lock, NULL) != 0) {
        ks_free(k);
        return NULL;
    }
    for (size_t i = 0; i < KS_KEPT_COUNT; i++)
        k->texts[i] = ks_buf_new(KEPT_MAX);
    return k;
}

static void kept_free(ks_kept_texts *k)
{
    if (k == NULL)
        return;
    for (size_t i = 0; i < KS_KEPT_COUNT; i++)
        ks_buf_done(&k->texts[i]);
    pthread_mutex_destroy(&k->lock);
    ks_free(k);
}

ks_str ks_catalog_kept(const ks_catalog *c, ks_kept which, void (*encode)(const ks_catalog *c, ks_buf *b))
{
    ks_kept_texts *k = c->kept;
    ks_buf        *b = &k->texts[which];
    if (atomic_load_explicit(&k->ready[which], memory_order_acquire))
        return ks_buf_view(b);

    ks_str text = KS_NO_STR;
    pthread_mutex_lock(&k->lock);
    if (!atomic_load_explicit(&k->ready[which], memory_order_relaxed)) {
        ks_buf_done(b);
        encode(c, b);
        atomic_store_explicit(&k->ready[which], ks_buf_ok(b), memory_order_release);
    }
    if (ks_buf_ok(b))
        text = ks_buf_view(b);
    pthread_mutex_unlock(&k->lock);
    return text;
}

ks_status ks_catalog_open(ks_ctx *cx, ks_str dir, ks_catalog **out)
{
    ks_catalog *c = ks_calloc(1, sizeof *c);
    ks_status   status = KS_OK;
    if (c == NULL)
        return ks_no_memory(cx);
    *c = (ks_catalog){.apps = ks_builtin_apps,
                      .apps_n = ks_builtin_apps_n,
                      .names = ks_builtin_names,
                      .names_n = ks_builtin_names_n,
                      .actions = ks_builtin_actions,
                      .actions_n = ks_builtin_actions_n};
    c->kept = kept_new();
    if (c->kept == NULL)
        status = ks_no_memory(cx);
    else if (dir.p != NULL)
        status = ks_catalog_merge_dir(cx, c, dir);
    if (status != KS_OK) {
        ks_catalog_free(c);
        return status;
    }
    *out = c;
    return KS_OK;
}

void ks_catalog_free(ks_catalog *c)
{
    if (c == NULL)
        return;
    kept_free(c->kept);
    if (c->arena != NULL)
        ks_arena_free(c->arena);
    ks_free(c);
}

const ks_app *const *ks_catalog_apps(const ks_catalog *c, size_t *n)
{
    *n = c->apps_n;
    return c->apps;
}

size_t ks_catalog_actions_n(const ks_catalog *c)
{
    return c->actions_n;
}

const ks_app_action *ks_catalog_action_at(const ks_catalog *c, size_t i, const ks_app **app)
{
    *app = c->actions[i].app;
    return c->actions[i].action;
}

const ks_app *ks_catalog_app(const ks_catalog *c, ks_str ref)
{
    char               room[KS_APP_NAME_MAX];
    const ks_app_name  key = {ks_app_name_norm(ref, room), NULL};
    const ks_app_name *hit = key.name.n == 0
                                 ? NULL
                                 : bsearch(&key, c->names, c->names_n, sizeof key, ks_app_name_order);
    return hit != NULL ? hit->app : NULL;
}

const ks_app_action *ks_catalog_action(const ks_catalog *c, ks_str name, const ks_app **app)
{
    char upper[64];
    if (name.n == 0 || name.n > sizeof upper)
        return NULL;
    for (size_t i = 0; i < name.n; i++)
        upper[i] = name.p[i] >= 'a' && name.p[i] <= 'z' ? (char)(name.p[i] - 'a' + 'A') : name.p[i];

    const ks_app_action  wanted = {.name = {upper, name.n}};
    const ks_action_ref  key = {NULL, &wanted};
    const ks_action_ref *hit = bsearch(&key, c->actions, c->actions_n, sizeof key, ks_action_ref_order);
    if (hit == NULL)
        return NULL;
    *app = hit->app;
    return hit->action;
}

ks_status ks_catalog_need_app(ks_ctx *cx, const ks_catalog *c, const char *field, ks_str ref,
                              const ks_app **out)
{
    const ks_app *app = ks_catalog_app(c, ref);
    if (app == NULL)
        return ks_fail_code(cx, KS_NOT_FOUND, "app_not_found", field,
                            "No app has this name. The list of apps shows the names, e.g. shopify.");
    *out = app;
    return KS_OK;
}

ks_status ks_catalog_need_action(ks_ctx *cx, const ks_catalog *c, ks_str name, const ks_app **app,
                                 const ks_app_action **out)
{
    const ks_app_action *action = ks_catalog_action(c, name, app);
    if (action == NULL)
        return ks_fail_code(cx, KS_NOT_FOUND, "action_not_found", NULL,
                            "No action has this name. The list of actions shows the names of each app.");
    *out = action;
    return KS_OK;
}
