/* features/pass.c — see pass.h. Tags are made under the key of links and bear a prefix that no link has. */
#include "features/pass.h"

#include "base/enc.h"

#define TAG 32 /* hex digits: 128 bits */

static ks_str tag_of(ks_ctx *cx, const char *what, ks_str id, ks_str until)
{
    unsigned char mac[KS_MAC_LEN];
    const ks_str  parts[] = {KS_S("pass"), ks_str_of(what), id, until};
    ks_buf       *b = ks_ctx_buf(cx, TAG + 1);
    if (b == NULL)
        return KS_NO_STR;
    ks_mac(cx->env->keys, KS_FOR_LINKS, parts, KS_COUNT(parts), mac);
    ks_enc_hex(b, mac, TAG / 2);
    return ks_buf_ok(b) ? ks_buf_view(b) : KS_NO_STR;
}

ks_str ks_pass_new(ks_ctx *cx, const char *what, ks_str id, int64_t until_us)
{
    ks_str until = ks_fmt(cx, "%lld", (long long)until_us);
    ks_str tag = until.p != NULL ? tag_of(cx, what, id, until) : KS_NO_STR;
    if (tag.p == NULL)
        return KS_NO_STR;
    return ks_fmt(cx, KS_FMT "." KS_FMT "." KS_FMT, KS_ARG(id), KS_ARG(until), KS_ARG(tag));
}

ks_str ks_pass_id(ks_ctx *cx, const char *what, ks_str pass)
{
    ks_str   rest = pass, id = KS_S(""), until = KS_S(""), tag = KS_S("");
    uint64_t end;
    bool     whole = ks_str_cut(&rest, '.', &id) && ks_str_cut(&rest, '.', &until) &&
                 ks_str_cut(&rest, '.', &tag);
    ks_str want = tag_of(cx, what, id, until);
    if (!whole || rest.n > 0 || want.p == NULL || tag.n != want.n || !ks_same(tag.p, want.p, want.n))
        return KS_NO_STR;
    return ks_str_u64(until, &end) && (int64_t)end > cx->now_us ? id : KS_NO_STR;
}
