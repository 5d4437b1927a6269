/* features/actions/signing.c — see signing.h. Reveals nothing: secrets go on by reference. */
#include "features/actions/signing.h"

#include "features/actions/pieces.h"
#include "features/apps/catalog.h"
#include "features/apps/template.h"

bool ks_signing_word(ks_str name)
{
    static const char *const words[] = {"method", "path", "query", "body", "date", "signature"};
    for (size_t i = 0; i < KS_COUNT(words); i++) {
        if (ks_str_eq(name, ks_str_of(words[i])))
            return true;
    }
    return false;
}

/* A field of the scheme goes before a word of the request: the app file would not mean anything else. */
static bool is_word(const ks_credential *c, ks_sign_how how, ks_str name)
{
    return how == KS_SIGN_HMAC && ks_signing_word(name) && ks_app_field_find(c->scheme, name) == NULL;
}

/* False: a value is missing, so the part is left out. */
static bool lay_out(ks_pieces *p, const ks_credential *c, ks_sign_how how, ks_str tpl)
{
    ks_tpl_part part;
    ks_str      rest = tpl;
    while (ks_tpl_next(&rest, &part)) {
        ks_str own = ks_fmt(p->cx, "{{" KS_FMT "}}", KS_ARG(part.text));
        p->failed |= own.p == NULL;
        if (!part.is_value)
            ks_pieces_lit(p, part.text);
        else if (is_word(c, how, part.text))
            ks_pieces_enc(p, part.text, KS_ENC_REQUEST);
        else if (!ks_pieces_tpl(p, c, own, KS_ENC_NONE))
            return false;
    }
    return true;
}

ks_status ks_signing_new(ks_ctx *cx, const ks_app *app, const ks_credential *c, const ks_sign **out)
{
    ks_sign_how          how;
    const ks_app_scheme *s = c != NULL ? c->scheme : NULL;
    *out = NULL;
    if (s == NULL || s->sign.p == NULL || !ks_sign_find(s->sign, &how))
        return KS_OK;
    ks_sign *sign = ks_zalloc(cx, sizeof *sign);
    if (sign == NULL)
        return KS_NO_MEMORY;
    sign->how = how;
    sign->rule = ks_fmt(cx, KS_FMT " " KS_FMT ": sign", KS_ARG(app->key), KS_ARG(s->scheme));
    for (size_t i = 0; i < s->sign_with.n && sign->n < KS_SIGN_PARTS; i++) {
        ks_pieces p = ks_pieces_new(cx);
        if (lay_out(&p, c, how, s->sign_with.at[i].value))
            sign->parts[sign->n++] = (ks_sign_part){s->sign_with.at[i].name, p.text};
        if (!ks_pieces_ok(&p))
            return ks_no_memory(cx);
    }
    *out = sign;
    return sign->rule.p != NULL ? KS_OK : KS_NO_MEMORY;
}
