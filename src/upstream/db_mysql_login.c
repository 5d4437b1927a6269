/* upstream/db_mysql_login.c — proving the password to MySQL and MariaDB ourselves: libmariadb never gets it,
 * so its heap, which is not wiped, never holds it, and no server can make it load a method from disk. Knows
 * the methods of passwords that need no further library; a password travels as it is only through TLS whose
 * certificate was checked. Source: the servers' manuals, "Connection Phase". Threads: the caller's. */
#include <mysql/plugin_auth.h>
#include <openssl/evp.h>

#include "base/alloc.h"
#include "upstream/db_mysql.h"

#define NONCE     20
#define SWITCH    254 /* first byte of a packet that names another method */
#define FAST_DONE 3   /* caching_sha2_password: the server knew the digest */
#define FULL_AUTH 4   /* it did not: it wants the password itself */

/* ---- digests ---- */

/* The digest of two texts, one behind the other. */
static bool digest(const EVP_MD *md, const void *p, size_t n, const void *q, size_t m, unsigned char *out)
{
    EVP_MD_CTX *cx = EVP_MD_CTX_new();
    bool        ok = cx != NULL && EVP_DigestInit_ex(cx, md, NULL) == 1 && EVP_DigestUpdate(cx, p, n) == 1 &&
              EVP_DigestUpdate(cx, q, m) == 1 && EVP_DigestFinal_ex(cx, out, NULL) == 1;
    EVP_MD_CTX_free(cx);
    return ok;
}

static void mix(unsigned char *out, const unsigned char *with, size_t n)
{
    for (size_t i = 0; i < n; i++)
        out[i] ^= with[i];
}

bool ks_mysql_native(ks_str password, const unsigned char nonce[NONCE], unsigned char out[20])
{
    const EVP_MD *md = EVP_sha1();
    unsigned char once[20], twice[20];
    bool ok = digest(md, password.p, password.n, "", 0, once) && digest(md, once, 20, "", 0, twice) &&
              digest(md, nonce, NONCE, twice, 20, out);
    mix(out, once, 20);
    explicit_bzero(once, sizeof once);
    explicit_bzero(twice, sizeof twice);
    return ok;
}

bool ks_mysql_sha2(ks_str password, const unsigned char nonce[NONCE], unsigned char out[32])
{
    const EVP_MD *md = EVP_sha256();
    unsigned char once[32], twice[32];
    bool ok = digest(md, password.p, password.n, "", 0, once) && digest(md, once, 32, "", 0, twice) &&
              digest(md, twice, 32, nonce, NONCE, out);
    mix(out, once, 32);
    explicit_bzero(once, sizeof once);
    explicit_bzero(twice, sizeof twice);
    return ok;
}

/* ---- methods ---- */

static int refuse(ks_mysql *c, const char *why, const char *code)
{
    c->m->net.read_pos[0] = 0; /* or libmariadb would follow the server to the method it named */
    (void)ks_db_fail(c->error, KS_DB_LOGIN, why, code);
    return CR_ERROR;
}

/* The password and a final NUL, as they are. libmariadb's buffer is wiped behind them. */
static int send_plain(MYSQL_PLUGIN_VIO *vio, ks_mysql *c, ks_str password)
{
    const NET *net = &c->m->net;
    int        rc;
    char      *text;
    if (!c->secured || c->target->tls < KS_DB_TLS_CA)
        return refuse(
            c, "the server wants the password itself, which travels only over TLS with a checked certificate",
            "plain");
    text = ks_malloc(password.n + 1);
    if (text == NULL)
        return refuse(c, "memory is short", "memory");
    if (password.n > 0)
        memcpy(text, password.p, password.n);
    text[password.n] = '\0';
    rc = vio->write_packet(vio, (const unsigned char *)text, (int)password.n + 1);
    ks_free(text);
    explicit_bzero(net->buff, (size_t)(net->buff_end - net->buff));
    return rc == 0 ? CR_OK : CR_ERROR;
}

static int native(MYSQL_PLUGIN_VIO *vio, ks_mysql *c, ks_str password, const unsigned char *nonce)
{
    unsigned char proof[20];
    if (!ks_mysql_native(password, nonce, proof))
        return refuse(c, "memory is short", "memory");
    return vio->write_packet(vio, proof, password.n > 0 ? 20 : 0) == 0 ? CR_OK : CR_ERROR;
}

static ks_str password_of(const ks_mysql *c)
{
    return c->target->password != NULL ? ks_secret_reveal(c->target->password) : KS_S("");
}

int ks_mysql_plain(void *arg, ks_mysql *c)
{
    MYSQL_PLUGIN_VIO *vio = arg;
    unsigned char    *p;
    if (c->switches++ > 0)
        return refuse(c, "the server goes on asking for other ways to log in", "method");
    if (!c->answered || vio->read_packet(vio, &p) < 0)
        return CR_ERROR;
    return send_plain(vio, c, password_of(c));
}

int ks_mysql_caching_sha2(void *arg, ks_mysql *c)
{
    MYSQL_PLUGIN_VIO *vio = arg;
    unsigned char     proof[32], *p;
    ks_str            password = password_of(c);
    if (c->switches++ > 0)
        return refuse(c, "the server goes on asking for other ways to log in", "method");
    int n = c->answered ? vio->read_packet(vio, &p) : -1;
    if (n < NONCE)
        return refuse(c, "the server does not keep to the protocol of MySQL", "protocol");
    if (!ks_mysql_sha2(password, p, proof))
        return refuse(c, "memory is short", "memory");
    if (vio->write_packet(vio, proof, password.n > 0 ? 32 : 0) != 0)
        return CR_ERROR;
    n = vio->read_packet(vio, &p);
    if (n == 1 && p[0] == FAST_DONE)
        return CR_OK;
    if (n == 1 && p[0] == FULL_AUTH)
        return send_plain(vio, c, password);
    return n >= 0 ? CR_OK_HANDSHAKE_COMPLETE : CR_ERROR;
}

/* "\xfe" method NUL nonce NUL: libmariadb ends every packet with a NUL, and its buffer is longer than that.
 * The method of most is answered here, as libmariadb's own would want to know the password; the others are
 * plugins of ours, to which the library goes on. */
static int switched(MYSQL_PLUGIN_VIO *vio, ks_mysql *c)
{
    const char *name = (const char *)c->m->net.read_pos + 1, *end = (const char *)c->m->net.buff_end;
    size_t      n = strnlen(name, (size_t)(end - name));
    const char *nonce = name + n + 1;
    ks_str      method = {name, n};
    if (ks_str_eq(method, KS_S(KS_MYSQL_CLEAR)) || ks_str_eq(method, KS_S(KS_MYSQL_SHA256)) ||
        ks_str_eq(method, KS_S(KS_MYSQL_SHA2)))
        return CR_ERROR;
    if (!ks_str_eq(method, KS_S("mysql_native_password")))
        return refuse(c, "this user logs in by a method that is not known here", "method");
    if (nonce + NONCE >= end || strnlen(nonce, NONCE + 1) != NONCE)
        return refuse(c, "the server does not keep to the protocol of MySQL", "protocol");
    return native(vio, c, password_of(c), (const unsigned char *)nonce);
}

int ks_mysql_login(void *arg, ks_mysql *c)
{
    MYSQL_PLUGIN_VIO *vio = arg;
    unsigned char    *p;
    bool              tls = c->target->tls != KS_DB_TLS_OFF;
    if (c->answered) /* the server sent us here a second time */
        return refuse(c, "the server goes on asking for other ways to log in", "method");
    c->answered = true;
    if (tls && !(c->m->server_capabilities & CLIENT_SSL)) {
        (void)ks_db_fail(c->error, KS_DB_TLS, "the server does not offer TLS", "tls");
        return CR_ERROR;
    }
    /* libmariadb begins TLS, checks the certificate and names the user before it reads this answer */
    int n = vio->read_packet(vio, &p);
    c->secured = tls && mysql_get_ssl_cipher(c->m) != NULL;
    if (n < 0 && (c->error->step != KS_DB_FINE || mysql_errno(c->m) != 0 || c->m->net.read_pos[0] != SWITCH))
        return CR_ERROR;
    if (tls && !c->secured) {
        c->m->net.read_pos[0] = 0;
        (void)ks_db_fail(c->error, KS_DB_TLS, "the server does not offer TLS", "tls");
        return CR_ERROR;
    }
    if (n >= 0)
        return CR_OK_HANDSHAKE_COMPLETE;
    return switched(vio, c);
}
