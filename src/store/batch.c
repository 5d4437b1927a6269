/* store/batch.c — one durable transaction for all changes that waited: each under a savepoint with its guards
 * and its audit records, so that a refused one leaves no trace and hinders nobody. Waiting and answering:
 * writer.c. Rules A1, A2, D1, D2. Threads: the writer's. */
#include "base/log.h"
#include "base/time.h"
#include "store/store_internal.h"

#define SWEEP_ROWS    500 /* deleted of one table in one transaction at most */
#define ROWS_TEXT(n)  ROWS_TEXT_(n)
#define ROWS_TEXT_(n) #n

static const ks_guard committed_ = {.status = KS_OK};

/* Run one statement to its end. KS_STEP_UNIQUE: the change is to be undone, its outcome is set. */
static ks_step run_step(ks_store *s, ks_change *c, const ks_change_step *p)
{
    const ks_driver *d = s->driver;
    ks_stmt         *st;
    ks_step          step = d->exec(s->db, p->q, p->v, p->n, &st);
    while (step == KS_STEP_ROW)
        step = d->next(st);
    d->reset(st);
    if (step == KS_STEP_DONE && (p->guard.rows < 0 || d->changed(s->db) == p->guard.rows))
        return step;
    if (step != KS_STEP_DONE && step != KS_STEP_UNIQUE)
        return step;
    c->outcome = p->guard;
    if (c->outcome.status == KS_OK)
        c->outcome = (ks_guard){.status = KS_CONFLICT,
                                .message = "This conflicts with what is stored. Read it again and retry."};
    return KS_STEP_UNIQUE;
}

static ks_step run_records(ks_store *s, const ks_change *c)
{
    ks_step step = KS_STEP_DONE;
    for (const ks_change_record *r = c->records; r != NULL && step == KS_STEP_DONE; r = r->next)
        step = ks_audit_append(&s->audit, &r->r);
    return step == KS_STEP_UNIQUE ? KS_STEP_FAILED
                                  : step; /* a number twice: the chain is not as we know it */
}

/* DONE: committed with the rest, or undone with its outcome set. Anything else: the transaction is lost.
 * Records alone are never refused, so there is nothing to undo them to. */
static ks_step run_change(ks_store *s, ks_change *c)
{
    ks_chain_state before = s->audit.st;
    c->outcome = committed_;
    if (c->steps == NULL)
        return run_records(s, c);
    ks_step step = s->driver->savepoint(s->db);
    for (const ks_change_step *p = c->steps; p != NULL && step == KS_STEP_DONE; p = p->next)
        step = run_step(s, c, p);
    if (step == KS_STEP_DONE)
        step = run_records(s, c);
    if (step == KS_STEP_DONE)
        return s->driver->release(s->db);
    s->audit.st = before;
    return step == KS_STEP_UNIQUE ? s->driver->undo(s->db) : step;
}

/* ---- counts ---- */

#define COUNT_SLOTS 1024 /* a power of two, over twice the changes of a batch */

typedef struct counts {
    uint16_t at[COUNT_SLOTS]; /* number in the batch of the first change that counts for a row, plus one */
} counts;

static bool same_row(const ks_change_count_of *a, const ks_change_count_of *b)
{
    return a->q == b->q && ks_str_eq(a->id, b->id) && ks_str_eq(a->owner, b->owner);
}

/* Add the change to the first of the batch that counts for the same row. */
static void add_count(const ks_store *s, counts *all, size_t number)
{
    ks_change_count_of *mine = &s->batch[number]->count, *first = mine;
    uint32_t            h = 2166136261u; /* FNV-1a; ids are ours and random */
    for (size_t i = 0; i < mine->id.n; i++)
        h = (h ^ (unsigned char)mine->id.p[i]) * 16777619u;
    size_t slot = (h ^ (h >> 16)) % COUNT_SLOTS;
    while (all->at[slot] != 0 && !same_row(&s->batch[all->at[slot] - 1]->count, mine))
        slot = (slot + 1) % COUNT_SLOTS;
    if (all->at[slot] == 0)
        all->at[slot] = (uint16_t)(number + 1);
    else
        first = &s->batch[all->at[slot] - 1]->count;
    first->n = first == mine ? 1 : first->n + 1;
    if (mine->at_us > first->at_us)
        first->at_us = mine->at_us;
}

/* Raise the counts of all changes that stand, each row once. */
static ks_step run_counts(ks_store *s, ks_change **culprit)
{
    counts   all = {.at = {0}};
    ks_step  step = KS_STEP_DONE;
    ks_stmt *none;
    for (size_t i = 0; i < s->batch_n; i++) {
        s->batch[i]->count.n = 0;
        if (s->batch[i]->count.q != NULL && s->batch[i]->outcome.status == KS_OK)
            add_count(s, &all, i);
    }
    for (size_t i = 0; i < s->batch_n && step == KS_STEP_DONE; i++) {
        const ks_change_count_of *c = &s->batch[i]->count;
        const ks_val              v[] = {KS_V(c->owner), KS_V(c->id), KS_VI(c->at_us), KS_VI(c->n)};
        if (c->n > 0)
            step = s->driver->exec(s->db, c->q, v, KS_COUNT(v), &none);
        if (step != KS_STEP_DONE)
            *culprit = s->batch[i];
    }
    return step;
}

/* Delete what is older than `before`, and remember whether there is more of it. */
static ks_step sweep_one(ks_store *s, const ks_sql *q, int64_t before)
{
    const ks_val v = KS_VI(before);
    ks_stmt     *none;
    ks_step      step = s->driver->exec(s->db, q, &v, 1, &none);
    s->sweep_more |= step == KS_STEP_DONE && s->driver->changed(s->db) == SWEEP_ROWS;
    return step;
}

/* Delete what has lived longer than it must. */
static ks_step sweep(ks_store *s)
{
    static const ks_sql sweeps[] = {
        {"DELETE FROM idempotency WHERE (project_id, key) IN "
         "(SELECT project_id, key FROM idempotency WHERE created_at < $1 LIMIT " ROWS_TEXT(SWEEP_ROWS) ")"},
        /* a day after their end: until then uploads find out that they are late */
        {"DELETE FROM files WHERE id IN "
         "(SELECT id FROM files WHERE expires_at < $1 LIMIT " ROWS_TEXT(SWEEP_ROWS) ")"},
        /* thirty days after their end: until then lists show them */
        {"DELETE FROM connect_links WHERE id IN (SELECT id FROM connect_links "
         "WHERE expires_at < $1 - 2505600000000 LIMIT " ROWS_TEXT(SWEEP_ROWS) ")"},
    };
    /* The first lines, and of these the old ones: no index by time is needed, and a clock that was ahead does
     * not keep what came after it. */
    static const ks_sql calls = {"DELETE FROM calls WHERE id IN (SELECT id FROM (SELECT id, time FROM calls "
                                 "ORDER BY id LIMIT " ROWS_TEXT(SWEEP_ROWS) ") AS oldest WHERE time < $1)"};
    int64_t             now = ks_now_us(), keep = atomic_load(&s->calls_keep_us);
    ks_step             step = KS_STEP_DONE;
    s->sweep_more = false;
    for (size_t i = 0; i < KS_COUNT(sweeps) && step == KS_STEP_DONE; i++)
        step = sweep_one(s, &sweeps[i], now - KS_DAY_US);
    return step == KS_STEP_DONE ? sweep_one(s, &calls, now - keep) : step;
}

static ks_step probe(ks_store *s)
{
    static const ks_sql q = {"INSERT INTO meta(name, value) VALUES('written_at', $1) "
                             "ON CONFLICT(name) DO UPDATE SET value = excluded.value"};
    const ks_val        now = KS_VI(ks_now_us());
    ks_stmt            *none;
    return s->driver->exec(s->db, &q, &now, 1, &none);
}

/* What belongs into the transaction beside the changes; `from` is where the chain ended before them. */
static ks_step run_duties(ks_store *s, unsigned duties, int64_t from, unsigned char sig[64])
{
    ks_step step = KS_STEP_DONE;
    bool    many = s->audit.st.seq - s->audit.st.head >= KS_HEAD_RECORDS;
    if (duties & KS_DUTY_PROBE)
        step = probe(s);
    if (step == KS_STEP_DONE && (duties & KS_DUTY_SWEEP))
        step = sweep(s);
    if (step == KS_STEP_DONE && ks_audit_unsigned(&s->audit) && ((duties & KS_DUTY_SIGN) || many))
        step = ks_audit_sign(&s->audit, sig);
    if (step == KS_STEP_DONE && s->audit.st.seq != from)
        step = ks_audit_seal_tail(&s->audit);
    return step;
}

/* One try at the transaction. *culprit: the change at which it failed. */
static ks_step attempt(ks_store *s, unsigned duties, unsigned char sig[64], ks_change **culprit)
{
    int64_t from = s->audit.st.seq;
    ks_step step = s->driver->begin(s->db);
    for (size_t i = 0; i < s->batch_n && step == KS_STEP_DONE; i++) {
        if (s->batch[i]->outcome.status == KS_NO_MEMORY)
            continue; /* given up in an earlier try */
        step = run_change(s, s->batch[i]);
        if (step != KS_STEP_DONE)
            *culprit = s->batch[i];
    }
    if (step == KS_STEP_DONE)
        step = run_counts(s, culprit);
    if (step == KS_STEP_DONE)
        step = run_duties(s, duties, from, sig);
    return step == KS_STEP_DONE ? s->driver->commit(s->db) : step;
}

static void emit_head(const ks_store *s, const unsigned char sig[64])
{
    char hex[129];
    for (size_t i = 0; i < 64; i++) {
        hex[2 * i] = "0123456789abcdef"[sig[i] >> 4];
        hex[2 * i + 1] = "0123456789abcdef"[sig[i] & 15];
    }
    KS_LOG(KS_LOG_INFO, "audit_head", KS_LINT(SEQ, s->audit.st.head),
           KS_LSTR(SIGNATURE, ((ks_str){hex, sizeof hex - 1})));
}

/* After COMMIT and before anyone is answered: what is cached of these rows is stale. */
static void publish(ks_store *s)
{
    uint64_t changes = 0;
    for (size_t i = 0; i < s->batch_n; i++) {
        if (s->batch[i]->outcome.status != KS_OK)
            continue;
        for (const ks_change_touched *t = s->batch[i]->touched; t != NULL; t = t->next)
            atomic_fetch_add_explicit(&s->epochs[t->epoch], 1, memory_order_release);
        changes++;
    }
    if (changes > 0)
        atomic_fetch_add_explicit(&s->epoch_all, changes, memory_order_release);
    ks_metric_add(s->metrics, KS_M_COMMITS, 1);
    ks_metric_add(s->metrics, KS_M_CHANGES, changes);
}

void ks_batch_refuse(ks_store *s, ks_status status, const char *message)
{
    for (size_t i = 0; i < s->batch_n; i++)
        s->batch[i]->outcome = (ks_guard){.status = status, .message = message};
}

void ks_batch_give_up(ks_store *s)
{
    if (s->db == NULL)
        return;
    KS_LOG(KS_LOG_ERROR, "store_write_failed", KS_LINT(CODE, s->driver->code(s->db)));
    atomic_store(&s->writable, false);
    s->driver->close(s->db);
    s->db = NULL;
    for (size_t i = 0; i < KS_EPOCHS; i++) /* what a failed COMMIT left behind is unknown */
        atomic_fetch_add_explicit(&s->epochs[i], 1, memory_order_release);
    atomic_fetch_add_explicit(&s->epoch_all, 1, memory_order_release);
}

bool ks_batch_run(ks_store *s, unsigned duties)
{
    ks_chain_state before = s->audit.st;
    unsigned char  sig[64];
    ks_change     *culprit = NULL;
    ks_step        step = attempt(s, duties, sig, &culprit);
    while (step == KS_STEP_NO_MEMORY && culprit != NULL) { /* it alone goes without (rule D7) */
        s->driver->rollback(s->db);
        s->audit.st = before;
        culprit->outcome = (ks_guard){.status = KS_NO_MEMORY,
                                      .message = "The server is short of memory. Try again in a moment."};
        culprit = NULL;
        step = attempt(s, duties, sig, &culprit);
    }
    if (step == KS_STEP_DONE) {
        publish(s);
        if (s->audit.st.head != before.head)
            emit_head(s, sig);
        return true;
    }
    s->driver->rollback(s->db);
    s->audit.st = before;
    ks_batch_refuse(s, KS_STORE, "The change could not be written. Try again in a moment.");
    ks_batch_give_up(s);
    return false;
}

bool ks_batch_reopen(ks_store *s)
{
    ks_arena *a = s->db == NULL ? ks_arena_new(64 * 1024) : NULL;
    if (s->db != NULL)
        return true;
    if (a == NULL)
        return false;
    ks_ctx cx = ks_ctx_new(a, NULL);
    if (s->driver->open(&cx, ks_str_of(s->path), KS_DB_WRITE, &s->db) == KS_OK) {
        s->audit.db = s->db;
        if (ks_audit_load(&s->audit) != KS_STEP_DONE)
            ks_batch_give_up(s);
    } else {
        s->db = NULL;
    }
    ks_arena_free(a);
    return s->db != NULL;
}
