/* store/sqlite_internal.h — the SQLite handle, shared by the three files of that driver. */
#pragma once
#include <sqlite3.h>

#include "store/driver.h"

#define KS_SQLITE_PARAMS  40 /* $1..$40 */
#define KS_SQLITE_BUCKETS 64

struct ks_stmt {
    sqlite3_stmt *s;
    const ks_sql *q;
    ks_db        *db;
    ks_stmt      *next; /* in its bucket */
    int64_t       rows; /* stepped since it was started */
    bool          busy;
    bool          once;                 /* not in the cache: the cached one was busy */
    unsigned char at[KS_SQLITE_PARAMS]; /* SQLite's number of $1, $2, ...; 0 = not used */
    unsigned      params;               /* the highest $n */
};

struct ks_db {
    sqlite3 *h;
    ks_stmt *cached[KS_SQLITE_BUCKETS]; /* by the address of their ks_sql */
    int64_t  changed;
    int      wal_pages;
    bool     broken; /* an I/O error was seen: close without another checkpoint */
};

/* sqlite_open.c: choose memory functions; before any other call of the library, as often as you like. */
void ks_sqlite_start(void);

/* sqlite_open.c: `open` and `close` of store/driver.h. */
ks_status ks_sqlite_open(ks_ctx *cx, ks_str where, ks_db_mode mode, ks_db **out);
/* Finalises its statements, checkpoints unless it is broken, closes. NULL is fine. */
void ks_sqlite_close(ks_db *db);

/* sqlite_migrate.c: `migrate` of store/driver.h. */
ks_status ks_sqlite_migrate(ks_ctx *cx, ks_db *db);

/* sqlite.c: forget a prepared statement. */
void ks_sqlite_finalize(ks_stmt *st);
