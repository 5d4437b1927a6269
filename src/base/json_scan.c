/* base/json_scan.c — is this text strict JSON, and where does one member of it stand? One pass over the bytes
 * with a bit per open bracket: no recursion, no allocation, no tree (rule T6). Does not compare member names
 * with each other; json_read.c does. RFC 8259. Threads: any. */
#include "base/enc.h"
#include "base/json.h"

#define NOT_JSON "is not valid JSON"
#define XSTR(x)  #x
#define STR(x)   XSTR(x)

typedef struct scan {
    const char *at, *end;
    const char *fault; /* set once, then every function returns false */
} scan;

static bool bad(scan *s, const char *fault)
{
    s->fault = fault;
    return false;
}

/* The next byte; 0 at the end, which no rule of the grammar accepts. */
static char peek(const scan *s)
{
    return s->at < s->end ? *s->at : '\0';
}

static void skip_blanks(scan *s)
{
    while (s->at < s->end && (*s->at == ' ' || *s->at == '\n' || *s->at == '\r' || *s->at == '\t'))
        s->at++;
}

static bool take(scan *s, char c)
{
    if (peek(s) != c)
        return bad(s, NOT_JSON);
    s->at++;
    return true;
}

/* Four hex digits at p as a number, -1 when they are none. */
static int hex4(const char *p, const char *end)
{
    int v = 0;
    if (end - p < 4)
        return -1;
    for (int i = 0; i < 4; i++) {
        int d = ks_hex_digit(p[i]);
        if (d < 0)
            return -1;
        v = v * 16 + d;
    }
    return v;
}

/* The code point of "uXXXX" or of a whole surrogate pair at *p, which moves behind it. -1 malformed, -2 half
 * a pair. */
static int32_t take_unicode(const char **p, const char *end)
{
    int hi = hex4(*p + 1, end);
    if (hi < 0)
        return -1;
    *p += 5;
    if (hi < 0xd800 || hi > 0xdfff)
        return hi;
    if (hi > 0xdbff || end - *p < 6 || (*p)[0] != '\\' || (*p)[1] != 'u')
        return -2;
    int lo = hex4(*p + 2, end);
    if (lo < 0xdc00 || lo > 0xdfff)
        return lo < 0 ? -1 : -2;
    *p += 6;
    return 0x10000 + (hi - 0xd800) * 0x400 + (lo - 0xdc00);
}

/* Behind a backslash. */
static bool scan_escape(scan *s)
{
    char c = peek(s);
    if (c == 'u') {
        int32_t code = take_unicode(&s->at, s->end);
        if (code == 0)
            return bad(s, "contains the character \\u0000");
        return code > 0 || bad(s, code == -2 ? "contains half of a surrogate pair" : NOT_JSON);
    }
    if (c == '\0' || strchr("\"\\/bfnrt", c) == NULL)
        return bad(s, NOT_JSON);
    s->at++;
    return true;
}

static bool scan_string(scan *s)
{
    if (!take(s, '"'))
        return false;
    while (s->at < s->end) {
        unsigned char c = (unsigned char)*s->at++;
        if (c == '"')
            return true;
        if (c < 0x20)
            return bad(s, NOT_JSON);
        if (c == '\\' && !scan_escape(s))
            return false;
    }
    return bad(s, NOT_JSON);
}

static bool scan_digits(scan *s)
{
    const char *from = s->at;
    while (peek(s) >= '0' && peek(s) <= '9')
        s->at++;
    return s->at > from || bad(s, NOT_JSON);
}

static bool scan_number(scan *s)
{
    if (peek(s) == '-')
        s->at++;
    if (peek(s) == '0')
        s->at++; /* and no digit may follow: the caller then finds neither comma nor bracket */
    else if (!scan_digits(s))
        return false;
    if (peek(s) == '.') {
        s->at++;
        if (!scan_digits(s))
            return false;
    }
    if (peek(s) != 'e' && peek(s) != 'E')
        return true;
    s->at++;
    if (peek(s) == '+' || peek(s) == '-')
        s->at++;
    return scan_digits(s);
}

static bool scan_scalar(scan *s)
{
    static const ks_str words[] = {KS_S_INIT("true"), KS_S_INIT("false"), KS_S_INIT("null")};
    ks_str              rest = {s->at, (size_t)(s->end - s->at)};
    if (peek(s) == '"')
        return scan_string(s);
    for (size_t i = 0; i < KS_COUNT(words); i++) {
        if (ks_str_starts(rest, words[i])) {
            s->at += words[i].n;
            return true;
        }
    }
    return scan_number(s);
}

/* A member's name and its colon. */
static bool scan_name(scan *s)
{
    skip_blanks(s);
    if (!scan_string(s))
        return false;
    skip_blanks(s);
    return take(s, ':');
}

/* Open brackets: one bit each, the innermost lowest; set for an object. */
typedef struct nest {
    uint64_t objects;
    unsigned depth;
} nest;

_Static_assert(KS_MAX_JSON_DEPTH <= 64, "nest.objects has one bit per level");

static void leave(nest *n)
{
    n->objects >>= 1;
    n->depth--;
}

/* Behind a value: close what closes, up to the comma before the next value. True with depth 0 when all is
 * closed. */
static bool scan_after(scan *s, nest *n)
{
    while (n->depth > 0) {
        bool object = n->objects & 1;
        skip_blanks(s);
        if (peek(s) == ',') {
            s->at++;
            return !object || scan_name(s);
        }
        if (!take(s, object ? '}' : ']'))
            return false;
        leave(n);
    }
    return true;
}

/* One value of any depth; s->at ends right behind it. */
static bool scan_value(scan *s)
{
    nest n = {0, 0};
    do {
        skip_blanks(s);
        char c = peek(s);
        if (c != '{' && c != '[') {
            if (!scan_scalar(s))
                return false;
        } else {
            if (n.depth == KS_MAX_JSON_DEPTH)
                return bad(s, "is nested deeper than " STR(KS_MAX_JSON_DEPTH) " levels");
            n = (nest){n.objects << 1 | (c == '{'), n.depth + 1};
            s->at++;
            skip_blanks(s);
            if (peek(s) != (c == '{' ? '}' : ']')) {
                if (c == '{' && !scan_name(s))
                    return false;
                continue;
            }
        }
        if (!scan_after(s, &n))
            return false;
    } while (n.depth > 0);
    return true;
}

const char *ks_json_fault_at(ks_str text, size_t *at)
{
    scan s = {text.p, text.p + text.n, NULL};
    *at = 0;
    if (text.n == 0)
        return "is empty";
    if (!ks_str_utf8(text))
        return "is not well-formed UTF-8";
    bool whole = scan_value(&s);
    if (whole)
        skip_blanks(&s);
    *at = (size_t)(s.at - text.p);
    if (!whole)
        return s.fault;
    return s.at == s.end ? NULL : NOT_JSON;
}

const char *ks_json_fault(ks_str text)
{
    size_t at;
    return ks_json_fault_at(text, &at);
}

/* Does the raw string literal between its quotes mean `name`? Escapes count as what they stand for, so that
 * no spelling of a name hides a member from us which the tree would show. */
static bool means(const char *p, const char *end, ks_str name)
{
    static const char from[] = "bfnrt", to[] = "\b\f\n\r\t";
    size_t            n = 0;
    while (p < end && n < name.n) {
        char    utf8[4] = {*p};
        size_t  len = 1;
        int32_t code = 0;
        if (*p++ == '\\') {
            const char *known = strchr(from, *p);
            utf8[0] = known ? to[known - from] : *p;
            if (*p == 'u')
                code = take_unicode(&p, end);
            else
                p++;
        }
        if (code > 0 && code < 0x80)
            utf8[0] = (char)code;
        else if (code >= 0x80) {
            len = code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
            for (size_t i = len; i-- > 1; code >>= 6)
                utf8[i] = (char)(0x80 | (code & 0x3f));
            utf8[0] = (char)((0xf00 >> len & 0xf0) | code);
        }
        if (name.n - n < len || memcmp(name.p + n, utf8, len) != 0)
            return false;
        n += len;
    }
    return p == end && n == name.n;
}

ks_str ks_json_slice(ks_str object, ks_str name)
{
    scan s = {object.p, object.p + object.n, NULL};
    skip_blanks(&s);
    while (peek(&s) == '{' || peek(&s) == ',') {
        s.at++;
        skip_blanks(&s);
        const char *literal = s.at + 1;
        if (!scan_string(&s))
            break;
        bool here = means(literal, s.at - 1, name);
        skip_blanks(&s);
        if (!take(&s, ':'))
            break;
        skip_blanks(&s);
        const char *value = s.at;
        if (!scan_value(&s))
            break;
        if (here)
            return (ks_str){value, (size_t)(s.at - value)};
        skip_blanks(&s);
    }
    return KS_NO_STR;
}
