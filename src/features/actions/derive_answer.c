/* features/actions/derive_answer.c — what the answer of a token endpoint holds: the token, what else is taken
 * out of it, how long it may be kept. Sources: RFC 6749 section 5.1, RFC 6901. */
#include "features/actions/derive.h"

#include <time.h>

#include "features/apps/catalog.h"

#define SECOND_US   ((int64_t)1000000)
#define MAX_LIFE_US (86400 * SECOND_US) /* asked for once a day at least, whatever the vendor says */
#define MAX_MARGIN_US                                                                                        \
    (60 * SECOND_US) /* given up so early, or a tenth of its life: clocks differ, calls take time */

/* ---- how long ---- */

/* "hh:mm:ss": so long from now. False when it is something else. */
static bool span_of(ks_str s, int64_t *us)
{
    uint64_t seconds = 0, n;
    size_t   parts = 0;
    ks_str   part;
    for (; ks_str_cut(&s, ':', &part); parts++) {
        if (!ks_str_u64(part, &n) || n > 99999)
            return false;
        seconds = seconds * 60 + n;
    }
    *us = (int64_t)seconds * SECOND_US;
    return parts == 3;
}

/* "2026-01-31T10:00:00", then a fraction that is not looked at, then Z, +hh:mm or nothing (UTC). */
static bool moment_of(ks_str s, int64_t *us)
{
    struct tm tm = {0};
    char      text[48];
    if (s.n == 0 || s.n >= sizeof text)
        return false;
    memcpy(text, s.p, s.n);
    text[s.n] = '\0';
    const char *rest = strptime(text, "%Y-%m-%dT%H:%M:%S", &tm);
    if (rest == NULL)
        rest = strptime(text, "%Y-%m-%d %H:%M:%S", &tm);
    if (rest == NULL)
        return false;
    rest += *rest == '.' ? 1 + strspn(rest + 1, "0123456789") : 0;
    struct tm zone = {0};
    if (strptime(rest, "%z", &zone) == NULL)
        zone.tm_gmtoff = 0;
    *us = ((int64_t)timegm(&tm) - zone.tm_gmtoff) * SECOND_US;
    return true;
}

/* A moment as vendors write it: seconds or milliseconds since 1970, RFC 3339, or so long from now. */
static int64_t until_us(const ks_ctx *cx, ks_str text)
{
    uint64_t n;
    int64_t  us = 0;
    size_t   dot = ks_str_chr(text, '.');
    if (ks_str_u64(ks_str_sub(text, 0, dot), &n) && n < 100000000000000ULL)
        us = n >= 100000000000ULL ? (int64_t)n * 1000 - cx->now_us
             : n >= 1000000000ULL ? (int64_t)n * SECOND_US - cx->now_us
                                  : (int64_t)n * SECOND_US;
    else if (!span_of(text, &us) && moment_of(text, &us))
        us -= cx->now_us;
    return us;
}

static int64_t life_of(ks_ctx *cx, const ks_app_derived *t, const ks_json *body)
{
    int64_t life = MAX_LIFE_US;
    if (t->until.p != NULL)
        life = until_us(cx, ks_json_scalar(cx, ks_json_pointer(body, t->until)));
    else if (ks_str_starts(t->lasts, KS_S("/")))
        life = until_us(cx, ks_json_scalar(cx, ks_json_pointer(body, t->lasts)));
    else if (t->lasts.p != NULL)
        life = until_us(cx, t->lasts);
    if (life > MAX_LIFE_US)
        life = MAX_LIFE_US;
    int64_t margin = life / 10 < MAX_MARGIN_US ? life / 10 : MAX_MARGIN_US;
    return life > 0 ? life - margin : 0;
}

/* ---- what ---- */

static ks_status no_token(ks_ctx *cx, ks_str name)
{
    return ks_fail_code(cx, KS_UPSTREAM, "no_token", NULL,
                        "the token endpoint gave a good answer without `" KS_FMT "` in it", KS_ARG(name));
}

static ks_status take(ks_ctx *cx, ks_str name, ks_str text, ks_grant *out)
{
    ks_secret *s;
    if (text.n == 0 || text.n > KS_MAX_SECRET || out->n == KS_COUNT(out->values))
        return no_token(cx, name);
    KS_TRY(ks_secret_new(cx, text.p, text.n, &s));
    out->values[out->n++] = (ks_value){name, s};
    return KS_OK;
}

/* The text of the whole answer; a JSON string without its quotes. */
static ks_str whole(ks_ctx *cx, ks_str body)
{
    ks_json *v;
    ks_ctx   own = *cx;
    ks_str   text = ks_str_trim(body, " \t\r\n");
    if (text.n > 1 && text.p[0] == '"' && ks_json_parse(&own, text, &v) == KS_OK)
        text = ks_json_str(v);
    return text;
}

static ks_status take_members(ks_ctx *cx, const ks_app_scheme *s, const ks_app_derived *t,
                              const ks_json *body, ks_grant *out)
{
    for (size_t i = 0; i < s->derive_n; i++) {
        const ks_app_derived *m = &s->derive[i];
        if (m->make == KS_MAKE_MEMBER && ks_str_eq(m->from, t->name))
            KS_TRY(take(cx, m->name, ks_json_scalar(cx, ks_json_pointer(body, m->pointer)), out));
    }
    return KS_OK;
}

static ks_status take_refresh(ks_ctx *cx, const ks_app_derived *t, const ks_json *body, ks_grant *out)
{
    ks_str text = ks_json_scalar(cx, ks_json_pointer(body, t->refresh_pointer));
    ks_str name = ks_fmt(cx, KS_FMT KS_DERIVE_REFRESH, KS_ARG(t->name));
    if (t->refresh_pointer.p == NULL || text.n == 0)
        return KS_OK;
    return name.p != NULL ? take(cx, name, text, out) : KS_NO_MEMORY;
}

ks_status ks_derive_read(ks_ctx *cx, const ks_app_scheme *s, const ks_app_derived *t, const ks_answer *a,
                         ks_grant *out)
{
    ks_json *body = NULL;
    ks_ctx   own = *cx; /* a body that is no JSON is told in our words */
    *out = (ks_grant){.n = 0};
    if (t->pointer.n == 0)
        KS_TRY(take(cx, t->name, whole(cx, a->body), out));
    else if (ks_json_parse(&own, a->body, &body) == KS_NO_MEMORY)
        return ks_no_memory(cx);
    else
        KS_TRY(take(cx, t->name, ks_json_scalar(cx, ks_json_pointer(body, t->pointer)), out));
    KS_TRY(take_members(cx, s, t, body, out));
    KS_TRY(take_refresh(cx, t, body, out));
    out->life_us = life_of(cx, t, body);
    return KS_OK;
}
