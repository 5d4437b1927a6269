/* features/connections/credential_pair.c — a client certificate and its key are looked at together before
 * they are stored: a mix-up is told at once, by field. Does not ask whether the vendor knows the certificate.
 * Threads: any. */
#include "crypto/pair.h"
#include "features/apps/template.h"
#include "features/connections/credential.h"

/* The field that a member of `sign.with` consists of; absent when it is more than one field. */
static ks_str field_of(const ks_app_scheme *s, const char *member)
{
    for (size_t i = 0; i < s->sign_with.n; i++) {
        ks_str      tpl = s->sign_with.at[i].value;
        ks_tpl_part part;
        if (ks_str_eq(s->sign_with.at[i].name, ks_str_of(member)) && ks_tpl_next(&tpl, &part) &&
            part.is_value && tpl.n == 0)
            return part.text;
    }
    return KS_NO_STR;
}

ks_status ks_credential_pair(ks_ctx *cx, const ks_credential *c, const char *path)
{
    static const char *const reasons[] = {
        [KS_PAIR_NO_CERTIFICATE] = "Give the certificate in PEM form, with its BEGIN and END lines.",
        [KS_PAIR_NO_KEY] =
            "Give the private key in PEM form, without a passphrase, with its BEGIN and END lines.",
        [KS_PAIR_OTHER_KEY] = "This key belongs to another certificate. Give the one it was made with.",
    };
    if (!ks_str_eq(c->scheme->sign, KS_S("mtls")))
        return KS_OK;
    ks_str           certificate = field_of(c->scheme, "certificate"), key = field_of(c->scheme, "key");
    const ks_secret *first = ks_credential_get(c, certificate), *second = ks_credential_get(c, key);
    if (first == NULL || second == NULL)
        return KS_OK;
    ks_pair_fault fault = ks_pair_judge(first, second);
    if (fault == KS_PAIR_FITS)
        return KS_OK;
    ks_str field = fault == KS_PAIR_NO_CERTIFICATE ? certificate : key;
    ks_str name = ks_fmt(cx, "%s" KS_FMT, path, KS_ARG(field));
    if (fault == KS_PAIR_MEMORY || name.p == NULL)
        return ks_no_memory(cx);
    return ks_fail(cx, KS_INVALID, name.p, "%s", reasons[fault]);
}
