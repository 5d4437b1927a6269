/* tests/fuzz/fuzz_shape.c — bodies decoded by a table of every kind, and encoded again (http/shape.h). */
#include "http/shape.h"
#include "tests/fuzz/fuzz.h"

typedef struct inner {
    ks_str  text;
    int64_t number;
} inner;

typedef struct body {
    ks_str     name;
    bool       flag;
    int64_t    count, at;
    ks_strs    tags;
    ks_json   *object, *any;
    ks_secret *secret;
    inner      sub;
} body;

static const ks_field inner_fields[] = {KS_FIELD(inner, text, STR, 0), KS_FIELD(inner, number, I64, 0),
                                        KS_FIELDS_END};

static const ks_field in_fields[] = {KS_FIELD_MAX("name", body, name, STR, KS_REQUIRED, 64),
                                     KS_FIELD(body, flag, BOOL, 0),
                                     KS_FIELD(body, count, I64, 0),
                                     KS_FIELD_MAX("tags", body, tags, STRS, 0, 4),
                                     KS_FIELD(body, object, OBJ, 0),
                                     KS_FIELD(body, any, ANY, 0),
                                     KS_FIELD(body, secret, SECRET, 0),
                                     KS_FIELD_SUB("sub", body, sub, 0, inner_fields),
                                     KS_FIELDS_END};

static const ks_field out_fields[] = {KS_FIELD(body, name, STR, KS_NULLABLE),
                                      KS_FIELD(body, flag, BOOL, 0),
                                      KS_FIELD(body, count, I64, 0),
                                      KS_FIELD(body, at, TIME, 0),
                                      KS_FIELD(body, tags, STRS, 0),
                                      KS_FIELD_AS("secret", body, secret, MASK, 0),
                                      KS_FIELD_SUB("sub", body, sub, 0, inner_fields),
                                      KS_FIELDS_END};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    ks_ctx   cx = fuzz_ctx();
    ks_json *v;
    body     b;
    if (ks_json_parse(&cx, fuzz_text(data, size), &v) == KS_OK && ks_json_kind(v) == KS_JSON_OBJ) {
        if (ks_shape_decode(&cx, v, "", in_fields, &b) == KS_OK) {
            ks_buf *out = ks_ctx_buf(&cx, 8 << 20);
            ks_jw   w = ks_jw_new(out);
            must(b.name.n > 0 && b.name.n <= 64 && b.tags.n <= 4);
            ks_jw_obj(&w, NULL);
            ks_shape_encode(&cx, &w, out_fields, &b);
            ks_jw_end(&w, '}');
            must(ks_buf_ok(out) && ks_json_fault(ks_buf_view(out)) == NULL);
        } else {
            must(cx.err.status == KS_INVALID && cx.err.n > 0);
        }
    }
    fuzz_done(&cx);
    return 0;
}
