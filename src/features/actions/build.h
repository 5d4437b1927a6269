/* features/actions/build.h — the one place where outbound requests are made from declarations: actions,
 * checks, proxied and raw calls (design: nothing else builds an upstream request). Pure: no I/O, no clock;
 * the same input gives the same ks_call, which `explain` shows and upstream/send.h sends. Rules N1, T1-T4.
 * Threads: any. */
#pragma once
#include "features/connections/credential.h"
#include "features/files/files.h"
#include "upstream/call.h"

/* Whose call it is. connection_id absent: the credentials came with the call (rule N6). */
typedef struct ks_subject {
    const ks_credential *credential; /* NULL for apps without credentials and for own_auth */
    const ks_app        *app;
    ks_str               project_id, connection_id;
    uint64_t             version; /* of the connection's credential; 0: it came with the call */
    const ks_kept_file  *files;   /* that the arguments name with s3key, read before */
    size_t               files_n;
    ks_str own_base; /* an address that came with the call and all its credentials; absent: the app's */
} ks_subject;

/* One header or query member that a caller adds. */
typedef struct ks_param {
    enum { KS_PARAM_HEADER, KS_PARAM_QUERY } in;
    ks_str name, value;
} ks_param;

/* A request in the caller's own words: the proxies and /ks/call. */
typedef struct ks_raw_request {
    ks_str          method;
    ks_str          endpoint; /* "/path", "/path?query", or an absolute URL on the connection's own origin */
    const ks_param *params;
    size_t          params_n;
    ks_str          body, content_type; /* body absent: none */
} ks_raw_request;

/* Credentials that a caller brings in the call itself (v1 authConfig): nothing stored goes along. */
typedef struct ks_own_auth {
    ks_str base_url; /* absent: the app's own base */
    struct ks_own_param {
        enum { KS_OWN_HEADER, KS_OWN_QUERY, KS_OWN_PATH, KS_OWN_SUBDOMAIN } in;
        ks_str     name;
        ks_secret *value;
    } * params;
    size_t params_n;
    ks_str body; /* JSON object whose members are added to a JSON body; absent: none */
} ks_own_auth;

/* An action with its arguments (a JSON object). INVALID naming each argument that is missing or of the wrong
 * type ("input.limit"). `own` NULL: the stored credential is used. */
KS_MUST ks_status ks_build_action(ks_ctx *cx, const ks_subject *s, const ks_app_action *action,
                                  const ks_json *input, const ks_own_auth *own, ks_call **out);

/* The check of the scheme. *out NULL: there is none, or a field it needs has no value (uncheckable). */
KS_MUST ks_status ks_build_check(ks_ctx *cx, const ks_subject *s, ks_call **out);

/* The request for a token of the scheme (docs/formats.md "Derived values"), for which the values before it
 * must be there, or with `refresh` the one that renews it. INVALID when a value is missing or the address is
 * not one that may be asked. */
KS_MUST ks_status ks_build_token(ks_ctx *cx, const ks_subject *s, const ks_app_derived *token,
                                 const ks_secret *refresh, ks_call **out);

/* A proxied or raw request. INVALID for another origin, forbidden methods and headers (rule T4). */
KS_MUST ks_status ks_build_request(ks_ctx *cx, const ks_subject *s, const ks_raw_request *r,
                                   const ks_own_auth *own, ks_call **out);

/* GET of a public address that a caller names, without any credential: to pass its bytes on. At most
 * KS_MAX_FILE_BYTES come back; redirects are not followed. INVALID naming `field` for what is no URL. */
KS_MUST ks_status ks_build_fetch(ks_ctx *cx, ks_str project_id, const char *field, ks_str url, ks_call **out);

/* Masked connectionParams of v1: {"headers":{},"queryParams":{},"base_url":...} (also for display columns).
 */
KS_MUST ks_status ks_build_display(ks_ctx *cx, const ks_subject *s, ks_jw *w, const char *name);
