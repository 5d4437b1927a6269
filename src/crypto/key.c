/* crypto/key.c — see key.h. Encrypted keys are refused: nobody is there to ask for the passphrase. Pasted
 * text in which line breaks became "\n" (out of a JSON file) is mended. Threads: any. */
#include "crypto/key.h"

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>

#include "base/enc.h"
#include "base/json.h"

/* ---- PEM ---- */

/* OpenSSL asks for a passphrase: note it, and give none. */
static int no_passphrase(char *to, int size, int writing, void *asked)
{
    (void)to, (void)size, (void)writing;
    *(bool *)asked = true;
    return -1;
}

/* "\n" written out becomes a line break. */
static void mend(ks_buf *b, ks_str text)
{
    for (size_t i = 0; i < text.n; i++) {
        bool written_out = text.p[i] == '\\' && i + 1 < text.n && text.p[i + 1] == 'n';
        ks_buf_c(b, written_out ? '\n' : text.p[i]);
        i += written_out;
    }
}

EVP_PKEY *ks_key_pem(ks_str text, const char **why)
{
    bool      asked = false;
    ks_buf    b = ks_buf_new(KS_MAX_SECRET_TEXT + 1);
    EVP_PKEY *key = NULL;
    mend(&b, text);
    BIO *in = ks_buf_ok(&b) && b.n > 0 ? BIO_new_mem_buf(b.p, (int)b.n) : NULL;
    if (in != NULL)
        key = PEM_read_bio_PrivateKey(in, NULL, no_passphrase, &asked);
    BIO_free(in);
    ks_buf_done(&b);
    ERR_clear_error(); /* its queue could name parts of the input */
    *why = asked ? "is encrypted: paste it without a passphrase" : "is no private key in PEM";
    return key;
}

/* ---- JWK ---- */

/* The number in a member, in base64url; NULL when there is none. */
static BIGNUM *number_of(const ks_json *jwk, const char *name)
{
    ks_str  text = ks_json_str(ks_json_get(jwk, name));
    ks_buf  b = ks_buf_new(2048);
    BIGNUM *n = NULL;
    if (text.n > 0 && ks_dec_base64url(&b, text))
        n = BN_bin2bn((const unsigned char *)b.p, (int)b.n, NULL);
    ks_buf_done(&b);
    return n;
}

/* One member of a JWK and the parameter it is. */
typedef struct jwk_number {
    const char *member, *param;
} jwk_number;

enum { NUMBERS = 8 };

/* Push all numbers; they must live until the parameters are made. */
static bool push_numbers(OSSL_PARAM_BLD *to, const ks_json *jwk, const jwk_number *row, BIGNUM **held)
{
    bool ok = true;
    for (size_t i = 0; i < NUMBERS && row[i].member != NULL && ok; i++) {
        held[i] = number_of(jwk, row[i].member);
        ok = held[i] != NULL && OSSL_PARAM_BLD_push_BN(to, row[i].param, held[i]) == 1;
    }
    return ok;
}

/* 04, x, y: a point as OpenSSL takes it. */
static bool push_point(OSSL_PARAM_BLD *to, const ks_json *jwk, ks_buf *point, size_t coordinate)
{
    static const char *const axes[] = {"x", "y"};
    ks_buf_c(point, 4);
    for (size_t i = 0; i < KS_COUNT(axes); i++) {
        size_t before = point->n;
        if (!ks_dec_base64url(point, ks_json_str(ks_json_get(jwk, axes[i]))) ||
            point->n - before != coordinate)
            return false;
    }
    return OSSL_PARAM_BLD_push_octet_string(to, OSSL_PKEY_PARAM_PUB_KEY, point->p, point->n) == 1;
}

static bool push_curve(OSSL_PARAM_BLD *to, const ks_json *jwk, ks_buf *point)
{
    static const struct {
        const char *name;
        size_t      coordinate; /* bytes */
    } curves[] = {{"P-256", 32}, {"P-384", 48}, {"P-521", 66}};
    ks_str crv = ks_json_str(ks_json_get(jwk, "crv"));
    for (size_t i = 0; i < KS_COUNT(curves); i++) {
        if (ks_str_eq(crv, ks_str_of(curves[i].name)))
            return OSSL_PARAM_BLD_push_utf8_string(to, OSSL_PKEY_PARAM_GROUP_NAME, curves[i].name, 0) == 1 &&
                   push_point(to, jwk, point, curves[i].coordinate);
    }
    return false;
}

static EVP_PKEY *key_of(const char *type, OSSL_PARAM_BLD *from)
{
    EVP_PKEY     *key = NULL;
    OSSL_PARAM   *params = OSSL_PARAM_BLD_to_param(from);
    EVP_PKEY_CTX *c = EVP_PKEY_CTX_new_from_name(NULL, type, NULL);
    if (params == NULL || c == NULL || EVP_PKEY_fromdata_init(c) != 1 ||
        EVP_PKEY_fromdata(c, &key, EVP_PKEY_KEYPAIR, params) != 1)
        key = NULL;
    EVP_PKEY_CTX_free(c);
    OSSL_PARAM_free(params);
    return key;
}

static EVP_PKEY *read_jwk(const ks_json *jwk)
{
    static const jwk_number rsa[NUMBERS] = {
        {"n", OSSL_PKEY_PARAM_RSA_N},          {"e", OSSL_PKEY_PARAM_RSA_E},
        {"d", OSSL_PKEY_PARAM_RSA_D},          {"p", OSSL_PKEY_PARAM_RSA_FACTOR1},
        {"q", OSSL_PKEY_PARAM_RSA_FACTOR2},    {"dp", OSSL_PKEY_PARAM_RSA_EXPONENT1},
        {"dq", OSSL_PKEY_PARAM_RSA_EXPONENT2}, {"qi", OSSL_PKEY_PARAM_RSA_COEFFICIENT1},
    };
    static const jwk_number ec[NUMBERS] = {{"d", OSSL_PKEY_PARAM_PRIV_KEY}};
    BIGNUM                 *held[NUMBERS] = {NULL};
    ks_buf                  point = ks_buf_new(256);
    OSSL_PARAM_BLD         *b = OSSL_PARAM_BLD_new();
    EVP_PKEY               *key = NULL;
    ks_str                  kty = ks_json_str(ks_json_get(jwk, "kty"));
    bool                    is_ec = ks_str_eq(kty, KS_S("EC"));
    if (b != NULL && (is_ec || ks_str_eq(kty, KS_S("RSA"))) && (!is_ec || push_curve(b, jwk, &point)) &&
        push_numbers(b, jwk, is_ec ? ec : rsa, held))
        key = key_of(is_ec ? "EC" : "RSA", b);
    OSSL_PARAM_BLD_free(b);
    for (size_t i = 0; i < NUMBERS; i++)
        BN_clear_free(held[i]);
    ks_buf_done(&point);
    return key;
}

EVP_PKEY *ks_key_jwk(ks_ctx *cx, ks_str text, const char **why)
{
    ks_json  *jwk;
    ks_ctx    own = *cx; /* its failure is told in our words */
    EVP_PKEY *key = NULL;
    if (ks_json_parse(&own, text, &jwk) == KS_OK)
        key = read_jwk(jwk);
    ERR_clear_error();
    *why = "is no private key in JWK (RSA with all its parts, or EC)";
    return key;
}
