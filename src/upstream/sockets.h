/* upstream/sockets.h — the sockets that libcurl has open in a loop: how many, and whether the vendor has
 * ended one that is about to be used again. libcurl 7.88 takes a TLS connection for alive while anything can
 * be read from it, and the farewell of its vendor (close_notify) can: a write sent there is lost, and must
 * not be repeated. Internal to upstream/. Threads: one. */
#pragma once
#include "base/attr.h"
#include "base/limits.h"
#include "base/status.h"

/* Two addresses of a name are dialled at once, and as many connections may be warm. */
#define KS_SOCKETS_MAX (4 * KS_UP_PER_LOOP)

typedef struct ks_sockets {
    size_t n;
    struct {
        int      fd;
        uint16_t port; /* of this side; 0: not asked for yet */
    } at[KS_SOCKETS_MAX];
} ks_sockets;

/* Remember a socket. False: there are KS_SOCKETS_MAX already. */
KS_MUST bool ks_sockets_add(ks_sockets *s, int fd);
/* It is about to be closed; one that is not known is fine. */
void ks_sockets_del(ks_sockets *s, int fd);

/* Has the other side of the socket with this port on our side closed it, or said anything unasked? False,
 * too, when there is none. */
bool ks_sockets_left(ks_sockets *s, int local_port);
