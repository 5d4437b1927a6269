/* crypto/keyring.c — the root key's subkeys, made once and kept in guarded, read-only memory; the root key
 * itself is wiped as soon as they exist. Projects' keys: project.c. Formats: docs/formats.md "Keys". Threads:
 * any; nothing here changes after ks_keyring_open. */
#include "crypto/keyring.h"

#include <sodium.h>

#include "base/alloc.h"
#include "crypto/crypto_internal.h"

/* One use each (rule C9): a subkey, and the 8 bytes crypto_kdf takes as its context. */
#define SUBKEYS(X)                                                                                           \
    X(wrap, "ks-wrap-")     /* project keys are sealed with it */                                            \
    X(apikeys, "ks-apike")  /* digests of API keys */                                                        \
    X(audit, "ks-audit")    /* the chain of audit records */                                                 \
    X(links, "ks-links")    /* digests of connect links */                                                   \
    X(cursors, "ks-cursr")  /* page cursors */                                                               \
    X(cache, "ks-cache")    /* keys of caches that hold derived credentials */                               \
    X(requests, "ks-idemp") /* hashes of requests that carry an Idempotency-Key */                           \
    X(heads, "ks-heads")    /* seed of the pair that signs audit heads */

typedef struct subkeys {
#define X(name, context) unsigned char name[KS_KEY_LEN];
    SUBKEYS(X)
#undef X
    unsigned char head_secret[crypto_sign_SECRETKEYBYTES];
} subkeys;

struct ks_keyring {
    subkeys         *keys; /* guarded, read-only */
    ks_project_keys *projects;
    char             root_id[KS_KEY_ID_LEN + 1];
    unsigned char    root_check[KS_MAC_LEN];
    unsigned char    head_public[crypto_sign_PUBLICKEYBYTES];
};

_Static_assert(KS_KEY_LEN == crypto_kdf_KEYBYTES, "key length");
_Static_assert(crypto_kdf_CONTEXTBYTES == 8, "context length");

void ks_subkey(const unsigned char key[KS_KEY_LEN], const char purpose[8], unsigned char out[KS_KEY_LEN])
{
    crypto_kdf_derive_from_key(out, KS_KEY_LEN, 1, purpose, key);
}

/* BLAKE2b-256 of a fixed text under a subkey of `key`. */
static void tag_of(const unsigned char key[KS_KEY_LEN], const char purpose[8], ks_str text,
                   unsigned char out[KS_MAC_LEN])
{
    unsigned char sub[KS_KEY_LEN];
    ks_subkey(key, purpose, sub);
    crypto_generichash(out, KS_MAC_LEN, ks_u8(text), text.n, sub, sizeof sub);
    sodium_memzero(sub, sizeof sub);
}

void ks_key_id(const unsigned char key[KS_KEY_LEN], char id[KS_KEY_ID_LEN + 1])
{
    unsigned char tag[KS_MAC_LEN];
    tag_of(key, "ks-keyid", KS_S("ks1 key id"), tag);
    sodium_bin2hex(id, KS_KEY_ID_LEN + 1, tag, KS_KEY_ID_LEN / 2);
}

/* All that is kept of the root key. */
static void derive(ks_keyring *k, const unsigned char root[KS_KEY_LEN])
{
#define X(name, context) ks_subkey(root, context, k->keys->name);
    SUBKEYS(X)
#undef X
    crypto_sign_seed_keypair(k->head_public, k->keys->head_secret, k->keys->heads);
    ks_key_id(root, k->root_id);
    tag_of(root, "ks-check", KS_S("ks1 root check"), k->root_check);
}

ks_status ks_keyring_open(ks_ctx *cx, const ks_root_source *from, ks_keyring **out)
{
    ks_keyring    *k = ks_calloc(1, sizeof *k);
    unsigned char *root = ks_guarded_new(KS_KEY_LEN);
    ks_status      status = KS_OK;
    if (k != NULL) {
        k->keys = ks_guarded_new(sizeof *k->keys);
        k->projects = ks_project_keys_new();
    }
    if (k == NULL || root == NULL || k->keys == NULL || k->projects == NULL)
        status = ks_no_memory(cx);
    else
        status = ks_root_read(cx, from, root);
    if (status == KS_OK) {
        derive(k, root);
        sodium_mprotect_readonly(k->keys);
        *out = k;
    } else {
        ks_keyring_free(k);
    }
    sodium_free(root); /* wipes; NULL is fine */
    return status;
}

void ks_keyring_free(ks_keyring *k)
{
    if (k == NULL)
        return;
    sodium_free(k->keys);
    ks_project_keys_free(k->projects);
    ks_free(k);
}

ks_str ks_keyring_root_id(const ks_keyring *k)
{
    return (ks_str){k->root_id, KS_KEY_ID_LEN};
}

void ks_keyring_root_check(const ks_keyring *k, unsigned char out[KS_MAC_LEN])
{
    memcpy(out, k->root_check, KS_MAC_LEN);
}

ks_project_keys *ks_keyring_projects(const ks_keyring *k)
{
    return k->projects;
}

const unsigned char *ks_api_key_key(const ks_keyring *k)
{
    return k->keys->apikeys;
}

const unsigned char *ks_wrap_key(const ks_keyring *k)
{
    return k->keys->wrap;
}

const unsigned char *ks_head_key(const ks_keyring *k)
{
    return k->keys->head_secret;
}

const unsigned char *ks_purpose_key(const ks_keyring *k, ks_purpose p)
{
    switch (p) {
    case KS_FOR_AUDIT:
        return k->keys->audit;
    case KS_FOR_LINKS:
        return k->keys->links;
    case KS_FOR_CURSORS:
        return k->keys->cursors;
    case KS_FOR_CACHE:
        return k->keys->cache;
    default:
        return k->keys->requests;
    }
}

void ks_head_public(const ks_keyring *k, unsigned char pub[32])
{
    memcpy(pub, k->head_public, sizeof k->head_public);
}
