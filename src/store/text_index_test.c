/* store/text_index_test.c — what is found, in which order, and that no text breaks the query language. */
#include "store/text_index.h"
#include "tests/support/arena.h"

static const double even[KS_TEXT_COLUMNS] = {4, 3, 2, 1, 1};

static ks_text_index *made(void)
{
    static const char *const texts[][2] = {
        {"SEND_SMS", "Sends a text message to a phone number"},
        {"REFUND_PAYMENT", "Pays money back to a customer"},
        {"LIST_PAYMENTS", "Lists payments, newest first"},
        {"MAKE_TEXT", "Writes sms-like prose; refunds nothing"},
    };
    ks_text_index *ix;
    assert_int_equal(ks_text_index_new(&cx, even, &ix), KS_OK);
    for (size_t i = 0; i < KS_COUNT(texts); i++) {
        ks_str columns[KS_TEXT_COLUMNS] = {ks_str_of(texts[i][0]), ks_str_of(texts[i][1])};
        assert_int_equal(ks_text_index_add(&cx, ix, columns), KS_OK);
    }
    assert_int_equal(ks_text_index_done(&cx, ix), KS_OK);
    return ix;
}

static size_t find(ks_text_index *ix, const char *a, const char *b, size_t **hits)
{
    ks_str terms[] = {ks_str_of(a), ks_str_of(b)};
    size_t n;
    assert_int_equal(ks_text_index_find(&cx, ix, terms, b[0] != '\0' ? 2 : 1, hits, &n), KS_OK);
    return n;
}

static void the_best_document_is_first_and_any_term_counts(void **state)
{
    ks_text_index *ix = made();
    size_t        *hits;
    (void)state;
    assert_int_equal(find(ix, "sms", "", &hits), 2);
    assert_int_equal(hits[0], 0); /* in its name, which weighs more than prose */
    assert_int_equal(hits[1], 3);
    assert_int_equal(find(ix, "refund", "payment", &hits), 3);
    assert_int_equal(hits[0], 1);
    ks_text_index_free(ix);
}

static void words_are_found_in_any_form_and_phrases_as_a_whole(void **state)
{
    ks_text_index *ix = made();
    size_t        *hits;
    (void)state;
    assert_int_equal(find(ix, "sending", "", &hits), 1);
    assert_int_equal(find(ix, "PAYMENTS", "", &hits), 2);
    assert_int_equal(find(ix, "text message", "", &hits), 1);
    assert_int_equal(find(ix, "message text", "", &hits), 0);
    ks_text_index_free(ix);
}

static void nothing_in_a_term_is_an_operator(void **state)
{
    static const char *const odd[] = {
        "\"",   "\"\"",      "a:sms", "sms*", "NEAR(sms text)", "sms OR text",
        "^sms", "{a b}:sms", "-sms",  "(",    "\xc3\xa9",       "'; DROP TABLE t; --",
        "+"};
    ks_text_index *ix = made();
    size_t        *hits, n;
    (void)state;
    for (size_t i = 0; i < KS_COUNT(odd); i++) {
        ks_str term = ks_str_of(odd[i]);
        assert_int_equal(ks_text_index_find(&cx, ix, &term, 1, &hits, &n), KS_OK);
        assert_true(n <= 4);
    }
    assert_int_equal(find(ix, "sms", "", &hits), 2);
    assert_int_equal(ks_text_index_find(&cx, ix, NULL, 0, &hits, &n), KS_OK);
    assert_int_equal(n, 0);
    ks_text_index_free(ix);
}

KS_TESTS_WITH(arena_setup, arena_teardown, the_best_document_is_first_and_any_term_counts,
              words_are_found_in_any_form_and_phrases_as_a_whole, nothing_in_a_term_is_an_operator)
