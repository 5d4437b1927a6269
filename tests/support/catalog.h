/* tests/support/catalog.h — for tests that read the built-in catalogue: it, with an arena and a ctx, fresh
 * for each test. Give catalog_setup and catalog_teardown to KS_TESTS_WITH. */
#pragma once
#include "features/apps/catalog.h"
#include "tests/support/arena.h"

static ks_catalog *catalog;

static int catalog_setup(void **state)
{
    return arena_setup(state) != 0 || ks_catalog_open(&cx, KS_NO_STR, &catalog) != KS_OK;
}

static int catalog_teardown(void **state)
{
    ks_catalog_free(catalog);
    return arena_teardown(state);
}
