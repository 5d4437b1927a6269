/* features/apps/view.h — the catalogue as one project sees it: the server's, with the project's own apps over
 * it when it has some. A view never changes; a new one is made when the project's apps have changed, and a
 * request keeps the one it began with. docs/decisions/0010. Threads: any. */
#pragma once
#include "features/apps/catalog.h"

typedef struct ks_views ks_views;

/* Views over `base`, which must live longer; made when they are asked for, the longest unused ones dropped.
 * NULL when memory is short. Free with ks_views_free when no request is left. */
KS_MUST ks_views *ks_views_new(const ks_catalog *base);
void              ks_views_free(ks_views *v); /* NULL is fine */

/* The catalogue for the project of this call, or the server's when there is none. Costs a look into the row
 * cache for a project without own apps. NULL when it cannot be read: cx->err says why, and every look-up and
 * list fails with that. Lives as long as the arena of `cx`. */
const ks_catalog *ks_catalog_of(ks_ctx *cx);

/* Does the project of this call see apps of its own? */
bool ks_catalog_has_own(ks_ctx *cx);

/* Could `app` be among the project's own apps: does nothing else answer to its names, has nothing else an
 * action of one of its names? A project's app of the same key gives way. CONFLICT (app_taken), naming both.
 */
KS_MUST ks_status ks_catalog_fits(ks_ctx *cx, const ks_app *app);

/* Views held now. For tests. */
size_t ks_views_count(ks_views *v);
