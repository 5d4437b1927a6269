/* features/tokens/tokens_rows.h — the only SQL about projects and API keys. Used by tokens.c alone. */
#pragma once
#include "base/ids.h"
#include "features/tokens/tokens.h"

/* The row behind a digest. Its head has a fixed size, so that its bytes can lie in a row cache as they are,
 * with the texts of its limits behind them. */
typedef struct ks_key_row {
    struct ks_key_head {
        unsigned char digest[KS_MAC_LEN];
        int64_t       expires_at, revoked_at, frozen_at; /* us; 0 = never */
        int64_t       used_at;                           /* as last written, or about to be */
        unsigned      scopes;
        unsigned char id_n, project_n, limited, read_only; /* limited: any of the limits is there */
        uint32_t      apps_n, entities_n, prefix_n;        /* bytes; UINT32_MAX: absent */
        char          id[KS_ID_MAX], project[KS_ID_MAX];
    } h;
    ks_str apps, entities, prefix; /* as in ks_reach */
} ks_key_row;

/* *found false: no such digest, and *out is all zero. STORE. */
KS_MUST ks_status ks_key_row_by_digest(ks_ctx *cx, ks_str digest, ks_key_row *out, bool *found);

/* It was used now: written when the minute is over, and nothing else is. STORE  NO_MEMORY. */
KS_MUST ks_status ks_key_row_used(ks_ctx *cx, ks_change *c, ks_str id);

/* How exactly it is known when a key was used last. */
#define KS_KEY_USED_US INT64_C(60000000)

/* Is it there, and does it work now? */
bool ks_key_row_good(const ks_key_row *row, ks_str digest, int64_t now_us);

/* Digest and project of a key by its id. NOT_FOUND; STORE. */
KS_MUST ks_status ks_key_row_by_id(ks_ctx *cx, ks_str id, ks_str *digest, ks_str *project_id, bool *revoked);

/* Keys of a project (absent: of all). STORE. */
KS_MUST ks_status ks_key_rows(ks_ctx *cx, ks_str project_id, size_t max, ks_key **out, size_t *n);

/* The key with this id, of the project of this call. NOT_FOUND; STORE. */
KS_MUST ks_status ks_key_row_get(ks_ctx *cx, ks_str id, ks_key *out);

/* How many keys of the project of this call were not revoked. STORE. */
KS_MUST ks_status ks_key_row_count(ks_ctx *cx, int64_t *n);

typedef struct ks_key_name {
    ks_str id, digest;
} ks_key_name;

/* Ids and digests of all keys of the project of this call that were not revoked. STORE. */
KS_MUST ks_status ks_key_row_working(ks_ctx *cx, ks_key_name **out, size_t *n);

/* Id of the project with this name; absent when there is none. STORE. */
KS_MUST ks_status ks_project_row_named(ks_ctx *cx, ks_str name, ks_str *id);

/* The stored key of a project. NOT_FOUND; STORE. */
KS_MUST ks_status ks_project_row_key(ks_ctx *cx, ks_str id, ks_wrapped_key *out);

/* All projects by name. STORE. */
KS_MUST ks_status ks_project_rows(ks_ctx *cx, size_t max, ks_project **out, size_t *n);

/* Statements appended to a change: a new project with its wrapped key. */
KS_MUST ks_status ks_project_row_add(ks_ctx *cx, ks_change *c, const ks_project *p, const ks_wrapped_key *w);
/* A new key: its digest, never the key. */
KS_MUST ks_status ks_key_row_add(ks_ctx *cx, ks_change *c, const ks_key *k, ks_str digest);
/* Frozen as of cx->now_us unless it is already; `frozen` false: no longer frozen. */
KS_MUST ks_status ks_key_row_freeze(ks_ctx *cx, ks_change *c, ks_str id, bool frozen, ks_str why);
/* Revoked as of cx->now_us. The change fails with CONFLICT when it was revoked already. */
KS_MUST ks_status ks_key_row_revoke(ks_ctx *cx, ks_change *c, ks_str id);
