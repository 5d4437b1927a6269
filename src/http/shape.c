/* http/shape.c — see shape.h. Decoding names every field that is wrong, up to KS_MAX_DETAILS, and no value.
 */
#include "http/shape.h"

#include "base/time.h"

/* ---- bodies ---- */

static bool json_type(ks_str type)
{
    ks_str media = ks_str_trim(ks_str_sub(type, 0, ks_str_chr(type, ';')), " \t");
    return media.n == 0 || ks_str_ieq(media, KS_S("application/json")) ||
           ks_str_ieq(media, KS_S("text/json")) ||
           (media.n > 5 && ks_str_ieq(ks_str_sub(media, media.n - 5, 5), KS_S("+json")));
}

ks_status ks_req_json(ks_ctx *cx, const ks_req *rq, ks_json **out)
{
    ks_json *v;
    if (rq->body.n > 0 && !json_type(ks_req_header(rq, "content-type")))
        return ks_fail(cx, KS_MEDIA, NULL, "Send the body as application/json.");
    KS_TRY(ks_json_parse(cx, rq->body.n > 0 ? rq->body : KS_S("{}"), &v));
    if (ks_json_kind(v) != KS_JSON_OBJ)
        return ks_fail(cx, KS_INVALID, NULL, "The body must be a JSON object.");
    *out = v;
    return KS_OK;
}

ks_status ks_req_body(ks_ctx *cx, const ks_req *rq, const ks_field *fields, void *out)
{
    ks_json *v;
    KS_TRY(ks_req_json(cx, rq, &v));
    return ks_shape_decode(cx, v, "", fields, out);
}

/* ---- decoding ---- */

typedef struct decoder {
    ks_ctx   *cx;
    ks_status status; /* of the first failure */
} decoder;

static void *member(void *object, const ks_field *f)
{
    return (char *)object + f->offset;
}

static void clear(const ks_field *fields, void *out)
{
    static const size_t sizes[] = {
        [KS_KIND_STR] = sizeof(ks_str),       [KS_KIND_BOOL] = sizeof(bool),
        [KS_KIND_I64] = sizeof(int64_t),      [KS_KIND_TIME] = sizeof(int64_t),
        [KS_KIND_STRS] = sizeof(ks_strs),     [KS_KIND_OBJ] = sizeof(ks_json *),
        [KS_KIND_ANY] = sizeof(ks_json *),    [KS_KIND_SECRET] = sizeof(ks_secret *),
        [KS_KIND_MASK] = sizeof(ks_secret *), [KS_KIND_RAW] = sizeof(ks_str),
    };
    for (const ks_field *f = fields; f->name != NULL; f++) {
        if (f->kind == KS_KIND_SUB)
            clear(f->sub, member(out, f));
        else
            memset(member(out, f), 0, sizes[f->kind]);
    }
}

/* Note that this field is wrong. `reason` goes on after the field's name. */
static void wrong(decoder *d, ks_str path, const ks_field *f, const char *reason)
{
    ks_str name = ks_fmt(d->cx, KS_FMT "%s", KS_ARG(path), f->name);
    if (d->status == KS_OK)
        d->status = ks_fail(d->cx, KS_INVALID, NULL, "The field " KS_FMT " %s.", KS_ARG(name), reason);
    ks_fail_also(d->cx, name, ks_str_of(reason));
}

/* A limit that is the field's own. */
static void too_long(decoder *d, ks_str path, const ks_field *f, const char *what)
{
    ks_str reason = ks_fmt(d->cx, "must be at most %zu %s", f->max, what);
    wrong(d, path, f, reason.p != NULL ? reason.p : "is too long");
}

static void get_str(decoder *d, ks_str path, const ks_field *f, const ks_json *v, void *to)
{
    ks_str s = ks_json_str(v);
    if (s.p == NULL)
        wrong(d, path, f, "must be a string");
    else if (s.n == 0 && (f->flags & KS_REQUIRED))
        wrong(d, path, f, "is required");
    else if (f->max && s.n > f->max)
        too_long(d, path, f, "bytes");
    else
        *(ks_str *)to = s;
}

static void get_time(decoder *d, ks_str path, const ks_field *f, const ks_json *v, int64_t *to)
{
    ks_str s = ks_json_str(v);
    if (s.p == NULL || !ks_time_parse_iso(s.p, s.n, to))
        wrong(d, path, f, "must be a time like 2025-01-31T12:00:00.000Z");
}

static void get_secret(decoder *d, ks_str path, const ks_field *f, const ks_json *v, ks_secret **to)
{
    ks_str s = ks_json_str(v);
    if (s.p == NULL)
        wrong(d, path, f, "must be a string");
    else if (s.n == 0 && (f->flags & KS_REQUIRED))
        wrong(d, path, f, "is required");
    else if (f->max && s.n > f->max)
        too_long(d, path, f, "bytes");
    else if (ks_secret_new(d->cx, s.p, s.n, to) == KS_NO_MEMORY)
        d->status = KS_NO_MEMORY;
    else if (*to == NULL)
        wrong(d, path, f, "is too long");
}

static void get_strs(decoder *d, ks_str path, const ks_field *f, const ks_json *v, ks_strs *to)
{
    size_t n = ks_json_count(v);
    if (ks_json_kind(v) != KS_JSON_ARR) {
        wrong(d, path, f, "must be an array of strings");
        return;
    }
    if (f->max && n > f->max) {
        too_long(d, path, f, "entries");
        return;
    }
    ks_str *at = ks_zalloc(d->cx, (n ? n : 1) * sizeof *at);
    if (at == NULL) {
        d->status = KS_NO_MEMORY;
        return;
    }
    *to = (ks_strs){at, n};
    for (size_t i = 0; i < n; i++) {
        at[i] = ks_json_str(ks_json_at(v, i));
        if (at[i].p == NULL) {
            wrong(d, path, f, "must be an array of strings");
            return;
        }
    }
}

static void get_json(decoder *d, ks_str path, const ks_field *f, ks_json *v, ks_json **to)
{
    if (f->kind == KS_KIND_OBJ && ks_json_kind(v) != KS_JSON_OBJ)
        wrong(d, path, f, "must be an object");
    else
        *to = v;
}

static void decode(decoder *d, const ks_json *obj, ks_str path, const ks_field *fields, void *out);

static void get_sub(decoder *d, ks_str path, const ks_field *f, const ks_json *v, void *to)
{
    if (ks_json_kind(v) != KS_JSON_OBJ) {
        wrong(d, path, f, "must be an object");
        return;
    }
    ks_str deeper = ks_fmt(d->cx, KS_FMT "%s.", KS_ARG(path), f->name);
    if (deeper.p == NULL)
        d->status = KS_NO_MEMORY;
    else
        decode(d, v, deeper, f->sub, to);
}

static void decode_one(decoder *d, ks_str path, const ks_field *f, ks_json *v, void *to)
{
    switch (f->kind) {
    case KS_KIND_STR:
        get_str(d, path, f, v, to);
        break;
    case KS_KIND_BOOL:
        if (ks_json_kind(v) != KS_JSON_BOOL)
            wrong(d, path, f, "must be true or false");
        else
            *(bool *)to = ks_json_true(v);
        break;
    case KS_KIND_I64:
        if (ks_json_kind(v) != KS_JSON_INT)
            wrong(d, path, f, "must be an integer");
        else
            *(int64_t *)to = ks_json_int(v);
        break;
    case KS_KIND_TIME:
        get_time(d, path, f, v, to);
        break;
    case KS_KIND_STRS:
        get_strs(d, path, f, v, to);
        break;
    case KS_KIND_OBJ:
    case KS_KIND_ANY:
        get_json(d, path, f, v, to);
        break;
    case KS_KIND_SECRET:
        get_secret(d, path, f, v, to);
        break;
    case KS_KIND_SUB:
        get_sub(d, path, f, v, to);
        break;
    case KS_KIND_MASK:
    case KS_KIND_RAW:
        break; /* encode only */
    }
}

static void decode(decoder *d, const ks_json *obj, ks_str path, const ks_field *fields, void *out)
{
    for (const ks_field *f = fields; f->name != NULL; f++) {
        ks_json *v = ks_json_get(obj, f->name);
        if (v != NULL && ks_json_kind(v) != KS_JSON_NULL)
            decode_one(d, path, f, v, member(out, f));
        else if (f->flags & KS_REQUIRED)
            wrong(d, path, f, "is required");
    }
}

ks_status ks_shape_decode(ks_ctx *cx, const ks_json *obj, const char *path, const ks_field *fields, void *out)
{
    decoder d = {cx, KS_OK};
    clear(fields, out);
    decode(&d, obj, ks_str_of(path), fields, out);
    return d.status;
}

/* ---- encoding ---- */

static void put_text(ks_jw *w, const ks_field *f, ks_str s)
{
    if (s.p != NULL && f->kind == KS_KIND_RAW)
        ks_jw_raw(w, f->name, s);
    else if (s.p != NULL)
        ks_jw_str(w, f->name, s);
    else if (f->flags & KS_NULLABLE)
        ks_jw_null(w, f->name);
}

static void put_time(ks_jw *w, const ks_field *f, int64_t us)
{
    if (us != 0)
        ks_jw_time(w, f->name, us);
    else if (f->flags & KS_NULLABLE)
        ks_jw_null(w, f->name);
}

static void put_strs(ks_jw *w, const ks_field *f, const ks_strs *list)
{
    ks_jw_arr(w, f->name);
    for (size_t i = 0; i < list->n; i++)
        ks_jw_str(w, NULL, list->at[i]);
    ks_jw_end(w, ']');
}

static void put_mask(ks_ctx *cx, ks_jw *w, const ks_field *f, const ks_secret *s)
{
    if (s != NULL)
        put_text(w, f, ks_secret_mask(cx, s));
    else
        put_text(w, f, KS_NO_STR);
}

void ks_shape_encode(ks_ctx *cx, ks_jw *w, const ks_field *fields, const void *object)
{
    for (const ks_field *f = fields; f->name != NULL; f++) {
        const void *at = (const char *)object + f->offset;
        switch (f->kind) {
        case KS_KIND_STR:
        case KS_KIND_RAW:
            put_text(w, f, *(const ks_str *)at);
            break;
        case KS_KIND_BOOL:
            ks_jw_bool(w, f->name, *(const bool *)at);
            break;
        case KS_KIND_I64:
            ks_jw_int(w, f->name, *(const int64_t *)at);
            break;
        case KS_KIND_TIME:
            put_time(w, f, *(const int64_t *)at);
            break;
        case KS_KIND_STRS:
            put_strs(w, f, at);
            break;
        case KS_KIND_MASK:
            put_mask(cx, w, f, *(ks_secret *const *)at);
            break;
        case KS_KIND_SUB:
            ks_jw_obj(w, f->name);
            ks_shape_encode(cx, w, f->sub, at);
            ks_jw_end(w, '}');
            break;
        case KS_KIND_OBJ:
        case KS_KIND_ANY:
        case KS_KIND_SECRET:
            break; /* decode only */
        }
    }
}
