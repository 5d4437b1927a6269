/* features/apps/apps_v1_test.c — the v1 and native views of the catalogue over whole exchanges, held against
 * the shapes that strict parsers want, for every built-in app and action. */
#include "base/json.h"
#include "features/apps/action_search.h"
#include "features/env.h"
#include "features/routes.h"
#include "http/exchange.h"
#include "tests/support/test.h"

static const ks_route *const tables[] = {ks_apps_v1_routes, ks_actions_v1_routes, ks_apps_routes, NULL};

static ks_arena   *arena, *exchange_arena;
static ks_ctx      cx; /* for parsing what came back */
static ks_env      env;
static ks_http_app app;
static ks_catalog *catalog;
static int         status;

static ks_status let_in(ks_ctx *c, const ks_req *rq)
{
    (void)rq;
    c->project_id = KS_S("pr_test");
    c->actor = KS_S("ak_test");
    c->scopes = KS_SCOPE_ALL;
    return KS_OK;
}

static int setup(void **state)
{
    (void)state;
    arena = ks_arena_new(256 * 1024 * 1024);
    exchange_arena = ks_arena_new(64 * 1024 * 1024);
    cx = ks_ctx_new(arena, NULL);
    assert_int_equal(ks_catalog_open(&cx, KS_NO_STR, &catalog), KS_OK);
    env = (ks_env){.catalog = catalog};
    app = (ks_http_app){.routes = tables, .authenticate = let_in, .env = &env};
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    ks_catalog_free(catalog);
    ks_arena_free(exchange_arena);
    ks_arena_free(arena);
    return 0;
}

static void done(ks_exchange *x, void *arg)
{
    (void)x;
    *(bool *)arg = true;
}

/* GET `target` with `body`; the parsed answer, its number in `status`. */
static const ks_json *get_with(const char *target, const char *body)
{
    ks_exchange x;
    bool        over = false;
    ks_json    *parsed = NULL;
    ks_str      t = ks_str_of(target);
    size_t      mark = ks_str_chr(t, '?');
    ks_req_pair type = {KS_S("content-type"), KS_S("application/json")};
    assert_true(ks_exchange_begin(&x, &app, exchange_arena, done, &over));
    x.rq.method = KS_S("GET");
    x.rq.path = ks_str_sub(t, 0, mark);
    x.rq.query = ks_str_sub(ks_str_sub(t, mark, SIZE_MAX), 1, SIZE_MAX);
    x.rq.headers = &type;
    x.rq.headers_n = 1;
    x.rq.body = ks_str_of(body);
    x.rq.body_size = (int64_t)x.rq.body.n;
    if (ks_exchange_headers(&x) == KS_OK) {
        ks_exchange_run(&x);
        assert_true(over);
    }
    status = x.rs.status;
    ks_str text = x.rs.body != NULL ? ks_buf_view(x.rs.body) : x.rs.fixed;
    assert_int_equal(ks_json_parse(&cx, ks_copy(&cx, text), &parsed), KS_OK);
    ks_exchange_end(&x, 0);
    return parsed;
}

static const ks_json *get(const char *target)
{
    return get_with(target, "");
}

static const ks_json *at(const ks_json *v, const char *pointer)
{
    const ks_json *hit = ks_json_pointer(v, ks_str_of(pointer));
    if (hit == NULL)
        fail_msg("nothing at %s", pointer);
    return hit;
}

static void assert_status(const char *target, int wanted)
{
    get(target);
    if (status != wanted)
        fail_msg("%s: %d, wanted %d", target, status, wanted);
}

/* ---- shapes: "name:kinds", kinds of s b i o a n; every one must be there and of one of the kinds ---- */

static bool of_kind(const ks_json *v, ks_str kinds)
{
    static const char letters[] = {
        [KS_JSON_NULL] = 'n', [KS_JSON_BOOL] = 'b', [KS_JSON_INT] = 'i', [KS_JSON_REAL] = 'r',
        [KS_JSON_STR] = 's',  [KS_JSON_ARR] = 'a',  [KS_JSON_OBJ] = 'o'};
    return v != NULL && ks_str_chr(kinds, letters[ks_json_kind(v)]) != SIZE_MAX;
}

static void assert_shape(const ks_json *v, const char *shape)
{
    ks_str rest = ks_str_of(shape), item;
    while (ks_str_cut(&rest, ' ', &item)) {
        size_t colon = ks_str_chr(item, ':');
        ks_str name = ks_copy(&cx, ks_str_sub(item, 0, colon));
        if (!of_kind(ks_json_get(v, name.p), ks_str_sub(item, colon + 1, SIZE_MAX)))
            fail_msg("member %s is missing or of another kind", name.p);
    }
}

#define APP_SHAPE                                                                                            \
    "appId:s key:s name:s displayName:s description:s logo:sn categories:a tags:a docs:sn group:sn "         \
    "status:sn enabled:b no_auth:b auth_schemes:a testConnectors:a meta:o documentation_doc_text:sn "        \
    "configuration_docs_text:sn createdAt:s updatedAt:s"
#define SCHEME_SHAPE                                                                                         \
    "scheme_name:s name:s auth_mode:s mode:s fields:a proxy:on authorization_url:sn token_url:sn "           \
    "default_scopes:an token_response_metadata:an client_id:sn client_secret:sn"
#define FIELD_SHAPE                                                                                          \
    "name:s display_name:s displayName:s description:s type:s required:b expected_from_customer:b "          \
    "is_secret:b default:sn get_current_user_endpoint:sn"
#define ACTION_SHAPE                                                                                         \
    "name:s enum:s display_name:s displayName:s description:s appKey:s appName:s appId:s logo:sn tags:a "    \
    "enabled:b no_auth:b deprecated:b version:s available_versions:a parameters:o response:o"
#define SCHEMA_SHAPE "type:s title:s properties:o required:a"

static void assert_app(const ks_json *a)
{
    assert_shape(a, APP_SHAPE);
    assert_null(ks_json_get(a, "message")); /* clients take it for an error */
    assert_true(ks_str_eq(ks_json_str(ks_json_get(a, "key")), ks_json_str(ks_json_get(a, "name"))));
    const ks_json *schemes = ks_json_get(a, "auth_schemes");
    for (size_t i = 0; i < ks_json_count(schemes); i++) {
        const ks_json *s = ks_json_at(schemes, i), *fields = ks_json_get(s, "fields");
        assert_shape(s, SCHEME_SHAPE);
        assert_shape(ks_json_get(s, "proxy"), "base_url:s headers:o");
        assert_true(ks_str_eq(ks_json_str(ks_json_get(s, "mode")), ks_json_str(ks_json_get(s, "auth_mode"))));
        for (size_t j = 0; j < ks_json_count(fields); j++)
            assert_shape(ks_json_at(fields, j), FIELD_SHAPE);
    }
}

static void the_list_of_apps_has_the_shape_strict_parsers_want(void **state)
{
    (void)state;
    size_t         n;
    const ks_json *list = get("/v1/apps");
    assert_int_equal(status, 200);
    assert_shape(list, "items:a totalPages:i");
    const ks_json *items = ks_json_get(list, "items");
    n = ks_catalog_apps_n(catalog);
    assert_int_equal(ks_json_count(items), n);
    for (size_t i = 0; i < n; i++)
        assert_app(ks_json_at(items, i));
}

static void one_app_answers_to_every_spelling(void **state)
{
    (void)state;
    const char *const refs[] = {"/v1/apps/hackernews", "/v1/apps/HACKERNEWS", "/v1/apps/Hacker-News",
                                "/v1/apps/app_hackernews", "/api/v1/apps/hacker%20news"};
    for (size_t i = 0; i < KS_COUNT(refs); i++) {
        const ks_json *a = get(refs[i]);
        assert_int_equal(status, 200);
        assert_app(a);
        assert_str(ks_json_str(at(a, "/key")), "hackernews");
        assert_true(ks_json_true(at(a, "/no_auth")));
    }
}

static void an_unknown_app_is_a_404_with_a_message(void **state)
{
    (void)state;
    const ks_json *e = get("/v1/apps/nope");
    assert_int_equal(status, 404);
    assert_shape(e, "status:i type:s name:s message:s requestId:s");
    assert_str(ks_json_str(at(e, "/name")), "AppNotFoundError");
    assert_status("/v1/apps/%00", 404);
}

static void apps_can_be_narrowed_and_paged(void **state)
{
    (void)state;
    const ks_json *news = get("/v1/apps?category=news");
    assert_true(ks_json_count(ks_json_get(news, "items")) >= 1);
    assert_int_equal(ks_json_count(ks_json_get(get("/v1/apps?category=no-such"), "items")), 0);
    assert_int_equal(ks_json_count(ks_json_get(get("/v1/apps?pageSize=1&page=2"), "items")), 1);
    assert_int_equal(ks_json_count(ks_json_get(get("/v1/apps?pageSize=1&page=99999"), "items")), 0);
    const ks_json *bad = get("/v1/apps?page=0");
    assert_int_equal(status, 400);
    assert_str(ks_json_str(at(bad, "/details/0/property")), "page");
    size_t n;
    n = ks_catalog_apps_n(catalog);
    assert_int_equal(ks_json_count(get("/v1/apps/list/enums")), n);
    assert_true(ks_json_count(at(get("/v1/apps/list/categories"), "/items")) >= 2);
}

/* ---- schemas ---- */

static bool is_type(ks_str t)
{
    static const char *const known[] = {"string", "integer", "number", "boolean", "array", "object"};
    for (size_t i = 0; i < KS_COUNT(known); i++) {
        if (ks_str_eq(t, ks_str_of(known[i])))
            return true;
    }
    return false;
}

static ks_json_type kind_of_type(ks_str t)
{
    if (ks_str_eq(t, KS_S("integer")))
        return KS_JSON_INT;
    if (ks_str_eq(t, KS_S("boolean")))
        return KS_JSON_BOOL;
    return ks_str_eq(t, KS_S("array"))    ? KS_JSON_ARR
           : ks_str_eq(t, KS_S("object")) ? KS_JSON_OBJ
                                          : KS_JSON_STR;
}

static void assert_property(ks_str action, ks_str name, const ks_json *p)
{
    ks_str         type = ks_json_str(ks_json_get(p, "type"));
    const ks_json *fallback = ks_json_get(p, "default"), *items = ks_json_get(p, "items");
    if (!is_type(type) ||
        (ks_str_eq(type, KS_S("array")) && !is_type(ks_json_str(ks_json_get(items, "type")))))
        fail_msg(KS_FMT " " KS_FMT ": no proper type", KS_ARG(action), KS_ARG(name));
    assert_shape(p, "type:s title:s description:s");
    if (fallback != NULL && !ks_str_eq(type, KS_S("number")))
        assert_int_equal(ks_json_kind(fallback), kind_of_type(type));
}

static void assert_schema(ks_str action, const ks_json *schema)
{
    void          *it = NULL;
    ks_str         name;
    ks_json       *p;
    const ks_json *properties = ks_json_get(schema, "properties"),
                  *required = ks_json_get(schema, "required");
    assert_shape(schema, SCHEMA_SHAPE);
    while (ks_json_each(properties, &it, &name, &p))
        assert_property(action, name, p);
    for (size_t i = 0; i < ks_json_count(required); i++)
        assert_non_null(ks_json_get(properties, ks_json_str(ks_json_at(required, i)).p));
}

static void assert_action_name(ks_str name)
{
    assert_true(name.n >= 1 && name.n <= 64 && name.p[0] >= 'A' && name.p[0] <= 'Z');
    for (size_t i = 0; i < name.n; i++)
        assert_non_null(strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_", name.p[i]));
}

static void every_action_suits_function_calling(void **state)
{
    (void)state;
    const ks_json *list = get("/v2/actions");
    assert_shape(list, "items:a page:i totalPages:i");
    const ks_json *items = ks_json_get(list, "items");
    assert_int_equal(ks_json_count(items), ks_catalog_actions_n(catalog));
    for (size_t i = 0; i < ks_json_count(items); i++) {
        const ks_json *a = ks_json_at(items, i);
        ks_str         name = ks_json_str(ks_json_get(a, "name"));
        assert_shape(a, ACTION_SHAPE);
        assert_action_name(name);
        assert_schema(name, ks_json_get(a, "parameters"));
        assert_schema(name, ks_json_get(a, "response"));
        assert_shape(at(a, "/response/properties"), "data:o successful:o error:o");
    }
}

static void an_action_is_found_in_any_case_and_known_versions(void **state)
{
    (void)state;
    assert_str(ks_json_str(at(get("/v2/actions/demo_echo"), "/name")), "DEMO_ECHO");
    assert_status("/v2/actions/DEMO_ECHO?version=latest%3Abase", 200);
    assert_status("/v2/actions/DEMO_ECHO?version=1_0", 200);
    assert_status("/v2/actions/DEMO_ECHO?version=9_9", 404);
    const ks_json *e = get("/v2/actions/DEMO_NOPE");
    assert_int_equal(status, 404);
    assert_str(ks_json_str(at(e, "/name")), "ActionNotFoundError");
    const ks_json *a = get("/v2/actions/DEMO_ECHO");
    assert_str(ks_json_str(at(a, "/parameters/title")), "EchoRequest");
    assert_str(ks_json_str(at(a, "/parameters/required/0")), "message");
}

static size_t count(const char *target)
{
    const ks_json *list = get(target);
    if (status != 200)
        fail_msg("%s: %d", target, status);
    return ks_json_count(ks_json_get(list, "items"));
}

static void filters_of_actions_hold_together(void **state)
{
    (void)state;
    size_t all = ks_catalog_actions_n(catalog);
    assert_int_equal(count("/v2/actions?apps=DEMO"), 3);
    assert_int_equal(count("/v2/actions?appNames=demo"), 3);
    assert_int_equal(count("/v2/actions?apps=demo%2CHACKERNEWS"), 7);
    assert_int_equal(count("/v2/actions?apps=demo,nope"), 3);
    assert_int_equal(count("/v2/actions?apps=nope"), 0);
    assert_int_equal(count("/v2/actions?actions=demo_echo,HACKERNEWS_GET_ITEM"), 2);
    assert_int_equal(count("/v2/actions?actions="), all);
    assert_int_equal(count("/v2/actions?apps=demo&actions=HACKERNEWS_GET_ITEM"), 0);
    assert_int_equal(count("/v2/actions?apps=demo&tags=items,account"), 2);
    assert_int_equal(count("/v2/actions?apps=demo&filterImportantActions=true"), 2);
    assert_int_equal(count("/v2/actions?unknown=1"), all);
    assert_int_equal(count("/v2/actions/list/all"), all);
    assert_int_equal(ks_json_count(get("/v2/actions/list/enums")), all);
    assert_int_equal(ks_json_count(get("/v1/actions/list/enums")), all);
    assert_true(count("/v2/actions/list/tags") >= 5);
}

static void pages_of_actions_add_up(void **state)
{
    (void)state;
    const ks_json *one = get("/v2/actions?apps=demo&limit=2");
    assert_int_equal(ks_json_count(ks_json_get(one, "items")), 2);
    assert_int_equal(ks_json_int(at(one, "/totalPages")), 2);
    assert_int_equal(count("/v2/actions?apps=demo&limit=2&page=2"), 1);
    assert_int_equal(count("/v2/actions?apps=demo&limit=2&page=3"), 0);
    const char *const wrong[] = {"0", "-1", "x", "1.5", "99999999999999999999"};
    for (size_t i = 0; i < KS_COUNT(wrong); i++) {
        const ks_json *e = get(ks_fmt(&cx, "/v2/actions?limit=%s", wrong[i]).p);
        assert_int_equal(status, 400);
        assert_str(ks_json_str(at(e, "/details/0/property")), "limit");
    }
}

static void a_use_case_finds_what_it_names_first(void **state)
{
    (void)state;
    const ks_json *a = get("/v2/actions?apps=demo,hackernews&useCase=get+the+top+stories+of+hacker+news");
    assert_str(ks_json_str(at(a, "/items/0/name")), "HACKERNEWS_GET_TOP_STORIES");
    assert_int_equal(count("/v2/actions?apps=demo,hackernews&useCase=story&limit=1"), 1);
    assert_int_equal(count("/v2/actions?apps=hackernews&useCase=stories&usecaseLimit=2"), 2);
    assert_int_equal(count("/v2/actions?useCase=zzzxqy"), 0);
    assert_int_equal(count("/v2/actions?apps=demo&useCase=zzzxqy"),
                     3); /* the app was named: nothing is lost */
}

static void the_advanced_search_takes_query_and_body(void **state)
{
    (void)state;
    const ks_json *q = get("/v2/actions/search/advanced?useCase=echo+a+message&apps=demo");
    assert_shape(at(q, "/items/0"), "app:s actions:a description:s order:i");
    assert_str(ks_json_str(at(q, "/items/0/app")), "demo");
    assert_str(ks_json_str(at(q, "/items/0/actions/0")), "DEMO_ECHO");
    const ks_json *b = get_with("/v2/actions/search/advanced",
                                "{\"useCase\":\"top stories\",\"apps\":[\"hackernews\"],\"limit\":1,"
                                "\"maxActionsPerTask\":1}");
    assert_int_equal(status, 200);
    assert_str(ks_json_str(at(b, "/items/0/actions/0")), "HACKERNEWS_GET_TOP_STORIES");
    assert_int_equal(ks_json_count(at(b, "/items/0/actions")), 1);
    get_with("/v2/actions/search/advanced", "{\"useCase\":\"x\",\"limit\":\"many\"}");
    assert_int_equal(status, 400);
    get_with("/v2/actions/search/advanced", "[]");
    assert_int_equal(status, 400);
}

static void what_clients_ask_at_start_is_there(void **state)
{
    (void)state;
    const ks_json *info = get("/v1/client/auth/client_info");
    assert_str(ks_json_str(at(info, "/client/id")), "pr_test");
    assert_str(ks_json_str(at(info, "/apiKey/id")), "ak_test");
    assert_shape(at(info, "/client"),
                 "autoId:i id:s name:s email:s createdAt:s updatedAt:s triggersEnabled:b "
                 "plan:s isNewWebhook:b");
    assert_int_equal(ks_json_kind(get("/v1/triggers")), KS_JSON_ARR);
    assert_shape(get("/v1/triggers/active_triggers"), "triggers:a pageInfo:o");
}

static void the_discover_step_tells_what_to_ask_for(void **state)
{
    (void)state;
    const ks_json *f = get("/ks/apps/demo/fields?scheme=api_key");
    assert_int_equal(status, 200);
    assert_shape(f, "app:s scheme:s fields:a find:on");
    assert_shape(at(f, "/fields/0"), "name:s label:s help:s example:s kind:s secret:b required:b to_act:b "
                                     "developer:b");
    get("/ks/apps/demo/fields?scheme=BASIC");
    assert_int_equal(status, 400);
    assert_int_equal(ks_json_count(at(get("/ks/apps/hackernews/fields"), "/fields")), 0);
    assert_shape(get("/ks/apps/demo"), "key:s id:s name:s schemes:a actions:a ghost_only:b no_auth:b");
    size_t n;
    n = ks_catalog_apps_n(catalog);
    assert_int_equal(count("/ks/apps"), n);
    assert_status("/ks/apps/nope", 404);
}

KS_TESTS_WITH(setup, teardown, the_list_of_apps_has_the_shape_strict_parsers_want,
              one_app_answers_to_every_spelling, an_unknown_app_is_a_404_with_a_message,
              apps_can_be_narrowed_and_paged, every_action_suits_function_calling,
              an_action_is_found_in_any_case_and_known_versions, filters_of_actions_hold_together,
              pages_of_actions_add_up, a_use_case_finds_what_it_names_first,
              the_advanced_search_takes_query_and_body, what_clients_ask_at_start_is_there,
              the_discover_step_tells_what_to_ask_for)
