/* features/actions/act.c — see act.h. A 401 may have reasons of its own, so only a refusal by the app's
 * trusted check moves a connection to EXPIRED, and that check starts after two 401s in a row. */
#include "features/actions/act.h"

#include "base/enc.h"
#include "features/apps/view.h"
#include "features/budgets/budget.h"

#define EXPIRE_AFTER 2

/* ---- credentials that come with the call ---- */

static ks_status own_param(ks_ctx *cx, const ks_json *v, struct ks_own_param *out)
{
    static const char *const places[] = {"header", "query", "path", "subdomain"};
    ks_str in = ks_json_str(ks_json_get(v, "in")), name = ks_json_str(ks_json_get(v, "name"));
    ks_str value = ks_secret_trim(ks_json_scalar(cx, ks_json_get(v, "value")));
    size_t at = 0;
    while (at < KS_COUNT(places) && !ks_str_ieq(in, ks_str_of(places[at])))
        at++;
    if (at == KS_COUNT(places) || name.n == 0 || value.p == NULL)
        return ks_fail(cx, KS_INVALID, "authConfig.parameters",
                       "Each parameter needs `in` (header, query, path or subdomain), `name` and `value`.");
    KS_TRY(ks_secret_new(cx, value.p, value.n, &out->value));
    const char *why = ks_secret_fault(out->value, KS_SECRET_HEADER);
    if (why != NULL)
        return ks_fail(cx, KS_INVALID, "authConfig.parameters", "A parameter value %s.", why);
    out->in = (__typeof__(out->in))at;
    out->name = name;
    return KS_OK;
}

struct own_body {
    ks_str   base_url;
    ks_json *parameters, *body;
};
static const ks_field own_fields[] = {
    KS_FIELD(struct own_body, base_url, STR, 0),
    KS_FIELD(struct own_body, parameters, ANY, 0),
    KS_FIELD(struct own_body, body, OBJ, 0),
    KS_FIELDS_END,
};

ks_status ks_own_auth_parse(ks_ctx *cx, const ks_json *config, ks_own_auth **own)
{
    struct own_body sent;
    *own = NULL;
    if (config == NULL || ks_json_kind(config) == KS_JSON_NULL)
        return KS_OK;
    if (ks_json_kind(config) != KS_JSON_OBJ)
        return ks_fail(cx, KS_INVALID, "authConfig", "authConfig must be an object.");
    KS_TRY(ks_shape_decode(cx, config, "authConfig.", own_fields, &sent));
    const ks_json *list = sent.parameters, *body = sent.body;
    if (ks_json_kind(list) != KS_JSON_ARR && ks_json_kind(list) != KS_JSON_NULL)
        return ks_fail(cx, KS_INVALID, "authConfig.parameters", "parameters must be a list.");
    ks_own_auth *o = ks_zalloc(cx, sizeof *o);
    if (o == NULL)
        return KS_NO_MEMORY;
    o->base_url = sent.base_url.n > 0 ? sent.base_url : KS_NO_STR;
    o->params = ks_zalloc(cx, (ks_json_count(list) + 1) * sizeof *o->params);
    if (o->params == NULL)
        return KS_NO_MEMORY;
    if (ks_json_count(list) > KS_MAX_FIELDS)
        return ks_fail(cx, KS_INVALID, "authConfig.parameters", "Use at most %d parameters.", KS_MAX_FIELDS);
    for (; o->params_n < ks_json_count(list); o->params_n++)
        KS_TRY(own_param(cx, ks_json_at(list, o->params_n), &o->params[o->params_n]));
    if (ks_json_kind(body) == KS_JSON_OBJ && ks_json_count(body) > 0) {
        ks_buf *b = ks_ctx_buf(cx, KS_MAX_BODY_BYTES);
        if (b == NULL)
            return KS_NO_MEMORY;
        ks_jw w = ks_jw_new(b);
        ks_jw_value(&w, NULL, body);
        o->body = ks_buf_view(b);
    }
    *own = o;
    return KS_OK;
}

/* Path and subdomain parameters stand for fields of the app's base URL: checked as those fields are. */
static ks_status own_credential(ks_ctx *cx, ks_act *act)
{
    const ks_app_scheme *scheme = ks_app_scheme_find(act->app, KS_NO_STR);
    ks_json             *values;
    ks_buf              *b = ks_ctx_buf(cx, KS_MAX_BODY_BYTES);
    if (scheme == NULL)
        return KS_OK;
    if (b == NULL)
        return KS_NO_MEMORY;
    ks_jw w = ks_jw_new(b);
    ks_jw_obj(&w, NULL);
    for (size_t i = 0; i < act->own->params_n; i++) {
        const struct ks_own_param *p = &act->own->params[i];
        const ks_app_field        *f = ks_app_field_find(scheme, p->name);
        if (p->in < KS_OWN_PATH || f == NULL || f->secret)
            continue;
        ks_secret_publish(p->value); /* names a place, as the field it stands for does */
        ks_jw_name(&w, f->name);
        ks_jw_str(&w, NULL, ks_secret_text(p->value));
    }
    ks_jw_end(&w, '}');
    KS_TRY(ks_json_parse(cx, ks_buf_view(b), &values));
    KS_TRY(ks_credential_new(cx, act->app, scheme, &act->credential));
    KS_TRY(ks_credential_take(cx, &act->credential, values, "authConfig.parameters."));
    act->subject.credential = &act->credential;
    return KS_OK;
}

ks_status ks_act_new(ks_ctx *cx, const char *audit_action, ks_str audit_object,
                     ks_status (*encode)(ks_ctx *cx, ks_res *rs, const ks_act *act, const ks_answer *a),
                     ks_act **out)
{
    ks_act *act = ks_zalloc(cx, sizeof *act);
    if (act == NULL)
        return KS_NO_MEMORY;
    act->audit_action = audit_action;
    act->audit_object = audit_object;
    act->encode = encode;
    *out = act;
    return KS_OK;
}

/* ---- whose call it is ---- */

ks_status ks_act_prepare(ks_ctx *cx, ks_act *act, ks_str connection_id, ks_str entity)
{
    act->subject = (ks_subject){.app = act->app, .project_id = cx->project_id};
    if (act->own != NULL)
        return own_credential(cx, act);
    if (act->app != NULL && act->app->schemes_n == 0)
        return KS_OK;
    KS_TRY(ks_connection_choose(cx, act->app, connection_id, entity, &act->connection));
    KS_TRY(ks_integration_get(cx, act->connection.integration_id, &act->integration));
    if (!act->integration.enabled)
        return ks_fail_code(cx, KS_INVALID, "integration_disabled", "connectedAccountId",
                            "The integration of this connected account is disabled. Enable it first.");
    if (act->app == NULL)
        KS_TRY(
            ks_catalog_need_app(cx, ks_catalog_of(cx), "connectedAccountId", act->connection.app, &act->app));
    KS_TRY(ks_connection_open(cx, &act->connection, &act->credential));
    act->connected = true;
    act->subject = (ks_subject){.credential = &act->credential,
                                .app = act->app,
                                .project_id = cx->project_id,
                                .connection_id = act->connection.id,
                                .version = act->connection.version};
    return KS_OK;
}

ks_status ks_act_once(ks_ctx *cx, ks_act *act, ks_str scheme, const ks_json *values, const char *path)
{
    const ks_app_scheme *s = ks_app_scheme_find(act->app, scheme);
    if (s == NULL)
        return ks_fail_code(cx, KS_INVALID, "scheme_not_offered", "authScheme",
                            KS_FMT " does not offer this scheme.", KS_ARG(act->app->name));
    KS_TRY(ks_credential_new(cx, act->app, s, &act->credential));
    act->credential.own_address = true;
    KS_TRY(ks_credential_take(cx, &act->credential, values, path));
    KS_TRY(ks_credential_complete(cx, &act->credential, path));
    act->subject = (ks_subject){.credential = &act->credential,
                                .app = act->app,
                                .project_id = cx->project_id,
                                .own_base = ks_credential_address(s, values)};
    return KS_OK;
}

/* A list of allowed actions is worth nothing when the same credential goes out in a caller's own words. */
static ks_status allowed(ks_ctx *cx, const ks_act *act)
{
    if (!act->connected || act->integration.limited.p == NULL)
        return KS_OK;
    if (act->action == NULL)
        return ks_fail_code(cx, KS_INVALID, "action_not_allowed", "connectedAccountId",
                            "The integration of this connected account allows some actions only "
                            "(limitedActions), so no request of one's own.");
    ks_str quoted = ks_fmt(cx, "\"" KS_FMT "\"", KS_ARG(act->action->name));
    if (ks_str_find(act->integration.limited, quoted) != SIZE_MAX)
        return KS_OK;
    return ks_fail_code(
        cx, KS_INVALID, "action_not_allowed", "action",
        "The integration of this connected account does not allow this action (limitedActions).");
}

/* Connections to it are kept by connection and version of its credential; one that came with the call is not.
 */
static ks_status build_statement(ks_ctx *cx, ks_act *act, const ks_json *input)
{
    KS_TRY(ks_database_action(cx, &act->subject, act->connected ? &act->integration : NULL, act->action,
                              input, &act->db));
    act->db->connection_id = act->connected ? act->connection.id : KS_NO_STR;
    act->db->version = act->connection.version;
    return KS_OK;
}

ks_status ks_act_build(ks_ctx *cx, ks_act *act, const ks_json *input)
{
    KS_TRY(allowed(cx, act));
    act->input = input;
    if (act->own == NULL && act->credential.scheme != NULL && ks_scheme_is_database(act->credential.scheme))
        return build_statement(cx, act, input);
    return ks_build_action(cx, &act->subject, act->action, input, act->own, &act->call);
}

ks_status ks_act_request(ks_ctx *cx, ks_act *act, const ks_raw_request *raw)
{
    KS_TRY(allowed(cx, act));
    act->raw = *raw;
    return ks_build_request(cx, &act->subject, raw, NULL, &act->call);
}

/* ---- what the answer means ---- */

void ks_act_data(ks_ctx *cx, ks_jw *w, const char *name, const ks_answer *a)
{
    ks_str body = ks_str_trim(a->body, " \t\r\n");
    bool   json = body.n > 0 && ks_json_fault(body) == NULL;
    if (json && body.p[0] == '{') {
        ks_jw_raw(w, name, body);
        return;
    }
    ks_jw_obj(w, name);
    if (json)
        ks_jw_raw(w, body.p[0] == '[' ? "items" : "value", body);
    else if (a->body.n > 0 && ks_str_utf8(a->body) && memchr(a->body.p, 0, a->body.n) == NULL)
        ks_jw_str(w, "text", a->body);
    else if (a->body.n > 0) {
        ks_buf *b = ks_ctx_buf(cx, a->body.n * 2 + 8);
        if (b != NULL) {
            ks_enc_base64(b, a->body);
            ks_jw_str(w, "base64", ks_buf_view(b));
            ks_jw_str(w, "content_type", a->type);
        }
    }
    ks_jw_end(w, '}');
}

ks_str ks_act_error(ks_ctx *cx, const ks_act *act, const ks_answer *a)
{
    if (act->db != NULL)
        return ks_database_error(cx, act->app, a);
    if (a->outcome != KS_UP_ANSWERED)
        return ks_fmt(cx, KS_FMT " could not be used: %s.", KS_ARG(act->app->name), a->why);
    if (a->status < 400)
        return KS_NO_STR;
    if (a->status == 429 && a->retry_after_s > 0)
        return ks_fmt(cx, KS_FMT " answered 429: too many requests; it asks to wait %d s.",
                      KS_ARG(act->app->name), a->retry_after_s);
    return ks_fmt(cx, KS_FMT " answered %d.", KS_ARG(act->app->name), a->status);
}

/* The record of use, and with it the new count of 401s when it changed. */
static ks_status used(ks_ctx *cx, const ks_req *rq, ks_res *rs, const ks_act *act, const char *result)
{
    return ks_res_used(cx, rq, rs, act->connected ? act->connection.id : KS_NO_STR, act->audit_action,
                       act->audit_object, result);
}

/* The count of 401s in a row. A new 401 is committed before the answer leaves, so that the next one finds it;
 * going back to none may ride along with the records of use. */
static ks_status count_failures(ks_ctx *cx, const ks_req *rq, ks_res *rs, const ks_act *act, int64_t failures)
{
    ks_change *change;
    KS_TRY(ks_change_new(cx, &change));
    ks_status st = ks_connection_failures_add(cx, change, act->connection.id, failures);
    if (failures > 0 || st != KS_OK)
        return ks_res_commit_built(cx, rq, rs, change, st);
    return ks_store_note(cx, cx->env->store, change);
}

/* After the check that a second 401 started: the caller gets the vendor's answer, encoded before. */
static ks_status keep_reply(ks_ctx *cx, ks_res *rs, const ks_connect *in, const ks_connection *made)
{
    (void)cx, (void)rs, (void)in, (void)made;
    return KS_OK;
}

ks_status ks_unsent(ks_ctx *cx, const ks_app *app, const ks_answer *a)
{
    if (a->outcome != KS_UP_HELD)
        return ks_fail(cx, KS_BUSY, NULL, "Too many calls are under way. Try again in a moment.");
    cx->err.retry_after_s = 0;
    (void)!ks_fail_code(cx, KS_RATE, "vendor_rate_limited", NULL,
                        KS_FMT " has asked this connected account to wait. Try again in %d s.",
                        KS_ARG(app->name), a->retry_after_s);
    cx->err.retry_after_s = a->retry_after_s;
    return KS_RATE;
}

/* Nobody reads the answer; the record of use is written all the same, and says what a vendor may have done.
 */
static ks_status left(ks_ctx *cx, const ks_act *act, const ks_answer *a)
{
    KS_TRY(ks_note_use(cx, act->connected ? act->connection.id : KS_NO_STR, act->audit_action,
                       act->audit_object, a->sent ? "sent, answer not awaited" : "cancelled"));
    return ks_fail_code(cx, KS_TIMEOUT, "caller_left", NULL, "The caller left before the answer came.");
}

/* `expired`: the token endpoint refused what the connection holds, which counts as a 401. */
static ks_status settle(ks_ctx *cx, const ks_req *rq, ks_res *rs, ks_act *act, const ks_answer *a,
                        bool expired)
{
    if (a->outcome == KS_UP_REFUSED)
        return ks_fail_code(cx, KS_INVALID, "host_not_allowed", act->own ? "authConfig.base_url" : "base_url",
                            "This address may not be called: %s.", a->why);
    if (a->outcome == KS_UP_BUSY || a->outcome == KS_UP_HELD)
        return ks_unsent(cx, act->app, a);
    if (a->outcome == KS_UP_LEFT)
        return left(cx, act, a);
    KS_TRY(act->encode(cx, rs, act, a));
    bool unauthorized = expired || (a->outcome == KS_UP_ANSWERED && a->status == 401);
    KS_TRY(used(cx, rq, rs, act,
                a->outcome != KS_UP_ANSWERED ? "unreached"
                : a->status < 400            ? "ok"
                                             : "refused"));
    if (!act->connected || rs->tail != NULL)
        return KS_OK;
    if (!unauthorized)
        return act->connection.failures ? count_failures(cx, rq, rs, act, 0) : KS_OK;
    if (act->connection.failures + 1 < EXPIRE_AFTER || act->credential.scheme->check.method.p == NULL)
        return count_failures(cx, rq, rs, act, act->connection.failures + 1);
    if (ks_connection_verify(cx, rq, rs, &act->connection, keep_reply) == KS_OK)
        return KS_OK;
    return count_failures(
        cx, rq, rs, act, act->connection.failures + 1); /* no check can be made: the vendor's answer stands */
}

ks_status ks_act_charge(ks_ctx *cx, const ks_act *act)
{
    return act->connected ? ks_budget_take(cx, act->integration.id, act->connection.id)
                          : ks_budget_take(cx, KS_NO_STR, KS_NO_STR);
}

ks_status ks_act_unready(ks_ctx *cx, const ks_req *rq, ks_res *rs, ks_act *act, ks_str why, bool refused)
{
    const ks_answer none = {.outcome = KS_UP_UNREACHED, .why = why.p, .body = KS_S("")};
    return settle(cx, rq, rs, act, &none, refused);
}

static ks_status send_now(ks_ctx *cx, ks_res *rs, ks_act *act);

static ks_status sent(ks_ctx *cx, const ks_req *rq, ks_res *rs, const ks_answer *a, void *arg)
{
    ks_act *act = arg;
    bool    renewed = false;
    if (a->outcome == KS_UP_ANSWERED && a->status == 401 && act->call != NULL)
        KS_TRY(ks_act_renew(cx, rs, act, send_now, &renewed));
    return renewed ? KS_OK : settle(cx, rq, rs, act, a, false);
}

static ks_status send_now(ks_ctx *cx, ks_res *rs, ks_act *act)
{
    KS_TRY(ks_act_charge(cx, act));
    if (act->db != NULL)
        return ks_res_database(cx, rs, act->db, sent, act);
    return ks_res_acted(cx, rs, act->call, sent, act);
}

ks_status ks_act_send(ks_ctx *cx, ks_res *rs, ks_act *act)
{
    return act->db != NULL ? send_now(cx, rs, act) : ks_act_ready(cx, rs, act, send_now);
}
