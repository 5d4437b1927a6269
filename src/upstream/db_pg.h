/* upstream/db_pg.h — the parts of the PostgreSQL driver among themselves. Internal to upstream/db_pg*.c.
 * Threads: a connection belongs to one worker at a time. */
#pragma once
#include <libpq-fe.h>

#include "upstream/db_driver.h"

/* ---- db_pg_open.c ---- */

KS_MUST bool ks_pg_start(void); /* clears what libpq would take from the environment */
/* As ks_db_driver.open. */
KS_MUST bool ks_pg_open(const ks_db_target *t, const ks_db_address *at, size_t n, const char *ca_file,
                        const ks_db_limit *l, void **conn, ks_db_error *e);

/* ---- db_pg_talk.c ---- */

/* Send what is queued. False: *e says why, and it is dead. */
KS_MUST bool ks_pg_flush(PGconn *c, const ks_db_limit *l, ks_db_error *e);
/* The next result, NULL at the end of a statement. Gives up on one that sends more than `room` bytes for one
 * row (0: any). False: *e says why; nothing was read then. */
KS_MUST bool ks_pg_next(PGconn *c, const ks_db_limit *l, size_t room, PGresult **out, ks_db_error *e);
/* Run plain SQL of ours, one or several statements, and wait for its end. */
KS_MUST bool ks_pg_plain(PGconn *c, const char *sql, const ks_db_limit *l, ks_db_error *e);
/* Note in *e what the server says in `res`; its text goes to e->text. */
void ks_pg_blame(const PGresult *res, ks_db_error *e);
/* Ask the server to end the running statement, and read what still comes. False: the connection is dead. */
KS_MUST bool ks_pg_cancel(PGconn *c);

/* ---- db_pg_value.c ---- */

/* The name of a type and its place in the sink. */
ks_str ks_pg_type_name(Oid type);
/* Put the text of a column of this type into the sink. */
void ks_pg_value(ks_db_sink *s, Oid type, ks_str text);
/* A parameter as the text of a value of type `type` (0: the server finds out), NUL-terminated, into `b`.
 * False: it does not fit that type. */
KS_MUST bool ks_pg_param(ks_buf *b, const ks_db_value *v, Oid type);
