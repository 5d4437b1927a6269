/* cli/output.c — see output.h. */
#include "cli/output.h"

#include <inttypes.h>

void ks_put(FILE *to, ks_str s)
{
    for (size_t i = 0; i < s.n; i++) {
        unsigned char ch = (unsigned char)s.p[i];
        bool          c1 = ch == 0xc2 && i + 1 < s.n && (unsigned char)s.p[i + 1] < 0xa0;
        if (c1)
            i++;
        else if (ch >= 0x20 && ch != 0x7f)
            putc(ch, to);
        else if (ch == '\n' || ch == '\t')
            putc(' ', to);
    }
}

size_t ks_put_width(ks_str s)
{
    size_t n = 0;
    for (size_t i = 0; i < s.n; i++)
        n += ((unsigned char)s.p[i] & 0xc0) != 0x80;
    return n;
}

void ks_put_table(FILE *to, const ks_str *cells, size_t rows, size_t columns)
{
    for (size_t r = 0; r < rows; r++) {
        for (size_t k = 0; k < columns; k++) {
            ks_str cell = cells[r * columns + k];
            size_t most = 0;
            for (size_t i = 0; i < rows && k + 1 < columns; i++)
                if (ks_put_width(cells[i * columns + k]) > most)
                    most = ks_put_width(cells[i * columns + k]);
            ks_put(to, cell);
            if (k + 1 < columns)
                fprintf(to, "%*s", (int)(most - ks_put_width(cell) + 2), "");
        }
        putc('\n', to);
    }
}

ks_str ks_member(ks_cli *c, const ks_json *obj, const char *name)
{
    const ks_json *v = ks_json_get(obj, name);
    ks_str         s = v ? ks_json_scalar(&c->cx, v) : KS_NO_STR;
    return s.p ? s : KS_S("");
}

int ks_put_items(ks_cli *c, const ks_json *items, const char *const *members, const char *const *titles,
                 size_t n)
{
    size_t  rows = ks_json_count(items) + 1;
    ks_str *cells = ks_alloc(&c->cx, rows * n * sizeof *cells);
    if (cells == NULL)
        return ks_cli_fail_err(c);
    for (size_t k = 0; k < n; k++)
        cells[k] = ks_str_of(titles[k]);
    for (size_t r = 1; r < rows; r++)
        for (size_t k = 0; k < n; k++)
            cells[r * n + k] = ks_member(c, ks_json_at(items, r - 1), members[k]);
    ks_put_table(c->out, cells, rows, n);
    return KS_EXIT_OK;
}

int ks_put_json(ks_cli *c, const ks_reply *r)
{
    fwrite(r->body.p, 1, r->body.n, c->out);
    putc('\n', c->out);
    return KS_EXIT_OK;
}

static void put_string(FILE *to, ks_str s)
{
    ks_buf b = ks_buf_new(6 * s.n + 16);
    ks_json_quote(&b, s);
    ks_put(to, ks_buf_view(&b));
    ks_buf_done(&b);
}

/* What is open while a tree is written. */
typedef struct level {
    const ks_json *v;
    void          *it;
    size_t         i;
} level;

static void put_scalar(FILE *to, const ks_json *v)
{
    switch (ks_json_kind(v)) {
    case KS_JSON_STR:
        put_string(to, ks_json_str(v));
        break;
    case KS_JSON_INT:
        fprintf(to, "%" PRId64, ks_json_int(v));
        break;
    case KS_JSON_REAL:
        fprintf(to, "%.17g", ks_json_real(v));
        break;
    case KS_JSON_BOOL:
        fputs(ks_json_true(v) ? "true" : "false", to);
        break;
    default:
        fputs("null", to);
        break;
    }
}

static bool is_branch(const ks_json *v)
{
    return ks_json_kind(v) == KS_JSON_OBJ || ks_json_kind(v) == KS_JSON_ARR;
}

/* The next child of a level with its name; false when there is none. */
static bool next_child(level *l, ks_str *name, ks_json **child)
{
    *name = KS_NO_STR;
    if (ks_json_kind(l->v) == KS_JSON_OBJ)
        return ks_json_each(l->v, &l->it, name, child);
    *child = ks_json_at(l->v, l->i);
    return *child != NULL;
}

void ks_put_tree(FILE *to, const ks_json *v)
{
    level    open[KS_MAX_JSON_DEPTH + 1];
    size_t   depth = 0;
    ks_str   name;
    ks_json *child;
    if (!is_branch(v)) {
        put_scalar(to, v);
        putc('\n', to);
        return;
    }
    open[depth++] = (level){.v = v};
    putc(ks_json_kind(v) == KS_JSON_OBJ ? '{' : '[', to);
    while (depth > 0) {
        level *l = &open[depth - 1];
        if (!next_child(l, &name, &child)) {
            depth--;
            if (l->i > 0)
                fprintf(to, "\n%*s", (int)(2 * depth), "");
            putc(ks_json_kind(l->v) == KS_JSON_OBJ ? '}' : ']', to);
            continue;
        }
        fprintf(to, "%s\n%*s", l->i++ > 0 ? "," : "", (int)(2 * depth), "");
        if (name.p != NULL) {
            put_string(to, name);
            fputs(": ", to);
        }
        if (is_branch(child) && depth < KS_COUNT(open)) {
            putc(ks_json_kind(child) == KS_JSON_OBJ ? '{' : '[', to);
            open[depth++] = (level){.v = child};
        } else
            put_scalar(to, child);
    }
    putc('\n', to);
}

int ks_put_answer(ks_cli *c, const ks_reply *r)
{
    if (ks_cli_has(c, "json"))
        return ks_put_json(c, r);
    ks_put_tree(c->out, r->json);
    return KS_EXIT_OK;
}

/* ---- failures the server tells ---- */

static int exit_code(int status, ks_str name)
{
    if (ks_str_eq(name, KS_S("credential_rejected")) || ks_str_eq(name, KS_S("CredentialRejectedError")))
        return KS_EXIT_REJECTED;
    if (status == 404)
        return KS_EXIT_NOT_FOUND;
    if (status == 502 || status == 504)
        return KS_EXIT_VENDOR;
    return status >= 500 ? KS_EXIT_SERVER : KS_EXIT_FAILED;
}

int ks_client_say(ks_cli *c, const ks_reply *r)
{
    const ks_json *e = ks_json_get(r->json, "error"); /* native; v1 says it at the top */
    const ks_json *top = e && ks_json_kind(e) == KS_JSON_OBJ ? e : r->json;
    const ks_json *details = ks_json_get(top, "details");
    ks_str         message = ks_member(c, top, "message");
    ks_str         name = ks_member(c, top, top == e ? "code" : "name");
    int            code = exit_code(r->status, name);
    if (message.n == 0)
        return ks_cli_fail(c, code, "The server answered %d.", r->status);
    ks_cli_mark(c);
    ks_put(c->err, message);
    putc('\n', c->err);
    for (size_t i = 0; i < ks_json_count(details); i++) {
        const ks_json *d = ks_json_at(details, i);
        ks_str         field = ks_member(c, d, "field"), reason = ks_member(c, d, "reason");
        if (field.n == 0)
            field = ks_member(c, d, "property");
        if (ks_json_count(details) == 1 && ks_str_find(message, reason) != SIZE_MAX)
            break; /* said already */
        fputs("  ", c->err);
        ks_put(c->err, field);
        fputs(": ", c->err);
        ks_put(c->err, reason);
        putc('\n', c->err);
    }
    return code;
}
