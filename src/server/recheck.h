/* server/recheck.h — the clock behind the planned checks of credentials: asks the feature, one connection at
 * a time, for what is due (features/connections). Threads: loop 0. */
#pragma once
#include "http/exchange.h"

typedef struct ks_recheck {
    ks_http_app app; /* loop 0's, without access log and counters */
    ks_arena   *arena;
    ks_exchange x;
    ks_timer    timer;
    ks_post     end;
    bool        busy, stopping;
} ks_recheck;

/* Begin: the first look comes within seconds. NO_MEMORY. `r` is zeroed and must outlive the loop. */
KS_MUST ks_status ks_recheck_start(ks_ctx *cx, ks_recheck *r, const ks_http_app *app);

/* No further look; ks_recheck_busy tells when the last one has ended. */
void ks_recheck_stop(ks_recheck *r);
/* Is a look under way? Then the loop must go on turning. */
bool ks_recheck_busy(const ks_recheck *r);

/* After the loop has ended. */
void ks_recheck_done(ks_recheck *r);
