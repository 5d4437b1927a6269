/* cli/client_in.h — the client as its own files see it: client.c asks and waits, call_stream.c streams.
 * Internal to cli/. Threads: one. */
#pragma once
#include "base/loop.h"
#include "cli/client.h"
#include "upstream/send.h"

struct ks_client {
    ks_loop       *loop;
    ks_exceptions *exceptions;
    ks_upstream   *upstream;
    ks_secret     *key; /* NULL: none given */
    ks_url         url;
    const char    *unix_path; /* the server's socket, instead of an address; NULL: none */
    ks_answer     *done;
};

/* The client of this call of the program, made when first needed. KS_EXIT_OK, or it has said why not. */
int ks_client_open(ks_cli *c, ks_client **out);

/* A request to the server, with the API key and room for KS_CALL_HEADERS more headers. NULL: no memory. */
ks_call *ks_client_call(ks_cli *c, const ks_client *cl, ks_str method, ks_str target);
#define KS_CALL_HEADERS 64

/* Say why the server gave no answer (cl->done tells); the exit code. */
int ks_client_unreached(ks_cli *c, const ks_client *cl);
