/* features/links/look_http.c — the theme of a project's pages on the wire (docs/api.md "Theme"). */
#include "features/links/look.h"
#include "features/routes.h"
#include "http/reply.h"

static ks_status answer(ks_ctx *cx, ks_res *rs, const ks_look *l)
{
    ks_jw w;
    KS_TRY(ks_res_begin(cx, rs, 200, &w));
    ks_jw_obj(&w, NULL);
    ks_jw_raw(&w, "theme", l->given.n > 0 ? l->given : KS_S("null"));
    ks_jw_str(&w, "stylesheet", l->sheet);
    ks_jw_str(&w, "logo", l->logo);
    if (l->updated_at)
        ks_jw_time(&w, "updated_at", l->updated_at);
    else
        ks_jw_str(&w, "updated_at", KS_NO_STR);
    ks_jw_end(&w, '}');
    return ks_res_end(cx, rs);
}

static ks_status get_theme(ks_ctx *cx, const ks_req *rq, ks_res *rs)
{
    ks_look l;
    (void)rq;
    KS_TRY(ks_look_get(cx, &l));
    return answer(cx, rs, &l);
}

static ks_status put_theme(ks_ctx *cx, const ks_req *rq, ks_res *rs)
{
    ks_look    l;
    ks_json   *given;
    ks_change *change;
    KS_TRY(ks_req_json(cx, rq, &given));
    KS_TRY(ks_change_new(cx, &change));
    ks_status st = ks_look_set_add(cx, change, given, &l);
    if (st == KS_OK)
        st = answer(cx, rs, &l);
    return ks_res_commit_built(cx, rq, rs, change, st);
}

static ks_status delete_theme(ks_ctx *cx, const ks_req *rq, ks_res *rs)
{
    ks_look    none = {.updated_at = 0};
    ks_change *change;
    KS_TRY(answer(cx, rs, &none));
    KS_TRY(ks_change_new(cx, &change));
    return ks_res_commit_built(cx, rq, rs, change, ks_look_drop_add(cx, change));
}

#define R(method, scope, run, flags, text)                                                                   \
    {                                                                                                        \
        method, "/ks/theme", scope, run, KS_VIEW_NATIVE, flags, text                                         \
    }
const ks_route ks_look_routes[] = {
    R("GET", KS_SCOPE_READ, get_theme, KS_WHOLE, "what the project's connect pages look like"),
    R("PUT", KS_SCOPE_CONNECT, put_theme, KS_WHOLE, "set colours, lengths, logo and language of the pages"),
    R("DELETE", KS_SCOPE_CONNECT, delete_theme, KS_NO_BODY | KS_WHOLE, "back to the built-in look"),
    {0},
};
