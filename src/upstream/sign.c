/* upstream/sign.c — the ways of signing by name, what they need in bytes, and the two that are one header:
 * HMAC and WSSE. AWS and OAuth 1 have files of their own. Decides no secret's place: features/actions says
 * it. Source: docs/formats.md "Signatures"; OASIS WS-Security UsernameToken 1.1. Threads: any. */
#include "upstream/sign.h"

#include "base/enc.h"
#include "upstream/sign_in.h"

#define MAX_PART  ((size_t)2 * KS_MAX_SECRET_TEXT)
#define MAX_PLAIN ((size_t)4 * KS_MAX_ACT_BODY_BYTES) /* a message that holds the body */

typedef struct way {
    const char *name;
    const char *(*make)(const ks_sign_ask *ask, ks_buf *lines, size_t *n); /* NULL: libcurl does it */
    const char *headers[6];                                                /* those it makes */
} way;

static const way ways[] = {
    [KS_SIGN_AWS4] = {"aws-sigv4",
                      ks_sign_aws4,
                      {"Authorization", "X-Amz-Date", "X-Amz-Content-Sha256", "X-Amz-Security-Token"}},
    [KS_SIGN_DIGEST] = {"http-digest", NULL, {"Authorization"}},
    [KS_SIGN_HMAC] = {"hmac", ks_sign_hmac, {NULL}},
    [KS_SIGN_WSSE] = {"wsse", ks_sign_wsse, {NULL}},
    [KS_SIGN_OAUTH1] = {"oauth1", ks_sign_oauth1, {"Authorization"}},
    [KS_SIGN_MTLS] = {"mtls", NULL, {NULL}},
};

const char *ks_sign_name(ks_sign_how how)
{
    return (size_t)how < KS_COUNT(ways) ? ways[how].name : NULL;
}

bool ks_sign_find(ks_str name, ks_sign_how *how)
{
    for (size_t i = 0; i < KS_COUNT(ways); i++) {
        if (ks_str_eq(name, ks_str_of(ways[i].name))) {
            *how = (ks_sign_how)i;
            return true;
        }
    }
    return false;
}

/* ---- parts ---- */

static const ks_text *find(const ks_sign *s, const char *part)
{
    for (size_t i = 0; i < s->n; i++) {
        if (ks_str_eq(s->parts[i].name, ks_str_of(part)))
            return &s->parts[i].text;
    }
    return NULL;
}

bool ks_sign_bytes(const ks_sign *s, const char *part, ks_buf *out)
{
    const ks_text *t = find(s, part);
    for (size_t i = 0; t != NULL && i < t->n; i++)
        ks_buf_str(out, t->pieces[i].secret ? ks_secret_reveal(t->pieces[i].secret) : t->pieces[i].text);
    return t != NULL && ks_buf_ok(out);
}

const char *ks_sign_need(const ks_sign *s, const char *part, ks_buf *out)
{
    if (!ks_sign_bytes(s, part, out) && !ks_buf_ok(out))
        return KS_WIRE_MEMORY;
    return out->n > 0 ? NULL : "a value that its signature needs is missing; connect again with it";
}

/* The word of a part that is the same for all connections of an app. */
static bool says(const ks_sign *s, const char *part, const char *word)
{
    const ks_text *t = find(s, part);
    return t != NULL && t->n == 1 && t->pieces[0].secret == NULL &&
           ks_str_eq(t->pieces[0].text, ks_str_of(word));
}

static bool uses_request(const ks_text *t, const char *what)
{
    for (size_t i = 0; t != NULL && i < t->n; i++) {
        if (t->pieces[i].enc == KS_ENC_REQUEST &&
            (what == NULL || ks_str_eq(t->pieces[i].text, ks_str_of(what))))
            return true;
    }
    return false;
}

bool ks_sign_needs_body(const ks_call *call, ks_str type)
{
    const ks_sign *s = call->sign;
    if (s == NULL)
        return false;
    if (s->how == KS_SIGN_AWS4)
        return !ks_sign_is_s3(s, call->origin.host);
    if (s->how == KS_SIGN_HMAC)
        return uses_request(find(s, "message"), "body");
    if (s->how == KS_SIGN_OAUTH1)
        return ks_str_ieq(ks_str_sub(type, 0, 33), KS_S("application/x-www-form-urlencoded"));
    return s->how ==
           KS_SIGN_DIGEST; /* the first request goes without its body, and a stream comes but once */
}

bool ks_sign_makes_header(const ks_sign *s, ks_str name)
{
    ks_buf own = ks_buf_new(MAX_PART);
    if (s == NULL)
        return false;
    bool hit = ks_sign_bytes(s, "header", &own) && ks_str_ieq(name, ks_buf_view(&own));
    hit |= own.failed; /* short of memory: rather refused than doubled */
    ks_buf_done(&own);
    for (size_t i = 0; i < KS_COUNT(ways[s->how].headers) && ways[s->how].headers[i] != NULL; i++)
        hit |= ks_str_ieq(name, ks_str_of(ways[s->how].headers[i]));
    return hit || (s->how == KS_SIGN_HMAC && ks_str_ieq(name, KS_S("date")));
}

const char *ks_sign_make(const ks_sign_ask *ask, ks_buf *lines, size_t *n)
{
    const way *w = &ways[ask->sign->how];
    if (w->make == NULL)
        return NULL;
    const char *fault = w->make(ask, lines, n);
    return !ks_buf_ok(lines) ? KS_WIRE_MEMORY : fault;
}

void ks_sign_path(const ks_sign *s, ks_str host, ks_str path, ks_buf *out)
{
    ks_buf plain = ks_buf_new(MAX_PART);
    if (s->how != KS_SIGN_AWS4) {
        ks_buf_str(out, path);
        return;
    }
    bool s3 = ks_sign_is_s3(s, host);
    while (path.n > 0) {
        size_t slash = ks_str_chr(path, '/');
        ks_buf_clear(&plain);
        ks_sign_decode(&plain, ks_str_sub(path, 0, slash), false);
        ks_sign_encode(out, ks_buf_view(&plain), s3);
        if (slash != SIZE_MAX)
            ks_buf_c(out, '/');
        path = slash == SIZE_MAX ? KS_NO_STR : ks_str_sub(path, slash + 1, SIZE_MAX);
    }
    out->failed |= plain.failed;
    ks_buf_done(&plain);
}

/* ---- HMAC over a message of the app's own ---- */

/* A template with parts of the request in it; `signature` absent while the message is made. */
static void put_laid_out(ks_buf *b, const ks_sign_ask *ask, const char *part, ks_str date, ks_str signature)
{
    const ks_text *t = find(ask->sign, part);
    const struct {
        const char *name;
        ks_str      value;
    } known[] = {{"method", ask->method}, {"path", ask->path}, {"query", ask->query},
                 {"body", ask->body},     {"date", date},      {"signature", signature}};
    for (size_t i = 0; t != NULL && i < t->n; i++) {
        const ks_piece *p = &t->pieces[i];
        if (p->enc != KS_ENC_REQUEST) {
            ks_buf_str(b, p->secret ? ks_secret_reveal(p->secret) : p->text);
            continue;
        }
        for (size_t k = 0; k < KS_COUNT(known); k++) {
            if (ks_str_eq(p->text, ks_str_of(known[k].name)))
                ks_buf_str(b, known[k].value);
        }
    }
}

static const char *keyed(const ks_sign_ask *ask, ks_str date, ks_buf *signature)
{
    ks_buf algorithm = ks_buf_new(MAX_PART), key = ks_buf_new(MAX_PART), message = ks_buf_new(MAX_PLAIN);
    ks_hash_kind kind = KS_HASH_SHA256;
    const char  *fault = ks_sign_need(ask->sign, "algorithm", &algorithm);
    if (fault == NULL && !ks_hash_find(ks_buf_view(&algorithm), &kind))
        fault = "its app file names a hash that is not known";
    if (fault == NULL)
        fault = ks_sign_need(ask->sign, "key", &key);
    put_laid_out(&message, ask, "message", date, KS_S(""));
    ks_hash mac = ks_hash_keyed(kind, ks_buf_view(&key), ks_buf_view(&message));
    if (says(ask->sign, "value_as", "base64"))
        ks_hash_base64(signature, &mac);
    else
        ks_hash_hex(signature, &mac);
    signature->failed |= !ks_buf_ok(&message);
    ks_buf_done(&algorithm);
    ks_buf_done(&key);
    ks_buf_done(&message);
    return fault;
}

const char *ks_sign_hmac(const ks_sign_ask *ask, ks_buf *lines, size_t *n)
{
    ks_buf date = ks_buf_new(64), signature = ks_buf_new(1024), value = ks_buf_new(MAX_PART),
           name = ks_buf_new(1024);
    bool dated = uses_request(find(ask->sign, "message"), "date") ||
                 uses_request(find(ask->sign, "value"), "date");
    ks_sign_time_http(&date, ask->now_us);
    const char *fault = ks_sign_need(ask->sign, "header", &name);
    if (fault == NULL && ask->streams && uses_request(find(ask->sign, "message"), "body"))
        fault = "this vendor wants the body signed, so it cannot be streamed";
    if (fault == NULL)
        fault = keyed(ask, ks_buf_view(&date), &signature);
    if (find(ask->sign, "value") != NULL)
        put_laid_out(&value, ask, "value", ks_buf_view(&date), ks_buf_view(&signature));
    else
        ks_buf_str(&value, ks_buf_view(&signature));
    if (fault == NULL && dated)
        fault = ks_sign_line(lines, n, KS_S("Date"), ks_buf_view(&date));
    if (fault == NULL)
        fault = ks_sign_line(lines, n, ks_buf_view(&name), ks_buf_view(&value));
    lines->failed |= !ks_buf_ok(&date) || !ks_buf_ok(&signature) || !ks_buf_ok(&value);
    ks_buf_done(&date);
    ks_buf_done(&signature);
    ks_buf_done(&value);
    ks_buf_done(&name);
    return fault;
}

/* ---- WSSE ---- */

/* PasswordDigest = base64(sha1(nonce, created, secret)). The standard hashes the nonce's bytes and sends them
 * in base64; some vendors take its hex digits as they are, and the hash in hex before base64. */
static void put_token(const ks_sign_ask *ask, ks_str user, ks_str secret, ks_buf *out)
{
    ks_buf plain = ks_buf_new(MAX_PART), digest = ks_buf_new(256), created = ks_buf_new(64);
    bool   hex = says(ask->sign, "digest_as", "hex");
    char   nonce[16] = {0};
    ks_sign_time_iso(&created, ask->now_us);
    out->failed |= !ks_dec_hex(ask->nonce, nonce, sizeof nonce);
    ks_buf_str(&plain, hex ? ask->nonce : (ks_str){nonce, sizeof nonce});
    ks_buf_str(&plain, ks_buf_view(&created));
    ks_buf_str(&plain, secret);
    ks_hash h = ks_hash_of(KS_HASH_SHA1, ks_buf_view(&plain));
    ks_buf_fmt(out, "UsernameToken Username=\"" KS_FMT "\", PasswordDigest=\"", KS_ARG(user));
    if (hex) {
        ks_hash_hex(&digest, &h);
        ks_enc_base64(out, ks_buf_view(&digest));
    } else {
        ks_hash_base64(out, &h);
    }
    ks_buf_z(out, "\", Nonce=\"");
    if (hex)
        ks_buf_str(out, ask->nonce);
    else
        ks_enc_base64(out, (ks_str){nonce, sizeof nonce});
    ks_buf_fmt(out, "\", Created=\"" KS_FMT "\"", KS_ARG(ks_buf_view(&created)));
    out->failed |= !ks_buf_ok(&plain) || !ks_buf_ok(&digest) || !ks_buf_ok(&created);
    ks_buf_done(&plain);
    ks_buf_done(&digest);
    ks_buf_done(&created);
}

const char *ks_sign_wsse(const ks_sign_ask *ask, ks_buf *lines, size_t *n)
{
    ks_buf user = ks_buf_new(MAX_PART), secret = ks_buf_new(MAX_PART), name = ks_buf_new(1024),
           value = ks_buf_new(MAX_PART);
    const char *fault = ks_sign_need(ask->sign, "user", &user);
    if (fault == NULL)
        fault = ks_sign_need(ask->sign, "secret", &secret);
    if (fault == NULL)
        fault = ks_sign_need(ask->sign, "header", &name);
    if (fault == NULL &&
        (ks_str_chr(ks_buf_view(&user), '"') != SIZE_MAX || ks_str_chr(ks_buf_view(&user), '\\') != SIZE_MAX))
        fault = "the user name holds a quote or a backslash";
    put_token(ask, ks_buf_view(&user), ks_buf_view(&secret), &value);
    if (fault == NULL)
        fault = ks_sign_line(lines, n, ks_buf_view(&name), ks_buf_view(&value));
    lines->failed |= !ks_buf_ok(&value);
    ks_buf_done(&user);
    ks_buf_done(&secret);
    ks_buf_done(&name);
    ks_buf_done(&value);
    return fault;
}

/* ---- ghosts and people ---- */

void ks_sign_tell(const ks_sign *s, ks_buf *out)
{
    size_t told = 0;
    for (size_t i = 0; i < s->n; i++) {
        const ks_sign_part *p = &s->parts[i];
        ks_buf              value = ks_buf_new(MAX_PART);
        bool                certificate = s->how == KS_SIGN_MTLS && ks_str_eq(p->name, KS_S("certificate"));
        if (uses_request(&p->text, NULL) || (s->how == KS_SIGN_MTLS && !certificate))
            continue;
        bool there = ks_sign_bytes(s, p->name.p, &value);
        if (certificate) {
            ks_hash h = ks_hash_of(KS_HASH_SHA256, ks_buf_view(&value));
            ks_buf_clear(&value);
            ks_hash_hex(&value, &h);
        }
        out->failed |= !there;
        ks_buf_fmt(out, "%s" KS_FMT "=", told++ > 0 ? "," : "", KS_ARG(p->name));
        ks_enc_base64(out, ks_buf_view(&value));
        ks_buf_done(&value);
    }
}

void ks_sign_explain(ks_ctx *cx, const ks_sign *s, ks_jw *w, const char *name)
{
    ks_buf *own = ks_ctx_buf(cx, MAX_PART);
    if (own == NULL)
        return;
    ks_jw_obj(w, name);
    ks_jw_str(w, "how", ks_str_of(ks_sign_name(s->how)));
    ks_jw_str(w, "rule", s->rule);
    ks_jw_obj(w, "with");
    for (size_t i = 0; i < s->n; i++) {
        ks_jw_name(w, s->parts[i].name);
        ks_jw_str(w, NULL, ks_text_explain(cx, &s->parts[i].text));
    }
    ks_jw_end(w, '}');
    ks_jw_arr(w, "headers");
    for (size_t i = 0; i < KS_COUNT(ways[s->how].headers) && ways[s->how].headers[i] != NULL; i++)
        ks_jw_str(w, NULL, ks_str_of(ways[s->how].headers[i]));
    if (find(s, "header") != NULL)
        ks_jw_str(w, NULL, ks_text_explain(cx, find(s, "header")));
    ks_jw_end(w, ']');
    ks_jw_end(w, '}');
}
