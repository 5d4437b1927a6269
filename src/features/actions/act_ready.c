/* features/actions/act_ready.c — an act whose call needs derived values: made, and the call built once more
 * with them. How they are made is ready.c. Threads: as the handler. */
#include "features/actions/act.h"
#include "features/actions/ready.h"

/* The call as before, but with the values; what a handler had set on it for streaming goes along. */
static ks_status build_again(ks_ctx *cx, ks_act *act)
{
    const ks_call *was = act->call;
    if (act->action != NULL)
        KS_TRY(ks_act_build(cx, act, act->input));
    else
        KS_TRY(ks_act_request(cx, act, &act->raw));
    if (was->body_pipe == NULL && !was->stream)
        return KS_OK;
    act->call->stream = was->stream;
    act->call->body_pipe = was->body_pipe;
    act->call->body_size = was->body_size;
    act->call->accept_encoding = was->accept_encoding;
    act->call->has_body = was->has_body;
    act->call->content_type = was->content_type;
    return KS_OK;
}

static ks_status made(ks_ctx *cx, const ks_req *rq, ks_res *rs, const ks_ready *r, void *arg)
{
    ks_act *act = arg;
    if (r->state != KS_READY)
        return ks_act_unready(cx, rq, rs, act, r->why, r->state == KS_READY_REFUSED);
    act->cached = r->cached;
    act->subject = *r->subject;
    KS_TRY(build_again(cx, act));
    return act->then(cx, rs, act);
}

ks_status ks_act_ready(ks_ctx *cx, ks_res *rs, ks_act *act, ks_act_then then)
{
    act->then = then;
    return act->call->unready ? ks_make_ready(cx, rs, &act->subject, act->call, 0, made, act)
                              : then(cx, rs, act);
}

ks_status ks_act_renew(ks_ctx *cx, ks_res *rs, ks_act *act, ks_act_then then, bool *renewed)
{
    *renewed = act->cached && !act->again;
    if (!*renewed)
        return KS_OK;
    act->again = true;
    act->then = then;
    ks_ready_drop(cx, &act->subject);
    act->subject.credential = &act->credential; /* as it was before anything was derived */
    return ks_make_ready(cx, rs, &act->subject, act->call, 0, made, act);
}
