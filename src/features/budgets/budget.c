/* features/budgets/budget.c — see budget.h: the settings, their rows, and the charge. */
#include "features/budgets/budget.h"

#include "features/row_cache.h"

static const ks_sql sql_get = {"SELECT minute, hour, day, each_minute, each_hour, each_day FROM budgets "
                               "WHERE project_id = $1 AND owner = $2"};
static const ks_sql sql_put = {
    "INSERT INTO budgets(project_id, owner, minute, hour, day, each_minute, each_hour, each_day, updated_at) "
    "VALUES($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT(project_id, owner) DO UPDATE SET "
    "minute = excluded.minute, hour = excluded.hour, day = excluded.day, each_minute = excluded.each_minute, "
    "each_hour = excluded.each_hour, each_day = excluded.each_day, updated_at = excluded.updated_at"};
static const ks_sql sql_drop = {"DELETE FROM budgets WHERE project_id = $1 AND owner = $2"};

/* Name of the row in the cache; ids hold no ':'. */
static ks_str cache_key(ks_ctx *cx, ks_str owner)
{
    return ks_fmt(cx, "budget:" KS_FMT, KS_ARG(owner));
}

static ks_status read_row(ks_ctx *cx, ks_str owner, ks_budget *out)
{
    ks_rows *rows;
    bool     found;
    *out = (ks_budget){0};
    KS_TRY(ks_query(cx, cx->env->reader, &sql_get, KS_VALS(KS_V(cx->project_id), KS_V(owner)), &rows));
    KS_TRY(ks_rows_next(rows, &found));
    for (unsigned w = 0; found && w < KS_BUDGET_WINDOWS; w++) {
        out->all.most[w] = ks_row_int(rows, w);
        out->each.most[w] = ks_row_int(rows, w + KS_BUDGET_WINDOWS);
    }
    ks_rows_close(rows);
    return KS_OK;
}

ks_status ks_budget_get(ks_ctx *cx, ks_str owner, ks_budget *out)
{
    ks_str key = cache_key(cx, owner);
    if (key.p == NULL)
        return KS_NO_MEMORY;
    uint64_t epoch = ks_epoch(cx->env->store, key);
    ks_str   held = ks_row_cache_get(cx->env->cache, cx->env->store, key);
    if (held.n ==
        sizeof *out) { /* ids are unique in all projects, and every one of `owner` was looked up first */
        memcpy(out, held.p, sizeof *out);
        return KS_OK;
    }
    KS_TRY(read_row(cx, owner, out));
    ks_row_cache_put(cx->env->cache, key, epoch, (ks_str){(const char *)out, sizeof *out});
    return KS_OK;
}

ks_status ks_budget_put(ks_ctx *cx, ks_change *change, ks_str owner, const ks_budget *b)
{
    const int64_t *all = b->all.most, *each = b->each.most;
    ks_str         key = cache_key(cx, owner);
    if (key.p == NULL)
        return KS_NO_MEMORY;
    KS_TRY(
        ks_change_add(cx, change, &sql_put,
                      KS_VALS(KS_V(cx->project_id), KS_V(owner), KS_VI(all[0]), KS_VI(all[1]), KS_VI(all[2]),
                              KS_VI(each[0]), KS_VI(each[1]), KS_VI(each[2]), KS_VI(cx->now_us)),
                      KS_ANY_ROWS));
    KS_TRY(ks_change_touch(cx, change, key));
    return ks_change_note(cx, change, "budget.set", owner, KS_S("ok"));
}

ks_status ks_budget_set(ks_ctx *cx, ks_str owner, const ks_budget *b)
{
    ks_change *change;
    KS_TRY(ks_change_new(cx, &change));
    ks_status st = ks_budget_put(cx, change, owner, b);
    if (st == KS_OK)
        return ks_store_apply(cx, cx->env->store, change);
    ks_change_free(change);
    return st;
}

ks_status ks_budget_drop(ks_ctx *cx, ks_change *change, ks_str owner)
{
    ks_str key = cache_key(cx, owner);
    if (key.p == NULL)
        return KS_NO_MEMORY;
    KS_TRY(ks_change_add(cx, change, &sql_drop, KS_VALS(KS_V(cx->project_id), KS_V(owner)), KS_ANY_ROWS));
    return ks_change_touch(cx, change, key);
}

/* ---- the charge ---- */

static void add(ks_charge *list, size_t *n, ks_str owner, const ks_rate *rate)
{
    if (ks_rate_limits(rate))
        list[(*n)++] = (ks_charge){owner, *rate};
}

static ks_status used_up(ks_ctx *cx, const ks_charge *c, const char *whose, int window)
{
    static const char *const words[] = {"a minute", "an hour", "a day"};
    int                      wait_s = ks_budget_resets_s(window, cx->now_us);
    (void)!ks_fail_code(cx, KS_RATE, "budget_exceeded", NULL,
                        "The budget of this %s, %lld calls %s, is used up. It begins anew in %d s.", whose,
                        (long long)c->rate.most[window], words[window], wait_s);
    cx->err.retry_after_s = wait_s;
    return KS_RATE;
}

ks_status ks_budget_take(ks_ctx *cx, ks_str integration, ks_str connection)
{
    ks_charge list[4];
    ks_budget b;
    size_t    n = 0, who;
    int       window;
    if (cx->env->budgets == NULL)
        return KS_OK;
    KS_TRY(ks_budget_get(cx, cx->project_id, &b));
    add(list, &n, cx->project_id, &b.all);
    if (integration.n > 0) {
        KS_TRY(ks_budget_get(cx, integration, &b));
        add(list, &n, integration, &b.all);
        add(list, &n, connection, &b.each);
    }
    if (n == 0 || ks_budget_charge(cx->env->budgets, list, n, cx->now_us, &who, &window))
        return KS_OK;
    ks_metric_add(cx->env->metrics, KS_M_OVER_BUDGET, 1);
    if (who == n)
        return ks_fail(cx, KS_BUSY, NULL, "There is no room to count this call. Try again later.");
    return used_up(cx, &list[who],
                   ks_str_eq(list[who].owner, connection)    ? "connected account"
                   : ks_str_eq(list[who].owner, integration) ? "integration"
                                                             : "project",
                   window);
}
