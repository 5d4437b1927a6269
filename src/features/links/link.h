/* features/links/link.h — one-time links: a person opens one and types a credential into a page of ours
 * (docs/api.md "Connect links"; rules K4, D9). Rules only; pages are in connect_page.c, wire shapes in
 * links_http.c and link_v3.c. The token stands in the address, and in no store or log. Threads: as the
 * caller. */
#pragma once
#include "features/connections/connection.h"
#include "features/links/life.h"

#define KS_LINK_TAG 32 /* hex digits of a form's or a receipt's tag: 128 bits */

typedef enum ks_link_state {
    KS_LINK_OPEN,
    KS_LINK_USED,    /* its connection has been made */
    KS_LINK_EXPIRED, /* by time */
    KS_LINK_SPENT,   /* by tries */
    KS_LINK_REVOKED
} ks_link_state;

typedef struct ks_link {
    ks_str  id, project_id, integration_id, connection_id, entity_id;
    ks_str  project;    /* name, for people */
    ks_str  return_url; /* absent: none */
    ks_str  lang;       /* code of a language; absent: as the browser asks */
    ks_str  origins;    /* that may show it in a frame, separated by blanks; absent: none */
    bool    replaces;   /* new values for a connection that was there before */
    int64_t chain;      /* links before it, one following the other (ks_link_again_add); 0: it is the first */
    ks_life life;
    int64_t tries, used_at, revoked_at;
    int64_t left_us; /* of its life */
    ks_link_state state;
} ks_link;

/* What a new link is to be. */
typedef struct ks_link_wish {
    const ks_app        *app;
    ks_integration       integration;
    const ks_connection *replace;      /* not NULL: entity and values are those of this one */
    ks_str               entity_id;    /* absent or empty: "default" */
    const char          *entity_field; /* names in errors */
    ks_str               return_url;   /* absent: none */
    const char          *return_field;
    ks_str               lang;    /* absent: none */
    const ks_json       *origins; /* array of texts; null or NULL: the project's */
    const ks_json       *values;  /* filled in beforehand, no secrets; or NULL */
    const char          *path;    /* before their names in errors */
    ks_str               labels;  /* JSON array; absent: [] */
    int64_t              life_s;  /* 0: KS_LINK_LIFE_S */
} ks_link_wish;

/* Add to `change` the link and, unless it replaces one, its connection, INITIATED until a credential is
 * there. *token is to be shown this once. INVALID naming what is wrong   NOT_FOUND integration disabled */
KS_MUST ks_status ks_link_add(ks_ctx *cx, ks_change *change, const ks_link_wish *wish, ks_link *out,
                              ks_str *token);

/* The address of a link on this server, from the setting public-url or as the caller asked. INVALID when
 * neither tells one. */
KS_MUST ks_status ks_link_url(ks_ctx *cx, const ks_req *rq, ks_str token, ks_str *out);

/* The link of a token, in whatever state; then the call belongs to its project, whose key is open, and acts
 * as the link. NOT_FOUND (code link_dead) for a token of no link. */
KS_MUST ks_status ks_link_look(ks_ctx *cx, ks_str token, ks_link *out);
/* The same by the receipt of the page that ends it. NOT_FOUND also 10 minutes after its use. */
KS_MUST ks_status ks_link_by_receipt(ks_ctx *cx, ks_str receipt, ks_link *out);

/* The failure for every token that opens nothing any more (rule K4). */
KS_MUST ks_status ks_link_dead(ks_ctx *cx);

/* Was it used so little ago that a second submission is the first one again (rule D3)? */
bool ks_link_just_used(const ks_ctx *cx, const ks_link *l);

/* Tag of the link's form, hex: proof that a submission comes from its page. Absent when memory is short. */
ks_str ks_link_csrf(ks_ctx *cx, const ks_link *l);
/* Receipt of a used link: opens the page that says how it went. Absent when memory is short. */
ks_str ks_link_receipt(ks_ctx *cx, const ks_link *l);

/* Add to `change`: one more submission. It fails with RATE (code link_tries) after KS_LINK_TRIES, over
 * KS_LINK_TRIES_MIN a minute, and when the link is used or revoked. */
KS_MUST ks_status ks_link_try_add(ks_ctx *cx, ks_change *change, const ks_link *l);
/* Add to `change`: the link is used. It fails with CONFLICT (code link_dead) when it was, or was revoked. */
KS_MUST ks_status ks_link_use_add(ks_ctx *cx, ks_change *change, const ks_link *l);
/* May a link follow `l`? At most KS_LINK_CHAIN do: whoever holds the first cannot replace the credential for
 * ever. */
bool ks_link_again_may(const ks_link *l);
/* Add to `change` the link that may follow `l`, which this change uses up: another credential for the same
 * connection, for the same person, as long as the receipt of `l` is good. Nothing where none may. */
KS_MUST ks_status ks_link_again_add(ks_ctx *cx, ks_change *change, const ks_link *l);
/* Its token, told by the page that shows the receipt; the same each time. Absent when memory is short. */
ks_str ks_link_again_token(ks_ctx *cx, const ks_link *l);
/* Add to `change`: it ends now, and so does the connection that waits for it. NOT_FOUND */
KS_MUST ks_status ks_link_revoke_add(ks_ctx *cx, ks_change *change, ks_str id);

/* Links of the project, newest first.  STORE  NO_MEMORY */
KS_MUST ks_status ks_link_list(ks_ctx *cx, int64_t offset, int64_t limit, ks_link **out, size_t *n,
                               int64_t *total);

/* "open", "used", ...; static. */
const char *ks_link_state_word(ks_link_state s);

/* Where a person goes back to: the return URL with status and connected_account_id. Absent without one, or
 * when memory is short. */
ks_str ks_link_return(ks_ctx *cx, const ks_link *l, const char *status);
