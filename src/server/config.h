/* server/config.h — every setting of `serve`, in one table: flag, environment variable, name in the file,
 * type, default, help. Sources in order: flag, environment (KEYSTEWARD_NAME), file (--config, YAML), default.
 * It reads no secrets: the root key is named here, never given. Threads: start-up only. */
#pragma once
#include "base/ctx.h"
#include "server/flag.h"

typedef struct ks_texts {
    const ks_str *at;
    size_t        n;
} ks_texts;

typedef struct ks_config {
    ks_str   config; /* the file that was read; absent: none */
    ks_str   listen, data, apps;
    ks_texts allow_private;
    ks_str   verify; /* on, off, required */
    bool     ghost;
    ks_str   tls_cert, tls_key;
    bool     behind_proxy;
    ks_str   root_key; /* path; absent: DATA/root.key */
    int64_t  root_key_fd;
    bool     require_mlock;
    ks_str   audit_uses, ambiguous, public_url, ca_file;
    int64_t  calls_keep; /* days; 0: no log of calls */
    int64_t  threads, max_connections, calls_per_project, calls_per_loop, max_wait, statement_seconds;
    bool     access_log;
    ks_str   log_level;
} ks_config;

/* Kinds of values. */
typedef enum ks_option_kind {
    KS_OPT_TEXT,
    KS_OPT_CHOICE, /* one of `choices` */
    KS_OPT_SWITCH, /* flag alone, or true/false in environment and file */
    KS_OPT_NUMBER, /* within min..max */
    KS_OPT_LIST    /* repeated flag; commas in the environment; a list in the file */
} ks_option_kind;

typedef struct ks_option {
    ks_flag        flag;
    ks_option_kind kind;
    size_t         offset;   /* into ks_config */
    const char    *fallback; /* as text; NULL: none */
    const char    *choices;  /* "on|off|required" */
    int64_t        min, max;
    bool           relaxes; /* loosens a rule when set: named in the log at start */
} ks_option;

extern const ks_option ks_options[];
extern const size_t    ks_options_n;

/* Read all sources; argv holds the words behind `serve`. What *out holds lives in the arena of `cx`.
 * INVALID with the option and its source, never the value. */
KS_MUST ks_status ks_config_load(ks_ctx *cx, int argc, char *const *argv, ks_config *out);

/* "KEYSTEWARD_TLS_CERT" of an option. Absent when memory is short. */
ks_str ks_option_env(ks_ctx *cx, const ks_option *o);
/* "tls_cert": its name in the file, likewise. */
ks_str ks_option_key(ks_ctx *cx, const ks_option *o);

/* Where data lies when nothing else is said: $XDG_DATA_HOME/keysteward or ~/.local/share/keysteward, and
 * /var/lib/keysteward for root. */
ks_str ks_default_data(ks_ctx *cx);
