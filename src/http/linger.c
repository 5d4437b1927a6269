/* http/linger.c — a refused client may still be sending. To close then would reset the connection and take
 * the answer away from it, so its bytes are read and dropped for a moment, on a duplicate of the descriptor.
 * Threads: the loop's. */
#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/alloc.h"
#include "http/listener_in.h"

#define LINGER_US    2000000 /* as long as this */
#define LINGER_BYTES (4 * 1024 * 1024)
#define LINGER_MAX   64 /* at a time; beyond it clients are cut */

typedef struct drain drain;
struct drain {
    drain       *next, *prev;
    ks_listener *l;
    ks_watch    *watch;
    int          fd;
    int64_t      until_us;
    size_t       left;
};

static void end(drain *g)
{
    ks_listener *l = g->l;
    ks_watch_del(g->watch);
    close(g->fd);
    *(g->prev != NULL ? &g->prev->next : &l->lingering) = g->next;
    if (g->next != NULL)
        g->next->prev = g->prev;
    l->lingering_n--;
    ks_free(g);
}

static void drop_bytes(void *arg, uint32_t events)
{
    drain  *g = arg;
    char    bin[16 * 1024];
    ssize_t r = recvfrom(g->fd, bin, sizeof bin, MSG_DONTWAIT, NULL, NULL);
    (void)events;
    explicit_bzero(bin, r > 0 ? (size_t)r : 0);
    if (r <= 0 || (size_t)r >= g->left)
        end(g);
    else
        g->left -= (size_t)r;
}

void ks_linger_add(ks_listener *l, int fd, int64_t now_us)
{
    if (l->lingering_n == LINGER_MAX)
        return;
    drain *g = ks_calloc(1, sizeof *g);
    if (g == NULL)
        return;
    *g = (drain){
        .l = l, .fd = fcntl(fd, F_DUPFD_CLOEXEC, 3), .until_us = now_us + LINGER_US, .left = LINGER_BYTES};
    if (g->fd >= 0)
        g->watch = ks_watch_add(l->o.app->loop, g->fd, EPOLLIN | EPOLLRDHUP, drop_bytes, g);
    if (g->watch == NULL) {
        if (g->fd >= 0)
            close(g->fd);
        ks_free(g);
        return;
    }
    (void)shutdown(g->fd, SHUT_WR); /* the library closes without it behind TLS; also flushes a corked end */
    g->next = l->lingering;
    if (g->next != NULL)
        g->next->prev = g;
    l->lingering = g;
    l->lingering_n++;
}

void ks_linger_sweep(ks_listener *l, int64_t now_us)
{
    for (drain *g = l->lingering, *next; g != NULL; g = next) {
        next = g->next;
        if (g->until_us <= now_us)
            end(g);
    }
}
