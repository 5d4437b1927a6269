/* cli/cmd_budget.c — the most calls of a project: shown, set, cleared, whether or not the server runs
 * (cli/desk.h); and those of an integration, over the server. The rules are in features/budgets. */
#include "cli/desk.h"
#include "cli/output.h"
#include "features/budgets/budget.h"
#include "features/tokens/tokens.h"

enum { BODY_MAX = 1024 }; /* bytes of a budget as JSON */

static const char *const windows[] = {"minute", "hour", "day"};

/* Windows that were named, as members of a budget. Absent: none was. */
static ks_str asked(ks_cli *c, const char *of)
{
    ks_buf *b = ks_ctx_buf(&c->cx, BODY_MAX);
    ks_jw   w = ks_jw_new(b);
    bool    any = false;
    ks_jw_obj(&w, NULL);
    ks_jw_obj(&w, of);
    for (size_t i = 0; i < KS_COUNT(windows); i++) {
        uint64_t n;
        ks_str   given = ks_cli_option(c, windows[i]);
        if (given.p == NULL)
            continue;
        ks_jw_int(&w, windows[i], ks_str_u64(given, &n) && n <= INT64_MAX ? (int64_t)n : -1);
        any = true; /* -1: the rule says what is wanted */
    }
    ks_jw_end(&w, '}');
    ks_jw_end(&w, '}');
    return any && ks_buf_ok(b) ? ks_buf_view(b) : KS_NO_STR;
}

/* ---- of a project ---- */

/* Without a server nothing has been counted. */
static ks_status show_offline(ks_cli *c, const ks_budget *b)
{
    const int64_t used[KS_BUDGET_WINDOWS] = {0};
    ks_buf       *text = ks_ctx_buf(&c->cx, BODY_MAX);
    ks_reply      r = {.status = 200};
    if (text == NULL)
        return KS_NO_MEMORY;
    ks_jw w = ks_jw_new(text);
    ks_budget_write(&w, b, false, used);
    r.body = ks_buf_view(text);
    KS_TRY(ks_json_parse(&c->cx, r.body, &r.json));
    return ks_put_answer(c, &r) == KS_EXIT_OK ? KS_OK : KS_STORE;
}

static ks_status find_offline(ks_cli *c, ks_budget *b)
{
    KS_TRY(ks_project_need(&c->cx, ks_cli_arg(c, 0), &c->cx.project_id));
    return ks_budget_get(&c->cx, c->cx.project_id, b);
}

static ks_status get_offline(ks_cli *c)
{
    ks_budget b;
    KS_TRY(find_offline(c, &b));
    return show_offline(c, &b);
}

static ks_status put_offline(ks_cli *c, ks_str body)
{
    ks_json  *sent;
    ks_budget b;
    KS_TRY(find_offline(c, &b));
    KS_TRY(ks_json_parse(&c->cx, body, &sent));
    KS_TRY(ks_budget_read(&c->cx, sent, false, &b));
    KS_TRY(ks_budget_set(&c->cx, c->cx.project_id, &b));
    return show_offline(c, &b);
}

static ks_status set_offline(ks_cli *c)
{
    return put_offline(c, asked(c, "calls"));
}

static const ks_str no_limits = KS_S_INIT("{\"calls\":{}}");

static ks_status clear_offline(ks_cli *c)
{
    return put_offline(c, no_limits);
}

static int of_project(ks_cli *c, const char *method, ks_str body, ks_status (*offline)(ks_cli *c))
{
    ks_reply r;
    bool     answered = false;
    ks_str   path = KS_PATH(&c->cx, "/ks/admin/projects/%s/budget", ks_cli_arg(c, 0));
    int      code = ks_desk_or_server(c, method, path, body, offline, &r, &answered);
    return code == KS_EXIT_OK && answered ? ks_put_answer(c, &r) : code;
}

int ks_cmd_budget_show(ks_cli *c)
{
    return of_project(c, "GET", KS_NO_STR, get_offline);
}

int ks_cmd_budget_set(ks_cli *c)
{
    ks_str body = asked(c, "calls");
    if (body.p == NULL)
        return ks_cli_usage(c, "Say how many calls: --minute N, --hour N, --day N.");
    return of_project(c, "PUT", body, set_offline);
}

int ks_cmd_budget_clear(ks_cli *c)
{
    return of_project(c, "PUT", no_limits, clear_offline);
}

/* ---- of an integration ---- */

int ks_cmd_integration_budget(ks_cli *c)
{
    ks_reply   r;
    ks_payload b = ks_payload_new(&c->cx);
    ks_str     body = asked(c, ks_cli_has(c, "each") ? "each_connection" : "calls");
    bool       change = body.p != NULL;
    if (change)
        ks_payload_raw(&b, body);
    int code = ks_client_ask(c, change ? "PUT" : "GET",
                             KS_PATH(&c->cx, "/ks/integrations/%s/budget", ks_cli_arg(c, 0)),
                             change ? &b : NULL, &r);
    return code == KS_EXIT_OK ? ks_put_answer(c, &r) : code;
}
