/* cli/cmd_app.c — the catalogue: apps of the server, and app files on disk. */
#include <fcntl.h>
#include <unistd.h>

#include "cli/input.h"
#include "cli/output.h"
#include "features/apps/app_file.h"

enum {
    LINT_ARENA = 64 * 1024 * 1024, /* bytes for one file, a bound */
    LINT_FAULTS = 1024 * 1024
};

/* "API_KEY, BASIC" of an app. */
static ks_str schemes_text(ks_cli *c, const ks_json *app)
{
    const ks_json *schemes = ks_json_get(app, "auth_schemes");
    ks_buf        *b = ks_ctx_buf(&c->cx, 1024);
    for (size_t i = 0; b != NULL && i < ks_json_count(schemes); i++)
        ks_buf_fmt(b, "%s" KS_FMT, i ? ", " : "", KS_ARG(ks_member(c, ks_json_at(schemes, i), "auth_mode")));
    return b && b->n ? ks_buf_view(b) : KS_S("none");
}

int ks_cmd_app_list(ks_cli *c)
{
    ks_reply r;
    ks_str   search = ks_cli_option(c, "search");
    if (ks_cli_has(c, "own"))
        return ks_app_list_own(c);
    int code = ks_client_ask(c, "GET", KS_S("/v1/apps"), NULL, &r);
    if (code != KS_EXIT_OK)
        return code;
    if (ks_cli_has(c, "json") && search.p == NULL)
        return ks_put_json(c, &r);
    const ks_json *items = ks_json_get(r.json, "items");
    ks_str        *cells = ks_alloc(&c->cx, 3 * (ks_json_count(items) + 1) * sizeof *cells);
    size_t         rows = 1;
    if (cells == NULL)
        return ks_cli_fail_err(c);
    cells[0] = KS_S("APP"), cells[1] = KS_S("SCHEMES"), cells[2] = KS_S("ABOUT");
    for (size_t i = 0; i < ks_json_count(items); i++) {
        const ks_json *app = ks_json_at(items, i);
        ks_str         key = ks_member(c, app, "key"), about = ks_member(c, app, "description");
        if (search.n > 0 && !ks_str_iholds(key, search) && !ks_str_iholds(about, search))
            continue;
        cells[3 * rows] = key;
        cells[3 * rows + 1] = schemes_text(c, app);
        cells[3 * rows++ + 2] = about;
    }
    ks_put_table(c->out, cells, rows, 3);
    return KS_EXIT_OK;
}

static int put_fields(ks_cli *c, const ks_json *fields)
{
    size_t  rows = ks_json_count(fields) + 1;
    ks_str *cells = ks_alloc(&c->cx, 4 * rows * sizeof *cells);
    if (cells == NULL)
        return ks_cli_fail_err(c);
    cells[0] = KS_S("FIELD"), cells[1] = KS_S("NEEDED"), cells[2] = KS_S("SECRET"),
    cells[3] = KS_S("WHAT IT IS");
    for (size_t i = 1; i < rows; i++) {
        const ks_json *f = ks_json_at(fields, i - 1);
        cells[4 * i] = ks_member(c, f, "name");
        cells[4 * i + 1] = ks_json_true(ks_json_get(f, "required")) ? KS_S("yes") : KS_S("no");
        cells[4 * i + 2] = ks_json_true(ks_json_get(f, "is_secret")) ? KS_S("yes") : KS_S("no");
        cells[4 * i + 3] = ks_member(c, f, "description");
    }
    ks_put_table(c->out, cells, rows, 4);
    return KS_EXIT_OK;
}

static int get_app(ks_cli *c, ks_reply *r)
{
    return ks_client_ask(c, "GET", KS_PATH(&c->cx, "/v1/apps/%s", ks_cli_arg(c, 0)), NULL, r);
}

int ks_cmd_app_show(ks_cli *c)
{
    ks_reply r;
    int      code = get_app(c, &r);
    if (code != KS_EXIT_OK)
        return code;
    if (ks_cli_has(c, "json"))
        return ks_put_json(c, &r);
    const ks_json *schemes = ks_json_get(r.json, "auth_schemes");
    ks_put(c->out, ks_member(c, r.json, "key"));
    fputs("  ", c->out);
    ks_put(c->out, ks_member(c, r.json, "description"));
    putc('\n', c->out);
    for (size_t i = 0; i < ks_json_count(schemes) && code == KS_EXIT_OK; i++) {
        putc('\n', c->out);
        ks_put(c->out, ks_member(c, ks_json_at(schemes, i), "auth_mode"));
        putc('\n', c->out);
        code = put_fields(c, ks_json_get(ks_json_at(schemes, i), "fields"));
    }
    return code;
}

int ks_cmd_app_fields(ks_cli *c)
{
    ks_reply r;
    ks_str   want = ks_cli_option(c, "scheme");
    int      code = get_app(c, &r);
    if (code != KS_EXIT_OK)
        return code;
    const ks_json *schemes = ks_json_get(r.json, "auth_schemes");
    for (size_t i = 0; i < ks_json_count(schemes); i++) {
        const ks_json *s = ks_json_at(schemes, i);
        if (want.p != NULL && !ks_str_ieq(ks_member(c, s, "auth_mode"), want))
            continue;
        if (!ks_cli_has(c, "json"))
            return put_fields(c, ks_json_get(s, "fields"));
        ks_put_tree(c->out, ks_json_get(s, "fields"));
        return KS_EXIT_OK;
    }
    return ks_cli_fail(c, KS_EXIT_NOT_FOUND,
                       "The app has no such scheme; keysteward app show tells those it has.");
}

/* ---- files ---- */

/* The text of the file at `path`; what is wrong in cx->err. */
static ks_status read_app_file(ks_ctx *cx, ks_str path, ks_str *out)
{
    int fd = open(path.p, O_RDONLY | O_CLOEXEC); /* an argument: NUL-terminated */
    *out = ks_input_fd(cx, fd, KS_APP_FILE_MAX);
    if (fd >= 0)
        close(fd);
    if (cx->starved)
        return KS_NO_MEMORY;
    if (out->p == NULL || out->n > KS_APP_FILE_MAX)
        return ks_fail(cx, KS_INVALID, NULL, KS_FMT ": cannot be read, or is over %d bytes", KS_ARG(path),
                       KS_APP_FILE_MAX);
    return KS_OK;
}

/* Every mistake of one file, a line each, on standard error; in memory of its own, for there may be many
 * files. */
static bool lint_file(ks_cli *c, ks_str path)
{
    ks_arena *arena = ks_arena_new(LINT_ARENA);
    if (arena == NULL)
        return false;
    const ks_app *app;
    ks_ctx        cx = ks_ctx_new(arena, NULL);
    ks_str        text, line, rest;
    ks_buf       *faults = ks_ctx_buf(&cx, LINT_FAULTS);
    ks_status     status = faults != NULL ? read_app_file(&cx, path, &text) : KS_NO_MEMORY;
    if (status == KS_OK)
        status = ks_app_file_lint(&cx, path, text, faults, &app);
    rest = faults != NULL && faults->n > 0 ? ks_buf_view(faults)
           : status != KS_OK               ? cx.err.message
                                           : KS_NO_STR;
    while (ks_str_cut(&rest, '\n', &line)) {
        ks_cli_mark(c);
        ks_put(c->err, line);
        fputc('\n', c->err);
    }
    ks_arena_free(arena);
    return status == KS_OK;
}

int ks_cmd_app_lint(ks_cli *c)
{
    int code = KS_EXIT_OK;
    for (int i = 0; i < c->args_n; i++) {
        if (lint_file(c, ks_cli_arg(c, i)))
            fprintf(c->err, "ok %s\n", c->args[i]);
        else
            code = KS_EXIT_FAILED;
    }
    return code;
}
