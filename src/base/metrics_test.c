/* base/metrics_test.c — sums over shards, and the text form. */
#include "base/metrics.h"
#include "tests/support/test.h"

static bool has(const ks_buf *b, const char *line)
{
    return ks_str_find(ks_buf_view(b), ks_str_of(line)) != SIZE_MAX;
}

static void shards_are_summed(void **state)
{
    (void)state;
    ks_metrics  a = {0}, c = {0};
    ks_metrics *shards[] = {&a, &c};
    ks_buf      b = ks_buf_new(64 * 1024);
    ks_metric_add(&a, KS_M_REQUESTS, 2);
    ks_metric_add(&c, KS_M_REQUESTS, 3);
    ks_metric_add(NULL, KS_M_REQUESTS, 99);
    ks_metrics_render(shards, 2, &b);
    assert_true(ks_buf_ok(&b));
    assert_true(has(&b, "# TYPE keysteward_requests_total counter\nkeysteward_requests_total 5\n"));
    assert_true(has(&b, "\nkeysteward_commits_total 0\n"));
    assert_true(has(&b, "# TYPE process_open_fds gauge\n"));
    ks_buf_done(&b);
}

static void durations_fall_into_buckets_that_count_all_below(void **state)
{
    (void)state;
    ks_metrics  m = {0};
    ks_metrics *shards[] = {&m};
    ks_buf      b = ks_buf_new(64 * 1024);
    ks_metric_duration(&m, 1000); /* le="0.001" holds its bound */
    ks_metric_duration(&m, 1001);
    ks_metric_duration(&m, 2000000);
    ks_metric_duration(NULL, 1);
    ks_metrics_render(shards, 1, &b);
    assert_true(has(&b, "_bucket{le=\"0.001\"} 1\n"));
    assert_true(has(&b, "_bucket{le=\"0.002\"} 2\n"));
    assert_true(has(&b, "_bucket{le=\"1\"} 2\n"));
    assert_true(has(&b, "_bucket{le=\"+Inf\"} 3\n"));
    assert_true(has(&b, "keysteward_request_seconds_sum 2.002001\n"));
    assert_true(has(&b, "keysteward_request_seconds_count 3\n"));
    ks_buf_done(&b);
}

KS_TESTS(shards_are_summed, durations_fall_into_buckets_that_count_all_below)
