/* features/ghosts/signed.h — is a request to a simulated vendor signed as its app file declares? A signature
 * cannot be looked into, so upstream/ tells the ghost, on loopback, what it was made with (`ks-ghost-sign`);
 * the ghost makes it once more over the request that came. Internal to features/ghosts. Threads: none shared.
 */
#pragma once
#include "features/ghosts/place.h"

/* Is it signed rightly, with values that fit what the app file declares? New values are added, one met before
 * must be the same again. True for schemes that do not sign. NO_MEMORY counts as not signed. */
bool ks_ghost_signed(ks_ctx *cx, const ks_app_scheme *s, const ks_ghost_ask *ask, ks_ghost_values *v);

/* The challenge that such a scheme answers a request without a good signature with; absent: none (only
 * http-digest has one). */
ks_str ks_ghost_challenge(const ks_app_scheme *s);
