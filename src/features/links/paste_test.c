/* features/links/paste_test.c — the examples that paste.js is tested with, too, and forms. Rule T1. */
#include "features/links/paste.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/json.h"
#include "tests/support/arena.h"

static ks_json *examples(void)
{
    char     path[4096];
    ks_json *all;
    char    *text = ks_alloc(&cx, 65536);
    snprintf(path, sizeof path, "%s/../src/features/links/paste_examples.json", getenv("KS_CATALOG"));
    FILE *f = fopen(path, "rb");
    assert_non_null(f);
    size_t n = fread(text, 1, 65536, f);
    fclose(f);
    assert_int_equal(ks_json_parse(&cx, (ks_str){text, n}, &all), KS_OK);
    return all;
}

static unsigned bit_of(ks_str word)
{
    static const char *const words[] = {"invisible", "blanks", "quotes", "prefix", "joined"};
    for (unsigned i = 0; i < KS_COUNT(words); i++) {
        if (ks_str_eq(word, ks_str_of(words[i])))
            return 1u << i;
    }
    fail_msg("unknown word");
    return 0;
}

static void keys_are_cleaned_as_the_examples_say_T1(void **state)
{
    const ks_json *keys = ks_json_get(examples(), "keys");
    (void)state;
    assert_true(ks_json_count(keys) > 25);
    for (size_t i = 0; i < ks_json_count(keys); i++) {
        const ks_json *e = ks_json_at(keys, i), *did = ks_json_get(e, "did");
        ks_str         manner = ks_json_str(ks_json_get(e, "manner")), out;
        unsigned       is, want = 0;
        for (size_t k = 0; k < ks_json_count(did); k++)
            want |= bit_of(ks_json_str(ks_json_at(did, k)));
        assert_int_equal(ks_paste_clean(&cx, ks_json_str(ks_json_get(e, "in")),
                                        manner.n ? manner : KS_S("key"),
                                        ks_json_str(ks_json_get(e, "prefix")),
                                        ks_json_str(ks_json_get(e, "pattern")), &out, &is),
                         KS_OK);
        if (!ks_str_eq(out, ks_json_str(ks_json_get(e, "out"))) || is != want)
            fail_msg("example %zu: \"%.*s\", %u", i, KS_ARG(out), is);
    }
}

static void database_urls_are_divided_as_the_examples_say(void **state)
{
    const ks_json *urls = ks_json_get(examples(), "urls");
    (void)state;
    assert_true(ks_json_count(urls) > 6);
    for (size_t i = 0; i < ks_json_count(urls); i++) {
        const ks_json *e = ks_json_at(urls, i), *parts = ks_json_get(e, "parts");
        ks_paste_url   u;
        bool           is;
        assert_int_equal(ks_paste_split(&cx, ks_json_str(ks_json_get(e, "in")), &u, &is), KS_OK);
        assert_int_equal(is, ks_json_kind(parts) == KS_JSON_ARR);
        const ks_str got[] = {u.host, u.port, u.user, u.password, u.database};
        for (size_t k = 0; is && k < KS_COUNT(got); k++) {
            if (!ks_str_eq(got[k], ks_json_str(ks_json_at(parts, k))))
                fail_msg("example %zu, part %zu: \"%.*s\"", i, k, KS_ARG(got[k]));
        }
    }
}

static const ks_app_field fields[] = {{.name = KS_S_INIT("host")},
                                      {.name = KS_S_INIT("port"), .fallback = KS_S_INIT("5432")},
                                      {.name = KS_S_INIT("username")},
                                      {.name = KS_S_INIT("password"), .secret = true},
                                      {.name = KS_S_INIT("db")}};
static const ks_app_put   dsn[] = {
      {KS_S_INIT("driver"), KS_S_INIT("postgresql")},     {KS_S_INIT("host"), KS_S_INIT("{{host}}")},
      {KS_S_INIT("port"), KS_S_INIT("{{port}}")},         {KS_S_INIT("user"), KS_S_INIT("{{username}}")},
      {KS_S_INIT("password"), KS_S_INIT("{{password}}")}, {KS_S_INIT("database"), KS_S_INIT("{{db}}")}};
static const ks_app_scheme database = {.fields = fields, .fields_n = 5, .dsn = {dsn, 6}};

static void a_url_in_one_field_fills_those_that_are_empty(void **state)
{
    ks_form f = {.n = 0};
    (void)state;
    assert_int_equal(
        ks_form_parse(&cx, KS_S("csrf=x&f.host=postgres://ada:p%2540@h:6000/shop&f.port=5432&f.username=bob"),
                      &f),
        KS_OK);
    assert_int_equal(ks_paste_form(&cx, &database, &f), KS_OK);
    assert_true(ks_str_eq(ks_form_field(&cx, &f, KS_S("host")), KS_S("h")));
    assert_true(ks_str_eq(ks_form_field(&cx, &f, KS_S("port")), KS_S("6000"))); /* the default gave way */
    assert_true(
        ks_str_eq(ks_form_field(&cx, &f, KS_S("username")), KS_S("bob"))); /* what was typed did not */
    assert_true(ks_str_eq(ks_form_field(&cx, &f, KS_S("password")), KS_S("p@")));
    assert_true(ks_str_eq(ks_form_field(&cx, &f, KS_S("db")), KS_S("shop")));
}

static void passwords_that_people_choose_keep_their_quotes(void **state)
{
    ks_form f = {.n = 0};
    (void)state;
    assert_int_equal(ks_form_parse(&cx, KS_S("f.password=%22Bearer+x%22+"), &f), KS_OK);
    assert_int_equal(ks_paste_form(&cx, &database, &f), KS_OK);
    assert_true(ks_str_eq(ks_form_field(&cx, &f, KS_S("password")), KS_S("\"Bearer x\"")));
}

KS_TESTS_WITH(arena_setup, arena_teardown, keys_are_cleaned_as_the_examples_say_T1,
              database_urls_are_divided_as_the_examples_say, a_url_in_one_field_fills_those_that_are_empty,
              passwords_that_people_choose_keep_their_quotes)
