/* upstream/db_turns.c — see db_turns.h. Lanes stand in the order in which they come to their turn: a lane
 * that had one goes to the end. A lane is there as long as its project has something running or waiting. */
#include "upstream/db_turns.h"

#include <pthread.h>

#include "base/alloc.h"
#include "base/limits.h"

struct ks_db_lane {
    ks_db_lane *next;
    ks_db_turn *first, *last; /* waiting, the oldest first */
    unsigned    running, waiting;
    size_t      n;
    char        project[];
};

struct ks_db_turns {
    pthread_mutex_t lock;
    ks_workers     *workers;
    ks_db_lane     *lanes;
    unsigned        running, waiting; /* of all lanes */
    bool            stopping;
};

ks_db_turns *ks_db_turns_new(ks_workers *w)
{
    ks_db_turns *t = ks_calloc(1, sizeof *t);
    if (t == NULL)
        return NULL;
    t->workers = w;
    pthread_mutex_init(&t->lock, NULL);
    return t;
}

void ks_db_turns_free(ks_db_turns *t)
{
    if (t == NULL)
        return;
    pthread_mutex_destroy(&t->lock);
    ks_free(t);
}

/* ---- lanes; with the lock held ---- */

static void to_the_end(ks_db_turns *t, ks_db_lane *lane)
{
    ks_db_lane **at = &t->lanes;
    while (*at != NULL && *at != lane)
        at = &(*at)->next;
    if (*at == lane)
        *at = lane->next;
    while (*at != NULL)
        at = &(*at)->next;
    lane->next = NULL;
    *at = lane;
}

static ks_db_lane *lane_of(ks_db_turns *t, ks_str project)
{
    for (ks_db_lane *lane = t->lanes; lane != NULL; lane = lane->next) {
        if (ks_str_eq((ks_str){lane->project, lane->n}, project))
            return lane;
    }
    ks_db_lane *fresh = ks_calloc(1, sizeof *fresh + project.n);
    if (fresh == NULL)
        return NULL;
    fresh->n = project.n;
    if (project.n > 0)
        memcpy(fresh->project, project.p, project.n);
    to_the_end(t, fresh);
    return fresh;
}

static void drop_if_empty(ks_db_turns *t, ks_db_lane *lane)
{
    if (lane->running > 0 || lane->waiting > 0)
        return;
    for (ks_db_lane **at = &t->lanes; *at != NULL; at = &(*at)->next) {
        if (*at == lane) {
            *at = lane->next;
            break;
        }
    }
    ks_free(lane);
}

static void add(ks_db_turns *t, ks_db_lane *lane, ks_db_turn *turn)
{
    turn->lane = lane;
    turn->next = NULL;
    turn->waiting = true;
    if (lane->last != NULL)
        lane->last->next = turn;
    else
        lane->first = turn;
    lane->last = turn;
    lane->waiting++;
    t->waiting++;
}

static void take_out(ks_db_turns *t, ks_db_turn *turn)
{
    ks_db_lane *lane = turn->lane;
    ks_db_turn *before = NULL, *at = lane->first;
    while (at != turn) {
        before = at;
        at = at->next;
    }
    if (before != NULL)
        before->next = turn->next;
    else
        lane->first = turn->next;
    if (lane->last == turn)
        lane->last = before;
    turn->waiting = false;
    lane->waiting--;
    t->waiting--;
}

/* ---- turns; with the lock held ---- */

/* May one more of this lane run? KS_DB_SPARE workers are for lanes that run none. */
static bool may_run(const ks_db_turns *t, const ks_db_lane *lane)
{
    if (t->stopping)
        return true;
    return lane->running < KS_DB_PER_PROJECT && t->running < KS_DB_WORKERS &&
           (t->running < KS_DB_WORKERS - KS_DB_SPARE || lane->running == 0);
}

static ks_db_lane *next_lane(const ks_db_turns *t)
{
    ks_db_lane *lane = t->lanes;
    while (lane != NULL && !(lane->waiting > 0 && may_run(t, lane)))
        lane = lane->next;
    return lane;
}

static bool run(ks_db_turns *t, ks_db_turn *turn)
{
    if (!ks_workers_submit(t->workers, &turn->job)) /* it cannot end before the lock is given back */
        return false;
    take_out(t, turn);
    turn->lane->running++;
    t->running++;
    to_the_end(t, turn->lane);
    return true;
}

static void go_on(ks_db_turns *t)
{
    for (ks_db_lane *lane = next_lane(t); lane != NULL; lane = next_lane(t)) {
        if (!run(t, lane->first))
            return; /* while others run: at the end of one of them */
    }
}

/* ---- from outside ---- */

bool ks_db_turn_take(ks_db_turns *t, ks_db_turn *turn, ks_str project)
{
    pthread_mutex_lock(&t->lock);
    ks_db_lane *lane = t->stopping ? NULL : lane_of(t, project);
    if (lane != NULL) {
        add(t, lane, turn);
        go_on(t);
        bool full = lane->waiting > KS_DB_WAITING || t->waiting > KS_DB_QUEUE;
        if (turn->waiting && (full || t->running == 0)) { /* nothing runs: there is no thread for it */
            take_out(t, turn);
            turn->lane = NULL;
            drop_if_empty(t, lane);
        }
    }
    bool taken = lane != NULL && turn->lane != NULL;
    pthread_mutex_unlock(&t->lock);
    return taken;
}

void ks_db_turn_end(ks_db_turns *t, ks_db_turn *turn)
{
    pthread_mutex_lock(&t->lock);
    turn->lane->running--;
    t->running--;
    drop_if_empty(t, turn->lane);
    go_on(t);
    pthread_mutex_unlock(&t->lock);
}

void ks_db_turn_hurry(ks_db_turns *t, ks_db_turn *turn)
{
    pthread_mutex_lock(&t->lock);
    if (turn->waiting)
        (void)run(t, turn); /* else it ends when its turn comes */
    pthread_mutex_unlock(&t->lock);
}

void ks_db_turns_stop(ks_db_turns *t)
{
    pthread_mutex_lock(&t->lock);
    t->stopping = true;
    go_on(t);
    pthread_mutex_unlock(&t->lock);
}
