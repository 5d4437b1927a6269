/* store/sqlite_migrate.c — brings a database to the schema this program knows, a transaction a step: a kill
 * in between leaves the last whole step (rule D10). Never goes back. Threads: the opener's. */
#include "store/migrations.h"
#include "store/sqlite_internal.h"

static ks_status failed(ks_ctx *cx, ks_db *db)
{
    int rc = sqlite3_extended_errcode(db->h);
    if ((rc & 0xff) == SQLITE_NOMEM)
        return ks_no_memory(cx);
    return ks_fail(cx, KS_STORE, NULL, "The database schema cannot be read or brought up to date (code %d).",
                   rc);
}

/* The first column of a query's only row; -1 without one, -2 when it fails. */
static int64_t ask(ks_db *db, const char *sql)
{
    sqlite3_stmt *s = NULL;
    int64_t       v = -2;
    if (sqlite3_prepare_v2(db->h, sql, -1, &s, NULL) == SQLITE_OK) {
        int rc = sqlite3_step(s);
        if (rc == SQLITE_ROW)
            v = sqlite3_column_int64(s, 0);
        else if (rc == SQLITE_DONE)
            v = -1;
    }
    sqlite3_finalize(s);
    return v;
}

static ks_status version_of(ks_ctx *cx, ks_db *db, int64_t *version)
{
    int64_t tables = ask(db, "SELECT count(*) FROM sqlite_schema WHERE type='table'");
    int64_t metas = ask(db, "SELECT count(*) FROM sqlite_schema WHERE type='table' AND name='meta'");
    if (tables < 0 || metas < 0)
        return failed(cx, db);
    if (tables == 0) {
        *version = 0;
        return KS_OK;
    }
    int64_t found = metas
                        ? ask(db, "SELECT CAST(CAST(value AS TEXT) AS INTEGER) FROM meta WHERE name='schema'")
                        : -1;
    if (found == -2)
        return failed(cx, db);
    if (found < 1)
        return ks_fail(cx, KS_FORBIDDEN, NULL, "The database file belongs to another program.");
    *version = found;
    return KS_OK;
}

static bool step_up(ks_db *db, int from)
{
    bool good = sqlite3_exec(db->h, "BEGIN IMMEDIATE", NULL, NULL, NULL) == SQLITE_OK &&
                sqlite3_exec(db->h, ks_sqlite_migrations[from], NULL, NULL, NULL) == SQLITE_OK;
    char *sql = good ? sqlite3_mprintf("INSERT INTO meta(name, value) VALUES('schema', '%d') "
                                       "ON CONFLICT(name) DO UPDATE SET value = excluded.value; COMMIT",
                                       from + 1)
                     : NULL;
    good = sql != NULL && sqlite3_exec(db->h, sql, NULL, NULL, NULL) == SQLITE_OK;
    sqlite3_free(sql);
    return good;
}

ks_status ks_sqlite_migrate(ks_ctx *cx, ks_db *db)
{
    int64_t version = 0;
    KS_TRY(version_of(cx, db, &version));
    if (version > ks_sqlite_schema)
        return ks_fail(cx, KS_FORBIDDEN, NULL,
                       "The database has schema version %d, written by a newer program; this one knows up to "
                       "%d. Start the newer program, or restore a backup from before the upgrade.",
                       (int)version, ks_sqlite_schema);
    for (int from = (int)version; from < ks_sqlite_schema; from++) {
        if (!step_up(db, from)) {
            ks_status status = failed(cx, db);
            sqlite3_exec(db->h, "ROLLBACK", NULL, NULL, NULL);
            return status;
        }
    }
    return KS_OK;
}
