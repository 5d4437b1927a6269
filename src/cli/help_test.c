/* cli/help_test.c — help, man page and completion hold every command and every option. */
#include "cli/help.h"

#include "server/config.h"
#include "tests/support/test.h"

static ks_cli cli;

static int set_up(void **state)
{
    (void)state;
    memset(&cli, 0, sizeof cli);
    cli.cx = ks_ctx_new(ks_arena_new(1 << 22), NULL);
    cli.err = fopen("/dev/null", "w");
    return cli.cx.arena && cli.err ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    fclose(cli.err);
    ks_arena_free(cli.cx.arena);
    return 0;
}

static bool holds(ks_str text, const char *part)
{
    return ks_str_find(text, ks_str_of(part)) != SIZE_MAX;
}

/* What a command prints. */
static ks_str printed(int (*run)(ks_cli *c), char *word)
{
    static char text[1 << 18];
    char       *words[] = {word};
    cli.args = words;
    cli.args_n = word ? 1 : 0;
    cli.out = fmemopen(text, sizeof text, "w");
    assert_non_null(cli.out);
    assert_int_equal(run(&cli), KS_EXIT_OK);
    fclose(cli.out);
    return ks_str_of(text);
}

static const ks_command *command(const char *name)
{
    for (const ks_command *k = ks_commands; k->name != NULL; k++)
        if (strcmp(k->name, name) == 0)
            return k;
    return NULL;
}

static void serve_help_tells_every_option_with_its_environment_name(void **state)
{
    (void)state;
    ks_buf b = ks_buf_new(1 << 18);
    ks_help_command(&cli.cx, &b, command("serve"));
    for (size_t i = 0; i < ks_options_n; i++) {
        ks_str flag = ks_fmt(&cli.cx, "  --%s", ks_options[i].flag.name);
        if (!holds(ks_buf_view(&b), flag.p) ||
            !holds(ks_buf_view(&b), ks_option_env(&cli.cx, &ks_options[i]).p))
            fail_msg("%s is missing", ks_options[i].flag.name);
    }
    ks_buf_done(&b);
}

static void help_lists_every_command(void **state)
{
    (void)state;
    ks_str text = printed(ks_cmd_help, NULL);
    for (const ks_command *k = ks_commands; k->name != NULL; k++)
        if (!holds(text, k->name) || !holds(text, k->summary))
            assert_true(holds(text, k->name)); /* summaries may be wrapped */
}

static void no_line_of_help_is_wider_than_eighty_columns(void **state)
{
    (void)state;
    for (const ks_command *k = ks_commands; k->name != NULL; k++) {
        ks_buf b = ks_buf_new(1 << 18);
        ks_str line;
        ks_help_command(&cli.cx, &b, k);
        ks_str rest = ks_buf_view(&b);
        while (ks_str_cut(&rest, '\n', &line))
            if (line.n > 96) /* the line of sources of an option is not wrapped */
                fail_msg("%s: %.*s", k->name, (int)line.n, line.p);
        ks_buf_done(&b);
    }
}

struct check {
    ks_str      text;
    const char *prefix;
};

static void has_flag(void *arg, const ks_flag *f)
{
    const struct check *c = arg;
    char                want[64];
    size_t              n = 0;
    n += (size_t)snprintf(want, sizeof want, "%s", c->prefix);
    for (const char *p = f->name; *p && n + 3 < sizeof want; p++) {
        if (*p == '-' && c->prefix[0] == '\\')
            want[n++] = '\\';
        want[n++] = *p;
    }
    want[n] = '\0';
    if (!holds(c->text, want))
        fail_msg("%s", want);
}

static void the_man_page_holds_every_option(void **state)
{
    (void)state;
    struct check c = {printed(ks_cmd_man, NULL), "\\-\\-"};
    for (const ks_command *k = ks_commands; k->name != NULL; k++)
        ks_each_flag(k, has_flag, &c);
}

static void completion_holds_every_option(void **state)
{
    (void)state;
    char         bash[] = "bash";
    struct check c = {printed(ks_cmd_completion, bash), "--"};
    for (const ks_command *k = ks_commands; k->name != NULL; k++)
        ks_each_flag(k, has_flag, &c);
}

static void every_command_has_a_function_and_a_summary_that_ends(void **state)
{
    (void)state;
    for (const ks_command *k = ks_commands; k->name != NULL; k++) {
        assert_non_null(k->run);
        assert_int_equal(k->summary[strlen(k->summary) - 1], '.');
        for (const ks_flag *f = k->flags; f != NULL && f->name != NULL; f++)
            assert_ptr_equal(ks_find_flag(k, ks_str_of(f->name)), f);
    }
}

KS_TESTS_WITH(set_up, tear_down, serve_help_tells_every_option_with_its_environment_name,
              help_lists_every_command, no_line_of_help_is_wider_than_eighty_columns,
              the_man_page_holds_every_option, completion_holds_every_option,
              every_command_has_a_function_and_a_summary_that_ends)
