/* server/process.h — what the process may do and how much room it has (rules S2, D2, D11, H1). Threads:
 * start-up only. */
#pragma once
#include "base/attr.h"

/* No core dumps, no debugger (but in test builds: it blinds the leak checker), umask 077, SIGPIPE and SIGXFSZ
 * ignored. False: the system refused one of them, and the process must not hold secrets. */
KS_MUST bool ks_process_harden(void);

/* What the server is cut to. */
typedef struct ks_room {
    uint64_t descriptors;   /* RLIMIT_NOFILE after raising the soft limit to the hard one */
    uint64_t address_space; /* RLIMIT_AS in bytes; UINT64_MAX without limit */
    unsigned loops, workers;
    unsigned max_conns;  /* per loop */
    size_t   cache_rows; /* per loop */
    size_t   cache_bytes;
    bool     scarce; /* something above was cut */
} ks_room;

/* Raise the descriptor limit, size threads and caches by what there is, and tell the allocator and the thread
 * library. `loops` and `conns` as configured, 0 = choose. */
ks_room ks_process_room(unsigned loops, unsigned conns);
