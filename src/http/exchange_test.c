/* http/exchange_test.c — routing, admission, the three endings, error views and bodies, without sockets. */
#include "http/exchange.h"

#include <pthread.h>
#include <stdio.h>

#include "base/alloc.h"
#include "base/ids.h"
#include "base/json.h"
#include "base/time.h"
#include "http/limiter.h"
#include "http/reply.h"
#include "http/route.h"
#include "tests/support/stage.h"
#include "tests/support/test.h"

/* ---- handlers ---- */

static ks_status ok(ks_ctx *cx, const ks_req *rq, ks_res *rs)
{
    (void)rq;
    return ks_res_fixed(cx, rs, 200, "text/plain", KS_S("ok"));
}

static ks_status params(ks_ctx *cx, const ks_req *rq, ks_res *rs)
{
    ks_str text = ks_fmt(cx, KS_FMT "|" KS_FMT "|" KS_FMT, KS_ARG(ks_req_param(rq, "id")),
                         KS_ARG(ks_req_param(rq, "path")), KS_ARG(ks_req_query(cx, rq, "q")));
    return ks_res_fixed(cx, rs, 200, "text/plain", text);
}

static ks_status literal(ks_ctx *cx, const ks_req *rq, ks_res *rs)
{
    (void)rq;
    return ks_res_fixed(cx, rs, 200, "text/plain", KS_S("literal"));
}

static ks_status body(ks_ctx *cx, const ks_req *rq, ks_res *rs)
{
    return ks_res_fixed(cx, rs, 200, "text/plain", ks_fmt(cx, "%zu", rq->body.n));
}

static ks_status who(ks_ctx *cx, const ks_req *rq, ks_res *rs)
{
    (void)rq;
    return ks_res_fixed(cx, rs, 200, "text/plain", ks_copy(cx, cx->actor));
}

static ks_status nothing(ks_ctx *cx, const ks_req *rq, ks_res *rs)
{
    (void)cx, (void)rq, (void)rs;
    return KS_OK;
}

static ks_status silent(ks_ctx *cx, const ks_req *rq, ks_res *rs)
{
    (void)cx, (void)rq, (void)rs;
    return KS_STORE;
}

static ks_status conflict(ks_ctx *cx, const ks_req *rq, ks_res *rs)
{
    (void)rq, (void)rs;
    ks_status st = ks_fail(cx, KS_CONFLICT, "data.api_key", "is taken");
    ks_fail_also(cx, KS_S("name"), KS_S("is required"));
    return st;
}

static ks_status no_connection(ks_ctx *cx, const ks_req *rq, ks_res *rs)
{
    (void)rq, (void)rs;
    return ks_fail_code(cx, KS_NOT_FOUND, "connection_not_found", NULL, "No connection has this id.");
}

static ks_status on_worker(ks_ctx *cx, const ks_req *rq, ks_res *rs)
{
    (void)rq;
    return ks_res_fixed(cx, rs, 200, "text/plain", cx->env != NULL ? KS_S("worker") : KS_S("loop"));
}

/* Two tails in a row, each woken by a thread; the second fails on demand. */
typedef struct tail {
    ks_tail      t;
    ks_exchange *x;
    pthread_t    thread;
    int          round;
} tail;

static void *wake(void *arg)
{
    ks_exchange_wake(((tail *)arg)->x);
    return NULL;
}

static void start(ks_tail *t, ks_exchange *x)
{
    tail *own = (tail *)t;
    own->x = x;
    if (own->round == 0)
        ks_exchange_wake(x); /* at once, before start returns */
    else
        assert_int_equal(pthread_create(&own->thread, NULL, wake, own), 0);
}

static ks_status finish(ks_tail *t, ks_ctx *cx, const ks_req *rq, ks_res *rs)
{
    tail *own = (tail *)t;
    if (own->round++ == 0) {
        rs->tail = t;
        return KS_OK;
    }
    pthread_join(own->thread, NULL);
    if (ks_req_header(rq, "fail").n)
        return ks_fail(cx, KS_UPSTREAM, NULL, "The vendor did not answer.");
    return ks_res_fixed(cx, rs, 200, "text/plain", KS_S("tailed"));
}

static ks_status tails(ks_ctx *cx, const ks_req *rq, ks_res *rs)
{
    tail *own = ks_zalloc(cx, sizeof *own);
    (void)rq;
    if (own == NULL)
        return KS_NO_MEMORY;
    own->t = (ks_tail){.start = start, .finish = finish};
    rs->tail = &own->t;
    return KS_OK;
}

static const ks_route v1[] = {{"GET", "/v1/items/{id}", KS_SCOPE_READ, params, KS_VIEW_V1, 0, ""},
                              {"POST", "/v1/items/{id}", KS_SCOPE_CONNECT, params, KS_VIEW_V1, 0, ""},
                              {"GET", "/v1/items/list", 0, literal, KS_VIEW_V1, KS_PUBLIC, ""},
                              {"GET", "/v1/conflict", 0, conflict, KS_VIEW_V1, KS_PUBLIC, ""},
                              {"GET", "/v1/gone", 0, no_connection, KS_VIEW_V1, KS_PUBLIC, ""},
                              {"POST", "/v1/drop", 0, body, KS_VIEW_V1, KS_PUBLIC | KS_NO_BODY, ""},
                              {0}};
static const ks_route rest[] = {
    {"GET", "/v3/conflict", 0, conflict, KS_VIEW_V3, KS_PUBLIC, ""},
    {"GET", "/v3/gone", 0, no_connection, KS_VIEW_V3, KS_PUBLIC, ""},
    {"GET", "/ks/conflict", 0, conflict, KS_VIEW_NATIVE, KS_PUBLIC, ""},
    {"GET", "/ks/ok", 0, ok, KS_VIEW_NATIVE, KS_PUBLIC, ""},
    {"POST", "/ks/body", 0, body, KS_VIEW_NATIVE, KS_PUBLIC, ""},
    {"POST", "/ks/files", KS_SCOPE_READ, body, KS_VIEW_NATIVE, KS_FILES, ""},
    {"POST", "/ks/stream", 0, body, KS_VIEW_NATIVE, KS_PUBLIC | KS_STREAM, ""},
    {"GET", "/ks/nothing", 0, nothing, KS_VIEW_NATIVE, KS_PUBLIC, ""},
    {"GET", "/ks/silent", 0, silent, KS_VIEW_NATIVE, KS_PUBLIC, ""},
    {"GET", "/ks/tails", 0, tails, KS_VIEW_NATIVE, KS_PUBLIC, ""},
    {"GET", "/ks/worker", 0, on_worker, KS_VIEW_NATIVE, KS_PUBLIC | KS_WORKER, ""},
    {"POST", "/ks/big", 0, on_worker, KS_VIEW_NATIVE, KS_PUBLIC, ""},
    {"GET", "/ks/local", KS_SCOPE_ADMIN, who, KS_VIEW_NATIVE, KS_LOCAL, ""},
    {"GET", "/ks/call/{id}/{path...}", 0, params, KS_VIEW_NATIVE, KS_PUBLIC, ""},
    {"DELETE", "/ks/ok", 0, ok, KS_VIEW_NATIVE, KS_PUBLIC, ""},
    {0}};
static const ks_route *const tables[] = {v1, rest, NULL};

static ks_status authenticate(ks_ctx *cx, const ks_req *rq)
{
    ks_str key = ks_req_header(rq, "x-api-key");
    if (!ks_str_eq(key, KS_S("good")) && !ks_str_eq(key, KS_S("reader")))
        return ks_fail(cx, KS_UNAUTHORIZED, NULL, "Send a valid API key.");
    cx->project_id = KS_S("pr_1");
    cx->actor = KS_S("ak_1");
    cx->scopes = ks_str_eq(key, KS_S("good")) ? KS_SCOPE_ALL : KS_SCOPE_READ;
    return KS_OK;
}

static int set_up(void **state)
{
    ks_stage *w = stage_new(tables);
    assert_non_null(w);
    w->app.authenticate = authenticate;
    *state = w;
    return 0;
}

static int tear_down(void **state)
{
    ks_stage *w = *state;
    ks_limiter_free(w->app.limiter);
    ks_workers_free(w->app.workers);
    w->app.workers = NULL;
    stage_free(w);
    return 0;
}

/* ---- routes ---- */

static void leading_api_segments_do_not_matter(void **state)
{
    ks_stage *w = *state;
    assert_int_equal(stage_call(w, "GET", "/ks/ok", NULL, NULL), 200);
    assert_int_equal(stage_call(w, "GET", "/api/ks/ok", NULL, NULL), 200);
    assert_int_equal(stage_call(w, "GET", "/api/api/api/ks/ok", NULL, NULL), 200);
    assert_int_equal(stage_call(w, "GET", "/apiks/ok", NULL, NULL), 404);
    assert_int_equal(stage_call(w, "GET", "/api", NULL, NULL), 404);
}

static void parameters_are_decoded_by_segment(void **state)
{
    ks_stage *w = *state;
    assert_int_equal(stage_call(w, "GET", "/v1/items/a%2Fb%20c?q=x+y%2C%C3%A4&q=2", "x-api-key: good", NULL),
                     200);
    assert_true(stage_says(w, "a/b c||x y,\xc3\xa4"));
    assert_int_equal(stage_call(w, "GET", "/ks/call/ca_1/a%2Fb/c%20/?q=1", NULL, NULL), 200);
    assert_true(stage_says(w, "ca_1|a%2Fb/c%20/|1"));
    assert_int_equal(stage_call(w, "GET", "/ks/call/ca_1/", NULL, NULL), 200);
    assert_int_equal(stage_call(w, "GET", "/ks/call/ca_1", NULL, NULL), 404);
}

static void an_id_that_can_be_none_is_unknown(void **state)
{
    ks_stage                *w = *state;
    static const char *const ids[] = {"%00", "%zz", "%", "%C3", "", "a/b"};
    for (size_t i = 0; i < KS_COUNT(ids); i++) {
        char target[64];
        snprintf(target, sizeof target, "/v1/items/%s", ids[i]);
        assert_int_equal(stage_call(w, "GET", target, "x-api-key: good", NULL), 404);
        assert_true(stage_says(w, "\"type\":\"NotFoundError\""));
    }
    ks_buf b = ks_buf_new(8192);
    ks_buf_z(&b, "/v1/items/");
    for (int i = 0; i < 3000; i++)
        ks_buf_c(&b, 'a');
    assert_int_equal(stage_call(w, "GET", b.p, "x-api-key: good", NULL), 200);
    ks_buf_done(&b);
}

static void literal_segments_go_before_parameters(void **state)
{
    ks_stage *w = *state;
    assert_int_equal(stage_call(w, "GET", "/v1/items/list", NULL, NULL), 200);
    assert_true(stage_says(w, "literal"));
    assert_int_equal(stage_call(w, "POST", "/v1/items/list", "x-api-key: good", NULL), 200);
}

static void head_falls_to_get_and_other_methods_are_named(void **state)
{
    ks_stage *w = *state;
    assert_int_equal(stage_call(w, "HEAD", "/ks/ok", NULL, NULL), 200);
    assert_int_equal(stage_call(w, "PUT", "/ks/ok", NULL, NULL), 405);
    assert_str(stage_header(w, "allow"), "GET, DELETE");
    assert_int_equal(stage_call(w, "PUT", "/v1/conflict", NULL, NULL), 404); /* the v1 view knows no 405 */
    assert_int_equal(stage_call(w, "get", "/ks/ok", NULL, NULL), 405);
}

static void local_routes_exist_on_the_control_socket_only(void **state)
{
    ks_stage *w = *state;
    assert_int_equal(stage_call(w, "GET", "/ks/local", "x-api-key: good", NULL), 404);
    assert_int_equal(stage_call(w, "POST", "/ks/local", "x-api-key: good", NULL), 404);
    w->local = true;
    assert_int_equal(stage_call(w, "GET", "/ks/local", NULL, NULL), 200);
    assert_true(stage_says(w, "cli"));
}

static void unknown_paths_answer_in_the_view_of_their_prefix(void **state)
{
    ks_stage *w = *state;
    assert_int_equal(stage_call(w, "GET", "/v2/none", NULL, NULL), 404);
    assert_true(stage_says(w, "{\"status\":404,\"type\":\"NotFoundError\""));
    assert_int_equal(stage_call(w, "GET", "/v3.1/none", NULL, NULL), 404);
    assert_true(stage_says(w, "\"slug\":\"HTTP_NotFound\""));
    assert_int_equal(stage_call(w, "GET", "/v30/none", NULL, NULL), 404);
    assert_true(stage_says(w, "\"code\":\"not_found\""));
}

static void a_look_up_among_150_routes_takes_microseconds(void **state)
{
    (void)state;
    static ks_route       many[151];
    static char           paths[150][64];
    const ks_route *const all[] = {many, NULL};
    ks_route_hit          hit;
    for (int i = 0; i < 150; i++) {
        static const char *const roots[] = {"/v1/connectedAccounts", "/v2/actions", "/v3/auth_configs",
                                            "/ks/audit"};
        snprintf(paths[i], sizeof paths[i], "%s/%c%d/{id}", roots[i % 4], 'a' + i % 20, i);
        many[i] = (ks_route){"GET", paths[i], 0, ok, KS_VIEW_V1, 0, ""};
    }
    int64_t began = ks_mono_us();
    for (int i = 0; i < 20000; i++)
        assert_int_equal(
            ks_route_find(all, NULL, KS_S("GET"), KS_S("/v1/connectedAccounts/i148/ca_12"), false, &hit),
            KS_OK);
    int64_t ns = (ks_mono_us() - began) * 1000 / 20000;
    print_message("route look-up: %d ns\n", (int)ns);
    assert_true(ns < 200000); /* about 1 us when optimised; ThreadSanitizer takes 60 */
}

/* ---- admission ---- */

static void keys_and_scopes_are_checked(void **state)
{
    ks_stage *w = *state;
    assert_int_equal(stage_call(w, "GET", "/v1/items/a", NULL, NULL), 401);
    assert_true(stage_says(w, "\"type\":\"UnauthorizedError\""));
    assert_int_equal(stage_header(w, "www-authenticate").n > 0, 1);
    assert_int_equal(stage_call(w, "GET", "/v1/items/a", "X-Api-Key: reader", NULL), 200);
    assert_int_equal(stage_call(w, "POST", "/v1/items/a", "x-api-key: reader", NULL), 401); /* 403 in v1 */
    assert_int_equal(w->x.cx.err.status, KS_FORBIDDEN);
}

static void ten_wrong_keys_a_minute_then_429_but_a_good_one_is_served(void **state)
{
    ks_stage *w = *state;
    w->app.limiter = ks_limiter_new(64);
    assert_non_null(w->app.limiter);
    for (int i = 0; i < 20; i++) /* loopback has no limit */
        assert_int_equal(stage_call(w, "GET", "/v1/items/a", "x-api-key: bad", NULL), 401);
    w->peer = KS_S("203.0.113.9");
    for (int i = 0; i < KS_BAD_KEYS_PER_MIN; i++)
        assert_int_equal(stage_call(w, "GET", "/v1/items/a", "x-api-key: bad", NULL), 401);
    assert_int_equal(stage_call(w, "GET", "/v1/items/a", "x-api-key: bad", NULL), 429);
    assert_true(stage_header(w, "retry-after").n > 0);
    assert_int_equal(stage_call(w, "GET", "/v1/items/a", NULL, NULL), 401); /* no key is no guess */
    assert_int_equal(stage_call(w, "GET", "/v1/items/a", "x-api-key: good", NULL), 200);
    w->peer = KS_S("203.0.113.10");
    assert_int_equal(stage_call(w, "GET", "/v1/items/a", "x-api-key: bad", NULL), 401);
    assert_int_equal(w->metrics.count[KS_M_BAD_KEYS], 20 + KS_BAD_KEYS_PER_MIN + 2);
}

static void sizes_are_judged_before_the_body_is_read(void **state)
{
    ks_stage   *w = *state;
    ks_exchange x;
    ks_arena   *a = ks_arena_new(KS_ARENA_MAX);
    static const struct {
        const char *path, *key;
        int64_t     size;
        ks_status   want;
    } rows[] = {
        {"/ks/body", "bad", KS_MAX_BODY_BYTES, KS_OK},
        {"/ks/body", "good", KS_MAX_BODY_BYTES + 1, KS_TOO_LARGE},
        {"/ks/body", "good", -1, KS_INVALID},
        {"/ks/files", "bad", KS_MAX_BODY_BYTES, KS_OK}, /* the key is looked at when the body is there */
        {"/ks/files", "bad", KS_MAX_BODY_BYTES + 1, KS_UNAUTHORIZED},
        {"/ks/files", "good", KS_MAX_ACT_BODY_BYTES, KS_OK},
        {"/ks/files", "good", KS_MAX_ACT_BODY_BYTES + 1, KS_TOO_LARGE},
        {"/ks/files", "good", -1, KS_INVALID},
        {"/ks/stream", "bad", -1, KS_OK},
        {"/ks/stream", "bad", INT64_MAX, KS_OK}};
    for (size_t i = 0; i < KS_COUNT(rows); i++) {
        assert_true(ks_exchange_begin(&x, &w->app, a, NULL, NULL));
        ks_req_pair key = {KS_S("x-api-key"), ks_str_of(rows[i].key)};
        x.rq = (ks_req){.method = KS_S("POST"),
                        .path = ks_str_of(rows[i].path),
                        .headers = &key,
                        .headers_n = 1,
                        .body_size = rows[i].size};
        assert_int_equal(ks_exchange_headers(&x), rows[i].want);
        assert_int_equal(x.refused_early, rows[i].want != KS_OK);
        ks_exchange_end(&x, 0);
    }
    ks_arena_free(a);
}

static void bodies_are_dropped_where_none_is_wanted(void **state)
{
    ks_stage *w = *state;
    assert_int_equal(stage_call(w, "POST", "/v1/drop", NULL, "{\"a\":1}"), 200);
    assert_true(stage_says(w, "0"));
}

/* ---- endings ---- */

static void tails_are_finished_in_the_loop_one_after_the_other(void **state)
{
    ks_stage *w = *state;
    assert_int_equal(stage_call(w, "GET", "/ks/tails", NULL, NULL), 200);
    assert_true(stage_says(w, "tailed"));
    assert_int_equal(stage_call(w, "GET", "/ks/tails", "fail: 1", NULL), 502);
}

static void workers_run_what_blocks_and_large_bodies(void **state)
{
    ks_stage                  *w = *state;
    const struct ks_env       *env = (const struct ks_env *)(const void *)w; /* never looked into */
    const struct ks_env *const envs[] = {env, env};
    assert_int_equal(stage_call(w, "GET", "/ks/worker", NULL, NULL), 200);
    assert_true(stage_says(w, "loop")); /* without workers all runs here */
    w->app.workers = ks_workers_new(2, 4);
    w->app.worker_envs = envs;
    assert_int_equal(stage_call(w, "GET", "/ks/worker", NULL, NULL), 200);
    assert_true(stage_says(w, "worker"));
    assert_null(w->x.cx.env);
    ks_buf b = ks_buf_new(64 * 1024);
    for (int i = 0; i <= KS_INLINE_BODY_BYTES; i++)
        ks_buf_c(&b, ' ');
    assert_int_equal(stage_call(w, "POST", "/ks/big", NULL, b.p + 1), 200);
    assert_true(stage_says(w, "loop"));
    assert_int_equal(stage_call(w, "POST", "/ks/big", NULL, b.p), 200);
    assert_true(stage_says(w, "worker"));
    ks_buf_done(&b);
}

static void a_handler_that_says_nothing_is_our_error(void **state)
{
    ks_stage *w = *state;
    assert_int_equal(stage_call(w, "GET", "/ks/nothing", NULL, NULL), 500);
    assert_int_equal(stage_call(w, "GET", "/ks/silent", NULL, NULL), 503);
    assert_true(stage_says(w, "\"code\":\"store_unavailable\""));
}

static void what_was_begun_goes_on_when_the_client_leaves(void **state)
{
    ks_stage *w = *state;
    w->done = w->gone = false;
    assert_true(ks_exchange_begin(&w->x, &w->app, w->arena, NULL, w));
    w->x.rq = (ks_req){.method = KS_S("GET"), .path = KS_S("/ks/tails")};
    assert_int_equal(ks_exchange_headers(&w->x), KS_OK);
    ks_exchange_run(&w->x);
    ks_exchange_end(&w->x, 0); /* on_done is NULL: it must not be called */
    assert_false(w->x.done);
    while (!w->x.done)
        ks_loop_turn(w->loop, 100);
    assert_int_equal(w->x.holds, 0);
    w->x.app = NULL;
}

static void an_allocation_that_fails_costs_one_answer(void **state)
{
    ks_stage *w = *state;
    for (uint64_t n = 1; n < 40; n++) {
        ks_alloc_fail_at(n, n % 2 == 0);
        int st = stage_call(w, "GET", "/ks/call/ca_1/x?q=%41", "x-request-id: r", NULL);
        int error = stage_call(w, "GET", "/ks/conflict", NULL, NULL);
        ks_alloc_fail_at(0, false);
        assert_true(st == 200 || st == 404 || st == 503);
        assert_true(error == 409 || error == 404 || error == 503);
    }
    assert_int_equal(stage_call(w, "GET", "/ks/tails", NULL, NULL), 200);
}

/* ---- error bodies ---- */

static void request_ids_are_taken_over_when_harmless(void **state)
{
    ks_stage *w = *state;
    assert_int_equal(stage_call(w, "GET", "/ks/conflict", "x-request-id: a_B-1.2", NULL), 409);
    assert_true(stage_says(w, "\"request_id\":\"a_B-1.2\""));
    assert_int_equal(stage_call(w, "GET", "/ks/conflict", "x-request-id: a b", NULL), 409);
    assert_true(stage_says(w, "\"request_id\":\"rq_"));
}

static void native_errors_name_their_fields(void **state)
{
    ks_stage *w = *state;
    assert_int_equal(stage_call(w, "GET", "/ks/conflict", "x-request-id: r", NULL), 409);
    assert_str(
        ks_buf_view(&w->body),
        "{\"error\":{\"code\":\"conflict\",\"message\":\"is taken\",\"field\":\"data.api_key\",\"details\":[{"
        "\"field\":\"data.api_key\",\"reason\":\"is taken\"},{\"field\":\"name\",\"reason\":\"is "
        "required\"}],"
        "\"request_id\":\"r\"}}");
}

static void v1_errors_are_narrowed_and_speak(void **state)
{
    ks_stage *w = *state;
    assert_int_equal(stage_call(w, "GET", "/v1/conflict", "x-request-id: r", NULL), 400);
    assert_str(
        ks_buf_view(&w->body),
        "{\"status\":400,\"type\":\"BadRequestError\",\"name\":\"BadRequestError\",\"message\":\"is taken\","
        "\"requestId\":\"r\",\"details\":[{\"property\":\"data.api_key\",\"reason\":\"is "
        "taken\"},{\"property\":"
        "\"name\",\"reason\":\"is required\"}]}");
    assert_int_equal(stage_call(w, "GET", "/v1/gone", "x-request-id: r", NULL), 404);
    assert_str(ks_buf_view(&w->body),
               "{\"status\":404,\"type\":\"NotFoundError\",\"name\":"
               "\"ConnectedAccountNotFoundError\",\"message\":\"No connection has this id.\","
               "\"requestId\":\"r\"}");
}

static void v3_errors_have_numbers_and_slugs(void **state)
{
    ks_stage *w = *state;
    assert_int_equal(stage_call(w, "GET", "/v3/gone", "x-request-id: r", NULL), 404);
    assert_str(ks_buf_view(&w->body),
               "{\"error\":{\"message\":\"No connection has this id.\",\"code\":606,\"slug\":"
               "\"ConnectedAccount_ResourceNotFound\",\"status\":404,\"request_id\":\"r\","
               "\"suggested_fix\":\"Check the id.\"}}");
    assert_int_equal(stage_call(w, "GET", "/v3/conflict", "x-request-id: r", NULL), 400);
    assert_true(stage_says(w, "\"code\":10400,\"slug\":\"HTTP_BadRequest\",\"status\":400"));
    assert_true(!stage_says(w, "\"suggested_fix\":\"\""));
    assert_true(stage_says(w, "\"errors\":[\"data.api_key: is taken\",\"name: is required\"]"));
}

static void the_v1_view_sends_no_number_its_sdks_do_not_know(void **state)
{
    ks_stage              *w = *state;
    static const ks_status all[] = {
#define X(name, http, slug) KS_##name,
        KS_STATUSES(X)
#undef X
    };
    static const int known[] = {400, 401, 404, 408, 414, 429, 431, 500, 502};
    ks_ctx           cx = ks_ctx_new(w->arena, NULL);
    ks_res           rs = {0};
    for (size_t i = 1; i < KS_COUNT(all); i++) {
        bool fine = false;
        assert_int_equal(ks_fail(&cx, all[i], NULL, "x"), all[i]);
        ks_res_error(&cx, &rs, KS_VIEW_V1);
        for (size_t k = 0; k < KS_COUNT(known); k++)
            fine |= rs.status == known[k];
        assert_true(fine);
        assert_null(ks_json_fault(ks_buf_view(rs.body)));
    }
    ks_arena_reset(w->arena);
}

KS_TESTS_WITH(set_up, tear_down, an_allocation_that_fails_costs_one_answer,
              leading_api_segments_do_not_matter, parameters_are_decoded_by_segment,
              an_id_that_can_be_none_is_unknown, literal_segments_go_before_parameters,
              head_falls_to_get_and_other_methods_are_named, local_routes_exist_on_the_control_socket_only,
              unknown_paths_answer_in_the_view_of_their_prefix, a_look_up_among_150_routes_takes_microseconds,
              keys_and_scopes_are_checked, ten_wrong_keys_a_minute_then_429_but_a_good_one_is_served,
              sizes_are_judged_before_the_body_is_read, bodies_are_dropped_where_none_is_wanted,
              tails_are_finished_in_the_loop_one_after_the_other, workers_run_what_blocks_and_large_bodies,
              a_handler_that_says_nothing_is_our_error, what_was_begun_goes_on_when_the_client_leaves,
              request_ids_are_taken_over_when_harmless, native_errors_name_their_fields,
              v1_errors_are_narrowed_and_speak, v3_errors_have_numbers_and_slugs,
              the_v1_view_sends_no_number_its_sdks_do_not_know)
