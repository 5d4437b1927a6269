/* features/connections/connection.h — one user's sealed credential for one integration: its life (docs/api.md
 * "Connections"). Rules only; v1 shapes are in connections_v1.c, native ones in connections_http.c. Threads:
 * as the caller. */
#pragma once
#include "features/actions/build.h"
#include "features/connections/verify.h"
#include "features/integrations/integration.h"
#include "features/tails.h"

typedef struct ks_connection {
    ks_str    id, integration_id, app, scheme, entity_id;
    ks_str    status;        /* INITIATED ACTIVE FAILED EXPIRED */
    ks_str    status_reason; /* absent: none */
    bool      enabled;
    ks_str    labels; /* JSON array */
    int64_t   created_at, updated_at;
    uint64_t  version;
    ks_sealed sealed;
    ks_str    display;     /* masked connectionParams, JSON */
    ks_str    verdict;     /* ks_verdict_word */
    int64_t   verified_at; /* us; 0: never */
    ks_str    account;     /* JSON; absent */
    int64_t   failures;    /* 401s in a row in real use */
    int64_t   uses, used_at;
    bool      canary; /* any use raises an alarm (canary.h); never shown to API keys */
} ks_connection;

/* ---- reading ---- */

/* NOT_FOUND (code connection_not_found): unknown, of another project, or a malformed id. Served from the row
 * cache. */
KS_MUST ks_status ks_connection_get(ks_ctx *cx, ks_str id, ks_connection *out);

/* The same from the store: how often and when it was used is counted there, and rows in the cache do not
 * hear of it. */
KS_MUST ks_status ks_connection_read(ks_ctx *cx, ks_str id, ks_connection *out);

/* What to list; absent members do not filter. Comma lists where said. Newest first. */
typedef struct ks_connection_filter {
    ks_str  entities;               /* comma list; one entity may hold a comma only when `entity` is used */
    ks_str  entity;                 /* exactly this one */
    ks_str  apps, statuses, labels; /* comma lists */
    ks_str  integration_id, connection_id;
    bool    active_only, disabled_too;
    int64_t offset, limit;

    /* What v3 asks for besides; only with `wide`, and then integration_id, connection_id, labels, active_only
     * and disabled_too do not count: disabled ones are there, with the status INACTIVE. A page begins behind
     * a row, `after_id` and its time of `by_update` or creation, so that rows made meanwhile shift nothing;
     * absent: at the first row. `offset` does not count either. */
    bool    wide;
    ks_str  integration_ids, connection_ids; /* comma lists */
    bool    by_update, oldest_first;
    ks_str  after_id;
    int64_t after_us;
} ks_connection_filter;

/* What to page through, newest first, however many there are: nothing is counted, and each choice has an
 * index. Absent members do not filter. */
typedef struct ks_connection_look {
    ks_str  entity, app, integration_id; /* exactly these */
    ks_str  status;                      /* as ks_connection_status says it; INACTIVE: disabled */
    ks_str  behind_id; /* begin behind this one, made at `behind_us`; absent: at the newest */
    int64_t behind_us;
    bool    newer; /* go towards the newer ones; what is found is newest first all the same */
    size_t  limit;
} ks_connection_look;

/* One page; *more: there is another one in this direction.  STORE  NO_MEMORY */
KS_MUST ks_status ks_connection_page(ks_ctx *cx, const ks_connection_look *look, ks_connection **out,
                                     size_t *n, bool *more);

/* Its status where a disabled one is called INACTIVE (v3). */
ks_str ks_connection_status(const ks_connection *c);

/* One page of the connections that pass the filter, in *out; *total: how many pass in all.  STORE  NO_MEMORY
 */
KS_MUST ks_status ks_connection_list(ks_ctx *cx, const ks_connection_filter *f, ks_connection **out,
                                     size_t *n, int64_t *total);

/* How many have this status (as it is stored), and those of them that are not ACTIVE and came to it since
 * `since` (us), the latest first, at most `limit`. Both look at what the caller's key reaches.  STORE
 * NO_MEMORY */
KS_MUST ks_status ks_connection_count(ks_ctx *cx, ks_str status, int64_t *out);
KS_MUST ks_status ks_connection_troubled(ks_ctx *cx, ks_str status, int64_t since, size_t limit,
                                         ks_connection **out, size_t *n);

/* Open its credential. INTERNAL (code sealed_mismatch) when the row was tampered with. */
KS_MUST ks_status ks_connection_open(ks_ctx *cx, const ks_connection *c, ks_credential *out);

/* Which connection a call means: by id, or of an entity and app (labelled `primary` first, else the newest;
 * only ACTIVE and enabled ones of enabled integrations). NOT_FOUND: says what was searched, what else the
 * entity has and what to do. INVALID: of another app, disabled, not ACTIVE, or several and one of their
 * integrations (or else the server) says `ambiguous: refuse`. */
KS_MUST ks_status ks_connection_choose(ks_ctx *cx, const ks_app *app, ks_str id, ks_str entity,
                                       ks_connection *out);

/* ---- making and replacing: handlers end in what these return ---- */

/* What to connect. `integration` exists already, or is made by the same change (fresh). */
typedef struct ks_connect {
    const ks_app        *app;
    ks_integration       integration;
    ks_change           *change;    /* begun by the caller when the integration is fresh, else NULL; taken */
    ks_str               entity_id; /* absent or empty: "default" */
    const char          *entity_field; /* its name in errors; NULL: "entityId" */
    const ks_json       *values;       /* by field name */
    const char          *path;         /* before field names in errors: "data." */
    ks_str               labels;       /* JSON array; absent: [] */
    const ks_connection *replace;      /* not NULL: same id, new values (verified before the swap) */
    bool                 merge;        /* with replace: values not named stay, those given as null go */
    void                *arg;          /* the handler's own, for its reply; in the arena */
} ks_connect;

/* Writes the reply for a connection that has been made; `was_fresh`: the integration too. */
typedef ks_status (*ks_connected)(ks_ctx *cx, ks_res *rs, const ks_connect *in, const ks_connection *made);

/* What stays when connection `old` gets new values: fills in integration, app, entity and `replace`, which
 * borrows `old`. NOT_FOUND when the integration or the app is gone. */
KS_MUST ks_status ks_connect_again(ks_ctx *cx, const ks_connection *old, ks_connect *in);

/* May the caller's key connect this app and entity? FORBIDDEN (code key_limited) naming the entity. */
KS_MUST ks_status ks_connection_may(ks_ctx *cx, const ks_connect *in);

/* Check the fields, ask the vendor (verify), then commit; `reply` encodes the answer before the change is
 * queued. Nothing is stored on REJECTED (code credential_rejected, cause and field named). Use as the last
 * line of a handler. */
KS_MUST ks_status ks_connection_make(ks_ctx *cx, const ks_req *rq, ks_res *rs, const ks_connect *in,
                                     ks_connected reply);

/* Ask the vendor now; the row's verdict, status and account follow the answer. Without a check: INVALID (code
 * uncheckable). */
KS_MUST ks_status ks_connection_verify(ks_ctx *cx, const ks_req *rq, ks_res *rs, const ks_connection *c,
                                       ks_connected reply);

/* Check the connection that is due first, of any project, and answer {"checked": 0 or 1}: the server's own
 * schedule asks this of the control socket's route until nothing is due. */
KS_MUST ks_status ks_connection_recheck(ks_ctx *cx, const ks_req *rq, ks_res *rs);

/* Labels as given (a JSON array of texts, null or absent) to the text that is stored. INVALID naming
 * "labels". */
KS_MUST ks_status ks_labels_check(ks_ctx *cx, const ks_json *labels, ks_str *out);

/* ---- small changes: append to `change` ---- */
/* Switch it on or off. The change fails with NOT_FOUND when the connection is gone. NO_MEMORY */
KS_MUST ks_status ks_connection_enable_add(ks_ctx *cx, ks_change *change, ks_str id, bool enabled);
/* Replace its labels. INVALID as ks_labels_check; the rest as above. */
KS_MUST ks_status ks_connection_labels_add(ks_ctx *cx, ks_change *change, ks_str id, const ks_json *labels);
/* Delete it with its sealed values; the rest as above. */
KS_MUST ks_status ks_connection_delete_add(ks_ctx *cx, ks_change *change, ks_str id);
/* REVOKED, its values erased; only a new credential makes it usable again. */
KS_MUST ks_status ks_connection_revoke_add(ks_ctx *cx, ks_change *change, const ks_connection *c);

/* A step that fails with CONFLICT (code alias_in_use) when another connection of this entity and app has the
 * label. `own_id`: the one that may have it; "" for none. */
KS_MUST ks_status ks_connection_label_free_add(ks_ctx *cx, ks_change *change, ks_str entity, ks_str app,
                                               ks_str own_id, ks_str label);

/* After real use: so many 401s in a row now. */
KS_MUST ks_status ks_connection_failures_add(ks_ctx *cx, ks_change *change, ks_str id, int64_t failures);
