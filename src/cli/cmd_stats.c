/* cli/cmd_stats.c — what the built-in catalogue holds, counted; needs no server. */
#include <stdlib.h>

#include "cli/output.h"
#include "features/apps/action_schema.h"
#include "features/apps/catalog.h"
#include "features/databases/database.h"

enum { SCHEMES = 24 }; /* different names of schemes that are told apart; there are six */

typedef struct scheme_count {
    ks_str name;
    size_t n;
} scheme_count;

typedef struct tally {
    size_t       apps, ghosts, ghost_only, no_auth;
    size_t       trusted, reports, unchecked; /* schemes, by their check */
    size_t       waiting, apps_waiting; /* schemes that this version cannot use, and apps with no other */
    size_t       acting, actions, read, write, destructive;
    scheme_count schemes[SCHEMES];
    size_t       schemes_n;
} tally;

static void count_scheme(tally *t, const ks_app_scheme *s)
{
    size_t i = 0;
    while (i < t->schemes_n && !ks_str_eq(t->schemes[i].name, s->scheme))
        i++;
    if (i < SCHEMES) {
        t->schemes[i].name = s->scheme;
        t->schemes[i].n++;
        t->schemes_n += i == t->schemes_n;
    }
    if (ks_scheme_lacks(s) != NULL)
        t->waiting++;
    else if (s->check.method.p == NULL)
        t->unchecked++;
    else if (s->check.trusted)
        t->trusted++;
    else
        t->reports++;
}

/* Vendors are played over HTTP: databases are not. */
static bool has_ghost(const ks_app *app)
{
    bool any = app->schemes_n == 0;
    for (size_t i = 0; i < app->schemes_n; i++)
        any |= ks_scheme_lacks(&app->schemes[i]) == NULL && !ks_scheme_is_database(&app->schemes[i]);
    return any;
}

static void count_app(tally *t, const ks_app *app)
{
    t->apps++;
    t->apps_waiting += !ks_app_available(app);
    t->ghosts += has_ghost(app);
    t->ghost_only += app->ghost_only;
    t->no_auth += app->schemes_n == 0;
    t->acting += app->actions_n > 0;
    t->actions += app->actions_n;
    for (size_t i = 0; i < app->schemes_n; i++)
        count_scheme(t, &app->schemes[i]);
    for (size_t i = 0; i < app->actions_n; i++) {
        t->read += ks_action_tagged(&app->actions[i], KS_S("read"));
        t->write += ks_action_tagged(&app->actions[i], KS_S("write"));
        t->destructive += ks_action_tagged(&app->actions[i], KS_S("destructive"));
    }
}

static ks_status count_all(ks_cli *c, const ks_catalog *catalog, tally *t)
{
    ks_apps apps;
    KS_TRY(ks_apps_open_window(&c->cx, catalog, &apps));
    for (size_t i = 0; i < apps.n; i++) {
        const ks_app *app;
        KS_TRY(ks_apps_at(&apps, i, &app));
        count_app(t, app);
    }
    return KS_OK;
}

static int most_first(const void *a, const void *b)
{
    const scheme_count *x = a, *y = b;
    return x->n != y->n ? (x->n < y->n ? 1 : -1) : ks_str_cmp(x->name, y->name);
}

static void put_line(FILE *to, const char *name, size_t n, const char *what)
{
    fprintf(to, "  %-22s %6zu%s%s\n", name, n, *what ? "  " : "", what);
}

static void put_people(FILE *to, const tally *t)
{
    fprintf(to, "Apps\n");
    put_line(to, "all", t->apps, "");
    put_line(to, "usable", t->apps - t->apps_waiting, "the others are stored only, see below");
    put_line(to, "with a ghost", t->ghosts, "simulated, so that everything can be tried: serve --ghost");
    put_line(to, "only a ghost", t->ghost_only, "never reach a network");
    fprintf(to, "\nSchemes\n");
    for (size_t i = 0; i < t->schemes_n; i++) {
        char name[32];
        snprintf(name, sizeof name, KS_FMT, KS_ARG(t->schemes[i].name));
        put_line(to, name, t->schemes[i].n, "");
    }
    put_line(to, "none", t->no_auth, "apps that need no credential");
    put_line(to, "stored only", t->waiting, "want a signature or driver that this version has not");
    fprintf(to, "\nChecks of a credential\n");
    put_line(to, "trusted", t->trusted, "a bad key is refused");
    put_line(to, "reporting", t->reports, "a bad key is reported");
    put_line(to, "none", t->unchecked, "stored as it is");
    fprintf(to, "\nActions\n");
    put_line(to, "all", t->actions, "");
    put_line(to, "apps with some", t->acting, "every other app is called with /ks/call or the proxy");
    put_line(to, "read", t->read, "");
    put_line(to, "write", t->write, "");
    put_line(to, "destructive", t->destructive, "of those that write");
}

static void put_json(FILE *to, const tally *t)
{
    ks_buf b = ks_buf_new(16 * 1024);
    ks_jw  w = ks_jw_new(&b);
    ks_jw_obj(&w, NULL);
    ks_jw_int(&w, "apps", (int64_t)t->apps);
    ks_jw_int(&w, "usable", (int64_t)(t->apps - t->apps_waiting));
    ks_jw_int(&w, "ghosts", (int64_t)t->ghosts);
    ks_jw_int(&w, "ghost_only", (int64_t)t->ghost_only);
    ks_jw_obj(&w, "schemes");
    for (size_t i = 0; i < t->schemes_n; i++) {
        ks_jw_name(&w, t->schemes[i].name);
        ks_jw_int(&w, NULL, (int64_t)t->schemes[i].n);
    }
    ks_jw_end(&w, '}');
    ks_jw_int(&w, "no_auth", (int64_t)t->no_auth);
    ks_jw_int(&w, "schemes_stored_only", (int64_t)t->waiting);
    ks_jw_obj(&w, "checks");
    ks_jw_int(&w, "trusted", (int64_t)t->trusted);
    ks_jw_int(&w, "reports", (int64_t)t->reports);
    ks_jw_int(&w, "none", (int64_t)t->unchecked);
    ks_jw_end(&w, '}');
    ks_jw_obj(&w, "actions");
    ks_jw_int(&w, "apps", (int64_t)t->acting);
    ks_jw_int(&w, "all", (int64_t)t->actions);
    ks_jw_int(&w, "read", (int64_t)t->read);
    ks_jw_int(&w, "write", (int64_t)t->write);
    ks_jw_int(&w, "destructive", (int64_t)t->destructive);
    ks_jw_end(&w, '}');
    ks_jw_end(&w, '}');
    fprintf(to, KS_FMT "\n", KS_ARG(ks_buf_view(&b)));
    ks_buf_done(&b);
}

int ks_cmd_app_stats(ks_cli *c)
{
    ks_catalog *catalog;
    tally       t = {0};
    if (ks_catalog_open(&c->cx, KS_NO_STR, &catalog) != KS_OK)
        return ks_cli_fail_err(c);
    ks_status status = count_all(c, catalog, &t);
    if (status == KS_OK) {
        qsort(t.schemes, t.schemes_n, sizeof t.schemes[0], most_first);
        (ks_cli_has(c, "json") ? put_json : put_people)(c->out, &t); /* names live in the catalogue */
    }
    ks_catalog_free(catalog);
    return status == KS_OK ? KS_EXIT_OK : ks_cli_fail_err(c);
}
