/* http/reply.c — see reply.h. Nothing is sent here; the listener does when the exchange is done. */
#include "http/reply.h"

#include "base/http_text.h"

#define FIRST_ROOM 1000 /* bytes; most answers fit, and are not copied as they grow */

static void set(ks_res *rs, int status, ks_str content_type)
{
    rs->status = status;
    rs->content_type = content_type;
    rs->body = NULL;
    rs->fixed = KS_NO_STR;
    rs->stream = NULL;
}

ks_status ks_res_begin(ks_ctx *cx, ks_res *rs, int status, ks_jw *w)
{
    ks_buf *b = ks_ctx_buf(cx, KS_ARENA_MAX);
    if (b == NULL)
        return KS_NO_MEMORY;
    (void)ks_buf_reserve(b, FIRST_ROOM); /* a failure shows in ks_res_end */
    set(rs, status, KS_S("application/json"));
    rs->body = b;
    *w = ks_jw_new(b);
    return KS_OK;
}

ks_status ks_res_end(ks_ctx *cx, ks_res *rs)
{
    return ks_buf_ok(rs->body) ? KS_OK : ks_no_memory(cx);
}

ks_status ks_res_json(ks_ctx *cx, ks_res *rs, int status, const ks_field *fields, const void *object)
{
    ks_jw w;
    KS_TRY(ks_res_begin(cx, rs, status, &w));
    ks_jw_obj(&w, NULL);
    ks_shape_encode(cx, &w, fields, object);
    ks_jw_end(&w, '}');
    return ks_res_end(cx, rs);
}

ks_status ks_res_fixed(ks_ctx *cx, ks_res *rs, int status, const char *content_type, ks_str bytes)
{
    (void)cx;
    set(rs, status, ks_str_of(content_type));
    rs->fixed = bytes.p != NULL ? bytes : KS_S("");
    return KS_OK;
}

ks_status ks_res_header(ks_ctx *cx, ks_res *rs, const char *name, ks_str value)
{
    if (!ks_http_value(value))
        return KS_OK;
    if (rs->headers_n == KS_RES_HEADERS)
        return ks_fail(cx, KS_INTERNAL, NULL, "The answer has too many headers.");
    ks_str copy = ks_copy(cx, value);
    if (copy.p == NULL)
        return KS_NO_MEMORY;
    rs->headers[rs->headers_n++] = (ks_req_pair){ks_str_of(name), copy};
    return KS_OK;
}
