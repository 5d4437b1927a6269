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

#define ROOM (LINE_MAX_BYTES - 4) /* the rest is for what closes a value and the line */

static bool put(line *l, const char *z, size_t n)
{
    if (l->n + n > ROOM)
        return false;
    memcpy(l->p + l->n, z, n);
    l->n += n;
    return true;
}

static void put_text(line *l, ks_str s)
{
    bool fits = true;
    for (size_t i = 0; i < s.n && i < VALUE_MAX && fits; i++) {
        unsigned char c = (unsigned char)s.p[i];
        char          esc[8];
        if (c >= 0x20 && c < 0x7f && c != '"' && c != '\\')
            fits = put(l, s.p + i, 1);
        else
            fits = put(l, esc, (size_t)snprintf(esc, sizeof esc, "\\u%04x", c));
    }
    l->p[l->n++] = '"';
}

/* One field, whole or with its text cut, or nothing. */
static void put_field(line *l, const ks_log_field *f)
{
    char head[128];
    bool text = fields_[f->id].type == 's';
    if (text && f->s.p == NULL)
        return;
    int n = text ? snprintf(head, sizeof head, ",\"%s\":\"", fields_[f->id].name)
                 : snprintf(head, sizeof head, ",\"%s\":%lld", fields_[f->id].name, (long long)f->i);
    if (put(l, head, (size_t)n) && text)
        put_text(l, f->s);
}

void ks_log_write(ks_level level, const char *event, const ks_log_field *f, size_t n)
{
    static const char *const names[] = {"debug", "info", "warn", "error"};
    line                     l;
    char                     iso[KS_ISO_LEN];
    if (level < atomic_load(&least) || atomic_load(&out_fd) < 0)
        return;
    ks_time_iso(ks_now_us(), iso);
    l.n = (size_t)snprintf(l.p, ROOM, "{\"time\":\"%s\",\"level\":\"%s\",\"event\":\"%.64s\"", iso,
                           names[level], event);
    for (size_t i = 0; i < n; i++)
        put_field(&l, &f[i]);
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
