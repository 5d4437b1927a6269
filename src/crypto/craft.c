/* crypto/craft.c — see craft.h. Plain bytes stand in buffers that are wiped when freed, and in the arena of
 * the call, which is wiped at its end. Source: RFC 6901, RFC 8259. Threads: any. */
#include "crypto/craft.h"

#include "base/json.h"

/* `s` with JSON escapes and without the quotes. */
static void put_json(ks_buf *b, ks_str s)
{
    ks_buf quoted = ks_buf_new(8 * KS_MAX_SECRET_TEXT);
    ks_json_quote(&quoted, s);
    if (ks_buf_ok(&quoted) && quoted.n >= 2)
        ks_buf_put(b, quoted.p + 1, quoted.n - 2);
    else
        b->failed = true;
    ks_buf_done(&quoted);
}

ks_status ks_craft_join(ks_ctx *cx, const ks_craft_part *parts, size_t n, ks_secret **out)
{
    ks_buf b = ks_buf_new(KS_MAX_SECRET_TEXT + 1);
    b.starved = &cx->starved;
    for (size_t i = 0; i < n; i++) {
        ks_str text = parts[i].secret != NULL ? ks_secret_reveal(parts[i].secret) : parts[i].text;
        if (parts[i].json)
            put_json(&b, text);
        else
            ks_buf_str(&b, text);
    }
    ks_status st = cx->starved ? ks_no_memory(cx) : KS_OK;
    if (st == KS_OK && !ks_buf_ok(&b))
        st = ks_fail(cx, KS_TOO_LARGE, NULL, "A value made from the credential is longer than 64 kB.");
    if (st == KS_OK)
        st = ks_secret_new(cx, ks_buf_view(&b).p, b.n, out);
    ks_buf_done(&b);
    return st;
}

static char folded(char c, bool lower)
{
    if (lower)
        return c == '_' ? '-' : ks_lower(c);
    return c == '-' ? '_' : c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
}

ks_status ks_craft_fold(ks_ctx *cx, const ks_secret *s, bool lower, ks_secret **out)
{
    ks_str text = ks_secret_reveal(s);
    ks_buf b = ks_buf_new(text.n + 1);
    for (size_t i = 0; i < text.n; i++)
        ks_buf_c(&b, folded(text.p[i], lower));
    ks_status st = ks_buf_ok(&b) ? ks_secret_new(cx, ks_buf_view(&b).p, b.n, out) : ks_no_memory(cx);
    ks_buf_done(&b);
    return st;
}

ks_status ks_craft_cut(ks_ctx *cx, const ks_secret *s, ks_str at, bool behind, ks_secret **out)
{
    ks_str text = ks_secret_reveal(s);
    size_t found = ks_str_find(text, at);
    if (found == SIZE_MAX)
        return ks_fail(cx, KS_INVALID, NULL, "it has no '" KS_FMT "' in it", KS_ARG(at));
    return behind ? ks_secret_slice(cx, s, found + at.n, text.n - found - at.n, out)
                  : ks_secret_slice(cx, s, 0, found, out);
}

ks_status ks_craft_member(ks_ctx *cx, const ks_secret *json, ks_str pointer, ks_secret **out)
{
    ks_json  *tree;
    ks_status st = ks_json_parse(cx, ks_secret_reveal(json), &tree);
    if (st == KS_NO_MEMORY)
        return st;
    ks_str text = st == KS_OK ? ks_json_scalar(cx, ks_json_pointer(tree, pointer)) : KS_NO_STR;
    if (text.n == 0)
        return ks_fail(cx, KS_INVALID, NULL, "it is no JSON with a value at " KS_FMT, KS_ARG(pointer));
    return ks_secret_new(cx, text.p, text.n, out);
}
