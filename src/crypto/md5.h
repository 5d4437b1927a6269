/* crypto/md5.h — the check sum that SDKs send along with a file. It finds what was damaged on its way and
 * protects nothing. OpenSSL's, since libsodium has none. Threads: any. */
#pragma once
#include "base/ctx.h"

#define KS_MD5_HEX 32 /* characters */

/* The MD5 of `bytes` in lower-case hex, in the arena. NO_MEMORY   INTERNAL: this OpenSSL does not offer it */
KS_MUST ks_status ks_md5(ks_ctx *cx, ks_str bytes, ks_str *out);
