/* features/apps/catalog_index.c — sorts apps, their names and their actions, and refuses what is ambiguous.
 * Used by the build-time compiler too: base only. Threads: any. */
#include "features/apps/catalog_index.h"

#include <stdlib.h>

ks_str ks_app_name_norm(ks_str ref, char out[KS_APP_NAME_MAX])
{
    if (ref.n > KS_APP_NAME_MAX)
        return KS_NO_STR;
    for (size_t i = 0; i < ref.n; i++) {
        char c = ref.p[i];
        out[i] = c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c == '-' || c == ' ' ? '_' : c;
    }
    return (ks_str){out, ref.n};
}

int ks_app_order(const void *a, const void *b)
{
    const ks_app *const *x = a, *const *y = b;
    return ks_str_cmp((*x)->key, (*y)->key);
}

int ks_app_name_order(const void *a, const void *b)
{
    return ks_str_cmp(((const ks_app_name *)a)->name, ((const ks_app_name *)b)->name);
}

int ks_action_ref_order(const void *a, const void *b)
{
    return ks_str_cmp(((const ks_action_ref *)a)->action->name, ((const ks_action_ref *)b)->action->name);
}

static ks_status add_name(ks_ctx *cx, const ks_app *app, ks_str name, ks_app_name *names, size_t *n)
{
    char   room[KS_APP_NAME_MAX];
    ks_str norm = ks_copy(cx, ks_app_name_norm(name, room));
    if (norm.p == NULL)
        return KS_NO_MEMORY;
    names[(*n)++] = (ks_app_name){norm, app};
    return KS_OK;
}

static ks_status add_app(ks_ctx *cx, const ks_app *app, ks_app_name *names, size_t *n)
{
    KS_TRY(add_name(cx, app, app->key, names, n));
    KS_TRY(add_name(cx, app, app->id, names, n));
    for (size_t i = 0; i < app->aliases.n; i++)
        KS_TRY(add_name(cx, app, app->aliases.at[i], names, n));
    return KS_OK;
}

ks_status ks_catalog_index(ks_ctx *cx, const ks_app *const *apps, size_t n, ks_app_name *names,
                           size_t *names_n, ks_action_ref *actions, size_t *actions_n)
{
    size_t nn = 0, an = 0;
    for (size_t i = 0; i < n; i++) {
        KS_TRY(add_app(cx, apps[i], names, &nn));
        for (size_t j = 0; j < apps[i]->actions_n; j++)
            actions[an++] = (ks_action_ref){apps[i], &apps[i]->actions[j]};
    }
    qsort(names, nn, sizeof *names, ks_app_name_order);
    qsort(actions, an, sizeof *actions, ks_action_ref_order);
    for (size_t i = 1; i < nn; i++) {
        if (ks_str_eq(names[i - 1].name, names[i].name))
            return ks_fail(cx, KS_CONFLICT, NULL,
                           KS_FMT ".yaml and " KS_FMT ".yaml: both answer to the name " KS_FMT
                                  "; change an alias",
                           KS_ARG(names[i - 1].app->key), KS_ARG(names[i].app->key), KS_ARG(names[i].name));
    }
    for (size_t i = 1; i < an; i++) {
        if (ks_str_eq(actions[i - 1].action->name, actions[i].action->name))
            return ks_fail(cx, KS_CONFLICT, NULL,
                           KS_FMT ".yaml and " KS_FMT ".yaml: both have an action " KS_FMT,
                           KS_ARG(actions[i - 1].app->key), KS_ARG(actions[i].app->key),
                           KS_ARG(actions[i].action->name));
    }
    *names_n = nn;
    *actions_n = an;
    return KS_OK;
}
