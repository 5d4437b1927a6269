/* upstream/db_redis_reply.c — requests and replies of Redis (RESP2). hiredis takes the replies apart and
 * builds no tree of them: each piece goes on as it comes, so a reply that claims a billion elements costs
 * nothing. Nests to depth 7, as hiredis does. Runs no rules. Source: the Redis serialization protocol.
 * Threads: the connection's worker. */
#include <stdio.h>

#include "base/alloc.h"
#include "upstream/db_redis.h"

#define READ_ROOM (16 * 1024)

static void tell(const redisReadTask *task, ks_db_value v)
{
    const ks_redis_taker *t = task->privdata;
    t->value(t->arg, &v);
}

/* The last element of a list ends it, and the lists that it ends in turn. */
static void close_lists(const redisReadTask *task)
{
    while (task->parent != NULL && task->idx + 1 >= task->parent->elements) {
        tell(task, (ks_db_value){.kind = KS_DB_END});
        task = task->parent;
    }
}

/* hiredis asks for an object and only looks whether it got one. */
static void *seen(const redisReadTask *task)
{
    return task->privdata;
}

static void *on_string(const redisReadTask *task, char *p, size_t n)
{
    ks_redis_taker *t = task->privdata;
    if (task->type == REDIS_REPLY_ERROR && task->parent == NULL) {
        t->refused = true;
        snprintf(t->text, sizeof t->text, "%.*s", (int)(n < sizeof t->text ? n : sizeof t->text - 1), p);
        return seen(task);
    }
    tell(task, (ks_db_value){.kind = KS_DB_TEXT, .s = {p, n}});
    close_lists(task);
    return seen(task);
}

static void *on_array(const redisReadTask *task, int n)
{
    const ks_redis_taker *t = task->privdata;
    bool                  map = t->pairs && task->parent == NULL && n % 2 == 0;
    tell(task, (ks_db_value){.kind = map ? KS_DB_MAP : KS_DB_LIST});
    if (n == 0) {
        tell(task, (ks_db_value){.kind = KS_DB_END});
        close_lists(task);
    }
    return seen(task);
}

static void *on_integer(const redisReadTask *task, long long v)
{
    tell(task, (ks_db_value){.kind = KS_DB_INT, .i = v});
    close_lists(task);
    return seen(task);
}

static void *on_nil(const redisReadTask *task)
{
    tell(task, (ks_db_value){.kind = KS_DB_NULL});
    close_lists(task);
    return seen(task);
}

static void on_free(void *object)
{
    (void)object; /* none was made */
}

redisReader *ks_redis_reader(ks_redis_taker *t)
{
    /* hiredis keeps a pointer that is not const, and changes nothing behind it */
    static redisReplyObjectFunctions on = {on_string, on_array, on_integer, on_nil, on_free};
    redisReader                     *r = redisReaderCreateWithFunctions(&on);
    if (r != NULL)
        r->privdata = t;
    return r;
}

void ks_redis_put(ks_buf *b, const ks_str *words, size_t n)
{
    ks_buf_fmt(b, "*%zu\r\n", n);
    for (size_t i = 0; i < n; i++) {
        ks_buf_fmt(b, "$%zu\r\n", words[i].n);
        ks_buf_str(b, words[i]);
        ks_buf_z(b, "\r\n");
    }
}

/* Read until one reply is whole. */
static bool receive(const ks_redis *r, redisReader *reader, size_t room, const ks_db_limit *l, ks_db_error *e)
{
    char   piece[READ_ROOM];
    size_t all = 0;
    void  *whole = NULL;
    while (whole == NULL) {
        ssize_t n = ks_redis_recv(r, piece, sizeof piece, l, e);
        if (n == 0)
            return ks_db_fail(e, KS_DB_BROKEN, "the server closed the connection", "closed");
        if (n < 0)
            return false;
        all += (size_t)n;
        if (all > room)
            return ks_db_fail(e, KS_DB_STATEMENT, "the reply is larger than an answer may be; ask for less",
                              "too_large");
        if (redisReaderFeed(reader, piece, (size_t)n) != REDIS_OK ||
            redisReaderGetReply(reader, &whole) != REDIS_OK)
            return ks_db_fail(e, reader->err == REDIS_ERR_OOM ? KS_DB_MEMORY : KS_DB_BROKEN,
                              "what answers there does not speak the protocol of Redis", "protocol");
    }
    if (reader->len > 0 && reader->pos < reader->len)
        return ks_db_fail(e, KS_DB_BROKEN, "the server sent more than it was asked for", "protocol");
    return true;
}

bool ks_redis_ask(const ks_redis *r, ks_str request, size_t room, ks_redis_taker *t, const ks_db_limit *l,
                  ks_db_error *e)
{
    redisReader *reader = ks_redis_reader(t);
    bool         ok;
    t->refused = false;
    if (reader == NULL)
        ok = ks_db_fail(e, KS_DB_MEMORY, "memory is short", NULL);
    else
        ok = ks_redis_send(r, request, l, e) && receive(r, reader, room, l, e);
    if (reader != NULL)
        redisReaderFree(reader);
    e->dead |= !ok;
    return ok;
}
