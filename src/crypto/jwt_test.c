/* crypto/jwt_test.c — signatures against the examples of RFC 7515 appendix A, and keys that are refused.
 * Promise DER-10. Keys of our own are made afresh in each run. */
#include "crypto/jwt.h"

#include "crypto/craft.h"
#include "tests/support/keys.h"
#include "tests/support/test.h"

#include <openssl/pem.h>

static ks_arena *arena;
static ks_ctx    cx;

static int setup(void **state)
{
    (void)state;
    arena = ks_arena_new(1 << 20);
    cx = ks_ctx_new(arena, NULL);
    return arena != NULL ? 0 : -1;
}

static int teardown(void **state)
{
    (void)state;
    ks_arena_free(arena);
    return 0;
}

static ks_secret *hide(ks_str s)
{
    ks_secret *out = NULL;
    assert_int_equal(ks_secret_new(&cx, s.p, s.n, &out), KS_OK);
    return out;
}

static ks_status sign(const char *alg, const char *as, ks_str key, ks_secret **out)
{
    const ks_jwt_key k = {.alg = ks_str_of(alg), .as = ks_str_of(as), .key = hide(key)};
    return ks_jwt_sign(&cx, &k, hide(KS_S("{\"alg\":\"x\"}")), hide(KS_S("{\"iss\":\"a\"}")), out);
}

static ks_str check_key(const char *alg, const char *as, ks_str key)
{
    ks_secret       *out = NULL;
    const ks_jwt_key k = {.alg = ks_str_of(alg), .as = ks_str_of(as), .key = hide(key)};
    assert_int_equal(ks_jwt_check_key(&cx, &k, &out), KS_OK);
    return ks_secret_reveal(out);
}

/* ---- RFC 7515 ---- */

/* The key of A.1 in hex; header and claims with the line breaks of the RFC. */
static void hs256_gives_the_token_of_rfc_7515_a1(void **state)
{
    ks_secret       *token = NULL;
    const ks_jwt_key k = {
        .alg = KS_S("HS256"),
        .as = KS_S("hex"),
        .key = hide(KS_S("0323354b2b0fa5bc837e0665777ba68f5ab328e6f054c928a90f84b2d2502ebf"
                         "d3fb5a92d20647ef968ab4c377623d223d2e2172052e4f08c0cd9af567d080a3"))};
    (void)state;
    assert_int_equal(ks_jwt_sign(&cx, &k, hide(KS_S("{\"typ\":\"JWT\",\r\n \"alg\":\"HS256\"}")),
                                 hide(KS_S("{\"iss\":\"joe\",\r\n \"exp\":1300819380,\r\n "
                                           "\"http://example.com/is_root\":true}")),
                                 &token),
                     KS_OK);
    assert_str(
        ks_secret_reveal(token),
        "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9"
        ".eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ"
        ".dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk");
}

/* The token of A.3, whose signature is r and s side by side, against the public half of its key. */
static void es256_accepts_the_token_of_rfc_7515_a3_and_no_other(void **state)
{
    const char jwk[] =
        "{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU\","
        "\"y\":\"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0\","
        "\"d\":\"jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI\"}";
    const char token[] =
        "eyJhbGciOiJFUzI1NiJ9"
        ".eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ"
        ".DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q";
    char       bent[sizeof token];
    ks_str     key = check_key("ES256", "jwk", ks_str_of(jwk));
    ks_secret *own;
    (void)state;
    assert_true(ks_jwt_verify(KS_S("ES256"), key, ks_str_of(token)));
    for (size_t i = 0; i < sizeof token - 1; i += 7) {
        memcpy(bent, token, sizeof token);
        bent[i] = bent[i] == 'A' ? 'B' : 'A';
        assert_false(ks_jwt_verify(KS_S("ES256"), key, ks_str_of(bent)));
    }
    assert_int_equal(sign("ES256", "jwk", ks_str_of(jwk), &own), KS_OK);
    assert_true(ks_jwt_verify(KS_S("ES256"), key, ks_secret_reveal(own)));
}

/* ---- our own ---- */

static void what_is_signed_verifies_with_its_own_key_and_algorithm_only(void **state)
{
    const struct {
        const char *alg, *as;
        ks_str      key;
    } rows[] = {
        {"RS256", "pem", test_rsa_pem()}, {"RS384", NULL, test_rsa_pem()}, {"RS512", "jwk", test_rsa_jwk()},
        {"ES256", "pem", test_ec_pem()},  {"HS256", "text", KS_S("k")},    {"HS384", "hex", KS_S("00ff")},
        {"HS512", NULL, KS_S("shared")},
    };
    (void)state;
    for (size_t i = 0; i < KS_COUNT(rows); i++) {
        ks_secret *token = NULL;
        ks_str     key = check_key(rows[i].alg, rows[i].as, rows[i].key);
        assert_int_equal(sign(rows[i].alg, rows[i].as, rows[i].key, &token), KS_OK);
        for (size_t j = 0; j < KS_COUNT(rows); j++)
            assert_int_equal(ks_jwt_verify(ks_str_of(rows[j].alg), key, ks_secret_reveal(token)), i == j);
    }
}

static void line_breaks_written_out_are_mended(void **state)
{
    ks_secret *token;
    ks_str     pem = test_ec_pem();
    ks_buf    *b = ks_ctx_buf(&cx, 8192);
    (void)state;
    for (size_t i = 0; i < pem.n; i++)
        ks_buf_put(b, pem.p[i] == '\n' ? "\\n" : &pem.p[i], pem.p[i] == '\n' ? 2 : 1);
    assert_int_equal(sign("ES256", "pem", ks_buf_view(b), &token), KS_OK);
}

static ks_str pem_of(EVP_PKEY *key, const EVP_CIPHER *cipher)
{
    char *text = NULL;
    BIO  *b = BIO_new(BIO_s_mem());
    char  pass[] = "word";
    assert_int_equal(
        PEM_write_bio_PKCS8PrivateKey(b, key, cipher, cipher ? pass : NULL, cipher ? 4 : 0, NULL, NULL), 1);
    long   n = BIO_get_mem_data(b, &text);
    ks_str out = ks_copy(&cx, (ks_str){text, (size_t)n});
    BIO_free(b);
    EVP_PKEY_free(key);
    return out;
}

static void keys_that_will_not_do_are_refused_with_the_reason(void **state)
{
    const struct {
        const char *alg, *as, *says;
        ks_str      key;
    } rows[] = {
        {"RS256", "pem", "no private key in PEM", KS_S("nonsense")},
        {"RS256", "pem", "no private key in PEM",
         KS_S("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n")},
        {"RS256", "pem", "encrypted", pem_of(EVP_EC_gen("P-256"), EVP_aes_128_cbc())},
        {"RS256", "pem", "no RSA key", test_ec_pem()},
        {"ES256", "pem", "not on the elliptic curve", test_rsa_pem()},
        {"ES384", "pem", "not on the elliptic curve", test_ec_pem()},
        {"RS256", "pem", "less than 2048", pem_of(EVP_RSA_gen(1024), NULL)},
        {"RS256", "jwk", "no private key in JWK", KS_S("{\"kty\":\"RSA\",\"n\":\"AQAB\"}")},
        {"RS256", "jwk", "no private key in JWK", KS_S("[")},
        {"HS256", "hex", "hexadecimal", KS_S("0g")},
        {"HS256", "hex", "hexadecimal", KS_S("012")},
        {"HS256", "text", "empty", KS_S("")},
        {"none", "text", "algorithm", KS_S("k")},
    };
    (void)state;
    for (size_t i = 0; i < KS_COUNT(rows); i++) {
        ks_secret *token;
        assert_int_equal(sign(rows[i].alg, rows[i].as, rows[i].key, &token), KS_INVALID);
        if (ks_str_find(cx.err.message, ks_str_of(rows[i].says)) == SIZE_MAX)
            fail_msg("row %zu: " KS_FMT, i, KS_ARG(cx.err.message));
    }
}

static void a_fingerprint_is_that_of_the_public_half(void **state)
{
    ks_secret *one, *again;
    (void)state;
    assert_int_equal(ks_jwt_fingerprint(&cx, hide(test_rsa_pem()), &one), KS_OK);
    assert_int_equal(ks_jwt_fingerprint(&cx, hide(test_rsa_pem()), &again), KS_OK);
    assert_int_equal(ks_secret_len(one), 44); /* 32 bytes in base64 */
    assert_true(ks_secret_equal(one, again));
    assert_int_equal(ks_jwt_fingerprint(&cx, hide(KS_S("x")), &one), KS_INVALID);
}

/* ---- values made of others ---- */

static void values_are_joined_cut_folded_and_taken_out_of_json(void **state)
{
    ks_secret          *s = hide(KS_S("a\"b")), *out;
    const ks_craft_part parts[] = {{.text = KS_S("<")}, {.secret = s, .json = true}, {.secret = s}};
    (void)state;
    assert_int_equal(ks_craft_join(&cx, parts, 3, &out), KS_OK);
    assert_str(ks_secret_reveal(out), "<a\\\"ba\"b");
    assert_int_equal(ks_craft_fold(&cx, hide(KS_S("aB-c_1")), false, &out), KS_OK);
    assert_str(ks_secret_reveal(out), "AB_C_1");
    assert_int_equal(ks_craft_fold(&cx, hide(KS_S("aB-c_1")), true, &out), KS_OK);
    assert_str(ks_secret_reveal(out), "ab-c-1");
    assert_int_equal(ks_craft_cut(&cx, hide(KS_S("id:se:c")), KS_S(":"), false, &out), KS_OK);
    assert_str(ks_secret_reveal(out), "id");
    assert_int_equal(ks_craft_cut(&cx, hide(KS_S("id:se:c")), KS_S(":"), true, &out), KS_OK);
    assert_str(ks_secret_reveal(out), "se:c");
    assert_int_equal(ks_craft_cut(&cx, hide(KS_S("id")), KS_S(":"), true, &out), KS_INVALID);
    assert_int_equal(ks_craft_member(&cx, hide(KS_S("{\"a\":{\"b\":7}}")), KS_S("/a/b"), &out), KS_OK);
    assert_str(ks_secret_reveal(out), "7");
    assert_int_equal(ks_craft_member(&cx, hide(KS_S("{\"a\":{}}")), KS_S("/a"), &out), KS_INVALID);
    assert_int_equal(ks_craft_member(&cx, hide(KS_S("no json")), KS_S("/a"), &out), KS_INVALID);
}

KS_TESTS_WITH(setup, teardown, hs256_gives_the_token_of_rfc_7515_a1,
              es256_accepts_the_token_of_rfc_7515_a3_and_no_other,
              what_is_signed_verifies_with_its_own_key_and_algorithm_only, line_breaks_written_out_are_mended,
              keys_that_will_not_do_are_refused_with_the_reason, a_fingerprint_is_that_of_the_public_half,
              values_are_joined_cut_folded_and_taken_out_of_json)
