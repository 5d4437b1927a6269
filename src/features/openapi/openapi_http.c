/* features/openapi/openapi_http.c — GET /openapi.json: the prepared document, gzip when the client takes it,
 * nothing at all when it has this very text already (RFC 9110, 12.5.3 and 13.1.2). docs/api.md OPS-2. */
#include "features/openapi/openapi.h"
#include "features/routes.h"
#include "http/reply.h"

/* Is the weight of "gzip;q=0.0" zero? Only a weight that is, is spelled with nothing but zeros. */
static bool refused(ks_str weight)
{
    ks_str name;
    if (!ks_str_cut(&weight, '=', &name) || !ks_str_ieq(ks_str_trim(name, " \t"), KS_S("q")))
        return false;
    return weight.n > 0 && ks_str_trim(weight, "0. \t").n == 0;
}

/* Does an Accept-Encoding take gzip? By name, or by "*" when it is not named. */
static bool takes_gzip(ks_str list)
{
    bool   any = false;
    ks_str one, name;
    while (ks_str_cut(&list, ',', &one)) {
        if (!ks_str_cut(&one, ';', &name))
            continue;
        name = ks_str_trim(name, " \t");
        if (ks_str_ieq(name, KS_S("gzip")) || ks_str_ieq(name, KS_S("x-gzip")))
            return !refused(one);
        if (ks_str_eq(name, KS_S("*")))
            any = !refused(one);
    }
    return any;
}

/* Is the tag among those of If-None-Match? A weak one is as good here. */
static bool has_tag(ks_str list, ks_str tag)
{
    ks_str one;
    while (ks_str_cut(&list, ',', &one)) {
        one = ks_str_trim(one, " \t");
        if (ks_str_starts(one, KS_S("W/")))
            one = ks_str_sub(one, 2, SIZE_MAX);
        if (ks_str_eq(one, tag) || ks_str_eq(one, KS_S("*")))
            return true;
    }
    return false;
}

static ks_status get_document(ks_ctx *cx, const ks_req *rq, ks_res *rs)
{
    const ks_openapi *d = &ks_openapi_document;
    bool              gzip = takes_gzip(ks_req_header(rq, "accept-encoding"));
    bool              same = has_tag(ks_req_header(rq, "if-none-match"), d->tag);
    KS_TRY(ks_res_fixed(cx, rs, same ? 304 : 200, "application/json",
                        same   ? KS_S("")
                        : gzip ? d->zipped
                               : d->plain));
    KS_TRY(ks_res_header(cx, rs, "etag", d->tag));
    KS_TRY(ks_res_header(cx, rs, "cache-control", KS_S("no-cache"))); /* keep it, and ask whether it is new */
    KS_TRY(ks_res_header(cx, rs, "vary", KS_S("accept-encoding")));
    return gzip && !same ? ks_res_header(cx, rs, "content-encoding", KS_S("gzip")) : KS_OK;
}

const ks_route ks_openapi_routes[] = {
    {"GET", "/openapi.json", 0, get_document, KS_VIEW_NATIVE, KS_PUBLIC,
     "The description of everything served, for tools."},
    {0},
};
