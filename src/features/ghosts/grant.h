/* features/ghosts/grant.h — the token endpoints of simulated vendors: the request that an app file declares
 * is demanded word for word, and answered with a token (proof.h). Internal to features/ghosts. Threads: any.
 */
#pragma once
#include "features/ghosts/answer.h"
#include "features/ghosts/proof.h"

/* Is the request one for a token of the scheme, by method and path? Then *is, and *out is the answer: 401 for
 * anything but the declared credential in the declared places, and for values with `wrong`. */
KS_MUST ks_status ks_ghost_grant(const ks_ghost_proof *p, ks_ghost_answer *out, bool *is);
