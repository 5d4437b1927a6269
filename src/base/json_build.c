/* base/json_build.c — see json_build.h. Uses jansson's values but not its parser: that one goes on with a cut
 * text when its buffer cannot grow, and then writes past the end of another (2.14; found by tests/oom). The
 * values themselves say so when memory is short. Numbers are read with strtoll and strtod in the "C" locale,
 * which this program never leaves. Threads: none shared. */
#include "base/json_build.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

typedef struct builder {
    const char *at; /* always on something the scanner has seen */
    ks_build    state;
} builder;

static json_t *failed(builder *b, ks_build why)
{
    b->state = why;
    return NULL;
}

static void skip_blanks(builder *b)
{
    while (*b->at == ' ' || *b->at == '\n' || *b->at == '\r' || *b->at == '\t')
        b->at++;
}

/* ---- strings ---- */

static unsigned hex4(const char *p)
{
    unsigned v = 0;
    for (int i = 0; i < 4; i++) {
        unsigned c = (unsigned char)p[i];
        v = v * 16 + (c <= '9' ? c - '0' : (c | 32) - 'a' + 10);
    }
    return v;
}

static void put_code(ks_buf *to, unsigned code)
{
    char   utf8[4];
    size_t len = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    for (size_t i = len; i-- > 1; code >>= 6)
        utf8[i] = (char)(0x80 | (code & 0x3f));
    utf8[0] = (char)(len == 1 ? code : (0xf00u >> len & 0xf0u) | code);
    ks_buf_put(to, utf8, len);
}

/* What stands behind a backslash; returns the place behind it. */
static const char *put_escape(ks_buf *to, const char *p)
{
    static const char from[] = "bfnrt", meant[] = "\b\f\n\r\t";
    const char       *known = strchr(from, *p);
    if (*p != 'u') {
        ks_buf_c(to, known ? meant[known - from] : *p);
        return p + 1;
    }
    unsigned code = hex4(p + 1);
    if (code < 0xd800 || code > 0xdfff) {
        put_code(to, code);
        return p + 5;
    }
    put_code(to, 0x10000 + (code - 0xd800) * 0x400 + (hex4(p + 7) - 0xdc00));
    return p + 11;
}

/* The text of a string literal: a view of the document, or decoded in `room` when it holds escapes. */
static bool take_text(builder *b, ks_buf *room, ks_str *out)
{
    const char *from = ++b->at, *p = from;
    bool        plain = true;
    for (; *p != '"'; p += *p == '\\' ? 2 : 1)
        plain &= *p != '\\';
    b->at = p + 1;
    *out = (ks_str){from, (size_t)(p - from)};
    if (plain)
        return true;
    for (const char *end = p; from < end;) {
        if (*from == '\\')
            from = put_escape(room, from + 1);
        else
            ks_buf_c(room, *from++);
    }
    *out = ks_buf_view(room);
    return ks_buf_ok(room);
}

static json_t *build_string(builder *b)
{
    ks_buf  room = ks_buf_new(SIZE_MAX / 4);
    ks_str  text;
    json_t *v = take_text(b, &room, &text) ? json_stringn_nocheck(text.p, text.n) : NULL;
    ks_buf_done(&room);
    return v ? v : failed(b, KS_BUILD_NO_MEMORY);
}

/* ---- numbers ---- */

/* Numbers end before a byte that no number holds, inside the document or (at its end) in a copy. */
static json_t *build_number(builder *b)
{
    size_t  n = strspn(b->at, "+-.0123456789eE");
    bool    real = false; /* not by strcspn: it would look past the document */
    char   *end;
    json_t *v;
    for (size_t i = 0; i < n; i++)
        real |= b->at[i] == '.' || (b->at[i] | 32) == 'e';
    errno = 0;
    if (real) {
        double d = strtod(b->at, &end);
        if (!isfinite(d))
            return failed(b, KS_BUILD_RANGE);
        v = json_real(d);
    } else {
        long long i = strtoll(b->at, &end, 10);
        if (errno == ERANGE)
            return failed(b, KS_BUILD_RANGE);
        v = json_integer(i);
    }
    b->at = end;
    return v ? v : failed(b, KS_BUILD_NO_MEMORY);
}

/* ---- values ---- */

static json_t *build(builder *b);

/* Behind a value inside brackets: true when another one follows the comma. */
static bool more(builder *b)
{
    skip_blanks(b);
    return *b->at++ == ',';
}

static bool build_member(builder *b, json_t *object)
{
    ks_buf room = ks_buf_new(SIZE_MAX / 4);
    ks_str name;
    skip_blanks(b);
    if (!take_text(b, &room, &name))
        b->state = KS_BUILD_NO_MEMORY;
    else if (json_object_getn(object, name.p, name.n) != NULL)
        b->state = KS_BUILD_TWICE;
    if (b->state == KS_BUILD_DONE) {
        skip_blanks(b);
        b->at++; /* the colon */
        json_t *v = build(b);
        if (v != NULL && json_object_setn_new_nocheck(object, name.p, name.n, v) != 0)
            b->state = KS_BUILD_NO_MEMORY;
    }
    ks_buf_done(&room);
    return b->state == KS_BUILD_DONE;
}

static bool build_element(builder *b, json_t *array)
{
    json_t *v = build(b);
    if (v != NULL && json_array_append_new(array, v) != 0)
        b->state = KS_BUILD_NO_MEMORY;
    return b->state == KS_BUILD_DONE;
}

/* Calls itself at most KS_MAX_JSON_DEPTH deep: the scanner let nothing deeper through. */
static json_t *build_nest(builder *b)
{
    bool    object = *b->at++ == '{';
    json_t *nest = object ? json_object() : json_array();
    if (nest == NULL)
        return failed(b, KS_BUILD_NO_MEMORY);
    skip_blanks(b);
    if (*b->at == (object ? '}' : ']')) {
        b->at++;
        return nest;
    }
    do {
        if (!(object ? build_member(b, nest) : build_element(b, nest))) {
            json_decref(nest);
            return NULL;
        }
    } while (more(b));
    return nest;
}

static json_t *build(builder *b)
{
    skip_blanks(b);
    switch (*b->at) {
    case '{':
    case '[':
        return build_nest(b);
    case '"':
        return build_string(b);
    case 't':
        b->at += 4;
        return json_true();
    case 'f':
        b->at += 5;
        return json_false();
    case 'n':
        b->at += 4;
        return json_null();
    default:
        return build_number(b);
    }
}

ks_build ks_json_build(ks_str text, json_t **out)
{
    /* A bare number or word at the very end would be read past it: such a text is copied and ended. */
    builder b = {.at = text.p};
    char    last = text.p[text.n - 1];
    ks_buf  copy = ks_buf_new(SIZE_MAX / 4);
    if (last != '}' && last != ']' && last != '"') {
        ks_buf_str(&copy, text);
        b.at = ks_buf_ok(&copy) ? copy.p : NULL;
    }
    json_t *tree = b.at != NULL ? build(&b) : failed(&b, KS_BUILD_NO_MEMORY);
    ks_buf_done(&copy);
    if (b.state == KS_BUILD_DONE)
        *out = tree;
    return b.state;
}
