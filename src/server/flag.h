/* server/flag.h — one option of a command, as help, man page and completion show it. */
#pragma once

typedef struct ks_flag {
    const char *name; /* without the dashes */
    const char *arg;  /* what its value is called, e.g. "FILE"; NULL: a switch without value */
    const char *help; /* one sentence, or a few */
} ks_flag;
