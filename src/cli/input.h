/* cli/input.h — values from files, standard input and hidden prompts. Threads: one. */
#pragma once
#include "cli/cli.h"

#define KS_INPUT_MAX (1024 * 1024) /* bytes of one input */

/* "@FILE" or "-" read whole, anything else as it stands. Absent: it has said what is wrong. */
ks_str ks_input_text(ks_cli *c, ks_str value);

/* The same as a secret, trimmed as pasted keys are; what was read on the way is wiped. NULL: said. */
ks_secret *ks_input_secret(ks_cli *c, ks_str value);

/* All that the descriptor gives, in the arena of `cx`, with a NUL behind it; it stays open. Of more than
 * `max` bytes the first max + 1. Absent: `fd` is none, it cannot be read, or memory is short. */
ks_str ks_input_fd(ks_ctx *cx, int fd, size_t max);

/* Ask on the terminal; `hidden`: without echo. NULL: no answer, or no memory. */
ks_secret *ks_input_prompt(ks_cli *c, ks_str label, ks_str help, bool hidden);

/* Yes or no on the terminal; without one: no, and it says that --yes is wanted. */
bool ks_input_confirm(ks_cli *c, const char *question);
