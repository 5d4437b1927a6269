/* cli/call.h — `keysteward call`: words like curl's become a request, which is streamed both ways. The words
 * are read in call_words.c, bodies made in call_body.c, bytes moved in call_stream.c. Threads: one. */
#pragma once
#include "cli/client.h"

/* A stretch of a body: text, or what a descriptor gives from where it stands. */
typedef struct ks_part {
    ks_str  text;
    int     fd;   /* -1: text */
    int64_t size; /* bytes; -1: nobody knows before its end */
} ks_part;

#define KS_PARTS 128 /* stretches of one body */

/* A body in the making; its memory is the arena's. Descriptors are closed by ks_body_close. */
typedef struct ks_body {
    ks_cli *c;
    ks_part parts[KS_PARTS];
    size_t  n;
    bool    given;
    ks_str  type; /* content type it implies */
} ks_body;

/* -d and its kind: one more piece, behind a '&'. `json`: without one. False: it has said what is wrong. */
KS_MUST bool ks_body_data(ks_body *b, ks_str text, bool json);
/* The text behind -d: as it stands, or of @FILE or -, there without line breaks. Absent: said. */
ks_str ks_body_text(ks_cli *c, ks_str value);
/* The text behind --data-urlencode, encoded: TEXT, =TEXT, NAME=TEXT, @FILE, NAME@FILE. Absent: said. */
ks_str ks_body_encoded(ks_cli *c, ks_str value);
/* A file, or - for standard input, as it is and of any size. */
KS_MUST bool ks_body_file(ks_body *b, ks_str name);
/* -F NAME=TEXT, NAME=@FILE (with ;type= and ;filename=), NAME=<FILE. The last call closes the body: value
 * absent. */
KS_MUST bool ks_body_part(ks_body *b, ks_str boundary, ks_str value);
/* All of its bytes, -1 when nobody knows. */
int64_t ks_body_size(const ks_body *b);
void    ks_body_close(ks_body *b);

/* What the words ask for. */
typedef struct ks_words_call {
    ks_str  method, path;        /* path with its query */
    ks_str  headers[64], accept; /* "Name: value" */
    size_t  headers_n;
    ks_body body;
} ks_words_call;

/* Read the options of `keysteward call`. KS_EXIT_OK, or it has said what is wrong. */
int ks_words_call_read(ks_cli *c, ks_words_call *w);

/* A request under way and where its answer goes. */
typedef struct ks_stream {
    ks_str            method, target;
    const ks_str     *headers; /* "Name: value" */
    size_t            headers_n;
    const ks_body    *body; /* NULL: none */
    const ks_payload *text; /* or a JSON body; NULL: none */
    /* The head of the answer: the file for its body, or NULL to drop it. */
    FILE *(*on_head)(void *arg, const ks_answer *a);
    /* Takes the bytes of the body, and writes to that file what it makes of them; false ends it. NULL: they
     * are written as they are. */
    bool (*on_bytes)(void *arg, ks_str bytes);
    void *arg;
    bool  progress; /* tell on standard error what has gone and come, when it takes long */
} ks_stream;

/* Send it, and write the answer's body as it comes. *status: the answer's. KS_EXIT_OK when there was one. */
int ks_client_stream(ks_cli *c, const ks_stream *s, int *status);
