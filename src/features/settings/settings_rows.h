/* features/settings/settings_rows.h — the only SQL about the settings of projects. Used by settings.c alone.
 */
#pragma once
#include "features/settings/settings.h"

/* Those of the project of this call; all zero without a row.  STORE  NO_MEMORY */
KS_MUST ks_status ks_project_settings_row_get(ks_ctx *cx, ks_project_settings *out);

/* Added to a change: they are these now. */
KS_MUST ks_status ks_project_settings_row_put(ks_ctx *cx, ks_change *ch, const ks_project_settings *s);
