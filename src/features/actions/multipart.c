/* features/actions/multipart.c — see multipart.h. RFC 7578 on RFC 2046 5.1; escapes of names: WHATWG HTML,
 * "multipart form data". */
#include "features/actions/multipart.h"

#include "base/enc.h"
#include "base/ids.h"

ks_status ks_multipart_new(ks_ctx *cx, ks_multipart *m)
{
    unsigned char random[16];
    ks_buf       *b = ks_ctx_buf(cx, 64);
    if (b == NULL)
        return KS_NO_MEMORY;
    ks_random(random, sizeof random);
    ks_buf_z(b, "keysteward-");
    ks_enc_hex(b, random, sizeof random);
    *m = (ks_multipart){.cx = cx, .body = ks_pieces_new(cx), .boundary = ks_buf_view(b)};
    return ks_buf_ok(b) ? KS_OK : ks_no_memory(cx);
}

/* A name between quotes. */
static ks_status quoted(ks_ctx *cx, ks_str name, ks_str *out)
{
    ks_buf *b = ks_ctx_buf(cx, KS_MAX_ACT_BODY_BYTES);
    if (b == NULL)
        return KS_NO_MEMORY;
    for (size_t i = 0; i < name.n; i++) {
        unsigned char c = (unsigned char)name.p[i];
        if (c < 0x20 || c == 0x7f)
            return ks_fail(cx, KS_INVALID, "input",
                           "The name of a part cannot hold line breaks or control characters.");
        if (c == '"')
            ks_buf_z(b, "%22");
        else
            ks_buf_put(b, name.p + i, 1);
    }
    *out = ks_buf_view(b);
    return ks_buf_ok(b) ? KS_OK : ks_no_memory(cx);
}

/* Everything of a part before its bytes. */
static ks_status begin(ks_multipart *m, ks_str name, ks_str filename, ks_str type)
{
    ks_str escaped, file = KS_NO_STR;
    KS_TRY(quoted(m->cx, name, &escaped));
    ks_str head = ks_fmt(m->cx, "--" KS_FMT "\r\nContent-Disposition: form-data; name=\"" KS_FMT "\"",
                         KS_ARG(m->boundary), KS_ARG(escaped));
    if (head.p != NULL && filename.p != NULL) {
        KS_TRY(quoted(m->cx, filename, &file));
        head = ks_fmt(m->cx, KS_FMT "; filename=\"" KS_FMT "\"\r\nContent-Type: " KS_FMT, KS_ARG(head),
                      KS_ARG(file), KS_ARG(type));
    }
    ks_pieces_lit(&m->body, head);
    ks_pieces_lit(&m->body, KS_S("\r\n\r\n"));
    return head.p != NULL ? KS_OK : KS_NO_MEMORY;
}

ks_status ks_multipart_text(ks_multipart *m, ks_str name, ks_str value)
{
    KS_TRY(begin(m, name, KS_NO_STR, KS_NO_STR));
    ks_pieces_lit(&m->body, value);
    ks_pieces_lit(&m->body, KS_S("\r\n"));
    return KS_OK;
}

ks_status ks_multipart_file(ks_multipart *m, ks_str name, const ks_file *f)
{
    KS_TRY(begin(m, name, f->name, f->mimetype.p ? f->mimetype : KS_S("application/octet-stream")));
    ks_pieces_lit(&m->body, f->content);
    ks_pieces_lit(&m->body, KS_S("\r\n"));
    return KS_OK;
}

ks_status ks_multipart_credential(ks_multipart *m, const ks_credential *c)
{
    for (size_t i = 0; c != NULL && i < c->scheme->body.n; i++) {
        const ks_app_put *put = &c->scheme->body.at[i];
        size_t            mark = ks_pieces_mark(&m->body);
        KS_TRY(begin(m, put->name, KS_NO_STR, KS_NO_STR));
        if (ks_pieces_tpl(&m->body, c, put->value, KS_ENC_NONE))
            ks_pieces_lit(&m->body, KS_S("\r\n"));
        else
            ks_pieces_cut(&m->body, mark);
    }
    return KS_OK;
}

ks_status ks_multipart_end(ks_multipart *m, ks_str *type)
{
    ks_str end = ks_fmt(m->cx, "--" KS_FMT "--\r\n", KS_ARG(m->boundary));
    *type = ks_fmt(m->cx, "multipart/form-data; boundary=" KS_FMT, KS_ARG(m->boundary));
    ks_pieces_lit(&m->body, end);
    return end.p != NULL && type->p != NULL && ks_pieces_ok(&m->body) ? KS_OK : ks_no_memory(m->cx);
}
