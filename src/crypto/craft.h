/* crypto/craft.h — a secret made from others: joined, cut, or taken out of JSON. Decides nothing about what
 * is made of what (features/actions/derive.c). What is made of a secret is one. Threads: any. */
#pragma once
#include "base/ctx.h"
#include "base/secret.h"

/* A literal, or a secret; `json`: written with the escapes of a JSON string. */
typedef struct ks_craft_part {
    ks_str           text;
    const ks_secret *secret; /* NULL for a literal */
    bool             json;
} ks_craft_part;

/* All parts, one behind the other. TOO_LARGE over KS_MAX_SECRET_TEXT   NO_MEMORY */
KS_MUST ks_status ks_craft_join(ks_ctx *cx, const ks_craft_part *parts, size_t n, ks_secret **out);

/* ASCII letters in capitals, '_' for '-'; the other way round with `lower`.  NO_MEMORY */
KS_MUST ks_status ks_craft_fold(ks_ctx *cx, const ks_secret *s, bool lower, ks_secret **out);

/* What stands before the first `at`, or behind it. INVALID when it is not there   NO_MEMORY */
KS_MUST ks_status ks_craft_cut(ks_ctx *cx, const ks_secret *s, ks_str at, bool behind, ks_secret **out);

/* The scalar at `pointer` (RFC 6901) of a JSON text. INVALID when it is no JSON or nothing stands there
 * NO_MEMORY */
KS_MUST ks_status ks_craft_member(ks_ctx *cx, const ks_secret *json, ks_str pointer, ks_secret **out);
