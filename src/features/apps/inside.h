/* features/apps/inside.h — does an argument fit what its parameter says of its inside (`schema` of app
 * files)? Judges types, required members and allowed values at any depth. Bounds, formats and patterns are
 * told to callers and judged by the vendor. Pure. Threads: any. */
#pragma once
#include "base/json.h"
#include "features/apps/app.h"

/* What does not fit, and where: ".members[2].email", below the argument. */
typedef struct ks_inside_fault {
    ks_str      at;  /* in the arena; absent when memory was short */
    const char *why; /* unfinished sentence; NULL: all fits */
} ks_inside_fault;

/* Judge `v`, an array or object, by p->schema; without one everything fits. `loose`: numbers and booleans may
 * come as text, as in forms. What is too large to be judged in reasonable time is left to the vendor.
 * INVALID, NO_MEMORY when the schema cannot be read. */
KS_MUST ks_status ks_inside_judge(ks_ctx *cx, const ks_app_param *p, const ks_json *v, bool loose,
                                  ks_inside_fault *out);
