/* features/actions/derive_test.c — what is read out of answers of token endpoints, how long it is kept, and
 * the cache of tokens. Promises DER-2, DER-3, DER-7. */
#include "features/actions/derive.h"
#include "features/actions/token_cache.h"
#include "tests/support/test.h"

#define S 1000000 /* us */

static ks_arena *arena;
static ks_ctx    cx;

static int setup(void **state)
{
    (void)state;
    arena = ks_arena_new(8 << 20);
    cx = ks_ctx_new(arena, NULL);
    cx.now_us = (int64_t)1700000000 * S; /* 2023-11-14T22:13:20Z */
    return arena != NULL ? 0 : -1;
}

static int teardown(void **state)
{
    (void)state;
    ks_arena_free(arena);
    return 0;
}

/* ---- answers ---- */

static ks_status read_answer(const char *body, const char *pointer, const char *lasts, const char *until,
                             ks_grant *g)
{
    const ks_app_derived t = {.name = KS_S("t"),
                              .make = KS_MAKE_TOKEN,
                              .pointer = ks_str_of(pointer),
                              .lasts = ks_str_of(lasts),
                              .until = ks_str_of(until),
                              .refresh_pointer = KS_S("/r")};
    const ks_app_derived all[] = {
        t, {.name = KS_S("m"), .make = KS_MAKE_MEMBER, .from = KS_S("t"), .pointer = KS_S("/m")}};
    const ks_app_scheme s = {.derive = all, .derive_n = pointer[0] != '\0' ? 2 : 1};
    const ks_answer     a = {.outcome = KS_UP_ANSWERED, .why = "", .status = 200, .body = ks_str_of(body)};
    return ks_derive_read(&cx, &s, &t, &a, g);
}

static void a_life_ends_before_that_of_the_token(void **state)
{
    static const struct {
        const char *body, *lasts, *until;
        int64_t     life_s; /* the margin is a tenth, at most a minute */
    } rows[] = {
        {"{\"t\":\"x\",\"m\":1,\"e\":3600}", "/e", NULL, 3540},
        {"{\"t\":\"x\",\"m\":1,\"e\":\"100\"}", "/e", NULL, 90},
        {"{\"t\":\"x\",\"m\":1,\"e\":99.9}", "/e", NULL, 90},
        {"{\"t\":\"x\",\"m\":1,\"e\":0}", "/e", NULL, 0},
        {"{\"t\":\"x\",\"m\":1,\"e\":-5}", "/e", NULL, 0},
        {"{\"t\":\"x\",\"m\":1}", "/e", NULL, 0},
        {"{\"t\":\"x\",\"m\":1}", "300", NULL, 270},
        {"{\"t\":\"x\",\"m\":1}", NULL, NULL, 86340},
        {"{\"t\":\"x\",\"m\":1,\"e\":99999999}", "/e", NULL, 86340},
        {"{\"t\":\"x\",\"m\":1,\"u\":\"2023-11-14T22:30:00Z\"}", NULL, "/u", 940},
        {"{\"t\":\"x\",\"m\":1,\"u\":\"2023-11-14T22:30:00.123456Z\"}", NULL, "/u", 940},
        {"{\"t\":\"x\",\"m\":1,\"u\":\"2023-11-15T00:30:00+02:00\"}", NULL, "/u", 940},
        {"{\"t\":\"x\",\"m\":1,\"u\":\"2023-11-14 22:30:00\"}", NULL, "/u", 940},
        {"{\"t\":\"x\",\"m\":1,\"u\":1700001000}", NULL, "/u", 940},
        {"{\"t\":\"x\",\"m\":1,\"u\":1700001000000}", NULL, "/u", 940},
        {"{\"t\":\"x\",\"m\":1,\"u\":\"00:16:40\"}", NULL, "/u", 940},
        {"{\"t\":\"x\",\"m\":1,\"u\":\"2023-11-14T22:00:00Z\"}", NULL, "/u", 0},
        {"{\"t\":\"x\",\"m\":1,\"u\":\"soon\"}", NULL, "/u", 0},
    };
    (void)state;
    for (size_t i = 0; i < KS_COUNT(rows); i++) {
        ks_grant g;
        assert_int_equal(read_answer(rows[i].body, "/t", rows[i].lasts, rows[i].until, &g), KS_OK);
        if (g.life_us / S != rows[i].life_s && g.life_us / S != rows[i].life_s - 1)
            fail_msg("row %zu: %lld s", i, (long long)(g.life_us / S));
    }
}

static void a_token_its_members_and_what_renews_it_are_taken(void **state)
{
    ks_grant g;
    (void)state;
    assert_int_equal(read_answer("{\"t\":\"tok\",\"m\":\"mem\",\"r\":\"ref\"}", "/t", "60", NULL, &g), KS_OK);
    assert_int_equal(g.n, 3);
    assert_str(g.values[0].name, "t");
    assert_str(g.values[1].name, "m");
    assert_str(g.values[2].name, "t" KS_DERIVE_REFRESH);
    assert_int_equal(ks_secret_len(g.values[0].secret), 3);
    assert_int_equal(read_answer(" tok\n", "", "60", NULL, &g), KS_OK); /* the whole answer */
    assert_int_equal(ks_secret_len(g.values[0].secret), 3);
    assert_int_equal(read_answer("\"tok\"", "", "60", NULL, &g), KS_OK);
    assert_int_equal(ks_secret_len(g.values[0].secret), 3);
}

static void an_answer_without_a_token_is_an_error(void **state)
{
    static const char *const bodies[] = {"",
                                         "{}",
                                         "no json",
                                         "{\"t\":null,\"m\":1}",
                                         "{\"t\":{},\"m\":1}",
                                         "{\"t\":\"\",\"m\":1}",
                                         "{\"t\":\"x\"}",
                                         "[\"t\"]"};
    (void)state;
    for (size_t i = 0; i < KS_COUNT(bodies); i++) {
        ks_grant g;
        assert_int_equal(read_answer(bodies[i], "/t", "60", NULL, &g), KS_UPSTREAM);
    }
}

/* ---- the cache ---- */

static ks_token_id id_of(uint32_t n)
{
    ks_token_id id = {{0}};
    memcpy(id.b, &n, sizeof n);
    return id;
}

static ks_sealed sealed(const char *ct)
{
    return (ks_sealed){
        .kek_id = KS_S("0123456789abcdef"), .alg = KS_S("a"), .nonce = KS_S("nonce"), .ct = ks_str_of(ct)};
}

static ks_token_news told;

static ks_token_claim claim(ks_tokens *t, uint32_t n, ks_sealed *out)
{
    ks_token_claim    c = KS_TOKEN_ASKED;
    const ks_token_id id = id_of(n);
    assert_int_equal(ks_tokens_claim(&cx, t, &id, 0, out, &c, &told), KS_OK);
    return c;
}

static void hear(void *arg)
{
    ++*(int *)arg;
}

static void one_asks_and_the_others_are_woken(void **state)
{
    ks_tokens        *t = ks_tokens_new();
    ks_sealed         out, fresh = sealed("token");
    const ks_token_id id = id_of(1);
    int               heard = 0;
    ks_token_wait     a = {.wake = hear, .arg = &heard}, b = a;
    (void)state;
    assert_int_equal(claim(t, 1, &out), KS_TOKEN_MINE);
    assert_int_equal(claim(t, 1, &out), KS_TOKEN_ASKED);
    assert_int_equal(claim(t, 2, &out), KS_TOKEN_MINE);
    assert_true(ks_tokens_wait(t, &id, &a));
    assert_true(ks_tokens_wait(t, &id, &b));
    assert_int_equal(heard, 0);
    ks_tokens_end(t, &id, &fresh, 60 * S, (ks_token_news){0});
    assert_int_equal(heard, 2);
    assert_false(ks_tokens_wait(t, &id, &a)); /* nobody asks any more */
    assert_int_equal(claim(t, 1, &out), KS_TOKEN_HELD);
    assert_str(out.ct, "token");
    assert_str(out.nonce, "nonce");
    assert_str(out.kek_id, "0123456789abcdef");
    ks_tokens_free(t);
}

static void those_who_wait_hear_how_it_failed(void **state)
{
    ks_tokens        *t = ks_tokens_new();
    ks_sealed         out;
    const ks_token_id id = id_of(1);
    int               heard = 0;
    ks_token_wait     a = {.wake = hear, .arg = &heard};
    (void)state;
    assert_int_equal(claim(t, 1, &out), KS_TOKEN_MINE);
    assert_true(ks_tokens_wait(t, &id, &a));
    ks_tokens_end(t, &id, NULL, 0, (ks_token_news){.state = 3, .status = 401, .why = "no"});
    assert_int_equal(a.news.status, 401);
    assert_int_equal(claim(t, 1, &out), KS_TOKEN_MINE); /* nothing was kept */
    assert_null(out.ct.p);
    ks_tokens_free(t);
}

static void a_refusal_is_told_for_a_while_to_those_who_hold_the_same(void **state)
{
    const ks_token_news no = {.state = 2, .status = 401, .why = "no", .holds_us = 60 * S, .counts = true};
    ks_tokens          *t = ks_tokens_new();
    ks_sealed           out, fresh = sealed("token");
    const ks_token_id   id = id_of(1);
    ks_token_claim      c;
    (void)state;
    assert_int_equal(claim(t, 1, &out), KS_TOKEN_MINE);
    ks_tokens_end(t, &id, NULL, 0, no);
    assert_int_equal(claim(t, 1, &out), KS_TOKEN_NEWS);
    assert_int_equal(told.status, 401);
    assert_true(told.counts && told.holds_us > 0 && told.holds_us <= 60 * S);
    assert_int_equal(claim(t, 1, &out), KS_TOKEN_NEWS);
    assert_false(told.counts);                          /* once is enough */
    assert_int_equal(claim(t, 2, &out), KS_TOKEN_MINE); /* other values */
    assert_int_equal(ks_tokens_claim(&cx, t, &id, INT64_MAX, &out, &c, &told), KS_OK);
    assert_int_equal(c, KS_TOKEN_MINE); /* a check asks all the same */
    ks_tokens_end(t, &id, &fresh, 60 * S, (ks_token_news){0});
    assert_int_equal(claim(t, 1, &out), KS_TOKEN_HELD);
    ks_tokens_drop(t, &id, INT64_MAX);
    assert_int_equal(claim(t, 1, &out), KS_TOKEN_MINE); /* it is forgotten */
    ks_tokens_end(t, &id, NULL, 0, (ks_token_news){.state = 2, .holds_us = 1});
    while (claim(t, 1, &out) == KS_TOKEN_NEWS) /* a microsecond */
        ks_arena_reset(arena);
    ks_tokens_free(t);
}

static void a_dropped_one_is_handed_out_as_ended(void **state)
{
    ks_tokens        *t = ks_tokens_new();
    ks_sealed         out, fresh = sealed("token");
    const ks_token_id id = id_of(1);
    (void)state;
    assert_int_equal(claim(t, 1, &out), KS_TOKEN_MINE);
    ks_tokens_end(t, &id, &fresh, 60 * S, (ks_token_news){0});
    ks_tokens_drop(t, &id, 0); /* made later than that */
    assert_int_equal(claim(t, 1, &out), KS_TOKEN_HELD);
    ks_tokens_drop(t, &id, INT64_MAX);
    assert_int_equal(claim(t, 1, &out), KS_TOKEN_MINE);
    assert_str(out.ct, "token"); /* what renews it is in there */
    ks_tokens_free(t);
}

static void the_cache_is_bounded_and_the_oldest_makes_room(void **state)
{
    ks_tokens     *t = ks_tokens_new();
    ks_sealed      out, fresh = sealed("token");
    static char    large[KS_TOKEN_MAX + 1];
    size_t         held = 0;
    const uint32_t n = 3 * KS_TOKEN_SETS * KS_TOKEN_WAYS;
    (void)state;
    for (uint32_t i = 0; i < n; i++) {
        const ks_token_id id = id_of(i);
        assert_int_equal(claim(t, i, &out), KS_TOKEN_MINE);
        ks_tokens_end(t, &id, &fresh, 60 * S, (ks_token_news){0});
    }
    for (uint32_t i = 0; i < n; i++) {
        const ks_token_id id = id_of(i);
        bool              here = claim(t, i, &out) == KS_TOKEN_HELD;
        held += here;
        if (!here)
            ks_tokens_end(t, &id, NULL, 0, (ks_token_news){0});
        ks_arena_reset(arena);
    }
    assert_int_equal(held, KS_TOKEN_SETS * KS_TOKEN_WAYS);
    assert_int_equal(claim(t, n - 1, &out), KS_TOKEN_HELD);
    fresh.ct = (ks_str){large, sizeof large};
    const ks_token_id id = id_of(n);
    assert_int_equal(claim(t, n, &out), KS_TOKEN_MINE);
    ks_tokens_end(t, &id, &fresh, 60 * S, (ks_token_news){0});
    assert_int_equal(claim(t, n, &out), KS_TOKEN_MINE); /* too large to be kept */
    ks_tokens_free(t);
}

KS_TESTS_WITH(setup, teardown, a_life_ends_before_that_of_the_token,
              a_token_its_members_and_what_renews_it_are_taken, an_answer_without_a_token_is_an_error,
              one_asks_and_the_others_are_woken, those_who_wait_hear_how_it_failed,
              a_refusal_is_told_for_a_while_to_those_who_hold_the_same, a_dropped_one_is_handed_out_as_ended,
              the_cache_is_bounded_and_the_oldest_makes_room)
