/* upstream/again_test.c — calls that wait and calls that go once more, against a vendor on loopback. What is
 * remembered between calls is tested in gate_test.c. */
#include "base/log.h"
#include "upstream/test_world.h"

static world w;

static bool asked(const vendor_conn *c, const char *path)
{
    return strstr(c->text, path) != NULL;
}

static void status(vendor_conn *c, int code, const char *headers)
{
    char head[512];
    snprintf(head, sizeof head, "HTTP/1.1 %d Said\r\nContent-Length: 0\r\n%s\r\n", code, headers);
    vendor_say(c, head);
}

static void answer(vendor_conn *c)
{
    char byte;
    int  code = asked(c, " /status/") ? atoi(strstr(c->text, " /status/") + 9) : 200;
    if (asked(c, " /hang"))
        vendor_read(c, &byte, 1);
    else if (asked(c, " /later"))
        status(c, 429, "Retry-After: 30\r\n");
    else if (asked(c, " /soon") && c->nth == 1)
        status(c, 429, "Retry-After: 1\r\n");
    else if (asked(c, " /last"))
        status(c, 200, "X-Left: 0\r\nX-Reset: 40\r\n");
    else if (asked(c, " /one-more"))
        status(c, 200, "X-Left: 1\r\nX-Reset: 40\r\n");
    else if (asked(c, " /pause-503") && c->nth == 1)
        status(c, 503, "Retry-After: 1\r\n");
    else if (asked(c, " /twice-bad") && c->nth <= 2)
        status(c, 502, "");
    else
        status(c, code, "");
}

static int setup(void **state)
{
    (void)state;
    world_begin(&w, vendor_start(answer, NULL), true, (ks_upstream_options){0});
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    world_end(&w);
    return 0;
}

static unsigned requests(void)
{
    pthread_mutex_lock(&w.v->lock);
    unsigned n = w.v->requests;
    pthread_mutex_unlock(&w.v->lock);
    return n;
}

static ks_call *call_as(const char *method, const char *path, const char *connection)
{
    ks_call *c = call_of(&w, method, path);
    c->connection_id = ks_str_of(connection);
    return c;
}

/* ---- vendors that ask to wait ---- */

static void a_connection_that_was_told_to_wait_is_not_sent_again_before_its_time(void **state)
{
    (void)state;
    assert_int_equal(answer_to(&w, call_as("POST", "/later", "ca_one"))->status, 429);
    ks_answer *a = answer_to(&w, call_as("GET", "/x", "ca_one"));
    assert_int_equal(a->outcome, KS_UP_HELD);
    assert_in_range(a->retry_after_s, 29, 30);
    assert_false(a->sent);
    assert_true(a->took_us < 1000000);
    assert_int_equal(requests(), 1);
    assert_int_equal(answer_to(&w, call_as("GET", "/x", "ca_two"))->status, 200);
    assert_int_equal(answer_to(&w, call_as("GET", "/x", ""))->status, 200); /* credentials came along */
}

static void no_calls_left_holds_the_connection_until_the_reset(void **state)
{
    static const ks_str left = KS_S_INIT("x-left"), reset = KS_S_INIT("x-reset");
    (void)state;
    ks_call *c = call_as("GET", "/one-more", "ca_one");
    c->rate_left = (ks_names){&left, 1};
    c->rate_after = (ks_names){&reset, 1};
    assert_int_equal(answer_to(&w, c)->status, 200);
    c->path = text_of(&w, "/last");
    assert_int_equal(answer_to(&w, c)->status, 200);
    ks_answer *a = answer_to(&w, c);
    assert_int_equal(a->outcome, KS_UP_HELD);
    assert_in_range(a->retry_after_s, 39, 40);
    assert_int_equal(requests(), 2);
}

static void short_waits_are_waited_for_in_the_order_of_arrival(void **state)
{
    static waiting x[6];
    unsigned       order[6], n = 0;
    (void)state;
    send_one(&w, call_as("POST", "/soon", "ca_one"), &x[0]);
    while (requests() == 0)
        ks_loop_turn(w.loop, 10);
    while (w.metrics.count[KS_M_WAITS] == 0)
        ks_loop_turn(w.loop, 10); /* the first one has been told, and waits */
    for (size_t i = 1; i < KS_COUNT(x); i++)
        send_one(&w, call_as("GET", "/x", "ca_one"), &x[i]);
    while (n < KS_COUNT(x)) {
        ks_loop_turn(w.loop, 100);
        for (unsigned i = 0; i < KS_COUNT(x); i++) {
            bool known = false;
            for (unsigned k = 0; k < n; k++)
                known |= order[k] == i;
            if (x[i].done && !known)
                order[n++] = i;
        }
    }
    for (unsigned i = 0; i < n; i++) {
        assert_int_equal(order[i], i);
        assert_int_equal(x[i].answer->status, 200);
        assert_true(x[i].answer->took_us >= 900000 || i > 0);
    }
    assert_int_equal(requests(), 1 + KS_COUNT(x));
}

static void a_call_says_how_long_it_would_wait(void **state)
{
    (void)state;
    ks_call *c = call_as("POST", "/soon", "ca_one");
    c->max_wait_ms = -1;
    assert_int_equal(answer_to(&w, c)->status, 429);
    ks_answer *a = answer_to(&w, c);
    assert_int_equal(a->outcome, KS_UP_HELD);
    assert_int_equal(a->retry_after_s, 1);
    c->max_wait_ms = 2000;
    assert_int_equal(answer_to(&w, c)->status, 200);
    assert_int_equal(requests(), 2);
}

/* ---- callers that leave ---- */

static void a_caller_that_leaves_while_waiting_is_dropped_at_once(void **state)
{
    waiting x;
    (void)state;
    assert_int_equal(answer_to(&w, call_as("POST", "/later", "ca_one"))->status, 429);
    ks_call *c = call_as("GET", "/x", "ca_one");
    c->max_wait_ms = 60000;
    c->total_ms = 60000;
    send_one(&w, c, &x);
    assert_int_equal(w.metrics.count[KS_M_WAITS], 1);
    ks_upstream_leave(w.up, &x);
    turn_until(&w, &x.done);
    assert_int_equal(x.answer->outcome, KS_UP_LEFT);
    assert_false(x.answer->sent);
    assert_true(x.answer->took_us < 1000000);
    assert_int_equal(ks_upstream_busy(w.up), 0);
    assert_int_equal(requests(), 1);
}

static void a_caller_that_leaves_cancels_what_was_sent_and_is_told_so(void **state)
{
    waiting x;
    (void)state;
    send_one(&w, call_as("POST", "/hang", "ca_one"), &x);
    while (requests() == 0)
        ks_loop_turn(w.loop, 10);
    ks_upstream_leave(w.up, &x);
    turn_until(&w, &x.done);
    assert_int_equal(x.answer->outcome, KS_UP_LEFT);
    assert_true(x.answer->sent);
    assert_int_equal(ks_upstream_busy(w.up), 0);
    ks_upstream_leave(w.up, &x); /* nothing is left to end */
}

/* ---- once more ---- */

static void a_read_goes_again_after_502_to_504_and_a_write_does_not(void **state)
{
    (void)state;
    assert_int_equal(answer_to(&w, call_as("GET", "/twice-bad", "ca_one"))->status, 200);
    assert_int_equal(requests(), 3);
    static const int codes[] = {502, 503, 504};
    for (size_t i = 0; i < KS_COUNT(codes); i++) {
        char path[32];
        snprintf(path, sizeof path, "/status/%d", codes[i]);
        unsigned before = requests();
        assert_int_equal(answer_to(&w, call_as("HEAD", path, "ca_one"))->status, codes[i]);
        assert_int_equal(requests(), before + 1 + KS_UP_RETRIES);
        assert_int_equal(answer_to(&w, call_as("POST", path, "ca_one"))->status, codes[i]);
        assert_int_equal(requests(), before + 2 + KS_UP_RETRIES);
    }
}

static void other_answers_are_final(void **state)
{
    static const int codes[] = {400, 401, 403, 404, 409, 500, 501};
    (void)state;
    for (size_t i = 0; i < KS_COUNT(codes); i++) {
        char path[32];
        snprintf(path, sizeof path, "/status/%d", codes[i]);
        unsigned before = requests();
        assert_int_equal(answer_to(&w, call_as("GET", path, "ca_one"))->status, codes[i]);
        assert_int_equal(requests(), before + 1);
    }
}

static void a_write_that_its_vendor_knows_by_a_key_may_go_again(void **state)
{
    (void)state;
    ks_call *c = call_as("POST", "/twice-bad", "ca_one");
    c->keyed = true;
    assert_int_equal(answer_to(&w, c)->status, 200);
    assert_int_equal(requests(), 3);
    assert_string_equal(w.v->seen[0], w.v->seen[2]); /* the same key, the same bytes */
}

static void a_pause_that_comes_with_503_is_kept(void **state)
{
    (void)state;
    ks_answer *a = answer_to(&w, call_as("GET", "/pause-503", "ca_one"));
    assert_int_equal(a->status, 200);
    assert_true(a->took_us >= 1000000);
}

/* ---- origins that are down ---- */

static uint16_t dead_port(void)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t          n = sizeof at;
    int                fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&at, sizeof at), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&at, &n), 0);
    close(fd);
    return ntohs(at.sin_port);
}

/* An upstream that may call a port where nobody listens. */
static ks_call *call_to_nobody(const char *method)
{
    ks_exceptions *was = w.exceptions;
    ks_call       *c = call_as(method, "/x", "ca_one");
    c->origin.port = dead_port();
    ks_str listed = ks_fmt(&w.cx, "127.0.0.1:%u", c->origin.port);
    ks_upstream_free(w.up);
    assert_int_equal(ks_exceptions_new(&w.cx, &listed, 1, &w.exceptions), KS_OK);
    ks_exceptions_free(was);
    ks_upstream_options o = {.exceptions = w.exceptions, .metrics = &w.metrics};
    assert_int_equal(ks_upstream_new(&w.cx, w.loop, &o, &w.up), KS_OK);
    return c;
}

static void a_refused_connection_is_tried_again_whatever_the_method(void **state)
{
    (void)state;
    ks_answer *a = answer_to(&w, call_to_nobody("POST"));
    assert_int_equal(a->outcome, KS_UP_UNREACHED);
    assert_false(a->sent);
    assert_int_equal(w.metrics.count[KS_M_RETRIES], KS_UP_RETRIES);
}

static void an_origin_that_refuses_connections_is_left_alone_by_all_projects(void **state)
{
    (void)state;
    ks_call *c = call_to_nobody("GET");
    c->total_ms = 30; /* no time for more than one attempt */
    for (int i = 0; i < KS_GATE_FAILURES; i++)
        assert_int_equal(answer_to(&w, c)->retry_after_s, 0);
    c->project_id = KS_S("pr_two");
    ks_answer *a = answer_to(&w, c);
    assert_int_equal(a->outcome, KS_UP_UNREACHED);
    assert_in_range(a->retry_after_s, 1, KS_GATE_FIRST_US / 1000000);
    assert_non_null(strstr(a->why, "cannot be reached since 20"));
    assert_int_equal(w.metrics.count[KS_M_SHUT], 1);
    assert_int_equal(w.metrics.count[KS_M_SHUT_CALLS], 1);
    c->origin.port = w.v->port; /* another origin: judged by its own */
    assert_int_equal(answer_to(&w, c)->outcome, KS_UP_REFUSED);
}

static void handshakes_that_fail_shut_an_origin_for_their_project_alone(void **state)
{
    (void)state;
    SSL_CTX *old = vendor_tls("IP:127.0.0.1", NULL);
    SSL_CTX_set_cipher_list(old, "DEFAULT@SECLEVEL=0");
    SSL_CTX_set_min_proto_version(old, TLS1_VERSION);
    SSL_CTX_set_max_proto_version(old, TLS1_1_VERSION);
    w.v->tls = old; /* no connection has been made yet */
    ks_call *c = call_as("POST", "/x", "ca_one");
    c->origin.scheme = KS_S("https");
    for (int i = 0; i < KS_GATE_FAILURES; i++)
        assert_int_equal(answer_to(&w, c)->retry_after_s, 0);
    unsigned connections = w.v->connections;
    assert_in_range(answer_to(&w, c)->retry_after_s, 1, KS_GATE_FIRST_US / 1000000);
    assert_int_equal(w.v->connections, connections);
    c->project_id = KS_S("pr_two");
    assert_int_equal(answer_to(&w, c)->retry_after_s, 0);
    assert_int_equal(w.v->connections, connections + 1);
    SSL_CTX_free(old); /* each connection holds its own reference */
}

static void short_times_of_callers_speak_against_no_origin(void **state)
{
    (void)state;
    ks_call *c = call_as("GET", "/hang", "ca_one");
    c->total_ms = 30;
    for (int i = 0; i < KS_GATE_FAILURES + 1; i++)
        assert_int_equal(answer_to(&w, c)->outcome, KS_UP_UNREACHED);
    assert_int_equal(answer_to(&w, call_as("GET", "/x", "ca_one"))->status, 200);
    assert_int_equal(w.metrics.count[KS_M_SHUT], 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
        T(a_connection_that_was_told_to_wait_is_not_sent_again_before_its_time),
        T(no_calls_left_holds_the_connection_until_the_reset),
        T(short_waits_are_waited_for_in_the_order_of_arrival),
        T(a_call_says_how_long_it_would_wait),
        T(a_caller_that_leaves_while_waiting_is_dropped_at_once),
        T(a_caller_that_leaves_cancels_what_was_sent_and_is_told_so),
        T(a_read_goes_again_after_502_to_504_and_a_write_does_not),
        T(other_answers_are_final),
        T(a_write_that_its_vendor_knows_by_a_key_may_go_again),
        T(a_pause_that_comes_with_503_is_kept),
        T(an_origin_that_refuses_connections_is_left_alone_by_all_projects),
        T(handshakes_that_fail_shut_an_origin_for_their_project_alone),
        T(a_refused_connection_is_tried_again_whatever_the_method),
        T(short_times_of_callers_speak_against_no_origin),
    };
    ks_log_set_fd(-1);
    return ks_upstream_start() ? cmocka_run_group_tests(tests, NULL, NULL) : 1;
}
