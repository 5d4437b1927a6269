/* features/ghosts/ghost.h — simulated vendors: what each app of the catalogue would answer, from the same
 * declarations that build requests to it. Judging is a pure function; nothing is kept and nothing is sent.
 * A value of a credential is good unless it holds one of these words:
 *   wrong    refused, with the first `bad` answer of the check
 *   limited  the check gets its first `limited` answer
 *   slow     the answer comes after KS_GHOST_SLOW_MS, longer than a check waits
 *   down     503
 * A signature is made once more, over the request that came (signed.h).
 * Threads: any. */
#pragma once
#include "features/apps/catalog.h"
#include "http/exchange.h"

#define KS_GHOST_SLOW_MS 6000 /* twice KS_UP_VERIFY_MS */

/* One request as it came. `name` is APP.SCHEME; without a scheme any of the app's will do. */
typedef struct ks_ghost_ask {
    ks_str             name, method, path, query;
    ks_str             raw_path; /* as it came, for signatures: `path` may have lost leading "/api" */
    const ks_req_pair *headers;
    size_t             headers_n;
    ks_str             body;
} ks_ghost_ask;

typedef struct ks_ghost_answer {
    int    status;
    ks_str body; /* JSON, in the arena */
    bool   slow;
    ks_str challenge; /* for WWW-Authenticate; absent: none */
} ks_ghost_answer;

/* What the vendor would answer: refuses a credential that is not in exactly the declared places with exactly
 * the declared words around it, answers the check, and echoes everything else without the credential. */
KS_MUST ks_status ks_ghost_judge(ks_ctx *cx, const ks_catalog *c, const ks_ghost_ask *ask,
                                 ks_ghost_answer *out);
