/* features/links/look_rows.h — the only SQL of looks. */
#pragma once
#include "features/links/look.h"

/* A look as it is stored. */
typedef struct ks_look_row {
    ks_look look;
    ks_str  css, logo_type, logo_bytes;
} ks_look_row;

/* The one of the project of this call; `out` stays empty when it has none.  STORE  NO_MEMORY */
KS_MUST ks_status ks_look_row_get(ks_ctx *cx, ks_look *out);
/* The sheet or picture of a name, of any project. */
KS_MUST ks_status ks_look_row_file(ks_ctx *cx, ks_str name, ks_look_file *out, bool *found);

/* For the functions of look.h that add to a change. */
KS_MUST ks_status ks_look_row_put(ks_ctx *cx, ks_change *ch, const ks_look_row *row);
KS_MUST ks_status ks_look_row_drop(ks_ctx *cx, ks_change *ch);
