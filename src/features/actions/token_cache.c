/* features/actions/token_cache.c — see token_cache.h. A set of four places for each hash; one lock, held for
 * microseconds. Threads: any. */
#include "features/actions/token_cache.h"

#include <pthread.h>

#include "base/alloc.h"
#include "base/time.h"

/* kek_id, nonce and ct of one token in one allocation. */
typedef struct entry {
    ks_token_id id;
    int64_t     made_us, ends_us; /* monotonic */
    char       *bytes;            /* NULL: an empty place */
    size_t      kek_n, nonce_n, ct_n;
} entry;

/* The newest news of a set that hold; another token's take the place. */
typedef struct refusal {
    ks_token_id   id;
    int64_t       made_us;
    ks_token_news news; /* holds_us 0: none */
} refusal;

typedef struct flight {
    ks_token_id    id;
    ks_token_wait *waiting;
    struct flight *next;
} flight;

struct ks_tokens {
    pthread_mutex_t lock;
    flight         *flights;
    entry           at[KS_TOKEN_SETS][KS_TOKEN_WAYS];
    refusal         refused[KS_TOKEN_SETS];
};

ks_tokens *ks_tokens_new(void)
{
    ks_tokens *t = ks_calloc(1, sizeof *t);
    if (t != NULL)
        pthread_mutex_init(&t->lock, NULL);
    return t;
}

void ks_tokens_free(ks_tokens *t)
{
    if (t == NULL)
        return;
    for (size_t i = 0; i < KS_TOKEN_SETS * KS_TOKEN_WAYS; i++)
        ks_free(t->at[i / KS_TOKEN_WAYS][i % KS_TOKEN_WAYS].bytes);
    while (t->flights != NULL) {
        flight *f = t->flights;
        t->flights = f->next;
        ks_free(f);
    }
    pthread_mutex_destroy(&t->lock);
    ks_free(t);
}

static bool same_id(const ks_token_id *a, const ks_token_id *b)
{
    return memcmp(a->b, b->b, sizeof a->b) == 0;
}

static size_t number_of(const ks_token_id *id)
{
    return (id->b[0] | (size_t)id->b[1] << 8) % KS_TOKEN_SETS;
}

static entry *set_of(ks_tokens *t, const ks_token_id *id)
{
    return t->at[number_of(id)];
}

static entry *find(ks_tokens *t, const ks_token_id *id)
{
    entry *set = set_of(t, id);
    for (size_t i = 0; i < KS_TOKEN_WAYS; i++) {
        if (set[i].bytes != NULL && same_id(&set[i].id, id))
            return &set[i];
    }
    return NULL;
}

/* Where it goes: over itself, an empty place, or the one that was made first. */
static entry *place_for(ks_tokens *t, const ks_token_id *id)
{
    entry *set = set_of(t, id), *best = find(t, id);
    for (size_t i = 0; i < KS_TOKEN_WAYS && best == NULL; i++)
        best = set[i].bytes == NULL ? &set[i] : NULL;
    for (size_t i = 0; i < KS_TOKEN_WAYS && (best == NULL || best->bytes != NULL); i++) {
        if (find(t, id) == NULL && (best == NULL || set[i].made_us < best->made_us))
            best = &set[i];
    }
    return best;
}

static flight **find_flight(ks_tokens *t, const ks_token_id *id)
{
    flight **f = &t->flights;
    while (*f != NULL && !same_id(&(*f)->id, id))
        f = &(*f)->next;
    return f;
}

/* Copies in the arena; absent when memory is short. */
static void copy_out(ks_ctx *cx, const entry *e, ks_sealed *out)
{
    ks_str all = ks_copy(cx, (ks_str){e->bytes, e->kek_n + e->nonce_n + e->ct_n});
    *out = (ks_sealed){.kek_id = ks_str_sub(all, 0, e->kek_n),
                       .alg = KS_S("xchacha20poly1305"),
                       .nonce = ks_str_sub(all, e->kek_n, e->nonce_n),
                       .ct = ks_str_sub(all, e->kek_n + e->nonce_n, SIZE_MAX)};
}

/* With the lock held. */
static bool take_off(ks_tokens *t, const ks_token_id *id)
{
    flight *f = ks_calloc(1, sizeof *f);
    if (f == NULL)
        return false;
    f->id = *id;
    f->next = t->flights;
    t->flights = f;
    return true;
}

/* ---- refusals; with the lock held ---- */

static bool is_refused(ks_tokens *t, const ks_token_id *id, int64_t not_before_us, ks_token_news *out)
{
    refusal *r = &t->refused[number_of(id)];
    int64_t  left_us = r->made_us + r->news.holds_us - ks_mono_us();
    if (!same_id(&r->id, id) || r->news.holds_us == 0 || left_us <= 0 || r->made_us < not_before_us)
        return false;
    *out = r->news;
    out->holds_us = left_us;
    r->news.counts = false;
    return true;
}

static void remember(ks_tokens *t, const ks_token_id *id, const ks_token_news *news)
{
    refusal *r = &t->refused[number_of(id)];
    if (news->holds_us > 0)
        *r = (refusal){*id, ks_mono_us(), *news};
    else if (same_id(&r->id, id))
        *r = (refusal){0};
}

/* ---- asking ---- */

ks_status ks_tokens_claim(ks_ctx *cx, ks_tokens *t, const ks_token_id *id, int64_t not_before_us,
                          ks_sealed *out, ks_token_claim *claim, ks_token_news *news)
{
    bool ok = true;
    *out = (ks_sealed){0};
    pthread_mutex_lock(&t->lock);
    const entry *e = find(t, id);
    if (e != NULL)
        copy_out(cx, e, out);
    if (e != NULL && out->ct.p != NULL && e->ends_us > ks_mono_us() && e->made_us >= not_before_us)
        *claim = KS_TOKEN_HELD;
    else if (*find_flight(t, id) != NULL)
        *claim = KS_TOKEN_ASKED;
    else if (is_refused(t, id, not_before_us, news))
        *claim = KS_TOKEN_NEWS;
    else if ((ok = take_off(t, id)))
        *claim = KS_TOKEN_MINE;
    pthread_mutex_unlock(&t->lock);
    return ok ? KS_OK : ks_no_memory(cx);
}

bool ks_tokens_wait(ks_tokens *t, const ks_token_id *id, ks_token_wait *w)
{
    pthread_mutex_lock(&t->lock);
    flight *f = *find_flight(t, id);
    w->news = (ks_token_news){0};
    if (f != NULL) {
        w->next = f->waiting;
        f->waiting = w;
    }
    pthread_mutex_unlock(&t->lock);
    return f != NULL;
}

static void keep(ks_tokens *t, const ks_token_id *id, const ks_sealed *s, int64_t life_us)
{
    size_t n = s->kek_id.n + s->nonce.n + s->ct.n;
    char  *bytes = n <= KS_TOKEN_MAX ? ks_malloc(n) : NULL;
    if (bytes == NULL)
        return;
    memcpy(bytes, s->kek_id.p, s->kek_id.n);
    memcpy(bytes + s->kek_id.n, s->nonce.p, s->nonce.n);
    memcpy(bytes + s->kek_id.n + s->nonce.n, s->ct.p, s->ct.n);
    entry  *e = place_for(t, id);
    int64_t now = ks_mono_us();
    ks_free(e->bytes);
    *e = (entry){*id, now, now + life_us, bytes, s->kek_id.n, s->nonce.n, s->ct.n};
}

void ks_tokens_end(ks_tokens *t, const ks_token_id *id, const ks_sealed *fresh, int64_t life_us,
                   ks_token_news news)
{
    ks_token_wait *w = NULL;
    pthread_mutex_lock(&t->lock);
    if (fresh != NULL && life_us > 0)
        keep(t, id, fresh, life_us);
    remember(t, id, &news);
    flight **f = find_flight(t, id), *gone = *f;
    if (gone != NULL) {
        w = gone->waiting;
        *f = gone->next;
        ks_free(gone);
    }
    pthread_mutex_unlock(&t->lock);
    while (w != NULL) {
        ks_token_wait *next = w->next; /* once woken, its memory may go at any time */
        w->news = news;
        w->wake(w->arg);
        w = next;
    }
}

void ks_tokens_drop(ks_tokens *t, const ks_token_id *id, int64_t made_before_us)
{
    pthread_mutex_lock(&t->lock);
    entry *e = find(t, id);
    if (e != NULL && e->made_us <= made_before_us)
        e->ends_us = 0;
    pthread_mutex_unlock(&t->lock);
}
