/* http/exchange.h — one request and its answer, without sockets: what a handler sees, how it ends, what
 * becomes of it. http/listener.c drives exchanges for libmicrohttpd, tests/support/world.c for tests.
 * Threads: the exchange's loop; a handler of a WORKER route or with a body over KS_INLINE_BODY_BYTES runs on
 * a worker. */
#pragma once
#include "base/ctx.h"
#include "base/loop.h"
#include "base/metrics.h"
#include "base/pipe.h"
#include "base/workers.h"

typedef struct ks_req      ks_req;
typedef struct ks_res      ks_res;
typedef struct ks_tail     ks_tail;
typedef struct ks_exchange ks_exchange;

/* A handler is a plain function; it decodes, calls one rule, encodes. It ends in one of three ways:
 *   a reply                     ks_res_json, ks_res_fixed, ... (http/reply.h)
 *   `return ks_res_commit(...)`   the prepared reply leaves after the change is durable   (features/tails.h)
 *   `return ks_res_upstream(...)` a call to a vendor, then `finish`, a plain function again
 * (features/tails.h) A status other than KS_OK becomes the error body of the route's view. */
typedef ks_status (*ks_handler)(ks_ctx *cx, const ks_req *rq, ks_res *rs);

/* How errors and lists look to the callers of a route. */
typedef enum ks_view { KS_VIEW_NATIVE, KS_VIEW_V1, KS_VIEW_V3, KS_VIEW_PAGE } ks_view;

enum {                  /* ks_route.flags */
       KS_PUBLIC = 1,   /* no API key */
       KS_WORKER = 2,   /* blocks: runs on a worker */
       KS_STREAM = 4,   /* the handler runs at the end of the headers; the body comes through rq->body_pipe */
       KS_LOCAL = 8,    /* control socket only; everywhere else 404 */
       KS_NO_BODY = 16, /* a body is read and dropped (v1 enable/disable) */
       KS_FILES = 32,   /* the body may hold files: up to KS_MAX_ACT_BODY_BYTES, for callers with a key */
       KS_ONCE = 64,    /* its answer shows something this once: never kept for an Idempotency-Key */
       KS_WHOLE = 128,  /* concerns the project as a whole: not for keys limited to apps or entities */
       KS_ACTS = 256,   /* acts for a user: repeated with its Idempotency-Key, it is not done again */
       KS_PASS = 512, /* who may call it stands in {pass} of the path (features/pass.h), not in an API key */
       KS_SESSION = 1024, /* a page of the dashboard: who may see it stands in a cookie */
       KS_SIGN_IN = 2048  /* UNAUTHORIZED means a wrong key was tried here (rule H5) */
};

/* A row of a feature's route table; tables end with {0}. Segments: literal, "{name}" (one segment, decoded),
 * or a final
 * "{name...}" (the raw rest, for /ks/call). `summary` and the ids of the promises it keeps feed docs/api.md.
 */
typedef struct ks_route {
    const char *method, *path;
    unsigned    scope; /* enum ks_scope; 0 with KS_PUBLIC */
    ks_handler  run;
    ks_view     view;
    unsigned    flags;
    const char *summary;
} ks_route;

typedef struct ks_req_pair {
    ks_str name, value;
} ks_req_pair;

struct ks_req {
    ks_str             method;
    ks_str             path;     /* raw, leading "/api" segments removed */
    ks_str             raw_path; /* as it came */
    ks_str             query;    /* raw, without '?' */
    const ks_route    *route;
    ks_req_pair        params[4]; /* of the path, decoded; raw for "{name...}" */
    size_t             params_n;
    const ks_req_pair *headers; /* as sent */
    size_t             headers_n;
    ks_str             body;      /* whole, wiped after the exchange; empty on STREAM routes */
    ks_pipe           *body_pipe; /* STREAM routes with a body */
    int64_t            body_size; /* Content-Length, 0 without body, -1 chunked (STREAM only) */
    ks_str peer; /* address of the client: of the connection, or as the trusted proxy says; "" for a unix
                    socket */
    bool local;  /* came by the control socket */
};

/* First header of that name (any case), or absent. */
ks_str ks_req_header(const ks_req *rq, const char *name);

/* Path parameter; absent when the route has none of that name. */
ks_str ks_req_param(const ks_req *rq, const char *name);

/* First query parameter of that name, decoded ('+' is a blank), in the arena; absent when missing or
 * malformed. */
ks_str ks_req_query(ks_ctx *cx, const ks_req *rq, const char *name);

/* A query parameter that is a number from 1 on; *out stays as it is when it is missing. INVALID naming it. */
KS_MUST ks_status ks_req_number(ks_ctx *cx, const ks_req *rq, const char *name, int64_t *out);

#define KS_RES_HEADERS 24
struct ks_res {
    int                status;                  /* HTTP number of a reply; 0 = nothing set */
    ks_str             content_type;            /* default application/json */
    ks_buf            *body;                    /* owned by the arena */
    ks_str             fixed;                   /* or: bytes that outlive the exchange */
    ks_pipe           *stream;                  /* or: a streamed body (referenced) */
    int64_t            stream_size;             /* -1: unknown, chunked */
    ks_req_pair        headers[KS_RES_HEADERS]; /* extra headers, views into the arena */
    size_t             headers_n;
    const ks_req_pair *passed; /* headers of a vendor handed on, each a NUL-terminated copy in the arena */
    size_t             passed_n;
    ks_tail           *tail; /* not NULL: the answer waits for this */
};

/* What an answer waits for. Embedded in the arena by features/tails.c; nothing else makes tails. */
struct ks_tail {
    /* Begin, in the loop. Must lead to exactly one ks_exchange_wake, also on failure, perhaps before it
     * returns. */
    void (*start)(ks_tail *t, ks_exchange *x);
    /* After the wake, in the loop: fill in the reply (or set another rs->tail), or return why it failed. */
    ks_status (*finish)(ks_tail *t, ks_ctx *cx, const ks_req *rq, ks_res *rs);
    /* The caller has left while it was under way: may end it early; ks_exchange_wake comes all the same.
     * NULL: it goes on as if nothing had happened. In the loop. */
    void (*leave)(ks_tail *t, ks_exchange *x);
    ks_post wake; /* used by ks_exchange_wake */
};

/* What all exchanges of one thread share. Routes and hooks are constant. */
typedef struct ks_http_app {
    const ks_route *const       *routes; /* tables, NULL-terminated */
    const struct ks_route_index *index;  /* of the same; NULL: none (http/route.h) */
    /* Who is it? Fills cx->project_id, actor, scopes, or fails with UNAUTHORIZED. The key is taken from
     * x-api-key here and nowhere else (rule K3). Not called for PUBLIC and LOCAL routes. */
    ks_status (*authenticate)(ks_ctx *cx, const ks_req *rq);
    /* Was this very request answered before (rule D3)? Called before every handler that changes something;
     * then the answer is in `rs` and *replayed is true. NULL: never. */
    ks_status (*replay)(ks_ctx *cx, const ks_req *rq, ks_res *rs, bool *replayed);
    /* The page a person sees when a route of KS_VIEW_PAGE fails, from cx->err; in the loop. NULL or a failure
     * of its own: a plain sentence. */
    ks_status (*page_error)(ks_ctx *cx, const ks_req *rq, ks_res *rs);
    const struct ks_env        *env;         /* of the loop thread */
    const struct ks_env *const *worker_envs; /* by worker number; NULL without workers */
    ks_workers                 *workers;     /* NULL: everything runs in the loop */
    ks_loop                    *loop;
    ks_metrics                 *metrics;
    struct ks_limiter          *limiter; /* bad keys per address (http/limiter.h); NULL: none */
    bool                        access_log;
} ks_http_app;

/* Defined openly so that it can be embedded and so that its cost is one allocation; fields belong to
 * exchange.c. */
struct ks_exchange {
    const ks_http_app *app;
    ks_arena          *arena;
    ks_ctx             cx;
    ks_req             rq;
    ks_res             rs;
    int64_t            began_us;                /* monotonic */
    void (*on_done)(ks_exchange *x, void *arg); /* the reply in x->rs is complete; called once, in the loop */
    void  *arg;
    ks_job job;
    bool   done, refused_early;
    bool   left;                                /* the caller has gone */
    bool   ended;                               /* ks_exchange_end was called */
    void (*on_gone)(ks_exchange *x, void *arg); /* NULL, or set after begin: nothing refers to x any more */
    unsigned  holds;                            /* tails and jobs under way, and ks_exchange_hold */
    ks_post   post;                             /* the way back from a worker */
    ks_status result;                           /* of the handler there */
};

/* Make an exchange ready: arena, ctx, request id (x-request-id of the caller if it is 1..128 of
 * [A-Za-z0-9_.-], else a fresh one). Then fill in x->rq but route and params. False when memory is short. */
KS_MUST bool ks_exchange_begin(ks_exchange *x, const ks_http_app *app, ks_arena *arena,
                               void (*on_done)(ks_exchange *x, void *arg), void *arg);

/* At the end of the headers: find the route, check the right to be here as far as no body is needed (route,
 * method, size, content type, content length). KS_OK: go on and read the body. Otherwise the error reply is
 * in x->rs: send it and close. */
KS_MUST ks_status ks_exchange_headers(ks_exchange *x);

/* With the body there (or the pipe, on STREAM routes): authenticate, run the handler and its tails; leads to
 * on_done. */
void ks_exchange_run(ks_exchange *x);

/* Refuse outright with an error of ours (http/gate, deadlines): fills x->rs. The route may be unknown. */
void ks_exchange_refuse(ks_exchange *x, ks_status status, const char *message);

/* The caller has gone before its answer was complete: what still waits for a vendor ends early
 * (ks_tail.leave), the handler is brought to its end. In the loop; more than once is fine. */
void ks_exchange_leave(ks_exchange *x);

/* From any thread, once per started tail: go on in the loop with finish. */
void ks_exchange_wake(ks_exchange *x);

/* Keep the exchange and its arena although its answer may be over: a streamed transfer still refers to them.
 * Loop thread; each hold needs one release, after which the exchange may be gone. */
void ks_exchange_hold(ks_exchange *x);
/* Undo one hold; after the last one of an ended exchange, on_gone is called. */
void ks_exchange_release(ks_exchange *x);

/* Counts, logs (route template, never the path) and gives the arena's content back: at once, or when the last
 * hold is released; then on_gone is called. After the answer has left, or when there is nobody to take it:
 * what the handler began is then still brought to its end, but on_done is not called any more. */
void ks_exchange_end(ks_exchange *x, int64_t bytes_out);
