/* features/connections/connection_cache.c — which members of a row are kept, and with whose counters they go.
 */
#include "features/connections/connection_cache.h"

#include "features/row_pack.h"

typedef struct numbers {
    int64_t  enabled, canary, created_at, updated_at, verified_at, failures, uses, used_at;
    uint64_t version, integration_epoch;
} numbers;

enum { TEXTS = 16 };

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
    ks_str *texts[TEXTS], project;
    numbers n;
    *out = (ks_connection){0};
    texts_of(out, &project, texts);
    if (!ks_row_unpack(cx, id, &(ks_row_shape){&n, sizeof n, texts, TEXTS}) ||
        !ks_str_eq(project, cx->project_id) ||
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
    return true;
}

void ks_connection_keep(ks_ctx *cx, const ks_connection *c, uint64_t epoch, uint64_t integration_epoch)
{
    ks_connection copy = *c;
    ks_str       *texts[TEXTS], project = cx->project_id;
    numbers       n = {c->enabled,  c->canary, c->created_at, c->updated_at, c->verified_at,
                       c->failures, c->uses,   c->used_at,    c->version,    integration_epoch};
    texts_of(&copy, &project, texts);
    ks_row_pack(cx, c->id, epoch, &(ks_row_shape){&n, sizeof n, texts, TEXTS});
}
