/* features/apps/app_file_inside.c — the member `schema` of a parameter: what lies inside a list or an object,
 * and the bounds of a value, as JSON Schema. Judges no argument: inside.c. Format: docs/formats.md "App
 * files"; words of JSON Schema 2020-12. Threads: none shared. */
#include "base/json.h"
#include "features/apps/app_file_shape.h"

typedef enum word_kind {
    TYPE,   /* one of the six types */
    WORDS,  /* a text */
    COUNT,  /* a whole number */
    AMOUNT, /* any number */
    YES,    /* true or false */
    VALUES, /* a list of scalars */
    NAMES,  /* a list of members */
    ONE,    /* a schema */
    EACH,   /* schemas by name */
    ANY     /* a list of schemas */
} word_kind;

static const struct {
    const char *name;
    word_kind   kind;
    bool        within; /* the parameter itself says it in a member of its own */
} words[] = {
    {"type", TYPE, true},          {"description", WORDS, true}, {"enum", VALUES, true},
    {"format", WORDS, false},      {"pattern", WORDS, false},    {"minLength", COUNT, false},
    {"maxLength", COUNT, false},   {"minimum", AMOUNT, false},   {"maximum", AMOUNT, false},
    {"multipleOf", AMOUNT, false}, {"minItems", COUNT, false},   {"maxItems", COUNT, false},
    {"uniqueItems", YES, false},   {"items", ONE, false},        {"properties", EACH, false},
    {"required", NAMES, false},    {"anyOf", ANY, false},
};

static const char *const types[] = {"string", "integer", "number", "boolean", "array", "object"};

/* The declared type; KS_T_FILE when there is none. */
static ks_param_type type_of(const ks_node *schema)
{
    const ks_node *t = ks_node_get(schema, "type");
    for (unsigned i = 0; t != NULL && i < KS_COUNT(types); i++) {
        if (ks_str_eq(t->text, ks_str_of(types[i])))
            return (ks_param_type)i;
    }
    return KS_T_FILE;
}

static bool kind_fits(ks_app_reader *r, const ks_node *n, ks_node_kind kind)
{
    static const char *const wanted[] = {"one value", "a list", "a map"};
    if (n->kind == kind && (kind != KS_NODE_LIST || n->n > 0))
        return true;
    ks_file_fault(r, n->line, "%s is wanted here", wanted[kind]);
    return false;
}

static void put_schema(ks_app_reader *r, ks_jw *w, const ks_node *map, ks_str title);

static void put_scalar(ks_app_reader *r, ks_jw *w, const char *name, const ks_node *n, ks_param_type type)
{
    ks_str json = kind_fits(r, n, KS_NODE_TEXT) ? ks_file_json(r, n, type) : KS_NO_STR;
    if (json.p != NULL)
        ks_jw_raw(w, name, json);
}

static void put_values(ks_app_reader *r, ks_jw *w, const ks_node *list, ks_param_type type)
{
    ks_jw_arr(w, "enum");
    if (type == KS_T_FILE)
        type = KS_T_STRING;
    for (const ks_node *e = list->first; e != NULL; e = e->next)
        put_scalar(r, w, NULL, e, type);
    ks_jw_end(w, ']');
}

static void put_names(ks_app_reader *r, ks_jw *w, const ks_node *list, const ks_node *schema)
{
    ks_jw_arr(w, "required");
    for (const ks_node *e = list->first; e != NULL; e = e->next) {
        const ks_node *known = ks_node_get(schema, "properties");
        for (known = known != NULL ? known->first : NULL; known != NULL; known = known->next) {
            if (ks_str_eq(known->name, e->text))
                break;
        }
        if (known == NULL)
            ks_file_fault(r, e->line, "`required` names members of `properties`; this one is not there");
        put_scalar(r, w, NULL, e, KS_T_STRING);
    }
    ks_jw_end(w, ']');
}

/* A schema below the parameter; without a type it takes any value. SDKs make classes of objects, and call
 * them by their title. */
static void put_within(ks_app_reader *r, ks_jw *w, const char *name, const ks_node *map, ks_str title)
{
    if (!kind_fits(r, map, KS_NODE_MAP))
        return;
    ks_jw_obj(w, name);
    if (ks_node_get(map, "properties") != NULL)
        ks_jw_str(w, "title", title);
    put_schema(r, w, map, title);
    ks_jw_end(w, '}');
}

static void put_list(ks_app_reader *r, ks_jw *w, const char *word, const ks_node *n, ks_str title)
{
    bool map = n->kind == KS_NODE_MAP;
    if (map)
        ks_jw_obj(w, word);
    else
        ks_jw_arr(w, word);
    for (const ks_node *e = n->first; e != NULL; e = e->next) {
        if (map)
            ks_jw_name(w, e->name);
        put_within(r, w, NULL, e, map ? e->name : title);
    }
    ks_jw_end(w, map ? '}' : ']');
}

static void put_word(ks_app_reader *r, ks_jw *w, size_t i, const ks_node *schema, const ks_node *n,
                     ks_str title)
{
    static const ks_node_kind kinds[] = {
        [TYPE] = KS_NODE_TEXT, [WORDS] = KS_NODE_TEXT,  [COUNT] = KS_NODE_TEXT, [AMOUNT] = KS_NODE_TEXT,
        [YES] = KS_NODE_TEXT,  [VALUES] = KS_NODE_LIST, [NAMES] = KS_NODE_LIST, [ONE] = KS_NODE_MAP,
        [EACH] = KS_NODE_MAP,  [ANY] = KS_NODE_LIST};
    const char *word = words[i].name;
    if (!kind_fits(r, n, kinds[words[i].kind]))
        return;
    switch (words[i].kind) {
    case TYPE:
        if (type_of(schema) == KS_T_FILE)
            ks_file_fault(r, n->line, "`type` is string, integer, number, boolean, array or object");
        put_scalar(r, w, word, n, KS_T_STRING);
        return;
    case WORDS:
        put_scalar(r, w, word, n, KS_T_STRING);
        return;
    case COUNT:
        put_scalar(r, w, word, n, KS_T_INTEGER);
        return;
    case AMOUNT:
        put_scalar(r, w, word, n, KS_T_NUMBER);
        return;
    case YES:
        put_scalar(r, w, word, n, KS_T_BOOLEAN);
        return;
    case VALUES:
        put_values(r, w, n, type_of(schema));
        return;
    case NAMES:
        put_names(r, w, n, schema);
        return;
    case ONE:
        put_within(r, w, word, n, title);
        return;
    case EACH:
    case ANY:
        put_list(r, w, word, n, title);
        return;
    }
}

static void put_schema(ks_app_reader *r, ks_jw *w, const ks_node *map, ks_str title)
{
    for (const ks_node *n = map->first; n != NULL; n = n->next) {
        size_t i = 0;
        while (i < KS_COUNT(words) && !ks_str_eq(n->name, ks_str_of(words[i].name)))
            i++;
        if (i < KS_COUNT(words))
            put_word(r, w, i, map, n, title);
        else
            ks_file_fault(r, n->line,
                          "a schema of an app file has no word of this name; docs/formats.md "
                          "lists them");
    }
}

/* What the parameter says in members of its own is not said again, and its type allows what is said. */
static void check_top(ks_app_reader *r, const ks_node *map, const ks_app_param *p)
{
    const ks_node *items = ks_node_get(map, "items");
    for (size_t i = 0; i < KS_COUNT(words); i++) {
        if (words[i].within && ks_node_get(map, words[i].name) != NULL)
            ks_file_fault(r, map->line, "the parameter itself tells `%s`: type, about, values",
                          words[i].name);
    }
    if (items != NULL && p->type != KS_T_ARRAY)
        ks_file_fault(r, items->line, "`items` belongs to a parameter of type array");
    else if (items != NULL && ks_node_get(items, "type") != NULL && type_of(items) != p->items)
        ks_file_fault(r, items->line, "its `type` is that of the parameter's `items`");
    if (ks_node_get(map, "properties") != NULL && p->type != KS_T_OBJECT)
        ks_file_fault(r, map->line, "`properties` belongs to a parameter of type object");
}

ks_str ks_file_schema_json(ks_app_reader *r, const ks_node *node, const ks_app_param *p)
{
    ks_buf *b = node != NULL ? ks_ctx_buf(r->cx, KS_APP_FILE_MAX) : NULL;
    if (node == NULL || !kind_fits(r, node, KS_NODE_MAP))
        return KS_NO_STR;
    if (b == NULL) {
        r->no_memory = true;
        return KS_NO_STR;
    }
    ks_jw w = ks_jw_new(b);
    check_top(r, node, p);
    ks_jw_obj(&w, NULL);
    put_schema(r, &w, node, p->name);
    ks_jw_end(&w, '}');
    r->no_memory |= !ks_buf_ok(b);
    return ks_buf_view(b);
}
