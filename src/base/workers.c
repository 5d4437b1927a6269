/* base/workers.c — one queue, one lock, and threads that come with the work and go when idle. Does not know
 * loops: a job sees to its own way back. POSIX threads. Threads: any. */
#include "base/workers.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <time.h>

#include "base/alloc.h"

#define STACK_BYTES ((size_t)256 * 1024) /* the deepest job walks JSON of 64 levels */
#define IDLE_S      10

typedef struct slot {
    ks_workers *pool;
    pthread_t   thread;
    bool        used, ended; /* used: thread is to be joined; ended: it takes no more work */
} slot;

struct ks_workers {
    pthread_mutex_t lock;
    pthread_cond_t  work;
    ks_job         *first, *last;
    unsigned        queued, queue_max, idle, running, max;
    bool            stop;
    slot            slots[];
};

ks_workers *ks_workers_new(unsigned max, unsigned queue)
{
    pthread_condattr_t attr;
    ks_workers        *w = ks_calloc(1, sizeof *w + max * sizeof(slot));
    if (w == NULL)
        return NULL;
    w->max = max;
    w->queue_max = queue;
    pthread_mutex_init(&w->lock, NULL);
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_cond_init(&w->work, &attr);
    pthread_condattr_destroy(&attr);
    return w;
}

/* Wait for work, at most IDLE_S. NULL: this thread should end. With the lock held. */
static ks_job *next_job(ks_workers *w)
{
    struct timespec until;
    int             rc = 0;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += IDLE_S;
    w->idle++;
    while (w->first == NULL && !w->stop && rc != ETIMEDOUT)
        rc = pthread_cond_timedwait(&w->work, &w->lock, &until);
    w->idle--;
    ks_job *j = w->first;
    if (j != NULL) {
        w->first = j->next;
        w->queued--;
        if (w->first == NULL)
            w->last = NULL;
    }
    return j;
}

static void *work(void *arg)
{
    slot       *me = arg;
    ks_workers *w = me->pool;
    unsigned    number = (unsigned)(me - w->slots);
    pthread_mutex_lock(&w->lock);
    for (ks_job *j; (j = next_job(w)) != NULL;) {
        pthread_mutex_unlock(&w->lock);
        j->fn(j->arg, number); /* j may be gone afterwards */
        pthread_mutex_lock(&w->lock);
    }
    w->running--;
    me->ended = true;
    pthread_mutex_unlock(&w->lock);
    return NULL;
}

/* One more thread, in the lowest free slot. Signals stay with the main thread. With the lock held. */
static bool start_thread(ks_workers *w)
{
    pthread_attr_t attr;
    sigset_t       all, before;
    slot          *s = w->slots;
    while (s->used && !s->ended)
        s++; /* running < max: there is one */
    if (s->used)
        pthread_join(s->thread, NULL); /* it has left its last critical section */
    *s = (slot){.pool = w};
    pthread_attr_init(&attr);
    pthread_attr_setstacksize(&attr, STACK_BYTES);
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    s->used = pthread_create(&s->thread, &attr, work, s) == 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    pthread_attr_destroy(&attr);
    w->running += s->used;
    return s->used;
}

bool ks_workers_submit(ks_workers *w, ks_job *j)
{
    pthread_mutex_lock(&w->lock);
    bool fits = w->queued < w->queue_max && !w->stop;
    if (fits && w->queued >= w->idle && w->running < w->max && !start_thread(w))
        fits = w->running > 0; /* the others will come to it */
    if (fits) {
        j->next = NULL;
        if (w->last != NULL)
            w->last->next = j;
        else
            w->first = j;
        w->last = j;
        w->queued++;
        pthread_cond_signal(&w->work);
    }
    pthread_mutex_unlock(&w->lock);
    return fits;
}

void ks_workers_free(ks_workers *w)
{
    if (w == NULL)
        return;
    pthread_mutex_lock(&w->lock);
    w->stop = true;
    pthread_cond_broadcast(&w->work);
    pthread_mutex_unlock(&w->lock);
    for (unsigned i = 0; i < w->max; i++) {
        if (w->slots[i].used)
            pthread_join(w->slots[i].thread, NULL);
    }
    pthread_cond_destroy(&w->work);
    pthread_mutex_destroy(&w->lock);
    ks_free(w);
}
