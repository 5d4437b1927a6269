/* base/json.h — strict JSON in, plain JSON out. Reading goes through jansson behind ks_json; writing needs no
 * tree. RFC 8259 with rule T6: UTF-8 checked, depth <= KS_MAX_JSON_DEPTH, duplicate names, lone surrogates
 * and \u0000 refused, integers that do not fit 64 bits refused (so bodies meant for others are sliced, never
 * re-emitted). Threads: none shared. */
#pragma once
#include "base/ctx.h"
#include "base/secret.h"

/* ---- checking without a tree (json_scan.c): no recursion, no allocation ---- */

/* Is `text` one well-formed JSON value by the rules above (numbers of any size are fine here)? NULL when it
 * is, else what is wrong as an unfinished sentence ("is not valid JSON", "is nested deeper than 64 levels",
 * "names a member twice" is NOT found here). */
const char *ks_json_fault(ks_str text);
/* The same, and *at is the byte where the fault was seen (0 for malformed UTF-8). */
const char *ks_json_fault_at(ks_str text, size_t *at);

/* The bytes of the top-level member `name` of an object that ks_json_fault accepts; absent when there is
 * none. */
ks_str ks_json_slice(ks_str object, ks_str name);

/* ---- reading ---- */

typedef struct json_t ks_json; /* owned by the arena of the ctx that parsed it; wiped with it */

typedef enum ks_json_type {
    KS_JSON_NULL,
    KS_JSON_BOOL,
    KS_JSON_INT,
    KS_JSON_REAL,
    KS_JSON_STR,
    KS_JSON_ARR,
    KS_JSON_OBJ
} ks_json_type;

/* Parse a whole document. INVALID with a message that quotes nothing of it. */
KS_MUST ks_status ks_json_parse(ks_ctx *cx, ks_str text, ks_json **out);

/* What a value is; NULL counts as null, and the functions below give their empty answer for it. */
ks_json_type ks_json_kind(const ks_json *v);
ks_json     *ks_json_get(const ks_json *obj, const char *name); /* NULL when absent or obj is no object */
ks_json     *ks_json_at(const ks_json *arr, size_t i);          /* NULL past the end */
ks_json     *ks_json_pointer(const ks_json *v, ks_str pointer); /* RFC 6901; NULL when nothing is there */
size_t       ks_json_count(const ks_json *v);                   /* members or elements; 0 for others */
ks_str       ks_json_str(const ks_json *v);  /* absent unless a string; lives as long as the tree */
int64_t      ks_json_int(const ks_json *v);  /* 0 unless an integer */
double       ks_json_real(const ks_json *v); /* of an integer too */
bool         ks_json_true(const ks_json *v);

/* Walk an object in the order of the document: *it NULL starts; false ends.
 *   void *it = NULL; ks_str k; ks_json *v; while (ks_json_each(obj, &it, &k, &v)) ... */
bool ks_json_each(const ks_json *obj, void **it, ks_str *name, ks_json **value);

/* A scalar as the text a person would type: strings as they are, numbers in decimal, true/false. Absent for
 * others. */
ks_str ks_json_scalar(ks_ctx *cx, const ks_json *v);

/* ---- writing ---- */

/* Appends to a ks_buf; commas and nesting are kept here. `name` NULL inside arrays and at the top. Errors
 * stick in the buffer. */
typedef struct ks_jw {
    ks_buf  *b;
    uint64_t any; /* bit per level: something stands there already */
    unsigned depth;
} ks_jw;

/* A writer at the end of `b`, which must live as long. Then: open an object or array, close it, or write one
 * value. */
ks_jw ks_jw_new(ks_buf *b);
void  ks_jw_obj(ks_jw *w, const char *name); /* opens */
void  ks_jw_arr(ks_jw *w, const char *name);
void  ks_jw_end(ks_jw *w, char bracket);               /* '}' or ']' */
void  ks_jw_str(ks_jw *w, const char *name, ks_str s); /* absent text gives null */
void  ks_jw_z(ks_jw *w, const char *name, const char *z);
void  ks_jw_int(ks_jw *w, const char *name, int64_t v);          /* decimal */
void  ks_jw_real(ks_jw *w, const char *name, double v);          /* null when it is not finite */
void  ks_jw_bool(ks_jw *w, const char *name, bool v);            /* true or false */
void  ks_jw_null(ks_jw *w, const char *name);                    /* the value null */
void  ks_jw_time(ks_jw *w, const char *name, int64_t us);        /* as ks_time_iso */
void  ks_jw_raw(ks_jw *w, const char *name, ks_str json);        /* must be valid JSON already */
void  ks_jw_value(ks_jw *w, const char *name, const ks_json *v); /* a parsed tree again */
/* For names that are data: the next value is written under `name`; pass NULL as its name. */
void ks_jw_name(ks_jw *w, ks_str name);

/* `s` as a JSON string literal with quotes. */
void ks_json_quote(ks_buf *b, ks_str s);
