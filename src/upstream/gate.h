/* upstream/gate.h — what the loops of this process have learned of vendors and share: which origin cannot be
 * reached (a circuit breaker), and which connection its vendor told to wait. Nothing of it is stored. Decides
 * only; waiting and answering are done in upstream/again.c. Bounded: 16 marks in each of 512 buckets, the
 * oldest goes first, and a mark that went is forgotten good-naturedly: the call is made. docs/limits.md.
 * Threads: any; one short lock, which is not taken while there is nothing to remember. */
#pragma once
#include "base/status.h"
#include "base/str.h"

#define KS_GATE_FAILURES 5                 /* in a row, before an origin counts as down */
#define KS_GATE_FIRST_US INT64_C(5000000)  /* then nothing is sent there for this long */
#define KS_GATE_MOST_US  INT64_C(60000000) /* doubled each time a probe fails, up to this */
#define KS_GATE_STEP_US  INT64_C(20000)    /* between two calls of a connection when its wait is over */
#define KS_GATE_WAITING  16                /* calls of one connection that wait at a time */

typedef struct ks_gate ks_gate;

/* NULL when memory is short. Free with ks_gate_free when no loop uses it any more. */
KS_MUST ks_gate *ks_gate_new(void);
void             ks_gate_free(ks_gate *g); /* NULL is fine */

/* Why nothing may be sent to an origin now. */
typedef struct ks_gate_shut {
    int64_t since_us; /* wall clock, since the Unix epoch: when it was found down */
    int64_t wait_us;  /* until somebody may try it again */
} ks_gate_shut;

/* May a call go to the origin `key`? True also for the one call that tries an origin again after its pause.
 * False fills *out. `now_us` is monotonic, here and below. */
KS_MUST bool ks_gate_pass(ks_gate *g, ks_str key, int64_t now_us, ks_gate_shut *out);

/* The origin answered: all is forgotten. */
void ks_gate_reached(ks_gate *g, ks_str key);

/* A connection to the origin could not be made, or it kept silent for the whole time of a call. True: that
 * shut it. `wall_us`: the time that callers are told. */
bool ks_gate_missed(ks_gate *g, ks_str key, int64_t now_us, int64_t wall_us);

/* The vendor wants no call of this connection before `until_us`. Never shortens what it said before. */
void ks_gate_hold(ks_gate *g, ks_str connection, int64_t until_us);

/* Microseconds the next call of the connection has to wait, 0 = none. A wait of at most `most_us` takes a
 * place in the line, to be left with ks_gate_leave; *placed tells. Longer waits, and those behind a full
 * line, take none. */
KS_MUST int64_t ks_gate_wait(ks_gate *g, ks_str connection, int64_t now_us, int64_t most_us, bool *placed);
void            ks_gate_leave(ks_gate *g, ks_str connection);
