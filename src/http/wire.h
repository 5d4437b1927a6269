/* http/wire.h — what stands below libmicrohttpd: the bytes of an inbound connection reach the library only as
 * whole header blocks that http/wire_scan.c has accepted, and bodies. Our executable defines recv and
 * gnutls_record_recv, which the library calls through its PLT (docs/decisions/0001). Answers nothing itself:
 * the listener asks for the verdict. Threads: a connection belongs to one loop; the table of descriptors is
 * process-wide and atomic. */
#pragma once
#include "http/wire_scan.h"

typedef struct ks_wire {
    ks_scan  scan;
    int      fd;
    bool     tls;
    bool     cut;      /* the connection is of no use any more */
    uint64_t reads;    /* times the library asked for bytes here */
    int64_t  since_us; /* monotonic: when it was opened, later when the unfinished header block began */
    char    *hold;     /* bytes kept back: [at, clear) may go, [clear, n) is not judged yet */
    size_t   at, clear, n, room;
    /* A TLS handshake that waits for the client is put on *starved, once; the listener takes it off. */
    struct ks_wire **starved, *next_starved;
    bool             is_starved;
    void            *owner;
} ks_wire;

/* Put descriptor `fd` under watch before libmicrohttpd sees it. `tls`: its bytes are judged behind GnuTLS.
 * NULL when memory is short or the number is out of range. */
KS_MUST ks_wire *ks_wire_open(int fd, bool tls, int64_t now_us);

/* Take it off; before the descriptor is closed. Wipes what was kept. NULL is fine. */
void ks_wire_close(ks_wire *w);

/* Was request number `seq` (from 1) of this connection found bad? Then libmicrohttpd got a stand-in for it,
 * and this is the answer. A request that never passed the scanner is INTERNAL: the library would have gone
 * round it. */
bool ks_wire_refused(const ks_wire *w, uint64_t seq, ks_status *status, const char **message);

/* The client was too slow with a header block: what has come is refused with TIMEOUT; nothing came: it is
 * cut. Wakes libmicrohttpd by ending the receiving side. */
void ks_wire_late(ks_wire *w);

/* Do calls of shared libraries to the two functions really arrive here? Asks the dynamic linker; the listener
 * also tries it out with libmicrohttpd. */
bool ks_wire_linked(void);
