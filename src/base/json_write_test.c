/* base/json_write_test.c — what the writer writes is JSON, whatever the text. */
#include <math.h>
#include <stdlib.h>

#include "base/json.h"
#include "tests/support/arena.h"

static void commas_and_names_stand_where_they_belong(void **state)
{
    (void)state;
    ks_buf b = ks_buf_new(1024);
    ks_jw  w = ks_jw_new(&b);
    ks_jw_obj(&w, NULL);
    ks_jw_z(&w, "s", "x");
    ks_jw_str(&w, "absent", KS_NO_STR);
    ks_jw_arr(&w, "a");
    ks_jw_int(&w, NULL, INT64_MIN);
    ks_jw_obj(&w, NULL);
    ks_jw_end(&w, '}');
    ks_jw_arr(&w, NULL);
    ks_jw_bool(&w, NULL, true);
    ks_jw_null(&w, NULL);
    ks_jw_end(&w, ']');
    ks_jw_end(&w, ']');
    ks_jw_name(&w, KS_S("na\"me"));
    ks_jw_obj(&w, NULL);
    ks_jw_name(&w, KS_S("x"));
    ks_jw_raw(&w, NULL, KS_S("[1]"));
    ks_jw_name(&w, KS_S("y"));
    ks_jw_int(&w, NULL, 2);
    ks_jw_end(&w, '}');
    ks_jw_time(&w, "t", 0);
    ks_jw_end(&w, '}');
    assert_str(ks_buf_view(&b), "{\"s\":\"x\",\"absent\":null,\"a\":[-9223372036854775808,{},[true,null]],"
                                "\"na\\\"me\":{\"x\":[1],\"y\":2},\"t\":\"1970-01-01T00:00:00.000Z\"}");
    ks_buf_done(&b);
}

static void any_bytes_make_a_well_formed_string(void **state)
{
    (void)state;
    ks_buf   b = ks_buf_new(4096);
    unsigned seed = 1;
    for (int round = 0; round < 20000; round++) {
        char   text[12];
        size_t n = (size_t)(rand_r(&seed) % 12);
        for (size_t i = 0; i < n; i++)
            text[i] = (char)(rand_r(&seed) >> 3);
        ks_buf_clear(&b);
        ks_json_quote(&b, (ks_str){text, n});
        const char *fault = ks_json_fault(ks_buf_view(&b));
        if (fault != NULL &&
            strstr(fault, "u0000") == NULL) /* a NUL is written, and refused when read back */
            fail_msg("round %d: %s", round, fault);
    }
    ks_buf_done(&b);
}

static void malformed_bytes_become_the_replacement_character(void **state)
{
    (void)state;
    ks_buf b = ks_buf_new(256);
    ks_json_quote(&b, KS_S("a\xff\xc3\xbc\xe2\x82\"\n\x01\x7f"));
    assert_str(ks_buf_view(&b), "\"a\\ufffd\xc3\xbc\\ufffd\\ufffd\\\"\\n\\u0001\x7f\"");
    ks_buf_done(&b);
}

static void reals_read_back_as_they_were_and_stay_reals(void **state)
{
    static const struct {
        double      v;
        const char *text;
    } rows[] = {{0.1, "0.1"},
                {1, "1.0"},
                {-2.5e-300, "-2.5e-300"},
                {1e300, "1e+300"},
                {1.0 / 3, "0.3333333333333333"},
                {NAN, "null"},
                {-INFINITY, "null"},
                {123456789012345680.0, "1.2345678901234568e+17"}};
    (void)state;
    for (size_t i = 0; i < KS_COUNT(rows); i++) {
        ks_buf b = ks_buf_new(64);
        ks_jw  w = ks_jw_new(&b);
        ks_jw_real(&w, NULL, rows[i].v);
        assert_str(ks_buf_view(&b), rows[i].text);
        ks_buf_done(&b);
    }
}

static void a_tree_comes_out_as_it_went_in(void **state)
{
    (void)state;
    ks_str   text = KS_S("{\"b\":[1,-2.5,\"\xc3\xbc\\n\",true,false,null,[],{}],\"a\":{\"c\":0.1}}");
    ks_json *v;
    assert_int_equal(ks_json_parse(&cx, text, &v), KS_OK);
    ks_buf *b = ks_ctx_buf(&cx, 1024);
    ks_jw   w = ks_jw_new(b);
    ks_jw_arr(&w, NULL);
    ks_jw_value(&w, NULL, v);
    ks_jw_value(&w, NULL, ks_json_get(v, "a"));
    ks_jw_end(&w, ']');
    assert_str(ks_buf_view(b),
               "[{\"b\":[1,-2.5,\"\xc3\xbc\\n\",true,false,null,[],{}],\"a\":{\"c\":0.1}},{\"c\":0.1}]");
}

static void the_writer_stops_at_63_levels_and_at_the_end_of_its_buffer(void **state)
{
    (void)state;
    ks_buf b = ks_buf_new(1024);
    ks_jw  w = ks_jw_new(&b);
    for (int i = 0; i < 63; i++)
        ks_jw_arr(&w, NULL);
    assert_true(ks_buf_ok(&b));
    ks_jw_arr(&w, NULL);
    assert_false(ks_buf_ok(&b));
    ks_buf_done(&b);

    b = ks_buf_new(3);
    w = ks_jw_new(&b);
    ks_jw_z(&w, NULL, "a");
    assert_true(ks_buf_ok(&b));
    ks_buf_clear(&b);
    w = ks_jw_new(&b);
    ks_jw_z(&w, NULL, "ab");
    assert_false(ks_buf_ok(&b));
    ks_buf_done(&b);
}

KS_TESTS_WITH(arena_setup, arena_teardown, commas_and_names_stand_where_they_belong,
              any_bytes_make_a_well_formed_string, malformed_bytes_become_the_replacement_character,
              reals_read_back_as_they_were_and_stay_reals, a_tree_comes_out_as_it_went_in,
              the_writer_stops_at_63_levels_and_at_the_end_of_its_buffer)
