/* features/apps/catalog_index.h — the sorted tables the look-ups search: made by tools/catalogc.c for the
 * built-in apps, by catalog.c when the operator's files are merged in. Immutable; threads: any. */
#pragma once
#include "base/ctx.h"
#include "features/apps/app.h"

/* A name an app answers to: key, id and aliases, normalised by ks_app_name_norm. Sorted by name. */
typedef struct ks_app_name {
    ks_str        name;
    const ks_app *app;
} ks_app_name;

/* Sorted by the action's name. */
typedef struct ks_action_ref {
    const ks_app        *app;
    const ks_app_action *action;
} ks_action_ref;

enum { KS_APP_NAME_MAX = 96 }; /* longer references name no app */

/* `ref` as names are compared: lower case, '-' and blank as '_'. Written to `out`; absent when it is longer.
 */
ks_str ks_app_name_norm(ks_str ref, char out[KS_APP_NAME_MAX]);

/* Orders for qsort(3): of const ks_app *, by key. */
int ks_app_order(const void *a, const void *b);
/* Of ks_app_name, by name. */
int ks_app_name_order(const void *a, const void *b);
/* Of ks_action_ref, by the action's name. */
int ks_action_ref_order(const void *a, const void *b);

/* Fill `names` (room for two and the aliases of each app) and `actions` from n apps, and sort them.
 * CONFLICT when two apps answer to one name or two actions have one name. */
KS_MUST ks_status ks_catalog_index(ks_ctx *cx, const ks_app *const *apps, size_t n, ks_app_name *names,
                                   size_t *names_n, ks_action_ref *actions, size_t *actions_n);
