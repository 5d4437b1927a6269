/* features/links/link_rows.h — the only SQL of links. Every statement filters by project (rule T7), but the
 * two that find out whose link it is. */
#pragma once
#include "features/links/link.h"

/* By the digest of its token; of any project. No row is no error here.  STORE  NO_MEMORY */
KS_MUST ks_status ks_link_row_by_digest(ks_ctx *cx, ks_str digest, ks_link *out, bool *found);
/* By its id; of any project: the caller has checked a tag over it. */
KS_MUST ks_status ks_link_row_by_id(ks_ctx *cx, ks_str id, ks_link *out, bool *found);
/* One page of the project's, newest first, and how many there are. */
KS_MUST ks_status ks_link_rows(ks_ctx *cx, int64_t offset, int64_t limit, ks_link **out, size_t *n,
                               int64_t *total);
/* The newest time on record: the wall clock cannot be right before it. */
KS_MUST ks_status ks_link_row_newest(ks_ctx *cx, int64_t *us);

/* For the functions of link.h that add to a change. */
KS_MUST ks_status ks_link_row_put(ks_ctx *cx, ks_change *ch, const ks_link *l, ks_str digest);
KS_MUST ks_status ks_link_row_try(ks_ctx *cx, ks_change *ch, ks_str id, int64_t boot_us);
KS_MUST ks_status ks_link_row_use(ks_ctx *cx, ks_change *ch, ks_str id);
KS_MUST ks_status ks_link_row_revoke(ks_ctx *cx, ks_change *ch, ks_str id);
