/* http/route.h — which route answers a path, and how its callers expect errors. Works on raw paths; decoding
 * of the parameters is exchange.c's. Threads: any, nothing is kept. */
#pragma once
#include "http/exchange.h"

#define KS_MAX_PARAMS 4

/* What a path found. Texts are views of the route's pattern (names) and of the path (values, still encoded).
 */
typedef struct ks_route_hit {
    const ks_route *route;
    ks_req_pair     params[KS_MAX_PARAMS];
    bool            rest[KS_MAX_PARAMS]; /* "{name...}": stays raw */
    size_t          params_n;
} ks_route_hit;

#define KS_MAX_ROUTES    512
#define KS_ROUTE_SHELVES 128

/* The routes of all tables by the literals that their paths begin with. */
typedef struct ks_route_index {
    uint16_t        from[KS_ROUTE_SHELVES + 1];
    const ks_route *at[KS_MAX_ROUTES];
} ks_route_index;

/* Made once, at start. False: there are more than KS_MAX_ROUTES. */
KS_MUST bool ks_route_index_make(const ks_route *const *tables, ks_route_index *out);

/* The path without any number of leading "/api" segments; "/" when nothing is left. */
ks_str ks_path_strip(ks_str path);

/* The view of paths no route is known for. */
ks_view ks_path_view(ks_str path);

/* The route for a method and a stripped path: a literal segment goes before a parameter, HEAD falls to GET,
 * LOCAL routes exist on the control socket only. `index` is of the same tables; NULL: they are walked over.
 * NOT_FOUND   METHOD: the path has routes, none for this method */
KS_MUST ks_status ks_route_find(const ks_route *const *tables, const ks_route_index *index, ks_str method,
                                ks_str path, bool local, ks_route_hit *hit);

/* The methods of the routes of a path as an Allow header, in `b`. */
void ks_route_allow(const ks_route *const *tables, ks_str path, bool local, ks_buf *b);
