/* features/links/look_test.c — contrast, and what a theme may hold. */
#include "features/links/look.h"

#include "features/links/assets.h"
#include "tests/support/test.h"
#include "tests/support/world.h"

static int set_up(void **state)
{
    *state = world_new();
    return *state == NULL;
}

static int tear_down(void **state)
{
    world_free(*state);
    return 0;
}

static int put(ks_world *w, const char *theme)
{
    return world_call(w, "PUT", "/ks/theme", NULL, theme);
}

static void contrast_is_that_of_WCAG(void **state)
{
    (void)state;
    assert_int_equal(ks_look_contrast(0x000000, 0xffffff), 2100);
    assert_int_equal(ks_look_contrast(0xffffff, 0xffffff), 100);
    assert_int_equal(ks_look_contrast(0x767676, 0xffffff), 454);
    assert_int_equal(ks_look_contrast(0x777777, 0xffffff), 447);
}

/* A theme that changes one colour is judged against those of the sheet: they must be the same. */
static void the_built_in_colours_are_those_of_the_style_sheet(void **state)
{
    static const char *const some[] = {
        "--ks-accent: #1f5fbf",      "--ks-accent: #7fb2ff",     "--ks-muted: #4b5a6b",
        "--ks-muted: #a9b6c5",       "--ks-border: #77869a",     "--ks-border: #8091a5",
        "--ks-warn: #7a4b00",        "--ks-warn: #f0c069",       "--ks-bad: #a81e22",
        "--ks-bad: #ff9b97",         "--ks-ok: #166b3a",         "--ks-ok: #74d39b",
        "--ks-surface: #ffffff",     "--ks-surface: #19222d",    "--ks-bg: #f3f5f8",
        "--ks-bg: #10161e",          "--ks-text: #16202c",       "--ks-text: #e8edf3",
        "--ks-accent-text: #ffffff", "--ks-accent-text: #0b1726"};
    (void)state;
    for (size_t i = 0; i < KS_COUNT(some); i++) {
        if (ks_str_find(ks_asset_connect_css.bytes, ks_str_of(some[i])) == SIZE_MAX)
            fail_msg("%s", some[i]);
    }
}

static void what_cannot_be_read_is_refused_with_its_ratio(void **state)
{
    char message[512];
    assert_int_equal(put(*state, "{\"light\":{\"muted\":\"#aaaaaa\"}}"), 400);
    world_member(*state, "message", message, sizeof message);
    assert_non_null(strstr(message, "2.32:1"));
    assert_non_null(strstr(message, "4.5:1"));
    assert_int_equal(put(*state, "{\"light\":{\"border\":\"#cccccc\"}}"), 400);
    assert_int_equal(put(*state, "{\"dark\":{\"surface\":\"#ffffff\"}}"), 400);
    assert_int_equal(put(*state, "{\"light\":{\"muted\":\"#555\"},\"dark\":{\"accent\":\"#9cf\"}}"), 200);
}

static void values_that_are_more_than_values_are_refused(void **state)
{
    static const char *const rows[] = {
        "{\"light\":{\"accent\":\"red\"}}",
        "{\"light\":{\"accent\":\"#12345\"}}",
        "{\"light\":{\"accent\":\"#123456;}body{display:none\"}}",
        "{\"light\":{\"accent\":\"url(https://evil.example/)\"}}",
        "{\"light\":{\"accent\":7}}",
        "{\"light\":{\"glow\":\"#123456\"}}",
        "{\"light\":[]}",
        "{\"radius\":\"calc(1px)\"}",
        "{\"radius\":\"1000px\"}",
        "{\"radius\":\"8px;}\"}",
        "{\"radius\":\"px\"}",
        "{\"radius\":\"1.px\"}",
        "{\"font\":\"a;}*{color:red}\"}",
        "{\"font\":\"url(x)\"}",
        "{\"font\":\"\"}",
        "{\"language\":\"tlh\"}",
        "{\"logo\":\"not base64!\"}",
        "{\"logo\":\"PHN2Zz48L3N2Zz4=\"}",
        "{\"css\":\"body{}\"}",
    };
    for (size_t i = 0; i < KS_COUNT(rows); i++) {
        if (put(*state, rows[i]) != 400)
            fail_msg("taken: %s", rows[i]);
    }
    char sheet[64];
    assert_int_equal(world_call(*state, "GET", "/ks/theme", NULL, NULL), 200);
    world_member(*state, "stylesheet", sheet, sizeof sheet);
    assert_string_equal(sheet, ""); /* nothing was stored */
}

/* A picture of so many bytes, by its first ones. */
static int put_logo(ks_world *w, size_t bytes)
{
    ks_buf b = ks_buf_new(KS_MAX_LOGO * 2);
    ks_buf_z(&b, "{\"logo\":\"iVBORw0KGgoA");
    for (size_t i = 12; i < bytes / 3 * 4; i++)
        ks_buf_c(&b, 'A');
    ks_buf_z(&b, "\"}");
    int status = ks_buf_ok(&b) ? put(w, b.p) : 0;
    ks_buf_done(&b);
    return status;
}

static void a_logo_has_at_most_64_kB(void **state)
{
    assert_int_equal(put_logo(*state, KS_MAX_LOGO - KS_MAX_LOGO % 3), 200);
    assert_int_equal(put_logo(*state, KS_MAX_LOGO + 3), 400);
}

KS_TESTS_WITH(set_up, tear_down, contrast_is_that_of_WCAG, the_built_in_colours_are_those_of_the_style_sheet,
              what_cannot_be_read_is_refused_with_its_ratio, values_that_are_more_than_values_are_refused,
              a_logo_has_at_most_64_kB)
