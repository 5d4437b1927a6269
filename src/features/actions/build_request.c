/* features/actions/build_request.c — checks, proxied requests, raw calls, and the masked view of a
 * connection. */
#include "features/actions/body.h"

#include "base/enc.h"
#include "base/http_text.h"
#include "features/apps/catalog.h"
#include "features/apps/template.h"

/* ---- the check of a scheme ---- */

bool ks_draft_target(ks_draft *d, ks_str tpl)
{
    size_t at = ks_str_chr(tpl, '?');
    bool   whole = ks_pieces_tpl(&d->path, d->s->credential, ks_str_sub(tpl, 0, at), KS_ENC_PERCENT);
    if (at == SIZE_MAX)
        return whole;
    if (d->query.text.n)
        ks_pieces_lit(&d->query, KS_S("&"));
    return ks_pieces_tpl(&d->query, d->s->credential, ks_str_sub(tpl, at + 1, SIZE_MAX), KS_ENC_PERCENT) &&
           whole;
}

static ks_status check_headers(ks_draft *d, const ks_app_check *check)
{
    for (size_t i = 0; i < check->headers.n; i++) {
        ks_pieces p = ks_pieces_new(d->cx);
        if (!ks_pieces_tpl(&p, d->s->credential, check->headers.at[i].value, KS_ENC_NONE) ||
            ks_draft_has_header(d, check->headers.at[i].name))
            continue;
        if (!ks_pieces_ok(&p))
            return KS_NO_MEMORY;
        KS_TRY(ks_draft_header(d, check->headers.at[i].name, p.text, KS_S("check.headers")));
    }
    if (!ks_draft_has_header(d, KS_S("accept")))
        KS_TRY(ks_draft_header_text(d, "Accept", "application/json"));
    return KS_OK;
}

static ks_status check_body(ks_draft *d, const ks_app_check *check)
{
    const ks_credential *c = d->s->credential;
    ks_pieces            p = ks_pieces_new(d->cx);
    if (check->body.p == NULL && (c->scheme->body.n == 0 || ks_str_eq(check->method, KS_S("GET"))))
        return KS_OK;
    bool form = check->encoding == KS_ENCODE_FORM;
    if (form) {
        ks_pieces_tpl(&p, c, check->body, KS_ENC_PERCENT);
        ks_form_credential(&p, c);
    } else if (check->body.p != NULL && c->scheme->body.n == 0)
        ks_pieces_tpl(&p, c, check->body, KS_ENC_JSON);
    else {
        ks_str whole = ks_str_trim(check->body, " \t\r\n");
        ks_members_write(&p, NULL, c, whole.n > 2 ? ks_str_sub(whole, 1, whole.n - 2) : KS_NO_STR);
    }
    d->call->has_body = true;
    d->call->content_type = form ? KS_S("application/x-www-form-urlencoded") : KS_S("application/json");
    d->call->body = p.text;
    return ks_pieces_ok(&p) ? KS_OK : ks_no_memory(d->cx);
}

ks_status ks_build_check(ks_ctx *cx, const ks_subject *s, ks_call **out)
{
    const ks_app_check *check = &s->credential->scheme->check;
    ks_draft            d;
    ks_str              path = check->path;
    *out = NULL;
    if (check->method.p == NULL || ks_credential_lacks(s->credential) != NULL ||
        ks_scheme_lacks(s->credential->scheme) != NULL)
        return KS_OK;
    KS_TRY(ks_draft_new(cx, s, check->method, &d));
    KS_TRY(ks_draft_base(&d, NULL));
    KS_TRY(ks_draft_absolute(&d, &path));
    KS_TRY(ks_draft_credentials(&d, NULL));
    if (!ks_draft_target(&d, path))
        return KS_OK; /* an optional value that the check needs is missing */
    KS_TRY(check_headers(&d, check));
    KS_TRY(check_body(&d, check));
    d.call->total_ms = KS_UP_VERIFY_MS;
    d.call->connect_ms = KS_UP_VERIFY_MS;
    d.call->max_answer = KS_MAX_BODY_BYTES;
    return ks_draft_finish(&d, out);
}

/* ---- a request in the caller's own words ---- */

/* Does the caller name a query member that carries the stored credential? */
static bool names_credential(const ks_draft *d, ks_str name)
{
    const ks_credential *c = d->s->credential;
    for (size_t i = 0; c != NULL && i < c->scheme->query.n; i++) {
        if (ks_str_ieq(c->scheme->query.at[i].name, name))
            return true;
    }
    return false;
}

static ks_status caller_query(ks_draft *d, ks_str q)
{
    ks_str rest = q, part;
    if (!ks_http_target(q))
        return ks_fail(d->cx, KS_INVALID, "endpoint",
                       "Percent-encode blanks and special characters of the query.");
    while (ks_str_cut(&rest, '&', &part)) {
        ks_buf *b = ks_ctx_buf(d->cx, KS_MAX_TARGET_BYTES);
        if (b == NULL)
            return KS_NO_MEMORY;
        if (!ks_dec_percent(b, ks_str_sub(part, 0, ks_str_chr(part, '=')), true))
            return ks_fail(d->cx, KS_INVALID, "endpoint", "The query holds a malformed percent-encoding.");
        if (names_credential(d, ks_buf_view(b)))
            return ks_fail(d->cx, KS_INVALID, "endpoint",
                           "The query names the member that carries the stored credential; leave it out.");
    }
    if (q.n && d->query.text.n)
        ks_pieces_lit(&d->query, KS_S("&"));
    ks_pieces_lit(&d->query, q);
    return KS_OK;
}

static ks_status absolute_endpoint(ks_draft *d, ks_str endpoint)
{
    ks_url url;
    KS_TRY(ks_url_parse(d->cx, "endpoint", endpoint, &url));
    if (d->secret_base || !ks_origin_holds(&d->call->origin, &url))
        return ks_fail_code(
            d->cx, KS_INVALID, "other_origin", "endpoint",
            "This connection may only call its own origin. Give a path that begins with '/'.");
    ks_pieces_cut(&d->path, 0);
    ks_pieces_lit(&d->path, url.path);
    return caller_query(d, url.query);
}

static ks_status endpoint(ks_draft *d, ks_str text)
{
    size_t scheme = ks_str_find(text, KS_S("://")), q = ks_str_chr(text, '?');
    if (scheme != SIZE_MAX && (q == SIZE_MAX || scheme < q))
        return absolute_endpoint(d, text);
    ks_str path = ks_str_sub(text, 0, q);
    if (!ks_str_starts(path, KS_S("/")))
        path = ks_fmt(d->cx, "/" KS_FMT, KS_ARG(path));
    const char *why = ks_path_fault(path);
    if (why != NULL)
        return ks_fail(d->cx, KS_INVALID, "endpoint", "The endpoint %s.", why);
    ks_pieces_lit(&d->path, path);
    return q == SIZE_MAX ? KS_OK : caller_query(d, ks_str_sub(text, q + 1, SIZE_MAX));
}

static ks_status caller_params(ks_draft *d, const ks_raw_request *r)
{
    for (size_t i = 0; i < r->params_n; i++) {
        const ks_param *p = &r->params[i];
        if (p->in == KS_PARAM_HEADER)
            KS_TRY(ks_draft_caller_header(d, "parameters", p->name, p->value));
        else if (names_credential(d, p->name))
            return ks_fail(d->cx, KS_INVALID, "parameters",
                           "A query member named there carries the stored credential; leave it out.");
        else
            ks_draft_query(d, p->name, p->value);
    }
    return KS_OK;
}

/* The caller's bytes as they are; where the app wants its credential inside a JSON body, its members are
 * added at the end of the object without touching the rest. */
static ks_status caller_body(ks_draft *d, const ks_raw_request *r, const ks_own_auth *own)
{
    const ks_credential *c = own == NULL ? d->s->credential : NULL;
    ks_pieces            p = ks_pieces_new(d->cx);
    bool inject = c != NULL && c->scheme->body.n > 0 && !ks_str_eq(d->call->method, KS_S("GET"));
    if (r->body.p == NULL && !inject)
        return KS_OK;
    ks_str whole = ks_str_trim(r->body, " \t\r\n");
    if (!inject)
        ks_pieces_lit(&p, r->body);
    else if (whole.n == 0 || (whole.p[0] == '{' && ks_json_fault(whole) == NULL))
        ks_members_write(&p, NULL, c,
                         whole.n > 2 ? ks_str_trim(ks_str_sub(whole, 1, whole.n - 2), " \t\r\n") : KS_NO_STR);
    else
        return ks_fail(d->cx, KS_INVALID, "body",
                       "This app takes its credential inside a JSON object: send a JSON object.");
    d->call->has_body = true;
    d->call->content_type = r->content_type.p ? r->content_type : KS_S("application/json");
    d->call->body = p.text;
    return ks_pieces_ok(&p) ? KS_OK : ks_no_memory(d->cx);
}

ks_status ks_build_request(ks_ctx *cx, const ks_subject *s, const ks_raw_request *r, const ks_own_auth *own,
                           ks_call **out)
{
    ks_draft d;
    KS_TRY(ks_draft_new(cx, s, r->method, &d));
    KS_TRY(ks_draft_base(&d, own));
    KS_TRY(endpoint(&d, r->endpoint));
    KS_TRY(ks_draft_credentials(&d, own));
    KS_TRY(caller_params(&d, r));
    KS_TRY(caller_body(&d, r, own));
    return ks_draft_finish(&d, out);
}

ks_status ks_build_fetch(ks_ctx *cx, ks_str project_id, const char *field, ks_str url, ks_call **out)
{
    ks_url    u;
    ks_pieces path = ks_pieces_new(cx), query = ks_pieces_new(cx);
    ks_call  *call = ks_zalloc(cx, sizeof *call);
    if (call == NULL)
        return KS_NO_MEMORY;
    KS_TRY(ks_url_parse(cx, field, url, &u));
    ks_pieces_lit(&path, u.path);
    ks_pieces_lit(&query, u.query);
    *call = (ks_call){.method = KS_S("GET"),
                      .origin = u.origin,
                      .path = path.text,
                      .query = query.text,
                      .host_rule = KS_S("named in the call; no credential goes there"),
                      .project_id = project_id,
                      .own_origin = true,
                      .total_ms = KS_UP_TOTAL_MS / 2, /* the call that needs it comes on top */
                      .max_answer = KS_MAX_FILE_BYTES};
    *out = call;
    return ks_pieces_ok(&path) && ks_pieces_ok(&query) ? KS_OK : ks_no_memory(cx);
}

/* ---- what may be shown ---- */

/* A template with values masked: "Bearer sk_l********". */
static ks_str masked(ks_ctx *cx, const ks_text *t)
{
    ks_buf *b = ks_ctx_buf(cx, 64 * 1024);
    if (b == NULL)
        return KS_NO_STR;
    ks_buf_str(b, t->lead);
    for (size_t i = 0; i < t->n && !t->whole_base64; i++)
        ks_buf_str(b, t->pieces[i].secret ? ks_secret_mask(cx, t->pieces[i].secret) : t->pieces[i].text);
    if (t->whole_base64)
        ks_buf_z(b, "********");
    return ks_buf_view(b);
}

static void display_query(ks_ctx *cx, const ks_subject *s, ks_jw *w)
{
    const ks_app_puts *puts = &s->credential->scheme->query;
    for (size_t i = 0; i < puts->n; i++) {
        ks_pieces p = ks_pieces_new(cx);
        if (!ks_pieces_tpl(&p, s->credential, puts->at[i].value, KS_ENC_NONE))
            continue;
        ks_jw_name(w, puts->at[i].name);
        ks_jw_str(w, NULL, masked(cx, &p.text));
    }
}

/* Is the base an address out of a vendor's answer, for which the draft has a stand-in only? */
static bool base_is_answered(const ks_app_scheme *s)
{
    bool any = false;
    for (size_t i = 0; i < s->derive_n; i++)
        any |= (s->derive[i].make == KS_MAKE_MEMBER || s->derive[i].make == KS_MAKE_TOKEN) &&
               ks_tpl_uses(s->base, s->derive[i].name);
    return any;
}

ks_status ks_build_display(ks_ctx *cx, const ks_subject *s, ks_jw *w, const char *name)
{
    ks_draft d;
    ks_str   base = KS_NO_STR;
    KS_TRY(ks_draft_new(cx, s, KS_S("GET"), &d));
    if (ks_credential_lacks(s->credential) == NULL && ks_draft_base(&d, NULL) == KS_OK)
        base = ks_origin_text(cx, &d.call->origin);
    if (base_is_answered(s->credential->scheme))
        base = KS_NO_STR;
    KS_TRY(ks_draft_credentials(&d, NULL));
    ks_jw_obj(w, name);
    ks_jw_obj(w, "headers");
    for (size_t i = 0; i < d.call->headers_n; i++) {
        ks_jw_name(w, d.call->headers[i].name);
        ks_jw_str(w, NULL, masked(cx, &d.call->headers[i].value));
    }
    ks_jw_end(w, '}');
    ks_jw_obj(w, "queryParams");
    display_query(cx, s, w);
    ks_jw_end(w, '}');
    ks_jw_str(w, "base_url", base);
    ks_jw_end(w, '}');
    return KS_OK;
}
