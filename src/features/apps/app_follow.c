/* features/apps/app_follow.c — see app_follow.h. Whoever may add apps must not learn stored credentials by
 * it: a new version that sends them elsewhere, or calls them no secret, is another app as far as they are
 * concerned. */
#include "features/apps/app_follow.h"

#include "features/apps/catalog.h"
#include "features/apps/template.h"

static void lose(ks_ctx *cx, const ks_app_scheme *was, ks_str what, const char *why, ks_app_losses *out)
{
    if (out->n < KS_MAX_DETAILS)
        out->at[out->n++] = (ks_detail){ks_fmt(cx, KS_FMT "." KS_FMT, KS_ARG(was->scheme), KS_ARG(what)),
                                        ks_str_of(why)};
}

static bool same(ks_str a, ks_str b)
{
    return (a.p == NULL) == (b.p == NULL) && ks_str_eq(a, b);
}

static bool same_puts(ks_app_puts a, ks_app_puts b)
{
    bool equal = a.n == b.n;
    for (size_t i = 0; equal && i < a.n; i++)
        equal = same(a.at[i].name, b.at[i].name) && same(a.at[i].value, b.at[i].value);
    return equal;
}

static bool mentions(ks_str tpl, ks_str name)
{
    ks_tpl_part part;
    while (ks_tpl_next(&tpl, &part)) {
        if (part.is_value && ks_str_eq(part.text, name))
            return true;
    }
    return false;
}

/* Does the value of this name decide where requests go? */
static bool steers(const ks_app_scheme *s, ks_str name)
{
    bool hit = mentions(s->base, name);
    for (size_t i = 0; i < s->dsn.n; i++)
        hit |= mentions(s->dsn.at[i].value, name);
    return hit;
}

/* A list that is left out would let everything pass. */
static bool same_hosts(const ks_app_scheme *was, const ks_app_scheme *next)
{
    bool fine = same(was->base, next->base) && same_puts(was->dsn, next->dsn) &&
                (was->hosts.n == 0) == (next->hosts.n == 0);
    for (size_t i = 0; i < next->hosts.n; i++)
        fine &= ks_list_holds(was->hosts, next->hosts.at[i]);
    return fine;
}

/* Values that are made of others may steer, or are asked for at an address of their own: all of them stay as
 * they are where one does. */
static bool same_derived(const ks_app_scheme *was, const ks_app_scheme *next)
{
    bool steering = false, equal = was->derive_n == next->derive_n;
    for (size_t i = 0; i < was->derive_n; i++)
        steering |= steers(was, was->derive[i].name);
    for (size_t i = 0; i < next->derive_n; i++)
        steering |= steers(was, next->derive[i].name) || next->derive[i].url.p != NULL;
    for (size_t i = 0; equal && i < was->derive_n; i++) {
        const ks_app_derived *a = &was->derive[i], *b = &next->derive[i];
        equal = a->make == b->make && same(a->name, b->name) && same(a->text, b->text) &&
                same(a->at, b->at) && same(a->url, b->url) && same(a->refresh_url, b->refresh_url) &&
                same(a->body, b->body) && same(a->pointer, b->pointer) && same(a->from, b->from);
    }
    return equal || !steering;
}

/* ---- places of secrets ---- */

/* Does the text of `next` use a secret that may be stored, or what may be made of one? */
static bool secretive(const ks_app_scheme *was, const ks_app_scheme *next, ks_str tpl)
{
    ks_tpl_part part;
    while (ks_tpl_next(&tpl, &part)) {
        const ks_app_field *old = part.is_value ? ks_app_field_find(was, part.text) : NULL;
        bool                derived = part.is_value && ks_app_field_find(next, part.text) == NULL;
        if (derived || (old != NULL && old->secret))
            return true;
    }
    return false;
}

static bool has_put(ks_app_puts puts, const ks_app_put *put)
{
    for (size_t i = 0; i < puts.n; i++) {
        if (same(puts.at[i].name, put->name) && same(puts.at[i].value, put->value))
            return true;
    }
    return false;
}

static bool same_secret_puts(const ks_app_scheme *was, ks_app_puts old, const ks_app_scheme *next,
                             ks_app_puts now)
{
    for (size_t i = 0; i < now.n; i++) {
        if (secretive(was, next, now.at[i].value) && !has_put(old, &now.at[i]))
            return false;
    }
    return true;
}

/* A secret that stands where a vendor keeps what it is sent, in the text of a note, could be read there. So
 * no version puts one where the last did not. */
static bool same_places(const ks_app_scheme *was, const ks_app_scheme *next)
{
    const ks_app_check *a = &was->check, *b = &next->check;
    const ks_str        old[] = {was->basic_user, was->basic_password, a->path, a->body};
    const ks_str        now[] = {next->basic_user, next->basic_password, b->path, b->body};
    bool                fine = same_secret_puts(was, was->headers, next, next->headers) &&
                same_secret_puts(was, was->query, next, next->query) &&
                same_secret_puts(was, was->body, next, next->body) &&
                same_secret_puts(was, a->headers, next, b->headers);
    for (size_t i = 0; i < KS_COUNT(now); i++)
        fine &= !secretive(was, next, now[i]) || same(old[i], now[i]);
    return fine;
}

static void follow_field(ks_ctx *cx, const ks_app_scheme *was, const ks_app_field *f,
                         const ks_app_scheme *next, ks_app_losses *out)
{
    const ks_app_field *now = ks_app_field_find(next, f->name);
    if (now == NULL)
        lose(cx, was, f->name, "is used by connections", out);
    else if (f->secret && !now->secret)
        lose(cx, was, f->name, "was secret, and stays so", out);
    else if (steers(was, f->name) && (f->kind != now->kind || !same(f->fallback, now->fallback)))
        lose(cx, was, f->name, "decides where credentials go: its kind and default stay", out);
}

void ks_app_follow(ks_ctx *cx, const ks_app_scheme *was, const ks_app_scheme *next, ks_app_losses *out)
{
    if (next == NULL) {
        lose(cx, was, KS_S("scheme"), "is used by connections", out);
        return;
    }
    if (!same_hosts(was, next) || !same_derived(was, next))
        lose(cx, was, KS_S("base"), "credentials do not follow to other hosts", out);
    if (!same_places(was, next))
        lose(cx, was, KS_S("send"), "secrets stay where they were sent", out);
    for (size_t i = 0; i < was->fields_n; i++)
        follow_field(cx, was, &was->fields[i], next, out);
}
