/* tests/support/rig.h — a real listener on loopback in a thread of its own, with routes for every ending, and
 * clients on raw sockets, plain or TLS. Every wait is for a byte or the end of a connection; a time-out fails
 * the test. Threads: the test's own, but what says "in the loop". */
#pragma once
#include <gnutls/gnutls.h>
#include <pthread.h>

#include "http/listener_in.h"
#include "tests/support/test.h"

#define RIG_WAIT_MS 10000

typedef struct rig_server {
    pthread_t    thread;
    ks_loop     *loop;
    ks_listener *listener;
    ks_arena    *arena;
    ks_metrics   metrics;
    ks_http_app  app;
    ks_workers  *workers;
    int          fd;
    uint16_t     port;
    ks_post      post;
    _Atomic bool ran;
    void (*ask)(struct rig_server *s);
    size_t busy, conns; /* answers of rig_ask_counts */
} rig_server;

/* Listen on a free port with the routes of rig_routes.c. Defaults, or `o` (fd, app and TLS texts are set
 * here). */
void rig_start(rig_server *s, bool tls);
void rig_start_with(rig_server *s, ks_listener_options o, bool tls);
void rig_stop(rig_server *s);

/* Run `fn` in the server's loop and wait for it. */
void rig_in_loop(rig_server *s, void (*fn)(rig_server *s));

/* For rig_in_loop: fill in s->busy and s->conns / let the requests to /held go on. */
void rig_ask_counts(rig_server *s);
void rig_release_held(rig_server *s);

/* Most bytes the pipe of the last /download held. */
extern _Atomic size_t rig_most_held;

/* The routes. */
extern const ks_route *const rig_tables[];

/* Teardown of tests that use TLS. */
int rig_forget_certificate(void **state);

typedef struct rig_client {
    int                              fd;
    gnutls_session_t                 tls;
    gnutls_certificate_credentials_t cred;
    char                             got[256 * 1024];
    size_t                           n;
    bool                             ended;
} rig_client;

rig_client *rig_dial(const rig_server *s, bool tls);
void        rig_hang_up(rig_client *c);

/* Send all; false when the server does not take it any more. */
bool rig_say_n(rig_client *c, const char *p, size_t n);
bool rig_say(rig_client *c, const char *z);

/* One more read; false at the end of the connection. */
bool rig_hear(rig_client *c);

/* The status of the next answer (with Content-Length), whose text is in rig_last; 0 when the connection ends
 * before. */
int         rig_status(rig_client *c);
extern char rig_last[64 * 1024];

/* The connection ends without a further byte. */
void rig_expect_end(rig_client *c);
