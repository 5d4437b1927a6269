/* crypto/envelope_test.c — sealed values open in their own row, at their own version, and nowhere else. Rules
 * C2-C4, S1. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/alloc.h"
#include "crypto/envelope.h"
#include "tests/support/test.h"

typedef struct world {
    char        dir[64], path[80];
    ks_arena   *arena;
    ks_ctx      cx;
    ks_keyring *k;
} world;

static const ks_place here = {.table = KS_S_INIT("connections"),
                              .project_id = KS_S_INIT("pr_1"),
                              .connection_id = KS_S_INIT("ca_1"),
                              .integration_id = KS_S_INIT("ac_1"),
                              .version = 1};

static int setup(void **state)
{
    world *w = test_calloc(1, sizeof *w);
    memcpy(w->dir, "/tmp/ks-envelope-XXXXXX", sizeof "/tmp/ks-envelope-XXXXXX");
    assert_non_null(mkdtemp(w->dir));
    snprintf(w->path, sizeof w->path, "%s/root.key", w->dir);
    w->arena = ks_arena_new(64 << 20);
    w->cx = ks_ctx_new(w->arena, NULL);
    assert_true(ks_crypto_start());
    assert_int_equal(ks_root_create(&w->cx, ks_str_of(w->path)), KS_OK);
    ks_root_source from = {.path = ks_str_of(w->path), .fd = -1};
    assert_int_equal(ks_keyring_open(&w->cx, &from, &w->k), KS_OK);
    ks_wrapped_key key;
    assert_int_equal(ks_project_key_new(&w->cx, w->k, KS_S("pr_1"), &key), KS_OK);
    assert_int_equal(ks_project_key_new(&w->cx, w->k, KS_S("pr_2"), &key), KS_OK);
    *state = w;
    return 0;
}

static int teardown(void **state)
{
    world *w = *state;
    ks_keyring_free(w->k);
    ks_arena_free(w->arena);
    unlink(w->path);
    rmdir(w->dir);
    test_free(w);
    return 0;
}

static ks_value value(world *w, const char *name, const char *p, size_t n)
{
    ks_value v = {.name = ks_str_of(name)};
    assert_int_equal(ks_secret_new(&w->cx, p, n, &v.secret), KS_OK);
    return v;
}

static ks_sealed seal(world *w, const ks_place *place)
{
    ks_value  v[] = {value(w, "api_key", "k-7f3a", 6), value(w, "shop", "", 0)};
    ks_sealed s;
    assert_int_equal(ks_envelope_seal(&w->cx, w->k, place, v, 2, &s), KS_OK);
    return s;
}

static void assert_closed(world *w, const ks_place *place, const ks_sealed *s)
{
    ks_value *v = NULL;
    size_t    n = 99;
    assert_int_equal(ks_envelope_open(&w->cx, w->k, place, s, &v, &n), KS_INTERNAL);
    assert_str(w->cx.err.code, "sealed_mismatch");
    assert_null(v);
    assert_int_equal(n, 99);
}

static void sealed_values_come_back_with_names_and_bytes(void **state)
{
    world    *w = *state;
    ks_sealed s = seal(w, &here);
    ks_value *v;
    size_t    n;
    assert_int_equal(ks_envelope_open(&w->cx, w->k, &here, &s, &v, &n), KS_OK);
    assert_int_equal(n, 2);
    assert_str(v[0].name, "api_key");
    assert_str(ks_secret_reveal(v[0].secret), "k-7f3a");
    assert_str(v[1].name, "shop");
    assert_int_equal(ks_secret_len(v[1].secret), 0);
    assert_str(s.alg, "xchacha20poly1305");
    assert_int_equal(s.nonce.n, 24);
    assert_int_equal(ks_str_find(s.ct, KS_S("k-7f3a")), SIZE_MAX);
    assert_int_equal(ks_str_find(s.ct, KS_S("api_key")), SIZE_MAX);
}

/* C3: each member of the place, one by one */
static void a_blob_opens_in_no_other_place(void **state)
{
    world    *w = *state;
    ks_sealed s = seal(w, &here);
    ks_place  p;
    p = here, p.table = KS_S("integrations");
    assert_closed(w, &p, &s);
    p = here, p.project_id = KS_S("pr_2");
    assert_closed(w, &p, &s);
    p = here, p.connection_id = KS_S("ca_2");
    assert_closed(w, &p, &s);
    p = here, p.integration_id = KS_S("ac_2");
    assert_closed(w, &p, &s);
    p = here, p.connection_id = KS_S("ca_1a"), p.integration_id = KS_S("c_1");
    assert_closed(w, &p, &s);
    p = here, p.connection_id = KS_NO_STR;
    assert_closed(w, &p, &s);
}

/* C3: an old blob put back, or one from the future */
static void a_blob_opens_at_no_other_version(void **state)
{
    world    *w = *state;
    ks_sealed s = seal(w, &here);
    ks_place  p = here;
    for (unsigned i = 0; i < 64; i += 7) {
        p.version = here.version ^ (UINT64_C(1) << i);
        assert_closed(w, &p, &s);
    }
}

/* C3 */
static void swapped_rows_do_not_open(void **state)
{
    world    *w = *state;
    ks_place  there = here;
    ks_value *v;
    size_t    n;
    there.connection_id = KS_S("ca_2");
    ks_sealed a = seal(w, &here), b = seal(w, &there);
    assert_closed(w, &here, &b);
    assert_closed(w, &there, &a);
    assert_int_equal(ks_envelope_open(&w->cx, w->k, &there, &b, &v, &n), KS_OK);
}

/* C4 and the rest of the row */
static void a_changed_column_does_not_open(void **state)
{
    world    *w = *state;
    ks_sealed good = seal(w, &here), other = seal(w, &here), s;
    s = good, s.kek_id = KS_S("0123456789abcdef");
    assert_closed(w, &here, &s);
    s = good, s.kek_id = KS_NO_STR;
    assert_closed(w, &here, &s);
    s = good, s.alg = KS_S("aes256gcm");
    assert_closed(w, &here, &s);
    s = good, s.nonce = other.nonce;
    assert_closed(w, &here, &s);
    s = good, s.nonce = KS_NO_STR;
    assert_closed(w, &here, &s);
    s = good, s.ct = other.ct;
    assert_closed(w, &here, &s);
    s = good, s.ct.n = 3;
    assert_closed(w, &here, &s);
    for (size_t i = 0; i < good.ct.n; i++) {
        ks_str copy = ks_copy(&w->cx, good.ct);
        char  *bytes = ks_alloc(&w->cx, copy.n);
        memcpy(bytes, copy.p, copy.n);
        bytes[i] = (char)(bytes[i] ^ 0x10);
        s = good, s.ct = (ks_str){bytes, copy.n};
        assert_closed(w, &here, &s);
    }
}

static int by_bytes(const void *a, const void *b)
{
    return memcmp(a, b, 24);
}

/* C2 */
static void every_seal_has_its_own_nonce(void **state)
{
    world *w = *state;
    enum { SEALS = 20000 };
    char(*nonces)[24] = test_malloc(SEALS * 24);
    for (int i = 0; i < SEALS; i++) {
        ks_sealed s = seal(w, &here);
        memcpy(nonces[i], s.nonce.p, 24);
        if (i % 1000 == 0)
            ks_arena_reset(w->arena);
    }
    qsort(nonces, SEALS, 24, by_bytes);
    for (int i = 1; i < SEALS; i++)
        assert_memory_not_equal(nonces[i - 1], nonces[i], 24);
    test_free(nonces);
}

/* limits: 32 values of 64 kB each are more than one slot of the pool of secrets holds */
static void a_credential_at_its_limits_is_sealed_and_one_more_value_is_not(void **state)
{
    world    *w = *state;
    ks_value  v[KS_MAX_FIELDS + 1], *back;
    char     *big = test_calloc(1, KS_MAX_SECRET_TEXT);
    size_t    n;
    ks_sealed s;
    for (size_t i = 0; i < KS_COUNT(v); i++) {
        big[0] = (char)i;
        v[i] = value(w, "field", big, KS_MAX_SECRET_TEXT);
    }
    assert_int_equal(ks_envelope_seal(&w->cx, w->k, &here, v, KS_MAX_FIELDS, &s), KS_OK);
    assert_int_equal(ks_envelope_open(&w->cx, w->k, &here, &s, &back, &n), KS_OK);
    assert_int_equal(n, KS_MAX_FIELDS);
    for (size_t i = 0; i < n; i++)
        assert_true(ks_secret_equal(v[i].secret, back[i].secret));
    assert_int_equal(ks_envelope_seal(&w->cx, w->k, &here, v, KS_MAX_FIELDS + 1, &s), KS_INTERNAL);
    assert_int_equal(ks_envelope_seal(&w->cx, w->k, &here, NULL, 0, &s), KS_OK);
    assert_int_equal(ks_envelope_open(&w->cx, w->k, &here, &s, &back, &n), KS_OK);
    assert_int_equal(n, 0);
    test_free(big);
}

static void without_the_key_of_the_project_nothing_is_sealed_or_opened(void **state)
{
    world    *w = *state;
    ks_sealed s = seal(w, &here), out = {0};
    ks_place  p = here;
    ks_value *v;
    size_t    n;
    p.project_id = KS_S("pr_unknown");
    assert_int_equal(ks_envelope_open(&w->cx, w->k, &p, &s, &v, &n), KS_INTERNAL);
    assert_int_equal(w->cx.err.code.n, 0);
    assert_int_equal(ks_envelope_seal(&w->cx, w->k, &p, NULL, 0, &out), KS_INTERNAL);
    assert_null(out.ct.p);
}

/* D7 */
static void every_failing_allocation_is_reported(void **state)
{
    world    *w = *state;
    ks_status status = KS_NO_MEMORY;
    unsigned  failed = 0;
    for (uint64_t i = 1; status != KS_OK; i++) {
        ks_arena_reset(w->arena);
        ks_value  v = value(w, "text", "x", 1), *back;
        ks_sealed s;
        size_t    n;
        while (ks_arena_used(w->arena) < KS_ARENA_FIRST - 256)
            assert_non_null(ks_arena_alloc(w->arena, 16)); /* the next ones need a fresh block */
        ks_alloc_fail_at(i, true);
        status = ks_envelope_seal(&w->cx, w->k, &here, &v, 1, &s);
        if (status == KS_OK)
            status = ks_envelope_open(&w->cx, w->k, &here, &s, &back, &n);
        ks_alloc_fail_at(0, false);
        assert_true(status == KS_OK || status == KS_NO_MEMORY);
        failed += status != KS_OK;
    }
    assert_true(failed >= 3);
}

KS_TESTS_WITH(setup, teardown, sealed_values_come_back_with_names_and_bytes, a_blob_opens_in_no_other_place,
              a_blob_opens_at_no_other_version, swapped_rows_do_not_open, a_changed_column_does_not_open,
              every_seal_has_its_own_nonce, a_credential_at_its_limits_is_sealed_and_one_more_value_is_not,
              without_the_key_of_the_project_nothing_is_sealed_or_opened,
              every_failing_allocation_is_reported)
