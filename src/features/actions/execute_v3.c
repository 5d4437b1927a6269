/* features/actions/execute_v3.c — wire shapes and routes of execute and proxy; the rules are in act.c.
 * docs/api.md V3-9..11, V3-31. Arguments in words are not understood, because no language model is asked. */
#include "features/routes.h"

#include "base/enc.h"
#include "features/actions/act.h"
#include "features/actions/file.h"
#include "features/actions/proxy_body.h"
#include "features/apps/view.h"
#include "features/v3.h"

/* ---- whose account ---- */

struct once {
    ks_str   authScheme, toolkitSlug;
    ks_json *val;
};
static const ks_field once_fields[] = {
    KS_FIELD(struct once, authScheme, STR, KS_REQUIRED),
    KS_FIELD(struct once, toolkitSlug, STR, 0),
    KS_FIELD(struct once, val, OBJ, 0),
    KS_FIELDS_END,
};

/* Credentials for this call alone. */
static ks_status prepare_once(ks_ctx *cx, ks_act *act, const ks_json *given)
{
    struct once   o;
    const ks_app *app;
    KS_TRY(ks_shape_decode(cx, given, "custom_connection_data.", once_fields, &o));
    if (o.toolkitSlug.n > 0) {
        KS_TRY(ks_catalog_need_app(cx, ks_catalog_of(cx), "custom_connection_data.toolkitSlug", o.toolkitSlug,
                                   &app));
        if (act->app != NULL && act->app != app)
            return ks_fail_code(cx, KS_INVALID, "wrong_app", "custom_connection_data.toolkitSlug",
                                "The tool belongs to another toolkit.");
        act->app = app;
    }
    if (act->app == NULL)
        return ks_fail(cx, KS_INVALID, "custom_connection_data.toolkitSlug", "toolkitSlug is required.");
    return ks_act_once(cx, act, o.authScheme, o.val, "custom_connection_data.val.");
}

static ks_status prepare(ks_ctx *cx, ks_act *act, ks_str id, ks_str user, const ks_json *once)
{
    if (once != NULL && ks_json_kind(once) != KS_JSON_NULL)
        return prepare_once(cx, act, once);
    ks_status st = ks_act_prepare(cx, act, id, user);
    if (st == KS_NOT_FOUND && ks_str_eq(cx->err.code, KS_S("connection_not_found")))
        cx->err.code = KS_S("no_connection"); /* here it has a name of its own */
    KS_TRY(st);
    if (act->connected && !act->canary && id.n > 0 && user.n > 0 &&
        !ks_str_eq(user, act->connection.entity_id))
        return ks_fail_code(cx, KS_INVALID, "entity_mismatch", "user_id",
                            "The connected account belongs to another user than user_id.");
    return KS_OK;
}

/* ---- POST /tools/execute/{slug} ---- */

static ks_status encode(ks_ctx *cx, ks_res *rs, const ks_act *act, const ks_answer *a)
{
    ks_str error = ks_act_error(cx, act, a);
    ks_jw  w;
    KS_TRY(ks_res_begin(cx, rs, 200, &w));
    ks_jw_obj(&w, NULL);
    ks_act_data(cx, &w, "data", act, a);
    ks_jw_str(&w, "error", error);
    ks_jw_bool(&w, "successful", error.p == NULL);
    ks_jw_str(&w, "log_id", cx->request_id);
    if (act->connected)
        ks_jw_str(&w, "connected_account_id", act->connection.id); /* which one, when none was named */
    ks_jw_end(&w, '}');
    return ks_res_end(cx, rs);
}

struct execute_body {
    ks_str   user_id, entity_id, connected_account_id, version, text;
    ks_json *arguments, *custom_auth_params, *custom_connection_data;
};
static const ks_field execute_fields[] = {
    KS_FIELD(struct execute_body, user_id, STR, 0),
    KS_FIELD(struct execute_body, entity_id, STR, 0),
    KS_FIELD(struct execute_body, connected_account_id, STR, 0),
    KS_FIELD(struct execute_body, version, STR, 0),
    KS_FIELD(struct execute_body, text, STR, 0),
    KS_FIELD(struct execute_body, arguments, OBJ, 0),
    KS_FIELD(struct execute_body, custom_auth_params, OBJ, 0),
    KS_FIELD(struct execute_body, custom_connection_data, OBJ, 0),
    KS_FIELDS_END,
};

static ks_status execute(ks_ctx *cx, const ks_req *rq, ks_res *rs)
{
    struct execute_body  b;
    ks_act              *act;
    ks_own_auth         *own;
    const ks_app        *app;
    const ks_app_action *action;
    KS_TRY(ks_catalog_need_action(cx, ks_catalog_of(cx), ks_req_param(rq, "slug"), &app, &action));
    KS_TRY(ks_req_body(cx, rq, execute_fields, &b));
    KS_TRY(ks_v3_version(cx, "action_not_found", "version", b.version));
    if (b.text.n > 0)
        return ks_fail_code(cx, KS_INVALID, "text_not_understood", "text", KS_NO_TEXT, "arguments");
    KS_TRY(ks_own_auth_parse(cx, b.custom_auth_params, &own));
    KS_TRY(ks_act_new(cx, "action.execute", action->name, NULL, &act));
    act->app = app;
    act->action = action;
    act->own = b.custom_connection_data == NULL ? own : NULL;
    act->encode = encode;
    KS_TRY(prepare(cx, act, b.connected_account_id, b.user_id.n ? b.user_id : b.entity_id,
                   b.custom_connection_data));
    KS_TRY(ks_act_build(cx, act, b.arguments));
    return ks_act_send(cx, rq, rs, act);
}

/* ---- POST /tools/execute/proxy ---- */

/* {name: value}; of a header that came twice the values are joined. */
static void put_headers(ks_ctx *cx, ks_jw *w, const ks_answer *a)
{
    ks_jw_obj(w, "headers");
    for (size_t i = 0; i < a->headers_n; i++) {
        ks_str value = a->headers[i].value;
        bool   before = false;
        for (size_t k = 0; k < i; k++)
            before |= ks_str_ieq(a->headers[k].name, a->headers[i].name);
        for (size_t k = i + 1; !before && k < a->headers_n; k++) {
            if (ks_str_ieq(a->headers[k].name, a->headers[i].name))
                value = ks_fmt(cx, KS_FMT ", " KS_FMT, KS_ARG(value), KS_ARG(a->headers[k].value));
        }
        if (before || !ks_str_utf8(value))
            continue;
        ks_jw_name(w, a->headers[i].name);
        ks_jw_str(w, NULL, value);
    }
    ks_jw_end(w, '}');
}

/* Bytes: a URL that holds them (RFC 2397), because nothing of an answer is kept here to be fetched later. */
static ks_status put_binary(ks_ctx *cx, ks_jw *w, const ks_answer *a)
{
    ks_str  type = ks_file_type_ok(a->type) ? a->type : KS_S("application/octet-stream");
    ks_buf *b = ks_ctx_buf(cx, a->body.n * 2 + 512);
    if (b == NULL)
        return KS_NO_MEMORY;
    ks_buf_fmt(b, "data:" KS_FMT ";base64,", KS_ARG(ks_str_sub(type, 0, ks_str_chr(type, ';'))));
    ks_enc_base64(b, a->body);
    ks_jw_obj(w, "binary_data");
    ks_jw_str(w, "content_type", type);
    ks_jw_int(w, "size", (int64_t)a->body.n);
    ks_jw_str(w, "url", ks_buf_view(b));
    ks_jw_end(w, '}');
    return ks_buf_ok(b) ? KS_OK : ks_no_memory(cx);
}

static ks_status encode_proxied(ks_ctx *cx, ks_res *rs, const ks_act *act, const ks_answer *a)
{
    ks_str body = ks_str_trim(a->body, " \t\r\n");
    ks_jw  w;
    if (a->outcome != KS_UP_ANSWERED) { /* an error, but the use is recorded all the same */
        (void)!ks_fail_code(cx, KS_UPSTREAM, "vendor_unreachable", NULL, KS_FMT " could not be used: %s.",
                            KS_ARG(act->app->name), a->why);
        cx->err.retry_after_s = a->retry_after_s;
        ks_res_error(cx, rs, KS_VIEW_V3);
        cx->err = (ks_err){0};
        return KS_OK;
    }
    KS_TRY(ks_res_begin(cx, rs, 200, &w));
    ks_jw_obj(&w, NULL);
    ks_jw_int(&w, "status", a->status);
    if (body.n > 0 && ks_json_fault(body) == NULL)
        ks_jw_raw(&w, "data", body);
    else if (ks_str_utf8(a->body) && (a->body.n == 0 || memchr(a->body.p, 0, a->body.n) == NULL))
        ks_jw_str(&w, "data", a->body.p ? a->body : KS_S(""));
    else
        KS_TRY(put_binary(cx, &w, a));
    put_headers(cx, &w, a);
    ks_jw_end(&w, '}');
    return ks_res_end(cx, rs);
}

struct proxy_body {
    ks_str   connected_account_id, user_id, endpoint, method;
    ks_json *parameters, *custom_connection_data, *binary_body;
};
static const ks_field proxy_fields[] = {
    KS_FIELD(struct proxy_body, connected_account_id, STR, 0),
    KS_FIELD(struct proxy_body, user_id, STR, 0),
    KS_FIELD(struct proxy_body, endpoint, STR, KS_REQUIRED),
    KS_FIELD(struct proxy_body, method, STR, KS_REQUIRED),
    KS_FIELD(struct proxy_body, parameters, ANY, 0),
    KS_FIELD(struct proxy_body, custom_connection_data, OBJ, 0),
    KS_FIELD(struct proxy_body, binary_body, OBJ, 0),
    KS_FIELDS_END,
};

/* ---- binary_body: {"base64"} or {"url"}, with "content_type" ---- */

struct binary {
    ks_str base64, url, content_type;
};
static const ks_field binary_fields[] = {
    KS_FIELD(struct binary, base64, STR, 0),
    KS_FIELD(struct binary, url, STR, 0),
    KS_FIELD(struct binary, content_type, STR, 0),
    KS_FIELDS_END,
};

/* A proxied call, and what it waits for. */
typedef struct proxied {
    ks_act        *act;
    ks_raw_request raw;
    ks_str         url; /* where its body comes from; absent: it is there already */
} proxied;

static ks_status send_proxied(ks_ctx *cx, const ks_req *rq, ks_res *rs, proxied *p)
{
    KS_TRY(ks_act_request(cx, p->act, &p->raw));
    p->act->audit_object = p->act->app->key;
    return ks_act_send(cx, rq, rs, p->act);
}

static ks_status fetched(ks_ctx *cx, const ks_req *rq, ks_res *rs, const ks_answer *a, void *arg)
{
    proxied *p = arg;
    if (a->outcome == KS_UP_BUSY)
        return ks_fail(cx, KS_BUSY, NULL, "Too many calls are under way. Try again in a moment.");
    if (a->outcome == KS_UP_REFUSED)
        return ks_fail_code(cx, KS_INVALID, "host_not_allowed", "binary_body.url",
                            "This address may not be called: %s.", a->why);
    if (a->outcome == KS_UP_TOO_LARGE)
        return ks_fail(cx, KS_INVALID, "binary_body.url", "The file is larger than 5 MiB.");
    if (a->outcome != KS_UP_ANSWERED)
        return ks_fail(cx, KS_INVALID, "binary_body.url", "The file could not be fetched: %s.", a->why);
    if (a->status != 200)
        return ks_fail(cx, KS_INVALID, "binary_body.url",
                       "The file could not be fetched: its server answered %d, not 200.", a->status);
    p->raw.body = a->body.p != NULL ? a->body : KS_S("");
    if (p->raw.content_type.p == NULL && ks_file_type_ok(a->type))
        p->raw.content_type = a->type;
    if (p->raw.content_type.p == NULL)
        p->raw.content_type = KS_S("application/octet-stream");
    return send_proxied(cx, rq, rs, p);
}

static ks_status binary_of(ks_ctx *cx, const ks_json *given, proxied *p)
{
    struct binary b;
    const char   *why;
    if (given == NULL)
        return KS_OK;
    KS_TRY(ks_shape_decode(cx, given, "binary_body.", binary_fields, &b));
    if (p->raw.body.p != NULL)
        return ks_fail(cx, KS_INVALID, "binary_body", "Send body or binary_body, not both.");
    if ((b.base64.p != NULL) == (b.url.n > 0))
        return ks_fail(cx, KS_INVALID, "binary_body", "binary_body needs either base64 or url.");
    if (b.content_type.n > 0 && !ks_file_type_ok(b.content_type))
        return ks_fail(cx, KS_INVALID, "binary_body.content_type",
                       "content_type must be like application/pdf.");
    p->url = b.url;
    p->raw.content_type = b.content_type.n > 0 ? b.content_type : KS_NO_STR;
    if (b.url.n > 0)
        return KS_OK;
    if (b.content_type.n == 0)
        p->raw.content_type = KS_S("application/octet-stream");
    why = ks_file_decode(cx, b.base64, &p->raw.body);
    return why == NULL ? KS_OK : ks_fail(cx, KS_INVALID, "binary_body.base64", "base64 %s.", why);
}

static ks_status proxy(ks_ctx *cx, const ks_req *rq, ks_res *rs)
{
    struct proxy_body b;
    ks_call          *fetch;
    proxied          *p = ks_zalloc(cx, sizeof *p);
    if (p == NULL)
        return KS_NO_MEMORY;
    KS_TRY(ks_proxy_envelope(cx, rq, proxy_fields, &b, &p->raw.body));
    KS_TRY(binary_of(cx, b.binary_body, p));
    if (b.connected_account_id.n == 0 && b.custom_connection_data == NULL)
        return ks_fail(cx, KS_INVALID, "connected_account_id",
                       "connected_account_id is required: an endpoint alone does not tell the toolkit.");
    KS_TRY(ks_act_new(cx, "proxy", b.connected_account_id, encode_proxied, &p->act));
    KS_TRY(ks_proxy_params(cx, b.parameters, "type", &p->raw));
    KS_TRY(prepare(cx, p->act, b.connected_account_id, b.user_id, b.custom_connection_data));
    p->raw.method = b.method;
    p->raw.endpoint = b.endpoint;
    if (p->url.n == 0 || p->act->canary)
        return send_proxied(cx, rq, rs, p);
    KS_TRY(ks_act_request(cx, p->act,
                          &p->raw)); /* what is wrong with the call is told before anything is fetched */
    KS_TRY(ks_build_fetch(cx, cx->project_id, "binary_body.url", p->url, &fetch));
    return ks_res_upstream(cx, rs, fetch, fetched, p);
}

#define R KS_V3_ROUTE
const ks_route ks_execute_v3_routes[] = {
    R("POST", "/tools/execute/proxy", ACT, proxy, KS_FILES | KS_ACTS,
      "a request of one's own with a stored credential"),
    R("POST", "/tools/execute/{slug}", ACT, execute, KS_FILES | KS_ACTS,
      "run a tool for a user or connected account"),
    {0},
};
