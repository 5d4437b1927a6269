/* http/shape.h — JSON shapes as tables: decode a body into a struct, encode a struct, and name the field that
 * is wrong. A SECRET decodes and has no encoder; MASK shows what ks_secret_mask allows (rule S4). Threads:
 * none shared. */
#pragma once
#include <stddef.h>

#include "base/json.h"
#include "http/exchange.h"

typedef enum ks_kind {
    KS_KIND_STR,    /* ks_str */
    KS_KIND_BOOL,   /* bool */
    KS_KIND_I64,    /* int64_t */
    KS_KIND_TIME,   /* int64_t us; encodes as RFC 3339 */
    KS_KIND_STRS,   /* ks_strs: array of strings */
    KS_KIND_OBJ,    /* ks_json *: any object, for the rule to walk; decode only */
    KS_KIND_ANY,    /* ks_json *: any value; decode only */
    KS_KIND_SECRET, /* ks_secret *; decode only */
    KS_KIND_MASK,   /* ks_secret *; encode only */
    KS_KIND_RAW,    /* ks_str of valid JSON; encode only */
    KS_KIND_SUB     /* embedded struct with its own table */
} ks_kind;

typedef struct ks_strs {
    ks_str *at;
    size_t  n;
} ks_strs;

enum {
    KS_REQUIRED = 1, /* missing, null or "" is refused */
    KS_NULLABLE = 2  /* encode absent text as null instead of leaving it out */
};

typedef struct ks_field {
    const char            *name;
    ks_kind                kind;
    size_t                 offset;
    unsigned               flags;
    size_t                 max; /* bytes of text, elements of lists; 0: no further limit than the body's */
    const struct ks_field *sub;
} ks_field;

#define KS_FIELD(type, member, kind_, flags_)                                                                \
    {                                                                                                        \
#member, KS_KIND_##kind_, offsetof(type, member), flags_, 0, NULL                                    \
    }
#define KS_FIELD_AS(name_, type, member, kind_, flags_)                                                      \
    {                                                                                                        \
        name_, KS_KIND_##kind_, offsetof(type, member), flags_, 0, NULL                                      \
    }
#define KS_FIELD_MAX(name_, type, member, kind_, flags_, max_)                                               \
    {                                                                                                        \
        name_, KS_KIND_##kind_, offsetof(type, member), flags_, max_, NULL                                   \
    }
#define KS_FIELD_SUB(name_, type, member, flags_, table_)                                                    \
    {                                                                                                        \
        name_, KS_KIND_SUB, offsetof(type, member), flags_, 0, table_                                        \
    }
#define KS_FIELDS_END                                                                                        \
    {                                                                                                        \
        0                                                                                                    \
    }

/* Parse the body as a JSON object and fill *out (zeroed first). Unknown members are ignored, null counts as
 * absent. INVALID naming each field that is missing or of the wrong type and what is wanted; never its value.
 * An empty body counts as {} . Content type: JSON or none or x-www-form-urlencoded with an empty body
 * (the TypeScript SDK sends that). */
KS_MUST ks_status ks_req_body(ks_ctx *cx, const ks_req *rq, const ks_field *fields, void *out);

/* The same from a parsed object; `path` is put before field names ("" or "config."). */
KS_MUST ks_status ks_shape_decode(ks_ctx *cx, const ks_json *obj, const char *path, const ks_field *fields,
                                  void *out);

/* The body as a parsed object, for rules that walk it themselves. Empty body gives an empty object. */
KS_MUST ks_status ks_req_json(ks_ctx *cx, const ks_req *rq, ks_json **out);

/* Write the members of *object (no braces) to w. */
void ks_shape_encode(ks_ctx *cx, ks_jw *w, const ks_field *fields, const void *object);
