/* tests/support/keys.c — see keys.h. OpenSSL makes the keys; nothing of them is written down. */
#include "tests/support/keys.h"

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <stdlib.h>

#include "base/enc.h"
#include "base/json.h"
#include "features/apps/template.h"

static EVP_PKEY *rsa;

static ks_str pem_of(EVP_PKEY *key)
{
    char  *text = NULL;
    BIO   *b = BIO_new(BIO_s_mem());
    ks_str out = KS_NO_STR;
    if (key != NULL && b != NULL && PEM_write_bio_PKCS8PrivateKey(b, key, NULL, NULL, 0, NULL, NULL) == 1) {
        long  n = BIO_get_mem_data(b, &text);
        char *copy = malloc((size_t)n + 1);
        if (copy != NULL) {
            memcpy(copy, text, (size_t)n);
            copy[n] = '\0';
            out = (ks_str){copy, (size_t)n};
        }
    }
    BIO_free(b);
    return out;
}

ks_str test_rsa_pem(void)
{
    static ks_str pem;
    if (pem.p == NULL) {
        rsa = EVP_RSA_gen(2048);
        pem = pem_of(rsa);
    }
    return pem;
}

ks_str test_ec_pem(void)
{
    static ks_str pem;
    if (pem.p == NULL) {
        EVP_PKEY *key = EVP_EC_gen("P-256");
        pem = pem_of(key);
        EVP_PKEY_free(key);
    }
    return pem;
}

ks_str test_fresh_ec_pem(ks_ctx *cx)
{
    EVP_PKEY *key = EVP_EC_gen("P-256");
    ks_str    pem = pem_of(key), copy = ks_copy(cx, pem);
    free((char *)(uintptr_t)pem.p);
    EVP_PKEY_free(key);
    return copy;
}

ks_str test_rsa_jwk(void)
{
    static const char *const members[][2] = {
        {"n", OSSL_PKEY_PARAM_RSA_N},          {"e", OSSL_PKEY_PARAM_RSA_E},
        {"d", OSSL_PKEY_PARAM_RSA_D},          {"p", OSSL_PKEY_PARAM_RSA_FACTOR1},
        {"q", OSSL_PKEY_PARAM_RSA_FACTOR2},    {"dp", OSSL_PKEY_PARAM_RSA_EXPONENT1},
        {"dq", OSSL_PKEY_PARAM_RSA_EXPONENT2}, {"qi", OSSL_PKEY_PARAM_RSA_COEFFICIENT1},
    };
    static char   text[8192];
    unsigned char raw[1024];
    ks_buf        b = ks_buf_new(sizeof text - 1);
    test_rsa_pem();
    ks_buf_z(&b, "{\"kty\":\"RSA\"");
    for (size_t i = 0; i < KS_COUNT(members); i++) {
        BIGNUM *n = NULL;
        if (EVP_PKEY_get_bn_param(rsa, members[i][1], &n) != 1)
            return KS_NO_STR;
        ks_buf_fmt(&b, ",\"%s\":\"", members[i][0]);
        ks_enc_base64url(&b, (ks_str){(const char *)raw, (size_t)BN_bn2bin(n, raw)});
        ks_buf_c(&b, '"');
        BN_clear_free(n);
    }
    ks_buf_c(&b, '}');
    memcpy(text, b.p, b.n + 1);
    ks_str out = {text, b.n};
    ks_buf_done(&b);
    return out;
}

bool test_signs(const ks_app_scheme *s)
{
    bool any = false;
    for (size_t i = 0; i < s->derive_n; i++)
        any |= s->derive[i].make == KS_MAKE_JWT;
    return any;
}

static ks_str key_of(const ks_app_derived *x)
{
    if (ks_str_eq(x->key_as, KS_S("jwk")))
        return test_rsa_jwk();
    if (ks_str_starts(x->alg, KS_S("HS")))
        return KS_NO_STR;
    return ks_str_starts(x->alg, KS_S("ES")) ? test_ec_pem() : test_rsa_pem();
}

/* {"client_email": ..., "private_key": ...} */
static ks_str json_for(ks_ctx *cx, const ks_app_scheme *s, const ks_app_derived *jwt, ks_str field,
                       ks_str word)
{
    ks_buf *b = ks_ctx_buf(cx, 65536);
    bool    any = false;
    ks_jw   w = ks_jw_new(b);
    ks_jw_obj(&w, NULL);
    for (size_t i = 0; i < s->derive_n; i++) {
        const ks_app_derived *m = &s->derive[i];
        if (m->make != KS_MAKE_MEMBER || !ks_str_eq(m->from, field))
            continue;
        any = true;
        ks_jw_name(&w, ks_str_sub(m->pointer, 1, SIZE_MAX));
        ks_jw_str(&w, NULL, ks_tpl_uses(jwt->key, m->name) ? key_of(jwt) : word);
    }
    ks_jw_end(&w, '}');
    return any ? ks_buf_view(b) : KS_NO_STR;
}

ks_str test_key_for(ks_ctx *cx, const ks_app_scheme *s, const ks_app_field *f, ks_str word)
{
    for (size_t i = 0; i < s->derive_n; i++) {
        const ks_app_derived *x = &s->derive[i];
        if (x->make == KS_MAKE_AFTER && ks_tpl_uses(x->text, f->name))
            return ks_fmt(cx, KS_FMT KS_FMT "00112233445566778899aabbccddeeff", KS_ARG(word), KS_ARG(x->at));
        if (x->make != KS_MAKE_JWT)
            continue;
        if (ks_tpl_uses(x->key, f->name))
            return key_of(x);
        ks_str json = json_for(cx, s, x, f->name, word);
        if (json.p != NULL)
            return json;
    }
    return KS_NO_STR;
}
