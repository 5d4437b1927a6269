/* features/links/life.h — how long a link lives, by a clock that nobody can set (rule D9). Within one run of
 * the machine the time since it was made counts, whatever the wall clock says; after a restart of the machine
 * the wall clock does, unless it shows less than the store has seen already. Threads: any. */
#pragma once
#include "base/ctx.h"

#define KS_BOOT_ID 36 /* characters of the kernel's id of this run */

typedef struct ks_life {
    int64_t created_at, expires_at; /* wall clock, us since the Unix epoch */
    ks_str  boot;                   /* the run of the machine it was made in */
    int64_t boot_ends;              /* us of CLOCK_BOOTTIME */
} ks_life;

/* The clocks of one moment. */
typedef struct ks_clocks {
    int64_t wall;   /* us since the Unix epoch */
    int64_t boot;   /* us of CLOCK_BOOTTIME */
    int64_t newest; /* newest time the store has recorded; the wall clock cannot be right before it */
    char    id[KS_BOOT_ID];
} ks_clocks;

/* Read the clocks; `newest` is 0. Without an id from the kernel a random one stands there: then links end
 * with the process. */
void ks_clocks_read(const ks_ctx *cx, ks_clocks *out);

/* A life of `s` seconds from now on; `boot` points into `now`. */
ks_life ks_life_new(const ks_clocks *now, int64_t s);

/* Microseconds left; 0: over. */
int64_t ks_life_left(const ks_life *life, const ks_clocks *now);
