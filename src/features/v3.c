/* features/v3.c — see v3.h. Keeps no state. */
#include "features/v3.h"

#include <stdlib.h>

#include "base/enc.h"

enum {
    ID_BYTES = 40,
    PLACE_BYTES = 20 + ID_BYTES,
    TAG_BYTES = 16,
    CURSOR_CHARS = 2 * (PLACE_BYTES + TAG_BYTES)
};

/* ---- cursors: 8 bytes of offset, 4 of limit, 8 of time, an id filled up with zeros, 16 of the keyed hash;
 * in hex ---- */

static void put_be(unsigned char *p, size_t n, uint64_t v)
{
    while (n-- > 0) {
        p[n] = (unsigned char)(v & 0xff);
        v >>= 8;
    }
}

static uint64_t get_be(const unsigned char *p, size_t n)
{
    uint64_t v = 0;
    for (size_t i = 0; i < n; i++)
        v = v << 8 | p[i];
    return v;
}

static void tag_of(const ks_ctx *cx, const ks_v3_page *page, const unsigned char place[PLACE_BYTES],
                   unsigned char out[KS_MAC_LEN])
{
    const ks_str parts[] = {
        cx->project_id, ks_str_of(page->list), page->filter, {(const char *)place, PLACE_BYTES}};
    ks_mac(cx->env->keys, KS_FOR_CURSORS, parts, KS_COUNT(parts), out);
}

static bool read_cursor(ks_ctx *cx, ks_str cursor, ks_v3_page *page)
{
    unsigned char raw[PLACE_BYTES + TAG_BYTES], tag[KS_MAC_LEN];
    if (cursor.n != CURSOR_CHARS || !ks_dec_hex(cursor, raw, sizeof raw))
        return false;
    tag_of(cx, page, raw, tag);
    if (!ks_same(tag, raw + PLACE_BYTES, TAG_BYTES))
        return false;
    page->offset = (int64_t)get_be(raw, 8);
    page->limit = (int64_t)get_be(raw + 8, 4);
    page->after_us = (int64_t)get_be(raw + 12, 8);
    page->after_id = raw[20] != 0 ? ks_fmt(cx, "%.*s", ID_BYTES, (const char *)raw + 20) : KS_NO_STR;
    return true;
}

static void put_cursor(ks_ctx *cx, ks_jw *w, const ks_v3_page *p)
{
    unsigned char raw[PLACE_BYTES + KS_MAC_LEN] = {0};
    ks_buf       *b = ks_ctx_buf(cx, CURSOR_CHARS + 1);
    if (b == NULL)
        return;
    put_be(raw, 8, (uint64_t)(p->offset + p->limit));
    put_be(raw + 8, 4, (uint64_t)p->limit);
    if (p->rows) {
        put_be(raw + 12, 8, (uint64_t)p->after_us);
        memcpy(raw + 20, p->after_id.p, p->after_id.n < ID_BYTES ? p->after_id.n : ID_BYTES);
    }
    tag_of(cx, p, raw, raw + PLACE_BYTES);
    ks_enc_hex(b, raw, PLACE_BYTES + TAG_BYTES);
    ks_jw_str(w, "next_cursor", ks_buf_view(b));
}

/* ---- pages ---- */

static ks_status limit_of(ks_ctx *cx, ks_str text, int64_t *out)
{
    uint64_t v = KS_V3_LIMIT_MAX;
    bool     minus = text.n > 1 && text.p[0] == '-';
    ks_str   digits = ks_str_sub(text, minus, SIZE_MAX);
    for (size_t i = 0; i < digits.n; i++) {
        if (digits.p[i] < '0' || digits.p[i] > '9')
            return ks_fail(cx, KS_INVALID, "limit", "limit must be a whole number.");
    }
    if (text.n == 0)
        return KS_OK;
    if (!ks_str_u64(digits, &v)) /* too large for 64 bits */
        v = KS_V3_LIMIT_MAX;
    *out = minus || v < 1 ? 1 : v > KS_V3_LIMIT_MAX ? KS_V3_LIMIT_MAX : (int64_t)v;
    return KS_OK;
}

ks_status ks_v3_page_at(ks_ctx *cx, ks_str limit, ks_str cursor, ks_v3_page *page)
{
    page->offset = 0;
    page->limit = KS_V3_LIMIT;
    if (cursor.n > 0 && !read_cursor(cx, cursor, page))
        return ks_fail(cx, KS_INVALID, "cursor",
                       "This cursor does not belong to this list. Begin again without one.");
    return limit_of(cx, limit, &page->limit);
}

static int by_bytes(const void *a, const void *b)
{
    const ks_str *x = a, *y = b;
    return ks_str_cmp(*x, *y);
}

/* The query without limit and cursor, its members in order of their bytes. */
static ks_status filter_of(ks_ctx *cx, const ks_req *rq, ks_str *out)
{
    ks_str  rest = rq->query, one;
    size_t  n = 0;
    ks_buf *b = ks_ctx_buf(cx, KS_MAX_TARGET_BYTES * 2);
    ks_str *all = ks_alloc(cx, (rq->query.n + 1) / 2 * sizeof *all + sizeof *all);
    if (b == NULL || all == NULL)
        return KS_NO_MEMORY;
    while (ks_str_cut(&rest, '&', &one)) {
        if (one.n > 0 && !ks_str_starts(one, KS_S("limit=")) && !ks_str_starts(one, KS_S("cursor=")))
            all[n++] = one;
    }
    qsort(all, n, sizeof *all, by_bytes);
    for (size_t i = 0; i < n; i++) {
        ks_buf_str(b, all[i]);
        ks_buf_c(b, '&');
    }
    *out = ks_buf_view(b);
    return ks_buf_ok(b) ? KS_OK : ks_no_memory(cx);
}

ks_status ks_v3_page_of(ks_ctx *cx, const ks_req *rq, const char *list, ks_v3_page *out)
{
    *out = (ks_v3_page){.list = list};
    KS_TRY(filter_of(cx, rq, &out->filter));
    return ks_v3_page_at(cx, ks_req_query(cx, rq, "limit"), ks_req_query(cx, rq, "cursor"), out);
}

size_t ks_v3_page_rows(ks_v3_page *p, size_t got)
{
    p->rows = true;
    p->more = got > (size_t)p->limit;
    return p->more ? (size_t)p->limit : got;
}

void ks_v3_page_last(ks_v3_page *p, ks_str id, int64_t us)
{
    p->after_id = id;
    p->after_us = us;
}

void ks_v3_page_end(ks_ctx *cx, ks_jw *w, const ks_v3_page *p, int64_t total)
{
    if (p->rows ? p->more : p->offset + p->limit < total)
        put_cursor(cx, w, p);
    else
        ks_jw_null(w, "next_cursor");
    ks_jw_int(w, "total_pages", total == 0 ? 1 : (total - 1) / p->limit + 1);
    ks_jw_int(w, "current_page", p->offset / p->limit + 1);
    ks_jw_int(w, "total_items", total);
}

/* ---- shapes ---- */

void ks_v3_field(ks_ctx *cx, ks_jw *w, const ks_app_field *f, bool required)
{
    ks_jw_obj(w, NULL);
    ks_jw_str(w, "name", f->name);
    ks_jw_str(w, "displayName", f->label);
    ks_jw_z(w, "type", "string");
    ks_jw_str(w, "description",
              f->example.n ? ks_fmt(cx, KS_FMT " Example: " KS_FMT, KS_ARG(f->help), KS_ARG(f->example))
              : f->help.p  ? f->help
                           : KS_S(""));
    ks_jw_bool(w, "required", required);
    ks_jw_bool(w, "is_secret", f->secret);
    ks_jw_bool(w, "user_visible", true);
    if (f->fallback.p != NULL)
        ks_jw_str(w, "default", f->fallback);
    ks_jw_end(w, '}');
}

/* FNV-1a of the id, from a starting point of its own for each half. */
static uint64_t half_of(ks_str id, uint64_t from)
{
    for (size_t i = 0; i < id.n; i++)
        from = (from ^ (unsigned char)id.p[i]) * UINT64_C(1099511628211);
    return from;
}

void ks_v3_uuid(ks_jw *w, const char *name, ks_str id)
{
    char          text[37];
    unsigned char raw[16];
    size_t        n = 0;
    put_be(raw, 8, half_of(id, UINT64_C(14695981039346656037)));
    put_be(raw + 8, 8, half_of(id, UINT64_C(0x9e3779b97f4a7c15)));
    raw[6] = (unsigned char)((raw[6] & 0x0f) | 0x80); /* version 8: made our own way (RFC 9562) */
    raw[8] = (unsigned char)((raw[8] & 0x3f) | 0x80);
    for (size_t i = 0; i < 16; i++) {
        if (i == 4 || i == 6 || i == 8 || i == 10)
            text[n++] = '-';
        text[n++] = "0123456789abcdef"[raw[i] >> 4];
        text[n++] = "0123456789abcdef"[raw[i] & 15];
    }
    ks_jw_str(w, name, (ks_str){text, n});
}

ks_status ks_v3_version(ks_ctx *cx, const char *code, const char *field, ks_str version)
{
    static const char *const known[] = {"", "latest", KS_V3_VERSION, "00000000_00"};
    for (size_t i = 0; i < KS_COUNT(known); i++) {
        if (ks_str_ieq(version, ks_str_of(known[i])))
            return KS_OK;
    }
    return ks_fail_code(cx, KS_NOT_FOUND, code, field,
                        "There is no such version. Use latest or " KS_V3_VERSION ".");
}

ks_status ks_v3_version_asked(ks_ctx *cx, const ks_req *rq, const char *code, const ks_app *app)
{
    KS_TRY(ks_v3_version(cx, code, "version", ks_req_query(cx, rq, "version")));
    KS_TRY(ks_v3_version(cx, code, "toolkit_versions", ks_req_query(cx, rq, "toolkit_versions")));
    if (app == NULL)
        return KS_OK;
    ks_str name = ks_fmt(cx, "toolkit_versions[" KS_FMT "]", KS_ARG(app->key));
    if (name.p == NULL)
        return KS_NO_MEMORY;
    return ks_v3_version(cx, code, "toolkit_versions", ks_req_query(cx, rq, name.p));
}

ks_status ks_v3_done(ks_ctx *cx, ks_res *rs, const char *message)
{
    ks_jw w;
    KS_TRY(ks_res_begin(cx, rs, 200, &w));
    ks_jw_obj(&w, NULL);
    ks_jw_bool(&w, "success", true);
    if (message != NULL)
        ks_jw_z(&w, "message", message);
    ks_jw_end(&w, '}');
    return ks_res_end(cx, rs);
}

bool ks_v3_flag(ks_ctx *cx, const ks_req *rq, const char *name)
{
    return ks_str_ieq(ks_req_query(cx, rq, name), KS_S("true"));
}

bool ks_v3_listed(ks_str list, ks_str element)
{
    ks_str part;
    while (ks_str_cut(&list, ',', &part)) {
        if (ks_str_ieq(ks_str_trim(part, " "), element))
            return true;
    }
    return false;
}
