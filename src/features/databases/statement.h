/* features/databases/statement.h — one statement under construction: SQL in the words of its dialect, or a
 * command. Names of the caller are quoted, values are bound, and text that the caller gives as SQL stays one
 * piece. Internal to features/databases. Pure. Threads: none shared. */
#pragma once
#include "features/apps/app.h"
#include "upstream/database.h"

#define KS_STATEMENT_PARAMS 32767 /* what the drivers bind at most */
#define KS_STATEMENT_ROWS   1000  /* of one INSERT */

/* The arguments of an action, by parameter; NULL: not given. */
typedef struct ks_arguments {
    const ks_app_action  *action;
    const ks_json *const *values;
} ks_arguments;

const ks_json *ks_argument(const ks_arguments *a, const char *name); /* NULL: not given */

typedef struct ks_statement {
    ks_ctx      *cx;
    ks_buf      *text;
    ks_db_value *params;
    size_t       n, room;
    bool         numbered; /* $1 and "name", not ? and `name` */
} ks_statement;

/* Bind one more value. INVALID when there are too many. */
KS_MUST ks_status ks_statement_bind(ks_statement *s, const ks_json *v);

/* The SQL of action->path ("select", "insert", ...) in *s. INVALID naming the argument at fault. */
KS_MUST ks_status ks_statement_sql(ks_statement *s, const ks_arguments *a);

/* The command action->path with its arguments in the order of declaration: lists give each element, objects
 * name and value in turn; a parameter with a `target` is preceded by that word. */
KS_MUST ks_status ks_statement_command(ks_statement *s, const ks_arguments *a);
