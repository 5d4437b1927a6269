/* upstream/db_turns_test.c — who runs, who waits and who is next; jobs run until the test lets one go. */
#include "upstream/db_turns.h"

#include <poll.h>
#include <pthread.h>

#include "base/limits.h"
#include "base/time.h"
#include "tests/support/test.h"

typedef struct statement {
    ks_db_turn   turn;
    _Atomic int  began; /* the how-manieth; 0: not yet */
    _Atomic bool may_end, ended;
} statement;

static ks_workers  *workers;
static ks_db_turns *turns;
static _Atomic int  count;

static bool until(const _Atomic int *what, int n)
{
    int64_t end = ks_mono_us() + 20000000;
    while (*what != n && ks_mono_us() < end)
        poll(NULL, 0, 1);
    return *what == n;
}

static void work(void *arg, unsigned worker)
{
    statement *s = arg;
    int64_t    end = ks_mono_us() + 20000000;
    (void)worker;
    s->began = ++count;
    while (!s->may_end && ks_mono_us() < end)
        poll(NULL, 0, 1);
    ks_db_turn_end(turns, &s->turn);
    s->ended = true;
}

static bool take(statement *s, const char *project)
{
    *s = (statement){.turn = {.job = {.fn = work, .arg = s}}};
    return ks_db_turn_take(turns, &s->turn, ks_str_of(project));
}

static void let_go(statement *s)
{
    int64_t end = ks_mono_us() + 20000000;
    s->may_end = true;
    while (!s->ended && ks_mono_us() < end)
        poll(NULL, 0, 1);
    assert_true(s->ended);
}

static int setup(void **state)
{
    (void)state;
    count = 0;
    workers = ks_workers_new(KS_DB_WORKERS, KS_DB_QUEUE + 2 * KS_DB_WORKERS);
    turns = workers != NULL ? ks_db_turns_new(workers) : NULL;
    return turns != NULL ? 0 : 1;
}

static int teardown(void **state)
{
    (void)state;
    ks_workers_free(workers);
    ks_db_turns_free(turns);
    return 0;
}

enum { SHARED = KS_DB_WORKERS - KS_DB_SPARE };

/* Two projects that want more than there is: `a` came first. */
static void fill(statement a[KS_DB_PER_PROJECT], statement b[KS_DB_PER_PROJECT])
{
    for (size_t i = 0; i < KS_DB_PER_PROJECT; i++)
        assert_true(take(&a[i], "a"));
    for (size_t i = 0; i < KS_DB_PER_PROJECT; i++)
        assert_true(take(&b[i], "b"));
    assert_true(until(&count, SHARED));
}

static void let_all_go(statement *list, size_t n)
{
    for (size_t i = 0; i < n; i++)
        list[i].may_end = true;
    for (size_t i = 0; i < n; i++)
        let_go(&list[i]);
}

static void two_busy_projects_leave_room_for_a_third(void **state)
{
    statement a[KS_DB_PER_PROJECT], b[KS_DB_PER_PROJECT], c, more;
    (void)state;
    fill(a, b);
    assert_true(take(&c, "c"));
    assert_true(until(&count, SHARED + 1)); /* while all of a and b that can are running */
    assert_int_equal(c.began, SHARED + 1);
    assert_true(take(&more, "c")); /* one of the spare workers each: the next waits like others */
    let_go(&c);
    assert_true(until(&count, SHARED + 2));
    assert_int_equal(more.began, SHARED + 2);
    more.may_end = true;
    let_all_go(a, KS_COUNT(a));
    let_all_go(b, KS_COUNT(b));
    let_go(&more);
}

static void projects_that_wait_take_turns(void **state)
{
    enum { EACH = 3 };
    statement a[KS_DB_PER_PROJECT], b[KS_DB_PER_PROJECT], wait_a[EACH], wait_b[EACH];
    (void)state;
    fill(a, b); /* 8 of a run, and 4 of b; 4 of b wait */
    for (size_t i = 0; i < EACH; i++)
        assert_true(take(&wait_a[i], "a"));
    for (size_t i = 0; i < EACH; i++)
        assert_true(take(&wait_b[i], "b"));
    int began = SHARED;
    for (size_t i = 0; i < 2 * EACH; i++) { /* each place that a gives back goes to the one and the other */
        let_go(&a[i]);
        assert_true(until(&count, ++began));
    }
    assert_true(wait_a[0].began > 0 && wait_a[1].began > 0);
    assert_true(b[6].began > 0);
    assert_int_equal(wait_b[0].began, 0); /* in the order of its own queue */
    let_all_go(a, KS_COUNT(a));
    let_all_go(wait_a, EACH);
    let_all_go(b, KS_COUNT(b));
    let_all_go(wait_b, EACH);
}

static void a_full_waiting_room_refuses_its_own_project_alone(void **state)
{
    statement a[KS_DB_PER_PROJECT + KS_DB_WAITING], more, other;
    (void)state;
    for (size_t i = 0; i < KS_COUNT(a); i++)
        assert_true(take(&a[i], "a"));
    assert_true(until(&count, KS_DB_PER_PROJECT));
    assert_false(take(&more, "a"));
    assert_true(take(&other, "other"));
    let_go(&other);
    let_go(&a[0]);
    assert_true(take(&more, "a")); /* one of those who waited has begun */
    more.may_end = true;
    let_all_go(a, KS_COUNT(a));
    let_go(&more);
}

static void who_hurries_does_not_wait_for_his_project(void **state)
{
    statement a[KS_DB_PER_PROJECT], first, left;
    (void)state;
    for (size_t i = 0; i < KS_COUNT(a); i++)
        assert_true(take(&a[i], "a"));
    assert_true(take(&first, "a"));
    assert_true(take(&left, "a"));
    assert_true(until(&count, KS_DB_PER_PROJECT));
    ks_db_turn_hurry(turns, &left.turn);
    assert_true(until(&count, KS_DB_PER_PROJECT + 1));
    assert_int_equal(first.began, 0);
    ks_db_turn_hurry(turns, &left.turn); /* it runs already */
    let_go(&left);
    let_go(&a[0]);
    let_go(&first);
    let_all_go(a, KS_COUNT(a));
}

static void at_the_end_nobody_is_left_waiting(void **state)
{
    statement a[KS_DB_PER_PROJECT + KS_DB_WAITING], more;
    (void)state;
    for (size_t i = 0; i < KS_COUNT(a); i++)
        assert_true(take(&a[i], "a"));
    ks_db_turns_stop(turns);
    assert_false(take(&more, "b"));
    let_all_go(a, KS_COUNT(a));
    assert_int_equal(count, KS_COUNT(a));
}

KS_TESTS_WITH(setup, teardown, two_busy_projects_leave_room_for_a_third, projects_that_wait_take_turns,
              a_full_waiting_room_refuses_its_own_project_alone, who_hurries_does_not_wait_for_his_project,
              at_the_end_nobody_is_left_waiting)
