/* cli/cli.c — words to a command and its options; failures to words and exit codes. */
#include "cli/cli.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/log.h"
#include "cli/client.h"
#include "cli/help.h"
#include "crypto/keyring.h"
#include "server/process.h"
#include "server/serve.h"

#define HELP_MAX (128 * 1024)

ks_str ks_cli_option(const ks_cli *c, const char *name)
{
    for (size_t i = c->values_n; i-- > 0;) /* the last one wins */
        if (ks_str_eq(c->values[i].name, ks_str_of(name)))
            return c->values[i].value;
    return KS_NO_STR;
}

ks_str ks_cli_option_at(const ks_cli *c, const char *name, size_t i)
{
    for (size_t k = 0; k < c->values_n; k++)
        if (ks_str_eq(c->values[k].name, ks_str_of(name)) && i-- == 0)
            return c->values[k].value;
    return KS_NO_STR;
}

bool ks_cli_has(const ks_cli *c, const char *name)
{
    return ks_cli_option(c, name).p != NULL;
}

ks_str ks_cli_arg(const ks_cli *c, int i)
{
    return i < c->args_n ? ks_str_of(c->args[i]) : KS_NO_STR;
}

/* ---- failures ---- */

void ks_cli_mark(ks_cli *c)
{
    const char *plain = getenv("NO_COLOR");
    bool        colour = c->tty_err && (plain == NULL || plain[0] == '\0');
    fputs(colour ? "\033[31mx\033[0m " : "x ", c->err);
}

KS_PRINTF(2, 0)
static void say(ks_cli *c, const char *fmt, va_list ap)
{
    ks_cli_mark(c);
    vfprintf(c->err, fmt, ap);
    fputc('\n', c->err);
}

int ks_cli_fail(ks_cli *c, int code, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    say(c, fmt, ap);
    va_end(ap);
    return code;
}

int ks_cli_usage(ks_cli *c, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    say(c, fmt, ap);
    va_end(ap);
    if (c->command != NULL)
        fprintf(c->err, "  keysteward %s --help shows how it is used.\n", c->command->name);
    return KS_EXIT_USAGE;
}

int ks_cli_fail_err(ks_cli *c)
{
    static const struct {
        ks_status status;
        int       code;
    } codes[] = {{KS_INVALID, KS_EXIT_USAGE},
                 {KS_NOT_FOUND, KS_EXIT_NOT_FOUND},
                 {KS_REJECTED, KS_EXIT_REJECTED},
                 {KS_UPSTREAM, KS_EXIT_VENDOR},
                 {KS_UPSTREAM_TIMEOUT, KS_EXIT_VENDOR}};
    int code = KS_EXIT_SERVER;
    for (size_t i = 0; i < KS_COUNT(codes); i++)
        if (codes[i].status == c->cx.err.status)
            code = codes[i].code;
    return ks_cli_fail(c, code, KS_FMT, KS_ARG(c->cx.err.message));
}

/* ---- parsing ---- */

/* The command the first words name; *used: how many of them. */
static const ks_command *find_command(int argc, char **argv, int *used)
{
    for (const ks_command *k = ks_commands; k->name != NULL; k++) {
        ks_str rest = ks_str_of(k->name), word;
        int    i = 0;
        while (ks_str_cut(&rest, ' ', &word) && i < argc && ks_str_eq(ks_str_of(argv[i]), word))
            i++;
        if (rest.n == 0 && i > 0 && ks_str_eq(ks_str_of(argv[i - 1]), word)) {
            *used = i;
            return k;
        }
    }
    return NULL;
}

static int unknown_command(ks_cli *c, int argc, char **argv)
{
    ks_str first = ks_str_of(argv[0]);
    bool   group = false;
    for (const ks_command *k = ks_commands; k->name != NULL; k++) {
        ks_str name = ks_str_of(k->name);
        if (!ks_str_starts(name, first) || name.n <= first.n || name.p[first.n] != ' ')
            continue;
        if (!group)
            fprintf(c->err, argc > 1 ? "x There is no such command; there are:\n" : "Commands:\n");
        group = true;
        fprintf(c->err, "  keysteward %-20s %s\n", k->name, k->summary);
    }
    if (!group)
        return ks_cli_fail(c, KS_EXIT_USAGE, "There is no such command. keysteward help lists them.");
    return KS_EXIT_USAGE;
}

static int add_value(ks_cli *c, ks_str name, ks_str value)
{
    if (c->values_n == KS_CLI_VALUES)
        return ks_cli_usage(c, "Too many options.");
    c->values[c->values_n].name = name;
    c->values[c->values_n].value = value;
    c->values_n++;
    return KS_EXIT_OK;
}

/* One option at argv[*i]; moves *i over its value. */
static int parse_option(ks_cli *c, int argc, char **argv, int *i)
{
    ks_str         word = ks_str_of(argv[*i]);
    size_t         eq = ks_str_chr(word, '=');
    ks_str         name = ks_str_sub(word, 2, eq == SIZE_MAX ? word.n : eq - 2);
    const ks_flag *f = ks_find_flag(c->command, name);
    if (f == NULL)
        return ks_cli_usage(c, "There is no such option.");
    if (f->arg == NULL)
        return eq == SIZE_MAX ? add_value(c, ks_str_of(f->name), KS_S(""))
                              : ks_cli_usage(c, "--%s takes no value.", f->name);
    if (eq != SIZE_MAX)
        return add_value(c, ks_str_of(f->name), ks_str_sub(word, eq + 1, word.n));
    if (++*i >= argc)
        return ks_cli_usage(c, "--%s needs a value: %s.", f->name, f->arg);
    return add_value(c, ks_str_of(f->name), ks_str_of(argv[*i]));
}

/* A word of letters, as -iX POST or -XPOST. */
static int parse_letters(ks_cli *c, int argc, char **argv, int *i)
{
    for (const char *p = argv[*i] + 1; *p != '\0'; p++) {
        const ks_flag *f = ks_letter_flag(c->command, *p);
        if (f == NULL)
            return ks_cli_usage(c, "There is no such option.");
        if (f->arg != NULL && p[1] == '\0' && *i + 1 >= argc)
            return ks_cli_usage(c, "-%c needs a value: %s.", *p, f->arg);
        if (f->arg != NULL)
            return add_value(c, ks_str_of(f->name), ks_str_of(p[1] != '\0' ? p + 1 : argv[++*i]));
        int code = add_value(c, ks_str_of(f->name), KS_S(""));
        if (code != KS_EXIT_OK)
            return code;
    }
    return KS_EXIT_OK;
}

static bool is_letters(const ks_cli *c, ks_str word)
{
    return (c->command->uses & KS_USES_LETTERS) && word.n > 1 && word.p[0] == '-';
}

static int parse_words(ks_cli *c, int argc, char **argv)
{
    bool only_args = false;
    c->args = argv;
    for (int i = 0; i < argc; i++) {
        ks_str word = ks_str_of(argv[i]);
        if (!only_args && ks_str_eq(word, KS_S("--")))
            only_args = true;
        else if (!only_args && ks_str_starts(word, KS_S("--"))) {
            int code = parse_option(c, argc, argv, &i);
            if (code != KS_EXIT_OK)
                return code;
        } else if (!only_args && is_letters(c, word)) {
            int code = parse_letters(c, argc, argv, &i);
            if (code != KS_EXIT_OK)
                return code;
        } else
            c->args[c->args_n++] = argv[i]; /* never ahead of i */
    }
    if (c->args_n < c->command->min || (c->command->max >= 0 && c->args_n > c->command->max))
        return ks_cli_usage(c, "Usage: keysteward %s %s", c->command->name, c->command->args);
    return KS_EXIT_OK;
}

static bool wants_help(int argc, char **argv)
{
    for (int i = 0; i < argc && !ks_str_eq(ks_str_of(argv[i]), KS_S("--")); i++)
        if (ks_str_eq(ks_str_of(argv[i]), KS_S("--help")) || ks_str_eq(ks_str_of(argv[i]), KS_S("-h")))
            return true;
    return false;
}

static int show_help(ks_cli *c, FILE *to, const ks_command *cmd)
{
    ks_buf b = ks_buf_new(HELP_MAX);
    if (cmd == NULL)
        ks_help_all(&b);
    else
        ks_help_command(&c->cx, &b, cmd);
    bool ok = ks_buf_ok(&b);
    if (ok)
        fwrite(b.p, 1, b.n, to);
    ks_buf_done(&b);
    return ok ? KS_EXIT_OK : ks_cli_fail(c, KS_EXIT_FAILED, "No memory.");
}

int ks_cmd_help(ks_cli *c)
{
    int used;
    if (c->args_n == 0)
        return show_help(c, c->out, NULL);
    const ks_command *cmd = find_command(c->args_n, c->args, &used);
    return cmd ? show_help(c, c->out, cmd) : unknown_command(c, c->args_n, c->args);
}

static int dispatch(ks_cli *c, int argc, char **argv)
{
    static char  version[] = "version";
    static char *version_words[] = {version, NULL};
    int          used = 0;
    if (argc == 0) {
        show_help(c, c->err, NULL);
        return KS_EXIT_USAGE;
    }
    if (ks_str_eq(ks_str_of(argv[0]), KS_S("--version"))) {
        argv = version_words;
        argc = 1;
    } else if (argv[0][0] == '-' && wants_help(argc, argv))
        return show_help(c, c->out, NULL);
    c->command = find_command(argc, argv, &used);
    if (c->command == NULL)
        return unknown_command(c, argc, argv);
    argc -= used;
    argv += used;
    if (wants_help(argc, argv))
        return show_help(c, c->out, c->command);
    if (c->command->uses & KS_USES_RAW) {
        c->args = argv;
        c->args_n = argc;
        return c->command->run(c);
    }
    ks_log_set_level(KS_LOG_WARN); /* the store's own lines are the server's business */
    int code = parse_words(c, argc, argv);
    return code == KS_EXIT_OK ? c->command->run(c) : code;
}

int ks_cmd_serve(ks_cli *c)
{
    return ks_serve(c->args_n, c->args);
}

int ks_cli_main(int argc, char **argv)
{
    ks_cli *c = ks_calloc(1, sizeof *c);
    if (c == NULL || (c->cx.arena = ks_arena_new(KS_ARENA_MAX)) == NULL || !ks_process_harden()) {
        fprintf(stderr, "keysteward: no memory, or the system refuses to turn core dumps off\n");
        ks_free(c);
        return KS_EXIT_FAILED;
    }
    c->cx = ks_ctx_new(c->cx.arena, NULL);
    c->cx.actor = KS_S("cli");
    c->out = stdout;
    c->err = stderr;
    c->tty_in = isatty(0);
    c->tty_err = isatty(2);
    int code = dispatch(c, argc > 0 ? argc - 1 : 0, argv + 1);
    if (fflush(c->out) != 0 && code == KS_EXIT_OK) {
        code = KS_EXIT_FAILED;
        if (errno != EPIPE) /* a reader that has seen enough, as `| head`, wants no words */
            ks_cli_fail(c, code, "Standard output cannot be written.");
    }
    ks_client_free(c->client);
    ks_arena_free(c->cx.arena);
    ks_free(c);
    return code;
}
