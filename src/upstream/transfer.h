/* upstream/transfer.h — one call under way and the engine that carries it, as the files of upstream/ see
 * them. Internal to upstream/.
 *
 *   send.c     accepts and refuses calls, ends them
 *   again.c    lets calls wait and go once more; what is learned of vendors
 *   options.c  what libcurl is told about a call: the rules N3, N5, N7
 *   transfer.c libcurl's callbacks during a call: limits, pipes, search for secrets
 *   answer.c   the head of an answer
 *   engine.c   libcurl's multi handle in our loop
 *
 * Threads: the loop's own. */
#pragma once
#include "upstream/assemble.h"
#include "upstream/reuse.h"
#include "upstream/scrub.h"
#include "upstream/send.h"

typedef struct ks_transfer ks_transfer;
typedef struct ks_sock     ks_sock; /* engine.c */

/* What a transfer waits to have done to it outside libcurl's callbacks. */
enum { KS_DUE_START = 1, KS_DUE_WAKE = 2, KS_DUE_END = 4 };

struct ks_transfer {
    ks_upstream   *u;
    ks_ctx        *cx;
    const ks_call *call;
    ks_pipe *(*on_head)(void *arg, const ks_answer *a);
    void (*done)(void *arg, ks_answer *a);
    void        *arg;
    ks_transfer *next, *prev; /* all of this upstream */
    ks_transfer *next_due;    /* those with something due */
    unsigned     due;

    ks_answer  *answer; /* in the arena of cx */
    ks_project *project;
    CURL       *easy;
    bool        added; /* the easy handle is in the multi handle */
    ks_wire     wire;
    ks_scrub   *scrub;
    uint16_t    ghost_port; /* dial 127.0.0.1 there instead; 0: the vendor */

    int64_t  began_us, deadline_us; /* monotonic; deadline 0 = none */
    ks_timer wait;                  /* for the vendor, or before another attempt */
    ks_str   origin;                /* key of the gate: "PROJECT https://HOST:PORT"; absent: none */
    bool     placed;                /* stands in the gate's line of its connection */
    bool     waited;                /* after a 429 */
    bool     left;                  /* some attempt sent its request, or a part of it */
    unsigned attempts;
    unsigned starts; /* attempts that were signed */

    /* of the attempt under way */
    int64_t  attempt_us; /* monotonic: when it began */
    uint64_t short_of;   /* ks_reserve_short then */
    unsigned tries;      /* requests begun on some connection */
    bool     sent;       /* a request, or a part of one, left */
    bool     stale;      /* its vendor had left the warm connection it got: nothing was sent */
    ks_buf   head;       /* header lines of the answer, without the status line */
    size_t   head_bytes, head_lines;
    bool     headed;     /* the head is complete */
    bool     held;       /* digest: a complete head, perhaps a challenge that libcurl answers by itself */
    bool     challenged; /* digest: there was one; the next head is the answer */
    bool     denied, dialled; /* addresses our policy refused; others */
    size_t   decoded;         /* body bytes, content encoding undone */
    ks_buf  *body;            /* collected */

    ks_pipe *out;    /* streamed answer, our reference */
    ks_pipe *in;     /* streamed request, our reference */
    int      paused; /* CURLPAUSE_ bits */
    bool     over;   /* libcurl is through; only `out` is still to be filled */

    bool        failed; /* by us, in a callback: outcome and why hold */
    ks_outcome  outcome;
    const char *why;
};

#define KS_LOST_MAX                                                                                          \
    65536 /* a loop has no more requests than connections: the most that --max-connections takes */

typedef struct ks_lost {
    void (*done)(void *arg, ks_answer *a);
    void *arg;
} ks_lost;

struct ks_upstream {
    ks_loop            *loop;
    CURLM              *multi;
    bool                spoiled; /* the multi handle has run out of memory and goes */
    ks_upstream_options o;
    char               *ca_file;
    ks_gate            *own_gate; /* when none was given */
    ks_reuse           *reuse;
    ks_timer            clock; /* libcurl's; always set, so that setting it again needs no memory */
    ks_timer            tick;  /* things due, and sweeping; always set */
    ks_transfer        *first, *due_first, *due_last;
    size_t              busy, sockets;
    ks_sock           **socks; /* by descriptor: those of ks_on_open; NULL where there is none */
    size_t              socks_room;
    int64_t             swept_us;       /* monotonic */
    char                judged[64][96]; /* origins that may be called, by hash; "": free */
    ks_lost            *lost;           /* calls for which there was no memory at all, until they are told */
    size_t              lost_n;
    ks_answer           lost_answer;
};

/* ---- options.c ---- */

/* Tell t->easy everything about the call. False when memory is short. */
KS_MUST bool ks_options_set(ks_transfer *t);

/* ---- transfer.c ---- */

/* The attempt shall end with this outcome; the first reason stays. Callbacks then return what stops libcurl.
 */
void ks_transfer_fail(ks_transfer *t, ks_outcome outcome, const char *why);

/* libcurl's callbacks; see CURLOPT_..FUNCTION(3). The argument `arg` is the transfer.
 * Header lines of the answer: kept until the head is complete, within KS_UP_MAX_HEADERS and KS_UP_MAX_LINES.
 */
size_t ks_on_header(char *p, size_t size, size_t n, void *arg);
/* The head held back was no challenge but the answer. False: the transfer has failed. */
bool ks_transfer_unhold(ks_transfer *t);
/* Body bytes of the answer, content encoding undone: to the search for secrets, then collected or piped on.
 */
size_t ks_on_body(char *p, size_t size, size_t n, void *arg);
/* The next bytes of a streamed request; pauses the transfer while its pipe is empty. */
size_t ks_on_read(char *p, size_t size, size_t n, void *arg);
/* Always a failure: what was read of a stream is gone. */
int ks_on_seek(void *arg, curl_off_t at, int origin);
/* A request is about to go out on some connection: counts it, and refuses to repeat what may not be sent
 * twice. */
int ks_on_request(void *arg, char *remote, char *local, int remote_port, int local_port);
/* A socket for `address`, judged by the address rule first (N4); CURL_SOCKET_BAD when it may not be dialled.
 */
curl_socket_t ks_on_open(void *arg, curlsocktype purpose, struct curl_sockaddr *address);
/* Closes a socket of ks_on_open; its first argument is the upstream. */
int ks_on_close(void *upstream, curl_socket_t fd);

/* Put what the search for secrets still holds into the body, at the end. False: the pipe is full, come back.
 */
KS_MUST bool ks_transfer_flush(ks_transfer *t);

/* A pipe moved: go on where it had stopped, or end the transfer when a pipe is broken. */
void ks_transfer_wake(ks_transfer *t);

/* Begin listening to the request's pipe. */
void ks_transfer_watch_in(ks_transfer *t);

/* ---- answer.c ---- */

/* Does the body of the answer go on as the vendor packed it, because there is nothing to search it for? */
static inline bool ks_answer_raw(const ks_transfer *t)
{
    return t->call->stream && ks_scrub_idle(t->scrub);
}

/* Read t->head into t->answer: status, headers worth handing on, secrets replaced. False: the transfer has
 * failed. */
KS_MUST bool ks_answer_read(ks_transfer *t, int status);

/* Raw headers of t->head say how long the vendor wants no further call: seconds, 0 when it does not. */
int ks_answer_hold_s(ks_transfer *t);

/* ---- again.c ---- */

/* May the call go now? False: it waits for its turn (t->wait is set), or it has failed and its end is due. */
KS_MUST bool ks_transfer_admit(ks_transfer *t);
/* May a call be sent twice? */
bool ks_transfer_repeatable(const ks_transfer *t);
/* GET or HEAD? */
bool ks_transfer_reads(const ks_transfer *t);
/* An attempt ended with `rc`. True: the call goes once more, later. */
KS_MUST bool ks_transfer_again(ks_transfer *t, CURLcode rc);
/* The head of an answer is there: what does it say about origin and connection? */
void ks_transfer_learn(ks_transfer *t);
/* The call ends with `rc`: was it because its origin cannot be reached? */
void ks_transfer_blame(ks_transfer *t, CURLcode rc);
/* Out of the line. */
void ks_transfer_leave_line(ks_transfer *t);

/* ---- engine.c ---- */

KS_MUST bool ks_engine_init(ks_upstream *u); /* multi handle and timers; false when memory is short */
void         ks_engine_done(ks_upstream *u); /* no transfer is left */

/* Have `what` done to t outside the callbacks, soon. Never fails. */
void ks_engine_due(ks_transfer *t, unsigned what);
void ks_engine_forget(ks_transfer *t); /* nothing is due any more */

/* A socket was opened: it stays in the epoll set until ks_engine_drop, which comes before it is closed. False
 * when memory is short. */
KS_MUST bool ks_engine_keep(ks_upstream *u, int fd);
void         ks_engine_drop(ks_upstream *u, int fd);

/* Has the vendor closed the socket with this port on our side, or said anything unasked? libcurl 7.88 takes a
 * TLS connection for alive while anything can be read from it, and the farewell of its vendor (close_notify)
 * can: a write sent there is lost, and must not be repeated. False, too, when there is no such socket. */
bool ks_engine_left(ks_upstream *u, int local_port);

/* Hand t->easy to libcurl; its requests go out from the loop. False when it cannot be. */
KS_MUST bool ks_engine_add(ks_transfer *t);
void         ks_engine_remove(ks_transfer *t); /* not added: nothing happens */

/* ---- send.c, called by the engine ---- */

/* The transfer may begin: give it to libcurl, or end it with what stands against it. */
void ks_transfer_start(ks_transfer *t);
/* libcurl is through with it and says `rc`: decides the outcome, or tries once more. */
void ks_transfer_over(ks_transfer *t, CURLcode rc);
/* Give the answer to `done` and free the transfer; the last thing that happens to it. */
void ks_transfer_end(ks_transfer *t);
