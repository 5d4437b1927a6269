/* cli/cmd_connection.c — connections: list, show, switch, delete, check again. */
#include "cli/input.h"
#include "cli/output.h"

int ks_cmd_connection_list(ks_cli *c)
{
    static const char *const members[] = {"id",      "app",     "entity_id", "status",
                                          "verdict", "enabled", "updated_at"};
    static const char *const titles[] = {"ID", "APP", "ENTITY", "STATUS", "VERDICT", "ENABLED", "CHANGED"};
    static const char *const filters[][2] = {{"entity", "entity_id"}, {"app", "app"}, {"status", "status"}};
    ks_reply                 r;
    ks_str                   path = KS_S("/ks/connections?page=1&limit=1000");
    for (size_t i = 0; i < KS_COUNT(filters); i++) {
        ks_str v = ks_cli_option(c, filters[i][0]);
        if (v.p != NULL)
            path = ks_fmt(&c->cx, KS_FMT "&%s=" KS_FMT, KS_ARG(path), filters[i][1],
                          KS_ARG(KS_PATH(&c->cx, "%s", v)));
    }
    int code = ks_client_ask(c, "GET", path, NULL, &r);
    if (code != KS_EXIT_OK)
        return code;
    if (ks_cli_has(c, "json"))
        return ks_put_json(c, &r);
    const ks_json *items = ks_json_get(r.json, "items");
    code = ks_put_items(c, items, members, titles, KS_COUNT(titles));
    if (ks_json_int(ks_json_get(r.json, "total")) > (int64_t)ks_json_count(items))
        fprintf(c->err, "! These are the newest %zu; --entity, --app and --status narrow the list.\n",
                ks_json_count(items));
    return code;
}

static int simple(ks_cli *c, const char *method, const char *fmt, const char *word)
{
    ks_reply r;
    int      code = ks_client_ask(c, method, KS_PATH(&c->cx, fmt, ks_cli_arg(c, 0)), NULL, &r);
    if (code != KS_EXIT_OK)
        return code;
    if (ks_cli_has(c, "json"))
        return ks_put_json(c, &r);
    if (word != NULL)
        fprintf(c->out, "%s\n", word);
    else
        ks_put_tree(c->out, r.json);
    return KS_EXIT_OK;
}

int ks_cmd_connection_show(ks_cli *c)
{
    return simple(c, "GET", "/ks/connections/%s", NULL);
}

int ks_cmd_connection_enable(ks_cli *c)
{
    return simple(c, "POST", "/v1/connectedAccounts/%s/enable", "enabled");
}

int ks_cmd_connection_disable(ks_cli *c)
{
    return simple(c, "POST", "/v1/connectedAccounts/%s/disable", "disabled");
}

int ks_cmd_connection_delete(ks_cli *c)
{
    if (!ks_input_confirm(c, "Delete this connection and erase its credential?"))
        return KS_EXIT_USAGE;
    return simple(c, "DELETE", "/v1/connectedAccounts/%s", "deleted");
}

int ks_cmd_connection_verify(ks_cli *c)
{
    ks_reply r;
    int code = ks_client_ask(c, "POST", KS_PATH(&c->cx, "/ks/connections/%s/verify", ks_cli_arg(c, 0)), NULL,
                             &r);
    if (code != KS_EXIT_OK)
        return code;
    ks_str verdict = ks_member(c, r.json, "verdict"), reason = ks_member(c, r.json, "status_reason");
    if (ks_cli_has(c, "json"))
        ks_put_json(c, &r);
    else
        fprintf(c->out, KS_FMT "\n", KS_ARG(verdict));
    if (reason.n > 0) {
        ks_put(c->err, reason);
        putc('\n', c->err);
    }
    if (ks_str_eq(verdict, KS_S("rejected")) || ks_str_eq(ks_member(c, r.json, "status"), KS_S("EXPIRED")))
        return KS_EXIT_REJECTED;
    return ks_str_eq(verdict, KS_S("unreachable")) ? KS_EXIT_VENDOR : KS_EXIT_OK;
}
