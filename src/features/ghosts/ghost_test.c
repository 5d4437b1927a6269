/* features/ghosts/ghost_test.c — every app and scheme of the catalogue against its ghost: the declared place
 * and words are taken, everything else is refused. Requests are built from the templates here, not by the
 * builder under features/actions, so that the two check each other. */
#include "features/ghosts/ghost.h"

#include "base/enc.h"
#include "base/json.h"
#include "features/apps/template.h"
#include "features/ghosts/place.h"
#include "tests/support/test.h"

static const char good_key[] = "k3y.0123456789-abcdef";

/* One request that is being made wrong on purpose. */
typedef struct probe {
    ks_ctx              *cx;
    const ks_app        *app;
    const ks_app_scheme *scheme;
    ks_str               key; /* for every field that is no choice, label, url or host */
    ks_req_pair          headers[40];
    size_t               headers_n;
    ks_buf              *query, *body;
    ks_str               method, path;
} probe;

static ks_arena   *arena;
static ks_catalog *catalog;

static int setup(void **state)
{
    (void)state;
    arena = ks_arena_new(64 * 1024 * 1024);
    ks_ctx cx = ks_ctx_new(arena, NULL);
    return ks_catalog_open(&cx, KS_NO_STR, &catalog) != KS_OK;
}

static int teardown(void **state)
{
    (void)state;
    ks_catalog_free(catalog);
    ks_arena_free(arena);
    return 0;
}

/* ---- building ---- */

static ks_str expand(const probe *p, ks_str tpl, bool percent);

static ks_str value_of(const probe *p, ks_str name)
{
    const ks_app_field   *f = ks_app_field_find(p->scheme, name);
    const ks_app_derived *d = ks_app_derived_find(p->scheme, name);
    if (d != NULL) {
        ks_buf *b = ks_ctx_buf(p->cx, 65536);
        ks_enc_base64(b, expand(p, d->text, false));
        return ks_buf_view(b);
    }
    assert_non_null(f);
    if (f->kind == KS_APP_CHOICE)
        return f->values.at[0];
    return f->kind == KS_APP_LABEL ? KS_S("acme") : p->key;
}

static ks_str expand(const probe *p, ks_str tpl, bool percent)
{
    ks_buf     *b = ks_ctx_buf(p->cx, 65536);
    ks_tpl_part part;
    assert_non_null(b);
    while (ks_tpl_next(&tpl, &part)) {
        if (!part.is_value)
            ks_buf_str(b, part.text);
        else if (percent)
            ks_enc_percent(b, value_of(p, part.text));
        else
            ks_buf_str(b, value_of(p, part.text));
    }
    return ks_buf_view(b);
}

static void add_header(probe *p, ks_str name, ks_str value)
{
    assert_true(p->headers_n < KS_COUNT(p->headers));
    p->headers[p->headers_n++] = (ks_req_pair){name, value};
}

static void add_query(probe *p, ks_str name, ks_str value)
{
    if (p->query->n > 0)
        ks_buf_c(p->query, '&');
    ks_enc_percent(p->query, name);
    ks_buf_c(p->query, '=');
    ks_enc_percent(p->query, value);
}

static void add_basic(probe *p)
{
    if (p->scheme->basic_user.p == NULL && p->scheme->basic_password.p == NULL)
        return;
    ks_str  pair = ks_fmt(p->cx, KS_FMT ":" KS_FMT, KS_ARG(expand(p, p->scheme->basic_user, false)),
                          KS_ARG(expand(p, p->scheme->basic_password, false)));
    ks_buf *b = ks_ctx_buf(p->cx, 65536);
    ks_buf_z(b, "Basic ");
    ks_enc_base64(b, pair);
    add_header(p, KS_S("Authorization"), ks_buf_view(b));
}

static void add_body(probe *p)
{
    ks_jw w = ks_jw_new(p->body);
    if (p->scheme->body.n == 0) {
        ks_buf_str(p->body, expand(p, p->scheme->check.body, false));
        return;
    }
    ks_jw_obj(&w, NULL);
    for (size_t i = 0; i < p->scheme->body.n; i++) {
        ks_jw_name(&w, p->scheme->body.at[i].name);
        ks_jw_str(&w, NULL, expand(p, p->scheme->body.at[i].value, false));
    }
    ks_jw_end(&w, '}');
}

/* What stands behind the host of the base, or all behind a url field. */
static ks_str base_path(const ks_app_scheme *s)
{
    ks_str rest = s->base;
    if (ks_str_starts(rest, KS_S("{{")))
        return ks_str_sub(rest, ks_str_find(rest, KS_S("}}")) + 2, SIZE_MAX);
    rest = ks_str_sub(rest, 8, SIZE_MAX);
    size_t slash = ks_str_chr(rest, '/');
    return slash == SIZE_MAX ? KS_S("") : ks_str_sub(rest, slash, SIZE_MAX);
}

/* As the http layer hands paths on. */
static ks_str stripped(ks_str path)
{
    while (ks_str_starts(path, KS_S("/api")) && (path.n == 4 || path.p[4] == '/'))
        path = ks_str_sub(path, 4, SIZE_MAX);
    return path.n > 0 ? path : KS_S("/");
}

static void add_path(probe *p, ks_str below)
{
    size_t mark = ks_str_chr(below, '?');
    ks_str path = ks_str_sub(below, 0, mark),
           rest = ks_str_sub(ks_str_sub(below, mark, SIZE_MAX), 1, SIZE_MAX), pair;
    ks_str base = expand(p, base_path(p->scheme), true);
    if (ks_str_starts(path, KS_S("https://"))) {
        ks_str tail = ks_str_sub(path, 8, SIZE_MAX);
        path = ks_str_sub(tail, ks_str_chr(tail, '/'), SIZE_MAX);
        base = KS_S("");
    }
    p->path = stripped(ks_fmt(p->cx, KS_FMT KS_FMT, KS_ARG(base), KS_ARG(expand(p, path, true))));
    while (ks_str_cut(&rest, '&', &pair)) {
        size_t eq = ks_str_chr(pair, '=');
        ks_str value = expand(p, ks_str_sub(ks_str_sub(pair, eq, SIZE_MAX), 1, SIZE_MAX), false);
        add_query(p, ks_ghost_decoded(p->cx, ks_str_sub(pair, 0, eq), true),
                  ks_ghost_decoded(p->cx, value, true));
    }
}

/* The check of a scheme, or a plain GET below the base when it has none. */
static probe probe_of(ks_ctx *cx, const ks_app *app, const ks_app_scheme *s, const char *key)
{
    bool  check = s->check.method.p != NULL;
    probe p = {.cx = cx,
               .app = app,
               .scheme = s,
               .key = ks_str_of(key),
               .query = ks_ctx_buf(cx, 65536),
               .body = ks_ctx_buf(cx, 65536),
               .method = check ? s->check.method : KS_S("POST")};
    assert_true(p.query != NULL && p.body != NULL);
    for (size_t i = 0; i < s->headers.n; i++)
        add_header(&p, s->headers.at[i].name, expand(&p, s->headers.at[i].value, false));
    for (size_t i = 0; i < s->check.headers.n; i++)
        add_header(&p, s->check.headers.at[i].name, expand(&p, s->check.headers.at[i].value, false));
    add_header(&p, KS_S("content-type"), KS_S("application/json"));
    add_path(&p, check ? s->check.path : KS_S("/anything"));
    for (size_t i = 0; i < s->query.n; i++)
        add_query(&p, s->query.at[i].name, expand(&p, s->query.at[i].value, false));
    add_basic(&p);
    add_body(&p);
    return p;
}

static ks_ghost_answer ask(const probe *p)
{
    ks_str name = ks_fmt(p->cx, KS_FMT "." KS_FMT, KS_ARG(p->app->key), KS_ARG(p->scheme->scheme));
    const ks_ghost_ask a = {.name = name,
                            .method = p->method,
                            .path = p->path,
                            .query = ks_buf_view(p->query),
                            .headers = p->headers,
                            .headers_n = p->headers_n,
                            .body = ks_buf_view(p->body)};
    ks_ghost_answer    out;
    assert_int_equal(ks_ghost_judge(p->cx, catalog, &a, &out), KS_OK);
    return out;
}

/* ---- judging answers as a verification does ---- */

static bool fits(ks_ctx *cx, const ks_app_answer *w, const ks_ghost_answer *a)
{
    ks_json *body = NULL;
    assert_int_equal(ks_json_parse(cx, a->body, &body), KS_OK);
    if (w->status != 0 && w->status != a->status)
        return false;
    if (w->pointer.p == NULL)
        return true;
    const ks_json *at = ks_json_pointer(body, w->pointer);
    if (at == NULL || ks_json_kind(at) == KS_JSON_NULL)
        return false;
    return ks_str_eq(w->value, KS_S("*")) || ks_str_eq(ks_json_scalar(cx, at), w->value);
}

static bool any_fits(ks_ctx *cx, ks_app_answers list, const ks_ghost_answer *a)
{
    for (size_t i = 0; i < list.n; i++) {
        if (fits(cx, &list.at[i], a))
            return true;
    }
    return false;
}

#define EXPECT(cond, p, a, what)                                                                             \
    do {                                                                                                     \
        if (!(cond))                                                                                         \
            fail_msg(KS_FMT "." KS_FMT ": %s; the ghost said %d " KS_FMT, KS_ARG((p)->app->key),             \
                     KS_ARG((p)->scheme->scheme), what, (a).status, KS_ARG((a).body));                       \
    } while (0)

static void expect_refused(const probe *p, const char *what)
{
    ks_ghost_answer     a = ask(p);
    const ks_app_check *c = &p->scheme->check;
    EXPECT(c->bad.n > 0 ? fits(p->cx, &c->bad.at[0], &a) : a.status == 401, p, a, what);
    EXPECT(!any_fits(p->cx, c->good, &a) || any_fits(p->cx, c->bad, &a), p, a, what);
}

/* ---- every app and scheme ---- */

static void each_scheme(void (*fn)(ks_ctx *cx, const ks_app *app, const ks_app_scheme *s))
{
    size_t seen = 0;
    for (size_t i = 0; i < ks_catalog_apps_n(catalog); i++) {
        ks_arena     *own = ks_arena_new(8 * 1024 * 1024);
        ks_ctx        cx = ks_ctx_new(own, NULL);
        const ks_app *app = ks_catalog_app(&cx, catalog, ks_catalog_key_at(catalog, i));
        assert_non_null(app);
        for (size_t j = 0; j < app->schemes_n; j++) {
            if (ks_scheme_lacks(&app->schemes[j]) != NULL || app->schemes[j].dsn.n > 0)
                continue; /* no request of these leaves; see ghost_calls_test.c */
            fn(&cx, app, &app->schemes[j]);
            seen++;
        }
        ks_arena_free(own);
    }
    assert_true(seen > 0);
}

static bool demanded(const ks_app_scheme *s, ks_str tpl)
{
    ks_tpl_part part;
    bool        value = false;
    while (ks_tpl_next(&tpl, &part)) {
        const ks_app_field   *f = part.is_value ? ks_app_field_find(s, part.text) : NULL;
        const ks_app_derived *d = part.is_value ? ks_app_derived_find(s, part.text) : NULL;
        value |= d != NULL && demanded(s, d->text);
        if (f != NULL && !f->required && !f->to_act)
            return false;
        value |= f != NULL && f->secret;
    }
    return value;
}

/* Does a demanded secret stand in a header, in Basic, in the query or in the body of this request? */
static bool has_place(const ks_app_scheme *s)
{
    bool found = demanded(s, s->basic_user) || demanded(s, s->basic_password);
    for (size_t i = 0; i < s->headers.n; i++)
        found |= demanded(s, s->headers.at[i].value);
    for (size_t i = 0; i < s->query.n; i++)
        found |= demanded(s, s->query.at[i].value);
    for (size_t i = 0; i < s->body.n; i++)
        found |= demanded(s, s->body.at[i].value) && !ks_str_eq(s->check.method, KS_S("GET"));
    return found || (demanded(s, base_path(s)) && !ks_str_starts(s->check.path, KS_S("https://")));
}

static void accept_right_place(ks_ctx *cx, const ks_app *app, const ks_app_scheme *s)
{
    probe               p = probe_of(cx, app, s, good_key);
    ks_ghost_answer     a = ask(&p);
    const ks_app_check *c = &s->check;
    if (c->method.p == NULL) {
        EXPECT(a.status == 200, &p, a, "a credential in its place was refused");
        return;
    }
    EXPECT(any_fits(cx, c->good, &a), &p, a, "the check was not answered well");
    EXPECT(!any_fits(cx, c->bad, &a) && !any_fits(cx, c->limited, &a), &p, a, "the good answer looks bad");
}

static void the_declared_place_is_accepted_for_every_scheme(void **state)
{
    (void)state;
    each_scheme(accept_right_place);
}

static void give_identity(ks_ctx *cx, const ks_app *app, const ks_app_scheme *s)
{
    probe           p = probe_of(cx, app, s, good_key);
    ks_ghost_answer a = ask(&p);
    ks_json        *body;
    ks_str          name = s->check.identity.name.p != NULL ? s->check.identity.name : s->check.identity.id;
    if (s->check.method.p == NULL || name.p == NULL)
        return;
    assert_int_equal(ks_json_parse(cx, a.body, &body), KS_OK);
    EXPECT(ks_json_str(ks_json_pointer(body, name)).n > 0, &p, a, "no identity in the good answer");
}

static void the_good_answer_holds_the_identity(void **state)
{
    (void)state;
    each_scheme(give_identity);
}

static void refuse_wrong_values(ks_ctx *cx, const ks_app *app, const ks_app_scheme *s)
{
    if (!has_place(s))
        return;
    probe p = probe_of(cx, app, s, "a-wrong-key-0123456789");
    expect_refused(&p, "a wrong value was accepted");
    p = probe_of(cx, app, s, "");
    expect_refused(&p, "an empty value was accepted");
}

static void wrong_and_empty_values_are_refused_for_every_scheme(void **state)
{
    (void)state;
    each_scheme(refuse_wrong_values);
}

static void refuse_other_headers(ks_ctx *cx, const ks_app *app, const ks_app_scheme *s)
{
    for (size_t i = 0; i < s->headers.n; i++) {
        ks_str tpl = s->headers.at[i].value;
        if (!demanded(s, tpl))
            continue;
        probe p = probe_of(cx, app, s, good_key);
        p.headers[i].name = KS_S("X-Elsewhere");
        expect_refused(&p, "another header was accepted");
        p = probe_of(cx, app, s, good_key);
        add_header(&p, p.headers[i].name, p.headers[i].value);
        expect_refused(&p, "the header twice was accepted");
        p = probe_of(cx, app, s, good_key);
        add_query(&p, s->headers.at[i].name, p.headers[i].value);
        p.headers[i].name = KS_S("X-Elsewhere");
        expect_refused(&p, "the query instead of the header was accepted");
        if (ks_str_starts(tpl, KS_S("{{")))
            continue;
        p = probe_of(cx, app, s, good_key);
        p.headers[i].value = ks_fmt(cx, "Else " KS_FMT, KS_ARG(p.key));
        expect_refused(&p, "another word before the value was accepted");
        p.headers[i].value = p.key;
        expect_refused(&p, "the value without its word was accepted");
    }
}

static void other_headers_and_words_are_refused_for_every_scheme(void **state)
{
    (void)state;
    each_scheme(refuse_other_headers);
}

static void refuse_headers_for_query(ks_ctx *cx, const ks_app *app, const ks_app_scheme *s)
{
    for (size_t i = 0; i < s->query.n; i++) {
        if (!demanded(s, s->query.at[i].value))
            continue;
        probe p = probe_of(cx, app, s, good_key);
        ks_buf_clear(p.query);
        add_header(&p, s->query.at[i].name, p.key);
        expect_refused(&p, "a header instead of the query was accepted");
    }
    if (s->basic_user.p != NULL && (demanded(s, s->basic_user) || demanded(s, s->basic_password))) {
        probe p = probe_of(cx, app, s, good_key);
        for (size_t i = 0; i < p.headers_n; i++) {
            if (ks_str_eq(p.headers[i].name, KS_S("Authorization")))
                p.headers[i].value = ks_fmt(cx, "Bearer " KS_FMT, KS_ARG(p.key));
        }
        expect_refused(&p, "a bearer instead of Basic was accepted");
    }
}

/* Body members in the query, and an empty body; Basic with nothing in it. */
static void refuse_other_bodies(ks_ctx *cx, const ks_app *app, const ks_app_scheme *s)
{
    for (size_t i = 0; i < s->body.n && !ks_str_eq(s->check.method, KS_S("GET")); i++) {
        if (!demanded(s, s->body.at[i].value))
            continue;
        probe p = probe_of(cx, app, s, good_key);
        ks_buf_clear(p.body);
        ks_buf_z(p.body, "{}");
        add_query(&p, s->body.at[i].name, p.key);
        expect_refused(&p, "the query instead of the body was accepted");
    }
    if (!demanded(s, s->basic_user) && !demanded(s, s->basic_password))
        return;
    probe p = probe_of(cx, app, s, good_key);
    for (size_t i = 0; i < p.headers_n; i++) {
        if (ks_str_eq(p.headers[i].name, KS_S("Authorization")))
            p.headers[i].value = KS_S("Basic Og=="); /* ":" */
    }
    expect_refused(&p, "an empty Basic was accepted");
}

static void bodies_are_not_taken_from_elsewhere_and_basic_is_not_empty(void **state)
{
    (void)state;
    each_scheme(refuse_other_bodies);
}

static void query_and_basic_are_not_taken_from_elsewhere(void **state)
{
    (void)state;
    each_scheme(refuse_headers_for_query);
}

static void refuse_other_bases(ks_ctx *cx, const ks_app *app, const ks_app_scheme *s)
{
    ks_str base = base_path(s);
    if (stripped(base).n < 2 || ks_str_starts(s->base, KS_S("{{")) ||
        ks_str_find(base, KS_S("{{")) != SIZE_MAX)
        return;
    for (size_t i = 0; i < app->actions_n; i++) {
        if (ks_str_starts(app->actions[i].path, KS_S("https://")))
            return;
    }
    probe p = probe_of(cx, app, s, good_key);
    p.path = KS_S("/elsewhere/me");
    expect_refused(&p, "another base path was accepted");
}

static void another_base_path_is_refused(void **state)
{
    (void)state;
    each_scheme(refuse_other_bases);
}

static void limit_and_fail(ks_ctx *cx, const ks_app *app, const ks_app_scheme *s)
{
    if (!has_place(s))
        return;
    probe           p = probe_of(cx, app, s, "a-limited-key-0123456789");
    ks_ghost_answer a = ask(&p);
    if (s->check.limited.n > 0)
        EXPECT(fits(cx, &s->check.limited.at[0], &a) && !any_fits(cx, s->check.bad, &a), &p, a,
               "not limited");
    p = probe_of(cx, app, s, "a-down-key-0123456789");
    a = ask(&p);
    EXPECT(a.status == 503, &p, a, "not down");
    p = probe_of(cx, app, s, "a-slow-key-0123456789");
    a = ask(&p);
    EXPECT(a.slow, &p, a, "not slow");
}

static void words_in_the_value_limit_delay_and_fail_the_answer(void **state)
{
    (void)state;
    each_scheme(limit_and_fail);
}

static void echo_without_secret(ks_ctx *cx, const ks_app *app, const ks_app_scheme *s)
{
    probe p = probe_of(cx, app, s, good_key);
    add_path(&p, KS_S("/ghost-echo?colour=blue&a%5B0%5D=one"));
    p.method = KS_S("PUT");
    ks_ghost_answer a = ask(&p);
    EXPECT(a.status == 200, &p, a, "no echo");
    EXPECT(ks_str_find(a.body, KS_S("\"colour\":\"blue\"")) != SIZE_MAX, &p, a, "the query is not echoed");
    EXPECT(ks_str_find(a.body, KS_S("\"a[0]\":\"one\"")) != SIZE_MAX, &p, a,
           "a name with brackets is not echoed");
    EXPECT(ks_str_find(a.body, ks_str_of(good_key)) == SIZE_MAX, &p, a, "the credential is echoed");
}

static void everything_else_is_echoed_without_the_credential(void **state)
{
    (void)state;
    each_scheme(echo_without_secret);
}

/* ---- single cases ---- */

static ks_ghost_answer ask_plain(ks_ctx *cx, const char *name, const char *path)
{
    const ks_ghost_ask a = {.name = ks_str_of(name), .method = KS_S("GET"), .path = ks_str_of(path)};
    ks_ghost_answer    out;
    assert_int_equal(ks_ghost_judge(cx, catalog, &a, &out), KS_OK);
    return out;
}

static void an_app_without_credentials_is_echoed(void **state)
{
    (void)state;
    ks_ctx          cx = ks_ctx_new(arena, NULL);
    ks_ghost_answer a = ask_plain(&cx, "hackernews", "/v0/item/1.json");
    assert_int_equal(a.status, 200);
    assert_true(ks_str_find(a.body, KS_S("\"path\":\"/item/1.json\"")) != SIZE_MAX);
    assert_int_equal(ask_plain(&cx, "hackernews.", "/v0/item/1.json").status, 200);
    assert_int_equal(ask_plain(&cx, "hackernews", "/v1/item/1.json").status, 401);
}

static void an_unknown_app_or_scheme_is_told(void **state)
{
    (void)state;
    ks_ctx cx = ks_ctx_new(arena, NULL);
    assert_int_equal(ask_plain(&cx, "nobody.API_KEY", "/").status, 404);
    assert_int_equal(ask_plain(&cx, "", "/").status, 404);
    assert_int_equal(ask_plain(&cx, "demo.OTHER", "/v1/me").status, 401);
    assert_int_equal(ask_plain(&cx, "demo", "/v1/me").status, 401);
}

KS_TESTS_WITH(setup, teardown, the_declared_place_is_accepted_for_every_scheme,
              the_good_answer_holds_the_identity, wrong_and_empty_values_are_refused_for_every_scheme,
              other_headers_and_words_are_refused_for_every_scheme,
              query_and_basic_are_not_taken_from_elsewhere,
              bodies_are_not_taken_from_elsewhere_and_basic_is_not_empty, another_base_path_is_refused,
              words_in_the_value_limit_delay_and_fail_the_answer,
              everything_else_is_echoed_without_the_credential, an_app_without_credentials_is_echoed,
              an_unknown_app_or_scheme_is_told)
