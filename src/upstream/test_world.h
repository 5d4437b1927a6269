/* upstream/test_world.h — what the tests of sending share: a loop, an upstream that may call loopback, calls
 * made in a line, and names that resolve without a resolver. Included by tests, never by the program. */
#pragma once
#include <dlfcn.h>
#include <netdb.h>

#include "base/time.h"
#include "upstream/send.h"
#include "upstream/test_vendor.h"

typedef struct world {
    ks_arena      *arena;
    ks_ctx         cx;
    ks_loop       *loop;
    ks_exceptions *exceptions;
    ks_upstream   *up;
    ks_metrics     metrics;
    vendor        *v;
} world;

/* vendor.test is here, inner.test is a private address, mixed.test both; hung.test never answers until
 * let_go. Nothing else has an address: no test asks a resolver. */
static pthread_mutex_t resolver_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t  resolver_cond = PTHREAD_COND_INITIALIZER;
static bool            resolver_free = true;
static unsigned        resolved;

__attribute__((visibility("default"))) int getaddrinfo(const char *node, const char *service,
                                                       const struct addrinfo *hints, struct addrinfo **res)
{
    int (*real)(const char *, const char *, const struct addrinfo *, struct addrinfo **);
    void *found = dlsym(RTLD_NEXT, "getaddrinfo");
    memcpy(&real, &found, sizeof real);
    pthread_mutex_lock(&resolver_lock);
    resolved++;
    while (node && strcmp(node, "hung.test") == 0 && !resolver_free)
        pthread_cond_wait(&resolver_cond, &resolver_lock);
    pthread_mutex_unlock(&resolver_lock);
    struct addrinfo want = hints ? *hints : (struct addrinfo){0};
    want.ai_flags |= AI_NUMERICHOST;
    want.ai_family = AF_UNSPEC;
    if (node && (strcmp(node, "vendor.test") == 0 || strcmp(node, "localhost") == 0))
        node = "127.0.0.1";
    else if (node && strcmp(node, "inner.test") == 0)
        node = "10.0.0.1";
    else if (node && strcmp(node, "inner6.test") == 0)
        node = "::ffff:192.168.0.1";
    return real(node, service, &want, res);
}

static KS_UNUSED void resolver_hangs(bool hangs)
{
    pthread_mutex_lock(&resolver_lock);
    resolver_free = !hangs;
    pthread_cond_broadcast(&resolver_cond);
    pthread_mutex_unlock(&resolver_lock);
}

/* An upstream over the vendor; `listed`: the vendor's port is an exception of the operator. */
static KS_UNUSED void world_begin(world *w, vendor *v, bool listed, ks_upstream_options o)
{
    memset(w, 0, sizeof *w);
    w->arena = ks_arena_new(KS_ARENA_MAX);
    w->cx = ks_ctx_new(w->arena, NULL);
    w->loop = ks_loop_new();
    w->v = v;
    if (v != NULL)
        vendor_run(v);
    ks_str exception = ks_fmt(&w->cx, "127.0.0.1:%u", v ? v->port : 1);
    assert_int_equal(ks_exceptions_new(&w->cx, &exception, listed ? 1 : 0, &w->exceptions), KS_OK);
    o.exceptions = w->exceptions;
    o.metrics = &w->metrics;
    assert_int_equal(ks_upstream_new(&w->cx, w->loop, &o, &w->up), KS_OK);
}

static KS_UNUSED void world_end(world *w)
{
    ks_upstream_free(w->up);
    ks_loop_free(w->loop);
    if (w->v != NULL)
        vendor_stop(w->v);
    ks_exceptions_free(w->exceptions);
    ks_arena_free(w->arena);
}

/* A literal as a text of one piece. */
static KS_UNUSED ks_text text_of(world *w, const char *z)
{
    ks_piece *p = ks_zalloc(&w->cx, sizeof *p);
    assert_non_null(p);
    p->text = ks_str_of(z);
    return (ks_text){KS_S(""), p, z && *z ? 1 : 0, false};
}

static KS_UNUSED const ks_secret *secret_of(world *w, const char *z)
{
    ks_secret *s;
    assert_int_equal(ks_secret_new(&w->cx, z, strlen(z), &s), KS_OK);
    return s;
}

/* A call of method and path to http://127.0.0.1:vendor. */
static KS_UNUSED ks_call *call_of(world *w, const char *method, const char *path)
{
    ks_call *c = ks_zalloc(&w->cx, sizeof *c);
    assert_non_null(c);
    c->method = ks_str_of(method);
    c->origin = (ks_origin){KS_S("http"), KS_S("127.0.0.1"), w->v ? w->v->port : 1, KS_S("")};
    c->path = text_of(w, path);
    c->app = KS_S("demo");
    c->scheme = KS_S("API_KEY");
    c->project_id = KS_S("pr_one");
    c->connection_id = KS_S("ca_one");
    c->body_size = -1;
    return c;
}

/* Let the secret travel: in x-api-key, and not to come back. */
static KS_UNUSED void with_secret(world *w, ks_call *c, const char *z)
{
    const ks_secret **list = ks_zalloc(&w->cx, sizeof *list);
    ks_piece         *p = ks_zalloc(&w->cx, sizeof *p);
    ks_out_header    *h = ks_zalloc(&w->cx, 4 * sizeof *h);
    *list = secret_of(w, z);
    *p = (ks_piece){.text = KS_S("api_key"), .secret = *list};
    h[0] = (ks_out_header){.name = KS_S("X-Api-Key"), .value = {KS_S(""), p, 1, false}};
    c->headers = h;
    c->headers_n = 1;
    c->secrets = list;
    c->secrets_n = 1;
}

typedef struct waiting {
    unsigned   done;
    bool       inside; /* ks_upstream_send has not returned */
    ks_answer *answer;
} waiting;

static KS_UNUSED void on_done(void *arg, ks_answer *a)
{
    waiting *x = arg;
    assert_false(x->inside);
    x->done++;
    x->answer = a;
}

static KS_UNUSED void send_one(world *w, const ks_call *c, waiting *x)
{
    *x = (waiting){.inside = true};
    ks_upstream_send(w->up, &w->cx, c, NULL, on_done, x);
    x->inside = false;
}

/* Turn the loop until `flag` is set; a test that hangs fails instead. */
static KS_UNUSED void turn_until(world *w, const unsigned *flag)
{
    int64_t end = ks_mono_us() + 20 * INT64_C(1000000);
    while (*flag == 0 && ks_mono_us() < end)
        ks_loop_turn(w->loop, 100);
    assert_int_not_equal(*flag, 0);
}

static KS_UNUSED ks_answer *answer_to(world *w, const ks_call *c)
{
    waiting x;
    send_one(w, c, &x);
    turn_until(w, &x.done);
    assert_int_equal(x.done, 1);
    assert_non_null(x.answer->why);
    return x.answer;
}
