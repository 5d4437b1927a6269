/* base/log.h — JSON lines on standard error, with named fields only (rule S3): there is no field for a body,
 * a header value, a query string or a secret, so none can be logged. Threads: any; a line is one write(2). */
#pragma once
#include "base/str.h"

typedef enum ks_level { KS_LOG_DEBUG, KS_LOG_INFO, KS_LOG_WARN, KS_LOG_ERROR } ks_level;

/* The allow-list: id, type (s text, i integer). To add one, ask what a hostile caller could put there. */
#define KS_LOG_FIELDS(X)                                                                                     \
    X(REQUEST_ID, "request_id", 's')                                                                         \
    X(METHOD, "method", 's')                                                                                 \
    X(ROUTE, "route", 's') /* the template, never the path that was sent */                                  \
    X(STATUS, "status", 'i')                                                                                 \
    X(SLUG, "error", 's')                                                                                    \
    X(DURATION_US, "duration_us", 'i')                                                                       \
    X(BYTES_IN, "bytes_in", 'i')                                                                             \
    X(BYTES_OUT, "bytes_out", 'i')                                                                           \
    X(PROJECT, "project", 's')                                                                               \
    X(KEY, "key", 's')               /* id of an API key */                                                  \
    X(CONNECTION, "connection", 's') /* its id */                                                            \
    X(APP, "app", 's')                                                                                       \
    X(ACTION, "action", 's')                                                                                 \
    X(HOST, "host", 's') /* of an upstream; no path */                                                       \
    X(ADDRESS, "address", 's')                                                                               \
    X(PATH, "path", 's')     /* of a file of ours */                                                         \
    X(KEY_ID, "key_id", 's') /* id of a root or project key: a keyed hash */                                 \
    X(COUNT, "count", 'i')                                                                                   \
    X(SEQ, "seq", 'i')                                                                                       \
    X(CODE, "code", 'i')     /* errno, SQLite or curl code */                                                \
    X(REASON, "reason", 's') /* a literal of ours */                                                         \
    X(VERSION, "version", 's')                                                                               \
    X(SIGNATURE, "signature", 's')

typedef enum ks_log_id {
#define X(id, name, type) KS_LF_##id,
    KS_LOG_FIELDS(X)
#undef X
} ks_log_id;

typedef struct ks_log_field {
    ks_log_id id;
    ks_str    s; /* for text fields; absent ones are left out */
    int64_t   i; /* for integer fields */
} ks_log_field;

/* One line: time, level, event and the fields. `event` is a literal in snake_case. */
void ks_log_write(ks_level level, const char *event, const ks_log_field *fields, size_t n);

#define KS_LOG(level, event, ...)                                                                            \
    ks_log_write(level, event, (ks_log_field[]){__VA_ARGS__},                                                \
                 sizeof((ks_log_field[]){__VA_ARGS__}) / sizeof(ks_log_field))
#define KS_LSTR(id_, v)                                                                                      \
    {                                                                                                        \
        .id = KS_LF_##id_, .s = (v)                                                                          \
    }
#define KS_LINT(id_, v)                                                                                      \
    {                                                                                                        \
        .id = KS_LF_##id_, .i = (int64_t)(v)                                                                 \
    }

/* Lines below `level` are dropped. Default INFO. */
void ks_log_set_level(ks_level level);

/* Where lines go; default 2. -1 drops them (unit tests). */
void ks_log_set_fd(int fd);
