/* crypto/key.h — private keys read from PEM (RFC 7468) or JWK (RFC 7517) into what OpenSSL works with.
 * Internal to crypto/. Threads: any. */
#pragma once
#include <openssl/evp.h>

#include "base/ctx.h"

/* The private key in `text`; end with EVP_PKEY_free. NULL with the reason in *why, an unfinished sentence. */
KS_MUST EVP_PKEY *ks_key_pem(ks_str text, const char **why);
/* The same of a JWK (RSA, or EC on P-256, P-384, P-521), which is parsed in the arena of `cx`. */
KS_MUST EVP_PKEY *ks_key_jwk(ks_ctx *cx, ks_str text, const char **why);
