/* server/server.h — the running server: what all threads share, and each loop thread's own. Wiring only.
 * Threads: filled before the first thread starts, constant after that but where _Atomic. */
#pragma once
#include <pthread.h>

#include "base/workers.h"
#include "features/budgets/budget_count.h"
#include "features/env.h"
#include "features/row_cache.h"
#include "http/limiter.h"
#include "http/listener.h"
#include "http/route.h"
#include "server/config.h"
#include "server/process.h"
#include "server/recheck.h"
#include "server/sockets.h"
#include "server/vault.h"

typedef struct ks_server ks_server;

/* One event loop with all it owns. */
typedef struct ks_node {
    ks_server    *server;
    ks_loop      *loop;
    ks_reader    *reader;
    ks_upstream  *upstream;
    ks_row_cache *cache;
    ks_listener  *listener;
    ks_metrics    metrics;
    ks_env        env;
    ks_http_app   app;
    pthread_t     thread;
    bool          started;
    ks_post       stop_post;
    ks_timer      stop_timer;
} ks_node;

struct ks_server {
    ks_arena         *arena;
    ks_ctx            cx;
    ks_config         config;
    ks_room           room;
    ks_settings       settings;
    ks_vault          vault;
    ks_catalog       *catalog;
    struct ks_views  *views;
    struct ks_tokens *tokens;
    ks_exceptions    *exceptions;
    ks_limiter       *limiter;
    ks_gate          *gate;    /* what the loops know of vendors */
    ks_budget_table  *budgets; /* what has been used of them */
    ks_route_index    routes;  /* where each is found */
    ks_workers       *workers;
    ks_databases     *databases;
    ks_reader       **worker_readers;
    ks_env           *worker_env;
    const ks_env    **worker_envs;
    ks_metrics        shared_metrics; /* of workers and store */
    ks_metrics      **all_metrics;    /* the nodes', then the shared one */
    ks_str            tls_cert, tls_key;
    ks_sockets        sockets;
    int               control_fd, ghost_fd;
    uint16_t          ghost_port;
    ks_listener      *control, *ghost; /* both on loop 0 */
    ks_http_app       ghost_app;
    ks_recheck        recheck; /* on loop 0, too */
    ks_node          *nodes;
    size_t            nodes_n;
    int               signal_fd;
    ks_watch         *signal_watch;
    _Atomic bool      stopping, hurry;
    _Atomic unsigned  running;
    int64_t           stop_by_us; /* monotonic; set by loop 0 before it posts the stop */
};

/* Make node i of `s` ready to run. */
KS_MUST ks_status ks_node_open(ks_server *s, size_t i);

/* Run nodes 1.. in threads of their own and node 0 in this one, until the server is told to stop. INTERNAL: a
 * thread could not be started. */
KS_MUST ks_status ks_nodes_run(ks_server *s);

/* Free what a node owns; its thread has ended. */
void ks_node_close(ks_node *n);

/* Start-up of the parts in order, and the end of them; also of a half-open server. */
KS_MUST ks_status ks_server_open(ks_server *s);
/* Close what ks_server_open opened, in reverse order. All loops have ended. */
void ks_server_close(ks_server *s);
