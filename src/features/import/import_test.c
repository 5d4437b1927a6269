/* features/import/import_test.c — what comes of a document, member by member, and every refusal with its
 * line. */
#include "features/import/import_test.h"

/* ---- refusals of the whole ---- */

static void what_is_no_openapi_is_refused_with_its_line(void **state)
{
    (void)state;
    assert_refused("a: 1\n", "doc:1: is no OpenAPI document");
    assert_refused("info: {}\nopenapi: 4.0.0\npaths: {}\n", "doc:2: this version is not known");
    assert_refused("{\"info\": {},\n\"swagger\": \"1.2\"}", "doc:2: this version is not known");
    assert_refused("info: {}\n\nopenapi: 3.1.0\n", "doc:3: the document has no `paths`");
    assert_refused(HEAD SITE "paths: {}\n", "doc:4: no operation of this document can be an action");
    assert_refused_with(HEAD SITE GET, (ks_import_options){.only = KS_S("/y")},
                        "doc:4: no operation of this document can be an action, or none is chosen");
}

static void servers_that_no_app_may_have_are_refused_with_their_line(void **state)
{
    (void)state;
    assert_refused(HEAD GET, "doc:1: a server has no address of its own");
    assert_refused(HEAD "servers:\n- url: /v1\n" GET, "doc:4: a server has no address of its own");
    assert_refused(HEAD "servers:\n- url: http://api.acme.example\n" GET,
                   "doc:4: a server is asked with plain http");
    assert_refused(HEAD "servers:\n- url: https://localhost/x\n" GET, "doc:4: a server's host is");
    assert_refused(HEAD "servers:\n- url: https://u@api.acme.example\n" GET,
                   "doc:4: a server is https://host/path");
    assert_refused(HEAD "servers:\n- url: https://api.acme.example/?a=1\n" GET,
                   "doc:4: a server is https://host/path");
    assert_refused(HEAD "servers:\n- url: wss://api.acme.example\n" GET,
                   "doc:4: a server is no https address");
    assert_refused(HEAD "servers:\n- url: 'https://{shop}.example'\n  variables: {shop: {default: a}}\n" GET,
                   "doc:4: a server's host could be anywhere");
    assert_refused("swagger: '2.0'\ninfo: {title: A}\nhost: api.acme.example\nschemes: [http]\n" GET,
                   "doc:3: a server is asked with plain http");
    assert_refused_with(HEAD GET, (ks_import_options){.base = KS_S("http://api.acme.example")},
                        "The base is https://");
    assert_refused_with(HEAD SITE GET, (ks_import_options){.key = KS_S("1x")}, "The key of an app is");
    assert_refused_with(HEAD SITE GET, (ks_import_options){.auth = KS_S("digest")},
                        "The way to send the credential is");
}

static void a_ref_out_of_the_document_refuses_it_with_its_line(void **state)
{
    (void)state;
    assert_refused(HEAD SITE "paths:\n  /x:\n    get:\n      parameters:\n      - $ref: common.yaml#/limit\n",
                   "doc:8: this `$ref` leads out of the document");
}

/* ---- servers ---- */

static void the_base_comes_of_the_first_server_that_fits(void **state)
{
    (void)state;
    must_import(HEAD "servers:\n- url: http://api.acme.example\n- url: https://API.Acme.example/v1/\n" GET);
    assert_str(app->open_base, "https://api.acme.example/v1");
    assert_noted(5, "of 2 servers this one is taken");
    must_import("swagger: '2.0'\ninfo: {title: A}\nhost: api.acme.example\nbasePath: /v2\nschemes: [http, "
                "https]\n" GET);
    assert_str(app->open_base, "https://api.acme.example/v2");
    must_import(HEAD "servers: [{url: 'http://192.0.2.7:8080/v1'}]\n" GET);
    assert_str(app->open_base, "http://192.0.2.7:8080/v1");
    assert_int_equal(
        run(HEAD "servers: [{url: v2}]\n" GET,
            (ks_import_options){.origin = KS_S("https://acme.example/api/openapi.yaml?key=canary-0123")}),
        KS_OK);
    assert_str(app->open_base, "https://acme.example/api/v2");
    assert_str(app->openapi, "https://acme.example/api/openapi.yaml"); /* what signs a URL is not kept */
    assert_int_equal(run(HEAD GET, (ks_import_options){.base = KS_S("https://eu.acme.example")}), KS_OK);
    assert_str(app->open_base, "https://eu.acme.example");
}

/* Rules N1 and T3. */
static void variables_of_a_server_become_fields_and_hosts_stay_narrow(void **state)
{
    (void)state;
    must_import(HEAD "servers:\n- url: 'https://{region}.acme.example/{version}'\n  variables:\n"
                     "    region: {enum: [eu, us], default: us, description: Where it runs.}\n"
                     "    version: {default: v2}\n" GET);
    const ks_app_scheme *s = &app->schemes[0];
    assert_str(s->scheme, "NO_AUTH");
    assert_str(s->base, "https://{{region}}.acme.example/v2");
    assert_int_equal(s->fields[0].kind, KS_APP_CHOICE);
    assert_str(s->fields[0].fallback, "us");
    assert_false(s->fields[0].required);
    assert_int_equal(s->hosts.n, 2);
    assert_str(s->hosts.at[0], "eu.acme.example");
    must_import(HEAD
                "servers:\n- url: 'https://{shop}.acme.example'\n  variables: {shop: {default: ''}}\n" GET);
    s = &app->schemes[0];
    assert_int_equal(s->fields[0].kind, KS_APP_LABEL);
    assert_true(s->fields[0].required);
    assert_str(s->hosts.at[0], "*.acme.example");
    must_import(HEAD
                "servers:\n- url: '{protocol}://{host}:{port}/api'\n  variables: {protocol: {default: http}, "
                "host: {default: HOST}, port: {default: '8443'}}\n" GET);
    s = &app->schemes[0];
    assert_str(s->base, "https://{{host}}:8443/api");
    assert_int_equal(s->fields[0].kind, KS_APP_HOST);
    assert_true(s->fields[0].required);
    assert_noted(4, "https is taken");
}

static void an_operation_may_have_a_server_next_to_the_apps_and_no_other(void **state)
{
    (void)state;
    must_import(HEAD SITE "paths:\n"
                          "  /a: {get: {operationId: a, servers: [{url: https://files.acme.example/v1}]}}\n"
                          "  /b: {get: {operationId: b, servers: [{url: https://other.example}]}}\n"
                          "  /c: {get: {operationId: c, servers: [{url: https://api.acme.example/v1}]}}\n");
    assert_str(action("ACME_A")->path, "https://files.acme.example/v1/a");
    assert_str(action("ACME_C")->path, "/c");
    assert_noted(6, "GET /b is left out");
    assert_int_equal(app->actions_n, 2);
    assert_int_equal(app->schemes[0].hosts.n, 2);
}

/* ---- security ---- */

#define SCHEMES                                                                                              \
    "components:\n  securitySchemes:\n    Key: {type: apiKey, in: header, name: X-Key}\n"                    \
    "    App: {type: apiKey, in: query, name: app}\n    Cookie: {type: apiKey, in: cookie, name: c}\n"       \
    "    Basic: {type: http, scheme: basic}\n    Token: {type: http, scheme: Bearer}\n"                      \
    "    OAuth: {type: oauth2, flows: {}}\n    Digest: {type: http, scheme: digest}\n"

static void keys_basic_and_tokens_become_schemes(void **state)
{
    (void)state;
    must_import(HEAD SITE SCHEMES "security: [{Key: []}, {Basic: []}, {Token: []}]\n" GET);
    assert_int_equal(app->schemes_n, 3);
    assert_str(app->schemes[0].scheme, "API_KEY");
    assert_str(app->schemes[0].headers.at[0].name, "X-Key");
    assert_str(app->schemes[0].headers.at[0].value, "{{api_key}}");
    assert_true(app->schemes[0].fields[0].secret);
    assert_str(app->schemes[1].scheme, "BASIC");
    assert_str(app->schemes[1].basic_user, "{{username}}");
    assert_str(app->schemes[2].scheme, "BEARER_TOKEN");
    assert_str(app->schemes[2].headers.at[0].value, "Bearer {{token}}");
}

static void two_keys_together_are_one_scheme_with_two_fields(void **state)
{
    (void)state;
    must_import(HEAD SITE SCHEMES "security: [{Key: [], App: []}]\n" GET);
    assert_int_equal(app->schemes_n, 1);
    assert_int_equal(app->schemes[0].fields_n, 2);
    assert_str(app->schemes[0].headers.at[0].value, "{{key}}");
    assert_str(app->schemes[0].query.at[0].name, "app");
    assert_str(app->schemes[0].query.at[0].value, "{{app}}");
}

static void basic_and_a_token_cannot_share_a_header(void **state)
{
    (void)state;
    must_import(HEAD SITE SCHEMES "security:\n- {Basic: [], Token: []}\n- Key: []\n" GET);
    assert_int_equal(app->schemes_n, 1);
    assert_noted(14, "in one header");
}

static void a_token_of_oauth_is_one_that_is_pasted(void **state)
{
    (void)state;
    must_import(HEAD SITE SCHEMES "security: [{OAuth: [read]}]\n" GET);
    assert_str(app->schemes[0].scheme, "BEARER_TOKEN");
    assert_true(ks_str_find(app->schemes[0].fields[0].help, KS_S("pasted")) != SIZE_MAX);
}

static void what_cannot_be_sent_is_told_and_its_operations_are_left_out(void **state)
{
    (void)state;
    must_import(HEAD SITE SCHEMES "security:\n- Cookie: []\n- Digest: []\n- Key: []\npaths:\n"
                                  "  /a: {get: {operationId: a}}\n"
                                  "  /b: {get: {operationId: b, security: [{Cookie: []}]}}\n"
                                  "  /c: {get: {operationId: c, security: []}}\n"
                                  "  /d: {get: {operationId: d, security: [{Gone: []}]}}\n");
    assert_int_equal(app->schemes_n, 1);
    assert_noted(14, "cookie");
    assert_noted(15, "signs requests");
    assert_noted(19, "GET /b is left out");
    assert_noted(21, "GET /d is left out");
    assert_int_equal(app->actions_n, 2);
    assert_non_null(action("ACME_C"));
}

static void security_of_swagger_2_and_what_is_declared_but_not_asked_for(void **state)
{
    (void)state;
    must_import("swagger: '2.0'\ninfo: {title: Acme}\nhost: api.acme.example\nsecurityDefinitions:\n"
                "  B: {type: basic}\n  K: {type: apiKey, in: header, name: Authorization}\n" GET);
    assert_int_equal(app->schemes_n, 2);
    assert_str(app->schemes[0].scheme, "BASIC");
    assert_str(app->schemes[1].headers.at[0].name, "Authorization");
    assert_true(ks_str_find(app->schemes[1].fields[0].help, KS_S("Bearer")) != SIZE_MAX);
}

static void the_person_may_say_how_the_credential_is_sent(void **state)
{
    (void)state;
    must_import(HEAD SITE GET);
    assert_noted(0, "--auth");
    assert_int_equal(app->schemes_n, 0);
    assert_int_equal(run(HEAD SITE GET, (ks_import_options){.auth = KS_S("bearer")}), KS_OK);
    assert_str(app->schemes[0].headers.at[0].value, "Bearer {{token}}");
    assert_int_equal(run(HEAD SITE GET, (ks_import_options){.auth = KS_S("query:key")}), KS_OK);
    assert_str(app->schemes[0].query.at[0].name, "key");
    assert_int_equal(
        run(HEAD SITE SCHEMES "security: [{Key: []}]\n" GET, (ks_import_options){.auth = KS_S("none")}),
        KS_OK);
    assert_int_equal(app->schemes_n, 0);
    assert_refused_with(HEAD SITE GET, (ks_import_options){.auth = KS_S("header:Host")},
                        "The way to send the credential");
}

/* A check that nobody has seen working may report, and never refuse a key. */
static void an_operation_that_tells_who_one_is_becomes_a_reporting_check(void **state)
{
    (void)state;
    must_import(
        HEAD SITE SCHEMES
        "security: [{Key: []}]\npaths:\n  /users/me:\n    get:\n      operationId: me\n      responses:\n"
        "        200: {content: {application/json: {schema: {properties: {data: {properties: {id: {type: "
        "string}, "
        "login: {type: string}, email: {type: string}}}}}}}}\n");
    const ks_app_check *c = &app->schemes[0].check;
    assert_str(c->path, "/users/me");
    assert_false(c->trusted);
    assert_str(c->identity.id, "/data/id");
    assert_str(c->identity.name, "/data/login");
    assert_str(c->identity.email, "/data/email");
    must_import(HEAD SITE SCHEMES
                "security: [{Key: []}]\npaths: {/me: {get: {operationId: me, security: []}}}\n");
    assert_null(app->schemes[0].check.method.p);
}

KS_TESTS_WITH(arena_setup, arena_teardown, what_is_no_openapi_is_refused_with_its_line,
              servers_that_no_app_may_have_are_refused_with_their_line,
              a_ref_out_of_the_document_refuses_it_with_its_line,
              the_base_comes_of_the_first_server_that_fits,
              variables_of_a_server_become_fields_and_hosts_stay_narrow,
              an_operation_may_have_a_server_next_to_the_apps_and_no_other,
              keys_basic_and_tokens_become_schemes, two_keys_together_are_one_scheme_with_two_fields,
              basic_and_a_token_cannot_share_a_header, a_token_of_oauth_is_one_that_is_pasted,
              what_cannot_be_sent_is_told_and_its_operations_are_left_out,
              security_of_swagger_2_and_what_is_declared_but_not_asked_for,
              the_person_may_say_how_the_credential_is_sent,
              an_operation_that_tells_who_one_is_becomes_a_reporting_check)
