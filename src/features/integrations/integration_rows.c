/* features/integrations/integration_rows.c — see the header. */
#include "features/integrations/integration_rows.h"
#include "features/apps/view.h"
#include "features/reach.h"

#define COLUMNS                                                                                              \
    "id, app, scheme, name, enabled, verify, ambiguous, created_at, updated_at, version, kek_id, alg, "      \
    "nonce, ct, "                                                                                            \
    "display, given, limited, requests"

static const ks_sql sql_get = {"SELECT " COLUMNS " FROM integrations WHERE project_id = $1 AND id = $2"};
static const ks_sql sql_find = {
    "SELECT " COLUMNS " FROM integrations WHERE project_id = $1 AND app = $2 AND scheme = $3 AND enabled = 1 "
    "AND kek_id IS NULL ORDER BY created_at DESC, id DESC LIMIT 1"};
#define WHERE                                                                                                \
    " FROM integrations WHERE project_id = $1 AND ($2 = '' OR replace($2, ',' || app || ',', '') <> $2) "    \
    "AND ($3 = 1 OR enabled = 1) AND ($4 = '' OR replace(lower(name), $4, '') <> lower(name) "               \
    "OR replace(lower(id), $4, '') <> lower(id)) AND " KS_REACH_APP("app", "$5")

static const ks_sql sql_list[] = {{"SELECT " COLUMNS WHERE " AND (created_at, id) < ($6, $7) "
                                   "ORDER BY created_at DESC, id DESC LIMIT $8 OFFSET $9"},
                                  {"SELECT " COLUMNS WHERE " AND (created_at, id) > ($6, $7) "
                                   "ORDER BY created_at, id LIMIT $8 OFFSET $9"}}; /* [newer] */
static const ks_sql sql_count = {"SELECT count(*)" WHERE};
static const ks_sql sql_uses = {
    "SELECT count(*) FROM connections WHERE integration_id = $2 AND project_id = $1 AND " KS_REACH_ENTITY(
        "entity_id", "$3", "$4")};
static const ks_sql sql_used = {
    "SELECT coalesce(max(used_at), 0) FROM connections WHERE integration_id = $2 AND project_id = $1 "
    "AND " KS_REACH_ENTITY("entity_id", "$3", "$4")};
static const ks_sql sql_put = {
    "INSERT INTO integrations(" COLUMNS ", project_id) "
    "VALUES($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)"};
static const ks_sql sql_update = {
    "UPDATE integrations SET enabled = $3, verify = $4, updated_at = $5, "
    "version = $6, kek_id = $7, alg = $8, "
    "nonce = $9, ct = $10, display = $11, given = $12, limited = $13, ambiguous = $15, requests = $16 WHERE "
    "project_id = $1 AND id = $2 AND version = $14"};
static const ks_sql sql_delete_connections = {
    "DELETE FROM connections WHERE project_id = $1 AND integration_id = $2"};
static const ks_sql sql_delete = {"DELETE FROM integrations WHERE project_id = $1 AND id = $2"};

static const ks_guard gone = {1, KS_NOT_FOUND, KS_NO_INTEGRATION};
static const ks_guard changed = {1, KS_CONFLICT, "integration_changed", NULL,
                                 "The integration was changed at the same time. Read it again and repeat."};

static void from_row(const ks_rows *r, ks_integration *out)
{
    *out = (ks_integration){
        .id = ks_row_str(r, 0),
        .app = ks_row_str(r, 1),
        .scheme = ks_row_str(r, 2),
        .name = ks_row_str(r, 3),
        .enabled = ks_row_int(r, 4) != 0,
        .verify = (ks_verify_mode)ks_row_int(r, 5),
        .ambiguous = (ks_ambiguous)ks_row_int(r, 6),
        .created_at = ks_row_int(r, 7),
        .updated_at = ks_row_int(r, 8),
        .version = (uint64_t)ks_row_int(r, 9),
        .sealed = {ks_row_str(r, 10), ks_row_str(r, 11), ks_row_str(r, 12), ks_row_str(r, 13)},
        .display = ks_row_str(r, 14),
        .given = ks_row_str(r, 15),
        .limited = ks_row_str(r, 16),
        .requests = ks_row_str(r, 17)};
}

static ks_status one(ks_ctx *cx, ks_rows *rows, ks_integration *out, bool *found)
{
    KS_TRY(ks_rows_next(rows, found));
    if (*found)
        from_row(rows, out);
    ks_rows_close(rows);
    return *found && out->given.p == NULL ? ks_no_memory(cx) : KS_OK;
}

ks_status ks_integration_row_get(ks_ctx *cx, ks_str id, ks_integration *out, bool *found)
{
    ks_rows *rows;
    KS_TRY(ks_query(cx, cx->env->reader, &sql_get, KS_VALS(KS_V(cx->project_id), KS_V(id)), &rows));
    return one(cx, rows, out, found);
}

ks_status ks_integration_row_find(ks_ctx *cx, ks_str app, ks_str scheme, ks_integration *out, bool *found)
{
    ks_rows *rows;
    KS_TRY(ks_query(cx, cx->env->reader, &sql_find, KS_VALS(KS_V(cx->project_id), KS_V(app), KS_V(scheme)),
                    &rows));
    return one(cx, rows, out, found);
}

/* A number about its connections that the caller reaches. */
static ks_status number(ks_ctx *cx, const ks_sql *sql, ks_str id, int64_t *out)
{
    return ks_query_number(cx, cx->env->reader, sql,
                           KS_VALS(KS_V(cx->project_id), KS_V(id), KS_V(ks_reach_entities_text(cx)),
                                   KS_V(ks_reach_prefix_text(cx))),
                           out);
}

ks_status ks_integration_row_uses(ks_ctx *cx, ks_str id, int64_t *n)
{
    return number(cx, &sql_uses, id, n);
}

ks_status ks_integration_row_used(ks_ctx *cx, ks_str id, int64_t *used_at)
{
    return number(cx, &sql_used, id, used_at);
}

/* "a, B" -> ",a,b,": keys of the catalogue; "" stays "". */
static ks_status keys_of(ks_ctx *cx, ks_str text, ks_str *out)
{
    ks_str  part;
    ks_buf *b = ks_ctx_buf(cx, KS_MAX_TARGET_BYTES * 2);
    if (b == NULL)
        return KS_NO_MEMORY;
    while (ks_str_cut(&text, ',', &part)) {
        part = ks_str_trim(part, " ");
        const ks_app *app = ks_catalog_app(cx, ks_catalog_of(cx), part);
        if (part.n > 0)
            ks_buf_fmt(b, b->n ? KS_FMT "," : "," KS_FMT ",", KS_ARG(app ? app->key : part));
    }
    *out = ks_buf_view(b);
    return ks_buf_ok(b) ? KS_OK : ks_no_memory(cx);
}

static ks_status lower_of(ks_ctx *cx, ks_str text, ks_str *out)
{
    char *p = ks_alloc(cx, text.n + 1);
    if (p == NULL)
        return KS_NO_MEMORY;
    for (size_t i = 0; i < text.n; i++)
        p[i] = text.p[i] >= 'A' && text.p[i] <= 'Z' ? (char)(text.p[i] - 'A' + 'a') : text.p[i];
    *out = (ks_str){p, text.n};
    return KS_OK;
}

ks_status ks_integration_rows(ks_ctx *cx, const ks_integration_filter *f, ks_integration **out, size_t *n,
                              int64_t *total)
{
    ks_str   apps, words;
    ks_rows *rows;
    bool     more;
    KS_TRY(keys_of(cx, f->apps, &apps));
    KS_TRY(lower_of(cx, f->words, &words));
    bool         first = f->after_id.p == NULL;
    const ks_val where[] = {KS_V(cx->project_id),
                            KS_V(apps),
                            KS_VI(f->disabled_too),
                            KS_V(words),
                            KS_V(ks_reach_apps_text(cx)),
                            KS_VI(first ? INT64_MAX : f->after_us),
                            KS_V(first ? KS_S("") : f->after_id),
                            KS_VI(f->limit),
                            KS_VI(f->offset)};
    KS_TRY(ks_query_number(cx, cx->env->reader, &sql_count, where, 5, total));
    int64_t here = *total > f->offset ? *total - f->offset : 0;
    size_t  room = (size_t)(here < f->limit ? here : f->limit) + 16; /* rows may come in meanwhile */
    *n = 0;
    *out = ks_alloc(cx, room * sizeof **out);
    if (*out == NULL)
        return KS_NO_MEMORY;
    KS_TRY(ks_query(cx, cx->env->reader, &sql_list[f->newer], where, KS_COUNT(where), &rows));
    for (;;) {
        KS_TRY(ks_rows_next(rows, &more));
        if (!more || *n == room)
            break;
        from_row(rows, &(*out)[(*n)++]);
    }
    ks_rows_close(rows);
    for (size_t i = 0; f->newer && i < *n / 2; i++) {
        ks_integration swap = (*out)[i];
        (*out)[i] = (*out)[*n - 1 - i];
        (*out)[*n - 1 - i] = swap;
    }
    return KS_OK;
}

ks_status ks_integration_row_put(ks_ctx *cx, ks_change *c, const ks_integration *in)
{
    return ks_change_add(cx, c, &sql_put,
                         KS_VALS(KS_V(in->id), KS_V(in->app), KS_V(in->scheme), KS_V(in->name),
                                 KS_VI(in->enabled), KS_VI(in->verify), KS_VI(in->ambiguous),
                                 KS_VI(in->created_at), KS_VI(in->updated_at), KS_VI((int64_t)in->version),
                                 KS_V(in->sealed.kek_id), KS_V(in->sealed.alg), KS_VB(in->sealed.nonce),
                                 KS_VB(in->sealed.ct), KS_V(in->display), KS_V(in->given), KS_V(in->limited),
                                 KS_V(in->requests), KS_V(cx->project_id)),
                         (ks_guard){1, KS_CONFLICT, NULL, NULL, "The id is taken. Repeat the request."});
}

ks_status ks_integration_row_update(ks_ctx *cx, ks_change *c, const ks_integration *in, uint64_t old_version)
{
    return ks_change_add(cx, c, &sql_update,
                         KS_VALS(KS_V(cx->project_id), KS_V(in->id), KS_VI(in->enabled), KS_VI(in->verify),
                                 KS_VI(cx->now_us), KS_VI((int64_t)in->version), KS_V(in->sealed.kek_id),
                                 KS_V(in->sealed.alg), KS_VB(in->sealed.nonce), KS_VB(in->sealed.ct),
                                 KS_V(in->display), KS_V(in->given), KS_V(in->limited),
                                 KS_VI((int64_t)old_version), KS_VI(in->ambiguous), KS_V(in->requests)),
                         changed);
}

ks_status ks_integration_row_delete(ks_ctx *cx, ks_change *c, ks_str id)
{
    KS_TRY(
        ks_change_add(cx, c, &sql_delete_connections, KS_VALS(KS_V(cx->project_id), KS_V(id)), KS_ANY_ROWS));
    return ks_change_add(cx, c, &sql_delete, KS_VALS(KS_V(cx->project_id), KS_V(id)), gone);
}
