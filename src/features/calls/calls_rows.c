/* features/calls/calls_rows.c — see the header. SQL runs on SQLite and PostgreSQL alike. */
#include "features/calls/calls_rows.h"

#include "base/time.h"
#include "features/reach.h"

#define COLUMNS "id, time, entity_id, connection_id, app, what, status, result, took_us, request_id, actor"

static const ks_sql sql_add = {"INSERT INTO calls(time, entity_id, connection_id, app, what, status, result, "
                               "took_us, request_id, actor, "
                               "project_id) VALUES($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)"};

/* Each list has the index that its first filter wants; others are matched line by line. $1 project, $2 the
 * line before, $3 connection, $4 entity, $5 app, $6 failed only, $7 to $9 reach, $10 lines, $11 block. */
#define LIST(filter, less, way)                                                                              \
    {                                                                                                        \
        "SELECT " COLUMNS " FROM calls WHERE project_id = $1 AND id " less " $2 AND " filter                 \
        " AND ($3 = '' OR connection_id = $3) AND ($4 = '' OR entity_id = $4) AND ($5 = '' OR app = $5) "    \
        "AND ($6 = 0 OR result <> 'ok') AND " KS_REACH_APP("app", "$7") " AND " KS_REACH_ENTITY(             \
            "entity_id", "$8", "$9") " ORDER BY id " way " LIMIT $10"                                        \
    }
#define LISTS(filter)                                                                                        \
    {                                                                                                        \
        LIST(filter, "<", "DESC"), LIST(filter, ">", "ASC")                                                  \
    }
#define BLOCK 1024                                            /* lines, as in the two indexes */
enum { OF_CONNECTION, OF_ENTITY, OF_ALL, OF_FAILED, OF_APP }; /* the first three go block by block */
static const ks_sql sql_list[][2] = {[OF_CONNECTION] = LISTS("id / 1024 = $11 AND connection_id = $3"),
                                     [OF_ENTITY] = LISTS("id / 1024 = $11 AND entity_id = $4"),
                                     [OF_ALL] = LISTS("id / 1024 = $11"),
                                     [OF_FAILED] = LISTS("$11 = 0 AND result <> 'ok'"),
                                     [OF_APP] = LISTS("$11 = 0 AND app = $5")};
static const ks_sql sql_find = {
    "SELECT " COLUMNS " FROM calls WHERE id > $2 AND id <= $2 + 100000 AND project_id = $1 AND "
    "request_id = $6 AND " KS_REACH_APP("app", "$3") " AND " KS_REACH_ENTITY("entity_id", "$4",
                                                                             "$5") " LIMIT 1"};
static const ks_sql sql_first = {"SELECT min(id) FROM calls"}, sql_last = {"SELECT max(id) FROM calls"};
static const ks_sql sql_one = {"SELECT " COLUMNS
                               " FROM calls WHERE project_id = $1 AND id = $2 AND " KS_REACH_APP(
                                   "app", "$3") " AND " KS_REACH_ENTITY("entity_id", "$4", "$5")};
static const ks_sql sql_time = {"SELECT time FROM calls WHERE id >= $1 ORDER BY id LIMIT 1"};
static const ks_sql sql_count = {
    "SELECT count(*) FROM calls WHERE id / 1024 >= $2 / 1024 AND project_id = $1 AND id > $2"};
static const ks_sql sql_count_failed = {
    "SELECT count(*) FROM calls WHERE project_id = $1 AND id > $2 AND result <> 'ok'"};

ks_status ks_call_row_add(ks_ctx *cx, ks_change *change, const ks_call_line *line)
{
    return ks_change_add(cx, change, &sql_add,
                         KS_VALS(KS_VI(ks_now_us()), KS_V(line->entity_id), KS_V(line->connection_id),
                                 KS_V(line->app), KS_V(line->what), KS_VI(line->status), KS_V(line->result),
                                 KS_VI(line->took_us), KS_V(cx->request_id), KS_V(cx->actor),
                                 KS_V(cx->project_id)),
                         KS_ANY_ROWS);
}

static ks_call_line from_row(const ks_rows *rows)
{
    return (ks_call_line){.id = ks_row_int(rows, 0),
                          .time = ks_row_int(rows, 1),
                          .entity_id = ks_row_str(rows, 2),
                          .connection_id = ks_row_str(rows, 3),
                          .app = ks_row_str(rows, 4),
                          .what = ks_row_str(rows, 5),
                          .status = (int)ks_row_int(rows, 6),
                          .result = ks_row_str(rows, 7),
                          .took_us = ks_row_int(rows, 8),
                          .request_id = ks_row_str(rows, 9),
                          .actor = ks_row_str(rows, 10)};
}

/* The rows behind the *n that are there already, up to `max` in all. */
static ks_status collect(ks_ctx *cx, ks_rows *rows, size_t max, ks_call_line *list, size_t *n)
{
    bool more = true;
    while (*n < max) {
        KS_TRY(ks_rows_next(rows, &more));
        if (!more)
            break;
        list[(*n)++] = from_row(rows);
    }
    ks_rows_close(rows);
    return cx->starved ? ks_no_memory(cx) : KS_OK;
}

static int list_of(const ks_call_filter *f)
{
    return f->connection_id.n > 0 ? OF_CONNECTION
           : f->entity_id.n > 0   ? OF_ENTITY
           : f->failed            ? OF_FAILED
           : f->app.n > 0         ? OF_APP
                                  : OF_ALL;
}

const ks_sql *ks_call_rows_sql(const ks_call_filter *f)
{
    return &sql_list[list_of(f)][f->newer];
}

static ks_val given(ks_str s)
{
    return KS_V(s.p != NULL ? s : KS_S(""));
}

/* Lines of one block, or of all of them when the list has no blocks. */
static ks_status list_block(ks_ctx *cx, const ks_call_filter *f, int64_t block, ks_call_line *list, size_t *n)
{
    ks_rows *rows;
    KS_TRY(ks_query(cx, cx->env->reader, ks_call_rows_sql(f),
                    KS_VALS(KS_V(cx->project_id), KS_VI(f->behind), given(f->connection_id),
                            given(f->entity_id), given(f->app), KS_VI(f->failed),
                            KS_V(ks_reach_apps_text(cx)), KS_V(ks_reach_entities_text(cx)),
                            KS_V(ks_reach_prefix_text(cx)), KS_VI(f->limit - (int64_t)*n), KS_VI(block)),
                    &rows));
    return collect(cx, rows, (size_t)f->limit, list, n);
}

ks_status ks_call_rows(ks_ctx *cx, const ks_call_filter *f, ks_call_line **out, size_t *n)
{
    int64_t first, last, way = f->newer ? 1 : -1;
    *n = 0;
    *out = ks_alloc(cx, (size_t)f->limit * sizeof **out);
    if (*out == NULL)
        return KS_NO_MEMORY;
    if (list_of(f) > OF_ALL)
        return list_block(cx, f, 0, *out, n);
    KS_TRY(ks_query_number(cx, cx->env->reader, &sql_first, NULL, 0, &first));
    KS_TRY(ks_query_number(cx, cx->env->reader, &sql_last, NULL, 0, &last));
    int64_t block = f->newer ? (f->behind > first ? f->behind : first)
                             : (f->behind < last ? f->behind : last);
    for (block /= BLOCK; block >= first / BLOCK && block <= last / BLOCK && (int64_t)*n < f->limit;
         block += way)
        KS_TRY(list_block(cx, f, block, *out, n));
    return KS_OK;
}

ks_status ks_call_row_find(ks_ctx *cx, ks_str request_id, int64_t after, ks_call_line *out, bool *found)
{
    ks_rows *rows;
    size_t   n = 0;
    KS_TRY(
        ks_query(cx, cx->env->reader, &sql_find,
                 KS_VALS(KS_V(cx->project_id), KS_VI(after), KS_V(ks_reach_apps_text(cx)),
                         KS_V(ks_reach_entities_text(cx)), KS_V(ks_reach_prefix_text(cx)), KS_V(request_id)),
                 &rows));
    KS_TRY(collect(cx, rows, 1, out, &n));
    *found = n > 0;
    return KS_OK;
}

ks_status ks_call_row(ks_ctx *cx, int64_t id, ks_call_line *out, bool *found)
{
    ks_rows *rows;
    size_t   n = 0;
    KS_TRY(ks_query(cx, cx->env->reader, &sql_one,
                    KS_VALS(KS_V(cx->project_id), KS_VI(id), KS_V(ks_reach_apps_text(cx)),
                            KS_V(ks_reach_entities_text(cx)), KS_V(ks_reach_prefix_text(cx))),
                    &rows));
    KS_TRY(collect(cx, rows, 1, out, &n));
    *found = n > 0;
    return KS_OK;
}

/* Lines stand in the order of their times, but for a second or so. */
ks_status ks_call_rows_since(ks_ctx *cx, int64_t since, int64_t *id)
{
    int64_t old, young, time;
    KS_TRY(ks_query_number(cx, cx->env->reader, &sql_first, NULL, 0, &old));
    KS_TRY(ks_query_number(cx, cx->env->reader, &sql_last, NULL, 0, &young));
    for (young++; old < young;) {
        int64_t middle = old + (young - old) / 2;
        KS_TRY(ks_query_number(cx, cx->env->reader, &sql_time, KS_VALS(KS_VI(middle)), &time));
        if (time < since)
            old = middle + 1;
        else
            young = middle;
    }
    *id = old - 1;
    return KS_OK;
}

ks_status ks_call_rows_count(ks_ctx *cx, int64_t after, bool failed, int64_t *out)
{
    return ks_query_number(cx, cx->env->reader, failed ? &sql_count_failed : &sql_count,
                           KS_VALS(KS_V(cx->project_id), KS_VI(after)), out);
}
