/* features/import/inside.c — what lies inside a parameter: members of objects and of lists of objects, and
 * bounds of values, as the small JSON Schema of an app file (docs/formats.md, `schema`). As deep as there is
 * room for: first all of one level, then two, at last with words. Threads: none shared. */
#include "base/json.h"
#include "features/import/importer.h"
#include "features/import/text.h"

enum {
    ROOM = 4096,       /* bytes for one parameter */
    WORDS_ROOM = 6144, /* the same with descriptions */
    LEVELS = 6,        /* objects in objects; each is at most four brackets of an app file */
    FORMS = 12,        /* alternatives */
    ABOUT = 100,       /* bytes of a description */
    PATTERN = 200,
    NAME = 100
};

/* ---- bounds ---- */

typedef enum bound_kind { FORMAT, PATTERN_TEXT, COUNT, AMOUNT, FLAG } bound_kind;

static const struct {
    const char   *word;
    bound_kind    kind;
    ks_param_type type; /* KS_T_NUMBER: of integers, too */
} bounds[KS_IMPORT_BOUNDS] = {
    {"format", FORMAT, KS_T_STRING},     {"pattern", PATTERN_TEXT, KS_T_STRING},
    {"minLength", COUNT, KS_T_STRING},   {"maxLength", COUNT, KS_T_STRING},
    {"minimum", AMOUNT, KS_T_NUMBER},    {"maximum", AMOUNT, KS_T_NUMBER},
    {"multipleOf", AMOUNT, KS_T_NUMBER}, {"minItems", COUNT, KS_T_ARRAY},
    {"maxItems", COUNT, KS_T_ARRAY},     {"uniqueItems", FLAG, KS_T_ARRAY},
};

void ks_schema_bounds(ks_schema *s, const ks_doc_node *node)
{
    for (size_t i = 0; i < KS_COUNT(bounds); i++) {
        if (s->bounds[i] == NULL)
            s->bounds[i] = ks_doc_get(node, bounds[i].word);
    }
}

/* Those that mean the same everywhere; widths of numbers and house words tell nobody anything. */
static bool is_format(ks_str s)
{
    static const char *const known[] = {"date", "date-time", "time", "duration", "email", "uri",
                                        "uuid", "ipv4",      "ipv6", "hostname", "byte",  "uri-reference"};
    for (size_t i = 0; i < KS_COUNT(known); i++) {
        if (ks_str_eq(s, ks_str_of(known[i])))
            return true;
    }
    return false;
}

static bool is_clean(ks_str s, size_t max)
{
    for (size_t i = 0; i < s.n; i++) {
        if ((unsigned char)s.p[i] < ' ' || s.p[i] == 0x7f)
            return false;
    }
    return s.n > 0 && s.n <= max;
}

/* Look-arounds are not known to every reader of patterns. */
static bool is_pattern(ks_str s)
{
    return is_clean(s, PATTERN) && ks_str_find(s, KS_S("(?")) == SIZE_MAX;
}

static void put_bounds(ks_jw *w, const ks_schema *s)
{
    ks_param_type type = s->type == KS_T_INTEGER ? KS_T_NUMBER : s->type;
    for (size_t i = 0; i < KS_COUNT(bounds); i++) {
        const ks_doc_node *n = s->bounds[i];
        const char        *word = bounds[i].word;
        if (n == NULL || bounds[i].type != type || n->kind >= KS_DOC_LIST)
            continue;
        if ((bounds[i].kind == FORMAT && is_format(n->text)) ||
            (bounds[i].kind == PATTERN_TEXT && is_pattern(n->text)))
            ks_jw_str(w, word, n->text);
        else if ((bounds[i].kind == COUNT && n->text.p[0] != '-' && ks_schema_number(n->text, true)) ||
                 (bounds[i].kind == AMOUNT && ks_schema_number(n->text, false)))
            ks_jw_raw(w, word, n->text);
        else if (bounds[i].kind == FLAG && ks_str_eq(n->text, KS_S("true")))
            ks_jw_bool(w, word, true);
    }
}

/* ---- members, elements, alternatives ---- */

typedef struct nest {
    ks_importer *im;
    ks_jw        w;
    bool         words; /* descriptions, too */
    bool         spare; /* only members that are required */
} nest;

static const char *const types[] = {"string", "integer", "number", "boolean", "array", "object"};

static void put_inside(nest *n, const ks_schema *s, unsigned levels);

static void put_values(nest *n, const ks_schema *s)
{
    ks_list values = s->type <= KS_T_BOOLEAN && !s->mixed ? ks_schema_values(n->im, s) : (ks_list){NULL, 0};
    if (values.n == 0)
        return;
    ks_jw_arr(&n->w, "enum");
    for (size_t i = 0; i < values.n; i++) {
        if (s->type == KS_T_STRING)
            ks_jw_str(&n->w, NULL, values.at[i]);
        else
            ks_jw_raw(&n->w, NULL, values.at[i]);
    }
    ks_jw_end(&n->w, ']');
}

/* One schema below the parameter. What has no type takes any value. */
static void put_one(nest *n, const char *name, const ks_schema *s, unsigned levels)
{
    ks_str about = n->words ? ks_prose(n->im->cx, s->about, ABOUT) : KS_NO_STR;
    ks_jw_obj(&n->w, name);
    if ((s->typed || s->properties_n > 0) && !s->mixed)
        ks_jw_z(&n->w, "type", types[s->type]);
    if (about.n > 0)
        ks_jw_str(&n->w, "description", about);
    put_values(n, s);
    put_inside(n, s, levels);
    ks_jw_end(&n->w, '}');
}

static bool is_member(const nest *n, const ks_property *p)
{
    return is_clean(p->name, NAME) && (p->required || !n->spare);
}

static void put_members(nest *n, const ks_schema *s, unsigned levels)
{
    bool  *writes = ks_zalloc(n->im->cx, s->properties_n * sizeof *writes);
    size_t required = 0;
    if (writes == NULL)
        return;
    ks_jw_obj(&n->w, "properties");
    for (size_t i = 0; i < s->properties_n && ks_buf_ok(n->w.b); i++) {
        ks_schema inner;
        if (!is_member(n, &s->properties[i]))
            continue;
        ks_schema_member(n->im, &s->properties[i], &inner);
        if (inner.read_only)
            continue;
        writes[i] = true;
        required += s->properties[i].required;
        ks_jw_name(&n->w, s->properties[i].name);
        put_one(n, NULL, &inner, levels - 1);
    }
    ks_jw_end(&n->w, '}');
    if (required == 0)
        return;
    ks_jw_arr(&n->w, "required");
    for (size_t i = 0; i < s->properties_n; i++) {
        if (writes[i] && s->properties[i].required)
            ks_jw_str(&n->w, NULL, s->properties[i].name);
    }
    ks_jw_end(&n->w, ']');
}

static void put_forms(nest *n, const ks_doc_node *list, unsigned levels)
{
    ks_jw_arr(&n->w, "anyOf");
    for (const ks_doc_node *v = ks_doc_first(list); v != NULL && ks_buf_ok(n->w.b); v = v->next) {
        ks_schema s;
        ks_schema_read(n->im, v, &s);
        put_one(n, NULL, &s, levels - 1);
    }
    ks_jw_end(&n->w, ']');
}

/* Elements of scalars are told even where the levels end: a list without is refused by some models. */
static void put_elements(nest *n, const ks_schema *s, unsigned levels)
{
    ks_schema element;
    if (s->element == NULL)
        return;
    ks_schema_read(n->im, s->element, &element);
    if (levels > 0 || element.type < KS_T_ARRAY)
        put_one(n, "items", &element, levels > 0 ? levels - 1 : 0);
}

static void put_inside(nest *n, const ks_schema *s, unsigned levels)
{
    bool forms = levels > 0 && s->choice != NULL && !s->own && s->choice->n <= FORMS;
    put_bounds(&n->w, s);
    if (forms && (s->mixed || s->type == KS_T_OBJECT))
        put_forms(n, s->choice, levels);
    else if (s->mixed)
        return;
    else if (s->type == KS_T_ARRAY)
        put_elements(n, s, levels);
    else if (s->type == KS_T_OBJECT && s->properties_n > 0 && levels > 0)
        put_members(n, s, levels);
}

/* ---- as much as there is room for ---- */

/* The text with so many levels in b; absent when there is no room. */
static ks_str text_of(ks_importer *im, const ks_schema *s, unsigned levels, bool words, bool spare)
{
    ks_buf *b = ks_ctx_buf(im->cx, words ? WORDS_ROOM : ROOM);
    if (b == NULL)
        return KS_NO_STR;
    nest      n = {im, ks_jw_new(b), words, spare};
    ks_schema top = *s;
    top.mixed = false; /* the parameter has one type */
    top.choice = s->mixed ? NULL : s->choice;
    ks_jw_obj(&n.w, NULL);
    put_inside(&n, &top, levels);
    ks_jw_end(&n.w, '}');
    return ks_buf_ok(b) ? ks_buf_view(b) : KS_NO_STR;
}

static ks_str deepest(ks_importer *im, const ks_schema *s, bool spare)
{
    ks_str   best = KS_NO_STR, next;
    unsigned levels = 0;
    while (levels < LEVELS && (next = text_of(im, s, levels + 1, false, spare)).p != NULL) {
        levels++;
        if (next.n == best.n)
            break;
        best = next;
    }
    next = best.p != NULL ? text_of(im, s, levels, true, spare) : KS_NO_STR;
    return next.p != NULL ? next : best;
}

/* Does it say more than the type of a list's elements, which the parameter says already? */
static bool tells(ks_importer *im, const ks_schema *s, ks_str text)
{
    ks_str plain = ks_fmt(im->cx, "{\"items\":{\"type\":\"%s\"}}", types[s->items]);
    return text.n > 2 && !ks_str_eq(text, plain) && !ks_str_eq(text, KS_S("{\"items\":{}}"));
}

ks_str ks_schema_inside(ks_importer *im, const ks_schema *s)
{
    ks_ctx *outer = im->cx, scratch = ks_ctx_new(im->scratch, NULL);
    ks_str  text = KS_NO_STR;
    im->cx = &scratch;
    text = deepest(im, s, false);
    if (text.p == NULL)
        text = deepest(im, s, true);
    bool worth = tells(im, s, text);
    im->cx = outer;
    outer->starved |= scratch.starved;
    text = worth ? ks_copy(outer, text) : KS_NO_STR;
    ks_arena_reset(im->scratch);
    return text;
}
