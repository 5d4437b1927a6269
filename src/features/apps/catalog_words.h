/* features/apps/catalog_words.h — the actions of a catalogue found by words, best first. Threads: any. */
#pragma once
#include "features/apps/catalog.h"

/* Numbers (as of ks_catalog_action_name_at) of the actions that hold any of the `n` terms in name, title,
 * tags, texts or the app's name, best first, in the arena. The first call makes the index, which lives as
 * long as the catalogue: 60 ms and 1.5 MB for 1,800 actions. NO_MEMORY; then a later call tries again. */
KS_MUST ks_status ks_catalog_words_find(ks_ctx *cx, const ks_catalog *c, const ks_str *terms, size_t n,
                                        size_t **hits, size_t *hits_n);
