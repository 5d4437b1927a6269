/* cli/cmd_theme.c — what the project's connect pages look like: show, set, reset. The server judges it. */
#include <fcntl.h>
#include <unistd.h>

#include "base/enc.h"
#include "cli/client.h"
#include "cli/input.h"
#include "cli/output.h"

#define THEME_MAX (256 * 1024) /* bytes of the file, a logo in base64 included */

/* The whole file, or standard input for "-"; at most `max` bytes. */
static int read_file(ks_cli *c, const char *path, size_t max, ks_str *out)
{
    bool in = strcmp(path, "-") == 0;
    int  fd = in ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
    *out = ks_input_fd(&c->cx, fd, max);
    if (fd >= 0 && !in)
        close(fd);
    if (out->p == NULL || out->n > max)
        return ks_cli_fail(c, KS_EXIT_USAGE, "%s: cannot be read, or is over %zu bytes.", path, max);
    return KS_EXIT_OK;
}

/* Its members go as they are; a logo file comes behind them. */
static int put_theme(ks_cli *c, ks_str theme, ks_payload *b)
{
    ks_json *given;
    void    *it = NULL;
    ks_str   name, logo = ks_cli_option(c, "logo"), bytes;
    ks_json *v;
    if (ks_json_parse(&c->cx, theme, &given) != KS_OK || ks_json_kind(given) != KS_JSON_OBJ)
        return ks_cli_fail(c, KS_EXIT_USAGE, "The theme is no JSON object.");
    ks_payload_open(b, NULL);
    while (ks_json_each(given, &it, &name, &v)) {
        ks_str raw = ks_json_slice(theme, name);
        ks_payload_name(b, name);
        ks_payload_raw(b, raw);
    }
    if (logo.p != NULL) {
        ks_buf *text = ks_ctx_buf(&c->cx, THEME_MAX);
        int     code = read_file(c, logo.p, THEME_MAX / 2, &bytes);
        if (code != KS_EXIT_OK || text == NULL)
            return code != KS_EXIT_OK ? code : KS_EXIT_SERVER;
        ks_enc_base64(text, bytes);
        ks_payload_str(b, "logo", ks_buf_view(text));
    }
    ks_payload_close(b);
    return KS_EXIT_OK;
}

static int show(ks_cli *c, const ks_reply *r)
{
    ks_json *theme = ks_json_get(r->json, "theme");
    if (ks_cli_has(c, "json"))
        return ks_put_json(c, r);
    if (ks_json_kind(theme) == KS_JSON_NULL) {
        fputs("the built-in look\n", c->out);
        return KS_EXIT_OK;
    }
    ks_put(c->out, ks_json_slice(r->body, KS_S("theme")));
    putc('\n', c->out);
    return KS_EXIT_OK;
}

int ks_cmd_theme_show(ks_cli *c)
{
    ks_reply r;
    int      code = ks_client_ask(c, "GET", KS_S("/ks/theme"), NULL, &r);
    return code == KS_EXIT_OK ? show(c, &r) : code;
}

int ks_cmd_theme_set(ks_cli *c)
{
    ks_reply   r;
    ks_str     theme;
    ks_payload b = ks_payload_new(&c->cx);
    int        code = read_file(c, c->args[0], THEME_MAX, &theme);
    if (code == KS_EXIT_OK)
        code = put_theme(c, theme, &b);
    if (code == KS_EXIT_OK)
        code = ks_client_ask(c, "PUT", KS_S("/ks/theme"), &b, &r);
    return code == KS_EXIT_OK ? show(c, &r) : code;
}

int ks_cmd_theme_reset(ks_cli *c)
{
    ks_reply r;
    int      code = ks_client_ask(c, "DELETE", KS_S("/ks/theme"), NULL, &r);
    return code == KS_EXIT_OK ? show(c, &r) : code;
}
