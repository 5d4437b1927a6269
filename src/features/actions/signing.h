/* features/actions/signing.h — from `sign` of an app file to the data by which upstream/ signs a call.
 * Internal to features/. Pure. Threads: any. */
#pragma once
#include "features/connections/credential.h"
#include "upstream/sign.h"

/* How calls of this scheme are signed, with the values of `c` by reference; *out NULL: they are not. Parts
 * whose optional value is missing are left out. NO_MEMORY. */
KS_MUST ks_status ks_signing_new(ks_ctx *cx, const ks_app *app, const ks_credential *c, const ks_sign **out);

/* A part of the request that the message of an HMAC may use. */
bool ks_signing_word(ks_str name);
