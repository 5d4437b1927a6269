/* upstream/db_pg_open.c — connecting to PostgreSQL: one judged address after the other, nothing from the
 * environment or from files of the user, and no account that may do anything. Source: libpq 15, "Database
 * Connection Control Functions"; PostgreSQL 15, appendix A (SQLSTATE). Threads: a worker; ks_pg_start before
 * all. */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/alloc.h"
#include "upstream/db_pg.h"

#define NO_FILE "/dev/null/none" /* a path that cannot exist: no file of the user is read in its place */

bool ks_pg_start(void)
{
    PQconninfoOption *all = PQconndefaults();
    if (all == NULL)
        return false;
    for (const PQconninfoOption *o = all; o->keyword != NULL; o++) {
        if (o->envvar != NULL)
            unsetenv(o->envvar);
    }
    PQconninfoFree(all);
    static const char *const more[] = {"PGSERVICEFILE", "PGSYSCONFDIR", "PGREQUIRESSL", "PGLOCALEDIR",
                                       "PGOPTIONS",     "PGTZ",         "PGDATESTYLE",  "PGGEQO"};
    for (size_t i = 0; i < KS_COUNT(more); i++)
        unsetenv(more[i]);
    return true;
}

/* ---- parameters ---- */

typedef struct settings {
    const char *key[40], *value[40];
    size_t      n;
    ks_buf      texts[4]; /* host, database, user, password; wiped */
    int         fds[3];   /* CA, certificate, key */
    char        paths[3][32], port[8];
} settings;

static void set(settings *s, const char *key, const char *value)
{
    s->key[s->n] = key;
    s->value[s->n++] = value;
}

/* A terminated copy; false for what holds a NUL, or when memory is short. */
static bool set_text(settings *s, const char *key, size_t slot, ks_str text)
{
    if (text.n == 0)
        return true;
    ks_buf_str(&s->texts[slot], text);
    if (!ks_buf_ok(&s->texts[slot]) || memchr(text.p, 0, text.n) != NULL)
        return false;
    set(s, key, s->texts[slot].p);
    return true;
}

static bool set_file(settings *s, const char *key, size_t slot, ks_str pem, const char *otherwise)
{
    if (pem.n > 0) {
        s->fds[slot] = ks_db_file(pem, s->paths[slot]);
        set(s, key, s->paths[slot]);
        return s->fds[slot] >= 0;
    }
    set(s, key, otherwise);
    return true;
}

static bool set_tls(settings *s, const ks_db_target *t, const char *ca_file)
{
    static const char *const modes[] = {"disable", "require", "verify-ca", "verify-full"};
    ks_str                   key = t->key != NULL ? ks_secret_reveal(t->key) : KS_NO_STR;
    /* with a root certificate at hand, libpq checks against it even when only encryption is asked for */
    bool check = t->tls >= KS_DB_TLS_CA || t->ca.n > 0;
    set(s, "sslmode", modes[t->tls]);
    set(s, "ssl_min_protocol_version", "TLSv1.2");
    set(s, "sslcompression", "0");
    set(s, "sslsni", "1");
    set(s, "sslcrl", NO_FILE);
    set(s, "sslcrldir", NO_FILE);
    set(s, "gssencmode", "disable");
    set(s, "krbsrvname", "postgres");
    return set_file(s, "sslrootcert", 0, t->ca, check ? ca_file : NO_FILE) &&
           set_file(s, "sslcert", 1, t->certificate, NO_FILE) && set_file(s, "sslkey", 2, key, NO_FILE);
}

static bool set_all(settings *s, const ks_db_target *t, const char *ca_file)
{
    snprintf(s->port, sizeof s->port, "%u", t->port);
    set(s, "port", s->port);
    set(s, "passfile", NO_FILE);
    set(s, "client_encoding", "UTF8");
    set(s, "application_name", "keysteward");
    set(s, "target_session_attrs", "any");
    set(s, "channel_binding", t->tls == KS_DB_TLS_OFF ? "disable" : "prefer");
    set(s, "tcp_user_timeout", "10000");
    ks_str password = t->password != NULL ? ks_secret_reveal(t->password) : KS_NO_STR;
    return set_text(s, "host", 0, t->host) && set_text(s, "dbname", 1, t->database) &&
           set_text(s, "user", 2, t->user) && set_text(s, "password", 3, password) && set_tls(s, t, ca_file);
}

static settings *settings_new(const ks_db_target *t, const char *ca_file)
{
    settings *s = ks_calloc(1, sizeof *s);
    if (s == NULL)
        return NULL;
    for (size_t i = 0; i < KS_COUNT(s->texts); i++)
        s->texts[i] = ks_buf_new(KS_MAX_SECRET_TEXT);
    for (size_t i = 0; i < KS_COUNT(s->fds); i++)
        s->fds[i] = -1;
    return set_all(s, t, ca_file) ? s : (s->n = 0, s);
}

static void settings_free(settings *s)
{
    for (size_t i = 0; i < KS_COUNT(s->texts); i++)
        ks_buf_done(&s->texts[i]);
    for (size_t i = 0; i < KS_COUNT(s->fds); i++) {
        if (s->fds[i] >= 0)
            close(s->fds[i]);
    }
    ks_free(s);
}

/* ---- connecting ---- */

/* libpq was told to say nothing but "FATAL:  SQLSTATE": so the code can be read, and no word of the server.
 */
static void sqlstate_of(PGconn *c, char code[6])
{
    ks_str text = ks_str_trim(ks_str_of(PQerrorMessage(c)), " \r\n\t");
    code[0] = '\0';
    if (text.n < 6 || text.p[text.n - 6] != ' ')
        return;
    for (size_t i = 0; i < 5; i++) {
        char ch = text.p[text.n - 5 + i];
        if (!ks_is_digit(ch) && !(ch >= 'A' && ch <= 'Z'))
            return;
    }
    memcpy(code, text.p + text.n - 5, 5);
    code[5] = '\0';
}

static bool login_failed(PGconn *c, ks_db_error *e)
{
    static const struct refusal {
        char        code[6];
        ks_db_step  step;
        const char *why;
    } known[] = {
        {"28P01", KS_DB_LOGIN, "the server refused user or password"},
        {"28000", KS_DB_LOGIN,
         "the server does not let this user in from here, or not with this TLS mode or without a "
         "certificate"},
        {"3D000", KS_DB_LOGIN, "there is no database of this name"},
        {"42501", KS_DB_RIGHTS, "the user may not connect to this database"},
        {"53300", KS_DB_TCP, "the server takes no more connections now"},
        {"57P03", KS_DB_TCP, "the server is starting or stopping"},
    };
    char code[6];
    sqlstate_of(c, code);
    for (size_t i = 0; i < KS_COUNT(known); i++) {
        if (strcmp(code, known[i].code) == 0)
            return ks_db_fail(e, known[i].step, known[i].why, code);
    }
    if (PQconnectionNeedsPassword(c))
        return ks_db_fail(e, KS_DB_LOGIN, "the server wants a password", "28P01");
    return ks_db_fail(e, KS_DB_TCP, "the connection ended while logging in", code);
}

/* Which step did libpq not get over? */
static bool step_failed(PGconn *c, ConnStatusType at, ks_db_error *e)
{
    if (at == CONNECTION_SSL_STARTUP)
        return ks_db_fail(e, KS_DB_TLS,
                          "the server offers no TLS, or is not the one that its certificate should prove",
                          "tls");
    if (at == CONNECTION_STARTED || at == CONNECTION_NEEDED)
        return ks_db_fail(e, KS_DB_TCP, "nothing answers at this address and port", "tcp");
    return login_failed(c, e);
}

static const char *late_words(ConnStatusType at)
{
    return at == CONNECTION_STARTED       ? "the connection (TCP) took too long"
           : at == CONNECTION_SSL_STARTUP ? "the TLS handshake took too long"
                                          : "the login took too long";
}

static void ignore_notice(void *arg, const PGresult *res)
{
    (void)arg, (void)res; /* libpq would print it */
}

static bool go_through(PGconn *c, const ks_db_limit *l, ks_db_error *e)
{
    PostgresPollingStatusType st = PGRES_POLLING_WRITING;
    ConnStatusType            at = PQstatus(c);
    while (st != PGRES_POLLING_OK) {
        if (st == PGRES_POLLING_FAILED || at == CONNECTION_BAD)
            return step_failed(c, at, e);
        short events = st == PGRES_POLLING_READING ? POLLIN : POLLOUT;
        at = PQstatus(c);
        if (!ks_db_wait(l, PQsocket(c), events, late_words(at), e)) {
            e->step = e->step == KS_DB_TIMEOUT ? KS_DB_TCP : e->step;
            return false;
        }
        st = PQconnectPoll(c);
        at = st == PGRES_POLLING_FAILED ? at : PQstatus(c);
    }
    return true;
}

static PGconn *dial(settings *s, const ks_db_address *at, const ks_db_limit *l, ks_db_error *e)
{
    size_t mark = s->n;
    set(s, "hostaddr", at->text);
    set(s, NULL, NULL);
    PGconn *c = PQconnectStartParams(s->key, s->value, 0);
    s->n = mark;
    if (c == NULL) {
        ks_db_fail(e, KS_DB_MEMORY, "memory is short", NULL);
        return NULL;
    }
    PQsetErrorVerbosity(c, PQERRORS_SQLSTATE);
    PQsetNoticeReceiver(c, ignore_notice, NULL);
    if (PQstatus(c) == CONNECTION_BAD)
        step_failed(c, CONNECTION_NEEDED, e);
    else if (go_through(c, l, e))
        return c;
    PQfinish(c);
    return NULL;
}

/* ---- rights ---- */

/* Roles that reach out of the database: its files, its programs, everything. Membership counts even when it
 * must be taken up with SET ROLE first. */
static const char rights_sql[] = "SELECT r.rolname FROM pg_catalog.pg_roles r WHERE (r.rolsuper OR r.rolname "
                                 "IN ('pg_execute_server_program', "
                                 "'pg_read_server_files', 'pg_write_server_files')) AND "
                                 "pg_catalog.pg_has_role(session_user, r.oid, 'MEMBER') "
                                 "LIMIT 1";

static bool check_rights(PGconn *c, const ks_db_limit *l, ks_db_error *e)
{
    PGresult *res = NULL;
    bool      fine = true;
    if (PQsendQuery(c, rights_sql) != 1)
        return ks_db_fail(e, KS_DB_BROKEN, "the connection ended while its rights were asked for", NULL);
    while (ks_pg_next(c, l, 0, &res, e) && res != NULL) {
        if (PQresultStatus(res) == PGRES_FATAL_ERROR)
            fine = ks_db_fail(e, KS_DB_RIGHTS, "the rights of the user cannot be seen",
                              PQresultErrorField(res, PG_DIAG_SQLSTATE));
        else if (PQntuples(res) > 0)
            fine = ks_db_fail(
                e, KS_DB_RIGHTS,
                "this user is a superuser, or may read files or run programs of the server; take "
                "another one, or let the integration allow it (allow_superuser)",
                "superuser");
        PQclear(res);
    }
    return fine && e->step == KS_DB_FINE;
}

bool ks_pg_open(const ks_db_target *t, const ks_db_address *at, size_t n, const char *ca_file,
                const ks_db_limit *l, void **conn, ks_db_error *e)
{
    PGconn   *c = NULL;
    settings *s = settings_new(t, ca_file);
    if (s == NULL || s->n == 0)
        ks_db_fail(e, KS_DB_MEMORY, "memory or descriptors are short", NULL);
    for (size_t i = 0; s != NULL && s->n > 0 && i < n && c == NULL && (i == 0 || e->step == KS_DB_TCP); i++) {
        e->step = KS_DB_FINE;
        c = dial(s, &at[i], l, e);
    }
    if (s != NULL)
        settings_free(s);
    if (c == NULL)
        return false;
    if (PQsetnonblocking(c, 1) != 0 || (!t->superuser && !check_rights(c, l, e))) {
        if (e->step == KS_DB_FINE)
            ks_db_fail(e, KS_DB_MEMORY, "memory is short", NULL);
        PQfinish(c);
        return false;
    }
    *conn = c;
    return true;
}
