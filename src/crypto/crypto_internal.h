/* crypto/crypto_internal.h — what the files of this folder share; nobody else includes it. Threads: see
 * keyring.h. */
#pragma once
#include "crypto/envelope.h"
#include "crypto/keyring.h"

#define KS_KEY_LEN   32
#define KS_NONCE_LEN 24
#define KS_TAG_LEN   16
#define KS_ALG       "xchacha20poly1305"
#define KS_ROOT_HEX  (2 * KS_KEY_LEN) /* digits of a root key given in the environment */

/* Memory with guard pages, not swapped, not dumped. NULL when there is none. 30 us a call: long-lived keys
 * and large plaintexts only. Free with sodium_free, which wipes. */
KS_MUST void *ks_guarded_new(size_t n);

/* root.c: the 32 bytes of the root key. Errors as ks_keyring_open. */
KS_MUST ks_status ks_root_read(ks_ctx *cx, const ks_root_source *from, unsigned char key[KS_KEY_LEN]);

/* keyring.c: the subkey for one use of a key; `purpose` is one of the 8-byte contexts in keyring.c
 * (rule C9). */
void ks_subkey(const unsigned char key[KS_KEY_LEN], const char purpose[8], unsigned char out[KS_KEY_LEN]);

/* keyring.c: the keyed hash a key is known by, with a NUL (rule C4). */
void ks_key_id(const unsigned char key[KS_KEY_LEN], char id[KS_KEY_ID_LEN + 1]);

/* keyring.c: the keys of a keyring, as long as it. The one that API keys are digested with. */
const unsigned char *ks_api_key_key(const ks_keyring *k);
/* The key of a purpose, for ks_mac. */
const unsigned char *ks_purpose_key(const ks_keyring *k, ks_purpose p);
/* The secret half of the key that audit heads are signed with. */
const unsigned char *ks_head_key(const ks_keyring *k);
/* The key that project keys are wrapped under. */
const unsigned char *ks_wrap_key(const ks_keyring *k);

/* project.c: the open keys of projects. */
typedef struct ks_project_keys ks_project_keys;
/* An empty set. NULL when memory is short. */
KS_MUST ks_project_keys *ks_project_keys_new(void);
/* Wipes every key; NULL is fine. */
void ks_project_keys_free(ks_project_keys *keys);
/* The set of this keyring; as long as the keyring. */
ks_project_keys *ks_keyring_projects(const ks_keyring *k);

/* project.c: the sealing key of a project, and its id (KS_KEY_ID_LEN characters). NULL when it is not open;
 * else it stays until ks_project_key_drop, which must follow at once. */
const unsigned char *ks_project_key_hold(const ks_keyring *k, ks_str project_id, const char **kek_id);
/* End of a hold: other threads may open and drop keys again. */
void ks_project_key_drop(const ks_keyring *k);

/* aead.c: the associated data of a place (rule C3), in the arena. Absent when memory is short. */
ks_str ks_place_bytes(ks_ctx *cx, const ks_place *place, ks_str alg, ks_str key_id);

/* aead.c: XChaCha20-Poly1305-IETF with a fresh random nonce; nonce and ct in the arena. NO_MEMORY. */
KS_MUST ks_status ks_aead_seal(ks_ctx *cx, const unsigned char key[KS_KEY_LEN], ks_str ad, ks_str plain,
                               ks_str *nonce, ks_str *ct);

/* aead.c: the reverse, into `plain` of ct.n - KS_TAG_LEN bytes. False when anything does not fit. */
bool ks_aead_open(const unsigned char key[KS_KEY_LEN], ks_str ad, ks_str nonce, ks_str ct, char *plain);

/* aead.c: a number in big-endian bytes, as all our formats write it. */
void ks_put_be(unsigned char *to, uint64_t v, size_t bytes);
/* The number in those bytes. */
uint64_t ks_get_be(const unsigned char *from, size_t bytes);

/* A read-only view of bytes as what libsodium takes. */
static inline const unsigned char *ks_u8(ks_str s)
{
    return (const unsigned char *)s.p;
}
