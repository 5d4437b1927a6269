/* base/metrics.h — counters of this process, one shard a thread, summed when asked (Prometheus text format
 * 0.0.4). */
#pragma once
#include <stdatomic.h>

#include "base/str.h"

/* id, name, help. Counters only; gauges and the histogram are below. */
#define KS_COUNTERS(X)                                                                                       \
    X(REQUESTS, "keysteward_requests_total", "HTTP requests answered")                                       \
    X(ERRORS_4XX, "keysteward_client_errors_total", "answers 4xx")                                           \
    X(ERRORS_5XX, "keysteward_server_errors_total", "answers 5xx")                                           \
    X(REFUSED_WIRE, "keysteward_malformed_requests_total", "requests refused before routing")                \
    X(BAD_KEYS, "keysteward_bad_keys_total", "requests with a wrong API key")                                \
    X(CALLS, "keysteward_upstream_calls_total", "calls sent to vendors")                                     \
    X(CALL_FAILURES, "keysteward_upstream_failures_total", "calls without an answer")                        \
    X(RETRIES, "keysteward_upstream_retries_total", "requests to vendors sent once more")                    \
    X(WAITS, "keysteward_upstream_waits_total", "calls that waited because their vendor asked to")           \
    X(HELD, "keysteward_upstream_held_total", "calls not sent because their vendor asked to wait longer")    \
    X(SHUT, "keysteward_origins_shut_total", "origins found down, by number of times")                       \
    X(SHUT_CALLS, "keysteward_upstream_shut_total", "calls not sent because their origin was down")          \
    X(LEFT, "keysteward_upstream_left_total", "calls ended because their caller left")                       \
    X(OVER_BUDGET, "keysteward_over_budget_total", "calls refused by a budget")                              \
    X(CHECKS, "keysteward_checks_total", "credentials checked with their vendor")                            \
    X(CHECKS_REJECTED, "keysteward_checks_rejected_total", "credentials a vendor refused")                   \
    X(REDACTIONS, "keysteward_redactions_total", "answers in which a secret was found and replaced")         \
    X(CANARIES, "keysteward_canary_uses_total", "uses of a canary connection")                               \
    X(COMMITS, "keysteward_commits_total", "transactions committed")                                         \
    X(CHANGES, "keysteward_changes_total", "changes committed")                                              \
    X(CHECKPOINTS, "keysteward_checkpoints_total", "checkpoint passes")                                      \
    X(CACHE_HITS, "keysteward_row_cache_hits_total", "rows served from memory")                              \
    X(CACHE_MISSES, "keysteward_row_cache_misses_total", "rows read from the store")

typedef enum ks_counter {
#define X(id, name, help) KS_M_##id,
    KS_COUNTERS(X)
#undef X
        KS_M_COUNT
} ks_counter;

#define KS_M_BUCKETS 8 /* upper bounds in ms: 1 2 5 10 50 250 1000 +Inf */

typedef struct ks_metrics {
    _Atomic uint64_t count[KS_M_COUNT];
    _Atomic uint64_t bucket[KS_M_BUCKETS];
    _Atomic uint64_t duration_us;
} ks_metrics;

/* Add to a counter; a NULL shard is ignored (unit tests). */
void ks_metric_add(ks_metrics *m, ks_counter id, uint64_t n);

/* One request took `us`. */
void ks_metric_duration(ks_metrics *m, int64_t us);

/* The sum of n shards as text, with process gauges (resident memory, open descriptors). */
void ks_metrics_render(ks_metrics *const *shards, size_t n, ks_buf *out);
