/* features/import/import.h — an OpenAPI document (3.0, 3.1) or a Swagger 2 one becomes the text of an app
 * file. Pure: opens nothing, fetches nothing, adds nothing to a server. What comes and what is left out:
 * docs/importing.md. Threads: none shared. */
#pragma once
#include "base/ctx.h"

enum {
    KS_IMPORT_ACTIONS = 512, /* of an app: as many as a list of an app file holds */
    KS_IMPORT_NOTES = 100    /* told; the rest is only counted */
};

/* What the person asked for; absent members have the defaults given here. */
typedef struct ks_import_options {
    ks_str file;   /* name of the document, for messages */
    ks_str key;    /* of the app; default: made of the title */
    ks_str base;   /* https URL that stands for the document's servers */
    ks_str origin; /* where the document was fetched: what relative servers are relative to */
    ks_str auth;   /* bearer, basic, none, header:NAME or query:NAME, instead of the document's security */
    ks_str only;   /* operations with this tag, or whose path begins with it when it begins with '/' */
    bool   deprecated; /* deprecated operations, too */
} ks_import_options;

/* Something the person should know: what was left out or changed. */
typedef struct ks_import_note {
    unsigned line; /* of the document; 0: of no line */
    ks_str   text; /* one sentence */
} ks_import_note;

typedef struct ks_import {
    ks_str                key, name, yaml; /* the app file, in the arena of the ctx */
    const ks_import_note *notes;
    size_t                notes_n, notes_more;
    size_t                operations; /* in the document */
    size_t                actions;    /* in the app */
    size_t                schemes;
} ks_import;

/* The app file of `document`. INVALID "FILE:LINE: ..." when it is broken, too large, no OpenAPI, has a `$ref`
 * out of it, no server that an app may have, or nothing that can be called. */
KS_MUST ks_status ks_import_document(ks_ctx *cx, ks_str document, const ks_import_options *options,
                                     ks_import *out);
