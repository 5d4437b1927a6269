/* store/audit_test.c — the chain tells of every manipulation of its table. Rules A1, A3. */
#include <sqlite3.h>

#include "tests/support/store.h"

#define RECORDS 40

/* A closed store with RECORDS records. */
static int setup(void **state)
{
    answers a = ANSWERS_INIT;
    world_setup(state);
    world *w = *state;
    for (int i = 0; i < RECORDS; i++) {
        ks_change *c = insert_change(w, ks_fmt(&w->cx, "pr_%d", i).p);
        assert_int_equal(ks_store_submit(&w->cx, w->s, c, answers_add, &a), KS_OK);
        if (i == RECORDS / 2) {
            world_close(w); /* a head in the middle */
            world_open(w);
        }
    }
    world_close(w);
    return 0;
}

static int teardown(void **state)
{
    world *w = *state;
    ks_arena_free(w->arena);
    remove_dir(w->dir);
    test_free(w);
    return 0;
}

static void raw(world *w, const char *sql)
{
    sqlite3 *h;
    assert_int_equal(sqlite3_open(ks_fmt(&w->cx, "%s/keysteward.db", w->dir).p, &h), SQLITE_OK);
    int rc = sqlite3_exec(h, sql, NULL, NULL, NULL);
    if (rc != SQLITE_OK)
        print_error("%s\n", sqlite3_errmsg(h));
    assert_int_equal(rc, SQLITE_OK);
    sqlite3_close(h);
}

static ks_status verify(world *w, int64_t *count)
{
    ks_db *db;
    ks_str path = ks_fmt(&w->cx, "%s/keysteward.db", w->dir);
    assert_int_equal(ks_sqlite_driver.open(&w->cx, path, KS_DB_READ, &db), KS_OK);
    ks_status status = ks_audit_verify_on(&w->cx, &ks_sqlite_driver, db, &test_chain, count);
    ks_sqlite_driver.close(db);
    return status;
}

/* After `sql` the trail is not sound, first at record `seq`. */
static void assert_found(world *w, const char *sql, int seq)
{
    int64_t count;
    assert_int_equal(verify(w, &count), KS_OK);
    raw(w, sql);
    assert_int_equal(verify(w, &count), KS_CONFLICT);
    ks_str at = ks_fmt(&w->cx, "at record %d:", seq);
    if (ks_str_find(w->cx.err.message, at) == SIZE_MAX)
        print_error(KS_FMT "\n", KS_ARG(w->cx.err.message));
    assert_int_not_equal(ks_str_find(w->cx.err.message, at), SIZE_MAX);
}

static void an_untouched_trail_is_sound_with_a_head_at_each_close(void **state)
{
    world  *w = *state;
    int64_t count = 0;
    assert_int_equal(verify(w, &count), KS_OK);
    assert_int_equal(count, RECORDS);
    world_open(w);
    static const ks_sql heads = {"SELECT count(*) FROM audit_heads"};
    assert_int_equal(ask(w, &heads), 2);
    assert_int_equal(ks_audit_verify(&w->cx, w->r, &test_chain, &count), KS_OK);
    world_close(w);
}

static void a_changed_record_is_found(void **state)
{
    static const char *const columns[] = {"project_id", "actor", "action", "object", "result", "request_id"};
    world                   *w = *state;
    for (size_t i = 0; i < KS_COUNT(columns); i++) {
        ks_str alter = ks_fmt(&w->cx, "UPDATE audit SET %s = %s || 'x' WHERE seq = 7", columns[i],
                              columns[i]);
        ks_str back = ks_fmt(&w->cx, "UPDATE audit SET %s = substr(%s, 1, length(%s) - 1) WHERE seq = 7",
                             columns[i], columns[i], columns[i]);
        assert_found(w, alter.p, 7);
        raw(w, back.p);
    }
    assert_found(w, "UPDATE audit SET time = time + 1 WHERE seq = 7", 7);
}

static void bytes_moved_from_one_column_to_the_next_are_found(void **state)
{
    world *w = *state;
    assert_found(w,
                 "UPDATE audit SET actor = actor || substr(action, 1, 1), action = substr(action, 2) "
                 "WHERE seq = 7",
                 7);
}

static void a_dropped_record_is_found(void **state)
{
    assert_found(*state, "DELETE FROM audit WHERE seq = 9", 9);
}

static void a_dropped_record_is_found_when_the_rest_is_numbered_again(void **state)
{
    assert_found(*state,
                 "DELETE FROM audit WHERE seq = 9; DELETE FROM audit_heads;"
                 "UPDATE audit SET seq = seq - 1 WHERE seq > 9",
                 9);
}

static void the_first_record_cannot_be_dropped(void **state)
{
    assert_found(*state, "DELETE FROM audit WHERE seq = 1", 1);
}

static void an_inserted_record_is_found(void **state)
{
    assert_found(*state,
                 "INSERT INTO audit SELECT 41, time, project_id, actor, action, object, result, request_id, "
                 "(SELECT mac FROM audit WHERE seq = 40), mac FROM audit WHERE seq = 40",
                 41);
}

static void swapped_records_are_found(void **state)
{
    assert_found(*state,
                 "UPDATE audit SET seq = -1 WHERE seq = 5; UPDATE audit SET seq = 5 WHERE seq = 6;"
                 "UPDATE audit SET seq = 6 WHERE seq = -1",
                 5);
}

static void a_cut_below_a_signed_head_is_found(void **state)
{
    assert_found(*state, "DELETE FROM audit WHERE seq > 30", 31);
}

static void a_cut_is_found_though_the_later_heads_went_too(void **state)
{
    assert_found(*state, "DELETE FROM audit WHERE seq > 30; DELETE FROM audit_heads WHERE seq > 30", 31);
}

static void a_missing_or_forged_hash_of_the_end_is_found(void **state)
{
    world *w = *state;
    /* another byte than there was, whatever that was */
    assert_found(
        w,
        "UPDATE meta SET value = substr(value, 1, 39) || iif(substr(value, 40) = x'00', x'01', x'00') "
        "WHERE name = 'audit_tail'",
        RECORDS);
    raw(w, "DELETE FROM meta WHERE name = 'audit_tail'");
    int64_t count;
    assert_int_equal(verify(w, &count), KS_CONFLICT);
}

static void a_forged_head_is_found(void **state)
{
    world *w = *state;
    assert_found(w, "UPDATE audit_heads SET time = time + 1 WHERE seq = 40", 40);
    raw(w, "UPDATE audit_heads SET time = time - 1 WHERE seq = 40");
    assert_found(w, "UPDATE audit_heads SET sig = zeroblob(64) WHERE seq = 40", 40);
}

static void an_emptied_trail_is_found(void **state)
{
    assert_found(*state, "DELETE FROM audit; DELETE FROM audit_heads", 1);
}

/* A3: the end is written anew by the next change, so the trail itself keeps what was found */
static void a_cut_while_the_store_was_closed_is_told_by_the_trail_for_ever(void **state)
{
    world              *w = *state;
    int64_t             count;
    static const ks_sql told = {"SELECT coalesce(max(seq), 0) FROM audit WHERE action = 'audit.mismatch'"};
    world_open(w);
    assert_int_equal(ks_store_apply(&w->cx, w->s, insert_change(w, "pr_a")), KS_OK);
    assert_int_equal(ask(w, &told), 0);
    world_close(w);
    raw(w, "DELETE FROM audit WHERE seq > 30; DELETE FROM audit_heads WHERE seq > 30");
    world_open(w);
    assert_int_equal(ks_store_apply(&w->cx, w->s, insert_change(w, "pr_b")), KS_OK);
    assert_int_equal(ks_store_apply(&w->cx, w->s, insert_change(w, "pr_c")), KS_OK);
    assert_int_equal(ask(w, &told), 31);
    assert_int_equal(ks_audit_verify(&w->cx, w->r, &test_chain, &count), KS_OK);
    assert_int_equal(count, 33);
    world_close(w);
}

static void no_key_mac(void *arg, ks_str record, unsigned char out[32])
{
    (void)record;
    memset(out, 0, 32);
    ++*(int *)arg;
}

static void no_key_sign(void *arg, ks_str head, unsigned char sig[64])
{
    (void)head;
    memset(sig, 0, 64);
    ++*(int *)arg;
}

/* C5: a start with a wrong or missing key must leave the trail as it is */
static void a_store_that_only_opens_and_closes_asks_for_no_key(void **state)
{
    world           *w = *state;
    int              asked = 0;
    ks_store        *s;
    ks_store_options o = {.dir = ks_str_of(w->dir)};
    o.chain = (ks_chain){.arg = &asked, .mac = no_key_mac, .sign = no_key_sign, .verify = test_chain_verify};
    raw(w, "DELETE FROM audit_heads WHERE seq = 40"); /* as after a crash */
    assert_int_equal(ks_store_open(&w->cx, &o, &s), KS_OK);
    ks_store_close(s);
    assert_int_equal(asked, 0);
    int64_t count;
    assert_int_equal(verify(w, &count), KS_OK);
}

/* A1: every 1000 records */
static void heads_are_signed_every_thousand_records_and_a_long_unsigned_stretch_is_found(void **state)
{
    world              *w = *state;
    answers             a = ANSWERS_INIT;
    int64_t             count;
    static const ks_sql heads = {"SELECT count(*) FROM audit_heads"};
    world_open(w);
    for (int i = 0; i < 2500; i++) {
        ks_change *c = insert_change(w, ks_fmt(&w->cx, "pr_x%d", i).p);
        assert_int_equal(ks_store_submit(&w->cx, w->s, c, answers_add, &a), KS_OK);
    }
    answers_await(&a, 2500);
    assert_int_equal(ask(w, &heads), 4);
    assert_int_equal(ks_audit_verify(&w->cx, w->r, &test_chain, &count), KS_OK);
    assert_int_equal(count, RECORDS + 2500);
    world_close(w);
    assert_found(w, "DELETE FROM audit_heads WHERE seq > 40", 41);
}

KS_TESTS_WITH(setup, teardown, an_untouched_trail_is_sound_with_a_head_at_each_close,
              a_changed_record_is_found, bytes_moved_from_one_column_to_the_next_are_found,
              a_dropped_record_is_found, a_dropped_record_is_found_when_the_rest_is_numbered_again,
              the_first_record_cannot_be_dropped, an_inserted_record_is_found, swapped_records_are_found,
              a_cut_below_a_signed_head_is_found, a_cut_is_found_though_the_later_heads_went_too,
              a_missing_or_forged_hash_of_the_end_is_found, a_forged_head_is_found, an_emptied_trail_is_found,
              a_cut_while_the_store_was_closed_is_told_by_the_trail_for_ever,
              a_store_that_only_opens_and_closes_asks_for_no_key,
              heads_are_signed_every_thousand_records_and_a_long_unsigned_stretch_is_found)
