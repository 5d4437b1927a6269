/* features/links/assets_http.c — the files that pages link to: built-in ones and those of a look, whose names
 * hold their digests, and the script of <ks-connect>, which other sites load by its plain name. */
#include "features/links/assets.h"

#include "base/gzip.h"
#include "features/links/look.h"
#include "features/routes.h"
#include "http/reply.h"

static ks_status send_asset(ks_ctx *cx, const ks_req *rq, ks_res *rs, const ks_asset *a)
{
    bool gz = ks_gzip_accepted(ks_req_header(rq, "accept-encoding"));
    KS_TRY(ks_res_fixed(cx, rs, 200, a->type.p, gz ? a->gz : a->bytes));
    if (gz)
        KS_TRY(ks_res_header(cx, rs, "content-encoding", KS_S("gzip")));
    return ks_res_header(cx, rs, "vary", KS_S("accept-encoding"));
}

static ks_status for_good(ks_ctx *cx, ks_res *rs)
{
    KS_TRY(ks_res_header(cx, rs, "cross-origin-resource-policy", KS_S("same-origin")));
    return ks_res_header(cx, rs, "cache-control", KS_S("public, max-age=31536000, immutable"));
}

static ks_status get_asset(ks_ctx *cx, const ks_req *rq, ks_res *rs)
{
    const ks_asset *const all[] = {&ks_asset_connect_css, &ks_asset_connect_js, &ks_asset_dash_css,
                                   &ks_asset_dash_js};
    ks_str                name = ks_req_param(rq, "file");
    ks_look_file          file;
    for (size_t i = 0; i < KS_COUNT(all); i++) {
        if (!ks_str_eq(name, all[i]->name))
            continue;
        KS_TRY(send_asset(cx, rq, rs, all[i]));
        return for_good(cx, rs);
    }
    KS_TRY(ks_look_file_get(cx, name, &file));
    KS_TRY(ks_res_fixed(cx, rs, 200, file.type.p, file.bytes));
    return for_good(cx, rs);
}

static ks_status get_element(ks_ctx *cx, const ks_req *rq, ks_res *rs)
{
    KS_TRY(send_asset(cx, rq, rs, &ks_asset_element_js));
    KS_TRY(ks_res_header(cx, rs, "cross-origin-resource-policy", KS_S("cross-origin")));
    return ks_res_header(cx, rs, "cache-control", KS_S("public, max-age=3600"));
}

#define P(path, run, text)                                                                                   \
    {                                                                                                        \
        "GET", path, 0, run, KS_VIEW_NATIVE, KS_PUBLIC, text                                                 \
    }
const ks_route ks_assets_routes[] = {
    P("/a/{file}", get_asset, "a file that pages link to"),
    P("/element.js", get_element, "the element <ks-connect> for other sites"),
    {0},
};
