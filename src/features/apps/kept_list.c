/* features/apps/kept_list.c — see kept_list.h. The text itself is not kept: it is ten times as large, and
 * unpacked faster than it is made. Threads: any. */
#include "features/apps/kept_list.h"

/* A ks_list_put, where a pointer to data is asked for. */
typedef struct encoder {
    ks_list_put put;
} encoder;

static void encode(const ks_catalog *c, ks_buf *b, const void *arg)
{
    const encoder *e = arg;
    ks_arena      *arena = ks_arena_new(KS_ARENA_MAX);
    ks_buf         text = ks_buf_new(KS_ARENA_MAX);
    ks_gzip        out;
    if (arena == NULL || !ks_gzip_begin(&out, &text, b)) {
        b->failed = true;
        ks_arena_free(arena);
        return;
    }
    ks_ctx cx = ks_ctx_new(arena, NULL);
    ks_jw  w = ks_jw_new(&text);
    b->failed |= e->put(&cx, &w, c, &out) != KS_OK || cx.starved; /* no text with holes is kept */
    if (!ks_gzip_end(&out))
        b->failed = true;
    ks_buf_done(&text);
    ks_arena_free(arena);
}

static ks_status unpacked(ks_ctx *cx, ks_res *rs, ks_str gz)
{
    ks_jw w;
    KS_TRY(ks_res_begin(cx, rs, 200, &w));
    return ks_gunzip(gz, rs->body) ? ks_res_end(cx, rs) : ks_no_memory(cx);
}

ks_status ks_res_kept(ks_ctx *cx, const ks_req *rq, ks_res *rs, const ks_catalog *c, ks_kept which,
                      ks_list_put put)
{
    if (c == NULL) /* see ks_catalog_of */
        return cx->err.status != KS_OK ? cx->err.status : KS_STORE;
    const encoder e = {put};
    ks_str        gz = ks_catalog_kept(c, which, encode, &e);
    if (gz.p == NULL)
        return ks_no_memory(cx);
    KS_TRY(ks_res_header(cx, rs, "Vary", KS_S("Accept-Encoding")));
    if (!ks_gzip_accepted(ks_req_header(rq, "accept-encoding")))
        return unpacked(cx, rs, gz);
    KS_TRY(ks_res_header(cx, rs, "Content-Encoding", KS_S("gzip")));
    return ks_res_fixed(cx, rs, 200, "application/json", gz);
}
