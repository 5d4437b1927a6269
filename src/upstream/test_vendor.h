/* upstream/test_vendor.h — a vendor for the tests: a blocking HTTP/1.1 server on loopback, plain or with TLS
 * of a CA made on the spot, one thread a connection. Records what it was sent; what it answers is a function
 * of the test. Loopback only. Included by tests, never by the program. */
#pragma once
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/support/test.h"

#define VENDOR_RECORD 65536
#define VENDOR_SEEN   8

typedef struct vendor vendor;

typedef struct vendor_conn {
    vendor  *v;
    int      fd;
    SSL     *ssl;
    unsigned number;              /* of the connection, from 1 */
    unsigned request;             /* on this connection, from 1 */
    unsigned nth;                 /* of all requests, from 1 */
    char     text[VENDOR_RECORD]; /* the request, head and body */
    size_t   n, head;
} vendor_conn;

struct vendor {
    int          fd;
    uint16_t     port;
    SSL_CTX     *tls;               /* NULL: plain */
    _Atomic bool plain;             /* speaks no TLS although it has a certificate */
    void (*answer)(vendor_conn *c); /* closes by returning with c->fd shut, see vendor_close */
    pthread_t       thread, threads[256];
    pthread_mutex_t lock;
    unsigned        connections, requests;
    char            seen[VENDOR_SEEN][VENDOR_RECORD]; /* the first requests */
};

static KS_UNUSED bool vendor_write(vendor_conn *c, const void *p, size_t n)
{
    const char *at = p;
    while (n > 0) {
        ssize_t did = c->ssl ? SSL_write(c->ssl, at, n > 16384 ? 16384 : (int)n)
                             : send(c->fd, at, n, MSG_NOSIGNAL);
        if (did <= 0)
            return false;
        at += did;
        n -= (size_t)did;
    }
    return true;
}

static KS_UNUSED ssize_t vendor_read(vendor_conn *c, void *p, size_t n)
{
    return c->ssl ? SSL_read(c->ssl, p, (int)n) : recv(c->fd, p, n, 0);
}

static KS_UNUSED void vendor_say(vendor_conn *c, const char *z)
{
    vendor_write(c, z, strlen(z));
}

/* End the connection after this answer. */
static KS_UNUSED void vendor_close(vendor_conn *c)
{
    shutdown(c->fd, SHUT_RDWR);
}

/* Does the request line begin so? */
static KS_UNUSED bool vendor_asked(const vendor_conn *c, const char *start)
{
    return strncmp(c->text, start, strlen(start)) == 0;
}

/* A 200 with this body. */
static KS_UNUSED void vendor_ok(vendor_conn *c, const char *headers, const void *body, size_t n)
{
    char head[4096];
    snprintf(head, sizeof head, "HTTP/1.1 200 OK\r\nContent-Length: %zu\r\n%s\r\n", n, headers);
    vendor_say(c, head);
    if (!vendor_asked(c, "HEAD "))
        vendor_write(c, body, n);
}

/* Read to the end of the head, and of a body with a length. */
static KS_UNUSED bool vendor_request(vendor_conn *c)
{
    c->n = c->head = 0;
    size_t body = 0;
    while (c->head == 0 || c->n < c->head + body) {
        ssize_t got = vendor_read(c, c->text + c->n, sizeof c->text - 1 - c->n);
        if (got <= 0)
            return false;
        c->n += (size_t)got;
        c->text[c->n] = '\0';
        const char *end = strstr(c->text, "\r\n\r\n"), *length = strcasestr(c->text, "\r\ncontent-length:");
        if (c->head == 0 && end != NULL) {
            c->head = (size_t)(end - c->text) + 4;
            body = length && length < end && strstr(c->text, " /early") == NULL
                       ? strtoul(length + 17, NULL, 10)
                       : 0;
        }
    }
    return true;
}

static KS_UNUSED void *vendor_serve(void *arg)
{
    vendor_conn *c = arg;
    vendor      *v = c->v;
    bool         open = true;
    if (v->tls != NULL && !v->plain) {
        c->ssl = SSL_new(v->tls);
        SSL_set_fd(c->ssl, c->fd);
        open = SSL_accept(c->ssl) == 1;
    }
    while (open && vendor_request(c)) {
        pthread_mutex_lock(&v->lock);
        c->request++;
        if (v->requests < VENDOR_SEEN)
            memcpy(v->seen[v->requests], c->text, c->n + 1);
        c->nth = ++v->requests;
        pthread_mutex_unlock(&v->lock);
        v->answer(c);
    }
    SSL_free(c->ssl);
    close(c->fd);
    free(c);
    return NULL;
}

static KS_UNUSED void *vendor_accept(void *arg)
{
    vendor *v = arg;
    for (;;) {
        int fd = accept4(v->fd, NULL, NULL, SOCK_CLOEXEC);
        if (fd < 0)
            return NULL;
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
        vendor_conn *c = calloc(1, sizeof *c);
        pthread_mutex_lock(&v->lock);
        c->v = v;
        c->fd = fd;
        c->number = ++v->connections;
        pthread_create(&v->threads[v->connections - 1], NULL, vendor_serve, c);
        pthread_mutex_unlock(&v->lock);
    }
}

/* Listen on a free port of loopback and serve. */
static KS_UNUSED vendor *vendor_start(void (*answer)(vendor_conn *c), SSL_CTX *tls)
{
    vendor            *v = calloc(1, sizeof *v);
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t          n = sizeof at;
    v->answer = answer;
    v->tls = tls;
    pthread_mutex_init(&v->lock, NULL);
    v->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(v->fd, (struct sockaddr *)&at, sizeof at), 0);
    assert_int_equal(listen(v->fd, 64), 0);
    assert_int_equal(getsockname(v->fd, (struct sockaddr *)&at, &n), 0);
    v->port = ntohs(at.sin_port);
    return v;
}

static KS_UNUSED void vendor_run(vendor *v)
{
    assert_int_equal(pthread_create(&v->thread, NULL, vendor_accept, v), 0);
}

/* All connections of the other side must be closed by then. */
static KS_UNUSED void vendor_stop(vendor *v)
{
    shutdown(v->fd, SHUT_RDWR);
    pthread_join(v->thread, NULL);
    for (unsigned i = 0; i < v->connections; i++)
        pthread_join(v->threads[i], NULL);
    close(v->fd);
    pthread_mutex_destroy(&v->lock);
    free(v);
}

/* ---- certificates ---- */

static KS_UNUSED X509 *vendor_cert(EVP_PKEY *key, const char *cn, const char *san, X509 *issuer,
                                   EVP_PKEY *issuer_key)
{
    X509      *x = X509_new();
    X509_NAME *name = X509_get_subject_name(x);
    X509V3_CTX ctx;
    X509_set_version(x, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(x), issuer ? 2 : 1);
    X509_gmtime_adj(X509_getm_notBefore(x), -3600);
    X509_gmtime_adj(X509_getm_notAfter(x), 3600);
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, (const unsigned char *)cn, -1, -1, 0);
    X509_set_issuer_name(x, issuer ? X509_get_subject_name(issuer) : name);
    X509_set_pubkey(x, key);
    X509V3_set_ctx(&ctx, issuer ? issuer : x, x, NULL, NULL, 0);
    X509_EXTENSION *ext = X509V3_EXT_conf_nid(
        NULL, &ctx, issuer ? NID_subject_alt_name : NID_basic_constraints, issuer ? san : "critical,CA:TRUE");
    X509_add_ext(x, ext, -1);
    X509_EXTENSION_free(ext);
    X509_sign(x, issuer_key ? issuer_key : key, EVP_sha256());
    return x;
}

/* A server context whose certificate holds the names `san`, signed by a fresh CA that is written to
 * `ca_path`. */
static KS_UNUSED SSL_CTX *vendor_tls(const char *san, const char *ca_path)
{
    EVP_PKEY *ca_key = EVP_EC_gen("P-256"), *key = EVP_EC_gen("P-256");
    X509     *ca = vendor_cert(ca_key, "test CA", NULL, NULL, NULL);
    X509     *leaf = vendor_cert(key, "vendor", san, ca, ca_key);
    SSL_CTX  *ctx = SSL_CTX_new(TLS_server_method());
    if (ca_path != NULL) {
        FILE *f = fopen(ca_path, "w");
        assert_non_null(f);
        PEM_write_X509(f, ca);
        fclose(f);
    }
    assert_int_equal(SSL_CTX_use_certificate(ctx, leaf), 1);
    assert_int_equal(SSL_CTX_use_PrivateKey(ctx, key), 1);
    X509_free(ca);
    X509_free(leaf);
    EVP_PKEY_free(ca_key);
    EVP_PKEY_free(key);
    return ctx;
}
