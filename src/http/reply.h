/* http/reply.h — the ways a handler writes its answer. All return KS_OK or NO_MEMORY with the detail set. */
#pragma once
#include "base/json.h"
#include "http/exchange.h"
#include "http/shape.h"

/* A JSON body encoded from `fields` and `object` (http/shape.h). */
KS_MUST ks_status ks_res_json(ks_ctx *cx, ks_res *rs, int status, const ks_field *fields, const void *object);

/* Begin a JSON body to be written by hand; end with ks_res_end. `w` writes into rs->body. */
KS_MUST ks_status ks_res_begin(ks_ctx *cx, ks_res *rs, int status, ks_jw *w);
/* The body is complete. NO_MEMORY when a piece of it did not fit; then an error is answered. */
KS_MUST ks_status ks_res_end(ks_ctx *cx, ks_res *rs);

/* Bytes that outlive the exchange (prepared answers), or text in the arena. */
KS_MUST ks_status ks_res_fixed(ks_ctx *cx, ks_res *rs, int status, const char *content_type, ks_str bytes);

/* One more header. Name a literal; the value is copied. Values with control bytes are dropped. */
KS_MUST ks_status ks_res_header(ks_ctx *cx, ks_res *rs, const char *name, ks_str value);

/* The error body of `view` for cx->err into rs; used by exchange.c. v1: docs/api.md "Errors", narrowed to the
 * seven statuses its SDKs know (403 -> 401, 405 -> 404, 409 413 415 -> 400, 503 -> 500, 504 -> 502).
 * Never fails: short of memory it sends a fixed body. */
void ks_res_error(ks_ctx *cx, ks_res *rs, ks_view view);
