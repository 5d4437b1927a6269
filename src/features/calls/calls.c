/* features/calls/calls.c — see calls.h. */
#include "features/calls/calls.h"

#include "base/ids.h"
#include "features/apps/view.h"
#include "features/calls/calls_rows.h"

#define CLOCKS_US 60000000 /* lines stand in the order of their times, but for less than this */

ks_str ks_call_result(const ks_answer *a)
{
    switch (a->outcome) {
    case KS_UP_ANSWERED:
        return a->status < 400 ? KS_S("ok") : KS_S("vendor_error");
    case KS_UP_UNREACHED:
        return KS_S("unreachable");
    case KS_UP_TOO_LARGE:
        return KS_S("too_large");
    case KS_UP_BROKEN:
        return KS_S("broken");
    case KS_UP_LEFT:
        return KS_S("caller_left");
    case KS_UP_REFUSED:
    case KS_UP_BUSY:
    case KS_UP_HELD:
        break;
    }
    return KS_NO_STR;
}

/* At most n bytes of it, and no half character at the end. */
static ks_str cut(ks_str s, size_t n)
{
    if (s.n <= n)
        return s;
    while (n > 0 && ((unsigned char)s.p[n] & 0xc0) == 0x80)
        n--;
    return ks_str_sub(s, 0, n);
}

ks_str ks_call_what(ks_ctx *cx, ks_str method, ks_str endpoint)
{
    size_t query = ks_str_chr(endpoint, '?');
    ks_str path = ks_str_sub(endpoint, 0, query);
    return ks_fmt(cx, KS_FMT " " KS_FMT, KS_ARG(method), KS_ARG(cut(path, KS_MAX_CALL_WHAT - method.n - 1)));
}

ks_status ks_calls_add(ks_ctx *cx, ks_change *change, const ks_call_line *line)
{
    return cx->env->settings->calls_keep > 0 ? ks_call_row_add(cx, change, line) : KS_OK;
}

ks_status ks_calls_list(ks_ctx *cx, const ks_call_filter *f, ks_call_line **out, size_t *n, bool *more)
{
    ks_call_filter g = *f;
    if (g.app.n > 0) {
        g.app = ks_catalog_key(ks_catalog_of(cx), f->app);
        if (g.app.p == NULL)
            g.app = f->app; /* of an app that is gone */
    }
    if (g.behind == 0)
        g.behind = g.newer ? 0 : INT64_MAX;
    g.limit++; /* one more than asked: is there another page? */
    KS_TRY(ks_call_rows(cx, &g, out, n));
    *more = *n > (size_t)f->limit;
    *n -= *more;
    for (size_t i = 0; g.newer && i < *n / 2; i++) {
        ks_call_line swap = (*out)[i];
        (*out)[i] = (*out)[*n - 1 - i];
        (*out)[*n - 1 - i] = swap;
    }
    return KS_OK;
}

static ks_status need(ks_ctx *cx, bool found)
{
    if (found)
        return KS_OK;
    return ks_fail_code(cx, KS_NOT_FOUND, "call_not_found", "id",
                        "There is no such call in the log. Lines go when they are old.");
}

ks_status ks_calls_get(ks_ctx *cx, int64_t id, ks_call_line *out)
{
    bool found;
    KS_TRY(ks_call_row(cx, id, out, &found));
    return need(cx, found);
}

ks_status ks_calls_find(ks_ctx *cx, ks_str request_id, ks_call_line *out)
{
    int64_t began, after;
    bool    found;
    if (!ks_id_time(request_id, KS_ID_REQUEST, &began))
        return need(cx, false);
    KS_TRY(ks_call_rows_since(cx, began - CLOCKS_US, &after));
    KS_TRY(ks_call_row_find(cx, request_id, after, out, &found));
    return need(cx, found);
}

ks_status ks_calls_count(ks_ctx *cx, int64_t since, int64_t *all, int64_t *failed)
{
    int64_t after;
    KS_TRY(ks_call_rows_since(cx, since, &after));
    KS_TRY(ks_call_rows_count(cx, after, false, all));
    return ks_call_rows_count(cx, after, true, failed);
}
