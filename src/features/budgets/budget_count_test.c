/* features/budgets/budget_count_test.c — counting calls in windows. Time is a number here. */
#include "features/budgets/budget_count.h"

#include <pthread.h>
#include <stdio.h>

#include "base/time.h"
#include "tests/support/test.h"

#define NOON   (INT64_C(1700000000) / 86400 * INT64_C(86400000000) + INT64_C(43200000000))
#define MINUTE INT64_C(60000000)

static ks_charge charge(const char *owner, int64_t minute, int64_t hour, int64_t day)
{
    return (ks_charge){ks_str_of(owner), {{minute, hour, day}}};
}

static void a_budget_admits_its_number_and_not_one_more(void **state)
{
    ks_budget_table *t = ks_budget_table_new();
    ks_charge        c = charge("ca_one", 3, 0, 0);
    size_t           who;
    int              window;
    (void)state;
    for (int i = 0; i < 3; i++)
        assert_true(ks_budget_charge(t, &c, 1, NOON, &who, &window));
    assert_false(ks_budget_charge(t, &c, 1, NOON + MINUTE - 1, &who, &window));
    assert_int_equal(who, 0);
    assert_int_equal(window, KS_BUDGET_MINUTE);
    assert_int_equal(ks_budget_resets_s(window, NOON), 60);
    assert_int_equal(ks_budget_resets_s(window, NOON + MINUTE - 1), 1);
    assert_true(ks_budget_charge(t, &c, 1, NOON + MINUTE, &who, &window));
    ks_budget_table_free(t);
}

static void the_longest_window_that_is_used_up_is_told(void **state)
{
    ks_budget_table *t = ks_budget_table_new();
    ks_charge        c = charge("ca_one", 1, 2, 2);
    size_t           who;
    int              window;
    (void)state;
    assert_true(ks_budget_charge(t, &c, 1, NOON, &who, &window));
    assert_false(ks_budget_charge(t, &c, 1, NOON, &who, &window));
    assert_int_equal(window, KS_BUDGET_MINUTE);
    assert_true(ks_budget_charge(t, &c, 1, NOON + MINUTE, &who, &window));
    assert_false(ks_budget_charge(t, &c, 1, NOON + 2 * MINUTE, &who, &window));
    assert_int_equal(window, KS_BUDGET_DAY);
    assert_int_equal(ks_budget_resets_s(window, NOON), 43200);
    ks_budget_table_free(t);
}

static void a_refused_call_is_charged_to_nobody(void **state)
{
    ks_budget_table *t = ks_budget_table_new();
    ks_charge        both[] = {charge("pr_one", 10, 0, 0), charge("ca_one", 1, 0, 0)};
    size_t           who;
    int              window;
    int64_t          used[KS_BUDGET_WINDOWS];
    (void)state;
    assert_true(ks_budget_charge(t, both, 2, NOON, &who, &window));
    assert_false(ks_budget_charge(t, both, 2, NOON, &who, &window));
    assert_int_equal(who, 1);
    ks_budget_used(t, KS_S("pr_one"), NOON, used);
    assert_int_equal(used[KS_BUDGET_MINUTE], 1);
    assert_int_equal(used[KS_BUDGET_DAY], 1);
    ks_budget_used(t, KS_S("pr_one"), NOON + MINUTE, used);
    assert_int_equal(used[KS_BUDGET_MINUTE], 0);
    assert_int_equal(used[KS_BUDGET_HOUR], 1);
    ks_budget_used(t, KS_S("pr_two"), NOON, used);
    assert_int_equal(used[KS_BUDGET_DAY], 0);
    ks_budget_table_free(t);
}

static void a_full_table_refuses_and_has_room_again_the_next_day(void **state)
{
    ks_budget_table *t = ks_budget_table_new();
    char             owner[32];
    size_t           who;
    int              window;
    (void)state;
    for (int i = 0; i < KS_BUDGET_OWNERS; i++) {
        snprintf(owner, sizeof owner, "ca_%d", i);
        ks_charge c = charge(owner, 1, 0, 0);
        assert_true(ks_budget_charge(t, &c, 1, NOON, &who, &window));
    }
    ks_charge more = charge("ca_more", 1, 0, 0), known = charge("ca_7", 2, 0, 0);
    assert_false(ks_budget_charge(t, &more, 1, NOON, &who, &window));
    assert_int_equal(who, 1);
    assert_true(ks_budget_charge(t, &known, 1, NOON, &who, &window));
    assert_true(ks_budget_charge(t, &more, 1, NOON + 1440 * MINUTE, &who, &window));
    ks_budget_table_free(t);
}

#define THREADS 4
#define EACH    20000

typedef struct shared {
    ks_budget_table *t;
    _Atomic int      admitted;
} shared;

static void *many(void *arg)
{
    shared   *s = arg;
    ks_charge c = charge("pr_one", 0, 0, THREADS * EACH / 2);
    size_t    who;
    int       window;
    for (int i = 0; i < EACH; i++)
        s->admitted += ks_budget_charge(s->t, &c, 1, NOON, &who, &window);
    return NULL;
}

static void threads_together_are_admitted_exactly_the_budget(void **state)
{
    shared    s = {.t = ks_budget_table_new()};
    pthread_t threads[THREADS];
    (void)state;
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, many, &s), 0);
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    assert_int_equal(s.admitted, THREADS * EACH / 2);
    ks_budget_table_free(s.t);
}

KS_TESTS(a_budget_admits_its_number_and_not_one_more, the_longest_window_that_is_used_up_is_told,
         a_refused_call_is_charged_to_nobody, a_full_table_refuses_and_has_room_again_the_next_day,
         threads_together_are_admitted_exactly_the_budget)
