/* features/apps/recognise.h — of which app is this key, to judge by its looks? It suggests and warns; it
 * decides nothing, keeps nothing and asks nobody. Threads: any. */
#pragma once
#include "base/json.h"
#include "base/secret.h"
#include "features/apps/catalog.h"
#include "features/apps/key_shapes.h"

enum { KS_GUESSES_MAX = 12, KS_KEY_WARNINGS_MAX = 8 };

typedef struct ks_guess {
    const ks_key_shape *shape;
    const ks_app       *app;    /* NULL: the catalogue has no such app, or the caller does not reach it */
    bool                likely; /* by its beginning; else only length and alphabet fit */
    bool                cut;    /* begins like one and is too short for it */
} ks_guess;

typedef struct ks_key_warning {
    const char *code; /* publishable restricted test truncated quoted blanks prefixed characters */
    const char *text; /* one or two sentences: what is odd, and what to do */
} ks_key_warning;

typedef struct ks_recognition {
    ks_guess       guesses[KS_GUESSES_MAX]; /* the likeliest first */
    size_t         n;
    ks_key_warning warnings[KS_KEY_WARNINGS_MAX];
    size_t         warnings_n;
} ks_recognition;

/* Judge `pasted` as it came, with quotes and blanks. INVALID on field "key" when nothing is left of it. */
KS_MUST ks_status ks_recognise(ks_ctx *cx, const ks_catalog *c, const ks_secret *pasted, ks_recognition *out);

/* The answer as JSON, the same for server and command line. */
void ks_recognition_put(ks_jw *w, const ks_recognition *r);

/* The word for a kind of key in answers: secret, restricted, test, publishable. */
const char *ks_shape_kind_word(ks_shape_kind kind);
