/* tests/fuzz/fuzz_app_file.c — app files (YAML): a fault is told with file and line, an app that passes is
 * whole. */
#include "features/apps/app_file.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    ks_ctx        cx = fuzz_ctx();
    const ks_app *app = NULL;
    ks_status     status = ks_app_file_parse(&cx, KS_S("demo.yaml"), fuzz_text(data, size), &app);
    if (status == KS_OK)
        must(app != NULL && app->key.n > 0 && app->name.n > 0);
    else
        must(status == KS_NO_MEMORY ||
             (status == KS_INVALID && ks_str_starts(cx.err.message, KS_S("demo.yaml"))));
    fuzz_done(&cx);
    return 0;
}
