/* base/log.c — see log.h. A line that does not fit 4 kB is cut inside a value, never broken JSON. */
#include "base/log.h"

#include <stdatomic.h>
#include <stdio.h>
#include <unistd.h>

#include "base/time.h"

#define LINE_MAX_BYTES 4096
#define VALUE_MAX      512 /* characters of one text field */

static _Atomic int      out_fd = 2;
static _Atomic ks_level least = KS_LOG_INFO;

static const struct {
    const char *name;
    char        type;
} fields_[] = {
#define X(id, name, type) {name, type},
    KS_LOG_FIELDS(X)
#undef X
};

typedef struct line {
    char   p[LINE_MAX_BYTES];
    size_t n;
} line;

static void put(line *l, const char *z, size_t n)
{
    if (n > sizeof l->p - 4 - l->n) /* room for the closing bytes */
        return;
    memcpy(l->p + l->n, z, n);
    l->n += n;
}

static void put_text(line *l, ks_str s)
{
    put(l, "\"", 1);
    for (size_t i = 0; i < s.n && i < VALUE_MAX; i++) {
        unsigned char c = (unsigned char)s.p[i];
        char          esc[8];
        if (c >= 0x20 && c < 0x7f && c != '"' && c != '\\')
            put(l, s.p + i, 1);
        else
            put(l, esc, (size_t)snprintf(esc, sizeof esc, "\\u%04x", c));
    }
    put(l, "\"", 1);
}

void ks_log_write(ks_level level, const char *event, const ks_log_field *f, size_t n)
{
    static const char *const names[] = {"debug", "info", "warn", "error"};
    line                     l = {.n = 0};
    char                     iso[KS_ISO_LEN], head[128];
    if (level < atomic_load(&least) || atomic_load(&out_fd) < 0)
        return;
    ks_time_iso(ks_now_us(), iso);
    put(&l, head,
        (size_t)snprintf(head, sizeof head, "{\"time\":\"%s\",\"level\":\"%s\",\"event\":\"%s\"", iso,
                         names[level], event));
    for (size_t i = 0; i < n; i++) {
        bool text = fields_[f[i].id].type == 's';
        if (text && f[i].s.p == NULL)
            continue;
        put(&l, head, (size_t)snprintf(head, sizeof head, ",\"%s\":", fields_[f[i].id].name));
        if (text)
            put_text(&l, f[i].s);
        else
            put(&l, head, (size_t)snprintf(head, sizeof head, "%lld", (long long)f[i].i));
    }
    memcpy(l.p + l.n, "}\n", 2);
    if (write(atomic_load(&out_fd), l.p, l.n + 2) < 0)
        return; /* nowhere left to say so */
}

void ks_log_set_level(ks_level level)
{
    atomic_store(&least, level);
}

void ks_log_set_fd(int fd)
{
    atomic_store(&out_fd, fd);
}
