/* features/connections/connection_cache.c — a row as bytes: the numbers as they lie in memory, then each text
 * with its length. The bytes never leave this process and this build, so they need no version. */
#include "features/connections/connection_cache.h"

#include "features/row_cache.h"

typedef struct numbers {
    int64_t  enabled, canary, created_at, updated_at, verified_at, failures, uses, used_at;
    uint64_t version, integration_epoch;
} numbers;

enum { TEXTS = 16 };

/* The texts of a row, in one order for both directions. */
static void texts_of(ks_connection *c, ks_str *project, ks_str *out[TEXTS])
{
    ks_str *const all[TEXTS] = {
        project,        &c->id,           &c->integration_id, &c->app,     &c->scheme,
        &c->entity_id,  &c->status,       &c->status_reason,  &c->labels,  &c->sealed.kek_id,
        &c->sealed.alg, &c->sealed.nonce, &c->sealed.ct,      &c->display, &c->verdict,
        &c->account};
    memcpy(out, all, sizeof all);
}

bool ks_connection_cached(ks_ctx *cx, ks_str id, ks_connection *out)
{
    ks_str  *texts[TEXTS], project;
    numbers  n;
    ks_str   held = ks_row_cache_get(cx->env->cache, cx->env->store, id);
    uint32_t len;
    if (held.p == NULL) {
        ks_metric_add(cx->env->metrics, KS_M_CACHE_MISSES, 1);
        return false;
    }
    ks_str copy = ks_copy(cx, held); /* the view ends with the next use of the cache */
    if (copy.p == NULL)
        return false;
    *out = (ks_connection){0};
    memcpy(&n, copy.p, sizeof n);
    const char *at = copy.p + sizeof n;
    texts_of(out, &project, texts);
    for (size_t i = 0; i < TEXTS; i++) {
        memcpy(&len, at, sizeof len);
        at += sizeof len;
        *texts[i] = len == UINT32_MAX ? KS_NO_STR : (ks_str){at, len};
        at += len == UINT32_MAX ? 0 : len;
    }
    if (!ks_str_eq(project, cx->project_id) ||
        n.integration_epoch != ks_epoch(cx->env->store, out->integration_id))
        return false;
    out->enabled = n.enabled != 0;
    out->canary = n.canary != 0;
    out->created_at = n.created_at;
    out->updated_at = n.updated_at;
    out->verified_at = n.verified_at;
    out->failures = n.failures;
    out->uses = n.uses;
    out->used_at = n.used_at;
    out->version = n.version;
    ks_metric_add(cx->env->metrics, KS_M_CACHE_HITS, 1);
    return true;
}

void ks_connection_keep(ks_ctx *cx, const ks_connection *c, uint64_t epoch, uint64_t integration_epoch)
{
    ks_connection copy = *c;
    ks_str       *texts[TEXTS], project = cx->project_id;
    numbers       n = {c->enabled,  c->canary, c->created_at, c->updated_at, c->verified_at,
                       c->failures, c->uses,   c->used_at,    c->version,    integration_epoch};
    ks_buf        b = ks_buf_new(64 * 1024);
    ks_buf_put(&b, &n, sizeof n);
    texts_of(&copy, &project, texts);
    for (size_t i = 0; i < TEXTS; i++) {
        uint32_t len = texts[i]->p ? (uint32_t)texts[i]->n : UINT32_MAX;
        ks_buf_put(&b, &len, sizeof len);
        if (texts[i]->p != NULL)
            ks_buf_str(&b, *texts[i]);
    }
    if (ks_buf_ok(&b) && !cx->starved) /* a text that found no memory would be missing for good */
        ks_row_cache_put(cx->env->cache, c->id, epoch, ks_buf_view(&b));
    ks_buf_done(&b);
}
