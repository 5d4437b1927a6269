/* features/ghosts/proof.c — see proof.h. A ghost's own tokens are JWTs (HS256) under a key that is no secret:
 * they open nothing but a simulation. Source: RFC 7519. */
#include "features/ghosts/proof.h"

#include "base/enc.h"
#include "base/ids.h"
#include "crypto/jwt.h"
#include "features/actions/derive.h"

#define LIFE_S 3600
#define SKEW_S 60 /* clocks of a vendor and its clients differ */

/* ---- reading ---- */

static bool scalar_fits(const ks_ghost_proof *p, const ks_json *tpl, const ks_json *sent, ks_ghost_values *v)
{
    if (ks_json_kind(tpl) == KS_JSON_STR)
        return ks_ghost_fits(p->s, ks_json_str(tpl), sent ? ks_json_str(sent) : KS_NO_STR, v);
    return sent != NULL && ks_json_kind(tpl) == ks_json_kind(sent) &&
           ks_str_eq(ks_json_scalar(p->cx, tpl), ks_json_scalar(p->cx, sent));
}

bool ks_ghost_json(const ks_ghost_proof *p, const ks_json *tpl, const ks_json *sent, ks_ghost_values *v)
{
    void    *it = NULL;
    ks_str   name;
    ks_json *want;
    if (ks_json_kind(tpl) == KS_JSON_ARR) {
        bool ok = ks_json_count(sent) <= ks_json_count(tpl);
        for (size_t i = 0; i < ks_json_count(tpl) && ok; i++)
            ok = ks_ghost_json(p, ks_json_at(tpl, i), ks_json_at(sent, i), v);
        return ok;
    }
    if (ks_json_kind(tpl) != KS_JSON_OBJ)
        return scalar_fits(p, tpl, sent, v);
    while (ks_json_each(tpl, &it, &name, &want)) {
        ks_str z = ks_copy(p->cx, name);
        if (z.p == NULL || !ks_ghost_json(p, want, ks_json_get(sent, z.p), v))
            return false;
    }
    return true;
}

/* The n-th part of a token as JSON; NULL when it is none. */
static ks_json *part_of(const ks_ghost_proof *p, ks_str token, size_t n)
{
    ks_str   part = KS_NO_STR;
    ks_json *tree = NULL;
    ks_ctx   own = *p->cx; /* what is no token is refused, not an error */
    ks_buf  *b = ks_ctx_buf(p->cx, KS_MAX_SECRET_TEXT);
    for (size_t i = 0; i <= n; i++) {
        if (!ks_str_cut(&token, '.', &part))
            return NULL;
    }
    if (b == NULL || !ks_dec_base64url(b, part) || ks_json_parse(&own, ks_buf_view(b), &tree) != KS_OK)
        return NULL;
    return tree;
}

/* ---- tokens of its own ---- */

static ks_str subject_of(const ks_ghost_proof *p, ks_str name)
{
    return ks_fmt(p->cx, KS_FMT "." KS_FMT "." KS_FMT, KS_ARG(p->app->key), KS_ARG(p->s->scheme),
                  KS_ARG(name));
}

/* FNV-1a: enough to tell values apart that tests make up. */
static int64_t trace_of(ks_str value)
{
    uint64_t h = 14695981039346656037U;
    for (size_t i = 0; i < value.n; i++)
        h = (h ^ (unsigned char)value.p[i]) * 1099511628211U;
    return (int64_t)(h >> 12);
}

static void put_traces(ks_jw *w, const ks_ghost_proof *p, const ks_ghost_values *v)
{
    ks_jw_obj(w, "of");
    for (size_t i = 0; i < v->n; i++) {
        if (ks_app_field_find(p->s, v->at[i].name) == NULL)
            continue;
        ks_jw_name(w, v->at[i].name);
        ks_jw_int(w, NULL, trace_of(v->at[i].value));
    }
    ks_jw_end(w, '}');
}

static ks_secret *own_key(const ks_ghost_proof *p)
{
    ks_secret *s = NULL;
    ks_str     text = KS_S("a simulated vendor signs with this");
    return ks_secret_new(p->cx, text.p, text.n, &s) == KS_OK ? s : NULL;
}

/* As it would come back from the caller: the ghost's own text. */
static ks_str signed_text(const ks_ghost_proof *p, ks_str claims)
{
    ks_secret *header, *body, *token;
    ks_str     head = KS_S("{\"alg\":\"HS256\"}");
    ks_jwt_key key = {.alg = KS_S("HS256"), .as = KS_S("text"), .key = own_key(p)};
    if (key.key == NULL || ks_secret_new(p->cx, head.p, head.n, &header) != KS_OK ||
        ks_secret_new(p->cx, claims.p, claims.n, &body) != KS_OK ||
        ks_jwt_sign(p->cx, &key, header, body, &token) != KS_OK)
        return KS_NO_STR;
    return ks_jwt_public(p->cx, token);
}

ks_str ks_ghost_issue(const ks_ghost_proof *p, ks_str name, const ks_ghost_values *v, ks_str word)
{
    ks_buf *b = ks_ctx_buf(p->cx, KS_MAX_SECRET);
    if (b == NULL)
        return KS_NO_STR;
    ks_jw w = ks_jw_new(b);
    ks_jw_obj(&w, NULL);
    ks_jw_str(&w, "sub", subject_of(p, name));
    ks_jw_int(&w, "exp", p->cx->now_us / 1000000 + LIFE_S);
    ks_jw_str(&w, "jti", ks_id_new(p->cx, "gt_")); /* no two are alike */
    ks_jw_str(&w, "word", word);
    put_traces(&w, p, v);
    ks_jw_end(&w, '}');
    return ks_buf_ok(b) ? signed_text(p, ks_buf_view(b)) : KS_NO_STR;
}

/* The values that came with the request for the token must be those that come with the call. */
static bool same_credential(const ks_json *claims, const ks_ghost_values *v)
{
    for (size_t i = 0; i < v->n; i++) {
        void    *it = NULL;
        ks_str   name;
        ks_json *trace;
        while (ks_json_each(ks_json_get(claims, "of"), &it, &name, &trace)) {
            if (ks_str_eq(name, v->at[i].name) && ks_json_int(trace) != trace_of(v->at[i].value))
                return false;
        }
    }
    return true;
}

bool ks_ghost_issued(ks_ghost_proof *p, ks_str name, ks_str token, const ks_ghost_values *v)
{
    const ks_json *claims = part_of(p, token, 1);
    ks_buf        *key = ks_ctx_buf(p->cx, 128);
    if (key == NULL || claims == NULL)
        return false;
    ks_enc_base64(key, KS_S("a simulated vendor signs with this"));
    ks_str word = ks_json_str(ks_json_get(claims, "word"));
    if (word.n > 0)
        p->word = word;
    return ks_jwt_verify(KS_S("HS256"), ks_buf_view(key), token) &&
           ks_str_eq(ks_json_str(ks_json_get(claims, "sub")), subject_of(p, name)) &&
           ks_json_int(ks_json_get(claims, "exp")) > p->cx->now_us / 1000000 && same_credential(claims, v);
}

ks_str ks_ghost_member(const ks_ghost_proof *p, ks_str name)
{
    if (!ks_derive_is_address(p->s, name) || p->s->hosts.n == 0)
        return ks_fmt(p->cx, "ghost-" KS_FMT "-0123456789", KS_ARG(name));
    ks_str rule = p->s->hosts.at[0];
    return ks_fmt(p->cx, "https://%s" KS_FMT "/ghost-" KS_FMT, ks_str_starts(rule, KS_S("*.")) ? "ghost" : "",
                  KS_ARG(ks_str_sub(rule, ks_str_starts(rule, KS_S("*.")) ? 1 : 0, SIZE_MAX)), KS_ARG(name));
}

/* ---- signed tokens of the client ---- */

static bool uri_fits(const ks_ghost_proof *p, ks_str uri)
{
    ks_str lead = ks_fmt(p->cx, KS_FMT " " KS_FMT "/", KS_ARG(p->ask->method),
                         KS_ARG(ks_ghost_header(p->ask, KS_S("host"))));
    return lead.p != NULL && ks_str_starts(uri, lead) && ks_str_ends(uri, p->ask->path);
}

static bool stamp_fits(const ks_ghost_proof *p, const ks_app_derived *x, ks_str stamp, const ks_json *v)
{
    int64_t  now = p->cx->now_us / 1000000, at = ks_json_int(v);
    uint64_t lasts = 0;
    if (ks_str_eq(stamp, KS_S("uri")))
        return uri_fits(p, ks_json_str(v));
    if (ks_str_eq(stamp, KS_S("jti")) || ks_str_eq(stamp, KS_S("nonce")))
        return ks_json_str(v).n >= 16;
    if (ks_str_eq(stamp, KS_S("exp")))
        return ks_str_u64(x->lasts, &lasts) && at > now && at <= now + (int64_t)lasts + SKEW_S;
    return at <= now + SKEW_S && at > now - 10 * SKEW_S;
}

static bool signed_right(const ks_ghost_proof *p, const ks_app_derived *x, ks_str token, ks_ghost_values *v)
{
    ks_json *header = part_of(p, token, 0), *claims = part_of(p, token, 1), *tpl = NULL;
    ks_str   key = ks_ghost_header(p->ask, KS_S("ks-ghost-key"));
    bool     ok = header != NULL && claims != NULL && key.n > 0 &&
              ks_str_eq(ks_json_str(ks_json_get(header, "alg")), x->alg) && ks_jwt_verify(x->alg, key, token);
    for (size_t i = 0; i < x->stamps.n && ok; i++) {
        ks_str         name = x->stamps.at[i];
        const ks_json *from = ks_str_eq(name, KS_S("nonce")) ? header : claims;
        ok = stamp_fits(p, x, name, ks_json_pointer(from, ks_fmt(p->cx, "/" KS_FMT, KS_ARG(name))));
    }
    if (ok && x->header.n > 0)
        ok = ks_json_parse(p->cx, x->header, &tpl) == KS_OK && ks_ghost_json(p, tpl, header, v);
    return ok && ks_json_parse(p->cx, x->claims, &tpl) == KS_OK && ks_ghost_json(p, tpl, claims, v);
}

bool ks_ghost_proven(ks_ghost_proof *p, ks_ghost_values *v)
{
    bool ok = true;
    for (size_t i = 0; i < v->n && ok; i++) {
        ks_str                name = v->at[i].name, value = v->at[i].value;
        const ks_app_derived *x = ks_app_derived_find(p->s, name);
        if (x == NULL)
            continue;
        bool address = ks_derive_is_address(p->s, name);
        if (x->make == KS_MAKE_TOKEN)
            ok = address || ks_ghost_issued(p, name, value, v);
        else if (x->make == KS_MAKE_JWT)
            ok = signed_right(p, x, value, v);
        else if (x->make == KS_MAKE_MEMBER && ks_app_derived_find(p->s, x->from) != NULL)
            ok = address || ks_str_eq(value, ks_ghost_member(p, name));
    }
    return ok;
}
