/* cli/cmd_audit.c — the audit trail: the project's records, and the check of the whole chain. */
#include "cli/desk.h"
#include "cli/output.h"
#include "features/audit/audit.h"

int ks_cmd_audit_list(ks_cli *c)
{
    static const char *const members[] = {"seq", "time", "actor", "action", "object", "result"};
    static const char *const titles[] = {"SEQ", "TIME", "ACTOR", "ACTION", "OBJECT", "RESULT"};
    ks_reply                 r;
    ks_str                   before = ks_cli_option(c, "before"), limit = ks_cli_option(c, "limit");
    ks_str path = KS_PATH(&c->cx, before.p ? "/ks/audit?limit=%s&before=%s" : "/ks/audit?limit=%s",
                          limit.p ? limit : KS_S("100"), before);
    int    code = ks_client_ask(c, "GET", path, NULL, &r);
    if (code != KS_EXIT_OK)
        return code;
    if (ks_cli_has(c, "json"))
        return ks_put_json(c, &r);
    return ks_put_items(c, ks_json_get(r.json, "items"), members, titles, KS_COUNT(titles));
}

static ks_status verify_offline(ks_cli *c)
{
    int64_t count;
    KS_TRY(ks_audit_check(&c->cx, &count));
    fprintf(c->out,
            ks_cli_has(c, "json") ? "{\"records\":%lld,\"sound\":true}\n" : "%lld records, all sound\n",
            (long long)count);
    return KS_OK;
}

int ks_cmd_audit_verify(ks_cli *c)
{
    ks_reply r;
    bool     answered = false;
    int      code = ks_desk_or_server(c, "GET", KS_S("/ks/admin/audit/verify"), KS_NO_STR, verify_offline, &r,
                                      &answered);
    if (code != KS_EXIT_OK || !answered)
        return code;
    if (ks_cli_has(c, "json"))
        return ks_put_json(c, &r);
    fprintf(c->out, KS_FMT " records, all sound\n", KS_ARG(ks_member(c, r.json, "records")));
    return KS_EXIT_OK;
}
