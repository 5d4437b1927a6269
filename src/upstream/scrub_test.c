/* upstream/scrub_test.c — secrets found in every spelling and at every chunk border (rule S6). */
#include "upstream/scrub.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "base/enc.h"
#include "tests/support/arena.h"

static ks_scrub *scrub_for(const char *secret, ks_str tokens)
{
    ks_secret *s;
    assert_int_equal(ks_secret_new(&cx, secret, strlen(secret), &s), KS_OK);
    const ks_secret *list[] = {s};
    ks_scrub        *scrub = ks_scrub_new(list, 1, tokens);
    assert_non_null(scrub);
    return scrub;
}

/* Feed `text` in chunks of `step` bytes and give all that comes out. */
static ks_str fed(ks_scrub *s, ks_str text, size_t step)
{
    ks_buf *out = ks_ctx_buf(&cx, 64u * 1024 * 1024);
    assert_non_null(out);
    for (size_t at = 0; at < text.n; at += step) {
        ks_str part = ks_scrub_feed(s, ks_str_sub(text, at, step), false);
        assert_non_null(part.p);
        ks_buf_str(out, part);
    }
    ks_buf_str(out, ks_scrub_feed(s, KS_S(""), true));
    assert_true(ks_buf_ok(out));
    return ks_buf_view(out);
}

/* Whatever the chunks, `text` must become `wanted`. */
static void becomes(const char *secret, const char *text, const char *wanted)
{
    for (size_t step = 1; step <= strlen(text) + 1; step++) {
        ks_scrub *s = scrub_for(secret, KS_S(""));
        ks_str    out = fed(s, ks_str_of(text), step);
        if (!ks_str_eq(out, ks_str_of(wanted)))
            fail_msg("%s in steps of %zu gave " KS_FMT, text, step, KS_ARG(out));
        assert_int_equal(ks_scrub_found(s), strcmp(text, wanted) != 0);
        assert_true(ks_scrub_feed(s, KS_S("clean"), true).n == 5); /* the stream can begin anew */
        ks_scrub_free(s);
    }
}

static void each_spelling_is_found_at_every_chunk_border(void **state)
{
    (void)state;
    const char *secret = "a/b+c \"d\"\\e<f>&\xc3\xbc";
    becomes(secret, "x=a/b+c \"d\"\\e<f>&\xc3\xbc.", "x=[redacted].");
    becomes(secret, "x=a%2Fb%2Bc%20%22d%22%5Ce%3Cf%3E%26%C3%BC.", "x=[redacted].");
    becomes(secret, "x=a%2fb%2bc%20%22d%22%5ce%3cf%3e%26%c3%bc.", "x=[redacted].");
    becomes(secret, "x=a%2Fb%2Bc+%22d%22%5Ce%3Cf%3E%26%C3%BC&y", "x=[redacted]&y");
    becomes(secret, "{\"x\":\"a/b+c \\\"d\\\"\\\\e<f>&\xc3\xbc\"}", "{\"x\":\"[redacted]\"}");
    becomes(secret, "{\"x\":\"a\\/b+c \\\"d\\\"\\\\e<f>&\\u00fc\"}", "{\"x\":\"[redacted]\"}");
    becomes(secret, "{\"x\":\"a/b+c \\\"d\\\"\\\\e\\u003cf\\u003e\\u0026\xc3\xbc\"}",
            "{\"x\":\"[redacted]\"}");
    becomes(secret, "{\"x\":\"a/b+c \\\"d\\\"\\\\e\\u003Cf\\u003E\\u0026\\u00FC\"}",
            "{\"x\":\"[redacted]\"}");
    becomes("\xf0\x9f\x94\x91key-key", "\\ud83d\\udd11key-key", "[redacted]");
}

static void base64_is_found_at_all_three_alignments(void **state)
{
    (void)state;
    const char *secret = "sk-canary?>~~7f3a";
    for (unsigned url = 0; url < 2; url++) {
        for (size_t before = 0; before < 7; before++) {
            ks_buf *plain = ks_ctx_buf(&cx, 4096), *text = ks_ctx_buf(&cx, 4096);
            ks_buf_put(plain, "user::x", before);
            ks_buf_z(plain, secret);
            ks_buf_z(plain, " and more");
            (url ? ks_enc_base64url : ks_enc_base64)(text, ks_buf_view(plain));
            for (size_t step = 1; step <= text->n; step++) {
                ks_scrub *s = scrub_for(secret, KS_S(""));
                ks_str    out = fed(s, ks_buf_view(text), step);
                assert_true(ks_str_find(out, KS_S(KS_SCRUB_MARK)) != SIZE_MAX);
                assert_true(out.n <= text->n - strlen(secret) * 4 / 3 + 2 + 10);
                ks_scrub_free(s);
            }
        }
    }
}

static void whole_tokens_are_found_with_and_without_padding(void **state)
{
    (void)state;
    const ks_secret *none[] = {NULL};
    static const struct {
        const char *text, *wanted;
    } cases[] = {
        {"Basic YWRtaW46aHVudGVyMg==", "Basic [redacted]=="},
        {"Basic YWRtaW46aHVudGVyMg", "Basic [redacted]"},
        {"x?auth=YWRtaW46aHVudGVyMg%3D%3D", "x?auth=[redacted]%3D%3D"},
        {"YWRtaW46aHVudGVyM", "YWRtaW46aHVudGVyM"},
    };
    for (size_t i = 0; i < KS_COUNT(cases); i++) {
        for (size_t step = 1; step < 30; step++) {
            ks_scrub *s = ks_scrub_new(none, 0, KS_S("YWRtaW46aHVudGVyMg==\0"));
            assert_str(fed(s, ks_str_of(cases[i].text), step), cases[i].wanted);
            ks_scrub_free(s);
        }
    }
}

static void overlapping_and_adjoining_secrets_leave_nothing_of_either(void **state)
{
    (void)state;
    ks_secret *a, *b, *c;
    assert_int_equal(ks_secret_new(&cx, "xxxxabcd", 8, &a), KS_OK);
    assert_int_equal(ks_secret_new(&cx, "abcdyyyyz", 9, &b), KS_OK);
    assert_int_equal(ks_secret_new(&cx, "abcdyyyyzLONGER", 15, &c), KS_OK);
    const ks_secret *list[] = {a, b, c};
    static const struct {
        const char *text, *wanted;
    } cases[] = {
        {"-xxxxabcdyyyyz-", "-[redacted]-"},
        {"-xxxxabcdabcdyyyyz-", "-[redacted]-"},
        {"-xxxxabcd-abcdyyyyz-", "-[redacted]-[redacted]-"},
        {"-abcdyyyyzLONGER-", "-[redacted]-"},
        {"-abcdyyyyzLONGE-", "-[redacted]LONGE-"},
        {"xxxxabcxxxxabcd", "xxxxabc[redacted]"},
    };
    for (size_t i = 0; i < KS_COUNT(cases); i++) {
        for (size_t step = 1; step < 22; step++) {
            ks_scrub *s = ks_scrub_new(list, 3, KS_S(""));
            assert_str(fed(s, ks_str_of(cases[i].text), step), cases[i].wanted);
            ks_scrub_free(s);
        }
    }
}

static void short_secrets_are_not_searched(void **state)
{
    (void)state;
    ks_scrub *s = scrub_for("1234567", KS_S(""));
    assert_true(ks_scrub_idle(s));
    ks_str in = KS_S("1234567 1234567"), out = ks_scrub_feed(s, in, true);
    assert_ptr_equal(out.p, in.p);
    assert_int_equal(out.n, in.n);
    assert_false(ks_scrub_found(s));
    ks_scrub_free(s);
    becomes("12345678", "0123456789", "0[redacted]9");
}

static void only_a_possible_beginning_is_held_back(void **state)
{
    (void)state;
    ks_scrub *s = scrub_for("secret-of-forty-bytes-that-begins-with-se", KS_S(""));
    assert_str(ks_scrub_feed(s, KS_S("data: hello\n\n"), false), "data: hello\n\n");
    assert_str(ks_scrub_feed(s, KS_S("data: secr"), false), "data: ");
    assert_str(ks_scrub_feed(s, KS_S("ecy\n"), false), "secrecy\n");
    ks_scrub_free(s);
}

/* A slow and plain model: replace every occurrence of the raw secret. */
static void random_texts_agree_with_a_plain_search(void **state)
{
    (void)state;
    unsigned seed = 7;
    for (unsigned round = 0; round < 400; round++) {
        char   secret[700], text[3000];
        size_t n = round % 3 == 2 ? 500 + (size_t)rand_r(&seed) % 199 : 8 + (size_t)rand_r(&seed) % 40;
        for (size_t i = 0; i < n; i++)
            secret[i] = (char)('a' + rand_r(&seed) % (round % 2 ? 2 : 20));
        secret[n] = '\0';
        for (size_t i = 0; i < sizeof text; i++)
            text[i] = (char)('a' + rand_r(&seed) % 3);
        for (unsigned k = 0; k < 3; k++)
            memcpy(text + (size_t)rand_r(&seed) % (sizeof text - n), secret, n);
        ks_scrub *s = scrub_for(secret, KS_S(""));
        ks_str    whole = fed(s, (ks_str){text, sizeof text}, sizeof text);
        ks_str    parts = fed(s, (ks_str){text, sizeof text}, 1 + (size_t)rand_r(&seed) % 97);
        assert_true(ks_str_eq(whole, parts));
        assert_true(ks_scrub_found(s));
        assert_true(ks_str_find(whole, (ks_str){secret, n}) == SIZE_MAX);
        ks_scrub_free(s);
    }
}

static void secrets_of_the_largest_size_are_found(void **state)
{
    (void)state;
    ks_buf *secret = ks_ctx_buf(&cx, KS_MAX_SECRET_TEXT), *text = ks_ctx_buf(&cx, 4u * KS_MAX_SECRET_TEXT);
    for (size_t i = 0; secret->n + 16 <= KS_MAX_SECRET_TEXT; i++)
        ks_buf_fmt(secret, "line %08zu\r\n", i * 2654435761u % 100000000u);
    ks_buf_z(text, "{\"key\":\"");
    for (size_t i = 0; i < secret->n; i++) {
        if (secret->p[i] == '\r')
            ks_buf_z(text, "\\r");
        else if (secret->p[i] == '\n')
            ks_buf_z(text, "\\n");
        else
            ks_buf_c(text, secret->p[i]);
    }
    ks_buf_z(text, "\"}");
    ks_scrub *s = scrub_for(secret->p, KS_S(""));
    assert_str(fed(s, ks_buf_view(text), 16384), "{\"key\":\"[redacted]\"}");
    ks_scrub_free(s);
}

static void running_out_of_memory_passes_nothing_on(void **state)
{
    (void)state;
    ks_secret *secret;
    assert_int_equal(ks_secret_new(&cx, "sk-canary-0123456789", 20, &secret), KS_OK);
    const ks_secret *list[] = {secret};
    bool             whole = false;
    for (uint64_t n = 1; n < 200 && !whole; n++) {
        ks_alloc_fail_at(n, true);
        ks_scrub *s = ks_scrub_new(list, 1, KS_S("YWRtaW46aHVudGVyMg==\0"));
        ks_str    out = s ? ks_scrub_feed(s, KS_S("x sk-canary-0123456789 y"), true) : KS_NO_STR;
        ks_alloc_fail_at(0, false);
        whole = s != NULL && out.p != NULL;
        if (whole)
            assert_str(out, "x [redacted] y");
        ks_scrub_free(s);
    }
    assert_true(whole);
}

KS_TESTS_WITH(arena_setup, arena_teardown, each_spelling_is_found_at_every_chunk_border,
              base64_is_found_at_all_three_alignments, whole_tokens_are_found_with_and_without_padding,
              overlapping_and_adjoining_secrets_leave_nothing_of_either, short_secrets_are_not_searched,
              only_a_possible_beginning_is_held_back, random_texts_agree_with_a_plain_search,
              secrets_of_the_largest_size_are_found, running_out_of_memory_passes_nothing_on)
