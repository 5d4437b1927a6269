/* features/links/html_test.c — nothing a value holds becomes markup (rules H4, S5). */
#include "features/links/html.h"

#include "tests/support/test.h"

static ks_buf  page;
static ks_html h;

static int fresh(void **state)
{
    (void)state;
    page = ks_buf_new(4096);
    h = ks_html_new(&page);
    return 0;
}

static int done(void **state)
{
    (void)state;
    ks_buf_done(&page);
    return 0;
}

static void expect(const char *want)
{
    assert_true(ks_html_ok(&h));
    assert_string_equal(page.p, want);
}

static void text_and_attributes_hold_no_markup(void **state)
{
    (void)state;
    KS_HTML_WITH(&h, "<p title=\"{}\">{}</p>", KS_S("\"><script>'"), KS_S("</p><script>alert(1)&"));
    expect("<p title=\"&quot;&gt;&lt;script&gt;&#39;\">&lt;/p&gt;&lt;script&gt;alert(1)&amp;</p>");
}

static void a_slot_in_a_value_is_no_slot(void **state)
{
    (void)state;
    KS_HTML_WITH(&h, "<p>{}-{}</p>", KS_S("{}"), KS_S("b"));
    expect("<p>{}-b</p>");
}

static void addresses_never_run_anything(void **state)
{
    static const char *const bad[] = {"javascript:alert(1)",
                                      "data:text/html,x",
                                      "//evil.example/",
                                      " https://a",
                                      "https://a\\b",
                                      "java\tscript:x",
                                      "",
                                      "x",
                                      "/\\evil.example",
                                      "/\t/evil"};
    (void)state;
    for (size_t i = 0; i < KS_COUNT(bad); i++) {
        ks_buf_clear(&page);
        KS_HTML_WITH(&h, "<a href=\"{}\">x</a>", ks_str_of(bad[i]));
        expect("<a href=\"\">x</a>");
    }
    ks_buf_clear(&page);
    KS_HTML_WITH(&h, "<a class=\"c\" href=\"{}\">x</a>", KS_S("https://a.example/?a=1&b='"));
    expect("<a class=\"c\" href=\"https://a.example/?a=1&amp;b=&#39;\">x</a>");
}

static void a_later_part_of_an_address_is_one_segment(void **state)
{
    (void)state;
    KS_HTML_WITH(&h, "<a href=\"../a/{}\">", KS_S("x/../\"y"));
    expect("<a href=\"../a/x%2F..%2F%22y\">");
}

static void attributes_may_come_in_pieces(void **state)
{
    (void)state;
    KS_HTML(&h, "<input");
    KS_HTML_WITH(&h, " value=\"{}\"", KS_S("<"));
    KS_HTML(&h, ">");
    expect("<input value=\"&lt;\">");
}

static void controls_and_malformed_text_are_replaced(void **state)
{
    (void)state;
    KS_HTML_WITH(&h, "<p>{}{}</p>", ((ks_str){"a\0b\x1b", 4}), KS_S("\xff<"));
    expect("<p>a\xef\xbf\xbd"
           "b\xef\xbf\xbd\xef\xbf\xbd</p>");
}

static void a_slot_between_attributes_spoils_the_page(void **state)
{
    (void)state;
    KS_HTML_WITH(&h, "<p {}>", KS_S("onclick=x"));
    assert_false(ks_html_ok(&h));
}

static void an_open_tag_or_a_missing_value_spoils_the_page(void **state)
{
    (void)state;
    KS_HTML(&h, "<p title=\"");
    assert_false(ks_html_ok(&h));
    done(NULL);
    fresh(NULL);
    KS_HTML(&h, "<p>{}</p>");
    assert_false(ks_html_ok(&h));
    done(NULL);
    fresh(NULL);
    KS_HTML_WITH(&h, "<p></p>", KS_S("left over"));
    assert_false(ks_html_ok(&h));
}

KS_TESTS_WITH(fresh, done, text_and_attributes_hold_no_markup, a_slot_in_a_value_is_no_slot,
              addresses_never_run_anything, a_later_part_of_an_address_is_one_segment,
              attributes_may_come_in_pieces, controls_and_malformed_text_are_replaced,
              a_slot_between_attributes_spoils_the_page, an_open_tag_or_a_missing_value_spoils_the_page)
