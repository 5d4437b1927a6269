/* tests/fuzz/fuzz_enc.c — percent, base64 and hex of base/enc.h: what is written is read back; what is read
 * is text. */
#include "base/enc.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    ks_str text = fuzz_text(data, size);
    ks_buf a = ks_buf_new(4 * size + 16), b = ks_buf_new(4 * size + 16);

    ks_enc_base64(&a, text);
    must(ks_dec_base64(&b, ks_buf_view(&a)) && ks_str_eq(ks_buf_view(&b), text));
    ks_buf_clear(&b);
    if (ks_dec_base64(&b, text)) { /* one spelling only */
        ks_buf_clear(&a);
        ks_enc_base64(&a, ks_buf_view(&b));
        must(ks_str_eq(ks_buf_view(&a), text));
    }

    ks_buf_clear(&a);
    ks_buf_clear(&b);
    ks_enc_percent(&a, text);
    bool clean = ks_str_utf8(text) && ks_str_chr(text, '\0') == SIZE_MAX;
    must(ks_dec_percent(&b, ks_buf_view(&a), true) == clean);
    must(!clean || ks_str_eq(ks_buf_view(&b), text));
    ks_buf_clear(&b);
    if (ks_dec_percent(&b, text, size % 2))
        must(ks_str_utf8(ks_buf_view(&b)) && ks_str_chr(ks_buf_view(&b), '\0') == SIZE_MAX);

    unsigned char out[32];
    (void)ks_dec_hex(text, out, sizeof out);
    ks_buf_done(&a);
    ks_buf_done(&b);
    return 0;
}
