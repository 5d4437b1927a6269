/* upstream/sign.h — how a call is signed, as data: the way, and what it needs, with secrets by reference. The
 * bytes are made just before the request leaves, anew for every attempt, because most ways hold the time and
 * a nonce. Two ways are libcurl's and OpenSSL's own affair (upstream/options.c): digest and client
 * certificates. Sources: docs/formats.md "Signatures". Threads: any. */
#pragma once
#include "upstream/call.h"

#define KS_SIGN_PARTS 8

typedef enum ks_sign_how {
    KS_SIGN_AWS4,   /* AWS Signature Version 4, in the Authorization header */
    KS_SIGN_DIGEST, /* RFC 7616: answers the challenge of the vendor's 401 */
    KS_SIGN_HMAC,   /* a keyed hash over a message that the app file lays out */
    KS_SIGN_WSSE,   /* UsernameToken of WS-Security in one header */
    KS_SIGN_OAUTH1, /* RFC 5849 with HMAC */
    KS_SIGN_MTLS    /* a client certificate in the TLS handshake */
} ks_sign_how;

typedef struct ks_sign_part {
    ks_str  name; /* a member of `with` in the app file */
    ks_text text;
} ks_sign_part;

typedef struct ks_sign {
    ks_sign_how  how;
    ks_sign_part parts[KS_SIGN_PARTS];
    size_t       n;
    ks_str       rule; /* for explain: which declaration says so */
} ks_sign;

typedef struct ks_sign_header {
    ks_str name, value;
} ks_sign_header;

/* The request as it leaves, or as it came to a ghost. */
typedef struct ks_sign_ask {
    const ks_sign        *sign;
    bool                  https;
    ks_str                method, host; /* host: as in the Host header */
    ks_str                path, query;  /* as on the wire */
    ks_str                type, body;   /* type: the content type; absent: none */
    bool                  streams;      /* the body is not known */
    const ks_sign_header *headers;      /* those of the request, without what the signature adds */
    size_t                headers_n;
    int64_t               now_us;
    ks_str                nonce; /* 32 hex digits, fresh for every request */
} ks_sign_ask;

/* Name of a way as in app files; NULL beyond the last. */
const char *ks_sign_name(ks_sign_how how);

/* Which way has this name? False: none. */
bool ks_sign_find(ks_str name, ks_sign_how *how);

/* Does the signature need every byte of the body, so that none may be streamed? `type`: its content type. An
 * answer by host and path alone: nothing is revealed. */
bool ks_sign_needs_body(const ks_call *call, ks_str type);

/* Is a header of this name made by the signature, so that nobody else may set it? */
bool ks_sign_makes_header(const ks_sign *s, ks_str name);

/* The header lines of the signature, "Name: value" and a NUL each, behind what `lines` holds; their number is
 * added to *n. Nothing for ways that libcurl does. NULL when it is done, else what stands against it. */
KS_MUST const char *ks_sign_make(const ks_sign_ask *ask, ks_buf *lines, size_t *n);

/* The path as it is to be sent when it is signed so: AWS wants every character in its one spelling, and the
 * names of S3 objects with their slashes as they are. */
void ks_sign_path(const ks_sign *s, ks_str host, ks_str path, ks_buf *out);

/* The bytes of one part; nothing when it is not there. False: it is not there, or memory is short (then `out`
 * has failed). */
bool ks_sign_bytes(const ks_sign *s, const char *part, ks_buf *out);

/* What a ghost must know to check the signature: "part=base64,..."; of a certificate its SHA-256. */
void ks_sign_tell(const ks_sign *s, ks_buf *out);

/* SHA-256 of the text, in hex, behind what is there. */
void ks_sign_sha256(ks_buf *out, ks_str text);

/* For explain: {"how", "rule", "with": {...}, "headers": [...]}. */
void ks_sign_explain(ks_ctx *cx, const ks_sign *s, ks_jw *w, const char *name);
