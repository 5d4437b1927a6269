/* tests/support/world.h — a whole small world in one thread: an empty store in a folder of its own, keyring,
 * a few apps of the built-in catalogue, row cache, an upstream in ghost mode with the ghosts listening on the
 * same loop, and exchanges with the real route tables, driven without sockets. One project with an API key.
 * Used to make allocations fail under a request (base/alloc.h). Threads: the test's, and those of the store.
 */
#pragma once
#include "features/env.h"
#include "features/row_cache.h"
#include "http/listener.h"
#include "http/route.h"
#include "server/config.h"
#include "server/vault.h"

typedef struct ks_world {
    char              dir[64];
    ks_arena         *own; /* what lives as long as the world */
    ks_ctx            cx;  /* of the world itself, with its env */
    ks_config         config;
    ks_settings       settings;
    ks_vault          vault;
    ks_buf            image; /* of its catalogue, which has a few of the built-in apps only */
    ks_catalog       *catalog;
    struct ks_views  *views;
    struct ks_tokens *tokens;
    ks_exceptions    *exceptions;
    ks_loop          *loop;
    ks_reader        *reader;
    ks_row_cache     *cache;
    ks_upstream      *upstream;
    ks_databases     *databases; /* none is dialled */
    int               ghost_fd;
    uint16_t          ghost_port;
    ks_http_app       ghost_app;
    ks_listener      *ghost;
    ks_metrics        metrics;
    ks_metrics       *all_metrics[1];
    _Atomic bool      stopping;
    ks_env            env;
    ks_http_app       app;
    ks_route_index    routes;
    char              key[64]; /* the API key of the project "one" */

    /* The call under way. */
    ks_arena   *arena; /* reset by the next call */
    ks_exchange x;
    ks_buf      text; /* request line and headers, kept for the views in x.rq */
    ks_req_pair headers[64];
    bool        done, gone;

    /* How the next calls are to be: */
    bool     local;    /* by the control socket */
    uint64_t fail_at;  /* the allocation of the call that fails; 0: none, UINT64_MAX: count only */
    bool     fail_all; /* and all after it */

    /* The last answer; valid until the next call. */
    int      status; /* 0: the call did not come to an end in 10 s */
    bool     cut;    /* a streamed body broke off: the client sees a broken connection */
    ks_buf   body;   /* of all kinds: buffer, fixed bytes, stream */
    uint64_t asked;  /* allocations of the call, when fail_at was not 0 */
} ks_world;

/* A world, or NULL when it cannot be made (reasons on standard error). End with world_free. */
ks_world *world_new(void);
void      world_free(ks_world *w);

/* Forget what makes requests cheap: rows kept, statements prepared, warm connections, texts of the catalogue.
 * False: it could not be made again. */
bool world_cool(ks_world *w);

/* One call. `headers`: lines "Name: value" ended by \n, or NULL; the API key is sent anyway. `body` NULL:
 * none. Turns the loop until the answer is complete and gives its status. */
int world_call(ks_world *w, const char *method, const char *target, const char *headers, const char *body);

/* Bring the last call to its very end: nothing refers to it any more. False: something still does after 10 s.
 */
bool world_settle(ks_world *w);

/* A header of the last answer, or absent. */
ks_str world_header(const ks_world *w, const char *name);

/* The text of the member `name`, wherever it stands in the last answer, into out[size]; "" when there is
 * none. */
void world_member(const ks_world *w, const char *name, char *out, size_t size);

/* First column of the first row, into out[size]; "" without one. */
void world_ask(ks_world *w, const ks_sql *q, char *out, size_t size);

/* Change the store behind everybody's back; rows in memory are forgotten. */
bool world_change(ks_world *w, const ks_sql *q, ks_str value);
