/* upstream/call.c — an outbound request shown to people, and answers looked into. Writes references to
 * secrets as ‹name›; never their bytes (upstream/assemble.c does that). No I/O. Threads: any. */
#include "upstream/call.h"

#include "base/enc.h"
#include "upstream/sign.h"

#define MAX_SHOWN                                                                                            \
    ((size_t)4 * KS_MAX_ACT_BODY_BYTES) /* bytes of one explained text; percent-encoding triples */

ks_str ks_answer_header(const ks_answer *a, ks_str name)
{
    for (size_t i = 0; i < a->headers_n; i++) {
        if (ks_str_ieq(a->headers[i].name, name))
            return a->headers[i].value;
    }
    return KS_NO_STR;
}

/* A literal as it will be written. JSON escapes go without the quotes, as in upstream/assemble.c. */
static void show_literal(ks_buf *b, const ks_piece *p)
{
    if (p->enc == KS_ENC_PERCENT) {
        ks_enc_percent(b, p->text);
    } else if (p->enc == KS_ENC_BASE64) {
        ks_enc_base64(b, p->text);
    } else if (p->enc == KS_ENC_JSON) {
        ks_buf quoted = ks_buf_new(MAX_SHOWN);
        ks_json_quote(&quoted, p->text);
        if (ks_buf_ok(&quoted) && quoted.n >= 2)
            ks_buf_put(b, quoted.p + 1, quoted.n - 2);
        else
            b->failed = true;
        ks_buf_done(&quoted);
    } else {
        ks_buf_str(b, p->text);
    }
}

/* A part of the request that the signer puts there. */
static void show_part(ks_buf *b, ks_str name)
{
    ks_buf_z(b, "{{");
    ks_buf_str(b, name);
    ks_buf_z(b, "}}");
}

static void show_text(ks_buf *b, const ks_text *t)
{
    ks_buf_str(b, t->lead);
    if (t->whole_base64)
        ks_buf_z(b, "base64(");
    for (size_t i = 0; i < t->n; i++) {
        const ks_piece *p = &t->pieces[i];
        if (p->secret != NULL) {
            ks_buf_z(b, "‹");
            ks_buf_str(b, p->text);
            ks_buf_z(b, "›");
        } else if (p->enc == KS_ENC_REQUEST) {
            show_part(b, p->text);
        } else {
            show_literal(b, p);
        }
    }
    if (t->whole_base64)
        ks_buf_c(b, ')');
}

/* The buffer as text, or what can be said of it when it is no text. */
static ks_str shown(ks_ctx *cx, ks_buf *b)
{
    if (!ks_buf_ok(b)) {
        (void)!ks_no_memory(cx);
        return KS_NO_STR;
    }
    return ks_str_utf8(ks_buf_view(b)) ? ks_buf_view(b) : ks_fmt(cx, "(%zu bytes that are no text)", b->n);
}

ks_str ks_text_explain(ks_ctx *cx, const ks_text *t)
{
    ks_buf *b = ks_ctx_buf(cx, MAX_SHOWN);
    if (b == NULL)
        return KS_NO_STR;
    show_text(b, t);
    return shown(cx, b);
}

static ks_str explain_url(ks_ctx *cx, const ks_call *call)
{
    ks_origin bare = call->origin;
    bare.base_path = KS_S("");
    ks_buf *b = ks_ctx_buf(cx, MAX_SHOWN);
    ks_str  origin = ks_origin_text(cx, &bare);
    if (b == NULL || origin.p == NULL)
        return KS_NO_STR;
    ks_buf_str(b, origin);
    show_text(b, &call->path);
    if (call->query.n > 0) {
        ks_buf_c(b, '?');
        show_text(b, &call->query);
    }
    return shown(cx, b);
}

static void explain_header(ks_ctx *cx, ks_jw *w, const ks_out_header *h)
{
    ks_jw_obj(w, NULL);
    ks_jw_str(w, "name", h->name);
    ks_jw_str(w, "value", ks_text_explain(cx, &h->value));
    if (h->rule.n)
        ks_jw_str(w, "rule", h->rule);
    ks_jw_end(w, '}');
}

void ks_call_explain(ks_ctx *cx, const ks_call *call, ks_jw *w, const char *name)
{
    ks_jw_obj(w, name);
    ks_jw_str(w, "method", call->method);
    ks_jw_str(w, "url", explain_url(cx, call));
    if (call->host_rule.n)
        ks_jw_str(w, "host_rule", call->host_rule);
    if (call->query_rule.n)
        ks_jw_str(w, "query_rule", call->query_rule);
    ks_jw_arr(w, "headers");
    for (size_t i = 0; i < call->headers_n; i++)
        explain_header(cx, w, &call->headers[i]);
    ks_jw_end(w, ']');
    if (call->sign != NULL)
        ks_sign_explain(cx, call->sign, w, "sign");
    if (call->content_type.n)
        ks_jw_str(w, "content_type", call->content_type);
    if (call->has_body)
        ks_jw_str(w, "body", ks_text_explain(cx, &call->body));
    ks_jw_end(w, '}');
}
