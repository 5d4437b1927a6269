/* features/apps/action_search.c — see action_search.h. Ranking counts shared words, weighted by where they
 * stand. No index is kept: a question of nine words against seven hundred actions takes 1.5 ms (measured). */
#include "features/apps/action_search.h"

#include <stdlib.h>

#include "features/apps/action_schema.h"

enum {
    WORDS_MAX = 24, /* of a question that count */
    IN_NAME = 4,
    IN_TITLE = 3,
    IN_TAGS = 3,
    IN_ABOUT = 1,
    IS_IMPORTANT = 1
};

typedef struct words {
    ks_str at[WORDS_MAX];
    size_t n;
} words;

typedef struct hit {
    ks_action_ref ref;
    unsigned      score;
} hit;

bool ks_action_ask_empty(const ks_action_ask *ask)
{
    return ask->apps.n == 0 && ask->names.n == 0 && ask->tags.n == 0 && ask->words.n == 0 && !ask->important;
}

/* ---- words ---- */

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           (unsigned char)c >= 0x80;
}

/* Take the next word off *rest, without a plural s: "products" and "product" are one. */
static bool next_word(ks_str *rest, ks_str *word)
{
    size_t from = 0, to;
    while (from < rest->n && !is_letter(rest->p[from]))
        from++;
    for (to = from; to < rest->n && is_letter(rest->p[to]);)
        to++;
    *word = ks_str_sub(*rest, from, to - from);
    *rest = ks_str_sub(*rest, to, SIZE_MAX);
    if (word->n > 3 && (word->p[word->n - 1] == 's' || word->p[word->n - 1] == 'S'))
        word->n--;
    return word->n > 0;
}

static bool says_nothing(ks_str word)
{
    static const char *const small[] = {"a",  "an", "the", "to", "of",   "in",   "on", "at",  "for", "my",
                                        "me", "i",  "and", "or", "with", "from", "is", "all", "by",  "it"};
    for (size_t i = 0; i < KS_COUNT(small); i++) {
        if (ks_str_ieq(word, ks_str_of(small[i])))
            return true;
    }
    return false;
}

static words words_of(ks_str text)
{
    words  w = {.n = 0};
    ks_str word;
    while (w.n < WORDS_MAX && next_word(&text, &word)) {
        if (!says_nothing(word))
            w.at[w.n++] = word;
    }
    return w;
}

static bool holds(ks_str text, ks_str wanted)
{
    ks_str word;
    while (next_word(&text, &word)) {
        if (ks_str_ieq(word, wanted))
            return true;
    }
    return false;
}

static bool tags_hold(const ks_app_action *a, ks_str wanted)
{
    for (size_t i = 0; i < a->tags.n; i++) {
        if (holds(a->tags.at[i], wanted))
            return true;
    }
    return false;
}

static unsigned score(const words *w, const ks_action_ref *r)
{
    const ks_app_action *a = r->action;
    unsigned             sum = 0;
    for (size_t i = 0; i < w->n; i++) {
        if (holds(a->name, w->at[i]) || holds(r->app->name, w->at[i]))
            sum += IN_NAME;
        if (holds(a->title, w->at[i]))
            sum += IN_TITLE;
        if (tags_hold(a, w->at[i]))
            sum += IN_TAGS;
        if (holds(a->about, w->at[i]))
            sum += IN_ABOUT;
    }
    return sum == 0 ? 0 : sum * 2 + (ks_action_tagged(a, KS_S("important")) ? IS_IMPORTANT : 0);
}

static int better(const void *a, const void *b)
{
    const hit *x = a, *y = b;
    if (x->score != y->score)
        return x->score < y->score ? 1 : -1;
    return ks_action_ref_order(&x->ref, &y->ref);
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

/* Actions that meet all conditions but the words. The app is judged once for its run of actions; only apps
 * with an action that may fit are read. */
static ks_status collect(ks_apps *apps, const ks_action_ask *ask, hit *hits, size_t *n)
{
    size_t last = SIZE_MAX;
    bool   app_wanted = false;
    *n = 0;
    for (size_t i = 0; i < ks_catalog_actions_n(apps->c); i++) {
        size_t app = ks_catalog_action_app(apps->c, i);
        app_of of = {apps->c, ks_catalog_key_at(apps->c, app)};
        if (app != last)
            app_wanted = listed(ask->apps, same_app, &of);
        last = app;
        if (!app_wanted || !named(ask, ks_catalog_action_name_at(apps->c, i)))
            continue;
        KS_TRY(ks_apps_action(apps, i, &hits[*n].ref));
        *n += wanted(ask, hits[*n].ref.action);
    }
    return KS_OK;
}

/* Order by the words; what shares none is dropped, unless nothing shares any and apps or tags narrow already.
 */
static size_t rank(const ks_action_ask *ask, hit *hits, size_t n)
{
    words  w = words_of(ask->words);
    size_t good = 0;
    for (size_t i = 0; i < n; i++) {
        hits[i].score = score(&w, &hits[i].ref);
        good += hits[i].score > 0;
    }
    qsort(hits, n, sizeof *hits, better);
    return good > 0 || (ask->apps.n == 0 && ask->tags.n == 0) ? good : n;
}

ks_status ks_action_search(ks_ctx *cx, const ks_catalog *c, const ks_action_ask *ask, ks_action_ref **out,
                           size_t *n)
{
    size_t  found;
    ks_apps apps;
    KS_TRY(ks_apps_open(cx, c, &apps));
    hit *hits = ks_zalloc(cx, (ks_catalog_actions_n(c) + 1) * sizeof *hits);
    if (hits == NULL)
        return KS_NO_MEMORY;
    KS_TRY(collect(&apps, ask, hits, &found));
    if (ask->words.n > 0 && found > 0)
        found = rank(ask, hits, found);

    ks_action_ref *refs = ks_alloc(cx, (found + 1) * sizeof *refs);
    if (refs == NULL)
        return KS_NO_MEMORY;
    for (size_t i = 0; i < found; i++)
        refs[i] = hits[i].ref;
    *out = refs;
    *n = found;
    return KS_OK;
}
