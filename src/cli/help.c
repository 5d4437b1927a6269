/* cli/help.c — help of the whole and of each command, from cli/commands.c and server/options.c. */
#include "cli/help.h"

#include "server/config.h"

#define COLUMNS    80
#define ARG_INDENT 6

static const struct {
    unsigned use;
    ks_flag  flag;
} shared[] = {
    {KS_USES_SERVER,
     {"url", "URL",
      "Address of the server, or unix:/PATH. Default: $KEYSTEWARD_URL, http://127.0.0.1:9899."}},
    {KS_USES_SERVER, {"key-file", "FILE", "File with the API key. Default: $KEYSTEWARD_API_KEY."}},
    {KS_USES_SERVER,
     {"ca-file", "FILE", "Certificate authorities (PEM) for the server. Default: the system's."}},
    {KS_USES_DATA, {"data", "DIR", "Data folder of the server. Default: $KEYSTEWARD_DATA, as for serve."}},
    {KS_USES_JSON, {"json", NULL, "Print JSON in the API's shape."}},
    {KS_USES_INPUT, {"no-input", NULL, "Never ask for missing values."}},
    {KS_USES_YES, {"yes", NULL, "Do not ask for confirmation."}},
};

void ks_each_flag(const ks_command *cmd, void (*fn)(void *arg, const ks_flag *f), void *arg)
{
    if (cmd->uses & KS_USES_RAW)
        for (size_t i = 0; i < ks_options_n; i++)
            fn(arg, &ks_options[i].flag);
    for (const ks_flag *f = cmd->flags; f != NULL && f->name != NULL; f++)
        fn(arg, f);
    for (size_t i = 0; i < KS_COUNT(shared); i++)
        if (cmd->uses & shared[i].use)
            fn(arg, &shared[i].flag);
}

struct search {
    ks_str         name;
    const ks_flag *found;
};

static void match_flag(void *arg, const ks_flag *f)
{
    struct search *s = arg;
    if (ks_str_eq(ks_str_of(f->name), s->name))
        s->found = f;
}

const ks_flag *ks_find_flag(const ks_command *cmd, ks_str name)
{
    struct search s = {name, NULL};
    ks_each_flag(cmd, match_flag, &s);
    return s.found;
}

const ks_flag *ks_letter_flag(const ks_command *cmd, char letter)
{
    for (const ks_letter *l = ks_letters; l->letter != 0 && (cmd->uses & KS_USES_LETTERS); l++)
        if (l->letter == letter)
            return ks_find_flag(cmd, ks_str_of(l->name));
    return NULL;
}

char ks_flag_letter(const ks_command *cmd, const ks_flag *f)
{
    for (const ks_letter *l = ks_letters; l->letter != 0 && (cmd->uses & KS_USES_LETTERS); l++)
        if (strcmp(l->name, f->name) == 0)
            return l->letter;
    return 0;
}

void ks_help_wrap(ks_buf *b, const char *text, size_t indent, size_t at)
{
    ks_str rest = ks_str_of(text), word;
    bool   fresh = true;
    while (ks_str_cut(&rest, ' ', &word)) {
        if (!fresh && at + 1 + word.n > COLUMNS) {
            ks_buf_fmt(b, "\n%*s", (int)indent, "");
            at = indent;
            fresh = true;
        }
        if (!fresh) {
            ks_buf_c(b, ' ');
            at++;
        }
        ks_buf_str(b, word);
        at += word.n;
        fresh = false;
    }
    ks_buf_c(b, '\n');
}

void ks_help_all(ks_buf *b)
{
    ks_buf_z(b, "Keysteward keeps your users' API keys and acts with them.\n\n"
                "Usage: keysteward COMMAND [OPTION...]\n\nCommands:\n");
    for (const ks_command *c = ks_commands; c->name != NULL; c++) {
        ks_buf_fmt(b, "  %-20s ", c->name);
        ks_help_wrap(b, c->summary, 23, 23);
    }
    ks_buf_z(b, "\nkeysteward COMMAND --help shows a command's options. The server is found at --url or\n"
                "KEYSTEWARD_URL, the API key in KEYSTEWARD_API_KEY or --key-file.\n\n"
                "Exit codes: 0 done, 1 failed, 2 wrong usage, 3 credential rejected, 4 not found,\n"
                "5 server or store, 6 vendor unreachable.\n");
}

struct helped {
    ks_buf           *b;
    const ks_command *cmd;
};

static void flag_help(void *arg, const ks_flag *f)
{
    const struct helped *h = arg;
    ks_buf              *b = h->b;
    char                 letter = ks_flag_letter(h->cmd, f);
    ks_buf_z(b, "  ");
    if (letter != 0)
        ks_buf_fmt(b, "-%c, ", letter);
    ks_buf_fmt(b, "--%s%s%s\n%*s", f->name, f->arg ? " " : "", f->arg ? f->arg : "", ARG_INDENT, "");
    ks_help_wrap(b, f->help, ARG_INDENT, ARG_INDENT);
}

/* Options of serve, with the other places they can be given in. */
static void serve_help(ks_ctx *cx, ks_buf *b, const ks_command *cmd)
{
    struct helped h = {b, cmd};
    for (size_t i = 0; i < ks_options_n; i++) {
        const ks_option *o = &ks_options[i];
        flag_help(&h, &o->flag);
        ks_buf_fmt(b, "%*s", ARG_INDENT, "");
        if (o->fallback != NULL && o->kind != KS_OPT_SWITCH && o->fallback[0] != '-')
            ks_buf_fmt(b, "Default: %s. ", o->fallback);
        ks_buf_fmt(b, "Environment: " KS_FMT, KS_ARG(ks_option_env(cx, o)));
        if (i > 0) /* the file cannot name another file */
            ks_buf_fmt(b, "; file: " KS_FMT, KS_ARG(ks_option_key(cx, o)));
        ks_buf_z(b, o->relaxes ? ".\n      Relaxes a rule: named in the log at start.\n" : ".\n");
    }
}

void ks_help_command(ks_ctx *cx, ks_buf *b, const ks_command *cmd)
{
    bool options = cmd->uses != 0 || cmd->flags != NULL;
    ks_buf_fmt(b, "Usage: keysteward %s%s%s%s\n\n", cmd->name, cmd->args[0] ? " " : "", cmd->args,
               options ? " [OPTION...]" : "");
    ks_help_wrap(b, cmd->summary, 0, 0);
    if (cmd->about != NULL) {
        ks_buf_c(b, '\n');
        ks_help_wrap(b, cmd->about, 0, 0);
    }
    if (!options)
        return;
    ks_buf_z(b, "\nOptions:\n");
    if (cmd->uses & KS_USES_RAW)
        serve_help(cx, b, cmd);
    else
        ks_each_flag(cmd, flag_help, &(struct helped){b, cmd});
}
