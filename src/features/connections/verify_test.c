/* features/connections/verify_test.c — the five verdicts. */
#include "features/connections/verify.h"

#include "tests/support/test.h"

static const ks_app_answer good[] = {
    {.status = 200, .pointer = KS_S_INIT("/ok"), .value = KS_S_INIT("true")}};
static const ks_app_answer limited[] = {{.status = 403, .cause = KS_S_INIT("It may not read the account.")}};
static const ks_app_answer bad[] = {{.status = 401, .cause = KS_S_INIT("The key is unknown.")},
                                    {.status = 200,
                                     .pointer = KS_S_INIT("/ok"),
                                     .value = KS_S_INIT("false"),
                                     .cause = KS_S_INIT("The key was revoked.")}};
#define CHECK                                                                                                \
    {                                                                                                        \
        .method = KS_S_INIT("GET"), .path = KS_S_INIT("/me"), .good = {good, 1}, .limited = {limited, 1},    \
        .bad = {bad, 2}, .identity = {.id = KS_S_INIT("/user/id"), .name = KS_S_INIT("/user/name")},         \
        .trusted = true                                                                                      \
    }
static const ks_app_scheme scheme = {.scheme = KS_S_INIT("API_KEY"), .check = CHECK};
static const ks_app        app = {.key = KS_S_INIT("toy"), .name = KS_S_INIT("Toy")};

static ks_arena *arena;

static int setup(void **state)
{
    (void)state;
    arena = ks_arena_new(1 << 20);
    return arena == NULL;
}

static int teardown(void **state)
{
    (void)state;
    ks_arena_free(arena);
    return 0;
}

static ks_judgement judge(const ks_app_scheme *s, ks_outcome outcome, int status, const char *body)
{
    ks_ctx       cx = ks_ctx_new(arena, NULL);
    ks_judgement j;
    ks_answer    a = {.outcome = outcome, .why = "", .status = status, .body = ks_str_of(body)};
    assert_int_equal(ks_verify_judge(&cx, &app, s, &a, &j), KS_OK);
    return j;
}

static void a_good_answer_verifies_and_tells_who_it_is(void **state)
{
    (void)state;
    ks_judgement j = judge(&scheme, KS_UP_ANSWERED, 200,
                           "{\"ok\":true,\"user\":{\"id\":7,\"name\":\"Acme\"}}");
    assert_int_equal(j.verdict, KS_VD_VERIFIED);
    assert_str(j.account, "{\"id\":\"7\",\"name\":\"Acme\"}");
}

static void a_named_refusal_rejects_with_our_words(void **state)
{
    (void)state;
    ks_judgement j = judge(&scheme, KS_UP_ANSWERED, 200, "{\"ok\":false}");
    assert_int_equal(j.verdict, KS_VD_REJECTED);
    assert_str(j.reason, "The key was revoked.");
    assert_int_equal(judge(&scheme, KS_UP_ANSWERED, 401, "<html>").verdict, KS_VD_REJECTED);
}

static void missing_rights_are_limited_not_rejected(void **state)
{
    (void)state;
    ks_judgement j = judge(&scheme, KS_UP_ANSWERED, 403, "{}");
    assert_int_equal(j.verdict, KS_VD_LIMITED);
    assert_str(j.reason, "It may not read the account.");
}

static void an_answer_nobody_named_never_turns_a_key_away(void **state)
{
    (void)state;
    static const int statuses[] = {200, 204, 301, 404, 418, 429, 500, 503};
    for (size_t i = 0; i < KS_COUNT(statuses); i++)
        assert_int_equal(judge(&scheme, KS_UP_ANSWERED, statuses[i], "not json").verdict, KS_VD_UNREACHABLE);
    assert_int_equal(judge(&scheme, KS_UP_UNREACHED, 0, "").verdict, KS_VD_UNREACHABLE);
    assert_int_equal(judge(&scheme, KS_UP_BROKEN, 200, "{\"ok\":true}").verdict, KS_VD_UNREACHABLE);
}

static void an_untrusted_check_reports_and_does_not_refuse(void **state)
{
    (void)state;
    ks_app_scheme unsure = scheme;
    unsure.check.trusted = false;
    ks_judgement j = judge(&unsure, KS_UP_ANSWERED, 401, "{}");
    assert_int_equal(j.verdict, KS_VD_UNCHECKABLE);
    assert_true(ks_str_find(j.reason, KS_S("answered 401")) != SIZE_MAX);
}

KS_TESTS_WITH(setup, teardown, a_good_answer_verifies_and_tells_who_it_is,
              a_named_refusal_rejects_with_our_words, missing_rights_are_limited_not_rejected,
              an_answer_nobody_named_never_turns_a_key_away, an_untrusted_check_reports_and_does_not_refuse)
