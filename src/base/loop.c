/* base/loop.c — epoll, a heap of timers, and a list of posted work that other threads push to without a lock.
 * Does no I/O of its own beyond the wake-up descriptor. Linux epoll(7), eventfd(2). Threads: as in loop.h. */
#include "base/loop.h"

#include <limits.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/time.h"

#define EVENTS_PER_TURN 256
#define MAX_HOOKS       4

struct ks_watch {
    ks_loop *loop;
    int      fd;
    void (*fn)(void *arg, uint32_t events); /* NULL: deleted, freed at the end of the turn */
    void     *arg;
    ks_watch *next_dead;
};

typedef struct hook {
    int (*fn)(void *arg);
    void *arg;
} hook;

struct ks_loop {
    int                epoll_fd, wake_fd;
    _Atomic(ks_post *) posted; /* newest first; taken whole and turned round */
    _Atomic bool       stop;
    ks_timer         **heap; /* the earliest at 0 */
    size_t             timers, room;
    ks_watch          *dead;
    hook               hooks[MAX_HOOKS];
    size_t             n_hooks;
    _Atomic(pthread_t) turner; /* the thread of the last turn; 0: none yet */
};

ks_loop *ks_loop_new(void)
{
    ks_loop *l = ks_calloc(1, sizeof *l);
    if (l == NULL)
        return NULL;
    struct epoll_event wake = {.events = EPOLLIN, .data.ptr = NULL};
    l->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    l->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (l->epoll_fd < 0 || l->wake_fd < 0 || epoll_ctl(l->epoll_fd, EPOLL_CTL_ADD, l->wake_fd, &wake) != 0) {
        ks_loop_free(l);
        return NULL;
    }
    return l;
}

static void bury(ks_loop *l)
{
    while (l->dead != NULL) {
        ks_watch *w = l->dead;
        l->dead = w->next_dead;
        ks_free(w);
    }
}

void ks_loop_free(ks_loop *l)
{
    if (l == NULL)
        return;
    bury(l);
    if (l->epoll_fd >= 0)
        close(l->epoll_fd);
    if (l->wake_fd >= 0)
        close(l->wake_fd);
    ks_free(l->heap);
    ks_free(l);
}

/* ---- descriptors ---- */

ks_watch *ks_watch_add(ks_loop *l, int fd, uint32_t events, void (*fn)(void *arg, uint32_t events), void *arg)
{
    ks_watch *w = ks_malloc(sizeof *w);
    if (w == NULL)
        return NULL;
    *w = (ks_watch){.loop = l, .fd = fd, .fn = fn, .arg = arg};
    struct epoll_event e = {.events = events, .data.ptr = w};
    if (epoll_ctl(l->epoll_fd, EPOLL_CTL_ADD, fd, &e) != 0) {
        ks_free(w);
        return NULL;
    }
    return w;
}

void ks_watch_set(ks_watch *w, uint32_t events)
{
    struct epoll_event e = {.events = events, .data.ptr = w};
    (void)epoll_ctl(w->loop->epoll_fd, EPOLL_CTL_MOD, w->fd,
                    &e); /* fails only for a descriptor closed early */
}

void ks_watch_del(ks_watch *w)
{
    if (w == NULL)
        return;
    (void)epoll_ctl(w->loop->epoll_fd, EPOLL_CTL_DEL, w->fd, NULL);
    w->fn = NULL; /* an event of this turn may still point here */
    w->next_dead = w->loop->dead;
    w->loop->dead = w;
}

/* ---- timers ---- */

static void place(ks_loop *l, size_t i, ks_timer *t)
{
    l->heap[i] = t;
    t->slot = i + 1;
}

/* Let t find its place, upwards and then downwards from i. */
static void settle(ks_loop *l, size_t i, ks_timer *t)
{
    while (i > 0 && l->heap[(i - 1) / 2]->due_us > t->due_us) {
        place(l, i, l->heap[(i - 1) / 2]);
        i = (i - 1) / 2;
    }
    for (size_t child; (child = 2 * i + 1) < l->timers; i = child) {
        if (child + 1 < l->timers && l->heap[child + 1]->due_us < l->heap[child]->due_us)
            child++;
        if (l->heap[child]->due_us >= t->due_us)
            break;
        place(l, i, l->heap[child]);
    }
    place(l, i, t);
}

bool ks_timer_set(ks_loop *l, ks_timer *t, int64_t ms)
{
    if (t->slot == 0 && l->timers == l->room) {
        size_t     room = l->room ? l->room * 2 : 64;
        ks_timer **heap = ks_realloc(l->heap, room * sizeof(ks_timer *));
        if (heap == NULL)
            return false;
        l->heap = heap;
        l->room = room;
    }
    t->due_us = ks_mono_us() + (ms > 0 ? ms : 0) * 1000;
    if (t->slot == 0)
        t->slot = ++l->timers;
    settle(l, t->slot - 1, t);
    return true;
}

void ks_timer_clear(ks_loop *l, ks_timer *t)
{
    (void)l;
    if (t->slot == 0)
        return;
    size_t    hole = t->slot - 1;
    ks_timer *last = l->heap[--l->timers];
    t->slot = 0;
    if (last != t)
        settle(l, hole, last);
}

/* True when one ran. */
static bool run_timers(ks_loop *l)
{
    int64_t now = l->timers ? ks_mono_us() : 0;
    bool    any = false;
    while (l->timers > 0 && l->heap[0]->due_us <= now) {
        ks_timer *t = l->heap[0];
        ks_timer_clear(l, t);
        t->fn(t->arg); /* may set it again, or free its owner */
        any = true;
    }
    return any;
}

/* ---- posted work ---- */

static void wake(ks_loop *l)
{
    uint64_t one = 1;
    if (write(l->wake_fd, &one, sizeof one) < 0)
        return; /* the counter is full: the loop is awake already */
}

void ks_loop_post(ks_loop *l, ks_post *p)
{
    ks_post *newest = atomic_load_explicit(&l->posted, memory_order_relaxed);
    do
        p->next = newest;
    while (!atomic_compare_exchange_weak_explicit(&l->posted, &newest, p, memory_order_release,
                                                  memory_order_relaxed));
    /* Whoever finds the list empty wakes the loop, once for all that follow; p may be gone. The loop's own
     * thread is awake, and looks at the list before it sleeps. */
    if (newest == NULL && atomic_load_explicit(&l->turner, memory_order_relaxed) != pthread_self())
        wake(l);
}

/* True when one ran. */
static bool run_posts(ks_loop *l)
{
    ks_post *newest = atomic_exchange_explicit(&l->posted, NULL, memory_order_acquire), *oldest = NULL;
    while (newest != NULL) {
        ks_post *next = newest->next;
        newest->next = oldest;
        oldest = newest;
        newest = next;
    }
    bool any = oldest != NULL;
    while (oldest != NULL) {
        ks_post *p = oldest;
        oldest = p->next; /* p may be posted again or freed by its fn */
        p->fn(p->arg);
    }
    return any;
}

/* ---- turning ---- */

bool ks_loop_before_sleep(ks_loop *l, int (*fn)(void *arg), void *arg)
{
    if (l->n_hooks == MAX_HOOKS)
        return false;
    l->hooks[l->n_hooks++] = (hook){fn, arg};
    return true;
}

void ks_loop_before_sleep_off(ks_loop *l, int (*fn)(void *arg), void *arg)
{
    for (size_t i = 0; i < l->n_hooks; i++) {
        if (l->hooks[i].fn == fn && l->hooks[i].arg == arg) {
            l->hooks[i] = l->hooks[--l->n_hooks];
            return;
        }
    }
}

/* The shorter of two sleeps, -1 being without end. */
static int shorter(int a, int b)
{
    return b < 0 || (a >= 0 && a < b) ? a : b;
}

static int may_sleep_ms(ks_loop *l, int max_ms)
{
    int ms = max_ms;
    for (size_t i = 0; i < l->n_hooks; i++)
        ms = shorter(ms, l->hooks[i].fn(l->hooks[i].arg));
    if (l->timers > 0) {
        int64_t left = (l->heap[0]->due_us - ks_mono_us() + 999) / 1000; /* up: not awake too early */
        ms = shorter(ms, left < 0 ? 0 : left > INT_MAX ? INT_MAX : (int)left);
    }
    bool waiting = atomic_load_explicit(&l->posted, memory_order_relaxed) != NULL;
    return waiting || atomic_load(&l->stop) ? 0 : ms;
}

void ks_loop_turn(ks_loop *l, int max_ms)
{
    struct epoll_event events[EVENTS_PER_TURN];
    bool               woken = false;
    uint64_t           count;
    atomic_store_explicit(&l->turner, pthread_self(), memory_order_relaxed);
    bool ran = run_timers(l);
    ran |= run_posts(l);
    /* what ran may be all that the caller waits for: then this turn looks at descriptors but does not sleep
     */
    int n = epoll_wait(l->epoll_fd, events, EVENTS_PER_TURN, may_sleep_ms(l, ran ? 0 : max_ms));
    for (int i = 0; i < n; i++) {
        ks_watch *w = events[i].data.ptr;
        if (w == NULL)
            woken = true;
        else if (w->fn != NULL)
            w->fn(w->arg, events[i].events);
    }
    bury(l);
    if (n == 0)
        (void)run_timers(l);
    if (woken && read(l->wake_fd, &count, sizeof count) > 0)
        (void)run_posts(l);
}

void ks_loop_run(ks_loop *l)
{
    while (!atomic_exchange(&l->stop, false))
        ks_loop_turn(l, -1);
}

void ks_loop_stop(ks_loop *l)
{
    atomic_store(&l->stop, true);
    wake(l);
}
