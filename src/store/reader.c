/* store/reader.c — queries on a thread's own handle; text is copied into the arena of the call. Changes
 * nothing. Threads: one per reader. */
#include "base/alloc.h"
#include "store/store_internal.h"

struct ks_reader {
    const ks_store *store;
    ks_db          *db;   /* NULL when it could not be opened again */
    ks_rows        *open; /* being read; ended with the reader at the latest */
    bool            failed;
};

struct ks_rows {
    ks_ctx    *cx;
    ks_reader *r;
    ks_stmt   *st;          /* NULL: no row */
    ks_rows   *next, *prev; /* of the reader's open ones */
    bool       first, closed;
};

ks_status ks_reader_open(ks_ctx *cx, ks_store *s, ks_reader **out)
{
    ks_reader *r = ks_calloc(1, sizeof *r);
    if (r == NULL)
        return ks_no_memory(cx);
    r->store = s;
    ks_status status = s->driver->open(cx, ks_str_of(s->path), KS_DB_READ, &r->db);
    if (status != KS_OK) {
        ks_free(r);
        return status;
    }
    *out = r;
    return KS_OK;
}

void ks_reader_close(ks_reader *r)
{
    if (r == NULL)
        return;
    while (r->open != NULL)
        ks_rows_close(r->open);
    if (r->db != NULL)
        r->store->driver->close(r->db);
    ks_free(r);
}

/* A handle that failed is replaced as soon as nothing is read from it. */
static ks_status refresh(ks_ctx *cx, ks_reader *r)
{
    if (r->failed && r->open == NULL) {
        if (r->db != NULL)
            r->store->driver->close(r->db);
        r->db = NULL;
        KS_TRY(r->store->driver->open(cx, ks_str_of(r->store->path), KS_DB_READ, &r->db));
        r->failed = false;
    }
    return KS_OK;
}

static ks_status read_failed(ks_ctx *cx, ks_reader *r, ks_step step)
{
    if (step == KS_STEP_NO_MEMORY)
        return ks_no_memory(cx);
    int code = r->store->driver->code(r->db);
    r->failed = true;
    ks_status status = ks_fail(cx, KS_STORE, NULL, "The store cannot be read (code %d).", code);
    cx->err.retry_after_s = 1;
    return status;
}

static void close_rows(void *rows)
{
    ks_rows_close(rows);
}

/* Values live as long as the statement is read. */
static ks_val *copy_values(ks_ctx *cx, const ks_val *v, size_t n)
{
    ks_val *copy = ks_alloc(cx, (n ? n : 1) * sizeof *copy);
    for (size_t i = 0; copy != NULL && i < n; i++) {
        copy[i] = v[i];
        if (v[i].kind >= KS_VAL_TEXT && v[i].s.p != NULL) {
            copy[i].s = ks_copy(cx, v[i].s);
            if (copy[i].s.p == NULL)
                return NULL;
        }
    }
    return copy;
}

ks_status ks_query(ks_ctx *cx, ks_reader *r, const ks_sql *q, const ks_val *v, size_t n, ks_rows **out)
{
    KS_TRY(refresh(cx, r));
    ks_rows *rows = ks_zalloc(cx, sizeof *rows);
    ks_val  *values = copy_values(cx, v, n);
    if (rows == NULL || values == NULL)
        return KS_NO_MEMORY;
    *rows = (ks_rows){.cx = cx, .r = r, .first = true, .closed = true};
    if (!ks_arena_defer(cx->arena, close_rows, rows))
        return ks_no_memory(cx);
    ks_step step = r->store->driver->exec(r->db, q, values, n, &rows->st);
    if (step != KS_STEP_ROW && step != KS_STEP_DONE)
        return read_failed(cx, r, step);
    rows->closed = false;
    rows->next = r->open;
    if (r->open != NULL)
        r->open->prev = rows;
    r->open = rows;
    *out = rows;
    return KS_OK;
}

ks_status ks_rows_next(ks_rows *rows, bool *more)
{
    ks_step step = rows->closed || rows->st == NULL ? KS_STEP_DONE : KS_STEP_ROW;
    if (step == KS_STEP_ROW && !rows->first)
        step = rows->r->store->driver->next(rows->st);
    rows->first = false;
    *more = step == KS_STEP_ROW;
    if (step == KS_STEP_ROW)
        return KS_OK;
    ks_status status = step == KS_STEP_DONE ? KS_OK : read_failed(rows->cx, rows->r, step);
    ks_rows_close(rows);
    return status;
}

void ks_rows_close(ks_rows *rows)
{
    if (rows == NULL || rows->closed)
        return;
    rows->closed = true;
    if (rows->next != NULL)
        rows->next->prev = rows->prev;
    if (rows->prev != NULL)
        rows->prev->next = rows->next;
    else
        rows->r->open = rows->next;
    rows->r->store->driver->reset(rows->st);
    rows->st = NULL;
}

ks_status ks_query_number(ks_ctx *cx, ks_reader *r, const ks_sql *q, const ks_val *v, size_t n, int64_t *out)
{
    ks_rows *rows;
    bool     more;
    KS_TRY(ks_query(cx, r, q, v, n, &rows));
    KS_TRY(ks_rows_next(rows, &more));
    *out = more ? ks_row_int(rows, 0) : 0;
    ks_rows_close(rows);
    return KS_OK;
}

int64_t ks_row_int(const ks_rows *rows, unsigned col)
{
    return rows->st ? rows->r->store->driver->column_int(rows->st, col) : 0;
}

ks_str ks_row_str(const ks_rows *rows, unsigned col)
{
    ks_str s = rows->st ? rows->r->store->driver->column_text(rows->st, col) : KS_NO_STR;
    return s.p ? ks_copy(rows->cx, s) : KS_NO_STR;
}

ks_status ks_audit_verify(ks_ctx *cx, ks_reader *r, const ks_chain *chain, int64_t *count)
{
    KS_TRY(refresh(cx, r));
    return ks_audit_verify_on(cx, r->store->driver, r->db, chain, count);
}
