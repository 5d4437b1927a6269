/* features/actions/derive_jwt.c — header, claims and stamps of a signed token (make: jwt). What signs is
 * crypto/jwt.h. Source: RFC 7519 section 4.1. */
#include "features/actions/derive.h"

#include "base/enc.h"
#include "base/ids.h"
#include "crypto/craft.h"
#include "crypto/jwt.h"
#include "features/actions/json_tpl.h"
#include "features/apps/catalog.h"

/* Pieces to one secret. */
static ks_status join(ks_ctx *cx, const ks_pieces *p, ks_secret **out)
{
    ks_craft_part *parts = ks_zalloc(cx, (p->text.n + 1) * sizeof *parts);
    if (parts == NULL || !ks_pieces_ok(p))
        return ks_no_memory(cx);
    for (size_t i = 0; i < p->text.n; i++) {
        const ks_piece *at = &p->text.pieces[i];
        parts[i] = (ks_craft_part){at->text, at->secret, at->enc == KS_ENC_JSON};
    }
    return ks_craft_join(cx, parts, p->text.n, out);
}

ks_status ks_derive_text(ks_ctx *cx, const ks_credential *c, ks_str tpl, ks_secret **out)
{
    ks_pieces p = ks_pieces_new(cx);
    if (!ks_pieces_tpl(&p, c, tpl, KS_ENC_NONE))
        return ks_fail(cx, KS_INVALID, NULL, "a value that it is made of is missing");
    return join(cx, &p, out);
}

/* ---- stamps ---- */

static void put_text(ks_pieces *p, bool *any, ks_str name, ks_str value)
{
    ks_str text = ks_fmt(p->cx, "%s\"" KS_FMT "\":", *any ? "," : "", KS_ARG(name));
    p->failed |= text.p == NULL || value.p == NULL;
    ks_pieces_lit(p, text);
    ks_pieces_lit(p, value);
    *any = true;
}

static ks_str random_text(ks_ctx *cx)
{
    unsigned char bytes[16];
    ks_buf       *b = ks_ctx_buf(cx, 64);
    ks_random(bytes, sizeof bytes);
    if (b == NULL)
        return KS_NO_STR;
    ks_buf_c(b, '"');
    ks_enc_hex(b, bytes, sizeof bytes);
    ks_buf_c(b, '"');
    return ks_buf_ok(b) ? ks_buf_view(b) : KS_NO_STR;
}

/* "GET host/path" of the call. */
static ks_str call_uri(ks_ctx *cx, const ks_call *call)
{
    ks_buf *b = ks_ctx_buf(cx, 2 * KS_MAX_TARGET_BYTES);
    if (b == NULL || call == NULL)
        return KS_NO_STR;
    ks_buf_fmt(b, "\"" KS_FMT " " KS_FMT, KS_ARG(call->method), KS_ARG(call->origin.host));
    for (size_t i = 0; i < call->path.n; i++) {
        const ks_piece *p = &call->path.pieces[i];
        if (p->secret != NULL)
            return KS_NO_STR;
        if (p->enc == KS_ENC_PERCENT)
            ks_enc_percent(b, p->text);
        else
            ks_buf_str(b, p->text);
    }
    ks_buf_c(b, '"'); /* a path holds no '"' (rule N2) */
    return ks_buf_ok(b) ? ks_buf_view(b) : KS_NO_STR;
}

/* The value of one stamp as JSON; absent when memory is short. */
static ks_str stamp(ks_ctx *cx, const ks_derive *d, const ks_app_derived *x, ks_str name)
{
    int64_t  now = cx->now_us / 1000000;
    uint64_t lasts = 0;
    if (ks_str_eq(name, KS_S("uri")))
        return call_uri(cx, d->aim);
    if (ks_str_eq(name, KS_S("jti")) || ks_str_eq(name, KS_S("nonce")))
        return random_text(cx);
    if (ks_str_eq(name, KS_S("exp")) && ks_str_u64(x->lasts, &lasts))
        now += (int64_t)lasts;
    return ks_fmt(cx, "%lld", (long long)now);
}

static void put_stamps(ks_pieces *p, const ks_derive *d, const ks_app_derived *x, bool of_header, bool *any)
{
    for (size_t i = 0; i < x->stamps.n; i++) {
        ks_str name = x->stamps.at[i];
        if (ks_str_eq(name, KS_S("nonce")) == of_header)
            put_text(p, any, name, stamp(p->cx, d, x, name));
    }
}

/* ---- the token ---- */

static ks_status header(ks_ctx *cx, const ks_derive *d, const ks_app_derived *x, ks_secret **out)
{
    ks_pieces p = ks_pieces_new(cx);
    bool      any = true;
    ks_str    lead = ks_fmt(cx, "{\"alg\":\"" KS_FMT "\",\"typ\":\"JWT\"", KS_ARG(x->alg));
    if (lead.p == NULL)
        return KS_NO_MEMORY;
    ks_pieces_lit(&p, lead);
    KS_TRY(ks_json_tpl_members(&p, &d->ready, x->header, &any));
    put_stamps(&p, d, x, true, &any);
    ks_pieces_lit(&p, KS_S("}"));
    return join(cx, &p, out);
}

static ks_status claims(ks_ctx *cx, const ks_derive *d, const ks_app_derived *x, ks_secret **out)
{
    ks_pieces p = ks_pieces_new(cx);
    bool      any = false;
    ks_pieces_lit(&p, KS_S("{"));
    KS_TRY(ks_json_tpl_members(&p, &d->ready, x->claims, &any));
    put_stamps(&p, d, x, false, &any);
    ks_pieces_lit(&p, KS_S("}"));
    return join(cx, &p, out);
}

ks_status ks_derive_jwt(ks_ctx *cx, const ks_derive *d, const ks_app_derived *x, ks_secret **out)
{
    ks_secret *key, *head, *body;
    KS_TRY(ks_derive_text(cx, &d->ready, x->key, &key));
    KS_TRY(header(cx, d, x, &head));
    KS_TRY(claims(cx, d, x, &body));
    const ks_jwt_key with = {.alg = x->alg, .as = x->key_as, .key = key};
    return ks_jwt_sign(cx, &with, head, body, out);
}
