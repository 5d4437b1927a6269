/* upstream/address_test.c — every range of rule N4 at its edges, and the operator's exceptions. */
#include "upstream/address.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/un.h>

#include "tests/support/arena.h"

static struct sockaddr_storage address(const char *text, uint16_t port)
{
    struct sockaddr_storage ss = {0};
    struct sockaddr_in      four = {.sin_family = AF_INET, .sin_port = htons(port)};
    struct sockaddr_in6     six = {.sin6_family = AF_INET6, .sin6_port = htons(port)};
    if (inet_pton(AF_INET, text, &four.sin_addr) == 1)
        memcpy(&ss, &four, sizeof four);
    else if (inet_pton(AF_INET6, text, &six.sin6_addr) == 1)
        memcpy(&ss, &six, sizeof six);
    else
        fail_msg("no address: %s", text);
    return ss;
}

static bool ok(const ks_exceptions *e, const char *text, uint16_t port)
{
    struct sockaddr_storage ss = address(text, port);
    return ks_address_ok(e, (const struct sockaddr *)&ss);
}

static bool is_listed(const ks_exceptions *e, const char *text, uint16_t port)
{
    struct sockaddr_storage ss = address(text, port);
    return ks_address_listed(e, (const struct sockaddr *)&ss);
}

/* First and last of a denied range; the one before and the one after, NULL where a neighbour is denied too.
 */
static const struct range {
    const char *before, *first, *last, *after;
} ranges[] = {
    {NULL, "0.0.0.0", "0.255.255.255", "1.0.0.0"},
    {"9.255.255.255", "10.0.0.0", "10.255.255.255", "11.0.0.0"},
    {"100.63.255.255", "100.64.0.0", "100.127.255.255", "100.128.0.0"},
    {"126.255.255.255", "127.0.0.0", "127.255.255.255", "128.0.0.0"},
    {"168.63.129.15", "168.63.129.16", "168.63.129.16", "168.63.129.17"},
    {"169.253.255.255", "169.254.0.0", "169.254.255.255", "169.255.0.0"},
    {"172.15.255.255", "172.16.0.0", "172.31.255.255", "172.32.0.0"},
    {"191.255.255.255", "192.0.0.0", "192.0.0.255", "192.0.1.0"},
    {"192.0.1.255", "192.0.2.0", "192.0.2.255", "192.0.3.0"},
    {"192.88.98.255", "192.88.99.0", "192.88.99.255", "192.88.100.0"},
    {"192.167.255.255", "192.168.0.0", "192.168.255.255", "192.169.0.0"},
    {"198.17.255.255", "198.18.0.0", "198.19.255.255", "198.20.0.0"},
    {"198.51.99.255", "198.51.100.0", "198.51.100.255", "198.51.101.0"},
    {"203.0.112.255", "203.0.113.0", "203.0.113.255", "203.0.114.0"},
    {"223.255.255.255", "224.0.0.0", "239.255.255.255", NULL},
    {NULL, "240.0.0.0", "255.255.255.255", NULL},
    {NULL, "::", "::fffe:ffff:ffff", NULL},
    {NULL, "::1:0:0:0", "1fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "2000::"},
    {"2000:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "2001::", "2001:1ff:ffff:ffff:ffff:ffff:ffff:ffff",
     "2001:200::"},
    {"2001:db7:ffff:ffff:ffff:ffff:ffff:ffff", "2001:db8::", "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff",
     "2001:db9::"},
    {"2001:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "2002::", "2002:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
     "2003::"},
    {"3ffe:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "3fff::", "3fff:fff:ffff:ffff:ffff:ffff:ffff:ffff",
     "3fff:1000::"},
    {"3fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "4000::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", NULL},
};

static void every_denied_range_ends_exactly_where_it_should(void **state)
{
    (void)state;
    for (size_t i = 0; i < KS_COUNT(ranges); i++) {
        const struct range *r = &ranges[i];
        if (ok(NULL, r->first, 443) || ok(NULL, r->last, 443))
            fail_msg("dialled inside the range of %s", r->first);
        if ((r->before && !ok(NULL, r->before, 443)) || (r->after && !ok(NULL, r->after, 443)))
            fail_msg("refused beside the range of %s", r->first);
    }
}

static void well_known_inner_addresses_are_denied_in_every_dress(void **state)
{
    (void)state;
    static const char *const inner[] = {"::1",
                                        "::",
                                        "::ffff:127.0.0.1",
                                        "::ffff:10.0.0.1",
                                        "::ffff:169.254.169.254",
                                        "::127.0.0.1",
                                        "::8.8.8.8",
                                        "64:ff9b::10.0.0.1",
                                        "64:ff9b::7f00:1",
                                        "64:ff9b:1::8.8.8.8",
                                        "fe80::1",
                                        "fec0::1",
                                        "fd00:ec2::254",
                                        "ff02::1",
                                        "2002:7f00:1::",
                                        "2001:0:4136:e378:8000:63bf:3fff:fdd2",
                                        "100::1",
                                        "169.254.169.254",
                                        "100.100.100.200",
                                        "255.255.255.255"};
    static const char *const outer[] = {"8.8.8.8", "::ffff:8.8.8.8", "64:ff9b::8.8.8.8", "2606:4700::1111"};
    for (size_t i = 0; i < KS_COUNT(inner); i++) {
        if (ok(NULL, inner[i], 443))
            fail_msg("dialled: %s", inner[i]);
    }
    for (size_t i = 0; i < KS_COUNT(outer); i++) {
        if (!ok(NULL, outer[i], 443))
            fail_msg("refused: %s", outer[i]);
    }
}

static void other_families_are_denied(void **state)
{
    (void)state;
    struct sockaddr_un un = {.sun_family = AF_UNIX, .sun_path = "/tmp/x"};
    assert_false(ks_address_ok(NULL, (const struct sockaddr *)&un));
    struct sockaddr none = {.sa_family = AF_UNSPEC};
    assert_false(ks_address_ok(NULL, &none));
}

static void exceptions_admit_what_they_name_and_nothing_beside_it(void **state)
{
    (void)state;
    ks_str texts[] = {KS_S("127.0.0.1:8080"), KS_S("10.1.0.0/16"), KS_S("[::1]:9000"), KS_S("fd12:3400::/24"),
                      KS_S("172.16.5.4/32")};
    ks_exceptions *e;
    assert_int_equal(ks_exceptions_new(&cx, texts, KS_COUNT(texts), &e), KS_OK);
    assert_true(ok(e, "127.0.0.1", 8080) && is_listed(e, "127.0.0.1", 8080));
    assert_false(ok(e, "127.0.0.1", 8081));
    assert_false(ok(e, "127.0.0.2", 8080));
    assert_true(ok(e, "::ffff:127.0.0.1", 8080));
    assert_false(ok(e, "::127.0.0.1", 8080));
    assert_true(ok(e, "10.1.0.0", 1) && ok(e, "10.1.255.255", 65535));
    assert_false(ok(e, "10.0.255.255", 1) || ok(e, "10.2.0.0", 1));
    assert_true(ok(e, "64:ff9b::10.1.2.3", 443));
    assert_true(ok(e, "::1", 9000));
    assert_false(ok(e, "::1", 9001) || ok(e, "::2", 9000));
    assert_true(ok(e, "fd12:34ff::9", 5));
    assert_false(ok(e, "fd12:3500::", 5) || ok(e, "fd12:33ff::", 5));
    assert_true(ok(e, "172.16.5.4", 5));
    assert_false(ok(e, "172.16.5.5", 5));
    assert_true(ok(e, "8.8.8.8", 443));
    assert_false(is_listed(e, "8.8.8.8", 443));
    assert_true(ks_host_listed(e, KS_S("127.0.0.1"), 8080));
    assert_true(ks_host_listed(e, KS_S("::1"), 9000));
    assert_false(ks_host_listed(e, KS_S("127.0.0.1"), 80));
    assert_false(ks_host_listed(e, KS_S("localhost"), 8080));
    assert_false(ks_host_listed(e, KS_S("127.0.0.1\0"), 8080));
    assert_false(ks_host_listed(NULL, KS_S("127.0.0.1"), 8080));
    ks_exceptions_free(e);
}

static void malformed_exceptions_are_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {"",
                                      "127.0.0.1",
                                      "localhost:80",
                                      "127.0.0.1:",
                                      "127.0.0.1:0",
                                      "127.0.0.1:65536",
                                      "127.0.0.1:+1",
                                      "127.1:80",
                                      "::1",
                                      "::1:80",
                                      "[::1]",
                                      "[::1]80",
                                      "[::1:80",
                                      "[127.0.0.1]:80",
                                      "10.0.0.0/33",
                                      "10.0.0.0/",
                                      "10.0.0.0/-1",
                                      "10.0.0.1/8",
                                      "::/129",
                                      "fd00::1/8",
                                      "10.0.0.0/8:80",
                                      "*",
                                      "0x7f.1:80",
                                      "10.0.0.0 /8"};
    for (size_t i = 0; i < KS_COUNT(bad); i++) {
        ks_str         text = ks_str_of(bad[i]);
        ks_exceptions *e = NULL;
        if (ks_exceptions_new(&cx, &text, 1, &e) != KS_INVALID)
            fail_msg("accepted: %s", bad[i]);
        assert_null(e);
    }
    ks_exceptions *none;
    assert_int_equal(ks_exceptions_new(&cx, NULL, 0, &none), KS_OK);
    assert_false(ok(none, "127.0.0.1", 80));
    ks_exceptions_free(none);
}

KS_TESTS_WITH(arena_setup, arena_teardown, every_denied_range_ends_exactly_where_it_should,
              well_known_inner_addresses_are_denied_in_every_dress, other_families_are_denied,
              exceptions_admit_what_they_name_and_nothing_beside_it, malformed_exceptions_are_refused)
