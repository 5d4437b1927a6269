/* features/apps/app_find.c — schemes and fields of one app. Apart from catalog.c because the build-time
 * compiler has no catalogue yet. Threads: any. */
#include "features/apps/catalog.h"

const ks_app_scheme *ks_app_scheme_find(const ks_app *app, ks_str scheme)
{
    for (size_t i = 0; i < app->schemes_n; i++) {
        if (scheme.p == NULL || ks_str_ieq(app->schemes[i].scheme, scheme))
            return &app->schemes[i];
    }
    return NULL;
}

static bool has_alias(const ks_app_field *f, ks_str name)
{
    for (size_t i = 0; i < f->aliases.n; i++) {
        if (ks_str_eq(f->aliases.at[i], name))
            return true;
    }
    return false;
}

const ks_app_field *ks_app_field_find(const ks_app_scheme *s, ks_str name)
{
    for (size_t i = 0; i < s->fields_n; i++) {
        if (ks_str_eq(s->fields[i].name, name))
            return &s->fields[i];
    }
    for (size_t i = 0; i < s->fields_n; i++) {
        if (has_alias(&s->fields[i], name))
            return &s->fields[i];
    }
    return NULL;
}
