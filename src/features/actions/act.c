/* features/actions/act.c — see act.h: from a request to the vendor's answer. What is allowed: allow.c; what
 * the answer leaves behind: act_done.c. */
#include "features/actions/act.h"

#include "base/enc.h"
#include "features/actions/allow.h"
#include "features/apps/view.h"
#include "features/budgets/budget.h"
#include "features/connections/canary.h"
#include "features/reach.h"
#include "features/replay.h"

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
    act->canary = act->connection.canary;
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

/* The uploaded files that arguments name. One that is not there is the builder's to blame, by its argument.
 */
static ks_status read_files(ks_ctx *cx, ks_act *act, const ks_json *input)
{
    ks_kept_file *all = NULL;
    size_t        n = 0;
    for (size_t i = 0; i < act->action->params_n; i++) {
        const ks_app_param *p = &act->action->params[i];
        ks_str              key = KS_NO_STR;
        if (p->type == KS_T_FILE)
            key = ks_json_str(ks_json_get(ks_json_get(input, p->name.p), "s3key"));
        if (key.n == 0)
            continue;
        if (all == NULL && (all = ks_zalloc(cx, act->action->params_n * sizeof *all)) == NULL)
            return KS_NO_MEMORY;
        ks_status st = ks_file_open(cx, key, &all[n]);
        if (st != KS_OK && st != KS_NOT_FOUND)
            return st;
        n += st == KS_OK;
    }
    act->subject.files = all;
    act->subject.files_n = n;
    return KS_OK;
}

/* Connections to it are kept by connection and version of its credential; one that came with the call is not.
 */
static ks_status build_statement(ks_ctx *cx, ks_act *act, const ks_json *input)
{
    KS_TRY(ks_database_action(cx, &act->subject, act->connected ? &act->integration : NULL, act->action,
                              input, &act->db));
    act->db->connection_id = act->connected ? act->connection.id : KS_NO_STR;
    act->db->version = act->connection.version;
    act->db->target.write &= !ks_reach_read_only(cx); /* whatever the statement says: the database refuses */
    return KS_OK;
}

ks_status ks_act_build(ks_ctx *cx, ks_act *act, const ks_json *input)
{
    if (act->canary)
        return KS_OK;
    KS_TRY(ks_allow_action(cx, act));
    KS_TRY(read_files(cx, act, input));
    act->input = input;
    if (act->own == NULL && act->credential.scheme != NULL && ks_scheme_is_database(act->credential.scheme))
        return build_statement(cx, act, input);
    return ks_build_action(cx, &act->subject, act->action, input, act->own, &act->call);
}

ks_status ks_act_request(ks_ctx *cx, ks_act *act, const ks_raw_request *raw)
{
    if (act->canary)
        return KS_OK;
    KS_TRY(ks_allow_words(cx, act, raw));
    act->raw = *raw;
    KS_TRY(ks_build_request(cx, &act->subject, raw, NULL, &act->call));
    return ks_allow_path(cx, act);
}

/* ---- what the answer means ---- */

void ks_act_data(ks_ctx *cx, ks_jw *w, const char *name, const ks_act *act, const ks_answer *a)
{
    if (act->file != NULL) {
        ks_act_put_file(w, name, act);
        return;
    }
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

/* Nothing was sent, so that an Idempotency-Key may be used again. */
static ks_status not_sent(ks_ctx *cx, const ks_req *rq, const ks_act *act, const ks_answer *a)
{
    ks_replay_forget(cx, rq);
    if (a->outcome != KS_UP_REFUSED)
        return ks_unsent(cx, act->app, a);
    return ks_fail_code(cx, KS_INVALID, "host_not_allowed", act->own ? "authConfig.base_url" : "base_url",
                        "This address may not be called: %s.", a->why);
}

/* Nobody reads the answer; the record of use is written all the same, and says what a vendor may have done.
 */
static ks_status left(ks_ctx *cx, const ks_req *rq, const ks_act *act, const ks_answer *a)
{
    ks_change *change;
    if (!a->sent)
        ks_replay_forget(cx, rq);
    KS_TRY(ks_act_use(cx, act, a, a->sent ? "sent, answer not awaited" : "cancelled", &change));
    KS_TRY(ks_store_note(cx, cx->env->store, change));
    return ks_fail_code(cx, KS_TIMEOUT, "caller_left", NULL, "The caller left before the answer came.");
}

/* `expired`: the token endpoint refused what the connection holds, which counts as a 401. */
static ks_status settle(ks_ctx *cx, const ks_req *rq, ks_res *rs, ks_act *act, const ks_answer *a,
                        bool expired)
{
    if (a->outcome == KS_UP_REFUSED || a->outcome == KS_UP_BUSY || a->outcome == KS_UP_HELD)
        return not_sent(cx, rq, act, a);
    if (a->outcome == KS_UP_LEFT)
        return left(cx, rq, act, a);
    if (ks_act_gives_file(act, a))
        KS_TRY(ks_act_take_file(cx, rq, act, a));
    KS_TRY(act->encode(cx, rs, act, a));
    return ks_act_done(cx, rq, rs, act, a, expired);
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

ks_status ks_act_tripped(ks_ctx *cx, ks_res *rs, const ks_act *act)
{
    return ks_canary_trip(cx, rs, &act->connection, act->audit_action ? act->audit_action : "explain");
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
    if (act->db != NULL)
        return act->lines ? ks_res_database_stream(cx, rs, act->db, sent, act)
                          : ks_res_database(cx, rs, act->db, sent, act);
    return ks_res_acted(cx, rs, act->call, sent, act);
}

static ks_status dispatch(ks_ctx *cx, const ks_req *rq, ks_res *rs, void *arg)
{
    ks_act *act = arg;
    (void)rq;
    return act->db != NULL ? send_now(cx, rs, act) : ks_act_ready(cx, rs, act, send_now);
}

ks_status ks_act_send(ks_ctx *cx, const ks_req *rq, ks_res *rs, ks_act *act)
{
    ks_change *change;
    if (act->canary)
        return ks_act_tripped(cx, rs, act);
    KS_TRY(ks_act_charge(cx, act));
    if (!ks_replay_acts(rq))
        return dispatch(cx, rq, rs, act);
    KS_TRY(ks_change_new(cx, &change)); /* known as begun before anything leaves (rule D3) */
    ks_status st = ks_replay_begin_add(cx, rq, change);
    if (st == KS_OK)
        return ks_res_commit_then(cx, rs, change, dispatch, act);
    ks_change_free(change);
    return st;
}
