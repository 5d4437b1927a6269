/* features/apps/app_file.h — an app file (YAML) to a ks_app, with file and line for every mistake. Used by
 * the build-time compiler, `keysteward app lint` and --apps. libyaml events; aliases, tags and documents
 * after the first are refused, depth and size bounded. Threads: none shared. */
#pragma once
#include "base/ctx.h"
#include "features/apps/app.h"

#define KS_APP_FILE_MAX (512 * 1024) /* bytes */

/* Parse and check `text`; `name` is the file's name for messages. INVALID: "stripe.yaml:12: ...", which says
 * what is wanted. The app lives in the arena of `cx`. */
KS_MUST ks_status ks_app_file_parse(ks_ctx *cx, ks_str name, ks_str text, const ks_app **out);

/* The same, but every mistake of the file is appended to `faults`, one a line; for people who mend it. OK
 * when there are none. */
KS_MUST ks_status ks_app_file_lint(ks_ctx *cx, ks_str name, ks_str text, ks_buf *faults, const ks_app **out);
