/* features/links/form_test.c — what a posted form may look like, and what is refused. */
#include "features/links/form.h"

#include "tests/support/arena.h"
#include "tests/support/test.h"

static void pairs_are_decoded(void **state)
{
    (void)state;
    ks_form f;
    assert_int_equal(ks_form_parse(&cx, KS_S("csrf=1&f.api%5Fkey=a+b%2Bc%26%C3%A4&&empty=&bare"), &f), KS_OK);
    assert_int_equal(f.n, 4);
    assert_true(ks_str_eq(ks_form_get(&f, KS_S("f.api_key")), KS_S("a b+c&\xc3\xa4")));
    assert_true(ks_form_get(&f, KS_S("empty")).p != NULL && ks_form_get(&f, KS_S("bare")).p != NULL);
    assert_null(ks_form_get(&f, KS_S("other")).p);
}

static void an_empty_body_is_an_empty_form(void **state)
{
    (void)state;
    ks_form f;
    assert_int_equal(ks_form_parse(&cx, KS_S(""), &f), KS_OK);
    assert_int_equal(f.n, 0);
}

static void malformed_forms_are_refused_without_a_quote_of_them(void **state) /* S5 */
{
    (void)state;
    static const char *const bad[] = {"a=%zz", "a=%4", "a=%",     "a=%00",
                                      "a=%ff", "%=1",  "a=1&a=2", "a=1&%61=2"};
    ks_form                  f;
    for (size_t i = 0; i < KS_COUNT(bad); i++) {
        assert_int_equal(ks_form_parse(&cx, ks_str_of(bad[i]), &f), KS_INVALID);
        assert_int_equal(ks_str_find(cx.err.message, ks_str_of(bad[i])), SIZE_MAX);
    }
}

static void pairs_and_bytes_have_their_limits(void **state)
{
    (void)state;
    ks_form f;
    ks_buf *b = ks_ctx_buf(&cx, KS_MAX_FORM_BYTES + 2);
    for (int i = 0; i < KS_MAX_FORM_PAIRS; i++)
        ks_buf_fmt(b, "%sn%d=", i ? "&" : "", i);
    assert_int_equal(ks_form_parse(&cx, ks_buf_view(b), &f), KS_OK);
    ks_buf_z(b, "&one=more");
    assert_int_equal(ks_form_parse(&cx, ks_buf_view(b), &f), KS_INVALID);
    ks_buf_clear(b);
    ks_buf_z(b, "a=");
    while (b->n < KS_MAX_FORM_BYTES)
        ks_buf_c(b, 'x');
    assert_int_equal(ks_form_parse(&cx, ks_buf_view(b), &f), KS_OK);
    ks_buf_c(b, 'x');
    assert_int_equal(ks_form_parse(&cx, ks_buf_view(b), &f), KS_TOO_LARGE);
}

KS_TESTS_WITH(arena_setup, arena_teardown, pairs_are_decoded, an_empty_body_is_an_empty_form,
              malformed_forms_are_refused_without_a_quote_of_them, pairs_and_bytes_have_their_limits)
