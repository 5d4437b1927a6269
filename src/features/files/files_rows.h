/* features/files/files_rows.h — the only SQL about kept files. Used by files.c alone. */
#pragma once
#include "features/files/files.h"

/* By id, of any project: the caller compares it, or holds a pass. No row is no error here. STORE  NO_MEMORY
 */
KS_MUST ks_status ks_file_row(ks_ctx *cx, ks_str id, ks_kept_file *out, bool *found);
/* A new row. The change fails with CONFLICT when the project has KS_MAX_FILES. */
KS_MUST ks_status ks_file_row_add(ks_ctx *cx, ks_change *ch, const ks_kept_file *f);
/* Its bytes. The change fails with CONFLICT when they are there already, and when all of the project's would
 * be more than KS_MAX_FILES_BYTES. */
KS_MUST ks_status ks_file_row_fill(ks_ctx *cx, ks_change *ch, const ks_kept_file *f);
