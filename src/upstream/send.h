/* upstream/send.h — the one door out (rules N1-N7, S6). Nothing else in the program calls libcurl's
 * transfers. One per loop thread: a curl multi handle in that loop, easy handles made for each call, warm
 * connections kept apart by project (N6). Threads: the loop's own. */
#pragma once
#include "base/loop.h"
#include "base/metrics.h"
#include "upstream/address.h"
#include "upstream/call.h"
#include "upstream/gate.h"

typedef struct ks_upstream ks_upstream;

typedef struct ks_upstream_options {
    const ks_exceptions *exceptions;      /* borrowed for the life of the upstream; NULL: none */
    ks_str               ca_file;         /* PEM bundle; absent: the distribution's */
    uint16_t             ghost_port;      /* 127.0.0.1 listener of the ghosts; 0: real vendors */
    uint16_t             ghost_only_port; /* the same listener, for calls with ghost_only */
    ks_metrics          *metrics;
    const char          *unix_path;   /* dial this socket for every call, and nothing else (cli); borrowed */
    ks_gate             *gate;        /* shared by the loops of a process, borrowed; NULL: one of its own */
    unsigned             per_project; /* calls of one project under way; 0: KS_UP_PER_PROJECT */
    unsigned             per_loop;    /* of all; 0: KS_UP_PER_LOOP */
    int                  max_wait_ms; /* for vendors that ask to wait; 0: KS_UP_MAX_WAIT_S; -1: none */
} ks_upstream_options;

/* Process-wide curl and OpenSSL set-up with wiping allocators; once, before any thread. False: must not
 * start. */
KS_MUST bool ks_upstream_start(void);

/* The outbound side of one loop; freed by ks_upstream_free before the loop.  NO_MEMORY */
KS_MUST ks_status ks_upstream_new(ks_ctx *cx, ks_loop *loop, const ks_upstream_options *o, ks_upstream **out);

/* Ends what runs (their `done` gets KS_UP_BROKEN), frees. NULL is fine. */
void ks_upstream_free(ks_upstream *u);

/* Send `call`, which must live until done, as must `cx` (the answer is put into its arena). done(arg, answer)
 * runs exactly once, from the loop, never from inside this function. What is waited for and what is sent
 * again: upstream/again.c; a write without a key its vendor knows never is once bytes have left. Calls with
 * `stream`: on_head(arg, answer) comes first, with status and headers; it returns a reference to the pipe for
 * the body, which the upstream gives back at the end, or NULL to drop it; done follows at the end with the
 * outcome. */
void ks_upstream_send(ks_upstream *u, ks_ctx *cx, const ks_call *call,
                      ks_pipe *(*on_head)(void *arg, const ks_answer *a),
                      void (*done)(void *arg, ks_answer *a), void *arg);

/* The caller of the call that was sent with `arg` has left: nobody waits for its answer any more. Its `done`
 * gets KS_UP_LEFT, from the loop; no such call: nothing happens. */
void ks_upstream_leave(ks_upstream *u, const void *arg);

/* Calls under way, for the stop. */
size_t ks_upstream_busy(const ks_upstream *u);
