/* tests/support/store.h — a world with a store in a folder of its own, and a driver that can be held and
 * broken. */
#pragma once
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/time.h"
#include "store/store_internal.h"
#include "tests/support/chain.h"
#include "tests/support/dir.h"
#include "tests/support/test.h"

/* What the driver below does; every wait on it is on its condition. */
static struct {
    pthread_mutex_t lock;
    pthread_cond_t  moved;
    bool            held;         /* begin waits */
    unsigned        begun;        /* transactions that reached begin */
    unsigned        commits;      /* successful ones */
    unsigned        fail_commits; /* the next so many fail */
    unsigned        fail_opens;   /* the next so many opens fail */
    ks_step         fail_as;
} gate = {.lock = PTHREAD_MUTEX_INITIALIZER, .moved = PTHREAD_COND_INITIALIZER};

static KS_UNUSED void gate_hold(bool held)
{
    pthread_mutex_lock(&gate.lock);
    gate.held = held;
    pthread_cond_broadcast(&gate.moved);
    pthread_mutex_unlock(&gate.lock);
}

static KS_UNUSED void gate_fail(unsigned commits, unsigned opens, ks_step as)
{
    pthread_mutex_lock(&gate.lock);
    gate.fail_commits = commits;
    gate.fail_opens = opens;
    gate.fail_as = as;
    pthread_mutex_unlock(&gate.lock);
}

/* Wait until a counter of the gate has reached `n`. */
static KS_UNUSED void gate_await(const unsigned *counter, unsigned n)
{
    pthread_mutex_lock(&gate.lock);
    while (*counter < n)
        pthread_cond_wait(&gate.moved, &gate.lock);
    pthread_mutex_unlock(&gate.lock);
}

static KS_UNUSED unsigned gate_read(const unsigned *counter)
{
    pthread_mutex_lock(&gate.lock);
    unsigned n = *counter;
    pthread_mutex_unlock(&gate.lock);
    return n;
}

static ks_step gate_begin(ks_db *db)
{
    pthread_mutex_lock(&gate.lock);
    gate.begun++;
    pthread_cond_broadcast(&gate.moved);
    while (gate.held)
        pthread_cond_wait(&gate.moved, &gate.lock);
    pthread_mutex_unlock(&gate.lock);
    return ks_sqlite_driver.begin(db);
}

static ks_step gate_commit(ks_db *db)
{
    pthread_mutex_lock(&gate.lock);
    bool    fail = gate.fail_commits > 0;
    ks_step as = gate.fail_as;
    if (fail)
        gate.fail_commits--;
    pthread_mutex_unlock(&gate.lock);
    if (fail)
        return as;
    ks_step step = ks_sqlite_driver.commit(db);
    pthread_mutex_lock(&gate.lock);
    gate.commits += step == KS_STEP_DONE;
    pthread_cond_broadcast(&gate.moved);
    pthread_mutex_unlock(&gate.lock);
    return step;
}

static ks_status gate_open(ks_ctx *cx, ks_str where, ks_db_mode mode, ks_db **out)
{
    pthread_mutex_lock(&gate.lock);
    bool fail = mode == KS_DB_WRITE && gate.fail_opens > 0;
    if (fail)
        gate.fail_opens--;
    pthread_mutex_unlock(&gate.lock);
    return fail ? ks_fail(cx, KS_STORE, NULL, "The test says no.")
                : ks_sqlite_driver.open(cx, where, mode, out);
}

typedef struct world {
    char       dir[64];
    ks_arena  *arena;
    ks_ctx     cx;
    ks_driver  driver;
    ks_metrics metrics;
    ks_store  *s;
    ks_reader *r;
} world;

static KS_UNUSED void world_open(world *w)
{
    ks_store_options o = {.dir = ks_str_of(w->dir), .chain = test_chain, .metrics = &w->metrics};
    ks_status        status = ks_store_open_with(&w->cx, &o, &w->driver, &w->s);
    if (status != KS_OK)
        print_error(KS_FMT "\n", KS_ARG(w->cx.err.message));
    assert_int_equal(status, KS_OK);
    assert_int_equal(ks_reader_open(&w->cx, w->s, &w->r), KS_OK);
}

static KS_UNUSED void world_close(world *w)
{
    ks_arena_reset(w->arena); /* rows end before their reader */
    ks_reader_close(w->r);
    ks_store_close(w->s);
    w->r = NULL;
    w->s = NULL;
}

static KS_UNUSED int world_setup(void **state)
{
    world *w = test_calloc(1, sizeof *w);
    memcpy(w->dir, "/tmp/ks-store-XXXXXX", sizeof "/tmp/ks-store-XXXXXX");
    assert_non_null(mkdtemp(w->dir));
    w->arena = ks_arena_new(64 << 20);
    w->cx = ks_ctx_new(w->arena, NULL);
    w->driver = ks_sqlite_driver;
    w->driver.begin = gate_begin;
    w->driver.commit = gate_commit;
    w->driver.open = gate_open;
    gate_hold(false);
    gate_fail(0, 0, KS_STEP_FAILED);
    world_open(w);
    *state = w;
    return 0;
}

static KS_UNUSED int world_teardown(void **state)
{
    world *w = *state;
    gate_hold(false);
    gate_fail(0, 0, KS_STEP_FAILED);
    world_close(w);
    ks_arena_free(w->arena);
    remove_dir(w->dir);
    test_free(w);
    return 0;
}

static const ks_sql sql_insert = {
    "INSERT INTO projects(id, name, root_id, kek_id, alg, nonce, ct, created_at) "
    "VALUES($1, $2, '', '', '', x'', x'', $3)"};
static const ks_sql sql_rename = {"UPDATE projects SET name = $2 WHERE id = $1"};
static const ks_sql sql_count = {"SELECT count(*) FROM projects"};
static const ks_sql sql_records = {"SELECT count(*), coalesce(max(seq), 0) FROM audit"};

#define GUARD_ONE(status_, code_, message_)                                                                  \
    ((ks_guard){.rows = 1, .status = (status_), .code = (code_), .field = "id", .message = (message_)})

/* A change that inserts one row and writes one audit record. */
static KS_UNUSED ks_change *insert_change(world *w, const char *id)
{
    ks_change      *c = NULL;
    ks_str          i = ks_str_of(id);
    ks_audit_record rec = {.project_id = i, .actor = KS_S("cli"), .action = KS_S("insert"), .object = i};
    assert_int_equal(ks_change_new(&w->cx, &c), KS_OK);
    assert_int_equal(ks_change_add(&w->cx, c, &sql_insert, KS_VALS(KS_V(i), KS_V(i), KS_VI(1)),
                                   GUARD_ONE(KS_CONFLICT, "name_taken", "Choose another name.")),
                     KS_OK);
    assert_int_equal(ks_change_audit(&w->cx, c, &rec), KS_OK);
    assert_int_equal(ks_change_touch(&w->cx, c, i), KS_OK);
    return c;
}

static KS_UNUSED int64_t ask(world *w, const ks_sql *q)
{
    ks_rows *rows;
    bool     more;
    assert_int_equal(ks_query(&w->cx, w->r, q, NULL, 0, &rows), KS_OK);
    assert_int_equal(ks_rows_next(rows, &more), KS_OK);
    assert_true(more);
    int64_t v = ks_row_int(rows, 0);
    ks_rows_close(rows);
    return v;
}

/* Answers that came back, for changes nobody waits for one by one. */
typedef struct answers {
    pthread_mutex_t lock;
    pthread_cond_t  cond;
    unsigned        n, ok;
    ks_status       last;
} answers;
#define ANSWERS_INIT                                                                                         \
    {                                                                                                        \
        .lock = PTHREAD_MUTEX_INITIALIZER, .cond = PTHREAD_COND_INITIALIZER                                  \
    }

static KS_UNUSED void answers_add(void *arg, const ks_err *err)
{
    answers *a = arg;
    pthread_mutex_lock(&a->lock);
    a->n++;
    a->ok += err->status == KS_OK;
    a->last = err->status;
    pthread_cond_broadcast(&a->cond);
    pthread_mutex_unlock(&a->lock);
}

static KS_UNUSED void answers_await(answers *a, unsigned n)
{
    pthread_mutex_lock(&a->lock);
    while (a->n < n)
        pthread_cond_wait(&a->cond, &a->lock);
    pthread_mutex_unlock(&a->lock);
}
