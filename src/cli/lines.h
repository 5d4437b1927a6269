/* cli/lines.h — the lines of a streamed result (docs/databases.md "Streams") for people and programs: a
 * table, CSV, or as they came. Holds a screenful of rows, however many come. Threads: one. */
#pragma once
#include "cli/client.h"

typedef enum ks_lines_as { KS_LINES_TABLE, KS_LINES_CSV, KS_LINES_JSON } ks_lines_as;

typedef struct ks_lines ks_lines;

/* To c->out, by `as`. NULL: no memory. Free with ks_lines_free. */
KS_MUST ks_lines *ks_lines_new(ks_cli *c, ks_lines_as as);
void              ks_lines_free(ks_lines *l); /* NULL is fine */

/* The next bytes as they come. False: they are no such lines, or cannot be written. */
KS_MUST bool ks_lines_take(ks_lines *l, ks_str bytes);

/* All has come: write what is held, and say on c->err what the last line tells, or that there is none. The
 * exit code. */
int ks_lines_end(ks_lines *l);
