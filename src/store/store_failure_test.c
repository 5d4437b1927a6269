/* store/store_failure_test.c — what the store does when the engine, the disk, memory or another process
 * stands in its way. Rules D2, D6, D7, D10. */
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sqlite3.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "base/alloc.h"
#include "store/migrations.h"
#include "tests/support/store.h"

/* D2 */
static void a_failed_commit_is_answered_and_the_store_recovers(void **state)
{
    world   *w = *state;
    uint64_t epoch = ks_epoch(w->s, KS_S("pr_9"));
    assert_int_equal(ks_store_apply(&w->cx, w->s, insert_change(w, "pr_0")), KS_OK);
    gate_fail(1, 0, KS_STEP_FAILED);
    assert_int_equal(ks_store_apply(&w->cx, w->s, insert_change(w, "pr_1")), KS_STORE);
    assert_int_equal(w->cx.err.retry_after_s, 1);
    assert_true(ks_store_writable(w->s)); /* a fresh handle wrote already */
    assert_int_not_equal(ks_epoch(w->s, KS_S("pr_9")), epoch);
    assert_int_equal(ks_store_apply(&w->cx, w->s, insert_change(w, "pr_2")), KS_OK);
    assert_int_equal(ask(w, &sql_count), 2);
    assert_int_equal(ask(w, &sql_records), 2);
    int64_t count;
    assert_int_equal(ks_audit_verify(&w->cx, w->r, &test_chain, &count), KS_OK);
}

/* D2, D6: reads go on, writes are refused, and nobody has to restart anything */
static void while_the_disk_is_full_reads_go_on_and_writes_come_back(void **state)
{
    world   *w = *state;
    unsigned commits;
    assert_int_equal(ks_store_apply(&w->cx, w->s, insert_change(w, "pr_0")), KS_OK);
    assert_int_equal(ks_store_note(&w->cx, w->s, insert_change(w, "pr_n")), KS_OK);
    gate_fail(1, 1000000, KS_STEP_FULL); /* the commit, and every fresh handle */
    assert_int_equal(ks_store_apply(&w->cx, w->s, insert_change(w, "pr_1")), KS_STORE);
    assert_false(ks_store_writable(w->s));
    assert_int_equal(ks_store_apply(&w->cx, w->s, insert_change(w, "pr_2")), KS_STORE);
    assert_int_equal(ks_store_note(&w->cx, w->s, insert_change(w, "pr_3")), KS_STORE);
    assert_int_equal(ask(w, &sql_count), 1);
    commits = gate_read(&gate.commits);
    gate_fail(1, 0, KS_STEP_FULL);          /* the first proof fails as well */
    gate_await(&gate.commits, commits + 2); /* the proof, then the note that was kept */
    assert_true(ks_store_writable(w->s));
    assert_int_equal(ks_store_apply(&w->cx, w->s, insert_change(w, "pr_2")), KS_OK);
    assert_int_equal(ask(w, &sql_count), 3);
}

static void a_folder_in_use_is_refused_naming_the_process(void **state)
{
    world           *w = *state;
    ks_store        *second = NULL;
    ks_store_options o = {.dir = ks_str_of(w->dir), .chain = test_chain};
    ks_str           who = ks_fmt(&w->cx, "Process %d ", (int)getpid());
    assert_int_equal(ks_store_open(&w->cx, &o, &second), KS_CONFLICT);
    assert_true(ks_str_starts(w->cx.err.message, who));
    assert_null(second);
}

/* The "unix-excl" VFS: nobody else gets at the file beside us. */
static void another_process_finds_the_database_file_locked(void **state)
{
    world *w = *state;
    char   path[96];
    int    code = 0;
    snprintf(path, sizeof path, "%s/keysteward.db", w->dir);
    assert_int_equal(ks_store_apply(&w->cx, w->s, insert_change(w, "pr_1")), KS_OK);
    pid_t child = fork();
    if (child == 0) { /* only system calls here */
        struct flock l = {.l_type = F_RDLCK, .l_whence = SEEK_SET, .l_start = 0x40000002, .l_len = 510};
        int          fd = open(path, O_RDWR | O_CLOEXEC);
        _exit(fd >= 0 && fcntl(fd, F_SETLK, &l) != 0 ? 7 : 1);
    }
    assert_int_equal(waitpid(child, &code, 0), child);
    assert_int_equal(WEXITSTATUS(code), 7);
}

static void raw(world *w, const char *sql)
{
    char     path[96];
    sqlite3 *h;
    snprintf(path, sizeof path, "%s/keysteward.db", w->dir);
    assert_int_equal(sqlite3_open(path, &h), SQLITE_OK);
    assert_int_equal(sqlite3_exec(h, sql, NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(h);
}

/* D10 */
static void a_newer_schema_is_refused_and_left_alone(void **state)
{
    world           *w = *state;
    ks_store        *s = NULL;
    ks_store_options o = {.dir = ks_str_of(w->dir), .chain = test_chain};
    world_close(w);
    raw(w, "UPDATE meta SET value='99' WHERE name='schema'");
    assert_int_equal(ks_store_open(&w->cx, &o, &s), KS_FORBIDDEN);
    assert_int_not_equal(ks_str_find(w->cx.err.message, KS_S("schema version 99")), SIZE_MAX);
    assert_null(s);
    char back[64];
    snprintf(back, sizeof back, "UPDATE meta SET value='%d' WHERE name='schema'", ks_sqlite_schema);
    raw(w, back);
    world_open(w);
}

/* D10 */
static void a_database_of_another_program_is_refused(void **state)
{
    world           *w = *state;
    ks_store        *s = NULL;
    ks_store_options o = {.dir = ks_str_of(w->dir), .chain = test_chain};
    world_close(w);
    raw(w, "ALTER TABLE meta RENAME TO theirs");
    assert_int_equal(ks_store_open(&w->cx, &o, &s), KS_FORBIDDEN);
    raw(w, "ALTER TABLE theirs RENAME TO meta");
    world_open(w);
}

static void files_are_private(void **state)
{
    world                   *w = *state;
    struct stat              st;
    char                     path[96];
    static const char *const names[] = {"keysteward.db", "keysteward.db-wal", "lock"};
    assert_int_equal(ks_store_apply(&w->cx, w->s, insert_change(w, "pr_1")), KS_OK);
    for (size_t i = 0; i < KS_COUNT(names); i++) {
        snprintf(path, sizeof path, "%s/%s", w->dir, names[i]);
        assert_int_equal(stat(path, &st), 0);
        assert_int_equal(st.st_mode & 07777, 0600);
    }
}

/* D7 */
static void each_failing_allocation_costs_one_answer_at_most(void **state)
{
    world   *w = *state;
    unsigned lost = 0, n = 1;
    for (bool reached = true; reached; n++) {
        ks_arena_reset(w->arena);
        ks_change *c = insert_change(w, ks_fmt(&w->cx, "pr_%u", n).p);
        uint64_t   all = ks_epoch_all(w->s);
        ks_alloc_fail_at(n, false);
        ks_status status = ks_store_apply(&w->cx, w->s, c);
        reached = ks_alloc_count() >= n;
        ks_alloc_fail_at(0, false);
        assert_true(status == KS_OK || status == KS_NO_MEMORY || status == KS_STORE);
        lost += status != KS_OK;
        assert_true(status == KS_OK || all == ks_epoch_all(w->s) || status == KS_STORE);
        while (!ks_store_writable(w->s))
            sched_yield();
    }
    assert_int_equal(ask(w, &sql_count), n - 1 - lost);
    assert_int_equal(ask(w, &sql_records), n - 1 - lost);
    int64_t count;
    assert_int_equal(ks_audit_verify(&w->cx, w->r, &test_chain, &count), KS_OK);
}

/* D7 */
static void opening_with_too_little_memory_fails_cleanly(void **state)
{
    world           *w = *state;
    ks_store        *s = NULL;
    ks_store_options o = {.dir = ks_str_of(w->dir), .chain = test_chain};
    ks_status        status = KS_NO_MEMORY;
    assert_int_equal(ks_store_apply(&w->cx, w->s, insert_change(w, "pr_1")), KS_OK);
    world_close(w);
    for (uint64_t n = 1; status != KS_OK; n += n < 40 ? 1 : 13) {
        ks_arena_reset(w->arena);
        ks_alloc_fail_at(n, true);
        status = ks_store_open(&w->cx, &o, &s);
        ks_alloc_fail_at(0, false);
        assert_true(status == KS_OK || status == KS_NO_MEMORY || status == KS_STORE);
        assert_true(n < 20000);
    }
    ks_store_close(s);
    world_open(w);
    assert_int_equal(ask(w, &sql_count), 1);
}

/* D2: a real limit, without a driver in between */
static void a_log_that_may_not_grow_is_an_error_until_it_may_again(void **state)
{
    world        *w = *state;
    struct rlimit was, tight;
    struct stat   st;
    unsigned      commits;
    char          path[96];
    snprintf(path, sizeof path, "%s/keysteward.db-wal", w->dir);
    assert_int_equal(ks_store_apply(&w->cx, w->s, insert_change(w, "pr_0")), KS_OK);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &was), 0);
    tight = was;
    tight.rlim_cur = (rlim_t)st.st_size;
    signal(SIGXFSZ, SIG_IGN); /* as the server does */
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &tight), 0);
    assert_int_equal(ks_store_apply(&w->cx, w->s, insert_change(w, "pr_1")), KS_STORE);
    assert_false(ks_store_writable(w->s));
    assert_int_equal(ask(w, &sql_count), 1);
    commits = gate_read(&gate.commits);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &was), 0);
    gate_await(&gate.commits, commits + 1);
    while (!ks_store_writable(w->s)) /* a moment after its proof */
        sched_yield();
    assert_int_equal(ks_store_apply(&w->cx, w->s, insert_change(w, "pr_1")), KS_OK);
    assert_int_equal(ask(w, &sql_count), 2);
    assert_int_equal(ask(w, &sql_records), 2);
}

KS_TESTS_WITH(world_setup, world_teardown, a_failed_commit_is_answered_and_the_store_recovers,
              while_the_disk_is_full_reads_go_on_and_writes_come_back,
              a_log_that_may_not_grow_is_an_error_until_it_may_again,
              a_folder_in_use_is_refused_naming_the_process, another_process_finds_the_database_file_locked,
              a_newer_schema_is_refused_and_left_alone, a_database_of_another_program_is_refused,
              files_are_private, each_failing_allocation_costs_one_answer_at_most,
              opening_with_too_little_memory_fails_cleanly)
