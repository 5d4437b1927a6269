/* server/sockets.h — the listening sockets and what may be served on them (rule H3). Threads: start-up only.
 */
#pragma once
#include "server/config.h"

/* Sockets of one address, one for each loop; a unix socket is shared. */
typedef struct ks_sockets {
    int     *fds;
    size_t   n;
    bool     shared;  /* one descriptor n times */
    ks_str   address; /* as bound: "http://127.0.0.1:9899" */
    uint16_t port;    /* 0 for unix sockets */
} ks_sockets;

/* Bind c->listen n times. INVALID: plain HTTP on an address that is not loopback, with the remedy. CONFLICT:
 * another server is there. */
KS_MUST ks_status ks_sockets_open(ks_ctx *cx, const ks_config *c, size_t n, ks_sockets *out);
/* Close every descriptor once; a zeroed one is fine. */
void ks_sockets_close(ks_sockets *s);

/* A path for the control socket of the data folder that fits a socket address, however long the folder's own
 * is. May leave a descriptor of the folder open for the life of the process. Absent: the folder cannot be
 * opened, or no memory. */
ks_str ks_control_path(ks_ctx *cx, ks_str data);

/* A PEM file, whole. INVALID naming `option`. */
KS_MUST ks_status ks_pem_read(ks_ctx *cx, const char *option, ks_str path, ks_str *out);
