/* crypto/keyring.h — the keys: root key from outside the database, one key per project under it, subkeys by
 * purpose. A handle, so that it can move into a process of its own. Hierarchy and formats: docs/formats.md,
 * rules C1 to C6, C8, C9, K1. Threads: any; one lock inside, held for microseconds. */
#pragma once
#include "base/ctx.h"
#include "base/secret.h"

typedef struct ks_keyring ks_keyring;

#define KS_KEY_ID_LEN 16 /* a key id: keyed hash of the key, 16 lower-case hex characters (rule C4) */
#define KS_MAC_LEN    32

/* Where the root key comes from (rule C6). Exactly one is set. */
typedef struct ks_root_source {
    ks_str path; /* file of 32 raw bytes: regular, ours, mode 0600, no symlink */
    int    fd;   /* descriptor or systemd credential to read 32 bytes from; -1 = none. Closed after reading */
    ks_str env;  /* name of an environment variable with 64 hex digits: allowed with a warning, then
                    overwritten and unset */
} ks_root_source;

/* sodium_init, a self-test of every primitive used, getrandom (rule C8). False: the process must not start.
 */
KS_MUST bool ks_crypto_start(void);

/* Make a new root key file at `path` (0600, fsynced with its folder). CONFLICT when it exists. INTERNAL on
 * I/O errors. */
KS_MUST ks_status ks_root_create(ks_ctx *cx, ks_str path);

/* Read the root key into guarded memory. NOT_FOUND no such file   FORBIDDEN wrong owner, mode or kind (the
 * message says which)   INVALID not 32 bytes. Free with ks_keyring_free. */
KS_MUST ks_status ks_keyring_open(ks_ctx *cx, const ks_root_source *from, ks_keyring **out);
void              ks_keyring_free(ks_keyring *k); /* NULL is fine; wipes */

/* Id of the root key; stored in every wrapped project key and in meta. Lives as long as the keyring. */
ks_str ks_keyring_root_id(const ks_keyring *k);

/* Key-check value of the root key (rule C5): 32 bytes to store in meta once and to compare at each start. */
void ks_keyring_root_check(const ks_keyring *k, unsigned char out[KS_MAC_LEN]);

/* A project's key as stored: wrapped under the root key. */
typedef struct ks_wrapped_key {
    ks_str root_id, kek_id, alg, nonce, ct;
} ks_wrapped_key;

/* Make a project key, wrap it for storing (out in the arena), and keep it open in the keyring. */
KS_MUST ks_status ks_project_key_new(ks_ctx *cx, ks_keyring *k, ks_str project_id, ks_wrapped_key *out);

/* Open a stored project key and keep it (bounded cache, least recently used leaves, wiped).
 * FORBIDDEN wrapped under another root key (names the id wanted)   INTERNAL damaged */
KS_MUST ks_status ks_project_key_open(ks_ctx *cx, ks_keyring *k, ks_str project_id, const ks_wrapped_key *w);

/* Is this project's key open? If not, the caller reads the row and calls ks_project_key_open. */
bool ks_project_key_is_open(const ks_keyring *k, ks_str project_id);

/* API keys (rule K1, K2): "ks_" public id of 8 "_" 40 base32 characters (200 random bits). */
#define KS_API_KEY_LEN (3 + 8 + 1 + 40)
typedef struct ks_api_key_parts {
    ks_secret    *key;                /* to be shown once */
    ks_str        prefix;             /* "ks_" + 8 characters: public, for lists and logs */
    unsigned char digest[KS_MAC_LEN]; /* what is stored */
} ks_api_key_parts;

/* A fresh key with all three parts. NO_MEMORY */
KS_MUST ks_status ks_api_key_new(ks_ctx *cx, const ks_keyring *k, ks_api_key_parts *out);

/* The text of a key just made, to be shown this once; valid as long as p->key. */
static inline ks_str ks_api_key_once(const ks_api_key_parts *p)
{
    return ks_secret_reveal(p->key);
}

/* Digest of a presented key, of any length and content: the same work for all of them. */
void ks_api_key_digest(const ks_keyring *k, ks_str presented, unsigned char out[KS_MAC_LEN]);

/* Keyed BLAKE2b-256 for a purpose, over length-prefixed parts. */
typedef enum ks_purpose {
    KS_FOR_AUDIT,
    KS_FOR_LINKS,
    KS_FOR_CURSORS,
    KS_FOR_CACHE,
    KS_FOR_IDEMPOTENCY
} ks_purpose;

/* Keyed hash of n parts, each with its length before it, under the subkey of this purpose. */
void ks_mac(const ks_keyring *k, ks_purpose p, const ks_str *parts, size_t n, unsigned char out[KS_MAC_LEN]);

/* Ed25519 over an audit head (rule A1). */
void ks_head_sign(const ks_keyring *k, ks_str head, unsigned char sig[64]);
/* Is `sig` this keyring's signature over `head`? */
bool ks_head_verify(const ks_keyring *k, ks_str head, const unsigned char sig[64]);
/* The public key, for others to check with. */
void ks_head_public(const ks_keyring *k, unsigned char pub[32]);

/* sodium_memcmp: equal? n bytes. */
bool ks_same(const void *a, const void *b, size_t n);
