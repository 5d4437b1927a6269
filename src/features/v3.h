/* features/v3.h — what the views of the v3 API share: pages with cursors, fields, versions, ids in the form
 * of UUIDs. Views only: the rules are those of v1. Contract: docs/api.md "v3". Threads: as the handler. */
#pragma once
#include "features/apps/app.h"
#include "features/env.h"
#include "http/reply.h"

/* The one version of every toolkit and tool of this catalogue. */
#define KS_V3_VERSION "20260101_00"
/* When the catalogue's own objects were made, for clients that want a time. */
#define KS_V3_CATALOG_TIME "2026-01-01T00:00:00.000Z"
/* Clients want a logo that is text. This one is empty and makes nobody call another host. */
#define KS_V3_LOGO "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg'/%3E"

/* Rows of a route table: the same route below /v3 and /v3.1. */
#define KS_V3_ROUTE(method, path, scope, run, flags, text)                                                   \
    {method, "/v3" path, KS_SCOPE_##scope, run, KS_VIEW_V3, flags, text},                                    \
    {                                                                                                        \
        method, "/v3.1" path, KS_SCOPE_##scope, run, KS_VIEW_V3, flags, text                                 \
    }

enum { KS_V3_LIMIT = 20, KS_V3_LIMIT_MAX = 1000 };

/* A page of a list. Cursors are ours alone: authenticated, and bound to project, list and filter. Lists of
 * the catalogue go on at `offset`. Lists of rows go on behind a row, whatever came before it meanwhile; there
 * `offset` is only how many were shown. */
typedef struct ks_v3_page {
    int64_t     offset, limit;
    const char *list;
    ks_str      filter;
    ks_str      after_id; /* rows: begin behind this one; absent on the first page */
    int64_t     after_us;
    bool        rows, more; /* set by ks_v3_page_rows */
} ks_v3_page;

/* Which page of `list` the query asks for; a limit is clamped. INVALID naming limit or cursor. */
KS_MUST ks_status ks_v3_page_of(ks_ctx *cx, const ks_req *rq, const char *list, ks_v3_page *out);

/* The same for limit and cursor from elsewhere; the members list and filter are set already. */
KS_MUST ks_status ks_v3_page_at(ks_ctx *cx, ks_str limit, ks_str cursor, ks_v3_page *page);

/* Of a list of rows, which asks for `limit` + 1 of them, `got` came: returns how many to show. */
size_t ks_v3_page_rows(ks_v3_page *p, size_t got);
/* The last one shown: the next page begins behind it. */
void ks_v3_page_last(ks_v3_page *p, ks_str id, int64_t us);

/* "next_cursor", "total_pages", "current_page", "total_items" of a list of `total` rows. */
void ks_v3_page_end(ks_ctx *cx, ks_jw *w, const ks_v3_page *p, int64_t total);

/* One object of a list of fields. `required` may differ from the app file's. */
void ks_v3_field(ks_ctx *cx, ks_jw *w, const ks_app_field *f, bool required);

/* The legacy uuid of an object: made from its id, always the same, and good for nothing here. */
void ks_v3_uuid(ks_jw *w, const char *name, ks_str id);

/* NOT_FOUND (code `code`) for a version this catalogue does not have; absent, "" and "latest" are fine. */
KS_MUST ks_status ks_v3_version(ks_ctx *cx, const char *code, const char *field, ks_str version);

/* The same for the query: version, toolkit_versions, toolkit_versions[KEY]. */
KS_MUST ks_status ks_v3_version_asked(ks_ctx *cx, const ks_req *rq, const char *code, const ks_app *app);

/* {"success":true} with a message unless that is NULL. */
KS_MUST ks_status ks_v3_done(ks_ctx *cx, ks_res *rs, const char *message);

/* A query parameter that is "true". */
bool ks_v3_flag(ks_ctx *cx, const ks_req *rq, const char *name);

/* An element of a comma list, any case? False for an empty list. */
bool ks_v3_listed(ks_str list, ks_str element);
