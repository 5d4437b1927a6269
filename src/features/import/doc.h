/* features/import/doc.h — a foreign JSON or YAML document as a tree that knows its lines, and `$ref` inside
 * it. Knows nothing of OpenAPI. RFC 8259, YAML 1.1, RFC 6901. Threads: a tree belongs to the call that read
 * it. */
#pragma once
#include "base/ctx.h"

#define KS_DOC_MAX (32 * 1024 * 1024) /* bytes of a document */

enum {
    KS_DOC_DEPTH = 64,       /* nested lists and maps, as in all JSON (KS_MAX_JSON_DEPTH) */
    KS_DOC_NODES = 2000000,  /* values of a document; also what aliases and merges may add up to */
    KS_DOC_ARENA = 224 << 20 /* bytes of the tree and its decoded texts */
};

typedef enum ks_doc_kind {
    KS_DOC_NULL,
    KS_DOC_BOOL,
    KS_DOC_NUMBER,
    KS_DOC_TEXT,
    KS_DOC_LIST,
    KS_DOC_MAP
} ks_doc_kind;

/* One value. */
typedef struct ks_doc_node {
    ks_doc_kind kind;
    unsigned    line; /* from 1 */
    ks_str      name; /* of a member of a map, as it means */
    union {
        ks_str text; /* of a scalar: a text as it means, numbers and words as written */
        struct {
            struct ks_doc_node *first, *last;
        };
    };
    struct ks_doc_node  *next;
    struct ks_doc_node **sorted; /* members of a large map by name; NULL: walk */
    size_t               n;      /* members or elements; 0 for scalars */
} ks_doc_node;

/* One document being read. */
typedef struct ks_doc {
    ks_ctx      *cx;    /* errors, and what outlives the tree */
    ks_arena    *arena; /* the tree; ends with the arena of `cx` */
    ks_str       file;  /* its name, for messages */
    ks_str       text;  /* borrowed; texts without escapes are slices of it */
    ks_doc_node *root;
    size_t       nodes;
    ks_status    status; /* the first failure sticks; cx->err tells it */
} ks_doc;

/* Read `text` (JSON when it begins with '{', else YAML) as a map. INVALID "FILE:LINE: ..." for broken or
 * doubled members, depth and size; NO_MEMORY. `text` must live as long as the tree. */
KS_MUST ks_status ks_doc_read(ks_ctx *cx, ks_str file, ks_str text, ks_doc **out);

/* Free the tree before the arena of the call ends. */
void ks_doc_free(ks_doc *d);

/* Note a failure at `line`; the first one sticks in d->status. The sentence quotes nothing of the document.
 */
void ks_doc_fail(ks_doc *d, unsigned line, const char *fmt, ...) KS_PRINTF(3, 4);

/* Member of a map; NULL when there is none, or `map` is NULL or no map. */
const ks_doc_node *ks_doc_find(const ks_doc_node *map, ks_str name);
/* The same for a literal name. */
const ks_doc_node *ks_doc_get(const ks_doc_node *map, const char *name);

/* First element or member of a list or map; NULL for scalars, NULL and empty ones. Go on with ->next. */
const ks_doc_node *ks_doc_first(const ks_doc_node *n);

/* A member that is a text or a number, as text; absent otherwise. */
ks_str ks_doc_text(const ks_doc_node *map, const char *name);
/* Is that member the word true? */
bool ks_doc_true(const ks_doc_node *map, const char *name);

/* What `n` stands for: itself, or what its `$ref` leads to, through chains. NULL when it leads to nothing or
 * in a circle; a `$ref` out of the document is a failure of the whole (ks_doc_fail). */
const ks_doc_node *ks_doc_follow(ks_doc *d, const ks_doc_node *n);

/* ---- between doc*.c ---- */

/* A new value below `up` (NULL: the top). NULL after a failure. */
ks_doc_node *ks_doc_add(ks_doc *d, ks_doc_node *up, ks_str name, unsigned line, ks_doc_kind kind);
/* All members of a map are there: sort them when they are many. False after a failure: one stands there
 * twice. */
bool ks_doc_close(ks_doc *d, ks_doc_node *map);
/* Memory of the tree; NULL after a failure. */
void *ks_doc_alloc(ks_doc *d, size_t n);
/* Read the bytes (doc_json.c, doc_yaml.c); failures in d->status. */
void ks_doc_read_json(ks_doc *d, ks_str text);
void ks_doc_read_yaml(ks_doc *d, ks_str text);
