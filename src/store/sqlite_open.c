/* store/sqlite_open.c — opening an SQLite handle: memory, VFS and settings. Statements: sqlite.c.
 *
 * All handles of the process use the "unix-excl" VFS: the WAL index is in private memory, which saves two
 * fcntl(2) a read (12.6 against 14.9 us a request), and no other process can open the file meanwhile.
 * Threads: one per handle. */
#include <malloc.h>
#include <pthread.h>

#include "base/alloc.h"
#include "store/sqlite_internal.h"

#define BUSY_MS        1000 /* no other process can hold a lock; this covers recovery at start */
#define WAL_KEEP_BYTES (64 * 1024 * 1024) /* a larger WAL is cut to this when it restarts */

static void *mem_alloc(int n)
{
    return n > 0 ? ks_malloc((size_t)n) : NULL;
}

static void *mem_realloc(void *p, int n)
{
    return ks_realloc(p, n > 0 ? (size_t)n : 0);
}

static int mem_size(void *p)
{
    return p ? (int)malloc_usable_size(p) : 0;
}

static int mem_roundup(int n)
{
    return (n + 7) & ~7;
}

static int mem_init(void *unused)
{
    (void)unused;
    return SQLITE_OK;
}

static void mem_done(void *unused)
{
    (void)unused;
}

/* Freed memory is wiped, and the out-of-memory tests reach into SQLite. Refused harmlessly when somebody
 * started the library before us. */
static void configure(void)
{
    static const sqlite3_mem_methods heap = {.xMalloc = mem_alloc,
                                             .xFree = ks_free,
                                             .xRealloc = mem_realloc,
                                             .xSize = mem_size,
                                             .xRoundup = mem_roundup,
                                             .xInit = mem_init,
                                             .xShutdown = mem_done};
    sqlite3_config(SQLITE_CONFIG_MALLOC, &heap);
    sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);       /* spares a lock an allocation */
    sqlite3_config(SQLITE_CONFIG_LOOKASIDE, 512, 48); /* 24 kB a handle */
}

static int remember_wal(void *db, sqlite3 *h, const char *name, int pages)
{
    (void)h;
    (void)name;
    ((ks_db *)db)->wal_pages = pages;
    return SQLITE_OK;
}

static bool set_up(ks_db *db, ks_db_mode mode)
{
    static const struct {
        int op, value;
    } switches[] = {
        {SQLITE_DBCONFIG_DEFENSIVE, 1}, {SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0}, {SQLITE_DBCONFIG_ENABLE_FKEY, 1},
        {SQLITE_DBCONFIG_DQS_DDL, 0},   {SQLITE_DBCONFIG_DQS_DML, 0},        {SQLITE_DBCONFIG_ENABLE_VIEW, 0},
    };
    for (size_t i = 0; i < KS_COUNT(switches); i++) {
        if (sqlite3_db_config(db->h, switches[i].op, switches[i].value, NULL) != SQLITE_OK)
            return false;
    }
    sqlite3_extended_result_codes(db->h, 1);
    sqlite3_busy_timeout(db->h, BUSY_MS);
    if (sqlite3_exec(db->h,
                     "PRAGMA cell_size_check=ON; PRAGMA temp_store=MEMORY; PRAGMA secure_delete=ON;"
                     "PRAGMA synchronous=FULL; PRAGMA wal_autocheckpoint=0;",
                     NULL, NULL, NULL) != SQLITE_OK)
        return false;
    if (mode == KS_DB_READ)
        return sqlite3_exec(db->h, "PRAGMA cache_size=-8192; PRAGMA query_only=ON", NULL, NULL, NULL) ==
               SQLITE_OK;
    sqlite3_wal_hook(db->h, remember_wal, db);
    char *sql = sqlite3_mprintf(
        "PRAGMA cache_size=-8192; PRAGMA journal_mode=WAL; PRAGMA journal_size_limit=%d", WAL_KEEP_BYTES);
    int rc = sql ? sqlite3_exec(db->h, sql, NULL, NULL, NULL) : SQLITE_NOMEM;
    sqlite3_free(sql);
    return rc == SQLITE_OK;
}

void ks_sqlite_start(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, configure);
}

/* Readers open for writing too, but with query_only: the VFS shares its locks among equal handles only. */
ks_status ks_sqlite_open(ks_ctx *cx, ks_str where, ks_db_mode mode, ks_db **out)
{
    ks_sqlite_start();
    ks_str path = ks_copy(cx, where);
    ks_db *db = ks_calloc(1, sizeof *db);
    if (path.p == NULL || db == NULL) {
        ks_free(db);
        return ks_no_memory(cx);
    }
    int rc = sqlite3_open_v2(path.p, &db->h, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX,
                             "unix-excl");
    if (rc == SQLITE_OK && set_up(db, mode)) {
        *out = db;
        return KS_OK;
    }
    rc = db->h ? sqlite3_extended_errcode(db->h) : SQLITE_NOMEM;
    ks_sqlite_close(db);
    if ((rc & 0xff) == SQLITE_NOMEM || rc == SQLITE_IOERR_NOMEM)
        return ks_no_memory(cx);
    if ((rc & 0xff) == SQLITE_BUSY)
        return ks_fail(cx, KS_CONFLICT, NULL,
                       "Another program has the database of this data folder open, most likely a server that "
                       "runs. Stop it, or name another folder.");
    if ((rc & 0xff) == SQLITE_NOTADB)
        return ks_fail(cx, KS_STORE, NULL, "The database file is none of SQLite. Restore it from a backup.");
    return ks_fail(cx, KS_STORE, NULL, "The database cannot be opened (code %d).", rc);
}

void ks_sqlite_close(ks_db *db)
{
    if (db == NULL)
        return;
    for (size_t i = 0; i < KS_SQLITE_BUCKETS; i++) {
        for (ks_stmt *st = db->cached[i], *next; st != NULL; st = next) {
            next = st->next;
            ks_sqlite_finalize(st);
        }
    }
    if (db->broken && db->h != NULL)
        sqlite3_db_config(db->h, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
    sqlite3_close_v2(db->h);
    ks_free(db);
}
