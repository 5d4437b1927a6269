/* features/actions/build_token.c — the request for a token (make: token), or for its renewal. Nothing of
 * `send` goes along, and nothing stands in for a missing value. Where it may go (rule N1): to a host that the
 * app file writes out or lists, or to the address that a field of the connection is. */
#include "base/http_text.h"
#include "features/actions/derive.h"
#include "features/actions/draft.h"
#include "features/actions/json_tpl.h"
#include "features/actions/signing.h"
#include "features/apps/catalog.h"
#include "features/apps/template.h"

/* Is the host part one field of kind url or host, and nothing else? */
static bool is_own_address(const ks_app_scheme *s, ks_str url)
{
    ks_str      rest = ks_str_starts(url, KS_S("https://")) ? ks_str_sub(url, 8, SIZE_MAX) : url;
    ks_tpl_part part;
    if (!ks_tpl_next(&rest, &part) || !part.is_value || (rest.n > 0 && rest.p[0] != '/' && rest.p[0] != '?'))
        return false;
    const ks_app_field *f = ks_app_field_find(s, part.text);
    return f != NULL && !f->secret &&
           f->kind == (rest.p != NULL && url.p[0] == '{' ? KS_APP_URL : KS_APP_HOST);
}

static ks_status judge(ks_draft *d, ks_str url, ks_str rest)
{
    const ks_app_scheme *s = d->s->credential->scheme;
    ks_str               host = ks_str_sub(url, 0, url.n - rest.n);
    bool                 held;
    KS_TRY(ks_draft_held(d, &held));
    if (held)
        return KS_OK;
    if (ks_str_find(host, KS_S("{{")) != SIZE_MAX && !is_own_address(s, url))
        return ks_fail_code(d->cx, KS_INVALID, "host_not_allowed", "base_url",
                            "The address where a token is to be asked for is not one of " KS_FMT "'s.",
                            KS_ARG(d->s->app->name));
    d->call->host_rule = ks_fmt(d->cx, "derive of " KS_FMT, KS_ARG(d->s->app->key));
    return d->call->host_rule.p ? KS_OK : KS_NO_MEMORY;
}

static ks_status lacking(ks_draft *d, const char *where)
{
    return ks_fail_code(d->cx, KS_INVALID, "field_missing", NULL,
                        "This connection lacks a value for the %s of a token request of " KS_FMT
                        ". Connect again with it.",
                        where, KS_ARG(d->s->app->name));
}

static ks_status place(ks_draft *d, ks_str url)
{
    ks_str rest = url;
    if (ks_str_starts(url, KS_S("/"))) {
        KS_TRY(ks_draft_base(d, NULL));
    } else {
        KS_TRY(ks_draft_origin(d, "url", url, &rest));
        KS_TRY(judge(d, url, rest));
    }
    return ks_draft_target(d, rest) ? KS_OK : lacking(d, "address");
}

static ks_status headers(ks_draft *d, const ks_app_derived *t, ks_str rule)
{
    for (size_t i = 0; i < t->headers.n; i++) {
        ks_pieces p = ks_pieces_new(d->cx);
        if (!ks_pieces_tpl(&p, d->s->credential, t->headers.at[i].value, KS_ENC_NONE))
            continue;
        if (!ks_pieces_ok(&p))
            return KS_NO_MEMORY;
        KS_TRY(ks_draft_header(d, t->headers.at[i].name, p.text, rule));
    }
    if (!ks_draft_has_header(d, KS_S("accept")))
        KS_TRY(ks_draft_header_text(d, "Accept", "application/json"));
    return KS_OK;
}

static ks_status basic(ks_draft *d, const ks_app_derived *t, ks_str rule)
{
    ks_pieces p = ks_pieces_new(d->cx);
    if (t->basic_user.p == NULL && t->basic_password.p == NULL)
        return KS_OK;
    bool user = ks_pieces_tpl(&p, d->s->credential, t->basic_user, KS_ENC_NONE);
    ks_pieces_lit(&p, KS_S(":"));
    bool password = ks_pieces_tpl(&p, d->s->credential, t->basic_password, KS_ENC_NONE);
    if (!user || !password)
        return lacking(d, "user name or password");
    p.text.lead = KS_S("Basic ");
    p.text.whole_base64 = true;
    return ks_pieces_ok(&p) ? ks_draft_header(d, KS_S("Authorization"), p.text, rule) : KS_NO_MEMORY;
}

static ks_status body(ks_draft *d, ks_encoding encoding, ks_str json)
{
    ks_pieces p = ks_pieces_new(d->cx);
    bool      any = false;
    if (encoding == KS_ENCODE_NONE)
        return KS_OK;
    if (encoding == KS_ENCODE_FORM) {
        KS_TRY(ks_json_tpl_form(&p, d->s->credential, json));
    } else {
        ks_pieces_lit(&p, KS_S("{"));
        KS_TRY(ks_json_tpl_members(&p, d->s->credential, json, &any));
        ks_pieces_lit(&p, KS_S("}"));
    }
    bool form = encoding == KS_ENCODE_FORM;
    d->call->has_body = true;
    d->call->content_type = form ? KS_S("application/x-www-form-urlencoded") : KS_S("application/json");
    d->call->body = p.text;
    return ks_pieces_ok(&p) ? KS_OK : ks_no_memory(d->cx);
}

static ks_status build(ks_ctx *cx, const ks_subject *s, const ks_app_derived *t, bool renew, ks_call **out)
{
    ks_draft d;
    ks_str   rule = ks_fmt(cx, KS_FMT " " KS_FMT ": derive " KS_FMT, KS_ARG(s->app->key),
                           KS_ARG(s->credential->scheme->scheme), KS_ARG(t->name));
    if (rule.p == NULL)
        return KS_NO_MEMORY;
    KS_TRY(ks_draft_new(cx, s, renew ? KS_S("POST") : t->method, &d));
    d.bare = true;
    KS_TRY(place(&d, renew ? t->refresh_url : t->url));
    KS_TRY(headers(&d, t, rule));
    KS_TRY(basic(&d, t, rule));
    KS_TRY(body(&d, t->encoding, renew ? t->refresh_body : t->body));
    if (ks_str_eq(s->credential->scheme->sign, KS_S("mtls"))) /* the certificate is shown there, too */
        KS_TRY(ks_signing_new(cx, s->app, s->credential, &d.call->sign));
    d.call->query_rule = rule;
    d.call->max_answer = KS_MAX_BODY_BYTES;
    return ks_draft_finish(&d, out);
}

/* No secret is looked for in the answer: it is one, and goes to nobody. */
ks_status ks_build_token(ks_ctx *cx, const ks_subject *s, const ks_app_derived *token,
                         const ks_secret *refresh, ks_call **out)
{
    ks_subject    with = *s;
    ks_credential c;
    ks_secret    *copy;
    if (refresh == NULL)
        return build(cx, s, token, false, out);
    KS_TRY(ks_credential_extend(cx, s->credential, &c));
    KS_TRY(ks_secret_slice(cx, refresh, 0, ks_secret_len(refresh), &copy));
    ks_credential_derive(&c, KS_S("refresh_token"), copy, false);
    with.credential = &c;
    return build(cx, &with, token, true, out);
}
