/* cli/cmd_calls.c — the log of calls as a table. */
#include "cli/output.h"

#define FILTERS "/ks/calls?limit=%s&entity_id=%s&app=%s&connection_id=%s&failed=%s"

int ks_cmd_calls(ks_cli *c)
{
    static const char *const members[] = {"time",   "entity_id", "connection_id", "app",       "what",
                                          "status", "result",    "took_us",       "request_id"};
    static const char *const titles[] = {"TIME",   "ENTITY", "CONNECTION", "APP",    "WHAT",
                                         "STATUS", "RESULT", "TOOK_US",    "REQUEST"};
    ks_reply                 r;
    ks_str                   limit = ks_cli_option(c, "limit"), before = ks_cli_option(c, "before");
    ks_str path = KS_PATH(&c->cx, before.p ? FILTERS "&before=%s" : FILTERS, limit.p ? limit : KS_S("100"),
                          ks_cli_option(c, "entity"), ks_cli_option(c, "app"), ks_cli_option(c, "connection"),
                          ks_str_of(ks_cli_has(c, "failed") ? "true" : "false"), before);
    int    code = ks_client_ask(c, "GET", path, NULL, &r);
    if (code != KS_EXIT_OK)
        return code;
    if (ks_cli_has(c, "json"))
        return ks_put_json(c, &r);
    return ks_put_items(c, ks_json_get(r.json, "items"), members, titles, KS_COUNT(titles));
}
