/* upstream/db_socket.c — see db_socket.h. Dials what db_dial.c has judged (rule N4) and nothing else; knows
 * no protocol. Source: connect(2) on a descriptor that does not block. Threads: the caller's. */
#include "upstream/db_socket.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <unistd.h>

#include "base/time.h"

#define LATE "the server did not accept a connection in time"

/* What connect(2) has come to. */
static bool connected(int fd, const ks_db_limit *l, ks_db_error *e)
{
    int       fault = 0;
    socklen_t n = sizeof fault;
    if (!ks_db_wait(l, fd, POLLOUT, LATE, e))
        return false;
    if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &fault, &n) == 0 && fault == 0)
        return true;
    if (fault == ECONNREFUSED)
        return ks_db_fail(e, KS_DB_TCP, "nothing listens on that port", "refused");
    return ks_db_fail(e, KS_DB_TCP, "the server cannot be reached", "unreachable");
}

static int dial_one(const ks_db_address *at, const ks_db_limit *l, ks_db_error *e)
{
    int on = 1, fd = socket(at->sa.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0) {
        (void)ks_db_fail(e, KS_DB_MEMORY, "no descriptor is left for another connection", NULL);
        return -1;
    }
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (connect(fd, (const struct sockaddr *)&at->sa, at->len) == 0 || errno == EINPROGRESS) {
        if (connected(fd, l, e))
            return fd;
    } else {
        (void)ks_db_fail(e, KS_DB_TCP, "the server cannot be reached", "unreachable");
    }
    close(fd);
    return -1;
}

bool ks_db_dial(const ks_db_address *at, size_t n, const ks_db_limit *l, int *fd, size_t *which,
                ks_db_error *e)
{
    (void)ks_db_fail(e, KS_DB_TCP, "the server cannot be reached", "unreachable");
    for (size_t i = 0; i < n; i++) {
        int64_t     left_us = l->deadline_us - ks_mono_us();
        ks_db_limit share = *l; /* an address that swallows packets leaves time for the next */
        share.deadline_us = l->deadline_us - left_us + left_us / (int64_t)(n - i);
        *fd = dial_one(&at[i], &share, e);
        if (*fd >= 0) {
            if (which != NULL)
                *which = i;
            e->step = KS_DB_FINE;
            return true;
        }
        if (e->step == KS_DB_TIMEOUT)
            e->step = KS_DB_TCP;
        if (e->step != KS_DB_TCP)
            return false;
    }
    return false;
}

/* Should the call be made again? Waits first where it has to. */
static bool again(int fd, short events, const ks_db_limit *l, const char *late, ks_db_error *e)
{
    if (errno == EINTR)
        return true;
    if (errno == EAGAIN || errno == EWOULDBLOCK)
        return ks_db_wait(l, fd, events, late, e);
    return ks_db_fail(e, KS_DB_BROKEN, "the server closed the connection", "closed");
}

ssize_t ks_db_read(int fd, void *to, size_t room, const ks_db_limit *l, const char *late, ks_db_error *e)
{
    for (;;) {
        ssize_t n = recvfrom(fd, to, room, MSG_DONTWAIT, NULL, NULL);
        if (n >= 0 || !again(fd, POLLIN, l, late, e))
            return n;
    }
}

ssize_t ks_db_write(int fd, const void *from, size_t n, const ks_db_limit *l, const char *late,
                    ks_db_error *e)
{
    for (;;) {
        ssize_t w = send(fd, from, n, MSG_DONTWAIT | MSG_NOSIGNAL);
        if (w >= 0 || !again(fd, POLLOUT, l, late, e))
            return w;
    }
}

bool ks_db_quiet(int fd)
{
    char    c;
    ssize_t n = recvfrom(fd, &c, 1, MSG_PEEK | MSG_DONTWAIT, NULL, NULL);
    return n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
}
