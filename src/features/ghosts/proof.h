/* features/ghosts/proof.h — what a simulated vendor hands out and demands back: tokens, members of its
 * answers, and the signatures of tokens (JWT) that a client makes itself. Nothing is kept: a ghost's token
 * says itself whose it is, and is signed. Internal to features/ghosts. Threads: any. */
#pragma once
#include "base/json.h"
#include "features/ghosts/place.h"

/* The words of ghost.h that came with the credential a token was handed out for; at most one counts. */
typedef struct ks_ghost_proof {
    ks_ctx              *cx;
    const ks_app        *app;
    const ks_app_scheme *s;
    const ks_ghost_ask  *ask;
    ks_str               word; /* absent: none */
} ks_ghost_proof;

/* A token for the derived value `name`, good for an hour and bound to the values `v`. Absent when memory is
 * short. */
ks_str ks_ghost_issue(const ks_ghost_proof *p, ks_str name, const ks_ghost_values *v, ks_str word);

/* The text of a member of the answer with a token: an address on the hosts of the app, or a fixed text. */
ks_str ks_ghost_member(const ks_ghost_proof *p, ks_str name);

/* Is `token` one of this ghost for `name`, not ended, and handed out for the credential whose values are `v`?
 */
bool ks_ghost_issued(ks_ghost_proof *p, ks_str name, ks_str token, const ks_ghost_values *v);

/* Is every derived value among `v` what this ghost handed out, not ended, for this very credential; and every
 * signed token right in signature, header, claims and stamps? Values of claims join `v`. */
bool ks_ghost_proven(ks_ghost_proof *p, ks_ghost_values *v);

/* Is the JSON object `sent` what the document `tpl` of an app file asks for? */
bool ks_ghost_json(const ks_ghost_proof *p, const ks_json *tpl, const ks_json *sent, ks_ghost_values *v);
