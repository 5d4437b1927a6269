/* features/row_cache.c — see row_cache.h. A chained hash table threaded by a list in order of use; each row
 * is one allocation, wiped when it goes (base/alloc.h). */
#include "features/row_cache.h"

#include "base/alloc.h"
#include "base/ids.h"

typedef struct row {
    struct row *chain;         /* next in the bucket */
    struct row *newer, *older; /* order of use */
    uint64_t    hash, epoch;
    size_t      key_n, value_n;
    char        bytes[]; /* key, then value */
} row;

struct ks_row_cache {
    row    **buckets;
    size_t   mask;
    size_t   count, max_count;
    size_t   held, max_held; /* bytes */
    uint64_t seed;
    row     *newest, *oldest;
};

/* FNV-1a from a random start: rows that exist are few and chosen by us, so chains cannot be grown from
 * outside. */
static uint64_t hash_of(const ks_row_cache *c, ks_str key)
{
    uint64_t h = c->seed;
    for (size_t i = 0; i < key.n; i++)
        h = (h ^ (unsigned char)key.p[i]) * 1099511628211U;
    return h ^ (h >> 32);
}

static size_t size_of(const row *r)
{
    return sizeof *r + r->key_n + r->value_n;
}

static void list_remove(ks_row_cache *c, row *r)
{
    *(r->newer ? &r->newer->older : &c->newest) = r->older;
    *(r->older ? &r->older->newer : &c->oldest) = r->newer;
}

static void list_push(ks_row_cache *c, row *r)
{
    r->newer = NULL;
    r->older = c->newest;
    *(c->newest ? &c->newest->newer : &c->oldest) = r;
    c->newest = r;
}

/* The link that points at the row of `key`, or at NULL at the end of its chain. */
static row **find(ks_row_cache *c, ks_str key, uint64_t hash)
{
    row **at = &c->buckets[hash & c->mask];
    while (*at != NULL && !((*at)->hash == hash && ks_str_eq((ks_str){(*at)->bytes, (*at)->key_n}, key)))
        at = &(*at)->chain;
    return at;
}

static void drop(ks_row_cache *c, row **at)
{
    row *r = *at;
    *at = r->chain;
    list_remove(c, r);
    c->count--;
    c->held -= size_of(r);
    ks_free(r);
}

static void drop_oldest(ks_row_cache *c)
{
    row *r = c->oldest;
    drop(c, find(c, (ks_str){r->bytes, r->key_n}, r->hash));
}

ks_row_cache *ks_row_cache_new(size_t max_entries, size_t max_bytes)
{
    size_t        buckets = 16;
    ks_row_cache *c = ks_calloc(1, sizeof *c);
    if (c == NULL)
        return NULL;
    while (buckets < max_entries)
        buckets *= 2;
    c->buckets = ks_calloc(buckets, sizeof(row *));
    if (c->buckets == NULL) {
        ks_free(c);
        return NULL;
    }
    c->mask = buckets - 1;
    c->max_count = max_entries;
    c->max_held = max_bytes;
    ks_random(&c->seed, sizeof c->seed);
    return c;
}

void ks_row_cache_free(ks_row_cache *c)
{
    if (c == NULL)
        return;
    while (c->oldest != NULL)
        drop_oldest(c);
    ks_free(c->buckets);
    ks_free(c);
}

ks_str ks_row_cache_get(ks_row_cache *c, const ks_store *s, ks_str key)
{
    if (c == NULL)
        return KS_NO_STR;
    row **at = find(c, key, hash_of(c, key));
    row  *r = *at;
    if (r == NULL)
        return KS_NO_STR;
    if (r->epoch != ks_epoch(s, key)) {
        drop(c, at);
        return KS_NO_STR;
    }
    if (r != c->newest) {
        list_remove(c, r);
        list_push(c, r);
    }
    return (ks_str){r->bytes + r->key_n, r->value_n};
}

void ks_row_cache_put(ks_row_cache *c, ks_str key, uint64_t epoch, ks_str bytes)
{
    if (c == NULL || c->max_count == 0)
        return;
    uint64_t hash = hash_of(c, key);
    row    **at = find(c, key, hash);
    if (*at != NULL)
        drop(c, at);
    if (sizeof(row) + key.n + bytes.n > c->max_held / 8)
        return;
    row *r = ks_malloc(sizeof *r + key.n + bytes.n);
    if (r == NULL)
        return;
    *r = (row){.hash = hash, .epoch = epoch, .key_n = key.n, .value_n = bytes.n};
    if (key.n > 0)
        memcpy(r->bytes, key.p, key.n);
    if (bytes.n > 0)
        memcpy(r->bytes + key.n, bytes.p, bytes.n);
    while (c->count >= c->max_count || c->held + size_of(r) > c->max_held)
        drop_oldest(c);
    r->chain = c->buckets[hash & c->mask];
    c->buckets[hash & c->mask] = r;
    list_push(c, r);
    c->count++;
    c->held += size_of(r);
}

size_t ks_row_cache_count(const ks_row_cache *c)
{
    return c ? c->count : 0;
}
