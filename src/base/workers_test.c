/* base/workers_test.c — the queue and its threads. Jobs wait on gates the test opens, never on time. */
#include <pthread.h>
#include <sched.h>

#include "base/alloc.h"
#include "base/workers.h"
#include "tests/support/test.h"

typedef struct gate {
    pthread_mutex_t lock;
    pthread_cond_t  moved;
    bool            open;
    unsigned        inside, done, seen_workers; /* bit per worker number */
} gate;

#define GATE                                                                                                 \
    {                                                                                                        \
        PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, false, 0, 0, 0                                  \
    }

static void pass(void *arg, unsigned worker)
{
    gate *g = arg;
    pthread_mutex_lock(&g->lock);
    g->inside++;
    g->seen_workers |= 1U << worker;
    pthread_cond_broadcast(&g->moved);
    while (!g->open)
        pthread_cond_wait(&g->moved, &g->lock);
    g->done++;
    pthread_cond_broadcast(&g->moved);
    pthread_mutex_unlock(&g->lock);
}

static void wait_inside(gate *g, unsigned n)
{
    pthread_mutex_lock(&g->lock);
    while (g->inside < n)
        pthread_cond_wait(&g->moved, &g->lock);
    pthread_mutex_unlock(&g->lock);
}

static void open_gate(gate *g)
{
    pthread_mutex_lock(&g->lock);
    g->open = true;
    pthread_cond_broadcast(&g->moved);
    pthread_mutex_unlock(&g->lock);
}

static void a_full_queue_says_so_and_free_runs_what_is_queued(void **state)
{
    (void)state;
    gate        g = GATE;
    ks_workers *w = ks_workers_new(2, 3);
    ks_job      jobs[6];
    assert_non_null(w);
    for (size_t i = 0; i < KS_COUNT(jobs); i++)
        jobs[i] = (ks_job){.fn = pass, .arg = &g};
    assert_true(ks_workers_submit(w, &jobs[0]));
    assert_true(ks_workers_submit(w, &jobs[1]));
    wait_inside(&g, 2); /* both workers are busy: the queue is empty */
    for (size_t i = 2; i < 5; i++)
        assert_true(ks_workers_submit(w, &jobs[i]));
    assert_false(ks_workers_submit(w, &jobs[5]));
    open_gate(&g);
    ks_workers_free(w);
    assert_int_equal(g.done, 5);
}

static void threads_come_with_the_work_and_have_their_own_numbers(void **state)
{
    (void)state;
    gate        g = GATE;
    ks_workers *w = ks_workers_new(3, 16);
    ks_job      jobs[3];
    assert_non_null(w);
    for (size_t i = 0; i < KS_COUNT(jobs); i++) {
        jobs[i] = (ks_job){.fn = pass, .arg = &g};
        assert_true(ks_workers_submit(w, &jobs[i]));
    }
    wait_inside(&g, 3); /* all three at once, so there are three threads */
    open_gate(&g);
    ks_workers_free(w);
    assert_int_equal(g.seen_workers, 7);
}

static void *submit_many(void *arg)
{
    ks_workers *w = ((void **)arg)[0];
    ks_job     *jobs = ((void **)arg)[1];
    for (size_t i = 0; i < 500; i++) {
        while (!ks_workers_submit(w, &jobs[i]))
            sched_yield();
    }
    return NULL;
}

static void jobs_from_many_threads_all_run(void **state)
{
    (void)state;
    gate          g = GATE;
    ks_workers   *w = ks_workers_new(4, 8);
    static ks_job jobs[4][500];
    pthread_t     t[4];
    void         *args[4][2];
    assert_non_null(w);
    g.open = true;
    for (size_t i = 0; i < 4; i++) {
        for (size_t k = 0; k < 500; k++)
            jobs[i][k] = (ks_job){.fn = pass, .arg = &g};
        args[i][0] = w;
        args[i][1] = jobs[i];
        assert_int_equal(pthread_create(&t[i], NULL, submit_many, args[i]), 0);
    }
    for (size_t i = 0; i < 4; i++)
        pthread_join(t[i], NULL);
    ks_workers_free(w);
    assert_int_equal(g.done, 2000);
}

static void no_memory_means_no_pool(void **state)
{
    (void)state;
    ks_alloc_fail_at(1, false);
    assert_null(ks_workers_new(2, 2));
    ks_alloc_fail_at(0, false);
    ks_workers_free(NULL);
}

KS_TESTS(a_full_queue_says_so_and_free_runs_what_is_queued,
         threads_come_with_the_work_and_have_their_own_numbers, jobs_from_many_threads_all_run,
         no_memory_means_no_pool)
