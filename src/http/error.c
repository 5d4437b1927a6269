/* http/error.c — ks_res_error: one failure in the three ways callers expect it. Only fixed texts, field names
 * and the request id go out (rule S5). Names and numbers of the v1 and v3 views are those their SDKs know. */
#include "http/reply.h"

/* How the finer codes of the native API are called in the other views; v3_http: the number there when it is
 * another one. */
static const struct {
    ks_str      code;
    const char *v1_name;
    int         v3_code;
    const char *v3_slug, *fix;
    int         v3_http;
} names[] = {
    {KS_S_INIT("app_not_found"), "AppNotFoundError", 2404, "Toolkit_NotFound",
     "List the toolkits to see their slugs.", 0},
    {KS_S_INIT("action_not_found"), "ActionNotFoundError", 2301, "Tool_ToolNotFound",
     "List the tools to see their slugs.", 0},
    {KS_S_INIT("integration_not_found"), "IntegrationNotFoundError", 306, "AuthConfig_ResourceNotFound",
     "List the auth configs, or create one.", 0},
    {KS_S_INIT("connection_not_found"), "ConnectedAccountNotFoundError", 606,
     "ConnectedAccount_ResourceNotFound", "Check the id.", 0},
    {KS_S_INIT("field_missing"), NULL, 612, "ConnectedAccount_MissingRequiredFields",
     "Pass the fields named in errors.", 0},
    {KS_S_INIT("no_connection"), "ConnectedAccountNotFoundError", 1810,
     "ActionExecute_ConnectedAccountNotFound", "Create a connected account first.", 0},
    {KS_S_INIT("connection_disabled"), NULL, 1811, "ActionExecute_ConnectedAccountNotActive",
     "Enable the account.", 422},
    {KS_S_INIT("connection_not_active"), NULL, 1811, "ActionExecute_ConnectedAccountNotActive",
     "Connect again with a working credential.", 422},
    {KS_S_INIT("ambiguous_connection"), NULL, 1813, "ActionExecute_ConnectedAccountAmbiguous",
     "Pass connected_account_id with one of the ids in errors.", 0},
    {KS_S_INIT("entity_mismatch"), NULL, 1812, "ActionExecute_ConnectedAccountEntityIdMismatch",
     "Pass the user_id the account was created with.", 0},
    {KS_S_INIT("no_managed_auth"), NULL, 302, "AuthConfig_DefaultAuthConfigNotFound",
     "Use use_custom_auth with one of the schemes of the toolkit.", 0},
    {KS_S_INIT("credential_rejected"), "CredentialRejectedError", 600, "ConnectedAccount_BadRequest",
     "Get a working credential from the vendor.", 0},
    {KS_S_INIT("alias_in_use"), NULL, 600, "ConnectedAccount_BadRequest", "Choose another alias.", 0},
};

/* What a number is called where no finer name is known, and what a v3 caller can do. */
static const struct {
    int         http;
    const char *v1, *v3, *fix;
} kinds[] = {
    {400, "BadRequestError", "HTTP_BadRequest", "Change what the message and errors name."},
    {401, "UnauthorizedError", "HTTP_Unauthorized", "Send a valid API key in x-api-key."},
    {403, "ForbiddenError", "HTTP_Forbidden", "Use an API key with the scope this call needs."},
    {404, "NotFoundError", "HTTP_NotFound", "Check the path and the ids in it."},
    {405, "MethodNotAllowedError", "HTTP_MethodNotAllowed", "Check the method of the call."},
    {408, "RequestTimeoutError", "HTTP_RequestTimeout", "Send the request again, without a pause in it."},
    {409, "ConflictError", "HTTP_Conflict", "Read the object again and repeat."},
    {413, "PayloadTooLargeError", "HTTP_PayloadTooLarge", "Send less."},
    {414, "URITooLongError", "HTTP_URITooLong", "Send less in the query."},
    {415, "UnsupportedMediaTypeError", "HTTP_UnsupportedMediaType", "Send application/json."},
    {429, "RateLimitError", "HTTP_RateLimit", "Wait as long as Retry-After says."},
    {431, "HeadersTooLargeError", "HTTP_HeadersTooLarge", "Send fewer or shorter headers."},
    {502, "BadGatewayError", "HTTP_BadGateway", "Check the address of the account, then try again."},
    {503, "ServiceUnavailableError", "HTTP_ServiceUnavailable", "Try again in a moment."},
    {504, "GatewayTimeoutError", "HTTP_GatewayTimeout", "Try again later."},
    {500, "InternalServerError", "HTTP_InternalServerError", /* last: what is not listed */
     "Look for the request id in the log of the server."},
};

/* The rules speak the words of the first API; in the v3 view these are called otherwise. Longer ones first.
 */
static const struct {
    ks_str rule, v3;
} words[] = {
    {KS_S_INIT("connectedAccountId"), KS_S_INIT("connected_account_id")},
    {KS_S_INIT("integrationId"), KS_S_INIT("auth_config.id")},
    {KS_S_INIT("limitedActions"), KS_S_INIT("restrict_to_following_tools")},
    {KS_S_INIT("authConfig"), KS_S_INIT("custom_auth_params")},
    {KS_S_INIT("entityId"), KS_S_INIT("user_id")},
    {KS_S_INIT("of this entity"), KS_S_INIT("of this user")},
    {KS_S_INIT("This entity"), KS_S_INIT("This user")},
    {KS_S_INIT("an integration"), KS_S_INIT("an auth config")},
    {KS_S_INIT("integration"), KS_S_INIT("auth config")},
};

static size_t kind_of(int http)
{
    size_t i = 0;
    while (i + 1 < KS_COUNT(kinds) && kinds[i].http != http)
        i++;
    return i;
}

static size_t name_of(ks_str code)
{
    size_t i = 0;
    while (i < KS_COUNT(names) && !ks_str_eq(names[i].code, code))
        i++;
    return i;
}

/* The v1 SDKs crash on any other number than 400 401 404 408 429 500 502; 414 and 431 leave before a route is
 * known. */
static int narrow(int http)
{
    switch (http) {
    case 403:
        return 401;
    case 405:
        return 404;
    case 409:
    case 413:
    case 415:
        return 400;
    case 503:
        return 500;
    case 504:
        return 502;
    default:
        return http;
    }
}

static ks_str code_of(const ks_err *e)
{
    return e->code.n ? e->code : ks_str_of(ks_status_slug(e->status));
}

static void native_body(ks_jw *w, const ks_ctx *cx)
{
    const ks_err *e = &cx->err;
    ks_jw_obj(w, NULL);
    ks_jw_obj(w, "error");
    ks_jw_str(w, "code", code_of(e));
    ks_jw_str(w, "message", e->message);
    if (e->n > 0)
        ks_jw_str(w, "field", e->details[0].field);
    ks_jw_arr(w, "details");
    for (size_t i = 0; i < e->n; i++) {
        ks_jw_obj(w, NULL);
        ks_jw_str(w, "field", e->details[i].field);
        ks_jw_str(w, "reason", e->details[i].reason);
        ks_jw_end(w, '}');
    }
    ks_jw_end(w, ']');
    ks_jw_str(w, "request_id", cx->request_id);
    ks_jw_end(w, '}');
    ks_jw_end(w, '}');
}

static void v1_detail(ks_jw *w, ks_str property, ks_str reason)
{
    ks_jw_obj(w, NULL);
    ks_jw_str(w, "property", property);
    ks_jw_str(w, "reason", reason);
    ks_jw_end(w, '}');
}

static void v1_body(ks_jw *w, const ks_ctx *cx, int http)
{
    const ks_err *e = &cx->err;
    const char   *type = kinds[kind_of(http)].v1;
    size_t        i = name_of(e->code);
    ks_jw_obj(w, NULL);
    ks_jw_int(w, "status", http);
    ks_jw_z(w, "type", type);
    ks_jw_z(w, "name", i < KS_COUNT(names) && names[i].v1_name != NULL ? names[i].v1_name : type);
    ks_jw_str(w, "message", e->message);
    ks_jw_str(w, "requestId", cx->request_id);
    if (http == 400) { /* the TypeScript SDK shows nothing else of a 400 */
        ks_jw_arr(w, "details");
        for (size_t k = 0; k < e->n; k++)
            v1_detail(w, e->details[k].field, e->details[k].reason);
        if (e->n == 0)
            v1_detail(w, KS_S("request"), e->message);
        ks_jw_end(w, ']');
    }
    ks_jw_end(w, '}');
}

/* `text` in the words of v3. */
static void v3_words(ks_buf *b, ks_str text)
{
    while (text.n > 0) {
        size_t i = 0;
        while (i < KS_COUNT(words) && !ks_str_starts(text, words[i].rule))
            i++;
        ks_buf_str(b, i < KS_COUNT(words) ? words[i].v3 : ks_str_sub(text, 0, 1));
        text = ks_str_sub(text, i < KS_COUNT(words) ? words[i].rule.n : 1, SIZE_MAX);
    }
}

static void v3_details(ks_jw *w, const ks_ctx *cx)
{
    ks_jw_arr(w, "errors");
    for (size_t i = 0; i < cx->err.n; i++) {
        ks_buf b = ks_buf_new(4096);
        v3_words(&b, cx->err.details[i].field);
        ks_buf_z(&b, ": ");
        v3_words(&b, cx->err.details[i].reason);
        ks_jw_str(w, NULL, ks_buf_ok(&b) ? ks_buf_view(&b) : cx->err.details[i].field);
        ks_buf_done(&b);
    }
    ks_jw_end(w, ']');
}

/* 409 would be sent again by these SDKs, and what LATER calls of the API use is simply not there. */
static int v3_number(const ks_ctx *cx, int http)
{
    size_t i = name_of(cx->err.code);
    if (i < KS_COUNT(names) && names[i].v3_http != 0)
        return names[i].v3_http;
    return http == 409 ? 400 : http == 405 ? 404 : http;
}

static void v3_body(ks_jw *w, const ks_ctx *cx, int http)
{
    const ks_err *e = &cx->err;
    size_t        i = name_of(e->code), k = kind_of(http);
    bool          named = i < KS_COUNT(names);
    ks_buf        message = ks_buf_new(8192);
    v3_words(&message, e->message);
    ks_jw_obj(w, NULL);
    ks_jw_obj(w, "error");
    ks_jw_str(w, "message", ks_buf_ok(&message) ? ks_buf_view(&message) : e->message);
    ks_jw_int(w, "code", named ? names[i].v3_code : 10000 + http);
    ks_jw_z(w, "slug", named ? names[i].v3_slug : kinds[k].v3);
    ks_jw_int(w, "status", http);
    ks_jw_str(w, "request_id", cx->request_id);
    ks_jw_z(w, "suggested_fix", named ? names[i].fix : kinds[k].fix);
    if (e->n > 0)
        v3_details(w, cx);
    ks_jw_end(w, '}');
    ks_jw_end(w, '}');
    ks_buf_done(&message);
}

static void fixed_body(ks_res *rs, ks_view view)
{
    static const ks_str bodies[] = {
        [KS_VIEW_NATIVE] = KS_S_INIT(
            "{\"error\":{\"code\":\"out_of_memory\",\"message\":\"The server is short of "
            "memory.\",\"details\":[],\"request_id\":\"\"}}"),
        [KS_VIEW_V1] = KS_S_INIT(
            "{\"status\":500,\"type\":\"InternalServerError\",\"name\":\"InternalServerError\","
            "\"message\":\"The server is short of memory.\",\"requestId\":\"\"}"),
        [KS_VIEW_V3] = KS_S_INIT(
            "{\"error\":{\"message\":\"The server is short of memory.\",\"code\":10503,\"slug\":"
            "\"HTTP_ServiceUnavailable\",\"status\":503,\"request_id\":\"\",\"suggested_fix\":"
            "\"Try again in a moment.\"}}"),
        [KS_VIEW_PAGE] = KS_S_INIT("<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Not "
                                   "available</title><p>This page cannot be shown now. Nothing was stored. "
                                   "Load it again in a moment.</p></html>")};
    rs->body = NULL;
    rs->fixed = bodies[view];
    rs->status = view == KS_VIEW_V1 ? 500 : 503;
}

static bool extra_headers(ks_ctx *cx, ks_res *rs)
{
    ks_status st = KS_OK;
    int       wait_s = cx->err.retry_after_s > 0 ? cx->err.retry_after_s : cx->err.status == KS_BUSY ? 1 : 0;
    if (wait_s > 0)
        st = ks_res_header(cx, rs, "retry-after", ks_fmt(cx, "%d", wait_s));
    if (st == KS_OK && rs->status == 401)
        st = ks_res_header(cx, rs, "www-authenticate", KS_S("ApiKey realm=\"keysteward\""));
    return st == KS_OK;
}

void ks_res_error(ks_ctx *cx, ks_res *rs, ks_view view)
{
    ks_jw w;
    int   http = ks_status_http(cx->err.status == KS_OK ? KS_INTERNAL : cx->err.status);
    if (view == KS_VIEW_V1)
        http = narrow(http);
    else if (view == KS_VIEW_V3)
        http = v3_number(cx, http);
    *rs = (ks_res){.stream_size = -1};
    ks_err kept = cx->err; /* running out of memory below would replace it */
    bool   fine = ks_res_begin(cx, rs, http, &w) == KS_OK && extra_headers(cx, rs);
    cx->err = kept;
    if (fine && view == KS_VIEW_NATIVE)
        native_body(&w, cx);
    else if (fine && view == KS_VIEW_V1)
        v1_body(&w, cx, http);
    else if (fine && view == KS_VIEW_V3)
        v3_body(&w, cx, http);
    if (!fine || view == KS_VIEW_PAGE || !ks_buf_ok(rs->body))
        fixed_body(rs, view);
    rs->content_type = view == KS_VIEW_PAGE ? KS_S("text/html; charset=utf-8") : KS_S("application/json");
    if (view == KS_VIEW_PAGE)
        rs->status = http;
}
