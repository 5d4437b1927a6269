/* features/actions/draft.c — where a call goes and how it is authorised. The origin is fixed by the app file
 * and the connection's own values (rule N1); a caller can name one only together with all credentials. */
#include "features/actions/draft.h"

#include "features/actions/derive.h"

#include "base/enc.h"
#include "base/http_text.h"
#include "base/ids.h"
#include "features/actions/signing.h"
#include "features/apps/catalog.h"
#include "features/apps/template.h"
#include "features/row_pack.h"

ks_status ks_draft_new(ks_ctx *cx, const ks_subject *s, ks_str method, ks_draft *d)
{
    static const char *const methods[] = {"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD"};
    *d = (ks_draft){.cx = cx, .s = s, .path = ks_pieces_new(cx), .query = ks_pieces_new(cx)};
    d->call = ks_zalloc(cx, sizeof *d->call);
    if (d->call == NULL)
        return KS_NO_MEMORY;
    for (size_t i = 0; i < KS_COUNT(methods); i++) {
        if (ks_str_ieq(method, ks_str_of(methods[i])))
            d->call->method = ks_str_of(methods[i]);
    }
    if (d->call->method.p == NULL)
        return ks_fail(cx, KS_INVALID, "method", "Use one of GET, POST, PUT, PATCH, DELETE, HEAD.");
    d->call->app = s->app->key;
    d->call->ghost_only = s->app->ghost_only;
    d->call->project_id = s->project_id;
    d->call->connection_id = s->connection_id;
    d->call->rate_after = (ks_names){s->app->rate_after.at, s->app->rate_after.n};
    d->call->rate_at = (ks_names){s->app->rate_at.at, s->app->rate_at.n};
    d->call->rate_left = (ks_names){s->app->rate_left.at, s->app->rate_left.n};
    if (s->credential != NULL)
        d->call->scheme = s->credential->scheme->scheme;
    return KS_OK;
}

/* Every value that is marked secret must not come back in an answer (rule S6). */
static ks_status watch(ks_draft *d, const ks_secret *s)
{
    const ks_secret **fresh = ks_alloc(d->cx, (d->call->secrets_n + 1) * sizeof *fresh);
    if (fresh == NULL)
        return KS_NO_MEMORY;
    if (d->call->secrets_n)
        memcpy(fresh, d->call->secrets, d->call->secrets_n * sizeof *fresh);
    fresh[d->call->secrets_n++] = s;
    d->call->secrets = fresh;
    return KS_OK;
}

/* A template that may use values that are no secret only: the host part of a base. */
static ks_status plain(ks_draft *d, ks_str tpl, ks_str *out)
{
    ks_ctx     *cx = d->cx;
    ks_buf     *b = ks_ctx_buf(cx, 4096);
    ks_tpl_part part;
    if (b == NULL)
        return KS_NO_MEMORY;
    while (ks_tpl_next(&tpl, &part)) {
        ks_str text = part.text;
        if (part.is_value)
            text = d->s->credential ? ks_credential_text(d->s->credential, part.text) : KS_NO_STR;
        if (text.p == NULL)
            return ks_fail_code(cx, KS_INVALID, "field_missing", ks_fmt(cx, KS_FMT, KS_ARG(part.text)).p,
                                "This connection has no value for `" KS_FMT "`, which the address of " KS_FMT
                                " needs. Connect again with it.",
                                KS_ARG(part.text), KS_ARG(d->s->app->name));
        ks_buf_str(b, text);
    }
    *out = ks_buf_view(b);
    return ks_buf_ok(b) ? KS_OK : ks_no_memory(cx);
}

ks_status ks_draft_held(ks_draft *d, bool *held)
{
    const ks_app_scheme *scheme = d->s->credential ? d->s->credential->scheme : NULL;
    ks_call             *call = d->call;
    *held = false;
    for (size_t i = 0; scheme != NULL && i < scheme->hosts.n; i++) {
        if (ks_host_matches(call->origin.host, scheme->hosts.at[i])) {
            *held = true;
            call->host_rule = ks_fmt(d->cx, "hosts of " KS_FMT ": " KS_FMT, KS_ARG(d->s->app->key),
                                     KS_ARG(scheme->hosts.at[i]));
            return call->host_rule.p ? KS_OK : KS_NO_MEMORY;
        }
    }
    return KS_OK;
}

/* The host must be one the app file lists; without a list, the base names it itself. */
static ks_status judge_host(ks_draft *d, const ks_app_scheme *scheme)
{
    ks_call *call = d->call;
    bool     held;
    KS_TRY(ks_draft_held(d, &held));
    if (held)
        return KS_OK;
    if (scheme != NULL && scheme->hosts.n > 0)
        return ks_fail_code(d->cx, KS_INVALID, "host_not_allowed", "base_url",
                            "The address of this connection is not one of " KS_FMT "'s.",
                            KS_ARG(d->s->app->name));
    call->host_rule = ks_fmt(d->cx, "base of " KS_FMT, KS_ARG(d->s->app->key));
    return call->host_rule.p ? KS_OK : KS_NO_MEMORY;
}

static bool same_place(const ks_origin *a, const ks_origin *b)
{
    return ks_str_eq(a->scheme, b->scheme) && ks_str_eq(a->host, b->host) && a->port == b->port;
}

static ks_status other_place(ks_draft *d)
{
    return ks_fail_code(d->cx, KS_INVALID, "host_not_allowed", "base_url",
                        "This is called at another address than the connection's, which the credential was "
                        "not given for.");
}

static ks_status take_origin(ks_draft *d, const char *field, ks_url url)
{
    if (url.query.n > 0)
        return ks_fail(d->cx, KS_INVALID, field, "A base URL has no query.");
    d->call->origin = url.origin;
    while (url.path.n && url.path.p[url.path.n - 1] == '/')
        url.path.n--;
    d->call->origin.base_path = url.path;
    ks_pieces_lit(&d->path, url.path);
    return KS_OK;
}

static ks_status set_origin(ks_draft *d, const char *field, ks_str url_text)
{
    ks_url url;
    KS_TRY(ks_url_parse(d->cx, field, url_text, &url));
    return take_origin(d, field, url);
}

/* ks_url_parse of an address that the app file gives: the same for each call, so its parts are kept. A commit
 * counter stands for it as for a row, but nothing ever moves it on purpose. */
static ks_status parse_once(ks_ctx *cx, const char *field, ks_str text, ks_url *url)
{
    ks_str *const texts[] = {&url->origin.scheme, &url->origin.host, &url->path, &url->query};
    ks_row_shape  shape = {&url->origin.port, sizeof url->origin.port, texts, KS_COUNT(texts)};
    if (cx->env == NULL || cx->env->cache == NULL)
        return ks_url_parse(cx, field, text, url);
    ks_str key = ks_fmt(cx, "address " KS_FMT, KS_ARG(text));
    if (key.p == NULL)
        return KS_NO_MEMORY;
    *url = (ks_url){.origin = {.base_path = KS_S("")}};
    uint64_t epoch = ks_epoch(cx->env->store, key);
    if (ks_row_unpack(cx, key, &shape))
        return KS_OK;
    KS_TRY(ks_url_parse(cx, field, text, url));
    ks_row_pack(cx, key, epoch, &shape);
    return KS_OK;
}

/* The path of the base belongs to the origin (rule N1), values of the connection in it as well. A secret in
 * it (a bot's token) cannot be compared with; then callers name no whole URL at all. */
static ks_status base_path(ks_draft *d, ks_str tpl)
{
    ks_tpl_part part;
    ks_buf     *b = ks_ctx_buf(d->cx, KS_MAX_TARGET_BYTES);
    if (b == NULL)
        return KS_NO_MEMORY;
    ks_buf_str(b, d->call->origin.base_path);
    while (ks_tpl_next(&tpl, &part)) {
        ks_str text = part.is_value ? ks_credential_text(d->s->credential, part.text) : part.text;
        if (text.p == NULL) {
            d->secret_base = true;
            return KS_OK;
        }
        if (part.is_value)
            ks_enc_percent(b, text);
        else
            ks_buf_str(b, text);
    }
    d->call->origin.base_path = ks_buf_view(b);
    return ks_buf_ok(b) ? KS_OK : ks_no_memory(d->cx);
}

ks_status ks_draft_origin(ks_draft *d, const char *field, ks_str tpl, ks_str *rest)
{
    size_t at = ks_str_starts(tpl, KS_S("{{")) ? 0 : ks_str_find(tpl, KS_S("://")) + 3;
    ks_str text;
    ks_url url;
    while (at < tpl.n && tpl.p[at] != '/' && tpl.p[at] != '?')
        at++;
    *rest = ks_str_sub(tpl, at, SIZE_MAX);
    KS_TRY(plain(d, ks_str_sub(tpl, 0, at), &text));
    KS_TRY(parse_once(d->cx, field, text, &url));
    return take_origin(d, field, url);
}

/* "https://{{shop}}.host/base/{{x}}" or "{{base_url}}/api": the part up to the first '/' behind the host is
 * the origin. */
static ks_status scheme_base(ks_draft *d, ks_str tpl)
{
    ks_str path_tpl;
    KS_TRY(ks_draft_origin(d, "base_url", tpl, &path_tpl));
    if (!ks_pieces_tpl(&d->path, d->s->credential, path_tpl, KS_ENC_PERCENT))
        return ks_fail_code(d->cx, KS_INVALID, "field_missing", "base_url",
                            "This connection lacks a value that the address of " KS_FMT
                            " needs. Connect again with it.",
                            KS_ARG(d->s->app->name));
    return base_path(d, path_tpl);
}

ks_status ks_draft_base(ks_draft *d, const ks_own_auth *own)
{
    const ks_app_scheme *scheme = d->s->credential ? d->s->credential->scheme : NULL;
    if (own != NULL && own->base_url.p != NULL) {
        d->call->own_origin = true;
        d->call->host_rule = KS_S("named in the call, which brings all credentials itself");
        return set_origin(d, "authConfig.base_url", own->base_url);
    }
    if (own == NULL && !d->bare)
        KS_TRY(ks_derive_stand_in(d->cx, &d->s));
    const char *lacks = scheme != NULL && own == NULL ? ks_scheme_lacks(scheme) : NULL;
    if (lacks != NULL)
        return ks_fail_code(d->cx, KS_INVALID, "scheme_unavailable", NULL,
                            KS_FMT " %s. The credential is kept; no call was made.", KS_ARG(d->s->app->name),
                            lacks);
    if (scheme != NULL && scheme->dsn.n > 0)
        return ks_fail_code(d->cx, KS_INVALID, "no_http", NULL,
                            KS_FMT " is a database and takes no HTTP requests. Use its actions.",
                            KS_ARG(d->s->app->name));
    if (d->s->own_base.p != NULL) {
        d->call->own_origin = true;
        d->call->host_rule = KS_S("named in the call, which brings all credentials itself");
        return set_origin(d, "custom_connection_data.val.base_url", d->s->own_base);
    }
    KS_TRY(scheme_base(d, scheme ? scheme->base : d->s->app->open_base));
    return judge_host(d, scheme);
}

ks_status ks_draft_absolute(ks_draft *d, ks_str *path)
{
    ks_str rest = ks_str_sub(*path, sizeof "https://" - 1, SIZE_MAX), host;
    if (!ks_str_starts(*path, KS_S("https://")) || d->call->own_origin)
        return KS_OK;
    size_t at = ks_str_chr(rest, '/');
    KS_TRY(plain(d, ks_str_sub(*path, 0, at == SIZE_MAX ? path->n : at + sizeof "https://" - 1), &host));
    ks_pieces_cut(&d->path, 0);
    const ks_app_scheme *scheme = d->s->credential ? d->s->credential->scheme : NULL;
    const ks_origin      base = d->call->origin;
    KS_TRY(set_origin(d, "path", host));
    *path = at == SIZE_MAX ? KS_S("/") : ks_str_sub(rest, at, SIZE_MAX);
    if (scheme != NULL && !same_place(&base, &d->call->origin) &&
        (scheme->hosts.n == 0 || d->call->origin.port != 443)) /* lists of hosts say nothing of ports */
        return other_place(d);
    return judge_host(d, scheme);
}

ks_status ks_draft_header(ks_draft *d, ks_str name, ks_text value, ks_str rule)
{
    ks_call *call = d->call;
    if (call->headers_n == d->header_room) {
        size_t         room = d->header_room ? d->header_room * 2 : 8;
        ks_out_header *fresh = ks_alloc(d->cx, room * sizeof *fresh);
        if (fresh == NULL)
            return KS_NO_MEMORY;
        if (call->headers_n)
            memcpy(fresh, call->headers, call->headers_n * sizeof *fresh);
        call->headers = fresh;
        d->header_room = room;
    }
    call->headers[call->headers_n++] = (ks_out_header){name, value, rule};
    return KS_OK;
}

ks_status ks_draft_header_text(ks_draft *d, const char *name, const char *value)
{
    ks_pieces p = ks_pieces_new(d->cx);
    ks_pieces_lit(&p, ks_str_of(value));
    if (!ks_pieces_ok(&p))
        return KS_NO_MEMORY;
    return ks_draft_header(d, ks_str_of(name), p.text, KS_S("always"));
}

bool ks_draft_has_header(const ks_draft *d, ks_str name)
{
    for (size_t i = 0; i < d->call->headers_n; i++) {
        if (ks_str_ieq(d->call->headers[i].name, name))
            return true;
    }
    return false;
}

/* A header name somebody else chose. */
static bool is_name(ks_str name)
{
    return name.n <= KS_HTTP_NAME_MAX && ks_http_name(name);
}

/* Names that are not a caller's to set (rule T4): answers are decoded here, so their encoding is ours, too.
 */
static bool is_reserved(ks_str name)
{
    return ks_http_reserved(name) || ks_str_ieq(name, KS_S("accept-encoding"));
}

ks_status ks_draft_caller_header(ks_draft *d, const char *field, ks_str name, ks_str value)
{
    if (!is_name(name) || is_reserved(name))
        return ks_fail(d->cx, KS_INVALID, field, "This header cannot be set by a caller; leave it out.");
    if (ks_draft_has_header(d, name) || ks_sign_makes_header(d->call->sign, name))
        return ks_fail(d->cx, KS_INVALID, field, "This header carries the stored credential; leave it out.");
    if (!ks_http_value(value))
        return ks_fail(d->cx, KS_INVALID, field,
                       "A header value cannot hold line breaks or control characters.");
    ks_pieces p = ks_pieces_new(d->cx);
    ks_pieces_lit(&p, value);
    if (!ks_pieces_ok(&p))
        return KS_NO_MEMORY;
    return ks_draft_header(d, name, p.text, KS_S("named by the caller"));
}

static void query_name(ks_draft *d, ks_str name)
{
    if (d->query.text.n)
        ks_pieces_lit(&d->query, KS_S("&"));
    ks_pieces_enc(&d->query, name, KS_ENC_PERCENT);
    ks_pieces_lit(&d->query, KS_S("="));
}

void ks_draft_query(ks_draft *d, ks_str name, ks_str value)
{
    query_name(d, name);
    ks_pieces_enc(&d->query, value, KS_ENC_PERCENT);
}

/* "Bearer {{pair}}" where `pair` is base64 of a text: the text in pieces, to be encoded when it is sent.
 * False when the template is of another kind. */
static bool encoded_tail(ks_pieces *p, const ks_credential *c, ks_str tpl, bool *whole)
{
    ks_tpl_part part = {.is_value = false};
    ks_str      lead = ks_str_sub(tpl, 0, ks_str_find(tpl, KS_S("{{")));
    tpl = ks_str_sub(tpl, lead.n, SIZE_MAX);
    const ks_app_derived *d = ks_tpl_next(&tpl, &part) && c != NULL
                                  ? ks_app_derived_find(c->scheme, part.text)
                                  : NULL;
    if (d == NULL || d->make != KS_MAKE_BASE64)
        return false;
    *whole = ks_pieces_tpl(p, c, d->text, KS_ENC_NONE);
    p->text.lead = lead;
    p->text.whole_base64 = true;
    return true;
}

static ks_status scheme_headers(ks_draft *d, const ks_app_puts *puts, ks_str rule)
{
    for (size_t i = 0; i < puts->n; i++) {
        ks_pieces            p = ks_pieces_new(d->cx);
        const ks_credential *c = d->s->credential;
        bool                 whole;
        if (!encoded_tail(&p, c, puts->at[i].value, &whole))
            whole = ks_pieces_tpl(&p, c, puts->at[i].value, KS_ENC_NONE);
        if (!whole || ks_draft_has_header(d, puts->at[i].name))
            continue;
        if (!ks_pieces_ok(&p))
            return KS_NO_MEMORY;
        KS_TRY(ks_draft_header(d, puts->at[i].name, p.text, rule));
    }
    return KS_OK;
}

static ks_status scheme_basic(ks_draft *d, const ks_app_scheme *scheme, ks_str rule)
{
    ks_pieces p = ks_pieces_new(d->cx);
    if (scheme->basic_user.p == NULL && scheme->basic_password.p == NULL)
        return KS_OK;
    bool user = ks_pieces_tpl(&p, d->s->credential, scheme->basic_user, KS_ENC_NONE);
    for (size_t i = 0; i < p.text.n; i++) {
        const ks_piece *at = &p.text.pieces[i];
        if (at->secret ? ks_secret_holds(at->secret, ':') : ks_str_chr(at->text, ':') != SIZE_MAX)
            return ks_fail(d->cx, KS_INVALID, "username",
                           "The user name cannot hold a colon (RFC 7617). Connect again.");
    }
    ks_pieces_lit(&p, KS_S(":"));
    bool password = ks_pieces_tpl(&p, d->s->credential, scheme->basic_password, KS_ENC_NONE);
    if (!user && !password)
        return KS_OK;
    p.text.lead = KS_S("Basic ");
    p.text.whole_base64 = true;
    return ks_pieces_ok(&p) ? ks_draft_header(d, KS_S("Authorization"), p.text, rule) : KS_NO_MEMORY;
}

static ks_status stored_credentials(ks_draft *d)
{
    const ks_credential *c = d->s->credential;
    const ks_app_scheme *scheme = c->scheme;
    ks_str rule = ks_fmt(d->cx, KS_FMT " " KS_FMT ": send", KS_ARG(d->s->app->key), KS_ARG(scheme->scheme));
    if (rule.p == NULL)
        return KS_NO_MEMORY;
    for (size_t i = 0; i < c->n; i++) {
        if (ks_secret_text(c->values[i].secret).p == NULL)
            KS_TRY(watch(d, c->values[i].secret));
    }
    KS_TRY(ks_signing_new(d->cx, d->s->app, c, &d->call->sign));
    KS_TRY(scheme_headers(d, &scheme->headers, rule));
    KS_TRY(scheme_basic(d, scheme, rule));
    for (size_t i = 0; i < scheme->query.n; i++) {
        size_t mark = ks_pieces_mark(&d->query);
        query_name(d, scheme->query.at[i].name);
        if (!ks_pieces_tpl(&d->query, c, scheme->query.at[i].value, KS_ENC_PERCENT))
            ks_pieces_cut(&d->query, mark);
        else
            d->call->query_rule = rule;
    }
    return KS_OK;
}

static ks_status own_credentials(ks_draft *d, const ks_own_auth *own)
{
    ks_str rule = KS_S("authConfig of the call");
    for (size_t i = 0; i < own->params_n; i++) {
        const struct ks_own_param *q = &own->params[i];
        KS_TRY(watch(d, q->value));
        if (q->in == KS_OWN_QUERY) {
            query_name(d, q->name);
            ks_pieces_secret(&d->query, q->name, q->value, KS_ENC_PERCENT);
            d->call->query_rule = rule;
        }
        if (q->in != KS_OWN_HEADER)
            continue;
        if (!is_name(q->name) || is_reserved(q->name))
            return ks_fail(d->cx, KS_INVALID, "authConfig.parameters",
                           "A header named there cannot be set; leave it out.");
        ks_pieces p = ks_pieces_new(d->cx);
        ks_pieces_secret(&p, q->name, q->value, KS_ENC_NONE);
        if (!ks_pieces_ok(&p))
            return KS_NO_MEMORY;
        KS_TRY(ks_draft_header(d, q->name, p.text, rule));
    }
    return KS_OK;
}

ks_status ks_draft_credentials(ks_draft *d, const ks_own_auth *own)
{
    if (own != NULL)
        return own_credentials(d, own);
    return d->s->credential != NULL ? stored_credentials(d) : KS_OK;
}

/* Vendors promise it for POST; what else repeats well is theirs to say, so nothing else is sent twice. */
static bool is_keyed(const ks_draft *d)
{
    ks_str name = d->s->app->idempotency;
    return name.n > 0 && ks_str_eq(d->call->method, KS_S("POST")) && ks_draft_has_header(d, name);
}

ks_status ks_draft_key(ks_draft *d)
{
    ks_str name = d->s->app->idempotency;
    if (name.n == 0 || !ks_str_eq(d->call->method, KS_S("POST")) || ks_draft_has_header(d, name))
        return KS_OK;
    ks_str    key = ks_id_new(d->cx, KS_ID_REQUEST);
    ks_pieces p = ks_pieces_new(d->cx);
    ks_pieces_lit(&p, key);
    if (key.p == NULL || !ks_pieces_ok(&p))
        return ks_no_memory(d->cx);
    return ks_draft_header(d, name, p.text, KS_S("idempotency: a fresh key, so that it may be sent again"));
}

ks_status ks_draft_finish(ks_draft *d, ks_call **out)
{
    if (!ks_pieces_ok(&d->path) || !ks_pieces_ok(&d->query))
        return ks_no_memory(d->cx);
    if (d->path.text.n == 0)
        ks_pieces_lit(&d->path, KS_S("/"));
    d->call->path = d->path.text;
    d->call->query = d->query.text;
    d->call->unready = d->s->credential != NULL && d->s->credential->stands_in;
    d->call->ghost_key = d->s->credential ? ks_credential_get(d->s->credential, KS_S(KS_DERIVE_CHECK)) : NULL;
    d->call->keyed = is_keyed(d);
    *out = d->call;
    return ks_pieces_ok(&d->path) ? KS_OK : ks_no_memory(d->cx);
}
