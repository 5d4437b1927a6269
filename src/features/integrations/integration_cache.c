/* features/integrations/integration_cache.c — which members of a row are kept. */
#include "features/integrations/integration_cache.h"

#include "features/row_pack.h"

typedef struct numbers {
    int64_t  enabled, verify, ambiguous, created_at, updated_at;
    uint64_t version;
} numbers;

enum { TEXTS = 13 };

static void texts_of(ks_integration *in, ks_str *project, ks_str *out[TEXTS])
{
    ks_str *const all[TEXTS] = {project,           &in->id,        &in->app,          &in->scheme,
                                &in->name,         &in->display,   &in->given,        &in->limited,
                                &in->requests,     &in->sealed.ct, &in->sealed.nonce, &in->sealed.alg,
                                &in->sealed.kek_id};
    memcpy(out, all, sizeof all);
}

bool ks_integration_cached(ks_ctx *cx, ks_str id, ks_integration *out)
{
    ks_str *texts[TEXTS], project;
    numbers n;
    *out = (ks_integration){0};
    texts_of(out, &project, texts);
    if (!ks_row_unpack(cx, id, &(ks_row_shape){&n, sizeof n, texts, TEXTS}) ||
        !ks_str_eq(project, cx->project_id))
        return false;
    out->enabled = n.enabled != 0;
    out->verify = (ks_verify_mode)n.verify;
    out->ambiguous = (ks_ambiguous)n.ambiguous;
    out->created_at = n.created_at;
    out->updated_at = n.updated_at;
    out->version = n.version;
    return true;
}

void ks_integration_keep(ks_ctx *cx, const ks_integration *in, uint64_t epoch)
{
    ks_integration copy = *in;
    ks_str        *texts[TEXTS], project = cx->project_id;
    numbers        n = {in->enabled, in->verify, in->ambiguous, in->created_at, in->updated_at, in->version};
    texts_of(&copy, &project, texts);
    ks_row_pack(cx, in->id, epoch, &(ks_row_shape){&n, sizeof n, texts, TEXTS});
}
