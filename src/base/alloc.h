/* base/alloc.h — the heap of this program: every allocation can fail, and what is freed is wiped first.
 *
 * The same four functions are handed to jansson, libcurl and OpenSSL (base/alloc.c, ks_alloc_install), so
 * parser and header buffers that held a secret are wiped before reuse (rule S1). Tests make the n-th
 * allocation fail. Threads: any. */
#pragma once
#include "base/attr.h"

/* These four as malloc(3) and its family, but freed and moved memory is overwritten. NULL on failure. */
KS_MUST void *ks_malloc(size_t n);
/* Cleared. NULL also when count * size overflows. */
KS_MUST void *ks_calloc(size_t count, size_t size);
/* Moved memory leaves nothing behind. NULL: `p` stays. */
KS_MUST void *ks_realloc(void *p, size_t n);
/* Wipes first. NULL is fine. */
void ks_free(void *p);

/* Overwrite n bytes. Whole pages of a large block that hold nothing but zeros are only read: writing would
 * make memory of those that were never used, and all of a buffer into which little came would stay resident.
 */
void ks_wipe(void *p, size_t n);

/* Free memory of which only the first n bytes were ever written, or not wiped yet: the rest is spared. */
void ks_free_part(void *p, size_t n);

/* As strdup(3) over ks_malloc. NULL on failure; the caller frees with ks_free. */
KS_MUST char *ks_strdup(const char *z);

/* Give the functions above to jansson. Call once, before any other use of it. (libcurl and OpenSSL:
 * upstream/.) */
void ks_alloc_install(void);

/* Tests only: make allocation number `n` from now fail (1 = the next), 0 = none; `all_after`: and all later
 * ones. Returns nothing; counts over all threads. */
void ks_alloc_fail_at(uint64_t n, bool all_after);

/* Count one allocation that is cut from memory there already (a piece of an arena, a slot of a pool), and say
 * whether the tests let it succeed. Always true in the field. */
KS_MUST bool ks_alloc_permit(void);

/* Allocations asked for since the last ks_alloc_fail_at; counted only while its `n` was not 0 (UINT64_MAX:
 * count, fail none). */
uint64_t ks_alloc_count(void);
