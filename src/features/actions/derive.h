/* features/actions/derive.h — values that no person types, made of those that somebody did (docs/formats.md
 * "Derived values"), one after the other. What needs an answer of the vendor is left to the caller: this asks
 * nobody and keeps nothing. Values join a copy of the credential under their names, as secrets among secrets
 * (rule S6). Internal to features/. Threads: none shared. */
#pragma once
#include "features/actions/build.h"

/* Where the key that a ghost checks signatures with stands among the values; no name of an app file is so. */
#define KS_DERIVE_CHECK "ghost key"
/* Behind the name of a token: what renews it. */
#define KS_DERIVE_REFRESH " refresh"

/* A credential that is being made ready. */
typedef struct ks_derive {
    ks_subject     subject; /* its credential is `ready` */
    ks_credential  ready;
    const ks_call *aim; /* built with stand-ins: what all is made for (the stamp `uri`) */
} ks_derive;

/* What one answer of a token endpoint gave. */
typedef struct ks_grant {
    ks_value values[KS_MAX_FIELDS]; /* the token, members of its answer, what renews it */
    size_t   n;
    int64_t  life_us; /* how long it may be kept; 0: not at all */
} ks_grant;

/* Exchange *s for a copy in which every derived value is there: computed where no secret is needed for it,
 * else a stand-in, and then credential->stands_in. *s stays when nothing is missing. NO_MEMORY */
KS_MUST ks_status ks_derive_stand_in(ks_ctx *cx, const ks_subject **s);

/* Is the value an address: does the host part of the base, or of a token request, use it? */
bool ks_derive_is_address(const ks_app_scheme *s, ks_str name);

/* Begin with the stored values of `s` alone; `aim` must live as long.  NO_MEMORY */
KS_MUST ks_status ks_derive_begin(ks_ctx *cx, const ks_subject *s, const ks_call *aim, ks_derive *d);

/* Make all that can be made. *token is the one to be asked for next (ks_build_token with d->subject), NULL
 * when everything is there. INVALID (code derive_failed) naming the value that cannot be made, and why. */
KS_MUST ks_status ks_derive_step(ks_ctx *cx, ks_derive *d, const ks_app_derived **token);

/* Can what needs no answer be made? *why says what cannot and for which reason, else it is absent. NO_MEMORY
 */
KS_MUST ks_status ks_derive_try(ks_ctx *cx, const ks_subject *s, ks_str *why);

/* Read what a good answer to the request for `t` holds. INVALID when there is no token where the app file
 * says so. */
KS_MUST ks_status ks_derive_read(ks_ctx *cx, const ks_app_scheme *s, const ks_app_derived *t,
                                 const ks_answer *a, ks_grant *out);

/* Values of a grant, now or from before, join the others. */
void ks_derive_put(ks_derive *d, const ks_value *values, size_t n);

/* The signed token `x` (make: jwt) from the values in `d`. INVALID with the reason. */
KS_MUST ks_status ks_derive_jwt(ks_ctx *cx, const ks_derive *d, const ks_app_derived *x, ks_secret **out);

/* A template with the values in `c`, joined. INVALID when one is missing. */
KS_MUST ks_status ks_derive_text(ks_ctx *cx, const ks_credential *c, ks_str tpl, ks_secret **out);
