/* server/node.c — one event loop: what it owns, how it starts, how it ends (rule D5). */
#include <pthread.h>
#include <sys/socket.h>

#include "base/log.h"
#include "base/time.h"
#include "features/dash/page_error.h"
#include "features/replay.h"
#include "features/routes.h"
#include "features/tokens/tokens.h"
#include "server/server.h"

#define STOP_LOOK_MS 20 /* how often a stopping loop looks whether it is idle */

static void node_env(ks_server *s, ks_node *n)
{
    n->env = (ks_env){.settings = &s->settings,
                      .catalog = s->catalog,
                      .views = s->views,
                      .tokens = s->tokens,
                      .keys = s->vault.keys,
                      .store = s->vault.store,
                      .reader = n->reader,
                      .upstream = n->upstream,
                      .databases = s->databases,
                      .exceptions = s->exceptions,
                      .cache = n->cache,
                      .budgets = s->budgets,
                      .metrics = &n->metrics,
                      .all_metrics = s->all_metrics,
                      .all_metrics_n = s->nodes_n + 1,
                      .stopping = &s->stopping};
    n->app = (ks_http_app){.routes = ks_served_routes,
                           .index = &s->routes,
                           .authenticate = ks_authenticate,
                           .replay = ks_replay,
                           .page_error = ks_page_error,
                           .env = &n->env,
                           .worker_envs = s->worker_envs,
                           .workers = s->workers,
                           .loop = n->loop,
                           .metrics = &n->metrics,
                           .limiter = s->limiter,
                           .access_log = s->config.access_log};
}

ks_status ks_node_open(ks_server *s, size_t i)
{
    ks_node            *n = &s->nodes[i];
    ks_upstream_options up = {.exceptions = s->exceptions,
                              .ca_file = s->config.ca_file,
                              .ghost_port = s->config.ghost ? s->ghost_port : 0,
                              .ghost_only_port = s->ghost_port,
                              .metrics = &n->metrics,
                              .gate = s->gate,
                              .per_project = (unsigned)s->config.calls_per_project,
                              .per_loop = (unsigned)s->config.calls_per_loop,
                              .max_wait_ms = s->config.max_wait ? (int)s->config.max_wait * 1000 : -1};
    n->server = s;
    n->loop = ks_loop_new();
    n->cache = ks_row_cache_new(s->room.cache_rows, s->room.cache_bytes);
    if (n->loop == NULL || n->cache == NULL)
        return ks_no_memory(&s->cx);
    KS_TRY(ks_reader_open(&s->cx, s->vault.store, &n->reader));
    KS_TRY(ks_upstream_new(&s->cx, n->loop, &up, &n->upstream));
    node_env(s, n);
    ks_listener_options in = {.fd = s->sockets.fds[i],
                              .app = &n->app,
                              .tls_cert = s->tls_cert,
                              .tls_key = s->tls_key,
                              .behind_proxy = s->config.behind_proxy,
                              .max_conns = s->room.max_conns};
    return ks_listener_new(&s->cx, &in, &n->listener);
}

void ks_node_close(ks_node *n)
{
    ks_upstream_free(n->upstream);
    if (n->loop != NULL)
        ks_loop_turn(n->loop, 0); /* what workers and writer posted at the very end */
    ks_listener_free(n->listener);
    ks_loop_free(n->loop);
    ks_reader_close(n->reader);
    ks_row_cache_free(n->cache);
}

/* ---- the end ---- */

static bool is_idle(const ks_node *n)
{
    const ks_server *s = n->server;
    if (ks_listener_busy(n->listener) > 0 || ks_upstream_busy(n->upstream) > 0)
        return false;
    if (n != &s->nodes[0])
        return true;
    /* loop 0 leaves last: the ghosts and the control socket live there */
    return s->running == 1 && !ks_recheck_busy(&s->recheck) && ks_listener_busy(s->control) == 0;
}

static void look_whether_idle(void *arg)
{
    ks_node   *n = arg;
    ks_server *s = n->server;
    if (is_idle(n) || s->hurry || ks_mono_us() >= s->stop_by_us) {
        if (!is_idle(n) || (n == &s->nodes[0] && ks_listener_busy(s->ghost) > 0))
            s->hurry = true; /* something was cut (a slow ghost is not waited for): leave its memory alone */
        s->running--;
        ks_loop_stop(n->loop);
    } else if (!ks_timer_set(n->loop, &n->stop_timer, STOP_LOOK_MS)) {
        s->running--;
        ks_loop_stop(n->loop);
    }
}

static void begin_stop(void *arg)
{
    ks_node   *n = arg;
    ks_server *s = n->server;
    ks_listener_quiesce(n->listener);
    shutdown(s->sockets.fds[n - s->nodes], SHUT_RDWR); /* new clients are refused, not left waiting */
    if (n == &s->nodes[0]) {
        ks_listener_quiesce(s->control);
        shutdown(s->control_fd, SHUT_RDWR);
        ks_recheck_stop(&s->recheck);
    }
    look_whether_idle(n);
}

static void *run_node(void *arg)
{
    ks_node *n = arg;
    ks_loop_run(n->loop);
    return NULL;
}

ks_status ks_nodes_run(ks_server *s)
{
    ks_status st = KS_OK;
    s->running = (unsigned)s->nodes_n;
    for (size_t i = 0; i < s->nodes_n; i++) {
        s->nodes[i].stop_post = (ks_post){.fn = begin_stop, .arg = &s->nodes[i]};
        s->nodes[i].stop_timer = (ks_timer){.fn = look_whether_idle, .arg = &s->nodes[i]};
    }
    for (size_t i = 1; i < s->nodes_n && st == KS_OK; i++) {
        s->nodes[i].started = pthread_create(&s->nodes[i].thread, NULL, run_node, &s->nodes[i]) == 0;
        if (!s->nodes[i].started)
            st = ks_fail(&s->cx, KS_INTERNAL, NULL, "A thread could not be started; try --threads 1.");
    }
    if (st == KS_OK)
        ks_loop_run(s->nodes[0].loop);
    for (size_t i = 1; i < s->nodes_n; i++) {
        if (st != KS_OK && s->nodes[i].started)
            ks_loop_stop(s->nodes[i].loop);
        if (s->nodes[i].started)
            pthread_join(s->nodes[i].thread, NULL);
    }
    return st;
}
