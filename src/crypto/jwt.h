/* crypto/jwt.h — signed tokens (RFC 7515, RFC 7519) and the keys that sign them. OpenSSL signs: decision
 * 0012. A private key is read for each use and freed at once; its copies live in memory that wipes. Says
 * nothing about what claims mean. Threads: any. */
#pragma once
#include "base/ctx.h"
#include "base/secret.h"

/* A key as the person has it. */
typedef struct ks_jwt_key {
    ks_str           alg; /* HS, RS, ES with 256, 384, 512 */
    ks_str           as;  /* pem jwk hex text; absent: text for HS, pem otherwise */
    const ks_secret *key;
} ks_jwt_key;

/* header.claims.signature, both given as JSON. INVALID with the reason: no such key, an encrypted one, one of
 * another kind than `alg` wants, RSA below 2048 or above 4096 bits   NO_MEMORY */
KS_MUST ks_status ks_jwt_sign(ks_ctx *cx, const ks_jwt_key *key, const ks_secret *header,
                              const ks_secret *claims, ks_secret **out);

/* What the other side checks signatures with, in base64: the public key (DER, RFC 5280), or with HS the
 * shared key. Errors as ks_jwt_sign. */
KS_MUST ks_status ks_jwt_check_key(ks_ctx *cx, const ks_jwt_key *key, ks_secret **out);

/* Is the signature of `token` one of `check_key` (see ks_jwt_check_key) by `alg`? */
bool ks_jwt_verify(ks_str alg, ks_str check_key, ks_str token);

/* base64 of the SHA-256 of the public key (DER) that belongs to the private key `pem`. Errors as ks_jwt_sign.
 */
KS_MUST ks_status ks_jwt_fingerprint(ks_ctx *cx, const ks_secret *pem, ks_secret **out);

/* A token that its maker gives away on purpose, as text in the arena: those of simulated vendors. Absent when
 * memory is short. */
ks_str ks_jwt_public(ks_ctx *cx, const ks_secret *token);
