/* crypto/mac.c — keyed hashes by purpose and signed audit heads (rules A1, C9). Sources: RFC 7693, RFC 8032
 * by libsodium. Threads: any; no state. */
#include <sodium.h>

#include "crypto/crypto_internal.h"

void ks_mac(const ks_keyring *k, ks_purpose p, const ks_str *parts, size_t n, unsigned char out[KS_MAC_LEN])
{
    crypto_generichash_state st;
    crypto_generichash_init(&st, ks_purpose_key(k, p), KS_KEY_LEN, KS_MAC_LEN);
    for (size_t i = 0; i < n; i++) {
        unsigned char len[4]; /* so that ("ab","c") and ("a","bc") differ */
        ks_put_be(len, parts[i].n, sizeof len);
        crypto_generichash_update(&st, len, sizeof len);
        crypto_generichash_update(&st, ks_u8(parts[i]), parts[i].n);
    }
    crypto_generichash_final(&st, out, KS_MAC_LEN);
    sodium_memzero(&st, sizeof st);
}

void ks_head_sign(const ks_keyring *k, ks_str head, unsigned char sig[64])
{
    crypto_sign_detached(sig, NULL, ks_u8(head), head.n, ks_head_key(k));
}

bool ks_head_verify(const ks_keyring *k, ks_str head, const unsigned char sig[64])
{
    unsigned char pub[crypto_sign_PUBLICKEYBYTES];
    ks_head_public(k, pub);
    return crypto_sign_verify_detached(sig, ks_u8(head), head.n, pub) == 0;
}
