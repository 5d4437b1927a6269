/* features/row_cache.h — rows of the store kept in memory by one thread, so that hot reads need no SQL
 * (docs/ARCHITECTURE.md "Caches"). Values are bytes, sealed ones stay sealed. A row is served only while the
 * commit counter of its id (ks_epoch) has not moved. It does not read or decode rows itself. Threads: one per
 * cache. */
#pragma once
#include "store/store.h"

typedef struct ks_row_cache ks_row_cache;

/* A cache of at most `max_entries` rows and `max_bytes` bytes of keys, values and bookkeeping. NULL when
 * memory is short. Free with ks_row_cache_free. */
KS_MUST ks_row_cache *ks_row_cache_new(size_t max_entries, size_t max_bytes);
void                  ks_row_cache_free(ks_row_cache *c); /* wipes; NULL is fine */

/* The bytes kept for `key`, or absent when there are none or the counter of `key` in `s` has moved. The view
 * ends with the next call on this cache. A NULL cache holds nothing. */
ks_str ks_row_cache_get(ks_row_cache *c, const ks_store *s, ks_str key);

/* Keep a copy of `bytes`, which were read after `epoch` = ks_epoch(s, key) was taken. The longest unused rows
 * make room; a row larger than an eighth of max_bytes, or one there is no memory for, is silently not kept.
 */
void ks_row_cache_put(ks_row_cache *c, ks_str key, uint64_t epoch, ks_str bytes);

/* Rows held now. */
size_t ks_row_cache_count(const ks_row_cache *c);
