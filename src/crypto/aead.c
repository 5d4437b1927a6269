/* crypto/aead.c — sealing bytes with associated data that names their place (rules C2, C3). Knows no keyring
 * and no credential. Source: draft-irtf-cfrg-xchacha-03 by libsodium. Threads: any; no state. */
#include <sodium.h>

#include "base/alloc.h"
#include "crypto/crypto_internal.h"

_Static_assert(KS_KEY_LEN == crypto_aead_xchacha20poly1305_ietf_KEYBYTES, "key length");
_Static_assert(KS_NONCE_LEN == crypto_aead_xchacha20poly1305_ietf_NPUBBYTES, "nonce length");
_Static_assert(KS_TAG_LEN == crypto_aead_xchacha20poly1305_ietf_ABYTES, "tag length");

void *ks_guarded_new(size_t n)
{
    return ks_alloc_permit() ? sodium_malloc(n) : NULL;
}

void ks_put_be(unsigned char *to, uint64_t v, size_t bytes)
{
    for (size_t i = bytes; i-- > 0; v >>= 8)
        to[i] = (unsigned char)v;
}

uint64_t ks_get_be(const unsigned char *from, size_t bytes)
{
    uint64_t v = 0;
    for (size_t i = 0; i < bytes; i++)
        v = v << 8 | from[i];
    return v;
}

ks_str ks_place_bytes(ks_ctx *cx, const ks_place *place, ks_str alg, ks_str key_id)
{
    unsigned char version[8];
    ks_put_be(version, place->version, sizeof version);
    const ks_str parts[] = {KS_S("ks1"),
                            place->table,
                            place->project_id,
                            place->connection_id,
                            place->integration_id,
                            {(const char *)version, sizeof version},
                            alg,
                            key_id};
    size_t       n = 0;
    for (size_t i = 0; i < KS_COUNT(parts); i++)
        n += 4 + parts[i].n;
    unsigned char *p = ks_alloc(cx, n);
    if (p == NULL)
        return KS_NO_STR;
    unsigned char *at = p;
    for (size_t i = 0; i < KS_COUNT(parts); i++) {
        ks_put_be(at, parts[i].n, 4);
        if (parts[i].n)
            memcpy(at + 4, parts[i].p, parts[i].n);
        at += 4 + parts[i].n;
    }
    return (ks_str){(const char *)p, n};
}

ks_status ks_aead_seal(ks_ctx *cx, const unsigned char key[KS_KEY_LEN], ks_str ad, ks_str plain,
                       ks_str *nonce, ks_str *ct)
{
    unsigned char *at = ks_alloc(cx, KS_NONCE_LEN);
    unsigned char *to = ks_alloc(cx, plain.n + KS_TAG_LEN);
    if (at == NULL || to == NULL)
        return KS_NO_MEMORY;
    randombytes_buf(at, KS_NONCE_LEN);
    crypto_aead_xchacha20poly1305_ietf_encrypt(to, NULL, ks_u8(plain), plain.n, ks_u8(ad), ad.n, NULL, at,
                                               key);
    *nonce = (ks_str){(const char *)at, KS_NONCE_LEN};
    *ct = (ks_str){(const char *)to, plain.n + KS_TAG_LEN};
    return KS_OK;
}

bool ks_aead_open(const unsigned char key[KS_KEY_LEN], ks_str ad, ks_str nonce, ks_str ct, char *plain)
{
    if (nonce.n != KS_NONCE_LEN || ct.n < KS_TAG_LEN)
        return false;
    return crypto_aead_xchacha20poly1305_ietf_decrypt((unsigned char *)plain, NULL, NULL, ks_u8(ct), ct.n,
                                                      ks_u8(ad), ad.n, ks_u8(nonce), key) == 0;
}
