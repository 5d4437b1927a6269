/* features/import/operations_test.c — operations, their parameters and bodies as actions. */
#include "features/import/import_test.h"

#define PATHS HEAD SITE "paths:\n" /* 4 lines */

/* ---- names ---- */

static void names_come_of_ids_or_of_method_and_path(void **state)
{
    (void)state;
    must_import(PATHS "  /pets: {get: {}, post: {}}\n"
                      "  /pets/{petId}: {get: {}, put: {}, delete: {}}\n"
                      "  /x: {get: {operationId: acme.listThings}}\n");
    assert_str(action("ACME_LIST_PETS")->method, "GET");
    assert_str(action("ACME_CREATE_PETS")->method, "POST");
    assert_str(action("ACME_GET_PETS_BY_PET_ID")->path, "/pets/{petId}");
    assert_str(action("ACME_UPDATE_PETS_BY_PET_ID")->method, "PUT");
    assert_str(action("ACME_DELETE_PETS_BY_PET_ID")->tags.at[1], "destructive");
    assert_str(action("ACME_LIST_THINGS")->title, "List things");
}

static void equal_names_get_a_mark_that_depends_on_their_path_alone(void **state)
{
    char first[65];
    (void)state;
    must_import(PATHS "  /a: {get: {operationId: run}}\n  /b: {get: {operationId: run}}\n");
    assert_int_equal(app->actions_n, 2);
    snprintf(first, sizeof first, "%.*s", KS_ARG(app->actions[1].name));
    must_import(PATHS "  /a: {get: {operationId: run}}\n  /c: {get: {operationId: run}}\n  /b: {get: "
                      "{operationId: run}}\n");
    assert_str(action(first)->path, "/b");
}

static void long_names_are_cut_to_64_and_stay_apart(void **state)
{
    (void)state;
    must_import(
        PATHS
        "  /a: {get: {operationId: a_very_long_name_of_an_operation_that_goes_on_and_on_and_on_one}}\n"
        "  /b: {get: {operationId: a_very_long_name_of_an_operation_that_goes_on_and_on_and_on_two}}\n");
    assert_int_equal(app->actions_n, 2);
    assert_int_equal(app->actions[0].name.n, 64);
}

static void words_tags_and_links_are_kept_clean(void **state)
{
    (void)state;
    must_import(PATHS "  /a:\n    get:\n      operationId: a\n      summary: '**Lists** a'\n"
                      "      description: \"# Lists\\n\\nall of `a`.\"\n      tags: [Pet Store, read]\n"
                      "      externalDocs: {url: https://acme.example/a}\n");
    const ks_app_action *a = action("ACME_A");
    assert_str(a->title, "Lists a");
    assert_str(a->about, "Lists all of a.");
    assert_int_equal(a->tags.n, 2);
    assert_str(a->tags.at[0], "read");
    assert_str(a->tags.at[1], "pet-store");
    assert_str(a->docs, "https://acme.example/a");
}

static void deprecated_operations_come_only_when_asked_for(void **state)
{
    static const char text[] = PATHS
        "  /a: {get: {operationId: a, deprecated: true}}\n  /b: {get: {operationId: b}}\n";
    (void)state;
    must_import(text);
    assert_int_equal(app->actions_n, 1);
    assert_noted(0, "deprecated operations are left out: 1");
    assert_int_equal(run(text, (ks_import_options){.deprecated = true}), KS_OK);
    assert_int_equal(app->actions_n, 2);
}

static void a_tag_or_a_path_chooses_operations(void **state)
{
    static const char text[] = PATHS
        "  /a/x: {get: {operationId: a, tags: [One]}}\n  /b: {get: {operationId: b}}\n";
    (void)state;
    assert_int_equal(run(text, (ks_import_options){.only = KS_S("one")}), KS_OK);
    assert_int_equal(app->actions_n, 1);
    assert_int_equal(run(text, (ks_import_options){.only = KS_S("/b")}), KS_OK);
    assert_non_null(action("ACME_B"));
}

static void operations_and_the_size_of_the_file_are_bounded(void **state)
{
    ks_buf *b = ks_ctx_buf(&cx, 1 << 20);
    (void)state;
    ks_buf_z(b, PATHS);
    for (int i = 0; i < KS_IMPORT_ACTIONS + 1; i++)
        ks_buf_fmt(b, "  /p%d: {get: {operationId: op%d}}\n", i, i);
    must_import(b->p);
    assert_int_equal(app->actions_n, KS_IMPORT_ACTIONS);
    assert_int_equal(made.operations, KS_IMPORT_ACTIONS + 1);
    assert_noted(0, "the first 512 operations came");
    ks_buf_clear(b);
    ks_buf_z(b, PATHS);
    for (int i = 0; i < 400; i++) {
        ks_buf_fmt(b, "  /p%d:\n    get:\n      operationId: op%d\n      parameters:\n", i, i);
        for (int k = 0; k < 30; k++)
            ks_buf_fmt(
                b, "      - {name: p%d, in: query, description: A text of some length with a few words.}\n",
                k);
    }
    must_import(b->p);
    assert_true(made.yaml.n <= KS_APP_FILE_MAX);
    assert_noted(0, "descriptions are shortened");
}

/* ---- parameters ---- */

static void parameters_of_path_and_operation_are_merged(void **state)
{
    (void)state;
    must_import(
        PATHS
        "  /a/{id}:\n    parameters:\n    - {name: id, in: path, required: true, schema: {type: integer}}\n"
        "    - {name: limit, in: query, schema: {type: string}}\n    get:\n      operationId: a\n      "
        "parameters:\n"
        "      - {name: limit, in: query, description: How many., schema: {type: integer, default: 10}}\n"
        "      - $ref: '#/components/parameters/Sort'\n"
        "components: {parameters: {Sort: {name: 'sort[by]', in: query, schema: {$ref: "
        "'#/components/schemas/S'}}},\n"
        "  schemas: {S: {type: string, enum: [name, age], description: The order.}}}\n");
    const ks_app_action *a = action("ACME_A");
    assert_int_equal(a->params_n, 3);
    assert_int_equal(param(a, "id")->type, KS_T_INTEGER);
    assert_true(param(a, "id")->required);
    assert_str(param(a, "limit")->fallback, "10");
    assert_str(param(a, "limit")->about, "How many.");
    assert_str(param(a, "sort_by")->target, "sort[by]");
    assert_str(param(a, "sort_by")->about, "The order.");
    assert_int_equal(param(a, "sort_by")->values.n, 2);
}

static void places_of_a_path_are_renamed_and_undeclared_ones_added(void **state)
{
    (void)state;
    must_import(PATHS "  /a/{pet-id}/{pet-id}/{other}:\n    get:\n      operationId: a\n      parameters:\n"
                      "      - {name: pet-id, in: path, required: true, schema: {type: string}}\n");
    const ks_app_action *a = action("ACME_A");
    assert_str(a->path, "/a/{pet_id}/{pet_id}/{other}");
    assert_true(param(a, "other")->required);
    assert_int_equal(a->params_n, 2);
}

static void equal_names_in_different_places_are_told_apart(void **state)
{
    (void)state;
    must_import(
        PATHS
        "  /a/{id}:\n    post:\n      operationId: a\n      parameters:\n"
        "      - {name: id, in: path, required: true, schema: {type: string}}\n"
        "      - {name: id, in: query, schema: {type: string}}\n"
        "      requestBody: {content: {application/json: {schema: {properties: {id: {type: string}}}}}}\n");
    const ks_app_action *a = action("ACME_A");
    assert_str(param(a, "query_id")->target, "id");
    assert_int_equal(param(a, "body_id")->in, KS_IN_BODY);
}

static void lists_that_the_caller_must_join_are_texts_that_say_so(void **state)
{
    (void)state;
    must_import(
        PATHS
        "  /a:\n    get:\n      operationId: a\n      parameters:\n"
        "      - {name: multi, in: query, schema: {type: array, items: {type: integer}}}\n"
        "      - {name: csv, in: query, explode: false, schema: {type: array, items: {type: string}}}\n"
        "      - {name: pipes, in: query, style: pipeDelimited, schema: {type: array}}\n"
        "      - {name: deep, in: query, style: deepObject, schema: {properties: {gte: {type: integer}}}}\n"
        "      - {name: json, in: query, content: {application/json: {schema: {type: object}}}}\n");
    const ks_app_action *a = action("ACME_A");
    assert_int_equal(param(a, "multi")->type, KS_T_ARRAY);
    assert_int_equal(param(a, "multi")->items, KS_T_INTEGER);
    assert_int_equal(param(a, "csv")->type, KS_T_STRING);
    assert_true(ks_str_find(param(a, "csv")->about, KS_S("commas")) != SIZE_MAX);
    assert_true(ks_str_find(param(a, "pipes")->about, KS_S("|")) != SIZE_MAX);
    assert_str(param(a, "deep_gte")->target, "deep[gte]");
    assert_true(ks_str_find(param(a, "json")->about, KS_S("JSON")) != SIZE_MAX);
}

/* Rule T4. */
static void headers_of_the_transport_and_of_the_credential_are_not_asked_for(void **state)
{
    (void)state;
    must_import(
        PATHS
        "  /a:\n    get:\n      operationId: a\n      parameters:\n"
        "      - {name: X-Key, in: header, schema: {type: string}}\n"
        "      - {name: Host, in: header, schema: {type: string}}\n"
        "      - {name: Content-Type, in: header, schema: {type: string}}\n"
        "      - {name: X-Version, in: header, required: true, schema: {type: string, default: '2'}}\n"
        "      - {name: sid, in: cookie, schema: {type: string}}\n"
        "security: [{K: []}]\ncomponents: {securitySchemes: {K: {type: apiKey, in: header, name: x-key}}}\n");
    const ks_app_action *a = action("ACME_A");
    assert_int_equal(a->params_n, 1);
    assert_str(param(a, "X_Version")->target, "X-Version");
    assert_str(param(a, "X_Version")->fallback, "\"2\"");
    assert_noted(13, "cookie");
}

static void operations_that_cannot_be_had_are_left_out_with_a_reason(void **state)
{
    (void)state;
    must_import(PATHS "  /ok: {get: {operationId: ok}}\n"
                      "  '/a?b=c': {get: {}}\n"
                      "  '/#x': {get: {}}\n"
                      "  b: {get: {}}\n"
                      "  /c: {get: {parameters: [{$ref: '#/no'}]}}\n"
                      "  /d: {get: {requestBody: {required: true, content: {}}}}\n"
                      "  /e: {$ref: '#/no'}\n"
                      "  '/f/{': {get: {}}\n");
    assert_int_equal(app->actions_n, 1);
    assert_noted(6, "its path holds");
    assert_noted(7, "its path holds");
    assert_noted(8, "a path begins with '/'");
    assert_noted(9, "leads to nothing");
    assert_noted(10, "GET or HEAD with a body");
    assert_noted(11, "leads to nothing");
    assert_noted(12, "a place that is not closed");
}

/* ---- bodies ---- */

static void members_of_a_json_object_are_parameters(void **state)
{
    (void)state;
    must_import(
        PATHS
        "  /a:\n    post:\n      operationId: a\n      requestBody:\n        $ref: "
        "'#/components/requestBodies/B'\n"
        "components:\n  requestBodies:\n    B: {content: {application/json: {schema: {$ref: "
        "'#/components/schemas/A'}}}}\n"
        "  schemas:\n    A:\n      allOf:\n      - $ref: '#/components/schemas/Base'\n"
        "      - {type: object, required: [size, self], properties: {size: {type: [number, 'null']}, "
        "self: {$ref: '#/components/schemas/A'}, tags: {type: array, items: {$ref: "
        "'#/components/schemas/Base'}}}}\n"
        "    Base: {type: object, properties: {name: {type: string, description: Its name., default: x}, "
        "id: {type: string, readOnly: true}, on: {oneOf: [{type: 'null'}, {type: boolean}]}}}\n");
    const ks_app_action *a = action("ACME_A");
    assert_int_equal(a->encoding, KS_ENCODE_JSON);
    assert_int_equal(a->params_n, 5);
    assert_int_equal(param(a, "size")->type, KS_T_NUMBER);
    assert_true(param(a, "size")->required);
    assert_str(param(a, "name")->about, "Its name.");
    assert_str(param(a, "name")->fallback, "\"x\"");
    assert_int_equal(param(a, "on")->type, KS_T_BOOLEAN);
    assert_int_equal(param(a, "self")->type, KS_T_OBJECT);
    assert_true(ks_str_find(param(a, "self")->schema, KS_S("\"required\":[\"size\",\"self\"]")) != SIZE_MAX);
    assert_true(ks_str_find(param(a, "tags")->schema, KS_S("\"description\":\"Its name.\"")) != SIZE_MAX);
}

static void one_of_several_objects_brings_all_members_and_requires_none(void **state)
{
    (void)state;
    must_import(PATHS "  /a:\n    post:\n      operationId: a\n      requestBody: {content: "
                      "{application/json: {schema: {oneOf: [\n"
                      "        {type: object, required: [a], properties: {a: {type: string}}},\n"
                      "        {type: object, required: [b], properties: {b: {type: string}}}]}}}}\n");
    assert_false(param(action("ACME_A"), "a")->required);
    assert_false(param(action("ACME_A"), "b")->required);
}

static void circles_of_schemas_end(void **state)
{
    (void)state;
    must_import(PATHS "  /a: {post: {operationId: a, requestBody: {content: {application/json: {schema: "
                      "{$ref: '#/x/A'}}}}}}\n"
                      "x: {A: {allOf: [{$ref: '#/x/A'}, {$ref: '#/x/A'}, {$ref: '#/x/B'}], properties: {n: "
                      "{$ref: '#/x/A'}}},\n"
                      "  B: {anyOf: [{$ref: '#/x/A'}, {$ref: '#/x/B'}]}}\n");
    assert_int_equal(param(action("ACME_A"), "n")->type, KS_T_OBJECT);
}

/* Every schema leads to all others, and each has many members: without a bound this would take hours. */
static void a_document_made_to_be_slow_ends(void **state)
{
    ks_buf *b = ks_ctx_buf(&cx, 4 << 20);
    (void)state;
    ks_buf_z(b, PATHS);
    for (int i = 0; i < 400; i++)
        ks_buf_fmt(b,
                   "  /p%d: {post: {operationId: op%d, requestBody: {content: {application/json: "
                   "{schema: {$ref: '#/x/s%d'}}}}}}\n",
                   i, i, i % 40);
    ks_buf_z(b, "x:\n");
    for (int i = 0; i < 40; i++) {
        ks_buf_fmt(b, "  s%d:\n    properties:\n", i);
        for (int k = 0; k < 40; k++)
            ks_buf_fmt(b, "      m%d: {$ref: '#/x/s%d'}\n", k, (i + k) % 40);
        ks_buf_z(b, "    allOf:\n");
        for (int k = 0; k < 40; k++)
            ks_buf_fmt(b, "    - $ref: '#/x/s%d'\n", k);
    }
    must_import(b->p);
    assert_noted(0, "the schemas lead into each other too often");
}

static void other_json_bodies_are_given_as_a_whole(void **state)
{
    (void)state;
    must_import(PATHS "  /a: {post: {operationId: a, requestBody: {content: {application/json: {schema: "
                      "{type: array, items: {type: string}}}}}}}\n"
                      "  /b: {post: {operationId: b, requestBody: {content: {application/vnd.api+json: "
                      "{schema: {properties: {a: {}}}}}}}}\n"
                      "  /c: {post: {operationId: c, requestBody: {content: {application/json: {schema: "
                      "{properties: {a.b: {}}}}}}}}\n");
    assert_int_equal(action("ACME_A")->encoding, KS_ENCODE_RAW);
    assert_str(action("ACME_A")->content_type, "application/json");
    assert_int_equal(param(action("ACME_A"), "body")->type, KS_T_ARRAY);
    assert_str(action("ACME_B")->content_type, "application/vnd.api+json");
    assert_int_equal(param(action("ACME_B"), "body")->type, KS_T_OBJECT);
    assert_int_equal(param(action("ACME_C"), "body")->type, KS_T_OBJECT);
}

static void forms_parts_and_raw_bodies_keep_their_encoding(void **state)
{
    (void)state;
    must_import(
        PATHS "  /a: {post: {operationId: a, requestBody: {content: {application/x-www-form-urlencoded: "
              "{schema: {properties: {x: {}}}}}}}}\n"
              "  /b: {post: {operationId: b, requestBody: {content: {multipart/form-data: {schema: "
              "{properties: {f: {type: string, format: binary}, n: {}}}}}}}}\n"
              "  /c: {put: {operationId: c, requestBody: {content: {image/png: {}}}}}\n"
              "  /d: {put: {operationId: d, requestBody: {content: {text/csv: {schema: {type: string}}}}}}\n"
              "  /e: {put: {operationId: e, requestBody: {content: {'image/*': {}}}}}\n"
              "  /g: {post: {operationId: g, requestBody: {content: {application/x-www-form-urlencoded: "
              "{encoding: {x: {style: deepObject, explode: true}}, schema: {properties: {x: {}}}}}}}}\n");
    assert_int_equal(action("ACME_A")->encoding, KS_ENCODE_FORM);
    assert_int_equal(action("ACME_A")->form, KS_FORM_REPEAT);
    assert_int_equal(action("ACME_G")->form, KS_FORM_INDICES); /* ACT-13, as Stripe's document has it */
    assert_int_equal(action("ACME_B")->encoding, KS_ENCODE_MULTIPART);
    assert_int_equal(param(action("ACME_B"), "f")->type, KS_T_FILE);
    assert_int_equal(param(action("ACME_C"), "body")->type, KS_T_FILE);
    assert_str(action("ACME_C")->content_type, "image/png");
    assert_int_equal(param(action("ACME_D"), "body")->type, KS_T_STRING);
    assert_str(action("ACME_E")->content_type, "application/octet-stream");
}

static void bodies_and_forms_of_swagger_2_come_too(void **state)
{
    (void)state;
    must_import(
        "swagger: '2.0'\ninfo: {title: Acme}\nhost: api.acme.example\nconsumes: [application/json]\npaths:\n"
        "  /a:\n    post:\n      operationId: a\n      parameters:\n"
        "      - {name: b, in: body, schema: {$ref: '#/definitions/A'}}\n"
        "      - {name: ids, in: query, type: array, items: {type: string}}\n"
        "      - {name: many, in: query, type: array, items: {type: string}, collectionFormat: multi}\n"
        "  /f:\n    post:\n      operationId: f\n      consumes: [multipart/form-data]\n      parameters:\n"
        "      - {name: f, in: formData, type: file, required: true}\n"
        "      - {name: n, in: formData, type: integer}\n"
        "definitions: {A: {type: object, required: [x], properties: {x: {type: string}}}}\n");
    assert_true(param(action("ACME_A"), "x")->required);
    assert_int_equal(param(action("ACME_A"), "ids")->type, KS_T_STRING);
    assert_int_equal(param(action("ACME_A"), "many")->type, KS_T_ARRAY);
    assert_int_equal(action("ACME_F")->encoding, KS_ENCODE_MULTIPART);
    assert_int_equal(param(action("ACME_F"), "f")->type, KS_T_FILE);
    assert_int_equal(param(action("ACME_F"), "n")->type, KS_T_INTEGER);
}

KS_TESTS_WITH(arena_setup, arena_teardown, names_come_of_ids_or_of_method_and_path,
              equal_names_get_a_mark_that_depends_on_their_path_alone,
              long_names_are_cut_to_64_and_stay_apart, words_tags_and_links_are_kept_clean,
              deprecated_operations_come_only_when_asked_for, a_tag_or_a_path_chooses_operations,
              operations_and_the_size_of_the_file_are_bounded, parameters_of_path_and_operation_are_merged,
              places_of_a_path_are_renamed_and_undeclared_ones_added,
              equal_names_in_different_places_are_told_apart,
              lists_that_the_caller_must_join_are_texts_that_say_so,
              headers_of_the_transport_and_of_the_credential_are_not_asked_for,
              operations_that_cannot_be_had_are_left_out_with_a_reason,
              members_of_a_json_object_are_parameters,
              one_of_several_objects_brings_all_members_and_requires_none, circles_of_schemas_end,
              a_document_made_to_be_slow_ends, other_json_bodies_are_given_as_a_whole,
              forms_parts_and_raw_bodies_keep_their_encoding, bodies_and_forms_of_swagger_2_come_too)
