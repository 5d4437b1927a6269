/* features/integrations/integration_cache.h — integration rows kept in memory, their values still sealed:
 * each act asks for one. Threads: the cache of the calling thread. */
#pragma once
#include "features/integrations/integration.h"

/* The row of this id in this project, when it is held and still current. */
bool ks_integration_cached(ks_ctx *cx, ks_str id, ks_integration *out);

/* Keep a row that was read after `epoch` = ks_epoch(id) was taken. */
void ks_integration_keep(ks_ctx *cx, const ks_integration *in, uint64_t epoch);
