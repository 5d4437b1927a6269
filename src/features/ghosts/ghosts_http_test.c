/* features/ghosts/ghosts_http_test.c — the ghosts' routes: every path and method is theirs; a slow vendor's
 * answer waits. */
#include "features/env.h"
#include "features/routes.h"
#include "tests/support/test.h"

static ks_arena   *arena;
static ks_env      env;
static ks_catalog *catalog;

static int setup(void **state)
{
    (void)state;
    arena = ks_arena_new(16 * 1024 * 1024);
    ks_ctx cx = ks_ctx_new(arena, NULL);
    assert_int_equal(ks_catalog_open(&cx, KS_NO_STR, &catalog), KS_OK);
    env = (ks_env){.catalog = catalog};
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    ks_catalog_free(catalog);
    ks_arena_free(arena);
    return 0;
}

static ks_res answer(const ks_route *r, const char *authorization)
{
    ks_ctx            cx = ks_ctx_new(arena, &env);
    const ks_req_pair headers[] = {{KS_S("KS-Ghost"), KS_S("demo.API_KEY")},
                                   {KS_S("Authorization"), ks_str_of(authorization)}};
    const ks_req      rq = {
             .method = KS_S("GET"), .path = KS_S("/v1/me"), .route = r, .headers = headers, .headers_n = 2};
    ks_res rs = {0};
    assert_int_equal(r->run(&cx, &rq, &rs), KS_OK);
    return rs;
}

static void every_method_has_a_route_that_needs_no_key_of_ours(void **state)
{
    (void)state;
    static const char *const methods[] = {"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD"};
    for (size_t i = 0; i < KS_COUNT(methods); i++) {
        assert_string_equal(ks_ghost_routes[i].method, methods[i]);
        assert_string_equal(ks_ghost_routes[i].path, "/{rest...}");
        assert_true(ks_ghost_routes[i].flags & KS_PUBLIC);
    }
    assert_null(ks_ghost_routes[KS_COUNT(methods)].method);
}

static void good_and_wrong_keys_get_the_vendors_answers(void **state)
{
    (void)state;
    assert_int_equal(answer(&ks_ghost_routes[0], "Bearer any-key").status, 200);
    assert_int_equal(answer(&ks_ghost_routes[0], "Bearer a-wrong-key").status, 401);
    assert_int_equal(answer(&ks_ghost_routes[0], "Bearer a-down-key").status, 503);
}

static void only_a_slow_answer_waits(void **state)
{
    (void)state;
    assert_null(answer(&ks_ghost_routes[0], "Bearer any-key").tail);
    assert_non_null(answer(&ks_ghost_routes[0], "Bearer a-slow-key").tail);
}

KS_TESTS_WITH(setup, teardown, every_method_has_a_route_that_needs_no_key_of_ours,
              good_and_wrong_keys_get_the_vendors_answers, only_a_slow_answer_waits)
