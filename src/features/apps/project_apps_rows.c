/* features/apps/project_apps_rows.c — see the header. Connections and integrations are counted here, and not
 * by their own features, because the counts guard a change of this one. */
#include "features/apps/project_apps_rows.h"

#include "features/budgets/budget.h"
#include "features/env.h"

static const ks_sql sql_rows = {
    "SELECT key, stamp, version, created_at, updated_at, length(text) FROM custom_apps "
    "WHERE project_id = $1 ORDER BY key"};
static const ks_sql sql_text = {"SELECT text FROM custom_apps WHERE project_id = $1 AND key = $2"};
static const ks_sql sql_uses = {
    "SELECT (SELECT count(*) FROM connections WHERE project_id = $1 AND app = $2), "
    "(SELECT count(*) FROM integrations WHERE project_id = $1 AND app = $2)"};
static const ks_sql sql_schemes = {"SELECT scheme FROM connections WHERE project_id = $1 AND app = $2 UNION "
                                   "SELECT scheme FROM integrations WHERE project_id = $1 AND app = $2"};

static const ks_sql sql_same = {
    "SELECT 1 FROM (SELECT count(*) AS n, coalesce(sum(version), 0) AS versions, coalesce(max(stamp), '') AS "
    "newest "
    "FROM custom_apps WHERE project_id = $1) AS now WHERE n = $2 AND versions = $3 AND newest = $4 "
    "AND coalesce((SELECT stamp FROM custom_apps WHERE project_id = $1 AND key = $5), '') = $6"};
static const ks_sql sql_put = {
    "INSERT INTO custom_apps(project_id, key, version, stamp, text, created_at, updated_at) "
    "VALUES($1, $2, $3, $4, $5, $6, $7) ON CONFLICT(project_id, key) DO UPDATE SET "
    "version = excluded.version, stamp = excluded.stamp, text = excluded.text, updated_at = "
    "excluded.updated_at"};
static const ks_sql sql_connections = {
    "SELECT 1 FROM connections WHERE project_id = $1 AND app = $2 AND ($3 = '' OR scheme = $3) LIMIT 1"};
static const ks_sql sql_integrations = {
    "SELECT 1 FROM integrations WHERE project_id = $1 AND app = $2 AND ($3 = '' OR scheme = $3) LIMIT 1"};
static const ks_sql sql_ids = {"SELECT id FROM integrations WHERE project_id = $1 AND app = $2 LIMIT 1000"};
static const ks_sql sql_delete_connections = {
    "DELETE FROM connections WHERE project_id = $1 AND integration_id = $2"};
static const ks_sql sql_delete_integration = {"DELETE FROM integrations WHERE project_id = $1 AND id = $2"};
static const ks_sql sql_drop = {"DELETE FROM custom_apps WHERE project_id = $1 AND key = $2"};

static const ks_guard changed = {1, KS_CONFLICT, "apps_changed", NULL,
                                 "Apps of the project were changed at the same time. Repeat the request."};
static const ks_guard unused = {
    0, KS_CONFLICT, "app_in_use", NULL,
    "Connections or integrations use the app. Delete them first, or send force=true."};
static const ks_guard gone = {1, KS_NOT_FOUND, "app_not_found", NULL,
                              "The project has no app of its own of this key."};

ks_str ks_project_apps_id(ks_str project_id, char out[KS_PROJECT_APPS_ID])
{
    static const char prefix[] = "apps:";
    size_t            n = project_id.n < KS_PROJECT_APPS_ID - sizeof prefix ? project_id.n : 0;
    memcpy(out, prefix, sizeof prefix - 1);
    if (n > 0)
        memcpy(out + sizeof prefix - 1, project_id.p, n);
    return (ks_str){out, sizeof prefix - 1 + n};
}

static void from_row(const ks_rows *r, ks_project_app_row *out)
{
    *out = (ks_project_app_row){.key = ks_row_str(r, 0),
                                .stamp = ks_row_str(r, 1),
                                .version = ks_row_int(r, 2),
                                .created_at = ks_row_int(r, 3),
                                .updated_at = ks_row_int(r, 4),
                                .size = ks_row_int(r, 5)};
}

ks_status ks_project_app_rows(ks_ctx *cx, ks_project_app_row **out, size_t *n)
{
    ks_rows *rows;
    bool     more;
    *n = 0;
    *out = ks_alloc(cx, KS_PROJECT_APPS_MAX * sizeof **out);
    if (*out == NULL)
        return KS_NO_MEMORY;
    KS_TRY(ks_query(cx, cx->env->reader, &sql_rows, KS_VALS(KS_V(cx->project_id)), &rows));
    for (;;) {
        KS_TRY(ks_rows_next(rows, &more));
        if (!more || *n == KS_PROJECT_APPS_MAX)
            break;
        from_row(rows, &(*out)[(*n)++]);
    }
    ks_rows_close(rows);
    return cx->starved ? KS_NO_MEMORY : KS_OK;
}

ks_status ks_project_app_text(ks_ctx *cx, ks_str key, ks_str *out)
{
    ks_rows *rows;
    bool     more;
    *out = KS_NO_STR;
    KS_TRY(ks_query(cx, cx->env->reader, &sql_text, KS_VALS(KS_V(cx->project_id), KS_V(key)), &rows));
    KS_TRY(ks_rows_next(rows, &more));
    if (more)
        *out = ks_row_str(rows, 0);
    ks_rows_close(rows);
    return more && out->p == NULL ? ks_no_memory(cx) : KS_OK;
}

ks_status ks_project_app_uses(ks_ctx *cx, ks_str key, int64_t *connections, int64_t *integrations)
{
    ks_rows *rows;
    bool     more;
    KS_TRY(ks_query(cx, cx->env->reader, &sql_uses, KS_VALS(KS_V(cx->project_id), KS_V(key)), &rows));
    KS_TRY(ks_rows_next(rows, &more));
    *connections = more ? ks_row_int(rows, 0) : 0;
    *integrations = more ? ks_row_int(rows, 1) : 0;
    ks_rows_close(rows);
    return KS_OK;
}

ks_status ks_project_app_schemes(ks_ctx *cx, ks_str key, ks_str **out, size_t *n)
{
    enum { MOST = 32 }; /* different schemes; there are fewer */
    ks_rows *rows;
    bool     more;
    *n = 0;
    *out = ks_alloc(cx, MOST * sizeof **out);
    if (*out == NULL)
        return KS_NO_MEMORY;
    KS_TRY(ks_query(cx, cx->env->reader, &sql_schemes, KS_VALS(KS_V(cx->project_id), KS_V(key)), &rows));
    for (;;) {
        KS_TRY(ks_rows_next(rows, &more));
        if (!more || *n == MOST)
            break;
        (*out)[(*n)++] = ks_row_str(rows, 0);
    }
    ks_rows_close(rows);
    return cx->starved ? KS_NO_MEMORY : KS_OK;
}

ks_status ks_project_app_put(ks_ctx *cx, ks_change *c, const ks_project_app_row *row, ks_str text,
                             const ks_project_app_row *seen, size_t seen_n)
{
    int64_t sum = 0;
    ks_str  newest = KS_S(""), last = KS_S(""); /* last: what this one was judged against */
    for (size_t i = 0; i < seen_n; i++) {
        sum += seen[i].version;
        last = ks_str_eq(seen[i].key, row->key) ? seen[i].stamp : last;
        if (ks_str_cmp(seen[i].stamp, newest) > 0)
            newest = seen[i].stamp;
    }
    KS_TRY(ks_change_add(cx, c, &sql_same,
                         KS_VALS(KS_V(cx->project_id), KS_VI((int64_t)seen_n), KS_VI(sum), KS_V(newest),
                                 KS_V(row->key), KS_V(last)),
                         changed));
    return ks_change_add(cx, c, &sql_put,
                         KS_VALS(KS_V(cx->project_id), KS_V(row->key), KS_VI(row->version), KS_V(row->stamp),
                                 KS_V(text), KS_VI(row->created_at), KS_VI(row->updated_at)),
                         changed);
}

ks_status ks_project_app_unused(ks_ctx *cx, ks_change *c, ks_str key, ks_str scheme)
{
    const ks_val v[] = {KS_V(cx->project_id), KS_V(key), KS_V(scheme.p != NULL ? scheme : KS_S(""))};
    KS_TRY(ks_change_add(cx, c, &sql_connections, v, KS_COUNT(v), unused));
    return ks_change_add(cx, c, &sql_integrations, v, KS_COUNT(v), unused);
}

/* Connections in the row caches of threads are judged by the counter of their integration
 * (connection_cache.c). */
static ks_status erase_one(ks_ctx *cx, ks_change *c, ks_str id)
{
    KS_TRY(ks_change_touch(cx, c, id));
    KS_TRY(ks_budget_drop(cx, c, id));
    KS_TRY(
        ks_change_add(cx, c, &sql_delete_connections, KS_VALS(KS_V(cx->project_id), KS_V(id)), KS_ANY_ROWS));
    return ks_change_add(cx, c, &sql_delete_integration, KS_VALS(KS_V(cx->project_id), KS_V(id)),
                         KS_ANY_ROWS);
}

ks_status ks_project_app_erase(ks_ctx *cx, ks_change *c, ks_str key)
{
    ks_rows *rows;
    bool     more;
    KS_TRY(ks_query(cx, cx->env->reader, &sql_ids, KS_VALS(KS_V(cx->project_id), KS_V(key)), &rows));
    for (;;) {
        KS_TRY(ks_rows_next(rows, &more));
        if (!more)
            break;
        KS_TRY(erase_one(cx, c, ks_row_str(rows, 0)));
    }
    ks_rows_close(rows);
    return cx->starved ? KS_NO_MEMORY : ks_project_app_unused(cx, c, key, KS_NO_STR);
}

ks_status ks_project_app_drop(ks_ctx *cx, ks_change *c, ks_str key)
{
    return ks_change_add(cx, c, &sql_drop, KS_VALS(KS_V(cx->project_id), KS_V(key)), gone);
}
