/* tests/oom/oom_test.c — each route under every allocation that fails in turn (rule D7): that request alone
 * is answered 503 (v1 view: 500), nothing is half stored, nothing leaks, and the same request works right
 * after. Three passes: with everything cold, with everything warm, and with all allocations failing from one
 * on. What leaks is found by the leak checker at the end. Threads: the test's, and those of the store. */
#include <stdio.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/time.h"
#include "features/audit/audit.h"
#include "features/links/assets.h"
#include "features/links/link.h"
#include "features/routes.h"
#include "features/tokens/session.h"
#include "tests/oom/trials.h"
#include "tests/support/test.h"
#include "tests/support/world.h"

#define DENSE 200 /* up to here every allocation, beyond a sixteenth more each time */

typedef struct run {
    ks_world *w;
    char      i[48], c[48], k[48];        /* what {i} {c} {k} stand for; "" when it is spent */
    char      l[48], t[64], f[48], r[96]; /* the same of the link: {l} {t} {f} {r} */
    char      n[48];                      /* {n} */
    char      p[128];                     /* pass of a file: {p} */
    char      o[64];                      /* a code to sign in to the dashboard with: {o} */
    char      d[64], g[64];               /* a session of it: its cookie, and its forms' field {g} */
    char      x[64], y[48];               /* an API key with its right {x}; the project's id {y} */
    bool      own;                        /* the project has the app `spare` */
    unsigned  faults;
    unsigned  seldom; /* faults that did not come again */
} run;

/* One trial made ready, with what it answers when nothing fails. */
typedef struct ready {
    const trial *t;
    char         target[512], headers[512], body[1024];
    ks_buf       shape; /* of the undisturbed answer */
    char         state[4096];
    uint64_t     n;
    unsigned     faults;
} ready;

static const ks_sql sql_project = {"SELECT id FROM projects WHERE name = 'one'"};
static const ks_sql sql_call = {"INSERT INTO calls SELECT 1, id, 1, 'user_1', NULL, 'demo', 'GET /v1/me', "
                                "200, 'ok', 1, 'rq_1', 'ak_1' FROM "
                                "projects WHERE name = 'one' ON CONFLICT DO NOTHING"};
static const ks_sql sql_state = {
    "SELECT (SELECT coalesce(group_concat(id || enabled || status || verdict || labels || version), '') FROM "
    "(SELECT * FROM connections ORDER BY id)) || '/' || "
    "(SELECT coalesce(group_concat(id || enabled || coalesce(limited, '') || given || version), '') FROM "
    "(SELECT * FROM integrations ORDER BY id)) || '/' || "
    "(SELECT group_concat(id || coalesce(revoked_at, '')) FROM (SELECT * FROM api_keys ORDER BY id)) || '/' "
    "|| "
    "(SELECT count(*) FROM projects) || '/' || (SELECT count(*) FROM idempotency) || '/' || "
    "(SELECT count(*) || coalesce(group_concat(coalesce(revoked_at, '')), '') FROM connect_links) || '/' || "
    "(SELECT coalesce(group_concat(key || version), '') FROM custom_apps) || '/' || "
    "(SELECT count(*) || coalesce(sum(size), 0) FROM files)"};
static const ks_sql sql_open = {
    "UPDATE connect_links SET tries = 0, window_tries = 0, used_at = NULL WHERE id = $1"};
/* A link opened anew has no follower yet (LNK-8). */
static const ks_sql sql_alone = {"DELETE FROM connect_links WHERE id <> $1"};
static const ks_sql sql_used = {
    "UPDATE connect_links SET used_at = CAST(strftime('%s', 'now') AS INTEGER) * 1000000 WHERE id = $1"};
static const ks_sql sql_unrevoke = {"UPDATE api_keys SET revoked_at = NULL"};
static const ks_sql sql_due = {"UPDATE connections SET next_check_at = 1"};
static const ks_sql sql_forget[] = {
    {"DELETE FROM connections WHERE id <> $1"},
    {"DELETE FROM integrations WHERE id NOT IN (SELECT integration_id FROM connections)"},
    {"DELETE FROM connect_links"},
    {"DELETE FROM dash_sessions"},
    {"DELETE FROM api_keys WHERE name = 'trial'"},
    {"DELETE FROM projects WHERE name = 'trial'"},
    {"DELETE FROM files"},
    {"DELETE FROM idempotency WHERE key = 'once'"},
};

/* ---- the things trials work on ---- */

/* After a COMMIT that failed for lack of memory, too, the store proves first that it writes (rule D2): go on
 * when a change has gone through. */
static void await_store(ks_world *w, bool failed)
{
    int64_t until = ks_mono_us() + 10000000;
    while (failed && !world_change(w, &sql_forget[KS_COUNT(sql_forget) - 1], KS_NO_STR) &&
           ks_mono_us() < until)
        ks_loop_turn(w->loop, 10);
}

static void make_things(run *r)
{
    ks_world *w = r->w;
    char      body[256];
    await_store(w, w->fail_all);
    w->local = true;
    if (r->k[0] == '\0' &&
        world_call(w, "POST", "/ks/admin/keys", NULL, "{\"project\":\"one\",\"name\":\"spare\"}") == 200)
        world_member(w, "id", r->k, sizeof r->k);
    w->local = false;
    if (r->i[0] == '\0' && world_call(w, "POST", "/v1/integrations", NULL,
                                      "{\"appId\":\"demo\",\"forceNewIntegration\":true}") == 200)
        world_member(w, "id", r->i, sizeof r->i);
    snprintf(
        body, sizeof body,
        "{\"integrationId\":\"%s\",\"userUuid\":\"user_1\",\"data\":{\"api_key\":\"demo_0123456789abcdef\"}}",
        r->i);
    if (r->c[0] == '\0' && world_call(w, "POST", "/v1/connectedAccounts", NULL, body) == 200)
        world_member(w, "connectedAccountId", r->c, sizeof r->c);
    assert_true(r->i[0] != '\0' && r->c[0] != '\0' && r->k[0] != '\0');
}

static void copy_out(ks_str s, char *to, size_t size)
{
    assert_true(s.p != NULL && s.n < size);
    memcpy(to, s.p, s.n);
    to[s.n] = '\0';
}

/* A link that is open, or was just used, whatever the call before made of it. */
static void make_link(run *r, unsigned flags)
{
    ks_world *w = r->w;
    char      body[128], url[256];
    ks_ctx    cx = ks_ctx_new(w->own, &w->env);
    if (r->l[0] == '\0') {
        snprintf(body, sizeof body, "{\"connection_id\":\"%s\"}", r->c);
        assert_int_equal(world_call(w, "POST", "/ks/links", "Host: 127.0.0.1", body), 201);
        world_member(w, "id", r->l, sizeof r->l);
        world_member(w, "url", url, sizeof url);
        copy_out(ks_str_of(strrchr(url, '/') + 1), r->t, sizeof r->t);
        ks_link l = {.id = ks_str_of(r->l)};
        copy_out(ks_link_csrf(&cx, &l), r->f, sizeof r->f);
        copy_out(ks_link_receipt(&cx, &l), r->r, sizeof r->r);
    }
    assert_true(world_change(w, (flags & DONE) != 0 ? &sql_used : &sql_open, ks_str_of(r->l)));
    assert_true(world_change(w, &sql_alone, ks_str_of(r->l)));
}

static void make_pass(run *r)
{
    char url[256];
    assert_int_equal(world_call(r->w, "POST", "/v2/actions/files/upload/request", "Host: 127.0.0.1",
                                "{\"filename\":\"a.txt\"}"),
                     200);
    world_member(r->w, "url", url, sizeof url);
    copy_out(ks_str_of(strrchr(url, '/') + 1), r->p, sizeof r->p);
}

/* "…/f/PASS/NAME" */
static void make_given(run *r)
{
    char url[256], *name;
    assert_int_equal(world_call(r->w, "POST", GIVES_FILE, "Host: 127.0.0.1", TO_GIVE_FILE), 200);
    world_member(r->w, "s3url", url, sizeof url);
    assert_non_null(name = strrchr(url, '/'));
    *name = '\0';
    copy_out(ks_str_of(strrchr(url, '/') + 1), r->p, sizeof r->p);
}

/* A code, and the session another one was turned into, whatever became of those before; and a call to look
 * at.
 */
static void make_session(run *r, const trial *t)
{
    ks_change *c;
    ks_str     code, again, cookie;
    bool spends = strstr(t->target, "{o}") != NULL || (t->body != NULL && strstr(t->body, "{x}") != NULL);
    if (r->d[0] != '\0' && !spends)
        return;
    await_store(r->w, true);
    ks_arena *own = ks_arena_new(KS_ARENA_MAX); /* the world's would fill up: this is done many times */
    assert_non_null(own);
    world_ask(r->w, &sql_project, r->y, sizeof r->y);
    ks_ctx cx = ks_ctx_new(own, &r->w->env);
    assert_int_equal(ks_change_new(&cx, &c), KS_OK);
    assert_int_equal(ks_session_invite_add(&cx, c, ks_str_of(r->y), &code), KS_OK);
    assert_int_equal(ks_session_invite_add(&cx, c, ks_str_of(r->y), &again), KS_OK);
    assert_int_equal(ks_store_apply(&cx, r->w->vault.store, c), KS_OK);
    assert_int_equal(ks_change_new(&cx, &c), KS_OK);
    assert_int_equal(ks_session_redeem_add(&cx, c, again, &cookie), KS_OK);
    assert_int_equal(ks_store_apply(&cx, r->w->vault.store, c), KS_OK);
    assert_int_equal(ks_session_enter(&cx, cookie), KS_OK);
    copy_out(code, r->o, sizeof r->o);
    copy_out(cookie, r->d, sizeof r->d);
    copy_out(ks_session_csrf(&cx), r->g, sizeof r->g);
    ks_arena_free(own);
    assert_true(world_change(r->w, &sql_call, KS_NO_STR));
    r->w->local = true;
    assert_int_equal(
        world_call(r->w, "POST", "/ks/admin/keys", NULL,
                   "{\"project\":\"one\",\"name\":\"trial\",\"scopes\":[\"read\",\"dashboard\"]}"),
        200);
    r->w->local = false;
    world_member(r->w, "key", r->x, sizeof r->x);
}

static void make_database(run *r)
{
    char id[48], body[256];
    if (r->n[0] != '\0')
        return;
    assert_int_equal(world_call(r->w, "POST", "/v1/integrations", NULL,
                                "{\"appId\":\"postgresql\",\"forceNewIntegration\":true}"),
                     200);
    world_member(r->w, "id", id, sizeof id);
    snprintf(body, sizeof body,
             "{\"integrationId\":\"%s\",\"userUuid\":\"user_1\",\"data\":{\"host\":\"127.0.0.1\","
             "\"database\":\"d\","
             "\"username\":\"u\",\"password\":\"0123456789\"}}",
             id);
    assert_int_equal(world_call(r->w, "POST", "/v1/connectedAccounts", NULL, body), 200);
    world_member(r->w, "connectedAccountId", r->n, sizeof r->n);
}

static void make_app(run *r)
{
    const char file[] = "{\"file\":\"app: spare\\nname: Spare\\nabout: Things.\\ncategories: [tools]\\n"
                        "home: https://spare.example\\ndocs: none\\nbase: https://api.spare.example\\n\"}";
    if (!r->own)
        assert_int_equal(world_call(r->w, "POST", "/ks/apps", NULL, file), 201);
    r->own = true;
}

static void remove_made(run *r)
{
    r->l[0] = r->n[0] = r->d[0] = '\0';
    await_store(r->w, r->w->fail_all);
    assert_true(world_change(r->w, &sql_forget[0], ks_str_of(r->c)));
    for (size_t i = 1; i < KS_COUNT(sql_forget); i++)
        assert_true(world_change(r->w, &sql_forget[i], KS_NO_STR));
}

/* What a hole stands for; NULL for none. */
static const char *hole(const run *r, char name)
{
    switch (name) {
    case 'i':
        return r->i;
    case 'c':
        return r->c;
    case 'k':
        return r->k;
    case 'l':
        return r->l;
    case 't':
        return r->t;
    case 'f':
        return r->f;
    case 'r':
        return r->r;
    case 'p':
        return r->p;
    case 'o':
        return r->o;
    case 'g':
        return r->g;
    case 'x':
        return r->x;
    case 'y':
        return r->y;
    case 'n':
        return r->n;
    case 's':
        return ks_asset_connect_css.name.p;
    default:
        return NULL;
    }
}

static void fill_in(const run *r, const char *from, char *to, size_t size)
{
    size_t n = 0;
    for (const char *p = from ? from : ""; *p != '\0' && n + 128 < size; p++) {
        const char *value = p[0] == '{' && p[1] != '\0' && p[2] == '}' ? hole(r, p[1]) : NULL;
        if (value == NULL) {
            to[n++] = *p;
            continue;
        }
        n += (size_t)snprintf(to + n, size - n, "%s", value);
        p += 2;
    }
    to[n] = '\0';
}

/* After a success: what it made is removed, what it used up is made again before the next call. */
static void clean_up(run *r, const trial *t)
{
    if ((t->flags & OWN_APP) != 0)
        r->own = (t->flags & SPENDS) == 0;
    else if ((t->flags & SPENDS) != 0) {
        r->l[0] = '\0';
        r->k[0] = strstr(t->path, "keys") != NULL ? '\0' : r->k[0];
        r->c[0] = strstr(t->path, "keys") != NULL ? r->c[0] : '\0';
        bool config = strstr(t->path, "/integrations/{id}") != NULL ||
                      strstr(t->path, "auth_configs") != NULL ||
                      strstr(t->path, "disable-integrations") != NULL;
        r->i[0] = config ? '\0' : r->i[0];
    }
    if (strstr(t->path, "revoke-keys") != NULL)
        assert_true(world_change(r->w, &sql_unrevoke, KS_NO_STR));
    if ((t->flags & (MAKES | WAITS)) != 0)
        remove_made(r);
    if (strcmp(t->path, "/ks/apps") == 0 && (t->flags & MAKES) != 0)
        assert_int_equal(world_call(r->w, "DELETE", "/ks/apps/tidal", NULL, NULL), 200);
}

static int call(run *r, ready *q, uint64_t n, bool all)
{
    const trial *t = q->t;
    ks_world    *w = r->w;
    make_things(r);
    if ((t->flags & LINK) != 0)
        make_link(r, t->flags);
    if ((t->flags & OWN_APP) != 0)
        make_app(r);
    if ((t->flags & PASS) != 0)
        make_pass(r);
    if ((t->flags & GIVEN) != 0)
        make_given(r);
    if ((t->flags & SESSION) != 0)
        make_session(r, t);
    if ((t->flags & NOBODY) != 0)
        make_database(r);
    fill_in(r, t->target, q->target, sizeof q->target);
    fill_in(r, t->body, q->body, sizeof q->body);
    if ((t->flags & DUE) != 0)
        assert_true(world_change(w, &sql_due, KS_NO_STR));
    world_ask(w, &sql_state, q->state, sizeof q->state);
    const ks_route *const *routes = w->app.routes;
    if ((t->flags & GHOST) != 0) {
        w->app.routes = w->ghost_app.routes;
        w->app.index = NULL;
    }
    w->local = (t->flags & LOCAL) != 0;
    w->fail_at = n;
    w->fail_all = all;
    snprintf(q->headers, sizeof q->headers, "%s%s%s%s", t->headers ? t->headers : "",
             t->headers && (t->flags & SESSION) ? "\n" : "",
             (t->flags & SESSION) ? "Cookie: keysteward=" : "", (t->flags & SESSION) ? r->d : "");
    int status = world_call(w, t->method, q->target, q->headers[0] ? q->headers : NULL, q->body);
    if (strstr(t->path, "logout") != NULL || strstr(t->path, "end-sessions") != NULL)
        r->d[0] = '\0';
    w->fail_at = 0;
    w->local = false;
    w->app.routes = routes;
    w->app.index = &w->routes;
    q->n = n;
    return status;
}

/* ---- judging ---- */

/* A JSON text, or a page, without what differs from call to call: numbers, texts with a digit or '_' in them,
 * and ages ("59 s ago", then "1 min ago"). */
static void shape_of(ks_str body, ks_buf *out)
{
    for (size_t i = 0; i < body.n; i++) {
        if (ks_str_starts(ks_str_sub(body, i, SIZE_MAX), KS_S("</time>")))
            while (out->n > 0 && out->p[out->n - 1] != '>')
                out->n--;
        if (body.p[i] != '"') {
            if (strchr("0123456789", body.p[i]) == NULL)
                ks_buf_c(out, body.p[i]);
            continue;
        }
        size_t from = i;
        bool   varies = false;
        for (i++; i < body.n && body.p[i] != '"'; i++) {
            varies |= strchr("0123456789_", body.p[i]) != NULL;
            i += body.p[i] == '\\';
        }
        ks_buf_str(out, varies ? KS_S("\"~\"") : ks_str_sub(body, from, i + 1 - from));
    }
}

static void complain(run *r, ready *q, const char *what)
{
    ks_str body = ks_str_sub(ks_buf_view(&r->w->body), 0, 300);
    r->faults++;
    if (++q->faults > 4)
        return;
    print_error("%s %s, allocation %llu of %llu: %s (%d " KS_FMT ")\n", q->t->method, q->t->target,
                (unsigned long long)q->n, (unsigned long long)r->w->asked, what, r->w->status, KS_ARG(body));
}

static void judge_success(run *r, ready *q)
{
    ks_buf shape = ks_buf_new(64 * 1024 * 1024);
    if ((q->t->flags & TEXT) == 0 && r->w->body.n > 0 && ks_json_fault(ks_buf_view(&r->w->body)) != NULL)
        complain(r, q, "the answer is no JSON");
    shape_of(ks_buf_view(&r->w->body), &shape);
    if ((q->t->flags & (VENDOR | MOVES)) == 0 && !ks_str_eq(ks_buf_view(&shape), ks_buf_view(&q->shape)))
        complain(r, q, "the answer differs from the undisturbed one");
    ks_buf_done(&shape);
}

/* A refusal says that memory is short, or that a service has no room for it now; and nothing was stored. */
static void judge_failure(run *r, ready *q)
{
    const ks_world *w = r->w;
    char            state[sizeof q->state];
    bool            v1 = w->x.rq.route != NULL && w->x.rq.route->view == KS_VIEW_V1;
    bool            known = w->status == (v1 ? 500 : 503);
    if ((q->t->flags & VENDOR) != 0)
        known |= w->status == 500 || w->status == 502 || w->status == 503; /* 500: passed on from the ghost */
    if (!known)
        complain(r, q, "wrong status");
    if ((q->t->flags & TEXT) == 0 && ks_json_fault(ks_buf_view(&w->body)) != NULL)
        complain(r, q, "the error is no JSON");
    world_ask(r->w, &sql_state, state, sizeof state);
    if ((q->t->flags & WAITS) == 0 && strcmp(state, q->state) != 0)
        complain(r, q, "something was stored");
}

static bool is_good(const trial *t, int status)
{
    return status == 200 || status == 201 || status == 303 || ((t->flags & NOBODY) != 0 && status == 502);
}

static void judge(run *r, ready *q, int status)
{
    if (status == 0 || !world_settle(r->w))
        complain(r, q, "the request does not come to an end");
    else if (is_good(q->t, status) && !r->w->cut)
        judge_success(r, q);
    else if (!is_good(q->t, status))
        judge_failure(r, q);
    bool stored = is_good(q->t, status);
    if ((q->t->flags & WAITS) != 0 && !stored) { /* stored or not: begin with fresh things */
        clean_up(r, q->t);
        return;
    }
    if (stored)
        clean_up(r, q->t);
    if (stored && !r->w->cut)
        return;
    uint64_t n = q->n;
    int      again = call(r, q, 0, false);
    q->n = n;
    if (!is_good(q->t, again))
        complain(r, q, "the same request fails afterwards");
    clean_up(r, q->t);
}

/* ---- passes ---- */

typedef enum pass { COLD, WARM, ALL_AFTER } pass;

static uint64_t next(pass p, uint64_t n)
{
    uint64_t dense = p == COLD ? DENSE : p == WARM ? 40 : 4;
    return n < dense ? n + 1 : n + n / (p == COLD ? 16 : 4);
}

/* One call with its n-th allocation failing. Which one that is depends on the writer's thread too, so what
 * goes wrong is tried again: twice without a fault, and it was a rare meeting of threads, which is told and
 * counted apart. False: the trial has no more allocations. */
static bool disturb(run *r, ready *q, pass p, uint64_t n, int *status)
{
    unsigned before = r->faults, tries = 0;
    bool     more;
    do {
        if (p == COLD)
            assert_true(world_cool(r->w));
        unsigned until_now = r->faults;
        *status = call(r, q, n, p == ALL_AFTER);
        more = *status != 0 && r->w->asked >= n;
        judge(r, q, *status);
        if (r->faults > until_now)
            tries = tries == 0 ? 1 : 3;
        else if (tries > 0)
            tries++;
    } while (tries == 1 || tries == 2);
    if (tries == 3 && r->faults == before + 1) {
        r->faults = before;
        r->seldom++;
    }
    return more;
}

static uint64_t sweep(run *r, const trial *t, pass p)
{
    ready    q = {.t = t, .shape = ks_buf_new(64 * 1024 * 1024)};
    uint64_t n = 1;
    int      status = call(r, &q, 0, false);
    shape_of(ks_buf_view(&r->w->body), &q.shape);
    if (!is_good(t, status))
        complain(r, &q, "fails with nothing in its way");
    clean_up(r, t);
    for (; is_good(t, status) && q.faults < 30 && disturb(r, &q, p, n, &status); n = next(p, n))
        status = 200;
    ks_buf_done(&q.shape);
    return n;
}

static void sweep_all(run *r, pass p)
{
    const char *only = getenv("KEYSTEWARD_TEST_ONLY"), *half = getenv("KEYSTEWARD_TEST_HALF");
    for (size_t i = 0; i < trials_n; i++) {
        if ((only != NULL && strstr(trials[i].target, only) == NULL) ||
            (half != NULL && i % 2 != (size_t)(half[0] - '0')))
            continue;
        int64_t  from = ks_now_us();
        uint64_t n = sweep(r, &trials[i], p);
        if (getenv("KEYSTEWARD_TEST_TIMES") != NULL)
            print_message("%d %6llu %6lld ms %s %s\n", p, (unsigned long long)n,
                          (long long)((ks_now_us() - from) / 1000), trials[i].method, trials[i].target);
    }
    assert_int_equal(r->faults, 0);
    assert_true(r->seldom <= 2);
    int64_t count;
    ks_ctx  cx = ks_ctx_new(r->w->own, &r->w->env);
    assert_int_equal(ks_audit_check(&cx, &count), KS_OK);
}

static void each_route_outlives_each_failing_allocation_when_cold(void **state)
{
    sweep_all(*state, COLD);
}

static void each_route_outlives_each_failing_allocation_when_warm(void **state)
{
    sweep_all(*state, WARM);
}

static void each_route_outlives_memory_that_stays_short(void **state)
{
    sweep_all(*state, ALL_AFTER);
}

/* The rows below /v3.1 are those below /v3 again, made by one macro; their trials count for both. */
static bool is_for(const trial *t, const ks_route *route)
{
    bool   again = strncmp(route->path, "/v3.1/", 6) == 0;
    size_t from = again ? 6 : 0;
    if (again && strncmp(t->path, "/v3/", 4) != 0)
        return false;
    return strcmp(t->method, route->method) == 0 &&
           strcmp(t->path + (again ? 4 : 0), route->path + from) == 0;
}

static void expect_trials(const ks_route *table)
{
    for (const ks_route *route = table; route->method != NULL; route++) {
        bool found = false;
        for (size_t i = 0; i < trials_n; i++)
            found |= is_for(&trials[i], route);
        if (!found)
            fail_msg("no trial for %s %s", route->method, route->path);
    }
}

static void every_route_has_a_trial(void **state)
{
    (void)state;
    for (size_t i = 0; ks_served_routes[i] != NULL; i++)
        expect_trials(ks_served_routes[i]);
    expect_trials(ks_ghost_routes);
}

#if defined(__SANITIZE_ADDRESS__)
/* libcurl 7.88 loses 920 bytes now and then when an allocation of its own fails; every handle of ours is
 * freed, as the other tests show with the leak checker on. */
__attribute__((visibility("default"))) const char *__lsan_default_suppressions(void);
const char                                        *__lsan_default_suppressions(void)
{
    return "leak:libcurl.so";
}
#endif

static int set_up(void **state)
{
    run *r = calloc(1, sizeof *r);
    r->w = world_new();
    *state = r;
    return r->w != NULL ? 0 : -1;
}

static int tear_down(void **state)
{
    run *r = *state;
    world_free(r->w);
    free(r);
    return 0;
}

KS_TESTS_WITH(set_up, tear_down, every_route_has_a_trial,
              each_route_outlives_each_failing_allocation_when_cold,
              each_route_outlives_each_failing_allocation_when_warm,
              each_route_outlives_memory_that_stays_short)
