/* store/store.c — opening and closing: the folder and its lock, the schema, the two threads; and handing
 * changes to the writer. Running them: writer.c, batch.c. Rules D1, D10. Threads: see store.h. */
#include "store/store.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/log.h"
#include "base/time.h"
#include "store/migrations.h"
#include "store/store_internal.h"

/* ---- commit counters ---- */

unsigned ks_epoch_index(ks_str id)
{
    uint32_t h = 2166136261u; /* FNV-1a; a shared counter only costs a read too many */
    for (size_t i = 0; i < id.n; i++)
        h = (h ^ (unsigned char)id.p[i]) * 16777619u;
    return (h ^ h >> 16) % KS_EPOCHS;
}

uint64_t ks_epoch(const ks_store *s, ks_str id)
{
    return atomic_load_explicit(&s->epochs[ks_epoch_index(id)], memory_order_acquire);
}

uint64_t ks_epoch_all(const ks_store *s)
{
    return atomic_load_explicit(&s->epoch_all, memory_order_acquire);
}

bool ks_store_writable(const ks_store *s)
{
    return atomic_load(&s->writable);
}

void ks_store_keep_calls(ks_store *s, int64_t us)
{
    atomic_store(&s->calls_keep_us, us);
}

/* ---- seen from outside ---- */

ks_status ks_store_look(ks_ctx *cx, const ks_store *s, ks_store_facts *out)
{
    static const char *const endings[] = {"", "-wal", "-shm"};
    *out = (ks_store_facts){.schema = ks_sqlite_schema};
    for (size_t i = 0; i < KS_COUNT(endings); i++) {
        struct stat st;
        ks_str      path = ks_fmt(cx, "%s%s", s->path, endings[i]);
        if (path.p == NULL)
            return ks_no_memory(cx);
        if (stat(path.p, &st) == 0)
            out->bytes += st.st_size;
    }
    return KS_OK;
}

/* ---- the folder ---- */

static char *join(ks_str dir, const char *name)
{
    size_t n = dir.n + strlen(name) + 2;
    char  *p = ks_malloc(n);
    if (p != NULL)
        snprintf(p, n, KS_FMT "/%s", KS_ARG(dir), name);
    return p;
}

static ks_status folder_failed(ks_ctx *cx, const char *what)
{
    return ks_fail(cx, KS_STORE, NULL, "The data folder cannot be used: %s (error %d).", what, errno);
}

/* flock(2) belongs to this open file: a second store of the same process is refused as well. */
static ks_status lock_folder(ks_ctx *cx, ks_store *s)
{
    char *path = join(ks_str_of(s->dir), "lock");
    char  pid[24] = {0};
    if (path == NULL)
        return ks_no_memory(cx);
    s->lock_fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    ks_free(path);
    if (s->lock_fd < 0)
        return folder_failed(cx, "its lock file cannot be opened");
    if (flock(s->lock_fd, LOCK_EX | LOCK_NB) != 0) {
        if (errno != EWOULDBLOCK)
            return folder_failed(cx, "its lock file cannot be locked");
        ssize_t  n = pread(s->lock_fd, pid, sizeof pid - 1, 0);
        uint64_t who = 0;
        (void)!ks_str_u64((ks_str){pid, n > 0 ? (size_t)n : 0}, &who);
        return ks_fail(
            cx, KS_CONFLICT, NULL,
            "Process %llu is using this data folder. Ask it over its control socket, stop it, or name "
            "another folder.",
            (unsigned long long)who);
    }
    int n = snprintf(pid, sizeof pid, "%ld", (long)getpid());
    if (ftruncate(s->lock_fd, 0) != 0 || pwrite(s->lock_fd, pid, (size_t)n, 0) != n)
        return folder_failed(cx, "its lock file cannot be written");
    return KS_OK;
}

/* The folder 0700, the database file 0600 and both durable before the engine sees them. */
static ks_status prepare_folder(ks_ctx *cx, ks_store *s)
{
    if (mkdir(s->dir, 0700) != 0 && errno != EEXIST)
        return folder_failed(cx, "it cannot be made");
    KS_TRY(lock_folder(cx, s));
    int file = open(s->path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (file < 0 && errno == EEXIST)
        return KS_OK;
    if (file < 0)
        return folder_failed(cx, "the database file cannot be made");
    close(file);
    int  dir = open(s->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool good = dir >= 0 && fsync(dir) == 0;
    if (dir >= 0)
        close(dir);
    return good ? KS_OK : folder_failed(cx, "it cannot be synchronised");
}

/* ---- open and close ---- */

/* With all signals blocked: they are for the main thread. */
static bool start_thread(pthread_t *t, void *(*fn)(void *), void *arg)
{
    sigset_t       all, before;
    pthread_attr_t attr;
    if (pthread_attr_init(&attr) != 0)
        return false;
    pthread_attr_setstacksize(&attr, KS_THREAD_STACK);
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    bool good = pthread_create(t, &attr, fn, arg) == 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    pthread_attr_destroy(&attr);
    return good;
}

static void init_locks(ks_store *s)
{
    pthread_condattr_t attr;
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_mutex_init(&s->lock, NULL);
    pthread_mutex_init(&s->checkpoint_lock, NULL);
    pthread_cond_init(&s->work, &attr);
    pthread_cond_init(&s->checkpoint_work, &attr);
    pthread_condattr_destroy(&attr);
}

static ks_status open_database(ks_ctx *cx, ks_store *s)
{
    KS_TRY(prepare_folder(cx, s));
    KS_TRY(s->driver->open(cx, ks_str_of(s->path), KS_DB_WRITE, &s->db));
    KS_TRY(s->driver->migrate(cx, s->db));
    s->driver->close(s->db); /* opened again with the chain, as after a failure */
    s->db = NULL;
    if (!ks_batch_reopen(s))
        return ks_fail(cx, KS_STORE, NULL, "The audit records cannot be read.");
    return KS_OK;
}

static ks_status start(ks_ctx *cx, ks_store *s)
{
    int64_t now = ks_mono_us();
    KS_TRY(open_database(cx, s));
    s->head_due = INT64_MAX;
    s->sweep_due = now + KS_SWEEP_US / 10;
    atomic_store(&s->writable, true);
    s->writer_runs = start_thread(&s->writer, ks_writer_main, s);
    s->checkpointer_runs = s->writer_runs && start_thread(&s->checkpointer, ks_checkpoint_main, s);
    if (!s->checkpointer_runs)
        return ks_fail(cx, KS_STORE, NULL, "No thread can be started (error %d).", errno);
    return KS_OK;
}

ks_status ks_store_open_with(ks_ctx *cx, const ks_store_options *o, const ks_driver *driver, ks_store **out)
{
    ks_store *s = ks_calloc(1, sizeof *s);
    if (s == NULL)
        return ks_no_memory(cx);
    s->driver = driver;
    s->chain = o->chain;
    s->metrics = o->metrics;
    s->lock_fd = -1;
    atomic_init(&s->calls_keep_us, INT64_MAX);
    s->audit = (ks_audit_writer){.driver = driver, .chain = &s->chain, .scratch = ks_buf_new(KS_CHANGE_MAX)};
    init_locks(s);
    s->dir = join(o->dir, "");
    s->path = join(o->dir, "keysteward.db");
    ks_status status = s->dir != NULL && s->path != NULL ? start(cx, s) : ks_no_memory(cx);
    if (status != KS_OK) {
        ks_store_close(s);
        return status;
    }
    *out = s;
    return KS_OK;
}

ks_status ks_store_open(ks_ctx *cx, const ks_store_options *o, ks_store **out)
{
    return ks_store_open_with(cx, o, &ks_sqlite_driver, out);
}

static void stop_threads(ks_store *s)
{
    pthread_mutex_lock(&s->lock);
    s->stopping = true;
    pthread_cond_signal(&s->work);
    pthread_mutex_unlock(&s->lock);
    if (s->writer_runs)
        pthread_join(s->writer, NULL);
    pthread_mutex_lock(&s->checkpoint_lock);
    s->checkpoint_stop = true;
    pthread_cond_signal(&s->checkpoint_work);
    pthread_mutex_unlock(&s->checkpoint_lock);
    if (s->checkpointer_runs)
        pthread_join(s->checkpointer, NULL);
}

void ks_store_close(ks_store *s)
{
    if (s == NULL)
        return;
    stop_threads(s);
    if (s->db != NULL)
        s->driver->close(s->db);
    if (s->lock_fd >= 0)
        close(s->lock_fd);
    ks_buf_done(&s->audit.scratch);
    pthread_cond_destroy(&s->work);
    pthread_cond_destroy(&s->checkpoint_work);
    pthread_mutex_destroy(&s->lock);
    pthread_mutex_destroy(&s->checkpoint_lock);
    ks_free(s->dir);
    ks_free(s->path);
    ks_free(s);
}

/* ---- handing over ---- */

static ks_status refuse(ks_ctx *cx, ks_change *c, ks_status status, const char *message)
{
    ks_change_free(c);
    status = ks_fail(cx, status, NULL, "%s", message);
    cx->err.retry_after_s = 1;
    return status;
}

/* Into `q`, if there is room. The writer sleeps through the notes between the first and the one that fills a
 * batch. */
static ks_status enqueue(ks_ctx *cx, ks_store *s, ks_change_queue *q, ks_change *c)
{
    if (!ks_store_writable(s))
        return refuse(cx, c, KS_STORE, "The store cannot write at the moment. Try again shortly.");
    pthread_mutex_lock(&s->lock);
    bool full = q->n >= KS_WRITE_QUEUE || s->stopping;
    if (!full) {
        if (q == &s->notes && q->n == 0)
            s->notes_due = ks_mono_us() + KS_NOTES_WAIT_US;
        ks_queue_put(q, c);
        if (q == &s->queue || q->n == 1 || q->n == KS_NOTES_BATCH)
            pthread_cond_signal(&s->work);
    }
    pthread_mutex_unlock(&s->lock);
    return full ? refuse(cx, c, KS_BUSY, "Too many changes are waiting. Try again shortly.") : KS_OK;
}

ks_status ks_store_submit(ks_ctx *cx, ks_store *s, ks_change *c, void (*done)(void *arg, const ks_err *err),
                          void *arg)
{
    c->done = done;
    c->arg = arg;
    return enqueue(cx, s, &s->queue, c);
}

ks_status ks_store_note(ks_ctx *cx, ks_store *s, ks_change *c)
{
    c->note = true;
    return enqueue(cx, s, &s->notes, c);
}

typedef struct waiter {
    pthread_mutex_t lock;
    pthread_cond_t  cond;
    bool            done;
    ks_err          err;
} waiter;

static void wake(void *arg, const ks_err *err)
{
    waiter *w = arg;
    pthread_mutex_lock(&w->lock);
    w->err = *err;
    w->done = true;
    pthread_cond_signal(&w->cond);
    pthread_mutex_unlock(&w->lock);
}

ks_status ks_store_apply(ks_ctx *cx, ks_store *s, ks_change *c)
{
    waiter w = {.lock = PTHREAD_MUTEX_INITIALIZER, .cond = PTHREAD_COND_INITIALIZER};
    KS_TRY(ks_store_submit(cx, s, c, wake, &w));
    pthread_mutex_lock(&w.lock);
    while (!w.done)
        pthread_cond_wait(&w.cond, &w.lock);
    pthread_mutex_unlock(&w.lock);
    pthread_cond_destroy(&w.cond);
    pthread_mutex_destroy(&w.lock);
    if (w.err.status != KS_OK)
        cx->err = w.err;
    return w.err.status;
}
