/* features/connections/connected_accounts_v3.c — wire shapes and routes of connected accounts. What makes one
 * or gives it new values is in connect_v3.c; the rules are in connection*.c. docs/api.md V3-5..8. */
#include "features/apps/view.h"
#include "features/connections/alias.h"
#include "features/connections/connect_v3.h"
#include "features/routes.h"
#include "features/v3.h"

/* ---- shapes ---- */

ks_status ks_v3_account_val(ks_ctx *cx, const ks_connection *c, ks_str *out)
{
    ks_credential values = {0};
    bool    open = !ks_str_eq(c->status, KS_S("REVOKED")) && ks_connection_open(cx, c, &values) == KS_OK;
    ks_buf *b = ks_ctx_buf(cx, KS_MAX_BODY_BYTES);
    if (b == NULL)
        return KS_NO_MEMORY;
    ks_jw w = ks_jw_new(b);
    ks_jw_obj(&w, NULL);
    for (size_t i = 0; open && i < values.n; i++) {
        ks_str plain = ks_secret_text(values.values[i].secret);
        ks_jw_name(&w, values.values[i].name);
        ks_jw_str(&w, NULL, plain.p ? plain : ks_secret_mask(cx, values.values[i].secret));
    }
    ks_jw_str(&w, "status", ks_connection_status(c));
    ks_jw_end(&w, '}');
    *out = ks_buf_view(b);
    return ks_buf_ok(b) ? KS_OK : ks_no_memory(cx);
}

void ks_v3_account_state(ks_jw *w, const char *name, const ks_connection *c, ks_str val)
{
    ks_jw_obj(w, name);
    ks_jw_str(w, "authScheme", ks_scheme_wire(c->scheme));
    ks_jw_raw(w, "val", val);
    ks_jw_end(w, '}');
}

/* "alias" and "deprecated": its labels and a uuid. */
static ks_status put_labels(ks_ctx *cx, ks_jw *w, const ks_connection *c)
{
    ks_json *labels;
    ks_str   alias = KS_NO_STR;
    KS_TRY(ks_json_parse(cx, c->labels, &labels));
    ks_jw_obj(w, "deprecated");
    ks_jw_arr(w, "labels");
    for (size_t i = 0; i < ks_json_count(labels); i++) {
        ks_str label = ks_json_str(ks_json_at(labels, i));
        if (ks_alias_of(label).p != NULL)
            alias = ks_alias_of(label);
        else
            ks_jw_str(w, NULL, label);
    }
    ks_jw_end(w, ']');
    ks_v3_uuid(w, "uuid", c->id);
    ks_jw_end(w, '}');
    ks_jw_str(w, "alias", alias);
    return KS_OK;
}

static ks_status put_config(ks_ctx *cx, ks_jw *w, const ks_connection *c)
{
    ks_integration in = {0};
    ks_status      st = ks_integration_get(cx, c->integration_id, &in);
    if (st != KS_NOT_FOUND) /* deleted since the list was read */
        KS_TRY(st);
    ks_jw_obj(w, "auth_config");
    ks_jw_str(w, "id", c->integration_id);
    ks_jw_str(w, "auth_scheme", ks_scheme_wire(c->scheme));
    ks_jw_bool(w, "is_composio_managed", false);
    ks_jw_bool(w, "is_disabled", !in.enabled);
    ks_jw_obj(w, "deprecated");
    ks_v3_uuid(w, "uuid", c->integration_id);
    ks_jw_end(w, '}');
    ks_jw_end(w, '}');
    return KS_OK;
}

static ks_status encode(ks_ctx *cx, ks_jw *w, const ks_connection *c, bool params)
{
    ks_str val;
    KS_TRY(ks_v3_account_val(cx, c, &val));
    ks_jw_obj(w, NULL);
    ks_jw_str(w, "id", c->id);
    ks_jw_str(w, "user_id", c->entity_id);
    ks_jw_null(w, "word_id");
    ks_jw_str(w, "status", ks_connection_status(c));
    ks_jw_str(w, "status_reason", c->status_reason);
    ks_jw_bool(w, "is_disabled", !c->enabled);
    ks_jw_time(w, "created_at", c->created_at);
    ks_jw_time(w, "updated_at", c->updated_at);
    ks_jw_obj(w, "toolkit");
    ks_jw_str(w, "slug", c->app);
    ks_jw_end(w, '}');
    KS_TRY(put_config(cx, w, c));
    ks_v3_account_state(w, "state", c, val);
    ks_jw_raw(w, "data", val);
    KS_TRY(put_labels(cx, w, c));
    ks_jw_raw(w, "experimental", KS_S("{\"account_type\":\"PRIVATE\"}"));
    if (params)
        ks_jw_raw(w, "params", val);
    ks_jw_end(w, '}');
    return KS_OK;
}

/* ---- reading ---- */

static ks_status get_one(ks_ctx *cx, const ks_req *rq, ks_res *rs)
{
    ks_connection c;
    ks_jw         w;
    KS_TRY(ks_connection_get(cx, ks_req_param(rq, "id"), &c));
    KS_TRY(ks_res_begin(cx, rs, 200, &w));
    KS_TRY(encode(cx, &w, &c, true));
    return ks_res_end(cx, rs);
}

static ks_status check_statuses(ks_ctx *cx, ks_str list)
{
    ks_str one;
    while (ks_str_cut(&list, ',', &one)) {
        if (!ks_v3_listed(KS_S("INITIALIZING,INITIATED,ACTIVE,FAILED,EXPIRED,INACTIVE,REVOKED"), one))
            return ks_fail(cx, KS_INVALID, "statuses",
                           "Each status must be one of INITIALIZING, INITIATED, ACTIVE, FAILED, EXPIRED, "
                           "INACTIVE, REVOKED.");
    }
    return KS_OK;
}

static ks_status one_of(ks_ctx *cx, const ks_req *rq, const char *name, const char *usual, const char *other,
                        bool *is_other)
{
    ks_str word = ks_req_query(cx, rq, name);
    *is_other = ks_str_eq(word, ks_str_of(other));
    if (word.n == 0 || *is_other || ks_str_eq(word, ks_str_of(usual)))
        return KS_OK;
    return ks_fail(cx, KS_INVALID, name, "%s must be %s or %s.", name, usual, other);
}

static ks_status filter_of(ks_ctx *cx, const ks_req *rq, const ks_v3_page *page, ks_connection_filter *f)
{
    *f = (ks_connection_filter){.wide = true,
                                .entities = ks_req_query(cx, rq, "user_ids"),
                                .apps = ks_req_query(cx, rq, "toolkit_slugs"),
                                .statuses = ks_req_query(cx, rq, "statuses"),
                                .integration_ids = ks_req_query(cx, rq, "auth_config_ids"),
                                .connection_ids = ks_req_query(cx, rq, "connected_account_ids"),
                                .after_id = page->after_id,
                                .after_us = page->after_us,
                                .limit = page->limit + 1};
    KS_TRY(check_statuses(cx, f->statuses));
    KS_TRY(one_of(cx, rq, "order_by", "created_at", "updated_at", &f->by_update));
    return one_of(cx, rq, "order_direction", "desc", "asc", &f->oldest_first);
}

static ks_status get_list(ks_ctx *cx, const ks_req *rq, ks_res *rs)
{
    ks_connection_filter f;
    ks_v3_page           page;
    ks_connection       *all;
    size_t               n;
    int64_t              total;
    ks_jw                w;
    KS_TRY(ks_v3_page_of(cx, rq, "connected_accounts", &page));
    KS_TRY(filter_of(cx, rq, &page, &f));
    KS_TRY(ks_connection_list(cx, &f, &all, &n, &total));
    n = ks_v3_page_rows(&page, n);
    if (n > 0)
        ks_v3_page_last(&page, all[n - 1].id, f.by_update ? all[n - 1].updated_at : all[n - 1].created_at);
    KS_TRY(ks_res_begin(cx, rs, 200, &w));
    ks_jw_obj(&w, NULL);
    ks_jw_arr(&w, "items");
    for (size_t i = 0; i < n; i++)
        KS_TRY(encode(cx, &w, &all[i], false));
    ks_jw_end(&w, ']');
    ks_v3_page_end(cx, &w, &page, total);
    ks_jw_end(&w, '}');
    return ks_res_end(cx, rs);
}

/* ---- changing ---- */

static ks_status patch_status(ks_ctx *cx, const ks_req *rq, ks_res *rs)
{
    ks_json   *body;
    ks_change *change;
    KS_TRY(ks_req_json(cx, rq, &body));
    const ks_json *on = ks_json_get(body, "enabled");
    if (ks_json_kind(on) != KS_JSON_BOOL)
        return ks_fail(cx, KS_INVALID, "enabled", "enabled is required: true or false.");
    KS_TRY(ks_v3_done(cx, rs, NULL));
    KS_TRY(ks_change_new(cx, &change));
    return ks_res_commit_built(
        cx, rq, rs, change, ks_connection_enable_add(cx, change, ks_req_param(rq, "id"), ks_json_true(on)));
}

static ks_status reply_refreshed(ks_ctx *cx, ks_res *rs, const ks_connect *in, const ks_connection *c)
{
    ks_jw w;
    (void)in;
    KS_TRY(ks_res_begin(cx, rs, 200, &w));
    ks_jw_obj(&w, NULL);
    ks_jw_str(&w, "id", c->id);
    ks_jw_str(&w, "status", ks_connection_status(c));
    ks_jw_null(&w, "redirect_url");
    ks_jw_end(&w, '}');
    return ks_res_end(cx, rs);
}

struct refresh_body {
    bool validate_credentials;
};
static const ks_field refresh_fields[] = {KS_FIELD(struct refresh_body, validate_credentials, BOOL, 0),
                                          KS_FIELDS_END};

/* A key needs no refreshing; asked to, its vendor is asked about it. */
static ks_status refresh(ks_ctx *cx, const ks_req *rq, ks_res *rs)
{
    ks_connection       c;
    struct refresh_body b;
    KS_TRY(ks_connection_get(cx, ks_req_param(rq, "id"), &c));
    KS_TRY(ks_req_body(cx, rq, refresh_fields, &b));
    return b.validate_credentials ? ks_connection_verify(cx, rq, rs, &c, reply_refreshed)
                                  : reply_refreshed(cx, rs, NULL, &c);
}

static ks_status revoke(ks_ctx *cx, const ks_req *rq, ks_res *rs)
{
    ks_connection c;
    ks_change    *change;
    ks_jw         w;
    KS_TRY(ks_connection_get(cx, ks_req_param(rq, "id"), &c));
    KS_TRY(ks_res_begin(cx, rs, 200, &w));
    ks_jw_obj(&w, NULL);
    ks_jw_raw(&w, "revoked_tokens", KS_S("[]"));
    ks_jw_obj(&w, "connected_account");
    ks_jw_str(&w, "id", c.id);
    ks_jw_z(&w, "status", "REVOKED");
    ks_jw_end(&w, '}');
    ks_jw_end(&w, '}');
    KS_TRY(ks_res_end(cx, rs));
    KS_TRY(ks_change_new(cx, &change));
    return ks_res_commit_built(cx, rq, rs, change, ks_connection_revoke_add(cx, change, &c));
}

static ks_status drop(ks_ctx *cx, const ks_req *rq, ks_res *rs)
{
    ks_change *change;
    KS_TRY(ks_v3_done(cx, rs, NULL));
    KS_TRY(ks_change_new(cx, &change));
    return ks_res_commit_built(cx, rq, rs, change,
                               ks_connection_delete_add(cx, change, ks_req_param(rq, "id")));
}

#define R KS_V3_ROUTE
const ks_route ks_connected_accounts_v3_routes[] = {
    R("POST", "/connected_accounts", CONNECT, ks_v3_account_post, 0,
      "connect an account: fields, check, ACTIVE"),
    R("GET", "/connected_accounts", READ, get_list, KS_WORKER, "list connected accounts"),
    R("GET", "/connected_accounts/{id}", READ, get_one, 0, "one connected account, masked"),
    R("PATCH", "/connected_accounts/{id}", CONNECT, ks_v3_account_patch, 0,
      "alias; new values, checked before the swap"),
    R("DELETE", "/connected_accounts/{id}", CONNECT, drop, KS_NO_BODY, "delete it and erase its values"),
    R("PATCH", "/connected_accounts/{id}/status", CONNECT, patch_status, 0, "enable or disable it"),
    R("POST", "/connected_accounts/{id}/refresh", CONNECT, refresh, 0, "its status; on request asked anew"),
    R("POST", "/connected_accounts/{id}/revoke", CONNECT, revoke, KS_NO_BODY, "erase its values, keep it"),
    {0},
};
