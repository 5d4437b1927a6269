/* server/process.c — see process.h. */
#include "server/process.h"

#include <malloc.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "base/limits.h"

#ifdef KS_TEST_BUILD
#define THREAD_STACK (2 * 1024 * 1024) /* sanitizers keep their own tables there */
#else
#define THREAD_STACK (256 * 1024) /* bytes; inbound and outbound TLS, SQLite and the resolver fit */
#endif
#define ROOMY_ADDRESSES   ((uint64_t)1 << 30)
#define ROOMY_DESCRIPTORS 256
#define CONN_ADDRESSES    (256 * 1024) /* bytes a connection may take, its buffers and a request under way */
#define FIXED_DESCRIPTORS 28 /* of one loop and one worker: standard streams, store, sockets, epoll */
#define LOOP_DESCRIPTORS  8  /* of every further loop */

bool ks_process_harden(void)
{
    struct rlimit none = {0, 0};
    bool          ok = setrlimit(RLIMIT_CORE, &none) == 0;
#ifndef KS_TEST_BUILD
    ok = prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == 0 && ok;
#endif
    umask(077);
    ok = signal(SIGPIPE, SIG_IGN) != SIG_ERR && ok;
    return signal(SIGXFSZ, SIG_IGN) != SIG_ERR && ok;
}

static uint64_t raise_descriptors(void)
{
    struct rlimit r;
    if (getrlimit(RLIMIT_NOFILE, &r) != 0)
        return ROOMY_DESCRIPTORS;
    if (r.rlim_cur < r.rlim_max) {
        struct rlimit all = {r.rlim_max, r.rlim_max};
        if (setrlimit(RLIMIT_NOFILE, &all) == 0)
            return all.rlim_cur;
    }
    return r.rlim_cur;
}

static uint64_t address_space(void)
{
    struct rlimit r;
    if (getrlimit(RLIMIT_AS, &r) != 0 || r.rlim_cur == RLIM_INFINITY)
        return UINT64_MAX;
    return r.rlim_cur;
}

static unsigned cores(void)
{
    cpu_set_t set;
    int       n = sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : 1;
    return n > 0 ? (unsigned)n : 1;
}

/* Threads that libraries start (the resolver's) take the default, too: 8 MB each would not fit. */
static void small_stacks(void)
{
    pthread_attr_t a;
    if (pthread_attr_init(&a) != 0)
        return;
    if (pthread_attr_setstacksize(&a, THREAD_STACK) == 0)
        pthread_setattr_default_np(&a); /* when refused: the default stays, which is larger */
    pthread_attr_destroy(&a);
}

/* Client connections for which there are descriptors, with a quarter left for calls to vendors, and
 * addresses. */
static unsigned conns_for(const ks_room *r, unsigned wanted)
{
    uint64_t fixed = FIXED_DESCRIPTORS + (uint64_t)LOOP_DESCRIPTORS * (r->loops - 1) + 2U * r->workers;
    uint64_t spare = r->descriptors > fixed ? r->descriptors - fixed : 0;
    uint64_t fit = spare / 4 * 3 / r->loops;
    uint64_t most = wanted ? wanted : KS_MAX_CONNS;
    if (r->address_space / CONN_ADDRESSES < fit)
        fit = r->address_space / CONN_ADDRESSES;
    if (fit < 4)
        fit = 4;
    return (unsigned)(fit < most ? fit : most);
}

ks_room ks_process_room(unsigned loops, unsigned conns)
{
    ks_room r = {.descriptors = raise_descriptors(), .address_space = address_space()};
    r.scarce = r.descriptors < ROOMY_DESCRIPTORS || r.address_space < ROOMY_ADDRESSES;
    r.loops = r.scarce ? 1 : loops ? loops : cores();
    r.workers = r.scarce ? 1 : KS_WORKERS / 2;
    r.max_conns = conns_for(&r, conns);
    r.cache_rows = r.scarce ? 256 : 8192;
    r.cache_bytes = r.scarce ? 512 * 1024 : 16 * 1024 * 1024;
    mallopt(M_ARENA_MAX, r.scarce ? 1 : (int)r.loops + 1); /* each reserves 64 MB of addresses */
    /* A whole list of the catalogue, unpacked, has megabytes: such blocks go back when they are freed. */
    mallopt(M_MMAP_THRESHOLD, 256 * 1024);
    small_stacks();
    return r;
}
