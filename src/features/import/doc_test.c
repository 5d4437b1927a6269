/* features/import/doc_test.c — JSON and YAML of others as one tree, and what is refused of them, with its
 * line. */
#include "features/import/doc.h"

#include <stdio.h>

#include "tests/support/arena.h"

static ks_doc *doc;

static ks_status read_it(const char *text)
{
    cx.err = (ks_err){0};
    return ks_doc_read(&cx, KS_S("doc"), ks_str_of(text), &doc);
}

static void assert_refused(const char *text, const char *wanted)
{
    assert_int_equal(read_it(text), KS_INVALID);
    if (!ks_str_starts(cx.err.message, ks_str_of(wanted)))
        fail_msg("\"%.*s\" was wanted to begin with \"%s\"", KS_ARG(cx.err.message), wanted);
}

static void json_and_yaml_give_the_same_tree_with_lines(void **state)
{
    static const char *const texts[] = {
        "{\n\"a\": [1, true, null, \"x\\u00e4\\n\"],\n\"b\": {\"c~/d\": -1.5e3}}",
        "a:\n- 1\n- true\n- null\n- \"x\\u00e4\\n\"\nb: {c~/d: \"-1.5e3\"}",
    };
    (void)state;
    for (size_t i = 0; i < KS_COUNT(texts); i++) {
        assert_int_equal(read_it(texts[i]), KS_OK);
        const ks_doc_node *a = ks_doc_get(doc->root, "a"), *b = ks_doc_get(doc->root, "b");
        assert_int_equal(a->n, 4);
        assert_int_equal(a->line, i == 0 ? 2 : 1);
        assert_int_equal(b->line, i == 0 ? 3 : 6);
        assert_int_equal(a->first->kind, KS_DOC_NUMBER);
        assert_int_equal(a->first->next->kind, KS_DOC_BOOL);
        assert_int_equal(a->first->next->next->kind, KS_DOC_NULL);
        assert_str(a->last->text, "x\xc3\xa4\n");
        assert_str(ks_doc_text(b, "c~/d"), "-1.5e3");
    }
}

static void escapes_of_json_are_decoded(void **state)
{
    (void)state;
    assert_int_equal(read_it("{\"\\ud83d\\ude00\\u20ac\\/\\\\\\\"\\t\": \"\\b\\f\\n\\r\"}"), KS_OK);
    assert_str(doc->root->first->name, "\xf0\x9f\x98\x80\xe2\x82\xac/\\\"\t");
    assert_str(doc->root->first->text, "\b\f\n\r");
}

static void members_of_large_maps_are_found(void **state)
{
    char   text[8192];
    size_t n = 0;
    (void)state;
    for (int i = 0; i < 500; i++)
        n += (size_t)snprintf(text + n, sizeof text - n, "%s\"m%d\":%d", i ? "," : "{", i * 7 % 500, i);
    snprintf(text + n, sizeof text - n, "}");
    assert_int_equal(read_it(text), KS_OK);
    for (int i = 0; i < 500; i++) {
        char name[8], value[8];
        snprintf(name, sizeof name, "m%d", i * 7 % 500);
        snprintf(value, sizeof value, "%d", i);
        assert_str(ks_doc_text(doc->root, name), value);
    }
    assert_null(ks_doc_get(doc->root, "m500"));
}

static void broken_documents_are_refused_with_their_line(void **state)
{
    (void)state;
    assert_refused("", "doc:1: is no OpenAPI document");
    assert_refused("[]", "doc:1: is no OpenAPI document");
    assert_refused("{\n\"a\": 1,\n\"b\" 2}", "doc:3: is not valid JSON");
    assert_refused("{\n\"a\": 1", "doc:2: is not valid JSON");
    assert_refused("{\n\n\"a\": \"\xff\"}", "doc:3: is not well-formed UTF-8");
    assert_refused("a: 1\nb: [1}\n", "doc:2: is not valid YAML");
    assert_refused("a: 1\n---\nb: 2\n", "doc:2: a second document begins");
    assert_refused("a: 1\nb: 2\na: 3\n", "doc:3: a member of this name stands here already");
    assert_refused("{\"a\": 1,\n\"b\": 2,\n\"\\u0061\": 3}",
                   "doc:3: a member of this name stands here already");
    assert_refused("a: 1\n? [x]\n: 2\n", "doc:2: the name of a member must be plain text");
}

static void a_member_that_stands_twice_among_many_is_refused(void **state)
{
    (void)state;
    assert_refused("{\"a\":1,\"b\":1,\"c\":1,\"d\":1,\"e\":1,\"f\":1,\"g\":1,\"h\":1,\n\"i\":1,\n\"c\":2}",
                   "doc:3: a member of this name stands here already");
}

static void depth_is_bounded_in_both(void **state)
{
    char text[512];
    (void)state;
    memset(text, '[', 70);
    snprintf(text + 70, sizeof text - 70, "]");
    assert_refused(text, "doc:1: is nested deeper than 64 levels");
    size_t n = (size_t)snprintf(text, sizeof text, "{\"a\":\n");
    memset(text + n, '[', 70);
    snprintf(text + n + 70, sizeof text - n - 70, "1");
    assert_refused(text, "doc:2: is nested deeper than 64 levels");
}

static void what_is_over_the_size_is_refused_unread(void **state)
{
    size_t n = KS_DOC_MAX + 1;
    char  *text = ks_arena_alloc(arena, n);
    (void)state;
    assert_non_null(text);
    memset(text, ' ', n);
    assert_int_equal(ks_doc_read(&cx, KS_S("doc"), (ks_str){text, n}, &doc), KS_INVALID);
    assert_true(ks_str_starts(cx.err.message, KS_S("doc:1: larger than 33554432 bytes")));
    assert_int_equal(ks_doc_read(&cx, KS_S("doc"), (ks_str){text, n - 1}, &doc), KS_INVALID);
    assert_true(ks_str_starts(cx.err.message, KS_S("doc:1: is no OpenAPI")));
}

/* ---- YAML of others ---- */

static void aliases_and_merges_are_resolved(void **state)
{
    (void)state;
    assert_int_equal(read_it("base: &b {x: 1, y: 2}\nmore: &m\n  z: 9\none: *b\ntwo:\n  <<: *b\n  y: 3\n"
                             "three:\n  <<: [*b, *m]\nname: &n text\nsame: *n\n"),
                     KS_OK);
    assert_str(ks_doc_text(ks_doc_get(doc->root, "one"), "y"), "2");
    assert_str(ks_doc_text(ks_doc_get(doc->root, "two"), "x"), "1");
    assert_str(ks_doc_text(ks_doc_get(doc->root, "two"), "y"), "3");
    assert_str(ks_doc_text(ks_doc_get(doc->root, "three"), "z"), "9");
    assert_str(ks_doc_text(doc->root, "same"), "text");
    assert_int_equal(ks_doc_get(doc->root, "one")->line, 4);
}

static void nested_aliases_do_not_grow(void **state)
{
    char   text[8192];
    size_t n = (size_t)snprintf(text, sizeof text, "a0: &a0 [x, x, x, x, x, x, x, x, x]\n");
    (void)state;
    for (int i = 1; i < 60; i++)
        n += (size_t)snprintf(text + n, sizeof text - n,
                              "a%d: &a%d [*a%d, *a%d, *a%d, *a%d, *a%d, *a%d, *a%d]\n", i, i, i - 1, i - 1,
                              i - 1, i - 1, i - 1, i - 1, i - 1);
    assert_int_equal(read_it(text), KS_OK);
    assert_true(doc->nodes < 1000);
}

static void aliases_to_nothing_or_to_themselves_are_refused(void **state)
{
    (void)state;
    assert_refused("a: 1\nb: *x\n", "doc:2: this alias (*) names nothing");
    assert_refused("a: &a\n  b: 1\n  c: *a\n",
                   "doc:3: this alias (*) names nothing before it, or what it stands in");
}

static void words_of_yaml_mean_what_they_mean_in_json(void **state)
{
    (void)state;
    assert_int_equal(read_it("a: True\nb: ~\nc: 3.0.0\nd: 1.50\ne: 'true'\nf: 0x10\ng: !!str 12\nh: yes\n"),
                     KS_OK);
    assert_true(ks_doc_true(doc->root, "a"));
    assert_int_equal(ks_doc_get(doc->root, "b")->kind, KS_DOC_NULL);
    assert_int_equal(ks_doc_get(doc->root, "c")->kind, KS_DOC_TEXT);
    assert_int_equal(ks_doc_get(doc->root, "d")->kind, KS_DOC_NUMBER);
    assert_int_equal(ks_doc_get(doc->root, "e")->kind, KS_DOC_TEXT);
    assert_int_equal(ks_doc_get(doc->root, "f")->kind, KS_DOC_TEXT);
    assert_int_equal(ks_doc_get(doc->root, "g")->kind, KS_DOC_TEXT);
    assert_int_equal(ks_doc_get(doc->root, "h")->kind, KS_DOC_TEXT);
}

/* ---- $ref ---- */

static const ks_doc_node *follow(const char *name)
{
    return ks_doc_follow(doc, ks_doc_get(doc->root, name));
}

static void refs_lead_through_escapes_lists_and_chains(void **state)
{
    (void)state;
    assert_int_equal(
        read_it("{\"s\": {\"a/b\": {\"v\": 1}, \"c~d\": [{\"v\": 2}, {\"v\": 3}], \"e f\": {\"v\": 4}},\n"
                "\"w\": {\"$ref\": \"#/s/a~1b\"}, \"x\": {\"$ref\": \"#/s/c~0d/1\"},\n"
                "\"y\": {\"$ref\": \"#/s/e%20f\"}, \"z\": {\"$ref\": \"#/x\"}, \"all\": {\"$ref\": \"#\"}}"),
        KS_OK);
    assert_str(ks_doc_text(follow("w"), "v"), "1");
    assert_str(ks_doc_text(follow("x"), "v"), "3");
    assert_str(ks_doc_text(follow("y"), "v"), "4");
    assert_str(ks_doc_text(follow("z"), "v"), "3");
    assert_ptr_equal(follow("all"), doc->root);
}

static void refs_to_nothing_and_circles_lead_nowhere(void **state)
{
    (void)state;
    assert_int_equal(
        read_it("{\"a\": {\"$ref\": \"#/b\"}, \"b\": {\"$ref\": \"#/a\"}, \"c\": {\"$ref\": \"#/no\"},\n"
                "\"d\": {\"$ref\": \"#x\"}, \"e\": {\"$ref\": \"#/a/%zz\"}, \"l\": [1], \"f\": {\"$ref\": "
                "\"#/l/1\"}}"),
        KS_OK);
    for (const char *name = "acdef"; *name != '\0'; name++)
        assert_null(follow((char[]){*name, '\0'}));
    assert_int_equal(doc->status, KS_OK);
}

static void a_ref_out_of_the_document_is_a_failure_with_its_line(void **state)
{
    (void)state;
    assert_int_equal(read_it("a:\n  $ref: common.yaml#/x\n"), KS_OK);
    assert_null(follow("a"));
    assert_int_equal(doc->status, KS_INVALID);
    assert_true(ks_str_starts(cx.err.message, KS_S("doc:2: this `$ref` leads out of the document")));
}

KS_TESTS_WITH(arena_setup, arena_teardown, json_and_yaml_give_the_same_tree_with_lines,
              escapes_of_json_are_decoded, members_of_large_maps_are_found,
              broken_documents_are_refused_with_their_line, a_member_that_stands_twice_among_many_is_refused,
              depth_is_bounded_in_both, what_is_over_the_size_is_refused_unread,
              aliases_and_merges_are_resolved, nested_aliases_do_not_grow,
              aliases_to_nothing_or_to_themselves_are_refused, words_of_yaml_mean_what_they_mean_in_json,
              refs_lead_through_escapes_lists_and_chains, refs_to_nothing_and_circles_lead_nowhere,
              a_ref_out_of_the_document_is_a_failure_with_its_line)
