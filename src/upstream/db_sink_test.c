/* upstream/db_sink_test.c — rows as JSON and their limits; PostgreSQL's texts as values. */
#include "upstream/db_sink.h"

#include "tests/support/arena.h"
#include "upstream/db_pg.h"

static ks_db_sink s;
static ks_buf    *b;

static void begin(size_t rows, size_t bytes)
{
    b = ks_ctx_buf(&cx, 1 << 20);
    assert_non_null(b);
    ks_db_sink_begin(&s, b, rows, bytes);
}

static bool put_int(int64_t i)
{
    ks_db_sink_value(&s, &(ks_db_value){.kind = KS_DB_INT, .i = i});
    return ks_db_sink_row(&s);
}

static void what_a_json_number_cannot_hold_is_a_string(void **state)
{
    (void)state;
    begin(10, 4096);
    ks_db_sink_column(&s, KS_S("n\"1"), KS_S("bigint"));
    assert_true(put_int(INT64_C(9007199254740991)));
    assert_true(put_int(INT64_C(-9007199254740992)));
    ks_db_sink_value(&s, &(ks_db_value){.kind = KS_DB_REAL, .s = KS_S("1.5e300")});
    assert_true(ks_db_sink_row(&s));
    ks_db_sink_value(&s, &(ks_db_value){.kind = KS_DB_REAL, .s = KS_S("Infinity")});
    assert_true(ks_db_sink_row(&s));
    ks_db_sink_value(&s, &(ks_db_value){.kind = KS_DB_EXACT, .s = KS_S("1.10")});
    assert_true(ks_db_sink_row(&s));
    ks_db_sink_value(&s, &(ks_db_value){.kind = KS_DB_TEXT, .s = {"\xff\x00", 2}});
    assert_true(ks_db_sink_row(&s));
    ks_db_sink_value(&s, &(ks_db_value){.kind = KS_DB_TEXT, .s = {"a\0b", 3}});
    assert_true(ks_db_sink_row(&s));
    ks_db_sink_end(&s, 3);
    assert_str(
        ks_buf_view(b),
        "{\"columns\":[{\"name\":\"n\\\"1\",\"type\":\"bigint\"}],\"rows\":[[9007199254740991],"
        "[\"-9007199254740992\"],[1.5e300],[\"Infinity\"],[\"1.10\"],[\"/wA=\"],[\"YQBi\"]],\"row_count\":7,"
        "\"truncated\":false,\"took_ms\":3}");
}

static void a_statement_without_rows_says_what_it_changed(void **state)
{
    (void)state;
    begin(10, 4096);
    ks_db_sink_changed(&s, 7);
    ks_db_sink_end(&s, 0);
    assert_str(
        ks_buf_view(b),
        "{\"columns\":[],\"rows\":[],\"row_count\":0,\"changed\":7,\"truncated\":false,\"took_ms\":0}");
}

static void the_row_past_a_limit_is_left_out_whole(void **state)
{
    (void)state;
    begin(2, 4096);
    assert_true(put_int(1));
    assert_true(put_int(2));
    assert_false(put_int(3));
    ks_db_sink_end(&s, 0);
    assert_str(ks_buf_view(b),
               "{\"columns\":[],\"rows\":[[1],[2]],\"row_count\":2,\"truncated\":true,\"took_ms\":0}");
    begin(100, 60);
    assert_true(put_int(1));
    ks_db_sink_value(
        &s, &(ks_db_value){.kind = KS_DB_TEXT, .s = KS_S("this is longer than what is left of sixty")});
    assert_false(ks_db_sink_row(&s));
    ks_db_sink_end(&s, 0);
    assert_str(ks_buf_view(b),
               "{\"columns\":[],\"rows\":[[1]],\"row_count\":1,\"truncated\":true,\"took_ms\":0}");
    assert_null(ks_json_fault(ks_buf_view(b)));
}

static void streamed_rows_are_a_line_each(void **state)
{
    (void)state;
    ks_db_stream untouched = {0}; /* far less than a piece comes */
    ks_db_error  e = {.why = ""};
    b = ks_ctx_buf(&cx, 1 << 20);
    ks_db_sink_stream(&s, b, 3, 64, &untouched, NULL, &e);
    ks_db_sink_column(&s, KS_S("a"), KS_S("json"));
    ks_db_sink_value(&s, &(ks_db_value){.kind = KS_DB_JSON, .s = KS_S("{\n\t\"x\":\r\n\"\\n\"}")});
    assert_true(ks_db_sink_row(&s));
    assert_true(put_int(1));
    ks_db_sink_value(&s, &(ks_db_value){.kind = KS_DB_INT, .i = 2});
    ks_db_sink_cut(&s);
    ks_db_sink_end(&s, 4);
    assert_str(ks_buf_view(b), "{\"columns\":[{\"name\":\"a\",\"type\":\"json\"}]}\n"
                               "[{ \t\"x\":  \"\\n\"}]\n[1]\n"
                               "{\"row_count\":2,\"truncated\":false,\"took_ms\":4}\n");
}

static void a_streamed_row_past_the_limits_ends_the_result(void **state)
{
    (void)state;
    static char  large[KS_DB_PIECE + 100];
    ks_db_stream untouched = {0};
    ks_db_error  e = {.why = ""};
    b = ks_ctx_buf(&cx, 1 << 20);
    ks_db_sink_stream(&s, b, 1, 64, &untouched, NULL, &e);
    assert_true(put_int(1));
    assert_false(put_int(2));
    assert_int_equal(e.step, KS_DB_FINE);
    ks_db_sink_end(&s, 0);
    assert_str(ks_buf_view(b), "{\"columns\":[]}\n[1]\n{\"row_count\":1,\"truncated\":true,\"took_ms\":0}\n");
    ks_buf_clear(b);
    ks_db_sink_stream(&s, b, 9, 64, &untouched, NULL, &e);
    assert_true(put_int(1));
    memset(large, 'x', sizeof large);
    ks_db_sink_value(&s, &(ks_db_value){.kind = KS_DB_TEXT, .s = {large, sizeof large}});
    assert_false(ks_db_sink_row(&s));
    assert_int_equal(e.step, KS_DB_STATEMENT);
    assert_string_equal(e.code, "row_too_large");
    assert_str(ks_buf_view(b), "{\"columns\":[]}\n[1]\n");
}

static void lists_and_maps_nest_and_end_at_a_depth(void **state)
{
    (void)state;
    begin(10, 65536);
    ks_db_sink_value(&s, &(ks_db_value){.kind = KS_DB_MAP});
    ks_db_sink_value(&s, &(ks_db_value){.kind = KS_DB_TEXT, .s = KS_S("k")});
    ks_db_sink_value(&s, &(ks_db_value){.kind = KS_DB_LIST});
    ks_db_sink_value(&s, &(ks_db_value){.kind = KS_DB_INT, .i = 1});
    ks_db_sink_value(&s, &(ks_db_value){.kind = KS_DB_END});
    ks_db_sink_value(&s, &(ks_db_value){.kind = KS_DB_END});
    assert_true(ks_db_sink_row(&s));
    for (int i = 0; i < 100; i++)
        ks_db_sink_value(&s, &(ks_db_value){.kind = KS_DB_LIST});
    for (int i = 0; i < 100; i++)
        ks_db_sink_value(&s, &(ks_db_value){.kind = KS_DB_END});
    assert_true(ks_db_sink_row(&s));
    const ks_db_kind odd[] = {KS_DB_MAP, KS_DB_LIST, KS_DB_MAP, KS_DB_END, KS_DB_END, KS_DB_NULL, KS_DB_END};
    for (size_t i = 0; i < KS_COUNT(odd); i++)
        ks_db_sink_value(&s, &(ks_db_value){.kind = odd[i]});
    assert_true(ks_db_sink_row(&s));
    ks_db_sink_end(&s, 0);
    assert_true(ks_str_find(ks_buf_view(b), KS_S("[{\"k\":[1]}]")) != SIZE_MAX);
    assert_true(ks_str_find(ks_buf_view(b), KS_S("[{\"?\":null}]")) != SIZE_MAX);
    assert_null(ks_json_fault(ks_buf_view(b)));
}

/* The one row that this text of this type makes. */
static void check_value(Oid type, const char *text, const char *json)
{
    begin(10, 65536);
    ks_pg_value(&s, type, ks_str_of(text));
    assert_true(ks_db_sink_row(&s));
    ks_db_sink_end(&s, 0);
    ks_str rows = ks_json_slice(ks_buf_view(b), KS_S("rows"));
    assert_str(ks_str_sub(rows, 2, rows.n - 4), json);
}

static void texts_of_postgresql_become_values(void **state)
{
    (void)state;
    check_value(16, "t", "true");
    check_value(20, "-9223372036854775807", "\"-9223372036854775807\"");
    check_value(23, "-5", "-5");
    check_value(17, "\\x00ff", "\"AP8=\"");
    check_value(17, "\\x0", "\"\\\\x0\"");
    check_value(1184, "2026-01-02 03:04:05.25+00", "\"2026-01-02T03:04:05.25Z\"");
    check_value(1114, "infinity", "\"infinity\"");
    check_value(1114, "0044-03-15 12:00:00 BC", "\"0044-03-15 12:00:00 BC\"");
    check_value(3802, "{\"a\":[1.0]}", "{\"a\":[1.0]}");
    check_value(114, "{broken", "\"{broken\"");
    check_value(999999, "free text", "\"free text\"");
}

static void arrays_of_postgresql_become_lists(void **state)
{
    (void)state;
    check_value(1007, "{}", "[]");
    check_value(1007, "{1,NULL,3}", "[1,null,3]");
    check_value(1007, "{{1,2},{3,4}}", "[[1,2],[3,4]]");
    check_value(1009, "{\"a,b\",\"NULL\",\"q\\\"}\",c}", "[\"a,b\",\"NULL\",\"q\\\"}\",\"c\"]");
    check_value(1007, "[0:1]={1,2}", "\"[0:1]={1,2}\"");
    check_value(1007, "{1,2", "\"{1,2\"");
    check_value(1007, "}", "\"}\"");
    check_value(1009, "{\"a", "\"{\\\"a\"");
}

static void lists_become_arrays_or_json(void **state)
{
    (void)state;
    ks_json *v;
    assert_int_equal(ks_json_parse(&cx, KS_S("[1,\"a\\\"b\\\\\",null,[true],{\"k\":1}]"), &v), KS_OK);
    ks_db_value p = {.kind = KS_DB_LIST, .json = v};
    ks_buf      out = ks_buf_new(4096);
    assert_true(ks_pg_param(&out, &p, 1009));
    assert_string_equal(out.p, "{\"1\",\"a\\\"b\\\\\",NULL,{\"true\"},\"{\\\"k\\\":1}\"}");
    ks_buf_clear(&out);
    assert_true(ks_pg_param(&out, &p, 3802));
    assert_string_equal(out.p, "[1,\"a\\\"b\\\\\",null,[true],{\"k\":1}]");
    ks_buf_clear(&out);
    ks_db_value nul = {.kind = KS_DB_TEXT, .s = {"a\0b", 3}};
    assert_false(ks_pg_param(&out, &nul, 0));
    ks_buf_done(&out);
}

KS_TESTS_WITH(arena_setup, arena_teardown, what_a_json_number_cannot_hold_is_a_string,
              a_statement_without_rows_says_what_it_changed, the_row_past_a_limit_is_left_out_whole,
              streamed_rows_are_a_line_each, a_streamed_row_past_the_limits_ends_the_result,
              lists_and_maps_nest_and_end_at_a_depth, texts_of_postgresql_become_values,
              arrays_of_postgresql_become_lists, lists_become_arrays_or_json)
