/* features/tokens/session.h — sessions of the dashboard: how a person signs in and is recognised (rules K1 to
 * K4, S4; docs/dashboard.md). Whoever administers the machine makes a code there, good for one sign-in; an
 * API key with the right `dashboard` signs in by itself and gives the session no right that it has not. Codes
 * and cookies are 200 random bits, stored as keyed digests. Threads: the caller's. */
#pragma once
#include "features/tokens/tokens.h"

#define KS_CODE_LIFE_S    600         /* of a code that nobody has used */
#define KS_SESSION_LIFE_S (12 * 3600) /* of a session */
#define KS_SESSION_IDLE_S (30 * 60)   /* without a request */

typedef struct ks_session {
    ks_str   id, project_id;
    ks_str   project; /* name */
    ks_str   key_id;  /* of the API key that signed in; absent: an administrator of the machine */
    unsigned scopes;  /* of enum ks_scope; with KS_SCOPE_ADMIN for an administrator */
    int64_t  seen_at, expires_at;
} ks_session;

/* Add to `change` a code for this project, to be shown this once.  NO_MEMORY */
KS_MUST ks_status ks_session_invite_add(ks_ctx *cx, ks_change *change, ks_str project_id, ks_str *code);

/* Add to `change` what turns a code into a session; *token goes into its cookie. The change fails with
 * NOT_FOUND (code code_dead) when the code is unknown, used or over. */
KS_MUST ks_status ks_session_redeem_add(ks_ctx *cx, ks_change *change, ks_str code, ks_str *token);

/* Does a code open anything now? Looks, and changes nothing. NOT_FOUND as above.  STORE */
KS_MUST ks_status ks_session_code_look(ks_ctx *cx, ks_str code);

/* Sign in with an API key. UNAUTHORIZED for every key that is no good; FORBIDDEN (code not_for_dashboard)
 * without the right.  STORE  NO_MEMORY */
KS_MUST ks_status ks_session_by_key_add(ks_ctx *cx, ks_change **change, ks_str key, ks_str *token);

/* The name of the cookie: bound to this host and to https where clients reach us so (RFC 6265bis, 4.1.3.2).
 */
const char *ks_session_cookie_name(const ks_ctx *cx);
/* What the request's cookie holds; absent without one. */
ks_str ks_session_cookie(ks_ctx *cx, const ks_req *rq);

/* The session of a cookie's value; then the call belongs to its project, whose key is open, and has its
 * rights. UNAUTHORIZED (code not_signed_in) for a value of none, of one that is over, and of one whose API
 * key works no longer.  STORE */
KS_MUST ks_status ks_session_enter(ks_ctx *cx, ks_str token);

/* The session this call came with; NULL when it came without. */
const ks_session *ks_session_of(const ks_ctx *cx);

/* Add to `change`: the session is over. */
KS_MUST ks_status ks_session_end_add(ks_ctx *cx, ks_change *change);
/* How many browsers are signed in to the project of this call.  STORE */
KS_MUST ks_status ks_session_count(ks_ctx *cx, int64_t *n);
/* Add to `change`: all of them are signed out, this one too, and codes nobody has used open nothing.
 * NO_MEMORY */
KS_MUST ks_status ks_session_end_all_add(ks_ctx *cx, ks_change *change);
/* Add to `change`: it looks at this project from now on. Only an administrator's may: FORBIDDEN. NOT_FOUND */
KS_MUST ks_status ks_session_project_add(ks_ctx *cx, ks_change *change, ks_str project_id);

/* Tag of the session's forms, hex: proof that one comes from a page of this session. Absent when memory is
 * short. */
ks_str ks_session_csrf(ks_ctx *cx);
