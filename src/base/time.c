/* base/time.c — clocks; civil dates by hand and by timegm(3). RFC 3339. Threads: any. */
#include "base/time.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#define DAY_MS INT64_C(86400000)

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

/* Year, month and day of a day counted from 1970-01-01, in the calendar whose years begin in March: there the
 * leap day comes last, and months have 153 days every five. */
static void civil(int64_t day, unsigned *y, unsigned *m, unsigned *d)
{
    int64_t  since = day + 719468; /* 0000-03-01 */
    int64_t  era = (since >= 0 ? since : since - 146096) / 146097;
    unsigned of_era = (unsigned)(since - era * 146097);
    unsigned year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    unsigned of_year = of_era - (365 * year + year / 4 - year / 100);
    unsigned march = (5 * of_year + 2) / 153;
    *d = of_year - (153 * march + 2) / 5 + 1;
    *m = march < 10 ? march + 3 : march - 9;
    *y = (unsigned)(era * 400 + year) + (*m <= 2);
}

/* By hand, because every answer holds two of them: snprintf(3) and gmtime_r(3) were a visible part of a GET.
 */
void ks_time_iso(int64_t us, char out[KS_ISO_LEN])
{
    int64_t  ms = us / 1000 - (us % 1000 < 0); /* downwards, also before 1970 */
    int64_t  day = ms / DAY_MS - (ms % DAY_MS < 0);
    unsigned of_day = (unsigned)(ms - day * DAY_MS), y, m, d;
    civil(day, &y, &m, &d);
    const struct {
        unsigned v;
        int      n;
        char     end;
    } parts[] = {{y, 4, '-'},
                 {m, 2, '-'},
                 {d, 2, 'T'},
                 {of_day / 3600000, 2, ':'},
                 {of_day / 60000 % 60, 2, ':'},
                 {of_day / 1000 % 60, 2, '.'},
                 {of_day % 1000, 3, 'Z'}};
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
