/* tests/support/world.c — see world.h. The wiring is that of server/server.c and server/node.c. */
#include "tests/support/world.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/log.h"
#include "base/time.h"
#include "features/actions/token_cache.h"
#include "features/apps/app_image.h"
#include "features/apps/view.h"
#include "features/dash/page_error.h"
#include "features/replay.h"
#include "features/routes.h"
#include "features/tokens/tokens.h"
#include "tests/support/dir.h"

#define PATIENCE_US 10000000

static const ks_route *const ghost_routes[] = {ks_ghost_routes, NULL};

/* ---- services ---- */

/* A catalogue of a few apps: what is proved of its lists is proved of long ones, and a list of 1,600 apps
 * with each of its allocations failing in turn takes minutes. */
static ks_status make_image(ks_world *w)
{
    static const char *const keys[] = {"demo",   "eversign",   "github", "hackernews",
                                       "paypal", "postgresql", "stripe"};
    const ks_app            *apps[KS_COUNT(keys)];
    ks_catalog              *all;
    ks_status                status = ks_catalog_open(&w->cx, KS_NO_STR, &all);
    if (status != KS_OK)
        return status;
    for (size_t i = 0; i < KS_COUNT(keys) && status == KS_OK; i++)
        status = ks_catalog_need_app(&w->cx, all, NULL, ks_str_of(keys[i]), &apps[i]);
    if (status == KS_OK)
        status = ks_image_of_apps(&w->cx, apps, KS_COUNT(keys), &w->image);
    ks_catalog_free(all);
    return status;
}

static ks_status open_services(ks_world *w)
{
    ks_upstream_options up = {.exceptions = w->exceptions,
                              .ghost_port = w->ghost_port,
                              .ghost_only_port = w->ghost_port,
                              .metrics = &w->metrics};
    KS_TRY(ks_catalog_open_image(&w->cx, ks_buf_view(&w->image), &w->catalog));
    KS_TRY(ks_reader_open(&w->cx, w->vault.store, &w->reader));
    KS_TRY(ks_upstream_new(&w->cx, w->loop, &up, &w->upstream));
    KS_TRY(ks_databases_new(&w->cx, &(ks_db_options){.listed_only = true}, &w->databases));
    w->views = ks_views_new(w->catalog);
    w->tokens = ks_tokens_new();
    w->cache = ks_row_cache_new(1000, 1 << 20);
    w->env = (ks_env){.settings = &w->settings,
                      .catalog = w->catalog,
                      .views = w->views,
                      .tokens = w->tokens,
                      .keys = w->vault.keys,
                      .store = w->vault.store,
                      .reader = w->reader,
                      .upstream = w->upstream,
                      .databases = w->databases,
                      .exceptions = w->exceptions,
                      .cache = w->cache,
                      .metrics = &w->metrics,
                      .all_metrics = w->all_metrics,
                      .all_metrics_n = 1,
                      .stopping = &w->stopping};
    return w->cache && w->views && w->tokens ? KS_OK : ks_no_memory(&w->cx);
}

static void close_services(ks_world *w)
{
    ks_databases_free(w->databases);
    ks_upstream_free(w->upstream);
    ks_reader_close(w->reader);
    ks_row_cache_free(w->cache);
    ks_views_free(w->views);
    ks_tokens_free(w->tokens);
    ks_catalog_free(w->catalog);
    w->upstream = NULL;
    w->databases = NULL;
    w->reader = NULL;
    w->cache = NULL;
    w->catalog = NULL;
    w->views = NULL;
    w->tokens = NULL;
}

static ks_status open_world(ks_world *w)
{
    w->settings = (ks_settings){.verify = KS_VERIFY_ON, .calls_keep = 30, .ghost = true};
    w->config = (ks_config){.data = ks_str_of(w->dir), .root_key_fd = -1, .audit_uses = KS_S("batched")};
    KS_TRY(ks_exceptions_new(&w->cx, NULL, 0, &w->exceptions));
    KS_TRY(ks_vault_open(&w->cx, &w->config, &w->metrics, &w->vault));
    KS_TRY(ks_listen_socket(&w->cx, KS_S("127.0.0.1:0"), false, &w->ghost_fd, &w->ghost_port));
    KS_TRY(make_image(w));
    KS_TRY(open_services(w));
    w->cx.env = &w->env;
    KS_TRY(ks_route_index_make(ks_served_routes, &w->routes) ? KS_OK : KS_INTERNAL);
    w->app = (ks_http_app){.routes = ks_served_routes,
                           .index = &w->routes,
                           .authenticate = ks_authenticate,
                           .replay = ks_replay,
                           .page_error = ks_page_error,
                           .env = &w->env,
                           .loop = w->loop,
                           .metrics = &w->metrics};
    w->ghost_app = (ks_http_app){.routes = ghost_routes, .env = &w->env, .loop = w->loop};
    ks_listener_options o = {.fd = w->ghost_fd, .app = &w->ghost_app};
    return ks_listener_new(&w->cx, &o, &w->ghost);
}

static bool make_key(ks_world *w)
{
    w->local = true;
    int status = world_call(w, "POST", "/ks/admin/keys", NULL, "{\"project\":\"one\"}");
    w->local = false;
    world_member(w, "key", w->key, sizeof w->key);
    return status == 200 && w->key[0] != '\0';
}

ks_world *world_new(void)
{
    ks_world *w = calloc(1, sizeof *w);
    if (w == NULL)
        return NULL;
    ks_log_set_fd(-1);
    signal(SIGPIPE, SIG_IGN);
    ks_alloc_install();
    bool fine = ks_crypto_start() && ks_upstream_start();
    memcpy(w->dir, "/tmp/ks-world-XXXXXX", sizeof "/tmp/ks-world-XXXXXX");
    w->ghost_fd = -1;
    w->all_metrics[0] = &w->metrics;
    w->own = ks_arena_new(KS_ARENA_MAX);
    w->arena = ks_arena_new(KS_ARENA_MAX);
    w->loop = ks_loop_new();
    w->body = ks_buf_new(64 * 1024 * 1024);
    w->image = ks_buf_new(4 * 1024 * 1024);
    w->text = ks_buf_new(4 * 1024 * 1024);
    if (fine && w->own != NULL && w->arena != NULL && w->loop != NULL && mkdtemp(w->dir) != NULL) {
        w->cx = ks_ctx_new(w->own, NULL);
        w->cx.actor = KS_S("system");
        if (open_world(w) == KS_OK && make_key(w))
            return w;
        fprintf(stderr, KS_FMT "\n", KS_ARG(w->cx.err.message));
    }
    world_free(w);
    return NULL;
}

void world_free(ks_world *w)
{
    if (w == NULL)
        return;
    if (!world_settle(w)) {
        fprintf(stderr, "a request is still under way\n");
        _exit(1); /* it refers to memory that would go now */
    }
    ks_arena_free(w->arena);
    close_services(w);
    ks_listener_free(w->ghost);
    if (w->ghost_fd >= 0)
        close(w->ghost_fd);
    if (w->own != NULL)
        ks_arena_reset(w->own); /* rows end before their store */
    ks_vault_close(&w->vault);
    ks_exceptions_free(w->exceptions);
    ks_loop_free(w->loop);
    ks_arena_free(w->own);
    ks_buf_done(&w->body);
    ks_buf_done(&w->image);
    ks_buf_done(&w->text);
    remove_dir(w->dir);
    free(w);
}

bool world_cool(ks_world *w)
{
    if (!world_settle(w))
        return false;
    ks_arena_reset(w->own);
    close_services(w);
    ks_ctx fresh = ks_ctx_new(w->own, &w->env);
    fresh.actor = KS_S("system");
    w->cx = fresh;
    return open_services(w) == KS_OK;
}

/* ---- calls ---- */

bool world_settle(ks_world *w)
{
    int64_t until = ks_mono_us() + PATIENCE_US;
    if (w->x.app != NULL && !w->x.ended)
        ks_exchange_end(&w->x, (int64_t)w->body.n);
    while (w->x.app != NULL && !w->gone && ks_mono_us() < until)
        ks_loop_turn(w->loop, 100);
    bool gone = w->x.app == NULL || w->gone;
    ks_pipe_unref(w->x.rq.body_pipe);
    w->x.rq.body_pipe = NULL;
    w->x.app = NULL;
    return gone;
}

static void on_done(ks_exchange *x, void *arg)
{
    (void)x;
    ((ks_world *)arg)->done = true;
}

static void on_gone(ks_exchange *x, void *arg)
{
    (void)x;
    ((ks_world *)arg)->gone = true;
}

/* `text` as a view of w->text, which has room for all of a call from the start. */
static ks_str keep(ks_world *w, const char *text)
{
    size_t at = w->text.n;
    ks_buf_z(&w->text, text);
    return ks_str_sub(ks_buf_view(&w->text), at, SIZE_MAX);
}

static void add_header(ks_world *w, ks_str name, ks_str value)
{
    if (w->x.rq.headers_n < KS_COUNT(w->headers))
        w->headers[w->x.rq.headers_n++] = (ks_req_pair){name, value};
}

static void describe(ks_world *w, const char *method, const char *target, const char *headers,
                     const char *body)
{
    ks_req *rq = &w->x.rq;
    ks_str  line;
    ks_buf_clear(&w->text);
    if (ks_buf_reserve(&w->text, 1024 + strlen(target) + strlen(headers) + strlen(body)) == NULL)
        return;
    ks_str whole = keep(w, target), lines = keep(w, headers);
    size_t mark = ks_str_chr(whole, '?');
    rq->method = keep(w, method);
    rq->path = ks_str_sub(whole, 0, mark);
    rq->query = mark == SIZE_MAX ? KS_S("") : ks_str_sub(whole, mark + 1, SIZE_MAX);
    rq->body = keep(w, body);
    rq->body_size = (int64_t)rq->body.n;
    rq->peer = KS_S("127.0.0.1");
    rq->local = w->local;
    rq->headers = w->headers;
    add_header(w, KS_S("x-api-key"), keep(w, w->key));
    while (ks_str_cut(&lines, '\n', &line)) {
        size_t colon = ks_str_chr(line, ':');
        add_header(w, ks_str_sub(line, 0, colon), ks_str_trim(ks_str_sub(line, colon + 1, SIZE_MAX), " "));
    }
}

/* A streamed body comes in by a pipe (http/serve.c). */
static bool give_body(ks_world *w)
{
    ks_req *rq = &w->x.rq;
    if ((rq->route->flags & KS_STREAM) == 0 || rq->body.n == 0)
        return true;
    rq->body_pipe = ks_pipe_new();
    if (rq->body_pipe == NULL || !ks_pipe_write(rq->body_pipe, rq->body.p, rq->body.n)) {
        ks_exchange_refuse(&w->x, KS_NO_MEMORY, "The server is short of memory. Try again in a moment.");
        return false;
    }
    rq->body = KS_S("");
    ks_pipe_close(rq->body_pipe);
    return true;
}

/* Turn until the answer is there, and a streamed body has come to its end. */
static void finish(ks_world *w)
{
    int64_t until = ks_mono_us() + PATIENCE_US;
    char    part[4096];
    while (!w->done && ks_mono_us() < until)
        ks_loop_turn(w->loop, 100);
    ks_pipe *p = w->done ? w->x.rs.stream : NULL;
    while (p != NULL && !ks_pipe_ended(p) && !ks_pipe_broken(p) && ks_mono_us() < until) {
        size_t n = ks_pipe_read(p, part, sizeof part);
        ks_buf_put(&w->body, part, n);
        if (n == 0)
            ks_loop_turn(w->loop, 10);
    }
    w->cut = p != NULL && !ks_pipe_ended(p);
}

int world_call(ks_world *w, const char *method, const char *target, const char *headers, const char *body)
{
    if (!world_settle(w))
        return 0;
    ks_buf_clear(&w->body);
    w->done = w->gone = w->cut = false;
    w->status = 0;
    if (!ks_exchange_begin(&w->x, &w->app, w->arena, on_done, w) ||
        ks_buf_reserve(&w->body, 64 * 1024) == NULL)
        return 0;
    w->x.on_gone = on_gone;
    describe(w, method, target, headers ? headers : "", body ? body : "");
    ks_alloc_fail_at(w->fail_at, w->fail_all);
    if (ks_exchange_headers(&w->x) == KS_OK && give_body(w))
        ks_exchange_run(&w->x);
    else
        w->done = true;
    finish(w);
    w->asked = ks_alloc_count();
    ks_alloc_fail_at(0, false);
    if (!w->done)
        return 0;
    if (w->x.rs.body != NULL)
        ks_buf_str(&w->body, ks_buf_view(w->x.rs.body));
    ks_buf_str(&w->body, w->x.rs.fixed);
    w->status = w->x.rs.status;
    return w->status;
}

/* ---- looking ---- */

ks_str world_header(const ks_world *w, const char *name)
{
    for (size_t i = 0; i < w->x.rs.headers_n; i++) {
        if (ks_str_ieq(w->x.rs.headers[i].name, ks_str_of(name)))
            return w->x.rs.headers[i].value;
    }
    return KS_NO_STR;
}

static void put(char *out, size_t size, ks_str s)
{
    snprintf(out, size, KS_FMT, KS_ARG(s));
}

void world_member(const ks_world *w, const char *name, char *out, size_t size)
{
    char   mark[64];
    ks_str body = ks_buf_view(&w->body);
    snprintf(mark, sizeof mark, "\"%s\":\"", name);
    size_t at = ks_str_find(body, ks_str_of(mark));
    ks_str value = at == SIZE_MAX ? KS_S("") : ks_str_sub(body, at + strlen(mark), SIZE_MAX);
    put(out, size, ks_str_sub(value, 0, ks_str_chr(value, '"')));
}

void world_ask(ks_world *w, const ks_sql *q, char *out, size_t size)
{
    ks_rows *rows;
    bool     more = false;
    ks_ctx   cx = ks_ctx_new(w->own, &w->env);
    put(out, size, KS_S(""));
    if (ks_query(&cx, w->reader, q, NULL, 0, &rows) != KS_OK)
        return;
    if (ks_rows_next(rows, &more) == KS_OK && more)
        put(out, size, ks_row_str(rows, 0));
    ks_rows_close(rows);
}

bool world_change(ks_world *w, const ks_sql *q, ks_str value)
{
    ks_change *c;
    ks_ctx     cx = ks_ctx_new(w->own, &w->env);
    if (ks_change_new(&cx, &c) != KS_OK)
        return false;
    ks_val    v = KS_V(value);
    ks_status st = ks_change_add(&cx, c, q, &v, value.p != NULL, KS_ANY_ROWS);
    if (st == KS_OK)
        return ks_store_apply(&cx, w->vault.store, c) == KS_OK;
    ks_change_free(c);
    return false;
}
