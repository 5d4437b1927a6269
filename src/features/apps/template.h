/* features/apps/template.h — templates of app files: "Bearer {{api_key}}" (rule T2). One pass; values are
 * never scanned again. Pure. Threads: any. */
#pragma once
#include "base/ctx.h"
#include "features/apps/app.h"

/* One stretch of a template. */
typedef struct ks_tpl_part {
    ks_str text; /* literal, or the name of a value */
    bool   is_value;
} ks_tpl_part;

/* Take the next part off *rest. False at the end. Malformed templates cannot occur: app_file.c checked them.
 */
bool ks_tpl_next(ks_str *rest, ks_tpl_part *part);

/* NULL when well-formed: every "{{" closed, names [a-z0-9_]+; else an unfinished sentence. */
const char *ks_tpl_fault(ks_str tpl);

/* Is any value of that name used? */
bool ks_tpl_uses(ks_str tpl, ks_str name);
