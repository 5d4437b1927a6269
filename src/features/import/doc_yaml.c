/* features/import/doc_yaml.c — YAML of others to the tree of doc.h: libyaml events, anchors and merge keys
 * included. An alias shares what it names instead of copying it, so no document grows by being read; every
 * walk over the tree has a bound of its own. YAML 1.1. Threads: none shared. */
#include <yaml.h>

#include "features/import/doc.h"

enum {
    ANCHORS = 256, /* they are searched one by one */
    MERGED = 256   /* members of a map with "<<", likewise */
};

typedef struct anchor {
    ks_str       name;
    ks_doc_node *node;
} anchor;

typedef struct builder {
    ks_doc      *d;
    ks_doc_node *open[KS_DOC_DEPTH];
    size_t       depth, anchors_n, documents;
    ks_str       name; /* of the member whose value comes next; absent: a name is due */
    unsigned     name_line;
    anchor       anchors[ANCHORS];
} builder;

static unsigned line_of(const yaml_event_t *e)
{
    return (unsigned)e->start_mark.line + 1;
}

static ks_str copy(ks_doc *d, const yaml_char_t *p, size_t n)
{
    char *to = ks_doc_alloc(d, n + 1);
    if (to == NULL)
        return KS_NO_STR;
    memcpy(to, p, n);
    to[n] = '\0';
    return (ks_str){to, n};
}

static ks_str anchor_of(const yaml_event_t *e)
{
    const yaml_char_t *z = e->type == YAML_SCALAR_EVENT           ? e->data.scalar.anchor
                           : e->type == YAML_SEQUENCE_START_EVENT ? e->data.sequence_start.anchor
                                                                  : e->data.mapping_start.anchor;
    return ks_str_of((const char *)z);
}

static bool remember(builder *b, const yaml_event_t *e, ks_doc_node *n)
{
    ks_str name = anchor_of(e);
    if (name.p == NULL)
        return true;
    if (b->anchors_n == ANCHORS) {
        ks_doc_fail(b->d, line_of(e), "more than %d anchors (&); write the values out", ANCHORS);
        return false;
    }
    name = copy(b->d, (const yaml_char_t *)name.p, name.n);
    b->anchors[b->anchors_n++] = (anchor){name, n};
    return name.p != NULL;
}

static ks_doc_node *up_of(const builder *b)
{
    return b->depth ? b->open[b->depth - 1] : NULL;
}

static bool wants_name(const builder *b)
{
    const ks_doc_node *up = up_of(b);
    return up != NULL && up->kind == KS_DOC_MAP && b->name.p == NULL;
}

/* A new value where one is due. NULL after a failure. */
static ks_doc_node *add(builder *b, unsigned line, ks_doc_kind kind)
{
    if (wants_name(b)) {
        ks_doc_fail(b->d, line, "the name of a member must be plain text");
        return NULL;
    }
    ks_doc_node *n = ks_doc_add(b->d, up_of(b), b->name, b->name.p ? b->name_line : line, kind);
    b->name = KS_NO_STR;
    return n;
}

/* ---- scalars ---- */

static bool is_one_of(ks_str s, const char *words)
{
    ks_str all = ks_str_of(words), word;
    while (ks_str_cut(&all, ' ', &word)) {
        if (ks_str_eq(s, word))
            return true;
    }
    return false;
}

/* A decimal number as JSON writes it; other spellings stay texts. */
static bool is_number(ks_str s)
{
    size_t i = s.n > 0 && s.p[0] == '-', digits = 0, points = 0;
    for (; i < s.n; i++) {
        if (s.p[i] == '.')
            points++;
        else if (s.p[i] >= '0' && s.p[i] <= '9')
            digits++;
        else
            return false;
    }
    return digits > 0 && points < 2 && s.p[s.n - 1] != '.' && s.p[0] != '.';
}

/* What a text without quotes means. Words are brought into JSON's spelling. */
static ks_doc_kind resolve(ks_str *s)
{
    if (is_one_of(*s, "null Null NULL ~") || s->n == 0)
        return KS_DOC_NULL;
    if (is_one_of(*s, "true True TRUE false False FALSE")) {
        *s = (s->p[0] | 32) == 't' ? KS_S("true") : KS_S("false");
        return KS_DOC_BOOL;
    }
    return is_number(*s) ? KS_DOC_NUMBER : KS_DOC_TEXT;
}

static bool take_scalar(builder *b, const yaml_event_t *e)
{
    ks_str text = copy(b->d, e->data.scalar.value, e->data.scalar.length);
    if (text.p == NULL)
        return false;
    if (wants_name(b)) {
        b->name = text;
        b->name_line = line_of(e);
        return true;
    }
    bool         plain = e->data.scalar.style == YAML_PLAIN_SCALAR_STYLE && e->data.scalar.tag == NULL;
    ks_doc_node *n = add(b, line_of(e), plain ? resolve(&text) : KS_DOC_TEXT);
    if (n == NULL)
        return false;
    n->text = text;
    return remember(b, e, n);
}

/* ---- aliases and merges ---- */

/* The value of `from` under the name that `n` has. */
static void share(ks_doc_node *n, const ks_doc_node *from)
{
    ks_doc_node own = *n;
    *n = *from;
    n->name = own.name;
    n->line = own.line;
    n->next = own.next;
}

static bool take_alias(builder *b, const yaml_event_t *e)
{
    ks_str             name = ks_str_of((const char *)e->data.alias.anchor);
    const ks_doc_node *from = NULL;
    for (size_t i = b->anchors_n; i-- > 0 && from == NULL;)
        from = ks_str_eq(b->anchors[i].name, name) ? b->anchors[i].node : NULL;
    for (size_t i = 0; i < b->depth; i++) {
        if (b->open[i] == from)
            from = NULL;
    }
    if (from == NULL) {
        ks_doc_fail(b->d, line_of(e), "this alias (*) names nothing before it, or what it stands in");
        return false;
    }
    ks_doc_node *n = add(b, line_of(e), from->kind);
    if (n != NULL)
        share(n, from);
    return n != NULL;
}

/* The members of `from` that `map` does not have itself. */
static bool merge(ks_doc *d, ks_doc_node *map, const ks_doc_node *from)
{
    for (const ks_doc_node *m = from->kind == KS_DOC_MAP ? from->first : NULL; m != NULL; m = m->next) {
        if (ks_doc_find(map, m->name) != NULL || ks_str_eq(m->name, KS_S("<<")))
            continue;
        if (map->n > MERGED) {
            ks_doc_fail(d, map->line, "a map with a merge (<<) has more than %d members; write them out",
                        MERGED);
            return false;
        }
        ks_doc_node *n = ks_doc_add(d, map, m->name, m->line, m->kind);
        if (n == NULL)
            return false;
        share(n, m);
    }
    return true;
}

/* All members are there; "<<" brings those of other maps that it lacks, earlier sources first. */
static bool close_map(ks_doc *d, ks_doc_node *map)
{
    const ks_doc_node *from = ks_doc_get(map, "<<");
    if (from == NULL)
        return ks_doc_close(d, map);
    if (from->kind == KS_DOC_MAP && !merge(d, map, from))
        return false;
    for (const ks_doc_node *e = from->kind == KS_DOC_LIST ? from->first : NULL; e != NULL; e = e->next) {
        if (!merge(d, map, e))
            return false;
    }
    return ks_doc_close(d, map);
}

/* ---- events ---- */

static bool open_collection(builder *b, const yaml_event_t *e, ks_doc_kind kind)
{
    if (b->depth == KS_DOC_DEPTH) {
        ks_doc_fail(b->d, line_of(e), "is nested deeper than %d levels", KS_DOC_DEPTH);
        return false;
    }
    ks_doc_node *n = add(b, line_of(e), kind);
    if (n == NULL || !remember(b, e, n))
        return false;
    b->open[b->depth++] = n;
    return true;
}

static bool take_event(builder *b, const yaml_event_t *e)
{
    switch (e->type) {
    case YAML_DOCUMENT_START_EVENT:
        if (b->documents++ == 0)
            return true;
        ks_doc_fail(b->d, line_of(e), "a second document begins; a file holds one");
        return false;
    case YAML_SCALAR_EVENT:
        return take_scalar(b, e);
    case YAML_ALIAS_EVENT:
        return take_alias(b, e);
    case YAML_SEQUENCE_START_EVENT:
        return open_collection(b, e, KS_DOC_LIST);
    case YAML_MAPPING_START_EVENT:
        return open_collection(b, e, KS_DOC_MAP);
    case YAML_SEQUENCE_END_EVENT:
        b->depth--;
        return true;
    case YAML_MAPPING_END_EVENT:
        return close_map(b->d, b->open[--b->depth]);
    default:
        return true;
    }
}

static void parser_fault(ks_doc *d, const yaml_parser_t *p)
{
    if (p->error == YAML_MEMORY_ERROR && d->status == KS_OK)
        d->status = ks_no_memory(d->cx);
    else
        ks_doc_fail(d, (unsigned)p->problem_mark.line + 1, "is not valid YAML (%s)",
                    p->problem ? p->problem : "unreadable");
}

void ks_doc_read_yaml(ks_doc *d, ks_str text)
{
    yaml_parser_t parser;
    bool          more = true;
    builder      *b = ks_doc_alloc(d, sizeof *b);
    if (b == NULL)
        return;
    memset(b, 0, sizeof *b);
    b->d = d;
    if (!yaml_parser_initialize(&parser)) {
        d->status = ks_no_memory(d->cx);
        return;
    }
    yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&parser, (const unsigned char *)text.p, text.n);
    while (more) {
        yaml_event_t e;
        if (!yaml_parser_parse(&parser, &e)) {
            parser_fault(d, &parser);
            break;
        }
        more = e.type != YAML_STREAM_END_EVENT && take_event(b, &e);
        yaml_event_delete(&e);
    }
    yaml_parser_delete(&parser);
}
