/* cli/cmd_import.c — an OpenAPI document to an app file: on standard output, with what was left out on
 * standard error. Needs no server. */
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/output.h"
#include "features/import/doc.h"
#include "features/import/import.h"

/* The file whole, NUL-terminated. Absent: it has said what is wrong. */
static ks_str read_document(ks_cli *c, ks_str path)
{
    struct stat st;
    size_t      n = 0;
    ssize_t     got = 1;
    char       *text = NULL;
    bool        input = ks_str_eq(path, KS_S("-"));
    int         fd = input ? STDIN_FILENO : open(path.p, O_RDONLY | O_CLOEXEC);
    bool        sized = fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size <= KS_DOC_MAX;
    size_t      room = (sized ? (size_t)st.st_size : KS_DOC_MAX) + 1; /* one more shows what is too large */
    if (fd >= 0)
        text = ks_alloc(&c->cx, room + 1);
    while (text != NULL && got > 0 && n < room) {
        got = read(fd, text + n, room - n);
        n += got > 0 ? (size_t)got : 0;
    }
    if (fd >= 0 && !input)
        close(fd);
    if (text == NULL || got < 0) {
        ks_cli_fail(c, 0, "The document cannot be read.");
        return KS_NO_STR;
    }
    text[n] = '\0';
    return (ks_str){text, n};
}

static ks_str last_part(ks_str path)
{
    for (size_t i = path.n; i-- > 0;) {
        if (path.p[i] == '/')
            return ks_str_sub(path, i + 1, SIZE_MAX);
    }
    return path;
}

static void put_json(ks_cli *c, const ks_import *made)
{
    ks_buf *b = ks_ctx_buf(&c->cx, 8 << 20);
    if (b == NULL)
        return;
    ks_jw w = ks_jw_new(b);
    ks_jw_obj(&w, NULL);
    ks_jw_str(&w, "key", made->key);
    ks_jw_str(&w, "name", made->name);
    ks_jw_int(&w, "schemes", (int64_t)made->schemes);
    ks_jw_int(&w, "operations", (int64_t)made->operations);
    ks_jw_int(&w, "actions", (int64_t)made->actions);
    ks_jw_arr(&w, "notes");
    for (size_t i = 0; i < made->notes_n; i++) {
        ks_jw_obj(&w, NULL);
        ks_jw_int(&w, "line", made->notes[i].line);
        ks_jw_str(&w, "text", made->notes[i].text);
        ks_jw_end(&w, '}');
    }
    ks_jw_end(&w, ']');
    ks_jw_int(&w, "notes_more", (int64_t)made->notes_more);
    ks_jw_str(&w, "yaml", ks_cli_has(c, "dry-run") ? KS_NO_STR : made->yaml);
    ks_jw_end(&w, '}');
    fwrite(b->p, 1, b->n, c->out);
    putc('\n', c->out);
}

static void put_notes(ks_cli *c, ks_str file, const ks_import *made)
{
    for (size_t i = 0; i < made->notes_n; i++) {
        ks_put(c->err, file);
        if (made->notes[i].line > 0)
            fprintf(c->err, ":%u", made->notes[i].line);
        fputs(": ", c->err);
        ks_put(c->err, made->notes[i].text);
        putc('\n', c->err);
    }
    if (made->notes_more > 0)
        fprintf(c->err, "and %zu more\n", made->notes_more);
    ks_put(c->err, made->key);
    fprintf(c->err, ": %zu of %zu operations, %zu %s\n", made->actions, made->operations, made->schemes,
            made->schemes == 1 ? "scheme" : "schemes");
}

int ks_cmd_app_import(ks_cli *c)
{
    ks_import         made;
    ks_str            path = ks_cli_arg(c, 0), text = read_document(c, path);
    ks_import_options o = {
        .file = ks_str_eq(path, KS_S("-")) ? KS_S("document") : last_part(path),
        .key = ks_cli_option(c, "name"),
        .base = ks_cli_option(c, "base"),
        .auth = ks_cli_option(c, "auth"),
        .only = ks_cli_option(c, "only"),
        .deprecated = ks_cli_has(c, "deprecated"),
    };
    if (text.p == NULL)
        return KS_EXIT_FAILED;
    if (ks_import_document(&c->cx, text, &o, &made) != KS_OK)
        return ks_cli_fail_err(c);
    if (ks_cli_has(c, "json")) {
        put_json(c, &made);
        return KS_EXIT_OK;
    }
    put_notes(c, o.file, &made);
    if (!ks_cli_has(c, "dry-run"))
        fwrite(made.yaml.p, 1, made.yaml.n, c->out);
    return KS_EXIT_OK;
}
