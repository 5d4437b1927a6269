/* http/limiter.h — wrong API keys per address: KS_BAD_KEYS_PER_MIN, then 429 (rule H5). A bounded table; when
 * it is full the oldest entry makes room. A good key is always served. Threads: any; one lock. */
#pragma once
#include "base/str.h"

typedef struct ks_limiter ks_limiter;

/* A table that remembers at most `entries` addresses. NULL: no memory. */
KS_MUST ks_limiter *ks_limiter_new(size_t entries);
void                ks_limiter_free(ks_limiter *l); /* NULL is fine */

/* Seconds until this address may fail again; 0: it may now. */
int ks_limiter_wait(ks_limiter *l, ks_str address, int64_t mono_us);

/* This address presented a wrong key. */
void ks_limiter_fail(ks_limiter *l, ks_str address, int64_t mono_us);
