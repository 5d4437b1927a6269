/* upstream/db_name.c — getaddrinfo(3) knows neither a deadline nor a caller who leaves, so a name is looked
 * up on a thread of its own, which is left to itself when nobody waits any more: it ends when resolv.conf
 * says so, and KS_DB_NAMES bounds how many there are. Keeps nothing of what it learns. Threads: any. */
#include "upstream/db_name.h"

#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/alloc.h"

#define STACK_BYTES ((size_t)256 * 1024) /* as a worker has */

#define LATE "the name of the host was not resolved in time"

struct ks_db_names {
    ks_db_look       look;
    _Atomic unsigned refs; /* its owner's, and one of each question */
    _Atomic unsigned asked;
};

/* One name on its way; whoever leaves last, asker or thread, frees it. */
typedef struct question {
    ks_db_names     *names;
    _Atomic unsigned refs;
    _Atomic bool     answered; /* then rc and list are there */
    int              done_fd;
    int              rc;
    struct addrinfo *list;
    char             host[256], port[8];
} question;

ks_db_names *ks_db_names_new(ks_db_look look)
{
    ks_db_names *d = ks_calloc(1, sizeof *d);
    if (d != NULL) {
        d->look = look;
        d->refs = 1;
    }
    return d;
}

void ks_db_names_free(ks_db_names *d)
{
    if (d != NULL && --d->refs == 0)
        ks_free(d);
}

static void let_go(question *q)
{
    if (--q->refs > 0)
        return;
    if (q->list != NULL)
        freeaddrinfo(q->list);
    if (q->done_fd >= 0)
        close(q->done_fd);
    ks_db_names_free(q->names);
    ks_free(q);
}

static const struct addrinfo numeric = {.ai_socktype = SOCK_STREAM,
                                        .ai_flags = AI_NUMERICSERV | AI_NUMERICHOST};
static const struct addrinfo named = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICSERV};

static void *ask(void *arg)
{
    question      *q = arg;
    const uint64_t one = 1;
    q->rc = q->names->look(q->host, q->port, &named, &q->list);
    if (q->rc != 0)
        q->list = NULL;
    q->answered = true;
    q->names->asked--;
    (void)!write(q->done_fd, &one, sizeof one); /* the first and only one: it fits */
    let_go(q);
    return NULL;
}

/* The host as text for the library. False: it cannot be one. */
static bool spell(const ks_db_target *t, question *q)
{
    if (t->host.n == 0 || t->host.n >= sizeof q->host || memchr(t->host.p, 0, t->host.n) != NULL)
        return false;
    memcpy(q->host, t->host.p, t->host.n);
    snprintf(q->port, sizeof q->port, "%u", t->port);
    return true;
}

static question *question_new(ks_db_names *d)
{
    question *q = ks_calloc(1, sizeof *q);
    if (q == NULL)
        return NULL;
    d->refs++;
    q->names = d;
    q->refs = 1;
    q->done_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    return q;
}

/* A thread that nobody joins; signals are for others. */
static bool begin(question *q)
{
    pthread_attr_t attr;
    pthread_t      thread;
    sigset_t       all, before;
    if (q->done_fd < 0 || pthread_attr_init(&attr) != 0)
        return false;
    if (q->names->asked++ >= KS_DB_NAMES) {
        q->names->asked--;
        pthread_attr_destroy(&attr);
        return false;
    }
    q->refs++;
    pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
    pthread_attr_setstacksize(&attr, STACK_BYTES);
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    bool begun = pthread_create(&thread, &attr, ask, q) == 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    pthread_attr_destroy(&attr);
    if (!begun) {
        q->names->asked--;
        q->refs--;
    }
    return begun;
}

static bool await(question *q, const ks_db_limit *l, ks_db_error *e)
{
    if (!begin(q))
        return ks_db_fail(e, KS_DB_NAME, "too many names are being looked up", "name");
    if (!ks_db_wait(l, q->done_fd, POLLIN, LATE, e)) {
        if (e->step == KS_DB_TIMEOUT)
            e->step = KS_DB_NAME;
        return false;
    }
    return q->answered; /* which it is: this reads what the thread wrote before */
}

bool ks_db_look_up(ks_db_names *d, const ks_db_target *t, const ks_db_limit *l, struct addrinfo **out,
                   ks_db_error *e)
{
    question *q = question_new(d);
    bool      waited = true;
    if (q == NULL)
        return ks_db_fail(e, KS_DB_MEMORY, "memory is short", NULL);
    q->rc = spell(t, q) ? getaddrinfo(q->host, q->port, &numeric, &q->list) : EAI_FAIL;
    if (q->rc == EAI_NONAME) /* no address: a name */
        waited = await(q, l, e);
    *out = waited && q->rc == 0 ? q->list : NULL;
    bool short_of_memory = waited && q->rc == EAI_MEMORY;
    if (*out != NULL)
        q->list = NULL;
    let_go(q);
    if (*out != NULL || !waited)
        return *out != NULL;
    if (short_of_memory)
        return ks_db_fail(e, KS_DB_MEMORY, "memory is short", NULL);
    return ks_db_fail(e, KS_DB_NAME, "the name of the host has no address", "name");
}
