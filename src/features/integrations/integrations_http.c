/* features/integrations/integrations_http.c — native routes: the settings of an integration that the APIs of
 * the SDKs have no words for. The rules are in integration.c. docs/api.md INT-10. */
#include "features/routes.h"

#include "features/integrations/integration.h"
#include "features/integrations/requests.h"
#include "features/settings/settings.h"
#include "features/tails.h"

static ks_status reply(ks_ctx *cx, ks_res *rs, const ks_integration *in)
{
    ks_jw w;
    KS_TRY(ks_res_begin(cx, rs, 200, &w));
    ks_jw_obj(&w, NULL);
    ks_jw_str(&w, "id", in->id);
    ks_jw_str(&w, "app", in->app);
    ks_jw_str(&w, "scheme", in->scheme);
    ks_jw_str(&w, "name", in->name);
    ks_jw_bool(&w, "enabled", in->enabled);
    ks_jw_z(&w, "verify", ks_verify_word(in->verify));
    ks_jw_z(&w, "ambiguous", ks_ambiguous_word(in->ambiguous));
    if (in->limited.p != NULL)
        ks_jw_raw(&w, "allowed_actions", in->limited);
    else
        ks_jw_null(&w, "allowed_actions");
    if (in->requests.p != NULL)
        ks_jw_raw(&w, "allowed_requests", in->requests);
    else
        ks_jw_null(&w, "allowed_requests");
    ks_jw_time(&w, "created_at", in->created_at);
    ks_jw_time(&w, "updated_at", in->updated_at);
    ks_jw_end(&w, '}');
    return ks_res_end(cx, rs);
}

static ks_status get_one(ks_ctx *cx, const ks_req *rq, ks_res *rs)
{
    ks_integration in;
    KS_TRY(ks_integration_get(cx, ks_req_param(rq, "id"), &in));
    return reply(cx, rs, &in);
}

struct patch_body {
    ks_str verify, ambiguous;
};
static const ks_field patch_fields[] = {KS_FIELD(struct patch_body, verify, STR, 0),
                                        KS_FIELD(struct patch_body, ambiguous, STR, 0), KS_FIELDS_END};

static ks_status patch(ks_ctx *cx, const ks_req *rq, ks_res *rs)
{
    struct patch_body    b;
    ks_integration       old, next;
    ks_json             *body, *requests;
    ks_change           *change;
    ks_integration_patch p = {0};
    KS_TRY(ks_integration_get(cx, ks_req_param(rq, "id"), &old));
    KS_TRY(ks_req_json(cx, rq, &body));
    KS_TRY(ks_shape_decode(cx, body, "", patch_fields, &b));
    next = old;
    next.updated_at = cx->now_us;
    requests = ks_json_get(body, "allowed_requests");
    bool verify = ks_json_get(body, "verify") != NULL, ambiguous = ks_json_get(body, "ambiguous") != NULL;
    if (!verify && !ambiguous && requests == NULL)
        return ks_fail(cx, KS_INVALID, "ambiguous",
                       "Send one or more of verify, ambiguous, allowed_requests.");
    if (verify) {
        KS_TRY(ks_verify_parse(cx, "verify", b.verify, &next.verify));
        p.verify = &next.verify;
    }
    if (ambiguous) {
        ks_str word = b.ambiguous.n > 0 ? b.ambiguous : KS_S("-"); /* null and "" are no word */
        KS_TRY(ks_ambiguous_parse(cx, "ambiguous", word, &next.ambiguous));
        p.ambiguous = &next.ambiguous;
    }
    if (requests != NULL) { /* null is a wish, too: no list */
        KS_TRY(ks_requests_check(cx, "allowed_requests", requests, &next.requests));
        p.requests = &next.requests;
    }
    KS_TRY(reply(cx, rs, &next));
    KS_TRY(ks_change_new(cx, &change));
    return ks_res_commit_built(cx, rq, rs, change, ks_integration_patch_add(cx, change, &old, &p));
}

const ks_route ks_integrations_routes[] = {
    {"GET", "/ks/integrations/{id}", KS_SCOPE_READ, get_one, KS_VIEW_NATIVE, 0,
     "settings of one integration"},
    {"PATCH", "/ks/integrations/{id}", KS_SCOPE_CONNECT, patch, KS_VIEW_NATIVE, 0,
     "how keys are checked; several connections and none named: what then; which requests of one's own are "
     "allowed"},
    {0},
};
