/* features/connections/verify.c — answers of the check, in the order bad, limited, good. What no line names
 * is "unreachable": a wrong recipe must never turn away a good key, and only a trusted check may refuse one.
 */
#include "features/connections/verify.h"

const char *ks_verdict_word(ks_verdict v)
{
    static const char *const words[] = {"verified",    "limited",     "rejected",
                                        "unreachable", "uncheckable", "unchecked"};
    return words[v];
}

static bool holds(ks_ctx *cx, const ks_json *body, const ks_app_answer *want)
{
    if (want->pointer.p == NULL)
        return true;
    const ks_json *at = body ? ks_json_pointer(body, want->pointer) : NULL;
    if (at == NULL || ks_json_kind(at) == KS_JSON_NULL)
        return false;
    return ks_str_eq(want->value, KS_S("*")) || ks_str_eq(want->value, ks_json_scalar(cx, at));
}

static const ks_app_answer *match(ks_ctx *cx, const ks_app_answers *list, int status, const ks_json *body)
{
    for (size_t i = 0; i < list->n; i++) {
        const ks_app_answer *want = &list->at[i];
        if ((want->status == 0 || want->status == status) && holds(cx, body, want))
            return want;
    }
    return NULL;
}

static void identity_member(ks_ctx *cx, ks_jw *w, const char *name, const ks_json *body, ks_str pointer,
                            bool *any)
{
    ks_str text = pointer.p ? ks_json_scalar(cx, ks_json_pointer(body, pointer)) : KS_NO_STR;
    if (text.n == 0 || text.n > KS_MAX_NAME)
        return;
    ks_jw_str(w, name, text);
    *any = true;
}

static ks_status identity(ks_ctx *cx, const ks_app_check *check, const ks_json *body, ks_str *out)
{
    bool    any = false;
    ks_buf *b = ks_ctx_buf(cx, 16 * 1024);
    if (b == NULL)
        return KS_NO_MEMORY;
    ks_jw w = ks_jw_new(b);
    ks_jw_obj(&w, NULL);
    identity_member(cx, &w, "id", body, check->identity.id, &any);
    identity_member(cx, &w, "name", body, check->identity.name, &any);
    identity_member(cx, &w, "email", body, check->identity.email, &any);
    identity_member(cx, &w, "account", body, check->identity.account, &any);
    identity_member(cx, &w, "plan", body, check->identity.plan, &any);
    ks_jw_end(&w, '}');
    if (!ks_buf_ok(b))
        return ks_no_memory(cx);
    *out = any ? ks_buf_view(b) : KS_NO_STR;
    return KS_OK;
}

static ks_status refused(ks_ctx *cx, const ks_app *app, const ks_app_check *check, int status, ks_str cause,
                         ks_judgement *out)
{
    if (check->trusted) {
        out->verdict = KS_VD_REJECTED;
        out->reason = cause.p ? cause : ks_fmt(cx, KS_FMT " did not accept it.", KS_ARG(app->name));
    } else {
        out->verdict = KS_VD_UNCHECKABLE;
        out->reason = ks_fmt(
            cx, KS_FMT " answered %d to a check that is not sure enough to refuse a key. " KS_FMT,
            KS_ARG(app->name), status, KS_ARG(cause));
    }
    return out->reason.p ? KS_OK : ks_no_memory(cx);
}

ks_status ks_verify_judge(ks_ctx *cx, const ks_app *app, const ks_app_scheme *scheme, const ks_answer *a,
                          ks_judgement *out)
{
    const ks_app_check  *check = &scheme->check;
    const ks_app_answer *hit;
    ks_json             *body = NULL;
    ks_ctx               probe = *cx; /* a body that is no JSON is no failure of this call */
    *out = (ks_judgement){.verdict = KS_VD_UNREACHABLE};
    if (a->outcome != KS_UP_ANSWERED) {
        if (scheme->dsn.n > 0) /* which step of connecting it was is all the person has to go by */
            out->reason = ks_fmt(cx, KS_FMT " could not be reached: %s.", KS_ARG(app->name), a->why);
        return scheme->dsn.n > 0 && out->reason.p == NULL ? ks_no_memory(cx) : KS_OK;
    }
    if (a->body.n > 0 && ks_json_parse(&probe, a->body, &body) == KS_NO_MEMORY)
        return ks_no_memory(cx);
    if ((hit = match(cx, &check->bad, a->status, body)) != NULL)
        return refused(cx, app, check, a->status, hit->cause, out);
    if ((hit = match(cx, &check->limited, a->status, body)) != NULL) {
        out->verdict = KS_VD_LIMITED;
        out->reason = hit->cause;
        return KS_OK;
    }
    if (match(cx, &check->good, a->status, body) != NULL) {
        out->verdict = KS_VD_VERIFIED;
        return body != NULL ? identity(cx, check, body, &out->account) : KS_OK;
    }
    if (a->status == 401 || a->status == 403)
        return refused(cx, app, check, a->status, KS_NO_STR, out);
    return KS_OK;
}
