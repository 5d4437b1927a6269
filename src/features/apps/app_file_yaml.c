/* features/apps/app_file_yaml.c — libyaml events to a small tree with line numbers. Knows nothing of apps.
 * Refuses what makes YAML surprising: anchors, aliases, tags, repeated members, a second document, deep
 * nesting. Threads: none shared. */
#include <yaml.h>

#include "features/apps/app_file_tree.h"

/* Where the next event goes: the open lists and maps, outermost first. */
typedef struct builder {
    ks_app_reader *r;
    ks_node       *open[KS_FILE_DEPTH];
    size_t         depth;
    ks_str         name; /* of the member whose value comes next; absent: a name is due */
    ks_node       *top;
    size_t         nodes, documents;
} builder;

static unsigned line_of(const yaml_event_t *e)
{
    return (unsigned)e->start_mark.line + 1;
}

static ks_node *open_node(const builder *b)
{
    return b->depth ? b->open[b->depth - 1] : NULL;
}

/* The bytes of a scalar in the arena, without the line break that block texts end with. */
static ks_str scalar_text(ks_app_reader *r, const yaml_event_t *e)
{
    ks_str s = {(const char *)e->data.scalar.value, e->data.scalar.length};
    while (s.n > 0 && s.p[s.n - 1] == '\n')
        s.n--;
    ks_str copy = ks_copy(r->cx, s);
    r->no_memory |= copy.p == NULL;
    return copy;
}

const ks_node *ks_node_get(const ks_node *map, const char *name)
{
    if (map == NULL || map->kind != KS_NODE_MAP)
        return NULL;
    for (const ks_node *n = map->first; n != NULL; n = n->next) {
        if (ks_str_eq(n->name, ks_str_of(name)))
            return n;
    }
    return NULL;
}

/* A text where a map wants the name of its next member. */
static bool take_name(builder *b, const yaml_event_t *e)
{
    ks_node *map = open_node(b);
    ks_str   name = scalar_text(b->r, e);
    if (name.p == NULL)
        return false;
    if (ks_node_get(map, name.p) != NULL || strlen(name.p) != name.n) {
        ks_file_fault(b->r, line_of(e), "a member stands here twice or has no proper name; keep one");
        return false;
    }
    b->name = name;
    return true;
}

static bool wants_name(const builder *b)
{
    const ks_node *o = open_node(b);
    return o != NULL && o->kind == KS_NODE_MAP && b->name.p == NULL;
}

/* A new value below the innermost open one, or at the top. */
static ks_node *add(builder *b, const yaml_event_t *e, ks_node_kind kind)
{
    ks_node *up = open_node(b);
    if (wants_name(b)) {
        ks_file_fault(b->r, line_of(e), "the name of a member must be plain text");
        return NULL;
    }
    if (++b->nodes > KS_FILE_NODES || (up != NULL && up->n == KS_FILE_MEMBERS)) {
        ks_file_fault(b->r, line_of(e), "too many values: at most %d in a list or map and %d in a file",
                      KS_FILE_MEMBERS, KS_FILE_NODES);
        return NULL;
    }
    ks_node *n = ks_file_alloc(b->r, sizeof *n);
    if (n == NULL)
        return NULL;
    *n = (ks_node){.kind = kind, .line = line_of(e), .name = b->name};
    b->name = KS_NO_STR;
    if (up == NULL)
        b->top = n;
    else if (up->last == NULL)
        up->first = up->last = n;
    else
        up->last = up->last->next = n;
    if (up != NULL)
        up->n++;
    return n;
}

static bool open_collection(builder *b, const yaml_event_t *e, ks_node_kind kind)
{
    if (b->depth == KS_FILE_DEPTH) {
        ks_file_fault(b->r, line_of(e), "nested deeper than %d levels", KS_FILE_DEPTH);
        return false;
    }
    ks_node *n = add(b, e, kind);
    if (n != NULL)
        b->open[b->depth++] = n;
    return n != NULL;
}

static bool take_scalar(builder *b, const yaml_event_t *e)
{
    if (wants_name(b))
        return take_name(b, e);
    ks_node *n = add(b, e, KS_NODE_TEXT);
    if (n == NULL)
        return false;
    n->plain = e->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
    n->text = scalar_text(b->r, e);
    return n->text.p != NULL;
}

/* Anchors and tags; aliases are an event of their own. */
static bool has_magic(const yaml_event_t *e)
{
    switch (e->type) {
    case YAML_SCALAR_EVENT:
        return e->data.scalar.anchor != NULL || e->data.scalar.tag != NULL;
    case YAML_SEQUENCE_START_EVENT:
        return e->data.sequence_start.anchor != NULL || e->data.sequence_start.tag != NULL;
    case YAML_MAPPING_START_EVENT:
        return e->data.mapping_start.anchor != NULL || e->data.mapping_start.tag != NULL;
    default:
        return e->type == YAML_ALIAS_EVENT;
    }
}

static bool take_event(builder *b, const yaml_event_t *e)
{
    if (has_magic(e)) {
        ks_file_fault(b->r, line_of(e),
                      "anchors (&), aliases (*) and tags (!) are refused; write the value out "
                      "or put it into quotes");
        return false;
    }
    switch (e->type) {
    case YAML_DOCUMENT_START_EVENT:
        if (b->documents++ == 0)
            return true;
        ks_file_fault(b->r, line_of(e), "a second document begins; one file holds one app");
        return false;
    case YAML_SCALAR_EVENT:
        return take_scalar(b, e);
    case YAML_SEQUENCE_START_EVENT:
        return open_collection(b, e, KS_NODE_LIST);
    case YAML_MAPPING_START_EVENT:
        return open_collection(b, e, KS_NODE_MAP);
    case YAML_SEQUENCE_END_EVENT:
    case YAML_MAPPING_END_EVENT:
        b->depth--;
        return true;
    default:
        return true;
    }
}

static void parser_fault(ks_app_reader *r, const yaml_parser_t *p)
{
    if (p->error == YAML_MEMORY_ERROR)
        r->no_memory = true;
    else
        ks_file_fault(r, (unsigned)p->problem_mark.line + 1, "is not valid YAML (%s)",
                      p->problem ? p->problem : "unreadable");
}

ks_node *ks_file_tree(ks_app_reader *r, ks_str text)
{
    yaml_parser_t parser;
    builder       b = {.r = r};
    bool          more = true;

    if (!yaml_parser_initialize(&parser)) {
        r->no_memory = true;
        return NULL;
    }
    yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&parser, (const unsigned char *)text.p, text.n);
    while (more) {
        yaml_event_t e;
        if (!yaml_parser_parse(&parser, &e)) {
            parser_fault(r, &parser);
            break;
        }
        more = e.type != YAML_STREAM_END_EVENT && take_event(&b, &e);
        yaml_event_delete(&e);
    }
    yaml_parser_delete(&parser);
    if (r->n == 0 && !r->no_memory && (b.top == NULL || b.top->kind != KS_NODE_MAP))
        ks_file_fault(r, 1, "holds no app; see docs/formats.md \"App files\"");
    return r->n == 0 && !r->no_memory ? b.top : NULL;
}
