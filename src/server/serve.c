/* server/serve.c — start-up in order, the signals, and the line in the log that says what is in force. */
#include "server/serve.h"

#include <signal.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/log.h"
#include "base/time.h"
#include "server/notify.h"
#include "server/server.h"

#define STOP_US ((int64_t)30 * 1000000) /* what runs may take this long to finish (rule D5) */

/* ---- signals ---- */

static void begin_stop(ks_server *s)
{
    s->stop_by_us = ks_mono_us() + STOP_US;
    s->stopping = true;
    KS_LOG(KS_LOG_INFO, "stopping", KS_LSTR(REASON, KS_S("signal")));
    ks_notify(KS_S("STOPPING=1"));
    for (size_t i = 0; i < s->nodes_n; i++)
        ks_loop_post(s->nodes[i].loop, &s->nodes[i].stop_post);
}

static void on_signal(void *arg, uint32_t events)
{
    ks_server              *s = arg;
    struct signalfd_siginfo info;
    (void)events;
    while (read(s->signal_fd, &info, sizeof info) == (ssize_t)sizeof info) {
        if (s->stopping)
            s->hurry = true; /* asked twice */
        else
            begin_stop(s);
    }
}

static ks_status watch_signals(ks_server *s)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    if (pthread_sigmask(SIG_BLOCK, &set, NULL) != 0 ||
        (s->signal_fd = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC)) < 0)
        return ks_fail(&s->cx, KS_INTERNAL, NULL, "Signals cannot be watched: no descriptor is free.");
    return KS_OK;
}

/* ---- what is in force ---- */

static bool is_relaxed(const ks_config *c, const ks_option *o)
{
    const void *at = (const char *)c + o->offset;
    if (!o->relaxes)
        return false;
    switch (o->kind) {
    case KS_OPT_SWITCH:
        return *(const bool *)at;
    case KS_OPT_LIST:
        return ((const ks_texts *)at)->n > 0;
    default:
        return ks_str_eq(*(const ks_str *)at, KS_S("off"));
    }
}

/* "--ghost --verify": the rules an operator loosened, or absent. */
static ks_str relaxations(ks_server *s)
{
    ks_buf *b = ks_ctx_buf(&s->cx, 512);
    if (b == NULL)
        return KS_NO_STR;
    for (size_t i = 0; i < ks_options_n; i++)
        if (is_relaxed(&s->config, &ks_options[i]))
            ks_buf_fmt(b, "%s--%s%s", b->n ? " " : "", ks_options[i].flag.name,
                       ks_options[i].kind == KS_OPT_CHOICE ? " off" : "");
    return b->n ? ks_buf_view(b) : KS_NO_STR;
}

static void say_started(ks_server *s)
{
    ks_str relaxed = relaxations(s);
    KS_LOG(relaxed.p ? KS_LOG_WARN : KS_LOG_INFO, "started", KS_LSTR(VERSION, KS_S(KS_VERSION)),
           KS_LSTR(ADDRESS, s->sockets.address), KS_LSTR(PATH, s->config.data),
           KS_LSTR(KEY_ID, ks_keyring_root_id(s->vault.keys)), KS_LINT(COUNT, s->nodes_n),
           KS_LSTR(REASON, relaxed.p ? relaxed : KS_S("no rule is relaxed")));
    if (s->vault.key_is_new)
        KS_LOG(KS_LOG_WARN, "root_key_made", KS_LSTR(PATH, s->vault.key_from),
               KS_LSTR(REASON, KS_S("keep a copy apart from the data: without it nothing can be read")));
    if (s->room.scarce)
        KS_LOG(KS_LOG_WARN, "little_room", KS_LINT(COUNT, s->room.max_conns),
               KS_LSTR(REASON,
                       KS_S("few descriptors or little address space: fewer threads, connections, caches")));
}

/* ---- start ---- */

/* Libraries, before any thread. */
static ks_status start_libraries(ks_ctx *cx)
{
    ks_alloc_install();
    if (!ks_process_harden())
        return ks_fail(cx, KS_INTERNAL, NULL, "The system refused to turn core dumps and debugging off.");
    if (!ks_crypto_start())
        return ks_fail(cx, KS_INTERNAL, NULL, "The cryptographic self-test failed: do not use this machine.");
    if (!ks_upstream_start() || !ks_databases_start())
        return ks_fail(cx, KS_INTERNAL, NULL, "libcurl could not be started.");
    return KS_OK;
}

static ks_status set_levels(ks_server *s)
{
    static const struct {
        ks_str   name;
        ks_level level;
    } levels[] = {{KS_S_INIT("debug"), KS_LOG_DEBUG},
                  {KS_S_INIT("info"), KS_LOG_INFO},
                  {KS_S_INIT("warn"), KS_LOG_WARN},
                  {KS_S_INIT("error"), KS_LOG_ERROR}};
    for (size_t i = 0; i < KS_COUNT(levels); i++)
        if (ks_str_eq(levels[i].name, s->config.log_level))
            ks_log_set_level(levels[i].level);
    if (ks_secret_pool_state().locked)
        return KS_OK;
    if (s->config.require_mlock)
        return ks_fail(&s->cx, KS_FORBIDDEN, "require-mlock",
                       "Memory for secrets cannot be locked: raise the limit (ulimit -l, LimitMEMLOCK=).");
    KS_LOG(KS_LOG_WARN, "memory_not_locked",
           KS_LSTR(REASON, KS_S("secrets may reach swap: raise the limit with ulimit -l or LimitMEMLOCK=")));
    return KS_OK;
}

static int say_failure(const ks_server *s, ks_status st)
{
    fprintf(stderr, "keysteward: " KS_FMT "\n", KS_ARG(s->cx.err.message));
    return st == KS_INVALID ? 2 : 5;
}

static ks_status run(ks_server *s)
{
    KS_TRY(start_libraries(&s->cx));
    KS_TRY(set_levels(s));
    KS_TRY(watch_signals(s));
    KS_TRY(ks_server_open(s));
    s->signal_watch = ks_watch_add(s->nodes[0].loop, s->signal_fd, EPOLLIN, on_signal, s);
    if (s->signal_watch == NULL)
        return ks_no_memory(&s->cx);
    say_started(s);
    ks_notify(KS_S("READY=1"));
    return ks_nodes_run(s);
}

int ks_serve(int argc, char *const *argv)
{
    ks_server *s = ks_calloc(1, sizeof *s);
    if (s == NULL || (s->arena = ks_arena_new(KS_ARENA_MAX)) == NULL) {
        fprintf(stderr, "keysteward: no memory\n");
        ks_free(s);
        return 5;
    }
    s->cx = ks_ctx_new(s->arena, NULL);
    s->cx.actor = KS_S("system");
    s->control_fd = s->ghost_fd = s->signal_fd = -1;
    ks_status st = ks_config_load(&s->cx, argc, argv, &s->config);
    if (st == KS_OK)
        st = run(s);
    int code = st == KS_OK ? 0 : say_failure(s, st);
    if (s->hurry) { /* a cut call may still touch anything: only make the store safe */
        ks_store_close(s->vault.store);
        _exit(code);
    }
    ks_server_close(s);
    ks_arena_free(s->arena);
    ks_free(s);
    return code;
}
