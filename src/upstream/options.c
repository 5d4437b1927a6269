/* upstream/options.c — everything libcurl is told about a call, in one place to be read against rules N3, N5,
 * N6 and N7. A handle is reset first, so nothing of an earlier call is left in it. Decides no policy of
 * addresses (upstream/address.c). Source: curl_easy_setopt(3). Threads: the loop's own. */
#include <openssl/ssl.h>

#include "base/time.h"
#include "upstream/sign.h"
#include "upstream/transfer.h"

#define BUFFER_COLLECT (16L * 1024)
#define BUFFER_STREAM  (32L * 1024)
#define BUFFER_MANY    (4L * 1024)
#define MANY           256 /* calls under way in a loop: most of them wait, and waiting needs no large buffer */

/* Does nothing once an option was refused; libcurl refuses for lack of memory, or when built without one of
 * these, and then nothing must be sent. */
#define SET(option, value) (ok = ok && curl_easy_setopt(e, (option), (value)) == CURLE_OK)

/* Keep no plaintext in the record layer: buffers go when they are empty (through the wiping allocator), bytes
 * are erased as they are handed over. */
static CURLcode on_tls(CURL *e, void *ssl_ctx, void *arg)
{
    (void)e, (void)arg;
    SSL_CTX_set_mode(ssl_ctx, SSL_MODE_RELEASE_BUFFERS);
    SSL_CTX_set_options(ssl_ctx, SSL_OP_CLEANSE_PLAINTEXT);
    return CURLE_OK;
}

/* N3: one scheme, no help from the environment, TLS verified. */
static bool set_safety(const ks_transfer *t, CURL *e)
{
    bool plain = t->ghost_port != 0 || ks_str_eq(t->call->origin.scheme, KS_S("http"));
    bool ok = true;
    SET(CURLOPT_PROTOCOLS_STR, plain ? "http" : "https");
    SET(CURLOPT_REDIR_PROTOCOLS_STR, plain ? "http" : "https");
    SET(CURLOPT_PROXY, "");
    SET(CURLOPT_NOPROXY, "*");
    SET(CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
    SET(CURLOPT_NOSIGNAL, 1L);
    SET(CURLOPT_QUICK_EXIT,
        1L); /* a resolver that hangs must not hold the loop when its call has timed out */
    SET(CURLOPT_FOLLOWLOCATION, 0L); /* N5 */
    SET(CURLOPT_DISALLOW_USERNAME_IN_URL, 1L);
    SET(CURLOPT_PATH_AS_IS, 1L);
    SET(CURLOPT_HSTS_CTRL, 0L); /* no cookies and no alt-svc either: those are off until asked for */
    SET(CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    SET(CURLOPT_HTTP09_ALLOWED, 0L);
    SET(CURLOPT_SSL_VERIFYPEER, 1L);
    SET(CURLOPT_SSL_VERIFYHOST, 2L);
    SET(CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    SET(CURLOPT_CAINFO, t->u->ca_file);
    SET(CURLOPT_CAPATH,
        NULL); /* a CA path keeps libcurl from caching the parsed bundle: 41 ms a connection */
    SET(CURLOPT_CA_CACHE_TIMEOUT, 86400L);
    SET(CURLOPT_SSL_CTX_FUNCTION, on_tls);
    if (t->u->o.unix_path != NULL)
        SET(CURLOPT_UNIX_SOCKET_PATH, t->u->o.unix_path);
    SET(CURLOPT_OPENSOCKETFUNCTION, ks_on_open); /* N4 */
    SET(CURLOPT_OPENSOCKETDATA, (void *)(uintptr_t)t);
    SET(CURLOPT_CLOSESOCKETFUNCTION, ks_on_close);
    SET(CURLOPT_CLOSESOCKETDATA, t->u);
    return ok;
}

/* N6: warm connections of the same project only; none for credentials that came with the call, and none where
 * the connection itself is what the credential proves: libcurl compares certificates, but not their keys. */
static bool set_reuse(ks_transfer *t, CURL *e)
{
    bool    ok = true;
    bool    mtls = t->call->sign != NULL && t->call->sign->how == KS_SIGN_MTLS;
    bool    reuse = t->call->connection_id.n > 0 && t->call->project_id.n > 0 && !mtls;
    CURLSH *share = reuse ? ks_reuse_share(t->project) : NULL;
    if (reuse && share == NULL)
        return false;
    SET(CURLOPT_SHARE, share);
    SET(CURLOPT_FRESH_CONNECT, reuse ? 0L : 1L);
    SET(CURLOPT_FORBID_REUSE, reuse ? 0L : 1L);
    SET(CURLOPT_SSL_SESSIONID_CACHE, reuse ? 1L : 0L);
    SET(CURLOPT_MAXLIFETIME_CONN, 600L);
    SET(CURLOPT_MAXAGE_CONN, 60L);
    return ok;
}

/* What libcurl reads into; held from the beginning of the call. */
static long buffer_bytes(const ks_transfer *t)
{
    if (t->u->busy > MANY)
        return BUFFER_MANY;
    return t->call->stream ? BUFFER_STREAM : BUFFER_COLLECT;
}

/* N7: times and sizes. Streams live as long as bytes move. */
static bool set_limits(const ks_transfer *t, CURL *e)
{
    const ks_call *call = t->call;
    bool           ok = true;
    int64_t        left_ms = t->deadline_us ? (t->deadline_us - ks_mono_us()) / 1000 : 0;
    SET(CURLOPT_CONNECTTIMEOUT_MS, (long)(call->connect_ms > 0 ? call->connect_ms : KS_UP_CONNECT_MS));
    SET(CURLOPT_TIMEOUT_MS, (long)(t->deadline_us == 0 ? 0 : left_ms > 1 ? left_ms : 1));
    SET(CURLOPT_LOW_SPEED_LIMIT, 1L);
    SET(CURLOPT_LOW_SPEED_TIME, (long)(call->silence_s > 0 ? call->silence_s : KS_UP_SILENCE_S));
    SET(CURLOPT_BUFFERSIZE, buffer_bytes(t));
    SET(CURLOPT_ACCEPT_ENCODING, ks_answer_raw(t) ? NULL : "gzip"); /* streams have a line of their own */
    SET(CURLOPT_HTTP_CONTENT_DECODING, ks_answer_raw(t) ? 0L : 1L);
    SET(CURLOPT_HTTP_TRANSFER_DECODING, 1L);
    return ok;
}

/* The terminated literal of a method that upstream/send.c let pass. */
static const char *method_literal(ks_str m)
{
    static const char *const methods[] = {"GET", "POST", "PUT", "PATCH", "DELETE"};
    for (size_t i = 0; i < KS_COUNT(methods); i++) {
        if (ks_str_eq(m, ks_str_of(methods[i])))
            return methods[i];
    }
    return "HEAD";
}

/* Method and body. Small bodies go as POSTFIELDS, in one segment with the headers. */
static bool set_request(ks_transfer *t, CURL *e)
{
    const ks_call *call = t->call;
    bool           ok = true;
    bool           writes = ks_str_eq(call->method, KS_S("POST")) || ks_str_eq(call->method, KS_S("PUT")) ||
                  ks_str_eq(call->method, KS_S("PATCH"));
    SET(CURLOPT_URL, t->wire.url.p);
    SET(CURLOPT_HTTPHEADER, t->wire.list);
    if (ks_str_eq(call->method, KS_S("HEAD"))) {
        SET(CURLOPT_NOBODY, 1L);
        return ok;
    }
    if (t->in != NULL) {
        SET(CURLOPT_UPLOAD, 1L);
        SET(CURLOPT_INFILESIZE_LARGE, (curl_off_t)call->body_size);
        SET(CURLOPT_READFUNCTION, ks_on_read);
        SET(CURLOPT_READDATA, t);
        SET(CURLOPT_SEEKFUNCTION, ks_on_seek);
        SET(CURLOPT_UPLOAD_BUFFERSIZE, BUFFER_STREAM);
    } else if (call->has_body || writes) { /* a write without a body says so: Content-Length: 0 */
        SET(CURLOPT_POST, 1L);
        SET(CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)t->wire.body.n);
        SET(CURLOPT_POSTFIELDS, t->wire.body.n ? t->wire.body.p : "");
    }
    SET(CURLOPT_CUSTOMREQUEST, method_literal(call->method));
    return ok;
}

/* The two ways of signing that are libcurl's. Digest never falls back to Basic; its nonces live and die with
 * this handle. */
static bool set_signing(const ks_transfer *t, CURL *e)
{
    const ks_sign   *s = t->call->sign;
    bool             ok = true;
    struct curl_blob certificate = {t->wire.first.p, t->wire.first.n, CURL_BLOB_NOCOPY};
    struct curl_blob key = {t->wire.second.p, t->wire.second.n, CURL_BLOB_NOCOPY};
    if (s != NULL && s->how == KS_SIGN_DIGEST) {
        SET(CURLOPT_HTTPAUTH, (long)CURLAUTH_DIGEST);
        SET(CURLOPT_USERNAME, t->wire.first.p ? t->wire.first.p : "");
        SET(CURLOPT_PASSWORD, t->wire.second.p ? t->wire.second.p : "");
    } else if (s != NULL && s->how == KS_SIGN_MTLS && t->ghost_port == 0) {
        SET(CURLOPT_SSLCERT_BLOB, &certificate);
        SET(CURLOPT_SSLKEY_BLOB, &key);
        SET(CURLOPT_SSLCERTTYPE, "PEM");
        SET(CURLOPT_SSLKEYTYPE, "PEM");
    }
    return ok;
}

bool ks_options_set(ks_transfer *t)
{
    CURL *e = t->easy;
    bool  ok = true;
    curl_easy_reset(e);
    SET(CURLOPT_PRIVATE, (void *)t);
    SET(CURLOPT_HEADERFUNCTION, ks_on_header);
    SET(CURLOPT_HEADERDATA, t);
    SET(CURLOPT_WRITEFUNCTION, ks_on_body);
    SET(CURLOPT_WRITEDATA, t);
    SET(CURLOPT_PREREQFUNCTION, ks_on_request);
    SET(CURLOPT_PREREQDATA, t);
    return ok && set_safety(t, e) && set_reuse(t, e) && set_limits(t, e) && set_request(t, e) &&
           set_signing(t, e);
}
