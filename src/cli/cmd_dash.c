/* cli/cmd_dash.c — a one-time address that signs a browser in to the dashboard, for whoever may use the
 * server's control socket. */
#include "cli/control.h"
#include "cli/output.h"

static ks_str wish(ks_cli *c)
{
    ks_buf *b = ks_ctx_buf(&c->cx, KS_MAX_BODY_BYTES);
    if (b == NULL)
        return KS_NO_STR;
    ks_jw w = ks_jw_new(b);
    ks_jw_obj(&w, NULL);
    ks_jw_str(&w, "project", ks_cli_option(c, "project"));
    ks_jw_end(&w, '}');
    return ks_buf_ok(b) ? ks_buf_view(b) : KS_NO_STR;
}

int ks_cmd_dash(ks_cli *c)
{
    ks_reply r;
    ks_str   body = wish(c);
    if (body.p == NULL)
        return ks_cli_fail(c, KS_EXIT_FAILED, "No memory.");
    ks_status st = ks_control_send(c, ks_cli_data(c), "POST", KS_S("/ks/admin/dash"), body, &r);
    if (st == KS_NOT_FOUND)
        return ks_cli_fail(c, KS_EXIT_SERVER,
                           "No server runs on this data folder. Start it: keysteward serve. Another folder: "
                           "--data DIR.");
    if (st != KS_OK)
        return ks_cli_fail_err(c);
    if (r.status >= 400)
        return ks_client_say(c, &r);
    if (ks_cli_has(c, "json"))
        return ks_put_json(c, &r);
    ks_str base = ks_member(c, r.json, "base");
    ks_put(c->out, ks_str_trim(base.n > 0 && !ks_cli_has(c, "url") ? base : ks_client_url(c), "/"));
    ks_put(c->out, ks_member(c, r.json, "path"));
    putc('\n', c->out);
    fputs("  Signs one browser in, once, within ten minutes. Shown this once.\n", c->err);
    return KS_EXIT_OK;
}
