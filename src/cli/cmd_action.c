/* cli/cmd_action.c — actions: find, show, run, explain. */
#include "cli/input.h"
#include "cli/output.h"

static int put_actions(ks_cli *c, const ks_reply *r)
{
    static const char *const members[] = {"name", "appName", "description"};
    static const char *const titles[] = {"ACTION", "APP", "WHAT IT DOES"};
    if (ks_cli_has(c, "json"))
        return ks_put_json(c, r);
    return ks_put_items(c, ks_json_get(r->json, "items"), members, titles, KS_COUNT(titles));
}

int ks_cmd_action_list(ks_cli *c)
{
    ks_reply r;
    ks_str   app = ks_cli_option(c, "app"), tag = ks_cli_option(c, "tag");
    ks_str   path = KS_PATH(&c->cx, "/v2/actions?apps=%s&tags=%s", app, tag);
    if (tag.p == NULL)
        path = KS_PATH(&c->cx, "/v2/actions?apps=%s", app);
    int code = ks_client_ask(c, "GET", path, NULL, &r);
    return code == KS_EXIT_OK ? put_actions(c, &r) : code;
}

int ks_cmd_action_show(ks_cli *c)
{
    ks_reply r;
    int      code = ks_client_ask(c, "GET", KS_PATH(&c->cx, "/v2/actions/%s", ks_cli_arg(c, 0)), NULL, &r);
    if (code != KS_EXIT_OK)
        return code;
    if (ks_cli_has(c, "json"))
        return ks_put_json(c, &r);
    ks_put(c->out, ks_member(c, r.json, "name"));
    fputs("  ", c->out);
    ks_put(c->out, ks_member(c, r.json, "description"));
    putc('\n', c->out);
    ks_put_tree(c->out, ks_json_get(r.json, "parameters"));
    return KS_EXIT_OK;
}

int ks_cmd_action_search(ks_cli *c)
{
    ks_reply r;
    ks_str   limit = ks_cli_option(c, "limit");
    ks_buf  *text = ks_ctx_buf(&c->cx, 4096);
    if (text == NULL)
        return ks_cli_fail_err(c);
    for (int i = 0; i < c->args_n; i++)
        ks_buf_fmt(text, "%s%s", i ? " " : "", c->args[i]);
    ks_str path = KS_PATH(&c->cx, "/v2/actions?useCase=%s&limit=%s&apps=%s", ks_buf_view(text),
                          limit.p ? limit : KS_S("10"), ks_cli_option(c, "app"));
    int    code = ks_client_ask(c, "GET", path, NULL, &r);
    return code == KS_EXIT_OK ? put_actions(c, &r) : code;
}

/* --input as a checked JSON object; absent: it has said why not. */
static ks_str input_of(ks_cli *c)
{
    ks_str      given = ks_cli_option(c, "input");
    ks_str      text = given.p ? ks_str_trim(ks_input_text(c, given), " \t\r\n") : KS_S("{}");
    const char *fault = text.p ? ks_json_fault(text) : NULL;
    if (text.p == NULL)
        return text;
    if (fault == NULL && !ks_str_starts(text, KS_S("{")))
        fault = "is no JSON object";
    if (fault == NULL)
        return text;
    ks_cli_usage(c, "--input %s.", fault);
    return KS_NO_STR;
}

static ks_payload act_body(ks_cli *c, bool name_action, ks_str input)
{
    ks_payload b = ks_payload_new(&c->cx);
    ks_payload_open(&b, NULL);
    if (name_action)
        ks_payload_str(&b, "action", ks_cli_arg(c, 0));
    ks_payload_str(&b, "entityId", ks_cli_option(c, "entity"));
    ks_payload_str(&b, "connectedAccountId", ks_cli_option(c, "connection"));
    ks_payload_name(&b, KS_S("input"));
    ks_payload_raw(&b, input);
    ks_payload_close(&b);
    return b;
}

int ks_cmd_action_run(ks_cli *c)
{
    ks_reply r;
    ks_str   input = input_of(c);
    if (input.p == NULL)
        return KS_EXIT_USAGE;
    ks_payload b = act_body(c, false, input);
    int code = ks_client_ask(c, "POST", KS_PATH(&c->cx, "/v2/actions/%s/execute", ks_cli_arg(c, 0)), &b, &r);
    if (code != KS_EXIT_OK)
        return code;
    bool ok = ks_json_true(ks_json_get(r.json, "successful"));
    if (ks_cli_has(c, "json"))
        ks_put_json(c, &r);
    else
        ks_put_tree(c->out, ks_json_get(r.json, "data"));
    if (ok)
        return KS_EXIT_OK;
    ks_cli_mark(c);
    ks_put(c->err, ks_member(c, r.json, "error"));
    putc('\n', c->err);
    const ks_json *status = ks_json_get(r.json, "vendorStatus");
    return status != NULL && ks_json_kind(status) == KS_JSON_NULL ? KS_EXIT_VENDOR : KS_EXIT_FAILED;
}

int ks_cmd_explain(ks_cli *c)
{
    ks_reply r;
    ks_str   input = input_of(c);
    if (input.p == NULL)
        return KS_EXIT_USAGE;
    ks_payload b = act_body(c, true, input);
    int        code = ks_client_ask(c, "POST", KS_S("/ks/explain"), &b, &r);
    return code == KS_EXIT_OK ? ks_put_answer(c, &r) : code;
}
