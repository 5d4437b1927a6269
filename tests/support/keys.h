/* tests/support/keys.h — real private keys for tests, made once in each run, in the forms in which fields of
 * the catalogue want them. */
#pragma once
#include "base/ctx.h"
#include "features/apps/app.h"

/* PEM of a fresh RSA key of 2048 bits, or of an EC key on P-256. Lives to the end of the program. */
ks_str test_rsa_pem(void);
ks_str test_ec_pem(void);
/* PEM of yet another EC key, in the arena. */
ks_str test_fresh_ec_pem(ks_ctx *cx);
/* The RSA key as JWK. */
ks_str test_rsa_jwk(void);

/* What a person would paste into the field, where a key is wanted there: PEM, JWK, JSON around it, id:hex.
 * `word` stands in what is no key of it. Absent for other fields. */
ks_str test_key_for(ks_ctx *cx, const ks_app_scheme *s, const ks_app_field *f, ks_str word);

/* Is some token of the scheme signed by the client? Its keys hold no words. */
bool test_signs(const ks_app_scheme *s);
