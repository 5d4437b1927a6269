/* upstream/db_mysql.h — what the parts of the MySQL and MariaDB driver share. Internal to upstream/. Threads:
 * one connection belongs to one worker at a time; the transport is put in place once, before any thread. */
#pragma once
#include <mysql.h>

#include "upstream/db_driver.h"

typedef struct ks_mysql {
    MYSQL               *m;
    int                  fd;
    const ks_db_limit   *limit;  /* of the call under way; NULL: nothing may be waited for */
    ks_db_error         *error;  /* where the transport notes why it gave up; NULL with `limit` */
    const ks_db_target  *target; /* while connecting */
    const ks_db_address *at;     /* likewise */
    size_t               at_n;
    bool                 secured;               /* the TLS that the target wants has been seen to work */
    bool                 answered;              /* the server has greeted us */
    unsigned             switches;              /* methods it has asked for since */
    ks_db_address        peer;                  /* the one that answered: where a statement is killed */
    char                *ca_file;               /* owned; NULL: none */
    bool                 mariadb, write, spent; /* spent: not for another caller */
} ks_mysql;

/* ---- db_mysql_transport.c ---- */

/* Give libmariadb our sockets and our log-in. Once, before any thread. False: this libmariadb is made
 * otherwise, and must not be used. */
KS_MUST bool ks_mysql_transport_start(void);

/* Connect and log in as c->target says, to c->at, with c->limit. *e says TCP, TLS or LOGIN otherwise. */
KS_MUST bool ks_mysql_connect(ks_mysql *c, const char *ca_file, ks_db_error *e);

/* ---- db_mysql_login.c ---- */

/* Methods that are plugins of ours for libmariadb, by the names that servers give them. */
#define KS_MYSQL_CLEAR  "mysql_clear_password"
#define KS_MYSQL_SHA256 "sha256_password"
#define KS_MYSQL_SHA2   "caching_sha2_password"

/* What libmariadb calls to log in; `vio` is a MYSQL_PLUGIN_VIO, the result one of CR_OK,
 * CR_OK_HANDSHAKE_COMPLETE and CR_ERROR. First: TLS, the user's name, and mysql_native_password. */
int ks_mysql_login(void *vio, ks_mysql *c);
/* When the server then asks for the password itself. */
int ks_mysql_plain(void *vio, ks_mysql *c);
/* When it asks for caching_sha2_password. */
int ks_mysql_caching_sha2(void *vio, ks_mysql *c);

/* SHA1(p) xor SHA1(nonce SHA1(SHA1(p))) into 20 bytes (mysql_native_password). False: memory is short. */
KS_MUST bool ks_mysql_native(ks_str password, const unsigned char nonce[20], unsigned char out[20]);
/* SHA256(p) xor SHA256(SHA256(SHA256(p)) nonce) into 32 bytes (caching_sha2_password). Likewise. */
KS_MUST bool ks_mysql_sha2(ks_str password, const unsigned char nonce[20], unsigned char out[32]);

/* ---- db_mysql_rows.c ---- */

/* Run the one statement and put its rows into `s`. *e as ks_mysql_fault has it. */
KS_MUST bool ks_mysql_execute(ks_mysql *c, const ks_db_call *call, ks_db_sink *s, ks_db_error *e);

/* ---- db_mysql_rules.c ---- */

/* Why this statement may not run on a connection that only reads, or NULL. The rest is the database's: it
 * runs in a read-only transaction, which a compound statement could leave and one that begins with these
 * words cannot. */
const char *ks_mysql_read_fault(ks_str statement);

/* Is the session afterwards as it was, but for what COM_RESET_CONNECTION undoes? That leaves the database
 * (USE) and the role (SET ROLE), so whoever may have changed one of them gives the session up. */
bool ks_mysql_stays(ks_str statement);

/* One line of SHOW GRANTS: does it give what makes its holder a ruler of the server? `write`: rights over the
 * server's own tables count, too. */
bool ks_mysql_grant_rules(ks_str line, bool write);

/* What an error number of the server (or of libmariadb, 2000 and up) means for a statement. Marks connections
 * that are dead. */
void ks_mysql_fault(unsigned code, ks_str text, ks_db_error *e);
/* The same while connecting. */
void ks_mysql_connect_fault(const ks_mysql *c, unsigned code, ks_db_error *e);
