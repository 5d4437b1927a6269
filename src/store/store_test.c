/* store/store_test.c — changes in groups, guards, notes, failures of the engine, the folder's lock. Rules A2,
 * D1, D2, D3, D7, D10, T7. */
#include "tests/support/store.h"

/* D1 */
static void a_change_is_there_when_it_is_answered_and_after_a_reopen(void **state)
{
    world *w = *state;
    assert_int_equal(ks_store_apply(&w->cx, w->s, insert_change(w, "pr_1")), KS_OK);
    assert_int_equal(ask(w, &sql_count), 1);
    assert_int_equal(ask(w, &sql_records), 1);
    world_close(w);
    world_open(w);
    assert_int_equal(ask(w, &sql_count), 1);
}

static void rows_are_read_in_order_with_absent_text_for_null(void **state)
{
    world              *w = *state;
    static const ks_sql q = {"SELECT $2, 'a', NULL, x'00ff', $1 UNION ALL SELECT 1, 'b', '', x'', 7"};
    ks_rows            *rows;
    bool                more;
    char                text[] = "gone";
    assert_int_equal(ks_query(&w->cx, w->r, &q, KS_VALS(KS_VI(5), KS_V(ks_str_of(text))), &rows), KS_OK);
    memset(text, 'x', 4); /* values are the caller's only during the call */
    assert_int_equal(ks_rows_next(rows, &more), KS_OK);
    assert_true(more);
    assert_str(ks_row_str(rows, 0), "gone");
    assert_str(ks_row_str(rows, 1), "a");
    assert_null(ks_row_str(rows, 2).p);
    assert_int_equal(ks_row_int(rows, 2), 0);
    assert_int_equal(ks_row_str(rows, 3).n, 2);
    assert_int_equal(ks_row_int(rows, 4), 5);
    assert_int_equal(ks_rows_next(rows, &more), KS_OK);
    assert_true(more);
    assert_non_null(ks_row_str(rows, 2).p);
    assert_int_equal(ks_rows_next(rows, &more), KS_OK);
    assert_false(more);
    assert_int_equal(ks_rows_next(rows, &more), KS_OK);
    assert_false(more);
}

static void the_same_query_can_run_inside_itself(void **state)
{
    world              *w = *state;
    static const ks_sql q = {"SELECT 1 UNION ALL SELECT 2"};
    ks_rows            *outer, *inner;
    bool                more;
    int64_t             sum = 0;
    assert_int_equal(ks_query(&w->cx, w->r, &q, NULL, 0, &outer), KS_OK);
    while (ks_rows_next(outer, &more) == KS_OK && more) {
        assert_int_equal(ks_query(&w->cx, w->r, &q, NULL, 0, &inner), KS_OK);
        while (ks_rows_next(inner, &more) == KS_OK && more)
            sum += 10 * ks_row_int(outer, 0) + ks_row_int(inner, 0);
    }
    assert_int_equal(sum, 11 + 12 + 21 + 22);
}

static void a_reader_cannot_write_and_still_reads_afterwards(void **state)
{
    world              *w = *state;
    static const ks_sql q = {"DELETE FROM projects"};
    ks_rows            *rows;
    assert_int_equal(ks_store_apply(&w->cx, w->s, insert_change(w, "pr_1")), KS_OK);
    assert_int_equal(ks_query(&w->cx, w->r, &q, NULL, 0, &rows), KS_STORE);
    assert_int_equal(ask(w, &sql_count), 1);
}

static void rows_still_open_end_with_their_reader(void **state)
{
    world              *w = *state;
    static const ks_sql q = {"SELECT 1 UNION ALL SELECT 2"};
    ks_rows            *a, *b;
    bool                more;
    assert_int_equal(ks_query(&w->cx, w->r, &q, NULL, 0, &a), KS_OK);
    assert_int_equal(ks_query(&w->cx, w->r, &q, NULL, 0, &b), KS_OK);
    assert_int_equal(ks_rows_next(a, &more), KS_OK);
    ks_reader_close(w->r);
    assert_int_equal(ks_rows_next(a, &more), KS_OK);
    assert_false(more);
    ks_rows_close(b);
    ks_arena_reset(w->arena);
    assert_int_equal(ks_reader_open(&w->cx, w->s, &w->r), KS_OK);
}

/* One commit for all that waits. */
static void changes_that_wait_are_committed_together(void **state)
{
    world   *w = *state;
    answers  a = ANSWERS_INIT;
    unsigned before = gate_read(&gate.commits), begun = gate_read(&gate.begun);
    gate_hold(true);
    for (int i = 0; i <= 200; i++) {
        ks_change *c = insert_change(w, ks_fmt(&w->cx, "pr_%d", i).p);
        assert_int_equal(ks_store_submit(&w->cx, w->s, c, answers_add, &a), KS_OK);
        if (i == 0)
            gate_await(&gate.begun, begun + 1); /* the first one alone, then 200 behind it */
    }
    gate_hold(false);
    answers_await(&a, 201);
    assert_int_equal(a.ok, 201);
    assert_int_equal(gate_read(&gate.commits) - before, 1 + (200 + KS_WRITE_BATCH - 1) / KS_WRITE_BATCH);
    assert_int_equal(atomic_load(&w->metrics.count[KS_M_CHANGES]), 201);
    assert_true(atomic_load(&w->metrics.count[KS_M_COMMITS]) < 201);
    assert_int_equal(ask(w, &sql_count), 201);
}

/* A2: the refused one takes its audit number back */
static void a_refused_change_is_undone_alone_with_its_audit_record(void **state)
{
    world     *w = *state;
    answers    a = ANSWERS_INIT, bad = ANSWERS_INIT;
    unsigned   begun = gate_read(&gate.begun);
    ks_change *c;
    int64_t    count;
    gate_hold(true);
    assert_int_equal(ks_store_submit(&w->cx, w->s, insert_change(w, "pr_0"), answers_add, &a), KS_OK);
    gate_await(&gate.begun, begun + 1);
    assert_int_equal(ks_store_submit(&w->cx, w->s, insert_change(w, "pr_1"), answers_add, &a), KS_OK);
    c = insert_change(w, "pr_2"); /* its second statement finds no row */
    assert_int_equal(ks_change_add(&w->cx, c, &sql_rename, KS_VALS(KS_V(KS_S("pr_none")), KS_V(KS_S("x"))),
                                   GUARD_ONE(KS_NOT_FOUND, "project_not_found", "Check the id.")),
                     KS_OK);
    assert_int_equal(ks_store_submit(&w->cx, w->s, c, answers_add, &bad), KS_OK);
    assert_int_equal(ks_store_submit(&w->cx, w->s, insert_change(w, "pr_3"), answers_add, &a), KS_OK);
    gate_hold(false);
    answers_await(&a, 3);
    answers_await(&bad, 1);
    assert_int_equal(a.ok, 3);
    assert_int_equal(bad.last, KS_NOT_FOUND);
    assert_int_equal(ask(w, &sql_count), 3);
    assert_int_equal(ask(w, &sql_records), 3);
    assert_int_equal(ks_audit_verify(&w->cx, w->r, &test_chain, &count), KS_OK);
    assert_int_equal(count, 3);
}

static void a_guard_answers_with_its_status_code_field_and_message(void **state)
{
    world *w = *state;
    assert_int_equal(ks_store_apply(&w->cx, w->s, insert_change(w, "pr_1")), KS_OK);
    assert_int_equal(ks_store_apply(&w->cx, w->s, insert_change(w, "pr_1")), KS_CONFLICT);
    assert_str(w->cx.err.code, "name_taken");
    assert_str(w->cx.err.message, "Choose another name.");
    assert_int_equal(w->cx.err.n, 1);
    assert_str(w->cx.err.details[0].field, "id");
    assert_int_equal(ask(w, &sql_count), 1);
}

static void a_query_in_a_change_guards_by_its_rows(void **state)
{
    world              *w = *state;
    static const ks_sql exists = {"SELECT 1 FROM projects WHERE id = $1"};
    ks_change          *c = insert_change(w, "pr_2");
    ks_guard            g = GUARD_ONE(KS_NOT_FOUND, NULL, "Check the id.");
    assert_int_equal(ks_change_add(&w->cx, c, &exists, KS_VALS(KS_V(KS_S("pr_1"))), g), KS_OK);
    assert_int_equal(ks_store_apply(&w->cx, w->s, c), KS_NOT_FOUND);
    assert_int_equal(ks_store_apply(&w->cx, w->s, insert_change(w, "pr_1")), KS_OK);
    c = insert_change(w, "pr_2");
    assert_int_equal(ks_change_add(&w->cx, c, &exists, KS_VALS(KS_V(KS_S("pr_1"))), g), KS_OK);
    assert_int_equal(ks_store_apply(&w->cx, w->s, c), KS_OK);
}

static void a_broken_foreign_key_refuses_the_change(void **state)
{
    world              *w = *state;
    static const ks_sql q = {"INSERT INTO api_keys(id, project_id, digest, prefix, name, scopes, created_at) "
                             "VALUES('ak_1', 'pr_none', x'00', 'ks_', 'n', 1, 1)"};
    ks_change          *c;
    assert_int_equal(ks_change_new(&w->cx, &c), KS_OK);
    assert_int_equal(ks_change_add(&w->cx, c, &q, NULL, 0, KS_ANY_ROWS), KS_OK);
    assert_int_equal(ks_store_apply(&w->cx, w->s, c), KS_CONFLICT);
}

/* The row cache relies on it: the counter moves before the answer is given. */
static void epochs_move_before_the_answer_and_only_for_what_was_touched(void **state)
{
    world   *w = *state;
    uint64_t mine = ks_epoch(w->s, KS_S("pr_1")), other = ks_epoch(w->s, KS_S("pr_2"));
    uint64_t all = ks_epoch_all(w->s);
    assert_int_equal(ks_store_apply(&w->cx, w->s, insert_change(w, "pr_1")), KS_OK);
    assert_int_equal(ks_epoch(w->s, KS_S("pr_1")), mine + 1);
    assert_int_equal(ks_epoch(w->s, KS_S("pr_2")), other);
    assert_int_equal(ks_epoch_all(w->s), all + 1);
    assert_int_equal(ks_store_apply(&w->cx, w->s, insert_change(w, "pr_1")), KS_CONFLICT);
    assert_int_equal(ks_epoch(w->s, KS_S("pr_1")), mine + 1);
}

/* A2 */
static void a_note_is_committed_within_a_second_though_nothing_else_happens(void **state)
{
    world   *w = *state;
    unsigned before = gate_read(&gate.commits);
    int64_t  at = ks_mono_us();
    assert_int_equal(ks_store_note(&w->cx, w->s, insert_change(w, "pr_1")), KS_OK);
    gate_await(&gate.commits, before + 1);
    assert_true(ks_mono_us() - at < 1000000);
    assert_int_equal(ask(w, &sql_count), 1);
    assert_int_equal(ask(w, &sql_records), 1);
}

/* A2 */
static void notes_go_along_with_the_next_change(void **state)
{
    world   *w = *state;
    unsigned before = gate_read(&gate.commits);
    for (int i = 0; i < 10; i++)
        assert_int_equal(ks_store_note(&w->cx, w->s, insert_change(w, ks_fmt(&w->cx, "pr_n%d", i).p)), KS_OK);
    assert_int_equal(ks_store_apply(&w->cx, w->s, insert_change(w, "pr_1")), KS_OK);
    assert_int_equal(ask(w, &sql_count), 11);
    assert_true(gate_read(&gate.commits) - before <= 2);
}

/* A change that counts for the row, and writes how often it ran behind the row's name. */
static ks_change *counting_change(world *w, const char *id, int64_t at_us)
{
    static const ks_sql q = {"UPDATE projects SET "
                             "name = name || ' ' || $4 || '@' || $3 WHERE root_id <> $1 AND id = $2"};
    ks_change          *c;
    assert_int_equal(ks_change_new(&w->cx, &c), KS_OK);
    assert_int_equal(ks_change_count(&w->cx, c, &q, KS_S("owner"), ks_str_of(id), at_us), KS_OK);
    assert_int_equal(ks_change_note(&w->cx, c, "call", KS_S("x"), KS_S("ok")), KS_OK);
    return c;
}

static void counts_of_a_row_in_one_transaction_are_raised_at_once(void **state)
{
    world              *w = *state;
    static const ks_sql one = {"SELECT count(*) FROM projects WHERE name LIKE '% 3@30'"};
    static const ks_sql two = {"SELECT count(*) FROM projects WHERE name LIKE '% 1@40'"};
    answers             a = ANSWERS_INIT, bad = ANSWERS_INIT;
    assert_int_equal(ks_store_apply(&w->cx, w->s, insert_change(w, "pr_1")), KS_OK);
    assert_int_equal(ks_store_apply(&w->cx, w->s, insert_change(w, "pr_2")), KS_OK);
    unsigned begun = gate_read(&gate.begun);
    gate_hold(true);
    assert_int_equal(ks_store_submit(&w->cx, w->s, insert_change(w, "pr_0"), answers_add, &a), KS_OK);
    gate_await(&gate.begun, begun + 1); /* alone; what follows waits for the next transaction */
    const int64_t at_us[] = {10, 30, 20};
    for (size_t i = 0; i < KS_COUNT(at_us); i++)
        assert_int_equal(ks_store_submit(&w->cx, w->s, counting_change(w, "pr_1", at_us[i]), answers_add, &a),
                         KS_OK);
    assert_int_equal(ks_store_submit(&w->cx, w->s, counting_change(w, "pr_2", 40), answers_add, &a), KS_OK);
    assert_int_equal(ks_store_submit(&w->cx, w->s, counting_change(w, "pr_gone", 50), answers_add, &a),
                     KS_OK);
    ks_change *c = counting_change(w, "pr_1", 60); /* refused, so it does not count */
    assert_int_equal(ks_change_add(&w->cx, c, &sql_rename, KS_VALS(KS_V(KS_S("pr_none")), KS_V(KS_S("x"))),
                                   GUARD_ONE(KS_NOT_FOUND, "project_not_found", "Check the id.")),
                     KS_OK);
    assert_int_equal(ks_store_submit(&w->cx, w->s, c, answers_add, &bad), KS_OK);
    gate_hold(false);
    answers_await(&a, 6);
    answers_await(&bad, 1);
    assert_int_equal(a.ok, 6);
    assert_int_equal(bad.last, KS_NOT_FOUND);
    assert_int_equal(ask(w, &one), 1);
    assert_int_equal(ask(w, &two), 1);
    assert_int_equal(ask(w, &sql_records), 3 + 5); /* each use keeps a record of its own */
}

static void a_full_queue_says_busy_and_takes_changes_again_later(void **state)
{
    world   *w = *state;
    answers  a = ANSWERS_INIT;
    unsigned taken = 0, begun = gate_read(&gate.begun);
    gate_hold(true);
    assert_int_equal(ks_store_submit(&w->cx, w->s, insert_change(w, "pr_x"), answers_add, &a), KS_OK);
    gate_await(&gate.begun, begun + 1);
    for (int i = 0; i < KS_WRITE_QUEUE; i++) {
        ks_change *c;
        assert_int_equal(ks_change_new(&w->cx, &c), KS_OK);
        taken += ks_store_submit(&w->cx, w->s, c, answers_add, &a) == KS_OK;
    }
    assert_int_equal(taken, KS_WRITE_QUEUE);
    assert_int_equal(ks_store_submit(&w->cx, w->s, insert_change(w, "pr_y"), answers_add, &a), KS_BUSY);
    assert_int_equal(w->cx.err.retry_after_s, 1);
    gate_hold(false);
    answers_await(&a, KS_WRITE_QUEUE + 1);
    assert_int_equal(ks_store_apply(&w->cx, w->s, insert_change(w, "pr_y")), KS_OK);
}

/* D5 */
static void closing_commits_what_is_queued_and_noted(void **state)
{
    world  *w = *state;
    answers a = ANSWERS_INIT;
    for (int i = 0; i < 300; i++) {
        ks_change *c = insert_change(w, ks_fmt(&w->cx, "pr_%d", i).p);
        ks_status  status = i % 3 == 0 ? ks_store_note(&w->cx, w->s, c)
                                       : ks_store_submit(&w->cx, w->s, c, answers_add, &a);
        assert_int_equal(status, KS_OK);
    }
    world_close(w);
    assert_int_equal(a.ok, 200);
    world_open(w);
    assert_int_equal(ask(w, &sql_count), 300);
}

/* D3: rows older than a day go when nothing else is to do; younger ones stay */
static void old_idempotency_rows_are_swept(void **state)
{
    world              *w = *state;
    static const ks_sql add = {
        "INSERT INTO idempotency(project_id, key, request, status, answer, created_at) "
        "VALUES('pr_1', $1, x'', 200, '', $2)"};
    static const ks_sql left = {"SELECT count(*) FROM idempotency"};
    ks_change          *c;
    assert_int_equal(ks_change_new(&w->cx, &c), KS_OK);
    for (int i = 0; i < 20; i++) {
        ks_str  key = ks_fmt(&w->cx, "k%d", i);
        int64_t age = i < 15 ? KS_DAY_US + 1000000 : KS_DAY_US - 60000000;
        assert_int_equal(
            ks_change_add(&w->cx, c, &add, KS_VALS(KS_V(key), KS_VI(ks_now_us() - age)), KS_ANY_ROWS), KS_OK);
    }
    assert_int_equal(ks_store_apply(&w->cx, w->s, c), KS_OK);
    assert_int_equal(ask(w, &left), 20);
    world_close(w);
    ks_db *db; /* the writer's duty without its clock */
    assert_int_equal(
        ks_sqlite_driver.open(&w->cx, ks_fmt(&w->cx, "%s/keysteward.db", w->dir), KS_DB_WRITE, &db), KS_OK);
    ks_store s = {.driver = &ks_sqlite_driver, .chain = test_chain, .db = db};
    s.audit = (ks_audit_writer){.driver = &ks_sqlite_driver, .db = db, .chain = &s.chain};
    assert_true(ks_batch_run(&s, KS_DUTY_SWEEP));
    ks_sqlite_driver.close(db);
    world_open(w);
    assert_int_equal(ask(w, &left), 5);
}

/* A portion a sweep, the oldest first; the writer comes back soon while one was full. */
static void old_lines_of_the_log_of_calls_are_swept_in_portions(void **state)
{
    world              *w = *state;
    static const ks_sql add = {
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 700) INSERT INTO calls "
        "SELECT i, 'pr_1', CASE WHEN i <= 600 THEN $1 ELSE $2 END, NULL, NULL, 'a', 'A_B', 200, 'ok', 1, "
        "'r', "
        "'k' FROM n"};
    static const ks_sql left = {"SELECT count(*) FROM calls"}, first = {"SELECT min(id) FROM calls"};
    ks_change          *c;
    assert_int_equal(ks_change_new(&w->cx, &c), KS_OK);
    assert_int_equal(
        ks_change_add(&w->cx, c, &add,
                      KS_VALS(KS_VI(ks_now_us() - KS_DAY_US - 1000000), KS_VI(ks_now_us() - KS_DAY_US / 2)),
                      KS_ANY_ROWS),
        KS_OK);
    assert_int_equal(ks_store_apply(&w->cx, w->s, c), KS_OK);
    world_close(w);
    ks_db *db;
    assert_int_equal(
        ks_sqlite_driver.open(&w->cx, ks_fmt(&w->cx, "%s/keysteward.db", w->dir), KS_DB_WRITE, &db), KS_OK);
    ks_store s = {.driver = &ks_sqlite_driver, .chain = test_chain, .db = db, .calls_keep_us = INT64_MAX};
    s.audit = (ks_audit_writer){.driver = &ks_sqlite_driver, .db = db, .chain = &s.chain};
    assert_true(ks_batch_run(&s, KS_DUTY_SWEEP)); /* nobody has said how long they live */
    assert_false(s.sweep_more);
    ks_store_keep_calls(&s, KS_DAY_US);
    assert_true(ks_batch_run(&s, KS_DUTY_SWEEP));
    assert_true(s.sweep_more);
    assert_true(ks_batch_run(&s, KS_DUTY_SWEEP));
    assert_false(s.sweep_more);
    ks_sqlite_driver.close(db);
    world_open(w);
    assert_int_equal(ask(w, &left), 100);
    assert_int_equal(ask(w, &first), 601);
}

/* The write-ahead log starts over again and again instead of growing. */
static void the_log_stays_bounded_under_steady_writes(void **state)
{
    world      *w = *state;
    struct stat st;
    char        path[96], big[3000];
    answers     a = ANSWERS_INIT;
    unsigned    sent = 0;
    memset(big, 'x', sizeof big);
    for (int i = 0; i < 12000; i++) {
        ks_change *c;
        ks_str     id = ks_fmt(&w->cx, "pr_%08d", i), text = ks_fmt(&w->cx, "%08d%.*s", i, 2900, big);
        assert_int_equal(ks_change_new(&w->cx, &c), KS_OK);
        assert_int_equal(
            ks_change_add(&w->cx, c, &sql_insert, KS_VALS(KS_V(id), KS_V(text), KS_VI(1)), KS_ANY_ROWS),
            KS_OK);
        assert_int_equal(ks_store_submit(&w->cx, w->s, c, answers_add, &a), KS_OK);
        if (++sent % 1000 == 0) {
            answers_await(&a, sent);
            ks_arena_reset(w->arena);
        }
    }
    snprintf(path, sizeof path, "%s/keysteward.db-wal", w->dir);
    assert_int_equal(stat(path, &st), 0);
    assert_true(atomic_load(&w->metrics.count[KS_M_CHECKPOINTS]) > 0);
    assert_true(st.st_size < 100 * 1024 * 1024); /* 12,000 rows write over 160 MB of log */
}

typedef struct submitter {
    pthread_t thread;
    world    *w;
    int       number;
    unsigned  ok, seen;
} submitter;

static void *submit_many(void *arg)
{
    submitter *me = arg;
    ks_arena  *arena = ks_arena_new(1 << 20);
    world      mine = {.arena = arena, .cx = ks_ctx_new(arena, NULL), .s = me->w->s};
    ks_reader *r;
    if (ks_reader_open(&mine.cx, mine.s, &r) != KS_OK)
        return NULL;
    for (int i = 0; i < 100; i++) {
        ks_str   id = ks_fmt(&mine.cx, "pr_%d_%d", me->number, i);
        uint64_t epoch = ks_epoch(mine.s, id);
        me->ok += ks_store_apply(&mine.cx, mine.s, insert_change(&mine, id.p)) == KS_OK;
        me->seen += ks_epoch(mine.s, id) != epoch;
        mine.r = r;
        me->seen += ask(&mine, &sql_count) > 0;
        ks_arena_reset(arena);
    }
    ks_arena_free(arena);
    ks_reader_close(r);
    return NULL;
}

static void four_threads_submit_and_read_at_once(void **state)
{
    world    *w = *state;
    submitter t[4];
    for (int i = 0; i < 4; i++) {
        t[i] = (submitter){.w = w, .number = i};
        assert_int_equal(pthread_create(&t[i].thread, NULL, submit_many, &t[i]), 0);
    }
    for (int i = 0; i < 4; i++) {
        pthread_join(t[i].thread, NULL);
        assert_int_equal(t[i].ok, 100);
        assert_int_equal(t[i].seen, 200);
    }
    assert_int_equal(ask(w, &sql_count), 400);
    assert_int_equal(ask(w, &sql_records), 400);
}

KS_TESTS_WITH(world_setup, world_teardown, a_change_is_there_when_it_is_answered_and_after_a_reopen,
              rows_are_read_in_order_with_absent_text_for_null, the_same_query_can_run_inside_itself,
              a_reader_cannot_write_and_still_reads_afterwards, rows_still_open_end_with_their_reader,
              changes_that_wait_are_committed_together,
              a_refused_change_is_undone_alone_with_its_audit_record,
              a_guard_answers_with_its_status_code_field_and_message, a_query_in_a_change_guards_by_its_rows,
              a_broken_foreign_key_refuses_the_change,
              epochs_move_before_the_answer_and_only_for_what_was_touched,
              a_note_is_committed_within_a_second_though_nothing_else_happens,
              notes_go_along_with_the_next_change, counts_of_a_row_in_one_transaction_are_raised_at_once,
              a_full_queue_says_busy_and_takes_changes_again_later, closing_commits_what_is_queued_and_noted,
              old_idempotency_rows_are_swept, old_lines_of_the_log_of_calls_are_swept_in_portions,
              the_log_stays_bounded_under_steady_writes, four_threads_submit_and_read_at_once)
