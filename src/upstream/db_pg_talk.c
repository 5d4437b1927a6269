/* upstream/db_pg_talk.c — waiting for PostgreSQL without ever blocking in libpq, and saying what went wrong.
 * Decides nothing about transactions (db_pg.c). Source: libpq 15, "Asynchronous Command Processing",
 * "Canceling Queries in Progress". Threads: the worker that has the connection. */
#include <linux/tcp.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <sys/socket.h>

#include "base/time.h"
#include "upstream/db_pg.h"

#define DRAIN_US  INT64_C(2000000) /* for the end of a cancelled statement */
#define BODY_SLOP (1024 * 1024)    /* what may lie in buffers beside the row itself */

static const char broken[] = "the connection ended while the statement ran";
static const char late[] = "the statement took too long and was cancelled";

bool ks_pg_flush(PGconn *c, const ks_db_limit *l, ks_db_error *e)
{
    int left;
    while ((left = PQflush(c)) > 0) {
        if (!ks_db_wait(l, PQsocket(c), POLLIN | POLLOUT, late, e))
            return false;
        if (PQconsumeInput(c) != 1)
            break;
    }
    if (left == 0)
        return true;
    e->dead = true;
    return ks_db_fail(e, KS_DB_BROKEN, broken, NULL);
}

/* Bytes the kernel has received on this connection so far; 0 when it does not say. libpq keeps a row whole
 * before it shows it, so this is how a row of a gigabyte is seen while it comes. */
static uint64_t received(PGconn *c)
{
    struct tcp_info info = {0};
    socklen_t       n = sizeof info;
    return getsockopt(PQsocket(c), IPPROTO_TCP, TCP_INFO, &info, &n) == 0 ? info.tcpi_bytes_received : 0;
}

static bool row_too_large(ks_db_error *e)
{
    e->dead = true;
    return ks_db_fail(e, KS_DB_STATEMENT, "a single row is larger than the limit for the whole result",
                      "row_too_large");
}

/* The bytes of the one row that single-row mode hands over. */
static size_t row_bytes(const PGresult *res)
{
    size_t n = 0;
    for (int i = 0; PQntuples(res) == 1 && i < PQnfields(res); i++)
        n += (size_t)PQgetlength(res, 0, i);
    return n;
}

bool ks_pg_next(PGconn *c, const ks_db_limit *l, size_t room, PGresult **out, ks_db_error *e)
{
    uint64_t began = 0;
    *out = NULL;
    if (PQisBusy(c)) {
        if (!ks_pg_flush(c, l, e))
            return false;
        began = received(c);
    }
    while (PQisBusy(c)) {
        if (!ks_db_wait(l, PQsocket(c), POLLIN, late, e))
            return false;
        if (PQconsumeInput(c) != 1) {
            e->dead = true;
            return ks_db_fail(e, KS_DB_BROKEN, broken, NULL);
        }
        if (room > 0 && received(c) - began > room + BODY_SLOP && PQisBusy(c))
            return row_too_large(e);
    }
    *out = PQgetResult(c);
    if (room == 0 || row_bytes(*out) <= room + BODY_SLOP)
        return true;
    PQclear(*out); /* all of it was there at once */
    *out = NULL;
    return row_too_large(e);
}

void ks_pg_blame(const PGresult *res, ks_db_error *e)
{
    const char *code = PQresultErrorField(res, PG_DIAG_SQLSTATE);
    const char *said = PQresultErrorField(res, PG_DIAG_MESSAGE_PRIMARY);
    const char *at = PQresultErrorField(res, PG_DIAG_STATEMENT_POSITION);
    const char *hint = PQresultErrorField(res, PG_DIAG_MESSAGE_HINT);
    const char *severity = PQresultErrorField(res, PG_DIAG_SEVERITY_NONLOCALIZED);
    ks_str      state = ks_str_of(code ? code : "");
    ks_db_fail(e, KS_DB_STATEMENT, "the database refused the statement", code);
    if (ks_str_eq(state, KS_S("57014")))
        ks_db_fail(e, KS_DB_TIMEOUT, late, code);
    else if (ks_str_eq(state, KS_S("42501")) || ks_str_eq(state, KS_S("25006")))
        e->step = KS_DB_RIGHTS;
    else if (ks_str_starts(state, KS_S("57P")) || ks_str_starts(state, KS_S("08"))) {
        e->dead = true;
        ks_db_fail(e, KS_DB_BROKEN, "the server ended the connection while the statement ran", code);
    }
    if (severity != NULL && strcmp(severity, "FATAL") == 0)
        e->dead = true;
    ks_buf_clear(&e->text);
    ks_buf_z(&e->text, said ? said : "");
    if (at != NULL)
        ks_buf_fmt(&e->text, " (at character %s)", at);
    if (hint != NULL)
        ks_buf_fmt(&e->text, " Hint: %s", hint);
}

bool ks_pg_plain(PGconn *c, const char *sql, const ks_db_limit *l, ks_db_error *e)
{
    PGresult *res = NULL;
    bool      fine = true;
    if (PQsendQuery(c, sql) != 1) {
        e->dead = true;
        return ks_db_fail(e, KS_DB_BROKEN, broken, NULL);
    }
    for (;;) {
        if (!ks_pg_next(c, l, 0, &res, e)) {
            e->dead = true; /* in the middle of something of ours: nobody knows where it stands */
            return false;
        }
        if (res == NULL)
            return fine;
        if (fine && PQresultStatus(res) == PGRES_FATAL_ERROR) {
            ks_pg_blame(res, e);
            fine = false;
        }
        PQclear(res);
    }
}

bool ks_pg_cancel(PGconn *c)
{
    char        why[256];
    PGresult   *res = NULL;
    ks_db_error e = {.text = ks_buf_new(0)};
    ks_db_limit l = {.deadline_us = ks_mono_us() + DRAIN_US, .stop_fd = -1};
    PGcancel   *cancel = PQgetCancel(c);
    bool        sent = cancel != NULL && PQcancel(cancel, why, sizeof why) == 1;
    PQfreeCancel(cancel);
    while (sent && ks_pg_next(c, &l, 0, &res, &e)) {
        ExecStatusType st = PQresultStatus(res);
        if (res == NULL)
            return true;
        PQclear(res);
        if (st == PGRES_COPY_IN || st == PGRES_COPY_OUT || st == PGRES_COPY_BOTH)
            return false;
    }
    return false;
}
