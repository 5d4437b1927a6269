/* http/listen.c — ks_listen_socket: from "HOST:PORT", "[IPV6]:PORT" or "unix:PATH" to a listening descriptor.
 * Numeric addresses and "localhost" only: nothing is looked up. Threads: any. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "http/listener.h"

#define BACKLOG 1024

typedef union address {
    struct sockaddr         any;
    struct sockaddr_in      v4;
    struct sockaddr_in6     v6;
    struct sockaddr_storage room;
} address;

/* "HOST:PORT" into an address. False when it is malformed. */
static bool parse(ks_str where, address *a, socklen_t *len)
{
    char     host[INET6_ADDRSTRLEN + 1];
    uint64_t port;
    size_t   colon = where.n;
    while (colon > 0 && where.p[colon - 1] != ':')
        colon--;
    if (colon < 2 || !ks_str_u64(ks_str_sub(where, colon, SIZE_MAX), &port) || port > 65535)
        return false;
    ks_str name = ks_str_sub(where, 0, colon - 1);
    bool   six = name.n > 2 && name.p[0] == '[' && name.p[name.n - 1] == ']';
    if (six)
        name = ks_str_sub(name, 1, name.n - 2);
    if (ks_str_eq(name, KS_S("localhost")))
        name = KS_S("127.0.0.1");
    if (name.n == 0 || name.n >= sizeof host)
        return false;
    memcpy(host, name.p, name.n);
    host[name.n] = '\0';
    *a = (address){.room = {0}};
    if (six) {
        a->v6.sin6_family = AF_INET6;
        a->v6.sin6_port = htons((uint16_t)port);
        *len = sizeof a->v6;
        return inet_pton(AF_INET6, host, &a->v6.sin6_addr) == 1;
    }
    a->v4.sin_family = AF_INET;
    a->v4.sin_port = htons((uint16_t)port);
    *len = sizeof a->v4;
    return inet_pton(AF_INET, host, &a->v4.sin_addr) == 1;
}

static ks_status refused(ks_ctx *cx, int fd, int error)
{
    if (fd >= 0)
        close(fd);
    if (error == EADDRINUSE)
        return ks_fail(
            cx, KS_CONFLICT, "listen",
            "The address to listen on is in use. Stop the other process, or choose another with --listen.");
    if (error == EACCES)
        return ks_fail(cx, KS_INVALID, "listen",
                       "This process may not listen on that address. Choose a port from 1024 with --listen.");
    return ks_fail(cx, KS_INVALID, "listen",
                   "The address cannot be listened on: give one of this machine's own with --listen, e.g. "
                   "127.0.0.1:9899.");
}

static ks_status listen_tcp(ks_ctx *cx, ks_str where, bool reuse_port, int *out, uint16_t *port)
{
    address   a;
    socklen_t len;
    int       on = 1;
    if (!parse(where, &a, &len))
        return ks_fail(cx, KS_INVALID, "listen", "Write the address as HOST:PORT, [IPV6]:PORT or unix:PATH.");
    int fd = socket(a.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0 ||
        (reuse_port && setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on) != 0) ||
        (a.any.sa_family == AF_INET6 && setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on) != 0) ||
        bind(fd, &a.any, len) != 0 || listen(fd, BACKLOG) != 0 || getsockname(fd, &a.any, &len) != 0)
        return refused(cx, fd, errno);
    *port = ntohs(a.any.sa_family == AF_INET6 ? a.v6.sin6_port : a.v4.sin_port);
    *out = fd;
    return KS_OK;
}

/* A socket file nobody listens on is left over from a process that died. */
static void remove_stale(const struct sockaddr_un *u)
{
    struct stat st;
    int         fd;
    if (lstat(u->sun_path, &st) != 0 || !S_ISSOCK(st.st_mode))
        return;
    fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return;
    if (connect(fd, (const struct sockaddr *)u, sizeof *u) != 0 && errno == ECONNREFUSED)
        unlink(u->sun_path);
    close(fd);
}

static ks_status listen_unix(ks_ctx *cx, ks_str path, int *out)
{
    struct sockaddr_un u = {.sun_family = AF_UNIX};
    if (path.n == 0 || path.n >= sizeof u.sun_path)
        return ks_fail(cx, KS_INVALID, "listen", "The path of the socket must have 1 to %zu bytes.",
                       sizeof u.sun_path - 1);
    memcpy(u.sun_path, path.p, path.n);
    remove_stale(&u);
    int    fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    mode_t before = umask(0177); /* 0600 from the first moment */
    int    bound = fd < 0 ? -1 : bind(fd, (struct sockaddr *)&u, sizeof u);
    int    error = errno;
    umask(before);
    if (bound != 0)
        return refused(cx, fd, error);
    if (listen(fd, BACKLOG) != 0)
        return refused(cx, fd, errno);
    *out = fd;
    return KS_OK;
}

ks_status ks_listen_socket(ks_ctx *cx, ks_str where, bool reuse_port, int *fd, uint16_t *port)
{
    if (!ks_str_starts(where, KS_S("unix:")))
        return listen_tcp(cx, where, reuse_port, fd, port);
    KS_TRY(listen_unix(cx, ks_str_sub(where, 5, SIZE_MAX), fd));
    *port = 0;
    return KS_OK;
}
