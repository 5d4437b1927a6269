/* features/links/life_test.c — clocks that jump do not revive a link (rule D9). */
#include "features/links/life.h"

#include "tests/support/test.h"

#define S   INT64_C(1000000)
#define DAY (86400 * S)

static const ks_clocks made = {
    .wall = 1000 * DAY, .boot = 7 * S, .id = "boot-one----------------------------"};

static ks_clocks later(int64_t wall, int64_t boot)
{
    ks_clocks c = made;
    c.wall += wall;
    c.boot += boot;
    return c;
}

static ks_clocks restarted(int64_t wall, int64_t newest)
{
    ks_clocks c = later(wall, 0);
    c.boot = 3 * S;
    c.newest = made.wall + newest;
    memcpy(c.id, "boot-two----------------------------", KS_BOOT_ID);
    return c;
}

static int64_t left(ks_clocks now)
{
    ks_life life = ks_life_new(&made, 900);
    return ks_life_left(&life, &now);
}

static void a_link_lives_as_long_as_it_was_told(void **state)
{
    (void)state;
    assert_int_equal(left(later(0, 0)), 900 * S);
    assert_int_equal(left(later(899 * S, 899 * S)), S);
    assert_int_equal(left(later(900 * S, 900 * S)), 0);
}

static void a_wall_clock_that_jumps_a_day_changes_nothing_D9(void **state)
{
    (void)state;
    assert_int_equal(left(later(-DAY, 901 * S)), 0);
    assert_int_equal(left(later(DAY, 901 * S)), 0);
    assert_int_equal(left(later(DAY, 100 * S)), 800 * S);
    assert_int_equal(left(later(-DAY, 100 * S)), 800 * S);
}

static void after_a_restart_of_the_machine_the_wall_clock_counts(void **state)
{
    (void)state;
    assert_int_equal(left(restarted(100 * S, 0)), 800 * S);
    assert_int_equal(left(restarted(900 * S, 0)), 0);
}

static void a_clock_set_back_over_a_restart_revives_nothing_D9(void **state)
{
    (void)state;
    assert_int_equal(left(restarted(-DAY, 0)), 0);          /* before it was made */
    assert_int_equal(left(restarted(100 * S, 950 * S)), 0); /* before what the store has seen */
}

static void the_clocks_of_this_machine_run(void **state)
{
    ks_ctx    cx = {.now_us = 5 * DAY};
    ks_clocks now;
    (void)state;
    ks_clocks_read(&cx, &now);
    assert_int_equal(now.wall, 5 * DAY);
    assert_true(now.boot > 0 && now.newest == 0);
    ks_life life = ks_life_new(&now, 60);
    assert_true(ks_life_left(&life, &now) == 60 * S);
}

KS_TESTS(a_link_lives_as_long_as_it_was_told, a_wall_clock_that_jumps_a_day_changes_nothing_D9,
         after_a_restart_of_the_machine_the_wall_clock_counts,
         a_clock_set_back_over_a_restart_revives_nothing_D9, the_clocks_of_this_machine_run)
