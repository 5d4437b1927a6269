/* upstream/reuse.c — a small hash table of projects, each with a curl share that holds its connection cache
 * and TLS sessions. One multi handle serves all, so the parsed CA bundle exists once. Bounded by the calls in
 * flight and swept when quiet. Does not look at what a connection carries. Threads: one. */
#include "upstream/reuse.h"

#include "base/alloc.h"
#include "base/ids.h"
#include "base/time.h"

#define BUCKETS 128

struct ks_project {
    ks_project *next; /* in its bucket */
    CURLSH     *share;
    unsigned    calls;   /* in flight */
    int64_t     used_us; /* monotonic, of the last release */
    size_t      bucket, id_n;
    char        id[]; /* id_n bytes */
};

struct ks_reuse {
    size_t      n, max;
    ks_project *buckets[BUCKETS];
};

ks_reuse *ks_reuse_new(size_t max)
{
    ks_reuse *r = ks_calloc(1, sizeof *r);
    if (r != NULL)
        r->max = max;
    return r;
}

static void forget(ks_reuse *r, ks_project *p)
{
    ks_project **at = &r->buckets[p->bucket];
    while (*at != p)
        at = &(*at)->next;
    *at = p->next;
    r->n--;
    if (p->share != NULL)
        curl_share_cleanup(p->share);
    ks_free(p);
}

void ks_reuse_free(ks_reuse *r)
{
    if (r == NULL)
        return;
    for (size_t i = 0; i < BUCKETS; i++) {
        while (r->buckets[i] != NULL)
            forget(r, r->buckets[i]);
    }
    ks_free(r);
}

static size_t bucket_of(ks_str id)
{
    uint32_t h = 2166136261u; /* FNV-1a; ids are ours and random, so nobody can aim at a bucket */
    for (size_t i = 0; i < id.n; i++)
        h = (h ^ (unsigned char)id.p[i]) * 16777619u;
    return h % BUCKETS;
}

static ks_project *find(ks_reuse *r, ks_str id, size_t bucket)
{
    ks_project *p = r->buckets[bucket];
    while (p != NULL && !ks_str_eq((ks_str){p->id, p->id_n}, id))
        p = p->next;
    return p;
}

static ks_project *add(ks_reuse *r, ks_str id, size_t bucket)
{
    if (r->n >= r->max && !ks_reuse_evict(r))
        return NULL;
    ks_project *p = ks_calloc(1, sizeof *p + id.n + 1);
    if (p == NULL)
        return NULL;
    if (id.n)
        memcpy(p->id, id.p, id.n);
    p->id_n = id.n;
    p->bucket = bucket;
    p->next = r->buckets[bucket];
    r->buckets[bucket] = p;
    r->n++;
    return p;
}

ks_project *ks_reuse_hold(ks_reuse *r, ks_str project_id, unsigned max, bool *full)
{
    size_t      bucket = bucket_of(project_id);
    ks_project *p = find(r, project_id, bucket);
    *full = p != NULL && p->calls >= max;
    if (*full)
        return NULL;
    if (p == NULL)
        p = add(r, project_id, bucket);
    if (p != NULL)
        p->calls++;
    return p;
}

void ks_reuse_release(ks_reuse *r, ks_project *p)
{
    (void)r;
    if (p == NULL)
        return;
    p->calls--;
    p->used_us = ks_mono_us();
}

CURLSH *ks_reuse_share(ks_project *p)
{
    if (p->share != NULL)
        return p->share;
    CURLSH *share = curl_share_init();
    if (share == NULL)
        return NULL;
    if (curl_share_setopt(share, CURLSHOPT_SHARE, CURL_LOCK_DATA_CONNECT) != CURLSHE_OK ||
        curl_share_setopt(share, CURLSHOPT_SHARE, CURL_LOCK_DATA_SSL_SESSION) != CURLSHE_OK) {
        curl_share_cleanup(share);
        return NULL;
    }
    p->share = share;
    return share;
}

void ks_reuse_sweep(ks_reuse *r, int64_t now_us, int64_t idle_us)
{
    for (size_t i = 0; i < BUCKETS; i++) {
        for (ks_project *p = r->buckets[i], *next; p != NULL; p = next) {
            next = p->next;
            if (p->calls == 0 && now_us - p->used_us >= idle_us)
                forget(r, p);
        }
    }
}

bool ks_reuse_evict(ks_reuse *r)
{
    ks_project *oldest = NULL;
    for (size_t i = 0; i < BUCKETS; i++) {
        for (ks_project *p = r->buckets[i]; p != NULL; p = p->next) {
            if (p->calls == 0 && (oldest == NULL || p->used_us < oldest->used_us))
                oldest = p;
        }
    }
    if (oldest != NULL)
        forget(r, oldest);
    return oldest != NULL;
}
