/* features/ghosts/ghost_calls_test.c — the real way of a request against the ghosts, without a socket: built
 * by features/actions, turned into bytes by upstream/, answered by the ghost, judged by features/connections;
 * for every check and action of the catalogue. */
#include <stdio.h>

#include "features/actions/derive.h"
#include "features/connections/verify.h"
#include "features/ghosts/ghost.h"
#include "tests/support/keys.h"
#include "tests/support/sample.h"
#include "tests/support/test.h"
#include "upstream/assemble.h"
#include "upstream/sign.h"

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
    ks_str paste = test_key_for(&cx, s, f, ks_str_of(key));
    if (paste.p != NULL)
        return paste;
    return f->secret || (test_signs(s) && f->kind == KS_APP_TEXT) ? ks_str_of(key) : KS_S("acme");
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

static void put_digest(ks_buf *b, ks_str text)
{
    assert_non_null(text.p);
    ks_sign_sha256(b, text);
}

/* What libcurl answers a ghost's challenge with (RFC 7616, SHA-256, qop=auth). */
static ks_str digest_of(const ks_wire *w, ks_str method, ks_str target, ks_str nonce)
{
    ks_buf *a1 = ks_ctx_buf(&cx, 256), *a2 = ks_ctx_buf(&cx, 256), *whole = ks_ctx_buf(&cx, 256);
    put_digest(a1, ks_fmt(&cx, "%s:ghost:%s", w->first.p, w->second.p));
    put_digest(a2, ks_fmt(&cx, KS_FMT ":" KS_FMT, KS_ARG(method), KS_ARG(target)));
    put_digest(whole, ks_fmt(&cx, "%s:" KS_FMT ":00000001:c0ffee:auth:%s", a1->p, KS_ARG(nonce), a2->p));
    return ks_fmt(&cx,
                  "Digest username=\"%s\", realm=\"ghost\", nonce=\"" KS_FMT "\", uri=\"" KS_FMT
                  "\", cnonce=\"c0ffee\", nc=00000001, qop=auth, response=\"%s\", algorithm=SHA-256",
                  w->first.p, KS_ARG(nonce), KS_ARG(target), whole->p);
}

/* The request again with the digest that was asked for. */
static void answer_challenge(const ks_wire *w, const ks_ghost_ask *ask, ks_req_pair *headers,
                             ks_ghost_answer *out)
{
    ks_ghost_ask again = *ask;
    ks_str nonce = ks_str_sub(out->challenge, ks_str_find(out->challenge, KS_S("nonce=\"")) + 7, SIZE_MAX);
    ks_str target = ks_fmt(&cx, ask->query.n ? KS_FMT "?" KS_FMT : KS_FMT KS_FMT, KS_ARG(ask->raw_path),
                           KS_ARG(ask->query));
    nonce = ks_str_sub(nonce, 0, ks_str_chr(nonce, '"'));
    headers[again.headers_n++] = (ks_req_pair){KS_S("Authorization"),
                                               digest_of(w, ask->method, target, nonce)};
    assert_int_equal(ks_ghost_judge(&cx, catalog, &again, out), KS_OK);
}

/* Something is changed on the way. */
typedef struct tampering {
    const char *what; /* method, path, query, body, header, key; NULL: nothing */
} tampering;

static void tamper(const tampering *t, ks_ghost_ask *ask, ks_req_pair *headers)
{
    if (t == NULL)
        return;
    if (strcmp(t->what, "method") == 0)
        ask->method = KS_S("PATCH");
    if (strcmp(t->what, "path") == 0)
        ask->raw_path = ks_fmt(&cx, KS_FMT "x", KS_ARG(ask->raw_path));
    if (strcmp(t->what, "query") == 0)
        ask->query = ks_fmt(&cx, KS_FMT "&x=1", KS_ARG(ask->query));
    if (strcmp(t->what, "body") == 0)
        ask->body = ks_fmt(&cx, KS_FMT "&x=1", KS_ARG(ask->body));
    for (size_t i = 0; i < ask->headers_n; i++) {
        bool key = strcmp(t->what, "key") == 0 && ks_str_ieq(headers[i].name, KS_S("ks-ghost-sign"));
        if (key || ks_str_ieq(headers[i].name, ks_str_of(t->what)))
            headers[i].value = key ? KS_S("secret=eA==") : KS_S("20200101T000000Z");
    }
}

/* False: the call cannot be turned into bytes. */
static bool deliver_changed(const ks_call *call, const tampering *change, ks_ghost_answer *out)
{
    ks_wire     w;
    ks_req_pair headers[64];
    const char *why = ks_wire_build(call, KS_S("http://ghost"), true, &w);
    if (why == NULL)
        why = ks_wire_sign(call, &w);
    if (why == NULL) {
        ks_str target = ks_copy(&cx, ks_str_sub(ks_buf_view(&w.url), sizeof "http://ghost" - 1, SIZE_MAX));
        size_t mark = ks_str_chr(target, '?');
        size_t n = split_lines(&w, headers, KS_COUNT(headers) - 1);
        ks_ghost_ask ask = {.name = ks_fmt(&cx, KS_FMT "." KS_FMT, KS_ARG(call->app), KS_ARG(call->scheme)),
                            .method = call->method,
                            .path = stripped(ks_str_sub(target, 0, mark)),
                            .raw_path = ks_str_sub(target, 0, mark),
                            .query = ks_str_sub(ks_str_sub(target, mark, SIZE_MAX), 1, SIZE_MAX),
                            .headers = headers,
                            .headers_n = n,
                            .body = w.body};
        tamper(change, &ask, headers);
        assert_int_equal(ks_ghost_judge(&cx, catalog, &ask, out), KS_OK);
        if (out->challenge.n > 0)
            answer_challenge(&w, &ask, headers, out);
        out->body = ks_copy(&cx, out->body);
    }
    ks_wire_done(&w);
    return why == NULL;
}

static bool deliver(const ks_call *call, ks_ghost_answer *out)
{
    return deliver_changed(call, NULL, out);
}

/* ---- derived values ---- */

/* The values of a call, tokens asked of the ghost. What the request for a token ended in: 0, or its status.
 */
static int make_ready(const ks_app *app, const ks_subject *s, const ks_call *aim, ks_derive *d)
{
    const ks_app_derived *token;
    assert_int_equal(ks_derive_begin(&cx, s, aim, d), KS_OK);
    for (;;) {
        ks_call        *call;
        ks_ghost_answer a;
        ks_grant        grant;
        if (ks_derive_step(&cx, d, &token) != KS_OK) {
            fault(app->key, cx.err.message.p, NULL);
            return -1;
        }
        if (token == NULL)
            return 0;
        if (ks_build_token(&cx, &d->subject, token, NULL, &call) != KS_OK || !deliver(call, &a)) {
            fault(app->key, "the request for a token cannot be sent", NULL);
            return -1;
        }
        const ks_answer answer = {.outcome = KS_UP_ANSWERED, .why = "", .status = a.status, .body = a.body};
        if (a.status != 200)
            return a.status;
        if (ks_derive_read(&cx, s->credential->scheme, token, &answer, &grant) != KS_OK) {
            fault(app->key, cx.err.message.p, &a);
            return -1;
        }
        ks_derive_put(d, grant.values, grant.n);
    }
}

/* ---- checks ---- */

/* What a refused or missing token says of the credential, as features/connections has it. */
static void expect_token(const ks_app *app, const ks_app_scheme *s, const char *key, int status,
                         ks_verdict wanted)
{
    ks_verdict v = status != 401 ? KS_VD_UNREACHABLE : s->check.trusted ? KS_VD_REJECTED : KS_VD_UNCHECKABLE;
    if (v != wanted)
        fault(app->key, ks_fmt(&cx, "%s: the token endpoint gave %d", key, status).p, NULL);
}

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
    if (call->unready) {
        ks_derive d;
        int       status = make_ready(app, &subject, call, &d);
        if (status != 0) {
            expect_token(app, s, key, status, wanted);
            return;
        }
        assert_int_equal(ks_build_check(&cx, &d.subject, &call), KS_OK);
        assert_false(call->unready);
    }
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

static void act_all(const ks_app *app, const ks_app_scheme *s)
{
    for (size_t i = 0; ks_scheme_lacks(s) == NULL && s->dsn.n == 0 && i < app->actions_n; i++) {
        ks_credential        c;
        ks_subject           subject = connect_to(app, s, "a-good-key-0123456789", &c);
        ks_call             *call;
        ks_ghost_answer      a;
        const ks_app_action *action = &app->actions[i];
        ks_status st = ks_build_action(&cx, &subject, action, sample_input(&cx, action, true), NULL, &call);
        ks_derive d;
        if (st == KS_OK && call->unready && make_ready(app, &subject, call, &d) == 0)
            st = ks_build_action(&cx, &d.subject, action, sample_input(&cx, action, true), NULL, &call);
        if (st != KS_OK || !deliver(call, &a))
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

/* ---- signatures ---- */

static ks_call *signed_call(const char *app_key, const char *method)
{
    static ks_credential c;
    const ks_app        *app = ks_catalog_app(&cx, catalog, ks_str_of(app_key));
    ks_call             *call = NULL;
    assert_non_null(app);
    const ks_raw_request raw = {.method = ks_str_of(method),
                                .endpoint = KS_S("/a?b=c"),
                                .body = strcmp(method, "GET") == 0 ? KS_NO_STR : KS_S("d=e"),
                                .content_type = KS_S("application/x-www-form-urlencoded")};
    ks_subject           s = connect_to(app, &app->schemes[0], "a-good-key-0123456789", &c);
    assert_int_equal(ks_build_request(&cx, &s, &raw, NULL, &call), KS_OK);
    assert_non_null(call->sign);
    return call;
}

static void a_request_that_was_changed_on_its_way_is_refused_by_the_ghost(void **state)
{
    static const char *const cases[][2] = {
        {"aws", "method"},     {"aws", "path"},           {"aws", "query"},
        {"aws", "body"},       {"aws", "x-amz-date"},     {"aws", "authorization"},
        {"aws", "key"},        {"cloudflare_r2", "body"}, {"cloudflare_r2", "path"},
        {"emarsys", "x-wsse"}, {"emarsys", "key"},        {"cloudflare_r2", "x-amz-content-sha256"}};
    (void)state;
    for (size_t i = 0; i < KS_COUNT(cases); i++) {
        const tampering change = {cases[i][1]};
        ks_ghost_answer a;
        assert_true(deliver(signed_call(cases[i][0], "POST"), &a));
        if (a.status != 200)
            fault(ks_str_of(cases[i][0]), "an honest request was refused", &a);
        assert_true(deliver_changed(signed_call(cases[i][0], "POST"), &change, &a));
        if (a.status == 200)
            fault(ks_str_of(cases[i][0]), cases[i][1], &a);
    }
    assert_int_equal(faults, 0);
}

KS_TESTS_WITH(setup, teardown, a_request_that_was_changed_on_its_way_is_refused_by_the_ghost,
              every_check_ends_in_the_verdict_its_key_asks_for,
              every_action_is_accepted_and_echoed_without_the_credential)
