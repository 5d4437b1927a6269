/* cli/payload.c — JSON bodies with secrets in them by reference, and paths. See client.h. */
#include "base/enc.h"
#include "cli/client.h"

#define PATH_MAX_BYTES 8192

ks_payload ks_payload_new(ks_ctx *cx)
{
    return (ks_payload){.cx = cx};
}

static void add(ks_payload *b, ks_piece piece)
{
    if (b->failed)
        return;
    if (b->text.n == b->room) {
        size_t    room = b->room ? 2 * b->room : 16;
        ks_piece *grown = ks_alloc(b->cx, room * sizeof *grown);
        if (grown == NULL) {
            b->failed = true;
            return;
        }
        if (b->text.n > 0)
            memcpy(grown, b->text.pieces, b->text.n * sizeof *grown);
        b->text.pieces = grown;
        b->room = room;
    }
    b->text.pieces[b->text.n++] = piece;
}

void ks_payload_raw(ks_payload *b, ks_str json)
{
    add(b, (ks_piece){.text = json});
}

static void quoted(ks_payload *b, ks_str s)
{
    ks_buf *q = ks_ctx_buf(b->cx, 6 * s.n + 3);
    if (q == NULL) {
        b->failed = true;
        return;
    }
    ks_json_quote(q, s);
    b->failed = b->failed || !ks_buf_ok(q);
    ks_payload_raw(b, ks_buf_view(q));
}

void ks_payload_name(ks_payload *b, ks_str name)
{
    if (b->members++ > 0)
        ks_payload_raw(b, KS_S(","));
    quoted(b, name);
    ks_payload_raw(b, KS_S(":"));
}

void ks_payload_str(ks_payload *b, const char *name, ks_str s)
{
    if (s.p == NULL)
        return;
    ks_payload_name(b, ks_str_of(name));
    quoted(b, s);
}

void ks_payload_secret(ks_payload *b, ks_str name, const ks_secret *s)
{
    ks_payload_name(b, name);
    ks_payload_raw(b, KS_S("\""));
    add(b, (ks_piece){.text = name, .secret = s, .enc = KS_ENC_JSON});
    ks_payload_raw(b, KS_S("\""));
}

void ks_payload_open(ks_payload *b, const char *name)
{
    if (name != NULL)
        ks_payload_name(b, ks_str_of(name));
    ks_payload_raw(b, KS_S("{"));
    b->members = 0;
}

void ks_payload_close(ks_payload *b)
{
    ks_payload_raw(b, KS_S("}"));
    b->members = 1; /* of the object around it: at least this one */
}

ks_str ks_path(ks_ctx *cx, const char *fmt, const ks_str *values, size_t n)
{
    ks_buf *b = ks_ctx_buf(cx, PATH_MAX_BYTES);
    size_t  next = 0;
    if (b == NULL)
        return KS_NO_STR;
    for (const char *p = fmt; *p != '\0'; p++) {
        if (p[0] == '%' && p[1] == 's' && next < n) {
            ks_enc_percent(b, values[next++]);
            p++;
        } else
            ks_buf_c(b, *p);
    }
    return ks_buf_ok(b) ? ks_buf_view(b) : KS_NO_STR;
}
