/* store/checkpoint.c — copies the write-ahead log into the database beside the writer: from KS_WAL_START
 * pages on, passes until few are left, then the writer is asked for the last short one between two batches. A
 * thread alone never lets the log start over (370 MB in 4 s under load); a checkpoint in the writer alone
 * stalls it. Threads: its own; ks_checkpoint_after_commit is the writer's. */
#include "base/log.h"
#include "store/store_internal.h"

void ks_checkpoint_after_commit(ks_store *s)
{
    int pages = s->driver->pending(s->db);
    if (pages < s->wal_floor)
        s->wal_floor = 0; /* the log started over */
    if (pages < s->wal_floor + KS_WAL_START)
        return;
    s->wal_floor = pages;
    if (pages >= KS_WAL_HARD) { /* a reader holds it up, or the disk does */
        KS_LOG(KS_LOG_WARN, "wal_is_long", KS_LINT(COUNT, pages));
        ks_metric_add(s->metrics, KS_M_CHECKPOINTS, 1);
        (void)!s->driver->checkpoint(s->db);
    }
    pthread_mutex_lock(&s->checkpoint_lock);
    s->checkpoint_wanted = true;
    pthread_cond_signal(&s->checkpoint_work);
    pthread_mutex_unlock(&s->checkpoint_lock);
}

/* False: this handle failed (rule D2). */
static bool passes(ks_store *s, ks_db *db)
{
    for (int i = 0; i < KS_WAL_PASSES; i++) {
        int left = s->driver->checkpoint(db);
        ks_metric_add(s->metrics, KS_M_CHECKPOINTS, 1);
        if (left < 0)
            return false;
        if (left < KS_WAL_ENOUGH)
            return true;
    }
    return true;
}

static ks_db *open_handle(ks_store *s)
{
    ks_db    *db = NULL;
    ks_arena *a = ks_arena_new(64 * 1024);
    if (a == NULL)
        return NULL;
    ks_ctx cx = ks_ctx_new(a, NULL);
    if (s->driver->open(&cx, ks_str_of(s->path), KS_DB_WRITE, &db) != KS_OK)
        db = NULL;
    ks_arena_free(a);
    return db;
}

static void ask_for_rest(ks_store *s)
{
    pthread_mutex_lock(&s->lock);
    s->rest_wanted = true;
    pthread_cond_signal(&s->work);
    pthread_mutex_unlock(&s->lock);
}

/* False: it is time to end. */
static bool wait_until_wanted(ks_store *s)
{
    pthread_mutex_lock(&s->checkpoint_lock);
    while (!s->checkpoint_wanted && !s->checkpoint_stop)
        pthread_cond_wait(&s->checkpoint_work, &s->checkpoint_lock);
    s->checkpoint_wanted = false;
    bool go_on = !s->checkpoint_stop;
    pthread_mutex_unlock(&s->checkpoint_lock);
    return go_on;
}

void *ks_checkpoint_main(void *store)
{
    ks_store *s = store;
    ks_db    *db = NULL;
    while (wait_until_wanted(s)) {
        if (db == NULL)
            db = open_handle(s);
        if (db != NULL && !passes(s, db)) {
            KS_LOG(KS_LOG_ERROR, "checkpoint_failed", KS_LINT(CODE, s->driver->code(db)));
            s->driver->close(db);
            db = NULL;
        }
        ask_for_rest(s);
    }
    if (db != NULL)
        s->driver->close(db);
    return NULL;
}
