/* features/audit/audit_rows.h — the SQL of audit.c; nothing is written here. */
#pragma once
#include "features/audit/audit.h"

/* Records of cx->project_id with seq < before, newest first. STORE. */
KS_MUST ks_status ks_audit_rows(ks_ctx *cx, int64_t before, size_t max, ks_audit_row **out, size_t *n);

/* Up to look->limit of them in the direction of `look`, whose member `behind` is set. STORE  NO_MEMORY */
KS_MUST ks_status ks_audit_rows_page(ks_ctx *cx, const ks_audit_look *look, ks_audit_row **out, size_t *n);

/* The newest head; seq 0 when there is none. STORE. */
KS_MUST ks_status ks_audit_row_head(ks_ctx *cx, ks_audit_head *out);
