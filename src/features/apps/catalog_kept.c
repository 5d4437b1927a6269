/* features/apps/catalog_kept.c — texts made once from the whole catalogue: the one thing of a catalogue that
 * changes after its opening. Threads: any. */
#include <pthread.h>

#include "features/apps/catalog_handle.h"

enum { KEPT_MAX = 64 * 1024 * 1024 }; /* bytes of one kept text */

struct ks_kept_texts {
    pthread_mutex_t lock; /* held while one is made */
    ks_buf          texts[KS_KEPT_COUNT];
    atomic_bool     ready[KS_KEPT_COUNT];
};

ks_kept_texts *ks_kept_new(void)
{
    ks_kept_texts *k = ks_calloc(1, sizeof *k);
    if (k == NULL)
        return NULL;
    if (pthread_mutex_init(&k->lock, NULL) != 0) {
        ks_free(k);
        return NULL;
    }
    for (size_t i = 0; i < KS_KEPT_COUNT; i++)
        k->texts[i] = ks_buf_new(KEPT_MAX);
    return k;
}

void ks_kept_free(ks_kept_texts *k)
{
    if (k == NULL)
        return;
    for (size_t i = 0; i < KS_KEPT_COUNT; i++)
        ks_buf_done(&k->texts[i]);
    pthread_mutex_destroy(&k->lock);
    ks_free(k);
}

/* Give back what the buffer has too much: it stays for good. */
static void shrink(ks_buf *b)
{
    char *p = ks_buf_ok(b) && b->n > 0 ? ks_realloc(b->p, b->n + 1) : NULL;
    if (p == NULL)
        return;
    b->p = p;
    b->room = b->n + 1;
}

ks_str ks_catalog_kept(const ks_catalog *c, ks_kept                                                 which,
                       void (*encode)(const ks_catalog *c, ks_buf *b, const void *arg), const void *arg)
{
    ks_kept_texts *k = c->kept;
    ks_buf        *b = &k->texts[which];
    if (atomic_load_explicit(&k->ready[which], memory_order_acquire))
        return ks_buf_view(b);

    ks_str text = KS_NO_STR;
    pthread_mutex_lock(&k->lock);
    if (!atomic_load_explicit(&k->ready[which], memory_order_relaxed)) {
        ks_buf_done(b);
        encode(c, b, arg);
        shrink(b);
        atomic_store_explicit(&k->ready[which], ks_buf_ok(b), memory_order_release);
    }
    if (ks_buf_ok(b))
        text = ks_buf_view(b);
    pthread_mutex_unlock(&k->lock);
    return text;
}
