/* features/integrations/requests.c — see requests.h. Servers disagree about what an escaped slash, a doubled
 * one, a dot segment or a `;` in a path means; whoever allows a part of an API must not have to know which,
 * so such paths are refused. What is left is compared byte by byte after undoing escapes nobody needs. */
#include "features/integrations/requests.h"

#include "base/enc.h"

static const char *const methods[] = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "*"};

/* What an escape may not stand for: something that divides paths, an escape again, or control. */
static bool divides(int byte)
{
    return byte < 0x20 || byte == 0x7f || byte == '/' || byte == '\\' || byte == '%' || byte == ';';
}

static bool unreserved(int byte)
{
    return byte < 0x80 && (ks_is_alnum((char)byte) || strchr("-._~", byte) != NULL);
}

/* `path` with needless escapes undone and the others in capitals. NULL when it has one meaning, else why not.
 */
static const char *normal(ks_str path, ks_buf *out)
{
    static const char digits[] = "0123456789ABCDEF";
    for (size_t i = 0; i < path.n; i++) {
        char c = path.p[i];
        if (c == '\\' || c == ';')
            return "holds a character that servers read in several ways";
        if (c == '/' && i + 1 < path.n && path.p[i + 1] == '/')
            return "holds an empty segment";
        if (c != '%') {
            ks_buf_c(out, c);
            continue;
        }
        int high = i + 2 < path.n ? ks_hex_digit(path.p[i + 1]) : -1,
            low = i + 2 < path.n ? ks_hex_digit(path.p[i + 2]) : -1;
        int byte = high * 16 + low;
        if (high < 0 || low < 0)
            return "holds a broken percent-encoding";
        if (divides(byte))
            return "holds a percent-encoding that servers read in several ways";
        if (unreserved(byte)) {
            ks_buf_c(out, (char)byte);
        } else {
            ks_buf_c(out, '%');
            ks_buf_c(out, digits[byte >> 4]);
            ks_buf_c(out, digits[byte & 15]);
        }
        i += 2;
    }
    return NULL;
}

/* NULL when no segment is "." or "..". */
static const char *dots(ks_str path)
{
    ks_str part;
    while (ks_str_cut(&path, '/', &part))
        if (ks_str_eq(part, KS_S(".")) || ks_str_eq(part, KS_S("..")))
            return "holds a dot segment";
    return NULL;
}

/* `*` stands for one segment, `**` at the end for one or more. A slash at the end is part of a path. */
static bool fits(ks_str pattern, ks_str path)
{
    ks_str want, have;
    if (!ks_str_ends(pattern, KS_S("/**")) && ks_str_ends(pattern, KS_S("/")) != ks_str_ends(path, KS_S("/")))
        return false;
    for (;;) {
        bool more = ks_str_cut(&pattern, '/', &want);
        if (more && pattern.n == 0 && ks_str_eq(want, KS_S("**")))
            return path.n > 0;
        bool any = ks_str_cut(&path, '/', &have);
        if (!more || !any)
            return more == any;
        if (!(ks_str_eq(want, KS_S("*")) ? have.n > 0 : ks_str_eq(want, have)))
            return false;
    }
}

/* ---- checking a list ---- */

static const char *pattern_fault(ks_ctx *cx, ks_str path)
{
    ks_buf *b = ks_ctx_buf(cx, KS_MAX_REQUEST_TEXT + 1);
    if (b == NULL)
        return "could not be read";
    const char *why = normal(path, b);
    ks_str      rest = path, part;
    if (why == NULL)
        why = dots(ks_buf_view(b));
    if (why == NULL && !ks_str_eq(ks_buf_view(b), path))
        why = "holds an escape it does not need";
    while (why == NULL && ks_str_cut(&rest, '/', &part)) {
        bool star = ks_str_chr(part, '*') != SIZE_MAX;
        if (star && !ks_str_eq(part, KS_S("*")) && !(ks_str_eq(part, KS_S("**")) && rest.n == 0))
            why = "has a * beside other characters of a segment, or ** before its end";
    }
    return why;
}

static const char *entry_fault(ks_ctx *cx, ks_str one)
{
    size_t blank = ks_str_chr(one, ' ');
    ks_str method = ks_str_sub(one, 0, blank),
           path = ks_str_sub(one, blank == SIZE_MAX ? one.n : blank + 1, SIZE_MAX);
    bool known = false;
    if (one.n > KS_MAX_REQUEST_TEXT)
        return "is too long";
    for (size_t i = 0; i < KS_COUNT(methods); i++)
        known |= ks_str_eq(method, ks_str_of(methods[i]));
    if (!known || !ks_str_starts(path, KS_S("/")))
        return "must be a method (or *), a blank and a path: GET /v1/customers/*";
    for (size_t i = 0; i < path.n; i++)
        if ((unsigned char)path.p[i] <= 0x20 || (unsigned char)path.p[i] == 0x7f || path.p[i] == '?' ||
            path.p[i] == '#')
            return "is a path without query, fragment, blanks and control characters";
    return pattern_fault(cx, path);
}

ks_status ks_requests_check(ks_ctx *cx, const char *field, const ks_json *list, ks_str *out)
{
    *out = KS_NO_STR;
    if (ks_json_kind(list) == KS_JSON_NULL)
        return KS_OK;
    if (ks_json_kind(list) != KS_JSON_ARR || ks_json_count(list) > KS_MAX_REQUESTS)
        return ks_fail(cx, KS_INVALID, field, "%s must be a list of at most %d texts, or null.", field,
                       KS_MAX_REQUESTS);
    ks_buf *b = ks_ctx_buf(cx, KS_MAX_REQUESTS * 6 * (KS_MAX_REQUEST_TEXT + 4));
    if (b == NULL)
        return KS_NO_MEMORY;
    ks_jw w = ks_jw_new(b);
    ks_jw_arr(&w, NULL);
    for (size_t i = 0; i < ks_json_count(list); i++) {
        ks_str      one = ks_json_str(ks_json_at(list, i));
        const char *why = entry_fault(cx, one);
        if (why != NULL)
            return ks_fail(cx, KS_INVALID, field, "%s: entry %zu %s.", field, i + 1, why);
        ks_jw_str(&w, NULL, one);
    }
    ks_jw_end(&w, ']');
    *out = ks_buf_view(b);
    return ks_buf_ok(b) ? KS_OK : ks_no_memory(cx);
}

/* ---- judging a request ---- */

/* GET stands for HEAD, too. */
static bool method_fits(ks_str want, ks_str method)
{
    return ks_str_eq(want, KS_S("*")) || ks_str_eq(want, method) ||
           (ks_str_eq(want, KS_S("GET")) && ks_str_eq(method, KS_S("HEAD")));
}

ks_status ks_requests_judge(ks_ctx *cx, ks_str list, ks_str method, ks_str path, const char **why)
{
    ks_json *entries;
    ks_buf  *b = ks_ctx_buf(cx, KS_MAX_TARGET_BYTES * 2);
    if (b == NULL)
        return KS_NO_MEMORY;
    KS_TRY(ks_json_parse(cx, list, &entries));
    *why = normal(path, b);
    if (*why == NULL)
        *why = dots(ks_buf_view(b));
    if (*why != NULL)
        return KS_OK;
    if (!ks_buf_ok(b))
        return ks_no_memory(cx);
    for (size_t i = 0; i < ks_json_count(entries); i++) {
        ks_str one = ks_json_str(ks_json_at(entries, i));
        size_t blank = ks_str_chr(one, ' ');
        if (blank != SIZE_MAX && method_fits(ks_str_sub(one, 0, blank), method) &&
            fits(ks_str_sub(one, blank + 1, SIZE_MAX), ks_buf_view(b)))
            return KS_OK;
    }
    *why = "is not on the list of its integration";
    return KS_OK;
}
