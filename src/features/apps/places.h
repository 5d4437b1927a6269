/* features/apps/places.h — where the declarations of an app put the values of a credential: what `explain`
 * tells of one call, told of all calls of a scheme, without any value. Pure. Threads: any. */
#pragma once
#include "base/ctx.h"
#include "features/apps/app.h"

typedef struct ks_app_place {
    ks_str field; /* name of a field, or of a derived value */
    bool   secret;
    ks_str where; /* address, header, query, body, user, password, signature, database, check; path, form and
                     argument of an action; or "NAME" of the derived value that is made with it */
    ks_str name;  /* of the header or member; absent: it has none */
    ks_str value; /* as declared: "Bearer {{api_key}}"; absent: the value as it is */
} ks_app_place;

/* All places of scheme `s`, and of `action` (NULL: none), in the order in which they are used.  NO_MEMORY */
KS_MUST ks_status ks_app_places(ks_ctx *cx, const ks_app_scheme *s, const ks_app_action *action,
                                ks_app_place **out, size_t *n);
