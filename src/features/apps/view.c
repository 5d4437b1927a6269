/* features/apps/view.c — see view.h. What a view was made of is known by a mark, a hash of the stamps of the
 * project's rows; each thread keeps the mark with the commit counter of the project's apps (decision 0006),
 * so a change is seen by the next request of any thread. Threads: any; the lock is held for look-ups, not for
 * reading.
 */
#include "features/apps/view.h"

#include <pthread.h>

#include "base/log.h"
#include "features/apps/app_file.h"
#include "features/apps/catalog_handle.h"
#include "features/apps/project_apps_rows.h"
#include "features/env.h"
#include "features/row_cache.h"

enum {
    VIEWS = 16,        /* projects with own apps whose views are held; others' are made again */
    PROJECT_ID = 64,   /* bytes of a project's id */
    ONE_APP = 32 << 20 /* bytes that reading one text may take for a moment */
};

typedef struct view {
    char        project[PROJECT_ID];
    size_t      project_n;
    uint64_t    mark, used; /* used: the clock of ks_views when it was asked for last */
    ks_catalog *layer;
    ks_str     *stamps; /* of layer->own, in its arena */
    atomic_uint refs;
} view;

struct ks_views {
    pthread_mutex_t   lock;
    const ks_catalog *base;
    view             *at[VIEWS];
    uint64_t          clock;
};

ks_views *ks_views_new(const ks_catalog *base)
{
    ks_views *v = ks_calloc(1, sizeof *v);
    if (v == NULL)
        return NULL;
    v->base = base;
    if (pthread_mutex_init(&v->lock, NULL) == 0)
        return v;
    ks_free(v);
    return NULL;
}

static void unref(void *arg)
{
    view *one = arg;
    if (one == NULL || atomic_fetch_sub_explicit(&one->refs, 1, memory_order_acq_rel) != 1)
        return;
    ks_catalog_free(one->layer);
    ks_free(one);
}

void ks_views_free(ks_views *v)
{
    if (v == NULL)
        return;
    for (size_t i = 0; i < VIEWS; i++)
        unref(v->at[i]);
    pthread_mutex_destroy(&v->lock);
    ks_free(v);
}

size_t ks_views_count(ks_views *v)
{
    size_t n = 0;
    pthread_mutex_lock(&v->lock);
    for (size_t i = 0; i < VIEWS; i++)
        n += v->at[i] != NULL;
    pthread_mutex_unlock(&v->lock);
    return n;
}

/* ---- the mark ---- */

static uint64_t mark_of(const ks_project_app_row *rows, size_t n)
{
    uint64_t h = n > 0 ? 14695981039346656037u : 0; /* FNV-1a; 0: no apps. Stamps are random and ours. */
    for (size_t i = 0; i < n; i++) {
        for (size_t k = 0; k < rows[i].stamp.n; k++)
            h = (h ^ (unsigned char)rows[i].stamp.p[k]) * 1099511628211u;
    }
    return n > 0 && h == 0 ? 1 : h;
}

static ks_status current_mark(ks_ctx *cx, uint64_t *mark)
{
    char                room[KS_PROJECT_APPS_ID];
    ks_str              id = ks_project_apps_id(cx->project_id, room);
    ks_str              kept = ks_row_cache_get(cx->env->cache, cx->env->store, id);
    uint64_t            epoch = ks_epoch(cx->env->store, id);
    ks_project_app_row *rows;
    size_t              n;
    if (kept.n == sizeof *mark) {
        memcpy(mark, kept.p, sizeof *mark);
        return KS_OK;
    }
    KS_TRY(ks_project_app_rows(cx, &rows, &n));
    *mark = mark_of(rows, n);
    ks_row_cache_put(cx->env->cache, id, epoch, (ks_str){(const char *)mark, sizeof *mark});
    return KS_OK;
}

/* ---- finding and keeping ---- */

static bool of_project(const view *one, ks_str project)
{
    return one != NULL && ks_str_eq((ks_str){one->project, one->project_n}, project);
}

/* The project's view, referenced, or NULL; `mark` NULL: whatever it was made of. */
static view *hold(ks_views *v, ks_str project, const uint64_t *mark)
{
    view *found = NULL;
    pthread_mutex_lock(&v->lock);
    for (size_t i = 0; i < VIEWS && found == NULL; i++) {
        if (of_project(v->at[i], project) && (mark == NULL || v->at[i]->mark == *mark))
            found = v->at[i];
    }
    if (found != NULL) {
        found->used = ++v->clock;
        atomic_fetch_add_explicit(&found->refs, 1, memory_order_relaxed);
    }
    pthread_mutex_unlock(&v->lock);
    return found;
}

/* Put it in the place of the project's last one, of none, or of the longest unused. */
static void keep(ks_views *v, view *fresh)
{
    size_t place = 0;
    pthread_mutex_lock(&v->lock);
    for (size_t i = 0; i < VIEWS; i++) {
        if (of_project(v->at[i], (ks_str){fresh->project, fresh->project_n})) {
            place = i;
            break;
        }
        if (v->at[i] == NULL ? v->at[place] != NULL
                             : v->at[place] != NULL && v->at[i]->used < v->at[place]->used)
            place = i;
    }
    view *old = v->at[place];
    fresh->used = ++v->clock;
    atomic_fetch_add_explicit(&fresh->refs, 1, memory_order_relaxed);
    v->at[place] = fresh;
    pthread_mutex_unlock(&v->lock);
    unref(old);
}

/* ---- making ---- */

/* A copy of `app` with all its texts in the arena of `own`: what parsing left beside it is not kept. */
static ks_status copy_app(ks_ctx *own, ks_ctx *scratch, const ks_app *app, const ks_app **out)
{
    ks_image im;
    ks_buf  *bytes = ks_ctx_buf(scratch, ONE_APP);
    if (bytes == NULL)
        return KS_NO_MEMORY;
    KS_TRY(ks_image_write(scratch, &app, 1, NULL, 0, NULL, 0, bytes));
    ks_str kept = ks_copy(own, ks_buf_view(bytes));
    if (kept.p == NULL)
        return KS_NO_MEMORY;
    return ks_image_open(kept, &im) ? ks_image_app_in(own, &im, 0, out) : KS_INTERNAL;
}

static const ks_app *same_as_before(const view *old, const ks_project_app_row *row)
{
    for (size_t i = 0; old != NULL && i < old->layer->own_n; i++) {
        if (ks_str_eq(old->stamps[i], row->stamp))
            return old->layer->own[i];
    }
    return NULL;
}

/* An app that this version of the program cannot read: it has nothing, and hides the catalogue's app of its
 * key, to which credentials that were given for this one must not go. */
static ks_status stub(ks_ctx *own, ks_str key, const ks_app **out)
{
    ks_app *app = ks_zalloc(own, sizeof *app);
    if (app == NULL)
        return KS_NO_MEMORY;
    app->key = app->name = ks_copy(own, key);
    app->id = ks_fmt(own, "app_" KS_FMT, KS_ARG(key));
    app->about = KS_S(
        "The file of this app is not accepted by this version of the program. Add a mended one.");
    *out = app;
    return app->key.p != NULL && app->id.p != NULL ? KS_OK : KS_NO_MEMORY;
}

/* The app of one row. */
static ks_status read_app(ks_ctx *cx, ks_ctx *own, const view *old, const ks_project_app_row *row,
                          const ks_app **out)
{
    ks_arena *arena = ks_arena_new(ONE_APP);
    if (arena == NULL)
        return ks_no_memory(cx);
    ks_ctx        scratch = ks_ctx_new(arena, cx->env);
    ks_str        text = KS_NO_STR, name = ks_fmt(&scratch, KS_FMT ".yaml", KS_ARG(row->key));
    const ks_app *app = same_as_before(old, row);
    ks_status     status = KS_OK;
    *out = NULL;
    scratch.project_id = cx->project_id;
    if (app == NULL)
        status = ks_project_app_text(&scratch, row->key, &text);
    if (status == KS_OK && text.p != NULL && ks_app_file_parse(&scratch, name, text, &app) == KS_INVALID)
        KS_LOG(KS_LOG_WARN, "app_unreadable", KS_LSTR(PROJECT, cx->project_id), KS_LSTR(APP, row->key));
    if (status == KS_OK && app != NULL)
        status = copy_app(own, &scratch, app, out);
    else if (status == KS_OK)
        status = stub(own, row->key, out);
    if (scratch.starved || own->starved)
        status = ks_no_memory(cx);
    else if (status != KS_OK)
        status = ks_fail(cx, status, NULL, "The project's own apps cannot be read.");
    ks_arena_free(arena);
    return status;
}

static ks_status fill(ks_ctx *cx, view *fresh, const view *old)
{
    ks_project_app_row *rows;
    size_t              n, have = 0;
    ks_ctx              own = ks_ctx_new(fresh->layer->arena, NULL);
    KS_TRY(ks_project_app_rows(cx, &rows, &n));
    fresh->mark = mark_of(rows, n);
    const ks_app **apps = ks_alloc(&own, (n + 1) * sizeof *apps);
    fresh->stamps = ks_alloc(&own, (n + 1) * sizeof *fresh->stamps);
    if (apps == NULL || fresh->stamps == NULL)
        return ks_no_memory(cx);
    for (size_t i = 0; i < n; i++) { /* by key, as the layer sorts them */
        KS_TRY(read_app(cx, &own, old, &rows[i], &apps[have]));
        fresh->stamps[have] = ks_copy(&own, rows[i].stamp);
        have++;
    }
    ks_status status = ks_catalog_layer_fill(&own, fresh->layer, apps, have, false);
    if (own.starved)
        return ks_no_memory(cx);
    return status == KS_OK
               ? KS_OK
               : ks_fail_code(cx, KS_CONFLICT, "app_taken", NULL, KS_FMT, KS_ARG(own.err.message));
}

/* A view as the rows are now, kept for the next call, referenced once for the caller. NULL: it failed, and cx
 * says why. */
static view *make(ks_ctx *cx, ks_views *v)
{
    view *fresh = ks_calloc(1, sizeof *fresh);
    if (fresh == NULL) {
        (void)!ks_no_memory(cx);
        return NULL;
    }
    atomic_store_explicit(&fresh->refs, 1, memory_order_relaxed);
    fresh->project_n = cx->project_id.n < PROJECT_ID ? cx->project_id.n : PROJECT_ID;
    memcpy(fresh->project, cx->project_id.p, fresh->project_n);
    view     *old = hold(v, cx->project_id, NULL);
    ks_status status = ks_catalog_layer_new(cx, v->base, &fresh->layer);
    if (status == KS_OK)
        status = fill(cx, fresh, old);
    unref(old);
    if (status != KS_OK) {
        unref(fresh);
        return NULL;
    }
    keep(v, fresh);
    return fresh;
}

/* ---- the accessor ---- */

static ks_status view_of(ks_ctx *cx, const ks_catalog **out)
{
    ks_views *v = cx->env->views;
    uint64_t  mark;
    KS_TRY(current_mark(cx, &mark));
    if (mark == 0) {
        *out = cx->env->catalog;
        return KS_OK;
    }
    view *one = hold(v, cx->project_id, &mark);
    if (one == NULL)
        one = make(cx, v);
    if (one == NULL)
        return cx->err.status;
    *out = one->layer;
    if (ks_arena_defer(cx->arena, unref, one))
        return KS_OK;
    unref(one);
    return ks_no_memory(cx);
}

const ks_catalog *ks_catalog_of(ks_ctx *cx)
{
    if (cx->project_id.n == 0 || cx->env->views == NULL)
        return cx->env->catalog;
    if (cx->apps != NULL && cx->apps_of == cx->project_id.p)
        return cx->apps;
    const ks_catalog *found = NULL;
    if (view_of(cx, &found) != KS_OK)
        return NULL;
    cx->apps = found;
    cx->apps_of = cx->project_id.p;
    return found;
}

bool ks_catalog_has_own(ks_ctx *cx)
{
    const ks_catalog *c = ks_catalog_of(cx);
    return c != NULL && c != cx->env->catalog;
}

static ks_status fits(ks_ctx *cx, const ks_catalog *seen, ks_catalog *trial, const ks_app *app)
{
    ks_ctx         own = ks_ctx_new(trial->arena, NULL);
    size_t         n = 0;
    const ks_app **apps = ks_alloc(&own, (seen->own_n + 1) * sizeof *apps);
    if (apps == NULL)
        return ks_no_memory(cx);
    for (size_t i = 0; seen != cx->env->catalog && i < seen->own_n; i++) {
        if (!ks_str_eq(seen->own[i]->key, app->key))
            apps[n++] = seen->own[i];
    }
    apps[n++] = app;
    ks_status status = ks_catalog_layer_fill(&own, trial, apps, n, true);
    if (own.starved)
        return ks_no_memory(cx);
    return status == KS_OK
               ? KS_OK
               : ks_fail_code(cx, KS_CONFLICT, "app_taken", NULL, KS_FMT, KS_ARG(own.err.message));
}

ks_status ks_catalog_fits(ks_ctx *cx, const ks_app *app)
{
    const ks_catalog *seen = ks_catalog_of(cx);
    ks_catalog       *trial;
    if (seen == NULL)
        return cx->err.status != KS_OK ? cx->err.status : KS_STORE;
    KS_TRY(ks_catalog_layer_new(cx, cx->env->catalog, &trial));
    ks_status status = fits(cx, seen, trial, app);
    ks_catalog_free(trial);
    return status;
}
