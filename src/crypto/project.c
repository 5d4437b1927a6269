/* crypto/project.c — the open keys of projects: a bounded cache in guarded memory that is writable only while
 * a key comes or goes. What is kept is the sealing subkey, not the project key. Rules C1, C3, C4.
 * Threads: any; readers share the lock while they seal or open (about a microsecond). */
#include <pthread.h>
#include <sodium.h>
#include <stdatomic.h>

#include "base/alloc.h"
#include "base/ids.h"
#include "crypto/crypto_internal.h"

#define SLOTS 256 /* 8 kB of keys; the 257th project reads and unwraps its row again */

typedef struct slot {
    uint32_t         hash; /* of the project id; 0 = free */
    char             project[KS_ID_MAX];
    size_t           project_n;
    char             kek_id[KS_KEY_ID_LEN + 1];
    _Atomic uint64_t used; /* tick of the last use; readers move it under the shared lock */
} slot;

struct ks_project_keys {
    pthread_rwlock_t lock;
    _Atomic uint64_t tick;
    unsigned char (*keys)[KS_KEY_LEN]; /* SLOTS of them, guarded */
    slot slots[SLOTS];
};

ks_project_keys *ks_project_keys_new(void)
{
    ks_project_keys *c = ks_calloc(1, sizeof *c);
    if (c == NULL)
        return NULL;
    c->keys = ks_guarded_new(SLOTS * KS_KEY_LEN);
    if (c->keys == NULL || pthread_rwlock_init(&c->lock, NULL) != 0) {
        sodium_free(c->keys);
        ks_free(c);
        return NULL;
    }
    sodium_mprotect_readonly(c->keys);
    return c;
}

void ks_project_keys_free(ks_project_keys *c)
{
    if (c == NULL)
        return;
    sodium_free(c->keys);
    pthread_rwlock_destroy(&c->lock);
    ks_free(c);
}

/* FNV-1a, never 0: it only saves comparisons, ids are not chosen by callers. */
static uint32_t hash_of(ks_str id)
{
    uint32_t h = 2166136261u;
    for (size_t i = 0; i < id.n; i++)
        h = (h ^ (unsigned char)id.p[i]) * 16777619u;
    return h ? h : 1;
}

/* With the lock held. NULL when the project is not open. */
static slot *find(ks_project_keys *c, ks_str id)
{
    uint32_t h = hash_of(id);
    for (size_t i = 0; i < SLOTS; i++) {
        slot *s = &c->slots[i];
        if (s->hash == h && ks_str_eq((ks_str){s->project, s->project_n}, id)) {
            atomic_store_explicit(&s->used, atomic_fetch_add_explicit(&c->tick, 1, memory_order_relaxed),
                                  memory_order_relaxed);
            return s;
        }
    }
    return NULL;
}

/* The slot to (re)use for a project: its own, a free one, or the least recently used. */
static slot *choose(ks_project_keys *c, ks_str id)
{
    slot *oldest = find(c, id);
    for (size_t i = 0; oldest == NULL && i < SLOTS; i++) {
        if (c->slots[i].hash == 0)
            oldest = &c->slots[i];
    }
    if (oldest != NULL)
        return oldest;
    oldest = &c->slots[0];
    for (size_t i = 1; i < SLOTS; i++) {
        if (atomic_load(&c->slots[i].used) < atomic_load(&oldest->used))
            oldest = &c->slots[i];
    }
    return oldest;
}

/* Keep the sealing subkey of `kek`; what stood in its slot is overwritten. */
static void keep(ks_project_keys *c, ks_str id, const unsigned char kek[KS_KEY_LEN], const char *kek_id)
{
    pthread_rwlock_wrlock(&c->lock);
    slot *s = choose(c, id);
    sodium_mprotect_readwrite(c->keys);
    ks_subkey(kek, "ks-seal-", c->keys[s - c->slots]);
    sodium_mprotect_readonly(c->keys);
    s->hash = hash_of(id);
    memcpy(s->project, id.p, id.n);
    s->project_n = id.n;
    memcpy(s->kek_id, kek_id, sizeof s->kek_id);
    atomic_store(&s->used, atomic_fetch_add(&c->tick, 1));
    pthread_rwlock_unlock(&c->lock);
}

const unsigned char *ks_project_key_hold(const ks_keyring *k, ks_str project_id, const char **kek_id)
{
    ks_project_keys *c = ks_keyring_projects(k);
    pthread_rwlock_rdlock(&c->lock);
    slot *s = find(c, project_id);
    if (s == NULL) {
        pthread_rwlock_unlock(&c->lock);
        return NULL;
    }
    *kek_id = s->kek_id;
    return c->keys[s - c->slots];
}

void ks_project_key_drop(const ks_keyring *k)
{
    pthread_rwlock_unlock(&ks_keyring_projects(k)->lock);
}

bool ks_project_key_is_open(const ks_keyring *k, ks_str project_id)
{
    const char *kek_id;
    if (ks_project_key_hold(k, project_id, &kek_id) == NULL)
        return false;
    ks_project_key_drop(k);
    return true;
}

/* Where a wrapped key belongs: the row of its project, under this root key. */
static ks_str place_of_key(ks_ctx *cx, ks_str project_id, ks_str root_id)
{
    const ks_place place = {.table = KS_S("projects"), .project_id = project_id, .version = 1};
    return ks_place_bytes(cx, &place, KS_S(KS_ALG), root_id);
}

static ks_status id_fits(ks_ctx *cx, ks_str project_id)
{
    if (project_id.n == 0 || project_id.n >= KS_ID_MAX)
        return ks_fail(cx, KS_INTERNAL, NULL, "A project id has an impossible length.");
    return KS_OK;
}

ks_status ks_project_key_new(ks_ctx *cx, ks_keyring *k, ks_str project_id, ks_wrapped_key *out)
{
    KS_TRY(id_fits(cx, project_id));
    ks_wrapped_key w = {.alg = KS_S(KS_ALG), .root_id = ks_copy(cx, ks_keyring_root_id(k))};
    char           id[KS_KEY_ID_LEN + 1];
    char          *room;
    ks_str         ad = place_of_key(cx, project_id, w.root_id);
    ks_secret     *kek = ks_secret_blank(KS_KEY_LEN, &room);
    if (kek == NULL)
        return ks_no_memory(cx);
    randombytes_buf(room, KS_KEY_LEN);
    ks_key_id((const unsigned char *)room, id);
    w.kek_id = ks_copy(cx, (ks_str){id, KS_KEY_ID_LEN});
    ks_status status = KS_NO_MEMORY;
    if (w.root_id.p != NULL && w.kek_id.p != NULL && ad.p != NULL)
        status = ks_aead_seal(cx, ks_wrap_key(k), ad, ks_secret_reveal(kek), &w.nonce, &w.ct);
    if (status == KS_OK) {
        keep(ks_keyring_projects(k), project_id, (const unsigned char *)room, id);
        *out = w;
    }
    ks_secret_free(kek);
    return status;
}

static ks_status damaged(ks_ctx *cx)
{
    return ks_fail_code(cx, KS_INTERNAL, "sealed_mismatch", NULL,
                        "The stored key of this project does not open: its row was moved or changed.");
}

ks_status ks_project_key_open(ks_ctx *cx, ks_keyring *k, ks_str project_id, const ks_wrapped_key *w)
{
    KS_TRY(id_fits(cx, project_id));
    if (!ks_str_eq(w->root_id, ks_keyring_root_id(k)))
        return ks_fail(cx, KS_FORBIDDEN, NULL,
                       "This project's key is wrapped under root key " KS_FMT
                       "; this process holds another. Start it with that root key.",
                       KS_ARG(w->root_id));
    if (!ks_str_eq(w->alg, KS_S(KS_ALG)) || w->ct.n != KS_KEY_LEN + KS_TAG_LEN)
        return damaged(cx);
    char   id[KS_KEY_ID_LEN + 1];
    char  *room;
    ks_str ad = place_of_key(cx, project_id, w->root_id);
    if (ad.p == NULL)
        return KS_NO_MEMORY;
    ks_secret *kek = ks_secret_blank(KS_KEY_LEN, &room);
    if (kek == NULL)
        return ks_no_memory(cx);
    bool good = ks_aead_open(ks_wrap_key(k), ad, w->nonce, w->ct, room);
    if (good) {
        ks_key_id((const unsigned char *)room, id);
        good = ks_str_eq(w->kek_id, (ks_str){id, KS_KEY_ID_LEN}); /* its check value, rules C4 and C5 */
    }
    if (good)
        keep(ks_keyring_projects(k), project_id, (const unsigned char *)room, id);
    ks_secret_free(kek);
    return good ? KS_OK : damaged(cx);
}
