/* upstream/reserve.h — memory for libcurl: the wiping heap of base/alloc.h, and behind it a few blocks set
 * aside, because libcurl does not survive the failure of some small allocations (a socket it has begun to
 * watch, 7.88). Large ones may fail: it reports those. Internal to upstream/. Threads: any; one short lock.
 */
#pragma once
#include "base/attr.h"

/* Set the blocks aside; once, before any of the others. False when memory is short. */
KS_MUST bool ks_reserve_start(void);

/* How often the heap had nothing for libcurl since the start. */
uint64_t ks_reserve_short(void);

/* As malloc(3) and its family over base/alloc.h. */
KS_MUST void *ks_reserve_malloc(size_t n);
/* Cleared memory for `count` elements of `size` bytes; NULL also when their product overflows. */
KS_MUST void *ks_reserve_calloc(size_t count, size_t size);
/* The old place is wiped when it moves. NULL: `p` stays as it was. */
KS_MUST void *ks_reserve_realloc(void *p, size_t n);
/* A copy to be freed with ks_reserve_free. */
KS_MUST char *ks_reserve_strdup(const char *z);
/* Wipes; a block the reserve is short of is kept there. NULL is fine. */
void ks_reserve_free(void *p);
