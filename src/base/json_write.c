/* base/json_write.c — JSON text appended to a buffer: commas and nesting kept in a few bits, no tree. What is
 * written is always well-formed: bytes that are not UTF-8 become U+FFFD, numbers that are not finite null.
 * RFC 8259. Threads: none shared. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/json.h"
#include "base/json_real.h"
#include "base/time.h"

#define MAX_LEVELS 63 /* bits of ks_jw.any, less the level outside all brackets */

void ks_real_text(double v, char out[KS_REAL_LEN])
{
    if (!isfinite(v)) {
        memcpy(out, "null", 5);
        return;
    }
    for (int digits = 15; digits <= 17; digits++) {
        snprintf(out, KS_REAL_LEN, "%.*g", digits, v);
        if (strtod(out, NULL) == v)
            break;
    }
    if (strpbrk(out, ".e") == NULL)
        memcpy(out + strlen(out), ".0", 3); /* 25 characters at most before */
}

/* Bytes of the UTF-8 character at s.p[at], whose first byte is not ASCII; 0 when malformed. */
static size_t wide_char(ks_str s, size_t at)
{
    for (size_t len = 2; len <= 4 && at + len <= s.n; len++) {
        if (ks_str_utf8(ks_str_sub(s, at, len)))
            return len;
    }
    return 0;
}

static void put_escape(ks_buf *b, unsigned char c)
{
    static const char from[] = "\"\\\b\f\n\r\t", to[] = "\"\\bfnrt";
    const char       *known = c ? strchr(from, c) : NULL;
    if (c >= 0x80)
        ks_buf_z(b, "\\ufffd");
    else if (known != NULL)
        ks_buf_put(b, (char[]){'\\', to[known - from]}, 2);
    else
        ks_buf_fmt(b, "\\u%04x", c);
}

/* 0x80 in some byte of the result when a byte of x needs a look: a control character, a quote, a backslash,
 * or not ASCII. Never misses one; a byte above such a byte may be marked too. */
static uint64_t odd_bytes(uint64_t x)
{
    const uint64_t one = UINT64_C(0x0101010101010101), top = one * 0x80;
    uint64_t       quote = x ^ (one * '"'), slash = x ^ (one * '\\');
    return (x | ((x - one * 0x20) & ~x) | ((quote - one) & ~quote) | ((slash - one) & ~slash)) & top;
}

/* Is it text that goes into a literal as it is? Eight bytes at a time, as nearly all text is. */
static bool is_plain(ks_str s)
{
    uint64_t x, odd = 0;
    size_t   i = 0;
    for (; i + sizeof x <= s.n; i += sizeof x) {
        memcpy(&x, s.p + i, sizeof x);
        odd |= odd_bytes(x);
    }
    if (i < s.n) {
        memset(&x, ' ', sizeof x);
        memcpy(&x, s.p + i, s.n - i);
        odd |= odd_bytes(x);
    }
    return odd == 0;
}

static void quote_plain(ks_buf *b, ks_str s)
{
    char *to = ks_buf_reserve(b, s.n + 2);
    if (to == NULL)
        return;
    to[0] = '"';
    if (s.n)
        memcpy(to + 1, s.p, s.n);
    memcpy(to + 1 + s.n, "\"", 2);
    b->n += s.n + 2;
}

void ks_json_quote(ks_buf *b, ks_str s)
{
    size_t from = 0; /* of the stretch that needs no change */
    if (is_plain(s)) {
        quote_plain(b, s);
        return;
    }
    ks_buf_c(b, '"');
    for (size_t i = 0; i < s.n;) {
        unsigned char c = (unsigned char)s.p[i];
        size_t        step = c >= 0x80 ? wide_char(s, i) : c >= 0x20 && c != '"' && c != '\\';
        if (step == 0) {
            ks_buf_put(b, s.p + from, i - from);
            put_escape(b, c);
            from = i + 1;
        }
        i += step ? step : 1;
    }
    ks_buf_str(b, ks_str_sub(s, from, SIZE_MAX));
    ks_buf_c(b, '"');
}

static void put_int(ks_buf *b, int64_t v)
{
    char     text[20]; /* of -2^63 */
    size_t   at = sizeof text;
    uint64_t left = v < 0 ? -(uint64_t)v : (uint64_t)v;
    do
        text[--at] = (char)('0' + left % 10);
    while ((left /= 10) > 0);
    if (v < 0)
        text[--at] = '-';
    ks_buf_put(b, text + at, sizeof text - at);
}

ks_jw ks_jw_new(ks_buf *b)
{
    return (ks_jw){.b = b};
}

static void comma(ks_jw *w)
{
    uint64_t bit = UINT64_C(1) << w->depth;
    if (w->any & bit)
        ks_buf_c(w->b, ',');
    w->any |= bit;
}

/* What stands before a value: a comma and its name. */
static void before(ks_jw *w, const char *name)
{
    comma(w);
    if (name != NULL) {
        ks_json_quote(w->b, ks_str_of(name));
        ks_buf_c(w->b, ':');
    }
}

static void open(ks_jw *w, const char *name, char bracket)
{
    if (w->depth == MAX_LEVELS) {
        w->b->failed = true;
        return;
    }
    before(w, name);
    ks_buf_c(w->b, bracket);
    w->depth++;
    w->any &= ~(UINT64_C(1) << w->depth);
}

void ks_jw_obj(ks_jw *w, const char *name)
{
    open(w, name, '{');
}

void ks_jw_arr(ks_jw *w, const char *name)
{
    open(w, name, '[');
}

void ks_jw_end(ks_jw *w, char bracket)
{
    if (w->depth == 0) {
        w->b->failed = true;
        return;
    }
    w->depth--;
    ks_buf_c(w->b, bracket);
}

void ks_jw_name(ks_jw *w, ks_str name)
{
    comma(w);
    ks_json_quote(w->b, name);
    ks_buf_c(w->b, ':');
    w->any &= ~(UINT64_C(1) << w->depth); /* the value that follows wants no comma */
}

void ks_jw_str(ks_jw *w, const char *name, ks_str s)
{
    before(w, name);
    if (s.p == NULL)
        ks_buf_z(w->b, "null");
    else
        ks_json_quote(w->b, s);
}

void ks_jw_z(ks_jw *w, const char *name, const char *z)
{
    ks_jw_str(w, name, ks_str_of(z));
}

void ks_jw_int(ks_jw *w, const char *name, int64_t v)
{
    before(w, name);
    put_int(w->b, v);
}

void ks_jw_real(ks_jw *w, const char *name, double v)
{
    char text[KS_REAL_LEN];
    before(w, name);
    ks_real_text(v, text);
    ks_buf_z(w->b, text);
}

void ks_jw_bool(ks_jw *w, const char *name, bool v)
{
    before(w, name);
    ks_buf_z(w->b, v ? "true" : "false");
}

void ks_jw_null(ks_jw *w, const char *name)
{
    before(w, name);
    ks_buf_z(w->b, "null");
}

void ks_jw_time(ks_jw *w, const char *name, int64_t us)
{
    char iso[KS_ISO_LEN];
    ks_time_iso(us, iso);
    ks_jw_z(w, name, iso);
}

void ks_jw_raw(ks_jw *w, const char *name, ks_str json)
{
    before(w, name);
    ks_buf_str(w->b, json);
}

static void put_tree(ks_buf *b, const ks_json *v);

static void put_members(ks_buf *b, const ks_json *obj)
{
    void    *it = NULL;
    ks_str   name;
    ks_json *v;
    char     lead = '{';
    while (ks_json_each(obj, &it, &name, &v)) {
        ks_buf_c(b, lead);
        ks_json_quote(b, name);
        ks_buf_c(b, ':');
        put_tree(b, v);
        lead = ',';
    }
    ks_buf_z(b, lead == '{' ? "{}" : "}");
}

static void put_elements(ks_buf *b, const ks_json *arr)
{
    ks_buf_c(b, '[');
    for (size_t i = 0; i < ks_json_count(arr); i++) {
        if (i > 0)
            ks_buf_c(b, ',');
        put_tree(b, ks_json_at(arr, i));
    }
    ks_buf_c(b, ']');
}

/* Calls itself at most KS_MAX_JSON_DEPTH deep: the parser let nothing deeper in. */
static void put_tree(ks_buf *b, const ks_json *v)
{
    char real[KS_REAL_LEN];
    switch (ks_json_kind(v)) {
    case KS_JSON_OBJ:
        put_members(b, v);
        break;
    case KS_JSON_ARR:
        put_elements(b, v);
        break;
    case KS_JSON_STR:
        ks_json_quote(b, ks_json_str(v));
        break;
    case KS_JSON_INT:
        put_int(b, ks_json_int(v));
        break;
    case KS_JSON_REAL:
        ks_real_text(ks_json_real(v), real);
        ks_buf_z(b, real);
        break;
    case KS_JSON_BOOL:
        ks_buf_z(b, ks_json_true(v) ? "true" : "false");
        break;
    case KS_JSON_NULL:
        ks_buf_z(b, "null");
        break;
    }
}

void ks_jw_value(ks_jw *w, const char *name, const ks_json *v)
{
    before(w, name);
    put_tree(w->b, v);
}
