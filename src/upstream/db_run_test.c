/* upstream/db_run_test.c — the pool and the workers with a driver that only plays: who gets which connection,
 * when they are closed, who waits, who is stopped. The real ones: tests/databases/. */
#include "upstream/db_pool.h"

#include <poll.h>

#include "base/time.h"
#include "tests/support/arena.h"

static _Atomic int opened, closed, running, gate_open, broken;

static bool fake_open(const ks_db_target *t, const ks_db_address *at, size_t n, const char *ca_file,
                      const ks_db_limit *l, void **conn, ks_db_error *e)
{
    (void)t, (void)at, (void)n, (void)ca_file, (void)l, (void)e;
    *conn = (void *)(uintptr_t)++opened;
    return true;
}

/* "wait" runs until the gate opens, or somebody stops it. */
static bool fake_run(void *conn, const ks_db_call *call, const ks_db_limit *l, ks_db_sink *s, ks_db_error *e)
{
    bool fine = true;
    running++;
    while (ks_str_eq(call->statement, KS_S("wait")) && !gate_open && fine) {
        struct pollfd p = {.fd = l->stop_fd, .events = POLLIN};
        if (poll(&p, 1, 1) > 0)
            fine = ks_db_fail(e, KS_DB_STOPPED, "the caller left", "stopped");
    }
    if (broken) {
        broken = 0;
        e->dead = e->unsent = true;
        fine = ks_db_fail(e, KS_DB_BROKEN, "it had ended", NULL);
    }
    ks_db_sink_value(s, &(ks_db_value){.kind = KS_DB_INT, .i = (int64_t)(uintptr_t)conn});
    running--;
    return ks_db_sink_row(s) && fine;
}

static bool fake_reset(void *conn, const ks_db_limit *l)
{
    (void)conn, (void)l;
    return true;
}

static bool fake_alive(void *conn)
{
    (void)conn;
    return true;
}

static void fake_close(void *conn)
{
    (void)conn;
    closed++;
}

static const ks_db_driver fake = {.name = "fake",
                                  .open = fake_open,
                                  .run = fake_run,
                                  .reset = fake_reset,
                                  .alive = fake_alive,
                                  .close = fake_close};

typedef struct asked {
    ks_arena    *arena; /* as the exchanges of callers: one each, so threads share none */
    ks_ctx       cx;
    ks_db_call   call;
    ks_db_run   *run;
    ks_answer   *answer;
    _Atomic bool done;
} asked;

static ks_databases  *all;
static ks_exceptions *listed;

static void answered(void *arg, ks_answer *a)
{
    asked *q = arg;
    q->answer = a;
    q->done = true;
}

static void begin(asked *q, const char *project, const char *connection, uint64_t version,
                  const char *statement)
{
    *q = (asked){.arena = ks_arena_new(1 << 20)};
    q->cx = ks_ctx_new(q->arena, NULL);
    q->call = (ks_db_call){.target = {.driver = &fake, .host = KS_S("127.0.0.1"), .port = 1},
                           .project_id = ks_str_of(project),
                           .connection_id = ks_str_of(connection),
                           .version = version,
                           .statement = ks_str_of(statement)};
    q->run = ks_db_run_new(all, &q->cx, &q->call, answered, q);
    assert_non_null(q->run);
    ks_db_run_start(q->run);
}

static void await(const asked *q)
{
    int64_t until = ks_mono_us() + 20000000;
    while (!q->done && ks_mono_us() < until)
        poll(NULL, 0, 1);
    assert_true(q->done);
}

static void await_count(const _Atomic int *count, int n)
{
    int64_t until = ks_mono_us() + 20000000;
    while (*count != n && ks_mono_us() < until)
        poll(NULL, 0, 1);
    assert_int_equal(*count, n);
}

static void end(asked *q)
{
    await(q);
    ks_arena_free(q->arena);
}

/* The number of the connection that a statement of this owner ran on. */
static int conn_of(const char *project, const char *connection, uint64_t version)
{
    asked q;
    begin(&q, project, connection, version, "now");
    await(&q);
    assert_int_equal(q.answer->status, 200);
    ks_str rows = ks_json_slice(q.answer->body, KS_S("rows"));
    int    n = rows.p[2] - '0';
    end(&q);
    return n;
}

static int setup(void **state)
{
    ks_str        text = KS_S("127.0.0.1:1");
    ks_db_options o = {0};
    (void)arena_setup(state);
    opened = closed = running = gate_open = broken = 0;
    if (ks_exceptions_new(&cx, &text, 1, &listed) != KS_OK)
        return 1;
    o.exceptions = listed;
    return ks_databases_new(&cx, &o, &all) == KS_OK ? 0 : 1;
}

static int teardown(void **state)
{
    ks_databases_free(all);
    ks_exceptions_free(listed);
    return arena_teardown(state);
}

static void a_connection_is_used_again_by_its_owner_only_DB_9_N6(void **state)
{
    (void)state;
    int first = conn_of("pr_1", "ca_1", 1);
    assert_int_equal(conn_of("pr_1", "ca_1", 1), first);
    assert_int_not_equal(conn_of("pr_2", "ca_1", 1), first);
    assert_int_not_equal(conn_of("pr_1", "ca_2", 1), first);
    assert_int_not_equal(conn_of("pr_1", "ca_1", 2), first);
    assert_int_equal(ks_databases_pooled(all), 4);
}

static void connections_at_rest_are_closed_after_a_time(void **state)
{
    (void)state;
    conn_of("pr_1", "ca_1", 1);
    ks_db_pool_sweep(all, ks_mono_us() - KS_DB_IDLE_S * INT64_C(1000000));
    assert_int_equal(ks_databases_pooled(all), 1);
    ks_db_pool_sweep(all, ks_mono_us());
    assert_int_equal(ks_databases_pooled(all), 0);
    assert_int_equal(closed, 1);
}

static void credentials_that_came_with_the_call_are_never_pooled(void **state)
{
    (void)state;
    conn_of("pr_1", "", 0);
    assert_int_equal(ks_databases_pooled(all), 0);
    assert_int_equal(closed, 1);
}

static void one_that_died_at_rest_is_replaced_before_anything_was_sent(void **state)
{
    (void)state;
    int first = conn_of("pr_1", "ca_1", 1);
    broken = 1;
    assert_int_not_equal(conn_of("pr_1", "ca_1", 1), first);
    assert_int_equal(closed, 1);
}

static void a_project_has_its_share_of_the_workers_and_no_more(void **state)
{
    (void)state;
    asked q[KS_DB_PER_PROJECT], waiting[KS_DB_WAITING], more, other;
    for (size_t i = 0; i < KS_COUNT(q); i++)
        begin(&q[i], "pr_1", "ca_1", 1, "wait");
    await_count(&running, KS_DB_PER_PROJECT);
    for (size_t i = 0; i < KS_COUNT(waiting); i++)
        begin(&waiting[i], "pr_1", "ca_1", 1, "now");
    begin(&more, "pr_1", "ca_1", 1, "now");
    await(&more);
    assert_int_equal(more.answer->outcome, KS_UP_BUSY);
    begin(&other, "pr_2", "ca_1", 1, "now");
    await(&other);
    assert_int_equal(other.answer->status, 200);
    int before = opened;
    ks_db_run_stop(waiting[3].run); /* its caller left: it is not sent */
    await(&waiting[3]);
    assert_int_equal(waiting[3].answer->outcome, KS_UP_LEFT);
    assert_int_equal(opened, before);
    assert_false(waiting[0].done);
    gate_open = 1;
    for (size_t i = 0; i < KS_COUNT(q); i++)
        end(&q[i]);
    for (size_t i = 0; i < KS_COUNT(waiting); i++)
        end(&waiting[i]);
    end(&more);
    end(&other);
}

static void who_leaves_stops_his_statement_alone(void **state)
{
    (void)state;
    asked one, two;
    begin(&one, "pr_1", "ca_1", 1, "wait");
    begin(&two, "pr_1", "ca_1", 1, "wait");
    await_count(&running, 2);
    ks_db_run_stop(one.run);
    await(&one);
    assert_int_equal(one.answer->outcome, KS_UP_LEFT);
    assert_false(two.done);
    gate_open = 1;
    await(&two);
    assert_int_equal(two.answer->status, 200);
    end(&one);
    end(&two);
}

static void an_address_nobody_listed_is_not_dialled_N4(void **state)
{
    (void)state;
    asked q;
    begin(&q, "pr_1", "ca_1", 1, "now");
    end(&q);
    int before = opened;
    begin(&q, "pr_1", "ca_9", 1, "now");
    await(&q);
    ks_db_target  t = {.driver = &fake, .host = KS_S("127.0.0.1"), .port = 2};
    ks_db_address at[KS_DB_ADDRESSES];
    ks_db_error   e = {0};
    ks_db_options o = {.exceptions = listed};
    ks_db_limit   l = {.deadline_us = ks_mono_us() + 20000000, .stop_fd = -1};
    size_t        n;
    assert_false(ks_db_resolve(&o, all->names, &t, &l, at, &n, &e));
    assert_int_equal(e.step, KS_DB_REFUSED);
    t.port = 1;
    t.tls = KS_DB_TLS_OFF;
    assert_true(ks_db_resolve(&o, all->names, &t, &l, at, &n, &e));
    t.host = KS_S("93.184.215.14");
    assert_false(ks_db_resolve(&o, all->names, &t, &l, at, &n, &e)); /* public, but plain text */
    t.tls = KS_DB_TLS_FULL;
    assert_true(ks_db_resolve(&o, all->names, &t, &l, at, &n, &e));
    o.listed_only = true;
    assert_false(ks_db_resolve(&o, all->names, &t, &l, at, &n, &e));
    assert_true(opened > before);
    end(&q);
}

KS_TESTS_WITH(setup, teardown, a_connection_is_used_again_by_its_owner_only_DB_9_N6,
              connections_at_rest_are_closed_after_a_time,
              credentials_that_came_with_the_call_are_never_pooled,
              one_that_died_at_rest_is_replaced_before_anything_was_sent,
              a_project_has_its_share_of_the_workers_and_no_more, who_leaves_stops_his_statement_alone,
              an_address_nobody_listed_is_not_dialled_N4)
