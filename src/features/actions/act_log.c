/* features/actions/act_log.c — how an act is written down: its record of use in the audit trail (rule A2) and
 * its line in the log of calls, in one change. Threads: as the handler. */
#include "features/actions/act.h"
#include "features/calls/calls.h"

static ks_status line_add(ks_ctx *cx, ks_change *change, const ks_act *act, const ks_answer *a)
{
    ks_call_line line = {.app = act->app->key, .result = ks_call_result(a), .took_us = a->took_us};
    if (line.result.p == NULL || cx->env->settings->calls_keep == 0)
        return KS_OK;
    if (act->connected) {
        line.connection_id = act->connection.id;
        line.entity_id = act->connection.entity_id;
    }
    line.what = act->action != NULL ? act->action->name
                                    : ks_call_what(cx, act->raw.method, act->raw.endpoint);
    line.status = a->status;
    return line.what.p != NULL ? ks_calls_add(cx, change, &line) : ks_no_memory(cx);
}

ks_status ks_act_use(ks_ctx *cx, const ks_act *act, const ks_answer *a, const char *result, ks_change **out)
{
    KS_TRY(ks_use_change(cx, act->connected ? act->connection.id : KS_NO_STR, act->audit_action,
                         act->audit_object, result, out));
    ks_status st = line_add(cx, *out, act, a);
    if (st != KS_OK)
        ks_change_free(*out);
    return st;
}

void ks_act_log(ks_ctx *cx, const ks_act *act, const ks_answer *a)
{
    ks_ctx     own = *cx; /* its failure is not the call's */
    ks_change *change;
    if (cx->env->settings->calls_keep == 0 || ks_change_new(&own, &change) != KS_OK)
        return;
    if (line_add(&own, change, act, a) == KS_OK)
        (void)!ks_store_note(&own, own.env->store, change);
    else
        ks_change_free(change);
}
