/* upstream/assemble.c — pieces into bytes: URL, header lines, body. Encodes and checks each value for the
 * place where it stands (rules T1, T2); decides nothing about where it goes (upstream/send.c). Source: RFC
 * 9110 section 5, RFC 7617. Threads: any. */
#include "upstream/assemble.h"

#include "base/alloc.h"
#include "base/enc.h"
#include "base/gzip.h"
#include "base/http_text.h"
#include "upstream/sign.h"

#define MAX_LINES                                                                                            \
    ((size_t)256 * 1024) /* bytes of all header lines: eight secrets of full size in base64, and room */
#define MAX_BODY ((size_t)4 * KS_MAX_ACT_BODY_BYTES)

const char KS_WIRE_MEMORY[] = "memory is short";

typedef enum place { IN_HEADER, IN_TARGET, IN_BODY } place;

/* ---- values ---- */

/* `s` with JSON escapes and without the quotes. */
static void put_json(ks_buf *b, ks_str s)
{
    ks_buf quoted = ks_buf_new(MAX_BODY);
    ks_json_quote(&quoted, s);
    if (ks_buf_ok(&quoted) && quoted.n >= 2)
        ks_buf_put(b, quoted.p + 1, quoted.n - 2);
    else
        b->failed = true;
    ks_buf_done(&quoted);
}

static void put_encoded(ks_buf *b, ks_str s, ks_enc enc)
{
    switch (enc) {
    case KS_ENC_NONE:
        ks_buf_str(b, s);
        break;
    case KS_ENC_PERCENT:
        ks_enc_percent(b, s);
        break;
    case KS_ENC_JSON:
        put_json(b, s);
        break;
    case KS_ENC_BASE64:
        ks_enc_base64(b, s);
        break;
    case KS_ENC_REQUEST: /* stands in signatures only */
        b->failed = true;
        break;
    }
}

/* May this secret stand there? Raw in a header: ASCII. Encoded, or joined into base64: UTF-8 too. In a body:
 * lines as well (PEM, JSON). */
static bool fits(const ks_secret *s, ks_enc enc, place where, bool joined)
{
    ks_secret_kind kind = where == IN_BODY                                      ? KS_SECRET_TEXT
                          : where == IN_HEADER && enc == KS_ENC_NONE && !joined ? KS_SECRET_HEADER
                                                                                : KS_SECRET_UTF8;
    return ks_secret_fault(s, kind) == NULL;
}

static const char *put_pieces(ks_buf *b, const ks_text *t, place where)
{
    for (size_t i = 0; i < t->n; i++) {
        const ks_piece *p = &t->pieces[i];
        if (p->secret != NULL && !fits(p->secret, p->enc, where, t->whole_base64))
            return "a value of the credential cannot stand where it is to be sent; connect again with the "
                   "right one";
        put_encoded(b, p->secret != NULL ? ks_secret_reveal(p->secret) : p->text, p->enc);
    }
    return NULL;
}

/* Basic credentials: a colon in the user name would move the border to the password (RFC 7617). */
static bool colon_in_user(const ks_text *t)
{
    for (size_t i = 0; i < t->n; i++) {
        const ks_piece *p = &t->pieces[i];
        if (p->secret == NULL && ks_str_eq(p->text, KS_S(":")))
            return false;
        if (p->secret != NULL ? ks_secret_holds(p->secret, ':') : ks_str_chr(p->text, ':') != SIZE_MAX)
            return p->secret != NULL ||
                   i + 1 < t->n; /* one literal "user:password" is the builder's own affair */
    }
    return false;
}

static const char *put_base64(ks_buf *b, const ks_text *t, place where, ks_wire *w)
{
    ks_buf joined = ks_buf_new(MAX_LINES);
    if (colon_in_user(t))
        return "the user name of a Basic credential holds a colon";
    const char *fault = put_pieces(&joined, t, where);
    if (fault == NULL && ks_buf_ok(&joined)) {
        size_t from = b->n;
        ks_enc_base64(b, ks_buf_view(&joined));
        if (ks_buf_ok(b))
            ks_buf_put(&w->tokens, b->p + from, b->n - from + 1);
    }
    b->failed |= joined.failed;
    ks_buf_done(&joined);
    return fault;
}

static const char *put_text(ks_buf *b, const ks_text *t, place where, ks_wire *w)
{
    ks_buf_str(b, t->lead);
    return t->whole_base64 ? put_base64(b, t, where, w) : put_pieces(b, t, where);
}

/* ---- URL ---- */

static const char *put_url(const ks_call *call, ks_str dial, ks_wire *w)
{
    ks_str base = call->origin.base_path;
    ks_buf_str(&w->url, dial);
    size_t      from = w->url.n;
    const char *fault = put_text(&w->url, &call->path, IN_TARGET, w);
    ks_str      path = ks_str_sub(ks_buf_view(&w->url), from, SIZE_MAX);
    if (fault != NULL || !ks_buf_ok(&w->url))
        return fault;
    if (ks_path_fault(path) != NULL)
        return "the path is not one that may be called";
    if (!ks_str_starts(path, base) || (base.n > 0 && path.n > base.n && path.p[base.n] != '/'))
        return "the path leaves the base path of its origin";
    if (call->query.n == 0 && call->query.lead.n == 0)
        return NULL;
    ks_buf_c(&w->url, '?');
    from = w->url.n;
    fault = put_text(&w->url, &call->query, IN_TARGET, w);
    if (fault == NULL && !ks_http_target(ks_str_sub(ks_buf_view(&w->url), from, SIZE_MAX)))
        fault = "the query holds a character that must be percent-encoded";
    return fault;
}

/* ---- headers ---- */

static void end_line(ks_wire *w, size_t *lines)
{
    ks_buf_c(&w->lines, '\0');
    ++*lines;
}

static void put_line(ks_wire *w, size_t *lines, const char *name, ks_str value)
{
    ks_buf_z(&w->lines, name);
    ks_buf_str(&w->lines, value);
    end_line(w, lines);
}

static const char *put_header(const ks_out_header *h, ks_wire *w, size_t *lines)
{
    if (!ks_http_name(h->name) || ks_http_reserved(h->name))
        return "a header has a name that may not be sent";
    if (ks_str_ieq(h->name, KS_S("accept-encoding")))
        return NULL; /* what can be searched for secrets is for us to say */
    size_t start = w->lines.n;
    ks_buf_str(&w->lines, h->name);
    ks_buf_z(&w->lines, ": ");
    size_t      from = w->lines.n;
    const char *fault = put_text(&w->lines, &h->value, IN_HEADER, w);
    if (fault != NULL || !ks_buf_ok(&w->lines))
        return fault;
    ks_str value = ks_str_trim(ks_str_sub(ks_buf_view(&w->lines), from, SIZE_MAX), " \t");
    if (!ks_http_value(value))
        return "a header value holds a line break or another control character";
    if (value.n == 0) { /* libcurl would take "Name:" as the wish to leave the header out */
        w->lines.n = start;
        ks_buf_str(&w->lines, h->name);
        ks_buf_c(&w->lines, ';');
    }
    end_line(w, lines);
    return NULL;
}

static bool names_header(const ks_call *call, ks_str name)
{
    for (size_t i = 0; i < call->headers_n; i++) {
        if (ks_str_ieq(call->headers[i].name, name))
            return true;
    }
    return false;
}

static void put_ghost(const ks_call *call, ks_wire *w, size_t *lines)
{
    bool     v6 = ks_str_chr(call->origin.host, ':') != SIZE_MAX;
    unsigned own = ks_str_eq(call->origin.scheme, KS_S("https")) ? 443 : 80;
    ks_buf_fmt(&w->lines, "Host: %s" KS_FMT "%s", v6 ? "[" : "", KS_ARG(call->origin.host), v6 ? "]" : "");
    if (call->origin.port != own)
        ks_buf_fmt(&w->lines, ":%u", call->origin.port);
    end_line(w, lines);
    ks_buf_fmt(&w->lines, "ks-ghost: " KS_FMT "." KS_FMT, KS_ARG(call->app), KS_ARG(call->scheme));
    end_line(w, lines);
    if (call->sign != NULL) { /* a signature cannot be looked into: the ghost makes it once more */
        ks_buf_z(&w->lines, "ks-ghost-sign: ");
        ks_sign_tell(call->sign, &w->lines);
        end_line(w, lines);
    }
    if (call->ghost_key != NULL)
        put_line(w, lines, "ks-ghost-key: ", ks_secret_reveal(call->ghost_key));
    if (call->project_id.n == 0)
        return;
    ks_buf_fmt(&w->lines, "ks-ghost-project: " KS_FMT,
               KS_ARG(call->project_id)); /* it may have apps of its own */
    end_line(w, lines);
}

/* How a streamed answer may be packed. One that is searched for secrets is unpacked here on its way, which
 * takes the whole of it, so a part is never asked for packed; any other goes through as its caller wants it.
 */
static void put_codings(const ks_call *call, ks_wire *w, size_t *lines)
{
    bool gzip = ks_gzip_accepted(call->accept_encoding) && !names_header(call, KS_S("range"));
    if (call->secrets_n > 0)
        put_line(w, lines, "Accept-Encoding: ", gzip ? KS_S("gzip") : KS_S("identity"));
    else if (call->accept_encoding.n > 0 && ks_http_value(call->accept_encoding))
        put_line(w, lines, "Accept-Encoding: ", call->accept_encoding);
}

/* Will libcurl see a request with a body, if only an empty one? */
static bool carries_body(const ks_call *call)
{
    return call->has_body || call->body_pipe != NULL || ks_str_eq(call->method, KS_S("POST")) ||
           ks_str_eq(call->method, KS_S("PUT")) || ks_str_eq(call->method, KS_S("PATCH"));
}

static const char *put_headers(const ks_call *call, bool ghost, ks_wire *w, size_t *lines)
{
    bool typed = names_header(call, KS_S("content-type")), body = carries_body(call);
    for (size_t i = 0; i < call->headers_n; i++) {
        const char *fault = put_header(&call->headers[i], w, lines);
        if (fault != NULL)
            return fault;
    }
    if (!ks_http_value(call->content_type) || !ks_http_value(call->app) || !ks_http_value(call->scheme))
        return "a header value holds a line break or another control character";
    if (!typed && (body || call->content_type.n > 0)) /* "Content-Type:" keeps libcurl from adding its own */
        put_line(w, lines, call->content_type.n ? "Content-Type: " : "Content-Type:", call->content_type);
    if (!names_header(call, KS_S("user-agent")))
        put_line(w, lines, "User-Agent: Keysteward/", KS_S(KS_VERSION));
    if (body)
        put_line(w, lines, "Expect:", KS_S(""));
    if (call->stream)
        put_codings(call, w, lines);
    if (call->stream && call->body_pipe != NULL && call->body_size < 0)
        put_line(w, lines, "Transfer-Encoding: ", KS_S("chunked"));
    if (ghost)
        put_ghost(call, w, lines);
    return NULL;
}

bool ks_wire_link(ks_wire *w, size_t lines)
{
    char *at = w->lines.p;
    ks_free(w->list);
    w->list = ks_calloc(lines ? lines : 1, sizeof *w->list);
    if (w->list == NULL)
        return false;
    for (size_t i = 0; i < lines; i++) {
        w->list[i] = (struct curl_slist){at, i + 1 < lines ? &w->list[i + 1] : NULL};
        at += strlen(at) + 1;
    }
    return true;
}

/* One literal (a body handed through) is borrowed, all else is put together. */
static const char *put_body(const ks_call *call, ks_wire *w)
{
    const ks_text  *t = &call->body;
    const ks_piece *p = t->pieces;
    if (t->n == 1 && p->secret == NULL && p->enc == KS_ENC_NONE && t->lead.n == 0 && !t->whole_base64) {
        w->body = p->text;
        return NULL;
    }
    const char *fault = put_text(&w->made, t, IN_BODY, w);
    w->body = ks_buf_view(&w->made);
    return fault;
}

const char *ks_wire_build(const ks_call *call, ks_str dial, bool ghost, ks_wire *w)
{
    size_t lines = 0;
    *w = (ks_wire){.url = ks_buf_new(2 * MAX_LINES),
                   .lines = ks_buf_new(MAX_LINES),
                   .body = KS_S(""),
                   .made = ks_buf_new(MAX_BODY),
                   .tokens = ks_buf_new(MAX_LINES),
                   .dial_n = dial.n,
                   .first = ks_buf_new(2 * KS_MAX_SECRET_TEXT),
                   .second = ks_buf_new(2 * KS_MAX_SECRET_TEXT)};
    const char *fault = put_url(call, dial, w);
    if (fault == NULL)
        fault = put_headers(call, ghost, w, &lines);
    if (fault == NULL && call->has_body)
        fault = put_body(call, w);
    w->plain_n = w->lines.n;
    w->plain_lines = lines;
    w->plain_tokens_n = w->tokens.n;
    if (!ks_buf_ok(&w->url) || !ks_buf_ok(&w->lines) || !ks_buf_ok(&w->made) || !ks_buf_ok(&w->tokens))
        return KS_WIRE_MEMORY;
    return fault != NULL ? fault : ks_wire_link(w, lines) ? NULL : KS_WIRE_MEMORY;
}

void ks_wire_done(ks_wire *w)
{
    ks_buf_done(&w->url);
    ks_buf_done(&w->lines);
    ks_buf_done(&w->made);
    ks_buf_done(&w->tokens);
    ks_buf_done(&w->first);
    ks_buf_done(&w->second);
    ks_free(w->list);
    w->list = NULL;
}
