/* features/apps/inside_test.c — arguments against what their parameter says of its inside. */
#include "features/apps/inside.h"
#include "tests/support/arena.h"

static const char people[] =
    "{\"items\":{\"type\":\"object\",\"properties\":{\"email\":{\"type\":\"string\"},\"age\":{\"type\":"
    "\"integer\"},\"role\":{\"type\":\"string\",\"enum\":[\"a\",\"b\"]},\"home\":{\"type\":\"object\","
    "\"properties\":{\"zip\":{\"type\":\"string\"}},\"required\":[\"zip\"]}},\"required\":[\"email\"]}}";
static const char parts[] =
    "{\"items\":{\"anyOf\":[{\"type\":\"object\",\"properties\":{\"kind\":{\"type\":\"string\",\"enum\":"
    "[\"text\"]},\"text\":{\"type\":\"string\"}},\"required\":[\"kind\",\"text\"]},{\"type\":\"object\","
    "\"properties\":{\"kind\":{\"type\":\"string\",\"enum\":[\"image\"]},\"url\":{\"type\":\"string\"}},"
    "\"required\":[\"kind\",\"url\"]}]}}";

static ks_inside_fault fault(const char *schema, const char *value, bool loose)
{
    ks_app_param    p = {.type = value[0] == '[' ? KS_T_ARRAY : KS_T_OBJECT, .schema = ks_str_of(schema)};
    ks_inside_fault f;
    ks_json        *v;
    assert_int_equal(ks_json_parse(&cx, ks_str_of(value), &v), KS_OK);
    assert_int_equal(ks_inside_judge(&cx, &p, v, loose, &f), KS_OK);
    return f;
}

static void assert_fits(const char *schema, const char *value)
{
    ks_inside_fault f = fault(schema, value, false);
    if (f.why != NULL)
        fail_msg("%s: %.*s %s", value, KS_ARG(f.at), f.why);
}

static void assert_fault(const char *schema, const char *value, const char *at, const char *why)
{
    ks_inside_fault f = fault(schema, value, false);
    if (f.why == NULL)
        fail_msg("%s was taken", value);
    assert_str(f.at, at);
    assert_string_equal(f.why, why);
}

static void members_are_judged_at_any_depth_and_named_with_their_place(void **state) /* ACT-14 */
{
    (void)state;
    assert_fits(people,
                "[{\"email\":\"x\",\"age\":3,\"role\":\"b\",\"home\":{\"zip\":\"1\"}},{\"email\":\"y\"}]");
    assert_fits(people, "[]");
    assert_fault(people, "[{\"email\":\"x\"},{\"age\":3}]", "[1].email", "is required");
    assert_fault(people, "[{\"email\":7}]", "[0].email", "must be a text");
    assert_fault(people, "[{\"email\":\"x\",\"age\":1.5}]", "[0].age", "must be a whole number");
    assert_fault(people, "[{\"email\":\"x\",\"role\":\"c\"}]", "[0].role",
                 "is not one of the allowed values");
    assert_fault(people, "[{\"email\":\"x\",\"home\":{}}]", "[0].home.zip", "is required");
    assert_fault(people, "[\"x\"]", "[0]", "must be an object");
}

static void what_is_not_declared_and_null_are_left_to_the_vendor(void **state)
{
    (void)state;
    assert_fits(people, "[{\"email\":\"x\",\"more\":[1,{}]}]");
    assert_fits(people, "[{\"email\":\"x\",\"home\":null}]");
    assert_fits("{\"properties\":{\"any\":{}}}", "{\"any\":[1]}");
    assert_fits("{\"minItems\":3}", "[]");
}

static void one_alternative_is_enough_and_the_one_that_was_meant_is_told(void **state)
{
    (void)state;
    assert_fits(parts, "[{\"kind\":\"text\",\"text\":\"x\"},{\"kind\":\"image\",\"url\":\"x\"}]");
    assert_fault(parts, "[{\"kind\":\"image\"}]", "[0].url", "is required");
    assert_fault(parts, "[{\"kind\":\"text\",\"text\":1}]", "[0].text", "must be a text");
    assert_fault(parts, "[{\"kind\":\"x\",\"text\":\"\",\"url\":\"\"}]", "[0].kind",
                 "is not one of the allowed values");
    assert_fits("{\"properties\":{\"to\":{\"anyOf\":[{\"type\":\"string\"},{\"type\":\"array\"}]}}}",
                "{\"to\":[]}");
}

static void forms_may_give_numbers_as_text(void **state)
{
    (void)state;
    assert_null(fault(people, "[{\"email\":\"x\",\"age\":\"-3\"}]", true).why);
    assert_non_null(fault(people, "[{\"email\":\"x\",\"age\":\"3.5\"}]", true).why);
    assert_non_null(fault(people, "[{\"email\":\"x\",\"age\":\"3\"}]", false).why);
}

/* Alternatives in alternatives, each tried at each element: the judge stops and lets the vendor say. */
static void a_value_made_to_be_slow_is_left_to_the_vendor(void **state)
{
    ks_buf *schema = ks_ctx_buf(&cx, 1 << 20), *value = ks_ctx_buf(&cx, 1 << 20);
    (void)state;
    for (int i = 0; i < 12; i++)
        ks_buf_z(schema, i == 0 ? "{\"items\":" : "{\"anyOf\":[{\"type\":\"string\"},{\"type\":\"string\"},");
    ks_buf_z(schema, "{\"type\":\"string\"}");
    for (int i = 0; i < 11; i++)
        ks_buf_z(schema, "]}");
    ks_buf_z(schema, "}");
    ks_buf_c(value, '[');
    for (int i = 0; i < 100000; i++)
        ks_buf_z(value, i > 0 ? ",\"x\"" : "\"x\"");
    ks_buf_z(value, ",1]");
    ks_str schema_text = ks_buf_view(schema), text = ks_buf_view(value);
    assert_non_null(fault(schema_text.p, "[1]", false).why);
    assert_null(fault(schema_text.p, text.p, false).why); /* its last element would not fit */
}

KS_TESTS_WITH(arena_setup, arena_teardown, members_are_judged_at_any_depth_and_named_with_their_place,
              what_is_not_declared_and_null_are_left_to_the_vendor,
              one_alternative_is_enough_and_the_one_that_was_meant_is_told, forms_may_give_numbers_as_text,
              a_value_made_to_be_slow_is_left_to_the_vendor)
