/* upstream/gate.c — see gate.h: one hash table of marks, by the text of an origin or the id of a connection.
 */
#include "upstream/gate.h"

#include <pthread.h>
#include <stdatomic.h>

#include "base/alloc.h"

#define BUCKETS 512
#define DEPTH   16

typedef struct mark {
    struct mark *next; /* in its bucket */
    int64_t      used_us;
    unsigned     failed, shut; /* an origin: failures in a row; pauses in a row */
    int64_t      since_us, until_us, probe_us;
    int64_t      free_us, next_us; /* a connection: when it may be used again; when the line has got so far */
    unsigned     waiting;
    size_t       n;
    char         key[];
} mark;

struct ks_gate {
    pthread_mutex_t lock;
    atomic_size_t   n; /* marks; 0: nobody needs the lock */
    mark           *buckets[BUCKETS];
};

ks_gate *ks_gate_new(void)
{
    ks_gate *g = ks_calloc(1, sizeof *g);
    if (g != NULL && pthread_mutex_init(&g->lock, NULL) != 0) {
        ks_free(g);
        return NULL;
    }
    return g;
}

void ks_gate_free(ks_gate *g)
{
    if (g == NULL)
        return;
    for (size_t i = 0; i < BUCKETS; i++) {
        for (mark *m = g->buckets[i], *next; m != NULL; m = next) {
            next = m->next;
            ks_free(m);
        }
    }
    pthread_mutex_destroy(&g->lock);
    ks_free(g);
}

/* ---- marks; the lock is held ---- */

/* FNV-1a. Callers may aim at a bucket with hosts of their own; then they push out its oldest marks, and those
 * origins are tried once more than they need be. */
static mark **bucket_of(ks_gate *g, ks_str key)
{
    uint32_t h = 2166136261u;
    for (size_t i = 0; i < key.n; i++)
        h = (h ^ (unsigned char)key.p[i]) * 16777619u;
    return &g->buckets[h % BUCKETS];
}

static mark **place_of(ks_gate *g, ks_str key)
{
    mark **at = bucket_of(g, key);
    while (*at != NULL && !ks_str_eq((ks_str){(*at)->key, (*at)->n}, key))
        at = &(*at)->next;
    return at;
}

static void drop(ks_gate *g, mark **at)
{
    mark *m = *at;
    *at = m->next;
    ks_free(m);
    atomic_fetch_sub_explicit(&g->n, 1, memory_order_relaxed);
}

/* Room for one more in a bucket: the mark that was asked for longest ago goes when it is full. */
static void make_room(ks_gate *g, mark **bucket)
{
    mark **oldest = bucket;
    size_t n = 0;
    for (mark **at = bucket; *at != NULL; at = &(*at)->next, n++) {
        if ((*at)->used_us < (*oldest)->used_us)
            oldest = at;
    }
    if (n >= DEPTH)
        drop(g, oldest);
}

/* The mark of `key`, made when there is none; NULL when memory is short: then nothing is learned. */
static mark *mark_of(ks_gate *g, ks_str key, int64_t now_us)
{
    mark *m = *place_of(g, key);
    if (m == NULL) {
        mark **bucket = bucket_of(g, key);
        make_room(g, bucket);
        m = ks_calloc(1, sizeof *m + key.n);
        if (m == NULL)
            return NULL;
        memcpy(m->key, key.p, key.n);
        m->n = key.n;
        m->next = *bucket;
        *bucket = m;
        atomic_fetch_add_explicit(&g->n, 1, memory_order_relaxed);
    }
    m->used_us = now_us;
    return m;
}

/* Nothing is remembered and nothing waits: no lock is needed to know that. A call that comes at the very
 * moment of the first mark goes by unhindered, as if it had come before. */
static bool is_empty(const ks_gate *g)
{
    return atomic_load_explicit(&g->n, memory_order_relaxed) == 0;
}

/* ---- origins ---- */

static bool judge_origin(mark *m, int64_t now_us, ks_gate_shut *out)
{
    if (m == NULL || m->shut == 0)
        return true;
    int64_t until_us = m->until_us > m->probe_us ? m->until_us : m->probe_us;
    if (now_us < until_us) {
        *out = (ks_gate_shut){m->since_us, until_us - now_us};
        return false;
    }
    m->probe_us = now_us +
                  KS_GATE_FIRST_US; /* this call tries; others wait for what it finds, or that long */
    return true;
}

bool ks_gate_pass(ks_gate *g, ks_str key, int64_t now_us, ks_gate_shut *out)
{
    if (is_empty(g))
        return true;
    pthread_mutex_lock(&g->lock);
    bool pass = judge_origin(*place_of(g, key), now_us, out);
    pthread_mutex_unlock(&g->lock);
    return pass;
}

void ks_gate_reached(ks_gate *g, ks_str key)
{
    if (is_empty(g))
        return;
    pthread_mutex_lock(&g->lock);
    mark **at = place_of(g, key);
    if (*at != NULL)
        drop(g, at);
    pthread_mutex_unlock(&g->lock);
}

/* Calls that were under way when it shut fail, too; they say nothing new. */
static bool count_failure(mark *m, int64_t now_us, int64_t wall_us)
{
    m->failed++;
    if (m->failed < KS_GATE_FAILURES || (m->shut > 0 && now_us < m->until_us))
        return false;
    if (m->shut == 0)
        m->since_us = wall_us;
    int64_t pause = KS_GATE_FIRST_US << (m->shut < 8 ? m->shut : 8);
    m->until_us = now_us + (pause < KS_GATE_MOST_US ? pause : KS_GATE_MOST_US);
    m->probe_us = 0;
    m->shut++;
    return true;
}

bool ks_gate_missed(ks_gate *g, ks_str key, int64_t now_us, int64_t wall_us)
{
    pthread_mutex_lock(&g->lock);
    mark *m = mark_of(g, key, now_us);
    bool  shut = m != NULL && count_failure(m, now_us, wall_us);
    pthread_mutex_unlock(&g->lock);
    return shut;
}

/* ---- connections ---- */

void ks_gate_hold(ks_gate *g, ks_str connection, int64_t until_us)
{
    pthread_mutex_lock(&g->lock);
    mark *m = mark_of(g, connection, until_us); /* the later it ends, the longer it is worth keeping */
    if (m != NULL && until_us > m->free_us)
        m->free_us = until_us;
    pthread_mutex_unlock(&g->lock);
}

/* The line moves on by a step for each call, so that they neither leave all at once nor overtake. */
static int64_t join(mark *m, int64_t now_us, int64_t most_us, bool *placed)
{
    int64_t at_us = m->free_us > m->next_us ? m->free_us : m->next_us;
    if (at_us - now_us > most_us || m->waiting >= KS_GATE_WAITING)
        return at_us - now_us;
    m->next_us = at_us + KS_GATE_STEP_US;
    m->waiting++;
    *placed = true;
    return at_us - now_us;
}

int64_t ks_gate_wait(ks_gate *g, ks_str connection, int64_t now_us, int64_t most_us, bool *placed)
{
    int64_t wait = 0;
    *placed = false;
    if (is_empty(g))
        return 0;
    pthread_mutex_lock(&g->lock);
    mark **at = place_of(g, connection);
    if (*at != NULL && now_us < (*at)->free_us)
        wait = join(*at, now_us, most_us, placed);
    else if (*at != NULL && (*at)->waiting == 0)
        drop(g, at); /* over, and nobody stands in line */
    pthread_mutex_unlock(&g->lock);
    return wait;
}

void ks_gate_leave(ks_gate *g, ks_str connection)
{
    pthread_mutex_lock(&g->lock);
    mark *m = *place_of(g, connection);
    if (m != NULL && m->waiting > 0)
        m->waiting--;
    pthread_mutex_unlock(&g->lock);
}
