/* features/links/form.c — see form.h. */
#include "features/links/form.h"

#include "base/enc.h"

static ks_status malformed(ks_ctx *cx)
{
    return ks_fail_code(cx, KS_INVALID, "form_malformed", NULL,
                        "The form did not arrive whole. Send it again.");
}

/* Decoded into memory of the call; "" for nothing. */
static ks_status decode(ks_ctx *cx, ks_str raw, ks_str *out)
{
    ks_buf *b = ks_ctx_buf(cx, raw.n + 1);
    if (b == NULL)
        return KS_NO_MEMORY;
    if (!ks_dec_percent(b, raw, true))
        return ks_buf_ok(b) ? malformed(cx) : ks_no_memory(cx);
    *out = ks_buf_view(b);
    return KS_OK;
}

static ks_status take(ks_ctx *cx, ks_form *f, ks_str pair)
{
    size_t eq = ks_str_chr(pair, '=');
    ks_str name, value = KS_S("");
    KS_TRY(decode(cx, ks_str_sub(pair, 0, eq), &name));
    if (eq != SIZE_MAX)
        KS_TRY(decode(cx, ks_str_sub(pair, eq + 1, SIZE_MAX), &value));
    if (f->n == KS_MAX_FORM_PAIRS || ks_form_get(f, name).p != NULL)
        return malformed(cx);
    f->at[f->n].name = name;
    f->at[f->n++].value = value;
    return KS_OK;
}

ks_status ks_form_parse(ks_ctx *cx, ks_str body, ks_form *out)
{
    ks_str pair;
    out->n = 0;
    if (body.n > KS_MAX_FORM_BYTES)
        return ks_fail(cx, KS_TOO_LARGE, NULL, "The form is larger than %d bytes.", KS_MAX_FORM_BYTES);
    while (ks_str_cut(&body, '&', &pair)) {
        if (pair.n > 0)
            KS_TRY(take(cx, out, pair));
    }
    return KS_OK;
}

ks_str ks_form_get(const ks_form *f, ks_str name)
{
    for (size_t i = 0; i < f->n; i++) {
        if (ks_str_eq(f->at[i].name, name))
            return f->at[i].value;
    }
    return KS_NO_STR;
}

ks_str ks_form_field(ks_ctx *cx, const ks_form *f, ks_str name)
{
    ks_str key = ks_fmt(cx, "f." KS_FMT, KS_ARG(name));
    return key.p != NULL ? ks_form_get(f, key) : KS_NO_STR;
}

ks_status ks_form_field_set(ks_ctx *cx, ks_form *f, ks_str name, ks_str value)
{
    ks_str key = ks_fmt(cx, "f." KS_FMT, KS_ARG(name));
    size_t i = 0;
    if (key.p == NULL)
        return KS_NO_MEMORY;
    while (i < f->n && !ks_str_eq(f->at[i].name, key))
        i++;
    if (i == KS_MAX_FORM_PAIRS)
        return malformed(cx);
    f->at[i].name = key;
    f->at[i].value = value;
    f->n = i == f->n ? i + 1 : f->n;
    return KS_OK;
}
