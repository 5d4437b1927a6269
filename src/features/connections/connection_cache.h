/* features/connections/connection_cache.h — connection rows kept in memory, still sealed (a GET costs 0.5 of
 * nginx without, docs/decisions). Threads: the cache of the calling thread. */
#pragma once
#include "features/connections/connection.h"

/* The row of this id in this project, when it is held and still current. */
bool ks_connection_cached(ks_ctx *cx, ks_str id, ks_connection *out);

/* Keep a row that was read after both counters were taken: that of its id, and that of its integration, with
 * which it goes. */
void ks_connection_keep(ks_ctx *cx, const ks_connection *c, uint64_t epoch, uint64_t integration_epoch);
