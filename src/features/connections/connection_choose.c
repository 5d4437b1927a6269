/* features/connections/connection_choose.c — which connection a call means, and what to tell a caller for
 * whom there is none. Names only connections of the project and entity that were asked for. docs/api.md
 * ACT-3. */
#include "features/connections/connection.h"
#include "features/connections/connection_rows.h"
#include "features/reach.h"

enum {
    TOLD = KS_MAX_DETAILS - 1
}; /* connections that an error names: the first detail is the message's own */

static ks_status usable(ks_ctx *cx, const ks_app *app, const ks_connection *c)
{
    if (app != NULL && !ks_str_eq(app->key, c->app))
        return ks_fail_code(
            cx, KS_INVALID, "wrong_app", "connectedAccountId",
            "This connected account belongs to another app than the action. Name one of the action's app.");
    if (!c->enabled)
        return ks_fail_code(cx, KS_INVALID, "connection_disabled", "connectedAccountId",
                            "This connected account is disabled. Enable it first.");
    if (ks_str_eq(c->status, KS_S("INITIATED")))
        return ks_fail_code(cx, KS_INVALID, "connection_not_active", "connectedAccountId",
                            "This connected account is INITIATED: its user has not used the link yet.");
    if (!ks_str_eq(c->status, KS_S("ACTIVE")))
        return ks_fail_code(cx, KS_INVALID, "connection_not_active", "connectedAccountId",
                            "This connected account is " KS_FMT
                            ", not ACTIVE. Connect again with a working credential.",
                            KS_ARG(c->status));
    return KS_OK;
}

/* "ca_1 (stripe, ACTIVE), ca_2 (vend, INACTIVE)": what else the entity has here. One of the app that looks
 * usable is not, because its integration is disabled. */
static ks_status others(ks_ctx *cx, const ks_app *app, ks_str entity, ks_str *out)
{
    ks_connection       *all;
    size_t               n;
    int64_t              total;
    ks_connection_filter f = {.entity = entity, .disabled_too = true, .limit = TOLD};
    ks_buf              *b = ks_ctx_buf(cx, 4096);
    if (b == NULL)
        return KS_NO_MEMORY;
    KS_TRY(ks_connection_list(cx, &f, &all, &n, &total));
    for (size_t i = 0; i < n; i++) {
        ks_str status = ks_connection_status(&all[i]);
        bool   off = ks_str_eq(all[i].app, app->key) && ks_str_eq(status, KS_S("ACTIVE"));
        ks_buf_fmt(b, "%s" KS_FMT " (" KS_FMT ", %s" KS_FMT ")", i ? ", " : "", KS_ARG(all[i].id),
                   KS_ARG(all[i].app), off ? "integration disabled, " : "", KS_ARG(status));
    }
    if (total > (int64_t)n)
        ks_buf_fmt(b, " and %lld more", (long long)(total - (int64_t)n));
    *out = ks_buf_view(b);
    return ks_buf_ok(b) ? KS_OK : ks_no_memory(cx);
}

/* What was searched and what is there. Values of the caller are not repeated (rule S5); whether none was
 * given is. */
static ks_status none_found(ks_ctx *cx, const ks_app *app, ks_str entity)
{
    ks_str there;
    KS_TRY(others(cx, app, entity.n ? entity : KS_S("default"), &there));
    return ks_fail_code(
        cx, KS_NOT_FOUND, "connection_not_found", "entityId",
        "No ACTIVE, enabled connected account of this entity was found for " KS_FMT
        " in this project%s. %s" KS_FMT ". Initiate a connection first, or name another entityId.",
        KS_ARG(app->name), entity.n ? "" : "; no entityId was given, so `default` was searched",
        there.n ? "This entity has " : "This entity has no connected account here", KS_ARG(there));
}

static ks_status several(ks_ctx *cx, const ks_app *app, const ks_connection *all, size_t n)
{
    (void)!ks_fail_code(cx, KS_INVALID, "ambiguous_connection", NULL,
                        "This entity has several ACTIVE connected accounts for " KS_FMT
                        ", and none was named. Name one of those listed with connectedAccountId.",
                        KS_ARG(app->name));
    for (size_t i = 0; i < n; i++)
        ks_fail_also(cx, KS_S("connectedAccountId"), all[i].id);
    return KS_INVALID;
}

ks_status ks_connection_choose(ks_ctx *cx, const ks_app *app, ks_str id, ks_str entity, ks_connection *out)
{
    ks_connection *all;
    size_t         n, pick = 0;
    bool           refuse = false;
    ks_str         whose = entity.n ? entity : KS_S("default");
    if (id.n > 0) {
        KS_TRY(ks_connection_get(cx, id, out));
        return usable(cx, app, out);
    }
    if (!ks_reach_entity(cx, whose) || !ks_reach_app(cx, app->key))
        return none_found(cx, app, entity);
    KS_TRY(ks_connection_rows_usable(cx, whose, app->key, 64, &all, &n));
    if (n == 0)
        return none_found(cx, app, entity);
    if (n > 1)
        KS_TRY(ks_connection_rows_refuse(cx, whose, app->key, cx->env->settings->ambiguous_refuse, &refuse));
    if (refuse)
        return several(cx, app, all, n);
    while (pick + 1 < n && all[pick].canary) /* who names none must not step on one beside real ones */
        pick++;
    for (size_t i = n; i-- > 0;) {
        if (!all[i].canary && ks_str_find(all[i].labels, KS_S("\"primary\"")) != SIZE_MAX)
            pick = i;
    }
    *out = all[pick];
    return KS_OK;
}
