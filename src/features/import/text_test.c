/* features/import/text_test.c — words of foreign documents made fit for app files. */
#include "features/import/text.h"
#include "tests/support/arena.h"
#include "tests/support/test.h"

static void prose_loses_markup_and_keeps_its_words(void **state)
{
    (void)state;
    assert_str(
        ks_prose(&cx,
                 KS_S("# Pets\n\n* Lists **all** `pets`, see [the docs](https://x.example/a(b).\n<br/>Now."),
                 200),
        "Pets Lists all pets, see the docs. Now.");
    assert_str(ks_prose(&cx, KS_S("a\t b\r\n\x01 c \xc2\x85 d"), 200), "a b c d");
    assert_str(ks_prose(&cx, KS_S("5 < 6 and 2*3"), 200), "5 < 6 and 23");
    assert_null(ks_prose(&cx, KS_S(" \n**\n"), 200).p);
}

static void long_prose_is_cut_at_a_sentence_or_a_word_and_never_in_a_character(void **state)
{
    (void)state;
    assert_str(ks_prose(&cx, KS_S("The first one here. The second one is longer."), 30),
               "The first one here.");
    assert_str(ks_prose(&cx, KS_S("words words words words words words"), 20), "words words words...");
    ks_str umlauts = KS_S(
        "\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4");
    for (size_t max = 8; max < umlauts.n; max++) {
        ks_str cut = ks_prose(&cx, umlauts, max);
        assert_true(cut.n <= max);
        assert_true(ks_str_utf8(cut));
    }
}

static void identifiers_fall_into_words(void **state)
{
    (void)state;
    assert_str(ks_words(&cx, KS_S("listPetsByID"), true), "LIST_PETS_BY_ID");
    assert_str(ks_words(&cx, KS_S("HTTPServer2Start"), true), "HTTP_SERVER2_START");
    assert_str(ks_words(&cx, KS_S("repos/get-content"), false), "repos_get_content");
    assert_str(ks_words(&cx, KS_S("{petId}.json"), true), "PET_ID_JSON");
    assert_int_equal(ks_words(&cx, KS_S("\xc3\xa4-/"), true).n, 0);
}

static void names_of_parameters_keep_their_case_and_stay_apart_when_cut(void **state)
{
    (void)state;
    char a[80], b[80];
    assert_str(ks_plain_name(&cx, KS_S("_already_Fine1")), "_already_Fine1");
    assert_str(ks_plain_name(&cx, KS_S("filter[created_at]")), "filter_created_at");
    assert_str(ks_plain_name(&cx, KS_S("$select")), "select");
    memset(a, 'a', sizeof a);
    memset(b, 'a', sizeof b);
    b[79] = 'b';
    ks_str x = ks_plain_name(&cx, (ks_str){a, 80}), y = ks_plain_name(&cx, (ks_str){b, 80});
    assert_int_equal(x.n, 64);
    assert_int_equal(y.n, 64);
    assert_false(ks_str_eq(x, y));
    assert_str(ks_slug(&cx, KS_S("Pets & Co.")), "pets-co");
}

static ks_str yaml(ks_str s, bool flow)
{
    ks_buf *b = ks_ctx_buf(&cx, 4096);
    assert_non_null(b);
    ks_yaml_text(b, s, flow);
    return ks_buf_view(b);
}

static void what_yaml_could_take_for_something_else_stands_in_quotes(void **state)
{
    (void)state;
    assert_str(yaml(KS_S("Lists pets, newest first."), false), "Lists pets, newest first.");
    assert_str(yaml(KS_S("a, b"), true), "\"a, b\"");
    assert_str(yaml(KS_S("/pets/{id}:close"), false), "/pets/{id}:close");
    assert_str(yaml(KS_S("{id}"), false), "\"{id}\"");
    assert_str(yaml(KS_S("Note: this"), false), "\"Note: this\"");
    assert_str(yaml(KS_S("No"), false), "\"No\"");
    assert_str(yaml(KS_S("1.0"), false), "\"1.0\"");
    assert_str(yaml(KS_S("a \"b\" \\ \n\x7f\xc2\x85\xef\xbb\xbf"), false),
               "\"a \\\"b\\\" \\\\ \\u000a\\u007f\\u0085\\ufffd\"");
    assert_str(yaml(KS_S(""), false), "\"\"");
}

KS_TESTS_WITH(arena_setup, arena_teardown, prose_loses_markup_and_keeps_its_words,
              long_prose_is_cut_at_a_sentence_or_a_word_and_never_in_a_character, identifiers_fall_into_words,
              names_of_parameters_keep_their_case_and_stay_apart_when_cut,
              what_yaml_could_take_for_something_else_stands_in_quotes)
