/* upstream/db_turns.h — whose statement is next. Each project has a lane of its own and a waiting room in it;
 * lanes take turns, so that no project waits for another's queue, and the last workers are kept for projects
 * that run nothing. Knows no databases. Internal to upstream/. docs/databases.md "Limits". Threads: any; one
 * short lock. */
#pragma once
#include "base/str.h"
#include "base/workers.h"

typedef struct ks_db_turns ks_db_turns;
typedef struct ks_db_lane  ks_db_lane;

/* Embedded in what waits, which stays until its job has run; zeroed but for `job`. */
typedef struct ks_db_turn {
    ks_job             job; /* run on a worker; calls ks_db_turn_end when it is through */
    struct ks_db_turn *next;
    ks_db_lane        *lane; /* NULL: not admitted */
    bool               waiting;
} ks_db_turn;

/* Over `w`, which has KS_DB_WORKERS threads, room for KS_DB_QUEUE jobs, and no other jobs of weight. NULL
 * when memory is short. Free when no turn is left; NULL is fine. */
KS_MUST ks_db_turns *ks_db_turns_new(ks_workers *w);
void                 ks_db_turns_free(ks_db_turns *t);

/* A turn for a statement of `project`: now, or when it is its turn. False: its waiting room is full, the end
 * has come, or memory or threads are short; the job does not run. */
KS_MUST bool ks_db_turn_take(ks_db_turns *t, ks_db_turn *turn, ks_str project);

/* Its job is through. Whoever is next begins. */
void ks_db_turn_end(ks_db_turns *t, ks_db_turn *turn);

/* Nobody waits for it any more: if it still does, its job runs as soon as there is a worker, so that it can
 * say so. */
void ks_db_turn_hurry(ks_db_turns *t, ks_db_turn *turn);

/* Take no more, and let all who wait run, to the same end. */
void ks_db_turns_stop(ks_db_turns *t);
