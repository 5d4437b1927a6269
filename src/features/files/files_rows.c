/* features/files/files_rows.c — see the header. */
#include "features/files/files_rows.h"

static const ks_sql sql_get = {"SELECT id, project_id, name, mimetype, size, expires_at, kek_id, alg, nonce, "
                               "ct FROM files WHERE id = $1"};
static const ks_sql sql_few = {"SELECT 1 WHERE (SELECT count(*) FROM files WHERE project_id = $1) < $2"};
static const ks_sql sql_add = {"INSERT INTO files(id, project_id, name, mimetype, created_at, expires_at) "
                               "VALUES($1, $2, $3, $4, $5, $6)"};
static const ks_sql sql_room = {
    "SELECT 1 WHERE (SELECT coalesce(sum(size), 0) FROM files WHERE project_id = $1) + $2 <= $3"};
static const ks_sql sql_fill = {"UPDATE files SET size = $3, kek_id = $4, alg = $5, nonce = $6, ct = $7 "
                                "WHERE project_id = $1 AND id = $2 AND ct IS NULL"};

static const ks_guard many = {
    1, KS_CONFLICT, "too_many_files", NULL,
    "This project has too many files waiting. They go after a day; try again later."};
static const ks_guard full = {
    1, KS_CONFLICT, "files_full", NULL,
    "The files of this project take up their room. They go after a day; try again later."};
static const ks_guard again = {1, KS_CONFLICT, "file_there", NULL,
                               "The bytes of this file are there already."};

ks_status ks_file_row(ks_ctx *cx, ks_str id, ks_kept_file *out, bool *found)
{
    ks_rows *rows;
    KS_TRY(ks_query(cx, cx->env->reader, &sql_get, KS_VALS(KS_V(id)), &rows));
    KS_TRY(ks_rows_next(rows, found));
    if (*found)
        *out = (ks_kept_file){
            .id = ks_row_str(rows, 0),
            .project_id = ks_row_str(rows, 1),
            .name = ks_row_str(rows, 2),
            .mimetype = ks_row_str(rows, 3),
            .size = ks_row_int(rows, 4),
            .expires_at = ks_row_int(rows, 5),
            .sealed = {ks_row_str(rows, 6), ks_row_str(rows, 7), ks_row_str(rows, 8), ks_row_str(rows, 9)}};
    ks_rows_close(rows);
    return cx->starved ? ks_no_memory(cx) : KS_OK;
}

ks_status ks_file_row_add(ks_ctx *cx, ks_change *ch, const ks_kept_file *f)
{
    KS_TRY(ks_change_add(cx, ch, &sql_few, KS_VALS(KS_V(f->project_id), KS_VI(KS_MAX_FILES)), many));
    return ks_change_add(cx, ch, &sql_add,
                         KS_VALS(KS_V(f->id), KS_V(f->project_id), KS_V(f->name), KS_V(f->mimetype),
                                 KS_VI(cx->now_us), KS_VI(f->expires_at)),
                         KS_ANY_ROWS);
}

ks_status ks_file_row_fill(ks_ctx *cx, ks_change *ch, const ks_kept_file *f)
{
    KS_TRY(ks_change_add(cx, ch, &sql_room,
                         KS_VALS(KS_V(f->project_id), KS_VI(f->size), KS_VI(KS_MAX_FILES_BYTES)), full));
    return ks_change_add(cx, ch, &sql_fill,
                         KS_VALS(KS_V(f->project_id), KS_V(f->id), KS_VI(f->size), KS_V(f->sealed.kek_id),
                                 KS_V(f->sealed.alg), KS_VB(f->sealed.nonce), KS_VB(f->sealed.ct)),
                         again);
}
