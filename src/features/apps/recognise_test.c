/* features/apps/recognise_test.c — the table of shapes against its own patterns, and what is said of keys
 * with blanks, quotes and half their length. The keys here are made up. */
#include <regex.h>
#include <stdlib.h>

#include "features/apps/recognise.h"
#include "tests/support/catalog.h"

static ks_recognition look(ks_str text)
{
    ks_secret     *s;
    ks_recognition r;
    assert_int_equal(ks_secret_new(&cx, text.p, text.n, &s), KS_OK);
    assert_int_equal(ks_recognise(&cx, catalog, s, &r), KS_OK);
    return r;
}

static bool warned(const ks_recognition *r, const char *code)
{
    for (size_t i = 0; i < r->warnings_n; i++) {
        if (strcmp(r->warnings[i].code, code) == 0)
            return true;
    }
    return false;
}

static bool guessed(const ks_recognition *r, const char *app)
{
    for (size_t i = 0; i < r->n; i++) {
        if (strcmp(r->guesses[i].shape->app, app) == 0)
            return true;
    }
    return false;
}

/* ---- samples: a text that a pattern matches, made from the pattern ---- */

typedef struct sample {
    const char *at; /* next of the pattern */
    char        text[600];
    size_t      n;
} sample;

/* How often the atom before s->at is repeated: the least number, and one at least. */
static unsigned long times(sample *s)
{
    unsigned long n = 1;
    if (*s->at == '{') {
        n = strtoul(s->at + 1, NULL, 10);
        s->at = strchr(s->at, '}') + 1;
    } else if (*s->at == '+' || *s->at == '*' || *s->at == '?') {
        s->at++;
    }
    return n > 0 ? n : 1;
}

/* One alternative, up to '|', ')' or the end; of a class its first character is taken. No group in a group.
 */
static void make(sample *s)
{
    while (*s->at != '\0' && strchr("|)$", *s->at) == NULL) {
        size_t from = s->n;
        if (*s->at == '(') {
            s->at++;
            make(s);
            s->at = strchr(s->at, ')') + 1;
        } else if (*s->at == '[') {
            s->text[s->n++] = s->at[1];
            s->at = strchr(s->at + 2, ']') + 1;
        } else {
            s->at += *s->at == '\\';
            s->text[s->n++] = *s->at++;
        }
        size_t len = s->n - from;
        for (unsigned long i = times(s); i > 1; i--, s->n += len)
            memcpy(s->text + s->n, s->text + from, len);
    }
}

static sample sample_of(const ks_key_shape *shape)
{
    sample s = {.at = shape->pattern + 1};
    make(&s);
    return s;
}

static void every_shape_fits_a_sample_of_itself(void **state)
{
    (void)state;
    for (size_t i = 0; i < ks_key_shapes_n; i++) {
        const ks_key_shape *shape = &ks_key_shapes[i];
        sample              s = sample_of(shape);
        regex_t             re;
        assert_int_equal(shape->pattern[0], '^');
        assert_int_equal(shape->pattern[strlen(shape->pattern) - 1], '$');
        assert_int_equal(regcomp(&re, shape->pattern, REG_EXTENDED | REG_NOSUB), 0);
        bool fits = regexec(&re, s.text, 0, NULL, 0) == 0 && s.n >= shape->min &&
                    (shape->max == 0 || s.n <= shape->max) &&
                    strncmp(s.text, shape->begins, strlen(shape->begins)) == 0;
        s.text[shape->min - 1] = '\0'; /* one byte less than it says */
        fits = fits && regexec(&re, s.text, 0, NULL, 0) != 0;
        regfree(&re);
        if (!fits)
            fail_msg("%s %s: the numbers do not fit the pattern", shape->app, shape->pattern);
    }
}

static void every_shape_is_recognised_as_its_app(void **state)
{
    (void)state;
    for (size_t i = 0; i < ks_key_shapes_n; i++) {
        const ks_key_shape *shape = &ks_key_shapes[i];
        sample              s = sample_of(shape);
        ks_recognition      r = look((ks_str){s.text, s.n});
        /* of shapes without a beginning there may be more than an answer holds */
        if (!guessed(&r, shape->app) && r.n < KS_GUESSES_MAX)
            fail_msg("%s %s: not among %zu guesses", shape->app, shape->pattern, r.n);
    }
}

/* ---- what is said ---- */

#define LIVE                                                                                                 \
    "sk_"                                                                                                    \
    "live_abcdefghijklmnopqrstuvwx"

static void a_stripe_key_is_a_stripe_key(void **state)
{
    (void)state;
    ks_recognition r = look(KS_S(LIVE));
    assert_true(r.n > 0);
    assert_string_equal(r.guesses[0].shape->app, "stripe");
    assert_non_null(r.guesses[0].app);
    assert_true(r.guesses[0].likely);
    assert_int_equal(r.warnings_n, 0);
}

static void kinds_that_will_not_work_are_told(void **state)
{
    (void)state;
    ks_recognition r = look(KS_S("pk_"
                                 "live_abcdefghijklmnopqrstuvwx"));
    assert_true(warned(&r, "publishable"));
    r = look(KS_S("sk_"
                  "test_abcdefghijklmnopqrstuvwx"));
    assert_true(warned(&r, "test"));
    r = look(KS_S("whsec_"
                  "abcdefghijklmnopqrstuvwxabcdefgh"));
    assert_true(warned(&r, "restricted"));
}

static void what_came_along_with_the_key_is_told_and_looked_through(void **state)
{
    (void)state;
    static const struct {
        const char *text, *code;
    } rows[] = {
        {"\"" LIVE "\"", "quoted"},
        {"'" LIVE "'\n", "quoted"},
        {"\xe2\x80\x9c" LIVE "\xe2\x80\x9d", "quoted"},
        {"  " LIVE "\r\n", "blanks"},
        {"sk_live_abcdefghijkl\n mnopqrstuvwx", "blanks"},
        {"Bearer " LIVE, "prefixed"},
        {"Authorization: bearer " LIVE, "prefixed"},
        {"export STRIPE_KEY=\"" LIVE "\"", "prefixed"},
    };
    for (size_t i = 0; i < KS_COUNT(rows); i++) {
        ks_recognition r = look(ks_str_of(rows[i].text));
        if (!warned(&r, rows[i].code) || r.n == 0 || strcmp(r.guesses[0].shape->app, "stripe") != 0)
            fail_msg("row %zu: no warning %s, or no guess", i, rows[i].code);
    }
}

static void half_a_key_is_told(void **state)
{
    (void)state;
    ks_recognition r = look(KS_S("SG.abcdefghijklmnopqrst"));
    assert_false(warned(&r, "truncated")); /* SG. is too short to say */
    r = look(KS_S("github_pat_abcdefgh"));
    assert_true(warned(&r, "truncated"));
    assert_string_equal(r.guesses[0].shape->app, "github");
    assert_true(r.guesses[0].cut);
    r = look(KS_S("sk_live_abcd...wxyz"));
    assert_true(warned(&r, "truncated"));
    r = look(KS_S("sk_live_********"));
    assert_true(warned(&r, "truncated"));
}

static void a_word_nobody_knows_is_nobodys(void **state)
{
    (void)state;
    ks_recognition r = look(KS_S("hello-there"));
    assert_int_equal(r.n, 0);
    assert_int_equal(r.warnings_n, 0);
    r = look(KS_S("h\xc3\xa9llo"));
    assert_true(warned(&r, "characters"));
}

static void nothing_is_asked_for_again(void **state)
{
    static const char *const rows[] = {"", " \n\t ", "\"\""};
    (void)state;
    for (size_t i = 0; i < KS_COUNT(rows); i++) {
        ks_recognition r;
        ks_secret     *s;
        assert_int_equal(ks_secret_new(&cx, rows[i], strlen(rows[i]), &s), KS_OK);
        if (i < 2) {
            assert_int_equal(ks_recognise(&cx, catalog, s, &r), KS_INVALID);
            assert_true(ks_str_eq(cx.err.details[0].field, KS_S("key")));
        } else {
            assert_int_equal(ks_recognise(&cx, catalog, s, &r), KS_OK);
            assert_int_equal(r.n, 0);
        }
    }
}

KS_TESTS_WITH(catalog_setup, catalog_teardown, every_shape_fits_a_sample_of_itself,
              every_shape_is_recognised_as_its_app, a_stripe_key_is_a_stripe_key,
              kinds_that_will_not_work_are_told, what_came_along_with_the_key_is_told_and_looked_through,
              half_a_key_is_told, a_word_nobody_knows_is_nobodys, nothing_is_asked_for_again)
