/* base/alloc.c — wiping, failable allocation. Sizes come from malloc_usable_size(3) (glibc), so no header is
 * kept. Does not lock pages: secrets that live long are in base/secret.c. Threads: any. */
#include "base/alloc.h"

#include <jansson.h>
#include <malloc.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/ids.h"

/* Seen through, the compiler would take the asked size for the whole block, and _FORTIFY_SOURCE would stop
 * the wiping of what malloc_usable_size says on top. */
#define OPAQUE __attribute__((noinline))

#define PAGE  4096
#define LARGE (2 * (size_t)PAGE) /* bytes; below, looking costs more than it spares */

static _Atomic uint64_t asked, fail_at;
static _Atomic bool     fail_all_after;

bool ks_alloc_permit(void)
{
    uint64_t at = atomic_load_explicit(&fail_at, memory_order_relaxed);
    if (at == 0)
        return true;
    uint64_t now = atomic_fetch_add_explicit(&asked, 1, memory_order_relaxed) + 1;
    return now < at || (now > at && !atomic_load_explicit(&fail_all_after, memory_order_relaxed));
}

OPAQUE void *ks_malloc(size_t n)
{
    return ks_alloc_permit() ? malloc(n ? n : 1) : NULL;
}

OPAQUE void *ks_calloc(size_t count, size_t size)
{
    return ks_alloc_permit() ? calloc(count ? count : 1, size ? size : 1) : NULL;
}

void ks_wipe(void *block, size_t n)
{
    char *p = block;
    for (; n >= LARGE; p += PAGE, n -= PAGE) {
        if (p[0] != 0 || memcmp(p, p + 1, PAGE - 1) != 0)
            explicit_bzero(p, PAGE);
    }
    explicit_bzero(p, n);
}

OPAQUE void ks_free(void *p)
{
    if (p == NULL)
        return;
    ks_wipe(p, malloc_usable_size(p));
    free(p);
}

OPAQUE void ks_free_part(void *p, size_t n)
{
    if (p == NULL)
        return;
    explicit_bzero(p, n);
    free(p);
}

OPAQUE void *ks_realloc(void *p, size_t n)
{
    if (p == NULL)
        return ks_malloc(n);
    if (n == 0) {
        ks_free(p);
        return NULL;
    }
    size_t had = malloc_usable_size(p);
    if (n <= had && n >= had / 2)
        return p; /* fits where it is; a move would only leave another copy */
    void *fresh = ks_malloc(n);
    if (fresh == NULL)
        return NULL;
    memcpy(fresh, p, had < n ? had : n);
    ks_free(p);
    return fresh;
}

char *ks_strdup(const char *z)
{
    size_t n = strlen(z) + 1;
    char  *copy = ks_malloc(n);
    if (copy != NULL)
        memcpy(copy, z, n);
    return copy;
}

void ks_alloc_install(void)
{
    size_t seed;
    json_set_alloc_funcs(ks_malloc, ks_free);
    ks_random(&seed, sizeof seed);
    json_object_seed(seed | 1); /* now, so that no request ever opens /dev/urandom */
}

void ks_alloc_fail_at(uint64_t n, bool all_after)
{
    atomic_store(&asked, 0);
    atomic_store(&fail_all_after, all_after);
    atomic_store(&fail_at, n);
}

uint64_t ks_alloc_count(void)
{
    return atomic_load(&asked);
}
