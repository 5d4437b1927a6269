/* features/integrations/auth_configs_v3.c — wire shapes and routes of auth configs, which are integrations;
 * the rules are in integration.c. docs/api.md V3-3, V3-4. */
#include "features/apps/view.h"
#include "features/routes.h"

#include "features/integrations/integration.h"
#include "features/integrations/requests.h"
#include "features/tails.h"
#include "features/v3.h"

/* ---- shapes ---- */

static void put_toolkit(ks_jw *w, ks_str slug, bool logo)
{
    ks_jw_obj(w, "toolkit");
    ks_jw_str(w, "slug", slug);
    if (logo)
        ks_jw_z(w, "logo", KS_V3_LOGO);
    ks_jw_end(w, '}');
}

static void put_tools(ks_jw *w, const ks_integration *in)
{
    ks_str allowed = in->limited.p ? in->limited : KS_S("[]");
    ks_jw_raw(w, "restrict_to_following_tools", allowed);
    ks_jw_bool(w, "is_enabled_for_tool_router", true);
    ks_jw_obj(w, "tool_access_config");
    ks_jw_raw(w, "tools_for_connected_account_creation", KS_S("[]"));
    ks_jw_raw(w, "tools_available_for_execution", allowed);
    ks_jw_end(w, '}');
}

static void put_expected(ks_ctx *cx, ks_jw *w, const ks_integration *in)
{
    const ks_app        *app = ks_catalog_app(cx, ks_catalog_of(cx), in->app);
    const ks_app_scheme *scheme = app ? ks_app_scheme_find(app, in->scheme) : NULL;
    ks_jw_arr(w, "expected_input_fields");
    for (size_t i = 0; scheme != NULL && i < scheme->fields_n; i++) {
        const ks_app_field *f = &scheme->fields[i];
        if (!f->developer)
            ks_v3_field(cx, w, f, f->required && f->fallback.p == NULL && !ks_integration_gives(in, f->name));
    }
    ks_jw_end(w, ']');
}

static ks_status encode(ks_ctx *cx, ks_jw *w, const ks_integration *in)
{
    int64_t uses;
    KS_TRY(ks_integration_uses(cx, in->id, &uses));
    ks_jw_obj(w, NULL);
    ks_jw_str(w, "id", in->id);
    ks_v3_uuid(w, "uuid", in->id);
    ks_jw_z(w, "type", "custom");
    put_toolkit(w, in->app, true);
    ks_jw_str(w, "name", in->name);
    ks_jw_str(w, "auth_scheme", ks_scheme_wire(in->scheme));
    ks_jw_bool(w, "is_composio_managed", false);
    ks_jw_raw(w, "credentials", in->display);
    ks_jw_z(w, "status", in->enabled ? "ENABLED" : "DISABLED");
    ks_jw_z(w, "created_by", "project");
    ks_jw_time(w, "created_at", in->created_at);
    ks_jw_time(w, "last_updated_at", in->updated_at);
    ks_jw_int(w, "no_of_connections", uses);
    put_expected(cx, w, in);
    put_tools(w, in);
    if (in->ambiguous != KS_AMBIGUOUS_DEFAULT) /* a member of ours */
        ks_jw_z(w, "ambiguous", ks_ambiguous_word(in->ambiguous));
    if (in->requests.p != NULL) /* and this */
        ks_jw_raw(w, "allowed_requests", in->requests);
    ks_jw_raw(w, "shared_credentials", KS_S("{}"));
    ks_jw_raw(w, "deprecated_params", KS_S("{\"default_connector_id\":null}"));
    ks_jw_end(w, '}');
    return KS_OK;
}

/* ---- what may be used: a list of tool slugs ---- */

struct access {
    ks_json *tools_available_for_execution;
};
static const ks_field access_fields[] = {KS_FIELD(struct access, tools_available_for_execution, ANY, 0),
                                         KS_FIELDS_END};

/* The list as it is stored; absent when it is empty: then nothing is limited. */
static ks_status limited_of(ks_ctx *cx, const ks_json *list, const char *field, ks_str *out)
{
    ks_buf *b = ks_ctx_buf(cx, KS_MAX_BODY_BYTES);
    if (b == NULL)
        return KS_NO_MEMORY;
    *out = KS_NO_STR;
    if (ks_json_kind(list) == KS_JSON_NULL)
        return KS_OK;
    if (ks_json_kind(list) != KS_JSON_ARR)
        return ks_fail(cx, KS_INVALID, field, "%s must be a list of tool slugs.", field);
    ks_jw w = ks_jw_new(b);
    ks_jw_arr(&w, NULL);
    for (size_t i = 0; i < ks_json_count(list); i++) {
        const ks_app *app;
        ks_str        slug = ks_json_str(ks_json_at(list, i));
        if (slug.p == NULL)
            return ks_fail(cx, KS_INVALID, field, "%s must be a list of tool slugs.", field);
        const ks_app_action *known = ks_catalog_action(cx, ks_catalog_of(cx), slug, &app);
        ks_jw_str(&w, NULL, known != NULL ? known->name : slug);
    }
    ks_jw_end(&w, ']');
    if (!ks_buf_ok(b))
        return ks_no_memory(cx);
    if (ks_json_count(list) > 0)
        *out = ks_buf_view(b);
    return KS_OK;
}

/* `credentials` and `shared_credentials` are one to us: values every account has. */
static ks_status values_of(ks_ctx *cx, const ks_json *own, const ks_json *shared, ks_json **out)
{
    ks_buf  *b = ks_ctx_buf(cx, KS_MAX_BODY_BYTES * 2);
    void    *it = NULL;
    ks_str   name;
    ks_json *v;
    if (b == NULL)
        return KS_NO_MEMORY;
    ks_jw w = ks_jw_new(b);
    ks_jw_obj(&w, NULL);
    while (ks_json_each(own, &it, &name, &v)) {
        ks_jw_name(&w, name);
        ks_jw_value(&w, NULL, v);
    }
    for (it = NULL; ks_json_each(shared, &it, &name, &v);) {
        ks_str asked = ks_copy(cx, name);
        if (asked.p == NULL)
            return KS_NO_MEMORY;
        if (ks_json_get(own, asked.p) != NULL)
            continue;
        ks_jw_name(&w, name);
        ks_jw_value(&w, NULL, v);
    }
    ks_jw_end(&w, '}');
    return ks_buf_ok(b) ? ks_json_parse(cx, ks_buf_view(b), out) : ks_no_memory(cx);
}

/* ---- POST /auth_configs ---- */

struct create_toolkit {
    ks_str slug;
};
struct create_config {
    ks_str        type, authScheme, name, ambiguous;
    ks_json      *credentials, *shared_credentials, *restrict_to_following_tools, *allowed_requests;
    struct access tool_access_config;
};
struct create_body {
    struct create_toolkit toolkit;
    struct create_config  auth_config;
};
static const ks_field create_toolkit_fields[] = {KS_FIELD(struct create_toolkit, slug, STR, KS_REQUIRED),
                                                 KS_FIELDS_END};
static const ks_field create_config_fields[] = {
    KS_FIELD(struct create_config, type, STR, 0),
    KS_FIELD(struct create_config, authScheme, STR, 0),
    KS_FIELD_MAX("name", struct create_config, name, STR, 0, KS_MAX_NAME),
    KS_FIELD(struct create_config, ambiguous, STR, 0),
    KS_FIELD(struct create_config, allowed_requests, ANY, 0),
    KS_FIELD(struct create_config, credentials, OBJ, 0),
    KS_FIELD(struct create_config, shared_credentials, OBJ, 0),
    KS_FIELD(struct create_config, restrict_to_following_tools, ANY, 0),
    KS_FIELD_SUB("tool_access_config", struct create_config, tool_access_config, 0, access_fields),
    KS_FIELDS_END,
};
static const ks_field create_fields[] = {
    KS_FIELD_SUB("toolkit", struct create_body, toolkit, KS_REQUIRED, create_toolkit_fields),
    KS_FIELD_SUB("auth_config", struct create_body, auth_config, 0, create_config_fields),
    KS_FIELDS_END,
};

static ks_status reply_created(ks_ctx *cx, ks_res *rs, const ks_integration *in)
{
    ks_jw w;
    KS_TRY(ks_res_begin(cx, rs, 201, &w));
    ks_jw_obj(&w, NULL);
    put_toolkit(&w, in->app, false);
    ks_jw_obj(&w, "auth_config");
    ks_jw_str(&w, "id", in->id);
    ks_jw_str(&w, "auth_scheme", ks_scheme_wire(in->scheme));
    ks_jw_bool(&w, "is_composio_managed", false);
    ks_jw_raw(&w, "restrict_to_following_tools", in->limited.p ? in->limited : KS_S("[]"));
    ks_jw_end(&w, '}');
    ks_jw_end(&w, '}');
    return ks_res_end(cx, rs);
}

static ks_status check_type(ks_ctx *cx, const struct create_config *c, const ks_app *app)
{
    if (c->type.n == 0 || ks_str_eq(c->type, KS_S("use_composio_managed_auth")))
        return ks_fail_code(cx, KS_INVALID, "no_managed_auth", "auth_config.type",
                            "There is no managed auth for " KS_FMT ": this server lends no credentials.",
                            KS_ARG(app->name));
    if (!ks_str_eq(c->type, KS_S("use_custom_auth")))
        return ks_fail(cx, KS_INVALID, "auth_config.type", "type must be use_custom_auth.");
    if (c->authScheme.n == 0)
        return ks_fail(cx, KS_INVALID, "auth_config.authScheme",
                       "authScheme is required: one of the modes of the toolkit.");
    return KS_OK;
}

static ks_status wish_of(ks_ctx *cx, const ks_req *rq, ks_integration_new *in)
{
    struct create_body    b;
    struct create_config *c = &b.auth_config;
    ks_json              *values;
    KS_TRY(ks_req_body(cx, rq, create_fields, &b));
    *in = (ks_integration_new){.path = "auth_config.credentials.", .complete = true};
    KS_TRY(ks_catalog_need_app(cx, ks_catalog_of(cx), "toolkit.slug", b.toolkit.slug, &in->app));
    KS_TRY(check_type(cx, c, in->app));
    KS_TRY(ks_ambiguous_parse(cx, "auth_config.ambiguous", c->ambiguous, &in->ambiguous));
    KS_TRY(ks_requests_check(cx, "auth_config.allowed_requests", c->allowed_requests, &in->requests));
    KS_TRY(values_of(cx, c->credentials, c->shared_credentials, &values));
    const ks_json *tools = c->tool_access_config.tools_available_for_execution;
    KS_TRY(limited_of(cx, tools != NULL ? tools : c->restrict_to_following_tools,
                      "auth_config.tool_access_config.tools_available_for_execution", &in->limited));
    in->scheme = c->authScheme;
    in->name = c->name;
    in->values = values;
    return KS_OK;
}

static ks_status create(ks_ctx *cx, const ks_req *rq, ks_res *rs)
{
    ks_integration_new in;
    ks_integration     made;
    ks_change         *change;
    KS_TRY(wish_of(cx, rq, &in));
    KS_TRY(ks_change_new(cx, &change));
    ks_status st = ks_integration_add(cx, change, &in, &made);
    if (st == KS_OK)
        st = reply_created(cx, rs, &made);
    return ks_res_commit_built(cx, rq, rs, change, st);
}

/* ---- reading ---- */

static ks_status get_list(ks_ctx *cx, const ks_req *rq, ks_res *rs)
{
    ks_v3_page      page;
    ks_integration *all = NULL;
    size_t          n = 0;
    int64_t         total = 0;
    ks_jw           w;
    KS_TRY(ks_v3_page_of(cx, rq, "auth_configs", &page));
    ks_integration_filter f = {.apps = ks_req_query(cx, rq, "toolkit_slug"),
                               .words = ks_req_query(cx, rq, "search"),
                               .disabled_too = ks_v3_flag(cx, rq, "show_disabled"),
                               .after_id = page.after_id,
                               .after_us = page.after_us,
                               .limit = page.limit + 1};
    if (!ks_v3_flag(cx, rq, "is_composio_managed")) /* none is */
        KS_TRY(ks_integration_search(cx, &f, &all, &n, &total));
    n = ks_v3_page_rows(&page, n);
    if (n > 0)
        ks_v3_page_last(&page, all[n - 1].id, all[n - 1].created_at);
    KS_TRY(ks_res_begin(cx, rs, 200, &w));
    ks_jw_obj(&w, NULL);
    ks_jw_arr(&w, "items");
    for (size_t i = 0; i < n; i++)
        KS_TRY(encode(cx, &w, &all[i]));
    ks_jw_end(&w, ']');
    ks_v3_page_end(cx, &w, &page, total);
    ks_jw_end(&w, '}');
    return ks_res_end(cx, rs);
}

static ks_status get_one(ks_ctx *cx, const ks_req *rq, ks_res *rs)
{
    ks_integration in;
    ks_jw          w;
    KS_TRY(ks_integration_get(cx, ks_req_param(rq, "id"), &in));
    KS_TRY(ks_res_begin(cx, rs, 200, &w));
    KS_TRY(encode(cx, &w, &in));
    return ks_res_end(cx, rs);
}

/* ---- changing ---- */

struct patch_body {
    ks_str        type, ambiguous;
    ks_json      *credentials, *shared_credentials, *restrict_to_following_tools, *allowed_requests;
    struct access tool_access_config;
};
static const ks_field patch_fields[] = {
    KS_FIELD(struct patch_body, type, STR, 0),
    KS_FIELD(struct patch_body, ambiguous, STR, 0),
    KS_FIELD(struct patch_body, allowed_requests, ANY, 0),
    KS_FIELD(struct patch_body, credentials, OBJ, 0),
    KS_FIELD(struct patch_body, shared_credentials, OBJ, 0),
    KS_FIELD(struct patch_body, restrict_to_following_tools, ANY, 0),
    KS_FIELD_SUB("tool_access_config", struct patch_body, tool_access_config, 0, access_fields),
    KS_FIELDS_END,
};

static ks_status changed(ks_ctx *cx, const ks_req *rq, ks_res *rs, const ks_integration *old,
                         const ks_integration_patch *p, const char *message)
{
    ks_change *change;
    KS_TRY(ks_v3_done(cx, rs, message));
    KS_TRY(ks_change_new(cx, &change));
    return ks_res_commit_built(cx, rq, rs, change, ks_integration_patch_add(cx, change, old, p));
}

static ks_status patch(ks_ctx *cx, const ks_req *rq, ks_res *rs)
{
    struct patch_body    b;
    ks_integration       old;
    ks_integration_patch p = {.path = "credentials.", .merge = true};
    ks_ambiguous         ambiguous;
    ks_str               limited, requests;
    ks_json             *values;
    KS_TRY(ks_integration_get(cx, ks_req_param(rq, "id"), &old));
    KS_TRY(ks_req_body(cx, rq, patch_fields, &b));
    if (b.type.n > 0 && !ks_str_eq(b.type, KS_S("custom")))
        return ks_fail(cx, KS_INVALID, "type", "type must be custom: no auth config here is managed.");
    if (b.credentials != NULL || b.shared_credentials != NULL) {
        KS_TRY(values_of(cx, b.credentials, b.shared_credentials, &values));
        p.values = values;
    }
    if (b.ambiguous.n > 0) {
        KS_TRY(ks_ambiguous_parse(cx, "ambiguous", b.ambiguous, &ambiguous));
        p.ambiguous = &ambiguous;
    }
    if (b.allowed_requests != NULL) {
        KS_TRY(ks_requests_check(cx, "allowed_requests", b.allowed_requests, &requests));
        p.requests = &requests;
    }
    const ks_json *tools = b.tool_access_config.tools_available_for_execution;
    if (tools == NULL)
        tools = b.restrict_to_following_tools;
    KS_TRY(limited_of(cx, tools, "tool_access_config.tools_available_for_execution", &limited));
    if (ks_json_kind(tools) == KS_JSON_ARR)
        p.limited = &limited;
    return changed(cx, rq, rs, &old, &p, "Auth config updated");
}

static ks_status patch_status(ks_ctx *cx, const ks_req *rq, ks_res *rs)
{
    ks_integration       old;
    ks_str               word = ks_req_param(rq, "status");
    bool                 on = ks_str_eq(word, KS_S("ENABLED"));
    ks_integration_patch p = {.enabled = &on};
    if (!on && !ks_str_eq(word, KS_S("DISABLED")))
        return ks_fail(cx, KS_INVALID, "status", "The status must be ENABLED or DISABLED.");
    KS_TRY(ks_integration_get(cx, ks_req_param(rq, "id"), &old));
    return changed(cx, rq, rs, &old, &p, on ? "Auth config enabled" : "Auth config disabled");
}

static ks_status drop(ks_ctx *cx, const ks_req *rq, ks_res *rs)
{
    ks_integration old;
    ks_change     *change;
    KS_TRY(ks_integration_get(cx, ks_req_param(rq, "id"), &old));
    KS_TRY(ks_v3_done(cx, rs, "Auth config deleted"));
    KS_TRY(ks_change_new(cx, &change));
    return ks_res_commit_built(cx, rq, rs, change, ks_integration_delete_add(cx, change, old.id));
}

#define R KS_V3_ROUTE
const ks_route ks_auth_configs_v3_routes[] = {
    R("POST", "/auth_configs", CONNECT, create, 0, "make an auth config"),
    R("GET", "/auth_configs", READ, get_list, KS_WORKER, "list auth configs"),
    R("GET", "/auth_configs/{id}", READ, get_one, 0, "one auth config with the fields a user must give"),
    R("PATCH", "/auth_configs/{id}", CONNECT, patch, 0, "merge credentials, limit its tools"),
    R("PATCH", "/auth_configs/{id}/{status}", CONNECT, patch_status, KS_NO_BODY, "ENABLED or DISABLED"),
    R("DELETE", "/auth_configs/{id}", CONNECT, drop, KS_NO_BODY, "delete it and its accounts"),
    {0},
};
