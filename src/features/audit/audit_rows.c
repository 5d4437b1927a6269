/* features/audit/audit_rows.c — see audit_rows.h. */
#include "features/audit/audit_rows.h"

static const ks_sql newest = {"SELECT seq, time, actor, action, object, result, request_id FROM audit"
                              " WHERE project_id = $1 AND seq < $2 ORDER BY seq DESC LIMIT $3"};
static const ks_sql last_head = {"SELECT seq, time, mac, sig FROM audit_heads ORDER BY seq DESC LIMIT 1"};

ks_status ks_audit_rows(ks_ctx *cx, int64_t before, size_t max, ks_audit_row **out, size_t *n)
{
    ks_rows      *rows;
    ks_audit_row *list = ks_alloc(cx, max * sizeof *list);
    size_t        count = 0;
    bool          more;
    if (list == NULL)
        return ks_no_memory(cx);
    KS_TRY(ks_query(cx, cx->env->reader, &newest,
                    KS_VALS(KS_V(cx->project_id), KS_VI(before), KS_VI((int64_t)max)), &rows));
    for (;;) {
        KS_TRY(ks_rows_next(rows, &more));
        if (!more)
            break;
        if (count < max)
            list[count++] = (ks_audit_row){.seq = ks_row_int(rows, 0),
                                           .time = ks_row_int(rows, 1),
                                           .actor = ks_row_str(rows, 2),
                                           .action = ks_row_str(rows, 3),
                                           .object = ks_row_str(rows, 4),
                                           .result = ks_row_str(rows, 5),
                                           .request_id = ks_row_str(rows, 6)};
    }
    *out = list;
    *n = count;
    return KS_OK;
}

ks_status ks_audit_row_head(ks_ctx *cx, ks_audit_head *out)
{
    ks_rows *rows;
    bool     more;
    KS_TRY(ks_query(cx, cx->env->reader, &last_head, NULL, 0, &rows));
    KS_TRY(ks_rows_next(rows, &more));
    *out = (ks_audit_head){0};
    if (!more)
        return KS_OK;
    *out = (ks_audit_head){.seq = ks_row_int(rows, 0),
                           .time = ks_row_int(rows, 1),
                           .mac = ks_row_str(rows, 2),
                           .sig = ks_row_str(rows, 3)};
    ks_rows_close(rows);
    return KS_OK;
}
