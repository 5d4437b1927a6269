/* features/apps/app_file_shape.h — what a table of members is made of. Included by app_file_schema.c and
 * app_file_map.c only. Threads: any. */
#pragma once
#include "features/apps/app_file_tree.h"

typedef enum ks_member_kind {
    TEXT,    /* ks_str, one line */
    LINES,   /* ks_str, line breaks allowed */
    OR_NONE, /* ks_str; the word `none` leaves it absent */
    FLAG,    /* bool */
    NUMBER,  /* int */
    WORD,    /* an enum: position in `words` */
    ONLY,    /* bool: true when the one word of `words` stands there */
    TEXTS,   /* ks_list */
    PUTS,    /* ks_app_puts: a map of texts */
    PART,    /* members of the same struct under a name of their own; the word `none` when `none` is set */
    PARTS,   /* a list of structs: pointer here, count at `count` */
    JSON     /* ks_str of JSON text; the type comes from the struct (params) */
} ks_member_kind;

typedef struct ks_shape ks_shape;

typedef struct ks_member {
    const char        *name;
    ks_member_kind     kind;
    size_t             at, count;
    bool               required, none, empty; /* empty: "" is a value */
    const char *const *words;                 /* NULL-terminated */
    const ks_shape    *shape;
} ks_member;

struct ks_shape {
    const char      *what; /* for messages: "a field" */
    size_t           size; /* of the struct; 0 for PART */
    const ks_member *members;
    size_t           n;
    void (*begin)(void *out); /* sets what is not zero by default; NULL: nothing */
    void (*end)(ks_app_reader *r, const ks_node *map, void *out); /* what needs several members; or NULL */
};

/* Fill the struct at `out` from `map` by the members of `sh`; notes every fault. */
void ks_file_map(ks_app_reader *r, const ks_shape *sh, const ks_node *map, void *out);

/* Remember that the struct `at` was made of `node`. */
void ks_file_note(ks_app_reader *r, const void *at, const ks_node *node);

/* A default or fixed value as JSON text of `type`, in the arena. Absent after a fault or without a node. */
ks_str ks_file_json(ks_app_reader *r, const ks_node *node, ks_param_type type);

/* What lies inside the parameter `p`, whose type is known, as the text of a JSON Schema (app_file_inside.c).
 * Absent as above. */
ks_str ks_file_schema_json(ks_app_reader *r, const ks_node *node, const ks_app_param *p);
