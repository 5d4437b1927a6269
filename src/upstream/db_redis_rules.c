/* upstream/db_redis_rules.c — which commands of Redis are run. Redis has no transaction that only reads: what
 * a connection may do is what the server says of each command (its flags), narrowed by the list of those that
 * would change the connection itself, or rule the server. Asks nobody (db_redis.c does). Source: the command
 * tables of Redis 7. Threads: any; nothing is kept. */
#include "upstream/db_redis.h"

/* They would leave the connection in a state that the next caller finds, or never answer. */
static const ks_str never[] = {
    KS_S_INIT("AUTH"),         KS_S_INIT("HELLO"),      KS_S_INIT("SELECT"),      KS_S_INIT("QUIT"),
    KS_S_INIT("RESET"),        KS_S_INIT("CLIENT"),     KS_S_INIT("MULTI"),       KS_S_INIT("EXEC"),
    KS_S_INIT("DISCARD"),      KS_S_INIT("WATCH"),      KS_S_INIT("UNWATCH"),     KS_S_INIT("SUBSCRIBE"),
    KS_S_INIT("PSUBSCRIBE"),   KS_S_INIT("SSUBSCRIBE"), KS_S_INIT("UNSUBSCRIBE"), KS_S_INIT("PUNSUBSCRIBE"),
    KS_S_INIT("SUNSUBSCRIBE"), KS_S_INIT("MONITOR"),    KS_S_INIT("SYNC"),        KS_S_INIT("PSYNC"),
    KS_S_INIT("REPLCONF"),     KS_S_INIT("READONLY"),   KS_S_INIT("READWRITE"),   KS_S_INIT("ASKING")};

/* They rule the server, or make it load, dial or leave. */
static const ks_str ruling[] = {KS_S_INIT("ACL"),      KS_S_INIT("BGREWRITEAOF"),   KS_S_INIT("BGSAVE"),
                                KS_S_INIT("CLUSTER"),  KS_S_INIT("CONFIG"),         KS_S_INIT("DEBUG"),
                                KS_S_INIT("FAILOVER"), KS_S_INIT("FUNCTION"),       KS_S_INIT("LATENCY"),
                                KS_S_INIT("MIGRATE"),  KS_S_INIT("MODULE"),         KS_S_INIT("PFDEBUG"),
                                KS_S_INIT("RESTORE"),  KS_S_INIT("RESTORE-ASKING"), KS_S_INIT("REPLICAOF"),
                                KS_S_INIT("SAVE"),     KS_S_INIT("SCRIPT"),         KS_S_INIT("SHUTDOWN"),
                                KS_S_INIT("SLAVEOF"),  KS_S_INIT("SLOWLOG"),        KS_S_INIT("SWAPDB")};

static const ks_str reading[] = {
    KS_S_INIT("BITCOUNT"),  KS_S_INIT("BITPOS"),    KS_S_INIT("DBSIZE"),    KS_S_INIT("ECHO"),
    KS_S_INIT("EXISTS"),    KS_S_INIT("GET"),       KS_S_INIT("GETBIT"),    KS_S_INIT("GETRANGE"),
    KS_S_INIT("HEXISTS"),   KS_S_INIT("HGET"),      KS_S_INIT("HGETALL"),   KS_S_INIT("HKEYS"),
    KS_S_INIT("HLEN"),      KS_S_INIT("HMGET"),     KS_S_INIT("HSCAN"),     KS_S_INIT("HSTRLEN"),
    KS_S_INIT("HVALS"),     KS_S_INIT("INFO"),      KS_S_INIT("LINDEX"),    KS_S_INIT("LLEN"),
    KS_S_INIT("LPOS"),      KS_S_INIT("LRANGE"),    KS_S_INIT("MGET"),      KS_S_INIT("PING"),
    KS_S_INIT("PTTL"),      KS_S_INIT("RANDOMKEY"), KS_S_INIT("SCAN"),      KS_S_INIT("SCARD"),
    KS_S_INIT("SDIFF"),     KS_S_INIT("SINTER"),    KS_S_INIT("SISMEMBER"), KS_S_INIT("SMEMBERS"),
    KS_S_INIT("SSCAN"),     KS_S_INIT("STRLEN"),    KS_S_INIT("SUNION"),    KS_S_INIT("TIME"),
    KS_S_INIT("TTL"),       KS_S_INIT("TYPE"),      KS_S_INIT("XLEN"),      KS_S_INIT("XRANGE"),
    KS_S_INIT("XREVRANGE"), KS_S_INIT("ZCARD"),     KS_S_INIT("ZCOUNT"),    KS_S_INIT("ZRANGE"),
    KS_S_INIT("ZRANK"),     KS_S_INIT("ZREVRANGE"), KS_S_INIT("ZSCAN"),     KS_S_INIT("ZSCORE")};

static bool holds(const ks_str *list, size_t n, ks_str name)
{
    for (size_t i = 0; i < n; i++) {
        if (ks_str_ieq(list[i], name))
            return true;
    }
    return false;
}

const char *ks_redis_fault(ks_str name, bool superuser)
{
    static const char set[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.-";
    if (name.n > 64 || !ks_str_only(name, set))
        return "the name of a command is one word";
    if (holds(never, KS_COUNT(never), name))
        return "this command changes the connection itself, or never ends";
    if (!superuser && holds(ruling, KS_COUNT(ruling), name))
        return "this command rules the server, and the integration does not allow that";
    return NULL;
}

bool ks_redis_reads(ks_str name)
{
    return holds(reading, KS_COUNT(reading), name);
}
