/* features/apps/app_file_ways_test.c — app files: derived values, signatures, databases, patterns, paging.
 * The rest of the format: app_file_test.c. */
#include "tests/support/app_file.h"

/* The scheme above with `way` before its `send`. */
static const char *way_fault(const char *way)
{
    char to[4096];
    snprintf(to, sizeof to, "%s\n    send:", way);
    return fault_of("    send:", to);
}

static void assert_way_fault(const char *way, const char *wanted)
{
    const char *fault = way_fault(way);
    if (fault == NULL || strstr(fault, wanted) == NULL)
        fail_msg("%s: said \"%s\", wanted \"%s\"", way, fault ? fault : "nothing", wanted);
}

#define TOKEN "    derive: [{name: t, make: token, method: POST, "

static void derived_values_have_what_their_kind_needs(void **state)
{
    (void)state;
    assert_null(way_fault(TOKEN "url: \"https://auth.other.example/t\", pointer: /t, lasts: /n}]"));
    assert_null(
        way_fault(TOKEN "url: /t, pointer: \"\", encoding: json, body: {a: \"{{api_key}}\", b: [1]}}]"));
    assert_null(way_fault("    derive: [{name: j, make: jwt, alg: RS256, key: \"{{api_key}}\", lasts: 60, "
                          "claims: {iss: \"{{shop}}\"}, stamps: [iat, exp]}]"));
    assert_way_fault(TOKEN "pointer: /t}]", "`method`, `url` and make: token belong together");
    assert_way_fault(TOKEN "url: /t}]", "`pointer` and make: token or member");
    assert_way_fault(TOKEN "url: /t, pointer: t}]", "a pointer begins with '/'");
    assert_way_fault(TOKEN "url: /t, pointer: /t, lasts: soon}]", "`lasts` is a number of seconds");
    assert_way_fault(TOKEN "url: /t, pointer: /t, body: {a: b}}]", "`body` and encoding");
    assert_way_fault(TOKEN "url: \"http://auth.other.example/t\", pointer: /t}]", "`url` is https://host");
    assert_way_fault(TOKEN "url: \"https://{{api_key}}.acme.example/t\", pointer: /t}]",
                     "no secret may stand in the host part of `url`");
    assert_way_fault(TOKEN "url: \"https://{{shop}}.evil.example/t\", pointer: /t}]",
                     "`hosts` does not hold");
    assert_way_fault(TOKEN "url: \"/{{later}}\", pointer: /t}]", "uses {{later}}");
    assert_way_fault(TOKEN "url: \"/{{t}}\", pointer: /t}]", "uses {{t}}"); /* not before it is made */
    assert_way_fault("    derive: [{name: api_key, make: base64, text: a}]", "no other's");
    assert_way_fault("    derive: [{name: b, make: base64}]", "`text` belongs to");
    assert_way_fault("    derive: [{name: b, make: after, text: a}]", "`at` and make: before or after");
    assert_way_fault("    derive: [{name: b, make: member, from: nobody, pointer: /a}]",
                     "`from` names an earlier");
    assert_way_fault("    derive: [{name: j, make: jwt, alg: none, key: k, lasts: 60, claims: {}}]",
                     "`alg` is HS256");
    assert_way_fault("    derive: [{name: j, make: jwt, alg: ES256, key: k, claims: {}}]",
                     "`lasts` is wanted");
}

static void what_is_encoded_stands_at_the_end_of_a_header(void **state)
{
    (void)state;
    static const char *const sends[][2] = {
        {"{headers: {A: \"Bearer {{p}}\"}}", NULL},
        {"{headers: {A: \"Bearer {{p}};\"}}", "stands at the end of a header"},
        {"{headers: {A: \"{{shop}}{{p}}\"}}", "stands at the end of a header"},
        {"{query: {A: \"{{p}}\"}}", "stands at the end of a header"},
        {"{basic: {user: \"{{p}}\"}}", "stands at the end of a header"},
    };
    for (size_t i = 0; i < KS_COUNT(sends); i++) {
        const char *from = "    send: {headers: {X-Key: \"{{api_key}}\"}}\n";
        char        text[512];
        snprintf(text, sizeof text,
                 "    derive: [{name: p, make: base64, text: \"{{api_key}}:x\"}]\n    send: %s\n",
                 sends[i][0]);
        if (sends[i][1] == NULL)
            assert_null(fault_of(from, text));
        else
            assert_fault(from, text, sends[i][1]);
    }
}

static void signatures_name_their_way_and_what_it_needs(void **state)
{
    (void)state;
    assert_null(
        way_fault("    sign: {how: http-digest, with: {user: \"{{shop}}\", password: \"{{api_key}}\"}}"));
    assert_null(way_fault("    sign: {how: hmac, with: {algorithm: SHA256, key: \"{{api_key}}\", "
                          "message: \"{{path}}|{{body}}\", header: X-Sign}}"));
    assert_way_fault("    sign: {how: magic, with: {key: k}}", "`how` is aws-sigv4");
    assert_way_fault("    sign: {how: http-digest, with: {user: u}}", "http-digest needs `password`");
    assert_way_fault("    sign: {how: http-digest, with: {user: u, password: p, x: y}}", "does not take `x`");
    assert_way_fault("    sign: {how: mtls, with: {certificate: \"{{path}}\", key: k}}", "uses {{path}}");
}

static const char *database_fault(const char *from, const char *to)
{
    static const char text[] =
        "schemes:\n  - scheme: DATABASE\n    fields: [{name: host, label: H, help: H., kind: host}]\n"
        "    dsn: {driver: mysql, host: \"{{host}}\"}\n    check: {method: SQL, body: SELECT 1}\n    find: "
        "none\n"
        "actions: [{name: ACME_Q, title: T, about: A., method: SQL, path: query, tags: [write], "
        "params: [{name: q, in: argument, about: A.}]}]\n";
    static char   whole[8192];
    const ks_app *app;
    const char   *at = strstr(text, from);
    assert_non_null(at);
    snprintf(whole, sizeof whole, "%s%.*s%s%s", head, (int)(at - text), text, to, at + strlen(from));
    return ks_app_file_parse(&cx, KS_S("acme.yaml"), ks_str_of(whole), &app) == KS_OK ? NULL
                                                                                      : cx.err.message.p;
}

static void databases_run_statements_instead_of_requests(void **state)
{
    (void)state;
    static const struct {
        const char *from, *to, *wanted;
    } cases[] = {
        {"driver: mysql", "driver: mysql5", "`driver` is postgresql"},
        {"driver: mysql, ", "", "dsn needs `driver`"},
        {"    check: {", "    base: https://a.example\n    check: {", "stands instead of `base`"},
        {"method: SQL, body: SELECT 1", "method: GET, path: /, good: [{status: 200}]",
         "is the check of a `dsn`"},
        {", body: SELECT 1", "", "is the check of a `dsn`"},
        {"path: query", "path: /query", "the one word"},
        {"in: argument", "in: query", "are arguments"},
        {"scheme: DATABASE", "scheme: CUSTOM", "belong together"},
        {"method: SQL, path: query", "method: GET, path: /a", "arguments belong to"},
    };
    assert_null(database_fault("mysql", "mysql"));
    for (size_t i = 0; i < KS_COUNT(cases); i++) {
        const char *fault = database_fault(cases[i].from, cases[i].to);
        if (fault == NULL || strstr(fault, cases[i].wanted) == NULL)
            fail_msg("%s: said \"%s\"", cases[i].to, fault ? fault : "nothing");
    }
}

static void patterns_that_can_explode_are_refused(void **state)
{
    (void)state;
    static const char *const fine[] = {"^(sk|rk)_(test|live)_[A-Za-z0-9]+$", "^[]a-z[:digit:]-]{40}$",
                                       "^([a-f0-9]{8}-){3}[a-f0-9]{12}$", "^a\\.b[{]?$", "(a|b+)?c"};
    static const char *const bad[][2] = {
        {"^(a+)+$", "repeats a group"},
        {"^((ab*)x){2,}$", "repeats a group"},
        {"^(a|b*){3}$", "repeats a group"},
        {"(a)\\1", "before a letter or digit"},
        {"^\\d+$", "before a letter or digit"},
        {"^((a{99}){99}){99}$", "too large"},
        {"(?i)abc", "has (?"},
        {"^a{x$", "begins no count"},
        {"a)", "closes a group"},
        {"(a", "is no POSIX extended"},
        {"a*b*c*d*e*f*g*h*i*j*k*l*m*n*", "too large"},
    };
    char text[256];
    for (size_t i = 0; i < KS_COUNT(fine); i++) {
        snprintf(text, sizeof text, "secret: true, pattern: '%s'}", fine[i]);
        const char *fault = fault_of("secret: true}", text);
        if (fault != NULL)
            fail_msg("%s: %s", fine[i], fault);
    }
    for (size_t i = 0; i < KS_COUNT(bad); i++) {
        snprintf(text, sizeof text, "secret: true, pattern: '%s'}", bad[i][0]);
        assert_fault("secret: true}", text, bad[i][1]);
    }
}

static void hints_for_paging_are_of_a_known_type(void **state)
{
    (void)state;
    assert_null(fault_of("name: Acme\n", "name: Acme\npages: {type: cursor, cursor: after, next: /next}\n"));
    assert_fault("name: Acme\n", "name: Acme\npages: {type: books}\n", "`type` is cursor");
    assert_fault("name: Acme\n", "name: Acme\npages: {cursor: after}\n", "pages needs `type`");
}

KS_TESTS_WITH(arena_setup, arena_teardown, derived_values_have_what_their_kind_needs,
              what_is_encoded_stands_at_the_end_of_a_header, signatures_name_their_way_and_what_it_needs,
              databases_run_statements_instead_of_requests, patterns_that_can_explode_are_refused,
              hints_for_paging_are_of_a_known_type)
