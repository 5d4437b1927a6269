/* cli/output.h — results for people: tables, texts, JSON; control characters of others never reach the
 * terminal. */
#pragma once
#include "cli/client.h"

/* Text without control characters (C0, DEL, C1), which could move the cursor or rename the window. */
void ks_put(FILE *to, ks_str s);

/* Columns that it takes there: characters, not bytes. Wide ones are counted once; a table then bends a
 * little.
 */
size_t ks_put_width(ks_str s);

/* Rows of `columns` texts with aligned columns, the first row as the head. `cells` holds rows * columns. */
void ks_put_table(FILE *to, const ks_str *cells, size_t rows, size_t columns);

/* A table of the objects in an array: one column for each member name, its title above it. */
int ks_put_items(ks_cli *c, const ks_json *items, const char *const *members, const char *const *titles,
                 size_t n);

/* The answer as it came, with a line break. */
int ks_put_json(ks_cli *c, const ks_reply *r);

/* A tree, indented. */
void ks_put_tree(FILE *to, const ks_json *v);

/* The answer as it came with --json, else as a tree. */
int ks_put_answer(ks_cli *c, const ks_reply *r);

/* A member as text, whatever its scalar type; empty when missing. */
ks_str ks_member(ks_cli *c, const ks_json *obj, const char *name);
