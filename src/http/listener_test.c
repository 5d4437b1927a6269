/* http/listener_test.c — a real listener on loopback in a thread of its own, attacked with raw sockets, plain
 * and behind TLS. Every wait is for a byte or the end of a connection, with a time-out that fails the test.
 */
#include "http/listener_in.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/time.h"
#include "http/reply.h"
#include "tests/support/test.h"

#define WAIT_MS 10000

/* ---- the server under test ---- */

typedef struct server {
    pthread_t    thread;
    ks_loop     *loop;
    ks_listener *listener;
    ks_arena    *arena;
    ks_metrics   metrics;
    ks_http_app  app;
    ks_workers  *workers;
    int          fd;
    uint16_t     port;
    ks_post      post;
    _Atomic bool ran;
    void (*ask)(struct server *s);
    size_t    busy, conns; /* answers of ask_counts */
    ks_status started;
} server;

static char *test_cert, *test_key;

/* Handlers. */
static ks_status hello(ks_ctx *cx, const ks_req *rq, ks_res *rs)
{
    (void)rq;
    return ks_res_fixed(cx, rs, 200, "application/json", KS_S("{\"hello\":true}"));
}

static ks_status size(ks_ctx *cx, const ks_req *rq, ks_res *rs)
{
    ks_jw w;
    KS_TRY(ks_res_begin(cx, rs, 200, &w));
    ks_jw_obj(&w, NULL);
    ks_jw_int(&w, "size", (int64_t)rq->body.n);
    ks_jw_str(&w, "key", ks_req_header(rq, "x-api-key"));
    ks_jw_end(&w, '}');
    return ks_res_end(cx, rs);
}

static ks_status item(ks_ctx *cx, const ks_req *rq, ks_res *rs)
{
    ks_str text = ks_fmt(cx, "<" KS_FMT ">", KS_ARG(ks_req_param(rq, "id")));
    return ks_res_fixed(cx, rs, 200, "text/plain", text);
}

/* A tail that is woken by a thread, as the writer does. */
typedef struct later {
    ks_tail      tail;
    ks_exchange *x;
    pthread_t    thread;
} later;

static void *wake_it(void *arg)
{
    later *l = arg;
    ks_exchange_wake(l->x);
    return NULL;
}

static void later_start(ks_tail *t, ks_exchange *x)
{
    later *l = (later *)t;
    l->x = x;
    if (pthread_create(&l->thread, NULL, wake_it, l) != 0)
        abort();
}

static ks_status later_finish(ks_tail *t, ks_ctx *cx, const ks_req *rq, ks_res *rs)
{
    pthread_join(((later *)t)->thread, NULL);
    return ks_res_fixed(cx, rs, 200, "application/json", rq->body.n ? rq->body : KS_S("{\"later\":true}"));
}

static ks_status parked(ks_ctx *cx, const ks_req *rq, ks_res *rs)
{
    later *l = ks_zalloc(cx, sizeof *l);
    (void)rq;
    if (l == NULL)
        return KS_NO_MEMORY;
    l->tail = (ks_tail){.start = later_start, .finish = later_finish};
    rs->tail = &l->tail;
    return KS_OK;
}

/* Parked until the test says go: held[] is walked in the loop. */
static ks_exchange *held[8];
static size_t       held_n;

static void hold_start(ks_tail *t, ks_exchange *x)
{
    (void)t;
    held[held_n++ % KS_COUNT(held)] = x;
}

static ks_status held_route(ks_ctx *cx, const ks_req *rq, ks_res *rs)
{
    KS_TRY(parked(cx, rq, rs));
    rs->tail->start = hold_start;
    rs->tail->finish = NULL;
    return KS_OK;
}

static ks_status hold_finish(ks_tail *t, ks_ctx *cx, const ks_req *rq, ks_res *rs)
{
    (void)t;
    return hello(cx, rq, rs);
}

static void release_held(server *s)
{
    (void)s;
    for (size_t i = 0; i < held_n; i++) {
        held[i]->rs.tail->finish = hold_finish;
        ks_exchange_wake(held[i]);
    }
    held_n = 0;
}

/* Streams: what goes in comes out, through one pipe of bounded size each way. */
typedef struct echo {
    ks_pipe *in, *out;
    size_t   most, total;
} echo;

static void pump(void *arg)
{
    echo *e = arg;
    char  part[16 * 1024];
    for (size_t n; ks_pipe_held(e->out) < KS_PIPE_HIGH && (n = ks_pipe_read(e->in, part, sizeof part)) > 0;) {
        (void)ks_pipe_write(e->out, part, n);
        e->total += n;
    }
    if (ks_pipe_held(e->out) > e->most)
        e->most = ks_pipe_held(e->out);
    if (ks_pipe_ended(e->in))
        ks_pipe_close(e->out);
    if (ks_pipe_broken(e->in))
        ks_pipe_break(e->out);
}

static void echo_end(void *arg)
{
    echo *e = arg;
    ks_pipe_on_data(e->in, NULL, NULL);
    ks_pipe_on_space(e->out, NULL, NULL);
    ks_pipe_unref(e->in);
    ks_pipe_unref(e->out);
}

static size_t counted; /* bytes of the last counted upload */

static ks_status count_finish(ks_tail *t, ks_ctx *cx, const ks_req *rq, ks_res *rs);

typedef struct counter {
    ks_tail      tail;
    ks_exchange *x;
    ks_pipe     *in;
    bool         woken;
} counter;

static void count_pump(void *arg)
{
    counter *c = arg;
    char     part[8 * 1024];
    for (size_t n; (n = ks_pipe_read(c->in, part, sizeof part)) > 0;)
        counted += n;
    if ((ks_pipe_ended(c->in) || ks_pipe_broken(c->in)) && !c->woken) {
        c->woken = true;
        ks_exchange_wake(c->x);
    }
}

static void count_start(ks_tail *t, ks_exchange *x)
{
    counter *c = (counter *)t;
    c->x = x;
    ks_pipe_on_data(c->in, count_pump, c);
    count_pump(c);
}

static ks_status count_finish(ks_tail *t, ks_ctx *cx, const ks_req *rq, ks_res *rs)
{
    (void)rq;
    ks_pipe_on_data(((counter *)t)->in, NULL, NULL);
    return ks_res_fixed(cx, rs, 200, "text/plain", ks_fmt(cx, "%zu", counted));
}

static ks_status count_upload(ks_ctx *cx, const ks_req *rq, ks_res *rs)
{
    counter *c = ks_zalloc(cx, sizeof *c);
    if (c == NULL)
        return KS_NO_MEMORY;
    counted = 0;
    *c = (counter){.tail = {.start = count_start, .finish = count_finish}, .in = rq->body_pipe};
    rs->tail = &c->tail;
    return KS_OK;
}

static ks_status echo_upload(ks_ctx *cx, const ks_req *rq, ks_res *rs)
{
    echo *e = ks_zalloc(cx, sizeof *e);
    if (e == NULL || rq->body_pipe == NULL)
        return ks_fail(cx, KS_INVALID, NULL, "Send a body.");
    *e = (echo){.in = ks_pipe_ref(rq->body_pipe), .out = ks_pipe_new()};
    if (e->out == NULL || !ks_arena_defer(cx->arena, echo_end, e))
        return ks_no_memory(cx);
    ks_pipe_on_data(e->in, pump, e);
    ks_pipe_on_space(e->out, pump, e);
    rs->status = 200;
    rs->content_type = KS_S("application/octet-stream");
    rs->stream = e->out;
    rs->stream_size = rq->body_size;
    return KS_OK;
}

/* A download of `size` bytes, written when there is space. */
static size_t most_held;

typedef struct source {
    ks_pipe *out;
    size_t   left;
} source;

static void fill(void *arg)
{
    source *s = arg;
    char    part[16 * 1024];
    memset(part, 'x', sizeof part);
    while (s->left > 0 && ks_pipe_write(s->out, part, s->left < sizeof part ? s->left : sizeof part))
        s->left -= s->left < sizeof part ? s->left : sizeof part;
    if (ks_pipe_held(s->out) > most_held)
        most_held = ks_pipe_held(s->out);
    if (s->left == 0)
        ks_pipe_close(s->out);
}

static void source_end(void *arg)
{
    source *s = arg;
    ks_pipe_on_space(s->out, NULL, NULL);
    ks_pipe_unref(s->out);
}

static ks_status download(ks_ctx *cx, const ks_req *rq, ks_res *rs)
{
    source  *s = ks_zalloc(cx, sizeof *s);
    uint64_t n = 0;
    if (s == NULL || !ks_str_u64(ks_req_query(cx, rq, "n"), &n))
        return ks_fail(cx, KS_INVALID, "n", "must be a number");
    *s = (source){.out = ks_pipe_new(), .left = n};
    if (s->out == NULL || !ks_arena_defer(cx->arena, source_end, s))
        return ks_no_memory(cx);
    most_held = 0;
    ks_pipe_on_space(s->out, fill, s);
    fill(s);
    rs->status = 200;
    rs->stream = s->out;
    rs->stream_size = -1;
    return KS_OK;
}

static const ks_route routes[] = {
    {"GET", "/hello", 0, hello, KS_VIEW_NATIVE, KS_PUBLIC, ""},
    {"GET", "/v1/hello", 0, hello, KS_VIEW_V1, KS_PUBLIC, ""},
    {"POST", "/size", 0, size, KS_VIEW_NATIVE, KS_PUBLIC, ""},
    {"POST", "/worker", 0, size, KS_VIEW_NATIVE, KS_PUBLIC | KS_WORKER, ""},
    {"POST", "/drop", 0, size, KS_VIEW_V1, KS_PUBLIC | KS_NO_BODY, ""},
    {"GET", "/items/{id}", 0, item, KS_VIEW_NATIVE, KS_PUBLIC, ""},
    {"POST", "/parked", 0, parked, KS_VIEW_NATIVE, KS_PUBLIC, ""},
    {"GET", "/parked", 0, parked, KS_VIEW_NATIVE, KS_PUBLIC, ""},
    {"GET", "/held", 0, held_route, KS_VIEW_NATIVE, KS_PUBLIC, ""},
    {"POST", "/count", 0, count_upload, KS_VIEW_NATIVE, KS_PUBLIC | KS_STREAM, ""},
    {"POST", "/echo", 0, echo_upload, KS_VIEW_NATIVE, KS_PUBLIC | KS_STREAM, ""},
    {"GET", "/download", 0, download, KS_VIEW_NATIVE, KS_PUBLIC | KS_STREAM, ""},
    {"GET", "/local", 0, hello, KS_VIEW_NATIVE, KS_LOCAL, ""},
    {0}};
static const ks_route *const tables[] = {routes, NULL};

static void *serve(void *arg)
{
    server *s = arg;
    ks_loop_run(s->loop);
    return NULL;
}

static void run_ask(void *arg)
{
    server *s = arg;
    s->ask(s);
    s->ran = true;
}

/* Run `fn` in the server's loop and wait for it. */
static void in_loop(server *s, void (*fn)(server *s))
{
    s->ask = fn;
    s->ran = false;
    s->post = (ks_post){.fn = run_ask, .arg = s};
    ks_loop_post(s->loop, &s->post);
    while (!s->ran)
        sched_yield();
}

static void ask_counts(server *s)
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

static void start_with(server *s, ks_listener_options o, bool tls)
{
    *s = (server){.loop = ks_loop_new(), .arena = ks_arena_new(KS_ARENA_MAX)};
    ks_ctx cx = ks_ctx_new(s->arena, NULL);
    s->workers = ks_workers_new(2, 16);
    s->app = (ks_http_app){
        .routes = tables, .loop = s->loop, .metrics = &s->metrics, .workers = s->workers, .access_log = true};
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
    s->started = ks_listener_new(&cx, &o, &s->listener);
    if (s->started != KS_OK)
        print_error(KS_FMT "\n", KS_ARG(cx.err.message));
    assert_int_equal(s->started, KS_OK);
    assert_int_equal(pthread_create(&s->thread, NULL, serve, s), 0);
}

static void start(server *s, bool tls)
{
    start_with(s, (ks_listener_options){0}, tls);
}

static void stop(server *s)
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

typedef struct client {
    int                              fd;
    gnutls_session_t                 tls;
    gnutls_certificate_credentials_t cred;
    char                             got[256 * 1024];
    size_t                           n;
    bool                             ended;
} client;

static void handshake(client *c)
{
    assert_int_equal(gnutls_certificate_allocate_credentials(&c->cred), 0);
    assert_int_equal(gnutls_init(&c->tls, GNUTLS_CLIENT), 0);
    assert_int_equal(gnutls_set_default_priority(c->tls), 0);
    assert_int_equal(gnutls_credentials_set(c->tls, GNUTLS_CRD_CERTIFICATE, c->cred), 0);
    gnutls_transport_set_int(c->tls, c->fd);
    gnutls_handshake_set_timeout(c->tls, WAIT_MS);
    int r;
    do
        r = gnutls_handshake(c->tls);
    while (r < 0 && !gnutls_error_is_fatal(r));
    assert_int_equal(r, 0);
}

static client *dial(const server *s, bool tls)
{
    client            *c = calloc(1, sizeof *c);
    struct sockaddr_in a = {
        .sin_family = AF_INET, .sin_port = htons(s->port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    struct timeval limit = {.tv_sec = WAIT_MS / 1000};
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

static void hang_up(client *c)
{
    if (c->tls != NULL) {
        gnutls_deinit(c->tls);
        gnutls_certificate_free_credentials(c->cred);
    }
    close(c->fd);
    free(c);
}

/* Send all; false when the server does not take it any more. */
static bool say_n(client *c, const char *p, size_t n)
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

static bool say(client *c, const char *z)
{
    return say_n(c, z, strlen(z));
}

/* One more read; false at the end of the connection. */
static bool hear(client *c)
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
static size_t whole(const client *c)
{
    const char *end = strstr(c->got, "\r\n\r\n"), *len = strcasestr(c->got, "\r\nContent-Length: ");
    if (end == NULL)
        return 0;
    size_t body = len != NULL && len < end ? strtoul(len + 18, NULL, 10) : 0, n = (size_t)(end + 4 - c->got);
    return c->n >= n + body ? n + body : 0;
}

/* The status of the next answer, whose text stays in `last`; 0 when the connection ends before. */
static char last[64 * 1024];

static int status_of(client *c)
{
    size_t n;
    while ((n = whole(c)) == 0)
        if (!hear(c))
            return 0;
    assert_true(n < sizeof last);
    memcpy(last, c->got, n);
    last[n] = '\0';
    memmove(c->got, c->got + n, c->n - n + 1);
    c->n -= n;
    return atoi(last + 9);
}

static void expect_end(client *c)
{
    while (hear(c)) {
    }
    assert_int_equal(c->n, 0);
}

/* ---- wire rows end to end ---- */

#define HOST "Host: a\r\n"
#define GET_ "GET /hello HTTP/1.1\r\n" HOST
#define POST "POST /size HTTP/1.1\r\n" HOST

static const struct {
    const char *name;
    ks_str      bytes;
    int         good, bad; /* answers 200 first, then this status and the end; 0: cut */
} wire_rows[] = {
    {"length and chunked, a request hidden",
     KS_S_INIT(POST "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" GET_ "\r\n"), 0, 400},
    {"length twice", KS_S_INIT(POST "Content-Length: 5\r\nContent-Length: 6\r\n\r\nabcdef"), 0, 400},
    {"length +26", KS_S_INIT(POST "Content-Length: +26\r\n\r\n"), 0, 400},
    {"gzip, chunked", KS_S_INIT(POST "Transfer-Encoding: gzip, chunked\r\n\r\n"), 0, 400},
    {"chunked where it is not read", KS_S_INIT(POST "Transfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n"),
     0, 400},
    {"chunk size 0x1a on a streaming route",
     KS_S_INIT("POST /count HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n0x1a\r\n"), 0, 0},
    {"blank before colon", KS_S_INIT("GET /hello HTTP/1.1\r\nHost : a\r\n\r\n"), 0, 400},
    {"no Host", KS_S_INIT("GET /hello HTTP/1.1\r\nx: y\r\n\r\n"), 0, 400},
    {"Host twice", KS_S_INIT(GET_ HOST "\r\n"), 0, 400},
    {"NUL in a value", KS_S_INIT(GET_ "x-api-key: a\0b\r\n\r\n"), 0, 400},
    {"obs-fold", KS_S_INIT(GET_ "x-api-k: v\r\n ey: w\r\n\r\n"), 0, 400},
    {"empty name", KS_S_INIT(GET_ ": v\r\n\r\n"), 0, 400},
    {"bare LF", KS_S_INIT("GET /hello HTTP/1.1\nHost: a\n\n"), 0, 400},
    {"bare CR", KS_S_INIT(GET_ "x: a\rb\r\n\r\n"), 0, 400},
    {"NUL in the target", KS_S_INIT("GET /hello\0x HTTP/1.1\r\n" HOST "\r\n"), 0, 400},
    {"bad escape", KS_S_INIT("GET /hello%zz HTTP/1.1\r\n" HOST "\r\n"), 0, 400},
    {"encoded NUL is no id", KS_S_INIT("GET /items/%00 HTTP/1.1\r\n" HOST "Connection: close\r\n\r\n"), 0,
     404},
    {"absolute form", KS_S_INIT("GET http://a/hello HTTP/1.1\r\n" HOST "\r\n"), 0, 400},
    {"HTTP/2 preface", KS_S_INIT("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), 0, 400},
    {"good, good, bad", KS_S_INIT(GET_ "\r\n" POST "Content-Length: 2\r\n\r\nab" GET_ HOST "\r\n"), 2, 400},
    {"good, bad, good", KS_S_INIT(GET_ "\r\n" GET_ "x y: z\r\n\r\n" GET_ "\r\n"), 1, 400},
    {"bad while the one before is parked", KS_S_INIT("GET /parked HTTP/1.1\r\n" HOST "\r\n" GET_ HOST "\r\n"),
     1, 400},
    {"three good ones and an end",
     KS_S_INIT(GET_ "\r\n" GET_ "\r\n"
                    "GET /nope HTTP/1.1\r\n" HOST "Connection: close\r\n\r\n"),
     2, 404},
};

static void check_row(const server *s, bool tls, size_t i, size_t cut)
{
    client *c = dial(s, tls);
    ks_str  b = wire_rows[i].bytes;
    bool    more = say_n(c, b.p, cut);
    if (more && cut < b.n)
        (void)say_n(c, b.p + cut, b.n - cut);
    for (int k = 0; k < wire_rows[i].good; k++) {
        int st = status_of(c);
        if (st != 200)
            fail_msg("%s, cut at %zu: answer %d was %d", wire_rows[i].name, cut, k, st);
    }
    int st = status_of(c);
    if (st != wire_rows[i].bad)
        fail_msg("%s, cut at %zu: %d instead of %d", wire_rows[i].name, cut, st, wire_rows[i].bad);
    if (st != 0)
        assert_non_null(strstr(last, "request_id"));
    expect_end(c);
    hang_up(c);
}

static void rows_over(bool tls)
{
    server s;
    start(&s, tls);
    for (size_t i = 0; i < KS_COUNT(wire_rows); i++) {
        check_row(&s, tls, i, wire_rows[i].bytes.n);
        check_row(&s, tls, i, 1);
        check_row(&s, tls, i, wire_rows[i].bytes.n / 2);
        check_row(&s, tls, i, wire_rows[i].bytes.n - 1);
    }
    stop(&s);
}

static void malformed_requests_are_answered_and_closed(void **state)
{
    (void)state;
    rows_over(false);
}

static void malformed_requests_are_answered_and_closed_behind_tls(void **state)
{
    (void)state;
    rows_over(true);
}

/* ---- keep-alive ---- */

static void trickle_over(bool tls)
{
    server     s;
    const char text[] = POST "Content-Length: 4\r\nx-api-key: k\r\n\r\nabcd";
    start(&s, tls);
    client *c = dial(&s, tls);
    for (int round = 0; round < 2; round++) {
        for (size_t i = 0; i < sizeof text - 1; i++)
            assert_true(say_n(c, text + i, 1));
        assert_int_equal(status_of(c), 200);
        assert_non_null(strstr(last, "{\"size\":4,\"key\":\"k\"}"));
    }
    hang_up(c);
    stop(&s);
}

static void a_request_may_come_byte_by_byte(void **state)
{
    (void)state;
    trickle_over(false);
    trickle_over(true);
}

static void one_connection_serves_parked_and_quiet_requests(void **state)
{
    server s;
    (void)state;
    start(&s, false);
    client *c = dial(&s, false);
    for (int i = 0; i < 50; i++) {
        assert_true(say(c, i % 2 ? "GET /parked HTTP/1.1\r\n" HOST "\r\n"
                                 : "POST /parked HTTP/1.1\r\n" HOST "Content-Length: 3\r\n\r\n{ }"));
        assert_int_equal(status_of(c), 200);
        assert_null(strcasestr(last, "connection: close"));
    }
    in_loop(&s, ask_counts);
    assert_int_equal(s.conns, 1);
    hang_up(c);
    stop(&s);
}

static void pipelined_requests_are_answered_in_order(void **state)
{
    server s;
    ks_buf b = ks_buf_new(1024 * 1024);
    (void)state;
    start(&s, false);
    for (int i = 0; i < 500; i++)
        ks_buf_fmt(&b, "GET /items/%d HTTP/1.1\r\n" HOST "x-pad: %0*d\r\n\r\n", i, i % 300 + 1, 0);
    client *c = dial(&s, false);
    assert_true(say_n(c, b.p, b.n));
    for (int i = 0; i < 500; i++) {
        char want[16];
        snprintf(want, sizeof want, "<%d>", i);
        assert_int_equal(status_of(c), 200);
        assert_non_null(strstr(last, want));
    }
    ks_buf_done(&b);
    hang_up(c);
    stop(&s);
}

static void every_answer_has_the_standard_headers(void **state)
{
    server s;
    (void)state;
    start(&s, false);
    client *c = dial(&s, false);
    assert_true(say(c, "GET /api/api/hello HTTP/1.1\r\n" HOST "X-Request-Id: abc-1\r\n\r\n"));
    assert_int_equal(status_of(c), 200);
    assert_non_null(strcasestr(last, "x-request-id: abc-1\r\n"));
    assert_non_null(strcasestr(last, "Cache-Control: no-store\r\n"));
    assert_non_null(strcasestr(last, "X-Content-Type-Options: nosniff\r\n"));
    assert_non_null(strcasestr(last, "Content-Type: application/json\r\n"));
    assert_true(say(c, "GET /items/a%2Fb%20%C3%A4 HTTP/1.1\r\n" HOST "\r\n"));
    assert_int_equal(status_of(c), 200);
    assert_non_null(strstr(last, "<a/b \xc3\xa4>"));
    assert_true(say(c, "GET /local HTTP/1.1\r\n" HOST "\r\n"));
    assert_int_equal(status_of(c), 404);
    hang_up(c);
    stop(&s);
}

static void head_is_get_without_a_body(void **state)
{
    server s;
    (void)state;
    start(&s, false);
    client *c = dial(&s, false);
    assert_true(say(c, "HEAD /hello HTTP/1.1\r\n" HOST "\r\n"));
    while (strstr(c->got, "\r\n\r\n") == NULL)
        assert_true(hear(c));
    assert_non_null(strcasestr(c->got, "Content-Length: 14\r\n"));
    assert_string_equal(strstr(c->got, "\r\n\r\n"), "\r\n\r\n");
    hang_up(c);
    stop(&s);
}

static void a_client_that_expects_100_gets_it_unless_refused(void **state)
{
    server s;
    (void)state;
    start(&s, false);
    client *c = dial(&s, false);
    assert_true(say(c, POST "Content-Length: 2\r\nExpect: 100-continue\r\n\r\n"));
    assert_int_equal(status_of(c), 100);
    assert_true(say(c, "ab"));
    assert_int_equal(status_of(c), 200);
    assert_true(say(c, POST "Content-Length: 99999999\r\nExpect: 100-continue\r\n\r\n"));
    assert_int_equal(status_of(c), 413);
    expect_end(c);
    hang_up(c);
    stop(&s);
}

/* ---- limits ---- */

static void body_of(server *s, size_t n, const char *path, int want)
{
    client *c = dial(s, false);
    char   *body = malloc(n);
    char    head[160];
    assert_non_null(body);
    memset(body, 'b', n);
    snprintf(head, sizeof head, "POST %s HTTP/1.1\r\n" HOST "Content-Length: %zu\r\n\r\n", path, n);
    assert_true(say(c, head));
    (void)say_n(c, body, n);
    assert_int_equal(status_of(c), want);
    if (want != 200)
        expect_end(c);
    free(body);
    hang_up(c);
}

static void a_body_of_1_mib_is_read_and_one_byte_more_refused(void **state)
{
    server s;
    (void)state;
    start(&s, false);
    body_of(&s, KS_MAX_BODY_BYTES, "/size", 200);
    assert_non_null(strstr(last, "{\"size\":1048576"));
    body_of(&s, KS_MAX_BODY_BYTES + 1, "/size", 413);
    body_of(&s, KS_INLINE_BODY_BYTES + 1, "/worker", 200);
    body_of(&s, 3000000, "/count", 200);
    assert_non_null(strstr(last, "3000000"));
    body_of(&s, 9, "/drop", 200);
    assert_non_null(strstr(last, "{\"size\":0"));
    body_of(&s, 9, "/nope", 404);
    stop(&s);
}

static void long_targets_and_header_blocks_are_refused(void **state)
{
    server s;
    char  *big = calloc(1, 40000);
    (void)state;
    assert_non_null(big);
    start(&s, false);
    for (int i = 0; i < 2; i++) {
        client *c = dial(&s, false);
        memset(big, 'a', 20000);
        big[20000] = '\0';
        assert_true(say(c, i ? GET_ "x: " : "GET /"));
        (void)say(c, big);
        (void)say(c, i ? "\r\n\r\n" : " HTTP/1.1\r\n" HOST "\r\n");
        assert_int_equal(status_of(c), i ? 431 : 414);
        expect_end(c);
        hang_up(c);
    }
    client *c = dial(&s, false); /* the largest that passes */
    memset(big, 'a', 16000);
    big[16000] = '\0';
    assert_true(say(c, GET_ "x: ") && say(c, big) && say(c, "\r\n\r\n"));
    assert_int_equal(status_of(c), 200);
    hang_up(c);
    free(big);
    stop(&s);
}

static void many_at_once(server *s, size_t n)
{
    int               *fds = calloc(n, sizeof *fds);
    struct sockaddr_in a = {
        .sin_family = AF_INET, .sin_port = htons(s->port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    struct timeval    limit = {.tv_sec = WAIT_MS / 1000};
    static const char text[] = "GET /parked HTTP/1.1\r\n" HOST "\r\n" GET_ "\r\n";
    assert_non_null(fds);
    for (size_t i = 0; i < n; i++) {
        fds[i] = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        assert_true(fds[i] >= 0);
        setsockopt(fds[i], SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
        assert_int_equal(connect(fds[i], (struct sockaddr *)&a, sizeof a), 0);
    }
    for (int round = 0; round < 2; round++) {
        for (size_t i = 0; i < n; i++)
            assert_int_equal(send(fds[i], text, sizeof text - 1, MSG_NOSIGNAL), sizeof text - 1);
        for (size_t i = 0; i < n; i++) {
            client c = {.fd = fds[i]};
            assert_int_equal(status_of(&c), 200);
            assert_int_equal(status_of(&c), 200);
            assert_int_equal(c.n, 0);
        }
    }
    for (size_t i = 0; i < n; i++)
        close(fds[i]);
    free(fds);
}

static void all_of_1000_connections_ready_at_once_are_answered(void **state)
{
    server        s;
    struct rlimit files;
    (void)state;
    getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
    start(&s, false);
    many_at_once(&s, 128);
    many_at_once(&s, 512);
    many_at_once(&s, 1000);
    stop(&s);
}

static void clients_over_the_limit_wait_for_a_place(void **state)
{
    server s;
    (void)state;
    start_with(&s, (ks_listener_options){.max_conns = 2, .header_ms = 100}, false);
    client *c[4];
    for (int i = 0; i < 4; i++)
        c[i] = dial(&s, false);
    for (int i = 0; i < 4; i++) {
        assert_true(say(c[i], GET_ "Connection: close\r\n\r\n"));
        assert_int_equal(status_of(c[i]), 200);
        hang_up(c[i]);
    }
    stop(&s);
}

static void behind_a_proxy_the_forwarded_address_is_counted(void **state)
{
    server s;
    (void)state;
    start_with(&s, (ks_listener_options){.behind_proxy = true, .max_per_addr = 1}, false);
    client     *a = dial(&s, false), *b = dial(&s, false);
    const char *one = GET_ "X-Forwarded-For: 9.9.9.9, 203.0.113.7\r\n\r\n";
    assert_true(say(a, one));
    assert_int_equal(status_of(a), 200);
    assert_true(say(b, one));
    assert_int_equal(status_of(b), 429);
    expect_end(b);
    assert_true(say(a, one));
    assert_int_equal(status_of(a), 200);
    hang_up(a);
    hang_up(b);
    stop(&s);
}

/* ---- deadlines ---- */

static void slow_over(bool tls)
{
    server s;
    start_with(&s, (ks_listener_options){.header_ms = 200, .body_ms = 200}, tls);
    client *half = dial(&s, tls), *none = dial(&s, tls), *second = dial(&s, tls), *body = dial(&s, tls);
    assert_true(say(second, GET_ "\r\n"));
    assert_int_equal(status_of(second), 200);
    assert_true(say(second, "GET /he"));
    assert_true(say(half, GET_));
    assert_true(say(body, POST "Content-Length: 5\r\n\r\nab"));
    assert_int_equal(status_of(half), 408);
    expect_end(half);
    expect_end(none);
    assert_int_equal(status_of(second), 408);
    expect_end(second);
    expect_end(body);
    hang_up(half), hang_up(none), hang_up(second), hang_up(body);
    stop(&s);
}

static void slow_clients_are_answered_408_or_cut(void **state)
{
    (void)state;
    slow_over(false);
    slow_over(true);
}

static void a_handshake_that_does_not_end_is_cut_and_costs_nothing(void **state)
{
    server s;
    (void)state;
    start_with(&s, (ks_listener_options){.header_ms = 150}, true);
    client         *c = dial(&s, false);
    clockid_t       cpu;
    struct timespec before, after;
    assert_int_equal(pthread_getcpuclockid(s.thread, &cpu), 0);
    clock_gettime(cpu, &before);
    assert_true(say_n(c, "\x16\x03\x01\x02", 4));
    expect_end(c);
    clock_gettime(cpu, &after); /* the library by itself spins all of the 150 ms */
    assert_true((after.tv_sec - before.tv_sec) * 1000000000L + after.tv_nsec - before.tv_nsec < 50000000L);
    hang_up(c);
    stop(&s);
}

/* ---- streams ---- */

static void a_slow_reader_does_not_fill_memory(void **state)
{
    server s;
    (void)state;
    start(&s, false);
    client *c = dial(&s, false);
    int     small = 64 * 1024;
    setsockopt(c->fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
    assert_true(say(c, "GET /download?n=8000000 HTTP/1.1\r\n" HOST "Connection: close\r\n\r\n"));
    size_t total = 0;
    while (hear(c)) {
        total += c->n;
        c->n = 0;
    }
    assert_true(total > 8000000 && total < 8200000);
    assert_true(most_held < KS_PIPE_HIGH + 16 * 1024);
    hang_up(c);
    stop(&s);
}

static void a_client_that_leaves_a_stream_ends_it(void **state)
{
    server s;
    (void)state;
    start(&s, false);
    client *c = dial(&s, false);
    assert_true(say(c, "GET /download?n=200000000 HTTP/1.1\r\n" HOST "\r\n"));
    assert_true(hear(c));
    hang_up(c);
    client *d = dial(&s, false);
    assert_true(say(d, "POST /count HTTP/1.1\r\n" HOST "Content-Length: 100000\r\n\r\nabc"));
    in_loop(&s, ask_counts);
    hang_up(d);
    do
        in_loop(&s, ask_counts);
    while (s.conns > 0 || s.busy > 0);
    stop(&s);
}

static void chunked_uploads_stream_into_the_handler(void **state)
{
    server s;
    (void)state;
    start(&s, false);
    client *c = dial(&s, false);
    assert_true(say(c, "POST /count HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n"));
    char part[0x1000 + 8];
    memset(part, 'p', sizeof part);
    memcpy(part, "1000\r\n", 6);
    memcpy(part + 6 + 0x1000, "\r\n", 2);
    for (int i = 0; i < 1000; i++)
        assert_true(say_n(c, part, sizeof part));
    assert_true(say(c, "0\r\n\r\n"));
    assert_int_equal(status_of(c), 200);
    assert_non_null(strstr(last, "\r\n\r\n4096000"));
    assert_true(say(c, GET_ "\r\n"));
    assert_int_equal(status_of(c), 200);
    hang_up(c);
    stop(&s);
}

static void a_body_echoed_by_a_stream_comes_back(void **state)
{
    server s;
    (void)state;
    start(&s, false);
    client *c = dial(&s, false);
    assert_true(say(c, "POST /echo HTTP/1.1\r\n" HOST "Content-Length: 30000\r\n\r\n"));
    char *body = malloc(30000);
    assert_non_null(body);
    memset(body, 'e', 30000);
    assert_true(say_n(c, body, 30000));
    assert_int_equal(status_of(c), 200);
    assert_int_equal(strlen(strstr(last, "\r\n\r\n") + 4), 30000);
    free(body);
    hang_up(c);
    stop(&s);
}

/* ---- stopping, descriptors, self-check ---- */

static void quiesce(server *s)
{
    ks_listener_quiesce(s->listener);
}

static void a_quiet_server_finishes_parked_requests_and_stops(void **state)
{
    server s;
    (void)state;
    start(&s, false);
    client *c = dial(&s, false), *d = dial(&s, false);
    assert_true(say(c, "GET /held HTTP/1.1\r\n" HOST "\r\n"));
    assert_true(say(d, "GET /held HTTP/1.1\r\n" HOST "\r\n"));
    do
        in_loop(&s, ask_counts);
    while (s.busy < 2);
    in_loop(&s, quiesce);
    in_loop(&s, release_held);
    assert_int_equal(status_of(c), 200);
    assert_non_null(strcasestr(last, "connection: close"));
    assert_int_equal(status_of(d), 200);
    hang_up(c), hang_up(d);
    stop(&s);
}

static void a_server_that_is_cut_short_lets_parked_requests_end(void **state)
{
    server s;
    (void)state;
    start(&s, false);
    client *c = dial(&s, false);
    assert_true(say(c, "GET /held HTTP/1.1\r\n" HOST "\r\n"));
    do
        in_loop(&s, ask_counts);
    while (s.busy < 1);
    ks_loop_stop(s.loop);
    pthread_join(s.thread, NULL);
    ks_listener_free(s.listener);
    release_held(&s);
    for (int i = 0; i < 3; i++)
        ks_loop_turn(s.loop, 0);
    ks_workers_free(s.workers);
    ks_loop_free(s.loop);
    ks_arena_free(s.arena);
    close(s.fd);
    expect_end(c);
    hang_up(c);
}

static void without_descriptors_clients_are_told_and_the_loop_rests(void **state)
{
    server        s;
    struct rlimit before, few;
    (void)state;
    start(&s, false);
    client *c = dial(&s, false), *d = dial(&s, false);
    assert_true(say(c, GET_ "\r\n"));
    assert_int_equal(status_of(c), 200);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    getrlimit(RLIMIT_NOFILE, &before);
    few = before;
    few.rlim_cur = (rlim_t)fd + 1; /* nothing above the last one */
    int fill[1024], n = 0;
    setrlimit(RLIMIT_NOFILE, &few);
    while (n < 1024 && (fill[n] = open("/dev/null", O_RDONLY | O_CLOEXEC)) >= 0)
        n++;
    struct sockaddr_in a = {
        .sin_family = AF_INET, .sin_port = htons(s.port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    struct timeval limit = {.tv_sec = WAIT_MS / 1000};
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    assert_int_equal(connect(fd, (struct sockaddr *)&a, sizeof a), 0);
    client e = {.fd = fd};
    assert_int_equal(status_of(&e), 503);
    assert_true(say(c, GET_ "\r\n"));
    assert_int_equal(status_of(c), 200);
    setrlimit(RLIMIT_NOFILE, &before);
    while (n > 0)
        close(fill[--n]);
    close(fd);
    assert_true(say(d, GET_ "\r\n"));
    assert_int_equal(status_of(d), 200);
    hang_up(c), hang_up(d);
    stop(&s);
}

static void addresses_are_listened_on_as_written(void **state)
{
    ks_arena *arena = ks_arena_new(KS_ARENA_MAX);
    ks_ctx    cx = ks_ctx_new(arena, NULL);
    int       fd = -1, again = -1;
    uint16_t  port = 0;
    (void)state;
    static const char *const wrong[] = {
        "", "9899", ":9899", "127.0.0.1:", "127.0.0.1:99999", "example.com:80", "1.2.3:80", "unix:"};
    for (size_t i = 0; i < KS_COUNT(wrong); i++)
        assert_int_equal(ks_listen_socket(&cx, ks_str_of(wrong[i]), false, &fd, &port), KS_INVALID);
    assert_int_equal(ks_listen_socket(&cx, KS_S("localhost:0"), false, &fd, &port), KS_OK);
    assert_true(port != 0);
    ks_str same = ks_fmt(&cx, "127.0.0.1:%d", (int)port);
    assert_int_equal(ks_listen_socket(&cx, same, false, &again, &port), KS_CONFLICT);
    close(fd);
    char dir[] = "/tmp/ks_listen_XXXXXX";
    assert_non_null(mkdtemp(dir));
    ks_str where = ks_fmt(&cx, "unix:%s/s", dir);
    for (int i = 0; i < 2; i++) { /* the second time over a stale file */
        struct stat st;
        assert_int_equal(ks_listen_socket(&cx, where, false, &fd, &port), KS_OK);
        assert_int_equal(stat(where.p + 5, &st), 0);
        assert_int_equal(st.st_mode & 0777, 0600);
        if (i == 1)
            assert_int_equal(ks_listen_socket(&cx, where, false, &again, &port), KS_CONFLICT);
        close(fd);
    }
    unlink(where.p + 5);
    rmdir(dir);
    ks_arena_free(arena);
}

/* What the library has read on the one connection there is, and what was judged of it. */
static uint64_t judged_heads, read_calls;

static void ask_wire(server *s)
{
    judged_heads = s->listener->conns->wire->scan.heads;
    read_calls = s->listener->conns->wire->reads;
}

static void pretend_bypass(server *s)
{
    s->listener->conns->seq++; /* as if the library had begun a request that was never judged */
}

static void bypass_over(bool tls)
{
    server s;
    start(&s, tls);
    client *c = dial(&s, tls);
    for (unsigned i = 1; i <= 3; i++) {
        assert_true(say(c, GET_ "\r\n"));
        assert_int_equal(status_of(c), 200);
        in_loop(&s, ask_wire);
        assert_int_equal(judged_heads, i);
        assert_true(read_calls >= i);
    }
    in_loop(&s, pretend_bypass);
    assert_true(say(c, GET_ "\r\n"));
    assert_int_equal(status_of(c), 500);
    expect_end(c);
    hang_up(c);
    stop(&s);
}

static void no_request_goes_round_the_scanner(void **state)
{
    (void)state;
    bypass_over(false);
    bypass_over(true);
}

static int forget_certificate(void **state)
{
    (void)state;
    free(test_cert);
    free(test_key);
    test_cert = test_key = NULL;
    return 0;
}

KS_TESTS_WITH(NULL, forget_certificate, no_request_goes_round_the_scanner,
              malformed_requests_are_answered_and_closed,
              malformed_requests_are_answered_and_closed_behind_tls, a_request_may_come_byte_by_byte,
              one_connection_serves_parked_and_quiet_requests, pipelined_requests_are_answered_in_order,
              every_answer_has_the_standard_headers, head_is_get_without_a_body,
              a_client_that_expects_100_gets_it_unless_refused,
              a_body_of_1_mib_is_read_and_one_byte_more_refused, long_targets_and_header_blocks_are_refused,
              all_of_1000_connections_ready_at_once_are_answered, clients_over_the_limit_wait_for_a_place,
              behind_a_proxy_the_forwarded_address_is_counted, slow_clients_are_answered_408_or_cut,
              a_handshake_that_does_not_end_is_cut_and_costs_nothing, a_slow_reader_does_not_fill_memory,
              a_client_that_leaves_a_stream_ends_it, chunked_uploads_stream_into_the_handler,
              a_body_echoed_by_a_stream_comes_back, a_quiet_server_finishes_parked_requests_and_stops,
              a_server_that_is_cut_short_lets_parked_requests_end,
              without_descriptors_clients_are_told_and_the_loop_rests, addresses_are_listened_on_as_written)
