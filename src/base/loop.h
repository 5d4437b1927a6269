/* base/loop.h — one thread's event loop: epoll, timers, and work posted from other threads. Known to http/,
 * store/ and upstream/ only; features end their calls instead (http/exchange.h). Threads: all of a loop's
 * functions belong to its thread, ks_loop_post and ks_loop_stop to any. */
#pragma once
#include "base/attr.h"
#include "base/status.h"

typedef struct ks_loop  ks_loop;
typedef struct ks_watch ks_watch; /* a descriptor the loop watches */

/* A timer embedded in its owner. Zeroed = not set. */
typedef struct ks_timer {
    int64_t due_us; /* monotonic */
    size_t  slot;   /* place in the heap + 1; 0 = not set */
    void (*fn)(void *arg);
    void *arg;
} ks_timer;

/* Work for a loop from any thread, embedded in its owner; must stay alive until fn has run. */
typedef struct ks_post {
    struct ks_post *next;
    void (*fn)(void *arg);
    void *arg;
} ks_post;

/* NULL when memory or descriptors are short. */
KS_MUST ks_loop *ks_loop_new(void);
void             ks_loop_free(ks_loop *l); /* NULL is fine; watches and timers must be gone */

/* Watch `fd` for `events` (EPOLLIN ...; level-triggered unless EPOLLET is in). fn runs in the loop with the
 * events seen. NULL when it cannot be watched. ks_watch_del does not close the descriptor and is safe inside
 * fn. */
KS_MUST ks_watch *ks_watch_add(ks_loop *l, int fd, uint32_t events, void (*fn)(void *arg, uint32_t events),
                               void *arg);
/* Watch for these events instead; 0: for nothing now. */
void ks_watch_set(ks_watch *w, uint32_t events);
void ks_watch_del(ks_watch *w); /* NULL is fine */

/* Run t->fn(t->arg) once, `ms` from now; setting again moves it. False when memory is short. */
bool ks_timer_set(ks_loop *l, ks_timer *t, int64_t ms);
void ks_timer_clear(ks_loop *l, ks_timer *t); /* not set: nothing happens */

/* Run p->fn(p->arg) in the loop's thread, in the order posted. */
void ks_loop_post(ks_loop *l, ks_post *p);

/* fn runs before each sleep and returns the longest sleep it allows in ms (-1 = any). For libmicrohttpd,
 * which must be run again after a resume (it does not announce it). At most 4 of them. */
bool ks_loop_before_sleep(ks_loop *l, int (*fn)(void *arg), void *arg);

/* Forget a hook, before its `arg` goes. Not from inside a hook. */
void ks_loop_before_sleep_off(ks_loop *l, int (*fn)(void *arg), void *arg);

/* One turn: due timers, posts, before-sleep hooks, events; sleeps at most `max_ms` (-1 = until something
 * happens), not at all when a timer or a post ran. */
void ks_loop_turn(ks_loop *l, int max_ms);

void ks_loop_run(ks_loop *l);  /* turns until ks_loop_stop */
void ks_loop_stop(ks_loop *l); /* any thread */
