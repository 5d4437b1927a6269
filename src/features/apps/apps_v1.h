/* features/apps/apps_v1.h — apps and actions as the API of the guide's era shows them. Strict parsers wait at
 * the other end: see docs/api.md for what is required. Threads: any. */
#pragma once
#include "base/json.h"
#include "features/apps/catalog.h"
#include "http/reply.h"

/* One App object. `cx` lends memory for texts. */
void ks_v1_put_app(ks_ctx *cx, ks_jw *w, const ks_app *app);

/* One Action object. */
void ks_v1_put_action(ks_jw *w, const ks_app *app, const ks_app_action *a);

/* A list of texts as an array. */
void ks_put_list(ks_jw *w, const char *name, ks_list l);

/* Every category once, in the order of first use, in the arena. */
KS_MUST ks_status ks_app_categories(ks_ctx *cx, const ks_catalog *c, ks_str **out, size_t *n);

/* Handler of every API version: names of all actions the caller may reach, as an array. */
KS_MUST ks_status ks_list_action_names(ks_ctx *cx, const ks_req *rq, ks_res *rs);

/* Does calling the app take no credential? */
bool ks_app_no_auth(const ks_app *app);

/* When the catalogue's own objects were made, for clients that want a time. */
#define KS_V1_CATALOG_TIME "2025-01-01T00:00:00.000Z"
