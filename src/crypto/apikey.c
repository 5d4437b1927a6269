/* crypto/apikey.c — API keys: made once, shown once, known by their digest (rules K1, K2). Looks nothing up.
 * Threads: any. */
#include <sodium.h>

#include "base/ids.h"
#include "crypto/crypto_internal.h"

#define PREFIX_LEN (3 + 8)

static const char alphabet[] = "0123456789abcdefghjkmnpqrstvwxyz"; /* as in ids */

ks_status ks_api_key_new(ks_ctx *cx, const ks_keyring *k, ks_api_key_parts *out)
{
    char             text[KS_API_KEY_LEN];
    unsigned char    r[KS_API_KEY_LEN];
    ks_api_key_parts parts = {0};
    ks_random(r, sizeof r);
    for (size_t i = 0; i < sizeof text; i++)
        text[i] = alphabet[r[i] & 31];
    memcpy(text, "ks_", 3);
    text[PREFIX_LEN] = '_';
    ks_api_key_digest(k, (ks_str){text, sizeof text}, parts.digest);
    parts.prefix = ks_copy(cx, (ks_str){text, PREFIX_LEN});
    ks_status status = parts.prefix.p ? ks_secret_new(cx, text, sizeof text, &parts.key) : KS_NO_MEMORY;
    sodium_memzero(text, sizeof text);
    sodium_memzero(r, sizeof r);
    if (status == KS_OK)
        *out = parts;
    return status;
}

/* No look at the form: a malformed key costs what an unknown one does. */
void ks_api_key_digest(const ks_keyring *k, ks_str presented, unsigned char out[KS_MAC_LEN])
{
    crypto_generichash(out, KS_MAC_LEN, ks_u8(presented), presented.n, ks_api_key_key(k), KS_KEY_LEN);
}
