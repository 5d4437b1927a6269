/* features/dash/frame_test.c — the pieces of pages: ages, addresses of a list's pages. */
#include "features/dash/frame.h"
#include "tests/support/test.h"

#define HOUR INT64_C(3600000000)

static ks_str age(ks_ctx *cx, int64_t us)
{
    ks_dash d = {.cx = cx};
    ks_buf *b = ks_ctx_buf(cx, 1024);
    assert_non_null(b);
    d.h = ks_html_new(b);
    ks_dash_when(&d, us);
    assert_true(ks_html_ok(&d.h));
    ks_str all = ks_buf_view(b);
    size_t at = ks_str_chr(all, '>');
    return at == SIZE_MAX ? all : ks_str_sub(all, at + 1, all.n - at - 1 - strlen("</time>"));
}

static void an_age_is_told_in_its_largest_unit(void **state)
{
    ks_arena *arena = ks_arena_new(1 << 20);
    ks_ctx    cx = ks_ctx_new(arena, NULL);
    (void)state;
    cx.now_us = INT64_C(1764000000000000);
    assert_str(age(&cx, 0), "never");
    assert_str(age(&cx, cx.now_us - 59 * INT64_C(1000000)), "59 s ago");
    assert_str(age(&cx, cx.now_us - HOUR), "1 h ago");
    assert_str(age(&cx, cx.now_us + HOUR / 2), "in 30 min");
    assert_str(age(&cx, cx.now_us - 59 * 24 * HOUR), "59 d ago");
    assert_str(age(&cx, cx.now_us - 61 * 24 * HOUR), "2025-09-24");
    ks_arena_free(arena);
}

static ks_status read_at(ks_ctx *cx, const char *query, ks_dash_at *out)
{
    ks_req rq = {.query = ks_str_of(query)};
    return ks_dash_at_get(cx, &rq, out);
}

static void a_page_begins_behind_a_row(void **state)
{
    ks_arena  *arena = ks_arena_new(1 << 20);
    ks_ctx     cx = ks_ctx_new(arena, NULL);
    ks_dash_at at;
    (void)state;
    assert_int_equal(read_at(&cx, "", &at), KS_OK);
    assert_null(at.id.p);
    assert_int_equal(read_at(&cx, "newer=17.ca_x", &at), KS_OK);
    assert_true(at.newer && at.us == 17);
    assert_str(at.id, "ca_x");
    assert_int_equal(read_at(&cx, "older=17.", &at), KS_INVALID);
    assert_int_equal(read_at(&cx, "older=x.ca", &at), KS_INVALID);
    assert_int_equal(read_at(&cx, "newer=99999999999999999999.ca", &at), KS_INVALID);
    ks_arena_free(arena);
}

KS_TESTS(an_age_is_told_in_its_largest_unit, a_page_begins_behind_a_row)
