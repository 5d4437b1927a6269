/* server/server.c — the parts in order: room, store and key, catalogue, sockets, workers, loops; and back. */
#include "server/server.h"

#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/log.h"
#include "features/actions/token_cache.h"
#include "features/apps/view.h"
#include "features/routes.h"

#define LIMITER_ENTRIES 4096
#define FOLDER_TRIES    20
#define FOLDER_WAIT_MS  100
#define DAY_US          INT64_C(86400000000)

static const ks_route *const ghost_routes[] = {ks_ghost_routes, NULL};

static void fill_settings(ks_server *s)
{
    const ks_config *c = &s->config;
    s->settings = (ks_settings){
        .verify = ks_str_eq(c->verify, KS_S("off"))        ? KS_VERIFY_OFF
                  : ks_str_eq(c->verify, KS_S("required")) ? KS_VERIFY_REQUIRED
                                                           : KS_VERIFY_ON,
        .strict_uses = ks_str_eq(c->audit_uses, KS_S("strict")),
        .calls_keep = c->calls_keep,
        .ambiguous_refuse = ks_str_eq(c->ambiguous, KS_S("refuse")),
        .ghost = c->ghost,
        .https = c->tls_cert.p != NULL || c->behind_proxy,
        .listen = c->listen,
        .started_at = s->cx.now_us,
        .public_url = c->public_url,
    };
}

/* libcurl would say so only at the first call, and then of every vendor that it is unreachable. */
static ks_status check_ca_file(ks_ctx *cx, ks_str path)
{
    ks_str text;
    if (path.p == NULL)
        return KS_OK;
    KS_TRY(ks_pem_read(cx, "ca-file", path, &text));
    return ks_str_find(text, KS_S("-----BEGIN CERTIFICATE-----")) != SIZE_MAX
               ? KS_OK
               : ks_fail(cx, KS_INVALID, "ca-file", "--ca-file: the file holds no certificate (PEM): " KS_FMT,
                         KS_ARG(path));
}

/* Settings that name something outside: better refused now than found out at the first use. */
static ks_status check_names(ks_server *s)
{
    ks_url           url;
    const ks_config *c = &s->config;
    if (c->public_url.p != NULL)
        KS_TRY(ks_url_parse(&s->cx, "--public-url", c->public_url, &url));
    return check_ca_file(&s->cx, c->ca_file);
}

/* The files in it are ours alone in any case; what others could do is to put files of theirs beside them. */
static void look_at_folder(ks_str data)
{
    struct stat st;
    if (stat(data.p, &st) == 0 && (st.st_mode & 077) != 0)
        KS_LOG(KS_LOG_WARN, "data_folder_open", KS_LSTR(PATH, data),
               KS_LSTR(REASON, KS_S("others than its owner may enter the data folder: chmod 700 it")));
}

static ks_status read_tls(ks_server *s)
{
    if (s->config.tls_cert.p == NULL)
        return KS_OK;
    KS_TRY(ks_pem_read(&s->cx, "tls-cert", s->config.tls_cert, &s->tls_cert));
    return ks_pem_read(&s->cx, "tls-key", s->config.tls_key, &s->tls_key);
}

/* The folder is ours alone (its lock is held), so a socket left by a killed server may be removed. */
static ks_status open_sockets(ks_server *s)
{
    uint16_t none;
    ks_str   path = ks_control_path(&s->cx, s->config.data);
    ks_str   control = path.p ? ks_fmt(&s->cx, "unix:" KS_FMT, KS_ARG(path)) : KS_NO_STR;
    if (control.p == NULL)
        return ks_no_memory(&s->cx);
    KS_TRY(ks_sockets_open(&s->cx, &s->config, s->nodes_n, &s->sockets));
    unlink(path.p);
    KS_TRY(ks_listen_socket(&s->cx, control, false, &s->control_fd, &none));
    return ks_listen_socket(&s->cx, KS_S("127.0.0.1:0"), false, &s->ghost_fd, &s->ghost_port);
}

static ks_status open_databases(ks_server *s)
{
    const ks_db_options o = {.exceptions = s->exceptions,
                             .ca_file = s->config.ca_file,
                             .listed_only = s->config.ghost,
                             .run_ms = (unsigned)s->config.statement_seconds * 1000,
                             .metrics = &s->shared_metrics};
    return ks_databases_new(&s->cx, &o, &s->databases);
}

static ks_status open_workers(ks_server *s)
{
    size_t n = s->room.workers;
    s->worker_readers = ks_zalloc(&s->cx, n * sizeof *s->worker_readers);
    s->worker_env = ks_zalloc(&s->cx, n * sizeof *s->worker_env);
    s->worker_envs = ks_zalloc(&s->cx, n * sizeof *s->worker_envs);
    if (s->worker_readers == NULL || s->worker_env == NULL || s->worker_envs == NULL)
        return KS_NO_MEMORY;
    for (size_t i = 0; i < n; i++) {
        KS_TRY(ks_reader_open(&s->cx, s->vault.store, &s->worker_readers[i]));
        s->worker_env[i] = (ks_env){.settings = &s->settings,
                                    .catalog = s->catalog,
                                    .views = s->views,
                                    .tokens = s->tokens,
                                    .keys = s->vault.keys,
                                    .store = s->vault.store,
                                    .reader = s->worker_readers[i],
                                    .databases = s->databases,
                                    .exceptions = s->exceptions,
                                    .budgets = s->budgets,
                                    .metrics = &s->shared_metrics,
                                    .all_metrics = s->all_metrics,
                                    .all_metrics_n = s->nodes_n + 1,
                                    .stopping = &s->stopping};
        s->worker_envs[i] = &s->worker_env[i];
    }
    s->workers = ks_workers_new((unsigned)n, KS_WORKER_QUEUE);
    return s->workers ? KS_OK : ks_no_memory(&s->cx);
}

/* Listeners that exist once, on loop 0. */
static ks_status open_side_doors(ks_server *s)
{
    ks_node *n = &s->nodes[0];
    s->ghost_app = (ks_http_app){.routes = ghost_routes, .env = &n->env, .loop = n->loop};
    ks_listener_options control = {.fd = s->control_fd, .app = &n->app, .local = true, .max_conns = 8};
    ks_listener_options ghost = {.fd = s->ghost_fd, .app = &s->ghost_app, .max_conns = s->room.max_conns};
    KS_TRY(ks_listener_new(&s->cx, &control, &s->control));
    KS_TRY(ks_listener_new(&s->cx, &ghost, &s->ghost));
    return ks_recheck_start(&s->cx, &s->recheck, &n->app);
}

static ks_status open_nodes(ks_server *s)
{
    s->all_metrics = ks_zalloc(&s->cx, (s->nodes_n + 1) * sizeof *s->all_metrics);
    if (s->all_metrics == NULL)
        return KS_NO_MEMORY;
    for (size_t i = 0; i < s->nodes_n; i++)
        s->all_metrics[i] = &s->nodes[i].metrics;
    s->all_metrics[s->nodes_n] = &s->shared_metrics;
    if (!ks_route_index_make(ks_served_routes, &s->routes))
        return ks_fail(&s->cx, KS_INTERNAL, NULL, "There are more routes than KS_MAX_ROUTES.");
    KS_TRY(open_databases(s));
    KS_TRY(open_workers(s));
    for (size_t i = 0; i < s->nodes_n; i++)
        KS_TRY(ks_node_open(s, i));
    ks_databases_watch(s->databases, s->nodes[0].loop);
    return open_side_doors(s);
}

/* A command may hold the folder for a moment (keysteward key create): wait for it. */
static ks_status open_vault(ks_server *s)
{
    const struct timespec wait = {.tv_nsec = FOLDER_WAIT_MS * 1000000L};
    ks_status             st = KS_CONFLICT;
    for (int i = 0; i < FOLDER_TRIES && st == KS_CONFLICT; i++) {
        if (i > 0)
            nanosleep(&wait, NULL);
        st = ks_vault_open(&s->cx, &s->config, &s->shared_metrics, &s->vault);
    }
    return st;
}

ks_status ks_server_open(ks_server *s)
{
    const ks_config *c = &s->config;
    fill_settings(s);
    s->room = ks_process_room((unsigned)c->threads, (unsigned)c->max_connections);
    KS_TRY(ks_exceptions_new(&s->cx, c->allow_private.at, c->allow_private.n, &s->exceptions));
    KS_TRY(ks_catalog_open(&s->cx, c->apps, &s->catalog));
    s->views = ks_views_new(s->catalog);
    s->tokens = ks_tokens_new();
    if (s->views == NULL || s->tokens == NULL)
        return ks_no_memory(&s->cx);
    KS_TRY(check_names(s));
    KS_TRY(read_tls(s));
    KS_TRY(open_vault(s));
    ks_store_keep_calls(s->vault.store, c->calls_keep * DAY_US);
    look_at_folder(c->data);
    s->limiter = ks_limiter_new(LIMITER_ENTRIES);
    s->gate = ks_gate_new();
    s->budgets = ks_budget_table_new();
    s->nodes = ks_calloc(s->room.loops, sizeof *s->nodes);
    if (s->limiter == NULL || s->gate == NULL || s->budgets == NULL || s->nodes == NULL)
        return ks_no_memory(&s->cx);
    s->nodes_n = s->room.loops;
    KS_TRY(open_sockets(s));
    return open_nodes(s);
}

static void close_fd(int fd)
{
    if (fd >= 0)
        close(fd);
}

void ks_server_close(ks_server *s)
{
    ks_databases_free(s->databases); /* as the workers: */
    ks_workers_free(s->workers);     /* first: they hold exchanges of the listeners */
    ks_watch_del(s->signal_watch);
    ks_recheck_stop(&s->recheck);
    ks_listener_free(s->control);
    for (size_t i = s->nodes_n; i-- > 1;)
        ks_node_close(&s->nodes[i]);
    ks_listener_free(s->ghost);
    if (s->nodes_n > 0)
        ks_node_close(&s->nodes[0]);
    ks_recheck_done(&s->recheck);
    for (size_t i = 0; s->worker_readers != NULL && i < s->room.workers; i++)
        ks_reader_close(s->worker_readers[i]);
    ks_sockets_close(&s->sockets);
    if (s->control_fd >= 0) {
        ks_str path = ks_control_path(&s->cx, s->config.data);
        if (path.p != NULL)
            unlink(path.p);
    }
    close_fd(s->control_fd);
    close_fd(s->ghost_fd);
    close_fd(s->signal_fd);
    ks_arena_reset(s->arena); /* open queries end before their store */
    ks_vault_close(&s->vault);
    ks_gate_free(s->gate);
    ks_budget_table_free(s->budgets);
    ks_limiter_free(s->limiter);
    ks_views_free(s->views);
    ks_tokens_free(s->tokens);
    ks_catalog_free(s->catalog);
    ks_exceptions_free(s->exceptions);
    ks_free(s->nodes);
}
