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

static ks_property *property_add(ks_importer *im, ks_schema *s)
{
    if (s->properties_n == s->properties_room) {
        size_t       room = s->properties_room == 0 ? 8 : 2 * s->properties_room;
        ks_property *more = ks_alloc(im->cx, room * sizeof *more);
        if (more == NULL)
            return NULL;
        if (s->properties_n > 0)
            memcpy(more, s->properties, s->properties_n * sizeof *more);
        s->properties = more;
        s->properties_room = room;
    }
    return &s->properties[s->properties_n++];
}

/* Another alternative has this member, too. */
static void take_alike(ks_importer *im, ks_property *p, const ks_doc_node *schema)
{
    ks_alike *last = &p->schema;
    while (last->schema != schema && last->next != NULL)
        last = last->next;
    if (last->schema == schema || p->own)
        return;
    last->next = ks_alloc(im->cx, sizeof *last);
    if (last->next != NULL)
        *last->next = (ks_alike){schema, NULL};
}

static void take_properties(ks_importer *im, ks_schema *s, const ks_doc_node *schema, bool strict)
{
    for (const ks_doc_node *n = ks_doc_first(ks_doc_get(schema, "properties")); n != NULL; n = n->next) {
        ks_property *p = property(s, n->name);
        s->own |= strict;
        if (p != NULL) {
            if (!strict)
                take_alike(im, p, n);
            continue;
        }
        if (s->properties_n == KS_IMPORT_PROPERTIES || (p = property_add(im, s)) == NULL) {
            s->any_members = true;
            return;
        }
        *p = (ks_property){.name = n->name, .schema = {n, NULL}, .own = strict};
    }
}

static void take_required(ks_schema *s, const ks_doc_node *schema, bool strict)
{
    for (const ks_doc_node *r = ks_doc_first(ks_doc_get(schema, "required")); r != NULL; r = r->next) {
        ks_property *p = r->kind == KS_DOC_TEXT ? property(s, r->text) : NULL;
        if (p != NULL) {
            p->required |= strict;
            p->votes |= s->vote;
        }
    }
}

static bool value_known(const ks_schema *s, const ks_doc_node *v)
{
    for (size_t i = 0; i < s->values_n; i++) {
        const ks_doc_node *k = s->values[i];
        if (k->kind == v->kind && (k->kind >= KS_DOC_LIST || ks_str_eq(k->text, v->text)))
            return true;
    }
    return false;
}

/* `enum` or `const`; those of alternatives add up. */
static void take_values(ks_schema *s, const ks_doc_node *n, bool strict)
{
    const ks_doc_node *list = ks_doc_get(n, "enum"), *one = list == NULL ? ks_doc_get(n, "const") : NULL;
    s->valued |= list != NULL || one != NULL;
    if (strict && s->values_n > 0)
        return;
    for (const ks_doc_node *v = one != NULL ? one : ks_doc_first(list); v != NULL;
         v = v == one ? NULL : v->next) {
        if (value_known(s, v))
            continue;
        s->open |= s->values_n == KS_IMPORT_VALUES;
        if (!s->open)
            s->values[s->values_n++] = v;
    }
}

static void take_type(ks_schema *s, const ks_doc_node *n)
{
    ks_param_type type;
    if (!type_of(n, &type))
        return;
    if (!s->typed)
        s->type = type;
    s->typed = true;
}

static void take_own(ks_importer *im, ks_schema *s, const ks_doc_node *n, bool strict)
{
    ks_str about = ks_doc_text(n, "description");
    take_type(s, n);
    take_values(s, n, strict);
    if (strict)
        ks_schema_bounds(s, n);
    if (s->about.p == NULL)
        s->about = about.p != NULL ? about : ks_doc_text(n, "title");
    if (s->fallback == NULL)
        s->fallback = ks_doc_get(n, "default");
    if (s->element == NULL)
        s->element = ks_doc_get(n, "items");
    s->read_only |= ks_doc_true(n, "readOnly");
    s->file |= is_text(ks_doc_get(n, "format"), "binary") || is_text(ks_doc_get(n, "type"), "file") ||
               is_text(ks_doc_get(n, "contentMediaType"), "application/octet-stream");
    const ks_doc_node *more = ks_doc_get(n, "additionalProperties");
    s->any_members |= more != NULL && (more->kind == KS_DOC_MAP || ks_str_eq(more->text, KS_S("true")));
    take_properties(im, s, n, strict);
}

static void absorb(ks_importer *im, ks_schema *s, const ks_doc_node *n, unsigned depth, bool strict);

/* One of several. A value is allowed when any of them allows it. */
static void absorb_alternative(ks_importer *im, ks_schema *s, const ks_doc_node *n, unsigned depth)
{
    bool valued = s->valued;
    s->valued = false;
    absorb(im, s, n, depth, false);
    s->open |= !s->valued;
    s->valued |= valued;
}

/* What all `n` alternatives require is required. */
static void count_votes(ks_schema *s, size_t n)
{
    uint64_t all = n > 0 && n < 64 ? (UINT64_C(1) << n) - 1 : 0;
    for (size_t i = 0; i < s->properties_n; i++) {
        s->properties[i].required |= all != 0 && s->properties[i].votes == all;
        s->properties[i].votes = 0;
    }
}

static bool is_null(ks_importer *im, const ks_doc_node *n)
{
    return is_text(ks_doc_get(ks_doc_follow(im->doc, n), "type"), "null");
}

/* An alternative of another type than the one that was taken: a parameter has one. */
static bool is_other(ks_importer *im, ks_schema *s, const ks_doc_node *n)
{
    ks_param_type type;
    bool          other = s->typed && type_of(ks_doc_follow(im->doc, n), &type) && type != s->type;
    s->mixed |= other;
    return other;
}

/* Several: their members together. A single one beside null counts as all. */
static void absorb_choice(ks_importer *im, ks_schema *s, const ks_doc_node *list, unsigned depth, bool strict)
{
    uint64_t outer = s->vote;
    size_t   real = 0, i = 0;
    bool     closed = s->values_n > 0 && s->choices == 0 && !s->open; /* the schema itself lists them */
    size_t   values_n = s->values_n;
    for (const ks_doc_node *v = ks_doc_first(list); v != NULL; v = v->next)
        real += !is_null(im, v);
    if (strict && real > 1 && s->choice == NULL)
        s->choice = list;
    for (const ks_doc_node *v = ks_doc_first(list); v != NULL; v = v->next) {
        if (is_null(im, v) || is_other(im, s, v))
            continue;
        if (real == 1) {
            absorb(im, s, v, depth + 1, strict);
            return;
        }
        s->vote = s->choices == 0 && i < 64 ? UINT64_C(1) << i : 0;
        i++;
        s->choices++;
        absorb_alternative(im, s, v, depth + 1);
        s->choices--;
    }
    s->vote = outer;
    if (s->choices == 0)
        count_votes(s, i);
    if (closed) {
        s->values_n = values_n;
        s->open = false;
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
    take_own(im, s, n, strict);
    for (const ks_doc_node *v = ks_doc_first(ks_doc_get(n, "allOf")); v != NULL; v = v->next)
        absorb(im, s, v, depth + 1, strict);
    absorb_choice(im, s, ks_doc_get(n, "oneOf"), depth, strict);
    absorb_choice(im, s, ks_doc_get(n, "anyOf"), depth, strict);
    take_required(s, n, strict);
}

/* What follows of all parts together. */
static void finish(ks_importer *im, ks_schema *s)
{
    ks_schema element = {0};
    if (!s->typed && s->properties_n > 0)
        s->type = KS_T_OBJECT;
    s->values_n = s->open ? 0 : s->values_n;
    for (size_t i = 0; i < s->values_n && !s->typed && s->type == KS_T_STRING; i++)
        s->typed = s->values[i]->kind == KS_DOC_TEXT; /* texts to choose from, and no word of the type */
    if (s->type == KS_T_ARRAY && s->element != NULL) {
        absorb(im, &element, s->element, 0, true);
        s->items = element.type;
        s->file |= element.file;
    }
}

void ks_schema_read(ks_importer *im, const ks_doc_node *node, ks_schema *out)
{
    *out = (ks_schema){0};
    absorb(im, out, node, 0, true);
    finish(im, out);
}

void ks_schema_member(ks_importer *im, const ks_property *p, ks_schema *out)
{
    *out = (ks_schema){0};
    if (p->schema.next == NULL) {
        absorb(im, out, p->schema.schema, 0, true);
    } else {
        out->choices = 1;
        for (const ks_alike *a = &p->schema; a != NULL; a = a->next) {
            if (!is_other(im, out, a->schema))
                absorb_alternative(im, out, a->schema, 0);
        }
    }
    finish(im, out);
}

/* ---- parameters ---- */

bool ks_schema_number(ks_str s, bool whole)
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
        return number && ks_schema_number(n->text, type == KS_T_INTEGER);
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
        !ks_schema_number(n->text, type == KS_T_INTEGER))
        return false;
    for (size_t i = 0; n->kind < KS_DOC_LIST && i < n->text.n; i++) {
        if ((unsigned char)n->text.p[i] < 0x20 || n->text.p[i] == 0x7f)
            return false;
    }
    return n->kind < KS_DOC_LIST && n->text.n <= 100;
}

ks_list ks_schema_values(ks_importer *im, const ks_schema *s)
{
    ks_list list = {NULL, 0};
    ks_str *at = s->values_n > 0 ? ks_alloc(im->cx, s->values_n * sizeof *at) : NULL;
    for (size_t i = 0; at != NULL && i < s->values_n; i++) {
        const ks_doc_node *v = s->values[i];
        if (!is_value(v, s->type))
            return (ks_list){NULL, 0};
        if (v->kind != KS_DOC_NULL && v->text.n > 0)
            at[list.n++] = v->text;
    }
    list.at = at;
    return list;
}

void ks_schema_param(ks_importer *im, const ks_schema *s, ks_app_param *p)
{
    p->type = s->type;
    p->items = s->items;
    p->fallback = fallback(im, s);
    p->schema = ks_schema_inside(im, s);
    if (s->type < KS_T_BOOLEAN)
        p->values = ks_schema_values(im, s);
    if (p->about.p == NULL)
        p->about = s->about;
}
