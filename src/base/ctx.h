/* base/ctx.h — what one call carries: memory, time, caller, and the detail of its failure. Comes first
 * everywhere. Threads: one at a time; a handler that moves to a worker moves with its whole ctx. */
#pragma once
#include "base/arena.h"
#include "base/limits.h"
#include "base/status.h"
#include "base/str.h"

/* Rights of an API key; a route names the one it needs (http/route.h). */
typedef enum ks_scope {
    KS_SCOPE_READ = 1,       /* look at anything of the project; never a credential */
    KS_SCOPE_CONNECT = 2,    /* make, change, delete integrations and connections */
    KS_SCOPE_ACT = 4,        /* use a connection: actions, proxy, call */
    KS_SCOPE_ADMIN = 8,      /* projects, API keys, audit: the control socket, and sessions made there */
    KS_SCOPE_DASHBOARD = 16, /* sign in to the dashboard; no call needs it */
    KS_SCOPE_ALL = 7,        /* what an API key gets by default */
    KS_SCOPE_KEY = 23        /* what an API key can have */
} ks_scope;

typedef struct ks_detail {
    ks_str field;  /* dotted path as the caller wrote it: "data.api_key"; absent when no field is to blame */
    ks_str reason; /* what is wanted there; never the value that was sent (rule S5) */
} ks_detail;

/* Why a call failed. Filled by ks_fail; read at the edge, once. */
typedef struct ks_err {
    ks_status status;
    ks_str    code;    /* finer public slug, or absent: then the status's own */
    ks_str    message; /* one sentence: what is wrong and what to do */
    ks_detail details[KS_MAX_DETAILS];
    size_t    n;
    int       retry_after_s; /* 429 and 503: when to come back; 0 = say nothing */
} ks_err;

struct ks_env;     /* features/env.h: the services of this process as one thread sees them */
struct ks_reach;   /* features/reach.h: what the caller's key is limited to */
struct ks_session; /* features/tokens/session.h: the browser that calls */

typedef struct ks_ctx {
    ks_arena                *arena;
    const struct ks_env     *env;         /* NULL in tests of single units */
    int64_t                  now_us;      /* wall clock, us since the Unix epoch, frozen for the call */
    int64_t                  deadline_us; /* monotonic clock; 0 = none */
    ks_str                   request_id;
    ks_str                   project_id; /* absent until the caller is known */
    ks_str                   actor;      /* id of the API key, "cli", "system" */
    unsigned                 scopes;     /* of enum ks_scope */
    const struct ks_reach   *reach;   /* NULL: the key is not limited; read through features/reach.h alone */
    const struct ks_session *session; /* NULL: no page of the dashboard asks */
    const struct ks_catalog
               *apps; /* as project `apps_of` sees it; features/apps/view.c alone reads these two */
    const char *apps_of;
    bool        starved; /* memory was short once; sticks, and the edge answers out_of_memory */
    ks_err      err;
} ks_ctx;

/* A ctx over `arena` with the clock read now; everything else empty. */
ks_ctx ks_ctx_new(ks_arena *arena, const struct ks_env *env);

/* Record why this call fails and return `status`. `field` NULL: no field is to blame. The message says what
 * to do and never repeats a value of the caller. An earlier failure of the same call is replaced. */
KS_MUST ks_status ks_fail(ks_ctx *cx, ks_status status, const char *field, const char *fmt, ...)
    KS_PRINTF(4, 5);

/* The same with a finer public slug, e.g. "integration_not_found"; `code` is a literal. */
KS_MUST ks_status ks_fail_code(ks_ctx *cx, ks_status status, const char *code, const char *field,
                               const char *fmt, ...) KS_PRINTF(5, 6);

/* Name one more field to a failure that ks_fail began; silently full after KS_MAX_DETAILS. */
void ks_fail_also(ks_ctx *cx, ks_str field, ks_str reason);

/* The failure for "no memory"; the only one that needs none. It sticks: whatever the call does next, nothing
 * that was built without the missing piece is stored, sent or answered (http/exchange.c, rule D7). */
KS_MUST ks_status ks_no_memory(ks_ctx *cx);

/* Arena memory of the call; NULL when exhausted, and then cx->err already says so. */
KS_MUST void *ks_alloc(ks_ctx *cx, size_t n);  /* not cleared */
KS_MUST void *ks_zalloc(ks_ctx *cx, size_t n); /* cleared */

/* A NUL-terminated copy in the arena. Absent text ({NULL,0}) when memory is short. */
ks_str ks_copy(ks_ctx *cx, ks_str s);
/* The same of formatted text, as printf(3). */
ks_str ks_fmt(ks_ctx *cx, const char *fmt, ...) KS_PRINTF(2, 3);

/* A buffer whose memory ends with the arena. `cap` in bytes. NULL when memory is short; when it becomes short
 * later, cx->starved says so, too. Filled while `cx` is there. */
KS_MUST ks_buf *ks_ctx_buf(ks_ctx *cx, size_t cap);
