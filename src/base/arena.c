/* base/arena.c — blocks in a list; the newest is in use. Wiped on reset because request text may hold a
 * credential. */
#include "base/arena.h"

#include <string.h>

#include "base/alloc.h"
#include "base/limits.h"

typedef struct block {
    struct block *older;
    size_t        used, size; /* bytes of data[] */
    _Alignas(16) char data[];
} block;

typedef struct deferred {
    struct deferred *older;
    void (*fn)(void *arg);
    void *arg;
} deferred;

struct ks_arena {
    block    *top;
    deferred *cleanups;
    size_t    used, max;
};

static block *block_new(size_t size, block *older)
{
    block *b = ks_malloc(sizeof *b + size);
    if (b != NULL)
        *b = (block){.older = older, .size = size};
    return b;
}

/* What was handed out is all that was ever written. */
static void block_free(block *b)
{
    ks_free_part(b, sizeof *b + b->used);
}

ks_arena *ks_arena_new(size_t max)
{
    return ks_arena_new_from(KS_ARENA_FIRST - sizeof(block) - 32, max);
}

ks_arena *ks_arena_new_from(size_t first, size_t max)
{
    ks_arena *a = ks_calloc(1, sizeof *a);
    if (a == NULL)
        return NULL;
    a->max = max;
    a->top = block_new(first, NULL);
    if (a->top == NULL) {
        ks_free(a);
        return NULL;
    }
    return a;
}

void ks_arena_free(ks_arena *a)
{
    if (a == NULL)
        return;
    ks_arena_reset(a);
    block_free(a->top);
    ks_free(a);
}

void ks_arena_reset(ks_arena *a)
{
    for (deferred *d = a->cleanups; d != NULL; d = d->older)
        d->fn(d->arg);
    a->cleanups = NULL;
    while (a->top->older != NULL) {
        block *older = a->top->older;
        block_free(a->top);
        a->top = older;
    }
    explicit_bzero(a->top->data, a->top->used);
    a->top->used = 0;
    a->used = 0;
}

void *ks_arena_alloc(ks_arena *a, size_t n)
{
    size_t need = (n + 15) & ~(size_t)15;
    if (need < n || need > a->max - a->used || !ks_alloc_permit())
        return NULL;
    if (need > a->top->size - a->top->used) {
        size_t size = a->top->size * 2 < 256 * 1024 ? a->top->size * 2 : 256 * 1024;
        block *b = block_new(need > size ? need : size, a->top);
        if (b == NULL)
            return NULL;
        a->top = b;
    }
    void *p = a->top->data + a->top->used;
    a->top->used += need;
    a->used += need;
    return p;
}

void *ks_arena_zalloc(ks_arena *a, size_t n)
{
    void *p = ks_arena_alloc(a, n);
    if (p != NULL)
        memset(p, 0, n);
    return p;
}

bool ks_arena_defer(ks_arena *a, void (*fn)(void *arg), void *arg)
{
    deferred *d = ks_arena_alloc(a, sizeof *d);
    if (d == NULL)
        return false;
    *d = (deferred){a->cleanups, fn, arg};
    a->cleanups = d;
    return true;
}

size_t ks_arena_used(const ks_arena *a)
{
    return a->used;
}
