/* http/listener.c — see listener.h: accepts, gives connections to libmicrohttpd, runs it inside our loop,
 * keeps the deadlines. What becomes of a request is serve.c's. libmicrohttpd is used in external epoll mode
 * only, has no listening socket of its own and no thread. Threads: the loop's. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/log.h"
#include "base/time.h"
#include "http/listener_in.h"

#define POOL_BYTES                                                                                           \
    (33 * 1024) /* per connection: above 32 KiB it is mapped, so it goes back (wiped) at close */
#define SWEEP_MS     500
#define ACCEPT_BURST 64
/* Forward secrecy and authenticated encryption alone: recorded traffic must not open with a key that leaks
 * later. */
#define PRIORITIES "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2:-RSA:-AES-128-CBC:-AES-256-CBC"

/* ---- connections ---- */

static void conn_free(conn *c)
{
    ks_listener *l = c->l;
    *(c->prev != NULL ? &c->prev->next : &l->conns) = c->next;
    if (c->next != NULL)
        c->next->prev = c->prev;
    l->conns_n--;
    ks_watch_del(c->shake);
    ks_watch_del(c->leaving);
    ks_peers_drop(l->peers, c->counted);
    ks_wire_close(c->wire);
    ks_free(c);
}

static void announced(void *cls, struct MHD_Connection *mhd, void **context,
                      enum MHD_ConnectionNotificationCode what)
{
    ks_listener *l = cls;
    if (what == MHD_CONNECTION_NOTIFY_STARTED) {
        *context = l->adopting;
        if (l->adopting != NULL)
            l->adopting->mhd = mhd;
        l->adopting = NULL;
        return;
    }
    conn *c = *context;
    *context = NULL;
    if (c == NULL)
        return;
    if (c->now != NULL)
        ks_serve_forget(c->now);
    if (c->linger && !l->quiesced)
        ks_linger_add(l, c->wire->fd, ks_mono_us());
    conn_free(c);
}

static bool is_loopback(const struct sockaddr_storage *a)
{
    const struct sockaddr_in  *v4 = (const struct sockaddr_in *)a;
    const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)a;
    if (a->ss_family == AF_INET)
        return ntohl(v4->sin_addr.s_addr) >> 24 == 127;
    return a->ss_family != AF_INET6 || IN6_IS_ADDR_LOOPBACK(&v6->sin6_addr);
}

static void name_peer(conn *c, const struct sockaddr_storage *a)
{
    const struct sockaddr_in  *v4 = (const struct sockaddr_in *)a;
    const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)a;
    if (a->ss_family == AF_INET)
        ks_peer_text(AF_INET, &v4->sin_addr, c->peer);
    else if (a->ss_family == AF_INET6)
        ks_peer_text(AF_INET6, &v6->sin6_addr, c->peer);
}

static conn *conn_new(ks_listener *l, int fd, const struct sockaddr_storage *a)
{
    conn *c = ks_calloc(1, sizeof *c);
    if (c == NULL)
        return NULL;
    *c = (conn){.l = l, .next = l->conns, .opened_us = ks_mono_us()};
    if (c->next != NULL)
        c->next->prev = c;
    l->conns = c;
    l->conns_n++;
    name_peer(c, a);
    bool limited = !l->o.behind_proxy && !is_loopback(a);
    if (limited)
        c->counted = ks_peers_add(l->peers, ks_str_of(c->peer));
    c->wire = limited && c->counted == NULL ? NULL : ks_wire_open(fd, l->o.tls_cert.p != NULL, c->opened_us);
    if (c->wire == NULL) {
        conn_free(c);
        return NULL;
    }
    c->wire->starved = &l->starved;
    c->wire->owner = c;
    return c;
}

/* libmicrohttpd spins while a handshake waits for the client (it never hears that there is nothing to read).
 * So the connection is suspended meanwhile, and its descriptor watched by us. */
static void shake_on(conn *c)
{
    if (c->shake == NULL)
        return;
    ks_watch_del(c->shake);
    c->shake = NULL;
    c->l->run = true;
    MHD_resume_connection(c->mhd);
}

static void shake_ready(void *arg, uint32_t events)
{
    (void)events;
    shake_on(arg);
}

static void hold_handshakes(ks_listener *l)
{
    while (l->starved != NULL) {
        ks_wire *w = l->starved;
        conn    *c = w->owner;
        l->starved = w->next_starved;
        w->is_starved = false;
        if (w->reads > 0 || c->shake != NULL || c->mhd == NULL)
            continue;
        c->shake = ks_watch_add(l->o.app->loop, w->fd, EPOLLIN | EPOLLRDHUP, shake_ready, c);
        if (c->shake != NULL)
            MHD_suspend_connection(c->mhd);
    }
}

/* ---- accepting ---- */

static void set_accepting(ks_listener *l, bool on)
{
    if (l->accept_watch != NULL && l->accepting != on)
        ks_watch_set(l->accept_watch, on ? EPOLLIN : 0);
    l->accepting = on;
}

static void need_sweep(ks_listener *l);

/* Hand an accepted descriptor over. */
static void adopt(ks_listener *l, int fd, const struct sockaddr_storage *a, socklen_t len)
{
    conn *c = conn_new(l, fd, a);
    if (c == NULL) {
        close(fd);
        return;
    }
    l->adopting = c;
    /* On failure the library has closed fd, and freed c if it had announced it. */
    bool taken = MHD_add_connection(l->daemon, fd, (const struct sockaddr *)a, len) == MHD_YES;
    if (!taken && l->adopting != NULL)
        conn_free(c);
    l->adopting = NULL;
    l->run = true;
    need_sweep(l);
}

/* Out of descriptors: give up the spare one, so that the client waiting longest hears of it and the queue
 * moves. */
static void turn_away(ks_listener *l)
{
    static const char busy[] = "HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1\r\nContent-Length: 0\r\n"
                               "Cache-Control: no-store\r\nConnection: close\r\n\r\n";
    if (l->spare >= 0)
        close(l->spare);
    int fd = accept4(l->o.fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (fd >= 0) {
        if (l->o.tls_cert.p == NULL && send(fd, busy, sizeof busy - 1, MSG_NOSIGNAL) > 0)
            shutdown(fd, SHUT_WR);
        close(fd);
    }
    l->spare = open("/dev/null", O_RDONLY | O_CLOEXEC);
    if (fd < 0 || l->spare < 0) { /* nothing helps: look again at the next sweep instead of spinning */
        set_accepting(l, false);
        need_sweep(l);
    }
}

static void accept_some(void *arg, uint32_t events)
{
    ks_listener *l = arg;
    (void)events;
    for (int i = 0; i < ACCEPT_BURST && !l->quiesced; i++) {
        struct sockaddr_storage a = {0};
        socklen_t               len = sizeof a;
        if (l->conns_n >= l->o.max_conns) { /* the queue of the kernel waits; the sweep looks again */
            set_accepting(l, false);
            return;
        }
        int fd = accept4(l->o.fd, (struct sockaddr *)&a, &len, SOCK_CLOEXEC | SOCK_NONBLOCK);
        if (fd >= 0) {
            int on = 1; /* TLS answers leave in several writes; without this each waits 40 ms for an ACK */
            if (a.ss_family != AF_UNIX)
                (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
            adopt(l, fd, &a, len);
        } else if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
            turn_away(l);
            return;
        } else if (errno != ECONNABORTED && errno != EINTR) {
            return;
        }
    }
}

/* ---- deadlines ---- */

static void check_deadline(ks_listener *l, conn *c, int64_t now)
{
    const request *r = c->now;
    int64_t        head = l->o.header_ms * INT64_C(1000), body = l->o.body_ms * INT64_C(1000);
    bool           begun = ks_scan_where(&c->wire->scan) == KS_SCAN_HEAD;
    if (r != NULL && r->begun && !r->queued) {
        if (r->parked == PARK_NO && now - r->since_us > body)
            shutdown(c->wire->fd, SHUT_RDWR); /* the library allows no answer in the middle of a body */
        c->wire->since_us = now;              /* a header block behind it is not read meanwhile */
    } else if (c->wire->scan.heads == 0 && c->wire->scan.status == KS_OK) {
        if (now - c->opened_us > head)
            ks_wire_late(c->wire);
    } else if (r == NULL && begun && c->wire->scan.status == KS_OK && now - c->wire->since_us > head) {
        ks_wire_late(c->wire);
    }
}

static void sweep(void *arg)
{
    ks_listener *l = arg;
    int64_t      now = ks_mono_us();
    for (conn *c = l->conns; c != NULL; c = c->next)
        check_deadline(l, c, now);
    ks_linger_sweep(l, now);
    if (!l->accepting && !l->quiesced && l->conns_n < l->o.max_conns)
        set_accepting(l, true);
    need_sweep(l);
}

static void need_sweep(ks_listener *l)
{
    int ms = l->o.header_ms / 2 < SWEEP_MS ? l->o.header_ms / 2 + 1 : SWEEP_MS;
    if (l->sweep.slot == 0 && (l->conns_n > 0 || l->lingering_n > 0 || !l->accepting))
        (void)ks_timer_set(l->o.app->loop, &l->sweep, ms);
}

/* ---- running libmicrohttpd ---- */

static void run(ks_listener *l)
{
    l->run = false;
    MHD_run(l->daemon);
    hold_handshakes(l);
}

static void mhd_ready(void *arg, uint32_t events)
{
    (void)events;
    run(arg);
}

/* Before each sleep: after a resume it must run, since neither its descriptor nor its timeout says so. */
static int before_sleep(void *arg)
{
    ks_listener           *l = arg;
    MHD_UNSIGNED_LONG_LONG ms;
    if (l->daemon == NULL)
        return -1;
    if (l->run || (l->due_us != 0 && ks_mono_us() >= l->due_us))
        run(l);
    if (l->run)
        return 0;
    l->due_us = 0;
    if (MHD_get_timeout(l->daemon, &ms) != MHD_YES)
        return -1;
    l->run = ms == 0;
    ms = ms > 60000 ? 60000 : ms;
    l->due_us = ks_mono_us() + (int64_t)ms * 1000;
    return (int)ms;
}

/* Paths and queries are decoded by us, once, by segment. */
static size_t keep_escaped(void *cls, struct MHD_Connection *mhd, char *s)
{
    (void)cls;
    (void)mhd;
    return strlen(s);
}

static struct MHD_Daemon *start_daemon(ks_listener *l, const char *cert, const char *key)
{
    const struct MHD_OptionItem tls[] = {{MHD_OPTION_HTTPS_MEM_CERT, 0, (void *)(uintptr_t)cert},
                                         {MHD_OPTION_HTTPS_MEM_KEY, 0, (void *)(uintptr_t)key},
                                         {MHD_OPTION_HTTPS_PRIORITIES, 0, (void *)(uintptr_t)PRIORITIES},
                                         {MHD_OPTION_END, 0, NULL}};
    const struct MHD_OptionItem none[] = {{MHD_OPTION_END, 0, NULL}};
    unsigned                    flags = MHD_USE_EPOLL | MHD_USE_NO_LISTEN_SOCKET | MHD_ALLOW_SUSPEND_RESUME |
                     (cert ? MHD_USE_TLS : 0);
    return MHD_start_daemon(
        flags, 0, NULL, NULL, ks_serve_request, l, MHD_OPTION_URI_LOG_CALLBACK, ks_serve_target, l,
        MHD_OPTION_UNESCAPE_CALLBACK, keep_escaped, l, MHD_OPTION_NOTIFY_CONNECTION, announced, l,
        MHD_OPTION_NOTIFY_COMPLETED, ks_serve_completed, l, MHD_OPTION_STRICT_FOR_CLIENT, 1,
        MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)POOL_BYTES, MHD_OPTION_CONNECTION_LIMIT,
        l->o.max_conns + 8, MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)((l->o.idle_ms + 999) / 1000),
        MHD_OPTION_ARRAY, cert != NULL ? tls : none, MHD_OPTION_END);
}

/* Hand libmicrohttpd one end of a pair with a byte in it, and see whether the byte comes through wire.c.
 * Behind TLS that would take a handshake; there ks_wire_linked must do, and ks_wire_refused for every
 * request. */
static bool reads_through_wire(ks_listener *l)
{
    int                     pair[2];
    struct sockaddr_storage a = {.ss_family = AF_UNIX};
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair) != 0)
        return false;
    bool seen = false, sent = send(pair[1], "G", 1, MSG_NOSIGNAL) == 1;
    adopt(l, pair[0], &a, sizeof a.ss_family);
    for (int i = 0; i < 4 && !seen && l->conns != NULL; i++) {
        MHD_run(l->daemon);
        seen = l->conns != NULL && l->conns->wire->reads > 0;
    }
    close(pair[1]);
    for (int i = 0; i < 4 && l->conns != NULL; i++)
        MHD_run(l->daemon);
    return sent && l->conns == NULL && (seen || l->o.tls_cert.p != NULL);
}

/* ---- life ---- */

static void set_defaults(ks_listener_options *o)
{
    o->max_conns = o->max_conns ? o->max_conns : KS_MAX_CONNS;
    o->max_per_addr = o->max_per_addr ? o->max_per_addr : KS_MAX_CONNS_PER_ADDR;
    o->header_ms = o->header_ms ? o->header_ms : KS_HEADER_DEADLINE_MS;
    o->body_ms = o->body_ms ? o->body_ms : KS_BODY_DEADLINE_MS;
    o->idle_ms = o->idle_ms ? o->idle_ms : KS_IDLE_MS;
}

static ks_status start_tls_or_plain(ks_ctx *cx, ks_listener *l)
{
    ks_str cert = KS_NO_STR, key = KS_NO_STR; /* NUL-terminated, wiped with the arena */
    if (l->o.tls_cert.p != NULL) {
        cert = ks_copy(cx, l->o.tls_cert);
        key = ks_copy(cx, l->o.tls_key);
        if (cert.p == NULL || key.p == NULL)
            return KS_NO_MEMORY;
    }
    l->daemon = start_daemon(l, cert.p, key.p);
    if (l->daemon == NULL && cert.p != NULL)
        return ks_fail(cx, KS_INVALID, "tls_cert",
                       "TLS could not be set up. Check that certificate and key are PEM "
                       "files and belong together.");
    return l->daemon != NULL ? KS_OK : ks_no_memory(cx);
}

static ks_status join_loop(ks_ctx *cx, ks_listener *l)
{
    const union MHD_DaemonInfo *info = MHD_get_daemon_info(l->daemon, MHD_DAEMON_INFO_EPOLL_FD);
    if (!ks_wire_linked() || !reads_through_wire(l))
        return ks_fail(cx, KS_INTERNAL, NULL,
                       "libmicrohttpd does not read through the request scanner. The program "
                       "must export recv and gnutls_record_recv.");
    l->mhd_watch = ks_watch_add(l->o.app->loop, info->epoll_fd, EPOLLIN, mhd_ready, l);
    l->accept_watch = ks_watch_add(l->o.app->loop, l->o.fd, EPOLLIN, accept_some, l);
    l->accepting = l->accept_watch != NULL;
    if (l->mhd_watch == NULL || l->accept_watch == NULL ||
        !ks_loop_before_sleep(l->o.app->loop, before_sleep, l))
        return ks_no_memory(cx);
    return KS_OK;
}

ks_status ks_listener_new(ks_ctx *cx, const ks_listener_options *o, ks_listener **out)
{
    ks_listener *l = ks_calloc(1, sizeof *l);
    if (l == NULL)
        return ks_no_memory(cx);
    l->o = *o;
    set_defaults(&l->o);
    l->sweep = (ks_timer){.fn = sweep, .arg = l};
    l->spare = open("/dev/null", O_RDONLY | O_CLOEXEC);
    l->peers = ks_peers_new(l->o.max_per_addr);
    ks_status st = l->peers != NULL ? start_tls_or_plain(cx, l) : ks_no_memory(cx);
    if (st == KS_OK)
        st = join_loop(cx, l);
    if (st != KS_OK) {
        ks_listener_free(l);
        return st;
    }
    *out = l;
    return KS_OK;
}

void ks_listener_quiesce(ks_listener *l)
{
    l->quiesced = true;
    ks_watch_del(l->accept_watch);
    l->accept_watch = NULL;
}

size_t ks_listener_busy(const ks_listener *l)
{
    return l->busy;
}

size_t ks_listener_conns(const ks_listener *l)
{
    return l->conns_n;
}

void ks_listener_free(ks_listener *l)
{
    if (l == NULL)
        return;
    ks_listener_quiesce(l);
    for (request *r = l->requests; r != NULL; r = r->next) /* the library aborts with suspended connections */
        ks_serve_resume(r);
    for (conn *c = l->conns; c != NULL; c = c->next)
        shake_on(c);
    struct MHD_Daemon *daemon = l->daemon;
    l->daemon = NULL;
    ks_watch_del(l->mhd_watch);
    ks_loop_before_sleep_off(l->o.app->loop, before_sleep, l);
    if (daemon != NULL)
        MHD_stop_daemon(daemon);
    ks_linger_sweep(l, INT64_MAX);
    ks_timer_clear(l->o.app->loop, &l->sweep);
    for (request *r = l->requests, *next; r != NULL; r = next) { /* they end by themselves */
        next = r->next;
        r->l = NULL;
        r->next = r->prev = NULL;
    }
    while (l->idle != NULL) {
        request *r = l->idle;
        l->idle = r->next;
        ks_serve_free(r);
    }
    ks_peers_free(l->peers);
    if (l->spare >= 0)
        close(l->spare);
    ks_free(l);
}
