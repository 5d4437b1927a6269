/* tests/fuzz/fuzz_wire.c — the scanner of inbound bytes: the verdict does not depend on how the bytes arrive,
 * and never more is passed on than came (rule T5). */
#include "http/wire_scan.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    ks_str  text = fuzz_text(data, size);
    ks_scan whole = {0}, parts = {0};
    size_t  step = size ? data[0] % 7 + 1U : 1;
    must(ks_scan_feed(&whole, text) <= size);
    for (size_t at = 0; at < size && parts.status == KS_OK; at += step) {
        ks_str part = ks_str_sub(text, at, step);
        must(ks_scan_feed(&parts, part) <= part.n);
    }
    must(whole.status == parts.status && whole.heads == parts.heads);
    must(whole.status == KS_OK || whole.message != NULL);
    must(ks_scan_where(&whole) == ks_scan_where(&parts));
    if (whole.status != KS_OK)
        must(ks_scan_feed(&whole, text) == 0); /* final */
    return 0;
}
