/* base/loop_test.c — posts, timers and watches of one loop. Waits are turns of the loop, never sleeps. */
#include <pthread.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/loop.h"
#include "base/time.h"
#include "tests/support/test.h"

static int setup(void **state)
{
    *state = ks_loop_new();
    return *state ? 0 : -1;
}

static int teardown(void **state)
{
    ks_loop_free(*state);
    return 0;
}

/* ---- posts ---- */

#define THREADS    4
#define PER_THREAD 5000

typedef struct note {
    ks_post          post;
    struct producer *from;
    unsigned         number;
} note;

typedef struct producer {
    ks_loop  *loop;
    note      notes[PER_THREAD];
    unsigned  seen; /* loop thread only */
    bool      in_order;
    unsigned *total;
    pthread_t thread;
} producer;

static void noted(void *arg)
{
    note     *n = arg;
    producer *p = n->from;
    p->in_order &= n->number == p->seen;
    p->seen++;
    if (++*p->total == THREADS * PER_THREAD)
        ks_loop_stop(p->loop);
}

static void *post_all(void *arg)
{
    producer *p = arg;
    for (unsigned i = 0; i < PER_THREAD; i++) {
        p->notes[i] = (note){.post = {.fn = noted, .arg = &p->notes[i]}, .from = p, .number = i};
        ks_loop_post(p->loop, &p->notes[i].post);
    }
    return NULL;
}

static void posts_of_each_thread_arrive_once_and_in_order(void **state)
{
    producer *p = calloc(THREADS, sizeof *p);
    unsigned  total = 0;
    assert_non_null(p);
    for (int i = 0; i < THREADS; i++) {
        p[i].loop = *state;
        p[i].in_order = true;
        p[i].total = &total;
        assert_int_equal(pthread_create(&p[i].thread, NULL, post_all, &p[i]), 0);
    }
    ks_loop_run(*state);
    for (int i = 0; i < THREADS; i++) {
        pthread_join(p[i].thread, NULL);
        assert_int_equal(p[i].seen, PER_THREAD);
        assert_true(p[i].in_order);
    }
    free(p);
}

typedef struct again {
    ks_post  post;
    ks_loop *loop;
    int      left;
} again;

static void post_again(void *arg)
{
    again *a = arg;
    if (--a->left > 0)
        ks_loop_post(a->loop, &a->post);
    else
        ks_loop_stop(a->loop);
}

static void a_post_may_be_posted_again_from_its_own_call(void **state)
{
    again a = {.post = {.fn = post_again, .arg = &a}, .loop = *state, .left = 3};
    ks_loop_post(*state, &a.post);
    ks_loop_run(*state);
    assert_int_equal(a.left, 0);
}

static void *stop_loop(void *loop)
{
    ks_loop_stop(loop);
    return NULL;
}

static void stop_from_another_thread_ends_a_sleeping_run(void **state)
{
    pthread_t t;
    assert_int_equal(pthread_create(&t, NULL, stop_loop, *state), 0);
    ks_loop_run(*state);
    pthread_join(t, NULL);
}

/* ---- timers ---- */

typedef struct tick {
    ks_timer timer;
    int64_t  due_ms;
    char    *log, name;
    ks_loop *loop; /* set: arm again until `left` is used up */
    int      left;
} tick;

static void ticked(void *arg)
{
    tick *t = arg;
    t->log[strlen(t->log)] = t->name;
    if (t->left-- > 0)
        ks_timer_set(t->loop, &t->timer, 1);
}

static void timers_run_in_the_order_they_fall_due(void **state)
{
    static const char due[] = {5, 1, 4, 2, 6, 3, 7};
    char              log[16] = {0};
    tick              t[KS_COUNT(due)];
    for (size_t i = 0; i < KS_COUNT(due); i++) {
        t[i] = (tick){.timer = {.fn = ticked, .arg = &t[i]}, .log = log, .name = (char)('0' + due[i])};
        assert_true(ks_timer_set(*state, &t[i].timer, 20 + due[i] * 3));
    }
    ks_timer_clear(*state, &t[2].timer);                /* '4' never comes */
    ks_timer_clear(*state, &t[2].timer);                /* twice is fine */
    assert_true(ks_timer_set(*state, &t[1].timer, 45)); /* '1' moves to the end */
    while (strlen(log) < KS_COUNT(due) - 1)
        ks_loop_turn(*state, -1);
    assert_string_equal(log, "235671");
}

static void many_timers_set_moved_and_cleared_keep_their_order(void **state)
{
    enum { N = 500 };
    static tick t[N];
    static char log[N + 1];
    unsigned    seed = 7, cleared = 0;
    memset(log, 0, sizeof log);
    for (size_t i = 0; i < N; i++) {
        t[i] = (tick){.timer = {.fn = ticked, .arg = &t[i]}, .log = log, .name = 'x'};
        assert_true(ks_timer_set(*state, &t[i].timer, rand_r(&seed) % 40));
    }
    for (size_t i = 0; i < N; i += 3) {
        if (i % 2)
            ks_timer_clear(*state, &t[i].timer), cleared++;
        else
            assert_true(ks_timer_set(*state, &t[i].timer, rand_r(&seed) % 40));
    }
    while (strlen(log) < N - cleared)
        ks_loop_turn(*state, -1);
    for (size_t i = 0; i < N; i++)
        assert_int_equal(t[i].timer.slot, 0);
}

static void a_timer_may_be_set_again_inside_its_own_call(void **state)
{
    char log[8] = {0};
    tick t = {.timer = {.fn = ticked, .arg = &t}, .log = log, .name = 'x', .loop = *state, .left = 3};
    assert_true(ks_timer_set(*state, &t.timer, 0));
    while (t.left >= 0)
        ks_loop_turn(*state, -1);
    assert_string_equal(log, "xxxx");
    assert_int_equal(t.timer.slot, 0);
}

static void a_timer_never_comes_early(void **state)
{
    char    log[8] = {0};
    tick    t = {.timer = {.fn = ticked, .arg = &t}, .log = log, .name = 'x'};
    int64_t from = ks_mono_us();
    assert_true(ks_timer_set(*state, &t.timer, 15));
    while (log[0] == '\0')
        ks_loop_turn(*state, -1);
    assert_true(ks_mono_us() - from >= 15000);
}

/* ---- watches ---- */

typedef struct seen {
    ks_watch *own, *other;
    int       fd, calls;
} seen;

static void delete_both(void *arg, uint32_t events)
{
    seen *s = arg;
    assert_true(events & EPOLLIN);
    s->calls++;
    ks_watch_del(s->own);
    ks_watch_del(s->other);
    s->own = s->other = NULL;
}

static void a_watch_may_be_deleted_in_its_own_call_and_takes_others_along(void **state)
{
    int  a = eventfd(1, 0), b = eventfd(1, 0);
    seen s = {.fd = a};
    s.own = ks_watch_add(*state, a, EPOLLIN, delete_both, &s);
    s.other = ks_watch_add(*state, b, EPOLLIN, delete_both, &s); /* ready in the same turn */
    assert_non_null(s.own);
    assert_non_null(s.other);
    ks_loop_turn(*state, 1000);
    ks_loop_turn(*state, 0);
    assert_int_equal(s.calls, 1);
    close(a);
    close(b);
}

static void count_events(void *arg, uint32_t events)
{
    seen *s = arg;
    s->calls += (events & EPOLLIN) != 0;
}

static void a_level_triggered_watch_calls_until_its_events_are_changed(void **state)
{
    int  fd = eventfd(1, 0);
    seen s = {.fd = fd};
    s.own = ks_watch_add(*state, fd, EPOLLIN, count_events, &s);
    assert_non_null(s.own);
    ks_loop_turn(*state, 1000);
    ks_loop_turn(*state, 1000);
    assert_int_equal(s.calls, 2);
    ks_watch_set(s.own, 0);
    ks_loop_turn(*state, 0);
    assert_int_equal(s.calls, 2);
    assert_null(ks_watch_add(*state, -1, EPOLLIN, count_events, &s));
    ks_watch_del(s.own);
    ks_watch_del(NULL);
    close(fd);
}

/* ---- hooks ---- */

static int count_and_forbid_sleep(void *arg)
{
    ++*(int *)arg;
    return 0;
}

static void hooks_run_before_each_sleep_and_shorten_it(void **state)
{
    int called = 0;
    for (int i = 0; i < 4; i++)
        assert_true(ks_loop_before_sleep(*state, count_and_forbid_sleep, &called));
    assert_false(ks_loop_before_sleep(*state, count_and_forbid_sleep, &called));
    ks_loop_turn(*state, -1); /* would never return if a hook's 0 did not count */
    assert_int_equal(called, 4);
}

KS_TESTS_WITH(setup, teardown, posts_of_each_thread_arrive_once_and_in_order,
              a_post_may_be_posted_again_from_its_own_call, stop_from_another_thread_ends_a_sleeping_run,
              timers_run_in_the_order_they_fall_due, many_timers_set_moved_and_cleared_keep_their_order,
              a_timer_may_be_set_again_inside_its_own_call, a_timer_never_comes_early,
              a_watch_may_be_deleted_in_its_own_call_and_takes_others_along,
              a_level_triggered_watch_calls_until_its_events_are_changed,
              hooks_run_before_each_sleep_and_shorten_it)
