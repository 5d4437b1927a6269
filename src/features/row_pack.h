/* features/row_pack.h — a row as bytes for the row cache: the numbers as they lie in memory, then each text
 * with its length. The bytes never leave this process and this build, so they need no version. It does not
 * know which rows there are. Threads: the cache of the calling thread. */
#pragma once
#include "features/env.h"

/* The members of a row, in one order for both directions. */
typedef struct ks_row_shape {
    void          *numbers; /* a struct without pointers */
    size_t         numbers_n;
    ks_str *const *texts;
    size_t         texts_n;
} ks_row_shape;

/* The row kept under `key` into the members of `shape`; texts are copies in the arena, absent ones stay
 * absent. False: none is kept, or memory is short; then the members are undefined. */
KS_MUST bool ks_row_unpack(ks_ctx *cx, ks_str key, const ks_row_shape *shape);

/* Keep the row, which was read after `epoch` = ks_epoch(key) was taken. Nothing is kept when memory is short.
 */
void ks_row_pack(ks_ctx *cx, ks_str key, uint64_t epoch, const ks_row_shape *shape);
