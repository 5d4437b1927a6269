/* crypto/root.c — where the root key comes from, and making a new one (rule C6). Derives nothing. Threads:
 * any; at start only. */
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <sodium.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "crypto/crypto_internal.h"

/* Read up to n bytes, over short reads; the number read, or -1. */
static ssize_t read_all(int fd, void *p, size_t n)
{
    size_t got = 0;
    while (got < n) {
        ssize_t r = read(fd, (char *)p + got, n - got);
        if (r < 0 && errno == EINTR)
            continue;
        if (r < 0)
            return -1;
        if (r == 0)
            break;
        got += (size_t)r;
    }
    return (ssize_t)got;
}

static bool write_all(int fd, const void *p, size_t n)
{
    for (size_t put = 0; put < n;) {
        ssize_t w = write(fd, (const char *)p + put, n - put);
        if (w < 0 && errno == EINTR)
            continue;
        if (w <= 0)
            return false;
        put += (size_t)w;
    }
    return true;
}

/* Exactly KS_KEY_LEN bytes, and then the end. */
static ks_status read_key(ks_ctx *cx, int fd, const char *what, unsigned char key[KS_KEY_LEN])
{
    unsigned char over;
    ssize_t       n = read_all(fd, key, KS_KEY_LEN);
    if (n == KS_KEY_LEN)
        n += read_all(fd, &over, 1);
    sodium_memzero(&over, sizeof over);
    if (n < 0)
        return ks_fail(cx, KS_INTERNAL, NULL, "The %s cannot be read (error %d).", what, errno);
    if (n != KS_KEY_LEN)
        return ks_fail(cx, KS_INVALID, NULL,
                       "The %s must hold exactly %d bytes. Restore it from your copy; a new key cannot open "
                       "what the old one sealed.",
                       what, KS_KEY_LEN);
    return KS_OK;
}

/* Is this file fit to hold a key? */
static ks_status judge(ks_ctx *cx, const struct stat *st)
{
    if (!S_ISREG(st->st_mode))
        return ks_fail(cx, KS_FORBIDDEN, NULL, "The root key must be a regular file.");
    if (st->st_uid != geteuid())
        return ks_fail(cx, KS_FORBIDDEN, NULL,
                       "The root key file belongs to user %u, but this process runs as %u. Change its owner.",
                       (unsigned)st->st_uid, (unsigned)geteuid());
    if ((st->st_mode & 07777) != 0600)
        return ks_fail(cx, KS_FORBIDDEN, NULL,
                       "The root key file has mode %04o; it must be 0600. Run chmod 600 on it, and replace "
                       "the key if others may have read it.",
                       (unsigned)(st->st_mode & 07777));
    return KS_OK;
}

static ks_status cannot_open(ks_ctx *cx, int error)
{
    switch (error) {
    case ENOENT:
        return ks_fail(cx, KS_NOT_FOUND, NULL, "There is no root key file.");
    case ELOOP:
        return ks_fail(cx, KS_FORBIDDEN, NULL, "The root key file is a symbolic link. Name the file itself.");
    case EACCES:
    case EPERM:
        return ks_fail(cx, KS_FORBIDDEN, NULL, "This process may not read the root key file.");
    default:
        return ks_fail(cx, KS_INTERNAL, NULL, "The root key file cannot be opened (error %d).", error);
    }
}

static ks_status from_file(ks_ctx *cx, ks_str path, unsigned char key[KS_KEY_LEN])
{
    ks_str      name = ks_copy(cx, path);
    struct stat st;
    ks_status   status;
    if (name.p == NULL)
        return KS_NO_MEMORY;
    if (ks_str_chr(name, '\0') != SIZE_MAX)
        return ks_fail(cx, KS_INVALID, NULL, "The path of the root key holds a NUL.");
    /* O_NONBLOCK: a pipe of that name must not hold the start up */
    int fd = open(name.p, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
        return cannot_open(cx, errno);
    if (fstat(fd, &st) != 0)
        status = cannot_open(cx, errno);
    else
        status = judge(cx, &st);
    if (status == KS_OK)
        status = read_key(cx, fd, "root key file", key);
    close(fd);
    return status;
}

static ks_status from_env(ks_ctx *cx, ks_str env, unsigned char key[KS_KEY_LEN])
{
    ks_str name = ks_copy(cx, env);
    if (name.p == NULL)
        return KS_NO_MEMORY;
    char *value = getenv(name.p);
    if (value == NULL)
        return ks_fail(cx, KS_NOT_FOUND, NULL, "The environment variable for the root key is not set.");
    size_t n = strlen(value), got = 0;
    bool   good = n == KS_ROOT_HEX && sodium_hex2bin(key, KS_KEY_LEN, value, n, NULL, &got, NULL) == 0 &&
                got == KS_KEY_LEN;
    sodium_memzero(value, n); /* in the memory /proc/PID/environ shows */
    unsetenv(name.p);
    if (!good)
        return ks_fail(cx, KS_INVALID, NULL, "The root key in the environment must be %d hex digits.",
                       KS_ROOT_HEX);
    KS_LOG(KS_LOG_WARN, "root_key_from_environment",
           KS_LSTR(REASON, KS_S("environments leak to children and to /proc; use a file of mode 0600")));
    return KS_OK;
}

ks_status ks_root_read(ks_ctx *cx, const ks_root_source *from, unsigned char key[KS_KEY_LEN])
{
    if (from->path.n > 0)
        return from_file(cx, from->path, key);
    if (from->env.n > 0)
        return from_env(cx, from->env, key);
    if (from->fd < 0)
        return ks_fail(cx, KS_INVALID, NULL, "No source is given for the root key.");
    ks_status status = read_key(cx, from->fd, "root key descriptor", key);
    close(from->fd);
    return status;
}

static bool sync_folder(ks_ctx *cx, ks_str path)
{
    ks_str copy = ks_copy(cx, path);
    char  *z = copy.p ? ks_alloc(cx, copy.n + 1) : NULL;
    if (z == NULL)
        return false;
    memcpy(z, copy.p, copy.n + 1);
    int fd = open(dirname(z), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return false;
    bool good = fsync(fd) == 0;
    close(fd);
    return good;
}

/* A fresh key, durable under `name`, which must not exist. 0 or errno. */
static int write_key(const char *name)
{
    unsigned char *key = ks_guarded_new(KS_KEY_LEN);
    if (key == NULL)
        return ENOMEM;
    int fd = open(name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    int error = fd < 0 ? errno : 0;
    if (fd >= 0) {
        randombytes_buf(key, KS_KEY_LEN);
        if (fchmod(fd, 0600) != 0 || !write_all(fd, key, KS_KEY_LEN) || fsync(fd) != 0)
            error = errno ? errno : EIO;
        if (close(fd) != 0 && error == 0)
            error = errno;
        if (error != 0)
            unlink(name);
    }
    sodium_free(key);
    return error;
}

/* The key is written under another name and then linked: a kill in between leaves no half key behind. */
ks_status ks_root_create(ks_ctx *cx, ks_str path)
{
    ks_str name = ks_copy(cx, path), fresh = ks_fmt(cx, KS_FMT ".new", KS_ARG(path));
    if (name.p == NULL || fresh.p == NULL)
        return KS_NO_MEMORY;
    unlink(fresh.p); /* of a start that was killed; never in use */
    int error = write_key(fresh.p);
    if (error == ENOMEM)
        return ks_no_memory(cx);
    if (error == 0) {
        error = link(fresh.p, name.p) == 0 ? 0 : errno;
        unlink(fresh.p);
    }
    if (error == EEXIST)
        return ks_fail(
            cx, KS_CONFLICT, NULL,
            "A root key exists there already. It is never replaced: what it sealed would be lost.");
    if (error != 0 || !sync_folder(cx, name))
        return ks_fail(cx, KS_INTERNAL, NULL, "The root key file cannot be written (error %d).",
                       error ? error : errno);
    return KS_OK;
}
