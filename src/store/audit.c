/* store/audit.c — the chain of audit records as the writer extends it: bytes, keyed hash, signed head, hash
 * of the tail (rule A1; docs/formats.md "Audit"). Checking: audit_verify.c. Threads: the writer's. */
#include "base/log.h"
#include "base/time.h"
#include "store/store_internal.h"

static void put_number(ks_buf *b, uint64_t v, size_t bytes)
{
    for (size_t i = bytes; i-- > 0;)
        ks_buf_c(b, (char)(unsigned char)(v >> (8 * i)));
}

static void put_part(ks_buf *b, ks_str s)
{
    put_number(b, s.n, 4);
    ks_buf_str(b, s);
}

static void put_part_number(ks_buf *b, int64_t v)
{
    put_number(b, 8, 4);
    put_number(b, (uint64_t)v, 8);
}

void ks_audit_bytes(ks_buf *b, const ks_audit_row *row)
{
    ks_buf_clear(b);
    put_part(b, KS_S("ks1 audit"));
    put_part_number(b, row->seq);
    put_part_number(b, row->time_us);
    put_part(b, row->r.project_id);
    put_part(b, row->r.actor);
    put_part(b, row->r.action);
    put_part(b, row->r.object);
    put_part(b, row->r.result);
    put_part(b, row->r.request_id);
    put_part(b, row->prev);
}

void ks_audit_head_bytes(ks_buf *b, int64_t seq, int64_t time_us, ks_str mac)
{
    ks_buf_clear(b);
    put_part(b, KS_S("ks1 head"));
    put_part_number(b, seq);
    put_part_number(b, time_us);
    put_part(b, mac);
}

void ks_audit_tail_bytes(ks_buf *b, int64_t seq, ks_str mac)
{
    ks_buf_clear(b);
    put_part(b, KS_S("ks1 tail"));
    put_part_number(b, seq);
    put_part(b, mac);
}

bool ks_audit_tail(ks_buf *scratch, const ks_chain *chain, const ks_chain_state *st,
                   unsigned char out[KS_TAIL_LEN])
{
    ks_audit_tail_bytes(scratch, st->seq, (ks_str){(const char *)st->mac, sizeof st->mac});
    if (!ks_buf_ok(scratch))
        return false;
    for (size_t i = 0; i < 8; i++)
        out[i] = (unsigned char)((uint64_t)st->seq >> (8 * (7 - i)));
    chain->mac(chain->arg, ks_buf_view(scratch), out + 8);
    return true;
}

/* Run a query of one row; `read` takes what it needs of it. */
static ks_step one_row(ks_audit_writer *a, const ks_sql *q, void (*read)(ks_audit_writer *a, ks_stmt *st))
{
    ks_stmt *st;
    ks_step  step = a->driver->exec(a->db, q, NULL, 0, &st);
    if (step != KS_STEP_ROW)
        return step;
    read(a, st);
    a->driver->reset(st);
    return KS_STEP_DONE;
}

static void read_last(ks_audit_writer *a, ks_stmt *st)
{
    ks_str mac = a->driver->column_text(st, 1);
    a->st.seq = a->driver->column_int(st, 0);
    if (mac.n == sizeof a->st.mac)
        memcpy(a->st.mac, mac.p, mac.n);
}

static void read_head(ks_audit_writer *a, ks_stmt *st)
{
    a->st.head = a->driver->column_int(st, 0);
}

static void read_tail(ks_audit_writer *a, ks_stmt *st)
{
    ks_str v = a->driver->column_text(st, 0);
    if (v.n == sizeof a->tail)
        memcpy(a->tail, v.p, v.n);
    a->tail_n = v.n;
}

ks_step ks_audit_load(ks_audit_writer *a)
{
    static const ks_sql last = {"SELECT seq, mac FROM audit ORDER BY seq DESC LIMIT 1"};
    static const ks_sql head = {"SELECT coalesce(max(seq), 0) FROM audit_heads"};
    static const ks_sql tail = {"SELECT value FROM meta WHERE name = 'audit_tail'"};
    a->st = (ks_chain_state){0};
    a->tail_n = 0;
    ks_step step = one_row(a, &last, read_last);
    if (step == KS_STEP_DONE)
        step = one_row(a, &head, read_head);
    if (step == KS_STEP_DONE)
        step = one_row(a, &tail, read_tail);
    return step;
}

bool ks_audit_unsigned(const ks_audit_writer *a)
{
    return a->appended && a->st.seq > a->st.head;
}

static ks_step append(ks_audit_writer *a, const ks_audit_record *r)
{
    static const ks_sql q = {
        "INSERT INTO audit(seq, time, project_id, actor, action, object, result, request_id, "
        "prev, mac) VALUES($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)"};
    unsigned char mac[32];
    ks_stmt      *none;
    ks_audit_row  row = {.seq = a->st.seq + 1,
                         .time_us = ks_now_us(),
                         .r = *r,
                         .prev = {(const char *)a->st.mac, sizeof a->st.mac}};
    ks_audit_bytes(&a->scratch, &row);
    if (!ks_buf_ok(&a->scratch))
        return KS_STEP_NO_MEMORY;
    a->chain->mac(a->chain->arg, ks_buf_view(&a->scratch), mac);
    const ks_val v[] = {KS_VI(row.seq),      KS_VI(row.time_us),
                        KS_V(r->project_id), KS_V(r->actor),
                        KS_V(r->action),     KS_V(r->object),
                        KS_V(r->result),     KS_V(r->request_id),
                        KS_VB(row.prev),     KS_VB(((ks_str){(const char *)mac, sizeof mac}))};
    ks_step      step = a->driver->exec(a->db, &q, v, KS_COUNT(v), &none);
    if (step == KS_STEP_DONE) {
        a->st.seq = row.seq;
        memcpy(a->st.mac, mac, sizeof mac);
        a->st.known = true;
        a->appended = true;
    }
    return step;
}

/* Before the first record of this process: does the trail end where it was last said to? If not, the trail
 * itself tells so from now on, for its end is about to be written anew. */
static ks_step check_tail(ks_audit_writer *a)
{
    static const ks_audit_record found = {
        .project_id = KS_S_INIT(""),
        .actor = KS_S_INIT("system"),
        .action = KS_S_INIT("audit.mismatch"),
        .object = KS_S_INIT("audit"),
        .result = KS_S_INIT("the trail was cut or changed before this record"),
        .request_id = KS_S_INIT("")};
    unsigned char want[KS_TAIL_LEN];
    if (a->st.known || (a->tail_n == 0 && a->st.seq == 0))
        return KS_STEP_DONE;
    if (!ks_audit_tail(&a->scratch, a->chain, &a->st, want))
        return KS_STEP_NO_MEMORY;
    if (a->tail_n == sizeof want && memcmp(a->tail, want, sizeof want) == 0)
        return KS_STEP_DONE;
    KS_LOG(KS_LOG_ERROR, "audit_tail_mismatch", KS_LINT(SEQ, a->st.seq));
    return append(a, &found);
}

ks_step ks_audit_append(ks_audit_writer *a, const ks_audit_record *r)
{
    ks_step step = check_tail(a);
    return step == KS_STEP_DONE ? append(a, r) : step;
}

ks_step ks_audit_sign(ks_audit_writer *a, unsigned char sig[64])
{
    static const ks_sql q = {"INSERT INTO audit_heads(seq, time, mac, sig) VALUES($1, $2, $3, $4)"};
    int64_t             now = ks_now_us();
    ks_str              mac = {(const char *)a->st.mac, sizeof a->st.mac};
    ks_stmt            *none;
    ks_audit_head_bytes(&a->scratch, a->st.seq, now, mac);
    if (!ks_buf_ok(&a->scratch))
        return KS_STEP_NO_MEMORY;
    a->chain->sign(a->chain->arg, ks_buf_view(&a->scratch), sig);
    const ks_val v[] = {KS_VI(a->st.seq), KS_VI(now), KS_VB(mac), KS_VB(((ks_str){(const char *)sig, 64}))};
    ks_step      step = a->driver->exec(a->db, &q, v, KS_COUNT(v), &none);
    if (step == KS_STEP_DONE)
        a->st.head = a->st.seq;
    return step;
}

ks_step ks_audit_seal_tail(ks_audit_writer *a)
{
    static const ks_sql q = {"INSERT INTO meta(name, value) VALUES('audit_tail', $1) "
                             "ON CONFLICT(name) DO UPDATE SET value = excluded.value"};
    unsigned char       tail[KS_TAIL_LEN];
    ks_stmt            *none;
    if (!ks_audit_tail(&a->scratch, a->chain, &a->st, tail))
        return KS_STEP_NO_MEMORY;
    const ks_val v[] = {KS_VB(((ks_str){(const char *)tail, sizeof tail}))};
    return a->driver->exec(a->db, &q, v, 1, &none);
}
