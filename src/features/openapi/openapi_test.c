/* features/openapi/openapi_test.c — the document names every route that is served and no other, and is sent
 * as its reader asks for it. */
#include "features/openapi/openapi.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <zlib.h>

#include "base/json.h"
#include "features/env.h"
#include "features/routes.h"
#include "http/route.h"
#include "tests/support/arena.h"

static const ks_json *paths_of_document(void)
{
    ks_json *d;
    assert_int_equal(ks_json_parse(&cx, ks_openapi_document.plain, &d), KS_OK);
    return ks_json_get(d, "paths");
}

/* A route's path as OpenAPI writes it, which has no word for "the rest": {path...} is {path}. */
static void openapi_path(const char *path, char *out)
{
    while (*path != '\0') {
        if (strncmp(path, "...", 3) == 0)
            path += 3;
        else
            *out++ = *path++;
    }
    *out = '\0';
}

static const ks_json *operation(const ks_json *paths, const ks_route *r)
{
    char path[128], method[8] = {0};
    openapi_path(r->path, path);
    for (size_t i = 0; i + 1 < sizeof method && r->method[i] != '\0'; i++)
        method[i] = (char)tolower((unsigned char)r->method[i]);
    return ks_json_get(ks_json_get(paths, path), method);
}

static const ks_route *served(ks_str path, ks_str method)
{
    for (size_t t = 0; ks_served_routes[t] != NULL; t++) {
        for (const ks_route *r = ks_served_routes[t]; r->method != NULL; r++) {
            char text[128];
            openapi_path(r->path, text);
            if (ks_str_eq(path, ks_str_of(text)) && ks_str_ieq(method, ks_str_of(r->method)))
                return r;
        }
    }
    return NULL;
}

/* The dashboard is for people alone: its pages and forms are no interface (docs/dashboard.md). */
static bool documented(const ks_route *r)
{
    return strncmp(r->path, "/dash", 5) != 0;
}

static void every_served_route_is_in_the_document_OPS_2(void **state)
{
    (void)state;
    const ks_json *paths = paths_of_document();
    for (size_t t = 0; ks_served_routes[t] != NULL; t++) {
        for (const ks_route *r = ks_served_routes[t]; r->method != NULL; r++) {
            if (documented(r) && operation(paths, r) == NULL)
                fail_msg("docs/openapi does not describe %s %s", r->method, r->path);
        }
    }
}

static void every_operation_of_the_document_is_served_OPS_2(void **state)
{
    (void)state;
    void          *it = NULL, *inner;
    ks_str         path, method;
    ks_json       *item, *op;
    size_t         n = 0;
    const ks_json *paths = paths_of_document();
    while (ks_json_each(paths, &it, &path, &item)) {
        for (inner = NULL; ks_json_each(item, &inner, &method, &op); n++) {
            if (served(path, method) == NULL)
                fail_msg("no route serves " KS_FMT " " KS_FMT, KS_ARG(method), KS_ARG(path));
        }
    }
    assert_true(n > 100);
}

/* `x-scope` and `security` say what the route table says. */
static void the_document_says_who_may_call_a_route_OPS_2(void **state)
{
    static const struct {
        unsigned    scope;
        const char *name;
    } scopes[] = {{KS_SCOPE_READ, "read"}, {KS_SCOPE_CONNECT, "connect"}, {KS_SCOPE_ACT, "act"}};
    (void)state;
    const ks_json *paths = paths_of_document();
    for (size_t t = 0; ks_served_routes[t] != NULL; t++) {
        for (const ks_route *r = ks_served_routes[t]; r->method != NULL; r++) {
            const ks_json *op = operation(paths, r);
            const char    *want = NULL;
            if (!documented(r))
                continue;
            for (size_t i = 0; i < KS_COUNT(scopes); i++) {
                if (scopes[i].scope == r->scope && (r->flags & (KS_PUBLIC | KS_LOCAL)) == 0)
                    want = scopes[i].name;
            }
            ks_str said = ks_json_str(ks_json_get(op, "x-scope"));
            if (want == NULL ? said.p != NULL : !ks_str_eq(said, ks_str_of(want)))
                fail_msg("x-scope of %s %s is not as in the route table", r->method, r->path);
            assert_int_equal(ks_json_get(op, "security") != NULL, want == NULL);
            assert_int_equal(ks_json_true(ks_json_get(op, "x-control-socket")), (r->flags & KS_LOCAL) != 0);
        }
    }
}

/* A path that the pattern matches: what stands for a parameter is `x`. */
static void path_for(const char *pattern, char *out)
{
    while (*pattern != '\0') {
        if (*pattern != '{') {
            *out++ = *pattern++;
            continue;
        }
        *out++ = 'x';
        pattern = strchr(pattern, '}') + 1;
    }
    *out = '\0';
}

static void the_index_finds_what_a_walk_over_all_routes_finds(void **state)
{
    (void)state;
    static ks_route_index index;
    assert_true(ks_route_index_make(ks_served_routes, &index));
    for (size_t t = 0; ks_served_routes[t] != NULL; t++) {
        for (const ks_route *r = ks_served_routes[t]; r->method != NULL; r++) {
            static const char *const tails[] = {"", "/", "/x", "x"};
            for (size_t i = 0; i < KS_COUNT(tails); i++) {
                char         path[256];
                ks_route_hit found, walked;
                path_for(r->path, path);
                snprintf(path + strlen(path), sizeof path - strlen(path), "%s", tails[i]);
                ks_str    method = ks_str_of(r->method), p = ks_str_of(path);
                ks_status st = ks_route_find(ks_served_routes, &index, method, p, true, &found);
                assert_int_equal(st, ks_route_find(ks_served_routes, NULL, method, p, true, &walked));
                assert_ptr_equal(found.route, walked.route);
                assert_true(i > 0 || found.route != NULL);
            }
        }
    }
}

static void the_zipped_bytes_are_those_of_the_plain_text_OPS_2(void **state)
{
    (void)state;
    ks_str   plain = ks_openapi_document.plain;
    Bytef   *out = malloc(plain.n + 1);
    z_stream z = {.next_in = (Bytef *)(uintptr_t)ks_openapi_document.zipped.p,
                  .avail_in = (uInt)ks_openapi_document.zipped.n,
                  .next_out = out,
                  .avail_out = (uInt)plain.n + 1};
    assert_non_null(out);
    assert_int_equal(inflateInit2(&z, 16 + MAX_WBITS), Z_OK);
    assert_int_equal(inflate(&z, Z_FINISH), Z_STREAM_END);
    assert_int_equal(z.total_out, plain.n);
    assert_memory_equal(out, plain.p, plain.n);
    inflateEnd(&z);
    free(out);
}

KS_TESTS_WITH(arena_setup, arena_teardown, every_served_route_is_in_the_document_OPS_2,
              every_operation_of_the_document_is_served_OPS_2, the_document_says_who_may_call_a_route_OPS_2,
              the_index_finds_what_a_walk_over_all_routes_finds,
              the_zipped_bytes_are_those_of_the_plain_text_OPS_2)
