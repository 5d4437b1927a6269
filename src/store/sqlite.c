/* store/sqlite.c — the SQLite driver: prepared statements kept by the address of their text, steps
 * translated. Opening: sqlite_open.c; schema: sqlite_migrate.c. Threads: one per handle. */
#include <stdlib.h>

#include "base/alloc.h"
#include "store/sqlite_internal.h"

/* SQLite's result as the contract's. */
static ks_step step_of(ks_db *db, int rc)
{
    switch (rc & 0xff) {
    case SQLITE_ROW:
        return KS_STEP_ROW;
    case SQLITE_OK:
    case SQLITE_DONE:
        return KS_STEP_DONE;
    case SQLITE_CONSTRAINT:
        return KS_STEP_UNIQUE;
    case SQLITE_NOMEM:
        return KS_STEP_NO_MEMORY;
    case SQLITE_FULL:
        db->broken = true;
        return KS_STEP_FULL;
    default:
        if (rc == SQLITE_IOERR_NOMEM)
            return KS_STEP_NO_MEMORY;
        db->broken = true;
        return KS_STEP_FAILED;
    }
}

void ks_sqlite_finalize(ks_stmt *st)
{
    sqlite3_finalize(st->s);
    ks_free(st);
}

static ks_stmt **bucket(ks_db *db, const ks_sql *q)
{
    return &db->cached[((uintptr_t)q / sizeof *q) % KS_SQLITE_BUCKETS];
}

/* SQLite numbers parameters by first appearance; ours are named. False when one is no $1..$40. */
static bool map_params(ks_stmt *st)
{
    int count = sqlite3_bind_parameter_count(st->s);
    for (int i = 1; i <= count; i++) {
        const char *name = sqlite3_bind_parameter_name(st->s, i);
        uint64_t    n;
        if (name == NULL || name[0] != '$' || !ks_str_u64(ks_str_of(name + 1), &n) || n < 1 ||
            n > KS_SQLITE_PARAMS || i > UINT8_MAX)
            return false;
        st->at[n - 1] = (unsigned char)i;
        if (n > st->params)
            st->params = (unsigned)n;
    }
    return true;
}

static ks_step prepare(ks_db *db, const ks_sql *q, bool once, ks_stmt **out)
{
    ks_stmt *st = ks_calloc(1, sizeof *st);
    if (st == NULL)
        return KS_STEP_NO_MEMORY;
    *st = (ks_stmt){.q = q, .db = db, .once = once};
    int rc = sqlite3_prepare_v3(db->h, q->text, -1, once ? 0 : SQLITE_PREPARE_PERSISTENT, &st->s, NULL);
    if (rc != SQLITE_OK || !map_params(st)) {
        ks_sqlite_finalize(st);
        return step_of(db, rc != SQLITE_OK ? rc : SQLITE_MISUSE);
    }
    if (!once) {
        ks_stmt **b = bucket(db, q);
        st->next = *b;
        *b = st;
    }
    *out = st;
    return KS_STEP_DONE;
}

/* A statement ready to be bound: the kept one, or one for this once when that is still being read. */
static ks_step find(ks_db *db, const ks_sql *q, ks_stmt **out)
{
    for (ks_stmt *st = *bucket(db, q); st != NULL; st = st->next) {
        if (st->q == q && st->busy)
            return prepare(db, q, true, out);
        if (st->q == q) {
            *out = st;
            return KS_STEP_DONE;
        }
    }
    return prepare(db, q, false, out);
}

static int bind_one(sqlite3_stmt *s, int at, const ks_val *v)
{
    switch (v->kind) {
    case KS_VAL_INT:
        return sqlite3_bind_int64(s, at, v->i);
    case KS_VAL_TEXT:
        return v->s.p ? sqlite3_bind_text64(s, at, v->s.p, v->s.n, SQLITE_STATIC, SQLITE_UTF8)
                      : sqlite3_bind_null(s, at);
    case KS_VAL_BLOB:
        return v->s.p ? sqlite3_bind_blob64(s, at, v->s.p, v->s.n, SQLITE_STATIC) : sqlite3_bind_null(s, at);
    default:
        return sqlite3_bind_null(s, at);
    }
}

static int bind_all(ks_stmt *st, const ks_val *v, size_t n)
{
    if (n < st->params)
        return SQLITE_RANGE;
    for (size_t i = 0; i < st->params; i++) {
        int rc = st->at[i] ? bind_one(st->s, st->at[i], &v[i]) : SQLITE_OK;
        if (rc != SQLITE_OK)
            return rc;
    }
    return SQLITE_OK;
}

static void db_reset(ks_stmt *st)
{
    if (st == NULL)
        return;
    sqlite3_reset(st->s);
    sqlite3_clear_bindings(st->s); /* they point into the caller's memory */
    st->busy = false;
    if (st->once)
        ks_sqlite_finalize(st);
}

static ks_step db_next(ks_stmt *st)
{
    ks_step step = step_of(st->db, sqlite3_step(st->s));
    if (step == KS_STEP_ROW)
        st->rows++;
    else if (step == KS_STEP_DONE)
        st->db->changed = sqlite3_stmt_readonly(st->s) ? st->rows : sqlite3_changes64(st->db->h);
    return step;
}

static ks_step db_exec(ks_db *db, const ks_sql *q, const ks_val *v, size_t n, ks_stmt **out)
{
    ks_stmt *st = NULL;
    *out = NULL;
    ks_step step = find(db, q, &st);
    if (step != KS_STEP_DONE)
        return step;
    st->busy = true;
    st->rows = 0;
    int rc = bind_all(st, v, n);
    step = rc == SQLITE_OK ? db_next(st) : step_of(db, rc);
    if (step == KS_STEP_ROW)
        *out = st;
    else
        db_reset(st);
    return step;
}

/* A statement without values and rows. */
static ks_step run(ks_db *db, const ks_sql *q)
{
    ks_stmt *none;
    return db_exec(db, q, NULL, 0, &none);
}

static ks_step db_begin(ks_db *db)
{
    static const ks_sql q = {"BEGIN IMMEDIATE"};
    return run(db, &q);
}

static ks_step db_savepoint(ks_db *db)
{
    static const ks_sql q = {"SAVEPOINT one"};
    return run(db, &q);
}

static ks_step db_release(ks_db *db)
{
    static const ks_sql q = {"RELEASE one"};
    return run(db, &q);
}

static ks_step db_undo(ks_db *db)
{
    static const ks_sql q = {"ROLLBACK TO one"};
    ks_step             step = run(db, &q);
    return step == KS_STEP_DONE ? db_release(db) : step;
}

static ks_step db_commit(ks_db *db)
{
    static const ks_sql q = {"COMMIT"};
    return run(db, &q);
}

static void db_rollback(ks_db *db)
{
    static const ks_sql q = {"ROLLBACK"};
    if (!sqlite3_get_autocommit(db->h))
        (void)!run(db, &q);
}

static int64_t db_column_int(ks_stmt *st, unsigned col)
{
    return sqlite3_column_int64(st->s, (int)col);
}

static ks_str db_column_text(ks_stmt *st, unsigned col)
{
    if (sqlite3_column_type(st->s, (int)col) == SQLITE_NULL)
        return KS_NO_STR;
    int type = sqlite3_column_type(st->s, (int)col);
    if (type == SQLITE_BLOB || type == SQLITE_TEXT) { /* the bytes as they are: needs no memory */
        const char *p = sqlite3_column_blob(st->s, (int)col);
        return (ks_str){p ? p : "", (size_t)sqlite3_column_bytes(st->s, (int)col)};
    }
    return ks_str_of((const char *)sqlite3_column_text(st->s, (int)col));
}

static int64_t db_changed(ks_db *db)
{
    return db->changed;
}

static int db_checkpoint(ks_db *db)
{
    int log = 0, copied = 0;
    int rc = sqlite3_wal_checkpoint_v2(db->h, NULL, SQLITE_CHECKPOINT_PASSIVE, &log, &copied);
    if (rc == SQLITE_BUSY)
        return 0; /* the other handle is at it */
    if (rc != SQLITE_OK)
        return -1;
    return log > copied ? log - copied : 0;
}

static int db_pending(ks_db *db)
{
    return db->wal_pages;
}

static int db_code(ks_db *db)
{
    return sqlite3_extended_errcode(db->h);
}

const ks_driver ks_sqlite_driver = {
    .name = "sqlite",
    .open = ks_sqlite_open,
    .close = ks_sqlite_close,
    .begin = db_begin,
    .savepoint = db_savepoint,
    .release = db_release,
    .undo = db_undo,
    .commit = db_commit,
    .rollback = db_rollback,
    .exec = db_exec,
    .next = db_next,
    .reset = db_reset,
    .column_int = db_column_int,
    .column_text = db_column_text,
    .changed = db_changed,
    .migrate = ks_sqlite_migrate,
    .checkpoint = db_checkpoint,
    .pending = db_pending,
    .code = db_code,
};
