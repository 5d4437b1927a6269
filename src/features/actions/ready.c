/* features/actions/ready.c — see ready.h. A token is cached sealed for its place (project, connection,
 * version of the values, name), so new values never meet an old token. */
#include "features/actions/ready.h"

#include "base/time.h"
#include "features/actions/derive.h"
#include "features/actions/token_cache.h"
#include "features/apps/catalog.h"
#include "features/env.h"
#include "features/tokens/tokens.h"

typedef struct readying {
    ks_tail               tail; /* first: waiting for the loop, or for another's request */
    ks_exchange          *x;
    ks_ready              ready;
    ks_derive             d;
    unsigned              flags;
    int64_t               not_before_us; /* monotonic: older tokens do not count */
    ks_ready_next         next;
    void                 *arg;
    ks_tokens            *tokens; /* NULL: nothing is kept */
    const ks_app_derived *token;  /* the one it is about */
    ks_token_id           id;
    bool                  mine, waiting, renewing;
    ks_token_wait         wait;
} readying;

/* ---- the cache ---- */

static ks_tokens *cache_of(const ks_ctx *cx, const ks_subject *s)
{
    return s->connection_id.n > 0 && s->version > 0 ? cx->env->tokens : NULL;
}

static ks_place place_of(const ks_subject *s, ks_str name)
{
    return (ks_place){KS_S("tokens"), s->project_id, s->connection_id, name, s->version};
}

static void token_id(const ks_ctx *cx, const ks_subject *s, ks_str name, ks_token_id *id)
{
    unsigned char version[8];
    for (size_t i = 0; i < sizeof version; i++)
        version[i] = (unsigned char)(s->version >> (56 - 8 * i));
    const ks_str parts[] = {
        KS_S("token"), s->project_id, s->connection_id, {(const char *)version, sizeof version}, name};
    ks_mac(cx->env->keys, KS_FOR_CACHE, parts, KS_COUNT(parts), id->b);
}

static ks_status open_token(ks_ctx *cx, const readying *r, const ks_sealed *sealed, ks_value **values,
                            size_t *n)
{
    const ks_place place = place_of(&r->d.subject, r->token->name);
    KS_TRY(ks_project_unlock(cx, cx->project_id));
    return ks_envelope_open(cx, cx->env->keys, &place, sealed, values, n);
}

/* The flight ends, with a token or without; also when the exchange ends in the middle of it. */
static void land(readying *r, const ks_sealed *fresh, int64_t life_us, ks_token_news news)
{
    if (r->mine)
        ks_tokens_end(r->tokens, &r->id, fresh, life_us, news);
    r->mine = false;
}

static void forget(void *arg)
{
    land(arg, NULL, 0, (ks_token_news){0});
}

static ks_status keep(ks_ctx *cx, readying *r, const ks_grant *g)
{
    const ks_place place = place_of(&r->d.subject, r->token->name);
    ks_sealed      sealed;
    if (!r->mine || g->life_us <= 0)
        return KS_OK;
    KS_TRY(ks_project_unlock(cx, cx->project_id)); /* the vendor took its time */
    KS_TRY(ks_envelope_seal(cx, cx->env->keys, &place, g->values, g->n, &sealed));
    land(r, &sealed, g->life_us, (ks_token_news){0});
    return KS_OK;
}

/* ---- how it ends ---- */

static ks_status give_up(ks_ctx *cx, const ks_req *rq, ks_res *rs, readying *r, ks_ready_state state,
                         ks_str why)
{
    if (why.p == NULL)
        return ks_no_memory(cx);
    r->ready.state = state;
    r->ready.why = why;
    cx->err = (ks_err){0};
    return r->next(cx, rq, rs, &r->ready, r->arg);
}

/* What the token endpoint's answer, or its silence, means; in our own words. */
static ks_token_news judge(const ks_answer *a)
{
    if (a->outcome == KS_UP_REFUSED)
        return (ks_token_news){.state = KS_READY_FAILED, .why = "may not be called"};
    if (a->outcome != KS_UP_ANSWERED)
        return (ks_token_news){.state = KS_READY_UNREACHED, .why = a->why};
    if (a->status == 400 || a->status == 401 || a->status == 403)
        return (ks_token_news){.state = KS_READY_REFUSED,
                               .status = a->status,
                               .why = "what this connection holds was not accepted there"};
    if (a->status < 200 || a->status > 299)
        return (ks_token_news){
            .state = KS_READY_UNREACHED, .status = a->status, .why = "it handed out no token"};
    return (ks_token_news){0};
}

static const ks_token_news no_token = {
    .state = KS_READY_FAILED, .status = 200, .why = "its answer holds no token where one is expected"};

/* A check makes up its own mind; the call after one that was refused counts it again, as if it had asked. */
static void hold(const readying *r, ks_token_news *news)
{
    if (news->state != KS_READY_REFUSED)
        return;
    news->holds_us = KS_TOKEN_REFUSED_US;
    news->counts = !(r->flags & KS_READY_CHECK);
}

/* Told of a refusal that is not older than KS_TOKEN_REFUSED_US. */
static ks_status tell_again(ks_ctx *cx, const ks_req *rq, ks_res *rs, readying *r, const ks_token_news *news)
{
    int64_t left_s = (news->holds_us + 999999) / 1000000;
    ks_str  why = ks_fmt(
         cx,
         "its token endpoint answered %d a moment ago, and %s; it is asked again in %lld s, or "
          "when the connected account is checked or gets new values",
         news->status, news->why, (long long)left_s);
    return give_up(cx, rq, rs, r, news->counts ? KS_READY_REFUSED : KS_READY_UNREACHED, why);
}

static ks_status tell(ks_ctx *cx, const ks_req *rq, ks_res *rs, readying *r, ks_token_news news)
{
    ks_str why = news.status > 0 ? ks_fmt(cx, "its token endpoint answered %d, and %s", news.status, news.why)
                                 : ks_fmt(cx, "its token endpoint gave no answer: %s", news.why);
    return give_up(cx, rq, rs, r, (ks_ready_state)news.state, why);
}

/* ---- one token ---- */

static ks_status came(ks_ctx *cx, const ks_req *rq, ks_res *rs, const ks_answer *a, void *arg);

static ks_status ask(ks_ctx *cx, ks_res *rs, readying *r, const ks_secret *refresh)
{
    ks_call *call;
    r->renewing = refresh != NULL;
    KS_TRY(ks_build_token(cx, &r->d.subject, r->token, refresh, &call));
    if (r->flags & KS_READY_CHECK)
        call->total_ms = call->connect_ms = KS_UP_VERIFY_MS;
    return ks_res_upstream(cx, rs, call, came, r);
}

/* What renews the token that has ended; NULL: it is asked for as the first time. */
static const ks_secret *refresh_of(ks_ctx *cx, const readying *r, const ks_sealed *old)
{
    ks_str    name = ks_fmt(cx, KS_FMT KS_DERIVE_REFRESH, KS_ARG(r->token->name));
    ks_value *values;
    size_t    n;
    if (old->ct.p == NULL || r->token->refresh_url.p == NULL || (r->flags & KS_READY_CHECK) ||
        open_token(cx, r, old, &values, &n) != KS_OK)
        return NULL;
    for (size_t i = 0; i < n; i++) {
        if (ks_str_eq(values[i].name, name))
            return values[i].secret;
    }
    return NULL;
}

static ks_status use_held(ks_ctx *cx, readying *r, const ks_sealed *held)
{
    ks_value *values;
    size_t    n;
    KS_TRY(open_token(cx, r, held, &values, &n));
    ks_derive_put(&r->d, values, n);
    r->ready.cached = true;
    return KS_OK;
}

/* From the cache, from another's request, or by one of our own. *waits: rs->tail says for what. *news: there
 * is none, and why. */
static ks_status find_token(ks_ctx *cx, ks_res *rs, readying *r, bool *waits, ks_token_news *news)
{
    ks_sealed      held;
    ks_token_claim claim;
    *waits = true;
    if (r->tokens == NULL)
        return ask(cx, rs, r, NULL);
    token_id(cx, &r->d.subject, r->token->name, &r->id);
    KS_TRY(ks_tokens_claim(cx, r->tokens, &r->id, r->not_before_us, &held, &claim, news));
    *waits = claim != KS_TOKEN_HELD && claim != KS_TOKEN_NEWS;
    if (!*waits)
        return claim == KS_TOKEN_HELD ? use_held(cx, r, &held) : KS_OK;
    if (claim == KS_TOKEN_MINE) {
        r->mine = true;
        return ask(cx, rs, r, refresh_of(cx, r, &held));
    }
    r->waiting = true;
    rs->tail = &r->tail;
    return KS_OK;
}

static ks_status go_on(ks_ctx *cx, const ks_req *rq, ks_res *rs, readying *r)
{
    for (;;) {
        bool          waits;
        ks_token_news news = {0};
        ks_status     st = ks_derive_step(cx, &r->d, &r->token);
        if (st == KS_OK && r->token == NULL)
            break;
        if (st == KS_OK)
            st = find_token(cx, rs, r, &waits, &news);
        if (st == KS_INVALID) {
            land(r, NULL, 0, (ks_token_news){0});
            return give_up(cx, rq, rs, r, KS_READY_FAILED, ks_fmt(cx, KS_FMT, KS_ARG(cx->err.message)));
        }
        if (st != KS_OK || waits)
            return st;
        if (news.state != KS_READY)
            return tell_again(cx, rq, rs, r, &news);
    }
    r->ready.subject = &r->d.subject;
    return r->next(cx, rq, rs, &r->ready, r->arg);
}

static ks_status came(ks_ctx *cx, const ks_req *rq, ks_res *rs, const ks_answer *a, void *arg)
{
    readying     *r = arg;
    ks_grant     *g = ks_alloc(cx, sizeof *g);
    ks_token_news news = judge(a);
    if (g == NULL)
        return KS_NO_MEMORY;
    if (a->outcome == KS_UP_BUSY)
        return ks_fail(cx, KS_BUSY, NULL, "Too many calls are under way. Try again in a moment.");
    if (r->renewing && news.state == KS_READY_REFUSED)
        return ask(cx, rs, r, NULL); /* what renews ends too: as the first time */
    ks_status st = news.state == KS_READY ? ks_derive_read(cx, r->d.ready.scheme, r->token, a, g) : KS_OK;
    if (st == KS_NO_MEMORY)
        return st;
    if (st != KS_OK)
        news = no_token;
    if (news.state != KS_READY) {
        hold(r, &news);
        land(r, NULL, 0, news);
        return tell(cx, rq, rs, r, news);
    }
    KS_TRY(keep(cx, r, g));
    land(r, NULL, 0, (ks_token_news){0});
    ks_derive_put(&r->d, g->values, g->n);
    return go_on(cx, rq, rs, r);
}

/* ---- waiting ---- */

static void woken(void *arg)
{
    const readying *r = arg;
    ks_exchange_wake(r->x);
}

static void wait_start(ks_tail *tail, ks_exchange *x)
{
    readying *r = (readying *)tail;
    r->x = x;
    r->wait = (ks_token_wait){.wake = woken, .arg = r};
    if (!r->waiting || !ks_tokens_wait(r->tokens, &r->id, &r->wait))
        ks_exchange_wake(x);
}

static ks_status wait_finish(ks_tail *tail, ks_ctx *cx, const ks_req *rq, ks_res *rs)
{
    readying *r = (readying *)tail;
    rs->tail = NULL;
    if (r->waiting && r->wait.news.state != KS_READY)
        return tell(cx, rq, rs, r, r->wait.news);
    r->waiting = false;
    return go_on(cx, rq, rs, r);
}

ks_status ks_make_ready(ks_ctx *cx, ks_res *rs, const ks_subject *s, const ks_call *aim, unsigned flags,
                        ks_ready_next next, void *arg)
{
    readying *r = ks_zalloc(cx, sizeof *r);
    if (r == NULL)
        return KS_NO_MEMORY;
    *r = (readying){.tail = {.start = wait_start, .finish = wait_finish},
                    .flags = flags,
                    .not_before_us = flags & KS_READY_CHECK ? ks_mono_us() : 0,
                    .next = next,
                    .arg = arg,
                    .tokens = flags & KS_READY_UNSTORED ? NULL : cache_of(cx, s)};
    if (!ks_arena_defer(cx->arena, forget, r))
        return ks_no_memory(cx);
    KS_TRY(ks_derive_begin(cx, s, aim, &r->d));
    rs->tail = &r->tail;
    return KS_OK;
}

void ks_ready_drop(ks_ctx *cx, const ks_subject *s)
{
    ks_tokens *t = cache_of(cx, s);
    for (size_t i = 0; t != NULL && i < s->credential->scheme->derive_n; i++) {
        ks_token_id id;
        token_id(cx, s, s->credential->scheme->derive[i].name, &id);
        ks_tokens_drop(t, &id, ks_mono_us());
    }
}
