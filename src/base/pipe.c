/* base/pipe.c — a list of chunks; bytes are wiped as they are read, and one clean chunk is kept for the next
 * write. Does not copy more than once each way. Threads: one. */
#include "base/pipe.h"

#include <stddef.h>

#include "base/alloc.h"

#define CHUNK_BYTES ((size_t)16 * 1024)

typedef struct chunk {
    struct chunk *next;
    size_t        from, to; /* what is held of data[] */
    char          data[CHUNK_BYTES];
} chunk;

typedef struct waker {
    void (*fn)(void *arg);
    void *arg;
} waker;

struct ks_pipe {
    unsigned refs;
    bool     closed, broken;
    bool     full; /* reached the high mark and not yet fallen below the low one */
    size_t   held;
    chunk   *first, *last, *spare;
    waker    on_data, on_space;
};

ks_pipe *ks_pipe_new(void)
{
    ks_pipe *p = ks_calloc(1, sizeof *p);
    if (p != NULL)
        p->refs = 1;
    return p;
}

ks_pipe *ks_pipe_ref(ks_pipe *p)
{
    p->refs++;
    return p;
}

/* Nothing was written behind c->to. */
static void chunk_free(chunk *c)
{
    ks_free_part(c, c == NULL ? 0 : offsetof(chunk, data) + c->to);
}

static void drop_content(ks_pipe *p)
{
    while (p->first != NULL) {
        chunk *c = p->first;
        p->first = c->next;
        chunk_free(c);
    }
    p->last = NULL;
    p->held = 0;
}

void ks_pipe_unref(ks_pipe *p)
{
    if (p == NULL || --p->refs > 0)
        return;
    drop_content(p);
    chunk_free(p->spare);
    ks_free(p);
}

static void call(waker w)
{
    if (w.fn != NULL)
        w.fn(w.arg);
}

/* An empty chunk at the end of the list; false when memory is short. */
static bool add_chunk(ks_pipe *p)
{
    chunk *c = p->spare ? p->spare : ks_malloc(sizeof *c);
    if (c == NULL)
        return false;
    p->spare = NULL;
    c->next = NULL;
    c->from = c->to = 0;
    if (p->last != NULL)
        p->last->next = c;
    else
        p->first = c;
    p->last = c;
    return true;
}

static bool append(ks_pipe *p, const char *data, size_t n)
{
    while (n > 0) {
        if ((p->last == NULL || p->last->to == CHUNK_BYTES) && !add_chunk(p))
            return false;
        chunk *c = p->last;
        size_t part = n < CHUNK_BYTES - c->to ? n : CHUNK_BYTES - c->to;
        memcpy(c->data + c->to, data, part);
        c->to += part;
        p->held += part;
        data += part;
        n -= part;
    }
    return true;
}

bool ks_pipe_write(ks_pipe *p, const void *data, size_t n)
{
    if (p->broken || p->closed || p->held >= KS_PIPE_HIGH)
        return false;
    if (!append(p, data, n)) {
        ks_pipe_break(p);
        return false;
    }
    p->full |= p->held >= KS_PIPE_HIGH;
    if (n > 0)
        call(p->on_data);
    return true;
}

void ks_pipe_close(ks_pipe *p)
{
    if (p->closed || p->broken)
        return;
    p->closed = true;
    call(p->on_data);
}

void ks_pipe_break(ks_pipe *p)
{
    if (p->broken)
        return;
    p->broken = true;
    drop_content(p);
    call(p->on_data);
    call(p->on_space);
}

/* The first chunk is read to its end: keep it, clean as it is, or free it. */
static void retire(ks_pipe *p)
{
    chunk *c = p->first;
    p->first = c->next;
    if (p->first == NULL)
        p->last = NULL;
    if (p->spare == NULL)
        p->spare = c;
    else
        chunk_free(c);
}

size_t ks_pipe_read(ks_pipe *p, void *to, size_t n)
{
    size_t got = 0;
    while (got < n && p->first != NULL) {
        chunk *c = p->first;
        size_t part = n - got < c->to - c->from ? n - got : c->to - c->from;
        memcpy((char *)to + got, c->data + c->from, part);
        explicit_bzero(c->data + c->from, part);
        c->from += part;
        got += part;
        if (c->from == c->to)
            retire(p);
    }
    p->held -= got;
    if (p->full && p->held < KS_PIPE_LOW) {
        p->full = false;
        call(p->on_space);
    }
    return got;
}

size_t ks_pipe_held(const ks_pipe *p)
{
    return p->held;
}

bool ks_pipe_closed(const ks_pipe *p)
{
    return p->closed && !p->broken;
}

bool ks_pipe_ended(const ks_pipe *p)
{
    return p->closed && p->held == 0 && !p->broken;
}

bool ks_pipe_broken(const ks_pipe *p)
{
    return p->broken;
}

void ks_pipe_on_data(ks_pipe *p, void (*fn)(void *arg), void *arg)
{
    p->on_data = (waker){fn, arg};
}

void ks_pipe_on_space(ks_pipe *p, void (*fn)(void *arg), void *arg)
{
    p->on_space = (waker){fn, arg};
}
