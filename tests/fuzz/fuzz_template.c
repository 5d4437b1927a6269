/* tests/fuzz/fuzz_template.c — templates of app files: the parts of a sound one are the whole text (rule T2).
 */
#include "features/apps/template.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    ks_str      text = fuzz_text(data, size), rest = text;
    ks_tpl_part part;
    size_t      bytes = 0;
    if (ks_tpl_fault(text) != NULL)
        return 0;
    while (ks_tpl_next(&rest, &part)) {
        bytes += part.text.n + (part.is_value ? 4 : 0);
        must(bytes <= size);
        must(!part.is_value || (part.text.n > 0 && ks_tpl_uses(text, part.text)));
    }
    must(bytes == size);
    return 0;
}
