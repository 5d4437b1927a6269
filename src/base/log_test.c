/* base/log_test.c — a line is one JSON object whatever the values hold (rule S3). */
#include <unistd.h>

#include "base/json.h"
#include "tests/support/test.h"

static int pipe_fds[2];

static int setup(void **state)
{
    (void)state;
    ks_log_set_level(KS_LOG_INFO);
    if (pipe(pipe_fds) != 0)
        return -1;
    ks_log_set_fd(pipe_fds[1]);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    ks_log_set_fd(-1);
    close(pipe_fds[0]);
    close(pipe_fds[1]);
    return 0;
}

/* What was written, without its line break; each line is one write(2), which a pipe keeps whole to 4 kB. */
static ks_str line(char *to, size_t room)
{
    close(pipe_fds[1]);
    ssize_t n = read(pipe_fds[0], to, room);
    pipe_fds[1] = dup(pipe_fds[0]);
    assert_true(n > 1);
    assert_int_equal(to[n - 1], '\n');
    return (ks_str){to, (size_t)n - 1};
}

static void a_line_has_time_level_event_and_the_fields_given(void **state)
{
    (void)state;
    char got[8192];
    KS_LOG(KS_LOG_WARN, "thing_happened", KS_LSTR(ROUTE, KS_S("/v1/x/{id}")), KS_LINT(STATUS, -404),
           KS_LSTR(PROJECT, KS_NO_STR));
    ks_str l = line(got, sizeof got);
    assert_null(ks_json_fault(l));
    assert_str(ks_json_slice(l, KS_S("level")), "\"warn\"");
    assert_str(ks_json_slice(l, KS_S("event")), "\"thing_happened\"");
    assert_str(ks_json_slice(l, KS_S("route")), "\"/v1/x/{id}\"");
    assert_str(ks_json_slice(l, KS_S("status")), "-404");
    assert_null(ks_json_slice(l, KS_S("project")).p);
    assert_int_equal(ks_json_slice(l, KS_S("time")).n, 26);
}

static void a_hostile_value_cannot_break_the_line_or_forge_a_field_S3(void **state)
{
    (void)state;
    char got[8192];
    KS_LOG(KS_LOG_INFO, "e",
           KS_LSTR(METHOD, KS_S("\",\"status\":200}\n{\"event\":\"forged\\\x01\x7f\xff\xc3")),
           KS_LINT(STATUS, 400));
    ks_str l = line(got, sizeof got);
    assert_null(ks_json_fault(l));
    assert_int_equal(ks_str_chr(l, '\n'), SIZE_MAX);
    assert_str(ks_json_slice(l, KS_S("status")), "400");
    assert_str(ks_json_slice(l, KS_S("event")), "\"e\"");
}

static void any_number_of_long_values_is_cut_and_stays_json(void **state)
{
    (void)state;
    char   got[8192], big[3000];
    ks_str v = {big, sizeof big};
    memset(big, '"', sizeof big); /* each becomes six characters */
    for (size_t cut = 0; cut < 8; cut++) {
        KS_LOG(KS_LOG_INFO, "e", KS_LSTR(METHOD, ks_str_sub(v, cut, SIZE_MAX)),
               KS_LSTR(APP, ks_str_sub(v, 0, 130 + cut)), KS_LINT(STATUS, 1), KS_LSTR(ACTION, v),
               KS_LSTR(HOST, v), KS_LINT(COUNT, INT64_MIN));
        ks_str l = line(got, sizeof got);
        assert_true(l.n < 4096);
        assert_null(ks_json_fault(l));
        (void)teardown(NULL);
        (void)setup(NULL);
    }
}

static void lines_below_the_level_are_dropped(void **state)
{
    (void)state;
    char got[8192];
    KS_LOG(KS_LOG_DEBUG, "not_this", KS_LINT(STATUS, 1));
    KS_LOG(KS_LOG_INFO, "this", KS_LINT(STATUS, 1));
    assert_str(ks_json_slice(line(got, sizeof got), KS_S("event")), "\"this\"");
}

KS_TESTS_WITH(setup, teardown, a_line_has_time_level_event_and_the_fields_given,
              a_hostile_value_cannot_break_the_line_or_forge_a_field_S3,
              any_number_of_long_values_is_cut_and_stays_json, lines_below_the_level_are_dropped)
