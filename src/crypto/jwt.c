/* crypto/jwt.c — see jwt.h. Sources: RFC 7518 sections 3.2 to 3.4 (an ES signature is r and s side by side,
 * not DER), RFC 8725 (the algorithm comes from the app file, never from a token). Threads: any. */
#include "crypto/jwt.h"

#include <openssl/bn.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/hmac.h>
#include <openssl/x509.h>

#include "base/enc.h"
#include "crypto/key.h"

#define MIN_RSA_BITS 2048
#define MAX_RSA_BITS 4096 /* a signature by a larger one holds the loop for tens of ms */
#define MAX_DIGEST   64
#define MAX_SIG      1024

typedef struct alg {
    const char *name;
    const EVP_MD *(*digest)(void);
    enum { WITH_HMAC, WITH_RSA, WITH_EC } kind;
    int bits; /* of the curve */
} alg;

static const alg algs[] = {
    {"HS256", EVP_sha256, WITH_HMAC, 0}, {"HS384", EVP_sha384, WITH_HMAC, 0},
    {"HS512", EVP_sha512, WITH_HMAC, 0}, {"RS256", EVP_sha256, WITH_RSA, 0},
    {"RS384", EVP_sha384, WITH_RSA, 0},  {"RS512", EVP_sha512, WITH_RSA, 0},
    {"ES256", EVP_sha256, WITH_EC, 256}, {"ES384", EVP_sha384, WITH_EC, 384},
    {"ES512", EVP_sha512, WITH_EC, 521},
};

static const alg *find_alg(ks_str name)
{
    for (size_t i = 0; i < KS_COUNT(algs); i++) {
        if (ks_str_eq(name, ks_str_of(algs[i].name)))
            return &algs[i];
    }
    return NULL;
}

static ks_status bad_key(ks_ctx *cx, const char *why)
{
    return ks_fail(cx, KS_INVALID, NULL, "the key %s", why);
}

/* ---- keys ---- */

/* Is the key of the kind that the algorithm signs with? NULL, or why not. */
static const char *misfit(const alg *a, const EVP_PKEY *key)
{
    int id = EVP_PKEY_get_base_id(key), bits = EVP_PKEY_get_bits(key);
    if (a->kind == WITH_RSA && id != EVP_PKEY_RSA)
        return "is no RSA key";
    if (a->kind == WITH_EC && (id != EVP_PKEY_EC || bits != a->bits))
        return "is not on the elliptic curve that is wanted";
    if (a->kind == WITH_RSA && bits < MIN_RSA_BITS)
        return "is an RSA key of less than 2048 bits";
    return a->kind == WITH_RSA && bits > MAX_RSA_BITS ? "is an RSA key of more than 4096 bits" : NULL;
}

static ks_status open_key(ks_ctx *cx, const ks_jwt_key *k, const alg *a, EVP_PKEY **out)
{
    const char *why = NULL;
    ks_str      text = ks_secret_reveal(k->key);
    EVP_PKEY   *key = ks_str_eq(k->as, KS_S("jwk")) ? ks_key_jwk(cx, text, &why) : ks_key_pem(text, &why);
    if (key == NULL)
        return bad_key(cx, why);
    why = misfit(a, key);
    if (why != NULL) {
        EVP_PKEY_free(key);
        return bad_key(cx, why);
    }
    *out = key;
    return KS_OK;
}

/* The bytes of a shared key, which the caller ends with ks_buf_done. */
static ks_status shared_key(ks_ctx *cx, const ks_jwt_key *k, ks_buf *out)
{
    ks_str text = ks_secret_reveal(k->key);
    if (!ks_str_eq(k->as, KS_S("hex"))) {
        ks_buf_str(out, text);
    } else {
        char *to = ks_buf_reserve(out, text.n / 2 + 1);
        if (to != NULL && (text.n % 2 != 0 || !ks_dec_hex(text, to, text.n / 2)))
            return ks_fail(cx, KS_INVALID, NULL, "the key is not made of pairs of hexadecimal digits");
        out->n = to != NULL ? text.n / 2 : 0;
    }
    if (!ks_buf_ok(out))
        return ks_no_memory(cx);
    return out->n > 0 ? KS_OK : ks_fail(cx, KS_INVALID, NULL, "the key is empty");
}

/* ---- signatures ---- */

/* DER to r and s of `bits` each. */
static bool side_by_side(ks_buf *to, const unsigned char *der, size_t n, int bits)
{
    int            half = (bits + 7) / 8;
    unsigned char *at = (unsigned char *)ks_buf_reserve(to, 2 * (size_t)half);
    ECDSA_SIG     *sig = d2i_ECDSA_SIG(NULL, &der, (long)n);
    bool           ok = at != NULL && sig != NULL && BN_bn2binpad(ECDSA_SIG_get0_r(sig), at, half) == half &&
              BN_bn2binpad(ECDSA_SIG_get0_s(sig), at + half, half) == half;
    ECDSA_SIG_free(sig);
    to->n += ok ? 2 * (size_t)half : 0;
    return ok;
}

static bool sign_with_pair(const alg *a, EVP_PKEY *key, ks_str text, ks_buf *sig)
{
    unsigned char raw[MAX_SIG];
    size_t        n = sizeof raw;
    EVP_MD_CTX   *c = EVP_MD_CTX_new();
    bool          ok = c != NULL && EVP_DigestSignInit(c, NULL, a->digest(), NULL, key) == 1 &&
              EVP_DigestSign(c, raw, &n, (const unsigned char *)text.p, text.n) == 1;
    EVP_MD_CTX_free(c);
    if (ok && a->kind == WITH_EC)
        return side_by_side(sig, raw, n, a->bits);
    if (ok)
        ks_buf_put(sig, raw, n);
    return ok;
}

static bool sign_with_shared(const alg *a, ks_str key, ks_str text, ks_buf *sig)
{
    unsigned char mac[MAX_DIGEST];
    unsigned      n = 0;
    bool ok = HMAC(a->digest(), key.p, (int)key.n, (const unsigned char *)text.p, text.n, mac, &n) != NULL;
    if (ok)
        ks_buf_put(sig, mac, n);
    return ok;
}

/* The signature over `text`, raw. */
static ks_status signature(ks_ctx *cx, const ks_jwt_key *k, ks_str text, ks_buf *sig)
{
    const alg *a = find_alg(k->alg);
    ks_buf     shared = ks_buf_new(KS_MAX_SECRET_TEXT);
    EVP_PKEY  *pair = NULL;
    ks_status  st = KS_OK;
    bool       ok = false;
    if (a == NULL)
        return ks_fail(cx, KS_INVALID, NULL, "the algorithm is none that is known");
    if (a->kind == WITH_HMAC) {
        st = shared_key(cx, k, &shared);
        ok = st == KS_OK && sign_with_shared(a, ks_buf_view(&shared), text, sig);
    } else {
        st = open_key(cx, k, a, &pair);
        ok = st == KS_OK && sign_with_pair(a, pair, text, sig);
    }
    EVP_PKEY_free(pair);
    ks_buf_done(&shared);
    ERR_clear_error();
    return st != KS_OK ? st : ok && ks_buf_ok(sig) ? KS_OK : ks_no_memory(cx);
}

ks_status ks_jwt_sign(ks_ctx *cx, const ks_jwt_key *key, const ks_secret *header, const ks_secret *claims,
                      ks_secret **out)
{
    ks_buf token = ks_buf_new(KS_MAX_SECRET_TEXT), sig = ks_buf_new(MAX_SIG);
    ks_enc_base64url(&token, ks_secret_reveal(header));
    ks_buf_c(&token, '.');
    ks_enc_base64url(&token, ks_secret_reveal(claims));
    ks_status st = ks_buf_ok(&token) ? signature(cx, key, ks_buf_view(&token), &sig) : ks_no_memory(cx);
    ks_buf_c(&token, '.');
    ks_enc_base64url(&token, ks_buf_view(&sig));
    if (st == KS_OK)
        st = ks_buf_ok(&token) ? ks_secret_new(cx, token.p, token.n, out) : ks_no_memory(cx);
    ks_buf_done(&sig);
    ks_buf_done(&token);
    return st;
}

/* ---- the other side ---- */

/* DER of the public half, into `b`. */
static bool put_public(ks_buf *b, const EVP_PKEY *key)
{
    unsigned char *der = NULL;
    int            n = i2d_PUBKEY(key, &der);
    if (n > 0)
        ks_buf_put(b, der, (size_t)n);
    OPENSSL_free(der);
    return n > 0 && ks_buf_ok(b);
}

ks_status ks_jwt_check_key(ks_ctx *cx, const ks_jwt_key *key, ks_secret **out)
{
    const alg *a = find_alg(key->alg);
    ks_buf     raw = ks_buf_new(KS_MAX_SECRET_TEXT), text = ks_buf_new(2 * KS_MAX_SECRET_TEXT);
    EVP_PKEY  *pair = NULL;
    ks_status  st = a == NULL ? ks_fail(cx, KS_INVALID, NULL, "the algorithm is none that is known")
                    : a->kind == WITH_HMAC ? shared_key(cx, key, &raw)
                                           : open_key(cx, key, a, &pair);
    if (pair != NULL && !put_public(&raw, pair))
        st = ks_no_memory(cx);
    ks_enc_base64(&text, ks_buf_view(&raw));
    if (st == KS_OK)
        st = ks_buf_ok(&text) ? ks_secret_new(cx, text.p, text.n, out) : ks_no_memory(cx);
    EVP_PKEY_free(pair);
    ks_buf_done(&raw);
    ks_buf_done(&text);
    return st;
}

/* r and s side by side to DER. */
static bool to_der(ks_buf *der, ks_str sig, int bits)
{
    int                  half = (bits + 7) / 8, n = 0;
    const unsigned char *at = (const unsigned char *)sig.p;
    unsigned char       *made = NULL;
    ECDSA_SIG           *s = sig.n == 2 * (size_t)half ? ECDSA_SIG_new() : NULL;
    BIGNUM              *x = s != NULL ? BN_bin2bn(at, half, NULL) : NULL;
    BIGNUM              *y = s != NULL ? BN_bin2bn(at + half, half, NULL) : NULL;
    if (x != NULL && y != NULL && ECDSA_SIG_set0(s, x, y) == 1) {
        n = i2d_ECDSA_SIG(s, &made);
    } else {
        BN_free(x);
        BN_free(y);
    }
    if (n > 0)
        ks_buf_put(der, made, (size_t)n);
    OPENSSL_free(made);
    ECDSA_SIG_free(s);
    return n > 0 && ks_buf_ok(der);
}

static bool pair_verifies(const alg *a, ks_str key_der, ks_str text, ks_str sig)
{
    const unsigned char *at = (const unsigned char *)key_der.p;
    EVP_PKEY            *key = d2i_PUBKEY(NULL, &at, (long)key_der.n);
    EVP_MD_CTX          *c = EVP_MD_CTX_new();
    ks_buf               der = ks_buf_new(MAX_SIG);
    bool                 ok = key != NULL && c != NULL && misfit(a, key) == NULL;
    if (ok && a->kind == WITH_EC) {
        ok = to_der(&der, sig, a->bits);
        sig = ks_buf_view(&der);
    }
    ok = ok && EVP_DigestVerifyInit(c, NULL, a->digest(), NULL, key) == 1 &&
         EVP_DigestVerify(c, (const unsigned char *)sig.p, sig.n, (const unsigned char *)text.p, text.n) == 1;
    EVP_MD_CTX_free(c);
    EVP_PKEY_free(key);
    ks_buf_done(&der);
    return ok;
}

static bool shared_verifies(const alg *a, ks_str key, ks_str text, ks_str sig)
{
    ks_buf own = ks_buf_new(MAX_SIG);
    bool   ok = sign_with_shared(a, key, text, &own) && own.n == sig.n &&
              CRYPTO_memcmp(own.p, sig.p, own.n) == 0;
    ks_buf_done(&own);
    return ok;
}

bool ks_jwt_verify(ks_str name, ks_str check_key, ks_str token)
{
    const alg *a = find_alg(name);
    size_t     dot = token.n;
    ks_buf     key = ks_buf_new(KS_MAX_SECRET_TEXT), sig = ks_buf_new(MAX_SIG);
    while (dot > 0 && token.p[dot - 1] != '.')
        dot--;
    bool ok = a != NULL && dot > 1 && ks_dec_base64(&key, check_key) && key.n > 0 &&
              ks_dec_base64url(&sig, ks_str_sub(token, dot, SIZE_MAX));
    ks_str text = ks_str_sub(token, 0, dot > 0 ? dot - 1 : 0);
    if (ok && a->kind == WITH_HMAC)
        ok = shared_verifies(a, ks_buf_view(&key), text, ks_buf_view(&sig));
    else if (ok)
        ok = pair_verifies(a, ks_buf_view(&key), text, ks_buf_view(&sig));
    ks_buf_done(&key);
    ks_buf_done(&sig);
    ERR_clear_error();
    return ok;
}

ks_status ks_jwt_fingerprint(ks_ctx *cx, const ks_secret *pem, ks_secret **out)
{
    const char   *why;
    unsigned char digest[MAX_DIGEST];
    unsigned      n = 0;
    ks_buf        der = ks_buf_new(KS_MAX_SECRET_TEXT), text = ks_buf_new(256);
    EVP_PKEY     *key = ks_key_pem(ks_secret_reveal(pem), &why);
    ks_status     st = key != NULL ? KS_OK : bad_key(cx, why);
    if (st == KS_OK &&
        (!put_public(&der, key) || EVP_Digest(der.p, der.n, digest, &n, EVP_sha256(), NULL) != 1))
        st = ks_no_memory(cx);
    ks_enc_base64(&text, (ks_str){(const char *)digest, n});
    if (st == KS_OK)
        st = ks_buf_ok(&text) ? ks_secret_new(cx, text.p, text.n, out) : ks_no_memory(cx);
    EVP_PKEY_free(key);
    ks_buf_done(&der);
    ks_buf_done(&text);
    return st;
}

ks_str ks_jwt_public(ks_ctx *cx, const ks_secret *token)
{
    return ks_copy(cx, ks_secret_reveal(token));
}
