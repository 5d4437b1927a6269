/* cli/cmd_settings.c — what the project has decided for what it makes: show, set. The server judges it. */
#include "cli/client.h"
#include "cli/output.h"

static int show(ks_cli *c, const ks_reply *r)
{
    if (ks_cli_has(c, "json"))
        return ks_put_json(c, r);
    ks_put_tree(c->out, r->json);
    return KS_EXIT_OK;
}

int ks_cmd_settings_show(ks_cli *c)
{
    ks_reply r;
    int      code = ks_client_ask(c, "GET", KS_S("/ks/settings"), NULL, &r);
    return code == KS_EXIT_OK ? show(c, &r) : code;
}

/* The values of an option as a JSON list; `any` or `none` alone: an empty one. Absent: no memory. */
static ks_str list_of(ks_cli *c, const char *option, ks_str empty)
{
    ks_buf *b = ks_ctx_buf(&c->cx, KS_MAX_BODY_BYTES);
    ks_str  one = ks_cli_option_at(c, option, 0);
    bool    none = ks_str_eq(one, empty) && ks_cli_option_at(c, option, 1).p == NULL;
    if (b == NULL)
        return KS_NO_STR;
    ks_jw w = ks_jw_new(b);
    ks_jw_arr(&w, NULL);
    for (size_t i = 0; !none && one.p != NULL; one = ks_cli_option_at(c, option, ++i))
        ks_jw_str(&w, NULL, one);
    ks_jw_end(&w, ']');
    return ks_buf_ok(b) ? ks_buf_view(b) : KS_NO_STR;
}

static int put_list(ks_cli *c, const char *option, const char *member, ks_str empty, ks_payload *b)
{
    if (!ks_cli_has(c, option))
        return KS_EXIT_OK;
    ks_str list = list_of(c, option, empty);
    if (list.p == NULL)
        return ks_cli_fail(c, KS_EXIT_FAILED, "No memory.");
    ks_payload_name(b, ks_str_of(member));
    ks_payload_raw(b, list);
    return KS_EXIT_OK;
}

int ks_cmd_settings_set(ks_cli *c)
{
    ks_reply   r;
    ks_str     verify = ks_cli_option(c, "verify");
    ks_payload b = ks_payload_new(&c->cx);
    if (verify.p == NULL && !ks_cli_has(c, "origin") && !ks_cli_has(c, "return-origin"))
        return ks_cli_usage(c, "Say what to set: --verify MODE, --origin URL, --return-origin URL.");
    ks_payload_open(&b, NULL);
    if (ks_str_eq(verify, KS_S("default"))) {
        ks_payload_name(&b, KS_S("verify"));
        ks_payload_raw(&b, KS_S("null"));
    } else {
        ks_payload_str(&b, "verify", verify);
    }
    int code = put_list(c, "origin", "allowed_origins", KS_S("none"), &b);
    if (code == KS_EXIT_OK)
        code = put_list(c, "return-origin", "return_origins", KS_S("any"), &b);
    ks_payload_close(&b);
    if (code == KS_EXIT_OK)
        code = ks_client_ask(c, "PUT", KS_S("/ks/settings"), &b, &r);
    return code == KS_EXIT_OK ? show(c, &r) : code;
}
