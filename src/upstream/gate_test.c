/* upstream/gate_test.c — what is remembered of vendors: origins that are down, connections that must wait.
 * Time is a number here. */
#include "upstream/gate.h"

#include <stdio.h>

#include "tests/support/test.h"

#define ORIGIN KS_S("https://api.example.com:443")
#define MINE   KS_S("ca_one")
#define MS     INT64_C(1000)
#define S      INT64_C(1000000)
#define WALL   INT64_C(1700000000000000)

static ks_gate_shut shut;

static bool passes(ks_gate *g, int64_t now)
{
    return ks_gate_pass(g, ORIGIN, now, &shut);
}

static void fail_often(ks_gate *g, unsigned times, int64_t now)
{
    for (unsigned i = 0; i < times; i++)
        (void)ks_gate_missed(g, ORIGIN, now, WALL);
}

static void five_failures_in_a_row_shut_an_origin_and_say_since_when(void **state)
{
    ks_gate *g = ks_gate_new();
    (void)state;
    fail_often(g, KS_GATE_FAILURES - 1, S);
    assert_true(passes(g, S));
    assert_true(ks_gate_missed(g, ORIGIN, S, WALL));
    assert_false(passes(g, S));
    assert_int_equal(shut.since_us, WALL);
    assert_int_equal(shut.wait_us, KS_GATE_FIRST_US);
    assert_true(ks_gate_pass(g, KS_S("https://api.example.com:8443"), S, &shut));
    ks_gate_free(g);
}

static void an_answer_between_failures_begins_the_count_anew(void **state)
{
    ks_gate *g = ks_gate_new();
    (void)state;
    fail_often(g, KS_GATE_FAILURES - 1, S);
    ks_gate_reached(g, ORIGIN);
    fail_often(g, KS_GATE_FAILURES - 1, S);
    assert_true(passes(g, S));
    ks_gate_free(g);
}

static void one_call_tries_again_and_its_failure_doubles_the_pause_up_to_a_minute(void **state)
{
    ks_gate *g = ks_gate_new();
    int64_t  now = S, pause = KS_GATE_FIRST_US;
    (void)state;
    fail_often(g, KS_GATE_FAILURES, now);
    for (int i = 0; i < 8; i++) {
        now += pause - 1;
        assert_false(passes(g, now));
        now += 1;
        assert_true(passes(g, now));  /* the probe */
        assert_false(passes(g, now)); /* and nobody else */
        assert_true(ks_gate_missed(g, ORIGIN, now, WALL + now));
        pause = pause * 2 < KS_GATE_MOST_US ? pause * 2 : KS_GATE_MOST_US;
        assert_false(passes(g, now));
        assert_int_equal(shut.wait_us, pause);
        assert_int_equal(shut.since_us, WALL);
    }
    ks_gate_free(g);
}

static void a_good_probe_opens_the_origin_for_all(void **state)
{
    ks_gate *g = ks_gate_new();
    (void)state;
    fail_often(g, KS_GATE_FAILURES, S);
    assert_true(passes(g, S + KS_GATE_FIRST_US));
    ks_gate_reached(g, ORIGIN);
    assert_true(passes(g, S + KS_GATE_FIRST_US));
    assert_true(passes(g, S + KS_GATE_FIRST_US));
    ks_gate_free(g);
}

static void a_probe_that_never_comes_back_does_not_shut_the_origin_for_ever(void **state)
{
    ks_gate *g = ks_gate_new();
    int64_t  now = S + KS_GATE_FIRST_US;
    (void)state;
    fail_often(g, KS_GATE_FAILURES, S);
    assert_true(passes(g, now));
    assert_false(passes(g, now + KS_GATE_FIRST_US - 1));
    assert_true(passes(g, now + KS_GATE_FIRST_US));
    ks_gate_free(g);
}

static void a_held_connection_lets_calls_go_in_turn_when_the_time_has_come(void **state)
{
    ks_gate *g = ks_gate_new();
    bool     placed;
    (void)state;
    ks_gate_hold(g, MINE, 5 * S);
    assert_int_equal(ks_gate_wait(g, MINE, 3 * S, 10 * S, &placed), 2 * S);
    assert_true(placed);
    assert_int_equal(ks_gate_wait(g, MINE, 3 * S, 10 * S, &placed), 2 * S + KS_GATE_STEP_US);
    assert_true(placed);
    assert_int_equal(ks_gate_wait(g, KS_S("ca_two"), 3 * S, 10 * S, &placed), 0);
    assert_false(placed);
    ks_gate_leave(g, MINE);
    ks_gate_leave(g, MINE);
    assert_int_equal(ks_gate_wait(g, MINE, 5 * S, 10 * S, &placed), 0);
    ks_gate_free(g);
}

static void a_wait_that_is_too_long_takes_no_place(void **state)
{
    ks_gate *g = ks_gate_new();
    bool     placed;
    (void)state;
    ks_gate_hold(g, MINE, 60 * S);
    assert_int_equal(ks_gate_wait(g, MINE, S, 10 * S, &placed), 59 * S);
    assert_false(placed);
    ks_gate_hold(g, MINE, 30 * S); /* not shortened */
    assert_int_equal(ks_gate_wait(g, MINE, S, 10 * S, &placed), 59 * S);
    ks_gate_free(g);
}

static void the_line_of_one_connection_is_short_so_that_it_takes_no_room_from_others(void **state)
{
    ks_gate *g = ks_gate_new();
    bool     placed;
    (void)state;
    ks_gate_hold(g, MINE, 5 * S);
    for (unsigned i = 0; i < KS_GATE_WAITING; i++) {
        assert_true(ks_gate_wait(g, MINE, S, 10 * S, &placed) > 0);
        assert_true(placed);
    }
    assert_true(ks_gate_wait(g, MINE, S, 10 * S, &placed) > 0);
    assert_false(placed);
    ks_gate_leave(g, MINE);
    assert_true(ks_gate_wait(g, MINE, S, 10 * S, &placed) > 0);
    assert_true(placed);
    ks_gate_free(g);
}

static void a_flood_of_origins_pushes_out_old_marks_and_takes_bounded_room(void **state)
{
    ks_gate *g = ks_gate_new();
    char     name[64];
    (void)state;
    fail_often(g, KS_GATE_FAILURES, S);
    for (int i = 0; i < 40000; i++) {
        int n = snprintf(name, sizeof name, "https://h%d.example.com:443", i);
        (void)ks_gate_missed(g, (ks_str){name, (size_t)n}, 2 * S + i, WALL);
    }
    assert_true(passes(g, S + MS)); /* forgotten: tried once more than needed */
    fail_often(g, KS_GATE_FAILURES, 3 * S);
    assert_false(passes(g, 3 * S));
    ks_gate_free(g);
}

KS_TESTS(five_failures_in_a_row_shut_an_origin_and_say_since_when,
         an_answer_between_failures_begins_the_count_anew,
         one_call_tries_again_and_its_failure_doubles_the_pause_up_to_a_minute,
         a_good_probe_opens_the_origin_for_all,
         a_probe_that_never_comes_back_does_not_shut_the_origin_for_ever,
         a_held_connection_lets_calls_go_in_turn_when_the_time_has_come,
         a_wait_that_is_too_long_takes_no_place,
         the_line_of_one_connection_is_short_so_that_it_takes_no_room_from_others,
         a_flood_of_origins_pushes_out_old_marks_and_takes_bounded_room)
