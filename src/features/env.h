/* features/env.h — the services of this process as one thread sees them. Made by server/ and cli/, read by
 * every feature through cx->env. No feature keeps state of its own. */
#pragma once
#include "base/metrics.h"
#include "crypto/keyring.h"
#include "features/apps/catalog.h"
#include "store/store.h"
#include "upstream/database.h"
#include "upstream/send.h"

typedef enum ks_verify_mode {
    KS_VERIFY_DEFAULT,
    KS_VERIFY_ON,
    KS_VERIFY_OFF,
    KS_VERIFY_REQUIRED
} ks_verify_mode;

/* Settings features read; the whole list with flags and help is server/config.c. */
typedef struct ks_settings {
    ks_verify_mode verify;           /* of integrations that say nothing */
    bool           strict_uses;      /* audit.uses */
    int64_t        calls_keep;       /* days a line of the log of calls lives; 0: there is no log */
    bool           ambiguous_refuse; /* several connections and none named: 400 instead of the newest */
    bool           ghost;            /* all vendors are simulated */
    bool           https;            /* clients reach us by https */
    ks_str         listen;           /* address we listen on; absent in tests */
    int64_t        started_at;       /* us since the Unix epoch */
    ks_str         public_url;       /* how clients reach us, for links and files; absent: as they asked */
} ks_settings;

typedef struct ks_env {
    const ks_settings *settings;
    const ks_catalog  *catalog; /* the server's; what a project sees: ks_catalog_of (features/apps/view.h) */
    struct ks_views   *views;   /* catalogues of projects with own apps; NULL: no project has any */
    ks_keyring        *keys;
    ks_store          *store;
    ks_reader         *reader;    /* this thread's */
    ks_upstream       *upstream;  /* this loop's; on workers: NULL (tails run in the loop) */
    ks_databases      *databases; /* of the process; NULL: none can be reached */
    const ks_exceptions *exceptions;
    struct ks_tokens
        *tokens; /* of all threads: what vendors handed out (actions/token_cache.h); NULL: none */
    struct ks_row_cache    *cache;   /* this thread's rows (features/row_cache.h); NULL: none */
    struct ks_budget_table *budgets; /* of the process; NULL: none is kept (unit tests) */
    ks_metrics             *metrics;
    ks_metrics *const      *all_metrics; /* every shard, for /metrics */
    size_t                  all_metrics_n;
    const _Atomic bool     *stopping; /* for /ready */
} ks_env;
