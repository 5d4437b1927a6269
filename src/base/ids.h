/* base/ids.h — ids: a prefix, 50 bits of time and 100 random bits in base32 (docs/formats.md "Ids"; rule K5).
 */
#pragma once
#include "base/ctx.h"

#define KS_ID_BODY 30 /* characters behind the prefix: 10 of time, 20 random */
#define KS_ID_MAX  40 /* room for any id, NUL included */

/* Prefixes in use. */
#define KS_ID_PROJECT     "pr_"
#define KS_ID_KEY         "ak_"
#define KS_ID_INTEGRATION "ac_"
#define KS_ID_CONNECTION  "ca_"
#define KS_ID_LOG         "lg_"
#define KS_ID_REQUEST     "rq_"
#define KS_ID_LINK        "li_"
#define KS_ID_FILE        "fi_"
#define KS_ID_SESSION     "se_"

/* A fresh id in the arena, ordered by time to the microsecond. Absent when memory is short. `prefix` as
 * above. Each thread keeps some unused random bytes for its next ids. */
ks_str ks_id_new(ks_ctx *cx, const char *prefix);

/* Has `id` the form of an id with this prefix? Says nothing of its existence. */
bool ks_id_valid(ks_str id, const char *prefix);

/* What opens something for whoever has it: a prefix of three characters and 200 bits in base32. */
#define KS_TOKEN_BITS    25 /* bytes */
#define KS_TOKEN_LEN     43
#define KS_TOKEN_LINK    "lk_"
#define KS_TOKEN_CODE    "kc_" /* to sign in once */
#define KS_TOKEN_SESSION "kd_" /* in a cookie */

/* The token with these bits, in the arena. Absent when memory is short. */
ks_str ks_token_of(ks_ctx *cx, const char *prefix, const unsigned char bits[KS_TOKEN_BITS]);
/* One with fresh bits. */
ks_str ks_token_new(ks_ctx *cx, const char *prefix);

/* The time in an id of that form, us since the Unix epoch. False when it has another form. */
bool ks_id_time(ks_str id, const char *prefix, int64_t *us);

/* Random bytes from getrandom(2); aborts the process when the system has none to give (rule C8). */
void ks_random(void *p, size_t n);
