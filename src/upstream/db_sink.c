/* upstream/db_sink.c — rows as JSON: {"columns": [...], "rows": [[...]], ...}, or streamed, a line each. What
 * a JSON number cannot hold exactly is a string, bytes are base64. A row that does not fit is left out whole,
 * and `truncated` says so (streamed: it ends the statement). Never keeps more than the limit and one row.
 * Source: docs/databases.md "Results". Threads: one. */
#include "upstream/db_sink.h"

#include "base/enc.h"
#include "base/time.h"

#define EXACT     INT64_C(9007199254740991) /* 2^53 - 1: what doubles count to without a gap (RFC 8259, 6) */
#define MAX_DEPTH 48                        /* nested lists and maps of one value; deeper ones are null */
#define CLOSING   256                       /* bytes for what stands behind the rows */

void ks_db_sink_begin(ks_db_sink *s, ks_buf *b, size_t max_rows, size_t max_bytes)
{
    *s = (ks_db_sink){.b = b, .max_rows = max_rows, .max_bytes = max_bytes, .changed = -1};
    b->cap = max_bytes;
    s->w = ks_jw_new(b);
    ks_jw_obj(&s->w, NULL);
}

void ks_db_sink_stream(ks_db_sink *s, ks_buf *b, size_t max_rows, size_t max_bytes, ks_db_stream *stream,
                       const ks_db_limit *l, ks_db_error *e)
{
    ks_db_sink_begin(s, b, max_rows, max_bytes);
    s->stream = stream;
    s->limit = l;
    s->e = e;
    b->cap = max_bytes + KS_DB_PIECE;
    b->starved = &s->starved; /* the request's own context belongs to the loop by now */
}

void ks_db_sink_column(ks_db_sink *s, ks_str name, ks_str type)
{
    if (!s->listing)
        ks_jw_arr(&s->w, "columns");
    s->listing = true;
    ks_jw_obj(&s->w, NULL);
    ks_jw_str(&s->w, "name", name);
    ks_jw_str(&s->w, "type", type);
    ks_jw_end(&s->w, '}');
}

/* The columns end where the first row begins, or the result. */
static void begin_rows(ks_db_sink *s)
{
    if (s->rows > 0 || s->in_row || s->truncated)
        return;
    if (!s->listing)
        ks_jw_arr(&s->w, "columns");
    ks_jw_end(&s->w, ']');
    if (s->stream == NULL) {
        ks_jw_arr(&s->w, "rows");
        return;
    }
    ks_jw_end(&s->w, '}');
    ks_buf_c(s->b, '\n');
    s->put_us = ks_mono_us();
}

static void begin_row(ks_db_sink *s)
{
    if (s->in_row)
        return;
    begin_rows(s);
    s->in_row = true;
    if (s->stream != NULL)
        s->w = ks_jw_new(s->b);
    s->row_w = s->w;
    s->row_at = s->b->n;
    ks_jw_arr(&s->w, NULL);
}

/* ---- values ---- */

/* A NUL is no text to those who read JSON strictly, us among them (rule T6). */
static bool is_text(ks_str s)
{
    return ks_str_utf8(s) && (s.n == 0 || memchr(s.p, 0, s.n) == NULL);
}

static bool is_number(ks_str s)
{
    return s.n > 0 && (ks_is_digit(s.p[0]) || s.p[0] == '-') && ks_json_fault(s) == NULL;
}

static void put_base64(ks_db_sink *s, ks_str bytes)
{
    ks_buf *b = s->b;
    ks_buf  text = ks_buf_new(bytes.n * 4 / 3 + 8);
    ks_enc_base64(&text, bytes);
    if (!ks_buf_ok(&text) && b->starved != NULL)
        *b->starved = true;
    ks_jw_str(&s->w, NULL, ks_buf_view(&text));
    ks_buf_done(&text);
}

static void put_scalar(ks_db_sink *s, const ks_db_value *v)
{
    if (v->kind == KS_DB_NULL)
        ks_jw_null(&s->w, NULL);
    else if (v->kind == KS_DB_BOOL)
        ks_jw_bool(&s->w, NULL, v->i != 0);
    else if (v->kind == KS_DB_INT && v->i >= -EXACT && v->i <= EXACT)
        ks_jw_int(&s->w, NULL, v->i);
    else if (v->kind == KS_DB_INT) {
        ks_buf text = ks_buf_new(32);
        ks_buf_fmt(&text, "%lld", (long long)v->i);
        ks_jw_str(&s->w, NULL, ks_buf_view(&text));
        ks_buf_done(&text);
    } else if ((v->kind == KS_DB_REAL && is_number(v->s)) ||
               (v->kind == KS_DB_JSON && ks_json_fault(v->s) == NULL))
        ks_jw_raw(&s->w, NULL, v->s);
    else if (v->kind == KS_DB_BYTES || !is_text(v->s))
        put_base64(s, v->s);
    else
        ks_jw_str(&s->w, NULL, v->s.p ? v->s : KS_S(""));
}

static void open_level(ks_db_sink *s, bool map)
{
    if (s->depth == MAX_DEPTH || s->skipped > 0) {
        if (s->skipped++ == 0)
            ks_jw_null(&s->w, NULL);
        return;
    }
    s->depth++;
    s->maps = map ? s->maps | UINT64_C(1) << s->depth : s->maps & ~(UINT64_C(1) << s->depth);
    s->keyed &= ~(UINT64_C(1) << s->depth);
    if (map)
        ks_jw_obj(&s->w, NULL);
    else
        ks_jw_arr(&s->w, NULL);
}

static void close_level(ks_db_sink *s)
{
    if (s->skipped > 0) {
        s->skipped--;
        return;
    }
    ks_jw_end(&s->w, s->maps & UINT64_C(1) << s->depth ? '}' : ']');
    s->depth--;
}

/* Inside a map names and values take turns; true when `v` was the name. A list in its place is no name, and
 * passed over to its end. */
static bool take_name(ks_db_sink *s, const ks_db_value *v)
{
    uint64_t level = UINT64_C(1) << s->depth;
    if (s->depth == 0 || !(s->maps & level) || s->skipped > 0)
        return false;
    s->keyed ^= level;
    if (!(s->keyed & level))
        return false;
    ks_jw_name(&s->w, is_text(v->s) && v->s.p != NULL ? v->s : KS_S("?"));
    s->skipped = v->kind == KS_DB_LIST || v->kind == KS_DB_MAP;
    return true;
}

void ks_db_sink_value(ks_db_sink *s, const ks_db_value *v)
{
    begin_row(s);
    if (v->kind == KS_DB_END)
        close_level(s);
    else if (!take_name(s, v)) {
        if (v->kind == KS_DB_LIST || v->kind == KS_DB_MAP)
            open_level(s, v->kind == KS_DB_MAP);
        else if (s->skipped == 0)
            put_scalar(s, v);
    }
}

/* ---- rows ---- */

/* One line: between the values of JSON that is handed on as it is, line breaks are blanks. */
static void end_line(const ks_db_sink *s)
{
    for (size_t i = s->row_at; i < s->b->n; i++) {
        if (s->b->p[i] == '\n' || s->b->p[i] == '\r')
            s->b->p[i] = ' ';
    }
    ks_buf_c(s->b, '\n');
}

/* Hand over what has come together, when it is worth it. */
static bool pass_on(ks_db_sink *s)
{
    int64_t now = s->b->n < KS_DB_PIECE ? ks_mono_us() : 0;
    if (s->b->n < KS_DB_PIECE && now - s->put_us < KS_DB_PIECE_US)
        return true;
    bool fine = ks_db_stream_put(s->stream, ks_buf_view(s->b), s->limit, s->e);
    ks_buf_clear(s->b);
    s->put_us = ks_mono_us();
    return fine;
}

void ks_db_sink_cut(ks_db_sink *s)
{
    if (s->in_row)
        s->b->n = s->row_at;
    s->b->failed = s->in_row = false;
    s->w = s->row_w;
}

bool ks_db_sink_row(ks_db_sink *s)
{
    begin_row(s);
    ks_jw_end(&s->w, ']');
    if (s->stream != NULL)
        end_line(s);
    s->depth = 0;
    if (s->b->starved != NULL && *s->b->starved)
        return s->stream != NULL && ks_db_fail(s->e, KS_DB_MEMORY, "memory is short", NULL);
    if (s->rows < s->max_rows && ks_buf_ok(s->b)) {
        s->in_row = false;
        s->rows++;
        return s->stream == NULL || pass_on(s);
    }
    s->truncated = s->stream == NULL || ks_buf_ok(s->b);
    if (!s->truncated)
        ks_db_fail(s->e, KS_DB_STATEMENT, "a single row is larger than a line may be", "row_too_large");
    ks_db_sink_cut(s); /* it was the cap: the row goes, what stands before it is whole */
    return false;
}

void ks_db_sink_changed(ks_db_sink *s, int64_t rows)
{
    s->changed = rows;
}

size_t ks_db_sink_room(const ks_db_sink *s)
{
    return s->max_bytes;
}

void ks_db_sink_end(ks_db_sink *s, int64_t took_ms)
{
    begin_rows(s);
    s->b->cap += CLOSING;
    if (s->stream == NULL)
        ks_jw_end(&s->w, ']');
    else {
        s->w = ks_jw_new(s->b);
        ks_jw_obj(&s->w, NULL);
    }
    ks_jw_int(&s->w, "row_count", (int64_t)s->rows);
    if (s->changed >= 0)
        ks_jw_int(&s->w, "changed", s->changed);
    ks_jw_bool(&s->w, "truncated", s->truncated);
    ks_jw_int(&s->w, "took_ms", took_ms);
    ks_jw_end(&s->w, '}');
    if (s->stream != NULL)
        ks_buf_c(s->b, '\n');
}
