/* features/calls/calls.h — the log of calls: a line for each call that was sent with a connection, or that
 * was tried. It shows people what goes on, is kept for a while (--calls-keep) and proves nothing: that is the
 * audit trail's. No value, no body and no query of a call is in it. docs/api.md CALL-1 to CALL-4. Threads:
 * the caller's. */
#pragma once
#include "features/env.h"
#include "upstream/call.h"

typedef struct ks_call_line {
    int64_t id, time;                 /* time: when it was over, us since the Unix epoch */
    ks_str  entity_id, connection_id; /* absent: credentials came with the call, or none are needed */
    ks_str  app, what;                /* what: an action, or METHOD and path as the caller wrote them */
    int     status;                   /* of the vendor's answer; 0: there was none */
    ks_str  result;                   /* ok, or why not: ks_call_result */
    int64_t took_us;
    ks_str  request_id, actor; /* actor: id of the API key */
} ks_call_line;

/* Which lines; absent members do not filter. */
typedef struct ks_call_filter {
    ks_str  entity_id, connection_id, app; /* app: any of its names */
    bool    failed;                        /* those whose result is not ok */
    int64_t behind;                        /* begin behind the line with this id; 0: at the newest */
    bool    newer; /* go towards the newer ones; what is found is newest first all the same */
    int64_t limit; /* lines, 1 to KS_CALLS_MAX */
} ks_call_filter;

#define KS_CALLS_MAX 1000

/* The word for what became of a call: ok, vendor_error (an answer of 400 and more), unreachable, too_large,
 * broken, caller_left; absent when nothing was tried, and so there is no line. */
ks_str ks_call_result(const ks_answer *a);

/* METHOD and path of a request in the caller's own words, without the query: at most KS_MAX_CALL_WHAT bytes.
 * Absent when memory is short. */
ks_str ks_call_what(ks_ctx *cx, ks_str method, ks_str endpoint);

/* Add a line to `change`, as of now; project, request id and actor are those of `cx`. Nothing is added when
 * the server keeps no log.  NO_MEMORY */
KS_MUST ks_status ks_calls_add(ks_ctx *cx, ks_change *change, const ks_call_line *line);

/* Lines of the caller's project, and of what its key reaches, newest first; *more: there are others in this
 * direction.  STORE  NO_MEMORY */
KS_MUST ks_status ks_calls_list(ks_ctx *cx, const ks_call_filter *f, ks_call_line **out, size_t *n,
                                bool *more);

/* One of them.  NOT_FOUND  STORE  NO_MEMORY */
KS_MUST ks_status ks_calls_get(ks_ctx *cx, int64_t id, ks_call_line *out);

/* That of a request; absent when it has none, or ended long after it began.  NOT_FOUND  STORE  NO_MEMORY */
KS_MUST ks_status ks_calls_find(ks_ctx *cx, ks_str request_id, ks_call_line *out);

/* How many lines the project has since `since` (us), and how many of these failed. For callers who may see
 * all of the project: it does not look at what a key reaches.  STORE */
KS_MUST ks_status ks_calls_count(ks_ctx *cx, int64_t since, int64_t *all, int64_t *failed);
