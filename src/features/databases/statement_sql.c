/* features/databases/statement_sql.c — SQL of the declared actions for two dialects: numbered placeholders
 * and double quotes (PostgreSQL), question marks and back-ticks (MySQL). Names go in quoted, values bound; a
 * condition is SQL of the caller's own, in brackets and on lines of its own, so that a comment in it ends
 * with it. What it may do is the database's to say: the read-only transaction, the role. Rule T7. Threads:
 * none shared. */
#include "features/databases/statement.h"

#define MAX_COLUMNS 1600 /* of one table (PostgreSQL 15, appendix K) */

/* ---- pieces ---- */

static ks_status name_fault(ks_statement *s, const char *field)
{
    return ks_fail(s->cx, KS_INVALID, field,
                   "A name must not be empty, hold a NUL or be longer than %d bytes.", KS_MAX_NAME);
}

static ks_status put_name(ks_statement *s, ks_str name, const char *field)
{
    char quote = s->numbered ? '"' : '`';
    if (name.n == 0 || name.n > KS_MAX_NAME || memchr(name.p, 0, name.n) != NULL)
        return name_fault(s, field);
    ks_buf_c(s->text, quote);
    for (size_t i = 0; i < name.n; i++) {
        if (name.p[i] == quote)
            ks_buf_c(s->text, quote);
        ks_buf_c(s->text, name.p[i]);
    }
    ks_buf_c(s->text, quote);
    return KS_OK;
}

static ks_status put_table(ks_statement *s, const ks_arguments *a)
{
    ks_str schema = ks_json_str(ks_argument(a, "schema"));
    if (schema.n > 0) {
        KS_TRY(put_name(s, schema, "input.schema"));
        ks_buf_c(s->text, '.');
    }
    return put_name(s, ks_json_str(ks_argument(a, "table")), "input.table");
}

static ks_status put_value(ks_statement *s, const ks_json *v)
{
    KS_TRY(ks_statement_bind(s, v));
    if (s->numbered)
        ks_buf_fmt(s->text, "$%zu", s->n);
    else
        ks_buf_c(s->text, '?');
    return KS_OK;
}

static ks_status put_names(ks_statement *s, const ks_json *list, const char *field)
{
    for (size_t i = 0; i < ks_json_count(list); i++) {
        ks_buf_z(s->text, i > 0 ? ", " : "");
        KS_TRY(put_name(s, ks_json_str(ks_json_at(list, i)), field));
    }
    return KS_OK;
}

/* Values for the placeholders that the caller wrote. */
static ks_status bind_parameters(ks_statement *s, const ks_arguments *a)
{
    const ks_json *list = ks_argument(a, "parameters");
    for (size_t i = 0; i < ks_json_count(list); i++)
        KS_TRY(ks_statement_bind(s, ks_json_at(list, i)));
    return KS_OK;
}

static void put_where(ks_statement *s, const ks_arguments *a)
{
    ks_str where = ks_json_str(ks_argument(a, "where"));
    if (where.n > 0)
        ks_buf_fmt(s->text, " WHERE (\n" KS_FMT "\n)", KS_ARG(where));
}

static ks_status put_count(ks_statement *s, const ks_arguments *a, const char *name, const char *word)
{
    uint64_t       n;
    const ks_json *v = ks_argument(a, name);
    if (v == NULL)
        return KS_OK;
    if (!ks_str_u64(ks_json_scalar(s->cx, v), &n) || n > INT32_MAX)
        return ks_fail(s->cx, KS_INVALID, ks_fmt(s->cx, "input.%s", name).p,
                       "Give a whole number from 0 to 2147483647.");
    ks_buf_fmt(s->text, " %s %llu", word, (unsigned long long)n);
    return KS_OK;
}

/* ---- rows ---- */

static ks_status query(ks_statement *s, const ks_arguments *a)
{
    ks_buf_str(s->text, ks_json_str(ks_argument(a, "query")));
    return bind_parameters(s, a);
}

static ks_status explain(ks_statement *s, const ks_arguments *a)
{
    const ks_json *analyze = ks_argument(a, "analyze");
    bool           runs = ks_json_true(analyze) || ks_str_eq(ks_json_str(analyze), KS_S("true"));
    ks_buf_z(s->text, !s->numbered ? (runs ? "EXPLAIN ANALYZE " : "EXPLAIN ")
                      : runs       ? "EXPLAIN (ANALYZE, FORMAT JSON) "
                                   : "EXPLAIN (FORMAT JSON) ");
    return query(s, a);
}

static ks_status select_rows(ks_statement *s, const ks_arguments *a)
{
    const ks_json *columns = ks_argument(a, "columns");
    ks_str         order = ks_json_str(ks_argument(a, "order_by"));
    ks_buf_z(s->text, ks_json_count(columns) > 0 ? "SELECT " : "SELECT *");
    KS_TRY(put_names(s, columns, "input.columns"));
    ks_buf_z(s->text, " FROM ");
    KS_TRY(put_table(s, a));
    KS_TRY(bind_parameters(s, a));
    put_where(s, a);
    if (order.n > 0)
        ks_buf_fmt(s->text, " ORDER BY " KS_FMT "\n", KS_ARG(order));
    KS_TRY(put_count(s, a, "limit", "LIMIT"));
    return put_count(s, a, "offset", "OFFSET");
}

/* The columns that any of the rows names, in the order in which they come up. */
static ks_status columns_of(ks_statement *s, const ks_json *rows, ks_str **out, size_t *n)
{
    *n = 0;
    *out = ks_alloc(s->cx, MAX_COLUMNS * sizeof **out);
    if (*out == NULL)
        return KS_NO_MEMORY;
    for (size_t i = 0; i < ks_json_count(rows); i++) {
        void    *it = NULL;
        ks_str   name;
        ks_json *v;
        if (ks_json_kind(ks_json_at(rows, i)) != KS_JSON_OBJ)
            return ks_fail(s->cx, KS_INVALID, "input.rows", "Each row is an object of column and value.");
        while (ks_json_each(ks_json_at(rows, i), &it, &name, &v)) {
            size_t at = 0;
            while (at < *n && !ks_str_eq((*out)[at], name))
                at++;
            if (at == MAX_COLUMNS)
                return ks_fail(s->cx, KS_INVALID, "input.rows", "A row has at most %d columns.", MAX_COLUMNS);
            (*out)[at] = name;
            *n += at == *n;
        }
    }
    return KS_OK;
}

static ks_status put_row(ks_statement *s, const ks_json *row, const ks_str *columns, size_t n)
{
    ks_buf_c(s->text, '(');
    for (size_t i = 0; i < n; i++) {
        const ks_json *v = ks_json_get(row, columns[i].p);
        ks_buf_z(s->text, i > 0 ? ", " : "");
        if (v == NULL)
            ks_buf_z(s->text, "DEFAULT");
        else
            KS_TRY(put_value(s, v));
    }
    ks_buf_c(s->text, ')');
    return KS_OK;
}

static ks_status returning(ks_statement *s, const ks_arguments *a)
{
    const ks_json *list = ks_argument(a, "returning");
    if (ks_json_count(list) == 0)
        return KS_OK;
    ks_buf_z(s->text, " RETURNING ");
    return put_names(s, list, "input.returning");
}

static ks_status insert_rows(ks_statement *s, const ks_arguments *a)
{
    const ks_json *rows = ks_argument(a, "rows");
    ks_str        *columns;
    size_t         n;
    if (ks_json_count(rows) == 0 || ks_json_count(rows) > KS_STATEMENT_ROWS)
        return ks_fail(s->cx, KS_INVALID, "input.rows", "Give 1 to %d rows.", KS_STATEMENT_ROWS);
    KS_TRY(columns_of(s, rows, &columns, &n));
    if (n == 0)
        return ks_fail(s->cx, KS_INVALID, "input.rows", "The rows name no column.");
    ks_buf_z(s->text, "INSERT INTO ");
    KS_TRY(put_table(s, a));
    ks_buf_z(s->text, " (");
    for (size_t i = 0; i < n; i++) {
        ks_buf_z(s->text, i > 0 ? ", " : "");
        KS_TRY(put_name(s, columns[i], "input.rows"));
    }
    ks_buf_z(s->text, ") VALUES ");
    for (size_t i = 0; i < ks_json_count(rows); i++) {
        ks_buf_z(s->text, i > 0 ? ", " : "");
        KS_TRY(put_row(s, ks_json_at(rows, i), columns, n));
    }
    return returning(s, a);
}

static ks_status need_where(ks_statement *s, const ks_arguments *a)
{
    if (ks_str_trim(ks_json_str(ks_argument(a, "where")), " \t\r\n").n > 0)
        return KS_OK;
    return ks_fail(s->cx, KS_INVALID, "input.where", "Say which rows are meant.");
}

/* With numbered placeholders the caller's own come first, as he counts them from $1; question marks count by
 * place. */
static ks_status update_rows(ks_statement *s, const ks_arguments *a)
{
    void          *it = NULL;
    ks_str         name;
    ks_json       *v;
    const ks_json *values = ks_argument(a, "values");
    bool           first = true;
    KS_TRY(need_where(s, a));
    if (ks_json_count(values) == 0)
        return ks_fail(s->cx, KS_INVALID, "input.values", "Name at least one column and its new value.");
    if (s->numbered)
        KS_TRY(bind_parameters(s, a));
    ks_buf_z(s->text, "UPDATE ");
    KS_TRY(put_table(s, a));
    ks_buf_z(s->text, " SET ");
    while (ks_json_each(values, &it, &name, &v)) {
        ks_buf_z(s->text, first ? "" : ", ");
        KS_TRY(put_name(s, name, "input.values"));
        ks_buf_z(s->text, " = ");
        KS_TRY(put_value(s, v));
        first = false;
    }
    if (!s->numbered)
        KS_TRY(bind_parameters(s, a));
    put_where(s, a);
    return KS_OK;
}

static ks_status delete_rows(ks_statement *s, const ks_arguments *a)
{
    KS_TRY(need_where(s, a));
    ks_buf_z(s->text, "DELETE FROM ");
    KS_TRY(put_table(s, a));
    KS_TRY(bind_parameters(s, a));
    put_where(s, a);
    return KS_OK;
}

/* ---- structure ---- */

static ks_status fixed(ks_statement *s, const ks_arguments *a, const char *sql, const char *const *names)
{
    for (size_t i = 0; names[i] != NULL; i++)
        KS_TRY(ks_statement_bind(s, ks_argument(a, names[i])));
    ks_buf_z(s->text, sql);
    return KS_OK;
}

typedef struct operation {
    const char *path;
    ks_status (*build)(ks_statement *s, const ks_arguments *a); /* NULL: the texts below */
    const char *numbered, *marked;                              /* absent: not in this dialect */
    const char *names[3];
} operation;

#define PG_TABLE                                                                                             \
    "FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace "                   \
    "JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped "          \
    "LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum "                         \
    "WHERE n.nspname = $1 AND c.relname = $2 ORDER BY a.attnum"

static const operation operations[] = {
    {.path = "query", .build = query},
    {.path = "explain", .build = explain},
    {.path = "select", .build = select_rows},
    {.path = "insert", .build = insert_rows},
    {.path = "update", .build = update_rows},
    {.path = "delete", .build = delete_rows},
    {.path = "list_schemas",
     .numbered = "SELECT nspname AS name FROM pg_catalog.pg_namespace WHERE nspname NOT LIKE 'pg\\_%' "
                 "AND nspname <> 'information_schema' ORDER BY nspname"},
    {.path = "list_databases",
     .numbered =
         "SELECT datname AS name FROM pg_catalog.pg_database WHERE NOT datistemplate ORDER BY datname",
     .marked = "SELECT schema_name AS name FROM information_schema.schemata ORDER BY schema_name"},
    {.path = "list_tables",
     .numbered =
         "SELECT table_name AS name, CASE table_type WHEN 'BASE TABLE' THEN 'table' ELSE lower(table_type) "
         "END AS kind FROM information_schema.tables WHERE table_schema = $1 ORDER BY table_name",
     .names = {"schema"}},
    {.path = "list_tables",
     .marked =
         "SELECT table_name AS name, CASE table_type WHEN 'BASE TABLE' THEN 'table' ELSE lower(table_type) "
         "END AS kind FROM information_schema.tables WHERE table_schema = COALESCE(?, DATABASE()) "
         "ORDER BY table_name",
     .names = {"database"}},
    {.path = "describe",
     .numbered = "SELECT a.attname AS name, pg_catalog.format_type(a.atttypid, a.atttypmod) AS type, "
                 "NOT a.attnotnull AS nullable, pg_catalog.pg_get_expr(d.adbin, d.adrelid) AS default_value, "
                 "ARRAY(SELECT pg_catalog.pg_get_constraintdef(k.oid) FROM pg_catalog.pg_constraint k "
                 "WHERE k.conrelid = c.oid AND a.attnum = ANY (k.conkey) ORDER BY 1) AS constraints, "
                 "ARRAY(SELECT i.relname::text FROM pg_catalog.pg_index x JOIN pg_catalog.pg_class i "
                 "ON i.oid = x.indexrelid WHERE x.indrelid = c.oid AND a.attnum = ANY (x.indkey) ORDER BY 1) "
                 "AS indexes " PG_TABLE,
     .names = {"schema", "table"}},
    {.path = "describe",
     .marked =
         "SELECT column_name AS name, column_type AS type, is_nullable = 'YES' AS nullable, column_default "
         "AS "
         "default_value, column_key AS `key`, extra FROM information_schema.columns WHERE table_schema = "
         "DATABASE() AND table_name = ? ORDER BY ordinal_position",
     .names = {"table"}},
};

ks_status ks_statement_sql(ks_statement *s, const ks_arguments *a)
{
    for (size_t i = 0; i < KS_COUNT(operations); i++) {
        const operation *o = &operations[i];
        const char      *sql = s->numbered ? o->numbered : o->marked;
        if (!ks_str_eq(a->action->path, ks_str_of(o->path)) || (o->build == NULL && sql == NULL))
            continue;
        KS_TRY(o->build != NULL ? o->build(s, a) : fixed(s, a, sql, o->names));
        return ks_buf_ok(s->text) ? KS_OK : ks_no_memory(s->cx);
    }
    return ks_fail_code(s->cx, KS_INVALID, "scheme_unavailable", "action",
                        "This action is declared, but its statement cannot be made by this version.");
}
