/* upstream/database.h — the door out to databases: a statement as data, run on a thread of its own, its rows
 * as the JSON of a ks_answer, so that whoever sent it reads it as any vendor's. Knows no apps and no HTTP.
 * Rules N4 (addresses), S3, S6 (texts). Threads: a pool of connections and workers for the whole process. */
#pragma once
#include "base/json.h"
#include "base/loop.h"
#include "base/metrics.h"
#include "base/pipe.h"
#include "upstream/address.h"
#include "upstream/call.h"

/* How much the connection must prove. */
typedef enum ks_db_tls {
    KS_DB_TLS_OFF,     /* plain; to addresses only that the operator listed */
    KS_DB_TLS_ENCRYPT, /* whoever answers is believed */
    KS_DB_TLS_CA,      /* the certificate comes from the CA */
    KS_DB_TLS_FULL     /* and is made out to the host: the default */
} ks_db_tls;

typedef struct ks_db_driver ks_db_driver; /* upstream/db_driver.h */

/* Where, and as whom. Everything is borrowed from the arena of the call. */
typedef struct ks_db_target {
    const ks_db_driver *driver;
    ks_str              host; /* a name or an address, never a path */
    uint16_t            port;
    ks_str              database, user; /* absent: none */
    const ks_secret    *password;       /* NULL: none */
    ks_db_tls           tls;
    ks_str              ca, certificate; /* PEM; absent: the system's CAs, no certificate of our own */
    const ks_secret    *key;             /* PEM, of `certificate` */
    bool                write;           /* false: the database itself is told to refuse changes */
    bool                superuser;       /* true: an account that may do anything is let in */
} ks_db_target;

typedef enum ks_db_kind {
    KS_DB_NULL,
    KS_DB_BOOL,  /* i: 0 or 1 */
    KS_DB_INT,   /* i */
    KS_DB_REAL,  /* s: the text of a number, or NaN and the like */
    KS_DB_EXACT, /* s: a decimal of any length, which a JSON number may not hold */
    KS_DB_TEXT,  /* s: UTF-8; what is none is shown as bytes */
    KS_DB_BYTES, /* s */
    KS_DB_JSON,  /* s: JSON text; of a parameter: `json` is its tree */
    KS_DB_LIST,  /* results: begins a list, up to KS_DB_END; of a parameter: `json` is the list */
    KS_DB_MAP,   /* results: begins a map: then a KS_DB_TEXT and its value in turn, up to KS_DB_END */
    KS_DB_END
} ks_db_kind;

typedef struct ks_db_value {
    ks_db_kind     kind;
    int64_t        i;
    ks_str         s;
    const ks_json *json;
} ks_db_value;

/* One statement. Pure data, shown by explain, run by ks_db_run. */
typedef struct ks_db_call {
    ks_db_target       target;
    ks_str             statement; /* one, with the driver's own placeholders; of redis: the command's name */
    const ks_db_value *params;
    size_t             params_n;
    ks_str             app, project_id, connection_id; /* connection_id absent: never pooled */
    uint64_t           version;      /* of the credential: another one, another connection */
    const ks_secret *const *secrets; /* what must not come back (rule S6) */
    size_t                  secrets_n;
    unsigned                connect_ms, run_ms; /* 0: KS_DB_CONNECT_MS, the options' */
    size_t max_rows, max_bytes; /* 0: KS_DB_MAX_ROWS (streamed: any number), KS_UP_MAX_ANSWER (of a row) */
} ks_db_call;

/* By the name in an app file ("postgresql", "mysql", "redis"); NULL: there is none. */
const ks_db_driver *ks_db_driver_find(ks_str name);
/* The port such a server listens on by default. */
uint16_t ks_db_driver_port(const ks_db_driver *d);

/* ---- running ---- */

typedef struct ks_databases ks_databases; /* the pool of the process */

typedef struct ks_db_options {
    const ks_exceptions *exceptions;  /* borrowed; NULL: none */
    ks_str               ca_file;     /* PEM bundle; absent: the distribution's */
    bool                 listed_only; /* --ghost: dial only what the operator listed */
    unsigned             run_ms;      /* one statement; 0: KS_DB_RUN_MS */
    ks_metrics          *metrics;
} ks_db_options;

/* Process-wide set-up of all drivers, once, before any thread; nothing of the environment reaches them.
 * False: must not start. */
KS_MUST bool ks_databases_start(void);

/* NO_MEMORY. Free before the exceptions go. */
KS_MUST ks_status ks_databases_new(ks_ctx *cx, const ks_db_options *o, ks_databases **out);
/* Stops what runs, waits for it, closes all connections. NULL is fine. */
void ks_databases_free(ks_databases *d);
/* From now on `loop` sees to it that idle connections are closed in time; until ks_databases_unwatch, before
 * the loop goes. Its thread, or none is running yet. */
void ks_databases_watch(ks_databases *d, ks_loop *loop);
void ks_databases_unwatch(ks_databases *d); /* NULL is fine */
/* The longest time one statement may take here, in ms; NULL: the default. */
unsigned ks_databases_run_ms(const ks_databases *d);
/* Connections at rest now. */
size_t ks_databases_pooled(ks_databases *d);

/* One statement under way. */
typedef struct ks_db_run ks_db_run;

/* Run `call` on a worker; both and `cx` must live until done. done(arg, answer) is called exactly once, from
 * the worker, or from inside this function when the call cannot even begin. The answer is in the arena of
 * `cx`: 200  {"columns": [{"name","type"}], "rows": [[...]], "row_count", "truncated", "took_ms"} 400  the
 * statement is at fault, 401 the login was refused, 403 rights are missing, 504 it took too long:
 *        {"error": {"step", "code", "message"}}
 * and outcomes KS_UP_UNREACHED (with the step in `why`), KS_UP_REFUSED, KS_UP_BROKEN, KS_UP_BUSY. NULL when
 * memory is short. */
ks_db_run *ks_db_run_new(ks_databases *d, ks_ctx *cx, const ks_db_call *call,
                         void (*done)(void *arg, ks_answer *a), void *arg);
/* Before it is started: its rows leave as lines while they come (docs/databases.md "Streams"), at most a few
 * pieces ahead of who reads them. head(arg, a) is called in `loop` at the first of them, `a` being a 200
 * without a body, and gives a reference to the pipe they go into, NULL: nobody wants them. A pipe that is
 * broken stops the statement. `done` is called in `loop`, too, when all has gone its way; without a head
 * before it, its answer says why nothing came. From the head on `cx` is the loop's. False when memory or
 * descriptors are short; then it must not be started. */
KS_MUST bool ks_db_run_stream(ks_db_run *r, ks_loop *loop, ks_pipe *(*head)(void *arg, const ks_answer *a));
void         ks_db_run_start(ks_db_run *r);
/* Nobody waits for the answer any more: the statement is cancelled in the database. Any thread, until done.
 */
void ks_db_run_stop(ks_db_run *r);

/* The call as JSON for `explain`: driver, host, port, user, database, TLS, read-only or not, statement and
 * parameters; the password by name only. */
void ks_db_call_explain(ks_ctx *cx, const ks_db_call *call, ks_jw *w, const char *name);
