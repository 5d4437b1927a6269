/* features/settings/settings_http.c — the settings of a project on the wire (docs/api.md "Settings of a
 * project"). */
#include "features/routes.h"
#include "features/settings/settings.h"

static void put_origins(ks_jw *w, const char *name, ks_str all)
{
    ks_str one;
    ks_jw_arr(w, name);
    while (ks_str_cut(&all, ' ', &one)) {
        if (one.n > 0)
            ks_jw_str(w, NULL, one);
    }
    ks_jw_end(w, ']');
}

static ks_status answer(ks_ctx *cx, ks_res *rs, const ks_project_settings *s)
{
    ks_jw w;
    KS_TRY(ks_res_begin(cx, rs, 200, &w));
    ks_jw_obj(&w, NULL);
    ks_jw_str(&w, "verify", s->verify ? ks_str_of(ks_verify_word(s->verify)) : KS_NO_STR);
    put_origins(&w, "allowed_origins", s->origins);
    put_origins(&w, "return_origins", s->return_origins);
    if (s->updated_at)
        ks_jw_time(&w, "updated_at", s->updated_at);
    else
        ks_jw_null(&w, "updated_at");
    ks_jw_end(&w, '}');
    return ks_res_end(cx, rs);
}

static ks_status get_settings(ks_ctx *cx, const ks_req *rq, ks_res *rs)
{
    ks_project_settings s;
    (void)rq;
    KS_TRY(ks_project_settings_get(cx, &s));
    return answer(cx, rs, &s);
}

static ks_status put_settings(ks_ctx *cx, const ks_req *rq, ks_res *rs)
{
    ks_project_settings s;
    ks_json            *given;
    ks_change          *change;
    if (rq->body.n == 0)
        return ks_fail(cx, KS_INVALID, NULL, "Send the settings to set as one JSON object.");
    KS_TRY(ks_req_json(cx, rq, &given));
    KS_TRY(ks_change_new(cx, &change));
    ks_status st = ks_project_settings_set_add(cx, change, given, &s);
    if (st == KS_OK)
        st = answer(cx, rs, &s);
    return ks_res_commit_built(cx, rq, rs, change, st);
}

const ks_route ks_settings_routes[] = {
    {"GET", "/ks/settings", KS_SCOPE_READ, get_settings, KS_VIEW_NATIVE, KS_WHOLE,
     "what the project has decided for what it makes"},
    {"PUT", "/ks/settings", KS_SCOPE_CONNECT, put_settings, KS_VIEW_NATIVE, KS_WHOLE,
     "set the members that are named; the others stay"},
    {0},
};
