/* tests/support/rig.c — see rig.h: the server's thread, a certificate of the day, and the clients. */
#include "tests/support/rig.h"

#include <arpa/inet.h>
#include <errno.h>
#include <gnutls/x509.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/time.h"

static char *test_cert, *test_key;

static void *serve(void *arg)
{
    rig_server *s = arg;
    ks_loop_run(s->loop);
    return NULL;
}

static void run_ask(void *arg)
{
    rig_server *s = arg;
    s->ask(s);
    s->ran = true;
}

/* Run `fn` in the server's loop and wait for it. */
void rig_in_loop(rig_server *s, void (*fn)(rig_server *s))
{
    s->ask = fn;
    s->ran = false;
    s->post = (ks_post){.fn = run_ask, .arg = s};
    ks_loop_post(s->loop, &s->post);
    while (!s->ran)
        sched_yield();
}

void rig_ask_counts(rig_server *s)
{
    s->busy = ks_listener_busy(s->listener);
    s->conns = ks_listener_conns(s->listener);
}

/* A self-signed certificate of the day, made here: no file, no tool. */
static char *exported(int (*get)(void *from, gnutls_x509_crt_fmt_t, gnutls_datum_t *), void *from)
{
    gnutls_datum_t d = {0};
    assert_int_equal(get(from, GNUTLS_X509_FMT_PEM, &d), 0);
    char *z = strndup((const char *)d.data, d.size);
    gnutls_free(d.data);
    return z;
}

static int key_pem(void *key, gnutls_x509_crt_fmt_t form, gnutls_datum_t *out)
{
    return gnutls_x509_privkey_export2(key, form, out);
}

static int cert_pem(void *cert, gnutls_x509_crt_fmt_t form, gnutls_datum_t *out)
{
    return gnutls_x509_crt_export2(cert, form, out);
}

static void make_certificate(void)
{
    gnutls_x509_privkey_t key;
    gnutls_x509_crt_t     cert;
    unsigned char         serial = 1;
    assert_int_equal(gnutls_x509_privkey_init(&key), 0);
    assert_int_equal(gnutls_x509_privkey_generate(key, GNUTLS_PK_ECDSA,
                                                  GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1), 0),
                     0);
    assert_int_equal(gnutls_x509_crt_init(&cert), 0);
    gnutls_x509_crt_set_version(cert, 3);
    gnutls_x509_crt_set_serial(cert, &serial, 1);
    gnutls_x509_crt_set_dn(cert, "CN=localhost", NULL);
    gnutls_x509_crt_set_activation_time(cert, time(NULL) - 60);
    gnutls_x509_crt_set_expiration_time(cert, time(NULL) + 3600);
    gnutls_x509_crt_set_key(cert, key);
    assert_int_equal(gnutls_x509_crt_sign2(cert, cert, key, GNUTLS_DIG_SHA256, 0), 0);
    test_key = exported(key_pem, key);
    test_cert = exported(cert_pem, cert);
    gnutls_x509_crt_deinit(cert);
    gnutls_x509_privkey_deinit(key);
}

void rig_start_with(rig_server *s, ks_listener_options o, bool tls)
{
    *s = (rig_server){.loop = ks_loop_new(), .arena = ks_arena_new(KS_ARENA_MAX)};
    ks_ctx cx = ks_ctx_new(s->arena, NULL);
    s->workers = ks_workers_new(2, 16);
    s->app = (ks_http_app){.routes = rig_tables,
                           .loop = s->loop,
                           .metrics = &s->metrics,
                           .workers = s->workers,
                           .access_log = true};
    assert_int_equal(ks_listen_socket(&cx, KS_S("127.0.0.1:0"), true, &s->fd, &s->port), KS_OK);
    o.fd = s->fd;
    o.app = &s->app;
    signal(SIGPIPE, SIG_IGN);
    if (tls && test_cert == NULL)
        make_certificate();
    if (tls) {
        o.tls_cert = ks_str_of(test_cert);
        o.tls_key = ks_str_of(test_key);
    }
    ks_status st = ks_listener_new(&cx, &o, &s->listener);
    if (st != KS_OK)
        print_error(KS_FMT "\n", KS_ARG(cx.err.message));
    assert_int_equal(st, KS_OK);
    assert_int_equal(pthread_create(&s->thread, NULL, serve, s), 0);
}

void rig_start(rig_server *s, bool tls)
{
    rig_start_with(s, (ks_listener_options){0}, tls);
}

void rig_stop(rig_server *s)
{
    ks_loop_stop(s->loop);
    pthread_join(s->thread, NULL);
    ks_listener_free(s->listener);
    ks_workers_free(s->workers);
    for (int i = 0; i < 3; i++)
        ks_loop_turn(s->loop, 0);
    ks_loop_free(s->loop);
    ks_arena_free(s->arena);
    close(s->fd);
}

/* ---- the client ---- */

static void handshake(rig_client *c)
{
    assert_int_equal(gnutls_certificate_allocate_credentials(&c->cred), 0);
    assert_int_equal(gnutls_init(&c->tls, GNUTLS_CLIENT), 0);
    assert_int_equal(gnutls_set_default_priority(c->tls), 0);
    assert_int_equal(gnutls_credentials_set(c->tls, GNUTLS_CRD_CERTIFICATE, c->cred), 0);
    gnutls_transport_set_int(c->tls, c->fd);
    gnutls_handshake_set_timeout(c->tls, RIG_WAIT_MS);
    int r;
    do
        r = gnutls_handshake(c->tls);
    while (r < 0 && !gnutls_error_is_fatal(r));
    assert_int_equal(r, 0);
}

rig_client *rig_dial(const rig_server *s, bool tls)
{
    rig_client        *c = calloc(1, sizeof *c);
    struct sockaddr_in a = {
        .sin_family = AF_INET, .sin_port = htons(s->port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    struct timeval limit = {.tv_sec = RIG_WAIT_MS / 1000};
    assert_non_null(c);
    c->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(c->fd >= 0);
    setsockopt(c->fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    setsockopt(c->fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
    setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
    assert_int_equal(connect(c->fd, (struct sockaddr *)&a, sizeof a), 0);
    if (tls)
        handshake(c);
    return c;
}

void rig_hang_up(rig_client *c)
{
    if (c->tls != NULL) {
        gnutls_deinit(c->tls);
        gnutls_certificate_free_credentials(c->cred);
    }
    close(c->fd);
    free(c);
}

/* Send all; false when the server does not take it any more. */
bool rig_say_n(rig_client *c, const char *p, size_t n)
{
    while (n > 0) {
        ssize_t r = c->tls != NULL ? gnutls_record_send(c->tls, p, n) : send(c->fd, p, n, MSG_NOSIGNAL);
        if (r <= 0)
            return false;
        p += r;
        n -= (size_t)r;
    }
    return true;
}

bool rig_say(rig_client *c, const char *z)
{
    return rig_say_n(c, z, strlen(z));
}

/* One more read; false at the end of the connection. */
bool rig_hear(rig_client *c)
{
    ssize_t r = c->tls != NULL ? gnutls_record_recv(c->tls, c->got + c->n, sizeof c->got - 1 - c->n)
                               : recv(c->fd, c->got + c->n, sizeof c->got - 1 - c->n, 0);
    if (r < 0 && c->tls == NULL && (errno == EAGAIN || errno == EWOULDBLOCK))
        fail_msg("no answer in time; so far: %s", c->got);
    if (r == GNUTLS_E_AGAIN && c->tls != NULL)
        fail_msg("no answer in time; so far: %s", c->got);
    if (r <= 0) {
        c->ended = true;
        return false;
    }
    c->n += (size_t)r;
    c->got[c->n] = '\0';
    return true;
}

/* Length of the first whole answer with Content-Length in what was heard, 0 when there is none yet. */
static size_t whole(const rig_client *c)
{
    const char *end = strstr(c->got, "\r\n\r\n"), *len = strcasestr(c->got, "\r\nContent-Length: ");
    if (end == NULL)
        return 0;
    size_t body = len != NULL && len < end ? strtoul(len + 18, NULL, 10) : 0, n = (size_t)(end + 4 - c->got);
    return c->n >= n + body ? n + body : 0;
}

/* The status of the next answer, whose text stays in `last`; 0 when the connection ends before. */
char rig_last[64 * 1024];

int rig_status(rig_client *c)
{
    size_t n;
    while ((n = whole(c)) == 0)
        if (!rig_hear(c))
            return 0;
    assert_true(n < sizeof rig_last);
    memcpy(rig_last, c->got, n);
    rig_last[n] = '\0';
    memmove(c->got, c->got + n, c->n - n + 1);
    c->n -= n;
    return atoi(rig_last + 9);
}

void rig_expect_end(rig_client *c)
{
    while (rig_hear(c)) {
    }
    assert_int_equal(c->n, 0);
}

int rig_forget_certificate(void **state)
{
    (void)state;
    free(test_cert);
    free(test_key);
    test_cert = test_key = NULL;
    return 0;
}
