/* features/tokens/session_rows.c — see the header. */
#include "features/tokens/session_rows.h"

static const ks_sql sql_get = {
    "SELECT s.id, s.project_id, p.name, s.key_id, s.seen_at, s.expires_at, s.digest, k.scopes, k.expires_at, "
    "k.revoked_at, k.frozen_at, k.read_only FROM dash_sessions s JOIN projects p ON p.id = s.project_id "
    "LEFT JOIN api_keys k ON k.id = s.key_id WHERE s.digest = $1"};
static const ks_sql sql_code = {
    "SELECT id, project_id FROM dash_sessions WHERE code = $1 AND expires_at > $2"};
static const ks_sql sql_add = {
    "INSERT INTO dash_sessions(id, project_id, key_id, code, digest, created_at, seen_at, expires_at) "
    "VALUES($1, $2, $3, $4, $5, $6, $6, $7)"};
static const ks_sql sql_redeem = {"UPDATE dash_sessions SET code = NULL, digest = $2, seen_at = $3, "
                                  "expires_at = $4 WHERE code = $1 AND expires_at > $3"};
static const ks_sql sql_seen = {"UPDATE dash_sessions SET seen_at = $2 WHERE id = $1"};
static const ks_sql sql_project = {
    "UPDATE dash_sessions SET project_id = $2 WHERE id = $1 AND key_id IS NULL AND "
    "EXISTS (SELECT 1 FROM projects WHERE id = $2)"};
static const ks_sql sql_count = {
    "SELECT count(*) FROM dash_sessions WHERE project_id = $1 AND digest IS NOT NULL AND expires_at > $2 AND "
    "seen_at > $3"};
static const ks_sql sql_drop_all = {"DELETE FROM dash_sessions WHERE project_id = $1"};
static const ks_sql sql_drop = {"DELETE FROM dash_sessions WHERE id = $1"};
static const ks_sql sql_drop_old = {"DELETE FROM dash_sessions WHERE expires_at < $1"};

static bool key_bad(const ks_rows *r, int64_t now_us)
{
    int64_t ends = ks_row_int(r, 8);
    return ks_row_int(r, 9) != 0 || ks_row_int(r, 10) != 0 || (ends != 0 && ends <= now_us);
}

ks_status ks_session_row_get(ks_ctx *cx, ks_str digest, ks_session_row *out, bool *found)
{
    ks_rows *r;
    *out = (ks_session_row){0};
    KS_TRY(ks_query(cx, cx->env->reader, &sql_get, KS_VALS(KS_VB(digest)), &r));
    KS_TRY(ks_rows_next(r, found));
    if (!*found)
        return KS_OK;
    *out = (ks_session_row){.s = {.id = ks_row_str(r, 0),
                                  .project_id = ks_row_str(r, 1),
                                  .project = ks_row_str(r, 2),
                                  .key_id = ks_row_str(r, 3),
                                  .seen_at = ks_row_int(r, 4),
                                  .expires_at = ks_row_int(r, 5)},
                            .digest = ks_row_str(r, 6),
                            .key_scopes = (unsigned)ks_row_int(r, 7),
                            .read_only = ks_row_int(r, 11) != 0};
    out->key_bad = out->s.key_id.p != NULL && key_bad(r, cx->now_us);
    ks_rows_close(r);
    return cx->starved ? ks_no_memory(cx) : KS_OK;
}

ks_status ks_session_row_code(ks_ctx *cx, ks_str code, ks_str *id, ks_str *project_id)
{
    ks_rows *r;
    bool     found;
    KS_TRY(ks_query(cx, cx->env->reader, &sql_code, KS_VALS(KS_VB(code), KS_VI(cx->now_us)), &r));
    KS_TRY(ks_rows_next(r, &found));
    *id = found ? ks_row_str(r, 0) : KS_NO_STR;
    *project_id = found ? ks_row_str(r, 1) : KS_NO_STR;
    ks_rows_close(r);
    return cx->starved ? ks_no_memory(cx) : KS_OK;
}

ks_status ks_session_row_add(ks_ctx *cx, ks_change *ch, const ks_session *s, ks_str code, ks_str digest)
{
    KS_TRY(ks_change_add(cx, ch, &sql_drop_old, KS_VALS(KS_VI(cx->now_us)), KS_ANY_ROWS));
    return ks_change_add(
        cx, ch, &sql_add,
        KS_VALS(KS_V(s->id), KS_V(s->project_id), KS_V(s->key_id), KS_VB(code), KS_VB(digest),
                KS_VI(cx->now_us), KS_VI(s->expires_at)),
        (ks_guard){1, KS_CONFLICT, NULL, NULL, "The session could not be stored. Try again."});
}

ks_status ks_session_row_redeem(ks_ctx *cx, ks_change *ch, ks_str code, ks_str digest, int64_t expires_at)
{
    return ks_change_add(cx, ch, &sql_redeem,
                         KS_VALS(KS_VB(code), KS_VB(digest), KS_VI(cx->now_us), KS_VI(expires_at)),
                         (ks_guard){1, KS_NOT_FOUND, "code_dead", NULL,
                                    "This address signs in once, within ten minutes. Make a new one with: "
                                    "keysteward dash"});
}

ks_status ks_session_row_seen(ks_ctx *cx, ks_change *ch, ks_str id)
{
    return ks_change_add(cx, ch, &sql_seen, KS_VALS(KS_V(id), KS_VI(cx->now_us)), KS_ANY_ROWS);
}

ks_status ks_session_row_project(ks_ctx *cx, ks_change *ch, ks_str id, ks_str project_id)
{
    return ks_change_add(
        cx, ch, &sql_project, KS_VALS(KS_V(id), KS_V(project_id)),
        (ks_guard){1, KS_NOT_FOUND, "project_not_found", "project", "There is no such project."});
}

ks_status ks_session_row_drop(ks_ctx *cx, ks_change *ch, ks_str id)
{
    return ks_change_add(cx, ch, &sql_drop, KS_VALS(KS_V(id)), KS_ANY_ROWS);
}

ks_status ks_session_row_count(ks_ctx *cx, int64_t *n)
{
    int64_t idle = KS_SESSION_IDLE_S * INT64_C(1000000);
    return ks_query_number(cx, cx->env->reader, &sql_count,
                           KS_VALS(KS_V(cx->project_id), KS_VI(cx->now_us), KS_VI(cx->now_us - idle)), n);
}

ks_status ks_session_row_drop_all(ks_ctx *cx, ks_change *ch)
{
    return ks_change_add(cx, ch, &sql_drop_all, KS_VALS(KS_V(cx->project_id)), KS_ANY_ROWS);
}
