/* features/actions/multipart_test.c — bodies of parts byte for byte (RFC 7578), and files in JSON. */
#include "features/actions/multipart.h"

#include "base/enc.h"
#include "tests/support/test.h"

static int setup(void **state)
{
    static ks_ctx cx;
    cx = ks_ctx_new(ks_arena_new(KS_ARENA_MAX), NULL);
    *state = &cx;
    return 0;
}

static int teardown(void **state)
{
    ks_arena_free(((ks_ctx *)*state)->arena);
    return 0;
}

/* The body with its boundary as B. */
static ks_str body_of(ks_ctx *cx, ks_multipart *m)
{
    ks_str type;
    assert_int_equal(ks_multipart_end(m, &type), KS_OK);
    assert_str(type, ks_fmt(cx, "multipart/form-data; boundary=" KS_FMT, KS_ARG(m->boundary)).p);
    ks_str  text = ks_text_explain(cx, &m->body.text);
    ks_buf *b = ks_ctx_buf(cx, 64 * 1024);
    while (text.n > 0) {
        bool at = ks_str_starts(text, m->boundary);
        ks_buf_str(b, at ? KS_S("B") : ks_str_sub(text, 0, 1));
        text = ks_str_sub(text, at ? m->boundary.n : 1, SIZE_MAX);
    }
    ks_buf_c(b, 0);
    return ks_str_of(b->p);
}

static void texts_and_files_become_parts(void **state)
{
    ks_ctx      *cx = *state;
    ks_multipart m;
    ks_file      f = {KS_S("a \"b\".txt"), KS_S("text/plain"), KS_S("one\r\ntwo")},
            g = {KS_S("\xc3\xbc"), KS_NO_STR, KS_S("")};
    assert_int_equal(ks_multipart_new(cx, &m), KS_OK);
    assert_int_equal(ks_multipart_text(&m, KS_S("to\"x"), KS_S("v")), KS_OK);
    assert_int_equal(ks_multipart_file(&m, KS_S("file"), &f), KS_OK);
    assert_int_equal(ks_multipart_file(&m, KS_S("empty"), &g), KS_OK);
    assert_str(body_of(cx, &m),
               "--B\r\nContent-Disposition: form-data; name=\"to%22x\"\r\n\r\nv\r\n"
               "--B\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a %22b%22.txt\"\r\n"
               "Content-Type: text/plain\r\n\r\none\r\ntwo\r\n"
               "--B\r\nContent-Disposition: form-data; name=\"empty\"; filename=\"\xc3\xbc\"\r\n"
               "Content-Type: application/octet-stream\r\n\r\n\r\n"
               "--B--\r\n");
}

static void a_body_without_parts_is_its_end(void **state)
{
    ks_ctx      *cx = *state;
    ks_multipart m;
    assert_int_equal(ks_multipart_new(cx, &m), KS_OK);
    assert_str(body_of(cx, &m), "--B--\r\n");
}

static void no_two_boundaries_are_the_same(void **state)
{
    ks_ctx      *cx = *state;
    ks_multipart a, b;
    assert_int_equal(ks_multipart_new(cx, &a), KS_OK);
    assert_int_equal(ks_multipart_new(cx, &b), KS_OK);
    assert_int_equal(a.boundary.n, sizeof "keysteward-" - 1 + 32);
    assert_false(ks_str_eq(a.boundary, b.boundary));
}

/* T1: a name cannot end its header line. */
static void names_with_line_breaks_are_refused(void **state)
{
    static const char *const bad[] = {"a\r\nX: y", "a\nb", "a\rb", "a\tb", "a\x7f"};
    ks_ctx                  *cx = *state;
    ks_multipart             m;
    for (size_t i = 0; i < KS_COUNT(bad); i++) {
        ks_file f = {ks_str_of(bad[i]), KS_NO_STR, KS_S("x")};
        assert_int_equal(ks_multipart_new(cx, &m), KS_OK);
        assert_int_equal(ks_multipart_text(&m, ks_str_of(bad[i]), KS_S("v")), KS_INVALID);
        assert_int_equal(ks_multipart_file(&m, KS_S("f"), &f), KS_INVALID);
        assert_str(body_of(cx, &m), "--B--\r\n"); /* nothing of it was written */
    }
}

static const char *fault(ks_ctx *cx, const char *json, ks_file *f)
{
    ks_json *v;
    assert_int_equal(ks_json_parse(cx, ks_str_of(json), &v), KS_OK);
    return ks_file_take(cx, v, f);
}

static void a_file_in_json_is_decoded(void **state)
{
    ks_ctx *cx = *state;
    ks_file f;
    assert_null(fault(cx, "{\"name\":\"a.bin\",\"mimetype\":\"a/b\",\"content\":\"AAEC\"}", &f));
    assert_str(f.name, "a.bin");
    assert_str(f.mimetype, "a/b");
    assert_int_equal(f.content.n, 3);
    assert_memory_equal(f.content.p, "\0\1\2", 3);
    assert_null(fault(cx, "{\"name\":\"e\",\"content\":\"\"}", &f));
    assert_null(f.mimetype.p);
    assert_int_equal(f.content.n, 0);
}

static void what_is_no_file_says_what_is_wanted(void **state)
{
    static const struct {
        const char *json, *wanted;
    } rows[] = {
        {"{}", "must be a file"},
        {"{\"name\":\"a\"}", "must be a file"},
        {"{\"content\":\"AAEC\"}", "must be a file"},
        {"{\"name\":\"a\\nb\",\"content\":\"AAEC\"}", "needs a file name"},
        {"{\"name\":\"a\",\"mimetype\":\"text\",\"content\":\"AAEC\"}", "needs a mimetype"},
        {"{\"name\":\"a\",\"mimetype\":\"a/b\\r\\nX: y\",\"content\":\"AAEC\"}", "needs a mimetype"},
        {"{\"name\":\"a\",\"content\":\"AAE\"}", "must be in base64"},
        {"{\"name\":\"a\",\"content\":\"A-_C\"}", "must be in base64"},
    };
    ks_ctx *cx = *state;
    ks_file f;
    for (size_t i = 0; i < KS_COUNT(rows); i++) {
        const char *why = fault(cx, rows[i].json, &f);
        assert_non_null(why);
        assert_int_equal(strncmp(why, rows[i].wanted, strlen(rows[i].wanted)), 0);
    }
}

static const char *size_fault(ks_ctx *cx, size_t bytes)
{
    ks_str  content;
    ks_buf *raw = ks_ctx_buf(cx, bytes + 1), *b = ks_ctx_buf(cx, bytes * 2 + 8);
    for (size_t i = 0; i < bytes; i++)
        ks_buf_c(raw, 'x');
    ks_enc_base64(b, ks_buf_view(raw));
    const char *why = ks_file_decode(cx, ks_buf_view(b), &content);
    if (why == NULL)
        assert_int_equal(content.n, bytes);
    return why;
}

static void a_file_may_be_as_large_as_its_limit_and_no_larger(void **state)
{
    assert_null(size_fault(*state, KS_MAX_FILE_BYTES));
    assert_string_equal(size_fault(*state, KS_MAX_FILE_BYTES + 1), "is larger than 5 MiB");
    assert_string_equal(size_fault(*state, KS_MAX_FILE_BYTES + 4), "is larger than 5 MiB");
}

KS_TESTS_WITH(setup, teardown, texts_and_files_become_parts, a_body_without_parts_is_its_end,
              no_two_boundaries_are_the_same, names_with_line_breaks_are_refused, a_file_in_json_is_decoded,
              what_is_no_file_says_what_is_wanted, a_file_may_be_as_large_as_its_limit_and_no_larger)
