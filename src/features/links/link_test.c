/* features/links/link_test.c — the life of a link in a whole small world: tries, minutes, clocks, and one
 * use. */
#include "features/links/link.h"

#include <stdio.h>
#include <stdlib.h>

#include "tests/support/test.h"
#include "tests/support/world.h"

typedef struct fixture {
    ks_world *w;
    char      i[48], l[48], t[64], c[48];
} fixture;

static const ks_sql sql_tries = {"UPDATE connect_links SET tries = 9, window_tries = 0 WHERE id = $1"};
static const ks_sql sql_minute = {"UPDATE connect_links SET window_at = window_at - 61000000 WHERE id = $1"};
static const ks_sql sql_other_run = {"UPDATE connect_links SET boot = 'another run' WHERE id = $1"};
static const ks_sql sql_over = {
    "UPDATE connect_links SET boot = 'another run', expires_at = expires_at - 901000000 WHERE id = $1"};
static const ks_sql sql_set_back = {
    "UPDATE connect_links SET boot = 'another run', created_at = created_at + "
    "86400000000, expires_at = expires_at + 86400000000 WHERE id = $1"};
static const ks_sql sql_clock_over = {
    "UPDATE connect_links SET boot_ends = 1, expires_at = expires_at + 86400000000 "
    "WHERE id = $1"};
static const ks_sql sql_digests = {"SELECT count(*) FROM connect_links WHERE length(digest) = 32"};

static void new_link(fixture *f)
{
    char body[128], url[256];
    snprintf(body, sizeof body, "{\"integration_id\":\"%s\",\"entity_id\":\"user_1\"}", f->i);
    assert_int_equal(world_call(f->w, "POST", "/ks/links", "Host: 127.0.0.1", body), 201);
    world_member(f->w, "id", f->l, sizeof f->l);
    world_member(f->w, "connection_id", f->c, sizeof f->c);
    world_member(f->w, "url", url, sizeof url);
    snprintf(f->t, sizeof f->t, "%s", strrchr(url, '/') + 1);
}

static int set_up(void **state)
{
    fixture *f = calloc(1, sizeof *f);
    *state = f;
    f->w = world_new();
    if (f->w == NULL || world_call(f->w, "POST", "/v1/integrations", NULL, "{\"appId\":\"demo\"}") != 200)
        return -1;
    world_member(f->w, "id", f->i, sizeof f->i);
    new_link(f);
    return 0;
}

static int tear_down(void **state)
{
    fixture *f = *state;
    world_free(f->w);
    free(f);
    return 0;
}

static int look(fixture *f)
{
    char target[128];
    snprintf(target, sizeof target, "/connect/%s", f->t);
    return world_call(f->w, "GET", target, NULL, NULL);
}

static int submit(fixture *f, const char *key)
{
    char    target[128], body[256];
    ks_link l = {.id = ks_str_of(f->l)};
    ks_ctx  cx = ks_ctx_new(f->w->own, &f->w->env);
    snprintf(target, sizeof target, "/connect/%s", f->t);
    snprintf(body, sizeof body, "csrf=" KS_FMT "&f.api_key=%s", KS_ARG(ks_link_csrf(&cx, &l)), key);
    return world_call(f->w, "POST", target, "Content-Type: application/x-www-form-urlencoded", body);
}

static void alter(fixture *f, const ks_sql *q)
{
    assert_true(world_change(f->w, q, ks_str_of(f->l)));
}

static void ten_submissions_and_it_is_dead_K4(void **state)
{
    fixture *f = *state;
    alter(f, &sql_tries);
    assert_int_equal(submit(f, "demo_wrong_0123456789"),
                     404); /* the tenth: refused, and there is no form left */
    assert_int_equal(look(f), 404);
    assert_int_equal(submit(f, "demo_0123456789abcdef"), 404);
}

static void five_a_minute_and_the_next_minute_five_more_K4(void **state)
{
    fixture *f = *state;
    for (int i = 0; i < KS_LINK_TRIES_MIN; i++)
        assert_int_equal(submit(f, "demo_wrong_0123456789"), 400);
    assert_int_equal(submit(f, "demo_0123456789abcdef"), 429);
    assert_int_equal(look(f), 200);
    alter(f, &sql_minute);
    assert_int_equal(submit(f, "demo_0123456789abcdef"), 303);
}

static void a_clock_that_was_set_does_not_revive_it_D9(void **state)
{
    fixture *f = *state;
    alter(f, &sql_clock_over); /* its time is over, though the wall clock stands a day before its end */
    assert_int_equal(look(f), 404);
    assert_int_equal(submit(f, "demo_0123456789abcdef"), 404);
}

static void after_a_restart_of_the_machine_the_wall_clock_decides_D9(void **state)
{
    fixture *f = *state;
    alter(f, &sql_other_run);
    assert_int_equal(look(f), 200);
    alter(f, &sql_over);
    assert_int_equal(look(f), 404);
    new_link(f);
    alter(f, &sql_set_back); /* made a day from now, as the clock shows it */
    assert_int_equal(look(f), 404);
}

static void the_store_holds_a_digest_and_no_token_K4(void **state)
{
    fixture *f = *state;
    char     n[16];
    world_ask(f->w, &sql_digests, n, sizeof n);
    assert_string_equal(n, "1");
}

static void memory_of_a_used_link_opens_nothing_K4(void **state)
{
    fixture *f = *state;
    assert_int_equal(submit(f, "demo_0123456789abcdef"), 303);
    assert_int_equal(look(f), 404);
    assert_int_equal(submit(f, "demo_0123456789abcdef"), 303); /* the same again: the same answer */
}

KS_TESTS_WITH(set_up, tear_down, ten_submissions_and_it_is_dead_K4,
              five_a_minute_and_the_next_minute_five_more_K4, a_clock_that_was_set_does_not_revive_it_D9,
              after_a_restart_of_the_machine_the_wall_clock_decides_D9,
              the_store_holds_a_digest_and_no_token_K4, memory_of_a_used_link_opens_nothing_K4)
