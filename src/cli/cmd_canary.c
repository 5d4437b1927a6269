/* cli/cmd_canary.c — canaries: set, cleared, listed, whether or not the server runs (cli/desk.h). */
#include "cli/desk.h"
#include "cli/output.h"
#include "features/connections/canary.h"

#define LIST_MAX 1000

static ks_status set_offline(ks_cli *c)
{
    return ks_canary_set(&c->cx, ks_cli_arg(c, 0), true);
}

static ks_status clear_offline(ks_cli *c)
{
    return ks_canary_set(&c->cx, ks_cli_arg(c, 0), false);
}

static int change(ks_cli *c, const char *method, ks_status (*offline)(ks_cli *c), const char *done)
{
    ks_reply r;
    bool     answered = false;
    ks_str   path = KS_PATH(&c->cx, "/ks/admin/connections/%s/canary", ks_cli_arg(c, 0));
    int      code = ks_desk_or_server(c, method, path, KS_NO_STR, offline, &r, &answered);
    if (code == KS_EXIT_OK)
        fprintf(c->out, ks_cli_has(c, "json") ? "{\"canary\":%s}\n" : "canary: %s\n", done);
    return code;
}

int ks_cmd_canary_set(ks_cli *c)
{
    return change(c, "POST", set_offline, "true");
}

int ks_cmd_canary_clear(ks_cli *c)
{
    return change(c, "DELETE", clear_offline, "false");
}

static const char *const members[] = {"id", "project_id", "app", "entity_id"};
static const char *const titles[] = {"ID", "PROJECT", "APP", "ENTITY"};

static ks_status list_offline(ks_cli *c)
{
    ks_canary *all;
    size_t     n, columns = KS_COUNT(titles);
    KS_TRY(ks_canary_list(&c->cx, LIST_MAX, &all, &n));
    ks_str *cells = ks_alloc(&c->cx, (n + 1) * columns * sizeof *cells);
    if (cells == NULL)
        return KS_NO_MEMORY;
    for (size_t i = 0; i < columns; i++)
        cells[i] = ks_str_of(titles[i]);
    for (size_t i = 0; i < n; i++) {
        const ks_str row[] = {all[i].id, all[i].project_id, all[i].app, all[i].entity_id};
        memcpy(cells + (i + 1) * columns, row, sizeof row);
    }
    ks_put_table(c->out, cells, n + 1, columns);
    return KS_OK;
}

int ks_cmd_canary_list(ks_cli *c)
{
    ks_reply r;
    bool     answered = false;
    int      code = ks_desk_or_server(c, "GET", KS_S("/ks/admin/canaries"), KS_NO_STR, list_offline, &r,
                                      &answered);
    if (code != KS_EXIT_OK || !answered)
        return code;
    if (ks_cli_has(c, "json"))
        return ks_put_json(c, &r);
    return ks_put_items(c, ks_json_get(r.json, "items"), members, titles, KS_COUNT(titles));
}
