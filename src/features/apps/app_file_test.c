/* features/apps/app_file_test.c — app files: what is understood, and what each mistake says. */
#include "features/apps/template.h"
#include "tests/support/app_file.h"

static void a_whole_file_becomes_an_app(void **state)
{
    (void)state;
    char          text[4096];
    const ks_app *app = NULL;
    snprintf(text, sizeof text, "%s%s%s", head, scheme,
             "rate: {after: [retry-after]}\n"
             "actions:\n"
             "  - name: ACME_LIST\n    title: List\n    about: Lists things.\n    method: GET\n"
             "    path: /things/{id}\n    tags: [read, important]\n    params:\n"
             "      - {name: id, in: path, required: true, about: Which.}\n"
             "      - {name: limit, in: query, type: integer, default: 50, about: How many.}\n"
             "      - {name: version, in: query, fixed: 2022-06-28}\n");
    assert_int_equal(ks_app_file_parse(&cx, KS_S("catalog/acme.yaml"), ks_str_of(text), &app), KS_OK);
    assert_str(app->id, "app_acme");
    assert_null(app->docs.p);
    assert_int_equal(app->schemes_n, 1);
    const ks_app_scheme *s = &app->schemes[0];
    assert_int_equal(s->fields_n, 2);
    assert_true(s->fields[0].secret && s->fields[0].required);
    assert_false(s->fields[1].required);
    assert_int_equal(s->fields[1].kind, KS_APP_LABEL);
    assert_str(s->headers.at[0].name, "X-Key");
    assert_int_equal(s->check.bad.at[0].status, 401);
    assert_str(app->rate_after.at[0], "retry-after");
    const ks_app_param *p = app->actions[0].params;
    assert_str(p[1].fallback, "50");
    assert_str(p[2].fixed, "\"2022-06-28\"");
}

static void a_base_without_templates_pins_its_own_host(void **state)
{
    (void)state;
    char          text[4096];
    const ks_app *app = NULL;
    snprintf(text, sizeof text, "%s%s", head,
             "schemes:\n  - scheme: API_KEY\n    base: https://api.acme.example:8443/v1\n    check: none\n   "
             " find: none\n");
    assert_int_equal(ks_app_file_parse(&cx, KS_S("acme.yaml"), ks_str_of(text), &app), KS_OK);
    assert_int_equal(app->schemes[0].hosts.n, 1);
    assert_str(app->schemes[0].hosts.at[0], "api.acme.example");
}

static void every_fault_names_its_line_and_what_is_wanted(void **state)
{
    (void)state;
    assert_null(fault_of("find: none", "find: none"));
    assert_fault("label: Key", "lable: Key", "acme.yaml:10: a field has no member of this name");
    assert_fault("label: Key", "lable: Key", "`label`");
    assert_fault("check:\n", "chekc:\n", "`check`");
    assert_fault("label: Key, ", "", "acme.yaml:10: a field lacks `label`");
    assert_fault("secret: true", "secret: yes", "true or false");
    assert_fault("kind: label", "kind: lable", "acme.yaml:11: `kind` must be one of: text, utf8");
    assert_fault("status: 200", "status: ok", "acme.yaml:18: an HTTP status");
    assert_fault("name: Acme", "name: ", "acme.yaml:2: this is empty");
    assert_fault("app: acme", "app: acne", "equal to the file's name");
    assert_fault("scheme: API_KEY", "scheme: KEY", "acme.yaml:8: `scheme` is API_KEY");
    assert_fault("cause: Unknown.", "cause: \"a\\nb\"", "one line is wanted");
    assert_fault(", cause: Unknown.", "", "acme.yaml:19: `cause` is wanted");
}

static void what_makes_yaml_surprising_is_refused(void **state)
{
    (void)state;
    assert_fault("name: Acme", "name: &a Acme", "acme.yaml:2: anchors");
    assert_fault("name: Acme", "name: !!str Acme", "acme.yaml:2: anchors");
    assert_fault("name: Acme", "name: *a", "acme.yaml:2: ");
    assert_fault("name: Acme", "name: Acme\nname: Acme", "acme.yaml:3: a member stands here twice");
    assert_fault("find: none", "find: none\n---\napp: other", "a second document");
    assert_fault("name: Acme", "name: [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]",
                 "nested deeper");
    assert_fault("name: Acme", "name: [", "is not valid YAML");
    assert_fault("name: Acme", "name: \"a\\0b\"", "control character");
    assert_fault("name: Acme", "{a: b}: Acme", "acme.yaml:2: ");
}

static void no_secret_and_no_free_text_reaches_the_host(void **state)
{
    (void)state;
    assert_fault("{{shop}}.acme", "{{api_key}}.acme", "acme.yaml:12: no secret");
    assert_fault(", kind: label", "", "acme.yaml:12: the host part of `base` takes fields of kind label");
    assert_fault(", kind: label", ", kind: host", "acme.yaml:12: the host part");
    assert_fault("https://{{shop}}.acme.example", "http://{{shop}}.acme.example",
                 "acme.yaml:12: `base` is https");
    assert_fault("https://{{shop}}.acme.example", "https://{{shop}}.evil.example", "`hosts` does not hold");
    assert_fault("*.acme.example", "*acme.example", "acme.yaml:13: ");
    assert_fault("acme.example\n    hosts", "acme.example/\n    hosts", "ends without '/'");
}

static void templates_name_fields_of_their_scheme(void **state)
{
    (void)state;
    assert_fault("\"{{api_key}}\"", "\"{{apikey}}\"", "uses {{apikey}}, which is no field");
    assert_fault("\"{{api_key}}\"", "\"{{api_key\"", "opens {{ without closing it");
    assert_fault("\"{{api_key}}\"", "\"{{API KEY}}\"", "something other than the name of a field");
    assert_fault("X-Key:", "\"X Key\":", "the name of a header");
    assert_fault("secret: true}", "secret: true, kind: blob}", "a blob; a header value is one line");
    assert_fault("headers: {X-Key: \"{{api_key}}\"}",
                 "headers: {Authorization: \"{{api_key}}\"}, basic: {user: a}", "name one of them");
    assert_fault(
        "    send: {headers: {X-Key: \"{{api_key}}\"}}\n    check:\n      method: GET\n      path: /me",
        "    send: {query: {key: \"{{api_key}}\"}}\n    check:\n      method: GET\n      path: /me?a=b&key=c",
        "`send` adds this query member already");
    assert_fault("path: /me", "path: https://other.example/me", "acme.yaml:17: the host of `path` is not in");
}

static const char *action_fault(const char *action)
{
    char to[4096];
    snprintf(to, sizeof to, "find: none\nactions:\n  - {title: T, about: A., %s}\n", action);
    return fault_of("find: none\n", to);
}

static void assert_action_fault(const char *action, const char *wanted)
{
    const char *fault = action_fault(action);
    if (fault == NULL || strstr(fault, wanted) == NULL)
        fail_msg("%s: said \"%s\", wanted \"%s\"", action, fault ? fault : "nothing", wanted);
}

static void actions_and_their_paths_agree(void **state)
{
    (void)state;
    assert_null(action_fault("name: ACME_A, method: GET, path: /a, tags: [read]"));
    assert_action_fault("name: OTHER_A, method: GET, path: /a, tags: [read]", "begins with the app's key");
    assert_action_fault("name: ACME_a, method: GET, path: /a, tags: [read]", "the name is [A-Z]");
    assert_action_fault("name: ACME_A, method: get, path: /a, tags: [read]", "`method` is GET");
    assert_action_fault("name: ACME_A, method: GET, path: /a, tags: [important]",
                        "first tag is read or write");
    assert_action_fault("name: ACME_A, method: GET, path: \"/{id}\", tags: [read]", "each {name} of `path`");
    assert_action_fault("name: ACME_A, method: GET, path: /a, tags: [read], "
                        "params: [{name: id, in: path, required: true, about: A.}]",
                        "`path` has no {name}");
    assert_action_fault("name: ACME_A, method: GET, path: \"/{id}\", tags: [read], "
                        "params: [{name: id, in: path, about: A.}]",
                        "a path parameter is required");
    assert_action_fault("name: ACME_A, method: POST, path: /a, tags: [write], "
                        "params: [{name: id, in: body, about: A.}]",
                        "need encoding: json");
    assert_action_fault("name: ACME_A, method: GET, path: /a, tags: [read], "
                        "params: [{name: n, in: query, type: integer, default: ten, about: A.}]",
                        "not of the type that is declared");
    assert_action_fault("name: ACME_A, method: GET, path: /a, tags: [read], "
                        "params: [{name: n, in: query, type: integer, values: [1, now], about: A.}]",
                        "each of `values` is of the parameter's type");
    assert_action_fault("name: ACME_A, method: GET, path: /a, tags: [read], "
                        "params: [{name: n, in: query, from: nothing, about: A.}]",
                        "`from` names no field");
    assert_action_fault("name: ACME_A, method: GET, path: \"https://evil.example/a\", tags: [read]",
                        "whole https URL on `hosts`");
    assert_null(action_fault(
        "name: ACME_A, method: GET, path: \"https://eu.{{shop}}.acme.example/a\", tags: [read]"));
    assert_action_fault("name: ACME_A, method: GET, path: \"https://{id}.acme.example/a\", tags: [read]",
                        "no parameter");
    assert_action_fault(
        "name: ACME_A, method: GET, path: \"https://{{api_key}}.acme.example/a\", tags: [read]",
        "no parameter");
}

static void a_choice_gives_one_of_its_values_as_example(void **state)
{
    (void)state;
    const char *from = "kind: label";
    assert_null(fault_of(from, "kind: choice, values: [eu, us], example: us"));
    assert_fault(from, "kind: choice, values: [eu, us], example: US or EU",
                 "acme.yaml:11: `example` must be one of `values`");
}

static void the_elements_of_a_list_are_not_limited_to_values(void **state)
{
    (void)state;
    assert_null(action_fault("name: ACME_A, method: GET, path: /a, tags: [read], "
                             "params: [{name: n, in: query, values: [a, b], about: A.}]"));
    assert_action_fault("name: ACME_A, method: GET, path: /a, tags: [read], "
                        "params: [{name: n, in: query, type: array, values: [a, b], about: A.}]",
                        "`values` are for one value");
}

/* The fault of a required field `team` beside the text that may use it. */
static const char *team_fault(const char *from, const char *to)
{
    static const char team[] =
        "required: false}\n      - {name: team, label: T, help: H., aliases: [crew]}\n";
    static char   text[16384];
    const ks_app *app;
    char          whole[8192], wide[9216];
    snprintf(whole, sizeof whole, "%s%s", head, scheme);
    char *at = strstr(whole, "required: false}\n");
    assert_non_null(at);
    snprintf(wide, sizeof wide, "%.*s%s%s", (int)(at - whole), whole, team, strchr(at, '\n') + 1);
    at = strstr(wide, from);
    assert_non_null(at);
    snprintf(text, sizeof text, "%.*s%s%s", (int)(at - wide), wide, to, at + strlen(from));
    return ks_app_file_parse(&cx, KS_S("acme.yaml"), ks_str_of(text), &app) == KS_OK ? NULL
                                                                                     : cx.err.message.p;
}

static void a_required_field_that_nothing_uses_is_refused(void **state)
{
    (void)state;
    static const struct {
        const char *from, *to;
    } uses[] = {
        {"help: H.", "help: H., required: false"},
        {"send: {", "send: {query: {team: \"{{team}}\"}, "},
        {"send: {", "send: {body: {team: \"{{team}}\"}, "},
        {"send: {", "send: {basic: {user: \"{{team}}\", password: x}, "},
        {"path: /me", "path: \"/{{team}}\""},
        {"path: /me", "path: /me\n      headers: {X-Team: \"{{team}}\"}"},
        {"path: /me", "path: /me\n      body: '{\"team\": \"{{team}}\"}'"},
        {"    check:\n",
         "    sign: {how: wsse, with: {header: X-W, user: \"{{team}}\", secret: s}}\n    check:\n"},
        {"    send:", "    derive: [{name: t, make: upper, text: \"{{team}}\"}]\n    send:"},
        {"    send:", "    derive: [{name: t, make: member, from: team, pointer: /a}]\n    send:"},
        {"find: none\n",
         "find: none\nactions:\n  - {title: T, about: A., name: ACME_A, method: GET, path: /a, "
         "tags: [read], params: [{name: n, in: query, from: crew, about: A.}]}\n"},
    };
    const char *fault = team_fault("help: H.", "help: H.");
    assert_non_null(fault);
    if (strstr(fault, "acme.yaml:12: nothing uses this field") == NULL)
        fail_msg("said \"%s\"", fault);
    for (size_t i = 0; i < KS_COUNT(uses); i++) {
        fault = team_fault(uses[i].from, uses[i].to);
        if (fault != NULL)
            fail_msg("%s: said \"%s\"", uses[i].to, fault);
    }
}

static void bodies_of_parts_and_raw_bodies_hold_what_they_can(void **state)
{
    (void)state;
    static const struct {
        const char *encoding, *extra, *in, *type, *wanted;
    } cases[] = {
        {"multipart", "", "form", "file", NULL},
        {"multipart", "", "form", "string", NULL},
        {"raw", "content_type: application/x-ndjson, ", "body", "string", NULL},
        {"raw", "content_type: application/octet-stream, ", "body", "file", NULL},
        {"raw", "", "body", "string", "`content_type` and encoding: raw belong together"},
        {"json", "content_type: a/b, ", "body", "string", "`content_type` and encoding: raw"},
        {"raw", "content_type: a/b, ", "query", "string", "exactly one parameter with in: body"},
        {"json", "", "body", "file", "a file is a part of encoding: multipart"},
        {"form", "", "form", "file", "a file is a part of encoding: multipart"},
        {"multipart", "", "body", "string", "need encoding: json or raw"},
        {"multipart", "", "form", "array, items: file", "a list holds no files"},
        {"multipart", "", "form", "file, default: x", "not of the type that is declared"},
    };
    for (size_t i = 0; i < KS_COUNT(cases); i++) {
        char text[1024];
        snprintf(text, sizeof text,
                 "name: ACME_A, method: POST, path: /a, tags: [write], encoding: %s, %s"
                 "params: [{name: f, in: %s, type: %s, about: A.}]",
                 cases[i].encoding, cases[i].extra, cases[i].in, cases[i].type);
        if (cases[i].wanted == NULL)
            assert_null(action_fault(text));
        else
            assert_action_fault(text, cases[i].wanted);
    }
}

static void what_lies_inside_a_parameter_is_a_small_json_schema(void **state)
{
    (void)state;
    static const struct {
        const char *type, *schema, *wanted;
    } cases[] = {
        {"array, items: object",
         "{minItems: 1, items: {type: object, required: [a], properties: {a: {type: string, enum: [x]}}}}",
         NULL},
        {"object", "{anyOf: [{type: object, properties: {a: {}}}]}", NULL},
        {"string", "{format: date, pattern: '^2'}", NULL},
        {"object", "{properties: {a: {type: text}}}",
         "`type` is string, integer, number, boolean, array or object"},
        {"object", "{properties: {a: {type: string, default: x}}}", "has no word of this name"},
        {"object", "{properties: {a: {}}, required: [b]}", "`required` names members of `properties`"},
        {"object", "{properties: {a: {type: integer, enum: [x]}}}", "not of the type that is declared"},
        {"object", "{properties: [a]}", "a map is wanted here"},
        {"object", "{properties: {a: {required: []}}}", "a list is wanted here"},
        {"string", "{properties: {a: {}}}", "`properties` belongs to a parameter of type object"},
        {"string", "{items: {}}", "`items` belongs to a parameter of type array"},
        {"array", "{items: {type: object}}", "its `type` is that of the parameter's `items`"},
        {"string", "{enum: [a]}", "the parameter itself tells `enum`"},
        {"string", "{maxLength: many}", "not of the type that is declared"},
    };
    for (size_t i = 0; i < KS_COUNT(cases); i++) {
        char text[1024];
        snprintf(text, sizeof text,
                 "name: ACME_A, method: POST, path: /a, tags: [write], encoding: json, "
                 "params: [{name: f, in: body, type: %s, about: A., schema: %s}]",
                 cases[i].type, cases[i].schema);
        if (cases[i].wanted == NULL)
            assert_null(action_fault(text));
        else
            assert_action_fault(text, cases[i].wanted);
    }
}

static void lint_tells_all_faults_at_once(void **state)
{
    (void)state;
    const ks_app *app;
    ks_buf        faults = ks_buf_new(65536);
    assert_int_equal(
        ks_app_file_lint(&cx, KS_S("acme.yaml"), KS_S("app: acme\nnmae: x\nabout: [y]\n"), &faults, &app),
        KS_INVALID);
    assert_true(ks_str_find(ks_buf_view(&faults), KS_S("acme.yaml:2: ")) != SIZE_MAX);
    assert_true(ks_str_find(ks_buf_view(&faults), KS_S("acme.yaml:3: a text is wanted")) != SIZE_MAX);
    assert_true(ks_str_find(ks_buf_view(&faults), KS_S("the file lacks `home`")) != SIZE_MAX);
    ks_buf_done(&faults);
}

static void a_file_over_the_limit_is_refused(void **state)
{
    (void)state;
    const ks_app *app;
    ks_str        big = {ks_arena_zalloc(arena, KS_APP_FILE_MAX + 1), KS_APP_FILE_MAX + 1};
    assert_non_null(big.p);
    assert_int_equal(ks_app_file_parse(&cx, KS_S("acme.yaml"), big, &app), KS_INVALID);
    assert_non_null(strstr(cx.err.message.p, "larger than"));
}

static void templates_are_cut_into_literals_and_names(void **state)
{
    (void)state;
    ks_str      rest = KS_S("Bearer {{a}}{{b}} ${c}");
    ks_tpl_part part;
    assert_true(ks_tpl_next(&rest, &part) && !part.is_value);
    assert_str(part.text, "Bearer ");
    assert_true(ks_tpl_next(&rest, &part) && part.is_value);
    assert_str(part.text, "a");
    assert_true(ks_tpl_next(&rest, &part) && part.is_value);
    assert_str(part.text, "b");
    assert_true(ks_tpl_next(&rest, &part) && !part.is_value);
    assert_str(part.text, " ${c}");
    assert_false(ks_tpl_next(&rest, &part));
    assert_true(ks_tpl_uses(KS_S("x{{ab}}"), KS_S("ab")));
    assert_false(ks_tpl_uses(KS_S("x{{ab}}"), KS_S("a")));
    assert_null(ks_tpl_fault(KS_S("no value")));
    assert_non_null(ks_tpl_fault(KS_S("{{}}")));
}

KS_TESTS_WITH(arena_setup, arena_teardown, a_whole_file_becomes_an_app,
              a_base_without_templates_pins_its_own_host, every_fault_names_its_line_and_what_is_wanted,
              what_makes_yaml_surprising_is_refused, no_secret_and_no_free_text_reaches_the_host,
              templates_name_fields_of_their_scheme, actions_and_their_paths_agree,
              bodies_of_parts_and_raw_bodies_hold_what_they_can,
              what_lies_inside_a_parameter_is_a_small_json_schema,
              a_choice_gives_one_of_its_values_as_example, the_elements_of_a_list_are_not_limited_to_values,
              a_required_field_that_nothing_uses_is_refused, lint_tells_all_faults_at_once,
              a_file_over_the_limit_is_refused, templates_are_cut_into_literals_and_names)
