/* features/budgets/budget_count.h — how many calls were made in the minute, hour and day under way, by owner:
 * one table for all threads of the process. Windows begin with the clock (UTC). Nothing is stored: a restart
 * begins all windows anew. Bounded: owners of whose windows none is under way make room; when there is no
 * room, calls are refused, not let through uncounted. Threads: any; one short lock. */
#pragma once
#include "base/status.h"
#include "base/str.h"

enum { KS_BUDGET_MINUTE, KS_BUDGET_HOUR, KS_BUDGET_DAY, KS_BUDGET_WINDOWS };

#define KS_BUDGET_OWNERS 100000 /* counted at a time: about 14 MB */

/* The most calls in each window; 0: any number. */
typedef struct ks_rate {
    int64_t most[KS_BUDGET_WINDOWS];
} ks_rate;

/* Who is charged for a call, and what they may. `owner` tells apart all that are counted. */
typedef struct ks_charge {
    ks_str  owner;
    ks_rate rate;
} ks_charge;

typedef struct ks_budget_table ks_budget_table;

/* NULL when memory is short. Free with ks_budget_table_free. */
KS_MUST ks_budget_table *ks_budget_table_new(void);
void                     ks_budget_table_free(ks_budget_table *t); /* NULL is fine */

/* Charge one call to all n of them, or, when one has nothing left, to none: false, *who is its index and
 * *window the window that begins anew last. *who = n: there was no room to count. `now_us` since the Unix
 * epoch. */
KS_MUST bool ks_budget_charge(ks_budget_table *t, const ks_charge *charges, size_t n, int64_t now_us,
                              size_t *who, int *window);

/* What the owner has used of each window under way. */
void ks_budget_used(ks_budget_table *t, ks_str owner, int64_t now_us, int64_t used[KS_BUDGET_WINDOWS]);

/* Is there any limit in it? */
bool ks_rate_limits(const ks_rate *r);

/* Seconds until the window ends. */
int ks_budget_resets_s(int window, int64_t now_us);
