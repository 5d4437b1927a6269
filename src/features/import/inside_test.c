/* features/import/inside_test.c — what an import tells of the inside of parameters. */
#include "features/import/import_test.h"

#define BODY                                                                                                 \
    HEAD SITE "paths: {/a: {post: {operationId: a, requestBody: {content: {application/json: {schema: {"     \
              "$ref: '#/x/Body'}}}}}}}\nx:\n"

static ks_str inside(const char *schemas, const char *name)
{
    ks_str text = ks_fmt(&cx, "%s%s", BODY, schemas);
    assert_non_null(text.p);
    must_import(text.p);
    return param(action("ACME_A"), name)->schema;
}

static void members_of_lists_and_objects_come_with_types_words_and_what_is_required(void **state) /* IMP-5 */
{
    (void)state;
    assert_str(
        inside("  Body: {properties: {people: {type: array, minItems: 1, items: {$ref: '#/x/One'}}}}\n"
               "  One: {type: object, required: [email, id], properties: {email: {type: string, format: "
               "email, description: Where to.}, id: {type: string, readOnly: true}, tags: {type: array, "
               "items: {type: string}}}}\n",
               "people"),
        "{\"minItems\":1,\"items\":{\"title\":\"people\",\"type\":\"object\",\"properties\":{\"email\":{"
        "\"type\":\"string\",\"description\":\"Where to.\",\"format\":\"email\"},\"tags\":{\"type\":"
        "\"array\",\"items\":{\"type\":\"string\"}}},\"required\":[\"email\"]}}");
}

static void bounds_that_mean_the_same_everywhere_come(void **state)
{
    (void)state;
    static const char schemas[] =
        "  Body: {properties: {n: {type: integer, format: int32, minimum: 1, maximum: "
        "1e3}, s: {type: string, pattern: '^a+$', maxLength: 9}, look: {type: "
        "string, pattern: '^(?=a)'}, plain: {type: array, items: {type: string}}}}\n";
    assert_str(inside(schemas, "n"), "{\"minimum\":1}");
    assert_str(inside(schemas, "s"), "{\"pattern\":\"^a+$\",\"maxLength\":9}");
    assert_null(inside(schemas, "look").p);
    assert_null(inside(schemas, "plain").p); /* its type and items say it all */
}

static void alternatives_of_an_element_stand_beside_each_other(void **state)
{
    (void)state;
    assert_str(inside("  Body: {properties: {parts: {type: array, items: {oneOf: [{$ref: '#/x/T'}, {$ref: "
                      "'#/x/I'}]}}}}\n"
                      "  T: {type: object, required: [kind], properties: {kind: {const: text}}}\n"
                      "  I: {type: object, required: [kind], properties: {kind: {enum: [image]}, url: {}}}\n",
                      "parts"),
               "{\"items\":{\"type\":\"object\",\"anyOf\":[{\"title\":\"parts\",\"type\":\"object\","
               "\"properties\":{\"kind\":{\"type\":\"string\",\"enum\":[\"text\"]}},\"required\":["
               "\"kind\"]},{\"title\":\"parts\",\"type\":\"object\",\"properties\":{\"kind\":{\"type\":"
               "\"string\",\"enum\":[\"image\"]},\"url\":{}},\"required\":[\"kind\"]}]}}");
}

static void alternatives_of_a_body_add_up_and_what_all_require_is_required(void **state)
{
    (void)state;
    must_import(BODY "  Body: {oneOf: [{$ref: '#/x/T'}, {$ref: '#/x/I'}, {type: array}, {type: 'null'}]}\n"
                     "  T: {type: object, required: [kind, a], properties: {kind: {const: text}, a: {}}}\n"
                     "  I: {type: object, required: [kind], properties: {kind: {const: image}, a: {enum: "
                     "[x]}}}\n");
    /* an alternative of another type cannot be had, and requires nothing */
    const ks_app_param *kind = param(action("ACME_A"), "kind"), *a = param(action("ACME_A"), "a");
    assert_true(kind->required);
    assert_int_equal(kind->values.n, 2);
    assert_str(kind->values.at[1], "image");
    assert_false(a->required);
    assert_int_equal(a->values.n, 0); /* one alternative takes anything */
}

static void circles_end_at_a_level_and_what_is_large_tells_only_what_is_required(void **state)
{
    ks_buf *b = ks_ctx_buf(&cx, 1 << 20);
    (void)state;
    ks_str round = inside("  Body: {properties: {tree: {$ref: '#/x/T'}}}\n"
                          "  T: {type: object, properties: {name: {type: string}, kids: {type: array, items: "
                          "{$ref: '#/x/T'}}}}\n",
                          "tree");
    assert_true(ks_str_find(round, KS_S("\"kids\":{\"type\":\"array\",\"items\":{\"title\":")) != SIZE_MAX);
    assert_true(round.n < 4096);
    ks_buf_z(b, "  Body: {properties: {big: {type: object, required: [m7], properties: {");
    for (int i = 0; i < 120; i++)
        ks_buf_fmt(b, "m%d: {type: string, enum: [one, two, three, four, five]}, ", i);
    ks_buf_z(b, "z: {}}}}}\n");
    assert_str(inside(b->p, "big"),
               "{\"properties\":{\"m7\":{\"type\":\"string\",\"enum\":[\"one\",\"two\",\"three\",\"four\","
               "\"five\"]}},\"required\":[\"m7\"]}");
}

KS_TESTS_WITH(arena_setup, arena_teardown,
              members_of_lists_and_objects_come_with_types_words_and_what_is_required,
              bounds_that_mean_the_same_everywhere_come, alternatives_of_an_element_stand_beside_each_other,
              alternatives_of_a_body_add_up_and_what_all_require_is_required,
              circles_end_at_a_level_and_what_is_large_tells_only_what_is_required)
