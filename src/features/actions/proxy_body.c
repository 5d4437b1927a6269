/* features/actions/proxy_body.c — see proxy_body.h. The body of a proxied call is cut out of the request as
 * it stands: numbers of any size and the order of members survive. */
#include "features/actions/proxy_body.h"

static ks_status one_param(ks_ctx *cx, const ks_json *v, const char *place, ks_param *out)
{
    ks_str in = ks_json_str(ks_json_get(v, place));
    *out = (ks_param){ks_str_ieq(in, KS_S("header")) ? KS_PARAM_HEADER : KS_PARAM_QUERY,
                      ks_json_str(ks_json_get(v, "name")), ks_json_scalar(cx, ks_json_get(v, "value"))};
    bool known = ks_str_ieq(in, KS_S("header")) || ks_str_ieq(in, KS_S("query"));
    if (!known || out->name.n == 0 || out->value.p == NULL)
        return ks_fail(cx, KS_INVALID, "parameters",
                       "Each parameter needs `%s` (header or query), `name` and `value`.", place);
    return KS_OK;
}

ks_status ks_proxy_params(ks_ctx *cx, const ks_json *list, const char *place, ks_raw_request *r)
{
    size_t    n = ks_json_count(list);
    ks_param *all = ks_alloc(cx, (n + 1) * sizeof *all);
    if (all == NULL)
        return KS_NO_MEMORY;
    if (list != NULL && ks_json_kind(list) != KS_JSON_ARR && ks_json_kind(list) != KS_JSON_NULL)
        return ks_fail(cx, KS_INVALID, "parameters", "parameters must be a list.");
    for (size_t i = 0; i < n; i++)
        KS_TRY(one_param(cx, ks_json_at(list, i), place, &all[i]));
    r->params = all;
    r->params_n = n;
    return KS_OK;
}

/* Decode the envelope with its `body` taken out, so that the body may hold what our own parser refuses. */
ks_status ks_proxy_envelope(ks_ctx *cx, const ks_req *rq, const ks_field *fields, void *out, ks_str *body)
{
    ks_json    *tree;
    const char *why = ks_json_fault(rq->body);
    if (why != NULL)
        return ks_fail(cx, KS_INVALID, NULL, "The request body %s.", why);
    *body = ks_json_slice(rq->body, KS_S("body"));
    ks_str rest = rq->body;
    if (body->p != NULL)
        rest = ks_fmt(cx, "%.*snull%.*s", (int)(body->p - rq->body.p), rq->body.p,
                      (int)(rq->body.n - (size_t)(body->p - rq->body.p) - body->n), body->p + body->n);
    KS_TRY(ks_json_parse(cx, rest, &tree));
    KS_TRY(ks_shape_decode(cx, tree, "", fields, out));
    if (ks_str_eq(*body, KS_S("null")))
        *body = KS_NO_STR;
    if (body->n > 1 && body->p[0] == '"') { /* a text is sent as the text it is, not with its quotes */
        ks_json *text;
        KS_TRY(ks_json_parse(cx, *body, &text));
        *body = ks_json_str(text);
    }
    return KS_OK;
}
