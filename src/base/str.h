/* base/str.h — borrowed text (ks_str) and growing text (ks_buf). No I/O. Threads: none shared. */
#pragma once
#include <stdarg.h>
#include <string.h>

#include "base/attr.h"

/* A borrowed view of n bytes; not NUL-terminated. {NULL, 0} is the absent text, {"", 0} the empty one. */
typedef struct ks_str {
    const char *p;
    size_t      n;
} ks_str;

#define KS_S(lit) ((ks_str){"" lit, sizeof(lit) - 1})
#define KS_S_INIT(lit)                                                                                       \
    {                                                                                                        \
        "" lit, sizeof(lit) - 1                                                                              \
    } /* in static initialisers */
#define KS_NO_STR ((ks_str){NULL, 0})
#define KS_FMT    "%.*s"
#define KS_ARG(s) (int)(s).n, (s).p ? (s).p : ""

/* View of a C string; NULL gives the absent text. */
static inline ks_str ks_str_of(const char *z)
{
    return (ks_str){z, z ? strlen(z) : 0};
}

/* ASCII, whatever the locale. */
static inline bool ks_is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static inline char ks_lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
}

static inline bool ks_is_alnum(char c)
{
    return ks_is_digit(c) || (ks_lower(c) >= 'a' && ks_lower(c) <= 'z');
}

/* True when both hold the same bytes (absent equals empty). */
bool ks_str_eq(ks_str a, ks_str b);
/* The same, ASCII letters in either case. */
bool ks_str_ieq(ks_str a, ks_str b);

/* Byte-wise order, shorter first on a tie: <0, 0, >0. */
int ks_str_cmp(ks_str a, ks_str b);

/* Does `s` begin with these bytes? The empty text always fits. */
bool ks_str_starts(ks_str s, ks_str prefix);
/* Does it end with them? Likewise. */
bool ks_str_ends(ks_str s, ks_str suffix);

/* Offset of `needle` in `s`, or SIZE_MAX. */
size_t ks_str_find(ks_str s, ks_str needle);
/* Does `part` stand somewhere in `s`, ASCII letters in either case? */
bool ks_str_iholds(ks_str s, ks_str part);
/* Offset of the byte `c`, or SIZE_MAX. */
size_t ks_str_chr(ks_str s, char c);

/* `s` from byte `from` (clamped) and at most `n` bytes. */
ks_str ks_str_sub(ks_str s, size_t from, size_t n);

/* Without outer bytes that are in `set`. */
ks_str ks_str_trim(ks_str s, const char *set);

/* Take the text before the next `sep` off *rest into *part. False when *rest is used up.
 * "a,,b" gives "a", "", "b"; "" gives nothing. Start with rest = the whole text. */
bool ks_str_cut(ks_str *rest, char sep, ks_str *part);

/* Is `s` made of bytes of `set` only, at least one? */
bool ks_str_only(ks_str s, const char *set);

/* Decimal digits only, the whole text, no sign. False when it is no such number or does not fit. */
bool ks_str_u64(ks_str s, uint64_t *out);

/* Well-formed UTF-8 (RFC 3629: no surrogates, no overlong forms, <= U+10FFFF). */
bool ks_str_utf8(ks_str s);

/* Text that grows on the heap up to `cap` bytes, always NUL-terminated when p is set. A failure sticks: later
 * appends do nothing, and ks_buf_ok is false; so code appends freely and asks once. Freed memory is wiped. */
typedef struct ks_buf {
    char  *p;
    size_t n, room, cap;
    bool   failed;
    bool  *starved; /* NULL, or to be set when it was memory that failed, not the cap (base/ctx.h) */
} ks_buf;

/* An empty buffer that may grow to `cap` bytes. No allocation yet. */
ks_buf ks_buf_new(size_t cap);

/* Free and wipe; the buffer is empty again and keeps its cap. */
void ks_buf_done(ks_buf *b);

/* Forget the content (wiped), keep the memory. */
void ks_buf_clear(ks_buf *b);

/* Room for `more` bytes behind the content; their address, or NULL (then failed is set). Add what was used to
 * b->n. */
char *ks_buf_reserve(ks_buf *b, size_t more);

/* Append bytes. */
void ks_buf_put(ks_buf *b, const void *p, size_t n);
/* Append a view; absent text adds nothing. */
void ks_buf_str(ks_buf *b, ks_str s);
/* Append a C string. */
void ks_buf_z(ks_buf *b, const char *z);
/* Append formatted text, as printf(3). */
void ks_buf_fmt(ks_buf *b, const char *fmt, ...) KS_PRINTF(2, 3);
/* As vprintf(3). */
void ks_buf_vfmt(ks_buf *b, const char *fmt, va_list ap) KS_PRINTF(2, 0);

/* Append one byte; here, because writers of JSON live on it. */
static inline void ks_buf_c(ks_buf *b, char c)
{
    char *to = b->n + 1 < b->room && b->n < b->cap && !b->failed ? b->p + b->n : ks_buf_reserve(b, 1);
    if (to == NULL)
        return;
    to[0] = c;
    to[1] = '\0';
    b->n++;
}

static inline bool ks_buf_ok(const ks_buf *b)
{
    return !b->failed;
}

static inline ks_str ks_buf_view(const ks_buf *b)
{
    return (ks_str){b->p ? b->p : "", b->n};
}
