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
       KEEPS_TEXT = 512, /* makes a text that the catalogue keeps */
       LINK = 1024,      /* works on a connect link */
       DONE = 2048,      /* which was just used */
       OWN_APP = 4096,   /* the project has an app of its own, `spare` */
       PASS = 8192,      /* a file was announced: {p} is the pass for its bytes */
       SESSION = 16384,  /* a page of the dashboard, with its cookie; {g} is what its forms hold, {o} {x} sign
                            in, {y} the project */
       GIVEN = 32768,    /* an action gave a file: {p} is the pass to fetch it with */
       NOBODY = 65536    /* there is a connection to a database, {n}, where nobody answers: 502 is right */
};

/* {i} {c} {k} {l} {t} {f} {r} {p} in target and body: ids of the integration, the connection, the API key and
 * the link that are there; token, form tag and receipt of the link; {s} the style sheet. */
typedef struct trial {
    const char *method, *path; /* as in the route table */
    const char *target, *headers, *body;
    unsigned    flags;
} trial;

/* An action whose answer is a file, and a body for it. */
#define GIVES_FILE "/v3/tools/execute/EVERSIGN_DOWNLOAD_FINAL_PDF"
#define TO_GIVE_FILE                                                                                         \
    "{\"arguments\":{\"document_hash\":\"d\"},\"custom_connection_data\":{\"authScheme\":\"API_KEY\","       \
    "\"toolkitSlug\":\"eversign\",\"val\":{\"api_key\":\"0123456789abcdef\"}}}"

extern const trial  trials[];
extern const size_t trials_n;
