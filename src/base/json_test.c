/* base/json_test.c — the strict scanner and the reader (rule T6). */
#include "base/json.h"
#include "tests/support/arena.h"

static const struct {
    const char *text;
    bool        scans, parses; /* by ks_json_fault; by ks_json_parse too */
} table[] = {
    {"{\"a\":1,\"a\":2}", true, false}, /* duplicate: only the tree sees it */
    {"{\"a\":{\"b\":1,\"\\u0062\":2}}", true, false},
    {"9223372036854775807", true, true},
    {"-9223372036854775808", true, true},
    {"9223372036854775808", true, false},
    {"[123456789012345678901234567890]", true, false},
    {"1e400", true, false},
    {"1e300", true, true},
    {"\"\xff\"", false, false}, /* bad UTF-8 */
    {"\"\xc0\xaf\"", false, false},
    {"\"\xed\xa0\x80\"", false, false},
    {"\"\\ud800\"", false, false}, /* half a pair */
    {"\"\\udc00\"", false, false},
    {"\"\\ud800\\ud800\"", false, false},
    {"\"\\ud800x\"", false, false},
    {"\"\\ud83d\\udd11\"", true, true},
    {"\"\\u0000\"", false, false},
    {"{\"\\u0000\":1}", false, false},
    {"{} x", false, false}, /* text after the document */
    {"{}{}", false, false},
    {"[01]", false, false},
    {"[-01]", false, false},
    {"[+1]", false, false},
    {"[1.]", false, false},
    {"[.5]", false, false},
    {"[1e]", false, false},
    {"[-]", false, false},
    {"[0]", true, true},
    {"[-0.5e+3]", true, true},
    {"NaN", false, false},
    {"[Infinity]", false, false},
    {"{'a':1}", false, false},
    {"{a:1}", false, false},
    {"[1,]", false, false},
    {"{\"a\":1,}", false, false},
    {"{\"a\"}", false, false},
    {"{\"a\":}", false, false},
    {"{1:2}", false, false},
    {"[1 2]", false, false},
    {"[1}", false, false},
    {"{\"a\":1]", false, false},
    {"[", false, false},
    {"{\"a\":[1,{\"b\"", false, false},
    {"]", false, false},
    {"", false, false},
    {" ", false, false},
    {"\"abc", false, false},
    {"\"a\\", false, false},
    {"\"\\x\"", false, false},
    {"\"\\u12g4\"", false, false},
    {"\"\\u12", false, false},
    {"\"a\nb\"", false, false},
    {"\"a\x7f\"", true, true},
    {"tru", false, false},
    {"trues", false, false},
    {"// x\n1", false, false},
    {"\xef\xbb\xbf{}", false, false}, /* byte order mark */
    {" \t\r\n{ } \n", true, true},
    {"null", true, true},
    {"[[],{},[{}],\"\",0,true,false,null]", true, true},
    {"9007199254740993", true, true},
};

static void every_row_of_the_strictness_table_is_judged_as_written_T6(void **state)
{
    (void)state;
    for (size_t i = 0; i < KS_COUNT(table); i++) {
        ks_json *v;
        ks_str   text = ks_str_of(table[i].text);
        bool     scans = ks_json_fault(text) == NULL, parses = ks_json_parse(&cx, text, &v) == KS_OK;
        if (scans != table[i].scans || parses != table[i].parses)
            fail_msg("row %zu: %s: scans %d, parses %d", i, table[i].text, scans, parses);
    }
}

/* n arrays in each other, or objects and arrays in turn. */
static ks_str nested(size_t n, bool objects)
{
    ks_buf *b = ks_ctx_buf(&cx, 1 << 20);
    for (size_t i = 0; i < n; i++)
        ks_buf_z(b, objects && i % 2 ? "{\"a\":" : "[");
    ks_buf_z(b, "1");
    for (size_t i = n; i-- > 0;)
        ks_buf_c(b, objects && i % 2 ? '}' : ']');
    assert_true(ks_buf_ok(b));
    return ks_buf_view(b);
}

static void depth_64_is_read_and_65_refused_T6(void **state)
{
    (void)state;
    ks_json *v;
    for (int objects = 0; objects < 2; objects++) {
        assert_int_equal(ks_json_parse(&cx, nested(KS_MAX_JSON_DEPTH, objects), &v), KS_OK);
        assert_int_equal(ks_json_parse(&cx, nested(KS_MAX_JSON_DEPTH + 1, objects), &v), KS_INVALID);
        assert_non_null(strstr(cx.err.message.p, "deeper than 64 levels"));
    }
    assert_non_null(ks_json_fault(nested(300000, false)));
}

static void no_cut_of_a_document_is_a_document(void **state)
{
    (void)state;
    ks_str whole = KS_S("{\"a\":[1.5e3,true,\"\\ud83d\\udd11\\n\"],\"\xc3\xbc\":{\"b\":null}}");
    assert_null(ks_json_fault(whole));
    for (size_t n = 0; n < whole.n; n++)
        assert_non_null(ks_json_fault(ks_str_sub(whole, 0, n)));
}

static void refusals_quote_nothing_of_the_text_S5(void **state)
{
    static const char *const texts[] = {"{\"sk_live_x\":1,\"sk_live_x\":2}", "{\"k\":\"sk_live_x}",
                                        "[123456789012345678901234567890, \"sk_live_x\"]", "sk_live_x"};
    (void)state;
    for (size_t i = 0; i < KS_COUNT(texts); i++) {
        ks_json *v;
        assert_int_equal(ks_json_parse(&cx, ks_str_of(texts[i]), &v), KS_INVALID);
        assert_int_equal(ks_str_find(cx.err.message, KS_S("sk_live")), SIZE_MAX);
    }
}

static void integers_keep_every_digit(void **state)
{
    (void)state;
    ks_json *v;
    assert_int_equal(ks_json_parse(&cx, KS_S("[9007199254740993,-1,1.5,true,\"7\"]"), &v), KS_OK);
    assert_true(ks_json_int(ks_json_at(v, 0)) == 9007199254740993);
    assert_str(ks_json_scalar(&cx, ks_json_at(v, 0)), "9007199254740993");
    assert_str(ks_json_scalar(&cx, ks_json_at(v, 1)), "-1");
    assert_str(ks_json_scalar(&cx, ks_json_at(v, 2)), "1.5");
    assert_str(ks_json_scalar(&cx, ks_json_at(v, 3)), "true");
    assert_str(ks_json_scalar(&cx, ks_json_at(v, 4)), "7");
    assert_null(ks_json_scalar(&cx, v).p);
    assert_true(ks_json_real(ks_json_at(v, 1)) == -1.0);
    assert_int_equal(ks_json_int(ks_json_at(v, 4)), 0);
    assert_null(ks_json_at(v, 5));
}

static void members_come_in_the_order_of_the_document(void **state)
{
    (void)state;
    ks_json *v, *m;
    void    *it = NULL;
    ks_str   name;
    char     seen[8] = {0};
    assert_int_equal(ks_json_parse(&cx, KS_S("{\"z\":1,\"a\":2,\"m\":{}}"), &v), KS_OK);
    while (ks_json_each(v, &it, &name, &m))
        strncat(seen, name.p, name.n);
    assert_string_equal(seen, "zam");
    assert_int_equal(ks_json_count(v), 3);
    assert_int_equal(ks_json_count(ks_json_get(v, "m")), 0);
    assert_int_equal(ks_json_kind(ks_json_get(v, "m")), KS_JSON_OBJ);
    assert_null(ks_json_get(v, "none"));
    assert_null(ks_json_get(ks_json_get(v, "z"), "z"));
    it = NULL;
    assert_false(ks_json_each(ks_json_get(v, "z"), &it, &name, &m));
}

static void pointers_follow_rfc_6901(void **state)
{
    static const struct {
        const char *pointer;
        int64_t     want; /* -1: nothing there */
    } rows[] = {{"/foo/0", 1},   {"/foo/1", 2}, {"/foo/2", -1}, {"/foo/-", -1},   {"/foo/00", -1},
                {"/foo/01", -1}, {"/", 3},      {"/a~1b", 4},   {"/m~0n", 5},     {"/m~n", -1},
                {"/m~", -1},     {"/c%d", 6},   {"foo", -1},    {"/foo/0/x", -1}, {"/e/f/g", 7},
                {"/e//g", -1},   {"/foo/", -1}};
    (void)state;
    ks_json *v;
    assert_int_equal(ks_json_parse(&cx,
                                   KS_S("{\"foo\":[1,2],\"\":3,\"a/b\":4,\"m~n\":5,\"c%d\":6,"
                                        "\"e\":{\"f\":{\"g\":7}}}"),
                                   &v),
                     KS_OK);
    assert_ptr_equal(ks_json_pointer(v, KS_S("")), v);
    for (size_t i = 0; i < KS_COUNT(rows); i++) {
        ks_json *at = ks_json_pointer(v, ks_str_of(rows[i].pointer));
        if ((at ? ks_json_int(at) : -1) != rows[i].want)
            fail_msg("%s", rows[i].pointer);
    }
}

static void slices_are_the_bytes_as_they_stood(void **state)
{
    (void)state;
    ks_str o = KS_S(" { \"a\" : [1, {\"b\":2} ] , \"big\":123456789012345678901234567890,\"s\":\"}\\\"\" } ");
    assert_str(ks_json_slice(o, KS_S("a")), "[1, {\"b\":2} ]");
    assert_str(ks_json_slice(o, KS_S("big")), "123456789012345678901234567890");
    assert_str(ks_json_slice(o, KS_S("s")), "\"}\\\"\"");
    assert_null(ks_json_slice(o, KS_S("b")).p); /* not at the top */
    assert_null(ks_json_slice(o, KS_S("")).p);
    assert_null(ks_json_slice(KS_S("[1]"), KS_S("a")).p);
    assert_null(ks_json_slice(KS_S("{}"), KS_S("a")).p);
}

static void slices_know_every_spelling_of_a_name(void **state)
{
    (void)state;
    assert_str(ks_json_slice(KS_S("{\"in\\u0070ut\":1}"), KS_S("input")), "1");
    assert_str(ks_json_slice(KS_S("{\"\\u00fc\\u20ac\\ud83d\\udd11\\n\":1}"),
                             KS_S("\xc3\xbc\xe2\x82\xac\xf0\x9f\x94\x91\n")),
               "1");
    assert_null(ks_json_slice(KS_S("{\"inputs\":1,\"inpu\":2,\"\\u00fc\":3}"), KS_S("input")).p);
}

KS_TESTS_WITH(arena_setup, arena_teardown, every_row_of_the_strictness_table_is_judged_as_written_T6,
              depth_64_is_read_and_65_refused_T6, no_cut_of_a_document_is_a_document,
              refusals_quote_nothing_of_the_text_S5, integers_keep_every_digit,
              members_come_in_the_order_of_the_document, pointers_follow_rfc_6901,
              slices_are_the_bytes_as_they_stood, slices_know_every_spelling_of_a_name)
