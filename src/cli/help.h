/* cli/help.h — what the table of commands looks like to people and shells. Threads: one. */
#pragma once
#include "cli/cli.h"

/* Call fn for every option of a command, shared ones and those of `serve` included. */
void ks_each_flag(const ks_command *cmd, void (*fn)(void *arg, const ks_flag *f), void *arg);

/* The option named `name` of a command; NULL when it has none. */
const ks_flag *ks_find_flag(const ks_command *cmd, ks_str name);

/* The option of a command that has this letter, and the letter of an option; NULL and 0 when there is none.
 */
const ks_flag *ks_letter_flag(const ks_command *cmd, char letter);
char           ks_flag_letter(const ks_command *cmd, const ks_flag *f);

/* The list of commands. */
void ks_help_all(ks_buf *b);
/* The help of one command. */
void ks_help_command(ks_ctx *cx, ks_buf *b, const ks_command *cmd);

/* Append `text` broken at blanks to lines of at most 80 columns, each behind `indent` blanks; the first line
 * is begun already at column `at`. */
void ks_help_wrap(ks_buf *b, const char *text, size_t indent, size_t at);
