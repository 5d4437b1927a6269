/* features/ghosts/ghost_calls_test.c — the real way of a request against the ghosts, without a socket: built
 * by features/actions, turned into bytes by upstream/, answered by the ghost, judged by features/connections;
 * for every check and action of the catalogue. */
#include <stdio.h>

#include "features/actions/build.h"
#include "features/connections/verify.h"
#include "features/ghosts/ghost.h"
#include "tests/support/test.h"
#include "upstream/assemble.h"

static ks_arena   *arena;
static ks_catalog *catalog;
static ks_ctx      cx;
static size_t      faults;

static int setup(void **state)
{
    (void)state;
    arena = ks_arena_new(KS_ARENA_MAX);
    cx = ks_ctx_new(arena, NULL);
    faults = 0;
    return ks_catalog_open(&cx, KS_NO_STR, &catalog) != KS_OK;
}

static int teardown(void **state)
{
    (void)state;
    ks_catalog_free(catalog);
    ks_arena_free(arena);
    return 0;
}

static void fault(ks_str what, const char *why, const ks_ghost_answer *a)
{
    fprintf(stderr, KS_FMT ": %s; the ghost said %d " KS_FMT "\n", KS_ARG(what), why,
            a != NULL ? a->status : 0, KS_ARG(a != NULL ? a->body : KS_NO_STR));
    faults++;
}

/* ---- a connection ---- */

/* A host that the app's rules allow. */
static ks_str sample_host(const ks_app_scheme *s)
{
    if (s->hosts.n == 0)
        return KS_S("own.example.com");
    return ks_str_starts(s->hosts.at[0], KS_S("*."))
               ? ks_fmt(&cx, "own" KS_FMT, KS_ARG(ks_str_sub(s->hosts.at[0], 1, SIZE_MAX)))
               : s->hosts.at[0];
}

static ks_str sample(const ks_app_scheme *s, const ks_app_field *f, const char *key)
{
    if (f->kind == KS_APP_CHOICE)
        return f->values.at[0];
    if (f->kind == KS_APP_URL)
        return ks_fmt(&cx, "https://" KS_FMT "/sub", KS_ARG(sample_host(s)));
    if (f->kind == KS_APP_HOST)
        return sample_host(s);
    return f->secret ? ks_str_of(key) : KS_S("acme");
}

static ks_subject connect_to(const ks_app *app, const ks_app_scheme *s, const char *key, ks_credential *c)
{
    ks_buf  *b = ks_ctx_buf(&cx, 64 * 1024);
    ks_json *values;
    assert_non_null(b);
    ks_jw w = ks_jw_new(b);
    ks_jw_obj(&w, NULL);
    for (size_t i = 0; i < s->fields_n; i++)
        ks_jw_str(&w, s->fields[i].name.p, sample(s, &s->fields[i], key));
    ks_jw_end(&w, '}');
    assert_int_equal(ks_json_parse(&cx, ks_buf_view(b), &values), KS_OK);
    assert_int_equal(ks_credential_new(&cx, app, s, c), KS_OK);
    assert_int_equal(ks_credential_take(&cx, c, values, ""), KS_OK);
    return (ks_subject){
        .credential = c, .app = app, .project_id = KS_S("pr_1"), .connection_id = KS_S("ca_1")};
}

/* ---- a call as the ghost's listener sees it ---- */

static size_t split_lines(const ks_wire *w, ks_req_pair *out, size_t max)
{
    size_t n = 0;
    for (const struct curl_slist *l = w->list; l != NULL; l = l->next) {
        ks_str line = ks_str_of(l->data);
        size_t colon = ks_str_chr(line, ':');
        ks_str value = ks_str_trim(ks_str_sub(ks_str_sub(line, colon, SIZE_MAX), 1, SIZE_MAX), " ");
        if (value.n == 0) /* "Expect:" takes a header away */
            continue;
        assert_true(n < max);
        out[n++] = (ks_req_pair){ks_str_sub(line, 0, colon), value};
    }
    return n;
}

/* As the http layer hands paths on. */
static ks_str stripped(ks_str path)
{
    while (ks_str_starts(path, KS_S("/api")) && (path.n == 4 || path.p[4] == '/'))
        path = ks_str_sub(path, 4, SIZE_MAX);
    return path.n > 0 ? path : KS_S("/");
}

/* False: the call cannot be turned into bytes. */
static bool deliver(const ks_call *call, ks_ghost_answer *out)
{
    ks_wire     w;
    ks_req_pair headers[64];
    const char *why = ks_wire_build(call, KS_S("http://ghost"), true, &w);
    if (why == NULL) {
        ks_str target = ks_copy(&cx, ks_str_sub(ks_buf_view(&w.url), sizeof "http://ghost" - 1, SIZE_MAX));
        size_t mark = ks_str_chr(target, '?');
        size_t n = split_lines(&w, headers, KS_COUNT(headers));
        const ks_ghost_ask ask = {
            .name = ks_fmt(&cx, KS_FMT "." KS_FMT, KS_ARG(call->app), KS_ARG(call->scheme)),
            .method = call->method,
            .path = stripped(ks_str_sub(target, 0, mark)),
            .query = ks_str_sub(ks_str_sub(target, mark, SIZE_MAX), 1, SIZE_MAX),
            .headers = headers,
            .headers_n = n,
            .body = w.body};
        assert_int_equal(ks_ghost_judge(&cx, catalog, &ask, out), KS_OK);
        out->body = ks_copy(&cx, out->body);
    }
    ks_wire_done(&w);
    return why == NULL;
}

/* ---- checks ---- */

static void expect(const ks_app *app, const ks_app_scheme *s, const char *key, ks_verdict wanted)
{
    ks_credential   c;
    ks_subject      subject = connect_to(app, s, key, &c);
    ks_call        *call = NULL;
    ks_ghost_answer a;
    ks_judgement    j;
    assert_int_equal(ks_build_check(&cx, &subject, &call), KS_OK);
    if (call == NULL)
        return;
    if (!deliver(call, &a)) {
        fault(app->key, "the check cannot be sent", NULL);
        return;
    }
    const ks_answer answer = {.outcome = KS_UP_ANSWERED, .why = "", .status = a.status, .body = a.body};
    assert_int_equal(ks_verify_judge(&cx, app, s, &answer, &j), KS_OK);
    if (j.verdict != wanted)
        fault(
            app->key,
            ks_fmt(&cx, "%s gave %s, wanted %s", key, ks_verdict_word(j.verdict), ks_verdict_word(wanted)).p,
            &a);
}

static void each_scheme(void (*fn)(const ks_app *app, const ks_app_scheme *s))
{
    for (size_t i = 0; i < ks_catalog_apps_n(catalog); i++) {
        const ks_app *app = ks_catalog_app(&cx, catalog, ks_catalog_key_at(catalog, i));
        assert_non_null(app);
        for (size_t j = 0; j < app->schemes_n; j++) {
            fn(app, &app->schemes[j]);
            ks_arena_reset(arena);
        }
    }
    assert_int_equal(faults, 0);
}

/* A scheme that this version cannot use is told so, and nothing is built. */
static void expect_unavailable(const ks_app *app, const ks_app_scheme *s)
{
    const ks_raw_request raw = {.method = KS_S("GET"), .endpoint = KS_S("/")};
    ks_credential        c;
    ks_subject           subject = connect_to(app, s, "a-good-key-0123456789", &c);
    ks_call             *call = NULL;
    if (ks_build_check(&cx, &subject, &call) != KS_OK || call != NULL)
        fault(app->key, "a check was made of what cannot be used", NULL);
    if (ks_build_request(&cx, &subject, &raw, NULL, &call) != KS_INVALID ||
        !ks_str_eq(cx.err.code, KS_S("scheme_unavailable")))
        fault(app->key, "a call was made of what cannot be used", NULL);
    cx.err = (ks_err){0};
}

static void check_all_keys(const ks_app *app, const ks_app_scheme *s)
{
    if (ks_scheme_lacks(s) != NULL) {
        expect_unavailable(app, s);
        return;
    }
    if (s->dsn.n > 0)
        return; /* no vendor of ours plays databases */
    expect(app, s, "a-good-key-0123456789", KS_VD_VERIFIED);
    expect(app, s, "a-wrong-key-0123456789", s->check.trusted ? KS_VD_REJECTED : KS_VD_UNCHECKABLE);
    expect(app, s, "a-limited-key-0123456789", s->check.limited.n ? KS_VD_LIMITED : KS_VD_VERIFIED);
    expect(app, s, "a-down-key-0123456789", KS_VD_UNREACHABLE);
}

static void every_check_ends_in_the_verdict_its_key_asks_for(void **state)
{
    (void)state;
    each_scheme(check_all_keys);
}

/* ---- actions ---- */

static ks_json *arguments(const ks_app_action *a)
{
    static const char *const texts[] = {
        "\"x\"",
        "7",
        "0.5",
        "true",
        "[]",
        "{\"a\":1}",
        "{\"name\":\"a.txt\",\"mimetype\":\"text/plain\",\"content\":\"YQ==\"}"};
    ks_buf  *b = ks_ctx_buf(&cx, 64 * 1024);
    ks_json *input = NULL;
    assert_non_null(b);
    ks_jw w = ks_jw_new(b);
    ks_jw_obj(&w, NULL);
    for (size_t i = 0; i < a->params_n; i++) {
        const ks_app_param *p = &a->params[i];
        if (p->fixed.p != NULL)
            continue;
        if (p->values.n > 0 && p->type == KS_T_STRING)
            ks_jw_str(&w, p->name.p, p->values.at[0]);
        else
            ks_jw_raw(&w, p->name.p, p->values.n > 0 ? p->values.at[0] : ks_str_of(texts[p->type]));
    }
    ks_jw_end(&w, '}');
    assert_int_equal(ks_json_parse(&cx, ks_buf_view(b), &input), KS_OK);
    return input;
}

static void act_all(const ks_app *app, const ks_app_scheme *s)
{
    for (size_t i = 0; ks_scheme_lacks(s) == NULL && s->dsn.n == 0 && i < app->actions_n; i++) {
        ks_credential        c;
        ks_subject           subject = connect_to(app, s, "a-good-key-0123456789", &c);
        ks_call             *call;
        ks_ghost_answer      a;
        const ks_app_action *action = &app->actions[i];
        if (ks_build_action(&cx, &subject, action, arguments(action), NULL, &call) != KS_OK ||
            !deliver(call, &a))
            fault(action->name, "cannot be sent", NULL);
        else if (a.status != 200)
            fault(action->name, "was refused", &a);
        else if (ks_str_find(a.body, KS_S("a-good-key-0123456789")) != SIZE_MAX)
            fault(action->name, "echoed the credential", &a);
    }
}

static void every_action_is_accepted_and_echoed_without_the_credential(void **state)
{
    (void)state;
    each_scheme(act_all);
}

KS_TESTS_WITH(setup, teardown, every_check_ends_in_the_verdict_its_key_asks_for,
              every_action_is_accepted_and_echoed_without_the_credential)
