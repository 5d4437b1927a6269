/* features/reach_test.c — what a limited key reaches, and what it does not (docs/api.md KEY-1). */
#include "features/reach.h"

#include "tests/support/arena.h"

static ks_status make(ks_reach *out, const char *apps, const char *entities)
{
    ks_str one[80], all[80], rest;
    size_t a = 0, e = 0;
    rest = ks_str_of(apps);
    while (ks_str_cut(&rest, '|', &one[a]))
        a++;
    rest = ks_str_of(entities);
    while (ks_str_cut(&rest, '|', &all[e]))
        e++;
    return ks_reach_make(&cx, one, a, all, e, out);
}

static void a_key_without_limits_reaches_everything(void **state)
{
    (void)state;
    assert_true(ks_reach_app(&cx, KS_S("stripe")));
    assert_true(ks_reach_entity(&cx, KS_S("user_1")));
    assert_false(ks_reach_limited(&cx));
    assert_str(ks_reach_text(&cx), "");
}

static void apps_are_reached_whole_and_never_in_part(void **state)
{
    ks_reach r;
    (void)state;
    assert_int_equal(make(&r, "stripe|git_hub", ""), KS_OK);
    cx.reach = &r;
    assert_true(ks_reach_app(&cx, KS_S("stripe")));
    assert_true(ks_reach_app(&cx, KS_S("git_hub")));
    assert_false(ks_reach_app(&cx, KS_S("strip")));
    assert_false(ks_reach_app(&cx, KS_S("stripe,git_hub")));
    assert_false(ks_reach_app(&cx, KS_S("")));
    assert_true(ks_reach_entity(&cx, KS_S("anybody")));
}

static void entities_are_reached_by_name_or_by_beginning(void **state)
{
    ks_reach r;
    (void)state;
    assert_int_equal(make(&r, "", "ada|bob|team_a:*"), KS_OK);
    cx.reach = &r;
    assert_true(ks_reach_entity(&cx, KS_S("ada")));
    assert_true(ks_reach_entity(&cx, KS_S("team_a:1")));
    assert_false(ks_reach_entity(&cx, KS_S("team_a")));
    assert_false(ks_reach_entity(&cx, KS_S("ad")));
    assert_false(ks_reach_entity(&cx, KS_S("adam")));
    assert_false(ks_reach_entity(&cx, KS_NO_STR)); /* means `default` */
    assert_false(ks_reach_entity(&cx, KS_S("ada\x1f\x1f"
                                           "bob")));
    assert_false(ks_reach_entity(&cx, KS_S("team_a:\x1f")));
}

static void a_beginning_alone_is_a_limit_too(void **state)
{
    ks_reach r;
    (void)state;
    assert_int_equal(make(&r, "", "x*"), KS_OK);
    cx.reach = &r;
    assert_true(ks_reach_by_entity(&cx));
    assert_true(ks_reach_entity(&cx, KS_S("x1")));
    assert_false(ks_reach_entity(&cx, KS_S("y")));
    assert_int_not_equal(ks_reach_entities_text(&cx).n, 0); /* "" would mean all of them in a query */
}

static void limits_that_say_nothing_or_too_much_are_refused(void **state)
{
    ks_reach r;
    (void)state;
    assert_int_equal(make(&r, "Stripe", ""), KS_INVALID);
    assert_int_equal(make(&r, "a,b", ""), KS_INVALID);
    assert_int_equal(make(&r, "", "*"), KS_INVALID);
    assert_int_equal(make(&r, "", "a*|b*"), KS_INVALID);
    assert_int_equal(make(&r, "",
                          "a\x1f"
                          "b"),
                     KS_INVALID);
    assert_str(cx.err.details[0].field, "entities");
}

static void limits_of_two_keys_are_two_texts(void **state)
{
    ks_reach a, b;
    (void)state;
    assert_int_equal(make(&a, "stripe", "ada"), KS_OK);
    assert_int_equal(make(&b, "stripe", "bob"), KS_OK);
    cx.reach = &a;
    ks_str first = ks_reach_text(&cx);
    cx.reach = &b;
    assert_false(ks_str_eq(first, ks_reach_text(&cx)));
}

KS_TESTS_WITH(arena_setup, arena_teardown, a_key_without_limits_reaches_everything,
              apps_are_reached_whole_and_never_in_part, entities_are_reached_by_name_or_by_beginning,
              a_beginning_alone_is_a_limit_too, limits_that_say_nothing_or_too_much_are_refused,
              limits_of_two_keys_are_two_texts)
