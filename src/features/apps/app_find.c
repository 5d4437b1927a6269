/* features/apps/app_find.c — schemes, fields and lists of one app. Apart from catalog.c because the
 * build-time compiler has no catalogue yet. Threads: any. */
#include "features/apps/catalog.h"

ks_str ks_scheme_wire(ks_str scheme)
{
    if (ks_str_ieq(scheme, KS_S("CUSTOM")))
        return KS_S("API_KEY");
    return ks_str_ieq(scheme, KS_S("DATABASE")) ? KS_S("BASIC") : scheme;
}

bool ks_list_holds(ks_list l, ks_str s)
{
    for (size_t i = 0; i < l.n; i++) {
        if (ks_str_eq(l.at[i], s))
            return true;
    }
    return false;
}

bool ks_scheme_same(ks_str a, ks_str b)
{
    return ks_str_ieq(ks_scheme_wire(a), ks_scheme_wire(b));
}

bool ks_scheme_hidden(const ks_app *app, const ks_app_scheme *s)
{
    for (const ks_app_scheme *t = app->schemes; t < s; t++) {
        if (ks_scheme_same(t->scheme, s->scheme))
            return true;
    }
    return false;
}

const ks_app_scheme *ks_app_scheme_find(const ks_app *app, ks_str scheme)
{
    for (size_t i = 0; i < app->schemes_n; i++) {
        if (scheme.p == NULL || ks_str_ieq(app->schemes[i].scheme, scheme))
            return &app->schemes[i];
    }
    for (size_t i = 0; i < app->schemes_n; i++) {
        if (ks_scheme_same(app->schemes[i].scheme, scheme))
            return &app->schemes[i];
    }
    return NULL;
}

/* upstream/db_run.c has a driver for it; a unit test compares the two. */
static bool has_driver(const ks_app_scheme *s)
{
    static const char *const drivers[] = {"postgresql", "mysql", "redis"};
    for (size_t i = 0; i < s->dsn.n; i++) {
        for (size_t k = 0; ks_str_eq(s->dsn.at[i].name, KS_S("driver")) && k < KS_COUNT(drivers); k++) {
            if (ks_str_eq(s->dsn.at[i].value, ks_str_of(drivers[k])))
                return true;
        }
    }
    return false;
}

const char *ks_scheme_lacks(const ks_app_scheme *s)
{
    if (s->dsn.n > 0 && !has_driver(s))
        return "is a database of a kind for which this version has no driver";
    return NULL;
}

bool ks_app_available(const ks_app *app)
{
    bool any = app->schemes_n == 0;
    for (size_t i = 0; i < app->schemes_n; i++)
        any |= ks_scheme_lacks(&app->schemes[i]) == NULL;
    return any;
}

bool ks_app_in_category(const ks_app *app, ks_str category)
{
    for (size_t i = 0; i < app->categories.n; i++) {
        if (ks_str_ieq(app->categories.at[i], category))
            return true;
    }
    return category.n == 0;
}

const ks_app_derived *ks_app_derived_find(const ks_app_scheme *s, ks_str name)
{
    for (size_t i = 0; i < s->derive_n; i++) {
        if (ks_str_eq(s->derive[i].name, name))
            return &s->derive[i];
    }
    return NULL;
}

const ks_app_field *ks_app_field_find(const ks_app_scheme *s, ks_str name)
{
    for (size_t i = 0; i < s->fields_n; i++) {
        if (ks_str_eq(s->fields[i].name, name))
            return &s->fields[i];
    }
    for (size_t i = 0; i < s->fields_n; i++) {
        if (ks_list_holds(s->fields[i].aliases, name))
            return &s->fields[i];
    }
    return NULL;
}
