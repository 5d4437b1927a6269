/* upstream/db_mysql_rules.c — what is judged in words: which statements a connection that only reads may
 * begin, which grants make their holder a ruler, and what the numbers of errors mean. Parses no SQL beyond
 * its first word. Source: the manuals of MariaDB 10.11 and MySQL 8, "START TRANSACTION", "GRANT", "Error
 * Codes". Threads: any; nothing is kept. */
#include <errmsg.h>
#include <mysqld_error.h>

#include "upstream/db_mysql.h"

/* ---- statements ---- */

#define NOT_A_READ                                                                                           \
    "the connection only reads, and this is not one of SELECT, WITH, SHOW, DESCRIBE, EXPLAIN, VALUES, "      \
    "TABLE, HELP"

/* Skip what stands before the first word. False at a comment that the server would run as code. */
static bool skip_front(ks_str *s)
{
    for (;;) {
        size_t blank = 0;
        while (blank < s->n && memchr(" \t\r\n\v\f(", s->p[blank], 7) != NULL)
            blank++;
        *s = ks_str_sub(*s, blank, SIZE_MAX);
        bool line = ks_str_starts(*s, KS_S("#")) || ks_str_starts(*s, KS_S("--"));
        if (line) {
            size_t end = ks_str_chr(*s, '\n');
            *s = ks_str_sub(*s, end == SIZE_MAX ? s->n : end + 1, SIZE_MAX);
        } else if (ks_str_starts(*s, KS_S("/*"))) {
            char   kind = s->n > 2 ? s->p[2] : '!';
            size_t end = ks_str_find(ks_str_sub(*s, 2, SIZE_MAX), KS_S("*/"));
            if (kind == '!' || kind == 'M' || kind == 'm' || end == SIZE_MAX)
                return false;
            *s = ks_str_sub(*s, 2 + end + 2, SIZE_MAX);
        } else {
            return true;
        }
    }
}

/* The first word; absent when something stands before it that the server would run. */
static ks_str first_word(ks_str statement)
{
    size_t n = 0;
    if (!skip_front(&statement))
        return KS_NO_STR;
    while (n < statement.n && (ks_is_alnum(statement.p[n]) || statement.p[n] == '_' || statement.p[n] == '$'))
        n++;
    return ks_str_sub(statement, 0, n);
}

static bool is_one_of(ks_str word, const ks_str *words, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (ks_str_ieq(word, words[i]))
            return true;
    }
    return false;
}

const char *ks_mysql_read_fault(ks_str statement)
{
    static const ks_str words[] = {KS_S_INIT("select"),  KS_S_INIT("with"),   KS_S_INIT("show"),
                                   KS_S_INIT("explain"), KS_S_INIT("values"), KS_S_INIT("table"),
                                   KS_S_INIT("help"),    KS_S_INIT("desc"),   KS_S_INIT("describe")};
    return is_one_of(first_word(statement), words, KS_COUNT(words)) ? NULL : NOT_A_READ;
}

bool ks_mysql_stays(ks_str statement)
{
    static const ks_str words[] = {KS_S_INIT("insert"), KS_S_INIT("update"), KS_S_INIT("delete"),
                                   KS_S_INIT("replace")};
    return is_one_of(first_word(statement), words, KS_COUNT(words)) || ks_mysql_read_fault(statement) == NULL;
}

/* ---- grants ---- */

/* Rights over the whole server. Names that end in "ADMIN" are all of this kind. */
static bool rules_alone(ks_str right)
{
    static const ks_str names[] = {
        KS_S_INIT("ALL PRIVILEGES"), KS_S_INIT("ALL"),         KS_S_INIT("SUPER"),
        KS_S_INIT("FILE"),           KS_S_INIT("SHUTDOWN"),    KS_S_INIT("CREATE USER"),
        KS_S_INIT("SET USER"),       KS_S_INIT("SYSTEM_USER"), KS_S_INIT("SET_USER_ID"),
        KS_S_INIT("CREATE ROLE"),    KS_S_INIT("PROXY")};
    for (size_t i = 0; i < KS_COUNT(names); i++) {
        if (ks_str_ieq(right, names[i]))
            return true;
    }
    return ks_str_ends(right, KS_S("ADMIN"));
}

/* Rights that, over the tables in which the server keeps its users, come to the same. */
static bool changes(ks_str right)
{
    return ks_str_ieq(right, KS_S("INSERT")) || ks_str_ieq(right, KS_S("UPDATE")) ||
           ks_str_ieq(right, KS_S("DELETE")) || ks_str_ieq(right, KS_S("ALL PRIVILEGES"));
}

/* "GRANT SELECT, FILE ON *.* TO `u`@`%` IDENTIFIED BY PASSWORD ... WITH GRANT OPTION" */
bool ks_mysql_grant_rules(ks_str line, bool write)
{
    ks_str part, rights = ks_str_sub(line, KS_S("GRANT ").n, SIZE_MAX);
    size_t on = ks_str_find(rights, KS_S(" ON "));
    if (!ks_str_starts(line, KS_S("GRANT ")) || on == SIZE_MAX)
        return false; /* the grant of a role, whose own lines follow */
    ks_str place = ks_str_sub(rights, on + 4, SIZE_MAX);
    bool   server = ks_str_starts(place, KS_S("*.* ")) || ks_str_starts(place, KS_S("''@"));
    bool   users = ks_str_starts(place, KS_S("`mysql`."));
    rights = ks_str_sub(rights, 0, on);
    while (ks_str_cut(&rights, ',', &part)) {
        part = ks_str_trim(part, " ");
        if ((server && rules_alone(part)) || (write && (server || users) && changes(part)))
            return true;
    }
    return false;
}

/* ---- errors ---- */

#define ER_TOO_LONG_MYSQL   3024 /* max_execution_time of MySQL */
#define ER_TOO_LONG_MARIADB 1969 /* max_statement_time of MariaDB */
#define ER_ONLY_READS       1792
#define ER_KILLED           1927
#define ER_LOCKED_MYSQL     3118
#define ER_LOCKED_MARIADB   4151
#define CR_INFILE_REFUSED   2068
#define CR_RANGE            2000 /* libmariadb's own begin here */
#define CR_RANGE_END        2999
#define CR_RANGE_OWN        5000

static void note_code(unsigned code, ks_db_error *e)
{
    char *p = e->code;
    char  digits[12];
    int   n = 0;
    do {
        digits[n++] = (char)('0' + code % 10);
        code /= 10;
    } while (code > 0);
    while (n > 0)
        *p++ = digits[--n];
    *p = '\0';
}

/* Errors of the connection: nothing more goes through it. */
static bool broken(unsigned code, ks_db_error *e)
{
    const char *why = "the connection ended while the statement ran";
    if (code == CR_OUT_OF_MEMORY || code == CR_NET_PACKET_TOO_LARGE || code == ER_NET_PACKET_TOO_LARGE) {
        e->dead = true;
        (void)ks_db_fail(
            e, code == CR_OUT_OF_MEMORY ? KS_DB_MEMORY : KS_DB_STATEMENT,
            code == CR_OUT_OF_MEMORY ? "memory is short" : "one row is larger than an answer may be", NULL);
        return true;
    }
    bool own = code >= CR_RANGE_OWN || (code >= CR_RANGE && code <= CR_RANGE_END);
    if (code == CR_INFILE_REFUSED || code == ER_LOAD_INFILE_CAPABILITY_DISABLED)
        why = "the server asked for a file of this machine, which it does not get";
    else if (code == CR_MALFORMED_PACKET || code == CR_COMMANDS_OUT_OF_SYNC)
        why = "the server does not keep to the protocol of MySQL";
    if (!own && code != ER_KILLED && code != ER_SERVER_SHUTDOWN && code != ER_LOAD_INFILE_CAPABILITY_DISABLED)
        return false;
    e->dead = true;
    return !ks_db_fail(e, KS_DB_BROKEN, why, NULL);
}

static ks_db_step step_of(unsigned code, const char **why)
{
    switch (code) {
    case ER_TOO_LONG_MYSQL:
    case ER_TOO_LONG_MARIADB:
    case ER_LOCK_WAIT_TIMEOUT:
        *why = "the statement took too long";
        return KS_DB_TIMEOUT;
    case ER_ONLY_READS:
        *why = "the connection only reads";
        return KS_DB_RIGHTS;
    case ER_TABLEACCESS_DENIED_ERROR:
    case ER_COLUMNACCESS_DENIED_ERROR:
    case ER_DBACCESS_DENIED_ERROR:
    case ER_SPECIFIC_ACCESS_DENIED_ERROR:
    case ER_PROCACCESS_DENIED_ERROR:
    case ER_ACCESS_DENIED_ERROR:
        *why = "the user has no right to do this";
        return KS_DB_RIGHTS;
    default:
        *why = "the server refused the statement";
        return KS_DB_STATEMENT;
    }
}

void ks_mysql_fault(unsigned code, ks_str text, ks_db_error *e)
{
    const char *why;
    if (e->step != KS_DB_FINE) { /* the transport gave up: it knows why */
        e->dead = true;
        return;
    }
    if (!broken(code, e)) {
        ks_db_step step = step_of(code, &why);
        (void)ks_db_fail(e, step, why, NULL);
        ks_buf_str(&e->text, text);
    }
    note_code(code, e);
}

/* The server answered the log-in with this. */
static bool login_refused(unsigned code)
{
    static const unsigned codes[] = {ER_ACCESS_DENIED_ERROR,
                                     ER_ACCESS_DENIED_NO_PASSWORD_ERROR,
                                     ER_DBACCESS_DENIED_ERROR,
                                     ER_BAD_DB_ERROR,
                                     ER_HOST_NOT_PRIVILEGED,
                                     ER_MUST_CHANGE_PASSWORD,
                                     ER_MUST_CHANGE_PASSWORD_LOGIN,
                                     ER_LOCKED_MYSQL,
                                     ER_LOCKED_MARIADB};
    for (size_t i = 0; i < KS_COUNT(codes); i++) {
        if (codes[i] == code)
            return true;
    }
    return false;
}

void ks_mysql_connect_fault(const ks_mysql *c, unsigned code, ks_db_error *e)
{
    if (code == CR_SSL_CONNECTION_ERROR)
        (void)ks_db_fail(e, KS_DB_TLS, "TLS failed, or the certificate is not trusted for this host", NULL);
    else if (code == ER_BAD_DB_ERROR)
        (void)ks_db_fail(e, KS_DB_LOGIN, "there is no such database", NULL);
    else if (login_refused(code))
        (void)ks_db_fail(e, KS_DB_LOGIN, "the server refused user, password or database", NULL);
    else if (code == CR_OUT_OF_MEMORY)
        (void)ks_db_fail(e, KS_DB_MEMORY, "memory is short", NULL);
    else if (code < CR_RANGE)
        (void)ks_db_fail(e, KS_DB_TCP, "the server takes no further connections now", NULL);
    else if (!c->answered)
        (void)ks_db_fail(e, KS_DB_TCP, "what answers there does not speak the protocol of MySQL", NULL);
    else
        (void)ks_db_fail(e, KS_DB_LOGIN, "the server broke off the log-in", NULL);
    note_code(code, e);
}
