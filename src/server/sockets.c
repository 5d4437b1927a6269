/* server/sockets.c — see sockets.h. */
#include "server/sockets.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "http/listener.h"

#define PEM_MAX (1024 * 1024) /* a bundle of all authorities has some 200 kB */

/* Is the socket reachable from this machine only? */
static bool is_local(int fd)
{
    union {
        struct sockaddr     any;
        struct sockaddr_in  v4;
        struct sockaddr_in6 v6;
        struct sockaddr_un  un;
    } a = {0};
    socklen_t n = sizeof a;
    if (getsockname(fd, &a.any, &n) != 0)
        return false;
    switch (a.any.sa_family) {
    case AF_UNIX:
        return true;
    case AF_INET:
        return (ntohl(a.v4.sin_addr.s_addr) >> 24) == 127;
    case AF_INET6:
        return IN6_IS_ADDR_LOOPBACK(&a.v6.sin6_addr);
    default:
        return false;
    }
}

static ks_status check_plain(ks_ctx *cx, const ks_config *c, int fd)
{
    if (c->tls_cert.p != NULL || c->behind_proxy || is_local(fd))
        return KS_OK;
    return ks_fail(
        cx, KS_INVALID, "listen",
        "Refusing plain HTTP on an address that others can reach: keys would travel in the clear. "
        "Give --tls-cert and --tls-key; or --behind-proxy when a proxy in front ends TLS; or listen "
        "on 127.0.0.1.");
}

/* With SO_REUSEPORT a second server of the same user would silently share the port; this tells. */
static ks_status probe(ks_ctx *cx, ks_str where)
{
    int      fd;
    uint16_t port;
    KS_TRY(ks_listen_socket(cx, where, false, &fd, &port));
    close(fd);
    return KS_OK;
}

static ks_status bind_all(ks_ctx *cx, const ks_config *c, ks_sockets *s)
{
    size_t count = s->n;
    size_t colon = c->listen.n;
    s->n = 0;
    while (colon > 0 && c->listen.p[colon - 1] != ':')
        colon--;
    ks_str host = ks_str_sub(c->listen, 0, colon); /* with its colon */
    if (!s->shared && !ks_str_ends(c->listen, KS_S(":0")))
        KS_TRY(probe(cx, c->listen));
    KS_TRY(ks_listen_socket(cx, c->listen, !s->shared, &s->fds[0], &s->port));
    s->n = 1;
    KS_TRY(check_plain(cx, c, s->fds[0]));
    s->address = s->shared ? c->listen
                           : ks_fmt(cx, "%s://" KS_FMT "%u", c->tls_cert.p ? "https" : "http", KS_ARG(host),
                                    (unsigned)s->port);
    ks_str again = ks_fmt(cx, KS_FMT "%u", KS_ARG(host), (unsigned)s->port);
    if (s->address.p == NULL || again.p == NULL)
        return ks_no_memory(cx);
    while (s->n < count) {
        uint16_t port;
        if (s->shared)
            s->fds[s->n] = s->fds[0];
        else
            KS_TRY(ks_listen_socket(cx, again, true, &s->fds[s->n], &port));
        s->n++;
    }
    return KS_OK;
}

ks_status ks_sockets_open(ks_ctx *cx, const ks_config *c, size_t n, ks_sockets *out)
{
    ks_sockets s = {.n = n, .shared = ks_str_starts(c->listen, KS_S("unix:"))};
    s.fds = ks_alloc(cx, n * sizeof *s.fds);
    if (s.fds == NULL)
        return KS_NO_MEMORY;
    ks_status st = bind_all(cx, c, &s);
    if (st != KS_OK)
        ks_sockets_close(&s);
    else
        *out = s;
    return st;
}

void ks_sockets_close(ks_sockets *s)
{
    for (size_t i = 0; i < s->n; i++)
        if (i == 0 || !s->shared)
            close(s->fds[i]);
    s->n = 0;
}

ks_str ks_control_path(ks_ctx *cx, ks_str data)
{
    ks_str path = ks_fmt(cx, KS_FMT "/control.sock", KS_ARG(data));
    if (path.p == NULL || path.n < sizeof(((struct sockaddr_un *)0)->sun_path))
        return path;
    ks_str dir = ks_copy(cx, data);
    int    fd = dir.p ? open(dir.p, O_PATH | O_DIRECTORY | O_CLOEXEC) : -1;
    return fd < 0 ? KS_NO_STR : ks_fmt(cx, "/proc/self/fd/%d/control.sock", fd);
}

ks_status ks_pem_read(ks_ctx *cx, const char *option, ks_str path, ks_str *out)
{
    char *text = ks_alloc(cx, PEM_MAX);
    if (text == NULL)
        return KS_NO_MEMORY;
    int     fd = open(path.p, O_RDONLY | O_CLOEXEC); /* NUL-terminated by config.c */
    ssize_t n = fd < 0 ? -1 : read(fd, text, PEM_MAX);
    if (fd >= 0)
        close(fd);
    if (n <= 0 || n == PEM_MAX)
        return ks_fail(cx, KS_INVALID, option,
                       "--%s: the file cannot be read, is empty or too large: " KS_FMT, option, KS_ARG(path));
    *out = (ks_str){text, (size_t)n};
    return KS_OK;
}
