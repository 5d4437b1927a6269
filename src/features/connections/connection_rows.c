/* features/connections/connection_rows.c — see the header. SQL runs on SQLite and PostgreSQL alike. */
#include "features/connections/connection_rows.h"
#include "features/apps/view.h"

#include "features/reach.h"
#include "features/row_cache.h"

#define COLUMNS                                                                                              \
    "id, integration_id, app, scheme, entity_id, status, status_reason, enabled, labels, created_at, "       \
    "updated_at, "                                                                                           \
    "version, kek_id, alg, nonce, ct, display, verdict, verified_at, account, failures, uses, used_at, "     \
    "canary"

#define REACH(A, E, P) " AND " KS_REACH_APP("app", A) " AND " KS_REACH_ENTITY("entity_id", E, P)

/* Filters of lists: $2 integration, $3 apps, $4 statuses, $5 disabled too, $6 id, $7..$10 labels, $11 one
 * entity, $12 entities. A comma list is matched by taking ",x," out of it; entities are kept apart by 0x1f.
 */
#define WHERE                                                                                                \
    " FROM connections WHERE project_id = $1 AND ($2 = '' OR integration_id = $2) "                          \
    "AND ($3 = '' OR replace($3, ',' || app || ',', '') <> $3) "                                             \
    "AND ($4 = '' OR replace($4, ',' || status || ',', '') <> $4) AND ($5 = 1 OR enabled = 1) "              \
    "AND ($6 = '' OR id = $6) AND ($7 = '' OR replace(labels, $7, '') <> labels OR replace(labels, $8, '') " \
    "<> labels "                                                                                             \
    "OR replace(labels, $9, '') <> labels OR replace(labels, $10, '') <> labels) "
#define BY_ENTITY "AND entity_id = $11" REACH("$13", "$14", "$15")
#define BY_ENTITIES                                                                                          \
    "AND ($11 = '' OR replace($11, $12 || entity_id || $12, '') <> $11)" REACH("$13", "$14", "$15")
#define NEWEST " ORDER BY created_at DESC, id DESC LIMIT $16 OFFSET $17"

static const ks_sql sql_get = {"SELECT " COLUMNS " FROM connections WHERE project_id = $1 AND id = $2"};
static const ks_sql sql_list_one = {"SELECT " COLUMNS WHERE BY_ENTITY NEWEST};
static const ks_sql sql_count_one = {"SELECT count(*)" WHERE BY_ENTITY};
static const ks_sql sql_list = {"SELECT " COLUMNS WHERE BY_ENTITIES NEWEST};
static const ks_sql sql_count = {"SELECT count(*)" WHERE BY_ENTITIES};
/* The same for v3: $2 integrations, $3 apps, $4 statuses, $5 ids, $6 one entity or entities, $7 0x1f; $8
 * to $10 REACH, $11 and $12 the time and id of the row before the page. */
#define STATUS "CASE WHEN enabled = 0 AND status = 'ACTIVE' THEN 'INACTIVE' ELSE status END"
#define WIDE                                                                                                 \
    " FROM connections WHERE project_id = $1 AND ($2 = '' OR replace($2, ',' || integration_id || ',', '') " \
    "<> $2) AND ($3 = '' OR replace($3, ',' || app || ',', '') <> $3) "                                      \
    "AND ($4 = '' OR replace($4, ',' || " STATUS " || ',', '') <> $4) "                                      \
    "AND ($5 = '' OR replace($5, ',' || id || ',', '') <> $5) "
#define WIDE_ENTITY   "AND entity_id = $6 AND $7 <> ''" REACH("$8", "$9", "$10")
#define WIDE_ENTITIES "AND ($6 = '' OR replace($6, $7 || entity_id || $7, '') <> $6)" REACH("$8", "$9", "$10")
#define BEHIND(time, less, way)                                                                              \
    " AND (" time ", id) " less " ($11, $12) ORDER BY " time " " way ", id " way " LIMIT $13"
#define ORDERS(entity)                                                                                       \
    {                                                                                                        \
        {"SELECT " COLUMNS WIDE entity BEHIND("created_at", "<", "DESC")},                                   \
            {"SELECT " COLUMNS WIDE entity BEHIND("created_at", ">", "ASC")},                                \
            {"SELECT " COLUMNS WIDE entity BEHIND("updated_at", "<", "DESC")},                               \
        {                                                                                                    \
            "SELECT " COLUMNS WIDE entity BEHIND("updated_at", ">", "ASC")                                   \
        }                                                                                                    \
    }
/* By 2 * by_update + oldest_first. */
static const ks_sql sql_wide_one[4] = ORDERS(WIDE_ENTITY);
static const ks_sql sql_wide[4] = ORDERS(WIDE_ENTITIES);
static const ks_sql sql_wide_count_one = {"SELECT count(*)" WIDE WIDE_ENTITY};
static const ks_sql sql_wide_count = {"SELECT count(*)" WIDE WIDE_ENTITIES};

/* Pages for people: $2 $3 time and id of the row before, $4 how many, $5 app, $6 integration, $7 status, $8
 * the value that `one`, which has an index, compares; the others are written so that no index is taken for
 * them. */
#define PAGE(one, less, way)                                                                                 \
    {                                                                                                        \
        "SELECT " COLUMNS " FROM connections WHERE project_id = $1 AND (created_at, id) " less               \
        " ($2, $3) AND " one " AND ($5 = '' OR +app = $5) AND ($6 = '' OR +integration_id = $6) "            \
        "AND ($7 = '' OR " STATUS " = $7) AND $8 <> '' ORDER BY created_at " way ", id " way " LIMIT $4"     \
    }
#define PAGES(one)                                                                                           \
    {                                                                                                        \
        PAGE(one, "<", "DESC"), PAGE(one, ">", "ASC")                                                        \
    }
enum { PAGE_ENTITY, PAGE_TROUBLE, PAGE_DISABLED, PAGE_INTEGRATION, PAGE_APP, PAGE_ALL };
static const ks_sql sql_page[][2] = {
    [PAGE_ENTITY] = PAGES("entity_id = $8"), [PAGE_TROUBLE] = PAGES("status = $8 AND status <> 'ACTIVE'"),
    [PAGE_DISABLED] = PAGES("enabled = 0"),  [PAGE_INTEGRATION] = PAGES("integration_id = $8"),
    [PAGE_APP] = PAGES("app = $8"),          [PAGE_ALL] = PAGES("id <> ''")};

static const ks_sql sql_troubled = {
    "SELECT " COLUMNS " FROM connections WHERE project_id = $1 AND status = $2 AND status <> 'ACTIVE' AND "
    "updated_at >= $3" REACH("$4", "$5", "$6") " ORDER BY updated_at DESC, id DESC LIMIT $7"};
static const ks_sql sql_count_troubled = {
    "SELECT count(*) FROM connections WHERE project_id = $1 AND status = $2 AND status <> 'ACTIVE'" REACH(
        "$3", "$4", "$5")};
static const ks_sql sql_count_active = {
    "SELECT count(*) FROM connections WHERE project_id = $1 AND status = $2" REACH("$3", "$4", "$5")};
static const ks_sql sql_usable = {
    "SELECT " COLUMNS
    " FROM connections WHERE project_id = $1 AND entity_id = $2 AND app = $3 AND enabled = 1 "
    "AND status = 'ACTIVE' AND EXISTS (SELECT 1 FROM integrations WHERE project_id = $1 AND "
    "id = connections.integration_id AND enabled = 1) ORDER BY created_at DESC, id DESC LIMIT $4"};
/* $4: what the server's own setting makes of integrations that say nothing. */
static const ks_sql sql_refuses = {
    "SELECT 1 FROM connections AS c JOIN integrations AS i ON i.project_id = $1 AND i.id = c.integration_id "
    "WHERE c.project_id = $1 AND c.entity_id = $2 AND c.app = $3 AND c.enabled = 1 AND c.status = 'ACTIVE' "
    "AND i.enabled = 1 AND (i.ambiguous = 2 OR (i.ambiguous = 0 AND $4 = 1)) LIMIT 1"};
static const ks_sql sql_due = {
    "SELECT " COLUMNS
    ", project_id FROM connections WHERE next_check_at <= $1 ORDER BY next_check_at LIMIT 1"};
static const ks_sql sql_put = {"INSERT INTO connections(" COLUMNS ", next_check_at, project_id) "
                               "VALUES($2, $3, $4, $5, $6, $7, $8, 1, $9, "
                               "(SELECT CASE WHEN s.newest >= $10 THEN s.newest + 1000 ELSE $10 END FROM "
                               "(SELECT max(created_at) AS newest "
                               "FROM connections WHERE project_id = $1 AND entity_id = $6) AS s), "
                               "$11, $12, $13, $14, $15, $16, $17, $18, $19, $20, 0, 0, NULL, 0, $21, $1)"};
/* A step of its own: INSERT .. SELECT from the same table would build a temporary table for each row. */
static const ks_sql sql_integration_on = {
    "SELECT 1 FROM integrations WHERE project_id = $1 AND id = $2 AND enabled = 1"};
static const ks_sql sql_swap = {
    "UPDATE connections SET status = $3, status_reason = $4, updated_at = $5, version = $6, kek_id = $7, alg "
    "= $8, "
    "nonce = $9, ct = $10, display = $11, verdict = $12, verified_at = $13, account = $14, failures = 0, "
    "next_check_at = $15 WHERE project_id = $1 AND id = $2 AND version = $16"};
static const ks_sql sql_enable = {
    "UPDATE connections SET enabled = $3, updated_at = $4 WHERE project_id = $1 AND id = $2"};
static const ks_sql sql_labels = {
    "UPDATE connections SET labels = $3, updated_at = $4 WHERE project_id = $1 AND id = $2"};
static const ks_sql sql_delete = {"DELETE FROM connections WHERE project_id = $1 AND id = $2"};
static const ks_sql sql_revoke = {
    "UPDATE connections SET status = 'REVOKED', status_reason = NULL, updated_at = $3, version = version + "
    "1, "
    "nonce = $4, ct = $4, failures = 0, next_check_at = NULL WHERE project_id = $1 AND id = $2"};
static const ks_sql sql_label_free = {
    "SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM connections WHERE project_id = $1 AND entity_id = $2 AND "
    "app = $3 AND id <> $4 AND replace(labels, $5, '') <> labels)"};
static const ks_sql sql_failures = {"UPDATE connections SET failures = $3 WHERE project_id = $1 AND id = $2"};
static const ks_sql sql_judged = {"UPDATE connections SET status = $3, status_reason = $4, updated_at = $5, "
                                  "verdict = $6, verified_at = $7, "
                                  "account = coalesce($8, account), failures = 0, next_check_at = $9 WHERE "
                                  "project_id = $1 AND id = $2 AND version = $10"};

static const ks_sql sql_lapse = {
    "UPDATE connections SET status = 'EXPIRED', status_reason = 'The link was not used in time.', updated_at "
    "= "
    "$3, next_check_at = NULL WHERE project_id = $1 AND id = $2 AND status = 'INITIATED'"};
static const ks_sql sql_put_off = {
    "UPDATE connections SET next_check_at = $3 WHERE project_id = $1 AND id = $2"};

static const ks_guard gone = {1, KS_NOT_FOUND, KS_NO_CONNECTION};
static const ks_guard no_integration = {
    1, KS_NOT_FOUND, "integration_not_found", "integrationId",
    "The integration was deleted or disabled. Use another one, or enable it."};
static const ks_guard taken = {1, KS_CONFLICT, "alias_in_use", "alias",
                               "Another connected account of this user and app has this alias already."};
static const ks_guard replaced = {1, KS_CONFLICT, "connection_changed", NULL,
                                  "The connection was changed at the same time. Read it again and repeat."};

static void from_row(const ks_rows *r, ks_connection *out)
{
    *out = (ks_connection){
        .id = ks_row_str(r, 0),
        .integration_id = ks_row_str(r, 1),
        .app = ks_row_str(r, 2),
        .scheme = ks_row_str(r, 3),
        .entity_id = ks_row_str(r, 4),
        .status = ks_row_str(r, 5),
        .status_reason = ks_row_str(r, 6),
        .enabled = ks_row_int(r, 7) != 0,
        .labels = ks_row_str(r, 8),
        .created_at = ks_row_int(r, 9),
        .updated_at = ks_row_int(r, 10),
        .version = (uint64_t)ks_row_int(r, 11),
        .sealed = {ks_row_str(r, 12), ks_row_str(r, 13), ks_row_str(r, 14), ks_row_str(r, 15)},
        .display = ks_row_str(r, 16),
        .verdict = ks_row_str(r, 17),
        .verified_at = ks_row_int(r, 18),
        .account = ks_row_str(r, 19),
        .failures = ks_row_int(r, 20),
        .uses = ks_row_int(r, 21),
        .used_at = ks_row_int(r, 22),
        .canary = ks_row_int(r, 23) != 0};
}

ks_status ks_connection_row_get(ks_ctx *cx, ks_str id, ks_connection *out, bool *found)
{
    ks_rows *rows;
    KS_TRY(ks_query(cx, cx->env->reader, &sql_get, KS_VALS(KS_V(cx->project_id), KS_V(id)), &rows));
    KS_TRY(ks_rows_next(rows, found));
    if (*found)
        from_row(rows, out);
    ks_rows_close(rows);
    return *found && out->verdict.p == NULL ? ks_no_memory(cx) : KS_OK;
}

/* "a, b" -> ",a,b," in lower case with '_' for '-' and blank when `keys`; "" stays "". */
static ks_status list_of(ks_ctx *cx, ks_str text, bool keys, ks_str *out)
{
    ks_str  part;
    ks_buf *b = ks_ctx_buf(cx, KS_MAX_TARGET_BYTES * 2);
    if (b == NULL)
        return KS_NO_MEMORY;
    while (ks_str_cut(&text, ',', &part)) {
        part = ks_str_trim(part, " ");
        if (part.n == 0)
            continue;
        const ks_app *app = keys ? ks_catalog_app(cx, ks_catalog_of(cx), part) : NULL;
        ks_buf_fmt(b, b->n ? KS_FMT "," : "," KS_FMT ",", KS_ARG(app ? app->key : part));
    }
    *out = ks_buf_view(b);
    return ks_buf_ok(b) ? KS_OK : ks_no_memory(cx);
}

static ks_status entities_of(ks_ctx *cx, ks_str text, ks_str *out)
{
    ks_str  part;
    ks_buf *b = ks_ctx_buf(cx, KS_MAX_TARGET_BYTES * 2);
    if (b == NULL)
        return KS_NO_MEMORY;
    while (ks_str_cut(&text, ',', &part))
        ks_buf_fmt(b, "\x1f" KS_FMT "\x1f", KS_ARG(part));
    *out = ks_buf_view(b);
    return ks_buf_ok(b) ? KS_OK : ks_no_memory(cx);
}

/* Up to four labels as they stand in the stored JSON: "\"work\"". */
static ks_status labels_of(ks_ctx *cx, ks_str text, ks_val out[4])
{
    ks_str part;
    for (size_t i = 0; i < 4; i++)
        out[i] = KS_V(i ? out[0].s : KS_S(""));
    for (size_t i = 0; i < 4 && ks_str_cut(&text, ',', &part); i++) {
        ks_buf *b = ks_ctx_buf(cx, KS_MAX_TARGET_BYTES * 6);
        if (b == NULL)
            return KS_NO_MEMORY;
        ks_json_quote(b, part);
        for (size_t k = i; k < 4; k++)
            out[k] = KS_V(ks_buf_view(b));
    }
    return KS_OK;
}

static ks_status collect(ks_ctx *cx, ks_rows *rows, size_t room, ks_connection **out, size_t *n)
{
    bool more;
    *n = 0;
    *out = ks_alloc(cx, (room + 1) * sizeof **out);
    if (*out == NULL)
        return KS_NO_MEMORY;
    for (;;) {
        KS_TRY(ks_rows_next(rows, &more));
        if (!more || *n == room)
            break;
        from_row(rows, &(*out)[*n]);
        if ((*out)[(*n)++].verdict.p == NULL) {
            ks_rows_close(rows); /* here: on a worker, not when the loop resets the arena */
            return ks_no_memory(cx);
        }
    }
    ks_rows_close(rows);
    return KS_OK;
}

static void reach_of(const ks_ctx *cx, ks_val out[3])
{
    out[0] = KS_V(ks_reach_apps_text(cx));
    out[1] = KS_V(ks_reach_entities_text(cx));
    out[2] = KS_V(ks_reach_prefix_text(cx));
}

/* `entities` is a list, and as a whole perhaps the name of one: "a,b". */
static ks_status wide(ks_ctx *cx, const ks_connection_filter *f, ks_connection **out, size_t *n,
                      int64_t *total)
{
    ks_val   v[13] = {KS_V(cx->project_id)};
    ks_str   text[5];
    ks_rows *rows;
    bool     one = f->entities.n > 0 && ks_str_chr(f->entities, ',') == SIZE_MAX;
    KS_TRY(list_of(cx, f->integration_ids, false, &text[0]));
    KS_TRY(list_of(cx, f->apps, true, &text[1]));
    KS_TRY(list_of(cx, f->statuses, false, &text[2]));
    KS_TRY(list_of(cx, f->connection_ids, false, &text[3]));
    KS_TRY(entities_of(cx, f->entities, &text[4]));
    if (f->entities.n > 0 && !one)
        text[4] = ks_fmt(cx, KS_FMT "\x1f" KS_FMT "\x1f", KS_ARG(text[4]), KS_ARG(f->entities));
    for (size_t i = 0; i < 4; i++)
        v[i + 1] = KS_V(text[i]);
    v[5] = KS_V(one ? f->entities : text[4]);
    v[6] = KS_V(KS_S("\x1f"));
    reach_of(cx, v + 7);
    KS_TRY(ks_query_number(cx, cx->env->reader, one ? &sql_wide_count_one : &sql_wide_count, v, 10, total));
    size_t room = (size_t)(*total < f->limit ? *total : f->limit), order = 2 * f->by_update + f->oldest_first;
    bool   first = f->after_id.p == NULL;
    v[10] = KS_VI(!first ? f->after_us : f->oldest_first ? -1 : INT64_MAX);
    v[11] = KS_V(first ? KS_S("") : f->after_id);
    v[12] = KS_VI((int64_t)room);
    KS_TRY(ks_query(cx, cx->env->reader, one ? &sql_wide_one[order] : &sql_wide[order], v, 13, &rows));
    return collect(cx, rows, room, out, n);
}

ks_status ks_connection_rows(ks_ctx *cx, const ks_connection_filter *f, ks_connection **out, size_t *n,
                             int64_t *total)
{
    ks_str apps, statuses, entities = KS_S("");
    bool   one = f->entity.p != NULL || (f->entities.n && ks_str_chr(f->entities, ',') == SIZE_MAX);
    ks_val v[17] = {KS_V(cx->project_id), KS_V(f->integration_id.p ? f->integration_id : KS_S(""))};
    if (f->wide)
        return wide(cx, f, out, n, total);
    KS_TRY(list_of(cx, f->apps, true, &apps));
    KS_TRY(list_of(cx, f->active_only ? KS_S("ACTIVE") : f->statuses, false, &statuses));
    KS_TRY(entities_of(cx, f->entities, &entities));
    v[2] = KS_V(apps);
    v[3] = KS_V(statuses);
    v[4] = KS_VI(f->disabled_too && !f->active_only);
    v[5] = KS_V(f->connection_id.p ? f->connection_id : KS_S(""));
    KS_TRY(labels_of(cx, f->labels, v + 6));
    v[10] = KS_V(!one ? entities : f->entity.p ? f->entity : f->entities);
    v[11] = KS_V(KS_S("\x1f"));
    reach_of(cx, v + 12);
    KS_TRY(ks_query_number(cx, cx->env->reader, one ? &sql_count_one : &sql_count, v, 15, total));
    int64_t left = *total > f->offset ? *total - f->offset : 0;
    size_t  room = (size_t)(left < f->limit ? left : f->limit);
    v[15] = KS_VI((int64_t)room);
    v[16] = KS_VI(f->offset);
    ks_rows *rows;
    KS_TRY(ks_query(cx, cx->env->reader, one ? &sql_list_one : &sql_list, v, 17, &rows));
    return collect(cx, rows, room, out, n);
}

/* Which index leads to the fewest rows, and what it compares. */
static int page_of(const ks_connection_look *l, ks_str *key)
{
    *key = l->entity.n ? l->entity : l->status;
    if (l->entity.n)
        return PAGE_ENTITY;
    if (ks_str_eq(l->status, KS_S("INACTIVE")))
        return PAGE_DISABLED;
    if (l->status.n && !ks_str_eq(l->status, KS_S("ACTIVE")))
        return PAGE_TROUBLE;
    *key = l->integration_id.n ? l->integration_id : l->app.n ? l->app : KS_S("-");
    return l->integration_id.n ? PAGE_INTEGRATION : l->app.n ? PAGE_APP : PAGE_ALL;
}

static ks_val or_empty(ks_str s)
{
    return KS_V(s.p != NULL ? s : KS_S(""));
}

ks_status ks_connection_rows_page(ks_ctx *cx, const ks_connection_look *l, ks_connection **out, size_t *n,
                                  bool *more)
{
    ks_rows *rows;
    ks_str   key;
    int      page = page_of(l, &key);
    bool     first = l->behind_id.n == 0;
    ks_val   v[] = {KS_V(cx->project_id),   KS_VI(!first ? l->behind_us : l->newer ? -1 : INT64_MAX),
                    or_empty(l->behind_id), KS_VI((int64_t)l->limit + 1),
                    or_empty(l->app),       or_empty(l->integration_id),
                    or_empty(l->status),    KS_V(key)};
    KS_TRY(ks_query(cx, cx->env->reader, &sql_page[page][l->newer], v, KS_COUNT(v), &rows));
    KS_TRY(collect(cx, rows, l->limit + 1, out, n));
    *more = *n > l->limit;
    *n -= *more;
    for (size_t i = 0; l->newer && i < *n / 2; i++) {
        ks_connection swap = (*out)[i];
        (*out)[i] = (*out)[*n - 1 - i];
        (*out)[*n - 1 - i] = swap;
    }
    return KS_OK;
}

ks_status ks_connection_rows_troubled(ks_ctx *cx, ks_str status, int64_t since, size_t limit,
                                      ks_connection **out, size_t *n)
{
    ks_val   v[7] = {KS_V(cx->project_id), KS_V(status), KS_VI(since), [6] = KS_VI((int64_t)limit)};
    ks_rows *rows;
    reach_of(cx, v + 3);
    KS_TRY(ks_query(cx, cx->env->reader, &sql_troubled, v, KS_COUNT(v), &rows));
    return collect(cx, rows, limit, out, n);
}

ks_status ks_connection_rows_count(ks_ctx *cx, ks_str status, int64_t *out)
{
    bool   active = ks_str_eq(status, KS_S("ACTIVE"));
    ks_val v[5] = {KS_V(cx->project_id), KS_V(status)};
    reach_of(cx, v + 2);
    return ks_query_number(cx, cx->env->reader, active ? &sql_count_active : &sql_count_troubled, v,
                           KS_COUNT(v), out);
}

ks_status ks_connection_rows_usable(ks_ctx *cx, ks_str entity, ks_str app, int64_t limit, ks_connection **out,
                                    size_t *n)
{
    ks_rows *rows;
    KS_TRY(ks_query(cx, cx->env->reader, &sql_usable,
                    KS_VALS(KS_V(cx->project_id), KS_V(entity), KS_V(app), KS_VI(limit)), &rows));
    return collect(cx, rows, (size_t)limit, out, n);
}

ks_status ks_connection_rows_refuse(ks_ctx *cx, ks_str entity, ks_str app, bool by_default, bool *refuse)
{
    ks_rows *rows;
    KS_TRY(ks_query(cx, cx->env->reader, &sql_refuses,
                    KS_VALS(KS_V(cx->project_id), KS_V(entity), KS_V(app), KS_VI(by_default)), &rows));
    KS_TRY(ks_rows_next(rows, refuse));
    ks_rows_close(rows);
    return KS_OK;
}

ks_status ks_connection_row_due(ks_ctx *cx, ks_connection *out, ks_str *project_id, bool *found)
{
    ks_rows *rows;
    KS_TRY(ks_query(cx, cx->env->reader, &sql_due, KS_VALS(KS_VI(cx->now_us)), &rows));
    KS_TRY(ks_rows_next(rows, found));
    if (*found) {
        from_row(rows, out);
        *project_id = ks_row_str(rows, 24);
    }
    ks_rows_close(rows);
    return KS_OK;
}

static ks_val when(int64_t us)
{
    return us ? KS_VI(us) : KS_VNULL;
}

ks_status ks_connection_row_put(ks_ctx *cx, ks_change *ch, const ks_connection *c, int64_t next_check_at)
{
    KS_TRY(ks_change_add(cx, ch, &sql_integration_on, KS_VALS(KS_V(cx->project_id), KS_V(c->integration_id)),
                         no_integration));
    return ks_change_add(cx, ch, &sql_put,
                         KS_VALS(KS_V(cx->project_id), KS_V(c->id), KS_V(c->integration_id), KS_V(c->app),
                                 KS_V(c->scheme), KS_V(c->entity_id), KS_V(c->status), KS_V(c->status_reason),
                                 KS_V(c->labels), KS_VI(c->created_at), KS_VI(c->updated_at),
                                 KS_VI((int64_t)c->version), KS_V(c->sealed.kek_id), KS_V(c->sealed.alg),
                                 KS_VB(c->sealed.nonce), KS_VB(c->sealed.ct), KS_V(c->display),
                                 KS_V(c->verdict), when(c->verified_at), KS_V(c->account),
                                 when(next_check_at)),
                         no_integration);
}

ks_status ks_connection_row_swap(ks_ctx *cx, ks_change *ch, const ks_connection *c, uint64_t old_version,
                                 int64_t next_check_at)
{
    return ks_change_add(cx, ch, &sql_swap,
                         KS_VALS(KS_V(cx->project_id), KS_V(c->id), KS_V(c->status), KS_V(c->status_reason),
                                 KS_VI(c->updated_at), KS_VI((int64_t)c->version), KS_V(c->sealed.kek_id),
                                 KS_V(c->sealed.alg), KS_VB(c->sealed.nonce), KS_VB(c->sealed.ct),
                                 KS_V(c->display), KS_V(c->verdict), when(c->verified_at), KS_V(c->account),
                                 when(next_check_at), KS_VI((int64_t)old_version)),
                         replaced);
}

ks_status ks_connection_row_enable(ks_ctx *cx, ks_change *ch, ks_str id, bool enabled)
{
    return ks_change_add(cx, ch, &sql_enable,
                         KS_VALS(KS_V(cx->project_id), KS_V(id), KS_VI(enabled), KS_VI(cx->now_us)), gone);
}

ks_status ks_connection_row_labels(ks_ctx *cx, ks_change *ch, ks_str id, ks_str labels)
{
    return ks_change_add(cx, ch, &sql_labels,
                         KS_VALS(KS_V(cx->project_id), KS_V(id), KS_V(labels), KS_VI(cx->now_us)), gone);
}

ks_status ks_connection_row_delete(ks_ctx *cx, ks_change *ch, ks_str id)
{
    return ks_change_add(cx, ch, &sql_delete, KS_VALS(KS_V(cx->project_id), KS_V(id)), gone);
}

ks_status ks_connection_row_revoke(ks_ctx *cx, ks_change *ch, ks_str id)
{
    return ks_change_add(cx, ch, &sql_revoke,
                         KS_VALS(KS_V(cx->project_id), KS_V(id), KS_VI(cx->now_us), KS_VB(KS_S(""))), gone);
}

ks_status ks_connection_row_label_free(ks_ctx *cx, ks_change *ch, ks_str entity, ks_str app, ks_str own_id,
                                       ks_str label)
{
    ks_buf *quoted = ks_ctx_buf(cx, 8 * KS_MAX_LABEL);
    if (quoted == NULL)
        return KS_NO_MEMORY;
    ks_json_quote(quoted, label);
    if (!ks_buf_ok(quoted))
        return ks_no_memory(cx);
    return ks_change_add(cx, ch, &sql_label_free,
                         KS_VALS(KS_V(cx->project_id), KS_V(entity), KS_V(app),
                                 KS_V(own_id.p ? own_id : KS_S("")), KS_V(ks_buf_view(quoted))),
                         taken);
}

ks_status ks_connection_row_failures(ks_ctx *cx, ks_change *ch, ks_str id, int64_t failures)
{
    return ks_change_add(cx, ch, &sql_failures, KS_VALS(KS_V(cx->project_id), KS_V(id), KS_VI(failures)),
                         KS_ANY_ROWS);
}

ks_status ks_connection_row_judged(ks_ctx *cx, ks_change *ch, const ks_connection *c, int64_t next_check_at)
{
    return ks_change_add(cx, ch, &sql_judged,
                         KS_VALS(KS_V(cx->project_id), KS_V(c->id), KS_V(c->status), KS_V(c->status_reason),
                                 KS_VI(cx->now_us), KS_V(c->verdict), when(c->verified_at), KS_V(c->account),
                                 when(next_check_at), KS_VI((int64_t)c->version)),
                         replaced);
}

ks_status ks_connection_row_put_off(ks_ctx *cx, ks_change *ch, ks_str id, int64_t next_check_at)
{
    return ks_change_add(cx, ch, &sql_put_off, KS_VALS(KS_V(cx->project_id), KS_V(id), KS_VI(next_check_at)),
                         KS_ANY_ROWS);
}

ks_status ks_connection_row_lapse(ks_ctx *cx, ks_change *ch, ks_str id)
{
    return ks_change_add(cx, ch, &sql_lapse, KS_VALS(KS_V(cx->project_id), KS_V(id), KS_VI(cx->now_us)),
                         KS_ANY_ROWS);
}
