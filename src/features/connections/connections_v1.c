/* features/connections/connections_v1.c — wire shapes and routes; the rules are in connection*.c. docs/api.md
 * CON-1..14. */
#include "features/apps/view.h"
#include "features/routes.h"

#include "features/connections/connection.h"
#include "features/v1.h"

/* ---- shapes ---- */

static void encode(ks_ctx *cx, ks_jw *w, const ks_connection *c)
{
    const ks_app *app = ks_catalog_app(cx, ks_catalog_of(cx), c->app);
    ks_jw_obj(w, NULL);
    ks_jw_str(w, "id", c->id);
    ks_jw_str(w, "status", c->status);
    ks_jw_str(w, "statusReason", c->status_reason);
    ks_jw_bool(w, "enabled", c->enabled);
    ks_jw_bool(w, "isDisabled", !c->enabled);
    ks_jw_bool(w, "deleted", false);
    ks_jw_time(w, "createdAt", c->created_at);
    ks_jw_time(w, "updatedAt", c->updated_at);
    ks_jw_str(w, "appUniqueId", c->app);
    ks_jw_str(w, "appName", c->app);
    ks_jw_str(w, "appId", app ? app->id : c->app);
    ks_jw_str(w, "authScheme", ks_scheme_wire(c->scheme));
    ks_jw_str(w, "integrationId", c->integration_id);
    ks_jw_str(w, "clientUniqueUserId", c->entity_id);
    ks_jw_str(w, "entityId", c->entity_id);
    ks_jw_raw(w, "labels", c->labels);
    ks_jw_int(w, "invocationCount", c->uses);
    ks_jw_null(w, "logo");
    ks_jw_obj(w, "meta");
    ks_jw_str(w, "verdict", c->verdict);
    ks_jw_raw(w, "account", c->account.p ? c->account : KS_S("null"));
    ks_jw_end(w, '}');
    ks_jw_raw(w, "connectionParams", c->display);
    ks_jw_obj(w, "data");
    ks_jw_end(w, '}');
    ks_jw_end(w, '}');
}

static void made_members(ks_jw *w, const ks_connection *made)
{
    ks_jw_str(w, "connectionStatus", made->status);
    ks_jw_str(w, "connectedAccountId", made->id);
    ks_jw_null(w, "redirectUrl");
}

static ks_status reply_v1(ks_ctx *cx, ks_res *rs, const ks_connect *in, const ks_connection *made)
{
    ks_jw w;
    (void)in;
    KS_TRY(ks_res_begin(cx, rs, 200, &w));
    ks_jw_obj(&w, NULL);
    made_members(&w, made);
    ks_jw_end(&w, '}');
    return ks_res_end(cx, rs);
}

static ks_status reply_v2(ks_ctx *cx, ks_res *rs, const ks_connect *in, const ks_connection *made)
{
    ks_jw w;
    KS_TRY(ks_res_begin(cx, rs, 200, &w));
    ks_jw_obj(&w, NULL);
    ks_jw_obj(&w, "integration");
    ks_jw_str(&w, "id", made->integration_id);
    ks_jw_bool(&w, "isNewIntegration", in->change != NULL);
    ks_jw_end(&w, '}');
    ks_jw_obj(&w, "connectionResponse");
    made_members(&w, made);
    ks_jw_end(&w, '}');
    ks_jw_end(&w, '}');
    return ks_res_end(cx, rs);
}

/* ---- POST /v1/connectedAccounts ---- */

struct make_body {
    ks_str   integrationId, userUuid, entityId;
    ks_json *data, *labels;
};
static const ks_field make_fields[] = {
    KS_FIELD(struct make_body, integrationId, STR, KS_REQUIRED),
    KS_FIELD(struct make_body, userUuid, STR, 0),
    KS_FIELD(struct make_body, entityId, STR, 0),
    KS_FIELD(struct make_body, data, OBJ, 0),
    KS_FIELD(struct make_body, labels, ANY, 0),
    KS_FIELDS_END,
};

static ks_status post_v1(ks_ctx *cx, const ks_req *rq, ks_res *rs)
{
    struct make_body b;
    ks_connect       in = {.path = "data."};
    KS_TRY(ks_req_body(cx, rq, make_fields, &b));
    KS_TRY(ks_integration_get(cx, b.integrationId, &in.integration));
    KS_TRY(ks_catalog_need_app(cx, ks_catalog_of(cx), "integrationId", in.integration.app, &in.app));
    KS_TRY(ks_labels_check(cx, b.labels, &in.labels));
    in.entity_id = b.entityId.n ? b.entityId : b.userUuid;
    in.entity_field = b.entityId.n ? "entityId" : "userUuid";
    in.values = b.data;
    return ks_connection_make(cx, rq, rs, &in, reply_v1);
}

/* ---- POST /v2/connectedAccounts/initiateConnection ---- */

struct v2_app {
    ks_str integrationId, uniqueKey;
};
struct v2_config {
    ks_str   name, authScheme;
    ks_json *integrationSecrets;
};
struct v2_extra {
    ks_json *labels;
};
struct v2_connection {
    ks_str          entityId;
    ks_json        *initiateData;
    struct v2_extra extra;
};
struct v2_body {
    struct v2_app        app;
    struct v2_config     config;
    struct v2_connection connection;
};
static const ks_field v2_app_fields[] = {
    KS_FIELD(struct v2_app, integrationId, STR, 0),
    KS_FIELD(struct v2_app, uniqueKey, STR, 0),
    KS_FIELDS_END,
};
static const ks_field v2_config_fields[] = {
    KS_FIELD_MAX("name", struct v2_config, name, STR, 0, KS_MAX_NAME),
    KS_FIELD(struct v2_config, authScheme, STR, 0),
    KS_FIELD(struct v2_config, integrationSecrets, OBJ, 0),
    KS_FIELDS_END,
};
static const ks_field v2_extra_fields[] = {KS_FIELD(struct v2_extra, labels, ANY, 0), KS_FIELDS_END};
static const ks_field v2_connection_fields[] = {
    KS_FIELD(struct v2_connection, entityId, STR, 0),
    KS_FIELD(struct v2_connection, initiateData, OBJ, 0),
    KS_FIELD_SUB("extra", struct v2_connection, extra, 0, v2_extra_fields),
    KS_FIELDS_END,
};
static const ks_field v2_fields[] = {
    KS_FIELD_SUB("app", struct v2_body, app, KS_REQUIRED, v2_app_fields),
    KS_FIELD_SUB("config", struct v2_body, config, 0, v2_config_fields),
    KS_FIELD_SUB("connection", struct v2_body, connection, 0, v2_connection_fields),
    KS_FIELDS_END,
};

/* By integration id: the scheme asked for must be the integration's own. */
static ks_status existing(ks_ctx *cx, const struct v2_body *b, ks_connect *in)
{
    KS_TRY(ks_integration_get(cx, b->app.integrationId, &in->integration));
    if (b->config.authScheme.n && !ks_scheme_same(b->config.authScheme, in->integration.scheme))
        return ks_fail_code(cx, KS_INVALID, "scheme_mismatch", "config.authScheme",
                            "This integration uses " KS_FMT ". Ask for that scheme, or leave it out.",
                            KS_ARG(ks_scheme_wire(in->integration.scheme)));
    return ks_catalog_need_app(cx, ks_catalog_of(cx), "app.integrationId", in->integration.app, &in->app);
}

/* By app: the newest integration of that scheme without values of its own, or a new one in the same commit.
 */
static ks_status by_app(ks_ctx *cx, const struct v2_body *b, ks_connect *in)
{
    ks_integration_new wish = {.scheme = b->config.authScheme,
                               .name = b->config.name,
                               .values = b->config.integrationSecrets,
                               .path = "config.integrationSecrets."};
    if (b->app.uniqueKey.n == 0)
        return ks_fail(cx, KS_INVALID, "app.integrationId",
                       "Give app.integrationId, or app.uniqueKey for an app.");
    KS_TRY(ks_catalog_need_app(cx, ks_catalog_of(cx), "app.uniqueKey", b->app.uniqueKey, &wish.app));
    in->app = wish.app;
    const ks_app_scheme *scheme = ks_app_scheme_find(wish.app, wish.scheme);
    if (scheme != NULL && ks_json_count(wish.values) == 0)
        KS_TRY(ks_integration_find(cx, wish.app, scheme->scheme, &in->integration));
    if (in->integration.id.p != NULL)
        return KS_OK;
    KS_TRY(ks_change_new(cx, &in->change));
    ks_status st = ks_integration_add(cx, in->change, &wish, &in->integration);
    if (st != KS_OK) {
        ks_change_free(in->change);
        in->change = NULL;
    }
    return st;
}

static ks_status post_v2(ks_ctx *cx, const ks_req *rq, ks_res *rs)
{
    struct v2_body b;
    ks_connect     in = {.path = "connection.initiateData."};
    KS_TRY(ks_req_body(cx, rq, v2_fields, &b));
    KS_TRY(ks_labels_check(cx, b.connection.extra.labels, &in.labels));
    KS_TRY(b.app.integrationId.n ? existing(cx, &b, &in) : by_app(cx, &b, &in));
    in.entity_id = b.connection.entityId;
    in.entity_field = "connection.entityId";
    in.values = b.connection.initiateData;
    return ks_connection_make(cx, rq, rs, &in, reply_v2);
}

/* ---- POST /v1/connectedAccounts/{id}/reinitiate ---- */

static ks_status reinitiate(ks_ctx *cx, const ks_req *rq, ks_res *rs)
{
    ks_connection old;
    ks_connect    in = {.path = "data."};
    ks_json      *body;
    KS_TRY(ks_connection_get(cx, ks_req_param(rq, "id"), &old));
    KS_TRY(ks_req_json(cx, rq, &body));
    KS_TRY(ks_connect_again(cx, &old, &in));
    in.values = ks_json_get(body, "data");
    return ks_connection_make(cx, rq, rs, &in, reply_v1);
}

/* ---- reading ---- */

static ks_status get_one(ks_ctx *cx, const ks_req *rq, ks_res *rs)
{
    ks_connection c;
    ks_jw         w;
    KS_TRY(ks_connection_get(cx, ks_req_param(rq, "id"), &c));
    KS_TRY(ks_res_begin(cx, rs, 200, &w));
    encode(cx, &w, &c);
    return ks_res_end(cx, rs);
}

static ks_status filter_of(ks_ctx *cx, const ks_req *rq, ks_connection_filter *f, ks_page *page)
{
    ks_str users = ks_req_query(cx, rq, "user_uuid"), entities = ks_req_query(cx, rq, "entityId");
    KS_TRY(ks_v1_page(cx, rq, "pageSize", page));
    *f = (ks_connection_filter){.apps = ks_req_query(cx, rq, "appNames"),
                                .statuses = ks_req_query(cx, rq, "status"),
                                .labels = ks_req_query(cx, rq, "labels"),
                                .integration_id = ks_req_query(cx, rq, "integrationId"),
                                .connection_id = ks_req_query(cx, rq, "connectionId"),
                                .active_only = ks_v1_flag(cx, rq, "showActiveOnly"),
                                .disabled_too = ks_v1_flag(cx, rq, "showDisabled"),
                                .offset = page->offset,
                                .limit = page->size};
    f->entities = users.n && entities.n ? ks_fmt(cx, KS_FMT "," KS_FMT, KS_ARG(users), KS_ARG(entities))
                  : users.n             ? users
                                        : entities;
    return KS_OK;
}

static ks_status get_list(ks_ctx *cx, const ks_req *rq, ks_res *rs)
{
    ks_connection_filter f;
    ks_page              page;
    ks_connection       *all;
    size_t               n;
    int64_t              total;
    ks_jw                w;
    KS_TRY(filter_of(cx, rq, &f, &page));
    KS_TRY(ks_connection_list(cx, &f, &all, &n, &total));
    KS_TRY(ks_res_begin(cx, rs, 200, &w));
    ks_jw_obj(&w, NULL);
    ks_jw_arr(&w, "items");
    for (size_t i = 0; i < n; i++)
        encode(cx, &w, &all[i]);
    ks_jw_end(&w, ']');
    ks_v1_pages(&w, &page, total);
    ks_jw_end(&w, '}');
    return ks_res_end(cx, rs);
}

/* {base_url, parameters: [{in, name, value}], body}: the masked view in the words of `get_auth_params`. */
static ks_status get_info(ks_ctx *cx, const ks_req *rq, ks_res *rs)
{
    static const struct {
        const char *member, *in;
    } places[] = {{"headers", "header"}, {"queryParams", "query"}};
    ks_connection c;
    ks_json      *view, *v;
    ks_jw         w;
    KS_TRY(ks_connection_get(cx, ks_req_param(rq, "id"), &c));
    KS_TRY(ks_json_parse(cx, c.display, &view));
    ks_str base = ks_json_str(ks_json_get(view, "base_url"));
    KS_TRY(ks_res_begin(cx, rs, 200, &w));
    ks_jw_obj(&w, NULL);
    ks_jw_str(&w, "base_url", base.p ? base : KS_S(""));
    ks_jw_arr(&w, "parameters");
    for (size_t i = 0; i < KS_COUNT(places); i++) {
        void  *it = NULL;
        ks_str name;
        while (ks_json_each(ks_json_get(view, places[i].member), &it, &name, &v)) {
            ks_jw_obj(&w, NULL);
            ks_jw_z(&w, "in", places[i].in);
            ks_jw_str(&w, "name", name);
            ks_jw_str(&w, "value", ks_json_str(v));
            ks_jw_end(&w, '}');
        }
    }
    ks_jw_end(&w, ']');
    ks_jw_obj(&w, "body");
    ks_jw_end(&w, '}');
    ks_jw_end(&w, '}');
    return ks_res_end(cx, rs);
}

/* ---- small changes ---- */

static ks_status toggled(ks_ctx *cx, ks_res *rs, ks_str id)
{
    ks_jw w;
    KS_TRY(ks_res_begin(cx, rs, 200, &w));
    ks_jw_obj(&w, NULL);
    ks_jw_z(&w, "status", "success");
    ks_jw_str(&w, "connectedAccountId", id);
    ks_jw_end(&w, '}');
    return ks_res_end(cx, rs);
}

static ks_status set_enabled(ks_ctx *cx, const ks_req *rq, ks_res *rs, bool on)
{
    ks_change *change;
    ks_str     id = ks_req_param(rq, "id");
    KS_TRY(toggled(cx, rs, id));
    KS_TRY(ks_change_new(cx, &change));
    return ks_res_commit_built(cx, rq, rs, change, ks_connection_enable_add(cx, change, id, on));
}

static ks_status enable(ks_ctx *cx, const ks_req *rq, ks_res *rs)
{
    return set_enabled(cx, rq, rs, true);
}

static ks_status disable(ks_ctx *cx, const ks_req *rq, ks_res *rs)
{
    return set_enabled(cx, rq, rs, false);
}

static ks_status drop(ks_ctx *cx, const ks_req *rq, ks_res *rs)
{
    ks_change *change;
    KS_TRY(ks_v1_success(cx, rs, true));
    KS_TRY(ks_change_new(cx, &change));
    return ks_res_commit_built(cx, rq, rs, change,
                               ks_connection_delete_add(cx, change, ks_req_param(rq, "id")));
}

static ks_status patch_data(ks_ctx *cx, const ks_req *rq, ks_res *rs)
{
    ks_change *change;
    ks_json   *body;
    KS_TRY(ks_req_json(cx, rq, &body));
    if (ks_json_get(body, "labels") == NULL)
        return ks_fail(cx, KS_INVALID, "labels", "labels is required: the list that replaces the labels.");
    KS_TRY(ks_v1_success(cx, rs, false));
    KS_TRY(ks_change_new(cx, &change));
    return ks_res_commit_built(
        cx, rq, rs, change,
        ks_connection_labels_add(cx, change, ks_req_param(rq, "id"), ks_json_get(body, "labels")));
}

#define R(method, path, scope, run, flags, text)                                                             \
    {                                                                                                        \
        method, path, KS_SCOPE_##scope, run, KS_VIEW_V1, flags, text                                         \
    }
const ks_route ks_connections_v1_routes[] = {
    R("POST", "/v1/connectedAccounts", CONNECT, post_v1, 0, "connect an account: fields, check, ACTIVE"),
    R("POST", "/v2/connectedAccounts/initiateConnection", CONNECT, post_v2, 0,
      "the same by integration or app"),
    R("GET", "/v1/connectedAccounts", READ, get_list, KS_WORKER, "list connected accounts"),
    R("GET", "/v1/connectedAccounts/{id}", READ, get_one, 0, "one connected account, masked"),
    R("GET", "/v1/connectedAccounts/{id}/info", READ, get_info, 0, "where its credential goes, masked"),
    R("POST", "/v1/connectedAccounts/{id}/reinitiate", CONNECT, reinitiate, 0, "replace its values, same id"),
    R("POST", "/v1/connectedAccounts/{id}/enable", CONNECT, enable, KS_NO_BODY, "allow its use again"),
    R("POST", "/v1/connectedAccounts/{id}/disable", CONNECT, disable, KS_NO_BODY, "refuse its use"),
    R("PATCH", "/v1/connectedAccounts/{id}/data", CONNECT, patch_data, 0, "replace its labels"),
    R("DELETE", "/v1/connectedAccounts/{id}", CONNECT, drop, KS_NO_BODY, "delete it and erase its values"),
    {0},
};
