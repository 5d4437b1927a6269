/* features/apps/inside.c — see inside.h. JSON Schema 2020-12, the words of docs/formats.md. The depth of what
 * recurs is that of the schema, which the reader of app files bounds. Threads: any. */
#include "features/apps/inside.h"

enum {
    STEPS = 200000 /* values looked at, alternatives included: a body of 1 MiB against a plain schema */
};

static const char not_allowed[] = "is not one of the allowed values";

typedef struct judge {
    ks_ctx *cx;
    bool    loose;
    size_t  steps;
} judge;

static ks_inside_fault fit(judge *j, const ks_json *schema, const ks_json *v);

/* The fault one level further out. */
static ks_inside_fault below(judge *j, ks_inside_fault f, ks_str member, size_t i)
{
    if (member.p != NULL)
        f.at = ks_fmt(j->cx, "." KS_FMT KS_FMT, KS_ARG(member), KS_ARG(f.at));
    else
        f.at = ks_fmt(j->cx, "[%zu]" KS_FMT, i, KS_ARG(f.at));
    return f;
}

static bool is_number_text(ks_str s, bool whole)
{
    for (size_t i = 0; whole && i < s.n; i++) {
        if (!(s.p[i] >= '0' && s.p[i] <= '9') && !(i == 0 && s.p[i] == '-'))
            return false;
    }
    return s.n > 0 && (s.p[0] == '-' || (s.p[0] >= '0' && s.p[0] <= '9')) && ks_json_fault(s) == NULL;
}

/* NULL, or what is wanted. */
static const char *type_fault(const judge *j, ks_str type, const ks_json *v)
{
    ks_json_type k = ks_json_kind(v);
    ks_str       text = j->loose ? ks_json_str(v) : KS_NO_STR;
    if (ks_str_eq(type, KS_S("string")))
        return k == KS_JSON_STR ? NULL : "must be a text";
    if (ks_str_eq(type, KS_S("integer")))
        return k == KS_JSON_INT || is_number_text(text, true) ? NULL : "must be a whole number";
    if (ks_str_eq(type, KS_S("number")))
        return k == KS_JSON_INT || k == KS_JSON_REAL || is_number_text(text, false) ? NULL
                                                                                    : "must be a number";
    if (ks_str_eq(type, KS_S("boolean")))
        return k == KS_JSON_BOOL || ks_str_eq(text, KS_S("true")) || ks_str_eq(text, KS_S("false"))
                   ? NULL
                   : "must be true or false";
    if (ks_str_eq(type, KS_S("array")))
        return k == KS_JSON_ARR ? NULL : "must be a list";
    return k == KS_JSON_OBJ || type.p == NULL ? NULL : "must be an object";
}

static bool allowed(judge *j, const ks_json *values, const ks_json *v)
{
    ks_str text = ks_json_scalar(j->cx, v);
    if (ks_json_count(values) == 0 || text.p == NULL)
        return true;
    for (size_t i = 0; i < ks_json_count(values); i++) {
        if (ks_str_eq(ks_json_scalar(j->cx, ks_json_at(values, i)), text))
            return true;
    }
    return false;
}

/* What is there first: a value that is not allowed tells which alternative was not meant. */
static ks_inside_fault fit_object(judge *j, const ks_json *schema, const ks_json *v)
{
    const ks_json *required = ks_json_get(schema, "required");
    void          *it = NULL;
    ks_str         name;
    ks_json       *inner;
    while (ks_json_each(ks_json_get(schema, "properties"), &it, &name, &inner)) {
        const ks_json  *member = ks_json_get(v, name.p);
        ks_inside_fault f = fit(j, inner, member);
        if (member != NULL && f.why != NULL)
            return below(j, f, name, 0);
    }
    for (size_t i = 0; i < ks_json_count(required); i++) {
        ks_str wanted = ks_json_str(ks_json_at(required, i));
        if (ks_json_get(v, wanted.p) == NULL)
            return below(j, (ks_inside_fault){KS_S(""), "is required"}, wanted, 0);
    }
    return (ks_inside_fault){0};
}

static ks_inside_fault fit_list(judge *j, const ks_json *schema, const ks_json *v)
{
    const ks_json *items = ks_json_get(schema, "items");
    for (size_t i = 0; items != NULL && i < ks_json_count(v); i++) {
        ks_inside_fault f = fit(j, items, ks_json_at(v, i));
        if (f.why != NULL)
            return below(j, f, KS_NO_STR, i);
    }
    return (ks_inside_fault){0};
}

/* One of them must fit. Else the first is told whose fixed values (`type: text`) fit: that one was meant. */
static ks_inside_fault fit_any(judge *j, const ks_json *any, const ks_json *v)
{
    ks_inside_fault told = {0};
    for (size_t i = 0; i < ks_json_count(any); i++) {
        ks_inside_fault f = fit(j, ks_json_at(any, i), v);
        if (f.why == NULL)
            return f;
        if (told.why == NULL || (told.why == not_allowed && f.why != not_allowed))
            told = f;
    }
    return told;
}

/* null takes a member back at many vendors, and documents seldom say so. */
static ks_inside_fault fit(judge *j, const ks_json *schema, const ks_json *v)
{
    const char *why = NULL;
    if (ks_json_kind(v) == KS_JSON_NULL || ++j->steps > STEPS)
        return (ks_inside_fault){0};
    why = type_fault(j, ks_json_str(ks_json_get(schema, "type")), v);
    if (why == NULL && !allowed(j, ks_json_get(schema, "enum"), v))
        why = not_allowed;
    if (why != NULL)
        return (ks_inside_fault){KS_S(""), why};
    if (ks_json_get(schema, "anyOf") != NULL) {
        ks_inside_fault f = fit_any(j, ks_json_get(schema, "anyOf"), v);
        if (f.why != NULL)
            return f;
    }
    return ks_json_kind(v) == KS_JSON_ARR   ? fit_list(j, schema, v)
           : ks_json_kind(v) == KS_JSON_OBJ ? fit_object(j, schema, v)
                                            : (ks_inside_fault){0};
}

ks_status ks_inside_judge(ks_ctx *cx, const ks_app_param *p, const ks_json *v, bool loose,
                          ks_inside_fault *out)
{
    judge    j = {.cx = cx, .loose = loose};
    ks_json *schema;
    *out = (ks_inside_fault){0};
    if (p->schema.p == NULL || (p->type != KS_T_ARRAY && p->type != KS_T_OBJECT))
        return KS_OK;
    KS_TRY(ks_json_parse(cx, p->schema, &schema));
    *out = fit(&j, schema, v);
    return KS_OK;
}
