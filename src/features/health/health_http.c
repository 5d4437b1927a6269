/* features/health/health_http.c — is it alive, is it ready, which version, how busy (rule D6). No key is
 * needed, and nothing of any project is told. Contract: docs/api.md OPS-1. */
#include "features/env.h"
#include "features/health/versions.h"
#include "features/routes.h"
#include "http/reply.h"

#define METRICS_MAX (64 * 1024)

static const ks_sql one_row = {"SELECT value FROM meta LIMIT 1"};

static ks_status get_health(ks_ctx *cx, const ks_req *rq, ks_res *rs)
{
    (void)rq;
    return ks_res_fixed(cx, rs, 200, "application/json", KS_S("{\"status\":\"ok\"}"));
}

static bool store_answers(ks_ctx *cx)
{
    ks_rows *rows;
    bool     more = false;
    if (ks_query(cx, cx->env->reader, &one_row, NULL, 0, &rows) != KS_OK)
        return false;
    bool ok = ks_rows_next(rows, &more) == KS_OK;
    ks_rows_close(rows);
    return ok && more;
}

/* Root key loaded, store readable and writable (audit included: it is the same transaction), not stopping. */
static ks_status get_ready(ks_ctx *cx, const ks_req *rq, ks_res *rs)
{
    const ks_env *env = cx->env;
    (void)rq;
    bool stopping = env->stopping != NULL && *env->stopping;
    if (stopping || env->keys == NULL || !ks_store_writable(env->store) || !store_answers(cx))
        return ks_res_fixed(cx, rs, 503, "application/json", KS_S("{\"status\":\"not_ready\"}"));
    return ks_res_fixed(cx, rs, 200, "application/json", KS_S("{\"status\":\"ready\"}"));
}

static ks_status get_version(ks_ctx *cx, const ks_req *rq, ks_res *rs)
{
    ks_version v[KS_VERSIONS];
    ks_jw      w;
    (void)rq;
    ks_versions(cx, v);
    KS_TRY(ks_res_begin(cx, rs, 200, &w));
    ks_jw_obj(&w, NULL);
    ks_jw_z(&w, "name", v[0].name);
    ks_jw_str(&w, "version", v[0].version);
    ks_jw_obj(&w, "libraries");
    for (size_t i = 1; i < KS_VERSIONS; i++)
        ks_jw_str(&w, v[i].name, v[i].version);
    ks_jw_end(&w, '}');
    ks_jw_end(&w, '}');
    return ks_res_end(cx, rs);
}

static ks_status get_metrics(ks_ctx *cx, const ks_req *rq, ks_res *rs)
{
    const ks_env *env = cx->env;
    ks_buf       *text = ks_ctx_buf(cx, METRICS_MAX);
    (void)rq;
    if (text == NULL)
        return ks_no_memory(cx);
    ks_metrics_render(env->all_metrics, env->all_metrics_n, text);
    if (!ks_buf_ok(text))
        return ks_no_memory(cx);
    return ks_res_fixed(cx, rs, 200, "text/plain; version=0.0.4", ks_buf_view(text));
}

const ks_route ks_health_routes[] = {
    {"GET", "/health", 0, get_health, KS_VIEW_NATIVE, KS_PUBLIC, "The process is alive."},
    {"GET", "/ready", 0, get_ready, KS_VIEW_NATIVE, KS_PUBLIC,
     "Root key loaded, store and audit writable, not stopping; 503 otherwise."},
    {"GET", "/version", 0, get_version, KS_VIEW_NATIVE, KS_PUBLIC,
     "Versions of the program and its libraries."},
    {"GET", "/metrics", 0, get_metrics, KS_VIEW_NATIVE, KS_PUBLIC, "Counters in the Prometheus text format."},
    {0},
};
