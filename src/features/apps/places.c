/* features/apps/places.c — see places.h. A template is a place for each value that it uses. */
#include "features/apps/places.h"

#include "features/apps/catalog.h"
#include "features/apps/template.h"

#define PLACES_MAX 256 /* shown of one scheme; the largest of the catalogue has 30 */

typedef struct list {
    const ks_app_scheme *s;
    ks_app_place        *at;
    size_t               n;
} list;

static void add_one(list *l, ks_str where, ks_str name, ks_str value, ks_str field)
{
    const ks_app_field *f = ks_app_field_find(l->s, field);
    if (l->n < PLACES_MAX) /* what is derived is made of secrets */
        l->at[l->n++] = (ks_app_place){field, f == NULL || f->secret, where, name, value};
}

static void add(list *l, const char *where, ks_str name, ks_str value)
{
    ks_tpl_part part;
    ks_str      rest = value;
    while (ks_tpl_next(&rest, &part)) {
        if (part.is_value)
            add_one(l, ks_str_of(where), name, value, part.text);
    }
}

static void add_puts(list *l, const char *where, ks_app_puts puts)
{
    for (size_t i = 0; i < puts.n; i++)
        add(l, where, puts.at[i].name, puts.at[i].value);
}

static void add_derived(list *l, const ks_app_derived *d)
{
    const ks_str texts[] = {d->text, d->url,    d->basic_user, d->basic_password, d->body,
                            d->key,  d->header, d->claims,     d->refresh_body};
    for (size_t i = 0; i < KS_COUNT(texts); i++)
        add(l, d->name.p, KS_NO_STR, texts[i]);
    for (size_t i = 0; i < d->headers.n; i++)
        add(l, d->name.p, d->headers.at[i].name, d->headers.at[i].value);
    if (d->from.p != NULL)
        add_one(l, d->name, KS_NO_STR, KS_NO_STR, d->from);
}

/* Parameters of the action that a field of the connection fills. */
static void add_action(list *l, const ks_app_action *action)
{
    static const char *const where[] = {
        [KS_IN_PATH] = "path", [KS_IN_QUERY] = "query", [KS_IN_HEADER] = "header",
        [KS_IN_BODY] = "body", [KS_IN_FORM] = "form",   [KS_IN_ARGUMENT] = "argument"};
    for (size_t i = 0; i < action->params_n; i++) {
        const ks_app_param *p = &action->params[i];
        if (p->from.p != NULL)
            add_one(l, ks_str_of(where[p->in]), p->target.p != NULL ? p->target : p->name, KS_NO_STR,
                    p->from);
    }
}

ks_status ks_app_places(ks_ctx *cx, const ks_app_scheme *s, const ks_app_action *action, ks_app_place **out,
                        size_t *n)
{
    list l = {.s = s, .at = ks_alloc(cx, PLACES_MAX * sizeof *l.at)};
    if (l.at == NULL)
        return KS_NO_MEMORY;
    for (size_t i = 0; i < s->derive_n; i++)
        add_derived(&l, &s->derive[i]);
    add(&l, "address", KS_NO_STR, s->base);
    add_puts(&l, "header", s->headers);
    add_puts(&l, "query", s->query);
    add_puts(&l, "body", s->body);
    add(&l, "user", KS_NO_STR, s->basic_user);
    add(&l, "password", KS_NO_STR, s->basic_password);
    add_puts(&l, "signature", s->sign_with);
    add_puts(&l, "database", s->dsn);
    add(&l, "check", KS_NO_STR, s->check.path);
    add_puts(&l, "check", s->check.headers);
    add(&l, "check", KS_NO_STR, s->check.body);
    if (action != NULL)
        add_action(&l, action);
    *out = l.at;
    *n = l.n;
    return KS_OK;
}
