/* features/actions/derive.c — see derive.h. A value made of values that are no secret is none itself; so is
 * an address out of a vendor's answer; all others are secrets. */
#include "features/actions/derive.h"

#include "base/time.h"
#include "crypto/craft.h"
#include "crypto/jwt.h"
#include "features/apps/catalog.h"
#include "features/apps/template.h"
#include "features/env.h"

/* ---- what is no secret ---- */

/* Does the host part of the URL use the value? */
static bool in_host(ks_str url, ks_str name)
{
    size_t at = ks_str_starts(url, KS_S("{{")) ? 0 : ks_str_find(url, KS_S("://"));
    if (at == SIZE_MAX)
        return false;
    at += at > 0 ? 3 : 0;
    while (at < url.n && url.p[at] != '/' && url.p[at] != '?')
        at++;
    return ks_tpl_uses(ks_str_sub(url, 0, at), name);
}

bool ks_derive_is_address(const ks_app_scheme *s, ks_str name)
{
    bool hit = in_host(s->base, name);
    for (size_t i = 0; i < s->derive_n; i++)
        hit |= in_host(s->derive[i].url, name) || in_host(s->derive[i].refresh_url, name);
    return hit;
}

/* Is the template made of values that are no secrets? */
static bool is_plain(const ks_credential *c, ks_str tpl)
{
    ks_tpl_part part;
    while (ks_tpl_next(&tpl, &part)) {
        if (part.is_value && ks_credential_text(c, part.text).p == NULL)
            return false;
    }
    return true;
}

/* ---- values that are computed ---- */

static ks_status date(ks_ctx *cx, const ks_app_derived *x, ks_secret **out)
{
    char     iso[KS_ISO_LEN];
    uint64_t lasts = 0;
    (void)ks_str_u64(x->lasts, &lasts);
    ks_time_iso(cx->now_us + (int64_t)lasts * 1000000, iso);
    return ks_secret_new(cx, iso, sizeof "YYYY-MM-DD" - 1, out);
}

static ks_status member(ks_ctx *cx, const ks_credential *c, const ks_app_derived *x, ks_secret **out)
{
    const ks_secret *from = ks_credential_get(c, x->from);
    if (from == NULL || ks_app_derived_find(c->scheme, x->from) != NULL)
        return ks_fail(cx, KS_INVALID, NULL, "nothing stands where it is looked for");
    return ks_craft_member(cx, from, x->pointer, out);
}

static ks_status of_text(ks_ctx *cx, const ks_credential *c, const ks_app_derived *x, ks_secret **out)
{
    ks_secret *text;
    KS_TRY(ks_derive_text(cx, c, x->text, &text));
    switch (x->make) {
    case KS_MAKE_BEFORE:
    case KS_MAKE_AFTER:
        return ks_craft_cut(cx, text, x->at, x->make == KS_MAKE_AFTER, out);
    case KS_MAKE_FINGERPRINT:
        return ks_jwt_fingerprint(cx, text, out);
    default:
        return ks_craft_fold(cx, text, x->make == KS_MAKE_LABEL, out);
    }
}

/* Under ghosts: what they check signatures with. */
static ks_status tell_ghost(ks_ctx *cx, ks_derive *d, const ks_app_derived *x)
{
    ks_secret *key, *check;
    bool       ghost = cx->env == NULL || cx->env->settings == NULL || cx->env->settings->ghost;
    if (!ghost && !d->subject.app->ghost_only)
        return KS_OK;
    KS_TRY(ks_derive_text(cx, &d->ready, x->key, &key));
    const ks_jwt_key of = {.alg = x->alg, .as = x->key_as, .key = key};
    KS_TRY(ks_jwt_check_key(cx, &of, &check));
    ks_credential_derive(&d->ready, KS_S(KS_DERIVE_CHECK), check, false);
    return KS_OK;
}

static ks_status make(ks_ctx *cx, ks_derive *d, const ks_app_derived *x)
{
    ks_secret *made = NULL;
    bool       plain = false;
    if (x->make == KS_MAKE_DATE) {
        KS_TRY(date(cx, x, &made));
        plain = true;
    } else if (x->make == KS_MAKE_MEMBER) {
        KS_TRY(member(cx, &d->ready, x, &made));
        plain = ks_derive_is_address(d->ready.scheme, x->name);
    } else if (x->make == KS_MAKE_JWT) {
        KS_TRY(ks_derive_jwt(cx, d, x, &made));
        KS_TRY(tell_ghost(cx, d, x));
    } else {
        KS_TRY(of_text(cx, &d->ready, x, &made));
        plain = is_plain(&d->ready, x->text);
    }
    ks_credential_derive(&d->ready, x->name, made, plain);
    return KS_OK;
}

static ks_status cannot_make(ks_ctx *cx, const ks_app_derived *x)
{
    ks_str why = cx->err.message;
    return ks_fail_code(cx, KS_INVALID, "derive_failed", NULL,
                        "its value `" KS_FMT "` cannot be made of this credential: " KS_FMT, KS_ARG(x->name),
                        KS_ARG(why));
}

ks_status ks_derive_begin(ks_ctx *cx, const ks_subject *s, const ks_call *aim, ks_derive *d)
{
    *d = (ks_derive){.subject = *s, .aim = aim};
    KS_TRY(ks_credential_extend(cx, s->credential, &d->ready));
    d->subject.credential = &d->ready;
    return KS_OK;
}

ks_status ks_derive_step(ks_ctx *cx, ks_derive *d, const ks_app_derived **token)
{
    const ks_app_scheme *s = d->ready.scheme;
    *token = NULL;
    for (size_t i = 0; i < s->derive_n; i++) {
        const ks_app_derived *x = &s->derive[i];
        if (x->make == KS_MAKE_BASE64 || ks_credential_get(&d->ready, x->name) != NULL)
            continue; /* base64 is made where it is sent */
        if (x->make == KS_MAKE_TOKEN) {
            *token = x;
            return KS_OK;
        }
        ks_status st = make(cx, d, x);
        if (st == KS_NO_MEMORY)
            return st;
        if (st != KS_OK)
            return cannot_make(cx, x);
    }
    return KS_OK;
}

/* A stamp of the call, without a call. */
static bool wants_call(const ks_app_scheme *s)
{
    bool any = false;
    for (size_t i = 0; i < s->derive_n; i++)
        any |= ks_list_holds(s->derive[i].stamps, KS_S("uri"));
    return any;
}

ks_status ks_derive_try(ks_ctx *cx, const ks_subject *s, ks_str *why)
{
    ks_derive             d;
    const ks_app_derived *token;
    *why = KS_NO_STR;
    if (s->credential->scheme->derive_n == 0 || wants_call(s->credential->scheme))
        return KS_OK;
    KS_TRY(ks_derive_begin(cx, s, NULL, &d));
    ks_status st = ks_derive_step(cx, &d, &token);
    if (st != KS_INVALID)
        return st;
    *why = ks_copy(cx, cx->err.message);
    cx->err = (ks_err){0};
    return why->p != NULL ? KS_OK : KS_NO_MEMORY;
}

void ks_derive_put(ks_derive *d, const ks_value *values, size_t n)
{
    for (size_t i = 0; i < n; i++)
        ks_credential_derive(&d->ready, values[i].name, values[i].secret,
                             ks_derive_is_address(d->ready.scheme, values[i].name));
}

/* ---- stand-ins ---- */

/* For an address: a host that the app's rules allow. */
static ks_str stand_in_text(ks_ctx *cx, const ks_app_scheme *s, const ks_app_derived *x)
{
    ks_str rule = s->hosts.n > 0 ? s->hosts.at[0] : KS_NO_STR;
    if (!ks_derive_is_address(s, x->name) || rule.n == 0)
        return KS_S("(not made yet)"); /* shorter than what is masked in part (rule S4) */
    return ks_str_starts(rule, KS_S("*."))
               ? ks_fmt(cx, "https://" KS_FMT KS_FMT, KS_ARG(x->name), KS_ARG(ks_str_sub(rule, 1, SIZE_MAX)))
               : ks_fmt(cx, "https://" KS_FMT, KS_ARG(rule));
}

/* Host names have no '_'. */
static ks_status fake(ks_ctx *cx, ks_derive *d, const ks_app_derived *x)
{
    ks_secret *s, *label;
    bool       address = ks_derive_is_address(d->ready.scheme, x->name);
    ks_str     text = stand_in_text(cx, d->ready.scheme, x);
    if (text.p == NULL)
        return KS_NO_MEMORY;
    KS_TRY(ks_secret_new(cx, text.p, text.n, &s));
    KS_TRY(ks_craft_fold(cx, s, true, &label));
    ks_credential_derive(&d->ready, x->name, address ? label : s, address);
    d->ready.stands_in = true;
    return KS_OK;
}

/* Values that need neither a secret nor an answer are what they are. */
static bool computed(const ks_derive *d, const ks_app_derived *x)
{
    return x->make == KS_MAKE_DATE || (x->text.p != NULL && is_plain(&d->ready, x->text));
}

ks_status ks_derive_stand_in(ks_ctx *cx, const ks_subject **s)
{
    const ks_credential *c = (*s)->credential;
    ks_derive           *d;
    bool                 missing = false;
    for (size_t i = 0; c != NULL && i < c->scheme->derive_n; i++)
        missing |= c->scheme->derive[i].make != KS_MAKE_BASE64 &&
                   ks_credential_get(c, c->scheme->derive[i].name) == NULL;
    if (!missing)
        return KS_OK;
    d = ks_alloc(cx, sizeof *d);
    if (d == NULL)
        return KS_NO_MEMORY;
    KS_TRY(ks_derive_begin(cx, *s, NULL, d));
    for (size_t i = 0; i < c->scheme->derive_n; i++) {
        const ks_app_derived *x = &c->scheme->derive[i];
        if (x->make == KS_MAKE_BASE64 || ks_credential_get(&d->ready, x->name) != NULL)
            continue;
        if (!computed(d, x) || make(cx, d, x) != KS_OK)
            KS_TRY(fake(cx, d, x));
    }
    *s = &d->subject;
    return KS_OK;
}
