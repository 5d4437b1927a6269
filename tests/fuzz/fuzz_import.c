/* tests/fuzz/fuzz_import.c — OpenAPI documents: a fault is told with its line, and what comes is an app file
 * that passes. The import reads its own text again, so a fault that names the app file is a mistake of ours.
 */
#include "features/import/import.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    ks_ctx            cx = fuzz_ctx();
    ks_import         made = {.actions = 0};
    ks_import_options options = {.file = KS_S("doc"), .deprecated = size % 2 == 1};
    ks_status         status = ks_import_document(&cx, fuzz_text(data, size), &options, &made);
    if (status == KS_OK)
        must(made.actions > 0 && made.key.n > 0 && made.yaml.n > 0);
    else
        must(status == KS_NO_MEMORY || (status == KS_INVALID && ks_str_starts(cx.err.message, KS_S("doc:"))));
    fuzz_done(&cx);
    return 0;
}
