/* base/str.c — text views and growing text. UTF-8 after RFC 3629 section 4. */
#include "base/str.h"

#include <stdio.h>
#include <strings.h>

#include "base/alloc.h"

bool ks_str_eq(ks_str a, ks_str b)
{
    return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

bool ks_str_ieq(ks_str a, ks_str b)
{
    return a.n == b.n && (a.n == 0 || strncasecmp(a.p, b.p, a.n) == 0);
}

int ks_str_cmp(ks_str a, ks_str b)
{
    size_t n = a.n < b.n ? a.n : b.n;
    int    c = n ? memcmp(a.p, b.p, n) : 0;
    return c ? c : (a.n > b.n) - (a.n < b.n);
}

bool ks_str_starts(ks_str s, ks_str prefix)
{
    return s.n >= prefix.n && (prefix.n == 0 || memcmp(s.p, prefix.p, prefix.n) == 0);
}

bool ks_str_ends(ks_str s, ks_str suffix)
{
    return s.n >= suffix.n && (suffix.n == 0 || memcmp(s.p + s.n - suffix.n, suffix.p, suffix.n) == 0);
}

size_t ks_str_find(ks_str s, ks_str needle)
{
    const char *at = s.n && needle.n ? memmem(s.p, s.n, needle.p, needle.n) : NULL;
    return at ? (size_t)(at - s.p) : SIZE_MAX;
}

bool ks_str_iholds(ks_str s, ks_str part)
{
    for (size_t i = 0; part.n <= s.n && i <= s.n - part.n; i++) {
        if (ks_str_ieq(ks_str_sub(s, i, part.n), part))
            return true;
    }
    return false;
}

size_t ks_str_chr(ks_str s, char c)
{
    const char *at = s.n ? memchr(s.p, c, s.n) : NULL;
    return at ? (size_t)(at - s.p) : SIZE_MAX;
}

ks_str ks_str_sub(ks_str s, size_t from, size_t n)
{
    if (from > s.n)
        from = s.n;
    if (n > s.n - from)
        n = s.n - from;
    return (ks_str){s.p ? s.p + from : s.p, n};
}

ks_str ks_str_trim(ks_str s, const char *set)
{
    while (s.n && strchr(set, s.p[0]) && s.p[0])
        s.p++, s.n--;
    while (s.n && strchr(set, s.p[s.n - 1]) && s.p[s.n - 1])
        s.n--;
    return s;
}

bool ks_str_cut(ks_str *rest, char sep, ks_str *part)
{
    if (rest->p == NULL)
        return false;
    size_t at = ks_str_chr(*rest, sep);
    if (at == SIZE_MAX) {
        *part = *rest;
        *rest = KS_NO_STR;
        return part->n > 0;
    }
    *part = ks_str_sub(*rest, 0, at);
    *rest = ks_str_sub(*rest, at + 1, SIZE_MAX);
    return true;
}

bool ks_str_only(ks_str s, const char *set)
{
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] == '\0' || strchr(set, s.p[i]) == NULL)
            return false;
    }
    return s.n > 0;
}

bool ks_str_u64(ks_str s, uint64_t *out)
{
    uint64_t v = 0;
    if (s.n == 0)
        return false;
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] < '0' || s.p[i] > '9' || __builtin_mul_overflow(v, 10, &v) ||
            __builtin_add_overflow(v, (uint64_t)(s.p[i] - '0'), &v))
            return false;
    }
    *out = v;
    return true;
}

/* Bytes of the sequence that starts at p, or 0 when it is malformed. */
static size_t utf8_step(const unsigned char *p, size_t n)
{
    unsigned char c = p[0], lo = 0x80, hi = 0xbf;
    size_t        len;
    if (c < 0x80)
        return 1;
    if (c >= 0xc2 && c <= 0xdf)
        len = 2;
    else if (c >= 0xe0 && c <= 0xef)
        len = 3, lo = c == 0xe0 ? 0xa0 : 0x80, hi = c == 0xed ? 0x9f : 0xbf;
    else if (c >= 0xf0 && c <= 0xf4)
        len = 4, lo = c == 0xf0 ? 0x90 : 0x80, hi = c == 0xf4 ? 0x8f : 0xbf;
    else
        return 0;
    if (n < len || p[1] < lo || p[1] > hi)
        return 0;
    for (size_t i = 2; i < len; i++) {
        if ((p[i] & 0xc0) != 0x80)
            return 0;
    }
    return len;
}

bool ks_str_utf8(ks_str s)
{
    for (size_t i = 0; i < s.n;) {
        size_t step = utf8_step((const unsigned char *)s.p + i, s.n - i);
        if (step == 0)
            return false;
        i += step;
    }
    return true;
}

ks_buf ks_buf_new(size_t cap)
{
    return (ks_buf){.cap = cap};
}

void ks_buf_done(ks_buf *b)
{
    ks_free(b->p);
    *b = (ks_buf){.cap = b->cap, .starved = b->starved};
}

void ks_buf_clear(ks_buf *b)
{
    if (b->p)
        explicit_bzero(b->p, b->n);
    b->n = 0;
    b->failed = false;
}

char *ks_buf_reserve(ks_buf *b, size_t more)
{
    if (b->failed || more > b->cap - b->n) {
        b->failed = true;
        return NULL;
    }
    size_t need = b->n + more + 1; /* one for the NUL */
    if (need > b->room) {
        size_t room = b->room ? b->room : 256;
        while (room < need)
            room *= 2;
        char *fresh = ks_realloc(b->p, room);
        if (fresh == NULL) {
            b->failed = true;
            if (b->starved != NULL)
                *b->starved = true;
            return NULL;
        }
        b->p = fresh;
        b->room = room;
    }
    return b->p + b->n;
}

void ks_buf_put(ks_buf *b, const void *p, size_t n)
{
    char *to = ks_buf_reserve(b, n);
    if (to == NULL)
        return;
    if (n)
        memcpy(to, p, n);
    b->n += n;
    b->p[b->n] = '\0';
}

void ks_buf_str(ks_buf *b, ks_str s)
{
    ks_buf_put(b, s.p, s.n);
}

void ks_buf_z(ks_buf *b, const char *z)
{
    ks_buf_put(b, z, strlen(z));
}

void ks_buf_vfmt(ks_buf *b, const char *fmt, va_list ap)
{
    va_list again;
    va_copy(again, ap);
    int   n = vsnprintf(NULL, 0, fmt, ap);
    char *to = n < 0 ? NULL : ks_buf_reserve(b, (size_t)n);
    if (to != NULL) {
        vsnprintf(to, (size_t)n + 1, fmt, again);
        b->n += (size_t)n;
    }
    va_end(again);
}

void ks_buf_fmt(ks_buf *b, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    ks_buf_vfmt(b, fmt, ap);
    va_end(ap);
}
