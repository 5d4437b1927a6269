/* features/apps/app_file_tree.h — between the three parts of the app file reader: the tree of nodes with
 * lines, the list of faults, the shapes. Included by app_file*.c only. Threads: none shared. */
#pragma once
#include "features/apps/app_file.h"

enum {
    KS_FILE_DEPTH = 32,    /* nested members; the format needs 7, schemas of parameters the rest */
    KS_FILE_NODES = 65536, /* of one file */
    KS_FILE_MEMBERS = 512, /* of one list or map; also bounds the search for repeated ones */
    KS_FILE_FAULTS = 100   /* reported; the rest is only counted */
};

#define KS_FILE_HTTPS KS_S("https://") /* how a whole URL begins */

typedef enum ks_node_kind { KS_NODE_TEXT, KS_NODE_LIST, KS_NODE_MAP } ks_node_kind;

/* One value of the file. */
typedef struct ks_node {
    ks_node_kind    kind;
    unsigned        line;  /* from 1 */
    bool            plain; /* text without quotes: may mean a number, true, false or nothing */
    ks_str          name;  /* of a member of a map */
    ks_str          text;  /* NUL-terminated */
    size_t          n;     /* members or elements */
    struct ks_node *first, *last, *next;
} ks_node;

/* Which node a struct was made of, so that later rules can name the line. */
typedef struct ks_node_of {
    const void        *at;
    const ks_node     *node;
    struct ks_node_of *next;
} ks_node_of;

/* One file being read. */
typedef struct ks_app_reader {
    ks_ctx     *cx;
    ks_str      file;
    ks_buf     *faults; /* one a line, "FILE:LINE: text" */
    size_t      n;      /* faults found */
    ks_node_of *nodes;
    bool        no_memory;
} ks_app_reader;

/* Note a fault at `line`. The sentence says what is wrong and what is wanted. */
void ks_file_fault(ks_app_reader *r, unsigned line, const char *fmt, ...) KS_PRINTF(3, 4);

/* The same at the member `name` (NULL: the struct itself) of what the struct `at` was made of. */
void ks_file_fault_at(ks_app_reader *r, const void *at, const char *name, const char *fmt, ...)
    KS_PRINTF(4, 5);

/* Cleared memory of the call; notes when there is none. */
KS_MUST void *ks_file_alloc(ks_app_reader *r, size_t n);

/* The file as a tree (app_file_yaml.c). NULL after a fault. */
ks_node *ks_file_tree(ks_app_reader *r, ks_str text);

/* Member of a map, or NULL. */
const ks_node *ks_node_get(const ks_node *map, const char *name);

/* The tree as structs (app_file_schema.c). NULL when nothing could be made; faults may remain in any case. */
ks_app *ks_file_shape(ks_app_reader *r, const ks_node *top);

/* Rules beside the shape (app_file_check.c). */
void ks_file_check(ks_app_reader *r, const ks_app *app);
/* The same for its actions (app_file_actions.c). */
void ks_file_check_actions(ks_app_reader *r, const ks_app *app);

/* Derived values, signatures, databases of a scheme; hints for paging of an app (app_file_ways.c). */
void ks_file_check_ways(ks_app_reader *r, const ks_app_scheme *s);
void ks_file_check_pages(ks_app_reader *r, const ks_app *app);

/* A required field is used by something of its scheme or by an action (app_file_used.c). */
void ks_file_check_used(ks_app_reader *r, const ks_app *app, const ks_app_scheme *s);

/* A template all of whose values are fields of the scheme or among the first `derived` of its derived values.
 * `header`: none that may hold line breaks. */
void ks_file_template(ks_app_reader *r, const void *at, const char *member, const ks_app_scheme *s,
                      size_t derived, ks_str tpl, bool header);

/* The host of a URL that a credential is sent to: https, no secret in it, fields made for it, within `hosts`
 * where it has templates. */
void ks_file_check_url(ks_app_reader *r, const void *at, const char *member, const ks_app_scheme *s,
                       size_t derived, ks_str url);

/* The list `hosts`: names only, "*." in front for whole labels. */
void ks_file_check_hosts(ks_app_reader *r, const ks_app_scheme *s);

/* One of the first `n` derived values, or NULL. */
const ks_app_derived *ks_file_derived(const ks_app_scheme *s, size_t n, ks_str name);

/* Does the text begin with {{field}} of that kind? */
bool ks_file_begins_with(const ks_app_scheme *s, ks_str text, ks_app_kind kind);

/* SQL or COMMAND: run by a database, not sent over HTTP. */
bool ks_file_is_statement(ks_str method);

/* [a-z0-9_]+, at most 64. */
bool ks_file_is_key(ks_str s);

/* NULL, or what is wrong with a pattern: an unfinished sentence (app_file_pattern.c). Ends in NUL. */
const char *ks_file_pattern_fault(ks_str pattern);

/* Host part of "https://host[:port]/...", templates included, or of "http://IPV4..."; absent for other URLs.
 */
ks_str ks_file_host(ks_str url);

/* Does one of `hosts` hold `host`: exactly, or "*.example.com" for whole labels before it? */
bool ks_file_host_held(ks_list hosts, ks_str host);
