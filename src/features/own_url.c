/* features/own_url.c — see own_url.h. The header Host is what a caller says: only what can be a host and a
 * port of it gets into an address. */
#include "features/own_url.h"

/* A host and port as they stand in the header Host, without anything that could end an address. */
static bool authority_ok(ks_str s)
{
    for (size_t i = 0; i < s.n; i++) {
        if (strchr("0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-_:[]", s.p[i]) == NULL)
            return false;
    }
    return s.n > 0;
}

ks_status ks_own_url(ks_ctx *cx, const ks_req *rq, ks_str path, ks_str *out)
{
    ks_str base = ks_str_trim(cx->env->settings->public_url, "/"), host = ks_req_header(rq, "host");
    if (base.n > 0)
        *out = ks_fmt(cx, KS_FMT KS_FMT, KS_ARG(base), KS_ARG(path));
    else if (authority_ok(host))
        *out = ks_fmt(cx, "%s://" KS_FMT KS_FMT, cx->env->settings->https ? "https" : "http", KS_ARG(host),
                      KS_ARG(path));
    else
        return ks_fail(cx, KS_INVALID, NULL,
                       "The server does not know its own address. Start it with --public-url.");
    return out->p != NULL ? KS_OK : ks_no_memory(cx);
}
