/* features/files/files_http.c — the routes by which SDKs upload files, as each generation of them asks.
 * docs/api.md FILE-1 to FILE-6. */
#include "features/files/files.h"
#include "features/own_url.h"
#include "features/reach.h"
#include "features/routes.h"
#include "features/v3.h"

/* ---- announcing ---- */

static ks_status announce(ks_ctx *cx, const ks_req *rq, ks_change *change, const ks_file_wish *wish,
                          ks_kept_file *f, ks_str *url)
{
    ks_str pass;
    KS_TRY(ks_file_announce(cx, change, wish, f, &pass));
    ks_str path = ks_fmt(cx, "/f/" KS_FMT, KS_ARG(pass));
    return path.p != NULL ? ks_own_url(cx, rq, path, url) : ks_no_memory(cx);
}

static const ks_field wish_fields[] = {
    KS_FIELD(ks_file_wish, filename, STR, KS_REQUIRED),
    KS_FIELD(ks_file_wish, mimetype, STR, 0),
    KS_FIELD(ks_file_wish, md5, STR, 0),
    KS_FIELDS_END,
};

static ks_status answer_v1(ks_ctx *cx, ks_res *rs, const ks_kept_file *f, ks_str url)
{
    ks_jw w;
    KS_TRY(ks_res_begin(cx, rs, 200, &w));
    ks_jw_obj(&w, NULL);
    ks_jw_str(&w, "id", f->id);
    ks_jw_str(&w, "url", url);
    ks_jw_str(&w, "key", f->id);
    ks_jw_bool(&w, "exists", false); /* what others uploaded is nobody's business */
    ks_jw_end(&w, '}');
    return ks_res_end(cx, rs);
}

static ks_status answer_v3(ks_ctx *cx, ks_res *rs, const ks_kept_file *f, ks_str url)
{
    ks_jw w;
    KS_TRY(ks_res_begin(cx, rs, 200, &w));
    ks_jw_obj(&w, NULL);
    ks_jw_str(&w, "id", f->id);
    ks_jw_str(&w, "key", f->id);
    ks_jw_z(&w, "type", "new");
    ks_jw_str(&w, "new_presigned_url", url);
    ks_jw_str(&w, "newPresignedUrl", url);
    ks_jw_obj(&w, "metadata");
    ks_jw_z(&w, "storage_backend",
            "s3"); /* its clients know two words; with this one they send plain bytes */
    ks_jw_end(&w, '}');
    ks_jw_end(&w, '}');
    return ks_res_end(cx, rs);
}

static ks_status request(ks_ctx *cx, const ks_req *rq, ks_res *rs,
                         ks_status (*answer)(ks_ctx *cx, ks_res *rs, const ks_kept_file *f, ks_str url))
{
    ks_file_wish b;
    ks_kept_file f;
    ks_str       url;
    ks_change   *change;
    if (ks_reach_read_only(cx))
        return ks_reach_refuse(cx, NULL, "it reads only, and an upload is kept here");
    KS_TRY(ks_req_body(cx, rq, wish_fields, &b));
    KS_TRY(ks_change_new(cx, &change));
    ks_status st = announce(cx, rq, change, &b, &f, &url);
    if (st == KS_OK)
        st = answer(cx, rs, &f, url);
    return ks_res_commit_built(cx, rq, rs, change, st);
}

static ks_status request_v1(ks_ctx *cx, const ks_req *rq, ks_res *rs)
{
    return request(cx, rq, rs, answer_v1);
}

static ks_status request_v3(ks_ctx *cx, const ks_req *rq, ks_res *rs)
{
    return request(cx, rq, rs, answer_v3);
}

/* ---- the bytes: whoever has the address may send them, once ---- */

static ks_status put(ks_ctx *cx, const ks_req *rq, ks_res *rs)
{
    ks_change *change;
    KS_TRY(ks_res_fixed(cx, rs, 200, "application/json", KS_S("{}")));
    KS_TRY(ks_change_new(cx, &change));
    return ks_res_commit_built(cx, rq, rs, change, ks_file_put_add(cx, change, cx->actor, rq->body));
}

/* ---- files that a vendor answered ---- */

/* A vendor's bytes on our origin: nothing a browser would show or run. */
static ks_status get(ks_ctx *cx, const ks_req *rq, ks_res *rs)
{
    ks_kept_file f;
    (void)rq;
    KS_TRY(ks_file_fetch(cx, cx->actor, &f));
    KS_TRY(ks_res_fixed(cx, rs, 200, "application/octet-stream", f.content));
    KS_TRY(ks_res_header(cx, rs, "content-disposition", KS_S("attachment")));
    return ks_res_header(cx, rs, "cache-control", KS_S("no-store"));
}

const ks_route ks_files_routes[] = {
    {"POST", "/v2/actions/files/upload/request", KS_SCOPE_ACT, request_v1, KS_VIEW_V1, KS_ONCE,
     "announce a file for an argument; where to send its bytes"},
    {"POST", "/v2/actions/files/upload/{type}", KS_SCOPE_ACT, request_v1, KS_VIEW_V1, KS_ONCE, "the same"},
    KS_V3_ROUTE("POST", "/files/upload/request", ACT, request_v3, KS_ONCE,
                "announce a file for an argument; where to send its bytes"),
    {"PUT", KS_FILE_PUT, 0, put, KS_VIEW_NATIVE, KS_PASS | KS_FILES | KS_ONCE,
     "the bytes of an announced file, once"},
    {"GET", KS_FILE_GET, 0, get, KS_VIEW_NATIVE, KS_PASS | KS_WORKER,
     "the bytes of a file that an action gave"},
    {0},
};
