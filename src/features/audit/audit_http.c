/* features/audit/audit_http.c — the audit trail on the wire. Contract: docs/api.md AUD-1. */
#include "base/enc.h"
#include "features/audit/audit.h"
#include "features/routes.h"
#include "http/reply.h"

#define PAGE     100
#define PAGE_MAX 1000

static ks_status get_audit(ks_ctx *cx, const ks_req *rq, ks_res *rs)
{
    int64_t       before = 0, limit = PAGE;
    ks_audit_row *rows;
    size_t        n;
    ks_jw         w;
    KS_TRY(ks_req_number(cx, rq, "before", &before));
    KS_TRY(ks_req_number(cx, rq, "limit", &limit));
    KS_TRY(ks_audit_list(cx, before, limit < PAGE_MAX ? (size_t)limit : PAGE_MAX, &rows, &n));
    KS_TRY(ks_res_begin(cx, rs, 200, &w));
    ks_jw_obj(&w, NULL);
    ks_jw_arr(&w, "items");
    for (size_t i = 0; i < n; i++) {
        ks_jw_obj(&w, NULL);
        ks_jw_int(&w, "seq", rows[i].seq);
        ks_jw_time(&w, "time", rows[i].time);
        ks_jw_str(&w, "actor", rows[i].actor);
        ks_jw_str(&w, "action", rows[i].action);
        ks_jw_str(&w, "object", rows[i].object);
        ks_jw_str(&w, "result", rows[i].result);
        ks_jw_str(&w, "request_id", rows[i].request_id);
        ks_jw_end(&w, '}');
    }
    ks_jw_end(&w, ']');
    if (n > 0)
        ks_jw_int(&w, "before", rows[n - 1].seq); /* ask with this for the next page */
    else
        ks_jw_null(&w, "before");
    ks_jw_end(&w, '}');
    return ks_res_end(cx, rs);
}

static void write_hex(ks_ctx *cx, ks_jw *w, const char *name, const void *p, size_t n)
{
    ks_buf *hex = ks_ctx_buf(cx, 2 * n + 1);
    if (hex == NULL || n == 0) {
        ks_jw_null(w, name);
        return;
    }
    ks_enc_hex(hex, p, n);
    ks_jw_str(w, name, ks_buf_view(hex));
}

static ks_status get_head(ks_ctx *cx, const ks_req *rq, ks_res *rs)
{
    unsigned char pub[32];
    ks_audit_head head;
    ks_jw         w;
    (void)rq;
    KS_TRY(ks_audit_head_get(cx, &head));
    ks_head_public(cx->env->keys, pub);
    KS_TRY(ks_res_begin(cx, rs, 200, &w));
    ks_jw_obj(&w, NULL);
    ks_jw_int(&w, "seq", head.seq);
    if (head.seq > 0)
        ks_jw_time(&w, "time", head.time);
    else
        ks_jw_null(&w, "time");
    write_hex(cx, &w, "mac", head.mac.p, head.mac.n);
    write_hex(cx, &w, "signature", head.sig.p, head.sig.n);
    write_hex(cx, &w, "public_key", pub, sizeof pub);
    ks_jw_end(&w, '}');
    return ks_res_end(cx, rs);
}

static ks_status get_verify(ks_ctx *cx, const ks_req *rq, ks_res *rs)
{
    int64_t count;
    ks_jw   w;
    (void)rq;
    KS_TRY(ks_audit_check(cx, &count));
    KS_TRY(ks_res_begin(cx, rs, 200, &w));
    ks_jw_obj(&w, NULL);
    ks_jw_int(&w, "records", count);
    ks_jw_bool(&w, "sound", true);
    ks_jw_end(&w, '}');
    return ks_res_end(cx, rs);
}

const ks_route ks_audit_routes[] = {
    {"GET", "/ks/audit", KS_SCOPE_READ, get_audit, KS_VIEW_NATIVE, KS_WHOLE,
     "Audit records of the project, newest first."},
    {"GET", "/ks/audit/head", KS_SCOPE_READ, get_head, KS_VIEW_NATIVE, KS_WHOLE,
     "The newest signed head of the audit chain, and the key to check it with."},
    {"GET", "/ks/admin/audit/verify", KS_SCOPE_ADMIN, get_verify, KS_VIEW_NATIVE, KS_LOCAL | KS_WORKER,
     "Check the audit chain of all projects."},
    {0},
};
