/* store/audit_verify.c — walks the whole chain with its signed heads and the hash of its tail (rule A3).
 * Reads only; memory does not grow with the chain. Threads: the reader's. */
#include "store/store_internal.h"

/* Longest stretch without a signed head: the distance between two and what one transaction may add. */
#define UNSIGNED_MAX (2 * KS_HEAD_RECORDS)

typedef struct walk {
    const ks_driver *driver;
    ks_db           *db;
    const ks_chain  *chain;
    ks_buf           scratch;
    ks_chain_state   st;       /* as far as it was walked */
    int64_t          head_max; /* of all heads, read before the records */
    int64_t          tail_seq;
    ks_str           tail_mac; /* into tail[]; absent: no records were ever written */
    unsigned char    tail[KS_TAIL_LEN];
} walk;

static ks_status engine_failed(ks_ctx *cx, ks_step step)
{
    if (step == KS_STEP_NO_MEMORY)
        return ks_no_memory(cx);
    return ks_fail(cx, KS_STORE, NULL, "The audit records cannot be read.");
}

static ks_status broken(ks_ctx *cx, int64_t seq, const char *what)
{
    return ks_fail(cx, KS_CONFLICT, NULL, "The audit trail is not sound at record %lld: %s.", (long long)seq,
                   what);
}

/* How far the chain must reach; read first, for records may be added while it is walked. */
static ks_status read_ends(ks_ctx *cx, walk *w)
{
    static const ks_sql heads = {"SELECT coalesce(max(seq), 0) FROM audit_heads"};
    static const ks_sql tail = {"SELECT value FROM meta WHERE name = 'audit_tail'"};
    ks_stmt            *st;
    ks_step             step = w->driver->exec(w->db, &heads, NULL, 0, &st);
    if (step != KS_STEP_ROW)
        return engine_failed(cx, step);
    w->head_max = w->driver->column_int(st, 0);
    w->driver->reset(st);
    step = w->driver->exec(w->db, &tail, NULL, 0, &st);
    if (step != KS_STEP_ROW)
        return step == KS_STEP_DONE ? KS_OK : engine_failed(cx, step);
    ks_str v = w->driver->column_text(st, 0);
    if (v.n == sizeof w->tail) {
        memcpy(w->tail, v.p, v.n);
        w->tail_mac = (ks_str){(const char *)w->tail + 8, 32};
        for (size_t i = 0; i < 8; i++)
            w->tail_seq = (int64_t)((uint64_t)w->tail_seq << 8 | w->tail[i]);
    }
    w->driver->reset(st);
    return v.n == sizeof w->tail ? KS_OK : broken(cx, 0, "the hash of its end is malformed");
}

static ks_status check_head(ks_ctx *cx, walk *w, ks_stmt *st)
{
    ks_str mac = w->driver->column_text(st, 11), sig = w->driver->column_text(st, 12);
    ks_audit_head_bytes(&w->scratch, w->st.seq, w->driver->column_int(st, 10), mac);
    if (!ks_buf_ok(&w->scratch))
        return ks_no_memory(cx);
    if (!ks_str_eq(mac, (ks_str){(const char *)w->st.mac, sizeof w->st.mac}) || sig.n != 64 ||
        !w->chain->verify(w->chain->arg, ks_buf_view(&w->scratch), (const unsigned char *)sig.p))
        return broken(cx, w->st.seq, "its signed head does not fit");
    w->st.head = w->st.seq;
    return KS_OK;
}

static ks_status check_tail(ks_ctx *cx, walk *w)
{
    unsigned char want[KS_TAIL_LEN];
    if (!ks_audit_tail(&w->scratch, w->chain, &w->st, want))
        return ks_no_memory(cx);
    return memcmp(want, w->tail, sizeof want) == 0
               ? KS_OK
               : broken(cx, w->st.seq, "the hash of the end does not fit");
}

/* One record: its number, what it says, what it follows. Columns as in walk_records. */
static ks_status check_record(ks_ctx *cx, walk *w, ks_stmt *st)
{
    const ks_driver *d = w->driver;
    unsigned char    mac[32];
    ks_audit_row     row = {.seq = d->column_int(st, 0), .time_us = d->column_int(st, 1)};
    row.r = (ks_audit_record){.project_id = d->column_text(st, 2), .actor = d->column_text(st, 3)};
    row.r.action = d->column_text(st, 4);
    row.r.object = d->column_text(st, 5);
    row.r.result = d->column_text(st, 6);
    row.r.request_id = d->column_text(st, 7);
    row.prev = d->column_text(st, 8);
    if (row.seq != w->st.seq + 1)
        return broken(cx, w->st.seq + 1, row.seq > w->st.seq ? "it is missing" : "one was put before it");
    if (!ks_str_eq(row.prev, (ks_str){(const char *)w->st.mac, sizeof w->st.mac}))
        return broken(cx, row.seq, "it does not follow the one before it");
    ks_audit_bytes(&w->scratch, &row);
    if (!ks_buf_ok(&w->scratch))
        return ks_no_memory(cx);
    w->chain->mac(w->chain->arg, ks_buf_view(&w->scratch), mac);
    if (!ks_str_eq(d->column_text(st, 9), (ks_str){(const char *)mac, sizeof mac}))
        return broken(cx, row.seq, "it was changed");
    w->st.seq = row.seq;
    memcpy(w->st.mac, mac, sizeof mac);
    if (d->column_text(st, 11).p != NULL)
        KS_TRY(check_head(cx, w, st));
    if (w->st.seq - w->st.head > UNSIGNED_MAX)
        return broken(cx, w->st.head + 1, "no signed head follows it");
    return row.seq == w->tail_seq ? check_tail(cx, w) : KS_OK;
}

static ks_status walk_records(ks_ctx *cx, walk *w)
{
    static const ks_sql q = {
        "SELECT a.seq, a.time, a.project_id, a.actor, a.action, a.object, a.result, a.request_id, a.prev, "
        "a.mac, "
        "h.time, h.mac, h.sig FROM audit a LEFT JOIN audit_heads h ON h.seq = a.seq ORDER BY a.seq"};
    ks_status status = KS_OK;
    ks_stmt  *st;
    ks_step   step = w->driver->exec(w->db, &q, NULL, 0, &st);
    while (step == KS_STEP_ROW && status == KS_OK) {
        status = check_record(cx, w, st);
        if (status == KS_OK)
            step = w->driver->next(st);
    }
    if (status == KS_OK && step != KS_STEP_DONE)
        status = engine_failed(cx, step);
    w->driver->reset(st);
    return status;
}

ks_status ks_audit_verify_on(ks_ctx *cx, const ks_driver *driver, ks_db *db, const ks_chain *chain,
                             int64_t *count)
{
    walk      w = {.driver = driver, .db = db, .chain = chain, .scratch = ks_buf_new(KS_CHANGE_MAX)};
    ks_status status = read_ends(cx, &w);
    if (status == KS_OK)
        status = walk_records(cx, &w);
    if (status == KS_OK && w.st.seq < w.head_max)
        status = broken(cx, w.st.seq + 1, "it and what followed were cut off; a later head is signed");
    if (status == KS_OK && w.st.seq < w.tail_seq)
        status = broken(cx, w.st.seq + 1, "it and what followed were cut off");
    if (status == KS_OK && w.st.seq > 0 && w.tail_mac.p == NULL)
        status = broken(cx, w.st.seq, "the hash of the end is missing");
    ks_buf_done(&w.scratch);
    if (status == KS_OK)
        *count = w.st.seq;
    return status;
}
