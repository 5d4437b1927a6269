/* base/status.h — the one list of outcomes: code, HTTP number, public slug. Nothing else picks a number. */
#pragma once
#include "base/attr.h"

/* The numbers are those of the native API; the v1/v2 view narrows them (http/error.c). */
#define KS_STATUSES(X)                                                                                       \
    X(OK, 200, "ok")                                                                                         \
    X(INVALID, 400, "invalid_request")                                                                       \
    X(REJECTED, 400, "credential_rejected")                                                                  \
    X(UNAUTHORIZED, 401, "unauthorized")                                                                     \
    X(FORBIDDEN, 403, "forbidden")                                                                           \
    X(NOT_FOUND, 404, "not_found")                                                                           \
    X(METHOD, 405, "method_not_allowed")                                                                     \
    X(TIMEOUT, 408, "request_timeout")                                                                       \
    X(CONFLICT, 409, "conflict")                                                                             \
    X(TOO_LARGE, 413, "too_large")                                                                           \
    X(URI_TOO_LONG, 414, "target_too_long")                                                                  \
    X(MEDIA, 415, "unsupported_media_type")                                                                  \
    X(RATE, 429, "rate_limited")                                                                             \
    X(HEADERS, 431, "headers_too_large")                                                                     \
    X(INTERNAL, 500, "internal_error")                                                                       \
    X(UPSTREAM, 502, "upstream_failed")                                                                      \
    X(STORE, 503, "store_unavailable")                                                                       \
    X(BUSY, 503, "busy")                                                                                     \
    X(NO_MEMORY, 503, "out_of_memory")                                                                       \
    X(UPSTREAM_TIMEOUT, 504, "upstream_timeout")

typedef enum ks_status {
#define X(name, http, slug) KS_##name,
    KS_STATUSES(X)
#undef X
} ks_status;

/* HTTP number of a status; 500 for a value that is none. */
int ks_status_http(ks_status s);

/* Public slug of a status, a static string; never NULL. */
const char *ks_status_slug(ks_status s);

/* Pass an error up. Only where the arena owns everything the function holds (style: one of KS_TRY or
 * `done:`). */
#define KS_TRY(expr)                                                                                         \
    do {                                                                                                     \
        ks_status ks_try_status = (expr);                                                                    \
        if (ks_try_status != KS_OK)                                                                          \
            return ks_try_status;                                                                            \
    } while (0)
