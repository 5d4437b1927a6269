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

static bool same_hosts(const ks_app_scheme *was, const ks_app_scheme *next)
{
    bool fine = same(was->base, next->base) && same_puts(was->dsn, next->dsn);
    for (size_t i = 0; i < next->hosts.n; i++)
        fine &= ks_list_holds(was->hosts, next->hosts.at[i]);
    return fine;
}

/* Values that are made of others may steer, too: then all of them stay as they are. */
static bool same_derived(const ks_app_scheme *was, const ks_app_scheme *next)
{
    bool steering = false, equal = was->derive_n == next->derive_n;
    for (size_t i = 0; i < was->derive_n; i++)
        steering |= steers(was, was->derive[i].name);
    for (size_t i = 0; i < next->derive_n; i++)
        steering |= steers(was, next->derive[i].name);
    for (size_t i = 0; equal && i < was->derive_n; i++) {
        const ks_app_derived *a = &was->derive[i], *b = &next->derive[i];
        equal = a->make == b->make && same(a->name, b->name) && same(a->text, b->text) &&
                same(a->at, b->at) && same(a->url, b->url) && same(a->body, b->body) &&
                same(a->pointer, b->pointer) && same(a->from, b->from);
    }
    return equal || !steering;
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
    for (size_t i = 0; i < was->fields_n; i++)
        follow_field(cx, was, &was->fields[i], next, out);
}
