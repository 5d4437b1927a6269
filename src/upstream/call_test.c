/* upstream/call_test.c — what `explain` shows of a call, and headers of answers. */
#include "upstream/call.h"

#include "tests/support/arena.h"

static ks_secret *secret(const char *z)
{
    ks_secret *s;
    assert_int_equal(ks_secret_new(&cx, z, strlen(z), &s), KS_OK);
    return s;
}

static void secrets_are_shown_by_the_name_of_their_field(void **state)
{
    (void)state;
    ks_piece pieces[] = {{.text = KS_S("user")},
                         {.text = KS_S(":")},
                         {.text = KS_S("password"), .secret = secret("hunter22")}};
    ks_text  basic = {KS_S("Basic "), pieces, 3, true};
    assert_str(ks_text_explain(&cx, &basic), "Basic base64(user:‹password›)");
    ks_piece more[] = {{.text = KS_S("a b/"), .enc = KS_ENC_PERCENT},
                       {.text = KS_S("\"q\"\n"), .enc = KS_ENC_JSON},
                       {.text = KS_S("abc"), .enc = KS_ENC_BASE64},
                       {.text = KS_S("key"), .secret = secret("hunter22"), .enc = KS_ENC_PERCENT}};
    ks_text  text = {KS_S(""), more, 4, false};
    assert_str(ks_text_explain(&cx, &text), "a%20b%2F\\\"q\\\"\\nYWJj‹key›");
    ks_piece binary[] = {{.text = KS_S("\xff\xfe\x00")}};
    ks_text  bytes = {KS_S(""), binary, 1, false};
    assert_str(ks_text_explain(&cx, &bytes), "(3 bytes that are no text)");
}

static void a_call_is_explained_whole_and_without_its_secrets(void **state)
{
    (void)state;
    ks_secret    *key = secret("sk-canary-0123456789");
    ks_piece      path[] = {{.text = KS_S("/v1/things")}};
    ks_piece      query[] = {{.text = KS_S("key=")},
                             {.text = KS_S("api_key"), .secret = key, .enc = KS_ENC_PERCENT}};
    ks_piece      auth[] = {{.text = KS_S("Bearer ")}, {.text = KS_S("api_key"), .secret = key}};
    ks_piece      body[] = {{.text = KS_S("{\"a\":1}")}};
    ks_out_header headers[] = {{KS_S("Authorization"), {KS_S(""), auth, 2, false}, KS_S("demo: send")}};
    ks_call       call = {.method = KS_S("POST"),
                          .origin = {KS_S("https"), KS_S("api.example.com"), 443, KS_S("/v1")},
                          .path = {KS_S(""), path, 1, false},
                          .query = {KS_S(""), query, 2, false},
                          .query_rule = KS_S("demo: send"),
                          .headers = headers,
                          .headers_n = 1,
                          .content_type = KS_S("application/json"),
                          .body = {KS_S(""), body, 1, false},
                          .has_body = true,
                          .host_rule = KS_S("base of demo")};
    ks_buf       *b = ks_ctx_buf(&cx, 65536);
    ks_jw         w = ks_jw_new(b);
    ks_call_explain(&cx, &call, &w, NULL);
    assert_str(ks_buf_view(b),
               "{\"method\":\"POST\",\"url\":\"https://api.example.com/v1/things?key=‹api_key›\","
               "\"host_rule\":\"base of demo\",\"query_rule\":\"demo: send\",\"headers\":["
               "{\"name\":\"Authorization\",\"value\":\"Bearer ‹api_key›\",\"rule\":\"demo: send\"}],"
               "\"content_type\":\"application/json\",\"body\":\"{\\\"a\\\":1}\"}");
}

static void headers_of_answers_are_found_in_any_case(void **state)
{
    (void)state;
    struct ks_answer_header headers[] = {{KS_S("retry-after"), KS_S("7")}, {KS_S("x-a"), KS_S("")}};
    ks_answer               a = {.headers = headers, .headers_n = 2};
    assert_str(ks_answer_header(&a, KS_S("Retry-After")), "7");
    assert_non_null(ks_answer_header(&a, KS_S("X-A")).p);
    assert_null(ks_answer_header(&a, KS_S("x")).p);
}

KS_TESTS_WITH(arena_setup, arena_teardown, secrets_are_shown_by_the_name_of_their_field,
              a_call_is_explained_whole_and_without_its_secrets, headers_of_answers_are_found_in_any_case)
