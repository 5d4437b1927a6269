/* upstream/db_stream.h — bytes of a result on their way from the worker that reads it to the loop of whoever
 * asked: searched for secrets (rule S6), one piece at a time, so that the worker, and with it the database,
 * waits while nobody reads. Internal to upstream/. Threads: a worker puts, the loop takes; one short lock. */
#pragma once
#include <pthread.h>

#include "base/pipe.h"
#include "upstream/db_driver.h"
#include "upstream/scrub.h"

#define KS_DB_PIECE    ((size_t)64 * 1024) /* bytes that are handed over at a time; a row may be larger */
#define KS_DB_PIECE_US INT64_C(250000)     /* rows that came so long ago do not wait for a whole piece */

/* Who takes the bytes. All of it is called in the loop. */
typedef struct ks_db_taker {
    ks_pipe *(*head)(void *arg); /* the first ones are there: where they go (a reference), NULL: nowhere */
    void (*gone)(void *arg);     /* nobody reads them any more: end the statement; may come again */
    void (*over)(void *arg);     /* the last call: all has gone its way, the worker is through */
    void *arg;
} ks_db_taker;

typedef struct ks_db_stream {
    ks_loop        *loop;
    ks_db_taker     taker;
    pthread_mutex_t lock;
    ks_post         post;
    ks_buf          piece;              /* put and not yet taken */
    bool            posted, over, lost; /* lost: memory was short, so bytes are missing */
    int             taken_fd;           /* an eventfd: the piece was taken */
    ks_scrub       *scrub;              /* from here: the worker's */
    bool            begun;
    ks_pipe        *pipe; /* from here: the loop's */
    bool            headed;
} ks_db_stream;

/* One in the arena of `cx`, ended with it; what must not pass stands in `call`. NULL when memory or
 * descriptors are short. */
KS_MUST ks_db_stream *ks_db_stream_new(ks_ctx *cx, const ks_db_call *call, ks_loop *loop,
                                       const ks_db_taker *taker);

/* The next bytes, as soon as those before were taken. False: `l` has ended the waiting, or memory is short,
 * and *e says so. */
KS_MUST bool ks_db_stream_put(ks_db_stream *s, ks_str bytes, const ks_db_limit *l, ks_db_error *e);
/* The last bytes. Does not wait, so that a slow reader keeps no worker. */
void ks_db_stream_last(ks_db_stream *s, ks_str bytes);
/* The worker is through and refers to nothing of it any more: `over` may be called from now on. Without any
 * bytes before, `head` is not called at all. */
void ks_db_stream_over(ks_db_stream *s);
