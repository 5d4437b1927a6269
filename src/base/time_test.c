/* base/time_test.c — the one way a time is written, and read. */
#include "base/time.h"
#include "tests/support/test.h"

static void times_are_written_in_utc_with_milliseconds(void **state)
{
    static const struct {
        int64_t     us;
        const char *text;
    } rows[] = {{0, "1970-01-01T00:00:00.000Z"},
                {1709210096789999, "2024-02-29T12:34:56.789Z"},
                {4102444799999999, "2099-12-31T23:59:59.999Z"},
                {-1, "1969-12-31T23:59:59.999Z"},
                {-1000001, "1969-12-31T23:59:58.999Z"}};
    (void)state;
    for (size_t i = 0; i < KS_COUNT(rows); i++) {
        char    text[KS_ISO_LEN];
        int64_t back;
        ks_time_iso(rows[i].us, text);
        assert_string_equal(text, rows[i].text);
        assert_true(ks_time_parse_iso(text, strlen(text), &back));
        assert_true(back <= rows[i].us && rows[i].us - back < 1000);
    }
}

static void other_forms_and_days_that_are_none_are_refused(void **state)
{
    static const char *const bad[] = {"2024-02-30T00:00:00.000Z", "2023-02-29T00:00:00.000Z",
                                      "2024-13-01T00:00:00.000Z", "2024-00-01T00:00:00.000Z",
                                      "2024-01-00T00:00:00.000Z", "2024-01-01T24:00:00.000Z",
                                      "2024-01-01T00:60:00.000Z", "2024-01-01T00:00:60.000Z",
                                      "2024-01-01 00:00:00.000Z", "2024-01-01T00:00:00.000z",
                                      "2024-01-01T00:00:00.+12Z", " 024-01-01T00:00:00.000Z",
                                      "2024-01-01T00:00:00.000",  "2024-01-01T00:00:00.000Z ",
                                      "2024-01-01T00:00:00Z",     ""};
    (void)state;
    for (size_t i = 0; i < KS_COUNT(bad); i++) {
        int64_t us;
        if (ks_time_parse_iso(bad[i], strlen(bad[i]), &us))
            fail_msg("%s", bad[i]);
    }
}

static void the_monotonic_clock_does_not_go_back(void **state)
{
    (void)state;
    int64_t before = ks_mono_us();
    for (int i = 0; i < 1000; i++) {
        int64_t now = ks_mono_us();
        assert_true(now >= before);
        before = now;
    }
    assert_true(ks_now_us() > INT64_C(1700000000000000));
}

KS_TESTS(times_are_written_in_utc_with_milliseconds, other_forms_and_days_that_are_none_are_refused,
         the_monotonic_clock_does_not_go_back)
