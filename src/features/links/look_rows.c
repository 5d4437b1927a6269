/* features/links/look_rows.c — see the header. */
#include "features/links/look_rows.h"

#include "features/env.h"

static const ks_sql sql_get = {
    "SELECT sheet, logo, lang, given, updated_at FROM looks WHERE project_id = $1"};
static const ks_sql sql_sheet = {"SELECT css FROM looks WHERE sheet = $1"};
static const ks_sql sql_logo = {"SELECT logo_bytes, logo_type FROM looks WHERE logo = $1 LIMIT 1"};
static const ks_sql sql_put = {
    "INSERT INTO looks(project_id, given, lang, sheet, css, logo, logo_type, logo_bytes, updated_at) "
    "VALUES($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT(project_id) DO UPDATE SET given = "
    "excluded.given, "
    "lang = excluded.lang, sheet = excluded.sheet, css = excluded.css, logo = excluded.logo, "
    "logo_type = excluded.logo_type, logo_bytes = excluded.logo_bytes, updated_at = excluded.updated_at"};
static const ks_sql sql_drop = {"DELETE FROM looks WHERE project_id = $1"};

static const ks_guard again = {1, KS_CONFLICT, NULL, NULL, "The look could not be stored. Try again."};

ks_status ks_look_row_get(ks_ctx *cx, ks_look *out)
{
    ks_rows *rows;
    bool     found;
    *out = (ks_look){.updated_at = 0};
    KS_TRY(ks_query(cx, cx->env->reader, &sql_get, KS_VALS(KS_V(cx->project_id)), &rows));
    KS_TRY(ks_rows_next(rows, &found));
    if (found)
        *out = (ks_look){.sheet = ks_row_str(rows, 0),
                         .logo = ks_row_str(rows, 1),
                         .lang = ks_row_str(rows, 2),
                         .given = ks_row_str(rows, 3),
                         .updated_at = ks_row_int(rows, 4)};
    ks_rows_close(rows);
    return cx->starved ? ks_no_memory(cx) : KS_OK;
}

ks_status ks_look_row_file(ks_ctx *cx, ks_str name, ks_look_file *out, bool *found)
{
    bool     sheet = ks_str_starts(name, KS_S("t."));
    ks_rows *rows;
    KS_TRY(ks_query(cx, cx->env->reader, sheet ? &sql_sheet : &sql_logo, KS_VALS(KS_V(name)), &rows));
    KS_TRY(ks_rows_next(rows, found));
    if (*found) {
        out->bytes = ks_row_str(rows, 0);
        out->type = sheet ? KS_S("text/css; charset=utf-8") : ks_row_str(rows, 1);
    }
    ks_rows_close(rows);
    return cx->starved ? ks_no_memory(cx) : KS_OK;
}

ks_status ks_look_row_put(ks_ctx *cx, ks_change *ch, const ks_look_row *row)
{
    const ks_look *l = &row->look;
    return ks_change_add(cx, ch, &sql_put,
                         KS_VALS(KS_V(cx->project_id), KS_V(l->given), KS_V(l->lang), KS_V(l->sheet),
                                 KS_V(row->css), KS_V(l->logo), KS_V(row->logo_type), KS_VB(row->logo_bytes),
                                 KS_VI(l->updated_at)),
                         again);
}

ks_status ks_look_row_drop(ks_ctx *cx, ks_change *ch)
{
    return ks_change_add(cx, ch, &sql_drop, KS_VALS(KS_V(cx->project_id)), KS_ANY_ROWS);
}
