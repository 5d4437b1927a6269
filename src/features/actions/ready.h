/* features/actions/ready.h — from a credential to one with all derived values: computed, out of the cache of
 * tokens, or asked for; in between the handler waits (features/tails.h). At most one request for a token of a
 * connection is under way, others wait for its answer. Rules N1, S1, S6. Threads: as the handler. */
#pragma once
#include "features/actions/build.h"
#include "features/tails.h"

typedef enum ks_ready_state {
    KS_READY = 0,
    KS_READY_UNREACHED, /* the token endpoint gave no answer, or none that says anything new of the credential
                         */
    KS_READY_REFUSED,   /* it answered 400, 401 or 403 */
    KS_READY_FAILED     /* a value cannot be made of this credential, or the answer has no token */
} ks_ready_state;

/* How it went; in the arena. */
typedef struct ks_ready {
    ks_ready_state    state;
    ks_str            why; /* not KS_READY: the rest of a sentence about the app: "its token endpoint ..." */
    const ks_subject *subject; /* KS_READY: with every derived value */
    bool              cached;  /* a token was not asked for just now */
} ks_ready;

/* A plain function again, as the handler was. */
typedef ks_status (*ks_ready_next)(ks_ctx *cx, const ks_req *rq, ks_res *rs, const ks_ready *r, void *arg);

enum {
    KS_READY_CHECK = 1,   /* ask anew, and no longer than a check waits */
    KS_READY_UNSTORED = 2 /* values that may never be stored, under a version that others may get: their
                             tokens are neither kept nor waited for */
};

/* Make the values of `s` for `aim`, a call that was built with stand-ins (ks_call.unready), then go on with
 * `next`. Use as: return ks_make_ready(...); */
KS_MUST ks_status ks_make_ready(ks_ctx *cx, ks_res *rs, const ks_subject *s, const ks_call *aim,
                                unsigned flags, ks_ready_next next, void *arg);

/* The vendor refused a call with these values: cached tokens of this connection made before now are used no
 * more. */
void ks_ready_drop(ks_ctx *cx, const ks_subject *s);
