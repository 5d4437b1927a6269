/* upstream/tls_test.c — vendors behind TLS with a CA of the test: who is trusted, what a failure leaks
 * (nothing), and which buffers of this process still hold a secret when all is over (rules N3, S1). */
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include "base/alloc.h"
#include "upstream/test_world.h"

static world w;
static char  ca_path[] = "/tmp/ks-test-ca-XXXXXX";

static void make_ca_path(void)
{
    static const char name[] = "/tmp/ks-test-ca-XXXXXX";
    memcpy(ca_path, name, sizeof name);
    int fd = mkstemp(ca_path);
    assert_true(fd >= 0);
    close(fd);
}

static _Atomic bool gone; /* the vendor has closed a connection */

static void answer(vendor_conn *c)
{
    if (vendor_asked(c, "GET /bye")) {
        vendor_ok(c, "", "bye", 3);
        (void)SSL_shutdown(c->ssl); /* as vendors do when a connection has been idle for long */
        vendor_close(c);
        gone = true;
        return;
    }
    vendor_ok(c, "", c->text, c->n); /* whatever it was sent, the secret with it */
}

static void begin(const char *san, bool trusted)
{
    make_ca_path();
    if (!trusted)
        SSL_CTX_free(vendor_tls("DNS:other.test", ca_path)); /* another CA than the vendor's */
    vendor *v = vendor_start(answer, vendor_tls(san, trusted ? ca_path : NULL));
    world_begin(&w, v, true, (ks_upstream_options){.ca_file = ks_str_of(ca_path)});
}

static int teardown(void **state)
{
    (void)state;
    SSL_CTX *tls = w.v->tls;
    world_end(&w);
    SSL_CTX_free(tls);
    unlink(ca_path);
    return 0;
}

static ks_call *https_asking(const char *host, const char *method, const char *path)
{
    ks_call *c = call_of(&w, method, path);
    c->origin.scheme = KS_S("https");
    c->origin.host = ks_str_of(host);
    with_secret(&w, c, "sk-canary-0123456789");
    return c;
}

static ks_call *https(const char *host)
{
    return https_asking(host, "GET", "/x");
}

static void a_trusted_vendor_is_answered_by_name_and_by_address(void **state)
{
    (void)state;
    begin("DNS:vendor.test,IP:127.0.0.1", true);
    ks_answer *a = answer_to(&w, https("vendor.test"));
    assert_int_equal(a->outcome, KS_UP_ANSWERED);
    assert_true(a->redacted);
    assert_non_null(strstr(w.v->seen[0], "X-Api-Key: sk-canary-0123456789\r\n"));
    assert_int_equal(answer_to(&w, https("vendor.test"))->outcome, KS_UP_ANSWERED);
    assert_int_equal(w.v->connections, 1);
    assert_int_equal(answer_to(&w, https("127.0.0.1"))->outcome, KS_UP_ANSWERED);
}

static void a_write_does_not_go_where_its_vendor_has_said_goodbye(void **state)
{
    (void)state;
    begin("DNS:vendor.test", true);
    for (unsigned i = 1; i <= 3; i++) {
        gone = false;
        ks_call *bye = https_asking("vendor.test", "GET", "/bye"),
                *write = https_asking("vendor.test", "POST", "/x");
        assert_int_equal(answer_to(&w, bye)->outcome, KS_UP_ANSWERED);
        while (!gone)
            sched_yield();
        assert_int_equal(answer_to(&w, write)->outcome, KS_UP_ANSWERED);
        assert_int_equal(w.v->requests, 2 * i);
        assert_int_equal(w.v->connections, i + 1);
    }
}

static void nothing_is_sent_to(const char *host)
{
    ks_answer *a = answer_to(&w, https(host));
    assert_int_equal(a->outcome, KS_UP_UNREACHED);
    assert_int_equal(w.v->requests, 0);
}

static void a_certificate_of_another_name_is_refused(void **state)
{
    (void)state;
    begin("DNS:other.test", true);
    nothing_is_sent_to("vendor.test");
    nothing_is_sent_to("127.0.0.1");
}

static void a_certificate_of_an_unknown_ca_is_refused(void **state)
{
    (void)state;
    begin("DNS:vendor.test,IP:127.0.0.1", false);
    nothing_is_sent_to("vendor.test");
}

static void a_vendor_below_tls_1_2_is_refused(void **state)
{
    (void)state;
    begin("DNS:vendor.test", true);
    SSL_CTX_set_cipher_list(w.v->tls, "DEFAULT@SECLEVEL=0");
    SSL_CTX_set_min_proto_version(w.v->tls, TLS1_VERSION);
    SSL_CTX_set_max_proto_version(w.v->tls, TLS1_1_VERSION);
    nothing_is_sent_to("vendor.test");
}

static void a_vendor_without_tls_is_refused(void **state)
{
    (void)state;
    begin("DNS:vendor.test", true);
    w.v->plain = true;
    nothing_is_sent_to("vendor.test");
}

/* ---- left-overs ---- */

/* The canary is never written down in this process: it is made when needed and wiped again. */
#define CANARY_N 40

static char canary_char(size_t i)
{
    static const char letters[] = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
    return letters[(i * i * 7 + i * 13 + 57) % 62];
}

static void make_canary(char *to)
{
    for (size_t i = 0; i < CANARY_N; i++)
        to[i] = canary_char(i);
}

static bool canary_at(const char *p)
{
    size_t i = 0;
    while (i < CANARY_N && p[i] == canary_char(i))
        i++;
    return i == CANARY_N;
}

/* The shadow memory of the sanitizers is terabytes of mappings. */
static void skip_when_sanitized(void)
{
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    skip();
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
    skip();
#endif
#endif
}

/* How often the canary stands in writable memory of this process; each place is told. */
static unsigned scan(const char *when)
{
    static char line[512];
    unsigned    found = 0;
    size_t      bytes = 0;
    FILE       *maps = fopen("/proc/self/maps", "r");
    assert_non_null(maps);
    while (fgets(line, sizeof line, maps) != NULL) {
        unsigned long from, to;
        char          mode[5];
        if (sscanf(line, "%lx-%lx %4s", &from, &to, mode) != 3 || mode[0] != 'r' || mode[1] != 'w' ||
            strstr(line, "[v") != NULL)
            continue;
        char   *copy = malloc(to - from); /* through /proc: guard pages and red zones do not hurt */
        int     fd = open("/proc/self/mem", O_RDONLY);
        ssize_t got = pread(fd, copy, to - from, (off_t)from);
        close(fd);
        bytes += got > 0 ? (size_t)got : 0;
        for (ssize_t i = 0; i + CANARY_N <= got; i++) {
            if (canary_at(copy + i)) {
                found++;
                printf("%s: at %lx in %s", when, from + (unsigned long)i, line);
                i += CANARY_N - 1;
            }
        }
        if (got > 0)
            explicit_bzero(copy, (size_t)got);
        free(copy);
    }
    fclose(maps);
    printf("%s: %u places in %zu kB\n", when, found, bytes / 1024);
    return found;
}

/* The vendor in a process of its own, so that its memory is not ours. */
static pid_t vendor_apart(vendor *v)
{
    pid_t pid = fork();
    if (pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        vendor_accept(v);
        _exit(0);
    }
    return pid;
}

static void use_the_canary(vendor *v, const char *scheme, const char *method, unsigned calls)
{
    memset(&w, 0, sizeof w);
    w.arena = ks_arena_new(KS_ARENA_MAX);
    w.cx = ks_ctx_new(w.arena, NULL);
    w.loop = ks_loop_new();
    ks_str exception = ks_fmt(&w.cx, "127.0.0.1:%u", v->port);
    assert_int_equal(ks_exceptions_new(&w.cx, &exception, 1, &w.exceptions), KS_OK);
    ks_upstream_options o = {.exceptions = w.exceptions, .ca_file = ks_str_of(ca_path)};
    assert_int_equal(ks_upstream_new(&w.cx, w.loop, &o, &w.up), KS_OK);
    char canary[CANARY_N + 1] = {0};
    make_canary(canary);
    for (unsigned i = 0; i < calls; i++) {
        ks_call *c = call_of(&w, method, "/x");
        with_secret(&w, c, canary);
        c->origin.scheme = ks_str_of(scheme);
        c->origin.port = v->port;
        ks_piece piece = {.text = KS_S("api_key"), .secret = c->secrets[0], .enc = KS_ENC_PERCENT};
        c->query = (ks_text){KS_S(""), &piece, 1, false};
        c->body = (ks_text){KS_S("body "), &piece, 1, false};
        c->has_body = method[0] == 'P';
        ks_answer *a = answer_to(&w, c);
        assert_int_equal(a->outcome, KS_UP_ANSWERED);
        assert_true(a->redacted);
    }
    explicit_bzero(canary, sizeof canary);
    ks_arena_reset(w.arena);
}

static void nothing_of_a_secret_is_left_in_memory(void **state)
{
    (void)state;
    static const char *const schemes[] = {"http", "https"};
    unsigned                 left = 0;
    skip_when_sanitized();
    make_ca_path();
    SSL_CTX *tls = vendor_tls("IP:127.0.0.1", ca_path);
    for (size_t i = 0; i < 2; i++) {
        vendor *v = vendor_start(answer, i ? tls : NULL);
        pid_t   pid = vendor_apart(v);
        for (unsigned m = 0; m < 2; m++) {
            use_the_canary(v, schemes[i], m ? "POST" : "GET", 3);
            char when[64];
            snprintf(when, sizeof when, "%s, warm connection kept", schemes[i]);
            unsigned warm = scan(when);
            ks_upstream_free(w.up);
            ks_loop_free(w.loop);
            ks_exceptions_free(w.exceptions);
            ks_arena_free(w.arena);
            snprintf(when, sizeof when, "%s, all freed", schemes[i]);
            unsigned cold = scan(when);
            left += warm + cold;
        }
        kill(pid, SIGKILL);
        waitpid(pid, NULL, 0);
        close(v->fd);
        free(v);
    }
    SSL_CTX_free(tls);
    unlink(ca_path);
    assert_int_equal(left, 0);
}

static void the_search_for_left_overs_finds_what_is_there(void **state)
{
    (void)state;
    skip_when_sanitized();
    char *kept = malloc(CANARY_N);
    make_canary(kept);
    assert_true(scan("kept on purpose") >= 1);
    explicit_bzero(kept, CANARY_N);
    free(kept);
    assert_int_equal(scan("wiped"), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, NULL, teardown)
        cmocka_unit_test(the_search_for_left_overs_finds_what_is_there),
        cmocka_unit_test(nothing_of_a_secret_is_left_in_memory),
        T(a_trusted_vendor_is_answered_by_name_and_by_address),
        T(a_write_does_not_go_where_its_vendor_has_said_goodbye),
        T(a_certificate_of_another_name_is_refused),
        T(a_certificate_of_an_unknown_ca_is_refused),
        T(a_vendor_below_tls_1_2_is_refused),
        T(a_vendor_without_tls_is_refused),
    };
    ks_log_set_fd(-1);
    return ks_upstream_start() ? cmocka_run_group_tests(tests, NULL, NULL) : 1;
}
