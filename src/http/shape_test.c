/* http/shape_test.c — shapes both ways, replies, and the limiter's and the address table's bounds. */
#include "http/shape.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "http/limiter.h"
#include "http/peers.h"
#include "http/reply.h"
#include "tests/support/test.h"

typedef struct inner {
    ks_str  shop;
    int64_t depth;
} inner;

typedef struct thing {
    ks_str     name;
    bool       on;
    int64_t    count, made_at;
    ks_strs    tags;
    ks_json   *data, *any;
    ks_secret *key;
    inner      config;
} thing;

static const ks_field inner_fields[] = {KS_FIELD(inner, shop, STR, KS_REQUIRED),
                                        KS_FIELD(inner, depth, I64, 0), KS_FIELDS_END};
static const ks_field in[] = {KS_FIELD_MAX("name", thing, name, STR, KS_REQUIRED, 8),
                              KS_FIELD(thing, on, BOOL, 0),
                              KS_FIELD(thing, count, I64, 0),
                              KS_FIELD_AS("madeAt", thing, made_at, TIME, 0),
                              KS_FIELD_MAX("tags", thing, tags, STRS, 0, 2),
                              KS_FIELD(thing, data, OBJ, 0),
                              KS_FIELD(thing, any, ANY, 0),
                              KS_FIELD(thing, key, SECRET, 0),
                              KS_FIELD_SUB("config", thing, config, 0, inner_fields),
                              KS_FIELDS_END};
static const ks_field out[] = {KS_FIELD(thing, name, STR, KS_NULLABLE),
                               KS_FIELD(thing, on, BOOL, 0),
                               KS_FIELD(thing, count, I64, 0),
                               KS_FIELD_AS("madeAt", thing, made_at, TIME, KS_NULLABLE),
                               KS_FIELD(thing, tags, STRS, 0),
                               KS_FIELD(thing, key, MASK, 0),
                               KS_FIELD_SUB("config", thing, config, 0, inner_fields),
                               KS_FIELDS_END};

typedef struct fixture {
    ks_arena *arena;
    ks_ctx    cx;
} fixture;

static int set_up(void **state)
{
    fixture *f = calloc(1, sizeof *f);
    assert_non_null(f);
    f->arena = ks_arena_new(KS_ARENA_MAX);
    f->cx = ks_ctx_new(f->arena, NULL);
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    fixture *f = *state;
    ks_arena_free(f->arena);
    free(f);
    return 0;
}

static ks_status body(fixture *f, const char *type, const char *text, thing *t)
{
    ks_req_pair h = {KS_S("Content-Type"), ks_str_of(type)};
    ks_req      rq = {.headers = &h, .headers_n = type != NULL, .body = ks_str_of(text)};
    memset(t, 0xee, sizeof *t); /* what is not sent must be cleared */
    return ks_req_body(&f->cx, &rq, in, t);
}

static void a_body_fills_its_struct(void **state)
{
    fixture *f = *state;
    thing    t;
    assert_int_equal(
        body(f, "application/json; charset=utf-8",
             "{\"name\":\"n\",\"on\":true,\"count\":-5,\"madeAt\":\"2025-01-31T12:00:00.000Z\",\"tags\":["
             "\"a\",\"b\"],\"data\":{\"x\":1},\"any\":[1],\"key\":\"s3cret\",\"config\":{\"shop\":\"s\","
             "\"depth\":2},\"unknown\":1}",
             &t),
        KS_OK);
    assert_str(t.name, "n");
    assert_true(t.on);
    assert_int_equal(t.count, -5);
    assert_int_equal(t.made_at, 1738324800000000);
    assert_int_equal(t.tags.n, 2);
    assert_str(t.tags.at[1], "b");
    assert_int_equal(ks_json_int(ks_json_get(t.data, "x")), 1);
    assert_int_equal(ks_json_count(t.any), 1);
    assert_int_equal(ks_secret_len(t.key), 6);
    assert_str(t.config.shop, "s");
}

static void null_and_missing_are_absent(void **state)
{
    fixture *f = *state;
    thing    t;
    assert_int_equal(body(f, NULL, "{\"name\":\"n\",\"count\":null,\"key\":null,\"config\":null}", &t),
                     KS_OK);
    assert_int_equal(t.count, 0);
    assert_false(t.on);
    assert_null(t.key);
    assert_null(t.data);
    assert_null(t.config.shop.p);
}

static void every_wrong_field_is_named_and_no_value(void **state)
{
    fixture *f = *state;
    thing    t;
    static const struct {
        const char *text, *field, *reason;
    } rows[] = {
        {"{}", "name", "is required"},
        {"{\"name\":\"\"}", "name", "is required"},
        {"{\"name\":7}", "name", "must be a string"},
        {"{\"name\":\"123456789\"}", "name", "must be at most 8 bytes"},
        {"{\"name\":\"n\",\"on\":\"true\"}", "on", "must be true or false"},
        {"{\"name\":\"n\",\"count\":1.5}", "count", "must be an integer"},
        {"{\"name\":\"n\",\"madeAt\":\"today\"}", "madeAt", "must be a time like 2025-01-31T12:00:00.000Z"},
        {"{\"name\":\"n\",\"tags\":\"a\"}", "tags", "must be an array of strings"},
        {"{\"name\":\"n\",\"tags\":[1]}", "tags", "must be an array of strings"},
        {"{\"name\":\"n\",\"tags\":[\"a\",\"b\",\"c\"]}", "tags", "must be at most 2 entries"},
        {"{\"name\":\"n\",\"data\":[]}", "data", "must be an object"},
        {"{\"name\":\"n\",\"key\":{}}", "key", "must be a string"},
        {"{\"name\":\"n\",\"config\":{}}", "config.shop", "is required"},
        {"{\"name\":\"n\",\"config\":1}", "config", "must be an object"},
    };
    for (size_t i = 0; i < KS_COUNT(rows); i++) {
        assert_int_equal(body(f, NULL, rows[i].text, &t), KS_INVALID);
        assert_int_equal(f->cx.err.n, 1);
        assert_str(f->cx.err.details[0].field, rows[i].field);
        assert_str(f->cx.err.details[0].reason, rows[i].reason);
    }
    assert_int_equal(body(f, NULL, "{\"count\":\"hunter2\",\"on\":1}", &t), KS_INVALID);
    assert_int_equal(f->cx.err.n, 3);
    assert_int_equal(ks_str_find(f->cx.err.message, KS_S("hunter2")), SIZE_MAX);
}

static void only_json_objects_are_bodies(void **state)
{
    fixture *f = *state;
    thing    t;
    assert_int_equal(body(f, NULL, "[]", &t), KS_INVALID);
    assert_int_equal(body(f, NULL, "{\"name\":", &t), KS_INVALID);
    assert_int_equal(body(f, "text/plain", "{\"name\":\"n\"}", &t), KS_MEDIA);
    assert_int_equal(body(f, "application/x-www-form-urlencoded", "name=n", &t), KS_MEDIA);
    assert_int_equal(body(f, "application/x-www-form-urlencoded", "", &t),
                     KS_INVALID); /* {} : name is missing */
    assert_str(f->cx.err.details[0].field, "name");
    assert_int_equal(body(f, "application/merge-patch+json", "{\"name\":\"n\"}", &t), KS_OK);
}

static void a_struct_is_written_and_its_secret_is_not(void **state)
{
    fixture *f = *state;
    ks_res   rs = {0};
    ks_str   tags[] = {KS_S_INIT("a")};
    thing    t = {.on = true, .count = 3, .tags = {tags, 1}, .config = {KS_S("\"s\""), 1}};
    assert_int_equal(ks_secret_new(&f->cx, "shpat_0123456789abcdef", 22, &t.key), KS_OK);
    assert_int_equal(ks_res_json(&f->cx, &rs, 200, out, &t), KS_OK);
    assert_str(ks_buf_view(rs.body),
               "{\"name\":null,\"on\":true,\"count\":3,\"madeAt\":null,\"tags\":[\"a\"],\"key\":"
               "\"shpa********\",\"config\":{\"shop\":\"\\\"s\\\"\",\"depth\":1}}");
    assert_int_equal(rs.status, 200);
}

static void headers_with_control_bytes_are_dropped_and_the_table_is_bounded(void **state)
{
    fixture *f = *state;
    ks_res   rs = {0};
    assert_int_equal(ks_res_header(&f->cx, &rs, "x", KS_S("a\r\nSet-Cookie: b")), KS_OK);
    assert_int_equal(rs.headers_n, 0);
    for (int i = 0; i < KS_RES_HEADERS; i++)
        assert_int_equal(ks_res_header(&f->cx, &rs, "x", KS_S("v")), KS_OK);
    assert_int_equal(ks_res_header(&f->cx, &rs, "x", KS_S("v")), KS_INTERNAL);
}

static void an_error_goes_out_even_without_memory(void **state)
{
    fixture *f = *state;
    ks_res   rs = {0};
    (void)!ks_no_memory(&f->cx);
    ks_arena *tiny = ks_arena_new(16);
    assert_non_null(tiny);
    f->cx.arena = tiny;
    for (int view = 0; view < 3; view++) {
        ks_res_error(&f->cx, &rs, (ks_view)view);
        assert_int_equal(rs.status, view == KS_VIEW_V1 ? 500 : 503);
        assert_null(ks_json_fault(rs.fixed));
    }
    ks_arena_free(tiny);
}

static void the_limiter_refills_and_stays_bounded(void **state)
{
    (void)state;
    ks_limiter *l = ks_limiter_new(16);
    int64_t     now = 1000000000;
    ks_str      a = KS_S("203.0.113.1");
    assert_non_null(l);
    for (int i = 0; i < KS_BAD_KEYS_PER_MIN; i++) {
        assert_int_equal(ks_limiter_wait(l, a, now), 0);
        ks_limiter_fail(l, a, now);
    }
    assert_int_equal(ks_limiter_wait(l, a, now), 6);
    assert_int_equal(ks_limiter_wait(l, a, now + 5000000), 1);
    assert_int_equal(ks_limiter_wait(l, a, now + 6000000), 0);
    ks_limiter_fail(l, a, now + 6000000);
    assert_true(ks_limiter_wait(l, a, now + 6000000) > 0);
    for (int i = 0; i < 1000; i++) { /* other addresses push it out in the end, and nothing grows */
        char z[32];
        snprintf(z, sizeof z, "198.51.100.%d", i);
        ks_limiter_fail(l, ks_str_of(z), now + 7000000 + i);
    }
    assert_int_equal(ks_limiter_wait(l, a, now + 61000000), 0);
    ks_limiter_free(l);
}

static void addresses_are_counted_up_to_their_limit(void **state)
{
    (void)state;
    ks_peers *p = ks_peers_new(2);
    assert_non_null(p);
    ks_peer *a = ks_peers_add(p, KS_S("192.0.2.1")), *b = ks_peers_add(p, KS_S("192.0.2.1"));
    assert_non_null(a);
    assert_ptr_equal(a, b);
    assert_null(ks_peers_add(p, KS_S("192.0.2.1")));
    ks_peer *c = ks_peers_add(p, KS_S("192.0.2.2"));
    assert_non_null(c);
    ks_peers_drop(p, b);
    b = ks_peers_add(p, KS_S("192.0.2.1"));
    assert_non_null(b);
    ks_peers_drop(p, a);
    ks_peers_drop(p, b);
    ks_peers_drop(p, c);
    ks_peers_free(p);
}

KS_TESTS_WITH(set_up, tear_down, a_body_fills_its_struct, null_and_missing_are_absent,
              every_wrong_field_is_named_and_no_value, only_json_objects_are_bodies,
              a_struct_is_written_and_its_secret_is_not,
              headers_with_control_bytes_are_dropped_and_the_table_is_bounded,
              an_error_goes_out_even_without_memory, the_limiter_refills_and_stays_bounded,
              addresses_are_counted_up_to_their_limit)
