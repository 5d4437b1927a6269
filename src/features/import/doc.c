/* features/import/doc.c — the tree of a document: making, finding, following. Parsing: doc_json.c,
 * doc_yaml.c. RFC 6901 for what `$ref` says. Threads: none shared. */
#include "features/import/doc.h"

#include <stdlib.h>

#include "base/enc.h"

enum {
    WALKED = 8,    /* a map of so many members is searched from its first */
    CHAIN = 32,    /* `$ref` to `$ref` */
    POINTER = 1024 /* bytes of a `$ref` */
};

KS_PRINTF(3, 0)
static void fail_at(ks_doc *d, unsigned line, const char *fmt, va_list ap)
{
    ks_buf *b = ks_ctx_buf(d->cx, 4096);
    if (d->status != KS_OK)
        return;
    if (b != NULL)
        ks_buf_vfmt(b, fmt, ap);
    d->status = b == NULL || !ks_buf_ok(b)
                    ? ks_no_memory(d->cx)
                    : ks_fail_code(d->cx, KS_INVALID, "document_invalid", NULL, KS_FMT ":%u: " KS_FMT,
                                   KS_ARG(d->file), line, KS_ARG(ks_buf_view(b)));
}

void ks_doc_fail(ks_doc *d, unsigned line, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    fail_at(d, line, fmt, ap);
    va_end(ap);
}

void *ks_doc_alloc(ks_doc *d, size_t n)
{
    void *p = d->status == KS_OK ? ks_arena_alloc(d->arena, n) : NULL;
    if (p == NULL && d->status == KS_OK)
        d->status = ks_no_memory(d->cx);
    return p;
}

ks_doc_node *ks_doc_add(ks_doc *d, ks_doc_node *up, ks_str name, unsigned line, ks_doc_kind kind)
{
    if (++d->nodes > KS_DOC_NODES) {
        ks_doc_fail(d, line, "the document holds more than %d values; leave out what is not needed",
                    KS_DOC_NODES);
        return NULL;
    }
    ks_doc_node *n = ks_doc_alloc(d, sizeof *n);
    if (n == NULL)
        return NULL;
    *n = (ks_doc_node){.kind = kind, .line = line, .name = name};
    if (up == NULL)
        d->root = n;
    else if (up->first == NULL)
        up->first = up->last = n;
    else
        up->last = up->last->next = n;
    if (up != NULL)
        up->n++;
    return n;
}

/* ---- finding ---- */

static int by_name(const void *a, const void *b)
{
    const ks_doc_node *const *x = a, *const *y = b;
    return ks_str_cmp((*x)->name, (*y)->name);
}

static bool twice(ks_doc *d, const ks_doc_node *a, const ks_doc_node *b)
{
    if (!ks_str_eq(a->name, b->name))
        return false;
    ks_doc_fail(d, a->line > b->line ? a->line : b->line,
                "a member of this name stands here already; keep one");
    return true;
}

static bool all_differ(ks_doc *d, const ks_doc_node *map)
{
    for (const ks_doc_node *a = map->first; a != NULL; a = a->next) {
        for (const ks_doc_node *b = map->first; b != a; b = b->next) {
            if (twice(d, a, b))
                return false;
        }
    }
    return true;
}

bool ks_doc_close(ks_doc *d, ks_doc_node *map)
{
    size_t i = 0;
    if (map->n <= WALKED)
        return all_differ(d, map);
    ks_doc_node **sorted = ks_doc_alloc(d, map->n * sizeof(void *));
    if (sorted == NULL)
        return false;
    for (ks_doc_node *m = map->first; m != NULL; m = m->next)
        sorted[i++] = m;
    qsort(sorted, map->n, sizeof(void *), by_name);
    for (i = 1; i < map->n; i++) {
        if (twice(d, sorted[i - 1], sorted[i]))
            return false;
    }
    map->sorted = sorted;
    return true;
}

const ks_doc_node *ks_doc_first(const ks_doc_node *n)
{
    return n != NULL && n->kind >= KS_DOC_LIST ? n->first : NULL;
}

const ks_doc_node *ks_doc_find(const ks_doc_node *map, ks_str name)
{
    const ks_doc_node key = {.name = name}, *wanted = &key;
    if (map == NULL || map->kind != KS_DOC_MAP)
        return NULL;
    if (map->sorted != NULL) {
        ks_doc_node **at = bsearch(&wanted, map->sorted, map->n, sizeof(void *), by_name);
        return at ? *at : NULL;
    }
    for (const ks_doc_node *m = map->first; m != NULL; m = m->next) {
        if (ks_str_eq(m->name, name))
            return m;
    }
    return NULL;
}

const ks_doc_node *ks_doc_get(const ks_doc_node *map, const char *name)
{
    return ks_doc_find(map, ks_str_of(name));
}

ks_str ks_doc_text(const ks_doc_node *map, const char *name)
{
    const ks_doc_node *m = ks_doc_get(map, name);
    return m != NULL && (m->kind == KS_DOC_TEXT || m->kind == KS_DOC_NUMBER) ? m->text : KS_NO_STR;
}

bool ks_doc_true(const ks_doc_node *map, const char *name)
{
    const ks_doc_node *m = ks_doc_get(map, name);
    return m != NULL && m->kind == KS_DOC_BOOL && ks_str_eq(m->text, KS_S("true"));
}

/* ---- following ---- */

/* "a~1b" means a/b. The token may be changed in place: it is a copy. */
static ks_str unescape(char *p, size_t n)
{
    size_t to = 0;
    for (size_t i = 0; i < n; i++) {
        bool tilde = p[i] == '~' && i + 1 < n && (p[i + 1] == '0' || p[i + 1] == '1');
        p[to++] = tilde ? (p[i + 1] == '1' ? '/' : '~') : p[i];
        i += tilde;
    }
    return (ks_str){p, to};
}

static const ks_doc_node *step(const ks_doc_node *at, ks_str token)
{
    uint64_t i;
    if (at == NULL || at->kind != KS_DOC_LIST)
        return ks_doc_find(at, token);
    if (!ks_str_u64(token, &i) || i >= at->n)
        return NULL;
    const ks_doc_node *e = at->first;
    while (i-- > 0)
        e = e->next;
    return e;
}

/* Where the fragment `pointer` (behind '#') leads. NULL: nowhere. */
static const ks_doc_node *lead(const ks_doc *d, ks_str pointer)
{
    char               room[POINTER];
    const ks_doc_node *at = d->root;
    ks_buf             b = ks_buf_new(POINTER);
    bool               good = pointer.n < POINTER && ks_dec_percent(&b, pointer, false) && ks_buf_ok(&b);
    size_t             n = good ? b.n : 0, from = 0;
    if (n > 0)
        memcpy(room, b.p, n);
    ks_buf_done(&b);
    if (!good || (n > 0 && room[0] != '/'))
        return NULL;
    while (at != NULL && from < n) {
        size_t end = ++from;
        while (end < n && room[end] != '/')
            end++;
        at = step(at, unescape(room + from, end - from));
        from = end;
    }
    return at;
}

const ks_doc_node *ks_doc_follow(ks_doc *d, const ks_doc_node *n)
{
    for (int i = 0; n != NULL && i < CHAIN; i++) {
        const ks_doc_node *ref = ks_doc_get(n, "$ref");
        if (ref == NULL || ref->kind != KS_DOC_TEXT)
            return n;
        if (ref->text.n == 0 || ref->text.p[0] != '#') {
            ks_doc_fail(d, ref->line,
                        "this `$ref` leads out of the document; bundle all parts into one file first");
            return NULL;
        }
        n = lead(d, ks_str_sub(ref->text, 1, SIZE_MAX));
    }
    return NULL;
}

/* ---- reading ---- */

void ks_doc_free(ks_doc *d)
{
    ks_arena_free(d->arena);
    d->arena = NULL;
    d->root = NULL;
}

static void drop(void *doc)
{
    ks_doc_free(doc);
}

/* The line of the first byte that is no UTF-8. */
static unsigned bad_line(ks_str text)
{
    unsigned line = 1;
    ks_str   part;
    while (ks_str_cut(&text, '\n', &part) && ks_str_utf8(part))
        line++;
    return line;
}

static void read_text(ks_doc *d, ks_str text)
{
    if (ks_str_starts(text, KS_S("\xef\xbb\xbf")))
        text = ks_str_sub(text, 3, SIZE_MAX);
    ks_str body = ks_str_trim(text, " \t\r\n");
    if (text.n > KS_DOC_MAX)
        ks_doc_fail(d, 1, "larger than %d bytes; leave out what is not needed", KS_DOC_MAX);
    else if (!ks_str_utf8(text))
        ks_doc_fail(d, bad_line(text), "is not well-formed UTF-8");
    else if (ks_str_starts(body, KS_S("{")))
        ks_doc_read_json(d, text);
    else
        ks_doc_read_yaml(d, text);
    if (d->status == KS_OK && (d->root == NULL || d->root->kind != KS_DOC_MAP))
        ks_doc_fail(d, 1, "is no OpenAPI document: `openapi: 3...` or `swagger: \"2.0\"` is missing");
}

ks_status ks_doc_read(ks_ctx *cx, ks_str file, ks_str text, ks_doc **out)
{
    ks_doc *d = ks_zalloc(cx, sizeof *d);
    if (d == NULL)
        return KS_NO_MEMORY;
    *d = (ks_doc){.cx = cx, .file = file, .text = text, .arena = ks_arena_new(KS_DOC_ARENA)};
    if (d->arena == NULL)
        return ks_no_memory(cx);
    if (!ks_arena_defer(cx->arena, drop, d)) {
        ks_arena_free(d->arena);
        return ks_no_memory(cx);
    }
    read_text(d, text);
    *out = d;
    return d->status;
}
