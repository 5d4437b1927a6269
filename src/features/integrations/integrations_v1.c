/* features/integrations/integrations_v1.c — wire shapes and routes; the rules are in integration.c.
 * docs/api.md INT-1..9. */
#include "features/apps/view.h"
#include "features/routes.h"

#include "features/integrations/integration.h"
#include "features/integrations/requests.h"
#include "features/tails.h"
#include "features/v1.h"

static void encode(ks_ctx *cx, ks_jw *w, const ks_integration *in)
{
    const ks_app        *app = ks_catalog_app(cx, ks_catalog_of(cx), in->app);
    const ks_app_scheme *scheme = app ? ks_app_scheme_find(app, in->scheme) : NULL;
    ks_jw_str(w, "id", in->id);
    ks_jw_str(w, "name", in->name);
    ks_jw_str(w, "authScheme", ks_scheme_wire(in->scheme));
    ks_jw_time(w, "createdAt", in->created_at);
    ks_jw_time(w, "updatedAt", in->updated_at);
    ks_jw_bool(w, "enabled", in->enabled);
    ks_jw_bool(w, "deleted", false);
    ks_jw_str(w, "appId", app ? app->id : in->app);
    ks_jw_str(w, "appName", in->app);
    ks_jw_null(w, "logo");
    ks_jw_null(w, "defaultConnectorId");
    ks_jw_bool(w, "useComposioAuth", false);
    ks_jw_raw(w, "limitedActions", in->limited.p ? in->limited : KS_S("null"));
    if (in->requests.p != NULL) /* a member of ours */
        ks_jw_raw(w, "allowedRequests", in->requests);
    ks_jw_raw(w, "authConfig", in->display);
    ks_jw_arr(w, "expectedInputFields");
    for (size_t i = 0; scheme != NULL && i < scheme->fields_n; i++) {
        const ks_app_field *f = &scheme->fields[i];
        if (!f->developer) /* one the integration already has is listed, but not required (INT-1) */
            ks_v1_field(cx, w, f, f->required && f->fallback.p == NULL && !ks_integration_gives(in, f->name));
    }
    ks_jw_end(w, ']');
    ks_jw_null(w, "connections"); /* listed at /v1/connectedAccounts?integrationId= */
}

static ks_status reply(ks_ctx *cx, ks_res *rs, const ks_integration *in, bool id_too)
{
    ks_jw w;
    KS_TRY(ks_res_begin(cx, rs, 200, &w));
    ks_jw_obj(&w, NULL);
    encode(cx, &w, in);
    if (id_too)
        ks_jw_str(&w, "integrationId", in->id);
    ks_jw_end(&w, '}');
    return ks_res_end(cx, rs);
}

/* Queue what `in` describes and answer with `encode_reply` once it is durable. */
static ks_status create(ks_ctx *cx, const ks_req *rq, ks_res *rs, const ks_integration_new *in, bool v2)
{
    ks_change     *change;
    ks_integration made;
    KS_TRY(ks_change_new(cx, &change));
    ks_status st = ks_integration_add(cx, change, in, &made);
    if (st == KS_OK)
        st = reply(cx, rs, &made, v2);
    return ks_res_commit_built(cx, rq, rs, change, st);
}

/* ---- POST /v1/integrations ---- */

struct create_body {
    ks_str   appId, appName, name, authScheme;
    ks_json *authConfig;
    bool     forceNewIntegration;
};
static const ks_field create_fields[] = {
    KS_FIELD(struct create_body, appId, STR, 0),
    KS_FIELD(struct create_body, appName, STR, 0),
    KS_FIELD_MAX("name", struct create_body, name, STR, 0, KS_MAX_NAME),
    KS_FIELD(struct create_body, authScheme, STR, 0),
    KS_FIELD(struct create_body, authConfig, OBJ, 0),
    KS_FIELD(struct create_body, forceNewIntegration, BOOL, 0),
    KS_FIELDS_END,
};

/* Are there values other than null? */
static bool has_values(const ks_json *obj)
{
    void    *it = NULL;
    ks_str   name;
    ks_json *v;
    while (ks_json_each(obj, &it, &name, &v)) {
        if (ks_json_kind(v) != KS_JSON_NULL)
            return true;
    }
    return false;
}

static ks_status post_v1(ks_ctx *cx, const ks_req *rq, ks_res *rs)
{
    struct create_body b;
    ks_integration     old = {0};
    KS_TRY(ks_req_body(cx, rq, create_fields, &b));
    ks_integration_new in = {
        .scheme = b.authScheme, .name = b.name, .values = b.authConfig, .path = "authConfig."};
    ks_str ref = b.appId.n ? b.appId : b.appName;
    if (ref.n == 0)
        return ks_fail(cx, KS_INVALID, "appId", "appId is required: the id or key of an app.");
    KS_TRY(ks_catalog_need_app(cx, ks_catalog_of(cx), "appId", ref, &in.app));
    const ks_app_scheme *scheme = ks_app_scheme_find(in.app, b.authScheme);
    if (!b.forceNewIntegration && scheme != NULL && !has_values(b.authConfig))
        KS_TRY(ks_integration_find(cx, in.app, scheme->scheme, &old));
    return old.id.p ? reply(cx, rs, &old, false) : create(cx, rq, rs, &in, false);
}

/* ---- POST /v2/integrations/create, /get-or-create ---- */

struct v2_app {
    ks_str uniqueKey;
};
struct v2_config {
    ks_str   name, authScheme;
    ks_json *integrationSecrets;
};
struct v2_body {
    struct v2_app    app;
    struct v2_config config;
};
static const ks_field v2_app_fields[] = {KS_FIELD(struct v2_app, uniqueKey, STR, KS_REQUIRED), KS_FIELDS_END};
static const ks_field v2_config_fields[] = {
    KS_FIELD_MAX("name", struct v2_config, name, STR, 0, KS_MAX_NAME),
    KS_FIELD(struct v2_config, authScheme, STR, 0),
    KS_FIELD(struct v2_config, integrationSecrets, OBJ, 0),
    KS_FIELDS_END,
};
static const ks_field v2_fields[] = {
    KS_FIELD_SUB("app", struct v2_body, app, KS_REQUIRED, v2_app_fields),
    KS_FIELD_SUB("config", struct v2_body, config, 0, v2_config_fields),
    KS_FIELDS_END,
};

static ks_status v2_wish(ks_ctx *cx, const ks_req *rq, ks_integration_new *in)
{
    struct v2_body b;
    KS_TRY(ks_req_body(cx, rq, v2_fields, &b));
    *in = (ks_integration_new){.scheme = b.config.authScheme,
                               .name = b.config.name,
                               .values = b.config.integrationSecrets,
                               .path = "config.integrationSecrets."};
    return ks_catalog_need_app(cx, ks_catalog_of(cx), "app.uniqueKey", b.app.uniqueKey, &in->app);
}

static ks_status post_v2(ks_ctx *cx, const ks_req *rq, ks_res *rs)
{
    ks_integration_new in;
    KS_TRY(v2_wish(cx, rq, &in));
    return create(cx, rq, rs, &in, true);
}

static ks_status short_reply(ks_ctx *cx, ks_res *rs, ks_str id, bool is_new)
{
    ks_jw w;
    KS_TRY(ks_res_begin(cx, rs, 200, &w));
    ks_jw_obj(&w, NULL);
    ks_jw_str(&w, "integrationId", id);
    ks_jw_bool(&w, "isNewIntegration", is_new);
    ks_jw_end(&w, '}');
    return ks_res_end(cx, rs);
}

static ks_status get_or_create(ks_ctx *cx, const ks_req *rq, ks_res *rs)
{
    ks_integration_new in;
    ks_integration     found = {0};
    ks_change         *change;
    KS_TRY(v2_wish(cx, rq, &in));
    const ks_app_scheme *scheme = ks_app_scheme_find(in.app, in.scheme);
    if (scheme != NULL && !has_values(in.values))
        KS_TRY(ks_integration_find(cx, in.app, scheme->scheme, &found));
    if (found.id.p != NULL)
        return short_reply(cx, rs, found.id, false);
    KS_TRY(ks_change_new(cx, &change));
    ks_status st = ks_integration_add(cx, change, &in, &found);
    if (st == KS_OK)
        st = short_reply(cx, rs, found.id, true);
    return ks_res_commit_built(cx, rq, rs, change, st);
}

/* ---- reading ---- */

static ks_status list_app(ks_ctx *cx, const ks_req *rq, ks_str *key, bool *none)
{
    ks_str name = ks_req_query(cx, rq, "appName"), id = ks_req_query(cx, rq, "appId");
    *key = KS_NO_STR;
    *none = false;
    for (int i = 0; i < 2; i++) {
        ks_str ref = i ? id : name;
        if (ref.n == 0)
            continue;
        const ks_app *app = ks_catalog_app(cx, ks_catalog_of(cx), ref);
        *none |= app == NULL || (key->p != NULL && !ks_str_eq(*key, app->key));
        if (app != NULL)
            *key = app->key;
    }
    return KS_OK;
}

static ks_status get_list(ks_ctx *cx, const ks_req *rq, ks_res *rs)
{
    ks_page         page;
    ks_integration *all = NULL;
    size_t          n = 0;
    int64_t         total = 0;
    ks_str          app;
    bool            none;
    ks_jw           w;
    KS_TRY(ks_v1_page(cx, rq, "pageSize", &page));
    KS_TRY(list_app(cx, rq, &app, &none));
    if (!none)
        KS_TRY(ks_integration_list(cx, app, ks_v1_flag(cx, rq, "showDisabled"), page.offset, page.size, &all,
                                   &n, &total));
    KS_TRY(ks_res_begin(cx, rs, 200, &w));
    ks_jw_obj(&w, NULL);
    ks_jw_arr(&w, "items");
    for (size_t i = 0; i < n; i++) {
        ks_jw_obj(&w, NULL);
        encode(cx, &w, &all[i]);
        ks_jw_end(&w, '}');
    }
    ks_jw_end(&w, ']');
    ks_v1_pages(&w, &page, total);
    ks_jw_end(&w, '}');
    return ks_res_end(cx, rs);
}

static ks_status get_one(ks_ctx *cx, const ks_req *rq, ks_res *rs)
{
    ks_integration in;
    KS_TRY(ks_integration_get(cx, ks_req_param(rq, "id"), &in));
    return reply(cx, rs, &in, false);
}

/* The integrations an app and scheme already have. */
static ks_status search(ks_ctx *cx, const ks_req *rq, ks_res *rs)
{
    ks_integration_new in;
    ks_integration    *all;
    size_t             n;
    int64_t            total;
    ks_jw              w;
    KS_TRY(v2_wish(cx, rq, &in));
    KS_TRY(ks_integration_list(cx, in.app->key, false, 0, INT32_MAX, &all, &n, &total));
    KS_TRY(ks_res_begin(cx, rs, 200, &w));
    ks_jw_obj(&w, NULL);
    ks_jw_arr(&w, "matchedIntegrationIds");
    for (size_t i = 0; i < n; i++) {
        if (in.scheme.n == 0 || ks_scheme_same(in.scheme, all[i].scheme))
            ks_jw_str(&w, NULL, all[i].id);
    }
    ks_jw_end(&w, ']');
    ks_jw_obj(&w, "appInfo");
    ks_jw_str(&w, "appId", in.app->id);
    ks_jw_str(&w, "key", in.app->key);
    ks_jw_str(&w, "name", in.app->name);
    ks_jw_end(&w, '}');
    ks_jw_end(&w, '}');
    return ks_res_end(cx, rs);
}

/* ---- changing ---- */

/* What a patch points to. */
struct patched {
    bool   enabled;
    ks_str limited, requests;
};

static ks_status patch_requests(ks_ctx *cx, const ks_json *list, ks_integration_patch *p, struct patched *to)
{
    if (list == NULL)
        return KS_OK;
    p->requests = &to->requests;
    return ks_requests_check(cx, "allowedRequests", list, &to->requests);
}

static ks_status patch_of(ks_ctx *cx, const ks_req *rq, ks_integration_patch *p, struct patched *to)
{
    ks_json *body;
    KS_TRY(ks_req_json(cx, rq, &body));
    const ks_json *on = ks_json_get(body, "enabled"), *list = ks_json_get(body, "limitedActions");
    *p = (ks_integration_patch){.values = ks_json_get(body, "authConfig")};
    if (on != NULL && ks_json_kind(on) != KS_JSON_BOOL)
        return ks_fail(cx, KS_INVALID, "enabled", "enabled must be true or false.");
    if (list != NULL && ks_json_kind(list) != KS_JSON_ARR && ks_json_kind(list) != KS_JSON_NULL)
        return ks_fail(cx, KS_INVALID, "limitedActions",
                       "limitedActions must be a list of action names, or null.");
    if (on != NULL) {
        to->enabled = ks_json_true(on);
        p->enabled = &to->enabled;
    }
    KS_TRY(patch_requests(cx, ks_json_get(body, "allowedRequests"), p, to));
    if (list == NULL)
        return KS_OK;
    ks_buf *b = ks_ctx_buf(cx, KS_MAX_BODY_BYTES);
    if (b == NULL)
        return KS_NO_MEMORY;
    ks_jw w = ks_jw_new(b);
    ks_jw_value(&w, NULL, list);
    to->limited = ks_json_count(list) ? ks_buf_view(b) : KS_NO_STR; /* an empty list limits nothing */
    p->limited = &to->limited;
    return KS_OK;
}

static ks_status patch(ks_ctx *cx, const ks_req *rq, ks_res *rs)
{
    ks_integration       old;
    ks_integration_patch p;
    ks_change           *change;
    struct patched       to;
    KS_TRY(ks_integration_get(cx, ks_req_param(rq, "id"), &old));
    KS_TRY(patch_of(cx, rq, &p, &to));
    KS_TRY(ks_v1_success(cx, rs, false));
    KS_TRY(ks_change_new(cx, &change));
    return ks_res_commit_built(cx, rq, rs, change, ks_integration_patch_add(cx, change, &old, &p));
}

static ks_status drop(ks_ctx *cx, const ks_req *rq, ks_res *rs)
{
    ks_integration old;
    ks_change     *change;
    KS_TRY(ks_integration_get(cx, ks_req_param(rq, "id"), &old));
    KS_TRY(ks_v1_success(cx, rs, true));
    KS_TRY(ks_change_new(cx, &change));
    return ks_res_commit_built(cx, rq, rs, change, ks_integration_delete_add(cx, change, old.id));
}

#define R(method, path, scope, run, text)                                                                    \
    {                                                                                                        \
        method, path, KS_SCOPE_##scope, run, KS_VIEW_V1, 0, text                                             \
    }
const ks_route ks_integrations_v1_routes[] = {
    R("POST", "/v1/integrations", CONNECT, post_v1, "make an integration, or find the one there is"),
    R("GET", "/v1/integrations", READ, get_list, "list integrations"),
    R("GET", "/v1/integrations/{id}", READ, get_one, "one integration with its expectedInputFields"),
    R("PATCH", "/v1/integrations/{id}", CONNECT, patch, "enable, disable, replace its own values"),
    R("DELETE", "/v1/integrations/{id}", CONNECT, drop, "delete it and its connections"),
    R("POST", "/v2/integrations/create", CONNECT, post_v2, "make an integration"),
    R("POST", "/v2/integrations/get-or-create", CONNECT, get_or_create, "find or make an integration"),
    R("POST", "/v2/integrations/search-by-filters", READ, search, "ids of the integrations of an app"),
    {0},
};
