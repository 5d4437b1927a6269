/* upstream/sign_wire.c — the signature of a call put onto its finished bytes: method, path, query, headers
 * and body are what will travel, so nothing is signed that is sent otherwise. Runs for every attempt. Knows
 * none of the ways (upstream/sign.c). Threads: any. */
#include <openssl/rand.h>

#include "base/alloc.h"
#include "base/enc.h"
#include "base/time.h"
#include "upstream/assemble.h"
#include "upstream/sign.h"

#define MAX_HEADERS 256

/* The path in the one spelling that the vendor will sign itself. */
static const char *respell(const ks_call *call, ks_wire *w)
{
    ks_str      rest = ks_str_sub(ks_buf_view(&w->url), w->dial_n, SIZE_MAX);
    ks_str      path = ks_str_sub(rest, 0, ks_str_chr(rest, '?')), query = ks_str_sub(rest, path.n, SIZE_MAX);
    ks_buf      url = ks_buf_new(w->url.cap);
    const char *fault = NULL;
    ks_buf_put(&url, w->url.p, w->dial_n);
    ks_sign_path(call->sign, call->origin.host, path, &url);
    ks_str spelled = ks_str_sub(ks_buf_view(&url), w->dial_n, SIZE_MAX);
    if (ks_buf_ok(&url) && ks_path_fault(spelled) != NULL)
        fault = "the path is not one that may be called";
    ks_buf_str(&url, query);
    if (!ks_buf_ok(&url))
        fault = KS_WIRE_MEMORY;
    ks_buf_done(&w->url);
    w->url = url;
    return fault;
}

/* Header lines without a signature, as pairs; their number. */
static size_t split(const ks_wire *w, ks_sign_header *all, ks_str *type)
{
    ks_str lines = {w->lines.p, w->plain_n}, line;
    size_t n = 0;
    while (n < MAX_HEADERS && ks_str_cut(&lines, '\0', &line)) {
        size_t colon = ks_str_chr(line, ':');
        ks_str value = ks_str_trim(ks_str_sub(ks_str_sub(line, colon, SIZE_MAX), 1, SIZE_MAX), " \t");
        if (colon == SIZE_MAX || value.n == 0)
            continue; /* "Expect:" takes a header away */
        all[n] = (ks_sign_header){ks_str_sub(line, 0, colon), value};
        if (ks_str_ieq(all[n].name, KS_S("content-type")))
            *type = value;
        n++;
    }
    return n;
}

/* As the Host header will say it. */
static void put_host(const ks_origin *o, ks_buf *out)
{
    bool v6 = ks_str_chr(o->host, ':') != SIZE_MAX;
    ks_buf_fmt(out, "%s" KS_FMT "%s", v6 ? "[" : "", KS_ARG(o->host), v6 ? "]" : "");
    if (o->port != (ks_str_eq(o->scheme, KS_S("https")) ? 443 : 80))
        ks_buf_fmt(out, ":%u", o->port);
}

/* The value of the last line must not come back in an answer: whoever has it may send the request again. */
static void watch(ks_wire *w)
{
    size_t at = w->lines.n - 1;
    while (at > w->plain_n && w->lines.p[at - 1] != '\0')
        at--;
    ks_str line = ks_str_sub((ks_str){w->lines.p, w->lines.n - 1}, at, SIZE_MAX);
    size_t colon = ks_str_chr(line, ':');
    ks_str value = ks_str_trim(ks_str_sub(ks_str_sub(line, colon, SIZE_MAX), 1, SIZE_MAX), " \t");
    ks_buf_put(&w->tokens, value.p, value.n);
    ks_buf_c(&w->tokens, '\0');
}

static const char *add_lines(const ks_call *call, ks_wire *w, size_t *lines)
{
    ks_sign_header *headers = ks_calloc(MAX_HEADERS, sizeof *headers);
    ks_buf          made = ks_buf_new(w->lines.cap), host = ks_buf_new(1024), nonce = ks_buf_new(64);
    unsigned char   random[16];
    ks_str          target = ks_str_sub(ks_buf_view(&w->url), w->dial_n, SIZE_MAX);
    size_t          mark = ks_str_chr(target, '?'), n = 0;
    ks_sign_ask     ask = {.sign = call->sign,
                           .https = ks_str_eq(call->origin.scheme, KS_S("https")),
                           .method = call->method,
                           .path = ks_str_sub(target, 0, mark),
                           .query = ks_str_sub(ks_str_sub(target, mark, SIZE_MAX), 1, SIZE_MAX),
                           .body = w->body,
                           .streams = call->stream && call->body_pipe != NULL,
                           .headers = headers,
                           .now_us = ks_now_us()};
    const char     *fault = headers == NULL || RAND_bytes(random, sizeof random) != 1 ? KS_WIRE_MEMORY : NULL;
    if (fault == NULL) {
        put_host(&call->origin, &host);
        ks_enc_hex(&nonce, random, sizeof random);
        ask.host = ks_buf_view(&host);
        ask.nonce = ks_buf_view(&nonce);
        ask.headers_n = split(w, headers, &ask.type);
        fault = ks_buf_ok(&host) && ks_buf_ok(&nonce) ? ks_sign_make(&ask, &made, &n) : KS_WIRE_MEMORY;
    }
    ks_buf_put(&w->lines, made.p ? made.p : "", made.n); /* the headers above pointed into these lines */
    if (fault == NULL && n > 0)
        watch(w);
    *lines += n;
    ks_buf_done(&made);
    ks_buf_done(&host);
    ks_buf_done(&nonce);
    ks_free(headers);
    return fault;
}

/* User and password, or certificate and key, for libcurl. */
static const char *hand_over(const ks_sign *s, ks_wire *w)
{
    bool digest = s->how == KS_SIGN_DIGEST;
    if (!digest && s->how != KS_SIGN_MTLS)
        return NULL;
    ks_buf_clear(&w->first);
    ks_buf_clear(&w->second);
    if (ks_sign_bytes(s, digest ? "user" : "certificate", &w->first) &&
        ks_sign_bytes(s, digest ? "password" : "key", &w->second))
        return digest && ks_str_chr(ks_buf_view(&w->first), '"') != SIZE_MAX ? "the user name holds a quote"
                                                                             : NULL;
    return ks_buf_ok(&w->first) && ks_buf_ok(&w->second)
               ? "a value that its signature needs is missing; connect again with it"
               : KS_WIRE_MEMORY;
}

const char *ks_wire_sign(const ks_call *call, ks_wire *w)
{
    size_t lines = w->plain_lines;
    if (call->sign == NULL)
        return NULL;
    for (size_t i = 0; i < call->headers_n; i++) {
        if (ks_sign_makes_header(call->sign, call->headers[i].name))
            return "a header of that name is made by the signature";
    }
    w->lines.n = w->plain_n;
    w->tokens.n = w->plain_tokens_n;
    const char *fault = hand_over(call->sign, w);
    if (fault == NULL)
        fault = respell(call, w);
    if (fault == NULL)
        fault = add_lines(call, w, &lines);
    if (!ks_buf_ok(&w->lines) || !ks_buf_ok(&w->tokens))
        return KS_WIRE_MEMORY;
    return fault != NULL ? fault : ks_wire_link(w, lines) ? NULL : KS_WIRE_MEMORY;
}
