/* upstream/reserve.c — a stack of ordinary heap blocks, used when the heap has no more and refilled from what
 * libcurl frees. Bounded; when it is used up too, allocations fail. Threads: any. */
#include "upstream/reserve.h"

#include <malloc.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

#include "base/alloc.h"

#define BLOCK  1024 /* bytes; libcurl's hash tables and list nodes are smaller */
#define BLOCKS 32

static pthread_mutex_t  lock = PTHREAD_MUTEX_INITIALIZER;
static void            *blocks[BLOCKS]; /* the only state; guarded by lock */
static _Atomic size_t   held;
static _Atomic uint64_t short_of; /* times that the heap had nothing */

bool ks_reserve_start(void)
{
    while (held < BLOCKS && (blocks[held] = ks_malloc(BLOCK)) != NULL)
        held++;
    return held == BLOCKS;
}

static void *take(size_t n)
{
    void *p = NULL;
    atomic_fetch_add_explicit(&short_of, 1, memory_order_relaxed);
    if (n > BLOCK)
        return NULL;
    pthread_mutex_lock(&lock);
    if (held > 0)
        p = blocks[--held];
    pthread_mutex_unlock(&lock);
    return p;
}

/* Keep a block that libcurl gives back, if one is missing. */
static bool refill(void *p)
{
    if (atomic_load_explicit(&held, memory_order_relaxed) == BLOCKS || malloc_usable_size(p) < BLOCK)
        return false;
    explicit_bzero(p, malloc_usable_size(p));
    pthread_mutex_lock(&lock);
    bool room = held < BLOCKS;
    if (room)
        blocks[held++] = p;
    pthread_mutex_unlock(&lock);
    return room;
}

uint64_t ks_reserve_short(void)
{
    return atomic_load_explicit(&short_of, memory_order_relaxed);
}

void *ks_reserve_malloc(size_t n)
{
    void *p = ks_malloc(n);
    return p != NULL ? p : take(n);
}

void *ks_reserve_calloc(size_t count, size_t size)
{
    size_t n;
    void  *p = ks_calloc(count, size);
    if (p != NULL || __builtin_mul_overflow(count, size, &n))
        return p;
    p = take(n);
    if (p != NULL)
        memset(p, 0, n);
    return p;
}

void *ks_reserve_realloc(void *p, size_t n)
{
    void *fresh = ks_realloc(p, n);
    if (fresh != NULL || n == 0 || (fresh = take(n)) == NULL)
        return fresh;
    if (p != NULL) {
        size_t had = malloc_usable_size(p);
        memcpy(fresh, p, had < n ? had : n);
        ks_free(p);
    }
    return fresh;
}

char *ks_reserve_strdup(const char *z)
{
    size_t n = strlen(z) + 1;
    char  *copy = ks_reserve_malloc(n);
    if (copy != NULL)
        memcpy(copy, z, n);
    return copy;
}

void ks_reserve_free(void *p)
{
    if (p != NULL && !refill(p))
        ks_free(p);
}
