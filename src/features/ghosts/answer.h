/* features/ghosts/answer.h — JSON bodies of ghosts: built from the pointers of an app file, or an echo of the
 * request. Internal to features/ghosts. Threads: none shared. */
#pragma once
#include "features/ghosts/place.h"

/* One answer of a check: its status, and a body in which its pointer gives its value. `identity` NULL: none;
 * else the check whose identity pointers are filled in too. INTERNAL never; NO_MEMORY. */
KS_MUST ks_status ks_ghost_say(ks_ctx *cx, const ks_app *app, const ks_app_answer *a, int otherwise,
                               const ks_app_check *identity, ks_ghost_answer *out);

/* {"error": text} with `status`. */
KS_MUST ks_status ks_ghost_error(ks_ctx *cx, int status, const char *text, ks_ghost_answer *out);

/* The request as JSON, without the values `v` and without the members that carry them. `path`: below the
 * base. */
KS_MUST ks_status ks_ghost_echo(ks_ctx *cx, const ks_app *app, const ks_app_scheme *s,
                                const ks_ghost_ask *ask, ks_str path, const ks_ghost_values *v,
                                ks_ghost_answer *out);

/* Where a text stands in an answer (RFC 6901). */
typedef struct ks_ghost_leaf {
    ks_str pointer, text;
} ks_ghost_leaf;

/* 200 with a body that holds all of them; one whose pointer is "" is the whole body. NO_MEMORY */
KS_MUST ks_status ks_ghost_tree(ks_ctx *cx, const ks_ghost_leaf *leaves, size_t n, ks_ghost_answer *out);
