/* crypto/keyring_test.c — root key sources, project keys, API keys, keyed hashes, signatures. Rules C1,
 * C4-C6, C8, C9, K1, K2. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "crypto/keyring.h"
#include "tests/support/test.h"

typedef struct world {
    char      dir[64], path[80];
    ks_arena *arena;
    ks_ctx    cx;
} world;

static int setup(void **state)
{
    world *w = test_calloc(1, sizeof *w);
    memcpy(w->dir, "/tmp/ks-keyring-XXXXXX", sizeof "/tmp/ks-keyring-XXXXXX");
    assert_non_null(mkdtemp(w->dir));
    snprintf(w->path, sizeof w->path, "%s/root.key", w->dir);
    w->arena = ks_arena_new(1 << 20);
    w->cx = ks_ctx_new(w->arena, NULL);
    assert_true(ks_crypto_start()); /* rule C8: the vectors of the specifications */
    *state = w;
    return 0;
}

static int teardown(void **state)
{
    world *w = *state;
    ks_arena_free(w->arena);
    unlink(w->path);
    rmdir(w->path);
    rmdir(w->dir);
    test_free(w);
    return 0;
}

static void write_file(const char *path, const char *p, size_t n, mode_t mode)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL, 0600);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, p, n), n);
    assert_int_equal(fchmod(fd, mode), 0);
    close(fd);
}

static const char raw_key[33] = "0123456789abcdef0123456789abcdef";

static ks_status open_at(world *w, const char *path, ks_keyring **k)
{
    ks_root_source from = {.path = ks_str_of(path), .fd = -1};
    return ks_keyring_open(&w->cx, &from, k);
}

static ks_keyring *ring(world *w)
{
    ks_keyring *k = NULL;
    if (access(w->path, F_OK) != 0)
        write_file(w->path, raw_key, 32, 0600);
    assert_int_equal(open_at(w, w->path, &k), KS_OK);
    return k;
}

static void assert_says(world *w, const char *part)
{
    assert_int_not_equal(ks_str_find(w->cx.err.message, ks_str_of(part)), SIZE_MAX);
}

/* C6 */
static void a_created_root_key_is_private_opens_and_is_never_replaced(void **state)
{
    world      *w = *state;
    ks_keyring *a = NULL, *b = NULL;
    struct stat st;
    char        fresh[96];
    assert_int_equal(ks_root_create(&w->cx, ks_str_of(w->path)), KS_OK);
    assert_int_equal(stat(w->path, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0600);
    assert_int_equal(st.st_size, 32);
    assert_int_equal(st.st_nlink, 1);
    assert_int_equal(open_at(w, w->path, &a), KS_OK);
    assert_int_equal(ks_root_create(&w->cx, ks_str_of(w->path)), KS_CONFLICT);
    assert_int_equal(open_at(w, w->path, &b), KS_OK);
    assert_true(ks_str_eq(ks_keyring_root_id(a), ks_keyring_root_id(b)));
    snprintf(fresh, sizeof fresh, "%s.new", w->path);
    assert_int_not_equal(access(fresh, F_OK), 0);
    ks_keyring_free(a);
    ks_keyring_free(b);
}

/* C6, D4 */
static void a_half_written_key_of_a_killed_start_is_no_hindrance(void **state)
{
    world *w = *state;
    char   fresh[96];
    snprintf(fresh, sizeof fresh, "%s.new", w->path);
    write_file(fresh, "half", 4, 0600);
    assert_int_equal(ks_root_create(&w->cx, ks_str_of(w->path)), KS_OK);
    assert_int_not_equal(access(fresh, F_OK), 0);
}

/* C6 */
static void a_root_key_others_may_read_is_refused_with_its_mode(void **state)
{
    world      *w = *state;
    ks_keyring *k = NULL;
    write_file(w->path, raw_key, 32, 0644);
    assert_int_equal(open_at(w, w->path, &k), KS_FORBIDDEN);
    assert_says(w, "mode 0644");
    assert_int_equal(chmod(w->path, 0620), 0);
    assert_int_equal(open_at(w, w->path, &k), KS_FORBIDDEN);
    assert_says(w, "chmod 600");
    assert_null(k);
}

/* C6 */
static void a_symbolic_link_to_a_good_key_is_refused(void **state)
{
    world      *w = *state;
    ks_keyring *k = NULL;
    char        target[96];
    snprintf(target, sizeof target, "%s/real", w->dir);
    write_file(target, raw_key, 32, 0600);
    assert_int_equal(symlink(target, w->path), 0);
    assert_int_equal(open_at(w, w->path, &k), KS_FORBIDDEN);
    assert_says(w, "symbolic link");
    unlink(target);
}

/* C6 */
static void a_folder_and_a_pipe_are_no_root_keys(void **state)
{
    world      *w = *state;
    ks_keyring *k = NULL;
    assert_int_equal(mkdir(w->path, 0600), 0);
    assert_int_equal(open_at(w, w->path, &k), KS_FORBIDDEN);
    assert_says(w, "regular file");
    assert_int_equal(rmdir(w->path), 0);
    assert_int_equal(mkfifo(w->path, 0600), 0);
    assert_int_equal(open_at(w, w->path, &k), KS_FORBIDDEN); /* and does not hang */
    assert_says(w, "regular file");
}

/* C5, C6 */
static void short_long_and_missing_keys_are_told_apart(void **state)
{
    world      *w = *state;
    ks_keyring *k = NULL;
    assert_int_equal(open_at(w, w->path, &k), KS_NOT_FOUND);
    write_file(w->path, raw_key, 31, 0600);
    assert_int_equal(open_at(w, w->path, &k), KS_INVALID);
    assert_says(w, "exactly 32 bytes");
    unlink(w->path);
    write_file(w->path, raw_key, 33, 0600);
    assert_int_equal(open_at(w, w->path, &k), KS_INVALID);
    assert_null(k);
}

/* C6 */
static void a_key_of_another_user_is_refused(void **state)
{
    world      *w = *state;
    ks_keyring *k = NULL;
    write_file(w->path, raw_key, 32, 0600);
    if (chown(w->path, 12345, (gid_t)-1) != 0) {
        assert_int_equal(errno, EPERM); /* only root can make such a file */
        skip();
    }
    assert_int_equal(open_at(w, w->path, &k), KS_FORBIDDEN);
    assert_says(w, "belongs to user 12345");
}

/* C6 */
static void a_descriptor_gives_the_same_key_and_is_closed(void **state)
{
    world         *w = *state;
    ks_keyring    *a = ring(w), *b = NULL;
    int            fd = open(w->path, O_RDONLY);
    ks_root_source from = {.fd = fd};
    assert_int_equal(ks_keyring_open(&w->cx, &from, &b), KS_OK);
    assert_true(ks_str_eq(ks_keyring_root_id(a), ks_keyring_root_id(b)));
    assert_int_equal(fcntl(fd, F_GETFD), -1);
    ks_keyring_free(a);
    ks_keyring_free(b);
}

/* C6 */
static void a_key_from_the_environment_is_overwritten_there_and_unset(void **state)
{
    world      *w = *state;
    ks_keyring *a = ring(w), *b = NULL;
    static char entry[] = "KS_TEST_ROOT=3031323334353637383961626364656630313233343536373839616263646566";
    assert_int_equal(putenv(entry), 0); /* the environment itself, no copy */
    ks_root_source from = {.fd = -1, .env = KS_S("KS_TEST_ROOT")};
    assert_int_equal(ks_keyring_open(&w->cx, &from, &b), KS_OK);
    assert_true(ks_str_eq(ks_keyring_root_id(a), ks_keyring_root_id(b)));
    assert_null(getenv("KS_TEST_ROOT"));
    for (size_t i = strlen("KS_TEST_ROOT="); i < sizeof entry; i++)
        assert_int_equal(entry[i], 0);
    ks_keyring *none = NULL;
    assert_int_equal(ks_keyring_open(&w->cx, &from, &none), KS_NOT_FOUND);
    ks_keyring_free(a);
    ks_keyring_free(b);
}

/* C6 */
static void a_malformed_key_in_the_environment_is_refused_and_erased_too(void **state)
{
    world      *w = *state;
    ks_keyring *k = NULL;
    static char entry[] = "KS_TEST_ROOT=30313233";
    assert_int_equal(putenv(entry), 0);
    ks_root_source from = {.fd = -1, .env = KS_S("KS_TEST_ROOT")};
    assert_int_equal(ks_keyring_open(&w->cx, &from, &k), KS_INVALID);
    assert_null(getenv("KS_TEST_ROOT"));
    assert_int_equal(entry[strlen("KS_TEST_ROOT=")], 0);
}

/* C5 */
static void the_check_value_tells_another_root_key(void **state)
{
    world        *w = *state;
    ks_keyring   *a = ring(w), *b = NULL;
    unsigned char x[KS_MAC_LEN], y[KS_MAC_LEN];
    unlink(w->path);
    write_file(w->path, "0123456789abcdef0123456789abcdeF", 32, 0600);
    assert_int_equal(open_at(w, w->path, &b), KS_OK);
    ks_keyring_root_check(a, x);
    ks_keyring_root_check(a, y);
    assert_true(ks_same(x, y, sizeof x));
    ks_keyring_root_check(b, y);
    assert_false(ks_same(x, y, sizeof x));
    assert_false(ks_str_eq(ks_keyring_root_id(a), ks_keyring_root_id(b)));
    assert_int_equal(ks_keyring_root_id(a).n, KS_KEY_ID_LEN);
    ks_keyring_free(a);
    ks_keyring_free(b);
}

/* C1, C3, C4 */
static void a_wrapped_key_opens_only_for_its_project_and_unchanged(void **state)
{
    world         *w = *state;
    ks_keyring    *k = ring(w);
    ks_wrapped_key key, bad;
    assert_int_equal(ks_project_key_new(&w->cx, k, KS_S("pr_1"), &key), KS_OK);
    assert_true(ks_project_key_is_open(k, KS_S("pr_1")));
    ks_keyring_free(k);
    k = ring(w);
    assert_false(ks_project_key_is_open(k, KS_S("pr_1")));
    assert_int_equal(ks_project_key_open(&w->cx, k, KS_S("pr_2"), &key), KS_INTERNAL);
    assert_str(w->cx.err.code, "sealed_mismatch");
    bad = key;
    bad.kek_id = KS_S("0123456789abcdef");
    assert_int_equal(ks_project_key_open(&w->cx, k, KS_S("pr_1"), &bad), KS_INTERNAL);
    bad = key;
    bad.alg = KS_S("xor");
    assert_int_equal(ks_project_key_open(&w->cx, k, KS_S("pr_1"), &bad), KS_INTERNAL);
    bad = key;
    bad.ct.n--;
    assert_int_equal(ks_project_key_open(&w->cx, k, KS_S("pr_1"), &bad), KS_INTERNAL);
    bad = key;
    bad.nonce.n--;
    assert_int_equal(ks_project_key_open(&w->cx, k, KS_S("pr_1"), &bad), KS_INTERNAL);
    assert_false(ks_project_key_is_open(k, KS_S("pr_1")));
    assert_int_equal(ks_project_key_open(&w->cx, k, KS_S("pr_1"), &key), KS_OK);
    assert_true(ks_project_key_is_open(k, KS_S("pr_1")));
    ks_keyring_free(k);
}

/* C5 */
static void a_key_under_another_root_key_names_the_one_wanted(void **state)
{
    world         *w = *state;
    ks_keyring    *k = ring(w);
    ks_wrapped_key key;
    assert_int_equal(ks_project_key_new(&w->cx, k, KS_S("pr_1"), &key), KS_OK);
    key.root_id = KS_S("00000000000000aa");
    assert_int_equal(ks_project_key_open(&w->cx, k, KS_S("pr_1"), &key), KS_FORBIDDEN);
    assert_says(w, "00000000000000aa");
    ks_keyring_free(k);
}

static void the_cache_of_project_keys_is_bounded_and_drops_the_least_recently_used(void **state)
{
    world         *w = *state;
    ks_keyring    *k = ring(w);
    ks_wrapped_key key;
    unsigned       open = 0;
    for (int i = 0; i < 300; i++) {
        assert_int_equal(ks_project_key_new(&w->cx, k, ks_fmt(&w->cx, "pr_%d", i), &key), KS_OK);
        assert_true(ks_project_key_is_open(k, KS_S("pr_0"))); /* used all the time: it stays */
    }
    for (int i = 0; i < 300; i++)
        open += ks_project_key_is_open(k, ks_fmt(&w->cx, "pr_%d", i));
    assert_int_equal(open, 256);
    assert_false(ks_project_key_is_open(k, KS_S("pr_1")));
    assert_true(ks_project_key_is_open(k, KS_S("pr_299")));
    ks_keyring_free(k);
}

/* K1 */
static void an_api_key_has_its_form_and_is_known_by_its_digest(void **state)
{
    world           *w = *state;
    ks_keyring      *k = ring(w);
    ks_api_key_parts a, b;
    unsigned char    d[KS_MAC_LEN];
    assert_int_equal(ks_api_key_new(&w->cx, k, &a), KS_OK);
    assert_int_equal(ks_api_key_new(&w->cx, k, &b), KS_OK);
    ks_str text = ks_secret_reveal(a.key);
    assert_int_equal(text.n, KS_API_KEY_LEN);
    assert_true(ks_str_starts(text, a.prefix));
    assert_int_equal(a.prefix.n, 11);
    assert_int_equal(text.p[11], '_');
    for (size_t i = 12; i < text.n; i++)
        assert_non_null(strchr("0123456789abcdefghjkmnpqrstvwxyz", text.p[i]));
    ks_api_key_digest(k, text, d);
    assert_true(ks_same(d, a.digest, sizeof d));
    assert_false(ks_same(d, b.digest, sizeof d));
    assert_false(ks_secret_equal(a.key, b.key));
    ks_keyring_free(k);
}

/* K2: no early way out for keys of a wrong form */
static void malformed_keys_are_digested_like_any_other(void **state)
{
    world        *w = *state;
    ks_keyring   *k = ring(w);
    unsigned char d[4][KS_MAC_LEN];
    const ks_str  presented[] = {KS_NO_STR, KS_S("x"), KS_S("ks_\0\xff"),
                                 KS_S("ks_00000000_0000000000000000000000000000000000000000")};
    for (size_t i = 0; i < 4; i++)
        ks_api_key_digest(k, presented[i], d[i]);
    for (size_t i = 0; i < 4; i++) {
        for (size_t j = 0; j < i; j++)
            assert_false(ks_same(d[i], d[j], KS_MAC_LEN));
    }
    ks_keyring_free(k);
}

/* C9 */
static void hashes_differ_by_purpose_and_by_where_parts_end(void **state)
{
    world        *w = *state;
    ks_keyring   *k = ring(w);
    const ks_str  ab_c[] = {KS_S("ab"), KS_S("c")}, a_bc[] = {KS_S("a"), KS_S("bc")};
    unsigned char x[KS_MAC_LEN], y[KS_MAC_LEN];
    ks_mac(k, KS_FOR_LINKS, ab_c, 2, x);
    ks_mac(k, KS_FOR_LINKS, a_bc, 2, y);
    assert_false(ks_same(x, y, sizeof x));
    for (int p = KS_FOR_AUDIT; p <= KS_FOR_IDEMPOTENCY; p++) {
        ks_mac(k, (ks_purpose)p, ab_c, 2, y);
        assert_int_equal(ks_same(x, y, sizeof x), p == KS_FOR_LINKS);
    }
    ks_keyring_free(k);
}

/* A1 */
static void a_signed_head_verifies_and_a_changed_one_does_not(void **state)
{
    world        *w = *state;
    ks_keyring   *k = ring(w);
    unsigned char sig[64], pub[32], zero[32] = {0};
    ks_head_sign(k, KS_S("head 7"), sig);
    assert_true(ks_head_verify(k, KS_S("head 7"), sig));
    assert_false(ks_head_verify(k, KS_S("head 8"), sig));
    sig[63] ^= 1;
    assert_false(ks_head_verify(k, KS_S("head 7"), sig));
    ks_head_public(k, pub);
    assert_false(ks_same(pub, zero, sizeof pub));
    ks_keyring_free(k);
}

/* D7 */
static void every_failing_allocation_is_reported_and_nothing_leaks(void **state)
{
    world      *w = *state;
    ks_keyring *k = NULL;
    ks_status   status = KS_NO_MEMORY;
    unsigned    failed = 0;
    ks_keyring_free(ring(w));
    for (uint64_t n = 1; status != KS_OK; n++) {
        ks_wrapped_key key;
        k = NULL;
        ks_arena_reset(w->arena);
        ks_alloc_fail_at(n, true);
        status = open_at(w, w->path, &k);
        if (status == KS_OK)
            status = ks_project_key_new(&w->cx, k, KS_S("pr_1"), &key);
        ks_alloc_fail_at(0, false);
        assert_true(status == KS_OK || status == KS_NO_MEMORY);
        failed += status != KS_OK;
        ks_keyring_free(k);
    }
    assert_true(failed >= 5);
}

KS_TESTS_WITH(setup, teardown, a_created_root_key_is_private_opens_and_is_never_replaced,
              a_half_written_key_of_a_killed_start_is_no_hindrance,
              a_root_key_others_may_read_is_refused_with_its_mode, a_symbolic_link_to_a_good_key_is_refused,
              a_folder_and_a_pipe_are_no_root_keys, short_long_and_missing_keys_are_told_apart,
              a_key_of_another_user_is_refused, a_descriptor_gives_the_same_key_and_is_closed,
              a_key_from_the_environment_is_overwritten_there_and_unset,
              a_malformed_key_in_the_environment_is_refused_and_erased_too,
              the_check_value_tells_another_root_key, a_wrapped_key_opens_only_for_its_project_and_unchanged,
              a_key_under_another_root_key_names_the_one_wanted,
              the_cache_of_project_keys_is_bounded_and_drops_the_least_recently_used,
              an_api_key_has_its_form_and_is_known_by_its_digest, malformed_keys_are_digested_like_any_other,
              hashes_differ_by_purpose_and_by_where_parts_end,
              a_signed_head_verifies_and_a_changed_one_does_not,
              every_failing_allocation_is_reported_and_nothing_leaks)
