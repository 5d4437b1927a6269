/* cli/cmd_link.c — one-time links by which an end user types a credential into a page of the server. */
#include "cli/client.h"
#include "cli/input.h"
#include "cli/output.h"

/* The integration the link is for: as given, or the app's newest, or a new one. */
static int find_integration(ks_cli *c, ks_str *out)
{
    ks_reply   r;
    ks_payload b = ks_payload_new(&c->cx);
    *out = ks_cli_option(c, "integration");
    if (out->p != NULL)
        return KS_EXIT_OK;
    ks_payload_open(&b, NULL);
    ks_payload_open(&b, "app");
    ks_payload_str(&b, "uniqueKey", ks_cli_arg(c, 0));
    ks_payload_close(&b);
    ks_payload_open(&b, "config");
    ks_payload_str(&b, "name", ks_cli_arg(c, 0));
    ks_payload_str(&b, "authScheme", ks_cli_option(c, "scheme"));
    ks_payload_raw(&b, KS_S("}}"));
    int code = ks_client_ask(c, "POST", KS_S("/v2/integrations/get-or-create"), &b, &r);
    if (code == KS_EXIT_OK)
        *out = ks_member(c, r.json, "integrationId");
    return code;
}

/* --life in minutes, as "life_s". */
static int put_life(ks_cli *c, ks_payload *b)
{
    uint64_t minutes;
    ks_str   life = ks_cli_option(c, "life");
    if (life.p == NULL)
        return KS_EXIT_OK;
    if (!ks_str_u64(life, &minutes) || minutes < 1 || minutes > 1440)
        return ks_cli_usage(c, "--life is a number of minutes from 1 to 1440.");
    ks_payload_name(b, KS_S("life_s"));
    ks_payload_raw(b, ks_fmt(&c->cx, "%d", (int)minutes * 60));
    return KS_EXIT_OK;
}

/* --origin A,B as a list. */
static void put_origins(ks_cli *c, ks_payload *b)
{
    ks_str  all = ks_cli_option(c, "origin"), one;
    ks_buf *list = ks_ctx_buf(&c->cx, KS_MAX_BODY_BYTES);
    if (all.p == NULL || list == NULL)
        return;
    ks_jw w = ks_jw_new(list);
    ks_jw_arr(&w, NULL);
    while (ks_str_cut(&all, ',', &one))
        ks_jw_str(&w, NULL, ks_str_trim(one, " "));
    ks_jw_end(&w, ']');
    ks_payload_name(b, KS_S("allowed_origins"));
    ks_payload_raw(b, ks_buf_view(list));
}

static int put_wish(ks_cli *c, ks_str integration, ks_payload *b)
{
    ks_payload_open(b, NULL);
    ks_payload_str(b, "connection_id", ks_cli_option(c, "connection"));
    if (integration.p != NULL) {
        ks_payload_str(b, "integration_id", integration);
        ks_payload_str(b, "entity_id", ks_cli_option(c, "entity"));
    }
    ks_payload_str(b, "return_url", ks_cli_option(c, "return"));
    ks_payload_str(b, "language", ks_cli_option(c, "lang"));
    put_origins(c, b);
    int code = put_life(c, b);
    ks_payload_close(b);
    return code;
}

int ks_cmd_link_create(ks_cli *c)
{
    ks_reply   r;
    ks_str     integration = KS_NO_STR;
    bool       replace = ks_cli_has(c, "connection");
    ks_payload b = ks_payload_new(&c->cx);
    if ((c->args_n > 0) + replace + ks_cli_has(c, "integration") != 1)
        return ks_cli_usage(c, "Name one of: an app, --integration, --connection.");
    int code = replace ? KS_EXIT_OK : find_integration(c, &integration);
    if (code == KS_EXIT_OK)
        code = put_wish(c, integration, &b);
    if (code == KS_EXIT_OK)
        code = ks_client_ask(c, "POST", KS_S("/ks/links"), &b, &r);
    if (code != KS_EXIT_OK)
        return code;
    if (ks_cli_has(c, "json"))
        return ks_put_json(c, &r);
    ks_put(c->out, ks_member(c, r.json, "url"));
    putc('\n', c->out);
    fputs("  For one person and one use; shown this once. Connection: ", c->err);
    ks_put(c->err, ks_member(c, r.json, "connection_id"));
    putc('\n', c->err);
    return KS_EXIT_OK;
}

int ks_cmd_link_list(ks_cli *c)
{
    static const char *const members[] = {"id", "state", "entity_id", "connection_id", "tries", "expires_at"};
    static const char *const titles[] = {"ID", "STATE", "ENTITY", "CONNECTION", "TRIES", "ENDS"};
    ks_reply                 r;
    int                      code = ks_client_ask(c, "GET", KS_S("/ks/links?page=1&limit=1000"), NULL, &r);
    if (code != KS_EXIT_OK)
        return code;
    if (ks_cli_has(c, "json"))
        return ks_put_json(c, &r);
    return ks_put_items(c, ks_json_get(r.json, "items"), members, titles, KS_COUNT(titles));
}

int ks_cmd_link_revoke(ks_cli *c)
{
    ks_reply r;
    int      code = ks_client_ask(c, "DELETE", KS_PATH(&c->cx, "/ks/links/%s", ks_cli_arg(c, 0)), NULL, &r);
    if (code != KS_EXIT_OK)
        return code;
    if (ks_cli_has(c, "json"))
        return ks_put_json(c, &r);
    fputs("revoked\n", c->out);
    return KS_EXIT_OK;
}
