/* features/databases/statement_test.c — the SQL of declared actions in both dialects, and that every database
 * of the catalogue has a driver and a statement for each of its actions. */
#include "features/databases/database.h"
#include "features/databases/statement.h"

#include "features/apps/catalog.h"
#include "tests/support/arena.h"

static ks_catalog *catalog;

static int open_all(void **state)
{
    arena_setup(state);
    return ks_catalog_open(&cx, KS_NO_STR, &catalog) == KS_OK ? 0 : 1;
}

static int close_all(void **state)
{
    ks_catalog_free(catalog);
    return arena_teardown(state);
}

/* The statement of a built-in action. KS_OK or what it failed with. */
static ks_status make(const char *action, const char *input, bool numbered, ks_statement *out)
{
    const ks_app        *app;
    const ks_app_action *a;
    ks_json             *json;
    ks_subject           s = {0};
    ks_arguments         args = {0};
    assert_int_equal(ks_json_parse(&cx, ks_str_of(input), &json), KS_OK);
    assert_int_equal(ks_catalog_need_action(&cx, catalog, ks_str_of(action), &app, &a), KS_OK);
    *out = (ks_statement){.cx = &cx, .text = ks_ctx_buf(&cx, 1 << 20), .numbered = numbered};
    assert_non_null(out->text);
    args.action = a;
    KS_TRY(ks_build_arguments(&cx, &s, a, json, &args.values));
    return ks_str_eq(a->method, KS_S("COMMAND")) ? ks_statement_command(out, &args)
                                                 : ks_statement_sql(out, &args);
}

static void check_sql(const char *action, const char *input, bool numbered, const char *sql, size_t params)
{
    ks_statement s;
    assert_int_equal(make(action, input, numbered, &s), KS_OK);
    assert_str(ks_buf_view(s.text), sql);
    assert_int_equal(s.n, params);
}

static void names_are_quoted_and_values_bound_T7(void **state)
{
    (void)state;
    check_sql(
        "POSTGRESQL_SELECT_ROWS",
        "{\"table\":\"or\\\"ders\",\"columns\":[\"a\",\"b\"],\"where\":\"a = $1 -- x\",\"parameters\":[1],"
        "\"order_by\":\"a DESC\",\"limit\":5,\"offset\":2}",
        true,
        "SELECT \"a\", \"b\" FROM \"public\".\"or\"\"ders\" WHERE (\na = $1 -- x\n) ORDER BY a DESC\n LIMIT "
        "5 "
        "OFFSET 2",
        1);
    check_sql("POSTGRESQL_INSERT_ROWS",
              "{\"table\":\"t\",\"rows\":[{\"a\":1},{\"b\":null,\"a\":\"x\"}],\"returning\":[\"id\"]}", true,
              "INSERT INTO \"public\".\"t\" (\"a\", \"b\") VALUES ($1, DEFAULT), ($2, $3) RETURNING \"id\"",
              3);
    check_sql("MYSQL_DELETE_ROWS", "{\"table\":\"a`b\",\"where\":\"id = 1\"}", false,
              "DELETE FROM `a``b` WHERE (\nid = 1\n)", 0);
}

static void a_callers_own_parameters_keep_their_numbers(void **state)
{
    (void)state;
    ks_statement s;
    check_sql("POSTGRESQL_UPDATE_ROWS",
              "{\"table\":\"t\",\"values\":{\"a\":2},\"where\":\"id = $1\",\"parameters\":[7]}", true,
              "UPDATE \"public\".\"t\" SET \"a\" = $2 WHERE (\nid = $1\n)", 2);
    assert_int_equal(make("POSTGRESQL_UPDATE_ROWS",
                          "{\"table\":\"t\",\"values\":{\"a\":2},\"where\":\"id = $1\",\"parameters\":[7]}",
                          true, &s),
                     KS_OK);
    assert_int_equal(s.params[0].i, 7);
    assert_int_equal(s.params[1].i, 2);
}

static void what_would_mean_the_whole_table_is_refused(void **state)
{
    (void)state;
    ks_statement s;
    assert_int_equal(make("POSTGRESQL_DELETE_ROWS", "{\"table\":\"t\",\"where\":\"  \"}", true, &s),
                     KS_INVALID);
    assert_int_equal(
        make("POSTGRESQL_UPDATE_ROWS", "{\"table\":\"t\",\"values\":{},\"where\":\"a\"}", true, &s),
        KS_INVALID);
    assert_int_equal(make("POSTGRESQL_INSERT_ROWS", "{\"table\":\"t\",\"rows\":[]}", true, &s), KS_INVALID);
    assert_int_equal(make("POSTGRESQL_INSERT_ROWS", "{\"table\":\"\",\"rows\":[{\"a\":1}]}", true, &s),
                     KS_INVALID);
    assert_int_equal(make("POSTGRESQL_SELECT_ROWS", "{\"table\":\"t\",\"limit\":-1}", true, &s), KS_INVALID);
}

static void a_command_takes_its_arguments_in_order(void **state)
{
    (void)state;
    ks_statement s;
    assert_int_equal(make("REDIS_HASH_SET", "{\"key\":\"h\",\"fields\":{\"a\":\"1\",\"b\":2}}", false, &s),
                     KS_OK);
    assert_str(ks_buf_view(s.text), "HSET");
    assert_int_equal(s.n, 5);
    assert_str(s.params[3].s, "b");
    assert_int_equal(
        make("REDIS_RUN_COMMAND", "{\"command\":\"ZADD\",\"args\":[\"z\",\"1\",\"m\"]}", false, &s), KS_OK);
    assert_str(ks_buf_view(s.text), "ZADD");
    assert_int_equal(s.n, 3);
}

static ks_str driver_of(const ks_app_scheme *s)
{
    for (size_t i = 0; i < s->dsn.n; i++) {
        if (ks_str_eq(s->dsn.at[i].name, KS_S("driver")))
            return s->dsn.at[i].value;
    }
    return KS_NO_STR;
}

static void what_the_catalogue_says_can_act_has_a_driver(void **state)
{
    (void)state;
    size_t acting = 0;
    for (size_t i = 0; i < ks_catalog_apps_n(catalog); i++) {
        const ks_app *app = ks_catalog_app(&cx, catalog, ks_catalog_key_at(catalog, i));
        assert_non_null(app);
        for (size_t j = 0; j < app->schemes_n; j++) {
            const ks_app_scheme *s = &app->schemes[j];
            if (!ks_scheme_is_database(s))
                continue;
            bool has = ks_db_driver_find(driver_of(s)) != NULL;
            assert_int_equal(has, ks_scheme_lacks(s) == NULL);
            acting += has;
        }
    }
    assert_true(acting >= 2);
}

static void every_action_of_postgresql_makes_a_statement(void **state)
{
    (void)state;
    ks_arguments  args = {0};
    const ks_app *app = ks_catalog_app(&cx, catalog, KS_S("postgresql"));
    assert_non_null(app);
    for (size_t i = 0; i < app->actions_n; i++) {
        const ks_app_action *a = &app->actions[i];
        ks_statement         s = {.cx = &cx, .text = ks_ctx_buf(&cx, 65536), .numbered = true};
        const char          *texts[] = {"\"x\"", "7", "0.5", "true", "[\"c\"]", "{\"a\":1}", "{}"};
        ks_json            **values = ks_zalloc(&cx, (a->params_n + 1) * sizeof *values);
        for (size_t k = 0; k < a->params_n; k++) {
            const char *text = a->params[k].items == KS_T_OBJECT ? "[{\"a\":1}]" : texts[a->params[k].type];
            assert_int_equal(ks_json_parse(&cx, ks_str_of(text), &values[k]), KS_OK);
        }
        args.action = a;
        args.values = (const ks_json *const *)values;
        assert_int_equal(ks_statement_sql(&s, &args), KS_OK);
        assert_true(s.text->n > 0);
    }
}

KS_TESTS_WITH(open_all, close_all, names_are_quoted_and_values_bound_T7,
              a_callers_own_parameters_keep_their_numbers, what_would_mean_the_whole_table_is_refused,
              a_command_takes_its_arguments_in_order, what_the_catalogue_says_can_act_has_a_driver,
              every_action_of_postgresql_makes_a_statement)
