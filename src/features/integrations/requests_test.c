/* features/integrations/requests_test.c — which requests a list allows (docs/api.md INT-11, docs/formats.md
 * "Allowed requests"). */
#include "features/integrations/requests.h"

#include "tests/support/arena.h"

static bool allows(const char *list, const char *method, const char *path)
{
    const char *why = "";
    assert_int_equal(ks_requests_judge(&cx, ks_str_of(list), ks_str_of(method), ks_str_of(path), &why),
                     KS_OK);
    return why == NULL;
}

static bool taken(const char *list)
{
    ks_json *v;
    ks_str   out;
    assert_int_equal(ks_json_parse(&cx, ks_str_of(list), &v), KS_OK);
    return ks_requests_check(&cx, "allowed_requests", v, &out) == KS_OK;
}

#define ONE "[\"GET /v1/customers/*\"]"

static void a_star_is_one_segment(void **state)
{
    (void)state;
    assert_true(allows(ONE, "GET", "/v1/customers/cus_1"));
    assert_true(allows(ONE, "HEAD", "/v1/customers/cus_1"));
    assert_false(allows(ONE, "POST", "/v1/customers/cus_1"));
    assert_false(allows(ONE, "GET", "/v1/customers"));
    assert_false(allows(ONE, "GET", "/v1/customers/"));
    assert_false(allows(ONE, "GET", "/v1/customers/cus_1/sources"));
    assert_false(allows(ONE, "GET", "/v1/customers/cus_1/"));
    assert_false(allows(ONE, "GET", "/V1/customers/cus_1"));
    assert_false(allows(ONE, "GET", "/v1/customers_all/cus_1"));
}

static void two_stars_are_all_that_follows(void **state)
{
    (void)state;
    assert_true(allows("[\"* /v1/**\"]", "DELETE", "/v1/a/b/c"));
    assert_true(allows("[\"* /v1/**\"]", "GET", "/v1/a/"));
    assert_false(allows("[\"* /v1/**\"]", "GET", "/v1"));
    assert_false(allows("[\"* /v1/**\"]", "GET", "/v1/"));
    assert_false(allows("[\"* /v1/**\"]", "GET", "/v2/a"));
}

static void a_path_with_two_meanings_is_on_no_list(void **state)
{
    static const char *const paths[] = {"/v1/a%2Fb",  "/v1/a%2fb",    "/v1/a%5cb", "/v1//a",    "/v1/a;x=1",
                                        "/v1/a%3Bx",  "/v1/%2e%2e/a", "/v1/..",    "/v1/%2E/a", "/v1/a%00b",
                                        "/v1/%252e/", "/v1/a%0a",     "/v1/a\\b",  "/v1/a%zz",  "/v1/a%2"};
    (void)state;
    for (size_t i = 0; i < KS_COUNT(paths); i++)
        assert_false(allows("[\"* /**\"]", "GET", paths[i]));
}

static void needless_escapes_change_nothing(void **state)
{
    (void)state;
    assert_true(allows("[\"GET /v1/a-b\"]", "GET", "/%761/a%2Db"));
    assert_true(allows("[\"GET /v1/%C3%A9\"]", "GET", "/v1/%c3%a9"));
    assert_false(allows("[\"GET /v1/a-b\"]", "GET", "/v1/A%2Db"));
}

static void an_empty_list_allows_nothing(void **state)
{
    (void)state;
    assert_false(allows("[]", "GET", "/"));
    assert_true(allows("[\"GET /\"]", "GET", "/"));
}

static void entries_that_cannot_be_meant_are_refused(void **state)
{
    static const char *const wrong[] = {"[\"get /v1\"]",
                                        "[\"GET\"]",
                                        "[\"GET v1\"]",
                                        "[\"GET /a?b=1\"]",
                                        "[\"GET /a/**/b\"]",
                                        "[\"GET /a*\"]",
                                        "[\"GET /a//b\"]",
                                        "[\"GET /a/../b\"]",
                                        "[\"GET /%2e%2e\"]",
                                        "[\"TRACE /a\"]",
                                        "[1]",
                                        "{}",
                                        "[\"GET /a b\"]",
                                        "[\"GET /%61\"]",
                                        "[\"GET /a;b\"]"};
    (void)state;
    for (size_t i = 0; i < KS_COUNT(wrong); i++)
        assert_false(taken(wrong[i]));
    assert_str(cx.err.details[0].field, "allowed_requests");
    assert_true(taken("[\"GET /v1/customers/*\", \"POST /v1/refunds\", \"* /v1/files/**\"]"));
    assert_true(taken("null"));
}

KS_TESTS_WITH(arena_setup, arena_teardown, a_star_is_one_segment, two_stars_are_all_that_follows,
              a_path_with_two_meanings_is_on_no_list, needless_escapes_change_nothing,
              an_empty_list_allows_nothing, entries_that_cannot_be_meant_are_refused)
