/* features/ghosts/proof_test.c — what a ghost does not take: tokens that it did not hand out, that ended, or
 * that belong to another credential, and signatures that do not fit. (What it takes: ghost_calls_test.c.) */
#include "features/ghosts/proof.h"

#include "crypto/jwt.h"
#include "features/actions/derive.h"
#include "tests/support/keys.h"
#include "tests/support/test.h"

static ks_arena   *arena;
static ks_ctx      cx;
static ks_catalog *catalog;

static int setup(void **state)
{
    (void)state;
    arena = ks_arena_new(16 << 20);
    cx = ks_ctx_new(arena, NULL);
    return ks_catalog_open(&cx, KS_NO_STR, &catalog) != KS_OK;
}

static int teardown(void **state)
{
    (void)state;
    ks_catalog_free(catalog);
    ks_arena_free(arena);
    return 0;
}

static ks_ghost_proof proof_of(const char *app, const ks_ghost_ask *ask)
{
    const ks_app *a = ks_catalog_app(&cx, catalog, ks_str_of(app));
    assert_non_null(a);
    return (ks_ghost_proof){.cx = &cx, .app = a, .s = &a->schemes[0], .ask = ask};
}

/* ---- tokens ---- */

static void only_its_own_tokens_for_the_same_credential_are_taken_until_they_end(void **state)
{
    ks_ghost_proof  p = proof_of("spotify", NULL), other = proof_of("zoom", NULL);
    ks_ghost_values mine = {.n = 1}, theirs = {.n = 1};
    (void)state;
    mine.at[0].name = theirs.at[0].name = KS_S("client_id");
    mine.at[0].value = KS_S("ci_1");
    theirs.at[0].value = KS_S("ci_2");
    ks_str token = ks_copy(&cx, ks_ghost_issue(&p, KS_S("access_token"), &mine, KS_NO_STR));
    assert_true(ks_ghost_issued(&p, KS_S("access_token"), token, &mine));
    assert_false(ks_ghost_issued(&p, KS_S("access_token"), token, &theirs));
    assert_false(ks_ghost_issued(&p, KS_S("other_token"), token, &mine));
    assert_false(ks_ghost_issued(&other, KS_S("access_token"), token, &mine));
    assert_false(ks_ghost_issued(&p, KS_S("access_token"), KS_S("made.up.token"), &mine));
    assert_false(ks_ghost_issued(&p, KS_S("access_token"), ks_str_sub(token, 0, token.n - 1), &mine));
    cx.now_us += (int64_t)3601 * 1000000;
    assert_false(ks_ghost_issued(&p, KS_S("access_token"), token, &mine));
}

/* ---- signatures ---- */

/* A call with the signed token of the app `apple_app_store`, bent in one way. */
static bool takes(const char *alg, const char *kid, const char *aud, int64_t iat, int64_t exp,
                  ks_str sign_with, ks_str check_with)
{
    ks_secret *h, *c, *k, *token, *check;
    ks_str     head = ks_fmt(&cx, "{\"alg\":\"%s\",\"kid\":\"%s\"}", alg, kid);
    int64_t    now = cx.now_us / 1000000;
    ks_str body = ks_fmt(&cx, "{\"iss\":\"i\",\"aud\":\"%s\",\"scope\":[],\"iat\":%lld,\"exp\":%lld}", aud,
                         (long long)(now + iat), (long long)(now + exp));
    ks_jwt_key key = {.alg = KS_S("ES256")};
    assert_int_equal(ks_secret_new(&cx, head.p, head.n, &h), KS_OK);
    assert_int_equal(ks_secret_new(&cx, body.p, body.n, &c), KS_OK);
    assert_int_equal(ks_secret_new(&cx, sign_with.p, sign_with.n, &k), KS_OK);
    key.key = k;
    assert_int_equal(ks_jwt_sign(&cx, &key, h, c, &token), KS_OK);
    assert_int_equal(ks_secret_new(&cx, check_with.p, check_with.n, &k), KS_OK);
    key.key = k;
    assert_int_equal(ks_jwt_check_key(&cx, &key, &check), KS_OK);
    const ks_req_pair  headers[] = {{KS_S("ks-ghost-key"), ks_jwt_public(&cx, check)}};
    const ks_ghost_ask ask = {.headers = headers, .headers_n = 1};
    ks_ghost_proof     p = proof_of("apple_app_store", &ask);
    ks_ghost_values    v = {.n = 1};
    v.at[0].name = KS_S("access_token");
    v.at[0].value = ks_jwt_public(&cx, token);
    return ks_ghost_proven(&p, &v);
}

static void a_signed_token_is_taken_with_the_right_key_claims_and_stamps_only(void **state)
{
    ks_str      ec = test_ec_pem();
    const char *aud = "appstoreconnect-v1";
    (void)state;
    ks_str fresh = test_fresh_ec_pem(&cx);
    assert_true(takes("ES256", "k", aud, 0, 900, ec, ec));
    assert_false(takes("ES256", "k", aud, 0, 900, ec, fresh)); /* another key */
    assert_false(takes("HS256", "k", aud, 0, 900, ec, ec));    /* another algorithm named */
    assert_false(takes("ES256", "k", "elsewhere", 0, 900, ec, ec));
    assert_false(takes("ES256", "k", aud, 0, -1, ec, ec));     /* ended */
    assert_false(takes("ES256", "k", aud, 0, 9000, ec, ec));   /* lasts too long */
    assert_false(takes("ES256", "k", aud, 3600, 900, ec, ec)); /* of the future */
}

KS_TESTS_WITH(setup, teardown, only_its_own_tokens_for_the_same_credential_are_taken_until_they_end,
              a_signed_token_is_taken_with_the_right_key_claims_and_stamps_only)
