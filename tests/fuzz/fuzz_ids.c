/* tests/fuzz/fuzz_ids.c — the small readers of base/: ids, times, numbers, pasted secrets. */
#include "base/ids.h"
#include "base/secret.h"
#include "base/time.h"
#include "tests/fuzz/fuzz.h"

static void secrets(ks_ctx *cx, ks_str text)
{
    ks_secret *s;
    ks_str     trimmed = ks_secret_trim(text);
    must(trimmed.n <= text.n);
    if (ks_secret_new(cx, trimmed.p, trimmed.n, &s) != KS_OK)
        return;
    must(ks_secret_mask(cx, s).n <= KS_MASK_SHOWN + 8);
    must(ks_secret_fault(s, KS_SECRET_HEADER) != NULL || ks_secret_fault(s, KS_SECRET_UTF8) == NULL);
    must(ks_secret_fault(s, KS_SECRET_UTF8) != NULL || ks_secret_fault(s, KS_SECRET_TEXT) == NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    ks_ctx   cx = fuzz_ctx();
    ks_str   text = fuzz_text(data, size), part, rest = text;
    int64_t  us;
    uint64_t number;
    if (ks_id_valid(text, KS_ID_CONNECTION))
        must(size == 3 + KS_ID_BODY && ks_str_chr(text, '\0') == SIZE_MAX);
    if (ks_time_parse_iso(text.p, text.n, &us)) {
        char again[KS_ISO_LEN];
        ks_time_iso(us, again);
        must(ks_str_eq(ks_str_of(again), text));
    }
    if (ks_str_u64(text, &number))
        must(size > 0 && text.p[0] >= '0' && text.p[0] <= '9');
    for (size_t n = 0; ks_str_cut(&rest, ',', &part); n++)
        must(n <= size);
    secrets(&cx, text);
    fuzz_done(&cx);
    return 0;
}
