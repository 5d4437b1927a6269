/* features/connections/connect_v3.c — the two requests of v3 that carry credentials: connect an account, and
 * give it new values or another alias. The rules are in connection_make.c and alias.c. docs/api.md V3-5..8.
 * Threads: as the handler. */
#include "features/connections/connect_v3.h"

#include "features/apps/view.h"
#include "features/connections/alias.h"
#include "features/v3.h"

/* ---- POST /connected_accounts ---- */

struct config_ref {
    ks_str id;
};
struct state {
    ks_str   authScheme;
    ks_json *val;
};
struct connection {
    ks_str       user_id, alias;
    struct state state;
    ks_json     *data, *experimental;
};
struct create_body {
    struct config_ref auth_config;
    struct connection connection;
};
static const ks_field config_fields[] = {KS_FIELD(struct config_ref, id, STR, KS_REQUIRED), KS_FIELDS_END};
static const ks_field state_fields[] = {
    KS_FIELD(struct state, authScheme, STR, 0),
    KS_FIELD(struct state, val, OBJ, 0),
    KS_FIELDS_END,
};
static const ks_field connection_fields[] = {
    KS_FIELD(struct connection, user_id, STR, 0),
    KS_FIELD(struct connection, alias, STR, 0),
    KS_FIELD_SUB("state", struct connection, state, 0, state_fields),
    KS_FIELD(struct connection, data, OBJ, 0),
    KS_FIELD(struct connection, experimental, OBJ, 0),
    KS_FIELDS_END,
};
static const ks_field create_fields[] = {
    KS_FIELD_SUB("auth_config", struct create_body, auth_config, KS_REQUIRED, config_fields),
    KS_FIELD_SUB("connection", struct create_body, connection, 0, connection_fields),
    KS_FIELDS_END,
};

static ks_status reply_created(ks_ctx *cx, ks_res *rs, const ks_connect *in, const ks_connection *made)
{
    ks_str val;
    ks_jw  w;
    (void)in;
    KS_TRY(ks_v3_account_val(cx, made, &val));
    KS_TRY(ks_res_begin(cx, rs, 201, &w));
    ks_jw_obj(&w, NULL);
    ks_jw_str(&w, "id", made->id);
    ks_v3_account_state(&w, "connectionData", made, val);
    ks_jw_str(&w, "status", made->status);
    ks_jw_null(&w, "redirect_url");
    ks_jw_null(&w, "redirect_uri");
    ks_jw_obj(&w, "deprecated");
    ks_v3_uuid(&w, "uuid", made->id);
    ks_v3_uuid(&w, "authConfigUuid", made->integration_id);
    ks_jw_end(&w, '}');
    ks_jw_end(&w, '}');
    return ks_res_end(cx, rs);
}

static ks_status check_scheme(ks_ctx *cx, ks_str asked, ks_str scheme)
{
    if (asked.n == 0 || ks_scheme_same(asked, scheme))
        return KS_OK;
    return ks_fail_code(cx, KS_INVALID, "scheme_mismatch", "connection.state.authScheme",
                        "This auth config uses " KS_FMT ". Send that as authScheme.",
                        KS_ARG(ks_scheme_wire(scheme)));
}

/* An account is its user's alone. Who asks for more must not be told that it was done. */
static ks_status check_private(ks_ctx *cx, const ks_json *experimental, const char *field)
{
    const ks_json *type = ks_json_get(experimental, "account_type");
    const ks_json *acl = ks_json_get(experimental, "acl_config_for_shared");
    bool shared = ks_json_kind(type) != KS_JSON_NULL && !ks_str_eq(ks_json_str(type), KS_S("PRIVATE"));
    if (!shared && ks_json_kind(acl) == KS_JSON_NULL)
        return KS_OK;
    return ks_fail(cx, KS_INVALID, field,
                   "Accounts cannot be shared here: each is PRIVATE, of its own user. Leave this out.");
}

/* The alias, if any: free for this user and toolkit, in the same commit. */
static ks_status add_alias(ks_ctx *cx, ks_str alias, ks_connect *in)
{
    ks_str   label;
    ks_json *labels;
    if (alias.n == 0)
        return KS_OK;
    KS_TRY(ks_alias_label(cx, alias, "connection.alias", &label));
    KS_TRY(ks_alias_labels(cx, KS_S("[]"), label, &labels));
    KS_TRY(ks_labels_check(cx, labels, &in->labels));
    KS_TRY(ks_change_new(cx, &in->change));
    ks_status st = ks_connection_label_free_add(cx, in->change, in->entity_id, in->app->key, KS_NO_STR,
                                                label);
    if (st != KS_OK) {
        ks_change_free(in->change);
        in->change = NULL;
    }
    return st;
}

ks_status ks_v3_account_post(ks_ctx *cx, const ks_req *rq, ks_res *rs)
{
    struct create_body       b;
    const struct connection *c = &b.connection;
    ks_connect               in = {.entity_id = KS_NO_STR, .entity_field = "connection.user_id"};
    KS_TRY(ks_req_body(cx, rq, create_fields, &b));
    KS_TRY(check_private(cx, c->experimental, "connection.experimental"));
    KS_TRY(ks_integration_get(cx, b.auth_config.id, &in.integration));
    KS_TRY(ks_catalog_need_app(cx, ks_catalog_of(cx), "auth_config.id", in.integration.app, &in.app));
    KS_TRY(check_scheme(cx, c->state.authScheme, in.integration.scheme));
    in.entity_id = c->user_id;
    in.values = c->state.val != NULL ? c->state.val : c->data;
    in.path = c->state.val == NULL && c->data != NULL ? "connection.data." : "connection.state.val.";
    KS_TRY(add_alias(cx, c->alias, &in));
    return ks_connection_make(cx, rq, rs, &in, reply_created);
}

/* ---- PATCH /connected_accounts/{id} ---- */

struct patch_connection {
    struct state state;
};
struct patch_body {
    ks_json                *alias, *experimental;
    struct patch_connection connection;
};
static const ks_field patch_connection_fields[] = {
    KS_FIELD_SUB("state", struct patch_connection, state, 0, state_fields), KS_FIELDS_END};
static const ks_field patch_fields[] = {
    KS_FIELD(struct patch_body, alias, ANY, 0),
    KS_FIELD(struct patch_body, experimental, OBJ, 0),
    KS_FIELD_SUB("connection", struct patch_body, connection, 0, patch_connection_fields),
    KS_FIELDS_END,
};

static ks_status reply_patched(ks_ctx *cx, ks_res *rs, const ks_connect *in, const ks_connection *c)
{
    ks_jw w;
    (void)in;
    KS_TRY(ks_res_begin(cx, rs, 200, &w));
    ks_jw_obj(&w, NULL);
    ks_jw_str(&w, "id", c->id);
    ks_jw_str(&w, "status", ks_connection_status(c));
    ks_jw_bool(&w, "success", true);
    ks_jw_end(&w, '}');
    return ks_res_end(cx, rs);
}

/* null or "" removes the alias, a text sets it. */
static ks_status change_alias(ks_ctx *cx, ks_change *change, const ks_connection *c, const ks_json *alias)
{
    ks_str   label = KS_NO_STR;
    ks_json *labels;
    if (ks_json_kind(alias) != KS_JSON_STR && ks_json_kind(alias) != KS_JSON_NULL)
        return ks_fail(cx, KS_INVALID, "alias", "alias must be a text or null.");
    if (ks_json_str(alias).n > 0) {
        KS_TRY(ks_alias_label(cx, ks_json_str(alias), "alias", &label));
        KS_TRY(ks_connection_label_free_add(cx, change, c->entity_id, c->app, c->id, label));
    }
    KS_TRY(ks_alias_labels(cx, c->labels, label, &labels));
    return ks_connection_labels_add(cx, change, c->id, labels);
}

ks_status ks_v3_account_patch(ks_ctx *cx, const ks_req *rq, ks_res *rs)
{
    struct patch_body b;
    ks_json          *body;
    ks_connection     old;
    ks_connect        in = {.path = "connection.state.val.", .merge = true};
    KS_TRY(ks_connection_get(cx, ks_req_param(rq, "id"), &old));
    KS_TRY(ks_req_body(cx, rq, patch_fields, &b));
    KS_TRY(check_private(cx, b.experimental, "experimental"));
    KS_TRY(ks_req_json(cx, rq, &body)); /* an alias of null means something */
    KS_TRY(check_scheme(cx, b.connection.state.authScheme, old.scheme));
    KS_TRY(ks_connect_again(cx, &old, &in));
    in.values = b.connection.state.val;
    const ks_json *alias = ks_json_get(body, "alias");
    if (alias == NULL && in.values == NULL)
        return reply_patched(cx, rs, &in, &old);
    KS_TRY(ks_change_new(cx, &in.change));
    ks_status st = alias != NULL ? change_alias(cx, in.change, &old, alias) : KS_OK;
    if (st == KS_OK && in.values != NULL)
        return ks_connection_make(cx, rq, rs, &in, reply_patched);
    if (st == KS_OK)
        st = reply_patched(cx, rs, &in, &old);
    return ks_res_commit_built(cx, rq, rs, in.change, st);
}
