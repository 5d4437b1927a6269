/* server/config_file.h — the settings file: one flat YAML mapping of scalars and lists of scalars. */
#pragma once
#include "server/config.h"

#define KS_CONFIG_FILE_MAX (64 * 1024)

/* Read `path`; values[i] gets the texts given for ks_options[i], n 0 when it does not occur. INVALID with
 * file and line: unreadable, malformed, unknown or repeated name, nested value. */
KS_MUST ks_status ks_config_file(ks_ctx *cx, ks_str path, ks_texts *values);
