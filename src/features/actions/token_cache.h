/* features/actions/token_cache.h — tokens that vendors handed out, kept in memory, sealed, until shortly
 * before they end; who is asking for one just now, so that nobody asks twice; and for a short time what was
 * refused. Opens nothing and asks nobody. One for the process; bounded: the oldest makes room. Nothing of it
 * outlives the process. Threads: any. */
#pragma once
#include "crypto/envelope.h"

typedef struct ks_tokens ks_tokens;

#define KS_TOKEN_SETS       1024 /* times KS_TOKEN_WAYS tokens at most */
#define KS_TOKEN_WAYS       4
#define KS_TOKEN_MAX        (24 * 1024)       /* bytes sealed; a larger one is not kept */
#define KS_TOKEN_REFUSED_US INT64_C(30000000) /* so long nobody asks again after a refusal */

/* Which token it is: a keyed hash of project, connection, version of its values, and name. */
typedef struct ks_token_id {
    unsigned char b[KS_MAC_LEN];
} ks_token_id;

typedef enum ks_token_claim {
    KS_TOKEN_HELD,  /* here it is */
    KS_TOKEN_MINE,  /* nobody asks: the caller does, and tells by ks_tokens_end */
    KS_TOKEN_ASKED, /* somebody asks: ks_tokens_wait */
    KS_TOKEN_NEWS,  /* somebody has asked a short while ago, and was refused */
} ks_token_claim;

/* How asking ended, for those who wait, and for those who come within holds_us. */
typedef struct ks_token_news {
    int         state;    /* the asker's own: 0 when the token came, or nothing is known */
    int         status;   /* of the answer; 0: none */
    const char *why;      /* literal */
    int64_t     holds_us; /* 0: who comes next asks. Told later: what is left of it */
    bool        counts;   /* the first one who is told later may take it for an answer of his own */
} ks_token_news;

/* One who waits; in memory that stays until it is woken. */
typedef struct ks_token_wait ks_token_wait;
struct ks_token_wait {
    void (*wake)(void *arg); /* once, from any thread */
    void          *arg;
    ks_token_news  news;
    ks_token_wait *next; /* the cache's own */
};

KS_MUST ks_tokens *ks_tokens_new(void);          /* NULL when memory is short */
void               ks_tokens_free(ks_tokens *t); /* nobody waits any more; NULL is fine */

/* The token, when there is one made at `not_before_us` (monotonic) or later that is still good: into *out, in
 * the arena. With KS_TOKEN_MINE *out may be one that has ended (what renews it is in it too); its ct is
 * absent when there is none. With KS_TOKEN_NEWS *news tells of a refusal of `not_before_us` or later.
 * NO_MEMORY */
KS_MUST ks_status ks_tokens_claim(ks_ctx *cx, ks_tokens *t, const ks_token_id *id, int64_t not_before_us,
                                  ks_sealed *out, ks_token_claim *claim, ks_token_news *news);

/* Be woken when the one who asks is through. False: nobody asks any more, claim again. */
bool ks_tokens_wait(ks_tokens *t, const ks_token_id *id, ks_token_wait *w);

/* End of asking: keep `fresh` (NULL: nothing) for life_us, the news as long as they hold, and wake all who
 * wait. Never fails; what there is no memory for is not kept. */
void ks_tokens_end(ks_tokens *t, const ks_token_id *id, const ks_sealed *fresh, int64_t life_us,
                   ks_token_news news);

/* The vendor did not accept it: it has ended. One that was made after `made_before_us` (monotonic) stays. */
void ks_tokens_drop(ks_tokens *t, const ks_token_id *id, int64_t made_before_us);
