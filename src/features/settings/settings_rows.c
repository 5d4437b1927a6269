/* features/settings/settings_rows.c — see the header. */
#include "features/settings/settings_rows.h"

static const ks_sql sql_get = {
    "SELECT verify, origins, return_origins, updated_at FROM project_settings WHERE project_id = $1"};
static const ks_sql sql_put = {
    "INSERT INTO project_settings(project_id, verify, origins, return_origins, updated_at) "
    "VALUES($1, $2, $3, $4, $5) ON CONFLICT(project_id) DO UPDATE SET verify = excluded.verify, "
    "origins = excluded.origins, return_origins = excluded.return_origins, updated_at = excluded.updated_at"};

ks_status ks_project_settings_row_get(ks_ctx *cx, ks_project_settings *out)
{
    ks_rows *rows;
    bool     found;
    *out = (ks_project_settings){0};
    KS_TRY(ks_query(cx, cx->env->reader, &sql_get, KS_VALS(KS_V(cx->project_id)), &rows));
    KS_TRY(ks_rows_next(rows, &found));
    if (found)
        *out = (ks_project_settings){.verify = (ks_verify_mode)ks_row_int(rows, 0),
                                     .origins = ks_row_str(rows, 1),
                                     .return_origins = ks_row_str(rows, 2),
                                     .updated_at = ks_row_int(rows, 3)};
    ks_rows_close(rows);
    return cx->starved ? ks_no_memory(cx) : KS_OK;
}

ks_status ks_project_settings_row_put(ks_ctx *cx, ks_change *ch, const ks_project_settings *s)
{
    return ks_change_add(
        cx, ch, &sql_put,
        KS_VALS(KS_V(cx->project_id), KS_VI(s->verify), KS_V(s->origins), KS_V(s->return_origins),
                KS_VI(s->updated_at)),
        (ks_guard){1, KS_CONFLICT, NULL, NULL, "The settings could not be stored. Try again."});
}
