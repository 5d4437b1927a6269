/* features/apps/app_file_ways.c — rules for how a scheme gets from its fields to a request when that takes
 * more than putting them in a place: derived values, signatures, databases. Makes none of them. Format:
 * docs/formats.md "Derived values". Threads: none shared. */
#include "base/json.h"
#include "features/apps/app_file_tree.h"
#include "features/apps/catalog.h"
#include "features/apps/template.h"

/* ---- tables ---- */

/* One way and the members it takes: the first `needed` of them must be there. */
typedef struct way {
    const char *name, *members[10];
    size_t      needed;
} way;

static const way ways[] = {
    {"aws-sigv4", {"access_key", "secret", "region", "service", "token"}, 4},
    {"http-digest", {"user", "password"}, 2},
    {"hmac", {"algorithm", "key", "message", "header", "value", "value_as"}, 4},
    {"wsse", {"header", "user", "secret", "digest_as"}, 3},
    {"oauth1", {"consumer_key", "consumer_secret", "token", "token_secret", "realm", "algorithm"}, 4},
    {"mtls", {"certificate", "key"}, 2},
};

static const way database = {
    "dsn", {"driver", "host", "port", "database", "user", "password", "tls", "auth_database"}, 2};

static const way paging = {
    "pages", {"type", "cursor", "limit", "page", "offset", "next", "more", "link", "items"}, 1};

static bool one_of(ks_str s, const char *const *words, size_t n)
{
    for (size_t i = 0; i < n && words[i] != NULL; i++) {
        if (ks_str_eq(s, ks_str_of(words[i])))
            return true;
    }
    return false;
}

static ks_str put_get(ks_app_puts puts, const char *name)
{
    for (size_t i = 0; i < puts.n; i++) {
        if (ks_str_eq(puts.at[i].name, ks_str_of(name)))
            return puts.at[i].value;
    }
    return KS_NO_STR;
}

static void check_members(ks_app_reader *r, const void *at, const char *member, const way *w,
                          ks_app_puts puts)
{
    for (size_t i = 0; i < puts.n; i++) {
        if (!one_of(puts.at[i].name, w->members, KS_COUNT(w->members)))
            ks_file_fault_at(r, at, member, "%s does not take `" KS_FMT "`; see docs/formats.md", w->name,
                             KS_ARG(puts.at[i].name));
    }
    for (size_t i = 0; i < w->needed; i++) {
        if (put_get(puts, w->members[i]).p == NULL)
            ks_file_fault_at(r, at, member, "%s needs `%s`", w->name, w->members[i]);
    }
}

/* ---- derived values ---- */

/* Members by kind: one row says what must stand there. */
static void check_kind(ks_app_reader *r, const ks_app_derived *d)
{
    bool text = d->text.p != NULL, at = d->at.p != NULL, url = d->url.p != NULL, from = d->from.p != NULL;
    bool cut = d->make == KS_MAKE_BEFORE || d->make == KS_MAKE_AFTER, token = d->make == KS_MAKE_TOKEN;
    bool jwt = d->make == KS_MAKE_JWT, member = d->make == KS_MAKE_MEMBER, date = d->make == KS_MAKE_DATE;
    if (text == (token || jwt || member || date))
        ks_file_fault_at(r, d, "text", "`text` belongs to what is made of one text, and is needed there");
    if (at != cut)
        ks_file_fault_at(r, d, "at", "`at` and make: before or after belong together");
    if (url != token || (d->method.p != NULL) != token)
        ks_file_fault_at(r, d, "url", "`method`, `url` and make: token belong together");
    if (from != member)
        ks_file_fault_at(r, d, "from", "`from` and make: member belong together");
    if ((d->pointer.p != NULL) != (token || member))
        ks_file_fault_at(r, d, "pointer", "`pointer` and make: token or member belong together");
    if ((d->alg.p != NULL) != jwt || (d->key.p != NULL) != jwt || (d->claims.p != NULL) != jwt)
        ks_file_fault_at(r, d, "alg", "`alg`, `key`, `claims` and make: jwt belong together");
    if ((jwt || date) && d->lasts.p == NULL)
        ks_file_fault_at(r, d, "lasts", "`lasts` is wanted here, in seconds");
    if (d->encoding > KS_ENCODE_FORM || (d->encoding == KS_ENCODE_NONE) != (d->body.p == NULL))
        ks_file_fault_at(r, d, "encoding", "`body` and encoding: json or form belong together");
}

static void check_lasting(ks_app_reader *r, const ks_app_derived *d)
{
    uint64_t seconds;
    bool     pointer = d->make == KS_MAKE_TOKEN && ks_str_starts(d->lasts, KS_S("/"));
    if (d->lasts.p != NULL && !pointer && !ks_str_u64(d->lasts, &seconds))
        ks_file_fault_at(r, d, "lasts", "`lasts` is a number of seconds, or a pointer into the answer");
    const ks_str pointers[] = {d->pointer, d->until, d->refresh_pointer};
    for (size_t i = 0; i < KS_COUNT(pointers); i++) {
        if (pointers[i].n > 0 && pointers[i].p[0] != '/')
            ks_file_fault_at(r, d, NULL, "a pointer begins with '/' (RFC 6901)");
    }
}

static void check_jwt(ks_app_reader *r, const ks_app_derived *d)
{
    static const char *const algs[] = {"HS256", "HS384", "HS512", "RS256", "RS384",
                                       "RS512", "ES256", "ES384", "ES512"};
    static const char *const stamps[] = {"iat", "nbf", "exp", "jti", "nonce", "uri"};
    static const char *const forms[] = {"pem", "jwk", "hex", "text"};
    if (d->alg.p != NULL && !one_of(d->alg, algs, KS_COUNT(algs)))
        ks_file_fault_at(r, d, "alg", "`alg` is HS256, RS256, ES256 or one of their larger kin");
    if (d->key_as.p != NULL && !one_of(d->key_as, forms, KS_COUNT(forms)))
        ks_file_fault_at(r, d, "key_as", "`key_as` is pem, jwk, hex or text");
    for (size_t i = 0; i < d->stamps.n; i++) {
        if (!one_of(d->stamps.at[i], stamps, KS_COUNT(stamps)))
            ks_file_fault_at(r, d, "stamps", "`stamps` are among iat, nbf, exp, jti, nonce, uri");
    }
}

/* `from` is an earlier token, or a field that holds JSON. */
static void check_from(ks_app_reader *r, const ks_app_scheme *s, size_t i)
{
    const ks_app_derived *d = &s->derive[i];
    bool                  known = ks_app_field_find(s, d->from) != NULL;
    for (size_t j = 0; j < i; j++)
        known |= ks_str_eq(s->derive[j].name, d->from) && s->derive[j].make == KS_MAKE_TOKEN;
    if (d->from.p != NULL && !known)
        ks_file_fault_at(r, d, "from", "`from` names an earlier token or a field");
}

static void check_templates(ks_app_reader *r, const ks_app_scheme *s, size_t i)
{
    const ks_app_derived *d = &s->derive[i];
    ks_file_template(r, d, "text", s, i, d->text, false);
    ks_file_template(r, d, "url", s, i, d->url, true);
    ks_file_template(r, d, "basic", s, i, d->basic_user, true);
    ks_file_template(r, d, "basic", s, i, d->basic_password, true);
    ks_file_template(r, d, "body", s, i, d->body, false);
    ks_file_template(r, d, "key", s, i, d->key, false);
    ks_file_template(r, d, "header", s, i, d->header, false);
    ks_file_template(r, d, "claims", s, i, d->claims, false);
    for (size_t j = 0; j < d->headers.n; j++)
        ks_file_template(r, d, "headers", s, i, d->headers.at[j].value, true);
    const ks_str urls[] = {d->url, d->refresh_url};
    for (size_t j = 0; j < KS_COUNT(urls); j++) {
        if (urls[j].p != NULL && !ks_str_starts(urls[j], KS_S("/")))
            ks_file_check_url(r, d, j ? "refresh" : "url", s, i, urls[j]);
    }
}

static void check_name(ks_app_reader *r, const ks_app_scheme *s, size_t i)
{
    const ks_app_derived *d = &s->derive[i];
    bool                  taken = ks_app_field_find(s, d->name) != NULL;
    for (size_t j = 0; j < i; j++)
        taken |= ks_str_eq(s->derive[j].name, d->name);
    if (taken || !ks_file_is_key(d->name))
        ks_file_fault_at(r, d, "name", "the name of a derived value is [a-z0-9_]+ and no other's");
}

/* ---- signatures and databases ---- */

static void check_sign(ks_app_reader *r, const ks_app_scheme *s)
{
    /* what the signer itself knows of the request */
    static const char *const own[] = {"path", "query", "body", "method", "date", "signature"};
    const way               *w = NULL;
    for (size_t i = 0; i < KS_COUNT(ways); i++)
        w = ks_str_eq(s->sign, ks_str_of(ways[i].name)) ? &ways[i] : w;
    if (w == NULL) {
        ks_file_fault_at(r, s, "sign", "`how` is aws-sigv4, http-digest, hmac, wsse, oauth1 or mtls");
        return;
    }
    check_members(r, s, "sign", w, s->sign_with);
    for (size_t i = 0; i < s->sign_with.n; i++) {
        ks_str      tpl = s->sign_with.at[i].value;
        ks_tpl_part part;
        bool        known = false;
        while (ks_str_eq(s->sign, KS_S("hmac")) && ks_tpl_next(&tpl, &part))
            known |= part.is_value && one_of(part.text, own, KS_COUNT(own));
        if (!known)
            ks_file_template(r, s, "sign", s, s->derive_n, s->sign_with.at[i].value, false);
    }
}

static void check_dsn(ks_app_reader *r, const ks_app_scheme *s)
{
    static const char *const drivers[] = {"postgresql", "mysql", "sqlserver", "oracle", "mongodb", "redis"};
    check_members(r, s, "dsn", &database, s->dsn);
    if (!one_of(put_get(s->dsn, "driver"), drivers, KS_COUNT(drivers)))
        ks_file_fault_at(r, s, "dsn", "`driver` is postgresql, mysql, sqlserver, oracle, mongodb or redis");
    for (size_t i = 0; i < s->dsn.n; i++)
        ks_file_template(r, s, "dsn", s, 0, s->dsn.at[i].value, true);
    if (s->base.p != NULL || s->derive_n > 0 || s->sign.p != NULL ||
        s->headers.n + s->query.n + s->body.n > 0)
        ks_file_fault_at(r, s, "dsn", "`dsn` stands instead of `base`, `send`, `derive` and `sign`");
}

/* What base64 gives can stand at the end of a header; nowhere else can it be encoded in one go. */
static void check_encoded(ks_app_reader *r, const ks_app_scheme *s, const ks_app_derived *d)
{
    ks_app_puts puts[] = {s->query, s->body};
    bool        elsewhere = ks_tpl_uses(s->basic_user, d->name) || ks_tpl_uses(s->basic_password, d->name) ||
                     ks_tpl_uses(s->base, d->name);
    for (size_t i = 0; i < KS_COUNT(puts); i++) {
        for (size_t j = 0; j < puts[i].n; j++)
            elsewhere |= ks_tpl_uses(puts[i].at[j].value, d->name);
    }
    for (size_t i = 0; i < s->headers.n; i++) {
        ks_str      tpl = s->headers.at[i].value;
        ks_tpl_part part;
        bool        uses = ks_tpl_uses(tpl, d->name);
        size_t      values = 0;
        while (uses && ks_tpl_next(&tpl, &part)) {
            values += part.is_value;
            elsewhere |= !part.is_value && values > 0;
        }
        elsewhere |= values > 1;
    }
    if (d->make == KS_MAKE_BASE64 && elsewhere)
        ks_file_fault_at(r, d, "make", "a base64 value stands at the end of a header of `send`, alone");
}

void ks_file_check_ways(ks_app_reader *r, const ks_app_scheme *s)
{
    for (size_t i = 0; i < s->derive_n; i++) {
        check_name(r, s, i);
        check_kind(r, &s->derive[i]);
        check_lasting(r, &s->derive[i]);
        check_jwt(r, &s->derive[i]);
        check_from(r, s, i);
        check_templates(r, s, i);
        check_encoded(r, s, &s->derive[i]);
    }
    if (s->sign.p != NULL)
        check_sign(r, s);
    if (s->dsn.n > 0)
        check_dsn(r, s);
}

void ks_file_check_pages(ks_app_reader *r, const ks_app *app)
{
    static const char *const types[] = {"cursor", "offset", "page", "link", "graphql"};
    if (app->pages.n == 0)
        return;
    check_members(r, app, "pages", &paging, app->pages);
    if (!one_of(put_get(app->pages, "type"), types, KS_COUNT(types)))
        ks_file_fault_at(r, app, "pages", "`type` is cursor, offset, page, link or graphql");
}
