/* upstream/engine.c — libcurl's multi handle in our loop: its sockets are watched, its timer is ours, and
 * what callbacks may not do themselves is done here afterwards. Knows nothing of what is sent. Source:
 * curl_multi_socket_action(3). Threads: the loop's own. */
#include <netinet/in.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include "base/alloc.h"
#include "base/time.h"
#include "upstream/transfer.h"

#define SWEEP_MS 10000
#define IDLE_US  INT64_C(60000000) /* warm connections of a quiet project are closed after this */
#define FAR_MS   3600000           /* "no timer" of libcurl: ours stays set, so setting it cannot fail */

/* A descriptor that libcurl waits for. Sockets of ks_on_open are in u->socks and stay in the epoll set
 * between the calls that use them; others (the resolver's) come and go with each wish of libcurl's. */
struct ks_sock {
    ks_upstream *u;
    int          fd;
    ks_watch    *watch;  /* NULL: not in the epoll set */
    uint32_t     events; /* that it is watched for */
    bool         kept;
    bool         idle; /* kept, and no call waits for it */
    uint16_t     port; /* of this side; 0: not asked for yet */
};

/* ---- what libcurl has finished ---- */

static void collect(ks_upstream *u)
{
    CURLMsg *m;
    int      left;
    while (u->multi != NULL && (m = curl_multi_info_read(u->multi, &left)) != NULL) {
        ks_transfer *t = NULL;
        CURLcode     rc = m->data.result;
        if (m->msg == CURLMSG_DONE &&
            curl_easy_getinfo(m->easy_handle, CURLINFO_PRIVATE, (char **)&t) == CURLE_OK)
            ks_transfer_over(t, rc);
    }
}

/* Let libcurl work on a socket, or on what its clock says. When its own tables find no memory it forgets the
 * socket of some transfer without saying which, and keeps an entry by whose size, 0, it divides when the
 * number of that descriptor comes again (7.88; found by tests/oom). So all that runs is given up, and the
 * multi handle with it. */
static void act(ks_upstream *u, curl_socket_t fd, int what)
{
    int running;
    if (u->multi == NULL)
        return;
    if (curl_multi_socket_action(u->multi, fd, what, &running) == CURLM_OUT_OF_MEMORY) {
        u->spoiled = true;
        for (ks_transfer *t = u->first; t != NULL; t = t->next) {
            if (!t->added)
                continue;
            ks_transfer_fail(t, KS_UP_BUSY, "memory is short; try again in a moment");
            ks_engine_due(t, KS_DUE_WAKE);
        }
        (void)!ks_timer_set(u->loop, &u->tick, 0);
    }
    collect(u);
}

/* Put a spoiled multi handle away once nothing runs in it; the next call makes a new one. */
static void renew(ks_upstream *u)
{
    for (const ks_transfer *t = u->first; t != NULL; t = t->next) {
        if (t->added)
            return;
    }
    curl_multi_cleanup(u->multi);
    u->multi = NULL;
    u->spoiled = false;
}

static void on_event(void *arg, uint32_t events)
{
    ks_sock *s = arg;
    int      what = 0;
    if (s->idle) { /* the vendor closes it: libcurl finds that out when it wants it again */
        ks_watch_del(s->watch);
        s->watch = NULL;
        return;
    }
    if (events & (EPOLLIN | EPOLLHUP | EPOLLRDHUP))
        what |= CURL_CSELECT_IN;
    if (events & EPOLLOUT)
        what |= CURL_CSELECT_OUT;
    if (events & EPOLLERR)
        what |= CURL_CSELECT_ERR;
    act(s->u, s->fd, what);
}

static void on_clock(void *arg)
{
    ks_upstream *u = arg;
    (void)!ks_timer_set(u->loop, &u->clock, FAR_MS);
    act(u, CURL_SOCKET_TIMEOUT, 0);
}

static int on_timer(CURLM *multi, long ms, void *arg)
{
    ks_upstream *u = arg;
    (void)multi;
    (void)!ks_timer_set(u->loop, &u->clock, ms < 0 ? FAR_MS : ms);
    return 0;
}

/* The kept socket with this number, or NULL. */
static ks_sock *kept_sock(const ks_upstream *u, int fd)
{
    return fd >= 0 && (size_t)fd < u->socks_room ? u->socks[fd] : NULL;
}

bool ks_engine_keep(ks_upstream *u, int fd)
{
    size_t   room = u->socks_room ? u->socks_room : 64;
    ks_sock *s = ks_malloc(sizeof *s);
    while (room <= (size_t)fd)
        room *= 2;
    if (s != NULL && room > u->socks_room) {
        ks_sock **fresh = ks_realloc(u->socks, room * sizeof(ks_sock *));
        if (fresh != NULL) {
            memset(fresh + u->socks_room, 0, (room - u->socks_room) * sizeof(ks_sock *));
            u->socks = fresh;
            u->socks_room = room;
        }
    }
    if (s == NULL || room > u->socks_room) {
        ks_free(s);
        return false;
    }
    *s = (ks_sock){.u = u, .fd = fd, .kept = true, .idle = true};
    u->socks[fd] = s;
    return true;
}

void ks_engine_drop(ks_upstream *u, int fd)
{
    ks_sock *s = kept_sock(u, fd);
    if (s == NULL)
        return;
    u->socks[fd] = NULL;
    ks_watch_del(s->watch);
    ks_free(s);
}

/* 0 when it has none yet, or is no internet socket. */
static uint16_t port_of(int fd)
{
    union {
        struct sockaddr     any;
        struct sockaddr_in  in;
        struct sockaddr_in6 in6;
    } a;
    socklen_t n = sizeof a;
    if (getsockname(fd, &a.any, &n) != 0)
        return 0;
    return a.any.sa_family == AF_INET    ? ntohs(a.in.sin_port)
           : a.any.sa_family == AF_INET6 ? ntohs(a.in6.sin6_port)
                                         : 0;
}

/* libcurl tells the port of the connection it has chosen, not the descriptor. */
bool ks_engine_left(ks_upstream *u, int local_port)
{
    for (size_t i = 0; i < u->socks_room && local_port > 0; i++) {
        ks_sock *s = u->socks[i];
        if (s == NULL)
            continue;
        if (s->port == 0)
            s->port = port_of(s->fd);
        struct pollfd p = {s->fd, POLLIN | POLLRDHUP, 0};
        if (s->port == local_port && poll(&p, 1, 0) > 0)
            return true;
    }
    return false;
}

/* In the epoll set for these events. */
static bool watch(ks_sock *s, uint32_t events)
{
    if (s->watch == NULL)
        s->watch = ks_watch_add(s->u->loop, s->fd, events, on_event, s);
    else if (s->events != events)
        ks_watch_set(s->watch, events);
    s->events = events;
    s->idle = false;
    return s->watch != NULL;
}

/* A descriptor that libcurl opened by itself, remembered with its entry there. */
static ks_sock *own_sock(ks_upstream *u, int fd)
{
    ks_sock *s = ks_malloc(sizeof *s);
    if (s == NULL)
        return NULL;
    *s = (ks_sock){.u = u, .fd = fd};
    if (curl_multi_assign(u->multi, fd, s) == CURLM_OK)
        return s;
    ks_free(s);
    return NULL;
}

static void unwatch(ks_upstream *u, ks_sock *s)
{
    if (s->kept) {
        s->idle = true;
        return;
    }
    ks_watch_del(s->watch);
    curl_multi_assign(u->multi, s->fd, NULL);
    ks_free(s);
}

/* Never tells libcurl that watching failed: it would give up all transfers for ever. */
static int on_socket(CURL *e, curl_socket_t fd, int what, void *arg, void *known)
{
    ks_upstream *u = arg;
    ks_transfer *t = NULL;
    ks_sock     *s = kept_sock(u, fd);
    uint32_t     events = (what & CURL_POLL_IN ? EPOLLIN : 0u) | (what & CURL_POLL_OUT ? EPOLLOUT : 0u);
    if (s == NULL)
        s = known;
    if (what == CURL_POLL_REMOVE) {
        if (s != NULL)
            unwatch(u, s);
        return 0;
    }
    if (s == NULL)
        s = own_sock(u, fd);
    if (s != NULL && watch(s, events))
        return 0;
    if (curl_easy_getinfo(e, CURLINFO_PRIVATE, (char **)&t) == CURLE_OK && t != NULL) {
        ks_transfer_fail(t, KS_UP_BUSY, "no room to watch another connection; try again in a moment");
        ks_engine_due(t, KS_DUE_WAKE);
    }
    return 0;
}

/* ---- what is due ---- */

void ks_engine_due(ks_transfer *t, unsigned what)
{
    ks_upstream *u = t->u;
    if (t->due == 0) {
        t->next_due = NULL;
        if (u->due_last != NULL)
            u->due_last->next_due = t;
        else
            u->due_first = t;
        u->due_last = t;
    }
    t->due |= what;
    (void)!ks_timer_set(u->loop, &u->tick, 0); /* is set already: needs no memory */
}

/* Take t out of the list. */
static unsigned take_due(ks_transfer *t)
{
    ks_upstream  *u = t->u;
    unsigned      due = t->due;
    ks_transfer  *before = NULL;
    ks_transfer **at = &u->due_first;
    if (due == 0)
        return 0;
    while (*at != t) {
        before = *at;
        at = &(*at)->next_due;
    }
    *at = t->next_due;
    if (u->due_last == t)
        u->due_last = before;
    t->due = 0;
    return due;
}

void ks_engine_forget(ks_transfer *t)
{
    (void)take_due(t);
}

/* Tell those for whom there was no memory. */
static void tell_lost(ks_upstream *u)
{
    while (u->lost_n > 0) {
        u->lost_n--;
        u->lost_answer = (ks_answer){.outcome = KS_UP_BUSY, .why = "memory is short; try again in a moment"};
        u->lost[u->lost_n].done(u->lost[u->lost_n].arg, &u->lost_answer);
    }
}

static void run_due(ks_transfer *t)
{
    unsigned due = take_due(t);
    if (due & KS_DUE_END)
        ks_transfer_end(t);
    else if (due & KS_DUE_START)
        ks_transfer_start(t);
    else if (due & KS_DUE_WAKE)
        ks_transfer_wake(t);
}

static void sweep(ks_upstream *u)
{
    int64_t now_us = ks_mono_us();
    if (now_us - u->swept_us < SWEEP_MS * INT64_C(1000))
        return;
    u->swept_us = now_us;
    ks_reuse_sweep(u->reuse, now_us, IDLE_US);
}

static void on_tick(void *arg)
{
    ks_upstream *u = arg;
    size_t       rounds = 0;
    (void)!ks_timer_set(u->loop, &u->tick, SWEEP_MS);
    for (const ks_transfer *t = u->due_first; t != NULL; t = t->next_due)
        rounds++; /* what becomes due meanwhile waits for the next turn */
    bool any = rounds > 0;
    while (rounds-- > 0 && u->due_first != NULL)
        run_due(u->due_first);
    tell_lost(u);
    if (u->spoiled)
        renew(u);
    if (any) /* requests leave now, not one turn later */
        act(u, CURL_SOCKET_TIMEOUT, 0);
    sweep(u);
    if (u->due_first != NULL || u->lost_n > 0)
        (void)!ks_timer_set(u->loop, &u->tick, 0);
}

/* ---- life ---- */

static bool make_multi(ks_upstream *u)
{
    CURLM *m = curl_multi_init();
    if (m == NULL)
        return false;
    if (curl_multi_setopt(m, CURLMOPT_SOCKETFUNCTION, on_socket) == CURLM_OK &&
        curl_multi_setopt(m, CURLMOPT_SOCKETDATA, u) == CURLM_OK &&
        curl_multi_setopt(m, CURLMOPT_TIMERFUNCTION, on_timer) == CURLM_OK &&
        curl_multi_setopt(m, CURLMOPT_TIMERDATA, u) == CURLM_OK &&
        curl_multi_setopt(m, CURLMOPT_PIPELINING, CURLPIPE_NOTHING) == CURLM_OK &&
        curl_multi_setopt(m, CURLMOPT_MAXCONNECTS, (long)u->o.per_loop) == CURLM_OK) {
        u->multi = m;
        return true;
    }
    curl_multi_cleanup(m);
    return false;
}

bool ks_engine_init(ks_upstream *u)
{
    u->clock = (ks_timer){.fn = on_clock, .arg = u};
    u->tick = (ks_timer){.fn = on_tick, .arg = u};
    u->reuse = ks_reuse_new(u->o.per_loop);
    return u->reuse != NULL && ks_timer_set(u->loop, &u->clock, FAR_MS) &&
           ks_timer_set(u->loop, &u->tick, SWEEP_MS) && make_multi(u);
}

void ks_engine_done(ks_upstream *u)
{
    ks_reuse_free(u->reuse);
    if (u->multi != NULL)
        curl_multi_cleanup(u->multi);
    ks_free(u->socks);                  /* all are closed */
    ks_timer_clear(u->loop, &u->clock); /* last: libcurl sets it while it cleans up */
    ks_timer_clear(u->loop, &u->tick);
}

bool ks_engine_add(ks_transfer *t)
{
    ks_upstream *u = t->u;
    t->added = !u->spoiled && (u->multi != NULL || make_multi(u)) &&
               curl_multi_add_handle(u->multi, t->easy) == CURLM_OK;
    if (!t->added && u->multi != NULL)
        curl_multi_remove_handle(u->multi, t->easy); /* it may be in halfway */
    return t->added;
}

void ks_engine_remove(ks_transfer *t)
{
    size_t most = t->u->o.per_loop + t->u->o.per_loop / 2; /* sockets: those in use, and some that are warm */
    if (!t->added)
        return;
    curl_multi_remove_handle(t->u->multi, t->easy);
    t->added = false;
    while (t->u->sockets > most && ks_reuse_evict(t->u->reuse))
        continue;
}
