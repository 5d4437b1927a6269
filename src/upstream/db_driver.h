/* upstream/db_driver.h — what a database driver is: five functions that block on descriptors only, and only
 * through ks_db_wait, so that a deadline or a caller who left ends any of them. Internal to upstream/.
 * Threads: one connection belongs to one worker at a time. */
#pragma once
#include "base/secret.h"
#include "upstream/database.h"

/* What went wrong, and at which step: of connecting, or of the statement. */
typedef enum ks_db_step {
    KS_DB_FINE,
    KS_DB_REFUSED,   /* our address policy, or TLS off to an address nobody listed */
    KS_DB_NAME,      /* the host's name has no address */
    KS_DB_TCP,       /* no connection */
    KS_DB_TLS,       /* no TLS, or not the server it should be */
    KS_DB_LOGIN,     /* user, password or database were refused */
    KS_DB_RIGHTS,    /* logged in, but may do too little or too much */
    KS_DB_STATEMENT, /* the statement is at fault; the connection is fine */
    KS_DB_TIMEOUT,   /* our deadline, or the database's own */
    KS_DB_STOPPED,   /* ks_db_run_stop */
    KS_DB_BROKEN,    /* the connection ended while a statement ran */
    KS_DB_MEMORY
} ks_db_step;

/* Texts of servers and libraries may hold what the caller sent (rule S3): `text` goes to the caller alone,
 * after the search for secrets, and never into a log. */
typedef struct ks_db_error {
    ks_db_step  step;
    const char *why;      /* a literal of ours, an unfinished sentence: "the server does not offer TLS" */
    char        code[16]; /* SQLSTATE, vendor's code or a word of ours; "" when there is none */
    ks_buf      text;     /* what the server said of the caller's statement; else empty */
    bool        dead;     /* the connection must not be used again */
    bool        unsent;   /* nothing of the statement has left: it may be tried on another connection */
    bool        unknown;  /* a change may have been made all the same: the end of its commit was not seen */
} ks_db_error;

/* Note step, reason (a literal) and code (may be NULL; cut to its room). Returns false, for `return`. */
bool ks_db_fail(ks_db_error *e, ks_db_step step, const char *why, const char *code);

/* Until when, and who may end it earlier. */
typedef struct ks_db_limit {
    int64_t deadline_us; /* monotonic */
    int     stop_fd;     /* readable: stop; -1: nobody can */
} ks_db_limit;

/* Wait until `fd` is ready for `events` (POLLIN, POLLOUT). False: *e says TIMEOUT (`late` is its reason) or
 * STOPPED. */
bool ks_db_wait(const ks_db_limit *l, int fd, short events, const char *late, ks_db_error *e);

/* What is left of it in ms, at least 1. */
int ks_db_left_ms(const ks_db_limit *l);

/* One address that may be dialled. */
typedef struct ks_db_address {
    struct sockaddr_storage sa;
    socklen_t               len;
    char                    text[64]; /* numeric, without brackets and port */
} ks_db_address;

#define KS_DB_ADDRESSES 4

typedef struct ks_db_names ks_db_names; /* upstream/db_name.h */

/* Resolve the target's host here and judge every address (rule N4). *n of them, at least one, may be dialled;
 * no driver resolves again. False: NAME, REFUSED or STOPPED. */
bool ks_db_resolve(const ks_db_options *o, ks_db_names *names, const ks_db_target *t, const ks_db_limit *l,
                   ks_db_address out[KS_DB_ADDRESSES], size_t *n, ks_db_error *e);

/* A file that exists in memory only, for libraries that read certificates by path: n bytes, mode 0600. Its
 * path
 * ("/proc/self/fd/7") goes to `path`. -1 when it cannot be made; close(2) ends it. */
int ks_db_file(ks_str bytes, char path[32]);

/* Takes a result while it comes, in this order: columns once, then for each row its values and row_end. */
typedef struct ks_db_sink ks_db_sink;

/* The columns; `type` as the database calls it, lower case. */
void ks_db_sink_column(ks_db_sink *s, ks_str name, ks_str type);
/* The next value of the row. */
void ks_db_sink_value(ks_db_sink *s, const ks_db_value *v);
/* The row is complete. False: the limits are reached (or memory is short); stop, and get rid of the rest. */
KS_MUST bool ks_db_sink_row(ks_db_sink *s);
/* How many rows a statement without columns changed. */
void ks_db_sink_changed(ks_db_sink *s, int64_t rows);
/* Bytes that one row may take on the wire before it is given up. */
size_t ks_db_sink_room(const ks_db_sink *s);

struct ks_db_driver {
    const char *name; /* as in app files */
    uint16_t    port;
    /* Process-wide set-up before any thread; also clears what the library would read from the environment.
     * NULL: nothing to do. */
    bool (*start)(void);
    /* Connect to one of the addresses, log in, check the rights, set up the session. *conn only when true. */
    bool (*open)(const ks_db_target *t, const ks_db_address *at, size_t n, const char *ca_file,
                 const ks_db_limit *l, void **conn, ks_db_error *e);
    /* Run the one statement with its parameters, read-only unless t->write; cancel it in the database when
     * `l` ends it. The connection is at rest again afterwards, or e->dead. */
    bool (*run)(void *conn, const ks_db_call *call, const ks_db_limit *l, ks_db_sink *s, ks_db_error *e);
    /* Before it waits for its next use: nothing of the last caller stays (variables, temporary tables,
     * locks). False: close it. */
    bool (*reset)(void *conn, const ks_db_limit *l);
    /* Is it still there, as far as that can be seen without a round trip? */
    bool (*alive)(void *conn);
    void (*close)(void *conn);
};

extern const ks_db_driver ks_db_postgresql; /* db_pg.c */
extern const ks_db_driver ks_db_mysql;      /* db_mysql.c; MariaDB, too */
extern const ks_db_driver ks_db_redis;      /* db_redis.c */
