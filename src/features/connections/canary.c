/* features/connections/canary.c — see canary.h, with the only SQL about canaries. Administration goes over
 * all projects; it is reached by the control socket alone. */
#include "features/connections/canary.h"

#include "base/ids.h"
#include "base/log.h"
#include "features/connections/connection_rows.h"
#include "features/tokens/tokens.h"

static const ks_sql sql_project = {"SELECT project_id FROM connections WHERE id = $1"};
static const ks_sql sql_set = {
    "UPDATE connections SET canary = $3, next_check_at = NULL WHERE project_id = $1 AND id = $2"};
static const ks_sql sql_list = {
    "SELECT id, project_id, app, entity_id FROM connections WHERE canary = 1 ORDER BY id LIMIT $1"};
static const ks_guard gone = {1, KS_NOT_FOUND, KS_NO_CONNECTION};

/* What a busy server says (upstream/), word for word: whoever did it learns no more than that. */
static ks_status look_busy(ks_ctx *cx, const ks_req *rq, ks_res *rs, void *arg)
{
    (void)rq, (void)rs, (void)arg;
    return ks_fail(cx, KS_BUSY, NULL, "Too many calls are under way. Try again in a moment.");
}

static ks_status fill_alarm(ks_ctx *cx, ks_change *change, const ks_connection *c, const char *how)
{
    ks_str object = ks_fmt(cx, KS_FMT " %s", KS_ARG(c->id), how);
    ks_str why = ks_fmt(cx, "canary " KS_FMT, KS_ARG(c->id));
    if (object.p == NULL || why.p == NULL)
        return ks_no_memory(cx);
    KS_TRY(ks_change_note(cx, change, "canary.used", object, KS_S("alarm")));
    if (!ks_id_valid(cx->actor, KS_ID_KEY)) /* a link, the command line: there is no key to freeze */
        return KS_OK;
    KS_TRY(ks_key_freeze_add(cx, change, cx->actor, why));
    return ks_change_note(cx, change, "key.freeze", cx->actor, KS_S("ok"));
}

ks_status ks_canary_trip(ks_ctx *cx, ks_res *rs, const ks_connection *c, const char *how)
{
    ks_change *change;
    KS_LOG(KS_LOG_ERROR, "canary_used", KS_LSTR(REQUEST_ID, cx->request_id), KS_LSTR(PROJECT, cx->project_id),
           KS_LSTR(KEY, cx->actor), KS_LSTR(CONNECTION, c->id), KS_LSTR(APP, c->app),
           KS_LSTR(ACTION, ks_str_of(how)));
    ks_metric_add(cx->env->metrics, KS_M_CANARIES, 1);
    KS_TRY(ks_change_new(cx, &change));
    ks_status st = fill_alarm(cx, change, c, how);
    if (st == KS_OK)
        return ks_res_commit_then(cx, rs, change, look_busy, NULL);
    ks_change_free(change);
    return st;
}

/* ---- administration ---- */

static ks_status project_of(ks_ctx *cx, ks_str id, ks_str *out)
{
    ks_rows *rows;
    bool     more;
    KS_TRY(ks_query(cx, cx->env->reader, &sql_project, KS_VALS(KS_V(id)), &rows));
    KS_TRY(ks_rows_next(rows, &more));
    if (!more)
        return ks_fail_code(cx, KS_NOT_FOUND, "connection_not_found", "id",
                            "There is no connected account with this id.");
    *out = ks_row_str(rows, 0);
    ks_rows_close(rows);
    return out->p != NULL ? KS_OK : ks_no_memory(cx);
}

static ks_status fill_set(ks_ctx *cx, ks_change *change, ks_str project, ks_str id, bool on)
{
    ks_audit_record r = {.project_id = project,
                         .actor = cx->actor.p ? cx->actor : KS_S("system"),
                         .action = on ? KS_S("canary.set") : KS_S("canary.clear"),
                         .object = id,
                         .result = KS_S("ok"),
                         .request_id = cx->request_id.p ? cx->request_id : KS_S("")};
    KS_TRY(ks_change_add(cx, change, &sql_set, KS_VALS(KS_V(project), KS_V(id), KS_VI(on)), gone));
    KS_TRY(ks_change_touch(cx, change, id));
    return ks_change_audit(cx, change, &r);
}

ks_status ks_canary_set(ks_ctx *cx, ks_str id, bool on)
{
    ks_change *change;
    ks_str     project;
    KS_TRY(project_of(cx, id, &project));
    KS_TRY(ks_change_new(cx, &change));
    ks_status st = fill_set(cx, change, project, id, on);
    if (st == KS_OK)
        return ks_store_apply(cx, cx->env->store, change);
    ks_change_free(change);
    return st;
}

ks_status ks_canary_list(ks_ctx *cx, size_t max, ks_canary **out, size_t *n)
{
    ks_rows *rows;
    bool     more;
    *n = 0;
    *out = ks_alloc(cx, (max + 1) * sizeof **out);
    if (*out == NULL)
        return KS_NO_MEMORY;
    KS_TRY(ks_query(cx, cx->env->reader, &sql_list, KS_VALS(KS_VI((int64_t)max)), &rows));
    for (;;) {
        KS_TRY(ks_rows_next(rows, &more));
        if (!more || *n == max)
            break;
        (*out)[(*n)++] = (ks_canary){ks_row_str(rows, 0), ks_row_str(rows, 1), ks_row_str(rows, 2),
                                     ks_row_str(rows, 3)};
    }
    ks_rows_close(rows);
    return cx->starved ? ks_no_memory(cx) : KS_OK;
}
