/* features/tokens/tokens_http.c — projects and API keys on the wire, for the control socket alone: an API key
 * never makes another. They wait for the store, so they run on workers. Contract: docs/api.md
 * "Administration".
 */
#include "features/routes.h"
#include "features/tokens/tokens.h"
#include "http/reply.h"

#define LIST_MAX 1000 /* keys or projects in one answer */

struct new_key {
    ks_str  project, name;
    ks_strs scopes, apps, entities;
    int64_t expires_in_s;
    bool    read_only;
};
static const ks_field new_key_fields[] = {
    KS_FIELD(struct new_key, project, STR, KS_REQUIRED), KS_FIELD(struct new_key, name, STR, 0),
    KS_FIELD(struct new_key, scopes, STRS, 0),           KS_FIELD(struct new_key, expires_in_s, I64, 0),
    KS_FIELD(struct new_key, read_only, BOOL, 0),        KS_FIELD(struct new_key, apps, STRS, 0),
    KS_FIELD(struct new_key, entities, STRS, 0),         KS_FIELDS_END,
};

static ks_status parse_scopes(ks_ctx *cx, ks_strs names, unsigned *out)
{
    *out = 0;
    for (size_t i = 0; i < names.n; i++) {
        unsigned one = ks_scope_parse(names.at[i]);
        if (one == 0)
            return ks_fail(cx, KS_INVALID, "scopes", "scopes: a list of read, connect, act, dashboard.");
        *out |= one;
    }
    return KS_OK;
}

/* The parts of a stored list, null when there is none; with the beginning that ends in `*`. */
static void write_limit(ks_jw *w, const char *name, ks_str list, char separator, ks_str prefix)
{
    ks_str part;
    if (list.p == NULL) {
        ks_jw_null(w, name);
        return;
    }
    ks_jw_arr(w, name);
    while (ks_str_cut(&list, separator, &part))
        if (part.n > 0)
            ks_jw_str(w, NULL, part);
    if (prefix.n > 0) {
        ks_buf b = ks_buf_new(KS_MAX_ENTITY + 1);
        ks_buf_fmt(&b, KS_FMT "*", KS_ARG(prefix));
        ks_jw_str(w, NULL, ks_buf_view(&b));
        ks_buf_done(&b);
    }
    ks_jw_end(w, ']');
}

static void write_when(ks_jw *w, const char *name, int64_t us)
{
    if (us)
        ks_jw_time(w, name, us);
    else
        ks_jw_null(w, name);
}

static void write_key(ks_jw *w, const ks_key *k, ks_str limits)
{
    ks_jw_str(w, "id", k->id);
    ks_jw_str(w, "project_id", k->project_id);
    ks_jw_str(w, "name", k->name);
    ks_jw_str(w, "prefix", k->prefix);
    ks_jw_arr(w, "scopes");
    for (unsigned one = 1; one <= KS_SCOPE_KEY; one <<= 1)
        if (k->scopes & KS_SCOPE_KEY & one)
            ks_jw_str(w, NULL, ks_scope_name(one));
    ks_jw_end(w, ']');
    ks_jw_time(w, "created_at", k->created_at);
    ks_jw_str(w, "limits", limits);
    ks_jw_bool(w, "read_only", k->reach.read_only);
    write_limit(w, "apps", k->reach.apps, ',', KS_NO_STR);
    write_limit(w, "entities", k->reach.entities, KS_REACH_SEPARATOR, k->reach.prefix);
    write_when(w, "used_at", k->used_at);
    write_when(w, "expires_at", k->expires_at);
    write_when(w, "revoked_at", k->revoked_at);
    write_when(w, "frozen_at", k->frozen_at);
    ks_jw_str(w, "frozen_why", k->frozen_why);
}

static ks_status post_key(ks_ctx *cx, const ks_req *rq, ks_res *rs)
{
    struct new_key   body;
    ks_key_wish      wish;
    ks_key           made;
    ks_api_key_parts parts;
    ks_jw            w;
    KS_TRY(ks_req_body(cx, rq, new_key_fields, &body));
    wish = (ks_key_wish){.project = body.project,
                         .name = body.name,
                         .expires_in_s = body.expires_in_s,
                         .read_only = body.read_only,
                         .apps = body.apps,
                         .entities = body.entities};
    KS_TRY(parse_scopes(cx, body.scopes, &wish.scopes));
    KS_TRY(ks_key_create(cx, &wish, &made, &parts));
    KS_TRY(ks_res_begin(cx, rs, 200, &w));
    ks_jw_obj(&w, NULL);
    write_key(&w, &made, ks_key_limits(cx, &made));
    ks_jw_str(&w, "key", ks_api_key_once(&parts)); /* the only time it is shown */
    ks_jw_end(&w, '}');
    return ks_res_end(cx, rs);
}

static ks_status get_keys(ks_ctx *cx, const ks_req *rq, ks_res *rs)
{
    ks_key *keys;
    size_t  n;
    ks_jw   w;
    KS_TRY(ks_key_list(cx, ks_req_query(cx, rq, "project"), LIST_MAX, &keys, &n));
    KS_TRY(ks_res_begin(cx, rs, 200, &w));
    ks_jw_obj(&w, NULL);
    ks_jw_arr(&w, "items");
    for (size_t i = 0; i < n; i++) {
        ks_jw_obj(&w, NULL);
        write_key(&w, &keys[i], ks_key_limits(cx, &keys[i]));
        ks_jw_end(&w, '}');
    }
    ks_jw_end(&w, ']');
    ks_jw_end(&w, '}');
    return ks_res_end(cx, rs);
}

static ks_status delete_key(ks_ctx *cx, const ks_req *rq, ks_res *rs)
{
    KS_TRY(ks_key_revoke(cx, ks_req_param(rq, "id")));
    return ks_res_fixed(cx, rs, 200, "application/json", KS_S("{\"status\":\"revoked\"}"));
}

static ks_status unfreeze_key(ks_ctx *cx, const ks_req *rq, ks_res *rs)
{
    KS_TRY(ks_key_unfreeze(cx, ks_req_param(rq, "id")));
    return ks_res_fixed(cx, rs, 200, "application/json", KS_S("{\"status\":\"unfrozen\"}"));
}

static ks_status get_projects(ks_ctx *cx, const ks_req *rq, ks_res *rs)
{
    ks_project *list;
    size_t      n;
    ks_jw       w;
    (void)rq;
    KS_TRY(ks_project_list(cx, LIST_MAX, &list, &n));
    KS_TRY(ks_res_begin(cx, rs, 200, &w));
    ks_jw_obj(&w, NULL);
    ks_jw_arr(&w, "items");
    for (size_t i = 0; i < n; i++) {
        ks_jw_obj(&w, NULL);
        ks_jw_str(&w, "id", list[i].id);
        ks_jw_str(&w, "name", list[i].name);
        ks_jw_time(&w, "created_at", list[i].created_at);
        ks_jw_end(&w, '}');
    }
    ks_jw_end(&w, ']');
    ks_jw_end(&w, '}');
    return ks_res_end(cx, rs);
}

const ks_route ks_tokens_routes[] = {
    {"POST", "/ks/admin/keys", KS_SCOPE_ADMIN, post_key, KS_VIEW_NATIVE, KS_LOCAL | KS_WORKER,
     "Make an API key, and its project when that is new. The key is shown this once."},
    {"GET", "/ks/admin/keys", KS_SCOPE_ADMIN, get_keys, KS_VIEW_NATIVE, KS_LOCAL | KS_WORKER,
     "API keys of a project, or of all."},
    {"DELETE", "/ks/admin/keys/{id}", KS_SCOPE_ADMIN, delete_key, KS_VIEW_NATIVE,
     KS_LOCAL | KS_WORKER | KS_NO_BODY, "Revoke an API key."},
    {"POST", "/ks/admin/keys/{id}/unfreeze", KS_SCOPE_ADMIN, unfreeze_key, KS_VIEW_NATIVE,
     KS_LOCAL | KS_WORKER | KS_NO_BODY, "Let a frozen API key work again."},
    {"GET", "/ks/admin/projects", KS_SCOPE_ADMIN, get_projects, KS_VIEW_NATIVE, KS_LOCAL | KS_WORKER,
     "All projects."},
    {0},
};
