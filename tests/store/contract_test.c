/* tests/store/contract_test.c — what store/driver.h asks of every engine; each test runs on each driver of
 * the table. To add one: a line in `drivers`, a folder or server for it in `where_of`. */
#include <stdlib.h>
#include <unistd.h>

#include "store/driver.h"
#include "tests/support/dir.h"
#include "tests/support/test.h"

static const ks_driver *const drivers[] = {&ks_sqlite_driver};

typedef struct world {
    char             dir[64];
    ks_arena        *arena;
    ks_ctx           cx;
    const ks_driver *d;
    ks_str           where;
    ks_db           *db, *reader;
} world;

static ks_db *open_handle(world *w, ks_db_mode mode)
{
    ks_db *db = NULL;
    assert_int_equal(w->d->open(&w->cx, w->where, mode, &db), KS_OK);
    return db;
}

static void start(world *w, const ks_driver *d)
{
    *w = (world){.dir = "/tmp/ks-contract-XXXXXX", .arena = ks_arena_new(1 << 22), .d = d};
    assert_non_null(mkdtemp(w->dir));
    w->cx = ks_ctx_new(w->arena, NULL);
    w->where = ks_fmt(&w->cx, "%s/keysteward.db", w->dir);
    w->db = open_handle(w, KS_DB_WRITE);
    assert_int_equal(d->migrate(&w->cx, w->db), KS_OK);
    w->reader = open_handle(w, KS_DB_READ);
}

static void finish(world *w)
{
    w->d->close(w->reader);
    w->d->close(w->db);
    remove_dir(w->dir);
    ks_arena_free(w->arena);
}

/* The body that follows runs once a driver, in a fresh database with `w`. */
#define ON_EACH_DRIVER(w)                                                                                    \
    for (size_t i_ = 0; i_ < KS_COUNT(drivers) && (start(w, drivers[i_]), true); finish(w), i_++)

static ks_step run(world *w, ks_db *db, const ks_sql *q, const ks_val *v, size_t n)
{
    ks_stmt *st;
    ks_step  step = w->d->exec(db, q, v, n, &st);
    w->d->reset(st);
    return step;
}

static int64_t number(world *w, ks_db *db, const ks_sql *q)
{
    ks_stmt *st;
    assert_int_equal(w->d->exec(db, q, NULL, 0, &st), KS_STEP_ROW);
    int64_t v = w->d->column_int(st, 0);
    w->d->reset(st);
    return v;
}

static const ks_sql put = {"INSERT INTO meta(name, value) VALUES($1, $2)"};
static const ks_sql count = {"SELECT count(*) FROM meta WHERE name LIKE 'k%'"};

static ks_step put_key(world *w, const char *key)
{
    return run(w, w->db, &put, KS_VALS(KS_V(ks_str_of(key)), KS_VB(KS_S("v"))));
}

static void migrating_twice_changes_nothing(void **state)
{
    world w;
    (void)state;
    static const ks_sql schema = {
        "SELECT CAST(CAST(value AS TEXT) AS INTEGER) FROM meta WHERE name = 'schema'"};
    ON_EACH_DRIVER(&w)
    {
        int64_t before = number(&w, w.db, &schema);
        assert_true(before >= 1);
        assert_int_equal(w.d->migrate(&w.cx, w.db), KS_OK);
        assert_int_equal(number(&w, w.db, &schema), before);
    }
}

static void parameters_are_bound_by_their_number_not_by_their_place(void **state)
{
    world w;
    (void)state;
    static const ks_sql q = {"SELECT $3, $1, $2, $1"};
    ON_EACH_DRIVER(&w)
    {
        ks_stmt *st;
        assert_int_equal(w.d->exec(w.db, &q, KS_VALS(KS_VI(1), KS_VI(2), KS_VI(3)), &st), KS_STEP_ROW);
        assert_int_equal(w.d->column_int(st, 0), 3);
        assert_int_equal(w.d->column_int(st, 1), 1);
        assert_int_equal(w.d->column_int(st, 2), 2);
        assert_int_equal(w.d->column_int(st, 3), 1);
        assert_int_equal(w.d->next(st), KS_STEP_DONE);
        w.d->reset(st);
    }
}

static void values_come_back_as_they_were_bound(void **state)
{
    world w;
    (void)state;
    static const ks_sql get = {"SELECT value FROM meta WHERE name = $1"};
    static const char   bytes[] = "\0\xff\x80 '\"\n";
    const ks_str        blob = {bytes, sizeof bytes};
    ON_EACH_DRIVER(&w)
    {
        ks_stmt *st;
        assert_int_equal(run(&w, w.db, &put, KS_VALS(KS_V(KS_S("gr\xc3\xbc\xc3\x9f")), KS_VB(blob))),
                         KS_STEP_DONE);
        assert_int_equal(w.d->exec(w.db, &get, KS_VALS(KS_V(KS_S("gr\xc3\xbc\xc3\x9f"))), &st), KS_STEP_ROW);
        assert_true(ks_str_eq(w.d->column_text(st, 0), blob));
        w.d->reset(st);
    }
}

static void numbers_keep_all_64_bits_and_null_is_not_empty(void **state)
{
    world w;
    (void)state;
    static const ks_sql q = {"SELECT $1, $2, $3, $4, $5"};
    ON_EACH_DRIVER(&w)
    {
        ks_stmt *st;
        assert_int_equal(
            w.d->exec(w.db, &q,
                      KS_VALS(KS_VI(INT64_MIN), KS_VI(INT64_MAX), KS_VNULL, KS_V(KS_NO_STR), KS_V(KS_S(""))),
                      &st),
            KS_STEP_ROW);
        assert_true(w.d->column_int(st, 0) == INT64_MIN);
        assert_true(w.d->column_int(st, 1) == INT64_MAX);
        assert_null(w.d->column_text(st, 2).p);
        assert_null(w.d->column_text(st, 3).p);
        assert_non_null(w.d->column_text(st, 4).p);
        assert_int_equal(w.d->column_text(st, 4).n, 0);
        w.d->reset(st);
    }
}

static void a_constraint_is_told_and_undone_to_the_savepoint(void **state)
{
    world w;
    (void)state;
    static const ks_sql orphan = {
        "INSERT INTO api_keys(id, project_id, digest, prefix, name, scopes, created_at) "
        "VALUES('ak_1', 'pr_none', $1, 'p', 'n', 1, 1)"};
    ON_EACH_DRIVER(&w)
    {
        assert_int_equal(w.d->begin(w.db), KS_STEP_DONE);
        assert_int_equal(put_key(&w, "k1"), KS_STEP_DONE);
        assert_int_equal(w.d->savepoint(w.db), KS_STEP_DONE);
        assert_int_equal(put_key(&w, "k2"), KS_STEP_DONE);
        assert_int_equal(put_key(&w, "k1"), KS_STEP_UNIQUE);
        assert_int_equal(w.d->undo(w.db), KS_STEP_DONE);
        assert_int_equal(w.d->savepoint(w.db), KS_STEP_DONE);
        assert_int_equal(run(&w, w.db, &orphan, KS_VALS(KS_VB(KS_S("d")))), KS_STEP_UNIQUE);
        assert_int_equal(w.d->undo(w.db), KS_STEP_DONE);
        assert_int_equal(w.d->savepoint(w.db), KS_STEP_DONE);
        assert_int_equal(put_key(&w, "k3"), KS_STEP_DONE);
        assert_int_equal(w.d->release(w.db), KS_STEP_DONE);
        assert_int_equal(w.d->commit(w.db), KS_STEP_DONE);
        assert_int_equal(number(&w, w.reader, &count), 2);
    }
}

static void what_is_not_committed_is_seen_by_nobody_else(void **state)
{
    world w;
    (void)state;
    ON_EACH_DRIVER(&w)
    {
        assert_int_equal(w.d->begin(w.db), KS_STEP_DONE);
        assert_int_equal(put_key(&w, "k1"), KS_STEP_DONE);
        assert_int_equal(number(&w, w.db, &count), 1);
        assert_int_equal(number(&w, w.reader, &count), 0);
        w.d->rollback(w.db);
        assert_int_equal(number(&w, w.db, &count), 0);
        w.d->rollback(w.db); /* without a transaction: nothing */
        assert_int_equal(w.d->begin(w.db), KS_STEP_DONE);
        assert_int_equal(put_key(&w, "k1"), KS_STEP_DONE);
        assert_int_equal(w.d->commit(w.db), KS_STEP_DONE);
        assert_int_equal(number(&w, w.reader, &count), 1);
    }
}

static void changed_counts_the_rows_of_each_kind_of_statement(void **state)
{
    world w;
    (void)state;
    static const ks_sql all = {"UPDATE meta SET value = $1 WHERE name LIKE 'k%'"};
    static const ks_sql none = {"DELETE FROM meta WHERE name = 'k-none'"};
    static const ks_sql returning = {"DELETE FROM meta WHERE name LIKE 'k%' RETURNING name"};
    static const ks_sql select = {"SELECT name FROM meta WHERE name IN ('k1', 'k2')"};
    ON_EACH_DRIVER(&w)
    {
        ks_stmt *st;
        assert_int_equal(put_key(&w, "k1"), KS_STEP_DONE);
        assert_int_equal(w.d->changed(w.db), 1);
        assert_int_equal(put_key(&w, "k2"), KS_STEP_DONE);
        assert_int_equal(put_key(&w, "k3"), KS_STEP_DONE);
        assert_int_equal(run(&w, w.db, &all, KS_VALS(KS_VB(KS_S("x")))), KS_STEP_DONE);
        assert_int_equal(w.d->changed(w.db), 3);
        assert_int_equal(run(&w, w.db, &none, NULL, 0), KS_STEP_DONE);
        assert_int_equal(w.d->changed(w.db), 0);
        ks_step step = w.d->exec(w.db, &select, NULL, 0, &st);
        while (step == KS_STEP_ROW)
            step = w.d->next(st);
        w.d->reset(st);
        assert_int_equal(w.d->changed(w.db), 2);
        step = w.d->exec(w.db, &returning, NULL, 0, &st);
        while (step == KS_STEP_ROW)
            step = w.d->next(st);
        w.d->reset(st);
        assert_int_equal(step, KS_STEP_DONE);
        assert_int_equal(w.d->changed(w.db), 3);
    }
}

static void a_conflict_can_update_instead(void **state)
{
    world w;
    (void)state;
    static const ks_sql upsert = {
        "INSERT INTO meta(name, value) VALUES($1, $2) ON CONFLICT(name) DO UPDATE SET "
        "value = excluded.value RETURNING value"};
    ON_EACH_DRIVER(&w)
    {
        ks_stmt *st;
        assert_int_equal(put_key(&w, "k1"), KS_STEP_DONE);
        assert_int_equal(w.d->exec(w.db, &upsert, KS_VALS(KS_V(KS_S("k1")), KS_VB(KS_S("second"))), &st),
                         KS_STEP_ROW);
        assert_str(w.d->column_text(st, 0), "second");
        assert_int_equal(w.d->next(st), KS_STEP_DONE);
        w.d->reset(st);
        assert_int_equal(number(&w, w.db, &count), 1);
    }
}

static void a_statement_can_be_used_again_while_it_is_read(void **state)
{
    world w;
    (void)state;
    static const ks_sql q = {"SELECT name FROM meta WHERE name LIKE 'k%' ORDER BY name"};
    ON_EACH_DRIVER(&w)
    {
        ks_stmt *outer, *inner;
        assert_int_equal(put_key(&w, "k1"), KS_STEP_DONE);
        assert_int_equal(put_key(&w, "k2"), KS_STEP_DONE);
        assert_int_equal(w.d->exec(w.db, &q, NULL, 0, &outer), KS_STEP_ROW);
        assert_int_equal(w.d->exec(w.db, &q, NULL, 0, &inner), KS_STEP_ROW);
        assert_int_equal(w.d->next(inner), KS_STEP_ROW);
        assert_str(w.d->column_text(inner, 0), "k2");
        assert_str(w.d->column_text(outer, 0), "k1");
        w.d->reset(inner);
        assert_int_equal(w.d->next(outer), KS_STEP_ROW);
        assert_str(w.d->column_text(outer, 0), "k2");
        w.d->reset(outer);
        w.d->reset(NULL);
    }
}

static void a_read_handle_changes_nothing(void **state)
{
    world w;
    (void)state;
    ON_EACH_DRIVER(&w)
    {
        ks_stmt *st;
        assert_int_equal(w.d->exec(w.reader, &put, KS_VALS(KS_V(KS_S("k1")), KS_VB(KS_S("v"))), &st),
                         KS_STEP_FAILED);
        assert_null(st);
        assert_int_not_equal(w.d->code(w.reader), 0);
        assert_int_equal(number(&w, w.db, &count), 0);
    }
}

static void too_few_values_are_refused(void **state)
{
    world w;
    (void)state;
    ON_EACH_DRIVER(&w)
    {
        ks_stmt *st;
        assert_int_equal(w.d->exec(w.db, &put, KS_VALS(KS_V(KS_S("k1"))), &st), KS_STEP_FAILED);
        assert_int_equal(number(&w, w.db, &count), 0);
    }
}

static void committed_rows_survive_closing_every_handle(void **state)
{
    world w;
    (void)state;
    ON_EACH_DRIVER(&w)
    {
        assert_int_equal(w.d->begin(w.db), KS_STEP_DONE);
        assert_int_equal(put_key(&w, "k1"), KS_STEP_DONE);
        assert_int_equal(w.d->commit(w.db), KS_STEP_DONE);
        w.d->close(w.reader);
        w.d->close(w.db);
        w.db = open_handle(&w, KS_DB_WRITE);
        w.reader = open_handle(&w, KS_DB_READ);
        assert_int_equal(number(&w, w.reader, &count), 1);
    }
}

static void a_checkpoint_by_another_handle_leaves_nothing_behind(void **state)
{
    world w;
    (void)state;
    ON_EACH_DRIVER(&w)
    {
        ks_db *third = open_handle(&w, KS_DB_WRITE);
        assert_int_equal(put_key(&w, "k1"), KS_STEP_DONE);
        assert_true(w.d->pending(w.db) >= 0);
        assert_int_equal(w.d->checkpoint(third), 0);
        assert_int_equal(number(&w, w.reader, &count), 1);
        w.d->close(third);
    }
}

KS_TESTS(migrating_twice_changes_nothing, parameters_are_bound_by_their_number_not_by_their_place,
         values_come_back_as_they_were_bound, numbers_keep_all_64_bits_and_null_is_not_empty,
         a_constraint_is_told_and_undone_to_the_savepoint, what_is_not_committed_is_seen_by_nobody_else,
         changed_counts_the_rows_of_each_kind_of_statement, a_conflict_can_update_instead,
         a_statement_can_be_used_again_while_it_is_read, a_read_handle_changes_nothing,
         too_few_values_are_refused, committed_rows_survive_closing_every_handle,
         a_checkpoint_by_another_handle_leaves_nothing_behind)
