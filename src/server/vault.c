/* server/vault.c — see vault.h. */
#include "server/vault.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/enc.h"
#include "features/audit/audit.h"
#include "store/driver.h"

#define KEY_VARIABLE "KEYSTEWARD_ROOT_KEY_HEX"

static const ks_sql has_tables = {"SELECT count(*) FROM sqlite_master WHERE name = 'meta'"};
static const ks_sql root_id_value = {"SELECT value FROM meta WHERE name = 'root_id'"};
static const ks_sql root_check_value = {"SELECT value FROM meta WHERE name = 'root_check'"};
static const ks_sql any_project = {"SELECT root_id FROM projects LIMIT 1"};
static const ks_sql meta_insert = {"INSERT INTO meta (name, value) VALUES ($1, $2)"};

/* What the database says of its root key. */
typedef struct wanted {
    ks_str root_id; /* absent: nothing was ever sealed here */
    ks_str check;   /* absent: not written yet */
} wanted;

/* First column of the first row, absent without a row. */
static ks_status one_value(ks_ctx *cx, ks_db *db, const ks_sql *q, ks_str *out)
{
    ks_stmt *stmt = NULL;
    ks_step  step = ks_sqlite_driver.exec(db, q, NULL, 0, &stmt);
    ks_str   text = step == KS_STEP_ROW ? ks_sqlite_driver.column_text(stmt, 0) : KS_NO_STR;
    *out = text.p ? ks_copy(cx, text) : KS_NO_STR;
    ks_sqlite_driver.reset(stmt);
    if (step == KS_STEP_ROW)
        return out->p ? KS_OK : ks_no_memory(cx);
    return step == KS_STEP_DONE ? KS_OK : ks_fail(cx, KS_STORE, NULL, "The database cannot be read.");
}

static ks_status read_wanted(ks_ctx *cx, ks_db *db, wanted *out)
{
    ks_str tables;
    KS_TRY(one_value(cx, db, &has_tables, &tables));
    if (!ks_str_eq(tables, KS_S("1"))) /* a first start that ended before it had made them */
        return KS_OK;
    KS_TRY(one_value(cx, db, &root_id_value, &out->root_id));
    KS_TRY(one_value(cx, db, &root_check_value, &out->check));
    return out->root_id.p ? KS_OK : one_value(cx, db, &any_project, &out->root_id);
}

/* Ask the database before the store opens it: the store signs at once what a crash left unsigned, and with a
 * wrong key, or none, that would spoil the audit chain. */
static ks_status peek(ks_ctx *cx, const ks_config *c, wanted *out)
{
    struct stat st;
    ks_db      *db;
    ks_str      path = ks_fmt(cx, KS_FMT "/keysteward.db", KS_ARG(c->data));
    *out = (wanted){0};
    if (path.p == NULL)
        return KS_NO_MEMORY;
    if (lstat(path.p, &st) != 0 && errno == ENOTDIR)
        return ks_fail(cx, KS_INVALID, "data", "--data must name a folder; this is a file: " KS_FMT,
                       KS_ARG(c->data));
    if (lstat(path.p, &st) != 0 && errno == ENOENT)
        return KS_OK;
    KS_TRY(ks_sqlite_driver.open(cx, path, KS_DB_READ, &db));
    ks_status s = read_wanted(cx, db, out);
    ks_sqlite_driver.close(db);
    return s;
}

/* ---- where the key comes from ---- */

/* A systemd credential named root.key (LoadCredential=root.key:...); -1 when there is none. */
static int credential_fd(ks_ctx *cx)
{
    const char *dir = getenv("CREDENTIALS_DIRECTORY");
    ks_str      path = dir ? ks_fmt(cx, "%s/root.key", dir) : KS_NO_STR;
    return path.p ? open(path.p, O_RDONLY | O_CLOEXEC | O_NOFOLLOW) : -1;
}

static ks_root_source choose_source(ks_ctx *cx, const ks_config *c, ks_vault *v)
{
    ks_root_source from = {.path = KS_NO_STR, .fd = -1};
    if (c->root_key_fd >= 0) {
        v->key_from = KS_S("the descriptor of --root-key-fd");
        from.fd = (int)c->root_key_fd;
    } else if (getenv(KEY_VARIABLE) != NULL) {
        v->key_from = KS_S("the environment variable " KEY_VARIABLE);
        from.env = KS_S(KEY_VARIABLE);
    } else if (c->root_key.p == NULL && (from.fd = credential_fd(cx)) >= 0) {
        v->key_from = KS_S("the systemd credential root.key");
    } else {
        from.path = c->root_key.p ? c->root_key : ks_fmt(cx, KS_FMT "/root.key", KS_ARG(c->data));
        v->key_from = from.path;
    }
    return from;
}

static ks_status missing(ks_ctx *cx, const wanted *w, const ks_vault *v)
{
    return ks_fail_code(cx, KS_FORBIDDEN, "root_key_missing", "root-key",
                        "The root key with id " KS_FMT " is missing: looked for it in " KS_FMT
                        ". The data was "
                        "sealed with it and cannot be read without it. Put the file back (from its backup), "
                        "mode 0600, or name it with --root-key. No new key is made.",
                        KS_ARG(w->root_id), KS_ARG(v->key_from));
}

static ks_status wrong(ks_ctx *cx, const wanted *w, const ks_vault *v)
{
    return ks_fail_code(cx, KS_FORBIDDEN, "root_key_wrong", "root-key",
                        "This is not the root key of this data: wanted is the one with id " KS_FMT
                        ", found was id " KS_FMT " in " KS_FMT ". Name the right one with --root-key.",
                        KS_ARG(w->root_id), KS_ARG(ks_keyring_root_id(v->keys)), KS_ARG(v->key_from));
}

/* The folder with those above it, each for us alone. */
static ks_status make_folder(ks_ctx *cx, ks_str dir)
{
    for (size_t i = 1; i <= dir.n; i++) {
        if (i < dir.n && dir.p[i] != '/')
            continue;
        ks_str part = ks_copy(cx, ks_str_sub(dir, 0, i));
        if (part.p == NULL)
            return KS_NO_MEMORY;
        if (mkdir(part.p, 0700) != 0 && errno != EEXIST)
            return ks_fail(cx, KS_STORE, "data", "The data folder cannot be made (errno %d): " KS_FMT, errno,
                           KS_ARG(dir));
    }
    return KS_OK;
}

/* Make the key while holding the folder's lock, so that of two first starts only one makes it. */
static ks_status make_key(ks_ctx *cx, const ks_config *c, ks_str path, bool *made)
{
    struct stat st;
    KS_TRY(make_folder(cx, c->data));
    ks_str lock = ks_fmt(cx, KS_FMT "/lock", KS_ARG(c->data));
    int    fd = lock.p ? open(lock.p, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600) : -1;
    if (fd < 0)
        return ks_fail(cx, KS_STORE, "data", "The data folder cannot be written: " KS_FMT, KS_ARG(c->data));
    ks_status s = KS_OK;
    if (flock(fd, LOCK_EX | LOCK_NB) != 0)
        s = ks_fail(cx, KS_CONFLICT, "data", "Another process is making this data folder. Try again.");
    else if (lstat(path.p, &st) != 0) {
        s = ks_root_create(cx, path);
        *made = s == KS_OK;
    }
    close(fd); /* lets go of the lock: the store takes it for itself */
    return s;
}

static ks_status open_key(ks_ctx *cx, const ks_config *c, const ks_root_source *from, const wanted *w,
                          ks_vault *v)
{
    struct stat st;
    if (from->path.p != NULL && lstat(from->path.p, &st) != 0 && errno == ENOENT) {
        if (w->root_id.p != NULL)
            return missing(cx, w, v);
        KS_TRY(make_key(cx, c, from->path, &v->key_is_new));
    }
    return ks_keyring_open(cx, from, &v->keys);
}

/* ---- the key against the database ---- */

static ks_status fill_adopt(ks_ctx *cx, ks_change *c, const ks_vault *v, const unsigned char *check)
{
    const ks_guard  once = {.rows = 1, .status = KS_CONFLICT, .message = "The root key is set already."};
    ks_audit_record r = {.project_id = KS_S(""),
                         .actor = KS_S("system"),
                         .action = KS_S("root_key.adopt"),
                         .object = ks_keyring_root_id(v->keys),
                         .result = KS_S("ok"),
                         .request_id = KS_S("")};
    KS_TRY(ks_change_add(cx, c, &meta_insert, KS_VALS(KS_V(KS_S("root_id")), KS_VB(r.object)), once));
    KS_TRY(ks_change_add(
        cx, c, &meta_insert,
        KS_VALS(KS_V(KS_S("root_check")), KS_VB(((ks_str){(const char *)check, KS_MAC_LEN}))), once));
    return ks_change_audit(cx, c, &r);
}

static ks_status adopt(ks_ctx *cx, const ks_vault *v, const unsigned char *check)
{
    ks_change *c;
    KS_TRY(ks_change_new(cx, &c));
    ks_status s = fill_adopt(cx, c, v, check);
    if (s != KS_OK) {
        ks_change_free(c);
        return s;
    }
    return ks_store_apply(cx, v->store, c);
}

static ks_status match_key(ks_ctx *cx, const wanted *w, const ks_vault *v, const unsigned char *check)
{
    if (w->root_id.p != NULL && !ks_str_eq(w->root_id, ks_keyring_root_id(v->keys)))
        return wrong(cx, w, v);
    if (w->check.p != NULL && (w->check.n != KS_MAC_LEN || !ks_same(w->check.p, check, KS_MAC_LEN)))
        return wrong(cx, w, v);
    return KS_OK;
}

static ks_status open_vault(ks_ctx *cx, const ks_config *c, ks_metrics *m, ks_vault *v)
{
    wanted           w;
    unsigned char    check[KS_MAC_LEN];
    ks_store_options o = {.dir = c->data,
                          .chain = ks_audit_chain(&v->keys),
                          .metrics = m,
                          .strict_uses = ks_str_eq(c->audit_uses, KS_S("strict"))};
    KS_TRY(peek(cx, c, &w));
    if (v->keys == NULL) { /* a descriptor or variable can be read once only */
        ks_root_source from = choose_source(cx, c, v);
        if (v->key_from.p == NULL)
            return ks_no_memory(cx);
        KS_TRY(open_key(cx, c, &from, &w, v));
    }
    ks_keyring_root_check(v->keys, check);
    KS_TRY(match_key(cx, &w, v, check));
    KS_TRY(ks_store_open(cx, &o, &v->store));
    return w.check.p ? KS_OK : adopt(cx, v, check);
}

ks_status ks_vault_open(ks_ctx *cx, const ks_config *c, ks_metrics *m, ks_vault *v)
{
    ks_status s = KS_CONFLICT;
    bool      again = true;
    while (s == KS_CONFLICT && again) {
        s = open_vault(cx, c, m, v);
        again = v->store !=
                NULL; /* another first start wrote its key between our look and our lock: look anew */
        if (s != KS_OK) {
            ks_store_close(v->store);
            v->store = NULL;
        }
    }
    if (s != KS_OK && s != KS_CONFLICT)
        ks_vault_close(v);
    return s;
}

void ks_vault_close(ks_vault *v)
{
    ks_store_close(v->store);
    ks_keyring_free(v->keys);
    *v = (ks_vault){0};
}
