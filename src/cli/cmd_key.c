/* cli/cmd_key.c — API keys: made, listed, revoked, whether or not the server runs (cli/desk.h). */
#include "base/time.h"
#include "cli/desk.h"
#include "cli/output.h"
#include "features/tokens/tokens.h"

#define LIST_MAX 1000

/* ---- create ---- */

/* --apps a,b and --entity X --entity Y. */
static ks_status read_limits(ks_cli *c, ks_key_wish *w)
{
    ks_str rest = ks_cli_option(c, "apps"), part;
    w->apps.at = ks_alloc(&c->cx, (rest.n + 1) * sizeof *w->apps.at);
    w->entities.at = ks_alloc(&c->cx, KS_CLI_VALUES * sizeof *w->entities.at);
    if (w->apps.at == NULL || w->entities.at == NULL)
        return ks_no_memory(&c->cx);
    while (ks_str_cut(&rest, ',', &part))
        w->apps.at[w->apps.n++] = ks_str_trim(part, " ");
    while (w->entities.n < KS_CLI_VALUES && ks_cli_option_at(c, "entity", w->entities.n).p != NULL) {
        w->entities.at[w->entities.n] = ks_cli_option_at(c, "entity", w->entities.n);
        w->entities.n++;
    }
    return KS_OK;
}

static ks_status read_wish(ks_cli *c, ks_key_wish *w)
{
    ks_str   rest = ks_cli_option(c, "scopes"), part, days = ks_cli_option(c, "expires");
    uint64_t n = 0;
    *w = (ks_key_wish){.project = ks_cli_option(c, "project"), .name = ks_cli_option(c, "name")};
    while (ks_str_cut(&rest, ',', &part)) {
        unsigned one = ks_scope_parse(part);
        if (one == 0)
            return ks_fail(&c->cx, KS_INVALID, "scopes",
                           "--scopes: any of read, connect, act, dashboard, with commas.");
        w->scopes |= one;
    }
    if (days.p != NULL && (!ks_str_u64(days, &n) || n == 0 || n > 36500))
        return ks_fail(&c->cx, KS_INVALID, "expires", "--expires: a number of days, 1 to 36500.");
    w->expires_in_s = (int64_t)n * 86400;
    w->read_only = ks_cli_has(c, "read-only");
    return read_limits(c, w);
}

static void put_texts(ks_jw *w, const char *name, ks_strs texts)
{
    if (texts.n == 0)
        return;
    ks_jw_arr(w, name);
    for (size_t i = 0; i < texts.n; i++)
        ks_jw_str(w, NULL, texts.at[i]);
    ks_jw_end(w, ']');
}

static ks_str wish_json(ks_cli *c, const ks_key_wish *wish)
{
    ks_buf *b = ks_ctx_buf(&c->cx, KS_MAX_BODY_BYTES);
    if (b == NULL)
        return KS_NO_STR;
    ks_jw w = ks_jw_new(b);
    ks_jw_obj(&w, NULL);
    ks_jw_str(&w, "project", wish->project);
    if (wish->name.p != NULL)
        ks_jw_str(&w, "name", wish->name);
    if (wish->expires_in_s > 0)
        ks_jw_int(&w, "expires_in_s", wish->expires_in_s);
    ks_jw_arr(&w, "scopes");
    for (unsigned one = 1; one <= KS_SCOPE_KEY; one <<= 1)
        if (wish->scopes & KS_SCOPE_KEY & one)
            ks_jw_str(&w, NULL, ks_scope_name(one));
    ks_jw_end(&w, ']');
    if (wish->read_only)
        ks_jw_bool(&w, "read_only", true);
    put_texts(&w, "apps", wish->apps);
    put_texts(&w, "entities", wish->entities);
    ks_jw_end(&w, '}');
    return ks_buf_ok(b) ? ks_buf_view(b) : KS_NO_STR;
}

static void show_new(ks_cli *c, ks_str id, ks_str key)
{
    if (ks_cli_has(c, "json"))
        fprintf(c->out, "{\"id\":\"" KS_FMT "\",\"key\":\"" KS_FMT "\"}\n", KS_ARG(id), KS_ARG(key));
    else
        fprintf(c->out, KS_FMT "\n", KS_ARG(key));
    if (c->tty_err)
        fputs("This key is shown once. Keep it like a password.\n", c->err);
}

static ks_status create_offline(ks_cli *c)
{
    ks_key_wish      wish;
    ks_key           made;
    ks_api_key_parts parts;
    KS_TRY(read_wish(c, &wish));
    KS_TRY(ks_key_create(&c->cx, &wish, &made, &parts));
    show_new(c, made.id, ks_api_key_once(&parts));
    return KS_OK;
}

int ks_cmd_key_create(ks_cli *c)
{
    ks_key_wish wish;
    ks_reply    r;
    bool        answered = false;
    if (!ks_cli_has(c, "project"))
        return ks_cli_usage(c, "Give the project: --project NAME.");
    if (read_wish(c, &wish) != KS_OK)
        return ks_cli_fail_err(c);
    ks_str body = wish_json(c, &wish);
    if (body.p == NULL)
        return ks_cli_fail(c, KS_EXIT_FAILED, "No memory.");
    int code = ks_desk_or_server(c, "POST", KS_S("/ks/admin/keys"), body, create_offline, &r, &answered);
    if (code == KS_EXIT_OK && answered)
        show_new(c, ks_member(c, r.json, "id"), ks_member(c, r.json, "key"));
    return code;
}

/* ---- list ---- */

static const char *const list_members[] = {"id",      "prefix",     "name",       "project_id", "created_at",
                                           "used_at", "expires_at", "revoked_at", "frozen_at",  "limits"};
static const char *const list_titles[] = {"ID",   "KEY",     "NAME",    "PROJECT", "CREATED",
                                          "USED", "EXPIRES", "REVOKED", "FROZEN",  "LIMITS"};

static ks_str time_text(ks_cli *c, int64_t us)
{
    char iso[KS_ISO_LEN];
    if (us == 0)
        return KS_S("");
    ks_time_iso(us, iso);
    return ks_copy(&c->cx, ks_str_of(iso));
}

static ks_status list_offline(ks_cli *c)
{
    ks_key *k;
    size_t  n, columns = KS_COUNT(list_titles);
    KS_TRY(ks_key_list(&c->cx, ks_cli_option(c, "project"), LIST_MAX, &k, &n));
    ks_str *cells = ks_alloc(&c->cx, (n + 1) * columns * sizeof *cells);
    if (cells == NULL)
        return KS_NO_MEMORY;
    for (size_t i = 0; i < columns; i++)
        cells[i] = ks_str_of(list_titles[i]);
    for (size_t i = 0; i < n; i++) {
        const ks_str row[] = {k[i].id,
                              k[i].prefix,
                              k[i].name,
                              k[i].project_id,
                              time_text(c, k[i].created_at),
                              time_text(c, k[i].used_at),
                              time_text(c, k[i].expires_at),
                              time_text(c, k[i].revoked_at),
                              time_text(c, k[i].frozen_at),
                              ks_key_limits(&c->cx, &k[i])};
        memcpy(cells + (i + 1) * columns, row, sizeof row);
    }
    ks_put_table(c->out, cells, n + 1, columns);
    return KS_OK;
}

int ks_cmd_key_list(ks_cli *c)
{
    ks_reply r;
    bool     answered = false;
    ks_str   project = ks_cli_option(c, "project");
    ks_str path = project.p ? KS_PATH(&c->cx, "/ks/admin/keys?project=%s", project) : KS_S("/ks/admin/keys");
    int    code = ks_desk_or_server(c, "GET", path, KS_NO_STR, list_offline, &r, &answered);
    if (code != KS_EXIT_OK || !answered)
        return code;
    if (ks_cli_has(c, "json"))
        return ks_put_json(c, &r);
    return ks_put_items(c, ks_json_get(r.json, "items"), list_members, list_titles, KS_COUNT(list_titles));
}

/* ---- revoke, unfreeze ---- */

static int change(ks_cli *c, const char *method, ks_str path, ks_status (*offline)(ks_cli *c),
                  const char *done)
{
    ks_reply r;
    bool     answered = false;
    int      code = ks_desk_or_server(c, method, path, KS_NO_STR, offline, &r, &answered);
    if (code == KS_EXIT_OK)
        fprintf(c->out, ks_cli_has(c, "json") ? "{\"status\":\"%s\"}\n" : "%s\n", done);
    return code;
}

static ks_status revoke_offline(ks_cli *c)
{
    return ks_key_revoke(&c->cx, ks_cli_arg(c, 0));
}

int ks_cmd_key_revoke(ks_cli *c)
{
    return change(c, "DELETE", KS_PATH(&c->cx, "/ks/admin/keys/%s", ks_cli_arg(c, 0)), revoke_offline,
                  "revoked");
}

static ks_status unfreeze_offline(ks_cli *c)
{
    return ks_key_unfreeze(&c->cx, ks_cli_arg(c, 0));
}

int ks_cmd_key_unfreeze(ks_cli *c)
{
    return change(c, "POST", KS_PATH(&c->cx, "/ks/admin/keys/%s/unfreeze", ks_cli_arg(c, 0)),
                  unfreeze_offline, "unfrozen");
}
