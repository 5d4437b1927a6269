/* upstream/db_pool.h — connections at rest, by whose they are. Internal to upstream/. Threads: any; one short
 * lock, never held while a driver works. */
#pragma once
#include <pthread.h>

#include "base/workers.h"
#include "upstream/db_driver.h"
#include "upstream/db_turns.h"

/* One connection that somebody used before. */
typedef struct ks_db_rest {
    struct ks_db_rest  *next;
    const ks_db_driver *driver;
    void               *conn;
    ks_buf              owner; /* ks_db_owner: all that must be equal to use it again */
    int64_t             born_us, rested_us;
} ks_db_rest;

struct ks_databases {
    ks_db_options   o;
    char           *ca_file;
    pthread_mutex_t lock;
    ks_workers     *workers;
    ks_db_turns    *turns;
    ks_db_names    *names;
    ks_db_rest     *rest; /* the last used first */
    size_t          rest_n;
    ks_db_run      *runs; /* under way or waiting */
    bool            stopping;
    ks_loop        *loop; /* NULL: nobody sweeps */
    ks_timer        timer;
    ks_job          sweep;
    bool            sweeping;
};

/* Whose connection it is, and to what: project, connection, version of the credential, target. */
void ks_db_owner(ks_buf *b, const ks_db_call *call);

/* The one that was used last by this owner, still alive; NULL: none. The caller has it now. */
ks_db_rest *ks_db_pool_take(ks_databases *d, const ks_db_driver *driver, ks_str owner);
/* Let it rest; taken. Closes the longest unused one when there are too many. */
void ks_db_pool_put(ks_databases *d, ks_db_rest *r);
/* Close it; taken. NULL is fine. */
void ks_db_rest_close(ks_db_rest *r);
/* Close those unused since `before_us` (monotonic). */
void ks_db_pool_sweep(ks_databases *d, int64_t before_us);
