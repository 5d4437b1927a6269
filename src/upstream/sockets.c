/* upstream/sockets.c — see sockets.h. libcurl tells the port of the connection it has chosen, not the
 * descriptor. Ports are asked for once, when a connection is used again for the first time. Reads nothing. */
#include "upstream/sockets.h"

#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

bool ks_sockets_add(ks_sockets *s, int fd)
{
    if (s->n >= KS_COUNT(s->at))
        return false;
    s->at[s->n].fd = fd;
    s->at[s->n++].port = 0;
    return true;
}

void ks_sockets_del(ks_sockets *s, int fd)
{
    for (size_t i = 0; i < s->n; i++) {
        if (s->at[i].fd == fd) {
            s->at[i] = s->at[--s->n];
            return;
        }
    }
}

/* 0 when it has none yet, or is no internet socket. */
static uint16_t port_of(int fd)
{
    union {
        struct sockaddr     any;
        struct sockaddr_in  in;
        struct sockaddr_in6 in6;
    } a;
    socklen_t n = sizeof a;
    if (getsockname(fd, &a.any, &n) != 0)
        return 0;
    return a.any.sa_family == AF_INET    ? ntohs(a.in.sin_port)
           : a.any.sa_family == AF_INET6 ? ntohs(a.in6.sin6_port)
                                         : 0;
}

bool ks_sockets_left(ks_sockets *s, int local_port)
{
    for (size_t i = 0; i < s->n; i++) {
        if (s->at[i].port == 0)
            s->at[i].port = port_of(s->at[i].fd);
        struct pollfd p = {s->at[i].fd, POLLIN | POLLRDHUP, 0};
        if (s->at[i].port == local_port && local_port != 0 && poll(&p, 1, 0) > 0)
            return true;
    }
    return false;
}
