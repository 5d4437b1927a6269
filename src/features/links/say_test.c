/* features/links/say_test.c — which language a page speaks, and what stands in its sentences. */
#include "features/links/say.h"

#include "tests/support/arena.h"

#define assert_says(is, want) assert_true(ks_str_eq(is, ks_str_of(want)))

static ks_str chosen(const char *query, const char *header, const char *link, const char *project)
{
    const ks_req_pair pair = {KS_S("Accept-Language"), ks_str_of(header)};
    const ks_req      rq = {.query = ks_str_of(query), .headers = &pair, .headers_n = header != NULL};
    return ks_lang_choose(&cx, &rq, ks_str_of(link), ks_str_of(project))->code;
}

static void the_persons_choice_goes_before_link_browser_and_project(void **state)
{
    (void)state;
    assert_says(chosen("lang=fr", "de", "it", "pl"), "fr");
    assert_says(chosen("", "de", "it", "pl"), "it");
    assert_says(chosen("", "de", NULL, "pl"), "de");
    assert_says(chosen("", "nl,sv", NULL, "pl"), "pl");
    assert_says(chosen("", NULL, NULL, NULL), "en");
    assert_says(chosen("lang=xx", "tlh", NULL, NULL), "en");
}

static void accept_language_is_weighed(void **state)
{
    (void)state;
    assert_says(chosen("", "nl, de;q=0.3, ja;q=0.8", NULL, NULL), "ja");
    assert_says(chosen("", "de;q=0, fr;q=0.001", NULL, NULL), "fr");
    assert_says(chosen("", "de-AT,en;q=0.9", NULL, NULL), "de");
    assert_says(chosen("", ",,;;q=,de;q=banana", NULL, NULL), "en");
}

static void codes_are_found_in_any_case_and_by_their_first_part(void **state)
{
    static const char *const rows[][2] = {{"PT-br", "pt-BR"},   {"pt-PT", "pt-BR"},     {"zh", "zh-Hans"},
                                          {"zh-CN", "zh-Hans"}, {"ZH-HANS", "zh-Hans"}, {"ar-EG", "ar"},
                                          {"es-419", "es"}};
    (void)state;
    for (size_t i = 0; i < KS_COUNT(rows); i++)
        assert_says(ks_lang_find(ks_str_of(rows[i][0]))->code, rows[i][1]);
    assert_null(ks_lang_find(KS_S("zh-TW"))); /* written in another way */
    assert_null(ks_lang_find(KS_S("")));
    assert_null(ks_lang_find(KS_S("deu")));
}

static void ten_languages_are_spoken_and_one_from_right_to_left(void **state)
{
    static const char *const codes[] = {"en", "de", "fr", "es", "pt-BR", "it", "pl", "ja", "zh-Hans", "ar"};
    (void)state;
    assert_true(ks_langs_n >= KS_COUNT(codes));
    for (size_t i = 0; i < KS_COUNT(codes); i++) {
        assert_says(ks_langs[i].code, codes[i]);
        assert_int_equal(ks_langs[i].rtl, i == 9);
        for (int m = 0; m < KS_MSGS; m++)
            assert_true(ks_langs[i].text[m].n > 0 && ks_str_utf8(ks_langs[i].text[m]));
    }
}

static void names_in_a_sentence_stand_apart_and_are_no_code_H4(void **state)
{
    ks_buf   *b = ks_ctx_buf(&cx, 4096);
    ks_html   h = ks_html_new(b);
    ks_places at = {{{0}}};
    (void)state;
    at.at[KS_AT_APP] = KS_S("<b>\x01");
    at.at[KS_AT_CLIENT] = KS_S("Ann & Bob");
    ks_say(&h, &ks_langs[0], KS_MSG_CONNECT_TO, &at);
    assert_true(ks_html_ok(&h));
    assert_says(ks_buf_view(b), "Connect <bdi>&lt;b&gt;\xef\xbf\xbd</bdi> to <bdi>Ann &amp; Bob</bdi>");
    assert_says(ks_say_text(&cx, &ks_langs[1], KS_MSG_CONNECT_TO, &at), "<b>\x01 mit Ann & Bob verbinden");
}

static void sentences_of_the_catalogue_are_recognised(void **state)
{
    ks_places at = {{{0}}};
    (void)state;
    at.at[KS_AT_APP] = KS_S("Acme");
    assert_int_equal(ks_say_known(KS_S("Sign in to Acme and open the settings of your account."),
                                  KS_MSG_STEP_SIGN_IN, KS_MSG_STEP_ENTER_USER, &at),
                     KS_MSG_STEP_SIGN_IN);
    assert_int_equal(ks_say_known(KS_S("Sign in to Other and open the settings of your account."),
                                  KS_MSG_STEP_SIGN_IN, KS_MSG_STEP_ENTER_USER, &at),
                     KS_MSGS);
}

static void what_stands_in_a_sentence_is_found_when_it_may_stand_there(void **state)
{
    static const struct {
        const char *text;
        ks_msg      is;
        int         place;
        const char *found;
    } rows[] = {
        {"Choose API Keys.", KS_MSG_STEP_CHOOSE, KS_AT_WORDS, "API Keys"},
        {"Choose what you need.", KS_MSGS, 0, NULL},
        {"Begins with a.b-.", KS_MSG_HINT_BEGINS, KS_AT_BEGINS, "a.b-"},
        {"Begins with a_ or b_.", KS_MSG_HINT_BEGINS_TWO, KS_AT_OTHER, "b_"},
        {"Begins with two dots.", KS_MSGS, 0, NULL},
        {"It has 32 hexadecimal digits.", KS_MSG_HINT_HAS_HEX, KS_AT_NUMBER, "32"},
        {"It has many hexadecimal digits.", KS_MSGS, 0, NULL},
        {"Where your Acme account is kept: eu or us.", KS_MSG_HINT_KEPT, KS_AT_VALUES, "eu or us"},
        {"Where your Other account is kept: eu or us.", KS_MSGS, 0, NULL},
        {"Identifier of your user in Acme.", KS_MSG_HINT_USER_ID, KS_AT_APP, "Acme"},
        {"Identifier of your shop in Acme.", KS_MSG_HINT_ID_OF, KS_AT_TERM, "shop"},
        {"An old key, or any other, does not work here.", KS_MSGS, 0, NULL},
    };
    (void)state;
    for (size_t i = 0; i < KS_COUNT(rows); i++) {
        ks_places at = {{{0}}};
        at.at[KS_AT_APP] = KS_S("Acme");
        assert_int_equal(ks_say_known(ks_str_of(rows[i].text), KS_MSG_STEP_SIGN_IN, KS_MSG_HINT_DB_KEY, &at),
                         rows[i].is);
        if (rows[i].is != KS_MSGS)
            assert_says(at.at[rows[i].place], rows[i].found);
        else
            assert_null(at.at[KS_AT_WORDS].p); /* as it was */
    }
}

KS_TESTS_WITH(arena_setup, arena_teardown, the_persons_choice_goes_before_link_browser_and_project,
              accept_language_is_weighed, codes_are_found_in_any_case_and_by_their_first_part,
              ten_languages_are_spoken_and_one_from_right_to_left,
              names_in_a_sentence_stand_apart_and_are_no_code_H4, sentences_of_the_catalogue_are_recognised,
              what_stands_in_a_sentence_is_found_when_it_may_stand_there)
