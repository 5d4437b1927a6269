/* store/store_internal.h — what the files of this folder share, and the seam at which tests put another
 * driver. Threads: noted at each member. */
#pragma once
#include <pthread.h>
#include <stdatomic.h>

#include "store/driver.h"

#define KS_EPOCHS        4096     /* commit counters; ids share one by hash */
#define KS_NOTES_BATCH   256      /* notes in one transaction, and enough to start one */
#define KS_NOTES_WAIT_US 500000   /* a note waits this long at most for company (rule A2 allows 1 s) */
#define KS_HEAD_RECORDS  1000     /* records between two signed heads (rule A1) */
#define KS_HEAD_WAIT_US  60000000 /* or this long after a record */
#define KS_SWEEP_US      60000000 /* between two sweeps of old rows, when idle */
#define KS_SWEEP_MORE_US 20000    /* before the next, while there is more to delete than one takes */
#define KS_RETRY_US      500000   /* between two tries to write again */
#define KS_WAL_START     1000     /* WAL pages at which the checkpoint thread begins */
#define KS_WAL_ENOUGH    120      /* pages left at which it leaves the rest to the writer */
#define KS_WAL_PASSES    12       /* passes it makes at most */
#define KS_WAL_HARD      (256 * 1024 / 4) /* pages (256 MB): the writer checkpoints at once */
#define KS_THREAD_STACK  ((size_t)256 * 1024)
#define KS_CHANGE_FIRST  ((size_t)2 * 1024)         /* bytes; the record of a use fits */
#define KS_CHANGE_MAX    ((size_t)32 * 1024 * 1024) /* bytes of one change */
#define KS_DAY_US        INT64_C(86400000000)

/* ---- changes (change.c) ---- */

typedef struct ks_change_step {
    struct ks_change_step *next;
    const ks_sql          *q;
    ks_val                *v;
    size_t                 n;
    ks_guard               guard;
} ks_change_step;

typedef struct ks_change_record {
    struct ks_change_record *next;
    ks_audit_record          r;
} ks_change_record;

typedef struct ks_change_touched {
    struct ks_change_touched *next;
    unsigned                  epoch; /* index of its counter */
} ks_change_touched;

typedef struct ks_change_count_of { /* ks_change_count */
    const ks_sql *q;                /* NULL: none */
    ks_str        owner, id;
    int64_t       at_us;
    int64_t       n; /* all that are counted with this one; set by batch.c */
} ks_change_count_of;

struct ks_change {
    ks_arena          *arena; /* all below, and copies of all values */
    ks_change_step    *steps, *last_step;
    ks_change_record  *records, *last_record;
    ks_change_touched *touched;
    ks_change_count_of count;
    ks_change         *next; /* in a queue */
    void (*done)(void *arg, const ks_err *err);
    void    *arg;
    bool     note;
    ks_guard outcome; /* status, code, field, message as the batch decided; KS_OK: committed */
};

typedef struct ks_change_queue {
    ks_change *first, *last;
    size_t     n;
} ks_change_queue;

/* At the end of the queue. */
void ks_queue_put(ks_change_queue *q, ks_change *c);
/* The first of the queue, taken off; NULL when it is empty. */
ks_change *ks_queue_take(ks_change_queue *q);

/* ---- audit chain (audit.c): the writer's thread ---- */

typedef struct ks_chain_state {
    int64_t       seq;     /* of the last record, 0 = none */
    unsigned char mac[32]; /* of the last record; zeros before the first */
    int64_t       head;    /* seq of the last signed head */
    bool          known;   /* the end was compared with meta's "audit_tail", or is ours */
} ks_chain_state;

typedef struct ks_audit_row {
    int64_t         seq, time_us;
    ks_audit_record r;
    ks_str          prev;
} ks_audit_row;

/* The bytes that are hashed (docs/formats.md "Audit"), into `b`, which is cleared first. */
void ks_audit_bytes(ks_buf *b, const ks_audit_row *row);
/* The same of a signed head. */
void ks_audit_head_bytes(ks_buf *b, int64_t seq, int64_t time_us, ks_str mac);
/* The same of the tail's keyed hash. */
void ks_audit_tail_bytes(ks_buf *b, int64_t seq, ks_str mac);

/* The value of meta's "audit_tail": 8 bytes of seq, 32 of the keyed hash of ks_audit_tail_bytes. */
#define KS_TAIL_LEN 40

/* Write that value for the state `st`. False: no memory. */
KS_MUST bool ks_audit_tail(ks_buf *scratch, const ks_chain *chain, const ks_chain_state *st,
                           unsigned char out[KS_TAIL_LEN]);

typedef struct ks_audit_writer {
    const ks_driver *driver;
    ks_db           *db;
    const ks_chain  *chain;
    ks_chain_state   st;
    unsigned char    tail[KS_TAIL_LEN]; /* as loaded */
    size_t           tail_n;            /* 0 when there was none */
    bool             appended;          /* this process has added a record: then it holds the key */
    ks_buf           scratch;
} ks_audit_writer;

/* Read the end of the chain from the database. Hashes nothing: the key may not be there yet. */
KS_MUST ks_step ks_audit_load(ks_audit_writer *a);

/* Are there records behind the last head that this process may sign for? */
bool ks_audit_unsigned(const ks_audit_writer *a);

/* Append a record to the chain. All three: inside the caller's transaction; `scratch` is overwritten. */
KS_MUST ks_step ks_audit_append(ks_audit_writer *a, const ks_audit_record *r);
/* A signed head for the last record; `sig` is its signature. */
KS_MUST ks_step ks_audit_sign(ks_audit_writer *a, unsigned char sig[64]);
/* The keyed hash of the chain's end, into meta's "audit_tail". */
KS_MUST ks_step ks_audit_seal_tail(ks_audit_writer *a);

/* ---- the store ---- */

struct ks_store {
    const ks_driver *driver;
    ks_chain         chain;
    ks_metrics      *metrics;
    char            *dir, *path;
    int              lock_fd;

    _Atomic uint64_t epochs[KS_EPOCHS], epoch_all;
    _Atomic bool     writable;
    _Atomic int64_t  calls_keep_us; /* lines of the log of calls live so long; INT64_MAX: for ever */

    pthread_mutex_t lock; /* the five below */
    pthread_cond_t  work;
    ks_change_queue queue, notes;
    int64_t         notes_due; /* monotonic; when the oldest note must go */
    bool            rest_wanted, stopping;

    pthread_t       writer; /* the members of this block belong to its thread */
    bool            writer_runs;
    ks_db          *db; /* NULL: given up after a failure (rule D2) */
    ks_audit_writer audit;
    ks_change      *batch[KS_WRITE_BATCH + KS_NOTES_BATCH];
    size_t          batch_n;
    int64_t         head_due, sweep_due, retry_due; /* monotonic */
    bool            sweep_more;                     /* the last sweep left something */
    int             wal_floor;                      /* WAL pages when the checkpoint thread was last called */

    pthread_t       checkpointer;
    bool            checkpointer_runs;
    pthread_mutex_t checkpoint_lock; /* wanted, stop */
    pthread_cond_t  checkpoint_work;
    bool            checkpoint_wanted, checkpoint_stop;
};

/* ks_store_open over another driver, for tests. */
KS_MUST ks_status ks_store_open_with(ks_ctx *cx, const ks_store_options *o, const ks_driver *driver,
                                     ks_store **out);

/* What a transaction does beside its changes. */
enum {
    KS_DUTY_SIGN = 1,  /* sign the head of the chain, when records stand behind the last one */
    KS_DUTY_SWEEP = 2, /* delete what is older than it needs to be */
    KS_DUTY_PROBE = 4  /* write something: proof that writing works again */
};

/* batch.c: run s->batch and the duties in one transaction, and decide every change's outcome. False: nothing
 * was committed, all outcomes say so, and the handle was given up (rule D2). */
KS_MUST bool ks_batch_run(ks_store *s, unsigned duties);

/* batch.c: nothing of the batch was done: give every change this outcome. */
void ks_batch_refuse(ks_store *s, ks_status status, const char *message);

/* batch.c: open the writer's handle, if it is not open, and read the chain. */
KS_MUST bool ks_batch_reopen(ks_store *s);

/* batch.c: close a handle that failed; cached rows of any id must be read again. */
void ks_batch_give_up(ks_store *s);

/* audit_verify.c: ks_audit_verify on a handle. */
KS_MUST ks_status ks_audit_verify_on(ks_ctx *cx, const ks_driver *driver, ks_db *db, const ks_chain *chain,
                                     int64_t *count);

/* writer.c: the writer's thread; `store` is the ks_store. */
void *ks_writer_main(void *store);
/* checkpoint.c: the checkpoint thread, likewise. */
void *ks_checkpoint_main(void *store);
/* Called by the writer: wakes that thread when the WAL has grown enough; checkpoints itself over KS_WAL_HARD.
 */
void ks_checkpoint_after_commit(ks_store *s);

/* store.c: the counter of an id. */
unsigned ks_epoch_index(ks_str id);
