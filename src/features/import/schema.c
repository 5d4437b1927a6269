/* features/import/schema.c — what an import needs of a JSON schema: type, default, allowed values, members.
 * Checks no value against it. JSON Schema 2020-12 as OpenAPI 3.1 uses it, and its older forms. Threads: none
 * shared. */
#include "features/import/importer.h"
#include "features/import/text.h"

enum {
    DEPTH = 12,   /* allOf in allOf */
    LOOKS = 512,  /* nodes of one schema; ends circles that branch */
    LITERAL = 256 /* bytes of a default */
};

static bool is_text(const ks_doc_node *n, const char *word)
{
    return n != NULL && n->kind == KS_DOC_TEXT && ks_str_eq(n->text, ks_str_of(word));
}

/* `type` is a word, or in 3.1 a list of words: the first that is not null. */
static const ks_doc_node *type_node(const ks_doc_node *schema)
{
    const ks_doc_node *t = ks_doc_get(schema, "type"), *e = ks_doc_first(t);
    if (t == NULL || t->kind != KS_DOC_LIST)
        return t;
    while (e != NULL && is_text(e, "null"))
        e = e->next;
    return e;
}

static bool type_of(const ks_doc_node *schema, ks_param_type *out)
{
    static const char *const words[] = {"string", "integer", "number", "boolean", "array", "object"};
    const ks_doc_node       *t = type_node(schema);
    for (unsigned i = 0; i < KS_COUNT(words); i++) {
        if (is_text(t, words[i])) {
            *out = (ks_param_type)i;
            return true;
        }
    }
    if (ks_doc_get(schema, "properties") != NULL || ks_doc_get(schema, "additionalProperties") != NULL)
        *out = KS_T_OBJECT;
    else if (ks_doc_get(schema, "items") != NULL)
        *out = KS_T_ARRAY;
    else
        return false;
    return true;
}

static ks_property *property(ks_schema *s, ks_str name)
{
    for (size_t i = 0; i < s->properties_n; i++) {
        if (ks_str_eq(s->properties[i].name, name))
            return &s->properties[i];
    }
    return NULL;
}

static void take_properties(ks_importer *im, ks_schema *s, const ks_doc_node *schema)
{
    const ks_doc_node *all = ks_doc_get(schema, "properties");
    if (s->properties == NULL && all != NULL)
        s->properties = ks_alloc(im->cx, KS_IMPORT_PROPERTIES * sizeof *s->properties);
    for (const ks_doc_node *p = ks_doc_first(all); p != NULL && s->properties != NULL; p = p->next) {
        if (property(s, p->name) != NULL)
            continue;
        if (s->properties_n == KS_IMPORT_PROPERTIES) {
            s->any_members = true;
            return;
        }
        s->properties[s->properties_n++] = (ks_property){p->name, p, false};
    }
}

static void take_required(ks_schema *s, const ks_doc_node *schema)
{
    for (const ks_doc_node *r = ks_doc_first(ks_doc_get(schema, "required")); r != NULL; r = r->next) {
        ks_property *p = r->kind == KS_DOC_TEXT ? property(s, r->text) : NULL;
        if (p != NULL)
            p->required = true;
    }
}

static void take_own(ks_importer *im, ks_schema *s, const ks_doc_node *n)
{
    ks_str        about = ks_doc_text(n, "description");
    ks_param_type type;
    if (!s->typed && type_of(n, &type)) {
        s->typed = true;
        s->type = type;
    }
    if (s->about.p == NULL)
        s->about = about.p != NULL ? about : ks_doc_text(n, "title");
    if (s->values == NULL)
        s->values = ks_doc_get(n, "enum");
    if (s->values == NULL)
        s->values = ks_doc_get(n, "const");
    if (s->fallback == NULL)
        s->fallback = ks_doc_get(n, "default");
    if (s->element == NULL)
        s->element = ks_doc_get(n, "items");
    s->read_only |= ks_doc_true(n, "readOnly");
    s->file |= is_text(ks_doc_get(n, "format"), "binary") || is_text(ks_doc_get(n, "type"), "file") ||
               is_text(ks_doc_get(n, "contentMediaType"), "application/octet-stream");
    const ks_doc_node *more = ks_doc_get(n, "additionalProperties");
    s->any_members |= more != NULL && (more->kind == KS_DOC_MAP || ks_str_eq(more->text, KS_S("true")));
    take_properties(im, s, n);
}

static void absorb(ks_importer *im, ks_schema *s, const ks_doc_node *n, unsigned depth, bool strict);

/* One of several: their members together, and none of them is required; a single one counts as all. */
static void absorb_choice(ks_importer *im, ks_schema *s, const ks_doc_node *list, unsigned depth, bool strict)
{
    size_t real = 0;
    for (const ks_doc_node *v = ks_doc_first(list); v != NULL; v = v->next)
        real += !is_text(ks_doc_get(v, "type"), "null");
    for (const ks_doc_node *v = ks_doc_first(list); v != NULL; v = v->next) {
        if (!is_text(ks_doc_get(v, "type"), "null"))
            absorb(im, s, v, depth + 1, strict && real == 1);
    }
}

static void absorb(ks_importer *im, ks_schema *s, const ks_doc_node *n, unsigned depth, bool strict)
{
    ks_str outer = n != NULL && s->about.p == NULL ? ks_doc_text(n, "description") : KS_NO_STR;
    if (outer.p != NULL)
        s->about = outer; /* words beside a `$ref` are nearer than those behind it */
    n = ks_doc_follow(im->doc, n);
    if (n == NULL || n->kind != KS_DOC_MAP || depth == DEPTH || ++s->looks > LOOKS ||
        im->looks > KS_IMPORT_LOOKS)
        return;
    const ks_doc_node *members = ks_doc_get(n, "properties");
    size_t             count = members != NULL ? members->n : 0;
    im->looks += 1 + (count < KS_IMPORT_PROPERTIES ? count : KS_IMPORT_PROPERTIES);
    take_own(im, s, n);
    for (const ks_doc_node *v = ks_doc_first(ks_doc_get(n, "allOf")); v != NULL; v = v->next)
        absorb(im, s, v, depth + 1, strict);
    absorb_choice(im, s, ks_doc_get(n, "oneOf"), depth, strict);
    absorb_choice(im, s, ks_doc_get(n, "anyOf"), depth, strict);
    if (strict)
        take_required(s, n);
}

void ks_schema_read(ks_importer *im, const ks_doc_node *node, ks_schema *out)
{
    ks_schema element = {0};
    *out = (ks_schema){0};
    absorb(im, out, node, 0, true);
    if (!out->typed && out->properties_n > 0)
        out->type = KS_T_OBJECT;
    if (out->type == KS_T_ARRAY && out->element != NULL) {
        absorb(im, &element, out->element, 0, true);
        out->items = element.type;
        out->file |= element.file;
    }
}

/* ---- parameters ---- */

/* A number as app files take it: no exponent, no leading zeros. */
static bool is_number(ks_str s, bool whole)
{
    size_t from = s.n > 0 && s.p[0] == '-', i = from, point = 0;
    for (; i < s.n; i++) {
        if (s.p[i] == '.' && !whole && point == 0 && i > from)
            point = i;
        else if (s.p[i] < '0' || s.p[i] > '9')
            return false;
    }
    if (s.n == from || s.n > 18 || (point > 0 && point + 1 == s.n))
        return false;
    size_t digits = (point > 0 ? point : s.n) - from;
    return digits == 1 || s.p[from] != '0';
}

/* A scalar as JSON text when it is of that type. */
static bool put_scalar(ks_buf *b, const ks_doc_node *n, ks_param_type type)
{
    bool number = n->kind == KS_DOC_NUMBER || n->kind == KS_DOC_TEXT;
    if (n->kind >= KS_DOC_LIST || n->kind == KS_DOC_NULL || n->text.n > LITERAL)
        return false;
    switch (type) {
    case KS_T_STRING:
        ks_yaml_text(b, n->text, true);
        return memchr(n->text.p, '\0', n->text.n) == NULL;
    case KS_T_INTEGER:
    case KS_T_NUMBER:
        ks_buf_str(b, n->text);
        return number && is_number(n->text, type == KS_T_INTEGER);
    case KS_T_BOOLEAN:
        ks_buf_str(b, n->text);
        return n->kind == KS_DOC_BOOL || ks_str_eq(n->text, KS_S("true")) ||
               ks_str_eq(n->text, KS_S("false"));
    default:
        return false;
    }
}

/* The default as YAML, absent when there is none that fits. */
static ks_str fallback(ks_importer *im, const ks_schema *s)
{
    const ks_doc_node *n = s->fallback;
    ks_buf            *b = n != NULL ? ks_ctx_buf(im->cx, 16 * LITERAL) : NULL;
    bool               good = b != NULL;
    if (good && s->type == KS_T_ARRAY && n->kind == KS_DOC_LIST) {
        ks_buf_c(b, '[');
        for (const ks_doc_node *e = n->first; e != NULL && good; e = e->next) {
            good = put_scalar(b, e, s->items) && b->n < 8 * LITERAL;
            ks_buf_z(b, e->next != NULL ? ", " : "");
        }
        ks_buf_c(b, ']');
    } else if (good) {
        good = put_scalar(b, n, s->type);
    }
    return good && ks_buf_ok(b) ? ks_buf_view(b) : KS_NO_STR;
}

/* May this be an allowed value of that type? */
static bool is_value(const ks_doc_node *n, ks_param_type type)
{
    bool number = type == KS_T_INTEGER || type == KS_T_NUMBER;
    if (number && n->kind != KS_DOC_NULL && n->kind < KS_DOC_LIST &&
        !is_number(n->text, type == KS_T_INTEGER))
        return false;
    for (size_t i = 0; n->kind < KS_DOC_LIST && i < n->text.n; i++) {
        if ((unsigned char)n->text.p[i] < 0x20 || n->text.p[i] == 0x7f)
            return false;
    }
    return n->kind < KS_DOC_LIST && n->text.n <= 100;
}

static ks_list allowed(ks_importer *im, const ks_doc_node *n, ks_param_type type)
{
    ks_list list = {NULL, 0};
    size_t  n_max = n == NULL ? 0 : n->kind == KS_DOC_LIST ? n->n : n->kind != KS_DOC_MAP;
    ks_str *at = n_max > 0 && n_max <= KS_IMPORT_VALUES ? ks_alloc(im->cx, n_max * sizeof *at) : NULL;
    if (at == NULL)
        return list;
    for (const ks_doc_node *e = n->kind == KS_DOC_LIST ? n->first : n; e != NULL; e = e->next) {
        if (!is_value(e, type))
            return (ks_list){NULL, 0};
        if (e->kind != KS_DOC_NULL && e->text.n > 0)
            at[list.n++] = e->text;
        if (n->kind != KS_DOC_LIST)
            break;
    }
    list.at = at;
    return list;
}

void ks_schema_param(ks_importer *im, const ks_schema *s, ks_app_param *p)
{
    bool scalar = s->type < KS_T_BOOLEAN;
    p->type = s->type;
    p->items = s->items;
    p->fallback = fallback(im, s);
    if (scalar)
        p->values = allowed(im, s->values, s->type);
    if (p->about.p == NULL)
        p->about = s->about;
}
