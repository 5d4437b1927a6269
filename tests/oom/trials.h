/* tests/oom/trials.h — the requests of the out-of-memory run: at least one for every route there is. */
#pragma once
#include <stddef.h>

enum {             /* trial.flags */
       VENDOR = 1, /* what the vendor's side loses to memory may show in the answer (200 that says so, 502) */
       MOVES = 2,  /* no two answers are alike */
       MAKES = 4,  /* adds rows: removed again after each success */
       SPENDS = 8, /* its object is gone after a success */
       WAITS = 16, /* commits inside the handler: the answer can be lost afterwards */
       LOCAL = 32, /* control socket */
       GHOST = 64, /* the ghosts' own listener */
       TEXT = 128, /* no JSON */
       DUE = 256,  /* a planned check is due */
       KEEPS_TEXT = 512 /* makes a text that the catalogue keeps */
};

/* {i} {c} {k} in target and body: ids of the integration, the connection and the API key that are there. */
typedef struct trial {
    const char *method, *path; /* as in the route table */
    const char *target, *headers, *body;
    unsigned    flags;
} trial;

extern const trial  trials[];
extern const size_t trials_n;
