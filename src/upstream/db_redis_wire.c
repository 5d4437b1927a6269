/* upstream/db_redis_wire.c — bytes to and from a Redis server, through TLS or plain. Only a judged address is
 * dialled (rule N4); the certificate is checked against the name. hiredis 0.14 has no TLS of its own, and no
 * transport of a library waits the way ks_db_wait does. Speaks no protocol. Source: OpenSSL 3, SSL_connect(3)
 * on descriptors that do not block. Threads: the connection's worker. */
#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <unistd.h>

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "base/alloc.h"
#include "upstream/db_redis.h"
#include "upstream/db_socket.h"

#define LATE     "the server did not answer in time"
#define MAX_HOST 256

/* ---- what TLS is told ---- */

/* All certificates of a PEM text into a store; at least one. */
static bool trust(X509_STORE *store, ks_str pem)
{
    BIO   *b = BIO_new_mem_buf(pem.p, (int)pem.n);
    X509  *x;
    size_t n = 0;
    while (b != NULL && (x = PEM_read_bio_X509(b, NULL, NULL, NULL)) != NULL) {
        n += X509_STORE_add_cert(store, x) == 1;
        X509_free(x);
    }
    BIO_free(b);
    ERR_clear_error(); /* the end of the text is an error to OpenSSL */
    return n > 0;
}

static bool use_certificate(SSL_CTX *cx, ks_str pem)
{
    BIO  *b = BIO_new_mem_buf(pem.p, (int)pem.n);
    X509 *x = b != NULL ? PEM_read_bio_X509(b, NULL, NULL, NULL) : NULL;
    bool  ok = x != NULL && SSL_CTX_use_certificate(cx, x) == 1;
    X509_free(x);
    while (ok && (x = PEM_read_bio_X509(b, NULL, NULL, NULL)) != NULL) {
        if (SSL_CTX_add0_chain_cert(cx, x) != 1)
            X509_free(x);
    }
    BIO_free(b);
    ERR_clear_error();
    return ok;
}

/* Nobody is asked for a pass phrase at the terminal. */
static int no_phrase(char *to, int room, int writing, void *arg)
{
    (void)to, (void)room, (void)writing, (void)arg;
    return -1;
}

static bool use_key(SSL_CTX *cx, const ks_secret *key)
{
    ks_str    pem = ks_secret_reveal(key);
    BIO      *b = BIO_new_mem_buf(pem.p, (int)pem.n);
    EVP_PKEY *k = b != NULL ? PEM_read_bio_PrivateKey(b, NULL, no_phrase, NULL) : NULL;
    bool      ok = k != NULL && SSL_CTX_use_PrivateKey(cx, k) == 1 && SSL_CTX_check_private_key(cx) == 1;
    EVP_PKEY_free(k);
    BIO_free(b);
    ERR_clear_error();
    return ok;
}

static bool set_papers(SSL_CTX *cx, const ks_db_target *t, const char *ca_file, ks_db_error *e)
{
    if (t->tls >= KS_DB_TLS_CA || t->ca.n > 0) {
        bool ok = t->ca.n > 0 ? trust(SSL_CTX_get_cert_store(cx), t->ca)
                              : SSL_CTX_load_verify_locations(cx, ca_file, NULL) == 1;
        if (!ok)
            return ks_db_fail(e, KS_DB_TLS, "the CA is no certificate in PEM", "ca");
        SSL_CTX_set_verify(cx, SSL_VERIFY_PEER, NULL);
    }
    if (t->certificate.n > 0 && !use_certificate(cx, t->certificate))
        return ks_db_fail(e, KS_DB_TLS, "the client certificate is none in PEM", "certificate");
    if (t->key != NULL && !use_key(cx, t->key))
        return ks_db_fail(e, KS_DB_TLS, "the client key is none in PEM, or not that of the certificate",
                          "key");
    return true;
}

/* The name goes into the greeting, and with FULL the certificate must be made out to it. */
static bool set_host(SSL *ssl, const ks_db_target *t)
{
    char          host[MAX_HOST];
    unsigned char address[16];
    if (t->host.n == 0 || t->host.n >= sizeof host)
        return false;
    memcpy(host, t->host.p, t->host.n);
    host[t->host.n] = '\0';
    bool literal = inet_pton(AF_INET, host, address) == 1 || inet_pton(AF_INET6, host, address) == 1;
    if (!literal && SSL_set_tlsext_host_name(ssl, host) != 1)
        return false;
    if (t->tls != KS_DB_TLS_FULL)
        return true;
    if (literal)
        return X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), host) == 1;
    SSL_set_hostflags(ssl, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    return SSL_set1_host(ssl, host) == 1;
}

/* ---- the handshake ---- */

/* Wait for what OpenSSL wants after `rc`. False: it wants nothing more, or *e says why not. */
static bool wanted(const ks_redis *r, int rc, const ks_db_limit *l, ks_db_error *e)
{
    int want = SSL_get_error(r->ssl, rc);
    if (want == SSL_ERROR_WANT_READ)
        return ks_db_wait(l, r->fd, POLLIN, LATE, e);
    if (want == SSL_ERROR_WANT_WRITE)
        return ks_db_wait(l, r->fd, POLLOUT, LATE, e);
    return false;
}

static bool handshake(ks_redis *r, const ks_db_target *t, const ks_db_limit *l, ks_db_error *e)
{
    int rc;
    if (SSL_set_fd(r->ssl, r->fd) != 1 || !set_host(r->ssl, t))
        return ks_db_fail(e, KS_DB_TLS, "the host is no name that TLS can check", "host");
    do {
        ERR_clear_error();
        rc = SSL_connect(r->ssl);
    } while (rc != 1 && wanted(r, rc, l, e));
    long verdict = SSL_get_verify_result(r->ssl);
    ERR_clear_error();
    if (e->step == KS_DB_TIMEOUT)
        e->step = KS_DB_TLS;
    if (rc == 1 || e->step != KS_DB_FINE)
        return rc == 1;
    if (verdict != X509_V_OK && (t->tls >= KS_DB_TLS_CA || t->ca.n > 0))
        return ks_db_fail(e, KS_DB_TLS, "the certificate is not trusted for this host", "certificate");
    return ks_db_fail(e, KS_DB_TLS, "the server does not speak TLS on that port", "tls");
}

static bool begin_tls(ks_redis *r, const ks_db_target *t, const char *ca_file, const ks_db_limit *l,
                      ks_db_error *e)
{
    r->tls = SSL_CTX_new(TLS_client_method());
    if (r->tls == NULL || SSL_CTX_set_min_proto_version(r->tls, TLS1_2_VERSION) != 1)
        return ks_db_fail(e, KS_DB_MEMORY, "memory is short", NULL);
    SSL_CTX_set_mode(r->tls, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
                                 SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    SSL_CTX_set_options(r->tls, SSL_OP_CLEANSE_PLAINTEXT | SSL_OP_NO_RENEGOTIATION);
    if (!set_papers(r->tls, t, ca_file, e))
        return false;
    r->ssl = SSL_new(r->tls);
    if (r->ssl == NULL)
        return ks_db_fail(e, KS_DB_MEMORY, "memory is short", NULL);
    return handshake(r, t, l, e);
}

bool ks_redis_dial(ks_redis *r, const ks_db_target *t, const ks_db_address *at, size_t n, const char *ca_file,
                   const ks_db_limit *l, ks_db_error *e)
{
    *r = (ks_redis){.fd = -1};
    if (!ks_db_dial(at, n, l, &r->fd, NULL, e))
        return false;
    return t->tls == KS_DB_TLS_OFF || begin_tls(r, t, ca_file, l, e);
}

void ks_redis_hang_up(ks_redis *r)
{
    SSL_free(r->ssl);
    SSL_CTX_free(r->tls);
    if (r->fd >= 0)
        close(r->fd);
    *r = (ks_redis){.fd = -1};
}

/* ---- bytes ---- */

static ssize_t ended(ks_db_error *e)
{
    if (e->step == KS_DB_FINE)
        (void)ks_db_fail(e, KS_DB_BROKEN, "the server closed the connection", "closed");
    return -1;
}

bool ks_redis_send(const ks_redis *r, ks_str bytes, const ks_db_limit *l, ks_db_error *e)
{
    while (bytes.n > 0) {
        ssize_t n;
        if (r->ssl == NULL) {
            n = ks_db_write(r->fd, bytes.p, bytes.n, l, LATE, e);
        } else {
            ERR_clear_error();
            n = SSL_write(r->ssl, bytes.p, bytes.n > INT32_MAX ? INT32_MAX : (int)bytes.n);
            if (n <= 0 && wanted(r, (int)n, l, e))
                continue;
        }
        if (n <= 0)
            return ended(e) >= 0;
        bytes = ks_str_sub(bytes, (size_t)n, SIZE_MAX);
    }
    return true;
}

ssize_t ks_redis_recv(const ks_redis *r, void *to, size_t room, const ks_db_limit *l, ks_db_error *e)
{
    if (r->ssl == NULL)
        return ks_db_read(r->fd, to, room, l, LATE, e);
    for (;;) {
        ERR_clear_error();
        int n = SSL_read(r->ssl, to, room > INT32_MAX ? INT32_MAX : (int)room);
        if (n > 0)
            return n;
        if (!wanted(r, n, l, e))
            return ended(e);
    }
}
