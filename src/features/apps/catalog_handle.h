/* features/apps/catalog_handle.h — what a ks_catalog is made of. Included by catalog*.c only. */
#pragma once
#include <stdatomic.h>

#include "base/alloc.h"
#include "features/apps/app_image.h"
#include "features/apps/catalog.h"

typedef struct ks_kept_texts ks_kept_texts; /* catalog_kept.c */
typedef struct ks_kept_words ks_kept_words; /* catalog_words.c */

/* One of all apps or actions of a layer, sorted: `at` counts in the catalogue below, or with KS_LAYER_OWN
 * among the layer's own. */
typedef struct ks_layer_ref {
    uint32_t at;
    uint32_t app; /* of an action: the number of its app among all apps of the layer */
} ks_layer_ref;
#define KS_LAYER_OWN 0x80000000u

/* Either the image, or a layer of own apps over another catalogue. */
struct ks_catalog {
    const ks_catalog *base; /* NULL: the image */
    ks_kept_texts    *kept;
    ks_kept_words    *words;

    ks_image image;
    _Atomic(const ks_app *)
        *touched; /* apps read from the image so far, by number; each a block of the heap */

    ks_catalog          *owned; /* `base`, when it ends with this layer */
    ks_arena            *arena; /* of all below */
    const ks_app *const *own;   /* sorted by key; one with a key of the base replaces that app */
    const ks_app_name   *names;
    const ks_action_ref *refs;
    const ks_layer_ref  *apps, *actions;
    size_t               own_n, names_n, refs_n, apps_n, actions_n;
};

/* Where an app stands: number `i` of the image or of a layer's own. `c` NULL: nowhere. */
typedef struct ks_app_place {
    const ks_catalog *c;
    size_t            i, within; /* within: number of an action in the app */
} ks_app_place;

ks_app_place ks_catalog_place(const ks_catalog *c, ks_str norm);         /* of the app of this name */
ks_app_place ks_catalog_action_place(const ks_catalog *c, ks_str upper); /* of the action of this name */
ks_app_place ks_catalog_place_at(const ks_catalog *c, size_t i);         /* of app `i` of all */
ks_app_place ks_catalog_action_place_at(const ks_catalog *c, size_t i);  /* of action `i` of all */
ks_str       ks_catalog_place_key(ks_app_place p);                       /* the app's key */

/* An empty layer over `base`; its arena is open. Free with ks_catalog_free. */
KS_MUST ks_status ks_catalog_layer_new(ks_ctx *cx, const ks_catalog *base, ks_catalog **out);

/* Make n apps, unsorted, that live as long as the layer, its own. CONFLICT when two of them answer to one
 * name or two actions have one name; `strict`: or one of them and one below that is not replaced. Without it
 * the layer's own goes first. */
KS_MUST ks_status ks_catalog_layer_fill(ks_ctx *own, ks_catalog *layer, const ks_app **apps, size_t n,
                                        bool strict);

/* Read every *.yaml of `dir` into a layer over `base`. */
KS_MUST ks_status ks_catalog_read_dir(ks_ctx *cx, const ks_catalog *base, ks_str dir, ks_catalog **out);

KS_MUST ks_kept_texts *ks_kept_new(void);                    /* NULL: no memory */
void                   ks_kept_free(ks_kept_texts *k);       /* NULL is fine */
KS_MUST ks_kept_words *ks_kept_words_new(void);              /* NULL: no memory */
void                   ks_kept_words_free(ks_kept_words *k); /* NULL is fine */
