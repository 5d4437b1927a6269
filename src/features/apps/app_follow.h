/* features/apps/app_follow.h — may the credentials that were stored for one version of an app be used with
 * another? Only when they go where they went before (rule N1), nothing of them becomes readable (rule S4),
 * and no field they use is gone. Pure. Threads: none shared. */
#pragma once
#include "base/ctx.h"
#include "features/apps/app.h"

/* What stands against it: a field or place ("API_KEY.base"), and why. */
typedef struct ks_app_losses {
    ks_detail at[KS_MAX_DETAILS];
    size_t    n; /* at most KS_MAX_DETAILS are kept */
} ks_app_losses;

/* Add what a credential of the scheme `was` would lose with `next` (NULL: the scheme is gone). Texts are in
 * the arena. */
void ks_app_follow(ks_ctx *cx, const ks_app_scheme *was, const ks_app_scheme *next, ks_app_losses *out);
