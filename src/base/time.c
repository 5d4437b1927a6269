/* base/time.c — clocks; civil dates by gmtime_r(3) and timegm(3). RFC 3339. Threads: any. */
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

/* `n` decimal digits of v behind `to`; returns the place after them. */
static char *put_digits(char *to, unsigned v, int n)
{
    for (int i = n - 1; i >= 0; i--, v /= 10)
        to[i] = (char)('0' + v % 10);
    return to + n;
}

/* By hand, because every answer holds two of them and snprintf(3) was a visible part of a GET. */
void ks_time_iso(int64_t us, char out[KS_ISO_LEN])
{
    int64_t   ms = us / 1000 - (us % 1000 < 0); /* downwards, also before 1970 */
    time_t    sec = (time_t)(ms / 1000 - (ms % 1000 < 0));
    struct tm t;
    gmtime_r(&sec, &t);
    const struct {
        unsigned v;
        int      n;
        char     end;
    } parts[] = {{(unsigned)(t.tm_year + 1900), 4, '-'},
                 {(unsigned)(t.tm_mon + 1), 2, '-'},
                 {(unsigned)t.tm_mday, 2, 'T'},
                 {(unsigned)t.tm_hour, 2, ':'},
                 {(unsigned)t.tm_min, 2, ':'},
                 {(unsigned)t.tm_sec, 2, '.'},
                 {(unsigned)(ms - (int64_t)sec * 1000), 3, 'Z'}};
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        out = put_digits(out, parts[i].v, parts[i].n);
        *out++ = parts[i].end;
    }
    *out = '\0';
}

/* n digits at p; the form has been checked. */
static int digits(const char *p, size_t n)
{
    int v = 0;
    for (size_t i = 0; i < n; i++)
        v = v * 10 + (p[i] - '0');
    return v;
}

bool ks_time_parse_iso(const char *p, size_t n, int64_t *us)
{
    static const char form[] = "0000-00-00T00:00:00.000Z";
    char              again[KS_ISO_LEN];
    if (n != KS_ISO_LEN - 1)
        return false;
    for (size_t i = 0; i < n; i++) {
        if (form[i] == '0' ? p[i] < '0' || p[i] > '9' : p[i] != form[i])
            return false;
    }
    struct tm t = {.tm_year = digits(p, 4) - 1900,
                   .tm_mon = digits(p + 5, 2) - 1,
                   .tm_mday = digits(p + 8, 2),
                   .tm_hour = digits(p + 11, 2),
                   .tm_min = digits(p + 14, 2),
                   .tm_sec = digits(p + 17, 2)};
    int64_t   at = (int64_t)timegm(&t) * 1000000 + (int64_t)digits(p + 20, 3) * 1000;
    ks_time_iso(at, again); /* the 31st of February comes back as another day */
    if (memcmp(again, p, n) != 0)
        return false;
    *us = at;
    return true;
}
