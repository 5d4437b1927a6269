/* features/apps/places_test.c — places of a few apps by hand, and that no scheme of the catalogue keeps a
 * secret that goes nowhere. */
#include "features/apps/places.h"

#include "tests/support/catalog.h"

static ks_app_place *places;
static size_t        places_n;

static void find(const char *app, const char *scheme, const char *action)
{
    const ks_app        *a = ks_catalog_app(&cx, catalog, ks_str_of(app));
    const ks_app_action *act = action ? ks_catalog_action(&cx, catalog, ks_str_of(action), &a) : NULL;
    const ks_app_scheme *s = ks_app_scheme_find(a, ks_str_of(scheme));
    assert_non_null(s);
    assert_int_equal(ks_app_places(&cx, s, act, &places, &places_n), KS_OK);
}

static const ks_app_place *place(const char *field, const char *where)
{
    for (size_t i = 0; i < places_n; i++) {
        if (ks_str_eq(places[i].field, ks_str_of(field)) && ks_str_eq(places[i].where, ks_str_of(where)))
            return &places[i];
    }
    fail_msg("%s is not in %s", field, where);
    return NULL;
}

static void a_place_says_field_header_and_template(void **state)
{
    (void)state;
    find("stripe", "API_KEY", NULL);
    assert_int_equal(places_n, 2);
    assert_true(place("api_key", "header")->secret);
    assert_str(place("api_key", "header")->name, "Authorization");
    assert_str(place("api_key", "header")->value, "Bearer {{api_key}}");
    assert_false(place("stripe_account", "header")->secret);
}

static void derived_values_and_parts_of_a_database_have_places_too(void **state)
{
    (void)state;
    find("paypal", NULL, NULL);
    assert_true(place("access_token", "header")->secret);
    place("client_secret", "access_token");
    find("postgresql", NULL, NULL);
    assert_str(place("password", "database")->name, "password");
}

static void parameters_that_a_field_fills_have_places(void **state)
{
    (void)state;
    find("twilio", NULL, "TWILIO_SEND_MESSAGE");
    assert_str(place("username", "path")->name, "AccountSid");
}

/* In the scheme, or in one of the app's actions. */
static bool has_place(const ks_app *app, const ks_app_scheme *s, ks_str field)
{
    for (size_t a = 0; a <= app->actions_n; a++) {
        const ks_app_action *action = a < app->actions_n ? &app->actions[a] : NULL;
        assert_int_equal(ks_app_places(&cx, s, action, &places, &places_n), KS_OK);
        assert_in_range(places_n, 1, 100);
        for (size_t i = 0; i < places_n; i++) {
            if (ks_str_eq(places[i].field, field))
                return true;
        }
    }
    return false;
}

static void every_secret_of_the_catalogue_goes_somewhere(void **state)
{
    size_t lost = 0;
    (void)state;
    for (size_t i = 0; i < ks_catalog_apps_n(catalog); i++) {
        const ks_app *app = ks_catalog_app(&cx, catalog, ks_catalog_key_at(catalog, i));
        for (size_t k = 0; k < app->schemes_n; k++) {
            const ks_app_scheme *s = &app->schemes[k];
            for (size_t f = 0; f < s->fields_n; f++) {
                if (!s->fields[f].secret || !s->fields[f].required || has_place(app, s, s->fields[f].name))
                    continue;
                print_error(KS_FMT ": " KS_FMT "\n", KS_ARG(app->key), KS_ARG(s->fields[f].name));
                lost++;
            }
        }
        ks_arena_reset(cx.arena);
    }
    assert_int_equal(lost, 0);
}

KS_TESTS_WITH(catalog_setup, catalog_teardown, a_place_says_field_header_and_template,
              derived_values_and_parts_of_a_database_have_places_too,
              parameters_that_a_field_fills_have_places, every_secret_of_the_catalogue_goes_somewhere)
