/* upstream/db_pg.c — one statement in PostgreSQL (and what speaks its protocol), in a transaction of our own:
 * read-only and rolled back, or with the right to write and committed. A statement cannot leave it: the
 * extended protocol takes one at a time, and the snapshot is taken before, so that nothing may set the
 * transaction to read-write any more. Source: PostgreSQL 15, 55.2 "Message Flow", SET TRANSACTION, DISCARD.
 * Decision: docs/decisions/0011. Threads: the worker that has the connection. */
#include "upstream/db_pg.h"

#include <poll.h>
#include <stdio.h>

#include "base/alloc.h"
#include "base/time.h"

#define SERVER_FIRST_MS                                                                                      \
    500 /* the server's own time-out comes before ours, which costs a further connection */
#define END_US                                                                                               \
    INT64_C(5000000) /* for the end of the transaction, whatever is left of the statement's time             \
                      */

/* ---- the transaction around it ---- */

static bool begin(PGconn *c, bool write, const ks_db_limit *l, ks_db_error *e)
{
    char     sql[512];
    unsigned ms = (unsigned)ks_db_left_ms(l);
    ms = ms > 2 * SERVER_FIRST_MS ? ms - SERVER_FIRST_MS : ms;
    /* the SELECT takes the snapshot: from here on SET TRANSACTION READ WRITE is an error */
    snprintf(sql, sizeof sql,
             "BEGIN READ %s; SET LOCAL statement_timeout = %u; SET LOCAL lock_timeout = %u; "
             "SET LOCAL idle_in_transaction_session_timeout = %u; SET LOCAL datestyle = 'ISO, YMD'; "
             "SET LOCAL intervalstyle = 'iso_8601'; SET LOCAL timezone = 'UTC'; SELECT 1",
             write ? "WRITE" : "ONLY", ms, ms, ms + 10000);
    if (ks_pg_plain(c, sql, l, e) && PQtransactionStatus(c) == PQTRANS_INTRANS)
        return true;
    e->dead = e->unsent = true;
    return e->step != KS_DB_FINE
               ? false
               : ks_db_fail(e, KS_DB_BROKEN, "the server did not begin a transaction", NULL);
}

/* The end of what began: commit only what went well and was meant to write. */
static bool end(PGconn *c, bool commit, ks_db_error *e)
{
    const ks_db_limit l = {.deadline_us = ks_mono_us() + END_US, .stop_fd = -1};
    ks_db_error       own = {.text = ks_buf_new(e->text.cap)};
    bool              fine = ks_pg_plain(c, commit ? "COMMIT" : "ROLLBACK", &l, &own);
    if (!fine && commit && e->step == KS_DB_FINE) {
        ks_buf_done(&e->text);
        *e = own;
        e->unknown = own.dead;
        return false;
    }
    e->dead |= !fine;
    ks_buf_done(&own.text);
    return fine;
}

/* Where the transaction stands when the statement is through. */
static void look_after(PGconn *c, ks_db_error *e)
{
    PGTransactionStatusType st = PQtransactionStatus(c);
    if (st == PQTRANS_IDLE && e->step == KS_DB_FINE)
        ks_db_fail(e, KS_DB_STATEMENT,
                   "a statement may not begin or end transactions: each one runs in a transaction of its own",
                   "transaction");
    if (st != PQTRANS_INTRANS && st != PQTRANS_INERROR)
        e->dead = true;
}

/* ---- what is not taken ---- */

/* Behind blanks, comments (they nest) and empty statements. */
static ks_str first_words(ks_str sql)
{
    unsigned depth = 0;
    size_t   i = 0;
    while (i < sql.n) {
        ks_str rest = ks_str_sub(sql, i, SIZE_MAX);
        if (ks_str_starts(rest, KS_S("/*")) || (depth > 0 && ks_str_starts(rest, KS_S("*/")))) {
            depth += rest.p[0] == '/' ? 1u : -1u;
            i += 2;
        } else if (depth == 0 && ks_str_starts(rest, KS_S("--")))
            i += strcspn(rest.p, "\r\n");
        else if (depth > 0 || strchr(" \t\r\n\f\v;", rest.p[0]) != NULL)
            i++;
        else
            return rest;
    }
    return KS_S("");
}

/* Transactions are ours, and the session is gone with the statement. Only the top of a statement can hold
 * these, so its first word tells; PREPARE TRANSACTION is the one that could not be undone afterwards. `sql`
 * is terminated. */
static bool takes_no(ks_str sql, ks_db_error *e)
{
    static const char *const words[] = {"begin",     "start",   "commit",  "end",    "rollback", "abort",
                                        "savepoint", "release", "prepare", "listen", "copy"};
    ks_str                   word = first_words(sql);
    size_t                   n = 0;
    while (n < word.n && (ks_is_alnum(word.p[n]) || word.p[n] == '_'))
        n++;
    for (size_t i = 0; i < KS_COUNT(words); i++) {
        if (ks_str_ieq(ks_str_sub(word, 0, n), ks_str_of(words[i])))
            return !ks_db_fail(
                e, KS_DB_STATEMENT,
                "each statement runs in a transaction and a session of its own, so those that steer one, "
                "and COPY, are not taken",
                "transaction");
    }
    return false;
}

/* ---- sending ---- */

typedef struct bound {
    ks_buf       texts; /* all values, each terminated; wiped */
    size_t      *at;
    const char **values;
    size_t       n;
} bound;

static void bound_done(bound *b)
{
    ks_buf_done(&b->texts);
    ks_free(b->at);
    ks_free(b->values);
}

/* The values as texts; `types` from the server's own description, or NULL. */
static bool bind_all(bound *b, const ks_db_call *call, const PGresult *types, ks_db_error *e)
{
    b->texts = ks_buf_new(KS_MAX_ACT_BODY_BYTES * 2);
    b->n = call->params_n;
    b->at = ks_calloc(b->n + 1, sizeof *b->at);
    b->values = ks_calloc(b->n + 1, sizeof *b->values);
    for (size_t i = 0; b->at != NULL && b->values != NULL && i < b->n; i++) {
        Oid type = types != NULL && (int)i < PQnparams(types) ? PQparamtype(types, (int)i) : 0;
        b->at[i] = b->texts.n;
        if (!ks_pg_param(&b->texts, &call->params[i], type))
            return ks_db_fail(e, KS_DB_STATEMENT, "a parameter does not fit the type of its place", "22P02");
    }
    if (b->at == NULL || b->values == NULL || !ks_buf_ok(&b->texts))
        return ks_db_fail(e, KS_DB_MEMORY, "memory is short", NULL);
    for (size_t i = 0; i < b->n; i++)
        b->values[i] = call->params[i].kind == KS_DB_NULL ? NULL : b->texts.p + b->at[i];
    return true;
}

static bool lists_in(const ks_db_call *call)
{
    for (size_t i = 0; i < call->params_n; i++) {
        if (call->params[i].kind == KS_DB_LIST)
            return true;
    }
    return false;
}

/* One answer of the server that is no row; *keep (NULL: drop it) takes it. */
static bool wait_command(PGconn *c, const ks_db_limit *l, PGresult **keep, ks_db_error *e)
{
    PGresult *res = NULL;
    while (ks_pg_next(c, l, 0, &res, e) && res != NULL) {
        if (PQresultStatus(res) == PGRES_FATAL_ERROR)
            ks_pg_blame(res, e);
        if (keep != NULL && *keep == NULL && PQresultStatus(res) == PGRES_COMMAND_OK)
            *keep = res;
        else
            PQclear(res);
    }
    return e->step == KS_DB_FINE;
}

/* A list may be meant as an array or as JSON: only the server knows, so it is asked first. */
static bool send_described(PGconn *c, const char *sql, const ks_db_call *call, const ks_db_limit *l,
                           ks_db_error *e)
{
    bound     b = {0};
    PGresult *types = NULL;
    bool      fine = PQsendPrepare(c, "", sql, 0, NULL) == 1;
    fine = fine && wait_command(c, l, NULL, e) && PQsendDescribePrepared(c, "") == 1 &&
           wait_command(c, l, &types, e);
    fine = fine && bind_all(&b, call, types, e) &&
           PQsendQueryPrepared(c, "", (int)b.n, b.values, NULL, NULL, 0) == 1;
    PQclear(types);
    bound_done(&b);
    return fine;
}

static bool send_plain(PGconn *c, const char *sql, const ks_db_call *call, ks_db_error *e)
{
    bound b = {0};
    bool  fine = bind_all(&b, call, NULL, e) &&
                PQsendQueryParams(c, sql, (int)b.n, NULL, b.values, NULL, NULL, 0) == 1;
    bound_done(&b);
    return fine;
}

static bool send_statement(PGconn *c, const ks_db_call *call, const ks_db_limit *l, ks_db_error *e)
{
    ks_buf sql = ks_buf_new(KS_MAX_ACT_BODY_BYTES);
    ks_buf_str(&sql, call->statement);
    bool fine = ks_buf_ok(&sql) && sql.p != NULL && memchr(sql.p, 0, sql.n) == NULL;
    if (fine && takes_no(ks_buf_view(&sql), e))
        fine = false;
    else if (fine)
        fine = lists_in(call) ? send_described(c, sql.p, call, l, e) : send_plain(c, sql.p, call, e);
    else
        ks_db_fail(e, KS_DB_STATEMENT, "the statement is empty or holds a NUL", "42601");
    ks_buf_done(&sql);
    if (!fine && e->step == KS_DB_FINE) {
        e->dead = true;
        ks_db_fail(e, KS_DB_BROKEN, "the statement could not be sent", NULL);
    }
    return fine && PQsetSingleRowMode(c) == 1;
}

/* ---- the result ---- */

static void columns(const PGresult *res, ks_db_sink *s)
{
    for (int i = 0; i < PQnfields(res); i++)
        ks_db_sink_column(s, ks_str_of(PQfname(res, i)), ks_pg_type_name(PQftype(res, i)));
}

static bool rows(const PGresult *res, ks_db_sink *s)
{
    for (int r = 0; r < PQntuples(res); r++) {
        for (int i = 0; i < PQnfields(res); i++) {
            if (PQgetisnull(res, r, i))
                ks_db_sink_value(s, &(ks_db_value){.kind = KS_DB_NULL});
            else
                ks_pg_value(s, PQftype(res, i),
                            (ks_str){PQgetvalue(res, r, i), (size_t)PQgetlength(res, r, i)});
        }
        if (!ks_db_sink_row(s))
            return false;
    }
    return true;
}

typedef struct reading {
    ks_db_sink *s;
    bool        headed, full; /* full: the limits are reached, the rest is dropped */
} reading;

/* Take one result. False: there is no use in reading on. */
static bool take(reading *r, const PGresult *res, ks_db_error *e)
{
    uint64_t changed;
    switch (PQresultStatus(res)) {
    case PGRES_SINGLE_TUPLE:
    case PGRES_TUPLES_OK:
        if (!r->headed)
            columns(res, r->s);
        r->headed = true;
        if (!r->full)
            r->full = !rows(res, r->s);
        return true;
    case PGRES_COMMAND_OK:
        if (ks_str_u64(ks_str_of(PQcmdTuples((PGresult *)(uintptr_t)res)), &changed))
            ks_db_sink_changed(r->s, (int64_t)changed);
        return true;
    case PGRES_FATAL_ERROR:
        ks_pg_blame(res, e);
        return true;
    case PGRES_EMPTY_QUERY:
        ks_db_fail(e, KS_DB_STATEMENT, "the statement is empty", "42601");
        return true;
    default: /* COPY: bytes in a way of their own, which no JSON holds */
        e->dead = true;
        return ks_db_fail(e, KS_DB_STATEMENT, "COPY moves data in a way that is not offered here", "copy");
    }
}

/* Reads to the end. What is over the limits is cancelled when nothing can be lost by it; what was meant to
 * write is read to its end, or the change would be undone. */
static bool receive(PGconn *c, const ks_db_call *call, const ks_db_limit *l, ks_db_sink *s, ks_db_error *e)
{
    reading   r = {.s = s};
    PGresult *res = NULL;
    size_t    room = ks_db_sink_room(s);
    for (;;) {
        if (!ks_pg_next(c, l, room, &res, e)) {
            e->dead |= e->step == KS_DB_STATEMENT || !ks_pg_cancel(c);
            return false;
        }
        if (res == NULL)
            return e->step == KS_DB_FINE;
        bool on = take(&r, res, e);
        PQclear(res);
        if (!on)
            return false;
        if (r.full && !call->target.write) {
            e->dead |= !ks_pg_cancel(c);
            return true;
        }
    }
}

static bool run(void *conn, const ks_db_call *call, const ks_db_limit *l, ks_db_sink *s, ks_db_error *e)
{
    PGconn *c = conn;
    if (!begin(c, call->target.write, l, e))
        return false;
    bool fine = send_statement(c, call, l, e) && receive(c, call, l, s, e);
    if (!fine && !e->dead && PQtransactionStatus(c) == PQTRANS_ACTIVE)
        e->dead |= !ks_pg_cancel(c); /* stopped or late while the statement was described */
    if (!e->dead)
        look_after(c, e);
    fine = fine && e->step == KS_DB_FINE;
    bool commit = fine && call->target.write;
    if (!e->dead && !end(c, commit, e) && commit)
        return false;
    return fine;
}

static bool reset(void *conn, const ks_db_limit *l)
{
    ks_db_error e = {.text = ks_buf_new(0)};
    return PQtransactionStatus(conn) == PQTRANS_IDLE && ks_pg_plain(conn, "DISCARD ALL", l, &e);
}

/* A server that went away has closed its side, and one at rest says nothing else. */
static bool alive(void *conn)
{
    struct pollfd p = {.fd = PQsocket(conn), .events = POLLIN};
    if (PQstatus(conn) != CONNECTION_OK || p.fd < 0)
        return false;
    if (poll(&p, 1, 0) <= 0)
        return true;
    return PQconsumeInput(conn) == 1 && PQstatus(conn) == CONNECTION_OK && poll(&p, 1, 0) == 0;
}

static void close_conn(void *conn)
{
    PQfinish(conn);
}

const ks_db_driver ks_db_postgresql = {
    .name = "postgresql",
    .port = 5432,
    .start = ks_pg_start,
    .open = ks_pg_open,
    .run = run,
    .reset = reset,
    .alive = alive,
    .close = close_conn,
};
