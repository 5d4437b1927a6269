/* features/audit/audit_rows.c — see audit_rows.h. */
#include "features/audit/audit_rows.h"

#define COLUMNS "seq, time, actor, action, object, result, request_id"
static const ks_sql newest = {"SELECT " COLUMNS " FROM audit"
                              " WHERE project_id = $1 AND seq < $2 ORDER BY seq DESC LIMIT $3"};
/* $4 actor, $5 action, $6 object, or what the object begins with before a blank. */
#define PAGE(less, way)                                                                                      \
    {                                                                                                        \
        "SELECT " COLUMNS " FROM audit WHERE project_id = $1 AND seq " less                                  \
        " $2 AND ($4 = '' OR actor = $4) "                                                                   \
        "AND ($5 = '' OR action = $5) AND ($6 = '' OR object = $6 OR substr(object, 1, length($6) + 1) = "   \
        "$6 || ' ') ORDER BY seq " way " LIMIT $3"                                                           \
    }
static const ks_sql sql_page[2] = {PAGE("<", "DESC"), PAGE(">", "ASC")}; /* by ks_audit_look.newer */
static const ks_sql last_head = {"SELECT seq, time, mac, sig FROM audit_heads ORDER BY seq DESC LIMIT 1"};

static ks_status collect(ks_ctx *cx, ks_rows *rows, size_t max, ks_audit_row **out, size_t *n)
{
    ks_audit_row *list = ks_alloc(cx, max * sizeof *list);
    size_t        count = 0;
    bool          more;
    if (list == NULL)
        return ks_no_memory(cx);
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

ks_status ks_audit_rows(ks_ctx *cx, int64_t before, size_t max, ks_audit_row **out, size_t *n)
{
    ks_rows *rows;
    KS_TRY(ks_query(cx, cx->env->reader, &newest,
                    KS_VALS(KS_V(cx->project_id), KS_VI(before), KS_VI((int64_t)max)), &rows));
    return collect(cx, rows, max, out, n);
}

static ks_val given(ks_str s)
{
    return KS_V(s.p != NULL ? s : KS_S(""));
}

ks_status ks_audit_rows_page(ks_ctx *cx, const ks_audit_look *l, ks_audit_row **out, size_t *n)
{
    ks_rows *rows;
    KS_TRY(ks_query(cx, cx->env->reader, &sql_page[l->newer],
                    KS_VALS(KS_V(cx->project_id), KS_VI(l->behind), KS_VI((int64_t)l->limit), given(l->actor),
                            given(l->action), given(l->object)),
                    &rows));
    return collect(cx, rows, l->limit, out, n);
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
