/* upstream/db_mysql_rows.c — one prepared statement: values in, rows out, each as it comes. Prepared, because
 * the server then takes exactly one statement, and values never are part of its text (rule T7). Source: the
 * manual of MariaDB Connector/C, "Prepared Statements". Threads: the connection's worker. */
#include <stdio.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "upstream/db_mysql.h"

#define BINARY    63 /* number of the character set "binary" */
#define NUMBER    40 /* room for a number or a moment as text */
#define NOT_BOUND "the statement has another number of question marks than there are values"

/* ---- values in ---- */

/* One value for its question mark. `b` was cleared; the text of JSON goes into `own`, which lives until the
 * run. */
static bool bind_value(MYSQL_BIND *b, const ks_db_value *v, ks_buf *own)
{
    ks_str text = v->s;
    switch (v->kind) {
    case KS_DB_NULL:
        b->buffer_type = MYSQL_TYPE_NULL;
        return true;
    case KS_DB_BOOL:
    case KS_DB_INT:
        b->buffer_type = MYSQL_TYPE_LONGLONG;
        b->buffer = (void *)(uintptr_t)&v->i;
        return true;
    case KS_DB_LIST:
        return false;
    case KS_DB_JSON:
        if (v->json != NULL) {
            ks_jw w = ks_jw_new(own);
            ks_jw_value(&w, NULL, v->json);
            text = ks_buf_view(own);
        }
        break;
    default:
        break;
    }
    b->buffer_type = v->kind == KS_DB_BYTES                            ? MYSQL_TYPE_BLOB
                     : v->kind == KS_DB_EXACT || v->kind == KS_DB_REAL ? MYSQL_TYPE_NEWDECIMAL
                                                                       : MYSQL_TYPE_STRING;
    b->buffer = (void *)(uintptr_t)(text.p != NULL ? text.p : "");
    b->buffer_length = b->length_value = (unsigned long)text.n;
    b->length = &b->length_value;
    return true;
}

/* ---- values out ---- */

/* What one column of a row is fetched into: short things here, long ones afterwards at their size. */
typedef struct cell {
    union {
        long long  i;
        double     d;
        MYSQL_TIME t;
    } at;
    unsigned long length;
    my_bool       null, cut;
} cell;

typedef struct rows {
    ks_mysql    *c;
    MYSQL_STMT  *st;
    MYSQL_RES   *meta;
    MYSQL_FIELD *fields;
    MYSQL_BIND  *binds;
    cell        *cells;
    unsigned     n;
    ks_buf       text;
} rows;

static const char *type_name(const MYSQL_FIELD *f)
{
    bool binary = f->charsetnr == BINARY;
    switch (f->type) {
    case MYSQL_TYPE_TINY:
        return "tinyint";
    case MYSQL_TYPE_SHORT:
        return "smallint";
    case MYSQL_TYPE_INT24:
        return "mediumint";
    case MYSQL_TYPE_LONG:
        return "int";
    case MYSQL_TYPE_LONGLONG:
        return "bigint";
    case MYSQL_TYPE_YEAR:
        return "year";
    case MYSQL_TYPE_FLOAT:
        return "float";
    case MYSQL_TYPE_DOUBLE:
        return "double";
    case MYSQL_TYPE_DECIMAL:
    case MYSQL_TYPE_NEWDECIMAL:
        return "decimal";
    case MYSQL_TYPE_DATE:
    case MYSQL_TYPE_NEWDATE:
        return "date";
    case MYSQL_TYPE_TIME:
        return "time";
    case MYSQL_TYPE_DATETIME:
        return "datetime";
    case MYSQL_TYPE_TIMESTAMP:
        return "timestamp";
    case MYSQL_TYPE_BIT:
        return "bit";
    case MYSQL_TYPE_JSON:
        return "json";
    case MYSQL_TYPE_GEOMETRY:
        return "geometry";
    case MYSQL_TYPE_NULL:
        return "null";
    case MYSQL_TYPE_TINY_BLOB:
    case MYSQL_TYPE_MEDIUM_BLOB:
    case MYSQL_TYPE_LONG_BLOB:
    case MYSQL_TYPE_BLOB:
        return binary ? "blob" : "text";
    case MYSQL_TYPE_STRING:
        return binary ? "binary" : "char";
    default:
        return binary ? "varbinary" : "varchar";
    }
}

/* MariaDB says of a text column that it holds JSON. */
static bool is_json(const MYSQL_FIELD *f)
{
    MARIADB_CONST_STRING format = {NULL, 0};
    if (f->type == MYSQL_TYPE_JSON)
        return true;
    return mariadb_field_attr(&format, f, MARIADB_FIELD_ATTR_FORMAT_NAME) == 0 &&
           ks_str_eq((ks_str){format.str, format.length}, KS_S("json"));
}

static enum enum_field_types fetched_as(const MYSQL_FIELD *f)
{
    switch (f->type) {
    case MYSQL_TYPE_TINY:
    case MYSQL_TYPE_SHORT:
    case MYSQL_TYPE_INT24:
    case MYSQL_TYPE_LONG:
    case MYSQL_TYPE_LONGLONG:
    case MYSQL_TYPE_YEAR:
        return MYSQL_TYPE_LONGLONG;
    case MYSQL_TYPE_FLOAT:
    case MYSQL_TYPE_DOUBLE:
        return MYSQL_TYPE_DOUBLE;
    case MYSQL_TYPE_DATE:
    case MYSQL_TYPE_NEWDATE:
    case MYSQL_TYPE_TIME:
    case MYSQL_TYPE_DATETIME:
    case MYSQL_TYPE_TIMESTAMP:
        return f->type;
    default:
        return MYSQL_TYPE_STRING;
    }
}

static bool bind_columns(rows *r)
{
    for (unsigned i = 0; i < r->n; i++) {
        MYSQL_BIND *b = &r->binds[i];
        b->buffer_type = fetched_as(&r->fields[i]);
        b->is_unsigned = (r->fields[i].flags & UNSIGNED_FLAG) != 0;
        b->buffer = b->buffer_type == MYSQL_TYPE_STRING ? NULL : &r->cells[i].at;
        b->buffer_length = b->buffer_type == MYSQL_TYPE_STRING ? 0 : sizeof r->cells[i].at;
        b->length = &r->cells[i].length;
        b->is_null = &r->cells[i].null;
        b->error = &r->cells[i].cut;
    }
    return mysql_stmt_bind_result(r->st, r->binds) == 0;
}

/* The shortest text that reads back as the same number. */
static ks_str real_text(double d, bool single, char room[NUMBER])
{
    int digits = single ? 6 : 15, most = single ? 9 : 17;
    for (;; digits++) {
        snprintf(room, NUMBER, "%.*g", digits, d);
        double back = strtod(room, NULL);
        if (digits == most || back == d || (single && (float)back == (float)d))
            return ks_str_of(room);
    }
}

/* RFC 3339 as far as the type goes; TIMESTAMP is UTC, as the session's zone is. */
static ks_str time_text(const MYSQL_TIME *t, enum enum_field_types type, char room[NUMBER])
{
    size_t n = 0;
    if (type == MYSQL_TYPE_TIME)
        n = (size_t)snprintf(room, NUMBER, "%s%02u:%02u:%02u", t->neg ? "-" : "", t->day * 24 + t->hour,
                             t->minute, t->second);
    else
        n = (size_t)snprintf(room, NUMBER, "%04u-%02u-%02u", t->year, t->month, t->day);
    bool day = type == MYSQL_TYPE_DATE || type == MYSQL_TYPE_NEWDATE;
    if (!day && type != MYSQL_TYPE_TIME)
        n += (size_t)snprintf(room + n, NUMBER - n, "T%02u:%02u:%02u", t->hour, t->minute, t->second);
    if (!day && t->second_part > 0)
        n += (size_t)snprintf(room + n, NUMBER - n, ".%06lu", t->second_part);
    if (type == MYSQL_TYPE_TIMESTAMP)
        snprintf(room + n, NUMBER - n, "Z");
    return ks_str_of(room);
}

static ks_db_value bits(ks_str s)
{
    uint64_t v = 0;
    for (size_t i = 0; i < s.n && i < 8; i++)
        v = v << 8 | (unsigned char)s.p[i];
    return (ks_db_value){.kind = KS_DB_INT, .i = (int64_t)v};
}

/* A column of any length, fetched at its size. */
static bool long_value(rows *r, unsigned i, ks_db_value *v)
{
    const MYSQL_FIELD *f = &r->fields[i];
    MYSQL_BIND         b = {.buffer_type = MYSQL_TYPE_STRING};
    unsigned long      n = r->cells[i].length;
    ks_buf_clear(&r->text);
    b.buffer = ks_buf_reserve(&r->text, n + 1);
    b.buffer_length = n + 1;
    b.length = &b.length_value;
    b.error = &b.error_value;
    b.is_null = &b.is_null_value;
    if (b.buffer == NULL || mysql_stmt_fetch_column(r->st, &b, i, 0) != 0)
        return false;
    v->s = (ks_str){b.buffer, n};
    if (f->type == MYSQL_TYPE_BIT)
        *v = bits(v->s);
    else if (f->type == MYSQL_TYPE_DECIMAL || f->type == MYSQL_TYPE_NEWDECIMAL)
        v->kind = KS_DB_EXACT;
    else if (is_json(f))
        v->kind = KS_DB_JSON;
    else
        v->kind = f->charsetnr == BINARY || f->type == MYSQL_TYPE_GEOMETRY ? KS_DB_BYTES : KS_DB_TEXT;
    return true;
}

static bool put_cell(rows *r, unsigned i, ks_db_sink *s)
{
    const MYSQL_FIELD    *f = &r->fields[i];
    const cell           *at = &r->cells[i];
    char                  room[NUMBER];
    ks_db_value           v = {.kind = KS_DB_NULL};
    enum enum_field_types as = r->binds[i].buffer_type;
    if (at->null) {
        ks_db_sink_value(s, &v);
        return true;
    }
    if (as == MYSQL_TYPE_STRING && !long_value(r, i, &v))
        return false;
    if (as == MYSQL_TYPE_LONGLONG && (f->flags & UNSIGNED_FLAG) && at->at.i < 0) {
        snprintf(room, sizeof room, "%llu", (unsigned long long)at->at.i);
        v = (ks_db_value){.kind = KS_DB_EXACT, .s = ks_str_of(room)};
    } else if (as == MYSQL_TYPE_LONGLONG) {
        v = (ks_db_value){.kind = KS_DB_INT, .i = at->at.i};
    } else if (as == MYSQL_TYPE_DOUBLE) {
        v = (ks_db_value){.kind = KS_DB_REAL, .s = real_text(at->at.d, f->type == MYSQL_TYPE_FLOAT, room)};
    } else if (as != MYSQL_TYPE_STRING) {
        v = (ks_db_value){.kind = KS_DB_TEXT, .s = time_text(&at->at.t, f->type, room)};
    }
    ks_db_sink_value(s, &v);
    return true;
}

/* While rows are fetched libmariadb notes an error with the connection, else with the statement. */
static bool fail_statement(const rows *r, ks_db_error *e)
{
    if (mysql_stmt_errno(r->st) != 0)
        ks_mysql_fault(mysql_stmt_errno(r->st), ks_str_of(mysql_stmt_error(r->st)), e);
    else
        ks_mysql_fault(mysql_errno(r->c->m), ks_str_of(mysql_error(r->c->m)), e);
    return false;
}

static bool give_rows(rows *r, ks_db_sink *s, ks_db_error *e)
{
    for (;;) {
        int rc = mysql_stmt_fetch(r->st);
        if (rc == MYSQL_NO_DATA)
            return true;
        if (rc != 0 && rc != MYSQL_DATA_TRUNCATED)
            return fail_statement(r, e);
        for (unsigned i = 0; i < r->n; i++) {
            if (!put_cell(r, i, s)) {
                e->dead = true;
                return ks_db_fail(e, KS_DB_MEMORY, "memory is short", NULL);
            }
        }
        if (!ks_db_sink_row(s)) {
            e->dead = true; /* the server goes on sending: closing is the cheapest way to say no */
            return true;
        }
    }
}

/* ---- the statement ---- */

static bool give_values(rows *r, const ks_db_call *call, MYSQL_BIND *in, ks_buf *texts, ks_db_error *e)
{
    if (mysql_stmt_param_count(r->st) != call->params_n)
        return ks_db_fail(e, KS_DB_STATEMENT, NOT_BOUND, "values");
    for (size_t i = 0; i < call->params_n; i++) {
        texts[i] = ks_buf_new(KS_MAX_ACT_BODY_BYTES);
        if (!bind_value(&in[i], &call->params[i], &texts[i]))
            return ks_db_fail(e, KS_DB_STATEMENT,
                              "a list cannot be a value here; write a question mark for each", "values");
        if (!ks_buf_ok(&texts[i]))
            return ks_db_fail(e, KS_DB_MEMORY, "memory is short", NULL);
    }
    return call->params_n == 0 || mysql_stmt_bind_param(r->st, in) == 0 || fail_statement(r, e);
}

static bool prepare(rows *r, const ks_db_call *call, ks_db_error *e)
{
    MYSQL_BIND *in = ks_calloc(call->params_n + 1, sizeof *in);
    ks_buf     *texts = ks_calloc(call->params_n + 1, sizeof *texts);
    bool        ok = in != NULL && texts != NULL;
    if (!ok)
        (void)ks_db_fail(e, KS_DB_MEMORY, "memory is short", NULL);
    else if (mysql_stmt_prepare(r->st, call->statement.p, (unsigned long)call->statement.n) != 0)
        ok = fail_statement(r, e);
    ok = ok && give_values(r, call, in, texts, e);
    if (ok)
        e->unsent = false;
    ok = ok && (mysql_stmt_execute(r->st) == 0 || fail_statement(r, e));
    for (size_t i = 0; texts != NULL && i < call->params_n; i++)
        ks_buf_done(&texts[i]);
    ks_free(texts);
    ks_free(in);
    return ok;
}

/* Nothing to read: how many rows were changed. */
static bool receive(rows *r, ks_db_sink *s, ks_db_error *e)
{
    r->meta = mysql_stmt_result_metadata(r->st);
    if (r->meta == NULL) {
        if (mysql_stmt_errno(r->st) != 0)
            return fail_statement(r, e);
        ks_db_sink_changed(s, (int64_t)mysql_stmt_affected_rows(r->st));
        return true;
    }
    r->n = mysql_num_fields(r->meta);
    r->fields = mysql_fetch_fields(r->meta);
    r->binds = ks_calloc(r->n + 1, sizeof *r->binds);
    r->cells = ks_calloc(r->n + 1, sizeof *r->cells);
    if (r->binds == NULL || r->cells == NULL)
        return ks_db_fail(e, KS_DB_MEMORY, "memory is short", NULL);
    for (unsigned i = 0; i < r->n; i++)
        ks_db_sink_column(s, (ks_str){r->fields[i].name, r->fields[i].name_length},
                          ks_str_of(is_json(&r->fields[i]) ? "json" : type_name(&r->fields[i])));
    return (bind_columns(r) || fail_statement(r, e)) && give_rows(r, s, e);
}

bool ks_mysql_execute(ks_mysql *c, const ks_db_call *call, ks_db_sink *s, ks_db_error *e)
{
    rows r = {.c = c, .st = mysql_stmt_init(c->m), .text = ks_buf_new(ks_db_sink_room(s) + 1)};
    bool ok = r.st != NULL;
    if (!ok)
        return ks_db_fail(e, KS_DB_MEMORY, "memory is short", NULL);
    c->m->net.max_packet_size = ks_db_sink_room(s); /* a larger row is given up before it is held */
    ok = prepare(&r, call, e) && receive(&r, s, e);
    if (e->step == KS_DB_MEMORY)
        e->dead = true;
    if (e->dead) /* or closing the statement would read all that is left */
        shutdown(c->fd, SHUT_RDWR);
    if (r.meta != NULL)
        mysql_free_result(r.meta);
    mysql_stmt_close(r.st);
    ks_buf_done(&r.text);
    ks_free(r.binds);
    ks_free(r.cells);
    return ok;
}
