/* tests/support/test.h — what every unit test includes: cmocka, and KS_TESTS to make a program of test
 * functions. Test names are sentences that are true when green. */
#pragma once
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/ctx.h"
#include "base/log.h"

#define KS_EVAL(...)       KS_EVAL1(KS_EVAL1(KS_EVAL1(__VA_ARGS__)))
#define KS_EVAL1(...)      KS_EVAL2(KS_EVAL2(KS_EVAL2(__VA_ARGS__)))
#define KS_EVAL2(...)      KS_EVAL3(KS_EVAL3(KS_EVAL3(__VA_ARGS__)))
#define KS_EVAL3(...)      KS_EVAL4(KS_EVAL4(KS_EVAL4(__VA_ARGS__)))
#define KS_EVAL4(...)      __VA_ARGS__
#define KS_PARENS          ()
#define KS_EACH(f, a, ...) cmocka_unit_test(a), __VA_OPT__(KS_EACH_AGAIN KS_PARENS(f, __VA_ARGS__))
#define KS_EACH_AGAIN()    KS_EACH

/* main() that runs these test functions, `setup` and `teardown` (or NULL) around each of them. */
#define KS_TESTS_WITH(setup, teardown, ...)                                                                  \
    int main(void)                                                                                           \
    {                                                                                                        \
        struct CMUnitTest tests[] = {KS_EVAL(KS_EACH(_, __VA_ARGS__))};                                      \
        for (size_t i = 0; i < sizeof tests / sizeof tests[0]; i++) {                                        \
            tests[i].setup_func = setup;                                                                     \
            tests[i].teardown_func = teardown;                                                               \
        }                                                                                                    \
        ks_log_set_fd(-1);                                                                                   \
        return cmocka_run_group_tests(tests, NULL, NULL);                                                    \
    }
#define KS_TESTS(...) KS_TESTS_WITH(NULL, NULL, __VA_ARGS__)

#define assert_str(actual, expected)                                                                         \
    do {                                                                                                     \
        ks_str ks_actual_ = (actual);                                                                        \
        assert_int_equal(ks_actual_.n, strlen(expected));                                                    \
        assert_memory_equal(ks_actual_.p ? ks_actual_.p : "", expected, ks_actual_.n);                       \
    } while (0)
