/* base/time.h — the two clocks and the one way a time is written. Threads: any. */
#pragma once
#include "base/attr.h"

/* Wall clock, us since the Unix epoch. May jump. */
int64_t ks_now_us(void);

/* Monotonic clock in us, for deadlines and life spans (rule D9). */
int64_t ks_mono_us(void);

/* Room for ks_time_iso, NUL included. */
#define KS_ISO_LEN 25

/* Write `us` as "YYYY-MM-DDTHH:MM:SS.mmmZ" (RFC 3339, UTC) into `out`. */
void ks_time_iso(int64_t us, char out[KS_ISO_LEN]);

/* The reverse, for that exact form. False when it is not one. */
bool ks_time_parse_iso(const char *p, size_t n, int64_t *us);
