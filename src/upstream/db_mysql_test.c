/* upstream/db_mysql_test.c — the words of the MySQL driver, its digests, and servers that mean harm: one that
 * asks for a file, one without TLS, one that goes on switching. */
#include "tests/support/test.h"

#include <netinet/in.h>
#include <openssl/evp.h>
#include <pthread.h>
#include <stdio.h>
#include <unistd.h>

#include "base/time.h"
#include "upstream/db_mysql.h"

static bool reads(const char *sql)
{
    return ks_mysql_read_fault(ks_str_of(sql)) == NULL;
}

static void statements_that_only_read_may_begin(void **state)
{
    (void)state;
    assert_true(reads("SELECT 1"));
    assert_true(reads(" \n\t( select 1)"));
    assert_true(reads("-- why\nSELECT 1"));
    assert_true(reads("# why\n/* and so */ show tables"));
    assert_true(reads("explain select 1"));
    assert_true(reads("WITH a AS (SELECT 1) SELECT * FROM a"));
}

static void all_others_may_not(void **state)
{
    static const char *const no[] = {"",
                                     "/*",
                                     "/*! DELETE FROM t */",
                                     "/*!50000 SELECT 1 */",
                                     "/*M! SET */",
                                     "/*M!100000 x */",
                                     "BEGIN NOT ATOMIC SELECT 1; END",
                                     "selection",
                                     "select_ 1",
                                     "CALL p()",
                                     "SET @a = 1",
                                     "-- SELECT",
                                     "# SELECT 1",
                                     "/* SELECT 1 */ DO 1",
                                     "EXECUTE IMMEDIATE 'SELECT 1'",
                                     "ANALYZE UPDATE t SET a = 1",
                                     "/*",
                                     "/*/ SELECT 1",
                                     "\xc2\xa0SELECT 1"};
    (void)state;
    for (size_t i = 0; i < KS_COUNT(no); i++)
        assert_false(reads(no[i]));
}

static void grants_of_rulers_are_known(void **state)
{
    static const char *const always[] = {"GRANT ALL PRIVILEGES ON *.* TO `a`@`%` WITH GRANT OPTION",
                                         "GRANT SELECT, FILE ON *.* TO `a`@`%`",
                                         "GRANT SUPER ON *.* TO a",
                                         "GRANT CREATE USER ON *.* TO a",
                                         "GRANT BINLOG ADMIN ON *.* TO a",
                                         "GRANT PROXY ON ''@'%' TO 'root'@'localhost' WITH GRANT OPTION"};
    static const char *const writing[] = {"GRANT SELECT, INSERT ON *.* TO a",
                                          "GRANT UPDATE ON `mysql`.* TO a",
                                          "GRANT DELETE ON `mysql`.`global_priv` TO a"};
    static const char *const fine[] = {"GRANT USAGE ON *.* TO `a`@`%` IDENTIFIED BY PASSWORD '*0'",
                                       "GRANT ALL PRIVILEGES ON `shop`.* TO `a`@`%`",
                                       "GRANT `role` TO `a`@`%`", "GRANT SELECT, PROCESS ON *.* TO a"};
    (void)state;
    for (size_t i = 0; i < KS_COUNT(always); i++)
        assert_true(ks_mysql_grant_rules(ks_str_of(always[i]), false));
    for (size_t i = 0; i < KS_COUNT(writing); i++) {
        assert_true(ks_mysql_grant_rules(ks_str_of(writing[i]), true));
        assert_false(ks_mysql_grant_rules(ks_str_of(writing[i]), false));
    }
    for (size_t i = 0; i < KS_COUNT(fine); i++)
        assert_false(ks_mysql_grant_rules(ks_str_of(fine[i]), true));
}

/* The server's side of caching_sha2_password: what it keeps is SHA256(SHA256(p)). */
static void the_proof_of_a_password_is_what_servers_expect(void **state)
{
    const unsigned char nonce[20] = "abcdefghijklmnopqrst";
    unsigned char       proof[32], kept[32], mask[32], text[52], again[32];
    unsigned int        n;
    (void)state;
    assert_true(ks_mysql_sha2(KS_S("secret"), nonce, proof));
    assert_int_equal(EVP_Digest("secret", 6, again, &n, EVP_sha256(), NULL), 1);
    assert_int_equal(EVP_Digest(again, 32, kept, &n, EVP_sha256(), NULL), 1);
    memcpy(text, kept, 32);
    memcpy(text + 32, nonce, 20);
    assert_int_equal(EVP_Digest(text, 52, mask, &n, EVP_sha256(), NULL), 1);
    for (size_t i = 0; i < 32; i++)
        proof[i] ^= mask[i];
    assert_int_equal(EVP_Digest(proof, 32, again, &n, EVP_sha256(), NULL), 1);
    assert_memory_equal(again, kept, 32);
}

/* ---- servers that mean harm ---- */

typedef struct hostile {
    int         listener, asked; /* asked: packets read behind the log-in */
    uint16_t    port;
    const char *method; /* to switch to after the name of the user; NULL: OK at once */
    bool        infile, again, tls;
    char        seen[4096];
    size_t      seen_n;
    pthread_t   thread;
} hostile;

static void say(int fd, unsigned char seq, const void *p, size_t n)
{
    unsigned char head[4] = {(unsigned char)n, (unsigned char)(n >> 8), 0, seq};
    (void)!send(fd, head, 4, MSG_NOSIGNAL);
    (void)!send(fd, p, n, MSG_NOSIGNAL);
}

/* One packet; its number, or -1. */
static int hear(hostile *h, int fd)
{
    unsigned char head[4], body[2048];
    if (recv(fd, head, 4, MSG_WAITALL) != 4)
        return -1;
    size_t n = head[0] | (size_t)head[1] << 8;
    if (n > sizeof body || (n > 0 && recv(fd, body, n, MSG_WAITALL) != (ssize_t)n))
        return -1;
    if (h->seen_n + n < sizeof h->seen) {
        memcpy(h->seen + h->seen_n, body, n);
        h->seen_n += n;
    }
    return head[3];
}

static void *serve(void *arg)
{
    static const unsigned char ok[] = {0, 0, 0, 2, 0, 0, 0};
    static const char          infile[] = "\xfb/etc/passwd";
    hostile                   *h = arg;
    unsigned char              hello[128];
    char                       change[64];
    int                        seq, fd = accept(h->listener, NULL, NULL);
    size_t                     n = 0;
    memcpy(hello + n,
           "\x0a"
           "8.0.0\0"
           "\1\0\0\0"
           "abcdefgh\0",
           20);
    n = 20;
    hello[n++] = 0x00;
    hello[n++] = h->tls ? 0x8a : 0x82; /* CLIENT_PROTOCOL_41, CLIENT_SECURE_CONNECTION, CLIENT_LOCAL_FILES */
    memcpy(hello + n,
           "\x2d\2\0\x08\0\x15\0\0\0\0\0\0\0\0\0\0"
           "ijklmnopqrst\0mysql_native_password",
           16 + 13 + 22);
    n += 16 + 13 + 22;
    say(fd, 0, hello, n);
    seq = hear(h, fd);
    int sent = 0;
    while (seq >= 0 && h->method != NULL && (sent == 0 || (h->again && sent < 40))) {
        n = (size_t)snprintf(change, sizeof change, "\xfe%s", h->method) + 1;
        memcpy(change + n, "abcdefghijklmnopqrst", 21);
        say(fd, (unsigned char)(seq + 1), change, n + 21);
        sent++;
        seq = hear(h, fd);
    }
    if (seq >= 0)
        say(fd, (unsigned char)(seq + 1), ok, sizeof ok);
    while (seq >= 0 && (seq = hear(h, fd)) >= 0) {
        h->asked++;
        if (h->infile)
            say(fd, (unsigned char)(seq + 1), infile, sizeof infile - 1);
        else
            say(fd, (unsigned char)(seq + 1), ok, sizeof ok);
    }
    close(fd);
    return NULL;
}

static void begin(hostile *h)
{
    struct sockaddr_in in = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t          n = sizeof in;
    h->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(h->listener, (struct sockaddr *)&in, sizeof in), 0);
    assert_int_equal(listen(h->listener, 4), 0);
    assert_int_equal(getsockname(h->listener, (struct sockaddr *)&in, &n), 0);
    h->port = ntohs(in.sin_port);
    assert_int_equal(pthread_create(&h->thread, NULL, serve, h), 0);
}

static void end(hostile *h)
{
    shutdown(h->listener, SHUT_RDWR);
    pthread_join(h->thread, NULL);
    close(h->listener);
}

/* Open against it; what went wrong is in *e. */
static bool open_it(const hostile *h, ks_db_tls tls, void **conn, ks_db_error *e)
{
    static bool        started;
    ks_secret         *password = ks_secret_heap("hunter2-hunter2", 15);
    ks_db_address      at = {.len = sizeof(struct sockaddr_in), .text = "127.0.0.1"};
    struct sockaddr_in in = {
        .sin_family = AF_INET, .sin_port = htons(h->port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    ks_db_limit        l = {.deadline_us = ks_mono_us() + 5000000, .stop_fd = -1};
    const ks_db_target t = {.driver = &ks_db_mysql,
                            .host = KS_S("db.test"),
                            .port = h->port,
                            .user = KS_S("ada"),
                            .password = password,
                            .tls = tls,
                            .superuser = true,
                            .write = true};
    memcpy(&at.sa, &in, sizeof in);
    assert_non_null(password);
    assert_true(started || ks_mysql_transport_start());
    started = true;
    *e = (ks_db_error){.why = "", .text = ks_buf_new(4096)};
    bool ok = ks_db_mysql.open(&t, &at, 1, "/etc/ssl/certs/ca-certificates.crt", &l, conn, e);
    ks_secret_free(password);
    return ok;
}

static bool holds(const hostile *h, const char *text)
{
    return memmem(h->seen, h->seen_n, text, strlen(text)) != NULL;
}

static void a_server_without_tls_learns_nothing(void **state) /* N3 */
{
    hostile     h = {0};
    ks_db_error e;
    void       *conn;
    (void)state;
    begin(&h);
    assert_false(open_it(&h, KS_DB_TLS_ENCRYPT, &conn, &e));
    end(&h);
    assert_int_equal(e.step, KS_DB_TLS);
    assert_int_equal(h.seen_n, 0);
}

static void a_server_that_wants_the_password_in_plain_text_does_not_get_it(void **state)
{
    static const char *const methods[] = {"mysql_clear_password", "sha256_password", "dialog",
                                          "client_ed25519", ""};
    (void)state;
    for (size_t i = 0; i < KS_COUNT(methods); i++) {
        hostile     h = {.method = methods[i]};
        ks_db_error e;
        void       *conn;
        begin(&h);
        assert_false(open_it(&h, KS_DB_TLS_OFF, &conn, &e));
        end(&h);
        assert_int_equal(e.step, KS_DB_LOGIN);
        assert_true(holds(&h, "ada"));
        assert_false(holds(&h, "hunter2"));
    }
}

static void a_server_that_goes_on_switching_is_left(void **state)
{
    static const char *const methods[] = {"mysql_native_password", "keysteward", "caching_sha2_password"};
    (void)state;
    for (size_t i = 0; i < KS_COUNT(methods); i++) {
        hostile     h = {.method = methods[i], .again = true};
        ks_db_error e;
        void       *conn;
        begin(&h);
        assert_false(open_it(&h, KS_DB_TLS_OFF, &conn, &e));
        end(&h);
        assert_false(holds(&h, "hunter2"));
    }
}

static void a_server_that_asks_for_a_file_does_not_get_it(void **state)
{
    hostile     h = {.infile = true};
    ks_db_error e;
    void       *conn;
    (void)state;
    begin(&h);
    assert_false(
        open_it(&h, KS_DB_TLS_OFF, &conn, &e)); /* the first statement of the set-up is answered so */
    end(&h);
    assert_true(h.asked >= 1);
    assert_false(holds(&h, "root:"));
    assert_int_equal(e.step, KS_DB_BROKEN);
}

KS_TESTS(statements_that_only_read_may_begin, all_others_may_not, grants_of_rulers_are_known,
         the_proof_of_a_password_is_what_servers_expect, a_server_without_tls_learns_nothing,
         a_server_that_wants_the_password_in_plain_text_does_not_get_it,
         a_server_that_goes_on_switching_is_left, a_server_that_asks_for_a_file_does_not_get_it)
