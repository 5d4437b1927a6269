/* upstream/db_mysql_transport.c — our sockets below libmariadb. The library would resolve names again, wait
 * without a way out and follow a server to log-in methods on disk. Its transport and its log-in are plugins,
 * so ours stand in their place: what is dialled was judged by address (rule N4), the certificate is checked
 * against the name, and every wait has a deadline and an end. Runs no statements. Source: ma_pvio.h,
 * docs/decisions/0015. Threads: see db_mysql.h. */
#include "upstream/db_mysql.h" /* first: ma_pvio.h below does not stand alone */

#include <poll.h>
#include <stdarg.h>
#include <stdlib.h>
#include <unistd.h>

#include <ma_pvio.h>
#include <mysql/plugin_auth.h>
#include <openssl/ssl.h>

#include "base/alloc.h"
#include "upstream/db_socket.h"

#define TRANSPORT     "pvio_socket" /* the built-in one, whose methods become ours */
#define LOGIN         "keysteward"
#define ALLOWED       LOGIN "," KS_MYSQL_CLEAR "," KS_MYSQL_SHA256 "," KS_MYSQL_SHA2
#define TYPE_LOGIN    2
#define TYPE_SOCKET   101
#define VERSION       0x0100
#define ANSWER_LATE   "the server did not answer in time"
#define USERDATA      "keysteward"
#define CONNECT_S     60 /* libmariadb's own patience; ours ends first */
#define TLS_WANTED    "TLSv1.2,TLSv1.3"
#define NO_PLUGIN_DIR "/nonexistent"

/* mysql/client_plugin.h needs headers that are not installed: the two kinds used here, as documented there.
 */
#define PLUGIN_HEAD                                                                                          \
    int          type;                                                                                       \
    unsigned int interface_version;                                                                          \
    const char  *name, *author, *desc;                                                                       \
    unsigned int version[3];                                                                                 \
    const char  *license;                                                                                    \
    void        *mysql_api;                                                                                  \
    int (*init)(char *, size_t, int, va_list);                                                               \
    int (*deinit)(void);                                                                                     \
    int (*options)(const char *, const void *)

typedef struct login_plugin {
    PLUGIN_HEAD;
    int (*authenticate)(MYSQL_PLUGIN_VIO *vio, MYSQL *m);
} login_plugin;

typedef struct socket_plugin {
    PLUGIN_HEAD;
    struct st_ma_pvio_methods *methods;
} socket_plugin;

/* What pvio->ctls points to: ma_tls.h cannot be included beside ma_pvio.h. */
typedef struct tls {
    void         *data;
    MARIADB_PVIO *pvio;
    SSL          *ssl;
} tls;

/* Whose connection this is: noted in the library's own options. */
static ks_mysql *owner(MYSQL *m)
{
    static char name[] = USERDATA; /* an argument that is not const, and only read */
    ks_mysql   *c = NULL;
    return mysql_get_optionv(m, MARIADB_OPT_USERDATA, name, &c) == 0 ? c : NULL;
}

/* ---- the transport ---- */

static my_bool on_connect(MARIADB_PVIO *pvio, MA_PVIO_CINFO *info)
{
    ks_mysql *c = owner(info->mysql);
    size_t    which;
    if (c == NULL)
        return 1;
    pvio->data = c;
    pvio->mysql = info->mysql;
    pvio->type = info->type;
    if (!ks_db_dial(c->at, c->at_n, c->limit, &c->fd, &which, c->error))
        return 1;
    c->peer = c->at[which];
    return 0;
}

static ssize_t on_read(MARIADB_PVIO *pvio, uchar *to, size_t room)
{
    const ks_mysql *c = pvio->data;
    return c->limit != NULL ? ks_db_read(c->fd, to, room, c->limit, ANSWER_LATE, c->error) : -1;
}

/* mysql_close says goodbye when nothing may be waited for: then it is one attempt. */
static ssize_t on_write(MARIADB_PVIO *pvio, const uchar *from, size_t n)
{
    const ks_mysql *c = pvio->data;
    if (c->limit == NULL)
        return send(c->fd, from, n, MSG_DONTWAIT | MSG_NOSIGNAL);
    return ks_db_write(c->fd, from, n, c->limit, ANSWER_LATE, c->error);
}

/* Does TLS wait until it can write? The library calls every wait one for reading. */
static bool tls_writes(const MARIADB_PVIO *pvio)
{
    const tls *t = pvio->ctls;
    return t != NULL && t->ssl != NULL && SSL_want(t->ssl) == SSL_WRITING;
}

/* TLS waits here. `ms` is the library's own idea. */
static int on_wait(MARIADB_PVIO *pvio, my_bool reading, int ms)
{
    const ks_mysql *c = pvio->data;
    short           events = reading && !tls_writes(pvio) ? POLLIN : POLLOUT;
    (void)ms;
    if (c->limit == NULL)
        return -1;
    return ks_db_wait(c->limit, c->fd, events, ANSWER_LATE, c->error) ? 1 : -1;
}

static my_bool on_close(MARIADB_PVIO *pvio)
{
    ks_mysql *c = pvio->data;
    if (c != NULL && c->fd >= 0) {
        close(c->fd);
        c->fd = -1;
    }
    pvio->data = NULL;
    return 0;
}

static my_bool on_handle(MARIADB_PVIO *pvio, void *handle)
{
    const ks_mysql *c = pvio->data;
    int             fd = c != NULL ? c->fd : -1;
    memcpy(handle, &fd, sizeof fd);
    return 0;
}

static int on_shutdown(MARIADB_PVIO *pvio)
{
    const ks_mysql *c = pvio->data;
    return c != NULL ? shutdown(c->fd, SHUT_RDWR) : -1;
}

/* The descriptor never blocks, whatever the library asks for. */
static int on_blocking(MARIADB_PVIO *pvio, my_bool wanted, my_bool *before)
{
    (void)pvio, (void)wanted;
    if (before != NULL)
        *before = 0;
    return 0;
}

static my_bool on_is_blocking(MARIADB_PVIO *pvio)
{
    (void)pvio;
    return 0;
}

static my_bool on_is_alive(MARIADB_PVIO *pvio)
{
    const ks_mysql *c = pvio->data;
    return c != NULL && ks_db_quiet(c->fd);
}

static my_bool on_has_data(MARIADB_PVIO *pvio, ssize_t *n)
{
    (void)pvio;
    *n = 0;
    return 0;
}

static my_bool on_set_timeout(MARIADB_PVIO *pvio, enum enum_pvio_timeout which, int seconds)
{
    (void)pvio, (void)which, (void)seconds;
    return 0;
}

static int on_get_timeout(MARIADB_PVIO *pvio, enum enum_pvio_timeout which)
{
    (void)pvio, (void)which;
    return CONNECT_S;
}

static int on_nothing(MARIADB_PVIO *pvio)
{
    (void)pvio;
    return 0;
}

/* libmariadb keeps a pointer to them that is not const. */
static struct st_ma_pvio_methods methods = {
    .set_timeout = on_set_timeout,
    .get_timeout = on_get_timeout,
    .read = on_read,
    .write = on_write,
    .wait_io_or_timeout = on_wait,
    .blocking = on_blocking,
    .connect = on_connect,
    .close = on_close,
    .fast_send = on_nothing,
    .keepalive = on_nothing,
    .get_handle = on_handle,
    .is_blocking = on_is_blocking,
    .is_alive = on_is_alive,
    .has_data = on_has_data,
    .shutdown = on_shutdown,
};

/* ---- the log-in ---- */

static int on_login(MYSQL_PLUGIN_VIO *vio, MYSQL *m)
{
    ks_mysql *c = owner(m);
    return c != NULL ? ks_mysql_login(vio, c) : CR_ERROR;
}

static int on_plain(MYSQL_PLUGIN_VIO *vio, MYSQL *m)
{
    ks_mysql *c = owner(m);
    return c != NULL ? ks_mysql_plain(vio, c) : CR_ERROR;
}

static int on_caching_sha2(MYSQL_PLUGIN_VIO *vio, MYSQL *m)
{
    ks_mysql *c = owner(m);
    return c != NULL ? ks_mysql_caching_sha2(vio, c) : CR_ERROR;
}

#define METHOD(name_, fn)                                                                                    \
    {                                                                                                        \
        .type = TYPE_LOGIN, .interface_version = VERSION, .name = (name_), .author = "keysteward",           \
        .desc = "passwords that libmariadb does not see", .version = {1, 0, 0}, .license = "Apache-2.0",     \
        .authenticate = (fn)                                                                                 \
    }

/* The library keeps pointers to them that are not const. */
static login_plugin methods_of_login[] = {METHOD(LOGIN, on_login), METHOD(KS_MYSQL_CLEAR, on_plain),
                                          METHOD(KS_MYSQL_SHA256, on_plain),
                                          METHOD(KS_MYSQL_SHA2, on_caching_sha2)};

/* The library reads these by itself. */
static void clear_environment(void)
{
    static const char *const names[] = {"LIBMYSQL_PLUGINS", "MARIADB_PLUGIN_DIR", "MYSQL_PWD",
                                        "MYSQL_TCP_PORT",   "MYSQL_UNIX_PORT",    "MARIADB_UNIX_PORT",
                                        "MYSQL_HOME",       "MARIADB_HOME"};
    for (size_t i = 0; i < KS_COUNT(names); i++)
        unsetenv(names[i]);
}

bool ks_mysql_transport_start(void)
{
    MYSQL m;
    clear_environment();
    if (mysql_server_init(0, NULL, NULL) != 0 || mysql_init(&m) == NULL)
        return false;
    socket_plugin *built_in = (socket_plugin *)mysql_client_find_plugin(&m, TRANSPORT, TYPE_SOCKET);
    bool           ok = built_in != NULL && built_in->interface_version >> 8 == VERSION >> 8;
    if (ok)
        built_in->methods = &methods;
    for (size_t i = 0; ok && i < KS_COUNT(methods_of_login); i++)
        ok = mysql_client_register_plugin(&m, (struct st_mysql_client_plugin *)&methods_of_login[i]) != NULL;
    mysql_close(&m);
    return ok;
}

/* ---- connecting ---- */

/* Certificates that came as texts, as files in memory. */
typedef struct papers {
    int  ca, certificate, key;
    char ca_path[32], certificate_path[32], key_path[32];
} papers;

static void put_away(papers *p)
{
    int *fds[] = {&p->ca, &p->certificate, &p->key};
    for (size_t i = 0; i < KS_COUNT(fds); i++) {
        if (*fds[i] >= 0)
            close(*fds[i]);
    }
}

static bool lay_out(const ks_db_target *t, papers *p, ks_db_error *e)
{
    *p = (papers){-1, -1, -1, "", "", ""};
    bool ok = (t->ca.n == 0 || (p->ca = ks_db_file(t->ca, p->ca_path)) >= 0) &&
              (t->certificate.n == 0 ||
               (p->certificate = ks_db_file(t->certificate, p->certificate_path)) >= 0) &&
              (t->key == NULL || (p->key = ks_db_file(ks_secret_reveal(t->key), p->key_path)) >= 0);
    return ok || ks_db_fail(e, KS_DB_MEMORY, "no descriptor is left for a certificate", NULL);
}

#define SET(option, ...) (ok = ok && mysql_optionsv(m, (option), __VA_ARGS__) == 0)

static bool set_safety(ks_mysql *c, MYSQL *m)
{
    bool         ok = true;
    unsigned int off = 0, tcp = MYSQL_PROTOCOL_TCP, patience_s = CONNECT_S;
    SET(MYSQL_OPT_PROTOCOL, &tcp); /* "localhost" would be a socket in the file system */
    SET(MYSQL_OPT_LOCAL_INFILE, &off);
    SET(MYSQL_OPT_RECONNECT, &(my_bool){0});
    SET(MYSQL_OPT_CONNECT_TIMEOUT, &patience_s);
    SET(MYSQL_PLUGIN_DIR, NO_PLUGIN_DIR);
    SET(MYSQL_DEFAULT_AUTH, LOGIN);
    SET(MARIADB_OPT_RESTRICTED_AUTH, ALLOWED);
    SET(MARIADB_OPT_USERDATA, USERDATA, (void *)c);
    SET(MYSQL_SET_CHARSET_NAME, "utf8mb4");
    return ok;
}

static bool set_tls(const ks_db_target *t, MYSQL *m, const papers *p, const char *ca_file)
{
    my_bool on = 1;
    bool    ok = true;
    if (t->tls == KS_DB_TLS_OFF)
        return true;
    SET(MYSQL_OPT_SSL_ENFORCE, &on);
    SET(MARIADB_OPT_TLS_VERSION, TLS_WANTED);
    if (t->tls >= KS_DB_TLS_CA || t->ca.n > 0) /* a CA makes OpenSSL check the chain */
        SET(MYSQL_OPT_SSL_CA, p->ca >= 0 ? p->ca_path : ca_file);
    if (t->tls == KS_DB_TLS_FULL)
        SET(MYSQL_OPT_SSL_VERIFY_SERVER_CERT, &on);
    if (p->certificate >= 0)
        SET(MYSQL_OPT_SSL_CERT, p->certificate_path);
    if (p->key >= 0)
        SET(MYSQL_OPT_SSL_KEY, p->key_path);
    return ok;
}

/* A NUL-terminated copy for the library; NULL when memory is short or a NUL stands in it. */
static char *text_of(ks_str s)
{
    char *z = s.n > 0 && memchr(s.p, 0, s.n) != NULL ? NULL : ks_malloc(s.n + 1);
    if (z != NULL) {
        if (s.n > 0)
            memcpy(z, s.p, s.n);
        z[s.n] = '\0';
    }
    return z;
}

static bool real_connect(ks_mysql *c, ks_db_error *e)
{
    const ks_db_target *t = c->target;
    char               *host = text_of(t->host), *user = text_of(t->user), *database = text_of(t->database);
    bool                ok = host != NULL && user != NULL && database != NULL;
    if (!ok)
        (void)ks_db_fail(e, KS_DB_MEMORY, "memory is short", NULL);
    else if (user[0] == '\0') /* the library would take the name of the process's owner */
        ok = ks_db_fail(e, KS_DB_LOGIN, "a user name is needed", "user");
    else if (mysql_real_connect(c->m, host, user, "", t->database.n > 0 ? database : NULL, t->port, NULL,
                                0) == NULL) {
        ok = false;
        if (e->step == KS_DB_FINE)
            ks_mysql_connect_fault(c, mysql_errno(c->m), e);
    }
    ks_free(host);
    ks_free(user);
    ks_free(database);
    return ok;
}

bool ks_mysql_connect(ks_mysql *c, const char *ca_file, ks_db_error *e)
{
    papers p;
    bool   ok = lay_out(c->target, &p, e);
    e->step = ok ? KS_DB_FINE : e->step;
    if (ok && (!set_safety(c, c->m) || !set_tls(c->target, c->m, &p, ca_file)))
        ok = ks_db_fail(e, KS_DB_MEMORY, "memory is short", NULL);
    ok = ok && real_connect(c, e);
    put_away(&p);
    if (ok && (c->m->net.pvio->methods != &methods || (c->target->tls != KS_DB_TLS_OFF && !c->secured)))
        ok = ks_db_fail(e, KS_DB_TLS, "the connection is not the one that was asked for", "tls");
    return ok;
}
