/* features/apps/recognise_http.c — POST /ks/recognise: of which app a pasted key looks to be. Keeps nothing
 * and logs nothing of it; the answer never repeats it. Contract: docs/api.md NAT-4. Threads: a worker's,
 * since it compiles patterns. */
#include "features/apps/recognise.h"
#include "features/apps/view.h"
#include "features/env.h"
#include "features/routes.h"
#include "http/reply.h"
#include "http/shape.h"

static ks_status recognise(ks_ctx *cx, const ks_req *rq, ks_res *rs)
{
    typedef struct body {
        ks_secret *key;
    } body;
    static const ks_field fields[] = {KS_FIELD(body, key, SECRET, KS_REQUIRED), KS_FIELDS_END};
    body                  b;
    ks_recognition        r;
    ks_jw                 w;
    KS_TRY(ks_req_body(cx, rq, fields, &b));
    KS_TRY(ks_recognise(cx, ks_catalog_of(cx), b.key, &r));
    KS_TRY(ks_res_begin(cx, rs, 200, &w));
    ks_recognition_put(&w, &r);
    return ks_res_end(cx, rs);
}

const ks_route ks_recognise_routes[] = {
    {"POST", "/ks/recognise", KS_SCOPE_READ, recognise, KS_VIEW_NATIVE, KS_WORKER,
     "name the likely apps of a pasted key, and what is odd about it"},
    {0},
};
