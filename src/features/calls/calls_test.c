/* features/calls/calls_test.c — the log of calls in a whole small world: what a line says, and that every
 * list has its index when the log is long. */
#include "features/calls/calls.h"

#include "base/ids.h"
#include "features/calls/calls_rows.h"
#include "tests/support/test.h"
#include "tests/support/world.h"

static int set_up(void **state)
{
    ks_world *w = world_new();
    *state = w;
    return w == NULL ? -1 : 0;
}

static int tear_down(void **state)
{
    world_free(*state);
    return 0;
}

static ks_ctx caller(ks_world *w)
{
    ks_ctx cx = ks_ctx_new(w->own, &w->env);
    cx.project_id = KS_S("pr_1");
    cx.actor = KS_S("ak_1");
    cx.request_id = ks_id_new(&cx, KS_ID_REQUEST);
    return cx;
}

static void add(ks_ctx *cx, const ks_call_line *line)
{
    ks_change *c;
    assert_int_equal(ks_change_new(cx, &c), KS_OK);
    assert_int_equal(ks_calls_add(cx, c, line), KS_OK);
    assert_int_equal(ks_store_apply(cx, cx->env->store, c), KS_OK);
}

static size_t list(ks_ctx *cx, ks_call_filter f, ks_call_line **out)
{
    size_t n = 0;
    bool   more;
    if (f.limit == 0)
        f.limit = 10;
    assert_int_equal(ks_calls_list(cx, &f, out, &n, &more), KS_OK);
    return n;
}

/* Also those that are found block by block: a page ends where it is told to, and goes on in the block before.
 */
static void lines_come_back_newest_first_in_pages(void **state)
{
    ks_world           *w = *state;
    ks_ctx              cx = caller(w);
    ks_call_line       *l;
    int64_t             all, failed;
    static const ks_sql many = {
        "WITH RECURSIVE n(i) AS (SELECT 1500 UNION ALL SELECT i + 1 FROM n WHERE i < 6000) INSERT INTO calls "
        "SELECT i, 'pr_1', i * 1000000, CASE i % 1000 WHEN 0 THEN 'u' ELSE 'v' END, "
        "'ca_' || (i % 1000), $1, 'A_B', 200, CASE i % 500 WHEN 0 THEN 'broken' ELSE 'ok' END, 1, 'r', 'k' "
        "FROM "
        "n"};
    const ks_call_filter two[] = {{.entity_id = KS_S("u"), .limit = 2},
                                  {.connection_id = KS_S("ca_0"), .limit = 2}};
    assert_true(world_change(w, &many, KS_S("demo")));
    for (size_t i = 0; i < KS_COUNT(two); i++) {
        ks_call_filter f = two[i];
        for (int64_t want = 6000; want >= 2000; f.behind = l[1].id, want -= 2000) {
            assert_int_equal(list(&cx, f, &l), want > 2000 ? 2 : 1);
            assert_int_equal(l[0].id, want);
        }
        f.behind = 2000;
        assert_int_equal(list(&cx, f, &l), 0);
        f.newer = true;
        assert_int_equal(list(&cx, f, &l), 2);
        assert_int_equal(l[0].id, 4000);
        assert_int_equal(l[1].id, 3000);
        f.behind = 6000;
        assert_int_equal(list(&cx, f, &l), 0);
    }
    assert_int_equal(list(&cx, (ks_call_filter){.failed = true, .behind = 6000}, &l), 9);
    assert_int_equal(l[8].id, 1500);
    assert_int_equal(list(&cx, (ks_call_filter){.entity_id = KS_S("u"), .app = KS_S("github")}, &l), 0);
    assert_int_equal(list(&cx, (ks_call_filter){.limit = 2, .behind = 1502}, &l), 2);
    assert_int_equal(l[0].id, 1501);
    assert_int_equal(ks_calls_count(&cx, INT64_C(5500) * 1000000, &all, &failed), KS_OK);
    assert_int_equal(all, 501);
    assert_int_equal(failed, 2);
}

static void a_line_says_whose_call_it_was_and_what_became_of_it(void **state)
{
    ks_world     *w = *state;
    ks_ctx        cx = caller(w);
    ks_call_line *l, got,
        line = {.entity_id = KS_S("u"),
                .connection_id = KS_S("ca_1"),
                .app = KS_S("demo"),
                .what = KS_S("GET /x"),
                .status = 404,
                .result = KS_S("vendor_error"),
                .took_us = 1234};
    add(&cx, &line);
    assert_int_equal(list(&cx, (ks_call_filter){.connection_id = KS_S("ca_1")}, &l), 1);
    assert_int_equal(ks_calls_get(&cx, l[0].id, &got), KS_OK);
    assert_str(got.entity_id, "u");
    assert_str(got.what, "GET /x");
    assert_str(got.actor, "ak_1");
    assert_true(ks_str_eq(got.request_id, cx.request_id));
    assert_int_equal(got.status, 404);
    assert_int_equal(got.took_us, 1234);
    assert_int_equal(ks_calls_find(&cx, cx.request_id, &got), KS_OK);
    assert_int_equal(got.id, l[0].id);
    assert_int_equal(ks_calls_find(&cx, KS_S("rq_1"), &got), KS_NOT_FOUND);
    cx.project_id = KS_S("pr_2");
    assert_int_equal(ks_calls_find(&cx, cx.request_id, &got), KS_NOT_FOUND);
    assert_int_equal(ks_calls_get(&cx, l[0].id, &got), KS_NOT_FOUND);
}

static void without_a_log_nothing_is_written(void **state)
{
    ks_world     *w = *state;
    ks_ctx        cx = caller(w);
    ks_call_line *l, line = {.app = KS_S("demo"), .what = KS_S("A"), .result = KS_S("ok")};
    w->settings.calls_keep = 0;
    add(&cx, &line);
    w->settings.calls_keep = 30;
    assert_int_equal(list(&cx, (ks_call_filter){0}, &l), 0);
}

static void the_path_is_the_callers_without_its_query(void **state)
{
    ks_world *w = *state;
    ks_ctx    cx = caller(w);
    char      text[400];
    memset(text, 'a', sizeof text);
    assert_str(ks_call_what(&cx, KS_S("GET"), KS_S("/v1/a?key=1")), "GET /v1/a");
    assert_str(ks_call_what(&cx, KS_S("POST"), KS_S("https://a.example/b")), "POST https://a.example/b");
    assert_int_equal(ks_call_what(&cx, KS_S("GET"), (ks_str){text, 196}).n, 200);
    assert_int_equal(ks_call_what(&cx, KS_S("GET"), (ks_str){text, 400}).n, 200);
    memcpy(text + 195, "\xc3\xa9", 2); /* a character across the end goes whole */
    assert_int_equal(ks_call_what(&cx, KS_S("GET"), (ks_str){text, 400}).n, 199);
}

static void a_result_is_a_word_and_what_was_not_tried_has_none(void **state)
{
    (void)state;
    assert_str(ks_call_result(&(ks_answer){.outcome = KS_UP_ANSWERED, .status = 399}), "ok");
    assert_str(ks_call_result(&(ks_answer){.outcome = KS_UP_ANSWERED, .status = 400}), "vendor_error");
    assert_str(ks_call_result(&(ks_answer){.outcome = KS_UP_UNREACHED}), "unreachable");
    assert_str(ks_call_result(&(ks_answer){.outcome = KS_UP_TOO_LARGE}), "too_large");
    assert_str(ks_call_result(&(ks_answer){.outcome = KS_UP_BROKEN}), "broken");
    assert_str(ks_call_result(&(ks_answer){.outcome = KS_UP_LEFT}), "caller_left");
    assert_null(ks_call_result(&(ks_answer){.outcome = KS_UP_HELD}).p);
    assert_null(ks_call_result(&(ks_answer){.outcome = KS_UP_BUSY}).p);
    assert_null(ks_call_result(&(ks_answer){.outcome = KS_UP_REFUSED}).p);
}

/* How SQLite would run a statement, as one text. */
static ks_str plan(ks_ctx *cx, const ks_sql *q)
{
    ks_sql  *explain = ks_zalloc(cx, sizeof *explain); /* known by its address, see ks_sql */
    ks_rows *rows;
    ks_val   none[11] = {{0}};
    ks_buf  *b = ks_ctx_buf(cx, 4096);
    bool     more;
    assert_non_null(explain);
    explain->text = ks_fmt(cx, "EXPLAIN QUERY PLAN %s", q->text).p;
    assert_int_equal(ks_query(cx, cx->env->reader, explain, none, KS_COUNT(none), &rows), KS_OK);
    while (ks_rows_next(rows, &more) == KS_OK && more) {
        ks_buf_str(b, ks_row_str(rows, 3));
        ks_buf_c(b, '\n');
    }
    return ks_buf_view(b);
}

/* One index, walked from its end: no table read from one end to the other. */
static void every_list_has_its_index(void **state)
{
    ks_world *w = *state;
    ks_ctx    cx = caller(w);
    const struct {
        ks_call_filter f;
        const char    *index;
    } lists[] = {
        {{.limit = 1}, "USING INDEX calls_by_entity (<expr>=? AND project_id=?"},
        {{.connection_id = KS_S("c"), .entity_id = KS_S("u"), .failed = true},
         "USING INDEX calls_by_connection (<expr>=? AND connection_id=? AND rowid<?)"},
        {{.entity_id = KS_S("u"), .app = KS_S("a"), .failed = true},
         "USING INDEX calls_by_entity (<expr>=? AND project_id=? AND entity_id=? AND rowid<?)"},
        {{.app = KS_S("a"), .failed = true}, "USING INDEX calls_failed (project_id=? AND rowid<?)"},
        {{.app = KS_S("a")}, "USING INDEX calls_by_app (project_id=? AND app=? AND rowid<?)"},
    };
    for (size_t i = 0; i < KS_COUNT(lists); i++) {
        ks_str said = plan(&cx, ks_call_rows_sql(&lists[i].f));
        if (ks_str_find(said, ks_str_of(lists[i].index)) == SIZE_MAX)
            fail_msg("list %zu: " KS_FMT, i, KS_ARG(said));
        assert_true(ks_str_find(said, KS_S("SCAN")) == SIZE_MAX);
        if (i > 0) /* one that is not filtered sorts the lines of a block */
            assert_true(ks_str_find(said, KS_S("TEMP B-TREE")) == SIZE_MAX);
    }
}

KS_TESTS_WITH(set_up, tear_down, lines_come_back_newest_first_in_pages,
              a_line_says_whose_call_it_was_and_what_became_of_it, without_a_log_nothing_is_written,
              the_path_is_the_callers_without_its_query, a_result_is_a_word_and_what_was_not_tried_has_none,
              every_list_has_its_index)
