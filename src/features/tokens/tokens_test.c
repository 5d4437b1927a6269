/* features/tokens/tokens_test.c — rules K1 to K3 against a real store in a fresh folder and a real keyring.
 */
#include "features/tokens/tokens.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "features/audit/audit.h"
#include "features/row_cache.h"
#include "tests/support/test.h"

typedef struct world {
    char          dir[64];
    ks_arena     *arena;
    ks_ctx        cx;
    ks_env        env;
    ks_keyring   *keys;
    ks_store     *store;
    ks_reader    *reader;
    ks_row_cache *cache;
    ks_metrics    metrics;
} world;

static int set_up(void **state)
{
    world *w = calloc(1, sizeof *w);
    char   path[96];
    if (w == NULL || !ks_crypto_start())
        return -1;
    snprintf(w->dir, sizeof w->dir, "/tmp/ks-tokens-XXXXXX");
    if (mkdtemp(w->dir) == NULL || (w->arena = ks_arena_new(KS_ARENA_MAX)) == NULL)
        return -1;
    w->cx = ks_ctx_new(w->arena, &w->env);
    snprintf(path, sizeof path, "%s/root.key", w->dir);
    ks_root_source   from = {.path = ks_str_of(path), .fd = -1};
    ks_store_options o = {.dir = ks_str_of(w->dir), .chain = ks_audit_chain(&w->keys)};
    if (ks_root_create(&w->cx, from.path) != KS_OK || ks_keyring_open(&w->cx, &from, &w->keys) != KS_OK ||
        ks_store_open(&w->cx, &o, &w->store) != KS_OK ||
        ks_reader_open(&w->cx, w->store, &w->reader) != KS_OK)
        return -1;
    w->cache = ks_row_cache_new(16, 64 * 1024);
    w->env = (ks_env){
        .keys = w->keys, .store = w->store, .reader = w->reader, .cache = w->cache, .metrics = &w->metrics};
    *state = w;
    return 0;
}

static int tear_down(void **state)
{
    static const char *const left[] = {"root.key", "keysteward.db", "keysteward.db-wal", "keysteward.db-shm",
                                       "lock"};
    world                   *w = *state;
    ks_row_cache_free(w->cache);
    ks_arena_reset(w->arena);
    ks_reader_close(w->reader);
    ks_store_close(w->store);
    ks_keyring_free(w->keys);
    ks_arena_free(w->arena);
    for (size_t i = 0; i < KS_COUNT(left); i++) {
        char path[96];
        snprintf(path, sizeof path, "%s/%s", w->dir, left[i]);
        unlink(path);
    }
    rmdir(w->dir);
    free(w);
    return 0;
}

static ks_str make(world *w, const char *project, ks_key *k)
{
    ks_api_key_parts parts;
    ks_key_wish      wish = {.project = ks_str_of(project)};
    assert_int_equal(ks_key_create(&w->cx, &wish, k, &parts), KS_OK);
    return ks_copy(&w->cx, ks_api_key_once(&parts));
}

static ks_status present(world *w, const ks_req_pair *headers, size_t n)
{
    ks_req rq = {.headers = headers, .headers_n = n};
    w->cx.project_id = w->cx.actor = KS_NO_STR;
    w->cx.scopes = 0;
    w->cx.now_us++;
    return ks_authenticate(&w->cx, &rq);
}

static ks_status present_key(world *w, ks_str key)
{
    ks_req_pair h = {KS_S("X-Api-Key"), key};
    return present(w, &h, 1);
}

static void a_new_key_names_its_project_and_scopes_K1(void **state)
{
    world *w = *state;
    ks_key k;
    ks_str key = make(w, "acme", &k);
    assert_int_equal(key.n, KS_API_KEY_LEN);
    assert_true(ks_str_starts(key, k.prefix));
    assert_int_equal(present_key(w, key), KS_OK);
    assert_true(ks_str_eq(w->cx.project_id, k.project_id));
    assert_true(ks_str_eq(w->cx.actor, k.id));
    assert_int_equal(w->cx.scopes, KS_SCOPE_ALL);
}

static void the_key_itself_is_not_in_the_data_folder_K1(void **state)
{
    world *w = *state;
    ks_key k;
    ks_str key = make(w, "acme", &k);
    char   path[96], buf[1 << 16];
    snprintf(path, sizeof path, "%s/keysteward.db-wal", w->dir);
    int fd = open(path, O_RDONLY);
    assert_true(fd >= 0);
    for (ssize_t n; (n = read(fd, buf, sizeof buf)) > 0;)
        assert_null(memmem(buf, (size_t)n, key.p + key.n - 20, 20));
    close(fd);
}

static void every_bad_key_gets_the_same_answer_K2(void **state)
{
    world *w = *state;
    ks_key k, dead;
    ks_str good = make(w, "acme", &k), gone = make(w, "acme", &dead);
    char   almost[KS_API_KEY_LEN + 1];
    memcpy(almost, good.p, good.n);
    almost[good.n - 1] = almost[good.n - 1] == 'a' ? 'b' : 'a';
    assert_int_equal(ks_key_revoke(&w->cx, dead.id), KS_OK);
    const ks_str bad[] = {KS_S("x"), KS_S("ks_"), {almost, good.n}, gone, {good.p, good.n - 1}, KS_S("")};
    ks_str       first = KS_NO_STR;
    for (size_t i = 0; i < KS_COUNT(bad); i++) {
        assert_int_equal(present_key(w, bad[i]), KS_UNAUTHORIZED);
        if (first.p == NULL)
            first = w->cx.err.message;
        assert_true(ks_str_eq(w->cx.err.message, first));
        assert_null(w->cx.project_id.p);
    }
    assert_int_equal(present(w, NULL, 0), KS_UNAUTHORIZED);
    assert_true(ks_str_eq(w->cx.err.message, first));
}

static void a_bad_key_always_asks_the_store_K2(void **state)
{
    world *w = *state;
    for (int i = 0; i < 3; i++)
        assert_int_equal(present_key(w, KS_S("ks_nobody")), KS_UNAUTHORIZED);
    assert_int_equal(w->metrics.count[KS_M_CACHE_MISSES], 3);
    assert_int_equal(ks_row_cache_count(w->cache), 0);
}

static void two_keys_are_none_K3(void **state)
{
    world      *w = *state;
    ks_key      k;
    ks_str      key = make(w, "acme", &k);
    ks_req_pair h[] = {{KS_S("x-api-key"), key}, {KS_S("X-API-KEY"), key}};
    assert_int_equal(present(w, h, 1), KS_OK);
    assert_int_equal(present(w, h, 2), KS_UNAUTHORIZED);
}

static void no_other_header_carries_a_key_K3(void **state)
{
    world      *w = *state;
    ks_key      k;
    ks_str      key = make(w, "acme", &k);
    ks_req_pair h[] = {{KS_S("authorization"), key}, {KS_S("common"), key}, {KS_S("cookie"), key}};
    assert_int_equal(present(w, h, 3), KS_UNAUTHORIZED);
}

static void a_revoked_key_stops_at_once_though_it_was_cached_K3(void **state)
{
    world *w = *state;
    ks_key k;
    ks_str key = make(w, "acme", &k);
    assert_int_equal(present_key(w, key), KS_OK);
    assert_int_equal(present_key(w, key), KS_OK);
    assert_int_equal(w->metrics.count[KS_M_CACHE_HITS], 1);
    assert_int_equal(ks_key_revoke(&w->cx, k.id), KS_OK);
    assert_int_equal(present_key(w, key), KS_UNAUTHORIZED);
    assert_int_equal(ks_key_revoke(&w->cx, k.id), KS_OK); /* again: nothing to do */
}

/* Notes go with the next change. */
static int64_t used_at(world *w, ks_str id)
{
    ks_key *all, next;
    size_t  n;
    int64_t at = -1;
    (void)make(w, "others", &next);
    assert_int_equal(ks_key_list(&w->cx, KS_S("acme"), 10, &all, &n), KS_OK);
    for (size_t i = 0; i < n; i++)
        at = ks_str_eq(all[i].id, id) ? all[i].used_at : at;
    return at;
}

static void a_use_is_written_once_a_minute(void **state)
{
    world *w = *state;
    ks_key k;
    ks_str key = make(w, "acme", &k);
    assert_int_equal(used_at(w, k.id), 0);
    assert_int_equal(present_key(w, key), KS_OK);
    int64_t first = w->cx.now_us;
    assert_int_equal(used_at(w, k.id), first);
    w->cx.now_us = first + 59000000;
    assert_int_equal(present_key(w, key), KS_OK);
    assert_int_equal(used_at(w, k.id), first);
    w->cx.now_us = first + 61000000;
    ks_row_cache_free(w->cache); /* another thread, which knows of nothing */
    w->env.cache = w->cache = ks_row_cache_new(16, 64 * 1024);
    assert_int_equal(present_key(w, key), KS_OK);
    assert_int_equal(used_at(w, k.id), w->cx.now_us);
}

static void a_key_ends_when_its_time_is_over(void **state)
{
    world           *w = *state;
    ks_key           k;
    ks_api_key_parts parts;
    ks_key_wish      wish = {.project = KS_S("acme"), .expires_in_s = 60, .scopes = KS_SCOPE_READ};
    assert_int_equal(ks_key_create(&w->cx, &wish, &k, &parts), KS_OK);
    assert_int_equal(present_key(w, ks_api_key_once(&parts)), KS_OK);
    assert_int_equal(w->cx.scopes, KS_SCOPE_READ);
    w->cx.now_us += 61 * 1000000;
    assert_int_equal(present_key(w, ks_api_key_once(&parts)), KS_UNAUTHORIZED);
}

static void a_project_is_made_once_and_its_key_reopens(void **state)
{
    world *w = *state;
    ks_str a, b;
    ks_key k;
    assert_int_equal(ks_project_ensure(&w->cx, KS_S("acme"), &a), KS_OK);
    assert_int_equal(ks_project_ensure(&w->cx, KS_S("acme"), &b), KS_OK);
    assert_true(ks_str_eq(a, b));
    assert_int_equal(ks_project_ensure(&w->cx, KS_S("a\nb"), &b), KS_INVALID);
    assert_int_equal(ks_project_ensure(&w->cx, KS_S(""), &b), KS_INVALID);
    (void)make(w, "other", &k);
    assert_false(ks_str_eq(k.project_id, a));
    assert_true(ks_project_key_is_open(w->keys, a));
}

static void making_and_revoking_leave_records_of_their_project(void **state)
{
    world        *w = *state;
    ks_key        k;
    ks_audit_row *rows;
    size_t        n;
    int64_t       count;
    ks_chain      chain = ks_audit_chain(&w->keys);
    (void)make(w, "acme", &k);
    assert_int_equal(ks_key_revoke(&w->cx, k.id), KS_OK);
    w->cx.project_id = k.project_id;
    assert_int_equal(ks_audit_list(&w->cx, 0, 10, &rows, &n), KS_OK);
    assert_int_equal(n, 3);
    assert_str(rows[0].action, "key.revoke");
    assert_str(rows[1].action, "key.create");
    assert_str(rows[2].action, "project.create");
    assert_true(ks_str_eq(rows[0].object, k.id));
    assert_int_equal(ks_audit_list(&w->cx, rows[1].seq, 10, &rows, &n), KS_OK);
    assert_int_equal(n, 1);
    w->cx.project_id = KS_S("pr_of_somebody_else");
    assert_int_equal(ks_audit_list(&w->cx, 0, 10, &rows, &n), KS_OK);
    assert_int_equal(n, 0);
    assert_int_equal(ks_audit_verify(&w->cx, w->reader, &chain, &count), KS_OK);
    assert_int_equal(count, 3);
}

KS_TESTS_WITH(set_up, tear_down, a_new_key_names_its_project_and_scopes_K1,
              the_key_itself_is_not_in_the_data_folder_K1, every_bad_key_gets_the_same_answer_K2,
              a_bad_key_always_asks_the_store_K2, two_keys_are_none_K3, no_other_header_carries_a_key_K3,
              a_revoked_key_stops_at_once_though_it_was_cached_K3, a_use_is_written_once_a_minute,
              a_key_ends_when_its_time_is_over, a_project_is_made_once_and_its_key_reopens,
              making_and_revoking_leave_records_of_their_project)
