/* upstream/db_redis.c — Redis as a driver: connect, log in, choose the database, run one command. A
 * connection that only reads runs what is known to read, and otherwise what the server itself marks so and as
 * nothing more. One reply is one row with one value. Source: docs/databases.md; the manual of Redis 7, AUTH
 * and COMMAND. Threads: a connection belongs to one worker at a time. */
#include "upstream/db_redis.h"
#include "base/alloc.h"
#include "upstream/db_socket.h"

#define SMALL (64 * 1024) /* replies to commands of ours, bytes */

/* ---- commands of ours ---- */

/* Looks for words in a reply and drops the rest. */
typedef struct flags {
    bool known, readonly, more; /* more: it writes, rules, runs scripts or listens, too */
} flags;

static void drop(void *arg, const ks_db_value *v)
{
    (void)arg, (void)v;
}

static void note_flag(void *arg, const ks_db_value *v)
{
    static const ks_str more[] = {KS_S_INIT("write"), KS_S_INIT("admin"), KS_S_INIT("pubsub"),
                                  KS_S_INIT("noscript")};
    flags              *f = arg;
    if (v->kind == KS_DB_TEXT)
        f->known = true;
    f->readonly |= v->kind == KS_DB_TEXT && ks_str_eq(v->s, KS_S("readonly"));
    for (size_t i = 0; i < KS_COUNT(more); i++)
        f->more |= v->kind == KS_DB_TEXT && ks_str_eq(v->s, more[i]);
}

static bool ask(const ks_redis *r, const ks_str *words, size_t n, ks_redis_taker *t, const ks_db_limit *l,
                ks_db_error *e)
{
    ks_buf b = ks_buf_new(KS_MAX_SECRET_TEXT);
    ks_redis_put(&b, words, n);
    bool ok = ks_buf_ok(&b) ? ks_redis_ask(r, ks_buf_view(&b), SMALL, t, l, e)
                            : ks_db_fail(e, KS_DB_MEMORY, "memory is short", NULL);
    ks_buf_done(&b); /* wiped: a password may stand there */
    return ok;
}

/* ---- opening ---- */

/* The first word of an error says what kind it is: "WRONGPASS", "NOAUTH". */
static void note_code(const ks_redis_taker *t, ks_db_error *e)
{
    size_t n = 0;
    while (n + 1 < sizeof e->code && (ks_is_alnum(t->text[n]) || t->text[n] == '_'))
        n++;
    memcpy(e->code, t->text, n);
    e->code[n] = '\0';
}

static bool log_in(const ks_redis *r, const ks_db_target *t, const ks_db_limit *l, ks_db_error *e)
{
    ks_redis_taker taker = {.value = drop};
    ks_str         words[3] = {KS_S("AUTH")};
    size_t         n = 1;
    if (t->password == NULL || ks_secret_len(t->password) == 0)
        return true;
    if (t->user.n > 0)
        words[n++] = t->user;
    words[n++] = ks_secret_reveal(t->password);
    if (!ask(r, words, n, &taker, l, e))
        return false;
    if (!taker.refused)
        return true;
    (void)ks_db_fail(e, KS_DB_LOGIN, "the server refused user or password", NULL);
    note_code(&taker, e);
    return false;
}

/* Whoever needs no password may be asked for one: PING tells. Databases other than 0 are chosen. */
static bool choose(const ks_redis *r, const ks_db_target *t, const ks_db_limit *l, ks_db_error *e)
{
    ks_redis_taker taker = {.value = drop};
    bool           first = t->database.n == 0 || ks_str_eq(t->database, KS_S("0"));
    const ks_str   words[2] = {first ? KS_S("PING") : KS_S("SELECT"), t->database};
    if (!ask(r, words, first ? 1 : 2, &taker, l, e))
        return false;
    if (!taker.refused || ks_str_starts(ks_str_of(taker.text), KS_S("NOPERM")))
        return true; /* a user who may not PING may do other things */
    bool auth = ks_str_starts(ks_str_of(taker.text), KS_S("NOAUTH"));
    (void)ks_db_fail(e, KS_DB_LOGIN,
                     auth    ? "the server wants a password"
                     : first ? "the server lets nobody in now"
                             : "there is no such database",
                     NULL);
    note_code(&taker, e);
    return false;
}

static void close_conn(void *conn)
{
    ks_redis *r = conn;
    ks_redis_hang_up(r);
    ks_free(r);
}

static bool db_open(const ks_db_target *t, const ks_db_address *at, size_t n, const char *ca_file,
                    const ks_db_limit *l, void **conn, ks_db_error *e)
{
    ks_redis *r = ks_calloc(1, sizeof *r);
    if (r == NULL)
        return ks_db_fail(e, KS_DB_MEMORY, "memory is short", NULL);
    e->step = KS_DB_FINE;
    bool ok = ks_redis_dial(r, t, at, n, ca_file, l, e) && log_in(r, t, l, e) && choose(r, t, l, e);
    if (!ok && (e->step == KS_DB_TIMEOUT || e->step == KS_DB_BROKEN || e->step == KS_DB_STATEMENT))
        e->step = KS_DB_TCP;
    if (ok)
        *conn = r;
    else
        close_conn(r);
    return ok;
}

/* ---- running ---- */

/* What the server says of the command. One that may not ask, or does not know it, gets the list of ours
 * alone. */
static bool may_read(const ks_redis *r, ks_str name, const ks_db_limit *l, ks_db_error *e)
{
    flags          f = {0};
    ks_redis_taker taker = {.value = note_flag, .arg = &f};
    const ks_str   words[] = {KS_S("COMMAND"), KS_S("INFO"), name};
    if (ks_redis_reads(name))
        return true;
    if (!ask(r, words, 3, &taker, l, e))
        return false;
    return (!taker.refused && f.known && f.readonly && !f.more) ||
           ks_db_fail(e, KS_DB_RIGHTS,
                      "the connection only reads, and the server does not mark this command so", "read_only");
}

static ks_str word_of(const ks_db_value *v, ks_buf *own)
{
    if (v->kind == KS_DB_INT || v->kind == KS_DB_BOOL)
        ks_buf_fmt(own, "%lld", (long long)v->i);
    else if (v->kind == KS_DB_JSON && v->json != NULL) {
        ks_jw w = ks_jw_new(own);
        ks_jw_value(&w, NULL, v->json);
    } else {
        return v->s;
    }
    return ks_buf_view(own);
}

static bool put_command(ks_buf *b, const ks_db_call *call, ks_db_error *e)
{
    ks_buf_fmt(b, "*%zu\r\n", call->params_n + 1);
    ks_buf_fmt(b, "$%zu\r\n" KS_FMT "\r\n", call->statement.n, KS_ARG(call->statement));
    for (size_t i = 0; i < call->params_n; i++) {
        const ks_db_value *v = &call->params[i];
        ks_buf             own = ks_buf_new(KS_MAX_ACT_BODY_BYTES);
        if (v->kind == KS_DB_LIST || v->kind == KS_DB_NULL) {
            ks_buf_done(&own);
            return ks_db_fail(e, KS_DB_STATEMENT, "an argument of a command is a text or a number", "values");
        }
        ks_str word = word_of(v, &own);
        ks_buf_fmt(b, "$%zu\r\n", word.n);
        ks_buf_str(b, word);
        ks_buf_z(b, "\r\n");
        bool ok = own.n == 0 || ks_buf_ok(&own);
        ks_buf_done(&own);
        if (!ok)
            return ks_db_fail(e, KS_DB_MEMORY, "memory is short", NULL);
    }
    return ks_buf_ok(b) || ks_db_fail(e, KS_DB_MEMORY, "memory is short", NULL);
}

static void give(void *arg, const ks_db_value *v)
{
    ks_db_sink_value(arg, v);
}

/* An error of the command: of its words, or of the user's rights. */
static bool refused(const ks_redis_taker *t, ks_db_error *e)
{
    ks_str text = ks_str_of(t->text);
    bool   rights = ks_str_starts(text, KS_S("NOPERM")) || ks_str_starts(text, KS_S("READONLY"));
    (void)ks_db_fail(e, rights ? KS_DB_RIGHTS : KS_DB_STATEMENT,
                     rights ? "the user has no right to do this" : "the server refused the command", NULL);
    note_code(t, e);
    ks_buf_str(&e->text, text);
    return false;
}

static bool execute(const ks_redis *r, const ks_db_call *call, const ks_db_limit *l, ks_db_sink *s,
                    ks_db_error *e)
{
    ks_buf         b = ks_buf_new(2 * KS_MAX_ACT_BODY_BYTES);
    ks_redis_taker taker = {.value = give, .arg = s, .pairs = ks_str_ieq(call->statement, KS_S("HGETALL"))};
    bool           ok = put_command(&b, call, e);
    if (ok) {
        ks_db_sink_column(s, KS_S("value"), KS_S("reply"));
        e->unsent = false;
        ok = ks_redis_ask(r, ks_buf_view(&b), ks_db_sink_room(s), &taker, l, e);
    }
    ks_buf_done(&b);
    if (ok && taker.refused)
        return refused(&taker, e);
    if (ok && !ks_db_sink_row(s))
        e->dead = false; /* all was read: the row did not fit, and the answer says so */
    return ok;
}

static bool db_run(void *conn, const ks_db_call *call, const ks_db_limit *l, ks_db_sink *s, ks_db_error *e)
{
    const ks_redis *r = conn;
    const char     *fault = ks_redis_fault(call->statement, call->target.superuser);
    e->unsent = true;
    if (fault != NULL)
        return ks_db_fail(e, KS_DB_RIGHTS, fault, "refused");
    bool ok = call->target.write || may_read(r, call->statement, l, e);
    ok = ok && execute(r, call, l, s, e);
    e->unknown = call->target.write && e->dead && !e->unsent;
    return ok;
}

/* No command that would leave anything behind was let through. */
static bool db_reset(void *conn, const ks_db_limit *l)
{
    (void)conn, (void)l;
    return true;
}

static bool db_alive(void *conn)
{
    const ks_redis *r = conn;
    return ks_db_quiet(r->fd);
}

const ks_db_driver ks_db_redis = {
    .name = "redis",
    .port = 6379,
    .open = db_open,
    .run = db_run,
    .reset = db_reset,
    .alive = db_alive,
    .close = close_conn,
};
