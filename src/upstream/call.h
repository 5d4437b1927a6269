/* upstream/call.h — an outbound request as data, built by a pure function and shown by `explain` before it is
 * sent by upstream/send.h. Secrets stand in it by reference; only upstream/ turns them into bytes. No I/O, no
 * state. */
#pragma once
#include "base/json.h"
#include "base/pipe.h"
#include "base/secret.h"
#include "upstream/url.h"

/* How a value is written where it stands (rule T2). */
typedef enum ks_enc {
    KS_ENC_NONE,
    KS_ENC_PERCENT,
    KS_ENC_JSON,
    KS_ENC_BASE64,
    KS_ENC_REQUEST /* `text` names a part of the request: the signer writes that part there (upstream/sign.h)
                    */
} ks_enc;

/* A stretch of literal text, or a reference to a secret. */
typedef struct ks_piece {
    ks_str           text;   /* the literal; for a secret: the name of its field, shown as ‹name› */
    const ks_secret *secret; /* NULL for a literal */
    ks_enc enc; /* applied to the secret, or to the literal (builders usually encode literals themselves) */
} ks_piece;

/* Pieces in order. `whole_base64`: the joined bytes are written in base64 (Basic credentials), behind `lead`.
 */
typedef struct ks_text {
    ks_str    lead; /* e.g. "Basic "; usually empty */
    ks_piece *pieces;
    size_t    n;
    bool      whole_base64;
} ks_text;

typedef struct ks_out_header {
    ks_str  name;
    ks_text value;
    ks_str  rule; /* for explain: which declaration put it here, e.g. "stripe: send.headers" */
} ks_out_header;

/* Names of headers, borrowed. */
typedef struct ks_names {
    const ks_str *at;
    size_t        n;
} ks_names;

typedef struct ks_call {
    ks_str         method;
    ks_origin      origin;
    ks_text        path;  /* whole, begins with '/', base path included */
    ks_text        query; /* without '?'; no pieces = none */
    ks_str         query_rule;
    ks_out_header *headers;
    size_t         headers_n;
    ks_str         content_type; /* absent: none */
    ks_text        body;
    bool           has_body;
    ks_str         host_rule; /* for explain: why this host is allowed */

    const struct ks_sign *sign; /* how it is signed as it leaves (upstream/sign.h); NULL: not at all */

    ks_str app, scheme; /* catalogue names; the ghost and the metrics want them */
    bool   ghost_only;  /* the demo app: always its ghost, never a network */
    ks_str project_id,
        connection_id; /* connection_id absent: credentials came with the call; nothing is reused (rule N6) */

    const ks_secret *const
          *secrets; /* what must not come back (rule S6): every value that is marked secret */
    size_t secrets_n;

    int              connect_ms, total_ms; /* 0: the defaults of base/limits.h */
    int              silence_s;            /* without a byte; 0: KS_UP_SILENCE_S */
    size_t           max_answer;           /* bytes; 0: KS_UP_MAX_ANSWER */
    bool             unready;    /* holds stand-ins for derived values: shown by explain, never sent */
    const ks_secret *ghost_key;  /* what a ghost checks signatures with, in base64; sent to ghosts alone */
    bool             own_origin; /* the caller named the base URL and brought all credentials */
    bool             stream;     /* no total time, no size limit: body and answer run through pipes */
    ks_pipe         *body_pipe;  /* stream: the request body, or NULL */
    int64_t          body_size;  /* stream: its length, -1 = chunked */
    ks_str   accept_encoding;    /* stream: what its caller can unpack, as it says; absent: says nothing */
    ks_names rate_after, rate_at, rate_left; /* header names: seconds to wait; moment of reset; calls left
                                                until then. "retry-after" is always read */
    bool keyed;       /* carries a key by which the vendor knows a repeated write: may be sent again */
    bool until_left;  /* ends when its caller leaves (ks_upstream_leave) */
    int  max_wait_ms; /* for a vendor that asked to wait; 0: the upstream's own; -1: none */
} ks_call;

/* What became of it. */
typedef enum ks_outcome {
    KS_UP_ANSWERED,  /* the vendor answered; see status */
    KS_UP_UNREACHED, /* DNS, connect, TLS or time-out before an answer; under --ghost: not a vendor of the
                        catalogue */
    KS_UP_REFUSED,   /* our address or origin policy said no: nothing was sent */
    KS_UP_TOO_LARGE, /* more than max_answer, header limits, or a suspicious ratio */
    KS_UP_BROKEN,    /* the answer ended early or cannot be inspected */
    KS_UP_BUSY,      /* our own limits: try again later */
    KS_UP_HELD, /* the vendor asked this connection to wait, longer than the call may: nothing was sent */
    KS_UP_LEFT  /* the caller left before the answer came; `sent` tells whether the vendor may have acted */
} ks_outcome;

typedef struct ks_answer {
    ks_outcome  outcome;
    const char *why; /* literal: what happened, for people; never NULL */
    int         status;
    struct ks_answer_header {
        ks_str name, value; /* name lower-case; secrets replaced */
    } * headers;
    size_t headers_n;
    ks_str body;          /* collected answers: secrets replaced */
    ks_str type;          /* content type as sent, absent if none */
    bool   redacted;      /* a secret was found and replaced */
    int    retry_after_s; /* 429, 503 and KS_UP_HELD: what the vendor asked for; KS_UP_UNREACHED: when it is
                             tried again; 0 = nothing */
    bool    sent;         /* a request, or a part of one, left */
    int64_t took_us;
} ks_answer;

/* Header of an answer, any case; absent when missing. */
ks_str ks_answer_header(const ks_answer *a, ks_str name);

/* The text with every secret as ‹name› (its encoding is not shown; whole_base64 as
 * "base64(user:‹password›)"). */
ks_str ks_text_explain(ks_ctx *cx, const ks_text *t);

/* The whole call as JSON for `explain`: method, url, headers with their rules, body, why the host is allowed.
 */
void ks_call_explain(ks_ctx *cx, const ks_call *call, ks_jw *w, const char *name);
