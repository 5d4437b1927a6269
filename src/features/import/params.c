/* features/import/params.c — path, query and header parameters of an operation. Bodies: body.c. OpenAPI 3.1
 * "Parameter Object", Swagger 2.0 "Parameter Object". Threads: none shared. */
#include "base/http_text.h"
#include "features/import/importer.h"
#include "features/import/text.h"

enum { ABOUT = 240 };

/* The schema of a parameter: its own member in OpenAPI 3, the parameter itself in Swagger 2. */
static const ks_doc_node *schema_of(const ks_importer *im, const ks_doc_node *p)
{
    const ks_doc_node *content = ks_doc_first(ks_doc_get(p, "content"));
    if (im->swagger)
        return p;
    return content != NULL ? ks_doc_get(content, "schema") : ks_doc_get(p, "schema");
}

/* Lists go out as a=1&a=2. Where the document wants them joined, the caller joins: with this. NULL: repeated.
 */
static const char *joined_by(const ks_importer *im, const ks_doc_node *p, ks_param_in in)
{
    ks_str style = ks_doc_text(p, im->swagger ? "collectionFormat" : "style");
    bool   blank = ks_str_eq(style, KS_S("spaceDelimited")) || ks_str_eq(style, KS_S("ssv"));
    bool   pipe = ks_str_eq(style, KS_S("pipeDelimited")) || ks_str_eq(style, KS_S("pipes"));
    if (blank || pipe)
        return blank ? "blanks" : "the character |";
    if (in != KS_IN_QUERY)
        return "commas";
    if (im->swagger)
        return ks_str_eq(style, KS_S("multi")) ? NULL : "commas";
    const ks_doc_node *explode = ks_doc_get(p, "explode");
    return explode != NULL && ks_str_eq(explode->text, KS_S("false")) ? "commas" : NULL;
}

/* Words for the person: the document's own, else the name itself. */
static ks_str about_of(ks_importer *im, const ks_doc_node *p, const ks_schema *s, ks_str wire)
{
    ks_str own = ks_prose(im->cx, ks_doc_text(p, "description"), ABOUT);
    if (own.n == 0)
        own = ks_prose(im->cx, s->about, ABOUT);
    return own.n > 0 ? own : ks_fmt(im->cx, "The value of " KS_FMT ".", KS_ARG(ks_prose(im->cx, wire, 80)));
}

/* A list that the caller joins, or JSON text: both are given as one text. */
static void as_text(ks_importer *im, ks_app_param *p, const char *how)
{
    p->type = KS_T_STRING;
    p->fallback = KS_NO_STR;
    p->values = (ks_list){NULL, 0};
    p->schema = KS_NO_STR;
    p->about = ks_fmt(im->cx, KS_FMT " (%s)", KS_ARG(p->about), how);
}

static bool in_path(ks_str path, ks_str name)
{
    for (size_t i = 0; i + name.n + 1 < path.n; i++) {
        if (path.p[i] == '{' && path.p[i + name.n + 1] == '}' &&
            ks_str_eq(ks_str_sub(path, i + 1, name.n), name))
            return true;
    }
    return false;
}

/* The place {wire} of the path becomes {name}, which an app file may hold. */
static void rename_place(ks_importer *im, ks_operation *op, ks_str wire, ks_str name)
{
    ks_str place = ks_fmt(im->cx, "{" KS_FMT "}", KS_ARG(wire));
    bool   same = place.p == NULL || ks_str_eq(wire, name);
    for (size_t at; !same && (at = ks_str_find(op->action.path, place)) != SIZE_MAX;) {
        ks_str path = op->action.path;
        op->action.path = ks_fmt(im->cx, "%.*s{" KS_FMT "}" KS_FMT, (int)at, path.p, KS_ARG(name),
                                 KS_ARG(ks_str_sub(path, at + place.n, SIZE_MAX)));
    }
}

static bool fits_wire(ks_str wire)
{
    for (size_t i = 0; i < wire.n; i++) {
        if ((unsigned char)wire.p[i] <= ' ' || wire.p[i] == 0x7f)
            return false;
    }
    return wire.n > 0 && wire.n <= 200;
}

/* The members of an object in the query: each one a parameter, name[member] or just member. */
static void put_object(ks_importer *im, ks_operation *op, const ks_doc_node *node, const ks_schema *s,
                       bool required)
{
    ks_str wire = ks_doc_text(node, "name");
    bool   deep = ks_str_eq(ks_doc_text(node, "style"), KS_S("deepObject"));
    if (s->properties_n == 0 && required)
        op->left_out = "it needs an object in the query whose members are not declared";
    for (size_t i = 0; i < s->properties_n; i++) {
        ks_schema inner;
        ks_str    full = deep
                             ? ks_fmt(im->cx, KS_FMT "[" KS_FMT "]", KS_ARG(wire), KS_ARG(s->properties[i].name))
                             : s->properties[i].name;
        ks_str    name = ks_operation_name(im, op, full, KS_IN_QUERY);
        bool      needed = required && s->properties[i].required;
        ks_schema_member(im, &s->properties[i], &inner);
        if (inner.type == KS_T_OBJECT || name.p == NULL || !fits_wire(full))
            continue;
        ks_app_param *p = ks_operation_param(op, needed);
        if (p == NULL)
            return;
        p->name = name;
        p->in = KS_IN_QUERY;
        if (!ks_str_eq(full, name))
            p->target = full;
        ks_schema_param(im, &inner, p);
        p->about = about_of(im, NULL, &inner, full);
    }
}

static void put(ks_importer *im, ks_operation *op, const ks_doc_node *node, ks_param_in in)
{
    ks_schema s;
    ks_str    wire = ks_doc_text(node, "name");
    bool      required = in == KS_IN_PATH || ks_doc_true(node, "required");
    bool      json = !im->swagger && ks_doc_get(node, "content") != NULL;
    ks_schema_read(im, schema_of(im, node), &s);
    if (s.type == KS_T_OBJECT && in == KS_IN_QUERY && !json) {
        put_object(im, op, node, &s, required);
        return;
    }
    ks_str        name = ks_operation_name(im, op, wire, in);
    ks_app_param *p = name.p != NULL ? ks_operation_param(op, required) : NULL;
    if (p == NULL)
        return;
    p->name = name;
    p->in = in;
    if (!ks_str_eq(name, wire) || in == KS_IN_PATH)
        p->target = wire;
    ks_schema_param(im, &s, p);
    p->about = about_of(im, node, &s, wire);
    if (json || p->type == KS_T_OBJECT)
        as_text(im, p, "as JSON text");
    else if (p->type == KS_T_ARRAY && joined_by(im, node, in) != NULL)
        as_text(im, p, ks_fmt(im->cx, "several are separated by %s", joined_by(im, node, in)).p);
    if (in == KS_IN_PATH)
        rename_place(im, op, wire, name);
}

/* Is this header one that the caller may set, and not the place of the credential? */
static bool header_fits(const ks_importer *im, ks_str name)
{
    static const char *const ours[] = {"authorization", "accept", "content-type", "user-agent",
                                       "accept-encoding"};
    for (size_t i = 0; i < KS_COUNT(ours); i++) {
        if (ks_str_ieq(name, ks_str_of(ours[i])))
            return false;
    }
    for (size_t i = 0; i < im->app.schemes_n; i++) {
        for (size_t j = 0; j < im->app.schemes[i].headers.n; j++) {
            if (ks_str_ieq(name, im->app.schemes[i].headers.at[j].name))
                return false;
        }
    }
    return name.n <= KS_HTTP_NAME_MAX && ks_http_name(name) && !ks_http_reserved(name);
}

/* Is this query member the place of the credential? */
static bool is_credential(const ks_importer *im, ks_str name)
{
    for (size_t i = 0; i < im->app.schemes_n; i++) {
        for (size_t j = 0; j < im->app.schemes[i].query.n; j++) {
            if (ks_str_eq(name, im->app.schemes[i].query.at[j].name))
                return true;
        }
    }
    return false;
}

/* Is the parameter there already? Documents declare some twice. */
static bool declared(const ks_operation *op, ks_param_in in, ks_str wire)
{
    for (size_t i = 0; i < op->params_n; i++) {
        const ks_app_param *p = &op->params[i];
        if (p->in == in && ks_str_eq(p->target.p != NULL ? p->target : p->name, wire))
            return true;
    }
    return false;
}

static void take(ks_importer *im, ks_operation *op, const ks_doc_node *node)
{
    ks_str in = ks_doc_text(node, "in"), wire = ks_doc_text(node, "name");
    bool   required = ks_doc_true(node, "required");
    if (ks_str_eq(in, KS_S("body")) || ks_str_eq(in, KS_S("formData")))
        return; /* body.c */
    if (!fits_wire(wire)) {
        op->left_out = required ? "a parameter has no proper name" : op->left_out;
    } else if (ks_str_eq(in, KS_S("path"))) {
        if (in_path(op->path, wire) && !declared(op, KS_IN_PATH, wire))
            put(im, op, node, KS_IN_PATH);
    } else if (ks_str_eq(in, KS_S("query"))) {
        if (!is_credential(im, wire) && !declared(op, KS_IN_QUERY, wire))
            put(im, op, node, KS_IN_QUERY);
    } else if (ks_str_eq(in, KS_S("header"))) {
        if (header_fits(im, wire) && !declared(op, KS_IN_HEADER, wire))
            put(im, op, node, KS_IN_HEADER);
    } else if (ks_str_eq(in, KS_S("cookie"))) {
        ks_import_note_at(im, node->line, "a parameter in a cookie is left out; cookies are never sent");
    }
}

/* Does the operation itself declare this parameter of its path again? */
static bool overridden(ks_importer *im, const ks_operation *op, const ks_doc_node *node)
{
    for (const ks_doc_node *e = ks_doc_first(ks_doc_get(op->node, "parameters")); e != NULL; e = e->next) {
        const ks_doc_node *own = ks_doc_follow(im->doc, e);
        if (ks_str_eq(ks_doc_text(own, "name"), ks_doc_text(node, "name")) &&
            ks_str_eq(ks_doc_text(own, "in"), ks_doc_text(node, "in")))
            return true;
    }
    return false;
}

/* {places} of the path that nothing declares: texts. */
static void fill_places(ks_importer *im, ks_operation *op)
{
    ks_str rest = op->path;
    for (size_t open; (open = ks_str_chr(rest, '{')) != SIZE_MAX;) {
        rest = ks_str_sub(rest, open + 1, SIZE_MAX);
        size_t end = ks_str_chr(rest, '}');
        ks_str wire = ks_str_sub(rest, 0, end);
        bool   known = declared(op, KS_IN_PATH, wire);
        if (!fits_wire(wire)) {
            op->left_out = "its path has a place whose name is too long";
            return;
        }
        ks_str        name = known ? KS_NO_STR : ks_operation_name(im, op, wire, KS_IN_PATH);
        ks_app_param *p = name.p != NULL ? ks_operation_param(op, true) : NULL;
        if (p != NULL) {
            *p = (ks_app_param){.name = name, .in = KS_IN_PATH, .required = true, .target = wire};
            p->about = about_of(im, NULL, &(ks_schema){0}, wire);
            rename_place(im, op, wire, name);
        }
    }
}

void ks_import_params(ks_importer *im, ks_operation *op)
{
    const ks_doc_node *lists[] = {ks_doc_get(op->item, "parameters"), ks_doc_get(op->node, "parameters")};
    for (size_t i = 0; i < KS_COUNT(lists); i++) {
        if (lists[i] != NULL && lists[i]->n > KS_IMPORT_DECLARED) {
            op->left_out = "it declares too many parameters";
            return;
        }
    }
    for (int pass = 0; pass < 2; pass++) { /* required ones first: there may be too many */
        for (size_t i = 0; i < KS_COUNT(lists); i++) {
            for (const ks_doc_node *e = ks_doc_first(lists[i]); e != NULL && op->left_out == NULL;
                 e = e->next) {
                const ks_doc_node *p = ks_doc_follow(im->doc, e);
                bool               first = ks_doc_true(p, "required");
                if (p != NULL && first == (pass == 0) && !(i == 0 && overridden(im, op, p)))
                    take(im, op, p);
                else if (p == NULL && pass == 0)
                    op->left_out = "a `$ref` of its parameters leads to nothing";
            }
        }
    }
    if (op->left_out == NULL)
        fill_places(im, op);
    for (size_t i = 0; i < op->params_n; i++) {
        if (op->params[i].in == KS_IN_PATH)
            op->params[i].target = KS_NO_STR; /* stands in the path under its own name */
    }
}
