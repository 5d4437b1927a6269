/* http/serve_answer.c — what an exchange answers as a response of libmicrohttpd: from memory or from a pipe,
 * with the headers all our answers have. Does not decide what is answered, nor when. RFC 9112. Threads: the
 * loop's. */
#include "base/alloc.h"
#include "http/listener_in.h"

static void more(void *arg)
{
    request *r = arg;
    if (r->parked == PARK_DATA)
        ks_serve_resume(r);
}

static ssize_t next_bytes(void *cls, uint64_t pos, char *to, size_t room)
{
    request *r = cls;
    (void)pos;
    if (r->download == NULL || ks_pipe_broken(r->download))
        return MHD_CONTENT_READER_END_WITH_ERROR;
    size_t n = ks_pipe_read(r->download, to, room);
    r->sent += (int64_t)n;
    if (n > 0)
        return (ssize_t)n;
    if (ks_pipe_ended(r->download))
        return MHD_CONTENT_READER_END_OF_STREAM;
    ks_serve_park(r, PARK_DATA);
    return 0;
}

/* An answer to HEAD of unknown size: libmicrohttpd would call it chunked and then send the last chunk, which
 * the client would take for the next answer. Without a length and closed it is unambiguous (RFC 9112, 6.3).
 */
static void no_chunks(struct MHD_Response *out)
{
    if (out != NULL)
        (void)!MHD_set_response_options(out, MHD_RF_HTTP_1_0_COMPATIBLE_STRICT, MHD_RO_END);
}

static struct MHD_Response *make_stream(request *r)
{
    ks_res  *rs = &r->x.rs;
    bool     unknown = rs->stream_size < 0;
    uint64_t size = unknown ? MHD_SIZE_UNKNOWN : (uint64_t)rs->stream_size;
    r->download = ks_pipe_ref(rs->stream);
    ks_pipe_on_data(r->download, more, r);
    struct MHD_Response *out = MHD_create_response_from_callback(size, 32 * 1024, next_bytes, r, NULL);
    if (unknown && ks_str_eq(r->x.rq.method, KS_S("HEAD")))
        no_chunks(out);
    return out;
}

static struct MHD_Response *make_response(request *r)
{
    ks_res *rs = &r->x.rs;
    if (rs->stream != NULL)
        return make_stream(r);
    if (rs->body != NULL && rs->body->n > 0) { /* the memory goes along, and is wiped when it is sent */
        ks_buf *b = rs->body;
        char   *p = b->p;
        size_t  n = b->n;
        *b = ks_buf_new(b->cap);
        struct MHD_Response *out = MHD_create_response_from_buffer_with_free_callback(n, p, ks_free);
        r->sent = (int64_t)n;
        if (out == NULL)
            ks_free(p);
        return out;
    }
    r->sent = (int64_t)rs->fixed.n;
    return MHD_create_response_from_buffer(rs->fixed.n, (void *)(uintptr_t)(rs->fixed.n ? rs->fixed.p : ""),
                                           MHD_RESPMEM_PERSISTENT);
}

/* libmicrohttpd wants C strings; header values never hold a NUL (ks_res_header). */
static bool add(request *r, struct MHD_Response *out, const char *name, ks_str value)
{
    ks_str z = ks_copy(&r->x.cx, value);
    return z.p != NULL && MHD_add_response_header(out, name, z.p) == MHD_YES;
}

static bool has(const ks_res *rs, const char *name)
{
    for (size_t i = 0; i < rs->headers_n; i++)
        if (ks_str_ieq(rs->headers[i].name, ks_str_of(name)))
            return true;
    return false;
}

static bool add_headers(request *r, struct MHD_Response *out)
{
    ks_res *rs = &r->x.rs;
    bool    fine = add(r, out, "x-request-id", r->x.cx.request_id);
    ks_str  type = rs->content_type.n ? rs->content_type : KS_S("application/json");
    if (!has(rs, "cache-control"))
        fine = fine && MHD_add_response_header(out, "Cache-Control", "no-store") == MHD_YES;
    fine = fine && MHD_add_response_header(out, "X-Content-Type-Options", "nosniff") == MHD_YES;
    if (rs->status != 204 && rs->status != 304)
        fine = fine && add(r, out, "Content-Type", type);
    if (r->close)
        fine = fine && MHD_add_response_header(out, "Connection", "close") == MHD_YES;
    for (size_t i = 0; i < rs->headers_n && fine; i++)
        fine = add(r, out, rs->headers[i].name.p, rs->headers[i].value);
    for (size_t i = 0; i < rs->passed_n && fine; i++)
        fine = MHD_add_response_header(out, rs->passed[i].name.p, rs->passed[i].value.p) == MHD_YES;
    return fine;
}

enum MHD_Result ks_serve_answer(request *r)
{
    const ks_res *rs = &r->x.rs;
    bool          failed = rs->status >= 400 && rs->status < 500;
    r->close |= r->x.refused_early || r->l->quiesced || (failed && r->x.rq.body_size != 0);
    r->c->linger |= r->close;
    struct MHD_Response *out = make_response(r);
    enum MHD_Result      sent = MHD_NO;
    if (out != NULL && add_headers(r, out))
        sent = MHD_queue_response(r->c->mhd,
                                  (unsigned)(rs->status >= 100 && rs->status <= 999 ? rs->status : 500), out);
    if (out != NULL)
        MHD_destroy_response(out);
    r->queued = sent == MHD_YES;
    return sent;
}
