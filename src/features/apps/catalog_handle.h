/* features/apps/catalog_handle.h — what a ks_catalog is made of. Included by catalog.c and catalog_dir.c
 * only.
 */
#pragma once
#include <pthread.h>
#include <stdatomic.h>

#include "base/alloc.h"
#include "features/apps/catalog.h"
#include "features/apps/catalog_index.h"

/* The one thing that changes after the opening: texts made on first use. */
typedef struct ks_kept_texts {
    pthread_mutex_t lock; /* held while one is made */
    ks_buf          texts[KS_KEPT_COUNT];
    atomic_bool     ready[KS_KEPT_COUNT];
} ks_kept_texts;

struct ks_catalog {
    const ks_app *const *apps;
    const ks_app_name   *names;
    const ks_action_ref *actions;
    size_t               apps_n, names_n, actions_n;
    ks_arena            *arena; /* of the operator's apps and the merged tables; NULL without any */
    ks_kept_texts       *kept;
};

/* Read every *.yaml in `dir` and replace the tables of `c` by merged ones in an arena of its own. */
KS_MUST ks_status ks_catalog_merge_dir(ks_ctx *cx, ks_catalog *c, ks_str dir);
