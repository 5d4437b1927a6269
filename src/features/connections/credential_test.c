/* features/connections/credential_test.c — fields against a small app (rules T1, T3). */
#include "features/connections/credential.h"

#include "tests/support/test.h"

static const ks_str       key_aliases[] = {KS_S_INIT("generic_api_key")};
static const ks_str       regions[] = {KS_S_INIT("eu"), KS_S_INIT("us")};
static const ks_app_field fields[] = {
    {.name = KS_S_INIT("api_key"),
     .label = KS_S_INIT("API key"),
     .secret = true,
     .required = true,
     .aliases = {key_aliases, 1}},
    {.name = KS_S_INIT("shop"), .label = KS_S_INIT("Shop"), .kind = KS_APP_LABEL, .to_act = true},
    {.name = KS_S_INIT("region"),
     .label = KS_S_INIT("Region"),
     .kind = KS_APP_CHOICE,
     .values = {regions, 2},
     .fallback = KS_S_INIT("eu")},
    {.name = KS_S_INIT("pem"), .label = KS_S_INIT("Key file"), .kind = KS_APP_BLOB, .secret = true},
    {.name = KS_S_INIT("site"), .label = KS_S_INIT("Site"), .kind = KS_APP_URL},
};
static const ks_app_scheme scheme = {
    .scheme = KS_S_INIT("API_KEY"), .fields = fields, .fields_n = KS_COUNT(fields)};
static const ks_app app = {
    .key = KS_S_INIT("toy"), .name = KS_S_INIT("Toy"), .schemes = &scheme, .schemes_n = 1};

typedef struct world {
    ks_ctx        cx;
    ks_credential c;
} world;

static int setup(void **state)
{
    static world w;
    w.cx = ks_ctx_new(ks_arena_new(KS_ARENA_MAX), NULL);
    *state = &w;
    return ks_credential_new(&w.cx, &app, &scheme, &w.c) == KS_OK ? 0 : -1;
}

static int teardown(void **state)
{
    ks_arena_free(((world *)*state)->cx.arena);
    return 0;
}

static ks_status take(world *w, const char *json)
{
    ks_json *v;
    assert_int_equal(ks_json_parse(&w->cx, ks_str_of(json), &v), KS_OK);
    return ks_credential_take(&w->cx, &w->c, v, "data.");
}

static void an_alias_stands_for_its_field_and_pasted_blanks_are_dropped(void **state)
{
    world *w = *state;
    assert_int_equal(take(w, "{\"generic_api_key\":\"  k-123456\\n\",\"other\":\"ignored\"}"), KS_OK);
    assert_int_equal(w->c.n, 1);
    assert_int_equal(ks_secret_len(ks_credential_get(&w->c, KS_S("api_key"))), 8);
    assert_int_equal(ks_credential_complete(&w->cx, &w->c, "data."), KS_OK);
}

static void a_missing_field_is_named_with_its_label(void **state)
{
    world *w = *state;
    assert_int_equal(take(w, "{\"api_key\":\" \",\"shop\":null}"), KS_OK);
    assert_int_equal(ks_credential_complete(&w->cx, &w->c, "data."), KS_INVALID);
    assert_int_equal(w->cx.err.n, 1);
    assert_str(w->cx.err.details[0].field, "data.api_key");
    assert_str(w->cx.err.details[0].reason, "is required (API key)");
}

/* T1, T3: every bad value is named, none is repeated. */
static void every_bad_value_is_named_and_none_is_repeated(void **state)
{
    world *w = *state;
    assert_int_equal(take(w, "{\"api_key\":\"canary\\u0001\",\"shop\":\"a.evil.example\",\"region\":\"mars\","
                             "\"pem\":[1],\"site\":\"http://user@host/\"}"),
                     KS_INVALID);
    assert_int_equal(w->cx.err.n, 5);
    for (size_t i = 0; i < w->cx.err.n; i++) {
        assert_true(ks_str_find(w->cx.err.details[i].reason, KS_S("evil")) == SIZE_MAX);
        assert_true(ks_str_find(w->cx.err.details[i].reason, KS_S("canary")) == SIZE_MAX);
    }
    assert_str(w->cx.err.details[1].field, "data.shop");
}

static void line_breaks_are_fine_in_a_key_file_only(void **state)
{
    world *w = *state;
    assert_int_equal(take(w, "{\"pem\":\"a\\nb\\n\"}"), KS_OK);
    assert_int_equal(ks_secret_len(ks_credential_get(&w->c, KS_S("pem"))), 4);
    assert_int_equal(take(w, "{\"api_key\":\"a\\nb\"}"), KS_INVALID);
}

static void a_value_at_the_limit_is_taken_and_one_past_is_not(void **state)
{
    world  *w = *state;
    ks_buf *b = ks_ctx_buf(&w->cx, KS_MAX_SECRET + 64);
    for (int past = 0; past < 2; past++) {
        ks_buf_clear(b);
        ks_buf_z(b, "{\"api_key\":\"");
        for (int i = 0; i < KS_MAX_SECRET + past; i++)
            ks_buf_c(b, 'k');
        ks_buf_z(b, "\"}");
        assert_int_equal(take(w, b->p), past ? KS_INVALID : KS_OK);
    }
}

static void only_what_is_no_secret_can_be_read(void **state)
{
    world *w = *state;
    assert_int_equal(take(w, "{\"api_key\":\"sk-0123456789abcdef\",\"shop\":\"acme\"}"), KS_OK);
    assert_str(ks_credential_text(&w->c, KS_S("shop")), "acme");
    assert_str(ks_credential_text(&w->c, KS_S("region")), "eu");
    assert_null(ks_credential_text(&w->c, KS_S("api_key")).p);
    ks_buf *b = ks_ctx_buf(&w->cx, 4096);
    ks_jw   jw = ks_jw_new(b);
    ks_credential_display(&w->cx, &w->c, &jw, NULL);
    assert_str(ks_buf_view(b), "{\"api_key\":\"sk-0********\",\"shop\":\"acme\"}");
}

static void what_acting_needs_is_reported_until_it_is_there(void **state)
{
    world *w = *state;
    assert_int_equal(take(w, "{\"api_key\":\"k-123456\"}"), KS_OK);
    assert_str(ks_credential_lacks(&w->c)->name, "shop");
    assert_int_equal(take(w, "{\"shop\":\"acme\"}"), KS_OK);
    assert_null(ks_credential_lacks(&w->c));
}

static void values_of_the_integration_fill_only_what_the_user_left_out(void **state)
{
    world     *w = *state;
    ks_secret *own_key, *own_shop;
    assert_int_equal(take(w, "{\"api_key\":\"user-key\"}"), KS_OK);
    assert_int_equal(ks_secret_new(&w->cx, "own-key", 7, &own_key), KS_OK);
    assert_int_equal(ks_secret_new(&w->cx, "own", 3, &own_shop), KS_OK);
    ks_credential_fill(
        &w->c, (ks_value[]){{KS_S("api_key"), own_key}, {KS_S("shop"), own_shop}, {KS_S("no"), own_shop}}, 3);
    ks_credential_publish(&w->c);
    assert_int_equal(ks_secret_len(ks_credential_get(&w->c, KS_S("api_key"))), 8);
    assert_str(ks_credential_text(&w->c, KS_S("shop")), "own");
    assert_int_equal(w->c.n, 2);
}

KS_TESTS_WITH(setup, teardown, an_alias_stands_for_its_field_and_pasted_blanks_are_dropped,
              a_missing_field_is_named_with_its_label, every_bad_value_is_named_and_none_is_repeated,
              line_breaks_are_fine_in_a_key_file_only, a_value_at_the_limit_is_taken_and_one_past_is_not,
              only_what_is_no_secret_can_be_read, what_acting_needs_is_reported_until_it_is_there,
              values_of_the_integration_fill_only_what_the_user_left_out)
