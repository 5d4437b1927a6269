/* upstream/url_test.c — hostile and harmless URLs (rules N1, N2, T3). */
#include "upstream/url.h"

#include "tests/support/arena.h"

static const char *const hostile[] = {
    /* user information */
    "https://user@example.com/",
    "https://user:pw@example.com/",
    "https://example.com@evil.test/",
    "https://@example.com/",
    "https://:@example.com/",
    "https://example.com:443@evil.test/",
    "https://a%40b@example.com/",
    /* fragments */
    "https://example.com/#x",
    "https://example.com#",
    "https://evil.test#@example.com/",
    "https://example.com/a?b#c",
    /* backslashes */
    "https://example.com\\@evil.test/",
    "https:\\\\example.com/",
    "https:/\\example.com/",
    "http:/\\example.com",
    "https://example.com/a\\..\\b",
    "https://example.com/?q=\\",
    /* blanks, tabs, line breaks and other bytes */
    " https://example.com/",
    "https://example.com/ ",
    "https://exam ple.com/",
    "https://example.com/a b",
    "https://exam\tple.com/",
    "\thttps://example.com/",
    "https://example.com/\n",
    "https://example.com/\r\nHost: evil.test",
    "ht\ntps://example.com/",
    "https://example.com/\x01",
    "https://example.com/\x7f",
    "https://b\xc3\xbc"
    "cher.de/",
    "https://example.com\xe3\x80\x82"
    "evil.test/",
    "https://example\xef\xbc\x8e"
    "com/",
    "https://example.com/\xff",
    /* schemes and slashes */
    "example.com",
    "//example.com/",
    "/path",
    "https:example.com",
    "https:/example.com",
    "https:///example.com/",
    "https:////example.com/",
    "https://",
    "https:///",
    "https://?x",
    "ftp://example.com/",
    "file:///etc/passwd",
    "gopher://example.com/",
    "javascript://example.com/",
    "httpss://example.com/",
    "https ://example.com/",
    "ws://example.com/",
    "",
    /* ports */
    "https://example.com:/",
    "https://example.com:0/",
    "https://example.com:65536/",
    "https://example.com:-1/",
    "https://example.com:+443/",
    "https://example.com:44a/",
    "https://example.com:443:80/",
    "https://:443/",
    /* hosts */
    "https://example.com./",
    "https://./",
    "https://../",
    "https://.example.com/",
    "https://example..com/",
    "https://*.example.com/",
    "https://exa%6dple.com/",
    "https://%31%32%37.0.0.1/",
    "https://example.com%00.evil.test/",
    "https://exa<mple.com/",
    "https://exam'ple.com/",
    "https://ex|ample.com/",
    "https://example.com,evil.test/",
    "https://example.com;evil.test/",
    "https://example.com&evil.test/",
    /* addresses that are none */
    "https://256.256.256.256/",
    "https://1.2.3.4.5/",
    "https://08.1.1.1/",
    "https://4294967296/",
    "https://0x100000000/",
    "https://example.0x7f/",
    "https://example.127/",
    "https://0x/",
    "https://127.0.0.1./",
    "https://[::1/",
    "https://[::1]x/",
    "https://[::1]]/",
    "https://[fe80::1%25eth0]/",
    "https://[fe80::1%eth0]/",
    "https://[::g]/",
    "https://[1.2.3.4]/",
    "https://[]/",
    "https://::1/",
    "https://[v1.x]/",
    /* dot segments */
    "https://example.com/..",
    "https://example.com/../x",
    "https://example.com/a/../b",
    "https://example.com/a/./b",
    "https://example.com/.",
    "https://example.com/a/..",
    "https://example.com/%2e%2e/b",
    "https://example.com/%2E%2E",
    "https://example.com/.%2e/b",
    "https://example.com/a/%2e/b",
    "https://example.com/%252e%252e/b",
    "https://example.com/%25252e./b",
    "https://example.com/a%2f..%2fb",
    "https://example.com/a%252f..%252fb",
    "https://example.com/a%5c..%5cb",
    "https://example.com/..;/admin",
    "https://example.com/..;x=y/admin",
    "https://example.com/%2e%2e;/admin",
    "https://example.com/..%2fadmin",
    /* escapes and doubled slashes */
    "https://example.com/%",
    "https://example.com/%2",
    "https://example.com/%zz",
    "https://example.com/a%00b",
    "https://example.com/a%0d%0ab",
    "https://example.com//evil.test/",
};

static void hostile_urls_are_refused_naming_the_field_and_never_echoed(void **state)
{
    (void)state;
    for (size_t i = 0; i < KS_COUNT(hostile); i++) {
        ks_url url;
        ks_ctx one = ks_ctx_new(arena, NULL);
        if (ks_url_parse(&one, "base_url", ks_str_of(hostile[i]), &url) != KS_INVALID)
            fail_msg("accepted: %s", hostile[i]);
        assert_str(one.err.details[0].field, "base_url");
        if (strlen(hostile[i]) > 8)
            assert_true(ks_str_find(one.err.message, ks_str_of(hostile[i])) == SIZE_MAX);
    }
    ks_url url;
    assert_int_equal(ks_url_parse(&cx, "u", KS_S("https://example.com/\0x"), &url), KS_INVALID);
}

static void long_hosts_and_urls_are_refused_at_their_limit(void **state)
{
    (void)state;
    char   text[KS_MAX_TARGET_BYTES + 64];
    ks_url url;
    for (size_t labels = 1; labels <= 5; labels++) { /* 4 * 64 - 1 = 255 bytes: one label too many */
        ks_buf b = ks_buf_new(4096);
        ks_buf_z(&b, "https://");
        for (size_t i = 0; i < labels; i++)
            ks_buf_fmt(&b, "%s%.*s", i ? "." : "", 63,
                       "aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffffggg");
        ks_buf_c(&b, '/');
        assert_int_equal(ks_url_parse(&cx, "u", ks_buf_view(&b), &url), labels <= 3 ? KS_OK : KS_INVALID);
        ks_buf_done(&b);
    }
    memset(text, 'a', sizeof text);
    assert_int_equal(ks_url_parse(&cx, "u", (ks_str){text, 64}, &url), KS_INVALID);
    memcpy(text, "https://example.com/", 20);
    assert_int_equal(ks_url_parse(&cx, "u", (ks_str){text, KS_MAX_TARGET_BYTES}, &url), KS_OK);
    assert_int_equal(ks_url_parse(&cx, "u", (ks_str){text, KS_MAX_TARGET_BYTES + 1}, &url), KS_INVALID);
    memcpy(text, "https://", 8);
    memset(text + 8, 'a', 64);
    memcpy(text + 72, ".com", 5);
    assert_int_equal(ks_url_parse(&cx, "u", ks_str_of(text), &url), KS_INVALID);
}

static const struct good {
    const char *text, *host;
    uint16_t    port;
    const char *path, *query, *shown;
} good[] = {
    {"https://example.com", "example.com", 443, "/", "", "https://example.com"},
    {"https://example.com/", "example.com", 443, "/", "", "https://example.com"},
    {"HTTPS://EXAMPLE.com/A", "example.com", 443, "/A", "", "https://example.com"},
    {"http://example.com/a", "example.com", 80, "/a", "", "http://example.com"},
    {"https://example.com:8443/a/b", "example.com", 8443, "/a/b", "", "https://example.com:8443"},
    {"https://example.com:0443/", "example.com", 443, "/", "", "https://example.com"},
    {"https://example.com?x=1", "example.com", 443, "/", "x=1", "https://example.com"},
    {"https://example.com/a?b=/../c?d", "example.com", 443, "/a", "b=/../c?d", "https://example.com"},
    {"https://xn--bcher-kva.de/", "xn--bcher-kva.de", 443, "/", "", "https://xn--bcher-kva.de"},
    {"https://a_b.example.com/", "a_b.example.com", 443, "/", "", "https://a_b.example.com"},
    {"https://example.com/a%20b%2Fc", "example.com", 443, "/a%20b%2Fc", "", "https://example.com"},
    {"https://example.com/100%25", "example.com", 443, "/100%25", "", "https://example.com"},
    {"https://example.com/100%2510", "example.com", 443, "/100%2510", "", "https://example.com"},
    {"https://example.com/...", "example.com", 443, "/...", "", "https://example.com"},
    {"https://example.com/a..b/.well-known", "example.com", 443, "/a..b/.well-known", "",
     "https://example.com"},
    {"https://example.com/a;b=../c", "example.com", 443, "/a;b=../c", "", "https://example.com"},
    {"https://example.com/a//b", "example.com", 443, "/a//b", "", "https://example.com"},
    {"https://0x7f.1/", "127.0.0.1", 443, "/", "", "https://127.0.0.1"},
    {"https://2130706433/", "127.0.0.1", 443, "/", "", "https://127.0.0.1"},
    {"https://0177.0.0.1/", "127.0.0.1", 443, "/", "", "https://127.0.0.1"},
    {"https://127.1/", "127.0.0.1", 443, "/", "", "https://127.0.0.1"},
    {"https://192.168.258/", "192.168.1.2", 443, "/", "", "https://192.168.1.2"},
    {"https://0XA9FEA9FE/", "169.254.169.254", 443, "/", "", "https://169.254.169.254"},
    {"https://[::1]:99/x", "::1", 99, "/x", "", "https://[::1]:99"},
    {"https://[0:0:0:0:0:FFFF:7f00:1]/", "::ffff:127.0.0.1", 443, "/", "", "https://[::ffff:127.0.0.1]"},
    {"https://[2001:DB8::0001]/", "2001:db8::1", 443, "/", "", "https://[2001:db8::1]"},
};

static void parts_come_out_normalised(void **state)
{
    (void)state;
    for (size_t i = 0; i < KS_COUNT(good); i++) {
        ks_url url;
        if (ks_url_parse(&cx, "u", ks_str_of(good[i].text), &url) != KS_OK)
            fail_msg("refused: %s (" KS_FMT ")", good[i].text, KS_ARG(cx.err.message));
        assert_str(url.origin.host, good[i].host);
        assert_int_equal(url.origin.port, good[i].port);
        assert_str(url.origin.base_path, "");
        assert_str(url.path, good[i].path);
        assert_str(url.query, good[i].query);
        assert_str(ks_origin_text(&cx, &url.origin), good[i].shown);
    }
}

static bool holds(const char *base, const char *text)
{
    ks_url    parsed, url;
    ks_origin o;
    assert_int_equal(ks_url_parse(&cx, "u", ks_str_of(base), &parsed), KS_OK);
    assert_int_equal(ks_url_parse(&cx, "u", ks_str_of(text), &url), KS_OK);
    o = parsed.origin;
    o.base_path = parsed.path.n > 1 ? parsed.path : KS_S("");
    return ks_origin_holds(&o, &url);
}

static void an_origin_holds_its_own_paths_and_nothing_beside_them(void **state)
{
    (void)state;
    assert_true(holds("https://example.com", "https://EXAMPLE.com:443/any?x"));
    assert_true(holds("https://example.com/api", "https://example.com/api"));
    assert_true(holds("https://example.com/api", "https://example.com/api/v1"));
    assert_true(holds("https://example.com/api", "https://example.com/api?x=1"));
    assert_false(holds("https://example.com/api", "https://example.com/apix"));
    assert_false(holds("https://example.com/api", "https://example.com/ap"));
    assert_false(holds("https://example.com/api", "https://example.com/API"));
    assert_false(holds("https://example.com", "http://example.com:443/"));
    assert_false(holds("https://example.com", "https://example.com:8443/"));
    assert_false(holds("https://example.com", "https://www.example.com/"));
    assert_false(holds("https://example.com", "https://example.com.evil.test/"));
    assert_false(holds("https://1.2.3.4", "https://1.2.3.5/"));
    assert_true(holds("https://127.0.0.1", "https://0x7f.1/"));
}

static void relative_paths_are_judged_like_those_of_urls(void **state)
{
    (void)state;
    static const char *const bad[] = {"",      "a",        "//a",        "/..",         "/a/..", "/%2e%2e/",
                                      "/a?b",  "/a#b",     "/a b",       "/a\\b",       "/a\tb", "/\xc3\xbc",
                                      "/..;/", "/%2e%2e;", "https://a/", "/a/%2e%2E/b", "/%g1",  "/\x7f"};
    static const char *const fine[] = {"/",      "/a",   "/a/",  "/a//b",
                                       "/a%2Fb", "/..a", "/a..", "/:@!$&'()*+,;=~-_."};
    for (size_t i = 0; i < KS_COUNT(bad); i++) {
        if (ks_path_fault(ks_str_of(bad[i])) == NULL)
            fail_msg("accepted: %s", bad[i]);
    }
    for (size_t i = 0; i < KS_COUNT(fine); i++) {
        if (ks_path_fault(ks_str_of(fine[i])) != NULL)
            fail_msg("refused: %s", fine[i]);
    }
}

static void a_wildcard_matches_whole_labels_and_never_the_bare_suffix(void **state)
{
    (void)state;
    ks_str rule = KS_S("*.example.com");
    assert_true(ks_host_matches(KS_S("a.example.com"), rule));
    assert_true(ks_host_matches(KS_S("a.b.example.com"), rule));
    assert_true(ks_host_matches(KS_S("A.Example.com"), rule));
    assert_false(ks_host_matches(KS_S("example.com"), rule));
    assert_false(ks_host_matches(KS_S(".example.com"), rule));
    assert_false(ks_host_matches(KS_S("evilexample.com"), rule));
    assert_false(ks_host_matches(KS_S("a..example.com"), rule));
    assert_false(ks_host_matches(KS_S("a.example.com.evil.test"), rule));
    assert_false(ks_host_matches(KS_S("a.example.com."), rule));
    assert_false(ks_host_matches(KS_S("a.example.comx"), rule));
    assert_false(ks_host_matches(KS_S("a/b.example.com"), rule));
    assert_false(ks_host_matches(KS_S("1.2.3.4"), KS_S("*.3.4")));
    assert_false(ks_host_matches(KS_S("a.b"), KS_S("*.")));
    assert_false(ks_host_matches(KS_S("a.b"), KS_S("*")));
    assert_true(ks_host_matches(KS_S("example.com"), KS_S("example.com")));
    assert_true(ks_host_matches(KS_S("EXAMPLE.com"), KS_S("example.com")));
    assert_false(ks_host_matches(KS_S("a.example.com"), KS_S("example.com")));
    assert_false(ks_host_matches(KS_S(""), KS_S("")));
}

static void labels_are_matched_over_their_whole_length(void **state)
{
    (void)state;
    char long_label[65];
    memset(long_label, 'a', sizeof long_label);
    assert_true(ks_label_ok(KS_S("a")));
    assert_true(ks_label_ok(KS_S("My-Shop-1")));
    assert_true(ks_label_ok((ks_str){long_label, 63}));
    assert_false(ks_label_ok((ks_str){long_label, 64}));
    static const char *const bad[] = {"",    "-a",  "a-",  "a\n",      "a.b", "a/b",
                                      "a b", "a_b", "a@b", "\xc3\xbc", "a:1"};
    for (size_t i = 0; i < KS_COUNT(bad); i++)
        assert_false(ks_label_ok(ks_str_of(bad[i])));
    assert_false(ks_label_ok(KS_S("a\0")));
}

KS_TESTS_WITH(arena_setup, arena_teardown, hostile_urls_are_refused_naming_the_field_and_never_echoed,
              long_hosts_and_urls_are_refused_at_their_limit, parts_come_out_normalised,
              an_origin_holds_its_own_paths_and_nothing_beside_them,
              relative_paths_are_judged_like_those_of_urls,
              a_wildcard_matches_whole_labels_and_never_the_bare_suffix,
              labels_are_matched_over_their_whole_length)
