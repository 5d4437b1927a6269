/* features/connections/alias.c — see alias.h. */
#include "features/connections/alias.h"

#define ALIAS "alias:"

enum { ALIAS_MAX = KS_MAX_LABEL - (sizeof ALIAS - 1) }; /* bytes */

ks_str ks_alias_of(ks_str label)
{
    return ks_str_starts(label, KS_S(ALIAS)) ? ks_str_sub(label, sizeof ALIAS - 1, SIZE_MAX) : KS_NO_STR;
}

ks_status ks_alias_label(ks_ctx *cx, ks_str alias, const char *field, ks_str *out)
{
    if (alias.n > ALIAS_MAX)
        return ks_fail(cx, KS_INVALID, field, "Use at most %d bytes for an alias.", (int)ALIAS_MAX);
    *out = ks_fmt(cx, ALIAS KS_FMT, KS_ARG(alias));
    return out->p ? KS_OK : KS_NO_MEMORY;
}

ks_status ks_alias_labels(ks_ctx *cx, ks_str old, ks_str label, ks_json **out)
{
    ks_json *labels;
    ks_buf  *b = ks_ctx_buf(cx, KS_MAX_BODY_BYTES);
    if (b == NULL)
        return KS_NO_MEMORY;
    KS_TRY(ks_json_parse(cx, old, &labels));
    ks_jw w = ks_jw_new(b);
    ks_jw_arr(&w, NULL);
    for (size_t i = 0; i < ks_json_count(labels); i++) {
        ks_str one = ks_json_str(ks_json_at(labels, i));
        if (ks_alias_of(one).p == NULL)
            ks_jw_str(&w, NULL, one);
    }
    if (label.n > 0)
        ks_jw_str(&w, NULL, label);
    ks_jw_end(&w, ']');
    return ks_buf_ok(b) ? ks_json_parse(cx, ks_buf_view(b), out) : ks_no_memory(cx);
}
