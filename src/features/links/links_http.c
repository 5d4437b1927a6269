/* features/links/links_http.c — links on the wire: POST /connected_accounts/link of v3, and the native
 * routes. docs/api.md "Connect links". */
#include "features/routes.h"

#include "base/ids.h"
#include "features/apps/view.h"
#include "features/connections/alias.h"
#include "features/links/link.h"
#include "features/v1.h"
#include "features/v3.h"

/* ---- shared ---- */

/* The labels that hold an alias, and the step that keeps it unique. */
static ks_status take_alias(ks_ctx *cx, ks_change *change, ks_str alias, ks_link_wish *wish)
{
    ks_str   label;
    ks_json *labels;
    if (alias.n == 0)
        return KS_OK;
    KS_TRY(ks_alias_label(cx, alias, "alias", &label));
    KS_TRY(ks_alias_labels(cx, wish->labels.p ? wish->labels : KS_S("[]"), label, &labels));
    KS_TRY(ks_labels_check(cx, labels, &wish->labels));
    return ks_connection_label_free_add(cx, change, wish->entity_id, wish->app->key, KS_NO_STR, label);
}

/* Everything but the answer: the link is in `change`, its token and address are known. */
static ks_status make(ks_ctx *cx, const ks_req *rq, ks_change *change, ks_str alias, ks_link_wish *wish,
                      ks_link *l, ks_str *token, ks_str *url)
{
    KS_TRY(take_alias(cx, change, alias, wish));
    KS_TRY(ks_link_add(cx, change, wish, l, token));
    return ks_link_url(cx, rq, *token, url);
}

/* ---- POST /connected_accounts/link ---- */

struct v3_body {
    ks_str   auth_config_id, user_id, callback_url, alias;
    ks_json *connection_data;
};
static const ks_field v3_fields[] = {
    KS_FIELD(struct v3_body, auth_config_id, STR, KS_REQUIRED),
    KS_FIELD(struct v3_body, user_id, STR, 0),
    KS_FIELD(struct v3_body, callback_url, STR, 0),
    KS_FIELD(struct v3_body, alias, STR, 0),
    KS_FIELD(struct v3_body, connection_data, OBJ, 0),
    KS_FIELDS_END,
};

static ks_status v3_answer(ks_ctx *cx, ks_res *rs, const ks_link *l, ks_str token, ks_str url)
{
    ks_jw w;
    KS_TRY(ks_res_begin(cx, rs, 201, &w));
    ks_jw_obj(&w, NULL);
    ks_jw_str(&w, "link_token", token); /* the only time it is shown */
    ks_jw_str(&w, "redirect_url", url);
    ks_jw_time(&w, "expires_at", l->life.expires_at);
    ks_jw_str(&w, "connected_account_id", l->connection_id);
    ks_jw_end(&w, '}');
    return ks_res_end(cx, rs);
}

static ks_status post_v3(ks_ctx *cx, const ks_req *rq, ks_res *rs)
{
    struct v3_body b;
    ks_link        l;
    ks_str         token, url;
    ks_change     *change;
    ks_link_wish   wish = {
          .entity_field = "user_id", .return_field = "callback_url", .path = "connection_data."};
    KS_TRY(ks_req_body(cx, rq, v3_fields, &b));
    KS_TRY(ks_integration_get(cx, b.auth_config_id, &wish.integration));
    KS_TRY(ks_catalog_need_app(cx, ks_catalog_of(cx), "auth_config_id", wish.integration.app, &wish.app));
    wish.entity_id = b.user_id;
    wish.return_url = b.callback_url;
    wish.values = b.connection_data;
    KS_TRY(ks_change_new(cx, &change));
    ks_status st = make(cx, rq, change, b.alias, &wish, &l, &token, &url);
    if (st == KS_OK)
        st = v3_answer(cx, rs, &l, token, url);
    return ks_res_commit_built(cx, rq, rs, change, st);
}

/* ---- POST /ks/links ---- */

struct new_link {
    ks_str   integration_id, entity_id, connection_id, return_url, alias, language;
    ks_json *data, *labels, *allowed_origins;
    int64_t  life_s;
};
static const ks_field new_link_fields[] = {
    KS_FIELD(struct new_link, integration_id, STR, 0),
    KS_FIELD(struct new_link, entity_id, STR, 0),
    KS_FIELD(struct new_link, connection_id, STR, 0),
    KS_FIELD(struct new_link, return_url, STR, 0),
    KS_FIELD(struct new_link, alias, STR, 0),
    KS_FIELD(struct new_link, data, OBJ, 0),
    KS_FIELD(struct new_link, labels, ANY, 0),
    KS_FIELD(struct new_link, language, STR, 0),
    KS_FIELD(struct new_link, allowed_origins, ANY, 0),
    KS_FIELD(struct new_link, life_s, I64, 0),
    KS_FIELDS_END,
};

/* A link for what exists leaves no choice of integration, entity, alias and labels. */
static ks_status wish_to_replace(ks_ctx *cx, const struct new_link *b, ks_connection *old, ks_link_wish *wish)
{
    ks_connect in = {0};
    if (b->integration_id.n || b->entity_id.n || b->alias.n || b->data != NULL || b->labels != NULL)
        return ks_fail(cx, KS_INVALID, "connection_id",
                       "With connection_id, send life_s, return_url, language and allowed_origins only: the "
                       "rest is known.");
    KS_TRY(ks_connection_get(cx, b->connection_id, old));
    KS_TRY(ks_connect_again(cx, old, &in));
    wish->integration = in.integration;
    wish->app = in.app;
    wish->replace = old;
    return KS_OK;
}

static ks_status wish_of(ks_ctx *cx, const struct new_link *b, ks_connection *old, ks_link_wish *wish)
{
    *wish = (ks_link_wish){.entity_id = b->entity_id,
                           .entity_field = "entity_id",
                           .return_url = b->return_url,
                           .return_field = "return_url",
                           .values = b->data,
                           .lang = b->language,
                           .origins = b->allowed_origins,
                           .path = "data.",
                           .life_s = b->life_s};
    if (b->connection_id.n)
        return wish_to_replace(cx, b, old, wish);
    if (b->integration_id.n == 0)
        return ks_fail(cx, KS_INVALID, "integration_id",
                       "Name an integration_id, or the connection_id that gets a new credential.");
    KS_TRY(ks_labels_check(cx, b->labels, &wish->labels));
    KS_TRY(ks_integration_get(cx, b->integration_id, &wish->integration));
    return ks_catalog_need_app(cx, ks_catalog_of(cx), "integration_id", wish->integration.app, &wish->app);
}

static void encode_origins(ks_jw *w, ks_str all)
{
    ks_str one;
    ks_jw_arr(w, "allowed_origins");
    while (ks_str_cut(&all, ' ', &one))
        ks_jw_str(w, NULL, one);
    ks_jw_end(w, ']');
}

static void encode(ks_jw *w, const ks_link *l)
{
    ks_jw_str(w, "id", l->id);
    ks_jw_str(w, "integration_id", l->integration_id);
    ks_jw_str(w, "connection_id", l->connection_id);
    ks_jw_str(w, "entity_id", l->entity_id);
    ks_jw_bool(w, "replaces", l->replaces);
    ks_jw_str(w, "return_url", l->return_url);
    ks_jw_str(w, "language", l->lang);
    encode_origins(w, l->origins);
    ks_jw_z(w, "state", ks_link_state_word(l->state));
    ks_jw_int(w, "tries", l->tries);
    ks_jw_time(w, "created_at", l->life.created_at);
    ks_jw_time(w, "expires_at", l->life.expires_at);
}

static ks_status answer(ks_ctx *cx, ks_res *rs, const ks_link *l, ks_str url)
{
    ks_jw w;
    KS_TRY(ks_res_begin(cx, rs, 201, &w));
    ks_jw_obj(&w, NULL);
    encode(&w, l);
    ks_jw_str(&w, "url", url); /* the only time it is shown */
    ks_jw_end(&w, '}');
    return ks_res_end(cx, rs);
}

static ks_status post_link(ks_ctx *cx, const ks_req *rq, ks_res *rs)
{
    struct new_link b;
    ks_connection   old;
    ks_link         l;
    ks_link_wish    wish;
    ks_str          token, url;
    ks_change      *change;
    KS_TRY(ks_req_body(cx, rq, new_link_fields, &b));
    KS_TRY(wish_of(cx, &b, &old, &wish));
    KS_TRY(ks_change_new(cx, &change));
    ks_status st = make(cx, rq, change, b.alias, &wish, &l, &token, &url);
    if (st == KS_OK)
        st = answer(cx, rs, &l, url);
    return ks_res_commit_built(cx, rq, rs, change, st);
}

/* ---- list, revoke ---- */

static ks_status get_links(ks_ctx *cx, const ks_req *rq, ks_res *rs)
{
    ks_page  page;
    ks_link *all;
    size_t   n;
    int64_t  total;
    ks_jw    w;
    KS_TRY(ks_v1_page(cx, rq, "limit", &page));
    bool whole = page.size == INT32_MAX;
    KS_TRY(ks_link_list(cx, whole ? 0 : page.offset, whole ? 100 : page.size, &all, &n, &total));
    KS_TRY(ks_res_begin(cx, rs, 200, &w));
    ks_jw_obj(&w, NULL);
    ks_jw_arr(&w, "items");
    for (size_t i = 0; i < n; i++) {
        ks_jw_obj(&w, NULL);
        encode(&w, &all[i]);
        ks_jw_end(&w, '}');
    }
    ks_jw_end(&w, ']');
    ks_jw_int(&w, "total", total);
    ks_jw_end(&w, '}');
    return ks_res_end(cx, rs);
}

static ks_status revoke(ks_ctx *cx, const ks_req *rq, ks_res *rs)
{
    ks_change *change;
    KS_TRY(ks_res_fixed(cx, rs, 200, "application/json", KS_S("{\"status\":\"revoked\"}")));
    KS_TRY(ks_change_new(cx, &change));
    return ks_res_commit_built(cx, rq, rs, change, ks_link_revoke_add(cx, change, ks_req_param(rq, "id")));
}

#define R(method, path, scope, run, flags, text)                                                             \
    {                                                                                                        \
        method, path, scope, run, KS_VIEW_NATIVE, flags, text                                                \
    }
const ks_route ks_links_routes[] = {
    KS_V3_ROUTE("POST", "/connected_accounts/link", CONNECT, post_v3, KS_ONCE,
                "a one-time link by which the user connects"),
    R("POST", "/ks/links", KS_SCOPE_CONNECT, post_link, KS_ONCE,
      "make a one-time link; its address, this once"),
    R("GET", "/ks/links", KS_SCOPE_READ, get_links, KS_WORKER,
      "links and their states; never their addresses"),
    R("DELETE", "/ks/links/{id}", KS_SCOPE_CONNECT, revoke, KS_NO_BODY, "end a link now"),
    {0},
};
