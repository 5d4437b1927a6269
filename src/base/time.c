/* base/time.c — clocks; civil dates by gmtime_r(3) and timegm(3). */
#include "base/time.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

static int64_t clock_us(clockid_t id)
{
    struct timespec t;
    clock_gettime(id, &t);
    return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

int64_t ks_now_us(void)
{
    return clock_us(CLOCK_REALTIME);
}

int64_t ks_mono_us(void)
{
    return clock_us(CLOCK_MONOTONIC);
}

void ks_time_iso(int64_t us, char out[KS_ISO_LEN])
{
    time_t    sec = (time_t)(us / 1000000);
    struct tm t;
    gmtime_r(&sec, &t);
    unsigned year = (unsigned)(t.tm_year + 1900) % 10000, ms = (unsigned)(us / 1000 % 1000);
    snprintf(out, KS_ISO_LEN, "%04u-%02u-%02uT%02u:%02u:%02u.%03uZ", year, (unsigned)(t.tm_mon + 1) % 100,
             (unsigned)t.tm_mday % 100, (unsigned)t.tm_hour % 100, (unsigned)t.tm_min % 100,
             (unsigned)t.tm_sec % 100, ms);
}

bool ks_time_parse_iso(const char *p, size_t n, int64_t *us)
{
    char      z[KS_ISO_LEN];
    struct tm t = {0};
    unsigned  ms;
    int       end = 0;
    if (n != KS_ISO_LEN - 1)
        return false;
    memcpy(z, p, n);
    z[n] = '\0';
    if (sscanf(z, "%4d-%2d-%2dT%2d:%2d:%2d.%3uZ%n", &t.tm_year, &t.tm_mon, &t.tm_mday, &t.tm_hour, &t.tm_min,
               &t.tm_sec, &ms, &end) != 7 ||
        end != KS_ISO_LEN - 1)
        return false;
    t.tm_year -= 1900;
    t.tm_mon -= 1;
    *us = (int64_t)timegm(&t) * 1000000 + (int64_t)ms * 1000;
    return true;
}
