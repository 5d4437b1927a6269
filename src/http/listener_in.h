/* http/listener_in.h — what listener.c (sockets, deadlines), serve.c (requests) and serve_answer.c share.
 * Nothing else includes it. Threads: the loop's. */
#pragma once
#include <microhttpd.h>
#include <netinet/in.h>

#include "http/listener.h"
#include "http/peers.h"
#include "http/wire.h"

typedef struct conn    conn;
typedef struct request request;

/* One connection, from accept to close. */
struct conn {
    ks_listener           *l;
    conn                  *next, *prev;
    struct MHD_Connection *mhd;
    ks_wire               *wire;
    request               *now;       /* the request libmicrohttpd is busy with, or NULL */
    uint64_t               seq;       /* requests it has begun */
    int64_t                opened_us; /* monotonic */
    ks_peer               *counted;   /* under this address, or NULL */
    ks_watch              *shake;     /* its handshake waits for the client, and libmicrohttpd for us */
    ks_watch              *leaving;   /* tells when its client goes; kept from one request to the next */
    bool                   linger;    /* closed with an answer the client may still have to read */
    char                   peer[INET6_ADDRSTRLEN];
};

typedef enum park {
    PARK_NO,
    PARK_ANSWER,
    PARK_SPACE,
    PARK_DATA
} park; /* what a suspended request waits for */

/* One request, from its request line to the moment nothing refers to its exchange any more. */
struct request {
    ks_exchange  x;
    ks_listener *l; /* NULL: the listener is gone */
    conn        *c; /* NULL: the client is gone */
    request     *next, *prev;
    ks_arena    *arena;
    ks_buf       body;
    ks_req_pair *pairs; /* headers, in the arena */
    size_t       pairs_room;
    ks_pipe     *upload, *download;
    park         parked;
    int64_t      sent, since_us; /* bytes of the answer; when the client last had to send something */
    bool         begun, running, ready, queued, close, short_of_memory;
    bool         watched; /* parked, and to be told when its client goes */
};

struct ks_listener {
    ks_listener_options o;
    struct MHD_Daemon  *daemon;
    ks_watch           *mhd_watch, *accept_watch;
    ks_timer            sweep;
    ks_peers           *peers;
    conn               *conns;
    conn               *adopting; /* handed to libmicrohttpd, not announced back yet */
    ks_wire            *starved;  /* handshakes that wait for their clients */
    request            *requests, *idle;
    struct drain       *lingering; /* linger.c */
    size_t              conns_n, busy, idle_n, lingering_n;
    int                 spare; /* a descriptor to give up when there are no others */
    bool                accepting, quiesced, run;
    int64_t             due_us; /* when libmicrohttpd wants to run next; 0: not said */
};

/* Callbacks of libmicrohttpd (serve.c). */
void *ks_serve_target(void *cls, const char *uri, struct MHD_Connection *mhd);
/* MHD_AccessHandlerCallback: called at the end of the headers, for each piece of body, and at its end. */
enum MHD_Result ks_serve_request(void *cls, struct MHD_Connection *mhd, const char *url, const char *method,
                                 const char *version, const char *data, size_t *size, void **req);
/* MHD_RequestCompletedCallback: the answer has left, or the client has. */
void ks_serve_completed(void *cls, struct MHD_Connection *mhd, void **req,
                        enum MHD_RequestTerminationCode why);

/* The client is gone or the listener ends: the request goes on without them. */
void ks_serve_forget(request *r);
/* Suspend a request until ks_serve_resume; `what` it waits for. */
void ks_serve_park(request *r, park what);
/* Let libmicrohttpd go on with a request that was suspended (r->parked). */
void ks_serve_resume(request *r);
/* Hand the answer of its exchange to libmicrohttpd (serve_answer.c). MHD_NO: it cannot be, cut the
 * connection. */
enum MHD_Result ks_serve_answer(request *r);
/* Free one from the idle list. */
void ks_serve_free(request *r);

/* Keep reading what a client sends after a refusal, so that it can read the answer (linger.c). */
void ks_linger_add(ks_listener *l, int fd, int64_t now_us);
void ks_linger_sweep(ks_listener *l, int64_t now_us); /* ends those that are over time; INT64_MAX: all */
