/* features/calls/calls_rows.h — the only SQL of the log of calls, save that old lines are deleted by the
 * store (store/batch.c). */
#pragma once
#include "features/calls/calls.h"

/* As their namesakes of calls.h. */
KS_MUST ks_status ks_call_row_add(ks_ctx *cx, ks_change *change, const ks_call_line *line);
/* Up to f->limit, in the direction of f; f->behind is set, f->app a key. */
KS_MUST ks_status ks_call_rows(ks_ctx *cx, const ks_call_filter *f, ks_call_line **out, size_t *n);
/* No row is not an error here. */
KS_MUST ks_status ks_call_row(ks_ctx *cx, int64_t id, ks_call_line *out, bool *found);

/* The line of a request among the next 100,000 behind `after`. */
KS_MUST ks_status ks_call_row_find(ks_ctx *cx, ks_str request_id, int64_t after, ks_call_line *out,
                                   bool *found);

/* The id behind which lines of any project are not older than `since` (us).  STORE */
KS_MUST ks_status ks_call_rows_since(ks_ctx *cx, int64_t since, int64_t *id);
/* How many of the project, or failed ones, have a greater id.  STORE */
KS_MUST ks_status ks_call_rows_count(ks_ctx *cx, int64_t after, bool failed, int64_t *out);

/* The statement that answers `f`, for the test of its plan. */
const ks_sql *ks_call_rows_sql(const ks_call_filter *f);
