/* features/import/doc_json.c — JSON to the tree of doc.h. The scanner of base/json.h judges the text first,
 * so nothing of its syntax is checked again here. No recursion. RFC 8259. Threads: none shared. */
#include "base/json.h"
#include "features/import/doc.h"

typedef struct reader {
    ks_doc      *d;
    const char  *at, *end;
    unsigned     line;
    ks_doc_node *open[KS_DOC_DEPTH];
    size_t       depth;
} reader;

_Static_assert(KS_DOC_DEPTH == KS_MAX_JSON_DEPTH, "what the scanner lets pass fits into reader.open");

static unsigned line_of(ks_str text, size_t at)
{
    unsigned line = 1;
    for (size_t i = 0; i < at && i < text.n; i++)
        line += text.p[i] == '\n';
    return line;
}

/* Blanks, and what stands between values: commas and colons. */
static void skip(reader *r)
{
    for (; r->at < r->end; r->at++) {
        if (*r->at == '\n')
            r->line++;
        else if (*r->at != ' ' && *r->at != '\t' && *r->at != '\r' && *r->at != ',' && *r->at != ':')
            return;
    }
}

static unsigned hex4(const char *p)
{
    unsigned v = 0;
    for (int i = 0; i < 4; i++)
        v = v * 16 + (unsigned)(p[i] <= '9' ? p[i] - '0' : (p[i] | 32) - 'a' + 10);
    return v;
}

static char *put_utf8(char *to, unsigned c)
{
    if (c < 0x80) {
        *to++ = (char)c;
    } else if (c < 0x800) {
        *to++ = (char)(0xc0 | c >> 6);
        *to++ = (char)(0x80 | (c & 0x3f));
    } else if (c < 0x10000) {
        *to++ = (char)(0xe0 | c >> 12);
        *to++ = (char)(0x80 | (c >> 6 & 0x3f));
        *to++ = (char)(0x80 | (c & 0x3f));
    } else {
        *to++ = (char)(0xf0 | c >> 18);
        *to++ = (char)(0x80 | (c >> 12 & 0x3f));
        *to++ = (char)(0x80 | (c >> 6 & 0x3f));
        *to++ = (char)(0x80 | (c & 0x3f));
    }
    return to;
}

/* A literal with escapes, decoded; it never grows. */
static ks_str decode(reader *r, const char *p, const char *end)
{
    static const char from[] = "bfnrt", means[] = "\b\f\n\r\t";
    char             *copy = ks_doc_alloc(r->d, (size_t)(end - p) + 1), *to = copy;
    while (copy != NULL && p < end) {
        if (*p != '\\') {
            *to++ = *p++;
            continue;
        }
        const char *known = strchr(from, p[1]);
        if (p[1] == 'u') {
            unsigned c = hex4(p + 2);
            if (c >= 0xd800 && c < 0xdc00) {
                c = 0x10000 + (c - 0xd800) * 0x400 + (hex4(p + 8) - 0xdc00);
                p += 6;
            }
            to = put_utf8(to, c);
            p += 6;
        } else {
            *to++ = known ? means[known - from] : p[1];
            p += 2;
        }
    }
    return copy != NULL ? (ks_str){copy, (size_t)(to - copy)} : KS_NO_STR;
}

/* The string literal at r->at; afterwards r->at stands behind it. */
static ks_str literal(reader *r)
{
    const char *from = ++r->at;
    bool        plain = true;
    for (; *r->at != '"'; r->at++) {
        if (*r->at == '\\') {
            plain = false;
            r->at++;
        }
    }
    return plain ? (ks_str){from, (size_t)(r->at++ - from)} : decode(r, from, r->at++);
}

static ks_doc_kind kind_at(const reader *r)
{
    switch (*r->at) {
    case '{':
        return KS_DOC_MAP;
    case '[':
        return KS_DOC_LIST;
    case '"':
        return KS_DOC_TEXT;
    case 't':
    case 'f':
        return KS_DOC_BOOL;
    case 'n':
        return KS_DOC_NULL;
    default:
        return KS_DOC_NUMBER;
    }
}

static void scalar(reader *r, ks_doc_node *n)
{
    const char *from = r->at;
    if (*r->at == '"') {
        n->text = literal(r);
        return;
    }
    while (r->at < r->end && strchr(" \t\r\n,]}", *r->at) == NULL)
        r->at++;
    n->text = (ks_str){from, (size_t)(r->at - from)};
}

/* One value, or the end of the innermost open one. */
static bool one(reader *r)
{
    ks_doc_node *up = r->depth ? r->open[r->depth - 1] : NULL;
    ks_str       name = KS_NO_STR;
    skip(r);
    if (*r->at == '}' || *r->at == ']') {
        r->at++;
        r->depth--;
        return up->kind != KS_DOC_MAP || ks_doc_close(r->d, up);
    }
    unsigned line = r->line;
    if (up != NULL && up->kind == KS_DOC_MAP) {
        name = literal(r);
        skip(r);
    }
    ks_doc_node *n = ks_doc_add(r->d, up, name, line, kind_at(r));
    if (n == NULL)
        return false;
    if (n->kind < KS_DOC_LIST) {
        scalar(r, n);
        return r->d->status == KS_OK;
    }
    r->open[r->depth++] = n;
    r->at++;
    return true;
}

void ks_doc_read_json(ks_doc *d, ks_str text)
{
    size_t      at = 0;
    const char *fault = ks_json_fault_at(text, &at);
    if (fault != NULL) {
        ks_doc_fail(d, line_of(text, at), "%s", fault);
        return;
    }
    reader r = {.d = d, .at = text.p, .end = text.p + text.n, .line = 1};
    do {
        if (!one(&r))
            return;
    } while (r.depth > 0);
}
