/* cli/man.c — the man page (man(7)) and shell completion, from the table of commands. */
#include "cli/help.h"
#include "server/config.h"

#define TEXT_MAX (256 * 1024)

/* Roff takes a leading dot or quote, and every backslash and minus, for its own. */
static void roff(ks_buf *b, const char *text)
{
    if (text[0] == '.' || text[0] == '\'')
        ks_buf_z(b, "\\&");
    for (; *text != '\0'; text++) {
        if (*text == '\\')
            ks_buf_z(b, "\\e");
        else if (*text == '-')
            ks_buf_z(b, "\\-");
        else
            ks_buf_c(b, *text);
    }
}

struct page {
    ks_buf           *b;
    const ks_command *cmd;
};

static void roff_flag(void *arg, const ks_flag *f)
{
    const struct page *page = arg;
    ks_buf            *b = page->b;
    char               letter = ks_flag_letter(page->cmd, f);
    ks_buf_z(b, ".TP\n\\fB");
    if (letter != 0)
        ks_buf_fmt(b, "\\-%c\\fR, \\fB", letter);
    ks_buf_z(b, "\\-\\-");
    roff(b, f->name);
    ks_buf_z(b, "\\fR");
    if (f->arg != NULL) {
        ks_buf_z(b, " \\fI");
        roff(b, f->arg);
        ks_buf_z(b, "\\fR");
    }
    ks_buf_c(b, '\n');
    roff(b, f->help);
    ks_buf_c(b, '\n');
}

/* Options of serve, with their defaults and the variables that give them, too. */
static void roff_options(ks_ctx *cx, ks_buf *b, const ks_command *cmd)
{
    for (size_t i = 0; i < ks_options_n; i++) {
        const ks_option *o = &ks_options[i];
        roff_flag(&(struct page){b, cmd}, &o->flag);
        if (o->fallback != NULL && o->kind != KS_OPT_SWITCH && o->fallback[0] != '-') {
            ks_buf_z(b, "Default: ");
            roff(b, o->fallback);
            ks_buf_z(b, ".\n");
        }
        ks_buf_fmt(b, "Environment: \\fB" KS_FMT "\\fR.\n", KS_ARG(ks_option_env(cx, o)));
    }
}

static void roff_command(ks_ctx *cx, ks_buf *b, const ks_command *c)
{
    ks_buf_z(b, ".SS keysteward ");
    roff(b, c->name);
    ks_buf_c(b, ' ');
    roff(b, c->args);
    ks_buf_c(b, '\n');
    roff(b, c->summary);
    ks_buf_c(b, '\n');
    if (c->about != NULL) {
        roff(b, c->about);
        ks_buf_c(b, '\n');
    }
    if (c->uses & KS_USES_RAW)
        roff_options(cx, b, c);
    else
        ks_each_flag(c, roff_flag, &(struct page){b, c});
}

static int put(ks_cli *c, ks_buf *b)
{
    bool ok = ks_buf_ok(b);
    if (ok)
        fwrite(b->p, 1, b->n, c->out);
    ks_buf_done(b);
    return ok ? KS_EXIT_OK : ks_cli_fail(c, KS_EXIT_FAILED, "No memory.");
}

int ks_cmd_man(ks_cli *c)
{
    ks_buf b = ks_buf_new(TEXT_MAX);
    ks_buf_z(
        &b,
        ".TH KEYSTEWARD 1 \"\" \"keysteward " KS_VERSION "\"\n.SH NAME\nkeysteward \\- keeps your users' "
        "API keys and acts with them\n.SH SYNOPSIS\n\\fBkeysteward\\fR \\fICOMMAND\\fR [\\fIOPTION\\fR...]\n"
        ".SH DESCRIPTION\nResults go to standard output, words to standard error.\n.SH COMMANDS\n");
    for (const ks_command *k = ks_commands; k->name != NULL; k++)
        roff_command(&c->cx, &b, k);
    ks_buf_z(
        &b,
        ".SH ENVIRONMENT\n.TP\n\\fBKEYSTEWARD_URL\\fR\nAddress of the server.\n.TP\n"
        "\\fBKEYSTEWARD_API_KEY\\fR\nThe API key.\n.TP\n\\fBKEYSTEWARD_DATA\\fR\nData folder.\n.TP\n"
        "\\fBNO_COLOR\\fR\nNo colours on terminals.\n.PP\nOptions of serve: \\fBKEYSTEWARD_\\fINAME\\fR.\n"
        ".SH EXIT STATUS\n0 done, 1 failed, 2 wrong usage, 3 credential rejected, 4 not found, 5 server or "
        "store, 6 vendor unreachable.\n");
    return put(c, &b);
}

/* ---- completion ---- */

static void word_flag(void *arg, const ks_flag *f)
{
    ks_buf_fmt(arg, " --%s", f->name);
}

/* Words that may stand first; of two-word commands each group once. */
static void first_words(ks_buf *b)
{
    ks_str last = KS_NO_STR;
    for (const ks_command *k = ks_commands; k->name != NULL; k++) {
        ks_str rest = ks_str_of(k->name), word;
        if (!ks_str_cut(&rest, ' ', &word) || ks_str_eq(word, last))
            continue;
        ks_buf_fmt(b, "%s" KS_FMT, last.p ? " " : "", KS_ARG(word));
        last = word;
    }
}

static void second_words(ks_buf *b, ks_str group)
{
    for (const ks_command *k = ks_commands; k->name != NULL; k++) {
        ks_str name = ks_str_of(k->name);
        if (ks_str_starts(name, group) && name.n > group.n && name.p[group.n] == ' ')
            ks_buf_fmt(b, " %s", k->name + group.n + 1);
    }
}

/* bash cases "app|app ": its second words; "app list": its options. */
static void cases(ks_buf *b)
{
    ks_str last = KS_NO_STR;
    for (const ks_command *k = ks_commands; k->name != NULL; k++) {
        ks_str name = ks_str_of(k->name), rest = name, group;
        if (ks_str_chr(name, ' ') != SIZE_MAX && ks_str_cut(&rest, ' ', &group) && !ks_str_eq(group, last)) {
            ks_buf_fmt(b, "    \"" KS_FMT "\") words=\"", KS_ARG(group));
            second_words(b, group);
            ks_buf_z(b, "\" ;;\n");
            last = group;
        }
        ks_buf_fmt(b, "    \"%s\") words=\"--help", k->name);
        ks_each_flag(k, word_flag, b);
        ks_buf_z(b, "\" ;;\n");
    }
}

int ks_cmd_completion(ks_cli *c)
{
    ks_str shell = ks_cli_arg(c, 0);
    bool   zsh = ks_str_eq(shell, KS_S("zsh"));
    ks_buf b = ks_buf_new(TEXT_MAX);
    if (!zsh && !ks_str_eq(shell, KS_S("bash")))
        return ks_cli_usage(c, "Completion is made for bash and zsh.");
    if (zsh)
        ks_buf_z(&b, "#compdef keysteward\nautoload -U +X bashcompinit && bashcompinit\n");
    ks_buf_z(&b, "_keysteward() {\n  local cur=\"${COMP_WORDS[COMP_CWORD]}\" words=\"\" path=\"\" i\n"
                 "  for ((i = 1; i < COMP_CWORD && i < 3; i++)); do\n"
                 "    case \"${COMP_WORDS[i]}\" in -*) break ;; esac\n"
                 "    path=\"${path:+$path }${COMP_WORDS[i]}\"\n  done\n"
                 "  case \"$path\" in\n    \"\") words=\"");
    first_words(&b);
    ks_buf_z(&b, "\" ;;\n");
    cases(&b);
    ks_buf_z(&b, "    *) case \"${path%% *}\" in\n");
    for (const ks_command *k = ks_commands; k->name != NULL; k++)
        if (ks_str_chr(ks_str_of(k->name), ' ') == SIZE_MAX && k->max != 0) {
            ks_buf_fmt(&b, "      \"%s\") words=\"--help", k->name);
            ks_each_flag(k, word_flag, &b);
            ks_buf_z(&b, "\" ;;\n");
        }
    ks_buf_z(&b, "    esac ;;\n  esac\n  COMPREPLY=($(compgen -W \"$words\" -- \"$cur\"))\n}\n"
                 "complete -o default -F _keysteward keysteward\n");
    return put(c, &b);
}
