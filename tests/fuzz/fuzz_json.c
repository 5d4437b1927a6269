/* tests/fuzz/fuzz_json.c — scanner, reader, writer and slices of base/json.h against each other. */
#include "base/json.h"
#include "tests/fuzz/fuzz.h"

/* What parses is written as text that parses to the same text again. */
static void round_trip(ks_ctx *cx, const ks_json *v)
{
    ks_buf  *first = ks_ctx_buf(cx, 16 << 20), *second = ks_ctx_buf(cx, 16 << 20);
    ks_json *again;
    ks_jw    w = ks_jw_new(first);
    ks_jw_value(&w, NULL, v);
    must(ks_buf_ok(first));
    must(ks_json_parse(cx, ks_buf_view(first), &again) == KS_OK);
    w = ks_jw_new(second);
    ks_jw_value(&w, NULL, again);
    must(ks_str_eq(ks_buf_view(first), ks_buf_view(second)));
}

/* The slice of each member is the text of the member in the tree. */
static void slices(ks_ctx *cx, ks_str text, const ks_json *v)
{
    void    *it = NULL;
    ks_str   name;
    ks_json *member, *sliced;
    while (ks_json_each(v, &it, &name, &member)) {
        ks_str slice = ks_json_slice(text, name);
        must(slice.p != NULL && ks_json_parse(cx, slice, &sliced) == KS_OK);
        must(ks_json_kind(sliced) == ks_json_kind(member) && ks_json_count(sliced) == ks_json_count(member));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    ks_ctx   cx = fuzz_ctx();
    ks_str   text = fuzz_text(data, size);
    ks_json *v;
    bool     sound = ks_json_fault(text) == NULL;
    ks_buf  *quoted = ks_ctx_buf(&cx, 8 * size + 16);
    if (ks_json_parse(&cx, text, &v) == KS_OK) {
        must(sound);
        (void)ks_json_pointer(v, ks_str_sub(text, 1, 20));
        if (size < 4096) {
            round_trip(&cx, v);
            slices(&cx, text, v);
        }
    } else {
        must(cx.err.status == KS_INVALID && cx.err.message.n > 0);
    }
    ks_json_quote(quoted, text);
    if (size == 0 ||
        memchr(data, 0, size) == NULL) /* a NUL is written as \u0000, which is refused when read */
        must(ks_json_fault(ks_buf_view(quoted)) == NULL);
    fuzz_done(&cx);
    return 0;
}
