/* cli/cmd_integration.c — integrations over the v1 API. */
#include "cli/fields.h"
#include "cli/input.h"
#include "cli/output.h"

int ks_cmd_integration_list(ks_cli *c)
{
    static const char *const members[] = {"id", "appName", "authScheme", "name", "enabled", "createdAt"};
    static const char *const titles[] = {"ID", "APP", "SCHEME", "NAME", "ENABLED", "CREATED"};
    ks_reply                 r;
    int code = ks_client_ask(c, "GET", KS_S("/v1/integrations?showDisabled=true"), NULL, &r);
    if (code != KS_EXIT_OK)
        return code;
    if (ks_cli_has(c, "json"))
        return ks_put_json(c, &r);
    return ks_put_items(c, ks_json_get(r.json, "items"), members, titles, KS_COUNT(titles));
}

/* Secrets are judged by the fields of the scheme; nothing is asked for, because an integration without values
 * of its own is fine. */
static int judge(ks_cli *c, const ks_json *app, ks_str scheme, const ks_words *w)
{
    const ks_json *schemes = ks_json_get(app, "auth_schemes"), *found = ks_json_at(schemes, 0);
    for (size_t i = 0; scheme.p != NULL && i < ks_json_count(schemes); i++)
        if (ks_str_ieq(ks_member(c, ks_json_at(schemes, i), "auth_mode"), scheme))
            found = ks_json_at(schemes, i);
    return ks_words_judge(c, ks_json_get(found, "fields"), ks_str_eq(ks_member(c, app, "key"), KS_S("demo")),
                          w);
}

int ks_cmd_integration_create(ks_cli *c)
{
    ks_words w;
    ks_reply app, r;
    ks_str   scheme = ks_cli_option(c, "scheme");
    int      code = ks_words_take(c, 1, &w);
    if (code == KS_EXIT_OK)
        code = ks_client_ask(c, "GET", KS_PATH(&c->cx, "/v1/apps/%s", ks_cli_arg(c, 0)), NULL, &app);
    if (code == KS_EXIT_OK)
        code = judge(c, app.json, scheme, &w);
    if (code != KS_EXIT_OK)
        return code;
    ks_payload b = ks_payload_new(&c->cx);
    ks_payload_open(&b, NULL);
    ks_payload_str(&b, "appId", ks_member(c, app.json, "appId"));
    ks_payload_str(&b, "name", ks_cli_option(c, "name"));
    ks_payload_str(&b, "authScheme", scheme);
    ks_payload_open(&b, "authConfig");
    ks_words_write(&w, &b);
    ks_payload_close(&b);
    ks_payload_name(&b, KS_S("forceNewIntegration"));
    ks_payload_raw(&b, KS_S("true}"));
    code = ks_client_ask(c, "POST", KS_S("/v1/integrations"), &b, &r);
    if (code != KS_EXIT_OK)
        return code;
    if (ks_cli_has(c, "json"))
        return ks_put_json(c, &r);
    ks_put(c->out, ks_member(c, r.json, "id"));
    putc('\n', c->out);
    return KS_EXIT_OK;
}

int ks_cmd_integration_show(ks_cli *c)
{
    ks_reply r;
    int code = ks_client_ask(c, "GET", KS_PATH(&c->cx, "/v1/integrations/%s", ks_cli_arg(c, 0)), NULL, &r);
    return code == KS_EXIT_OK ? ks_put_answer(c, &r) : code;
}

/* The --allow options as JSON: `all` alone takes the list away, `none` alone makes it empty. */
static ks_str allowed_list(ks_cli *c)
{
    ks_buf *b = ks_ctx_buf(&c->cx, KS_MAX_BODY_BYTES);
    ks_str  one = ks_cli_option_at(c, "allow", 0);
    bool    alone = ks_cli_option_at(c, "allow", 1).p == NULL;
    if (b == NULL)
        return KS_NO_STR;
    if (alone && ks_str_eq(one, KS_S("all")))
        return KS_S("null");
    ks_jw w = ks_jw_new(b);
    ks_jw_arr(&w, NULL);
    for (size_t i = 0; one.p != NULL; one = ks_cli_option_at(c, "allow", ++i))
        if (!alone || !ks_str_eq(one, KS_S("none")))
            ks_jw_str(&w, NULL, one);
    ks_jw_end(&w, ']');
    return ks_buf_ok(b) ? ks_buf_view(b) : KS_NO_STR;
}

int ks_cmd_integration_set(ks_cli *c)
{
    ks_reply r;
    ks_str   ambiguous = ks_cli_option(c, "ambiguous"), allow = ks_cli_option(c, "allow");
    ks_str   verify = ks_cli_option(c, "verify");
    if (ambiguous.n == 0 && allow.n == 0 && verify.n == 0)
        return ks_cli_usage(c, "Say what to set: --verify on, off, required or default; --ambiguous newest, "
                               "refuse or default; --allow REQUEST.");
    ks_payload b = ks_payload_new(&c->cx);
    ks_payload_open(&b, NULL);
    if (verify.n > 0)
        ks_payload_str(&b, "verify", verify);
    if (ambiguous.n > 0)
        ks_payload_str(&b, "ambiguous", ambiguous);
    if (allow.n > 0) {
        ks_str list = allowed_list(c);
        if (list.p == NULL)
            return ks_cli_fail(c, KS_EXIT_FAILED, "No memory.");
        ks_payload_name(&b, KS_S("allowed_requests"));
        ks_payload_raw(&b, list);
    }
    ks_payload_close(&b);
    int code = ks_client_ask(c, "PATCH", KS_PATH(&c->cx, "/ks/integrations/%s", ks_cli_arg(c, 0)), &b, &r);
    if (code != KS_EXIT_OK)
        return code;
    if (allow.n > 0 || verify.n > 0 || ks_cli_has(c, "json"))
        return ks_put_answer(c, &r);
    ks_put(c->out, ks_member(c, r.json, "ambiguous"));
    putc('\n', c->out);
    return KS_EXIT_OK;
}

int ks_cmd_integration_delete(ks_cli *c)
{
    ks_reply r;
    if (!ks_input_confirm(c, "Delete this integration with all its connections?"))
        return KS_EXIT_USAGE;
    int code = ks_client_ask(c, "DELETE", KS_PATH(&c->cx, "/v1/integrations/%s", ks_cli_arg(c, 0)), NULL, &r);
    if (code != KS_EXIT_OK)
        return code;
    if (ks_cli_has(c, "json"))
        return ks_put_json(c, &r);
    fputs("deleted\n", c->out);
    return KS_EXIT_OK;
}
