/* features/apps/catalog_words.c — see catalog_words.h. One document an action, in the order of the list of
 * actions. Threads: any; whoever comes first makes the index while others wait. */
#include "features/apps/catalog_words.h"

#include <pthread.h>

#include "features/apps/catalog_handle.h"
#include "store/text_index.h"

enum { NAME, TITLE, TAGS, ABOUT, PARAMS };

/* What a word counts for. Names are short and full of meaning; parameters only tell equals apart. */
static const double weights[KS_TEXT_COLUMNS] = {
    [NAME] = 6, [TITLE] = 8, [TAGS] = 2, [ABOUT] = 4, [PARAMS] = 0.5};

struct ks_kept_words {
    pthread_mutex_t          lock; /* held while the index is made */
    _Atomic(ks_text_index *) made;
};

ks_kept_words *ks_kept_words_new(void)
{
    ks_kept_words *k = ks_calloc(1, sizeof *k);
    if (k != NULL && pthread_mutex_init(&k->lock, NULL) != 0) {
        ks_free(k);
        k = NULL;
    }
    return k;
}

void ks_kept_words_free(ks_kept_words *k)
{
    if (k == NULL)
        return;
    ks_text_index_free(atomic_load_explicit(&k->made, memory_order_relaxed));
    pthread_mutex_destroy(&k->lock);
    ks_free(k);
}

static ks_status add(ks_ctx *cx, ks_text_index *ix, const ks_action_ref *ref)
{
    const ks_app_action *a = ref->action;
    ks_buf              *tags = ks_ctx_buf(cx, 64 * 1024), *params = ks_ctx_buf(cx, 1024 * 1024);
    if (tags == NULL || params == NULL)
        return KS_NO_MEMORY;
    ks_buf_str(tags, ref->app->name);
    for (size_t i = 0; i < a->tags.n; i++)
        ks_buf_fmt(tags, " " KS_FMT, KS_ARG(a->tags.at[i]));
    for (size_t i = 0; i < a->params_n; i++)
        ks_buf_fmt(params, KS_FMT " " KS_FMT " ", KS_ARG(a->params[i].name), KS_ARG(a->params[i].about));
    if (!ks_buf_ok(tags) || !ks_buf_ok(params))
        return ks_no_memory(cx);
    const ks_str texts[KS_TEXT_COLUMNS] = {[NAME] = a->name,
                                           [TITLE] = a->title,
                                           [TAGS] = ks_buf_view(tags),
                                           [ABOUT] = a->about,
                                           [PARAMS] = ks_buf_view(params)};
    return ks_text_index_add(cx, ix, texts);
}

static ks_status fill(ks_ctx *cx, const ks_catalog *c, ks_text_index *ix)
{
    ks_apps apps;
    KS_TRY(ks_apps_open(cx, c, &apps));
    for (size_t i = 0; i < ks_catalog_actions_n(c); i++) {
        ks_action_ref ref;
        KS_TRY(ks_apps_action(&apps, i, &ref));
        KS_TRY(add(cx, ix, &ref));
    }
    return ks_text_index_done(cx, ix);
}

/* With the lock held. */
static ks_status make(ks_ctx *cx, const ks_catalog *c, ks_text_index **out)
{
    KS_TRY(ks_text_index_new(cx, weights, out));
    ks_status status = fill(cx, c, *out);
    if (status != KS_OK) {
        ks_text_index_free(*out);
        return status;
    }
    atomic_store_explicit(&c->words->made, *out, memory_order_release);
    return KS_OK;
}

ks_status ks_catalog_words_find(ks_ctx *cx, const ks_catalog *c, const ks_str *terms, size_t n, size_t **hits,
                                size_t *hits_n)
{
    ks_status status = KS_OK;
    if (c == NULL) /* see ks_catalog_of */
        return cx->err.status != KS_OK ? cx->err.status : KS_STORE;
    ks_text_index *ix = atomic_load_explicit(&c->words->made, memory_order_acquire);
    if (ix == NULL) {
        pthread_mutex_lock(&c->words->lock);
        ix = atomic_load_explicit(&c->words->made, memory_order_relaxed);
        if (ix == NULL)
            status = make(cx, c, &ix);
        pthread_mutex_unlock(&c->words->lock);
    }
    KS_TRY(status);
    return ks_text_index_find(cx, ix, terms, n, hits, hits_n);
}
