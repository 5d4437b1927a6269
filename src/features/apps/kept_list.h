/* features/apps/kept_list.h — whole lists that clients of the guide's era fetch at every start: made at the
 * first ask, kept compressed with the catalogue. Threads: any. */
#pragma once
#include "base/gzip.h"
#include "features/apps/catalog.h"
#include "http/reply.h"

/* Writes the list to `w`; calls ks_gzip_pour(out) after each element, between which no text is needed. */
typedef ks_status (*ks_list_put)(ks_ctx *cx, ks_jw *w, const ks_catalog *c, ks_gzip *out);

/* Answer with the list `which` of `c`: compressed for a client that accepts gzip. NO_MEMORY. */
KS_MUST ks_status ks_res_kept(ks_ctx *cx, const ks_req *rq, ks_res *rs, const ks_catalog *c, ks_kept which,
                              ks_list_put put);
