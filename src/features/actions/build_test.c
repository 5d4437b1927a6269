/* features/actions/build_test.c — the pure builder: what is put where, and what callers may not do (N1, T2,
 * T4). Requests are compared in the words of `explain`, so the tests also show that no secret is in them. */
#include "features/actions/build.h"

#include "tests/support/test.h"

static const ks_app_field fields[] = {
    {.name = KS_S_INIT("api_key"), .label = KS_S_INIT("Key"), .secret = true, .required = true},
    {.name = KS_S_INIT("shop"), .label = KS_S_INIT("Shop"), .kind = KS_APP_LABEL, .to_act = true},
    {.name = KS_S_INIT("team"), .label = KS_S_INIT("Team")},
};
static const ks_app_put headers[] = {{KS_S_INIT("X-Token"), KS_S_INIT("Key {{api_key}}")},
                                     {KS_S_INIT("X-Team"), KS_S_INIT("{{team}}")}};
static const ks_app_put query[] = {{KS_S_INIT("key"), KS_S_INIT("{{api_key}}")}};
static const ks_app_put body[] = {{KS_S_INIT("secret"), KS_S_INIT("{{api_key}}")}};
static const ks_str     hosts[] = {KS_S_INIT("*.shop.example")};

static const ks_app_scheme by_header = {.scheme = KS_S_INIT("API_KEY"),
                                        .fields = fields,
                                        .fields_n = 3,
                                        .base = KS_S_INIT("https://{{shop}}.shop.example/v1"),
                                        .hosts = {hosts, 1},
                                        .headers = {headers, 2},
                                        .check = {.method = KS_S_INIT("GET"), .path = KS_S_INIT("/me?x=1")}};
static const ks_app_scheme by_query = {.scheme = KS_S_INIT("API_KEY"),
                                       .fields = fields,
                                       .fields_n = 3,
                                       .base = KS_S_INIT("https://api.example"),
                                       .query = {query, 1}};
static const ks_app_scheme by_body = {.scheme = KS_S_INIT("API_KEY"),
                                      .fields = fields,
                                      .fields_n = 3,
                                      .base = KS_S_INIT("https://api.example"),
                                      .body = {body, 1}};
static const ks_app_scheme by_basic = {.scheme = KS_S_INIT("BASIC"),
                                       .fields = fields,
                                       .fields_n = 3,
                                       .base = KS_S_INIT("https://api.example"),
                                       .basic_user = KS_S_INIT("{{team}}"),
                                       .basic_password = KS_S_INIT("{{api_key}}")};
static const ks_app_scheme by_store = {.scheme = KS_S_INIT("API_KEY"),
                                       .fields = fields,
                                       .fields_n = 3,
                                       .base = KS_S_INIT("https://api.example/stores/{{team}}"),
                                       .headers = {headers, 1}};
static const ks_app_scheme by_path = {.scheme = KS_S_INIT("API_KEY"),
                                      .fields = fields,
                                      .fields_n = 3,
                                      .base = KS_S_INIT("https://api.example/bot{{api_key}}"),
                                      .headers = {headers, 1}};
static const ks_app_field  anywhere[] = {
     {.name = KS_S_INIT("api_key"), .label = KS_S_INIT("Key"), .secret = true, .required = true},
     {.name = KS_S_INIT("site"), .label = KS_S_INIT("Site"), .kind = KS_APP_URL, .required = true},
};
static const ks_app_scheme by_site = {.scheme = KS_S_INIT("API_KEY"),
                                      .fields = anywhere,
                                      .fields_n = 2,
                                      .base = KS_S_INIT("{{site}}"),
                                      .headers = {headers, 1}};
static const ks_app        app = {
           .key = KS_S_INIT("toy"), .name = KS_S_INIT("Toy"), .schemes = &by_header, .schemes_n = 1};

static const ks_str       sizes[] = {KS_S_INIT("s"), KS_S_INIT("l")};
static const ks_app_param params[] = {
    {.name = KS_S_INIT("id"), .in = KS_IN_PATH, .type = KS_T_STRING, .required = true},
    {.name = KS_S_INIT("limit"), .in = KS_IN_QUERY, .type = KS_T_INTEGER, .fallback = KS_S_INIT("50")},
    {.name = KS_S_INIT("text"), .in = KS_IN_BODY, .type = KS_T_STRING, .target = KS_S_INIT("message.text")},
    {.name = KS_S_INIT("big"), .in = KS_IN_BODY, .type = KS_T_BOOLEAN, .target = KS_S_INIT("message.big")},
    {.name = KS_S_INIT("size"), .in = KS_IN_BODY, .type = KS_T_STRING, .values = {sizes, 2}},
    {.name = KS_S_INIT("lines"),
     .in = KS_IN_BODY,
     .type = KS_T_ARRAY,
     .items = KS_T_OBJECT,
     .schema = KS_S_INIT("{\"items\":{\"type\":\"object\",\"properties\":{\"sku\":{\"type\":\"string\"}},"
                         "\"required\":[\"sku\"]}}")},
    {.name = KS_S_INIT("kind"), .in = KS_IN_BODY, .type = KS_T_STRING, .fixed = KS_S_INIT("\"note\"")},
};
static const ks_app_action action = {.name = KS_S_INIT("TOY_SEND"),
                                     .method = KS_S_INIT("POST"),
                                     .path = KS_S_INIT("/items/{id}/notes"),
                                     .encoding = KS_ENCODE_JSON,
                                     .params = params,
                                     .params_n = KS_COUNT(params)};

typedef struct world {
    ks_ctx        cx;
    ks_credential c;
    ks_subject    s;
} world;

static int setup(void **state)
{
    static world w;
    w.cx = ks_ctx_new(ks_arena_new(KS_ARENA_MAX), NULL);
    *state = &w;
    return 0;
}

static int teardown(void **state)
{
    ks_arena_free(((world *)*state)->cx.arena);
    return 0;
}

static ks_json *json(world *w, const char *text)
{
    ks_json *v;
    assert_int_equal(ks_json_parse(&w->cx, ks_str_of(text), &v), KS_OK);
    return v;
}

static void connect_with(world *w, const ks_app_scheme *scheme, const char *values)
{
    assert_int_equal(ks_credential_new(&w->cx, &app, scheme, &w->c), KS_OK);
    assert_int_equal(ks_credential_take(&w->cx, &w->c, json(w, values), ""), KS_OK);
    w->s = (ks_subject){
        .credential = &w->c, .app = &app, .project_id = KS_S("pr_1"), .connection_id = KS_S("ca_1")};
}

static ks_str header(world *w, const ks_call *call, const char *name)
{
    for (size_t i = 0; i < call->headers_n; i++) {
        if (ks_str_ieq(call->headers[i].name, ks_str_of(name)))
            return ks_text_explain(&w->cx, &call->headers[i].value);
    }
    return KS_NO_STR;
}

static ks_call *built(world *w, const char *input)
{
    ks_call *call = NULL;
    assert_int_equal(ks_build_action(&w->cx, &w->s, &action, json(w, input), NULL, &call), KS_OK);
    return call;
}

static void an_action_puts_each_argument_where_it_is_declared(void **state)
{
    world *w = *state;
    connect_with(w, &by_header, "{\"api_key\":\"canary-0123456789\",\"shop\":\"acme\"}");
    ks_call *call = built(w,
                          "{\"id\":\"a/b c\",\"text\":\"say \\\"hi\\\"\",\"big\":\"true\",\"size\":\"l\"}");
    assert_str(ks_origin_text(&w->cx, &call->origin), "https://acme.shop.example/v1");
    assert_str(ks_text_explain(&w->cx, &call->path), "/v1/items/a%2Fb%20c/notes");
    assert_str(ks_text_explain(&w->cx, &call->query), "limit=50");
    assert_str(ks_text_explain(&w->cx, &call->body),
               "{\"message\":{\"text\":\"say \\\"hi\\\"\",\"big\":true},\"size\":\"l\",\"kind\":\"note\"}");
    assert_str(header(w, call, "x-token"), "Key \xe2\x80\xb9"
                                           "api_key\xe2\x80\xba");
    assert_null(header(w, call, "x-team").p); /* its template uses an optional field without a value */
    assert_int_equal(call->secrets_n, 1);
}

static ks_status fails(world *w, const char *input, const char *field)
{
    ks_call  *call;
    ks_status st = ks_build_action(&w->cx, &w->s, &action, json(w, input), NULL, &call);
    assert_int_equal(st, KS_INVALID);
    assert_str(w->cx.err.details[0].field, field);
    return st;
}

static void an_argument_that_does_not_fit_is_named(void **state)
{
    world *w = *state;
    connect_with(w, &by_header, "{\"api_key\":\"canary-0123456789\",\"shop\":\"acme\"}");
    fails(w, "{}", "input.id");
    fails(w, "{\"id\":\"..\"}", "input.id");
    fails(w, "{\"id\":\"1\",\"limit\":\"many\"}", "input.limit");
    fails(w, "{\"id\":\"1\",\"text\":{}}", "input.text");
    fails(w, "{\"id\":\"1\",\"size\":\"xl\"}", "input.size");
    fails(w, "{\"id\":\"1\",\"lines\":[{\"sku\":\"a\"},{\"sku\":7}]}", "input.lines[1].sku"); /* ACT-14 */
    fails(w, "{\"id\":\"1\",\"txt\":\"x\"}", "input");
    fails(w, "{\"id\":\"1\",\"kind\":\"other\"}", "input");
}

static void without_its_shop_acting_says_what_is_missing(void **state)
{
    world   *w = *state;
    ks_call *call;
    connect_with(w, &by_header, "{\"api_key\":\"canary-0123456789\"}");
    assert_int_equal(ks_build_action(&w->cx, &w->s, &action, json(w, "{\"id\":\"1\"}"), NULL, &call),
                     KS_INVALID);
    assert_str(w->cx.err.details[0].field, "shop");
    assert_int_equal(ks_build_check(&w->cx, &w->s, &call), KS_OK);
    assert_null(call);
}

static void a_check_keeps_the_query_of_its_path(void **state)
{
    world   *w = *state;
    ks_call *call;
    connect_with(w, &by_header, "{\"api_key\":\"canary-0123456789\",\"shop\":\"acme\"}");
    assert_int_equal(ks_build_check(&w->cx, &w->s, &call), KS_OK);
    assert_str(ks_text_explain(&w->cx, &call->path), "/v1/me");
    assert_str(ks_text_explain(&w->cx, &call->query), "x=1");
    assert_int_equal(call->total_ms, KS_UP_VERIFY_MS);
}

static ks_status raw(world *w, const char *endpoint, const char *name, ks_call **call)
{
    ks_param       p = {KS_PARAM_HEADER, ks_str_of(name), KS_S("v")};
    ks_raw_request r = {
        .method = KS_S("GET"), .endpoint = ks_str_of(endpoint), .params = &p, .params_n = name != NULL};
    return ks_build_request(&w->cx, &w->s, &r, NULL, call);
}

/* N1: the origin is not the caller's to choose. */
static void a_raw_call_stays_on_its_own_origin(void **state)
{
    static const char *const refused[] = {
        "https://evil.example/v1/x",
        "http://acme.shop.example/v1/x",
        "https://acme.shop.example:444/v1/x",
        "https://acme.shop.example/v2/x",
        "https://acme.shop.example.evil/",
        "https://user@acme.shop.example/v1/x",
        "https://acme.shop.example/v1/../../x",
        "//evil.example/x",
        "/../x",
        "/%2e%2e/x",
        "/a\\b",
        "/a b",
        "/a#b",
    };
    world   *w = *state;
    ks_call *call;
    connect_with(w, &by_header, "{\"api_key\":\"canary-0123456789\",\"shop\":\"acme\"}");
    for (size_t i = 0; i < KS_COUNT(refused); i++)
        assert_int_equal(raw(w, refused[i], NULL, &call), KS_INVALID);
    assert_int_equal(raw(w, "https://acme.shop.example/v1/x?y=1", NULL, &call), KS_OK);
    assert_str(ks_text_explain(&w->cx, &call->path), "/v1/x");
    assert_str(ks_text_explain(&w->cx, &call->query), "y=1");
    assert_int_equal(raw(w, "/x", NULL, &call), KS_OK);
    assert_str(ks_text_explain(&w->cx, &call->path), "/v1/x");
}

/* N1. */
static void values_in_the_path_of_a_base_belong_to_the_origin_too(void **state)
{
    world   *w = *state;
    ks_call *call;
    connect_with(w, &by_store, "{\"api_key\":\"canary-0123456789\",\"team\":\"a b\"}");
    assert_int_equal(raw(w, "https://api.example/stores/other/x", NULL, &call), KS_INVALID);
    assert_int_equal(raw(w, "https://api.example/stores/a%20bc/x", NULL, &call), KS_INVALID);
    assert_int_equal(raw(w, "https://api.example/x", NULL, &call), KS_INVALID);
    assert_int_equal(raw(w, "https://api.example/stores/a%20b/x", NULL, &call), KS_OK);
    assert_int_equal(raw(w, "/x", NULL, &call), KS_OK);
    assert_str(ks_text_explain(&w->cx, &call->path), "/stores/a%20b/x");
    connect_with(w, &by_path, "{\"api_key\":\"canary-0123456789\"}");
    assert_int_equal(raw(w, "https://api.example/x", NULL, &call), KS_INVALID);
    assert_int_equal(raw(w, "https://api.example/botcanary-0123456789/x", NULL, &call), KS_INVALID);
    assert_int_equal(raw(w, "/x", NULL, &call), KS_OK);
}

/* T4. */
static void a_caller_cannot_set_framing_or_injected_headers(void **state)
{
    static const char *const refused[] = {"Host",
                                          "content-length",
                                          "Transfer-Encoding",
                                          "Cookie",
                                          "X-TOKEN",
                                          "X-Forwarded-For",
                                          "Forwarded",
                                          "bad name",
                                          "a:b",
                                          "Connection",
                                          ""};
    world                   *w = *state;
    ks_call                 *call;
    connect_with(w, &by_header, "{\"api_key\":\"canary-0123456789\",\"shop\":\"acme\"}");
    for (size_t i = 0; i < KS_COUNT(refused); i++)
        assert_int_equal(raw(w, "/x", refused[i], &call), KS_INVALID);
    assert_int_equal(raw(w, "/x", "X-Other", &call), KS_OK);
}

static void an_injected_query_member_cannot_be_named_by_the_caller(void **state)
{
    world   *w = *state;
    ks_call *call;
    connect_with(w, &by_query, "{\"api_key\":\"canary-0123456789\"}");
    assert_int_equal(raw(w, "/x?a=1&k%65y=mine", NULL, &call), KS_INVALID);
    assert_int_equal(raw(w, "/x?a=1", NULL, &call), KS_OK);
    assert_str(ks_text_explain(&w->cx, &call->query), "a=1&key=\xe2\x80\xb9"
                                                      "api_key\xe2\x80\xba");
}

static void a_credential_in_the_body_joins_the_object_untouched(void **state)
{
    world         *w = *state;
    ks_call       *call;
    ks_raw_request r = {.method = KS_S("POST"),
                        .endpoint = KS_S("/x"),
                        .body = KS_S("{\"n\":123456789012345678901234567890}")};
    connect_with(w, &by_body, "{\"api_key\":\"canary-0123456789\"}");
    assert_int_equal(ks_build_request(&w->cx, &w->s, &r, NULL, &call), KS_OK);
    assert_str(ks_text_explain(&w->cx, &call->body),
               "{\"n\":123456789012345678901234567890,\"secret\":\"\xe2\x80\xb9"
               "api_key\xe2\x80\xba\"}");
    r.body = KS_S("[1]");
    assert_int_equal(ks_build_request(&w->cx, &w->s, &r, NULL, &call), KS_INVALID);
}

static void basic_credentials_are_joined_and_a_colon_in_the_user_is_refused(void **state)
{
    world   *w = *state;
    ks_call *call;
    connect_with(w, &by_basic, "{\"api_key\":\"canary-0123456789\",\"team\":\"acme\"}");
    assert_int_equal(raw(w, "/x", NULL, &call), KS_OK);
    assert_true(ks_str_find(header(w, call, "authorization"), KS_S("acme:\xe2\x80\xb9"
                                                                   "api_key")) != SIZE_MAX);
    connect_with(w, &by_basic, "{\"api_key\":\"canary-0123456789\",\"team\":\"ac:me\"}");
    assert_int_equal(raw(w, "/x", NULL, &call), KS_INVALID);
}

static void a_call_that_brings_its_own_credentials_takes_nothing_stored(void **state)
{
    world      *w = *state;
    ks_call    *call;
    ks_secret  *v;
    ks_subject  s = {.app = &app, .project_id = KS_S("pr_1")};
    ks_own_auth own = {.base_url = KS_S("https://own.example/base")};
    assert_int_equal(ks_secret_new(&w->cx, "own-canary-123456", 17, &v), KS_OK);
    own.params = (struct ks_own_param[]){{KS_OWN_HEADER, KS_S("X-Own"), v}};
    own.params_n = 1;
    assert_int_equal(ks_build_action(&w->cx, &s, &action, json(w, "{\"id\":\"1\"}"), &own, &call), KS_OK);
    assert_true(call->own_origin);
    assert_null(call->connection_id.p);
    assert_str(ks_origin_text(&w->cx, &call->origin), "https://own.example/base");
    assert_null(header(w, call, "x-token").p);
    assert_str(header(w, call, "x-own"), "\xe2\x80\xb9X-Own\xe2\x80\xba");
}

static void what_is_shown_is_masked(void **state)
{
    world  *w = *state;
    ks_buf *b = ks_ctx_buf(&w->cx, 4096);
    ks_jw   jw = ks_jw_new(b);
    connect_with(w, &by_header, "{\"api_key\":\"canary-0123456789\",\"shop\":\"acme\"}");
    assert_int_equal(ks_build_display(&w->cx, &w->s, &jw, NULL), KS_OK);
    assert_str(ks_buf_view(b), "{\"headers\":{\"X-Token\":\"Key cana********\"},\"queryParams\":{},"
                               "\"base_url\":\"https://acme.shop.example/v1\"}");
}

static const ks_app_param part_params[] = {
    {.name = KS_S_INIT("file"), .in = KS_IN_FORM, .type = KS_T_FILE, .required = true},
    {.name = KS_S_INIT("note"), .in = KS_IN_FORM, .type = KS_T_STRING},
};
static const ks_app_action parts = {.name = KS_S_INIT("TOY_PARTS"),
                                    .method = KS_S_INIT("POST"),
                                    .path = KS_S_INIT("/parts"),
                                    .encoding = KS_ENCODE_MULTIPART,
                                    .params = part_params,
                                    .params_n = KS_COUNT(part_params)};
static const ks_app_param  raw_params[] = {
     {.name = KS_S_INIT("lines"), .in = KS_IN_BODY, .type = KS_T_STRING},
};
static const ks_app_action raw_lines = {.name = KS_S_INIT("TOY_RAW"),
                                        .method = KS_S_INIT("POST"),
                                        .path = KS_S_INIT("/raw"),
                                        .encoding = KS_ENCODE_RAW,
                                        .content_type = KS_S_INIT("application/x-ndjson"),
                                        .params = raw_params,
                                        .params_n = KS_COUNT(raw_params)};

static void a_credential_of_the_body_is_a_part_of_its_own(void **state)
{
    world   *w = *state;
    ks_call *call;
    connect_with(w, &by_body, "{\"api_key\":\"canary-0123456789\"}");
    assert_int_equal(
        ks_build_action(&w->cx, &w->s, &parts,
                        json(w, "{\"note\":\"n\",\"file\":{\"name\":\"a\",\"content\":\"YQ==\"}}"), NULL,
                        &call),
        KS_OK);
    ks_str text = ks_text_explain(&w->cx, &call->body);
    assert_true(ks_str_starts(call->content_type, KS_S("multipart/form-data; boundary=keysteward-")));
    assert_int_not_equal(ks_str_find(text, KS_S("name=\"secret\"\r\n\r\n\xe2\x80\xb9"
                                                "api_key\xe2\x80\xba\r\n--")),
                         SIZE_MAX);
    assert_int_equal(ks_str_find(text, KS_S("canary")), SIZE_MAX);
    assert_int_equal(call->secrets_n, 1);
}

static void a_raw_body_is_the_argument_and_nothing_else(void **state)
{
    world   *w = *state;
    ks_call *call;
    connect_with(w, &by_query, "{\"api_key\":\"canary-0123456789\"}");
    assert_int_equal(
        ks_build_action(&w->cx, &w->s, &raw_lines, json(w, "{\"lines\":\"a\\nb\"}"), NULL, &call), KS_OK);
    assert_str(ks_text_explain(&w->cx, &call->body), "a\nb");
    assert_str(call->content_type, "application/x-ndjson");
    assert_int_equal(ks_build_action(&w->cx, &w->s, &raw_lines, json(w, "{}"), NULL, &call), KS_OK);
    assert_false(call->has_body);
    connect_with(w, &by_body, "{\"api_key\":\"canary-0123456789\"}"); /* there is no place for it */
    assert_int_equal(ks_build_action(&w->cx, &w->s, &raw_lines, json(w, "{\"lines\":\"a\"}"), NULL, &call),
                     KS_INVALID);
}

/* N1: an address of the caller's own only together with all credentials. */
static void an_address_that_came_with_all_credentials_is_used(void **state)
{
    world   *w = *state;
    ks_call *call;
    connect_with(w, &by_query, "{\"api_key\":\"canary-0123456789\"}");
    w->s.connection_id = KS_NO_STR;
    w->s.own_base = KS_S("https://own.example/base/");
    assert_int_equal(raw(w, "/x", NULL, &call), KS_OK);
    assert_true(call->own_origin);
    assert_str(ks_origin_text(&w->cx, &call->origin), "https://own.example/base");
    assert_str(ks_text_explain(&w->cx, &call->path), "/base/x");
}

/* An app file lets an action name a host that another of its schemes lists. */
static void an_action_elsewhere_does_not_get_the_credential_of_a_scheme_without_hosts_N1(void **state)
{
    world        *w = *state;
    ks_call      *call = NULL;
    ks_app_action far = {.name = KS_S_INIT("TOY_FAR"),
                         .method = KS_S_INIT("GET"),
                         .path = KS_S_INIT("https://thief.example/x")};
    connect_with(w, &by_site, "{\"api_key\":\"canary-0123456789\",\"site\":\"https://own.example\"}");
    ks_credential_publish(&w->c);
    assert_int_equal(ks_build_action(&w->cx, &w->s, &far, json(w, "{}"), NULL, &call), KS_INVALID);
    assert_str(w->cx.err.code, "host_not_allowed");
    far.path = KS_S("https://own.example:8443/x");
    assert_int_equal(ks_build_action(&w->cx, &w->s, &far, json(w, "{}"), NULL, &call), KS_INVALID);
    connect_with(w, &by_header, "{\"api_key\":\"canary-0123456789\",\"shop\":\"acme\"}");
    ks_credential_publish(&w->c);
    far.path = KS_S("https://b.shop.example:8443/x");
    assert_int_equal(ks_build_action(&w->cx, &w->s, &far, json(w, "{}"), NULL, &call), KS_INVALID);
    far.path = KS_S("https://b.shop.example/x");
    assert_int_equal(ks_build_action(&w->cx, &w->s, &far, json(w, "{}"), NULL, &call), KS_OK);
    connect_with(w, &by_site, "{\"api_key\":\"canary-0123456789\",\"site\":\"https://own.example\"}");
    ks_credential_publish(&w->c);
    far.path = KS_S("https://own.example/x");
    assert_int_equal(ks_build_action(&w->cx, &w->s, &far, json(w, "{}"), NULL, &call), KS_OK);
}

static void a_fetch_carries_no_credential(void **state)
{
    world   *w = *state;
    ks_call *call;
    assert_int_equal(ks_build_fetch(&w->cx, KS_S("pr_1"), "f", KS_S("https://files.example/a?b=c"), &call),
                     KS_OK);
    assert_true(call->own_origin);
    assert_int_equal(call->headers_n + call->secrets_n, 0);
    assert_str(ks_text_explain(&w->cx, &call->query), "b=c");
    assert_int_equal(call->max_answer, KS_MAX_FILE_BYTES);
    assert_int_equal(ks_build_fetch(&w->cx, KS_S("pr_1"), "f", KS_S("https://u:p@files.example/"), &call),
                     KS_INVALID);
    assert_str(w->cx.err.details[0].field, "f");
}

KS_TESTS_WITH(setup, teardown, an_action_puts_each_argument_where_it_is_declared,
              an_argument_that_does_not_fit_is_named, without_its_shop_acting_says_what_is_missing,
              a_check_keeps_the_query_of_its_path, a_raw_call_stays_on_its_own_origin,
              an_action_elsewhere_does_not_get_the_credential_of_a_scheme_without_hosts_N1,
              values_in_the_path_of_a_base_belong_to_the_origin_too,
              a_caller_cannot_set_framing_or_injected_headers,
              an_injected_query_member_cannot_be_named_by_the_caller,
              a_credential_in_the_body_joins_the_object_untouched,
              basic_credentials_are_joined_and_a_colon_in_the_user_is_refused,
              a_call_that_brings_its_own_credentials_takes_nothing_stored, what_is_shown_is_masked,
              a_credential_of_the_body_is_a_part_of_its_own, a_raw_body_is_the_argument_and_nothing_else,
              an_address_that_came_with_all_credentials_is_used, a_fetch_carries_no_credential)
