/* store/writer.c — the thread that writes: takes what waits, at once and up to KS_WRITE_BATCH, has batch.c
 * commit it, and answers. Notes go along with any batch, or alone after half a second (rule A2). After a
 * failure it opens a fresh handle and proves that it writes before new changes are taken (rule D2). */
#include "base/log.h"
#include "base/time.h"
#include "store/store_internal.h"

/* The next moment at which something must be done though nobody asks. */
static int64_t next_due(const ks_store *s)
{
    int64_t due = s->sweep_due;
    if (s->notes.n > 0 && s->notes_due < due)
        due = s->notes_due;
    if (ks_audit_unsigned(&s->audit) && s->head_due < due)
        due = s->head_due;
    if (s->db == NULL)
        due = s->retry_due;
    return due;
}

static bool work_waits(const ks_store *s)
{
    return s->queue.n > 0 || s->rest_wanted || s->stopping || (s->db != NULL && s->notes.n >= KS_NOTES_BATCH);
}

/* Sleep until there is something to do. With the lock held. */
static void wait_for_work(ks_store *s)
{
    while (!work_waits(s)) {
        int64_t due = next_due(s);
        if (due <= ks_mono_us())
            return;
        struct timespec at = {.tv_sec = due / 1000000, .tv_nsec = due % 1000000 * 1000};
        pthread_cond_timedwait(&s->work, &s->lock, &at);
    }
}

/* Wait, then fill s->batch. *last: the store is closing and this is all there is. */
static unsigned take(ks_store *s, bool *rest, bool *last)
{
    unsigned duties = 0;
    s->batch_n = 0;
    pthread_mutex_lock(&s->lock);
    wait_for_work(s);
    int64_t now = ks_mono_us();
    while (s->batch_n < KS_WRITE_BATCH && s->queue.n > 0)
        s->batch[s->batch_n++] = ks_queue_take(&s->queue);
    bool notes = s->batch_n > 0 || s->stopping || s->notes.n >= KS_NOTES_BATCH || now >= s->notes_due;
    for (size_t i = 0; notes && s->db != NULL && i < KS_NOTES_BATCH && s->notes.n > 0; i++)
        s->batch[s->batch_n++] = ks_queue_take(&s->notes);
    if (s->notes.n > 0)
        s->notes_due = now + KS_NOTES_WAIT_US;
    *rest = s->rest_wanted;
    s->rest_wanted = false;
    *last = s->stopping && s->queue.n == 0 && (s->notes.n == 0 || s->db == NULL);
    pthread_mutex_unlock(&s->lock);
    if (*last || now >= s->head_due)
        duties |= KS_DUTY_SIGN;
    if (now >= s->sweep_due)
        duties |= KS_DUTY_SWEEP;
    return duties;
}

/* Open a fresh handle and write something. Then changes are taken again. */
static void recover(ks_store *s)
{
    size_t n = s->batch_n;
    s->batch_n = 0; /* what is in it has its outcome */
    if (ks_batch_reopen(s) && ks_batch_run(s, KS_DUTY_PROBE)) {
        atomic_store(&s->writable, true);
        KS_LOG(KS_LOG_WARN, "store_writes_again", KS_LINT(SEQ, s->audit.st.seq));
    }
    s->batch_n = n;
    s->retry_due = ks_mono_us() + KS_RETRY_US;
}

static void set_due(ks_store *s, unsigned duties)
{
    int64_t now = ks_mono_us();
    if (duties & KS_DUTY_SWEEP)
        s->sweep_due = now + (s->sweep_more ? KS_SWEEP_MORE_US : KS_SWEEP_US);
    if (!ks_audit_unsigned(&s->audit))
        s->head_due = INT64_MAX;
    else if (s->head_due == INT64_MAX)
        s->head_due = now + KS_HEAD_WAIT_US;
}

/* Put the batch to disk, or learn that it cannot be. */
static void run(ks_store *s, unsigned duties)
{
    if (s->db == NULL) {
        ks_batch_refuse(s, KS_STORE, "The change could not be written. Try again in a moment.");
        if (ks_mono_us() >= s->retry_due)
            recover(s);
        return;
    }
    bool sign = (duties & KS_DUTY_SIGN) && ks_audit_unsigned(&s->audit);
    if (s->batch_n == 0 && !sign && !(duties & KS_DUTY_SWEEP))
        return;
    if (!ks_batch_run(s, duties))
        recover(s);
    else
        ks_checkpoint_after_commit(s);
    set_due(s, duties);
}

/* The short pass that lets the WAL start over, between two batches. */
static void rest(ks_store *s)
{
    if (s->db == NULL)
        return;
    ks_metric_add(s->metrics, KS_M_CHECKPOINTS, 1);
    if (s->driver->checkpoint(s->db) < 0) {
        ks_batch_give_up(s);
        recover(s);
    }
}

static ks_err err_of(const ks_guard *g)
{
    ks_err err = {.status = g->status, .code = ks_str_of(g->code), .message = ks_str_of(g->message)};
    if (g->field != NULL) {
        err.details[0] = (ks_detail){ks_str_of(g->field), err.message};
        err.n = 1;
    }
    if (ks_status_http(g->status) == 503)
        err.retry_after_s = 1;
    return err;
}

/* A note nobody waits for: kept when the store failed it, told of when it was refused. */
static void answer_note(ks_store *s, ks_change *c)
{
    ks_status status = c->outcome.status;
    if (status == KS_STORE || status == KS_NO_MEMORY) {
        pthread_mutex_lock(&s->lock);
        if (s->notes.n == 0)
            s->notes_due = ks_mono_us() + KS_NOTES_WAIT_US;
        ks_queue_put(&s->notes, c);
        pthread_mutex_unlock(&s->lock);
        return;
    }
    if (status != KS_OK)
        KS_LOG(KS_LOG_WARN, "use_not_recorded", KS_LSTR(SLUG, ks_str_of(ks_status_slug(status))));
    ks_change_free(c);
}

static void answer(ks_store *s)
{
    for (size_t i = 0; i < s->batch_n; i++) {
        ks_change *c = s->batch[i];
        if (c->note) {
            answer_note(s, c);
            continue;
        }
        ks_err err = err_of(&c->outcome);
        if (c->done != NULL)
            c->done(c->arg, &err);
        ks_change_free(c);
    }
    s->batch_n = 0;
}

void *ks_writer_main(void *store)
{
    ks_store *s = store;
    bool      last = false;
    while (!last) {
        bool     rest_now;
        unsigned duties = take(s, &rest_now, &last);
        run(s, duties);
        answer(s);
        if (rest_now)
            rest(s);
    }
    if (s->notes.n > 0)
        KS_LOG(KS_LOG_ERROR, "uses_lost", KS_LINT(COUNT, s->notes.n));
    while (s->notes.n > 0)
        ks_change_free(ks_queue_take(&s->notes));
    return NULL;
}
