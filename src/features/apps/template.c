/* features/apps/template.c — cuts templates of app files into literals and names. Fills nothing in: that is
 * the business of who builds a request. Rule T2. Threads: any. */
#include "features/apps/template.h"

static const ks_str opening = KS_S_INIT("{{"), closing = KS_S_INIT("}}");

bool ks_tpl_next(ks_str *rest, ks_tpl_part *part)
{
    if (rest->n == 0)
        return false;
    size_t at = ks_str_find(*rest, opening);
    if (at != 0) {
        *part = (ks_tpl_part){ks_str_sub(*rest, 0, at), false};
        *rest = ks_str_sub(*rest, part->text.n, SIZE_MAX);
        return true;
    }
    ks_str inner = ks_str_sub(*rest, opening.n, SIZE_MAX);
    size_t end = ks_str_find(inner, closing);
    if (end == SIZE_MAX) { /* cannot occur in a checked template; then it is text */
        *part = (ks_tpl_part){*rest, false};
        *rest = ks_str_sub(*rest, rest->n, 0);
        return true;
    }
    *part = (ks_tpl_part){ks_str_sub(inner, 0, end), true};
    *rest = ks_str_sub(inner, end + closing.n, SIZE_MAX);
    return true;
}

static bool is_name(ks_str s)
{
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'))
            return false;
    }
    return s.n > 0;
}

const char *ks_tpl_fault(ks_str tpl)
{
    size_t at;
    while ((at = ks_str_find(tpl, opening)) != SIZE_MAX) {
        tpl = ks_str_sub(tpl, at + opening.n, SIZE_MAX);
        size_t end = ks_str_find(tpl, closing);
        if (end == SIZE_MAX)
            return "opens {{ without closing it";
        if (!is_name(ks_str_sub(tpl, 0, end)))
            return "holds {{...}} with something other than the name of a field, [a-z0-9_]+";
        tpl = ks_str_sub(tpl, end + closing.n, SIZE_MAX);
    }
    return NULL;
}

bool ks_tpl_uses(ks_str tpl, ks_str name)
{
    ks_tpl_part part;
    while (ks_tpl_next(&tpl, &part)) {
        if (part.is_value && ks_str_eq(part.text, name))
            return true;
    }
    return false;
}
