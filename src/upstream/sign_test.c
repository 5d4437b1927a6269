/* upstream/sign_test.c — signatures against what the vendors and the RFCs print, and what of a request each
 * of them covers. Real vendors' libraries judge them too: tests/api/test_signing.py. */
#include "upstream/sign.h"

#include <stdio.h>

#include "base/time.h"
#include "tests/support/test.h"
#include "upstream/assemble.h"

#define MAX_OUT ((size_t)64 * 1024)

/* One piece of literal text a part. */
typedef struct set {
    ks_sign  sign;
    ks_piece pieces[KS_SIGN_PARTS];
} set;

static set make_set(ks_sign_how how, const char *const parts[][2])
{
    set s = {.sign = {.how = how}};
    for (size_t i = 0; parts[i][0] != NULL; i++)
        s.pieces[i] = (ks_piece){.text = ks_str_of(parts[i][1])};
    for (size_t i = 0; parts[i][0] != NULL; i++)
        s.sign.parts[s.sign.n++].name = ks_str_of(parts[i][0]);
    return s;
}

static void aim(set *s)
{
    for (size_t i = 0; i < s->sign.n; i++)
        s->sign.parts[i].text = (ks_text){.pieces = &s->pieces[i], .n = 1};
}

static int64_t at(const char *iso)
{
    int64_t us = 0;
    assert_true(ks_time_parse_iso(iso, strlen(iso), &us));
    return us;
}

/* The value of one line of the signature. */
static const char *line(const ks_sign_ask *ask, const char *name)
{
    static char out[8192];
    ks_buf      lines = ks_buf_new(MAX_OUT);
    size_t      n = 0;
    const char *why = ks_sign_make(ask, &lines, &n);
    ks_str      rest = ks_buf_view(&lines), one;
    out[0] = '\0';
    assert_null(why);
    while (ks_str_cut(&rest, '\0', &one)) {
        size_t colon = ks_str_chr(one, ':');
        if (ks_str_ieq(ks_str_sub(one, 0, colon), ks_str_of(name)))
            (void)snprintf(out, sizeof out, KS_FMT, KS_ARG(ks_str_sub(one, colon + 2, SIZE_MAX)));
    }
    ks_buf_done(&lines);
    return out;
}

static void assert_ends(const char *text, const char *with)
{
    if (!ks_str_ends(ks_str_of(text), ks_str_of(with)))
        fail_msg("%s does not end in %s", text, with);
}

/* ---- AWS ---- */

static const char *const iam_parts[][2] = {{"access_key", "AKIDEXAMPLE"},
                                           {"secret", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"},
                                           {"region", "us-east-1"},
                                           {"service", "host"},
                                           {NULL, NULL}};
static const char *const s3_parts[][2] = {{"access_key", "AKIAIOSFODNN7EXAMPLE"},
                                          {"secret", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"},
                                          {"region", "us-east-1"},
                                          {"service", "host"},
                                          {NULL, NULL}};

static ks_sign_ask list_users(const set *s)
{
    return (ks_sign_ask){.sign = &s->sign,
                         .https = true,
                         .method = KS_S("GET"),
                         .host = KS_S("iam.amazonaws.com"),
                         .path = KS_S("/"),
                         .query = KS_S("Action=ListUsers&Version=2010-05-08"),
                         .type = KS_S("application/x-www-form-urlencoded; charset=utf-8"),
                         .now_us = at("2015-08-30T12:36:00.000Z"),
                         .nonce = KS_S("00112233445566778899aabbccddeeff")};
}

static void the_example_of_iam_is_signed_as_aws_prints_it(void **state)
{
    (void)state;
    set s = make_set(KS_SIGN_AWS4, iam_parts);
    aim(&s);
    ks_sign_ask ask = list_users(&s);
    assert_string_equal(line(&ask, "X-Amz-Date"), "20150830T123600Z");
    assert_string_equal(line(&ask, "X-Amz-Content-Sha256"), "");
    assert_string_equal(line(&ask, "Authorization"),
                        "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/iam/aws4_request, "
                        "SignedHeaders=content-type;host;x-amz-date, "
                        "Signature=5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7");
}

static void the_examples_of_s3_are_signed_as_aws_prints_them(void **state)
{
    (void)state;
    set s = make_set(KS_SIGN_AWS4, s3_parts);
    aim(&s);
    ks_sign_ask ask = {.sign = &s.sign,
                       .https = true,
                       .method = KS_S("GET"),
                       .host = KS_S("examplebucket.s3.amazonaws.com"),
                       .path = KS_S("/"),
                       .query = KS_S("lifecycle"),
                       .now_us = at("2013-05-24T00:00:00.000Z")};
    assert_ends(line(&ask, "Authorization"),
                "SignedHeaders=host;x-amz-content-sha256;x-amz-date, "
                "Signature=fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543");
    ask.query = KS_S("prefix=J&max-keys=2"); /* in whatever order they come */
    assert_ends(line(&ask, "Authorization"),
                "Signature=34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7");
}

static void every_part_of_a_request_changes_its_aws_signature(void **state)
{
    (void)state;
    set s = make_set(KS_SIGN_AWS4, iam_parts);
    aim(&s);
    char        first[8192];
    ks_sign_ask ask = list_users(&s), other = ask;
    (void)snprintf(first, sizeof first, "%s", line(&ask, "Authorization"));
    other.method = KS_S("POST");
    assert_string_not_equal(line(&other, "Authorization"), first);
    other = ask;
    other.path = KS_S("/x");
    assert_string_not_equal(line(&other, "Authorization"), first);
    other = ask;
    other.query = KS_S("Action=ListUsers&Version=2010-05-09");
    assert_string_not_equal(line(&other, "Authorization"), first);
    other = ask;
    other.body = KS_S("x");
    assert_string_not_equal(line(&other, "Authorization"), first);
    other = ask;
    other.now_us += 1000000;
    assert_string_not_equal(line(&other, "Authorization"), first);
    const ks_sign_header own = {KS_S("X-Amz-Target"), KS_S("A.B")};
    other = ask;
    other.headers = &own;
    other.headers_n = 1;
    assert_string_not_equal(line(&other, "Authorization"), first);
    assert_string_equal(line(&ask, "Authorization"), first);
}

static void a_stream_goes_unsigned_to_s3_and_nowhere_else(void **state)
{
    (void)state;
    set         s = make_set(KS_SIGN_AWS4, iam_parts);
    ks_sign_ask ask;
    ks_buf      lines = ks_buf_new(MAX_OUT);
    size_t      n = 0;
    aim(&s);
    ask = list_users(&s);
    ask.streams = true;
    assert_non_null(ks_sign_make(&ask, &lines, &n));
    ks_buf_done(&lines);
    ask.host = KS_S("s3.eu-central-1.amazonaws.com");
    assert_string_equal(line(&ask, "X-Amz-Content-Sha256"), "UNSIGNED-PAYLOAD");
}

static void the_service_is_told_from_the_host(void **state)
{
    (void)state;
    static const char *const hosts[][2] = {{"sts.eu-west-1.amazonaws.com", "/sts/"},
                                           {"b.s3.eu-west-1.amazonaws.com", "/s3/"},
                                           {"email.eu-west-1.amazonaws.com", "/ses/"},
                                           {"abc.execute-api.eu-west-1.amazonaws.com", "/execute-api/"}};
    set                      s = make_set(KS_SIGN_AWS4, iam_parts);
    aim(&s);
    ks_sign_ask ask = list_users(&s);
    for (size_t i = 0; i < KS_COUNT(hosts); i++) {
        ask.host = ks_str_of(hosts[i][0]);
        assert_non_null(strstr(line(&ask, "Authorization"), hosts[i][1]));
    }
}

static void respelled(const char *host, const char *path, const char *want)
{
    set    s = make_set(KS_SIGN_AWS4, iam_parts);
    ks_buf out = ks_buf_new(MAX_OUT);
    aim(&s);
    ks_sign_path(&s.sign, ks_str_of(host), ks_str_of(path), &out);
    assert_string_equal(out.p, want);
    ks_buf_done(&out);
}

static void paths_have_one_spelling_and_names_of_objects_keep_their_slashes(void **state)
{
    (void)state;
    respelled("s3.eu-west-1.amazonaws.com", "/b/a%2Fb%20c%7Ed", "/b/a/b%20c~d");
    respelled("s3.eu-west-1.amazonaws.com", "/b/(1)", "/b/%281%29");
    respelled("s3.eu-west-1.amazonaws.com", "/b/100%25", "/b/100%25");
    respelled("lambda.eu-west-1.amazonaws.com", "/f/arn%3Aa%2Fb/x", "/f/arn%3Aa%2Fb/x");
    respelled("lambda.eu-west-1.amazonaws.com", "/", "/");
}

/* ---- OAuth 1 ---- */

static const char *const oauth_parts[][2] = {
    {"consumer_key", "xvz1evFS4wEEPTGEFBHBog"},
    {"consumer_secret", "kAcSOqF21Fu85e7zjz7ZN2U4ZRhfV3WpwPAoE3Z7kBw"},
    {"token", "370773112-GmHxMAgYyLbNEtIKZeRNFsMKPr9EyMZeS9weJAEb"},
    {"token_secret", "LswwdoUaIvS8ltyTt5jkRh4J50vUPVVHtR2YPi5kE"},
    {NULL, NULL}};

static void a_form_and_a_query_are_signed_together_in_oauth1(void **state)
{
    (void)state;
    set s = make_set(KS_SIGN_OAUTH1, oauth_parts);
    aim(&s);
    ks_sign_ask ask = {
        .sign = &s.sign,
        .https = true,
        .method = KS_S("POST"),
        .host = KS_S("api.twitter.com"),
        .path = KS_S("/1.1/statuses/update.json"),
        .query = KS_S("include_entities=true"),
        .type = KS_S("application/x-www-form-urlencoded"),
        .body = KS_S("status=Hello%20Ladies%20%2b%20Gentlemen%2c%20a%20signed%20OAuth%20request%21"),
        .now_us = INT64_C(1318622958) * 1000000,
        .nonce = KS_S("kYjzVBB8Y0ZFabxSWbWovY3uYSQ2pTgmZeNu2VS4cg")};
    assert_ends(line(&ask, "Authorization"),
                "oauth_signature=\"RMm3U39pS%2FwRi97%2BSsvJ0MOUPAs%3D\""); /* as oauthlib has it */
    ask.type = KS_S("application/json");                                   /* any other body is not covered */
    assert_null(strstr(line(&ask, "Authorization"), "RMm3U39pS%2FwRi97%2BSsvJ0MOUPAs%3D"));
}

/* ---- HMAC and WSSE ---- */

static void an_hmac_covers_what_its_message_names(void **state)
{
    (void)state;
    static const char *const parts[][2] = {{"algorithm", "HMAC-SHA256"},
                                           {"key", "Jefe"},
                                           {"message", "what do ya want for nothing?"},
                                           {"header", "X-Signature"},
                                           {NULL, NULL}};
    set                      s = make_set(KS_SIGN_HMAC, parts);
    aim(&s);
    ks_sign_ask ask = {.sign = &s.sign, .method = KS_S("GET"), .path = KS_S("/a"), .body = KS_S("")};
    assert_string_equal(line(&ask, "X-Signature"), /* RFC 4231, test case 2 */
                        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    s.pieces[2] = (ks_piece){.text = KS_S("body"), .enc = KS_ENC_REQUEST};
    ask.body = KS_S("what do ya want for nothing?");
    assert_string_equal(line(&ask, "X-Signature"),
                        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    s.pieces[2] = (ks_piece){
        .text = KS_S("{{body}}")}; /* a value of the credential is never read again (T2) */
    assert_string_not_equal(line(&ask, "X-Signature"),
                            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
}

static void wsse_is_made_in_the_way_of_the_standard_or_in_hex(void **state)
{
    (void)state;
    static const char *const parts[][2] = {{"header", "X-WSSE"},
                                           {"user", "bob"},
                                           {"secret", "taadtaadpstcsm"},
                                           {"digest_as", "raw"},
                                           {NULL, NULL}};
    set                      s = make_set(KS_SIGN_WSSE, parts);
    aim(&s);
    ks_sign_ask ask = {.sign = &s.sign,
                       .method = KS_S("GET"),
                       .now_us = at("2003-12-15T14:43:07.000Z"),
                       .nonce = KS_S("d36e316282959a9ed4c89851497a717f")};
    assert_string_equal(line(&ask, "X-WSSE"),
                        "UsernameToken Username=\"bob\", PasswordDigest=\"xzwbFlkhLtAK/hc7kIcULNndAxI=\", "
                        "Nonce=\"024xYoKVmp7UyJhRSXpxfw==\", Created=\"2003-12-15T14:43:07Z\"");
    s.pieces[3].text = KS_S("hex");
    assert_string_equal(line(&ask, "X-WSSE"),
                        "UsernameToken Username=\"bob\", "
                        "PasswordDigest=\"YWFlNDdmMTE2MmMwNTc4YzRiN2ZkNjZhY2IwZTI5MGU2N2Q1ZjRlNg==\", "
                        "Nonce=\"d36e316282959a9ed4c89851497a717f\", Created=\"2003-12-15T14:43:07Z\"");
}

/* ---- what may not leave ---- */

static void values_that_would_break_out_of_their_header_are_refused_T1(void **state)
{
    (void)state;
    static const char *const users[] = {"a\", Nonce=\"x", "a\r\nX-Evil: 1", "a\\"};
    for (size_t i = 0; i < KS_COUNT(users); i++) {
        const char *const parts[][2] = {
            {"header", "X-WSSE"}, {"user", users[i]}, {"secret", "s"}, {NULL, NULL}};
        set    s = make_set(KS_SIGN_WSSE, parts);
        ks_buf lines = ks_buf_new(MAX_OUT);
        size_t n = 0;
        aim(&s);
        ks_sign_ask ask = {
            .sign = &s.sign, .method = KS_S("GET"), .nonce = KS_S("00112233445566778899aabbccddeeff")};
        assert_non_null(ks_sign_make(&ask, &lines, &n));
        assert_int_equal(n, 0);
        ks_buf_done(&lines);
    }
}

static void a_missing_value_is_told_and_nothing_is_signed(void **state)
{
    (void)state;
    static const char *const parts[][2] = {
        {"access_key", "AKIDEXAMPLE"}, {"region", "us-east-1"}, {NULL, NULL}};
    set    s = make_set(KS_SIGN_AWS4, parts);
    ks_buf lines = ks_buf_new(MAX_OUT);
    size_t n = 0;
    aim(&s);
    ks_sign_ask ask = {.sign = &s.sign, .method = KS_S("GET"), .path = KS_S("/")};
    const char *why = ks_sign_make(&ask, &lines, &n);
    assert_non_null(why);
    assert_non_null(strstr(why, "missing"));
    assert_int_equal(n, 0);
    ks_buf_done(&lines);
}

static void headers_of_the_signature_are_nobody_elses(void **state)
{
    (void)state;
    set s = make_set(KS_SIGN_AWS4, iam_parts);
    aim(&s);
    assert_true(ks_sign_makes_header(&s.sign, KS_S("authorization")));
    assert_true(ks_sign_makes_header(&s.sign, KS_S("X-AMZ-DATE")));
    assert_false(ks_sign_makes_header(&s.sign, KS_S("x-amz-target")));
    assert_false(ks_sign_makes_header(NULL, KS_S("authorization")));
}

/* ---- on the wire ---- */

static void each_attempt_has_its_own_signature_and_the_old_one_is_gone(void **state)
{
    (void)state;
    set      s = make_set(KS_SIGN_OAUTH1, oauth_parts);
    ks_piece path = {.text = KS_S("/a")};
    ks_call  call = {.method = KS_S("GET"),
                     .origin = {.scheme = KS_S("https"), .host = KS_S("h.example"), .port = 443},
                     .path = {.pieces = &path, .n = 1},
                     .sign = &s.sign};
    ks_wire  w;
    char     first[1024];
    aim(&s);
    assert_null(ks_wire_build(&call, KS_S("https://h.example:443"), false, &w));
    assert_null(ks_wire_sign(&call, &w));
    (void)snprintf(first, sizeof first, "%s", w.tokens.p);
    size_t lines = 0;
    for (const struct curl_slist *l = w.list; l != NULL; l = l->next)
        lines++;
    assert_null(ks_wire_sign(&call, &w));
    assert_string_not_equal(w.tokens.p, first);
    for (const struct curl_slist *l = w.list; l != NULL; l = l->next) {
        assert_null(strstr(l->data, first));
        lines--;
    }
    assert_int_equal(lines, 0);
    ks_wire_done(&w);
}

KS_TESTS(the_example_of_iam_is_signed_as_aws_prints_it, the_examples_of_s3_are_signed_as_aws_prints_them,
         every_part_of_a_request_changes_its_aws_signature, a_stream_goes_unsigned_to_s3_and_nowhere_else,
         the_service_is_told_from_the_host, paths_have_one_spelling_and_names_of_objects_keep_their_slashes,
         a_form_and_a_query_are_signed_together_in_oauth1, an_hmac_covers_what_its_message_names,
         wsse_is_made_in_the_way_of_the_standard_or_in_hex,
         values_that_would_break_out_of_their_header_are_refused_T1,
         a_missing_value_is_told_and_nothing_is_signed, headers_of_the_signature_are_nobody_elses,
         each_attempt_has_its_own_signature_and_the_old_one_is_gone)
