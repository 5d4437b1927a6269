/* cli/lines.c — see lines.h. Widths of the table are those of the rows it begins with; a longer cell bends
 * its row. CSV as RFC 4180, but for lines that end in LF. Does not talk to the server. Threads: one. */
#include "cli/lines.h"

#include <unistd.h>

#include "base/alloc.h"
#include "cli/output.h"

#define LINE_MAX_BYTES ((size_t)32 * 1024 * 1024) /* more than the server makes of the largest row */
#define HELD_ROWS      100
#define HELD_BYTES     ((size_t)4 * 1024 * 1024)
#define WIDEST         40 /* characters by which a column is aligned */

struct ks_lines {
    ks_cli     *c;
    ks_lines_as as;
    ks_buf      line;  /* begun, and not yet ended */
    ks_arena   *arena; /* of the rows that are held */
    ks_ctx      cx;
    ks_str     *names; /* of the columns; in the arena of the call, as `widths` */
    size_t     *widths, columns;
    ks_str     *cells; /* rows * columns */
    size_t      rows;
    bool        tty, begun, failed, ended;
    int         code;
};

ks_lines *ks_lines_new(ks_cli *c, ks_lines_as as)
{
    ks_lines *l = ks_calloc(1, sizeof *l);
    if (l == NULL)
        return NULL;
    *l = (ks_lines){.c = c, .as = as, .line = ks_buf_new(LINE_MAX_BYTES), .tty = isatty(fileno(c->out))};
    l->arena = ks_arena_new(4 * LINE_MAX_BYTES);
    if (l->arena == NULL) {
        ks_lines_free(l);
        return NULL;
    }
    l->cx = ks_ctx_new(l->arena, NULL);
    return l;
}

void ks_lines_free(ks_lines *l)
{
    if (l == NULL)
        return;
    ks_buf_done(&l->line);
    ks_arena_free(l->arena);
    ks_free(l);
}

/* ---- cells ---- */

static ks_str cell_text(ks_lines *l, const ks_json *v)
{
    ks_json_type kind = ks_json_kind(v);
    if (kind == KS_JSON_NULL)
        return KS_S("");
    if (kind == KS_JSON_BOOL)
        return ks_json_true(v) ? KS_S("true") : KS_S("false");
    if (kind != KS_JSON_ARR && kind != KS_JSON_OBJ)
        return ks_json_scalar(&l->cx, v);
    ks_buf *b = ks_ctx_buf(&l->cx, LINE_MAX_BYTES);
    if (b == NULL)
        return KS_NO_STR;
    ks_jw w = ks_jw_new(b);
    ks_jw_value(&w, NULL, v);
    return ks_buf_ok(b) ? ks_buf_view(b) : KS_NO_STR;
}

/* Bytes as they are, but for what could steer a terminal. */
static void put_bytes(const ks_lines *l, ks_str s)
{
    if (l->tty)
        ks_put(l->c->out, s);
    else
        fwrite(s.p, 1, s.n, l->c->out);
}

static void put_csv(const ks_lines *l, ks_str s)
{
    bool plain = true;
    for (size_t i = 0; i < s.n && plain; i++)
        plain = strchr("\",\r\n", s.p[i]) == NULL;
    if (plain) {
        put_bytes(l, s);
        return;
    }
    putc('"', l->c->out);
    for (;;) {
        size_t quote = ks_str_chr(s, '"');
        put_bytes(l, ks_str_sub(s, 0, quote));
        if (quote == SIZE_MAX)
            break;
        fputs("\"\"", l->c->out);
        s = ks_str_sub(s, quote + 1, SIZE_MAX);
    }
    putc('"', l->c->out);
}

static void put_row(const ks_lines *l, const ks_str *cells)
{
    FILE *to = l->c->out;
    for (size_t i = 0; i < l->columns; i++) {
        if (l->as == KS_LINES_CSV) {
            if (i > 0)
                putc(',', to);
            put_csv(l, cells[i]);
            continue;
        }
        size_t n = ks_put_width(cells[i]);
        ks_put(to, cells[i]);
        if (i + 1 < l->columns)
            fprintf(to, "%*s", (int)(n < l->widths[i] ? l->widths[i] - n + 2 : 2), "");
    }
    putc('\n', to);
}

static void widen(ks_lines *l, const ks_str *cells)
{
    for (size_t i = 0; i < l->columns; i++) {
        size_t n = ks_put_width(cells[i]);
        n = n < WIDEST ? n : WIDEST;
        if (n > l->widths[i])
            l->widths[i] = n;
    }
}

/* Write what is held, the names first. */
static void flush(ks_lines *l)
{
    if (!l->begun && l->columns > 0) {
        widen(l, l->names);
        for (size_t r = 0; r < l->rows; r++)
            widen(l, l->cells + r * l->columns);
        put_row(l, l->names);
    }
    l->begun = true;
    for (size_t r = 0; r < l->rows; r++)
        put_row(l, l->cells + r * l->columns);
    l->rows = 0;
    l->cells = NULL;
    ks_arena_reset(l->arena);
}

/* ---- lines ---- */

static bool take_columns(ks_lines *l, const ks_json *list)
{
    l->columns = ks_json_count(list);
    l->names = ks_zalloc(&l->c->cx, (l->columns + 1) * sizeof *l->names);
    l->widths = ks_zalloc(&l->c->cx, (l->columns + 1) * sizeof *l->widths);
    for (size_t i = 0; i < l->columns && l->names != NULL; i++) {
        l->names[i] = ks_copy(&l->c->cx, ks_json_str(ks_json_get(ks_json_at(list, i), "name")));
        if (l->names[i].p == NULL)
            return false;
    }
    return l->names != NULL && l->widths != NULL;
}

static bool take_row(ks_lines *l, const ks_json *row)
{
    if (ks_json_count(row) != l->columns)
        return false;
    if (l->cells == NULL)
        l->cells = ks_zalloc(&l->cx, (HELD_ROWS * l->columns + 1) * sizeof *l->cells);
    if (l->cells == NULL)
        return false;
    for (size_t i = 0; i < l->columns; i++) {
        ks_str text = cell_text(l, ks_json_at(row, i));
        if (text.p == NULL)
            return false;
        l->cells[l->rows * l->columns + i] = text;
    }
    l->rows++;
    if (l->rows == HELD_ROWS || ks_arena_used(l->arena) > HELD_BYTES)
        flush(l);
    return true;
}

static void take_error(ks_lines *l, const ks_json *e)
{
    ks_str code = ks_member(l->c, e, "code");
    if (l->as != KS_LINES_JSON)
        flush(l); /* what came before it is a result all the same */
    fflush(l->c->out);
    ks_cli_mark(l->c);
    ks_put(l->c->err, ks_json_str(ks_json_get(e, "message")));
    if (code.n > 0) {
        fputs(" (", l->c->err);
        ks_put(l->c->err, code);
        putc(')', l->c->err);
    }
    putc('\n', l->c->err);
    if (ks_json_true(ks_json_get(e, "may_have_happened")))
        fputs("  It may have been carried out all the same.\n", l->c->err);
    l->code = KS_EXIT_FAILED;
}

static void take_summary(ks_lines *l, const ks_json *v)
{
    const ks_json *changed = ks_json_get(v, "changed");
    if (l->as != KS_LINES_JSON)
        flush(l);
    fflush(l->c->out);
    if (l->as == KS_LINES_JSON)
        return;
    if (changed != NULL)
        fprintf(l->c->err, "%lld changed.\n", (long long)ks_json_int(changed));
    if (ks_json_true(ks_json_get(v, "truncated")))
        fprintf(l->c->err, "Only the first %lld: there are more.\n",
                (long long)ks_json_int(ks_json_get(v, "row_count")));
}

static bool take_object(ks_lines *l, const ks_json *v)
{
    const ks_json *columns = ks_json_get(v, "columns"), *e = ks_json_get(v, "error");
    if (columns != NULL)
        return take_columns(l, columns);
    l->ended = e != NULL || ks_json_get(v, "row_count") != NULL;
    if (e != NULL)
        take_error(l, e);
    else if (l->ended)
        take_summary(l, v);
    return l->ended;
}

static bool take_line(ks_lines *l, ks_str line)
{
    ks_json *v;
    bool     row = ks_str_starts(line, KS_S("["));
    if (l->as == KS_LINES_JSON) {
        put_bytes(l, line);
        putc('\n', l->c->out);
    }
    if (l->as == KS_LINES_JSON && row)
        return true;
    if (l->ended || ks_json_parse(row ? &l->cx : &l->c->cx, line, &v) != KS_OK)
        return false;
    return row ? take_row(l, v) : take_object(l, v);
}

bool ks_lines_take(ks_lines *l, ks_str bytes)
{
    while (bytes.n > 0 && !l->failed) {
        size_t end = ks_str_chr(bytes, '\n');
        ks_buf_str(&l->line, ks_str_sub(bytes, 0, end));
        l->failed = !ks_buf_ok(&l->line);
        if (end == SIZE_MAX)
            break;
        l->failed = l->failed || !take_line(l, ks_buf_view(&l->line));
        ks_buf_clear(&l->line);
        bytes = ks_str_sub(bytes, end + 1, SIZE_MAX);
    }
    return !l->failed && ferror(l->c->out) == 0;
}

int ks_lines_end(ks_lines *l)
{
    if (l->failed)
        return ks_cli_fail(l->c, KS_EXIT_SERVER,
                           "The answer is not what /ks/query gives, or memory is short.");
    if (l->ended)
        return l->code;
    if (l->as != KS_LINES_JSON)
        flush(l);
    return ks_cli_fail(l->c, KS_EXIT_SERVER, "The answer was cut: its last line is missing.");
}
