/* base/metrics.c — adding to a shard, and the sum of all shards as text. No labels: nothing a caller chose
 * can appear (rule S7). Prometheus text format 0.0.4. Threads: any. */
#include "base/metrics.h"

#include <dirent.h>
#include <stdio.h>
#include <unistd.h>

static const struct {
    const char *name, *help;
} counters[] = {
#define X(id, name, help) {name, help},
    KS_COUNTERS(X)
#undef X
};

static const int64_t     bounds_us[KS_M_BUCKETS - 1] = {1000, 2000, 5000, 10000, 50000, 250000, 1000000};
static const char *const bounds_text[KS_M_BUCKETS] = {"0.001", "0.002", "0.005", "0.01",
                                                      "0.05",  "0.25",  "1",     "+Inf"};

void ks_metric_add(ks_metrics *m, ks_counter id, uint64_t n)
{
    if (m != NULL)
        atomic_fetch_add_explicit(&m->count[id], n, memory_order_relaxed);
}

void ks_metric_duration(ks_metrics *m, int64_t us)
{
    size_t i = 0;
    if (m == NULL)
        return;
    while (i < KS_M_BUCKETS - 1 && us > bounds_us[i])
        i++;
    atomic_fetch_add_explicit(&m->bucket[i], 1, memory_order_relaxed);
    atomic_fetch_add_explicit(&m->duration_us, us > 0 ? (uint64_t)us : 0, memory_order_relaxed);
}

static uint64_t read_one(const _Atomic uint64_t *v)
{
    return atomic_load_explicit(v, memory_order_relaxed);
}

static void head(ks_buf *out, const char *name, const char *help, const char *type)
{
    ks_buf_fmt(out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

static void put(ks_buf *out, const char *name, uint64_t v)
{
    ks_buf_fmt(out, "%s %llu\n", name, (unsigned long long)v);
}

static void render_durations(ks_metrics *const *shards, size_t n, ks_buf *out)
{
    uint64_t so_far = 0, us = 0;
    head(out, "keysteward_request_seconds", "time to answer", "histogram");
    for (size_t i = 0; i < KS_M_BUCKETS; i++) {
        for (size_t s = 0; s < n; s++)
            so_far += read_one(&shards[s]->bucket[i]);
        ks_buf_fmt(out, "keysteward_request_seconds_bucket{le=\"%s\"} %llu\n", bounds_text[i],
                   (unsigned long long)so_far);
    }
    for (size_t s = 0; s < n; s++)
        us += read_one(&shards[s]->duration_us);
    ks_buf_fmt(out, "keysteward_request_seconds_sum %llu.%06llu\n", (unsigned long long)(us / 1000000),
               (unsigned long long)(us % 1000000));
    put(out, "keysteward_request_seconds_count", so_far);
}

/* Gauges from /proc; left out where it cannot be read. */
static void render_process(ks_buf *out)
{
    unsigned long long pages = 0, files = 0;
    FILE              *f = fopen("/proc/self/statm", "re");
    if (f != NULL) {
        if (fscanf(f, "%*u %llu", &pages) == 1) {
            head(out, "process_resident_memory_bytes", "resident memory", "gauge");
            put(out, "process_resident_memory_bytes", pages * (uint64_t)sysconf(_SC_PAGESIZE));
        }
        fclose(f);
    }
    DIR *d = opendir("/proc/self/fd");
    if (d == NULL)
        return;
    for (const struct dirent *e; (e = readdir(d)) != NULL;)
        files += e->d_name[0] != '.';
    closedir(d);
    head(out, "process_open_fds", "open descriptors", "gauge");
    put(out, "process_open_fds", files - 1); /* less the one that counted */
}

void ks_metrics_render(ks_metrics *const *shards, size_t n, ks_buf *out)
{
    for (size_t i = 0; i < KS_M_COUNT; i++) {
        uint64_t sum = 0;
        for (size_t s = 0; s < n; s++)
            sum += read_one(&shards[s]->count[i]);
        head(out, counters[i].name, counters[i].help, "counter");
        put(out, counters[i].name, sum);
    }
    render_durations(shards, n, out);
    render_process(out);
}
