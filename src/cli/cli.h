/* cli/cli.h — the command line: one table of commands from which parsing, help, man page and completion come.
 * Results go to standard output, words to standard error. It holds no rule of its own: a running server
 * decides, or the same feature code when there is none. Threads: one. */
#pragma once
#include <stdio.h>

#include "base/json.h"
#include "server/flag.h"

/* Exit codes, part of the interface: `keysteward help` tells them. */
enum {
    KS_EXIT_OK = 0,
    KS_EXIT_FAILED = 1,
    KS_EXIT_USAGE = 2,
    KS_EXIT_REJECTED = 3, /* the vendor refused the credential */
    KS_EXIT_NOT_FOUND = 4,
    KS_EXIT_SERVER = 5, /* our server or store failed or cannot be reached */
    KS_EXIT_VENDOR = 6  /* the vendor cannot be reached */
};

#define KS_CLI_VALUES 256 /* option values of one call */

typedef struct ks_cli     ks_cli;
typedef struct ks_client  ks_client;
typedef struct ks_command ks_command;

enum {                      /* ks_command.uses: options a command shares with others */
       KS_USES_SERVER = 1,  /* --url, --key-file */
       KS_USES_JSON = 2,    /* --json */
       KS_USES_DATA = 4,    /* --data */
       KS_USES_INPUT = 8,   /* --no-input */
       KS_USES_YES = 16,    /* --yes */
       KS_USES_RAW = 32,    /* the command reads its own words (serve) */
       KS_USES_LETTERS = 64 /* its options have letters, too (ks_letters) */
};

struct ks_command {
    const char    *name;    /* one or two words */
    const char    *args;    /* positional words for the usage line; "" for none */
    const char    *summary; /* one line */
    const char    *about;   /* more, or NULL */
    const ks_flag *flags;   /* own options, ended by {0}; or NULL */
    unsigned       uses;
    int            min, max; /* positional words; max -1: any number */
    int (*run)(ks_cli *c);
};

extern const ks_command ks_commands[]; /* ends with {0} */

/* The letter of an option, where the command is used like another that has it. */
typedef struct ks_letter {
    char        letter;
    const char *name;
} ks_letter;
extern const ks_letter ks_letters[]; /* ends with {0} */

/* One call of the program. */
struct ks_cli {
    ks_ctx            cx;
    const ks_command *command;
    struct {
        ks_str name, value;
    } values[KS_CLI_VALUES];
    size_t     values_n;
    char     **args; /* positional words, in argv's own memory */
    int        args_n;
    ks_client *client; /* made when first needed */
    bool       tty_in, tty_err;
    FILE      *out, *err;
};

/* The program. Returns the exit code. */
int ks_cli_main(int argc, char **argv);

/* Value of an option; absent when it was not given. Switches give "". */
ks_str ks_cli_option(const ks_cli *c, const char *name);
/* The i-th value of an option that may be given several times; absent past the last. */
ks_str ks_cli_option_at(const ks_cli *c, const char *name, size_t i);
/* Was the option given at all? */
bool ks_cli_has(const ks_cli *c, const char *name);

/* The i-th positional word. */
ks_str ks_cli_arg(const ks_cli *c, int i);

/* Say what is wrong with the call and how it is used. KS_EXIT_USAGE. */
int ks_cli_usage(ks_cli *c, const char *fmt, ...) KS_PRINTF(2, 3);

/* Say why it failed, for people. Returns `code`. */
int ks_cli_fail(ks_cli *c, int code, const char *fmt, ...) KS_PRINTF(3, 4);

/* The mark before a failure. */
void ks_cli_mark(ks_cli *c);

/* The same for a failure in cx->err; the exit code follows from its status. */
int ks_cli_fail_err(ks_cli *c);

/* ---- commands, by file: each does what its row in commands.c says and returns the exit code ---- */

int ks_cmd_serve(ks_cli *c);              /* cli.c */
int ks_cmd_key_create(ks_cli *c);         /* cmd_key.c */
int ks_cmd_key_list(ks_cli *c);           /* cmd_key.c */
int ks_cmd_key_revoke(ks_cli *c);         /* cmd_key.c */
int ks_cmd_key_unfreeze(ks_cli *c);       /* cmd_key.c */
int ks_cmd_dash(ks_cli *c);               /* cmd_dash.c */
int ks_cmd_canary_set(ks_cli *c);         /* cmd_canary.c */
int ks_cmd_canary_clear(ks_cli *c);       /* cmd_canary.c */
int ks_cmd_canary_list(ks_cli *c);        /* cmd_canary.c */
int ks_cmd_budget_show(ks_cli *c);        /* cmd_budget.c */
int ks_cmd_budget_set(ks_cli *c);         /* cmd_budget.c */
int ks_cmd_budget_clear(ks_cli *c);       /* cmd_budget.c */
int ks_cmd_app_list(ks_cli *c);           /* cmd_app.c */
int ks_cmd_app_show(ks_cli *c);           /* cmd_app.c */
int ks_cmd_app_fields(ks_cli *c);         /* cmd_app.c */
int ks_cmd_app_lint(ks_cli *c);           /* cmd_app.c */
int ks_cmd_app_add(ks_cli *c);            /* cmd_own_app.c */
int ks_cmd_app_remove(ks_cli *c);         /* cmd_own_app.c */
int ks_app_list_own(ks_cli *c);           /* app list --own */
int ks_cmd_app_stats(ks_cli *c);          /* cmd_stats.c */
int ks_cmd_app_import(ks_cli *c);         /* cmd_import.c */
int ks_cmd_recognise(ks_cli *c);          /* cmd_recognise.c */
int ks_cmd_integration_list(ks_cli *c);   /* cmd_integration.c */
int ks_cmd_integration_create(ks_cli *c); /* cmd_integration.c */
int ks_cmd_integration_show(ks_cli *c);   /* cmd_integration.c */
int ks_cmd_integration_set(ks_cli *c);    /* cmd_integration.c */
int ks_cmd_integration_budget(ks_cli *c); /* cmd_budget.c */
int ks_cmd_integration_delete(ks_cli *c); /* cmd_integration.c */
int ks_cmd_connect(ks_cli *c);            /* cmd_connect.c */
int ks_cmd_connection_list(ks_cli *c);    /* cmd_connection.c */
int ks_cmd_connection_show(ks_cli *c);    /* cmd_connection.c */
int ks_cmd_connection_enable(ks_cli *c);  /* cmd_connection.c */
int ks_cmd_connection_disable(ks_cli *c); /* cmd_connection.c */
int ks_cmd_connection_delete(ks_cli *c);  /* cmd_connection.c */
int ks_cmd_connection_verify(ks_cli *c);  /* cmd_connection.c */
int ks_cmd_connection_replace(ks_cli *c); /* cmd_connect.c */
int ks_cmd_link_create(ks_cli *c);        /* cmd_link.c */
int ks_cmd_link_list(ks_cli *c);          /* cmd_link.c */
int ks_cmd_link_revoke(ks_cli *c);        /* cmd_link.c */
int ks_cmd_theme_show(ks_cli *c);         /* cmd_theme.c */
int ks_cmd_theme_set(ks_cli *c);          /* cmd_theme.c */
int ks_cmd_theme_reset(ks_cli *c);        /* cmd_theme.c */
int ks_cmd_settings_show(ks_cli *c);      /* cmd_settings.c */
int ks_cmd_settings_set(ks_cli *c);       /* cmd_settings.c */
int ks_cmd_action_list(ks_cli *c);        /* cmd_action.c */
int ks_cmd_action_show(ks_cli *c);        /* cmd_action.c */
int ks_cmd_action_search(ks_cli *c);      /* cmd_action.c */
int ks_cmd_action_run(ks_cli *c);         /* cmd_action.c */
int ks_cmd_explain(ks_cli *c);            /* cmd_action.c */
int ks_cmd_call(ks_cli *c);               /* cmd_call.c */
int ks_cmd_calls(ks_cli *c);              /* cmd_calls.c */
int ks_cmd_query(ks_cli *c);              /* cmd_query.c */
int ks_cmd_audit_list(ks_cli *c);         /* cmd_audit.c */
int ks_cmd_audit_verify(ks_cli *c);       /* cmd_audit.c */
int ks_cmd_env(ks_cli *c);                /* cmd_env.c */
int ks_cmd_doctor(ks_cli *c);             /* cmd_doctor.c */
int ks_cmd_version(ks_cli *c);            /* cmd_env.c */
int ks_cmd_help(ks_cli *c);               /* cli.c */
int ks_cmd_man(ks_cli *c);                /* man.c */
int ks_cmd_completion(ks_cli *c);         /* man.c */
