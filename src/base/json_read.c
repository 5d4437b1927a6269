/* base/json_read.c — trees of parsed JSON: jansson behind ks_json, freed with the arena of the call. The
 * scanner refuses deep and malformed text first; json_build.c makes the tree. RFC 8259, RFC 6901. Threads: a
 * tree belongs to the call that parsed it. */
#include <inttypes.h>
#include <jansson.h>

#include "base/json.h"
#include "base/json_build.h"
#include "base/json_real.h"

static void drop(void *tree)
{
    json_decref(tree);
}

/* jansson's walkers take a pointer they do not write through. */
static json_t *loose(const ks_json *v)
{
    return (json_t *)(uintptr_t)v;
}

ks_status ks_json_parse(ks_ctx *cx, ks_str text, ks_json **out)
{
    json_t     *tree = NULL;
    const char *fault = ks_json_fault(text);
    if (fault != NULL)
        return ks_fail(cx, KS_INVALID, NULL, "The JSON text %s.", fault);
    switch (ks_json_build(text, &tree)) {
    case KS_BUILD_TWICE:
        return ks_fail(cx, KS_INVALID, NULL, "The JSON text names a member twice. Name each member once.");
    case KS_BUILD_RANGE:
        return ks_fail(cx, KS_INVALID, NULL,
                       "The JSON text holds a number that does not fit. Send it as a string.");
    case KS_BUILD_NO_MEMORY:
        return ks_no_memory(cx);
    case KS_BUILD_DONE:
        break;
    }
    if (!ks_arena_defer(cx->arena, drop, tree)) {
        json_decref(tree);
        return ks_no_memory(cx);
    }
    *out = tree;
    return KS_OK;
}

ks_json_type ks_json_kind(const ks_json *v)
{
    switch (v ? json_typeof(v) : JSON_NULL) {
    case JSON_OBJECT:
        return KS_JSON_OBJ;
    case JSON_ARRAY:
        return KS_JSON_ARR;
    case JSON_STRING:
        return KS_JSON_STR;
    case JSON_INTEGER:
        return KS_JSON_INT;
    case JSON_REAL:
        return KS_JSON_REAL;
    case JSON_TRUE:
    case JSON_FALSE:
        return KS_JSON_BOOL;
    default:
        return KS_JSON_NULL;
    }
}

ks_json *ks_json_get(const ks_json *obj, const char *name)
{
    return json_object_get(obj, name);
}

ks_json *ks_json_at(const ks_json *arr, size_t i)
{
    return json_array_get(arr, i);
}

/* Does a pointer's token mean `name`? "~1" is '/', "~0" is '~', any other '~' means nothing. */
static bool token_means(ks_str token, ks_str name)
{
    size_t n = 0;
    for (size_t i = 0; i < token.n; i++, n++) {
        char c = token.p[i];
        if (c == '~') {
            char which = ++i < token.n ? token.p[i] : '\0';
            if (which != '0' && which != '1')
                return false;
            c = which == '0' ? '~' : '/';
        }
        if (n >= name.n || name.p[n] != c)
            return false;
    }
    return n == name.n;
}

static ks_json *step(const ks_json *v, ks_str token)
{
    void    *it = NULL;
    ks_str   name;
    ks_json *member;
    uint64_t i;
    if (json_is_array(v)) {
        bool zeros = token.n > 1 && token.p[0] == '0';
        return !zeros && ks_str_u64(token, &i) ? json_array_get(v, i) : NULL;
    }
    if (ks_str_chr(token, '~') == SIZE_MAX)
        return json_object_getn(v, token.p, token.n);
    while (ks_json_each(v, &it, &name, &member)) {
        if (token_means(token, name))
            return member;
    }
    return NULL;
}

ks_json *ks_json_pointer(const ks_json *v, ks_str pointer)
{
    ks_json *at = loose(v);
    while (at != NULL && pointer.n > 0) {
        if (pointer.p[0] != '/')
            return NULL;
        pointer = ks_str_sub(pointer, 1, SIZE_MAX);
        size_t n = ks_str_chr(pointer, '/');
        ks_str token = ks_str_sub(pointer, 0, n);
        pointer = ks_str_sub(pointer, token.n, SIZE_MAX);
        at = step(at, token);
    }
    return at;
}

size_t ks_json_count(const ks_json *v)
{
    return json_is_array(v) ? json_array_size(v) : json_object_size(v);
}

ks_str ks_json_str(const ks_json *v)
{
    return json_is_string(v) ? (ks_str){json_string_value(v), json_string_length(v)} : KS_NO_STR;
}

int64_t ks_json_int(const ks_json *v)
{
    return json_integer_value(v);
}

double ks_json_real(const ks_json *v)
{
    return json_number_value(v);
}

bool ks_json_true(const ks_json *v)
{
    return json_is_true(v);
}

bool ks_json_each(const ks_json *obj, void **it, ks_str *name, ks_json **value)
{
    *it = *it ? json_object_iter_next(loose(obj), *it) : json_object_iter(loose(obj));
    if (*it == NULL)
        return false;
    *name = (ks_str){json_object_iter_key(*it), json_object_iter_key_len(*it)};
    *value = json_object_iter_value(*it);
    return true;
}

ks_str ks_json_scalar(ks_ctx *cx, const ks_json *v)
{
    char real[KS_REAL_LEN];
    switch (ks_json_kind(v)) {
    case KS_JSON_STR:
        return ks_json_str(v);
    case KS_JSON_INT:
        return ks_fmt(cx, "%" PRId64, ks_json_int(v));
    case KS_JSON_REAL:
        ks_real_text(ks_json_real(v), real);
        return ks_copy(cx, ks_str_of(real));
    case KS_JSON_BOOL:
        return ks_json_true(v) ? KS_S("true") : KS_S("false");
    default:
        return KS_NO_STR;
    }
}
