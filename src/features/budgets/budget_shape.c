/* features/budgets/budget_shape.c — a budget as JSON, the same for server and command line. docs/api.md
 * BUD-1, BUD-3. Pure. */
#include "features/budgets/budget.h"
#include "http/shape.h"

static const char *const window_names[] = {"minute", "hour", "day"};

struct rate_body {
    int64_t minute, hour, day;
};
static const ks_field rate_fields[] = {
    KS_FIELD(struct rate_body, minute, I64, 0),
    KS_FIELD(struct rate_body, hour, I64, 0),
    KS_FIELD(struct rate_body, day, I64, 0),
    KS_FIELDS_END,
};

struct budget_body {
    ks_json *calls, *each_connection;
};
static const ks_field budget_fields[] = {
    KS_FIELD(struct budget_body, calls, OBJ, 0),
    KS_FIELD(struct budget_body, each_connection, OBJ, 0),
    KS_FIELDS_END,
};

/* A window that is not named has no limit; so has 0. A member that is not there stays as it was. */
static ks_status read_rate(ks_ctx *cx, const ks_json *sent, const char *path, ks_rate *out)
{
    struct rate_body b = {0};
    if (sent == NULL)
        return KS_OK;
    KS_TRY(ks_shape_decode(cx, sent, path, rate_fields, &b));
    *out = (ks_rate){{b.minute, b.hour, b.day}};
    for (int i = 0; i < KS_BUDGET_WINDOWS; i++) {
        if (out->most[i] < 0 || out->most[i] > KS_BUDGET_MOST)
            return ks_fail(cx, KS_INVALID, ks_fmt(cx, "%s%s", path, window_names[i]).p,
                           "Give a number of calls from 0 (no limit) to %lld.", (long long)KS_BUDGET_MOST);
    }
    return KS_OK;
}

ks_status ks_budget_read(ks_ctx *cx, const ks_json *body, bool each, ks_budget *b)
{
    struct budget_body sent;
    KS_TRY(ks_shape_decode(cx, body, "", budget_fields, &sent));
    KS_TRY(read_rate(cx, sent.calls, "calls.", &b->all));
    if (sent.calls == NULL && sent.each_connection == NULL)
        return ks_fail(cx, KS_INVALID, "calls", "Say how many calls, e.g. {\"calls\": {\"minute\": 60}}.");
    if (sent.each_connection != NULL && !each)
        return ks_fail(cx, KS_INVALID, "each_connection", "Only integrations have this: set it there.");
    return read_rate(cx, sent.each_connection, "each_connection.", &b->each);
}

static void write_rate(ks_jw *w, const char *name, const int64_t most[KS_BUDGET_WINDOWS], int64_t least)
{
    ks_jw_obj(w, name);
    for (int i = 0; i < KS_BUDGET_WINDOWS; i++) {
        if (most[i] >= least)
            ks_jw_int(w, window_names[i], most[i]);
    }
    ks_jw_end(w, '}');
}

void ks_budget_write(ks_jw *w, const ks_budget *b, bool each, const int64_t used[KS_BUDGET_WINDOWS])
{
    ks_jw_obj(w, NULL);
    write_rate(w, "calls", b->all.most, 1);
    if (each)
        write_rate(w, "each_connection", b->each.most, 1);
    write_rate(w, "used", used, 0);
    ks_jw_end(w, '}');
}
