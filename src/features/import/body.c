/* features/import/body.c — the request body of an operation: members of a JSON object, fields of a form,
 * parts, or one value as a whole. Parameters elsewhere: params.c. OpenAPI 3.1 "Request Body Object",
 * Swagger 2.0 "body" and "formData". Threads: none shared. */
#include "features/import/importer.h"
#include "features/import/site.h"
#include "features/import/text.h"

enum { ABOUT = 240, FLAT = 48 };

static const ks_str json_type = KS_S_INIT("application/json");

static ks_str about_of(ks_importer *im, const ks_schema *s, ks_str wire)
{
    ks_str own = ks_prose(im->cx, s->about, ABOUT);
    return own.n > 0 ? own : ks_fmt(im->cx, "The value of " KS_FMT ".", KS_ARG(ks_prose(im->cx, wire, 80)));
}

/* ---- members, fields, parts ---- */

/* One member as a parameter. */
static void put_member(ks_importer *im, ks_operation *op, ks_str wire, const ks_schema *s, bool required,
                       ks_param_in in)
{
    bool parts = op->action.encoding == KS_ENCODE_MULTIPART;
    bool file = parts && s->file && (s->type != KS_T_ARRAY);
    if (parts && s->file && !file) {
        op->left_out = required ? "it needs a list of files" : op->left_out;
        return;
    }
    ks_str        name = ks_operation_name(im, op, wire, in);
    ks_app_param *p = name.p != NULL ? ks_operation_param(op, required) : NULL;
    if (p == NULL)
        return;
    p->name = name;
    p->in = in;
    if (!ks_str_eq(name, wire))
        p->target = wire;
    ks_schema_param(im, s, p);
    p->about = about_of(im, s, wire);
    if (file) {
        p->type = KS_T_FILE;
        p->fallback = p->schema = KS_NO_STR;
        p->values = (ks_list){NULL, 0};
    }
}

/* Can each of these be a target? Dots would go down into objects. */
static bool is_wire(ks_str name, ks_param_in in)
{
    for (size_t i = 0; i < name.n; i++) {
        if ((unsigned char)name.p[i] < ' ' || name.p[i] == 0x7f || (name.p[i] == '.' && in == KS_IN_BODY))
            return false;
    }
    return name.n > 0 && name.n <= 200;
}

static void put_members(ks_importer *im, ks_operation *op, const ks_schema *s, ks_param_in in)
{
    for (int pass = 0; pass < 2; pass++) { /* required ones first: there may be too many */
        for (size_t i = 0; i < s->properties_n && op->left_out == NULL; i++) {
            const ks_property *m = &s->properties[i];
            ks_schema          inner;
            ks_schema_member(im, m, &inner);
            if (m->required != (pass == 0) || inner.read_only)
                continue;
            if (is_wire(m->name, in))
                put_member(im, op, m->name, &inner, m->required, in);
            else if (m->required)
                op->left_out = "a member of its body has a name that no parameter can have";
        }
    }
}

/* ---- one value as a whole ---- */

static bool is_media_type(ks_str s)
{
    return s.n < 100 && ks_str_chr(s, '/') != SIZE_MAX && ks_str_chr(s, '*') == SIZE_MAX && ks_site_clean(s);
}

/* A raw body is always sent, so it is asked for even where the document would do without. */
static void put_whole(ks_importer *im, ks_operation *op, const ks_schema *s, ks_str media)
{
    bool          json = ks_str_find(media, KS_S("json")) != SIZE_MAX;
    bool          text = ks_str_starts(media, KS_S("text/")) || ks_str_ends(media, KS_S("xml"));
    ks_str        name = ks_operation_name(im, op, KS_S("body"), KS_IN_BODY);
    ks_app_param *p = name.p != NULL ? ks_operation_param(op, true) : NULL;
    if (p == NULL)
        return;
    op->action.encoding = KS_ENCODE_RAW;
    op->action.content_type = is_media_type(media) ? media : KS_S("application/octet-stream");
    *p = (ks_app_param){.name = name, .in = KS_IN_BODY, .required = true, .type = KS_T_FILE};
    p->about = about_of(im, s, KS_S("the body"));
    if (json)
        p->type = s->type == KS_T_ARRAY ? KS_T_ARRAY : KS_T_OBJECT;
    else if (text && !s->file)
        p->type = KS_T_STRING;
    if (p->type == KS_T_ARRAY)
        p->items = s->items;
    if (p->type == s->type)
        p->schema = ks_schema_inside(im, s);
}

/* A JSON body: its members as parameters when it is an object of moderate size, else the whole. */
static void put_json(ks_importer *im, ks_operation *op, const ks_doc_node *schema, ks_str media,
                     bool required)
{
    ks_schema s;
    bool      flat = ks_str_eq(media, json_type);
    ks_schema_read(im, schema, &s);
    flat &= s.type == KS_T_OBJECT && s.properties_n > 0 && s.properties_n <= FLAT;
    for (size_t i = 0; i < s.properties_n && flat; i++)
        flat = is_wire(s.properties[i].name, KS_IN_BODY);
    if (flat && op->params_n + s.properties_n <= KS_IMPORT_PARAMS) {
        op->action.encoding = KS_ENCODE_JSON;
        put_members(im, op, &s, KS_IN_BODY);
    } else if (s.typed && s.type < KS_T_ARRAY && s.properties_n == 0) {
        op->left_out = required ? "its body is a single value, no object or list" : NULL;
    } else {
        put_whole(im, op, &s, media);
    }
}

/* ---- OpenAPI 3 ---- */

static bool is_json(ks_str media)
{
    return ks_str_find(media, KS_S("json")) != SIZE_MAX && ks_str_find(media, KS_S("seq")) == SIZE_MAX &&
           ks_str_find(media, KS_S("ndjson")) == SIZE_MAX && ks_str_find(media, KS_S("jsonl")) == SIZE_MAX;
}

/* How well a media type can be sent; the smallest is taken. */
static int rank(ks_str media)
{
    if (ks_str_ieq(media, json_type))
        return 0;
    if (ks_str_starts(media, KS_S("application/json;")) || ks_str_eq(media, KS_S("*/*")))
        return 1;
    if (ks_str_starts(media, KS_S("application/x-www-form-urlencoded")))
        return 2;
    if (ks_str_starts(media, KS_S("multipart/form-data")))
        return 3;
    return is_json(media) ? 4 : 5;
}

static const ks_doc_node *best(const ks_doc_node *content)
{
    const ks_doc_node *found = NULL;
    for (const ks_doc_node *m = ks_doc_first(content); m != NULL; m = m->next) {
        if (found == NULL || rank(m->name) < rank(found->name))
            found = m;
    }
    return found;
}

/* Members in brackets (deepObject): then lists of objects need their places, as a[0][b]. */
static ks_form_style form_style(const ks_doc_node *encoding)
{
    for (const ks_doc_node *e = ks_doc_first(encoding); e != NULL; e = e->next) {
        if (ks_str_eq(ks_doc_text(e, "style"), KS_S("deepObject")))
            return KS_FORM_INDICES;
    }
    return KS_FORM_REPEAT;
}

static void put_content(ks_importer *im, ks_operation *op, const ks_doc_node *media, bool required)
{
    const ks_doc_node *schema = ks_doc_get(media, "schema");
    ks_schema          s;
    switch (rank(media->name)) {
    case 0:
    case 1:
        put_json(im, op, schema, json_type, required);
        return;
    case 2:
    case 3:
        op->action.encoding = rank(media->name) == 2 ? KS_ENCODE_FORM : KS_ENCODE_MULTIPART;
        op->action.form = form_style(ks_doc_get(media, "encoding"));
        ks_schema_read(im, schema, &s);
        put_members(im, op, &s, KS_IN_FORM);
        return;
    case 4:
        put_json(im, op, schema, media->name, required);
        return;
    default:
        ks_schema_read(im, schema, &s);
        put_whole(im, op, &s, media->name);
    }
}

/* ---- Swagger 2 ---- */

static ks_str consumed(const ks_importer *im, const ks_operation *op, const char *wanted)
{
    const ks_doc_node *list = ks_doc_get(op->node, "consumes");
    if (list == NULL)
        list = ks_doc_get(im->doc->root, "consumes");
    for (const ks_doc_node *e = ks_doc_first(list); e != NULL; e = e->next) {
        if (e->kind == KS_DOC_TEXT && ks_str_find(e->text, ks_str_of(wanted)) != SIZE_MAX)
            return e->text;
    }
    const ks_doc_node *first = ks_doc_first(list);
    return first != NULL && first->kind == KS_DOC_TEXT ? first->text : KS_NO_STR;
}

static void put_swagger_body(ks_importer *im, ks_operation *op, const ks_doc_node *p)
{
    ks_str             media = consumed(im, op, "json");
    bool               required = ks_doc_true(p, "required");
    const ks_doc_node *schema = ks_doc_get(p, "schema");
    ks_schema          s;
    if (media.n == 0 || is_json(media) || ks_str_eq(media, KS_S("*/*"))) {
        put_json(im, op, schema, json_type, required);
        return;
    }
    ks_schema_read(im, schema, &s);
    put_whole(im, op, &s, media);
}

static void put_swagger_field(ks_importer *im, ks_operation *op, const ks_doc_node *p)
{
    ks_schema s;
    ks_str    wire = ks_doc_text(p, "name");
    ks_schema_read(im, p, &s);
    if (op->action.encoding == KS_ENCODE_NONE)
        op->action.encoding = ks_str_starts(consumed(im, op, "multipart/form-data"), KS_S("multipart/"))
                                  ? KS_ENCODE_MULTIPART
                                  : KS_ENCODE_FORM;
    if (s.file)
        op->action.encoding = KS_ENCODE_MULTIPART;
    if (is_wire(wire, KS_IN_FORM))
        put_member(im, op, wire, &s, ks_doc_true(p, "required"), KS_IN_FORM);
}

static void put_swagger(ks_importer *im, ks_operation *op)
{
    const ks_doc_node *lists[] = {ks_doc_get(op->item, "parameters"), ks_doc_get(op->node, "parameters")};
    for (size_t i = 0; i < KS_COUNT(lists); i++) {
        for (const ks_doc_node *e = ks_doc_first(lists[i]); e != NULL && op->left_out == NULL; e = e->next) {
            const ks_doc_node *p = ks_doc_follow(im->doc, e);
            ks_str             in = ks_doc_text(p, "in");
            if (ks_str_eq(in, KS_S("body")) && op->action.encoding == KS_ENCODE_NONE)
                put_swagger_body(im, op, p);
            else if (ks_str_eq(in, KS_S("formData")) && op->action.encoding != KS_ENCODE_JSON &&
                     op->action.encoding != KS_ENCODE_RAW)
                put_swagger_field(im, op, p);
        }
    }
}

void ks_import_body(ks_importer *im, ks_operation *op)
{
    bool               bare = ks_str_eq(op->method, KS_S("GET")) || ks_str_eq(op->method, KS_S("HEAD"));
    const ks_doc_node *asked = ks_doc_get(op->node, "requestBody"), *body = ks_doc_follow(im->doc, asked);
    const ks_doc_node *media = best(ks_doc_get(body, "content"));
    if (asked != NULL && body == NULL) {
        op->left_out = "the `$ref` of its body leads to nothing";
    } else if (bare) {
        if (ks_doc_true(body, "required"))
            op->left_out = "it is a GET or HEAD with a body";
    } else if (im->swagger) {
        put_swagger(im, op);
    } else if (media != NULL) {
        put_content(im, op, media, ks_doc_true(body, "required"));
    }
}
