/* upstream/sign_oauth1.c — OAuth 1.0 with a token that the person already has: the Authorization header,
 * HMAC-SHA1 or HMAC-SHA256. Asks nobody for tokens. Source: RFC 5849 sections 3.4 and 3.5. Threads: any. */
#include "base/enc.h"
#include "upstream/sign_in.h"

#define MAX_TEXT ((size_t)4 * KS_MAX_ACT_BODY_BYTES)
#define MAX_OWN  7 /* oauth_* parameters */

/* One signature under way. */
typedef struct signing {
    const ks_sign_ask *ask;
    ks_buf             consumer_key, consumer_secret, token, token_secret, realm, algorithm;
    ks_buf             seconds, base, key, signature;
    ks_hash_kind       kind;
} signing;

static bool is_form(const ks_sign_ask *ask)
{
    return ks_str_ieq(ks_str_sub(ask->type, 0, 33), KS_S("application/x-www-form-urlencoded"));
}

/* The oauth_ parameters but the signature; their number. */
static size_t own_params(const signing *s, ks_sign_header own[MAX_OWN])
{
    const ks_sign_header all[] = {
        {KS_S("oauth_consumer_key"), ks_buf_view(&s->consumer_key)},
        {KS_S("oauth_nonce"), s->ask->nonce},
        {KS_S("oauth_signature_method"), ks_buf_view(&s->algorithm)},
        {KS_S("oauth_timestamp"), ks_buf_view(&s->seconds)},
        {KS_S("oauth_token"), ks_buf_view(&s->token)},
        {KS_S("oauth_version"), KS_S("1.0")},
    };
    size_t n = 0;
    for (size_t i = 0; i < KS_COUNT(all); i++) {
        if (all[i].value.n > 0) /* a consumer without a token leaves it out */
            own[n++] = all[i];
    }
    return n;
}

/* RFC 5849 3.4.1.2: scheme and host in lower case, no default port (the Host header has none), path as sent.
 */
static void put_uri(const signing *s, ks_buf *out)
{
    ks_buf_z(out, s->ask->https ? "https://" : "http://");
    for (size_t i = 0; i < s->ask->host.n; i++)
        ks_buf_c(out, ks_lower(s->ask->host.p[i]));
    ks_buf_str(out, s->ask->path);
}

static void put_base(signing *s)
{
    ks_sign_header own[MAX_OWN];
    size_t         n = own_params(s, own);
    ks_sign_pairs  pairs = ks_sign_pairs_new();
    ks_buf         uri = ks_buf_new(MAX_TEXT), joined = ks_buf_new(MAX_TEXT);
    for (size_t i = 0; i < n; i++)
        ks_sign_pairs_add(&pairs, own[i].name, own[i].value);
    ks_sign_pairs_query(&pairs, s->ask->query);
    if (is_form(s->ask))
        ks_sign_pairs_query(&pairs, s->ask->body);
    ks_sign_pairs_join(&pairs, &joined);
    put_uri(s, &uri);
    ks_enc_percent(&s->base, s->ask->method);
    ks_buf_c(&s->base, '&');
    ks_enc_percent(&s->base, ks_buf_view(&uri));
    ks_buf_c(&s->base, '&');
    ks_enc_percent(&s->base, ks_buf_view(&joined));
    s->base.failed |= uri.failed || joined.failed;
    ks_sign_pairs_done(&pairs);
    ks_buf_done(&uri);
    ks_buf_done(&joined);
}

static void put_signature(signing *s)
{
    ks_enc_percent(&s->key, ks_buf_view(&s->consumer_secret));
    ks_buf_c(&s->key, '&');
    ks_enc_percent(&s->key, ks_buf_view(&s->token_secret));
    ks_hash mac = ks_hash_keyed(s->kind, ks_buf_view(&s->key), ks_buf_view(&s->base));
    ks_hash_base64(&s->signature, &mac);
}

static const char *put_line(const signing *s, ks_buf *lines, size_t *n)
{
    ks_sign_header own[MAX_OWN];
    size_t         count = own_params(s, own);
    ks_buf         value = ks_buf_new(MAX_TEXT);
    own[count++] = (ks_sign_header){KS_S("oauth_signature"), ks_buf_view(&s->signature)};
    ks_buf_z(&value, "OAuth ");
    if (s->realm.n > 0)
        ks_buf_fmt(&value, "realm=\"" KS_FMT "\", ", KS_ARG(ks_buf_view(&s->realm)));
    for (size_t i = 0; i < count; i++) {
        ks_buf_fmt(&value, "%s" KS_FMT "=\"", i > 0 ? ", " : "", KS_ARG(own[i].name));
        ks_enc_percent(&value, own[i].value);
        ks_buf_c(&value, '"');
    }
    const char *fault = ks_buf_ok(&value) ? ks_sign_line(lines, n, KS_S("Authorization"), ks_buf_view(&value))
                                          : KS_WIRE_MEMORY;
    ks_buf_done(&value);
    return fault;
}

static const char *read_parts(signing *s)
{
    const ks_sign *how = s->ask->sign;
    const char    *fault = ks_sign_need(how, "consumer_key", &s->consumer_key);
    if (fault == NULL)
        fault = ks_sign_need(how, "consumer_secret", &s->consumer_secret);
    (void)ks_sign_bytes(how, "token", &s->token);
    (void)ks_sign_bytes(how, "token_secret", &s->token_secret);
    (void)ks_sign_bytes(how, "realm", &s->realm);
    if (!ks_sign_bytes(how, "algorithm", &s->algorithm))
        ks_buf_z(&s->algorithm, "HMAC-SHA1"); /* what vendors of this age take */
    if (fault == NULL && !ks_hash_find(ks_buf_view(&s->algorithm), &s->kind))
        fault = "its app file names a hash that is not known";
    if (fault == NULL && (ks_str_chr(ks_buf_view(&s->realm), '"') != SIZE_MAX ||
                          ks_str_chr(ks_buf_view(&s->realm), '\\') != SIZE_MAX))
        fault = "the realm holds a quote or a backslash";
    if (fault == NULL && s->ask->streams && is_form(s->ask))
        fault = "this vendor wants the members of a form signed, so it cannot be streamed";
    return fault;
}

const char *ks_sign_oauth1(const ks_sign_ask *ask, ks_buf *lines, size_t *n)
{
    signing       s = {.ask = ask};
    ks_buf *const all[] = {&s.consumer_key, &s.consumer_secret, &s.token, &s.token_secret, &s.realm,
                           &s.algorithm,    &s.seconds,         &s.base,  &s.key,          &s.signature};
    bool          ok = true;
    for (size_t i = 0; i < KS_COUNT(all); i++)
        *all[i] = ks_buf_new(MAX_TEXT);
    const char *fault = read_parts(&s);
    ks_buf_fmt(&s.seconds, "%lld", (long long)(ask->now_us / 1000000));
    if (fault == NULL) {
        put_base(&s);
        put_signature(&s);
    }
    for (size_t i = 0; i < KS_COUNT(all); i++)
        ok = ok && ks_buf_ok(all[i]);
    if (fault == NULL)
        fault = ok ? put_line(&s, lines, n) : KS_WIRE_MEMORY;
    for (size_t i = 0; i < KS_COUNT(all); i++)
        ks_buf_done(all[i]);
    return fault;
}
