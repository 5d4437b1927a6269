/* server/vault_test.c — rules C5 and C6: when a root key is made, and when start is refused. */
#include "server/vault.h"

#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "features/audit/audit.h"
#include "features/tokens/tokens.h"
#include "tests/support/test.h"

typedef struct world {
    char      dir[64], key[96];
    ks_arena *arena;
    ks_ctx    cx;
    ks_config config;
    ks_vault  vault;
} world;

static int set_up(void **state)
{
    world *w = calloc(1, sizeof *w);
    if (w == NULL || !ks_crypto_start() || (w->arena = ks_arena_new(1 << 24)) == NULL)
        return -1;
    snprintf(w->dir, sizeof w->dir, "/tmp/ks-vault-XXXXXX");
    if (mkdtemp(w->dir) == NULL)
        return -1;
    snprintf(w->key, sizeof w->key, "%s/root.key", w->dir);
    w->cx = ks_ctx_new(w->arena, NULL);
    w->config = (ks_config){.data = ks_str_of(w->dir), .root_key_fd = -1, .audit_uses = KS_S("batched")};
    *state = w;
    return 0;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *at)
{
    (void)st;
    (void)type;
    (void)at;
    return remove(path);
}

static int tear_down(void **state)
{
    world *w = *state;
    ks_vault_close(&w->vault);
    ks_arena_free(w->arena);
    nftw(w->dir, remove_one, 8, FTW_DEPTH | FTW_PHYS);
    free(w);
    return 0;
}

static ks_status open_again(world *w)
{
    ks_vault_close(&w->vault);
    return ks_vault_open(&w->cx, &w->config, NULL, &w->vault);
}

/* A folder with a sealed project key; returns the id of its root key. */
static ks_str sealed_folder(world *w)
{
    ks_reader *r;
    ks_str     id;
    assert_int_equal(open_again(w), KS_OK);
    assert_int_equal(ks_reader_open(&w->cx, w->vault.store, &r), KS_OK);
    ks_env env = {.keys = w->vault.keys, .store = w->vault.store, .reader = r};
    w->cx.env = &env;
    assert_int_equal(ks_project_ensure(&w->cx, KS_S("acme"), &id), KS_OK);
    w->cx.env = NULL;
    ks_reader_close(r);
    id = ks_copy(&w->cx, ks_keyring_root_id(w->vault.keys));
    ks_vault_close(&w->vault);
    return id;
}

static void write_key(const world *w, unsigned char fill)
{
    unsigned char bytes[32];
    memset(bytes, fill, sizeof bytes);
    int fd = open(w->key, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    assert_int_equal(write(fd, bytes, sizeof bytes), 32);
    close(fd);
}

static bool says(const world *w, ks_str part)
{
    return ks_str_find(w->cx.err.message, part) != SIZE_MAX;
}

static void the_first_start_makes_a_root_key_for_us_alone_C5(void **state)
{
    world      *w = *state;
    struct stat st;
    assert_int_equal(open_again(w), KS_OK);
    assert_true(w->vault.key_is_new);
    assert_int_equal(stat(w->key, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    assert_int_equal(open_again(w), KS_OK);
    assert_false(w->vault.key_is_new);
}

static void a_missing_key_is_named_and_never_made_anew_C5(void **state)
{
    world *w = *state;
    ks_str id = sealed_folder(w);
    assert_int_equal(unlink(w->key), 0);
    assert_int_equal(open_again(w), KS_FORBIDDEN);
    assert_str(w->cx.err.code, "root_key_missing");
    assert_true(says(w, id));
    assert_true(says(w, ks_str_of(w->key)));
    assert_int_equal(access(w->key, F_OK), -1);
}

static void a_wrong_key_is_refused_with_both_ids_C5(void **state)
{
    world *w = *state;
    ks_str id = sealed_folder(w);
    write_key(w, 7);
    assert_int_equal(open_again(w), KS_FORBIDDEN);
    assert_str(w->cx.err.code, "root_key_wrong");
    assert_true(says(w, id));
    assert_true(says(w, ks_str_of(w->key)));
}

static void a_refused_start_leaves_the_audit_chain_as_it_was_C5(void **state)
{
    world        *w = *state;
    unsigned char right[32];
    int64_t       count;
    ks_reader    *r;
    (void)sealed_folder(w);
    int fd = open(w->key, O_RDONLY);
    assert_int_equal(read(fd, right, sizeof right), 32);
    close(fd);
    write_key(w, 7);
    assert_int_equal(open_again(w), KS_FORBIDDEN);
    fd = open(w->key, O_WRONLY | O_TRUNC);
    assert_int_equal(write(fd, right, sizeof right), 32);
    close(fd);
    assert_int_equal(open_again(w), KS_OK);
    ks_chain chain = ks_audit_chain(&w->vault.keys);
    assert_int_equal(ks_reader_open(&w->cx, w->vault.store, &r), KS_OK);
    assert_int_equal(ks_audit_verify(&w->cx, r, &chain, &count), KS_OK);
    ks_reader_close(r);
}

static void a_key_others_can_read_is_refused_C6(void **state)
{
    world *w = *state;
    (void)sealed_folder(w);
    assert_int_equal(chmod(w->key, 0640), 0);
    assert_int_equal(open_again(w), KS_FORBIDDEN);
}

static void a_key_may_come_by_descriptor_C6(void **state)
{
    world *w = *state;
    (void)sealed_folder(w);
    char elsewhere[96];
    snprintf(elsewhere, sizeof elsewhere, "%s/other.key", w->dir);
    assert_int_equal(rename(w->key, elsewhere), 0);
    w->config.root_key_fd = open(elsewhere, O_RDONLY | O_CLOEXEC);
    assert_int_equal(open_again(w), KS_OK);
    w->config.root_key_fd = -1;
    assert_int_equal(access(w->key, F_OK), -1);
}

static void two_processes_cannot_hold_one_folder(void **state)
{
    world   *w = *state;
    ks_vault second = {0};
    assert_int_equal(open_again(w), KS_OK);
    assert_int_equal(ks_vault_open(&w->cx, &w->config, NULL, &second), KS_CONFLICT);
    assert_null(second.store);
    ks_vault_close(&w->vault);
    assert_int_equal(ks_vault_open(&w->cx, &w->config, NULL, &second), KS_OK); /* tried again */
    ks_vault_close(&second);
}

KS_TESTS_WITH(set_up, tear_down, the_first_start_makes_a_root_key_for_us_alone_C5,
              a_missing_key_is_named_and_never_made_anew_C5, a_wrong_key_is_refused_with_both_ids_C5,
              a_refused_start_leaves_the_audit_chain_as_it_was_C5, a_key_others_can_read_is_refused_C6,
              a_key_may_come_by_descriptor_C6, two_processes_cannot_hold_one_folder)
