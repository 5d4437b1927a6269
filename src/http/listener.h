/* http/listener.h — sockets to exchanges: libmicrohttpd in external epoll mode below, http/wire.c below that.
 * The faults this file must not meet again are listed in docs/decisions/ (libmicrohttpd). One listener per
 * loop and socket. Threads: the loop's own. */
#pragma once
#include "http/exchange.h"

typedef struct ks_listener ks_listener;

typedef struct ks_listener_options {
    int                fd; /* listening socket; stays the caller's */
    const ks_http_app *app;
    ks_str             tls_cert, tls_key; /* PEM text; absent: plain */
    bool               local;             /* the control socket */
    bool               behind_proxy; /* peer = last X-Forwarded-For address; per-address limits count it */
    unsigned           max_conns;    /* 0: KS_MAX_CONNS */
    unsigned           max_per_addr; /* 0: KS_MAX_CONNS_PER_ADDR */
    int header_ms, body_ms, idle_ms; /* 0: KS_HEADER_DEADLINE_MS, KS_BODY_DEADLINE_MS, KS_IDLE_MS */
} ks_listener_options;

/* A listening socket: "HOST:PORT", "[IPV6]:PORT" or "unix:PATH" (0600). With SO_REUSEPORT, so that each loop
 * has its own; port 0 picks one. INVALID malformed   CONFLICT in use. *port: the real one, 0 for unix. */
KS_MUST ks_status ks_listen_socket(ks_ctx *cx, ks_str where, bool reuse_port, int *fd, uint16_t *port);

/* INTERNAL also when libmicrohttpd does not read through http/wire.c: then nothing may be served. The process
 * must ignore SIGPIPE (TLS). */
KS_MUST ks_status ks_listener_new(ks_ctx *cx, const ks_listener_options *o, ks_listener **out);
void              ks_listener_quiesce(ks_listener *l); /* accept no more; answers carry Connection: close */
size_t            ks_listener_busy(const ks_listener *l);  /* exchanges under way */
size_t            ks_listener_conns(const ks_listener *l); /* connections open */
void              ks_listener_free(ks_listener *l);        /* cuts what is left; NULL is fine */
