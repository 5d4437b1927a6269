/* server/notify.c — one datagram. A leading '@' stands for the abstract name space (unix(7)). */
#include "server/notify.h"

#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

void ks_notify(ks_str state)
{
    struct sockaddr_un to = {.sun_family = AF_UNIX};
    ks_str             path = ks_str_of(getenv("NOTIFY_SOCKET"));
    if (path.n < 2 || path.n >= sizeof to.sun_path || (path.p[0] != '/' && path.p[0] != '@'))
        return;
    memcpy(to.sun_path, path.p, path.n);
    if (path.p[0] == '@')
        to.sun_path[0] = '\0';
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return;
    if (sendto(fd, state.p, state.n, MSG_NOSIGNAL, (struct sockaddr *)&to,
               (socklen_t)(offsetof(struct sockaddr_un, sun_path) + path.n)) < 0) {
        /* the manager is gone: nobody to tell */
    }
    close(fd);
}
