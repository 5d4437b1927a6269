/* upstream/db_dial.c — what all drivers share on the way to a server: addresses with the address policy (rule
 * N4), waiting with a deadline and a way out, certificates as files in memory. Speaks no protocol. Source:
 * poll(2), memfd_create(2). Threads: any. */
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/time.h"
#include "upstream/db_name.h"

bool ks_db_fail(ks_db_error *e, ks_db_step step, const char *why, const char *code)
{
    e->step = step;
    e->why = why;
    e->code[0] = '\0';
    if (code != NULL)
        snprintf(e->code, sizeof e->code, "%s", code);
    return false;
}

int ks_db_left_ms(const ks_db_limit *l)
{
    int64_t ms = (l->deadline_us - ks_mono_us() + 999) / 1000;
    return ms < 1 ? 1 : ms > INT32_MAX ? INT32_MAX : (int)ms;
}

bool ks_db_wait(const ks_db_limit *l, int fd, short events, const char *late, ks_db_error *e)
{
    struct pollfd p[2] = {{.fd = fd, .events = events}, {.fd = l->stop_fd, .events = POLLIN}};
    for (;;) {
        bool over = ks_mono_us() >= l->deadline_us;
        int  n = poll(p, 2, over ? 0 : ks_db_left_ms(l));
        if (n < 0 && errno != EINTR)
            return ks_db_fail(e, KS_DB_BROKEN, "waiting for the server failed", NULL);
        if (n > 0 && p[1].revents != 0)
            return ks_db_fail(e, KS_DB_STOPPED, "the caller left", "stopped");
        if (n > 0 && p[0].revents != 0)
            return true;
        if (over)
            return ks_db_fail(e, KS_DB_TIMEOUT, late, "timeout");
    }
}

/* ---- addresses ---- */

/* Plain text goes to places only that the operator named; so does everything when vendors are played. */
static bool may_dial(const ks_db_options *o, const ks_db_target *t, const struct sockaddr *sa)
{
    if (o->listed_only || t->tls == KS_DB_TLS_OFF)
        return ks_address_listed(o->exceptions, sa);
    return ks_address_ok(o->exceptions, sa);
}

static bool none_left(const ks_db_options *o, const ks_db_target *t, bool public, ks_db_error *e)
{
    if (o->listed_only)
        return ks_db_fail(e, KS_DB_TCP,
                          "with --ghost only databases are dialled whose addresses the operator listed",
                          "ghost");
    if (t->tls == KS_DB_TLS_OFF && public)
        return ks_db_fail(e, KS_DB_REFUSED, "without TLS only addresses are dialled that the operator listed",
                          "tls");
    return ks_db_fail(e, KS_DB_REFUSED, "it is not a public address, and the operator has not listed it",
                      "address");
}

bool ks_db_resolve(const ks_db_options *o, ks_db_names *names, const ks_db_target *t, const ks_db_limit *l,
                   ks_db_address out[KS_DB_ADDRESSES], size_t *n, ks_db_error *e)
{
    bool public = false;
    struct addrinfo *list;
    *n = 0;
    if (!ks_db_look_up(names, t, l, &list, e))
        return false;
    for (const struct addrinfo *a = list; a != NULL && *n < KS_DB_ADDRESSES; a = a->ai_next) {
        ks_db_address *to = &out[*n];
        public |= ks_address_ok(o->exceptions, a->ai_addr);
        if (!may_dial(o, t, a->ai_addr) ||
            getnameinfo(a->ai_addr, a->ai_addrlen, to->text, sizeof to->text, NULL, 0, NI_NUMERICHOST) != 0)
            continue;
        memcpy(&to->sa, a->ai_addr, a->ai_addrlen);
        to->len = a->ai_addrlen;
        (*n)++;
    }
    freeaddrinfo(list);
    return *n > 0 || none_left(o, t, public, e);
}

/* ---- files in memory ---- */

int ks_db_file(ks_str bytes, char path[32])
{
    int fd = memfd_create("keysteward", MFD_CLOEXEC);
    if (fd < 0)
        return -1;
    for (size_t done = 0; done < bytes.n;) {
        ssize_t n = write(fd, bytes.p + done, bytes.n - done);
        if (n <= 0 && errno != EINTR) {
            close(fd);
            return -1;
        }
        done += n > 0 ? (size_t)n : 0;
    }
    if (fchmod(fd, 0600) != 0) {
        close(fd);
        return -1;
    }
    snprintf(path, 32, "/proc/self/fd/%d", fd);
    return fd;
}
