/* features/v1.h — small shapes the v1/v2 views share: lists with pages, fields, and the plain success
 * answers. Contract: docs/api.md "The API of the guide's era". Threads: as the handler. */
#pragma once
#include "features/apps/app.h"
#include "http/reply.h"

/* One page of a list: its number from 1, rows a page (INT32_MAX: all), rows before it. */
typedef struct ks_page {
    int64_t page, size, offset;
} ks_page;

/* `text` as a count from 1 to INT32_MAX.  INVALID naming `name` */
KS_MUST ks_status ks_v1_positive(ks_ctx *cx, const char *name, ks_str text, int64_t *out);

/* The same of a query parameter; *out stays as it is when that is absent or empty. */
KS_MUST ks_status ks_v1_count(ks_ctx *cx, const ks_req *rq, const char *name, int64_t *out);

/* Which page the query asks for in `page` and `size_name`; absent: all rows in one.  INVALID naming the
 * parameter that is no count */
KS_MUST ks_status ks_v1_page(ks_ctx *cx, const ks_req *rq, const char *size_name, ks_page *out);

/* "totalPages" and "page" of a list of `total` rows. */
void ks_v1_pages(ks_jw *w, const ks_page *p, int64_t total);

/* A query parameter that is "true". */
bool ks_v1_flag(ks_ctx *cx, const ks_req *rq, const char *name);

/* One object of `fields` / expectedInputFields (docs/api.md APP-1, INT-1). `required` may differ from the app
 * file's. */
void ks_v1_field(ks_ctx *cx, ks_jw *w, const ks_app_field *f, bool required);

/* {"status":"success"}, with "count":1 for deletions. */
KS_MUST ks_status ks_v1_success(ks_ctx *cx, ks_res *rs, bool count);
