/* upstream/db_mysql.c — MySQL and MariaDB as a driver: connect, look at the rights, run one statement at a
 * time. A connection that only reads runs it in a read-only transaction, and begins none that could leave it;
 * a statement that is given up is killed in the server. Source: docs/databases.md; the manuals of
 * MariaDB 10.11 and MySQL 8. Threads: a connection belongs to one worker at a time. */
#include <openssl/err.h>
#include <stdio.h>

#include "base/alloc.h"
#include "base/time.h"
#include "upstream/db_mysql.h"
#include "upstream/db_socket.h"

#define KILL_MS 3000 /* for a second connection that ends a statement */
#define GRACE_S 1    /* the server's own limit comes behind ours */

static ks_mysql *made(void)
{
    ks_mysql *c = ks_calloc(1, sizeof *c);
    if (c == NULL)
        return NULL;
    c->fd = -1;
    c->m = mysql_init(NULL);
    if (c->m == NULL) {
        ks_free(c);
        return NULL;
    }
    return c;
}

static void shut(void *conn)
{
    ks_mysql *c = conn;
    c->limit = NULL;
    c->error = NULL;
    mysql_close(c->m);
    ks_free(c->ca_file);
    ks_free(c);
}

/* From here to `release` the transport waits by `l` and tells `e`. libmariadb asks OpenSSL what a read came
 * to and does not first clear what went wrong before on this thread, perhaps with another connection:
 * SSL_get_error(3) would take that for an end of this one, whenever the answer is not there yet. */
static void hold(ks_mysql *c, const ks_db_limit *l, ks_db_error *e)
{
    ERR_clear_error();
    c->limit = l;
    c->error = e;
}

static void release(ks_mysql *c)
{
    c->limit = NULL;
    c->error = NULL;
    c->target = NULL;
    c->at = NULL;
}

/* A statement of ours, whose rows are dropped. */
static bool say(ks_mysql *c, const char *sql, ks_db_error *e)
{
    if (mysql_real_query(c->m, sql, (unsigned long)strlen(sql)) != 0) {
        ks_mysql_fault(mysql_errno(c->m), KS_S(""), e);
        return false;
    }
    MYSQL_RES *rows = mysql_store_result(c->m);
    mysql_free_result(rows);
    return true;
}

/* ---- opening ---- */

/* Who may rule the server is not let in: one pasted statement would be too much. */
static bool check_rights(ks_mysql *c, const ks_db_target *t, ks_db_error *e)
{
    MYSQL_ROW row;
    bool      rules = false;
    if (t->superuser)
        return true;
    if (mysql_real_query(c->m, "SHOW GRANTS", 11) != 0) {
        ks_mysql_fault(mysql_errno(c->m), KS_S(""), e);
        return false;
    }
    MYSQL_RES *rows = mysql_store_result(c->m);
    while (rows != NULL && (row = mysql_fetch_row(rows)) != NULL)
        rules |= row[0] == NULL || ks_mysql_grant_rules(ks_str_of(row[0]), t->write);
    rules |= rows == NULL;
    mysql_free_result(rows);
    if (e->step != KS_DB_FINE)
        return false;
    return !rules ||
           ks_db_fail(e, KS_DB_RIGHTS,
                      "the user may do anything to the server; make one with the rights the work needs",
                      "superuser");
}

static bool set_up(ks_mysql *c, bool write, ks_db_error *e)
{
    return say(c, "SET SESSION time_zone = '+00:00'", e) &&
           (write || say(c, "SET SESSION TRANSACTION READ ONLY", e));
}

static bool open_at(ks_mysql *c, const ks_db_target *t, const ks_db_address *at, size_t n,
                    const char *ca_file, ks_db_error *e)
{
    c->target = t;
    c->at = at;
    c->at_n = n;
    if (ks_mysql_connect(c, ca_file, e))
        return true;
    if (e->step == KS_DB_TIMEOUT || e->step == KS_DB_BROKEN) /* told by the step it happened in */
        e->step = !c->answered ? KS_DB_TCP : t->tls != KS_DB_TLS_OFF && !c->secured ? KS_DB_TLS : KS_DB_LOGIN;
    if (e->step == KS_DB_LOGIN && strcmp(e->code, "timeout") == 0)
        e->step = KS_DB_TCP;
    return false;
}

static bool db_open(const ks_db_target *t, const ks_db_address *at, size_t n, const char *ca_file,
                    const ks_db_limit *l, void **conn, ks_db_error *e)
{
    ks_mysql *c = made();
    if (c == NULL)
        return ks_db_fail(e, KS_DB_MEMORY, "memory is short", NULL);
    hold(c, l, e);
    c->ca_file = ks_strdup(ca_file);
    e->step = KS_DB_FINE;
    bool ok = c->ca_file != NULL || ks_db_fail(e, KS_DB_MEMORY, "memory is short", NULL);
    ok = ok && open_at(c, t, at, n, ca_file, e);
    if (ok) {
        c->mariadb = mariadb_connection(c->m) != 0;
        c->write = t->write;
        ok = check_rights(c, t, e) && set_up(c, t->write, e);
    }
    release(c);
    if (ok)
        *conn = c;
    else
        shut(c);
    return ok;
}

/* ---- running ---- */

/* End in the server what we no longer wait for. On a connection of its own, as whoever began it. */
static void kill_in_server(const ks_mysql *c, const ks_db_call *call)
{
    ks_db_limit l = {.deadline_us = ks_mono_us() + KILL_MS * INT64_C(1000), .stop_fd = -1};
    ks_db_error e = {.why = "", .text = ks_buf_new(KS_MAX_NAME)};
    char        sql[64];
    ks_mysql   *second = made();
    if (second == NULL)
        return;
    hold(second, &l, &e);
    snprintf(sql, sizeof sql, "KILL %lu", mysql_thread_id(c->m));
    if (open_at(second, &call->target, &c->peer, 1, c->ca_file, &e))
        (void)say(second, sql, &e);
    ks_buf_done(&e.text);
    shut(second);
}

/* The server's own clock, in case nobody is left to kill the statement. MySQL's counts for reads only. Who
 * reads a streamed result slowly has the time of the statement, not the server's own patience with its
 * clients. */
static bool set_clock(ks_mysql *c, const ks_db_limit *l, ks_db_error *e)
{
    char sql[96];
    int  s = ks_db_left_ms(l) / 1000 + 1 + GRACE_S;
    if (c->mariadb)
        snprintf(sql, sizeof sql, "SET SESSION max_statement_time = %d, net_write_timeout = %d", s, s);
    else
        snprintf(sql, sizeof sql, "SET SESSION max_execution_time = %d, net_write_timeout = %d", s * 1000, s);
    return say(c, sql, e);
}

static bool run_reading(ks_mysql *c, const ks_db_call *call, ks_db_sink *s, ks_db_error *e)
{
    const char *fault = ks_mysql_read_fault(call->statement);
    if (fault != NULL)
        return ks_db_fail(e, KS_DB_RIGHTS, fault, "read_only");
    if (!say(c, "START TRANSACTION READ ONLY", e))
        return false;
    bool ok = ks_mysql_execute(c, call, s, e);
    if (!e->dead) {
        ks_db_error after = {.why = "", .text = ks_buf_new(KS_MAX_NAME)};
        c->error = &after;
        e->dead = !say(c, "ROLLBACK", &after);
        c->error = e;
        ks_buf_done(&after.text);
    }
    return ok;
}

static bool db_run(void *conn, const ks_db_call *call, const ks_db_limit *l, ks_db_sink *s, ks_db_error *e)
{
    ks_mysql *c = conn;
    hold(c, l, e);
    e->unsent = true;
    c->spent |= !ks_mysql_stays(call->statement);
    bool ok = set_clock(c, l, e);
    if (ok)
        ok = call->target.write ? ks_mysql_execute(c, call, s, e) : run_reading(c, call, s, e);
    e->unsent = e->unsent && e->step == KS_DB_BROKEN;
    if (e->step == KS_DB_TIMEOUT || e->step == KS_DB_STOPPED)
        e->dead = true;
    if (e->dead && !e->unsent && (e->step == KS_DB_TIMEOUT || e->step == KS_DB_STOPPED))
        kill_in_server(c, call);
    e->unknown = call->target.write && !e->unsent && e->dead && e->step != KS_DB_FINE;
    release(c);
    return ok;
}

static bool db_reset(void *conn, const ks_db_limit *l)
{
    ks_mysql   *c = conn;
    ks_db_error e = {.why = "", .text = ks_buf_new(KS_MAX_NAME)};
    if (c->spent)
        return false;
    hold(c, l, &e);
    bool ok = mysql_reset_connection(c->m) == 0 && set_up(c, c->write, &e);
    release(c);
    ks_buf_done(&e.text);
    return ok;
}

static bool db_alive(void *conn)
{
    const ks_mysql *c = conn;
    return c->fd >= 0 && ks_db_quiet(c->fd);
}

const ks_db_driver ks_db_mysql = {
    .name = "mysql",
    .port = 3306,
    .start = ks_mysql_transport_start,
    .open = db_open,
    .run = db_run,
    .reset = db_reset,
    .alive = db_alive,
    .close = shut,
};
