/* cli/cmd_import.c — an OpenAPI document to an app file: on standard output, with what was left out on
 * standard error. Needs no server. */
#include <fcntl.h>
#include <unistd.h>

#include "cli/input.h"
#include "cli/output.h"
#include "features/import/doc.h"
#include "features/import/import.h"

/* The file whole, NUL-terminated. Absent: it has said what is wrong. */
static ks_str read_document(ks_cli *c, ks_str path)
{
    bool   input = ks_str_eq(path, KS_S("-"));
    int    fd = input ? STDIN_FILENO : open(path.p, O_RDONLY | O_CLOEXEC);
    ks_str text = ks_input_fd(&c->cx, fd, KS_DOC_MAX);
    if (fd >= 0 && !input)
        close(fd);
    if (text.p == NULL)
        ks_cli_fail(c, 0, "The document cannot be read.");
    return text;
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
    ks_jw_int(&w, "more_notes", (int64_t)made->notes_more);
    ks_jw_str(&w, "file", made->yaml);
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

/* The app file goes to the server as any other; its answer is told in a line. */
static int add_file(ks_cli *c, const ks_import *made)
{
    ks_reply   r;
    ks_payload b = ks_payload_new(&c->cx);
    ks_payload_open(&b, NULL);
    ks_payload_str(&b, "file", made->yaml);
    ks_payload_name(&b, KS_S("replace"));
    ks_payload_raw(&b, ks_cli_has(c, "replace") ? KS_S("true") : KS_S("false"));
    ks_payload_close(&b);
    int code = ks_client_ask(c, "POST", KS_S("/ks/apps"), &b, &r);
    if (code == KS_EXIT_OK)
        fprintf(c->err, "added " KS_FMT " version " KS_FMT "\n", KS_ARG(ks_member(c, r.json, "key")),
                KS_ARG(ks_member(c, r.json, "version")));
    return code;
}

static int import_file(ks_cli *c, ks_str path)
{
    ks_import         made;
    ks_str            text = read_document(c, path);
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
    if (ks_cli_has(c, "json"))
        put_json(c, &made);
    else
        put_notes(c, o.file, &made);
    if (ks_cli_has(c, "add") && !ks_cli_has(c, "dry-run"))
        return add_file(c, &made);
    if (!ks_cli_has(c, "json") && !ks_cli_has(c, "dry-run"))
        fwrite(made.yaml.p, 1, made.yaml.n, c->out);
    return KS_EXIT_OK;
}

/* ---- by address: the server fetches it ---- */

static ks_str path_of(ks_cli *c)
{
    static const char *const options[] = {"name", "base", "auth", "only"};
    bool                     add = ks_cli_has(c, "add") && !ks_cli_has(c, "dry-run");
    ks_str                   path = ks_fmt(&c->cx, "/ks/apps/import?dry_run=%s&deprecated=%s&replace=%s",
                         add ? "false" : "true", ks_cli_has(c, "deprecated") ? "true" : "false",
                         ks_cli_has(c, "replace") ? "true" : "false");
    for (size_t i = 0; i < KS_COUNT(options); i++) {
        if (ks_cli_has(c, options[i]))
            path = ks_fmt(&c->cx, KS_FMT "&%s=" KS_FMT, KS_ARG(path), options[i],
                          KS_ARG(KS_PATH(&c->cx, "%s", ks_cli_option(c, options[i]))));
    }
    return path;
}

static int import_url(ks_cli *c, ks_str url)
{
    ks_reply   r;
    ks_payload b = ks_payload_new(&c->cx);
    ks_payload_open(&b, NULL);
    ks_payload_str(&b, "url", url);
    ks_payload_close(&b);
    int code = ks_client_ask(c, "POST", path_of(c), &b, &r);
    if (code != KS_EXIT_OK)
        return code;
    if (ks_cli_has(c, "json"))
        return ks_put_json(c, &r);
    const ks_json *notes = ks_json_get(r.json, "notes");
    for (size_t i = 0; i < ks_json_count(notes); i++) {
        ks_str line = ks_member(c, ks_json_at(notes, i), "line");
        fprintf(c->err, "document%s" KS_FMT ": ", line.n > 0 ? ":" : "", KS_ARG(line));
        ks_put(c->err, ks_member(c, ks_json_at(notes, i), "text"));
        putc('\n', c->err);
    }
    ks_put(c->err, ks_member(c, r.json, "key"));
    fprintf(c->err, ": " KS_FMT " of " KS_FMT " operations%s\n", KS_ARG(ks_member(c, r.json, "actions")),
            KS_ARG(ks_member(c, r.json, "operations")),
            ks_json_true(ks_json_get(r.json, "added")) ? ", added" : "");
    ks_str file = ks_member(c, r.json, "file");
    if (!ks_cli_has(c, "dry-run") && file.n > 0)
        fwrite(file.p, 1, file.n, c->out);
    return KS_EXIT_OK;
}

int ks_cmd_app_import(ks_cli *c)
{
    ks_str from = ks_cli_arg(c, 0);
    bool   url = ks_str_starts(from, KS_S("https://")) || ks_str_starts(from, KS_S("http://"));
    return url ? import_url(c, from) : import_file(c, from);
}
