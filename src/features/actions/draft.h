/* features/actions/draft.h — a ks_call while it is being built: base, credentials, headers. Internal to
 * features/actions. Pure. Threads: none shared. */
#pragma once
#include "features/actions/build.h"
#include "features/actions/pieces.h"

typedef struct ks_draft {
    ks_ctx           *cx;
    const ks_subject *s;
    ks_call          *call;
    ks_pieces         path, query;
    size_t            header_room;
    bool              bare;        /* no stand-ins: a derived value that is not there is missing */
    bool              secret_base; /* the path of the base holds a secret: no whole URL of a caller fits it */
} ks_draft;

/* An empty call for this subject and method; INVALID for a method that is not GET POST PUT PATCH DELETE HEAD.
 */
KS_MUST ks_status ks_draft_new(ks_ctx *cx, const ks_subject *s, ks_str method, ks_draft *d);

/* Origin and base path: of the scheme's template, or of own->base_url. */
KS_MUST ks_status ks_draft_base(ks_draft *d, const ks_own_auth *own);

/* An app file may name a whole https URL on one of its hosts instead of a path: set origin and path from it,
 * and leave in *path what follows the host (templates and {params} still in it). Other paths are left alone.
 */
KS_MUST ks_status ks_draft_absolute(ks_draft *d, ks_str *path);

/* Put the stored credential where the scheme declares it (but for body members), or the caller's own instead.
 */
KS_MUST ks_status ks_draft_credentials(ks_draft *d, const ks_own_auth *own);

/* Set the origin and the path of its base from "https://host/path" or "{{url}}/path" (rule N1 is the
 * caller's); *rest is what follows the host. INVALID naming `field`. */
KS_MUST ks_status ks_draft_origin(ks_draft *d, const char *field, ks_str tpl, ks_str *rest);

/* Is the host of the call one of `hosts`? Then its rule is noted for explain. NO_MEMORY */
KS_MUST ks_status ks_draft_held(ks_draft *d, bool *held);

/* A path template that may hold a query, behind what is there: "/me?key={{api_key}}". False when a value for
 * it is missing. */
bool ks_draft_target(ks_draft *d, ks_str tpl);

/* Add a header; `rule` says why, for explain. */
KS_MUST ks_status ks_draft_header(ks_draft *d, ks_str name, ks_text value, ks_str rule);
/* The same for literals of ours. */
KS_MUST ks_status ks_draft_header_text(ks_draft *d, const char *name, const char *value);
/* Is there a header of that name (any case) already? */
bool ks_draft_has_header(const ks_draft *d, ks_str name);

/* A header of a caller (rule T4). INVALID naming `field`. */
KS_MUST ks_status ks_draft_caller_header(ks_draft *d, const char *field, ks_str name, ks_str value);

/* name=value, both percent-encoded, behind what is there. */
void ks_draft_query(ks_draft *d, ks_str name, ks_str value);

/* Where the vendor knows a repeated POST by a header and the call has none: give it one. */
KS_MUST ks_status ks_draft_key(ks_draft *d);

/* Hand the parts over to the call. */
KS_MUST ks_status ks_draft_finish(ks_draft *d, ks_call **out);
