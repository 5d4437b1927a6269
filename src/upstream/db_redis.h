/* upstream/db_redis.h — what the parts of the Redis driver share. Internal to upstream/. Threads: one
 * connection belongs to one worker at a time. */
#pragma once
#include <hiredis/read.h>
#include <openssl/ssl.h>

#include "upstream/db_driver.h"

typedef struct ks_redis {
    int      fd;
    SSL_CTX *tls; /* NULL: plain */
    SSL     *ssl;
} ks_redis;

/* ---- db_redis_wire.c ---- */

/* Connect, and begin TLS as the target says. *e says TCP or TLS otherwise; ks_redis_hang_up is due either
 * way. */
KS_MUST bool ks_redis_dial(ks_redis *r, const ks_db_target *t, const ks_db_address *at, size_t n,
                           const char *ca_file, const ks_db_limit *l, ks_db_error *e);
/* Close; the struct stays the caller's. */
void ks_redis_hang_up(ks_redis *r);

/* Write all of it. */
KS_MUST bool ks_redis_send(const ks_redis *r, ks_str bytes, const ks_db_limit *l, ks_db_error *e);
/* Read some; 0: the peer has closed. -1: *e says why. */
ssize_t ks_redis_recv(const ks_redis *r, void *to, size_t room, const ks_db_limit *l, ks_db_error *e);

/* ---- db_redis_reply.c ---- */

/* How a reply is told: values in order, lists opened and closed. */
typedef struct ks_redis_taker {
    void (*value)(void *arg, const ks_db_value *v);
    void *arg;
    bool  pairs;   /* the outermost list holds names and values in turn: told as a map */
    bool  refused; /* the reply was an error, and stands in `text` */
    char  text[256];
} ks_redis_taker;

/* A reader of one connection's replies (hiredis), which hands them to *t and keeps at most `room` bytes of
 * one. Free with redisReaderFree. NULL when memory is short. */
KS_MUST redisReader *ks_redis_reader(ks_redis_taker *t);

/* One command in RESP2: an array of bulk texts. */
void ks_redis_put(ks_buf *b, const ks_str *words, size_t n);

/* Send what `b` holds and read one reply into *t, of at most `room` bytes. False: *e says why and the
 * connection is dead. An error reply is not a failure: t->refused. */
KS_MUST bool ks_redis_ask(const ks_redis *r, ks_str request, size_t room, ks_redis_taker *t,
                          const ks_db_limit *l, ks_db_error *e);

/* ---- db_redis_rules.c ---- */

/* Why the command `name` with its first argument may not be run at all, or NULL. `superuser`: the integration
 * lets those who rule the server in. */
const char *ks_redis_fault(ks_str name, bool superuser);

/* Is it known here as one that only reads? For servers that do not say. */
bool ks_redis_reads(ks_str name);
