/* features/apps/app_file_used.c — is what a person has to fill in used for anything? A required field that no
 * request can hold is a question without a reason, and is refused. Judges no template; that is done where it
 * stands. Format: docs/formats.md "App files". Threads: none shared. */
#include "features/apps/app_file_tree.h"
#include "features/apps/catalog.h"
#include "features/apps/template.h"

static bool in_puts(ks_app_puts puts, ks_str name)
{
    for (size_t i = 0; i < puts.n; i++) {
        if (ks_tpl_uses(puts.at[i].value, name))
            return true;
    }
    return false;
}

static bool in_derived(const ks_app_derived *d, ks_str name)
{
    const ks_str texts[] = {d->text, d->url,    d->basic_user, d->basic_password, d->body,
                            d->key,  d->header, d->claims,     d->refresh_url,    d->refresh_body};
    for (size_t i = 0; i < KS_COUNT(texts); i++) {
        if (ks_tpl_uses(texts[i], name))
            return true;
    }
    return ks_str_eq(d->from, name) || in_puts(d->headers, name);
}

/* The ways of a scheme to a request: address, what is sent, how it is signed, what is made, what is asked. */
static bool in_scheme(const ks_app_scheme *s, ks_str name)
{
    const ks_str      texts[] = {s->base, s->basic_user, s->basic_password, s->check.path, s->check.body};
    const ks_app_puts puts[] = {s->headers, s->query, s->body, s->sign_with, s->dsn, s->check.headers};
    bool              used = false;
    for (size_t i = 0; i < KS_COUNT(texts); i++)
        used |= ks_tpl_uses(texts[i], name);
    for (size_t i = 0; i < KS_COUNT(puts); i++)
        used |= in_puts(puts[i], name);
    for (size_t i = 0; i < s->derive_n; i++)
        used |= in_derived(&s->derive[i], name);
    return used;
}

/* Actions name a field in `from`, by its name or an alias, or in the host of a whole URL. */
static bool in_actions(const ks_app *app, const ks_app_scheme *s, const ks_app_field *f)
{
    for (size_t i = 0; i < app->actions_n; i++) {
        const ks_app_action *a = &app->actions[i];
        if (ks_tpl_uses(a->path, f->name))
            return true;
        for (size_t j = 0; j < a->params_n; j++) {
            if (a->params[j].from.p != NULL && ks_app_field_find(s, a->params[j].from) == f)
                return true;
        }
    }
    return false;
}

void ks_file_check_used(ks_app_reader *r, const ks_app *app, const ks_app_scheme *s)
{
    for (size_t i = 0; i < s->fields_n; i++) {
        const ks_app_field *f = &s->fields[i];
        if (f->required && !in_scheme(s, f->name) && !in_actions(app, s, f))
            ks_file_fault_at(r, f, "name",
                             "nothing uses this field; use it, or write `required: false` and say in `help` "
                             "what it is for");
    }
}
