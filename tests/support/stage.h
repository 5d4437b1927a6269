/* tests/support/stage.h — a small stage for tests of handlers: exchanges without sockets. What a feature
 * needs besides (store, catalogue, vendors) is put into `env` by the test. Threads: the test's. */
#pragma once
#include "http/exchange.h"

typedef struct ks_stage {
    ks_loop    *loop;
    ks_arena   *arena; /* of the call under way; reset by the next one */
    ks_metrics  metrics;
    ks_http_app app; /* change what the test needs before stage_call */
    ks_exchange x;   /* the last call */
    ks_str      peer;
    bool        local;

    /* The last answer; valid until the next call. */
    int         status;
    ks_buf      body; /* of all kinds: buffer, fixed bytes, stream */
    ks_buf      text; /* request line and headers of the call, kept for the views in x.rq */
    ks_req_pair headers[64];
    bool        done, gone;
} ks_stage;

/* A stage that serves `tables` (NULL-terminated). NULL: no memory. Frees with stage_free. */
ks_stage *stage_new(const ks_route *const *tables);
void      stage_free(ks_stage *w);

/* One call. `headers`: lines "Name: value" ended by \n, or NULL. `body` NULL: none. Turns the loop until the
 * answer is complete and gives its status; 0 when the route refuses to come to an end in 10 s. */
int stage_call(ks_stage *w, const char *method, const char *target, const char *headers, const char *body);

/* A header of the last answer, or absent. */
ks_str stage_header(const ks_stage *w, const char *name);

/* Does the last answer hold this text? */
bool stage_says(const ks_stage *w, const char *text);
