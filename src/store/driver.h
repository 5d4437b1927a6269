/* store/driver.h — what a database engine must do; tests/store/ runs the same suite on each. One connection,
 * one thread. SQL is shared: $1 parameters, ON CONFLICT, RETURNING; text that differs by engine lives in
 * migrations/ENGINE. */
#pragma once
#include "store/store.h"

typedef struct ks_db   ks_db;   /* one connection */
typedef struct ks_stmt ks_stmt; /* one prepared statement of it, kept for the connection's life */

typedef enum ks_db_mode { KS_DB_READ, KS_DB_WRITE } ks_db_mode;

/* Results of a step, engine-independent. */
typedef enum ks_step {
    KS_STEP_ROW,
    KS_STEP_DONE,
    KS_STEP_UNIQUE,    /* a unique, foreign-key or other constraint refused it; the statement left no trace */
    KS_STEP_FULL,      /* disk full: recoverable; the transaction is gone */
    KS_STEP_NO_MEMORY, /* recoverable; the transaction is gone */
    KS_STEP_FAILED     /* I/O or engine error: this handle must not be used again (rule D2) */
} ks_step;

typedef struct ks_driver {
    const char *name;
    ks_status (*open)(ks_ctx *cx, ks_str where, ks_db_mode mode, ks_db **out);
    void (*close)(ks_db *db);
    ks_step (*begin)(ks_db *db);
    ks_step (*savepoint)(ks_db *db);
    ks_step (*release)(ks_db *db);
    ks_step (*undo)(ks_db *db); /* back to the savepoint, and end it */
    ks_step (*commit)(ks_db *db);
    void (*rollback)(ks_db *db);
    /* Run a statement to its first row or end. With a row, *stmt stays open until `reset`, and the values
     * must live as long; without one it is NULL. */
    ks_step (*exec)(ks_db *db, const ks_sql *q, const ks_val *v, size_t n, ks_stmt **stmt);
    ks_step (*next)(ks_stmt *stmt);
    void (*reset)(ks_stmt *stmt); /* NULL is fine */
    int64_t (*column_int)(ks_stmt *stmt, unsigned col);
    ks_str (*column_text)(ks_stmt *stmt, unsigned col); /* valid until the next step; absent for NULL */
    int64_t (*changed)(
        ks_db *db); /* rows touched by the last statement run to its end; of a query: its rows */
    ks_status (*migrate)(ks_ctx *cx, ks_db *db); /* forward, transactional, resumable (rule D10) */
    int (*checkpoint)(ks_db *db); /* WAL pages left after a passive pass; 0 for engines without; -1 failed */
    int (*pending)(ks_db *db);    /* WAL pages after this handle's last commit; 0 for engines without */
    int (*code)(ks_db *db);       /* the engine's last error number, for the log */
} ks_driver;

extern const ks_driver ks_sqlite_driver;
