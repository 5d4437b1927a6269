/* features/budgets/budget_count.c — see budget_count.h: a hash table of owners. */
#include "features/budgets/budget_count.h"

#include <pthread.h>

#include "base/alloc.h"

#define BUCKETS 16384

typedef struct account {
    struct account *next;                                              /* in its bucket */
    int64_t         began[KS_BUDGET_WINDOWS], used[KS_BUDGET_WINDOWS]; /* began: number of the window */
    size_t          n;
    char            owner[];
} account;

struct ks_budget_table {
    pthread_mutex_t lock;
    size_t          n;
    int64_t         swept; /* minute of the last search for accounts that are over */
    account        *buckets[BUCKETS];
};

static const int64_t lengths_us[KS_BUDGET_WINDOWS] = {INT64_C(60000000), INT64_C(3600000000),
                                                      INT64_C(86400000000)};

ks_budget_table *ks_budget_table_new(void)
{
    ks_budget_table *t = ks_calloc(1, sizeof *t);
    if (t != NULL && pthread_mutex_init(&t->lock, NULL) != 0) {
        ks_free(t);
        return NULL;
    }
    return t;
}

void ks_budget_table_free(ks_budget_table *t)
{
    if (t == NULL)
        return;
    for (size_t i = 0; i < BUCKETS; i++) {
        for (account *a = t->buckets[i], *next; a != NULL; a = next) {
            next = a->next;
            ks_free(a);
        }
    }
    pthread_mutex_destroy(&t->lock);
    ks_free(t);
}

bool ks_rate_limits(const ks_rate *r)
{
    return r->most[KS_BUDGET_MINUTE] > 0 || r->most[KS_BUDGET_HOUR] > 0 || r->most[KS_BUDGET_DAY] > 0;
}

int ks_budget_resets_s(int window, int64_t now_us)
{
    int64_t left_us = lengths_us[window] - now_us % lengths_us[window];
    return (int)((left_us + 999999) / 1000000);
}

/* ---- accounts; the lock is held ---- */

static account **place_of(ks_budget_table *t, ks_str owner)
{
    uint32_t h = 2166136261u; /* FNV-1a; ids are ours and random, so nobody can aim at a bucket */
    for (size_t i = 0; i < owner.n; i++)
        h = (h ^ (unsigned char)owner.p[i]) * 16777619u;
    account **at = &t->buckets[h % BUCKETS];
    while (*at != NULL && !ks_str_eq((ks_str){(*at)->owner, (*at)->n}, owner))
        at = &(*at)->next;
    return at;
}

/* Windows that are over begin anew. */
static void roll(account *a, int64_t now_us)
{
    for (int w = 0; w < KS_BUDGET_WINDOWS; w++) {
        int64_t number = now_us / lengths_us[w];
        if (a->began[w] != number) {
            a->began[w] = number;
            a->used[w] = 0;
        }
    }
}

/* An account whose day is over says nothing any more. */
static void sweep(ks_budget_table *t, int64_t now_us)
{
    int64_t minute = now_us / lengths_us[KS_BUDGET_MINUTE];
    if (t->swept == minute)
        return;
    t->swept = minute;
    for (size_t i = 0; i < BUCKETS; i++) {
        for (account **at = &t->buckets[i]; *at != NULL;) {
            account *a = *at;
            if (a->began[KS_BUDGET_DAY] == now_us / lengths_us[KS_BUDGET_DAY]) {
                at = &a->next;
                continue;
            }
            *at = a->next;
            ks_free(a);
            t->n--;
        }
    }
}

static account *account_of(ks_budget_table *t, ks_str owner, int64_t now_us)
{
    account **at = place_of(t, owner);
    if (*at == NULL && t->n >= KS_BUDGET_OWNERS) {
        sweep(t, now_us);
        at = place_of(t, owner);
    }
    if (*at == NULL && t->n < KS_BUDGET_OWNERS && (*at = ks_calloc(1, sizeof **at + owner.n)) != NULL) {
        memcpy((*at)->owner, owner.p, owner.n);
        (*at)->n = owner.n;
        t->n++;
    }
    if (*at != NULL)
        roll(*at, now_us);
    return *at;
}

/* The longest window that is used up, -1 when none is. */
static int spent(const account *a, const ks_rate *rate)
{
    for (int w = KS_BUDGET_WINDOWS - 1; w >= 0; w--) {
        if (rate->most[w] > 0 && a->used[w] >= rate->most[w])
            return w;
    }
    return -1;
}

static bool may_charge(ks_budget_table *t, const ks_charge *charges, size_t n, int64_t now_us, size_t *who,
                       int *window)
{
    for (*who = 0; *who < n; (*who)++) {
        const account *a = account_of(t, charges[*who].owner, now_us);
        if (a == NULL) {
            *who = n;
            return false;
        }
        *window = spent(a, &charges[*who].rate);
        if (*window >= 0)
            return false;
    }
    return true;
}

bool ks_budget_charge(ks_budget_table *t, const ks_charge *charges, size_t n, int64_t now_us, size_t *who,
                      int *window)
{
    pthread_mutex_lock(&t->lock);
    bool may = may_charge(t, charges, n, now_us, who, window);
    for (size_t i = 0; may && i < n; i++) {
        account *a = *place_of(t, charges[i].owner);
        for (int w = 0; w < KS_BUDGET_WINDOWS; w++)
            a->used[w]++;
    }
    pthread_mutex_unlock(&t->lock);
    return may;
}

void ks_budget_used(ks_budget_table *t, ks_str owner, int64_t now_us, int64_t used[KS_BUDGET_WINDOWS])
{
    memset(used, 0, KS_BUDGET_WINDOWS * sizeof *used);
    pthread_mutex_lock(&t->lock);
    account *a = *place_of(t, owner);
    if (a != NULL) {
        roll(a, now_us);
        memcpy(used, a->used, sizeof a->used);
    }
    pthread_mutex_unlock(&t->lock);
}
