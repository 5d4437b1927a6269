/* base/workers.h — a few threads for what blocks: large bodies to parse, argon2id, cold work. Started on
 * demand, up to KS_WORKERS, small stacks, ended when idle for 10 s. Threads: any may submit. */
#pragma once
#include "base/attr.h"

typedef struct ks_workers ks_workers;

/* Work embedded in its owner; fn runs on a worker and must see to its own way back (ks_loop_post). */
typedef struct ks_job {
    struct ks_job *next;
    void (*fn)(void *arg, unsigned worker); /* worker: 0..max-1, for what each one keeps */
    void *arg;
} ks_job;

KS_MUST ks_workers *ks_workers_new(unsigned max, unsigned queue); /* NULL: no memory */
void                ks_workers_free(ks_workers *w); /* runs what is queued, joins; NULL is fine */

/* False when the queue is full or no thread can be started: answer 503. */
KS_MUST bool ks_workers_submit(ks_workers *w, ks_job *j);
