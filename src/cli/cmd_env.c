/* cli/cmd_env.c — lines for the SDKs, and versions. What each SDK reads was found in the releases that
 * tests/conformance pins; that nothing else is contacted is tested there. */
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

/* The lines of SDKs: which base URL each wants, and what switches off its calls to others. */
enum { PYTHON_OLD = 1, TS_OLD = 2, PYTHON = 4, TS = 8, ALL = 15 };

static const struct {
    const char *word;
    unsigned    line;
} sdks[] = {{"python-old", PYTHON_OLD}, {"ts-old", TS_OLD}, {"python", PYTHON}, {"ts", TS}};

static const struct {
    unsigned    lines;
    const char *name;
} switches[] = {
    {PYTHON_OLD, "COMPOSIO_DISABLE_SENTRY"},
    {PYTHON_OLD, "COMPOSIO_DISABLE_VERSION_CHECK"},
    {TS_OLD | TS, "TELEMETRY_DISABLED"},
};

/* Behind the lines, so that they hold without quotes around $(...), too. */
static const struct {
    unsigned    lines;
    const char *text;
} remarks[] = {
    {PYTHON_OLD, "Python composio-core (composio-openai 0.5 to 0.7): COMPOSIO_BASE_URL ends in /api there; "
                 "without it this "
                 "server answers all the same."},
    {PYTHON_OLD, "It fetches an address for error reports when it ends, until a file says otherwise; once, "
                 "where that file is not "
                 "there yet:"},
    {PYTHON_OLD,
     "  mkdir -p ~/.composio && echo '{\"sentry\":{\"dsn\":\"off\"}}' > ~/.composio/user_data.json"},
    {TS_OLD, "TypeScript composio-core 0.5: OpenAIToolSet, LangchainToolSet, LangGraphToolSet and "
             "CloudflareToolSet ignore "
             "COMPOSIO_BASE_URL; pass { baseUrl: process.env.COMPOSIO_BASE_URL }."},
    {TS_OLD, "It looks up its newest version at the start; there is no switch for that."},
    {PYTHON, "Python composio: telemetry has no variable; pass Composio(allow_tracking=False), and see that "
             "no other thread "
             "makes calls."},
    {TS, "TypeScript @composio/core: the look-up of its newest version has no variable; pass { "
         "disableVersionCheck: true }."},
};

/* All of them without a word; 0 for an unknown one. */
static unsigned lines_of(ks_str word)
{
    for (size_t i = 0; i < KS_COUNT(sdks); i++)
        if (ks_str_eq(word, ks_str_of(sdks[i].word)))
            return sdks[i].line;
    return word.p == NULL ? ALL : 0;
}

static void put_base_url(ks_cli *c, unsigned lines)
{
    ks_str url = ks_client_url(c);
    while (url.n > 0 && url.p[url.n - 1] == '/')
        url.n--;
    put_quoted(c, lines == PYTHON_OLD ? ks_fmt(&c->cx, KS_FMT "/api", KS_ARG(url)) : url);
}

int ks_cmd_env(ks_cli *c)
{
    ks_str   shell = ks_cli_option(c, "shell");
    bool     fish = ks_str_eq(shell, KS_S("fish"));
    unsigned lines = lines_of(ks_cli_option(c, "sdk"));
    if (shell.p != NULL && !fish && !ks_str_eq(shell, KS_S("sh")))
        return ks_cli_usage(c, "--shell is sh or fish.");
    if (lines == 0)
        return ks_cli_usage(c, "--sdk is python-old, ts-old, python or ts.");
    const char *set = fish ? "set -gx " : "export ", *is = fish ? " " : "=";
    fprintf(c->out, "%sCOMPOSIO_BASE_URL%s", set, is);
    put_base_url(c, lines);
    fprintf(c->out, "\n%sCOMPOSIO_API_KEY%s\"$KEYSTEWARD_API_KEY\"\n", set, is);
    for (size_t i = 0; i < KS_COUNT(switches); i++)
        if (switches[i].lines & lines)
            fprintf(c->out, "%s%s%strue\n", set, switches[i].name, is);
    for (size_t i = 0; i < KS_COUNT(remarks); i++)
        if (remarks[i].lines & lines)
            fprintf(c->out, "# %s\n", remarks[i].text);
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
