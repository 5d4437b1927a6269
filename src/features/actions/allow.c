/* features/actions/allow.c — see allow.h. A method is believed only while nothing beside it names another
 * one. */
#include "features/actions/allow.h"

#include "base/enc.h"
#include "features/integrations/requests.h"
#include "features/reach.h"

/* Credentials that come with the call name an address of their own, of no app and no entity. */
static ks_status own_credentials(ks_ctx *cx, const ks_act *act)
{
    bool own = act->own != NULL || (!act->connected && act->subject.credential != NULL);
    if (own && ks_reach_limited(cx))
        return ks_reach_refuse(cx, NULL, "it acts with connected accounts, not with credentials in the call");
    return KS_OK;
}

static bool tagged(const ks_app_action *a, const char *tag)
{
    for (size_t i = 0; i < a->tags.n; i++)
        if (ks_str_eq(a->tags.at[i], ks_str_of(tag)))
            return true;
    return false;
}

/* What an app file calls reading; the methods that never are stay out, whatever it says. */
static bool only_reads(const ks_app_action *a)
{
    static const char *const writes[] = {"PUT", "PATCH", "DELETE"};
    for (size_t i = 0; i < KS_COUNT(writes); i++)
        if (ks_str_eq(a->method, ks_str_of(writes[i])))
            return false;
    return tagged(a, "read") && !tagged(a, "write") && !tagged(a, "destructive");
}

static ks_status limited_actions(ks_ctx *cx, const ks_act *act)
{
    if (!act->connected || act->integration.limited.p == NULL)
        return KS_OK;
    ks_str quoted = ks_fmt(cx, "\"" KS_FMT "\"", KS_ARG(act->action->name));
    if (quoted.p == NULL)
        return KS_NO_MEMORY;
    if (ks_str_find(act->integration.limited, quoted) != SIZE_MAX)
        return KS_OK;
    return ks_fail_code(
        cx, KS_INVALID, "action_not_allowed", "action",
        "The integration of this connected account does not allow this action (limitedActions).");
}

ks_status ks_allow_action(ks_ctx *cx, const ks_act *act)
{
    KS_TRY(own_credentials(cx, act));
    if (ks_reach_read_only(cx) && !only_reads(act->action))
        return ks_reach_refuse(cx, "action", "it runs actions tagged `read` only");
    return limited_actions(cx, act);
}

/* ---- a request in the caller's own words ---- */

static bool has_list(const ks_act *act)
{
    return act->connected && act->integration.requests.p != NULL;
}

/* Headers and query members by which servers let a request be another one than its first line says. */
static bool overrides(ks_str name)
{
    static const char *const names[] = {
        "x-http-method-override", "x-http-method", "x-method-override", "x-original-url", "x-rewrite-url",
        "x-original-method",      "_method",       "_httpmethod",       "$httpmethod"};
    for (size_t i = 0; i < KS_COUNT(names); i++)
        if (ks_str_ieq(name, ks_str_of(names[i])))
            return true;
    return false;
}

static ks_status query_overrides(ks_ctx *cx, ks_str query, bool *found)
{
    ks_str part;
    while (ks_str_cut(&query, '&', &part)) {
        ks_buf *b = ks_ctx_buf(cx, KS_MAX_TARGET_BYTES);
        if (b == NULL)
            return KS_NO_MEMORY;
        *found |= !ks_dec_percent(b, ks_str_sub(part, 0, ks_str_chr(part, '=')), true) ||
                  overrides(ks_buf_view(b));
    }
    return KS_OK;
}

static ks_status no_overrides(ks_ctx *cx, const ks_raw_request *raw)
{
    size_t q = ks_str_chr(raw->endpoint, '?');
    bool   found = false;
    for (size_t i = 0; i < raw->params_n; i++)
        found |= overrides(raw->params[i].name);
    if (q != SIZE_MAX)
        KS_TRY(query_overrides(cx, ks_str_sub(raw->endpoint, q + 1, SIZE_MAX), &found));
    if (!found)
        return KS_OK;
    return ks_fail_code(cx, KS_INVALID, "request_not_allowed", "parameters",
                        "A header or query member that names another method or path is not allowed here.");
}

ks_status ks_allow_words(ks_ctx *cx, const ks_act *act, const ks_raw_request *raw)
{
    KS_TRY(own_credentials(cx, act));
    bool reads = ks_str_eq(raw->method, KS_S("GET")) || ks_str_eq(raw->method, KS_S("HEAD"));
    if (ks_reach_read_only(cx) && !reads)
        return ks_reach_refuse(cx, "method", "it sends GET and HEAD only");
    if (act->connected && act->integration.limited.p != NULL && !has_list(act))
        return ks_fail_code(cx, KS_INVALID, "action_not_allowed", "connectedAccountId",
                            "The integration of this connected account allows some actions only "
                            "(limitedActions), so no request of one's own.");
    return ks_reach_read_only(cx) || has_list(act) ? no_overrides(cx, raw) : KS_OK;
}

ks_status ks_allow_path(ks_ctx *cx, const ks_act *act)
{
    const char *why;
    if (!has_list(act))
        return KS_OK;
    ks_str path = ks_text_explain(cx, &act->call->path);
    if (path.p == NULL)
        return ks_no_memory(cx);
    KS_TRY(ks_requests_judge(cx, act->integration.requests, act->call->method, path, &why));
    if (why == NULL)
        return KS_OK;
    return ks_fail_code(
        cx, KS_INVALID, "request_not_allowed", "endpoint",
        "The integration of this connected account allows some requests only, and this one %s.", why);
}
