/* store/store.h — reads, and changes that are committed in groups together with their audit records.
 *
 * Reads run in the calling thread on its own ks_reader. A change is a list of bound statements with guards
 * and one audit record; the writer thread takes what waits (<= KS_WRITE_BATCH), runs each under a savepoint
 * in one durable transaction, and calls back after COMMIT. Engines differ below store/driver.h only. Rules:
 * D1, D2, D4, T7, A1-A3. Measurements: docs/decisions. */
#pragma once
#include "base/ctx.h"
#include "base/metrics.h"

typedef struct ks_store  ks_store;  /* process-wide: writer, checkpoint thread */
typedef struct ks_reader ks_reader; /* one thread's read handle */

/* A statement: static const, its address is its identity in the prepared-statement caches. Parameters are $1,
 * $2, ... */
typedef struct ks_sql {
    const char *text;
} ks_sql;

/* A bound value. Use KS_V, KS_VI, KS_VB, KS_VNULL. */
typedef struct ks_val {
    enum { KS_VAL_NULL, KS_VAL_INT, KS_VAL_TEXT, KS_VAL_BLOB } kind;
    int64_t i;
    ks_str  s;
} ks_val;
#define KS_V(str_)   ((ks_val){.kind = KS_VAL_TEXT, .s = (str_)}) /* absent text is bound as NULL */
#define KS_VB(str_)  ((ks_val){.kind = KS_VAL_BLOB, .s = (str_)}) /* absent text is bound as NULL */
#define KS_VI(int_)  ((ks_val){.kind = KS_VAL_INT, .i = (int_)})
#define KS_VNULL     ((ks_val){.kind = KS_VAL_NULL})
#define KS_VALS(...) (const ks_val[]){__VA_ARGS__}, sizeof((const ks_val[]){__VA_ARGS__}) / sizeof(ks_val)

/* How audit records are chained and heads signed; given by the server, because the store knows no keys. All
 * any-thread. Not called before the first change with an audit record, so the key may come after the store.
 */
typedef struct ks_chain {
    void *arg;
    void (*mac)(void *arg, ks_str record, unsigned char out[32]); /* record includes the previous mac */
    void (*sign)(void *arg, ks_str head, unsigned char sig[64]);
    bool (*verify)(void *arg, ks_str head, const unsigned char sig[64]);
} ks_chain;

typedef struct ks_store_options {
    ks_str      dir; /* data folder, made 0700 if new; holds keysteward.db, lock, root.key, control.sock */
    ks_chain    chain;
    ks_metrics *metrics;     /* may be NULL */
    bool        strict_uses; /* audit.uses = "strict" (rule A2) */
} ks_store_options;

/* Open for writing: lock the folder, migrate, check, start the writer. CONFLICT another process holds the
 * folder FORBIDDEN written by a newer version   STORE the engine's failure (code only). Close waits for what
 * is queued. */
KS_MUST ks_status ks_store_open(ks_ctx *cx, const ks_store_options *o, ks_store **out);
void              ks_store_close(ks_store *s); /* NULL is fine */

/* Lines of the log of calls that are older than this (us) are deleted from now on, a few at a time. Before it
 * is called, none are. Any thread. */
void ks_store_keep_calls(ks_store *s, int64_t us);

/* False after a failed COMMIT or fsync or while the disk is full: then writes are 503 (rule D2, D6). Any
 * thread. */
bool ks_store_writable(const ks_store *s);

typedef struct ks_store_facts {
    int64_t bytes;  /* of the database's files */
    int     schema; /* version of its tables */
} ks_store_facts;

/* What the store is like from outside, now. Any thread.  NO_MEMORY */
KS_MUST ks_status ks_store_look(ks_ctx *cx, const ks_store *s, ks_store_facts *out);

/* A read handle for one thread. */
KS_MUST ks_status ks_reader_open(ks_ctx *cx, ks_store *s, ks_reader **out);
void              ks_reader_close(ks_reader *r); /* ends its rows; before its store; NULL is fine */

/* ---- reading ---- */

typedef struct ks_rows ks_rows;

/* Start a query. The rows end with ks_rows_close or, at the latest, with the arena. STORE. */
KS_MUST ks_status ks_query(ks_ctx *cx, ks_reader *r, const ks_sql *q, const ks_val *v, size_t n,
                           ks_rows **out);

/* The number in the first column of the first row; 0 when there is no row. STORE. */
KS_MUST ks_status ks_query_number(ks_ctx *cx, ks_reader *r, const ks_sql *q, const ks_val *v, size_t n,
                                  int64_t *out);

/* Step. *more false: no further row, and the rows are closed. STORE. */
KS_MUST ks_status ks_rows_next(ks_rows *rows, bool *more);
void              ks_rows_close(ks_rows *rows); /* NULL and closed ones are fine */

/* Columns of the current row, from 0. NULL gives 0 and absent text. */
int64_t ks_row_int(const ks_rows *rows, unsigned col);
/* Text or bytes of a column, copied into the arena. */
ks_str ks_row_str(const ks_rows *rows, unsigned col);

/* ---- changing ---- */

/* What one statement of a change must do. `rows` -1 = any number; else, when it touched another number of
 * rows or broke a constraint, the whole change is undone and answered with `status`, `code` and `message`
 * (literals). For a SELECT the rows it found count: a guard on what must, or must not, be there. */
typedef struct ks_guard {
    int         rows;
    ks_status   status;
    const char *code;    /* may be NULL */
    const char *field;   /* may be NULL */
    const char *message; /* what to do */
} ks_guard;
#define KS_ANY_ROWS ((ks_guard){.rows = -1})

/* One line of the audit trail; no secret, no digest of one (rule A1). The store adds seq, time and the chain.
 */
typedef struct ks_audit_record {
    ks_str project_id, actor, action, object, result, request_id;
} ks_audit_record;

typedef struct ks_change ks_change; /* on the heap; owns copies of its parameters */

/* An empty change. Freed by ks_change_free, or by the store once submitted. */
KS_MUST ks_status ks_change_new(ks_ctx *cx, ks_change **out);
void              ks_change_free(ks_change *c); /* NULL is fine */

/* Append. NO_MEMORY (the change stays valid and can be freed). */
KS_MUST ks_status ks_change_add(ks_ctx *cx, ks_change *c, const ks_sql *q, const ks_val *v, size_t n,
                                ks_guard g);
/* A count to raise, once in a change at most: `q` adds $4 to the row that $1 and $2 name and writes $3, a
 * time, into it. Those of one transaction that name the same row run as one, with the latest time; a row that
 * is gone is not counted, and no constraint may stand against it. The strings are copied. NO_MEMORY. */
KS_MUST ks_status ks_change_count(ks_ctx *cx, ks_change *c, const ks_sql *q, ks_str owner, ks_str id,
                                  int64_t at_us);
/* One audit record, written in the same transaction. The strings are copied. */
KS_MUST ks_status ks_change_audit(ks_ctx *cx, ks_change *c, const ks_audit_record *r);

/* The same for what the caller of this request did, now: its project, actor and id are those of `cx`. */
KS_MUST ks_status ks_change_note(ks_ctx *cx, ks_change *c, const char *action, ks_str object, ks_str result);

/* Rows cached under this id are stale once the change is committed (see ks_epoch). */
KS_MUST ks_status ks_change_touch(ks_ctx *cx, ks_change *c, ks_str id);

/* Queue the change; takes it in every case. done(arg, err) runs once, on the writer's thread, after COMMIT
 * (err->status KS_OK) or when nothing was changed; `err` is valid during the call and holds literals only.
 * BUSY (queue full) or STORE (not writable): the change is freed, done is not called. */
KS_MUST ks_status ks_store_submit(ks_ctx *cx, ks_store *s, ks_change *c,
                                  void (*done)(void *arg, const ks_err *err), void *arg);

/* A use (rule A2): accepted now, committed within 1 s with whatever comes first; nobody waits. BUSY or STORE:
 * answer 503. With strict_uses, callers use ks_store_submit instead (features/env decides). */
KS_MUST ks_status ks_store_note(ks_ctx *cx, ks_store *s, ks_change *c);

/* Submit and wait: CLI, start, tests. Not from a loop thread. */
KS_MUST ks_status ks_store_apply(ks_ctx *cx, ks_store *s, ks_change *c);

/* Commit counter of a group of ids: read it BEFORE reading a row, keep it with the cached row, and serve that
 * row only while it has not moved. Any thread, one atomic load. */
uint64_t ks_epoch(const ks_store *s, ks_str id);

/* Every committed change moves this one. */
uint64_t ks_epoch_all(const ks_store *s);

/* ---- audit ---- */

/* Check the whole chain with the heads (rule A3). OK: *count records, all sound. CONFLICT: the message names
 * the first seq that was changed, dropped, inserted, swapped or cut. Reads only. */
KS_MUST ks_status ks_audit_verify(ks_ctx *cx, ks_reader *r, const ks_chain *chain, int64_t *count);
