/* features/import/importer.h — between the parts of the import: what is known of the document and what has
 * been made of it so far. Included by features/import/ only. Threads: none shared. */
#pragma once
#include "features/apps/app.h"
#include "features/import/doc.h"
#include "features/import/import.h"

enum {
    KS_IMPORT_PARAMS = 64,      /* of an action */
    KS_IMPORT_PROPERTIES = 128, /* looked at in one schema */
    KS_IMPORT_VALUES = 100,     /* of an enum; longer ones are left out */
    KS_IMPORT_BOUNDS = 10,      /* words for bounds of a value */
    KS_IMPORT_TERSE = 4,        /* steps of shortening */
    KS_IMPORT_HOSTS = 32,       /* of a scheme */
    KS_IMPORT_SERVERS = 32,     /* looked at */
    KS_IMPORT_DECLARED = 512,   /* parameters of an operation, before they are merged */
    KS_IMPORT_TRIED = 4096,     /* operations, those that are left out included */
    KS_IMPORT_LOOKS = 4000000   /* schemas and their members, in all: a document made to be slow ends here */
};

typedef struct ks_importer {
    ks_ctx                  *cx;
    ks_doc                  *doc;
    const ks_import_options *opt;
    bool                     swagger; /* 2.0; else OpenAPI 3 */
    ks_app                   app;
    ks_app_field            *server_fields; /* what the servers ask for: region, shop, ... */
    size_t                   server_fields_n;
    ks_str                   base; /* template of the base URL */
    ks_str                   hosts[KS_IMPORT_HOSTS];
    size_t                   hosts_n;
    const ks_doc_node       *seen[32]; /* alternatives of security looked at */
    size_t                   seen_n;
    const ks_doc_node       *kept[4];   /* the alternative behind each scheme of the app */
    const ks_doc_node       *alike[32]; /* others that one of these schemes can send as well */
    size_t                   alike_n;
    ks_arena                *scratch; /* for what is looked at and thrown away */
    ks_import_note          *notes;
    size_t                   notes_n, notes_more, operations, deprecated, tried, looks;
} ks_importer;

/* Tell the person something, at a line or at none (0). */
void ks_import_note_at(ks_importer *im, unsigned line, const char *fmt, ...) KS_PRINTF(3, 4);

/* ---- schemas (schema.c) ---- */

/* One of the schemas of a member: it has several where the alternatives of its object differ. */
typedef struct ks_alike {
    const ks_doc_node *schema;
    struct ks_alike   *next;
} ks_alike;

typedef struct ks_property {
    ks_str   name;
    ks_alike schema;
    uint64_t votes; /* alternatives that require it, a bit each */
    bool     required;
    bool     own; /* not of an alternative */
} ks_property;

/* A schema with its `$ref`, `allOf`, `oneOf` and `anyOf` brought together. */
typedef struct ks_schema {
    bool               typed, file, read_only, any_members;
    bool               mixed;  /* alternatives of different types; `type` is that of the first */
    bool               valued; /* lists values, or what was read last does */
    bool               open;   /* an alternative takes any value, so `values` are not all */
    bool               own;    /* has members beside those of its alternatives */
    ks_param_type      type, items;
    const ks_doc_node *element; /* schema of an array's elements, or NULL */
    const ks_doc_node *choice;  /* the list of its alternatives, two at least that are not null; or NULL */
    ks_str             about;   /* as the document has it */
    const ks_doc_node *fallback;
    const ks_doc_node *values[KS_IMPORT_VALUES];
    size_t             values_n;
    const ks_doc_node *bounds[KS_IMPORT_BOUNDS]; /* format, pattern, minimum, ... (inside.c); NULL: none */
    ks_property       *properties;
    size_t             properties_n, properties_room, looks;
    unsigned           choices; /* being read, one inside the other */
    uint64_t           vote;    /* bit of the alternative being read */
} ks_schema;

/* Read the schema at `node` (NULL: anything). Circles and depth are bounded. */
void ks_schema_read(ks_importer *im, const ks_doc_node *node, ks_schema *out);

/* The same of a member. */
void ks_schema_member(ks_importer *im, const ks_property *p, ks_schema *out);

/* Note the bounds that `node` has (inside.c). */
void ks_schema_bounds(ks_schema *s, const ks_doc_node *node);

/* What lies inside: members and elements as far down as there is room for, and bounds, as the text of
 * `schema` of an app file (inside.c). Absent: nothing worth telling, or memory is short. */
ks_str ks_schema_inside(ks_importer *im, const ks_schema *s);

/* A number as app files take it: no exponent, no leading zeros. */
bool ks_schema_number(ks_str s, bool whole);

/* The allowed values of a schema with this type; empty: any. */
ks_list ks_schema_values(ks_importer *im, const ks_schema *s);

/* What a parameter takes of its schema: type, items, default, values, what lies inside, and `about` when the
 * schema says it. */
void ks_schema_param(ks_importer *im, const ks_schema *s, ks_app_param *p);

/* ---- operations ---- */

/* An action being made of the operation at `node`. */
typedef struct ks_operation {
    const ks_doc_node *node, *item; /* the operation, and the path it stands in */
    ks_str             method;      /* capitals */
    ks_str             path;        /* as the document has it */
    ks_app_action      action;
    ks_app_param       params[KS_IMPORT_PARAMS];
    size_t             params_n;
    const char        *left_out; /* why it cannot be had; NULL: it can */
} ks_operation;

/* Room for one more parameter, or NULL: then there are too many, and a required one leaves the operation out.
 */
ks_app_param *ks_operation_param(ks_operation *op, bool required);

/* A name for a parameter called `wire`, unlike all others of the operation; "body_id" when "id" is taken.
 * Absent: the operation is left out, or memory is short. */
ks_str ks_operation_name(ks_importer *im, ks_operation *op, ks_str wire, ks_param_in in);

/* Path, query and header parameters (params.c). */
void ks_import_params(ks_importer *im, ks_operation *op);

/* The request body, JSON or a form (body.c). */
void ks_import_body(ks_importer *im, ks_operation *op);

/* All operations as actions of im->app (operations.c). */
void ks_import_operations(ks_importer *im);

/* ---- the rest of an app ---- */

/* Base URL, hosts and their fields (servers.c). */
void ks_import_servers(ks_importer *im);

/* A server of one path or operation: where its path begins. Absent: the base of the app. False: no app may
 * call it. */
bool ks_import_own_server(ks_importer *im, const ks_doc_node *servers, ks_str *url);

/* Schemes of im->app from the document's security (security.c). After the servers. */
void ks_import_security(ks_importer *im);

/* Can one of the app's schemes sign this operation? */
bool ks_import_signable(ks_importer *im, const ks_doc_node *operation);

/* A reporting check from an operation that tells who the key belongs to (identity.c). After the operations.
 */
void ks_import_check(ks_importer *im);

/* The app as text (write.c). Absent when memory is short; `terse`: 0 all words, then fewer and less of what
 * lies inside parameters, up to KS_IMPORT_TERSE. `actions`: how many of them. */
ks_str ks_app_write(ks_ctx *cx, const ks_app *app, size_t actions, unsigned terse);
