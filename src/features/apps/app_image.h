/* features/apps/app_image.h — the catalogue as one block of bytes without pointers, so that it is mapped from
 * the program's file and costs memory only where it is read. tools/catalogc.c writes it at build time,
 * catalog.c reads it; both go by the member tables in app_image_shape.c. The layout is no stable format:
 * writer and reader are always of one build. What is read is checked against the bounds of the block all the
 * same: a broken image fails, it does not crash. docs/decisions/0009. Threads: any; nothing here changes. */
#pragma once
#include "base/ctx.h"
#include "features/apps/catalog_index.h"

/* ---- the one description of what is stored (app_image_shape.c) ---- */

typedef enum ks_image_kind {
    KS_IMAGE_TEXT,   /* ks_str */
    KS_IMAGE_FLAG,   /* bool */
    KS_IMAGE_NUMBER, /* int or an enum, from 0 to `count` */
    KS_IMAGE_ITEMS   /* a pointer at `at` to elements of `shape`, their number (size_t) at `count` */
} ks_image_kind;

typedef struct ks_image_shape ks_image_shape;

typedef struct ks_image_member {
    ks_image_kind         kind;
    size_t                at;    /* offset in the struct */
    size_t                count; /* of ITEMS: offset of their number; of NUMBER: the largest value */
    const ks_image_shape *shape;
} ks_image_member;

struct ks_image_shape {
    size_t                 size; /* of the struct */
    const ks_image_member *members;
    size_t                 n;
};

/* ks_app and all below it. */
extern const ks_image_shape ks_image_app;

/* ---- reading ---- */

/* A checked view of an image. */
typedef struct ks_image {
    const unsigned char *p;
    size_t               n;
    uint32_t             apps_n, names_n, actions_n;
    uint32_t             apps, names, actions, text; /* offsets of the parts */
} ks_image;

/* Made of catalog/ at build time; linked as it is. */
extern const unsigned char ks_builtin_image[];
extern const size_t        ks_builtin_image_n;

/* Look at the head of `bytes`, which must outlive what is read from it. False when it is no image of this
 * build. */
KS_MUST bool ks_image_open(ks_str bytes, ks_image *out);

/* App number `i` in the order of keys, in the arena of `cx`; its texts stay in the image, each with a NUL
 * behind it. INTERNAL when the image is broken. NO_MEMORY. */
KS_MUST ks_status ks_image_app_in(ks_ctx *cx, const ks_image *im, size_t i, const ks_app **out);

/* The same in one block of its own; free it with ks_free. */
KS_MUST ks_status ks_image_app_new(ks_ctx *cx, const ks_image *im, size_t i, const ks_app **out);

/* Key of app `i`, and the name of action `i` of all sorted by name. Absent past the end or when broken. */
ks_str ks_image_key(const ks_image *im, size_t i);
ks_str ks_image_action(const ks_image *im, size_t i); /* as above */

/* Where action `i` stands: the number of its app, and its own within the app. False when broken. */
KS_MUST bool ks_image_action_place(const ks_image *im, size_t i, size_t *app, size_t *within);

/* The app that answers to `name` (ks_app_name_norm). SIZE_MAX when there is none. */
size_t ks_image_find(const ks_image *im, ks_str name);

/* The action of this name, as it is written, in the order of names. SIZE_MAX when there is none. */
size_t ks_image_find_action(const ks_image *im, ks_str name);

/* ---- writing (app_image_write.c; not part of the server) ---- */

/* Append the image of n apps sorted by key, and of their sorted names and actions. Failures stick in `out`;
 * `cx` lends memory. INTERNAL when a number is larger than its member allows. */
KS_MUST ks_status ks_image_write(ks_ctx *cx, const ks_app *const *apps, size_t n, const ks_app_name *names,
                                 size_t names_n, const ks_action_ref *refs, size_t refs_n, ks_buf *out);

/* The same, with the names and actions of these apps. CONFLICT as ks_catalog_index. */
KS_MUST ks_status ks_image_of_apps(ks_ctx *cx, const ks_app *const *apps, size_t n, ks_buf *out);

/* Do two structs of one shape hold the same, all the way down? For tests of the round trip. */
bool ks_image_same(const ks_image_shape *shape, const void *a, const void *b);
