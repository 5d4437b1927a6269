/* features/tokens/tokens.h — projects and the API keys that speak for them: made, listed, revoked,
 * recognised. Rules K1 to K3: 200 random bits, stored as a keyed digest, shown once, taken from x-api-key
 * alone; an unknown, revoked, expired or malformed key costs the same work and gets the same answer. It does
 * not know the formats of keys (crypto/keyring.h). Threads: the caller's; functions that say "waits" not from
 * a loop. */
#pragma once
#include "crypto/keyring.h"
#include "features/env.h"
#include "features/reach.h"
#include "http/exchange.h"
#include "http/shape.h"

typedef struct ks_project {
    ks_str  id, name;
    int64_t created_at; /* us since the Unix epoch */
} ks_project;

/* What is known of an API key; never the key. */
typedef struct ks_key {
    ks_str   id, project_id, prefix, name;
    unsigned scopes; /* of enum ks_scope */
    int64_t  created_at;
    int64_t  used_at;                           /* to the minute */
    int64_t  expires_at, revoked_at, frozen_at; /* us since the Unix epoch; 0 = never */
    ks_str   frozen_why;                        /* absent: not frozen */
    ks_reach reach;
} ks_key;

/* What a new key is to be. */
typedef struct ks_key_wish {
    ks_str   project;      /* name; made when there is none */
    ks_str   name;         /* for people; absent: "default" */
    unsigned scopes;       /* 0: KS_SCOPE_ALL */
    int64_t  expires_in_s; /* 0: never */
    bool     read_only;    /* acts with what reads, and changes nothing here */
    ks_strs  apps;         /* keys; none: all */
    ks_strs  entities;     /* none: all; see ks_reach_make */
} ks_key_wish;

/* Who sends `rq`? The hook of ks_http_app: fills cx->project_id, actor, scopes and reach, and opens the
 * project's key in the keyring. UNAUTHORIZED for every key that is no good, for none and for two. FORBIDDEN
 * (code key_limited) when the route is not for keys with such limits. STORE. */
KS_MUST ks_status ks_authenticate(ks_ctx *cx, const ks_req *rq);

/* The id of the project `name`, which is made with its own key when there is none (waits).
 * INVALID naming "project"   STORE */
KS_MUST ks_status ks_project_ensure(ks_ctx *cx, ks_str name, ks_str *id);

/* Its id. NOT_FOUND (code project_not_found) when there is none; STORE. */
KS_MUST ks_status ks_project_need(ks_ctx *cx, ks_str name, ks_str *id);

/* Make sure that the key of this project is open in the keyring. NOT_FOUND; FORBIDDEN wrapped under another
 * root key; STORE. */
KS_MUST ks_status ks_project_unlock(ks_ctx *cx, ks_str project_id);

/* All projects by name, at most `max`. STORE. */
KS_MUST ks_status ks_project_list(ks_ctx *cx, size_t max, ks_project **out, size_t *n);

/* Make a key; its record is committed with it (waits). parts->key is to be shown once and kept nowhere.
 * INVALID naming "project", "name", "scopes", "expires_in_s", "apps" or "entities"   STORE */
KS_MUST ks_status ks_key_create(ks_ctx *cx, const ks_key_wish *wish, ks_key *out, ks_api_key_parts *parts);

/* Keys of the project with this name (absent: of all), oldest first, at most `max`; revoked ones too.
 * NOT_FOUND no such project   STORE */
KS_MUST ks_status ks_key_list(ks_ctx *cx, ks_str project, size_t max, ks_key **out, size_t *n);

/* The key with this id, if it is of the project of this call. NOT_FOUND  STORE */
KS_MUST ks_status ks_key_get(ks_ctx *cx, ks_str id, ks_key *out);

/* How many keys of the project of this call were not revoked.  STORE */
KS_MUST ks_status ks_key_count(ks_ctx *cx, int64_t *n);

/* Add to `change`: no key of the project of this call works any more; one record. CONFLICT at the commit when
 * one was revoked meanwhile.  STORE  NO_MEMORY */
KS_MUST ks_status ks_key_revoke_all_add(ks_ctx *cx, ks_change *change);

/* The key works no longer once this returns; its record is committed with it (waits). Revoking a revoked key
 * changes nothing. NOT_FOUND   STORE */
KS_MUST ks_status ks_key_revoke(ks_ctx *cx, ks_str id);

/* Add to `change`: the key is refused from its commit on, until it is unfrozen. A key that is gone, or frozen
 * already, is no failure. `why` for administrators. STORE  NO_MEMORY */
KS_MUST ks_status ks_key_freeze_add(ks_ctx *cx, ks_change *change, ks_str id, ks_str why);

/* A frozen key works again once this returns; its record is committed with it (waits). Any other key: nothing
 * changes. NOT_FOUND   STORE */
KS_MUST ks_status ks_key_unfreeze(ks_ctx *cx, ks_str id);

/* What a key is limited to, for people: "read-only apps:stripe,github entities:ada,team_a:*"; "" for nothing.
 * Absent when memory is short. */
ks_str ks_key_limits(ks_ctx *cx, const ks_key *k);

/* "read", "connect", "act": the name of one scope. Absent when it has none. */
ks_str ks_scope_name(unsigned one);
/* One scope by its name; 0 when there is no such name. */
unsigned ks_scope_parse(ks_str name);
