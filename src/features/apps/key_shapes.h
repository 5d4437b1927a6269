/* features/apps/key_shapes.h — what the keys of known vendors look like. Data only; recognise.h reads it.
 * Threads: any. */
#pragma once
#include "base/str.h"

typedef enum ks_shape_kind {
    KS_SHAPE_SECRET,     /* calls the API */
    KS_SHAPE_RESTRICTED, /* works for a part of it, or for something else of that vendor */
    KS_SHAPE_TEST,       /* of a sandbox or test mode */
    KS_SHAPE_PUBLIC      /* no secret: an identifier, or a key for browsers */
} ks_shape_kind;

/* Texts stand in the row itself, so that loading the table relocates nothing. */
typedef struct ks_key_shape {
    char          app[24];     /* key of the app, which the catalogue need not have */
    char          begins[25];  /* every such key begins so; "" when nothing is sure */
    char          pattern[82]; /* POSIX extended, of the whole key */
    uint16_t      min, max;    /* bytes; max 0: no bound */
    ks_shape_kind kind;
    char          what[82]; /* the vendor's words for it, and what else a call needs */
} ks_key_shape;

extern const ks_key_shape ks_key_shapes[];
extern const size_t       ks_key_shapes_n;
