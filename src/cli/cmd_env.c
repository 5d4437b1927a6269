/* cli/cmd_env.c — lines for the SDKs, and versions. */
#include "cli/client.h"
#include "features/health/versions.h"

/* In single quotes for sh and fish; a quote in the value ends them, is escaped, and begins them anew. */
static void put_quoted(ks_cli *c, ks_str s)
{
    putc('\'', c->out);
    for (size_t i = 0; i < s.n; i++)
        if (s.p[i] == '\'')
            fputs("'\\''", c->out);
        else
            putc(s.p[i], c->out);
    putc('\'', c->out);
}

int ks_cmd_env(ks_cli *c)
{
    static const char *const off[][2] = {{"COMPOSIO_DISABLE_SENTRY", "true"},
                                         {"COMPOSIO_DISABLE_VERSION_CHECK", "true"},
                                         {"TELEMETRY_DISABLED", "true"}};
    ks_str                   shell = ks_cli_option(c, "shell");
    bool                     fish = ks_str_eq(shell, KS_S("fish"));
    if (shell.p != NULL && !fish && !ks_str_eq(shell, KS_S("sh")))
        return ks_cli_usage(c, "--shell is sh or fish.");
    const char *set = fish ? "set -gx " : "export ", *is = fish ? " " : "=";
    fprintf(c->out, "%sCOMPOSIO_BASE_URL%s", set, is);
    put_quoted(c, ks_client_url(c));
    fprintf(c->out, "\n%sCOMPOSIO_API_KEY%s\"$KEYSTEWARD_API_KEY\"\n", set, is);
    for (size_t i = 0; i < KS_COUNT(off); i++)
        fprintf(c->out, "%s%s%s%s\n", set, off[i][0], is, off[i][1]);
    if (c->tty_err && !ks_client_has_key(c))
        fputs("Set KEYSTEWARD_API_KEY first; make a key with: keysteward key create --project NAME\n",
              c->err);
    return KS_EXIT_OK;
}

int ks_cmd_version(ks_cli *c)
{
    ks_version v[KS_VERSIONS];
    bool       json = ks_cli_has(c, "json");
    ks_versions(&c->cx, v);
    if (json)
        fprintf(c->out, "{\"name\":\"%s\",\"version\":\"" KS_FMT "\",\"libraries\":{", v[0].name,
                KS_ARG(v[0].version));
    else
        fprintf(c->out, "%s " KS_FMT "\n", v[0].name, KS_ARG(v[0].version));
    for (size_t i = 1; i < KS_VERSIONS; i++)
        fprintf(c->out, json ? "%s\"%s\":\"" KS_FMT "\"" : "%s  %-14s " KS_FMT "\n", json && i > 1 ? "," : "",
                v[i].name, KS_ARG(v[i].version));
    if (json)
        fputs("}}\n", c->out);
    return KS_EXIT_OK;
}
