/* base/arena.h — memory of one request: allocated piecewise, given back and wiped all at once. Threads: one
 * at a time. */
#pragma once
#include "base/str.h"

typedef struct ks_arena ks_arena;

/* An arena that hands out at most `max` bytes. NULL when memory is short. Free with ks_arena_free. */
KS_MUST ks_arena *ks_arena_new(size_t max);
/* The same with a first block of `first` bytes instead of KS_ARENA_FIRST: for what is small and made often.
 */
KS_MUST ks_arena *ks_arena_new_from(size_t first, size_t max);
void              ks_arena_free(ks_arena *a); /* NULL is fine */

/* Run the deferred clean-ups (last first), wipe and forget everything, keep the first block. */
void ks_arena_reset(ks_arena *a);

/* n bytes, aligned for any type, not cleared. NULL when memory or the arena is exhausted. */
KS_MUST void *ks_arena_alloc(ks_arena *a, size_t n);
/* The same, cleared. */
KS_MUST void *ks_arena_zalloc(ks_arena *a, size_t n);

/* Call fn(arg) at reset. False when there is no memory to note it; then nothing will be called. */
KS_MUST bool ks_arena_defer(ks_arena *a, void (*fn)(void *arg), void *arg);

/* Bytes handed out since the last reset. */
size_t ks_arena_used(const ks_arena *a);
