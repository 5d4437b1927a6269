/* tests/support/arena.h — for tests of single units: an arena and a ctx over it, fresh for each test. Give
 * arena_setup and arena_teardown to KS_TESTS_WITH; the arena is the state, too. */
#pragma once
#include "tests/support/test.h"

#define TEST_ARENA_MAX (256 * (size_t)1024 * 1024) /* bytes; a bound, taken only as needed */

static KS_UNUSED ks_arena *arena;
static KS_UNUSED ks_ctx    cx;

static KS_UNUSED int arena_setup(void **state)
{
    *state = arena = ks_arena_new(TEST_ARENA_MAX);
    cx = ks_ctx_new(arena, NULL);
    return arena == NULL;
}

static KS_UNUSED int arena_teardown(void **state)
{
    (void)state;
    ks_arena_free(arena);
    return 0;
}
