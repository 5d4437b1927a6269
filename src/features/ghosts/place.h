/* features/ghosts/place.h — templates the other way round: is a text what a template would have become, and
 * with which values? Internal to features/ghosts. Threads: none shared. */
#pragma once
#include "features/ghosts/ghost.h"

/* Values found in a request, by field. */
typedef struct ks_ghost_values {
    struct {
        ks_str name, value;
    } at[KS_MAX_FIELDS];
    size_t n;
} ks_ghost_values;

/* Is `text` wholly `tpl` with values in it? New values are added; one met before must be the same again. */
bool ks_ghost_text(ks_str tpl, ks_str text, ks_ghost_values *v);

/* The same for a path: values are percent-encoded, hold no '/' and are not empty. `rest` NULL: the whole
 * path; else what follows on a segment's border. */
bool ks_ghost_path(ks_ctx *cx, ks_str tpl, ks_str path, ks_ghost_values *v, ks_str *rest);

/* The path of a base template: what stands behind the host. `open`: a field of the connection names the URL,
 * so any path may come before it. Leading "/api" segments are cut, as they are of every request
 * (http/route.h). */
ks_str ks_ghost_base(const ks_app_scheme *s, ks_str base, bool *open);

/* Percent-decoded text in the arena; `plus` for blanks. Absent when it is malformed. */
ks_str ks_ghost_decoded(ks_ctx *cx, ks_str s, bool plus);

/* The value of the query member `name`, decoded. Absent when it is missing or there twice. */
ks_str ks_ghost_query(ks_ctx *cx, ks_str query, ks_str name);

/* The one header of that name; absent when it is missing or there twice. */
ks_str ks_ghost_header(const ks_ghost_ask *ask, ks_str name);

/* Is the credential in every declared place: headers, query, Basic, body? (The base path: ks_ghost_path.) */
bool ks_ghost_in_place(ks_ctx *cx, const ks_app_scheme *s, const ks_ghost_ask *ask, ks_ghost_values *v);

/* Is what was sent in a place (absent: nothing) what its template asks for? Nothing is fine when the template
 * uses a field that may be left out. */
bool ks_ghost_fits(const ks_app_scheme *s, ks_str tpl, ks_str found, ks_ghost_values *v);

/* Is the Authorization header Basic with that user and password (templates)? */
bool ks_ghost_basic(ks_ctx *cx, ks_str user, ks_str password, const ks_ghost_ask *ask, ks_ghost_values *v);
