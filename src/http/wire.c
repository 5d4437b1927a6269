/* http/wire.c — see wire.h. Rules that keep libmicrohttpd's edge-triggered epoll alive: a short count or
 * EAGAIN makes it forget that the socket is readable, so neither is returned while bytes are left that may be
 * passed on, or while the kernel may have more. Nothing is copied when a header block comes in one piece.
 * Does not parse (wire_scan.c). RFC 9112. Threads: recv from any; a connection from its loop only. */
#include "http/wire.h"

#include <dlfcn.h>
#include <errno.h>
#include <gnutls/gnutls.h>
#include <stdatomic.h>
#include <sys/socket.h>

#include "base/alloc.h"
#include "base/time.h"
#include "http/route.h"

#define PAGE      1024 /* descriptors in one page of the table */
#define PAGES     1024
#define HOLD      (4 * 1024)    /* first size of the kept bytes; grows up to a header block and one read */
#define ERROR_CUT (-0x7fffffff) /* no errno and no code of GnuTLS */

/* The two names libmicrohttpd calls. Given as labels, so that the C library's own declarations (and its
 * checking variants) stay out of the way. */
#define EXPORTED __attribute__((visibility("default")))
EXPORTED ssize_t ks_wire_recv(int fd, void *to, size_t room, int flags) __asm__("recv");
EXPORTED ssize_t ks_wire_record_recv(gnutls_session_t session, void *to,
                                     size_t room) __asm__("gnutls_record_recv");

typedef _Atomic(ks_wire *) slot;
typedef ssize_t (*record_recv)(gnutls_session_t session, void *to, size_t room);

/* Process-wide by nature: descriptors are. Pages are never given back. */
static _Atomic(slot *)      table[PAGES];
static _Atomic(record_recv) real_record_recv;

static slot *slot_of(int fd)
{
    if (fd < 0 || fd >= PAGE * PAGES)
        return NULL;
    slot *page = atomic_load_explicit(&table[fd / PAGE], memory_order_acquire);
    return page != NULL ? &page[fd % PAGE] : NULL;
}

static ks_wire *wire_of(int fd)
{
    const slot *s = slot_of(fd);
    return s != NULL ? atomic_load_explicit(s, memory_order_acquire) : NULL;
}

static slot *slot_made(int fd)
{
    if (fd < 0 || fd >= PAGE * PAGES)
        return NULL;
    if (slot_of(fd) == NULL) {
        slot *fresh = ks_calloc(PAGE, sizeof *fresh), *none = NULL;
        if (fresh != NULL && !atomic_compare_exchange_strong(&table[fd / PAGE], &none, fresh))
            ks_free(fresh);
    }
    return slot_of(fd);
}

/* dlsym gives an object pointer; ISO C wants the detour for functions. */
static record_recv next_record_recv(void)
{
    record_recv fn = atomic_load(&real_record_recv);
    if (fn == NULL) {
        void *p = dlsym(RTLD_NEXT, "gnutls_record_recv");
        memcpy(&fn, &p, sizeof fn);
        atomic_store(&real_record_recv, fn);
    }
    return fn;
}

ks_wire *ks_wire_open(int fd, bool tls, int64_t now_us)
{
    slot    *s = slot_made(fd);
    ks_wire *w = s != NULL ? ks_calloc(1, sizeof *w) : NULL;
    if (w == NULL)
        return NULL;
    w->fd = fd;
    w->tls = tls;
    w->since_us = now_us;
    atomic_store_explicit(s, w, memory_order_release);
    return w;
}

void ks_wire_close(ks_wire *w)
{
    if (w == NULL)
        return;
    for (ks_wire **at = w->starved; w->is_starved && at != NULL && *at != NULL; at = &(*at)->next_starved) {
        if (*at == w) {
            *at = w->next_starved;
            break;
        }
    }
    slot    *s = slot_of(w->fd);
    ks_wire *mine = w; /* the number may be another connection's already, if the library closed it */
    if (s != NULL)
        atomic_compare_exchange_strong(s, &mine, NULL);
    ks_free(w->hold);
    ks_free(w);
}

/* ---- kept bytes ---- */

static bool grow(ks_wire *w, size_t room)
{
    if (room <= w->room)
        return true;
    room = room < HOLD ? HOLD : room;
    char *p = ks_realloc(w->hold, room);
    if (p == NULL)
        return false;
    w->hold = p;
    w->room = room;
    return true;
}

static bool keep(ks_wire *w, const char *p, size_t n)
{
    if (!grow(w, w->n + n))
        return false;
    memcpy(w->hold + w->n, p, n);
    w->n += n;
    return true;
}

/* Pass on kept bytes that are judged; forget the memory when nothing is left. */
static size_t give(ks_wire *w, char *to, size_t room)
{
    size_t n = w->clear - w->at < room ? w->clear - w->at : room;
    if (n > 0)
        memcpy(to, w->hold + w->at, n);
    w->at += n;
    if (w->at == w->n && w->hold != NULL) {
        ks_free(w->hold);
        w->hold = NULL;
        w->at = w->clear = w->n = w->room = 0;
    }
    return n;
}

/* Which version of the API the bad request was for: its client reads errors of that shape alone. */
static ks_view view_of(ks_str head)
{
    head = ks_str_trim(ks_str_sub(head, 0, KS_MAX_TARGET_BYTES), "\r\n");
    ks_str target = ks_str_sub(head, ks_str_chr(head, ' '), SIZE_MAX);
    target = ks_str_sub(target, 1, SIZE_MAX);
    for (size_t i = 0; i < target.n; i++) /* to its end, or to what is no part of a target */
        if ((unsigned char)target.p[i] <= ' ')
            target.n = i;
    return ks_path_view(ks_path_strip(target));
}

#define STAND_IN(path) "GET " path "/-/refused HTTP/1.1\r\nHost: refused\r\nConnection: close\r\n\r\n"

/* The request that is bad, whose bytes so far are `head`: they go, and libmicrohttpd gets this for it, so
 * that the listener can answer. */
static bool stand_in(ks_wire *w, ks_str head)
{
    ks_view     view = view_of(head);
    const char *request = view == KS_VIEW_V1   ? STAND_IN("/v1")
                          : view == KS_VIEW_V3 ? STAND_IN("/v3")
                                               : STAND_IN("");
    w->n = w->clear;
    bool kept = keep(w, request, strlen(request));
    w->clear = w->n;
    return kept;
}

/* What is kept back of a header block. */
static ks_str unjudged(const ks_wire *w)
{
    return (ks_str){w->hold + w->clear, w->n - w->clear};
}

/* After a feed: what to do about a verdict. False: cut the connection. */
static bool judged(ks_wire *w, ks_str head)
{
    if (w->scan.status == KS_OK)
        return true;
    return ks_scan_where(&w->scan) == KS_SCAN_HEAD && stand_in(w, head);
}

/* ---- reading ---- */

typedef struct source {
    gnutls_session_t session; /* NULL: the plain socket */
    int              flags;
} source;

static ssize_t pull(const ks_wire *w, const source *s, void *to, size_t room)
{
    if (s->session != NULL) {
        record_recv fn = next_record_recv();
        return fn != NULL ? fn(s->session, to, room) : GNUTLS_E_INTERNAL_ERROR;
    }
    return recvfrom(w->fd, to, room, s->flags, NULL, NULL);
}

/* Nothing is kept: read straight into the library's buffer. *passed: what of it may stay there. */
static ssize_t read_in_place(ks_wire *w, const source *s, char *to, size_t room, size_t *passed)
{
    ssize_t r = pull(w, s, to, room);
    if (r <= 0)
        return r;
    size_t n = (size_t)r, safe = ks_scan_feed(&w->scan, (ks_str){to, n});
    *passed += safe;
    if (safe == n && w->scan.status == KS_OK)
        return r;
    if (w->scan.status == KS_OK) { /* the beginning of a header block */
        w->since_us = ks_mono_us();
        return keep(w, to + safe, n - safe) ? r : ERROR_CUT;
    }
    return judged(w, (ks_str){to + safe, n - safe}) ? r : ERROR_CUT;
}

/* An unfinished header block is kept: read behind it. */
static ssize_t read_behind(ks_wire *w, const source *s, size_t *asked)
{
    uint64_t heads = w->scan.heads;
    if (w->at > 0) { /* all before is given: move the rest to the front */
        memmove(w->hold, w->hold + w->at, w->n - w->at);
        w->n -= w->at;
        w->at = w->clear = 0;
    }
    if (!grow(w, w->n + HOLD))
        return ERROR_CUT;
    *asked = w->room - w->n;
    ssize_t r = pull(w, s, w->hold + w->n, *asked);
    if (r <= 0)
        return r;
    size_t safe = ks_scan_feed(&w->scan, (ks_str){w->hold + w->n, (size_t)r});
    if (safe > 0)
        w->clear = w->n + safe;
    w->n += (size_t)r;
    if (w->scan.heads != heads)
        w->since_us = ks_mono_us();
    return judged(w, unjudged(w)) ? r : ERROR_CUT;
}

/* What the library is told when there is nothing (more) to give. */
static ssize_t nothing(const source *s, ssize_t r)
{
    if (r == ERROR_CUT) {
        errno = ECONNRESET;
        return s->session != NULL ? GNUTLS_E_INVALID_SESSION : -1;
    }
    return r;
}

static ssize_t again(const source *s)
{
    errno = EAGAIN;
    return s->session != NULL ? GNUTLS_E_AGAIN : -1;
}

static ssize_t read_judged(ks_wire *w, const source *s, char *to, size_t room)
{
    size_t  out = 0, asked = 0;
    ssize_t r = 1;
    w->reads++;
    while (!w->cut) {
        out += give(w, to + out, room - out);
        if (out == room || w->scan.status != KS_OK || (out > 0 && (size_t)r < asked))
            return out > 0 ? (ssize_t)out : again(s);
        asked = room - out;
        r = w->hold == NULL ? read_in_place(w, s, to + out, asked, &out) : read_behind(w, s, &asked);
        if (r <= 0)
            break;
    }
    if (r == ERROR_CUT && !w->cut) {
        w->cut = true;
        shutdown(w->fd,
                 SHUT_RD); /* makes the library ask again after what it gets now, and hear of it then */
    }
    return out > 0 ? (ssize_t)out : nothing(s, w->cut ? ERROR_CUT : r);
}

/* GnuTLS reads its records through recv too; they pass. libmicrohttpd spins in a handshake that waits for the
 * client: note that it does. */
static ssize_t read_records(ks_wire *w, void *to, size_t room, int flags)
{
    ssize_t r = recvfrom(w->fd, to, room, flags, NULL, NULL);
    if (r < 0 && errno == EAGAIN && w->reads == 0 && w->starved != NULL && !w->is_starved) {
        w->is_starved = true;
        w->next_starved = *w->starved;
        *w->starved = w;
    }
    return r;
}

ssize_t ks_wire_recv(int fd, void *to, size_t room, int flags)
{
    ks_wire *w = wire_of(fd);
    if (w == NULL || (flags & MSG_PEEK))
        return recvfrom(fd, to, room, flags, NULL, NULL);
    if (w->tls)
        return read_records(w, to, room, flags);
    return read_judged(w, &(source){NULL, flags}, to, room);
}

ssize_t ks_wire_record_recv(gnutls_session_t session, void *to, size_t room)
{
    ks_wire    *w = wire_of(gnutls_transport_get_int(session));
    record_recv fn = next_record_recv();
    if (w == NULL || !w->tls)
        return fn != NULL ? fn(session, to, room) : GNUTLS_E_INTERNAL_ERROR;
    return read_judged(w, &(source){session, 0}, to, room);
}

/* ---- for the listener ---- */

bool ks_wire_refused(const ks_wire *w, uint64_t seq, ks_status *status, const char **message)
{
    if (seq <= w->scan.heads)
        return false;
    *status = w->scan.status != KS_OK ? w->scan.status : KS_INTERNAL;
    *message = w->scan.status != KS_OK ? w->scan.message : "The request could not be checked.";
    return true;
}

void ks_wire_late(ks_wire *w)
{
    bool begun = ks_scan_where(&w->scan) == KS_SCAN_HEAD && w->scan.status == KS_OK;
    if (begun) {
        w->scan.status = KS_TIMEOUT;
        w->scan.message = "The header lines did not come in time.";
    }
    if (begun && stand_in(w, unjudged(w))) {
        shutdown(w->fd, SHUT_RD);
    } else {
        w->cut = true;
        shutdown(w->fd, SHUT_RDWR);
    }
}

bool ks_wire_linked(void)
{
    ssize_t (*plain)(int, void *, size_t, int) = ks_wire_recv;
    record_recv tls = ks_wire_record_recv;
    void       *p = dlsym(RTLD_DEFAULT, "recv"), *t = dlsym(RTLD_DEFAULT, "gnutls_record_recv");
    return memcmp(&p, &plain, sizeof p) == 0 && memcmp(&t, &tls, sizeof t) == 0 && next_record_recv() != NULL;
}
