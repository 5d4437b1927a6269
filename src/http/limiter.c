/* http/limiter.c — one bucket of KS_BAD_KEYS_PER_MIN wrong keys per address, refilled steadily (a token every
 * six seconds), as one time stamp an address (GCRA). Addresses are kept as a 64-bit hash: a collision shares
 * a limit. Threads: any; one lock, held for one walk over a short bucket. */
#include "http/limiter.h"

#include <pthread.h>

#include "base/alloc.h"
#include "base/ids.h"
#include "base/limits.h"

#define WAYS   8 /* entries an address may sit in */
#define STEP   (60 * 1000000LL / KS_BAD_KEYS_PER_MIN)
#define BURST  (STEP * KS_BAD_KEYS_PER_MIN)
#define MINUTE (60 * 1000000LL)

typedef struct entry {
    uint64_t address; /* hash; 0 = free */
    int64_t  full_us; /* when the bucket is full again */
} entry;

struct ks_limiter {
    pthread_mutex_t lock;
    uint64_t        seed; /* so that nobody can aim for one bucket */
    size_t          sets;
    entry           at[];
};

ks_limiter *ks_limiter_new(size_t entries)
{
    size_t      sets = entries < WAYS ? 1 : entries / WAYS;
    ks_limiter *l = ks_calloc(1, sizeof *l + sets * WAYS * sizeof(entry));
    if (l == NULL)
        return NULL;
    if (pthread_mutex_init(&l->lock, NULL) != 0) {
        ks_free(l);
        return NULL;
    }
    ks_random(&l->seed, sizeof l->seed);
    l->sets = sets;
    return l;
}

void ks_limiter_free(ks_limiter *l)
{
    if (l == NULL)
        return;
    pthread_mutex_destroy(&l->lock);
    ks_free(l);
}

/* splitmix64 over the bytes, keyed. */
static uint64_t hash(const ks_limiter *l, ks_str s)
{
    uint64_t h = l->seed ^ s.n;
    for (size_t i = 0; i < s.n; i++) {
        h = (h ^ (unsigned char)s.p[i]) * 0x9e3779b97f4a7c15u;
        h = (h ^ (h >> 30)) * 0xbf58476d1ce4e5b9u;
        h ^= h >> 27;
    }
    return h == 0 ? 1 : h;
}

/* The entry of an address. `make`: the oldest of its set gives way when there is none. */
static entry *find(ks_limiter *l, uint64_t h, bool make)
{
    entry *set = &l->at[(h % l->sets) * WAYS], *oldest = set;
    for (size_t i = 0; i < WAYS; i++) {
        if (set[i].address == h)
            return &set[i];
        if (set[i].full_us < oldest->full_us)
            oldest = &set[i];
    }
    if (!make)
        return NULL;
    *oldest = (entry){.address = h};
    return oldest;
}

int ks_limiter_wait(ks_limiter *l, ks_str address, int64_t mono_us)
{
    int64_t wait = 0;
    pthread_mutex_lock(&l->lock);
    const entry *e = find(l, hash(l, address), false);
    if (e != NULL && e->full_us + STEP - BURST > mono_us)
        wait = e->full_us + STEP - BURST - mono_us;
    pthread_mutex_unlock(&l->lock);
    return (int)((wait + 999999) / 1000000);
}

void ks_limiter_fail(ks_limiter *l, ks_str address, int64_t mono_us)
{
    pthread_mutex_lock(&l->lock);
    entry *e = find(l, hash(l, address), true);
    if (e->full_us < mono_us)
        e->full_us = mono_us;
    if (e->full_us - mono_us < MINUTE)
        e->full_us += STEP;
    pthread_mutex_unlock(&l->lock);
}
