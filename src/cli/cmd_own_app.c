/* cli/cmd_own_app.c — a project's own apps: add a file, remove, list. The server judges the file. */
#include <fcntl.h>
#include <unistd.h>

#include "cli/input.h"
#include "cli/output.h"
#include "features/apps/app_file.h"

/* The whole file, or standard input for "-". */
static int read_file(ks_cli *c, const char *path, ks_str *out)
{
    bool in = strcmp(path, "-") == 0;
    int  fd = in ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
    *out = ks_input_fd(&c->cx, fd, KS_APP_FILE_MAX);
    if (fd >= 0 && !in)
        close(fd);
    if (out->p == NULL || out->n > KS_APP_FILE_MAX)
        return ks_cli_fail(c, KS_EXIT_USAGE, "%s: cannot be read, or is over %d bytes.", path,
                           KS_APP_FILE_MAX);
    return ks_str_utf8(*out) ? KS_EXIT_OK : ks_cli_fail(c, KS_EXIT_USAGE, "%s: is not UTF-8 text.", path);
}

int ks_cmd_app_add(ks_cli *c)
{
    ks_reply r;
    ks_str   text;
    int      code = read_file(c, c->args[0], &text);
    if (code != KS_EXIT_OK)
        return code;
    ks_payload b = ks_payload_new(&c->cx);
    ks_payload_open(&b, NULL);
    ks_payload_str(&b, "file", text);
    ks_payload_name(&b, KS_S("replace"));
    ks_payload_raw(&b, ks_cli_has(c, "replace") ? KS_S("true") : KS_S("false"));
    ks_payload_name(&b, KS_S("force"));
    ks_payload_raw(&b, ks_cli_has(c, "force") ? KS_S("true") : KS_S("false"));
    ks_payload_close(&b);
    code = ks_client_ask(c, "POST", KS_S("/ks/apps"), &b, &r);
    if (code != KS_EXIT_OK)
        return code;
    if (ks_cli_has(c, "json"))
        return ks_put_json(c, &r);
    ks_put(c->out, ks_member(c, r.json, "key"));
    fputs(" version ", c->out);
    ks_put(c->out, ks_member(c, r.json, "version"));
    fputs(ks_json_true(ks_json_get(r.json, "replaces")) ? ", instead of the catalogue's\n" : "\n", c->out);
    return KS_EXIT_OK;
}

int ks_cmd_app_remove(ks_cli *c)
{
    ks_reply r;
    ks_str   path = KS_PATH(&c->cx, "/ks/apps/%s", ks_cli_arg(c, 0));
    if (ks_cli_has(c, "force"))
        path = ks_fmt(&c->cx, KS_FMT "?force=true", KS_ARG(path));
    int code = ks_client_ask(c, "DELETE", path, NULL, &r);
    if (code != KS_EXIT_OK)
        return code;
    if (ks_cli_has(c, "json"))
        return ks_put_json(c, &r);
    fprintf(c->out, "removed " KS_FMT " (connections: " KS_FMT ", integrations: " KS_FMT "). ",
            KS_ARG(ks_member(c, r.json, "key")), KS_ARG(ks_member(c, r.json, "connections")),
            KS_ARG(ks_member(c, r.json, "integrations")));
    ks_put(c->out, ks_member(c, r.json, "note"));
    putc('\n', c->out);
    return KS_EXIT_OK;
}

int ks_app_list_own(ks_cli *c)
{
    ks_reply r;
    int      code = ks_client_ask(c, "GET", KS_S("/ks/apps?own=true"), NULL, &r);
    if (code != KS_EXIT_OK || ks_cli_has(c, "json"))
        return code != KS_EXIT_OK ? code : ks_put_json(c, &r);
    const ks_json *items = ks_json_get(r.json, "items");
    size_t         rows = ks_json_count(items) + 1;
    ks_str        *cells = ks_alloc(&c->cx, 4 * rows * sizeof *cells);
    if (cells == NULL)
        return ks_cli_fail_err(c);
    cells[0] = KS_S("APP"), cells[1] = KS_S("VERSION"), cells[2] = KS_S("CHANGED"), cells[3] = KS_S("ABOUT");
    for (size_t i = 1; i < rows; i++) {
        const ks_json *app = ks_json_at(items, i - 1), *own = ks_json_get(app, "own");
        cells[4 * i] = ks_member(c, app, "key");
        cells[4 * i + 1] = ks_member(c, own, "version");
        cells[4 * i + 2] = ks_member(c, own, "updated_at");
        cells[4 * i + 3] = ks_member(c, app, "about");
    }
    ks_put_table(c->out, cells, rows, 4);
    return KS_EXIT_OK;
}
