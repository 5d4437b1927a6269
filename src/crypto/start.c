/* crypto/start.c — library start and self-tests with published vectors (rule C8). Holds no key. Sources:
 * draft-irtf-cfrg-xchacha-03 A.3.1, RFC 7693 appendix A and its keyed test file, RFC 8032 7.1. Threads: call
 * once. */
#include <sodium.h>

#include "base/ids.h"
#include "crypto/crypto_internal.h"

static bool from_hex(unsigned char *out, size_t n, const char *hex)
{
    size_t got = 0;
    return sodium_hex2bin(out, n, hex, strlen(hex), " ", &got, NULL) == 0 && got == n;
}

static bool xchacha_is_right(void)
{
    static const char text[] = "Ladies and Gentlemen of the class of '99: If I could offer you only one tip "
                               "for the future, sunscreen would be it.";
    static const char sealed_hex[] =
        "bd6d179d3e83d43b9576579493c0e939572a1700252bfaccbed2902c21396cbb731c7f1b0b4aa6440bf3a82f4eda7e39"
        "ae64c6708c54c216cb96b72e1213b4522f8c9ba40db5d945b11b69b982c1bb9e3f3fac2bc369488f76b2383565d3fff9"
        "21f9664c97637da9768812f615c68b13b52e"
        "c0875924c1c7987947deafd8780acf49";
    unsigned char want[sizeof text - 1 + KS_TAG_LEN], got[sizeof want], key[KS_KEY_LEN], ad[12];
    unsigned char nonce[KS_NONCE_LEN];
    char          back[sizeof text - 1];
    for (size_t i = 0; i < sizeof key; i++)
        key[i] = (unsigned char)(0x80 + i);
    for (size_t i = 0; i < sizeof nonce; i++)
        nonce[i] = (unsigned char)(0x40 + i);
    if (!from_hex(want, sizeof want, sealed_hex) || !from_hex(ad, sizeof ad, "50515253c0c1c2c3c4c5c6c7"))
        return false;
    crypto_aead_xchacha20poly1305_ietf_encrypt(got, NULL, (const unsigned char *)text, sizeof text - 1, ad,
                                               sizeof ad, NULL, nonce, key);
    ks_str ads = {(const char *)ad, sizeof ad}, ns = {(const char *)nonce, sizeof nonce};
    ks_str ct = {(const char *)got, sizeof got};
    if (memcmp(got, want, sizeof got) != 0 || !ks_aead_open(key, ads, ns, ct, back) ||
        memcmp(back, text, sizeof back) != 0)
        return false;
    got[0] ^= 1;
    return !ks_aead_open(key, ads, ns, ct, back);
}

static bool blake2b_is_right(void)
{
    unsigned char want[64], got[64], key[64];
    if (!from_hex(want, 64,
                  "ba80a53f981c4d0d6a2797b69f12f6e94c212f14685ac4b74b12bb6fdbffa2d1"
                  "7d87c5392aab792dc252d5de4533cc9518d38aa8dbf1925ab92386edd4009923") ||
        crypto_generichash(got, 64, (const unsigned char *)"abc", 3, NULL, 0) != 0 || memcmp(got, want, 64))
        return false;
    for (size_t i = 0; i < sizeof key; i++)
        key[i] = (unsigned char)i;
    return from_hex(want, 64,
                    "10ebb67700b1868efb4417987acf4690ae9d972fb7a590c2f02871799aaa4786"
                    "b5e996e8f0f4eb981fc214b005f42d2ff4233499391653df7aefcbc13fc51568") &&
           crypto_generichash(got, 64, NULL, 0, key, sizeof key) == 0 && memcmp(got, want, 64) == 0;
}

static bool ed25519_is_right(void)
{
    unsigned char seed[32], pub[32], pub_want[32], sk[64], sig[64], sig_want[64];
    if (!from_hex(seed, 32, "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60") ||
        !from_hex(pub_want, 32, "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a") ||
        !from_hex(sig_want, 64,
                  "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e397"
                  "01cf9b46bd25bf5f0595bbe24655141438e7a100b"))
        return false;
    crypto_sign_seed_keypair(pub, sk, seed);
    crypto_sign_detached(sig, NULL, NULL, 0, sk);
    if (memcmp(pub, pub_want, 32) != 0 || memcmp(sig, sig_want, 64) != 0 ||
        crypto_sign_verify_detached(sig, NULL, 0, pub) != 0)
        return false;
    sig[5] ^= 4;
    return crypto_sign_verify_detached(sig, NULL, 0, pub) != 0;
}

/* Subkeys differ by purpose, and random bytes differ at all. */
static bool kdf_and_random_are_sane(void)
{
    unsigned char key[KS_KEY_LEN], other[KS_KEY_LEN], a[KS_KEY_LEN], b[KS_KEY_LEN], again[KS_KEY_LEN];
    ks_random(key, sizeof key); /* getrandom(2); aborts without it */
    randombytes_buf(other, sizeof other);
    ks_subkey(key, "selftest", a);
    ks_subkey(key, "selfmore", b);
    ks_subkey(key, "selftest", again);
    return memcmp(key, other, sizeof key) != 0 && memcmp(a, b, sizeof a) != 0 &&
           memcmp(a, again, sizeof a) == 0;
}

bool ks_crypto_start(void)
{
    return sodium_init() >= 0 && xchacha_is_right() && blake2b_is_right() && ed25519_is_right() &&
           kdf_and_random_are_sane();
}

bool ks_same(const void *a, const void *b, size_t n)
{
    return sodium_memcmp(a, b, n) == 0;
}
