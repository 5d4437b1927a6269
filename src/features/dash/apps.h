/* features/dash/apps.h — how pages show apps, and lists that are paged by number. Threads: as the caller. */
#pragma once
#include "features/apps/project_apps.h"
#include "features/dash/frame.h"

/* "API_KEY, BASIC", in the arena. */
ks_str ks_dash_schemes(ks_ctx *cx, const ks_app *app);

/* Say that it is the project's own; nothing for NULL. */
void ks_dash_own_mark(ks_dash *d, const ks_project_app *own);

/* The number of a page out of ?page=, counted from 0. INVALID naming the parameter when it is none. */
KS_MUST ks_status ks_dash_page_number(ks_ctx *cx, const ks_req *rq, size_t *out);

/* Which of `total` rows these are, `Previous` and `Next` with the filters kept; `rows` are on a page. */
void ks_dash_numbered(ks_dash *d, const ks_dash_param *filters, size_t n, size_t page, size_t rows,
                      size_t total);
