/* features/calls/calls_http.c — the log of calls on the wire. Contract: docs/api.md CALL-1 to CALL-4. */
#include "features/calls/calls.h"
#include "features/routes.h"
#include "http/reply.h"

#define PAGE 100

static ks_status failed_of(ks_ctx *cx, const ks_req *rq, bool *out)
{
    ks_str word = ks_req_query(cx, rq, "failed");
    *out = ks_str_eq(word, KS_S("true"));
    if (word.p == NULL || *out || ks_str_eq(word, KS_S("false")))
        return KS_OK;
    return ks_fail(cx, KS_INVALID, "failed", "failed is true or false.");
}

static ks_status filter_of(ks_ctx *cx, const ks_req *rq, ks_call_filter *out)
{
    *out = (ks_call_filter){.entity_id = ks_req_query(cx, rq, "entity_id"),
                            .connection_id = ks_req_query(cx, rq, "connection_id"),
                            .app = ks_req_query(cx, rq, "app"),
                            .limit = PAGE};
    KS_TRY(failed_of(cx, rq, &out->failed));
    KS_TRY(ks_req_number(cx, rq, "before", &out->behind));
    KS_TRY(ks_req_number(cx, rq, "limit", &out->limit));
    if (out->limit > KS_CALLS_MAX)
        out->limit = KS_CALLS_MAX;
    return KS_OK;
}

static void encode(ks_jw *w, const ks_call_line *l)
{
    ks_jw_obj(w, NULL);
    ks_jw_int(w, "id", l->id);
    ks_jw_time(w, "time", l->time);
    ks_jw_str(w, "entity_id", l->entity_id);
    ks_jw_str(w, "connection_id", l->connection_id);
    ks_jw_str(w, "app", l->app);
    ks_jw_str(w, "what", l->what);
    ks_jw_int(w, "status", l->status);
    ks_jw_str(w, "result", l->result);
    ks_jw_int(w, "took_us", l->took_us);
    ks_jw_str(w, "request_id", l->request_id);
    ks_jw_str(w, "actor", l->actor);
    ks_jw_end(w, '}');
}

static ks_status get_calls(ks_ctx *cx, const ks_req *rq, ks_res *rs)
{
    ks_call_filter f;
    ks_call_line  *lines;
    size_t         n;
    bool           more;
    ks_jw          w;
    KS_TRY(filter_of(cx, rq, &f));
    KS_TRY(ks_calls_list(cx, &f, &lines, &n, &more));
    KS_TRY(ks_res_begin(cx, rs, 200, &w));
    ks_jw_obj(&w, NULL);
    ks_jw_arr(&w, "items");
    for (size_t i = 0; i < n; i++)
        encode(&w, &lines[i]);
    ks_jw_end(&w, ']');
    if (more)
        ks_jw_int(&w, "before", lines[n - 1].id); /* ask with this for the next page */
    else
        ks_jw_null(&w, "before");
    ks_jw_end(&w, '}');
    return ks_res_end(cx, rs);
}

const ks_route ks_calls_routes[] = {
    {"GET", "/ks/calls", KS_SCOPE_READ, get_calls, KS_VIEW_NATIVE, KS_WORKER,
     "The log of calls of the project, newest first."},
    {0},
};
