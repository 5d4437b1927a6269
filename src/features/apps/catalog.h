/* features/apps/catalog.h — find apps, schemes, fields and actions. The catalogue is immutable once opened;
 * threads: any. */
#pragma once
#include "base/ctx.h"
#include "features/apps/app.h"
#include "features/apps/catalog_index.h"

/* The built-in apps plus the operator's files in `dir` (absent: none), which replace built-in ones of the
 * same key. INVALID with file and line of the first mistake. Free with ks_catalog_free. */
KS_MUST ks_status ks_catalog_open(ks_ctx *cx, ks_str dir, ks_catalog **out);
void              ks_catalog_free(ks_catalog *c); /* NULL is fine */

/* The same over the image `bytes` (app_image.h), which must outlive it. INTERNAL when it is none. For tests.
 */
KS_MUST ks_status ks_catalog_open_image(ks_ctx *cx, ks_str bytes, ks_catalog **out);

/* ---- look-ups; the app is read when it is first asked for, and no other ---- */

/* By key, alias or appId: any case; '-', blank and '_' are one. NULL when unknown, and when memory is short:
 * then cx->starved says so. Lives as long as the catalogue. */
const ks_app *ks_catalog_app(ks_ctx *cx, const ks_catalog *c, ks_str ref);

/* The key of the app that answers to `ref`; absent when unknown. Reads no app. */
ks_str ks_catalog_key(const ks_catalog *c, ks_str ref);

/* By action name, any case. NULL as ks_catalog_app; *app is its app. */
const ks_app_action *ks_catalog_action(ks_ctx *cx, const ks_catalog *c, ks_str name, const ks_app **app);

/* Scheme of an app, any case, by its own name or the one it has on the wire; absent `scheme`: the app's
 * first. NULL when the app has no such scheme. */
const ks_app_scheme *ks_app_scheme_find(const ks_app *app, ks_str scheme);

/* The name of a scheme in /v1, /v2 and /v3, whose clients know a closed list: API_KEY for CUSTOM, BASIC for
 * DATABASE, else its own. */
ks_str ks_scheme_wire(ks_str scheme);

/* Are these the same scheme, by their own name or the one on the wire? */
bool ks_scheme_same(ks_str a, ks_str b);

/* Is an earlier scheme of the app called the same on the wire? Then lists there leave this one out. */
bool ks_scheme_hidden(const ks_app *app, const ks_app_scheme *s);

/* NULL when this version can make calls with the scheme; else why it cannot, after "This app ". Such a
 * connection is stored, but neither checked nor used. */
const char *ks_scheme_lacks(const ks_app_scheme *s);

/* Can this version make calls with one of its schemes, or without any? */
bool ks_app_available(const ks_app *app);

/* Is it of this category (any case)? The empty category has all apps. */
bool ks_app_in_category(const ks_app *app, ks_str category);

/* A derived value by name. NULL when there is none. */
const ks_app_derived *ks_app_derived_find(const ks_app_scheme *s, ks_str name);

/* Field by name or alias. NULL when there is none. */
const ks_app_field *ks_app_field_find(const ks_app_scheme *s, ks_str name);

/* NOT_FOUND with code "app_not_found" / "action_not_found" and what to do, when the look-ups above give NULL.
 */
KS_MUST ks_status ks_catalog_need_app(ks_ctx *cx, const ks_catalog *c, const char *field, ks_str ref,
                                      const ks_app **out);
/* The same for an action; *app is its app. */
KS_MUST ks_status ks_catalog_need_action(ks_ctx *cx, const ks_catalog *c, ks_str name, const ks_app **app,
                                         const ks_app_action **out);

/* Texts made once from the whole catalogue and kept with it (kept_list.h). */
typedef enum ks_kept { KS_KEPT_V1_APPS, KS_KEPT_V1_ACTIONS, KS_KEPT_COUNT } ks_kept;

/* The kept text; the first call makes it with encode(c, b, arg). Lives as long as the catalogue. Absent when
 * memory is short; then the next call tries again. Threads: any. */
ks_str ks_catalog_kept(const ks_catalog *c, ks_kept                                                 which,
                       void (*encode)(const ks_catalog *c, ks_buf *b, const void *arg), const void *arg);

/* ---- lists ---- */

size_t ks_catalog_apps_n(const ks_catalog *c);    /* how many apps */
size_t ks_catalog_actions_n(const ks_catalog *c); /* how many actions in all apps */

/* Key of app `i` of all, sorted; absent past the end. Reads no app. */
ks_str ks_catalog_key_at(const ks_catalog *c, size_t i);

/* May the caller have to do with app `i` (features/reach.h)? Lists and searches leave out the others. Reads
 * no app. */
bool ks_catalog_reached(const ks_ctx *cx, const ks_catalog *c, size_t i);

/* Number of the app that answers to `ref`; SIZE_MAX when unknown. Reads no app. */
size_t ks_catalog_number(const ks_catalog *c, ks_str ref);

/* Name of action `i` of all, sorted; absent past the end. Reads no app. */
ks_str ks_catalog_action_name_at(const ks_catalog *c, size_t i);

/* Number of the app of action `i`; SIZE_MAX past the end. */
size_t ks_catalog_action_app(const ks_catalog *c, size_t i);

/* The apps one call goes through: each is read once, into the arena of `cx`, unless the catalogue has it
 * already. They live as long as that arena, and are to be compared by key with apps of look-ups. */
typedef struct ks_apps {
    ks_ctx           *cx;
    const ks_catalog *c;
    size_t            n;    /* how many apps */
    const ks_app    **seen; /* NULL: only the last one, number `last`, is held, in `window` */
    ks_arena         *window;
    size_t            last;
    const ks_app     *held;
} ks_apps;

/* Begin. NO_MEMORY. */
KS_MUST ks_status ks_apps_open(ks_ctx *cx, const ks_catalog *c, ks_apps *out);

/* The same, but only the app that was asked for last is held: for lists of many. */
KS_MUST ks_status ks_apps_open_window(ks_ctx *cx, const ks_catalog *c, ks_apps *out);

/* App `i`, below a->n, by key. NO_MEMORY. INTERNAL when the catalogue is broken. */
KS_MUST ks_status ks_apps_at(ks_apps *a, size_t i, const ks_app **out);

/* Action `i` of all, by name. As above. */
KS_MUST ks_status ks_apps_action(ks_apps *a, size_t i, ks_action_ref *out);
