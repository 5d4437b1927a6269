/* features/apps/action_search.c — see action_search.h. Words go to the index of the catalogue
 * (catalog_words.h); the other conditions are judged here. */
#include "features/apps/action_search.h"

#include "features/apps/action_schema.h"
#include "features/apps/catalog_words.h"
#include "features/apps/question.h"

bool ks_action_ask_empty(const ks_action_ask *ask)
{
    return ask->apps.n == 0 && ask->names.n == 0 && ask->tags.n == 0 && ask->words.n == 0 && !ask->important;
}

/* ---- conditions ---- */

/* One of a comma list, or no list at all; blanks around elements do not count. */
static bool listed(ks_str list, bool (*same)(const void *arg, ks_str element), const void *arg)
{
    ks_str part;
    if (list.n == 0)
        return true;
    while (ks_str_cut(&list, ',', &part)) {
        if (same(arg, ks_str_trim(part, " ")))
            return true;
    }
    return false;
}

static bool same_name(const void *arg, ks_str element)
{
    const ks_str *name = arg;
    return ks_str_ieq(*name, element);
}

static bool same_tag(const void *arg, ks_str element)
{
    return ks_action_tagged(arg, element);
}

typedef struct app_of {
    const ks_catalog *c;
    ks_str            key;
} app_of;

static bool same_app(const void *arg, ks_str element)
{
    const app_of *a = arg;
    return ks_str_eq(ks_catalog_key(a->c, element), a->key);
}

static bool named(const ks_action_ask *ask, ks_str name)
{
    return listed(ask->names, same_name, &name);
}

static bool wanted(const ks_action_ask *ask, const ks_app_action *a)
{
    return listed(ask->tags, same_tag, a) && (!ask->important || ks_action_tagged(a, KS_S("important")));
}

/* One question: the actions found so far, and what was judged of each app. */
typedef struct search {
    const ks_action_ask *ask;
    ks_apps              apps;
    ks_action_ref       *found;
    size_t               n;
    size_t               last; /* number of the app that was judged last; SIZE_MAX: none yet */
    bool                 last_wanted;
} search;

/* Keep action `i` when it meets all conditions but the words. An app is judged once for a run of its actions,
 * and read only when one of them may fit. */
static ks_status consider(search *s, size_t i)
{
    const ks_catalog *c = s->apps.c;
    size_t            app = ks_catalog_action_app(c, i);
    app_of            of = {c, ks_catalog_key_at(c, app)};
    if (app != s->last)
        s->last_wanted = ks_catalog_reached(s->apps.cx, c, app) && listed(s->ask->apps, same_app, &of);
    s->last = app;
    if (!s->last_wanted || !named(s->ask, ks_catalog_action_name_at(c, i)))
        return KS_OK;
    KS_TRY(ks_apps_action(&s->apps, i, &s->found[s->n]));
    s->n += wanted(s->ask, s->found[s->n].action);
    return KS_OK;
}

static ks_status by_words(search *s)
{
    ks_question q;
    size_t     *hits, n;
    ks_question_read(&q, s->ask->words);
    KS_TRY(ks_catalog_words_find(s->apps.cx, s->apps.c, q.terms, q.n, &hits, &n));
    for (size_t i = 0; i < n; i++)
        KS_TRY(consider(s, hits[i]));
    return KS_OK;
}

static ks_status by_name(search *s)
{
    for (size_t i = 0; i < ks_catalog_actions_n(s->apps.c); i++)
        KS_TRY(consider(s, i));
    return KS_OK;
}

ks_status ks_action_search(ks_ctx *cx, const ks_catalog *c, const ks_action_ask *ask, ks_action_ref **out,
                           size_t *n)
{
    search s = {.ask = ask, .last = SIZE_MAX};
    KS_TRY(ks_apps_open(cx, c, &s.apps));
    s.found = ks_zalloc(cx, (ks_catalog_actions_n(c) + 1) * sizeof *s.found);
    if (s.found == NULL)
        return KS_NO_MEMORY;
    if (ask->words.n > 0)
        KS_TRY(by_words(&s));
    /* words that fit nothing leave the apps or tags that narrow already */
    if (s.n == 0 && (ask->words.n == 0 || ask->apps.n > 0 || ask->tags.n > 0))
        KS_TRY(by_name(&s));
    *out = s.found;
    *n = s.n;
    return KS_OK;
}
