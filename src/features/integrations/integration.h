/* features/integrations/integration.h — a developer's set-up of an app: which scheme, whether keys are
 * checked, values every connection shares. Rules only; wire shapes are in integrations_v1.c. Rules T7, A2.
 * Threads: as the caller. */
#pragma once
#include "features/connections/credential.h"
#include "features/env.h"
#include "store/store.h"

/* Several usable connections and none named: what then? The numbers are those of the table. */
typedef enum ks_ambiguous { KS_AMBIGUOUS_DEFAULT, KS_AMBIGUOUS_NEWEST, KS_AMBIGUOUS_REFUSE } ks_ambiguous;

typedef struct ks_integration {
    ks_str         id, app, scheme, name;
    bool           enabled;
    ks_verify_mode verify;
    ks_ambiguous   ambiguous;
    int64_t        created_at, updated_at;
    uint64_t       version;
    ks_sealed      sealed;  /* kek_id absent: no values of its own */
    ks_str         display; /* its own values, masked: JSON object */
    ks_str         given;   /* names of the fields it has values for: JSON array */
    ks_str         limited; /* actions allowed: JSON array; absent: all */
    ks_str
        requests; /* requests of one's own allowed (requests.h); absent: all, or none while limited is set */
} ks_integration;

/* What a new one is made from. Text members may be absent. */
typedef struct ks_integration_new {
    const ks_app  *app;
    ks_str         scheme; /* absent: the app's default */
    ks_str         name;   /* absent: the app's key */
    const ks_json *values; /* its own values by field name (developer or shared ones), or NULL */
    const char    *path;   /* what to put before field names in errors, e.g. "authConfig." */
    ks_verify_mode verify;
    ks_ambiguous   ambiguous;
    ks_str         limited;  /* actions allowed, as JSON array; absent: all */
    ks_str         requests; /* as ks_requests_check gives them */
    bool           complete; /* refuse when a field that is asked of the developer has no value */
} ks_integration_new;

/* FORBIDDEN (code key_limited) to a caller that is limited to entities: what concerns all of them is not its
 * to change. */
KS_MUST ks_status ks_integration_shared(ks_ctx *cx);

/* NOT_FOUND (code integration_not_found): unknown, of another project, or malformed id. */
KS_MUST ks_status ks_integration_get(ks_ctx *cx, ks_str id, ks_integration *out);

/* The newest enabled one of app and scheme without values of its own; out->id absent when there is none. */
KS_MUST ks_status ks_integration_find(ks_ctx *cx, const ks_app *app, ks_str scheme, ks_integration *out);

/* Newest first. app_key absent: all. `offset`, `limit` in rows; *total counts all that match. */
KS_MUST ks_status ks_integration_list(ks_ctx *cx, ks_str app_key, bool disabled_too, int64_t offset,
                                      int64_t limit, ks_integration **out, size_t *n, int64_t *total);

/* The same with more conditions; absent members do not filter. */
typedef struct ks_integration_filter {
    ks_str  apps;  /* comma list of keys, aliases or ids; unknown ones match nothing */
    ks_str  words; /* part of the name or the id, any case */
    bool    disabled_too;
    int64_t offset, limit;
    ks_str  after_id; /* begin behind this one, made at `after_us`; absent: at the newest */
    int64_t after_us;
    bool    newer; /* those before it instead: made later, the nearest ones; still newest first */
} ks_integration_filter;

/* One page of the integrations that pass the filter, newest first; *total: how many pass in all. */
KS_MUST ks_status ks_integration_search(ks_ctx *cx, const ks_integration_filter *f, ks_integration **out,
                                        size_t *n, int64_t *total);

/* How many connections it has that the caller reaches, disabled ones too. */
KS_MUST ks_status ks_integration_uses(ks_ctx *cx, ks_str id, int64_t *n);

/* When one of its connections was used last, us since the Unix epoch; 0: never.  STORE */
KS_MUST ks_status ks_integration_used(ks_ctx *cx, ks_str id, int64_t *used_at);

/* Check and append to `change` what makes the integration; *out is what it will be. INVALID for a scheme the
 * app lacks or values that cannot be used, and for an app without credentials. */
KS_MUST ks_status ks_integration_add(ks_ctx *cx, ks_change *change, const ks_integration_new *in,
                                     ks_integration *out);

/* What a change of an existing one may set; NULL members stay. */
typedef struct ks_integration_patch {
    const bool           *enabled;
    const ks_verify_mode *verify;
    const ks_ambiguous   *ambiguous;
    const ks_json        *values; /* replaces its own values */
    const char           *path;   /* before their names in errors; NULL: "authConfig." */
    bool                  merge;  /* values not named stay */
    const ks_str         *limited;
    const ks_str         *requests; /* as ks_requests_check gives them */
} ks_integration_patch;

/* Add to `change` what turns `old` into its patched form.  INVALID  NO_MEMORY */
KS_MUST ks_status ks_integration_patch_add(ks_ctx *cx, ks_change *change, const ks_integration *old,
                                           const ks_integration_patch *p);

/* Add to `change`: none of the project's integrations can be used; one record. CONFLICT at the commit when
 * one was changed meanwhile.  STORE  NO_MEMORY */
KS_MUST ks_status ks_integration_disable_all_add(ks_ctx *cx, ks_change *change);

/* Its connections go with it (their sealed values are erased). */
KS_MUST ks_status ks_integration_delete_add(ks_ctx *cx, ks_change *change, ks_str id);

/* Its own values into `c`, where none is set. Does nothing when it has none. */
KS_MUST ks_status ks_integration_fill(ks_ctx *cx, const ks_integration *in, ks_credential *c);

/* "default", "newest" or "refuse", and back; absent text is the default. INVALID naming `field` for other
 * words. */
const char       *ks_ambiguous_word(ks_ambiguous a);
KS_MUST ks_status ks_ambiguous_parse(ks_ctx *cx, const char *field, ks_str word, ks_ambiguous *out);

/* Does its `given` list name this field? */
bool ks_integration_gives(const ks_integration *in, ks_str field);
