/* upstream/db_redis_test.c — commands that are never sent, replies taken apart, and peers that do not keep to
 * the protocol: the other end is a socket pair. */
#include "tests/support/test.h"

#include <sys/socket.h>
#include <unistd.h>

#include "base/time.h"
#include "upstream/db_redis.h"

static void commands_of_the_connection_are_never_run(void **state)
{
    static const char *const never[] = {"AUTH",      "select", "Multi", "MONITOR",
                                        "SUBSCRIBE", "client", "PSYNC", ""};
    static const char *const ruling[] = {"CONFIG",   "script",  "MIGRATE", "debug",
                                         "SHUTDOWN", "SLAVEOF", "Module"};
    (void)state;
    for (size_t i = 0; i < KS_COUNT(never); i++)
        assert_non_null(ks_redis_fault(ks_str_of(never[i]), true));
    for (size_t i = 0; i < KS_COUNT(ruling); i++) {
        assert_non_null(ks_redis_fault(ks_str_of(ruling[i]), false));
        assert_null(ks_redis_fault(ks_str_of(ruling[i]), true));
    }
    assert_non_null(ks_redis_fault(KS_S("GET\r\nDEL"), true));
    assert_null(ks_redis_fault(KS_S("get"), false));
    assert_true(ks_redis_reads(KS_S("hgetall")));
    assert_false(ks_redis_reads(KS_S("GETDEL")));
}

static void a_command_is_an_array_of_texts(void **state)
{
    const ks_str words[] = {KS_S("SET"), KS_S("k"), KS_S("a\r\nb")};
    ks_buf       b = ks_buf_new(256);
    (void)state;
    ks_redis_put(&b, words, 3);
    assert_str(ks_buf_view(&b), "*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$4\r\na\r\nb\r\n");
    ks_buf_done(&b);
}

/* What a reply becomes, in letters. */
static void note(void *arg, const ks_db_value *v)
{
    ks_buf *b = arg;
    if (v->kind == KS_DB_TEXT)
        ks_buf_fmt(b, "'" KS_FMT "'", KS_ARG(v->s));
    else if (v->kind == KS_DB_INT)
        ks_buf_fmt(b, "%lld ", (long long)v->i);
    else
        ks_buf_z(b, v->kind == KS_DB_NULL   ? "nil"
                    : v->kind == KS_DB_LIST ? "["
                    : v->kind == KS_DB_MAP  ? "{"
                                            : "]");
}

/* Ask a peer that answers `reply` and hangs up; what it became goes to `b`. */
static bool told(ks_str reply, bool pairs, ks_buf *b, ks_redis_taker *t, ks_db_error *e)
{
    int         pair[2];
    ks_db_limit l = {.deadline_us = ks_mono_us() + 5000000, .stop_fd = -1};
    *b = ks_buf_new(4096);
    *t = (ks_redis_taker){.value = note, .arg = b, .pairs = pairs};
    *e = (ks_db_error){.why = ""};
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
    assert_int_equal(send(pair[1], reply.p, reply.n, MSG_NOSIGNAL), (ssize_t)reply.n);
    shutdown(pair[1], SHUT_WR);
    ks_redis r = {.fd = pair[0]};
    bool     ok = ks_redis_ask(&r, KS_S("*1\r\n$4\r\nPING\r\n"), 2048, t, &l, e);
    close(pair[0]);
    close(pair[1]);
    return ok;
}

static void becomes(const char *reply, bool pairs, const char *expected)
{
    ks_buf         b;
    ks_redis_taker t;
    ks_db_error    e;
    assert_true(told(ks_str_of(reply), pairs, &b, &t, &e));
    assert_false(t.refused);
    assert_str(ks_buf_view(&b), expected);
    ks_buf_done(&b);
}

static void replies_are_told_in_order(void **state)
{
    (void)state;
    becomes("+OK\r\n", false, "'OK'");
    becomes(":-7\r\n", false, "-7 ");
    becomes("$-1\r\n", false, "nil");
    becomes("*-1\r\n", false, "nil");
    becomes("$0\r\n\r\n", false, "''");
    becomes("*0\r\n", false, "[]");
    becomes("*2\r\n*0\r\n*1\r\n:1\r\n", false, "[[][1 ]]");
    becomes("*2\r\n$1\r\na\r\n*2\r\n:1\r\n*1\r\n$-1\r\n", false, "['a'[1 [nil]]]");
    becomes("*2\r\n$1\r\na\r\n$1\r\nb\r\n", true, "{'a''b']");
    becomes("*1\r\n-ERR inside\r\n", false, "['ERR inside']");
}

static void an_error_is_no_value(void **state)
{
    ks_buf         b;
    ks_redis_taker t;
    ks_db_error    e;
    (void)state;
    assert_true(told(KS_S("-WRONGTYPE no\r\n"), false, &b, &t, &e));
    assert_true(t.refused);
    assert_string_equal(t.text, "WRONGTYPE no");
    assert_int_equal(b.n, 0);
    ks_buf_done(&b);
}

/* CVE-2021-32765 was a number of elements; none is ever allocated for here. */
static void peers_that_break_the_protocol_are_left(void **state)
{
    static const char *const bad[] = {"HTTP/1.1 400 Bad Request\r\n\r\n",
                                      "*1073741825\r\n",
                                      "*4294967297\r\n",
                                      "*9223372036854775807\r\n",
                                      "$9223372036854775807\r\n",
                                      "$-2\r\n",
                                      ":12a\r\n",
                                      "*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n:1\r\n",
                                      "+OK\r\n+OK\r\n",
                                      "$5\r\nab",
                                      "",
                                      "*2\r\n:1\r\n",
                                      "\xff\xfb\x01"};
    (void)state;
    for (size_t i = 0; i < KS_COUNT(bad); i++) {
        ks_buf         b;
        ks_redis_taker t;
        ks_db_error    e;
        if (told(ks_str_of(bad[i]), false, &b, &t, &e))
            fail_msg("case %zu is taken for a reply", i);
        assert_true(e.dead);
        assert_int_equal(e.step, KS_DB_BROKEN);
        ks_buf_done(&b);
    }
}

static void a_reply_beyond_the_room_is_given_up(void **state)
{
    char           reply[4096];
    ks_buf         b;
    ks_redis_taker t;
    ks_db_error    e;
    (void)state;
    memset(reply, 'x', sizeof reply);
    memcpy(reply, "$100000\r\n", 9);
    assert_false(told((ks_str){reply, sizeof reply}, false, &b, &t, &e));
    assert_true(e.dead);
    assert_int_equal(e.step, KS_DB_STATEMENT);
    ks_buf_done(&b);
}

KS_TESTS(commands_of_the_connection_are_never_run, a_command_is_an_array_of_texts, replies_are_told_in_order,
         an_error_is_no_value, peers_that_break_the_protocol_are_left, a_reply_beyond_the_room_is_given_up)
