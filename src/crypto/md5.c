/* crypto/md5.c — see md5.h. RFC 1321. No state. */
#include "crypto/md5.h"

#include <openssl/evp.h>

#include "base/enc.h"

ks_status ks_md5(ks_ctx *cx, ks_str bytes, ks_str *out)
{
    unsigned char sum[KS_MD5_HEX / 2];
    ks_buf       *b = ks_ctx_buf(cx, KS_MD5_HEX + 1);
    if (b == NULL)
        return ks_no_memory(cx);
    if (EVP_Digest(bytes.n > 0 ? bytes.p : "", bytes.n, sum, NULL, EVP_md5(), NULL) != 1)
        return ks_fail(cx, KS_INTERNAL, NULL, "Something went wrong here.");
    ks_enc_hex(b, sum, sizeof sum);
    *out = ks_buf_view(b);
    return ks_buf_ok(b) ? KS_OK : ks_no_memory(cx);
}
