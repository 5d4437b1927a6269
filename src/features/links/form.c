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

/* "https://host:port" of the header against where the request was sent to, and against the public address. */
static bool own_origin(const ks_ctx *cx, const ks_req *rq, ks_str origin)
{
    ks_str base = cx->env->settings->public_url;
    size_t at = ks_str_find(origin, KS_S("://"));
    if (at == SIZE_MAX)
        return false;
    if (base.n > origin.n && base.p[origin.n] == '/')
        base.n = origin.n;
    return ks_str_ieq(ks_str_sub(origin, at + 3, SIZE_MAX), ks_req_header(rq, "host")) ||
           ks_str_ieq(origin, base);
}

/* Under no-referrer browsers send "null" with a form, so that alone says nothing; then Sec-Fetch-Site must.
 * What is no browser sends neither. */
bool ks_form_own(const ks_ctx *cx, const ks_req *rq)
{
    ks_str origin = ks_req_header(rq, "origin"), site = ks_req_header(rq, "sec-fetch-site");
    bool   same = ks_str_eq(site, KS_S("same-origin"));
    if (origin.p == NULL)
        return site.p == NULL || same;
    if (ks_str_eq(origin, KS_S("null")))
        return same;
    return own_origin(cx, rq, origin) && (site.p == NULL || same);
}

ks_status ks_form_read(ks_ctx *cx, const ks_req *rq, ks_form *out)
{
    ks_str type = ks_req_header(rq, "content-type");
    type = ks_str_trim(ks_str_sub(type, 0, ks_str_chr(type, ';')), " \t");
    if (!ks_str_ieq(type, KS_S("application/x-www-form-urlencoded")))
        return ks_fail(cx, KS_MEDIA, NULL, "Send the form as application/x-www-form-urlencoded.");
    return ks_form_parse(cx, rq->body, out);
}

ks_str ks_form_lines(ks_ctx *cx, ks_str s)
{
    ks_buf *b = ks_ctx_buf(cx, s.n + 1);
    if (b == NULL)
        return KS_NO_STR;
    ks_buf_str(b, KS_S(""));
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] != '\r' || i + 1 == s.n || s.p[i + 1] != '\n')
            ks_buf_c(b, s.p[i]);
    }
    return ks_buf_view(b);
}
