/* crypto/envelope.h — credentials sealed for one place in the database, and nowhere else.
 * XChaCha20-Poly1305-IETF, random nonce for every seal, associated data after rule C3. Format:
 * docs/formats.md "Sealed values". Threads: any. */
#pragma once
#include "crypto/keyring.h"

/* One value of a credential. */
typedef struct ks_value {
    ks_str     name;
    ks_secret *secret; /* also for values that are no secret: they are sealed together */
} ks_value;

/* Where the sealed bytes belong; all of it is authenticated. */
typedef struct ks_place {
    ks_str table; /* "connections" or "integrations" */
    ks_str project_id, connection_id,
        integration_id; /* connection_id empty for an integration's own values */
    uint64_t version;
} ks_place;

typedef struct ks_sealed {
    ks_str kek_id, alg, nonce, ct;
} ks_sealed;

/* Seal up to KS_MAX_FIELDS values with the key of place->project_id, which must be open. NO_MEMORY. INTERNAL:
 * key not open. */
KS_MUST ks_status ks_envelope_seal(ks_ctx *cx, const ks_keyring *k, const ks_place *place,
                                   const ks_value *values, size_t n, ks_sealed *out);

/* The reverse; values live in the arena of `cx`. INTERNAL with code "sealed_mismatch" when key id, place or
 * bytes do not fit: the row was moved, mixed up or changed. */
KS_MUST ks_status ks_envelope_open(ks_ctx *cx, const ks_keyring *k, const ks_place *place,
                                   const ks_sealed *sealed, ks_value **values, size_t *n);

/* Bytes that are no credential, under the same rules: plain text of a caller or a vendor, in ordinary memory
 * before and after. `place->table` must be none that holds values. NO_MEMORY. INTERNAL: key not open. */
KS_MUST ks_status ks_envelope_seal_bytes(ks_ctx *cx, const ks_keyring *k, const ks_place *place, ks_str plain,
                                         ks_sealed *out);
/* The reverse, into the arena. Errors as ks_envelope_open. */
KS_MUST ks_status ks_envelope_open_bytes(ks_ctx *cx, const ks_keyring *k, const ks_place *place,
                                         const ks_sealed *sealed, ks_str *plain);
