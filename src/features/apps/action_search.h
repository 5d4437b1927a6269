/* features/apps/action_search.h — which actions a caller asks for: by app, name, tag, or in words. Pure; the
 * same for every API version. Threads: none shared. */
#pragma once
#include "features/apps/catalog.h"
#include "features/apps/catalog_index.h"

/* All conditions hold together. Absent or empty ones are no condition. */
typedef struct ks_action_ask {
    ks_str apps;      /* comma list of keys, aliases or ids; unknown ones match nothing */
    ks_str names;     /* comma list of action names, any case */
    ks_str tags;      /* comma list; any of them */
    ks_str words;     /* free text: the best matches first, others left out unless nothing matches */
    bool   important; /* only actions tagged so */
} ks_action_ask;

/* True when nothing is asked for: every action is wanted. */
bool ks_action_ask_empty(const ks_action_ask *ask);

/* The actions asked for that the caller may reach, in the arena: sorted by name, or by how well they match
 * `words`. */
KS_MUST ks_status ks_action_search(ks_ctx *cx, const ks_catalog *c, const ks_action_ask *ask,
                                   ks_action_ref **out, size_t *n);
