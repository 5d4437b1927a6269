/* base/ctx.c — failures and arena helpers of a call. */
#include "base/ctx.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/time.h"

ks_ctx ks_ctx_new(ks_arena *arena, const struct ks_env *env)
{
    return (ks_ctx){.arena = arena, .env = env, .now_us = ks_now_us()};
}

/* One pass for short texts, which nearly all are; the stack copy is wiped, because a text may hold a
 * request's words. */
KS_PRINTF(2, 0)
static ks_str vfmt(ks_ctx *cx, const char *fmt, va_list ap)
{
    char    here[256];
    va_list again;
    va_copy(again, ap);
    int   n = vsnprintf(here, sizeof here, fmt, ap);
    char *p = n < 0 ? NULL : ks_arena_alloc(cx->arena, (size_t)n + 1);
    if (p != NULL && (size_t)n < sizeof here)
        memcpy(p, here, (size_t)n + 1);
    else if (p != NULL)
        vsnprintf(p, (size_t)n + 1, fmt, again);
    va_end(again);
    explicit_bzero(here, n < 0 || (size_t)n >= sizeof here ? sizeof here : (size_t)n);
    cx->starved |= p == NULL;
    return p ? (ks_str){p, (size_t)n} : KS_NO_STR;
}

KS_PRINTF(5, 0)
static void fail(ks_ctx *cx, ks_status status, const char *code, const char *field, const char *fmt,
                 va_list ap)
{
    cx->err = (ks_err){.status = status, .code = ks_str_of(code), .message = vfmt(cx, fmt, ap)};
    if (cx->err.message.p == NULL)
        cx->err.message = KS_S("The request failed.");
    if (field != NULL)
        ks_fail_also(cx, ks_str_of(field), cx->err.message);
}

ks_status ks_fail(ks_ctx *cx, ks_status status, const char *field, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    fail(cx, status, NULL, field, fmt, ap);
    va_end(ap);
    return status;
}

ks_status ks_fail_code(ks_ctx *cx, ks_status status, const char *code, const char *field, const char *fmt,
                       ...)
{
    va_list ap;
    va_start(ap, fmt);
    fail(cx, status, code, field, fmt, ap);
    va_end(ap);
    return status;
}

void ks_fail_also(ks_ctx *cx, ks_str field, ks_str reason)
{
    if (cx->err.n == KS_MAX_DETAILS)
        return;
    ks_detail d = {ks_copy(cx, field), ks_copy(cx, reason)};
    if (d.field.p != NULL && d.reason.p != NULL)
        cx->err.details[cx->err.n++] = d;
}

ks_status ks_no_memory(ks_ctx *cx)
{
    cx->err = (ks_err){.status = KS_NO_MEMORY,
                       .message = KS_S("The server is short of memory. Try again in a moment."),
                       .retry_after_s = 1};
    cx->starved = true;
    return KS_NO_MEMORY;
}

void *ks_alloc(ks_ctx *cx, size_t n)
{
    void *p = ks_arena_alloc(cx->arena, n);
    if (p == NULL)
        (void)!ks_no_memory(cx);
    return p;
}

void *ks_zalloc(ks_ctx *cx, size_t n)
{
    void *p = ks_alloc(cx, n);
    if (p != NULL)
        memset(p, 0, n);
    return p;
}

ks_str ks_copy(ks_ctx *cx, ks_str s)
{
    char *p = ks_alloc(cx, s.n + 1);
    if (p == NULL)
        return KS_NO_STR;
    if (s.n)
        memcpy(p, s.p, s.n);
    p[s.n] = '\0';
    return (ks_str){p, s.n};
}

ks_str ks_fmt(ks_ctx *cx, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    ks_str s = vfmt(cx, fmt, ap);
    va_end(ap);
    if (s.p == NULL)
        (void)!ks_no_memory(cx);
    return s;
}

static void buf_done(void *b)
{
    ks_buf_done(b);
}

ks_buf *ks_ctx_buf(ks_ctx *cx, size_t cap)
{
    ks_buf *b = ks_alloc(cx, sizeof *b);
    if (b == NULL)
        return NULL;
    *b = (ks_buf){.cap = cap, .starved = &cx->starved};
    if (!ks_arena_defer(cx->arena, buf_done, b)) {
        (void)!ks_no_memory(cx);
        return NULL;
    }
    return b;
}
