/* upstream/db_pool.c — connections at rest: found again by their owner's whole description, so never by
 * another tenant, another version of a credential or with other rights; closed after KS_DB_IDLE_S, and when
 * ten minutes old (rule N6). Opens none (db_run.c). Threads: any; drivers work outside the lock. */
#include "upstream/db_pool.h"

#include "base/alloc.h"
#include "base/time.h"

#define LIFE_US  INT64_C(600000000)
#define SWEEP_MS 15000

static void part(ks_buf *b, ks_str s)
{
    ks_buf_fmt(b, "%zu:", s.n);
    ks_buf_str(b, s);
}

void ks_db_owner(ks_buf *b, const ks_db_call *call)
{
    const ks_db_target *t = &call->target;
    part(b, call->project_id);
    part(b, call->connection_id);
    ks_buf_fmt(b, "%llu,%s,%u,%d,%d,%d;", (unsigned long long)call->version, t->driver->name, t->port,
               (int)t->tls, t->write, t->superuser);
    part(b, t->host);
    part(b, t->database);
    part(b, t->user);
    part(b, t->ca);
    part(b, t->certificate);
}

void ks_db_rest_close(ks_db_rest *r)
{
    if (r == NULL)
        return;
    r->driver->close(r->conn);
    ks_buf_done(&r->owner);
    ks_free(r);
}

static void close_all(ks_db_rest *list)
{
    while (list != NULL) {
        ks_db_rest *next = list->next;
        ks_db_rest_close(list);
        list = next;
    }
}

static ks_db_rest *unlink_owned(ks_databases *d, ks_str owner)
{
    for (ks_db_rest **at = &d->rest; *at != NULL; at = &(*at)->next) {
        ks_db_rest *r = *at;
        if (ks_str_eq(ks_buf_view(&r->owner), owner)) {
            *at = r->next;
            d->rest_n--;
            return r;
        }
    }
    return NULL;
}

ks_db_rest *ks_db_pool_take(ks_databases *d, const ks_db_driver *driver, ks_str owner)
{
    for (;;) {
        pthread_mutex_lock(&d->lock);
        ks_db_rest *r = unlink_owned(d, owner);
        pthread_mutex_unlock(&d->lock);
        int64_t now = ks_mono_us();
        if (r == NULL || (now - r->born_us < LIFE_US &&
                          now - r->rested_us < KS_DB_IDLE_S * INT64_C(1000000) && driver->alive(r->conn)))
            return r;
        ks_db_rest_close(r);
    }
}

void ks_db_pool_put(ks_databases *d, ks_db_rest *r)
{
    ks_db_rest *old = NULL;
    r->rested_us = ks_mono_us();
    pthread_mutex_lock(&d->lock);
    r->next = d->rest;
    d->rest = r;
    if (++d->rest_n > KS_DB_POOLED) {
        ks_db_rest **last = &d->rest;
        while ((*last)->next != NULL)
            last = &(*last)->next;
        old = *last;
        *last = NULL;
        d->rest_n--;
    }
    pthread_mutex_unlock(&d->lock);
    ks_db_rest_close(old);
}

void ks_db_pool_sweep(ks_databases *d, int64_t before_us)
{
    ks_db_rest *gone = NULL;
    pthread_mutex_lock(&d->lock);
    for (ks_db_rest **at = &d->rest; *at != NULL;) {
        ks_db_rest *r = *at;
        if (r->rested_us > before_us) {
            at = &r->next;
            continue;
        }
        *at = r->next;
        d->rest_n--;
        r->next = gone;
        gone = r;
    }
    pthread_mutex_unlock(&d->lock);
    close_all(gone);
}

size_t ks_databases_pooled(ks_databases *d)
{
    pthread_mutex_lock(&d->lock);
    size_t n = d->rest_n;
    pthread_mutex_unlock(&d->lock);
    return n;
}

/* ---- sweeping, at times, on a worker: a driver may take its time to say good-bye ---- */

static void sweep(void *arg, unsigned worker)
{
    ks_databases *d = arg;
    (void)worker;
    ks_db_pool_sweep(d, ks_mono_us() - KS_DB_IDLE_S * INT64_C(1000000));
    pthread_mutex_lock(&d->lock);
    d->sweeping = false;
    pthread_mutex_unlock(&d->lock);
}

static void look(void *arg)
{
    ks_databases *d = arg;
    pthread_mutex_lock(&d->lock);
    bool due = d->rest_n > 0 && !d->sweeping;
    d->sweeping |= due;
    pthread_mutex_unlock(&d->lock);
    d->sweep = due ? (ks_job){.fn = sweep, .arg = d} : d->sweep;
    if (due && !ks_workers_submit(d->workers, &d->sweep)) {
        pthread_mutex_lock(&d->lock);
        d->sweeping = false;
        pthread_mutex_unlock(&d->lock);
    }
    ks_timer_set(d->loop, &d->timer, SWEEP_MS); /* its place is kept, so this needs no memory */
}

void ks_databases_watch(ks_databases *d, ks_loop *loop)
{
    d->loop = loop;
    d->timer.fn = look;
    d->timer.arg = d;
    ks_timer_set(loop, &d->timer, SWEEP_MS);
}

void ks_databases_unwatch(ks_databases *d)
{
    if (d == NULL || d->loop == NULL)
        return;
    ks_timer_clear(d->loop, &d->timer);
    d->loop = NULL;
}
