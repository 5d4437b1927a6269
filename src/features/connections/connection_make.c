/* features/connections/connection_make.c — initiate, replace, check: fields, then the vendor, then one
 * commit. The order of a handler stays readable because every step is a plain function that ends in the next
 * one. */
#include "base/ids.h"
#include "features/actions/derive.h"
#include "features/actions/ready.h"
#include "features/apps/view.h"
#include "features/connections/canary.h"
#include "features/connections/connection.h"
#include "features/connections/connection_await.h"
#include "features/connections/connection_rows.h"
#include "features/databases/database.h"
#include "features/reach.h"
#include "features/settings/settings.h"
#include "features/tokens/tokens.h"

#define FIRST_RECHECK_US INT64_C(60000000)    /* after an unreachable vendor: one minute, then doubled */
#define MAX_RECHECK_US   INT64_C(21600000000) /* up to six hours */

/* One run through make or verify; lives in the arena. */
typedef struct making {
    ks_connect     in;
    ks_connection  replaced; /* what in.replace points to: the handler's own copy does not live long enough */
    ks_credential  credential;
    ks_connection  made;
    ks_connected   reply;
    ks_change     *change; /* freed with the arena unless it was queued */
    ks_verify_mode verify;
    bool           check_only; /* ks_connection_verify: values stay */
} making;

static void forget_change(void *arg)
{
    making *m = arg;
    ks_change_free(m->change);
}

static ks_status begin(ks_ctx *cx, const ks_connect *in, ks_connected reply, making **out)
{
    making *m = ks_zalloc(cx, sizeof *m);
    if (m == NULL || !ks_arena_defer(cx->arena, forget_change, m)) {
        ks_change_free(in->change);
        return ks_no_memory(cx);
    }
    m->in = *in;
    if (in->replace != NULL) {
        m->replaced = *in->replace;
        m->in.replace = &m->replaced;
    }
    m->change = in->change;
    m->reply = reply;
    KS_TRY(ks_verify_of(cx, in->integration.verify, &m->verify));
    *out = m;
    return m->change != NULL ? KS_OK : ks_change_new(cx, &m->change);
}

static ks_subject subject_of(const ks_ctx *cx, const making *m)
{
    return (ks_subject){.credential = &m->credential,
                        .app = m->in.app,
                        .project_id = cx->project_id,
                        .connection_id = m->made.id,
                        .version = m->made.version};
}

/* ---- after the check ---- */

/* When to look again at a vendor that did not answer; spread by up to a quarter, so that checks do not come
 * in waves. */
static int64_t next_check(const ks_ctx *cx, ks_verdict v, int64_t last_us)
{
    uint32_t r;
    if (v != KS_VD_UNREACHABLE)
        return 0;
    int64_t wait = last_us ? (cx->now_us - last_us) * 2 : FIRST_RECHECK_US;
    if (wait < FIRST_RECHECK_US)
        wait = FIRST_RECHECK_US;
    if (wait > MAX_RECHECK_US)
        wait = MAX_RECHECK_US;
    ks_random(&r, sizeof r);
    return cx->now_us + wait + (int64_t)(r % 1000) * wait / 4000;
}

static ks_status display(ks_ctx *cx, making *m)
{
    ks_subject s = subject_of(cx, m);
    ks_buf    *b = ks_ctx_buf(cx, KS_MAX_BODY_BYTES);
    if (b == NULL)
        return KS_NO_MEMORY;
    ks_jw w = ks_jw_new(b);
    KS_TRY(ks_build_display(cx, &s, &w, NULL));
    m->made.display = ks_buf_view(b);
    return ks_buf_ok(b) ? KS_OK : ks_no_memory(cx);
}

/* The vendor took its time: so many other projects may have been at work that this one's key was put away. */
static ks_status seal(ks_ctx *cx, making *m)
{
    ks_place place = {KS_S("connections"), cx->project_id, m->made.id, m->made.integration_id,
                      m->made.version};
    KS_TRY(ks_project_unlock(cx, cx->project_id));
    return ks_envelope_seal(cx, cx->env->keys, &place, m->credential.values, m->credential.n,
                            &m->made.sealed);
}

static ks_status commit(ks_ctx *cx, const ks_req *rq, ks_res *rs, making *m, const char *action)
{
    KS_TRY(ks_change_touch(cx, m->change, m->made.id));
    KS_TRY(ks_change_note(cx, m->change, action, m->made.id, m->made.verdict));
    KS_TRY(m->reply(cx, rs, &m->in, &m->made));
    ks_change *change = m->change;
    m->change = NULL;
    return ks_res_commit(cx, rq, rs, change);
}

static void take_judgement(const ks_ctx *cx, making *m, const ks_judgement *j)
{
    ks_connection *c = &m->made;
    c->verdict = ks_str_of(ks_verdict_word(j->verdict));
    if (m->check_only && (j->verdict == KS_VD_UNREACHABLE || j->verdict == KS_VD_UNCHECKABLE))
        return; /* no news of the credential: what is known of it stays */
    c->status = KS_S("ACTIVE");
    c->status_reason = j->reason;
    c->account = j->account;
    if (j->verdict == KS_VD_VERIFIED || j->verdict == KS_VD_LIMITED)
        c->verified_at = cx->now_us;
}

/* Store what was judged: a new row, new values under an old id, or only the verdict. */
static ks_status store(ks_ctx *cx, const ks_req *rq, ks_res *rs, making *m, const ks_judgement *j)
{
    take_judgement(cx, m, j);
    if (m->check_only) {
        int64_t next = next_check(cx, j->verdict, m->made.updated_at);
        KS_TRY(ks_connection_row_judged(cx, m->change, &m->made, next));
        return commit(cx, rq, rs, m, "connection.verify");
    }
    KS_TRY(display(cx, m));
    KS_TRY(seal(cx, m));
    int64_t next = next_check(cx, j->verdict, 0);
    if (m->in.replace != NULL) {
        KS_TRY(ks_connection_row_swap(cx, m->change, &m->made, m->made.version - 1, next));
        bool first = ks_str_eq(m->in.replace->status, KS_S("INITIATED"));
        return commit(cx, rq, rs, m, first ? "connection.create" : "connection.replace");
    }
    KS_TRY(ks_connection_row_put(cx, m->change, &m->made, next));
    return commit(cx, rq, rs, m, "connection.create");
}

/* The field a refused key is blamed on: the first secret of the scheme. */
static const char *blamed_field(ks_ctx *cx, const making *m)
{
    for (size_t i = 0; i < m->credential.scheme->fields_n; i++) {
        const ks_app_field *f = &m->credential.scheme->fields[i];
        if (f->secret)
            return ks_fmt(cx, "%s" KS_FMT, m->in.path ? m->in.path : "", KS_ARG(f->name)).p;
    }
    return NULL;
}

static ks_status rejected(ks_ctx *cx, const making *m, const ks_judgement *j)
{
    ks_metric_add(cx->env->metrics, KS_M_CHECKS_REJECTED, 1);
    return ks_fail_code(cx, KS_REJECTED, "credential_rejected", blamed_field(cx, m),
                        KS_FMT " did not accept this credential: " KS_FMT " Nothing was stored.",
                        KS_ARG(m->in.app->name), KS_ARG(j->reason));
}

/* A stored credential that its vendor refuses now. */
static ks_status expire(ks_ctx *cx, const ks_req *rq, ks_res *rs, making *m, const ks_judgement *j)
{
    m->made.status = KS_S("EXPIRED");
    m->made.verdict = KS_S("rejected");
    m->made.status_reason = j->reason;
    KS_TRY(ks_connection_row_judged(cx, m->change, &m->made, 0));
    return commit(cx, rq, rs, m, "connection.expire");
}

/* What the judgement leads to. */
static ks_status conclude(ks_ctx *cx, const ks_req *rq, ks_res *rs, making *m, const ks_judgement *j)
{
    if (j->verdict == KS_VD_REJECTED)
        return m->check_only ? expire(cx, rq, rs, m, j) : rejected(cx, m, j);
    if (j->verdict == KS_VD_UNREACHABLE && m->verify == KS_VERIFY_REQUIRED && !m->check_only)
        return ks_fail_code(
            cx, KS_UPSTREAM, "vendor_unreachable", NULL,
            KS_FMT " did not answer, and this integration takes checked credentials only. Nothing was "
                   "stored; try again. " KS_FMT,
            KS_ARG(m->in.app->name), KS_ARG(j->reason));
    return store(cx, rq, rs, m, j);
}

static ks_status judged(ks_ctx *cx, const ks_req *rq, ks_res *rs, const ks_answer *a, void *arg)
{
    making      *m = arg;
    ks_judgement j;
    ks_metric_add(cx->env->metrics, KS_M_CHECKS, 1);
    if (a->outcome == KS_UP_REFUSED && !m->check_only)
        return ks_fail_code(cx, KS_INVALID, "host_not_allowed", "base_url",
                            "The address of this connection may not be called: %s.", a->why);
    KS_TRY(ks_verify_judge(cx, m->in.app, m->credential.scheme, a, &j));
    return conclude(cx, rq, rs, m, &j);
}

/* The values that the check needs are there, or not: a token endpoint that refuses says what a refused check
 * says. */
static ks_status made_ready(ks_ctx *cx, const ks_req *rq, ks_res *rs, const ks_ready *r, void *arg)
{
    making      *m = arg;
    ks_call     *call = NULL;
    ks_judgement j = {.verdict = KS_VD_UNREACHABLE};
    if (r->state == KS_READY) {
        KS_TRY(ks_build_check(cx, r->subject, &call));
        if (call != NULL)
            return ks_res_upstream(cx, rs, call, judged, m);
    }
    ks_metric_add(cx->env->metrics, KS_M_CHECKS, 1);
    if (r->state == KS_READY_REFUSED && m->credential.scheme->check.trusted)
        j.verdict = KS_VD_REJECTED;
    else if (r->state != KS_READY_UNREACHED)
        j.verdict = KS_VD_UNCHECKABLE;
    if (j.verdict != KS_VD_UNREACHABLE && r->why.n > 0)
        j.reason = ks_fmt(cx, KS_FMT ": " KS_FMT ".", KS_ARG(m->in.app->name), KS_ARG(r->why));
    return cx->starved ? ks_no_memory(cx) : conclude(cx, rq, rs, m, &j);
}

/* ---- before the check ---- */

static ks_status check_entity(ks_ctx *cx, ks_connect *in)
{
    if (in->entity_id.n == 0)
        in->entity_id = KS_S("default");
    if (in->entity_id.n > KS_MAX_ENTITY)
        return ks_fail(cx, KS_INVALID, in->entity_field ? in->entity_field : "entityId",
                       "Use at most %d bytes for an entity id.", KS_MAX_ENTITY);
    return ks_connection_may(cx, in);
}

static bool is_nulled(const ks_json *values, const ks_app_scheme *scheme, ks_str field)
{
    void    *it = NULL;
    ks_str   name;
    ks_json *v;
    while (ks_json_each(values, &it, &name, &v)) {
        const ks_app_field *f = ks_app_field_find(scheme, name);
        if (f != NULL && ks_str_eq(f->name, field) && ks_json_kind(v) == KS_JSON_NULL)
            return true;
    }
    return false;
}

/* What the replaced one holds and the new values do not name. */
static ks_status keep_values(ks_ctx *cx, making *m)
{
    ks_credential old;
    ks_credential kept;
    KS_TRY(ks_connection_open(cx, m->in.replace, &old));
    KS_TRY(ks_credential_new(cx, m->in.app, old.scheme, &kept));
    for (size_t i = 0; i < old.n; i++) {
        if (!is_nulled(m->in.values, old.scheme, old.values[i].name))
            ks_credential_fill(&kept, &old.values[i], 1);
    }
    KS_TRY(ks_credential_keep(cx, &m->credential, &kept, &old, m->in.path));
    ks_credential_publish(&m->credential);
    return KS_OK;
}

static ks_status fields(ks_ctx *cx, making *m)
{
    const ks_connect *in = &m->in;
    KS_TRY(
        ks_credential_new(cx, in->app, ks_app_scheme_find(in->app, in->integration.scheme), &m->credential));
    KS_TRY(ks_credential_take(cx, &m->credential, in->values, in->path));
    if (in->replace != NULL && in->merge && !ks_str_eq(in->replace->status, KS_S("REVOKED")))
        KS_TRY(keep_values(cx, m));
    KS_TRY(ks_integration_fill(cx, &in->integration, &m->credential));
    KS_TRY(ks_credential_complete(cx, &m->credential, in->path));
    if (cx->env->settings->ghost) /* made-up values are good there */
        return KS_OK;
    return ks_credential_pair(cx, &m->credential, in->path);
}

static ks_status describe(ks_ctx *cx, making *m)
{
    const ks_connect *in = &m->in;
    if (in->replace != NULL) {
        m->made = *in->replace;
        m->made.version++;
    } else {
        m->made = (ks_connection){.id = ks_id_new(cx, KS_ID_CONNECTION),
                                  .integration_id = in->integration.id,
                                  .app = in->app->key,
                                  .scheme = in->integration.scheme,
                                  .entity_id = in->entity_id,
                                  .enabled = true,
                                  .labels = in->labels.p ? in->labels : KS_S("[]"),
                                  .version = 1,
                                  .created_at = cx->now_us / 1000 * 1000};
        if (m->made.id.p == NULL)
            return KS_NO_MEMORY;
    }
    m->made.updated_at = cx->now_us;
    return KS_OK;
}

/* No vendor is asked, but a key that cannot sign is told at once. */
static ks_status explain_unmade(ks_ctx *cx, const making *m, ks_judgement *j)
{
    ks_subject s = subject_of(cx, m);
    ks_str     why;
    KS_TRY(ks_derive_try(cx, &s, &why));
    if (why.p == NULL)
        return KS_OK;
    j->reason = ks_fmt(cx, KS_FMT ": " KS_FMT ".", KS_ARG(m->in.app->name), KS_ARG(why));
    return j->reason.p != NULL ? KS_OK : KS_NO_MEMORY;
}

/* *asked: the vendor is being asked, by whatever it speaks; false: there is no check. */
static ks_status ask(ks_ctx *cx, ks_res *rs, making *m, bool *asked)
{
    ks_subject  s = subject_of(cx, m);
    ks_call    *call = NULL;
    ks_db_call *statement = NULL;
    *asked = false;
    if (ks_scheme_is_database(m->credential.scheme))
        KS_TRY(ks_database_check(cx, &s, &m->in.integration, &statement));
    else
        KS_TRY(ks_build_check(cx, &s, &call));
    *asked = call != NULL || statement != NULL;
    if (statement != NULL)
        return ks_res_database(cx, rs, statement, judged, m);
    if (call != NULL && call->unready)
        return ks_make_ready(cx, rs, &s, call, KS_READY_CHECK | (m->in.replace ? KS_READY_UNSTORED : 0),
                             made_ready, m);
    return call != NULL ? ks_res_upstream(cx, rs, call, judged, m) : KS_OK;
}

static ks_status ask_vendor(ks_ctx *cx, const ks_req *rq, ks_res *rs, making *m)
{
    bool asked = false;
    if (m->verify != KS_VERIFY_OFF || m->check_only)
        KS_TRY(ask(cx, rs, m, &asked));
    if (asked)
        return KS_OK;
    if (m->check_only)
        return ks_fail_code(cx, KS_INVALID, "uncheckable", NULL,
                            KS_FMT " offers no check, or a field it needs has no value.",
                            KS_ARG(m->in.app->name));
    ks_judgement j = {.verdict = m->verify == KS_VERIFY_OFF ? KS_VD_UNCHECKED : KS_VD_UNCHECKABLE};
    const char  *lacks = ks_scheme_lacks(m->credential.scheme);
    if (lacks == NULL && m->verify != KS_VERIFY_OFF)
        KS_TRY(explain_unmade(cx, m, &j));
    if (lacks != NULL)
        j.reason = ks_fmt(cx, KS_FMT " %s. It is stored for later.", KS_ARG(m->in.app->name), lacks);
    return store(cx, rq, rs, m, &j);
}

ks_status ks_connect_again(ks_ctx *cx, const ks_connection *old, ks_connect *in)
{
    KS_TRY(ks_integration_get(cx, old->integration_id, &in->integration));
    KS_TRY(ks_catalog_need_app(cx, ks_catalog_of(cx), "id", old->app, &in->app));
    in->entity_id = old->entity_id;
    in->replace = old;
    return KS_OK;
}

ks_status ks_connection_make(ks_ctx *cx, const ks_req *rq, ks_res *rs, const ks_connect *in,
                             ks_connected reply)
{
    making *m = NULL;
    KS_TRY(begin(cx, in, reply, &m));
    KS_TRY(check_entity(cx, &m->in));
    if (in->replace != NULL && in->replace->canary)
        return ks_canary_trip(cx, rs, in->replace, "replace");
    if (!in->integration.enabled)
        return ks_fail_code(cx, KS_NOT_FOUND, "integration_disabled", "integrationId",
                            "This integration is disabled. Enable it, or use another one.");
    KS_TRY(fields(cx, m));
    KS_TRY(describe(cx, m));
    return ask_vendor(cx, rq, rs, m);
}

ks_status ks_connection_verify(ks_ctx *cx, const ks_req *rq, ks_res *rs, const ks_connection *c,
                               ks_connected reply)
{
    making    *m = NULL;
    ks_connect in = {.path = ""};
    if (c->canary)
        return ks_canary_trip(cx, rs, c, "verify");
    if (ks_str_eq(c->status, KS_S("REVOKED")))
        return ks_fail_code(cx, KS_INVALID, "connection_not_active", "connectedAccountId",
                            "This connected account was revoked. Connect again.");
    if (ks_str_eq(c->status, KS_S("INITIATED")))
        return ks_fail_code(cx, KS_INVALID, "connection_not_active", "connectedAccountId",
                            "This connected account is INITIATED: its user has not used the link yet.");
    KS_TRY(ks_catalog_need_app(cx, ks_catalog_of(cx), "appName", c->app, &in.app));
    KS_TRY(ks_integration_get(cx, c->integration_id, &in.integration));
    KS_TRY(begin(cx, &in, reply, &m));
    KS_TRY(ks_project_unlock(cx, cx->project_id)); /* as in seal(): a vendor's 401 may lead here */
    KS_TRY(ks_connection_open(cx, c, &m->credential));
    m->made = *c;
    m->check_only = true;
    return ask_vendor(cx, rq, rs, m);
}

static ks_status rechecked(ks_ctx *cx, ks_res *rs, const ks_connect *in, const ks_connection *made)
{
    (void)in, (void)made;
    return ks_res_fixed(cx, rs, 200, "application/json", KS_S("{\"checked\":1}"));
}

/* A row whose check cannot even be made (its app left the catalogue, its seal is broken) must not stand
 * before all others. */
static ks_status put_off(ks_ctx *cx, const ks_req *rq, ks_res *rs, const ks_connection *due)
{
    ks_change *change;
    KS_TRY(rechecked(cx, rs, NULL, NULL));
    KS_TRY(ks_change_new(cx, &change));
    return ks_res_commit_built(cx, rq, rs, change,
                               ks_connection_row_put_off(cx, change, due->id, cx->now_us + MAX_RECHECK_US));
}

/* Its link was not used in time. */
static ks_status lapse(ks_ctx *cx, const ks_req *rq, ks_res *rs, const ks_connection *due)
{
    ks_change *change;
    KS_TRY(rechecked(cx, rs, NULL, NULL));
    KS_TRY(ks_change_new(cx, &change));
    return ks_res_commit_built(cx, rq, rs, change, ks_connection_lapse_add(cx, change, due->id));
}

ks_status ks_connection_recheck(ks_ctx *cx, const ks_req *rq, ks_res *rs)
{
    ks_connection due;
    bool          found;
    KS_TRY(ks_connection_row_due(cx, &due, &cx->project_id, &found));
    if (!found)
        return ks_res_fixed(cx, rs, 200, "application/json", KS_S("{\"checked\":0}"));
    cx->actor = KS_S("system");
    if (ks_str_eq(due.status, KS_S("INITIATED")))
        return lapse(cx, rq, rs, &due);
    if (ks_project_unlock(cx, cx->project_id) == KS_OK &&
        ks_connection_verify(cx, rq, rs, &due, rechecked) == KS_OK)
        return KS_OK;
    return put_off(cx, rq, rs, &due);
}
